//! The stretches between neighbouring samples, kept by length until it is known which lengths are gaps.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::holes::Holes;
use super::profile::Profile;
use super::{Coverage, GAP_IN_MEDIANS, Integral, SHORTEST_GAP};
use crate::order;
use crate::rules;
use crate::units::{Energy, Instant, Span};

/// A length of time on a fixed logarithmic scale, 16 classes an octave: class = 16 × exponent + the four bits below the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LengthClass(u16);

impl LengthClass {
    /// The longest length of the class.
    fn longest(self) -> Span {
        let class = i64::from(self.0);
        if class < 16 {
            return Span::from_micros(class);
        }
        let (octave, step) = (class >> 4, class & 15);
        let longest = (i128::from(16 + step + 1) << (octave - 1)) - 1;
        Span::from_micros(i64::try_from(longest).unwrap_or(i64::MAX))
    }

    /// The class of a length; everything up to 16 µs has a class of its own.
    #[inline(always)]
    pub fn of(length: Span) -> Self {
        let micros = length.as_micros().max(0) as u64;
        if micros < 16 {
            return Self(micros as u16);
        }
        let exponent = 63 - micros.leading_zeros();
        Self((((exponent - 3) << 4) as u16) | ((micros >> (exponent - 4)) & 15) as u16)
    }
}

/// How many intervals there are, and how long they are together.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    count: u64,
    sum_us: i64,
}

impl Tally {
    #[inline(always)]
    fn add(&mut self, other: Tally) {
        self.count += other.count;
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
    }
}

/// How many classes are in hand at once: the intervals of one sampler spread over neighbours.
const IN_HAND: usize = 8;

/// How many intervals of each length class there are, and how long they are together.
#[derive(Clone, Debug, Default)]
pub struct IntervalStatistics {
    /// In order.
    classes: Vec<(LengthClass, Tally)>,
    // The classes of late, kept out of the list, each at the place that its number ends in; none once all is read.
    recent: Option<Box<[(LengthClass, Tally); IN_HAND]>>,
}

impl IntervalStatistics {
    /// One more interval.
    #[inline(always)]
    pub(crate) fn add(&mut self, length: Span) {
        let (class, tally) = (LengthClass::of(length), Tally { count: 1, sum_us: length.as_micros() });
        match &mut self.recent {
            Some(recent) if recent[class.0 as usize % IN_HAND].0 == class => recent[class.0 as usize % IN_HAND].1.add(tally),
            _ => self.take_in_hand(class, tally),
        }
    }

    #[cold]
    fn take_in_hand(&mut self, class: LengthClass, tally: Tally) {
        let recent = self.recent.get_or_insert_with(Box::default);
        let (before, of_before) = core::mem::replace(&mut recent[class.0 as usize % IN_HAND], (class, tally));
        self.put_down(before, of_before);
    }

    /// Nothing more comes for now: what is in hand goes to the list.
    fn seal(&mut self) {
        for (class, tally) in self.recent.take().into_iter().flat_map(|recent| *recent) {
            self.put_down(class, tally);
        }
    }

    fn put_down(&mut self, class: LengthClass, tally: Tally) {
        if tally.count == 0 {
            return;
        }
        match self.classes.binary_search_by_key(&class, |(own, _)| *own) {
            Ok(at) => self.classes[at].1.add(tally),
            Err(at) => {
                self.classes.reserve_exact(1);
                self.classes.insert(at, (class, tally));
            }
        }
    }

    pub(crate) fn merge(&mut self, other: &IntervalStatistics) {
        other.tallies().for_each(|(class, tally)| self.put_down(class, tally));
    }

    /// How many intervals there are.
    pub fn count(&self) -> u64 {
        self.tallies().map(|(_, tally)| tally.count).sum()
    }

    /// Whether they are too few to show it, unless they are alike.
    pub(crate) fn are_few(&self) -> bool {
        self.count() < FEW_INTERVALS
    }

