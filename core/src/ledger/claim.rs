//! Claims: this instrument has these joules of this part of a computer, over this time.
//!
//! A claim holds no samples. Of a sampler's log it is a recording, of a tracker's one figure for one component.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::Method;
use super::evidence::When;
use super::precedence::Rank;
use crate::read::{Clock, Declared, DeclaredPart};
use crate::rules;
use crate::series::{Component, Coverage, Instrument, Integral, Quantity, Recording, Sample, Series, Wraps};
use crate::units::{Energy, Power, Span};

/// A clock that stamps of several files may share. Times on two of them can't be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timeline {
    /// UTC.
    Utc,
    /// Local stamps whose zone is not known.
    Local,
    /// The time since some start of its own: nobody knows when. The number is that of the claim.
    Own(usize),
}

impl Timeline {
    pub(super) fn of(clock: Clock, own: usize) -> Self {
        match clock {
            Clock::Told | Clock::Utc => Timeline::Utc,
            Clock::Local => Timeline::Local,
            Clock::Relative | Clock::None => Timeline::Own(own),
        }
    }

    pub(super) fn is_dated(self) -> bool {
        !matches!(self, Timeline::Own(_))
    }

    /// `coverage` as it stands in reports.
    pub(super) fn when(self, coverage: &Coverage) -> When {
        match (self, coverage.start(), coverage.end()) {
            (Timeline::Utc | Timeline::Local, Some(start), Some(end)) => When::Dated { start, end, utc: self == Timeline::Utc },
            _ => When::Undated(coverage.length()),
        }
    }
}

/// A local clock may differ from UTC by this much, µs.
pub(super) const WIDEST_ZONE_US: i64 = 14 * 3600 * 1_000_000;

/// What a plug reads over a board controller's reading, at least and at most.
const PLUG_LEAST: f64 = rules::value("plug_over_board_least");
const PLUG_MOST: f64 = rules::value("plug_over_board_most");

/// Steps of printed figures are told of where an energy is no more than so many of them.
const STEP_TOLD_PART: i64 = rules::whole("step_told_part");

/// And where it is no more than so many, power tells better.
const STEP_COARSE_PART: i64 = rules::whole("step_coarse_part");

/// What a claim was made from.
#[derive(Clone, Debug)]
pub(super) enum Origin<'l> {
    /// A tracker's or scheduler's figure, its position in its file, and of it one component.
    Declared(&'l Declared, usize, &'l DeclaredPart),
    /// A sampler's recording.
    Recorded(Box<Recorded>),
}

/// What a recording knows beyond energy and time.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub integral: Integral,
    pub samples: u64,
    pub peak: Option<Power>,
    pub wraps: Wraps,
    /// The first few readings.
    pub head: Vec<Sample>,
    /// The last one.
    pub last: Option<Sample>,
    /// Energy of stretches whose stamps stand twice, because the clock was set back.
    pub stamped_twice: Energy,
    /// Nothing says how long it took.
    pub is_untimed: bool,
    /// By how much less and how much more its energy may be because figures are printed in steps.
    pub steps: (Energy, Energy),
}

/// What a claim is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// One device.
    Device,
    /// All devices of the component on the host, or as many as the tracker says.
    Set,
    /// What a scheduler allotted to a job, on all its hosts.
    Job,
    /// The share of one process.
    Process,
}

/// This instrument has these joules.
#[derive(Clone, Debug)]
pub(super) struct Claim<'l> {
    /// Position of its file in the ledger; of further files that it goes on in.
    pub file: usize,
    pub further: Vec<usize>,
    /// Number of the host.
    pub host: usize,
    pub component: Component,
    /// Number of the device among those of the ledger.
    pub device: usize,
    pub reach: Reach,
    /// Devices that it stands for.
    pub count: u32,
    pub instrument: Instrument,
    pub method: Method,
    pub timeline: Timeline,
    /// So much later stood its stamps before it was put on the clock of another file.
    pub moved: Span,
    /// The same readings stand under another name, and may be a copy: the lower end is without them.
    pub may_be_copy: bool,
    /// What was watched.
    pub coverage: Coverage,
    pub energy: Energy,
    /// By how many times other ways to read the log differ, as fractions.
    pub times: Vec<(u32, u32)>,
    /// By how much less and how much more it may be, as the period asked for cuts it.
    pub cut: (Energy, Energy),
    pub origin: Origin<'l>,
}

