//! Writers of one file that did not all begin or end together: each keeps its own pace, and for some of the time there are more of them than for the rest.

use alloc::vec::Vec;
use core::ops::Range;

use super::{EVEN_SHARE, PACE_OFF, PHASES_OF_CHANCE, ROUNDS_ENOUGH};
use crate::order;

/// What rows say of writers whose number changes.
pub(super) struct Late {
    /// Of them all, those that stand at a turn of their own.
    pub writers: u16,
    /// How many there are at one time at most.
    pub at_once: u16,
    /// From a writer's row to its next one.
    pub period: i64,
    /// Half the time between the two turns that lie closest together.
    pub apart: i64,
    /// The rows in which as many write as ever do.
    pub rows: Range<usize>,
}

/// Finds them from the times of rows in order. `None` where nothing shows several: where their number does not change, or they stand at even distances, it may
/// be one sampler that looks more often for a while.
pub(super) fn late(times: &[i64]) -> Option<Late> {
    let (period, chains) = chains(times)?;
    // Each writer from its first row to a pace after its last one.
    let mut turns: Vec<(i64, i32)> = chains.iter().flat_map(|(first, last)| [(*first, 1), (last.saturating_add(period), -1)]).collect();
    order::sort(&mut turns);
    // By how many write: for how long, and the longest stretch.
    let mut lasted: Vec<(i64, (i64, i64))> = Vec::new();
    let mut now = 0usize;
    for pair in turns.windows(2) {
        let [(from, change), (to, _)] = pair else { continue };
        now = now.saturating_add_signed(*change as isize);
        lasted.resize(lasted.len().max(now + 1), (0, (0, 0)));
        if let Some((all, longest)) = lasted.get_mut(now) {
            *all = all.saturating_add(to.saturating_sub(*from));
            if to.saturating_sub(*from) > longest.1.saturating_sub(longest.0) {
                *longest = (*from, *to);
            }
        }
    }
    let long = period.saturating_mul(i64::try_from(ROUNDS_ENOUGH).unwrap_or(i64::MAX));
    let mut levels = (1..lasted.len()).filter(|count| lasted.get(*count).is_some_and(|(lasted, _)| *lasted >= long));
    levels.next()?;
    let most = levels.next_back()?;
    if are_even(times, period, most) {
        return None;
    }
    let mut phases: Vec<i64> = chains.iter().map(|(first, _)| first.rem_euclid(period)).collect();
    order::sort(&mut phases);
    let around = phases.first().map(|first| first.saturating_add(period));
    let distances = || phases.iter().zip(phases.iter().skip(1).chain(&around)).map(|(a, b)| b.saturating_sub(*a));
    let writers = distances().filter(|distance| *distance > 0).count();
    let apart = distances().filter(|distance| *distance > 0).min().unwrap_or(period) / 2;
    let (from, to) = lasted.get(most).map(|(_, longest)| *longest)?;
    let rows = times.partition_point(|time| *time < from)..times.partition_point(|time| *time < to);
    Some(Late { writers: u16::try_from(writers).ok()?, at_once: u16::try_from(most).ok()?, period, apart, rows })
}

/// The shortest pace at which nearly every row has a next one, and the writers that it makes: the times of the first and last row of each.
fn chains(times: &[i64]) -> Option<(i64, Vec<(i64, i64)>)> {
    let mut paces: Vec<i64> = Vec::new();
    for probe in [1, 2, 3].map(|quarter| quarter * times.len() / 4) {
        let Some((first, later)) = times.get(probe..).and_then(<[i64]>::split_first) else { continue };
        paces.extend(later.iter().take(2 * PHASES_OF_CHANCE).map(|at| at.saturating_sub(*first)).filter(|pace| *pace > 0));
    }
    order::sort(&mut paces);
    paces.dedup();
    let mut found: Option<Paced> = None;
    for pace in paces {
        // Writers whose turns lie close together make several paces that are nearly alike.
        if found.as_ref().is_some_and(|found| !is_pace(pace, found.pace)) {
            break;
        }
        let Some(other) = at_pace(times, pace) else { continue };
        if found.as_ref().is_none_or(|found| (other.followed, -other.off) > (found.followed, -found.off)) {
            found = Some(other);
        }
    }
    found.map(|found| (found.pace, found.writers))
}

/// What a pace makes of rows.
struct Paced {
    pace: i64,
    /// Rows that have a next one, and by how much these are off in all.
    followed: usize,
    off: i64,
    writers: Vec<(i64, i64)>,
}

fn at_pace(times: &[i64], pace: i64) -> Option<Paced> {
    let most_off = pace.saturating_mul(PACE_OFF) / 100 / 2;
    let most_ends = times.len() * (100 - EVEN_SHARE) / 100;
    let mut writers: Vec<(i64, i64, usize)> = Vec::new();
    let mut of_row: Vec<Option<usize>> = alloc::vec![None; times.len()];
    let (mut next, mut followed, mut off) = (0, 0, 0i64);
    for (row, at) in times.iter().enumerate() {
        let writer = of_row.get(row).copied().flatten().unwrap_or(writers.len());
        match writers.get_mut(writer) {
            Some((_, last, rows)) => (*last, *rows) = (*at, *rows + 1),
            None => writers.push((*at, *at, 1)),
        }
        let due = at.saturating_add(pace);
        let near = |time: i64| time.saturating_sub(due).saturating_abs();
        while times.get(next).is_some_and(|time| *time < due.saturating_sub(most_off)) {
            next += 1;
        }
        let within = times
            .iter()
            .zip(&of_row)
            .enumerate()
            .skip(next)
            .take(2 * PHASES_OF_CHANCE)
            .take_while(|(_, (time, _))| near(**time) <= most_off);
        let free = within.filter(|(_, (_, writer))| writer.is_none()).map(|(other, (time, _))| (near(*time), other));
        if let Some((by, other)) = free.min() {
            of_row.get_mut(other).into_iter().for_each(|place| *place = Some(writer));
            (followed, off) = (followed + 1, by.saturating_add(off));
        } else if row + 1 - followed > most_ends {
            return None;
        }
    }
    let writers = writers.into_iter().filter(|(.., rows)| *rows >= ROUNDS_ENOUGH).map(|(first, last, _)| (first, last)).collect();
    Some(Paced { pace, followed, off, writers })
}

/// Whether, where so many rows stand within one pace, they are at even distances.
fn are_even(times: &[i64], period: i64, count: usize) -> bool {
    let mut steps: Vec<i64> = Vec::new();
    for rows in times.windows(count + 1) {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { continue };
        if is_pace(last.saturating_sub(*first), period) {
            steps.extend(rows.windows(2).filter_map(|pair| Some(pair.last()?.saturating_sub(*pair.first()?))));
        }
    }
    let even = period / i64::try_from(count).unwrap_or(1).max(1);
    2 * steps.iter().filter(|step| is_pace(**step, even)).count() > steps.len()
}

fn is_pace(length: i64, pace: i64) -> bool {
    length.abs_diff(pace).saturating_mul(100) <= pace.saturating_mul(PACE_OFF).unsigned_abs()
}
