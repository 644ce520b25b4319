//! Slurm's accounting, `sacct` and `sstat`, with bars (`-P`, `-p`) or in fixed widths: the energy of jobs as the cluster's plugin measured it. Fixed
//! widths cut what does not fit and end it with `+`: of a number that is cut nothing is known.
//!
//! A job's allocation row (no dot in its JobID) holds everything; its `.batch`, `.extern` and numbered steps repeat the same joules. Where the
//! allocation has no value, its steps stand for it: see `steps`. A job that was requeued has a row for each attempt (`-D`), and each counts. Slurm's
//! manual: the figures are of whole nodes, so they are a job's own only where its nodes were not shared.

mod fixed;
mod job;
mod nodes;
mod steps;
mod unnamed;
mod value;

pub(crate) use nodes::names as node_names;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::declared::OF_ROW;
use super::fingerprint::Fingerprint;
use super::{Clock, Evidence, Format, Head, Line, LocalClock, ReadBy, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};
use crate::bounds::{self, Bounds};
use crate::decode::cells::Cells;
use crate::decode::encoding::text;
use crate::note;
use crate::sparing;
use crate::text::number_of;
use crate::units::calendar::{parse_stamp, year_of};
use crate::units::decimal::parse_digits;
use crate::units::{Energy, Span};
use fixed::Fixed;
use job::{JobRow, Jobs};
use unnamed::{Before, Kind, Shape};
use value::{elapsed, joules, state};

/// `sacct` with delimiters.
pub static FORMAT: Format = Format {
    id: "slurm_sacct",
    name: "Slurm sacct",
    how_to_log: "sacct -j JOBID -P -o JobID,JobName,State,Start,End,ElapsedRaw,NNodes,NodeList,AllocTRES,ConsumedEnergyRaw",
    read_by: ReadBy::Code { most: 90, sniff, open },
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    AllocTres,
    ConsumedEnergy,
    ConsumedEnergyRaw,
    Eligible,
    Elapsed,
    ElapsedRaw,
    End,
    JobId,
    JobName,
    Nodes,
    NodeList,
    /// What `sacct` prints in the row of a job alone: it is empty in those of steps.
    OfJob,
    Start,
    State,
    Submit,
    Other,
}

/// Columns that `sacct` leaves empty in the rows of steps, and never in that of a job, of all releases (Slurm, `src/sacct/print.c`). `Submit` is none: for a
/// step it is the step's start.
const OF_JOBS: &[&[u8]] = &[b"partition", b"priority", b"qos", b"timelimit", b"timelimitraw", b"user"];

impl Column {
    fn named(name: &[u8]) -> Column {
        match name.to_ascii_lowercase().as_slice() {
            b"alloctres" => Column::AllocTres,
            b"consumedenergy" => Column::ConsumedEnergy,
            b"consumedenergyraw" => Column::ConsumedEnergyRaw,
            b"eligible" => Column::Eligible,
            b"elapsed" => Column::Elapsed,
            b"elapsedraw" => Column::ElapsedRaw,
            b"end" => Column::End,
            b"jobid" | b"jobidraw" => Column::JobId,
            b"jobname" => Column::JobName,
            b"nnodes" | b"allocnodes" => Column::Nodes,
            b"nodelist" => Column::NodeList,
            b"start" => Column::Start,
            b"state" => Column::State,
            b"submit" => Column::Submit,
            name if OF_JOBS.contains(&name) => Column::OfJob,
            _ => Column::Other,
        }
    }

    /// Whether it is one of those that are read.
    fn is_read(self) -> bool {
        !matches!(self, Column::OfJob | Column::Other)
    }
}

/// The columns of a header line; `None` where it is none of sacct's.
fn header(line: &[u8]) -> Option<Vec<Column>> {
    memchr::memchr(b'|', line)?;
    named(line.split(|b| *b == b'|'))
}

