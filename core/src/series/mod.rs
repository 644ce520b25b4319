//! A Series: what is left of one channel of one file once its samples are read: its recordings.
//!
//! Of each recording: exact energy, the first few samples and the last, statistics of the intervals, a time profile of bounded size, coverage.
//! Series of one channel that do not overlap in time merge, and the result is that of one pass over all their samples.

pub(crate) mod again;
mod buckets;
mod channel;
mod clock_steps;
mod coverage;
mod device;
mod holes;
mod in_order;
mod instrument;
mod intervals;
mod likeness;
mod pending;
mod profile;
mod recording;
pub(crate) mod rounds;
mod sample;
mod shuffled;
mod slow_readings;
mod wraps;

use alloc::string::String;
use alloc::vec::Vec;

pub use channel::Channel;
pub(crate) use clock_steps::settle_jumps;
pub use coverage::Coverage;
pub use device::Device;
pub(crate) use device::{plain_bus, plain_uuid};
pub use in_order::{InOrder, Ordered, Queued};
pub use instrument::Instrument;
pub use intervals::{IntervalStatistics, LengthClass};
pub use likeness::Alike;
pub(crate) use likeness::{CLEARLY_APART, are_means, counter_likeness, go_along, lie_close, likeness, may_repeat, repeats_in, share};
pub use profile::{PROFILE_STEPS_S, Profile};
pub(crate) use recording::WRAP_SUSPECTED_ABOVE;
pub use recording::{Integral, Recording};
pub use sample::{Interruption, Sample};
pub use shuffled::{InRounds, Shuffled};
pub use wraps::Wraps;

use crate::bounds;
use crate::rules;
use crate::units::{Energy, Instant, Power, Span};
use pending::{Entry, Pending};
use sample::INTERVAL_START;

/// An interval this short is never a gap, whatever the median.
pub const SHORTEST_GAP: Span = rules::seconds("gap_shortest_s");

/// An interval is a gap when it is longer than this many median intervals (and than [`SHORTEST_GAP`]).
pub const GAP_IN_MEDIANS: i64 = rules::whole("gap_medians");

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
            Component::Host => "Other parts and losses",
            Component::Memory => "Memory",
            Component::Node => "Node",
            Component::Platform => "Platform",
            Component::Unsplit => "Machine, not split",
        }
    }

    /// The name for people of what an instrument read. A table of which nothing says what it measured measured who knows what; a total that counters
    /// inside of a computer give is of its chip.
    pub const fn label_by(self, instrument: Instrument) -> &'static str {
        match (self, instrument) {
            (Component::Unsplit, Instrument::NotStated) => "Not stated in the log",
            (Component::Unsplit, Instrument::Hwmon | Instrument::Rapl) => "Chip, not split",
            _ => self.label(),
        }
    }

    /// The label inside a sentence: `GPU`, `memory`.
    pub fn in_sentence(self) -> String {
        match self {
            Component::Host | Component::Memory | Component::Node | Component::Platform => self.label().to_lowercase(),
            Component::Unsplit => String::from("a total that is not split"),
            _ => String::from(self.label()),
        }
    }

    /// Power above which a reading of one device is no reading (about twice the largest product of its kind).
    pub const fn implausible_above(self) -> Power {
        match self {
            Component::Cpu | Component::CpuCore | Component::CpuUncore => const { rules::power("reading_most_processor_w") },
            Component::Memory => const { rules::power("reading_most_memory_w") },
            Component::Gpu | Component::GpuModule => const { rules::power("reading_most_gpu_w") },
            Component::Host | Component::Node | Component::Platform | Component::Unsplit => const { rules::power("reading_most_node_w") },
        }
    }

    /// The same for a device: a GPU of which nothing is known may be all of a node's.
    pub const fn most_power_of(self, device: &Device) -> Power {
        match self {
            Component::Gpu if !device.is_named() && device.model.is_none() => Component::Node.implausible_above(),
            component => component.implausible_above(),
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
    /// Joules of a part that RAPL has a counter of: its register in another unit, or what a script added up and may begin anew.
    RaplPerhaps,
    /// It only starts again when the driver is loaded.
    Unbounded,
    /// The same, and no reading has a time: how fast it rose is not known.
    Untimed,
}

/// The usual `max_energy_range_uj` of the kernel's RAPL zones, in µJ: 32-bit registers in units of 2^-14 J and 2^-16 J, as printed by
/// Linux for packages (262,143,328,850), memory (65,712,999,613) and AMD packages (65,532,610,987).
pub const RAPL_RANGES_UJ: [i64; 3] = [65_532_610_987, 65_712_999_613, 262_143_328_850];

/// The ranges that a counter of this component may have, smallest first: only AMD's packages, and what is inside them, have AMD's.
pub(crate) fn rapl_ranges(component: Component) -> &'static [i64] {
    match component {
        Component::Memory => &[65_712_999_613, 262_143_328_850],
        _ => &RAPL_RANGES_UJ,
    }
}

