//! What NVIDIA's tools print besides query CSV.

use super::row;
use crate::decode::table::Unit;
use crate::read::Format;
use crate::read::layout::{Layout, LineDoes, LineRow, MeterRow, Names, Only, Shape, Syntax, TableShape, TimeField, TimeKind, TreeShape};
use crate::rules;
use crate::series::{Component, Instrument};
use crate::units::Span;

/// Looks that stand further apart were taken by hand.
const SNAPSHOTS_APART: Span = rules::seconds("snapshots_apart_s");

const STAMP_LINES: TimeField = TimeField { fields: &[], kind: TimeKind::Lines };

const NO_NAMES: Names = Layout::of(Shape::Table(TableShape::PLAIN)).names;

/// `nvidia-smi dmon`: whole watts; the column is called so since its first release. `-o DT` puts date and time in front.
pub(super) static SMI_DMON: Format = row(
    "nvidia_smi_dmon",
    "nvidia-smi dmon",
    "nvidia-smi dmon -s pucm -o DT -d 1 -f dmon.txt",
    Layout {
        signature: &["gpu", "pwr"],
        foreign: &["pid"],
        tool: Some("nvidia-smi"),
        time: &[
            TimeField { fields: &["date", "time"], kind: TimeKind::Stamp },
            TimeField { fields: &["time"], kind: TimeKind::TimeOfDay },
            STAMP_LINES,
        ],
        names: Names { index: &["gpu"], ..NO_NAMES },
        meters: &[MeterRow::watts(&["pwr"], Component::Gpu, Instrument::GpuPower)],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// `dcgmi dmon`: the counter is of the driver, in mJ, and needs no clock; GPU instances have no sensor of their own.
pub(super) static DCGMI_DMON: Format = row(
    "dcgmi_dmon",
    "dcgmi dmon",
    "dcgmi dmon -e 155,156,203 -d 1000",
    Layout {
        signature: &["entity"],
        tool: Some("dcgmi"),
        time: &[STAMP_LINES],
        names: Names { index: &["number"], ..NO_NAMES },
        meters: &[
            MeterRow::counter_joules(&["totec"], Component::Gpu, Instrument::GpuCounter)
                .unit(Unit { scale: 3, ..Unit::JOULE })
                .only(OF_GPU),
            MeterRow::watts(&["power", "powinst"], Component::Gpu, Instrument::GpuPower).only(OF_GPU),
            MeterRow::watts(&["power", "powinst"], Component::Cpu, Instrument::Rapl).only(&[Only { field: "entity", is: &["cpu"] }]),
        ],
        only: &[Only { field: "entity", is: &["gpu", "cpu"] }],
        ..Layout::of(Shape::Table(TableShape {
            structure: &["ID ", "#Entity"],
            first_is_two: Some(["entity", "number"]),
            ..TableShape::PLAIN
        }))
    },
);

const OF_GPU: &[Only] = &[Only { field: "entity", is: &["gpu"] }];

/// `nvidia-smi -q`: names of the board's power changed with drivers 535 and 570; memory and module have the same names below their own.
pub(super) static SMI_Q: Format = row(
    "nvidia_smi_q",
    "nvidia-smi -q",
    "while sleep 1; do nvidia-smi -q -d POWER; done > power.txt",
    Layout {
        signature: &["NVSMI LOG", "Power"],
        tool: Some("nvidia-smi"),
        time: &[TimeField { fields: &["timestamp"], kind: TimeKind::Stamp }],
        names: Names { uuid: &["gpu uuid"], bus_id: &["@name"], model: &["product name"], ..NO_NAMES },
        meters: &[
            MeterRow::watts(
                &[
                    "gpu power readings.average power draw",
                    "gpu power readings.power draw",
                    "gpu power readings.instantaneous power draw",
                    "power readings.average power draw",
                    "power readings.power draw",
                    "power readings.instantaneous power draw",
                ],
                Component::Gpu,
                Instrument::GpuPower,
            ),
            MeterRow::watts(
                &["module power readings.average power draw", "module power readings.power draw"],
                Component::GpuModule,
                Instrument::GpuPower,
            ),
        ],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Indented, rows: &["gpu *"], renamed: None }))
    },
);

/// `nvidia-smi -q -x`: documents one after the other, whose elements changed with drivers as the text's names did.
pub(super) static SMI_XML: Format = row(
    "nvidia_smi_xml",
    "nvidia-smi -q -x",
    "while sleep 1; do nvidia-smi -q -x; done > power.xml",
    Layout {
        signature: &["<nvidia_smi_log>"],
        tool: Some("nvidia-smi"),
        time: &[TimeField { fields: &["nvidia_smi_log.timestamp"], kind: TimeKind::Stamp }],
        names: Names { uuid: &["uuid"], bus_id: &["@id"], model: &["product_name"], ..NO_NAMES },
        meters: &[
            MeterRow::watts(
                &[
                    "gpu_power_readings.average_power_draw",
                    "gpu_power_readings.power_draw",
                    "gpu_power_readings.instant_power_draw",
                    "power_readings.power_draw",
                ],
                Component::Gpu,
                Instrument::GpuPower,
            ),
            MeterRow::watts(
                &["module_power_readings.average_power_draw", "module_power_readings.power_draw"],
                Component::GpuModule,
                Instrument::GpuPower,
            ),
        ],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Xml, rows: &["nvidia_smi_log.gpu"], renamed: None }))
    },
);

