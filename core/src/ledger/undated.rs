//! Claims on clocks that can't be compared: whether they may be of one time.

use alloc::vec::Vec;

use super::alike::alike;
use super::claim::{Claim, Origin, Timeline, WIDEST_ZONE_US};
use crate::map::Map;
use crate::series::Alike;

/// Whether two claims on clocks that can't be compared may be of one time.
pub(super) fn may_be_one(a: &Claim<'_>, b: &Claim<'_>) -> bool {
    match (a.timeline.is_dated(), b.timeline.is_dated()) {
        (true, true) => {
            let near = |x: &Claim<'_>, y: &Claim<'_>| match (x.coverage.end(), y.coverage.start()) {
                (Some(end), Some(start)) => start.since(end).as_micros() <= WIDEST_ZONE_US,
                _ => false,
            };
            near(a, b) && near(b, a)
        }
        // Two logs that each count from a start of their own are two runs, unless their readings say otherwise.
        (false, false) => alike_from_the_start(a, b),
        _ => true,
    }
}

fn alike_from_the_start(a: &Claim<'_>, b: &Claim<'_>) -> bool {
    match (&a.origin, &b.origin) {
        (Origin::Declared(x, ..), Origin::Declared(y, ..)) => x.run.is_none() || y.run.is_none() || a.tool_family() != b.tool_family(),
        (Origin::Recorded(_), Origin::Recorded(_)) => matches!(alike(a, b), Alike::Identical | Alike::Same | Alike::Open),
        _ => true,
    }
}

/// Recordings that count from a start of their own, by their clocks.
#[derive(Default)]
pub(super) struct Runs {
    by_clock: Map<Timeline, Vec<usize>>,
    /// Pairs of clocks, and whether they are of two runs.
    apart: Map<(Timeline, Timeline), bool>,
}

impl Runs {
    pub(super) fn of(claims: &[Claim<'_>]) -> Self {
        let mut runs = Self::default();
        let undated = claims.iter().enumerate().filter(|(_, c)| !c.timeline.is_dated() && matches!(c.origin, Origin::Recorded(_)));
        for (at, claim) in undated {
            runs.by_clock.entry(claim.timeline).or_default().push(at);
        }
        runs
    }

    /// Whether the logs of two claims are of two runs, although the readings of this device are as like as two looks at it: of one run those of all devices
    /// would be, and another one's are not.
    pub(super) fn are_two(&mut self, a: &Claim<'_>, b: &Claim<'_>, claims: &[Claim<'_>]) -> bool {
        let clocks = (a.timeline, b.timeline);
        if !self.by_clock.contains_key(&clocks.0) || !self.by_clock.contains_key(&clocks.1) || alike(a, b) != Alike::Open {
            return false;
        }
        if let Some(known) = self.apart.get(&clocks) {
            return *known;
        }
        let of = |clock: Timeline| self.by_clock.get(&clock).into_iter().flatten().filter_map(|at| claims.get(*at));
        let theirs: Map<usize, &Claim<'_>> = of(clocks.1).map(|claim| (claim.device, claim)).collect();
        let mut of_both =
            of(clocks.0).filter_map(|own| Some((own, *theirs.get(&own.device)?))).filter(|(own, other)| own.rank() == other.rank());
        let are_apart = of_both.any(|(own, other)| matches!(alike(own, other), Alike::Other | Alike::Apart));
        self.apart.insert(clocks, are_apart);
        are_apart
    }
}
