//! The total in context: under other factors, and in everyday terms.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::{FactorUse, Quantity};

model! {
    /// The same energy under other factors: elsewhere, in another year, at another PUE.
    pub struct Comparison {
        /// Zone, or `provider:region`; `own` where this report's place is not known.
        pub zone: String,
        /// Its name, and what else differs.
        pub name: String,
        /// Carbon intensity, gCO2e per kWh.
        pub gco2e_per_kwh: f64,
        /// Emissions, kgCO2e.
        pub kgco2e: f64,
        /// Emissions as text.
        pub text: String,
        /// Relative to this report.
        pub relative: f64,
        /// That as text: `4.1`.
        pub relative_text: String,
        /// Whether it is this report as it is.
        pub own: bool,
        /// What differs, with both numbers.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub reason: String,
        /// Emissions with their interval, kgCO2e.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub emissions_kgco2e: Option<Quantity>,
        /// Power usage effectiveness there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub pue: Option<FactorUse>,
        /// Carbon intensity there, with its source.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub carbon_intensity: Option<FactorUse>,
        /// Share of carbon-free energy that the provider publishes for the region, 0 to 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub carbon_free_share: Option<f64>,
        /// That share as text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub carbon_free_text: Option<String>,
    }

    /// The total in everyday terms.
    pub struct Equivalent {
        /// Row of the table.
        pub name: String,
        /// How many.
        pub amount: f64,
        /// Of what.
        pub unit: String,
        /// A full sentence.
        pub text: String,
        /// Id in `sources`.
        pub source: String,
    }
}
