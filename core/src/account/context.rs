//! The total in context: the same electricity elsewhere, everyday terms, and the publications behind the factors.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::cost::Costed;
use crate::factor::{Basis, FactorSet};
use crate::report::text::{MASS_FROM_KG, beside, column_unit, significant};
use crate::report::{Comparison, Equivalent, Report, Source};

/// The same electricity on other grids, at the same PUE, cleanest first. The report's own place is among them.
pub(super) fn comparison(costed: &[Costed<'_>], factors: &FactorSet, report: &Report, basis: Basis) -> Vec<Comparison> {
    let (Some(energy), Some(emissions), Some(own)) = (&report.energy, &report.emissions, &report.carbon_intensity_gco2e_per_kwh) else {
        return Vec::new();
    };
    let kwh = energy.facility_kwh.value;
    let own_kg = emissions.operational_kgco2e.value;
    let own_zone = report.location.as_ref().and_then(|l| l.zone.clone()).unwrap_or_default();
    let year = costed.first().and_then(|c| c.resolved.intensity.year);
    let mut rows: Vec<(String, String, f64, bool)> = factors
        .comparison_zones()
        .iter()
        .filter(|zone| zone.as_str() != own_zone)
        .filter_map(|zone| {
            let factor = factors.carbon_intensity(zone, year, basis)?;
            Some((zone.as_str().to_string(), factors.zone_name(zone), factor.value, false))
        })
        .collect();
    let name = report.location.as_ref().and_then(|l| l.name.clone()).unwrap_or_else(|| own.label.clone());
    let id = if own_zone.is_empty() { String::from("own") } else { own_zone };
    rows.retain(|(_, zone, ..)| *zone != name);
    rows.push((id, name, own.value, true));
    rows.sort_by(|a, b| a.2.total_cmp(&b.2).then_with(|| a.0.cmp(&b.0)));
    let most = rows.iter().map(|r| r.2 * kwh / 1000.0).fold(0.0, f64::max);
    let (_, unit) = column_unit(most, MASS_FROM_KG);
    rows.into_iter()
        .map(|(zone, name, grams, is_own)| {
            let kg = if is_own { own_kg } else { kwh * grams / 1000.0 };
            let relative = if own_kg > 0.0 { kg / own_kg } else { 0.0 };
            Comparison {
                zone,
                name,
                gco2e_per_kwh: grams,
                kgco2e: kg,
                text: format!("{} {unit}", beside(kg, most, MASS_FROM_KG)),
                relative,
                relative_text: significant(relative, 2),
                own: is_own,
            }
        })
        .collect()
}

/// The total as kilometres of a new car: one sourced figure that can be imagined.
pub(super) fn equivalents(factors: &FactorSet, report: &Report) -> Vec<Equivalent> {
    let Some(emissions) = &report.emissions else { return Vec::new() };
    let kg = emissions.operational_kgco2e.value;
    factors
        .equivalent(CAR)
        .filter(|row| row.kgco2e_per_unit > 0.0 && kg > 0.0)
        .map(|row| {
            let amount = kg / row.kgco2e_per_unit;
            // Below a kilometre, metres.
            let (shown, unit) = if amount < 1.0 { (amount * 1000.0, "m") } else { (amount, "km") };
            Equivalent {
                name: row.name.clone(),
                amount,
                unit: row.unit.clone(),
                text: format!(
                    "{} CO2eq is what an average new car in the European Union emits over about {} {unit} ({} g/km).",
                    emissions.operational_kgco2e.text,
                    significant(shown, 2),
                    significant(row.kgco2e_per_unit * 1000.0, 4)
                ),
                source: row.source.clone(),
            }
        })
        .into_iter()
        .collect()
}

/// The row of the table of equivalents that cards show: average new car registered in the EU, 2024.
const CAR: &str = "car_km_eu_new_2024";

/// The publications behind everything in the report.
pub(super) fn sources(factors: &FactorSet, report: &Report) -> Vec<Source> {
    let used = report.factors.iter().map(|f| f.source.as_str()).chain(report.equivalents.iter().map(|e| e.source.as_str()));
    let ids: BTreeSet<&str> = used.collect();
    ids.into_iter()
        .filter_map(|id| factors.source(id))
        .map(|s| Source { id: s.id.to_string(), title: s.title, publisher: s.publisher, year: s.year, licence: s.licence, url: s.url })
        .collect()
}
