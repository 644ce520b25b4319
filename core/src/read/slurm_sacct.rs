//! Slurm's accounting, `sacct -P` or `-p`: the energy of jobs as the cluster's plugin measured it.
//!
//! A job's allocation row (no dot in its JobID) holds everything; its `.batch`, `.extern` and numbered steps repeat the same joules. Where the
//! allocation has no value, the largest of its steps stands for it. Slurm's manual: the figures are of whole nodes, so they are a job's own only
//! where its nodes were not shared.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{
    Clock, Declared, DeclaredPart, Evidence, Format, Head, Line, LocalClock, ReadOptions, Reader, Reading, Refusal, Row, Scope, SkipReason,
};
use crate::decode::cells::Cells;
use crate::decode::encoding::text;
use crate::note;
use crate::series::{Component, Instrument};
use crate::units::calendar::parse_stamp;
use crate::units::decimal::{parse_digits, parse_scaled};
use crate::units::{Energy, Instant, Span};

/// `sacct` with delimiters.
pub static FORMAT: Format = Format {
    id: "slurm_sacct",
    name: "Slurm sacct",
    how_to_log: "sacct -j JOBID -P -o JobID,JobName,State,Start,End,ElapsedRaw,NNodes,NodeList,AllocTRES,ConsumedEnergyRaw",
    sniff,
    open,
};

/// Values of the energy plugin that mean "no value" (NO_VAL64 and INFINITE64 of slurm.h).
const NO_VALUE: [&[u8]; 2] = [b"18446744073709551614", b"18446744073709551615"];

/// Slurm's times are whole seconds.
const STAMPS: Span = Span::from_seconds(1);

/// A node draws less than this (W): more is a counter that was reset in between.
const MOST_WATTS_PER_NODE: i64 = 50_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    AllocTres,
    ConsumedEnergy,
    ConsumedEnergyRaw,
    Elapsed,
    ElapsedRaw,
    End,
    JobId,
    JobName,
    Nodes,
    NodeList,
    Start,
    State,
    Other,
}

impl Column {
    fn named(name: &[u8]) -> Column {
        match name.to_ascii_lowercase().as_slice() {
            b"alloctres" => Column::AllocTres,
            b"consumedenergy" => Column::ConsumedEnergy,
            b"consumedenergyraw" => Column::ConsumedEnergyRaw,
            b"elapsed" => Column::Elapsed,
            b"elapsedraw" => Column::ElapsedRaw,
            b"end" => Column::End,
            b"jobid" | b"jobidraw" => Column::JobId,
            b"jobname" => Column::JobName,
            b"nnodes" | b"allocnodes" => Column::Nodes,
            b"nodelist" => Column::NodeList,
            b"start" => Column::Start,
            b"state" => Column::State,
            _ => Column::Other,
        }
    }
}

/// The columns of a header line; `None` where it is none of sacct's.
fn header(line: &[u8]) -> Option<Vec<Column>> {
    memchr::memchr(b'|', line)?;
    let columns: Vec<Column> = line.split(|b| *b == b'|').map(|name| Column::named(name.trim_ascii())).collect();
    let energy = columns.contains(&Column::ConsumedEnergyRaw) || columns.contains(&Column::ConsumedEnergy);
    let job = columns.contains(&Column::JobId) && columns.iter().filter(|c| **c != Column::Other).count() >= 3;
    (energy || job).then_some(columns)
}

/// The default output: fixed widths, cut texts, a line of dashes.
fn is_fixed_width(head: &Head<'_>) -> bool {
    let mut lines = head.lines();
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return false };
    first.trim_ascii_start().starts_with(b"JobID") && second.starts_with(b"---") && second.iter().all(|b| matches!(b, b'-' | b' '))
}

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    if is_fixed_width(head) {
        return Some(Evidence { score: 90, reason: String::from("sacct's table of fixed widths") });
    }
    let columns = head.lines().take(20).find_map(header)?;
    let known = columns.iter().filter(|c| **c != Column::Other).count();
    Some(Evidence { score: 90, reason: format!("{known} of {} columns are sacct's", columns.len()) })
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let refuse = |message: &str| Refusal {
        code: &note::NO_POWER_COLUMN,
        line: Some(1),
        message: message.to_string(),
        hint: format!("log the energy as well: `{}`", FORMAT.how_to_log),
    };
    if is_fixed_width(head) {
        return Err(refuse("found sacct's table of fixed widths, which cuts numbers, expected columns between bars (`-P`)"));
    }
    let columns = head.lines().take(20).find_map(header).unwrap_or_default();
    if !columns.contains(&Column::ConsumedEnergyRaw) && !columns.contains(&Column::ConsumedEnergy) {
        return Err(refuse("found no energy among sacct's columns, expected ConsumedEnergyRaw"));
    }
    Ok(Box::new(Sacct {
        columns: Vec::new(),
        cells: Cells::default(),
        clock: LocalClock::new(options.zone.clone()),
        jobs: BTreeMap::new(),
        order: Vec::new(),
    }))
}

