//! Logs of one run on the clocks of two zones, of which no readings can be compared: a tracker in a container that writes UTC beside a sampler in local time, a
//! job or a node's meter beside either.
//!
//! Two instruments that watched the same for as long, as much, and as much later from end to end as zones lie apart, saw one run. Nothing else of the folder
//! may speak for the place of one of the two, and they must lie so in one way only. That side is put on the clock of the other, with all that its files hold;
//! the one rule decides, and the upper end holds both. Logs of one kind are no proof here: the same work begun anew an hour later looks like this, and their
//! readings tell (see [`clocks`](super::clocks)).

use alloc::vec::Vec;
use core::cmp::Reverse;

use super::claim::{Claim, Origin, Reach, Timeline, WIDEST_ZONE_US};
use super::clocks::{Moved, QUARTER_HOUR_US, Told, is_zone};
use super::containment::contains;
use super::hosts::{Hosts, Raw};
use super::precedence::Rank;
use crate::map::{Map, Set};
use crate::order;
use crate::read::Clock;
use crate::rules;
use crate::series::Component;
use crate::units::Span;

/// The longest stretches of a clock are looked at.
const COMPARED: usize = 4096;

/// Ends may differ by this share of the shorter stretch, and by no more than so long: a sampler is started before the work, and stopped after it.
const ENDS_PERCENT: i64 = rules::whole("zones_ends_percent");
const ENDS_MOST: Span = rules::seconds("zones_ends_most_s");

const HOUR_US: i64 = 4 * QUARTER_HOUR_US;

/// So many stretches that lie as far apart stand against one that lies otherwise.
const VOTES: usize = rules::whole("zones_votes") as usize;

/// A shorter stretch lies anywhere by chance.
const SHORTEST: Span = rules::seconds("zones_shortest_s");

/// Two instruments of one part differ in energy by no more.
const ENERGY_PERCENT: i128 = rules::whole("zones_energy_percent") as i128;

/// A part holds at least this share of what contains it.
const PART_PERCENT: i128 = rules::whole("zones_part_percent") as i128;

/// What one file holds of one part of a host without a pause.
pub(super) struct Stretch {
    pub file: usize,
    pub timeline: Timeline,
    /// Its stamps say of which zone they are.
    pub is_zoned: bool,
    /// The user says of which, and by how much it is ahead of UTC.
    told: Option<Span>,
    pub host: usize,
    pub is_job: bool,
    pub component: Component,
    pub rank: Rank,
    /// The tool, of a tracker's or scheduler's figures.
    pub tool: Option<usize>,
    /// A sensor was read.
    is_read: bool,
    devices: i64,
    /// Its first and last readings may lie so far from when it was begun and ended.
    known_to: i64,
    pub start: i64,
    pub end: i64,
    /// It is the whole of a file that made pauses.
    pub has_pauses: bool,
    picojoules: i128,
}

impl Stretch {
    pub fn length(&self) -> i64 {
        self.end - self.start
    }

    /// Whether it watched joules of what the other one watched, by another instrument.
    pub fn is_beside(&self, other: &Stretch, hosts: &Hosts) -> bool {
        let may_be_of = |job: &Stretch, of: &Stretch| job.is_job && (!hosts.is_named(of.host) || hosts.may_be_of_job(job.host, of.host));
        let is_of_host = self.host == other.host || may_be_of(self, other) || may_be_of(other, self);
        self.file != other.file && self.timeline == other.timeline && is_of_host && self.is_of_same(other)
    }

    fn is_of_same(&self, other: &Stretch) -> bool {
        self.component == other.component || contains(self.component, other.component) || contains(other.component, self.component)
    }

    /// Whether it is of another kind than the other one, so that neither goes on where the other one ends.
    pub fn is_of_another_kind(&self, other: &Stretch) -> bool {
        match (self.tool, other.tool) {
            (Some(tool), Some(theirs)) => tool != theirs,
            (None, None) => self.component != other.component || self.rank != other.rank,
            _ => true,
        }
    }

    /// Whether both may have the same joules, or one of them the other's: by what each holds over the time of both, pJ.
    pub fn may_have_as_much(&self, own: i128, other: &Stretch, theirs: i128) -> bool {
        self.held().may_have_as_much(own, &other.held(), theirs)
    }

    fn held(&self) -> Held {
        Held { component: self.component, devices: self.devices, is_read: self.is_read }
    }

    fn has_as_much(&self, other: &Stretch) -> bool {
        self.may_have_as_much(self.picojoules, other, other.picojoules)
    }

    /// So far apart may ends of the two be that are one run's, on clocks that differ by `later`.
    pub fn tolerance(&self, other: &Stretch, later: i64) -> i64 {
        tolerance(self.length().min(other.length()), later)
    }

