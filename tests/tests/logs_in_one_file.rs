//! Logs of several machines, one behind the other in one file (`cat node1.csv node2.csv`): each counts as if it stood alone, a decision says so, and the
//! interval holds both readings where what was read leaves it open. Truths are summed here from the rows that were written.

use carbon_core::ledger::{Evidence, InputFile, Ledger, LedgerOptions};
use carbon_core::read::{FileReader, ReadOptions};
use carbon_core::series::InOrder;
use carbon_core::units::Energy;

/// A log of so many rows: when it begins, s; how far its rows are apart, s; what one device after the other draws at a row, W.
struct Log {
    start: u64,
    step: u64,
    rows: u64,
    watts: fn(u64, u64) -> u64,
    devices: u64,
}

impl Log {
    /// Joules between its first row and its last, by trapezoid.
    fn joules(&self) -> f64 {
        let of = |device| (1..self.rows).map(|row| (self.watts)(device, row - 1) + (self.watts)(device, row)).sum::<u64>();
        (0..self.devices).map(of).sum::<u64>() as f64 * self.step as f64 / 2.0
    }

    fn stamp(&self, row: u64) -> String {
        let second = self.start + row * self.step;
        format!("2026/03/{:02} {:02}:{:02}:{:02}", 1 + second / 86_400, second / 3600 % 24, second / 60 % 60, second % 60)
    }

    /// As `nvidia-smi` writes it.
    fn smi(&self, has_header: bool, has_index: bool) -> String {
        let mut text = String::new();
        if has_header {
            text += if has_index { "timestamp, index, power.draw [W]\n" } else { "timestamp, power.draw [W]\n" };
        }
        for (row, device) in (0..self.rows).flat_map(|row| (0..self.devices).map(move |device| (row, device))) {
            let index = if has_index { format!(", {device}") } else { String::new() };
            text += &format!("{}.{:03}{index}, {}.00 W\n", self.stamp(row), 2 * device, (self.watts)(device, row));
        }
        text
    }

    /// As a table with a column for each device.
    fn wide(&self, has_header: bool) -> String {
        let mut text = String::new();
        if has_header {
            let names: Vec<String> = (0..self.devices).map(|device| format!("gpu{device}_w")).collect();
            text += &format!("time,{}\n", names.join(","));
        }
        for row in 0..self.rows {
            let watts: Vec<String> = (0..self.devices).map(|device| (self.watts)(device, row).to_string()).collect();
            text += &format!("{},{}\n", 1_772_323_200 + self.start + row * self.step, watts.join(","));
        }
        text
    }

    /// As the counter of one package, which stood at `at` J.
    fn counter(&self, at: u64) -> String {
        let mut text = String::new();
        let mut doubled = 2 * at;
        for row in 0..self.rows {
            if row > 0 {
                doubled += ((self.watts)(0, row - 1) + (self.watts)(0, row)) * self.step;
            }
            text += &format!("{},{}\n", 1_772_323_200 + self.start + row * self.step, doubled * 500_000);
        }
        text
    }
}

/// Joules that count, the least and the most that they may be, and the rules of the decisions. Rows out of order are put in order of time.
fn told(text: &str) -> ([f64; 3], Vec<&'static str>) {
    let mut reader = FileReader::new(ReadOptions::default());
    reader.push(text.as_bytes());
    let mut reading = reader.finish();
    if reading.is_unordered() {
        let mut sorter = InOrder::keeping(10_000);
        loop {
            let mut reader = FileReader::queueing(ReadOptions::default());
            reader.push(text.as_bytes());
            reader.finish().drain_into(&mut sorter);
            if !sorter.end_pass() {
                break;
            }
        }
        reading.put_in_order(sorter.finish());
    }
    let mut ledger = Ledger::default();
    ledger.add(InputFile { path: "all.csv".into(), bytes: 1, blake3: "a".into(), ..InputFile::default() }, reading);
    let settled = ledger.settle(LedgerOptions::default());
    let sum = |of: &dyn Fn(&Evidence) -> Energy| settled.evidence.iter().map(|e| of(e).as_kwh() * 3.6e6).sum::<f64>();
    let (value, less, more) = (sum(&|e| e.energy), sum(&|e| e.less), sum(&|e| e.more));
    ([value, value - less, value + more], settled.decisions.iter().map(|decision| decision.rule).collect())
}