    /// Whether they show how often a sampler looks: many do, and a few that are alike.
    pub(crate) fn show_a_rule(&self) -> bool {
        let count = self.count();
        let seen = || self.tallies().filter(|(_, tally)| tally.count > 0).map(|(class, _)| class.0);
        // Classes are 1/16 of an octave.
        let are_alike = || seen().min().zip(seen().max()).is_some_and(|(a, b)| b - a <= ALIKE);
        count >= FEW_INTERVALS || count >= 2 && are_alike()
    }

    /// All classes, in no order; one of them may stand twice.
    fn tallies(&self) -> impl Iterator<Item = (LengthClass, Tally)> + '_ {
        self.recent.iter().flat_map(|recent| recent.iter()).chain(&self.classes).copied()
    }

    /// Whether one in a few at least is no longer than this.
    pub(crate) fn is_often_within(&self, longest: LengthClass) -> bool {
        let within: u64 = self.tallies().filter(|(class, _)| *class <= longest).map(|(_, tally)| tally.count).sum();
        within.saturating_mul(OFTEN_AMONG) >= self.count()
    }

    /// How long two samplers of one pace wrote into a log, and how long any did, where the second one came later or ended before: intervals are of three lengths
    /// then, and two of them, of which there are as many of each, make the third. One sampler that is late once makes up for it in the next interval, and
    /// the two make twice its pace.
    pub(crate) fn with_second_sampler(&self) -> Option<(Span, Span)> {
        let mut seen: Vec<(LengthClass, Tally)> = self.tallies().filter(|(_, tally)| tally.count > 0).collect();
        order::sort_by_key(&mut seen, |(class, _)| *class);
        // A pace spreads over neighbouring classes.
        let mut paces: Vec<Tally> = Vec::new();
        for near in seen.chunk_by(|a, b| b.0.0 - a.0.0 <= 1) {
            let mut all = Tally::default();
            near.iter().for_each(|(_, tally)| all.add(*tally));
            paces.push(all);
        }
        let count = self.count();
        paces.retain(|pace| pace.count >= SECOND_ROWS);
        let [short, long, pace] = paces.as_slice() else { return None };
        let mean = |pace: &Tally| pace.sum_us / i64::try_from(pace.count).unwrap_or(i64::MAX);
        let percent = |part: u64, whole: u64| u64::try_from(100 * u128::from(part) / u128::from(whole.max(1))).unwrap_or(u64::MAX);
        let off = (mean(short) + mean(long)).abs_diff(mean(pace));
        let is_both = percent(off, mean(pace).unsigned_abs()) < SECOND_OFF_PERCENT;
        let are_as_many = percent(short.count.abs_diff(long.count), short.count.max(long.count)) <= SECOND_UNLIKE_PERCENT;
        let are_most = percent(count - short.count - long.count - pace.count, count) <= SECOND_UNLIKE_PERCENT;
        let both = short.sum_us.saturating_add(long.sum_us);
        (is_both && are_as_many && are_most).then(|| (Span::from_micros(both), Span::from_micros(both.saturating_add(pace.sum_us))))
    }

    /// The median length: the mean of the class that holds the middle interval.
    pub fn median(&self) -> Option<Span> {
        self.longest_of(50)
    }

    /// The longest of the shortest so many per cent: the mean of its class.
    fn longest_of(&self, percent: u64) -> Option<Span> {
        let mean = |all: Tally| Span::from_micros(all.sum_us / i64::try_from(all.count).unwrap_or(i64::MAX));
        // Those of a regular sampler are of one class.
        let mut known = self.tallies().filter(|(_, tally)| tally.count > 0);
        let (first, mut all) = known.next()?;
        let is_first = |(class, tally): (LengthClass, Tally)| {
            all.add(tally);
            class == first
        };
        if known.all(is_first) {
            return Some(mean(all));
        }
        let total = self.count();
        let mut seen: Vec<(LengthClass, Tally)> = self.tallies().filter(|(_, tally)| tally.count > 0).collect();
        order::sort_by_key(&mut seen, |(class, _)| *class);
        let mut below = 0;
        for class in seen.chunk_by(|a, b| a.0 == b.0) {
            let mut all = Tally::default();
            class.iter().for_each(|(_, tally)| all.add(*tally));
            below += all.count;
            if 100 * below >= percent * total {
                return Some(mean(all));
            }
        }
        None
    }
}

