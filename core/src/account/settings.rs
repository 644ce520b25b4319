//! What the user decides; everything that is not decided has a default that the report shows.

use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::factor::Basis;

/// Choices of the user, from flags and the settings file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// What the report is about.
    pub title: Option<String>,
    /// Zone or cloud region for all energy.
    pub region: Option<String>,
    /// Zone or cloud region by host.
    pub region_by_host: BTreeMap<String, String>,
    /// PUE for all energy, 1.0 to 5.0.
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
    /// Count gaps by their trapezoid.
    pub fill_gaps: bool,
    /// `pre-training` or `fine-tuning`, for the Hub.
    pub training_type: Option<String>,
    /// The command that makes the report, without machine-specific paths.
    pub reproduce: Option<String>,
}

/// A setting that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// Which setting.
    pub setting: &'static str,
    /// What was found and expected.
    pub message: String,
    /// What to do.
    pub hint: String,
}
