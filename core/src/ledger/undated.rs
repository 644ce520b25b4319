//! Claims on clocks that can't be compared: whether they may be of one time, and where one would then stand on the clock of the other.

use alloc::vec::Vec;
use core::cmp::Reverse;

use super::alike::alike;
use super::claim::{Claim, Origin, Timeline, WIDEST_ZONE_US};
use super::clocks::{QUARTER_HOUR_US, is_zone};
use super::rule::union;
use super::zone_fit::{self, Group, group_of};
use crate::map::Map;
use crate::rules;
use crate::series::{Alike, Coverage};
use crate::units::Span;

/// So many stretches of a log are fitted into others, and into so many other runs' places it is not put.
const FITTED: usize = 32;

/// Places that share this part of the most that can be shared are all possible, percent.
const AS_MUCH_PERCENT: i64 = rules::whole("zones_as_much_percent");

const DAY_US: i64 = 96 * QUARTER_HOUR_US;

/// So many days are looked at.
const DAYS: i64 = 366;

/// Whether two claims on clocks that can't be compared may be of one time.
pub(super) fn may_be_one(a: &Claim<'_>, b: &Claim<'_>) -> bool {
    match (a.timeline.is_dated(), b.timeline.is_dated()) {
        (true, true) => {
            let near = |x: &Claim<'_>, y: &Claim<'_>| match (x.coverage.end(), y.coverage.start()) {
                (Some(end), Some(start)) => start.since(end).as_micros() <= WIDEST_ZONE_US,
                _ => false,
            };
            near(a, b) && near(b, a)
        }
        // Two logs that each count from a start of their own are two runs, unless their readings say otherwise; those that one file tells apart are.
        (false, false) => (a.file != b.file || a.timeline == b.timeline) && alike_from_the_start(a, b),
        _ => true,
    }
}

fn alike_from_the_start(a: &Claim<'_>, b: &Claim<'_>) -> bool {
    match (&a.origin, &b.origin) {
        (Origin::Declared(x, ..), Origin::Declared(y, ..)) => x.run.is_none() || y.run.is_none() || a.tool_family() != b.tool_family(),
        (Origin::Recorded(_), Origin::Recorded(_)) => matches!(alike(a, b), Alike::Identical | Alike::Same | Alike::Open),
        _ => true,
    }
}

/// Of the zones in which one log shares as much time with the other one as it can (`best` is one such place), the one in which both hold most nearly the same.
fn in_zones(own: &Claim<'_>, other: &Claim<'_>, (coverage, free): (&Coverage, &Coverage), best: Span) -> Span {
    let common = |later: Span| coverage.moved(later).common(free).as_micros();
    let most = common(best);
    let quarters = WIDEST_ZONE_US / QUARTER_HOUR_US;
    let zones = (-quarters..=quarters).filter(|quarter| *quarter == 0 || is_zone(*quarter));
    let places =
        zones.map(|quarter| Span::from_micros(quarter * QUARTER_HOUR_US)).filter(|later| common(*later) * 100 >= most * AS_MUCH_PERCENT);
    let apart = |later: Span| {
        let there = other.coverage.moved(Span::from_micros(-later.as_micros())).intersection(&own.coverage);
        let (ours, theirs) = (own.energy_over(&there), other.energy_over(&there.moved(later)));
        ((ours.max(theirs) - ours.min(theirs)).as_picojoules(), later.as_micros().abs(), later)
    };
    places.map(apart).min().map_or(best, |(.., later)| later)
}

/// Recordings that count from a start of their own, by their clocks.
#[derive(Default)]
pub(super) struct Runs {
    by_clock: Map<Timeline, Vec<usize>>,
    /// Pairs of clocks, and whether they are of two runs.
    apart: Map<(Timeline, Timeline), bool>,
}

impl Runs {
    pub(super) fn of(claims: &[Claim<'_>]) -> Self {
        let mut runs = Self::default();
        let undated = claims.iter().enumerate().filter(|(_, c)| !c.timeline.is_dated() && matches!(c.origin, Origin::Recorded(_)));
        for (at, claim) in undated {
            runs.by_clock.entry(claim.timeline).or_default().push(at);
        }
        runs
    }

    /// Whether the logs of two claims are of two runs, although the readings of this device are as like as two looks at it: of one run those of all devices
    /// would be, and another one's are not.
    pub(super) fn are_two(&mut self, a: &Claim<'_>, b: &Claim<'_>, claims: &[Claim<'_>]) -> bool {
        let clocks = (a.timeline, b.timeline);
        if !self.by_clock.contains_key(&clocks.0) || !self.by_clock.contains_key(&clocks.1) || alike(a, b) != Alike::Open {
            return false;
        }
        if let Some(known) = self.apart.get(&clocks) {
            return *known;
        }
        let of = |clock: Timeline| self.by_clock.get(&clock).into_iter().flatten().filter_map(|at| claims.get(*at));
        let theirs: Map<usize, &Claim<'_>> = of(clocks.1).map(|claim| (claim.device, claim)).collect();
        let mut of_both =
            of(clocks.0).filter_map(|own| Some((own, *theirs.get(&own.device)?))).filter(|(own, other)| own.rank() == other.rank());
        let are_apart = of_both.any(|(own, other)| matches!(alike(own, other), Alike::Untold | Alike::Other | Alike::Apart));
        self.apart.insert(clocks, are_apart);
        are_apart
    }
}

/// How much later the time of one clock is on another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Later {
    /// They are taken for logs of one time.
    By(Span),
    /// In no zone do they hold the same, and they are taken for two: if they are of one run, it is most likely there.
    Perhaps(Span),
}

impl Later {
    pub(super) fn span(self) -> Span {
        let (Later::By(span) | Later::Perhaps(span)) = self;
        span
    }

