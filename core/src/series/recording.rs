//! One continuous run of one sampler: exact energy, the first few samples and the last, statistics of intervals, a time profile.

use alloc::vec::Vec;

use super::intervals::{IntervalStatistics, LengthClass, Stretches, longest_interval};
use super::likeness::{self, ROWS_KEPT};
use super::slow_readings::{SlowReadings, Unseen};
use super::wraps::Wraps;
use super::{Channel, CounterRange, Coverage, Interruption, Profile, Quantity, Sample, rapl_ranges};
use crate::rules;
use crate::units::{Energy, Instant, Power, Span};

/// A counter that a device of this power runs once through between two readings may have run through it more often: the rating of the largest
/// processors of `cpus.csv`.
pub(crate) const WRAP_SUSPECTED_ABOVE: Power = rules::power("counter_wrap_w");

/// Over an interval in which even this power runs through a counter's range, its difference tells nothing: if nobody watched, it is a gap.
const WRAPS_FOR_CERTAIN: Power = rules::power("counter_gap_w");

/// Joules that may be a script's own begin anew where a run through RAPL's range would be more than so many times the pace before.
const RESTART_OVER_PACE: i64 = rules::whole("counter_restart_over_pace");

/// Over a pause no longer than this part of what both watched, per cent, two logs of a counter may be one that was cut there.
const CUT_AT_A_PAUSE: i128 = rules::whole("counter_cut_percent") as i128;

/// And it gained no more than so much, per cent, beyond what it did at their pace.
const CUT_ABOVE_PACE: i128 = rules::whole("counter_pace_percent") as i128;

/// What is left of one recording once its samples are read.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    stretches: Stretches,
    /// The first few samples.
    head: Vec<Sample>,
    last: Option<Sample>,
    earliest: Option<Instant>,
    latest: Option<Instant>,
    highest: i64,
    samples: u64,
    /// A counter's reading that fell, or that no device reaches from the last one: wrong, unless the next one goes on from it.
    suspect: Option<Sample>,
    wraps: Wraps,
    /// Intervals in which a counter may have run through its range unseen.
    slow: SlowReadings,
    /// Energy of stretches whose stamps stand twice, because the clock was set back: if they were one stretch after all, it would not count.
    stamped_twice: Energy,
    /// The log says that another run begins here: never joined to what came before.
    pub(super) is_another_run: bool,
    /// Which of several recordings a row is of is not known for sure, so that a counter's difference over a pause may lie between two of them.
    pub(super) has_doubtful_pauses: bool,
    /// A header stands above its first reading, which is earlier than what came before.
    pub(super) is_below_header: bool,
    /// Which of several logs, one behind the other in its file.
    pub(super) log: u16,
}

/// What a recording comes to, once the median interval is known.
#[derive(Clone, Debug)]
pub struct Integral {
    /// Energy over the covered time.
    pub energy: Energy,
    /// Of that, what counts because pauses of one length follow each other: between single readings nobody may have looked.
    pub in_step: Energy,
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
    /// Sum over neighbouring power samples of (power difference × interval)², µJ²: how much power moved from sample to sample.
    pub scatter: u128,
    /// When it was watched.
    pub coverage: Coverage,
    /// Doubled energy (2 pJ) by time bucket.
    pub profile: Profile,
}

impl Recording {
    /// Whether it holds no sample.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// First instant.
    pub fn start(&self) -> Option<Instant> {
        self.earliest
    }

    /// Last instant.
    pub fn end(&self) -> Option<Instant> {
        self.latest
    }

    /// Which of several logs it is of that stand one behind the other in its file, from 0.
    pub(crate) fn log(&self) -> u16 {
        self.log
    }

    /// Number of samples that were integrated, equal times taken together.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Highest reading.
    pub fn highest(&self) -> i64 {
        self.highest
    }

