//! What the steps of a job come to where the job's own row has no energy.
//!
//! Slurm's figure of a step is of its whole nodes over its time, so steps of one node at one time hold the same joules (`.batch` and `.extern` beside `srun`),
//! and steps that follow each other or run on other nodes add up. The largest counts first, of each other one what it has on nodes and at times of its own.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::job::STAMPS;
use super::nodes::Nodes;
use crate::order;
use crate::units::{Energy, Instant, Span};

/// A step that has an energy.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// What stands behind the dot.
    pub(super) id: String,
    pub(super) line: u64,
    pub(super) period: Option<(Instant, Instant)>,
    pub(super) duration: Option<Span>,
    pub(super) nodes: i64,
    /// `node[01-02]`, where the log says it.
    pub(super) node_list: Option<String>,
    pub(super) energy: Energy,
}

/// The job that steps stand for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    pub(super) duration: Option<Span>,
    pub(super) nodes: i64,
}

/// What steps come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) energy: Energy,
    /// Of it, what counts twice if steps of which the log does not say when or where they ran were on the same nodes at one time.
    pub(super) doubtful: Energy,
    /// Lines of which nothing counts: others hold their joules.
    pub(super) held: Vec<u64>,
    /// Their nodes were too many to be told apart.
    pub(super) is_cut: bool,
}

