//! What devices whose figures were left out can have drawn at most: once for each device and time, however many trackers say so.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::claim::{Claim, Origin, Reach, Timeline};
use super::containment::contains;
use super::evidence::{Basis, Evidence};
use super::gather::Gathered;
use super::rule::Rule;
use super::taken::Taken;
use super::{Ledger, Method, Settled};
use crate::map::Map;
use crate::read::{Declared, DeclaredPart};
use crate::series::{Component, Coverage, Device, Instrument};
use crate::units::{Energy, Span};

/// A figure that was left out.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    /// Position of the claim beside it, of the same figure, and of its file.
    pub beside: usize,
    pub file: usize,
    /// Number of the host.
    pub host: usize,
    pub component: Component,
    /// The device, of a recording.
    pub device: Option<usize>,
    pub model: String,
    pub count: u32,
    pub timeline: Timeline,
    /// When its devices drew it.
    pub coverage: Coverage,
    /// What they can have drawn at most.
    pub energy: Energy,
    /// Nothing says of which machine the figure is: that of another file may be of another one.
    pub open: bool,
}

impl Bound {
    /// Of a part of a tracker's figure, whose claim has its time.
    pub(super) fn of(declared: &Declared, part: &DeclaredPart, claim: &Claim<'_>, beside: usize, energy: Energy) -> Self {
        Self {
            beside,
            file: claim.file,
            host: claim.host,
            component: part.component,
            device: None,
            model: part.model.clone().unwrap_or_default(),
            count: claim.count,
            timeline: claim.timeline,
            coverage: claim.coverage.clone(),
            energy,
            open: declared.host.is_none(),
        }
    }

    /// Of a recording that can't be of its device, whose host is known.
    pub(super) fn of_recording(claim: &Claim<'_>, model: &str, energy: Energy) -> Self {
        Self {
            beside: 0,
            file: claim.file,
            host: claim.host,
            component: claim.component,
            device: Some(claim.device),
            model: model.to_string(),
            count: claim.count,
            timeline: claim.timeline,
            coverage: claim.coverage.clone(),
            energy,
            open: false,
        }
    }
}

/// A device of which nobody measured anything for some time: its recording can't be of it.
#[derive(Clone, Debug)]
pub struct Unmeasured {
    /// Its host.
    pub host: String,
    /// What it is.
    pub component: Component,
    /// Its model.
    pub model: String,
    /// Its number among the devices of the ledger.
    pub device: usize,
    /// For how long.
    pub time: Span,
    /// The file of the recording.
    pub path: String,
}

/// Devices of one kind on one host, or one of them: of no log that could be of another machine.
type Devices<'b> = (usize, Component, Option<usize>, &'b str, u32, Timeline, Option<usize>);

/// One host, on one clock.
type Machine = (usize, Timeline);

