//! Law 10 over every log of the tests: what is unknown is absent and never 0, and every note code is met by some log.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use carbon_core::account::{self, Settings};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::Ledger;
use carbon_core::report::Report;
use carbon_tests::promises::shown;
use carbon_tests::{CaseOptions, cases, ledger_of, read_options, root, walk};
use serde_json::Value;

/// Reports of every folder of logs of the tests and examples, with its name.
fn reports() -> Vec<(String, Report)> {
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("tables");
    let report = |folder: &Path, logs: &[PathBuf], options: &CaseOptions, settings: &Settings| {
        let ledger: Ledger = ledger_of(folder, logs, &read_options(options), usize::MAX);
        (folder.display().to_string(), account::report(&ledger, &factors, settings).expect("settings are right"))
    };
    let plain = Settings::default();
    let mut all: Vec<_> = cases("formats").iter().map(|case| report(&case.folder, &case.logs, &case.about.options, &plain)).collect();
    let folders = ["tests/bad", "examples", "tests/worlds"]
        .into_iter()
        .flat_map(|place| std::fs::read_dir(root().join(place)).expect("folders").flatten());
    let utc = CaseOptions { tz: Some(String::from("UTC")), ..CaseOptions::default() };
    for folder in folders.map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let mut logs = Vec::new();
        walk(&folder, &mut logs);
        logs.retain(|path| {
            std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() < 1 << 20)
                && path.extension().is_some_and(|e| e != "toml" && e != "md")
        });
        logs.sort();
        all.push(report(&folder, &logs, &utc, &plain));
    }
    assert!(all.len() > 200, "only {} folders", all.len());
    all
}

/// Where a figure of exactly 0 stands below `value`.
fn zeros(value: &Value, at: &str, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let is = |end: &str| fields.get(end).and_then(Value::as_f64);
            if is("value") == Some(0.0) && is("high").is_some() {
                into.push(at.to_owned());
            }
            fields.iter().for_each(|(name, field)| zeros(field, &format!("{at}/{name}"), into));
        }
        Value::Array(items) => items.iter().for_each(|item| zeros(item, at, into)),
        _ => {}
    }
}

#[test]
fn what_is_unknown_is_absent_and_not_zero() {
    let reports = reports();
    let mut found = Vec::new();
    for (name, report) in &reports {
        let json: Value = serde_json::from_str(&carbon_render::write_report(report).expect("JSON")).expect("JSON");
        zeros(&json, name, &mut found);
    }
    assert!(found.is_empty(), "a figure of 0: {found:#?}");
    // That the walk sees one.
    zeros(&serde_json::json!({"energy": {"it_kwh": {"value": 0.0, "low": 0.0, "high": 1.0}}}), "", &mut found);
    assert_eq!(found, ["/energy/it_kwh"]);
    shown(&format!("{} reports, 0 figures of 0", reports.len()));
}

/// Codes that no log of the tests meets, with why.
const UNMET: &[(&str, &str)] = &[
    ("file-changed", "no log changes by itself: tests of the reader change a file between its two looks"),
    ("format-ambiguous", "no two of today's formats claim one file with equal right; it stands for those to come"),
];

/// Every code is met by a log: in a report above, or told by the command and asked for by name in `tests/bad` or a test of the command.
#[test]
fn every_note_is_met_by_a_log() {
    let met: BTreeSet<String> = reports().iter().flat_map(|(_, report)| report.quality.iter().map(|note| note.code.clone())).collect();
    let mut paths = Vec::new();
    for place in ["tests/bad", "tests/tests", "reporter/tests", "core/tests"] {
        walk(&root().join(place), &mut paths);
    }
    paths.retain(|path| {
        path.file_name().is_some_and(|name| name == "about.toml") || path.extension().is_some_and(|e| e == "rs") && !path.ends_with(file!())
    });
    let asked: String = paths.iter().map(|path| std::fs::read_to_string(path).expect("text")).collect();
    let codes = carbon_core::note::CODES;
    let unmet: Vec<&str> =
        codes.iter().map(|c| c.code.id).filter(|id| !met.contains(*id) && !asked.contains(&format!("\"{id}\""))).collect();
    assert_eq!(unmet, UNMET.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    let complete = |c: &&carbon_core::note::Explanation| ![c.meaning, c.effect, c.code.remedy].iter().any(|text| text.is_empty());
    assert_eq!(codes.iter().filter(complete).count(), codes.len());
    shown(&format!(
        "{} of {} codes are met by a log; each says what it means, what it does to the number and what to do",
        codes.len() - unmet.len(),
        codes.len()
    ));
}
