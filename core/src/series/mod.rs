//! A Series: what is left of one channel once its samples are read.
//!
//! Exact energy, first and last sample, statistics of the intervals, a time profile of bounded size, counts; no samples.
//! Series of one channel that do not overlap in time merge, and the result is that of one pass over all their samples.

mod instrument;
mod intervals;
mod pending;
mod profile;

use alloc::string::String;

pub use instrument::Instrument;
pub use intervals::{IntervalStatistics, LengthClass};
pub use profile::{PROFILE_STEPS_S, Profile};

use crate::units::{Energy, Instant, Power, Span};
use intervals::Stretches;
use pending::{Entry, Pending};

/// An interval this short is never a gap, whatever the median.
pub const SHORTEST_GAP: Span = Span::from_seconds(5);

/// An interval is a gap when it is longer than this many median intervals (and than [`SHORTEST_GAP`]).
pub const GAP_IN_MEDIANS: i64 = 10;

/// A part of a computer that uses energy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// Processor packages.
    Cpu,
    /// The cores inside a package (RAPL `core`, PP0).
    CpuCore,
    /// What stands beside the cores inside a package (RAPL `uncore`, PP1: often the integrated GPU).
    CpuUncore,
    /// A GPU or other accelerator board.
    Gpu,
    /// A module that holds GPU and CPU (Grace Hopper).
    GpuModule,
    /// What serves accelerators and is not named apart: processors, memory, network, fans.
    Host,
    /// Memory.
    Memory,
    /// A whole node, at its meter or board controller.
    Node,
    /// A platform sensor (RAPL `psys`): packages and more; what more is vendor-defined.
    Platform,
    /// A tracker's total that it does not split.
    Unsplit,
}

impl Component {
    /// All that a log may name.
    pub const ALL: [Component; 9] = [
        Component::Cpu,
        Component::CpuCore,
        Component::CpuUncore,
        Component::Gpu,
        Component::GpuModule,
        Component::Memory,
        Component::Node,
        Component::Platform,
        Component::Unsplit,
    ];

    /// The component whose word in the report `word` is.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|component| component.as_str() == word)
    }

    /// The word in the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Component::Cpu => "cpu",
            Component::CpuCore => "cpu_core",
            Component::CpuUncore => "cpu_uncore",
            Component::Gpu => "gpu",
            Component::GpuModule => "gpu_module",
            Component::Host => "host",
            Component::Memory => "memory",
            Component::Node => "node",
            Component::Platform => "platform",
            Component::Unsplit => "unsplit",
        }
    }

    /// The name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Component::Cpu => "CPU",
            Component::CpuCore => "CPU cores",
            Component::CpuUncore => "CPU uncore",
            Component::Gpu => "GPU",
            Component::GpuModule => "GPU module",
            Component::Host => "Rest of the machine",
            Component::Memory => "Memory",
            Component::Node => "Node",
            Component::Platform => "Platform",
            Component::Unsplit => "Machine, not split",
        }
    }

    /// The name for people of what an instrument read. A table of which nothing says what it measured measured who knows what.
    pub const fn label_by(self, instrument: Instrument) -> &'static str {
        match (self, instrument) {
            (Component::Unsplit, Instrument::NotStated) => "Not stated in the log",
            _ => self.label(),
        }
    }

    /// Power above which a reading of one device is no reading (about twice the largest product of its kind).
    pub const fn implausible_above(self) -> Power {
        match self {
            Component::Cpu | Component::CpuCore | Component::CpuUncore => Power::from_watts(2_000),
            Component::Memory => Power::from_watts(1_000),
            Component::Gpu | Component::GpuModule => Power::from_watts(5_000),
            Component::Host | Component::Node | Component::Platform | Component::Unsplit => Power::from_watts(50_000),
        }
    }
}

/// What the readings of a channel are. A counter is never mistaken for a gauge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantity {
    /// Cumulative energy in µJ, with the value at which it starts again from 0.
    Counter(CounterRange),
    /// Energy in µJ of the time since the previous reading.
    IntervalEnergy,
    /// Power in µW at the instant of the stamp: trapezoid between neighbours.
    Power,
    /// Power in µW as a model gives it, no sensor: mean of the interval that ends at the stamp.
    PowerEstimated,
    /// Power in µW that holds until the next reading (meters that write on change).
    PowerHeld,
    /// Power in µW, mean of the interval that ends at the stamp.
    PowerMean,
}

