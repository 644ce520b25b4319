//! Physical quantities as types: instants, spans, power and energy are exact integers; factors are floats.
//!
//! Sums of energy are integer sums, so their result depends on no order. Floating point starts where an energy meets a
//! factor ([`Energy::as_kwh`]).

pub mod calendar;
pub mod decimal;
pub mod nearest;

use core::iter::Sum;
use core::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// Picojoules in a kilowatt-hour: 3.6 MJ, exactly (SI brochure, 9th edition, table 8).
pub const PICOJOULES_PER_KWH: i128 = 3_600_000_000_000_000_000;

/// Hours of the year by which an expected life is turned into hours (ISO/IEC 21031 and its examples: 365 days).
pub const HOURS_PER_YEAR: f64 = 8760.0;

/// A point in time: microseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
///
/// For logs with local stamps and no known zone it counts from the same date on the local clock;
/// [`Clock`](crate::read::Clock) tells which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instant(i64);

impl Instant {
    /// From microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The time from `earlier` to `self`; negative when `earlier` is later.
    pub const fn since(self, earlier: Instant) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// `self` moved by `span`.
    pub const fn plus(self, span: Span) -> Instant {
        Instant(self.0.saturating_add(span.0))
    }
}

/// A length of time in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// From microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Seconds, for display and for rates.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Hours, for display and for embodied shares.
    pub fn as_hours(self) -> f64 {
        self.0 as f64 / 3.6e9
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl Sum for Span {
    fn sum<I: Iterator<Item = Span>>(spans: I) -> Span {
        spans.fold(Span::ZERO, Add::add)
    }
}

/// Electrical power in microwatts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Power(i64);

impl Power {
    /// From microwatts.
    pub const fn from_microwatts(microwatts: i64) -> Self {
        Self(microwatts)
    }

    /// From whole watts.
    pub const fn from_watts(watts: i64) -> Self {
        Self(watts.saturating_mul(1_000_000))
    }

    /// Microwatts.
    pub const fn as_microwatts(self) -> i64 {
        self.0
    }

    /// Watts, for display.
    pub fn as_watts(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The energy of this power held for `span`: 1 µW × 1 µs = 1 pJ.
    pub const fn over(self, span: Span) -> Energy {
        Energy(self.0 as i128 * span.0 as i128)
    }
}

/// Energy in picojoules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Energy(i128);

impl Energy {
    /// No energy: the start of a sum, never a stand-in for an unknown one.
    pub const ZERO: Energy = Energy(0);

    /// From picojoules.
    pub const fn from_picojoules(picojoules: i128) -> Self {
        Self(picojoules)
    }

    /// From microjoules.
    pub const fn from_microjoules(microjoules: i64) -> Self {
        Self(microjoules as i128 * 1_000_000)
    }

    /// From whole joules.
    pub const fn from_joules(joules: i64) -> Self {
        Self(joules as i128 * 1_000_000_000_000)
    }

    /// Picojoules.
    pub const fn as_picojoules(self) -> i128 {
        self.0
    }

    /// Kilowatt-hours: where integers end and floating point starts.
    pub fn as_kwh(self) -> f64 {
        self.0 as f64 / PICOJOULES_PER_KWH as f64
    }

    /// Mean power over `span` in watts; `None` for an empty span.
    pub fn mean_watts(self, span: Span) -> Option<f64> {
        (span.0 > 0).then(|| self.0 as f64 / span.0 as f64 / 1e6)
    }

    /// `self × numerator ÷ denominator`, rounded down; `self` where the denominator is 0.
    pub const fn share(self, numerator: i64, denominator: i64) -> Energy {
        if denominator == 0 {
            return self;
        }
        let (n, d) = (numerator as i128, denominator as i128);
        // Whole and rest apart, so that the product stays far below the range of i128.
        Energy(self.0 / d * n + (self.0 % d) * n / d)
    }
}

impl Add for Energy {
    type Output = Energy;
    fn add(self, other: Energy) -> Energy {
        Energy(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Energy {
    fn add_assign(&mut self, other: Energy) {
        *self = *self + other;
    }
}

impl Sub for Energy {
    type Output = Energy;
    fn sub(self, other: Energy) -> Energy {
        Energy(self.0.saturating_sub(other.0))
    }
}

impl Sum for Energy {
    fn sum<I: Iterator<Item = Energy>>(energies: I) -> Energy {
        energies.fold(Energy::ZERO, Add::add)
    }
}

/// The mean of `pairs` of (value, weight), weighted; `None` where the weights add up to nothing.
///
/// Intensities and ratios are combined by this alone, never added.
pub fn weighted_mean(pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
    let (sum, weight) = pairs.into_iter().fold((0.0, 0.0), |(s, w), (v, x)| (s + v * x, w + x));
    (weight > 0.0).then(|| sum / weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kilowatt_for_an_hour_is_a_kilowatt_hour() {
        let energy = Power::from_watts(1000).over(Span::from_seconds(3600));
        assert_eq!(energy.as_picojoules(), PICOJOULES_PER_KWH);
        assert_eq!(energy.as_kwh(), 1.0);
    }

    #[test]
    fn shares_add_up_within_one_picojoule() {
        let e = Energy::from_joules(41_234_567);
        let (a, b) = (e.share(1, 3), e.share(2, 3));
        assert!((e - a - b).as_picojoules().abs() <= 1);
    }
}