    /// What became of a counter's differences.
    pub fn wraps(&self) -> Wraps {
        let fallen = || self.slow.fallen();
        let (unseen, energy) =
            self.slow.unseen().chain(fallen()).fold((0, Energy::ZERO), |sum, found| (sum.0 + found.times, sum.1 + found.energy));
        // Over a pause it may have begun again.
        let is_pause = |found: &Unseen| self.stretches.is_gap(found.end.since(found.start), None);
        let counted: Energy = fallen().filter(is_pause).map(|found| found.counted).sum();
        Wraps {
            implausible: self.wraps.implausible + u64::from(self.suspect.is_some()),
            at_pace: unseen,
            energy: self.wraps.energy + energy,
            doubtful: self.wraps.doubtful + energy + counted,
            ..self.wraps
        }
    }

    /// Whether a counter's readings on both sides of a seam decide together what is wrong.
    pub(super) fn needs(&self, later: &Recording, channel: &Channel) -> bool {
        let (Some(last), Some(first), Quantity::Counter(_)) = (self.last, later.first(), channel.quantity) else { return false };
        self.suspect.is_some() || first.value < last.value || self.jumps(channel, last, first)
    }

    /// Energy, coverage and profile, with the gap rule applied: an interval is a gap when it is longer than
    /// max([`GAP_IN_MEDIANS`](super::GAP_IN_MEDIANS) × median, [`SHORTEST_GAP`](super::SHORTEST_GAP)), rounded up to the edge of its length class
    /// (1/16 of an octave).
    ///
    /// Counters bridge gaps exactly, as long as they can't have run through their range: for them every interval counts. `fill_gaps` counts gaps by their trapezoid.
    pub fn integral(&self, quantity: Quantity, fill_gaps: bool) -> Integral {
        self.integral_beside(quantity, fill_gaps, None)
    }

    /// The same where the median interval of all that was read of the device is known: of a few intervals it is the rule.
    pub(crate) fn integral_beside(&self, quantity: Quantity, fill_gaps: bool, usual: Option<Span>) -> Integral {
        let everything = fill_gaps || quantity == Quantity::IntervalEnergy;
        let (start, end) = (self.earliest.unwrap_or(Instant::from_micros(0)), self.latest.unwrap_or(Instant::from_micros(0)));
        let mut integral = self.stretches.settle(everything, usual, start, end);
        for found in self.slow.fallen().filter(|found| !everything && self.stretches.is_gap(found.end.since(found.start), usual)) {
            integral.count_gap(&found);
        }
        for found in self.slow.unseen().chain(self.slow.fallen()) {
            integral.energy += found.energy;
            integral.profile.add_even(found.start, found.end, 2 * found.energy.as_picojoules());
        }
        integral
    }

    /// Nothing more comes for now.
    pub(super) fn seal(&mut self) {
        self.stretches.seal();
    }

    /// Whether a counter never moved, or every power or energy of an interval is 0: then it measured nothing.
    pub fn is_frozen(&self, quantity: Quantity) -> bool {
        let still = if quantity.is_power() { self.highest == 0 } else { self.integral(quantity, true).energy == Energy::ZERO };
        still && self.samples > 1
    }

    /// The intervals between its readings.
    pub(crate) fn statistics(&self) -> &IntervalStatistics {
        self.stretches.statistics()
    }

    /// Whether its readings move time and again.
    pub(crate) fn moves(&self, quantity: Quantity) -> bool {
        let read = self.integral_beside(quantity, false, None);
        likeness::moves((&read.profile, &read.coverage, &self.head))
    }

