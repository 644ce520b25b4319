//! What makes the interval of the total wide: the largest term of its budget, and of what one end alone holds the largest cause.

use super::cost::Costed;
use super::{unmeasured, unwatched};
use crate::factor::Match;
use crate::interval::{BudgetOf, Interval, TermKind};
use crate::ledger::Because;
use crate::map::Map;
use crate::report::Wide;
use crate::series::Component;

/// An upper end above so many times the lower one needs a word.
const TOLD_ABOVE: f64 = 4.0;

/// What makes it so, where the upper end is more than four times the lower one.
pub(super) fn because(costed: &[Costed<'_>], total: &Interval) -> Option<Wide> {
    // One that is all but nothing is wide whatever the other is.
    let is_wide = total.high > TOLD_ABOVE * total.low && total.high > 0.0;
    let kind = match total.largest.filter(|_| is_wide)? {
        BudgetOf::Coverage => return one_end(costed, total.value),
        BudgetOf::Kind(kind) => kind,
    };
    Some(match kind {
        TermKind::CarbonIntensity if at_no_place(costed) => Wide::Place,
        TermKind::CarbonIntensity => Wide::CarbonIntensity,
        TermKind::Embodied | TermKind::Rest => of_rest(costed),
        TermKind::Estimation => Wide::Estimation,
        TermKind::Hours => Wide::Hours,
        TermKind::Pue => Wide::Pue,
        TermKind::Sampling => Wide::Sampling,
        TermKind::Sensor => Wide::Sensor,
    })
}

/// Whether most of the emissions are of places that nobody knows.
fn at_no_place(costed: &[Costed<'_>]) -> bool {
    let kg = |one: &Costed<'_>| one.kg;
    let unknown: f64 = costed.iter().filter(|one| one.resolved.intensity.matched == Match::WorldDefault).map(kg).sum();
    2.0 * unknown > costed.iter().map(kg).sum::<f64>()
}

/// What of the estimated parts weighs most: accelerators whose figures were left out, or what no log shows.
fn of_rest(costed: &[Costed<'_>]) -> Wide {
    let spread = |one: &Costed<'_>| {
        let of_rest = one.terms.iter().filter(|term| term.kind == TermKind::Rest);
        one.kg * of_rest.map(|term| term.high - term.low).sum::<f64>()
    };
    let sum = |wanted: bool| costed.iter().filter(|one| unmeasured::is_unmeasured(one.evidence) == wanted).map(spread).sum::<f64>();
    if sum(true) > sum(false) { Wide::LeftOut } else { Wide::Rest }
}

/// The cause of which one end alone holds most, as it would move the total by itself.
fn one_end(costed: &[Costed<'_>], total_kg: f64) -> Option<Wide> {
    let mut ends: Map<Wide, (f64, f64)> = Map::new();
    for one in costed {
        // Of what may only have been drawn nothing is known but the factors.
        let kg_per_kwh = match one.it_kwh > 0.0 {
            true => one.kg / one.it_kwh,
            false => one.resolved.pue.value * one.resolved.intensity.value,
        };
        for (wide, more, less) in causes(one) {
            let end = ends.entry(wide).or_default();
            *end = (end.0 + more.max(0.0) * kg_per_kwh, end.1 + less.max(0.0) * kg_per_kwh);
        }
    }
    if total_kg <= 0.0 {
        return ends.iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0)).map(|(wide, _)| *wide);
    }
    // As in the budget: the mean of both ends on the logarithm, and no lower end is without all of it.
    let width = |(more, less): (f64, f64)| libm::log1p(more / total_kg) - libm::log1p(-(less / total_kg).min(0.999));
    ends.iter().max_by(|a, b| width(*a.1).total_cmp(&width(*b.1))).map(|(wide, _)| *wide)
}

/// What of one part each cause adds to the upper end and takes from the lower one, kWh.
fn causes(one: &Costed<'_>) -> [(Wide, f64, f64); 9] {
    let (more, less) = one.evidence.because.get();
    let more = if one.rest { Because::default() } else { more };
    // The value's correction is in both.
    let counted = one.evidence.energy.as_kwh();
    let correction = if counted > 0.0 { one.it_kwh / counted } else { 1.0 };
    let of = |pick: fn(&Because) -> crate::units::Energy| (pick(&more).as_kwh() * correction, pick(&less).as_kwh() * correction);
    let (contradicted, cut, disorder) = (of(|b| b.contradicted), of(|b| b.cut), of(|b| b.disorder));
    let (found, mut gaps, mut wraps) = (of(|b| b.found), of(|b| b.gaps), of(|b| b.wraps));
    wraps.0 += one.in_wraps_kwh;
    let all_more = if one.rest { one.possible_kwh } else { one.evidence.more.as_kwh() * correction };
    // What was estimated of gaps is no further bound.
    gaps.0 += (one.possible_kwh - one.in_wraps_kwh - all_more).max(0.0);
    let steps = of(|b| b.steps);
    let known = |end: fn((f64, f64)) -> f64| [contradicted, cut, disorder, found, steps].map(end).iter().sum::<f64>();
    let mut open = (all_more - known(|c| c.0) - of(|b| b.gaps).0 - of(|b| b.wraps).0, one.doubtful_kwh - known(|c| c.1) - gaps.1 - wraps.1);
    let mut left_out = (one.bounded_kwh - one.estimated_kwh, 0.0);
    if unwatched::is_unwatched(one.evidence) {
        gaps = (open.0 + left_out.0, open.1);
        (open, left_out) = ((0.0, 0.0), (0.0, 0.0));
    }
    // Accelerators of a job that no log shows may have been at work.
    let is_idle = one.rest && matches!(one.evidence.component, Component::Gpu | Component::GpuModule);
    let open_as = if is_idle { Wide::Rest } else { Wide::Identity };
    [
        (Wide::Contradiction, contradicted),
        (Wide::Disorder, disorder),
        (Wide::FoundSettings, found),
        (Wide::Gaps, gaps),
        (open_as, open),
        (Wide::LeftOut, left_out),
        (Wide::Period, cut),
        (Wide::Steps, steps),
        (Wide::Wraps, wraps),
    ]
    .map(|(wide, (more, less))| (wide, more, less))
}
