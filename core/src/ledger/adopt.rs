//! On whose machine a log without a host was written, where a meter or a job of a named one holds what it holds.
//!
//! A node's meter and a scheduler's job say of a host what it drew, and a log beside them that names no host may be of any of these hosts, but of one only: its
//! joules are in the figure of one. It is taken for the one beside which it has the most time. Where several come into question the log may as well be
//! of a machine that nobody else watched, and the upper end holds that.

use alloc::vec::Vec;

use super::alike::alike;
use super::claim::{Reach, Timeline};
use super::hosts::{Raw, key};
use crate::map::Map;
use crate::order;
use crate::series::{Alike, Component, Coverage};
use crate::units::Span;

/// A whole that may hold a log's joules: its host, and when.
struct Whole {
    start: i64,
    end: i64,
    /// The latest end of those that start before, and its own.
    latest: i64,
    host: usize,
    raw: usize,
}

/// For each unnamed host (its number counted from `named`) the host that it is taken for, and whether another one is possible.
pub(super) fn adopted(raws: &[Raw<'_>], named: usize, hosts: usize) -> Map<usize, (usize, bool)> {
    let mut found = Map::new();
    let mut of_host: Map<usize, Vec<usize>> = Map::new();
    let mut wholes: Map<Timeline, Vec<Whole>> = Map::new();
    for (at, raw) in raws.iter().enumerate() {
        let claim = &raw.claim;
        let (Some(start), Some(end)) = (claim.coverage.start(), claim.coverage.end()) else { continue };
        if !claim.timeline.is_dated() || claim.is_estimate() {
            continue;
        }
        of_host.entry(claim.host).or_default().push(at);
        if claim.host < named && claim.component == Component::Node {
            let (start, end) = (start.as_micros(), end.as_micros());
            wholes.entry(claim.timeline).or_default().push(Whole { start, end, latest: end, host: claim.host, raw: at });
        }
    }
    for clock in [Timeline::Utc, Timeline::Local] {
        let Some(list) = wholes.get_mut(&clock) else { continue };
        order::sort_by_key(list, |whole| (whole.start, whole.host, whole.raw));
        let mut latest = i64::MIN;
        for whole in list.iter_mut() {
            latest = latest.max(whole.end);
            whole.latest = latest;
        }
    }
    for host in named..hosts {
        let Some(own) = of_host.get(&host).cloned() else { continue };
        let mut common: Map<usize, i64> = Map::new();
        let has_meter = own.iter().any(|at| raws[*at].claim.component == Component::Node);
        for claim in own.iter().map(|at| &raws[*at].claim) {
            let Some(list) = wholes.get(&claim.timeline) else { continue };
            for whole in beside(list, &claim.coverage) {
                let theirs = &raws[whole.raw].claim;
                // A machine that has a meter is not the one of another meter.
                if theirs.reach == Reach::Job || !has_meter {
                    *common.entry(whole.host).or_insert(0) += theirs.coverage.common(&claim.coverage).as_micros();
                }
            }
        }
        let mut candidates: Vec<(i64, usize)> = common.iter().filter(|(_, time)| **time > 0).map(|(host, time)| (-*time, *host)).collect();
        order::sort(&mut candidates);
        let fits = |to: usize| !of_host.get(&to).is_some_and(|theirs| contradicts(raws, &own, theirs));
        let Some((_, to)) = candidates.iter().find(|(_, to)| fits(*to)).copied() else { continue };
        // The next one must not be taken for the same machine if it contradicts this one.
        of_host.entry(to).or_default().extend(own);
        found.insert(host, (to, candidates.len() > 1));
    }
    found
}

/// Those of a list that share time with a coverage.
fn beside<'w>(list: &'w [Whole], coverage: &Coverage) -> impl Iterator<Item = &'w Whole> + use<'w> {
    let (start, end) = (coverage.start().map_or(0, |at| at.as_micros()), coverage.end().map_or(0, |at| at.as_micros()));
    let until = list.partition_point(|whole| whole.start < end);
    list.get(..until).unwrap_or(&[]).iter().rev().take_while(move |whole| whole.latest > start).filter(move |whole| whole.end > start)
}

/// Whether logs can't be of the host of others: both hold the same part of a computer at one time, with other readings.
fn contradicts(raws: &[Raw<'_>], own: &[usize], theirs: &[usize]) -> bool {
    let mut by_key: Map<_, Vec<usize>> = Map::new();
    for at in own {
        if let Some(key) = key(&raws[*at]) {
            by_key.entry((raws[*at].claim.timeline, key)).or_default().push(*at);
        }
    }
    theirs.iter().map(|at| &raws[*at]).any(|their| {
        let rivals = key(their).and_then(|key| by_key.get(&(their.claim.timeline, key)));
        rivals.into_iter().flatten().map(|at| &raws[*at].claim).any(|one| {
            one.coverage.common(&their.claim.coverage) > Span::ZERO && !matches!(alike(one, &their.claim), Alike::Identical | Alike::Same)
        })
    })
}