    /// Whether `later` may be of the same sampler: it follows, is not of another run, a counter does not fall back, and neither is so much slower than
    /// the other that it would be all gaps to it: a log with many pauses still looks as often as before in between.
    pub fn may_go_on_in(&self, later: &Recording, channel: &Channel, usual: Option<Span>) -> bool {
        let (Some(last), Some(next)) = (self.last, later.first()) else { return false };
        // Where no time is missing, a counter may run through its range between two pieces of a log as it may within one.
        let is_near = is_near(next.at.since(last.at), usual);
        let falls_back = next.value < last.value && matches!(channel.quantity, Quantity::Counter(_));
        let follows = self.latest < later.earliest || self.is_touched_by(later, channel);
        if later.is_another_run || !follows || falls_back && (!is_near || self.falls_back(channel, last, next)) {
            return false;
        }
        let (own, theirs) = (self.statistics(), later.statistics());
        let is_few = own.are_few() || theirs.are_few();
        let alike = match (own.median(), theirs.median()) {
            (Some(a), Some(b)) => {
                let (slower, fast) = (if a > b { own } else { theirs }, a.min(b));
                // Twice its median: an interval that is a little longer than the others must be no gap either. What often looks as often as the faster
                // one is the same sampler, whatever pauses it made.
                LengthClass::of(a.max(b) + a.max(b)) <= longest_interval(fast) || slower.is_often_within(LengthClass::of(fast + fast))
            }
            _ => true,
        };
        // A few readings far from all others, and evenly apart, are a slow log and no piece of this one.
        let has_own = own.show_a_rule() && theirs.show_a_rule() && !is_near;
        alike || is_few && !has_own
    }

    /// Whether `later` begins at the very instant at which this ends: an interval does where the one before it ended. Of a counter, what lies between two
    /// readings of one time would be lost.
    fn is_touched_by(&self, later: &Recording, channel: &Channel) -> bool {
        let are_long = self.earliest < self.latest && later.earliest < later.latest;
        self.latest == later.earliest && are_long && !matches!(channel.quantity, Quantity::Counter(_))
    }

    /// Goes on in `later`, whose time follows. Where no time is missing by the gap rule, the two are one recording; `usual` is the median interval of all
    /// that was read of the device. Else nothing is bridged: what lies between counts neither as energy nor as a gap. Of a counter it is known all the same,
    /// and possible where the pause is short beside the two: they may be one log that was cut there.
    pub fn go_on(&mut self, later: &Recording, channel: &Channel, usual: Option<Span>) {
        let (Some(last), Some(next)) = (self.last, later.first()) else { return };
        if next.at == last.at {
            return self.merge(later);
        }
        let pause = next.at.since(last.at);
        // Windows say how long they are: a longer pause than any between those of one log is no gap of it.
        let is_apart = next.is_interval_start() && ![&*self, later].iter().any(|one| one.stretches.has_pause_like(pause));
        if is_near(pause, usual) && !is_apart {
            return self.append(later, channel, None);
        }
        self.stretches.add_between(last.at, next.at);
        let gained = self.gained_before(later, channel, last, next).unwrap_or_default();
        self.wraps.add(&Wraps { possible: gained, between: gained, ..Wraps::default() });
        self.merge(later);
    }

    fn gained_before(&self, later: &Recording, channel: &Channel, last: Sample, next: Sample) -> Option<Energy> {
        let Quantity::Counter(range) = channel.quantity else { return None };
        let pause = next.at.since(last.at);
        let (gained, range) = self.counted(channel, last, next, range);
        let rise = |one: &Recording| {
            let through = i128::from(one.wraps.seen) * i128::from(range.unwrap_or(0));
            Some(through + i128::from(one.last?.value) - i128::from(one.first()?.value))
        };
        let length = |one: &Recording| Some(one.latest?.since(one.earliest?).as_micros());
        let watched = i128::from(length(self)?) + i128::from(length(later)?);
        // At the pace of both, or slower: a counter that stands anywhere else began again.
        let most = (rise(self)? + rise(later)?).saturating_mul(100 + CUT_ABOVE_PACE).saturating_mul(i128::from(pause.as_micros()));
        let is_cut = 100 * i128::from(pause.as_micros()) <= CUT_AT_A_PAUSE * watched
            && gained.is_some_and(|gained| 100 * i128::from(gained).saturating_mul(watched) <= most);
        let may_wrap = range.is_some_and(|range| WRAPS_FOR_CERTAIN.over(pause) > Energy::from_microjoules(range));
        gained.filter(|_| is_cut && !may_wrap && last.value <= next.value).map(Energy::from_microjoules)
    }

