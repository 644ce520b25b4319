//! From what was read to claims: recordings that go on from each other are one, and of figures that trackers state several times one is left.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::alike::SAME_MACHINE;
use super::claim::{Claim, Origin, Reach, Timeline, family, method, recorded};
use super::clocks::{self, Moved};
use super::devices::{self, Slot};
use super::evidence::{Decision, FoundNote};
use super::hosts::{self, Hosts, Raw};
use super::names::device_number;
use super::paired::Paired;
use super::plausible::Judge;
use super::possible::Bound;
use super::ranks::Ranks;
use super::zones::Stretch;
use super::{Entry, Ledger, LedgerOptions, Settled, file_numbers, thousandths, zones};
use crate::map::{Map, Set};
use crate::note;
use crate::order;
use crate::read::{Clock, Declared, DeclaredKind, DeclaredPart, Scope};
use crate::series::{Channel, Component, Coverage, Device, IntervalStatistics, Recording, Series, share};
use crate::units::{Energy, Instant, Span};

/// Everything that the one rule is applied to.
pub(super) struct Gathered<'l> {
    pub claims: Vec<Claim<'l>>,
    /// Those that were not asked for: what they say of their place holds all the same.
    pub left_out: Vec<Claim<'l>>,
    pub slots: Vec<Slot>,
    pub hosts: Hosts,
    pub paired: Vec<Paired>,
    /// Files that were put on the clock of others.
    pub on_other_clocks: Vec<Moved>,
    /// What files hold, the longest first.
    pub stretches: Vec<Stretch>,
    /// Figures that were left out.
    pub bounds: Vec<Bound>,
    /// What is said of them.
    pub judge: Judge<'l>,
}

/// All claims of a ledger, with hosts and devices.
pub(super) fn claims<'l>(ledger: &'l Ledger, options: LedgerOptions<'l>, settled: &mut Settled) -> Gathered<'l> {
    let figures = figures(ledger, settled);
    let recorded = ledger.entries().flat_map(|entry| entry.reading.series()).map(|series| series.recordings().count()).sum::<usize>();
    let parts = figures.iter().flatten().map(|figure| figure.declared.parts.len()).sum::<usize>();
    let mut raws: Vec<Raw<'l>> = Vec::with_capacity(recorded + parts);
    let mut recordings: Vec<(&'l Series, &'l Recording)> = Vec::with_capacity(recorded);
    let mut seen: Map<&str, Vec<&Entry>> = Map::new();
    let paths: Vec<&str> = ledger.entries().map(|entry| entry.file.path.as_str()).collect();
    let names = hosts::names(ledger, options, &paths);
    let mut judge = Judge::new(options.factors);
    let mut bounds: Vec<Bound> = Vec::new();
    // Files whose times count from the start of one run are on one clock: that of the first.
    let mut clocks: Map<&str, usize> = Map::new();
    let files = paths.len();
    for (file, entry) in ledger.entries().enumerate() {
        let content = entry.file.content.as_deref().unwrap_or(&entry.file.blake3);
        let mut may_be_copy = false;
        if is_evidence(entry) && !content.is_empty() {
            let before = seen.entry(content).or_default();
            if let Some(first) =
                before.iter().find(|first| !may_be_others(first, entry, |path| hosts::of_path(path, &names, ledger, options)))
            {
                duplicate(entry, &first.file.path, options, settled);
                continue;
            }
            before.push(entry);
            may_be_copy = before.len() > 1;
        }
        for series in entry.reading.series() {
            for recording in series.recordings() {
                let own_run = series.channel().run.as_deref();
                let run = own_run.or(entry.reading.clock_of.as_deref());
                let clock = Timeline::of(
                    entry.reading.clock,
                    run.map_or(file, |run| {
                        // Those of one file are as many clocks: none of them is the file's.
                        let next = files + clocks.len();
                        *clocks.entry(run).or_insert(if own_run.is_some() { next } else { file })
                    }),
                );
                let mut raw = of_recording((file, clock), entry, series, recording, options);
                raw.claim.may_be_copy = may_be_copy;
                raws.push(raw);
                recordings.push((series, recording));
            }
        }
        for figure in figures.get(file).into_iter().flatten() {
            let first = raws.len();
            let left_out = bounds.len();
            for part in &figure.declared.parts {
                let (energy, bound) = judge.part(figure.declared, part, &entry.file.path);
                settled.plain = settled.plain + part.energy - energy;
                let mut raw = of_figure(file, entry, figure, part, energy);
                raw.claim.cut = judge.cut(figure.declared, part, energy);
                if bound > Energy::ZERO {
                    bounds.push(Bound::of(figure.declared, part, &raw.claim, first, bound));
                }
                if energy > Energy::ZERO || part.energy == Energy::ZERO && !part.unmeasured {
                    raws.push(raw);
                }
            }
            // A figure of which nothing counts is of a host all the same.
            if let (None, Some(part)) = (raws.get(first), figure.declared.parts.first().filter(|_| bounds.len() > left_out)) {
                let mut alone = of_figure(file, entry, figure, part, Energy::ZERO);
                alone.claim.coverage = Coverage::default();
                raws.push(alone);
            }
        }
    }
    file_numbers::number(&mut raws, &paths);
    let mut on_other_clocks = clocks::mend_unnamed(&mut raws);
    let mut hosts = Hosts::resolve(&mut raws, &names, ledger, options);
    hosts.ranks = Ranks::of(&raws, &paths, |host| hosts.has_name(host));
    for bound in &mut bounds {
        bound.host = raws.get(bound.beside).map_or(0, |raw| raw.claim.host);
    }
    let (slots, paired) = devices::resolve(&mut raws, ledger);
    on_other_clocks.extend(clocks::mend(&mut raws));
    let clocks: Vec<(Clock, Option<Span>)> = ledger.entries().map(|entry| (entry.reading.clock, entry.reading.ahead_of_utc)).collect();
    let (in_other_zones, stretches) = zones::mend(&mut raws, &hosts, &clocks);
    on_other_clocks.extend(in_other_zones);
    let mut claims = join(raws, recordings, &slots, options, settled);
    thousandths::mend(&mut claims, &slots, ledger, &mut judge, &mut bounds, settled);
    Gathered { claims, left_out: Vec::new(), slots, hosts, paired, on_other_clocks, stretches, bounds, judge }
}