const A: fn(u64, u64) -> u64 = |device, row| 200 + 40 * device + row * 31 % 47;
const B: fn(u64, u64) -> u64 = |device, row| 310 + 30 * device + row * 17 % 61;
const C: fn(u64, u64) -> u64 = |device, row| 120 + 15 * device + row * 13 % 29;

#[test]
fn each_log_of_a_file_counts() {
    let log = |start, step, watts, devices| Log { start, step, rows: 240, watts, devices };
    let (a, b, c) = (log(36_000, 1, A, 4), log(36_000, 1, B, 4), log(36_001, 1, C, 4));
    let [slow_a, slow_b] = [A, B].map(|watts| log(36_000, 30, watts, 2));
    // The second began ten minutes later, of two hours.
    let late = log(36_600, 30, C, 2);
    let next_day = |watts| log(36_000 + 86_400, 30, watts, 2);
    let one = |watts| log(36_000, 10, watts, 1);
    // Machines of different size: of the boards that only two of them have, two logs stand there.
    let (small, large, larger) = (log(36_000, 1, A, 2), log(36_000, 1, B, 4), log(36_000, 1, C, 6));
    // The last board of each idles.
    let (idle_a, idle_b): (fn(u64, u64) -> u64, fn(u64, u64) -> u64) =
        (|device, row| if device == 1 { 60 } else { A(device, row) }, |device, row| if device == 1 { 60 } else { B(device, row) });
    let (idle_a, idle_b) = (log(36_000, 1, idle_a, 2), log(36_000, 1, idle_b, 2));
    for (what, text, logs) in [
        ("two nodes", a.smi(true, true) + &b.smi(true, true), vec![&a, &b]),
        ("without the second header", a.smi(true, true) + &b.smi(false, true), vec![&a, &b]),
        ("three nodes", a.smi(true, true) + &b.smi(true, true) + &c.smi(true, true), vec![&a, &b, &c]),
        (
            "two, four and six boards",
            small.smi(true, true) + &large.smi(true, true) + &larger.smi(true, true),
            vec![&small, &large, &larger],
        ),
        (
            "six, two and four boards",
            larger.smi(true, true) + &small.smi(false, true) + &large.smi(false, true),
            vec![&small, &large, &larger],
        ),
        ("an idle board of each", idle_a.smi(true, true) + &idle_b.smi(true, true), vec![&idle_a, &idle_b]),
        ("columns", slow_a.wide(true) + &slow_b.wide(true), vec![&slow_a, &slow_b]),
        ("one that began later", slow_a.wide(true) + &late.wide(true), vec![&slow_a, &late]),
        (
            "two days of each",
            slow_a.wide(true) + &next_day(A).wide(true) + &slow_b.wide(true) + &next_day(B).wide(true),
            vec![&slow_a, &slow_b, &slow_a, &slow_b],
        ),
        ("no index", one(A).smi(true, false) + &one(B).smi(true, false) + &one(C).smi(false, false), vec![&one(A), &one(B), &one(C)]),
        (
            "counters",
            String::from("time,cpu0_counter_uj\n") + &one(A).counter(70_000) + &one(B).counter(4_000) + &one(C).counter(200_000),
            vec![&one(A), &one(B), &one(C)],
        ),
    ] {
        let truth: f64 = logs.iter().map(|log| log.joules()).sum();
        let ([value, low, high], rules) = told(&text);
        assert!((value - truth).abs() < 1e-6 * truth, "{what}: {value} of {truth}");
        // Energies that differ by more than a tenth are of two for certain.
        assert!((low - truth).abs() < 1e-6 * truth && (high - truth).abs() < 1e-6 * truth, "{what}: {low} to {high} of {truth}");
        assert!(rules.contains(&"hosts-told-apart"), "{what}: {rules:?}");
    }
}

