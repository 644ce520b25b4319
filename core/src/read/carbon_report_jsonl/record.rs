//! The records of a sampler log. [`Record::encode`] and [`Record::decode`] stand beside each other, so that the recorder and the reader can't
//! drift apart; `docs/sampler-log.md` is their specification.

mod decode;
mod encode;

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

pub use decode::Damage;
pub use encode::{LONGEST_TEXT, TAIL_BYTES};

use crate::series::Component;
use crate::units::{Energy, Instant, Power, Span};

/// What the first record calls the format.
pub const FORMAT_ID: &str = "carbon_report_jsonl";

/// Major and minor version that is written. A reader refuses a newer major one and ignores what it does not know of a newer minor one.
pub const VERSION: Version = Version { major: 1, minor: 0 };

/// What the numbers of a reading are, in order; the machine record repeats it for people.
pub const READING_FIELDS: [&str; 5] = ["device", "counter", "power", "utilisation_permille", "memory_mib"];

/// Version of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Grows when older readers would misread a log.
    pub major: u32,
    /// Grows when fields or kinds of records are added.
    pub minor: u32,
}

/// The three clocks, read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// Wall clock, UTC: gives dates, and may be set.
    pub wall: Instant,
    /// Monotonic clock: time since some start, without the time in which the machine was suspended.
    pub mono: Span,
    /// Time since boot, with that time; absent where the system has no such clock.
    pub boot: Option<Span>,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Counts the records of a run from 0, through all its files: what is missing was lost. At the head of a file it may run ahead.
    pub sequence: u64,
    /// When it was written.
    pub clocks: Clocks,
    /// What it says.
    pub content: Content,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A device that came after the machine record.
    Device(DeviceEntry),
    /// The run is over.
    End(End),
    /// Time without samples, and why.
    Gap(Gap),
    /// The machine and the run: first in every file, and repeated at will.
    Machine(Machine),
    /// What the measured program wrote into the log.
    Mark(Mark),
    /// Readings of one tick.
    Sample(Vec<Reading>),
    /// What share of each device's energy since the last such record is allotted to the measured program.
    Share(Vec<Share>),
    /// Of a newer minor version.
    Unknown,
}

/// The machine and the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// Version of the format that the file was written in.
    pub version: Version,
    /// Name and version of the recorder.
    pub tool: String,
    /// Random id of the run.
    pub run: String,
    /// Number of the file in the run, from 0.
    pub part: u32,
    /// The clocks when the run began: dates of all files of the run count from here.
    pub started: Clocks,
    /// Time between two ticks as asked for.
    pub interval: Span,
    /// Salted hash of what identifies the machine: equal for all logs of one machine, and of no use without them.
    pub host: Option<String>,
    /// Salted hash of the boot: counters of two runs go on from each other only within one.
    pub boot: Option<String>,
    /// Host name, where the user asked for it.
    pub host_name: Option<String>,
    /// The measured command, where the user asked for it.
    pub command: Option<String>,
    /// System and release: `Linux 6.8.0`.
    pub kernel: Option<String>,
    /// Processor model.
    pub cpu: Option<String>,
    /// Labels that the user gave.
    pub labels: BTreeMap<String, String>,
    /// Devices that are known so far.
    pub devices: Vec<DeviceEntry>,
}

/// Number of a device in its run; readings name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(pub u32);

/// A device under its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceEntry {
    /// Number in the run.
    pub id: DeviceId,
    /// What it is.
    pub device: SampledDevice,
}

/// What a sampler knows of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampledDevice {
    /// Part of the computer.
    pub component: Component,
    /// Which interface it is read by: `nvml`, `powercap`, `hwmon`, `estimate`.
    pub source: Cow<'static, str>,
    /// Unique id, where the hardware has one.
    pub uuid: Option<String>,
    /// Number or zone on its host: `0`, `package-0`.
    pub index: Option<String>,
    /// Bus address.
    pub bus_id: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// The energy counter, where it has one.
    pub counter: Option<Counter>,
    /// Unit of power readings, where it gives any.
    pub power: Option<PowerUnit>,
    /// How readings that no sensor gave were made; absent for sensors.
    pub estimated_by: Option<String>,
    /// What else a person should know: `holds 7 MIG instances`.
    pub remark: Option<String>,
}

/// An energy counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Its unit.
    pub unit: CounterUnit,
    /// The value at which it starts again from 0, in its unit; absent where it never does.
    pub range: Option<u64>,
}

/// Unit of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterUnit {
    /// `uj`.
    Microjoule,
    /// `mj`.
    Millijoule,
}

/// Unit of a power reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerUnit {
    /// `uw`.
    Microwatt,
    /// `mw`.
    Milliwatt,
}

