//! What two claims of one time say of their devices.

use super::Method;
use super::claim::{Claim, Origin, Recorded};
use crate::rules;
use crate::series::{Alike, CLEARLY_APART, likeness, share};
use crate::units::Span;

/// Counters are compared over this time or more.
pub(super) const LONG_ENOUGH: Span = rules::seconds("compare_counters_s");

/// Trackers that read the same sensors agree in energy to this.
const SAME_MACHINE: f64 = rules::value("claims_same_machine");

/// Compares two claims of one component over the time that both hold. Clocks must be the same, or the claims' own.
pub(super) fn alike(a: &Claim<'_>, b: &Claim<'_>) -> Alike {
    match (&a.origin, &b.origin) {
        (Origin::Recorded(x), Origin::Recorded(y)) => {
            let moving = likeness((&x.integral.profile, &a.coverage, &x.head), (&y.integral.profile, &b.coverage, &y.head));
            match a.method {
                Method::Counter if moving != Alike::Identical => counters(x, y),
                _ => moving,
            }
        }
        (Origin::Declared(x, ..), Origin::Declared(y, ..)) => {
            let common = a.coverage.intersection(&b.coverage);
            if common.is_empty() {
                return Alike::Unknown;
            }
            let (p, q) = (a.energy_over(&common).as_kwh(), b.energy_over(&common).as_kwh());
            let differ = share(p, q);
            let same_span = x.period == y.period && x.duration == y.duration;
            if differ <= 1e-9 && same_span {
                Alike::Identical
            } else if differ <= SAME_MACHINE {
                Alike::Same
            } else if differ <= CLEARLY_APART {
                Alike::Open
            } else {
                Alike::Other
            }
        }
        _ => Alike::Unknown,
    }
}

/// A counter counts from when its device was started: where one log begins within the time of another, its reading lies between that one's first and
/// last if they read one counter, and almost never if they read two.
fn counters(x: &Recorded, y: &Recorded) -> Alike {
    let ends = |recorded: &Recorded| recorded.head.first().copied().zip(recorded.last);
    let (Some(x), Some(y)) = (ends(x), ends(y)) else { return Alike::Unknown };
    let ((first, last), later) = if x.0.at <= y.0.at { (x, y.0) } else { (y, x.0) };
    if later.at > last.at {
        return Alike::Unknown;
    }
    if last.value < first.value {
        // It ran through its range, or started again.
        return Alike::Open;
    }
    if (first.value..=last.value).contains(&later.value) { Alike::Same } else { Alike::Apart }
}
