//! experiment-impact-tracker's `data.json`: one JSON object for each sample, some 11 s apart.
//!
//! * `rapl_power_draw_absolute` is the mean of all processor packages over about two seconds, `nvidia_draw_absolute` the sum of one reading
//!   of every GPU: both short beside the time between samples, so they are taken as power at the stamp.
//! * `per_gpu_power_draw` is emptied for each GPU in turn by the tracker's own loop, so on a machine with several it holds the last one
//!   alone. It names the device only where it is all of `nvidia_draw_absolute`; else the sum is one channel.
//! * The `…_estimated_attributable_…` values allot a share of that power to the tracked processes. The machine's power counts; that
//!   shares exist is noted, for the tracker's own statement adds up the shares and multiplies them by a PUE of 1.58.
//! * `realtime_carbon_intensity` is for information: it is known in California alone.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{ChannelId, Clock, Evidence, Format, Head, Line, ReadBy, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};
use crate::decode::json::{JsonError, Object, Value, without_nan};
use crate::note;
use crate::order;
use crate::series::{Channel, Component, Device, Instrument, Quantity};
use crate::units::calendar::parse_stamp;
use crate::units::decimal::parse_scaled_i64;
use crate::units::{Instant, Power};

/// experiment-impact-tracker data.json.
pub static FORMAT: Format = Format {
    id: "experiment_impact_tracker_json",
    name: "experiment-impact-tracker data.json",
    how_to_log: "ImpactTracker('logs').launch_impact_monitor()   (writes logs/impacttracker/data.json)",
    read_by: ReadBy::Code { most: 95, sniff, open },
};

const CPU: &str = "rapl_power_draw_absolute";
const CPU_SHARE: &str = "rapl_estimated_attributable_power_draw";
const GPU: &str = "nvidia_draw_absolute";
const GPU_SHARE: &str = "nvidia_estimated_attributable_power_draw";
const PER_GPU: &str = "per_gpu_power_draw";

/// Sums of floats may differ in their last digits from the sum of what is printed.
const SAME_POWER: i64 = 10_000;

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    let line = head.lines().find(|line| !line.trim_ascii().is_empty())?;
    if !line.trim_ascii().starts_with(b"{") {
        return None;
    }
    let has = |word: &str| memchr::memmem::find(line, format!("\"{word}\"").as_bytes()).is_some();
    let known = [CPU, CPU_SHARE, GPU, GPU_SHARE, PER_GPU, "cpu_time_seconds", "average_relative_cpu_utilization", "process_ids"];
    let found = known.iter().filter(|word| has(word)).count();
    (has("timestamp") && found >= 2).then(|| Evidence {
        score: if found >= 4 { 95 } else { 80 },
        reason: format!("JSON objects with {found} of experiment-impact-tracker's keys"),
    })
}

fn open(_: &Head<'_>, _: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    Ok(Box::new(DataJson::default()))
}

#[derive(Default)]
struct DataJson {
    cpu: Option<ChannelId>,
    gpus: Gpus,
}

/// How GPUs are told apart, decided by the first sample that has any.
#[derive(Default)]
enum Gpus {
    #[default]
    Undecided,
    /// One channel for the sum.
    Sum(ChannelId),
    /// A channel for each number.
    Single(Vec<(String, ChannelId)>),
}

impl Reader for DataJson {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if line.text.trim_ascii().is_empty() {
            return Row::Structure;
        }
        let text = without_nan(line.text);
        let sample = match Object::parse(&text) {
            Ok(sample) => sample,
            Err(JsonError::Cut) if line.unterminated => return Row::Skipped(SkipReason::LastLineCut),
            Err(error) => return torn(line.number, error, out),
        };
        let stamp = sample.number("timestamp").and_then(|text| parse_stamp(text.as_bytes()));
        let Some(at) = stamp.filter(|stamp| stamp.zoned).map(|stamp| stamp.at) else {
            return Row::Skipped(SkipReason::NoTime);
        };
        // A key that comes twice inside makes the value unreadable, not absent.
        if sample.has(PER_GPU) && sample.get(PER_GPU).is_none() {
            return torn(line.number, JsonError::DuplicateKey, out);
        }
        out.clock = Clock::Utc;
        let mut results: Vec<Result<(), SkipReason>> = Vec::new();
        if let Some(power) = power(&sample, CPU) {
            let id = *self.cpu.get_or_insert_with(|| out.channel(channel(Component::Cpu, Device::default())));
            results.push(out.power(id, at, power));
        }
        self.gpus(&sample, at, out, &mut results);
        self.shares(&sample, line.number, out);
        settle(&results, line.number, out)
    }

    fn finish(&mut self, out: &mut Reading) {
        out.tool = Some(String::from("experiment-impact-tracker"));
    }
}