fn is_evidence(entry: &Entry) -> bool {
    !entry.reading.series().is_empty() || !entry.reading.declared.is_empty()
}

/// Whether files with the same bytes may be of two devices all the same: the name of the file is the device's, or its host's, and the readings are such as two
/// devices may show.
fn may_be_others(a: &Entry, b: &Entry, host: impl Fn(&str) -> Option<String>) -> bool {
    let (ours, theirs) = (a.reading.series(), b.reading.series());
    let differ = ours.iter().zip(theirs).any(|(x, y)| x.channel() != y.channel());
    // The name of the file alone numbers it.
    let are_nameless = ours.iter().all(|series| !series.channel().device.is_named());
    let numbers = || device_number(&a.file.path).zip(device_number(&b.file.path)).filter(|_| are_nameless);
    let differ = differ || numbers().is_some_and(|(x, y)| x != y);
    let hosts_differ = || host(&a.file.path).zip(host(&b.file.path)).is_some_and(|(x, y)| x != y);
    let moves = |series: &Series| series.recordings().any(|recording| recording.moves(series.channel().quantity));
    b.reading.declared.is_empty() && (differ || hosts_differ()) && !ours.iter().any(moves)
}

/// The same bytes under another name: nothing of them counts.
fn duplicate(entry: &Entry, first: &str, options: LedgerOptions<'_>, settled: &mut Settled) {
    let series: Energy = entry.reading.series().iter().map(|series| series.energy(options.fill_gaps)).sum();
    let declared: Energy = entry.reading.declared.iter().filter(|d| d.kind == DeclaredKind::Actual).map(total).sum();
    settled.notes.push(FoundNote {
        code: &note::DUPLICATE_FILE,
        message: format!("{} has the same content as {first} and is counted once", entry.file.path),
        place: Some(entry.file.path.clone()),
        hint: None,
    });
    settled.plain = settled.plain + series + declared;
    settled.decisions.push(Decision {
        rule: "duplicate-file",
        kept: String::from(first),
        left_out: entry.file.path.clone(),
        energy: Some(series + declared),
        reason: String::from("the content of both files is the same"),
    });
}

