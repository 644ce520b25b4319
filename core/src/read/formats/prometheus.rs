//! Metrics of Prometheus: the text that exporters serve, answers of its HTTP API, what `promtool` prints.
//!
//! One list of metrics serves all three: labels are `label.<name>` in the text and `data.result.<n>.metric.<name>` in an answer, and `*.<name>` is either.

use super::row;
use crate::decode::table::Unit;
use crate::read::Format;
use crate::read::layout::{Layout, MeterRow, MetricsShape, Names, Only, Shape, Syntax, TableShape, TimeField, TimeKind, TreeShape};
use crate::series::{Component, CounterRange, Instrument, Quantity};

const NO_NAMES: Names = Layout::of(Shape::Table(TableShape::PLAIN)).names;

const MILLIJOULE: Unit = Unit { scale: 3, ..Unit::JOULE };
const MICROJOULE: Unit = Unit { scale: 0, ..Unit::JOULE };
const WATT_MINUTE: Unit = Unit { factor: 60, ..Unit::JOULE };
const KILOWATT_HOUR: Unit = Unit { scale: 9, ..Unit::WATT_HOUR };

/// Text that exporters serve, appended scrape by scrape, or with times as `federate` writes it.
pub(super) static TEXT: Format = row(
    "prometheus_text",
    "Prometheus text",
    "while sleep 5; do date; curl -s http://localhost:9400/metrics; done > metrics.prom",
    Layout {
        time: &[TimeField { fields: &["@time"], kind: TimeKind::Stamp }, TimeField { fields: &[], kind: TimeKind::Lines }],
        names: LABELS,
        meters: METRICS,
        lacking: Some(
            "scrape an exporter that measures power, such as dcgm-exporter or node_exporter with its collector rapl, in a loop; Kepler's containers share \
             what its metrics kepler_node_* count",
        ),
        ..Layout::of(Shape::Metrics(MetricsShape::Exposition))
    },
);

/// Answers of the HTTP API, one or several. Values are texts; an answer to `query` is one instant, and energy needs several of them.
pub(super) static API: Format = row(
    "prometheus_api",
    "Prometheus query",
    "curl -s 'http://localhost:9090/api/v1/query_range?query=DCGM_FI_DEV_POWER_USAGE&start=…&end=…&step=5' > power.json",
    Layout {
        signature: &["\"resultType\"", "\"result\""],
        time: &[TimeField { fields: &["0"], kind: TimeKind::Stamp }],
        names: LABELS,
        meters: METRICS,
        lacking: Some(
            "ask `query_range` for a counter or a power by its name, such as DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION: `rate(…)` and `sum(…)` leave out the \
             name, and with it what is measured and its unit; `query` answers for one instant",
        ),
        ..Layout::of(Shape::Tree(TreeShape {
            syntax: Syntax::Json,
            rows: &["data.result.*.values.*", "data.result.*.value"],
            renamed: Some(("data.result.{n}.metric.__name__", "1")),
        }))
    },
);

/// What `promtool query range` prints: a series, and its values below it.
pub(super) static PROMTOOL: Format = row(
    "prometheus_promtool",
    "promtool query",
    "promtool query range --start=… --end=… --step=5s http://localhost:9090 DCGM_FI_DEV_POWER_USAGE > power.txt",
    Layout {
        signature: &["=>", "@["],
        time: &[TimeField { fields: &["@time"], kind: TimeKind::Stamp }],
        names: LABELS,
        meters: METRICS,
        ..Layout::of(Shape::Metrics(MetricsShape::Ranges))
    },
);

/// With MIG, exporters repeat the board's power for each GPU instance. Kepler before 0.10 counts idle and busy joules apart.
const LABELS: Names = Names {
    host: &["*.hostname", "*.node_name", "*.nodename", "*.node", "*.host", "*.instance"],
    uuid: &["*.uuid", "*.gpu_uuid"],
    serial: &["*.serial", "*.serial_number"],
    index: &["*.gpu", "*.gpu_id", "*.gpu_power", "*.minor_number", "*.index", "*.socket_id", "*.socket", "*.package", "*.hw_id"],
    model: &["*.modelname", "*.card_model", "*.name"],
    part: &["*.mode"],
    repeats: &["*.gpu_i_id"],
    ..NO_NAMES
};

/// A counter of RAPL.
const fn rapl(fields: &'static [&'static str], component: Component) -> MeterRow {
    MeterRow::rapl_joules(fields, component)
}

/// A sum of RAPL counters: where it starts again is not known.
const fn rapl_sum(fields: &'static [&'static str], component: Component) -> MeterRow {
    rapl(fields, component).quantity(Quantity::Counter(CounterRange::Unbounded))
}

