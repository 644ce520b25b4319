//! Trackers' figures find their place beside what was measured: measured before declared, per component and period.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::evidence::{Basis, Decision, Evidence, FoundNote, When};
use super::hosts::Hosts;
use super::plausible::Judge;
use super::precedence::{Covered, part};
use super::{Ledger, LedgerOptions, Method, Settled, containment};
use crate::map::{Map, Set};
use crate::note;
use crate::order;
use crate::read::{Clock, Declared, DeclaredKind, DeclaredPart, Place, Scope};
use crate::report::text::{energy_text, few};
use crate::series::{Component, Device, Instrument};
use crate::units::{Energy, Span};

/// A tracker's figure with its file.
struct Figure<'l> {
    declared: &'l Declared,
    path: &'l str,
    utc: bool,
    dated: bool,
    host: String,
    /// A file of the run's tasks is there: then its own duration is that of the last of them.
    has_tasks: bool,
}

/// Adds to `evidence` what trackers declare and no sensor measured; takes the rest of nodes and unsplit totals.
pub(super) fn apply(ledger: &Ledger, options: LedgerOptions<'_>, evidence: &mut Vec<Evidence>, settled: &mut Settled) {
    let hosts = Hosts::of(ledger);
    let figures = counted_figures(ledger, &hosts, settled);
    let mut claims: Vec<(Evidence, Scope, &Declared)> = Vec::new();
    let mut judge = Judge::new(options.factors);
    for figure in &figures {
        let first = claims.len();
        let mut bounds = Energy::ZERO;
        for part in &figure.declared.parts {
            let (energy, bound) = judge.part(figure.declared, part, figure.path);
            bounds += bound;
            if energy > Energy::ZERO {
                let scope = if part.whole_device { Scope::Machine } else { figure.declared.scope };
                claims.push((Evidence { energy, ..claim(figure, part) }, scope, figure.declared));
            }
        }
        // What is left out may be as much as its devices draw: the figure's other parts hold it.
        if let Some((one, ..)) = claims.get_mut(first) {
            one.possible += bounds;
        }
    }
    judge.finish(settled);
    // The better instrument first, then the larger figure: what comes later only fills what is still free.
    order::sort_by(&mut claims, |(a, x, _), (b, y, _)| {
        (&a.host, a.component, *x == Scope::Process, quality(a.instrument), core::cmp::Reverse(a.energy), &a.run, &a.inputs).cmp(&(
            &b.host,
            b.component,
            *y == Scope::Process,
            quality(b.instrument),
            core::cmp::Reverse(b.energy),
            &b.run,
            &b.inputs,
        ))
    });
    let mut taken = Taken::default();
    let measured = evidence.len();
    for (claim, scope, declared) in claims {
        place(claim, scope, declared, evidence, measured, &mut taken, settled);
    }
    containment::subtract_parts(evidence, settled);
    inherit_places(ledger, &hosts, evidence);
}

/// A sampler's log says nothing of the place. Where a tracker watched the same host at the same time and names one place, that is the place; the
/// PUE that it states is the building's, and so everybody's.
fn inherit_places(ledger: &Ledger, hosts: &Hosts<'_>, evidence: &mut [Evidence]) {
    let mut places: Vec<(String, When, &Place, &str)> = Vec::new();
    let mut pues: Vec<(String, When, f64)> = Vec::new();
    for entry in ledger.entries() {
        for declared in &entry.reading.declared {
            let figure = Figure {
                declared,
                path: &entry.file.path,
                utc: entry.reading.clock == Clock::Utc,
                dated: matches!(entry.reading.clock, Clock::Local | Clock::Utc),
                host: hosts.label(&entry.file.path, declared.host.as_deref()),
                has_tasks: false,
            };
            let Some(when) = when(&figure) else { continue };
            // A tool's constant is no statement about a building: it stays with the tool's own figure.
            let stated = declared.pue.filter(|pue| *pue > 1.0 && !declared.pue_is_constant);
            pues.extend(stated.map(|pue| (figure.host.clone(), when, pue)));
            if declared.place != Place::default() {
                places.push((figure.host, when, &declared.place, figure.path));
            }
        }
    }
    for one in evidence.iter_mut() {
        let beside = |host: &String, when: &When| *host == one.host && one.when.overlap(when).0 > 0;
        if one.place == Place::default() {
            let mut all = places.iter().filter(|(host, when, ..)| beside(host, when));
            if let Some((_, _, first, path)) = all.next()
                && all.all(|(_, _, place, _)| place == first)
            {
                one.place = Place { stated_by: Some((*path).to_string()), ..(*first).clone() };
            }
        }
        if one.pue.is_none_or(|p| p <= 1.0) {
            let mut all = pues.iter().filter(|(host, when, _)| beside(host, when));
            if let Some((_, _, first)) = all.next()
                && all.all(|(_, _, pue)| pue == first)
            {
                one.pue = Some(*first);
            }
        }
    }
}

