//! Samplers that people run beside a training: each writes the power that it sees in the words of its tool. The variant says which.

use super::{Logger, Row, Sheet, Written, claim, gap, node_claim, node_power};
use crate::scene::{Device, Part, World};
use crate::stamps::{asctime, compact, decimal, epoch, iso, iso_utc};
use crate::truth::{Claim, Means};

pub static LOGGER: Logger = Logger { name: "samplers", write };

/// A sampler: a few words on how its log looks.
pub struct Sampler {
    /// Where its log lies.
    pub path: &'static str,
    pub watches: &'static [Part],
    /// Whether it watches one device of each kind, not all.
    pub one_each: bool,
    /// Its stamps are multiples of so many ms.
    stamp: i64,
    /// The last digit that it prints, mW.
    step: i64,
    head: fn(&[Seen<'_>]) -> String,
    /// What it writes at one look. Each line stands for itself, or all are one record.
    look: fn(i64, &[Seen<'_>]) -> Vec<String>,
    /// Whether each device of a look is a reading of its own, though they stand in one record.
    is_read_one_by_one: bool,
}

/// A device, or the node where there is none, and the mW that are seen.
struct Seen<'w> {
    device: Option<&'w Device>,
    power: i64,
}

impl Seen<'_> {
    fn index(&self) -> usize {
        self.device.map_or(0, |device| device.index)
    }

    fn uuid(&self) -> &str {
        self.device.map_or("", |device| &device.uuid)
    }

    fn watts(&self, digits: u32) -> String {
        decimal(self.power / 10i64.pow(3 - digits), digits)
    }
}

const GPUS: &[Part] = &[Part::Gpu];
const NODE: &[Part] = &[Part::Node];

fn nothing(_: &[Seen<'_>]) -> String {
    String::new()
}

/// One line of names and values a look.
fn line(at: String, seen: &[Seen<'_>], value: fn(&Seen<'_>) -> String) -> Vec<String> {
    vec![seen.iter().fold(at, |line, one| line + &value(one))]
}

/// `date` before what was seen.
fn dated(at: i64, lines: String) -> Vec<String> {
    vec![format!("{} UTC {}\n{lines}", &asctime(at)[..19], &asctime(at)[20..])]
}

fn joined(seen: &[Seen<'_>], between: &str, of: fn(&Seen<'_>) -> String) -> String {
    seen.iter().map(of).collect::<Vec<_>>().join(between)
}

pub const SAMPLERS: &[Sampler] = &[
    // nvidia-smi dmon -s p -o DT
    Sampler {
        path: "dmon.txt",
        is_read_one_by_one: false,
        watches: GPUS,
        one_each: false,
        stamp: 1_000,
        step: 1_000,
        head: |_| "#Date       Time        gpu    pwr  gtemp  mtemp\n#YYYYMMDD   HH:MM:SS    Idx      W      C      C\n".into(),
        look: |at, seen| {
            seen.iter().map(|one| format!(" {}   {:>5} {:>6} {:>6} {:>6}", compact(at), one.index(), one.watts(0), 55, "-")).collect()
        },
    },
    // nvidia-smi stats -d pwrDraw
    Sampler {
        path: "stats.txt",
        is_read_one_by_one: false,
        watches: GPUS,
        one_each: false,
        stamp: 1,
        step: 1_000,
        head: nothing,
        look: |at, seen| seen.iter().map(|one| format!("{}, pwrDraw , {at}000, {}", one.index(), one.watts(0))).collect(),
    },
    // nvidia-smi -q -d POWER -l
    Sampler {
        path: "power.txt",
        is_read_one_by_one: true,
        watches: GPUS,
        one_each: false,
        stamp: 1_000,
        step: 10,
        head: nothing,
        look: |at, seen| {
            let of = |one: &Seen<'_>| {
                let watts = one.watts(2);
                format!(
                    "GPU 00000000:{:02X}:00.0\n    Power Readings\n        Power Management                  : Supported\n        Power Draw                        : {watts} W\n        Power Limit                       : 400.00 W\n",
                    0x10 + one.index()
                )
            };
            let boards: String = seen.iter().map(of).collect();
            let (head, count) = ("\n==============NVSMI LOG==============\n", seen.len());
            vec![format!(
                "{head}\nTimestamp                                 : {}\nDriver Version                            : 470.82.01\nCUDA Version                              : 11.4\n\nAttached GPUs                             : {count}\n{boards}",
                asctime(at)
            )]
        },
    },
    // W&B's events of the run's folder.
    Sampler {
        path: "wandb-events.jsonl",
        is_read_one_by_one: false,
        watches: GPUS,
        one_each: false,
        stamp: 1_000,
        step: 1,
        head: nothing,
        look: |at, seen| {
            let powers = joined(seen, ", ", |one| {
                let (gpu, watts) = (one.index(), one.watts(3));
                format!(
                    r#""system.gpu.{gpu}.powerWatts": {watts}, "system.gpu.process.{gpu}.powerWatts": {watts}, "system.gpu.{gpu}.powerPercent": 40.1"#
                )
            });
            vec![format!(r#"{{{powers}, "system.cpu": 65.27, "_wandb": true, "_timestamp": {}, "_runtime": 0}}"#, at / 1_000)]
        },
    },
    // W&B's run.history(stream="events") as a table.
    Sampler {
        path: "history.csv",
        is_read_one_by_one: false,
        watches: GPUS,
        one_each: false,
        stamp: 1,
        step: 1,
        head: |seen| {
            line(",_timestamp".into(), seen, |one| {
                format!(",system.gpu.{0}.powerWatts,system.gpu.{0}.enforcedPowerLimitWatts", one.index())
            })
            .concat()
                + "\n"
        },
        look: |at, seen| line(format!("0,{}", epoch(at)), seen, |one| format!(",{},350", one.watts(3))),
    },
    // MLflow's file of one metric.
    Sampler {
        path: "mlruns/1/5f0c/metrics/system/gpu_0_power_usage_watts",
        is_read_one_by_one: false,
        watches: GPUS,
        one_each: true,
        stamp: 1,
        step: 1,
        head: nothing,
        look: |at, seen| line(format!("{at} "), seen, |one| format!("{} 0", one.watts(3))),
    },
    // trackio's export of system metrics, with a total that is the sum.
    Sampler {
        path: "demo_system.csv",
        is_read_one_by_one: false,
        watches: GPUS,
        one_each: false,
        stamp: 1,
        step: 1,
        head: |seen| {
            line("timestamp,run_name".into(), seen, |one| format!(",gpu/{0}/power,gpu/{0}/power_limit", one.index())).concat()
                + ",gpu/total_power\n"
        },
        look: |at, seen| {
            let total: i64 = seen.iter().map(|one| one.power).sum();
            let of = line(format!("{},laced-sun", iso_utc(at)), seen, |one| format!(",{},700", one.watts(3)));
            vec![of.concat() + "," + &decimal(total, 3)]
        },
    },
    // A loop of `date` and the text of DCGM's exporter.
    Sampler {
        path: "metrics.prom",
        is_read_one_by_one: true,
        watches: GPUS,
        one_each: false,
        stamp: 1_000,
        step: 1,
        head: nothing,
        look: |at, seen| {
            let lines = joined(seen, "\n", |one| {
                format!(r#"DCGM_FI_DEV_POWER_USAGE{{gpu="{}",UUID="{}",Hostname="a"}} {}"#, one.index(), one.uuid(), one.watts(3))
            });
            dated(at, format!("# TYPE DCGM_FI_DEV_POWER_USAGE gauge\n{lines}"))
        },
    },
    // A loop of Prometheus' instant query.
    Sampler {
        path: "query.json",
        is_read_one_by_one: false,
        watches: GPUS,
        one_each: false,
        stamp: 1,
        step: 1,
        head: nothing,
        look: |at, seen| {
            // Each answer holds the moment of its question.
            let of = |one: &Seen<'_>| {
                let name =
                    format!(r#""__name__":"DCGM_FI_DEV_POWER_USAGE","gpu":"{}","UUID":"{}","Hostname":"a""#, one.index(), one.uuid());
                format!(r#"{{"metric":{{{name}}},"value":[{},"{}"]}}"#, epoch(at), one.watts(3))
            };
            let all = seen.iter().map(of).collect::<Vec<_>>().join(",");
            vec![format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{all}]}}}}"#)]
        },
    },
    // Telegraf's plugin of nvidia-smi, as line protocol.
    Sampler {
        path: "telegraf.lp",
        is_read_one_by_one: false,
        watches: GPUS,
        one_each: false,
        stamp: 1,
        step: 10,
        head: nothing,
        look: |at, seen| {
            let of = |one: &Seen<'_>| {
                format!(
                    "nvidia_smi,host=a,index={},uuid={} fan_speed=30i,power_draw={},temperature_gpu=55i {at}000000",
                    one.index(),
                    one.uuid(),
                    one.watts(2)
                )
            };
            seen.iter().map(of).collect()
        },
    },
    // amd-smi monitor --csv, with its stamps of whole seconds.
    Sampler {
        path: "amd.csv",
        is_read_one_by_one: false,
        watches: GPUS,
        one_each: false,
        stamp: 1_000,
        step: 1_000,
        head: |_| "timestamp,gpu,socket_power,gfx_voltage\n".into(),
        look: |at, seen| seen.iter().map(|one| format!("{},{},{},N/A", at / 1_000, one.index(), one.watts(0))).collect(),
    },
    // zeus power monitor
    Sampler {
        path: "zeus.csv",
        is_read_one_by_one: false,
        watches: GPUS,
        one_each: false,
        stamp: 1,
        step: 1,
        head: |seen| line("Time".into(), seen, |one| format!(",power_gpu{}", one.index())).concat() + "\n",
        look: |at, seen| line(epoch(at) + "000", seen, |one| format!(",{}", one.watts(3))),
    },
    // HWiNFO's table of sensors.
    Sampler {
        path: "hwinfo.csv",
        is_read_one_by_one: false,
        watches: &[Part::Cpu, Part::Gpu],
        one_each: true,
        stamp: 1,
        step: 100,
        head: |_| "Date,Time,\"CPU Package Power [W]\",\"CPU Package [°C]\",\"GPU Power [W]\"\n".into(),
        look: |at, seen| {
            let (date, time) = (iso(at)[..10].to_owned(), iso_utc(at)[11..23].to_owned());
            vec![format!("{date},{time},{}", joined(seen, ",60,", |one| one.watts(1)))]
        },
    },
    // GPU-Z's log of sensors.
    Sampler {
        path: "GPU-Z Sensor Log.txt",
        is_read_one_by_one: false,
        watches: GPUS,
        one_each: true,
        stamp: 1_000,
        step: 100,
        head: |_| "        Date        , GPU Clock [MHz] , Board Power Draw [W] , GPU Voltage [V] ,\n".into(),
        look: |at, seen| {
            line(format!("{} ,          99.8   ,", iso(at).replace('T', " ")), seen, |one| {
                format!("         {}   ,             -   ,", one.watts(1))
            })
        },
    },
    // s-tui -c
    Sampler {
        path: "s-tui_log.csv",
        is_read_one_by_one: false,
        watches: &[Part::Cpu, Part::Memory],
        one_each: false,
        stamp: 1_000,
        step: 100,
        head: |_| "Time,Frequency:Avg,Util:Avg,\"Power:package-0,0\",\"Power:dram,0\"\n".into(),
        look: |at, seen| line(iso(at).replace('T', "_") + ",2445.4,100.0", seen, |one| format!(",{}", one.watts(1))),
    },
    // ipmitool dcmi power reading, after `date`.
    Sampler {
        path: "ipmi.txt",
        is_read_one_by_one: false,
        watches: NODE,
        one_each: true,
        stamp: 1_000,
        step: 1_000,
        head: nothing,
        look: |at, seen| {
            let watts = joined(seen, "", |one| one.watts(0));
            let lines = [
                format!("    Instantaneous power reading:                  {watts:>4} Watts"),
                String::from("    Minimum during sampling period:                160 Watts"),
                String::from("    Maximum during sampling period:               1893 Watts"),
                String::from("    Average power reading over sample period:      711 Watts"),
                format!("    IPMI timestamp:                           {}", asctime(at)),
                String::from("    Sampling period:                          00000001 Seconds."),
                String::from("    Power reading state is:                   activated\n"),
            ];
            dated(at, format!("\n{}", lines.join("\n")))
        },
    },
    // Redfish, asked in a loop.
    Sampler {
        path: "redfish.jsonl",
        is_read_one_by_one: false,
        watches: NODE,
        one_each: true,
        stamp: 1_000,
        step: 1_000,
        head: nothing,
        look: |at, seen| {
            let watts = joined(seen, "", |one| one.watts(0));
            let control = format!(
                r#""PowerControl": [{{"Name": "System Power Control", "PowerConsumedWatts": {watts}, "PowerCapacityWatts": 3200}}]"#
            );
            vec![format!(r#"{{"time": "{}Z", {control}, "PowerSupplies": [{{"PowerInputWatts": {watts}}}]}}"#, iso(at))]
        },
    },
];

fn write(world: &World, number: usize) -> Written {
    let log = &world.logs[number];
    let sampler = &SAMPLERS[log.variant];
    let devices: Vec<Option<&Device>> = if sampler.watches == NODE { vec![None] } else { world.watched(log).map(Some).collect() };
    let mut runs = vec![Vec::new(); devices.len()];
    let mut sheets = Vec::new();
    for ticks in log.ticks() {
        runs.iter_mut().for_each(|run| run.push(Vec::new()));
        let mut sheet = Sheet::default();
        for tick in ticks {
            let at = tick / sampler.stamp * sampler.stamp;
            let power = |device: &Option<&Device>| match device {
                Some(device) => log.seen(device.part, device.load.power(at)),
                None => log.seen(Part::Node, node_power(world, log, at)),
            };
            let seen: Vec<Seen<'_>> =
                devices.iter().map(|device| Seen { device: *device, power: power(device) / sampler.step * sampler.step }).collect();
            for (run, one) in runs.iter_mut().zip(&seen) {
                run.last_mut().expect("a run").push((at, one.power));
            }
            if sheet.rows.is_empty() {
                sheet.head = (sampler.head)(&seen);
            }
            sheet.rows.extend((sampler.look)(at, &seen).into_iter().map(|text| Row { at, text }));
        }
        if sampler.is_read_one_by_one {
            sheet.readings = Some(sheet.rows.len() * devices.len());
        }
        sheets.push(sheet);
    }
    let claims = runs
        .into_iter()
        .enumerate()
        .map(|(at, runs)| {
            let stretches = Claim::of_power(runs, gap(log));
            if sampler.watches == NODE {
                node_claim(world, number, Means::Power, stretches)
            } else {
                claim(world, number, at, Means::Power, stretches)
            }
        })
        .collect();
    Written { sheets, claims, repeated: 0 }
}
