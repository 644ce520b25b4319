//! The total in everyday terms, and the publications behind the factors.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::factor::FactorSet;
use crate::report::text::significant;
use crate::report::{Equivalent, Report, Source};

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
