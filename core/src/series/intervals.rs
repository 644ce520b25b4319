//! The stretches between neighbouring samples, kept by length until it is known which lengths are gaps.

use alloc::collections::BTreeMap;

use super::profile::Profile;
use super::{GAP_IN_MEDIANS, Integral, SHORTEST_GAP};
use crate::units::{Energy, Instant, Span};

/// A length of time on a fixed logarithmic scale, 16 classes an octave: class = 16 × exponent + the four bits below the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LengthClass(u16);

impl LengthClass {
    /// The class of a length; everything up to 16 µs has a class of its own.
    #[inline]
    pub fn of(length: Span) -> Self {
        let micros = length.as_micros().max(0) as u64;
        if micros < 16 {
            return Self(micros as u16);
        }
        let exponent = 63 - micros.leading_zeros();
        Self((((exponent - 3) << 4) as u16) | ((micros >> (exponent - 4)) & 15) as u16)
    }
}

/// How many intervals of each length class there are, and how long they are together.
#[derive(Clone, Debug, Default)]
pub struct IntervalStatistics {
    classes: BTreeMap<LengthClass, (u64, i64)>,
    // The class that the last interval fell into: regular logs stay in one or two.
    recent: Option<(LengthClass, u64, i64)>,
}

impl IntervalStatistics {
    #[inline]
    fn add(&mut self, length: Span) {
        let class = LengthClass::of(length);
        match &mut self.recent {
            Some((own, count, sum)) if *own == class => {
                *count += 1;
                *sum = sum.saturating_add(length.as_micros());
            }
            _ => {
                self.settle();
                self.recent = Some((class, 1, length.as_micros()));
            }
        }
    }

    fn settle(&mut self) {
        if let Some((class, count, sum)) = self.recent.take() {
            let total = self.classes.entry(class).or_default();
            total.0 += count;
            total.1 = total.1.saturating_add(sum);
        }
    }

    fn merge(&mut self, other: &IntervalStatistics) {
        self.settle();
        let recent = other.recent.iter().map(|(class, count, sum)| (*class, (*count, *sum)));
        for (class, (count, sum)) in other.classes.iter().map(|(c, v)| (*c, *v)).chain(recent) {
            let total = self.classes.entry(class).or_default();
            total.0 += count;
            total.1 = total.1.saturating_add(sum);
        }
    }

    /// The median length: the mean of the class that holds the middle interval.
    pub fn median(&self) -> Option<Span> {
        let mut all = self.clone();
        all.settle();
        let total: u64 = all.classes.values().map(|(count, _)| count).sum();
        let mut below = 0;
        for (count, sum) in all.classes.values() {
            below += count;
            if 2 * below >= total && *count > 0 {
                return Some(Span::from_micros(sum / i64::try_from(*count).unwrap_or(i64::MAX)));
            }
        }
        None
    }
}

/// Energy and time of the stretches of one length class.
#[derive(Clone, Debug, Default)]
struct Stretch {
    doubled_pj: i128,
    span_us: i64,
    count: u64,
    profile: Profile,
}

impl Stretch {
    #[inline]
    fn add_linear(&mut self, start: Instant, end: Instant, p0: i64, p1: i64) {
        let span = end.since(start);
        let doubled = (i128::from(p0) + i128::from(p1)) * i128::from(span.as_micros());
        self.doubled_pj += doubled;
        self.span_us = self.span_us.saturating_add(span.as_micros());
        self.count += 1;
        self.profile.add_linear(start, end, p0, p1, doubled);
    }

    fn merge(&mut self, other: &Stretch) {
        self.doubled_pj += other.doubled_pj;
        self.span_us = self.span_us.saturating_add(other.span_us);
        self.count += other.count;
        self.profile.merge(&other.profile);
    }
}

/// All stretches of a series. Those up to [`SHORTEST_GAP`] can never be gaps and stand together; longer ones are kept by class.
#[derive(Clone, Debug, Default)]
pub(super) struct Stretches {
    short: Stretch,
    long: BTreeMap<LengthClass, Stretch>,
    statistics: IntervalStatistics,
    /// What is known to be a gap, whatever its length.
    gaps: Stretch,
    /// Intervals whose energy is not known.
    uncovered_us: i64,
    uncovered_count: u64,
    /// Doubled power (µW) to be held for one median interval at each clock step, by time.
    steps: Profile,
    step_count: u64,
}

