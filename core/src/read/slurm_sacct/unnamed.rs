//! Rows without a JobID: which are of jobs, and which of their steps.
//!
//! `sacct` prints a job before its steps. `batch`, `extern` and `interactive` are names of steps, and where a job has one of these, what follows within its time
//! is another one. Columns that a job alone fills, such as its partition, tell the rest. Where there are none: of all that lies within the time of a row before
//! it and has no more energy, nobody knows. It counts, and the lower end is without it.

use alloc::format;
use alloc::string::String;

use crate::units::{Energy, Instant, Span};

/// Steps that Slurm begins itself.
const OF_SLURM: &[&str] = &["batch", "extern", "interactive"];

/// What tells a job from a step.
pub(super) struct Shape<'r> {
    pub name: Option<&'r str>,
    pub period: Option<(Instant, Instant)>,
    pub duration: Option<Span>,
    pub energy: Option<Energy>,
    /// What a column that only jobs fill says of the row.
    pub is_job: Option<bool>,
}

/// What a row is taken for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Job {
        may_be_step: bool,
    },
    /// Of the job of this key.
    Step {
        of: String,
        step: String,
    },
}

/// The job before.
#[derive(Default)]
pub(super) struct Before {
    job: Option<Job>,
    /// A column that only jobs fill was filled.
    says: bool,
}

struct Job {
    key: String,
    period: Option<(Instant, Instant)>,
    duration: Option<Span>,
    energy: Option<Energy>,
    /// How many of its steps were read.
    steps: usize,
}

impl Before {
    /// Whether a row is a job's, as its columns say that only jobs fill: a column that no row fills says nothing.
    pub(super) fn said(&mut self, is_job: Option<bool>) -> Option<bool> {
        self.says |= is_job == Some(true);
        is_job.filter(|_| self.says)
    }

    /// What the next row is; `key` is its own, if it is a job's.
    pub(super) fn next(&mut self, row: &Shape<'_>, key: &str) -> Kind {
        let of_slurm = row.name.filter(|name| OF_SLURM.contains(name));
        if let Some(job) = self.job.as_mut().filter(|job| row.is_job != Some(true) && job.may_hold(row)) {
            let has_less = job.energy.is_none() || row.energy <= job.energy;
            let step = match of_slurm {
                Some(name) => Some(String::from(name)),
                None if row.is_job == Some(false) => Some(format!("{}", job.steps)),
                None if job.steps > 0 && job.period.is_some() && has_less => Some(format!("{}", job.steps)),
                None => None,
            };
            if let Some(step) = step {
                job.steps += 1;
                return Kind::Step { of: job.key.clone(), step };
            }
            if has_less && row.energy.is_some() {
                return Kind::Job { may_be_step: true };
            }
        }
        self.job = Some(Job { key: String::from(key), period: row.period, duration: row.duration, energy: row.energy, steps: 0 });
        Kind::Job { may_be_step: false }
    }
}

impl Job {
    /// Whether a row lies within its time, as far as both say when they were.
    fn may_hold(&self, row: &Shape<'_>) -> bool {
        match (self.period, row.period) {
            (Some((start, end)), Some((first, last))) => start <= first && last <= end,
            _ => self.duration.zip(row.duration).is_none_or(|(own, other)| other <= own),
        }
    }
}
