//! Every folder of `tests/bad/<case>/`: bad input gives its exit status, its notes and a message with a place and a way out, and what is good still
//! counts. Never a panic, a hang, or a zero that means unknown.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use carbon_tests::command::{self, Outcome, is_unprintable};
use carbon_tests::{root, same_digits};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    trick: String,
    #[serde(default)]
    args: Vec<String>,
    /// What is named on the command line, instead of the folder of logs.
    #[serde(default)]
    paths: Vec<String>,
    exit: i32,
    energy_kwh: Option<String>,
    /// What was really used: the interval of what was logged must hold it.
    holds_kwh: Option<f64>,
    /// Operational emissions.
    emissions_kg: Option<String>,
    /// Each may be what was really emitted: the interval must hold all of them.
    #[serde(default)]
    holds_kg: Vec<f64>,
    /// What the upper end of the energy's interval must not reach.
    at_most_kwh: Option<f64>,
    /// Number and device-hours of each model.
    #[serde(default)]
    hardware: BTreeMap<String, (u64, f64)>,
    /// Messages on the terminal, at most: 10 where the case does not say.
    #[serde(default = "ten")]
    most_messages: usize,
    #[serde(default)]
    no_energy: bool,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    rows_skipped: BTreeMap<String, u64>,
    rows_used: Option<u64>,
    #[serde(default)]
    stderr: Vec<String>,
    /// What the report must say somewhere.
    #[serde(default)]
    report: Vec<String>,
    /// What it must not say anywhere.
    #[serde(default)]
    report_not: Vec<String>,
}

fn ten() -> usize {
    10
}

/// How many messages stand on the terminal.
fn messages(outcome: &Outcome) -> usize {
    outcome.stderr.lines().filter(|line| ["error: ", "warning: ", "note: "].iter().any(|word| line.starts_with(word))).count()
}

fn run(folder: &Path, args: &[String]) -> Result<Outcome, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carbon-report-under-test"));
    command::run(command.current_dir(folder).args(args).args(["--format", "json"]))
}

