//! Series of all files to measured evidence: parts of one channel joined, one reading for each device.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::evidence::{Basis, Decision, Evidence, FoundNote, When};
use super::hosts::{Hosts, series_when};
use super::precedence::{Covered, part};
use super::{Entry, Ledger, LedgerOptions, Method, Settled};
use crate::map::{Map, Set};
use crate::note;
use crate::order;
use crate::read::{Clock, Place};
use crate::report::text::{ENERGY_FROM_KWH, with_unit};
use crate::report::text::{energy_text, few};
use crate::series::{Channel, Component, Quantity, Series};
use crate::units::{Energy, Span};

/// Two readings of what may be one device are alike when their energies over the common time differ by less than this.
const ALIKE_PERCENT: i128 = 10;

/// Counters are updated in steps: a counter and power are compared over a minute or more.
const LONG_ENOUGH: Span = Span::from_seconds(60);

/// A series and where it comes from.
#[derive(Clone)]
struct Part {
    series: Series,
    clock: Clock,
    paths: Vec<String>,
    tool: Option<String>,
}

impl Part {
    fn when(&self) -> Option<When> {
        series_when(&self.series, self.clock)
    }
}

/// See [`Ledger::overlaps`].
pub(super) fn overlaps(ledger: &Ledger) -> Vec<Vec<String>> {
    let mut groups: Vec<BTreeSet<String>> = Vec::new();
    for parts in by_channel(ledger, &Hosts::of(ledger), &mut Settled::default()).into_values() {
        let mut sorted: Vec<&Part> = parts.iter().collect();
        order::sort_by_key(&mut sorted, |p| (p.series.start(), p.paths.first().cloned()));
        for (i, a) in sorted.iter().enumerate() {
            for b in sorted.iter().skip(i + 1) {
                if a.clock == b.clock && !a.series.precedes(&b.series) && alike(&a.series, &b.series) {
                    let paths: BTreeSet<String> = a.paths.iter().chain(&b.paths).cloned().collect();
                    groups.push(paths);
                }
            }
        }
    }
    join_sets(groups).into_iter().filter(|g| g.len() > 1).map(|g| g.into_iter().collect()).collect()
}

/// One evidence for each device that a sensor measured or a sampler estimated.
pub(super) fn measured(ledger: &Ledger, options: LedgerOptions<'_>, settled: &mut Settled) -> Vec<Evidence> {
    let hosts = Hosts::of(ledger);
    if hosts.told_apart() {
        settled.notes.push(FoundNote {
            code: &note::HOSTS_BY_FOLDER,
            message: String::from("the same device numbers appear in several folders at the same time: each folder counts as one host"),
            place: None,
            hint: None,
        });
    }
    unended(ledger, settled);
    let channels = by_channel(ledger, &hosts, settled);
    let mut devices: Map<(String, Component, String), Vec<(Part, Energy)>> = Map::new();
    for ((host, component, key, _), parts) in channels {
        let joined = join(parts, options, settled);
        devices.entry((host, component, key)).or_default().extend(joined);
    }
    let mut evidence: Vec<Evidence> = Vec::new();
    for ((host, component, _), candidates) in devices {
        evidence.extend(choose(&host, component, candidates, options, settled));
    }
    same_devices_under_two_names(evidence, settled)
}

/// Notes the runs that no file says the end of, at the last file of each.
fn unended(ledger: &Ledger, settled: &mut Settled) {
    let ended: BTreeSet<&String> = ledger.entries().flat_map(|entry| &entry.reading.ended_runs).collect();
    let recorded = ledger.entries().flat_map(|entry| entry.reading.recorded_runs.iter().map(|run| (run, &entry.file.path)));
    let last: BTreeMap<&String, &String> = recorded.filter(|(run, _)| !ended.contains(run)).collect();
    settled.notes.extend(last.into_values().map(|path| FoundNote {
        code: &note::RUN_UNENDED,
        message: String::from(
            "the log has no end: the recorder is still at work, or was killed; what came after its last record is not counted",
        ),
        place: Some(path.clone()),
        hint: None,
    }));
}

type ChannelKey = (String, Component, String, u8);

