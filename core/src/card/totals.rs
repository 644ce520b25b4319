//! The totals at a glance, each with its interval and what it rests on, and the phrases that tables repeat of them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::headline::Facts;
use crate::factor::Basis;
use crate::report::{Boundary, EnergyTotals, Quantity, Report, TotalRow};
use crate::text::percent;

/// Fills the phrases of the headline that tables print, and the rows.
pub(super) fn totals(report: &mut Report, facts: &Facts) {
    let measured = report.energy.as_ref().map(|energy| measured(report.headline.boundary, energy));
    report.headline.measured = measured.unwrap_or_default();
    report.headline.electricity = report.energy.as_ref().map(|energy| electricity(report, energy)).unwrap_or_default();
    report.headline.building = building(report, !facts.known_pues.is_empty());
    report.headline.masses = masses(report);
    report.totals = rows(report, facts.stated > 0.5);
}

/// `68% of the computers' energy measured`.
pub(crate) fn measured(boundary: Boundary, energy: &EnergyTotals) -> String {
    let of = match boundary {
        Boundary::Machine => "the computers' energy",
        Boundary::Logged => "the logged parts' energy",
    };
    match energy.measured_share > 0.0 {
        true => format!("{} of {of} measured", percent(energy.measured_share)),
        false => format!("nothing of {of} measured"),
    }
}

/// The electricity that forms ask for, and of what it is.
fn electricity(report: &Report, energy: &EnergyTotals) -> String {
    match (&energy.facility_kwh, report.headline.facility, report.headline.boundary) {
        (Some(facility), true, _) => format!("{} at the meter of the building", facility.text),
        (Some(facility), false, _) => {
            format!("{} at the meter of the building, of which the building's own share is estimated", facility.text)
        }
        (None, _, Boundary::Machine) => format!("{} of the computers alone", energy.it_kwh.text),
        (None, _, Boundary::Logged) => format!("{} of the logged parts alone", energy.it_kwh.text),
    }
}

/// What is known of the building.
fn building(report: &Report, is_known_in_part: bool) -> String {
    let estimated = report.energy.as_ref().is_some_and(|energy| energy.facility_kwh.is_some());
    match &report.pue {
        Some(pue) if report.headline.facility => format!("PUE {}, {}", pue.text, pue.match_text),
        _ if estimated && is_known_in_part => String::from("PUE known for a part: the others' estimated for such machines"),
        _ if is_known_in_part => String::from("PUE known for a part"),
        _ if estimated => String::from("PUE not known: estimated for such machines"),
        _ => String::from("PUE not known"),
    }
}

/// What every mass of the card is of.
fn masses(report: &Report) -> String {
    let Some(emissions) = &report.emissions else { return String::new() };
    let basis = match emissions.basis {
        Basis::Direct => "direct: what the plants burn, without fuel supply and building",
        Basis::Lifecycle => "life-cycle: fuel supply and plants are included",
    };
    let but = if emissions.market_based_kgco2e.is_some() { ", except in the row named market-based" } else { "" };
    format!("Masses are CO2eq. Carbon intensities are {basis}. No offsets or certificates are subtracted{but}.")
}

fn rows(report: &Report, is_stated: bool) -> Vec<TotalRow> {
    let headline = &report.headline;
    let whole_is_more = report.emissions.as_ref().is_some_and(|all| all.operational_kgco2e.value > all.logged_kgco2e.value);
    let mut rows = Vec::new();
    let mut row = |item: &str, quantity: Option<&Quantity>, basis: &str| {
        rows.extend(quantity.map(|quantity| TotalRow {
            item: item.to_string(),
            text: quantity.text.clone(),
            interval_text: quantity.interval_text.clone(),
            basis: basis.to_string(),
        }));
    };
    if let Some(emissions) = &report.emissions {
        row("Operational, location-based", Some(&emissions.operational_kgco2e), &headline.measured);
        let part = whole_is_more.then_some(&emissions.logged_kgco2e);
        row(if is_stated { "Of it what was stated" } else { "Of it what the logs hold" }, part, "without the rest and the building");
        row("With the building, estimated", emissions.facility_kgco2e.as_ref(), &headline.building);
        row("The same as operational, market-based", emissions.market_based_kgco2e.as_ref(), "supplier's factor");
        row("Hardware manufacture, share of this use", emissions.embodied_kgco2e.as_ref(), "estimated");
        let total = emissions.embodied_kgco2e.is_some().then_some(&emissions.total_kgco2e);
        row("Operational and hardware together", total, "mixed");
    }
    if let Some(energy) = &report.energy {
        let [held, rest] = match is_stated {
            true => ["Electricity by what was stated", "Electricity of the rest of the computers"],
            false => ["Electricity that the logs hold", "Electricity of the computers that no log holds"],
        };
        row(held, energy.rest_kwh.is_some().then_some(&energy.logged_kwh), "without the rest of the computers");
        row(rest, energy.rest_kwh.as_ref(), "estimated for the kind of machine");
        let (item, basis) = match headline.boundary {
            Boundary::Machine => ("Electricity of the computers (IT)", ""),
            Boundary::Logged => ("Electricity of the logged parts (IT)", "the rest of the computers is not in it"),
        };
        row(item, Some(&energy.it_kwh), if basis.is_empty() { &headline.measured } else { basis });
        // The table of components says whose PUE it is.
        let pue = report.pue.as_ref().filter(|_| headline.facility).map(|pue| format!("PUE {}", pue.text));
        row("Electricity at the meter of the building", energy.facility_kwh.as_ref(), pue.as_ref().unwrap_or(&headline.building));
    }
    rows
}
