//! Programs that measure the processor for researchers: RAPL at second hand.

use super::row;
use crate::decode::table::Unit;
use crate::read::Format;
use crate::read::layout::{Layout, MeterRow, Names, Only, Shape, TableShape, TimeField, TimeKind};
use crate::series::{Component, Instrument};

const NO_NAMES: Names = Layout::of(Shape::Table(TableShape::PLAIN)).names;

const MICROJOULES: Unit = Unit { scale: 0, ..Unit::JOULE };

/// pyRAPL: a row for each label and socket, in µJ. Where a counter wrapped, the library writes no row: the time is not covered.
pub(super) static PYRAPL: Format = row(
    "pyrapl_csv",
    "pyRAPL",
    "pyRAPL.outputs.CSVOutput(\"power.csv\")",
    Layout {
        signature: &["label", "timestamp", "duration", "pkg", "socket"],
        tool: Some("pyRAPL"),
        time: &[TimeField { fields: &["timestamp", "duration"], kind: TimeKind::Window(6) }],
        names: Names { index: &["socket"], ..NO_NAMES },
        meters: &[
            MeterRow::interval_joules(&["pkg"], Component::Cpu, Instrument::Rapl).unit(MICROJOULES),
            MeterRow::interval_joules(&["dram"], Component::Memory, Instrument::Rapl).unit(MICROJOULES),
        ],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// pyJoules: µJ, of GPUs too; negative where a counter wrapped. Rows of one trace follow each other; traces of nested functions lie in each other.
pub(super) static PYJOULES: Format = row(
    "pyjoules_csv",
    "pyJoules",
    "pyJoules.handler.csv_handler.CSVHandler(\"power.csv\")",
    Layout {
        signature: &["timestamp", "tag", "duration"],
        tool: Some("pyJoules"),
        time: &[TimeField { fields: &["timestamp", "duration"], kind: TimeKind::Window(0) }],
        meters: &[
            MeterRow::interval_joules(&["package_{n}"], Component::Cpu, Instrument::Rapl).unit(MICROJOULES),
            MeterRow::interval_joules(&["dram_{n}"], Component::Memory, Instrument::Rapl).unit(MICROJOULES),
            MeterRow::interval_joules(&["core_{n}"], Component::CpuCore, Instrument::Rapl).unit(MICROJOULES),
            MeterRow::interval_joules(&["uncore_{n}"], Component::CpuUncore, Instrument::Rapl).unit(MICROJOULES),
            MeterRow::interval_joules(&["nvidia_gpu_{n}"], Component::Gpu, Instrument::GpuCounter).unit(MICROJOULES),
        ],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// The file that PowerJoular writes beside it of one program (`-p`): its share of the processor's watts, by its share of the load: nobody measured it. A part of
/// the processor, as its cores are: where the whole was logged, it is that which counts.
pub(super) static POWERJOULAR_PROCESS: Format = row(
    "powerjoular_process_csv",
    "PowerJoular (one program)",
    "sudo powerjoular -p <pid> -f power.csv   (writes power.csv-<pid>.csv)",
    Layout {
        signature: &["date", "cpu utilization", "cpu power"],
        foreign: &["total power"],
        tool: Some("powerjoular"),
        time: &[TimeField { fields: &["date"], kind: TimeKind::Stamp }],
        meters: &[MeterRow::watts(&["cpu power"], Component::CpuCore, Instrument::TrackerModel)],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// EnergiBridge: counters since the boot in J, cores inside the package; on Macs the power of the machine. The two first rows share their time: how
/// far apart rows are says `Delta`.
pub(super) static ENERGIBRIDGE: Format = row(
    "energibridge_csv",
    "EnergiBridge",
    "energibridge -o power.csv -- python train.py",
    Layout {
        signature: &["delta", "time", "used_memory"],
        tool: Some("energibridge"),
        time: &[TimeField { fields: &["delta", "time"], kind: TimeKind::Duration(3) }],
        meters: &[
            MeterRow::rapl_joules(&["package_energy", "cpu_energy"], Component::Cpu),
            MeterRow::rapl_joules(&["dram_energy"], Component::Memory),
            MeterRow::rapl_joules(&["pp0_energy", "core{n}_energy"], Component::CpuCore),
            MeterRow::rapl_joules(&["pp1_energy"], Component::CpuUncore),
            MeterRow::watts(&["cpu_power"], Component::Cpu, Instrument::Hwmon),
            MeterRow::watts(&["gpu{n}_power"], Component::Gpu, Instrument::GpuPower),
            MeterRow::watts(&["system_power"], Component::Node, Instrument::Hwmon),
        ],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// A metric provider of the Green Metrics Tool: Unix time in µs, µJ since the row before, and what was measured. Meter and unit stand in the name of
/// the file alone.
pub(super) static GREEN_METRICS_TOOL: Format = row(
    "green_metrics_tool",
    "Green Metrics Tool",
    "metric-provider-binary -i 99 > cpu_energy_rapl_msr_component.log   (from the tool's folder of metric providers)",
    Layout {
        files: &["cpu_energy_*.log", "memory_energy_*.log", "gpu_energy_*.log", "psu_energy_ac_*.log", "psu_energy_dc_*.log"],
        tool: Some("green-metrics-tool"),
        time: &[TimeField { fields: &["time"], kind: TimeKind::Stamp }],
        names: Names { index: &["detail"], ..NO_NAMES },
        meters: &[
            MeterRow::interval_joules(&["cpu_energy_*"], Component::Cpu, Instrument::Rapl).unit(MICROJOULES),
            MeterRow::interval_joules(&["memory_energy_*"], Component::Memory, Instrument::Rapl).unit(MICROJOULES),
            MeterRow::interval_joules(&["gpu_energy_*"], Component::Gpu, Instrument::GpuPower).unit(MICROJOULES),
            MeterRow::interval_joules(&["psu_energy_ac_*"], Component::Node, Instrument::WallMeter).unit(MICROJOULES).of_machine(),
            MeterRow::interval_joules(&["psu_energy_dc_*"], Component::Platform, Instrument::Rapl).unit(MICROJOULES).of_machine(),
        ],
        ..Layout::of(Shape::Table(TableShape { columns: &["time", "@file", "detail"], delimiter: Some(b' '), ..TableShape::PLAIN }))
    },
);

/// perun: a row for each sensor and time, the value in the row's unit times its magnitude. GPUs are in mW, the kernel's counters in µJ; times count
/// from the beginning of a run.
pub(super) static PERUN: Format = row(
    "perun_csv",
    "perun",
    "perun monitor --format csv train.py",
    Layout {
        signature: &["run id", "device_group", "sensor", "unit", "magnitude", "timestep", "value"],
        tool: Some("perun"),
        time: &[TimeField { fields: &["timestep"], kind: TimeKind::Elapsed(0) }],
        names: Names { host: &["hostname"], index: &["sensor"], ..NO_NAMES },
        meters: &[
            MeterRow::watts(&["value"], Component::Gpu, Instrument::GpuPower).unit(Unit::MILLIWATT).only(&[
                Only { field: "device_group", is: &["gpu"] },
                Only { field: "unit", is: &["w"] },
                Only { field: "magnitude", is: &["0.001"] },
            ]),
            MeterRow::rapl_joules(&["value"], Component::Cpu).unit(MICROJOULES).only(&[
                Only { field: "device_group", is: &["cpu"] },
                Only { field: "unit", is: &["j"] },
                Only { field: "magnitude", is: &["1e-06", "0.000001"] },
            ]),
            MeterRow::rapl_joules(&["value"], Component::Memory).unit(MICROJOULES).only(&[
                Only { field: "device_group", is: &["ram"] },
                Only { field: "unit", is: &["j"] },
                Only { field: "magnitude", is: &["1e-06", "0.000001"] },
            ]),
        ],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);
