//! From what counts of each claim to the rows of a report: one for each device, instrument and place, of trackers one for each run.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::claim::{Claim, Origin, Reach, Timeline};
use super::containment::contains;
use super::evidence::{Basis, Because, Decision, Evidence, FoundNote, When};
use super::gather::Gathered;
use super::hosts::Split;
use super::outcome::Outcome;
use super::rule::Rule;
use super::{Entry, Ledger, RunEnergy, Settled};
use crate::bounds;
use crate::map::{Map, Set};
use crate::order;
use crate::read::{Place, Reading};
use crate::seldom::Seldom;
use crate::series::{Component, Coverage, Device, Instrument, Integral, Profile, Recording, Series, Wraps};
use crate::sparing;
use crate::text::few;
use crate::units::{Energy, Instant, Span};

/// Of more runs than these, a report holds no row each.
const MOST_RUNS: usize = bounds::RUNS.value as usize;

/// Stretches of coverage that a row keeps.
const MOST_STRETCHES: usize = 512;

/// What the claims of one row have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Row<'l> {
    host: usize,
    component: Component,
    device: usize,
    lane: usize,
    instrument: Instrument,
    method: super::Method,
    clock: Option<bool>,
    // Recordings by the thousand have none.
    of_figure: Option<Box<OfFigure<'l>>>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct OfFigure<'l> {
    tool: &'l str,
    run: Option<&'l str>,
    place: usize,
    pue: Option<u64>,
    year: Option<i32>,
    model: Option<&'l str>,
    count: u32,
    /// Of few figures each has a row.
    number: Option<(usize, usize)>,
}

/// Makes the rows.
pub(super) fn evidence(ledger: &Ledger, gathered: &Gathered<'_>, rule: &Rule<'_, '_>, settled: &mut Settled) {
    let entries: Vec<&Entry> = ledger.entries().collect();
    let claims = &gathered.claims;
    // Claims of a figure stand side by side.
    let figure = |claim: &Claim<'_>| match claim.origin {
        Origin::Declared(_, number, _) => Some((claim.file, number)),
        Origin::Recorded(_) => None,
    };
    let before = core::iter::once(None).chain(claims.iter().map(figure));
    let runs = claims.iter().map(figure).zip(before).filter(|(own, before)| own.is_some() && own != before).count();
    let mut places: Vec<Option<&Arc<Place>>> = Vec::new();
    let mut place_numbers: Map<Option<&Arc<Place>>, usize> = Map::new();
    let mut rows: Map<Row<'_>, Vec<usize>> = Map::new();
    let assembly = Assembly {
        gathered,
        rule,
        others: Others::of(gathered, rule),
        splits: Splits::of(gathered),
        wholes: wholes(gathered),
        unordered: unordered(&entries),
        entries,
    };
    for (at, (claim, outcome)) in claims.iter().zip(&rule.outcomes).enumerate() {
        settled.plain += claim.energy;
        if let Origin::Declared(_, number, _) = &claim.origin {
            // Claims of a figure stand side by side, and figures in the order of their files.
            match settled.runs.last_mut() {
                Some(run) if (run.file, run.at) == (claim.file, *number) => run.energy += outcome.energy,
                _ => sparing::push(&mut settled.runs, RunEnergy { file: claim.file, at: *number, energy: outcome.energy }),
            }
        }
        if outcome.energy == Energy::ZERO && outcome.coverage.is_empty() {
            continue;
        }
        let of_figure = match &claim.origin {
            Origin::Recorded(_) => None,
            Origin::Declared(declared, number, part) => {
                let place = declared.place.as_ref();
                let place = *place_numbers.entry(place).or_insert_with(|| {
                    places.push(place);
                    places.len() - 1
                });
                let run = declared.run.as_deref().or(declared.name.as_deref()).filter(|_| runs <= MOST_RUNS);
                Some(Box::new(OfFigure {
                    tool: &declared.tool,
                    number: (runs <= MOST_RUNS).then_some((claim.file, *number)),
                    run,
                    place,
                    // A constant of the tool is no building's.
                    pue: declared.pue.filter(|_| !declared.pue_is_constant).map(f64::to_bits),
                    year: declared.year.filter(|_| matches!(claim.timeline, Timeline::Own(_))),
                    model: part.model.as_deref(),
                    count: claim.count,
                }))
            }
        };
        let row = Row {
            host: claim.host,
            component: claim.component,
            // Jobs and processes are no devices: they stand for what they ran on.
            device: if matches!(claim.reach, Reach::Job | Reach::Process) && of_figure.is_some() { 0 } else { claim.device },
            lane: outcome.lane,
            instrument: claim.instrument,
            method: claim.method,
            clock: match claim.timeline {
                Timeline::Utc => Some(true),
                Timeline::Local => Some(false),
                Timeline::Own(_) => None,
            },
            of_figure,
        };
        rows.entry(row).or_default().push(at);
    }
    settled.evidence.reserve_exact(rows.len());
    for (row, members) in rows.iter() {
        let place = row.of_figure.as_ref().and_then(|figure| *places.get(figure.place)?).cloned();
        let one = assembly.row(row, members, place);
        if one.energy > Energy::ZERO || one.samples.is_some() && !one.partly {
            settled.evidence.push(one);
        }
    }
    // A recording without energy is told where nothing else is known of its device.
    let told: Set<(&str, usize)> = settled.single.iter().map(|(.., text, file)| (text.as_str(), *file)).collect();
    let is_in_order = |file: usize| assembly.entries.get(file).is_some_and(|entry| !entry.reading.is_unordered());
    // Many processors do not count their cores apart: the package holds them.
    let has_package = |file: usize| {
        let is_package = |series: &Series| series.channel().component == Component::Cpu;
        assembly.entries.get(file).is_some_and(|entry| entry.reading.series().iter().any(is_package))
    };
    let notes = told.iter().filter(|(_, file)| is_in_order(*file)).filter_map(|(text, file)| {
        let (code, component, ..) = settled.single.iter().find(|(.., other, of)| other == text && of == file)?;
        let is_inside = matches!(component, Component::CpuCore | Component::CpuUncore) && has_package(*file);
        (!is_inside).then(|| FoundNote { code, message: (*text).to_string(), place: assembly.path(*file), hint: None })
    });
    let notes: Vec<FoundNote> = notes.collect();
    settled.notes.extend(notes);
}

