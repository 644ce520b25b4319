//! The classes of worlds: what is in them, and which laws hold in each.
//!
//! A class draws everything that it leaves open: numbers of devices, loads, intervals, phases, lengths, names.

use crate::check::Law;
use crate::logger::{
    Logger, boamps, carbontracker, codecarbon, codecarbon_json, impact_tracker, nvidia_smi, perf_stat, powercap, recorder, slurm, table,
};
use crate::random::{Random, hash};
use crate::scene::{Fault, Log, Part, Session, Unrest, World, node};

/// A class of worlds.
pub struct Class {
    pub name: &'static str,
    pub laws: &'static [Law],
    make: fn(&mut Random) -> World,
}

impl Class {
    /// How many worlds of this class there are for each of another one: shares need more of them than certainties.
    pub fn weight(&self) -> usize {
        if self.laws.iter().any(|law| law.is_statistical()) { 5 } else { 1 }
    }
}

impl Class {
    /// The world of a seed.
    pub fn world(&self, seed: u64) -> World {
        let name = self.name.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut world = (self.make)(&mut Random::new(hash(&[seed, name])));
        (world.class, world.seed) = (self.name, seed);
        world
    }
}

/// Where all that counts is certain.
const CERTAIN: &[Law] = &[Law::Exact, Law::Hull, Law::Conserved, Law::Decided, Law::Ceiling];
/// Where identity is open: the interval must hold the truth, whatever the value.
const OPEN: &[Law] = &[Law::Hull];
const SIGHT: &[Law] = &[Law::Sight, Law::Machine];
const BOUND: &[Law] = &[Law::Bound, Law::Machine];

const fn class(name: &'static str, laws: &'static [Law], make: fn(&mut Random) -> World) -> Class {
    Class { name, laws, make }
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
    class("slurm-attempts", CERTAIN, |r| several_runs(r, &slurm::LOGGER, &[slurm::ATTEMPTS], Vec::new())),
    class("other-intervals", CERTAIN, other_intervals),
    // Several loggers of one device.
    class("two-loggers", CERTAIN, two_loggers),
    class("ranks-nvidia-smi", CERTAIN, |r| ranks(r, &nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::UUID)),
    class("ranks-by-index", OPEN, |r| ranks(r, &nvidia_smi::LOGGER, nvidia_smi::INDEX)),
    class("ranks-codecarbon", CERTAIN, |r| ranks(r, &codecarbon::LOGGER, codecarbon::V2_8)),
    class("ranks-codecarbon-apart", OPEN, |r| one_by_one(ranks(r, &codecarbon::LOGGER, codecarbon::V3_3))),
    class("sensor-and-tracker", CERTAIN, sensor_and_tracker),
    class("dead-logger", CERTAIN, dead_logger),
    class("tracker-between", CERTAIN, tracker_between),
    class("node-beside-part", CERTAIN, node_beside_part),
    class("job-beside-gpus", CERTAIN, job_beside_gpus),
    class("counter-dies", CERTAIN, counter_dies),
    // Who is who.
    class("no-index", CERTAIN, no_index),
    class("no-index-alike", OPEN, no_index_alike),
    class("nodes-by-folder", CERTAIN, |r| nodes(r, |node| format!("{node}/gpu.csv"), nvidia_smi::INDEX)),
    class("nodes-by-uuid", CERTAIN, |r| nodes(r, |node| format!("gpu-{node}.csv"), nvidia_smi::INDEX | nvidia_smi::UUID)),
    class("nodes-by-file", OPEN, |r| nodes(r, |node| format!("{node}.csv"), nvidia_smi::INDEX)),
    class("nodes-in-one-file", OPEN, |r| nodes(r, |_| String::from("gpu.csv"), nvidia_smi::INDEX)),
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
    class("sight-rapl", &[Law::Sight], |r| sight(r, &powercap::LOGGER, 0, &[1_000, 10_000])),
    class("sight-bursts", SIGHT, bursts),
    class("sight-holes", BOUND, |r| {
        let world = sight(r, &nvidia_smi::LOGGER, nvidia_smi::INDEX, &[1_000, 5_000]);
        with_hole(world, r)
    }),
    class("sight-wraps", &[Law::Bound], wraps),
    // All of it.
    class("mixture", &[Law::Hull, Law::Conserved, Law::Ceiling], mixture),
];

