//! What AMD's tools write.

use super::{Again, CPU, Clock, Meter, Order, Readings, SAMPLER, Sampler, joined, lines};
use crate::stamps::{asctime, date, decimal, iso, iso_utc};

pub const SAMPLERS: &[Sampler] = &[
    // amdgpu_top -J: a record a look, ms since it began.
    Sampler {
        format: "amdgpu_top_json",
        path: "amdgpu_top.json",
        order: Order::Kept,
        again: Again::FileEach,
        clock: Clock::Lengths,
        step: 1_000,
        look: |look, seen| {
            let devices = joined(seen, ", ", |one| {
                format!(
                    r#"{{"Info": {{"DeviceName": "AMD Instinct MI300X", "PCI": "0000:{:02x}:00.0", "GPU Type": "dGPU"}}, "GRBM": null, "Sensors": {{"GFX Power": {{"unit": "W", "value": {watts}}}, "Average Power": {{"unit": "W", "value": {watts}}}, "Input Power": null}}}}"#,
                    one.index() + 3,
                    watts = one.watts(0)
                )
            });
            vec![format!(
                r#"{{"devices": [{devices}], "devices_len": {}, "period": {{"duration": {}, "unit": "ms"}}, "title": "amdgpu_top"}}"#,
                seen.len(),
                look.at - look.start
            )]
        },
        ..SAMPLER
    },
    // A loop of `date` and lm-sensors.
    Sampler {
        format: "lm_sensors",
        path: "sensors.txt",
        order: Order::Kept,
        readings: Readings::Devices,
        stamp: 1_000,
        step: 10,
        look: |look, seen| {
            let chips = joined(seen, "\n", |one| {
                format!(
                    "amdgpu-pci-{:02x}00\nAdapter: PCI adapter\nedge:         +45.0°C  (crit = +100.0°C, hyst = -273.1°C)\nPPT:         {} W  (cap = 900.00 W)\n",
                    one.index() + 3,
                    one.watts(2)
                )
            });
            vec![format!("{}\n{chips}", date(look.at))]
        },
        ..SAMPLER
    },
    // amd-smi monitor --csv, with its stamps of whole seconds.
    Sampler {
        format: "amd_smi_csv",
        path: "amd.csv",
        stamp: 1_000,
        step: 1_000,
        head: |_, _| "timestamp,gpu,socket_power,gfx_voltage\n".into(),
        look: |look, seen| seen.iter().map(|one| format!("{},{},{},N/A", look.at / 1_000, one.index(), one.watts(0))).collect(),
        ..SAMPLER
    },
    // amd-smi monitor -p --csv
    Sampler {
        format: "amd_smi_monitor_csv",
        path: "monitor.csv",
        stamp: 1_000,
        step: 1_000,
        head: |_, _| "timestamp,gpu,power_usage\n".into(),
        look: |look, seen| lines(seen, |one| format!("{},{},{}", look.at / 1_000, one.index(), one.watts(0))),
        ..SAMPLER
    },
    // amd-smi metric -p -E --json in a loop: one array after the other.
    Sampler {
        format: "amd_smi_json",
        path: "amd.json",
        order: Order::Kept,
        again: Again::FileEach,
        readings: Readings::Devices,
        meter: Meter::Counter { power: true },
        stamp: 1_000,
        step: 1_000,
        unit: 10_000,
        look: |look, seen| {
            let boards = joined(seen, ",\n", |one| {
                format!(
                    "    {{\n        \"gpu\": {},\n        \"timestamp\": {},\n        \"power\": {{\n            \"socket_power\": {{\n                \"value\": {},\n                \"unit\": \"W\"\n            }},\n            \"gfx_voltage\": \"N/A\"\n        }},\n        \"energy\": {{\n            \"total_energy_consumption\": {{\n                \"value\": {},\n                \"unit\": \"J\"\n            }}\n        }}\n    }}",
                    one.index(),
                    look.at / 1_000,
                    one.watts(0),
                    one.joules(2)
                )
            });
            vec![format!("[\n{boards}\n]")]
        },
        ..SAMPLER
    },
    // A loop of `date` and rocm-smi --showpower --csv.
    Sampler {
        format: "rocm_smi_csv",
        path: "rocm.csv",
        order: Order::Kept,
        readings: Readings::Devices,
        stamp: 1_000,
        step: 100,
        look: |look, seen| {
            let cards = joined(seen, "\n", |one| format!("card{},{},99", one.index(), one.watts(1)));
            vec![format!("{}\ndevice,Average Graphics Package Power (W),GPU use (%)\n{cards}\n", date(look.at))]
        },
        ..SAMPLER
    },
    // A loop of `date` and rocm-smi --showpower --json, of ROCm 6.
    Sampler {
        format: "rocm_smi_json",
        path: "rocm.json",
        order: Order::Kept,
        stamp: 1_000,
        step: 100,
        look: |look, seen| {
            let cards = joined(seen, ", ", |one| {
                format!(
                    r#""card{}": {{"Current Socket Graphics Package Power (W)": "{}", "GPU use (%)": "99"}}"#,
                    one.index(),
                    one.watts(1)
                )
            });
            vec![format!("{}\n{{{cards}, \"system\": {{\"Driver version\": \"6.7.0\"}}}}", date(look.at))]
        },
        ..SAMPLER
    },
    // A loop of `date` and rocm-smi --showpower.
    Sampler {
        format: "rocm_smi_text",
        path: "rocm.txt",
        order: Order::Kept,
        readings: Readings::Devices,
        stamp: 1_000,
        step: 100,
        look: |look, seen| {
            let cards = joined(seen, "\n", |one| format!("GPU[{}]\t\t: Average Graphics Package Power (W): {}", one.index(), one.watts(1)));
            vec![format!(
                "{}\n\n{:=^90}\n{:=^90}\n{cards}\n{:=^90}\n",
                date(look.at),
                " ROCm System Management Interface ",
                " Power Consumption ",
                " End of ROCm SMI Log "
            )]
        },
        ..SAMPLER
    },
    // AMDuProfCLI timechart --event power: the date stands above the table alone.
    Sampler {
        format: "amd_uprof_timechart",
        path: "timechart.csv",
        order: Order::Kept,
        again: Again::FileEach,
        watches: CPU,
        clock: Clock::OfDay,
        step: 20,
        repeats: 1,
        head: |look, _| {
            let (text, at) = (asctime(look.at), iso(look.at));
            let start = format!("{}-{}-{}_{}", &text[4..7], &at[8..10], &at[..4], at[11..].replace(':', "-"));
            format!(
                "AMD uProf Power Profiling\nProfile Start Time:,{start}\nSampling interval:,{} msec\n\nPROFILE RECORDS\nRecordId,Timestamp,socket0-package-power,core0-power,core1-power,socket0-temperature\n",
                look.log.period
            )
        },
        look: |look, seen| {
            let (at, half) = (iso_utc(look.at)[11..23].replace('.', ":"), decimal(seen[0].power / 20, 2));
            vec![format!("{},{at},{},{half},{half},52.00", look.number + 1, seen[0].watts(2))]
        },
        ..SAMPLER
    },
];
