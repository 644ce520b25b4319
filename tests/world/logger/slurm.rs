//! `sacct -P` with the energy of each job, by the node's own sensor. Each session is a job (variant 0), or an attempt of one that was put back into the
//! queue, which `sacct -D` tells under one number (variant 1).

use super::{Logger, Row, Sheet, Written, node_claim, node_energy};
use crate::scene::{Part, World};
use crate::stamps::iso;
use crate::truth::{Means, Stretch};

pub static LOGGER: Logger = Logger { name: "slurm", write };

pub const ATTEMPTS: usize = 1;

fn write(world: &World, number: usize) -> Written {
    let log = &world.logs[number];
    let mut sheet =
        Sheet { head: String::from("JobID|JobName|State|Start|End|ElapsedRaw|NNodes|NodeList|ConsumedEnergyRaw\n"), ..Sheet::default() };
    let mut runs = Vec::new();
    for (at, session) in log.sessions.iter().enumerate() {
        let (from, to) = (session.from / 1_000 * 1_000, session.to / 1_000 * 1_000);
        let joules = log.seen(Part::Node, node_energy(world, log, from, to)) / 1_000_000;
        let (job, last) = (8_000_000 + log.seed % 100_000 * 10, at + 1 == log.sessions.len());
        let (job, state) = match log.variant {
            ATTEMPTS => (job, if last { "COMPLETED" } else { "REQUEUED" }),
            _ => (job + at as u64, "COMPLETED"),
        };
        let text =
            format!("{job}|train|{state}|{}|{}|{}|1|{}|{joules}", iso(from), iso(to), (to - from) / 1_000, world.nodes[log.node].name);
        sheet.rows.push(Row { at: to, text });
        runs.push(vec![Stretch::even(from, to, joules * 1_000_000)]);
    }
    Written { sheets: vec![sheet], claims: vec![node_claim(world, number, Means::TrackerSensor, runs)], repeated: 0 }
}
