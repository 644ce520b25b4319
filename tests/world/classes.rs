//! The classes of worlds: what is in them, and which laws hold in each.
//!
//! A class draws everything that it leaves open: numbers of devices, loads, intervals, phases, lengths, names.

mod draw;
mod identity;
mod several;
mod sight;
mod single;

use crate::changes::Change;
use crate::check::Law;
use crate::logger::samplers::{Clock, Order, Sampler};
use crate::logger::{
    boamps, carbontracker, codecarbon, codecarbon_json, impact_tracker, nvidia_smi, perf_stat, powercap, recorder, slurm, table,
};
use crate::random::{Random, hash};
use crate::scene::{Fault, World};
use draw::{GPU_NAMES, PERIODS, SMI_PERIODS, one, pick, sampled};
use identity::{months_codecarbon, no_index, no_index_alike, nodes, nodes_codecarbon, nodes_late, recorders, two_names};
use several::{
    counter_dies, dead_logger, job_beside_gpus, job_beside_meter, mixture, mixture_beside, node_beside_part, one_by_one, other_intervals,
    processes, ranks, restarted, sampled_again, sensor_and_carbontracker, sensor_and_tracker, several_runs, short_runs, tracker_between,
    two_loggers, two_zones, undated_again, zones_apart,
};
use sight::{bursts, sight, wraps};
use single::{
    befallen, clock_back, copied_halfway, cut, disordered, hole, sampled_befallen, sampled_clock_back, sampled_hole, sampled_torn,
    swinging_load, torn, with_hole, with_pue,
};

/// A class of worlds.
pub struct Class {
    pub name: &'static str,
    pub laws: &'static [Law],
    make: fn(&mut Random) -> World,
    /// Whether each of its worlds is of another format.
    is_of_many: bool,
}

impl Class {
    /// How many worlds of this class there are for each of another one: shares, and formats, need more of them.
    pub fn weight(&self) -> usize {
        if self.is_of_many || self.laws.iter().any(|law| law.is_statistical()) { 8 } else { 1 }
    }
}

impl Class {
    /// The world of a seed.
    pub fn world(&self, seed: u64) -> World {
        let name = self.name.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut random = Random::new(hash(&[seed, name]));
        random.turn = seed;
        let mut world = (self.make)(&mut random);
        (world.class, world.seed) = (self.name, seed);
        world
    }
}

/// Where all that counts is certain.
const CERTAIN: &[Law] = &[Law::Exact, Law::Hull, Law::Conserved, Law::Decided, Law::Ceiling, Law::Measured, Law::Rows];
/// Where identity is open: the interval must hold the truth, whatever the value.
const OPEN: &[Law] = &[Law::Hull];
/// The same where logs do not say when they were made.
const UNDATED: &[Law] = &[Law::Hull, Law::Conserved, Law::Ceiling, Law::Measured, Law::Rows];
/// Where only the change of the files matters.
const SAME: &[Law] = &[Law::Same];
const SIGHT: &[Law] = &[Law::Sight];
/// The same where the log names what kind of machine it is of.
const SIGHT_OF_ALL: &[Law] = &[Law::Sight, Law::Machine, Law::Facility];
const BOUND: &[Law] = &[Law::Bound];

/// Logs that are the same in pieces, each with the head.
fn may_be_cut(sampler: &Sampler) -> bool {
    matches!(sampler.order, Order::Any | Order::Kept) && sampler.clock == Clock::Stamps && sampler.repeats == 0
}

/// Logs whose lines may stand twice and in any order.
fn may_be_disordered(sampler: &Sampler) -> bool {
    sampler.order == Order::Any && sampler.clock == Clock::Stamps && sampler.repeats == 0
}

type Make = fn(&mut Random) -> World;

/// Worlds of one file.
const SINGLE: &[Make] = &[
    |r| one(r, &nvidia_smi::LOGGER, &GPU_NAMES, &SMI_PERIODS),
    |r| one(r, &table::LOGGER, &[table::POWER, table::COUNTER | table::ISO, table::NODE], &PERIODS),
    |r| one(r, &powercap::LOGGER, &[0], &PERIODS),
    |r| several_runs(r, &codecarbon::LOGGER, &[codecarbon::V2_8, codecarbon::V3_3], Vec::new()),
    |r| several_runs(r, &slurm::LOGGER, &[0], Vec::new()),
];