const GPU_NAMES: [usize; 4] =
    [nvidia_smi::INDEX, nvidia_smi::INDEX | nvidia_smi::NAME, nvidia_smi::INDEX | nvidia_smi::UUID, nvidia_smi::UUID | nvidia_smi::NAME];
const SMI_PERIODS: [i64; 7] = [100, 500, 1_000, 2_000, 10_000, 30_000, 60_000];
const PERIODS: [i64; 5] = [200, 1_000, 2_000, 10_000, 60_000];
const HOUR: i64 = 3_600_000;

fn pick(random: &mut Random, from: &[&str]) -> String {
    (*random.pick(from)).into()
}

/// A whole second of 2026.
fn start(random: &mut Random) -> i64 {
    1_767_225_600_000 + random.range(0, 300 * 86_400) * 1_000
}

/// Nodes of one make without loggers.
fn scene(random: &mut Random, nodes: usize, unrest: Unrest) -> World {
    let gpus = random.range(1, 4) as usize;
    let nodes = (1..=nodes).map(|n| node(random, &format!("node{n}"), gpus, unrest)).collect();
    World { class: "", seed: 0, nodes, logs: Vec::new() }
}

fn of_part(world: &World, node: usize, part: Part) -> Vec<usize> {
    world.nodes[node].devices.iter().enumerate().filter(|(_, d)| d.part == part).map(|(at, _)| at).collect()
}

/// The devices that a logger of this kind watches.
fn watches(world: &World, node: usize, logger: &'static Logger, variant: usize) -> Vec<usize> {
    let all = |parts: &[Part]| parts.iter().flat_map(|part| of_part(world, node, *part)).collect::<Vec<_>>();
    match logger.name {
        "nvidia_smi" | "carbontracker" => all(&[Part::Gpu]),
        "powercap" | "perf_stat" => all(&[Part::Cpu, Part::Memory]),
        "impact_tracker" => vec![of_part(world, node, Part::Gpu)[0], of_part(world, node, Part::Cpu)[0]],
        "table" if variant % table::ISO == table::POWER_AND_TOTAL => all(&[Part::Gpu]),
        "table" if variant % table::ISO == table::INTERVAL => all(&[Part::Gpu]),
        "slurm" => Vec::new(),
        _ => all(&[Part::Gpu, Part::Cpu, Part::Memory]),
    }
}

fn file_name(logger: &Logger) -> &'static str {
    match logger.name {
        "recorder" => "run.jsonl",
        "codecarbon" => "emissions.csv",
        "codecarbon_json" => "emissions.json",
        "boamps" => "boamps_report.json",
        "carbontracker" => "1234_carbontracker.log",
        "slurm" => "jobs.psv",
        "impact_tracker" => "data.json",
        "perf_stat" => "perf.csv",
        "powercap" => "rapl.csv",
        "nvidia_smi" => "gpu.csv",
        _ => "power.csv",
    }
}

