//! Runs that two instruments may both have seen on the clocks of two time zones, where too little says so: a sampler that ran long before and after the work,
//! a pause in one of the two logs, several runs of which some lie whole hours apart. Both count, and the lower end holds one of them.
//!
//! The shorter of the two lies within the longer one, a time zone away, and holds as much as it does over this time. Where a log fits so beside another one
//! as the stamps stand, nothing is in question; nor where the logs of two kinds of instruments stand beside each other as often as they fit a zone apart.
//! Two logs of one kind begin and end together to a few readings, and no third one does so at another distance.

use alloc::vec::Vec;
use core::cmp::Reverse;

use super::claim::{Claim, Reach};
use super::gather::Gathered;
use super::precedence::Rank;
use super::rule::{Rule, union};
use super::zones::{Stretch, zones};
use crate::map::{Map, Set};
use crate::order;
use crate::series::{Component, Coverage};
use crate::units::{Energy, Instant, Span};

/// Of the stretches so many are compared, the longest.
const COMPARED: usize = 512;

/// So often the energy of two is compared.
const LOOKS: usize = 1 << 14;

/// Two files that may hold one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Perhaps {
    pub file: usize,
    pub other: usize,
    /// So much later are the stamps of the first, µs.
    pub later_us: i64,
    pub why: WhyPerhaps,
}

/// Why two files may hold one run, and count as two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WhyPerhaps {
    /// One lies within the other a time zone away.
    Fits,
    /// What both hold does not fit in any zone.
    Unlike,
    /// One has times of a day alone, and at these the other one holds nothing.
    OfDay,
    /// Its clock may have changed in that night.
    Changed,
}

/// A stretch that lies within a longer one, if its clock is put later, and the time of both on the clock of either.
struct Match {
    inner: usize,
    time: Coverage,
    outer: usize,
    there: Coverage,
    later: i64,
}

/// What a log is of: a tool, or a sensor of a part.
type Kind = (Option<usize>, Component, Rank);