fn problems(folder: &Path, about: &About) -> Vec<String> {
    let mut args = about.args.clone();
    args.extend(if about.paths.is_empty() { vec!["logs".to_owned()] } else { about.paths.clone() });
    let outcome = match run(folder, &args) {
        Ok(outcome) => outcome,
        Err(error) => return vec![error],
    };
    let mut wrong = Vec::new();
    if outcome.status != about.exit {
        wrong.push(format!("exit status: found {}, expected {}\n{}", outcome.status, about.exit, outcome.stderr));
    }
    if outcome.stderr.contains("panicked") || outcome.stderr.chars().any(is_unprintable) {
        wrong.push(format!("stderr: a panic or a control character: {:?}", outcome.stderr));
    }
    for part in &about.stderr {
        if !outcome.stderr.contains(part.as_str()) {
            wrong.push(format!("stderr: expected {part:?} in {:?}", outcome.stderr));
        }
    }
    let messages = messages(&outcome);
    if messages > about.most_messages {
        wrong.push(format!("stderr: {messages} messages, expected at most {}\n{}", about.most_messages, outcome.stderr));
    }
    let report: Option<serde_json::Value> = serde_json::from_str(&outcome.stdout).ok();
    for part in &about.report {
        if !outcome.stdout.contains(part.as_str()) {
            wrong.push(format!("report: expected {part:?} in it"));
        }
    }
    for part in about.report_not.iter().filter(|part| outcome.stdout.contains(part.as_str())) {
        wrong.push(format!("report: found {part:?} in it"));
    }
    if report.is_some() != (about.exit != 2) {
        wrong.push(format!("report: made is {}, on stdout {:?}", report.is_some(), outcome.stdout.chars().take(80).collect::<String>()));
    }
    let Some(report) = report else {
        // Without a report, notes are told on stderr.
        return wrong;
    };
    let codes: Vec<&str> = report["quality"].as_array().into_iter().flatten().filter_map(|n| n["code"].as_str()).collect();
    for code in about.notes.iter().filter(|c| !codes.contains(&c.as_str())) {
        wrong.push(format!("notes: found {codes:?}, expected {code}"));
    }
    let energy = report["energy"]["logged_kwh"]["value"].as_f64();
    if let Some(printed) = &about.energy_kwh
        && !energy.is_some_and(|kwh| same_digits(kwh, printed))
    {
        wrong.push(format!("energy: found {energy:?} kWh, expected {printed}"));
    }
    let end = |end: &str| report["energy"]["logged_kwh"][end].as_f64();
    if let Some(truth) = about.holds_kwh
        && !end("low").zip(end("high")).is_some_and(|(low, high)| (low..=high).contains(&truth))
    {
        wrong.push(format!("interval: {truth} kWh do not lie in {:?} to {:?}", end("low"), end("high")));
    }
    if about.at_most_kwh.is_some_and(|most| !end("high").is_some_and(|high| high <= most)) {
        wrong.push(format!("interval: its upper end is {:?} kWh, expected at most {:?}", end("high"), about.at_most_kwh));
    }
    let emissions = &report["emissions"]["operational_kgco2e"];
    let kg = |of: &str| emissions[of].as_f64();
    if let Some(printed) = &about.emissions_kg
        && !kg("value").is_some_and(|kg| same_digits(kg, printed))
    {
        wrong.push(format!("emissions: found {emissions}, expected {printed} kg"));
    }
    for truth in &about.holds_kg {
        if !kg("low").zip(kg("high")).is_some_and(|(low, high)| (low..=high).contains(truth)) {
            wrong.push(format!("emissions: {truth} kg do not lie in {:?} to {:?}", kg("low"), kg("high")));
        }
    }
    let hardware: Vec<&serde_json::Value> = report["hardware"].as_array().into_iter().flatten().collect();
    for (model, (count, hours)) in &about.hardware {
        let is_right = |row: &&serde_json::Value| {
            row["model"] == model.as_str()
                && row["count"].as_u64() == Some(*count)
                && row["device_hours"].as_f64().is_some_and(|found| (found - hours).abs() <= 1e-6 * hours)
        };
        if hardware.iter().copied().filter(|row| row["model"] == model.as_str()).count() != 1
            || !hardware.iter().copied().any(|row| is_right(&row))
        {
            wrong.push(format!("hardware: found {hardware:?}, expected {count} x {model} for {hours} h"));
        }
    }
    if about.no_energy && energy.is_some() {
        wrong.push(format!("energy: found {energy:?}, expected none to be known"));
    }
    let inputs: Vec<&serde_json::Value> = report["inputs"].as_array().into_iter().flatten().collect();
    let used: u64 = inputs.iter().filter_map(|i| i["rows_used"].as_u64()).sum();
    if let Some(rows) = about.rows_used.filter(|r| *r != used) {
        wrong.push(format!("rows used: found {used}, expected {rows}"));
    }
    for (reason, count) in &about.rows_skipped {
        let skipped = inputs.iter().flat_map(|i| i["rows_skipped"].as_array().into_iter().flatten());
        let found: u64 = skipped.filter(|s| s["reason"] == reason.as_str()).filter_map(|s| s["count"].as_u64()).sum();
        if found != *count {
            wrong.push(format!("rows skipped as {reason}: found {found}, expected {count}"));
        }
    }
    // Law 3, in every report.
    for input in inputs {
        let skipped: u64 = input["rows_skipped"].as_array().into_iter().flatten().filter_map(|s| s["count"].as_u64()).sum();
        if input["rows_read"].as_u64() != input["rows_used"].as_u64().map(|used| used + skipped) {
            wrong.push(format!("rows do not add up: {input}"));
        }
    }
    wrong
}

#[test]
fn bad_input_is_told_and_nothing_is_lost() {
    let mut folders: Vec<_> =
        fs::read_dir(root().join("tests/bad")).expect("cases").flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    assert!(folders.len() >= 50, "only {} cases were found", folders.len());
    let mut failures = Vec::new();
    for folder in folders {
        let text = fs::read_to_string(folder.join("about.toml")).expect("about.toml");
        let about: About = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        assert!(!about.trick.is_empty());
        for problem in problems(&folder, &about) {
            failures.push(format!("{}: {problem}", folder.file_name().unwrap_or_default().to_string_lossy()));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn no_folder_of_samples_gives_more_than_ten_messages() {
    let folders =
        |of: &str| fs::read_dir(root().join(of)).expect("samples").flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
    let mut all: Vec<_> = folders("tests/formats").chain(folders("tests/stores")).chain(folders("examples")).collect();
    all.sort();
    assert!(all.len() >= 100, "only {} folders were found", all.len());
    for folder in all {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carbon-report-under-test"));
        let outcome = command::run(command.arg(&folder).args(["--format", "json"])).expect("it runs");
        let messages = messages(&outcome);
        assert!(messages <= ten(), "{}: {messages} messages\n{}", folder.display(), outcome.stderr);
    }
}
