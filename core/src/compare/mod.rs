//! The same electricity under other factors: another place, year, PUE or carbon intensity, from a finished [`Report`] alone.
//!
//! The energy of the computers is held; what changes is what it is multiplied by. So a comparison says what *this* energy would have
//! emitted, on the same hardware at the same efficiency and at the average intensity of a grid, not what a move would do to that grid.
//!
//! ```
//! use carbon_core::compare::{Alternative, what_if};
//! # use carbon_core::{account, factor::FactorSet, ledger::Ledger};
//! let factors = FactorSet::from_tables(carbon_data::TABLES).unwrap();
//! let alternative = Alternative { region: Some("gcp:europe-north1".into()), ..Alternative::default() };
//! # let report = account::report(&Ledger::default(), &factors, &account::Settings::default()).unwrap();
//! // A report without energy has nothing to compare.
//! assert_eq!(what_if(&report, &factors, &alternative).unwrap_err().setting, "report");
//! ```

pub(crate) mod held;
pub mod hours;
mod place;
mod row;
pub(crate) mod steps;

use alloc::string::String;
use alloc::vec::Vec;

use crate::factor::FactorSet;
use crate::fault::SettingsError;
use crate::report::{Comparison, Report};

pub use row::{CAVEAT, caveat};

/// What to change; what is `None` stays as it is in the report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alternative {
    /// Zone or cloud region: `SE`, `gcp:europe-north1`. A cloud region brings its provider's PUE, where one is published.
    pub region: Option<String>,
    /// Year of the factors.
    pub year: Option<i32>,
    /// PUE, instead of the report's or the cloud region's.
    pub pue: Option<f64>,
    /// Carbon intensity in gCO2e per kWh, instead of that of a place.
    pub intensity_g_per_kwh: Option<f64>,
}

/// The energy of `report` under an alternative.
///
/// kgCO2e = IT energy × PUE × carbon intensity ÷ 1000, the interval from the report's energy and the alternative's factors (ISO/IEC 21031, O = E × I,
/// with E at the building's meter).
///
/// # Errors
/// Where the report has no energy, a place is not known, no factor of the report's basis is, or a number is none that can be.
pub fn what_if(report: &Report, factors: &FactorSet, alternative: &Alternative) -> Result<Comparison, SettingsError> {
    let held = held::Held::of(report)?;
    let place = place::resolve(&held, factors, alternative)?;
    Ok(row::of(&held, &place))
}

/// The report itself and each alternative, lowest emissions first.
///
/// # Errors
/// As [`what_if`].
pub fn compare(report: &Report, factors: &FactorSet, alternatives: &[Alternative]) -> Result<Vec<Comparison>, SettingsError> {
    let (rows, left_out) = beside(report, factors, alternatives)?;
    left_out.into_iter().next().map_or(Ok(rows), Err)
}

/// The same as far as it goes: with the alternatives that can't stand there, and why.
///
/// # Errors
/// Where the report has no energy.
pub(crate) fn beside(
    report: &Report,
    factors: &FactorSet,
    alternatives: &[Alternative],
) -> Result<(Vec<Comparison>, Vec<SettingsError>), SettingsError> {
    let held = held::Held::of(report)?;
    let (mut rows, mut left_out) = (Vec::from([row::own(&held)]), Vec::new());
    for alternative in alternatives {
        match place::resolve(&held, factors, alternative) {
            Ok(place) => rows.push(row::of(&held, &place)),
            Err(e) => left_out.push(e),
        }
    }
    row::arrange(&mut rows);
    Ok((rows, left_out))
}

/// Refuses a place that no table knows.
pub(crate) fn check_place(factors: &FactorSet, name: &str) -> Result<(), SettingsError> {
    place::find(factors, name).map(|_| ())
}

/// The rows that every card shows: the report itself among large countries from low to high intensity, at its own PUE.
pub(crate) fn usual(report: &Report, factors: &FactorSet) -> Vec<Comparison> {
    let Ok(held) = held::Held::of(report) else { return Vec::new() };
    let own = row::own(&held);
    let elsewhere = |zone: &crate::factor::ZoneId| Alternative { region: Some(String::from(zone.as_str())), ..Alternative::default() };
    let zones = factors.comparison_zones();
    let others = zones.iter().filter_map(|zone| place::resolve(&held, factors, &elsewhere(zone)).ok()).map(|place| row::of(&held, &place));
    let mut rows: Vec<Comparison> = others.filter(|other| other.zone != own.zone && other.name != own.name).collect();
    rows.push(own);
    row::arrange(&mut rows);
    rows
}