/// Takes what may be one run out of the lower ends, and returns which files hold it.
pub(super) fn take_out(gathered: &Gathered<'_>, rule: &mut Rule<'_, '_>) -> Vec<Perhaps> {
    let stretches: Vec<&Stretch> = gathered.stretches.iter().filter(|one| !one.has_pauses).take(COMPARED).collect();
    let stretches = stretches.as_slice();
    let is_known = |one: &Stretch, other: &Stretch| one.is_beside(other, &gathered.hosts) && one.is_of_another_kind(other);
    let pairs: Vec<(usize, usize)> = stretches
        .iter()
        .enumerate()
        .flat_map(|(outer, long)| {
            (outer + 1..stretches.len()).filter(move |inner| is_known(stretches[*inner], long)).map(move |inner| (outer, inner))
        })
        .collect();
    let of_one_kind = of_one_kind(stretches, gathered);
    let claims = if pairs.is_empty() && of_one_kind.is_empty() { Map::new() } else { claims_of(stretches, gathered) };
    let mut left = LOOKS;
    // What stands beside each other on the clocks as they are, and what fits there, too.
    let mut together: Map<(Kind, Kind), usize> = Map::new();
    let mut fitting: Set<usize> = Set::new();
    for pair in &pairs {
        let (outer, inner) = (stretches[pair.0], stretches[pair.1]);
        let fits = matched(stretches, *pair, 0, gathered, &claims, &mut left).is_some();
        if fits || 2 * inner.common(outer, 0) > inner.length() {
            *together.entry(kinds(outer, inner)).or_insert(0) += 1;
        }
        if fits {
            fitting.insert(pair.0);
            fitting.insert(pair.1);
        }
    }
    let mut apart: Map<(Kind, Kind), Map<i64, Vec<Match>>> = Map::new();
    for pair in pairs.iter().filter(|(outer, inner)| !fitting.contains(outer) && !fitting.contains(inner)) {
        for later in zones().into_iter().flat_map(|later| [later, -later]) {
            if let Some(found) = matched(stretches, *pair, later, gathered, &claims, &mut left) {
                apart.entry(kinds(stretches[pair.0], stretches[pair.1])).or_default().entry(later).or_default().push(found);
            }
        }
    }
    let mut by_kinds: Vec<(usize, Map<i64, Vec<Match>>)> =
        apart.into_iter().map(|(kinds, by_later)| (together.get(&kinds).copied().unwrap_or(0), by_later)).collect();
    for (outer, inner, later) in of_one_kind {
        if let Some(one) = matched(stretches, (outer, inner), later, gathered, &claims, &mut left) {
            let mut by_later: Map<i64, Vec<Match>> = Map::new();
            by_later.entry(later).or_default().push(one);
            by_kinds.push((0, by_later));
        }
    }
    let mut found: Set<Perhaps> = Set::new();
    let mut times: Map<usize, Vec<(i64, i64)>> = Map::new();
    for (are_together, by_later) in by_kinds {
        let mut by_later: Vec<(i64, Vec<Match>)> = by_later.into_iter().collect();
        order::sort_by_key(&mut by_later, |(later, matches)| (Reverse(matches.len()), later.abs(), *later));
        // A run was in one place in time: what lies one difference away lies no other.
        let mut placed: Set<usize> = Set::new();
        for (_, mut matches) in by_later {
            matches.retain(|one| !placed.contains(&one.inner) && !placed.contains(&one.outer));
            if matches.len() <= are_together {
                continue;
            }
            for one in matches {
                placed.insert(one.inner);
                placed.insert(one.outer);
                let claims_of = |at: usize| claims.get(&at).into_iter().flatten().copied();
                let counts = |at: usize, time: &Coverage| -> Energy { claims_of(at).map(|claim| rule.counted_over(claim, time)).sum() };
                let (own, theirs) = (counts(one.inner, &one.time), counts(one.outer, &one.there));
                if own.min(theirs) == Energy::ZERO {
                    continue;
                }
                // The less is left out, and of two that count as much what is less surely known.
                let (inner, outer) = (stretches[one.inner], stretches[one.outer]);
                let (less, kept, time, later) = match (own, Reverse(inner.rank)) < (theirs, Reverse(outer.rank)) {
                    true => (one.inner, one.outer, &one.time, -one.later),
                    false => (one.outer, one.inner, &one.there, one.later),
                };
                claims_of(less).for_each(|claim| times.entry(claim).or_default().extend_from_slice(time.spans()));
                found.insert(Perhaps { file: stretches[less].file, other: stretches[kept].file, later_us: later, why: WhyPerhaps::Fits });
            }
        }
    }
    two_runs(rule, &mut times, &mut found);
    for (claim, spans) in times {
        let energy = rule.counted_over(claim, &Coverage::from_spans(spans));
        rule.outcomes[claim].less += energy;
    }
    found.into_iter().collect()
}

/// Logs of one kind that begin and end together in another zone, and what begins so time and again is none of them: that is a work that does.
fn of_one_kind(stretches: &[&Stretch], gathered: &Gathered<'_>) -> Vec<(usize, usize, i64)> {
    let mut found: Vec<(usize, usize, i64)> = Vec::new();
    let mut differences: Map<usize, Set<i64>> = Map::new();
    for (outer, long) in stretches.iter().enumerate() {
        for (inner, short) in stretches.iter().enumerate().skip(outer + 1) {
            let Some(later) = short.begins_and_ends_like(long, &gathered.hosts) else { continue };
            differences.entry(short.file).or_default().insert(later);
            differences.entry(long.file).or_default().insert(-later);
            found.push((outer, inner, later));
        }
    }
    let is_only = |at: usize| stretches.get(at).and_then(|one| differences.get(&one.file)).is_some_and(|known| known.len() == 1);
    found.retain(|(outer, inner, _)| is_only(*outer) && is_only(*inner));
    found
}