impl Quantity {
    /// Whether readings are power, in µW.
    pub const fn is_power(self) -> bool {
        matches!(self, Quantity::Power | Quantity::PowerEstimated | Quantity::PowerHeld | Quantity::PowerMean)
    }
}

/// Where a cumulative counter starts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CounterRange {
    /// The log states it, in µJ.
    Known(i64),
    /// RAPL, range not in the log: one of the kernel's usual ranges.
    Rapl,
    /// It only starts again when the driver is loaded.
    Unbounded,
}

/// The usual `max_energy_range_uj` of the kernel's RAPL zones, in µJ: 32-bit registers in units of 2^-14 J and 2^-16 J, as printed by
/// Linux for packages (262,143,328,850), memory (65,712,999,613) and AMD packages (65,532,610,987).
pub const RAPL_RANGES_UJ: [i64; 3] = [65_532_610_987, 65_712_999_613, 262_143_328_850];

/// Names of one device, as far as the log has them; the first one that is there identifies it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// Unique id (`GPU-…`): the same on every host and in every tool.
    pub uuid: Option<String>,
    /// PCI bus id.
    pub bus_id: Option<String>,
    /// Board serial.
    pub serial: Option<String>,
    /// Number on its host, or zone name (`package-0`).
    pub index: Option<String>,
    /// Model, as the sampler prints it.
    pub model: Option<String>,
    /// Place in the round of rows, counted from 0, where nothing in the log tells devices apart.
    pub place: Option<u16>,
}

impl Device {
    /// A device that is known by its number or zone name alone.
    pub fn indexed(index: impl Into<String>) -> Self {
        Self { index: Some(index.into()), ..Self::default() }
    }

    /// The name that identifies it: uuid, bus id, serial, index, model, in this order.
    pub fn key(&self) -> &str {
        [&self.uuid, &self.bus_id, &self.serial, &self.index, &self.model].into_iter().find_map(Option::as_deref).unwrap_or("")
    }

    /// Whether an identity that both state differs: uuid, else bus id (domains are written with four or eight digits), else serial.
    /// Capitals mean nothing; where no identity is stated by both, nothing is known.
    pub(crate) fn is_another(&self, other: &Self) -> bool {
        let bus = |device: &Self| device.bus_id.as_ref().map(|id| String::from(id.trim_start_matches('0')));
        let pairs = [(self.uuid.clone(), other.uuid.clone()), (bus(self), bus(other)), (self.serial.clone(), other.serial.clone())];
        let both = pairs.into_iter().find_map(|(a, b)| Some((a?, b?)));
        both.is_some_and(|(a, b)| !a.eq_ignore_ascii_case(&b))
    }
}

/// What is read, of what, where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel {
    /// Host as the log names it.
    pub host: Option<String>,
    /// Part of the computer.
    pub component: Component,
    /// Which one.
    pub device: Device,
    /// What is read.
    pub quantity: Quantity,
    /// What reads it.
    pub instrument: Instrument,
}

/// A reading: µW or µJ as the channel's [`Quantity`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub at: Instant,
    /// How much.
    pub value: i64,
}

impl Sample {
    /// Where the first interval of a channel of [`Quantity::IntervalEnergy`] begins; also where the log begins again, so that the time
    /// since the last reading is not covered.
    pub const fn interval_start(at: Instant) -> Self {
        Self { at, value: INTERVAL_START }
    }

    /// Whether it is no reading but an [`interval_start`](Sample::interval_start).
    pub const fn is_interval_start(&self) -> bool {
        self.value == INTERVAL_START
    }
}

/// No reading has this value: energies of intervals are never negative.
const INTERVAL_START: i64 = -1;

/// Why two neighbouring readings do not go on from each other, as a sampler says that knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// Another recording begins: nothing is bridged, and nothing is said of the time between.
    AnotherRecording,
    /// The device was off or asleep: nothing is known of the time, and next to nothing was used.
    Off,
    /// Nobody watched: a gap, whatever its length. A counter bridges it.
    Unwatched,
}

