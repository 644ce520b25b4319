//! Every format that is known, one line each.

use super::Format;

/// All formats, alphabetical by id.
#[rustfmt::skip]
pub static FORMATS: &[&Format] = &[
    &super::carbon_report_jsonl::FORMAT,
    &super::carbontracker_log::FORMAT,
    &super::codecarbon_csv::FORMAT,
    &super::codecarbon_json::FORMAT,
    &super::electricity_maps_csv::FORMAT,
    &super::experiment_impact_tracker_json::FORMAT,
    &super::generic_csv::FORMAT,
    &super::intensity_csv::FORMAT,
    &super::nvidia_smi_csv::FORMAT,
    &super::perf_stat::FORMAT,
    &super::powercap::FORMAT,
    &super::python_pickle::FORMAT,
    &super::slurm_sacct::FORMAT,
];
