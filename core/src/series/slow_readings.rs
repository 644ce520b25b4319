//! A counter that is read so seldom that it may run through its range unseen: how often it did, where its other readings tell the pace.

use alloc::vec::Vec;

use super::WRAP_SUSPECTED_ABOVE;
use super::intervals::FEW_INTERVALS;
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
}

/// What a counter counted unseen in an interval, most likely.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unseen {
    pub start: Instant,
    pub end: Instant,
    /// So many times its range.
    pub times: u64,
    pub energy: Energy,
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
        if self.slow.len() < MOST {
            self.slow.push(Slow { start, end, energy, range });
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
        let pace = self.span.as_micros();
        let knows_pace = self.certain >= FEW_INTERVALS && pace > 0 && self.energy > Energy::ZERO;
        self.slow.iter().filter(move |_| knows_pace).filter_map(move |slow| {
            let span = slow.end.since(slow.start);
            let expected = self.energy.share(span.as_micros(), pace).as_picojoules();
            let (counted, range) = (slow.energy.as_picojoules(), slow.range.as_picojoules().max(1));
            let times = expected.saturating_sub(counted).saturating_add(range / 2).div_euclid(range).max(0);
            let (energy, whole) = (times.saturating_mul(range), counted.saturating_add(times.saturating_mul(range)));
            let off = whole.saturating_sub(expected).saturating_abs();
            let is_near = off.saturating_mul(100) <= expected.saturating_mul(NEAR_PACE) && off.saturating_mul(NEAR_PART) <= range;
            let can_be = Energy::from_picojoules(whole) <= WRAP_SUSPECTED_ABOVE.over(span);
            let found =
                Unseen { start: slow.start, end: slow.end, times: u64::try_from(times).ok()?, energy: Energy::from_picojoules(energy) };
            (times > 0 && is_near && can_be).then_some(found)
        })
    }
}
