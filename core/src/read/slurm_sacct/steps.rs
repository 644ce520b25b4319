//! What the steps of a job come to where the job's own row has no energy.
//!
//! Slurm's figure of a step is of its whole nodes over its time, so steps of one node at one time hold the same joules (`.batch` and `.extern` beside `srun`),
//! and steps that follow each other or run on other nodes add up. The largest counts first, of each other one what it has on nodes and at times of its own.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::job::STAMPS;
use crate::order;
use crate::units::{Energy, Instant, Span};

/// A list of nodes longer than this is taken for one node of its own name.
const MOST_NODES: usize = 4096;

/// So is one whose numbers have more digits, or whose names are longer than this: no cluster has such.
const WIDEST: usize = 9;
const LONGEST_NAME: usize = 64;

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
}

impl Step {
    /// Whether `srun` began it: `batch`, `extern` and `interactive` are there as long as the job.
    fn is_numbered(&self) -> bool {
        self.id.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// Where and when a step ran, as far as one knows.
struct Placed {
    /// Names of nodes; absent where any of the job's may be meant.
    nodes: Option<Vec<String>>,
    start: i64,
    end: i64,
}

/// What the steps of a job come to.
pub(super) fn sum(steps: &[Step], job: Whole) -> Sum {
    let (placed, is_assumed) = place(steps, job);
    let (energy, held) = count(steps, &placed, job.nodes);
    let mut sum = Sum { energy, doubtful: Energy::ZERO, held };
    if is_assumed {
        let is_dated = steps.iter().any(|step| step.period.is_some());
        let time = |own: &Placed| if is_dated { (own.start, own.end) } else { (0, 1) };
        let at_once = |(step, own): (&Step, &Placed)| {
            let (start, end) = time(own);
            Placed { nodes: Some(names(step.node_list.as_deref())), start, end }
        };
        let at_once: Vec<Placed> = steps.iter().zip(&placed).map(at_once).collect();
        sum.doubtful = energy - count(steps, &at_once, 1).0.min(energy);
    }
    sum
}

/// Steps without times follow each other as far as they fit into their job, and those without names of nodes are wherever there is room.
fn place(steps: &[Step], job: Whole) -> (Vec<Placed>, bool) {
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
        let nodes = step.node_list.as_deref().map(|list| names(Some(list)));
        is_assumed |= nodes.is_none() && step.nodes < job.nodes;
        placed.push(Placed { nodes, start, end: end.max(start.saturating_add(1)) });
    }
    (placed, is_assumed)
}

/// Node by node, the largest step first: of each what no other holds, and the lines of those of which nothing is left.
fn count(steps: &[Step], placed: &[Placed], of_job: i64) -> (Energy, Vec<u64>) {
    let mut order: Vec<usize> = (0..steps.len()).collect();
    order::sort_by_key(&mut order, |at| steps.get(*at).map(|step| (core::cmp::Reverse(step.energy), step.line)));
    let mut taken: BTreeMap<String, Spans> = BTreeMap::new();
    let (mut energy, mut held) = (Energy::ZERO, Vec::new());
    for (step, at) in order.into_iter().filter_map(|at| Some((steps.get(at)?, placed.get(at)?))) {
        let length = at.end.saturating_sub(at.start);
        let nodes = match &at.nodes {
            Some(nodes) => nodes.clone(),
            None => roomiest(&taken, at, step.nodes, of_job),
        };
        // Stamps are whole seconds: so little says nothing.
        let free =
            |taken: &Spans| Some(taken.free(at.start, at.end)).filter(|free| *free > STAMPS.as_micros().min(length - 1)).unwrap_or(0);
        let free: i64 = nodes.iter().map(|node| taken.get(node).map_or(length, free)).fold(0, i64::saturating_add);
        let whole = length.saturating_mul(i64::try_from(nodes.len()).unwrap_or(i64::MAX)).max(1);
        if free == 0 {
            held.push(step.line);
        }
        energy += step.energy.share(free, whole);
        for node in nodes {
            taken.entry(node).or_default().add(at.start, at.end);
        }
    }
    order::sort(&mut held);
    (energy, held)
}

/// Of a job's nodes that have no names the `count` that have the most time left.
fn roomiest(taken: &BTreeMap<String, Spans>, at: &Placed, count: i64, of_job: i64) -> Vec<String> {
    let all = usize::try_from(of_job.max(count)).unwrap_or(1).clamp(1, MOST_NODES);
    let mut nodes: Vec<(i64, usize)> = (0..all)
        .map(|node| (-taken.get(&node.to_string()).map_or(at.end - at.start, |taken| taken.free(at.start, at.end)), node))
        .collect();
    order::sort(&mut nodes);
    nodes.into_iter().take(usize::try_from(count).unwrap_or(1).max(1)).map(|(_, node)| node.to_string()).collect()
}

/// Times that are taken, apart from each other.
#[derive(Debug, Default)]
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

/// The nodes of a list, `node[01-03,7],login1`.
fn names(list: Option<&str>) -> Vec<String> {
    let whole = list.unwrap_or("");
    let mut names = Vec::new();
    let mut depth = 0;
    let parts = whole.split(|c: char| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        c == ',' && depth == 0
    });
    for part in parts {
        match expanded(part) {
            Some(own) if names.len() + own.len() <= MOST_NODES => names.extend(own),
            _ => return Vec::from([whole.to_string()]),
        }
    }
    order::sort(&mut names);
    names.dedup();
    names
}

/// `node[01-03,7]-gpu`: one range of numbers, which keep their width. Nothing where it is more than that.
fn expanded(part: &str) -> Option<Vec<String>> {
    let Some((before, rest)) = part.split_once('[') else { return Some(Vec::from([part.to_string()])) };
    let (inside, after) = rest.split_once(']')?;
    if after.contains('[') {
        return None;
    }
    let mut names = Vec::new();
    for range in inside.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (from, to) = (first.parse::<usize>().ok()?, last.parse::<usize>().ok()?);
        let width = first.len();
        if to < from || to - from > MOST_NODES || names.len() > MOST_NODES || width > WIDEST || before.len() + after.len() > LONGEST_NAME {
            return None;
        }
        names.extend((from..=to).map(|number| format!("{before}{number:0width$}{after}")));
    }
    Some(names)
}