fn of_recording<'l>(
    (file, timeline): (usize, Timeline),
    entry: &'l Entry,
    series: &'l Series,
    recording: &Recording,
    options: LedgerOptions<'_>,
) -> Raw<'l> {
    let channel = series.channel();
    let mut found = recorded(recording, series, options.fill_gaps, None);
    let claim = Claim {
        file,
        further: Vec::new(),
        host: 0,
        component: channel.component,
        device: 0,
        reach: reach_of(channel),
        count: 1,
        instrument: channel.instrument,
        method: method(channel.quantity),
        timeline,
        coverage: core::mem::take(&mut found.integral.coverage),
        energy: found.integral.energy,
        moved: Span::ZERO,
        may_be_copy: false,
        times: entry.reading.doubts.iter().filter(|doubt| doubt.channel == *channel).map(|doubt| doubt.times).collect(),
        cut: (Energy::ZERO, Energy::ZERO),
        origin: Origin::Recorded(Box::new(found)),
    };
    Raw { claim, named: channel.host.as_deref(), device: Some(&channel.device), file_number: None, log: recording.log() }
}

/// Processors and their memory that a log does not number (`perf stat -a`, `cpu_w`) are all of the machine's; a GPU without a number is one.
fn reach_of(channel: &Channel) -> Reach {
    let is_of_processors = matches!(channel.component, Component::Cpu | Component::CpuCore | Component::CpuUncore | Component::Memory);
    match is_of_processors && !channel.device.is_named() {
        true => Reach::Set,
        false => Reach::Device,
    }
}

fn of_figure<'l>(file: usize, entry: &Entry, figure: &Kept<'l>, part: &'l DeclaredPart, energy: Energy) -> Raw<'l> {
    let Kept { at, declared, longer } = *figure;
    // Figures of one file can be compared even where nobody knows when it began.
    let (timeline, coverage) = match declared.period.filter(|_| entry.reading.clock != Clock::None) {
        Some((start, end)) => {
            let start = longer.map_or(start, |longer| start.min(end.plus(Span::from_micros(-longer.as_micros()))));
            (Timeline::of(entry.reading.clock, file), Coverage::of(start, end.max(start.plus(Span::from_micros(1)))))
        }
        // Each figure without a date has a time of its own.
        None => (Timeline::Own(usize::MAX - file.saturating_mul(1 << 20).saturating_add(at)), of_length(longer.max(declared.duration))),
    };
    let reach = match declared.scope {
        Scope::Job => Reach::Job,
        // A process has no part of a GPU that could be told apart.
        Scope::Process if part.whole_device || part.component == Component::Gpu => Reach::Set,
        Scope::Process => Reach::Process,
        Scope::Machine => Reach::Set,
    };
    let claim = Claim {
        file,
        further: Vec::new(),
        host: 0,
        component: part.component,
        device: 0,
        reach,
        count: part.count.unwrap_or(1).max(1),
        instrument: part.instrument,
        method: super::Method::Declared,
        timeline,
        coverage,
        energy,
        moved: Span::ZERO,
        may_be_copy: false,
        times: Vec::new(),
        cut: (Energy::ZERO, Energy::ZERO),
        origin: Origin::Declared(declared, at, part),
    };
    Raw { claim, named: declared.host.as_deref(), device: None, file_number: None, log: 0 }
}

/// So long, from no one knows when. A figure without a length has one all the same, so that its joules are not lost.
fn of_length(length: Option<Span>) -> Coverage {
    let start = Instant::from_micros(0);
    Coverage::of(start, start.plus(length.unwrap_or_default().max(Span::from_micros(1))))
}