    /// Continues `self` by `later`, as one pass over both would; `interrupted` is what happened between the two.
    pub fn append(&mut self, later: &Recording, channel: &Channel, interrupted: Option<Interruption>) {
        let Some(next) = later.first() else { return };
        match (self.last, interrupted) {
            (Some(previous), None) => self.connect(channel, previous, next),
            (Some(previous), Some(kind)) => self.connect_interrupted(channel, previous, next, kind),
            (None, _) => self.is_another_run = later.is_another_run,
        }
        self.merge(later);
    }

    fn merge(&mut self, later: &Recording) {
        self.stretches.merge(&later.stretches);
        self.slow.merge(&later.slow);
        self.stamped_twice += later.stamped_twice;
        self.head.extend(later.head.iter().take(ROWS_KEPT.saturating_sub(self.head.len())));
        self.last = later.last;
        self.earliest = [self.earliest, later.earliest].into_iter().flatten().min();
        self.latest = [self.latest, later.latest].into_iter().flatten().max();
        self.highest = self.highest.max(later.highest);
        self.samples += later.samples;
        self.wraps.add(&Wraps { implausible: u64::from(self.suspect.is_some()), ..Wraps::default() });
        self.wraps.add(&later.wraps);
        self.suspect = later.suspect;
    }

    pub(super) fn cut(&mut self, inside: Energy, outside: Energy) {
        self.wraps.add(&Wraps { doubtful: inside, possible: outside, ..Wraps::default() });
    }

    /// Energy of stretches whose stamps stand twice, because the clock was set back.
    pub fn stamped_twice(&self) -> Energy {
        self.stamped_twice
    }

    pub(super) fn set_back(&mut self, energy: Energy) {
        self.stamped_twice += energy;
    }

    /// Continues `self` by what was read after the clock was set back: a median interval bridges the step.
    pub(super) fn append_step(&mut self, later: &Recording, channel: &Channel) {
        if let (Some(a), Some(b)) = (self.last, later.first()) {
            match channel.quantity {
                // An energy is of its own window.
                Quantity::IntervalEnergy if b.is_interval_start() => {}
                Quantity::IntervalEnergy => self.stretches.add_window(b.at, Energy::from_microjoules(b.value)),
                Quantity::PowerHeld => self.stretches.bridge(b.at, 2 * i128::from(a.value)),
                Quantity::PowerEstimated | Quantity::PowerMean => self.stretches.bridge(b.at, 2 * i128::from(b.value)),
                _ => self.stretches.bridge(b.at, i128::from(a.value) + i128::from(b.value)),
            }
        }
        self.merge(later);
    }

    /// Whether a counter's reading with an earlier stamp is one of those that were read, and not the next one after the clock was set back.
    pub(super) fn may_repeat(&self, channel: &Channel, next: Sample) -> bool {
        let interval = self.statistics().median().unwrap_or_default();
        let most = channel.component.implausible_above().over(interval.max(super::SHORTEST_GAP));
        let jumps = |last: Sample| Energy::from_microjoules(next.value.saturating_sub(last.value)) > most;
        self.first() == Some(next) || self.last.is_some_and(jumps)
    }

    /// Its last reading.
    pub fn last(&self) -> Option<Sample> {
        self.last
    }

    /// Its first reading.
    pub fn first(&self) -> Option<Sample> {
        self.head.first().copied()
    }

    /// Its first few readings.
    pub(crate) fn head(&self) -> &[Sample] {
        &self.head
    }

    /// The next reading, which goes on from the last one.
    #[inline(always)]
    pub(super) fn push(&mut self, channel: &Channel, next: Sample) {
        if let Some(previous) = self.last {
            if matches!(channel.quantity, Quantity::Counter(_)) && self.is_held_back(channel, previous, next) {
                return;
            }
            self.connect(channel, previous, next);
            self.highest = self.highest.max(next.value);
            self.latest = Some(next.at);
        } else {
            self.begin(next);
        }
        self.count(next);
    }