/// What counts beside a device, for its gaps: what other claims cover is no gap.
struct Others<'r> {
    by_device: Map<usize, Vec<usize>>,
    by_component: Map<(usize, Component), Vec<usize>>,
    outcomes: &'r [Outcome],
}

impl<'r> Others<'r> {
    /// Where no claim has a pause there is nothing to look for.
    fn of(gathered: &Gathered<'_>, rule: &'r Rule<'_, '_>) -> Self {
        let mut own = Others { by_device: Map::new(), by_component: Map::new(), outcomes: &rule.outcomes };
        if gathered.claims.iter().all(|claim| claim.coverage.spans().len() < 2) {
            return own;
        }
        for (at, claim) in gathered.claims.iter().enumerate() {
            own.by_device.entry(claim.device).or_default().push(at);
            if claim.reach == Reach::Set {
                own.by_component.entry((claim.host, claim.component)).or_default().push(at);
            }
        }
        own
    }

    /// Of the pauses in a claim's coverage, what no other claim covers.
    fn open_gaps(&self, claim: &Claim<'_>, claims: &[Claim<'_>]) -> Coverage {
        let (Some(start), Some(end)) = (claim.coverage.start(), claim.coverage.end()) else { return Coverage::default() };
        let pauses = Coverage::of(start, end).without(&claim.coverage);
        if pauses.is_empty() {
            return pauses;
        }
        let beside = self.by_device.get(&claim.device).into_iter().chain(self.by_component.get(&(claim.host, claim.component))).flatten();
        let mut spans = Vec::new();
        for other in beside.filter(|at| claims.get(**at).is_some_and(|other| other.timeline == claim.timeline)) {
            if let Some(outcome) = self.outcomes.get(*other) {
                spans.extend_from_slice(outcome.coverage.spans());
            }
        }
        pauses.without(&Coverage::from_spans(spans))
    }
}

