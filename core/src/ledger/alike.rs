//! What two claims of one time say of their devices.

use super::Method;
use super::claim::{Claim, Origin, Recorded};
use crate::read::Declared;
use crate::rules;
use crate::series::{Alike, CLEARLY_APART, are_means, counter_likeness, go_along, lie_close, likeness, share};
use crate::units::Span;

/// Counters are compared over this time or more.
pub(super) const LONG_ENOUGH: Span = rules::seconds("compare_counters_s");

/// Trackers that read the same sensors agree in energy to this.
pub(super) const SAME_MACHINE: f64 = rules::value("claims_same_machine");

/// Compares two claims of one component over the time that both hold. Clocks must be the same, or the claims' own.
pub(super) fn alike(a: &Claim<'_>, b: &Claim<'_>) -> Alike {
    match (&a.origin, &b.origin) {
        (Origin::Recorded(x), Origin::Recorded(y)) => {
            let moving = likeness((&x.integral.profile, &a.coverage, &x.head), (&y.integral.profile, &b.coverage, &y.head));
            match a.method {
                Method::Counter if moving != Alike::Identical => match counters(x, y) {
                    Alike::Other if moving == Alike::Apart => moving,
                    found => found,
                },
                // A log of means, and the readings that it has the means of.
                Method::PowerTrapezoid | Method::PowerMean | Method::PowerHeld
                    if matches!(moving, Alike::Open | Alike::Untold | Alike::Other) =>
                {
                    let (own, other) = ((&x.integral.profile, &a.coverage, &*x.head), (&y.integral.profile, &b.coverage, &*y.head));
                    if are_means(own, other) || are_means(other, own) { Alike::Same } else { moving }
                }
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

/// Whether two claims are of one device for certain, by what was read: readings that move go along, or a counter stands where the other one stood.
pub(super) fn is_surely_one(a: &Claim<'_>, b: &Claim<'_>) -> bool {
    let (Origin::Recorded(x), Origin::Recorded(y)) = (&a.origin, &b.origin) else { return false };
    if a.rank() != b.rank() {
        return false;
    }
    if a.method != Method::Counter {
        return go_along((&x.integral.profile, &a.coverage, &x.head), (&y.integral.profile, &b.coverage, &y.head));
    }
    // Counters that begin at 0 when they are first looked at stand alike in the beginning: of them the same moment must be the first.
    let first = |recorded: &Recorded| recorded.head.first().map(|first| (first.value == 0, first.at));
    match (first(x), first(y)) {
        (Some((true, at)), Some((true, other))) if at != other || at.as_micros() % 1_000_000 == 0 => false,
        _ => counters(x, y) == Alike::Same,
    }
}

/// Whether two logs lie close together as those of one device do; nothing where their looks are too seldom to show it, or nothing moves.
pub(super) fn closeness(a: &Claim<'_>, b: &Claim<'_>) -> Option<bool> {
    let (Origin::Recorded(x), Origin::Recorded(y)) = (&a.origin, &b.origin) else { return None };
    lie_close((&x.integral.profile, &a.coverage, &x.head), (&y.integral.profile, &b.coverage, &y.head))
}

fn counters(x: &Recorded, y: &Recorded) -> Alike {
    let ends = |recorded: &Recorded| recorded.head.first().copied().zip(recorded.last);
    let (Some(ends_x), Some(ends_y)) = (ends(x), ends(y)) else { return Alike::Unknown };
    let (earlier, read, later) = if ends_x.0.at <= ends_y.0.at { (ends_x, x, ends_y.0) } else { (ends_y, y, ends_x.0) };
    counter_likeness(earlier, &read.integral, later)
}

/// Whether two figures of trackers say the same mean power of each part that both have.
pub(super) fn draw_the_same((a, lasted): (&Declared, Span), (b, other): (&Declared, Span)) -> bool {
    let (lasted, other) = (lasted.as_micros() as f64, other.as_micros() as f64);
    let other_parts = || b.parts.iter().filter(|part| !part.unmeasured);
    let own_parts = a.parts.iter().filter(|part| !part.unmeasured);
    let of_both = own_parts.flat_map(|own| other_parts().filter(|part| part.component == own.component).map(move |part| (own, part)));
    of_both.into_iter().all(|(own, part)| share(own.energy.as_kwh() * other, part.energy.as_kwh() * lasted) <= SAME_MACHINE)
}
