//! Several files that hold one device at overlapping times, read again together in time order.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::map::Map;
use crate::series::{Channel, Sample, Series};
use crate::units::Instant;

/// Merges the samples of several files by time, holding no more than what is read ahead.
///
/// The host feeds the file that [`Merge::wants`] until it wants none.
#[derive(Debug, Default)]
pub struct Merge {
    files: Vec<Source>,
    series: Map<Channel, Series>,
}

#[derive(Debug, Default)]
struct Source {
    waiting: VecDeque<(Channel, Sample)>,
    latest: Option<Instant>,
    ended: bool,
}

impl Merge {
    /// A merge of `files` files.
    pub fn new(files: usize) -> Self {
        Self { files: (0..files).map(|_| Source::default()).collect(), series: Map::new() }
    }

    /// The file to be read on: one of those that hold the others up. `None` when all have ended.
    pub fn wants(&self) -> Option<usize> {
        self.files.iter().enumerate().filter(|(_, f)| !f.ended).min_by_key(|(i, f)| (f.latest, *i)).map(|(i, _)| i)
    }

    /// Takes samples of file `file`, in its order.
    pub fn feed(&mut self, file: usize, samples: Vec<(Channel, Sample)>) {
        if let Some(source) = self.files.get_mut(file) {
            for (channel, sample) in samples {
                source.latest = source.latest.max(Some(sample.at));
                source.waiting.push_back((channel, sample));
            }
        }
        self.advance();
    }

    /// File `file` has ended.
    pub fn end(&mut self, file: usize) {
        if let Some(source) = self.files.get_mut(file) {
            source.ended = true;
        }
        self.advance();
    }

    /// The joint series.
    pub fn finish(mut self) -> Vec<Series> {
        for source in &mut self.files {
            source.ended = true;
        }
        self.advance();
        let mut series: Vec<Series> = self.series.into_values().collect();
        for one in &mut series {
            one.flush();
        }
        series
    }

    /// Passes on what no unread sample can come before.
    fn advance(&mut self) {
        loop {
            let open_behind = self.files.iter().any(|f| !f.ended && f.waiting.is_empty());
            let next = self.files.iter().enumerate().filter_map(|(i, f)| Some((f.waiting.front()?.1.at, i))).min();
            let Some((_, file)) = next else { return };
            if open_behind {
                return;
            }
            let Some((channel, sample)) = self.files.get_mut(file).and_then(|f| f.waiting.pop_front()) else { return };
            self.series.entry(channel.clone()).or_insert_with(|| Series::new(channel)).push(sample);
        }
    }
}
