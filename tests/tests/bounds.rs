//! Bounds on what is read: no machine that exists reaches one, and where one is reached it is told by its name, as a warning, with what was lost and how
//! to raise it; what the hint says reads the rest. Energies are worked by hand: W × s.

use carbon_core::bounds::{BOUNDS, Bounds};
use carbon_core::read::carbon_report_jsonl::record::Record;
use carbon_core::read::{FileReader, ReadOptions, Reading, SkipReason};
use carbon_tests::folder::Folder;
use carbon_tests::root;
use serde_json::Value;

fn folder_of(name: &str) -> Folder {
    Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &format!("bounds-{name}"))
}

fn joules(report: &Value) -> f64 {
    report.pointer("/energy/logged_kwh/value").and_then(Value::as_f64).unwrap_or(f64::NAN) * 3.6e6
}

#[track_caller]
fn assert_near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-6 * expected, "{what}: found {found} J, expected {expected} J");
}

fn read(text: &str) -> Reading {
    let mut reader = FileReader::new(ReadOptions::default());
    reader.push(text.as_bytes());
    reader.finish()
}

/// Twenty rows, a second apart, of so many columns of 300 W each.
fn wide(columns: usize, name: impl Fn(usize) -> String, cell: &str) -> String {
    let header: Vec<String> = (0..columns).map(name).collect();
    let row = |second: usize| format!("2025-06-12 14:00:{second:02},{}\n", vec![cell; columns].join(","));
    format!("timestamp,{}\n{}", header.join(","), (0..20).map(row).collect::<String>())
}

/// So many rounds, a second apart, of devices at 300 W each.
fn long(rounds: usize, devices: usize, header: &str, row: impl Fn(usize) -> String) -> String {
    let round =
        |second: usize| (0..devices).map(|i| format!("2025/06/12 14:00:{second:02}.000, {}, 300.00 W\n", row(i))).collect::<String>();
    format!("timestamp, {header}, power.draw [W]\n{}", (0..rounds).map(round).collect::<String>())
}

#[test]
fn machines_that_exist_reach_none() {
    let folder = folder_of("none");
    let logs: Vec<(String, String, f64)> = vec![
        ("64 columns".into(), wide(64, |i| format!("gpu{i}_w"), "300"), 64.0 * 300.0 * 19.0),
        ("65 columns".into(), wide(65, |i| format!("GPU {i} Power (W)"), "300.00"), 65.0 * 300.0 * 19.0),
        ("256 columns, units in cells".into(), wide(256, |i| format!("gpu{i}_power"), "300 W"), 256.0 * 300.0 * 19.0),
        ("1,024 columns in mW".into(), wide(1024, |i| format!("gpu{i}_mw"), "300000"), 1024.0 * 300.0 * 19.0),
        ("2,000 columns".into(), wide(2000, |i| format!("gpu{i}_w"), "300"), 2000.0 * 300.0 * 19.0),
        ("1,024 devices by number".into(), long(5, 1024, "index", |i| i.to_string()), 1024.0 * 300.0 * 4.0),
        ("5,000 devices by uuid".into(), long(3, 5000, "uuid", |i| format!("GPU-{i:08}-1111-2222-3333-{i:012}")), 5000.0 * 300.0 * 2.0),
    ];
    for (what, log, expected) in logs {
        folder.write("log.csv", &log);
        let report = folder.report(&["log.csv"]);
        assert_near(joules(&report), expected, &what);
        assert!(!report.to_string().contains("limit-reached") && !report.to_string().contains("over_limit"), "{what}");
    }
}

/// Names that begin alike for longer than names are kept are of two devices.
#[test]
fn names_that_are_cut_stay_apart() {
    let folder = folder_of("names");
    for (header, start) in [("uuid", "GPU-"), ("serial", "S"), ("index", "gpu"), ("name", "Board ")] {
        let row = |i: usize| format!("{start}{}{i}", "7".repeat(300));
        let log = long(20, 2, header, row).replace(", 300.00 W", ", 100.00 W");
        // The second of each round draws 300 W.
        let log =
            log.lines().enumerate().map(|(n, line)| if n > 0 && n % 2 == 0 { line.replace("100.00 W", "300.00 W") } else { line.into() });
        folder.write("log.csv", &(log.collect::<Vec<String>>().join("\n") + "\n"));
        let report = folder.report(&["log.csv"]);
        assert_near(joules(&report), (100.0 + 300.0) * 19.0, header);
        assert_eq!(report["activities"].as_array().expect("rows").iter().filter(|row| row["component"] == "gpu").count(), 2, "{header}");
        assert!(folder.run(&["log.csv"]).stderr.contains("limit `name-bytes`"), "{header}");
    }
}

