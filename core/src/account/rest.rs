//! The rest of the computers: what no log shows of them, by the kind of machine that the logged devices stand in.
//!
//! Estimates and logs share this: a phase without logs is evidence of its accelerators, and its host is added here like a log's.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use super::cost::{self, Costed};
use super::idle::Idle;
use super::instruments::{by_table, rated_w};
use crate::factor::{FactorSet, MachinePart, ZoneId};
use crate::interval::{Term, TermKind};
use crate::ledger::{Basis, Evidence, Method, Stated, When};
use crate::map::{Map, Set};
use crate::order;
use crate::rules;
use crate::series::{Component, Device, Instrument};
use crate::units::{Energy, Instant, PICOJOULES_PER_KWH, Span};

/// Cards that share one desktop or small server: beyond these another processor, board and supply are counted.
const CARDS_A_MACHINE: f64 = rules::value("cards_a_machine");

/// A processor that draws no more on average may be of a small board, W.
const LOW_POWER_W: f64 = rules::value("low_power_processor_w");

/// Rated over mean power of a device that no table rates.
pub(super) const UNKNOWN_RATING: f64 = rules::value("unknown_rating");

/// The rest of all machines.
pub(super) struct Rest {
    /// Each part, beside the evidence whose machine it belongs to: first the accelerators that count as not measured.
    pub parts: Vec<RestPart>,
    unmeasured: usize,
    /// The building of each logged evidence, where its PUE is not known but its kind of machine is.
    pub buildings: Vec<Option<MachinePart>>,
    /// Some energy is of devices that do not tell what machine they stand in.
    pub unknown: bool,
}

/// One part of the rest.
pub(super) struct RestPart {
    pub evidence: Evidence,
    pub terms: Vec<Term>,
    pub kwh: f64,
    /// What the upper end holds besides, and of the energy what the lower end is without, kWh.
    pub possible_kwh: f64,
    pub doubtful_kwh: f64,
    /// What the upper end holds of what the device draws at most: no instrument's error comes on top, kWh.
    pub bounded_kwh: f64,
    /// Position of the logged evidence that has its place and factors.
    pub beside: usize,
    /// kgCO2e of one kWh of IT energy: those of the logged parts of the same machine.
    pub kg_per_kwh: f64,
    pub building: Option<MachinePart>,
}

