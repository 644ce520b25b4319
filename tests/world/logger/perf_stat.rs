//! `perf stat -a -I … -x, -e power/energy-pkg/,power/energy-ram/ -o perf.csv`: joules of each interval, in seconds since a start that the first line names.

use super::{Logger, Row, Sheet, Written, claim};
use crate::scene::{Part, World};
use crate::stamps::{asctime, decimal};
use crate::truth::{Means, Stretch};

pub static LOGGER: Logger = Logger { name: "perf_stat", write };

fn write(world: &World, number: usize) -> Written {
    let log = &world.logs[number];
    let devices: Vec<_> = world.watched(log).collect();
    let (mut runs, mut sheets) = (vec![Vec::new(); devices.len()], Vec::new());
    for ticks in log.ticks() {
        // It starts at a whole second: the line of the start tells no fraction.
        let start = ticks.first().map_or(0, |first| first / 1_000 * 1_000);
        let mut sheet = Sheet { head: format!("# started on {}\n\n", asctime(start)), ..Sheet::default() };
        runs.iter_mut().for_each(|runs: &mut Vec<Vec<Stretch>>| runs.push(Vec::new()));
        let mut before = start;
        for at in ticks.into_iter().skip(1) {
            for (device, runs) in devices.iter().zip(&mut runs) {
                // Hundredths of a joule.
                let energy = log.seen(device.part, device.load.energy(before, at)) / 10_000;
                let event = if device.part == Part::Memory { "ram" } else { "pkg" };
                let stamp = format!("{:>9}000000", decimal(at - start, 3));
                let text = format!("{stamp},{},Joules,power/energy-{event}/,{}000,100.00,,", decimal(energy, 2), (at - before) * 1_000);
                sheet.rows.push(Row { at, text });
                runs.last_mut().expect("a run").push(Stretch::even(before, at, energy * 10_000));
            }
            before = at;
        }
        sheets.push(sheet);
    }
    let claims = runs.into_iter().enumerate().map(|(at, runs)| claim(world, number, at, Means::Interval, runs)).collect();
    Written { sheets, claims, repeated: 0 }
}
