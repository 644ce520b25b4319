//! Every logger of the world: each writes what it sees of its devices in the way of its tool, and tells what its text claims.
//!
//! A new format is a file here and a line in `LOGGERS`.

pub mod boamps;
pub mod carbontracker;
pub mod codecarbon;
pub mod codecarbon_json;
pub mod impact_tracker;
pub mod nvidia_smi;
pub mod perf_stat;
pub mod powercap;
pub mod recorder;
pub mod samplers;
pub mod slurm;
pub mod table;

use crate::scene::{Device, Log, Part, World};
use crate::truth::{Claim, Means, Stretch, union};

/// A way of logging.
#[derive(Debug)]
pub struct Logger {
    pub name: &'static str,
    pub write: fn(&World, usize) -> Written,
}

/// A row, and when it was written.
#[derive(Clone, Debug)]
pub struct Row {
    pub at: i64,
    pub text: String,
}

/// What one run of a logger writes.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub head: String,
    pub rows: Vec<Row>,
    pub foot: String,
    /// How many of its rows are readings, where not every one is, or one holds several.
    pub readings: Option<usize>,
}

/// What a logger leaves.
#[derive(Clone, Debug, Default)]
pub struct Written {
    pub sheets: Vec<Sheet>,
    pub claims: Vec<Claim>,
    /// Energy that stands in the log a second time (a total beside its parts), doubled pJ.
    pub repeated: i128,
}

/// Midnight of 1 January 2025.
const DRIVER_LOADED: i64 = 1_735_689_600_000;

/// An energy counter of a device, which all loggers see alike. While nobody watches its computer, it rises by a kilowatt, more than any device draws: a counter that is
/// read in two runs of a logger has risen by more than both of them show.
#[derive(Clone, Copy, Debug)]
pub struct Counter {
    /// µJ, and of what the log has shown, before any sensor's error.
    start: i64,
    since: i64,
}

impl Counter {
    /// As it stands at `at`, when a run of `log` begins.
    pub fn before(world: &World, log: &Log, device: &Device, at: i64) -> Self {
        Self::standing(world, log, at, 1_000_000, |from, to| device.load.energy(from, to))
    }

    /// The same of a device, or of the whole computer, which draws more than any of its devices.
    pub fn of(world: &World, log: &Log, device: Option<&Device>, at: i64) -> Self {
        match device {
            Some(device) => Self::before(world, log, device, at),
            None => Self::standing(world, log, at, 20_000_000, |from, to| node_energy(world, log, from, to)),
        }
    }

    fn standing(world: &World, log: &Log, at: i64, unwatched: i64, energy: impl Fn(i64, i64) -> i64) -> Self {
        let all = world.logs.iter().filter(|other| other.node == log.node).flat_map(|other| &other.sessions);
        let watched = union(all.map(|s| (s.from, s.to)).collect());
        let before = watched.iter().map(|(from, to)| (*from, (*to).min(at))).filter(|(from, to)| from < to);
        let (time, sum) = before.fold((0, 0), |(time, sum), (from, to)| (time + to - from, sum + energy(from, to)));
        Self { start: (at - DRIVER_LOADED - time).max(0) * unwatched + sum, since: 0 }
    }

    /// µJ at `at`, which follows `before`.
    pub fn at(&mut self, device: &Device, before: i64, at: i64, log: &Log) -> i64 {
        self.since += device.load.energy(before, at);
        self.start + log.seen(device.part, self.since)
    }

    /// The same of the whole computer.
    pub fn of_node(&mut self, world: &World, log: &Log, before: i64, at: i64) -> i64 {
        self.since += node_energy(world, log, before, at);
        self.start + log.seen(Part::Node, self.since)
    }
}

/// A claim of log `log` on the device that stands at `at` in its list.
pub fn claim(world: &World, log: usize, at: usize, means: Means, runs: Vec<Vec<Stretch>>) -> Claim {
    let own = &world.logs[log];
    let device = own.devices[at];
    Claim { log, node: own.node, part: world.nodes[own.node].devices[device].part, device, means, runs }
}

/// A claim of log `log` on its whole node.
pub fn node_claim(world: &World, log: usize, means: Means, runs: Vec<Vec<Stretch>>) -> Claim {
    Claim { log, node: world.logs[log].node, part: Part::Node, device: usize::MAX, means, runs }
}

/// An interval as long as this is a gap for a logger of this world: far above ten of its periods and five seconds, so that no rounding decides.
pub fn gap(log: &Log) -> i64 {
    (15 * log.period).max(8_000)
}

/// mW at the plug of a log's node.
pub fn node_power(world: &World, log: &Log, at: i64) -> i64 {
    with_rest(world, log, world.nodes[log.node].devices.iter().map(|d| d.load.power(at)).sum())
}

/// µJ at the plug of a log's node.
pub fn node_energy(world: &World, log: &Log, from: i64, to: i64) -> i64 {
    with_rest(world, log, world.nodes[log.node].devices.iter().map(|d| d.load.energy(from, to)).sum())
}

fn with_rest(world: &World, log: &Log, devices: i64) -> i64 {
    (i128::from(devices) * i128::from(1_000_000 + world.nodes[log.node].rest_ppm) / 1_000_000) as i64
}