impl Interruption {
    /// Whether the device was off.
    pub const fn is_off(self) -> bool {
        matches!(self, Interruption::Off)
    }

    /// As a sample between the two; no reading has such a value.
    pub const fn sample(self, at: Instant) -> Sample {
        let value = match self {
            Interruption::Off => i64::MIN,
            Interruption::Unwatched => i64::MIN + 1,
            Interruption::AnotherRecording => i64::MIN + 2,
        };
        Sample { at, value }
    }

    const fn of(sample: Sample) -> Option<Self> {
        match sample.value {
            i64::MIN => Some(Interruption::Off),
            value if value == i64::MIN + 1 => Some(Interruption::Unwatched),
            value if value == i64::MIN + 2 => Some(Interruption::AnotherRecording),
            _ => None,
        }
    }
}

/// What happened to the samples of a series besides integration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SampleCounts {
    /// Samples that were integrated, equal times taken together.
    pub samples: u64,
    /// Dropped: same time, same value.
    pub duplicates: u64,
    /// Taken together: same time, another value.
    pub averaged: u64,
    /// Out of order by a few places and sorted.
    pub disordered: u64,
    /// Jumps backwards of the clock.
    pub clock_steps: u64,
    /// Counter continued past its range.
    pub wraps: u64,
    /// Counter started again.
    pub resets: u64,
    /// Counter intervals long enough for more than one wrap.
    pub wraps_uncertain: u64,
}

impl SampleCounts {
    fn add(&mut self, o: &SampleCounts) {
        self.samples += o.samples;
        self.duplicates += o.duplicates;
        self.averaged += o.averaged;
        self.disordered += o.disordered;
        self.clock_steps += o.clock_steps;
        self.wraps += o.wraps;
        self.resets += o.resets;
        self.wraps_uncertain += o.wraps_uncertain;
    }
}

/// The integral of one channel over time.
#[derive(Clone, Debug)]
pub struct Series {
    channel: Channel,
    pending: Pending,
    stretches: Stretches,
    first: Option<Sample>,
    last: Option<Sample>,
    earliest: Option<Instant>,
    latest: Option<Instant>,
    highest: i64,
    counts: SampleCounts,
    /// Between the last reading and the next one.
    interrupted: Option<Interruption>,
}

/// What a series comes to, once the median interval is known.
#[derive(Clone, Debug)]
pub struct Integral {
    /// Energy over the covered time.
    pub energy: Energy,
    /// What the trapezoid over the gaps would add.
    pub gap_energy: Energy,
    /// Covered time.
    pub covered: Span,
    /// Time in gaps.
    pub gaps: Span,
    /// Number of gaps.
    pub gap_count: u64,
    /// Median interval.
    pub median: Option<Span>,
    /// Doubled energy (2 pJ) by time bucket.
    pub profile: Profile,
}

impl Series {
    /// An empty series of `channel`.
    pub fn new(channel: Channel) -> Self {
        Self {
            channel,
            pending: Pending::default(),
            stretches: Stretches::default(),
            first: None,
            last: None,
            earliest: None,
            latest: None,
            highest: i64::MIN,
            counts: SampleCounts::default(),
            interrupted: None,
        }
    }

    /// What it is a series of.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// The same readings under other names of device or host.
    pub fn channel_mut(&mut self) -> &mut Channel {
        &mut self.channel
    }

    /// Adds a reading, in the order of the file. Small disorder is sorted; a jump backwards beyond it is a clock step.
    #[inline(always)]
    pub fn push(&mut self, sample: Sample) {
        if self.pending.is_next(sample.at) {
            if let Some(ready) = self.pending.append(sample) {
                self.integrate(ready);
            }
        } else {
            self.push_disordered(sample);
        }
    }

    /// Ends a pass: what was held back to sort small disorder is integrated.
    pub fn flush(&mut self) {
        while let Some(entry) = self.pending.take_first() {
            self.integrate_apart(entry);
        }
    }

