//! Tables that are cut, damaged and hostile.

use std::fs;
use std::path::{Path, PathBuf};

use crate::limits::Limits;
use crate::{Inputs, Options, read_paths};

fn whole() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/bad/store-parquet/logs/power.parquet")).unwrap()
}

/// Reads a file of these bytes.
fn read(name: &str, bytes: &[u8], limits: Limits) -> Inputs {
    let path: PathBuf = std::env::temp_dir().join(format!("carbon-report-parquet-{name}-{}.parquet", std::process::id()));
    fs::write(&path, bytes).unwrap();
    let inputs = read_paths(std::slice::from_ref(&path), &Options { limits, ..Options::default() }).unwrap();
    fs::remove_file(path).unwrap();
    inputs
}

fn rows(inputs: &Inputs) -> u64 {
    inputs.ledger.entries().map(|entry| entry.reading.rows.used).sum()
}

fn messages(inputs: &Inputs) -> String {
    inputs.ledger.file_notes().map(|(_, note)| format!("{}: {}\n", note.code.id, note.message)).collect()
}

#[test]
fn a_table_that_was_cut_is_told_with_the_way_out() {
    let whole = whole();
    assert_eq!(rows(&read("whole", &whole, Limits::default())), 100);
    for length in (4..whole.len()).step_by(97).chain([whole.len() - 1]) {
        let inputs = read("cut", &whole[..length], Limits::default());
        assert_eq!(rows(&inputs), 0, "{length}");
        assert!(messages(&inputs).contains("file-unreadable: the Parquet table is damaged"), "{length}: {}", messages(&inputs));
        assert!(inputs.ledger.file_notes().any(|(_, note)| note.hint.as_deref().is_some_and(|hint| hint.contains("duckdb"))));
    }
}

#[test]
fn each_damaged_byte_is_told_or_is_a_reading() {
    let whole = whole();
    let (mut told, mut read_on) = (0, 0);
    for (at, change) in (4..whole.len()).step_by(5).zip([0xFF, 0x01, 0x80].into_iter().cycle()) {
        let mut bytes = whole.clone();
        bytes[at] ^= change;
        let inputs = read("damaged", &bytes, Limits::default());
        match messages(&inputs).contains("the Parquet table is damaged") {
            true => told += 1,
            // What nothing checks: a value, a statistic, a name.
            false => read_on += u64::from(rows(&inputs) > 0),
        }
    }
    assert!(told > 50 && read_on > 100, "{told} told, {read_on} read");
}

/// A number as Thrift's compact protocol writes it.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let rest = number >> 7;
        bytes.push((number & 0x7F) as u8 | if rest > 0 { 0x80 } else { 0 });
        number = rest;
        if number == 0 {
            return bytes;
        }
    }
}

/// A file of this footer.
fn of_footer(footer: &[u8]) -> Vec<u8> {
    [b"PAR1", footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
}

#[test]
fn a_schema_of_groups_within_groups_costs_no_stack() {
    // Version 1, then a list of structures, each with a name and one child.
    let group = [&[0x48_u8, 1, b'g', 0x15, 2, 0][..]; 100_000].concat();
    let footer = [&[0x15, 2, 0x19, 0xFC][..], &varint(100_000), &group, &[0]].concat();
    assert!(messages(&read("deep", &of_footer(&footer), Limits::default())).contains("does not fit together"));
    // A root that says it has two thousand million children.
    let root = [&[0x15, 2, 0x19, 0x1C, 0x48, 1, b'g', 0x15][..], &varint(4_000_000_000), &[0, 0]].concat();
    assert!(messages(&read("wide", &of_footer(&root), Limits::default())).contains("does not fit together"));
    // A footer that is longer than the file, and one that is all zeros.
    let mut long = of_footer(&root);
    let end = long.len();
    long[end - 8..end - 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(messages(&read("long", &long, Limits::default())).contains("longer than any"));
    assert!(messages(&read("zeros", &of_footer(&[0; 64]), Limits::default())).contains("does not fit together"));
}

#[test]
fn what_needs_more_than_a_bound_is_not_unpacked() {
    let whole = whole();
    let inputs = read("bound", &whole, Limits::default().with("group-bytes=100").unwrap());
    assert!(rows(&inputs) == 0 && messages(&inputs).contains("limit `group-bytes`"), "{}", messages(&inputs));
    let inputs = read("unpacked", &whole, Limits::default().with("unpacked-bytes=3000").unwrap());
    assert!(messages(&inputs).contains("limit `unpacked-bytes`"), "{}", messages(&inputs));
    // Each page says how long it is unpacked, behind its kind: 2 GiB are not asked for.
    let mut pages = 0;
    for at in 4..whole.len() - 8 {
        // Kind 0 or 2, then the unpacked length in two bytes or one, then the packed one.
        if whole[at] == 0x15 && matches!(whole[at + 1], 0 | 4) && whole[at + 2] == 0x15 && whole[at + 3] >= 0x80 && whole[at + 5] == 0x15 {
            let bytes = [&whole[..at + 3], &varint(0xFFFF_FFFE)[..], &whole[at + 5..]].concat();
            let inputs = read("huge", &bytes, Limits::default());
            let told = messages(&inputs);
            assert!(rows(&inputs) < 100 && told.contains("the Parquet table is damaged"), "{at}: {told}");
            pages += 1;
        }
    }
    assert!(pages > 2, "{pages} pages");
}

/// Four runs whose rows stand between each other, 60 of each.
#[test]
fn of_too_many_runs_at_once_the_oldest_end_and_it_is_told() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/bad/store-parquet-unnamed/logs/system_metrics.parquet");
    let mixed = fs::read(path).unwrap();
    for (most, whole) in [(1, 0), (2, 0), (3, 0), (4, 4), (512, 4)] {
        let inputs = read("runs", &mixed, Limits::default().with(&format!("store-runs={most}")).unwrap());
        let of_runs: Vec<u64> = inputs.ledger.entries().map(|entry| entry.reading.rows.used).filter(|rows| *rows > 0).collect();
        let (all, lost) = (of_runs.iter().filter(|rows| **rows == 60).count(), 240 - rows(&inputs));
        let told = messages(&inputs);
        if whole == 4 {
            assert!((all, lost) == (4, 0) && !told.contains("store-runs"), "{most}: {of_runs:?} {told}");
        } else {
            // Those that were ended first are lost from then on, row by row.
            assert!(
                lost > 0 && told.contains("limit `store-runs`") && told.contains(&format!("{lost} rows")),
                "{most}: {of_runs:?} {told}"
            );
        }
    }
    // Runs that follow each other are never open at once.
    let apart =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/bad/store-trackio-parquet/logs/system_metrics.parquet")).unwrap();
    let [few, many] = [1, 512].map(|most| read("apart", &apart, Limits::default().with(&format!("store-runs={most}")).unwrap()));
    assert!(rows(&few) == rows(&many) && rows(&few) > 0 && !messages(&few).contains("store-runs"), "{}", messages(&few));
}
