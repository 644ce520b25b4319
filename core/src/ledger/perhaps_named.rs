//! Logs that name no host, beside named hosts that hold as much of the same part of a computer, or of the whole of it on another clock: nobody says that they
//! are of other machines. They count, and the lower end is without what a named host may hold already.

use alloc::vec::Vec;

use super::alike::alike;
use super::claim::{Claim, Origin, Timeline, WIDEST_ZONE_US};
use super::gather::Gathered;
use super::meters;
use super::models::are_two;
use super::outcome::Left;
use super::rule::{Rule, union};
use crate::map::{Map, Set};
use crate::series::{Alike, Component, Coverage};
use crate::units::Energy;

/// So many pairs of claims are looked at. Of claims beyond them, all that any named host watched may be its.
const LOOKS: usize = 1 << 18;

/// Takes what may be of a named host out of the lower ends, and returns the files that hold it with the host of each. `tools` are those of the files.
pub(super) fn take_out(gathered: &Gathered<'_>, rule: &mut Rule<'_, '_>, tools: &[&str]) -> Vec<(usize, usize)> {
    let has_name = |claim: &Claim<'_>| gathered.hosts.has_name(claim.host);
    let is_meter = |claim: &Claim<'_>| claim.component == Component::Node;
    let is_known = |claim: &Claim<'_>| claim.timeline.is_dated() && !claim.is_estimate();
    let is_recorded = |claim: &Claim<'_>| matches!(claim.origin, Origin::Recorded(_));
    let (mut named, mut unnamed): (Map<Component, Vec<usize>>, Vec<usize>) = (Map::new(), Vec::new());
    for (at, claim) in gathered.claims.iter().enumerate().filter(|(_, claim)| is_known(claim)) {
        match has_name(claim) {
            true => named.entry(claim.component).or_default().push(at),
            false if is_meter(claim) && !is_recorded(claim) => {}
            false if rule.outcomes[at].energy > Energy::ZERO => unnamed.push(at),
            false => {}
        }
    }
    // What is left of the joules of a whole, of those that may be in it.
    let mut room: Map<usize, Energy> = Map::new();
    let wholes = named.get(&Component::Node).map_or(&[][..], Vec::as_slice);
    // Hosts whose joules were taken out of a whole already.
    let is_in_whole = |left: &&Left| is_meter(&gathered.claims[left.claim]) && !is_meter(&gathered.claims[left.kept]);
    let inside_one: Set<usize> = rule.left.iter().filter(is_in_whole).map(|left| gathered.claims[left.kept].host).collect();
    let mut looks = LOOKS;
    let mut found: Set<(usize, usize)> = Set::new();
    let mut all: Map<(Component, Timeline), Coverage> = Map::new();
    for at in unnamed {
        let own = &gathered.claims[at];
        let beside = named.get(&own.component).map_or(&[][..], Vec::as_slice);
        let around = if is_meter(own) || inside_one.contains(&own.host) { &[][..] } else { wholes };
        let Some(left) = looks.checked_sub(beside.len() + around.len()) else {
            let watched = all.entry((own.component, own.timeline)).or_insert_with(|| {
                let theirs = beside.iter().map(|other| &gathered.claims[*other]);
                union(theirs.filter(|other| other.timeline == own.timeline).map(|other| &other.coverage))
            });
            let held = rule.counted_over(at, &own.coverage.intersection(watched));
            if let Some(first) = beside.first().filter(|_| held > Energy::ZERO) {
                rule.outcomes[at].less += held;
                found.insert((own.file, gathered.claims[*first].host));
            }
            continue;
        };
        looks = left;
        let mut by_host: Map<usize, Energy> = Map::new();
        let mut apart: Set<usize> = Set::new();
        for other in beside.iter().map(|other| &gathered.claims[*other]) {
            let common = match other.timeline == own.timeline {
                true => own.coverage.intersection(&other.coverage),
                false if may_meet(own, other) => own.coverage.clone(),
                false => continue,
            };
            // Boards of another model are others.
            let are_boards_of_two = || model(gathered, own).zip(model(gathered, other)).is_some_and(|(own, other)| are_two(own, other));
            let is_no_other = || is_meter(own) && (!is_recorded(other) || tools.get(own.file) == tools.get(other.file));
            if common.is_empty() || are_boards_of_two() || is_no_other() {
                continue;
            }
            let is_same_part = own.rank() == other.rank() && number(gathered, own) == number(gathered, other);
            if other.timeline == own.timeline && is_same_part && alike(own, other) == Alike::Apart {
                apart.insert(other.host);
            }
            let held = if other.timeline == own.timeline { other.energy_over(&common) } else { other.energy };
            if is_meter(own) && !meters::may_be_one((own.instrument, own.energy_over(&common)), (other.instrument, held)) {
                continue;
            }
            let counted = rule.counted_over(at, &common);
            *by_host.entry(other.host).or_insert(Energy::ZERO) += if is_meter(own) { counted } else { held.min(counted) };
        }
        // On one clock a log is put into the whole beside it before (`adopt`).
        let mut inside: Map<usize, usize> = Map::new();
        for (whole, other) in around.iter().map(|whole| (*whole, &gathered.claims[*whole])) {
            let counted = rule.outcomes[at].energy;
            let left = *room.entry(whole).or_insert(other.energy);
            if other.timeline != own.timeline && may_meet(own, other) && left >= counted {
                inside.insert(other.host, whole);
                by_host.insert(other.host, counted);
            }
        }
        let best =
            by_host.into_iter().filter(|(host, _)| !apart.contains(host)).max_by_key(|(host, held)| (*held, core::cmp::Reverse(*host)));
        if let Some((host, held)) = best.filter(|(_, held)| *held > Energy::ZERO) {
            let held = held.min(rule.outcomes[at].energy);
            if let Some(left) = inside.get(&host).and_then(|whole| room.get_mut(whole)) {
                *left = *left - held;
            }
            rule.outcomes[at].less += held;
            found.insert((own.file, host));
        }
    }
    found.into_iter().collect()
}

/// Whether two claims on clocks that can't be compared may be of one time.
fn may_meet(a: &Claim<'_>, b: &Claim<'_>) -> bool {
    let ends = |claim: &Claim<'_>| claim.coverage.start().zip(claim.coverage.end());
    let (Some((start, end)), Some((first, last))) = (ends(a), ends(b)) else { return false };
    start.since(last).as_micros() <= WIDEST_ZONE_US && first.since(end).as_micros() <= WIDEST_ZONE_US
}

/// The model of an accelerator.
fn model<'g>(gathered: &'g Gathered<'_>, claim: &'g Claim<'_>) -> Option<&'g str> {
    let model = match &claim.origin {
        Origin::Declared(_, _, part) => part.model.as_deref(),
        Origin::Recorded(_) => gathered.slots.get(claim.device)?.device.model.as_deref(),
    };
    model.filter(|_| claim.component == Component::Gpu)
}

/// What a device is called, of a recording.
fn number<'g>(gathered: &'g Gathered<'_>, claim: &Claim<'_>) -> Option<&'g str> {
    let slot = gathered.slots.get(claim.device).filter(|_| matches!(claim.origin, Origin::Recorded(_)))?;
    slot.device.index.as_deref()
}