#[test]
fn what_is_lost_is_told_and_the_hint_reads_it() {
    let hours: String = (0..48).map(|hour| format!("2025-06-{:02}T{:02}:00:00Z,400\n", 12 + hour / 24, hour % 24)).collect();
    let gpu = long(20, 2, "index", |i| i.to_string());
    for (name, bound, limit, log, expected, lost) in [
        ("devices by number", "devices", 100, long(5, 150, "index", |i| i.to_string()), 150.0 * 300.0 * 4.0, 250),
        ("devices by uuid", "devices", 3, long(5, 5, "uuid", |i| format!("GPU-{i:08}-1111-2222-3333-{i:012}")), 5.0 * 300.0 * 4.0, 10),
        ("devices by bus id", "devices", 4, long(5, 8, "pci.bus_id", |i| format!("00000000:{:02x}:00.0", i + 16)), 8.0 * 300.0 * 4.0, 20),
        ("devices of two hosts", "devices", 2, long(5, 4, "host, index", |i| format!("node{}, {}", i / 2, i % 2)), 4.0 * 300.0 * 4.0, 10),
        (
            "devices of a home-made table",
            "devices",
            1,
            format!(
                "time,device,power_w\n{}",
                (0..10).map(|i| format!("2025-06-12T14:00:0{}Z,gpu{},300\n", i / 2, i % 2)).collect::<String>()
            ),
            2.0 * 300.0 * 4.0,
            5,
        ),
        ("columns", "columns", 40, wide(70, |i| format!("gpu{i}_w"), "300"), 70.0 * 300.0 * 19.0, 0),
        (
            "a long line",
            "line-bytes",
            1000,
            gpu.replacen("14:00:07.000, 1,", &format!("14:00:07.000, {}1,", " ".repeat(1500)), 1),
            2.0 * 300.0 * 19.0,
            0,
        ),
    ] {
        let folder = folder_of("told");
        folder.write("log.csv", &log);
        let set = format!("--limit={bound}={limit}");
        let outcome = folder.run(&["log.csv", &set]);
        let said = format!("limit `{bound}`");
        assert!(outcome.stderr.contains(&said), "{name}: {}", outcome.stderr);
        let hint = outcome.stderr.split("`--limit ").nth(1).and_then(|rest| rest.split('`').next()).unwrap_or_default();
        assert!(hint.starts_with(&format!("{bound}=")), "{name}: {}", outcome.stderr);
        let report = serde_json::from_str::<Value>(&outcome.stdout);
        assert!(report.is_ok() || lost == 0, "{name}: no report");
        if let Ok(report) = report {
            let notes = report["quality"].as_array().expect("notes");
            let told = notes.iter().any(|note| {
                ["warning", "error"].contains(&note["severity"].as_str().unwrap_or(""))
                    && note["message"].as_str().is_some_and(|m| m.contains(&said))
            });
            assert!(told, "{name}: {notes:?}");
            if lost > 0 {
                let skipped = report["inputs"][0]["rows_skipped"].as_array().expect("reasons");
                assert!(skipped.iter().any(|one| one["reason"] == "over_limit" && one["count"] == lost), "{name}: {skipped:?}");
            }
        }
        let report = folder.report(&["log.csv", &format!("--limit={hint}")]);
        let twice = folder.report(&["log.csv", &format!("--limit={bound}=100000")]);
        assert_near(joules(&twice), expected, name);
        assert_near(joules(&report), expected, name);
    }
    let folder = folder_of("hours");
    folder.write("log.csv", &gpu);
    folder.write("hours.csv", &format!("datetime,gco2e_per_kwh\n{hours}"));
    let outcome = folder.run(&["log.csv", "--intensity=hours.csv", "--limit=intensity-points=30"]);
    assert!(outcome.stderr.contains("limit `intensity-points`"), "{}", outcome.stderr);
    let outcome = folder.run(&["log.csv", "--intensity=hours.csv"]);
    assert!(outcome.status == 0 && !outcome.stderr.contains("limit"), "{}", outcome.stderr);
    folder.write("a/b/c/log.csv", &gpu);
    let outcome = folder.run(&["a", "log.csv", "--limit=depth=1"]);
    assert!(outcome.stderr.contains("limit `depth`") && outcome.stderr.contains("--limit depth=2"), "{}", outcome.stderr);
}

