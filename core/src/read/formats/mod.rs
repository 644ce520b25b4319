//! Every format that is known: those of a shape that [`layout`](super::layout) reads as rows here, the others by code of their own.

mod nvidia;
mod processors;
mod trackers;

use super::{Format, Layout, ReadBy};

/// All formats, alphabetical by id.
#[rustfmt::skip]
pub static FORMATS: &[&Format] = &[
    &super::carbon_report_jsonl::FORMAT,
    &super::carbontracker_log::FORMAT,
    &super::codecarbon_csv::FORMAT,
    &super::codecarbon_json::FORMAT,
    &nvidia::DCGMI_DMON,
    &super::electricity_maps_csv::FORMAT,
    &super::experiment_impact_tracker_json::FORMAT,
    &super::generic_csv::FORMAT,
    &super::intensity_csv::FORMAT,
    &trackers::MLFLOW_METRIC,
    &nvidia::SMI_DMON,
    &nvidia::SMI_Q,
    &nvidia::SMI_XML,
    &super::nvidia_smi_csv::FORMAT,
    &super::perf_stat::FORMAT,
    &super::powercap::FORMAT,
    &processors::POWERMETRICS,
    &super::python_pickle::FORMAT,
    &super::slurm_sacct::FORMAT,
    &processors::TURBOSTAT,
    &trackers::WANDB_EVENTS,
];

/// A format that a layout reads.
const fn row(id: &'static str, name: &'static str, how_to_log: &'static str, layout: Layout) -> Format {
    Format { id, name, how_to_log, read_by: ReadBy::Layout(layout) }
}
