//! Where logs without a zone stand beside logs in UTC of the same parts: in the zone in which both hold the same.
//!
//! Runs that both saw begin and end together there, or one lies inside the other, which does something else before or after it, or their readings go along.
//! What lies beside each other as the stamps stand needs to hold as much alone. Where no zone fits so, they are two runs.

use alloc::vec::Vec;

use super::claim::{Claim, Origin, Reach, Timeline};
use super::rule::union;
use super::zones::{Held, tolerance, zones};
use crate::map::{Map, Set};
use crate::order;
use crate::rules;
use crate::series::{Component, Coverage, repeats_in};
use crate::units::{Instant, Span};

/// Of the claims of one side, and of its pieces, so many are looked at.
const COMPARED: usize = 4096;
const PIECES: usize = 256;

/// So often readings are compared.
const LOOKS: usize = 256;

/// A pause that is shorter than this share of what lies before and after it is none of a run.
const PAUSE_PERCENT: i64 = rules::whole("zones_ends_percent");

/// Readings of one device that differ by more than this, percent, do not agree.
const DISAGREE_PERCENT: i128 = rules::whole("claims_disagree_percent") as i128;

/// Zones in which they share this part of the most that they can share are all possible, percent.
const AS_MUCH_PERCENT: i64 = rules::whole("zones_as_much_percent");

/// Time that fits so outweighs so much that does not.
const VOTES: i64 = rules::whole("zones_votes");

/// A host's logs of one part on one clock, jobs apart.
pub(super) type Group = (usize, Component, bool, Timeline);

pub(super) fn group_of(claim: &Claim<'_>) -> Group {
    (claim.host, claim.component, claim.reach == Reach::Job, claim.timeline)
}

/// What stands on one clock.
struct Side<'c, 'l> {
    /// By start.
    claims: Vec<&'c Claim<'l>>,
    longest: i64,
    watched: Coverage,
    /// Begin and end of each, and what was watched of it.
    pieces: Vec<(i64, i64, Coverage)>,
    held: Held,
    is_declared: bool,
}

impl<'c, 'l> Side<'c, 'l> {
    fn of(mut claims: Vec<&'c Claim<'l>>) -> Self {
        let start = |claim: &Claim<'_>| claim.coverage.start().map_or(0, Instant::as_micros);
        let end = |claim: &Claim<'_>| claim.coverage.end().map_or(0, Instant::as_micros);
        order::sort_by_key(&mut claims, |claim| (start(claim), claim.file));
        claims.truncate(COMPARED);
        let longest = claims.iter().map(|claim| end(claim) - start(claim)).max().unwrap_or(0);
        let watched = union(claims.iter().map(|claim| &claim.coverage));
        let mut pieces: Vec<(i64, i64)> = Vec::new();
        for (from, to) in watched.coalesced(PIECES).spans() {
            match pieces.last_mut() {
                Some(last) if 100 * (from - last.1) <= PAUSE_PERCENT * (last.1 - last.0 + to - from) => last.1 = *to,
                _ => pieces.push((*from, *to)),
            }
        }
        let watched_in = |(from, to): (i64, i64)| watched.intersection(&Coverage::of(Instant::from_micros(from), Instant::from_micros(to)));
        let pieces = pieces.into_iter().map(|piece| (piece.0, piece.1, watched_in(piece))).collect();
        let devices: Set<usize> = claims.iter().filter(|claim| claim.reach == Reach::Device).map(|claim| claim.device).collect();
        let counted = claims.iter().map(|claim| i64::from(claim.count)).max().unwrap_or(1);
        let held = Held {
            component: claims.first().map_or(Component::Node, |claim| claim.component),
            devices: counted.max(devices.len() as i64),
            is_read: claims.iter().all(|claim| claim.instrument.is_sensor()),
        };
        let is_declared = claims.iter().all(|claim| matches!(claim.origin, Origin::Declared(..)));
        Self { claims, longest, watched, pieces, held, is_declared }
    }

