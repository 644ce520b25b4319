//! What can be seen of a device, by sensors that are off.

use std::collections::BTreeMap;

use super::draw::{of_part, one};
use crate::instruments;
use crate::logger::{Logger, nvidia_smi, powercap, table};
use crate::random::Random;
use crate::scene::{Load, Part, World};

/// One logger whose sensors are off as its kind may be.
pub fn sight(random: &mut Random, logger: &'static Logger, variant: usize, periods: &[i64]) -> World {
    let mut world = one(random, logger, &[variant], periods);
    if logger.name == "table" {
        let gpus = of_part(&world, 0, Part::Gpu);
        world.logs[0].devices = if variant == table::NODE { Vec::new() } else { gpus };
    }
    let watched = world.watched(&world.logs[0]).map(|device| (device.part, device.model));
    let parts: BTreeMap<Part, &str> = watched.chain([(Part::Node, "")]).collect();
    for (part, model) in parts {
        if part == Part::Node && !world.logs[0].devices.is_empty() {
            continue;
        }
        let (low, high) = instruments::ends(logger, variant, part, model);
        // A sensor shows the true value over the factor by which the truth may differ from it; devices of one kind are off alike.
        let gain = ((1.0 / random.factor(low, high) - 1.0) * 1e6).round() as i64;
        world.logs[0].gains.push((part, gain));
    }
    let gpus_alone = world.watched(&world.logs[0]).all(|device| device.part == Part::Gpu);
    if gpus_alone && !world.logs[0].devices.is_empty() {
        surround(random, &mut world);
    }
    world
}

/// Beside its accelerators, a machine draws what such machines draw, and its building what such buildings do.
fn surround(random: &mut Random, world: &mut World) {
    let mut drawn = |part: &str| {
        let (value, low, high) = instruments::rest("accelerator_server", part).unwrap_or((0.1, 0.03, 0.3));
        value * random.factor(low / value, high / value)
    };
    let (processor, memory, other) = (drawn("processor"), drawn("memory"), drawn("other"));
    (world.nodes[0].rest_ppm, world.overhead_ppm) = ((drawn("supply") * 1e6) as i64, (drawn("facility") * 1e6) as i64);
    let devices = &mut world.nodes[0].devices;
    let rated: i64 = devices.iter().filter(|device| device.part == Part::Gpu).map(|device| device.rated * 1_000).sum();
    for device in devices {
        let share = match device.part {
            Part::Cpu => processor,
            Part::Memory => memory + other,
            _ => continue,
        };
        device.load = Load::constant((share * rated as f64) as i64);
    }
}

/// What a device draws for a moment between two looks at it.
pub fn bursts(random: &mut Random) -> World {
    let mut world = sight(random, &nvidia_smi::LOGGER, nvidia_smi::INDEX, &[2_000, 5_000, 10_000]);
    for device in world.nodes[0].devices.iter_mut().filter(|device| device.part == Part::Gpu) {
        device.load.half_wave = random.range(300, 3_000);
        device.load.grain = 100;
        device.load.low = device.load.high / 3;
    }
    world
}

/// A counter that starts again between two readings, maybe more than once.
pub fn wraps(random: &mut Random) -> World {
    let mut world = one(random, &powercap::LOGGER, &[0], &[600_000, 1_800_000]);
    let log = &mut world.logs[0];
    log.sessions[0].to = log.sessions[0].from + log.period * random.range(6, 12);
    world
}
