//! One alternative's row, and the rows together.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::held::{Held, factor_term};
use super::place::{Place, own_id, own_name};
use crate::factor::Match;
use crate::interval::{TermKind, combine, mass_quantity};
use crate::order;
use crate::report::{Comparison, FactorUse, Quantity, Report};
use crate::text::{MASS_FROM_KG, beside, column_unit, percent, significant};

/// What every comparison leaves out, in one sentence.
pub const CAVEAT: &str = "The same energy, on the same hardware at the same efficiency, at the average carbon intensity of each grid: \
what moving this run would change in a grid is another question.";

/// What the rows of a report's comparison leave out. Where its own building is not known, places that publish theirs look worse by it.
pub fn caveat(report: &Report) -> String {
    let unknown = report.pue.as_ref().is_some_and(|pue| pue.matched == Match::Default);
    let published = |row: &Comparison| !row.own && row.pue.as_ref().is_some_and(|pue| pue.matched != Match::Default);
    match unknown && report.comparison.iter().any(published) {
        true => {
            format!("{CAVEAT} This run's PUE is not known and counts as 1.0: places with a published PUE look worse by theirs (`--pue`).")
        }
        false => String::from(CAVEAT),
    }
}

/// The report as it is.
pub(super) fn own(held: &Held<'_>) -> Comparison {
    row(own_id(held), own_name(held), held, held.emissions.clone(), held.pue, held.intensity, None)
}

/// The report's energy at another place, year or PUE.
pub(super) fn of(held: &Held<'_>, place: &Place) -> Comparison {
    let value = held.it.value * place.pue.value * place.intensity.value / 1000.0;
    // A PUE that nobody knows is not in the number, so what it may be is not in its interval.
    let pue = (place.pue.matched != Match::Default).then(|| factor_term(TermKind::Pue, &place.pue));
    let factors = [factor_term(TermKind::CarbonIntensity, &place.intensity)].into_iter().chain(pue);
    // A given intensity is none of a year, so the run's hours do not differ from it.
    let hours = held.hours.clone().filter(|_| place.intensity.matched != Match::Given);
    let terms = factors.chain([held.energy_term()]).chain(hours).collect();
    let quantity = mass_quantity(&combine(&[held.part(value, terms)]));
    let mut row = row(place.id.clone(), place.name.clone(), held, quantity, &place.pue, &place.intensity, place.carbon_free_share);
    row.own = false;
    row.reason = reason(held, place);
    row
}

fn row(
    zone: String,
    name: String,
    held: &Held<'_>,
    emissions: Quantity,
    pue: &FactorUse,
    intensity: &FactorUse,
    carbon_free_share: Option<f64>,
) -> Comparison {
    let relative = emissions.value / held.emissions.value;
    Comparison {
        zone,
        name,
        gco2e_per_kwh: intensity.value,
        kgco2e: emissions.value,
        text: emissions.text.clone(),
        relative,
        relative_text: significant(relative, 2),
        own: true,
        reason: String::from("as it was"),
        emissions_kgco2e: Some(emissions),
        pue: Some(pue.clone()),
        carbon_intensity: Some(intensity.clone()),
        carbon_free_share,
        carbon_free_text: carbon_free_share.map(percent),
    }
}

/// What differs, with both numbers and where the other one comes from.
fn reason(held: &Held<'_>, place: &Place) -> String {
    let mut parts = Vec::new();
    if place.intensity != *held.intensity {
        parts.push(format!(
            "{} instead of {} g CO2eq/kWh ({})",
            significant(place.intensity.value, 3),
            significant(held.intensity.value, 3),
            place.intensity.match_text
        ));
    }
    if place.pue != *held.pue {
        parts.push(format!(
            "PUE {} instead of {} ({})",
            significant(place.pue.value, 3),
            significant(held.pue.value, 3),
            place.pue.match_text
        ));
    }
    if parts.is_empty() { "the same factors".to_string() } else { parts.join("; ") }
}

/// Lowest first, with texts in one unit so that they can be compared by eye.
pub(super) fn arrange(rows: &mut [Comparison]) {
    order::sort_by(rows, |a, b| a.kgco2e.total_cmp(&b.kgco2e).then_with(|| a.zone.cmp(&b.zone)).then_with(|| a.name.cmp(&b.name)));
    let most = rows.iter().map(|row| row.kgco2e).fold(0.0, f64::max);
    let (per_kg, unit) = column_unit(most, MASS_FROM_KG);
    for row in rows {
        row.text = format!("{} {unit}", beside(row.kgco2e, most, MASS_FROM_KG));
        let end = |kg: f64| significant(kg * per_kg, 2);
        if let Some(emissions) = &mut row.emissions_kgco2e {
            emissions.interval_text = format!("{} to {} {unit}", end(emissions.low), end(emissions.high));
        }
    }
}