impl Claim<'_> {
    /// Energy over a part of the coverage: by the profile, or evenly where there is none.
    pub(super) fn energy_over(&self, part: &Coverage) -> Energy {
        if *part == self.coverage {
            return self.energy;
        }
        if part.is_empty() {
            return Energy::ZERO;
        }
        match &self.origin {
            Origin::Recorded(recorded) => Energy::from_picojoules(recorded.integral.profile.within(part, &self.coverage).div_euclid(2)),
            Origin::Declared(..) => self.energy.share(part.length().as_micros(), self.coverage.length().as_micros().max(1)),
        }
    }

    /// Puts all of its stamps back by `later`.
    pub(super) fn set_back(&mut self, later: Span) {
        let back = Span::from_micros(-later.as_micros());
        self.moved += later;
        self.coverage = self.coverage.moved(back);
        if let Origin::Recorded(recorded) = &mut self.origin {
            recorded.integral.profile = recorded.integral.profile.moved(back);
            recorded.integral.coverage = recorded.integral.coverage.moved(back);
            recorded.head.iter_mut().chain(&mut recorded.last).for_each(|sample| sample.at = sample.at.plus(back));
        }
    }

    /// Its place in the order of who counts before whom.
    pub(super) fn rank(&self) -> Rank {
        let rank = Rank::of(self.instrument, self.method);
        let is_coarse = self.steps().0.share(STEP_COARSE_PART, 1) > self.energy;
        if is_coarse { rank.behind_power() } else { rank }
    }

    /// Of claims of one device the first counts: a meter at the plug, which holds all, the better instrument, the finer one, the larger figure.
    pub(super) fn precedence(&self) -> impl Ord {
        let is_inside = self.instrument != Instrument::WallMeter;
        (is_inside, self.rank(), self.coarseness(), Reverse(self.energy), self.coverage.start(), self.file)
    }

    /// By how much less and how much more its energy may be because figures are printed in steps, where that is worth a word.
    pub(super) fn steps(&self) -> (Energy, Energy) {
        match &self.origin {
            Origin::Recorded(recorded) if recorded.steps.1.share(STEP_TOLD_PART, 1) > self.energy => recorded.steps,
            _ => Default::default(),
        }
    }

    /// Whether a sampler's model or a user's word stands behind it: it counts after everything that is known.
    pub(super) fn is_estimate(&self) -> bool {
        self.rank().is_estimate()
    }

    /// Whether it says how long it took.
    pub(super) fn has_length(&self) -> bool {
        let is_untimed = matches!(&self.origin, Origin::Recorded(recorded) if recorded.is_untimed);
        !is_untimed && self.coverage.length().as_micros() > 1
    }

    /// How finely it was sampled, in octaves of the interval; figures without samples come last.
    pub(super) fn coarseness(&self) -> u32 {
        match &self.origin {
            Origin::Recorded(recorded) => {
                recorded.integral.median.map_or(u32::MAX - 1, |median| 64 - (median.as_micros().max(1) as u64).leading_zeros())
            }
            Origin::Declared(..) => u32::MAX,
        }
    }

    /// A stretch of time this short at its ends says nothing: clocks, stamps and sampling are not that exact.
    pub(super) fn tolerance(&self) -> Span {
        const CLOCKS: Span = rules::seconds("clock_tolerance_s");
        const MEDIANS: i64 = rules::whole("clock_tolerance_medians");
        match &self.origin {
            // Energies of intervals say when these begin and end.
            Origin::Recorded(_) if self.method == Method::IntervalEnergy => CLOCKS,
            Origin::Recorded(recorded) => {
                let median = recorded.integral.median.unwrap_or_default();
                CLOCKS.max(Span::from_micros(median.as_micros().saturating_mul(MEDIANS)))
            }
            Origin::Declared(declared, ..) => CLOCKS.max(declared.end_known_to + declared.end_known_to),
        }
    }

    /// The tool's name without its version, of a tracker.
    pub(super) fn tool_family(&self) -> &str {
        match &self.origin {
            Origin::Declared(declared, ..) => family(&declared.tool),
            Origin::Recorded(_) => "",
        }
    }
}

