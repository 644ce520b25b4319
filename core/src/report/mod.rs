//! The Report: the one contract between the accounting and every document, page and binding.
//!
//! Names carry units. What is not known is absent, never 0 or an empty text. Every text in here that came from a log is
//! raw: each output escapes it for its own target.

pub mod pace;
mod timeline;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::factor::{Basis as FactorBasis, Match};
use crate::ledger::{Basis, Method};
use crate::note::Severity;
use crate::series::Instrument;

/// The schema that this version writes; a new field is a minor change and keeps the name.
pub const SCHEMA: &str = "carbon-report/2";

macro_rules! model {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $kind:ty,)* })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct $name { $($(#[$field_meta])* pub $field: $kind,)* }
    )*};
}

// After the macro, which it uses.
mod budget;
mod context;
mod device_row;
mod factor_use;
mod origins;
mod words;

pub use budget::{BudgetCause, BudgetTerm, IntervalMethod};
pub use context::{CarbonBudget, Comparison, EmbodiedShare, EmbodiedSource, Equivalent, Prediction, ReferenceFigure, Saving};
pub use device_row::DeviceRow;
pub(crate) use factor_use::factor_use;
pub use origins::{Input, MOST_ROWS, RowsSkipped, Source};
pub use words::{Boundary, Wide};

