//! Meters of whole machines: board controllers, power strips, plugs.

use super::row;
use crate::decode::table::Unit;
use crate::read::Format;
use crate::read::layout::{Layout, LineDoes, LineRow, MeterRow, Names, Only, Shape, Syntax, TableShape, TimeField, TimeKind, TreeShape};
use crate::series::{Component, CounterRange, Instrument, Quantity};
use crate::units::calendar::DateOrder;

const STAMP_LINES: TimeField = TimeField { fields: &[], kind: TimeKind::Lines };

const NO_NAMES: Names = Layout::of(Shape::Table(TableShape::PLAIN)).names;

const KILOWATT_HOURS: Unit = Unit { scale: 9, ..Unit::WATT_HOUR };

/// `ipmitool dcmi power reading`: of its four figures one is a reading. The stamp is the board controller's, often in UTC and often never set;
/// lines of `date` go before it. Releases from 1.8.19 on print `03/06/2025 07:40:35 UTC`, and the next line right behind it.
pub(super) static IPMI_DCMI: Format = row(
    "ipmi_dcmi",
    "ipmitool dcmi power reading",
    "while sleep 5; do date -Is; sudo ipmitool dcmi power reading; done > power.txt",
    Layout {
        signature: &["Instantaneous power reading:"],
        tool: Some("ipmitool"),
        time: &[STAMP_LINES, TimeField { fields: &["time"], kind: TimeKind::Stamp }],
        dates: DateOrder::MonthFirst,
        meters: &[MeterRow::watts(&["power"], Component::Node, Instrument::BoardController)],
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "Instantaneous power reading: {power} Watts *", does: LineDoes::Begins },
            LineRow { template: "Instantaneous power reading: {power} Watts", does: LineDoes::Begins },
            LineRow { template: "IPMI timestamp: {time}", does: LineDoes::Adds },
            LineRow { template: "IPMI timestamp: {time}Sampling *", does: LineDoes::Adds },
        ]))
    },
);

/// `sensors` of lm-sensors: chips with a power among voltages and temperatures. A battery's is none of the machine's.
pub(super) static LM_SENSORS: Format = row(
    "lm_sensors",
    "lm-sensors",
    "while sleep 1; do date -Is; sensors; done > power.txt",
    Layout {
        signature: &["\nAdapter: ", " W"],
        tool: Some("lm-sensors"),
        time: &[STAMP_LINES],
        names: Names { bus_id: &["place"], ..NO_NAMES },
        meters: &[
            MeterRow::watts(&["power"], Component::Gpu, Instrument::GpuPower)
                .having(&[Only { field: "chip", is: &["amdgpu", "xe", "i915"] }]),
            MeterRow::watts(&["power"], Component::Cpu, Instrument::Hwmon).having(&[Only { field: "chip", is: &["fam15h_power"] }]),
            MeterRow::watts(&["power"], Component::Node, Instrument::BoardController)
                .having(&[Only { field: "chip", is: &["power_meter"] }])
                .of_machine(),
        ],
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "{chip}-pci-{place}", does: LineDoes::Stays },
            LineRow { template: "{chip}-acpi-{place}", does: LineDoes::Stays },
            LineRow { template: "{chip}-isa-{place}", does: LineDoes::Stays },
            LineRow { template: "{chip}-hid-{place}", does: LineDoes::Stays },
            LineRow { template: "PPT: {power} W (*", does: LineDoes::Ends },
            LineRow { template: "PPT: {power} W", does: LineDoes::Ends },
            LineRow { template: "power1: {power} W (*", does: LineDoes::Ends },
            LineRow { template: "power1: {power} W", does: LineDoes::Ends },
        ]))
    },
);

/// `ipmitool sensor` and `ipmitool sdr`: the supplies beside their sum, thresholds behind the reading, steps of some watts.
pub(super) static IPMI_SENSOR: Format = row(
    "ipmi_sensor",
    "ipmitool sensor",
    "while sleep 10; do date -Is; sudo ipmitool sensor | grep Watts; done > power.txt",
    Layout {
        signature: &["| Watts "],
        tool: Some("ipmitool"),
        time: &[STAMP_LINES],
        names: Names { index: &["name"], ..NO_NAMES },
        meters: IPMI_METERS,
        ..Layout::of(Shape::Lines(&[LineRow { template: "{name}| {power}| Watts *", does: LineDoes::Begins }]))
    },
);

