//! Energies that are printed in steps: a meter that shows hundredths of a kilowatt-hour tells nothing of less, and the interval says so. Truths are summed here
//! from a power that is known at each second; what a meter shows is cut or rounded by hand.

use carbon_core::ledger::{Evidence, InputFile, Ledger, LedgerOptions};
use carbon_core::read::{FileReader, ReadOptions};
use carbon_core::units::Energy;

/// Joules that count, the least and the most that they may be, and by which rules something was left out.
fn told(name: &str, text: &str) -> ([f64; 3], Vec<&'static str>) {
    told_of(name, text, ReadOptions::default())
}

fn told_of(name: &str, text: &str, options: ReadOptions) -> ([f64; 3], Vec<&'static str>) {
    let mut ledger = Ledger::default();
    let mut reader = FileReader::new(options);
    reader.push(text.as_bytes());
    ledger.add(InputFile { path: name.into(), bytes: 1, blake3: "a".into(), ..InputFile::default() }, reader.finish());
    let settled = ledger.settle(LedgerOptions::default());
    let sum = |of: &dyn Fn(&Evidence) -> Energy| settled.evidence.iter().map(|e| of(e).as_kwh() * 3.6e6).sum::<f64>();
    let (value, less, more) = (sum(&|e| e.energy), sum(&|e| e.less), sum(&|e| e.more));
    ([value, value - less, value + more], settled.decisions.iter().map(|decision| decision.rule).collect())
}

/// A stamp of a second of a Sunday morning.
fn stamp(second: u64) -> String {
    format!("2026-03-01T{:02}:{:02}:{:02}", 10 + second / 3600, second / 60 % 60, second % 60)
}

/// Joules that a machine of 150 to 209 W used from 0 to a second.
fn joules(second: u64) -> f64 {
    (0..second).map(|at| 150.0 + (at % 60) as f64).sum()
}

/// A counter that stood at so many joules, as it is shown at each step of so many seconds: cut to steps of so many joules.
fn shown(seconds: &[u64], begins: f64, step: f64) -> impl Iterator<Item = (u64, f64)> + '_ {
    seconds.iter().map(move |second| (*second, ((begins + joules(*second)) / step).floor()))
}

fn every(step: usize, to: u64) -> Vec<u64> {
    (0..=to).step_by(step).collect()
}

/// J in a hundredth and in a thousandth of a kWh.
const HUNDREDTH: f64 = 36_000.0;
const THOUSANDTH: f64 = 3_600.0;

#[test]
fn a_counter_in_coarse_steps_holds_what_it_does_not_show() {
    // 20 minutes are about 0.06 kWh, six steps of a hundredth of a kWh.
    for (what, head, row) in [
        ("a table", "time,node_energy_kwh\n", (|at: String, n: f64| format!("{at}Z,{:.2}\n", n / 100.0)) as fn(String, f64) -> String),
        ("with its unit in the cell", "time,node_energy\n", |at, n| format!("{at}Z,{:.2} kWh\n", n / 100.0)),
        ("with a decimal comma", "time;node_energy_kwh\n", |at, n| format!("{at}Z;{:.2}\n", n / 100.0).replace('.', ",")),
        ("without zeros at the end", "time,node_energy_kwh\n", |at, n| format!("{at}Z,{}\n", n / 100.0)),
        ("JSON lines", "", |at, n| format!("{{\"time\":\"{at}Z\",\"node_energy_kwh\":{}}}\n", n / 100.0)),
        ("a plug's status", "", |at, n| {
            format!(
                "{{\"Time\":\"{at}\",\"ENERGY\":{{\"TotalStartTime\":\"2023-01-13T09:11:26\",\"Total\":{:.2},\"Yesterday\":1.2,\"Today\":0.8}}}}\n",
                n / 100.0
            )
        }),
    ] {
        for begins in [44_000.0, 60_000.0, 71_000.0] {
            let text: String =
                shown(&every(60, 1200), 10.0 * THOUSANDTH * 1000.0 + begins, HUNDREDTH).map(|(at, n)| row(stamp(at), n)).collect();
            let ([value, low, high], _) = told("plug.log", &format!("{head}{text}"));
            let truth = joules(1200);
            assert!(value > 0.0, "{what}: nothing is read");
            assert!((low..=high).contains(&truth), "{what} from {begins}: {truth} J do not lie in {low} to {high} J");
            assert!((high - value - HUNDREDTH).abs() < 1.0 && (value - low - HUNDREDTH).abs() < 1.0, "{what}: {low} {value} {high}");
        }
    }
}

