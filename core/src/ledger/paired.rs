//! GPUs of one host that logs name in different ways, with no log that knows two of the names: most likely the same ones.
//!
//! A number, a bus id, a uuid or a place in the round is paired with the name of another kind whose readings are nearest. A GPU without any name is the
//! one whose readings it has, or, where it has their sum, all of them.

use alloc::vec::Vec;

use super::alike::alike;
use super::claim::{Claim, Origin, Reach};
use super::devices::Slot;
use super::hosts::Raw;
use crate::map::{Map, Set};
use crate::order;
use crate::rules;
use crate::series::{Alike, Component, Coverage, Device};
use crate::units::Energy;

/// Readings of one device that differ by more than this, percent, do not agree.
const DISAGREE_PERCENT: i128 = rules::whole("claims_disagree_percent") as i128;

/// Devices that were taken for one although no log says so: that of the weaker name is the other one.
pub(super) struct Paired {
    pub from: usize,
    pub to: usize,
}

/// Kinds of names, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    None,
    Place,
    Index,
    Serial,
    Bus,
    Uuid,
}

fn names(device: &Device) -> Vec<Name> {
    let known = [(&device.index, Name::Index), (&device.serial, Name::Serial), (&device.bus_id, Name::Bus), (&device.uuid, Name::Uuid)];
    let mut names: Vec<Name> = known.into_iter().filter(|(name, _)| name.is_some()).map(|(_, kind)| kind).collect();
    if names.is_empty() {
        names.push(if device.place.is_some() { Name::Place } else { Name::None });
    }
    names
}

/// Slots of a host, by what names they have.
type Slots = Vec<(usize, Vec<Name>)>;

/// The claims of slots.
struct Recorded<'r, 'l> {
    raws: &'r [Raw<'l>],
    of_slot: Map<usize, Vec<usize>>,
}

impl<'r, 'l> Recorded<'r, 'l> {
    fn claims(&self, slot: usize) -> impl Iterator<Item = &'r Claim<'l>> + '_ {
        self.of_slot.get(&slot).into_iter().flatten().filter_map(|at| self.raws.get(*at)).map(|raw| &raw.claim)
    }

    /// Energy of two slots in the time that logs of both hold; those of one file know their devices.
    fn in_common(&self, a: usize, b: usize, in_one_file: bool) -> Option<(Energy, Energy)> {
        let mut both: Option<(Energy, Energy)> = None;
        let pairs = self.claims(a).flat_map(|x| self.claims(b).map(move |y| (x, y)));
        for (x, y) in pairs.filter(|(x, y)| x.timeline == y.timeline && (in_one_file || x.file != y.file)) {
            let common = x.coverage.intersection(&y.coverage);
            if common.is_empty() || alike(x, y) == Alike::Apart {
                continue;
            }
            let (p, q) = both.unwrap_or((Energy::ZERO, Energy::ZERO));
            both = Some((p + x.energy_over(&common), q + y.energy_over(&common)));
        }
        both
    }

    /// Energy of a slot, and of all of others, in the time that any of these others' logs hold, too.
    fn beside_sum(&self, slot: usize, others: &[usize]) -> (Energy, Energy) {
        let (mut whole, mut sum) = (Energy::ZERO, Energy::ZERO);
        for own in self.claims(slot) {
            let parts = || {
                others.iter().flat_map(|other| self.claims(*other)).filter(|part| part.timeline == own.timeline && part.file != own.file)
            };
            let held = Coverage::from_spans(parts().flat_map(|part| part.coverage.spans().iter().copied()).collect());
            whole += own.energy_over(&own.coverage.intersection(&held));
            sum += parts().map(|part| part.energy_over(&part.coverage.intersection(&own.coverage))).sum();
        }
        (whole, sum)
    }
}

fn apart((a, b): (Energy, Energy)) -> Energy {
    a.max(b) - a.min(b)
}

fn agree((a, b): (Energy, Energy)) -> bool {
    apart((a, b)).as_picojoules().saturating_mul(100) <= a.max(b).as_picojoules().saturating_mul(DISAGREE_PERCENT)
}