    /// Ends the recording: what comes next is another one, at whatever time.
    pub fn end_recording(&mut self) {
        self.flush();
        if self.last.is_some() {
            self.interrupted = Some(Interruption::AnotherRecording);
        }
    }

    /// First instant of the series; its samples must have been flushed.
    pub fn start(&self) -> Option<Instant> {
        self.earliest
    }

    /// Last instant.
    pub fn end(&self) -> Option<Instant> {
        self.latest
    }

    /// Highest reading of a power channel.
    pub fn peak(&self) -> Option<Power> {
        (self.channel.quantity.is_power() && self.counts.samples > 0).then_some(Power::from_microwatts(self.highest))
    }

    /// Samples and what happened to them.
    pub fn counts(&self) -> &SampleCounts {
        &self.counts
    }

    /// Whether `self` then `later` is the same as one pass over both, so that [`Series::append`] is exact.
    pub fn precedes(&self, later: &Series) -> bool {
        match (self.latest, later.earliest) {
            (Some(end), Some(start)) => end < start && !later.pending.had_irregular_head(),
            _ => true,
        }
    }

    /// Continues `self` by a series that it [`precedes`](Series::precedes). Both must be flushed.
    pub fn append(&mut self, later: &Series) {
        let Some(next) = later.first else {
            self.counts.add(&later.counts);
            self.interrupted = later.interrupted.or(self.interrupted);
            return;
        };
        if let Some(previous) = self.last {
            self.connect(previous, next);
        } else {
            self.first = later.first;
        }
        self.stretches.merge(&later.stretches);
        self.last = later.last;
        self.interrupted = later.interrupted;
        self.earliest = [self.earliest, later.earliest].into_iter().flatten().min();
        self.latest = [self.latest, later.latest].into_iter().flatten().max();
        self.highest = self.highest.max(later.highest);
        self.counts.add(&later.counts);
    }

    /// Energy, coverage and profile, with the gap rule applied: an interval is a gap when it is longer than
    /// max([`GAP_IN_MEDIANS`] × median, [`SHORTEST_GAP`]), rounded up to the edge of its length class (1/16 of an octave).
    ///
    /// Counters bridge gaps exactly, so for them every interval counts. `fill_gaps` counts gaps by their trapezoid.
    pub fn integral(&self, fill_gaps: bool) -> Integral {
        let everything = fill_gaps || matches!(self.channel.quantity, Quantity::Counter(_) | Quantity::IntervalEnergy);
        self.stretches.settle(everything)
    }

    /// Whether a counter never moved, or every power or energy of an interval is 0: then it measured nothing.
    pub fn is_frozen(&self) -> bool {
        let still = match self.channel.quantity {
            Quantity::Counter(_) | Quantity::IntervalEnergy => self.stretches.settle(true).energy == Energy::ZERO,
            Quantity::Power | Quantity::PowerEstimated | Quantity::PowerHeld | Quantity::PowerMean => self.highest == 0,
        };
        still && self.counts.samples > 1
    }

    #[cold]
    fn push_disordered(&mut self, sample: Sample) {
        match self.pending.insert(sample, self.channel.quantity.is_power()) {
            pending::Inserted::Duplicate => self.counts.duplicates += 1,
            pending::Inserted::Averaged => self.counts.averaged += 1,
            pending::Inserted::Sorted(ready) => {
                self.counts.disordered += 1;
                if let Some(ready) = ready {
                    self.integrate_apart(ready);
                }
            }
            pending::Inserted::ClockStep => {
                self.flush();
                self.counts.clock_steps += 1;
                let interrupted = self.interrupted.take().is_some();
                if let Some(previous) = self.last.filter(|_| !interrupted) {
                    self.step(previous, sample);
                }
                self.pending.restart(sample);
            }
        }
    }

    /// Off the usual way: one copy for all.
    #[inline(never)]
    fn integrate_apart(&mut self, entry: Entry) {
        self.integrate(entry);
    }

