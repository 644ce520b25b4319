//! Every command line in the README, the documentation and `--help` runs, in a folder that has what a reader of them has.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use carbon_tests::root;

/// Commands that need a program to watch have tests of their own.
const WATCHERS: &[&str] = &["live", "mark", "record"];

fn run(words: &[String], folder: &Path) -> Output {
    let program = env!("CARGO_BIN_EXE_carbon-report-under-test");
    Command::new(program).args(words).current_dir(folder).stdin(Stdio::null()).output().expect("it runs")
}

fn words_of(text: &str) -> Vec<String> {
    text.split_whitespace().map(String::from).collect()
}

/// The words of a command line as a shell reads them, up to a comment or the explanation behind several spaces.
fn shell_words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut begun, mut spaces) = (Vec::new(), String::new(), None, false, 0);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => (quote, begun) = (Some(c), true),
            (None, ' ') => {
                spaces += 1;
                if spaces > 1 {
                    break;
                }
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
                continue;
            }
            (None, '#') if !begun => return words,
            (_, c) => {
                word.push(c);
                begun = true;
            }
        }
        spaces = 0;
    }
    if begun {
        words.push(word);
    }
    words
}

/// Command lines in blocks of code, with or without a prompt.
fn in_code(text: &str) -> Vec<&str> {
    let mut code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        }
        let command = line.trim_start().trim_start_matches("$ ");
        if code && command.starts_with("carbon-report ") {
            found.push(command);
        }
    }
    found
}

fn folder_for_readers(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("carbon-report-documented-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("logs")).expect("a folder");
    for log in ["emissions.csv", "gpu.csv"] {
        fs::copy(root().join("examples/gpu-node/logs").join(log), folder.join("logs").join(log)).expect("a copy");
    }
    let published = "examples/lightspec/logs/emissions.csv";
    fs::create_dir_all(folder.join(published).parent().expect("a folder")).expect("a folder");
    fs::copy(root().join(published), folder.join(published)).expect("a copy");
    let files = [
        ("own.md.tera", "<!-- carbon-report:start -->\n{{ report.headline.sentence }}\n<!-- carbon-report:end -->\n"),
        ("README.md", "<!-- carbon-report:start -->\n<!-- carbon-report:end -->\n"),
        ("experiments.toml", "[[phase]]\ngpu = \"4x A100-SXM4-40GB\"\nhours = 12\n"),
        ("gpu.csv", "power_w\n100\n100\n100\n"),
    ];
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("a file");
    }
    let page = fs::read_to_string(root().join("docs/formats.md")).expect("docs/formats.md");
    let described = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    fs::write(folder.join("mine.toml"), described).expect("a file");
    let hours: String = (0..24).map(|hour| format!("2025-06-12T{hour:02}:00:00Z,{}\n", 40 + hour)).collect();
    fs::write(folder.join("intensity.csv"), format!("datetime,gco2e_per_kwh\n{hours}")).expect("a file");
    let saved = run(&words_of("logs -q --tz UTC -o report.json"), &folder);
    assert!(saved.status.success(), "{}", String::from_utf8_lossy(&saved.stderr));
    folder
}

#[test]
fn every_documented_command_runs() {
    let mut texts = vec![fs::read_to_string(root().join("README.md")).expect("README.md")];
    for entry in fs::read_dir(root().join("docs")).expect("docs").flatten() {
        texts.push(fs::read_to_string(entry.path()).expect("a page"));
    }
    let mut lines: BTreeSet<String> = texts.iter().flat_map(|text| in_code(text)).map(String::from).collect();
    let folder = folder_for_readers("lines");
    for command in ["", "compare", "estimate", "explain", "formats", "hardware", "regions"] {
        let help = run(&[words_of(command), words_of("--help")].concat(), &folder);
        let text = String::from_utf8(help.stdout).expect("UTF-8");
        lines
            .extend(text.lines().map(str::trim).filter(|line| line.starts_with("carbon-report ") && !line.contains('<')).map(String::from));
    }
    let (mut ran, mut wrong) = (0, Vec::new());
    for line in &lines {
        let words: Vec<String> = shell_words(line).into_iter().skip(1).collect();
        if words.first().is_none_or(|word| WATCHERS.contains(&word.as_str())) {
            continue;
        }
        // A documentation's `--check` says that the README is not made yet.
        let stale = words.iter().any(|word| word == "--check");
        let output = run(&words, &folder);
        ran += 1;
        match output.status.code() {
            Some(0) => {}
            Some(1) if stale => {}
            code => wrong.push(format!("{line}\n  {code:?}: {}", String::from_utf8_lossy(&output.stderr))),
        }
    }
    let _ = fs::remove_dir_all(&folder);
    assert!(ran >= 25, "only {ran} of {} lines ran", lines.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