struct Sacct {
    columns: Vec<Column>,
    cells: Cells,
    clock: LocalClock,
    jobs: BTreeMap<String, Job>,
    order: Vec<String>,
}

/// What is known of one job.
#[derive(Default)]
struct Job {
    name: Option<String>,
    period: Option<(Instant, Instant)>,
    duration: Option<Span>,
    nodes: i64,
    host: Option<String>,
    tres: String,
    line: u64,
    allocation: Option<Energy>,
    largest_step: Option<Energy>,
    /// Lines of rows that hold a value.
    valued: Vec<u64>,
    ran: bool,
}

impl Reader for Sacct {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if line.text.trim_ascii().is_empty() {
            return Row::Structure;
        }
        if let Some(columns) = header(line.text) {
            self.columns = columns;
            return Row::Structure;
        }
        if self.columns.is_empty() {
            out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || String::from("a line before the header"));
            return Row::Skipped(SkipReason::Unknown);
        }
        // A cut last line may end inside its energy.
        if line.unterminated {
            return Row::Skipped(SkipReason::LastLineCut);
        }
        let count = self.cells.split(line.text, b'|');
        if count < self.columns.len() {
            out.notes.add(&note::ROWS_TORN, "", Some(line.number), || format!("found {count} cells, expected {}", self.columns.len()));
            return Row::Skipped(SkipReason::Torn);
        }
        self.row(line, out)
    }

    fn finish(&mut self, out: &mut Reading) {
        let mut counted = 0u64;
        for key in core::mem::take(&mut self.order) {
            let Some(job) = self.jobs.remove(&key) else { continue };
            let energy = job.allocation.or(job.largest_step);
            let Some(energy) = energy else {
                if job.ran {
                    out.notes.add(&note::NOT_MEASURED, "", Some(job.line), || format!("job {key} ran and has no energy"));
                }
                continue;
            };
            // Of a job's rows one counts; the others repeat its joules.
            if let Some(first) = job.valued.get(1) {
                out.rows.demote(SkipReason::Contained, *first, job.valued.len() as u64 - 1);
            }
            let most =
                job.duration.map(|d| Energy::from_joules(MOST_WATTS_PER_NODE).share(d.as_micros(), 1_000_000).share(job.nodes.max(1), 1));
            if most.is_some_and(|most| energy > most) {
                out.notes.add(&note::IMPLAUSIBLE_POWER, "", Some(job.line), || {
                    format!("job {key}: its energy and time make more than {MOST_WATTS_PER_NODE} W a node")
                });
                out.rows.demote(SkipReason::Implausible, job.line, 1);
                continue;
            }
            counted += 1;
            out.declared.push(declared(&key, job, energy));
        }
        if counted > 0 {
            out.notes.add(&note::SCHEDULER_NODES, "", None, || {
                format!("{counted} jobs: Slurm's energy is that of whole nodes, a job's own only where its nodes were not shared")
            });
        }
    }
}

