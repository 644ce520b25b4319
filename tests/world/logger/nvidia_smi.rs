//! `nvidia-smi --query-gpu=… --format=csv -l`: a row a GPU, a few milliseconds apart. The bits of the variant are the columns besides time and power.

use super::{Logger, Row, Sheet, Written, claim, gap};
use crate::scene::World;
use crate::stamps::{decimal, slashes};
use crate::truth::{Claim, Means};

pub static LOGGER: Logger = Logger { name: "nvidia_smi", write };

pub const INDEX: usize = 1;
pub const UUID: usize = 2;
pub const NAME: usize = 4;

fn write(world: &World, number: usize) -> Written {
    let log = &world.logs[number];
    let has = |column: usize| log.variant & column != 0;
    let mut head = String::from("timestamp");
    for (column, name) in [(INDEX, ", index"), (UUID, ", uuid"), (NAME, ", name")] {
        if has(column) {
            head += name;
        }
    }
    head += ", power.draw [W]\n";
    let mut runs = vec![Vec::new(); log.devices.len()];
    let mut sheets = Vec::new();
    for ticks in log.ticks() {
        let mut sheet = Sheet { head: head.clone(), ..Sheet::default() };
        for (device, run) in world.watched(log).zip(&mut runs) {
            run.push(Vec::new());
            let _ = device;
        }
        for tick in ticks {
            for (place, device) in world.watched(log).enumerate() {
                let at = tick + 2 * place as i64;
                // Hundredths of a watt.
                let power = log.seen(device.part, device.load.power(at)) / 10;
                let mut text = slashes(at);
                if has(INDEX) {
                    text += &format!(", {}", device.index);
                }
                if has(UUID) {
                    text += &format!(", {}", device.uuid);
                }
                if has(NAME) {
                    text += &format!(", {}", device.model);
                }
                text += &format!(", {} W", decimal(power, 2));
                sheet.rows.push(Row { at, text });
                if let Some(run) = runs[place].last_mut() {
                    run.push((at, power * 10));
                }
            }
        }
        sheets.push(sheet);
    }
    let claims =
        runs.into_iter().enumerate().map(|(at, runs)| claim(world, number, at, Means::Power, Claim::of_power(runs, gap(log)))).collect();
    Written { sheets, claims, repeated: 0 }
}
