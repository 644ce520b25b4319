//! Jobs and their attempts, as the rows of `sacct` come in.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::read::{Declared, DeclaredPart, JobDevices, JobState, Row, Scope, SkipReason};
use crate::series::{Component, Instrument};
use crate::units::{Energy, Instant, Span};

/// Slurm's times are whole seconds.
const STAMPS: Span = Span::from_seconds(1);

/// What a row says of a job or a step.
pub(super) struct JobRow {
    pub(super) line: u64,
    pub(super) is_step: bool,
    pub(super) name: Option<String>,
    pub(super) period: Option<(Instant, Instant)>,
    pub(super) duration: Option<Span>,
    pub(super) nodes: i64,
    pub(super) host: Option<String>,
    pub(super) tres: String,
    pub(super) state: Option<JobState>,
    pub(super) energy: Option<Energy>,
}

/// One attempt at a job: a requeued job has several under one id (`sacct -D`), each of which used energy.
pub(super) struct Attempt {
    row: JobRow,
    /// The allocation's own row was read; until then a step stands for it.
    allocated: bool,
    largest_step: Option<Energy>,
    /// Lines of rows that hold a value.
    pub(super) valued: Vec<u64>,
    pub(super) ran: bool,
}

/// All jobs of a file.
#[derive(Default)]
pub(super) struct Jobs {
    by_id: BTreeMap<String, Vec<usize>>,
    attempts: Vec<Attempt>,
}

impl Jobs {
    /// Takes a row of the job `id`.
    pub(super) fn add(&mut self, id: String, row: JobRow) -> Row {
        let known = self.by_id.entry(id).or_default();
        let ran = row.duration.is_some_and(|d| d > Span::ZERO) || row.state == Some(JobState::Completed);
        let counts = if row.energy.is_some() { Row::Used } else { Row::Skipped(SkipReason::NoReading) };
        let (line, energy) = (row.line, row.energy);
        let own = |at: &&usize| self.attempts.get(**at).is_some_and(|attempt| attempt.is_of(&row));
        let Some(at) = known.iter().rev().find(own).copied() else {
            known.push(self.attempts.len());
            let allocated = !row.is_step;
            let largest_step = energy.filter(|_| row.is_step);
            self.attempts.push(Attempt { row, allocated, largest_step, valued: energy.map(|_| line).into_iter().collect(), ran });
            return counts;
        };
        let Some(attempt) = self.attempts.get_mut(at) else { return counts };
        attempt.ran |= ran;
        if row.is_step {
            attempt.largest_step = attempt.largest_step.max(energy);
        } else if !attempt.allocated {
            let step = core::mem::replace(&mut attempt.row, row);
            attempt.row.duration = attempt.row.duration.or(step.duration);
            attempt.row.period = attempt.row.period.or(step.period);
            attempt.row.host = attempt.row.host.take().or(step.host);
            attempt.allocated = true;
        } else if attempt.repeats(&row) {
            return if energy.is_some() { Row::Skipped(SkipReason::Duplicate) } else { counts };
        } else {
            // The same attempt, told at two times: the later one holds more.
            let before = attempt.row.energy;
            if before <= row.energy {
                attempt.row = row;
            }
            attempt.row.energy = before.max(energy);
        }
        attempt.valued.extend(energy.map(|_| line));
        counts
    }

    /// The attempts with the names that tell them apart, by their coming: the last one of a job has the job's own id, as `sacct` without `-D` prints it alone.
    pub(super) fn finish(self) -> impl Iterator<Item = (String, Attempt)> {
        let mut names: Vec<String> = Vec::new();
        names.resize(self.attempts.len(), String::new());
        for (id, mut places) in self.by_id {
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
    /// Whether a row is of this attempt: by its start, where both have one; a step by lying inside.
    fn is_of(&self, row: &JobRow) -> bool {
        match (self.row.period, row.period) {
            (Some((start, end)), Some((first, _))) if row.is_step => start <= first && first <= end,
            (Some((start, _)), Some((first, _))) if self.allocated => start == first,
            (Some((start, _)), Some((first, last))) => first <= start && start <= last,
            _ if row.is_step || !self.allocated => true,
            // Without times: the same row again, or a later state of a job that ran on.
            _ => self.repeats(row) || matches!(self.row.state, Some(JobState::Running)),
        }
    }

    fn repeats(&self, row: &JobRow) -> bool {
        let told = |row: &JobRow| (row.period, row.duration, row.state, row.energy, row.nodes);
        told(&self.row) == told(row)
    }

    /// Energy of the allocation; where it has none, the largest of its steps stands for it.
    pub(super) fn energy(&self) -> Option<Energy> {
        self.row.energy.filter(|_| self.allocated).or(self.largest_step)
    }

    /// The accelerators of its one node: `gres/gpu=4`, beside which `gres/gpu:a100=4` says the same again.
    pub(super) fn devices(&self, run: &str) -> Option<JobDevices> {
        let count = |name: &str, value: &str| (name == "gres/gpu" || name.starts_with("gres/gpu:")).then(|| value.parse::<u32>().ok());
        let counts =
            self.row.tres.split(',').filter_map(|part| part.split_once('=')).filter_map(|(name, value)| count(name.trim(), value)?);
        let devices = counts.max().filter(|devices| *devices > 0 && self.ran && self.row.nodes == 1)?;
        Some(JobDevices { run: String::from(run), host: self.row.host.clone(), period: self.row.period, devices })
    }

    pub(super) fn line(&self) -> u64 {
        self.row.line
    }

    /// What the scheduler states of it.
    pub(super) fn declared(self, run: String, energy: Energy) -> Declared {
        let nodes =
            DeclaredPart { count: u32::try_from(self.row.nodes).ok(), ..DeclaredPart::of(Component::Node, energy, Instrument::Scheduler) };
        Declared {
            run: Some(run),
            name: self.row.name,
            scope: Scope::Job,
            period: self.row.period,
            end_known_to: STAMPS,
            duration: self.row.duration,
            host: self.row.host,
            parts: Vec::from([nodes]),
            energy_as_logged: Some(energy),
            hardware_key: self.row.tres,
            state: self.row.state,
            ..Declared::by("Slurm sacct", self.row.line)
        }
    }
}
