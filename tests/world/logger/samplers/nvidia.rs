//! What NVIDIA's own tools write.

use super::{Again, Clock, Meter, Order, Readings, SAMPLER, Sampler, Seen, joined, lines};
use crate::stamps::{asctime, compact, iso_utc};

pub const SAMPLERS: &[Sampler] = &[
    // nvidia-smi dmon -s p -o DT
    Sampler {
        format: "nvidia_smi_dmon",
        path: "dmon.txt",
        stamp: 1_000,
        step: 1_000,
        head: |_, _| "#Date       Time        gpu    pwr  gtemp  mtemp\n#YYYYMMDD   HH:MM:SS    Idx      W      C      C\n".into(),
        look: |look, seen| {
            seen.iter().map(|one| format!(" {}   {:>5} {:>6} {:>6} {:>6}", compact(look.at), one.index(), one.watts(0), 55, "-")).collect()
        },
        ..SAMPLER
    },
    // nvidia-smi stats -d pwrDraw
    Sampler {
        format: "nvidia_smi_stats",
        path: "stats.txt",
        step: 1_000,
        look: |look, seen| lines(seen, |one| format!("{}, pwrDraw , {}000, {}", one.index(), look.at, one.watts(0))),
        ..SAMPLER
    },
    // nvidia-smi -q -d POWER -l
    Sampler {
        format: "nvidia_smi_q",
        path: "power.txt",
        order: Order::Kept,
        readings: Readings::Devices,
        stamp: 1_000,
        step: 10,
        look: |look, seen| {
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
                asctime(look.at)
            )]
        },
        ..SAMPLER
    },
    // nvidia-smi -q -d POWER -l, as drivers since 570 print it: the memory is a part of the board.
    Sampler {
        format: "nvidia_smi_q",
        path: "q.txt",
        order: Order::Kept,
        readings: Readings::Devices,
        stamp: 1_000,
        step: 10,
        look: |look, seen| {
            let boards = joined(seen, "", |one| {
                let (bus, watts) = (0x10 + one.index(), one.watts(2));
                format!(
                    "GPU 00000000:{bus:02X}:00.0\n    GPU Power Readings\n        Average Power Draw                : {watts} W\n        Instantaneous Power Draw          : 71.00 W\n        Current Power Limit               : 700.00 W\n    GPU Memory Power Readings\n        Average Power Draw                : 44.00 W\n        Instantaneous Power Draw          : 44.00 W\n    Module Power Readings\n        Average Power Draw                : N/A\n        Instantaneous Power Draw          : N/A\n"
                )
            });
            let head = "==============NVSMI LOG==============";
            vec![format!(
                "\n{head}\n\nTimestamp                                 : {}\nDriver Version                            : 580.95.05\nCUDA Version                              : 13.0\n\nAttached GPUs                             : {}\n{boards}",
                asctime(look.at),
                seen.len()
            )]
        },
        ..SAMPLER
    },
    // nvidia-smi -q -x -l: whole documents one after the other.
    Sampler {
        format: "nvidia_smi_xml",
        path: "power.xml",
        order: Order::Kept,
        readings: Readings::Devices,
        stamp: 1_000,
        step: 10,
        look: |look, seen| {
            let boards = joined(seen, "", |one| {
                let (bus, uuid, watts) = (0x10 + one.index(), one.uuid(), one.watts(2));
                // The board's own name and limit: what it draws is held against them.
                let (model, limit) = one.device.map_or(("", 0), |device| (device.model, device.rated));
                format!(
                    "\t<gpu id=\"00000000:{bus:02X}:00.0\">\n\t\t<product_name>{model}</product_name>\n\t\t<uuid>{uuid}</uuid>\n\t\t<gpu_power_readings>\n\t\t\t<power_state>P0</power_state>\n\t\t\t<power_draw>{watts} W</power_draw>\n\t\t\t<current_power_limit>{limit}.00 W</current_power_limit>\n\t\t</gpu_power_readings>\n\t\t<module_power_readings>\n\t\t\t<power_draw>N/A</power_draw>\n\t\t</module_power_readings>\n\t</gpu>\n\n"
                )
            });
            vec![format!(
                "<?xml version=\"1.0\" ?>\n<!DOCTYPE nvidia_smi_log SYSTEM \"nvsmi_device_v12.dtd\">\n<nvidia_smi_log>\n\t<timestamp>{}</timestamp>\n\t<driver_version>550.90.07</driver_version>\n\t<attached_gpus>{}</attached_gpus>\n{boards}</nvidia_smi_log>",
                asctime(look.at),
                seen.len()
            )]
        },
        ..SAMPLER
    },
    // nvidia-smi -l: the table that everybody knows.
    Sampler {
        format: "nvidia_smi_table",
        path: "smi.txt",
        order: Order::Kept,
        readings: Readings::Devices,
        stamp: 1_000,
        step: 1_000,
        look: |look, seen| {
            let (line, wide) = (format!("{0:-<41}+{0:-<24}+{0:-<22}", ""), "-".repeat(89));
            let boards = joined(seen, "", |one| {
                format!(
                    "|{:>4}  NVIDIA H100 80GB HBM3 ...     Off  |   00000000:{:02X}:00.0 Off |                    0 |\n| N/A   42C    P0           {:>4}W /  700W |   61234MiB /  81559MiB |     98%      Default |\n|                                         |                        |             Disabled |\n+{line}+\n",
                    one.index(),
                    0x10 + one.index(),
                    one.watts(0)
                )
            });
            vec![format!(
                "{}       \n+{wide}+\n| NVIDIA-SMI 550.54.15              Driver Version: 550.54.15      CUDA Version: 12.4     |\n|{}|\n| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |\n| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |\n|                                         |                        |               MIG M. |\n|{}|\n{boards}\n+{wide}+\n| Processes:                                                                              |\n|  GPU   GI   CI        PID   Type   Process name                              GPU Memory |\n|        ID   ID                                                               Usage      |\n|{3:=<89}|\n|    0   N/A  N/A     12345      C   python train.py                             61224MiB |\n+{wide}+",
                asctime(look.at),
                line,
                line.replace('-', "="),
                ""
            )]
        },
        ..SAMPLER
    },
    // dcgmi dmon -e 155,156,203: no clock, and a counter of the driver that needs none.
    Sampler {
        format: "dcgmi_dmon",
        path: "dcgmi.txt",
        order: Order::Kept,
        again: Again::FileEach,
        meter: Meter::Counter { power: false },
        clock: Clock::None,
        unit: 1_000,
        look: |look, seen| {
            let mut lines =
                lines(seen, |one| format!("GPU {:<11} {:<15} {:<15} {:<15}", one.index(), one.watts(3), one.joules(3).replace('.', ""), 0));
            if look.number % 14 == 0 {
                lines[0].insert_str(0, "#Entity         POWER           TOTEC           GPUTL           \nID              W               mJ                              \n");
            }
            lines
        },
        ..SAMPLER
    },
    // gpustat -P in a loop.
    Sampler {
        format: "gpustat",
        path: "gpustat.txt",
        order: Order::Kept,
        readings: Readings::Devices,
        stamp: 1_000,
        step: 1_000,
        look: |look, seen| {
            let board = |one: &Seen<'_>| {
                let (gpu, model, watts) = (one.index(), one.model(), one.watts(0));
                format!("[{gpu}] {model} | 45°C,  90 %,  {watts} / 400 W | 12345 / 40960 MB | alice(1234M)")
            };
            vec![format!("a                     {}  535.104.05\n{}", asctime(look.at), joined(seen, "\n", board))]
        },
        ..SAMPLER
    },
    // gpustat --json in a loop.
    Sampler {
        format: "gpustat_json",
        path: "gpustat.json",
        order: Order::Kept,
        step: 1_000,
        look: |look, seen| {
            let board = |one: &Seen<'_>| {
                format!(
                    r#"{{"index": {}, "uuid": "{}", "name": "{}", "power.draw": {}, "enforced.power.limit": 400, "processes": []}}"#,
                    one.index(),
                    one.uuid(),
                    one.model(),
                    one.watts(0)
                )
            };
            let at = iso_utc(look.at);
            vec![format!(r#"{{"hostname": "a", "query_time": "{}", "gpus": [{}]}}"#, at.trim_end_matches('Z'), joined(seen, ", ", board))]
        },
        ..SAMPLER
    },
];
