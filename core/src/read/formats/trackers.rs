//! Stores and exports of experiment trackers.

use super::row;
use crate::decode::table::Unit;
use crate::read::Format;
use crate::read::layout::{Layout, MeterRow, Shape, Syntax, TableShape, TimeField, TimeKind, Totals, TreeShape};
use crate::series::{Component, Instrument};

/// W&B's system events, one JSON object a line: means of the seconds before. `gpu.process` repeats the board's power.
pub(super) static WANDB_EVENTS: Format = row(
    "wandb_events",
    "W&B system metrics",
    "wandb/run-*/files/wandb-events.jsonl, or run.history(stream=\"systemMetrics\", pandas=False) as JSON lines",
    Layout {
        signature: &["system.gpu.", "powerWatts"],
        tool: Some("wandb"),
        time: &[
            TimeField { fields: &["_timestamp"], kind: TimeKind::Stamp },
            TimeField { fields: &["_runtime"], kind: TimeKind::Elapsed(0) },
        ],
        meters: WANDB_METERS,
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &[""], renamed: None }))
    },
);

const WANDB_METERS: &[MeterRow] =
    &[MeterRow::watts(&["system.gpu.{n}.powerwatts", "system.gpu.process.{n}.powerwatts"], Component::Gpu, Instrument::GpuPower)];

/// A metric file of MLflow's file store: `milliseconds value step`; the name of the metric is the file's. Means of the seconds before, of one board.
pub(super) static MLFLOW_METRIC: Format = row(
    "mlflow_metric",
    "MLflow system metrics (file store)",
    "mlflow.enable_system_metrics_logging()   (writes mlruns/<experiment>/<run>/metrics/system/gpu_0_power_usage_watts)",
    Layout {
        files: &["gpu_{n}_power_usage_watts"],
        tool: Some("mlflow"),
        time: &[TimeField { fields: &["time"], kind: TimeKind::Stamp }],
        meters: &[MeterRow::watts(&["gpu_{n}_power_usage_watts"], Component::Gpu, Instrument::GpuPower)],
        ..Layout::of(Shape::Table(TableShape { columns: &["time", "@file", "step"], delimiter: Some(b' '), ..TableShape::PLAIN }))
    },
);

/// A panel of W&B's workspace as CSV: a column for each run and device, and two that repeat it as the lowest and the highest of what was drawn
/// together. Seconds since each run began.
pub(super) static WANDB_PANEL: Format = row(
    "wandb_panel_csv",
    "W&B panel export",
    "open the run's system panel \"GPU Power Usage (W)\", then Export CSV",
    Layout {
        signature: &["* - *gpu.*powerwatts"],
        tool: Some("wandb"),
        time: &[
            TimeField { fields: &["relative time"], kind: TimeKind::Elapsed(0) },
            TimeField { fields: &["wall time"], kind: TimeKind::Stamp },
            TimeField { fields: &["_timestamp"], kind: TimeKind::Stamp },
            TimeField { fields: &["_runtime"], kind: TimeKind::Elapsed(0) },
        ],
        meters: &[MeterRow::watts(&["* - *gpu.{n}.powerwatts", "* - *gpu.process.{n}.powerwatts"], Component::Gpu, Instrument::GpuPower)],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// W&B's system metrics as a data frame: `gpu.process` repeats the board's power, `powerPercent` and the enforced limit are no readings.
pub(super) static WANDB_HISTORY: Format = row(
    "wandb_history_csv",
    "W&B system metrics (CSV)",
    "run.history(stream=\"systemMetrics\").to_csv(\"power.csv\")",
    Layout {
        signature: &["system.gpu.*powerwatts"],
        tool: Some("wandb"),
        time: &[
            TimeField { fields: &["_timestamp"], kind: TimeKind::Stamp },
            TimeField { fields: &["_runtime"], kind: TimeKind::Elapsed(0) },
        ],
        meters: WANDB_METERS,
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// trackio's GPU metrics as a table: the counter is NVML's less what it was when the process began. `gpu/total_power` is the sum of the boards.
pub(super) static TRACKIO: Format = row(
    "trackio_csv",
    "trackio system metrics (CSV)",
    "pandas.read_parquet(\"<project>_system.parquet\").to_csv(\"power.csv\")",
    Layout {
        signature: &["gpu/{n}/power"],
        tool: Some("trackio"),
        time: TRACKIO_TIME,
        meters: TRACKIO_METERS,
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// The same as JSON: what `trackio get` prints, or the metrics of the store one object a line.
pub(super) static TRACKIO_JSON: Format = row(
    "trackio_json",
    "trackio system metrics (JSON)",
    "trackio get system-metric --project <project> --run <run> --json > power.json",
    Layout {
        signature: &["\"gpu/", "/power\""],
        tool: Some("trackio"),
        time: TRACKIO_TIME,
        meters: TRACKIO_METERS,
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &["*", "values.*", "system_metrics.*", ""], renamed: None }))
    },
);

const TRACKIO_TIME: &[TimeField] = &[TimeField { fields: &["timestamp"], kind: TimeKind::Stamp }];

const TRACKIO_METERS: &[MeterRow] = &[
    MeterRow::counter_joules(&["gpu/{n}/energy_consumed", "*.gpu/{n}/energy_consumed"], Component::Gpu, Instrument::GpuCounter),
    MeterRow::watts(&["gpu/{n}/power", "*.gpu/{n}/power"], Component::Gpu, Instrument::GpuPower),
];

/// Zeus' power monitor: one column for each GPU.
pub(super) static ZEUS_POWER: Format = row(
    "zeus_power_csv",
    "Zeus power monitor",
    "PowerMonitor(power_csv_path=\"power.csv\")",
    Layout {
        signature: &["time", "power_gpu{n}"],
        tool: Some("zeus"),
        time: &[TimeField { fields: &["time"], kind: TimeKind::Stamp }],
        meters: &[MeterRow::watts(&["power_gpu{n}"], Component::Gpu, Instrument::GpuPower)],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// Zeus' log of windows: an epoch's row comes after those of its steps, whose joules it holds. Early releases count seconds from the boot.
pub(super) static ZEUS_ENERGY: Format = row(
    "zeus_energy_csv",
    "Zeus energy log",
    "ZeusMonitor(log_file=\"energy.csv\")",
    Layout {
        signature: &["start_time", "window_name", "elapsed_time"],
        tool: Some("zeus"),
        time: &[TimeField { fields: &["start_time", "elapsed_time"], kind: TimeKind::Window(0) }],
        meters: &[MeterRow::interval_joules(&["gpu{n}_energy"], Component::Gpu, Instrument::GpuCounter)],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// Eco2AI: a row for each run, and in training mode one for each epoch, each with its own energy: they add. The processor is a rated power times a share
/// of its load, memory a figure for each gigabyte, GPUs are read: one modelled total.
pub(super) static ECO2AI: Format = row(
    "eco2ai_csv",
    "Eco2AI",
    "eco2ai.Tracker(file_name=\"emission.csv\")",
    Layout {
        signature: &["id", "project_name", "start_time", "duration", "power_consumption", "co2_emissions", "cpu_name", "gpu_name"],
        tool: Some("Eco2AI"),
        totals: Some(&Totals {
            run: "id",
            name: "project_name",
            start: "start_time",
            length: "duration",
            energy: "power_consumption",
            unit: Unit { scale: 9, ..Unit::WATT_HOUR },
            component: Component::Unsplit,
            instrument: Instrument::TrackerModel,
            emissions_kg: "co2_emissions",
            place: "region/country",
        }),
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);