/// Recordings of one device and instrument that follow each other within the gap rule are one; those without energy are none.
fn join<'l>(
    raws: Vec<Raw<'l>>,
    recordings: Vec<(&'l Series, &'l Recording)>,
    slots: &[Slot],
    options: LedgerOptions<'_>,
    settled: &mut Settled,
) -> Vec<Claim<'l>> {
    let mut groups: Map<(usize, super::Method, crate::series::Instrument, Timeline, Span), Vec<usize>> = Map::new();
    let mut pieces: Vec<Option<Claim<'l>>> = Vec::with_capacity(recordings.len());
    // Figures of trackers are what they are. Of hundreds of thousands each stays in the room that they came in.
    let figures = raws.into_iter().filter_map(|Raw { claim, .. }| match claim.origin {
        Origin::Declared(..) => Some(claim),
        Origin::Recorded(_) => {
            groups.entry((claim.device, claim.method, claim.instrument, claim.timeline, claim.moved)).or_default().push(pieces.len());
            pieces.push(Some(claim));
            None
        }
    });
    let mut claims: Vec<Claim<'l>> = figures.collect();
    let recordings = recordings.as_slice();
    for (_, mut group) in groups {
        order::sort_by_key(&mut group, |at| {
            let start = recordings.get(*at).and_then(|(_, recording)| recording.start());
            (start, pieces.get(*at).and_then(Option::as_ref).map(|claim| claim.file))
        });
        let usual = usual_interval(&group, recordings);
        let mut chains: Vec<Vec<usize>> = Vec::new();
        let mut heads: Vec<Recording> = Vec::new();
        for at in group {
            let Some((series, recording)) = recordings.get(at).copied() else { continue };
            // A log goes on in the chain that ends last before it.
            let fits = heads.iter().rposition(|head| head.may_go_on_in(recording, series.channel(), usual));
            match fits.and_then(|fit| Some((heads.get_mut(fit)?, chains.get_mut(fit)?))) {
                Some((head, chain)) => {
                    head.go_on(recording, series.channel(), usual);
                    chain.push(at);
                }
                None => {
                    heads.push(recording.clone());
                    chains.push([at].to_vec());
                    if heads.len() > 64 {
                        finish(heads.remove(0), chains.remove(0), usual, recordings, &mut pieces, slots, options, settled, &mut claims);
                    }
                }
            }
        }
        for (head, chain) in heads.into_iter().zip(chains) {
            finish(head, chain, usual, recordings, &mut pieces, slots, options, settled, &mut claims);
        }
    }
    claims
}

/// The median interval of all recordings of a device, those between one and the next among them: that of the log, where they are its pieces. Nothing
/// where there is one recording alone.
fn usual_interval(group: &[usize], recordings: &[(&Series, &Recording)]) -> Option<Span> {
    if group.len() < 2 {
        return None;
    }
    let mut all = IntervalStatistics::default();
    let mut last: Option<Instant> = None;
    for (_, recording) in group.iter().filter_map(|at| recordings.get(*at)) {
        all.merge(recording.statistics());
        let (Some(start), Some(end)) = (recording.start(), recording.end()) else { continue };
        if let Some(before) = last.filter(|before| *before < start) {
            all.add(start.since(before));
        }
        last = last.max(Some(end));
    }
    all.median()
}

#[allow(clippy::too_many_arguments)]
fn finish<'l>(
    head: Recording,
    chain: Vec<usize>,
    usual: Option<Span>,
    recordings: &[(&'l Series, &'l Recording)],
    pieces: &mut [Option<Claim<'l>>],
    slots: &[Slot],
    options: LedgerOptions<'_>,
    settled: &mut Settled,
    claims: &mut Vec<Claim<'l>>,
) {
    let Some(first) = chain.first().copied() else { return };
    let Some((series, _)) = recordings.get(first).copied() else { return };
    let files: Vec<usize> = chain.iter().filter_map(|at| pieces.get(*at)?.as_ref().map(|claim| claim.file)).collect();
    let Some(mut claim) = pieces.get_mut(first).and_then(Option::take) else { return };
    let channel = series.channel();
    // Of a few intervals, those of all that was read of the device are the rule.
    if chain.len() > 1 || usual.is_some() && head.statistics().are_few() {
        let mut found = recorded(&head, series, options.fill_gaps, usual);
        claim.coverage = core::mem::take(&mut found.integral.coverage);
        claim.energy = found.integral.energy;
        claim.origin = Origin::Recorded(Box::new(found));
        claim.further = files.into_iter().skip(1).filter(|file| *file != claim.file).collect();
        claim.further.dedup();
        let later = core::mem::take(&mut claim.moved);
        claim.set_back(later);
    }
    let name = |what: &str| {
        let device = slots.get(claim.device).map_or("", |slot| slot.device.key());
        format!("{}: {what}", Device::called(claim.component.label(), device))
    };
    let told = match (head.samples(), channel.quantity.is_power()) {
        (0, _) => return,
        (1, _) => Some((&note::SINGLE_SAMPLE, "a single sample is no energy")),
        (_, true) if head.is_frozen(channel.quantity) => Some((&note::POWER_ZERO, "the power reads 0 throughout")),
        (_, false) if head.is_frozen(channel.quantity) => Some((&note::COUNTER_FROZEN, "the energy counter never moved")),
        _ => None,
    };
    match told {
        Some((code, what)) => {
            settled.single.push((code, claim.component, name(what), claim.file));
        }
        None => claims.push(claim),
    }
}

