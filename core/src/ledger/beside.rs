//! Claims by host and time, to find those beside another one.

use alloc::vec::Vec;

use super::claim::{Claim, Reach, Timeline, WIDEST_ZONE_US};
use super::rule::Rule;
use crate::map::Map;
use crate::order;
use crate::units::Energy;

/// Claims by host and time, to find those beside another one.
pub(super) struct Parts {
    /// By host and clock: start and end of the claim, its number, and the latest end so far; by start.
    dated: Map<(usize, Timeline), Vec<(i64, i64, usize, i64)>>,
    /// Claims whose time nobody knows, by host.
    undated: Map<usize, Vec<usize>>,
    hosts: Vec<usize>,
}

impl Parts {
    pub(super) fn of(rule: &Rule<'_, '_>) -> Self {
        let mut parts = Parts { dated: Map::new(), undated: Map::new(), hosts: Vec::new() };
        for (at, claim) in rule.claims().iter().enumerate() {
            let (Some(start), Some(end)) = (claim.coverage.start(), claim.coverage.end()) else { continue };
            if claim.timeline.is_dated() {
                parts.dated.entry((claim.host, claim.timeline)).or_default().push((start.as_micros(), end.as_micros(), at, 0));
            } else {
                parts.undated.entry(claim.host).or_default().push(at);
            }
        }
        parts.hosts = parts.dated.keys().map(|(host, _)| host).chain(parts.undated.keys()).copied().collect();
        order::sort(&mut parts.hosts);
        parts.hosts.dedup();
        let keys: Vec<(usize, Timeline)> = parts.dated.keys().copied().collect();
        for key in keys {
            let Some(list) = parts.dated.get_mut(&key) else { continue };
            order::sort(list);
            let mut latest = i64::MIN;
            for entry in list.iter_mut() {
                latest = latest.max(entry.1);
                entry.3 = latest;
            }
        }
        parts
    }

    /// Claims that count, that pass the test, and that share time with `at`, or may: on its host, or for a job on any that it may have used.
    pub(super) fn beside<'l>(&self, rule: &Rule<'_, 'l>, at: usize, test: impl Fn(&Claim<'l>) -> bool) -> Vec<usize> {
        let claim = &rule.claims()[at];
        // A job may have used every host that no log names.
        let is_job = claim.reach == Reach::Job;
        let any_host = is_job && !rule.hosts().is_named(claim.host);
        let is_open = |host: usize| !rule.hosts().is_named(host) || rule.hosts().may_be_of_job(claim.host, host);
        // Of a log without a host that shares its clock it is known by now which machine it is taken for.
        let is_decided = |other: &Claim<'_>| {
            !any_host && !rule.hosts().has_name(other.host) && other.timeline == claim.timeline && claim.timeline.is_dated()
        };
        let behind = rule.hosts().racks.get(&claim.host).map(|(behind, _)| behind);
        let may_be = |host: &&usize| match behind {
            Some(behind) => behind.contains(*host),
            None => **host == claim.host || any_host || is_job && is_open(**host),
        };
        let own = [claim.host];
        let hosts: &[usize] = if is_job { &self.hosts } else { &own };
        let mut found = Vec::new();
        let (Some(start), Some(end)) = (claim.coverage.start(), claim.coverage.end()) else { return found };
        let (start, end) = (start.as_micros(), end.as_micros());
        let mut add = |other: usize| {
            let counts = rule.outcomes[other].energy > Energy::ZERO && !rule.outcomes[other].coverage.is_empty();
            if other != at && counts && !(is_job && is_decided(&rule.claims()[other])) && test(&rule.claims()[other]) {
                found.push(other);
            }
        };
        for host in hosts.iter().filter(may_be) {
            for clock in [Timeline::Utc, Timeline::Local] {
                let Some(list) = self.dated.get(&(*host, clock)) else { continue };
                // A stamp on the other kind of clock may lie off.
                let off = if clock == claim.timeline { 0 } else { WIDEST_ZONE_US };
                let (from, to) = if claim.timeline.is_dated() { (start - off, end + off) } else { (i64::MIN, i64::MAX) };
                let until = list.partition_point(|entry| entry.0 < to);
                for entry in list.get(..until).unwrap_or(&[]).iter().rev() {
                    if entry.3 <= from {
                        break;
                    }
                    if entry.1 > from {
                        add(entry.2);
                    }
                }
            }
            self.undated.get(host).into_iter().flatten().for_each(|other| add(*other));
        }
        order::sort(&mut found);
        found
    }
}
