//! What agents that watch machines write: Scaphandre, OpenTelemetry, Telegraf, collectd.

use super::row;
use crate::decode::table::Unit;
use crate::read::Format;
use crate::read::layout::{
    Layout, LineDoes, LineRow, MeterRow, MetricsShape, Names, Only, Shape, Syntax, TableShape, TimeField, TimeKind, TreeShape,
};
use crate::series::{Component, Instrument, Quantity};

const NO_NAMES: Names = Layout::of(Shape::Table(TableShape::PLAIN)).names;

const NAMED_DRAM: &[Only] = &[Only { field: "name", is: &["dram*"] }];
const ANY_ID: &[Only] = &[Only { field: "id", is: &["*"] }];

/// Of the host, and of nothing inside.
const NO_ID: &[Only] = &[Only { field: "id", is: &[] }];

/// Of sockets, not of the domains inside.
const NO_NAME: &[Only] = &[Only { field: "name", is: &[] }];

const fn micro(component: Component) -> MeterRow {
    MeterRow::watts(&["consumption"], component, Instrument::Rapl).unit(Unit::MICROWATT)
}

/// Scaphandre's JSON exporter: documents one after the other, in µW. The host is the sum of its sockets and memory (or `psys`), consumers are shares of it. A
/// sample in which a counter started again is left out.
pub(super) static SCAPHANDRE_JSON: Format = row(
    "scaphandre_json",
    "Scaphandre (JSON)",
    "scaphandre json --step 2 --file power.json",
    Layout {
        signature: &["\"consumers\"", "\"consumption\""],
        tool: Some("scaphandre"),
        time: &[TimeField { fields: &["host.timestamp"], kind: TimeKind::Stamp }],
        names: Names { index: &["id"], ..NO_NAMES },
        meters: &[
            MeterRow::watts(&["host.consumption"], Component::Platform, Instrument::Rapl).unit(Unit::MICROWATT).only(NO_ID).of_machine(),
            micro(Component::Cpu).only(NO_NAME).having(ANY_ID).aside("host", "the host holds its sockets"),
            micro(Component::Memory).having(NAMED_DRAM).aside("host", "the host holds its memory"),
        ],
        ..Layout::of(Shape::Tree(TreeShape {
            syntax: Syntax::Json,
            rows: &["", "sockets.*", "sockets.*.domains.*", "{n}", "{n}.sockets.*", "{n}.sockets.*.domains.*"],
            renamed: None,
        }))
    },
);

/// Scaphandre on the terminal: no clock; 0 W and `---` where a counter started again are no readings.
pub(super) static SCAPHANDRE_STDOUT: Format = row(
    "scaphandre_stdout",
    "Scaphandre (terminal)",
    "scaphandre stdout --step 2 --timeout 0 > power.txt, and read it with --interval 2s; better: scaphandre json",
    Layout {
        signature: &["Host:\t", " W from"],
        tool: Some("scaphandre"),
        time: &[TimeField { fields: &[], kind: TimeKind::Lines }],
        meters: &[MeterRow::watts(&["host"], Component::Platform, Instrument::Rapl).no_zero()],
        ..Layout::of(Shape::Lines(&[LineRow { template: "Host: {host} W from*", does: LineDoes::Ends }]))
    },
);

const GPU: Only = Only { field: "label.hw.type", is: &["gpu"] };
const CPU: Only = Only { field: "label.hw.type", is: &["cpu"] };
const MEMORY: Only = Only { field: "label.hw.type", is: &["memory"] };
const ENCLOSURE: Only = Only { field: "label.hw.type", is: &["enclosure"] };

/// Cumulative sums are counters, others the energy since the point before.
const DELTA: Only = Only { field: "*.sum.aggregationtemporality", is: &["1", "*delta"] };
const SUM: Only = Only { field: "*.sum.aggregationtemporality", is: &["0", "2", "*cumulative", "*unspecified"] };

const fn counter(component: Component, instrument: Instrument) -> MeterRow {
    MeterRow::counter_joules(&["hw.energy"], component, instrument).only(&[SUM])
}

