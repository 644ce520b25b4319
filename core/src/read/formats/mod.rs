//! Every format that is known: those of a shape that [`layout`](super::layout) reads as rows here, the others by code of their own.

mod agents;
mod apple;
mod desktop;
mod gpus;
mod grid;
mod jetson;
mod meters;
mod nvidia;
mod processors;
mod profilers;
mod prometheus;
mod trackers;

use super::{Format, Layout, ReadBy};

/// All formats, alphabetical by id.
#[rustfmt::skip]
pub static FORMATS: &[&Format] = &[
    &trackers::AI_ENERGY_SCORE,
    &trackers::AI_ENERGY_SCORE_SUMMARY,
    &gpus::AMD_SMI_CSV,
    &gpus::AMD_SMI_JSON,
    &gpus::AMD_SMI_MONITOR,
    &processors::UPROF,
    &gpus::AMDGPU_TOP,
    &trackers::BOAMPS_CSV,
    &super::boamps_json::FORMAT,
    &grid::CARBON_INTENSITY_UK,
    &super::carbon_report_jsonl::FORMAT,
    &super::carbontracker_log::FORMAT,
    &trackers::CODECARBON_CONSOLE,
    &super::codecarbon_csv::FORMAT,
    &super::codecarbon_json::FORMAT,
    &agents::COLLECTD_CSV,
    &meters::CRAY_PM,
    &nvidia::DCGMI_DMON,
    &trackers::ECO2AI,
    &grid::EIA,
    &super::electricity_maps_csv::FORMAT,
    &grid::ELECTRICITY_MAPS,
    &profilers::ENERGIBRIDGE,
    &grid::ENTSOE,
    &super::experiment_impact_tracker_json::FORMAT,
    &super::generic_csv::FORMAT,
    &super::generic_json::FORMAT,
    &desktop::GPU_Z,
    &nvidia::GPUSTAT,
    &nvidia::GPUSTAT_JSON,
    &agents::GRAFANA,
    &profilers::GREEN_METRICS_TOOL,
    &desktop::HARDWARE_MONITOR,
    &meters::HOME_ASSISTANT,
    &desktop::HWINFO,
    &desktop::HWINFO_CHINESE,
    &gpus::INTEL_GPU_TOP_CSV,
    &gpus::INTEL_GPU_TOP,
    &gpus::INTEL_GPU_TOP_LIST,
    &processors::POWER_GADGET,
    &super::intensity_csv::FORMAT,
    &meters::IPMI_DCMI,
    &meters::IPMI_SDR,
    &meters::IPMI_SENSOR,
    &jetson::JTOP,
    &processors::LIKWID_PERFCTR,
    &processors::LIKWID_PERFCTR_CSV,
    &processors::LIKWID_POWERMETER,
    &meters::LM_SENSORS,
    &apple::MACMON,
    &trackers::MLFLOW_METRIC,
    &meters::MLPERF_POWER,
    &super::nvidia_smi_csv::FORMAT,
    &nvidia::SMI_DMON,
    &nvidia::SMI_Q,
    &nvidia::SMI_STATS,
    &nvidia::SMI_TABLE,
    &nvidia::SMI_XML,
    &nvidia::NVITOP,
    &trackers::OPTIMUM_BENCHMARK_CALLS,
    &trackers::OPTIMUM_BENCHMARK,
    &agents::OTEL_JSON,
    &processors::PCM,
    &processors::PCM_SYSTEM,
    &meters::PDU_OUTLETS,
    &super::perf_stat::FORMAT,
    &profilers::PERUN,
    &super::powercap::FORMAT,
    &super::powerjoular::FORMAT,
    &profilers::POWERJOULAR_PROCESS,
    &apple::POWERMETRICS,
    &apple::POWERMETRICS_PLIST,
    &processors::POWERSTAT,
    &prometheus::API,
    &prometheus::PROMTOOL,
    &prometheus::TEXT,
    &profilers::PYJOULES,
    &profilers::PYRAPL,
    &super::python_pickle::FORMAT,
    &meters::REDFISH_ENVIRONMENT,
    &meters::REDFISH_POWER,
    &gpus::ROCM_SMI_CSV,
    &gpus::ROCM_SMI_JSON,
    &gpus::ROCM_SMI_TEXT,
    &processors::S_TUI,
    &agents::SCAPHANDRE_JSON,
    &agents::SCAPHANDRE_STDOUT,
    &meters::SHELLY_CLOUD,
    &meters::SHELLY_METER,
    &meters::SHELLY_STATUS,
    &super::slurm_sacct::FORMAT,
    &meters::TASMOTA,
    &jetson::TEGRASTATS,
    &agents::TELEGRAF_INFLUX,
    &trackers::TRACKIO,
    &trackers::TRACKIO_JSON,
    &processors::TURBOSTAT,
    &desktop::TYPEPERF,
    &trackers::WANDB_EVENTS,
    &trackers::WANDB_HISTORY,
    &trackers::WANDB_PANEL,
    &grid::WATTTIME,
    &gpus::XPU_SMI_DUMP,
    &trackers::ZEUS_ENERGY,
    &trackers::ZEUS_POWER,
];

/// A format that a layout reads.
const fn row(id: &'static str, name: &'static str, how_to_log: &'static str, layout: Layout) -> Format {
    Format { id, name, how_to_log, read_by: ReadBy::Layout(layout) }
}
