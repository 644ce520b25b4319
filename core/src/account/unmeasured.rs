//! Accelerators of which a tracker's figure or a recording could not be believed, or that a tracker lists without one, and processors where no accelerator stands beside them: they count as not measured, so
//! that they are part of the rest of the machine, by their rated power and what is known of such devices in training. Beside an accelerator the processors are part of the
//! rest by the kind of machine.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::cost::Costed;
use super::instruments::{by_table, rated_w};
use super::rest::RestPart;
use crate::factor::FactorSet;
use crate::interval::TermKind;
use crate::ledger::{Basis, Claimed, Evidence, Ledger, Method, Plausible, Unmeasured, Verdict, contains, is_asked_for};
use crate::map::{Map, Set};
use crate::order;
use crate::read::DeclaredKind;
use crate::series::{Component, Device, Instrument};
use crate::units::{Energy, Instant, PICOJOULES_PER_KWH, Span};

/// How such energy comes to be, as the report says it: of accelerators, and of processors.
const DETAILS: [&str; 2] = [
    "not measured: by its rated power and the usual load of accelerators",
    "not measured: by its rated power and the usual load of processors",
];

/// Whether an evidence is of such a device.
pub(super) fn is_unmeasured(evidence: &Evidence) -> bool {
    evidence.detail.as_deref().is_some_and(|detail| DETAILS.contains(&detail))
}

/// What is known of the power of a kind of device over its rated one.
struct Load {
    share: f64,
    low: f64,
    high: f64,
    cause: String,
    source: String,
}

impl Load {
    /// idle + (busy − idle) × utilisation, by the rows of the power model.
    fn of(names: [&str; 3], label: &str, factors: &FactorSet) -> Option<Self> {
        let [busy, idle, used] = names.map(|name| factors.power_model(name));
        let (busy, idle, used) = (busy?, idle?, used?);
        let load = |busy: f64, idle: f64, used: f64| idle + (busy - idle) * used;
        let share = load(busy.value, idle.value, used.value);
        let (low, high) = (load(busy.low, idle.low, used.low) / share, load(busy.high, idle.high, used.high) / share);
        Some(Self { share, low, high, cause: format!("{label} not measured: {}", used.description), source: used.source })
    }
}

/// One model on one host.
struct LeftOut {
    /// Position of the logged evidence whose place and factors it has.
    beside: usize,
    /// Of trackers' figures: devices, and when they ran.
    count: u32,
    dated: Vec<(Instant, Instant)>,
    undated: Span,
    /// Of recordings: how long each device was not measured.
    devices: Map<usize, Span>,
}

impl LeftOut {
    fn beside(beside: usize) -> Self {
        Self { beside, count: 0, dated: Vec::new(), undated: Span::ZERO, devices: Map::new() }
    }

    /// Devices, and for how long each of them: of trackers and recordings what is more, as both may be of the same.
    fn devices(&self) -> (u32, Span) {
        let recorded: i64 = self.devices.values().map(|span| span.as_micros()).sum();
        let each = (union(&self.dated) + self.undated).as_micros();
        let count = self.count.max(u32::try_from(self.devices.len()).unwrap_or(u32::MAX)).max(1);
        let all = each.saturating_mul(i64::from(self.count)).max(recorded);
        (count, Span::from_micros(all / i64::from(count)))
    }
}