    /// Whether it begins and ends so much later than the other one.
    fn ends_with(&self, earlier: &Stretch, later: i64) -> bool {
        let tolerance = self.tolerance(earlier, later);
        let is_near = |a: i64, b: i64| (a - b - later).abs() <= tolerance;
        is_near(self.start, earlier.start) && is_near(self.end, earlier.end)
    }

    /// By how much later the other one of its kind begins and ends as well, to a few readings, if that is a zone in which the two may be; the same work that is
    /// begun anew by a clock looks like this, too.
    pub fn begins_and_ends_like(&self, other: &Stretch, hosts: &Hosts) -> Option<i64> {
        let known_to = self.known_to.max(other.known_to);
        let later = other.start - self.start;
        let later = (later + QUARTER_HOUR_US / 2).div_euclid(QUARTER_HOUR_US) * QUARTER_HOUR_US;
        let is_near = |a: i64, b: i64| (b - a - later).abs() <= known_to;
        let is_of_host = self.host == other.host || !hosts.is_named(self.host) && !hosts.is_named(other.host);
        let are_alike = self.file != other.file && self.timeline == other.timeline && is_of_host && self.is_read && other.is_read;
        // A stamp whose zone the user says stands there or in UTC.
        let is_told = |ahead: Option<Span>| ahead.is_some_and(|ahead| ahead.as_micros().abs() != later.abs());
        let are_known = self.is_zoned && other.is_zoned || is_told(self.told.or(other.told));
        let fits = is_zone(later / QUARTER_HOUR_US) && later.abs() <= WIDEST_ZONE_US && self.has_as_much(other);
        let is_one_kind = self.component == other.component && self.rank == other.rank && self.tool.is_none() && other.tool.is_none();
        (are_alike && is_one_kind && !are_known && fits && is_near(self.start, other.start) && is_near(self.end, other.end))
            .then_some(later)
    }

    /// For so long both ran, if the other one's clock is put later by so much.
    pub fn common(&self, other: &Stretch, later: i64) -> i64 {
        (self.end.min(other.end + later) - self.start.max(other.start + later)).max(0)
    }
}

/// What a log holds something of.
#[derive(Clone, Copy)]
pub(super) struct Held {
    pub component: Component,
    pub devices: i64,
    /// A sensor was read.
    pub is_read: bool,
}

impl Held {
    /// Whether both may have the same joules, or one of them the other's: by what each holds over the time of both, pJ.
    pub fn may_have_as_much(&self, own: i128, other: &Held, theirs: i128) -> bool {
        let (more, less, most, least) = if own >= theirs { (self, other, own, theirs) } else { (other, self, theirs, own) };
        let differ_by_less = most * 100 <= least * (100 + ENERGY_PERCENT);
        let is_part = least * 100 >= most * PART_PERCENT;
        if self.component == other.component {
            // Of several devices one log may hold some; a model may lie anywhere.
            differ_by_less || is_part && (more.devices > less.devices || !self.is_read || !other.is_read)
        } else {
            is_part && (contains(more.component, less.component) || differ_by_less)
        }
    }
}

/// So far apart may ends of two logs of one run be, of which the shorter one has this length, on clocks that differ by `later`.
pub(super) fn tolerance(shorter: i64, later: i64) -> i64 {
    // Zones that are no whole hours apart are few.
    let strict = if later % HOUR_US == 0 { 1 } else { 2 };
    (shorter * ENDS_PERCENT / (100 * strict)).min(ENDS_MOST.as_micros() / strict)
}

