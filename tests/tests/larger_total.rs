//! A table with the power of each board and the energy of all of them: what counts once, and what the interval holds where the total is of more boards than
//! are named. Truths are power × time, by hand: an hour of 300 W a board.

use carbon_core::account::{Settings, report};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::read::{FileReader, ReadOptions};

/// kWh that a log holds, the least and the most, and the codes of its findings.
fn told(text: &str) -> ([f64; 3], Vec<&'static str>) {
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables");
    let mut reader = FileReader::new(ReadOptions::default());
    reader.push(text.as_bytes());
    let reading = reader.finish();
    let codes =
        reading.notes.iter().filter(|note| note.code.severity == carbon_core::note::Severity::Warning).map(|note| note.code.id).collect();
    let mut ledger = Ledger::default();
    ledger.add(InputFile { path: "run.csv".into(), bytes: 1, blake3: "a".into(), ..InputFile::default() }, reading);
    let energy = report(&ledger, &factors, &Settings::default()).expect("a report").energy.expect("energy").logged_kwh;
    ([energy.value, energy.low, energy.high], codes)
}

/// A row each ten seconds of so many boards by number, and an energy of `all` boards that began at 50 kJ.
fn table(names: &[&str], total: &str, all: i64) -> String {
    let row = |at: i64| format!("{},{}{}\n", 1_767_225_600 + at, "300,".repeat(names.len()), 50_000 + 300 * all * at);
    format!("time,{},{total}\n{}", names.join(","), (0..=360).map(|at| row(10 * at)).collect::<String>())
}

#[test]
fn a_total_of_more_boards_than_are_named_is_in_the_interval() {
    for (names, total, all) in [
        (&["gpu0_w", "gpu1_w"][..], "gpu_total_energy_j", 8),
        (&["gpu_0_power_w", "gpu_1_power_w", "gpu_2_power_w"], "gpus_energy_j", 4),
        (&["cpu0_w", "cpu1_w"], "cpu_energy_j", 4),
    ] {
        let ([value, low, high], warnings) = told(&table(names, total, all));
        let (named, truth) = (0.3 * names.len() as f64, 0.3 * all as f64);
        assert!((value - named).abs() < 1e-9, "{total}: {value}");
        assert!(low <= named && truth <= high && high < 1.3 * truth, "{total}: {low} to {high}, {truth}");
        assert_eq!(warnings, ["counter-differs"], "{total}");
    }
}

#[test]
fn a_total_of_the_boards_that_are_named_widens_nothing() {
    for (names, total) in [(&["gpu0_w", "gpu1_w"][..], "gpu_total_energy_j"), (&["gpu0_w", "gpu1_w", "gpu2_w"], "gpu_energy_j")] {
        let ([value, low, high], warnings) = told(&table(names, total, names.len() as i64));
        let truth = 0.3 * names.len() as f64;
        assert!((value - truth).abs() < 1e-9 && low > 0.85 * truth && high < 1.2 * truth, "{total}: {value} {low} {high}");
        assert!(warnings.is_empty(), "{total}: {warnings:?}");
    }
}

/// Of one board the energy is that board's, and its counter counts; where the two contradict each other, the interval holds both.
#[test]
fn an_energy_beside_one_board_is_of_that_board() {
    for (name, total) in [("gpu0_w", "gpu_energy_j"), ("cpu0_w", "cpu_energy_j"), ("gpu_0_power_w", "gpu_total_energy_j")] {
        let ([value, ..], warnings) = told(&table(&[name], total, 1));
        assert!((value - 0.3).abs() < 1e-9 && warnings.is_empty(), "{total}: {value} {warnings:?}");
        let ([value, low, high], warnings) = told(&table(&[name], total, 8).replace("300,", "310,"));
        assert!((value - 2.4).abs() < 1e-9 && low < 0.31 && high > 2.4, "{total}: {value} {low} {high}");
        // The ledger tells it, which compares the two.
        assert!(warnings.is_empty(), "{total}: {warnings:?}");
    }
}

/// Two nodes in one table: each has its total, which is compared with its own boards.
#[test]
fn totals_are_of_the_host_of_their_row() {
    let row = |at: i64, host: &str, all: i64| format!("{},{host},300,300,{}\n", 1_767_225_600 + at, 50_000 + 300 * all * at);
    let rows: String = (0..=360).map(|at| row(10 * at, "n0", 4) + &row(10 * at, "n1", 2)).collect();
    let ([value, low, high], warnings) = told(&format!("time,host,gpu0_w,gpu1_w,gpu_total_energy_j\n{rows}"));
    // 1.2 kWh are named; n0 has two boards more, 0.6 kWh.
    assert!((value - 1.2).abs() < 1e-9 && low < 1.2 && (1.8..2.2).contains(&high), "{value} {low} {high}");
    assert_eq!(warnings, ["counter-differs"]);
}

/// A power that says nothing of what it is of is no total of the one beside it, however much it reads.
#[test]
fn what_does_not_say_what_it_is_of_is_no_total() {
    for (names, cells) in [("power_w,avg_w,peak_w", "300,500,600"), ("gpu_power_w,avg_w", "300,500"), ("node_w,avg_w", "300,500")] {
        let row = |at: i64| format!("{},{cells}\n", 1_767_225_600 + at);
        let ([value, _, high], warnings) = told(&format!("time,{names}\n{}", (0..=360).map(|at| row(10 * at)).collect::<String>()));
        assert!((value - 0.3).abs() < 1e-9 && high < 0.36, "{names}: {value} {high}");
        assert!(!warnings.contains(&"counter-differs"), "{names}: {warnings:?}");
    }
}
