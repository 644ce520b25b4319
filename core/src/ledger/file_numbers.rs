//! GPUs that no log names, each in a file of its own whose name numbers it: `gpu_0.log` and `gpu_1.log`.

use alloc::vec::Vec;

use super::alike::{alike, is_surely_one};
use super::claim::Origin;
use super::hosts::Raw;
use super::names::{device_number, folder};
use crate::map::{Map, Set};
use crate::series::{Alike, Component};

/// More readings of one folder are not compared with each other.
const COMPARED: usize = 32;

/// Gives devices without a name the number of their file as their place, where files of one folder number several: unless their readings are surely of one.
pub(super) fn number(raws: &mut [Raw<'_>], paths: &[&str]) {
    let mut folders: Map<&str, Vec<(u16, usize)>> = Map::new();
    for (at, raw) in raws.iter().enumerate().filter(|(_, raw)| is_nameless(raw)) {
        let path = paths.get(raw.claim.file).copied().unwrap_or("");
        if let Some(number) = device_number(path) {
            folders.entry(folder(path)).or_default().push((number, at));
        }
    }
    for (_, group) in folders {
        if group.iter().map(|(number, _)| *number).collect::<Set<u16>>().len() < 2 {
            continue;
        }
        let (mut are_one, mut share_time, mut copies) = (false, false, Vec::new());
        for (place, (number, at)) in group.iter().enumerate() {
            for (_, earlier) in group.iter().take(place).rev().take(COMPARED).filter(|(other, _)| other != number) {
                let (own, other) = (&raws[*at].claim, &raws[*earlier].claim);
                if own.timeline == other.timeline && own.coverage.common(&other.coverage).as_micros() > 0 {
                    share_time = true;
                    // Boards of one job may go along: only the same readings are of one, whatever their names say.
                    are_one |= is_surely_one(own, other) && alike(own, other) == Alike::Identical;
                    if matches!(alike(own, other), Alike::Identical | Alike::Same) {
                        copies.push(*at);
                    }
                }
            }
        }
        // Numbers of files that follow each other are of pieces of one log.
        if are_one || !share_time {
            continue;
        }
        for (number, at) in group {
            let Some(raw) = raws.get_mut(at) else { continue };
            raw.file_number = Some(number);
            raw.claim.may_be_copy |= copies.contains(&at);
        }
    }
}

fn is_nameless(raw: &Raw<'_>) -> bool {
    let is_gpu = raw.claim.component == Component::Gpu && matches!(raw.claim.origin, Origin::Recorded(_));
    is_gpu && raw.device.is_some_and(|device| !device.is_named())
}