    fn backwards(self) -> Self {
        let back = |span: Span| Span::from_micros(-span.as_micros());
        match self {
            Later::By(span) => Later::By(back(span)),
            Later::Perhaps(span) => Later::Perhaps(back(span)),
        }
    }
}

/// What is known of files beyond their claims.
pub(super) struct Files<'l> {
    /// Their formats.
    pub tools: Vec<&'l str>,
    /// Clocks that show the time of a day that nobody knows, and by how much their zone may be ahead of UTC, where the user says it.
    pub of_day: Map<Timeline, Vec<Span>>,
}

/// Where logs stand on clocks that theirs can't be compared with: a run was in one place in time, so a log is set against one stretch of another clock as
/// long as itself, whatever lies beyond. It is the one with which it shares most time, less those of other runs.
#[derive(Default)]
pub(super) struct Places {
    /// When a device was watched on a clock, and the first claim of it.
    watched: Map<(usize, Timeline), (usize, Coverage)>,
    /// Of a clock beside what was watched of a device on another one: how much later its time is there.
    later: Map<(Timeline, usize, Timeline), Option<Later>>,
    /// Of logs in UTC and others without a zone: by what they are of.
    groups: Map<Group, Vec<usize>>,
    in_zones: Map<(Group, Group), Option<Later>>,
    /// Clocks of a day that nobody knows: see [`Files`].
    of_day: Map<Timeline, Vec<Span>>,
    /// What logs without a date were put to.
    put: Map<(usize, Timeline), Vec<(usize, Coverage)>>,
}

