//! A shell loop over `/sys/class/powercap`: µJ of the package and the memory, which start again from 0 at the kernel's ranges.

use super::{Counter, Logger, Row, Sheet, Written, claim};
use crate::scene::{Part, World};
use crate::stamps::epoch;
use crate::truth::{Claim, Means};

pub static LOGGER: Logger = Logger { name: "powercap", write };

/// `max_energy_range_uj` of an Intel package and its memory, as Linux prints them.
pub const PACKAGE_RANGE: i64 = 262_143_328_850;
pub const MEMORY_RANGE: i64 = 65_712_999_613;

fn write(world: &World, number: usize) -> Written {
    let log = &world.logs[number];
    let devices: Vec<_> = world.watched(log).collect();
    let of = |part: Part| if part == Part::Memory { ("dram_uj", MEMORY_RANGE) } else { ("package_uj", PACKAGE_RANGE) };
    let head = format!("timestamp,{}\n", devices.iter().map(|d| of(d.part).0).collect::<Vec<_>>().join(","));
    let (mut readings, mut sheets) = (vec![Vec::new(); devices.len()], Vec::new());
    for ticks in log.ticks() {
        let mut sheet = Sheet { head: head.clone(), ..Sheet::default() };
        readings.iter_mut().for_each(|runs| runs.push(Vec::new()));
        let mut before = ticks.first().copied().unwrap_or(0);
        let mut counters: Vec<Counter> = devices.iter().map(|device| Counter::before(world, log, device, before)).collect();
        for at in ticks {
            let mut text = epoch(at);
            for ((device, runs), counter) in devices.iter().zip(&mut readings).zip(&mut counters) {
                let value = counter.at(device, before, at, log);
                // The counter shows what is left of the value beyond its range.
                text += &format!(",{}", value % of(device.part).1);
                runs.last_mut().expect("a run").push((at, value));
            }
            before = at;
            sheet.rows.push(Row { at, text });
        }
        sheets.push(sheet);
    }
    let claims = readings.iter().enumerate().map(|(at, runs)| claim(world, number, at, Means::Counter, Claim::of_counter(runs))).collect();
    Written { sheets, claims, repeated: 0 }
}