/// The same sensors as `ipmitool sdr` and `sdr elist` print them.
pub(super) static IPMI_SDR: Format = row(
    "ipmi_sdr",
    "ipmitool sdr",
    "while sleep 10; do date -Is; sudo ipmitool sdr elist | grep Watts; done > power.txt",
    Layout {
        signature: &[" Watts", "| ok"],
        foreign: &["| Watts "],
        tool: Some("ipmitool"),
        time: &[STAMP_LINES],
        names: Names { index: &["name"], ..NO_NAMES },
        meters: IPMI_METERS,
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "{name}| {}| {}| {}| {power} Watts", does: LineDoes::Begins },
            LineRow { template: "{name}| {power} Watts *", does: LineDoes::Begins },
        ]))
    },
);

/// Names that board controllers give to the sum of the machine.
const TOTALS: &[Only] = &[Only {
    field: "name",
    is: &["pwr consumption", "pw consumption", "power meter", "sys*power*", "total*power*", "server*power*", "node*power*", "power"],
}];

const SUPPLIES: &[Only] = &[Only {
    field: "name",
    is: &["ps{} power in", "ps{} power", "ps{} input*", "ps{} pin", "psu{}_power*", "ps{}_input*", "psu{}_pin", "power supply *"],
}];

const IPMI_METERS: &[MeterRow] = &[
    MeterRow::watts(&["power"], Component::Node, Instrument::BoardController).only(TOTALS).of_machine(),
    MeterRow::watts(&["power"], Component::Node, Instrument::BoardController).only(SUPPLIES).aside_beside(
        &["Pwr Consumption", "PW Consumption", "Power Meter", "Sys Power", "SYS_POWER", "System Power", "Total Power", "Total_Power"],
        "the machine's own sensor",
        "power supplies feed the machine, whose sum stands beside them",
    ),
    MeterRow::watts(&["power"], Component::Gpu, Instrument::BoardController).only(&[Only { field: "name", is: &["gpu*power*"] }]),
    MeterRow::watts(&["power"], Component::Cpu, Instrument::BoardController).only(&[Only { field: "name", is: &["cpu*power*"] }]),
    MeterRow::watts(&["power"], Component::Memory, Instrument::BoardController)
        .only(&[Only { field: "name", is: &["mem*power*", "dimm*power*"] }]),
];

const REDFISH_TIME: &[TimeField] = &[
    TimeField { fields: &["ts"], kind: TimeKind::Stamp },
    TimeField { fields: &["time"], kind: TimeKind::Stamp },
    TimeField { fields: &["timestamp"], kind: TimeKind::Stamp },
    TimeField { fields: &["date"], kind: TimeKind::Stamp },
    TimeField { fields: &["datetime"], kind: TimeKind::Stamp },
    STAMP_LINES,
];

/// Redfish, `Chassis/<id>/Power`: the first control is the machine's, others are of parts of it; capacity, limits and metrics are no readings, and
/// what goes into the supplies is the same power again. One document is one moment.
pub(super) static REDFISH_POWER: Format = row(
    "redfish_power",
    "Redfish (Power)",
    "while sleep 10; do curl -sk -u USER https://BMC/redfish/v1/Chassis/1/Power | jq -c '. + {time: (now | todate)}'; done > power.jsonl",
    Layout {
        signature: &["\"PowerControl\"", "\"PowerConsumedWatts\""],
        time: REDFISH_TIME,
        meters: &[MeterRow::watts(
            &["powercontrol.0.powerconsumedwatts", "*.powercontrol.0.powerconsumedwatts"],
            Component::Node,
            Instrument::BoardController,
        )],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &[""], renamed: None }))
    },
);

/// Redfish, `Chassis/<id>/EnvironmentMetrics`, which newer controllers have: a power and a running total.
pub(super) static REDFISH_ENVIRONMENT: Format = row(
    "redfish_environment",
    "Redfish (EnvironmentMetrics)",
    "while sleep 10; do curl -sk -u USER https://BMC/redfish/v1/Chassis/1/EnvironmentMetrics | jq -c '. + {time: (now | todate)}'; done > power.jsonl",
    Layout {
        signature: &["\"PowerWatts\"", "\"Reading\""],
        time: REDFISH_TIME,
        meters: &[
            MeterRow::counter_joules(&["energykwh.reading"], Component::Node, Instrument::BoardController).unit(KILOWATT_HOURS),
            MeterRow::watts(&["powerwatts.reading"], Component::Node, Instrument::BoardController),
        ],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &[""], renamed: None }))
    },
);