    /// Those that lie in a time.
    fn within(&self, (from, to): (i64, i64)) -> impl Iterator<Item = &'c Claim<'l>> + '_ {
        let start = |claim: &&Claim<'_>| claim.coverage.start().map_or(0, Instant::as_micros);
        let first = self.claims.partition_point(|claim| start(claim) < from - self.longest);
        self.claims.iter().skip(first).take_while(move |claim| start(claim) < to).copied()
    }

    /// Energy over a time, pJ: of each device the better claim, and all of them together or the figure for all.
    fn energy(&self, time: &Coverage) -> i128 {
        let Some((from, to)) = time.start().zip(time.end()) else { return 0 };
        let mut inside: Vec<&Claim<'_>> = self.within((from.as_micros(), to.as_micros())).collect();
        order::sort_by_key(&mut inside, |claim| claim.precedence());
        let mut taken: Map<(bool, usize), (Coverage, i128)> = Map::new();
        for claim in inside {
            let entry = taken.entry((claim.reach == Reach::Device, claim.device)).or_default();
            let part = claim.coverage.intersection(time).without(&entry.0);
            if !part.is_empty() {
                entry.1 += claim.energy_over(&part).as_picojoules();
                entry.0 = entry.0.union(&part);
            }
        }
        let of = |is_device: bool| taken.iter().filter(move |((single, _), _)| *single == is_device).map(|(_, (_, energy))| *energy);
        of(true).sum::<i128>().max(of(false).max().unwrap_or(0))
    }
}

/// How well two logs fit with one so much later.
struct Fit {
    later: i64,
    /// Time that both hold as one run would, µs.
    matched: i64,
    /// Time that both would hold and differ in, or in which too little says that they are one.
    mismatched: i64,
    /// By how much they differ where they fit, pJ.
    differ: i128,
}

