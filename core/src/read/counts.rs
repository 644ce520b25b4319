//! What is said of what happened to samples, once all of a file is read.

use alloc::format;

use super::Reading;
use crate::bounds::{self, Bounds};
use crate::note::{self, Code};
use crate::series::{SampleCounts, Series, Wraps};

/// What is said of counters, whose rows may have to be put in order first.
const OF_COUNTERS: [&Code; 5] =
    [&note::COUNTER_WRAP, &note::COUNTER_RESET, &note::IMPLAUSIBLE_POWER, &note::COUNTER_WRAP_UNCERTAIN, &note::COUNTER_FELL_ONCE];

impl Reading {
    /// Notes on what happened to the samples.
    pub(super) fn note_counts(&mut self) {
        let mut total = SampleCounts::default();
        for counts in self.series.iter().map(Series::counts) {
            // What stands at one time may be of several devices, as long as rows are in no order.
            if self.shuffled.is_none() {
                total.duplicates += counts.duplicates;
                total.averaged += counts.averaged;
            }
            total.clock_steps += counts.clock_steps;
            total.joined += counts.joined;
        }
        let found = [
            (&note::DUPLICATE_ROWS, total.duplicates, "rows that repeat a reading"),
            (&note::DUPLICATE_TIMES, total.averaged, "readings that share their time with another"),
            (&note::CLOCK_STEP, total.clock_steps, "jumps backwards of the clock"),
        ];
        if total.joined > 0 {
            let lost = format!("{} of them are told apart no longer, and count", total.joined);
            self.beyond(&bounds::RECORDINGS, &Bounds::default(), None, &lost);
        }
        self.note_found(&found);
        self.note_wraps();
    }

    /// Says of counters whose rows were put in order what is true of them now.
    pub(super) fn note_wraps_again(&mut self) {
        self.notes.forget(&OF_COUNTERS);
        self.note_wraps();
    }

    fn note_wraps(&mut self) {
        let mut wraps = Wraps::default();
        self.series.iter().for_each(|series| wraps.add(&series.wraps()));
        let [wrap, reset, implausible, uncertain, once] = OF_COUNTERS;
        if wraps.at_pace > 0 {
            self.notes.add(&note::COUNTER_WRAP_UNCERTAIN, "pace", None, || {
                format!(
                    "{} counter wraps that no reading shows, by the pace of the other readings; the lower end is without",
                    wraps.at_pace
                )
            });
        }
        self.note_found(&[
            (wrap, wraps.seen, "counter wraps"),
            (reset, wraps.resets, "counter resets"),
            (implausible, wraps.implausible, "readings that no device reaches from the ones beside them: they are left out"),
            (uncertain, wraps.suspected, "intervals in which a counter may have wrapped more than once"),
            (once, wraps.unproven, "counter wraps that one reading alone tells of"),
        ]);
    }

    fn note_found(&mut self, found: &[(&'static Code, u64, &str)]) {
        for (code, count, what) in found.iter().filter(|(_, count, _)| *count > 0) {
            self.notes.add(code, "", None, || format!("{count} {what}"));
        }
    }
}
