//! Samplers of NVIDIA's Jetson modules: rails of their power monitors, in mW.

use super::row;
use crate::decode::table::Unit;
use crate::read::Format;
use crate::read::layout::{Layout, LineDoes, LineRow, MeterRow, Shape, TableShape, TimeField, TimeKind};
use crate::series::{Component, Instrument};
use crate::units::calendar::DateOrder;

/// A rail in mW, which states no unit before JetPack 5.
const fn rail(fields: &'static [&'static str], component: Component) -> MeterRow {
    MeterRow::watts(fields, component, Instrument::Hwmon).unit(Unit::MILLIWATT).of_machine()
}

/// `tegrastats`: `now/average` of each rail. The input rail holds the others. Modules without one have three that add: `VIN_SYS_5V0` feeds the memory's
/// (`VDDQ_VDD2_1V8AO`), and what stands beside it. No time before JetPack 5, then month first.
pub(super) static TEGRASTATS: Format = row(
    "tegrastats",
    "tegrastats",
    "tegrastats --interval 1000 --logfile power.log",
    Layout {
        signature: &["RAM ", "MB (lfb ", " CPU ["],
        tool: Some("tegrastats"),
        time: &[TimeField { fields: &["date", "of_day"], kind: TimeKind::Stamp }, TimeField { fields: &[], kind: TimeKind::Lines }],
        dates: DateOrder::MonthFirst,
        meters: &[
            rail(&["in"], Component::Node),
            rail(&["gpu"], Component::Gpu),
            rail(&["cpu"], Component::Cpu),
            rail(&["memory"], Component::Memory),
        ],
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "RAM *", does: LineDoes::Begins },
            LineRow { template: "{date} {of_day} RAM *", does: LineDoes::Begins },
            LineRow { template: "*VDD_IN {in}/*", does: LineDoes::Adds },
            LineRow { template: "*POM_5V_IN {in}/*", does: LineDoes::Adds },
            LineRow { template: "*VDD_GPU_SOC {gpu}/*", does: LineDoes::Adds },
            LineRow { template: "*VDD_SYS_GPU {gpu}/*", does: LineDoes::Adds },
            LineRow { template: "*POM_5V_GPU {gpu}/*", does: LineDoes::Adds },
            LineRow { template: "*VDD_CPU_CV {cpu}/*", does: LineDoes::Adds },
            LineRow { template: "*VDD_SYS_CPU {cpu}/*", does: LineDoes::Adds },
            LineRow { template: "*POM_5V_CPU {cpu}/*", does: LineDoes::Adds },
            LineRow { template: "*VIN_SYS_5V0 {memory}/*", does: LineDoes::Adds },
            LineRow { template: "*VDD_SYS_DDR {memory}/*", does: LineDoes::Adds },
        ]))
    },
);

/// `jtop`'s logger: mW without a unit. The total is the input rail, or the sum of the rails where there is none; the averages (`Power AVG`) are no readings.
pub(super) static JTOP: Format = row(
    "jtop_csv",
    "jtop (jetson-stats)",
    "python3 -m jtop_logger --file power.csv   (examples/jtop_logger.py of jetson-stats)",
    Layout {
        signature: &["power tot", "jetson_clocks"],
        tool: Some("jtop"),
        time: &[TimeField { fields: &["time"], kind: TimeKind::Stamp }],
        meters: &[
            rail(&["power tot"], Component::Node),
            rail(&["power vdd_gpu_soc", "power vdd_sys_gpu", "power pom_5v_gpu"], Component::Gpu),
            rail(&["power vdd_cpu_cv", "power vdd_sys_cpu", "power pom_5v_cpu"], Component::Cpu),
            rail(&["power vin_sys_5v0", "power vdd_sys_ddr"], Component::Memory),
        ],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);
