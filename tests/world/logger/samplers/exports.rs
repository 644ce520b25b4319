//! What trackers of experiments write or export: W&B, MLflow, trackio.

use super::{Again, CPU_AND_GPU, Clock, Meter, Order, Part, SAMPLER, Sampler, Seen, joined, line};
use crate::stamps::{decimal, epoch, iso_utc};

pub const SAMPLERS: &[Sampler] = &[
    // W&B's events of the run's folder.
    Sampler {
        format: "wandb_events",
        path: "wandb-events.jsonl",
        stamp: 1_000,
        look: |look, seen| {
            let powers = joined(seen, ", ", |one| {
                let (gpu, watts) = (one.index(), one.watts(3));
                format!(
                    r#""system.gpu.{gpu}.powerWatts": {watts}, "system.gpu.process.{gpu}.powerWatts": {watts}, "system.gpu.{gpu}.powerPercent": 40.1"#
                )
            });
            vec![format!(r#"{{{powers}, "system.cpu": 65.27, "_wandb": true, "_timestamp": {}, "_runtime": 0}}"#, look.at / 1_000)]
        },
        ..SAMPLER
    },
    // W&B's run.history(stream="events") as a table.
    Sampler {
        format: "wandb_history_csv",
        path: "history.csv",
        head: |_, seen| {
            line(",_timestamp".into(), seen, |one| {
                format!(",system.gpu.{0}.powerWatts,system.gpu.{0}.enforcedPowerLimitWatts", one.index())
            })
            .concat()
                + "\n"
        },
        look: |look, seen| line(format!("0,{}", epoch(look.at)), seen, |one| format!(",{},350", one.watts(3))),
        ..SAMPLER
    },
    // MLflow's file of one metric.
    Sampler {
        format: "mlflow_metric",
        path: "mlruns/1/5f0c/metrics/system/gpu_0_power_usage_watts",
        order: Order::Named,
        one_each: true,
        look: |look, seen| line(format!("{} ", look.at), seen, |one| format!("{} 0", one.watts(3))),
        ..SAMPLER
    },
    // trackio's export of system metrics, with a total that is the sum.
    Sampler {
        format: "trackio_csv",
        path: "demo_system.csv",
        head: |_, seen| {
            line("timestamp,run_name".into(), seen, |one| format!(",gpu/{0}/power,gpu/{0}/power_limit", one.index())).concat()
                + ",gpu/total_power\n"
        },
        look: |look, seen| {
            let total: i64 = seen.iter().map(|one| one.power).sum();
            let of = line(format!("{},laced-sun", iso_utc(look.at)), seen, |one| format!(",{},700", one.watts(3)));
            vec![of.concat() + "," + &decimal(total, 3)]
        },
        ..SAMPLER
    },
    // A panel of W&B's workspace: each value stands there three times.
    Sampler {
        format: "wandb_panel_csv",
        path: "wandb_export.csv",
        order: Order::Kept,
        clock: Clock::Lengths,
        again: Again::Never,
        head: |look, seen| {
            line("\"Relative Time (Process)\"".into(), seen, |one| {
                let name = format!("laced-sun-{} - system/gpu.{}.powerWatts", look.run(), one.index());
                format!(r#","{name}","{name}__MIN","{name}__MAX""#)
            })
            .concat()
                + "\n"
        },
        look: |look, seen| {
            line(format!("\"{}\"", decimal(look.at - look.start, 3)), seen, |one| format!(r#","{0}","{0}","{0}""#, one.watts(3)))
        },
        ..SAMPLER
    },
    // The metrics of trackio's store, one object a line, with a counter that begins with the run.
    Sampler {
        format: "trackio_json",
        path: "trackio.jsonl",
        again: Again::FileEach,
        meter: Meter::Counter { power: true },
        unit: 1_000,
        look: |look, seen| {
            let boards = joined(seen, "", |one| {
                let gpu = one.index();
                format!(
                    r#", "gpu/{gpu}/utilization": 90, "gpu/{gpu}/power": {}, "gpu/{gpu}/power_limit": 700.0, "gpu/{gpu}/energy_consumed": {}"#,
                    one.watts(3),
                    one.joules(3)
                )
            });
            vec![format!(r#"{{"timestamp": "{}+00:00"{boards}}}"#, &iso_utc(look.at)[..23])]
        },
        ..SAMPLER
    },
    // What nvitop's collector collected, as a table: of each board the last reading counts.
    Sampler {
        format: "nvitop_csv",
        path: "nvitop.csv",
        again: Again::WithHead,
        head: |_, seen| {
            line("train/host/cpu_percent (%)/last".into(), seen, |one| {
                format!(",train/gpu:{0}/power_usage (W)/mean,train/gpu:{0}/power_usage (W)/last", one.index())
            })
            .concat()
                + ",train/timestamp,train/last_timestamp\n"
        },
        look: |look, seen| {
            let of = line("50.0".into(), seen, |one| format!(",111.0,{}", one.watts(3)));
            vec![format!("{},{1},{1}", of.concat(), epoch(look.at))]
        },
        ..SAMPLER
    },
    // An object a line, as a script writes it.
    Sampler {
        format: "generic_json",
        path: "power.jsonl",
        watches: CPU_AND_GPU,
        look: |look, seen| {
            let of = |one: &Seen<'_>| match one.part() {
                Part::Cpu => format!(r#""cpu{}_w": {}"#, one.index(), one.watts(3)),
                _ => format!(r#""gpu{}_w": {}"#, one.index(), one.watts(3)),
            };
            vec![format!(r#"{{"time": {}, {}}}"#, epoch(look.at), joined(seen, ", ", of))]
        },
        ..SAMPLER
    },
];
