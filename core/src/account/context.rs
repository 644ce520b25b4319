//! The total in everyday terms, published figures for scale, the user's budget, and the publications behind everything.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::cost::Costed;
use crate::factor::FactorSet;
use crate::map::Set;
use crate::order;
use crate::report::{CarbonBudget, Equivalent, Quantity, ReferenceFigure, Report, Source};
use crate::text::{MASS_FROM_KG, scaled, significant};

/// Rows of the table of equivalents that cards may show, with the amounts for which each can be imagined, and its sentence: below a kilometre
/// metres are shown, so the car always fits.
const EVERYDAY: &[(&str, f64, f64, &str)] = &[
    (CAR, 0.0, f64::MAX, "what an average new car in the European Union emits over about {} ({} g/km)"),
    ("smartphone_charge_epa_2024", 0.5, 500.0, "about {} charges of a smartphone ({} g each, United States grid)"),
    ("tree_month", 0.5, 120.0, "what a grown tree takes up in about {} months ({} g a month)"),
    ("flight_ny_sf_strubell", 0.1, 100.0, "about {} times one passenger's flight New York–San Francisco ({} kg)"),
    ("human_year", 0.1, 1000.0, "about {} times a year of an average human life ({} kg)"),
    ("car_lifetime_incl_fuel", 0.1, f64::MAX, "about {} times the lifetime of an average car, fuel included ({} kg)"),
];

/// The car of today.
const CAR: &str = "car_km_eu_new_2024";

