//! On whose machine a log without a host was written, where logs of named ones hold what it holds.
//!
//! A node's meter and a scheduler's job say of a host what it drew, and a log beside them that names no host may be of any of these hosts, but of one only: its
//! joules are in the figure of one. A log is taken in pieces that are surely of one machine, a sampler's recording or a tracker's run: one file may hold the
//! runs of several jobs. Each is taken for the host beside whose meter or job it has the most time; without these, for the one whose sensors say what it says. Where
//! several come into question the piece may as well be of another one, or of a machine that nobody else watched, and the interval holds that.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::alike::alike;
use super::claim::{Claim, Origin, Reach, Timeline, end_known_to, family};
use super::hosts::{Key, Raw, are_other_devices, key};
use super::models::Boards;
use crate::map::{Map, Set};
use crate::order;
use crate::rules;
use crate::series::{Alike, CLEARLY_APART, Component, Coverage, share};
use crate::units::{Energy, Span};

/// A pause is in a recording up to this, as in series.
const MEDIANS: i64 = rules::whole("gap_medians");
const SHORTEST_GAP: Span = rules::seconds("gap_shortest_s");

/// Of all pieces together, no more sensors of other hosts are compared: of a piece all or none.
const COMPARED: usize = 1 << 22;

/// Claims that are taken for another host's.
pub(super) struct Adopted {
    /// The numbers of the claims.
    pub raws: Vec<usize>,
    pub to: usize,
    /// Other hosts that they may be of.
    pub others: Vec<usize>,
    /// They may as well be of a machine of their own.
    pub is_open: bool,
}

/// A claim of a named host that may hold a log's joules, and when.
struct Beside {
    start: i64,
    end: i64,
    /// The latest end of those that start before, and its own.
    latest: i64,
    host: usize,
    raw: usize,
}

/// What is of one machine for sure: claims of an unnamed host that go on from each other.
struct Piece {
    raws: Vec<usize>,
    time: i64,
}

