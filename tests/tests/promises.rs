//! The ledger of promises is true: every promise stands in it, every test that it names exists, and a full run ends by seeing that each was run.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use carbon_tests::promises::{Promises, of_this_run};
use carbon_tests::{compare_generated, root};

/// Figures of the last full run, by test.
const FIGURES: &str = "tests/promises/figures.tsv";

fn figures() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join(FIGURES)).unwrap_or_default();
    text.lines().filter_map(|line| line.split_once('\t')).map(|(test, figure)| (test.into(), figure.into())).collect()
}

#[test]
fn every_promise_is_held_by_tests_that_exist() {
    let promises = Promises::committed().promise;
    let ids: Vec<String> = promises.iter().map(|promise| promise.id.clone()).collect();
    assert_eq!(ids, (1..=30).map(|n| format!("L{n}")).collect::<Vec<_>>());
    for promise in &promises {
        assert!(!promise.held_by.is_empty(), "{}: nothing holds it", promise.id);
        for test in &promise.held_by {
            let (file, name) = test.split_once(": ").map_or((test.as_str(), None), |(file, name)| (file, Some(name)));
            let text = fs::read_to_string(root().join(file)).unwrap_or_else(|e| panic!("{}: {file}: {e}", promise.id));
            let is_there = |name: &str| text.contains(&format!("fn {name}(")) || text.contains(&format!("def {name}("));
            assert!(name.is_none_or(is_there), "{}: {file} has no test {name:?}", promise.id);
        }
    }
}

#[test]
fn the_page_is_made_of_the_promises_and_figures() {
    compare_generated(&root().join("docs/reliability.md"), &Promises::committed().page(&figures()));
}

/// The last step of a full run. Figures may be others from run to run (how many records a kill left); that each was shown may not.
#[test]
#[ignore = "asks for the figures of a full run: ./check calls it at its end"]
fn every_figure_was_shown_in_this_run() {
    let (committed, shown) = (figures(), of_this_run());
    let named: Vec<String> = Promises::committed().promise.into_iter().flat_map(|promise| promise.held_by).collect();
    let astray: Vec<_> = shown.keys().filter(|test| !named.contains(test)).collect();
    assert!(astray.is_empty(), "a figure of no promise: {astray:?}");
    if std::env::var_os("UPDATE").is_some() {
        let lines = shown.iter().fold(String::new(), |mut text, (test, figure)| {
            let _ = writeln!(text, "{test}\t{figure}");
            text
        });
        fs::write(root().join(FIGURES), lines).expect("written");
        fs::write(root().join("docs/reliability.md"), Promises::committed().page(&shown)).expect("written");
        return;
    }
    let missing: Vec<_> = committed.keys().filter(|test| !shown.contains_key(*test)).collect();
    assert!(missing.is_empty(), "not shown in this run: {missing:?}");
    let new: Vec<_> = shown.keys().filter(|test| !committed.contains_key(*test)).collect();
    assert!(new.is_empty(), "shown for the first time; run it with UPDATE=1: {new:?}");
}