/// What happened to the samples of a series besides integration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SampleCounts {
    /// Dropped: same time, same value.
    pub duplicates: u64,
    /// Taken together: same time, another value.
    pub averaged: u64,
    /// Out of order by a few places and sorted.
    pub disordered: u64,
    /// Jumps backwards of the clock.
    pub clock_steps: u64,
    /// Recordings beyond a bound, which are told apart no longer.
    pub joined: u64,
}

impl SampleCounts {
    fn add(&mut self, o: &SampleCounts) {
        self.duplicates += o.duplicates;
        self.averaged += o.averaged;
        self.disordered += o.disordered;
        self.clock_steps += o.clock_steps;
        self.joined += o.joined;
    }
}

/// No log has more recordings of one channel. Beyond them nothing is bridged either, but they are told apart no longer.
const MOST_RECORDINGS: usize = bounds::RECORDINGS.value as usize;

/// The recordings of one channel in one file.
#[derive(Clone, Debug)]
pub struct Series {
    channel: Channel,
    pending: Pending,
    ended: Vec<Recording>,
    open: Recording,
    counts: SampleCounts,
    /// Between the last reading and the next one.
    interrupted: Option<Interruption>,
    /// Another recording begins with the next reading, or began before the first: of another run, where the log says so.
    another: Option<Another>,
    /// What stood before the first reading.
    began: Option<Another>,
    /// Rows are out of order beyond what was sorted: only a reading in time order gives the energy.
    unordered: bool,
    /// A header stands above the next reading, which is earlier than the last one.
    below_header: bool,
    /// The smallest step of its energies as they are printed, µJ; `None` where nothing says it.
    printed_step: Option<i64>,
}

/// Why another recording begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Another {
    /// The log begins anew; it goes on where no time is missing.
    Header,
    /// It is of another run.
    Run,
}

