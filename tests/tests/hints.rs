//! A hint is a promise: whatever `--columns` or `--interval` a message suggests is obeyed here, and gives the right energy.

use std::fs;
use std::path::PathBuf;

use carbon_core::ledger::{InputFile, Ledger, LedgerOptions};
use carbon_core::read::{FileReader, note_foreign};
use carbon_core::series::{Quantity, Series};
use carbon_tests::{CaseOptions, cases, csv_rows, energy, ledger_of, read_options, same_digits_of_parts, samples, settled};

/// What the hints of a ledger's notes suggest, each once.
fn suggested(ledger: &Ledger) -> Vec<String> {
    let mut found = Vec::new();
    for (_, note) in ledger.file_notes() {
        let hint = note.hint.as_deref().unwrap_or_default();
        found.extend(hint.split("`--columns ").skip(1).filter_map(|rest| rest.split('`').next()).map(str::to_owned));
    }
    found
}

#[test]
fn columns_that_cases_suggest_give_the_right_energy() {
    let (mut failures, mut obeyed) = (Vec::new(), 0);
    for case in cases("formats") {
        let read = |options: &CaseOptions| ledger_of(&case.folder, &case.logs, &read_options(options), usize::MAX);
        let suggested = suggested(&read(&case.about.options));
        let mut expected = case.about.expected.hinted_kwh.clone();
        // Of a log that is read, a hint says more of the same energy.
        if expected.is_empty() {
            expected.extend(case.about.expected.energy_kwh.clone().filter(|_| !suggested.is_empty()));
        }
        if suggested.len() != expected.len() {
            failures.push(format!("{}: suggests {suggested:?}, and {} energies are expected", case.folder.display(), expected.len()));
        }
        for (columns, expected) in suggested.into_iter().zip(expected) {
            obeyed += 1;
            let found = settled(&read(&CaseOptions { columns: Some(columns.clone()), ..case.about.options.clone() }));
            if !same_digits_of_parts(energy(&found).as_kwh(), &expected, 2) {
                let kwh = energy(&found).as_kwh();
                failures.push(format!("{}: {columns} gives {kwh:.12e} kWh, expected {expected}", case.folder.display()));
            }
        }
    }
    assert!(obeyed >= 5, "only {obeyed} hints were obeyed");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn columns_that_samples_suggest_give_the_right_energy() {
    let Some(folder) = samples().map(|s| s.join("samplers")) else { return };
    let (mut failures, mut obeyed) = (Vec::new(), 0);
    for row in csv_rows(&fs::read_to_string(folder.join("index.csv")).expect("an index")) {
        let mut words = row["options"].split_whitespace();
        let tz = words.find(|word| *word == "--tz").and_then(|_| words.next()).map(str::to_owned);
        let log = folder.join(&row["file"]);
        let read = |columns| {
            let options = CaseOptions { columns, tz: tz.clone(), ..CaseOptions::default() };
            ledger_of(&folder, std::slice::from_ref(&log), &read_options(&options), usize::MAX)
        };
        for columns in suggested(&read(None)) {
            obeyed += 1;
            let kwh = energy(&settled(&read(Some(columns.clone())))).as_kwh();
            let Ok(expected) = row["expected_energy_kwh"].parse::<f64>() else {
                failures.push(format!("{}: suggests {columns}, and nothing is known of its energy", row["file"]));
                continue;
            };
            // Another method (a counter beside power, the step of one interval) may differ a little.
            if (kwh - expected).abs() > 0.01 * expected {
                failures.push(format!("{}: {columns} gives {kwh} kWh, expected {expected}", row["file"]));
            }
        }
    }
    // Most samples are read without a hint.
    assert!(obeyed >= 2, "only {obeyed} hints were obeyed");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// A log without a clock that asks for `--interval` is read with it. Its energy is power × time: twice as much where its rows are twice as far apart;
/// and of counters the same.
#[test]
fn an_interval_that_is_asked_for_is_all_that_is_missing() {
    let asks = |ledger: &Ledger| ledger.file_notes().any(|(_, note)| note.hint.as_deref().unwrap_or_default().contains("`--interval`"));
    let mut logs: Vec<(PathBuf, PathBuf, CaseOptions)> =
        cases("formats").into_iter().filter(|c| c.logs.len() == 1).map(|c| (c.folder, c.logs[0].clone(), c.about.options)).collect();
    if let Some(folder) = samples().map(|s| s.join("samplers")) {
        let rows = csv_rows(&fs::read_to_string(folder.join("index.csv")).expect("an index"));
        logs.extend(rows.iter().map(|row| (folder.clone(), folder.join(&row["file"]), CaseOptions::default())));
    }
    let (mut failures, mut obeyed) = (Vec::new(), 0);
    for (folder, log, options) in logs {
        let read = |options: &CaseOptions| ledger_of(&folder, std::slice::from_ref(&log), &read_options(options), usize::MAX);
        if !asks(&read(&options)) {
            continue;
        }
        obeyed += 1;
        let [one, two] = [1.0, 2.0].map(|seconds| {
            let ledger = read(&CaseOptions { interval_s: Some(seconds), ..options.clone() });
            (energy(&settled(&ledger)).as_kwh(), asks(&ledger))
        });
        // A single look is no energy, however long it took. What a counter gained does not depend on the time.
        let ledger = read(&options);
        let again = read(&CaseOptions { interval_s: Some(1.0), ..options.clone() });
        let is_one_look = again.entries().all(|entry| entry.reading.rows.used <= entry.reading.devices.len() as u64);
        let is_counter = |series: &Series| matches!(series.channel().quantity, Quantity::Counter(_));
        let counts = ledger.entries().flat_map(|entry| entry.reading.series()).any(is_counter);
        let has_others = again.entries().flat_map(|entry| entry.reading.series()).any(|series| !is_counter(series));
        // Beside a counter in coarse steps it is power that counts.
        let fits = |times: f64| (two.0 - times * one.0).abs() <= 1e-9 * two.0;
        if !is_one_look && (one.0 <= 0.0 || one.1 || !(counts && fits(1.0) || (!counts || has_others) && fits(2.0))) {
            failures.push(format!("{}: {} kWh at 1 s, {} kWh at 2 s", log.display(), one.0, two.0));
        }
    }
    assert!(obeyed >= 3, "only {obeyed} hints were obeyed");
    // Twenty rows that rise by 60 J each: 1,140 J, however far apart they are.
    let rising = |unit: i64| (0..20).map(|row| format!("{}\n", 7_000_000 + row * 60 * unit)).collect::<String>();
    for (header, unit) in [("cpu0_counter_uj", 1_000_000), ("gpu0_counter_mj", 1000), ("gpu0_counter_j", 1)] {
        let log = format!("{header}\n{}", rising(unit));
        let joules = |interval_s: Option<f64>| {
            let mut reader = FileReader::new(read_options(&CaseOptions { interval_s, ..CaseOptions::default() }));
            reader.push(log.as_bytes());
            let mut ledger = Ledger::default();
            ledger.add(InputFile { path: String::from("counters.csv"), ..InputFile::default() }, reader.finish());
            (energy(&settled(&ledger)).as_kwh() * 3.6e6, asks(&ledger))
        };
        assert_eq!(joules(None), (0.0, true), "{header}");
        for interval in [1.0, 2.0, 7.5] {
            let (found, asks) = joules(Some(interval));
            assert!((found - 1140.0).abs() < 1e-6 && !asks, "{header}, rows {interval} s apart: {found} J, expected 1140");
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Rows that nvidia-smi prints without header and units may be anything, and are no log: the hint says how they are read, and is right.
#[test]
fn rows_of_bare_numbers_are_read_as_the_hint_says() {
    // Each row 10 s after the one before, of one GPU at 60 W or of two at 60 and 180.
    let two = |first: &str, second: &str| (0..19).map(|_| format!("{first}, 60.00\n{second}, 180.00\n")).collect::<String>();
    let uuids = ["GPU-5f3a0a52-9f6a-4c3c-8b8c-0d3a5f3a0a52", "GPU-6f3a0a52-9f6a-4c3c-8b8c-0d3a5f3a0a52"];
    for (log, joules) in [
        ("60.00\n".repeat(19), Some(60.0 * 180.0)),
        ("60.00, 97\n".repeat(19), Some(60.0 * 180.0)),
        ("[N/A]\n".to_owned() + &"60.00\n".repeat(19), Some(60.0 * 180.0)),
        (two("0", "1"), Some(240.0 * 180.0)),
        (two(uuids[0], uuids[1]), Some(240.0 * 180.0)),
        ("0, NVIDIA A100-SXM4-80GB, 60.00\n".repeat(19), Some(60.0 * 180.0)),
        // Losses and accuracies, a single row, numbers of other digits.
        ("0.91, 0.22\n0.84, 0.31\n".repeat(9), None),
        ("0.00\n".repeat(9), None),
        ("60.00\n".to_owned(), None),
        ("60.1\n61.25\n7\n".repeat(9), None),
    ] {
        let read = |options: &CaseOptions| {
            let mut reader = FileReader::new(read_options(options));
            reader.push(log.as_bytes());
            let mut reading = reader.finish();
            if reading.format.is_empty() {
                note_foreign(&mut reading, log.as_bytes());
            }
            let mut ledger = Ledger::default();
            ledger.add(InputFile { path: String::from("power.csv"), ..InputFile::default() }, reading);
            ledger
        };
        let columns = suggested(&read(&CaseOptions::default()));
        assert_eq!(columns.len(), usize::from(joules.is_some()), "{log}: {columns:?}");
        let Some((columns, joules)) = columns.into_iter().next().zip(joules) else { continue };
        let ledger = read(&CaseOptions { columns: Some(columns.clone()), interval_s: Some(10.0), ..CaseOptions::default() });
        let found = energy(&ledger.settle(LedgerOptions::default())).as_kwh() * 3.6e6;
        assert!((found - joules).abs() < 1e-6 * joules, "{log}\n{columns}: {found} J, expected {joules}");
    }
}