impl DataJson {
    fn gpus(&mut self, sample: &Object<'_>, at: Instant, out: &mut Reading, results: &mut Vec<Result<(), SkipReason>>) {
        let Some(sum) = power(sample, GPU) else {
            return;
        };
        let listed = listed(sample);
        let listed_sum: i64 = listed.iter().map(|(_, power)| power.as_microwatts()).fold(0, i64::saturating_add);
        let complete = !listed.is_empty() && (listed_sum - sum.as_microwatts()).abs() <= SAME_POWER;
        if matches!(self.gpus, Gpus::Undecided) {
            let numbers: Vec<String> = if complete { listed.iter().map(|(n, _)| n.clone()).collect() } else { only_gpu(sample) };
            self.gpus = if numbers.is_empty() {
                Gpus::Sum(out.channel(channel(Component::Gpu, Device::default())))
            } else {
                let single = |n: String| (n.clone(), out.channel(channel(Component::Gpu, Device::indexed(n))));
                Gpus::Single(numbers.into_iter().map(single).collect())
            };
        }
        match &self.gpus {
            Gpus::Undecided => {}
            Gpus::Sum(id) => results.push(out.power(*id, at, sum)),
            Gpus::Single(channels) => {
                if let [(_, id)] = channels.as_slice() {
                    // The list is empty while no tracked process uses the machine's only GPU.
                    results.push(out.power(*id, at, sum));
                    return;
                }
                for (number, power) in &listed {
                    match channels.iter().find(|(known, _)| known == number) {
                        Some((_, id)) => results.push(out.power(*id, at, *power)),
                        None => results.push(Err(SkipReason::NoReading)),
                    }
                }
            }
        }
    }

    /// Notes that the tracker would count less than the machine.
    fn shares(&self, sample: &Object<'_>, line: u64, out: &mut Reading) {
        for (whole, share, name) in [(CPU, CPU_SHARE, "CPU"), (GPU, GPU_SHARE, "GPU")] {
            if let (Some(whole), Some(share)) = (power(sample, whole), sample.number(share)) {
                let share = parse_scaled_i64(share.as_bytes(), 6).unwrap_or(0);
                if share < whole.as_microwatts() / 100 * 99 {
                    out.notes.add(&note::WHOLE_MACHINE, name, Some(line), || {
                        format!(
                            "{name}: {} W of {} W are allotted to the process; the machine's power counts",
                            share as f64 / 1e6,
                            whole.as_watts()
                        )
                    });
                }
            }
        }
    }
}

fn channel(component: Component, device: Device) -> Channel {
    let instrument = if component == Component::Gpu { Instrument::GpuPower } else { Instrument::Rapl };
    Channel { host: None, component, device, quantity: Quantity::Power, instrument, run: None }
}

/// A power in watts; 0 is what the tracker writes when there is no such device.
fn power(sample: &Object<'_>, key: &str) -> Option<Power> {
    parse_scaled_i64(sample.number(key)?.as_bytes(), 6).ok().filter(|w| *w != 0).map(Power::from_microwatts)
}

fn listed(sample: &Object<'_>) -> Vec<(String, Power)> {
    let Some(object) = sample.object(PER_GPU) else {
        return Vec::new();
    };
    object
        .entries()
        .filter_map(|(number, value)| match value {
            Value::Number(text) => Some((String::from(number), Power::from_microwatts(parse_scaled_i64(text.as_bytes(), 6).ok()?))),
            _ => None,
        })
        .collect()
}

/// The number of the only GPU of the machine, by the list of all processes on GPUs (`"(0, 26480)"`); nothing where there are several.
fn only_gpu(sample: &Object<'_>) -> Vec<String> {
    let Some(processes) = sample.object("per_gpu_average_estimated_utilization_absolute") else {
        return Vec::new();
    };
    let mut numbers: Vec<String> = processes
        .entries()
        .filter_map(|(key, _)| Some(String::from(key.strip_prefix('(')?.split_once(',')?.0)))
        .filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        .collect();
    order::sort(&mut numbers);
    numbers.dedup();
    if numbers.len() == 1 { numbers } else { Vec::new() }
}

/// A row counts when one of its readings does.
fn settle(results: &[Result<(), SkipReason>], line: u64, out: &mut Reading) -> Row {
    if results.contains(&Err(SkipReason::Implausible)) {
        out.notes.add(&note::IMPLAUSIBLE_POWER, "", Some(line), || String::from("a power is negative or more than its devices can draw"));
    }
    if results.iter().any(Result::is_ok) {
        return Row::Used;
    }
    match results.first() {
        Some(Err(reason)) => Row::Skipped(*reason),
        _ => {
            out.notes.add(&note::MISSING_READINGS, "", Some(line), || String::from("a sample holds neither the power of CPUs nor of GPUs"));
            Row::Skipped(SkipReason::NoReading)
        }
    }
}

fn torn(line: u64, error: JsonError, out: &mut Reading) -> Row {
    out.notes.add(&note::ROWS_TORN, "", Some(line), || {
        String::from(match error {
            JsonError::DuplicateKey => "a sample has a key twice, so that it may mean two things",
            JsonError::Cut | JsonError::Malformed => "a sample is no whole JSON object",
        })
    });
    Row::Skipped(SkipReason::Torn)
}