/// Rows at work.
struct Assembly<'a, 'l> {
    gathered: &'a Gathered<'l>,
    rule: &'a Rule<'a, 'l>,
    others: Others<'a>,
    splits: Splits,
    /// When a host's meters and jobs watched, where logs were taken for its own.
    wholes: Map<(usize, Timeline), Coverage>,
    entries: Vec<&'l Entry>,
    /// See [`unordered`].
    unordered: Map<usize, (i64, Span)>,
}

impl Assembly<'_, '_> {
    fn path(&self, file: usize) -> Option<String> {
        self.entries.get(file).map(|entry| entry.file.path.clone())
    }

    fn row(&self, row: &Row<'_>, members: &[usize], place: Option<Arc<Place>>) -> Evidence {
        let (gathered, rule) = (self.gathered, self.rule);
        let slot = gathered.slots.get(row.device);
        // A tool's share of a power is no reading either.
        let is_share = (row.instrument, row.method) == (Instrument::TrackerModel, super::Method::PowerTrapezoid);
        let estimated = matches!(row.instrument, Instrument::SamplerModel) || is_share;
        let (basis, mut device) = match &row.of_figure {
            Some(figure) => (Basis::Declared, Device { model: figure.model.map(String::from), ..Device::default() }),
            None if estimated => (Basis::Estimated, slot.map(|slot| slot.device.clone()).unwrap_or_default()),
            None => (Basis::Measured, slot.map(|slot| slot.device.clone()).unwrap_or_default()),
        };
        if row.lane > 0 {
            device.index = device.index.map(|index| alloc::format!("{index} ({})", row.lane + 1));
        }
        let mut one = Evidence {
            host: gathered.hosts.labels.get(row.host).cloned().unwrap_or_default(),
            count: row.of_figure.as_ref().map_or(1, |figure| figure.count),
            place,
            pue: row.of_figure.as_ref().and_then(|figure| figure.pue).map(f64::from_bits),
            year: row.of_figure.as_ref().and_then(|figure| figure.year),
            tool: row.of_figure.as_ref().map(|figure| String::from(figure.tool)),
            run: row.of_figure.as_ref().and_then(|figure| figure.run.map(String::from)),
            ..Evidence::of(row.component, device, basis, row.instrument, row.method, Energy::ZERO, When::Undated(Span::ZERO))
        };
        let mut spans: Vec<(i64, i64)> = Vec::new();
        let mut profile = Profile::default();
        let mut longest = Span::ZERO;
        let mut files: Set<usize> = Set::new();
        let mut undated = Span::ZERO;
        let (mut because, mut all_wraps) = <((Because, Because), Wraps)>::default();
        for at in members {
            let (Some(claim), Some(outcome)) = (gathered.claims.get(*at), rule.outcomes.get(*at)) else { continue };
            one.energy += outcome.energy;
            one.more += outcome.more;
            one.apart += outcome.apart;
            one.held_by = one.held_by.or_else(|| gathered.hosts.labels.get(*rule.held_by.get(at)?).cloned());
            one.less += outcome.less;
            because.0.contradicted += outcome.contradicted.0;
            because.1.contradicted += outcome.contradicted.1;
            one.partly |= outcome.energy < claim.energy;
            files.insert(claim.file);
            claim.further.iter().for_each(|file| {
                files.insert(*file);
            });
            spans.extend_from_slice(outcome.coverage.spans());
            if !matches!(&claim.origin, Origin::Recorded(recorded) if recorded.is_untimed) {
                undated += outcome.coverage.length();
            }
            match &claim.origin {
                Origin::Recorded(recorded) => {
                    one.samples = Some(one.samples.unwrap_or(0) + recorded.samples);
                    one.peak = one.peak.max(recorded.peak);
                    one.scatter = one.scatter.saturating_add(recorded.integral.scatter);
                    all_wraps.add(&recorded.wraps);
                    let doubtful = recorded.stamped_twice + recorded.wraps.doubtful + recorded.integral.in_step;
                    one.less += doubtful.min(outcome.energy);
                    because.1.disorder += recorded.stamped_twice.min(outcome.energy);
                    because.1.wraps += recorded.wraps.doubtful.min(outcome.energy);
                    because.1.gaps += recorded.integral.in_step.min(outcome.energy);
                    if outcome.energy > Energy::ZERO || claim.energy == Energy::ZERO {
                        let (less, more) = claim.steps();
                        one.more += more;
                        one.less += less.min(outcome.energy);
                        because.0.steps += more;
                        because.1.steps += less.min(outcome.energy);
                    }
                    let wraps = if outcome.energy > Energy::ZERO { recorded.wraps } else { Wraps::default() };
                    one.more += wraps.possible;
                    because.0.wraps += wraps.possible - wraps.between;
                    because.0.gaps += wraps.between;
                    let (mut most, mut least) = (outcome.energy, outcome.energy);
                    for (times, of) in claim.times.iter().copied() {
                        let end = if times > of { &mut most } else { &mut least };
                        *end = end.share(i64::from(times), i64::from(of.max(1)));
                        // Of more devices each may have drawn its most while nobody watched.
                        let peak = recorded.peak.map_or(Energy::ZERO, |peak| peak.over(recorded.integral.gaps));
                        let theirs = peak.share(i64::from(times.saturating_sub(of)), i64::from(of.max(1)));
                        one.more += theirs;
                        because.0.gaps += theirs;
                    }
                    one.more += most - outcome.energy;
                    one.less += outcome.energy - least;
                    let length = outcome.coverage.length();
                    if length >= longest {
                        longest = length;
                        one.interval = recorded.integral.median;
                    }
                    let tool = self.entries.get(claim.file).and_then(|entry| entry.reading.tool.clone());
                    one.tool = one.tool.take().or(tool);
                    self.add_gaps(&mut one, claim, &recorded.integral);
                    if outcome.energy == claim.energy {
                        profile.merge(&recorded.integral.profile);
                    } else {
                        let cut = recorded.integral.profile.cut(&outcome.coverage, &claim.coverage);
                        match cut.scaled_to(2 * outcome.energy.as_picojoules()) {
                            Some(cut) => profile.merge(&cut),
                            None => spread(&mut profile, outcome),
                        }
                    }
                }
                Origin::Declared(_, _, part) => {
                    if outcome.energy > Energy::ZERO {
                        let micros = |whole: Energy| i64::try_from(whole.as_picojoules() / 1_000_000).unwrap_or(i64::MAX).max(1);
                        let share = |of: Energy| of.share(micros(outcome.energy), micros(claim.energy));
                        one.less += share(part.doubtful + claim.cut.0).min(outcome.energy);
                        one.more += share(claim.cut.1);
                        because.1.cut += share(claim.cut.0);
                        because.0.cut += share(claim.cut.1);
                    }
                    spread(&mut profile, outcome);
                }
            }
            self.less_by_place(&mut one, claim, outcome);
            one.less += self.less_by_split(row, claim, *at);
            one.less += if claim.may_be_copy { outcome.energy } else { Energy::ZERO };
            one.less += self.less_by_adoption(claim, outcome);
        }
        one.less = one.less.min(one.energy);
        let unordered = files.iter().filter_map(|file| self.unordered.get(file)).copied();
        if let Some((devices, time)) = unordered.reduce(|a, b| (a.0.max(b.0), a.1 + b.1)) {
            // Rows that could not be put in order: no more than the highest power from the first to the last, of as many devices as may be among them.
            // What stands in two pieces of them, and what lies between two, is in that.
            let most = one.peak.map_or(Energy::ZERO, |peak| peak.over(time)).share(devices, 1);
            one.more = most.max(one.energy) - one.energy;
            because.0 = Because { disorder: one.more, ..Because::default() };
            (one.gaps, one.gap_energy) = ((Span::ZERO, 0), Energy::ZERO);
        }
        (one.because, one.wraps) = (Seldom::of(because), Seldom::of(all_wraps));
        let coverage = Coverage::from_spans(spans);
        let dated = row.clock.is_some();
        let whole = match dated {
            true => Timeline::when(if row.clock == Some(true) { Timeline::Utc } else { Timeline::Local }, &coverage),
            false => When::Undated(undated),
        };
        one.covered = Some(if dated { coverage.length() } else { undated }).filter(|span| span.as_micros() > 1 || one.samples.is_some());
        if !dated && undated.as_micros() <= 1 {
            one.when = When::Undated(Span::ZERO);
        } else {
            one.when = whole;
        }
        one.coverage = coverage.coalesced(MOST_STRETCHES);
        profile.seal();
        one.profile = (dated || one.samples.is_some()).then_some(profile).filter(|profile| profile.total() > 0);
        let mut inputs: Vec<String> = files.iter().filter_map(|file| self.path(*file)).collect();
        order::sort(&mut inputs);
        one.inputs = inputs;
        one
    }