/// Puts files on the clock of others that saw the same run, by its beginning and its end. Returns these, and what the files hold on the clocks that they are then on.
pub(super) fn mend(raws: &mut [Raw<'_>], hosts: &Hosts, clocks: &[(Clock, Option<Span>)]) -> (Vec<Moved>, Vec<Stretch>) {
    let mut stretches = stretches(raws, clocks);
    let pairs = pairs(&stretches, hosts);
    let moved = sides(&stretches, &pairs, hosts);
    let of_file: Map<usize, Span> = moved.iter().map(|one| (one.file, one.later)).collect();
    for claim in raws.iter_mut().map(|raw| &mut raw.claim).filter(|claim| claim.timeline.is_dated()) {
        if let Some(later) = of_file.get(&claim.file) {
            claim.set_back(*later);
        }
    }
    for one in &mut stretches {
        let later = of_file.get(&one.file).map_or(0, |later| later.as_micros());
        (one.start, one.end) = (one.start - later, one.end - later);
    }
    (moved, stretches)
}

/// What files with dates hold, by part, host and pause; and the whole of each file, where it made pauses.
fn stretches(raws: &[Raw<'_>], clocks: &[(Clock, Option<Span>)]) -> Vec<Stretch> {
    let mut tools: Map<&str, usize> = Map::new();
    let mut groups: Map<(usize, usize, Component, bool), Vec<(i64, i64, &Claim<'_>)>> = Map::new();
    for claim in raws.iter().map(|raw| &raw.claim) {
        let (Some(start), Some(end)) = (claim.coverage.start(), claim.coverage.end()) else { continue };
        if claim.timeline.is_dated() && !claim.is_estimate() && claim.energy.as_picojoules() > 0 {
            let key = (claim.file, claim.host, claim.component, claim.reach == Reach::Job);
            groups.entry(key).or_default().push((start.as_micros(), end.as_micros(), claim));
        }
    }
    let files: Set<usize> = groups.keys().map(|(file, ..)| *file).collect();
    let is_zoned = |file: usize| clocks.get(file).is_some_and(|(clock, _)| *clock == Clock::Utc);
    let mut found: Vec<Stretch> = Vec::new();
    if files.len() < 2 || files.iter().all(|file| is_zoned(*file)) {
        return found;
    }
    for mut list in groups.into_values() {
        order::sort_by_key(&mut list, |(start, end, _)| (*start, *end));
        let mut first = 0;
        let mut latest = i64::MIN;
        for at in 0..list.len() {
            let (start, end, _) = list[at];
            if at > first && start > latest {
                found.extend(stretch(&list[first..at], &mut tools));
                first = at;
            }
            latest = latest.max(end);
        }
        found.extend(stretch(&list[first..], &mut tools));
        if first > 0 {
            found.extend(stretch(&list, &mut tools).map(|whole| Stretch { has_pauses: true, ..whole }));
        }
    }
    found.retain(|one| one.length() >= SHORTEST.as_micros());
    for one in &mut found {
        (one.is_zoned, one.told) = (is_zoned(one.file), clocks.get(one.file).and_then(|(_, ahead)| *ahead));
    }
    order::sort_by_key(&mut found, |one| (Reverse(one.length()), one.file, one.start));
    found.truncate(COMPARED);
    found
}

fn stretch<'l>(list: &[(i64, i64, &Claim<'l>)], tools: &mut Map<&'l str, usize>) -> Option<Stretch> {
    let (start, _, first) = list.first()?;
    let tool = match &first.origin {
        Origin::Declared(declared, ..) => {
            let next = tools.len();
            Some(*tools.entry(super::claim::family(&declared.tool)).or_insert(next))
        }
        Origin::Recorded(_) => None,
    };
    let devices: Set<usize> = list.iter().map(|(.., claim)| claim.device).collect();
    let counted = list.iter().map(|(.., claim)| i64::from(claim.count)).max().unwrap_or(1);
    Some(Stretch {
        file: first.file,
        timeline: first.timeline,
        is_zoned: false,
        told: None,
        host: first.host,
        is_job: first.reach == Reach::Job,
        component: first.component,
        rank: first.rank(),
        tool,
        is_read: list.iter().all(|(.., claim)| claim.instrument.is_sensor()),
        devices: counted.max(devices.len() as i64),
        known_to: list.iter().map(|(.., claim)| claim.tolerance().as_micros()).max().unwrap_or(0),
        start: *start,
        end: list.iter().map(|(_, end, _)| *end).max().unwrap_or(*start),
        has_pauses: false,
        picojoules: list.iter().map(|(.., claim)| claim.energy.as_picojoules()).sum(),
    })
}

/// How much later clocks of one zone may be than those of another.
pub(super) fn zones() -> Vec<i64> {
    let quarters = WIDEST_ZONE_US / QUARTER_HOUR_US;
    (1..=quarters).filter(|quarter| is_zone(*quarter)).map(|quarter| quarter * QUARTER_HOUR_US).collect()
}

