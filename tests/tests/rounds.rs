//! Devices that nothing in a log names: rows of one instant, or nearly so, that follow each other. However many there are, wherever the log is cut and whichever of them
//! is silent at times, none is lost; where it is open whether they are devices, or there are more than a bound allows, the interval holds them. Truths
//! are summed here, device by device, from the rows that were written.

use std::collections::BTreeMap;

use carbon_core::account::{self, Settings};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::read::{FileReader, ReadOptions, Reading};
use carbon_core::report::{Boundary, Report};

/// One row: when, in ms, of which device, and how much, W.
type Row = (u64, usize, u64);

/// So many rounds of so many devices, of which one in so many does not answer.
fn rounds(devices: usize, count: u64, step_us: u64, silent: usize) -> Vec<Row> {
    let period = (2 * devices as u64 * step_us / 1000).max(1000);
    let round = |round: u64| {
        let answers = move |device: &usize| {
            silent == 0 || !(device * 11 + round as usize * 13).is_multiple_of(silent) || round == 0 || round + 1 == count
        };
        // Each draws what it draws, give or take a few watts.
        let row =
            move |device: usize| (round * period + device as u64 * step_us / 1000, device, 200 + device as u64 * 37 % 200 + round * 31 % 7);
        (0..devices).filter(answers).map(row)
    };
    (0..count).flat_map(round).collect()
}

fn written(rows: &[Row], header: &str, whole_seconds: bool) -> String {
    let line = |(ms, _, watts): &Row| {
        let (second, ms) = (ms / 1000, ms % 1000);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let fraction = if whole_seconds { String::new() } else { format!(".{ms:03}") };
        format!("2025/06/12 {hour:02}:{minute:02}:{second:02}{fraction}, {watts}.00 W\n")
    };
    header.to_string() + &rows.iter().map(line).collect::<String>()
}

/// Joules of every device between its own rows, by trapezoid.
fn truth(rows: &[Row]) -> f64 {
    let mut last: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
    let mut doubled_mj = 0;
    for (ms, device, watts) in rows {
        if let Some((before, power)) = last.insert(*device, (*ms, *watts)) {
            doubled_mj += (ms - before) * (power + watts);
        }
    }
    doubled_mj as f64 / 2000.0
}

fn read(log: &str, chunk: usize) -> Reading {
    let mut reader = FileReader::new(ReadOptions::default());
    log.as_bytes().chunks(chunk).for_each(|chunk| reader.push(chunk));
    reader.finish()
}

fn report(reading: Reading) -> Report {
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("tables");
    let mut ledger = Ledger::default();
    ledger.add(InputFile { path: String::from("gpu.csv"), bytes: 1, blake3: String::from("a"), ..InputFile::default() }, reading);
    let settings = Settings { region: Some(String::from("FR")), boundary: Boundary::Logged, ..Settings::default() };
    account::report(&ledger, &factors, &settings).expect("settings are right")
}

/// Value and ends over the truth, and the codes of the notes.
fn told(log: &str, truth: f64) -> ([f64; 3], Vec<String>) {
    let report = report(read(log, 1 << 16));
    let logged = &report.energy.as_ref().expect("energy").logged_kwh;
    let ends = [logged.value, logged.low, logged.high].map(|kwh| kwh * 3.6e6 / truth);
    (ends, report.quality.iter().map(|note| note.code.clone()).collect())
}

const HEADER: &str = "timestamp, power.draw [W]\n";

#[test]
fn rounds_of_any_size_hold_all_devices() {
    for devices in [2, 8, 64, 600, 1024, 1100, 2000] {
        let at_once = rounds(devices, 12, 0, 0);
        let torn = {
            // The log begins in the middle of a row of the first round.
            let text = written(&at_once[devices / 2..], "", false);
            (text[7..].to_string(), truth(&at_once[devices / 2 + 1..]))
        };
        let (in_turn, silent, few) = (rounds(devices, 12, 400, 0), rounds(devices, 40, 0, 3 * devices + 1), rounds(devices, 3, 0, 0));
        for (what, log, truth) in [
            ("of one instant", written(&at_once, HEADER, false), truth(&at_once)),
            ("in whole seconds", written(&at_once, HEADER, true), truth(&at_once)),
            ("one after the other", written(&in_turn, HEADER, false), truth(&in_turn)),
            ("three rounds", written(&few, HEADER, false), truth(&few)),
            ("without a header", written(&at_once, "", false), truth(&at_once)),
            ("one is silent at times", written(&silent, HEADER, false), truth(&silent)),
            (
                "cut at its end",
                written(&at_once[..11 * devices + devices / 3], HEADER, false),
                truth(&at_once[..11 * devices + devices / 3]),
            ),
            ("cut at its beginning", torn.0, torn.1),
        ] {
            let ([value, low, high], codes) = told(&log, truth);
            // A row that is missing moves those behind it by a place: between devices of unlike power, which is no joule of the whole but at the ends.
            let off = if what.starts_with("cut") { 0.06 } else { 0.015 };
            assert!((value - 1.0).abs() < off, "{devices} {what}: {value} of the truth, {codes:?}");
            assert!(low <= 1.0 && (1.0..1.3).contains(&high), "{devices} {what}: {low} to {high} of the truth");
            assert!(codes.iter().any(|code| code == "devices-by-place"), "{devices} {what}: {codes:?}");
        }
    }
}

