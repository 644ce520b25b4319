//! `--only` counts the parts that it names as if the logs held no others, and says what it leaves out. Energies are worked by hand: W × s.

use carbon_tests::folder::Folder;
use serde_json::Value;

/// Seconds that each log watched.
const SECONDS: u32 = 100;

/// J in a kWh.
const KWH: f64 = 3.6e6;

fn stamp(second: u32) -> String {
    format!("2026/03/01 10:{:02}:{:02}", second / 60, second % 60)
}

/// Rows of GPUs, each with its names and its W. Without names a round's rows follow each other by 3 ms.
fn gpus(header: &str, of: &[(&str, u32)]) -> String {
    let apart = if header.is_empty() { 3 } else { 0 };
    let rows = (0..=SECONDS).flat_map(|second| of.iter().enumerate().map(move |(at, gpu)| (second, at, gpu)));
    let rows: String =
        rows.map(|(second, at, (names, watts))| format!("{}.{:03}, {names}{watts}.00 W\n", stamp(second), apart * at)).collect();
    format!("timestamp, {header}power.draw [W]\n{rows}")
}

fn folder_of(name: &str) -> Folder {
    Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &format!("only-{name}"))
}

fn logged(report: &Value) -> f64 {
    report.pointer("/energy/logged_kwh/value").and_then(Value::as_f64).expect("an energy") * KWH
}

/// J that decisions of a rule left out, and of all rules.
fn left_out(report: &Value, rule: &str) -> (f64, f64) {
    let decisions = report["decisions"].as_array().expect("decisions");
    let sum = |all: bool| {
        let of = decisions.iter().filter(|one| all || one["rule"] == rule);
        of.filter_map(|one| one["energy_kwh"].as_f64()).sum::<f64>() * KWH
    };
    (sum(false), sum(true))
}

/// Two nodes of two GPUs each, the first of them with a meter.
fn two_nodes(name: &str) -> Folder {
    let folder = folder_of(name);
    let header = "index, uuid, pci.bus_id, serial, ";
    let first = [
        ("0, GPU-0a6f3c11-1111-4f00-8000-000000000001, 00000000:3B:00.0, 1320000000001, ", 300),
        ("1, GPU-0a6f3c11-1111-4f00-8000-000000000002, 00000000:AF:00.0, 1320000000002, ", 200),
    ];
    folder.write("logs/node01/gpu.csv", &gpus(header, &first));
    folder.write("logs/node02/gpu.csv", &gpus("index, ", &[("0, ", 100), ("1, ", 50)]));
    let meter: String = (0..=SECONDS).map(|second| format!("{},1000\n", stamp(second).replace('/', "-"))).collect();
    folder.write("logs/node01/meter.csv", &format!("time,node_w\n{meter}"));
    folder
}

#[test]
fn parts_count_by_any_of_their_names() {
    let folder = two_nodes("names");
    // 300 + 200 W and of the meter's 1000 W the rest; 100 + 50 W. All that is claimed: 1650 W.
    for (part, watts, not_asked_for) in [
        ("gpu", 650, 1000),
        // The meter takes nothing from parts that do not count, nor they from it.
        ("node", 1000, 650),
        ("node01", 1000, 150),
        ("node02", 150, 1500),
        ("gpu:0", 400, 1250),
        ("GPU:1", 250, 1400),
        ("node02/gpu:1", 50, 1600),
        ("node01/gpu", 500, 1150),
        ("gpu:0,node02/gpu:1", 450, 1200),
        ("gpu-0A6F3C11-1111-4f00-8000-000000000001", 300, 1350),
        ("gpu:GPU-0a6f3c11-1111-4f00-8000-000000000002", 200, 1450),
        ("0000:af:00.0", 200, 1450),
        ("gpu:00000000:3B:00.0", 300, 1350),
        ("1320000000002", 200, 1450),
        // Of the meter's 1000 W, 700 are not those of the GPU that counts.
        ("node,node01/gpu:0", 1000, 350),
    ] {
        let report = folder.report(&["logs", "--only", part]);
        let joules = f64::from(watts * SECONDS);
        assert!((logged(&report) - joules).abs() < 1e-3, "{part}: {} J, expected {joules} J", logged(&report));
        let (not_asked, all) = left_out(&report, "not-asked-for");
        assert!((not_asked - f64::from(not_asked_for * SECONDS)).abs() < 1e-3, "{part}: {not_asked} J are not asked for");
        assert!((all + joules - f64::from(1650 * SECONDS)).abs() < 1e-3, "{part}: {all} J are left out");
        assert!(report["assumptions"].as_array().is_some_and(|all| all.iter().any(|one| one["option"] == "--only")), "{part}");
    }
    let twice = folder.report(&["logs", "--only", "node02/gpu:0", "--only", "node02/gpu:1"]);
    assert!((logged(&twice) - f64::from(150 * SECONDS)).abs() < 1e-3);
}

