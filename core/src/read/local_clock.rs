//! Local stamps to instants, by the zone's offset transitions that the host hands in.

use alloc::vec::Vec;

use super::Clock;
use super::Reading;
use super::clock_face::ClockFace;
use crate::series::Series;
use crate::units::calendar::parse_stamp;
use crate::units::{Instant, Span};

/// The offsets of a time zone: from each instant (UTC) on, seconds east of Greenwich. Sorted; the first entry holds for all earlier time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ZoneTransitions(pub Vec<(Instant, i32)>);

impl ZoneTransitions {
    /// By how much the zone is ahead of UTC of late, in winter and in summer.
    pub(super) fn ahead_of_late(&self) -> Vec<Span> {
        self.0.iter().rev().take(2).map(|(_, seconds)| Span::from_seconds(i64::from(*seconds))).collect()
    }

    /// By how much the zone is ahead of UTC at an instant.
    fn ahead(&self, at: Instant) -> Span {
        let before = self.0.partition_point(|(from, _)| *from <= at).saturating_sub(1);
        Span::from_seconds(self.0.get(before).map_or(0, |(_, seconds)| i64::from(*seconds)))
    }
}

impl Reading {
    /// Keeps by how much the zone that the user says of its stamps is ahead of UTC.
    pub(super) fn tell_zone(&mut self, zone: Option<&ZoneTransitions>) {
        let Some(zone) = zone.filter(|_| self.clock == Clock::Told) else { return };
        let recorded = self.series().iter().filter_map(Series::start);
        let declared = self.declared.iter().filter_map(|declared| Some(declared.period?.0));
        self.ahead_of_utc = recorded.chain(declared).min().map(|start| zone.ahead(start));
    }
}

/// The instant of a stamp that a user writes: with an offset as it says, without one in `zone` or on the logs' own clock.
pub fn instant(text: &str, zone: Option<&ZoneTransitions>) -> Option<Instant> {
    let stamp = parse_stamp(text.as_bytes())?;
    Some(if stamp.zoned { stamp.at } else { LocalClock::new(zone.cloned()).resolve(stamp.at) })
}

/// Turns local stamps into UTC, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct LocalClock {
    zone: Option<ZoneTransitions>,
    /// The last answer: local stamps in this range have one offset.
    valid: Option<(i64, i64, i64)>,
    last: Option<Instant>,
    ambiguous: bool,
    face: ClockFace,
}

impl LocalClock {
    /// A clock of `zone`; without one, stamps stay local.
    pub fn new(zone: Option<ZoneTransitions>) -> Self {
        Self { zone, ..Self::default() }
    }

    /// Whether answers are UTC.
    pub fn knows_zone(&self) -> bool {
        self.zone.is_some()
    }

    /// Whether a stamp so far could mean two instants (the hour that a clock shows twice), so that order decided.
    pub fn was_ambiguous(&self) -> bool {
        self.ambiguous
    }

    /// By how much its zone may be ahead of UTC; nothing where that is not known.
    pub(super) fn ahead_of_late(&self) -> Vec<Span> {
        self.zone.as_ref().map(ZoneTransitions::ahead_of_late).unwrap_or_default()
    }

    /// A time of day, without a date.
    pub(super) fn see(&mut self, of_day: i64) {
        self.face.see(of_day);
    }

    /// Says whether stamps are of a clock that shows twelve hours, and hold both halves of a day; and gives whether one could mean two instants.
    pub(super) fn tell(&self, out: &mut Reading) -> bool {
        out.has_two_halves |= self.face.has_two_halves();
        self.was_ambiguous()
    }

    /// The instant of a local stamp. Of two possible ones it takes the first that does not go backwards; a stamp that the clock never
    /// showed is read by the offset before the change.
    #[inline]
    pub fn resolve(&mut self, local: Instant) -> Instant {
        let micros = local.as_micros();
        self.face.see(micros);
        if self.zone.is_none() {
            return local;
        }
        if let Some((from, to, offset)) = self.valid
            && (from..to).contains(&micros)
        {
            let at = Instant::from_micros(micros - offset);
            self.last = Some(at);
            return at;
        }
        self.resolve_slow(micros)
    }