impl RestPart {
    /// With the causes of what is doubtful, each in its share of what is doubtful of those that it is in proportion to.
    fn because_of(mut self, members: &[(usize, &Costed<'_>)]) -> Self {
        let sum = |of: fn(&Evidence) -> Energy| members.iter().map(|(_, one)| of(one.evidence)).sum::<Energy>().as_kwh();
        let share = self.doubtful_kwh / sum(|evidence| evidence.less);
        if share.is_finite() {
            for (_, one) in members {
                self.evidence.because.change(|because| because.1.add(&one.evidence.because.get().1, share));
            }
        }
        self
    }
}

/// What the tables say of models: each is looked up once, however many machines have it.
struct Models<'c, 'f> {
    factors: &'f FactorSet,
    rated_w: RefCell<Map<(Component, &'c str), Option<f64>>>,
    kinds: RefCell<Map<(Component, &'c str), Option<String>>>,
    parts: RefCell<Map<(String, &'static str), Option<MachinePart>>>,
}

impl<'c, 'f> Models<'c, 'f> {
    fn of(factors: &'f FactorSet) -> Self {
        Self { factors, rated_w: RefCell::default(), kinds: RefCell::default(), parts: RefCell::default() }
    }

    fn rated_w(&self, component: Component, model: &'c str) -> Option<f64> {
        *self.rated_w.borrow_mut().entry((component, model)).or_insert_with(|| rated_w(self.factors, component, model))
    }

    fn machine_kind(&self, component: Component, model: &'c str) -> Option<String> {
        let find = || self.factors.machine_kind(component.as_str(), model);
        self.kinds.borrow_mut().entry((component, model)).or_insert_with(find).clone()
    }

    fn machine_part(&self, kind: &str, part: &'static str) -> Option<MachinePart> {
        self.parts.borrow_mut().entry((String::from(kind), part)).or_insert_with(|| self.factors.machine_part(kind, part)).clone()
    }
}

/// Evidence of one host, place and building.
type Key<'c> = (&'c str, Option<&'c str>, Option<&'c ZoneId>, Option<String>, u64);

impl Rest {
    /// The accelerators that count as not measured.
    pub(super) fn unmeasured(&self) -> &[RestPart] {
        self.parts.get(..self.unmeasured).unwrap_or(&[])
    }
}

/// What the logs do not show of the machines behind `logged`, in which accelerators stand that count as not measured.
pub(super) fn rest(logged: &[Costed<'_>], mut unmeasured: Vec<RestPart>, idle: &[Idle], factors: &FactorSet) -> Rest {
    let estimated = cost::of_rest(&unmeasured, logged);
    let costed: Vec<&Costed<'_>> = logged.iter().chain(&estimated).collect();
    let mut found = of_machines(&costed, idle, factors);
    let buildings = found.buildings.split_off(logged.len());
    // What stands beside such an accelerator stands beside its neighbour that was logged.
    for part in &mut found.parts {
        let neighbour = part.beside.checked_sub(logged.len()).and_then(|at| unmeasured.get(at));
        part.beside = neighbour.map_or(part.beside, |neighbour| neighbour.beside);
    }
    found.unmeasured = unmeasured.len();
    unmeasured.iter_mut().zip(buildings).for_each(|(part, building)| part.building = building);
    found.parts.splice(..0, unmeasured);
    found
}

fn of_machines(costed: &[&Costed<'_>], idle: &[Idle], factors: &FactorSet) -> Rest {
    let mut groups: Map<Key<'_>, Vec<usize>> = Map::new();
    for (at, one) in costed.iter().enumerate() {
        let (evidence, site) = (one.evidence, &one.resolved.site);
        let run = evidence.stated.as_ref().and(evidence.run.as_deref());
        let region = site.region.as_ref().map(|region| region.code());
        let key = (evidence.machine(), run, site.zone.as_ref(), region, one.resolved.pue.value.to_bits());
        groups.entry(key).or_default().push(at);
    }
    let models = Models::of(factors);
    let mut found = Rest { parts: Vec::new(), unmeasured: 0, buildings: costed.iter().map(|_| None).collect(), unknown: false };
    for members in groups.into_iter().map(|(_, members)| members) {
        let machine = Machine::of(&members, costed, idle, &models);
        let Some(kind) = &machine.kind else {
            found.unknown |= machine.kwh(|_| true) > 0.0;
            continue;
        };
        let building = models.machine_part(kind, "facility");
        for at in &members {
            if let Some(slot) = found.buildings.get_mut(*at) {
                slot.clone_from(&building);
            }
        }
        found.parts.extend(machine.parts(kind, &models, &building));
    }
    found
}

/// The logged parts of one machine.
struct Machine<'c, 'l> {
    members: Vec<(usize, &'c Costed<'l>)>,
    kind: Option<String>,
    /// No log tells accelerators apart: those that a total names, with what stands beside them, are all there are.
    in_totals: bool,
    /// Accelerators that no log shows, with the evidence that they are like.
    idle: Vec<(&'c Idle, &'c Costed<'l>)>,
}

impl<'c, 'l> Machine<'c, 'l> {
    fn of(members: &[usize], costed: &[&'c Costed<'l>], idle: &'c [Idle], models: &Models<'c, '_>) -> Self {
        let members: Vec<_> = members.iter().filter_map(|at| Some((*at, *costed.get(*at)?))).collect();
        let of_members = idle.iter().filter(|idle| members.iter().any(|(at, _)| *at == idle.beside));
        let idle = of_members.filter_map(|idle| Some((idle, *costed.get(idle.beside)?))).collect();
        let is_board = |one: &Costed<'_>| matches!(one.evidence.component, Component::Gpu | Component::GpuModule);
        let in_totals = !members.iter().any(|(_, one)| is_board(one));
        let mut machine = Self { members, kind: None, in_totals, idle };
        machine.kind = machine.kind_of(models);
        machine
    }

    /// A node's meter needs none; else what its accelerators say, of which the largest decides; else what its processors say.
    fn kind_of(&self, tables: &Models<'c, '_>) -> Option<String> {
        let complete = |one: &Costed<'_>| one.evidence.stated.as_ref().is_some_and(|stated| stated.complete);
        if self.has(Component::Node) || self.members.iter().any(|(_, one)| complete(one)) {
            return Some(String::from("node"));
        }
        let named = |component: Component| {
            let of: Vec<&Costed<'_>> = self.of_component(component).collect();
            let mut by_model: Map<&str, f64> = Map::new();
            of.iter().filter_map(|one| Some((one.evidence.device.model.as_deref()?, one.it_kwh))).for_each(|(model, kwh)| {
                *by_model.entry(model).or_default() += kwh;
            });
            let mut models: Vec<(&str, f64)> = by_model.iter().map(|(model, kwh)| (*model, *kwh)).collect();
            order::sort_by(&mut models, |a, b| b.1.total_cmp(&a.1));
            let of_model = models.iter().find_map(|(model, _)| tables.machine_kind(component, model));
            // Whoever states a training of accelerators that no table has means a server of them.
            let stated = of.iter().any(|one| one.evidence.stated.is_some()).then(|| String::from("accelerator_server"));
            of_model.or(stated)
        };
        for component in [Component::GpuModule, Component::Gpu] {
            if self.has(component) {
                return named(component);
            }
        }
        self.has(Component::Cpu).then(|| named(Component::Cpu).unwrap_or_else(|| String::from(self.unknown_processor())))
    }

    /// A processor that nobody knows may be of a small board only where it draws as little as one.
    fn unknown_processor(&self) -> &'static str {
        let mean_w = 1000.0 * self.kwh(|e| e.component == Component::Cpu) / self.socket_hours();
        if mean_w <= LOW_POWER_W { "cpu_low_power" } else { "cpu_unknown" }
    }

    fn of_component(&self, component: Component) -> impl Iterator<Item = &'c Costed<'l>> + '_ {
        self.members.iter().map(|(_, one)| *one).filter(move |one| self.component_of(one.evidence) == component)
    }

    fn component_of(&self, evidence: &Evidence) -> Component {
        if self.in_totals { evidence.stands_for() } else { evidence.component }
    }

    fn has(&self, component: Component) -> bool {
        self.of_component(component).next().is_some()
    }

    fn kwh(&self, of: impl Fn(&Evidence) -> bool) -> f64 {
        self.members.iter().filter(|(_, one)| of(one.evidence)).map(|(_, one)| one.it_kwh).sum::<f64>() + 0.0
    }

    /// Hours in which any of these components was watched.
    fn hours(&self, components: &[Component]) -> f64 {
        let is_of = |e: &&Evidence| components.contains(&e.component) || components.contains(&self.component_of(e));
        let of = self.members.iter().map(|(_, one)| one.evidence).filter(is_of);
        watched(of)
    }

    /// Accelerators: modules, and GPUs that are in none of them.
    fn accelerators(&self) -> impl Iterator<Item = &'c Costed<'l>> + '_ {
        let modules: Set<&str> = self.of_component(Component::GpuModule).map(|one| one.evidence.device.key()).collect();
        let alone = self.of_component(Component::Gpu).filter(move |one| !modules.contains(one.evidence.device.key()));
        self.of_component(Component::GpuModule).chain(alone)
    }

    /// The number of devices, each counted once.
    fn devices(&self, of: impl Iterator<Item = &'c Costed<'l>>) -> f64 {
        let mut counts: Map<&str, u32> = Map::new();
        for one in of {
            let count = counts.entry(one.evidence.device.key()).or_default();
            *count = (*count).max(one.evidence.count);
        }
        counts.values().map(|count| f64::from(*count)).sum::<f64>() + 0.0
    }

    /// Processors times the hours in which each was watched. One that a sensor and a tracker call by other names, each for its own time, is one at a time.
    fn socket_hours(&self) -> f64 {
        let mut own: Map<&str, Vec<&Evidence>> = Map::new();
        self.of_component(Component::Cpu).for_each(|one| own.entry(one.evidence.device.key()).or_default().push(one.evidence));
        let count = |of: &[&Evidence]| of.iter().map(|e| e.count).max().map_or(0.0, f64::from);
        let each: f64 = own.values().map(|of| count(of) * watched(of.iter().copied())).sum();
        each.min(self.devices(self.of_component(Component::Cpu)).max(1.0) * self.hours(&[Component::Cpu]))
    }

    /// What the rest is in proportion to, by the unit of its row; kW × h.
    fn base(&self, unit: &str, models: &Models<'c, '_>) -> f64 {
        let lead = self.lead();
        match unit {
            "W per rated W" => {
                let rated = |one: &'c Costed<'l>| {
                    let e = one.evidence;
                    // A device that no table rates: twice what it drew, as a busy one draws half of its rating or more.
                    let hours = e.covered.unwrap_or_else(|| e.when.span()).as_hours();
                    let model = e.device.model.as_deref().unwrap_or("");
                    models
                        .rated_w(self.component_of(e), model)
                        .map_or(UNKNOWN_RATING * one.it_kwh, |watts| watts / 1000.0 * f64::from(e.count) * hours)
                };
                let idle: f64 = self.idle.iter().map(|(idle, like)| rated_kwh(idle, like, models)).sum();
                self.accelerators().map(rated).sum::<f64>() + idle
            }
            "W per socket" => self.socket_hours() / 1000.0,
            _ => {
                let cards = self.devices(self.accelerators());
                libm::ceil(cards / CARDS_A_MACHINE).max(1.0) * self.hours(lead) / 1000.0
            }
        }
    }

    /// The components whose time is the machine's.
    fn lead(&self) -> &'static [Component] {
        let accelerators: &[Component] = &[Component::Gpu, Component::GpuModule];
        if accelerators.iter().any(|component| self.has(*component)) { accelerators } else { &[Component::Cpu] }
    }

    fn parts(&self, kind: &str, models: &Models<'c, '_>, building: &Option<MachinePart>) -> Vec<RestPart> {
        let Some((beside, _)) = self.members.iter().max_by(|a, b| a.1.it_kwh.total_cmp(&b.1.it_kwh)) else { return Vec::new() };
        let (kg, all) = self.members.iter().fold((0.0, 0.0), |(kg, kwh), (_, one)| (kg + one.kg, kwh + one.it_kwh));
        if self.members.iter().any(|(_, one)| one.evidence.stated.as_ref().is_some_and(|stated| stated.complete)) || all <= 0.0 {
            return Vec::new();
        }
        // What may have been of another device had a machine around it, too.
        let of = |energy: fn(&Evidence) -> Energy| self.members.iter().map(|(_, one)| energy(one.evidence)).sum::<Energy>().as_kwh();
        let open = of(|evidence| evidence.apart) / of(|evidence| evidence.energy);
        let open = if open.is_finite() { open } else { 0.0 };
        // What may be no energy of its own loses none: in proportion to energy, as losses are, the lower end is without the same share.
        let doubted = |part: RestPart, sum: f64, doubtful_kwh: f64| {
            let share = (doubtful_kwh / sum).clamp(0.0, 1.0);
            RestPart { doubtful_kwh: part.kwh * share, ..part }.because_of(&self.members)
        };
        let doubtful: f64 = self.members.iter().map(|(_, one)| one.doubtful_kwh).sum();
        let new = |component: Component, name: &str, kwh: f64, terms: Vec<Term>| RestPart {
            evidence: self.evidence(component, name, kwh),
            terms,
            kwh,
            possible_kwh: kwh * open,
            doubtful_kwh: 0.0,
            bounded_kwh: 0.0,
            beside: *beside,
            kg_per_kwh: kg / all,
            building: building.clone(),
        };
        let mut parts = Vec::new();
        if kind == "node" {
            let node = self.of_component(Component::Node).next().map(|one| one.evidence.instrument);
            let plug = node.and_then(|instrument| models.machine_part(kind, instrument.as_str()));
            if let Some(figure) = plug {
                let terms = self.scaled_terms(&parts, all, &figure);
                let part = new(Component::Host, "between the node's instrument and the plug", all * figure.value, terms);
                parts.push(doubted(part, all, doubtful));
            }
            return parts;
        }
        parts.extend(self.idle_parts(models, &new));
        let watched = self.hours(self.lead());
        let module = self.has(Component::GpuModule);
        for (name, component, within_module) in
            [("processor", Component::Cpu, true), ("memory", Component::Memory, true), ("other", Component::Host, false)]
        {
            let Some(figure) = models.machine_part(kind, name) else { continue };
            if self.has(Component::Host) || (module && within_module) {
                continue;
            }
            // What a log shows of the component is not added: only the time in which it does not.
            // A total that is not split holds processors and memory.
            let shows = [component, Component::Unsplit, Component::Platform];
            let shown = if component == Component::Host || watched <= 0.0 { 0.0 } else { (self.hours(&shows) / watched).min(1.0) };
            let share = self.members.iter().find_map(|(_, one)| one.evidence.stated.as_ref()?.share).unwrap_or(1.0);
            let kwh = figure.value * self.base(&figure.unit, models) * (1.0 - shown) * share;
            if kwh > 0.0 {
                let terms = [own_term(kind, name, &figure)].to_vec();
                parts.push(new(component, label(name), kwh, terms));
            }
        }
        if let Some(figure) = models.machine_part(kind, "supply") {
            let direct = all + parts.iter().map(|part| part.kwh).sum::<f64>();
            let mut terms = self.scaled_terms(&parts, direct, &figure);
            terms.push(own_term(kind, "supply", &figure));
            let part = new(Component::Host, "loss in power supplies", direct * figure.value, terms);
            parts.push(doubted(part, direct, doubtful));
        }
        parts
    }

    /// Accelerators that the job had, and that no log shows: idle, by the row of the power model. They may have been at work, which the upper end holds.
    fn idle_parts(&self, models: &Models<'c, '_>, new: &dyn Fn(Component, &str, f64, Vec<Term>) -> RestPart) -> Vec<RestPart> {
        if self.idle.is_empty() {
            return Vec::new();
        }
        let factors = models.factors;
        let (Some(idle), Some(busy)) = (factors.power_model("accelerator_idle"), factors.power_model("accelerator_busy")) else {
            return Vec::new();
        };
        let part = |(own, like): &(&Idle, &'c Costed<'l>)| {
            let rated = rated_kwh(own, like, models);
            let cause = format!("accelerators that no log shows: {}", idle.description);
            let term = by_table(TermKind::Rest, cause, idle.low / idle.value, idle.high / idle.value, &idle.source);
            let mut part = new(Component::Gpu, "accelerators of the job that no log shows", rated * idle.value, Vec::from([term]));
            // With the term of the part the upper end is that of busy ones.
            part.possible_kwh += rated * idle.value * (busy.high / idle.high - 1.0).max(0.0);
            part.evidence.device.model.clone_from(&like.evidence.device.model);
            part.evidence.count = own.count;
            part
        };
        self.idle.iter().map(part).filter(|part| part.kwh > 0.0).collect()
    }

    /// What is in proportion to a sum is off with its parts: their terms, by weight, beside the figure's own.
    fn scaled_terms(&self, parts: &[RestPart], sum: f64, figure: &MachinePart) -> Vec<Term> {
        let mut terms: Map<(TermKind, Rc<str>), Term> = Map::new();
        let logged = self.members.iter().map(|(_, one)| (one.it_kwh, &one.terms));
        for (kwh, of) in logged.chain(parts.iter().map(|part| (part.kwh, &part.terms))) {
            for term in of {
                let weight = kwh / sum;
                let entry = terms.entry((term.kind, term.cause.clone())).or_insert_with(|| Term { low: 1.0, high: 1.0, ..term.clone() });
                entry.low -= weight * (1.0 - term.low);
                entry.high += weight * (term.high - 1.0);
            }
        }
        let mut terms: Vec<Term> = terms.into_iter().map(|(_, term)| term).collect();
        if parts.is_empty() && self.has(Component::Node) {
            terms.push(own_term("node", "plug", figure));
        }
        terms
    }

    /// The part as evidence, so that every table of the report shows it beside what was logged.
    fn evidence(&self, component: Component, name: &str, kwh: f64) -> Evidence {
        let lead = self.lead();
        let mut of: Vec<&Evidence> =
            self.members.iter().map(|(_, one)| one.evidence).filter(|e| lead.contains(&self.component_of(e))).collect();
        if of.is_empty() {
            of = self.members.iter().map(|(_, one)| one.evidence).collect();
        }
        let hours = watched(of.iter().copied());
        let span = Span::from_micros(libm::round(hours * 3.6e9) as i64);
        let dated = of.iter().map(|e| match e.when {
            When::Dated { start, end, utc } => Some((start, end, utc)),
            When::Undated(_) => None,
        });
        let whole = dated.reduce(|a, b| a.zip(b).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1), a.2 && b.2))).flatten();
        let inputs: Set<&String> = self.members.iter().flat_map(|(_, one)| &one.evidence.inputs).take(3).collect();
        let first = of.first();
        let energy = Energy::from_picojoules(libm::round(kwh * PICOJOULES_PER_KWH as f64) as i128);
        let device = Device { index: Some(String::from(name)), ..Device::default() };
        let when = whole.map_or(When::Undated(span), |(start, end, utc)| When::Dated { start, end, utc });
        Evidence {
            host: first.map_or_else(String::new, |e| e.host.clone()),
            detail: Some(match component {
                Component::Host => format!("{name}, for the kind of machine"),
                _ => String::from("for the kind of machine"),
            }),
            covered: (span > Span::ZERO).then_some(span),
            year: self.members.first().and_then(|(_, one)| one.evidence.year),
            run: first.and_then(|e| e.run.clone()).filter(|_| first.is_some_and(|e| e.stated.is_some())),
            inputs: inputs.into_iter().cloned().collect(),
            stated: first.and_then(|e| e.stated.as_deref()).map(|stated| {
                let said = Stated { causes: Vec::new(), assumptions: Vec::new(), offsets_kg: None, ..stated.clone() };
                alloc::boxed::Box::new(said)
            }),
            ..Evidence::of(component, device, Basis::Estimated, Instrument::Stated, Method::Machine, energy, when)
        }
    }
}

