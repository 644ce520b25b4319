//! The ledger of promises is true: every promise stands in it, and every test that it names exists. That each was run is seen by the program
//! `promises` at the end of a full run.

use std::fs;

use carbon_tests::promises::{Promises, of_the_last_full_run};
use carbon_tests::{compare_generated, root};

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
    compare_generated(&root().join("docs/reliability.md"), &Promises::committed().page(&of_the_last_full_run()));
}
