//! Home-made tables. The variant says what the columns hold and how the time is written.

use super::{Counter, Logger, Row, Sheet, Written, claim, gap, node_claim, node_power};
use crate::scene::{Device, Part, World};
use crate::stamps::{decimal, epoch, iso_utc};
use crate::truth::{Claim, Means, Stretch};

pub static LOGGER: Logger = Logger { name: "table", write };

/// W of each device.
pub const POWER: usize = 0;
/// Cumulative energy of each device: mJ of GPUs, µJ of others.
pub const COUNTER: usize = 1;
/// J of each device since the row before; the first row's interval is as long as the others'.
pub const INTERVAL: usize = 2;
/// W of each GPU, and of all of them in a column more.
pub const POWER_AND_TOTAL: usize = 3;
/// W of the node.
pub const NODE: usize = 4;
/// W of the node and of each device.
pub const NODE_AND_PARTS: usize = 5;
/// Added to any of them: stamps as RFC 3339, not as seconds since 1970.
pub const ISO: usize = 8;

fn name(device: &Device) -> String {
    match device.part {
        Part::Gpu => format!("gpu{}", device.index),
        Part::Cpu => String::from("cpu"),
        Part::Memory => String::from("dram"),
        Part::Node => String::from("node"),
    }
}

fn write(world: &World, number: usize) -> Written {
    let log = &world.logs[number];
    let what = log.variant % ISO;
    let devices: Vec<&Device> = world.watched(log).collect();
    let (parts, node) = (what != NODE, what == NODE || what == NODE_AND_PARTS);
    let mut head = String::from("time");
    if node {
        head += ",node_w";
    }
    for device in devices.iter().filter(|_| parts) {
        head += ",";
        head += &name(device);
        head += match (what, device.part) {
            (COUNTER, Part::Gpu) => "_counter_mj",
            (COUNTER, _) => "_counter_uj",
            (INTERVAL, _) => "_energy_interval_j",
            _ => "_w",
        };
    }
    if what == POWER_AND_TOTAL {
        head += ",gpu_total_w";
    }
    head += "\n";
    let (mut readings, mut of_node, mut totals) = (vec![Vec::new(); devices.len()], Vec::new(), Vec::new());
    let mut sheets = Vec::new();
    for ticks in log.ticks() {
        let mut sheet = Sheet { head: head.clone(), ..Sheet::default() };
        readings.iter_mut().for_each(|runs| runs.push(Vec::new()));
        of_node.push(Vec::new());
        totals.push(Vec::new());
        let mut before = ticks.first().map_or(0, |first| first - log.period);
        let mut counters: Vec<Counter> = devices.iter().map(|device| Counter::before(world, log, device, before)).collect();
        for at in ticks {
            let mut text = if log.variant >= ISO { iso_utc(at) } else { epoch(at) };
            if node {
                let power = log.seen(Part::Node, node_power(world, log, at));
                text += &format!(",{}", decimal(power, 3));
                of_node.last_mut().expect("a run").push((at, power));
            }
            let mut total = 0;
            for ((device, runs), counter) in devices.iter().zip(&mut readings).zip(&mut counters).filter(|_| parts) {
                // mW, µJ or mJ.
                let (value, digits) = match (what, device.part) {
                    (COUNTER, Part::Gpu) => (counter.at(device, before, at, log) / 1_000 * 1_000, 3),
                    (COUNTER, _) => (counter.at(device, before, at, log), 0),
                    (INTERVAL, _) => (log.seen(device.part, device.load.energy(before, at)) / 1_000, 3),
                    _ => (log.seen(device.part, device.load.power(at)), 3),
                };
                match (what, device.part) {
                    (COUNTER, Part::Gpu) => text += &format!(",{}", value / 1_000),
                    _ => text += &format!(",{}", decimal(value, digits)),
                }
                let value = if what == INTERVAL { value * 1_000 } else { value };
                runs.last_mut().expect("a run").push((at, value));
                total += if device.part == Part::Gpu { value } else { 0 };
            }
            if what == POWER_AND_TOTAL {
                text += &format!(",{}", decimal(total, 3));
                totals.last_mut().expect("a run").push((at, total));
            }
            before = at;
            sheet.rows.push(Row { at, text });
        }
        sheets.push(sheet);
    }
    let mut claims = Vec::new();
    for (at, runs) in readings.into_iter().enumerate().filter(|_| parts) {
        let (means, runs) = match what {
            COUNTER => (Means::Counter, Claim::of_counter(&runs)),
            INTERVAL => (Means::Interval, runs.iter().map(|run| intervals(run, log.period)).collect()),
            _ => (Means::Power, Claim::of_power(runs, gap(log))),
        };
        claims.push(claim(world, number, at, means, runs));
    }
    if node {
        claims.push(node_claim(world, number, Means::Power, Claim::of_power(of_node, gap(log))));
    }
    let repeated = Claim::of_power(totals, gap(log)).iter().flatten().map(Stretch::twice).sum();
    Written { sheets, claims, repeated }
}

/// Each row is the energy since the row before it.
fn intervals(run: &[(i64, i64)], period: i64) -> Vec<Stretch> {
    let starts = run.first().map(|first| first.0 - period).into_iter().chain(run.iter().map(|row| row.0));
    starts.zip(run).map(|(from, (to, energy))| Stretch::even(from, *to, *energy)).collect()
}
