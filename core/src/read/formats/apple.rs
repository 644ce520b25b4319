//! Samplers of Apple's computers. Power and energy are the operating system's own counters of the chip; displays, disks and power supplies are in none
//! of them.

use super::row;
use crate::decode::table::Unit;
use crate::read::Format;
use crate::read::layout::{Layout, LineDoes, LineRow, MeterRow, NOT_ZERO, Only, Shape, Syntax, TimeField, TimeKind, TreeShape};
use crate::series::{Component, Instrument};

const CHIP: Instrument = Instrument::Hwmon;

/// `powermetrics`: means of an interval whose length it prints; stamps are cut to seconds, so that five samples share one. The package (up to macOS 12) and
/// the combined power hold processor, GPU and neural engine, the package memory, too. Intel machines print one figure, which is RAPL's.
pub(super) static POWERMETRICS: Format = row(
    "powermetrics",
    "powermetrics",
    "sudo powermetrics --samplers cpu_power,gpu_power -i 1000 -o power.txt",
    Layout {
        signature: &["*** Sampled system activity"],
        tool: Some("powermetrics"),
        time: &[TimeField { fields: &["time"], kind: TimeKind::Stamp }, TimeField { fields: &["elapsed"], kind: TimeKind::Duration(3) }],
        meters: &[
            MeterRow::mean_watts(&["package", "combined"], Component::Unsplit, CHIP).unit(Unit::MILLIWATT),
            MeterRow::mean_watts(&["cpu"], Component::Cpu, CHIP).unit(Unit::MILLIWATT),
            MeterRow::mean_watts(&["gpu"], Component::Gpu, CHIP).unit(Unit::MILLIWATT),
            MeterRow::mean_watts(&["dram"], Component::Memory, CHIP).unit(Unit::MILLIWATT),
            MeterRow::mean_watts(&["intel"], Component::Cpu, Instrument::Rapl),
        ],
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "*** Sampled system activity ({time}) ({elapsed}ms elapsed) *", does: LineDoes::Begins },
            LineRow { template: "Combined Power (CPU + GPU + ANE): {combined}", does: LineDoes::Adds },
            LineRow { template: "Package Power: {package}", does: LineDoes::Adds },
            LineRow { template: "CPU Power: {cpu}", does: LineDoes::Adds },
            LineRow { template: "GPU Power: {gpu}", does: LineDoes::Adds },
            LineRow { template: "DRAM Power: {dram}", does: LineDoes::Adds },
            LineRow { template: "Intel energy model derived package power (*): {intel}", does: LineDoes::Adds },
        ]))
    },
);

/// `powermetrics -f plist`: property lists one after the other with a NUL between. Energies in mJ of the interval; the GPU's stand twice, below `processor` and
/// below `gpu`. The neural engine is in the combined power alone.
pub(super) static POWERMETRICS_PLIST: Format = row(
    "powermetrics_plist",
    "powermetrics, property lists",
    "sudo powermetrics -f plist --samplers cpu_power,gpu_power -i 1000 -o power.plist",
    Layout {
        signature: &["<plist", "<key>elapsed_ns</key>"],
        tool: Some("powermetrics"),
        time: &[
            TimeField { fields: &["timestamp"], kind: TimeKind::Stamp },
            TimeField { fields: &["elapsed_ns"], kind: TimeKind::Duration(9) },
        ],
        meters: &[
            MeterRow::mean_watts(&["processor.package_power", "processor.combined_power"], Component::Unsplit, CHIP).unit(Unit::MILLIWATT),
            MeterRow::interval_joules(&["processor.cpu_energy"], Component::Cpu, CHIP).unit(MILLIJOULES),
            MeterRow::interval_joules(&["processor.gpu_energy", "gpu.gpu_energy"], Component::Gpu, CHIP).unit(MILLIJOULES),
            MeterRow::interval_joules(&["processor.dram_energy"], Component::Memory, CHIP).unit(MILLIJOULES),
            MeterRow::interval_joules(&["processor.package_joules"], Component::Cpu, Instrument::Rapl),
        ],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Xml, rows: &["plist.dict"], renamed: None }))
    },
);

const MILLIJOULES: Unit = Unit { scale: 3, ..Unit::JOULE };

/// `macmon pipe`: watts; `sys_power` is the whole machine, `all_power` processor, GPU and neural engine. Either is 0 where the chip does not tell it. Releases
/// up to 0.2 print no time.
pub(super) static MACMON: Format = row(
    "macmon",
    "macmon",
    "macmon pipe -i 1000 > power.jsonl",
    Layout {
        signature: &["\"all_power\"", "\"ecpu_usage\""],
        tool: Some("macmon"),
        time: &[TimeField { fields: &["timestamp"], kind: TimeKind::Stamp }, TimeField { fields: &[], kind: TimeKind::Lines }],
        meters: &[
            MeterRow::watts(&["sys_power"], Component::Node, Instrument::Hwmon).only(&[Only { field: "sys_power", is: NOT_ZERO }]),
            MeterRow::watts(&["all_power"], Component::Unsplit, CHIP).only(&[Only { field: "all_power", is: NOT_ZERO }]),
            MeterRow::watts(&["cpu_power"], Component::Cpu, CHIP),
            MeterRow::watts(&["gpu_power"], Component::Gpu, CHIP),
        ],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &[""], renamed: None }))
    },
);
