//! Counters that run through their range, in whatever unit they are written, and more often than their readings tell. Truths are summed here from the
//! power at each second.

use carbon_core::ledger::{Evidence, InputFile, Ledger, LedgerOptions};
use carbon_core::read::{FileReader, ReadOptions};
use carbon_core::units::Energy;

/// Joules at which registers start again: of packages, of memory and of AMD's packages.
const PACKAGE: f64 = 262_143.328_850;
const MEMORY: f64 = 65_712.999_613;
const AMD: f64 = 65_532.610_987;

/// Joules that count, and the least and the most that they may be.
fn told(text: &str) -> [f64; 3] {
    let mut ledger = Ledger::default();
    let mut reader = FileReader::new(ReadOptions::default());
    reader.push(text.as_bytes());
    ledger.add(InputFile { path: "cpu.csv".into(), bytes: 1, blake3: "a".into(), ..InputFile::default() }, reader.finish());
    let settled = ledger.settle(LedgerOptions::default());
    let sum = |of: &dyn Fn(&Evidence) -> Energy| settled.evidence.iter().map(|e| of(e).as_kwh() * 3.6e6).sum::<f64>();
    let (value, less, more) = (sum(&|e| e.energy), sum(&|e| e.less), sum(&|e| e.more));
    [value, value - less, value + more]
}

/// A counter that is read at these seconds, begins at so many joules and starts again at `range`; and what it counted, J.
fn log(header: &str, device: &str, per_joule: f64, seconds: &[u64], (at, range): (f64, f64), watts: fn(u64) -> u64) -> (String, f64) {
    let (mut text, mut counted, mut last) = (format!("{header}\n"), 0, *seconds.first().expect("a second"));
    for second in seconds {
        counted += (last..*second).map(watts).sum::<u64>();
        last = *second;
        let value = (at + counted as f64) % range * per_joule;
        let value = if per_joule > 1.0 { format!("{value:.0}") } else { format!("{value:.3}") };
        text += &format!("{},{device}{value}\n", 1_772_323_200 + second);
    }
    (text, counted as f64)
}

fn every(step: usize, from: u64, to: u64) -> Vec<u64> {
    (from..=to).step_by(step).collect()
}

#[test]
fn a_register_in_joules_is_a_register() {
    let hour = every(10, 0, 3600);
    for (header, device, begins, watts) in [
        ("time,cpu_energy_j", "", (240_000.0, PACKAGE), (|second| 90 + second % 31) as fn(u64) -> u64),
        ("time,cpu0_counter_j", "", (64_000.0, AMD), |second| 60 + second % 17),
        ("time,dram_energy_j", "", (60_000.0, MEMORY), |second| 20 + second % 5),
        ("time,domain,energy_j", "package-0,", (200_000.0, PACKAGE), |second| 130 + second % 23),
    ] {
        let (text, truth) = log(header, device, 1.0, &hour, begins, watts);
        let [value, ..] = told(&text);
        assert!((value - truth).abs() < 1e-4 * truth, "{header}: {value} of {truth}");
    }
}

#[test]
fn joules_that_a_script_adds_up_begin_anew() {
    // Of a script that was started again after 40 rows; nothing of the interval between is known.
    for (step, watts) in [(60, 50), (300, 50), (10, 20)] {
        let half: Vec<u64> = (0..40).map(|row| row * step * watts).collect();
        let row = |(at, joules): (usize, &u64)| format!("{},{joules}\n", 1_772_323_200 + at as u64 * step);
        let text: String = half.iter().chain(&half).enumerate().map(row).collect();
        let truth = (2 * 39 * step * watts) as f64;
        let [value, ..] = told(&format!("time,cpu_energy_j\n{text}"));
        assert!((value - truth).abs() < 1e-6 * truth, "each {step} s: {value} of {truth}");
    }
}