/// Where stamps are cut to seconds and rounds are uneven, one device may have been read as often: either is the value, and the interval holds the other.
#[test]
fn what_is_open_stays_in_the_interval() {
    for devices in [2, 8, 64, 600, 1100] {
        let silent = rounds(devices, 40, 0, 3 * devices + 1);
        let ([_, low, high], codes) = told(&written(&silent, HEADER, true), truth(&silent));
        // A lower end is a five-hundredth of the value at least.
        assert!(low <= (1.02 / devices as f64).max(0.002) && (1.0..1.3).contains(&high), "{devices}: {low} to {high}");
        assert!(codes.iter().any(|code| code.starts_with("devices-")), "{devices}: {codes:?}");
    }
}

/// More rows of a round than may be told apart: told by the bound's name, and the interval holds them all.
#[test]
fn beyond_the_bound_is_told_and_bounded() {
    for devices in [4_500, 9_000, 20_000] {
        let rows = rounds(devices, 3, 0, 0);
        let ([value, _, high], codes) = told(&written(&rows, HEADER, false), truth(&rows));
        assert!(value < 0.001 && (1.0..1.3).contains(&high), "{devices}: {value}, up to {high}");
        assert!(codes.iter().any(|code| code == "limit-reached"), "{devices}: {codes:?}");
        let told = read(&written(&rows, HEADER, false), 1 << 16);
        let note = told.notes.iter().find(|note| note.code.id == "limit-reached").expect("a note");
        assert!(note.message.contains("limit `places`") && note.message.contains(&devices.to_string()), "{}", note.message);
        assert!(note.hint.as_deref().is_some_and(|hint| hint.contains("uuid")), "{:?}", note.hint);
    }
}

/// A device that is read often, in bursts, or by a sampler that was started again is one.
#[test]
fn one_device_is_one() {
    let steady = |step: u64, rows: u64| -> Vec<Row> { (0..rows).map(|i| (i * step, 0, 300 + i * 31 % 9)).collect() };
    let started = |step: u64, sizes: &[u64]| -> Vec<Row> {
        let run = |(number, rows): (usize, &u64)| {
            (0..*rows).map(move |i| (number as u64 * 700_000 + i * step, 0, 300 + i % 5)).collect::<Vec<_>>()
        };
        sizes.iter().enumerate().flat_map(run).collect()
    };
    for (what, rows) in [
        ("each 5 ms", steady(5, 40_000)),
        ("each 20 ms", steady(20, 9_000)),
        ("each second", steady(1000, 9_000)),
        ("three runs", started(100, &[61, 61, 61])),
        ("runs of many sizes", started(10, &[300, 170, 410, 90, 220])),
    ] {
        let one = read(&written(&rows, HEADER, false), 1 << 16);
        assert_eq!(one.devices.len(), 1, "{what}");
        assert!(one.rounds.is_none() && one.doubts.is_empty(), "{what}: {:?}", one.doubts);
    }
}

/// A longer head is the same whatever the chunks.
#[test]
fn chunks_change_nothing() {
    let log = written(&rounds(1024, 12, 0, 0), HEADER, false);
    let energies = |chunk: usize| -> Vec<_> { read(&log, chunk).series().iter().map(|series| series.energy(false)).collect() };
    let whole = energies(usize::MAX);
    assert_eq!(whole.len(), 1024);
    for chunk in [1, 999, 1 << 16, (1 << 17) + 1] {
        assert_eq!(energies(chunk), whole, "{chunk}");
    }
}

/// A column that names the part and no device: what the first rows show of large rounds is looked at for as long as it takes.
#[test]
fn rounds_under_a_column_that_names_its_part() {
    for (devices, delimiter) in [(300u64, ';'), (600, '\t'), (1_000, ';')] {
        let mut log = ["time", "gpu_power_w", "temp"].join(&String::from(delimiter)) + "\n";
        let mut tenths = 0;
        for round in 0..40u64 {
            for device in 0..devices {
                // Each device near a power of its own, told apart by nothing that counts through them.
                let own = 800 + device.wrapping_mul(2_654_435_761) % 2_200;
                let power = own + (device * 31 + round * 17).wrapping_mul(40_503) % 200;
                let hundredths = 175_000_000_000_000 + round * 500_000 + device;
                let temperature = 400 + (device * 7 + round * 13).wrapping_mul(48_271) % 300;
                // Trapezoid: the first and the last round count half.
                tenths += if round == 0 || round == 39 { power } else { 2 * power };
                let cells = [
                    format!("{}.{:02}", hundredths / 100, hundredths % 100),
                    format!("{}.{}", power / 10, power % 10),
                    format!("{}.{}", temperature / 10, temperature % 10),
                ];
                log += &(cells.join(&String::from(delimiter)) + "\n");
            }
        }
        let mut reader = FileReader::new(ReadOptions::default());
        log.as_bytes().chunks(4_096).for_each(|chunk| reader.push(chunk));
        let mut ledger = Ledger::default();
        ledger.add(InputFile { path: "gpu.csv".into(), ..Default::default() }, reader.finish());
        let joules = carbon_tests::energy(&carbon_tests::settled(&ledger)).as_kwh() * 3.6e6;
        let expected = tenths as f64 / 10.0 / 2.0 * 5.0;
        assert!((joules / expected - 1.0).abs() < 1e-3, "{devices}: {joules} J of {expected}");
    }
}