/// For claims of unnamed hosts (whose numbers are counted from `named`) the hosts that they are taken for.
pub(super) fn adopted(raws: &[Raw<'_>], named: usize, hosts: usize) -> Vec<Adopted> {
    let mut found: Vec<Adopted> = Vec::new();
    let mut of_host: Map<usize, Vec<usize>> = Map::new();
    let mut held: Map<usize, Held<'_>> = Map::new();
    let mut undated: Map<usize, Vec<usize>> = Map::new();
    let (mut wholes, mut sensors): (Map<Timeline, Vec<Beside>>, Map<Timeline, Vec<Beside>>) = (Map::new(), Map::new());
    for (at, raw) in raws.iter().enumerate() {
        let claim = &raw.claim;
        let ends = claim.coverage.start().zip(claim.coverage.end()).filter(|_| claim.timeline.is_dated() && !claim.is_estimate());
        let Some((start, end)) = ends else {
            undated.entry(claim.host).or_default().push(at);
            continue;
        };
        if claim.host < named {
            held.entry(claim.host).or_default().add(raws, at);
        } else {
            of_host.entry(claim.host).or_default().push(at);
        }
        let (start, end) = (start.as_micros(), end.as_micros());
        let beside = Beside { start, end, latest: end, host: claim.host, raw: at };
        if claim.host < named && claim.component == Component::Node {
            wholes.entry(claim.timeline).or_default().push(beside);
        } else if claim.host < named && matches!(claim.origin, Origin::Recorded(_)) {
            sensors.entry(claim.timeline).or_default().push(beside);
        }
    }
    if wholes.is_empty() && sensors.is_empty() {
        return found;
    }
    for lists in [&mut wholes, &mut sensors] {
        for clock in [Timeline::Utc, Timeline::Local] {
            let Some(list) = lists.get_mut(&clock) else { continue };
            order::sort_by_key(list, |beside| (beside.start, beside.host, beside.raw));
            let mut latest = i64::MIN;
            for beside in list.iter_mut() {
                latest = latest.max(beside.end);
                beside.latest = latest;
            }
        }
    }
    let boards = Boards::of(raws, |raw| Some(raw.claim.host).filter(|host| *host < named));
    let mut compared = COMPARED;
    for host in named..hosts {
        let Some(own) = of_host.get(&host) else { continue };
        let mut left: Vec<usize> = undated.get(&host).cloned().unwrap_or_default();
        let first = found.len();
        let (mut chosen, mut of_file): (Set<usize>, Map<usize, usize>) = (Set::new(), Map::new());
        // The longest first: the others are most likely of the same machine.
        for piece in pieces(raws, own) {
            let common = beside_wholes(raws, &piece.raws, &wholes);
            let by_whole = !common.is_empty();
            let candidates = if by_whole { common } else { beside_sensors(raws, &piece.raws, &sensors, &mut compared) };
            let mut candidates: Vec<(i64, bool, usize)> =
                candidates.iter().map(|(host, time)| (-*time, !chosen.contains(host), *host)).collect();
            order::sort(&mut candidates);
            let are_others = |to: usize| piece.raws.iter().any(|at| boards.are_others(raws[*at].claim.file, &to));
            candidates.retain(|(.., to)| !are_others(*to));
            let fits = |to: usize| !held.get(&to).is_some_and(|theirs| theirs.contradict(raws, &piece.raws));
            let may_be_inside = |to: usize| by_whole && candidates.len() == 1 && has_room(raws, &piece.raws, to, &found, &wholes);
            let by_number =
                |to: usize| held.get(&to).is_some_and(|theirs| theirs.holds_other_devices(raws, &piece.raws)) && may_be_inside(to);
            let fitting = candidates.iter().find(|(_, _, to)| fits(*to));
            let numbered = || candidates.iter().find(|(_, _, to)| by_number(*to));
            let is_by_number = fitting.is_none();
            let Some((_, _, to)) = fitting.or_else(numbered).copied() else {
                left.extend(piece.raws);
                continue;
            };
            // The next one must not be taken for the same machine if it contradicts this one.
            let theirs = held.entry(to).or_default();
            piece.raws.iter().for_each(|at| theirs.add(raws, *at));
            chosen.insert(to);
            if let Some(at) = piece.raws.first() {
                of_file.entry(raws[*at].claim.file).or_insert(found.len() - first);
            }
            let others: Vec<usize> = candidates.iter().map(|(_, _, host)| *host).filter(|host| *host != to).collect();
            found.push(Adopted { raws: piece.raws, to, is_open: !by_whole || is_by_number || !others.is_empty(), others });
        }
        // What stands beside nothing is of the machine of the longest piece of its file, else of all.
        for at in left {
            let place = of_file.get(&raws[at].claim.file).copied().unwrap_or(0);
            let fits = |to: usize| !held.get(&to).is_some_and(|theirs| theirs.contradict(raws, &[at]));
            if let Some(own) = found.get_mut(first + place).filter(|own| fits(own.to)) {
                own.raws.push(at);
            }
        }
    }
    found
}

/// What goes on from itself: the recordings of samplers that share time or follow each other within the gap rule, a tracker's figures of one file that share
/// time or a run. The longest first.
fn pieces(raws: &[Raw<'_>], own: &[usize]) -> Vec<Piece> {
    let mut own: Vec<usize> = own.to_vec();
    order::sort_by_key(&mut own, |at| (raws[*at].claim.coverage.start(), *at));
    let mut pieces: Vec<Piece> = Vec::new();
    let mut open: Map<(Timeline, Option<usize>), (usize, i64)> = Map::new();
    let mut runs: Map<(&str, &str), usize> = Map::new();
    for at in own {
        let claim = &raws[at].claim;
        let (Some(start), Some(end)) = (claim.coverage.start(), claim.coverage.end()) else { continue };
        let (start, end) = (start.as_micros(), end.as_micros());
        let (file, run, within) = match &claim.origin {
            Origin::Recorded(recorded) => {
                let median = recorded.integral.median.unwrap_or_default().as_micros();
                (None, None, SHORTEST_GAP.as_micros().max(median.saturating_mul(MEDIANS)))
            }
            // Stamps are cut to seconds: runs that follow each other seem to overlap by less than that.
            Origin::Declared(declared, ..) => {
                let run = declared.run.as_deref().map(|run| (family(&declared.tool), run));
                (Some(claim.file), run, -end_known_to(claim).as_micros().min((end - start) / 2))
            }
        };
        let last = open.get(&(claim.timeline, file)).copied().filter(|(_, last)| start <= last.saturating_add(within));
        let known = run.and_then(|run| runs.get(&run).copied()).or(last.map(|(piece, _)| piece));
        let piece = known.unwrap_or_else(|| {
            pieces.push(Piece { raws: Vec::new(), time: 0 });
            pieces.len() - 1
        });
        if let Some(run) = run {
            runs.insert(run, piece);
        }
        let reach = last.map_or(end, |(_, last)| last.max(end));
        open.insert((claim.timeline, file), (piece, reach));
        if let Some(piece) = pieces.get_mut(piece) {
            piece.raws.push(at);
            piece.time += claim.coverage.length().as_micros();
        }
    }
    order::sort_by_key(&mut pieces, |piece| (Reverse(piece.time), piece.raws.first().copied()));
    pieces
}

/// Hosts whose meters or jobs share time with a piece, and how much.
fn beside_wholes(raws: &[Raw<'_>], own: &[usize], wholes: &Map<Timeline, Vec<Beside>>) -> Map<usize, i64> {
    let mut common: Map<usize, i64> = Map::new();
    let has_meter = own.iter().any(|at| raws[*at].claim.component == Component::Node);
    let mut tolerance = 0;
    for claim in own.iter().map(|at| &raws[*at].claim) {
        let Some(list) = wholes.get(&claim.timeline) else { continue };
        for whole in beside(list, &claim.coverage) {
            let theirs = &raws[whole.raw].claim;
            // A machine that has a meter is not the one of another meter.
            if theirs.reach == Reach::Job || !has_meter {
                tolerance =
                    tolerance.max(claim.tolerance().max(theirs.tolerance()).as_micros().min(claim.coverage.length().as_micros() / 2));
                *common.entry(whole.host).or_insert(0) += theirs.coverage.common(&claim.coverage).as_micros();
            }
        }
    }
    // Ends too short to say anything are no time.
    common.into_iter().filter(|(_, time)| *time > tolerance).collect()
}

/// Hosts whose sensors say what a piece says of the same parts of a computer over most of its time: the nearer, the more.
fn beside_sensors(raws: &[Raw<'_>], own: &[usize], sensors: &Map<Timeline, Vec<Beside>>, left: &mut usize) -> Map<usize, i64> {
    let mut near: Map<usize, i64> = Map::new();
    let is_tracked = |claim: &&Claim<'_>| {
        claim.component == Component::Gpu && claim.energy > Energy::ZERO && matches!(claim.origin, Origin::Declared(..))
    };
    for claim in own.iter().map(|at| &raws[*at].claim).filter(is_tracked) {
        let Some(list) = sensors.get(&claim.timeline) else { continue };
        let mut of_host: Map<usize, (Energy, Coverage)> = Map::new();
        let same = |other: &&Beside| raws[other.raw].claim.component == claim.component;
        let others: Vec<&Beside> = beside(list, &claim.coverage).filter(same).take(*left).collect();
        *left -= others.len();
        if *left == 0 {
            break;
        }
        for other in others {
            let theirs = &raws[other.raw].claim;
            let common = theirs.coverage.intersection(&claim.coverage);
            let entry = of_host.entry(other.host).or_insert((Energy::ZERO, Coverage::default()));
            entry.0 += theirs.energy_over(&common);
            entry.1 = entry.1.union(&common);
        }
        for (host, (energy, common)) in of_host.iter() {
            let differ = share(energy.as_kwh(), claim.energy_over(common).as_kwh());
            if 2 * common.length().as_micros() >= claim.coverage.length().as_micros() && differ <= CLEARLY_APART {
                near.insert(*host, 1_000_000 - libm::round(differ * 1e6) as i64);
            }
        }
    }
    near
}

/// Those of a list that share time with a coverage.
fn beside<'w>(list: &'w [Beside], coverage: &Coverage) -> impl Iterator<Item = &'w Beside> + use<'w> {
    let (start, end) = (coverage.start().map_or(0, |at| at.as_micros()), coverage.end().map_or(0, |at| at.as_micros()));
    let until = list.partition_point(|whole| whole.start < end);
    list.get(..until).unwrap_or(&[]).iter().rev().take_while(move |whole| whole.latest > start).filter(move |whole| whole.end > start)
}

/// Claims of one host, to find those that another claim of the same part of a computer shares time with.
#[derive(Default)]
struct Held<'l> {
    lists: Map<(Timeline, Key<'l>), Rivals>,
}

/// Claims by their start.
#[derive(Default)]
struct Rivals {
    by_start: BTreeMap<(i64, usize), i64>,
    longest: i64,
}

/// First and last instant of a claim, µs.
fn ends(claim: &Claim<'_>) -> Option<(i64, i64)> {
    claim.coverage.start().zip(claim.coverage.end()).map(|(start, end)| (start.as_micros(), end.as_micros()))
}

impl<'l> Held<'l> {
    fn add(&mut self, raws: &[Raw<'l>], at: usize) {
        let (Some(key), Some((start, end))) = (key(&raws[at]), ends(&raws[at].claim)) else { return };
        let rivals = self.lists.entry((raws[at].claim.timeline, key)).or_default();
        rivals.by_start.insert((start, at), end);
        rivals.longest = rivals.longest.max(end - start);
    }

    /// Whether logs can't be of the host of these claims: both hold the same part of a computer at one time, with other readings.
    fn contradict(&self, raws: &[Raw<'_>], own: &[usize]) -> bool {
        own.iter().any(|at| self.rivals(raws, *at).next().is_some())
    }

    /// Whether all that speaks against one host is that its devices have one number: of a job each that sees no others, boards of one machine have.
    fn holds_other_devices(&self, raws: &[Raw<'_>], own: &[usize]) -> bool {
        own.iter().all(|at| self.rivals(raws, *at).all(|other| are_other_devices(&raws[*at], &raws[other])))
    }

    /// Claims of the part of a computer that a claim is of, at its time, that can't be of the same.
    fn rivals<'s>(&'s self, raws: &'s [Raw<'_>], at: usize) -> impl Iterator<Item = usize> + 's {
        let claim = &raws[at].claim;
        let of = key(&raws[at]).zip(ends(claim)).and_then(|(key, ends)| Some((self.lists.get(&(claim.timeline, key))?, ends)));
        let beside = of.into_iter().flat_map(|(rivals, (start, end))| {
            let from = start.saturating_sub(rivals.longest);
            rivals.by_start.range((from, 0)..(end, 0)).filter(move |(_, until)| **until > start).map(|((_, other), _)| *other)
        });
        beside.filter(move |other| {
            let theirs = &raws[*other].claim;
            claim.coverage.common(&theirs.coverage) > Span::ZERO && !matches!(alike(claim, theirs), Alike::Identical | Alike::Same)
        })
    }
}

/// Whether a host's meter or job reads as much as a piece and the pieces that were taken for the host before.
fn has_room(raws: &[Raw<'_>], own: &[usize], to: usize, before: &[Adopted], wholes: &Map<Timeline, Vec<Beside>>) -> bool {
    let Some(claim) = own.first().map(|at| &raws[*at].claim) else { return false };
    let theirs = wholes.get(&claim.timeline).into_iter().flat_map(|list| beside(list, &claim.coverage)).filter(|whole| whole.host == to);
    let whole = theirs.map(|whole| raws[whole.raw].claim.energy_over(&raws[whole.raw].claim.coverage.intersection(&claim.coverage))).max();
    let taken = before.iter().filter(|adopted| adopted.to == to).flat_map(|adopted| &adopted.raws);
    let of_time = |at: &usize| raws[*at].claim.energy_over(&raws[*at].claim.coverage.intersection(&claim.coverage));
    let parts: Energy = own.iter().chain(taken).filter(|at| raws[**at].claim.timeline == claim.timeline).map(of_time).sum();
    whole.is_some_and(|whole| whole >= parts)
}