/// Those that no option raises say what to do instead.
#[test]
fn bounds_of_memory_are_told_as_well() {
    let zones: String = (0..5000).map(|i| format!("/sys/class/powercap/intel-rapl:{i}/energy_uj:{}\n", 1000 + i)).collect();
    let rapl = |second: u32| format!("2026-11-23 12:02:0{second}\n{zones}");
    let again = "timestamp, index, power.draw [W]\n2025/06/12 HH:MM:00.000, 0, 300.00 W\n2025/06/12 HH:MM:01.000, 0, 300.00 W\n";
    let restarted = |n: u32| {
        again.replace("06/12 HH:MM", &format!("{:02}/{:02} {:02}:{:02}", 1 + n / 28_800 % 12, 1 + n / 1440 % 20, n / 60 % 24, n % 60))
    };
    let boamps = std::fs::read_to_string(
        root().join("tests/formats/codecarbon_json/boamps/boamps_report_e06e96be-b976-4baf-a6f5-da8d0d244278.json"),
    );
    let boamps =
        boamps.expect("a report").replacen("\"header\": {", &format!("\"remark\": \"{}\",\n \"header\": {{", "x\\n".repeat(100)), 1);
    let long_boamps = boamps.replacen("\"country\": \"Poland\"", &format!("\"country\": \"Poland\"{}", "\n".repeat(1 << 20)), 1);
    for (bound, log) in [
        ("zones", [rapl(1), rapl(2), rapl(3)].concat()),
        ("recordings", (0..5000).map(restarted).collect::<String>()),
        ("document-bytes", long_boamps),
    ] {
        let out = read(&log);
        let told = out.notes.iter().find(|note| note.code.id == "limit-reached").unwrap_or_else(|| panic!("{bound}: {:?}", out.notes));
        assert!(told.message.contains(&format!("limit `{bound}`")), "{bound}: {}", told.message);
        let advice = BOUNDS.iter().find(|row| row.name == bound).and_then(|row| row.fixed);
        assert_eq!(told.hint.as_deref(), advice, "{bound}");
        if bound == "zones" {
            assert_eq!(out.rows.skipped.get(&SkipReason::OverLimit).map(|(count, _)| *count), Some(3 * (5000 - 4096)));
        }
    }
}

/// Summaries of `perf stat`: copies beyond any number count once, and what lies beyond the bound is left out, and told.
#[test]
fn copies_of_summaries_count_once() {
    let summary = |i: u64| {
        format!(
            " Performance counter stats for 'system wide':\n\n  {i}.00 Joules power/energy-pkg/\n\n  2.0{i:06} seconds time elapsed\n\n"
        )
    };
    let all: String = (1..=6000).map(summary).collect();
    let joules = |out: &Reading| out.series().iter().map(|series| series.energy(false).as_kwh() * 3.6e6).sum::<f64>();
    let watts = |i: u64| i as f64;
    let truth: f64 = (1..=6000).map(watts).sum();
    for (what, log) in [("once", all.clone()), ("twice", all.clone() + &all), ("its later half again", all.clone() + &all[all.len() / 2..])]
    {
        let log = &log[log.find(" Perf").unwrap_or(0)..];
        let out = read(log);
        let (implausible, found) = (out.rows.skipped.get(&SkipReason::Implausible), joules(&out));
        assert!(implausible.is_none(), "{what}: {:?}", out.rows);
        assert!((found - truth).abs() < 0.5, "{what}: {found} J, expected {truth}");
    }
    let mut reader =
        FileReader::new(ReadOptions { bounds: Bounds::default().with("summaries=5000").expect("a bound"), ..ReadOptions::default() });
    reader.push(all.as_bytes());
    let out = reader.finish();
    assert_eq!(out.rows.skipped.get(&SkipReason::OverLimit).map(|(count, _)| *count), Some(1000));
    let told = out.notes.iter().find(|note| note.code.id == "limit-reached").expect("told");
    assert!(
        told.message.contains("limit `summaries`") && told.hint.as_deref().is_some_and(|hint| hint.contains("--limit summaries=10000"))
    );
}

