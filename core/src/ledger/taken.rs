//! The time of a device that is spoken for, and by whom.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::series::Coverage;

/// Disjoint stretches of time, each with the claim that counts there.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken {
    /// By start: end and claim.
    spans: BTreeMap<i64, (i64, usize)>,
}

/// A coverage, divided.
#[derive(Debug, Default)]
pub(super) struct Divided {
    /// What nobody spoke for.
    pub free: Coverage,
    /// What others hold, each with its part.
    pub held: Vec<(usize, Coverage)>,
}

impl Taken {
    /// Which part of `coverage` is free, and who holds the rest.
    pub(super) fn divide(&self, coverage: &Coverage) -> Divided {
        let mut held: BTreeMap<usize, Vec<(i64, i64)>> = BTreeMap::new();
        let mut free = Vec::new();
        for (start, end) in coverage.spans() {
            let mut at = *start;
            let before = self.spans.range(..*start).next_back().filter(|(_, (to, _))| to > start);
            for (from, (to, owner)) in before.into_iter().chain(self.spans.range(*start..*end)) {
                if at < *from {
                    free.push((at, *from));
                }
                let (from, to) = ((*from).max(*start), (*to).min(*end));
                held.entry(*owner).or_default().push((from, to));
                at = at.max(to);
            }
            if at < *end {
                free.push((at, *end));
            }
        }
        Divided {
            free: Coverage::from_spans(free),
            held: held.into_iter().map(|(owner, spans)| (owner, Coverage::from_spans(spans))).collect(),
        }
    }

    /// Gives `free` time to `owner`.
    pub(super) fn take(&mut self, free: &Coverage, owner: usize) {
        self.spans.extend(free.spans().iter().map(|(start, end)| (*start, (*end, owner))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_given_once() {
        let set = |spans: &[(i64, i64)]| Coverage::from_spans(spans.to_vec());
        let mut taken = Taken::default();
        taken.take(&set(&[(0, 10), (20, 30)]), 7);
        let divided = taken.divide(&set(&[(5, 25), (28, 40)]));
        assert_eq!(divided.free, set(&[(10, 20), (30, 40)]));
        assert_eq!(divided.held, [(7, set(&[(5, 10), (20, 25), (28, 30)]))]);
        taken.take(&divided.free, 9);
        let divided = taken.divide(&set(&[(0, 50)]));
        assert_eq!(divided.free, set(&[(40, 50)]));
        assert_eq!(divided.held.iter().map(|(owner, part)| (*owner, part.length().as_micros())).collect::<Vec<_>>(), [(7, 20), (9, 20)]);
    }
}
