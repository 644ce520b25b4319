//! What is told of logs on several clocks.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Settled;
use super::claim::{Claim, Origin};
use super::clocks::Told;
use super::evidence::Decision;
use super::perhaps_zones::{Perhaps, WhyPerhaps};
use super::rule::Rule;
use super::told::{Teller, decided, told_of};
use crate::map::{Map, Set};
use crate::note;
use crate::text::{energy_text, few};
use crate::units::{Energy, Span};

impl Teller<'_, '_> {
    /// Stretches of a file that stand at one time and are not the same readings: of a clock that was set back.
    pub(super) fn set_back(&self, settled: &mut Settled) {
        let mut twice: Map<usize, Energy> = Map::new();
        for claim in &self.gathered.claims {
            if let Origin::Recorded(recorded) = &claim.origin
                && recorded.stamped_twice > Energy::ZERO
            {
                *twice.entry(claim.file).or_insert(Energy::ZERO) += recorded.stamped_twice;
            }
        }
        for (file, energy) in twice.iter() {
            settled.decisions.push(Decision {
                rule: "clock-set-back",
                kept: String::from(self.path(*file)),
                left_out: String::new(),
                energy: None,
                reason: format!(
                    "its stamps go back, and its readings do not repeat: all of them count, as of a clock that was set back; the lower end counts once \
                     what stands twice ({})",
                    energy_text(*energy)
                ),
            });
        }
    }

    /// Files whose readings stand in others at other times, or that were put beside others in another zone.
    pub(super) fn on_other_clocks(&self, rule: &Rule<'_, '_>, settled: &mut Settled) {
        let mut in_zones: Set<(usize, usize, i64)> = Set::new();
        for left in &rule.left {
            let (claim, kept) = (self.claim(left.claim), self.claim(left.kept));
            if let Some(later) = self.in_zone(rule, claim, kept).filter(|later| *later != 0) {
                in_zones.insert((claim.file, kept.file, -later));
            }
        }
        let in_zones: Vec<String> = in_zones.iter().map(|(file, other, later)| self.later_than(*file, *later, *other)).collect();
        let moved = |told: Told| self.gathered.on_other_clocks.iter().filter(move |one| one.told == told);
        let names = |told: Told| moved(told).map(|one| self.later_than(one.file, one.later.as_micros(), one.like)).collect();
        for (files, what, hint, reason) in [
            (
                names(Told::ByReadings),
                "has the readings of another log at other times",
                "write all logs in one time zone",
                "readings that move and come back at other times, and nowhere else, are one sequence on two clocks",
            ),
            (
                names(Told::ByEnds),
                "is as long as the other log and holds as much, and both ends lie a time zone apart",
                "write all logs in one time zone; where they are two runs, write stamps with their zone",
                "two instruments that saw as much for as long, as far apart as time zones lie, saw one run; no log says so",
            ),
            (
                in_zones,
                "holds as much as the other log in this time zone, and nowhere else as well",
                "write stamps with their zone, or give it: `--tz Europe/Paris`",
                "one log is in UTC and the other one says no zone: it is taken for that in which both hold the same",
            ),
        ] {
            if files.is_empty() {
                continue;
            }
            let names = few(&files, ", ");
            let message = format!("{names} {what}: as of clocks that differ they count once, and the upper end holds both");
            told_of(settled, &note::OVERLAP_UNRESOLVED, message, Some(hint));
            decided(settled, "clocks-differ", names, reason);
        }
    }

    /// How much later stamps of an unknown zone are in UTC where another log stands, or those in UTC on the clock of the other log, µs.
    pub(super) fn in_zone(&self, rule: &Rule<'_, '_>, claim: &Claim<'_>, kept: &Claim<'_>) -> Option<i64> {
        let are_dated = claim.timeline.is_dated() && kept.timeline.is_dated() && claim.timeline != kept.timeline;
        are_dated.then(|| rule.places.known(claim, kept)).flatten().map(Span::as_micros)
    }

    /// Files that may hold one run, on clocks of two zones.
    pub(super) fn perhaps_in_zones(&self, in_zones: &[Perhaps], settled: &mut Settled) {
        for (why, what, hint, reason) in [
            (
                WhyPerhaps::Fits,
                "may hold the same run, on the clock of another time zone",
                "write all logs in one time zone; where they are two runs, write stamps with their zone",
                "one lies within the other a time zone away, and both hold as much over that time; too little says that they saw one run",
            ),
            (
                WhyPerhaps::Unlike,
                "counts as another run: one of the clocks says no zone, and in none do both hold the same",
                "write stamps with their zone, or give it: `--tz Europe/Paris`",
                "in no zone do both begin and end together and hold as much, so that they are two runs; no log says so",
            ),
            (
                WhyPerhaps::OfDay,
                "counts as another run: one of the logs has times without a date, and at these times of day the other one holds nothing",
                "write stamps with their date and zone",
                "at the same times of a day nothing was logged, so that they are two runs, unless the clocks are of two zones",
            ),
            (
                WhyPerhaps::Changed,
                "holds time that the other log does not, in a night in which clocks may have changed: it counts",
                "write stamps with their zone, or give it: `--tz Europe/Paris`",
                "where the clock skipped an hour or showed it twice, both logs hold the same time; else one of them held more",
            ),
        ] {
            let of_kind = in_zones.iter().filter(|one| one.why == why);
            let name = |one: &Perhaps| match why {
                WhyPerhaps::OfDay | WhyPerhaps::Changed => format!("{} (beside {})", self.path(one.file), self.path(one.other)),
                _ => self.later_than(one.file, one.later_us, one.other),
            };
            let mut names: Vec<String> = of_kind.map(name).collect();
            names.dedup();
            if !names.is_empty() {
                let names = few(&names, ", ");
                told_of(settled, &note::OVERLAP_UNRESOLVED, format!("{names} {what}: the lower end counts it once"), Some(hint));
                decided(settled, "perhaps-on-another-clock", names, reason);
            }
        }
    }

    pub(super) fn later_than(&self, file: usize, later_us: i64, like: usize) -> String {
        let seconds = later_us.unsigned_abs() / 1_000_000;
        let far = match seconds {
            0 => String::from("less than a second"),
            _ if seconds.is_multiple_of(60) => format!("{}:{:02} h", seconds / 3600, seconds / 60 % 60),
            _ => format!("{seconds} s"),
        };
        let word = if later_us > 0 { "later" } else { "earlier" };
        format!("{} ({far} {word} than {})", self.path(file), self.path(like))
    }
}
