//! The samples that lie beside the repository (real captures among them, which may not be copied): each reaches the figure of its index.

use std::fs;
use std::path::PathBuf;

use carbon_tests::{CaseOptions, csv_rows, energy, ledger_of, read_options, samples, settled};

/// Samples whose figure here is another than the index has, kWh, and why.
const OTHERWISE: &[(&str, &str)] = &[
    // The index takes the GPU's columns alone; the module contains it, and its rest counts beside it.
    ("nvidia-smi-csv/gh200_instant_average_module.csv", "0.0105394708333"),
    // The index adds up readings below 0 W, which no device draws: here they are no readings.
    ("hwinfo/two_gpus_same_name.csv", "0.00578150333333"),
    ("nvidia-smi-dmon/oT_crosses_midnight.txt", "0.00145513888889"),
    // PowerJoular prints the mean since its last row, which the index takes for the power of the moment.
    ("powerjoular/raspi_run0.csv", "0.000253561800240"),
    // As they stand the figures mean 90 kW, which is left out with a warning; and `rate()` leaves out the unit, which is asked for.
    ("green-metrics-tool/psu_energy_ac_mcp.log", ""),
    ("prometheus-api/query_range_rate_rapl.json", ""),
];

/// Samples for which the index has no figure although they hold one.
const WITHOUT_FIGURE: &[&str] =
    &["gpu-z/short_10.txt", "intel-gpu-top/igt_one_sample.json", "prometheus-api/promtool_range.txt", "turbostat/amd_9700x.txt"];

fn options(text: &str) -> CaseOptions {
    let mut options = CaseOptions::default();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "--columns" => options.columns = words.next().map(str::to_owned),
            "--tz" => options.tz = words.next().map(str::to_owned),
            "--interval" => options.interval_s = words.next().and_then(|w| w.trim_end_matches('s').parse().ok()),
            other => panic!("an option that this test does not know: {other}"),
        }
    }
    options
}

#[test]
fn samplers_reach_the_expected_energy() {
    let Some(folder) = samples().map(|s| s.join("samplers")) else { return };
    let mut failures = Vec::new();
    let mut checked = 0;
    for row in csv_rows(&fs::read_to_string(folder.join("index.csv")).expect("an index")) {
        let log = folder.join(&row["file"]);
        let mut options = options(&row["options"]);
        // Of a log without a clock the index assumes an interval, which the user gives: `trapezoid, 1 s assumed`.
        let assumed = row["method"].split_once(" s assumed").and_then(|(before, _)| before.split(' ').next_back());
        options.interval_s = options.interval_s.or(assumed.and_then(|seconds| seconds.parse().ok()));
        let ledger = ledger_of(&folder, std::slice::from_ref(&log), &read_options(&options), usize::MAX);
        let found = settled(&ledger);
        let kwh = energy(&found).as_kwh();
        let other = OTHERWISE.iter().find(|(file, _)| *file == row["file"]);
        let expected = other.map_or(row["expected_energy_kwh"].as_str(), |(_, kwh)| *kwh);
        checked += 1;
        if WITHOUT_FIGURE.contains(&row["file"].as_str()) {
            if found.evidence.is_empty() {
                failures.push(format!("{}: nothing is known, expected a figure", row["file"]));
            }
        } else if expected.is_empty() {
            if kwh > 0.0 {
                failures.push(format!("{}: {kwh} kWh, expected none to be known", row["file"]));
            }
        } else if !expected.parse().is_ok_and(|expected: f64| (kwh - expected).abs() <= 1e-6 * expected) {
            failures.push(format!("{}: found {kwh:.11e}, expected {expected}", row["file"]));
        }
    }
    assert!(checked >= 147, "only {checked} samples were found");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn trackers_reach_the_expected_energy() {
    let Some(folder) = samples().map(|s| s.join("trackers")) else { return };
    let mut failures = Vec::new();
    for row in csv_rows(&fs::read_to_string(folder.join("expected.csv")).expect("an index")) {
        let path = folder.join(&row["path"]);
        let logs: Vec<PathBuf> = if path.is_dir() {
            let mut logs: Vec<PathBuf> = fs::read_dir(&path).expect("a folder").flatten().map(|e| e.path()).collect();
            logs.sort();
            logs
        } else {
            vec![path.clone()]
        };
        let ledger = ledger_of(&folder, &logs, &read_options(&CaseOptions::default()), usize::MAX);
        let found = settled(&ledger);
        let kwh = energy(&found).as_kwh();
        if row["expected_it_kwh"].is_empty() {
            if !found.evidence.is_empty() {
                failures.push(format!("{}: {kwh} kWh, expected none to be known", row["path"]));
            }
            continue;
        }
        let (want, tolerance): (f64, f64) =
            (row["expected_it_kwh"].parse().expect("kWh"), row["tolerance_rel"].parse().expect("a tolerance"));
        // Energies are kept to the picojoule and printed to 15 digits: the last may round.
        if (kwh - want).abs() > want * tolerance.max(1e-9) {
            failures.push(format!("{}: found {kwh:.12e}, expected {want:e}", row["path"]));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