impl Stretches {
    /// A stretch of power that goes from `p0` to `p1` (µW): trapezoid.
    #[inline]
    pub(super) fn add_linear(&mut self, start: Instant, end: Instant, p0: i64, p1: i64) {
        let span = end.since(start);
        self.statistics.add(span);
        let stretch = if span <= SHORTEST_GAP { &mut self.short } else { self.long.entry(LengthClass::of(span)).or_default() };
        stretch.add_linear(start, end, p0, p1);
    }

    /// A stretch that nobody watched, between readings of `p0` and `p1` (µW): a gap, whatever its length.
    pub(super) fn add_gap(&mut self, start: Instant, end: Instant, p0: i64, p1: i64) {
        self.gaps.add_linear(start, end, p0, p1);
    }

    /// A stretch whose energy is known, at even power.
    pub(super) fn add_energy(&mut self, start: Instant, end: Instant, energy: Energy) {
        let span = end.since(start);
        self.statistics.add(span);
        let doubled = 2 * energy.as_picojoules();
        self.short.doubled_pj += doubled;
        self.short.span_us = self.short.span_us.saturating_add(span.as_micros());
        self.short.count += 1;
        self.short.profile.add_even(start, end, doubled);
    }

    /// A stretch of which nothing is known.
    pub(super) fn add_uncovered(&mut self, start: Instant, end: Instant) {
        self.uncovered_us = self.uncovered_us.saturating_add(end.since(start).as_micros());
        self.uncovered_count += 1;
    }

    /// A clock step at `at`: `doubled_power` (µW) held for half a median interval each side.
    pub(super) fn add_step(&mut self, at: Instant, doubled_power: i128) {
        self.steps.add_even(at, at, doubled_power);
        self.step_count += 1;
    }

    pub(super) fn merge(&mut self, other: &Stretches) {
        self.short.merge(&other.short);
        for (class, stretch) in &other.long {
            self.long.entry(*class).or_default().merge(stretch);
        }
        self.statistics.merge(&other.statistics);
        self.gaps.merge(&other.gaps);
        self.uncovered_us = self.uncovered_us.saturating_add(other.uncovered_us);
        self.uncovered_count += other.uncovered_count;
        self.steps.merge(&other.steps);
        self.step_count += other.step_count;
    }

    /// Applies the gap rule.
    pub(super) fn settle(&self, everything: bool) -> Integral {
        let median = self.statistics.median();
        let limit = median.map(|m| {
            let wide = Span::from_micros(m.as_micros().saturating_mul(GAP_IN_MEDIANS));
            LengthClass::of(wide.max(SHORTEST_GAP))
        });
        let (mut counted, mut gaps) = (self.short.clone(), Stretch::default());
        for (class, stretch) in &self.long {
            let is_gap = !everything && limit.is_some_and(|l| *class > l);
            if is_gap { gaps.merge(stretch) } else { counted.merge(stretch) }
        }
        if everything {
            counted.merge(&self.gaps)
        } else {
            gaps.merge(&self.gaps)
        }
        if let Some(median) = median {
            let bridge = self.steps.scaled(median.as_micros());
            counted.doubled_pj += bridge.total();
            counted.span_us =
                counted.span_us.saturating_add(median.as_micros().saturating_mul(i64::try_from(self.step_count).unwrap_or(i64::MAX)));
            counted.profile.merge(&bridge);
        }
        counted.profile.seal();
        Integral {
            energy: Energy::from_picojoules(counted.doubled_pj.div_euclid(2)),
            gap_energy: Energy::from_picojoules(gaps.doubled_pj.div_euclid(2)),
            covered: Span::from_micros(counted.span_us),
            gaps: Span::from_micros(gaps.span_us.saturating_add(self.uncovered_us)),
            gap_count: gaps.count + self.uncovered_count,
            median,
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
    fn the_median_of_regular_intervals_is_exact() {
        let mut statistics = IntervalStatistics::default();
        for length in [1_003_000, 1_003_000, 7_200_000_000, 1_003_000, 900_000] {
            statistics.add(Span::from_micros(length));
        }
        assert_eq!(statistics.median(), Some(Span::from_micros(1_003_000)));
    }
}
