//! This project's own sampler log: JSON lines with checksum, sequence number and three clocks, written by `carbon-report record`.
//!
//! * Dates and intervals come from the clock that stands still neither for a suspended machine nor for a set wall clock, counted from the wall
//!   clock at the start of the run: what the clock was set to later moves nothing.
//! * Counters and power of one device are two channels; the ledger prefers the counter.
//! * A gap that the recorder wrote down breaks the power series at that place, however short it is: nobody watched. Of counters it breaks those
//!   that may start again unseen, over a suspension.

mod allotment;
mod gaps;
pub mod record;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{
    Allotted, ChannelId, Clock, Evidence, Format, Head, Line, Mark, ReadBy, ReadOptions, Reader, Reading, Refusal, Row, SkipReason,
};
use crate::bounds::{self, Bounds};
use crate::map::Map;
use crate::note;
use crate::series::{Channel, Component, CounterRange, Device, Instrument, Quantity, Sample};
use crate::units::{Instant, Span};
use allotment::Allotment;
use gaps::Gaps;
use record::{Clocks, Content, CounterUnit, Damage, DeviceEntry, DeviceId, Machine, PowerUnit, Record, SampledDevice, Version};

/// The sampler log.
pub static FORMAT: Format = Format {
    id: record::FORMAT_ID,
    name: "carbon-report sampler log",
    how_to_log: "carbon-report record -o logs/ -- python train.py",
    read_by: ReadBy::Code { most: 99, sniff, open },
};

/// Among so many lines of the head one that is whole tells the format, whatever happened to the others.
const LINES_TO_A_RECORD: usize = 64;

/// What a line of any version begins and ends as.
fn machine_record(line: &[u8]) -> Option<Machine> {
    match Record::decode(line).ok()?.content {
        Content::Machine(machine) => Some(machine),
        _ => None,
    }
}

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    if let Some(machine) = head.lines().take(LINES_TO_A_RECORD).find_map(machine_record) {
        let Version { major, minor } = machine.version;
        return Some(Evidence { score: 99, reason: format!("records of a sampler log, version {major}.{minor}") });
    }
    let whole = head.lines().take(LINES_TO_A_RECORD).filter(|line| Record::decode(line).is_ok()).count();
    let named = head.lines().next().is_some_and(|line| {
        let has = |word: &str| memchr::memmem::find(line, word.as_bytes()).is_some();
        line.starts_with(b"{\"machine\":") && has("\"carbon_report_jsonl\"")
    });
    (whole > 0 || named).then(|| Evidence { score: 95, reason: String::from("records of a sampler log, the first of them damaged") })
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let newer = head.lines().take(LINES_TO_A_RECORD).find_map(|line| machine_record(line).filter(is_newer));
    if let Some(Machine { version: Version { major, minor }, tool, .. }) = newer {
        return Err(Refusal {
            code: &note::FORMAT_REFUSED,
            line: None,
            message: format!(
                "found a sampler log of version {major}.{minor} (written by {tool}), expected at most {}",
                record::VERSION.major
            ),
            hint: String::from("update carbon-report: newer logs may mean something else by the same words"),
        });
    }
    Ok(Box::new(SamplerLog { bounds: options.bounds.clone(), ..SamplerLog::default() }))
}

fn is_newer(machine: &Machine) -> bool {
    machine.version.major > record::VERSION.major
}

/// A run at work.
#[derive(Default)]
struct SamplerLog {
    run: Option<Run>,
    /// The number that the next record should have.
    expected: Option<u64>,
    /// Lines since the last good record that were no records: numbers that are missing are theirs.
    damaged: u64,
    holes: BTreeMap<u64, Hole>,
    /// The lowest number of a record that is none of the machine.
    lowest: u64,
    /// Numbers of records of the machine and its devices that no other record has passed yet.
    early: BTreeSet<u64>,
    bounds: Bounds,
}

/// Numbers that no record had yet, from the key up to its end.
#[derive(Clone, Copy)]
struct Hole {
    end: u64,
    /// So many of them are told otherwise: damaged lines, records that came early, or another file.
    told: u64,
    line: u64,
}

/// What the newest machine record says.
struct Run {
    id: String,
    host: Option<String>,
    started: Clocks,
    interval: Span,
    devices: Map<DeviceId, Known>,
    gaps: Gaps,
    allotment: Allotment,
}

/// A device and its channels.
struct Known {
    name: String,
    device: SampledDevice,
    counter: Option<(ChannelId, CounterUnit)>,
    power: Option<(ChannelId, PowerUnit)>,
}

