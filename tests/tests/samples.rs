//! The samples that lie beside the repository (real captures among them, which may not be copied): each reaches the figure of its index.

use std::fs;
use std::path::PathBuf;

use carbon_tests::{CaseOptions, csv_rows, energy, ledger_of, read_options, same_digits_of_parts, samples, settled};

/// Formats of the index that this release reads, and their sample folders.
const READ: &[&str] = &[
    "generic-csv",
    "nvidia-smi-compute-apps",
    "nvidia-smi-csv",
    "perf-stat",
    "powercap",
    "slurm-sacct",
    "grid-electricitymaps",
    "grid-generic",
];

/// Samples whose figure is of less than their log holds, with what it does hold. Of the Grace Hopper log the index takes the GPU's columns alone; the module
/// contains it, and its rest counts beside it.
const MORE: &[(&str, &str)] = &[("nvidia-smi-csv/gh200_instant_average_module.csv", "0.0105394708333")];

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
        if !READ.contains(&row["format"].as_str()) {
            continue;
        }
        let log = folder.join(&row["file"]);
        let ledger = ledger_of(&folder, std::slice::from_ref(&log), &read_options(&options(&row["options"])), usize::MAX);
        let found = settled(&ledger);
        let kwh = energy(&found).as_kwh();
        let more = MORE.iter().find(|(file, _)| *file == row["file"]);
        let expected = more.map_or(row["expected_energy_kwh"].as_str(), |(_, kwh)| *kwh);
        checked += 1;
        if expected.is_empty() {
            if !found.evidence.is_empty() {
                failures.push(format!("{}: {kwh} kWh, expected none to be known", row["file"]));
            }
        } else if !same_digits_of_parts(kwh, expected, row["devices"].parse().unwrap_or(1)) {
            failures.push(format!("{}: found {kwh:.11e}, expected {expected}", row["file"]));
        }
    }
    assert!(checked >= 35, "only {checked} samples were found");
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
