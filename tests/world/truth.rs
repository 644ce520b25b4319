//! What the logs of a world hold, worked out apart from the program: from the same figures that the loggers printed, by long hand.
//!
//! A logger tells, beside the text that it writes, what that text claims: this device, these stretches of time, this energy. The rules of who counts
//! are written here once more, as short as can be:
//!
//! * of one device, at each moment, the best claim counts: counter, interval energies, power, a counter in coarse steps, a tracker's sensor, its model;
//! * a whole (a node's meter, a job) holds the claims on its parts, at the times that both cover;
//! * nothing is bridged between two runs of a logger, and an interval far above its logger's usual one is a gap.
//!
//! Energies are doubled picojoules in `i128`: a trapezoid of whole mW and ms is a whole number of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scene::{Part, World};

/// By what an energy is known; the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    Counter,
    Interval,
    Power,
    /// A counter that is printed in steps of more than a twentieth of what it counted.
    CoarseCounter,
    TrackerSensor,
    Tracker,
}

/// Energy over a stretch of time. From `first` to `last` the power changes evenly.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    pub from: i64,
    pub to: i64,
    first: i64,
    last: i64,
    twice: i128,
}

/// Doubled pJ in a µJ.
const UJ: i128 = 2_000_000;

impl Stretch {
    /// Between two readings of power, mW.
    pub fn trapezoid(from: i64, to: i64, first: i64, last: i64) -> Self {
        Self { from, to, first, last, twice: i128::from(first + last) * i128::from(to - from) * UJ / 2 }
    }

    /// An energy in µJ, spread evenly.
    pub fn even(from: i64, to: i64, energy: i64) -> Self {
        Self { from, to, first: 1, last: 1, twice: i128::from(energy) * UJ }
    }

    pub fn twice(&self) -> i128 {
        self.twice
    }

    /// Doubled pJ between two instants.
    fn inside(&self, from: i64, to: i64) -> i128 {
        let (a, b) = (from.max(self.from), to.min(self.to));
        if b <= a {
            return 0;
        }
        if (a, b) == (self.from, self.to) {
            return self.twice;
        }
        let (span, sum) = (i128::from(self.to - self.from), i128::from(self.first + self.last));
        // The mean of a straight line between a and b, over that of the whole.
        let line = 2 * i128::from(self.first) * span + i128::from(self.last - self.first) * i128::from((a - self.from) + (b - self.from));
        if sum == 0 { 0 } else { self.twice * i128::from(b - a) * line / (span * span * sum) }
    }
}

/// What one log says of one device.
#[derive(Clone, Debug)]
pub struct Claim {
    pub log: usize,
    pub node: usize,
    pub part: Part,
    pub device: usize,
    pub means: Means,
    /// By run of the logger.
    pub runs: Vec<Vec<Stretch>>,
}

impl Claim {
    /// Power readings, one run after the other: trapezoids between neighbours, without the gaps.
    pub fn of_power(runs: Vec<Vec<(i64, i64)>>, gap: i64) -> Vec<Vec<Stretch>> {
        let stretches = |run: &Vec<(i64, i64)>| {
            // A clock that was set back tells a while twice: it is one while.
            let mut run = run.clone();
            run.sort_unstable();
            let pairs = run.windows(2).filter(|pair| pair[1].0 - pair[0].0 < gap);
            pairs.map(|pair| Stretch::trapezoid(pair[0].0, pair[1].0, pair[0].1, pair[1].1)).collect()
        };
        runs.iter().map(stretches).collect()
    }

    /// Readings of a counter, µJ: differences, whatever lies between them.
    pub fn of_counter(runs: &[Vec<(i64, i64)>]) -> Vec<Vec<Stretch>> {
        let stretches = |run: &Vec<(i64, i64)>| run.windows(2).map(|p| Stretch::even(p[0].0, p[1].0, p[1].1 - p[0].1)).collect();
        runs.iter().map(stretches).collect()
    }

    fn stretches(&self) -> impl Iterator<Item = &Stretch> {
        self.runs.iter().flatten()
    }

    pub fn twice(&self) -> i128 {
        self.stretches().map(|s| s.twice).sum()
    }

    /// First and last moment of each run.
    pub fn spans(&self) -> Vec<(i64, i64)> {
        self.runs.iter().filter_map(|run| Some((run.iter().map(|s| s.from).min()?, run.iter().map(|s| s.to).max()?))).collect()
    }

    fn outside(&self, taken: &[(i64, i64)]) -> i128 {
        self.twice() - taken.iter().map(|(from, to)| self.stretches().map(|s| s.inside(*from, *to)).sum::<i128>()).sum::<i128>()
    }
}

/// Why energy that a log claims is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A file is a copy.
    Copy,
    /// Two instruments, or two loggers, of one device.
    SameDevice,
    /// A sensor watched what a tracker tells.
    Tracker,
    /// Two trackers told of one machine.
    Trackers,
    /// A whole holds its parts.
    Whole,
}

/// What the logs of a world come to.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// Energy that counts, doubled pJ.
    pub total: i128,
    /// By how much it may be otherwise: where two loggers of like rank watch one device, either may count; where claims are cut, the program cuts on a
    /// grid. 0 where nothing of the kind is in the world.
    pub slack: i128,
    /// Sum of all that the logs claim.
    pub plain: i128,
    /// What counts of loggers with a sensor.
    pub sensed: i128,
    /// What is left out, by reason.
    pub left_out: BTreeMap<Why, i128>,
}