/// Rated power × number × time, kWh. Where no table rates the model: twice what the device that they are like drew on average, as in the base of the rest.
fn rated_kwh<'c>(idle: &Idle, like: &'c Costed<'_>, models: &Models<'c, '_>) -> f64 {
    let e = like.evidence;
    let model = e.device.model.as_deref().unwrap_or("");
    let hours = e.covered.unwrap_or_else(|| e.when.span()).as_hours();
    let drawn_kw = if hours > 0.0 { UNKNOWN_RATING * like.it_kwh / hours / f64::from(e.count.max(1)) } else { 0.0 };
    models.rated_w(e.component, model).map_or(drawn_kw, |watts| watts / 1000.0) * f64::from(idle.count) * idle.hours
}

fn label(part: &str) -> &'static str {
    match part {
        "processor" => "processors",
        "memory" => "memory",
        _ => "fans, disks, network and boards",
    }
}

fn own_term(kind: &str, name: &str, figure: &MachinePart) -> Term {
    let cause = format!("{}, {name}: {}", kind.replace('_', " "), figure.description);
    let over = |end: f64| if figure.value > 0.0 { end / figure.value } else { 1.0 };
    by_table(TermKind::Rest, cause, over(figure.low), over(figure.high), &figure.source)
}

/// Hours that evidence covers together: the union of its times, but no more than the times of all devices; without dates the longest time of any device.
fn watched<'e>(of: impl Iterator<Item = &'e Evidence>) -> f64 {
    let mut dated: Vec<(Instant, Instant)> = Vec::new();
    let mut by_device: Map<(Component, String), f64> = Map::new();
    let mut undated = false;
    for e in of {
        let hours = e.covered.unwrap_or_else(|| e.when.span()).as_hours();
        *by_device.entry((e.component, e.device.key().to_string())).or_default() += hours;
        match e.when {
            When::Dated { start, end, .. } => dated.push((start, end)),
            When::Undated(_) => undated = true,
        }
    }
    let longest = by_device.values().copied().fold(0.0, f64::max);
    let all: f64 = by_device.values().sum();
    if undated {
        return longest;
    }
    order::sort(&mut dated);
    let (mut union, mut reached) = (0.0, None::<Instant>);
    for (start, end) in dated {
        let from = reached.map_or(start, |reached| start.max(reached));
        union += end.since(from).as_hours().max(0.0);
        reached = Some(reached.map_or(end, |reached| end.max(reached)));
    }
    union.min(all)
}