    /// Gaps that nothing else covers.
    fn add_gaps(&self, one: &mut Evidence, claim: &Claim<'_>, integral: &Integral) {
        if integral.gap_count == 0 {
            return;
        }
        let (Some(start), Some(end)) = (claim.coverage.start(), claim.coverage.end()) else { return };
        let pauses = Coverage::of(start, end).without(&claim.coverage).length();
        let open = self.others.open_gaps(claim, &self.gathered.claims).length();
        if open >= pauses {
            one.gaps = (one.gaps.0 + integral.gaps, one.gaps.1 + integral.gap_count);
            one.gap_energy += integral.gap_energy;
        } else if open > Span::ZERO {
            let (open, all) = (open.as_micros(), pauses.as_micros());
            one.gaps = (
                one.gaps.0 + Span::from_micros((i128::from(integral.gaps.as_micros()) * i128::from(open) / i128::from(all)) as i64),
                one.gaps.1 + integral.gap_count,
            );
            one.gap_energy += integral.gap_energy.share(open, all);
        }
    }

    /// Devices that nothing in the log tells apart but their place in the round.
    fn less_by_place(&self, one: &mut Evidence, claim: &Claim<'_>, outcome: &Outcome) {
        // Whoever asks for a device says that there is one.
        let slot = self.gathered.slots.get(claim.device).filter(|slot| !slot.is_asked_for);
        let place = slot.and_then(|slot| slot.device.place).unwrap_or(0);
        let Some(rounds) = self.entries.get(claim.file).and_then(|entry| entry.reading.rounds).filter(|_| place > 0) else { return };
        if rounds.may_be_one() {
            one.less += outcome.energy;
        }
    }