/// Records of many lines, deep objects, and many writers into one file.
#[test]
fn bounds_of_records_and_writers_are_told() {
    let quoted = |lines: usize, width: usize| {
        let odd = format!("\"{}\"", vec!["x".repeat(width); lines].join("\n"));
        let row = |i: usize| format!("2025-06-12T14:00:{i:02}Z,300,{}\n", if i == 9 { odd.as_str() } else { "fine" });
        format!("time,gpu0_w,remark\n{}", (0..58).map(row).collect::<String>())
    };
    let deep = |depth: usize| {
        let run = |i: u32| {
            format!(
                "{{\"timestamp\": \"2025-06-12T1{i}:00:00\", \"run_id\": \"r{i}\", \"duration\": 3600, \"cpu_energy\": 0.1, \"gpu_energy\": 0, \"ram_energy\": 0, \"energy_consumed\": 0.1, \"country_iso_code\": \"FRA\"}}"
            )
        };
        format!("[\n{},\n{}{}{}]\n", run(1), "{\"a\":\n".repeat(depth), run(2), "}".repeat(depth))
    };
    // Each node's GPU at a phase and a level of its own.
    let written = |nodes: u64| {
        let row = |i: u64| {
            let ms = i / nodes * 10_000 + i % nodes * (9_000 / nodes) + (i % nodes).pow(2) * 7 % 41;
            let (s, ms) = (ms / 1000, ms % 1000);
            format!("2025/06/12 14:{:02}:{:02}.{ms:03}, 0, {}.00 W\n", s / 60, s % 60, 200 + (i % nodes).pow(3) * 131 % 397)
        };
        format!("timestamp, index, power.draw [W]\n{}", (0..nodes * 12).map(row).collect::<String>())
    };
    for (bound, below, beyond) in [
        ("quote-lines", quoted(16, 3), quoted(40, 3)),
        ("quote-bytes", quoted(4, 9_000), quoted(12, 9_000)),
        ("json-depth", deep(30), deep(40)),
        ("places", long(3, 4000, "name", |_| "A100".into()), long(3, 4200, "name", |_| "A100".into())),
        ("writers", written(30), written(100)),
    ] {
        let told = |log: &str| read(log).notes.iter().filter(|note| note.code.id == "limit-reached").cloned().collect::<Vec<_>>();
        assert!(told(&below).is_empty(), "{bound}: {:?}", told(&below));
        let notes = told(&beyond);
        let note = notes.first().unwrap_or_else(|| panic!("{bound}: {:?} {:?}", read(&beyond).notes, read(&beyond).devices.len()));
        assert!(note.message.contains(&format!("limit `{bound}`")), "{bound}: {}", note.message);
        let fixed = BOUNDS.iter().find(|row| row.name == bound).expect("a row").fixed;
        let hint = note.hint.as_deref().unwrap_or_default();
        assert!(fixed.map_or(hint.contains(&format!("--limit {bound}=")), |fixed| hint == fixed), "{bound}: {hint}");
        if fixed.is_none() {
            let bounds = Bounds::default().with(&format!("{bound}=1000000")).expect("a bound");
            let mut reader = FileReader::new(ReadOptions { bounds, ..ReadOptions::default() });
            reader.push(beyond.as_bytes());
            assert_eq!(reader.finish().rows.used, 58, "{bound}");
        }
    }
}