/// Gives claims of the weaker names the devices of the stronger ones.
pub(super) fn pair(raws: &mut [Raw<'_>], slots: &mut [Slot]) -> Vec<Paired> {
    let (pairs, sums) = find(raws, slots);
    for raw in raws.iter_mut() {
        if sums.contains(&raw.claim.device) {
            raw.claim.reach = Reach::Set;
        }
        if let Some(pair) = pairs.iter().find(|pair| pair.from == raw.claim.device) {
            raw.claim.device = pair.to;
        }
    }
    for (at, slot) in slots.iter_mut().enumerate() {
        slot.is_guessed |= pairs.iter().any(|pair| pair.to == at);
        if sums.contains(&at) {
            slot.reach = Reach::Set;
        }
    }
    pairs
}

/// Pairs, and slots that hold the sum of the others of their host.
fn find(raws: &[Raw<'_>], slots: &[Slot]) -> (Vec<Paired>, Vec<usize>) {
    let mut hosts: Map<usize, Slots> = Map::new();
    for (at, slot) in slots.iter().enumerate().filter(|(_, slot)| slot.component == Component::Gpu && slot.reach == Reach::Device) {
        hosts.entry(slot.host).or_default().push((at, names(&slot.device)));
    }
    // Of thousands of devices nearly all have the same kinds of names.
    let is_mixed = |slots: &Slots| {
        let kinds: Set<&[Name]> = slots.iter().map(|(_, names)| names.as_slice()).collect();
        kinds.iter().any(|names| kinds.iter().any(|other| is_of_others(names, other)))
    };
    let mixed: Vec<&Slots> = hosts.values().filter(|slots| is_mixed(slots)).collect();
    let mut recorded = Recorded { raws, of_slot: mixed.iter().flat_map(|slots| slots.iter()).map(|(at, _)| (*at, Vec::new())).collect() };
    for (at, raw) in raws.iter().enumerate().filter(|(_, raw)| matches!(raw.claim.origin, Origin::Recorded(_))) {
        if let Some(list) = recorded.of_slot.get_mut(&raw.claim.device) {
            list.push(at);
        }
    }
    let common = |slots: &Slots, at: usize, own: &[Name]| -> Vec<(Energy, usize, usize)> {
        let is_open = own.iter().all(|name| *name < Name::Index);
        let beside = slots.iter().filter(|(_, names)| is_of_others(own, names) && own < names.as_slice());
        let both = beside.filter_map(|(other, _)| Some((*other, recorded.in_common(at, *other, !is_open)?)));
        both.filter(|(_, both)| !is_open || agree(*both)).map(|(other, both)| (apart(both), at, other)).collect()
    };
    let mut found: Vec<(Energy, usize, usize)> =
        mixed.iter().flat_map(|slots| named(slots).flat_map(|(at, own)| common(slots, *at, own)).collect::<Vec<_>>()).collect();
    order::sort(&mut found);
    let mut pairs: Vec<Paired> = Vec::new();
    for (_, from, to) in found {
        if pairs.iter().all(|pair| ![pair.from, pair.to].contains(&from) && ![pair.from, pair.to].contains(&to)) {
            pairs.push(Paired { from, to });
        }
    }
    // What has no name is looked at beside each device once.
    let (mut sums, mut nameless): (Vec<usize>, Vec<(Energy, usize, usize)>) = (Vec::new(), Vec::new());
    for slots in mixed {
        let others: Vec<usize> = named(slots).map(|(at, _)| *at).filter(|at| pairs.iter().all(|pair| pair.from != *at)).collect();
        for (at, own) in slots.iter().filter(is_nameless) {
            let both = recorded.beside_sum(*at, &others);
            match others.len() > 1 && both.0 > Energy::ZERO && agree(both) {
                true => sums.push(*at),
                false => nameless.extend(common(slots, *at, own).into_iter().filter(|(.., to)| others.contains(to))),
            }
        }
    }
    order::sort(&mut nameless);
    for (_, from, to) in nameless {
        if pairs.iter().all(|pair| pair.from != from && pair.to != from) {
            pairs.push(Paired { from, to });
        }
    }
    (pairs, sums)
}

fn is_nameless((_, names): &&(usize, Vec<Name>)) -> bool {
    names.as_slice() == [Name::None]
}

/// The slots that have a name.
fn named(slots: &Slots) -> impl Iterator<Item = &(usize, Vec<Name>)> {
    slots.iter().filter(|slot| !is_nameless(slot))
}

/// Whether no name of one is of a kind that the other has.
fn is_of_others(a: &[Name], b: &[Name]) -> bool {
    a.iter().all(|name| !b.contains(name))
}
