//! Rows that could not be read, once all of a file is.

use alloc::vec::Vec;

use super::{Doubt, Reading, SkipReason};
use crate::note;
use crate::rules;

/// From this share on, in per cent, rows that could not be read are a good part of them.
const TOLD: u64 = rules::whole("lost_rows_told_percent") as u64;

/// Beyond this share, in per cent, what they held may have been as much as the others hold.
const HALF: u64 = rules::whole("lost_rows_half_percent") as u64;

impl Reading {
    /// A warning where a good part of the rows could not be read, and how much more it may have been: as much as the others, each.
    pub(super) fn note_lost_rows(&mut self) {
        let count =
            |reasons: &[SkipReason]| reasons.iter().filter_map(|reason| self.rows.skipped.get(reason)).map(|(count, _)| count).sum::<u64>();
        let torn = count(&[
            SkipReason::Binary,
            SkipReason::LastLineCut,
            SkipReason::LineTooLong,
            SkipReason::NoTime,
            SkipReason::OpenQuote,
            SkipReason::Torn,
        ]);
        let unknown = count(&[SkipReason::Unknown]);
        // Lines of others may stand between the rows of a log, as many as they like.
        let lost = if unknown > self.rows.used { torn + unknown } else { torn };
        if self.rows.used == 0 || 100 * lost < TOLD * self.rows.read() {
            return;
        }
        let read = self.rows.used + lost;
        self.notes.add(&note::ROWS_LOST, "", None, || alloc::format!("{lost} of {read} rows could not be read"));
        // Where most of them are left, what is lost between them is bridged or a gap, which has bounds of its own.
        if 100 * lost <= HALF * read {
            return;
        }
        let times = match (u32::try_from(read), u32::try_from(self.rows.used)) {
            (Ok(read), Ok(used)) => (read, used),
            _ => (u32::try_from(read / self.rows.used).unwrap_or(u32::MAX).saturating_add(1), 1),
        };
        let doubts: Vec<Doubt> = self.series().iter().map(|series| Doubt { channel: series.channel().clone(), times }).collect();
        self.doubts.extend(doubts);
    }
}