/// Every usable series by host, component, device and quantity.
fn by_channel(ledger: &Ledger, hosts: &Hosts<'_>, settled: &mut Settled) -> Map<ChannelKey, Vec<Part>> {
    let mut channels: Map<ChannelKey, Vec<Part>> = Map::new();
    let mut seen: Map<&str, &str> = Map::new();
    for entry in ledger.entries.values() {
        if entry.reading.series().is_empty() && entry.reading.declared.is_empty() {
            continue;
        }
        if let Some(first) = seen.get(entry.file.blake3.as_str()).filter(|_| !entry.file.blake3.is_empty()) {
            settled.notes.push(FoundNote {
                code: &note::DUPLICATE_FILE,
                message: format!("{} has the same content as {first} and is counted once", entry.file.path),
                place: Some(entry.file.path.clone()),
                hint: None,
            });
            continue;
        }
        seen.insert(&entry.file.blake3, &entry.file.path);
        for series in entry.reading.series() {
            if entry.joined && is_in_joint(ledger, entry, series) {
                continue;
            }
            let part = Part {
                series: series.clone(),
                clock: entry.reading.clock,
                paths: [entry.file.path.clone()].to_vec(),
                tool: entry.reading.tool.clone(),
            };
            add(&mut channels, hosts, &entry.file.path, part);
        }
    }
    for (paths, all) in &ledger.joint {
        let clock = paths.first().and_then(|p| ledger.entries.get(p)).map_or(Clock::None, |e| e.reading.clock);
        for series in all {
            let part = Part { series: series.clone(), clock, paths: paths.clone(), tool: None };
            add(&mut channels, hosts, paths.first().map_or("", String::as_str), part);
        }
    }
    channels
}

fn add(channels: &mut Map<ChannelKey, Vec<Part>>, hosts: &Hosts<'_>, path: &str, mut part: Part) {
    let channel: &Channel = part.series.channel();
    let host = hosts.label(path, channel.host.as_deref());
    let mut device = channel.device.clone();
    if device.uuid.is_none()
        && let Some(uuid) = device.index.as_ref().and_then(|i| hosts.uuid_of(&host, i))
    {
        device.uuid = Some(uuid.clone());
    }
    // A uuid is one device, whoever saw it.
    let by_uuid = device.uuid.is_some();
    let key_host = if by_uuid { String::new() } else { host.clone() };
    let quantity = match channel.quantity {
        Quantity::Counter(_) => 0,
        Quantity::IntervalEnergy => 1,
        Quantity::Power | Quantity::PowerHeld | Quantity::PowerMean => 2,
        Quantity::PowerEstimated => 3,
    };
    // Devices that nothing names are told apart by their place in the round.
    let name = device.place.map_or_else(|| String::from(device.key()), |place| format!("{} #{place}", device.key()));
    let key = (key_host, channel.component, name, quantity);
    let channel = part.series.channel_mut();
    channel.device = device;
    channel.host = (!host.is_empty()).then_some(host);
    channels.entry(key).or_default().push(part);
}

/// A file's own series is dropped where the joint reading holds the same channel; others of the file stay.
fn is_in_joint(ledger: &Ledger, entry: &Entry, series: &Series) -> bool {
    ledger.joint.iter().any(|(paths, all)| paths.contains(&entry.file.path) && all.iter().any(|s| s.channel() == series.channel()))
}

/// Joins the parts of one channel: those that follow each other are one series; of those that overlap, the larger counts.
fn join(mut parts: Vec<Part>, options: LedgerOptions<'_>, settled: &mut Settled) -> Vec<(Part, Energy)> {
    order::sort_by(&mut parts, |a, b| (a.series.start(), &a.paths).cmp(&(b.series.start(), &b.paths)));
    let mut done: Vec<(Part, Energy)> = Vec::new();
    for part in parts {
        // Parts on clocks that can't be compared are never put end to end.
        let fits =
            done.iter_mut().find(|(own, _)| own.clock == part.clock && own.clock != Clock::Relative && own.series.precedes(&part.series));
        if let Some((own, _)) = fits {
            own.series.append(&part.series);
            own.paths.extend(part.paths);
            continue;
        }
        let rival = done.iter().position(|(own, _)| own.clock != part.clock || alike(&own.series, &part.series));
        let Some(at) = rival else {
            // Clearly another device of the same number: another host's, whose name no log says.
            done.push((part, Energy::ZERO));
            continue;
        };
        let (own, possible) = &mut done[at];
        let (a, b) = (own.series.integral(options.fill_gaps).energy, part.series.integral(options.fill_gaps).energy);
        let (kept, left) = if b > a { (&part, &*own) } else { (&*own, &part) };
        settled.notes.push(FoundNote {
            code: &note::OVERLAP_UNRESOLVED,
            message: format!(
                "{} and {} overlap in time for {} {}: {} is counted, the upper bound also holds {}",
                few(&kept.paths, ", "),
                few(&left.paths, ", "),
                kept.series.channel().component.label(),
                kept.series.channel().device.key(),
                energy_text(a.max(b)),
                energy_text(a.min(b))
            ),
            place: None,
            hint: None,
        });
        settled.decisions.push(Decision {
            rule: "overlap-counted-once",
            kept: few(&kept.paths, ", "),
            left_out: few(&left.paths, ", "),
            energy: Some(a.min(b)),
            reason: String::from("both describe one device at the same time"),
        });
        *possible += a.min(b);
        if b > a {
            *own = part;
        }
    }
    done
}

