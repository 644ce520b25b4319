//! Every folder of `tests/formats/<format>/<case>/`: the log reaches the figures that its `about.toml` takes from an independent source,
//! whatever the chunks it comes in.

use carbon_core::ledger::{Ledger, Method};
use carbon_core::read::DeclaredKind;
use carbon_core::units::Energy;
use carbon_tests::promises::shown;
use carbon_tests::{Case, cases, energy, ledger_of, read_options, same_digits, settled};

fn problems(case: &Case, ledger: &Ledger) -> Vec<String> {
    let (expected, settled) = (&case.about.expected, settled(ledger));
    let mut wrong = Vec::new();
    let format = case.folder.parent().and_then(|p| p.file_name()).map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let format = expected.format.clone().unwrap_or(format);
    let total = energy(&settled);
    let codes: Vec<&str> = ledger.file_notes().map(|(_, n)| n.code.id).chain(settled.notes.iter().map(|n| n.code.id)).collect();
    let declared: Energy = ledger
        .entries()
        .flat_map(|e| &e.reading.declared)
        .filter(|d| d.kind == DeclaredKind::Actual)
        .flat_map(|d| &d.parts)
        .map(|p| p.energy)
        .sum();
    let contained: Energy = settled.decisions.iter().filter(|d| d.rule == "contained").filter_map(|d| d.energy).sum();
    let figures = [(&expected.energy_kwh, total), (&expected.declared_kwh, declared), (&expected.contained_kwh, contained)];
    for (printed, found) in figures {
        let Some(printed) = printed else { continue };
        let (kwh, want) = (found.as_kwh(), printed.parse::<f64>().unwrap_or(f64::NAN));
        let right = if expected.tolerance_rel > 0.0 {
            (kwh - want).abs() <= want.abs() * expected.tolerance_rel
        } else {
            same_digits(kwh, printed)
        };
        if !right {
            wrong.push(format!("energy: found {kwh:.12e} kWh, expected {printed}"));
        }
    }
    // What devices may have drawn whose figures can't be is no energy that is known.
    if expected.no_energy && settled.evidence.iter().any(|one| one.method != Method::Machine) {
        wrong.push(format!("energy: found {} kWh, expected none to be known", total.as_kwh()));
    }
    if let Some(devices) = expected.devices.filter(|d| *d != settled.evidence.len()) {
        wrong.push(format!("devices: found {}, expected {devices}", settled.evidence.len()));
    }
    for code in expected.notes.iter().chain(&expected.refused) {
        if !codes.contains(&code.as_str()) {
            wrong.push(format!("notes: found {codes:?}, expected {code}"));
        }
    }
    for entry in ledger.entries() {
        let reading = &entry.reading;
        if !expected.recognised {
            // A foreign file: another format may know it, this one must not.
            if reading.format == format {
                wrong.push(format!("{}: recognised as {format}", entry.file.path));
            }
        } else if reading.format != format && case.logs.len() == 1 {
            wrong.push(format!("{}: found format {}, expected {format}", entry.file.path, reading.format));
        }
        if expected.recognised && expected.refused.is_some() != reading.refused {
            wrong.push(format!("{}: refused is {}", entry.file.path, reading.refused));
        }
    }
    let used: u64 = ledger.entries().map(|e| e.reading.rows.used).sum();
    if let Some(rows) = expected.rows_used.filter(|r| *r != used) {
        wrong.push(format!("rows used: found {used}, expected {rows}"));
    }
    for (reason, count) in &expected.rows_skipped {
        let found: u64 = ledger
            .entries()
            .flat_map(|e| e.reading.rows.skipped.iter())
            .filter(|(r, _)| r.as_str() == reason)
            .map(|(_, (count, _))| *count)
            .sum();
        if found != *count {
            wrong.push(format!("rows skipped as {reason}: found {found}, expected {count}"));
        }
    }
    wrong
}

