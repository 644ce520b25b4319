//! What can be seen of a device, by sensors that are off.

use super::draw::{of_part, one};
use crate::logger::{Logger, nvidia_smi, powercap};
use crate::random::Random;
use crate::scene::{Part, World};

/// One logger whose sensors are off as its kind may be.
pub fn sight(random: &mut Random, logger: &'static Logger, variant: usize, periods: &[i64]) -> World {
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
pub fn bursts(random: &mut Random) -> World {
    let mut world = sight(random, &nvidia_smi::LOGGER, nvidia_smi::INDEX, &[2_000, 5_000, 10_000]);
    for device in &mut world.nodes[0].devices {
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