    #[inline(always)]
    fn integrate(&mut self, entry: Entry) {
        let next = entry.sample();
        if let Some(kind) = Interruption::of(next) {
            self.interrupted = Some(kind);
            return;
        }
        self.counts.samples += 1;
        match self.last {
            Some(previous) if !entry.starts_segment => self.connect(previous, next),
            None => {
                self.first = Some(next);
                self.earliest = Some(next.at);
                self.latest = Some(next.at);
            }
            Some(_) => {}
        }
        self.highest = self.highest.max(next.value);
        self.earliest = self.earliest.map(|e| e.min(next.at));
        self.latest = self.latest.map(|l| l.max(next.at));
        self.last = Some(next);
    }

    /// The stretch between two neighbouring readings.
    #[inline(always)]
    fn connect(&mut self, a: Sample, b: Sample) {
        if let Some(kind) = self.interrupted.take() {
            return self.connect_interrupted(a, b, kind);
        }
        match self.channel.quantity {
            Quantity::Power => self.stretches.add_linear(a.at, b.at, a.value, b.value),
            Quantity::PowerHeld => self.stretches.add_linear(a.at, b.at, a.value, a.value),
            Quantity::PowerEstimated | Quantity::PowerMean => self.stretches.add_linear(a.at, b.at, b.value, b.value),
            Quantity::IntervalEnergy if b.is_interval_start() => self.stretches.add_uncovered(a.at, b.at),
            Quantity::IntervalEnergy => self.stretches.add_energy(a.at, b.at, Energy::from_microjoules(b.value)),
            Quantity::Counter(range) => self.connect_counter(a, b, range),
        }
    }

    /// The stretch between two readings that do not go on from each other.
    #[cold]
    fn connect_interrupted(&mut self, a: Sample, b: Sample, kind: Interruption) {
        match (kind, self.channel.quantity) {
            (Interruption::AnotherRecording, _) => {}
            (Interruption::Off, _) => self.stretches.add_uncovered(a.at, b.at),
            (Interruption::Unwatched, Quantity::Counter(range)) => self.connect_counter(a, b, range),
            (Interruption::Unwatched, _) => self.stretches.add_gap(a.at, b.at, a.value, b.value),
        }
    }

    /// The stretch of one counter interval: difference, wrap or reset.
    fn connect_counter(&mut self, a: Sample, b: Sample, range: CounterRange) {
        let span = b.at.since(a.at);
        let most = self.channel.component.implausible_above().over(span);
        let difference = b.value.saturating_sub(a.value);
        let range = match range {
            CounterRange::Known(range) => Some(range),
            CounterRange::Rapl => RAPL_RANGES_UJ.into_iter().find(|r| *r >= self.highest.max(a.value).max(b.value)),
            CounterRange::Unbounded => None,
        };
        if let Some(range) = range
            && Power::from_watts(500).over(span) > Energy::from_microjoules(range)
        {
            self.counts.wraps_uncertain += 1;
        }
        let step = if difference >= 0 {
            Some(difference)
        } else {
            range.map(|r| difference.saturating_add(r)).filter(|d| *d >= 0 && Energy::from_microjoules(*d) <= most)
        };
        match step {
            Some(step) => {
                self.counts.wraps += u64::from(difference < 0);
                self.stretches.add_energy(a.at, b.at, Energy::from_microjoules(step));
            }
            None => {
                self.counts.resets += 1;
                self.stretches.add_uncovered(a.at, b.at);
            }
        }
    }

    /// A jump backwards of the clock between two neighbours of the file: bridged by one median interval for power; a counter's
    /// difference is exact whatever the clock says.
    fn step(&mut self, a: Sample, b: Sample) {
        match self.channel.quantity {
            Quantity::Power => self.stretches.add_step(b.at, i128::from(a.value) + i128::from(b.value)),
            Quantity::PowerHeld => self.stretches.add_step(b.at, 2 * i128::from(a.value)),
            Quantity::PowerEstimated | Quantity::PowerMean => self.stretches.add_step(b.at, 2 * i128::from(b.value)),
            Quantity::IntervalEnergy if b.is_interval_start() => {}
            Quantity::IntervalEnergy => self.stretches.add_energy(b.at, b.at, Energy::from_microjoules(b.value)),
            Quantity::Counter(range) => self.connect_counter(Sample { at: b.at, ..a }, b, range),
        }
    }
}

#[cfg(test)]
mod tests;
