//! Totals, weighted factors and the sentences of the headline.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::cost::Costed;
use super::devices;
use super::settings::Settings;
use super::wide;
use crate::card::{Facts, grams};
use crate::factor::{Basis as FactorBasis, Factor, Match};
use crate::interval::{Interval, UncertainPart, combine};
use crate::interval::{energy_quantity, mass_quantity};
use crate::ledger::{Basis, Method, When};
use crate::map::Map;
use crate::order;
use crate::report::factor_use;
use crate::report::{Assumption, Boundary, ComponentEnergy, Emissions, EnergyTotals, FactorUse, Location, Report};
use crate::series::{Component, Instrument};
use crate::text::{POWER_FROM_W, percent, significant, with_unit};
use crate::units::{Energy, Span, weighted_mean};

/// Energy in total and by component.
pub(super) fn energy(costed: &[Costed<'_>]) -> EnergyTotals {
    let of = |wanted: fn(&Costed<'_>) -> bool, part: fn(&Costed<'_>) -> UncertainPart| {
        combine(&costed.iter().filter(|one| wanted(one)).map(part).collect::<Vec<_>>())
    };
    let it = of(|_| true, |one| one.as_it());
    let has_rest = costed.iter().any(|one| one.rest);
    let facility = in_buildings(costed, |one| one.as_facility());
    let measured: f64 = costed.iter().filter(|c| c.evidence.instrument.is_sensor()).map(|c| c.it_kwh).sum::<f64>() + 0.0;
    let has_times = has_times(costed);
    let mut by: Map<Component, Vec<&Costed<'_>>> = Map::new();
    for one in costed {
        by.entry(one.evidence.component).or_default().push(one);
    }
    let mut by_component: Vec<ComponentEnergy> =
        by.into_iter().map(|(component, parts)| component_energy(component, &parts, it.value, has_times)).collect();
    order::sort_by(&mut by_component, |a, b| b.energy_kwh.value.total_cmp(&a.energy_kwh.value));
    EnergyTotals {
        logged_kwh: energy_quantity(&of(|one| !one.rest, |one| one.as_logged())),
        rest_kwh: has_rest.then(|| energy_quantity(&of(|one| one.rest, |one| one.as_it()))),
        overhead_kwh: facility.as_ref().map(|facility| facility.value - it.value),
        facility_kwh: facility.as_ref().map(energy_quantity),
        it_kwh: energy_quantity(&it),
        measured_share: if it.value > 0.0 { measured / it.value } else { 0.0 },
        by_component,
    }
}

/// Whether the time of all that was logged is known: what is estimated beside it has a mean power then, too.
pub(super) fn has_times(costed: &[Costed<'_>]) -> bool {
    let span = |one: &Costed<'_>| one.evidence.covered.unwrap_or_else(|| one.evidence.when.span());
    costed.iter().all(|one| one.rest || span(one) > Span::ZERO || one.evidence.energy == Energy::ZERO)
}

/// All parts with their buildings; `None` where that of one is not known.
fn in_buildings(costed: &[Costed<'_>], part: fn(&Costed<'_>) -> UncertainPart) -> Option<Interval> {
    let mut parts: Vec<UncertainPart> = Vec::with_capacity(costed.len());
    for one in costed {
        let mut part = one.in_building(part(one))?;
        let before = parts.last().and_then(|before| before.terms.last());
        part.terms.last_mut().zip(before).into_iter().for_each(|(building, before)| building.share(before));
        parts.push(part);
    }
    Some(combine(&parts))
}

fn component_energy(component: Component, parts: &[&Costed<'_>], total_kwh: f64, has_times: bool) -> ComponentEnergy {
    let interval = combine(&parts.iter().map(|c| c.as_it()).collect::<Vec<_>>());
    let mut bases: Vec<Basis> = parts.iter().map(|c| c.evidence.basis).collect();
    order::sort(&mut bases);
    bases.dedup();
    let mut methods: Vec<String> = parts.iter().map(|c| c.evidence.method_text()).collect();
    order::sort(&mut methods);
    methods.dedup();
    // Mean power while running: energy over the time that any part of the component covers.
    let mean = period_span(parts.iter().copied())
        .filter(|_| has_times || !parts.iter().any(|one| one.rest))
        .map(|seconds| interval.value * 3.6e6 / seconds);
    let share = if total_kwh > 0.0 { interval.value / total_kwh } else { 0.0 };
    ComponentEnergy {
        component: component.as_str().to_string(),
        label: parts.first().map_or(component.label(), |c| c.evidence.label()).to_string(),
        energy_kwh: energy_quantity(&interval),
        share,
        share_text: percent(share),
        mean_power_w: mean,
        mean_power_text: mean.map(|w| with_unit(w, 3, POWER_FROM_W)),
        basis: bases.iter().map(|b| b.as_str()).collect::<Vec<_>>().join(" and "),
        method: methods.join("; "),
    }
}

/// The longest covered time of any one device, in seconds: devices of a component run side by side. `None` where the time of one is not known.
fn period_span<'c, 'l: 'c>(parts: impl Iterator<Item = &'c Costed<'l>>) -> Option<f64> {
    let mut by_device: Map<(&str, &str), i64> = Map::new();
    for one in parts {
        let span = one.evidence.covered.unwrap_or_else(|| one.evidence.when.span());
        if span == Span::ZERO && one.evidence.energy > Energy::ZERO {
            return None;
        }
        *by_device.entry((&one.evidence.host, one.evidence.device.key())).or_default() += span.as_micros();
    }
    by_device.into_values().max().filter(|s| *s > 0).map(|s| s as f64 / 1e6)
}

/// Emissions in total; the budget of the operational total goes into the report, and what makes its interval wide.
pub(super) fn emissions(costed: &[Costed<'_>], settings: &Settings, basis: FactorBasis, report: &mut Report) -> Emissions {
    let operational = combine(&costed.iter().map(Costed::as_emissions).collect::<Vec<_>>());
    let market = settings.market_g_per_kwh.map(|grams| {
        let mut facility = combine(&costed.iter().map(Costed::as_facility).collect::<Vec<_>>());
        let per_kwh = grams / 1000.0;
        (facility.value, facility.low, facility.high) = (facility.value * per_kwh, facility.low * per_kwh, facility.high * per_kwh);
        mass_quantity(&facility)
    });
    let quantity = mass_quantity(&operational);
    report.headline.wide_because = wide::because(costed, &operational);
    report.interval.budget = operational.budget;
    let logged = costed.iter().filter(|one| !one.rest).map(|one| one.emissions_of(one.as_logged()));
    let rest = costed.iter().filter(|one| one.rest).map(|one| one.emissions_of(one.as_it()));
    let of = |parts: Vec<UncertainPart>| mass_quantity(&combine(&parts));
    let without_building = costed.iter().any(|one| one.resolved.pue.matched == Match::Default);
    let facility = in_buildings(costed, |one| one.as_emissions()).filter(|_| without_building);
    Emissions {
        logged_kgco2e: of(logged.collect()),
        rest_kgco2e: costed.iter().any(|one| one.rest).then(|| of(rest.collect())),
        facility_kgco2e: facility.as_ref().map(mass_quantity),
        total_kgco2e: quantity.clone(),
        operational_kgco2e: quantity,
        market_based_kgco2e: market,
        embodied_kgco2e: None,
        basis,
        by_step_kgco2e: Vec::new(),
    }
}

/// Adds the hardware's manufacture: total = operational + embodied, the budget being that of both.
pub(super) fn add_embodied(report: &mut Report, costed: &[Costed<'_>], embodied: &super::embodied::Embodied) {
    for model in &embodied.unknown {
        report.assumptions.push(Assumption {
            code: String::from("embodied-unknown"),
            text: format!("no figure for the manufacture of {model} is known: it is left out, which is not zero"),
            option: None,
        });
    }
    let (Some(own), Some(emissions)) = (embodied.total(), &mut report.emissions) else { return };
    let operational = costed.iter().map(Costed::as_emissions);
    let total = combine(&operational.chain(embodied.parts.iter().cloned()).collect::<Vec<_>>());
    emissions.embodied_kgco2e = Some(mass_quantity(&own));
    emissions.total_kgco2e = mass_quantity(&total);
    report.factors.extend(embodied.rows.iter().map(|row| row.factor.clone()));
    report.embodied.clone_from(&embodied.rows);
}

/// Every factor that entered, and for each activity the positions of its factors.
pub(super) fn factors_used(costed: &[Costed<'_>]) -> (Vec<FactorUse>, Vec<Vec<u32>>) {
    let mut used: Vec<FactorUse> = Vec::new();
    let mut positions: Vec<Vec<u32>> = Vec::new();
    for (at, one) in costed.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| costed.get(before).zip(positions.last()));
        let is_as_before = |before: &Costed<'_>| match (&before.known_pue, &one.known_pue) {
            (Some(known), Some(own)) => Arc::ptr_eq(known, own),
            (known, own) => known.is_none() && own.is_none(),
        };
        if let Some((_, known)) = before.filter(|(before, _)| Arc::ptr_eq(&before.resolved, &one.resolved) && is_as_before(before)) {
            positions.push(known.clone());
            continue;
        }
        let mut position = |factor| {
            let row = factor_use(factor);
            let at = used.iter().position(|f| is_same(f, &row)).unwrap_or_else(|| {
                used.push(row);
                used.len() - 1
            });
            u32::try_from(at).unwrap_or(u32::MAX)
        };
        positions.push([&one.resolved.intensity, &one.resolved.pue].map(&mut position).to_vec());
        // It is in the estimate of the facility alone.
        if let Some(known) = &one.known_pue {
            position(&known.pue);
        }
    }
    (used, positions)
}

/// Means over time of one series may differ in their last bits and are one factor.
fn is_same(a: &FactorUse, b: &FactorUse) -> bool {
    let near = |x: f64, y: f64| (x - y).abs() <= 1e-12 * x.abs();
    let values = near(a.value, b.value) && near(a.low, b.low) && near(a.high, b.high);
    values && *a == FactorUse { value: a.value, low: a.low, high: a.high, ..b.clone() }
}

/// The PUE of the whole: electricity at the meter over IT energy.
pub(super) fn weighted_pue(costed: &[Costed<'_>]) -> Option<FactorUse> {
    combined(costed, |c| (&c.resolved.pue, c.it_kwh))
}

/// The carbon intensity of the whole: emissions over electricity at the meter.
pub(super) fn weighted_intensity(costed: &[Costed<'_>], basis: FactorBasis) -> Option<FactorUse> {
    let mut whole = combined(costed, |c| (&c.resolved.intensity, c.facility_kwh()))?;
    whole.basis = Some(basis);
    Some(whole)
}

/// The one factor of all activities, or their mean by weight.
fn combined<'c, 'l: 'c>(costed: &'c [Costed<'l>], of: impl Fn(&'c Costed<'l>) -> (&'c Factor, f64)) -> Option<FactorUse> {
    let pairs: Vec<(&Factor, f64)> = costed.iter().map(of).collect();
    let (first, _) = pairs.first()?;
    if pairs.iter().all(|(f, _)| f == first) {
        return Some(factor_use(first));
    }
    let mean = |pick: fn(&Factor) -> f64| weighted_mean(pairs.iter().map(|(f, w)| (pick(f), *w)));
    let mut labels: Vec<&str> = pairs.iter().map(|(f, _)| f.label.as_str()).collect();
    order::sort(&mut labels);
    labels.dedup();
    let mean = Factor {
        kind: first.kind,
        label: match labels.as_slice() {
            [one] => (*one).to_string(),
            several => format!("weighted mean of {}", several.join(", ")),
        },
        value: mean(|f| f.value)?,
        low: mean(|f| f.low)?,
        high: mean(|f| f.high)?,
        unit: first.unit,
        basis: first.basis,
        year: None,
        source: first.source.clone(),
        matched: first.matched,
        by_year: None,
    };
    Some(FactorUse { match_text: String::from("weighted by energy"), ..factor_use(&mean) })
}

/// Where, when all activities share a place; else the places together.
pub(super) fn location(costed: &[Costed<'_>]) -> Option<Location> {
    let mut zones: Vec<(String, String)> = Vec::new();
    let mut regions: Vec<(String, String)> = Vec::new();
    let mut origins: Vec<String> = Vec::new();
    let mut nowhere: Map<&str, f64> = Map::new();
    for one in costed {
        let site = &one.resolved.site;
        if let Some(zone) = &site.zone {
            zones.push((zone.as_str().to_string(), site.name.clone()));
        }
        if let Some(region) = &site.region {
            regions.push((region.provider.clone(), region.region.clone()));
        }
        match site.zone.is_some() || site.region.is_some() {
            true => origins.push(site.origin.clone()),
            false => *nowhere.entry(&site.origin).or_default() += one.it_kwh,
        }
    }
    order::sort(&mut zones);
    zones.dedup();
    order::sort(&mut regions);
    regions.dedup();
    order::sort(&mut origins);
    origins.dedup();
    let all: f64 = costed.iter().map(|one| one.it_kwh).sum();
    origins.extend(nowhere.iter().map(|(origin, kwh)| format!("of {} of the energy {origin}", percent(kwh / all))));
    let join = |parts: Vec<&str>| (!parts.is_empty()).then(|| parts.join(", "));
    if zones.is_empty() && regions.is_empty() {
        return None;
    }
    let mut providers: Vec<&str> = regions.iter().map(|(p, _)| p.as_str()).collect();
    providers.dedup();
    Some(Location {
        zone: join(zones.iter().map(|(id, _)| id.as_str()).collect()),
        name: join(zones.iter().map(|(_, name)| name.as_str()).collect()),
        provider: join(providers),
        region: join(regions.iter().map(|(_, r)| r.as_str()).collect()),
        origin: origins.join("; "),
    })
}

/// `4764.69 kWh IT energy x 1.22 = 5812.93 kWh; 5812.93 kWh x 58 g/kWh = 337150 g CO2eq`.
pub(super) fn calculation(report: &Report) -> Option<String> {
    let (energy, emissions) = (report.energy.as_ref()?, report.emissions.as_ref()?);
    let (pue, intensity) = (report.pue.as_ref()?, report.carbon_intensity_gco2e_per_kwh.as_ref()?);
    let kwh = |v: f64| significant(v, 6);
    Some(format!(
        "{} kWh IT energy x {} = {} kWh; {} kWh x {} g/kWh = {} g CO2eq",
        kwh(energy.it_kwh.value),
        significant(pue.value, 3),
        kwh(energy.it_kwh.value * pue.value),
        kwh(energy.it_kwh.value * pue.value),
        significant(intensity.value, 6),
        grams(emissions.operational_kgco2e.value)
    ))
}

/// What the sentences need beside the report.
pub(super) fn facts(costed: &[Costed<'_>], settings: &Settings) -> Facts {
    let logged = || costed.iter().filter(|one| !one.rest);
    let sum = |wanted: &dyn Fn(&Costed<'_>) -> bool| logged().filter(|one| wanted(one)).map(|one| one.it_kwh).sum::<f64>() + 0.0;
    let all = sum(&|_| true);
    let share = |wanted: &dyn Fn(&Costed<'_>) -> bool| if all > 0.0 { sum(wanted) / all } else { 0.0 };
    let mut counts: Map<Component, u32> = Map::new();
    for ((component, _), count) in
        devices::counted(logged().map(|one| (one.evidence.component, one.evidence, one.evidence.device.model.as_deref().unwrap_or(""))))
            .iter()
    {
        *counts.entry(*component).or_default() += *count;
    }
    // Nobody says which nodes a scheduler's jobs had in common.
    let jobs = logged().filter(|one| one.evidence.component == Component::Node && one.evidence.instrument == Instrument::Scheduler).count();
    let name = |(component, count): (&Component, &u32)| match (component, *count) {
        (Component::Node, _) if jobs > 1 => format!("{}s", component.in_sentence()),
        (Component::Gpu | Component::Cpu | Component::Node | Component::GpuModule, count) if count > 1 => {
            format!("{count} {}s", component.in_sentence())
        }
        (component, _) => {
            logged().find(|one| one.evidence.component == *component).map_or_else(String::new, |one| one.evidence.in_sentence())
        }
    };
    let total_kg: f64 = costed.iter().map(|one| one.kg).sum::<f64>() + 0.0;
    let unknown_kg: f64 =
        costed.iter().filter(|c| c.resolved.intensity.matched == Match::WorldDefault).map(|one| one.kg).sum::<f64>() + 0.0;
    // Phases without dates stand beside the period, and so does a log of more time than the dated ones: their clocks do not add up to one.
    let dated = logged().any(|one| matches!(one.evidence.when, When::Dated { .. }));
    let ran = ran_for(costed);
    let beside = |one: &Costed<'_>| match one.evidence.when {
        When::Undated(span) => one.evidence.stated.is_some() || span == Span::ZERO || span.as_seconds() > ran,
        When::Dated { .. } => false,
    };
    let wall = match dated {
        true => Some(ran).filter(|_| !logged().any(beside)),
        false => period_span(logged()),
    };
    Facts {
        parts: counts.iter().map(name).collect(),
        by_sensors: share(&|one| one.evidence.instrument.is_sensor()),
        stated: share(&|one| one.evidence.stated.is_some()),
        by_rating: logged().all(|one| one.evidence.method == Method::Machine),
        unknown_place: if total_kg > 0.0 { unknown_kg / total_kg } else { 0.0 },
        logged_asked_for: settings.boundary == Boundary::Logged,
        known_pues: known_pues(costed),
        unwatched: costed.iter().any(|one| super::unwatched::is_unwatched(one.evidence)),
        gpu_hours: super::fleet::gpu_hours(costed),
        wall_s: wall,
    }
}

/// Of a total whose PUE is known in parts: each such part with it, `node01: 1.1, given by the user`.
fn known_pues(costed: &[Costed<'_>]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for one in costed.iter().filter(|one| !one.rest) {
        let Some(known) = &one.known_pue else { continue };
        let pue = factor_use(&known.pue);
        let region = known.site.region.as_ref().map(|region| region.code());
        let of = if one.evidence.host.is_empty() { region } else { Some(one.evidence.host.clone()) };
        let of = of.map_or_else(String::new, |of| format!("{of}: "));
        let text = format!("{of}{}, {}", pue.text, pue.match_text);
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told
}

/// Seconds in which anything ran: what lies between two runs is no time of use.
fn ran_for(costed: &[Costed<'_>]) -> f64 {
    let dated = |c: &Costed<'_>| match c.evidence.when {
        When::Dated { start, end, .. } => Some((start, end)),
        When::Undated(_) => None,
    };
    // What is estimated beside the logged devices has their first and last moment, and pauses between runs with it.
    let ran = |one: &&Costed<'_>| !one.rest || super::unwatched::is_unwatched(one.evidence);
    let mut parts: Vec<_> = costed.iter().filter(ran).filter_map(dated).collect();
    order::sort(&mut parts);
    let (mut seconds, mut reached) = (0.0, None);
    for (start, end) in parts {
        let from = reached.map_or(start, |reached| start.max(reached));
        seconds += end.since(from).as_seconds().max(0.0);
        reached = Some(reached.map_or(end, |reached| end.max(reached)));
    }
    seconds
}