/// When intervals are those of two samplers.
const SECOND_ROWS: u64 = rules::whole("second_sampler_rows") as u64;
const SECOND_OFF_PERCENT: u64 = rules::whole("second_sampler_off_percent") as u64;
const SECOND_UNLIKE_PERCENT: u64 = rules::whole("second_sampler_unlike_percent") as u64;

/// Fewer intervals than these do not show how often a sampler looks.
pub(super) const FEW_INTERVALS: u64 = rules::whole("gap_few_intervals") as u64;

/// Where more than so many per cent of all intervals would be gaps, they are how a sampler looks.
const MOST_GAPS: u64 = rules::whole("gap_most_percent") as u64;

/// One interval in so many at least is often.
const OFTEN_AMONG: u64 = rules::whole("gap_often_among") as u64;

/// Intervals that differ by no more classes are alike.
const ALIKE: u16 = rules::whole("gap_alike_sixteenths") as u16;

/// The class of the longest interval that is no gap where this is the median.
pub(super) fn longest_interval(median: Span) -> LengthClass {
    let wide = Span::from_micros(median.as_micros().saturating_mul(GAP_IN_MEDIANS));
    LengthClass::of(wide.max(SHORTEST_GAP))
}

/// Energy and time of the stretches of one length class.
#[derive(Clone, Debug, Default)]
struct Stretch {
    span_us: i64,
    count: u64,
    profile: Profile,
    /// Sum of squares of power difference × length, µJ².
    scatter: u128,
}

impl Stretch {
    #[inline(always)]
    fn add_linear(&mut self, start: Instant, end: Instant, p0: i64, p1: i64) {
        let span = end.since(start);
        self.span_us = self.span_us.saturating_add(span.as_micros());
        self.count += 1;
        self.profile.add_linear(start, end, p0, p1);
        if p0 != p1 {
            self.scatter += squared_microjoules(p1 - p0, span.as_micros());
        }
    }

    fn merge(&mut self, other: &Stretch) {
        self.span_us = self.span_us.saturating_add(other.span_us);
        self.count += other.count;
        self.profile.merge(&other.profile);
        self.scatter += other.scatter;
    }
}

/// (µW × µs ÷ 10⁶)², in 64 bits as far as it fits.
#[inline(always)]
fn squared_microjoules(microwatts: i64, micros: i64) -> u128 {
    let microjoules = (microwatts as i128 * micros as i128 / 1_000_000).unsigned_abs();
    if microjoules >> 32 == 0 { u128::from((microjoules as u64) * (microjoules as u64)) } else { microjoules.saturating_mul(microjoules) }
}

/// All stretches of a series. Those up to [`SHORTEST_GAP`] can never be gaps and stand together; longer ones are kept by class.
#[derive(Clone, Debug, Default)]
pub(super) struct Stretches {
    short: Stretch,
    long: Vec<(LengthClass, Stretch)>,
    statistics: IntervalStatistics,
    /// What is known to be a gap, whatever its length.
    gaps: Option<Box<Stretch>>,
    /// Intervals whose energy is not known.
    uncovered_us: i64,
    uncovered_count: u64,
    /// The longest of the long stretches of power, any of which may be a gap.
    holes: Holes,
    /// The longest of what is known not to have been watched.
    unwatched: Holes,
    /// What lies between recordings.
    between: Vec<(i64, i64)>,
    /// Long stretches of power that follow each other; most recordings have none.
    rhythm: Option<Box<Rhythm>>,
}

