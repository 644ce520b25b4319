//! What trackers and benchmarks write of a run.

use super::{ALL, Again, CPU, CPU_AND_GPU, Clock, Meter, NODE, Order, PACKAGE_AND_MEMORY, SAMPLER, Sampler, Series, kwh, line, of, sum};
use crate::scene::Part;
use crate::stamps::{date, date_and_ms, decimal, epoch, iso};

pub const SAMPLERS: &[Sampler] = &[
    // zeus power monitor
    Sampler {
        format: "zeus_power_csv",
        path: "zeus.csv",
        head: |_, seen| line("Time".into(), seen, |one| format!(",power_gpu{}", one.index())).concat() + "\n",
        look: |look, seen| line(epoch(look.at) + "000", seen, |one| format!(",{}", one.watts(3))),
        ..SAMPLER
    },
    // ZeusMonitor(log_file=…): windows one after the other.
    Sampler {
        format: "zeus_energy_csv",
        path: "zeus-energy.csv",
        meter: Meter::Interval,
        unit: 1_000,
        head: |_, seen| {
            line("start_time,window_name,elapsed_time".into(), seen, |one| format!(",gpu{}_energy", one.index())).concat() + "\n"
        },
        look: |look, seen| {
            line(format!("{},step_{},{}", epoch(look.before), look.number, decimal(look.span(), 3)), seen, |one| {
                ",".to_owned() + &one.joules(3)
            })
        },
        ..SAMPLER
    },
    // Eco2AI: a row a run, a modelled total.
    Sampler {
        format: "eco2ai_csv",
        path: "emission.csv",
        order: Order::Whole,
        watches: ALL,
        meter: Meter::Total { sensor: false },
        stamp: 1_000,
        unit: 36,
        head: |_, _| {
            "id,project_name,experiment_description,epoch,start_time,duration(s),power_consumption(kWh),CO2_emissions(kg),CPU_name,GPU_name,OS,region/country,cost\n".into()
        },
        look: |look, seen| {
            let devices = r#""AMD EPYC/1 device(s), TDP:280.0","NVIDIA A100 1 device(s)",Linux,CN/Beijing,0"#;
            vec![format!(
                "{:08x}-0d3c-4f0e-9d5e-1c5a6f6b2a11,demo,\"training, with comma\",N/A,{},{},{},0.005,{devices}",
                look.run(),
                date(look.before),
                decimal(look.span(), 3),
                kwh(sum(seen, |one| one.energy))
            )]
        },
        ..SAMPLER
    },
    // perun's table: one sensor after the other, seconds since the run began.
    Sampler {
        format: "perun_csv",
        path: "train.csv",
        order: Order::Whole,
        again: Again::FileEach,
        clock: Clock::Lengths,
        series: Some(Series { open: |_| String::new(), close: "", between: "" }),
        head: |_, _| ",run id,hostname,device_group,sensor,unit,magnitude,timestep,value\n".into(),
        look: |look, seen| {
            vec![format!(
                "{},0,node01,gpu,CUDA:{}_POWER,W,0.001,{},{}",
                look.number,
                seen[0].index(),
                decimal(look.at - look.start, 3),
                seen[0].power
            )]
        },
        ..SAMPLER
    },
    // pyRAPL's CSVOutput: µJ and µs of each measured function.
    Sampler {
        format: "pyrapl_csv",
        path: "pyrapl.csv",
        watches: PACKAGE_AND_MEMORY,
        meter: Meter::Interval,
        head: |_, _| "label,timestamp,duration,pkg,dram,socket\n".into(),
        look: |look, seen| {
            line(format!("train_epoch_{},{},{}000.0", look.number, epoch(look.before), look.span()), seen, |one| {
                format!(",{}.0", one.energy)
            })
            .iter()
            .map(|text| format!("{text},0"))
            .collect()
        },
        ..SAMPLER
    },
    // pyJoules' CSVHandler: µJ, of the GPU too.
    Sampler {
        format: "pyjoules_csv",
        path: "pyjoules.csv",
        watches: &[Part::Cpu, Part::Memory, Part::Gpu],
        one_each: true,
        meter: Meter::Interval,
        head: |_, _| "timestamp;tag;duration;package_0;dram_0;nvidia_gpu_0\n".into(),
        look: |look, seen| {
            line(format!("{};train_{};{}", epoch(look.before), look.number, decimal(look.span(), 3)), seen, |one| {
                format!(";{}.0", one.energy)
            })
        },
        ..SAMPLER
    },
    // PowerJoular: the total is the sum of the two beside it.
    Sampler {
        format: "powerjoular_csv",
        path: "powerjoular.csv",
        repeats: 1,
        watches: CPU_AND_GPU,
        one_each: true,
        head: |_, _| "Date,CPU Utilization,Total Power,CPU Power,GPU Power\n".into(),
        look: |look, seen| {
            line(format!("{},0.5,{}", date_and_ms(look.at), decimal(sum(seen, |one| one.power), 3)), seen, |one| {
                format!(",{}", one.watts(3))
            })
        },
        ..SAMPLER
    },
    // PowerJoular -p: the share of one program.
    Sampler {
        format: "powerjoular_process_csv",
        path: "powerjoular.csv-4711.csv",
        watches: CPU,
        stamp: 1_000,
        head: |_, _| "Date,CPU Utilization,CPU Power\n".into(),
        look: |look, seen| vec![format!("{},0.4,{}", date(look.at), seen[0].watts(3))],
        ..SAMPLER
    },
    // EnergiBridge: counters since the boot; the first two rows share their time.
    Sampler {
        format: "energibridge_csv",
        path: "energibridge.csv",
        order: Order::Told,
        again: Again::FileEach,
        watches: PACKAGE_AND_MEMORY,
        meter: Meter::Counter { power: false },
        head: |_, _| "Delta,Time,PACKAGE_ENERGY (J),DRAM_ENERGY (J),USED_MEMORY\n".into(),
        look: |look, seen| {
            let (delta, time) = if look.number == 0 { (0, look.at) } else { (look.span(), look.before) };
            line(format!("{delta},{time}"), seen, |one| ",".to_owned() + &one.joules(6)).iter().map(|text| format!("{text},1")).collect()
        },
        ..SAMPLER
    },
    // A metric provider of the Green Metrics Tool: the name of the file says what it is.
    Sampler {
        format: "green_metrics_tool",
        path: "cpu_energy_rapl_msr_component.log",
        order: Order::Named,
        watches: CPU,
        meter: Meter::Interval,
        clock: Clock::Even,
        look: |look, seen| vec![format!("{}000 {} Package_0", look.at, seen[0].energy)],
        ..SAMPLER
    },
    // CodeCarbon's terminal: running totals with times of day.
    Sampler {
        format: "codecarbon_console",
        path: "train.out",
        order: Order::Whole,
        watches: ALL,
        meter: Meter::SoFar,
        clock: Clock::OfDay,
        stamp: 1_000,
        unit: 3_600_000,
        head: |look, _| {
            let at = &iso(look.before)[11..];
            ["[setup] RAM Tracking...", "[setup] CPU Tracking...", "[setup] GPU Tracking...", ">>> Tracker's metadata:"]
                .iter()
                .map(|text| format!("[codecarbon INFO @ {at}] {text}\n"))
                .collect()
        },
        look: |look, seen| {
            let at = &iso(look.at)[11..];
            let total = |part: Part| decimal(seen.iter().filter(|one| one.part() == part).map(|one| one.energy / 3_600_000).sum(), 6);
            vec![
                format!("[codecarbon INFO @ {at}] Energy consumed for RAM : {} kWh. RAM Power : 20.0 W", total(Part::Memory)),
                format!("[codecarbon INFO @ {at}] Energy consumed for all GPUs : {} kWh. Total GPU Power : 612.4 W", total(Part::Gpu)),
                format!("[codecarbon INFO @ {at}] Energy consumed for all CPUs : {} kWh. Total CPU Power : 140.0 W", total(Part::Cpu)),
            ]
        },
        ..SAMPLER
    },
    // AI Energy Score's report: watt-hours.
    Sampler {
        format: "ai_energy_score_json",
        path: "benchmark_report.json",
        order: Order::Whole,
        again: Again::Never,
        watches: ALL,
        one_each: true,
        meter: Meter::Total { sensor: false },
        clock: Clock::Lengths,
        unit: 3_600,
        look: |look, seen| {
            let wh = |part: Part| decimal(of(seen, part).energy / 3_600, 6);
            let (gpu, all) = (wh(Part::Gpu), decimal(sum(seen, |one| one.energy) / 3_600, 6));
            vec![format!(
                r#"{{"config": {{"backend": "pytorch", "model": "m"}}, "summary": {{"total_prompts": 10}}, "energy": {{"energy_wh": {gpu}, "gpu_energy_wh": {gpu}, "cpu_energy_wh": {}, "ram_energy_wh": {}, "total_energy_wh": {all}, "duration_seconds": {}, "emissions_g_co2eq": 89.3}}, "gpu_stats": {{"gpu_0": {{"power_draw_w": 410.0}}}}}}"#,
                wh(Part::Cpu),
                wh(Part::Memory),
                decimal(look.span(), 3)
            )]
        },
        ..SAMPLER
    },
    // Its summary: the sum beside its phases.
    Sampler {
        format: "ai_energy_score_summary",
        path: "summary.json",
        order: Order::Whole,
        again: Again::Never,
        watches: ALL,
        meter: Meter::Total { sensor: false },
        clock: Clock::None,
        unit: 3_600,
        look: |_, seen| {
            let all = sum(seen, |one| one.energy) / 3_600;
            let (some, rest) = (decimal(all / 10, 6), decimal(all - all / 10, 6));
            vec![format!(
                "{{\n  \"units\": \"Wh\",\n  \"total\": {},\n  \"format\": \"optimum\",\n  \"prefill_wh\": {some},\n  \"decode_wh\": {rest}\n}}",
                decimal(all, 6)
            )]
        },
        ..SAMPLER
    },
    // BoAmps reports of a meter, as rows of a table and as documents.
    Sampler {
        format: "boamps_csv",
        path: "reports.csv",
        order: Order::Whole,
        again: Again::Never,
        watches: ALL,
        meter: Meter::Total { sensor: false },
        clock: Clock::Lengths,
        unit: 36,
        head: |_, _| "header_reportId,measures_0_measurementMethod,measures_0_powerConsumption,measures_0_measurementDuration\n".into(),
        look: |look, seen| vec![format!("r{},wattmeter,{},{}", look.run(), kwh(sum(seen, |one| one.energy)), decimal(look.span(), 3))],
        ..SAMPLER
    },
    Sampler {
        format: "boamps_json",
        path: "report.json",
        order: Order::Whole,
        again: Again::Never,
        watches: ALL,
        meter: Meter::Total { sensor: false },
        clock: Clock::Lengths,
        unit: 36,
        look: |look, seen| {
            vec![format!(
                r#"{{"header": {{"formatVersion": "1.1.0", "reportId": "r{}"}}, "measures": [{{"measurementMethod": "wattmeter", "powerConsumption": {}, "measurementDuration": {}}}]}}"#,
                look.run(),
                kwh(sum(seen, |one| one.energy)),
                decimal(look.span(), 3)
            )]
        },
        ..SAMPLER
    },
    // optimum-benchmark, energy_star: phases that add, in kWh.
    Sampler {
        format: "optimum_benchmark_json",
        path: "optimum.json",
        order: Order::Whole,
        again: Again::Never,
        watches: ALL,
        one_each: true,
        meter: Meter::Total { sensor: false },
        clock: Clock::None,
        unit: 360,
        look: |_, seen| {
            let phase = |name: &str, share: fn(i64) -> i64| {
                let own = |part: Part| share(of(seen, part).energy);
                let (cpu, ram, gpu) = (own(Part::Cpu), own(Part::Memory), own(Part::Gpu));
                format!(
                    r#""{name}": {{"memory": null, "latency": null, "throughput": null, "energy": {{"unit": "kWh", "cpu": {}, "ram": {}, "gpu": {}, "total": {}}}, "efficiency": null}}"#,
                    kwh(cpu),
                    kwh(ram),
                    kwh(gpu),
                    kwh(cpu + ram + gpu)
                )
            };
            let phases = [phase("preprocess", |energy| energy / 10), phase("forward", |energy| energy - energy / 10)].join(", ");
            vec![format!(r#"{{"config": {{"scenario": {{"name": "energy_star", "energy": true}}}}, "report": {{{phases}}}}}"#)]
        },
        ..SAMPLER
    },
    // optimum-benchmark, of a training: all of it.
    Sampler {
        format: "optimum_benchmark_calls_json",
        path: "training.json",
        order: Order::Whole,
        again: Again::Never,
        watches: ALL,
        one_each: true,
        meter: Meter::Total { sensor: false },
        clock: Clock::None,
        unit: 36,
        look: |_, seen| {
            let own = |part: Part| kwh(of(seen, part).energy);
            let energy = format!(
                r#"{{"unit": "kWh", "cpu": {}, "ram": {}, "gpu": {}, "total": {}}}"#,
                own(Part::Cpu),
                own(Part::Memory),
                own(Part::Gpu),
                kwh(sum(seen, |one| one.energy))
            );
            let none = r#"{"memory": null, "latency": null, "throughput": null, "energy": null, "efficiency": null}"#;
            vec![format!(
                r#"{{"overall": {{"memory": null, "latency": null, "throughput": null, "energy": {energy}, "efficiency": {{"unit": "samples/kWh", "value": 3.0}}}}, "warmup": {none}, "train": {none}}}"#
            )]
        },
        ..SAMPLER
    },
    // MLPerf Training's log of a node: means since the reading before.
    Sampler {
        format: "mlperf_power",
        path: "node_0.txt",
        order: Order::Whole,
        watches: NODE,
        one_each: true,
        meter: Meter::Mean { first: false },
        step: 100,
        look: |look, seen| {
            vec![format!(
                r#":::MLLOG {{"namespace": "", "time_ms": {}, "event_type": "POINT_IN_TIME", "key": "power_reading", "value": {}, "metadata": {{"file": "power.py", "lineno": 1}}}}"#,
                look.at,
                seen[0].watts(1)
            )]
        },
        ..SAMPLER
    },
];
