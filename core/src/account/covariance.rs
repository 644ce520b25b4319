//! A rest (a whole less its parts) is off with the whole and against its parts: together with them it has the whole's own uncertainty.

use alloc::vec::Vec;

use super::cost::Costed;
use crate::interval::{Term, TermKind};
use crate::ledger::{CONTAINMENT, Evidence};
use crate::map::Map;
use crate::series::Component;

/// Puts the terms of the whole and of the parts that were taken from it into each rest (JCGM 100:2008, 5.2.2, for a difference).
///
/// rest = whole − Σ partᵢ, so the whole's relative terms count whole ÷ rest times, and each part's count −partᵢ ÷ rest times: where rest and parts
/// are added up again, the parts' terms cancel.
pub(super) fn rests(costed: &mut [Costed<'_>]) {
    let mut machines: Map<&str, Vec<usize>> = Map::new();
    for (at, one) in costed.iter().enumerate() {
        machines.entry(one.evidence.machine()).or_default().push(at);
    }
    let rest = |at: usize| {
        let one = costed.get(at).filter(|one| is_rest_of_meter(one))?;
        let beside = machines.get(&*one.evidence.host)?.iter().filter_map(|at| costed.get(*at));
        Some((at, of_rest(one, beside)?))
    };
    let all: Vec<(usize, (f64, Vec<Term>))> = (0..costed.len()).filter_map(rest).collect();
    for (at, (wholes, terms)) in all {
        if let Some(one) = costed.get_mut(at) {
            (one.wholes, one.terms) = (wholes, terms);
        }
    }
}

/// Trackers' totals are not differences of meters: their models are far less certain than what was taken from them.
fn is_rest_of_meter(one: &Costed<'_>) -> bool {
    let own = one.evidence;
    own.partly && one.it_kwh > 0.0 && matches!(own.component, Component::Node | Component::Platform) && own.instrument.is_sensor()
}

/// How many times as large the whole is, and the terms of what is left of it, beside the claims of its machine.
fn of_rest<'c, 'l: 'c>(rest: &Costed<'l>, beside: impl Iterator<Item = &'c Costed<'l>>) -> Option<(f64, Vec<Term>)> {
    let own = rest.evidence;
    let is_part = |e: &Evidence| {
        e.instrument != own.instrument && CONTAINMENT.iter().any(|rule| rule.container == own.component && rule.part == e.component)
    };
    let mut terms: Vec<Term> = Vec::new();
    let mut taken = 0.0;
    for part in beside.filter(|one| is_part(one.evidence)) {
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
    let wholes = 1.0 + taken / rest.it_kwh;
    let whole = |term: &Term| match term.kind {
        // The scatter between samples is the whole's, and stands over the rest's joules already.
        TermKind::Sampling => term.clone(),
        _ => Term { low: 1.0 - wholes * (1.0 - term.low), high: 1.0 + wholes * (term.high - 1.0), ..term.clone() },
    };
    terms.extend(rest.terms.iter().map(whole));
    Some((wholes, terms))
}