/// Figures that count: no predictions, no parts of runs that are there, one of each run, no summary beside its details.
fn counted_figures<'l>(ledger: &'l Ledger, hosts: &Hosts<'_>, settled: &mut Settled) -> Vec<Figure<'l>> {
    let mut figures: Vec<Figure<'l>> = Vec::new();
    let mut hashes: Set<&str> = Set::new();
    for entry in ledger.entries() {
        if entry.reading.declared.is_empty() || (!entry.file.blake3.is_empty() && !hashes.insert(&entry.file.blake3)) {
            continue;
        }
        for declared in entry.reading.declared.iter().filter(|d| d.kind == DeclaredKind::Actual && !d.parts.is_empty()) {
            figures.push(Figure {
                declared,
                path: &entry.file.path,
                utc: entry.reading.clock == Clock::Utc,
                dated: matches!(entry.reading.clock, Clock::Local | Clock::Utc),
                host: hosts.label(&entry.file.path, declared.host.as_deref()),
                has_tasks: false,
            });
        }
    }
    let runs: Set<String> = figures.iter().filter(|f| !f.declared.part_of_run).filter_map(run_key).collect();
    let with_tasks: Set<String> = figures.iter().filter(|f| f.declared.part_of_run).filter_map(run_key).collect();
    for figure in figures.iter_mut().filter(|f| f.declared.length_by_energy.is_some()) {
        figure.has_tasks = run_key(figure).is_some_and(|run| with_tasks.contains(&run));
    }
    figures.retain(|f| !(f.declared.part_of_run && run_key(f).is_some_and(|r| runs.contains(&r))));
    let details: Vec<(String, String, When)> =
        figures.iter().filter(|f| !f.declared.summary).filter_map(|f| Some((family(f), f.host.clone(), when(f)?))).collect();
    figures.retain(|f| {
        !f.declared.summary
            || !details.iter().any(|(tool, host, at)| *tool == family(f) && *host == f.host && when(f).is_none_or(|w| w.overlap(at).0 > 0))
    });
    // One run in several files: the larger total is the later one. Tasks of one run are parts and add up.
    let mut best: Map<String, (Energy, usize)> = Map::new();
    for (i, figure) in figures.iter().enumerate().filter(|(_, f)| !f.declared.part_of_run) {
        if let Some(run) = run_key(figure) {
            let total = total(figure.declared);
            let entry = best.entry(run).or_insert((total, i));
            if total > entry.0 {
                *entry = (total, i);
            }
        }
    }
    let mut i = 0;
    figures.retain(|f| {
        let keep = f.declared.part_of_run || run_key(f).is_none_or(|r| best.get(&r).is_none_or(|(_, at)| *at == i));
        i += 1;
        if !keep {
            settled.decisions.push(Decision {
                rule: "one-row-a-run",
                kept: format!("the largest total of run {}", f.declared.run.as_deref().unwrap_or("")),
                left_out: format!("{}, line {}", f.path, f.declared.line),
                energy: Some(total(f.declared)),
                reason: String::from("several files hold running totals of one run"),
            });
        }
        keep
    });
    figures
}