/// What is of two runs as no zone makes one of them: the lower end is without the less.
fn two_runs(rule: &Rule<'_, '_>, times: &mut Map<usize, Vec<(i64, i64)>>, found: &mut Set<Perhaps>) {
    for one in &rule.perhaps {
        let (claim, other) = (rule.claim(one.claim), rule.claim(one.other));
        let Some(later) = rule.places.known(claim, other) else { continue };
        let there = one.time.moved(later);
        let (own, theirs) = (rule.counted_over(one.claim, &one.time), rule.counted_over(one.other, &there));
        if own.min(theirs) == Energy::ZERO {
            continue;
        }
        let (less, kept, time, later) = match (own, Reverse(claim.rank())) < (theirs, Reverse(other.rank())) {
            true => (one.claim, other.file, &one.time, -later.as_micros()),
            false => (one.other, claim.file, &there, later.as_micros()),
        };
        times.entry(less).or_default().extend_from_slice(time.spans());
        let are_dated = claim.timeline.is_dated() && other.timeline.is_dated();
        let (later_us, why) = if are_dated { (later, WhyPerhaps::Unlike) } else { (0, WhyPerhaps::OfDay) };
        found.insert(Perhaps { file: rule.claim(less).file, other: kept, later_us, why });
    }
}

/// The claims of each stretch.
fn claims_of(stretches: &[&Stretch], gathered: &Gathered<'_>) -> Map<usize, Vec<usize>> {
    let mut of_part: Map<(usize, usize, Component, bool), Vec<usize>> = Map::new();
    for (at, one) in stretches.iter().enumerate() {
        of_part.entry((one.file, one.host, one.component, one.is_job)).or_default().push(at);
    }
    let mut found: Map<usize, Vec<usize>> = Map::new();
    for (at, claim) in gathered.claims.iter().enumerate().filter(|(_, claim)| !claim.is_estimate()) {
        for file in core::iter::once(&claim.file).chain(&claim.further) {
            let stretches_of = of_part.get(&(*file, claim.host, claim.component, claim.reach == Reach::Job));
            for stretch in stretches_of.into_iter().flatten().filter(|stretch| touches(claim, stretches[**stretch])) {
                found.entry(*stretch).or_default().push(at);
            }
        }
    }
    found
}

fn touches(claim: &Claim<'_>, stretch: &Stretch) -> bool {
    let ends = claim.coverage.start().zip(claim.coverage.end());
    claim.timeline == stretch.timeline
        && ends.is_some_and(|(start, end)| start.as_micros() < stretch.end && end.as_micros() > stretch.start)
}

fn kinds(one: &Stretch, other: &Stretch) -> (Kind, Kind) {
    let kind = |one: &Stretch| (one.tool, if one.tool.is_some() { Component::Node } else { one.component }, one.rank);
    let (one, other) = (kind(one), kind(other));
    (one.min(other), one.max(other))
}

/// Whether a stretch, put later by so much, lies within a longer one that holds as much over this time.
fn matched(
    stretches: &[&Stretch],
    (outer, inner): (usize, usize),
    later: i64,
    gathered: &Gathered<'_>,
    claims: &Map<usize, Vec<usize>>,
    left: &mut usize,
) -> Option<Match> {
    let (long, short) = (stretches[outer], stretches[inner]);
    let tolerance = short.tolerance(long, later);
    let is_inside = long.start - tolerance <= short.start + later && short.end + later <= long.end + tolerance;
    if !is_inside || short.is_zoned && long.is_zoned && later != 0 || *left == 0 {
        return None;
    }
    *left -= 1;
    let of = |at: usize| claims.get(&at).into_iter().flatten().filter_map(|claim| gathered.claims.get(*claim));
    let watched = |at: usize, stretch: &Stretch| {
        let whole = Coverage::of(Instant::from_micros(stretch.start), Instant::from_micros(stretch.end));
        union(of(at).map(|claim| &claim.coverage)).intersection(&whole)
    };
    let time = watched(inner, short).intersection(&watched(outer, long).moved(Span::from_micros(-later)));
    if 2 * time.length().as_micros() < short.length() {
        return None;
    }
    let there = time.moved(Span::from_micros(later));
    let energy = |at: usize, time: &Coverage| -> Energy { of(at).map(|claim| claim.energy_over(&claim.coverage.intersection(time))).sum() };
    let (own, theirs) = (energy(inner, &time).as_picojoules(), energy(outer, &there).as_picojoules());
    if own <= 0 || theirs <= 0 || !short.may_have_as_much(own, long, theirs) {
        return None;
    }
    Some(Match { inner, time, outer, there, later })
}
