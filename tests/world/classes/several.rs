//! Several recordings, several loggers.

use super::draw::{GPU_NAMES, HOUR, SMI_PERIODS, any_sampler, file_name, log, of_part, one, sampled, sampled_of, scene, start};
use crate::check::NO_ZONE;
use crate::logger::samplers::{Again, Clock, Order, Sampler, sampler};
use crate::logger::{Logger, carbontracker, codecarbon, nvidia_smi, powercap, recorder, samplers, slurm, table};
use crate::random::Random;
use crate::scene::{Fault, Part, Session, Unrest, World};

/// More runs of the only logger, hours or days apart, none beside another.
pub fn more_runs(random: &mut Random, world: &mut World) {
    for _ in 0..random.range(1, 3) {
        let log = &mut world.logs[0];
        let last = log.sessions[log.sessions.len() - 1];
        let pause = random.range(1_800, 40 * 3_600) * 1_000;
        let length = last.to - last.from;
        log.sessions.push(Session { from: last.to + pause, to: last.to + pause + length, hole: None });
    }
}

pub fn restarted(random: &mut Random, faults: Vec<Fault>) -> World {
    let variant = *random.pick(&GPU_NAMES);
    let mut world = one(random, &nvidia_smi::LOGGER, &[variant], &SMI_PERIODS);
    more_runs(random, &mut world);
    world.logs[0].faults = faults;
    world
}

pub fn several_runs(random: &mut Random, logger: &'static Logger, variants: &[usize], faults: Vec<Fault>) -> World {
    let mut world = one(random, logger, variants, &[1_000, 5_000]);
    more_runs(random, &mut world);
    world.logs[0].faults = faults;
    world
}

/// A sampler that was started again.
pub fn sampled_again(random: &mut Random) -> World {
    let variant = any_sampler(random);
    let faults = match sampler(variant).again {
        Again::Behind if random.chance(50) => Vec::new(),
        Again::Behind | Again::WithHead => vec![Fault::HeaderAgain],
        Again::FileEach => vec![Fault::FileEach],
        Again::Never => return sampled(random),
    };
    let mut world = several_runs(random, &samplers::LOGGER, &[variant], faults);
    let log = &mut world.logs[0];
    for at in 1..log.sessions.len() {
        let (earlier, rest) = log.sessions.split_at_mut(at);
        let is_on_clock = |to: &Session| earlier.iter().any(|from| is_zone_apart(from.from, to.from));
        for _ in 0..earlier.len() + 1 {
            if is_on_clock(&rest[0]) {
                rest.iter_mut().for_each(|session| (session.from, session.to) = (session.from + ZONES / 3, session.to + ZONES / 3));
            }
        }
    }
    if sampler(variant).clock == Clock::OfDay {
        // Of two runs at one time of day nothing says that they were on two days: the second may be a copy of the first.
        const DAY: i64 = 24 * HOUR;
        let later = |a: i64, b: i64| (b - a).rem_euclid(DAY);
        let meet = |a: &Session, b: &Session| later(a.from, b.from) <= a.to - a.from || later(b.from, a.from) <= b.to - b.from;
        let alone = (1..log.sessions.len()).find(|at| log.sessions[..*at].iter().any(|earlier| meet(earlier, &log.sessions[*at])));
        log.sessions.truncate(alone.unwrap_or(log.sessions.len()));
    }
    if counts_from_its_start(sampler(variant)) && log.devices.len() == 1 {
        // Of one device alone, see `undated_again`.
        log.sessions.truncate(1);
        log.faults.clear();
    }
    world
}

/// Zones differ by whole quarters of an hour, ms.
const ZONES: i64 = HOUR / 4;

/// Whether two runs may be one that was stamped on two clocks. Where stamps have no zone, whether they are one or two is open, see `zones_apart`.
fn is_zone_apart(from: i64, to: i64) -> bool {
    (to - from + ZONES / 6).rem_euclid(ZONES) < ZONES / 3
}

/// Runs of one sampler that begin whole hours apart: where the log names no zone, they may be one that was stamped on two clocks.
pub fn zones_apart(random: &mut Random) -> World {
    let mut world = sampled_of(random, |s| s.clock == Clock::Stamps && s.again == Again::FileEach, &[1_000, 5_000]);
    let log = &mut world.logs[0];
    let (first, later) = (log.sessions[0], random.range(1, 13) * HOUR + random.range(0, 30) * 1_000);
    log.sessions.push(Session { from: first.from + later, to: first.to + later, hole: None });
    log.faults = vec![Fault::FileEach];
    world
}

/// Whether each run leaves a file whose times count from its own start.
fn counts_from_its_start(sampler: &Sampler) -> bool {
    (sampler.clock, sampler.again) == (Clock::Lengths, Again::FileEach)
}

