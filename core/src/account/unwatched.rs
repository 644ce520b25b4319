//! Time that nobody watched and in which the training ran (`Ran`): of each logged device it is part of the rest of the machine. It never counts as
//! measured, nor as logged.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::cost::Costed;
use super::instruments::highest_mean_w;
use super::ran::Ran;
use super::rest::{RestPart, UNKNOWN_RATING};
use super::settings::Settings;
use crate::factor::FactorSet;
use crate::ledger::{Basis, Decision, Evidence, FoundNote, Method, When, contains};
use crate::map::Map;
use crate::note;
use crate::report::Boundary;
use crate::series::{Component, Coverage, Instrument, WRAP_SUSPECTED_ABOVE};
use crate::units::{Energy, PICOJOULES_PER_KWH, Span};

/// How such energy comes to be, as the report says it.
const DETAIL: &str = "nobody watched, and the training ran: at the device's mean power";

/// Whether an evidence is such time.
pub(super) fn is_unwatched(evidence: &Evidence) -> bool {
    evidence.detail.as_deref() == Some(DETAIL)
}

/// A device of a host on one kind of clock; of a tracker's figure for all of a component no device is known.
type Key<'c> = (&'c str, Component, &'c str, bool);

fn key<'c>(one: &'c Costed<'_>) -> Option<Key<'c>> {
    let e = one.evidence;
    let When::Dated { utc, .. } = e.when else { return None };
    let device = if e.samples.is_some() { e.device.key() } else { "" };
    (e.stated.is_none() && !e.coverage.is_empty()).then_some((e.host.as_str(), e.component, device, utc))
}