/// Outlets of a power strip by SNMP, as a table: two outlets that feed one machine add. The running total is in what the strip's MIB says, which
/// differs: it counts only where there is no power beside it, in watt-hours.
pub(super) static PDU_OUTLETS: Format = row(
    "pdu_outlets_csv",
    "Power strip (SNMP)",
    "a loop of snmpget for each outlet, written as outlet,timestamp,activePower,activeEnergy",
    Layout {
        signature: &["outlet", "active*"],
        time: &[TimeField { fields: &["timestamp"], kind: TimeKind::Stamp }, TimeField { fields: &["time"], kind: TimeKind::Stamp }],
        names: Names { host: &["pdu"], index: &["outlet"], ..NO_NAMES },
        meters: &[
            MeterRow::watts(&["activepower"], Component::Node, Instrument::WallMeter),
            MeterRow::counter_joules(&["activeenergy"], Component::Node, Instrument::WallMeter).unit(Unit::WATT_HOUR).aside_beside(
                &["activePower"],
                "activePower",
                "the unit of the running total depends on the strip and is not stated",
            ),
        ],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// Shelly's cloud, "Download CSV": watt-hours of the minutes (hours, days) that begin at the stamp, on the clock of the plug.
pub(super) static SHELLY_CLOUD: Format = row(
    "shelly_cloud_csv",
    "Shelly Cloud export",
    "Shelly Cloud: the device's consumption, then Download CSV",
    Layout {
        signature: &["timestamp", "consumption", "returned_energy"],
        tool: Some("shelly"),
        time: &[TimeField { fields: &["timestamp"], kind: TimeKind::Begins }],
        meters: &[MeterRow::interval_joules(&["consumption"], Component::Node, Instrument::WallMeter).unit(Unit::WATT_HOUR)],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// Shelly's devices of the second generation on: answers of `Switch.GetStatus` with a time beside them, and messages of `NotifyStatus`, which bring what
/// changed. A running total in watt-hours, and watts.
pub(super) static SHELLY_STATUS: Format = row(
    "shelly_status",
    "Shelly (Gen2 and later)",
    "while sleep 10; do curl -s http://PLUG/rpc/Switch.GetStatus?id=0 | jq -c '. + {time: (now | todate)}'; done > plug.jsonl",
    Layout {
        signature: &["\"apower\"", "\"aenergy\""],
        tool: Some("shelly"),
        time: &[
            TimeField { fields: &["params.ts"], kind: TimeKind::Stamp },
            TimeField { fields: &["sys.unixtime", "result.sys.unixtime"], kind: TimeKind::Stamp },
            TimeField { fields: &["time"], kind: TimeKind::Stamp },
            TimeField { fields: &["timestamp"], kind: TimeKind::Stamp },
            TimeField { fields: &["ts"], kind: TimeKind::Stamp },
            STAMP_LINES,
        ],
        names: Names { index: &["result.id", "id"], ..NO_NAMES },
        meters: &[
            MeterRow::counter_joules(&["aenergy.total", "result.aenergy.total"], Component::Node, Instrument::WallMeter)
                .unit(Unit::WATT_HOUR),
            MeterRow::counter_joules(SHELLY_TOTALS, Component::Node, Instrument::WallMeter).unit(Unit::WATT_HOUR).of_machine(),
            MeterRow::watts(&["apower", "result.apower"], Component::Node, Instrument::WallMeter),
            MeterRow::watts(SHELLY_POWERS, Component::Node, Instrument::WallMeter).of_machine(),
        ],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &[""], renamed: None }))
    },
);

/// What is switched or only metered, by its number.
const SHELLY_TOTALS: &[&str] = &["*switch:{n}.aenergy.total", "*pm1:{n}.aenergy.total"];
const SHELLY_POWERS: &[&str] = &["*switch:{n}.apower", "*pm1:{n}.apower"];

/// Shelly's devices of the first generation, `/status` and `/meter/0`: the running total is in watt-minutes.
pub(super) static SHELLY_METER: Format = row(
    "shelly_meter",
    "Shelly (Gen1)",
    "while sleep 10; do curl -s http://PLUG/status | jq -c .; done > plug.jsonl",
    Layout {
        signature: &["\"power\"", "\"is_valid\"", "\"counters\"", "\"total\""],
        tool: Some("shelly"),
        time: &[
            TimeField { fields: &["unixtime"], kind: TimeKind::Stamp },
            TimeField { fields: &["time"], kind: TimeKind::Stamp },
            TimeField { fields: &["timestamp"], kind: TimeKind::Stamp },
            STAMP_LINES,
        ],
        meters: &[
            MeterRow::counter_joules(&["meters.{n}.total", "total"], Component::Node, Instrument::WallMeter).unit(WATT_MINUTES),
            MeterRow::watts(&["meters.{n}.power", "power"], Component::Node, Instrument::WallMeter),
        ],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &[""], renamed: None }))
    },
);

const WATT_MINUTES: Unit = Unit { factor: 60, ..Unit::JOULE };