/// A log of one run of `rows` periods, by a logger that writes one of its layouts.
fn log(
    random: &mut Random,
    world: &World,
    node: usize,
    (logger, variant): (&'static Logger, usize),
    from: i64,
    period: i64,
    rows: i64,
) -> Log {
    let jitter = if logger.name == "perf_stat" { 0 } else { period / 20 };
    let session = Session { from, to: from + period * rows, hole: None };
    Log {
        logger,
        path: file_name(logger).into(),
        node,
        devices: watches(world, node, logger, variant),
        sessions: vec![session],
        period,
        jitter,
        variant,
        pue: 100,
        gain: 0,
        seed: random.next(),
        faults: Vec::new(),
    }
}

/// One node, one logger, one run.
fn one(random: &mut Random, logger: &'static Logger, variants: &[usize], periods: &[i64]) -> World {
    let mut world = scene(random, 1, Unrest::Some);
    let (variant, period) = (*random.pick(variants), *random.pick(periods));
    let (from, rows) = (start(random), random.range(12, 90));
    let log = log(random, &world, 0, (logger, variant), from, period, rows);
    world.logs.push(log);
    world
}

/// A load that goes up and down as often as it is looked at: one device, whose readings look like those of two in turn.
fn swinging_load(random: &mut Random) -> World {
    let mut world = one(random, &nvidia_smi::LOGGER, &GPU_NAMES, &[1_000, 2_000, 10_000, 30_000]);
    world.logs[0].jitter = 0;
    let period = world.logs[0].period;
    for device in &mut world.nodes[0].devices {
        (device.load.half_wave, device.load.grain, device.load.low) = (period, 1_000, device.load.high / 3);
    }
    world
}

fn with_pue(mut world: World, pue: i64) -> World {
    world.logs.iter_mut().for_each(|log| log.pue = pue);
    world
}

/// A recording in any format, and a fault.
fn befallen(random: &mut Random, faults: fn(&mut Random) -> Vec<Fault>) -> World {
    let (logger, variant): (&'static Logger, usize) = *random.pick(&[
        (&nvidia_smi::LOGGER, nvidia_smi::INDEX),
        (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::UUID),
        (&table::LOGGER, table::POWER),
        (&table::LOGGER, table::COUNTER),
        (&powercap::LOGGER, 0),
        (&codecarbon::LOGGER, codecarbon::V2_8),
        (&carbontracker::LOGGER, 0),
        (&recorder::LOGGER, 0),
    ]);
    let period = if logger.name == "carbontracker" { 20_000 } else { 1_000 };
    let mut world = one(random, logger, &[variant], &[period]);
    world.logs[0].faults = faults(random);
    world
}

/// A table, whose rows may stand in any order or twice.
fn disordered(random: &mut Random, faults: fn(&mut Random) -> Vec<Fault>) -> World {
    let (logger, variant): (&'static Logger, usize) = *random.pick(&[
        (&nvidia_smi::LOGGER, nvidia_smi::INDEX),
        (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::UUID),
        (&table::LOGGER, table::POWER),
        (&table::LOGGER, table::COUNTER),
        (&powercap::LOGGER, 0),
    ]);
    let mut world = one(random, logger, &[variant], &PERIODS);
    world.logs[0].faults = faults(random);
    world
}

fn cut(random: &mut Random) -> World {
    let mut world = disordered(random, |_| Vec::new());
    world.logs[0].faults = vec![Fault::Cut(random.range(2, 5) as usize)];
    world
}

/// The logger ran, but wrote nothing for a while.
fn hole(random: &mut Random) -> World {
    let world = disordered(random, |_| Vec::new());
    with_hole(world, random)
}

fn with_hole(mut world: World, random: &mut Random) -> World {
    let log = &mut world.logs[0];
    let session = &mut log.sessions[0];
    let at = session.from + (session.to - session.from) / 3 / log.period * log.period;
    let long = log.period.max(1_000) * random.range(40, 200);
    let long = long / log.period * log.period;
    session.to += long;
    session.hole = Some((at, at + long));
    world
}

/// More runs of the only logger, hours or days apart, none beside another.
fn more_runs(random: &mut Random, world: &mut World) {
    for _ in 0..random.range(1, 3) {
        let log = &mut world.logs[0];
        let last = log.sessions[log.sessions.len() - 1];
        let pause = random.range(1_800, 40 * 3_600) * 1_000;
        let length = last.to - last.from;
        log.sessions.push(Session { from: last.to + pause, to: last.to + pause + length, hole: None });
    }
}