    /// Whether a counter's reading is none that a device reaches from the last one. Where the next one goes on from the last, it was wrong; where the next
    /// goes on from it, the counter began again at another value, and nothing is known of the time in between.
    fn is_held_back(&mut self, channel: &Channel, last: Sample, next: Sample) -> bool {
        let held = self.suspect.take();
        let is_odd = next.value < last.value || self.jumps(channel, last, next);
        match held {
            None if is_odd => {
                self.suspect = Some(next);
                true
            }
            None => false,
            // No device reaches the next reading from it, but from the last one: it was wrong.
            Some(held) if !is_odd && (held.value > last.value || self.jumps(channel, held, next)) => {
                self.wraps.implausible += 1;
                false
            }
            // The last reading goes on in the next as well: through its whole range it would need more than any processor draws.
            Some(_) if !is_odd && !self.may_run_through(channel, last, next) => {
                self.wraps.implausible += 1;
                false
            }
            Some(held) if held.value <= next.value && !self.jumps(channel, held, next) => {
                if !is_odd {
                    self.doubt(channel, last, held, true);
                }
                self.go_past(channel, last, held);
                self.connect(channel, held, next);
                self.follow(next);
                true
            }
            Some(held) if held.value < last.value => {
                // It fell twice.
                self.go_past(channel, last, held);
                self.suspect = Some(next);
                true
            }
            Some(_) => {
                self.wraps.implausible += 1;
                self.suspect = Some(next);
                true
            }
        }
    }

    /// A reading that was held back is none that is wrong: the counter ran through its range, or began again.
    fn go_past(&mut self, channel: &Channel, last: Sample, held: Sample) {
        self.connect(channel, last, held);
        self.follow(held);
    }

    /// Whether a counter that rose between two readings may have run through its whole range besides.
    fn may_run_through(&self, channel: &Channel, last: Sample, next: Sample) -> bool {
        let Quantity::Counter(range) = channel.quantity else { return false };
        let rise = next.value.saturating_sub(last.value);
        self.range(channel, range, last, next)
            .is_some_and(|range| Energy::from_microjoules(range.saturating_add(rise)) <= WRAP_SUSPECTED_ABOVE.over(next.at.since(last.at)))
    }

    /// That a counter ran through its range is said by one reading alone: if that is wrong the range does not count, or nothing of what came after the last.
    fn doubt(&mut self, channel: &Channel, last: Sample, held: Sample, goes_on: bool) {
        let Quantity::Counter(range) = channel.quantity else { return };
        if let (Some(step), Some(range)) = self.counted(channel, last, held, range) {
            let doubtful = Energy::from_microjoules(if goes_on { range } else { step });
            self.wraps.add(&Wraps { unproven: 1, doubtful, ..Wraps::default() });
        }
    }

    /// Ends the recording: a counter that fell at last was none that jumped.
    pub(super) fn release(&mut self, channel: &Channel) {
        if let (Some(last), Some(held)) = (self.last, self.suspect.filter(|held| self.last.is_some_and(|last| held.value < last.value))) {
            self.suspect = None;
            self.doubt(channel, last, held, false);
            self.go_past(channel, last, held);
        }
    }

    /// Whether a counter rose by more than any device of its kind draws in the time, a look too many or too few allowed for.
    pub(super) fn jumps(&self, channel: &Channel, last: Sample, next: Sample) -> bool {
        let (most, span) = (channel.component.implausible_above(), next.at.since(last.at));
        let beyond = |span: Span| Energy::from_microjoules(next.value.saturating_sub(last.value)) > most.over(span);
        if channel.is_untimed() || !beyond(span) {
            return false;
        }
        let median = self.statistics().median();
        if beyond(median.unwrap_or(span).max(span) + super::SHORTEST_GAP) {
            return true;
        }
        // A counter that moves from each look to the next has nothing to catch up with.
        let moves = || self.head.len() >= ROWS_KEPT / 2 && self.head.iter().zip(self.head.iter().skip(1)).all(|(a, b)| a.value != b.value);
        matches!(channel.quantity, Quantity::Counter(_)) && median.is_some_and(|median| beyond(span + median + median)) && moves()
    }