impl Reader for SamplerLog {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if line.text.trim_ascii().is_empty() {
            return Row::Structure;
        }
        // A checksum says more than a line end: a last line that is whole is used.
        match Record::decode(line.text) {
            Ok(record) => self.record(record, line.number, out),
            Err(Damage::Torn) if line.unterminated => Row::Skipped(SkipReason::LastLineCut),
            Err(damage) => {
                self.damaged += 1;
                out.notes.add(&note::RECORDS_DAMAGED, "", Some(line.number), || {
                    String::from(match damage {
                        Damage::Checksum => "the checksum of a record does not fit",
                        Damage::Fields => "a record has its checksum, but not the fields of its kind",
                        Damage::Torn => "a line is no whole record",
                    })
                });
                Row::Skipped(SkipReason::Torn)
            }
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        self.end_run(out);
    }
}

impl SamplerLog {
    fn record(&mut self, record: Record, line: u64, out: &mut Reading) -> Row {
        match record.content {
            Content::Machine(machine) => {
                self.out_of_turn(record.sequence, line, out);
                return self.machine(machine, line, out);
            }
            Content::Device(entry) => {
                self.out_of_turn(record.sequence, line, out);
                if let Some(run) = &mut self.run {
                    run.device(entry, out);
                }
                return Row::Structure;
            }
            _ => {}
        }
        if !self.is_next(record.sequence, line, out) {
            return Row::Skipped(SkipReason::Duplicate);
        }
        let Some(run) = &mut self.run else {
            out.notes.add(&note::RECORDS_DAMAGED, "machine", Some(line), || {
                String::from("no record before this one says what the devices are: what they read is not known")
            });
            return match record.content {
                Content::Sample(_) => Row::Skipped(SkipReason::Unknown),
                _ => Row::Structure,
            };
        };
        let at = run.at(&record.clocks);
        match record.content {
            Content::Sample(readings) => return run.sample(&readings, at, line, out),
            Content::Gap(gap) => run.gap(gap, at, line, out),
            Content::Mark(mark) => out.marks.push(Mark { at, text: mark.text, metrics: mark.metrics, run: Some(run.id.clone()) }),
            Content::Share(shares) => run.allotment.shares(&shares),
            Content::End(end) => {
                out.ended_runs.push(run.id.clone());
                if end.status.is_some_and(|status| status != "0") {
                    out.failed_runs.push(run.id.clone());
                }
            }
            Content::Device(_) | Content::Machine(_) | Content::Unknown => {}
        }
        Row::Structure
    }

    fn machine(&mut self, machine: Machine, line: u64, out: &mut Reading) -> Row {
        if is_newer(&machine) {
            // Files put end to end: what follows may mean anything.
            self.end_run(out);
            out.notes.add(&note::RECORDS_DAMAGED, "version", Some(line), || {
                format!("from here on the log is of version {}: update carbon-report", machine.version.major)
            });
            return Row::Structure;
        }
        if self.run.as_ref().is_some_and(|run| run.id != machine.run) {
            self.end_run(out);
        }
        if self.run.is_none() {
            if out.recorded_runs.last().is_some_and(|last| *last != machine.run) {
                out.another_run();
            }
            out.recorded_runs.push(machine.run.clone());
        }
        out.clock = Clock::Utc;
        out.tool.get_or_insert_with(|| machine.tool.clone());
        if let (None, Some(id)) = (&machine.host_name, &machine.host)
            && !out.hosts_by_id.contains(id)
        {
            out.hosts_by_id.push(id.clone());
        }
        let run = self.run.get_or_insert_with(|| Run {
            id: machine.run,
            host: machine.host_name.or(machine.host),
            started: machine.started,
            interval: machine.interval,
            devices: Map::new(),
            gaps: Gaps::default(),
            allotment: Allotment::default(),
        });
        for entry in machine.devices {
            run.device(entry, out);
        }
        Row::Structure
    }

    /// A record of the machine may stand before others with lower numbers: those that waited for a file to be written to.
    fn out_of_turn(&mut self, sequence: u64, line: u64, out: &mut Reading) {
        self.fill(sequence);
        if self.early.len() < self.bounds.count(&bounds::EARLY_RECORDS) {
            self.early.insert(sequence);
        } else if !self.early.contains(&sequence) {
            out.beyond(&bounds::EARLY_RECORDS, &self.bounds, Some(line), "the numbers of further ones count as those of lost records");
        }
    }

