//! Plugs and outlets that have a name, beside the board controller of their machine: the controller reads what the plug holds, or all outlets together do
//! where a machine has several power supplies.

use alloc::vec::Vec;

use super::claim::{Claim, Origin, could_be_plug};
use super::devices::Slot;
use super::hosts::Raw;
use crate::map::Map;
use crate::order;
use crate::series::{Component, Coverage, Instrument};
use crate::units::Energy;

/// Gives controllers the devices of plugs that hold what they read.
pub(super) fn pair(raws: &mut [Raw<'_>], slots: &mut [Slot]) {
    let mut hosts: Map<usize, (Vec<usize>, Vec<usize>)> = Map::new();
    let mut claims: Map<usize, Vec<usize>> = Map::new();
    for (at, raw) in raws.iter().enumerate() {
        let claim = &raw.claim;
        if claim.component != Component::Node || !matches!(claim.origin, Origin::Recorded(_)) {
            continue;
        }
        let (plugs, boards) = hosts.entry(claim.host).or_default();
        let list = match claim.instrument {
            Instrument::WallMeter => plugs,
            Instrument::BoardController => boards,
            _ => continue,
        };
        if !list.contains(&claim.device) {
            list.push(claim.device);
        }
        claims.entry(claim.device).or_default().push(at);
    }
    let of = |slot: usize| -> Vec<&Claim<'_>> {
        claims.get(&slot).into_iter().flatten().filter_map(|at| raws.get(*at)).map(|raw| &raw.claim).collect()
    };
    let mut moved: Vec<(usize, usize)> = Vec::new();
    for (_, (plugs, boards)) in hosts.iter() {
        let mut taken: Vec<usize> = boards.iter().copied().filter(|slot| plugs.contains(slot)).collect();
        for board in boards.iter().filter(|slot| !plugs.contains(slot)) {
            let mut near: Vec<(Energy, usize)> = Vec::new();
            for plug in plugs.iter().filter(|plug| !taken.contains(plug)) {
                let (held, read) = beside(&of(*plug), &of(*board));
                if could_be_plug(held.as_kwh(), read.as_kwh()) {
                    near.push((held.max(read) - held.min(read), *plug));
                }
            }
            order::sort(&mut near);
            if let Some((_, plug)) = near.first() {
                taken.push(*plug);
                moved.push((*board, *plug));
            } else if let ([first, _, ..], [_]) = (plugs.as_slice(), boards.as_slice()) {
                let all: Vec<&Claim<'_>> = plugs.iter().flat_map(|plug| of(*plug)).collect();
                let (held, read) = beside(&all, &of(*board));
                if could_be_plug(held.as_kwh(), read.as_kwh()) {
                    moved.push((*board, *first));
                }
            }
        }
    }
    for raw in raws.iter_mut() {
        if let Some((_, plug)) = moved.iter().find(|(board, _)| *board == raw.claim.device) {
            raw.claim.device = *plug;
        }
    }
    for (_, plug) in moved {
        if let Some(slot) = slots.get_mut(plug) {
            slot.is_guessed = true;
        }
    }
}

/// What plugs hold and what a controller reads in the time that both watched.
fn beside(plugs: &[&Claim<'_>], boards: &[&Claim<'_>]) -> (Energy, Energy) {
    let (mut held, mut read) = (Energy::ZERO, Energy::ZERO);
    for board in boards {
        let here = || plugs.iter().filter(|plug| plug.timeline == board.timeline);
        // A counter and a power of one plug are two readings of it: the first is as good as the other.
        let mut devices: Map<usize, Coverage> = Map::new();
        for plug in here() {
            let known = devices.entry(plug.device).or_default();
            let free = plug.coverage.intersection(&board.coverage).without(known);
            held += plug.energy_over(&free);
            *known = known.union(&free);
        }
        let any = devices.into_values().reduce(|all, own| all.union(&own)).unwrap_or_default();
        read += board.energy_over(&any);
    }
    (held, read)
}
