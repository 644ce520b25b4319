//! A second sampler in a log that names one device: of another machine that wrote into the same file for a part of the time, so that the rounds of its head do not
//! show it.

use alloc::string::String;
use alloc::vec::Vec;

use super::Reading;
use super::reading::Doubt;
use crate::note;
use crate::rules;
use crate::series::{IntervalStatistics, Series};

/// So many per cent more than its share of the time the second device may have used.
const MORE_PERCENT: i64 = rules::whole("second_sampler_more_percent");

/// Shares are told in so many parts.
const PARTS: u32 = 1000;

impl Reading {
    /// Lets the upper end hold a second device where rows of one name come as of two samplers for a part of the time.
    pub(super) fn doubt_second_sampler(&mut self) {
        if self.refused || self.rounds.is_some() || self.perhaps.is_some() {
            return;
        }
        let of = |series: &Series| -> Option<Doubt> {
            let mut intervals = IntervalStatistics::default();
            series.recordings().for_each(|recording| intervals.merge(recording.statistics()));
            let (both, all) = intervals.with_second_sampler()?;
            let more = more_of(i128::from(both.as_micros()), i128::from(all.as_micros()));
            Some(Doubt { channel: series.channel().clone(), times: (PARTS + more, PARTS) })
        };
        let doubts: Vec<Doubt> = self.series().iter().filter(|series| series.channel().quantity.is_power()).filter_map(of).collect();
        if doubts.is_empty() {
            return;
        }
        self.doubts.extend(doubts);
        self.perhaps = Some(2);
        self.notes.add(&note::DEVICES_INDISTINCT, "", None, || {
            String::from("rows of one name come as of two samplers for a part of the time: one device, or two of which one was watched later or not so long")
        });
    }

    /// Lets the upper end hold as many more devices where rows share the place in their round with others.
    pub(super) fn doubt_crowded(&mut self, crowded: u64, rows: u64) {
        let more = more_of(i128::from(crowded), i128::from(rows) - i128::from(crowded));
        let doubts = self.series().iter().map(|series| Doubt { channel: series.channel().clone(), times: (PARTS + more, PARTS) });
        let doubts: Vec<Doubt> = doubts.filter(|_| more > 0).collect();
        self.doubts.extend(doubts);
    }
}

/// What others may have used besides, of `PARTS` parts: their share, and somewhat more.
fn more_of(others: i128, all: i128) -> u32 {
    let parts = i128::from(PARTS) * i128::from(100 + MORE_PERCENT) / 100 * others / all.max(1);
    u32::try_from(parts).unwrap_or(PARTS).min(PARTS)
}
