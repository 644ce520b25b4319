//! Lines that end early, and blocks that lack what others have: they are lost, and told. Truths are counted by hand.

use carbon_core::note::Severity;
use carbon_core::read::{FileReader, ReadOptions, Reading, SkipReason};

fn read(log: &str) -> Reading {
    let mut reader = FileReader::new(ReadOptions::default());
    log.as_bytes().chunks(37).for_each(|piece| reader.push(piece));
    reader.finish()
}

fn skipped(reading: &Reading, reason: SkipReason) -> u64 {
    reading.rows.skipped.get(&reason).map_or(0, |(count, _)| *count)
}

fn is_told(reading: &Reading) -> bool {
    reading.notes.iter().any(|note| note.code.severity == Severity::Warning && note.code.id.starts_with("rows-"))
}

fn gpustat(at: usize) -> [String; 3] {
    [
        format!("node07                    Thu Jun 12 14:{:02}:{:02} 2025  550.54.15", at / 60, at % 60),
        String::from("[0] NVIDIA H100 80GB HBM3 | 42°C,  98 %, 300 / 700 W | 61234 / 81559 MB | ann(61000M)"),
        String::from("[1] NVIDIA H100 80GB HBM3 | 42°C,  98 %, 400 / 700 W | 61234 / 81559 MB | ann(61000M)"),
    ]
}

/// Of 20 looks at two boards the last 10 have a stamp that is cut: their 20 rows are of no time, and repeat none.
#[test]
fn rows_below_a_cut_stamp_have_no_time() {
    for cut in [6, 30, 36, 40, 45] {
        let look = |at: usize| {
            let [stamp, a, b] = gpustat(at);
            let stamp = if at < 10 { &stamp[..] } else { &stamp[..cut.min(stamp.len())] };
            format!("{stamp}\n{a}\n{b}\n")
        };
        let found = read(&(0..20).map(look).collect::<String>());
        assert_eq!(found.rows.used, 20, "{cut}: {:?} {:?}", found.rows, found.notes);
        assert_eq!((skipped(&found, SkipReason::Torn), skipped(&found, SkipReason::Duplicate)), (30, 0), "{cut}: {:?}", found.rows);
        assert!(is_told(&found), "{cut}: {:?}", found.notes);
    }
}

/// Each of CodeCarbon's last lines ends early: of 12 totals, 6 are read.
#[test]
fn console_lines_that_end_early_are_torn() {
    for end in [" kWh. RAM", "33 kWh", " consumed for RAM", " : 0.0", " RAM : "] {
        let line = |at: usize| format!("[codecarbon INFO @ 12:{at:02}:00] Energy consumed for RAM : 0.{at:03}033 kWh. RAM Power : 20.0 W");
        let lines = (1..=12).map(|at| {
            let line = line(at);
            let upto = line.find(end).expect("in the line") + if end.starts_with(" kWh") { 1 } else { end.len() };
            let upto = if end == "33 kWh" { line.find(" kWh").expect("in the line") } else { upto };
            format!("{}\n", if at > 6 { &line[..upto] } else { &line[..] })
        });
        let found = read(&lines.collect::<String>());
        assert_eq!((found.rows.used, skipped(&found, SkipReason::Torn)), (6, 6), "{end}: {:?} {:?}", found.rows, found.notes);
        assert!(is_told(&found), "{end}: {:?}", found.notes);
    }
}

fn powermetrics(at: usize, has_power: bool) -> String {
    let power = if has_power { "Intel energy model derived package power (CPUs+GT+SA): 14.20W\n" } else { "" };
    format!(
        "*** Sampled system activity (Fri Oct  2 11:{:02}:{:02} 2020 +0200) (5000.00ms elapsed) ***\n\n**** Processor usage ****\n\n{power}\nLLC flushed residency: 0%\n\n",
        5 * at / 60,
        5 * at % 60
    )
}

/// Blocks without their line of power are lost rows: of every second, of the first half, of all but one.
#[test]
fn a_block_without_its_power_is_lost() {
    let lacks: [(&str, fn(usize) -> bool, u64); 5] = [
        ("every second", |at| at % 2 == 1, 10),
        ("the first half", |at| at < 10, 10),
        ("the second half", |at| at >= 10, 10),
        ("every fourth", |at| at % 4 == 3, 5),
        ("all but some", |at| at % 5 != 0, 16),
    ];
    for (what, is_lacking, lost) in lacks {
        let found = read(&(0..20).map(|at| powermetrics(at, !is_lacking(at))).collect::<String>());
        assert_eq!((found.rows.used, skipped(&found, SkipReason::Torn)), (20 - lost, lost), "{what}: {:?} {:?}", found.rows, found.notes);
        assert!(is_told(&found), "{what}: {:?}", found.notes);
    }
    let whole = read(&(0..20).map(|at| powermetrics(at, true)).collect::<String>());
    assert!(whole.rows.skipped.is_empty() && !is_told(&whole), "{:?}", whole.notes);
}