/// Lets a claim count as far as neither a sensor nor a better claim covers its time. What sensors measured comes first in `evidence`, `measured` of them.
fn place(
    mut claim: Evidence,
    scope: Scope,
    declared: &Declared,
    evidence: &mut Vec<Evidence>,
    measured: usize,
    taken: &mut Taken,
    settled: &mut Settled,
) {
    let declared_energy = claim.energy;
    let sensors: Vec<&Evidence> = evidence
        .iter()
        .take(measured)
        .filter(|e| {
            e.basis == Basis::Measured && e.component == claim.component && e.host == claim.host && e.when.overlap(&claim.when).0 > 0
        })
        .collect();
    if !sensors.is_empty() {
        let mut covered = Covered::default();
        sensors.iter().for_each(|s| covered.add(s.when));
        let mut devices: Set<&str> = Set::new();
        sensors.iter().for_each(|s| {
            devices.insert(s.device.key());
        });
        let (count, watched) = (i64::from(claim.count), i64::try_from(devices.len()).unwrap_or(i64::MAX));
        let free = covered.free_share(&claim.when);
        let in_time = part(declared_energy, free);
        // Devices that the sensors do not cover keep their share of the covered time.
        let uncovered_devices = if count > watched { (declared_energy - in_time).share(count - watched, count) } else { Energy::ZERO };
        let kept = in_time + uncovered_devices;
        settled.decisions.push(Decision {
            rule: "measured-before-declared",
            kept: few(&sensors.iter().map(|s| s.describe()).collect::<Vec<_>>(), "; "),
            left_out: claim.describe(),
            energy: Some(declared_energy - kept),
            reason: if kept > Energy::ZERO {
                String::from("a sensor measured these joules; the tracker's figure counts for the devices and the time that it did not")
            } else {
                String::from("a sensor measured the same joules")
            },
        });
        claim.energy = kept;
        if kept == Energy::ZERO {
            return;
        }
    }
    let (tool, machine) = (taken.name(tool_family(&claim)), taken.name(machine(scope, &declared.hardware_key, &claim)));
    let watch = Watch { when: claim.when, end_known_to: declared.end_known_to, tool, machine, scope };
    let watches = taken.watches.entry((claim.host.clone(), claim.component)).or_default();
    let mut covered = Covered::default();
    // Ends that are known to a second overlap by less than that although one follows the other.
    let beside = |other: &&Watch| {
        let unsure = watch.end_known_to.max(other.end_known_to);
        other.covers(&watch) && Span::from_micros(claim.when.overlap(&other.when).0) > unsure
    };
    watches.iter().filter(beside).for_each(|other| covered.add(other.when));
    let free = covered.free_share(&claim.when);
    watches.push(watch);
    let kept = part(claim.energy, free);
    if kept < claim.energy {
        let left = claim.energy - kept;
        let same = |e: &&Evidence| {
            e.basis == Basis::Declared && e.component == claim.component && e.host == claim.host && e.when.overlap(&claim.when).0 > 0
        };
        let others = few(&evidence.iter().filter(same).map(Evidence::describe).collect::<Vec<_>>(), "; ");
        settled.notes.push(FoundNote {
            code: &note::DECLARED_OVERLAP,
            message: format!("{} watched the same machine at the same time as {others}, which counts", claim.describe()),
            place: None,
            hint: None,
        });
        settled.decisions.push(Decision {
            rule: "machine-counted-once",
            kept: others,
            left_out: claim.describe(),
            energy: Some(left),
            reason: String::from(
                "each tracker reports the whole machine, so the joules are the same: the better instrument counts, then the larger figure",
            ),
        });
        hold_disagreement(&claim, left, evidence, settled);
        claim.energy = kept;
        if kept == Energy::ZERO {
            return;
        }
    }
    if claim.energy != declared_energy {
        claim.partly = true;
    }
    evidence.push(claim);
}

/// Times that are spoken for, by host and component.
#[derive(Default)]
struct Taken {
    watches: Map<(String, Component), Vec<Watch>>,
    names: Map<String, usize>,
}

impl Taken {
    /// A number for a name: every claim is compared with those before it, thousands in a cluster's accounts.
    fn name(&mut self, name: String) -> usize {
        let next = self.names.len();
        *self.names.entry(name).or_insert(next)
    }
}

/// A stretch of time in which a tracker speaks for a machine, a job or a process.
struct Watch {
    when: When,
    end_known_to: Span,
    tool: usize,
    machine: usize,
    scope: Scope,
}

