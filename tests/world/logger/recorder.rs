//! `carbon-report record`: JSON lines with a checksum each, written after `docs/sampler-log.md`. A GPU has a counter in mJ and a power in mW; packages and memory have
//! counters in µJ with their range.

use super::powercap::{MEMORY_RANGE, PACKAGE_RANGE};
use super::{Counter, Logger, Row, Sheet, Written, claim, gap};
use crate::random::hash;
use crate::scene::{Device, Part, World};
use crate::truth::{Claim, Means};

pub static LOGGER: Logger = Logger { name: "recorder", write };

/// The GPU's power alone, as on boards without a counter.
pub const NO_COUNTER: usize = 1;

fn write(world: &World, number: usize) -> Written {
    let log = &world.logs[number];
    let devices: Vec<&Device> = world.watched(log).collect();
    let no_counter = log.variant & NO_COUNTER != 0;
    let (mut counters, mut powers) = (vec![Vec::new(); devices.len()], vec![Vec::new(); devices.len()]);
    let mut sheets = Vec::new();
    for (run, ticks) in log.ticks().into_iter().enumerate() {
        let Some(first) = ticks.first().copied() else { continue };
        let clock = |at: i64| format!("[{},{},{}]", at * 1_000, (at - first + 5_000_000) * 1_000, (at - first + 5_000_000) * 1_000);
        let names: Vec<String> = devices.iter().enumerate().map(|(id, device)| describe(id, device, no_counter)).collect();
        let head = format!(
            r#"{{"machine":0,"clock_us":{},"format":"carbon_report_jsonl","version":"1.0","tool":"carbon-report 0.1.0","run":"{:016x}","part":0,"started_us":{},"interval_us":{},"host":"{:016x}","boot":"{:016x}","kernel":"Linux 6.8.0","reading":["device","counter","power","utilisation_permille","memory_mib"],"devices":[{}]"#,
            clock(first),
            hash(&[log.seed, run as u64]),
            clock(first),
            log.period * 1_000,
            hash(&[world.seed, log.node as u64, 3]),
            hash(&[log.seed, run as u64, 4]),
            names.join(",")
        );
        let mut sheet = Sheet { head: signed(&head), ..Sheet::default() };
        counters.iter_mut().chain(&mut powers).for_each(|runs: &mut Vec<Vec<(i64, i64)>>| runs.push(Vec::new()));
        let mut before = first;
        let mut meters: Vec<Counter> = devices.iter().map(|device| Counter::before(world, log, device, first)).collect();
        for (sequence, at) in ticks.iter().copied().enumerate() {
            let mut readings = Vec::new();
            for (id, device) in devices.iter().enumerate() {
                let value = meters[id].at(device, before, at, log);
                let gpu = device.part == Part::Gpu;
                if !(gpu && no_counter) {
                    counters[id].last_mut().expect("a run").push((at, if gpu { value / 1_000 * 1_000 } else { value }));
                }
                let power = log.seen(device.part, device.load.power(at));
                if gpu {
                    powers[id].last_mut().expect("a run").push((at, power));
                }
                let range = if device.part == Part::Memory { MEMORY_RANGE } else { PACKAGE_RANGE };
                readings.push(match (gpu, no_counter) {
                    (true, true) => format!("[{id},null,{power},990,40000]"),
                    (true, false) => format!("[{id},{},{power},990,40000]", value / 1_000),
                    (false, _) => format!("[{id},{}]", value % range),
                });
            }
            before = at;
            let text = format!(r#"{{"sample":{},"clock_us":{},"read":[{}]"#, sequence + 1, clock(at), readings.join(","));
            sheet.rows.push(Row { at, text: signed(&text).trim_end().into() });
        }
        let end = format!(
            r#"{{"end":{},"clock_us":{},"status":"0","ticks":{},"own_cpu_us":900,"own_memory_bytes":9000000"#,
            ticks.len() + 1,
            clock(before),
            ticks.len()
        );
        sheet.foot = signed(&end);
        sheets.push(sheet);
    }
    let mut claims = Vec::new();
    for (at, (counter, power)) in counters.iter().zip(powers).enumerate() {
        if counter.iter().any(|run| !run.is_empty()) {
            claims.push(claim(world, number, at, Means::Counter, Claim::of_counter(counter)));
        }
        if power.iter().any(|run| !run.is_empty()) {
            claims.push(claim(world, number, at, Means::Power, Claim::of_power(power, gap(log))));
        }
    }
    Written { sheets, claims, repeated: 0 }
}

fn describe(id: usize, device: &Device, no_counter: bool) -> String {
    match device.part {
        Part::Gpu => {
            let counter = if no_counter { "" } else { r#""counter_unit":"mj","# };
            format!(
                r#"{{"id":{id},"component":"gpu","source":"nvml","uuid":"{}","index":"{}","model":"{}",{counter}"power_unit":"mw"}}"#,
                device.uuid, device.index, device.model
            )
        }
        Part::Memory => format!(
            r#"{{"id":{id},"component":"memory","source":"powercap","index":"package-0/dram","counter_unit":"uj","counter_range":{MEMORY_RANGE}}}"#
        ),
        _ => format!(
            r#"{{"id":{id},"component":"cpu","source":"powercap","index":"package-0","counter_unit":"uj","counter_range":{PACKAGE_RANGE}}}"#
        ),
    }
}

/// A record with its checksum; `body` lacks the last brace.
fn signed(body: &str) -> String {
    format!("{body},\"crc\":\"{:08x}\"}}\n", crc32c(body.as_bytes()))
}

/// CRC-32C (Castagnoli), bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 }))
}
