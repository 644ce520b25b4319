//! Monitors of desktops: Windows.

use super::row;
use crate::decode::table::Unit;
use crate::read::Format;
use crate::read::layout::{Layout, MeterRow, Shape, TableShape, TimeField, TimeKind};
use crate::series::{Component, Instrument};
use crate::units::calendar::DateOrder;

const DATE_AND_TIME: &[TimeField] = &[TimeField { fields: &["date", "time"], kind: TimeKind::Stamp }];

/// HWiNFO: `D.M.YYYY` whatever the language; hundreds of columns, of which rails and cores are parts. Two GPUs have columns of one name. At the end
/// the header comes again, and a line that names the devices.
pub(super) static HWINFO: Format = row(
    "hwinfo_csv",
    "HWiNFO",
    "HWiNFO: Sensors, Start logging",
    Layout {
        signature: &["date", "time", "cpu package power"],
        tool: Some("HWiNFO"),
        time: DATE_AND_TIME,
        dates: DateOrder::DayFirst,
        meters: HWINFO_METERS,
        ..Layout::of(Shape::Table(TableShape { structure: &[",,"], ..TableShape::PLAIN }))
    },
);

/// HWiNFO in Chinese: names are translated, units are not.
pub(super) static HWINFO_CHINESE: Format = row(
    "hwinfo_csv_zh",
    "HWiNFO (Chinese)",
    "HWiNFO: Sensors, Start logging",
    Layout {
        signature: &["date", "time", "cpu 封装功率"],
        tool: Some("HWiNFO"),
        time: DATE_AND_TIME,
        dates: DateOrder::DayFirst,
        meters: HWINFO_METERS,
        ..Layout::of(Shape::Table(TableShape { structure: &[",,"], ..TableShape::PLAIN }))
    },
);

const HWINFO_METERS: &[MeterRow] = &[
    MeterRow::watts(&["cpu package power", "cpu 封装功率"], Component::Cpu, Instrument::Rapl),
    MeterRow::watts(&["ia cores power"], Component::CpuCore, Instrument::Rapl),
    MeterRow::watts(&["gt cores power"], Component::CpuUncore, Instrument::Rapl),
    MeterRow::watts(&["dram power", "total dram power"], Component::Memory, Instrument::Rapl),
    MeterRow::watts(&["gpu power", "gpu 功率"], Component::Gpu, Instrument::GpuPower).each_column(),
    MeterRow::watts(&["total board power (tbp)", "gpu asic power"], Component::Gpu, Instrument::GpuPower),
    MeterRow::watts(&["total system power"], Component::Unsplit, Instrument::Rapl).aside(
        "CPU Package Power and GPU Power",
        "the processor's register for the platform is left as it came on many boards: what was read of the parts counts",
    ),
];

/// GPU-Z: padded cells, a comma at the end, `-` for no reading, a degree sign of a code page; the header comes again where logging was started
/// again. What the chip, rails and plugs draw is inside the board.
pub(super) static GPU_Z: Format = row(
    "gpu_z",
    "GPU-Z",
    "GPU-Z: Sensors, Log to file",
    Layout {
        signature: &["date", "gpu clock", "memory clock", "gpu temperature"],
        tool: Some("GPU-Z"),
        time: &[TimeField { fields: &["date"], kind: TimeKind::Stamp }],
        meters: &[MeterRow::watts(&["board power draw", "gpu power", "gpu chip power draw"], Component::Gpu, Instrument::GpuPower)],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// Open Hardware Monitor and Libre Hardware Monitor: a line of identifiers, which say what is a power, above a line of names. `MM/DD/YYYY` whatever
/// the language.
pub(super) static HARDWARE_MONITOR: Format = row(
    "hardware_monitor_csv",
    "Open/Libre Hardware Monitor",
    "Libre Hardware Monitor: Options, Log sensors",
    Layout {
        signature: &[" / time", "/*cpu/*/* / *"],
        time: &[TimeField { fields: &[" / time"], kind: TimeKind::Stamp }],
        dates: DateOrder::MonthFirst,
        meters: &[
            MeterRow::watts(&["/*cpu/{n}/power/* / cpu package", "/*cpu/{n}/power/* / package"], Component::Cpu, Instrument::Rapl),
            MeterRow::watts(&["/*cpu/{n}/power/* / cpu cores"], Component::CpuCore, Instrument::Rapl),
            MeterRow::watts(&["/*cpu/{n}/power/* / cpu graphics"], Component::CpuUncore, Instrument::Rapl),
            MeterRow::watts(&["/*cpu/{n}/power/* / cpu dram", "/*cpu/{n}/power/* / cpu memory"], Component::Memory, Instrument::Rapl),
            MeterRow::watts(
                &[
                    "/*nvidia*/{n}/power/* / gpu p*",
                    "/gpu-amd/{n}/power/* / gpu p*",
                    "/atigpu/{n}/power/* / gpu total",
                    "/atigpu/{n}/power/* / gpu p*",
                ],
                Component::Gpu,
                Instrument::GpuPower,
            ),
        ],
        ..Layout::of(Shape::Table(TableShape { header_lines: 2, ..TableShape::PLAIN }))
    },
);

/// `typeperf` and Performance Monitor: milliwatts; the first cell of the header says how many minutes the clock is behind UTC, `-120` for UTC+2.
/// `_Total` adds a package and its own parts.
pub(super) static TYPEPERF: Format = row(
    "typeperf_csv",
    "typeperf",
    "typeperf \"\\Energy Meter(*)\\Power\" -si 1 -o power.csv",
    Layout {
        signature: &["(pdh-csv *"],
        tool: Some("typeperf"),
        time: &[TimeField { fields: &["(pdh-csv *"], kind: TimeKind::Stamp }],
        dates: DateOrder::MonthFirst,
        meters: &[
            MeterRow::watts(&["*\\energy meter(rapl_package{n}_pkg)\\power"], Component::Cpu, Instrument::Rapl).unit(Unit::MILLIWATT),
            MeterRow::watts(&["*\\energy meter(rapl_package{n}_pp0)\\power"], Component::CpuCore, Instrument::Rapl).unit(Unit::MILLIWATT),
            MeterRow::watts(&["*\\energy meter(rapl_package{n}_pp1)\\power"], Component::CpuUncore, Instrument::Rapl).unit(Unit::MILLIWATT),
            MeterRow::watts(&["*\\energy meter(rapl_package{n}_dram)\\power"], Component::Memory, Instrument::Rapl).unit(Unit::MILLIWATT),
            MeterRow::watts(&["*\\power meter(_total)\\power"], Component::Node, Instrument::BoardController).unit(Unit::MILLIWATT),
            MeterRow::watts(&["*\\energy meter(_total)\\power"], Component::Unsplit, Instrument::Rapl)
                .unit(Unit::MILLIWATT)
                .aside("the packages", "the total adds packages and what is inside them"),
        ],
        ..Layout::of(Shape::Table(TableShape { minutes_west: true, ..TableShape::PLAIN }))
    },
);
