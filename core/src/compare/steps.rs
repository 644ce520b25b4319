//! A series of carbon intensity as a function of time.

use alloc::string::String;
use alloc::vec::Vec;

use crate::factor::Basis;
use crate::read::{IntensityPoint, IntensitySeries};
use crate::rules;
use crate::units::{Instant, Span};

/// How far the values of a published series may lie off, at 95 %.
const SERIES: (f64, f64) = rules::ends("grid_series");

/// A value with its ends: those of the values that were given for its time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Grams {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Grams {
    /// `part` of it added.
    pub(crate) fn add(&mut self, part: f64, other: Self) {
        self.value += part * other.value;
        self.low += part * other.low;
        self.high += part * other.high;
    }

    /// Divided by the sum of its parts.
    pub(crate) fn over(self, sum: f64) -> Self {
        Self { value: self.value / sum, low: self.low / sum, high: self.high / sum }
    }

    /// Its ends with the error of the series itself: each of several given values may be the one that holds.
    pub(crate) fn with_error(self) -> Self {
        Self { low: self.low * SERIES.0, high: self.high * SERIES.1, ..self }
    }
}

/// A series as a step function: a value holds until the next, at most for one step.
pub(crate) struct Steps<'s> {
    pub zone: Option<&'s str>,
    pub publisher: String,
    values: Vec<(Instant, Grams)>,
    step: Span,
}

impl<'s> Steps<'s> {
    /// Of the values that the series has of a basis; `None` where it has none.
    pub(crate) fn of(series: &'s IntensitySeries, basis: Basis) -> Option<Self> {
        let grams = |point: &IntensityPoint| {
            let value = value(series, point, basis)?;
            Some((point.at, Grams { value, low: value * point.apart.0, high: value * point.apart.1 }))
        };
        let values: Vec<(Instant, Grams)> = series.points.iter().filter_map(grams).collect();
        let steps = values.windows(2).map(|pair| pair[1].0.since(pair[0].0)).filter(|step| *step > Span::ZERO);
        // A single value stands for its hour.
        let step = steps.min().unwrap_or(Span::from_seconds(3600));
        let publisher = if series.publisher.is_empty() { String::from("user") } else { series.publisher.clone() };
        (!values.is_empty()).then_some(Self { zone: series.zone.as_deref(), publisher, values, step })
    }

    /// First and last time that it covers.
    pub(crate) fn ends(&self) -> (Instant, Instant) {
        let zero = Instant::from_micros(0);
        let first = self.values.first().map_or(zero, |(first, _)| *first);
        (first, self.values.last().map_or(zero, |(last, _)| last.plus(self.step)))
    }

    /// Whether a value holds at any time between two.
    pub(crate) fn covers(&self, start: Instant, end: Instant) -> bool {
        let (grams, until) = self.at(start, end);
        grams.is_some() || until < end
    }

    /// The value that holds at a time, and until when that is so, or nothing holds.
    pub(crate) fn at(&self, at: Instant, end: Instant) -> (Option<Grams>, Instant) {
        let (before, after) = self.values.split_at(self.values.partition_point(|(from, _)| *from <= at));
        let next = after.first().map_or(end, |(from, _)| (*from).min(end));
        match before.last().filter(|(from, _)| at.since(*from) < self.step) {
            Some((from, grams)) => (Some(*grams), next.min(from.plus(self.step))),
            None => (None, next),
        }
    }
}

/// Whether a series has values of a basis.
pub(crate) fn has(series: &IntensitySeries, basis: Basis) -> bool {
    series.points.iter().any(|point| value(series, point, basis).is_some())
}

/// Values of a file that does not say which basis they have stand for either; others for their own alone.
fn value(series: &IntensitySeries, point: &IntensityPoint, basis: Basis) -> Option<f64> {
    match (series.basis_stated, basis) {
        (true, Basis::Direct) => point.direct,
        (true, Basis::Lifecycle) => point.lifecycle,
        (false, _) => point.lifecycle.or(point.direct),
    }
}