/// Whether two overlapping series may be one device: their energies over the common part of their profiles are alike.
fn alike(a: &Series, b: &Series) -> bool {
    let (x, y) = (a.integral(true).profile, b.integral(true).profile);
    let step = x.step_s().max(y.step_s());
    let (x, y) = (x.coarsened_to(step), y.coarsened_to(step));
    let other: Map<_, _> = y.buckets().collect();
    let (mut first, mut second) = (0i128, 0i128);
    for (at, energy) in x.buckets() {
        if let Some(there) = other.get(&at) {
            first += energy;
            second += there;
        }
    }
    let (most, least) = (first.max(second), first.min(second));
    most == 0 || (most - least).saturating_mul(100) < most.saturating_mul(ALIKE_PERCENT)
}

/// Of all that was read of one device: a counter before power, and nothing that is no measurement.
fn choose(
    host: &str,
    component: Component,
    candidates: Vec<(Part, Energy)>,
    options: LedgerOptions<'_>,
    settled: &mut Settled,
) -> Vec<Evidence> {
    let mut found: Vec<Evidence> = Vec::new();
    for (part, possible) in candidates {
        let name = |what: &str| format!("{} {}: {what}", component.label(), part.series.channel().device.key());
        if part.series.counts().samples < 2 {
            if part.series.counts().samples == 1 {
                push_note(settled, &note::SINGLE_SAMPLE, name("a single sample is no energy"), &part);
            }
            continue;
        }
        if part.series.is_frozen() {
            match part.series.channel().quantity.is_power() {
                true => push_note(settled, &note::POWER_ZERO, name("the power reads 0 throughout"), &part),
                false => push_note(settled, &note::COUNTER_FROZEN, name("the energy counter never moved"), &part),
            }
            continue;
        }
        if let Some(evidence) = evidence(host, &part, possible, options) {
            found.push(evidence);
        }
    }
    // Counter, then interval energy, then power.
    order::sort_by_key(&mut found, |e| rank(e.method));
    let mut kept: Vec<Evidence> = Vec::new();
    for mut candidate in found {
        let better: Vec<&Evidence> =
            kept.iter().filter(|k| k.when.overlap(&candidate.when).0 > 0 && k.method != candidate.method).collect();
        if let Some(first) = better.first() {
            settled.notes.extend(disagreement(first, &candidate));
            let mut covered = Covered::default();
            better.iter().for_each(|k| covered.add(k.when));
            let free = covered.free_share(&candidate.when);
            let left = part(candidate.energy, free);
            settled.decisions.push(Decision {
                rule: "counter-before-power",
                kept: few(&better.iter().map(|k| format!("{}, {}", k.describe(), k.method_text())).collect::<Vec<_>>(), "; "),
                left_out: format!("{}, {}", candidate.describe(), candidate.method_text()),
                energy: Some(candidate.energy - left),
                reason: String::from("one device, read in two ways: an energy counter loses nothing between samples"),
            });
            if left == Energy::ZERO {
                continue;
            }
            // Where the counter was not read, the power still is.
            candidate.energy = left;
            candidate.covered = candidate
                .covered
                .map(|c| Span::from_micros((i128::from(c.as_micros()) * i128::from(free.0) / i128::from(free.1.max(1))) as i64));
            candidate.profile = None;
            candidate.partly = true;
        }
        kept.push(candidate);
    }
    kept
}

/// A counter and power of one device that do not agree over the same time: one of the two sensors is wrong, and no log says which.
fn disagreement(counter: &Evidence, power: &Evidence) -> Option<FoundNote> {
    let whole = power.gaps.1 == 0 && power.when.overlap(&counter.when).0 * 50 >= counter.when.span().as_micros() * 49;
    let (more, less) = (counter.energy.max(power.energy).as_picojoules(), counter.energy.min(power.energy).as_picojoules());
    (whole && power.when.span() >= LONG_ENOUGH && (more - less).saturating_mul(100) >= more.saturating_mul(ALIKE_PERCENT)).then(|| {
        FoundNote {
            code: &note::COUNTER_DIFFERS,
            message: format!(
                "{}: the counter says {}, the integrated power {}",
                counter.describe(),
                with_unit(counter.energy.as_kwh(), 4, ENERGY_FROM_KWH),
                with_unit(power.energy.as_kwh(), 4, ENERGY_FROM_KWH)
            ),
            place: counter.inputs.first().cloned(),
            hint: None,
        }
    })
}

