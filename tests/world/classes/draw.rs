//! What every class draws: computers, times, a log.

use crate::logger::samplers::{self, Clock, Sampler, sampler};
use crate::logger::{Logger, nvidia_smi, table};
use crate::random::Random;
use crate::scene::{Log, Part, Session, Unrest, World, node};

pub const GPU_NAMES: [usize; 4] =
    [nvidia_smi::INDEX, nvidia_smi::INDEX | nvidia_smi::NAME, nvidia_smi::INDEX | nvidia_smi::UUID, nvidia_smi::UUID | nvidia_smi::NAME];
pub const SMI_PERIODS: [i64; 7] = [100, 500, 1_000, 2_000, 10_000, 30_000, 60_000];
pub const PERIODS: [i64; 5] = [200, 1_000, 2_000, 10_000, 60_000];
pub const HOUR: i64 = 3_600_000;

pub fn pick(random: &mut Random, from: &[&str]) -> String {
    (*random.pick(from)).into()
}

/// A whole second of 2026.
pub fn start(random: &mut Random) -> i64 {
    1_767_225_600_000 + random.range(0, 300 * 86_400) * 1_000
}

/// Nodes of one make without loggers.
pub fn scene(random: &mut Random, nodes: usize, unrest: Unrest) -> World {
    let gpus = random.range(1, 4) as usize;
    let nodes = (1..=nodes).map(|n| node(random, &format!("node{n}"), gpus, unrest)).collect();
    World { class: "", seed: 0, nodes, logs: Vec::new(), overhead_ppm: 0, change: None }
}

pub fn of_part(world: &World, node: usize, part: Part) -> Vec<usize> {
    world.nodes[node].devices.iter().enumerate().filter(|(_, d)| d.part == part).map(|(at, _)| at).collect()
}

/// The devices that a logger of this kind watches.
pub fn watches(world: &World, node: usize, logger: &'static Logger, variant: usize) -> Vec<usize> {
    let all = |parts: &[Part]| parts.iter().flat_map(|part| of_part(world, node, *part)).collect::<Vec<_>>();
    match logger.name {
        "nvidia_smi" | "carbontracker" => all(&[Part::Gpu]),
        "powercap" | "perf_stat" => all(&[Part::Cpu, Part::Memory]),
        "impact_tracker" => vec![of_part(world, node, Part::Gpu)[0], of_part(world, node, Part::Cpu)[0]],
        "table" if variant % table::ISO == table::POWER_AND_TOTAL => all(&[Part::Gpu]),
        "table" if variant % table::ISO == table::INTERVAL => all(&[Part::Gpu]),
        "slurm" => Vec::new(),
        "samplers" => {
            let sampler = sampler(variant);
            let most = if sampler.one_each { 1 } else { usize::MAX };
            sampler.watches.iter().flat_map(|part| of_part(world, node, *part).into_iter().take(most)).collect()
        }
        _ => all(&[Part::Gpu, Part::Cpu, Part::Memory]),
    }
}

pub fn file_name(logger: &Logger, variant: usize) -> &'static str {
    match logger.name {
        "samplers" => sampler(variant).path,
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
pub fn log(
    random: &mut Random,
    world: &World,
    node: usize,
    (logger, variant): (&'static Logger, usize),
    from: i64,
    period: i64,
    rows: i64,
) -> Log {
    let is_even = logger.name == "perf_stat" || logger.name == "samplers" && sampler(variant).clock == Clock::Even;
    let jitter = if is_even { 0 } else { period / 20 };
    let session = Session { from, to: from + period * rows, hole: None };
    Log {
        logger,
        path: file_name(logger, variant).into(),
        node,
        devices: watches(world, node, logger, variant),
        sessions: vec![session],
        period,
        jitter,
        variant,
        pue: 100,
        gains: Vec::new(),
        seed: random.next(),
        faults: Vec::new(),
    }
}

/// One of the samplers: the worlds of a class take turns, so that each sees its share.
pub fn any_sampler(random: &mut Random) -> usize {
    random.turn as usize % samplers::all().count()
}

/// One node and any sampler.
pub fn sampled(random: &mut Random) -> World {
    sampled_of(random, |_| true, &[1_000, 2_000, 10_000, 60_000])
}

/// One node and a sampler of a kind, which take turns.
pub fn sampled_of(random: &mut Random, kind: fn(&Sampler) -> bool, periods: &[i64]) -> World {
    let fitting: Vec<usize> = samplers::all().enumerate().filter(|(_, sampler)| kind(sampler)).map(|(number, _)| number).collect();
    let variant = fitting[random.turn as usize % fitting.len()];
    one(random, &samplers::LOGGER, &[variant], periods)
}

/// One node, one logger, one run.
pub fn one(random: &mut Random, logger: &'static Logger, variants: &[usize], periods: &[i64]) -> World {
    let mut world = scene(random, 1, Unrest::Some);
    let (variant, period) = (*random.pick(variants), *random.pick(periods));
    let (from, rows) = (start(random), random.range(12, 90));
    let log = log(random, &world, 0, (logger, variant), from, period, rows);
    world.logs.push(log);
    world
}
