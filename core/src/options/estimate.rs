//! Options of an estimate: one phase, as [`Phase`](crate::estimate::Phase) has it.

use super::Place::{Estimate, Python};
use super::{Effect, Group, Kind, PLAIN, Row, about, fields};

const HARDWARE: Row = Row {
    kind: Kind::Texts,
    value: about("N x MODEL"),
    places: &[Estimate, Python],
    found: false,
    changes: fields(&["/energy/it_kwh/value"]),
    group: Group::Ran,
    ..PLAIN
};
const HOURS: Row = Row { kind: Kind::Number(0.0, f64::MAX, "hours"), value: about("H"), ..HARDWARE };
const SHARE: Row = Row { kind: Kind::Number(0.0, 1.0, ""), value: about("SHARE"), ..HARDWARE };
const WATTS: Row = Row { kind: Kind::Number(0.0, f64::MAX, "w"), value: about("W"), ..HARDWARE };

/// The rows: [`super::ESTIMATE`].
pub(super) const ROWS: &[Row] = &[
    Row {
        name: "gpu",
        help: about("GPUs, TPUs and other accelerators: `8x A100-SXM4-80GB`, `TPU v3-32`; may be given several times"),
        example: about("4x A100-SXM4-80GB"),
        effect: Effect::PhaseTexts(|phase| &mut phase.gpu),
        ..HARDWARE
    },
    Row {
        name: "cpu",
        help: about("Processors by socket: `2x EPYC 7763`; may be given several times"),
        example: about("2x Xeon E5-2683 v4"),
        effect: Effect::PhaseTexts(|phase| &mut phase.cpu),
        ..HARDWARE
    },
    Row {
        name: "memory",
        kind: Kind::Memory,
        value: about("SIZE"),
        help: about("Memory of all machines: 512GB"),
        example: about("512GB"),
        effect: Effect::PhaseNumber(|phase| &mut phase.memory_gb),
        ..HARDWARE
    },
    Row {
        name: "nodes",
        kind: Kind::Count,
        value: about("N"),
        help: about("Number of machines of this kind"),
        default: about("1"),
        example: about("2"),
        effect: Effect::Count(|phase| &mut phase.nodes),
        ..HARDWARE
    },
    Row {
        name: "hours",
        help: about("Wall-clock hours"),
        example: about("48"),
        effect: Effect::PhaseNumber(|phase| &mut phase.hours),
        ..HOURS
    },
    Row {
        name: "device-hours",
        aliases: &["gpu-hours"],
        help: about("Hours summed over all devices, instead of --hours"),
        example: about("1000"),
        effect: Effect::PhaseNumber(|phase| &mut phase.device_hours),
        ..HOURS
    },
    Row {
        name: "repeats",
        kind: Kind::Number(0.0, f64::MAX, ""),
        value: about("N"),
        help: about("How many times it ran"),
        default: about("1"),
        example: about("3"),
        effect: Effect::PhaseNumber(|phase| &mut phase.repeats),
        ..HARDWARE
    },
    Row {
        name: "utilisation",
        aliases: &["utilization"],
        help: about("Mean utilisation of the accelerators (of the processors, where there are none): 0.9"),
        example: about("0.3"),
        effect: Effect::PhaseNumber(|phase| &mut phase.utilisation),
        ..SHARE
    },
    Row {
        name: "cpu-utilisation",
        help: about("Mean utilisation of the processors beside accelerators"),
        example: about("0.9"),
        effect: Effect::PhaseNumber(|phase| &mut phase.cpu_utilisation),
        ..SHARE
    },
    Row {
        name: "cpu-cores",
        kind: Kind::Number(0.0, f64::MAX, ""),
        value: about("N"),
        help: about("Processor cores in use, where they are fewer than those of the processors"),
        example: about("8"),
        effect: Effect::PhaseNumber(|phase| &mut phase.cpu_cores),
        ..HARDWARE
    },
    Row {
        name: "cpu-core-w",
        help: about("Rated power of one core, W, for a processor that no table has"),
        example: about("4.5"),
        effect: Effect::PhaseNumber(|phase| &mut phase.cpu_core_w),
        ..WATTS
    },
    Row {
        name: "power",
        help: about("Mean power of all that it ran on, W, where somebody measured it"),
        example: about("3000"),
        effect: Effect::PhaseNumber(|phase| &mut phase.power_w),
        ..WATTS
    },
    Row {
        name: "energy",
        kind: Kind::Number(0.0, f64::MAX, "kwh"),
        value: about("KWH"),
        help: about("Electricity of all that it ran on, without the building, kWh, where somebody states it"),
        example: about("120"),
        effect: Effect::PhaseNumber(|phase| &mut phase.energy_kwh),
        ..HARDWARE
    },
    Row {
        name: "phases",
        kind: Kind::File,
        value: about("FILE"),
        help: about("A file of phases, TOML, which may hold the settings of `carbon-report.toml` too; or phases alone in JSON"),
        example: about("experiments.toml"),
        ..HARDWARE
    },
    Row {
        name: "method",
        kind: Kind::Text,
        value: about("METHOD"),
        help: about("How it is estimated: carbon-report, or another calculator's way"),
        default: about("carbon-report"),
        example: about("mlco2"),
        ..HARDWARE
    },
];
