//! Processes of one machine, each with a log of all of its boards: `node1/rank0.csv` and `node1/rank1.csv`.
//!
//! A job that sees one board calls it 0, so that a number on a machine that a path alone names is no proof. Ranks of such a machine that number the same
//! boards, several of them, are of one job; where their readings lie as close together as those of one device do, the numbers are.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::alike::{alike, closeness, is_surely_one};
use super::claim::{Claim, Origin};
use super::hosts::Raw;
use super::names::Numbered;
use crate::map::Map;
use crate::series::{Alike, Component};

/// By file: which group of ranks it is of.
#[derive(Debug, Default)]
pub(super) struct Ranks {
    group_of: Map<usize, usize>,
}

/// A machine, and a path around the number of a rank.
type Around<'p> = (usize, (&'p str, &'p str));

/// More logs of one group are not compared.
const COMPARED: usize = 32;

impl Ranks {
    /// Of claims whose hosts are known; `named` have a name.
    pub(super) fn of(raws: &[Raw<'_>], paths: &[&str], has_name: impl Fn(usize) -> bool) -> Self {
        // The boards of each file, by their numbers.
        let mut boards: Map<(usize, usize), Map<&str, usize>> = Map::new();
        for (at, raw) in raws.iter().enumerate().filter(|(_, raw)| raw.claim.component == Component::Gpu && has_name(raw.claim.host)) {
            let index = raw.device.and_then(|device| device.index.as_deref());
            if let (Some(index), Origin::Recorded(_)) = (index, &raw.claim.origin) {
                boards.entry((raw.claim.file, raw.claim.host)).or_default().insert(index, at);
            }
        }
        let mut groups: BTreeMap<(Around<'_>, Vec<&str>), Vec<usize>> = BTreeMap::new();
        for ((file, host), boards) in boards.iter().filter(|(_, boards)| boards.len() > 1) {
            if let Some(rank) = paths.get(*file).and_then(|path| Numbered::rank(path)) {
                groups.entry(((*host, rank.around), boards.keys().copied().collect())).or_default().push(*file);
            }
        }
        let mut own = Self::default();
        for (group, (((host, _), _), files)) in groups.iter().enumerate() {
            let of_file = |file: usize| boards.get(&(file, *host)).into_iter().flat_map(|boards| boards.values());
            let neighbours = files.windows(2).take(COMPARED).filter_map(|two| two.first().zip(two.last()));
            let pairs = neighbours.flat_map(|(one, other)| of_file(*one).zip(of_file(*other)));
            let (mut one, mut all) = (0, 0);
            for (a, b) in pairs {
                (one, all) = (one + usize::from(go_along(&raws[*a].claim, &raws[*b].claim)), all + 1);
            }
            // Where most lie close together, those that do not are of one, too.
            if 2 * one > all {
                own.group_of.extend(files.iter().map(|file| (*file, group)));
            }
        }
        own
    }

    /// Whether two logs of one device, as their names have it, are surely of one: by what was read, or as ranks of one machine.
    pub(super) fn show_one(&self, a: &Claim<'_>, b: &Claim<'_>) -> bool {
        let are_ranks = || self.group_of.get(&a.file).is_some_and(|group| self.group_of.get(&b.file) == Some(group));
        is_surely_one(a, b) || are_ranks() && alike(a, b) < Alike::Other
    }
}

/// Whether two logs lie as close together as those of one device do.
fn go_along(a: &Claim<'_>, b: &Claim<'_>) -> bool {
    match alike(a, b) {
        Alike::Identical | Alike::Same => true,
        Alike::Open | Alike::Untold => closeness(a, b) == Some(true),
        _ => false,
    }
}
