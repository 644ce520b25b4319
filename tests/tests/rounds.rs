//! Devices that nothing in a log names: rows of one instant, or nearly so, that follow each other. However many there are, wherever the log is cut and whichever of them
//! is silent at times, none is lost; where it is open whether they are devices, or there are more than a bound allows, the interval holds them. Truths
//! are summed here, device by device, from the rows that were written.

use std::collections::BTreeMap;

use carbon_core::account::{self, Settings};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::read::{FileReader, ReadOptions, Reading};
use carbon_core::report::{Boundary, Report};
use carbon_core::series::InOrder;

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

/// As a host reads a file: one whose rows are out of order again, in passes of few readings.
fn read_in_order(log: &str) -> Reading {
    let mut reading = read(log, 1 << 16);
    if reading.is_unordered() {
        let mut sorter = InOrder::keeping(1_000);
        loop {
            let mut reader = FileReader::queueing(ReadOptions::default());
            reader.push(log.as_bytes());
            reader.finish().drain_into(&mut sorter);
            if !sorter.end_pass() {
                break;
            }
        }
        reading.put_in_order(sorter.finish());
    }
    reading
}

/// Value and ends over the truth, and the codes of the notes.
fn told(log: &str, truth: f64) -> ([f64; 3], Vec<String>) {
    let report = report(read_in_order(log));
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

/// The rows of a log in other orders: from the last to the first, shuffled, and by what they read.
fn orders(log: &str, has_header: bool) -> Vec<(&'static str, String)> {
    let (header, rows) = if has_header { log.split_at(log.find('\n').expect("a header") + 1) } else { ("", log) };
    let rows: Vec<&str> = rows.split_inclusive('\n').collect();
    let mixed = |number: usize| (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mut shuffled: Vec<(u64, &str)> = rows.iter().enumerate().map(|(number, row)| (mixed(number), *row)).collect();
    shuffled.sort_unstable();
    let mut by_reading = rows.clone();
    by_reading.sort_by_key(|row| row.chars().rev().collect::<String>());
    let whole = |rows: Vec<&str>| header.to_string() + &rows.concat();
    vec![
        ("from the last to the first", whole(rows.iter().rev().copied().collect())),
        ("shuffled", whole(shuffled.into_iter().map(|(_, row)| row).collect())),
        ("by what they read", whole(by_reading)),
    ]
}

/// The order of a file's rows is no reading: rows of one instant are as many readings wherever they stand.
#[test]
fn rows_in_any_order_are_of_as_many_devices() {
    for (devices, count, step_us, whole_seconds) in
        [(2, 60, 0, true), (3, 90, 2_000, false), (8, 5, 0, true), (16, 40, 1_000, false), (64, 30, 0, true), (4, 400, 0, true)]
    {
        // What each draws never comes back.
        let moved = |(number, (ms, device, watts)): (usize, Row)| (ms, device, watts + (number as u64 * 2_654_435_761) % 11);
        let rows: Vec<Row> = rounds(devices, count, step_us, 0).into_iter().enumerate().map(moved).collect();
        let truth = truth(&rows);
        let generic = |row: &Row| {
            format!(
                "2025-06-12T{:02}:{:02}:{:02}.{:03},{}\n",
                row.0 / 3_600_000,
                row.0 / 60_000 % 60,
                row.0 / 1000 % 60,
                row.0 % 1000,
                row.2
            )
        };
        for (what, log, has_header) in [
            ("nvidia-smi", written(&rows, HEADER, whole_seconds), true),
            ("nvidia-smi without a header", written(&rows, "", whole_seconds), false),
            ("a table", String::from("time,gpu_power_w\n") + &rows.iter().map(generic).collect::<String>(), true),
        ] {
            for (order, log) in orders(&log, has_header) {
                let ([value, low, high], codes) = told(&log, truth);
                assert!((value - 1.0).abs() < 2e-4, "{devices} {what}, {order}: {value} of the truth, {codes:?}");
                assert!(low <= 1.0002 && (0.9998..1.3).contains(&high), "{devices} {what}, {order}: {low} to {high}");
                assert!(codes.iter().any(|code| code == "devices-by-place"), "{devices} {what}, {order}: {codes:?}");
            }
        }
    }
}

/// A log and its copy, in any order: each reading counts once, or the interval holds the truth and a warning says so.
#[test]
fn copies_in_any_order_count_once() {
    for devices in [1, 2, 8] {
        let rows = rounds(devices, 50, 0, 0);
        let twice: Vec<Row> = rows.iter().chain(&rows).copied().collect();
        for (order, log) in orders(&written(&twice, HEADER, true), true) {
            let ([value, low, high], codes) = told(&log, truth(&rows));
            assert!(
                (value - 1.0).abs() < 2e-4 && low <= 1.0002 && high >= 0.9998,
                "{devices}, {order}: {value}, {low} to {high}, {codes:?}"
            );
        }
    }
}

/// Machines that write into one file, under one name for each device: from the last row to the first, too.
#[test]
fn writers_in_any_order_are_as_many() {
    for writers in [2u64, 3] {
        let (mut log, mut joules) = (String::from("timestamp, index, power.draw [W]\n"), 0);
        for round in 0..400u64 {
            for writer in 0..writers {
                let ms = round * 1000 + 100 + writer * 270;
                for device in 0..2 {
                    let watts = 200 + writer * 90 + device * 11;
                    joules += if round > 0 { watts } else { 0 };
                    let (minute, second) = (ms / 60_000, ms / 1000 % 60);
                    log += &format!("2025/06/12 10:{minute:02}:{second:02}.{:03}, {device}, {watts}.00 W\n", ms % 1000 + 2 * device);
                }
            }
        }
        for (order, log) in orders(&log, true) {
            let ([value, low, high], codes) = told(&log, joules as f64);
            assert!((value - 1.0).abs() < 1e-3 && low <= 1.0 && high >= 1.0, "{writers}, {order}: {value}, {low} to {high}, {codes:?}");
        }
    }
}

/// What counts of several files, over the truth, and the rules of the decisions with their reasons.
fn together(logs: &[String], truth: f64) -> (f64, Vec<String>) {
    let mut ledger = Ledger::default();
    for (number, log) in logs.iter().enumerate() {
        let file = InputFile { path: format!("{number}.csv"), blake3: number.to_string(), ..InputFile::default() };
        ledger.add(file, read_in_order(log));
    }
    let settled = carbon_tests::settled(&ledger);
    let decisions = settled.decisions.iter().map(|decision| format!("{}: {}", decision.rule, decision.reason)).collect();
    (carbon_tests::energy(&settled).as_kwh() * 3.6e6 / truth, decisions)
}

/// A log of a few rounds that is cut within one, or appended to itself there, comes to what it came to: by place, and by the column that counts the devices
/// where another one beside it is called `index`.
#[test]
fn short_logs_may_be_cut_within_a_round() {
    for (devices, count, cut) in [(8, 5, 21), (8, 6, 19), (4, 5, 10), (3, 8, 13), (6, 7, 20)] {
        let rows = rounds(devices, count, 0, 0);
        let (first, second) = rows.split_at(cut);
        let (value, decisions) = together(&[written(first, HEADER, true), written(second, HEADER, true)], truth(&rows));
        assert!((value - 1.0).abs() < 1e-6, "{devices}, cut at {cut}: {value}, {decisions:?}");
        let counted = |rows: &[Row]| -> String {
            let line = |(ms, device, watts): &Row| format!("2025-09-08T17:26:{:02}+08:00,{device}, 0, {watts}.00, 33\n", ms / 1000);
            String::from("timestamp,gpu,index,power.draw,temperature.gpu\n") + &rows.iter().map(line).collect::<String>()
        };
        let (value, decisions) = together(&[counted(first), counted(second)], truth(&rows));
        assert!((value - 1.0).abs() < 1e-6, "{devices}, counted, cut at {cut}: {value}, {decisions:?}");
        let twice = counted(first) + counted(first).split_once('\n').expect("a header").1;
        let (value, decisions) = together(&[twice], truth(first));
        assert!((value - 1.0).abs() < 1e-6 && decisions.is_empty(), "{devices}, twice {cut} rows: {value}, {decisions:?}");
    }
}

/// A loop that prints a header each time, and its copy behind it: no machines come of it.
#[test]
fn copies_behind_a_loop_are_no_machines() {
    for (devices, count, copies) in [(1, 30, 2), (2, 12, 2), (3, 20, 3), (8, 40, 2)] {
        let rows = rounds(devices, count, 3_000, 0);
        let line = |(ms, device, watts): &Row| {
            format!("2025/06/12 14:{:02}:{:02}.{:03}, {device}, {watts}.00 W\n", ms / 60_000, ms / 1000 % 60, ms % 1000)
        };
        let header = "timestamp, index, power.draw [W]\n";
        let log: String = rows.chunks(devices).map(|round| header.to_string() + &round.iter().map(line).collect::<String>()).collect();
        let (value, decisions) = together(&[log.repeat(copies)], truth(&rows));
        assert!((value - 1.0).abs() < 1e-6 && decisions.is_empty(), "{devices}, {copies} copies: {value}, {decisions:?}");
    }
}

/// What the interval holds is what the decision says: regular rounds count whole, and where it is open whether rows are of several devices it is told.
#[test]
fn decisions_say_what_the_interval_holds() {
    let rows = rounds(8, 60, 2_000, 0);
    let (_, decisions) = together(&[written(&rows, HEADER, false)], truth(&rows));
    let ([_, low, _], _) = told(&written(&rows, HEADER, false), truth(&rows));
    assert!(low > 0.9 && decisions.len() == 1 && decisions[0].contains("all of them count"), "{low}, {decisions:?}");
    // Two writers whose readings are alike.
    let line = |(number, (ms, _, watts)): (usize, &Row)| {
        let ms = ms + number as u64 % 2 * 330;
        format!("2025/06/12 14:{:02}:{:02}.{:03}, 0, {}.00 W\n", ms / 60_000, ms / 1000 % 60, ms % 1000, 300 + watts % 2)
    };
    let log = String::from("timestamp, index, power.draw [W]\n") + &rounds(2, 60, 0, 0).iter().enumerate().map(line).collect::<String>();
    let (_, decisions) = together(&[log], 1.0);
    assert!(decisions.len() == 1 && decisions[0].starts_with("devices-indistinct"), "{decisions:?}");
}

/// A load that swings with the sampler, row after row at one pace, is of one device: samplers that were started at any two times are not so evenly apart.
#[test]
fn rows_at_one_pace_are_of_one_sampler() {
    for (swing, pace_ms, late_ms, has_headers) in
        [(5, 5_000, 0, true), (5, 5_000, 0, false), (4, 1_000, 9, false), (3, 10_000, 40, true), (7, 2_000, 15, false)]
    {
        let header = "timestamp, index, power.draw [W]\n";
        let rows: Vec<Row> = (0..240).map(|row: u64| (row * pace_ms + row * 7 % (late_ms + 1), 0, 250 + row % swing * 40)).collect();
        let lines = written(&rows, "", false);
        let lines: Vec<String> = lines.lines().map(|line| line.replacen(", ", ", 0, ", 1) + "\n").collect();
        let log = match has_headers {
            true => lines.iter().map(|line| format!("{header}{line}")).collect::<String>(),
            false => format!("{header}{}", lines.concat()),
        };
        let ([value, low, high], codes) = told(&log, truth(&rows));
        assert!((value - 1.0).abs() < 1e-9, "{swing} at {pace_ms} ms: {value}");
        assert!(low > 0.85 && high < 1.2 && !codes.iter().any(|code| code == "devices-indistinct"), "{low} to {high}: {codes:?}");
    }
    // A few irregular intervals that come back once are no turns of two writers.
    let rows: Vec<Row> = [0, 10, 30, 40].iter().map(|second| (second * 1000, 0, 300)).collect();
    let ([value, low, high], _) = told(&written(&rows, HEADER, false), truth(&rows));
    assert!((value - 1.0).abs() < 1e-9 && low > 0.85 && high < 1.2, "{value}: {low} to {high}");
}