/// Long stretches that follow a stretch of their own length: a sampler that looks so seldom for a while makes no gaps, however often it looks later.
#[derive(Clone, Debug, Default)]
struct Rhythm {
    /// How many there are of a class, in order.
    in_step: Vec<(LengthClass, u64)>,
    first: Option<(Instant, LengthClass)>,
    last: Option<(Instant, LengthClass)>,
}

impl Rhythm {
    fn add(&mut self, start: Instant, end: Instant) {
        let class = LengthClass::of(end.since(start));
        self.follow(start, class);
        self.first = self.first.or(Some((start, class)));
        self.last = Some((end, class));
    }

    fn follow(&mut self, start: Instant, class: LengthClass) {
        if self.last.is_some_and(|(end, before)| end == start && before.0.abs_diff(class.0) <= ALIKE) {
            self.count(class, 1);
        }
    }

    fn count(&mut self, class: LengthClass, more: u64) {
        match self.in_step.binary_search_by_key(&class, |(own, _)| *own) {
            Ok(at) => self.in_step[at].1 += more,
            Err(at) => self.in_step.insert(at, (class, more)),
        }
    }

    fn merge(&mut self, later: &Rhythm) {
        if let Some((start, class)) = later.first {
            self.follow(start, class);
        }
        later.in_step.iter().for_each(|(class, count)| self.count(*class, *count));
        (self.first, self.last) = (self.first.or(later.first), later.last.or(self.last));
    }

    /// Whether stretches of this class, or of one like it, follow each other so often that they are how the sampler looked.
    fn is_steady(&self, class: LengthClass) -> bool {
        let like = self.in_step.iter().filter(|(own, _)| own.0.abs_diff(class.0) <= ALIKE);
        like.map(|(_, count)| count).sum::<u64>() >= FEW_INTERVALS
    }
}

impl Stretches {
    /// A stretch of power that goes from `p0` to `p1` (µW): trapezoid.
    #[inline(always)]
    pub(super) fn add_linear(&mut self, start: Instant, end: Instant, p0: i64, p1: i64) {
        let span = end.since(start);
        self.statistics.add(span);
        if span <= SHORTEST_GAP {
            self.short.add_linear(start, end, p0, p1);
        } else {
            self.add_long(start, end, p0, p1);
        }
    }

    #[cold]
    fn add_long(&mut self, start: Instant, end: Instant, p0: i64, p1: i64) {
        self.of_class(LengthClass::of(end.since(start))).add_linear(start, end, p0, p1);
        self.holes.add(start, end);
        self.rhythm.get_or_insert_default().add(start, end);
    }

    /// The stretches of a class: of few classes, so that a list in order is the smallest home.
    fn of_class(&mut self, class: LengthClass) -> &mut Stretch {
        let at = self.long.partition_point(|(own, _)| *own < class);
        if self.long.get(at).is_none_or(|(own, _)| *own != class) {
            self.long.reserve_exact(1);
            self.long.insert(at, (class, Stretch::default()));
        }
        &mut self.long[at].1
    }

    /// Nothing more comes for now: what was read takes as little room as it can.
    pub(super) fn seal(&mut self) {
        self.short.profile.seal();
        self.gaps.iter_mut().for_each(|gaps| gaps.profile.seal());
        self.statistics.seal();
        self.holes.seal();
        self.unwatched.seal();
        self.long.iter_mut().for_each(|(_, stretch)| stretch.profile.seal());
    }

    /// A stretch that nobody watched, between readings of `p0` and `p1` (µW): a gap, whatever its length.
    pub(super) fn add_gap(&mut self, start: Instant, end: Instant, p0: i64, p1: i64) {
        self.gaps.get_or_insert_default().add_linear(start, end, p0, p1);
        self.unwatched.add(start, end);
    }

