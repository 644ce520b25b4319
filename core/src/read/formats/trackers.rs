//! Stores and exports of experiment trackers.

use super::row;
use crate::decode::table::Unit;
use crate::read::Format;
use crate::read::layout::{Layout, LineDoes, LineRow, MeterRow, Names, Shape, Syntax, TableShape, TimeField, TimeKind, Totals, TreeShape};
use crate::series::{Component, CounterRange, Instrument, Quantity};

const KILOWATT_HOURS: Unit = Unit { scale: 9, ..Unit::WATT_HOUR };

const NO_TOTALS: Totals = Totals { run: "", name: "", start: "", length: "", emissions_kg: "", place: "", begins: "", summary: false };

/// Nothing names hosts and devices.
const NO_NAMES: Names = Layout::of(Shape::Table(TableShape::PLAIN)).names;

/// W&B's system events, one JSON object a line: means of the seconds before, in later releases with the board's counter. `gpu.process` repeats the board's
/// power. The command reads a run's own `.wandb` file: its statistics are such lines, and `_host` is the run's host.
pub(super) static WANDB_EVENTS: Format = row(
    "wandb_events",
    "W&B system metrics",
    "wandb/run-*/files/wandb-events.jsonl, or run.history(stream=\"systemMetrics\", pandas=False) as JSON lines",
    Layout {
        signature: &["system.gpu.", "powerWatts"],
        files: &["wandb-events.jsonl"],
        one_run: true,
        tool: Some("wandb"),
        time: &[
            TimeField { fields: &["_timestamp"], kind: TimeKind::Stamp },
            TimeField { fields: &["_runtime"], kind: TimeKind::Elapsed(0) },
        ],
        names: Names { host: &["_host"], ..NO_NAMES },
        meters: WANDB_METERS,
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &[""], renamed: None }))
    },
);

const WANDB_METERS: &[MeterRow] = &[
    MeterRow::counter_joules(&["system.gpu.{n}.energyjoules"], Component::Gpu, Instrument::GpuCounter),
    MeterRow::watts(&["system.gpu.{n}.powerwatts", "system.gpu.process.{n}.powerwatts"], Component::Gpu, Instrument::GpuPower),
    // Of Apple's chips.
    MeterRow::watts(&["system.cpu.powerwatts"], Component::Cpu, Instrument::Hwmon),
    MeterRow::watts(&["system.system.powerwatts", "system.powerwatts"], Component::Node, Instrument::Hwmon),
];

