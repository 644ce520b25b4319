//! What Windows and its tools write.

use super::{CPU_AND_GPU, PACKAGE_AND_MEMORY, SAMPLER, Sampler, joined, line};
use crate::scene::Part;
use crate::stamps::{date, day_first, iso_utc, month_first};

pub const SAMPLERS: &[Sampler] = &[
    // HWiNFO's table of sensors.
    Sampler {
        format: "hwinfo_csv",
        path: "hwinfo.csv",
        watches: CPU_AND_GPU,
        one_each: true,
        step: 100,
        head: |_, _| "Date,Time,\"CPU Package Power [W]\",\"CPU Package [°C]\",\"GPU Power [W]\"\n".into(),
        look: |look, seen| {
            vec![format!("{},{},{}", day_first(look.at), &iso_utc(look.at)[11..23], joined(seen, ",60,", |one| one.watts(1)))]
        },
        ..SAMPLER
    },
    // GPU-Z's log of sensors.
    Sampler {
        format: "gpu_z",
        path: "GPU-Z Sensor Log.txt",
        one_each: true,
        stamp: 1_000,
        step: 100,
        head: |_, _| {
            let columns = "GPU Clock [MHz] , Memory Clock [MHz] , GPU Temperature [°C] , Board Power Draw [W] , GPU Voltage [V] ,";
            format!("        Date        , {columns}\r\n")
        },
        look: |look, seen| {
            let (at, watts) = (date(look.at), seen[0].watts(1));
            vec![format!("{at} ,          99.8   ,           2593.7   ,               47.0   ,           {watts}   ,             -   ,\r")]
        },
        ..SAMPLER
    },
    // HWiNFO in Chinese.
    Sampler {
        format: "hwinfo_csv_zh",
        path: "hwinfo-zh.csv",
        watches: CPU_AND_GPU,
        one_each: true,
        step: 100,
        head: |_, _| "\u{feff}Date,Time,\"CPU 封装功率 [W]\",\"CPU 核心功率 [W]\",\"GPU 功率 [W]\"\n".into(),
        look: |look, seen| {
            vec![format!("{},{},{}", day_first(look.at), &iso_utc(look.at)[11..23], joined(seen, ",30.0,", |one| one.watts(1)))]
        },
        ..SAMPLER
    },
    // Open Hardware Monitor: identifiers above names, month first.
    Sampler {
        format: "hardware_monitor_csv",
        path: "OpenHardwareMonitorLog.csv",
        watches: &[Part::Cpu, Part::Memory, Part::Gpu],
        one_each: true,
        stamp: 1_000,
        head: |_, _| {
            ",/intelcpu/0/power/0,/intelcpu/0/power/3,/nvidiagpu/0/power/0,/intelcpu/0/load/0\nTime,\"CPU Package\",\"CPU DRAM\",\"GPU Power\",\"CPU Total\"\n".into()
        },
        look: |look, seen| {
            line(month_first(look.at), seen, |one| format!(",{}", one.watts(3))).iter().map(|text| format!("{text},44.1")).collect()
        },
        ..SAMPLER
    },
    // typeperf "\Energy Meter(*)\Power": milliwatts, on a clock that is UTC's.
    Sampler {
        format: "typeperf_csv",
        path: "typeperf.csv",
        watches: PACKAGE_AND_MEMORY,
        head: |_, _| {
            r#""(PDH-CSV 4.0) (Coordinated Universal Time)(0)","\\PC\Energy Meter(RAPL_Package0_PKG)\Power","\\PC\Energy Meter(RAPL_Package0_DRAM)\Power""#.to_owned() + "\n"
        },
        look: |look, seen| {
            line(format!("\"{}.{:03}\"", month_first(look.at), look.at % 1_000), seen, |one| format!(r#","{}.000000""#, one.power))
        },
        ..SAMPLER
    },
];