const fn delta(component: Component, instrument: Instrument) -> MeterRow {
    MeterRow::interval_joules(&["hw.energy"], component, instrument)
}

const fn power(component: Component, instrument: Instrument) -> MeterRow {
    MeterRow::watts(&["hw.power"], component, instrument)
}

/// OpenTelemetry's metrics as JSON lines (the collector's file exporter). `hw.host.energy` is of the whole machine; whether a sum is cumulative stands behind
/// its points.
pub(super) static OTEL_JSON: Format = row(
    "otel_json",
    "OpenTelemetry metrics (JSON)",
    "the OpenTelemetry collector's file exporter",
    Layout {
        signature: &["\"resourceMetrics\"", "hw."],
        time: &[
            TimeField { fields: &["timeunixnano"], kind: TimeKind::Stamp },
            TimeField { fields: &["starttimeunixnano"], kind: TimeKind::Start },
        ],
        names: Names { host: &["label.host.name", "label.host.id"], index: &["label.hw.id"], model: &["label.hw.model"], ..NO_NAMES },
        meters: &[
            counter(Component::Gpu, Instrument::GpuCounter).having(&[GPU]),
            delta(Component::Gpu, Instrument::GpuCounter).having(&[GPU, DELTA]),
            power(Component::Gpu, Instrument::GpuPower).having(&[GPU]),
            counter(Component::Cpu, Instrument::Rapl).having(&[CPU]),
            delta(Component::Cpu, Instrument::Rapl).having(&[CPU, DELTA]),
            power(Component::Cpu, Instrument::Rapl).having(&[CPU]),
            counter(Component::Memory, Instrument::Rapl).having(&[MEMORY]),
            delta(Component::Memory, Instrument::Rapl).having(&[MEMORY, DELTA]),
            power(Component::Memory, Instrument::Rapl).having(&[MEMORY]),
            counter(Component::Node, Instrument::BoardController).having(&[ENCLOSURE]),
            delta(Component::Node, Instrument::BoardController).having(&[ENCLOSURE, DELTA]),
            power(Component::Node, Instrument::BoardController).having(&[ENCLOSURE]),
            MeterRow::counter_joules(&["hw.host.energy"], Component::Node, Instrument::BoardController).only(&[SUM]).of_machine(),
            MeterRow::interval_joules(&["hw.host.energy"], Component::Node, Instrument::BoardController).having(&[DELTA]).of_machine(),
            MeterRow::watts(&["hw.host.power"], Component::Node, Instrument::BoardController).of_machine(),
        ],
        behind: Some("*.metrics.{n}.{}"),
        pairs: Some(("*attributes.{n}.key", "value")),
        ..Layout::of(Shape::Tree(TreeShape {
            syntax: Syntax::Json,
            rows: &[
                "resourcemetrics.*.scopemetrics.*.metrics.*.gauge.datapoints.*",
                "resourcemetrics.*.scopemetrics.*.metrics.*.sum.datapoints.*",
            ],
            renamed: Some(("*metrics.{n}.name", "as*")),
        }))
    },
);