    /// Hosts that were told apart by readings that could be of one: of their common time, one of them may be all.
    fn less_by_split(&self, row: &Row<'_>, claim: &Claim<'_>, at: usize) -> Energy {
        let Some(outcome) = self.rule.outcomes.get(at) else { return Energy::ZERO };
        // What a job of several machines holds is in its figure, whosever it is.
        if self.rule.held_by.contains_key(&at) {
            return Energy::ZERO;
        }
        let mut held = Coverage::default();
        for split in self.splits.of_host.get(&row.host).into_iter().flatten() {
            // What one machine holds of all of its devices, where two have one number, and the other machine has no meter of its own.
            let is_open = split.by_number && split.host == row.host && !self.wholes.contains_key(&(split.host, claim.timeline));
            if let Some(whole) = self.wholes.get(&(split.from, claim.timeline)).filter(|_| is_open) {
                held = held.union(whole);
            }
            // Of two hosts that may be one, one is left in any case: that which has a meter, that which is proven to be another one than those left before, or the first.
            let whole = |host: usize| self.wholes.get(&(host, claim.timeline));
            let (first, last) = (split.host.min(split.from), split.host.max(split.from));
            let rank = |host: usize| (whole(host).is_some(), self.splits.proven.contains(&host));
            let left = if rank(last) > rank(first) { last } else { first };
            if !split.open || left == row.host {
                continue;
            }
            // A meter of the one machine holds what is inside it, unless the other one has its own.
            if let Some(whole) = whole(left).filter(|_| whole(row.host).is_none()) {
                held = held.union(whole);
            }
            let key = (left, self.splits.key(self.gathered, claim));
            for other in self.splits.claims.get(&key).into_iter().flatten() {
                if let Some(theirs) = self.rule.outcomes.get(*other) {
                    held = held.union(&theirs.coverage);
                }
            }
        }
        let common = outcome.coverage.intersection(&held);
        if common == outcome.coverage { outcome.energy } else { claim.energy_over(&common).min(outcome.energy) }
    }

