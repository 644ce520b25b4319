//! Totals, weighted factors and the sentences of the headline.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::cost::Costed;
use super::settings::Settings;
use super::uncertainty::combine;
use super::{energy_quantity, mass_quantity, rounded};
use crate::factor::{Basis as FactorBasis, Factor, FactorKind, Match};
use crate::ledger::{Basis, When};
use crate::map::Map;
use crate::order;
use crate::report::text::{ENERGY_FROM_KWH, MASS_FROM_KG, POWER_FROM_W, duration, percent, significant, supported_digits, with_unit};
use crate::report::{Assumption, BudgetTerm, ComponentEnergy, Emissions, EnergyTotals, FactorUse, Location, ModelCard, Report};
use crate::series::Component;
use crate::units::weighted_mean;

/// Energy in total and by component.
pub(super) fn energy(costed: &[Costed<'_>]) -> EnergyTotals {
    let it = combine(&costed.iter().map(Costed::as_it).collect::<Vec<_>>());
    let facility = combine(&costed.iter().map(Costed::as_facility).collect::<Vec<_>>());
    let measured: f64 = costed.iter().filter(|c| c.evidence.basis == Basis::Measured).map(|c| c.it_kwh).sum::<f64>() + 0.0;
    let mut by: Map<Component, Vec<&Costed<'_>>> = Map::new();
    for one in costed {
        by.entry(one.evidence.component).or_default().push(one);
    }
    let mut by_component: Vec<ComponentEnergy> =
        by.into_iter().map(|(component, parts)| component_energy(component, &parts, it.value)).collect();
    order::sort_by(&mut by_component, |a, b| b.energy_kwh.value.total_cmp(&a.energy_kwh.value));
    EnergyTotals {
        overhead_kwh: facility.value - it.value,
        // Without a PUE both are one figure, and are printed as one.
        it_kwh: if it.value == facility.value {
            rounded(&it, "kWh", ENERGY_FROM_KWH, supported_digits(facility.value, facility.low, facility.high))
        } else {
            energy_quantity(&it)
        },
        facility_kwh: energy_quantity(&facility),
        measured_share: if it.value > 0.0 { measured / it.value } else { 0.0 },
        by_component,
    }
}

fn component_energy(component: Component, parts: &[&Costed<'_>], total_kwh: f64) -> ComponentEnergy {
    let interval = combine(&parts.iter().map(|c| c.as_it()).collect::<Vec<_>>());
    let mut bases: Vec<Basis> = parts.iter().map(|c| c.evidence.basis).collect();
    order::sort(&mut bases);
    bases.dedup();
    let mut methods: Vec<String> = parts.iter().map(|c| c.evidence.method_text()).collect();
    order::sort(&mut methods);
    methods.dedup();
    // Mean power while running: energy over the time that any part of the component covers.
    let mean = period_span(parts.iter().copied()).map(|seconds| interval.value * 3.6e6 / seconds);
    let share = if total_kwh > 0.0 { interval.value / total_kwh } else { 0.0 };
    ComponentEnergy {
        component: component.as_str().to_string(),
        label: parts.first().map_or(component.label(), |c| component.label_by(c.evidence.instrument)).to_string(),
        energy_kwh: energy_quantity(&interval),
        share,
        share_text: percent(share),
        mean_power_w: mean,
        mean_power_text: mean.map(|w| with_unit(w, 3, POWER_FROM_W)),
        basis: bases.iter().map(|b| b.as_str()).collect::<Vec<_>>().join(" and "),
        method: methods.join("; "),
    }
}

/// The longest covered time of any one device, in seconds: devices of a component run side by side.
fn period_span<'c, 'l: 'c>(parts: impl Iterator<Item = &'c Costed<'l>>) -> Option<f64> {
    let mut by_device: Map<(&str, &str), i64> = Map::new();
    for one in parts {
        let span = one.evidence.covered.unwrap_or_else(|| one.evidence.when.span());
        *by_device.entry((&one.evidence.host, one.evidence.device.key())).or_default() += span.as_micros();
    }
    by_device.into_values().max().filter(|s| *s > 0).map(|s| s as f64 / 1e6)
}

/// Emissions in total; the budget of the operational total goes to `budget`.
pub(super) fn emissions(costed: &[Costed<'_>], settings: &Settings, basis: FactorBasis, budget: &mut Vec<BudgetTerm>) -> Emissions {
    let operational = combine(&costed.iter().map(Costed::as_emissions).collect::<Vec<_>>());
    let market = settings.market_g_per_kwh.map(|grams| {
        let mut facility = combine(&costed.iter().map(Costed::as_facility).collect::<Vec<_>>());
        let per_kwh = grams / 1000.0;
        (facility.value, facility.low, facility.high) = (facility.value * per_kwh, facility.low * per_kwh, facility.high * per_kwh);
        mass_quantity(&facility)
    });
    let quantity = mass_quantity(&operational);
    *budget = operational.budget;
    Emissions {
        total_kgco2e: quantity.clone(),
        operational_kgco2e: quantity,
        market_based_kgco2e: market,
        embodied_kgco2e: None,
        basis: basis.as_str().to_string(),
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
    let mut positions = Vec::new();
    for one in costed {
        let own = [&one.resolved.intensity, &one.resolved.pue].map(|factor| {
            let row = factor_use(factor);
            let at = used.iter().position(|f| is_same(f, &row)).unwrap_or_else(|| {
                used.push(row);
                used.len() - 1
            });
            u32::try_from(at).unwrap_or(u32::MAX)
        });
        positions.push(own.to_vec());
    }
    (used, positions)
}

/// Means over time of one series may differ in their last bits and are one factor.
fn is_same(a: &FactorUse, b: &FactorUse) -> bool {
    let near = |x: f64, y: f64| (x - y).abs() <= 1e-12 * x.abs();
    let values = near(a.value, b.value) && near(a.low, b.low) && near(a.high, b.high);
    values && *a == FactorUse { value: a.value, low: a.low, high: a.high, ..b.clone() }
}

/// A factor as the report shows it.
pub(crate) fn factor_use(factor: &Factor) -> FactorUse {
    let digits = if factor.kind == FactorKind::Pue { 3 } else { 4 };
    let value = significant(factor.value, digits);
    FactorUse {
        kind: factor.kind.as_str().to_string(),
        label: factor.label.clone(),
        value: factor.value,
        low: factor.low,
        high: factor.high,
        unit: factor.unit.to_string(),
        text: match factor.kind {
            FactorKind::Pue => value,
            FactorKind::CarbonIntensity => format!("{value} g CO2eq/kWh"),
            FactorKind::Embodied => format!("{value} kg CO2eq"),
        },
        basis: factor.basis.map(|b| b.as_str().to_string()),
        year: factor.year,
        source: factor.source.clone(),
        matched: factor.matched.as_str().to_string(),
        match_text: factor.match_text(),
    }
}

/// The PUE of the whole: electricity at the meter over IT energy.
pub(super) fn weighted_pue(costed: &[Costed<'_>]) -> Option<FactorUse> {
    combined(costed, |c| (&c.resolved.pue, c.it_kwh))
}

/// The carbon intensity of the whole: emissions over electricity at the meter.
pub(super) fn weighted_intensity(costed: &[Costed<'_>], basis: FactorBasis) -> Option<FactorUse> {
    let mut whole = combined(costed, |c| (&c.resolved.intensity, c.facility_kwh()))?;
    whole.basis = Some(basis.as_str().to_string());
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
        label: format!("weighted mean of {}", labels.join(", ")),
        value: mean(|f| f.value)?,
        low: mean(|f| f.low)?,
        high: mean(|f| f.high)?,
        unit: first.unit,
        basis: first.basis,
        year: None,
        source: first.source.clone(),
        matched: first.matched,
    };
    Some(FactorUse { match_text: String::from("weighted by energy"), ..factor_use(&mean) })
}

/// Where, when all activities share a place; else the places together.
pub(super) fn location(costed: &[Costed<'_>]) -> Option<Location> {
    let mut zones: Vec<(String, String)> = Vec::new();
    let mut regions: Vec<(String, String)> = Vec::new();
    let mut origins: Vec<&str> = Vec::new();
    for one in costed {
        let site = &one.resolved.site;
        if let Some(zone) = &site.zone {
            zones.push((zone.as_str().to_string(), site.name.clone()));
        }
        if let Some(region) = &site.region {
            regions.push((region.provider.clone(), region.region.clone()));
        }
        origins.push(&site.origin);
    }
    order::sort(&mut zones);
    zones.dedup();
    order::sort(&mut regions);
    regions.dedup();
    order::sort(&mut origins);
    origins.dedup();
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
        kwh(energy.facility_kwh.value),
        kwh(energy.facility_kwh.value),
        significant(intensity.value, 6),
        grams(emissions.operational_kgco2e.value)
    ))
}

/// Headline and model-card fields, from the finished figures.
pub(super) fn words(report: &mut Report, costed: &[Costed<'_>]) {
    let subject = report.title.as_ref().map_or_else(|| String::from("This training"), |t| format!("Training {t}"));
    let (Some(energy), Some(emissions)) = (&report.energy, &report.emissions) else {
        report.headline.sentence = format!("{subject}: the energy is not known, which is not zero.");
        report.headline.scope = String::from("Nothing in the logs says how much energy was used.");
        return;
    };
    let total = &emissions.operational_kgco2e;
    let number = format!("about {} CO2eq (95% interval {})", total.text, total.interval_text);
    let unknown_place = costed.iter().any(|c| c.resolved.intensity.matched == Match::WorldDefault);
    let place = if unknown_place { ", at the world-average carbon intensity because the place is not known" } else { "" };
    let of = |basis: Basis| costed.iter().filter(|c| c.evidence.basis == basis).map(|c| c.it_kwh).sum::<f64>();
    let verb = match energy.measured_share >= 0.5 {
        true => "emitted",
        false if of(Basis::Estimated) > of(Basis::Declared) => "emitted, by an estimate,",
        false => "emitted, by declared figures,",
    };
    report.headline.sentence = format!(
        "{subject} {verb} {number}{place}, and used {} of electricity (95% interval {}).",
        energy.facility_kwh.text, energy.facility_kwh.interval_text
    );
    report.headline.scope = scope(report, costed);
    report.model_card = Some(model_card(report, costed));
    report.headline.number = Some(number);
}

fn scope(report: &Report, costed: &[Costed<'_>]) -> String {
    let mut labels: Vec<&str> = report.energy.iter().flat_map(|e| &e.by_component).map(|c| c.label.as_str()).collect();
    order::sort(&mut labels);
    let building = if costed.iter().any(|c| c.resolved.pue.matched == Match::Default) {
        "without cooling and power distribution of the building, whose PUE is not known"
    } else {
        "with the building's cooling and power distribution (PUE)"
    };
    let stated = costed.iter().filter(|c| c.evidence.stated.is_some()).count();
    let runs = if stated == 0 { "runs without logs" } else { "other runs" };
    let left_out = match report.embodied.is_empty() {
        true => format!("Hardware manufacture and {runs} are not included."),
        false => format!("The share of the hardware's manufacture stands beside; {runs} are not included."),
    };
    let of = match stated {
        0 => "of what the logs cover",
        n if n == costed.len() => "estimated from what was stated",
        _ => "of what the logs cover and what was stated without logs",
    };
    format!("Operational emissions, location-based, {of} ({}), {building}. {left_out}", labels.join(", "))
}

fn model_card(report: &Report, costed: &[Costed<'_>]) -> ModelCard {
    let unknown = "not stated in the logs";
    let hardware = report.hardware.iter().filter(|h| h.kind == "gpu").chain(report.hardware.iter().filter(|h| h.kind != "gpu"));
    let names: Vec<String> = hardware.map(|h| if h.count > 1 { format!("{} x {}", h.count, h.model) } else { h.model.clone() }).collect();
    let gpus: f64 = report.hardware.iter().filter(|h| h.kind == "gpu").map(|h| h.device_hours).sum();
    let undated = costed.iter().any(|c| c.evidence.stated.is_some() && matches!(c.evidence.when, When::Undated(_)));
    let wall = match &report.period {
        // Phases without dates stand beside the period: their clocks do not add up to one.
        Some(_) if undated => None,
        Some(_) => Some(ran_for(costed)),
        None => period_span(costed.iter()),
    };
    let hours = match (gpus > 0.0, wall) {
        (true, Some(wall)) => format!("{} GPU-hours ({} wall clock)", significant(gpus, 4), duration(wall)),
        (true, None) => format!("{} GPU-hours", significant(gpus, 4)),
        (false, Some(wall)) => format!("{} wall clock", duration(wall)),
        (false, None) => unknown.to_string(),
    };
    let place = report.location.as_ref();
    let place_name = place.and_then(|l| l.name.clone());
    let region = match (place.and_then(|l| l.region.clone()), &place_name) {
        (Some(region), Some(name)) => format!("{region} ({name})"),
        (Some(region), None) => region,
        (None, Some(name)) => name.clone(),
        (None, None) => String::from("not known; world average used"),
    };
    let emissions = report.emissions.as_ref();
    let total = emissions.map_or(0.0, |e| e.operational_kgco2e.value);
    let shown = grams(total);
    ModelCard {
        emissions_g: (total * 1000.0 >= 0.0001).then(|| shown.clone()),
        source: format!("carbon-report {}, location-based, {}", report.generator.version, measured_words(report)),
        training_type: None,
        geographical_location: place_name,
        hardware_used: (!names.is_empty()).then(|| names.join(", ")),
        hardware_type: if names.is_empty() { unknown.to_string() } else { names.join(", ") },
        hours_used: hours,
        cloud_provider: place.and_then(|l| l.provider.clone()).unwrap_or_else(|| unknown.to_string()),
        compute_region: region,
        carbon_emitted: format!("{shown} g CO2eq ({}; operational, location-based)", with_unit(total, 3, MASS_FROM_KG)),
    }
}

/// Seconds in which anything ran: what lies between two runs is no time of use.
fn ran_for(costed: &[Costed<'_>]) -> f64 {
    let dated = |c: &Costed<'_>| match c.evidence.when {
        When::Dated { start, end, .. } => Some((start, end)),
        When::Undated(_) => None,
    };
    let mut parts: Vec<_> = costed.iter().filter_map(dated).collect();
    order::sort(&mut parts);
    let (mut seconds, mut reached) = (0.0, None);
    for (start, end) in parts {
        let from = reached.map_or(start, |reached| start.max(reached));
        seconds += end.since(from).as_seconds().max(0.0);
        reached = Some(reached.map_or(end, |reached| end.max(reached)));
    }
    seconds
}

fn measured_words(report: &Report) -> String {
    let share = report.energy.as_ref().map_or(0.0, |e| e.measured_share);
    format!("{} of the energy measured", percent(share))
}

/// Grams as a plain decimal number of five significant digits: no exponent, no separator.
fn grams(kg: f64) -> String {
    significant(kg * 1000.0, 5)
}
