//! What tools of processors and of Intel's graphics write.

use super::{Again, CPU, Clock, Meter, Order, PACKAGE_AND_MEMORY, SAMPLER, Sampler, line, lines, of};
use crate::scene::Part;
use crate::stamps::{decimal, epoch, iso, iso_utc};

pub const SAMPLERS: &[Sampler] = &[
    // s-tui -c
    Sampler {
        format: "s_tui_csv",
        path: "s-tui_log.csv",
        watches: PACKAGE_AND_MEMORY,
        stamp: 1_000,
        step: 100,
        head: |_, _| "Time,Frequency:Avg,Util:Avg,\"Power:package-0,0\",\"Power:dram,0\"\n".into(),
        look: |look, seen| line(iso(look.at).replace('T', "_") + ",2445.4,100.0", seen, |one| format!(",{}", one.watts(1))),
        ..SAMPLER
    },
    // intel_gpu_top -J: an array that never ends, whose periods are its only clock.
    Sampler {
        format: "intel_gpu_top_json",
        path: "intel_gpu_top.json",
        order: Order::Kept,
        watches: CPU,
        meter: Meter::Mean { first: true },
        clock: Clock::Lengths,
        head: |_, _| "[\n".into(),
        look: |look, seen| {
            vec![format!(
                "{{\n \"period\": {{\n  \"duration\": {}.000000,\n  \"unit\": \"ms\"\n }},\n \"rc6\": {{\n  \"value\": 100.0,\n  \"unit\": \"%\"\n }},\n \"power\": {{\n  \"GPU\": 0.000000,\n  \"Package\": {}000,\n  \"unit\": \"W\"\n }},\n \"engines\": {{\n  \"Render/3D/0\": {{\n   \"busy\": 0.0,\n   \"unit\": \"%\"\n  }}\n }}\n}},",
                look.span(),
                seen[0].watts(3)
            )]
        },
        ..SAMPLER
    },
    // The same of a card, which has no package.
    Sampler {
        format: "intel_gpu_top_json",
        path: "arc.json",
        order: Order::Kept,
        one_each: true,
        meter: Meter::Mean { first: true },
        clock: Clock::Lengths,
        look: |look, seen| {
            vec![format!(
                "{{\n \"period\": {{\"duration\": {}.000000, \"unit\": \"ms\"}},\n \"rc6\": {{\"value\": 0.0, \"unit\": \"%\"}},\n \"power\": {{\"GPU\": {}000, \"unit\": \"W\"}},\n \"engines\": {{\"Render/3D/0\": {{\"busy\": 96.1}}}}\n}},",
                look.span(),
                seen[0].watts(3)
            )]
        },
        ..SAMPLER
    },
    // Intel Power Gadget: what was used since the log began.
    Sampler {
        format: "intel_power_gadget",
        path: "gadget.csv",
        order: Order::Whole,
        again: Again::Never,
        watches: PACKAGE_AND_MEMORY,
        meter: Meter::SinceStart,
        clock: Clock::Lengths,
        unit: 1_000,
        head: |_, _| {
            "System Time,RDTSC,Elapsed Time (sec),Processor Power_0(Watt),Cumulative Processor Energy_0(Joules),Cumulative Processor Energy_0(mWh),DRAM Power_0(Watt),Cumulative DRAM Energy_0(Joules),Cumulative DRAM Energy_0(mWh)\n".into()
        },
        look: |look, seen| {
            let at = iso_utc(look.at)[11..23].replace('.', ":");
            line(format!("{at}, {}, {}", 275_783_869_340 + look.at, decimal(look.at - look.start, 3)), seen, |one| {
                format!(", {}, {}, {}", one.watts(3), one.joules(3), decimal(one.energy / 3_600, 3))
            })
        },
        foot: |look, _| {
            format!("\nTotal Elapsed Time (sec) = {}000\nMeasured RDTSC Frequency (GHz) = 2.592\n\n", decimal(look.at - look.start, 3))
        },
        ..SAMPLER
    },
    // turbostat --Summary --enable Time_Of_Day_Seconds
    Sampler {
        format: "turbostat",
        path: "turbostat.tsv",
        order: Order::Kept,
        again: Again::WithHead,
        watches: PACKAGE_AND_MEMORY,
        meter: Meter::Mean { first: true },
        clock: Clock::Even,
        step: 10,
        head: |_, _| "Time_Of_Day_Seconds\tAvg_MHz\tBusy%\tPkgWatt\tRAMWatt\n".into(),
        look: |look, seen| line(format!("{}000\t1830\t60.10", epoch(look.at)), seen, |one| "\t".to_owned() + &one.watts(2)),
        ..SAMPLER
    },
    // pcm -csv: two lines of header.
    Sampler {
        format: "pcm_csv",
        path: "pcm.csv",
        order: Order::Kept,
        again: Again::WithHead,
        watches: PACKAGE_AND_MEMORY,
        meter: Meter::Interval,
        clock: Clock::Even,
        unit: 10_000,
        head: |_, _| "System,System,System,System,Proc Energy (Joules),DRAM Energy (Joules),\nDate,Time,EXEC,IPC,SKT0,SKT0,\n".into(),
        look: |look, seen| {
            line(format!("{},{},0.51,1.20,", &iso(look.at)[..10], &iso_utc(look.at)[11..23]), seen, |one| one.joules(2) + ",")
        },
        ..SAMPLER
    },
    // pcm -csv -nsys -ns: sums of the system alone.
    Sampler {
        format: "pcm_csv_system",
        path: "pcm-system.csv",
        order: Order::Kept,
        again: Again::WithHead,
        watches: PACKAGE_AND_MEMORY,
        meter: Meter::Interval,
        clock: Clock::Even,
        unit: 10_000,
        head: |_, _| "System,System,System,System,System,\nDate,Time,EXEC,Proc Energy (Joules),DRAM Energy (Joules),\n".into(),
        look: |look, seen| line(format!("{},{},0.5,", &iso(look.at)[..10], &iso_utc(look.at)[11..23]), seen, |one| one.joules(2) + ","),
        ..SAMPLER
    },
    // likwid-powermeter
    Sampler {
        format: "likwid_powermeter",
        path: "powermeter.txt",
        order: Order::Whole,
        watches: PACKAGE_AND_MEMORY,
        meter: Meter::Total { sensor: true },
        clock: Clock::Lengths,
        unit: 10_000,
        look: |look, seen| {
            let domain =
                |name: &str, joules: &str| format!("Domain {name}:\nEnergy consumed: {joules} Joules\nPower consumed: 13.5402 Watt\n");
            let domains = [
                ("PKG", of(seen, Part::Cpu).joules(2)),
                ("PP0", "0".into()),
                ("DRAM", of(seen, Part::Memory).joules(2)),
                ("PLATFORM", "0".into()),
            ];
            let domains: String = domains.iter().map(|(name, joules)| domain(name, joules)).collect();
            vec![format!("Runtime: {} s\nMeasure for socket 0 on CPU 0\n{domains}", decimal(look.span(), 3))]
        },
        ..SAMPLER
    },
    // likwid-perfctr -g ENERGY, of one thread.
    Sampler {
        format: "likwid_perfctr",
        path: "perfctr.txt",
        order: Order::Whole,
        watches: PACKAGE_AND_MEMORY,
        meter: Meter::Total { sensor: true },
        clock: Clock::Lengths,
        unit: 100,
        look: |look, seen| {
            let rule = format!("+{0:-<22}+{0:-<14}+", "");
            let row = |name: &str, value: String| format!("| {name:^20} | {value:>12} |\n");
            let (cpu, memory) = (of(seen, Part::Cpu).joules(4), of(seen, Part::Memory).joules(4));
            let rows = row("Runtime (RDTSC) [s]", decimal(look.span() * 10, 4)) + &row("Energy [J]", cpu) + &row("Energy DRAM [J]", memory);
            vec![format!("Group 1: ENERGY\n{rule}\n| {:^20} | {:>12} |\n{rule}\n{rows}{rule}\n", "Metric", "HWThread 0")]
        },
        ..SAMPLER
    },
    // likwid-perfctr -g ENERGY -O, of two threads: the package is on the first.
    Sampler {
        format: "likwid_perfctr_csv",
        path: "energy.csv",
        order: Order::Whole,
        watches: PACKAGE_AND_MEMORY,
        meter: Meter::Total { sensor: true },
        clock: Clock::Lengths,
        unit: 100,
        look: |look, seen| {
            let (time, cpu, memory) = (decimal(look.span() * 10, 4), of(seen, Part::Cpu).joules(4), of(seen, Part::Memory).joules(4));
            vec![format!(
                "TABLE,Group 1 Metric,ENERGY,3\nMetric,HWThread 0,HWThread 1,\nRuntime (RDTSC) [s],{time},{time},\nEnergy [J],{cpu},0,\nEnergy DRAM [J],{memory},0,\nTABLE,Group 1 Metric STAT,ENERGY,3\nMetric,Sum,Min,Max,Avg\nRuntime (RDTSC) [s] STAT,{time},{time},{time},{time}\nEnergy [J] STAT,{cpu},0,{cpu},{cpu}\nEnergy DRAM [J] STAT,{memory},0,{memory},{memory}"
            )]
        },
        ..SAMPLER
    },
    // xpu-smi dump -d -1 -m 0,1,8: times of day, and a counter.
    Sampler {
        format: "xpu_smi_dump",
        path: "xpu.csv",
        order: Order::Kept,
        again: Again::FileEach,
        meter: Meter::Counter { power: true },
        clock: Clock::OfDay,
        step: 10,
        unit: 10_000,
        head: |_, _| "Timestamp, DeviceId, GPU Utilization (%), GPU Power (W), GPU Energy Consumed (J)\n".into(),
        look: |look, seen| {
            lines(seen, |one| format!("{}, {:>4}, 0.00, {}, {}", &iso_utc(look.at)[11..23], one.index(), one.watts(2), one.joules(2)))
        },
        ..SAMPLER
    },
    // powerstat -R: times of day, statistics below.
    Sampler {
        format: "powerstat",
        path: "powerstat.txt",
        order: Order::Kept,
        watches: CPU,
        clock: Clock::OfDay,
        stamp: 1_000,
        step: 10,
        head: |_, _| "  Time    User  Nice   Sys  Idle    IO  Run Ctxt/s  IRQ/s Fork Exec Exit  Watts\n".into(),
        look: |look, seen| {
            vec![format!("{}  42.1   0.0   3.1  54.5   0.3    9   2213   4120    0    0    0 {:>6}", &iso(look.at)[11..], seen[0].watts(2))]
        },
        foot: |_, seen| {
            let rule = "-------- ----- ----- ----- ----- ----- ---- ------ ------ ---- ---- ---- ------\n";
            let row =
                |name: &str| format!("{name:>8}  42.1   0.0   3.1  54.5   0.3  9.0 2213.0 4120.0  0.0  0.0  0.0 {:>6}\n", seen[0].watts(2));
            format!("{rule}{}{}{rule}", row("Average"), row("Maximum"))
        },
        ..SAMPLER
    },
];
