//! Jobs and their attempts, as the rows of `sacct` come in.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::steps::{self, Step, Sum, Whole};
use crate::map::Map;
use crate::read::{Declared, DeclaredPart, JobDevices, JobState, Row, Scope, SkipReason};
use crate::series::{Component, Instrument};
use crate::sparing;
use crate::units::{Energy, Instant, Span};

/// Slurm's times are whole seconds.
pub(super) const STAMPS: Span = Span::from_seconds(1);

/// A row is mostly of one of so many attempts that came last; of earlier ones it is where its time lies beside theirs.
const LATEST: usize = 16;

/// What a row says of a job or a step.
pub(super) struct JobRow {
    pub(super) line: u64,
    /// What stands behind the dot of a step's id.
    pub(super) step: Option<String>,
    /// It has no id, and may repeat what a row before it says.
    pub(super) may_be_step: bool,
    pub(super) name: Option<String>,
    pub(super) period: Option<(Instant, Instant)>,
    /// Of its start, or of when it was asked for.
    pub(super) year: Option<i32>,
    pub(super) duration: Option<Span>,
    pub(super) nodes: i64,
    /// Names of its nodes: `node[01-02]`.
    pub(super) node_list: Option<String>,
    pub(super) tres: String,
    pub(super) state: Option<JobState>,
    pub(super) energy: Option<Energy>,
}

impl JobRow {
    /// Its one node.
    fn host(&self) -> Option<String> {
        self.node_list.clone().filter(|list| !list.contains(['[', ',']))
    }

    fn as_step(&self) -> Option<Step> {
        Some(Step {
            id: self.step.clone()?,
            line: self.line,
            period: self.period,
            duration: self.duration,
            nodes: self.nodes,
            node_list: self.node_list.clone(),
            energy: self.energy?,
        })
    }
}

/// One attempt at a job: a requeued job has several under one id (`sacct -D`), each of which used energy.
pub(super) struct Attempt {
    row: JobRow,
    /// The allocation's own row was read; until then its steps stand for it.
    allocated: bool,
    /// Steps that have a value, as long as the allocation has none.
    steps: Vec<Step>,
    /// Where each of them stands.
    by_step: Map<String, usize>,
    /// Lines of rows whose value others hold.
    held: Vec<u64>,
    pub(super) ran: bool,
}

/// All jobs of a file.
#[derive(Default)]
pub(super) struct Jobs {
    by_id: Map<String, Known>,
    attempts: Vec<Attempt>,
}

/// Attempts at one job, by their coming and by their first time.
#[derive(Default)]
struct Known {
    attempts: Vec<usize>,
    by_start: BTreeMap<Instant, usize>,
}

impl Known {
    /// Attempts that a row may be of, the likeliest first: all that came last, and those whose times lie next to its own.
    fn near(&self, row: &JobRow) -> impl Iterator<Item = usize> {
        let latest = self.attempts.iter().rev().take(LATEST).copied();
        let start = row.period.map(|(start, _)| start);
        let before = start.and_then(|start| self.by_start.range(..=start).next_back());
        let after = start.and_then(|start| self.by_start.range(start..).next());
        latest.chain(before.into_iter().chain(after).map(|(_, at)| *at))
    }
}

impl Jobs {
    /// Takes a row of the job `id`.
    pub(super) fn add(&mut self, id: String, row: JobRow) -> Row {
        let known = self.by_id.entry(id).or_default();
        let ran = row.duration.is_some_and(|d| d > Span::ZERO) || row.state == Some(JobState::Completed);
        let counts = if row.energy.is_some() { Row::Used } else { Row::Skipped(SkipReason::NoReading) };
        let energy = row.energy;
        let own = |at: &usize| self.attempts.get(*at).is_some_and(|attempt| attempt.is_of(&row));
        let found = known.near(&row).find(own);
        let at = found.unwrap_or(self.attempts.len());
        if let Some((start, _)) = row.period {
            known.by_start.insert(start, at);
        }
        if found.is_none() {
            known.attempts.push(at);
            sparing::push(&mut self.attempts, Attempt::of(row, ran));
            return counts;
        }
        let Some(attempt) = self.attempts.get_mut(at) else { return counts };
        attempt.ran |= ran;
        if row.step.is_some() {
            attempt.add_step(row);
        } else if !attempt.allocated {
            let steps = core::mem::replace(&mut attempt.row, row);
            attempt.row.duration = attempt.row.duration.or(steps.duration);
            attempt.row.period = attempt.row.period.or(steps.period);
            attempt.row.year = attempt.row.year.or(steps.year);
            attempt.row.node_list = attempt.row.node_list.take().or(steps.node_list);
            attempt.allocated = true;
            attempt.let_steps_go();
        } else if attempt.repeats(&row) {
            return if energy.is_some() { Row::Skipped(SkipReason::Duplicate) } else { counts };
        } else {
            // The same attempt, told at two times: the later one holds more.
            let (before, line) = (attempt.row.energy, attempt.row.line);
            if energy.is_some() && before.is_some() {
                attempt.held.push(line.max(row.line));
            }
            if before <= energy {
                attempt.row = row;
            }
            attempt.row.energy = before.max(energy);
            attempt.let_steps_go();
        }
        counts
    }

    /// The attempts with the names that tell them apart, by their coming: the last one of a job has the job's own id, as `sacct` without `-D` prints it alone.
    pub(super) fn finish(self) -> impl Iterator<Item = (String, Attempt)> {
        let mut names: Vec<String> = Vec::new();
        names.resize(self.attempts.len(), String::new());
        for (id, known) in &self.by_id {
            let mut places = known.attempts.clone();
            crate::order::sort_by_key(&mut places, |at| (self.attempts.get(*at).and_then(|a| a.row.period), *at));
            let last = places.len();
            for (n, at) in (1..).zip(places) {
                if let Some(name) = names.get_mut(at) {
                    *name = if n == last { id.clone() } else { format!("{id} (attempt {n})") };
                }
            }
        }
        names.into_iter().zip(self.attempts)
    }
}

