//! The total in context: under other factors, and in everyday terms.

use alloc::string::String;
use alloc::vec::Vec;

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

    /// A published figure that gives the total a scale: a model's training, a flight, a year of a life.
    pub struct ReferenceFigure {
        /// What.
        pub name: String,
        /// `training` or `everyday`.
        pub kind: String,
        /// Emissions, kgCO2e.
        pub kgco2e: f64,
        /// That as text.
        pub text: String,
        /// The report's total over it.
        pub relative: f64,
        /// That as text.
        pub relative_text: String,
        /// Id in `sources`.
        pub source: String,
    }

    /// The total against the budget that the user set.
    pub struct CarbonBudget {
        /// The budget, kgCO2e.
        pub budget_kgco2e: f64,
        /// That as text.
        pub budget_text: String,
        /// Total over budget, 1 being all of it, with its interval.
        pub share: Quantity,
        /// `within`, `open` (the budget lies inside the interval) or `exceeded`.
        pub verdict: String,
        /// A full sentence.
        pub text: String,
    }

    /// What would have emitted less, computed from this run.
    pub struct Saving {
        /// Stable name: `region`, `hour`, `idle_gpus`, `unused_devices`, `repeated_epochs`, `pue`.
        pub code: String,
        /// What would have been done.
        pub action: String,
        /// What it would have saved, kgCO2e.
        pub kgco2e: Quantity,
        /// Share of the report's total, 0 to 1.
        pub share: f64,
        /// That as text.
        pub share_text: String,
        /// What the figure rests on.
        pub assumption: String,
        /// What it leaves out.
        pub caveat: String,
    }

    /// Manufacture of the devices of one model, the share of this use: ISO/IEC 21031, M = TE × TS × RS.
    pub struct EmbodiedShare {
        /// As in `hardware`.
        pub model: String,
        /// Number of devices.
        pub count: u32,
        /// Device-hours (what TS is made of).
        pub device_hours: f64,
        /// TE: emissions of making one device, kgCO2e; the interval holds what the sources say.
        pub factor: FactorUse,
        /// What each source says of one device.
        pub by_source: Vec<EmbodiedSource>,
        /// M, kgCO2e.
        pub kgco2e: Quantity,
    }

    /// One source's figure for the manufacture of a device.
    pub struct EmbodiedSource {
        /// Id in `sources`.
        pub source: String,
        /// The source's own name of the device, and what is inside the figure.
        pub about: String,
        /// kgCO2e of one device.
        pub kgco2e: f64,
    }

    /// What a run of more epochs would use, from the epochs that were measured.
    pub struct Prediction {
        /// Run, where logs name one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub run: Option<String>,
        /// Epochs whose energy is known.
        pub epochs_known: u32,
        /// Epochs of the whole run.
        pub epochs: u32,
        /// IT energy of each epoch that is known, kWh, in order.
        pub epoch_it_kwh: Vec<f64>,
        /// Electricity at the meter of the epochs that are known, kWh: measured, declared or estimated, not predicted.
        pub known_facility_kwh: Quantity,
        /// Electricity at the meter of the epochs that are not, kWh: predicted alone; absent where none are left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub predicted_facility_kwh: Option<Quantity>,
        /// Both together, kWh.
        pub facility_kwh: Quantity,
        /// Emissions of both together, kgCO2e.
        pub emissions_kgco2e: Quantity,
        /// Length of all epochs, s; absent where lengths are not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub duration_s: Option<f64>,
        /// How the interval was made, in words.
        pub method: String,
        /// A full sentence that tells known and predicted apart, and which share of the known is estimated.
        pub text: String,
        /// Trackers' own predictions, as text, which stand beside.
        pub trackers: Vec<String>,
    }
}