#[test]
fn the_result_is_that_of_logs_that_hold_nothing_else() {
    let folder = two_nodes("alone");
    let header = "index, name, ";
    folder.write("logs/node02/gpu.csv", &gpus(header, &[("0, NVIDIA H100 80GB HBM3, ", 500), ("1, NVIDIA H100 80GB HBM3, ", 400)]));
    folder.write("alone/node02/gpu.csv", &gpus(header, &[("0, NVIDIA H100 80GB HBM3, ", 500)]));
    let (one, alone) = (folder.report(&["logs", "--only=node02/gpu:0"]), folder.report(&["alone"]));
    // The rest of the machine is that of one GPU.
    assert!(one.pointer("/energy/rest_kwh/value").and_then(Value::as_f64).is_some_and(|kwh| kwh > 0.0));
    for field in ["/energy", "/emissions/operational_kgco2e", "/hardware"] {
        assert_eq!(one.pointer(field), alone.pointer(field), "{field}");
    }
    assert_eq!(folder.report(&["logs", "--only=node02/gpu:0", "--boundary=logged"]).pointer("/energy/rest_kwh"), None);
}

#[test]
fn a_place_in_the_round_is_a_name() {
    let folder = folder_of("places");
    folder.write("logs/gpu.csv", &gpus("", &[("", 300), ("", 310), ("", 290), ("", 305)]));
    for (part, watts) in [("gpu:0", 300), ("gpu:2", 290), ("gpu:1,gpu:3", 615), ("gpu", 1205)] {
        let report = folder.report(&["logs", "--only", part]);
        let joules = f64::from(watts * SECONDS);
        assert!((logged(&report) - joules).abs() < 1e-3, "{part}: {} J, expected {joules} J", logged(&report));
    }
    // Two GPUs 0 and two GPUs 1, of nodes that nothing names: whoever asks for one says that it is one.
    let nodes = folder_of("two-places");
    let rows = |second: u32| {
        [(100, 0, 300), (102, 1, 310), (433, 0, 400), (435, 1, 410)]
            .map(|(ms, index, watts)| format!("{}.{ms}, {index}, {watts}.00 W\n", stamp(second)))
            .concat()
    };
    nodes.write("logs/gpu.csv", &format!("timestamp, index, power.draw [W]\n{}", (0..=SECONDS).map(rows).collect::<String>()));
    let low = |report: &Value| report.pointer("/energy/logged_kwh/low").and_then(Value::as_f64).expect("an end") * KWH;
    let (all, one) = (nodes.report(&["logs"]), nodes.report(&["logs", "--only=gpu:0#1"]));
    assert!((logged(&all) - f64::from(1420 * SECONDS)).abs() < 1e-3 && low(&all) < f64::from(720 * SECONDS), "{}", low(&all));
    assert!((logged(&one) - f64::from(400 * SECONDS)).abs() < 1e-3 && low(&one) > f64::from(300 * SECONDS), "{}", low(&one));
}

#[test]
fn what_no_log_holds_is_an_error_that_names_what_they_do() {
    let folder = two_nodes("missing");
    for part in ["gpu:7", "cpu", "node09", "node09/gpu:0", "node02/node", "GPU-00000000", "gpuu"] {
        let outcome = folder.run(&["logs", "--only", part, "-o", "card.json"]);
        assert_eq!(outcome.status, 2, "{part}: {}", outcome.stderr);
        assert!(outcome.stdout.is_empty() && !folder.has("card.json"), "{part}");
        for name in ["node01/gpu:0", "node01/gpu:1", "node01/node", "node02/gpu:0", "node02/gpu:1"] {
            assert!(outcome.stderr.contains(name), "{part}: {}", outcome.stderr);
        }
        // One part that is there does not excuse one that is not.
        assert_eq!(folder.run(&["logs", "--only", &format!("gpu,{part}")]).status, 2, "{part}");
    }
    // What the error names can be given.
    for name in ["node01/gpu:0", "node01/node", "node02/gpu:1"] {
        assert!(logged(&folder.report(&["logs", "--only", name])) > 0.0, "{name}");
    }
    for part in ["", "1", "gpu:0,1", "gpu:", "/gpu"] {
        assert_eq!(folder.run(&["logs", "--only", part]).status, 2, "{part:?}");
    }
}
