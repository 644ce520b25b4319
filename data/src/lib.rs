//! Factor tables of carbon-report as embedded text: two lists and the rules of counting, no logic.
//!
//! Each table is a CSV file in `tables/`, described in this crate's `README.md` and checked by `check.py`.
//! [`ATTRIBUTION`] is to be printed once by whatever embeds them.

#![no_std]

/// Figures of the rules by which readings become numbers (gaps, likeness, plausibility): core reads them while it is compiled.
pub const RULES: &str = include_str!("../tables/rules.csv");

/// Publications behind the tables: core reads their addresses while it is compiled.
pub const SOURCES: &str = include_str!("../tables/sources.csv");

/// The tables that `carbon_core::factor::FactorSet` reads: name without ending, and text.
pub const TABLES: &[(&str, &str)] = &[
    ("accelerators", include_str!("../tables/accelerators.csv")),
    ("cloud_region_history", include_str!("../tables/cloud_region_history.csv")),
    ("cloud_regions", include_str!("../tables/cloud_regions.csv")),
    ("cpus", include_str!("../tables/cpus.csv")),
    ("embodied", include_str!("../tables/embodied.csv")),
    ("equivalents", include_str!("../tables/equivalents.csv")),
    ("grid_intensity", include_str!("../tables/grid_intensity.csv")),
    ("grid_spread", include_str!("../tables/grid_spread.csv")),
    ("grid_trade", include_str!("../tables/grid_trade.csv")),
    ("instruments", include_str!("../tables/instruments.csv")),
    ("machine_kinds", include_str!("../tables/machine_kinds.csv")),
    ("machine_rest", include_str!("../tables/machine_rest.csv")),
    ("method_constants", include_str!("../tables/method_constants.csv")),
    ("mlco2_impact_2021_regions", include_str!("../tables/mlco2_impact_2021_regions.csv")),
    ("mlco2_impact_gpus", include_str!("../tables/mlco2_impact_gpus.csv")),
    ("plausible_power", include_str!("../tables/plausible_power.csv")),
    ("power_model", include_str!("../tables/power_model.csv")),
    ("pue", include_str!("../tables/pue.csv")),
    ("reference_models", include_str!("../tables/reference_models.csv")),
    ("sources", SOURCES),
];

/// Other calculators' own constants and published footprints: to reproduce and compare, never to account with.
pub const REFERENCE_TABLES: &[(&str, &str)] = &[("reference_models", include_str!("../tables/reference_models.csv"))];

/// The acknowledgement that the licences of the tables ask for.
pub const ATTRIBUTION: &str = "Grid data: Ember (CC BY 4.0), processed by Our World in Data; US EPA eGRID; national inventories as listed. \
     Cloud region data: Google (Apache-2.0), providers' disclosures collected by the Green Software Foundation.";
