//! A rest (a whole less its parts) is off with the whole and against its parts: together with them it has the whole's own uncertainty.

use alloc::vec::Vec;

use super::cost::Costed;
use crate::interval::{Term, TermKind};
use crate::ledger::CONTAINMENT;
use crate::series::Component;

/// Puts the terms of the whole and of the parts that were taken from it into each rest (JCGM 100:2008, 5.2.2, for a difference).
///
/// rest = whole − Σ partᵢ, so the whole's relative terms count whole ÷ rest times, and each part's count −partᵢ ÷ rest times: where rest and parts
/// are added up again, the parts' terms cancel.
pub(super) fn rests(costed: &mut [Costed<'_>]) {
    let all: Vec<Option<Vec<Term>>> = (0..costed.len()).map(|at| of_rest(at, costed)).collect();
    for (one, terms) in costed.iter_mut().zip(all) {
        if let Some(terms) = terms {
            one.terms = terms;
        }
    }
}

fn of_rest(at: usize, costed: &[Costed<'_>]) -> Option<Vec<Term>> {
    // Trackers' totals are not differences of meters: their models are far less certain than what was taken from them.
    let is_meter =
        |one: &&Costed<'_>| matches!(one.evidence.component, Component::Node | Component::Platform) && one.evidence.instrument.is_sensor();
    let rest = costed.get(at).filter(|one| one.evidence.partly && one.it_kwh > 0.0).filter(is_meter)?;
    let own = rest.evidence;
    let contained = |one: &&Costed<'_>| {
        let e = one.evidence;
        let is_part = CONTAINMENT.iter().any(|rule| rule.container == own.component && rule.part == e.component);
        is_part && e.machine() == own.host && e.instrument != own.instrument
    };
    let mut terms: Vec<Term> = Vec::new();
    let mut taken = 0.0;
    for part in costed.iter().filter(contained) {
        let (common, whole) = part.evidence.when.overlap(&own.when);
        let kwh = part.it_kwh * common as f64 / whole as f64;
        let over = kwh / rest.it_kwh;
        taken += kwh;
        terms.extend(part.terms.iter().map(|term| Term {
            low: 1.0 + over * (1.0 - term.low),
            high: 1.0 - over * (term.high - 1.0),
            ..term.clone()
        }));
    }
    if taken <= 0.0 {
        return None;
    }
    let over = 1.0 + taken / rest.it_kwh;
    let whole = |term: &Term| match term.kind {
        // The scatter between samples is the whole's, and stands over the rest's joules already.
        TermKind::Sampling => term.clone(),
        _ => Term { low: 1.0 - over * (1.0 - term.low), high: 1.0 + over * (term.high - 1.0), ..term.clone() },
    };
    terms.extend(rest.terms.iter().map(whole));
    Some(terms)
}
