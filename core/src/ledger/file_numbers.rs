//! GPUs that no log names, each in a file of its own whose path numbers it: `gpu_0.log` and `gpu_1.log`, or `rank0/power.csv` and `rank1/power.csv`.

use alloc::vec::Vec;

use super::alike::{alike, closeness, is_surely_one};
use super::claim::Origin;
use super::hosts::Raw;
use super::names::{Numbered, device_number, folder};
use crate::map::{Map, Set};
use crate::order;
use crate::series::{Alike, Component};

/// More readings of one group are not compared with each other.
const COMPARED: usize = 32;

/// What the number of a path counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Counts {
    Devices,
    Ranks,
    /// Nobody says.
    Files,
}

/// Gives devices without a name the number of their file as their place, where paths that are alike number several: unless their readings are of one.
pub(super) fn number(raws: &mut [Raw<'_>], paths: &[&str]) {
    let mut groups: Map<((&str, &str), Counts), Vec<(u16, usize)>> = Map::new();
    for (at, raw) in raws.iter().enumerate().filter(|(_, raw)| is_nameless(raw)) {
        let path = paths.get(raw.claim.file).copied().unwrap_or("");
        let of_file = device_number(path).map(|number| Numbered { number, around: (folder(path), "") });
        let of_device = of_file.or_else(|| Numbered::folder_of_device(path)).map(|own| (own, Counts::Devices));
        let of_rank = || Numbered::rank(path).map(|own| (own, Counts::Ranks));
        if let Some((own, counts)) = of_device.or_else(of_rank).or_else(|| Some((Numbered::file(path)?, Counts::Files))) {
            groups.entry((own.around, counts)).or_default().push((own.number, at));
        }
    }
    for ((_, counts), mut group) in groups {
        let numbers: Set<u16> = group.iter().map(|(number, _)| *number).collect();
        let are_counted = || numbers.iter().zip(0..).all(|(number, place)| *number == place + u16::from(!numbers.contains(&0)));
        if numbers.len() < 2 || counts == Counts::Files && !are_counted() {
            continue;
        }
        order::sort(&mut group);
        let found = compare(raws, &group, counts);
        // Numbers of files that follow each other are of pieces of one log.
        if found.are_one || !found.share_time {
            continue;
        }
        for (number, at) in group {
            let Some(raw) = raws.get_mut(at) else { continue };
            raw.file_number = Some(number);
            raw.claim.may_be_copy |= found.copies.contains(&at);
        }
    }
}

/// What logs of one group say of each other.
#[derive(Default)]
struct Found {
    /// Their readings are of one device.
    are_one: bool,
    share_time: bool,
    /// Those that may be of the device of an earlier one.
    copies: Set<usize>,
}

/// Compares the logs of a group. A name for a device says that there are several, unless the readings are the same. A rank may look at any device: its log is
/// of another one than those of lower ranks for certain where the readings say so, and where any two seem to be of one device all may be. Files that are
/// numbered in any other way are of several where all readings say so, and no more than that.
fn compare(raws: &[Raw<'_>], group: &[(u16, usize)], counts: Counts) -> Found {
    let mut found = Found::default();
    // Those that are of other devices than all before.
    let mut certain: Vec<usize> = Vec::new();
    for (place, (number, at)) in group.iter().enumerate() {
        let mut is_other = counts != Counts::Files || place == 0;
        for (_, earlier) in group.iter().take(place).rev().take(COMPARED).filter(|(other, _)| other != number) {
            let (own, other) = (&raws[*at].claim, &raws[*earlier].claim);
            if own.timeline != other.timeline || own.coverage.common(&other.coverage).as_micros() <= 0 {
                continue;
            }
            found.share_time = true;
            let (likeness, close) = (alike(own, other), if counts == Counts::Devices { None } else { closeness(own, other) });
            let seem_one = matches!(likeness, Alike::Identical | Alike::Same);
            // Boards of one job may go along: only the same readings are of one, whatever their names say.
            found.are_one |= match counts {
                Counts::Devices => likeness == Alike::Identical && is_surely_one(own, other),
                Counts::Ranks => seem_one || close == Some(true),
                Counts::Files => likeness != Alike::Apart && close != Some(false),
            };
            is_other &= match counts {
                Counts::Devices => !seem_one,
                Counts::Ranks => likeness >= Alike::Other || close == Some(false) || !certain.contains(earlier),
                Counts::Files => false,
            };
        }
        if is_other {
            certain.push(*at);
        } else {
            found.copies.insert(*at);
        }
    }
    found
}

fn is_nameless(raw: &Raw<'_>) -> bool {
    let is_gpu = raw.claim.component == Component::Gpu && matches!(raw.claim.origin, Origin::Recorded(_));
    is_gpu && raw.device.is_some_and(|device| !device.is_named())
}