    /// A log without a host may be of another one, whose meter or job holds what lies beyond those of its own.
    fn less_by_adoption(&self, claim: &Claim<'_>, outcome: &Outcome) -> Energy {
        let Some(others) = self.gathered.hosts.adopted.get(&(claim.file, claim.host)).filter(|_| claim.component != Component::Node) else {
            return Energy::ZERO;
        };
        let of = |host: &usize| self.wholes.get(&(*host, claim.timeline)).cloned().unwrap_or_default();
        let elsewhere = others.iter().map(of).fold(Coverage::default(), |all, own| all.union(&own)).without(&of(&claim.host));
        let inside = outcome.coverage.intersection(&elsewhere);
        if inside == outcome.coverage { outcome.energy } else { claim.energy_over(&inside).min(outcome.energy) }
    }
}

/// Files whose rows are out of order: how many devices may be among them, and how long each lasted.
fn unordered(entries: &[&Entry]) -> Map<usize, (i64, Span)> {
    let of = entries.iter().map(|entry| &entry.reading).enumerate().filter(|(_, reading)| reading.is_unordered());
    let devices = |reading: &Reading| reading.shuffled.map_or(1, |shuffled| i64::from(shuffled.perhaps));
    of.map(|(file, reading)| (file, (devices(reading), from_first_to_last(reading)))).collect()
}

/// How long a log lasted.
fn from_first_to_last(reading: &Reading) -> Span {
    let recordings = || reading.series().iter().flat_map(Series::recordings);
    let ends = recordings().filter_map(Recording::start).min().zip(recordings().filter_map(Recording::end).max());
    ends.map_or(Span::ZERO, |(first, last)| last.since(first))
}

/// When the meters and jobs of each host watched; nothing where no log may be of one of several hosts.
fn wholes(gathered: &Gathered<'_>) -> Map<(usize, Timeline), Coverage> {
    let mut spans: Map<(usize, Timeline), Vec<(i64, i64)>> = Map::new();
    let is_open = gathered.hosts.adopted.values().any(|others| !others.is_empty())
        || gathered.hosts.splits.iter().any(|split| split.by_number || split.open);
    for whole in gathered.claims.iter().filter(|claim| is_open && claim.component == Component::Node) {
        spans.entry((whole.host, whole.timeline)).or_default().extend_from_slice(whole.coverage.spans());
    }
    spans.into_iter().map(|(key, spans)| (key, Coverage::from_spans(spans))).collect()
}

/// Claims of hosts that others were told apart from, by what they are of.
struct Splits {
    claims: Map<(usize, (Component, Reach, Timeline, String)), Vec<usize>>,
    /// By host: those that may take something from it.
    of_host: Map<usize, Vec<Split>>,
    /// Hosts of which no two may be one.
    proven: Set<usize>,
}

impl Splits {
    fn of(gathered: &Gathered<'_>) -> Self {
        let mut own = Splits { claims: Map::new(), of_host: Map::new(), proven: several(&gathered.hosts.splits) };
        for split in &gathered.hosts.splits {
            if split.by_number || split.open {
                own.of_host.entry(split.host).or_default().push(*split);
            }
            if split.open {
                own.of_host.entry(split.from).or_default().push(*split);
            }
        }
        let open: Set<usize> = gathered.hosts.splits.iter().filter(|split| split.open).flat_map(|split| [split.from, split.host]).collect();
        if open.is_empty() {
            return own;
        }
        for (at, claim) in gathered.claims.iter().enumerate().filter(|(_, claim)| open.contains(&claim.host)) {
            let key = (claim.host, own.key(gathered, claim));
            own.claims.entry(key).or_default().push(at);
        }
        own
    }

