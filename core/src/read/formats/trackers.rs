//! Stores and exports of experiment trackers.

use super::row;
use crate::read::Format;
use crate::read::layout::{Layout, MeterRow, Shape, Syntax, TableShape, TimeField, TimeKind, TreeShape};
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
        meters: &[MeterRow::watts(
            &["system.gpu.{n}.powerwatts", "system.gpu.process.{n}.powerwatts"],
            Component::Gpu,
            Instrument::GpuPower,
        )],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &[""], renamed: None }))
    },
);

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