/// Columns by their names; `None` where they are none of sacct's.
fn named<'n>(names: impl Iterator<Item = &'n [u8]>) -> Option<Vec<Column>> {
    let columns: Vec<Column> = names.map(|name| Column::named(name.trim_ascii())).collect();
    let energy = columns.contains(&Column::ConsumedEnergyRaw) || columns.contains(&Column::ConsumedEnergy);
    let job = columns.contains(&Column::JobId) && columns.iter().filter(|c| c.is_read()).count() >= 3;
    (energy || job).then_some(columns)
}

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    let columns = head.lines().take(20).find_map(header).or_else(|| Some(Fixed::find(head)?.columns))?;
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
    let columns = head.lines().take(20).find_map(header);
    let fixed = if columns.is_none() { Fixed::find(head) } else { None };
    let columns = columns.or_else(|| fixed.as_ref().map(|fixed| fixed.columns.clone())).unwrap_or_default();
    if !columns.contains(&Column::ConsumedEnergyRaw) && !columns.contains(&Column::ConsumedEnergy) {
        return Err(refuse("found no energy among sacct's columns, expected ConsumedEnergyRaw"));
    }
    Ok(Box::new(Sacct {
        columns: Vec::new(),
        fixed,
        cells: Cells::default(),
        clock: LocalClock::new(options.zone.clone()),
        jobs: Jobs::default(),
        before: Before::default(),
    }))
}

struct Sacct {
    columns: Vec<Column>,
    /// Where the columns have fixed widths.
    fixed: Option<Fixed>,
    cells: Cells,
    clock: LocalClock,
    jobs: Jobs,
    /// Of rows without an id.
    before: Before,
}

impl Reader for Sacct {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if line.text.trim_ascii().is_empty() {
            return Row::Structure;
        }
        if let Some(fixed) = self.fixed.as_ref().filter(|fixed| fixed.is_header(line.text)) {
            self.columns.clone_from(&fixed.columns);
            return Row::Structure;
        }
        if let Some(columns) = header(line.text) {
            let again = |(at, column): (usize, &Column)| column.is_read() && columns.iter().take(at).any(|other| other == column);
            if let Some((at, _)) = columns.iter().enumerate().find(|one| again(*one)) {
                out.notes.add(&note::COLUMNS_REPEATED, "", Some(line.number), || {
                    format!("column {} has the name of one before it, which counts", at + 1)
                });
            }
            self.columns = columns;
            return Row::Structure;
        }
        if self.columns.is_empty() {
            out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || String::from("a line before the header"));
            return Row::Skipped(SkipReason::Unknown);
        }
        // Where a crash left a hole, nothing in the row is certain.
        if memchr::memchr(0, line.text).is_some() {
            out.notes
                .add(&note::RUN_LOST, "binary", Some(line.number), || String::from("the row of a job is not used: it holds NUL bytes"));
            return Row::Skipped(SkipReason::Binary);
        }
        // A cut last line may end inside its energy.
        if line.unterminated {
            return Row::Skipped(SkipReason::LastLineCut);
        }
        let between_bars = match &self.fixed {
            Some(fixed) => {
                let Some(text) = fixed.between_bars(line.text) else {
                    out.notes.add(&note::ROWS_TORN, "", Some(line.number), || String::from("found a value across two columns"));
                    return Row::Skipped(SkipReason::Torn);
                };
                text
            }
            None => Vec::new(),
        };
        let line = if self.fixed.is_some() { Line { text: &between_bars, ..line } } else { line };
        let count = self.cells.split(line.text, b'|');
        let width = self.columns.len();
        // `-p` ends each row in a bar. Anything else beyond the columns shows that some are shifted: two rows that lost the line end between them, or a name
        // with a bar in it.
        if count < width || (width..count).any(|at| self.cells.cell(line.text, at).is_some_and(|cell| !cell.is_empty())) {
            out.notes.add(&note::ROWS_TORN, "", Some(line.number), || format!("found {count} cells, expected {}", self.columns.len()));
            return Row::Skipped(SkipReason::Torn);
        }
        self.row(line, out)
    }

    fn finish(&mut self, out: &mut Reading) {
        let mut counted = 0u64;
        let mut unmeasured = Vec::new();
        for (run, attempt) in core::mem::take(&mut self.jobs).finish() {
            if let Some(devices) = attempt.devices(&run) {
                sparing::push(&mut out.jobs, devices);
            }
            let Some(sum) = attempt.energy() else {
                if attempt.ran {
                    unmeasured.push((attempt.line(), run));
                }
                continue;
            };
            // Rows that repeat the joules of others.
            if let Some(first) = sum.held.iter().min() {
                out.rows.demote(SkipReason::Contained, *first, sum.held.len() as u64);
            }
            if sum.is_cut {
                out.beyond(&bounds::SLURM_NODES, &Bounds::default(), Some(attempt.line()), "each list of nodes counts as one node");
            } else if sum.doubtful > Energy::ZERO {
                out.notes.add(&note::STEPS_UNPLACED, "", Some(attempt.line()), || {
                    let job = called(&run, attempt.line());
                    format!("{job} has no energy of its own, and of its steps it is not said when or on which nodes they ran")
                });
            }
            counted += 1;
            sparing::push(&mut out.declared, attempt.declared(run, &sum));
        }
        if let Some((line, run)) = unmeasured.iter().min() {
            let message = match unmeasured.len() {
                1 => format!("{} ran and has no energy", called(run, *line)),
                n => format!("{n} jobs ran and have no energy, {} among them", called(run, *line)),
            };
            let hint = String::from("Slurm gathered no energy for them: log their devices beside");
            out.notes.add_with_hint(&note::NOT_MEASURED, Some(*line), message, hint);
        }
        if counted > 0 {
            out.notes.add(&note::SCHEDULER_NODES, "", None, || {
                format!(
                    "{}: Slurm's energy is that of whole nodes, a job's own only where its nodes were not shared",
                    number_of(counted, "job")
                )
            });
        }
    }
}