impl Sacct {
    fn row(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        let cell = |column: Column| {
            let at = self.columns.iter().position(|c| *c == column)?;
            self.cells.cell(line.text, at).filter(|c| !c.is_empty())
        };
        let id = cell(Column::JobId).map(text);
        let (key, is_step) = match &id {
            Some(id) => (id.split('.').next().unwrap_or("").to_string(), id.contains('.')),
            // Without ids, rows of jobs and of their steps can't be told apart.
            None => {
                out.notes.add(&note::JOBS_UNNAMED, "", Some(line.number), || {
                    String::from("no JobID: rows of jobs and of their steps can't be told apart, and their sum is an upper bound")
                });
                (format!("line {}", line.number), false)
            }
        };
        let energy = match (cell(Column::ConsumedEnergyRaw), cell(Column::ConsumedEnergy)) {
            (Some(raw), _) => joules(raw, out, line.number),
            (None, Some(short)) if !self.columns.contains(&Column::ConsumedEnergyRaw) => {
                out.notes.add(&note::READINGS_ROUNDED, "", Some(line.number), || {
                    String::from("ConsumedEnergy is rounded to its K, M or G; ConsumedEnergyRaw is exact")
                });
                joules(short, out, line.number)
            }
            _ => None,
        };
        let elapsed =
            cell(Column::ElapsedRaw).and_then(parse_digits).map(Span::from_seconds).or_else(|| cell(Column::Elapsed).and_then(elapsed));
        let times = (cell(Column::Start).and_then(parse_stamp), cell(Column::End).and_then(parse_stamp));
        let nodes = cell(Column::Nodes).and_then(parse_digits).unwrap_or(1);
        let host = cell(Column::NodeList).map(text).filter(|n| !n.contains(['[', ',', ' ']) && n != "None");
        let state = cell(Column::State).map(text).unwrap_or_default();
        let (name, tres) = (cell(Column::JobName).map(text), cell(Column::AllocTres).map(text).unwrap_or_default());

        let period = match times {
            (Some(start), Some(end)) if start.at <= end.at => {
                out.clock = if start.zoned || self.clock.knows_zone() { Clock::Utc } else { Clock::Local };
                let mut at = |stamp: crate::units::calendar::Stamp| if stamp.zoned { stamp.at } else { self.clock.resolve(stamp.at) };
                Some((at(start), at(end)))
            }
            _ => None,
        };
        if out.clock == Clock::None {
            out.clock = Clock::Relative;
        }
        if !self.jobs.contains_key(&key) {
            self.order.push(key.clone());
        }
        let job = self.jobs.entry(key).or_insert_with(|| Job { line: line.number, ..Job::default() });
        job.ran |= elapsed.is_some_and(|e| e > Span::ZERO) || state.starts_with("COMPLETED");
        if !is_step || job.duration.is_none() {
            job.duration = elapsed.or(period.map(|(start, end)| end.since(start))).or(job.duration);
            job.period = period.or(job.period);
            job.nodes = nodes;
            job.host = host.or(job.host.take());
        }
        if !is_step {
            (job.name, job.tres, job.line) = (name, tres, line.number);
        }
        let Some(energy) = energy else { return Row::Skipped(SkipReason::NoReading) };
        job.valued.push(line.number);
        if is_step {
            job.largest_step = job.largest_step.max(Some(energy));
        } else {
            job.allocation = job.allocation.max(Some(energy));
        }
        Row::Used
    }
}

/// Joules, with Slurm's K, M, G and T (powers of 1000); `None` for what means "no value", and for 0, which the plugin writes when it did not measure.
fn joules(cell: &[u8], out: &mut Reading, line: u64) -> Option<Energy> {
    if NO_VALUE.contains(&cell) {
        return None;
    }
    let (digits, scale) = match cell.split_last()? {
        (b'K', rest) => (rest, 15),
        (b'M', rest) => (rest, 18),
        (b'G', rest) => (rest, 21),
        (b'T', rest) => (rest, 24),
        _ => (cell, 12),
    };
    match parse_scaled(digits, scale) {
        Ok(0) => None,
        Ok(value) if value > 0 => Some(Energy::from_picojoules(value)),
        _ => {
            out.notes.add(&note::MISSING_READINGS, "energy", Some(line), || format!("energy: found {:?}, expected joules", text(cell)));
            None
        }
    }
}

/// `[D-]HH:MM:SS` or `MM:SS`.
fn elapsed(cell: &[u8]) -> Option<Span> {
    let (days, clock) = match cell.iter().position(|b| *b == b'-') {
        Some(at) => (parse_digits(cell.get(..at)?)?, cell.get(at + 1..)?),
        None => (0, cell),
    };
    let whole = clock.split(|b| *b == b'.').next()?;
    let seconds = whole.split(|b| *b == b':').try_fold(0i64, |sum, part| sum.checked_mul(60)?.checked_add(parse_digits(part)?))?;
    Some(Span::from_seconds(days.checked_mul(86_400)?.checked_add(seconds)?))
}

fn declared(key: &str, job: Job, energy: Energy) -> Declared {
    let nodes = DeclaredPart { count: u32::try_from(job.nodes).ok(), ..DeclaredPart::of(Component::Node, energy, Instrument::Scheduler) };
    Declared {
        run: Some(key.to_string()),
        name: job.name,
        scope: Scope::Job,
        period: job.period,
        end_known_to: STAMPS,
        duration: job.duration,
        host: job.host,
        parts: Vec::from([nodes]),
        energy_as_logged: Some(energy),
        hardware_key: job.tres,
        ..Declared::by("Slurm sacct", job.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_times() {
        for (text, seconds) in [("04:00:25", 14_425), ("1-00:00:00", 86_400), ("05:30", 330), ("00:00:01.250", 1)] {
            assert_eq!(elapsed(text.as_bytes()), Some(Span::from_seconds(seconds)), "{text}");
        }
        assert_eq!(elapsed(b"UNLIMITED"), None);
    }

    #[test]
    fn joules_and_their_sentinels() {
        let mut out = Reading::default();
        assert_eq!(joules(b"41.23M", &mut out, 1), Some(Energy::from_joules(41_230_000)));
        assert_eq!(joules(b"360000", &mut out, 1), Some(Energy::from_joules(360_000)));
        assert_eq!(joules(b"18446744073709551614", &mut out, 1), None);
        assert_eq!(joules(b"0", &mut out, 1), None);
    }
}