    /// Whether the record with this number has not been read yet. Where numbers are missing before it there is a hole, which a later line may fill: parts
    /// of a log may have been put together in another order.
    fn is_next(&mut self, sequence: u64, line: u64, out: &mut Reading) -> bool {
        let expected = match self.expected {
            Some(expected) => expected,
            None => {
                self.holes.insert(0, Hole { end: sequence, told: 0, line });
                let early: Vec<u64> = self.early.range(..sequence).copied().collect();
                for early in early {
                    self.fill(early);
                }
                self.lowest = sequence;
                sequence
            }
        };
        if sequence < expected {
            self.lowest = self.lowest.min(sequence);
            return self.fill(sequence);
        }
        let later = self.early.split_off(&sequence);
        let early = core::mem::replace(&mut self.early, later).range(expected..).count() as u64;
        if sequence > expected && self.holes.len() >= self.bounds.count(&bounds::RECORD_HOLES) {
            out.beyond(
                &bounds::RECORD_HOLES,
                &self.bounds,
                Some(line),
                "records of these numbers that come later are left out as repeated",
            );
        } else if sequence > expected {
            self.holes.insert(expected, Hole { end: sequence, told: self.damaged.saturating_add(early), line });
        }
        self.damaged = 0;
        self.expected = sequence.checked_add(1);
        true
    }

    /// Takes a number out of the hole that it lies in; `false` where none does.
    fn fill(&mut self, sequence: u64) -> bool {
        let Some((start, hole)) = self.holes.range(..=sequence).next_back().map(|(start, hole)| (*start, *hole)) else { return false };
        if sequence >= hole.end {
            return false;
        }
        self.holes.remove(&start);
        let before = sequence - start;
        for (start, end, told) in [(start, sequence, hole.told.min(before)), (sequence + 1, hole.end, hole.told.saturating_sub(before))] {
            if start < end {
                self.holes.insert(start, Hole { end, told, ..hole });
            }
        }
        true
    }

    fn end_run(&mut self, out: &mut Reading) {
        if let Some(run) = self.run.take() {
            run.allotted(out);
            run.gaps.finish(out);
        }
        for (start, hole) in core::mem::take(&mut self.holes) {
            // What came before the first record may stand in another file.
            if hole.end > self.lowest && hole.end - start > hole.told {
                out.notes.add(&note::RECORDS_LOST, "", Some(hole.line), || format!("found record {}, expected {start}", hole.end));
            }
        }
        self.expected = None;
        self.damaged = 0;
        self.early.clear();
    }
}

/// What reads a device, by the interface that the recorder names.
fn instrument(device: &SampledDevice, quantity: Quantity) -> Instrument {
    match &*device.source {
        _ if device.estimated_by.is_some() => Instrument::SamplerModel,
        "nvml" if matches!(quantity, Quantity::Counter(_)) => Instrument::GpuCounter,
        "nvml" => Instrument::GpuPower,
        "powercap" => Instrument::Rapl,
        "hwmon" | "power_supply" => Instrument::Hwmon,
        _ => Instrument::NotStated,
    }
}

impl Run {
    /// The date of a record.
    fn at(&self, clocks: &Clocks) -> Instant {
        let since = match (clocks.boot, self.started.boot) {
            (Some(now), Some(start)) => now.as_micros().saturating_sub(start.as_micros()),
            _ => clocks.mono.as_micros().saturating_sub(self.started.mono.as_micros()),
        };
        self.started.wall.plus(Span::from_micros(since))
    }

    fn device(&mut self, entry: DeviceEntry, out: &mut Reading) {
        let DeviceEntry { id, device } = entry;
        if self.devices.get(&id).is_some_and(|known| known.device == device) {
            return;
        }
        let names = Device {
            uuid: device.uuid.clone(),
            bus_id: device.bus_id.clone(),
            serial: None,
            index: device.index.clone(),
            model: device.model.clone(),
            place: None,
        };
        let mut channel = |quantity| {
            let (host, instrument) = (self.host.clone(), instrument(&device, quantity));
            out.channel(Channel { host, component: device.component, device: names.clone(), quantity, instrument, run: None })
        };
        let estimated = device.estimated_by.is_some();
        let counter = device.counter.filter(|_| !estimated).map(|counter| {
            let range = counter.range.and_then(|r| counter.unit.energy(r)).map(|e| i64::try_from(e.as_picojoules() / 1_000_000));
            let range = match range {
                Some(Ok(range)) if range > 0 => CounterRange::Known(range),
                _ => CounterRange::Unbounded,
            };
            (channel(Quantity::Counter(range)), counter.unit)
        });
        let power = device.power.map(|unit| (channel(if estimated { Quantity::PowerEstimated } else { Quantity::Power }), unit));
        let name = name(&device);
        if let Some(how) = &device.estimated_by {
            out.notes.add(&note::ESTIMATED_COMPONENT, &name, None, || format!("{name}: no sensor was read; {how}"));
        }
        let listed = (device.component, names);
        if !out.devices.contains(&listed) {
            out.devices.push(listed);
        }
        self.devices.insert(id, Known { name, device, counter, power });
    }

