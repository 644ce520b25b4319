//! What runs on Apple's machines.

use super::{CPU_AND_GPU, Meter, NODE, Order, SAMPLER, Sampler, of, sum};
use crate::scene::Part;
use crate::stamps::{asctime, iso, iso_utc};

pub const SAMPLERS: &[Sampler] = &[
    // powermetrics --samplers cpu_power,gpu_power: means of an interval whose length it prints; stamps are cut to seconds.
    Sampler {
        format: "powermetrics",
        path: "powermetrics.txt",
        order: Order::Told,
        watches: CPU_AND_GPU,
        one_each: true,
        meter: Meter::Mean { first: true },
        repeats: 1,
        head: |_, _| "Machine model: Mac14,2\nOS version: 22G120\n\n".into(),
        look: |look, seen| {
            let (at, mw) = (asctime(look.at), |part| of(seen, part).power);
            let powers = format!(
                "CPU Power: {} mW\nGPU Power: {} mW\nANE Power: 0 mW\nCombined Power (CPU + GPU + ANE): {} mW\n",
                mw(Part::Cpu),
                mw(Part::Gpu),
                sum(seen, |one| one.power)
            );
            vec![format!(
                "*** Sampled system activity ({} +0000) ({}.00ms elapsed) ***\n\n**** Processor usage ****\n\nE-Cluster Power: 100 mW\n{powers}\n**** GPU usage ****\n\nGPU Power: {} mW\n",
                at,
                look.span(),
                mw(Part::Gpu)
            )]
        },
        ..SAMPLER
    },
    // powermetrics -f plist: property lists with a NUL between them.
    Sampler {
        format: "powermetrics_plist",
        path: "powermetrics.plist",
        order: Order::Told,
        watches: CPU_AND_GPU,
        one_each: true,
        meter: Meter::Interval,
        unit: 1_000,
        look: |look, seen| {
            let (cpu, gpu) = (of(seen, Part::Cpu).energy / 1_000, of(seen, Part::Gpu).energy / 1_000);
            let nul = if look.number == 0 { "" } else { "\0" };
            let processor = format!(
                "<key>processor</key>\n<dict>\n<key>cpu_energy</key><integer>{cpu}</integer>\n<key>gpu_energy</key><integer>{gpu}</integer>\n<key>ane_energy</key><integer>0</integer>\n</dict>"
            );
            vec![format!(
                "{nul}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n<dict>\n<key>is_delta</key><true/>\n<key>elapsed_ns</key><integer>{}000000</integer>\n<key>hw_model</key><string>Mac15,9</string>\n<key>timestamp</key><date>{}Z</date>\n{processor}\n<key>gpu</key>\n<dict>\n<key>gpu_energy</key><integer>{gpu}</integer>\n<key>idle_ratio</key><real>0.1</real>\n</dict>\n</dict>\n</plist>",
                look.span(),
                iso(look.at)
            )]
        },
        ..SAMPLER
    },
    // macmon pipe
    Sampler {
        format: "macmon",
        path: "macmon.jsonl",
        watches: NODE,
        one_each: true,
        look: |look, seen| {
            vec![format!(
                r#"{{"timestamp":"{}000+00:00","temp":{{"cpu_temp_avg":43.7}},"ecpu_usage":[1181,0.08],"cpu_power":0.0,"gpu_power":0.0,"ane_power":0.0,"all_power":0.0,"sys_power":{},"ram_power":0.0}}"#,
                &iso_utc(look.at)[..23],
                seen[0].watts(3)
            )]
        },
        ..SAMPLER
    },
];