/// A metric file of MLflow's file store: `milliseconds value step`; the name of the metric is the file's. Means of the seconds before, of one board.
/// The command reads MLflow's SQLite store (`mlflow.db`) as such files, one for each run and board.
pub(super) static MLFLOW_METRIC: Format = row(
    "mlflow_metric",
    "MLflow system metrics (file store)",
    "mlflow.enable_system_metrics_logging()   (writes mlruns/<experiment>/<run>/metrics/system/gpu_0_power_usage_watts)",
    Layout {
        files: &["gpu_{n}_power_usage_watts", "metrics/"],
        one_run: true,
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
        names: Names { run: &["run_id", "run_name"], ..NO_NAMES },
        meters: TRACKIO_METERS,
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// The same as JSON: what `trackio get` prints, or the metrics of the store one object a line: the command reads the store itself
/// (`~/.cache/huggingface/trackio/<project>.db`), each run as such a log.
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
    "PowerMonitor(power_csv_path=\"power.csv\") up to Zeus 0.12; later ones have ZeusMonitor(log_file=\"energy.csv\") alone",
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
        // The first releases name no run and write with tabs, a fork names no GPU.
        signature: &["project_name", "start_time", "duration", "power_consumption", "co2_emissions", "cpu_name"],
        tool: Some("Eco2AI"),
        totals: Some(&Totals {
            run: "id",
            name: "project_name",
            start: "start_time",
            length: "duration",
            emissions_kg: "co2_emissions",
            place: "*country",
            ..NO_TOTALS
        }),
        meters: &[
            MeterRow::interval_joules(&["power_consumption"], Component::Unsplit, Instrument::TrackerModel).unit(KILOWATT_HOURS),
            MeterRow::interval_joules(&["cpu_power_consumption"], Component::Cpu, Instrument::TrackerModel).unit(KILOWATT_HOURS),
            MeterRow::interval_joules(&["ram_power_consumption"], Component::Memory, Instrument::TrackerModel).unit(KILOWATT_HOURS),
        ],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// The terminal of CodeCarbon: running totals of six digits with times of day. The lines of the setup say where a run begins; what the processor used since
/// the line before (`Delta`) is in its total. What CodeCarbon writes beside holds the same with all digits.
pub(super) static CODECARBON_CONSOLE: Format = row(
    "codecarbon_console",
    "CodeCarbon (terminal)",
    "python train.py 2> train.log   (with CodeCarbon's log_level at \"info\", as it is where nothing is said)",
    Layout {
        signature: &["[codecarbon ", "Energy consumed for "],
        foreign: &["```", "\"cells\"", "<html"],
        tool: Some("CodeCarbon"),
        totals: Some(&Totals { start: "time", begins: "begins", summary: true, ..NO_TOTALS }),
        meters: &[
            running(&["cpu"], Component::Cpu, Instrument::TrackerUnstated),
            running(&["gpu"], Component::Gpu, Instrument::TrackerSensor),
            running(&["ram"], Component::Memory, Instrument::TrackerModel),
            running(&["all"], Component::Unsplit, Instrument::TrackerUnstated),
        ],
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "*[codecarbon {} @ {time}] [setup] {begins} Tracking*", does: LineDoes::Ends },
            LineRow { template: "*[codecarbon {} @ {time}] >>> {begins} metadata:*", does: LineDoes::Ends },
            LineRow { template: "*[codecarbon {} @ {time}] Energy consumed for RAM : {ram} kWh*", does: LineDoes::Ends },
            LineRow { template: "*[codecarbon {} @ {time}] Energy consumed for all GPUs : {gpu} kWh*", does: LineDoes::Ends },
            LineRow { template: "*[codecarbon {} @ {time}] Energy consumed for all CPUs : {cpu} kWh*", does: LineDoes::Ends },
            LineRow { template: "*[codecarbon {} @ {time}] Energy consumed for All CPU : {cpu} kWh*", does: LineDoes::Ends },
            LineRow { template: "*[codecarbon {} @ {time}] {all} kWh of electricity*", does: LineDoes::Ends },
        ]))
    },
);

/// A running total in kWh that a tracker states.
const fn running(fields: &'static [&'static str], component: Component, instrument: Instrument) -> MeterRow {
    MeterRow::interval_joules(fields, component, instrument).unit(KILOWATT_HOURS).quantity(Quantity::Counter(CounterRange::Unbounded))
}

/// A total in kWh that a tracker states.
const fn stated(fields: &'static [&'static str], component: Component, instrument: Instrument) -> MeterRow {
    MeterRow::interval_joules(fields, component, instrument).unit(KILOWATT_HOURS)
}

/// BoAmps reports as rows of a table, of which each has one measure; of several, some may be of one energy.
pub(super) static BOAMPS_CSV: Format = row(
    "boamps_csv",
    "BoAmps reports (CSV)",
    "a row for each report, with columns such as `measures_0_powerConsumption`",
    Layout {
        signature: &["*measures*0*powerconsumption"],
        foreign: &["*measures*1*powerconsumption"],
        totals: Some(&Totals { run: "*reportid", length: "*measures*0*measurementduration", place: "*environment*country", ..NO_TOTALS }),
        meters: &[stated(&["*measures*0*powerconsumption"], Component::Unsplit, Instrument::TrackerUnstated)],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

const BY_OPTIMUM: &str = "CodeCarbon by optimum-benchmark";

const JSON: Shape = Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &[""], renamed: None });