const fn rank(method: Method) -> u8 {
    match method {
        Method::Counter => 0,
        Method::IntervalEnergy => 1,
        _ => 2,
    }
}

fn evidence(host: &str, part: &Part, possible: Energy, options: LedgerOptions<'_>) -> Option<Evidence> {
    let channel = part.series.channel();
    let integral = part.series.integral(options.fill_gaps);
    let when = part.when()?;
    let method = match channel.quantity {
        Quantity::Counter(_) => Method::Counter,
        Quantity::IntervalEnergy => Method::IntervalEnergy,
        Quantity::Power => Method::PowerTrapezoid,
        Quantity::PowerHeld => Method::PowerHeld,
        Quantity::PowerEstimated => Method::PowerModel,
        Quantity::PowerMean => Method::PowerMean,
    };
    let estimated = channel.quantity == Quantity::PowerEstimated;
    Some(Evidence {
        host: channel.host.clone().unwrap_or_else(|| String::from(host)),
        component: channel.component,
        device: channel.device.clone(),
        count: 1,
        basis: if estimated { Basis::Estimated } else { Basis::Measured },
        instrument: channel.instrument,
        method,
        detail: None,
        partly: false,
        energy: integral.energy,
        possible: possible + integral.gap_energy,
        when,
        covered: Some(integral.covered),
        gaps: (integral.gaps, integral.gap_count),
        interval: integral.median,
        samples: Some(part.series.counts().samples),
        peak: part.series.peak(),
        profile: Some(integral.profile),
        place: Place::default(),
        pue: None,
        tool: part.tool.clone(),
        run: None,
        inputs: part.paths.clone(),
        stated: None,
    })
}

/// Logs of one host that know GPUs by uuid and logs that know them by number, at the same time and with no log that knows both:
/// most likely the same GPUs. The set with more energy counts, the upper bound holds both.
fn same_devices_under_two_names(evidence: Vec<Evidence>, settled: &mut Settled) -> Vec<Evidence> {
    let named = |e: &Evidence| e.component == Component::Gpu && e.device.uuid.is_some();
    let numbered = |e: &Evidence| e.component == Component::Gpu && e.device.uuid.is_none();
    let mut out = evidence;
    let hosts: Set<String> = out.iter().map(|e| e.host.clone()).collect();
    for host in hosts {
        let set =
            |which: &dyn Fn(&Evidence) -> bool| -> Vec<Evidence> { out.iter().filter(|e| e.host == host && which(e)).cloned().collect() };
        let (by_uuid, by_number) = (set(&named), set(&numbered));
        let clash = by_uuid.iter().any(|a| by_number.iter().any(|b| a.when.overlap(&b.when).0 > 0));
        if !clash {
            continue;
        }
        let total = |set: &[Evidence]| set.iter().map(|e| e.energy).sum::<Energy>();
        let (a, b) = (total(&by_uuid), total(&by_number));
        let keep_uuid = a >= b;
        let (kept, left) = if keep_uuid { (&by_uuid, &by_number) } else { (&by_number, &by_uuid) };
        let names = |set: &[Evidence]| few(&set.iter().map(Evidence::describe).collect::<Vec<_>>(), "; ");
        settled.notes.push(FoundNote {
            code: &note::POSSIBLE_DOUBLE_COUNT,
            message: format!(
                "{} and {} may be the same devices: {} is counted, the upper bound also holds {}",
                names(kept),
                names(left),
                energy_text(a.max(b)),
                energy_text(a.min(b))
            ),
            place: None,
            hint: None,
        });
        settled.decisions.push(Decision {
            rule: "possibly-one-device",
            kept: names(kept),
            left_out: names(left),
            energy: Some(a.min(b)),
            reason: String::from("one log names GPUs by uuid, the other by number, at the same time; no log says which is which"),
        });
        out.retain(|e| e.host != host || if keep_uuid { !numbered(e) } else { !named(e) });
        let share = a.min(b);
        if let Some(first) = out.iter_mut().find(|e| e.host == host && e.component == Component::Gpu) {
            first.possible += share;
        }
    }
    out
}

fn push_note(settled: &mut Settled, code: &'static note::Code, message: String, part: &Part) {
    settled.notes.push(FoundNote { code, message, place: part.paths.first().cloned(), hint: None });
}

fn join_sets(groups: Vec<BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    let mut joined: Vec<BTreeSet<String>> = Vec::new();
    for mut group in groups {
        while let Some(at) = joined.iter().position(|g| !g.is_disjoint(&group)) {
            group.extend(joined.swap_remove(at));
        }
        joined.push(group);
    }
    order::sort(&mut joined);
    joined
}
