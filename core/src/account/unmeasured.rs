//! Accelerators of which a tracker's figure could not be believed: they count as not measured, so that they are part of the rest of the machine, by their
//! rated power and what is known of accelerators in training.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::cost::Costed;
use super::instruments::{by_table, rated_w};
use super::rest::RestPart;
use crate::factor::{FactorSet, MachinePart};
use crate::interval::TermKind;
use crate::ledger::{Basis, Claimed, Evidence, Ledger, Method, Plausible, Verdict, is_asked_for};
use crate::map::{Map, Set};
use crate::order;
use crate::read::DeclaredKind;
use crate::series::{Component, Device, Instrument};
use crate::units::{Energy, Instant, PICOJOULES_PER_KWH, Span};

/// One model on one host.
struct LeftOut {
    /// Position of the logged evidence whose place and factors it has.
    beside: usize,
    count: u32,
    dated: Vec<(Instant, Instant)>,
    undated: Span,
}

/// The parts of the rest that such accelerators are: E = rated power × number × time × (idle + (busy − idle) × utilisation), by the rows of the power model.
pub(super) fn parts(
    ledger: &Ledger,
    costed: &[Costed<'_>],
    buildings: &[Option<MachinePart>],
    factors: &FactorSet,
    only: &[String],
) -> Vec<RestPart> {
    let figure = |name: &str| factors.power_model(name);
    let (Some(busy), Some(idle), Some(used)) = (figure("accelerator_busy"), figure("accelerator_idle"), figure("accelerator_utilisation"))
    else {
        return Vec::new();
    };
    let load = |busy: f64, idle: f64, used: f64| idle + (busy - idle) * used;
    let share = load(busy.value, idle.value, used.value);
    let (low, high) = (load(busy.low, idle.low, used.low) / share, load(busy.high, idle.high, used.high) / share);
    let found = left_out(ledger, costed, factors, only);
    let part = |((_, model), one): (&(&str, &str), &LeftOut)| {
        let beside = costed.get(one.beside).filter(|beside| beside.it_kwh > 0.0)?;
        let rated = rated_w(factors, Component::Gpu, model)?;
        let time = union(&one.dated) + one.undated;
        let kwh = rated / 1000.0 * f64::from(one.count) * time.as_hours() * share;
        let cause = format!("accelerators not measured: {}", used.description);
        Some(RestPart {
            evidence: Evidence {
                component: Component::Gpu,
                device: Device { model: Some(String::from(*model)), ..Device::default() },
                count: one.count,
                basis: Basis::Estimated,
                instrument: Instrument::Stated,
                method: Method::Machine,
                detail: Some(String::from("not measured: by its rated power and the usual load of accelerators")),
                energy: Energy::from_picojoules(libm::round(kwh * PICOJOULES_PER_KWH as f64) as i128),
                covered: Some(time),
                tool: None,
                ..beside.evidence.clone()
            },
            terms: Vec::from([by_table(TermKind::Rest, cause, low, high, &used.source)]),
            kwh,
            possible_kwh: 0.0,
            doubtful_kwh: 0.0,
            beside: one.beside,
            kg_per_kwh: beside.kg / beside.it_kwh,
            building: buildings.get(one.beside).cloned().flatten(),
        })
    };
    found.iter().filter_map(part).filter(|part| part.kwh > 0.0).collect()
}

/// Accelerators whose figures were left out, by host and model, on hosts where nothing else says what they used.
fn left_out<'l>(ledger: &'l Ledger, costed: &'l [Costed<'_>], factors: &FactorSet, only: &[String]) -> Map<(&'l str, &'l str), LeftOut> {
    let mut found: Map<(&str, &str), LeftOut> = Map::new();
    let watched: Set<&str> =
        costed.iter().filter(|one| one.evidence.component == Component::Gpu).map(|one| one.evidence.host.as_str()).collect();
    let mut plausible = Plausible::new(factors);
    let mut files: Option<Map<&str, usize>> = None;
    for entry in ledger.entries() {
        for declared in entry.reading.declared.iter().filter(|d| d.kind == DeclaredKind::Actual && !d.part_of_run) {
            let Some(duration) = declared.duration else { continue };
            for part in declared.parts.iter().filter(|part| part.component == Component::Gpu) {
                let Some(model) = part.model.as_deref() else { continue };
                if !matches!(plausible.judge(&Claimed::of(declared, part)), Verdict::LeftOut { .. }) {
                    continue;
                }
                let files = files.get_or_insert_with(|| {
                    let inputs =
                        costed.iter().enumerate().flat_map(|(at, one)| one.evidence.inputs.iter().map(move |path| (path.as_str(), at)));
                    inputs.collect()
                });
                let Some(beside) = files.get(entry.file.path.as_str()).copied() else { continue };
                let Some(host) = costed
                    .get(beside)
                    .map(|one| one.evidence.host.as_str())
                    .filter(|host| !watched.contains(host) && is_asked_for(only, host, Component::Gpu))
                else {
                    continue;
                };
                let new = LeftOut { beside, count: 0, dated: Vec::new(), undated: Span::ZERO };
                let one = found.entry((host, model)).or_insert(new);
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