/// A figure that counts, its position in its file, and its length where that is not what it says.
#[derive(Clone, Copy)]
struct Kept<'l> {
    at: usize,
    declared: &'l Declared,
    longer: Option<Span>,
}

/// By file: the figures that count, and their positions. No predictions, no parts of runs that are there, one of each run, no summary beside its
/// details.
fn figures<'l>(ledger: &'l Ledger, settled: &mut Settled) -> Vec<Vec<Kept<'l>>> {
    let mut all: Vec<Figure<'l>> = Vec::new();
    let mut hashes: Set<&str> = Set::new();
    for (file, entry) in ledger.entries().enumerate() {
        let content = entry.file.content.as_deref().unwrap_or(&entry.file.blake3);
        if entry.reading.declared.is_empty() || (!content.is_empty() && !hashes.insert(content)) {
            continue;
        }
        let actual = entry.reading.declared.iter().enumerate().filter(|(_, d)| d.kind == DeclaredKind::Actual && !d.parts.is_empty());
        let dated = entry.reading.clock.is_dated();
        all.extend(actual.map(|(at, declared)| Figure { file, at, declared, dated, path: &entry.file.path, is_left: None }));
    }
    leave_parts(&mut all);
    leave_summaries(&mut all);
    leave_earlier_totals(&mut all);
    let with_tasks: Set<(&str, &str)> = all.iter().filter(|f| f.declared.part_of_run).filter_map(Figure::run).collect();
    let mut by_file: Vec<Vec<Kept<'l>>> = ledger.entries().map(|_| Vec::new()).collect();
    let mut left: Map<(&'static str, &str, &str), (Energy, u64, u64)> = Map::new();
    for figure in &all {
        match figure.is_left {
            None => {
                if let Some(list) = by_file.get_mut(figure.file) {
                    // A file of the run's tasks is there: then its own duration is that of the last of them.
                    let has_tasks = figure.declared.length_by_energy.is_some() && figure.run().is_some_and(|run| with_tasks.contains(&run));
                    let longer = figure.declared.length_by_energy.filter(|_| has_tasks);
                    list.push(Kept { at: figure.at, declared: figure.declared, longer });
                }
            }
            Some(rule) => {
                let entry =
                    left.entry((rule, figure.path, family(&figure.declared.tool))).or_insert((Energy::ZERO, 0, figure.declared.line));
                entry.0 += total(figure.declared);
                entry.1 += 1;
            }
        }
    }
    for ((rule, path, tool), (energy, count, line)) in left.iter() {
        let reason = match *rule {
            PART_OF_RUN => "the figure of the whole run is there, and holds those of its parts",
            SUMMARY => "a summary of what the tool logs in detail beside it",
            _ => "running totals of one run: the largest one is the last",
        };
        let rows = if *count == 1 { format!("line {line}") } else { format!("{count} figures from line {line} on") };
        settled.plain += *energy;
        settled.decisions.push(Decision {
            rule,
            kept: format!("one figure of {tool} for each run"),
            left_out: format!("{path}, {rows}"),
            energy: Some(*energy),
            reason: String::from(reason),
        });
    }
    by_file
}

const PART_OF_RUN: &str = "part-of-run";
const SUMMARY: &str = "summary-beside-details";
const ONE_ROW: &str = "one-row-a-run";

struct Figure<'l> {
    file: usize,
    at: usize,
    declared: &'l Declared,
    dated: bool,
    path: &'l str,
    is_left: Option<&'static str>,
}

