//! Logs of one device on two clocks: one in local time and one in UTC, or on machines whose clocks differ.
//!
//! A sequence of readings that moves and comes back whole quarter hours later is the same sequence, written in another time zone: no device draws twice what
//! it drew, to a tenth of what it moves. So is a whole copy whose stamps are later by any time. A load that is constant, or repeats within itself, says nothing.
//! Such a file is put on the clock of the other one, with all that it holds, and the one rule decides; the upper end holds both.

use alloc::vec::Vec;
use core::cmp::Reverse;

use super::alike::alike;
use super::claim::{Claim, Origin, Recorded, Timeline, WIDEST_ZONE_US};
use super::hosts::Raw;
use crate::map::Map;
use crate::order;
use crate::series::{Alike, Sample, repeats_in};
use crate::units::Span;

/// Of the recordings of one device the longest are looked at, at so many differences of clocks.
const COMPARED: usize = 32;
const DIFFERENCES: usize = 256;

/// Zones differ by multiples of this.
const QUARTER_HOUR_US: i64 = 900 * 1_000_000;

/// A file on another clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
    pub file: usize,
    /// The file whose clock it was put on.
    pub like: usize,
    /// So much later were its stamps.
    pub later: Span,
}

/// Puts files whose readings stand in others at other times on the clock of these.
pub(super) fn mend(raws: &mut [Raw<'_>]) -> Vec<Moved> {
    let claims: Vec<&Claim<'_>> = raws.iter().map(|raw| &raw.claim).collect();
    let mut devices: Map<(usize, Timeline), Vec<usize>> = Map::new();
    for (at, claim) in claims.iter().enumerate() {
        if matches!(claim.origin, Origin::Recorded(_)) && claim.timeline.is_dated() && !claim.is_estimate() {
            devices.entry((claim.device, claim.timeline)).or_default().push(at);
        }
    }
    let devices: Vec<Vec<usize>> = devices
        .into_iter()
        .map(|(_, list)| list)
        .filter(|list| list.iter().zip(list.iter().skip(1)).any(|(at, next)| claims[*at].file != claims[*next].file))
        .collect();
    // By file and the one whose clock it would be put on: how much later it is, and how much time says so.
    let mut said: Map<(usize, usize), Map<i64, i64>> = Map::new();
    for list in &devices {
        let mut longest = list.clone();
        order::sort_by_key(&mut longest, |at| (Reverse(claims[*at].coverage.length()), claims[*at].file, *at));
        longest.truncate(COMPARED);
        let mut left = DIFFERENCES;
        for (number, one) in longest.iter().enumerate() {
            for other in longest.iter().skip(number + 1) {
                let (first, second) = if claims[*one].file <= claims[*other].file { (one, other) } else { (other, one) };
                let (like, claim) = (claims[*first], claims[*second]);
                if let Some(later) = differs_by(like, claim, &mut left) {
                    let time = claim.coverage.length().as_micros();
                    *said.entry((claim.file, like.file)).or_default().entry(later).or_insert(0) += time;
                }
            }
        }
    }
    let mut moved: Vec<Moved> = Vec::new();
    for ((file, like), differences) in said.iter() {
        let most = differences.iter().max_by_key(|(later, time)| (**time, Reverse(later.abs()), Reverse(**later)));
        let Some((later, _)) = most.filter(|_| moved.iter().all(|other| other.file != *file)) else { continue };
        if !devices.iter().any(|list| contradicts(&claims, list, (*file, *like), *later)) {
            let before = moved.iter().find(|other| other.file == *like).map_or(0, |other| other.later.as_micros());
            moved.push(Moved { file: *file, like: *like, later: Span::from_micros(later + before) });
        }
    }
    let of_file: Map<usize, Span> = moved.iter().map(|one| (one.file, one.later)).collect();
    if moved.is_empty() {
        return moved;
    }
    for claim in raws.iter_mut().map(|raw| &mut raw.claim).filter(|claim| claim.timeline.is_dated()) {
        if let Some(later) = of_file.get(&claim.file) {
            claim.set_back(*later);
        }
    }
    moved
}

/// How much later a claim's readings stand than the same ones in another, µs.
fn differs_by(like: &Claim<'_>, claim: &Claim<'_>, left: &mut usize) -> Option<i64> {
    let (Origin::Recorded(x), Origin::Recorded(y)) = (&like.origin, &claim.origin) else { return None };
    if like.file == claim.file || like.rank() != claim.rank() || matches!(alike(like, claim), Alike::Identical | Alike::Same) {
        return None;
    }
    let (start, end) = like.coverage.start().zip(like.coverage.end())?;
    let (own_start, own_end) = claim.coverage.start().zip(claim.coverage.end())?;
    // So that at least half of the shorter one is in both.
    let half = end.since(start).min(own_end.since(own_start)).as_micros() / 2;
    let (least, most) = (own_start.since(end).as_micros() + half, own_end.since(start).as_micros() - half);
    let (least, most) = (least.max(-WIDEST_ZONE_US), most.min(WIDEST_ZONE_US));
    let quarters = least.div_euclid(QUARTER_HOUR_US)..=most.div_euclid(QUARTER_HOUR_US);
    let mut differences: Vec<i64> = quarters.map(|quarter| quarter * QUARTER_HOUR_US).filter(|later| *later != 0).collect();
    differences.retain(|later| (least..=most).contains(later));
    // What begins together is most likely.
    order::sort_by_key(&mut differences, |later| ((own_start.since(start).as_micros() - later).abs(), *later));
    if let Some(later) = whole_copy(x, y) {
        differences.insert(0, later);
    }
    differences.into_iter().find(|later| {
        *left = left.saturating_sub(1);
        let mut there = claim.clone();
        there.set_back(Span::from_micros(*later));
        let Origin::Recorded(moved) = &there.origin else { return false };
        *left > 0 && repeats_in((&x.integral.profile, &like.coverage, &x.head), (&moved.integral.profile, &there.coverage, &moved.head))
    })
}

/// How much later a recording is that has as many readings as another one, the same in the beginning and at the end, and as much energy.
fn whole_copy(x: &Recorded, y: &Recorded) -> Option<i64> {
    let (first, other) = x.head.first().zip(y.head.first())?;
    let later = other.at.since(first.at);
    let same = |(a, b): (&Sample, &Sample)| a.value == b.value && b.at.since(a.at) == later;
    let are_same = x.samples == y.samples
        && x.head.len() == y.head.len()
        && x.head.iter().zip(&y.head).all(same)
        && x.last.as_ref().zip(y.last.as_ref()).is_some_and(same)
        && x.integral.energy == y.integral.energy;
    (are_same && later != Span::ZERO).then(|| later.as_micros())
}

/// Whether readings of a device, with one file so much earlier, can't be those of the other one.
fn contradicts(claims: &[&Claim<'_>], list: &[usize], (file, like): (usize, usize), later: i64) -> bool {
    let of = |file: usize| list.iter().map(|at| claims[*at]).filter(move |claim| claim.file == file).take(COMPARED);
    of(file).any(|claim| {
        let mut there = claim.clone();
        there.set_back(Span::from_micros(later));
        of(like).any(|other| other.rank() == there.rank() && alike(other, &there) == Alike::Apart)
    })
}
