//! What meters of whole machines write: controllers of boards, plugs, power strips, single-board computers.

use super::{Again, Clock, Meter, NODE, Order, SAMPLER, Sampler, dated, dated_iso, joined};
use crate::stamps::{asctime, date, decimal, iso, iso_utc};

pub const SAMPLERS: &[Sampler] = &[
    // ipmitool dcmi power reading, after `date`.
    Sampler {
        format: "ipmi_dcmi",
        path: "ipmi.txt",
        order: Order::Kept,
        watches: NODE,
        one_each: true,
        stamp: 1_000,
        step: 1_000,
        look: |look, seen| {
            let watts = joined(seen, "", |one| one.watts(0));
            let lines = [
                format!("    Instantaneous power reading:                  {watts:>4} Watts"),
                String::from("    Minimum during sampling period:                160 Watts"),
                String::from("    Maximum during sampling period:               1893 Watts"),
                String::from("    Average power reading over sample period:      711 Watts"),
                format!("    IPMI timestamp:                           {}", asctime(look.at)),
                String::from("    Sampling period:                          00000001 Seconds."),
                String::from("    Power reading state is:                   activated\n"),
            ];
            dated(look.at, format!("\n{}", lines.join("\n")))
        },
        ..SAMPLER
    },
    // Redfish, asked in a loop.
    Sampler {
        format: "redfish_power",
        path: "redfish.jsonl",
        watches: NODE,
        one_each: true,
        stamp: 1_000,
        step: 1_000,
        look: |look, seen| {
            let watts = joined(seen, "", |one| one.watts(0));
            let control = format!(
                r#""PowerControl": [{{"Name": "System Power Control", "PowerConsumedWatts": {watts}, "PowerCapacityWatts": 3200}}]"#
            );
            vec![format!(r#"{{"time": "{}Z", {control}, "PowerSupplies": [{{"PowerInputWatts": {watts}}}]}}"#, iso(look.at))]
        },
        ..SAMPLER
    },
    // A loop of `date -Is` and ipmitool sdr elist.
    Sampler {
        format: "ipmi_sdr",
        path: "sdr.txt",
        order: Order::Kept,
        watches: NODE,
        one_each: true,
        stamp: 1_000,
        step: 1_000,
        look: |look, seen| dated_iso(look.at, format!("Pwr Consumption  | 77h | ok  |  7.1 | {} Watts", seen[0].watts(0))),
        ..SAMPLER
    },
    // A loop of `date -Is` and ipmitool sensor: two supplies that add.
    Sampler {
        format: "ipmi_sensor",
        path: "sensor.txt",
        order: Order::Told,
        watches: NODE,
        one_each: true,
        stamp: 1_000,
        step: 2,
        look: |look, seen| {
            let half = decimal(seen[0].power / 2, 3);
            let supply = |n| {
                format!(
                    "PS{n} Power In     | {half:<10} | Watts      | ok    | na        | na        | na        | 900.000   | 1000.000  | na        "
                )
            };
            vec![dated_iso(look.at, supply(1)).concat(), supply(2)]
        },
        ..SAMPLER
    },
    // Redfish's EnvironmentMetrics, asked in a loop: a running total beside the power.
    Sampler {
        format: "redfish_environment",
        path: "environment.jsonl",
        again: Again::FileEach,
        watches: NODE,
        one_each: true,
        meter: Meter::Counter { power: true },
        stamp: 1_000,
        step: 1_000,
        unit: 3_600_000_000,
        look: |look, seen| {
            vec![format!(
                r#"{{"@odata.id": "/redfish/v1/Chassis/1/EnvironmentMetrics", "PowerWatts": {{"Reading": {}, "DataSourceUri": "x"}}, "EnergykWh": {{"Reading": {}}}, "PowerLimitWatts": {{"SetPoint": 900}}, "time": "{}Z"}}"#,
                seen[0].watts(0),
                decimal(seen[0].energy / 3_600_000_000, 3),
                iso(look.at)
            )]
        },
        ..SAMPLER
    },
    // Two outlets of a power strip, by SNMP.
    Sampler {
        format: "pdu_outlets_csv",
        path: "pdu.csv",
        watches: NODE,
        one_each: true,
        stamp: 1_000,
        step: 2_000,
        head: |_, _| "outlet,timestamp,activePower,activeEnergy\n".into(),
        look: |look, seen| {
            [7, 8].iter().map(|outlet| format!("{outlet},{},{},{}", look.at / 1_000, seen[0].power / 2_000, 1_234_567)).collect()
        },
        ..SAMPLER
    },
    // A plug with Tasmota, by MQTT: a running total of whole watt-hours beside the power.
    Sampler {
        format: "tasmota_sensor",
        path: "plug.jsonl",
        again: Again::FileEach,
        watches: NODE,
        one_each: true,
        meter: Meter::Counter { power: true },
        stamp: 1_000,
        step: 1_000,
        unit: 3_600_000_000,
        look: |look, seen| {
            vec![format!(
                r#"{{"Time":"{}","ENERGY":{{"TotalStartTime":"2023-01-13T09:11:26","Total":{},"Yesterday":1.2,"Today":0.8,"Period":13,"Power":{},"ApparentPower":470,"Factor":0.93,"Voltage":231,"Current":1.98}}}}"#,
                iso(look.at),
                decimal(seen[0].energy / 3_600_000_000, 3),
                seen[0].watts(0)
            )]
        },
        ..SAMPLER
    },
    // A Shelly of the second generation, asked in a loop: a running total in watt-hours beside the power.
    Sampler {
        format: "shelly_status",
        path: "plug.jsonl",
        again: Again::FileEach,
        watches: NODE,
        one_each: true,
        meter: Meter::Counter { power: true },
        stamp: 1_000,
        step: 100,
        unit: 3_600_000,
        look: |look, seen| {
            vec![format!(
                r#"{{"id": 0, "source": "init", "output": true, "apower": {}, "voltage": 230.1, "aenergy": {{"total": {}, "by_minute": [6000.0]}}, "time": "{}Z"}}"#,
                seen[0].watts(1),
                decimal(seen[0].energy / 3_600_000, 3),
                iso(look.at)
            )]
        },
        ..SAMPLER
    },
    // One of the first generation: its total is in watt-minutes.
    Sampler {
        format: "shelly_meter",
        path: "plug.jsonl",
        again: Again::FileEach,
        watches: NODE,
        one_each: true,
        meter: Meter::Counter { power: true },
        stamp: 1_000,
        step: 10,
        unit: 60_000_000,
        look: |look, seen| {
            vec![format!(
                r#"{{"power": {}, "is_valid": true, "timestamp": {}, "counters": [360.0, 360.0, 360.0], "total": {}}}"#,
                seen[0].watts(2),
                look.at / 1_000,
                seen[0].energy / 60_000_000
            )]
        },
        ..SAMPLER
    },
    // Shelly's cloud: watt-hours of the minutes that begin at the stamp.
    Sampler {
        format: "shelly_cloud_csv",
        path: "shelly.csv",
        order: Order::Kept,
        watches: NODE,
        one_each: true,
        meter: Meter::Interval,
        clock: Clock::Even,
        stamp: 1_000,
        unit: 3_600_000,
        head: |_, _| "timestamp,consumption,returned_energy,min_voltage,max_voltage,purpose\n".into(),
        look: |look, seen| vec![format!("{},{},0.000,229.8,232.1,", date(look.before), decimal(seen[0].energy / 3_600_000, 3))],
        ..SAMPLER
    },
    // Home Assistant's history: a state holds until the next one.
    Sampler {
        format: "home_assistant_history_csv",
        path: "history.csv",
        watches: NODE,
        one_each: true,
        meter: Meter::Held,
        step: 100,
        head: |_, _| "entity_id,state,last_changed\n".into(),
        look: |look, seen| vec![format!("sensor.server_plug_power,{},{}", seen[0].watts(1), iso_utc(look.at))],
        ..SAMPLER
    },
    // A loop over /sys/cray/pm_counters.
    Sampler {
        format: "cray_pm_counters",
        path: "pm.txt",
        order: Order::Kept,
        again: Again::FileEach,
        watches: NODE,
        one_each: true,
        meter: Meter::Counter { power: false },
        step: 1_000,
        unit: 1_000_000,
        look: |look, seen| {
            let (at, watts, joules) = (look.at, seen[0].watts(0), seen[0].joules(0));
            vec![format!("== {} ==\npower: {watts} W {at}000 us\nenergy: {joules} J {at}000 us", at / 1_000)]
        },
        ..SAMPLER
    },
    // tegrastats since JetPack 5: the input rail holds the others.
    Sampler {
        format: "tegrastats",
        path: "tegrastats.log",
        watches: NODE,
        one_each: true,
        stamp: 1_000,
        look: |look, seen| {
            let (at, mw) = (iso(look.at), seen[0].power);
            vec![format!(
                "{}-{} {} RAM 2274/6834MB (lfb 27x4MB) SWAP 542/3417MB (cached 2MB) CPU [99%@1189,off] EMC_FREQ 0% GR3D_FREQ 22% GPU@38C VDD_IN {mw}mW/{mw}mW",
                &at[5..10],
                &at[..4],
                &at[11..]
            )]
        },
        ..SAMPLER
    },
    // jtop's logger: mW, a total that is the sum of its rails.
    Sampler {
        format: "jtop_csv",
        path: "jtop.csv",
        repeats: 1,
        watches: NODE,
        one_each: true,
        head: |_, _| "time,uptime,CPU1,CPU2,RAM,GPU,Temp gpu,Power VDD_CPU_CV,Power VDD_GPU_SOC,Power TOT,jetson_clocks,nvp model\n".into(),
        look: |look, seen| {
            let (at, mw) = (iso_utc(look.at), seen[0].power);
            let (some, rest) = (mw / 3, mw - mw / 3);
            vec![format!("{} {}000,\"1 day, 3:02:00.120000\",12,OFF,0.09,0,47.1,{some},{rest},{mw},OFF,MAXN", &at[..10], &at[11..23])]
        },
        ..SAMPLER
    },
];