impl Step {
    /// Whether `srun` began it: `batch`, `extern` and `interactive` are there as long as the job.
    fn is_numbered(&self) -> bool {
        self.id.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// Where and when a step ran, as far as one knows.
struct Placed<'s> {
    /// The list of its nodes; absent where any of the job's may be meant.
    nodes: Option<&'s str>,
    start: i64,
    end: i64,
}

/// What the steps of a job come to.
pub(super) fn sum(steps: &[Step], job: Whole) -> Sum {
    let nodes = Nodes::of(steps.iter().map(|step| step.node_list.as_deref().unwrap_or("")));
    let (placed, is_assumed) = place(steps, job);
    let (energy, held) = count(steps, &placed, &nodes, job.nodes);
    let mut sum = Sum { energy, doubtful: Energy::ZERO, held, is_cut: nodes.is_cut };
    if is_assumed || nodes.is_cut {
        let is_dated = steps.iter().any(|step| step.period.is_some());
        let mut at_once = Vec::with_capacity(steps.len());
        for (step, own) in steps.iter().zip(&placed) {
            let (start, end) = if is_dated { (own.start, own.end) } else { (0, 1) };
            // Of nodes that are not told apart, any may be those of another step.
            let list = step.node_list.as_deref().filter(|_| !nodes.is_cut).unwrap_or("");
            at_once.push(Placed { nodes: Some(list), start, end });
        }
        sum.doubtful = energy - count(steps, &at_once, &nodes, 1).0.min(energy);
    }
    sum
}

/// Steps without times follow each other as far as they fit into their job, and those without names of nodes are wherever there is room.
fn place(steps: &[Step], job: Whole) -> (Vec<Placed<'_>>, bool) {
    let mut cursor = 0i64;
    let mut is_assumed = false;
    let most = job.duration.map_or(i64::MAX, |duration| (duration + STAMPS).as_micros());
    let is_dated = steps.iter().any(|step| step.period.is_some());
    let first = steps.iter().filter_map(|step| step.period).map(|(start, _)| start.as_micros()).min().unwrap_or(0);
    let mut placed = Vec::with_capacity(steps.len());
    for step in steps {
        let (start, end) = match (step.period, step.duration) {
            (Some((start, end)), _) => (start.as_micros(), end.as_micros()),
            (None, Some(length)) if !is_dated && step.is_numbered() => {
                let length = length.as_micros();
                let start = if cursor.saturating_add(length) <= most { cursor } else { 0 };
                is_assumed |= start > 0;
                cursor = start.saturating_add(length);
                (start, cursor)
            }
            (None, length) => (first, first.saturating_add(length.or(job.duration).map_or(1, Span::as_micros))),
        };
        is_assumed |= step.node_list.is_none() && step.nodes < job.nodes;
        placed.push(Placed { nodes: step.node_list.as_deref(), start, end: end.max(start.saturating_add(1)) });
    }
    (placed, is_assumed)
}

/// Node by node, the largest step first: of each what no other holds, and the lines of those of which nothing is left.
fn count(steps: &[Step], placed: &[Placed<'_>], nodes: &Nodes, of_job: i64) -> (Energy, Vec<u64>) {
    let mut order: Vec<usize> = (0..steps.len()).collect();
    order::sort_by_key(&mut order, |at| steps.get(*at).map(|step| (core::cmp::Reverse(step.energy), step.line)));
    let mut taken: Vec<Spans> = Vec::new();
    taken.resize(nodes.kinds(), Spans::default());
    let mut unnamed = Unnamed::default();
    let (mut energy, mut held) = (Energy::ZERO, Vec::new());
    for (step, at) in order.into_iter().filter_map(|at| Some((steps.get(at)?, placed.get(at)?))) {
        let length = at.end.saturating_sub(at.start);
        // Stamps are whole seconds: so little says nothing.
        let free =
            |taken: &Spans| Some(taken.free(at.start, at.end)).filter(|free| *free > STAMPS.as_micros().min(length - 1)).unwrap_or(0);
        let (mut room, mut count) = (0i64, 0i64);
        let mut take = |spans: &mut Spans, size: i64| {
            room = room.saturating_add(free(spans).saturating_mul(size));
            count = count.saturating_add(size);
            spans.add(at.start, at.end);
        };
        match at.nodes {
            Some(list) => {
                for (kind, size) in nodes.of_list(list) {
                    if let Some(spans) = taken.get_mut(kind) {
                        take(spans, size);
                    }
                }
            }
            None => unnamed.roomiest(at, step.nodes, of_job, take),
        }
        if room == 0 {
            held.push(step.line);
        }
        energy += step.energy.share(room, length.saturating_mul(count).max(1));
    }
    order::sort(&mut held);
    (energy, held)
}

/// A job's nodes that have no names, in runs of those that were taken alike.
#[derive(Debug, Default)]
struct Unnamed(Vec<(i64, Spans)>);

/// So many runs are told apart: where steps leave it open on which nodes they ran, more would say no more.
const MOST_RUNS: usize = 64;

impl Unnamed {
    /// Takes `count` of them, those that have the most time left.
    fn roomiest(&mut self, at: &Placed<'_>, count: i64, of_job: i64, mut take: impl FnMut(&mut Spans, i64)) {
        let count = count.max(1);
        let known = self.0.iter().map(|(size, _)| *size).fold(0, i64::saturating_add);
        let missing = of_job.max(count).saturating_sub(known);
        if missing > 0 {
            self.0.push((missing, Spans::default()));
        }
        let mut by_room: Vec<(i64, usize)> =
            self.0.iter().enumerate().map(|(run, (_, spans))| (-spans.free(at.start, at.end), run)).collect();
        order::sort(&mut by_room);
        let (mut left, mut split) = (count, None);
        for (_, run) in by_room {
            let Some((size, spans)) = self.0.get_mut(run).filter(|_| left > 0) else { break };
            if *size > left {
                split = Some((run + 1, *size - left, spans.clone()));
                *size = left;
            }
            left -= *size;
            take(spans, *size);
        }
        if let Some((run, size, spans)) = split {
            match self.0.len() < MOST_RUNS {
                true => self.0.insert(run, (size, spans)),
                false => self.0.iter_mut().skip(run - 1).take(1).for_each(|(whole, _)| *whole += size),
            }
        }
    }
}

/// Times that are taken, apart from each other.
#[derive(Clone, Debug, Default)]
struct Spans(BTreeMap<i64, i64>);

impl Spans {
    /// How much of a time is not taken.
    fn free(&self, start: i64, end: i64) -> i64 {
        let before = self.0.range(..start).next_back();
        let taken = before.into_iter().chain(self.0.range(start..end)).map(|(from, to)| (*to).min(end) - (*from).max(start));
        end.saturating_sub(start) - taken.filter(|taken| *taken > 0).sum::<i64>()
    }

    fn add(&mut self, start: i64, end: i64) {
        let (mut from, mut to) = (start, end);
        while let Some((first, last)) =
            self.0.range(..=to).next_back().map(|(first, last)| (*first, *last)).filter(|(_, last)| *last >= from)
        {
            self.0.remove(&first);
            (from, to) = (from.min(first), to.max(last));
        }
        self.0.insert(from, to);
    }
}