/// Joins intervals that touch or overlap.
pub fn union(mut spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    spans.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (from, to) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// Who counts. `copies` is how many further times each log's bytes lie there.
pub fn settle(world: &World, claims: &[Claim], copies: &[usize]) -> Truth {
    let mut truth = Truth::default();
    let mut by_device: BTreeMap<(usize, Part, usize), Vec<&Claim>> = BTreeMap::new();
    for claim in claims {
        truth.plain += claim.twice() * (1 + copies[claim.log] as i128);
        *truth.left_out.entry(Why::Copy).or_default() += claim.twice() * copies[claim.log] as i128;
        by_device.entry((claim.node, claim.part, claim.device)).or_default().push(claim);
    }
    // Time that a node's meter watched, with what counts inside it.
    let wholes: BTreeMap<usize, Vec<(i64, i64)>> = claims
        .iter()
        .filter(|claim| claim.part == Part::Node)
        .fold(BTreeMap::new(), |mut all: BTreeMap<usize, Vec<(i64, i64)>>, claim| {
            all.entry(claim.node).or_default().extend(claim.stretches().map(|s| (s.from, s.to)));
            all
        })
        .into_iter()
        .map(|(node, spans)| (node, union(spans)))
        .collect();
    for ((node, part, _), mut claims) in by_device {
        // The better instrument, then the one that looks more often.
        claims.sort_by_key(|claim| (claim.means, world.logs[claim.log].period, claim.log));
        let mut taken: Vec<(i64, i64)> = Vec::new();
        let mut counted: Vec<&Claim> = Vec::new();
        for claim in claims {
            let own = claim.twice();
            let kept = claim.outside(&taken);
            if kept < own {
                let best = counted.iter().filter(|c| c.spans().iter().any(|a| claim.spans().iter().any(|b| a.0 < b.1 && b.0 < a.1)));
                let why = best.map(|c| why(c.means, claim.means)).next().unwrap_or(Why::SameDevice);
                *truth.left_out.entry(why).or_default() += own - kept;
                truth.slack += slack(world, claim, &counted, own - kept);
            }
            if part != Part::Node
                && let Some(whole) = wholes.get(&node)
            {
                // Of the whole, what is left without this part counts: its own joules fall out.
                let held = counted_inside(claim, whole, &taken);
                *truth.left_out.entry(Why::Whole).or_default() += held;
                truth.total -= held;
                truth.sensed -= if claim.means <= Means::TrackerSensor { held } else { 0 };
                if held != 0 && held != own {
                    truth.slack += grid(world, claim);
                }
            }
            truth.total += kept;
            truth.sensed += if claim.means <= Means::TrackerSensor { kept } else { 0 };
            taken.extend(claim.stretches().map(|s| (s.from, s.to)));
            taken = union(taken);
            counted.push(claim);
        }
    }
    truth.left_out.retain(|_, twice| *twice != 0);
    truth
}

fn why(best: Means, other: Means) -> Why {
    match (best < Means::TrackerSensor, other < Means::TrackerSensor) {
        (_, true) => Why::SameDevice,
        (true, false) => Why::Tracker,
        (false, false) => Why::Trackers,
    }
}

/// What of a claim counts inside a whole's time and outside of what is taken.
fn counted_inside(claim: &Claim, whole: &[(i64, i64)], taken: &[(i64, i64)]) -> i128 {
    let inside =
        |spans: &[(i64, i64)]| -> i128 { spans.iter().map(|(a, b)| claim.stretches().map(|s| s.inside(*a, *b)).sum::<i128>()).sum() };
    let both: Vec<(i64, i64)> =
        whole.iter().flat_map(|w| taken.iter().map(|t| (w.0.max(t.0), w.1.min(t.1)))).filter(|(a, b)| a < b).collect();
    inside(whole) - inside(&both)
}

/// Two loggers of one device show it at other moments: the figure may be either's. A cut may fall a step of the grid to either side.
fn slack(world: &World, claim: &Claim, counted: &[&Claim], left: i128) -> i128 {
    let like = counted.iter().filter(|c| c.means == claim.means).map(|c| (c.twice() - c.outside(&claim.spans()) - left).abs()).max();
    like.unwrap_or(0) + if left == claim.twice() { 0 } else { grid(world, claim) }
}

/// Energy at a device's highest power over one step of the program's grid of time and one period of the logger, at each end of each run.
fn grid(world: &World, claim: &Claim) -> i128 {
    let log = &world.logs[claim.log];
    let most: i64 = match claim.part {
        Part::Node => world.nodes[claim.node].devices.iter().map(|d| d.load.most()).sum::<i64>() * 2,
        _ => world.nodes[claim.node].devices[claim.device].load.most(),
    };
    let span = claim.spans().iter().map(|(a, b)| b - a).sum::<i64>();
    let own = if claim.means < Means::TrackerSensor { log.period } else { 0 };
    let step = (span / 1_500).max(1_000) + own;
    i128::from(most) * i128::from(step) * UJ * 2 * claim.runs.len() as i128
}