/// The total in everyday terms, in amounts that can be imagined. Kilometres are by the car of the method of estimating, where all of it is by one that names a car.
pub(super) fn equivalents(factors: &FactorSet, report: &Report, costed: &[Costed<'_>]) -> Vec<Equivalent> {
    let Some(emissions) = &report.emissions else { return Vec::new() };
    let total = &emissions.total_kgco2e;
    let cars: Set<Option<&str>> = costed.iter().map(|one| one.evidence.stated.as_ref().and_then(|s| s.car)).collect();
    let car = if cars.len() == 1 { cars.first().copied().flatten() } else { None }.unwrap_or(CAR);
    let rows = EVERYDAY.iter().filter_map(|(name, least, most, words)| {
        let row = factors.equivalent(if *name == CAR { car } else { name }).filter(|row| row.kgco2e_per_unit > 0.0 && total.value > 0.0)?;
        let amount = total.value / row.kgco2e_per_unit;
        if !(*least..=*most).contains(&amount) {
            return None;
        }
        // Trees and cars by the month and the kilometre have grams for a unit, lives kilograms.
        let grams = words.contains(" g");
        let unit = significant(if grams { row.kgco2e_per_unit * 1000.0 } else { row.kgco2e_per_unit }, 4);
        let shown = match row.unit.as_str() {
            "km" if amount < 1.0 => format!("{} m", significant(amount * 1000.0, 2)),
            "km" => format!("{} km", significant(amount, 2)),
            _ => significant(amount, 2),
        };
        let told = words.replacen("{}", &shown, 1).replacen("{}", &unit, 1);
        Some(Equivalent {
            name: row.name.clone(),
            amount,
            unit: row.unit.clone(),
            text: format!("{} CO2eq is {told}.", total.text),
            source: row.source.clone(),
        })
    });
    rows.collect()
}

/// Published trainings that a card shows for scale, small to large, by model and source.
const TRAININGS: &[(&str, &str, &str)] = &[
    ("Transformer base", "strubell_2019", "Training Transformer (base)"),
    ("Transformer big", "strubell_2019", "Training Transformer (big)"),
    ("ELMo", "strubell_2019", "Training ELMo"),
    ("BERT base", "strubell_2019", "Training BERT (base)"),
    ("GPT-3 175B (carbontracker estimate)", "anthony_2020", "Training GPT-3, as carbontracker's authors estimate it"),
    (
        "NAS (Evolved Transformer) as estimated by Strubell",
        "strubell_2019",
        "Neural architecture search for the Transformer, as published in 2019 (later found about 88 times too high by Patterson 2021)",
    ),
];

/// Everyday things beside them.
const LIVES: &[(&str, &str)] = &[
    ("flight_ny_sf_strubell", "One passenger's flight New York–San Francisco"),
    ("human_year", "Average human life, one year"),
    ("american_year", "Average American life, one year"),
    ("car_lifetime_incl_fuel", "Average car, lifetime with fuel"),
];

/// Published figures beside the total, lowest first.
pub(super) fn references(factors: &FactorSet, report: &Report) -> Vec<ReferenceFigure> {
    let Some(total) = report.emissions.as_ref().map(|e| e.total_kgco2e.value).filter(|kg| *kg > 0.0) else { return Vec::new() };
    let figure = |name: &str, kind: &str, kgco2e: f64, source: String| ReferenceFigure {
        name: name.to_string(),
        kind: kind.to_string(),
        kgco2e,
        text: tonnes(kgco2e),
        relative: total / kgco2e,
        relative_text: times(total / kgco2e),
        source,
    };
    let models = TRAININGS.iter().filter_map(|(model, source, name)| {
        let row = factors.reference_model(model, source)?;
        Some(figure(name, "training", row.kgco2e, row.source))
    });
    let lives = LIVES.iter().filter_map(|(key, name)| {
        let row = factors.equivalent(key)?;
        Some(figure(name, "everyday", row.kgco2e_per_unit, row.source))
    });
    let mut rows: Vec<ReferenceFigure> = models.chain(lives).collect();
    order::sort_by(&mut rows, |a, b| a.kgco2e.total_cmp(&b.kgco2e));
    rows
}

/// The total's share of the user's budget; the budget is exact, so the share's interval is the total's.
pub(super) fn budget(budget_kg: f64, report: &Report) -> Option<CarbonBudget> {
    let total = &report.emissions.as_ref()?.total_kgco2e;
    let share = |kg: f64| kg / budget_kg;
    let (low, high) = (share(total.low), share(total.high));
    let quantity = Quantity {
        value: share(total.value),
        low,
        high,
        unit: String::from("1"),
        text: percent_of(share(total.value)),
        interval_text: format!("{} to {}", percent_of(low), percent_of(high)),
    };
    let verdict = if high <= 1.0 {
        "within"
    } else if low > 1.0 {
        "exceeded"
    } else {
        "open"
    };
    let (factor, unit) = scaled(budget_kg, MASS_FROM_KG);
    let budget_text = format!("{} {unit}", libm::round(budget_kg * factor * 1000.0) / 1000.0);
    let meaning = match verdict {
        "within" => "the whole interval lies within it",
        "exceeded" => "the whole interval lies above it",
        _ => "the budget lies inside the interval, so it is open whether it holds",
    };
    let text = format!(
        "{} CO2eq is {} (95% interval {}) of the carbon budget of {budget_text}: {meaning}.",
        total.text, quantity.text, quantity.interval_text
    );
    Some(CarbonBudget { budget_kgco2e: budget_kg, budget_text, share: quantity, verdict: verdict.to_string(), text })
}

/// Two digits, three above all of it: `0.061%`, `34%`, `340%`.
fn percent_of(share: f64) -> String {
    format!("{}%", significant(share * 100.0, if share < 1.0 { 2 } else { 3 }))
}

/// In tonnes to two decimals, as the publications print them; of little as many digits as its ratio has.
fn tonnes(kg: f64) -> String {
    let tonnes = kg / 1000.0;
    if tonnes < 0.1 { format!("{} t", significant(tonnes, 2)) } else { format!("{tonnes:.2} t") }
}

/// A ratio as people say it: `0.39 times`, `12 times`, `1 in 1.4 million`.
fn times(ratio: f64) -> String {
    let inverse = 1.0 / ratio;
    let named = [(1e9, " billion"), (1e6, " million"), (1e4, " thousand")].into_iter().find(|(size, _)| inverse >= 0.995 * *size);
    match named {
        Some((1e4, word)) => format!("1 in {}{word}", significant(inverse / 1e3, 2)),
        Some((size, word)) => format!("1 in {}{word}", significant(inverse / size, 2)),
        None if ratio < 0.01 => format!("1 in {}", significant(inverse, 2)),
        None => format!("{} times", significant(ratio, 2)),
    }
}

/// The publications behind everything in the report.
pub(super) fn sources(factors: &FactorSet, report: &Report) -> Vec<Source> {
    let compared = report.comparison.iter().flat_map(|row| row.pue.iter().chain(&row.carbon_intensity));
    let used = report
        .factors
        .iter()
        .chain(compared)
        .map(|f| f.source.as_str())
        .chain(report.equivalents.iter().map(|e| e.source.as_str()))
        .chain(report.references.iter().map(|r| r.source.as_str()))
        .chain(report.interval.budget.iter().flat_map(|term| &term.causes).filter_map(|cause| cause.source.as_deref()))
        .chain(report.embodied.iter().flat_map(|e| &e.by_source).map(|s| s.source.as_str()));
    let ids: Set<&str> = used.collect();
    ids.into_iter()
        .filter_map(|id| factors.source(id))
        .map(|s| Source { id: s.id.to_string(), title: s.title, publisher: s.publisher, year: s.year, licence: s.licence, url: s.url })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_budget_are_percent() {
        assert_eq!((percent_of(0.344).as_str(), percent_of(1.0).as_str(), percent_of(3.404).as_str()), ("34%", "100%", "340%"));
        assert_eq!(percent_of(0.000_612), "0.061%");
    }

    #[test]
    fn tonnes_have_the_digits_of_their_ratio() {
        assert_eq!([11.8, 87.1, 119.0, 284_019.0].map(tonnes), ["0.012 t", "0.087 t", "0.12 t", "284.02 t"]);
    }

    #[test]
    fn small_ratios_are_said_the_other_way_round() {
        let said = [12.0, 0.391, 0.01, 0.002, 1.0 / 25_000.0, 1.0 / 1.4e6, 1.0 / 2e9].map(times);
        assert_eq!(said, ["12 times", "0.39 times", "0.010 times", "1 in 500", "1 in 25 thousand", "1 in 1.4 million", "1 in 2.0 billion"]);
    }
}
