//! A hint is a promise: whatever `--columns` a message suggests is obeyed here, and gives the right energy or none is known.

use std::fs;

use carbon_core::ledger::Ledger;
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
    assert!(obeyed >= 5, "only {obeyed} hints were obeyed");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