    /// The next reading, before which something happened.
    pub(super) fn push_after(&mut self, channel: &Channel, next: Sample, kind: Interruption) {
        let Some(previous) = self.last else { return self.push(channel, next) };
        self.connect_interrupted(channel, previous, next, kind);
        self.follow(next);
    }

    /// A reading of which nothing is known but itself.
    pub(super) fn push_apart(&mut self, next: Sample) {
        if let Some(last) = self.last.filter(|last| last.at < next.at) {
            self.stretches.add_between(last.at, next.at);
        }
        self.follow(next);
    }

    /// The next reading of a counter whose clock was set back: its difference is exact whatever the clock says.
    pub(super) fn push_clock_step(&mut self, channel: &Channel, next: Sample) {
        if let (Some(previous), Quantity::Counter(range)) = (self.last, channel.quantity) {
            self.connect_counter(channel, Sample { at: next.at, ..previous }, next, range);
        }
        self.follow(next);
    }

    #[cold]
    fn begin(&mut self, first: Sample) {
        self.earliest = Some(first.at);
        self.latest = Some(first.at);
        self.highest = first.value;
    }

    fn follow(&mut self, next: Sample) {
        self.highest = self.highest.max(next.value);
        self.earliest = self.earliest.map(|e| e.min(next.at));
        self.latest = self.latest.map(|l| l.max(next.at));
        self.count(next);
    }

    #[inline(always)]
    fn count(&mut self, next: Sample) {
        if self.samples < ROWS_KEPT as u64 {
            self.head.push(next);
        }
        self.samples += 1;
        self.last = Some(next);
    }

    /// The stretch between two neighbouring readings.
    #[inline(always)]
    fn connect(&mut self, channel: &Channel, a: Sample, b: Sample) {
        match channel.quantity {
            Quantity::Power => self.stretches.add_linear(a.at, b.at, a.value, b.value),
            Quantity::PowerHeld => self.stretches.add_linear(a.at, b.at, a.value, a.value),
            Quantity::PowerEstimated | Quantity::PowerMean => self.stretches.add_linear(a.at, b.at, b.value, b.value),
            Quantity::IntervalEnergy if b.is_interval_start() => self.stretches.add_uncovered(a.at, b.at),
            Quantity::IntervalEnergy if self.jumps(channel, Sample { value: 0, ..a }, b) => {
                self.wraps.implausible += 1;
                self.stretches.add_gap(a.at, b.at, 0, 0);
            }
            Quantity::IntervalEnergy => self.stretches.add_energy(a.at, b.at, Energy::from_microjoules(b.value)),
            Quantity::Counter(range) => self.connect_counter(channel, a, b, range),
        }
    }

    /// The stretch between two readings that do not go on from each other.
    #[cold]
    fn connect_interrupted(&mut self, channel: &Channel, a: Sample, b: Sample, kind: Interruption) {
        match (kind, channel.quantity) {
            (Interruption::Off, _) => self.stretches.add_uncovered(a.at, b.at),
            (Interruption::Unwatched, Quantity::Counter(range)) => self.connect_counter(channel, a, b, range),
            (Interruption::Unwatched, Quantity::IntervalEnergy) => self.stretches.add_gap(a.at, b.at, 0, 0),
            (Interruption::Unwatched, _) => self.stretches.add_gap(a.at, b.at, a.value, b.value),
        }
    }

    /// Whether a counter started again between two readings: it fell, and by more than its range explains.
    pub(super) fn falls_back(&self, channel: &Channel, last: Sample, next: Sample) -> bool {
        let Quantity::Counter(range) = channel.quantity else { return false };
        next.value < last.value && self.counted(channel, last, next, range).0.is_none()
    }

    /// Where a counter starts again, as far as it is known, µJ.
    fn range(&self, channel: &Channel, range: CounterRange, a: Sample, b: Sample) -> Option<i64> {
        match range {
            CounterRange::Known(range) => Some(range),
            CounterRange::Rapl | CounterRange::RaplPerhaps => {
                rapl_ranges(channel.component).iter().copied().find(|r| *r >= self.highest.max(a.value).max(b.value))
            }
            CounterRange::Unbounded | CounterRange::Untimed => None,
        }
    }