/// Stretches of other instruments that begin and end so much later than `one`.
fn ending_with<'s>(by_start: &'s [&'s Stretch], one: &'s Stretch, later: i64, hosts: &'s Hosts) -> impl Iterator<Item = &'s Stretch> {
    let tolerance = ENDS_MOST.as_micros().min(one.length());
    let from = by_start.partition_point(|other| other.start < one.start + later - tolerance);
    let near = by_start.iter().copied().skip(from).take_while(move |other| other.start <= one.start + later + tolerance);
    near.filter(move |other| other.ends_with(one, later) && one.is_beside(other, hosts))
}

/// Files of which one saw the same as the other one later: the earlier, the later, and by how much.
fn pairs(stretches: &[Stretch], hosts: &Hosts) -> Vec<(usize, usize, i64)> {
    let mut by_start: Vec<&Stretch> = stretches.iter().collect();
    order::sort_by_key(&mut by_start, |one| one.start);
    let zones = zones();
    let mut said: Map<(usize, usize), Map<i64, usize>> = Map::new();
    for one in stretches {
        for later in zones.iter().copied() {
            // Stamps of which the user says the zone are on one clock, unless one of two logs is in UTC, as those of containers are.
            let is_utc = |ahead: Option<Span>| ahead.is_none_or(|ahead| ahead.as_micros().abs() == later);
            let may_differ = |other: &Stretch| !(one.is_zoned && other.is_zoned) && is_utc(one.told.and(other.told));
            let is_one_run = |other: &Stretch| may_differ(other) && one.is_of_another_kind(other) && one.has_as_much(other);
            for other in ending_with(&by_start, one, later, hosts).filter(|other| is_one_run(other)) {
                *said.entry((one.file, other.file)).or_default().entry(later).or_insert(0) += 1;
            }
        }
    }
    if said.is_empty() {
        return Vec::new();
    }
    let mut together: Set<(usize, usize)> = Set::new();
    for one in stretches {
        for other in ending_with(&by_start, one, 0, hosts) {
            together.insert((one.file, other.file));
        }
    }
    // Of a file that lies so beside others in several ways nobody knows which is true, unless most of its stretches say one.
    let mut clocks: Map<usize, Map<i64, usize>> = Map::new();
    for ((early, late), differences) in said.iter() {
        for (later, count) in differences.iter() {
            *clocks.entry(*early).or_default().entry(*later).or_insert(0) += count;
            *clocks.entry(*late).or_default().entry(-later).or_insert(0) += count;
        }
    }
    let is_said_by = |file: usize, later: i64| {
        let known = clocks.get(&file);
        let of = |is_counted: &dyn Fn(i64) -> bool| -> usize {
            known
                .into_iter()
                .flat_map(|known| known.iter())
                .filter(|(difference, _)| is_counted(**difference))
                .map(|(_, count)| *count)
                .sum()
        };
        of(&|difference| difference == later) > VOTES * of(&|difference| difference != later)
    };
    let mut found = Vec::new();
    for ((early, late), differences) in said.iter().filter(|(pair, _)| !together.contains(pair)) {
        for (later, _) in differences.iter().filter(|(later, _)| is_said_by(*early, **later) && is_said_by(*late, -**later)) {
            found.push((*early, *late, *later));
        }
    }
    found
}

/// Of files that were paired, the side that is put on the clock of the other: nothing else speaks for its place, and nothing lies where it is put.
fn sides(stretches: &[Stretch], pairs: &[(usize, usize, i64)], hosts: &Hosts) -> Vec<Moved> {
    let mut moved: Vec<Moved> = Vec::new();
    let mut left: Vec<(usize, usize, i64)> = pairs.to_vec();
    while let Some((early, late, later)) = left.first().copied() {
        let (mut earlier, mut others) = (Set::new(), Set::new());
        earlier.insert(early);
        others.insert(late);
        // What is paired with any of them is of one of the two sides.
        loop {
            let known = earlier.len() + others.len();
            for (early, late, _) in &left {
                if earlier.contains(early) || others.contains(late) {
                    earlier.insert(*early);
                    others.insert(*late);
                }
            }
            if earlier.len() + others.len() == known {
                break;
            }
        }
        left.retain(|(early, _, _)| !earlier.contains(early));
        let is_inside = |file: &usize| earlier.contains(file) || others.contains(file);
        let is_free = |side: &Set<usize>, to: i64| {
            let own = || stretches.iter().filter(|one| side.contains(&one.file));
            let mut outside = stretches.iter().filter(|other| !is_inside(&other.file));
            !own().any(|one| one.is_zoned)
                && !outside
                    .any(|other| own().any(|one| (one.common(other, 0) > 0 || one.common(other, to) > 0) && one.is_beside(other, hosts)))
        };
        // What is put later shares the time of what lies so much earlier.
        let may_move = (is_free(&earlier, -later), is_free(&others, later));
        let is_early = match may_move {
            (true, true) => (earlier.len(), Reverse(earlier.first())) < (others.len(), Reverse(others.first())),
            (is_early, _) => is_early,
        };
        if may_move == (false, false) {
            continue;
        }
        let (side, like, later) = if is_early { (&earlier, &others, -later) } else { (&others, &earlier, later) };
        let Some(like) = like.first() else { continue };
        let later = Span::from_micros(later);
        moved.extend(side.iter().map(|file| Moved { file: *file, like: *like, later, told: Told::ByEnds }));
    }
    moved
}