#[test]
fn every_case_reaches_its_figures() {
    let all = cases("formats");
    assert!(all.len() >= 20, "only {} cases were found", all.len());
    let mut failures = Vec::new();
    for case in &all {
        let options = read_options(&case.about.options);
        let ledger = ledger_of(&case.folder, &case.logs, &options, usize::MAX);
        for problem in problems(case, &ledger) {
            failures.push(format!("{}: {problem}", case.folder.display()));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Laws 2 and 5: the result does not depend on how the bytes come in.
#[test]
fn chunks_leave_no_trace() {
    for case in cases("formats") {
        let options = read_options(&case.about.options);
        let whole = ledger_of(&case.folder, &case.logs, &options, usize::MAX);
        for chunk in [1, 7, 4096] {
            let parts = ledger_of(&case.folder, &case.logs, &options, chunk);
            assert_eq!(describe(&whole), describe(&parts), "{} in chunks of {chunk}", case.folder.display());
        }
    }
}

/// Law 3: rows read are rows used and rows skipped; and each case folder states its licence and origin.
#[test]
fn every_row_is_accounted_for() {
    let (mut files, mut read) = (0, 0);
    for case in cases("formats") {
        let ledger = ledger_of(&case.folder, &case.logs, &read_options(&case.about.options), usize::MAX);
        for entry in ledger.entries().filter(|e| !e.reading.format.is_empty() && !e.reading.refused) {
            let rows = &entry.reading.rows;
            (files, read) = (files + 1, read + rows.read());
            let many = reading_has_many_rows_a_line(entry.reading.format);
            assert!(many || rows.read() <= rows.lines, "{}: {} rows of {} lines", case.folder.display(), rows.read(), rows.lines);
        }
        assert!(["constructed", "tool output", "own run"].contains(&case.about.origin.as_str()), "{}", case.folder.display());
        assert!(!case.about.tool.is_empty() && !case.about.trick.is_empty() && !case.about.licence.is_empty());
    }
    shown(&format!("{read} rows of {files} files: never more than lines"));
}

/// Law 3: what a reader takes for structure (headers, rules, blank lines) is no reading. A line of a table with a number in a cell of its own is a row,
/// counted here without the reader: it is used or skipped for a reason.
#[test]
fn no_row_is_taken_for_structure() {
    const TABLES: &[&str] = &["codecarbon_csv", "generic_csv", "nvidia_smi_csv", "perf_stat", "powercap", "slurm_sacct"];
    // Its lines are columns, one of which names the devices.
    const OF_OTHER_SHAPE: &[&str] = &["nvidia_smi_csv/transposed"];
    let (mut failures, mut files, mut lines) = (Vec::new(), 0, 0);
    for case in cases("formats").iter().filter(|case| !OF_OTHER_SHAPE.iter().any(|name| case.folder.ends_with(name))) {
        let ledger = ledger_of(&case.folder, &case.logs, &read_options(&case.about.options), usize::MAX);
        for entry in ledger.entries().filter(|e| TABLES.contains(&e.reading.format) && !e.reading.refused) {
            // What is packed or in another encoding holds the same rows as what is not.
            let path = case.logs.iter().find(|log| log.ends_with(&entry.file.path));
            let Some(Ok(text)) = path.map(std::fs::read_to_string) else { continue };
            let rows =
                text.split(['\n', '\r']).filter(|line| !line.starts_with('#') && line.split([',', ';', '\t', '|']).any(is_number)).count()
                    as u64;
            files += 1;
            lines += rows;
            if rows > entry.reading.rows.read() {
                let (path, read) = (&entry.file.path, entry.reading.rows.read());
                failures.push(format!("{}: {path}: {rows} lines hold numbers, {read} are used or skipped", case.folder.display()));
            }
        }
    }
    assert!(files >= 120 && lines >= 2_000, "only {lines} rows of {files} files were looked at");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    shown(&format!("{lines} lines with numbers in {files} tables: 0 taken for structure"));
}

/// Whether a cell is a number, with or without a unit.
fn is_number(cell: &str) -> bool {
    let cell = cell.trim().trim_matches('"');
    let (number, unit) = cell.split_once(' ').unwrap_or((cell, ""));
    number.parse::<f64>().is_ok_and(f64::is_finite)
        && ["", "%", "J", "Joules", "kWh", "mJ", "mW", "MiB", "s", "W", "Watts", "Wh"].contains(&unit)
}

fn describe(ledger: &Ledger) -> String {
    let settled = settled(ledger);
    let rows: Vec<_> = ledger.entries().map(|e| (&e.file.path, e.reading.format, &e.reading.rows)).collect();
    let notes: Vec<_> = ledger.file_notes().map(|(p, n)| (p.to_owned(), n.code.id, n.line, n.count, &n.message)).collect();
    let evidence: Vec<_> = settled.evidence.iter().map(|e| (e.describe(), e.energy, e.when, e.gaps)).collect();
    format!("{rows:#?}\n{notes:#?}\n{evidence:#?}")
}

/// A JSON document may hold any number of records in a line.
fn reading_has_many_rows_a_line(format: &str) -> bool {
    format == "codecarbon_json"
}
