//! Where a sampler's log was made: it says nothing of the place itself.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Ledger;
use super::claim::{Origin, Timeline, WIDEST_ZONE_US};
use super::evidence::{Evidence, When};
use super::gather::Gathered;
use crate::map::Map;
use crate::read::Place;
use crate::series::Coverage;
use crate::units::Span;

/// All of time, µs.
const EVER: (i64, i64) = (i64::MIN, i64::MAX);

/// What trackers say of a host's place or building, and when they watched.
struct Stated<'l, T> {
    value: T,
    path: &'l str,
    spans: Vec<(i64, i64)>,
}

/// Where a tracker watched the same host at the same time and names one place, that is the place; the PUE that it states is the building's, and so
/// everybody's, unless it is a constant of the tool.
pub(super) fn inherit(ledger: &Ledger, gathered: &Gathered<'_>, evidence: &mut [Evidence]) {
    let mut places: Map<(bool, usize), Vec<Stated<'_, &Place>>> = Map::new();
    let mut pues: Map<(bool, usize), Vec<Stated<'_, f64>>> = Map::new();
    let paths: Vec<&str> = ledger.entries().map(|entry| entry.file.path.as_str()).collect();
    let mut last = None;
    for claim in gathered.claims.iter().chain(&gathered.left_out) {
        let Origin::Declared(declared, at, _) = &claim.origin else { continue };
        if claim.timeline.is_dated() && last.replace((claim.file, *at)) != Some((claim.file, *at)) {
            let (Some((start, end)), host, utc) = (declared.period, claim.host, claim.timeline == Timeline::Utc) else { continue };
            let path = paths.get(claim.file).copied().unwrap_or("");
            let span = (start.as_micros(), end.as_micros().max(start.as_micros() + 1));
            if let Some(place) = declared.place.as_deref() {
                put(places.entry((utc, host)).or_default(), place, path, span);
            }
            if let Some(pue) = declared.pue.filter(|pue| *pue > 1.0 && !declared.pue_is_constant) {
                put(pues.entry((utc, host)).or_default(), pue, path, span);
            }
        }
    }
    if places.is_empty() && pues.is_empty() {
        return;
    }
    let hosts = gathered.hosts.by_label();
    for one in evidence.iter_mut() {
        let Some(host) = hosts.get(one.host.as_str()).copied() else { continue };
        let (utc, during, zones) = match one.when {
            When::Dated { start, end, utc } => {
                let during = Coverage::of(start, end.max(start.plus(Span::from_micros(1))));
                // A clock whose zone is not known may be a few hours off UTC.
                (utc, during, Coverage::of(start.plus(Span::from_micros(-WIDEST_ZONE_US)), end.plus(Span::from_micros(WIDEST_ZONE_US))))
            }
            // Nobody knows when: then what is said of the host at any time.
            When::Undated(_) => (true, Coverage::from_spans([EVER].to_vec()), Coverage::from_spans([EVER].to_vec())),
        };
        if one.place.is_none()
            && let Some((place, path)) = only(places.get(&(utc, host)), &during).or_else(|| only(places.get(&(!utc, host)), &zones))
        {
            one.place = Some(Arc::new(Place { stated_by: Some(path.to_string()), ..(*place).clone() }));
        }
        if one.pue.is_none_or(|pue| pue <= 1.0)
            && let Some((pue, _)) = only(pues.get(&(utc, host)), &during).or_else(|| only(pues.get(&(!utc, host)), &zones))
        {
            one.pue = Some(*pue);
        }
    }
}

fn put<'l, T: PartialEq>(all: &mut Vec<Stated<'l, T>>, value: T, path: &'l str, span: (i64, i64)) {
    match all.iter_mut().find(|stated| stated.value == value) {
        Some(stated) => stated.spans.push(span),
        None => all.push(Stated { value, path, spans: [span].to_vec() }),
    }
}

/// The one value that is stated for a time, if it is one.
fn only<'s, T>(all: Option<&'s Vec<Stated<'_, T>>>, during: &Coverage) -> Option<(&'s T, &'s str)> {
    let mut beside =
        all?.iter().filter(|stated| stated.spans.iter().any(|span| during.spans().iter().any(|own| span.0 < own.1 && own.0 < span.1)));
    let first = beside.next()?;
    beside.next().is_none().then_some((&first.value, first.path))
}