fn restarted(random: &mut Random, faults: Vec<Fault>) -> World {
    let variant = *random.pick(&GPU_NAMES);
    let mut world = one(random, &nvidia_smi::LOGGER, &[variant], &SMI_PERIODS);
    more_runs(random, &mut world);
    world.logs[0].faults = faults;
    world
}

fn several_runs(random: &mut Random, logger: &'static Logger, variants: &[usize], faults: Vec<Fault>) -> World {
    let mut world = one(random, logger, variants, &[1_000, 5_000]);
    more_runs(random, &mut world);
    world.logs[0].faults = faults;
    world
}

/// Runs of one card days apart, each looked at as often as somebody thought fit.
fn other_intervals(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::Some);
    let mut from = start(random);
    let names = *random.pick(&GPU_NAMES);
    for number in 0..random.range(2, 4) {
        let (period, rows) = (*random.pick(&[500, 1_000, 10_000, 30_000]), random.range(20, 80));
        let mut one = log(random, &world, 0, (&nvidia_smi::LOGGER, names), from, period, rows);
        one.path = format!("run{number}.csv");
        from = one.sessions[0].to + random.range(2, 72) * HOUR;
        world.logs.push(one);
    }
    world
}

fn two_loggers(random: &mut Random) -> World {
    let unrest = if random.chance(50) { Unrest::None } else { Unrest::Some };
    let mut world = scene(random, 1, unrest);
    let (from, period) = (start(random), *random.pick(&[1_000, 10_000, 60_000]));
    for number in 0..2 {
        let phase = random.range(20, period / 2);
        let rows = random.range(40, 60);
        let mut one = log(random, &world, 0, (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::UUID), from + phase, period, rows);
        one.path = format!("gpu{number}.csv");
        world.logs.push(one);
    }
    world
}

/// Each rank of a job logs the whole node.
fn ranks(random: &mut Random, logger: &'static Logger, variant: usize) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let (from, rows) = (start(random), random.range(120, 160));
    let folders = random.chance(50);
    for rank in 0..random.range(2, 8) {
        let mut one = log(random, &world, 0, (logger, variant), from, 10_000, rows);
        one.path = if folders { format!("rank{rank}/{}", file_name(logger)) } else { format!("rank{rank}-{}", file_name(logger)) };
        world.logs.push(one);
    }
    world
}

/// Ranks begin a little after one another.
fn one_by_one(mut world: World) -> World {
    for (rank, log) in world.logs.iter_mut().enumerate() {
        log.sessions[0].from += rank as i64 * 3_000;
    }
    world
}

fn sensor_and_tracker(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let from = start(random);
    let sensor = log(random, &world, 0, (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::NAME), from, 1_000, 120);
    let tracker = log(random, &world, 0, (&codecarbon::LOGGER, codecarbon::V2_8), from + 10_000, 10_000, 10);
    world.logs = vec![sensor, tracker];
    world
}

/// The sensor's logger died early; the tracker saw all.
fn dead_logger(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let from = start(random);
    let sensor = log(random, &world, 0, (&nvidia_smi::LOGGER, nvidia_smi::INDEX), from, 10_000, 60);
    let rows = random.range(120, 300);
    let tracker = log(random, &world, 0, (&codecarbon::LOGGER, codecarbon::V2_8), from, 10_000, rows);
    world.logs = vec![sensor, tracker];
    world
}

/// Counters on Monday and on Wednesday, a tracker on Tuesday.
fn tracker_between(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let from = start(random);
    let mut sensor = log(random, &world, 0, (&powercap::LOGGER, 0), from, 10_000, 60);
    sensor.sessions.push(Session { from: from + 48 * HOUR, to: from + 48 * HOUR + 600_000, hole: None });
    sensor.faults = vec![Fault::FileEach];
    let tracker = log(random, &world, 0, (&codecarbon::LOGGER, codecarbon::V2_8), from + 24 * HOUR, 10_000, 60);
    world.logs = vec![sensor, tracker];
    world
}