/// How much later the stamps of `own` are on the clock of `other`, if any zone says so.
///
/// Of what both hold by name the rest proves nothing, as long as these were watched at one time.
pub(super) fn fitting(own: Vec<&Claim<'_>>, other: Vec<&Claim<'_>>) -> Option<Span> {
    let devices = |claims: &[&Claim<'_>]| claims.iter().map(|claim| claim.device).collect::<Set<usize>>();
    let (ours, theirs) = (devices(&own), devices(&other));
    if !ours.iter().any(|device| theirs.contains(device)) {
        return fitting_sides(own, other);
    }
    fn keep<'c, 'l>(claims: &[&'c Claim<'l>], known: &Set<usize>) -> Vec<&'c Claim<'l>> {
        claims.iter().copied().filter(|claim| known.contains(&claim.device)).collect()
    }
    fitting_sides(keep(&own, &theirs), keep(&other, &ours)).or_else(|| fitting_sides(own, other))
}

fn fitting_sides(own: Vec<&Claim<'_>>, other: Vec<&Claim<'_>>) -> Option<Span> {
    let (own, other) = (Side::of(own), Side::of(other));
    let mut left = LOOKS;
    let shorter = own.watched.length().min(other.watched.length()).as_micros();
    let mut found: Vec<Fit> = Vec::new();
    for later in core::iter::once(0).chain(zones().into_iter().flat_map(|later| [later, -later])) {
        let fit = fit(&own, &other, later, &mut left);
        let is_enough = fit.matched > VOTES * fit.mismatched && (later == 0 || 2 * fit.matched >= shorter);
        if fit.matched > 0 && is_enough {
            found.push(fit);
        }
    }
    // What shares as much is compared by what it differs in.
    let most = found.iter().map(|fit| fit.matched).max()?;
    found.retain(|fit| 100 * fit.matched >= AS_MUCH_PERCENT * most);
    let best = found.iter().min_by_key(|fit| (fit.differ, fit.later.abs(), fit.later))?;
    Some(Span::from_micros(best.later))
}

fn fit(own: &Side<'_, '_>, other: &Side<'_, '_>, later: i64, left: &mut usize) -> Fit {
    let mut fit = Fit { later, matched: 0, mismatched: 0, differ: 0 };
    let mut first = 0;
    for piece in &own.pieces {
        let (from, to) = (piece.0 + later, piece.1 + later);
        first += other.pieces.iter().skip(first).take_while(|(_, end, _)| *end <= from).count();
        for theirs in other.pieces.iter().skip(first).take_while(|(start, ..)| *start < to) {
            let tolerance = tolerance((piece.1 - piece.0).min(theirs.1 - theirs.0), later);
            let time = Coverage::of(Instant::from_micros(from.max(theirs.0)), Instant::from_micros(to.min(theirs.1)));
            // Runs that follow each other may touch.
            if later != 0 && time.length().as_micros() <= tolerance {
                continue;
            }
            match likeness((own, piece), (other, theirs), &time, later, tolerance, left) {
                Some(differ) => {
                    fit.matched += time.length().as_micros();
                    fit.differ += differ;
                }
                None => fit.mismatched += time.length().as_micros(),
            }
        }
    }
    fit
}

/// By how much two stretches differ that may be of one run, with the first so much later; `time` is what both share then.
fn likeness(
    (own, piece): (&Side<'_, '_>, &(i64, i64, Coverage)),
    (other, theirs): (&Side<'_, '_>, &(i64, i64, Coverage)),
    time: &Coverage,
    later: i64,
    tolerance: i64,
    left: &mut usize,
) -> Option<i128> {
    let (begin, end) = ((piece.0 + later - theirs.0).abs() <= tolerance, (piece.1 + later - theirs.1).abs() <= tolerance);
    let is_inner = piece.1 - piece.0 <= theirs.1 - theirs.0;
    let lies_in = |inner: (i64, i64), outer: (i64, i64)| outer.0 - tolerance <= inner.0 && inner.1 <= outer.1 + tolerance;
    let (moved, place) = ((piece.0 + later, piece.1 + later), (theirs.0, theirs.1));
    let is_inside = if is_inner { lies_in(moved, place) } else { lies_in(place, moved) };
    if later != 0 && !(begin && end) && !is_inside {
        return None;
    }
    let back = Span::from_micros(-later);
    let common = piece.2.intersection(&theirs.2.intersection(time).moved(back));
    let (energy, their_energy) = (own.energy(&common), other.energy(&common.moved(Span::from_micros(later))));
    if energy <= 0 || their_energy <= 0 {
        return None;
    }
    let differ = energy.max(their_energy) - energy.min(their_energy);
    let are_read = own.held.component == other.held.component && own.held.is_read && other.held.is_read;
    let is_strict = are_read && !own.is_declared && !other.is_declared && own.held.devices == other.held.devices;
    let has_as_much = own.held.may_have_as_much(energy, &other.held, their_energy)
        && (!is_strict || 100 * differ <= DISAGREE_PERCENT * energy.max(their_energy));
    if later == 0 || begin && end {
        return has_as_much.then_some(differ);
    }
    let (outer, whole, inner, inside) = match is_inner {
        true => (other, &theirs.2, own, own.watched.moved(Span::from_micros(later))),
        false => (own, &piece.2, other, other.watched.moved(back)),
    };
    let rest = whole.without(&inside);
    let busy = whole.intersection(&inside);
    let (of_rest, of_busy) = (outer.energy(&rest), outer.energy(&busy));
    let per = |energy: i128, time: &Coverage| energy / i128::from(time.length().as_micros().max(1));
    if outer.is_declared {
        // A figure without a profile: what it holds besides is less than what the other one drew, from where both begin or to where both end.
        let of_inner = if is_inner { energy } else { their_energy };
        let besides = of_rest + of_busy - of_inner;
        let is_of_one_part = outer.held.component == inner.held.component && (begin || end);
        let is_idle = 100 * per(besides, &rest) < (100 - DISAGREE_PERCENT) * per(of_inner, &busy);
        return (is_of_one_part && 100 * besides >= -DISAGREE_PERCENT * of_inner && is_idle).then_some(besides.abs());
    }
    let (idle, at_work) = (per(of_rest, &rest), per(of_busy, &busy));
    let does_other = 100 * (idle - at_work).abs() > DISAGREE_PERCENT * idle.max(at_work);
    let fits = has_as_much && (does_other || repeats(own, other, ((piece.0, piece.1), place), later, left));
    fits.then_some(differ)
}

/// Whether readings of the one go along with those of the other one, put so much later.
fn repeats(own: &Side<'_, '_>, other: &Side<'_, '_>, (piece, theirs): ((i64, i64), (i64, i64)), later: i64, left: &mut usize) -> bool {
    for claim in own.within(piece) {
        let Origin::Recorded(x) = &claim.origin else { continue };
        for like in other.within(theirs).filter(|like| like.device == claim.device && like.rank() == claim.rank()) {
            let Origin::Recorded(_) = &like.origin else { continue };
            if *left == 0 {
                return false;
            }
            *left -= 1;
            let mut there = like.clone();
            there.set_back(Span::from_micros(later));
            let Origin::Recorded(y) = &there.origin else { continue };
            if repeats_in((&x.integral.profile, &claim.coverage, &x.head), (&y.integral.profile, &there.coverage, &y.head)) {
                return true;
            }
        }
    }
    false
}