    /// What a counter counted between two readings, µJ, and its range. `None` where it started again.
    fn counted(&self, channel: &Channel, a: Sample, b: Sample, range: CounterRange) -> (Option<i64>, Option<i64>) {
        let most = channel.component.implausible_above().over(b.at.since(a.at));
        let difference = b.value.saturating_sub(a.value);
        let stated = range;
        let range = self.range(channel, range, a, b);
        let is_at_pace = |step: i64| stated != CounterRange::RaplPerhaps || self.is_at_pace(step, b.at.since(a.at), range);
        let wrapped =
            || range.map(|r| difference.saturating_add(r)).filter(|d| *d >= 0 && Energy::from_microjoules(*d) <= most && is_at_pace(*d));
        (if difference >= 0 { Some(difference).filter(|_| !self.jumps(channel, a, b)) } else { wrapped() }, range)
    }

    /// Whether a step is a few times what the counter counted before in as long, at most.
    fn is_at_pace(&self, step: i64, span: Span, range: Option<i64>) -> bool {
        let (Some(first), Some(last)) = (self.first(), self.last) else { return false };
        let through = i64::try_from(self.wraps.seen).unwrap_or(i64::MAX).saturating_mul(range.unwrap_or(0));
        let counted = Energy::from_microjoules(last.value.saturating_sub(first.value).saturating_add(through));
        let before = last.at.since(first.at).as_micros();
        // Of the first interval the largest processors tell.
        let most = if before > 0 {
            counted.share(span.as_micros().saturating_mul(RESTART_OVER_PACE), before)
        } else {
            WRAP_SUSPECTED_ABOVE.over(span)
        };
        Energy::from_microjoules(step) <= most
    }

    /// The stretch of one counter interval: difference, wrap or reset.
    fn connect_counter(&mut self, channel: &Channel, a: Sample, b: Sample, range: CounterRange) {
        let span = b.at.since(a.at);
        let (step, range) = self.counted(channel, a, b, range);
        match step {
            Some(step) => {
                let energy = Energy::from_microjoules(step);
                let may_wrap = range.is_some_and(|range| WRAPS_FOR_CERTAIN.over(span) > Energy::from_microjoules(range));
                // Over a pause a counter that fell ran through its range, or began again: then nothing is known of it.
                let fell = b.value < a.value && span > super::SHORTEST_GAP;
                let is_doubtful = may_wrap || fell || self.has_doubtful_pauses;
                match range.filter(|range| WRAP_SUSPECTED_ABOVE.over(span) > Energy::from_microjoules(*range)) {
                    Some(range) => {
                        self.wraps.add(&Wraps { suspected: 1, span, energy, ..Wraps::default() });
                        if fell && !may_wrap && !self.has_doubtful_pauses {
                            self.slow.add_fall(a.at, b.at, energy, Energy::from_microjoules(range));
                        }
                        if !is_doubtful {
                            self.slow.add(a.at, b.at, energy, Energy::from_microjoules(range));
                        }
                    }
                    None if fell && !self.has_doubtful_pauses => {
                        self.slow.add_fall(a.at, b.at, energy, Energy::from_microjoules(range.unwrap_or(0)));
                    }
                    None => self.slow.add_certain(span, energy),
                }
                self.wraps.seen += u64::from(b.value < a.value);
                match is_doubtful {
                    true => self.stretches.add_doubtful_energy(a.at, b.at, energy),
                    false => self.stretches.add_energy(a.at, b.at, energy),
                }
            }
            None => {
                self.wraps.resets += 1;
                self.stretches.add_uncovered(a.at, b.at);
            }
        }
    }
}

/// Whether readings so far apart have no gap between them, where `usual` is the median interval.
fn is_near(apart: Span, usual: Option<Span>) -> bool {
    apart <= super::SHORTEST_GAP || usual.is_some_and(|median| LengthClass::of(apart) <= longest_interval(median))
}
