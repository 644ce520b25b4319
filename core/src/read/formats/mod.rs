//! Every format that is known: those of a shape that [`layout`](super::layout) reads as rows here, the others by code of their own.

mod agents;
mod apple;
mod gpus;
mod jetson;
mod nvidia;
mod processors;
mod prometheus;
mod trackers;

use super::{Format, Layout, ReadBy};

/// All formats, alphabetical by id.
#[rustfmt::skip]
pub static FORMATS: &[&Format] = &[
    &gpus::AMD_SMI_CSV,
    &gpus::AMD_SMI_JSON,
    &processors::UPROF,
    &super::carbon_report_jsonl::FORMAT,
    &super::carbontracker_log::FORMAT,
    &super::codecarbon_csv::FORMAT,
    &super::codecarbon_json::FORMAT,
    &agents::COLLECTD_CSV,
    &nvidia::DCGMI_DMON,
    &super::electricity_maps_csv::FORMAT,
    &super::experiment_impact_tracker_json::FORMAT,
    &super::generic_csv::FORMAT,
    &gpus::INTEL_GPU_TOP_CSV,
    &gpus::INTEL_GPU_TOP,
    &gpus::INTEL_GPU_TOP_LIST,
    &processors::POWER_GADGET,
    &super::intensity_csv::FORMAT,
    &jetson::JTOP,
    &processors::LIKWID_PERFCTR,
    &processors::LIKWID_POWERMETER,
    &apple::MACMON,
    &trackers::MLFLOW_METRIC,
    &super::nvidia_smi_csv::FORMAT,
    &nvidia::SMI_DMON,
    &nvidia::SMI_Q,
    &nvidia::SMI_STATS,
    &nvidia::SMI_TABLE,
    &nvidia::SMI_XML,
    &agents::OTEL_JSON,
    &processors::PCM,
    &processors::PCM_SYSTEM,
    &super::perf_stat::FORMAT,
    &super::powercap::FORMAT,
    &apple::POWERMETRICS,
    &apple::POWERMETRICS_PLIST,
    &processors::POWERSTAT,
    &prometheus::API,
    &prometheus::PROMTOOL,
    &prometheus::TEXT,
    &super::python_pickle::FORMAT,
    &gpus::ROCM_SMI_CSV,
    &gpus::ROCM_SMI_JSON,
    &gpus::ROCM_SMI_TEXT,
    &processors::S_TUI,
    &agents::SCAPHANDRE_JSON,
    &agents::SCAPHANDRE_STDOUT,
    &super::slurm_sacct::FORMAT,
    &jetson::TEGRASTATS,
    &agents::TELEGRAF_INFLUX,
    &processors::TURBOSTAT,
    &trackers::WANDB_EVENTS,
    &gpus::XPU_SMI_DUMP,
];

/// A format that a layout reads.
const fn row(id: &'static str, name: &'static str, how_to_log: &'static str, layout: Layout) -> Format {
    Format { id, name, how_to_log, read_by: ReadBy::Layout(layout) }
}
