//! Who counts when several sources describe the same joules at the same time.

use alloc::vec::Vec;

use super::evidence::When;
use crate::order;
use crate::units::Energy;

/// Less than this share left over is nothing left over (clocks and stamps are not that exact): 2 %.
const ROUNDING_PERCENT: i64 = 2;

/// The time that is spoken for, as stretches that may overlap.
#[derive(Default)]
pub(super) struct Covered {
    dated: Vec<When>,
}

impl Covered {
    pub(super) fn add(&mut self, when: When) {
        self.dated.push(when);
    }

    /// The share of `when` that nothing covers yet, as µs of µs; 0 or all where the rest is a matter of rounding.
    pub(super) fn free_share(&self, when: &When) -> (i64, i64) {
        let whole = when.span().as_micros().max(1);
        let covered = match when {
            When::Dated { start, end, utc } => {
                let mut parts: Vec<(i64, i64)> = Vec::new();
                let mut elsewhere = 0i64;
                for other in &self.dated {
                    match other {
                        When::Dated { start: s, end: e, utc: u } if u == utc => {
                            let (from, to) = (s.as_micros().max(start.as_micros()), e.as_micros().min(end.as_micros()));
                            if from < to || (start == end && from == to) {
                                parts.push((from, to.max(from + 1)));
                            }
                        }
                        _ => elsewhere = elsewhere.max(when.overlap(other).0),
                    }
                }
                union(parts).max(elsewhere)
            }
            When::Undated(_) => self.dated.iter().map(|other| when.overlap(other).0).max().unwrap_or(0),
        };
        let free = (whole - covered).max(0);
        if free.saturating_mul(100) <= whole.saturating_mul(ROUNDING_PERCENT) {
            (0, whole)
        } else if free.saturating_mul(100) >= whole.saturating_mul(100 - ROUNDING_PERCENT) {
            (whole, whole)
        } else {
            (free, whole)
        }
    }
}

/// `energy` times a share.
pub(super) fn part(energy: Energy, share: (i64, i64)) -> Energy {
    if share.0 == share.1 { energy } else { energy.share(share.0, share.1) }
}

fn union(mut parts: Vec<(i64, i64)>) -> i64 {
    order::sort(&mut parts);
    let (mut total, mut reached) = (0, i64::MIN);
    for (from, to) in parts {
        let from = from.max(reached);
        if to > from {
            total += to - from;
            reached = to;
        }
    }
    total
}