const METRICS: &[MeterRow] = &[
    // NVIDIA: dcgm-exporter (names of DCGM 4.5 and later end in units), exporters over nvidia-smi and NVML, Triton.
    MeterRow::counter_joules(&["dcgm_fi_dev_total_energy_consumption"], Component::Gpu, Instrument::GpuCounter).unit(MILLIJOULE),
    MeterRow::watts(
        &[
            "dcgm_fi_dev_power_usage",
            "dcgm_fi_dev_board_power_watts",
            "dcgm_fi_dev_power_usage_instant",
            "dcgm_fi_dev_board_power_raw_watts",
            "dcgm_power_usage",
            "nvidia_smi_power_draw_average_watts",
            "nvidia_smi_power_draw_watts",
            "nvidia_smi_power_draw_instant_watts",
            "nv_gpu_power_usage",
        ],
        Component::Gpu,
        Instrument::GpuPower,
    ),
    MeterRow::counter_joules(&["nv_energy_consumption"], Component::Gpu, Instrument::GpuCounter),
    MeterRow::watts(&["nvidia_gpu_power_usage_milliwatts"], Component::Gpu, Instrument::GpuPower).unit(Unit::MILLIWATT),
    // AMD's device metrics exporter and its SMI exporter, Intel's XPU manager (rows of tiles are parts), Gaudi.
    MeterRow::counter_joules(&["gpu_energy_consumed", "amd_gpu_energy_consumed"], Component::Gpu, Instrument::GpuCounter).unit(MICROJOULE),
    MeterRow::watts(
        &[
            "gpu_package_power",
            "amd_gpu_package_power",
            "gpu_power_usage",
            "amd_gpu_power_usage",
            "gpu_average_package_power",
            "amd_gpu_average_package_power",
            "amd_gpu_power_watts",
            "amd_gpu_power",
        ],
        Component::Gpu,
        Instrument::GpuPower,
    ),
    MeterRow::counter_joules(&["xpum_energy_joules"], Component::Gpu, Instrument::GpuCounter).only(NO_TILE),
    MeterRow::watts(&["xpum_power_watts"], Component::Gpu, Instrument::GpuPower).only(NO_TILE),
    MeterRow::watts(&["habanalabs_power_mw"], Component::Gpu, Instrument::GpuPower).unit(Unit::MILLIWATT),
    // node_exporter and CEEMS.
    rapl(&["node_rapl_package_joules_total", "ceems_rapl_package_joules_total"], Component::Cpu),
    rapl(&["node_rapl_core_joules_total"], Component::CpuCore),
    rapl(&["node_rapl_uncore_joules_total"], Component::CpuUncore),
    rapl(&["node_rapl_dram_joules_total", "ceems_rapl_dram_joules_total"], Component::Memory),
    rapl(&["node_rapl_psys_joules_total"], Component::Platform),
    MeterRow::watts(HWMON, Component::Node, Instrument::Hwmon).having(&[Only { field: "*.chip", is: &["*power_meter*", "*acpi000d*"] }]),
    MeterRow::watts(HWMON, Component::Gpu, Instrument::GpuPower).having(&[Only { field: "*.chip", is: &["*0000:*"] }]),
    // Kepler since 0.10: zones of the node; containers, pods and processes are shares of the same joules.
    KEPLER.having(&[Only { field: "*.zone", is: &["package*"] }]),
    MeterRow { component: Component::CpuCore, ..KEPLER }.having(&[Only { field: "*.zone", is: &["core*"] }]),
    MeterRow { component: Component::CpuUncore, ..KEPLER }.having(&[Only { field: "*.zone", is: &["uncore*"] }]),
    MeterRow { component: Component::Memory, ..KEPLER }.having(&[Only { field: "*.zone", is: &["dram*"] }]),
    MeterRow { component: Component::Platform, ..KEPLER }.having(&[Only { field: "*.zone", is: &["psys*"] }]),
    MeterRow::counter_joules(&["kepler_node_gpu_joules_total"], Component::Gpu, Instrument::GpuCounter),
    KEPLER_POWER.having(&[Only { field: "*.zone", is: &["package*"] }]),
    MeterRow { component: Component::Memory, ..KEPLER_POWER }.having(&[Only { field: "*.zone", is: &["dram*"] }]),
    MeterRow { component: Component::Platform, ..KEPLER_POWER }.having(&[Only { field: "*.zone", is: &["psys*"] }]),
    // Kepler before 0.10.
    rapl_sum(&["kepler_node_package_joules_total"], Component::Cpu),
    rapl_sum(&["kepler_node_core_joules_total"], Component::CpuCore),
    rapl_sum(&["kepler_node_uncore_joules_total"], Component::CpuUncore),
    rapl_sum(&["kepler_node_dram_joules_total"], Component::Memory),
    rapl_sum(&["kepler_node_platform_joules_total"], Component::Platform).only(&[Only { field: "*.source", is: &["rapl*"] }]),
    MeterRow::counter_joules(&["kepler_node_platform_joules_total"], Component::Node, Instrument::BoardController)
        .having(&[Only { field: "*.source", is: &["acpi*", "redfish*", "ipmi*", "hmc*"] }]),
    // Scaphandre: the host is the sum of its sockets and memory, or `psys`; processes are shares of it.
    rapl(&["scaph_socket_energy_microjoules"], Component::Cpu).unit(MICROJOULE),
    SCAPHANDRE.having(&[Only { field: "*.domain_name", is: &["dram*"] }]),
    MeterRow { component: Component::CpuCore, ..SCAPHANDRE }.having(&[Only { field: "*.domain_name", is: &["core*"] }]),
    MeterRow { component: Component::CpuUncore, ..SCAPHANDRE }.having(&[Only { field: "*.domain_name", is: &["uncore*"] }]),
    rapl_sum(&["scaph_host_energy_microjoules"], Component::Platform).unit(MICROJOULE).of_machine(),
    MeterRow::mean_watts(&["scaph_host_power_microwatts"], Component::Platform, Instrument::Rapl).unit(Unit::MICROWATT).of_machine(),
    MeterRow::mean_watts(&["scaph_socket_power_microwatts"], Component::Cpu, Instrument::Rapl).unit(Unit::MICROWATT),
    MeterRow::mean_watts(&["scaph_domain_power_microwatts"], Component::Memory, Instrument::Rapl)
        .unit(Unit::MICROWATT)
        .having(&[Only { field: "*.domain_name", is: &["dram*"] }]),
    // Controllers of boards: power supplies and sub-systems stand beside the machine's total.
    MeterRow::watts(
        &["ipmi_dcmi_power_consumption_watts", "ceems_ipmi_dcmi_current_watts", "redfish_chassis_power_average_consumed_watts"],
        Component::Node,
        Instrument::BoardController,
    )
    .of_machine(),
    MeterRow::watts(&["ipmi_power_watts"], Component::Node, Instrument::BoardController)
        .having(&[Only { field: "*.name", is: &["*system*", "pwr consumption", "*total*", "sys_power", "sys power"] }])
        .of_machine(),
    MeterRow::watts(
        &["idrac_power_control_consumed_watts", "redfish_power_control_consumed_watts"],
        Component::Node,
        Instrument::BoardController,
    )
    .only(&[Only { field: "*.id", is: &["0"] }])
    .of_machine(),
    // OpenTelemetry's names.
    MeterRow::counter_joules(&["hw_energy_joules_total"], Component::Gpu, Instrument::GpuCounter)
        .having(&[Only { field: "*.hw_type", is: &["gpu"] }]),
    MeterRow::counter_joules(&["hw_energy_joules_total"], Component::Cpu, Instrument::Rapl)
        .having(&[Only { field: "*.hw_type", is: &["cpu"] }]),
    MeterRow::counter_joules(&["hw_energy_joules_total"], Component::Memory, Instrument::Rapl)
        .having(&[Only { field: "*.hw_type", is: &["memory"] }]),
    MeterRow::watts(&["hw_power_watts"], Component::Gpu, Instrument::GpuPower).having(&[Only { field: "*.hw_type", is: &["gpu"] }]),
    MeterRow::watts(&["hw_power_watts"], Component::Cpu, Instrument::Rapl).having(&[Only { field: "*.hw_type", is: &["cpu"] }]),
    MeterRow::watts(&["hw_power_watts"], Component::Memory, Instrument::Rapl).having(&[Only { field: "*.hw_type", is: &["memory"] }]),
    MeterRow::counter_joules(&["hw_host_energy_joules_total"], Component::Node, Instrument::BoardController).of_machine(),
    MeterRow::watts(&["hw_host_power_watts"], Component::Node, Instrument::BoardController).of_machine(),
    // Meters at the plug.
    MeterRow::counter_joules(&["shellyplug_total_power"], Component::Node, Instrument::WallMeter).unit(WATT_MINUTE),
    MeterRow::watts(&["shellyplug_power"], Component::Node, Instrument::WallMeter),
    MeterRow::counter_joules(&["tasmota_energy_total_kwh", "tasmota_energy_kwh_total"], Component::Node, Instrument::WallMeter)
        .unit(KILOWATT_HOUR),
    MeterRow::watts(
        &["tasmota_active_power_w", "tasmota_power_watts", "tasmota_power_w", "tasmota_energy_power_active_watts"],
        Component::Node,
        Instrument::WallMeter,
    ),
];

const HWMON: &[&str] = &["node_hwmon_power_average_watt", "node_hwmon_power_input_watt", "node_hwmon_power_watt"];

const KEPLER: MeterRow = rapl_sum(&["kepler_node_cpu_joules_total"], Component::Cpu);

const KEPLER_POWER: MeterRow = MeterRow::mean_watts(&["kepler_node_cpu_watts"], Component::Cpu, Instrument::Rapl);

const SCAPHANDRE: MeterRow = rapl(&["scaph_domain_energy_microjoules"], Component::Memory).unit(MICROJOULE);

/// Not one of a device's tiles.
const NO_TILE: &[Only] = &[Only { field: "*.sub_dev", is: &[] }];