/// optimum-benchmark's report of an `energy_star` scenario, in which AI Energy Score's runs are, too: energies by phase. Texts were generated in a pass of
/// its own, which began with the prefill again: `decode` is what is left of that pass without it, so that the prefill was done twice.
pub(super) static OPTIMUM_BENCHMARK: Format = row(
    "optimum_benchmark_json",
    "optimum-benchmark report",
    "optimum-benchmark --config-dir energy_star --config-name text_generation   (writes benchmark_report.json)",
    Layout {
        signature: &["\"energy\"", "\"efficiency\"", "\"kWh\"", "\"preprocess"],
        tool: Some(BY_OPTIMUM),
        totals: Some(&Totals { summary: true, ..NO_TOTALS }),
        meters: &[
            stated(&["*.energy.cpu"], Component::Cpu, Instrument::TrackerUnstated),
            stated(&["*.energy.gpu"], Component::Gpu, Instrument::TrackerSensor),
            stated(&["*.energy.ram"], Component::Memory, Instrument::TrackerModel),
            stated(&["*.energy.total"], Component::Unsplit, Instrument::TrackerUnstated),
            stated(&["prefill.energy.cpu", "*.prefill.energy.cpu"], Component::Cpu, Instrument::TrackerUnstated),
            stated(&["prefill.energy.gpu", "*.prefill.energy.gpu"], Component::Gpu, Instrument::TrackerSensor),
            stated(&["prefill.energy.ram", "*.prefill.energy.ram"], Component::Memory, Instrument::TrackerModel),
            stated(&["prefill.energy.total", "*.prefill.energy.total"], Component::Unsplit, Instrument::TrackerUnstated),
        ],
        ..Layout::of(JSON)
    },
);

/// Its report of other scenarios: of a training all of it; what calls used is the mean of one, and of how many stands nowhere.
pub(super) static OPTIMUM_BENCHMARK_CALLS: Format = row(
    "optimum_benchmark_calls_json",
    "optimum-benchmark report of calls",
    "optimum-benchmark … scenario=training scenario.energy=true   (of calls, the *_codecarbon.json that are written beside it)",
    Layout {
        signature: &["\"energy\"", "\"efficiency\"", "\"kWh\""],
        foreign: &["\"preprocess"],
        tool: Some(BY_OPTIMUM),
        totals: Some(&Totals { summary: true, ..NO_TOTALS }),
        meters: &[
            stated(&["overall.energy.cpu", "*.overall.energy.cpu"], Component::Cpu, Instrument::TrackerUnstated),
            stated(&["overall.energy.gpu", "*.overall.energy.gpu"], Component::Gpu, Instrument::TrackerSensor),
            stated(&["overall.energy.ram", "*.overall.energy.ram"], Component::Memory, Instrument::TrackerModel),
        ],
        lacking: Some("its energies are means of one call: give the *_codecarbon.json that optimum-benchmark writes beside it"),
        ..Layout::of(JSON)
    },
);

/// What AI Energy Score's own benchmark writes, in Wh.
pub(super) static AI_ENERGY_SCORE: Format = row(
    "ai_energy_score_json",
    "AI Energy Score",
    "ai-energy-benchmark run text_generation.yaml --backend pytorch   (writes benchmark_report.json)",
    Layout {
        signature: &["\"energy\"", "\"gpu_energy_wh\""],
        tool: Some("CodeCarbon by ai_energy_benchmarks"),
        totals: Some(&Totals { length: "energy.duration_seconds", summary: true, ..NO_TOTALS }),
        meters: &[
            stated(&["energy.cpu_energy_wh"], Component::Cpu, Instrument::TrackerUnstated).unit(Unit::WATT_HOUR),
            stated(&["energy.gpu_energy_wh"], Component::Gpu, Instrument::TrackerSensor).unit(Unit::WATT_HOUR),
            stated(&["energy.ram_energy_wh"], Component::Memory, Instrument::TrackerModel).unit(Unit::WATT_HOUR),
        ],
        ..Layout::of(JSON)
    },
);

/// The sum of its GPUs to a hundredth of a Wh, which AI Energy Score writes beside a report.
pub(super) static AI_ENERGY_SCORE_SUMMARY: Format = row(
    "ai_energy_score_summary",
    "AI Energy Score summary",
    "python summarize_gpu_wh.py results   (writes GPU_ENERGY_SUMMARY.json)",
    Layout {
        signature: &["\"units\"", "\"Wh\"", "\"total\"", "_wh\""],
        foreign: &["\"energy\""],
        tool: Some("CodeCarbon by AI Energy Score"),
        totals: Some(&Totals { summary: true, ..NO_TOTALS }),
        meters: &[stated(&["total"], Component::Gpu, Instrument::TrackerSensor).unit(Unit::WATT_HOUR)],
        ..Layout::of(JSON)
    },
);