impl Places {
    pub(super) fn of(claims: &[Claim<'_>], of_day: &Map<Timeline, Vec<Span>>) -> Self {
        let mut places = Self { of_day: of_day.clone(), ..Self::default() };
        if claims.iter().all(|claim| claims.first().is_some_and(|first| first.timeline == claim.timeline)) {
            return places;
        }
        let mut spans: Map<(usize, Timeline), (usize, Vec<(i64, i64)>)> = Map::new();
        for (at, claim) in claims.iter().enumerate() {
            let entry = spans.entry((claim.device, claim.timeline)).or_insert_with(|| (at, Vec::new()));
            entry.1.extend_from_slice(claim.coverage.spans());
        }
        for (at, claim) in claims.iter().enumerate().filter(|(_, claim)| claim.timeline.is_dated() && !claim.is_estimate()) {
            places.groups.entry(group_of(claim)).or_default().push(at);
        }
        places.watched = spans.into_iter().map(|(key, (first, spans))| (key, (first, Coverage::from_spans(spans)))).collect();
        places
    }

    /// How much later what was watched of a device on one clock is on another one, beside what was watched there of a device. `None` where the two were at
    /// no one time.
    pub(super) fn later(
        &mut self,
        own: (usize, Timeline),
        other: (usize, Timeline),
        claims: &[Claim<'_>],
        runs: &mut Runs,
    ) -> Option<Later> {
        // Of two that are dated in zones of their own the one moves within these; of all others, the one that has no date.
        let is_put = |clock: Timeline| (clock != Timeline::Utc, !clock.is_dated());
        if is_put(own.1) < is_put(other.1) {
            return self.later(other, own, claims, runs).map(Later::backwards);
        }
        if own.1.is_dated() {
            return self.in_zone(own, other, claims);
        }
        let key = (own.1, other.0, other.1);
        if let Some(known) = self.later.get(&key) {
            return *known;
        }
        let (first, coverage) = self.watched.get(&own)?;
        let mut free = self.watched.get(&other)?.1.clone();
        let days = self.days(own.1, other.1);
        let before = self.put.entry((other.0, other.1)).or_default();
        let claim = claims.get(*first)?;
        for (run, place) in before.iter() {
            let Some(theirs) = claims.get(*run).filter(|theirs| theirs.timeline != claim.timeline) else { continue };
            if !may_be_one(claim, theirs) || runs.are_two(claim, theirs, claims) {
                free = free.without(place);
            }
        }
        let anywhere = coverage.coalesced(FITTED).fits_later(&free.coalesced(FITTED), (i64::MIN, i64::MAX));
        let on_days = days.map(|ahead| at_that_time_of_day(coverage, &free, &ahead));
        if let (Some(None), Some(later)) = (&on_days, anywhere) {
            self.later.insert(key, Some(Later::Perhaps(later)));
            return Some(Later::Perhaps(later));
        }
        let later = on_days.unwrap_or(anywhere);
        // Of thousands of runs that all lack a date, each beside the others needs no place that is kept.
        if other.1.is_dated() {
            if let Some(place) = later.map(|later| coverage.moved(later)).filter(|_| before.len() < FITTED) {
                before.push((*first, place));
            }
            self.later.insert(key, later.map(Later::By));
        }
        later.map(Later::By)
    }

    /// By how much the zone of a clock of days may be ahead of a clock with dates, where that is known.
    fn days(&self, own: Timeline, other: Timeline) -> Option<Vec<Span>> {
        let ahead = self.of_day.get(&own)?;
        match other {
            Timeline::Local if ahead.is_empty() => Some([Span::ZERO].to_vec()),
            Timeline::Utc if !ahead.is_empty() => Some(ahead.clone()),
            _ => None,
        }
    }

    /// The same of two that have dates, one of them in UTC and one in a zone of its own.
    fn in_zone(&mut self, own: (usize, Timeline), other: (usize, Timeline), claims: &[Claim<'_>]) -> Option<Later> {
        let of = |one: (usize, Timeline)| self.watched.get(&one).and_then(|(first, watched)| Some((claims.get(*first)?, watched)));
        let ((claim, coverage), (theirs, free)) = (of(own)?, of(other)?);
        let place = || {
            let place = coverage.coalesced(FITTED).fits_later(&free.coalesced(FITTED), (-WIDEST_ZONE_US, WIDEST_ZONE_US))?;
            Some(in_zones(claim, theirs, (coverage, free), place))
        };
        if claim.is_estimate() || theirs.is_estimate() {
            let key = (own.1, other.0, other.1);
            let found = self.later.get(&key).copied().unwrap_or_else(|| place().map(Later::By));
            self.later.insert(key, found);
            return found;
        }
        let key = (group_of(claim), group_of(theirs));
        if let Some(known) = self.in_zones.get(&key) {
            return *known;
        }
        let members = |group: &Group| self.groups.get(group).into_iter().flatten().filter_map(|at| claims.get(*at)).collect::<Vec<_>>();
        let found = match zone_fit::fitting(members(&key.0), members(&key.1)) {
            Some(later) => Some(Later::By(later)),
            // What lies beside each other as the stamps stand is no other run.
            None => place().map(if coverage.common(free) > Span::ZERO { Later::By } else { Later::Perhaps }),
        };
        self.in_zones.insert(key, found);
        found
    }

    /// How much later one claim's clock was put beside another one's.
    pub(super) fn known(&self, own: &Claim<'_>, other: &Claim<'_>) -> Option<Span> {
        let known = |own: &Claim<'_>, other: &Claim<'_>| match own.timeline.is_dated() {
            true => self.in_zones.get(&(group_of(own), group_of(other))).copied().flatten(),
            false => self.later.get(&(own.timeline, other.device, other.timeline)).copied().flatten(),
        };
        known(own, other).or_else(|| known(other, own).map(Later::backwards)).map(Later::span)
    }
}

/// Keeps what shares more time.
pub(super) fn longest(best: &mut Vec<(usize, Coverage)>, held: Vec<(usize, Coverage)>) {
    let length = |held: &[(usize, Coverage)]| union(held.iter().map(|(_, part)| part)).length();
    if length(&held) > length(best) {
        *best = held;
    }
}

/// How much later the times of a day are on the day on which they share most with another clock, whose zone they may be ahead of by so much.
fn at_that_time_of_day(coverage: &Coverage, free: &Coverage, ahead: &[Span]) -> Option<Span> {
    let (start, end) = coverage.start().zip(coverage.end())?;
    let (from, to) = free.start().zip(free.end())?;
    let (first, last) = (from.since(end).as_micros().div_euclid(DAY_US), to.since(start).as_micros().div_euclid(DAY_US) + 1);
    // Of years the first is looked at.
    let days = first..=last.min(first.saturating_add(DAYS));
    let places = days.flat_map(|day| ahead.iter().map(move |ahead| Span::from_micros(day.saturating_mul(DAY_US) - ahead.as_micros())));
    let shared = |later: Span| coverage.moved(later).common(free);
    let best = places.map(|later| (shared(later), Reverse(later))).max()?;
    (best.0 > Span::ZERO).then_some(best.1.0)
}