/// A tool's name without its version.
pub(super) fn family(tool: &str) -> &str {
    tool.split(' ').next().unwrap_or("")
}

/// How the energy of a channel is obtained.
pub(super) const fn method(quantity: Quantity) -> Method {
    match quantity {
        Quantity::Counter(_) => Method::Counter,
        Quantity::IntervalEnergy => Method::IntervalEnergy,
        Quantity::Power => Method::PowerTrapezoid,
        Quantity::PowerHeld => Method::PowerHeld,
        Quantity::PowerEstimated => Method::PowerModel,
        Quantity::PowerMean => Method::PowerMean,
    }
}

/// What a recording comes to.
pub(super) fn recorded(recording: &Recording, series: &Series, fill_gaps: bool, usual: Option<Span>) -> Recorded {
    let channel = series.channel();
    let step = series.printed_step();
    let integral = recording.integral_beside(channel.quantity, fill_gaps, usual);
    let each = |share: i64| step.share(i64::try_from(recording.samples()).unwrap_or(i64::MAX), share);
    let steps = match channel.quantity {
        // What is cut off at the first reading and at the last one, of each run that it holds.
        Quantity::Counter(_) => {
            let all = step.share(i64::try_from(integral.coverage.spans().len()).unwrap_or(i64::MAX).max(1), 1);
            (all, all)
        }
        // Where each is rounded it is half a step off, where it is cut a whole one.
        _ => (each(2), each(1)),
    };
    Recorded {
        steps,
        integral,
        samples: recording.samples(),
        peak: channel.quantity.is_power().then(|| Power::from_microwatts(recording.highest())),
        wraps: recording.wraps(),
        head: recording.head().to_vec(),
        last: recording.last(),
        stamped_twice: recording.stamped_twice(),
        is_untimed: channel.is_untimed(),
    }
}

/// Whether two logs have their stamps from one clock: those of a copy do.
pub(super) fn is_in_step(a: &Claim<'_>, b: &Claim<'_>) -> bool {
    let (Origin::Recorded(x), Origin::Recorded(y)) = (&a.origin, &b.origin) else { return false };
    let (Some(start), Some(other), Some(median)) = (a.coverage.start(), b.coverage.start(), x.integral.median) else { return false };
    a.method == b.method && y.integral.median == Some(median) && start.since(other).as_micros() % median.as_micros().max(1) == 0
}

/// Whether one is a meter at the plug and the other a board controller: of one machine the plug holds what the controller reads, and what the power
/// supplies lose.
pub(super) fn is_plug_of(plug: &Claim<'_>, board: &Claim<'_>) -> bool {
    let are_nodes = plug.component == Component::Node && board.component == Component::Node;
    are_nodes && plug.instrument == Instrument::WallMeter && board.instrument == Instrument::BoardController
}

/// Whether what both read over their common time can be of one machine.
pub(super) fn fits_plug(plug: &Claim<'_>, board: &Claim<'_>) -> bool {
    let common = plug.coverage.intersection(&board.coverage);
    could_be_plug(plug.energy_over(&common).as_kwh(), board.energy_over(&common).as_kwh())
}

/// Whether a plug that holds so much may be the one of a controller that reads so much.
pub(super) fn could_be_plug(plug: f64, board: f64) -> bool {
    board > 0.0 && (PLUG_LEAST * board..=PLUG_MOST * board).contains(&plug)
}

/// How late a claim's end may really be.
pub(super) fn end_known_to(claim: &Claim<'_>) -> Span {
    match &claim.origin {
        Origin::Declared(declared, ..) => declared.end_known_to,
        Origin::Recorded(_) => Span::ZERO,
    }
}
