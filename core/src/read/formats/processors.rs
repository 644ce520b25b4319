//! Samplers of processors.

use super::row;
use crate::decode::table::Unit;
use crate::read::Format;
use crate::read::layout::{Layout, LineDoes, LineRow, MeterRow, Only, Shape, TableShape, TimeField, TimeKind};
use crate::series::{Component, Instrument};

/// `turbostat`: means of the interval that ends at the row; the summary row holds what rows of processors repeat.
pub(super) static TURBOSTAT: Format = row(
    "turbostat",
    "turbostat",
    "turbostat --quiet --Summary --enable Time_Of_Day_Seconds --show Time_Of_Day_Seconds,PkgWatt,RAMWatt --interval 1 --out turbostat.tsv",
    Layout {
        signature: &["pkgwatt"],
        tool: Some("turbostat"),
        time: &[TimeField { fields: &["time_of_day_seconds"], kind: TimeKind::Stamp }, TimeField { fields: &[], kind: TimeKind::Lines }],
        meters: &[
            MeterRow::mean_watts(&["pkgwatt"], Component::Cpu, Instrument::Rapl),
            MeterRow::mean_watts(&["ramwatt"], Component::Memory, Instrument::Rapl),
            MeterRow::mean_watts(&["corwatt"], Component::CpuCore, Instrument::Rapl),
            MeterRow::mean_watts(&["gfxwatt"], Component::CpuUncore, Instrument::Rapl),
            MeterRow::mean_watts(&["syswatt"], Component::Platform, Instrument::Rapl),
        ],
        only: &[Only { field: "cpu", is: &["-"] }, Only { field: "core", is: &["-"] }, Only { field: "package", is: &["-"] }],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

const MILLIWATTS: Unit = Unit::MILLIWATT;

/// `powermetrics`: means of an interval whose length it prints; the processor's combined power holds its parts.
pub(super) static POWERMETRICS: Format = row(
    "powermetrics",
    "powermetrics",
    "sudo powermetrics --samplers cpu_power,gpu_power -i 1000 -o power.txt",
    Layout {
        signature: &["*** Sampled system activity"],
        tool: Some("powermetrics"),
        time: &[TimeField { fields: &["time"], kind: TimeKind::Stamp }, TimeField { fields: &["elapsed"], kind: TimeKind::Duration(3) }],
        meters: &[MeterRow::mean_watts(&["package", "combined"], Component::Cpu, Instrument::Hwmon).unit(MILLIWATTS)],
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "*** Sampled system activity ({time}) ({elapsed}ms elapsed) *", does: LineDoes::Begins },
            LineRow { template: "Combined Power (CPU + GPU + ANE): {combined}", does: LineDoes::Adds },
            LineRow { template: "Package Power: {package}", does: LineDoes::Adds },
        ]))
    },
);