/// The parts of the rest that such devices are: E = rated power × number × time × (idle + (busy − idle) × utilisation), by the rows of the power model.
pub(super) fn parts(
    ledger: &Ledger,
    recorded: &[Unmeasured],
    costed: &[Costed<'_>],
    factors: &FactorSet,
    only: &[String],
) -> Vec<RestPart> {
    let mut found = left_out(ledger, costed, factors, only);
    add_recorded(&mut found, recorded, costed);
    if found.is_empty() {
        return Vec::new();
    }
    let accelerators = Load::of(["accelerator_busy", "accelerator_idle", "accelerator_utilisation"], "accelerators", factors);
    let processors = Load::of(["processor_busy", "processor_idle", "processor_utilisation"], "processors", factors);
    // Beside accelerators the kind of machine says what its processors draw, and what holds processors says what these drew.
    let holds = |e: &Evidence| is_accelerator(e.component) || e.component == Component::Cpu || contains(e.component, Component::Cpu);
    let says = costed.iter().map(|one| one.evidence).filter(|e| e.method != Method::Machine && holds(e));
    let mut held: Set<String> = says.map(|e| e.host.clone()).collect();
    found.keys().filter(|(_, component, _)| is_accelerator(*component)).for_each(|(host, _, _)| {
        held.insert(String::from(*host));
    });
    let part = |((host, component, model), one): (&(&str, Component, &str), &LeftOut)| {
        let beside = costed.get(one.beside)?;
        let rated = rated_w(factors, *component, model)?;
        let (load, detail) = match is_accelerator(*component) {
            true => (accelerators.as_ref()?, DETAILS[0]),
            false if held.contains(*host) => return None,
            false => (processors.as_ref()?, DETAILS[1]),
        };
        let (count, time) = one.devices();
        let kwh = rated / 1000.0 * f64::from(count) * time.as_hours() * load.share;
        Some(RestPart {
            evidence: Evidence {
                component: *component,
                device: Device { model: Some(String::from(*model)), ..Device::default() },
                count,
                basis: Basis::Estimated,
                instrument: Instrument::Stated,
                method: Method::Machine,
                detail: Some(String::from(detail)),
                energy: Energy::from_picojoules(libm::round(kwh * PICOJOULES_PER_KWH as f64) as i128),
                covered: Some(time),
                tool: None,
                less: Energy::ZERO,
                because: Default::default(),
                ..beside.evidence.clone()
            },
            terms: Vec::from([by_table(TermKind::Rest, load.cause.clone(), load.low, load.high, &load.source)]),
            kwh,
            possible_kwh: 0.0,
            doubtful_kwh: 0.0,
            bounded_kwh: 0.0,
            beside: one.beside,
            kg_per_kwh: match beside.it_kwh > 0.0 {
                true => beside.kg / beside.it_kwh,
                false => beside.resolved.pue.value * beside.resolved.intensity.value / 1000.0,
            },
            building: None,
        })
    };
    found.iter().filter_map(part).filter(|part| part.kwh > 0.0).collect()
}

/// What such accelerators can have drawn is estimated: of the machine it is no further bound.
pub(super) fn leave_bounds(costed: &mut [Costed<'_>], parts: &[RestPart]) {
    for part in parts {
        let mut held = part.kwh * part.terms.iter().map(|term| term.high).product::<f64>();
        for one in costed.iter_mut().filter(|one| one.bounded_kwh > 0.0 && one.evidence.host == part.evidence.host) {
            let own = held.min(one.bounded_kwh - one.estimated_kwh);
            one.estimated_kwh += own;
            held -= own;
        }
    }
}

/// By host, component and model.
type ByModel<'l> = Map<(&'l str, Component, &'l str), LeftOut>;

fn is_accelerator(component: Component) -> bool {
    matches!(component, Component::Gpu | Component::GpuModule)
}

/// Adds devices whose recordings were left out.
fn add_recorded<'l>(found: &mut ByModel<'l>, recorded: &'l [Unmeasured], costed: &'l [Costed<'_>]) {
    // Of the evidence of a host that of accelerators decides on the place, then the first.
    let mut of_host: Map<&str, usize> = Map::new();
    for of_accelerators in [false, true] {
        for (at, one) in costed.iter().enumerate().rev().filter(|(_, one)| is_accelerator(one.evidence.component) == of_accelerators) {
            of_host.insert(&one.evidence.host, at);
        }
    }
    for one in recorded.iter().filter(|one| is_accelerator(one.component) || one.component == Component::Cpu) {
        let Some(beside) = of_host.get(one.host.as_str()).copied() else { continue };
        let left_out = found.entry((&one.host, one.component, &one.model)).or_insert_with(|| LeftOut::beside(beside));
        *left_out.devices.entry(one.device).or_default() += one.time;
    }
}

/// Accelerators whose figures were left out, by host and model, on hosts where nothing else says what they used; and processors.
fn left_out<'l>(ledger: &'l Ledger, costed: &'l [Costed<'_>], factors: &FactorSet, only: &[String]) -> ByModel<'l> {
    let mut found: ByModel<'l> = Map::new();
    let says = |e: &Evidence| e.method != Method::Machine && (e.component == Component::Gpu || contains(e.component, Component::Gpu));
    let watched: Set<&str> = costed.iter().map(|one| one.evidence).filter(|e| says(e)).map(|e| e.host.as_str()).collect();
    let mut plausible = Plausible::new(factors);
    let mut files: Option<Map<&str, usize>> = None;
    for entry in ledger.entries() {
        for declared in entry.reading.declared.iter().filter(|d| d.kind == DeclaredKind::Actual && !d.part_of_run) {
            let Some(duration) = declared.duration else { continue };
            for part in declared.parts.iter().filter(|part| matches!(part.component, Component::Cpu | Component::Gpu)) {
                let Some(model) = part.model.as_deref() else { continue };
                if !part.unmeasured && !matches!(plausible.judge(&Claimed::of(declared, part)), Verdict::LeftOut { .. }) {
                    continue;
                }
                let files = files.get_or_insert_with(|| {
                    let inputs =
                        costed.iter().enumerate().flat_map(|(at, one)| one.evidence.inputs.iter().map(move |path| (path.as_str(), at)));
                    inputs.collect()
                });
                let Some(beside) = files.get(entry.file.path.as_str()).copied() else { continue };
                let Some(host) = costed.get(beside).map(|one| one.evidence.host.as_str()).filter(|host| {
                    let is_watched = part.component == Component::Gpu && watched.contains(host);
                    !is_watched && is_asked_for(only, host, part.component)
                }) else {
                    continue;
                };
                let one = found.entry((host, part.component, model)).or_insert_with(|| LeftOut::beside(beside));
                one.count = one.count.max(part.count.unwrap_or(1));
                match declared.period {
                    Some(period) => one.dated.push(period),
                    None => one.undated += duration,
                }
            }
        }
    }
    found
}

/// The length of times that may overlap.
fn union(times: &[(Instant, Instant)]) -> Span {
    let mut times = times.to_vec();
    order::sort(&mut times);
    let (mut length, mut reached) = (Span::ZERO, None::<Instant>);
    for (start, end) in times {
        let from = reached.map_or(start, |reached| start.max(reached));
        if end > from {
            length += end.since(from);
        }
        reached = Some(reached.map_or(end, |reached| end.max(reached)));
    }
    length
}