/// Runs of one device that begin at 0 each: no log says when they were. Where their readings lie as close together as two looks at one device do, they may be
/// one run that two loggers watched, or two, so that the value is open. Of several devices, one that differs shows that they are two.
pub fn undated_again(random: &mut Random) -> World {
    let mut world = sampled_of(random, counts_from_its_start, &[1_000, 5_000]);
    more_runs(random, &mut world);
    world.logs[0].devices.truncate(1);
    world.logs[0].faults = vec![Fault::FileEach];
    world
}

/// Runs of one card days apart, each looked at as often as somebody thought fit.
pub fn other_intervals(random: &mut Random) -> World {
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

pub fn two_loggers(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::Some);
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

/// Two runs hours apart, one logged in local time without a zone and one in UTC: of unlike lengths, so that no zone makes one of them.
pub fn two_zones(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::Some);
    let (from, rows) = (start(random), random.range(40, 80));
    let events = samplers::all().position(|sampler| sampler.format == "wandb_events").expect("W&B's events");
    let mut local = log(random, &world, 0, (&nvidia_smi::LOGGER, nvidia_smi::INDEX), from, 15_000, rows);
    local.path = format!("{NO_ZONE}/first/gpu.csv");
    let pause = random.range(3 * 3_600, 13 * 3_600) * 1_000;
    let rows = random.range(2, 4) * rows;
    let mut in_utc = log(random, &world, 0, (&samplers::LOGGER, events), local.sessions[0].to + pause, 15_000, rows);
    in_utc.path = format!("{NO_ZONE}/second/wandb-events.jsonl");
    world.logs.extend([local, in_utc]);
    world
}

/// Each rank of a job logs the whole node.
pub fn ranks(random: &mut Random, logger: &'static Logger, variant: usize) -> World {
    // Trackers of one while tell the same; two looks at an unsteady sensor do not.
    let unrest = if logger.name == codecarbon::LOGGER.name { Unrest::None } else { Unrest::Some };
    let mut world = scene(random, 1, unrest);
    let (from, rows) = (start(random), random.range(120, 160));
    let folders = random.chance(50);
    for rank in 0..random.range(2, 8) {
        let mut one = log(random, &world, 0, (logger, variant), from, 10_000, rows);
        let name = file_name(logger, variant);
        one.path = if folders { format!("rank{rank}/{name}") } else { format!("rank{rank}-{name}") };
        world.logs.push(one);
    }
    world
}

/// Ranks begin a little after one another.
pub fn one_by_one(mut world: World) -> World {
    for (rank, log) in world.logs.iter_mut().enumerate() {
        log.sessions[0].from += rank as i64 * 3_000;
    }
    world
}

pub fn sensor_and_tracker(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let from = start(random);
    let sensor = log(random, &world, 0, (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::NAME), from, 1_000, 120);
    let tracker = log(random, &world, 0, (&codecarbon::LOGGER, codecarbon::V2_8), from + 10_000, 10_000, 10);
    world.logs = vec![sensor, tracker];
    world
}

/// carbontracker tells the same GPUs, with a constant PUE that is no building's.
pub fn sensor_and_carbontracker(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let from = start(random);
    let tracker = log(random, &world, 0, (&carbontracker::LOGGER, 0), from, 60_000, 10);
    let rows = random.range(60, 400);
    let sensor = log(random, &world, 0, (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::UUID), from + 60_000, 1_000, rows);
    world.logs = vec![sensor, tracker];
    world
}

/// Processes of one computer that CodeCarbon watches one by one: shares of the processor and the memory add up, each tells the GPUs whole.
pub fn processes(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let (from, rows) = (start(random), random.range(20, 60));
    let gpus = of_part(&world, 0, Part::Gpu);
    let (cpu, memory) = (of_part(&world, 0, Part::Cpu)[0], of_part(&world, 0, Part::Memory)[0]);
    for process in 0..random.range(2, 4) as usize {
        let mut shares = vec![cpu, memory];
        if process > 0 {
            // Each process has a part of the processor that is its own.
            let node = &mut world.nodes[0];
            for share in &mut shares {
                let mut device = node.devices[*share].clone();
                (device.index, device.load.low, device.load.high) = (process, device.load.low / 2, device.load.high / 2);
                *share = node.devices.len();
                node.devices.push(device);
            }
        }
        let mut one = log(random, &world, 0, (&codecarbon::LOGGER, codecarbon::V3_3 | codecarbon::PROCESS), from, 15_000, rows);
        one.devices = gpus.iter().copied().chain(shares).collect();
        one.path = format!("emissions-{process}.csv");
        world.logs.push(one);
    }
    world
}