#[test]
fn other_readings_tell_how_often_a_counter_ran_through() {
    let with_pause = |pause: u64| [every(10, 0, 1800), every(10, 1800 + pause, 5400 + pause)].concat();
    let a_slow_end = [every(10, 0, 900), every(1800, 2700, 30_000)].concat();
    let a_slow_beginning = [every(1800, 0, 27_000), every(10, 27_010, 28_000)].concat();
    let (steady, swings): (fn(u64) -> u64, fn(u64) -> u64) = (|second| 150 + second % 7, |second| 200 + second / 100 % 30);
    for (what, seconds, watts) in [
        ("a pause", with_pause(2400), steady),
        ("a longer one", with_pause(4500), steady),
        ("at a power that swings", with_pause(4000), swings),
        ("slow at the end", a_slow_end, |_| 240),
        ("slow in the beginning", a_slow_beginning, |second| 240 + second % 11),
    ] {
        for (header, device, per_joule) in
            [("time,cpu0_counter_uj", "", 1e6), ("time,name,energy_uj", "package-0,", 1e6), ("time,cpu0_counter_j", "", 1.0)]
        {
            let (text, truth) = log(header, device, per_joule, &seconds, (200_000.0, PACKAGE), watts);
            let [value, low, high] = told(&text);
            assert!((value - truth).abs() < 1e-4 * truth, "{what}, {header}: {value} of {truth}");
            // It may not have: the readings' own joules, a range less for each.
            assert!(low < truth - 0.9 * PACKAGE && high >= truth * (1.0 - 1e-9), "{what}, {header}: {low} to {high} of {truth}");
        }
    }
    // A pause in which the machine may have slept stays at what the readings tell.
    let slept: fn(u64) -> u64 = |second| if (1800..4200).contains(&second) { 2 } else { 300 };
    let (text, truth) = log("time,cpu0_counter_uj", "", 1e6, &with_pause(2400), (200_000.0, PACKAGE), slept);
    let [value, low, _] = told(&text);
    assert!((value - truth).abs() < 1e-6 * truth && (low - truth).abs() < 1e-6 * truth, "{low}, {value} of {truth}");
}

/// A counter at 150 W that is read each `step_ms` for a minute, moves each `update_ms`, and is `jump` joules higher from the middle on.
fn jumping(step_ms: u64, update_ms: u64, jump: u64) -> String {
    let mut text = String::from("time,cpu_energy_counter_j\n");
    for at in (0..=60_000).step_by(usize::try_from(step_ms).expect("a step")) {
        let joules = 0.15 * (at / update_ms * update_ms) as f64 + if at > 30_000 { jump as f64 } else { 0.0 };
        text += &format!("{}.{:03},{joules:.3}\n", 1_772_323_200 + at / 1000, at % 1000);
    }
    text
}

#[test]
fn a_step_that_no_device_makes_between_two_looks_is_none() {
    // A digit that was misread: 10 kJ in a tenth of a second are 100 kW.
    for (step_ms, jump) in [(100, 10_000), (100, 2_000), (1000, 10_000), (1000, 30_000), (2000, 20_000)] {
        // What it counted in that look is not known.
        let [value, ..] = told(&jumping(step_ms, step_ms, jump));
        assert!((value - 9000.0).abs() <= 0.15 * (step_ms as f64) + 1.0, "each {step_ms} ms, {jump} J: {value} J");
    }
    // A counter that moves each five seconds catches up in one look; so does one whose reader was late.
    let [value, ..] = told(&jumping(100, 5000, 0));
    assert!((value - 9000.0).abs() < 1.0, "{value} J");
    let late: String = jumping(1000, 1000, 0).lines().filter(|line| !line.contains("1772323220") || line.contains("time")).fold(
        String::new(),
        |all, line| {
            // The readings of seconds 21 and 22 were written in the moment of the 23rd.
            all + &line.replace("1772323221.000", "1772323222.990").replace("1772323222.000", "1772323222.995") + "\n"
        },
    );
    let [value, ..] = told(&late);
    assert!((value - 9000.0).abs() < 1.0, "{value} J");
}