/// Adds what is possible to the upper ends of the evidence of the same machine, and returns what it comes to by component and model.
pub(super) fn add(
    ledger: &Ledger,
    gathered: &Gathered<'_>,
    rule: &Rule<'_, '_>,
    settled: &mut Settled,
) -> Map<(Component, String), Energy> {
    let mut told: Map<(Component, String), Energy> = Map::new();
    if gathered.bounds.is_empty() {
        return told;
    }
    let paths: Vec<&str> = ledger.entries().map(|entry| entry.file.path.as_str()).collect();
    let mut taken: Map<Devices<'_>, Taken> = Map::new();
    let mut beside: Map<Machine, Vec<usize>> = Map::new();
    let is_known = |claim: &Claim<'_>| claim.timeline.is_dated() || matches!(claim.origin, Origin::Recorded(_));
    for (at, claim) in gathered.claims.iter().enumerate().filter(|(_, claim)| is_known(claim) && !claim.is_estimate()) {
        beside.entry((claim.host, claim.timeline)).or_default().push(at);
    }
    let mut watched: Map<(Machine, Component, Option<usize>, u32), Coverage> = Map::new();
    let mut by_file: Map<(usize, usize), (Energy, usize)> = Map::new();
    for (number, bound) in gathered.bounds.iter().enumerate() {
        let file = (bound.open && !gathered.hosts.is_named(bound.host)).then_some(bound.file);
        let devices = (bound.host, bound.component, bound.device, bound.model.as_str(), bound.count, bound.timeline, file);
        let taken = taken.entry(devices).or_default();
        let free = taken.divide(&bound.coverage).free;
        taken.take(&free, number);
        let machine = (bound.host, bound.timeline);
        let beside = beside.get(&machine).map_or(&[][..], Vec::as_slice);
        let watched = watched
            .entry((machine, bound.component, bound.device, bound.count))
            .or_insert_with(|| watched_by(beside, bound, gathered, rule));
        let free = free.without(watched);
        if free.is_empty() {
            continue;
        }
        let energy = bound.energy.share(free.length().as_micros(), bound.coverage.length().as_micros().max(1));
        *told.entry((bound.component, bound.model.clone())).or_default() += energy;
        by_file.entry((bound.host, bound.file)).or_insert((Energy::ZERO, number)).0 += energy;
        if let Some(device) = bound.device {
            settled.unmeasured.push(Unmeasured {
                host: gathered.hosts.labels.get(bound.host).cloned().unwrap_or_default(),
                component: bound.component,
                model: bound.model.clone(),
                device,
                time: free.length(),
                path: paths.get(bound.file).copied().unwrap_or("").to_string(),
            });
        }
    }
    let mut of_path: Map<(&str, &str), usize> = Map::new();
    let mut of_host: Map<&str, usize> = Map::new();
    for (at, one) in settled.evidence.iter().enumerate().rev() {
        one.inputs.iter().for_each(|path| {
            of_path.insert((&one.host, path), at);
        });
        of_host.insert(&one.host, at);
    }
    let mut held: Vec<(usize, Energy)> = Vec::new();
    let mut alone: Map<usize, Evidence> = Map::new();
    for ((host, file), (energy, number)) in by_file.iter() {
        let label = gathered.hosts.labels.get(*host).map_or("", String::as_str);
        let path = paths.get(*file).copied().unwrap_or("");
        match (of_path.get(&(label, path)).or_else(|| of_host.get(label)), gathered.bounds.get(*number)) {
            (Some(at), _) => held.push((*at, *energy)),
            (None, Some(bound)) => alone.entry(*host).or_insert_with(|| nothing_of(bound, label, path)).bound += *energy,
            (None, None) => {}
        }
    }
    for (at, energy) in held {
        if let Some(one) = settled.evidence.get_mut(at) {
            one.bound += energy;
        }
    }
    settled.evidence.extend(alone.into_values());
    told
}

/// A host of which nothing counts: its interval begins at nothing, and holds what its devices can have drawn.
fn nothing_of(bound: &Bound, host: &str, path: &str) -> Evidence {
    let device = Device { model: Some(bound.model.clone()).filter(|model| !model.is_empty()), ..Device::default() };
    let when = bound.timeline.when(&bound.coverage);
    Evidence {
        host: host.to_string(),
        count: bound.count,
        detail: Some(String::from("not measured: what the log says of it can't be")),
        covered: Some(Span::ZERO),
        inputs: Vec::from([path.to_string()]),
        ..Evidence::of(bound.component, device, Basis::Estimated, Instrument::Stated, Method::Machine, Energy::ZERO, when)
    }
}

/// When claims that count hold the bound's devices: a figure for as many, a meter of what they are in, or sensors of each; of one device its own sensor, or
/// what is left of a figure for all without what their sensors hold.
fn watched_by(claims: &[usize], bound: &Bound, gathered: &Gathered<'_>, rule: &Rule<'_, '_>) -> Coverage {
    let mut all = Coverage::default();
    let mut devices: Map<usize, Coverage> = Map::new();
    for (claim, outcome) in claims.iter().filter_map(|at| gathered.claims.get(*at).zip(rule.outcomes.get(*at))) {
        let is_container = contains(claim.component, bound.component) && claim.component != Component::GpuModule;
        match (&claim.origin, claim.reach) {
            (_, Reach::Device | Reach::Set) if is_container => all = all.union(&outcome.coverage),
            _ if claim.component != bound.component => {}
            (Origin::Declared(..), Reach::Set) if bound.device.is_some() || claim.count >= bound.count => {
                all = all.union(&outcome.coverage)
            }
            (Origin::Recorded(_), Reach::Set) => all = all.union(&outcome.coverage),
            (Origin::Recorded(_), Reach::Device) => {
                let own = devices.entry(claim.device).or_default();
                *own = own.union(&outcome.coverage);
            }
            _ => {}
        }
    }
    if let Some(device) = bound.device {
        return all.union(&devices.get(&device).cloned().unwrap_or_default());
    }
    if devices.len() < bound.count as usize {
        return all;
    }
    let each = devices.iter().map(|(_, coverage)| coverage.clone()).reduce(|a, b| a.intersection(&b));
    all.union(&each.unwrap_or_default())
}

/// Keeps those of the components that are asked for.
pub(super) fn keep(bounds: &mut Vec<Bound>, is_asked_for: impl Fn(usize, Component) -> bool) {
    let mut known: Map<(usize, Component), bool> = Map::new();
    bounds.retain(|bound| *known.entry((bound.host, bound.component)).or_insert_with(|| is_asked_for(bound.host, bound.component)));
}