/// `nvidia-smi stats`: whole watts, many a second, with microseconds of Unix time; the other statistics look the same.
pub(super) static SMI_STATS: Format = row(
    "nvidia_smi_stats",
    "nvidia-smi stats",
    "nvidia-smi stats -d pwrDraw > stats.txt",
    Layout {
        signature: &[", pwrDraw , "],
        tool: Some("nvidia-smi"),
        time: &[TimeField { fields: &["time"], kind: TimeKind::Stamp }],
        names: Names { index: &["gpu"], ..NO_NAMES },
        meters: &[MeterRow::watts(&["power"], Component::Gpu, Instrument::GpuPower)],
        ..Layout::of(Shape::Lines(&[LineRow { template: "{gpu}, pwrDraw , {time}, {power}", does: LineDoes::Ends }]))
    },
);

/// The table that `nvidia-smi` prints, in a loop: whole watts. The first line of each is the time; the list of processes has rows that look alike and hold
/// no power. Between the name and the bus id stands the mode of persistence, on Windows that of the driver.
pub(super) static SMI_TABLE: Format = row(
    "nvidia_smi_table",
    "nvidia-smi (table)",
    "nvidia-smi -l 1 > table.txt",
    Layout {
        signature: &["| NVIDIA-SMI"],
        tool: Some("nvidia-smi"),
        time: &[STAMP_LINES],
        names: Names { bus_id: &["bus"], index: &["gpu"], model: &["name"], ..NO_NAMES },
        meters: &[MeterRow::watts(&["power"], Component::Gpu, Instrument::GpuPower)],
        longest: Some(SNAPSHOTS_APART),
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "| {gpu#} *| {bus} *", does: LineDoes::Begins },
            LineRow { template: "| {} {name}Off | *:*", does: LineDoes::Adds },
            LineRow { template: "| {} {name}On | *:*", does: LineDoes::Adds },
            LineRow { template: "| {} {name}WDDM | *:*", does: LineDoes::Adds },
            LineRow { template: "| {} {name}MCDM | *:*", does: LineDoes::Adds },
            LineRow { template: "| {} {name}TCC | *:*", does: LineDoes::Adds },
            LineRow { template: "| {} {} {} {power} / {} |*", does: LineDoes::Ends },
        ]))
    },
);

/// `gpustat --json`: a document a call, with whole watts and local stamps.
pub(super) static GPUSTAT_JSON: Format = row(
    "gpustat_json",
    "gpustat --json",
    "while true; do gpustat --json; sleep 1; done > gpustat.json",
    Layout {
        signature: &["\"query_time\"", "\"power.draw\"", "\"enforced.power.limit\""],
        tool: Some("gpustat"),
        time: &[TimeField { fields: &["query_time"], kind: TimeKind::Stamp }],
        names: Names { host: &["hostname"], uuid: &["uuid"], index: &["index"], model: &["name"], ..NO_NAMES },
        meters: &[MeterRow::watts(&["power.draw"], Component::Gpu, Instrument::GpuPower)],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &["gpus.*"], renamed: None }))
    },
);

/// `gpustat -P`: a line a board under the host and the local time, in the words of the C locale or of American English. Without `-P` there is no power.
pub(super) static GPUSTAT: Format = row(
    "gpustat",
    "gpustat -P",
    "gpustat -P -i 1 > gpustat.txt",
    Layout {
        signature: &["] ", "C, ", " %", " MB |"],
        tool: Some("gpustat"),
        time: &[
            TimeField { fields: &["month", "day", "year", "clock", "half"], kind: TimeKind::Stamp },
            TimeField { fields: &["month", "day", "year", "clock"], kind: TimeKind::Stamp },
            STAMP_LINES,
        ],
        names: Names { host: &["host"], index: &["gpu"], model: &["name"], ..NO_NAMES },
        meters: &[MeterRow::watts(&["power"], Component::Gpu, Instrument::GpuPower)],
        lacking: Some("log it with its power: gpustat -P -i 1 > gpustat.txt"),
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "{host} {} {month} {day#} {clock} {year#} *", does: LineDoes::Stays },
            LineRow { template: "{host} {} {day#} {month} {year#} {clock} {half} *", does: LineDoes::Stays },
            LineRow { template: "[{gpu#}] {name}| {}C, *, {power} / {} W |*", does: LineDoes::Ends },
            LineRow { template: "[{gpu#}] {name}| {}C, *, *, {power} / {} W |*", does: LineDoes::Ends },
            LineRow { template: "[{gpu#}] {name}| {}C, *, {power} W |*", does: LineDoes::Ends },
            LineRow { template: "[{gpu#}] {name}| {}C, *, *, {power} W |*", does: LineDoes::Ends },
            LineRow { template: "[{gpu#}] {name}| {}C, *% | *", does: LineDoes::Adds },
        ]))
    },
);

/// nvitop's collector, as a table of what it collected under one tag: of each board the mean, the lowest, the highest and the last reading.
pub(super) static NVITOP: Format = row(
    "nvitop_csv",
    "nvitop (ResourceMetricCollector)",
    "collector.daemonize(lambda metrics: writer.writerow(metrics) or True, interval=1)   (writer is a csv.DictWriter over collector.collect())",
    Layout {
        signature: &["*gpu:*/power_usage (w)/last", "*last_timestamp|timestamp"],
        tool: Some("nvitop"),
        time: &[
            TimeField { fields: &["*last_timestamp"], kind: TimeKind::Stamp },
            TimeField { fields: &["*timestamp"], kind: TimeKind::Stamp },
        ],
        meters: &[MeterRow::watts(&["*gpu:{n}/power_usage (w)/last"], Component::Gpu, Instrument::GpuPower)],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);
