//! Options of an estimate: one phase, as [`Phase`](crate::estimate::Phase) has it.

use super::Place::{Estimate, Python, Report, Settings};
use super::{Changes, Effect, Group, Kind, PLAIN, Row, about};

const HARDWARE: Row = Row {
    kind: Kind::Texts,
    value: "N x MODEL",
    places: &[Estimate, Python],
    found: false,
    changes: Changes::Report(&["/energy/it_kwh/value"]),
    group: Group::Ran,
    ..PLAIN
};
const HOURS: Row = Row { kind: Kind::Number(0.0, f64::MAX, "hours"), value: "H", ..HARDWARE };
const SHARE: Row = Row { kind: Kind::Number(0.0, 1.0, ""), value: "SHARE", ..HARDWARE };
const WATTS: Row = Row { kind: Kind::Number(0.0, f64::MAX, "w"), value: "W", ..HARDWARE };

/// The rows: [`super::ESTIMATE`].
pub(super) const ROWS: &[Row] = &[
    Row {
        name: "gpu",
        help: about("GPUs, TPUs and other accelerators: `8x A100-SXM4-80GB`, `TPU v3-32`; may be given several times"),
        example: "4x A100-SXM4-80GB",
        effect: Effect::PhaseTexts(|phase| &mut phase.gpu),
        ..HARDWARE
    },
    Row {
        name: "cpu",
        help: about("Processors by socket: `2x EPYC 7763`; may be given several times"),
        example: "2x Xeon E5-2683 v4",
        effect: Effect::PhaseTexts(|phase| &mut phase.cpu),
        ..HARDWARE
    },
    Row {
        name: "memory",
        kind: Kind::Memory,
        value: "SIZE",
        help: about("Memory of all machines: 512GB; of logs, the memory that the job had, where a tracker models that of a whole host"),
        example: "512GB",
        places: &[Estimate, Python, Report, Settings],
        effect: Effect::PhaseNumberOrLogs(|phase| &mut phase.memory_gb, |made| &mut made.read.memory_gb),
        ..HARDWARE
    },
    Row {
        name: "nodes",
        kind: Kind::Count,
        value: "N",
        help: about("Number of machines of this kind"),
        default: "1",
        example: "2",
        effect: Effect::Count(|phase| &mut phase.nodes),
        ..HARDWARE
    },
    Row { name: "hours", help: about("Wall-clock hours"), example: "48", effect: Effect::PhaseNumber(|phase| &mut phase.hours), ..HOURS },
    Row {
        name: "device-hours",
        aliases: &["gpu-hours"],
        help: about("Hours summed over all devices, instead of --hours"),
        example: "1000",
        effect: Effect::PhaseNumber(|phase| &mut phase.device_hours),
        ..HOURS
    },
    Row {
        name: "repeats",
        kind: Kind::Number(0.0, f64::MAX, ""),
        value: "N",
        help: about("How many times it ran"),
        default: "1",
        example: "3",
        effect: Effect::PhaseNumber(|phase| &mut phase.repeats),
        ..HARDWARE
    },
    Row {
        name: "utilisation",
        aliases: &["utilization"],
        help: about("Mean utilisation of the accelerators (of the processors, where there are none): 0.9"),
        example: "0.3",
        effect: Effect::PhaseNumber(|phase| &mut phase.utilisation),
        ..SHARE
    },
    Row {
        name: "cpu-utilisation",
        help: about("Mean utilisation of the processors beside accelerators"),
        example: "0.9",
        effect: Effect::PhaseNumber(|phase| &mut phase.cpu_utilisation),
        ..SHARE
    },
    Row {
        name: "cpu-cores",
        kind: Kind::Number(0.0, f64::MAX, ""),
        value: "N",
        help: about("Processor cores in use, where they are fewer than those of the processors"),
        example: "8",
        effect: Effect::PhaseNumber(|phase| &mut phase.cpu_cores),
        ..HARDWARE
    },
    Row {
        name: "cpu-core-w",
        help: about("Rated power of one core, W, for a processor that no table has"),
        example: "4.5",
        effect: Effect::PhaseNumber(|phase| &mut phase.cpu_core_w),
        ..WATTS
    },
    Row {
        name: "power",
        help: about("Mean power of all that it ran on, W, where somebody measured it"),
        example: "3000",
        effect: Effect::PhaseNumber(|phase| &mut phase.power_w),
        ..WATTS
    },
    Row {
        name: "energy",
        kind: Kind::Number(0.0, f64::MAX, "kwh"),
        value: "KWH",
        help: about("Electricity of all that it ran on, without the building, kWh, where somebody states it"),
        example: "120",
        effect: Effect::PhaseNumber(|phase| &mut phase.energy_kwh),
        ..HARDWARE
    },
    Row {
        name: "phases",
        kind: Kind::File,
        value: "FILE",
        help: about("A file of phases, TOML, which may hold the settings of `carbon-report.toml` too; or phases alone in JSON"),
        example: "experiments.toml",
        ..HARDWARE
    },
    Row {
        name: "method",
        kind: Kind::Text,
        value: "METHOD",
        help: about("How it is estimated: carbon-report, or another calculator's way"),
        default: "carbon-report",
        example: "mlco2",
        ..HARDWARE
    },
];
