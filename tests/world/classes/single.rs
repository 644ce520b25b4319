//! One recording, and what befalls it.

use super::draw::{GPU_NAMES, PERIODS, one, sampled, sampled_of};
use crate::logger::samplers::{Clock, Meter, Order, Sampler};
use crate::logger::{Logger, carbontracker, codecarbon, impact_tracker, nvidia_smi, perf_stat, powercap, recorder, table};
use crate::random::Random;
use crate::scene::{Fault, Load, Part, World};

/// A load that goes up and down as often as it is looked at: one device, whose readings look like those of two in turn.
pub fn swinging_load(random: &mut Random) -> World {
    let mut world = one(random, &nvidia_smi::LOGGER, &GPU_NAMES, &[1_000, 2_000, 10_000, 30_000]);
    world.logs[0].jitter = 0;
    let period = world.logs[0].period;
    for device in &mut world.nodes[0].devices {
        (device.load.half_wave, device.load.grain, device.load.low) = (period, 1_000, device.load.high / 3);
    }
    world
}

pub fn with_pue(mut world: World, pue: i64) -> World {
    world.logs.iter_mut().for_each(|log| log.pue = pue);
    world
}

/// A recording in any format, and a fault.
pub fn befallen(random: &mut Random, faults: fn(&mut Random) -> Vec<Fault>) -> World {
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
pub fn disordered(random: &mut Random, faults: fn(&mut Random) -> Vec<Fault>) -> World {
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

pub fn cut(random: &mut Random) -> World {
    let mut world = disordered(random, |_| Vec::new());
    world.logs[0].faults = vec![Fault::Cut(random.range(2, 5) as usize)];
    world
}

/// The logger ran, but wrote nothing for a while.
pub fn hole(random: &mut Random) -> World {
    // No counters that start again: how often they did in the hole, no log tells.
    let (logger, variant): (&'static Logger, usize) = *random.pick(&[
        (&nvidia_smi::LOGGER, nvidia_smi::INDEX),
        (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::UUID),
        (&table::LOGGER, table::POWER),
        (&recorder::LOGGER, recorder::NO_COUNTER),
    ]);
    let mut world = one(random, logger, &[variant], &PERIODS);
    if logger.name == recorder::LOGGER.name {
        world.logs[0].devices.retain(|device| world.nodes[0].devices[*device].part == Part::Gpu);
    }
    with_hole(world, random)
}

pub fn with_hole(mut world: World, random: &mut Random) -> World {
    let log = &mut world.logs[0];
    let session = &mut log.sessions[0];
    let at = session.from + (session.to - session.from) / 3 / log.period * log.period;
    let long = log.period.max(1_000) * random.range(40, 200);
    let long = long / log.period * log.period;
    session.to += long;
    session.hole = Some((at, at + long));
    world
}

/// The clock of the logger is set back in the middle of it.
pub fn clock_back(random: &mut Random) -> World {
    let world = one(random, &nvidia_smi::LOGGER, &[nvidia_smi::INDEX], &[1_000, 5_000]);
    with_clock_back(world, random)
}

fn with_clock_back(mut world: World, random: &mut Random) -> World {
    for device in &mut world.nodes[0].devices {
        device.load = Load::constant(device.load.high);
    }
    // It comes back into the time that was watched: else the rows are out of order, and whether a gap lies between is the gap rule's to say.
    let log = &world.logs[0];
    let half = (log.sessions[0].to - log.sessions[0].from) / 2_000 - 2 * log.period / 1_000;
    world.logs[0].faults = vec![Fault::ClockBack(random.range(20, 200).min(half.max(1)))];
    world
}

/// Rows that lost their second half are left out, but never out of sight.
pub fn torn(random: &mut Random) -> World {
    let (logger, variant): (&'static Logger, usize) = *random.pick(&[
        (&nvidia_smi::LOGGER, nvidia_smi::INDEX | nvidia_smi::NAME),
        (&table::LOGGER, table::POWER | table::ISO),
        (&powercap::LOGGER, 0),
        (&perf_stat::LOGGER, 0),
        (&impact_tracker::LOGGER, 0),
        (&recorder::LOGGER, 0),
    ]);
    let mut world = one(random, logger, &[variant], &[1_000, 10_000]);
    world.logs[0].faults = vec![Fault::Torn(random.next())];
    world
}

/// The same of any sampler.
pub fn sampled_torn(random: &mut Random) -> World {
    let mut world = sampled(random);
    world.logs[0].faults = vec![Fault::Torn(random.next())];
    world
}

/// Any sampler of a kind, and what befalls its log.
pub fn sampled_befallen(random: &mut Random, kind: fn(&Sampler) -> bool, faults: fn(&mut Random) -> Vec<Fault>) -> World {
    let mut world = sampled_of(random, kind, &[1_000, 2_000, 10_000, 60_000]);
    world.logs[0].faults = faults(random);
    world
}

/// A sampler that wrote nothing for a while.
pub fn sampled_hole(random: &mut Random) -> World {
    let world = sampled_of(random, is_of_stamped_power, &PERIODS[1..]);
    with_hole(world, random)
}

/// A sampler whose clock was set back.
pub fn sampled_clock_back(random: &mut Random) -> World {
    let world = sampled_of(random, is_of_stamped_power, &[1_000, 5_000]);
    with_clock_back(world, random)
}

fn is_of_stamped_power(sampler: &Sampler) -> bool {
    sampler.meter == Meter::Power && sampler.clock == Clock::Stamps && sampler.order != Order::Whole && sampler.repeats == 0
}

/// A backup of a log, made while it was written.
pub fn copied_halfway(random: &mut Random) -> World {
    let mut world = disordered(random, |_| Vec::new());
    world.logs[0].faults = vec![Fault::CopiedHalfway("backup/old.csv".into())];
    world
}
