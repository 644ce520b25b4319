//! The last step of a full run: every test that a promise names has shown its figure. Figures may be others from run to run (how many records were
//! written before a kill); that each was shown may not. `UPDATE=1` writes those of this
//! run, where none is missing.

use std::collections::BTreeSet;
use std::fs;
use std::process::ExitCode;

use carbon_tests::promises::{FIGURES, Promises, of_the_last_full_run, of_this_run};
use carbon_tests::root;

fn main() -> ExitCode {
    let (promises, shown) = (Promises::committed(), of_this_run());
    let named: BTreeSet<&String> = promises.promise.iter().flat_map(|promise| &promise.held_by).collect();
    let astray = shown.keys().filter(|test| !named.contains(test)).map(|test| format!("{test}: a figure of no promise"));
    let mut wrong: Vec<String> = astray.collect();
    let committed = of_the_last_full_run();
    wrong.extend(committed.keys().filter(|test| !shown.contains_key(*test)).map(|test| format!("{test}: not shown in this run")));
    if std::env::var_os("UPDATE").is_some() && wrong.is_empty() {
        let lines: String = shown.iter().map(|(test, figure)| format!("{test}\t{figure}\n")).collect();
        fs::write(root().join(FIGURES), lines).expect("written");
        fs::write(root().join("docs/reliability.md"), promises.page(&shown)).expect("written");
        return ExitCode::SUCCESS;
    }
    wrong.extend(
        shown.keys().filter(|test| !committed.contains_key(*test)).map(|test| format!("{test}: shown for the first time, see UPDATE=1")),
    );
    wrong.iter().for_each(|line| eprintln!("error: {line}"));
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