/// Decorated functions that take less than a second, one after the other; stamps tell whole seconds.
pub fn short_runs(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::Some);
    let mut at = start(random);
    let layout = *random.pick(&[codecarbon::V2_8, codecarbon::V3_3]);
    let mut one = log(random, &world, 0, (&codecarbon::LOGGER, layout), at, 15_000, 1);
    one.sessions.clear();
    for _ in 0..random.range(4, 12) {
        let length = random.range(100, 900);
        one.sessions.push(Session { from: at, to: at + length, hole: None });
        at += length + random.range(1, 50);
    }
    world.logs.push(one);
    world
}

/// The sensor's logger died early; the tracker saw all.
pub fn dead_logger(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let from = start(random);
    let sensor = log(random, &world, 0, (&nvidia_smi::LOGGER, nvidia_smi::INDEX), from, 10_000, 60);
    let rows = random.range(120, 300);
    let tracker = log(random, &world, 0, (&codecarbon::LOGGER, codecarbon::V2_8), from, 10_000, rows);
    world.logs = vec![sensor, tracker];
    world
}

/// Counters on Monday and on Wednesday, a tracker on Tuesday.
pub fn tracker_between(random: &mut Random) -> World {
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
pub fn node_beside_part(random: &mut Random) -> World {
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

pub fn job_beside_gpus(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let from = start(random);
    let job = log(random, &world, 0, (&slurm::LOGGER, 0), from, 60_000, 30);
    let rows = random.range(60, 170);
    let gpus = log(random, &world, 0, (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::UUID), from + 60_000, 10_000, rows);
    world.logs = vec![job, gpus];
    world
}

/// A job's energy by the node's own sensor, and a meter of the node, which no log but the job's names.
pub fn job_beside_meter(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let from = start(random);
    let rows = random.range(60, 160);
    let meter = log(random, &world, 0, (&table::LOGGER, table::NODE), from + 60_000, 10_000, rows);
    let job = log(random, &world, 0, (&slurm::LOGGER, 0), from, 60_000, 30);
    world.logs = vec![meter, job];
    world
}

/// A counter for a while, and power all the time.
pub fn counter_dies(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::Some);
    let from = start(random);
    let rows = random.range(60, 200);
    let mut counter = log(random, &world, 0, (&table::LOGGER, table::COUNTER), from, 1_000, rows);
    counter.devices = of_part(&world, 0, Part::Gpu);
    let power = log(random, &world, 0, (&nvidia_smi::LOGGER, nvidia_smi::INDEX), from, 1_000, 400);
    world.logs = vec![counter, power];
    world
}

/// Anything beside anything, on its own node and at its own time.
pub fn mixture(random: &mut Random) -> World {
    let count = random.range(2, 4) as usize;
    let mut world = scene(random, count, Unrest::Some);
    for number in 0..count {
        for at in 0..random.range(1, 2) {
            let any = any_sampler(random);
            let (logger, variant): (&'static Logger, usize) = *random.pick(&[
                (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::UUID),
                (&table::LOGGER, table::POWER),
                (&table::LOGGER, table::COUNTER),
                (&powercap::LOGGER, 0),
                (&codecarbon::LOGGER, codecarbon::V2_8),
                (&recorder::LOGGER, 0),
                (&samplers::LOGGER, any),
            ]);
            let (from, period, rows) = (start(random), *random.pick(&[1_000, 5_000]), random.range(20, 60));
            let mut one = log(random, &world, number, (logger, variant), from, period, rows);
            // A log that says nothing of itself keeps its name.
            let is_named = logger.name == samplers::LOGGER.name && sampler(variant).order == Order::Named;
            let name = format!("{at}{}{}", if is_named { "/" } else { "-" }, file_name(logger, variant));
            one.path = format!("{}/{name}", world.nodes[number].name);
            one.faults = match random.range(0, 4) {
                0 => vec![Fault::Copied(format!("{}/copy/{name}", world.nodes[number].name))],
                1 => vec![Fault::PackedBeside],
                _ => Vec::new(),
            };
            world.logs.push(one);
        }
    }
    world
}

/// Several loggers of one computer at about the same time.
pub fn mixture_beside(random: &mut Random) -> World {
    let mut world = scene(random, 1, Unrest::None);
    let from = start(random);
    let mut left: Vec<(&'static Logger, usize)> = vec![
        (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::UUID),
        (&table::LOGGER, table::NODE),
        (&powercap::LOGGER, 0),
        (&codecarbon::LOGGER, codecarbon::V2_8),
        (&recorder::LOGGER, 0),
        (&carbontracker::LOGGER, 0),
        (&slurm::LOGGER, 0),
    ];
    for at in 0..random.range(2, 4) {
        let (logger, variant) = left.swap_remove(random.range(0, left.len() as i64 - 1) as usize);
        let (later, rows) = (random.range(0, 60) * 5_000, random.range(30, 90));
        let mut one = log(random, &world, 0, (logger, variant), from + later, 10_000, rows);
        one.path = format!("{at}-{}", file_name(logger, variant));
        world.logs.push(one);
    }
    world
}
