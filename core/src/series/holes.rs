//! The longest stretches of a recording, with their places: what may turn out not to have been watched.

use alloc::vec::Vec;

use crate::units::{Instant, Span};

/// How many are kept. Of a recording with more gaps, the shortest count as watched where two instruments are compared; its own energy never does.
const MOST: usize = 256;

/// So many more, the shortest, stay until all are moved at once.
const SPARE: usize = 32;

/// The longest stretches, a bounded number; which ones does not depend on the order in which they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Holes {
    /// Length and start, µs, in order: of most recordings there is none or one, for which a tree would take more room than all else.
    longest: Vec<(i64, i64)>,
}

impl Holes {
    pub(super) fn add(&mut self, start: Instant, end: Instant) {
        self.put((end.since(start).as_micros(), start.as_micros()));
    }

    /// Nothing more comes for now: what there is takes as little room as it can.
    pub(super) fn seal(&mut self) {
        self.leave_longest();
        self.longest.shrink_to_fit();
    }

    pub(super) fn merge(&mut self, other: &Holes) {
        other.longest().iter().for_each(|hole| self.put(*hole));
    }

    fn longest(&self) -> &[(i64, i64)] {
        self.longest.get(self.longest.len().saturating_sub(MOST)..).unwrap_or(&[])
    }

    fn leave_longest(&mut self) {
        self.longest.drain(..self.longest.len().saturating_sub(MOST));
    }

    /// Start and end of those that are longer than `least`, µs, in no order.
    pub(super) fn longer_than(&self, least: Span) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.longest()
            .iter()
            .rev()
            .take_while(move |(length, _)| *length > least.as_micros())
            .map(|(length, start)| (*start, start + length))
    }

    fn put(&mut self, hole: (i64, i64)) {
        // Of a regular log each is the last one.
        let at = match self.longest.last() {
            Some(longest) if hole <= *longest => match self.longest.binary_search(&hole) {
                Err(at) if at > 0 || self.longest.len() < MOST => at,
                _ => return,
            },
            _ => self.longest.len(),
        };
        if self.longest.len() == MOST {
            self.longest.reserve_exact(SPARE);
        }
        self.longest.insert(at, hole);
        if self.longest.len() >= MOST + SPARE {
            self.leave_longest();
        }
    }
}
