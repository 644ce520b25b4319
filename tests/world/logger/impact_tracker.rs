//! experiment-impact-tracker's `data.json`: the power of the packages and of the GPUs, some ten seconds apart. It watches one GPU here: of several it tells the sum.

use super::{Logger, Row, Sheet, Written, claim, gap};
use crate::scene::{Part, World};
use crate::stamps::{decimal, epoch};
use crate::truth::{Claim, Means};

pub static LOGGER: Logger = Logger { name: "impact_tracker", write };

fn write(world: &World, number: usize) -> Written {
    let log = &world.logs[number];
    let (mut runs, mut sheets) = (vec![Vec::new(); log.devices.len()], Vec::new());
    for ticks in log.ticks() {
        let mut sheet = Sheet::default();
        runs.iter_mut().for_each(|runs: &mut Vec<Vec<(i64, i64)>>| runs.push(Vec::new()));
        for at in ticks {
            let mut text = format!(r#"{{"timestamp":{}"#, epoch(at));
            for (device, runs) in world.watched(log).zip(&mut runs) {
                let power = log.seen(device.part, device.load.power(at));
                let (shown, index) = (decimal(power, 3), device.index);
                text += &match device.part {
                    Part::Gpu => format!(
                        r#","nvidia_draw_absolute":{shown},"nvidia_estimated_attributable_power_draw":{shown},"per_gpu_power_draw":{{"{index}":{shown}}}"#
                    ),
                    _ => format!(r#","rapl_power_draw_absolute":{shown},"rapl_estimated_attributable_power_draw":{shown}"#),
                };
                runs.last_mut().expect("a run").push((at, power));
            }
            text += r#","cpu_time_seconds":{"26480":{"user":6.91,"system":2.94,"children_user":0.0,"children_system":0.0}},"average_relative_cpu_utilization":0.9964,"process_ids":[26480]}"#;
            sheet.rows.push(Row { at, text });
        }
        sheets.push(sheet);
    }
    let claims =
        runs.into_iter().enumerate().map(|(at, runs)| claim(world, number, at, Means::Power, Claim::of_power(runs, gap(log)))).collect();
    Written { sheets, claims, repeated: 0 }
}