    /// A stretch whose energy is known, at even power.
    pub(super) fn add_energy(&mut self, start: Instant, end: Instant, energy: Energy) {
        let span = end.since(start);
        self.statistics.add(span);
        let doubled = 2 * energy.as_picojoules();
        self.short.span_us = self.short.span_us.saturating_add(span.as_micros());
        self.short.count += 1;
        self.short.profile.add_even(start, end, doubled);
    }

    /// A stretch of known energy that counts only where it is no gap.
    pub(super) fn add_doubtful_energy(&mut self, start: Instant, end: Instant, energy: Energy) {
        let span = end.since(start);
        self.statistics.add(span);
        let stretch = self.of_class(LengthClass::of(span));
        stretch.span_us = stretch.span_us.saturating_add(span.as_micros());
        stretch.count += 1;
        stretch.profile.add_even(start, end, 2 * energy.as_picojoules());
        self.holes.add(start, end);
    }

    /// A stretch between two recordings: part of neither. How often a sampler looks is told by all of its stretches.
    pub(super) fn add_between(&mut self, start: Instant, end: Instant) {
        self.statistics.add(end.since(start));
        self.between.push((start.as_micros(), end.as_micros()));
    }

    /// A stretch of which nothing is known.
    pub(super) fn add_uncovered(&mut self, start: Instant, end: Instant) {
        self.uncovered_us = self.uncovered_us.saturating_add(end.since(start).as_micros());
        self.uncovered_count += 1;
        self.unwatched.add(start, end);
    }

    /// A median interval of `doubled_power` (µW) at `at`.
    pub(super) fn bridge(&mut self, at: Instant, doubled_power: i128) {
        if let Some(median) = self.statistics.median() {
            self.short.span_us = self.short.span_us.saturating_add(median.as_micros());
            self.short.profile.add_even(at, at, doubled_power * i128::from(median.as_micros()));
        }
    }

    /// The energy of a window whose beginning is not known: it is as long as most.
    pub(super) fn add_window(&mut self, end: Instant, energy: Energy) {
        if let Some(median) = self.statistics.median() {
            self.add_energy(end.plus(Span::from_micros(-median.as_micros())), end, energy);
        }
    }

    /// Whether it has a pause of which nothing is known that is as long as this, or half as long.
    pub(super) fn has_pause_like(&self, pause: Span) -> bool {
        self.unwatched.longer_than(Span::from_micros((pause.as_micros() - 1) / 2)).next().is_some()
    }

    pub(super) fn merge(&mut self, other: &Stretches) {
        self.short.merge(&other.short);
        for (class, stretch) in &other.long {
            self.of_class(*class).merge(stretch);
        }
        self.statistics.merge(&other.statistics);
        if let Some(gaps) = &other.gaps {
            self.gaps.get_or_insert_default().merge(gaps);
        }
        self.uncovered_us = self.uncovered_us.saturating_add(other.uncovered_us);
        self.uncovered_count += other.uncovered_count;
        self.holes.merge(&other.holes);
        self.unwatched.merge(&other.unwatched);
        self.between.extend_from_slice(&other.between);
        if let Some(rhythm) = &other.rhythm {
            self.rhythm.get_or_insert_default().merge(rhythm);
        }
    }

    pub(super) fn statistics(&self) -> &IntervalStatistics {
        &self.statistics
    }

    /// The class of the longest stretch that is no gap. `usual` is the median of all that was read of the device: few intervals have no rule of their own.
    fn limit(&self, usual: Option<Span>) -> Option<LengthClass> {
        let own = self.statistics.median();
        let median = if self.statistics.show_a_rule() { own } else { usual.or(own) };
        let limit = longest_interval(median?);
        // Of rounds of two rows every other interval is a pause, and no gap: so it always was.
        let usual = self.statistics.longest_of(100 - MOST_GAPS).filter(|_| self.statistics.count() >= FEW_INTERVALS);
        Some(usual.filter(|usual| LengthClass::of(*usual) > limit).map_or(limit, longest_interval))
    }