model! {
    /// A carbon report: what was used, what it emitted, where every figure comes from.
    pub struct Report {
        /// `carbon-report/2`.
        pub schema: String,
        /// The program that wrote it.
        pub generator: Generator,
        /// What the report is about, as the user names it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub title: Option<String>,
        /// First and last instant of what is counted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub period: Option<Period>,
        /// How the intervals were made.
        pub interval: IntervalMethod,
        /// The sentences of the headline, ready to print.
        pub headline: Headline,
        /// Energy in total and by component; absent when nothing could be measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub energy: Option<EnergyTotals>,
        /// Emissions in total; absent when no energy or no factor is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub emissions: Option<Emissions>,
        /// The totals at a glance, ready to print.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub totals: Vec<TotalRow>,
        /// The one-line calculation, as text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub calculation: Option<String>,
        /// Devices by model.
        pub hardware: Vec<Hardware>,
        /// Where it ran; absent when not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub location: Option<Location>,
        /// Weighted power usage effectiveness of the whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub pue: Option<FactorUse>,
        /// Weighted carbon intensity of the whole, gCO2e per kWh.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub carbon_intensity_gco2e_per_kwh: Option<FactorUse>,
        /// Every factor that entered the result.
        pub factors: Vec<FactorUse>,
        /// What is counted, what stands apart and what is left out.
        pub boundary: Vec<BoundaryItem>,
        /// What is allotted to a program that ran beside others: an allocation of the energy above, never a measurement, and not added to it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub allocations: Vec<Allocation>,
        /// Each source of energy that counts.
        pub activities: Vec<Activity>,
        /// The same by device, in words: what several runs or files hold of one device is one row.
        #[serde(default)]
        pub devices: Vec<DeviceRow>,
        /// Trackers' own figures, beside ours.
        pub declared: Vec<DeclaredFigure>,
        /// What was kept and left out, and why.
        pub decisions: Vec<Decision>,
        /// Runs that the logs name.
        pub runs: Vec<Run>,
        /// Marks set during the run.
        pub marks: Vec<Mark>,
        /// Mean power over time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub timeline: Option<Timeline>,
        /// The same energy on other grids.
        pub comparison: Vec<Comparison>,
        /// The rows of `comparison` are what was asked for, not the countries that every report is compared with.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        pub comparison_asked_for: bool,
        /// What every row of `comparison` leaves out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub comparison_caveat: Option<String>,
        /// The total in everyday terms.
        pub equivalents: Vec<Equivalent>,
        /// Published figures for scale.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub references: Vec<ReferenceFigure>,
        /// The total against the user's budget.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub carbon_budget: Option<CarbonBudget>,
        /// What would have emitted less, most first; alternatives, which do not add up.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub savings: Vec<Saving>,
        /// What a run of more epochs would use.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub prediction: Option<Prediction>,
        /// Manufacture of the hardware by model, when asked for.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub embodied: Vec<EmbodiedShare>,
        /// Defaults and choices, with the option that changes each.
        pub assumptions: Vec<Assumption>,
        /// What a reader must know of the data.
        pub quality: Vec<QualityNote>,
        /// Every file that was given.
        pub inputs: Vec<Input>,
        /// Publications behind the factors and the causes of error.
        pub sources: Vec<Source>,
        /// The fields of model cards that machines read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub model_card: Option<ModelCard>,
        /// The command that makes this report from the same files.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reproduce: Option<String>,
    }

    /// Name and version of the program.
    pub struct Generator {
        /// `carbon-report`.
        pub name: String,
        /// Semantic version.
        pub version: String,
    }

    /// A stretch of time.
    pub struct Period {
        /// First instant, RFC 3339; without `Z` when the log's zone is not known.
        pub start: String,
        /// Last instant.
        pub end: String,
        /// Length in seconds, gaps included.
        pub duration_s: f64,
        /// Whether the stamps are UTC; otherwise they are on the logs' own local clock.
        pub utc: bool,
    }

    /// A value with its 95 % interval and its text.
    pub struct Quantity {
        /// Central value.
        pub value: f64,
        /// Lower end of the interval.
        pub low: f64,
        /// Upper end of the interval.
        pub high: f64,
        /// Unit of the three numbers.
        pub unit: String,
        /// The value as people read it, rounded to what the interval supports: `337 kg`.
        pub text: String,
        /// The interval as people read it: `291 to 386 kg`.
        pub interval_text: String,
    }

    /// The first sentences of a card.
    pub struct Headline {
        /// `about 337 kg CO2eq (95% interval 291 to 386 kg)`, the number alone; `by estimate` after it where less than half is measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub number: Option<String>,
        /// One sentence with number, interval and energy.
        pub sentence: String,
        /// What the number is of: the computers, or the parts of them that the logs hold.
        pub boundary: Boundary,
        /// Whether the building is in it, by a PUE that is stated or published for the place.
        pub facility: bool,
        /// Where the upper end is more than four times the lower one: what makes it so, the largest term of the budget. The sentence says it, too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub wide_because: Option<Wide>,
        /// The sentences behind it: what the logs hold, what was added and how, what was measured.
        pub scope: String,
        /// `68% of the computers' energy measured`, for tables and forms.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub measured: String,
        /// `5.81 MWh at the meter of the building`: the electricity that forms ask for, and of what it is.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub electricity: String,
        /// `PUE 1.22, given by the user`, or that it is not known.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub building: String,
        /// What every mass of the card is of: life-cycle or direct factors, no offsets.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub masses: String,
    }

    /// One of the totals.
    pub struct TotalRow {
        /// What it is.
        pub item: String,
        /// The value as people read it.
        pub text: String,
        /// Its 95 % interval; empty where none was assessed.
        pub interval_text: String,
        /// What it rests on; may be empty.
        pub basis: String,
    }

    /// Energy in total.
    pub struct EnergyTotals {
        /// The parts of the computers that the logs hold, or that were stated, kWh.
        pub logged_kwh: Quantity,
        /// The rest of the computers, by the kind of machine, kWh; absent where nothing is added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub rest_kwh: Option<Quantity>,
        /// Electricity of the computers, logged and rest, kWh.
        pub it_kwh: Quantity,
        /// Electricity at the building's meter, IT × PUE, kWh: estimated where `headline.facility` is false; absent where not even that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub facility_kwh: Option<Quantity>,
        /// What the building adds, facility − IT, kWh; absent where `facility_kwh` is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub overhead_kwh: Option<f64>,
        /// Share of the IT energy that sensors measured, those that trackers read included, 0 to 1.
        pub measured_share: f64,
        /// IT energy by component.
        pub by_component: Vec<ComponentEnergy>,
    }

    /// Energy of one component over all activities.
    pub struct ComponentEnergy {
        /// `gpu`, `cpu`, `memory`, `node`, …
        pub component: String,
        /// Its name for people.
        pub label: String,
        /// Energy, kWh.
        pub energy_kwh: Quantity,
        /// Share of the IT energy, 0 to 1.
        pub share: f64,
        /// The share as text: `81%`.
        pub share_text: String,
        /// Mean power while covered, W.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mean_power_w: Option<f64>,
        /// The mean power as text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mean_power_text: Option<String>,
        /// `measured`, `declared`, `estimated`, or several joined by ` and `.
        pub basis: String,
        /// How, in words.
        pub method: String,
    }

    /// Emissions in total, kgCO2e.
    pub struct Emissions {
        /// Operational, location-based: the headline's, of what `headline` says.
        pub operational_kgco2e: Quantity,
        /// Of what the logs hold alone, without the rest of the machines and the building.
        pub logged_kgco2e: Quantity,
        /// Of the rest of the computers alone, without the building; absent where nothing is added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub rest_kgco2e: Option<Quantity>,
        /// With the building, estimated for the kind of machine; absent where the headline holds the building, or none can be estimated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub facility_kgco2e: Option<Quantity>,
        /// Operational with the supplier's factor, when the user gives one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub market_based_kgco2e: Option<Quantity>,
        /// Share of the hardware's manufacture, when asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub embodied_kgco2e: Option<Quantity>,
        /// Operational, plus embodied when asked for.
        pub total_kgco2e: Quantity,
        /// What the carbon intensities include.
        pub basis: FactorBasis,
        /// The total over time, when carbon intensity varies: one value a step, kgCO2e.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub by_step_kgco2e: Vec<f64>,
    }

    /// Devices of one model.
    pub struct Hardware {
        /// `gpu`, `cpu`, …
        pub kind: String,
        /// As the sampler prints it.
        pub model: String,
        /// Number of devices.
        pub count: u32,
        /// Device-hours.
        pub device_hours: f64,
        /// Thermal design power of one device from the tables, W.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub tdp_w: Option<f64>,
    }

    /// Where the energy was used.
    pub struct Location {
        /// Zone of the factor: `FR`, `US-CA`, …
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub zone: Option<String>,
        /// Its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// Cloud provider.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub provider: Option<String>,
        /// The provider's region.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub region: Option<String>,
        /// How it is known, in words.
        pub origin: String,
    }

    /// A factor as it was used.
    pub struct FactorUse {
        /// `carbon_intensity`, `pue`, `embodied`, `power`.
        pub kind: String,
        /// What it is about: `France`, `world average`, …
        pub label: String,
        /// The value that was used.
        pub value: f64,
        /// Lower end of its 95 % interval.
        pub low: f64,
        /// Upper end of its 95 % interval.
        pub high: f64,
        /// Unit of the three numbers.
        pub unit: String,
        /// Value and unit as text.
        pub text: String,
        /// What it includes, of carbon intensities.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub basis: Option<FactorBasis>,
        /// Year of the data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub year: Option<i32>,
        /// Id in `sources`, or `user`, `log`.
        pub source: String,
        /// How it was found.
        pub matched: Match,
        /// The match in words.
        pub match_text: String,
    }

    /// One row of the boundary table.
    pub struct BoundaryItem {
        /// What.
        pub item: String,
        /// `yes`, `partly`, `separately` or `no`.
        pub counted: String,
        /// How, or why not.
        pub how: String,
    }

    /// What of a component's energy is allotted to one program.
    pub struct Allocation {
        /// Run as the log names it.
        pub run: String,
        /// `cpu`, `memory`, `gpu`.
        pub component: String,
        /// Its name for people.
        pub label: String,
        /// IT energy that falls to the program, kWh.
        pub energy_kwh: f64,
        /// IT energy that was divided, kWh.
        pub of_kwh: f64,
        /// The first part of the second, 0 to 1.
        pub share: f64,
        /// Both energies and the share as text.
        pub text: String,
        /// By what it is divided, in words.
        pub method: String,
    }

    /// One source of energy that counts towards the total.
    pub struct Activity {
        /// Host, where several are told apart.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub host: Option<String>,
        /// `gpu`, `cpu`, …
        pub component: String,
        /// Device as the log names it.
        pub device: String,
        /// Model of the device.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub model: Option<String>,
        /// When.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub period: Option<Period>,
        /// IT energy, kWh.
        pub energy_kwh: Quantity,
        /// How the energy is known.
        pub basis: Basis,
        /// What stands behind it.
        pub instrument: Instrument,
        /// How the energy was obtained.
        pub method: Method,
        /// The same in words.
        pub method_text: String,
        /// Covered share of the period, 0 to 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub coverage: Option<f64>,
        /// Covered time, s.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub duration_s: Option<f64>,
        /// Mean power while covered, W.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mean_power_w: Option<f64>,
        /// Highest reading, W.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub peak_power_w: Option<f64>,
        /// Number of samples.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub samples: Option<u64>,
        /// Median time between samples, s.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub interval_s: Option<f64>,
        /// Emissions, kgCO2e.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub emissions_kgco2e: Option<Quantity>,
        /// Positions in `factors`.
        pub factors: Vec<u32>,
        /// Paths of the files it was read from.
        pub inputs: Vec<String>,
    }

    /// What a tracker itself says.
    pub struct DeclaredFigure {
        /// Tool and version.
        pub tool: String,
        /// Run as the tool names it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub run: Option<String>,
        /// `actual` or `predicted`.
        pub kind: String,
        /// Energy as logged, kWh.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub energy_kwh: Option<f64>,
        /// Emissions as logged, kgCO2e.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub emissions_kgco2e: Option<f64>,
        /// PUE inside the energy as logged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub pue: Option<f64>,
        /// IT energy that this report reads from it, kWh.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub it_energy_kwh: Option<f64>,
        /// Energy and emissions as text.
        pub text: String,
        /// What was repaired, in words.
        pub repairs: Vec<String>,
        /// File.
        pub input: String,
    }

    /// One decision of the ledger.
    pub struct Decision {
        /// Stable name of the rule.
        pub rule: String,
        /// What counts.
        pub kept: String,
        /// What does not.
        pub left_out: String,
        /// Energy that is not counted, kWh; negative where a repair makes more of what was claimed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub energy_kwh: Option<f64>,
        /// That energy as text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub energy_text: Option<String>,
        /// Why.
        pub reason: String,
    }

    /// A run that a log names.
    pub struct Run {
        /// Name or id.
        pub name: String,
        /// When.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub period: Option<Period>,
        /// Length, s.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub duration_s: Option<f64>,
        /// IT energy that counts, kWh.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub energy_kwh: Option<f64>,
        /// The energy as text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub energy_text: Option<String>,
        /// File.
        pub input: String,
    }

    /// A mark set during a run.
    pub struct Mark {
        /// When.
        pub at: String,
        /// What the user wrote.
        pub text: String,
        /// Numbers beside it.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pub metrics: BTreeMap<String, f64>,
    }

    /// Mean power by component in equal steps.
    pub struct Timeline {
        /// Start of the first step, RFC 3339.
        pub start: String,
        /// Whether `start` is UTC.
        pub utc: bool,
        /// Length of a step, s.
        pub step_s: u32,
        /// One series a component.
        pub series: Vec<TimelineSeries>,
    }

    /// Mean power of one component.
    pub struct TimelineSeries {
        /// `gpu`, `cpu`, …
        pub component: String,
        /// Its name for people.
        pub label: String,
        /// Mean power of each step, W; `null` where nothing was measured.
        pub mean_power_w: Vec<Option<f64>>,
    }

    /// A default or choice that shaped the result.
    pub struct Assumption {
        /// Stable name.
        pub code: String,
        /// What was assumed.
        pub text: String,
        /// The option that changes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub option: Option<String>,
    }

    /// A finding on the data.
    pub struct QualityNote {
        /// Stable code; `carbon-report explain CODE` tells more.
        pub code: String,
        /// How much it matters.
        pub severity: Severity,
        /// What was found.
        pub message: String,
        /// File, and line where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub place: Option<String>,
        /// What to do.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub hint: Option<String>,
    }

    /// What the Hub's readers take from a card.
    pub struct ModelCard {
        /// Emissions in grams: a plain decimal number; absent when below 0.0001 g, where the Hub's readers fail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub emissions_g: Option<String>,
        /// Tool, method.
        pub source: String,
        /// `pre-training` or `fine-tuning`, when the user says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub training_type: Option<String>,
        /// As fine as known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub geographical_location: Option<String>,
        /// Number and model of devices.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub hardware_used: Option<String>,
        /// Value of the bullet **Hardware Type:**.
        pub hardware_type: String,
        /// Value of the bullet **Hours used:**.
        pub hours_used: String,
        /// Value of the bullet **Cloud Provider:**.
        pub cloud_provider: String,
        /// Value of the bullet **Compute Region:**.
        pub compute_region: String,
        /// Value of the bullet **Carbon Emitted:**.
        pub carbon_emitted: String,
    }
}
