//! A counter that is read so seldom that it may run through its range unseen: how often it did, where its other readings tell the pace.

use alloc::vec::Vec;

use super::intervals::FEW_INTERVALS;
use super::{Coverage, Integral, WRAP_SUSPECTED_ABOVE};
use crate::rules;
use crate::units::{Energy, Instant, Span};

/// So many intervals are kept; in those beyond, what the readings tell counts.
const MOST: usize = rules::whole("counter_slow_most") as usize;

/// A power so near the pace, in per cent, is at it.
const NEAR_PACE: i128 = rules::whole("counter_pace_percent") as i128;

/// And within this part of its range, for else some number of them would bring any counter near any pace.
const NEAR_PART: i128 = rules::whole("counter_pace_part") as i128;

/// Intervals in which a counter may have run through its range unseen, and what it counted in all others.
#[derive(Clone, Debug, Default)]
pub(super) struct SlowReadings {
    slow: Vec<Slow>,
    certain: u64,
    energy: Energy,
    span: Span,
}

#[derive(Clone, Copy, Debug)]
struct Slow {
    start: Instant,
    end: Instant,
    energy: Energy,
    range: Energy,
    /// It fell: it ran through its range once at least, or began again.
    fell: bool,
}

/// What a counter counted unseen in an interval, most likely.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unseen {
    pub start: Instant,
    pub end: Instant,
    /// So many times its range.
    pub times: u64,
    pub energy: Energy,
    /// What its readings tell.
    pub counted: Energy,
}

impl Integral {
    /// A pause of a counter counts after all: the pace of its other readings says that it ran through its range.
    pub(super) fn count_gap(&mut self, found: &Unseen) {
        let span = found.end.since(found.start);
        self.energy += found.counted;
        self.gap_energy = self.gap_energy - found.counted.min(self.gap_energy);
        self.covered += span;
        self.gaps = self.gaps - span.min(self.gaps);
        self.gap_count = self.gap_count.saturating_sub(1);
        self.coverage = self.coverage.union(&Coverage::of(found.start, found.end));
        self.profile.add_even(found.start, found.end, 2 * found.counted.as_picojoules());
    }
}

impl SlowReadings {
    /// An interval that is short enough for its readings to tell everything.
    pub(super) fn add_certain(&mut self, span: Span, energy: Energy) {
        self.certain += 1;
        self.energy += energy;
        self.span += span;
    }

    /// One in which the counter, of this range, counted so much or more.
    pub(super) fn add(&mut self, start: Instant, end: Instant, energy: Energy, range: Energy) {
        self.keep(Slow { start, end, energy, range, fell: false });
    }

    /// One over which it fell: it counted so much or more, or began again.
    pub(super) fn add_fall(&mut self, start: Instant, end: Instant, energy: Energy, range: Energy) {
        self.keep(Slow { start, end, energy, range, fell: true });
    }

    fn keep(&mut self, slow: Slow) {
        if self.slow.len() < MOST {
            self.slow.push(slow);
        }
    }

    pub(super) fn merge(&mut self, later: &Self) {
        self.slow.extend(later.slow.iter().take(MOST.saturating_sub(self.slow.len())));
        self.certain += later.certain;
        self.energy += later.energy;
        self.span += later.span;
    }

    /// Where the pace of all other intervals says that the counter ran through its range: so often as comes nearest to it, if that is near. Of readings that
    /// are all slow nothing is known.
    pub(super) fn unseen(&self) -> impl Iterator<Item = Unseen> + '_ {
        self.slow.iter().filter(|slow| !slow.fell).filter_map(|slow| self.at_pace(slow)).filter(|found| found.times > 0)
    }

    /// Where it says so of one that fell; it may have been once.
    pub(super) fn fallen(&self) -> impl Iterator<Item = Unseen> + '_ {
        self.slow.iter().filter(|slow| slow.fell).filter_map(|slow| self.at_pace(slow))
    }

    fn at_pace(&self, slow: &Slow) -> Option<Unseen> {
        let pace = self.span.as_micros();
        if self.certain < FEW_INTERVALS || pace <= 0 || self.energy <= Energy::ZERO {
            return None;
        }
        let span = slow.end.since(slow.start);
        let expected = self.energy.share(span.as_micros(), pace).as_picojoules();
        let (counted, range) = (slow.energy.as_picojoules(), slow.range.as_picojoules().max(1));
        let times = expected.saturating_sub(counted).saturating_add(range / 2).div_euclid(range).max(0);
        let (energy, whole) = (times.saturating_mul(range), counted.saturating_add(times.saturating_mul(range)));
        let off = whole.saturating_sub(expected).saturating_abs();
        let is_near = off.saturating_mul(100) <= expected.saturating_mul(NEAR_PACE) && off.saturating_mul(NEAR_PART) <= range;
        let can_be = Energy::from_picojoules(whole) <= WRAP_SUSPECTED_ABOVE.over(span);
        let (times, energy) = (u64::try_from(times).ok()?, Energy::from_picojoules(energy));
        (is_near && can_be).then_some(Unseen { start: slow.start, end: slow.end, times, energy, counted: slow.energy })
    }
}
