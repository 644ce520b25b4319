//! Rows of one run are running totals: the largest valid one counts.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Candidate, Finding, STAMPS, uuid};
use crate::map::Map;
use crate::note;
use crate::read::{Clock, ReadOptions, Reading, Row, SkipReason};
use crate::sparing;
use crate::text::number_of;
use crate::units::{Energy, Instant, Span};

/// The runs of a file. The row of each that counts so far stands in the reading, and beside it what tells whether another one counts instead.
///
/// `flush()`, live loggers and `stop()` each append the running total, so rows of one run never add up.
#[derive(Debug, Default)]
pub(in crate::read) struct Runs {
    kept: Vec<Kept>,
    index: Map<(Id, Option<String>), usize>,
    replaced: u64,
    reused: u64,
    from: Option<Instant>,
    to: Option<Instant>,
}

/// A run by its id, and nearly all ids are UUIDs.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Id {
    Uuid(u128),
    Text(String),
}

/// What is known of the row that counts, besides what it declares: the place in both lists is the same.
#[derive(Debug)]
struct Kept {
    clock: Clock,
    energy: Energy,
    agrees: bool,
    period: Option<(Instant, Instant)>,
    /// Where a row starts whose duration is not the logged one but longer, by the logged one.
    logged_start: Option<Instant>,
    findings: Vec<Finding>,
}

impl Runs {
    /// No runs yet; those that end before `from` or begin after `to` will not count.
    pub(in crate::read) fn new(options: &ReadOptions) -> Self {
        Self { from: options.from, to: options.to, ..Self::default() }
    }

    /// Takes a row.
    pub(in crate::read) fn add(&mut self, mut row: Candidate, out: &mut Reading) -> Row {
        let Some(run) = row.declared.run.as_deref() else { return self.keep(row, out) };
        let id = uuid(run.as_bytes()).map_or_else(|| Id::Text(String::from(run)), Id::Uuid);
        let key = (id, row.task.take());
        let Some(at) = self.index.get(&key).copied() else {
            self.index.insert(key, self.kept.len());
            return self.keep(row, out);
        };
        let Some(kept) = self.kept.get_mut(at) else { return Row::Skipped(SkipReason::Unknown) };
        if kept.is_another_run(&row) {
            self.reused += 1;
            let times = self.reused + 1;
            // Another name, so that no one takes the two for totals of one run.
            row.declared.run = row.declared.run.map(|run| format!("{run} (id used again, {times})"));
            self.index.insert(key, self.kept.len());
            return self.keep(row, out);
        }
        self.replaced += 1;
        if (row.agrees, row.energy) < (kept.agrees, kept.energy) {
            return Row::Skipped(SkipReason::Superseded);
        }
        if let Some(declared) = out.declared.get_mut(at) {
            out.rows.demote(SkipReason::Superseded, declared.line, 1);
            (*kept, *declared) = Kept::of(row);
        }
        Row::Used
    }

    fn keep(&mut self, row: Candidate, out: &mut Reading) -> Row {
        let (kept, mut declared) = Kept::of(row);
        if let Some(before) = out.declared.last().filter(|before| before.place == declared.place) {
            declared.place.clone_from(&before.place);
        }
        sparing::push(&mut self.kept, kept);
        sparing::push(&mut out.declared, declared);
        Row::Used
    }

    /// Says what was found of the rows that count, and takes out those that do not after all.
    pub(in crate::read) fn finish(&mut self, out: &mut Reading) {
        if self.replaced > 0 {
            let (rows, runs) = (self.replaced, self.kept.len());
            out.notes.add(&note::ROWS_CUMULATIVE, "", None, || {
                let are = if rows == 1 { "is an earlier total" } else { "are earlier totals" };
                let (rows, runs) = (number_of(rows, "row"), number_of(runs as u64, "run"));
                format!("{rows} {are} of the {runs} in the file; the last row of each run counts")
            });
        }
        if self.reused > 0 {
            let runs = self.reused;
            out.notes.add(&note::RUN_ID_REUSED, "", None, || match runs {
                1 => String::from("a run has the id of one that had ended before it began, and less energy: each counts"),
                runs => format!("{runs} runs have the id of a run that had ended before they began, and less energy: each counts"),
            });
        }
        let mut before: Option<Instant> = None;
        let mut outside: Vec<bool> = Vec::with_capacity(self.kept.len());
        for (kept, declared) in self.kept.drain(..).zip(&mut out.declared) {
            // A longer duration that a repair found does not reach into the run before: that one had ended by what the log says.
            if let (Some(period), Some(ended), Some(logged)) = (&mut declared.period, before, kept.logged_start)
                && period.0 < ended
                && ended <= logged
            {
                period.0 = ended;
            }
            before = declared.period.map(|(_, end)| end).or(before);
            let is_outside = declared
                .period
                .is_some_and(|(start, end)| self.from.is_some_and(|from| end < from) || self.to.is_some_and(|to| start > to));
            outside.push(is_outside);
            if is_outside {
                out.rows.demote(SkipReason::OutsidePeriod, declared.line, 1);
                continue;
            }
            for finding in kept.findings {
                out.notes.add(finding.code, finding.subject, Some(declared.line), || finding.said.into_text());
            }
            if declared.parts.is_empty() {
                out.rows.demote(SkipReason::NoReading, declared.line, 1);
            }
            // One local stamp makes the file's stamps local.
            out.clock = if out.clock == Clock::None { kept.clock } else { out.clock.min(kept.clock) };
            if out.tool.is_none() {
                out.tool = Some(String::from(&*declared.tool));
            }
        }
        let mut outside = outside.into_iter();
        out.declared.retain(|_| !outside.next().unwrap_or(false));
        if out.rows.read() == 0 {
            out.notes.add(&note::FILE_EMPTY, "", None, || String::from("the file has a header and no rows"));
        }
    }
}

impl Kept {
    fn of(row: Candidate) -> (Self, crate::read::Declared) {
        let Candidate { declared, clock, energy, agrees, lengthened, logged_start, findings, .. } = row;
        let logged_start = logged_start.filter(|_| lengthened);
        (Self { clock, energy, agrees, period: declared.period, logged_start, findings }, declared)
    }

    /// Whether a row with the same id is of another run: it begins after this one has ended, and its energy is not this one's and more. Running totals
    /// begin where the run began and never fall; in a run with tasks they seem to begin later, and their memory speaks for a longer time.
    fn is_another_run(&self, later: &Candidate) -> bool {
        let (Some((began, ended)), Some((begins, ends))) = (self.period, later.declared.period) else { return false };
        if !self.agrees || !later.agrees || later.lengthened {
            return false;
        }
        let within = |span: Span| later.declared.duration.is_some_and(|d| span.as_micros() <= d.as_micros().saturating_mul(6) / 5);
        // Stamps are cut: what follows at once may seem to begin a second too early, but not before half of a short run.
        let early = Span::from_micros(STAMPS.as_micros().min(ended.since(began).as_micros() / 2));
        if later.energy < self.energy {
            return ends > ended && begins.plus(early) >= ended;
        }
        begins > ended.plus(STAMPS) && later.memory_time.is_some_and(within)
    }
}