#[test]
fn what_may_be_one_machine_stays_in_the_interval() {
    // Within a tenth of each other, and not together: two most likely.
    let near: fn(u64, u64) -> u64 = |device, row| 203 + 40 * device + row * 19 % 43;
    // At one steady power: two machines, or a clock that was set back to where the log began.
    let (steady, steadier): (fn(u64, u64) -> u64, fn(u64, u64) -> u64) = (|_, _| 300, |_, _| 301);
    for (what, first, second, rule) in [("like readings", A, near, "hosts-told-apart"), ("steady ones", steady, steadier, "clock-set-back")]
    {
        let (a, b) = [first, second].map(|watts| Log { start: 36_000, step: 5, rows: 300, watts, devices: 2 }).into();
        let truth = a.joules() + b.joules();
        let ([value, low, high], rules) = told(&(a.smi(true, true) + &b.smi(true, true)));
        // The clock's step is bridged by an interval.
        let bridged = if rule == "clock-set-back" { 2.0 * 5.0 * 301.0 } else { 0.0 };
        assert!((truth..=truth + bridged + 1e-6 * truth).contains(&(value + 1e-9 * truth)), "{what}: {value} of {truth}");
        let one = a.joules().min(b.joules());
        assert!(low <= 1.01 * one && high >= truth - 1e-6 * truth, "{what}: {low} to {high}; one of them is {one}");
        assert!(rules.contains(&rule), "{what}: {rules:?}");
    }
}

#[test]
fn a_clock_that_was_set_back_and_a_copy_are_no_machines() {
    let whole = Log { start: 36_000, step: 10, rows: 720, watts: A, devices: 1 };
    // An hour back after ninety minutes, as when summer time ends; the watts go on.
    let mut lines: Vec<String> = whole.wide(true).lines().map(String::from).collect();
    for line in lines.iter_mut().skip(1 + 540) {
        let (time, watts) = line.split_once(',').expect("two cells");
        *line = format!("{},{watts}", time.parse::<u64>().expect("seconds") - 3600);
    }
    let ([value, ..], rules) = told(&(lines.join("\n") + "\n"));
    assert!((value - whole.joules()).abs() < 250.0 * 10.0, "{value} of {}", whole.joules());
    assert!(rules.contains(&"clock-set-back") && !rules.contains(&"hosts-told-apart"), "{rules:?}");
    for copies in [2, 3] {
        let ([value, ..], rules) = told(&whole.wide(true).repeat(copies));
        assert!((value - whole.joules()).abs() < 1e-6 * whole.joules(), "{copies} copies: {value} of {}", whole.joules());
        assert!(!rules.contains(&"hosts-told-apart") && !rules.contains(&"clock-set-back"), "{rules:?}");
    }
}

/// However many there are, and however long the file is: what lies between two recordings is not bridged.
#[test]
fn short_recordings_below_headers_of_their_own_stay_apart() {
    for (rows, step, pause) in [(2, 5, 60), (3, 5, 600), (2, 1, 20), (5, 10, 1_800)] {
        for count in [10, 500, 700, 2_000] {
            let row = |at: u64| {
                format!("2025/06/{:02} {:02}:{:02}:{:02}.000, 0, A100, 300 W\n", 1 + at / 86_400, at / 3_600 % 24, at / 60 % 60, at % 60)
            };
            let (length, header) = ((rows - 1) * step, "timestamp, index, name, power.draw [W]\n");
            let recording =
                |number: u64| (0..rows).map(|n| row((number * (length + pause) + n * step) % (29 * 86_400))).collect::<String>();
            let count = count.min(29 * 86_400 / (length + pause));
            let text: String = (0..count).map(|number| format!("{header}{}", recording(number))).collect();
            let ([value, ..], _) = told(&text);
            let expected = (300 * length * count) as f64;
            assert!((value / expected - 1.0).abs() < 1e-9, "{count} of {rows} rows each {step} s: {value} J, expected {expected} J");
        }
    }
}
