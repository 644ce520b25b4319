//! Meters of several machines: a power strip, a rack's distribution unit or its supply, beside the meters of the machines behind it.
//!
//! A total that names no machine may be of any. Where it reads as much as the meters of all machines in and below its folder together lose nothing or as much as
//! supplies do, and more than any single one of these can, it is theirs: a container of machines, of which the rest counts.

use alloc::vec::Vec;

use super::claim::{Claim, Origin, could_be_plug};
use super::hosts::Raw;
use super::names::{feeds_several, folder, is_in};
use crate::map::{Map, Set};
use crate::series::{Component, Coverage};
use crate::units::Energy;

/// No more pairs of meters are looked at.
const LOOKS: usize = 1 << 16;

/// A meter of several machines.
pub(super) struct Rack {
    /// The number of its claim.
    pub raw: usize,
    /// Those of the machines' meters.
    pub behind: Vec<usize>,
    /// No name says that it feeds several.
    pub is_open: bool,
}

/// Where a meter of a machine stands: on a host with a name, or in a folder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Machine<'p> {
    Named(usize),
    In(&'p str),
}

/// Of the claims that name no host, those of several machines' meters.
pub(super) fn found<'p>(raws: &[Raw<'_>], unnamed: &Set<usize>, path: &impl Fn(usize) -> &'p str) -> Vec<Rack> {
    let is_known =
        |claim: &Claim<'_>| matches!(claim.origin, Origin::Recorded(_)) && claim.timeline.is_dated() && claim.energy > Energy::ZERO;
    let all = || raws.iter().enumerate().filter(|(_, raw)| is_known(&raw.claim) && !raw.claim.is_estimate());
    let meters: Vec<usize> = all().filter(|(_, raw)| raw.claim.component == Component::Node).map(|(at, _)| at).collect();
    let mut looks = LOOKS;
    let mut racks = Vec::new();
    for (at, raw) in all().filter(|(at, raw)| unnamed.contains(at) && matches!(raw.claim.component, Component::Node | Component::Unsplit)) {
        let Some(left) = looks.checked_sub(meters.len()) else { break };
        looks = left;
        let own = &raw.claim;
        let here = folder(path(own.file));
        let is_behind = |other: &&usize| {
            let theirs = &raws[**other].claim;
            let place = folder(path(theirs.file));
            theirs.file != own.file && theirs.timeline == own.timeline && is_in(place, here) && !(place == here && unnamed.contains(*other))
        };
        let behind: Vec<usize> = meters.iter().filter(is_behind).copied().collect();
        if let Some(is_open) = is_of_all(raws, own, &behind, unnamed, path).then(|| !feeds_several(path(own.file))) {
            racks.push(Rack { raw: at, behind, is_open });
        }
    }
    racks
}

/// Whether a meter reads what those of several machines do together, and no one of them, over half of its time or more.
fn is_of_all<'p>(raws: &[Raw<'_>], own: &Claim<'_>, behind: &[usize], unnamed: &Set<usize>, path: &impl Fn(usize) -> &'p str) -> bool {
    let mut machines: Map<Machine<'p>, Map<usize, Vec<usize>>> = Map::new();
    for at in behind {
        let claim = &raws[*at].claim;
        let machine = if unnamed.contains(at) { Machine::In(folder(path(claim.file))) } else { Machine::Named(claim.host) };
        machines.entry(machine).or_default().entry(claim.file).or_default().push(*at);
    }
    let watched = |files: &Map<usize, Vec<usize>>| -> Coverage {
        files.values().flatten().fold(Coverage::default(), |all, at| all.union(&raws[*at].claim.coverage))
    };
    let common = machines.values().fold(own.coverage.clone(), |common, files| common.intersection(&watched(files)));
    if machines.len() < 2 || 2 * common.length().as_micros() < own.coverage.length().as_micros() {
        return false;
    }
    // Of several instruments of one machine the one that reads the most.
    let of_file = |meters: &Vec<usize>| meters.iter().map(|at| raws[*at].claim.energy_over(&common)).sum::<Energy>().as_kwh();
    let of_machine = |files: &Map<usize, Vec<usize>>| files.values().map(of_file).fold(0.0, f64::max);
    let read = own.energy_over(&common).as_kwh();
    let each: Vec<f64> = machines.values().map(of_machine).collect();
    could_be_plug(read, each.iter().sum()) && each.iter().all(|one| !could_be_plug(read, *one))
}