/// Numbers of a sampler log that stand before lower ones: 1 comes behind eight records of the machine, which are 2 to 9; that with the number 0 is the ninth.
#[test]
fn records_that_stand_early_are_told_beyond_their_bound() {
    let log = std::fs::read_to_string(root().join("tests/formats/carbon_report_jsonl/normal/run.0000.jsonl")).expect("a case");
    let records: Vec<&str> = log.lines().collect();
    let numbered = |line: usize, sequence: u64| {
        let record = Record { sequence, ..Record::decode(records[line].as_bytes()).expect("a record") };
        let mut text = String::new();
        record.encode(&mut text);
        text
    };
    let early = (2..10).map(|sequence| numbered(0, sequence));
    let lines: Vec<String> = [numbered(0, 0)].into_iter().chain(early).chain([numbered(1, 1), numbered(2, 10)]).collect();
    for (limit, told) in [(9, false), (8, true)] {
        let bounds = Bounds::default().with(&format!("early-records={limit}")).expect("a bound");
        let mut reader = FileReader::new(ReadOptions { bounds, ..ReadOptions::default() });
        lines.iter().for_each(|line| reader.push(format!("{}\n", line.trim_end()).as_bytes()));
        let out = reader.finish();
        let notes = |code: &str| out.notes.iter().filter(|note| note.code.id == code).map(|note| note.message.clone()).collect::<Vec<_>>();
        let reached = notes("limit-reached");
        assert_eq!((reached.len(), !notes("records-lost").is_empty()), (usize::from(told), told), "{limit}: {reached:?}");
        assert!(reached.iter().all(|message| message.contains("limit `early-records`")), "{reached:?}");
        assert_eq!(out.rows.used, 2, "{limit}");
    }
}

/// Points of a metric wait for whether it is cumulative, which stands behind them.
#[test]
fn rows_that_wait_are_told_beyond_their_bound() {
    let point = |second: u64| format!("{{\"timeUnixNano\": \"{}000000000\", \"asDouble\": 300}}", 1_750_000_000 + second);
    let points: Vec<String> = (0..12).map(point).collect();
    let log = format!(
        "{{\"resourceMetrics\": [{{\"scopeMetrics\": [{{\"metrics\": [{{\"name\": \"hw.host.power\", \"gauge\": {{\"dataPoints\": [{}]}}}}]}}]}}]}}\n",
        points.join(", ")
    );
    for (limit, left_out) in [(12, None), (7, Some(5))] {
        let bounds = Bounds::default().with(&format!("waiting-rows={limit}")).expect("a bound");
        let mut reader = FileReader::new(ReadOptions { bounds, ..ReadOptions::default() });
        reader.push(log.as_bytes());
        let out = reader.finish();
        // 300 W from the first to the last that is read.
        let joules: f64 = out.series().iter().map(|series| series.energy(false).as_kwh() * 3.6e6).sum();
        assert_near(joules, 300.0 * (limit - 1) as f64, "points that are read");
        assert_eq!(out.rows.skipped.get(&SkipReason::OverLimit).map(|(count, _)| *count), left_out);
        let told: Vec<_> = out.notes.iter().filter(|note| note.code.id == "limit-reached").collect();
        assert_eq!(told.len(), usize::from(left_out.is_some()), "{told:?}");
        assert!(told.iter().all(|note| note.message.contains("limit `waiting-rows`") && note.message.contains("5 rows are left out")));
        assert!(told.iter().all(|note| note.hint.as_deref().is_some_and(|hint| hint.contains("--limit waiting-rows=14"))));
    }
}

/// `--limits` prints the table, and what `--limit` says stands in it.
#[test]
fn limits_are_listed() {
    let folder = folder_of("listed");
    folder.write("none", "");
    let outcome = folder.run_as_it_stands(&["--limits", "--limit", "devices=7"]);
    for bound in BOUNDS {
        let line = outcome.stdout.lines().find(|line| line.split_whitespace().next() == Some(bound.name));
        let line = line.unwrap_or_else(|| panic!("{}: {}", bound.name, outcome.stdout));
        let value = if bound.name == "devices" { 7 } else { bound.value };
        assert!(line.split_whitespace().nth(1) == Some(&value.to_string()), "{line}");
        assert!(line.contains(bound.beyond) && line.contains(bound.fixed.unwrap_or(&format!("--limit {}=N", bound.name))), "{line}");
    }
}