    /// Accelerators have numbers; processors and memory are called in ways of their own by each tool, and of one machine they are the same.
    fn key(&self, gathered: &Gathered<'_>, claim: &Claim<'_>) -> (Component, Reach, Timeline, String) {
        if claim.component != Component::Gpu {
            return (claim.component, Reach::Set, claim.timeline, String::new());
        }
        let index = gathered.slots.get(claim.device).and_then(|slot| slot.device.index.clone()).unwrap_or_default();
        (claim.component, claim.reach, claim.timeline, index)
    }
}

/// Of hosts that were told apart by readings that could be of one, as many as must be several, those first that few may be one with.
fn several(splits: &[Split]) -> Set<usize> {
    let mut may_be: Map<usize, Set<usize>> = Map::new();
    for split in splits.iter().filter(|split| split.open) {
        may_be.entry(split.host).or_default().insert(split.from);
        may_be.entry(split.from).or_default().insert(split.host);
    }
    let mut hosts: Vec<(usize, usize)> = may_be.iter().map(|(host, others)| (others.len(), *host)).collect();
    order::sort(&mut hosts);
    let mut several: Set<usize> = Set::new();
    for (_, host) in hosts {
        if may_be.get(&host).is_none_or(|others| others.iter().all(|other| !several.contains(other))) {
            several.insert(host);
        }
    }
    several
}

/// Energy evenly over the time for which it counts.
fn spread(profile: &mut Profile, outcome: &Outcome) {
    let whole = outcome.coverage.length().as_micros().max(1);
    let mut rest = outcome.energy;
    let spans = outcome.coverage.spans();
    for (number, (start, end)) in spans.iter().enumerate() {
        let own = if number + 1 == spans.len() { rest } else { outcome.energy.share(end - start, whole) };
        rest = rest - own;
        profile.add_even(Instant::from_micros(*start), Instant::from_micros(*end), 2 * own.as_picojoules());
    }
}

/// A phase with dates counts where no log of the same time holds its joules.
pub(super) fn phase_beside_logs(phase: &mut Evidence, known: usize, settled: &mut Settled) {
    let When::Dated { start, end, utc } = phase.when else { return };
    let own = Coverage::of(start, end);
    let holds = |e: &&Evidence| {
        let same_host = e.host == phase.host || e.host.is_empty() || phase.host.is_empty();
        let when_known = matches!(e.when, When::Dated { utc: other, .. } if other == utc);
        (e.component == phase.component || contains(e.component, phase.component))
            && same_host
            && if when_known { e.coverage.common(&own) > Span::ZERO } else { e.when.overlap(&phase.when).0 > 0 }
    };
    let beside: Vec<&Evidence> = settled.evidence.iter().take(known).filter(holds).collect();
    if beside.is_empty() {
        return;
    }
    let mut held = Coverage::default();
    let mut elsewhere = 0;
    for one in &beside {
        match one.when {
            When::Dated { utc: other, .. } if other == utc => held = held.union(&one.coverage),
            _ => elsewhere = elsewhere.max(phase.when.overlap(&one.when).0),
        }
    }
    let whole = own.length().as_micros().max(1);
    let free = (whole - own.common(&held).as_micros().max(elsewhere)).max(0);
    let kept = phase.energy.share(free, whole);
    settled.decisions.push(Decision {
        rule: "known-before-estimated",
        kept: few(&beside.iter().map(|e| e.describe()).collect::<Vec<_>>(), "; "),
        left_out: phase.describe(),
        energy: Some(phase.energy - kept),
        reason: String::from("a sensor or a tracker holds these joules: the model counts for the rest of the time alone"),
    });
    phase.partly |= kept < phase.energy;
    phase.energy = kept;
    phase.profile = None;
    phase.coverage = own.without(&held);
}