/// Tasmota's telemetry, one message a line, with or without its topic in front: a running total in kWh, and whole watts.
pub(super) static TASMOTA: Format = row(
    "tasmota_sensor",
    "Tasmota (MQTT)",
    "mosquitto_sub -h BROKER -t tele/PLUG/SENSOR > plug.jsonl",
    Layout {
        signature: &["\"ENERGY\"", "\"TotalStartTime\""],
        tool: Some("tasmota"),
        time: &[TimeField { fields: &["time"], kind: TimeKind::Stamp }],
        meters: &[
            MeterRow::counter_joules(&["energy.total"], Component::Node, Instrument::WallMeter).unit(KILOWATT_HOURS),
            MeterRow::watts(&["energy.power"], Component::Node, Instrument::WallMeter),
        ],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &[""], renamed: None }))
    },
);

/// Home Assistant's history, "Download data": a row where a state changed, which holds until the next one. The units stand nowhere: entities called
/// power are in W, entities called energy in kWh; a counter of the plug whose power is there is not counted.
pub(super) static HOME_ASSISTANT: Format = row(
    "home_assistant_history_csv",
    "Home Assistant history",
    "Home Assistant: History, choose the plug's power entity, then Download data",
    Layout {
        signature: &["entity_id", "state", "last_changed"],
        tool: Some("home-assistant"),
        time: &[TimeField { fields: &["last_changed"], kind: TimeKind::Stamp }],
        names: Names { index: &["entity_id"], ..NO_NAMES },
        meters: &[
            MeterRow::watts(&["state"], Component::Node, Instrument::WallMeter)
                .quantity(Quantity::PowerHeld)
                .only(&[Only { field: "entity_id", is: &["sensor.*power*", "sensor.*watt*"] }]),
            MeterRow::counter_joules(&["state"], Component::Node, Instrument::WallMeter)
                .unit(KILOWATT_HOURS)
                .quantity(Quantity::Counter(CounterRange::Unbounded))
                .only(&[Only { field: "entity_id", is: &["sensor.*energy*", "sensor.*kwh*"] }])
                .aside_beside(&["_power,"], "the entity of its power", "a running total of the power that stands beside it"),
        ],
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// HPE Cray's `pm_counters`: ten times a second; the node holds processor, memory and accelerators, each accelerator is a module of its dies.
pub(super) static CRAY_PM: Format = row(
    "cray_pm_counters",
    "Cray PM counters",
    "while sleep 1; do grep -H . /sys/cray/pm_counters/{energy,cpu_energy,memory_energy,accel?_energy}; done > power.txt",
    Layout {
        signature: &["energy:", " J ", " us"],
        time: &[TimeField { fields: &["time"], kind: TimeKind::Stamp }],
        names: Names { index: &["number"], ..NO_NAMES },
        meters: &[
            MeterRow::counter_joules(&["node"], Component::Node, Instrument::BoardController),
            MeterRow::counter_joules(&["cpu"], Component::Cpu, Instrument::BoardController),
            MeterRow::counter_joules(&["memory"], Component::Memory, Instrument::BoardController),
            MeterRow::counter_joules(&["accelerator"], Component::Gpu, Instrument::BoardController),
        ],
        ..Layout::of(Shape::Lines(&[
            LineRow { template: "energy: {node} J {time} us", does: LineDoes::Begins },
            LineRow { template: "cpu_energy: {cpu} J {time} us", does: LineDoes::Begins },
            LineRow { template: "memory_energy: {memory} J {time} us", does: LineDoes::Begins },
            LineRow { template: "accel{number}_energy: {accelerator} J {time} us", does: LineDoes::Begins },
            LineRow { template: "*/pm_counters/energy:{node} J {time} us", does: LineDoes::Begins },
            LineRow { template: "*/pm_counters/cpu_energy:{cpu} J {time} us", does: LineDoes::Begins },
            LineRow { template: "*/pm_counters/memory_energy:{memory} J {time} us", does: LineDoes::Begins },
            LineRow { template: "*/pm_counters/accel{number}_energy:{accelerator} J {time} us", does: LineDoes::Begins },
        ]))
    },
);

/// MLPerf Training's power logs of a node: a reading is the mean since the one before. `conversion_eff`, where it is stated, is what the supply lets
/// through, by which MLPerf multiplies: the readings are taken as they stand.
pub(super) static MLPERF_POWER: Format = row(
    "mlperf_power",
    "MLPerf power log",
    "python -m mlperf_logging.mllog.examples.power.power_measurement --power-log ipmi.txt --output-log node_0.txt",
    Layout {
        signature: &[":::MLLOG", "\"power_reading\""],
        tool: Some("mlperf-logging"),
        time: &[TimeField { fields: &["time_ms"], kind: TimeKind::Stamp }],
        meters: &[MeterRow::mean_watts(&["value"], Component::Node, Instrument::BoardController)
            .only(&[Only { field: "key", is: &["power_reading"] }])],
        ..Layout::of(Shape::Tree(TreeShape { syntax: Syntax::Json, rows: &[""], renamed: None }))
    },
);