#[test]
fn energies_of_intervals_are_off_by_a_step_each() {
    // Each row is about 10 kJ, 2.99 Wh, shown in whole watt-hours: 3 Wh a row when rounded, 2 Wh when cut.
    let whole = |round: fn(f64) -> f64| {
        let rows = (1..=20u64).map(|row| {
            let joules = joules(60 * row) - joules(60 * (row - 1));
            format!("{}Z,{:.0}\n", stamp(60 * row), round(joules / THOUSANDTH))
        });
        format!("time,node_energy_wh\n{}", rows.collect::<String>())
    };
    for (what, round) in [("rounded", f64::round as fn(f64) -> f64), ("cut", f64::floor)] {
        let columns = Some(["time", "node_energy_wh"].map(String::from).to_vec());
        let ([value, low, high], _) = told_of("energy.csv", &whole(round), ReadOptions { columns, ..ReadOptions::default() });
        let truth = joules(1200);
        assert!((low..=high).contains(&truth), "{what}: {truth} J do not lie in {low} to {high} J, {value}");
        assert!(high - low < 32.0 * THOUSANDTH, "{what}: {low} to {high}");
    }
}

#[test]
fn power_counts_before_a_counter_that_is_coarser() {
    // Three minutes are 9 Wh of a plug that shows whole watt-hours: a ninth of it is one step.
    let log = |seconds: u64| {
        let row = |(at, wh): (u64, f64)| {
            let watts = 150 + at % 60;
            let (begun, total) = ("2023-01-13T09:11:26", wh / 1000.0);
            format!("{{\"Time\":\"{}\",\"ENERGY\":{{\"TotalStartTime\":\"{begun}\",\"Total\":{total:.3},\"Power\":{watts}}}}}\n", stamp(at))
        };
        shown(&every(10, seconds), 202_227.0 * THOUSANDTH, THOUSANDTH).map(row).collect::<String>()
    };
    let ([value, ..], left_out) = told("plug.jsonl", &log(180));
    // Trapezoids of 10 s over a saw of 60 s: the mean of 150 and 200 W for 50 s, 175 W for 10 s as it falls.
    assert!((value - 3.0 * (175.0 * 50.0 + 175.0 * 10.0)).abs() < 1.0, "{value}");
    assert_eq!(left_out, ["overlap-counted-once"]);
    // An hour is 180 Wh: the counter tells to less than a hundredth.
    let ([value, low, high], left_out) = told("plug.jsonl", &log(3600));
    assert_eq!(left_out, ["counter-before-power"]);
    assert!((low..=high).contains(&joules(3600)) && (value - joules(3600)).abs() <= THOUSANDTH, "{value}, {low} to {high}");
}

#[test]
fn fine_steps_change_nothing() {
    for (head, digits, per_kwh) in [("time,node_energy_kwh", 6, 1.0), ("time,node_counter_j", 0, 3.6e6), ("time,node_counter_j", 3, 3.6e6)]
    {
        let row = |second: u64| format!("{}Z,{:.digits$}\n", stamp(second), joules(second) / 3.6e6 * per_kwh);
        let text: String = every(60, 1200).into_iter().map(row).collect();
        let ([value, low, high], _) = told("fine.csv", &format!("{head}\n{text}"));
        assert_eq!((low, high), (value, value), "{head}");
        assert!((value - joules(1200)).abs() < 10.0, "{head}: {value}");
    }
}

#[test]
fn a_log_that_was_cut_in_two_has_the_steps_of_one() {
    let rows: Vec<String> =
        shown(&every(60, 1200), 0.4 * HUNDREDTH, HUNDREDTH).map(|(at, n)| format!("{}Z,{:.2}\n", stamp(at), n / 100.0)).collect();
    let columns = || Some(["time", "node_counter_kwh"].map(String::from).to_vec());
    let counter = || ReadOptions { columns: columns(), ..ReadOptions::default() };
    let mut ledger = Ledger::default();
    for (name, rows) in [("a", &rows[..9]), ("b", &rows[9..])] {
        let mut reader = FileReader::new(counter());
        reader.push(format!("time,node_energy_kwh\n{}", rows.concat()).as_bytes());
        ledger.add(InputFile { path: format!("{name}.csv"), bytes: 1, blake3: name.into(), ..InputFile::default() }, reader.finish());
    }
    let settled = ledger.settle(LedgerOptions::default());
    let sum = |of: &dyn Fn(&Evidence) -> Energy| settled.evidence.iter().map(|e| of(e).as_kwh() * 3.6e6).sum::<f64>();
    let ([whole, low, _], _) = told_of("whole.csv", &format!("time,node_energy_kwh\n{}", rows.concat()), counter());
    assert!(
        (sum(&|e| e.energy) - whole).abs() < 1.0 && (sum(&|e| e.less) - (whole - low)).abs() < 1.0,
        "{whole}: {} less {}",
        sum(&|e| e.energy),
        sum(&|e| e.less)
    );
}
