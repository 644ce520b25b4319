//! Where rows stand in their rounds: each row's board, by the pattern that the head showed.

use alloc::vec::Vec;

use super::{MOST_PLACES, Pattern, is_about};

/// Where the rows of one name stand in their rounds, row by row.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    pattern: Pattern,
    last: Option<i64>,
    /// Rows since the pause.
    count: u16,
    /// Rows between the two pauses before.
    before: u16,
    phase: u16,
    /// The first round is over.
    is_begun: bool,
    /// The last round of each writer.
    phases: Vec<i64>,
    /// Rounds of about the usual size, and all that are over, without one that the log begins or ends in.
    pub regular: u64,
    pub all: u64,
    /// Rows that share their place with another one of their round, and all rows.
    pub crowded: u64,
    pub rows: u64,
}

impl Turn {
    pub(crate) fn new(pattern: Pattern) -> Self {
        Self {
            pattern,
            last: None,
            count: 0,
            before: 0,
            phase: 0,
            is_begun: false,
            phases: Vec::new(),
            regular: 0,
            all: 0,
            crowded: 0,
            rows: 0,
        }
    }

    /// The place of the next row.
    pub(crate) fn place(&mut self, at: i64) -> u16 {
        let Pattern { burst, pause, lead, .. } = self.pattern;
        let goes_on = burst > 1 && self.last.is_some_and(|last| (-pause..=pause).contains(&at.saturating_sub(last)));
        if !goes_on {
            if self.last.is_none() {
                self.count = lead;
            } else {
                let is_first = self.count > 0 && !core::mem::replace(&mut self.is_begun, true);
                self.end_round(is_first && (self.count < burst || lead > 0));
            }
            self.phase = self.turn(at);
        }
        let is_same = self.last.replace(at) == Some(at);
        let within = match self.count {
            count if count < burst || count < self.before.min(MOST_PLACES) => count,
            count if self.pattern.instant && is_same && count < MOST_PLACES => count,
            // One longer round is two that ran into each other; where the next is as long, devices have come in.
            count => {
                self.crowded += 1;
                count % burst
            }
        };
        self.rows += 1;
        self.count = self.count.saturating_add(1);
        self.phase.saturating_mul(burst).saturating_add(within)
    }

    /// The log ends, or begins anew: the round in hand may have been cut.
    pub(crate) fn restart(&mut self) {
        let is_cut = self.count < self.pattern.burst;
        self.end_round(is_cut);
        self.is_begun = false;
    }

    /// What comes next is the first row of a round.
    fn end_round(&mut self, is_cut: bool) {
        if self.count > 0 && !is_cut {
            self.all += 1;
            let is_usual = self.pattern.instant && is_about(self.count, self.pattern.burst);
            self.regular += u64::from(is_usual || self.count == self.pattern.burst);
        }
        self.before = core::mem::take(&mut self.count);
    }

    /// The writer of the round that begins now: the one since whose last round whole periods have passed most exactly.
    fn turn(&mut self, at: i64) -> u16 {
        let Pattern { phases, period, apart, .. } = self.pattern;
        if phases < 2 || period <= 0 {
            return 0;
        }
        let off = |last: i64| {
            let rest = at.saturating_sub(last).rem_euclid(period);
            rest.min(period - rest)
        };
        let is_new = self.phases.len() < usize::from(phases) && self.phases.iter().all(|last| off(*last) > apart);
        let best = self.phases.iter().copied().enumerate().filter(|_| !is_new).min_by_key(|(_, last)| (off(*last), *last));
        let phase = best.map_or(self.phases.len(), |(phase, _)| phase);
        match self.phases.get_mut(phase) {
            Some(last) => *last = at,
            None => self.phases.push(at),
        }
        u16::try_from(phase).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Seen, find};
    use super::*;
    use crate::order;

    /// Two nodes of two boards write into one file, the second from some time on; the first ends before it. Each board's rows are its own, and no board of
    /// one is a board of the other.
    #[test]
    fn a_writer_that_begins_late_is_one_of_its_own() {
        for (late, rounds, period) in [(400, 600, 1_000_000), (60, 100, 1_000_000), (300, 500, 2_000_000), (900, 1500, 5_000_000)] {
            let node = |node: i64| {
                let of = move |round: i64| {
                    let at = node * (late * period + 370_000) + round * period;
                    let watts = move |board: i64| 300 + 80 * node + 8 * board + (round * 7 + board * 3) % 5;
                    (0..2).map(move |board| {
                        (Seen { at: at + board * 3_000, is_cut: false, log: 0, values: alloc::vec![watts(board)] }, node, board)
                    })
                };
                (0..rounds).flat_map(of)
            };
            let mut all: Vec<(Seen, i64, i64)> = node(0).chain(node(1)).collect();
            order::sort_by_key(&mut all, |(row, ..)| row.at);
            let rows: Vec<Seen> = all.iter().map(|(row, ..)| row.clone()).collect();
            let head = rows.get(..rows.len() * 5 / 8).unwrap_or(&rows);
            let found = find(head, false);
            assert_eq!(found.places(), 4, "{late} of {rounds} rounds");
            let mut turn = Turn::new(found.pattern);
            for (row, node, board) in &all {
                assert_eq!(i64::from(turn.place(row.at)), 2 * node + board, "{late} of {rounds} rounds, at {}", row.at);
            }
        }
    }
}
