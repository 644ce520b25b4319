//! Rows of one run are running totals: the largest valid one counts.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Candidate;
use crate::map::Map;
use crate::note;
use crate::read::{Clock, ReadOptions, Reading, Row, SkipReason};
use crate::units::Instant;

/// The runs of a file, each with the row that counts so far.
///
/// `flush()`, live loggers and `stop()` each append the running total, so rows of one run never add up.
#[derive(Debug, Default)]
pub(in crate::read) struct Runs {
    kept: Vec<Candidate>,
    index: Map<(String, Option<String>), usize>,
    replaced: u64,
    reused: u64,
    from: Option<Instant>,
    to: Option<Instant>,
}

impl Runs {
    /// No runs yet; those that end before `from` or begin after `to` will not count.
    pub(in crate::read) fn new(options: &ReadOptions) -> Self {
        Self { from: options.from, to: options.to, ..Self::default() }
    }

    /// Takes a row.
    pub(in crate::read) fn add(&mut self, row: Candidate, out: &mut Reading) -> Row {
        let Some(run) = row.declared.run.clone() else {
            self.kept.push(row);
            return Row::Used;
        };
        let key = (run, row.task.clone());
        let Some(kept) = self.index.get(&key).and_then(|at| self.kept.get_mut(*at)) else {
            self.index.insert(key, self.kept.len());
            self.kept.push(row);
            return Row::Used;
        };
        if kept.is_another_run(&row) {
            self.reused += 1;
            let times = self.reused + 1;
            let mut row = row;
            // Another name, so that no one takes the two for totals of one run.
            row.declared.run = row.declared.run.map(|run| format!("{run} (id used again, {times})"));
            self.index.insert(key, self.kept.len());
            self.kept.push(row);
            return Row::Used;
        }
        self.replaced += 1;
        if (row.agrees, row.energy) < (kept.agrees, kept.energy) {
            return Row::Skipped(SkipReason::Superseded);
        }
        out.rows.demote(SkipReason::Superseded, kept.declared.line, 1);
        *kept = row;
        Row::Used
    }

    /// Hands over what counts.
    pub(in crate::read) fn finish(&mut self, out: &mut Reading) {
        if self.replaced > 0 {
            let (rows, runs) = (self.replaced, self.kept.len());
            out.notes.add(&note::ROWS_CUMULATIVE, "", None, || {
                format!("{rows} rows are earlier totals of the {runs} runs in the file; the last row of each run counts")
            });
        }
        if self.reused > 0 {
            let runs = self.reused;
            out.notes.add(&note::RUN_ID_REUSED, "", None, || {
                format!("{runs} runs have the id of a run that had ended before they began, and less energy: each counts")
            });
        }
        let mut before: Option<Instant> = None;
        for candidate in self.kept.drain(..) {
            let Candidate { mut declared, clock, findings, lengthened, logged_start, .. } = candidate;
            // A longer duration that a repair found does not reach into the run before: that one had ended by what the log says.
            if lengthened
                && let (Some(period), Some(ended), Some(logged)) = (&mut declared.period, before, logged_start)
                && period.0 < ended
                && ended <= logged
            {
                period.0 = ended;
            }
            before = declared.period.map(|(_, end)| end).or(before);
            let outside = declared
                .period
                .is_some_and(|(start, end)| self.from.is_some_and(|from| end < from) || self.to.is_some_and(|to| start > to));
            if outside {
                out.rows.demote(SkipReason::OutsidePeriod, declared.line, 1);
                continue;
            }
            for finding in findings {
                out.notes.add(finding.code, finding.subject, Some(declared.line), || finding.message);
            }
            if declared.parts.is_empty() {
                out.rows.demote(SkipReason::NoReading, declared.line, 1);
            }
            // One local stamp makes the file's stamps local.
            out.clock = if out.clock == Clock::None { clock } else { out.clock.min(clock) };
            if out.tool.is_none() {
                out.tool = Some(declared.tool.clone());
            }
            out.declared.push(declared);
        }
        if out.rows.read() == 0 {
            out.notes.add(&note::FILE_EMPTY, "", None, || String::from("the file has a header and no rows"));
        }
    }
}
