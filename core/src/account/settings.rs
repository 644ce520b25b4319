//! What the user decides; everything that is not decided has a default that the report shows.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::compare;
use crate::factor::{Basis, FactorSet};
pub(super) use crate::fault::SettingsError;
use crate::report::Boundary;
use crate::rules;
use crate::units::Instant;

/// Choices of the user, from flags and the settings file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// What the report is about.
    pub title: Option<String>,
    /// Zone or cloud region for all energy.
    pub region: Option<String>,
    /// Zone or cloud region by host.
    pub region_by_host: BTreeMap<String, String>,
    /// PUE for all energy, in [`PUE_RANGE`](crate::factor::PUE_RANGE).
    pub pue: Option<f64>,
    /// PUE by host.
    pub pue_by_host: BTreeMap<String, f64>,
    /// Carbon intensity for all energy, gCO2e per kWh.
    pub intensity_g_per_kwh: Option<f64>,
    /// Carbon intensity of the electricity supplier, gCO2e per kWh, for a market-based figure beside the location-based one.
    pub market_g_per_kwh: Option<f64>,
    /// Life-cycle or direct factors.
    pub basis: Option<Basis>,
    /// Year of the factors, in place of the year of the run.
    pub year: Option<i32>,
    /// What the total is of: the whole machines, or the parts that logs hold.
    pub boundary: Boundary,
    /// Only these parts of the logs count, `gpu:2` or `node07`. All of them where empty.
    pub only: Vec<String>,
    /// Hosts that are other names of one host: `(name, host)`.
    pub same_as: Vec<(String, String)>,
    /// Files of a host, as patterns of their paths: `(host, pattern)`.
    pub host_files: Vec<(String, String)>,
    /// When the training ran, as the user says: what nobody watched of it is estimated.
    pub running: Vec<(Instant, Instant)>,
    /// Count gaps by their trapezoid.
    pub fill_gaps: bool,
    /// Places to compare with, zones or cloud regions, instead of the usual countries.
    pub compare: Vec<String>,
    /// A budget of the user's, kgCO2e: the report says which share of it the total is.
    pub carbon_budget_kg: Option<f64>,
    /// Epochs of the whole run, to predict its consumption from those that are known.
    pub predict_epochs: Option<u32>,
    /// Add the share of the hardware's manufacture.
    pub embodied: bool,
    /// Years that hardware is expected to be used for (SCI: EL); [`LIFETIME_YEARS`] where absent.
    pub lifetime_years: Option<f64>,
    /// `pre-training` or `fine-tuning`, for the Hub.
    pub training_type: Option<String>,
    /// The command that makes the report, without machine-specific paths.
    pub reproduce: Option<String>,
}

/// Expected life of hardware where none is given, years: four is what the SCI's own guide and the published footprints of servers take.
pub const LIFETIME_YEARS: f64 = rules::value("embodied_life_years");

/// Expected lives that can be, years.
pub const LIFETIMES: core::ops::RangeInclusive<f64> = 1.0..=20.0;

impl Settings {
    /// Hosts that have a choice of their own, for [`Ledger::name_hosts`](crate::ledger::Ledger::name_hosts).
    pub fn hosts(&self) -> BTreeSet<String> {
        let of_files = self.host_files.iter().map(|(host, _)| host);
        self.region_by_host.keys().chain(self.pue_by_host.keys()).chain(of_files).cloned().collect()
    }

    /// What can't be is told whatever the logs hold.
    pub(super) fn check(&self, factors: &FactorSet) -> Result<(), SettingsError> {
        let wrong = |setting, message, hint: &str| Err(SettingsError { setting, message, hint: String::from(hint) });
        for place in &self.compare {
            compare::check_place(factors, place)?;
        }
        if let Some(year) = self.year.filter(|_| self.intensity_g_per_kwh.is_none()) {
            factors.check_year(year).map_err(|e| SettingsError {
                setting: "year",
                message: e.message.clone(),
                hint: e.hint.clone().unwrap_or_default(),
            })?;
        }
        if let Some(kg) = self.carbon_budget_kg.filter(|kg| !(*kg > 0.0 && kg.is_finite())) {
            return wrong("carbon-budget", format!("found {kg} kg, expected a mass above 0"), "for example 100kg or 1.5t");
        }
        if self.predict_epochs == Some(0) {
            return wrong("predict-epochs", String::from("found 0, expected 1 or more"), "give the number of epochs of the whole run");
        }
        if let Some(years) = self.lifetime_years.filter(|years| !LIFETIMES.contains(years)) {
            let message = format!("found {years}, expected {} to {} years", LIFETIMES.start(), LIFETIMES.end());
            return wrong("lifetime-years", message, "four years is what is used without it");
        }
        if self.lifetime_years.is_some() && !self.embodied {
            let message = String::from("found an expected life, but manufacture is not counted");
            return wrong("lifetime-years", message, "give `--embodied` too");
        }
        Ok(())
    }
}