/// InfluxDB's line protocol, as Telegraf writes it: its inputs `nvidia_smi`, `turbostat` (the summary row holds what rows of processors repeat),
/// `intel_powerstat` and `ipmi_sensor`.
pub(super) static TELEGRAF_INFLUX: Format = row(
    "telegraf_influx",
    "Telegraf (line protocol)",
    "telegraf with [[inputs.nvidia_smi]] and [[outputs.file]] data_format = \"influx\"",
    Layout {
        time: &[TimeField { fields: &["@time"], kind: TimeKind::Stamp }],
        names: Names {
            host: &["label.host"],
            uuid: &["label.uuid"],
            index: &["label.index", "label.package_id", "label.package", "label.gpu_id"],
            model: &["label.name"],
            ..NO_NAMES
        },
        meters: &[
            MeterRow::watts(&["nvidia_smi.power_draw"], Component::Gpu, Instrument::GpuPower),
            MeterRow::watts(&["nvidia_smi.module_power_draw"], Component::GpuModule, Instrument::GpuPower),
            MeterRow::watts(&["amd_rocm_smi.power_draw"], Component::Gpu, Instrument::GpuPower),
            MeterRow::mean_watts(&["turbostat.package_power_watt"], Component::Cpu, Instrument::Rapl).only(SUMMARY),
            MeterRow::mean_watts(&["turbostat.ram_power_watt"], Component::Memory, Instrument::Rapl).only(SUMMARY),
            MeterRow::mean_watts(&["turbostat.core_power_watt"], Component::CpuCore, Instrument::Rapl).only(SUMMARY),
            MeterRow::mean_watts(&["turbostat.gfx_power_watt"], Component::CpuUncore, Instrument::Rapl).only(SUMMARY),
            MeterRow::mean_watts(&["turbostat.sys_power_watt"], Component::Platform, Instrument::Rapl).only(SUMMARY),
            MeterRow::watts(&["ipmi_sensor.value"], Component::Node, Instrument::BoardController).having(&[WATTS, OF_SYSTEM]).of_machine(),
            MeterRow::mean_watts(&["powerstat_package.current_power_consumption_watts"], Component::Cpu, Instrument::Rapl),
            MeterRow::mean_watts(&["powerstat_package.current_dram_power_consumption_watts"], Component::Memory, Instrument::Rapl),
        ],
        ..Layout::of(Shape::Metrics(MetricsShape::LineProtocol))
    },
);

const WATTS: Only = Only { field: "label.unit", is: &["watts"] };

/// Power supplies and boards stand beside the machine's total.
const OF_SYSTEM: Only = Only { field: "label.name", is: &["pwr_consumption", "*system*", "*total*", "sys_power"] };

const SUMMARY: &[Only] = &[Only { field: "label.cpu", is: &["-"] }];

const fn collectd(fields: &'static [&'static str], component: Component, instrument: Instrument) -> MeterRow {
    MeterRow::watts(fields, component, instrument)
}

/// collectd's CSV plugin: `epoch,value`; what the values are is the name of the file, which ends in a date, and of its folder.
pub(super) static COLLECTD_CSV: Format = row(
    "collectd_csv",
    "collectd (CSV)",
    "collectd with LoadPlugin csv and LoadPlugin gpu_nvidia   (writes power-<device>-<date>: keep the file's name)",
    Layout {
        signature: &["epoch", "value"],
        tool: Some("collectd"),
        time: &[TimeField { fields: &["epoch"], kind: TimeKind::Stamp }],
        meters: &[
            collectd(&["power-gpu{n}", "power-gpu{n}-*", "power-gpu-*"], Component::Gpu, Instrument::GpuPower),
            collectd(&["power-pkg{n}", "power-pkg{n}-*", "power-package-{n}-*", "power-cpu{n}-*"], Component::Cpu, Instrument::Rapl)
                .quantity(Quantity::PowerMean),
            collectd(&["power-dram*"], Component::Memory, Instrument::Rapl).quantity(Quantity::PowerMean),
            collectd(&["power-*system*"], Component::Node, Instrument::BoardController),
        ],
        ..Layout::of(Shape::Table(TableShape { columns: &["epoch", "@file"], delimiter: Some(b','), ..TableShape::PLAIN }))
    },
);

/// A panel of Grafana as CSV: a column for each series, called as Prometheus calls it where the panel has no legend of its own.
pub(super) static GRAFANA: Format = row(
    "grafana_csv",
    "Grafana panel export (CSV)",
    "a panel of `DCGM_FI_DEV_POWER_USAGE` without a legend: Inspect, Data, Download CSV",
    Layout {
        signature: &["time", "*dcgm_fi_dev_*{*gpu=*}"],
        tool: Some("Grafana"),
        time: &[TimeField { fields: &["time"], kind: TimeKind::Stamp }],
        meters: &[
            MeterRow::counter_joules(&["*dcgm_fi_dev_total_energy_consumption{*gpu=*{n}\"*"], Component::Gpu, Instrument::GpuCounter)
                .unit(Unit { scale: 3, ..Unit::JOULE }),
            MeterRow::watts(&["*dcgm_fi_dev_power_usage{*gpu=*{n}\"*"], Component::Gpu, Instrument::GpuPower),
        ],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);