/// Worlds of several files of one computer, in one folder.
const ONE_HOST: &[Make] =
    &[|r| restarted(r, vec![Fault::FileEach]), sensor_and_tracker, dead_logger, node_beside_part, job_beside_gpus, counter_dies];

/// Worlds of several folders in which not their names say who is who.
const TOLD_APART: &[Make] = &[
    |r| nodes(r, |node| format!("{node}/gpu.csv"), nvidia_smi::INDEX | nvidia_smi::UUID),
    |r| ranks(r, &codecarbon::LOGGER, codecarbon::V2_8),
    nodes_codecarbon,
    months_codecarbon,
];

/// Worlds of several folders.
const FOLDERS: &[Make] = &[
    |r| nodes(r, |node| format!("{node}/gpu.csv"), nvidia_smi::INDEX),
    |r| nodes(r, |node| format!("{node}/gpu.csv"), nvidia_smi::INDEX | nvidia_smi::UUID),
    |r| ranks(r, &codecarbon::LOGGER, codecarbon::V2_8),
    nodes_codecarbon,
    months_codecarbon,
];

fn changed(random: &mut Random, makes: &[Make], change: Change) -> World {
    let mut world = random.pick(makes)(random);
    world.change = Some(change);
    world
}

const fn class(name: &'static str, laws: &'static [Law], make: fn(&mut Random) -> World) -> Class {
    Class { name, laws, make, is_of_many: false }
}

const fn of_many(name: &'static str, laws: &'static [Law], make: fn(&mut Random) -> World) -> Class {
    Class { name, laws, make, is_of_many: true }
}

