//! What fields are for, by their names. Rows of a log hold mostly the same names in the same order, so that a name is looked for where it stood in the row
//! before; to search among all of them takes longer than to read the value.

use alloc::vec::Vec;

use super::Uses;
use crate::map::Map;

/// Names of fields that are remembered; more than any log has that is read.
const NAMES_REMEMBERED: usize = 4_096;

/// Names, and what fields of them are for.
#[derive(Default)]
pub(super) struct Names {
    known: Vec<(Vec<u8>, Uses)>,
    places: Map<Vec<u8>, usize>,
    /// Where the name of each field of the row before stands.
    before: Vec<usize>,
}

impl Names {
    /// Where the name of a field stands: the row's first, second, and so on. `None` where the name is new.
    pub(super) fn place(&mut self, number: usize, name: &[u8]) -> Option<usize> {
        let before = self.before.get(number).copied();
        // Where each row is one metric, the next name is the one that came next at first.
        let mut near = before.into_iter().flat_map(|at| [at, at + 1]);
        let at = match near.find(|at| self.known.get(*at).is_some_and(|(own, _)| own == name)) {
            Some(at) => at,
            None => *self.places.get(name)?,
        };
        if before != Some(at) && number < NAMES_REMEMBERED {
            self.before.resize(self.before.len().max(number + 1), at);
            self.before.get_mut(number).into_iter().for_each(|place| *place = at);
        }
        Some(at)
    }

    /// What fields of the name at a place are for.
    pub(super) fn uses(&self, place: usize) -> Option<&Uses> {
        self.known.get(place).map(|(_, uses)| uses)
    }

    /// What fields of a name are for.
    pub(super) fn known(&self, name: &[u8]) -> Option<&Uses> {
        self.uses(*self.places.get(name)?)
    }

    /// Remembers a name.
    pub(super) fn insert(&mut self, name: &[u8], uses: Uses) {
        if self.known.len() >= NAMES_REMEMBERED {
            *self = Self::default();
        }
        self.places.insert(name.to_vec(), self.known.len());
        self.known.push((name.to_vec(), uses));
    }
}
