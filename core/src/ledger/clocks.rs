//! Logs of one device on two clocks: one in local time and one in UTC, or on machines whose clocks differ.
//!
//! A sequence of readings that moves and comes back as much later as time zones lie apart is the same sequence, written in another zone: no device draws twice
//! what it drew, to a tenth of what it moves. So is a whole copy, later by any time, of which the first can't be true beside the second. A load that is constant,
//! or comes back within itself or time and again, says nothing.
//! Such a file is put on the clock of the other one, with all that it holds, and the one rule decides; the upper end holds both.

use alloc::vec::Vec;
use core::cmp::Reverse;

use super::alike::alike;
use super::claim::{Claim, Origin, Recorded, Timeline, WIDEST_ZONE_US};
use super::hosts::{Raw, key};
use crate::map::{Map, Set};
use crate::order;
use crate::series::again::stands_again;
use crate::series::{Alike, Sample, may_repeat, repeats_in};
use crate::units::Span;

/// Of the recordings of one device the longest are looked at, at so many differences of clocks.
const COMPARED: usize = 32;
const DIFFERENCES: usize = 256;

/// Zones differ by multiples of this.
pub(super) const QUARTER_HOUR_US: i64 = 900 * 1_000_000;

/// Zones that are no whole hours off UTC, in quarters of an hour: Newfoundland, Iran, Afghanistan, India, Nepal, Myanmar, Eucla, Australia's middle, the
/// Chatham Islands, with their summer times.
const BROKEN_ZONES: &[i64] = &[-14, -10, 14, 18, 22, 23, 26, 35, 38, 42, 51, 55];

/// A file on another clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
    pub file: usize,
    /// The file whose clock it was put on.
    pub like: usize,
    /// So much later were its stamps.
    pub later: Span,
    pub told: Told,
}

/// What tells that a file is on another clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The same sequence of readings.
    ByReadings,
    /// Another instrument that saw as much for as long: see [`zones`](super::zones).
    ByEnds,
}

/// The same before hosts are known, by what logs that name none call their devices: on clocks that differ, logs of one machine contradict each other.
pub(super) fn mend_unnamed(raws: &mut [Raw<'_>]) -> Vec<Moved> {
    mend_by(raws, |raw| key(raw).filter(|_| raw.named.is_none()))
}

/// Puts files whose readings stand in others at other times on the clock of these.
pub(super) fn mend(raws: &mut [Raw<'_>]) -> Vec<Moved> {
    mend_by(raws, |raw| Some(raw.claim.device))
}

fn mend_by<'l, K: Ord>(raws: &mut [Raw<'l>], device: impl Fn(&Raw<'l>) -> Option<K>) -> Vec<Moved> {
    let claims: Vec<&Claim<'_>> = raws.iter().map(|raw| &raw.claim).collect();
    let mut devices: Map<(K, Timeline), Vec<usize>> = Map::new();
    for (at, raw) in raws.iter().enumerate() {
        let claim = &raw.claim;
        if matches!(claim.origin, Origin::Recorded(_)) && claim.timeline.is_dated() && !claim.is_estimate() {
            let Some(device) = device(raw) else { continue };
            devices.entry((device, claim.timeline)).or_default().push(at);
        }
    }
    let devices: Vec<Vec<usize>> = devices
        .into_iter()
        .map(|(_, list)| list)
        .filter(|list| list.iter().zip(list.iter().skip(1)).any(|(at, next)| claims[*at].file != claims[*next].file))
        .collect();
    // By file and the one whose clock it would be put on: how much later it is.
    let mut said: Map<(usize, usize), Set<i64>> = Map::new();
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
                    said.entry((claim.file, like.file)).or_default().insert(later);
                }
            }
        }
    }
    // What comes back time and again is a work that does, and no clock.
    let mut clocks: Map<usize, Set<i64>> = Map::new();
    for ((file, like), differences) in said.iter() {
        for later in differences.iter() {
            clocks.entry(*like).or_default().insert(*later);
            clocks.entry(*file).or_default().insert(-later);
        }
    }
    let mut moved: Vec<Moved> = Vec::new();
    for ((file, like), differences) in said.iter() {
        let is_only = [file, like].iter().all(|one| clocks.get(one).is_some_and(|known| known.len() == 1));
        let is_first = moved.iter().all(|other| other.file != *file);
        let Some(later) = differences.first().filter(|_| is_only && is_first) else { continue };
        if !devices.iter().any(|list| contradicts(&claims, list, (*file, *like), *later)) {
            moved.push(Moved { file: *file, like: *like, later: Span::from_micros(*later), told: Told::ByReadings });
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

/// Whether clocks of two zones, or one that stands in UTC, may lie so many quarters of an hour apart.
pub(super) fn is_zone(quarters: i64) -> bool {
    quarters != 0 && (quarters % 4 == 0 || BROKEN_ZONES.contains(&quarters) || BROKEN_ZONES.contains(&-quarters))
}

/// How much later a claim's readings stand than the same ones in another, µs.
fn differs_by(like: &Claim<'_>, claim: &Claim<'_>, left: &mut usize) -> Option<i64> {
    let (Origin::Recorded(x), Origin::Recorded(y)) = (&like.origin, &claim.origin) else { return None };
    if like.file == claim.file || like.rank() != claim.rank() {
        return None;
    }
    let (start, end) = like.coverage.start().zip(like.coverage.end())?;
    let (own_start, own_end) = claim.coverage.start().zip(claim.coverage.end())?;
    // So that at least half of the shorter one is in both.
    let half = end.since(start).min(own_end.since(own_start)).as_micros() / 2;
    let (least, most) = (own_start.since(end).as_micros() + half, own_end.since(start).as_micros() - half);
    let (least, most) = (least.max(-WIDEST_ZONE_US), most.min(WIDEST_ZONE_US));
    let quarters = least.div_euclid(QUARTER_HOUR_US)..=most.div_euclid(QUARTER_HOUR_US);
    let mut differences: Vec<i64> = quarters.filter(|quarter| is_zone(*quarter)).map(|quarter| quarter * QUARTER_HOUR_US).collect();
    differences.retain(|later| (least..=most).contains(later));
    // What begins together is most likely.
    order::sort_by_key(&mut differences, |later| ((own_start.since(start).as_micros() - later).abs(), *later));
    *left = left.saturating_sub(1);
    if *left == 0 {
        return None;
    }
    if let Some(later) = stands_again((&x.integral.profile, &x.head), (&y.integral.profile, &y.head), &differences) {
        return Some(later);
    }
    if let Some(later) =
        whole_copy(x, y).filter(|_| 2 * like.coverage.common(&claim.coverage).as_micros() >= claim.coverage.length().as_micros())
    {
        differences.insert(0, later);
    }
    differences.retain(|later| may_repeat(&x.integral.profile, &y.integral.profile, Span::from_micros(*later)));
    let is_on_clock = || matches!(alike(like, claim), Alike::Identical | Alike::Same);
    if differences.is_empty() || like.coverage.common(&claim.coverage) > Span::ZERO && is_on_clock() {
        return None;
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