impl Series {
    /// An empty series of `channel`.
    pub fn new(channel: Channel) -> Self {
        Self {
            channel,
            pending: Pending::default(),
            ended: Vec::new(),
            open: Recording::default(),
            counts: SampleCounts::default(),
            interrupted: None,
            another: None,
            began: None,
            unordered: false,
            below_header: false,
            printed_step: None,
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

    /// Adds a reading, in the order of the file. Small disorder is sorted; beyond it, see [`Series::is_unordered`].
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

    /// An energy of it is printed in steps of so many µJ. The finest counts: zeros at the end may be left away.
    pub(crate) fn printed_to(&mut self, step_uj: i64) {
        self.printed_step = Some(self.printed_step.map_or(step_uj, |known| known.min(step_uj)));
    }

    /// The same, of readings that were put in order.
    pub(crate) fn set_printed_step(&mut self, step: Energy) {
        self.printed_step = i64::try_from(step.as_picojoules() / 1_000_000).ok();
    }

    /// The smallest step of its energies as they are printed; nothing where no figure says it, or where it is power that is read.
    pub(crate) fn printed_step(&self) -> Energy {
        let is_energy = matches!(self.channel.quantity, Quantity::Counter(_) | Quantity::IntervalEnergy);
        Energy::from_microjoules(self.printed_step.filter(|_| is_energy).unwrap_or(0))
    }

    /// Of an interval that was cut, what of its energy counts by its share of the time, and what does not: it may as well be none or all of it.
    pub(crate) fn cut(&mut self, inside: Energy, outside: Energy) {
        self.open.cut(inside, outside);
    }

    /// Ends a pass: what was held back to sort small disorder is integrated.
    pub fn flush(&mut self) {
        while let Some(entry) = self.pending.take_first() {
            self.integrate_apart(entry);
        }
        self.open.release(&self.channel);
    }

    /// Ends the file: what was held back is integrated, and what was read takes as little room as it can.
    pub(crate) fn seal(&mut self) {
        self.flush();
        self.pending.seal();
        self.open.seal();
        self.ended.shrink_to_fit();
    }

    /// Ends the recording: what comes next is another one, at whatever time. It goes on where no time is missing between the two.
    pub fn end_recording(&mut self) {
        self.flush();
        self.another = self.another.max(Some(Another::Header));
        self.interrupted = None;
    }

    /// Ends the recording: what comes next is of another run.
    pub fn end_run(&mut self) {
        self.end_recording();
        self.another = Some(Another::Run);
    }

    /// What comes first stands behind another recording of the log, or behind another run.
    pub fn begin_anew(&mut self, is_another_run: bool) {
        if is_another_run { self.end_run() } else { self.end_recording() }
    }

    /// Its recordings, in the order of the file; its samples must have been flushed.
    pub fn recordings(&self) -> impl Iterator<Item = &Recording> {
        self.ended.iter().chain(Some(&self.open).filter(|open| !open.is_empty()))
    }

    /// First instant of the series; its samples must have been flushed.
    pub fn start(&self) -> Option<Instant> {
        self.recordings().filter_map(Recording::start).min()
    }

    /// Last instant.
    pub fn end(&self) -> Option<Instant> {
        self.recordings().filter_map(Recording::end).max()
    }

    /// Highest reading of a power channel.
    pub fn peak(&self) -> Option<Power> {
        let highest = self.recordings().map(Recording::highest).max()?;
        self.channel.quantity.is_power().then_some(Power::from_microwatts(highest))
    }

    /// What happened to its samples.
    pub fn counts(&self) -> &SampleCounts {
        &self.counts
    }

    /// Number of samples that were integrated.
    pub fn samples(&self) -> u64 {
        self.recordings().map(Recording::samples).sum()
    }

    /// What became of a counter's differences.
    pub fn wraps(&self) -> Wraps {
        let mut all = Wraps::default();
        self.recordings().for_each(|recording| all.add(&recording.wraps()));
        all
    }

    /// What each recording comes to, by its own gap rule.
    pub fn integrals(&self, fill_gaps: bool) -> impl Iterator<Item = Integral> {
        self.recordings().map(move |recording| recording.integral(self.channel.quantity, fill_gaps))
    }

    /// Energy of all recordings, each by its own gap rule. Recordings that overlap count as they are: what of them is one is the ledger's to say.
    pub fn energy(&self, fill_gaps: bool) -> Energy {
        self.integrals(fill_gaps).map(|integral| integral.energy).sum()
    }

    /// Whether rows are out of order beyond what is sorted while reading: the file is then to be read again in time order ([`InOrder`]).
    pub fn is_unordered(&self) -> bool {
        self.unordered
    }

    /// Whether `self` then `later` is the same as one pass over both, so that [`Series::append`] is exact.
    pub fn precedes(&self, later: &Series) -> bool {
        if later.recordings().next().is_some_and(|later| self.open.needs(later, &self.channel)) {
            return false;
        }
        match (self.end(), later.start()) {
            (Some(end), Some(start)) => end < start && !later.pending.had_irregular_head(),
            _ => true,
        }
    }

    /// Continues `self` by a series that it [`precedes`](Series::precedes). Both must be flushed.
    pub fn append(&mut self, later: &Series) {
        self.counts.add(&later.counts);
        self.unordered |= later.unordered;
        if let Some(step) = later.printed_step {
            self.printed_to(step);
        }
        let mut recordings = later.recordings();
        let Some(next) = recordings.next() else {
            self.interrupted = later.interrupted.or(self.interrupted);
            self.another = self.another.max(later.another);
            return;
        };
        // What a later range says of the time before its first reading.
        let another = self.another.take().max(later.began);
        self.go_on(next, another);
        let log = self.open.log;
        for recording in recordings {
            self.close();
            self.open = recording.clone();
            self.open.log = log.saturating_add(recording.log);
        }
        self.interrupted = later.interrupted;
        self.another = later.another;
    }

    fn go_on(&mut self, next: &Recording, another: Option<Another>) {
        let interrupted = self.interrupted.take();
        if self.open.is_empty() {
            self.began = self.began.max(another);
            self.open = next.clone();
        } else if another.is_none() || next.first().is_some_and(|first| self.is_continued(another, first)) {
            self.open.append(next, &self.channel, interrupted);
        } else {
            self.close();
            self.open = next.clone();
            self.open.is_another_run = another == Some(Another::Run);
        }
    }

    /// Whether a log that began anew goes on with this reading: no time is missing, and a counter does not fall back.
    fn is_continued(&self, another: Option<Another>, next: Sample) -> bool {
        let goes_on =
            |last: Sample| last.at < next.at && next.at.since(last.at) <= SHORTEST_GAP && !self.open.falls_back(&self.channel, last, next);
        another == Some(Another::Header) && self.open.last().is_some_and(goes_on)
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            self.open.seal();
            let has_doubtful_pauses = self.open.has_doubtful_pauses;
            self.ended.push(core::mem::take(&mut self.open));
            self.open.has_doubtful_pauses = has_doubtful_pauses;
        }
    }

    /// Rows of several recordings stood in any order, so that which of them one is of is not known for sure: no pause is bridged.
    fn doubt_pauses(&mut self) {
        self.open.has_doubtful_pauses = true;
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
                let rose = |last: Sample| matches!(self.channel.quantity, Quantity::Counter(_)) && last.value <= sample.value;
                // Of rows out of order, an earlier stamp has a lower reading: a counter that rose all the same says that its clock was set back. A reading
                // that rose by more than a device draws, or that is the first one again, is of a counter that ran through its range meanwhile.
                if !self.open.last().is_some_and(rose) || self.open.may_repeat(&self.channel, sample) {
                    self.unordered = true;
                    self.another = Some(Another::Run);
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
        if entry.starts_segment || self.interrupted.is_some() || self.another.is_some() || next.value < INTERVAL_START {
            return self.integrate_after(entry.starts_segment, next);
        }
        self.open.push(&self.channel, next);
    }

    /// A reading before which something happened, or the word of it.
    #[cold]
    fn integrate_after(&mut self, clock_step: bool, next: Sample) {
        if let Some(kind) = Interruption::of(next) {
            self.interrupted = Some(kind);
            return;
        }
        let (another, interrupted) = (self.another.take(), self.interrupted.take());
        if self.open.is_empty() {
            self.began = self.began.max(another);
            self.open.is_another_run |= another == Some(Another::Run);
            return self.open.push(&self.channel, next);
        }
        if another.is_some() && !self.is_continued(another, next) {
            if self.ended.len() >= MOST_RECORDINGS {
                self.counts.joined += 1;
                return self.open.push_apart(next);
            }
            self.close();
            self.open.is_another_run = another == Some(Another::Run);
            self.open.is_below_header = core::mem::take(&mut self.below_header);
            return self.open.push(&self.channel, next);
        }
        match interrupted {
            Some(kind) => self.open.push_after(&self.channel, next, kind),
            None if clock_step => self.open.push_clock_step(&self.channel, next),
            None => self.open.push(&self.channel, next),
        }
    }
}

#[cfg(test)]
mod tests;