/// A meter of the node for long, a processor's power beside it for a while.
fn node_beside_part(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let from = start(random);
    let meter = log(random, &world, 0, (&table::LOGGER, table::NODE), from, 10_000, 200);
    let rows = random.range(12, 100);
    let mut part = log(random, &world, 0, (&table::LOGGER, table::POWER), from + 600_000, 1_000, rows);
    part.devices = of_part(&world, 0, Part::Cpu);
    part.path = "cpu.csv".into();
    world.logs = vec![meter, part];
    world
}

fn job_beside_gpus(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let from = start(random);
    let job = log(random, &world, 0, (&slurm::LOGGER, 0), from, 60_000, 30);
    let rows = random.range(60, 170);
    let gpus = log(random, &world, 0, (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::UUID), from + 60_000, 10_000, rows);
    world.logs = vec![job, gpus];
    world
}

/// A counter for a while, and power all the time.
fn counter_dies(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let from = start(random);
    let rows = random.range(60, 200);
    let mut counter = log(random, &world, 0, (&table::LOGGER, table::COUNTER), from, 1_000, rows);
    counter.devices = of_part(&world, 0, Part::Gpu);
    let power = log(random, &world, 0, (&nvidia_smi::LOGGER, nvidia_smi::INDEX), from, 1_000, 400);
    world.logs = vec![counter, power];
    world
}

/// Rows without a name of the device, told apart by their place in the round.
fn no_index(random: &mut Random) -> World {
    let mut world = one(random, &nvidia_smi::LOGGER, &[0, nvidia_smi::NAME], &[500, 1_000, 5_000]);
    let gpus = *random.pick(&[2, 4, 8]);
    world.nodes[0] = node(random, "node1", gpus, Unrest::Some);
    world.logs[0].devices = of_part(&world, 0, Part::Gpu);
    world.logs[0].jitter = 0;
    world
}

/// The same, where a row is lost now and then.
fn no_index_alike(random: &mut Random) -> World {
    let mut world = no_index(random);
    world.logs[0].jitter = world.logs[0].period / 3;
    world
}

/// Nodes of one make at work on one job, each with a log of its own.
fn nodes(random: &mut Random, path: fn(&str) -> String, names: usize) -> World {
    let count = random.range(2, 4) as usize;
    let mut world = scene(random, count, Unrest::Some);
    let like = random.chance(50);
    let (from, period, rows) = (start(random), *random.pick(&[1_000, 10_000]), random.range(30, 60));
    for number in 0..count {
        if like {
            // The same work: the same power, but for the noise.
            let first = world.nodes[0].devices.clone();
            for (own, first) in world.nodes[number].devices.iter_mut().zip(first) {
                (own.load.low, own.load.high, own.load.half_wave) = (first.load.low, first.load.high, first.load.half_wave);
            }
        }
        let phase = random.range(50, period / 2);
        let mut one = log(random, &world, number, (&nvidia_smi::LOGGER, names), from + phase, period, rows);
        one.path = path(&world.nodes[number].name);
        one.jitter = 0;
        world.logs.push(one);
    }
    world
}

fn nodes_codecarbon(random: &mut Random) -> World {
    let mut world = scene(random, 2, Unrest::None);
    let (from, rows) = (start(random), random.range(30, 60));
    let root = pick(random, &["", "jan/", "runs/a/"]);
    for number in 0..2 {
        let mut one = log(random, &world, number, (&codecarbon::LOGGER, codecarbon::V2_8), from + number as i64 * 30_000, 15_000, rows);
        one.path = format!("{root}{}/emissions.csv", world.nodes[number].name);
        world.logs.push(one);
    }
    world
}

