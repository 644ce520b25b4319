//! What devices whose figures were left out can have drawn at most: once for each device and time, however many trackers say so.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::claim::{Claim, Origin, Reach, Timeline};
use super::gather::Gathered;
use super::rule::Rule;
use super::taken::Taken;
use super::{Ledger, Settled};
use crate::map::Map;
use crate::read::{Declared, DeclaredPart};
use crate::series::{Component, Coverage};
use crate::units::Energy;

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

/// Devices of one kind on one host, or one of them: of no log that could be of another machine.
type Devices<'b> = (usize, Component, Option<usize>, &'b str, u32, Timeline, Option<usize>);

/// One component of one host, on one clock.
type Part = (usize, Component, Timeline);

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
    let mut taken: Map<Devices<'_>, Taken> = Map::new();
    let mut beside: Map<Part, Vec<usize>> = Map::new();
    for (at, claim) in gathered.claims.iter().enumerate().filter(|(_, claim)| claim.timeline.is_dated() && !claim.is_estimate()) {
        beside.entry((claim.host, claim.component, claim.timeline)).or_default().push(at);
    }
    let mut watched: Map<(Part, Option<usize>, u32), Coverage> = Map::new();
    let mut by_file: Map<(usize, usize), Energy> = Map::new();
    for (number, bound) in gathered.bounds.iter().enumerate() {
        let file = (bound.open && !gathered.hosts.is_named(bound.host)).then_some(bound.file);
        let devices = (bound.host, bound.component, bound.device, bound.model.as_str(), bound.count, bound.timeline, file);
        let taken = taken.entry(devices).or_default();
        let free = taken.divide(&bound.coverage).free;
        taken.take(&free, number);
        let part = (bound.host, bound.component, bound.timeline);
        let beside = beside.get(&part).map_or(&[][..], Vec::as_slice);
        let watched = watched.entry((part, bound.device, bound.count)).or_insert_with(|| watched_by(beside, bound, gathered, rule));
        let free = free.without(watched);
        let energy = bound.energy.share(free.length().as_micros(), bound.coverage.length().as_micros().max(1));
        *told.entry((bound.component, bound.model.clone())).or_default() += energy;
        *by_file.entry((bound.host, bound.file)).or_default() += energy;
    }
    let paths: Vec<&str> = ledger.entries().map(|entry| entry.file.path.as_str()).collect();
    let mut of_path: Map<&str, usize> = Map::new();
    let mut of_host: Map<&str, usize> = Map::new();
    for (at, one) in settled.evidence.iter().enumerate().rev() {
        one.inputs.iter().for_each(|path| {
            of_path.insert(path, at);
        });
        of_host.insert(&one.host, at);
    }
    let mut of_evidence: Map<usize, Energy> = Map::new();
    for ((host, file), energy) in by_file.iter() {
        let own = paths.get(*file).and_then(|path| of_path.get(path));
        let label = gathered.hosts.labels.get(*host).map_or("", String::as_str);
        let at = own.or_else(|| of_host.get(label)).copied().unwrap_or(0);
        *of_evidence.entry(at).or_default() += *energy;
    }
    for (at, energy) in of_evidence {
        if let Some(one) = settled.evidence.get_mut(at) {
            one.bound += energy;
        }
    }
    told
}

/// When claims that count hold the bound's devices: a figure for as many, or sensors of each; of one device its own sensor.
fn watched_by(claims: &[usize], bound: &Bound, gathered: &Gathered<'_>, rule: &Rule<'_, '_>) -> Coverage {
    let mut all = Coverage::default();
    let mut devices: Map<usize, Coverage> = Map::new();
    for (claim, outcome) in claims.iter().filter_map(|at| gathered.claims.get(*at).zip(rule.outcomes.get(*at))) {
        match (&claim.origin, claim.reach) {
            (Origin::Declared(..), Reach::Set) if bound.device.is_none() && claim.count >= bound.count => {
                all = all.union(&outcome.coverage)
            }
            (Origin::Recorded(_), Reach::Device) => {
                let own = devices.entry(claim.device).or_default();
                *own = own.union(&outcome.coverage);
            }
            _ => {}
        }
    }
    if let Some(device) = bound.device {
        return devices.get(&device).cloned().unwrap_or_default();
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
