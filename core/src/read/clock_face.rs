//! Whether local stamps are of a clock that shows twelve hours and does not say of which half of the day: at noon it goes back, and goes on from there.

use alloc::string::String;

use super::{Reading, SkipReason};
use crate::note;
use crate::series::SHORTEST_GAP;

const HOUR: i64 = 3_600_000_000;
const HALF_DAY: i64 = 12 * HOUR;
const DAY: i64 = 2 * HALF_DAY;

/// What stamps, in their order, show of the clock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ClockFace {
    is_begun: bool,
    last: i64,
    /// The longest step forwards.
    widest: i64,
    /// Stamps in this range tell nothing new.
    known: (i64, i64),
    /// Some stamp is before 1 o'clock, at 12 o'clock, later than both.
    shows: [bool; 3],
    goes_on: bool,
    goes_elsewhere: bool,
}

impl ClockFace {
    /// The next stamp, in microseconds of its clock.
    #[inline]
    pub(super) fn see(&mut self, at: i64) {
        let step = at.saturating_sub(self.last);
        self.last = at;
        if step < 0 || !(self.known.0..self.known.1).contains(&at) {
            self.look(at, step);
        } else {
            self.widest = self.widest.max(step);
        }
    }

    #[cold]
    fn look(&mut self, at: i64, step: i64) {
        if core::mem::replace(&mut self.is_begun, true) {
            // Back by half a day, but for a step of the log. A log that goes back by anything else is in disorder, or of several runs.
            let missing = HALF_DAY.saturating_add(step);
            let usual = self.widest.saturating_mul(2).max(SHORTEST_GAP.as_micros()).min(HOUR);
            let is_noon = (1..=usual).contains(&missing);
            self.goes_on |= step < 0 && is_noon;
            self.goes_elsewhere |= step < 0 && !is_noon;
            self.widest = self.widest.max(step);
        }
        let (day, of_day) = (at.div_euclid(DAY), at.rem_euclid(DAY));
        let hour = of_day / HOUR;
        let shown = match hour {
            0 => Some(0),
            12 => Some(1),
            13.. => Some(2),
            _ => None,
        };
        if let Some(shown) = shown.and_then(|at| self.shows.get_mut(at)) {
            *shown = true;
        }
        // Of a clock of 24 hours nothing more is to be known.
        self.known = match self.shows {
            [true, true, _] | [_, _, true] => (i64::MIN, i64::MAX),
            _ if (1..12).contains(&hour) => (day * DAY + HOUR, day * DAY + HALF_DAY),
            _ => self.known,
        };
    }

    /// Whether it went back from noon to where it began, and never showed more than twelve hours.
    pub(super) fn has_two_halves(&self) -> bool {
        let shows_more = self.shows[2] || self.shows[0] && self.shows[1];
        self.goes_on && !self.goes_elsewhere && !shows_more
    }
}

impl Reading {
    /// Asks for the half of the day where a clock does not say it: no reading has a certain place, and those of morning and evening that are alike would count once.
    pub(super) fn refuse_two_halves(&mut self) {
        if !self.has_two_halves {
            return;
        }
        let mut refused = Reading::new(self.format, None, None);
        refused.evidence = self.evidence.take();
        refused.columns_given = self.columns_given;
        refused.rows = core::mem::take(&mut self.rows);
        refused.notes = core::mem::take(&mut self.notes);
        let used = refused.rows.used;
        refused.rows.demote(SkipReason::NoTime, 0, used);
        refused.refused = true;
        let message =
            "its times go back from noon to where they began, and none is outside of twelve hours: a clock that does not say AM or PM";
        let hint = "write 24 hours, or AM and PM behind the times; or name the columns without the time, `-` in its place, and say how far apart the readings of a \
                    device are: `--columns` and `--interval`";
        refused.notes.add_with_hint(&note::CLOCK_MISSING, None, String::from(message), String::from(hint));
        *self = refused;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stamps of so many minutes of a day, each a minute after the other, as a clock shows them.
    fn seen(minutes: impl Iterator<Item = i64>, shown: impl Fn(i64) -> i64) -> bool {
        let mut face = ClockFace::default();
        minutes.for_each(|minute| face.see(shown(minute) * HOUR / 60));
        face.has_two_halves()
    }

    #[test]
    fn a_clock_of_twelve_hours_goes_back_at_one() {
        // 12:59 is followed by 1:00; or 11:59 by 0:00.
        let from_one = |minute: i64| minute / 1440 * 1440 + (minute % 1440 + 11 * 60) % 720 + 60;
        let from_zero = |minute: i64| minute / 1440 * 1440 + minute % 720;
        assert_eq!((from_one(0), from_one(59), from_one(60), from_one(719), from_one(780)), (720, 779, 60, 719, 60));
        for (from, to) in [(0, 1440), (480, 1020), (700, 800), (0, 4320), (1300, 2000)] {
            assert!(seen(from..to, from_one), "{from} to {to}");
            assert!(!seen(from..to, |minute| minute), "{from} to {to}");
        }
        for (from, to) in [(0, 1440), (480, 1020), (700, 800)] {
            assert!(seen(from..to, from_zero), "{from} to {to}");
        }
        // A log of an afternoon does not show it, and rows of every second hour do.
        assert!(!seen(780..1000, from_one) && seen((481..1400).step_by(50), from_one));
    }

    #[test]
    fn clocks_that_were_set_back_and_logs_behind_each_other_are_none() {
        // Set back by an hour, by a day, by half a day from the afternoon; two logs of a morning; one of which began where the other ended but for an hour.
        let both = |a: core::ops::Range<i64>, b: core::ops::Range<i64>| seen(a.chain(b), |minute| minute);
        // Two runs of a day, the later one first, and rows in no order.
        let apart = (181..186).chain(712..717).chain(657..662);
        assert!(!seen(apart, |minute| minute) && !seen((0..600).map(|n| 60 + n * 7 % 600), |minute| minute));
        for (a, b) in [(100..700, 640..700), (100..700, 100..700), (900..1000, 281..400), (60..760, 60..760), (60..700, 100..700)] {
            assert!(!both(a.clone(), b.clone()), "{a:?} {b:?}");
        }
    }
}