impl Watch {
    /// Whether the joules of `later` are joules of `self`: a machine holds its processes; two figures of one tool are of one machine when the
    /// hardware is the same; two tools can't be told apart by how they spell it. Processes add up.
    fn covers(&self, later: &Watch) -> bool {
        match (self.scope, later.scope) {
            (Scope::Process, _) => false,
            (_, Scope::Process) => true,
            _ => self.tool != later.tool || self.machine == later.machine,
        }
    }
}

fn machine(scope: Scope, hardware: &str, claim: &Evidence) -> String {
    match scope {
        Scope::Job => format!("job {}", claim.run.as_deref().unwrap_or("")),
        Scope::Machine | Scope::Process => String::from(hardware),
    }
}

/// Two trackers that do not agree on one component: what the other says beyond the figure that counts goes to the upper bound.
fn hold_disagreement(claim: &Evidence, left: Energy, evidence: &mut [Evidence], settled: &mut Settled) {
    let family = tool_family(claim);
    let rival = evidence.iter_mut().find(|e| {
        e.basis == Basis::Declared
            && e.component == claim.component
            && e.host == claim.host
            && tool_family(e) != family
            && e.when.overlap(&claim.when).0 > 0
    });
    let Some(rival) = rival else { return };
    let (more, less) = (left.max(rival.energy), left.min(rival.energy));
    if more.as_picojoules() < less.as_picojoules().saturating_mul(2) {
        return;
    }
    settled.notes.push(FoundNote {
        code: &note::TRACKERS_DISAGREE,
        message: format!(
            "{} says {}, {} says {}: the first counts{}",
            rival.tool.as_deref().unwrap_or(""),
            energy_text(rival.energy),
            claim.tool.as_deref().unwrap_or(""),
            energy_text(left),
            if left > rival.energy { ", the upper bound holds the second" } else { "" }
        ),
        place: claim.inputs.first().cloned(),
        hint: None,
    });
    if left > rival.energy {
        rival.possible += left - rival.energy;
    }
}

fn tool_family(evidence: &Evidence) -> String {
    evidence.tool.as_deref().and_then(|t| t.split(' ').next()).unwrap_or("").to_string()
}

fn claim(figure: &Figure<'_>, part: &DeclaredPart) -> Evidence {
    let declared = figure.declared;
    let count = part.count.unwrap_or(1).max(1);
    Evidence {
        host: figure.host.clone(),
        component: part.component,
        device: Device { model: part.model.clone(), ..Device::default() },
        count,
        basis: Basis::Declared,
        instrument: part.instrument,
        method: Method::Declared,
        detail: None,
        partly: false,
        energy: part.energy,
        possible: Energy::ZERO,
        when: when(figure).unwrap_or(When::Undated(Span::ZERO)),
        covered: declared.duration,
        gaps: (Span::ZERO, 0),
        interval: None,
        samples: None,
        peak: None,
        profile: None,
        place: declared.place.clone(),
        pue: declared.pue.filter(|_| !declared.pue_is_constant),
        tool: Some(declared.tool.clone()),
        run: declared.run.clone().or_else(|| declared.name.clone()),
        inputs: [figure.path.to_string()].to_vec(),
        stated: None,
    }
}

fn when(figure: &Figure<'_>) -> Option<When> {
    let longer = figure.declared.length_by_energy.filter(|_| figure.has_tasks);
    match figure.declared.period {
        Some((start, end)) if figure.dated => {
            let start = longer.map_or(start, |longer| start.min(end.plus(Span::from_micros(-longer.as_micros()))));
            Some(When::Dated { start, end, utc: figure.utc })
        }
        _ => longer.max(figure.declared.duration).map(When::Undated),
    }
}

/// Runs are the same when tool and run id are; names alone are no identity.
fn run_key(figure: &Figure<'_>) -> Option<String> {
    figure.declared.run.as_ref().map(|run| format!("{} {run}", family(figure)))
}

/// The tool without its version.
fn family(figure: &Figure<'_>) -> String {
    figure.declared.tool.split(' ').next().unwrap_or("").to_string()
}

fn total(declared: &Declared) -> Energy {
    declared.parts.iter().map(|p| p.energy).sum()
}

const fn quality(instrument: Instrument) -> u8 {
    match instrument {
        Instrument::TrackerModel => 1,
        Instrument::TrackerUnstated => 2,
        Instrument::TrackerAssumption => 3,
        _ => 0,
    }
}
