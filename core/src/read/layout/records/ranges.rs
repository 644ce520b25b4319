//! Reading a log by ranges, each on a thread of its own.

use alloc::vec::Vec;

use super::gathered::Gathered;
use super::names::Names;
use super::{Records, TimeKind};
use crate::map::{Index, Map, Set};

impl Records {
    /// For a later range of the file, where rows mean the same whatever came before: each has its own stamp, and no time is told by the row before it.
    pub(in crate::read::layout) fn fork(&self) -> Option<Self> {
        let layout = self.layout;
        let is_one_pass =
            self.by_lines || self.totals.is_some() || self.steps.is_some() || self.interval.is_some() || layout.longest.is_some();
        let has_stamps =
            layout.time.iter().all(|time| !matches!(time.kind, TimeKind::Duration(_) | TimeKind::Begins | TimeKind::Window(_)));
        if is_one_pass || !has_stamps || self.timed == 0 || self.untimed > 0 || self.clock.zoned.is_none() {
            return None;
        }
        Some(Self {
            layout,
            asides: self.asides.clone(),
            options: self.options.clone(),
            clock: self.clock.fork(&self.options),
            uses: Names::default(),
            channels: Map::new(),
            listed: Index::default(),
            before: Some(self.channels.clone()),
            key: Vec::new(),
            near: 0,
            around: Gathered::default(),
            row: None,
            alike: None,
            stamp: (Vec::new(), None),
            records: 0,
            awaited: Set::new(),
            empty: (0, 0),
            untimed: 0,
            timed: 0,
            interval: None,
            by_lines: false,
            stamps: 0,
            stamp_start: Vec::new(),
            by_metric: self.by_metric,
            metered: false,
            length: None,
            has_lengths: false,
            totals: None,
            steps: None,
        })
    }
}