impl Attempt {
    fn of(row: JobRow, ran: bool) -> Self {
        let steps: Vec<Step> = row.as_step().into_iter().collect();
        let by_step = steps.iter().map(|step| (step.id.clone(), 0)).collect();
        Self { allocated: row.step.is_none(), row, steps, by_step, held: Vec::new(), ran }
    }

    /// Whether a row is of this attempt: by its start, where both have one; a step by lying inside, or by being none of those that are there.
    fn is_of(&self, row: &JobRow) -> bool {
        match (self.row.period, row.period, &row.step) {
            (Some((start, end)), Some((first, _)), Some(_)) if self.allocated => start <= first && first <= end,
            (_, Some((first, _)), Some(id)) => {
                let begins_apart = |step: &Step| step.period.is_some_and(|(start, _)| start != first);
                !self.by_step.get(id).and_then(|at| self.steps.get(*at)).is_some_and(begins_apart)
            }
            (Some((start, _)), Some((first, _)), None) if self.allocated => start == first,
            (Some((start, _)), Some((first, last)), None) => first <= start && start <= last,
            _ if row.step.is_some() || !self.allocated => true,
            // Without times: the same row again, or a later state of a job that ran on.
            _ => self.repeats(row) || matches!(self.row.state, Some(JobState::Running)),
        }
    }

    fn add_step(&mut self, row: JobRow) {
        if !self.allocated {
            let own = &mut self.row;
            own.period = match (own.period, row.period) {
                (Some((start, end)), Some((first, last))) => Some((start.min(first), end.max(last))),
                (one, other) => one.or(other),
            };
            own.duration = own.period.map(|(start, end)| end.since(start)).or(own.duration.max(row.duration));
            own.nodes = own.nodes.max(row.nodes);
            if own.node_list != row.node_list {
                own.node_list = None;
            }
        }
        let Some(step) = row.as_step() else { return };
        if self.own_energy().is_some() {
            self.held.push(step.line);
            return;
        }
        // A step that is told again: the later one holds more.
        match self.by_step.get(&step.id).and_then(|at| self.steps.get_mut(*at)) {
            Some(told) => {
                self.held.push(told.line.max(step.line));
                if told.energy <= step.energy {
                    *told = Step { line: told.line, ..step };
                }
            }
            None => {
                self.by_step.insert(step.id.clone(), self.steps.len());
                self.steps.push(step);
            }
        }
    }

    /// Steps repeat what the allocation says.
    fn let_steps_go(&mut self) {
        if self.own_energy().is_some() {
            self.by_step = Map::new();
            self.held.extend(self.steps.drain(..).map(|step| step.line));
        }
    }

    fn own_energy(&self) -> Option<Energy> {
        self.row.energy.filter(|_| self.allocated)
    }

    fn repeats(&self, row: &JobRow) -> bool {
        let told = |row: &JobRow| (row.period, row.duration, row.state, row.energy, row.nodes);
        told(&self.row) == told(row)
    }

    /// Energy of the allocation; where it has none, that of its steps.
    pub(super) fn energy(&self) -> Option<Sum> {
        if let Some(energy) = self.own_energy() {
            return Some(Sum { energy, held: self.held.clone(), ..Sum::default() });
        }
        let mut sum = steps::sum(&self.steps, Whole { duration: self.row.duration, nodes: self.row.nodes });
        sum.held.extend_from_slice(&self.held);
        (!self.steps.is_empty()).then_some(sum)
    }

    /// Its accelerators and the nodes that they are in: `gres/gpu=4`, beside which `gres/gpu:a100=4` says the same again. Of several nodes nobody says
    /// how many each has.
    pub(super) fn devices(&self, run: &str) -> Option<JobDevices> {
        let count = |name: &str, value: &str| (name == "gres/gpu" || name.starts_with("gres/gpu:")).then(|| value.parse::<u32>().ok());
        let counts =
            self.row.tres.split(',').filter_map(|part| part.split_once('=')).filter_map(|(name, value)| count(name.trim(), value)?);
        let devices = counts.max().filter(|devices| *devices > 0 && self.ran)?;
        let (run, period) = (String::from(run), self.row.period);
        if self.row.nodes == 1 {
            return Some(JobDevices { run, host: self.row.host(), nodes: None, period, devices });
        }
        // An energy is of all of its time.
        let nodes = self.row.node_list.clone().filter(|_| self.energy().is_none())?;
        Some(JobDevices { run, host: None, nodes: Some(nodes), period, devices: 0 })
    }

    pub(super) fn line(&self) -> u64 {
        self.row.line
    }

    /// What the scheduler states of it.
    pub(super) fn declared(self, run: String, sum: &Sum) -> Declared {
        let nodes = DeclaredPart {
            count: u32::try_from(self.row.nodes).ok(),
            doubtful: if self.row.may_be_step { sum.energy } else { sum.doubtful },
            ..DeclaredPart::of(Component::Node, sum.energy, Instrument::Scheduler)
        };
        let host = self.row.host();
        Declared {
            run: Some(run),
            name: self.row.name,
            scope: Scope::Job,
            period: self.row.period,
            year: self.row.year,
            end_known_to: STAMPS,
            duration: self.row.duration,
            host,
            parts: Vec::from([nodes]),
            energy_as_logged: Some(sum.energy),
            hardware_key: self.row.tres,
            state: self.row.state,
            ..Declared::by("Slurm sacct", self.row.line)
        }
    }
}
