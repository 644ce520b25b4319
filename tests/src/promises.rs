//! The ledger of promises: what is promised, which tests hold it, and the figures that they showed in the last full run.
//!
//! A test states its figure by [`shown`]; `tests/promises/promises.toml` names it under a promise; `./check` sees at its end that every figure was shown
//! in this run, and `docs/reliability.md` is made of both.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::panic::Location;
use std::path::PathBuf;

use serde::Deserialize;

use crate::root;

/// `tests/promises/promises.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promises {
    /// In the order of their numbers.
    pub promise: Vec<Promise>,
}

/// A row of the ledger.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// `L1` and so on.
    pub id: String,
    /// What a user may rely on.
    pub says: String,
    /// The figure that is asked for.
    pub asked: String,
    /// Tests that hold it: a file and, in Rust and Python, the name of a function.
    pub held_by: Vec<String>,
    /// What is not reached, how far it is reached, and why.
    #[serde(default)]
    pub missed: Option<String>,
}

impl Promises {
    /// The committed rows.
    ///
    /// # Panics
    /// When they can't be read.
    pub fn committed() -> Self {
        let path = root().join("tests/promises/promises.toml");
        toml::from_str(&fs::read_to_string(path).expect("the promises")).expect("rows of promises")
    }

    /// `docs/reliability.md`.
    pub fn page(&self, figures: &BTreeMap<String, String>) -> String {
        let mut page = String::from(HEAD);
        for Promise { id, says, missed, .. } in &self.promise {
            let held = if missed.is_some() { "in part" } else { "yes" };
            let _ = writeln!(page, "| [{id}](#{}) | {says} | {held} |", id.to_lowercase());
        }
        for Promise { id, says, asked, held_by, missed } in &self.promise {
            let _ = write!(page, "\n### {id}\n\n**{says}** Asked: {asked}.\n\n");
            for test in held_by {
                let figure = figures.get(test).map(|figure| format!(": {figure}")).unwrap_or_default();
                let _ = writeln!(page, "- `{test}`{figure}");
            }
            if id == "L1" {
                let _ = writeln!(page, "- `fuzz/run`: {}", fuzzed());
            }
            if let Some(missed) = missed {
                let _ = writeln!(page, "\nNot reached: {missed}");
            }
        }
        page
    }
}

const HEAD: &str = "# Reliability: what is promised, and what holds it

This page is made from the tests. Each promise has a number, the figure that is asked for, the tests that hold it, and, where a test counts something,
what it counted in the last full run of `./check`. A full run fails when one of these figures was not shown in it, or another was. [SECURITY.md](../SECURITY.md) says in
plain words what an attacker can and can't do.

| promise | in short | held |
| --- | --- | --- |
";

/// What the ledger of the fuzzer sums up to.
fn fuzzed() -> String {
    let text = fs::read_to_string(root().join("fuzz/ledger.tsv")).unwrap_or_default();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    let sum = |column: usize| rows.iter().filter_map(|row| row.get(column)?.parse::<u64>().ok()).sum::<u64>();
    let targets: BTreeSet<&str> = rows.iter().filter_map(|row| row.get(2).copied()).collect();
    format!("{:.2} CPU-hours over {} targets so far, {} inputs", sum(3) as f64 / 3600.0, targets.len(), sum(4))
}

/// Whether the tests run at full length, as in `./check`: by themselves they are as short as they can be and still find a fault of the kind.
pub fn full() -> bool {
    std::env::var_os("FULL").is_some()
}

/// Where this run keeps its figures; `./check` empties it first.
pub fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("promises")
}

/// States what the test that calls it has counted. It is called on the test's own thread, whose name is the test's.
///
/// # Panics
/// When the figure can't be kept.
#[track_caller]
pub fn shown(figure: &str) {
    let thread = std::thread::current();
    let test = format!("{}: {}", Location::caller().file(), thread.name().expect("a test's thread").rsplit(':').next().unwrap_or_default());
    eprintln!("{test}: {figure}");
    fs::create_dir_all(folder()).expect("a folder");
    fs::write(folder().join(test.replace(['/', ':', ' '], "_")), format!("{test}\t{figure}\n")).expect("a figure");
}

/// Figures of this run, by test.
pub fn of_this_run() -> BTreeMap<String, String> {
    let files = fs::read_dir(folder()).map(|entries| entries.flatten().collect()).unwrap_or_else(|_| Vec::new());
    let line =
        |path: PathBuf| fs::read_to_string(path).ok()?.trim_end().split_once('\t').map(|(test, figure)| (test.into(), figure.into()));
    files.into_iter().filter_map(|entry| line(entry.path())).collect()
}

/// Where the figures of the last full run stand, below the repository.
pub const FIGURES: &str = "tests/promises/figures.tsv";

/// Figures of the last full run, by test.
pub fn of_the_last_full_run() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join(FIGURES)).unwrap_or_default();
    text.lines().filter_map(|line| line.split_once('\t')).map(|(test, figure)| (test.into(), figure.into())).collect()
}