    /// Whether an interval of this length is a gap.
    pub(super) fn is_gap(&self, span: Span, usual: Option<Span>) -> bool {
        self.limit(usual).is_some_and(|limit| LengthClass::of(span) > limit)
    }

    /// Applies the gap rule to what was read between `start` and `end`.
    pub(super) fn settle(&self, everything: bool, usual: Option<Span>, start: Instant, end: Instant) -> Integral {
        let limit = self.limit(usual);
        let is_steady = |class: LengthClass| self.rhythm.as_ref().is_some_and(|rhythm| rhythm.is_steady(class));
        // A few readings far apart beside logs that look often may be what is left of such a log, and pauses what is between them.
        let is_few_and_slow = |class: LengthClass| self.statistics.are_few() && usual.is_some_and(|usual| class > longest_interval(usual));
        let (mut counted, mut gaps, mut in_step) = (self.short.clone(), Stretch::default(), 0);
        for (class, stretch) in &self.long {
            let is_long = !everything && limit.is_some_and(|l| *class > l);
            match is_long && !is_steady(*class) {
                true => gaps.merge(stretch),
                false => counted.merge(stretch),
            }
            let is_doubtful = is_long && is_steady(*class) || !everything && is_few_and_slow(*class);
            in_step += if is_doubtful { stretch.profile.total() } else { 0 };
        }
        if let Some(known) = &self.gaps {
            if everything { counted.merge(known) } else { gaps.merge(known) }
        }
        counted.profile.seal();
        let long = self.holes.longer_than(limit.map_or(Span::from_micros(i64::MAX), LengthClass::longest));
        let long = long.filter(|(start, end)| !is_steady(LengthClass::of(Span::from_micros(end - start))));
        // Gaps that count are covered; what nothing is known of never is.
        let unwatched = self.unwatched.longer_than(Span::ZERO).filter(|_| !everything || self.gaps.is_none());
        let holes: Vec<(i64, i64)> = long.filter(|_| !everything).chain(unwatched).chain(self.between.iter().copied()).collect();
        Integral {
            energy: Energy::from_picojoules(counted.profile.total().div_euclid(2)),
            in_step: Energy::from_picojoules(in_step.div_euclid(2)),
            gap_energy: Energy::from_picojoules(gaps.profile.total().div_euclid(2)),
            covered: Span::from_micros(counted.span_us),
            gaps: Span::from_micros(gaps.span_us.saturating_add(self.uncovered_us)),
            gap_count: gaps.count + self.uncovered_count,
            median: self.statistics.median(),
            scatter: counted.scatter,
            coverage: Coverage::of(start, end).without(&Coverage::from_spans(holes)),
            profile: counted.profile,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_grow_with_length() {
        let mut last = LengthClass::of(Span::ZERO);
        for micros in 1..200_000 {
            let class = LengthClass::of(Span::from_micros(micros));
            assert!(class >= last, "{micros}");
            last = class;
        }
        let (a, b) = (LengthClass::of(Span::from_seconds(1)), LengthClass::of(Span::from_seconds(2)));
        assert_eq!(b.0 - a.0, 16);
    }

    #[test]
    fn a_class_ends_where_the_next_one_begins() {
        for micros in (1..5_000).chain([59_999_999, 60_000_000, 3_600_000_000]) {
            let class = LengthClass::of(Span::from_micros(micros));
            let longest = class.longest();
            assert_eq!(LengthClass::of(longest), class, "{micros}");
            assert!(LengthClass::of(Span::from_micros(longest.as_micros() + 1)) > class, "{micros}");
        }
    }

    #[test]
    fn the_median_of_regular_intervals_is_exact() {
        let mut statistics = IntervalStatistics::default();
        for length in [1_003_000, 1_003_000, 7_200_000_000, 1_003_000, 900_000] {
            statistics.add(Span::from_micros(length));
        }
        assert_eq!(statistics.median(), Some(Span::from_micros(1_003_000)));
    }
}
