//! What monitoring systems scrape and store: Prometheus and its exporters, Telegraf, collectd, OpenTelemetry, Scaphandre.

use super::{Again, Meter, Order, PACKAGE_AND_MEMORY, Readings, SAMPLER, Sampler, Seen, Series, dated, joined, line, lines, of, sum};
use crate::scene::Part;
use crate::stamps::{epoch, iso_utc};

pub const SAMPLERS: &[Sampler] = &[
    // A panel of Grafana as CSV: a column a series.
    Sampler {
        format: "grafana_csv",
        path: "panel.csv",
        head: |_, seen| {
            let series = |one: &Seen<'_>| format!(r#","DCGM_FI_DEV_POWER_USAGE{{gpu=""{}"", UUID=""{}""}}""#, one.index(), one.uuid());
            format!("\"Time\"{}\n", seen.iter().map(series).collect::<String>())
        },
        look: |look, seen| line(look.at.to_string(), seen, |one| format!(",{}", one.watts(3))),
        ..SAMPLER
    },
    // A loop of `date` and the text of DCGM's exporter.
    Sampler {
        format: "prometheus_text",
        path: "metrics.prom",
        order: Order::Kept,
        readings: Readings::Devices,
        stamp: 1_000,
        look: |look, seen| {
            let lines = joined(seen, "\n", |one| {
                format!(r#"DCGM_FI_DEV_POWER_USAGE{{gpu="{}",UUID="{}",Hostname="a"}} {}"#, one.index(), one.uuid(), one.watts(3))
            });
            dated(look.at, format!("# TYPE DCGM_FI_DEV_POWER_USAGE gauge\n{lines}"))
        },
        ..SAMPLER
    },
    // A loop of Prometheus' instant query.
    Sampler {
        format: "prometheus_api",
        path: "query.json",
        look: |look, seen| {
            // Each answer holds the moment of its question.
            let of = |one: &Seen<'_>| {
                let name =
                    format!(r#""__name__":"DCGM_FI_DEV_POWER_USAGE","gpu":"{}","UUID":"{}","Hostname":"a""#, one.index(), one.uuid());
                format!(r#"{{"metric":{{{name}}},"value":[{},"{}"]}}"#, epoch(look.at), one.watts(3))
            };
            let all = seen.iter().map(of).collect::<Vec<_>>().join(",");
            vec![format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{all}]}}}}"#)]
        },
        ..SAMPLER
    },
    // Telegraf's plugin of nvidia-smi, as line protocol.
    Sampler {
        format: "telegraf_influx",
        path: "telegraf.lp",
        step: 10,
        look: |look, seen| {
            let of = |one: &Seen<'_>| {
                format!(
                    "nvidia_smi,host=a,index={},uuid={} fan_speed=30i,power_draw={},temperature_gpu=55i {}000000",
                    one.index(),
                    one.uuid(),
                    one.watts(2),
                    look.at
                )
            };
            lines(seen, of)
        },
        ..SAMPLER
    },
    // What `curl` appends of node_exporter, with a comment before each: RAPL, whose core lies in the package.
    Sampler {
        format: "prometheus_text",
        path: "node.prom",
        order: Order::Kept,
        again: Again::FileEach,
        watches: PACKAGE_AND_MEMORY,
        readings: Readings::Devices,
        meter: Meter::Counter { power: false },
        look: |look, seen| {
            let zones = joined(seen, "\n", |one| {
                let (name, path) = if one.part() == Part::Cpu { ("package", "intel-rapl:0") } else { ("dram", "intel-rapl:0:1") };
                let metric = format!("node_rapl_{name}_joules_total");
                format!(
                    "# HELP {metric} Current RAPL {name} value in joules\n# TYPE {metric} counter\n{metric}{{index=\"0\",path=\"/sys/class/powercap/{path}\"}} {}",
                    one.joules(6)
                )
            });
            vec![format!("# scraped at {}\n{zones}", iso_utc(look.at))]
        },
        ..SAMPLER
    },
    // Kepler since 0.10: zones of a node, and what of them a container is said to use.
    Sampler {
        format: "prometheus_text",
        path: "kepler.prom",
        order: Order::Kept,
        again: Again::FileEach,
        watches: PACKAGE_AND_MEMORY,
        readings: Readings::Devices,
        meter: Meter::Counter { power: false },
        unit: 1_000,
        look: |look, seen| {
            let zones = joined(seen, "\n", |one| {
                let (zone, path) = if one.part() == Part::Cpu { ("package", "intel-rapl:0") } else { ("dram", "intel-rapl:0:1") };
                format!(
                    "kepler_node_cpu_joules_total{{node_name=\"node-a\",zone=\"{zone}\",path=\"/sys/class/powercap/{path}\"}} {}",
                    one.joules(3)
                )
            });
            vec![format!(
                "# scraped at {}\n# HELP kepler_node_cpu_joules_total Energy consumption of cpu at node level in joules\n# TYPE kepler_node_cpu_joules_total counter\n{zones}",
                iso_utc(look.at)
            )]
        },
        ..SAMPLER
    },
    // Prometheus' range query: one series after the other.
    Sampler {
        format: "prometheus_api",
        path: "query_range.json",
        order: Order::Whole,
        // Each query is a document of its own.
        again: Again::WithHead,
        series: Some(Series {
            open: |one| {
                let own = format!(r#""Hostname":"a","UUID":"{}","__name__":"DCGM_FI_DEV_POWER_USAGE","gpu":"{}""#, one.uuid(), one.index());
                format!(r#"{{"metric":{{{own}}},"values":["#)
            },
            close: "]}",
            between: ",",
        }),
        head: |_, _| r#"{"status":"success","data":{"resultType":"matrix","result":["#.into(),
        look: |look, seen| {
            line(format!(r#"{}[{},""#, if look.number == 0 { "" } else { "," }, epoch(look.at)), seen, |one| one.watts(3) + "\"]")
        },
        foot: |_, _| "]}}\n".into(),
        ..SAMPLER
    },
    // promtool query range
    Sampler {
        format: "prometheus_promtool",
        path: "promtool.txt",
        order: Order::Whole,
        series: Some(Series {
            open: |one| {
                format!("DCGM_FI_DEV_POWER_USAGE{{UUID=\"{}\", gpu=\"{}\", instance=\"127.0.0.1:9400\"}} =>\n", one.uuid(), one.index())
            },
            close: "\n",
            between: "",
        }),
        look: |look, seen| vec![format!("{} @[{}]", seen[0].watts(3), epoch(look.at))],
        ..SAMPLER
    },
    // collectd's CSV plugin: the name of the file says what it is.
    Sampler {
        format: "collectd_csv",
        path: "power-gpu0-2026-06-12",
        order: Order::Named,
        one_each: true,
        head: |_, _| "epoch,value\n".into(),
        look: |look, seen| vec![format!("{},{}000", epoch(look.at), seen[0].watts(3))],
        ..SAMPLER
    },
    // The file exporter of OpenTelemetry's collector.
    Sampler {
        format: "otel_json",
        path: "metrics.jsonl",
        again: Again::FileEach,
        meter: Meter::Counter { power: false },
        unit: 1_000,
        look: |look, seen| {
            let points = joined(seen, ",", |one| {
                format!(
                    r#"{{"attributes":[{{"key":"hw.id","value":{{"stringValue":"gpu-{}"}}}},{{"key":"hw.type","value":{{"stringValue":"gpu"}}}}],"timeUnixNano":"{}000000","asDouble":{}}}"#,
                    one.index(),
                    look.at,
                    one.joules(3)
                )
            });
            vec![format!(
                r#"{{"resourceMetrics":[{{"resource":{{"attributes":[{{"key":"host.name","value":{{"stringValue":"node-a"}}}}]}},"scopeMetrics":[{{"scope":{{"name":"hw"}},"metrics":[{{"name":"hw.energy","unit":"J","sum":{{"dataPoints":[{points}],"aggregationTemporality":2,"isMonotonic":true}}}}]}}]}}]}}"#
            )]
        },
        ..SAMPLER
    },
    // scaphandre json: documents without an end of line between them.
    Sampler {
        format: "scaphandre_json",
        path: "scaphandre.json",
        watches: PACKAGE_AND_MEMORY,
        repeats: 1,
        look: |look, seen| {
            let (at, host) = (epoch(look.at), sum(seen, |one| one.power) * 1_000);
            let (cpu, dram) = (of(seen, Part::Cpu).power * 1_000, of(seen, Part::Memory).power * 1_000);
            let host = format!(r#"{{"consumption":{host}.0,"timestamp":{at},"components":{{"disks":[]}}}}"#);
            let consumer = format!(
                r#"{{"exe":"python3","cmdline":"python3 train.py","pid":1000,"resources_usage":null,"consumption":{cpu}.0,"timestamp":{at},"container":null}}"#
            );
            let dram = format!(r#"{{"name":"dram","consumption":{dram}.0,"timestamp":{at}}}"#);
            vec![format!(
                r#"{{"host":{host},"consumers":[{consumer}],"sockets":[{{"id":0,"consumption":{cpu}.0,"domains":[{dram}],"timestamp":{at}}}]}}"#
            )]
        },
        ..SAMPLER
    },
];