pub const CLASSES: &[Class] = &[
    // One recording of each device.
    class("nvidia-smi", CERTAIN, |r| one(r, &nvidia_smi::LOGGER, &GPU_NAMES, &SMI_PERIODS)),
    class("table-power", CERTAIN, |r| one(r, &table::LOGGER, &[table::POWER, table::POWER | table::ISO], &PERIODS)),
    class("table-counter", CERTAIN, |r| one(r, &table::LOGGER, &[table::COUNTER, table::COUNTER | table::ISO], &PERIODS)),
    class("table-interval", CERTAIN, |r| one(r, &table::LOGGER, &[table::INTERVAL], &PERIODS)),
    class("table-total-beside-parts", CERTAIN, |r| one(r, &table::LOGGER, &[table::POWER_AND_TOTAL], &PERIODS)),
    class("table-node", CERTAIN, |r| one(r, &table::LOGGER, &[table::NODE], &PERIODS)),
    class("table-node-and-parts", CERTAIN, |r| one(r, &table::LOGGER, &[table::NODE_AND_PARTS], &PERIODS)),
    class("powercap", CERTAIN, |r| one(r, &powercap::LOGGER, &[0], &PERIODS)),
    class("perf-stat", CERTAIN, |r| one(r, &perf_stat::LOGGER, &[0], &[1_000, 2_000, 10_000])),
    class("recorder", CERTAIN, |r| one(r, &recorder::LOGGER, &[0, recorder::NO_COUNTER], &[500, 1_000, 5_000])),
    class("impact-tracker", CERTAIN, |r| one(r, &impact_tracker::LOGGER, &[0], &[10_000, 11_000])),
    class("codecarbon", CERTAIN, |r| one(r, &codecarbon::LOGGER, &[codecarbon::V2_5, codecarbon::V2_8, codecarbon::V3_3], &[15_000])),
    class("codecarbon-pue", CERTAIN, |r| with_pue(one(r, &codecarbon::LOGGER, &[codecarbon::V3_3], &[15_000]), 130)),
    class("codecarbon-json", CERTAIN, |r| one(r, &codecarbon_json::LOGGER, &[codecarbon_json::LINES, codecarbon_json::LIST], &[15_000])),
    class("boamps", OPEN, |r| with_pue(one(r, &boamps::LOGGER, &[0], &[15_000]), 100)),
    class("boamps-pue", OPEN, |r| with_pue(one(r, &boamps::LOGGER, &[0], &[15_000]), 140)),
    class("carbontracker", CERTAIN, |r| one(r, &carbontracker::LOGGER, &[0], &[20_000, 60_000])),
    of_many("samplers", CERTAIN, sampled),
    of_many("samplers-again", CERTAIN, sampled_again),
    class("undated-again", UNDATED, undated_again),
    of_many("zones-apart", OPEN, zones_apart),
    of_many("samplers-copied", CERTAIN, |r| {
        let faults = |r: &mut Random| vec![r.pick(&[Fault::Copied("old/backup.txt".into()), Fault::PackedBeside, Fault::Packed]).clone()];
        sampled_befallen(r, |s| s.repeats == 0 && s.order != Order::Named, faults)
    }),
    of_many("samplers-cut", CERTAIN, |r| sampled_befallen(r, may_be_cut, |r| vec![Fault::Cut(r.range(2, 4) as usize)])),
    of_many("samplers-doubled", CERTAIN, |r| sampled_befallen(r, may_be_disordered, |_| vec![Fault::Doubled])),
    of_many("samplers-shuffled", CERTAIN, |r| sampled_befallen(r, may_be_disordered, |r| vec![Fault::Shuffled(r.next())])),
    of_many("samplers-hole", CERTAIN, sampled_hole),
    of_many("samplers-clock-back", CERTAIN, sampled_clock_back),
    of_many("samplers-torn", &[Law::Ceiling], sampled_torn),
    class("slurm", CERTAIN, |r| one(r, &slurm::LOGGER, &[0], &[60_000])),
    class("swinging-load", CERTAIN, swinging_load),
    // One recording, with what befalls it.
    class("copied", CERTAIN, |r| befallen(r, |r| vec![Fault::Copied(pick(r, &["copy/a.log", "old.csv", "b/c/backup"]))])),
    class("packed-beside", CERTAIN, |r| befallen(r, |_| vec![Fault::PackedBeside])),
    class("packed", CERTAIN, |r| befallen(r, |_| vec![Fault::Packed])),
    class("cut", CERTAIN, cut),
    class("doubled", CERTAIN, |r| disordered(r, |_| vec![Fault::Doubled])),
    class("shuffled", CERTAIN, |r| disordered(r, |r| vec![Fault::Shuffled(r.next())])),
    class("hole", CERTAIN, hole),
    // Several recordings of one device.
    class("restart-header", CERTAIN, |r| restarted(r, vec![Fault::HeaderAgain])),
    class("restart-files", CERTAIN, |r| restarted(r, vec![Fault::FileEach])),
    class("recorder-twice", CERTAIN, |r| several_runs(r, &recorder::LOGGER, &[0], vec![Fault::FileEach])),
    class("powercap-twice", CERTAIN, |r| several_runs(r, &powercap::LOGGER, &[0], vec![Fault::FileEach])),
    class("counter-twice", CERTAIN, |r| several_runs(r, &table::LOGGER, &[table::COUNTER], vec![Fault::FileEach])),
    class("codecarbon-runs", CERTAIN, |r| several_runs(r, &codecarbon::LOGGER, &[codecarbon::V2_5, codecarbon::V3_3], Vec::new())),
    class("codecarbon-totals-so-far", CERTAIN, |r| {
        several_runs(r, &codecarbon::LOGGER, &[codecarbon::V3_3 | codecarbon::FLUSH], Vec::new())
    }),
    class("codecarbon-id-again", CERTAIN, |r| several_runs(r, &codecarbon::LOGGER, &[codecarbon::V2_8 | codecarbon::ONE_ID], Vec::new())),
    class("codecarbon-short-runs", CERTAIN, short_runs),
    class("slurm-attempts", CERTAIN, |r| several_runs(r, &slurm::LOGGER, &[slurm::ATTEMPTS], Vec::new())),
    class("other-intervals", CERTAIN, other_intervals),
    // Several loggers of one device.
    class("two-loggers", CERTAIN, two_loggers),
    class("ranks-nvidia-smi", CERTAIN, |r| ranks(r, &nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::UUID)),
    class("ranks-by-index", OPEN, |r| ranks(r, &nvidia_smi::LOGGER, nvidia_smi::INDEX)),
    class("ranks-codecarbon", CERTAIN, |r| ranks(r, &codecarbon::LOGGER, codecarbon::V2_8)),
    class("ranks-codecarbon-apart", OPEN, |r| one_by_one(ranks(r, &codecarbon::LOGGER, codecarbon::V3_3))),
    class("sensor-and-tracker", CERTAIN, sensor_and_tracker),
    class("sensor-and-carbontracker", CERTAIN, sensor_and_carbontracker),
    class("processes", CERTAIN, processes),
    class("dead-logger", CERTAIN, dead_logger),
    class("tracker-between", CERTAIN, tracker_between),
    class("node-beside-part", CERTAIN, node_beside_part),
    class("job-beside-gpus", CERTAIN, job_beside_gpus),
    class("job-beside-meter", CERTAIN, job_beside_meter),
    class("counter-dies", CERTAIN, counter_dies),
    // Who is who.
    class("no-index", CERTAIN, no_index),
    class("no-index-alike", OPEN, no_index_alike),
    class("names-joined", CERTAIN, |r| two_names(r, true)),
    class("names-open", OPEN, |r| two_names(r, false)),
    class("recorders", CERTAIN, recorders),
    class("nodes-by-folder", CERTAIN, |r| nodes(r, |node| format!("{node}/gpu.csv"), nvidia_smi::INDEX)),
    class("nodes-by-uuid", CERTAIN, |r| nodes(r, |node| format!("gpu-{node}.csv"), nvidia_smi::INDEX | nvidia_smi::UUID)),
    class("nodes-by-file", OPEN, |r| nodes(r, |node| format!("{node}.csv"), nvidia_smi::INDEX)),
    class("nodes-in-one-file", OPEN, |r| nodes(r, |_| String::from("gpu.csv"), nvidia_smi::INDEX)),
    class("nodes-in-one-file-late", OPEN, nodes_late),
    class("nodes-in-rank-folders", OPEN, |r| {
        nodes(r, |node| format!("rank{}/gpu.csv", node.trim_start_matches("node")), nvidia_smi::INDEX)
    }),
    class("nodes-codecarbon", CERTAIN, nodes_codecarbon),
    class("months-codecarbon", CERTAIN, months_codecarbon),
    class("clock-back", CERTAIN, clock_back),
    // What can be seen of it.
    class("sight-gpu-dense", SIGHT, |r| sight(r, &nvidia_smi::LOGGER, nvidia_smi::INDEX, &[100, 500, 1_000])),
    class("sight-gpu-sparse", SIGHT, |r| sight(r, &nvidia_smi::LOGGER, nvidia_smi::INDEX, &[10_000, 30_000, 60_000])),
    class("sight-gpu-counter", SIGHT, |r| sight(r, &table::LOGGER, table::COUNTER, &[1_000, 10_000])),
    class("sight-gpu-names", SIGHT_OF_ALL, |r| sight(r, &nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::NAME, &[1_000, 5_000])),
    class("sight-recorder", SIGHT, |r| sight(r, &recorder::LOGGER, 0, &[1_000, 5_000])),
    class("sight-codecarbon", SIGHT, |r| sight(r, &codecarbon::LOGGER, codecarbon::V2_8, &[15_000])),
    class("sight-scheduler", SIGHT, |r| sight(r, &slurm::LOGGER, 0, &[60_000])),
    class("sight-node", SIGHT, |r| sight(r, &table::LOGGER, table::NODE, &[1_000, 10_000])),
    class("sight-rapl", SIGHT, |r| sight(r, &powercap::LOGGER, 0, &[1_000, 10_000])),
    class("sight-bursts", SIGHT, bursts),
    class("sight-holes", BOUND, |r| {
        let world = sight(r, &nvidia_smi::LOGGER, nvidia_smi::INDEX, &[1_000, 5_000]);
        with_hole(world, r)
    }),
    class("sight-wraps", BOUND, wraps),
    // What is done to files, and must change nothing.
    class("same-copied", SAME, |r| changed(r, SINGLE, Change::Copy)),
    class("same-packed", SAME, |r| changed(r, SINGLE, Change::PackedCopy)),
    class("same-cut", SAME, |r| changed(r, SINGLE, Change::Cut)),
    class("same-shuffled", SAME, |r| changed(r, SINGLE, Change::Shuffled)),
    class("same-each-file", SAME, |r| changed(r, ONE_HOST, Change::EachFile)),
    class("same-deeper", SAME, |r| changed(r, FOLDERS, Change::Deeper)),
    class("same-each-folder", SAME, |r| changed(r, FOLDERS, Change::EachFolder)),
    class("same-renamed", SAME, |r| changed(r, TOLD_APART, Change::Renamed)),
    // Rows.
    class("torn", &[Law::Rows, Law::Ceiling], torn),
    class("copied-halfway", &[Law::Exact, Law::Hull, Law::Ceiling, Law::Measured], copied_halfway),
    // All of it.
    class("mixture-beside", &[Law::Hull, Law::Conserved], mixture_beside),
    class("mixture", &[Law::Hull, Law::Conserved, Law::Ceiling], mixture),
    // On two clocks.
    class("two-zones", CERTAIN, two_zones),
];