/// A job in words: by its id, or by its line.
fn called(run: &str, line: u64) -> String {
    if run.starts_with(OF_ROW) { format!("the job of line {line}") } else { format!("job {run}") }
}

impl Sacct {
    fn row(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        let cell = |column: Column| {
            let at = self.columns.iter().position(|c| *c == column)?;
            self.cells.cell(line.text, at).filter(|c| !c.is_empty())
        };
        // In fixed widths, what does not fit is cut.
        let is_cut = |cell: &&[u8]| self.fixed.is_some() && cell.ends_with(b"+");
        let id = cell(Column::JobId).map(text);
        if let Some(cut) = cell(Column::JobId).filter(is_cut).filter(|id| !id.contains(&b'.')) {
            out.notes.add(&note::ROWS_TORN, "", Some(line.number), || format!("JobID: found {:?}, which is cut", text(cut)));
            return Row::Skipped(SkipReason::Torn);
        }
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
        let node_list = cell(Column::NodeList).filter(|name| !is_cut(name)).map(text).filter(|n| !n.contains(' ') && n != "None");
        let state = cell(Column::State).and_then(state);
        let (name, tres) =
            (cell(Column::JobName).map(text), cell(Column::AllocTres).filter(|tres| !is_cut(tres)).map(text).unwrap_or_default());

        let period = match times {
            (Some(start), Some(end)) if start.at <= end.at => {
                out.clock = Clock::of(start.zoned, self.clock.knows_zone());
                let mut at = |stamp: crate::units::calendar::Stamp| if stamp.zoned { stamp.at } else { self.clock.resolve(stamp.at) };
                Some((at(start), at(end)))
            }
            _ => None,
        };
        // It began to run when it was submitted, or later: that tells the year, and no time.
        let asked = cell(Column::Start).or(cell(Column::Eligible)).or(cell(Column::Submit)).and_then(parse_stamp);
        let year = asked.and_then(|stamp| i32::try_from(year_of(stamp.at)).ok());
        if out.clock == Clock::None {
            out.clock = Clock::Relative;
        }
        let duration = elapsed.or(period.map(|(start, end)| end.since(start)));
        let (key, step, may_be_step) = match &id {
            Some(id) => match id.split_once('.') {
                Some((job, step)) => (job.to_string(), Some(step.to_string()), false),
                None => (id.clone(), None, false),
            },
            None => {
                let mut of_job = self.columns.iter().enumerate().filter(|(_, column)| **column == Column::OfJob).peekable();
                let says = of_job.peek().is_some();
                let is_job = of_job.any(|(at, _)| self.cells.cell(line.text, at).is_some_and(|cell| !cell.is_empty()));
                let said = self.before.said(says.then_some(is_job));
                if said.is_none() {
                    out.notes.add(&note::JOBS_UNNAMED, "", Some(line.number), || {
                        String::from("no JobID: rows of jobs and of their steps can't be told apart; what may be a step counts, and the lower end is without it")
                    });
                }
                // A row with a time that stands twice is one.
                let is_dated = self.columns.iter().any(|column| matches!(column, Column::Start | Column::End)) || line.text.contains(&b':');
                let key = match is_dated {
                    true => format!("{OF_ROW}{:016x}", Fingerprint::of(line.text).0),
                    false => format!("line {}", line.number),
                };
                match self.before.next(&Shape { name: name.as_deref(), period, duration, energy, is_job: said }, &key) {
                    Kind::Job { may_be_step } => (key, None, may_be_step),
                    Kind::Step { of, step } => (of, Some(step), false),
                }
            }
        };
        self.jobs
            .add(key, JobRow { line: line.number, step, may_be_step, name, period, year, duration, nodes, node_list, tres, state, energy })
    }
}