    #[cold]
    fn resolve_slow(&mut self, local: i64) -> Instant {
        let transitions = self.zone.as_ref().map_or(&[][..], |z| z.0.as_slice());
        let offset_at = |i: usize| transitions.get(i).map_or(0, |t| i64::from(t.1) * 1_000_000);
        let mut candidates: [Option<i64>; 2] = [None, None];
        let mut before_change = None;
        for i in 0..transitions.len().max(1) {
            let offset = offset_at(i);
            let from = if i == 0 { i64::MIN } else { transitions.get(i).map_or(i64::MIN, |t| t.0.as_micros()) };
            let to = transitions.get(i + 1).map_or(i64::MAX, |t| t.0.as_micros());
            let utc = local - offset;
            if utc < from {
                break;
            }
            before_change = Some(utc);
            if utc < to {
                let unique_from = if i == 0 { i64::MIN } else { (from + offset).max(from + offset_at(i - 1)) };
                let unique_to = if to == i64::MAX { i64::MAX } else { (to + offset).min(to + offset_at(i + 1)) };
                if (unique_from..unique_to).contains(&local) {
                    self.valid = Some((unique_from, unique_to, offset));
                }
                let slot = if candidates[0].is_none() { 0 } else { 1 };
                candidates[slot] = Some(utc);
            }
        }
        let utc = match candidates {
            [Some(first), Some(second)] => {
                self.ambiguous = true;
                // A few seconds of disorder are no reason to jump an hour.
                let earliest = self.last.map_or(i64::MIN, |l| l.plus(Span::from_seconds(-60)).as_micros());
                if first >= earliest { first } else { second }
            }
            [Some(only), None] => only,
            _ => before_change.unwrap_or(local),
        };
        let at = Instant::from_micros(utc);
        self.last = Some(at);
        at
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::units::calendar::parse_stamp;

    fn at(text: &str) -> Instant {
        parse_stamp(text.as_bytes()).map(|s| s.at).expect("a stamp")
    }

    #[test]
    fn the_hour_that_comes_twice_is_told_by_order() {
        // America/New_York: EDT (-4) until 2025-11-02T06:00:00Z, then EST (-5).
        let zone = ZoneTransitions(vec![(at("2025-03-09T07:00:00Z"), -4 * 3600), (at("2025-11-02T06:00:00Z"), -5 * 3600)]);
        let mut clock = LocalClock::new(Some(zone));
        assert_eq!(clock.resolve(at("2025-11-02 01:59:59")), at("2025-11-02T05:59:59Z"));
        assert_eq!(clock.resolve(at("2025-11-02 01:00:00")), at("2025-11-02T06:00:00Z"));
        assert_eq!(clock.resolve(at("2025-11-02 01:00:01")), at("2025-11-02T06:00:01Z"));
        assert_eq!(clock.resolve(at("2025-11-02 02:00:00")), at("2025-11-02T07:00:00Z"));
        assert!(clock.was_ambiguous());
    }

    #[test]
    fn the_hour_that_is_missing_closes_up() {
        // Europe/Berlin: CET (+1) until 2025-03-30T01:00:00Z, then CEST (+2).
        let zone = ZoneTransitions(vec![(at("2024-10-27T01:00:00Z"), 3600), (at("2025-03-30T01:00:00Z"), 7200)]);
        let mut clock = LocalClock::new(Some(zone));
        assert_eq!(clock.resolve(at("2025-03-30 01:59:59")), at("2025-03-30T00:59:59Z"));
        assert_eq!(clock.resolve(at("2025-03-30 03:00:00")), at("2025-03-30T01:00:00Z"));
        assert!(!clock.was_ambiguous());
    }
}