/// The parts: E = mean power of the device while it was watched × time that nobody watched. The lower end is without them, the upper end what the
/// device can draw.
pub(super) fn parts(costed: &[Costed<'_>], ran: &Ran<'_>, factors: &FactorSet) -> (Vec<RestPart>, Option<Decision>) {
    let mut devices: Map<Key<'_>, (Coverage, Vec<usize>)> = Map::new();
    if ran.is_nothing() {
        return (Vec::new(), None);
    }
    for (at, one) in costed.iter().enumerate() {
        let Some(key) = key(one) else { continue };
        let (coverage, members) = devices.entry(key).or_default();
        *coverage = coverage.union(&one.evidence.coverage);
        members.push(at);
    }
    let mut parts = Vec::new();
    let mut counted: Vec<(&str, bool, Coverage, u32)> = Vec::new();
    for ((host, component, device, utc), (own, members)) in devices.iter() {
        // Sensors of single devices stand for the time in which a tracker's figure of all of them is missing, too.
        let of_kind = |key: &Key<'_>| (key.0, key.1, key.3) == (*host, *component, *utc);
        if device.is_empty() && devices.keys().any(|other| of_kind(other) && !other.2.is_empty()) {
            continue;
        }
        let holds = |other: &Key<'_>| {
            (other.0, other.3) == (*host, *utc)
                && (contains(other.1, *component) || of_kind(other) && (other.2.is_empty() || device.is_empty()))
        };
        let others = devices.iter().filter(|(other, _)| holds(other));
        let interval = members.iter().filter_map(|at| costed.get(*at)?.evidence.interval).max();
        let is_accelerator = matches!(component, Component::Gpu | Component::GpuModule) && !device.is_empty();
        let number = devices.keys().filter(|other| of_kind(other) && !other.2.is_empty()).position(|other| other.2 == *device);
        let asked = ran.when(host, *utc, own, number.filter(|_| is_accelerator));
        let free = others.fold(asked.without(own), |free, (_, (theirs, _))| free.without(theirs));
        let free = ran.that_counts(&free, interval);
        if free.is_empty() {
            continue;
        }
        // On a clock that can't be compared it may have been watched for so long.
        let free = without_length(&free, watched_elsewhere(costed, (host, *component, device, *utc)));
        let all: Vec<(usize, &Costed<'_>)> = members.iter().filter_map(|at| Some((*at, costed.get(*at)?))).collect();
        let Some((beside, most)) = all.iter().max_by(|a, b| a.1.it_kwh.total_cmp(&b.1.it_kwh)) else { continue };
        let watched: f64 = all.iter().map(|(_, one)| one.it_kwh).sum();
        let kwh = watched / own.length().as_hours() * free.length().as_hours();
        if !(kwh > 0.0 && kwh.is_finite()) {
            continue;
        }
        let packages = devices.keys().filter(|other| of_kind(other)).count();
        let at_most = |watts: f64| watts / 1000.0 * free.length().as_hours();
        let (possible, bounded) = match can_draw_w(most, packages, factors) {
            // A reading is off as the others are; what a device draws at most is so whatever its instrument reads.
            CanDraw::AsRead(watts) => (at_most(watts) - kwh, 0.0),
            CanDraw::AtMost(watts) => (0.0, at_most(watts) - kwh * most.terms.iter().map(|term| term.high).product::<f64>()),
        };
        counted.push((host, *utc, free.clone(), most.evidence.count.max(1)));
        parts.push(RestPart {
            evidence: evidence(most.evidence, &free, *utc, kwh),
            terms: most.terms.clone(),
            kwh,
            possible_kwh: possible.max(0.0),
            doubtful_kwh: kwh,
            bounded_kwh: bounded.max(0.0),
            beside: *beside,
            kg_per_kwh: most.kg / most.it_kwh,
            building: None,
        });
    }
    let decision = ran.decision(&counted);
    (parts, decision)
}

/// Why the user's own word on when the training ran adds nothing, where that is not because logs watched it: `adds` where it would in a total of the
/// whole machine.
pub(super) fn not_used(logged: &[Costed<'_>], settings: &Settings, is_machine: bool, adds: bool) -> Option<FoundNote> {
    let is_dated = |one: &Costed<'_>| matches!(one.evidence.when, When::Dated { .. });
    let (why, hint) = match settings.boundary {
        _ if settings.running.is_empty() || logged.is_empty() => return None,
        Boundary::Logged => ("the total is of what the logs hold alone", "leave `--boundary logged` out"),
        _ if !logged.iter().any(is_dated) => ("no log has a date", "log with dates, and the times can be placed beside them"),
        _ if adds && !is_machine => (
            "not even the kind of machine is known, so the total is of what the logs hold alone",
            "name the hardware: a table of the columns `time`, `gpu`, `name` and `power_w` holds the model of each device",
        ),
        _ => return None,
    };
    let message = format!("the times of `--running` add nothing: {why}");
    Some(FoundNote { code: &note::RUNNING_UNUSED, message, place: None, hint: Some(String::from(hint)) })
}

/// How long evidence whose clock can't be compared holds a device, or what contains it.
fn watched_elsewhere(costed: &[Costed<'_>], (host, component, device, utc): Key<'_>) -> Span {
    let holds = |e: &&Evidence| {
        let is_elsewhere = !matches!(e.when, When::Dated { utc: other, .. } if other == utc);
        let names = if e.samples.is_some() { e.device.key() } else { "" };
        let is_same = e.component == component && (names == device || names.is_empty() || device.is_empty());
        is_elsewhere && e.stated.is_none() && e.host == host && (is_same || contains(e.component, component))
    };
    let of = costed.iter().map(|one| one.evidence).filter(holds);
    of.map(|e| e.covered.unwrap_or_else(|| e.when.span())).max().unwrap_or_default()
}

/// A coverage without so much of its beginning.
fn without_length(coverage: &Coverage, length: Span) -> Coverage {
    let mut left = length.as_micros();
    let shorter = coverage.spans().iter().map(|(start, end)| {
        let cut = left.clamp(0, end - start);
        left -= cut;
        (start + cut, *end)
    });
    Coverage::from_spans(shorter.collect())
}

/// What lies in gaps of these times is estimated, and is no further bound of what was logged. Where the user says when the training ran, it did not in
/// other pauses.
pub(super) fn leave_gaps(costed: &mut [Costed<'_>], ran: &Ran<'_>) {
    for one in costed.iter_mut().filter(|one| one.in_gaps_kwh > 0.0) {
        let e = one.evidence;
        let When::Dated { utc, .. } = e.when else { continue };
        let asked = ran.when(&e.host, utc, &e.coverage, None);
        let (Some(start), Some(end)) = (one.evidence.coverage.start(), one.evidence.coverage.end()) else { continue };
        let pauses = Coverage::of(start, end).without(&one.evidence.coverage);
        if !pauses.is_empty() {
            let is_stated = ran.is_stated_within(&Coverage::of(start, end));
            let share = if is_stated { 1.0 } else { pauses.common(&asked).as_seconds() / pauses.length().as_seconds() };
            one.possible_kwh = (one.possible_kwh - one.in_gaps_kwh * share).max(0.0);
        }
    }
}

/// The most that a device draws, W.
enum CanDraw {
    /// The highest of its readings.
    AsRead(f64),
    /// By what is known of such devices.
    AtMost(f64),
}

/// By its rating, else its highest reading, else by what is known of its kind: a machine's processors and memory share the ceiling of one machine.
fn can_draw_w(one: &Costed<'_>, packages: usize, factors: &FactorSet) -> CanDraw {
    let e = one.evidence;
    let peak = e.peak.map(crate::units::Power::as_watts);
    if let Some(most) = one.rated_most_w.map(CanDraw::AtMost).or(peak.map(CanDraw::AsRead)) {
        return most;
    }
    let count = f64::from(e.count.max(1));
    let mean = highest_mean_w(e).unwrap_or(0.0);
    let usual = factors.plausible_powers(e.component, None);
    let ceiling = usual.last().map_or(f64::MAX, |row| row.ceiling_w);
    // Where a log names one package no other is in its figure, and none has a higher rating than the largest.
    let is_one = !e.device.key().is_empty() && e.samples.is_some();
    let largest = usual.last().and_then(|row| row.multiple).map(|multiple| multiple * WRAP_SUSPECTED_ABOVE.as_watts() * count);
    CanDraw::AtMost(match e.component {
        // A model of its size gives the same at all times, and how far it may be off is said of the model.
        Component::Memory if !e.instrument.is_sensor() => mean,
        Component::Memory => {
            let of_server = factors.machine_part("cpu_server", "memory").map_or(0.0, |part| part.high * count);
            of_server.max(UNKNOWN_RATING * mean).min(ceiling / packages as f64)
        }
        Component::Cpu | Component::CpuCore | Component::CpuUncore => {
            largest.filter(|_| is_one).unwrap_or(f64::MAX).min(ceiling / packages as f64)
        }
        Component::Gpu | Component::GpuModule => ceiling * count,
        _ => (UNKNOWN_RATING * mean).min(ceiling),
    })
}

fn evidence(of: &Evidence, free: &Coverage, utc: bool, kwh: f64) -> Evidence {
    let when = match (free.start(), free.end()) {
        (Some(start), Some(end)) => When::Dated { start, end, utc },
        _ => When::Undated(Span::ZERO),
    };
    Evidence {
        host: of.host.clone(),
        count: of.count,
        detail: Some(String::from(DETAIL)),
        covered: Some(free.length()),
        coverage: free.clone(),
        place: of.place.clone(),
        pue: of.pue,
        inputs: of.inputs.clone(),
        ..Evidence::of(
            of.component,
            of.device.clone(),
            Basis::Estimated,
            Instrument::Stated,
            Method::Machine,
            Energy::from_picojoules(libm::round(kwh * PICOJOULES_PER_KWH as f64) as i128),
            when,
        )
    }
}
