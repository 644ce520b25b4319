//! Who is who.

use super::draw::{HOUR, log, of_part, one, pick, scene, start};
use crate::logger::{codecarbon, nvidia_smi, recorder};
use crate::random::Random;
use crate::scene::{Part, Unrest, World, node};

/// Rows without a name of the device, told apart by their place in the round.
pub fn no_index(random: &mut Random) -> World {
    let mut world = one(random, &nvidia_smi::LOGGER, &[0, nvidia_smi::NAME], &[500, 1_000, 5_000]);
    let gpus = *random.pick(&[2, 4, 8]);
    world.nodes[0] = node(random, "node1", gpus, Unrest::Some);
    world.logs[0].devices = of_part(&world, 0, Part::Gpu);
    world.logs[0].jitter = 0;
    world
}

/// The same, where a row is lost now and then.
pub fn no_index_alike(random: &mut Random) -> World {
    let mut world = no_index(random);
    world.logs[0].jitter = world.logs[0].period / 3;
    world
}

/// Nodes of one make at work on one job, each with a log of its own.
pub fn nodes(random: &mut Random, path: fn(&str) -> String, names: usize) -> World {
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

/// Nodes of one job that write into one file, each later than the one before.
pub fn nodes_late(random: &mut Random) -> World {
    let names = *random.pick(&[0, nvidia_smi::INDEX]);
    let mut world = nodes(random, |_| String::from("gpu.csv"), names);
    let mut later = 0;
    for one in &mut world.logs {
        one.sessions.iter_mut().for_each(|session| (session.from, session.to) = (session.from + later, session.to + later));
        let rows: i64 = one.sessions.iter().map(|session| (session.to - session.from) / one.period).sum();
        // They meet: of nodes that follow each other nothing tells that they are two.
        later += random.range(5, rows / 2) * one.period;
    }
    world
}

pub fn nodes_codecarbon(random: &mut Random) -> World {
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
pub fn months_codecarbon(random: &mut Random) -> World {
    let mut world = scene(random, 2, Unrest::None);
    let (from, rows) = (start(random), random.range(30, 60));
    for (number, folder, later) in [(0, "jan/node1", 0), (1, "jan/node2", 30_000), (0, "feb/node1", 700 * HOUR)] {
        let mut one = log(random, &world, number, (&codecarbon::LOGGER, codecarbon::V2_8), from + later, 15_000, rows);
        one.path = format!("{folder}/emissions.csv");
        world.logs.push(one);
    }
    world
}

/// One logger knows the GPUs by number, another by uuid, at the same time; a third, at another time, may know both names.
pub fn two_names(random: &mut Random, joined: bool) -> World {
    let mut world = scene(random, 1, Unrest::Some);
    let (from, rows) = (start(random), random.range(60, 120));
    for (number, names, later) in
        [(0, nvidia_smi::INDEX, 0), (1, nvidia_smi::UUID, 400), (2, nvidia_smi::INDEX | nvidia_smi::UUID, 20 * HOUR)]
    {
        if number == 2 && !joined {
            continue;
        }
        let mut one = log(random, &world, 0, (&nvidia_smi::LOGGER, names), from + later, 1_000, rows);
        one.path = format!("gpu{number}.csv");
        world.logs.push(one);
    }
    world
}

/// Our own recorder on several computers: each names its host.
pub fn recorders(random: &mut Random) -> World {
    let count = random.range(2, 3) as usize;
    let mut world = scene(random, count, Unrest::Some);
    let (from, rows) = (start(random), random.range(20, 60));
    for number in 0..count {
        let mut one = log(random, &world, number, (&recorder::LOGGER, 0), from + number as i64 * 700, 1_000, rows);
        one.path = format!("run-{number}.jsonl");
        world.logs.push(one);
    }
    world
}
