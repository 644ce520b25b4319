//! Every fuzz target with its seeds and with seeds changed at random from a fixed start: what a fuzzer looks for at length, looked for briefly in
//! every run of the tests. `fuzz/README.md` says how to look longer.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use carbon_core::read::FORMATS;
use carbon_tests::fuzz::{self, Mutator, NEXT_FILE};
use carbon_tests::promises::{full, shown};
use carbon_tests::{cases, root, walk};

/// Larger seeds take long byte by byte in a debug build.
const LARGEST_SEED: usize = 24 << 10;

fn files(folder: &str) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    walk(&root().join(folder), &mut paths);
    paths.retain(|path| path.file_name().is_none_or(|name| name != "about.toml"));
    paths.sort();
    small(paths.iter().map(|path| read(path)).collect())
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn small(mut seeds: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    seeds.iter_mut().for_each(|seed| seed.truncate(LARGEST_SEED));
    seeds
}

/// Runs a target on its seeds and on `mutants` changed ones; tells how to meet a failure again.
fn replay(name: &str, seeds: &[Vec<u8>], mutants: usize) {
    assert!(!seeds.is_empty(), "{name} has no seeds");
    let dictionary = fs::read_to_string(root().join("fuzz/dictionary.txt")).expect("a dictionary");
    let mut mutator = Mutator::new(2_026, &dictionary);
    seeds.iter().for_each(|seed| attempt(name, seed));
    for _ in 0..mutants {
        let (seed, other) = (mutator.below(seeds.len()), mutator.below(seeds.len()));
        attempt(name, &mutator.mutate(&seeds[seed], &seeds[other], NEXT_FILE));
    }
}

fn attempt(name: &str, bytes: &[u8]) {
    let result = std::panic::catch_unwind(|| fuzz::run(name, bytes));
    if let Err(panic) = result {
        let at = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
        let _ = fs::write(&at, bytes);
        eprintln!("{name}: the bytes are in {}", at.display());
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn every_reader_stands_any_bytes() {
    let all = cases("formats");
    // Over a hundred formats, by several threads: thirty thousand in a full run.
    let mutants = if full() { 300 } else { 60 };
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(format) = FORMATS.get(next.fetch_add(1, Ordering::Relaxed)) {
            let of_format = all.iter().filter(|case| case.folder.parent().is_some_and(|folder| folder.ends_with(format.id)));
            let seeds = small(of_format.flat_map(|case| case.logs.iter().map(|log| read(log))).collect());
            replay(format.id, &seeds, mutants);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, |threads| threads.get().min(8)) {
            scope.spawn(work);
        }
    });
    shown(&format!("{} readers, {mutants} changed seeds each: 0 panics", FORMATS.len()));
}

#[test]
fn the_whole_way_stands_any_bytes() {
    let mut seeds = files("tests/formats");
    seeds.extend(files("tests/bad"));
    // Each seed alone is read by the format cases; here it is only changed.
    let dictionary = fs::read_to_string(root().join("fuzz/dictionary.txt")).expect("a dictionary");
    let mut mutator = Mutator::new(7, &dictionary);
    let mutants = if full() { 1_000 } else { 200 };
    for _ in 0..mutants {
        let (seed, other) = (mutator.below(seeds.len()), mutator.below(seeds.len()));
        attempt("pipeline", &mutator.mutate(&seeds[seed], &seeds[other], NEXT_FILE));
    }
    shown(&format!("{mutants} folders of changed seeds, from detection to every document: 0 panics"));
}

#[test]
fn every_other_target_stands_any_bytes() {
    for (name, _) in fuzz::TARGETS.iter().filter(|(name, _)| *name != "pipeline") {
        let (folder, mutants) = match *name {
            "saved_report" => (String::from("tests/reports"), 60),
            _ => (format!("fuzz/seeds/{name}"), 600),
        };
        replay(name, &files(&folder), mutants);
    }
}