/// What one device said at a tick; raw, as the hardware gave it. What it did not say is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Number of the device.
    pub device: DeviceId,
    /// Energy counter, in the unit of the device.
    pub counter: Option<u64>,
    /// Power, in the unit of the device.
    pub power: Option<u64>,
    /// Share of the time in which it was in use, thousandths.
    pub utilisation_permille: Option<u32>,
    /// Memory in use, MiB.
    pub memory_mib: Option<u32>,
}

/// What share of a device's energy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Number of the device.
    pub device: DeviceId,
    /// Millionths of its energy.
    pub ppm: u32,
}

/// Time without samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub cause: Cause,
    /// Of what.
    pub of: Subject,
    /// The last moment before it; absent where there never was a sample.
    pub from: Option<Clocks>,
    /// The first moment after it; absent while it lasts.
    pub to: Option<Clocks>,
    /// What the system said, and what to do, for people.
    pub detail: Option<String>,
}

/// What a gap is a gap of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// All devices.
    All,
    /// All devices of one kind.
    Component(Component),
    /// One device.
    Device(DeviceId),
}

/// Why there are no samples.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// There is no such hardware, driver or kernel interface.
    Absent,
    /// The wall clock was set.
    ClockSet,
    /// The disk was full.
    DiskFull,
    /// The driver did not answer in time.
    Hang,
    /// A device vanished or failed.
    LostDevice,
    /// The kernel refused to show it.
    Permission,
    /// The recorder was stopped or not run.
    Starved,
    /// The machine was suspended.
    Suspend,
    /// The log could not be written.
    WriteError,
    /// A word of a newer version.
    Other(String),
}

/// What the measured program wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Text.
    pub text: String,
    /// Numbers beside it.
    pub metrics: BTreeMap<String, f64>,
}

/// How the run ended and what recording it cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// Exit status of the program, or the signal that ended it: `0`, `SIGKILL`.
    pub status: Option<String>,
    /// Ticks that were sampled.
    pub ticks: u64,
    /// Processor time of the recorder.
    pub own_cpu: Option<Span>,
    /// Most memory that the recorder held, bytes.
    pub own_memory_bytes: Option<u64>,
}

impl Content {
    /// The first key of the record.
    pub const fn kind(&self) -> &'static str {
        match self {
            Content::Device(_) => "device",
            Content::End(_) => "end",
            Content::Gap(_) => "gap",
            Content::Machine(_) => "machine",
            Content::Mark(_) => "mark",
            Content::Sample(_) => "sample",
            Content::Share(_) => "share",
            Content::Unknown => "unknown",
        }
    }
}

impl Reading {
    /// A reading of `device` that says nothing yet.
    pub const fn of(device: DeviceId) -> Self {
        Self { device, counter: None, power: None, utilisation_permille: None, memory_mib: None }
    }
}

impl CounterUnit {
    /// The word in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            CounterUnit::Microjoule => "uj",
            CounterUnit::Millijoule => "mj",
        }
    }

    /// `value` of this unit; `None` where that is beyond every energy that can be.
    pub fn energy(self, value: u64) -> Option<Energy> {
        let microjoules = match self {
            CounterUnit::Microjoule => value,
            CounterUnit::Millijoule => value.checked_mul(1000)?,
        };
        i64::try_from(microjoules).ok().map(Energy::from_microjoules)
    }
}

impl PowerUnit {
    /// The word in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            PowerUnit::Microwatt => "uw",
            PowerUnit::Milliwatt => "mw",
        }
    }

    /// `value` of this unit; `None` where that is beyond every power that can be.
    pub fn power(self, value: u64) -> Option<Power> {
        let microwatts = match self {
            PowerUnit::Microwatt => value,
            PowerUnit::Milliwatt => value.checked_mul(1000)?,
        };
        i64::try_from(microwatts).ok().map(Power::from_microwatts)
    }
}

impl Cause {
    /// The word in the log.
    pub fn as_str(&self) -> &str {
        match self {
            Cause::Absent => "absent",
            Cause::ClockSet => "clock_set",
            Cause::DiskFull => "disk_full",
            Cause::Hang => "hang",
            Cause::LostDevice => "lost_device",
            Cause::Permission => "permission",
            Cause::Starved => "starved",
            Cause::Suspend => "suspend",
            Cause::WriteError => "write_error",
            Cause::Other(word) => word,
        }
    }

    /// The cause that `word` names.
    pub fn named(word: &str) -> Self {
        match word {
            "absent" => Cause::Absent,
            "clock_set" => Cause::ClockSet,
            "disk_full" => Cause::DiskFull,
            "hang" => Cause::Hang,
            "lost_device" => Cause::LostDevice,
            "permission" => Cause::Permission,
            "starved" => Cause::Starved,
            "suspend" => Cause::Suspend,
            "write_error" => Cause::WriteError,
            other => Cause::Other(String::from(other)),
        }
    }
}

#[cfg(test)]
mod tests;