impl<'l> Figure<'l> {
    /// Runs are the same when tool and run id are; names alone are no identity.
    fn run(&self) -> Option<(&'l str, &'l str)> {
        self.declared.run.as_deref().map(|run| (family(&self.declared.tool), run))
    }

    fn span(&self) -> Option<(i64, i64)> {
        self.declared.period.filter(|_| self.dated).map(|(start, end)| (start.as_micros(), end.as_micros()))
    }
}

fn leave_parts(all: &mut [Figure<'_>]) {
    let runs: Set<(&str, &str)> = all.iter().filter(|f| !f.declared.part_of_run).filter_map(Figure::run).collect();
    for figure in all.iter_mut().filter(|f| f.declared.part_of_run) {
        if figure.run().is_some_and(|run| runs.contains(&run)) {
            figure.is_left = Some(PART_OF_RUN);
        }
    }
}

/// A summary is left out beside what it sums up: figures of its time, or, where nothing says when it was, of its energy. One that is of neither may be of
/// another run.
fn leave_summaries(all: &mut [Figure<'_>]) {
    let details: Vec<Detail<'_>> = all.iter().filter(|f| !f.declared.summary && f.is_left.is_none()).map(Detail::of).collect();
    if details.is_empty() {
        return;
    }
    let mut sums: Map<(&str, Option<&str>), Energy> = Map::new();
    for detail in &details {
        for folder in [None, Some(detail.folder)] {
            *sums.entry((detail.tool, folder)).or_insert(Energy::ZERO) += detail.energy;
        }
    }
    for figure in all.iter_mut().filter(|f| f.declared.summary) {
        let own = Detail::of(figure);
        let is_sum = |energy: Energy| share(energy.as_kwh(), own.energy.as_kwh()) <= SAME_MACHINE;
        let is_sum_of_all = [None, Some(own.folder)].iter().any(|folder| sums.get(&(own.tool, *folder)).is_some_and(|sum| is_sum(*sum)));
        let beside = details.iter().filter(|detail| detail.tool == own.tool).any(|detail| match (own.span, detail.span) {
            (Some(own), Some(span)) => own.0 < span.1 && span.0 < own.1,
            _ => is_sum_of_all || is_sum(detail.energy),
        });
        if beside {
            figure.is_left = Some(SUMMARY);
        }
    }
}

/// A figure that a summary may hold.
struct Detail<'l> {
    tool: &'l str,
    folder: &'l str,
    span: Option<(i64, i64)>,
    energy: Energy,
}

impl<'l> Detail<'l> {
    fn of(figure: &Figure<'l>) -> Self {
        let folder = figure.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Self { tool: family(&figure.declared.tool), folder, span: figure.span(), energy: total(figure.declared) }
    }
}

/// One run several times: of totals whose times overlap the largest is the last. Tasks of one run are parts and add up; a run id that is used again
/// later is another run.
fn leave_earlier_totals(all: &mut [Figure<'_>]) {
    let mut runs: Map<(&str, &str), Vec<usize>> = Map::new();
    for (at, figure) in all.iter().enumerate().filter(|(_, f)| !f.declared.part_of_run && f.is_left.is_none()) {
        if let Some(run) = figure.run() {
            runs.entry(run).or_default().push(at);
        }
    }
    let mut left: Vec<usize> = Vec::new();
    for (_, mut run) in runs.into_iter().filter(|(_, run)| run.len() > 1) {
        order::sort_by_key(&mut run, |at| all.get(*at).map(|f| (core::cmp::Reverse(total(f.declared)), f.file, f.at)));
        let mut kept: Vec<Option<(i64, i64)>> = Vec::new();
        for at in run {
            let Some(figure) = all.get(at) else { continue };
            let (span, is_job) = (figure.span(), figure.declared.scope == Scope::Job);
            let overlaps = kept.iter().any(|other| match (span, other) {
                (Some(own), Some(other)) => own.0 < other.1 && other.0 < own.1 || own == *other,
                _ => !is_job,
            });
            if overlaps { left.push(at) } else { kept.push(span) }
        }
    }
    for at in left {
        if let Some(figure) = all.get_mut(at) {
            figure.is_left = Some(ONE_ROW);
        }
    }
}

pub(super) fn total(declared: &Declared) -> Energy {
    declared.parts.iter().map(|p| p.energy).sum()
}
