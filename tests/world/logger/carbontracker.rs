//! carbontracker 1.1.7's standard log: the mean power of each GPU in each epoch. An epoch is as long as the log's period.

use super::{Logger, Row, Sheet, Written, claim};
use crate::scene::World;
use crate::stamps::{decimal, iso};
use crate::truth::{Means, Stretch};

pub static LOGGER: Logger = Logger { name: "carbontracker", write };

fn write(world: &World, number: usize) -> Written {
    let log = &world.logs[number];
    let (mut runs, mut sheets) = (vec![Vec::new(); log.devices.len()], Vec::new());
    let models: Vec<&str> = world.watched(log).map(|d| d.model).collect();
    for session in &log.sessions {
        let start = session.from / 1_000 * 1_000;
        let mut rows = Vec::new();
        let mut say = |at: i64, text: &str| rows.push(Row { at, text: format!("{} - {text}", iso(at).replace('T', " ")) });
        say(start, "carbontracker version 1.1.7");
        say(
            start,
            "Only predicted and actual consumptions are multiplied by a PUE coefficient of 1.55 (Rhonda Ascierto, 2022, Uptime Institute Global Data Center Survey).",
        );
        say(start, &format!("The following components were found: GPU with device(s) {}.", models.join(", ")));
        say(start, "Monitoring thread started.");
        runs.iter_mut().for_each(|runs: &mut Vec<Vec<Stretch>>| runs.push(Vec::new()));
        let (mut at, mut epoch) = (start, 0);
        let period = (log.period / 1_000).max(1) * 1_000;
        while at + period <= session.to {
            let end = at + period;
            epoch += 1;
            let mut powers = Vec::new();
            for (device, runs) in world.watched(log).zip(&mut runs) {
                let power = log.seen(device.part, device.load.energy(at, end)) / period;
                powers.push(decimal(power, 3));
                runs.last_mut().expect("a run").push(Stretch::trapezoid(at, end, power, power));
            }
            say(end, &format!("Epoch {epoch}:"));
            say(end, &format!("Duration: {}:{:02}:{:02}.00", period / 3_600_000, period / 60_000 % 60, period / 1_000 % 60));
            say(end, &format!("Average power usage (W) for gpu: [{}]", powers.join(" ")));
            at = end;
        }
        say(at, "Monitoring thread ended.");
        sheets.push(Sheet { rows, readings: Some(epoch), ..Sheet::default() });
    }
    let claims = runs.into_iter().enumerate().map(|(at, runs)| claim(world, number, at, Means::TrackerSensor, runs)).collect();
    Written { sheets, claims, repeated: 0 }
}