/// The same in another month besides: which folder names the node does not depend on what lies beside it.
fn months_codecarbon(random: &mut Random) -> World {
    let mut world = scene(random, 2, Unrest::None);
    let (from, rows) = (start(random), random.range(30, 60));
    for (number, folder, later) in [(0, "jan/node1", 0), (1, "jan/node2", 30_000), (0, "feb/node1", 700 * HOUR)] {
        let mut one = log(random, &world, number, (&codecarbon::LOGGER, codecarbon::V2_8), from + later, 15_000, rows);
        one.path = format!("{folder}/emissions.csv");
        world.logs.push(one);
    }
    world
}

/// The clock of the logger is set back in the middle of it.
fn clock_back(random: &mut Random) -> World {
    let mut world = one(random, &nvidia_smi::LOGGER, &[nvidia_smi::INDEX], &[1_000, 5_000]);
    for device in &mut world.nodes[0].devices {
        device.load = crate::scene::Load::constant(device.load.high);
    }
    world.logs[0].faults = vec![Fault::ClockBack(random.range(20, 200))];
    world
}

/// One logger whose sensors are off as its kind may be.
fn sight(random: &mut Random, logger: &'static Logger, variant: usize, periods: &[i64]) -> World {
    let mut world = one(random, logger, &[variant], periods);
    if logger.name == "table" {
        world.logs[0].devices = of_part(&world, 0, Part::Gpu);
    }
    let (low, high) = crate::instruments::half_widths(logger.name, variant);
    // A sensor shows the true value over the factor by which the truth may differ from it.
    world.logs[0].gain = ((1.0 / random.factor(low, high) - 1.0) * 1e6).round() as i64;
    if !world.watched(&world.logs[0]).any(|device| device.part != Part::Gpu) {
        // Beside its accelerators, the machine draws what such machines draw: the row `host_share` of data/tables/power_model.csv.
        let share = 0.35 * random.factor(0.10 / 0.35, 0.80 / 0.35);
        world.nodes[0].rest_ppm = (share * 1e6) as i64;
        world.nodes[0].devices.retain(|device| device.part == Part::Gpu);
    }
    world
}

/// What a device draws for a moment between two looks at it.
fn bursts(random: &mut Random) -> World {
    let mut world = sight(random, &nvidia_smi::LOGGER, nvidia_smi::INDEX, &[2_000, 5_000, 10_000]);
    for device in &mut world.nodes[0].devices {
        device.load.half_wave = random.range(300, 3_000);
        device.load.grain = 100;
        device.load.low = device.load.high / 3;
    }
    world
}

/// A counter that starts again between two readings, maybe more than once.
fn wraps(random: &mut Random) -> World {
    let mut world = one(random, &powercap::LOGGER, &[0], &[600_000, 1_800_000]);
    let log = &mut world.logs[0];
    log.sessions[0].to = log.sessions[0].from + log.period * random.range(6, 12);
    world
}

/// Anything beside anything, on its own node and at its own time.
fn mixture(random: &mut Random) -> World {
    let count = random.range(2, 4) as usize;
    let mut world = scene(random, count, Unrest::Some);
    for number in 0..count {
        for at in 0..random.range(1, 2) {
            let (logger, variant): (&'static Logger, usize) = *random.pick(&[
                (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::UUID),
                (&table::LOGGER, table::POWER),
                (&table::LOGGER, table::COUNTER),
                (&powercap::LOGGER, 0),
                (&codecarbon::LOGGER, codecarbon::V2_8),
                (&recorder::LOGGER, 0),
            ]);
            let (from, period, rows) = (start(random), *random.pick(&[1_000, 5_000]), random.range(20, 60));
            let mut one = log(random, &world, number, (logger, variant), from, period, rows);
            one.path = format!("{}/{at}-{}", world.nodes[number].name, file_name(logger));
            one.faults = match random.range(0, 4) {
                0 => vec![Fault::Copied(format!("{}/copy-of-{at}", world.nodes[number].name))],
                1 => vec![Fault::PackedBeside],
                _ => Vec::new(),
            };
            world.logs.push(one);
        }
    }
    world
}
