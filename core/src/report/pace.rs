//! How fast a machine uses energy and emits, over the period of a report: for whoever follows a run.

use alloc::format;
use alloc::string::String;

use super::Report;
use crate::text::{MASS_FROM_KG, POWER_FROM_W, with_unit};

/// More would only flicker.
const DIGITS: u32 = 3;

/// Mean power and mean rate of emissions.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    /// IT energy over time, W.
    pub power_w: f64,
    /// That as text: `312 W`.
    pub power_text: String,
    /// Operational emissions over time as text: `18.4 g/h`; absent where they are not known.
    pub emissions_text: Option<String>,
}

impl Pace {
    /// E ÷ t and O ÷ t over the whole period; `None` where no energy or no time is known.
    ///
    /// With E the IT energy (kWh), O the operational emissions (kgCO2e) and t the length of the period (h).
    pub fn of(report: &Report) -> Option<Self> {
        let hours = report.period.as_ref()?.duration_s / 3600.0;
        if hours <= 0.0 {
            return None;
        }
        let power_w = report.energy.as_ref()?.it_kwh.value / hours * 1000.0;
        let rate = report.emissions.as_ref().map(|e| e.operational_kgco2e.value / hours);
        Some(Self {
            power_w,
            power_text: with_unit(power_w, DIGITS, POWER_FROM_W),
            emissions_text: rate.map(|kg| format!("{}/h", with_unit(kg, DIGITS, MASS_FROM_KG))),
        })
    }
}