    fn sample(&mut self, readings: &[record::Reading], at: Instant, line: u64, out: &mut Reading) -> Row {
        let mut results: Vec<Result<(), SkipReason>> = Vec::new();
        for reading in readings {
            let Some(known) = self.devices.get(&reading.device) else {
                out.notes.add(&note::RECORDS_DAMAGED, "device", Some(line), || {
                    format!("device {} was not described before its reading", reading.device.0)
                });
                results.push(Err(SkipReason::Unknown));
                continue;
            };
            let interruption = self.gaps.interruption(reading.device);
            if interruption.as_ref().is_some_and(|kind| kind.is_off() || known.counter.is_none()) {
                self.allotment.interrupted(reading.device);
            }
            let just_before = Instant::from_micros(at.as_micros().saturating_sub(1));
            if let (Some((id, unit)), Some(value)) = (known.counter, reading.counter) {
                if let Some(kind) = interruption.filter(|kind| kind.is_off()) {
                    out.interrupt(id, just_before, kind);
                }
                results.push(match unit.energy(value).map(|e| i64::try_from(e.as_picojoules() / 1_000_000)) {
                    Some(Ok(value)) => out.sample(id, Sample { at, value }),
                    _ => Err(SkipReason::Implausible),
                });
            }
            if let (Some((id, unit)), Some(value)) = (known.power, reading.power) {
                if let Some(kind) = interruption {
                    out.interrupt(id, just_before, kind);
                }
                results.push(match unit.power(value) {
                    Some(power) => out.power(id, at, power),
                    None => Err(SkipReason::Implausible),
                });
            }
            if results.last() == Some(&Ok(())) {
                self.allotment.reading(&known.device, *reading, at, self.interval);
            }
            if results.last() == Some(&Err(SkipReason::Implausible)) {
                out.notes
                    .add(&note::IMPLAUSIBLE_POWER, &known.name, Some(line), || format!("{}: more than such a device can draw", known.name));
            }
        }
        if results.is_empty() && !readings.is_empty() {
            return Row::Skipped(SkipReason::NoReading);
        }
        // A tick without any device is a sign of life: it is there, and no reading is missing.
        if results.is_empty() || results.iter().any(Result::is_ok) {
            return Row::Used;
        }
        results.first().copied().and_then(Result::err).map_or(Row::Used, Row::Skipped)
    }

    fn gap(&mut self, gap: record::Gap, at: Instant, line: u64, out: &mut Reading) {
        let (from, to) = (gap.from.as_ref().map(|c| self.at(c)), gap.to.as_ref().map(|c| self.at(c)));
        let of = match gap.of {
            record::Subject::All => String::from("all devices"),
            record::Subject::Component(component) => String::from(component.label()),
            record::Subject::Device(id) => self.devices.get(&id).map_or_else(|| format!("device {}", id.0), |known| known.name.clone()),
        };
        let devices: Vec<DeviceId> = match gap.of {
            record::Subject::All => self.devices.keys().copied().collect(),
            record::Subject::Component(component) => self.of(component),
            record::Subject::Device(id) => [id].to_vec(),
        };
        let moved = gap.from.zip(gap.to).map(|(a, b)| b.wall.since(a.wall).as_micros() - self.at(&b).since(self.at(&a)).as_micros());
        self.gaps.add(
            gaps::Found { of, cause: gap.cause, from, to, written: at, moved_us: moved, detail: gap.detail, line },
            &devices,
            out,
        );
    }

    /// What of the run's energy was the program's, as far as shares were stated.
    fn allotted(&self, out: &mut Reading) {
        for (id, account) in self.allotment.accounts() {
            let Some(known) = self.devices.get(&id) else { continue };
            let (run, component) = (self.id.clone(), known.device.component);
            out.allotted.push(Allotted { run, component, energy: account.allotted, of: account.of });
        }
    }

    fn of(&self, component: Component) -> Vec<DeviceId> {
        self.devices.iter().filter(|(_, known)| known.device.component == component).map(|(id, _)| *id).collect()
    }
}

/// `GPU 0 (NVIDIA A100-SXM4-80GB)`.
fn name(device: &SampledDevice) -> String {
    let mut name = String::from(device.component.label());
    for part in [device.index.as_deref().or(device.uuid.as_deref()).or(device.bus_id.as_deref())].into_iter().flatten() {
        name.push(' ');
        name.push_str(part);
    }
    match &device.model {
        Some(model) => format!("{name} ({model})"),
        None => name,
    }
}
