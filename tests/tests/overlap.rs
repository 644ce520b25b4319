//! Two logs of one device that overlap are seen to be of one device, however little they share; those of two devices are not taken for one.

use std::fmt::Write;

use carbon_core::ledger::{Evidence, InputFile, Ledger, LedgerOptions};
use carbon_core::read::{FileReader, ReadOptions};
use carbon_core::units::{Energy, Instant, calendar};
use carbon_tests::promises::{full, shown};

/// 2025-06-12T14:03:21Z.
const START_S: i64 = 1_749_737_001;

/// Numbers that come back, so that a failure does.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: i64) -> i64 {
        (self.next() % end.unsigned_abs()) as i64
    }
}

/// Power of a device, mW by ms: a training with steps and pauses that are its own.
struct Device {
    level: i64,
    swing: i64,
    period_ms: i64,
    phase_ms: i64,
}

impl Device {
    fn new(random: &mut Random) -> Self {
        Self {
            level: 200_000 + random.below(300_000),
            swing: 20_000 + random.below(120_000),
            period_ms: 20_000 + random.below(200_000),
            phase_ms: random.below(200_000),
        }
    }

    fn at(&self, ms: i64) -> i64 {
        let within = (ms + self.phase_ms).rem_euclid(self.period_ms);
        // A saw, so that it moves at every reading.
        self.level + self.swing * within / self.period_ms
    }

    /// Joules from one moment to another, by the millisecond.
    fn joules(&self, from_ms: i64, to_ms: i64) -> f64 {
        (from_ms..to_ms).map(|ms| self.at(ms) as f64 * 1e-6).sum()
    }

    /// Joules by which what is logged from one moment to another may differ from them: where the first and last rows stand
    /// within a second, and where the saw falls between two rows, for half of such a second at most.
    fn near_joules(&self, from_ms: i64, to_ms: i64) -> f64 {
        let falls = (to_ms - from_ms) / self.period_ms + 1;
        ((self.level + self.swing) as f64 * 1.5 + (self.swing * falls) as f64 * 0.5) * 1e-3
    }

    /// As nvidia-smi logs it, each second, some ms late.
    fn log(&self, from_s: i64, to_s: i64, random: &mut Random) -> String {
        let mut text = String::from("timestamp, index, power.draw [W]\n");
        for second in from_s..to_s {
            let ms = second * 1000 + random.below(400);
            let stamp = calendar::rfc3339(Instant::from_micros(START_S * 1_000_000 + ms * 1_000), true);
            let mw = self.at(ms);
            let _ =
                writeln!(text, "{}, 0, {}.{:02} W", stamp.replace('-', "/").replace('T', " ").replace('Z', ""), mw / 1000, mw / 10 % 100);
        }
        text
    }
}

/// Joules that count, and the least and the most that they may be.
fn joules(files: [(&str, String); 2]) -> [f64; 3] {
    let mut ledger = Ledger::default();
    for (path, text) in files {
        let mut reader = FileReader::new(ReadOptions::default());
        reader.push(text.as_bytes());
        ledger.add(InputFile { path: path.into(), bytes: text.len() as u64, blake3: path.into(), ..InputFile::default() }, reader.finish());
    }
    let settled = ledger.settle(LedgerOptions::default());
    let sum = |of: &dyn Fn(&Evidence) -> Energy| settled.evidence.iter().map(|e| of(e).as_kwh() * 3.6e6).sum::<f64>();
    let (value, less, more) = (sum(&|e| e.energy), sum(&|e| e.less), sum(&|e| e.more));
    [value, value - less, value + more]
}

#[test]
fn overlapping_logs_of_one_device_are_found_and_others_are_not() {
    let pairs = if full() { 1_000 } else { 100 };
    let mut random = Random(20_261_129);
    let (mut found, mut false_joins, mut false_hosts) = (0, 0, 0);
    let (mut missed, mut outside) = (Vec::new(), Vec::new());
    for pair in 0..pairs {
        let device = Device::new(&mut random);
        let length = 120 + random.below(600);
        // From one second to all of it.
        let overlap = 1 + random.below(length);
        let second = length - overlap;
        let (end, truth) = (second + length, device.joules(0, (second + length - 1) * 1000));
        let logs = [("logs/a.csv", device.log(0, length, &mut random)), ("logs/b.csv", device.log(second, end, &mut random))];
        let [value, low, high] = joules(logs);
        let near = device.near_joules(0, (second + length) * 1000);
        match (value - truth).abs() <= near {
            true => found += 1,
            false => missed.push((pair, overlap, value / truth)),
        }
        // An end of less than three seconds counts for nothing: clocks and stamps are not that exact.
        let ends = near + device.joules(0, 3_000);
        if !(low - ends..=high + ends).contains(&truth) {
            outside.push((pair, overlap, low / truth, high / truth));
        }

        // Two devices, of which nothing but what they draw says that they are two.
        let (one, two) = (Device::new(&mut random), Device::new(&mut random));
        let truth = one.joules(0, (length - 1) * 1000) + two.joules(second * 1000, (end - 1) * 1000);
        let logs = [one.log(0, length, &mut random), two.log(second, end, &mut random)];
        let [a, b] = logs.clone();
        let [on_hosts, ..] = joules([("node1/gpu.csv", a), ("node2/gpu.csv", b)]);
        let [a, b] = logs;
        let [value, low, high] = joules([("logs/a.csv", a), ("logs/b.csv", b)]);
        let near = one.near_joules(0, length * 1000) + two.near_joules(second * 1000, end * 1000);
        false_hosts += usize::from((on_hosts - truth).abs() > near);
        false_joins += usize::from((value - truth).abs() > near);
        if !(low - near..=high + near).contains(&truth) {
            outside.push((pair, overlap, low / truth, high / truth));
        }
    }
    assert!(found * 100 >= pairs * 99, "{found} of {pairs} were found; pair, seconds shared, value over truth: {missed:?}");
    assert!(false_hosts * 1000 <= pairs, "{false_hosts} of {pairs} pairs of two hosts were taken for one");
    assert!(false_joins * 50 <= pairs, "{false_joins} of {pairs} pairs of two devices were taken for one");
    assert!(outside.is_empty(), "both hypotheses lie in the interval; pair, seconds shared, ends over truth: {outside:?}");
    shown(&format!(
        "{found} of {pairs} overlaps found; {false_hosts} of {pairs} pairs of two hosts taken for one, {false_joins} of as many that nothing names, with the other in the interval"
    ));
}

/// A log of `perf stat` that is cut, whose parts overlap, or behind which its rows stand again, comes to its joules; two runs in one file count both.
#[test]
fn perf_logs_may_be_cut_and_copied() {
    let csv = |at: f64, joules: f64| format!("     {at:.9},{joules:.2},Joules,power/energy-pkg/,1001200000,100.00,,\n");
    let table = |at: f64, joules: f64| format!("     {at:.9}             {joules:.2} Joules power/energy-pkg/\n");
    let sockets = |at: f64, joules: f64| {
        let row = |socket: u8, joules: f64| format!("     {at:.9},S{socket},1,{joules:.2},Joules,power/energy-pkg/,1001200000,100.00,,\n");
        row(0, joules / 2.0 - 4.0) + &row(1, joules / 2.0 + 4.0)
    };
    let started = "# started on Sun Mar  1 10:00:00 2026\n\n";
    let formats: [(&str, &dyn Fn(f64, f64) -> String); 3] = [("csv", &csv), ("table", &table), ("sockets", &sockets)];
    for (name, row) in formats {
        let joules = |number: usize| 80.0 + 2.0 * (number % 7) as f64;
        let rows = |numbers: std::ops::Range<usize>| -> String {
            numbers.map(|number| row((number + 1) as f64 * 1.0017, joules(number))).collect()
        };
        let whole: f64 = (0..60).map(joules).sum();
        let log = |ranges: &[(usize, usize)]| started.to_string() + &ranges.iter().map(|(from, to)| rows(*from..*to)).collect::<String>();
        for (what, logs) in [
            ("whole", vec![log(&[(0, 60)])]),
            ("twice", vec![log(&[(0, 60), (0, 60)])]),
            ("a part again", vec![log(&[(0, 60), (20, 50)])]),
            ("parts that overlap", vec![log(&[(0, 40), (20, 60)])]),
            ("cut", vec![log(&[(0, 30)]), log(&[(30, 60)])]),
            ("cut in three", vec![log(&[(0, 13)]), log(&[(13, 37)]), log(&[(37, 60)])]),
            ("files that overlap", vec![log(&[(0, 40)]), log(&[(20, 60)])]),
        ] {
            let mut ledger = Ledger::default();
            for (number, log) in logs.iter().enumerate() {
                let mut reader = FileReader::new(ReadOptions::default());
                reader.push(log.as_bytes());
                let file = InputFile { path: format!("{number}.csv"), blake3: number.to_string(), ..InputFile::default() };
                ledger.add(file, reader.finish());
            }
            let settled = ledger.settle(LedgerOptions::default());
            let counted = settled.evidence.iter().map(|one| one.energy).sum::<Energy>().as_kwh() * 3.6e6;
            // Within a second of a seam, energy is shared out evenly.
            assert!((counted - whole).abs() < 0.5, "{name}, {what}: {counted} J of {whole}");
            let rules: Vec<&str> = settled.decisions.iter().map(|decision| decision.rule).collect();
            assert!(!rules.contains(&"hosts-told-apart"), "{name}, {what}: {rules:?}");
        }
    }
    let runs: String =
        (1..=60).map(|i| csv(f64::from(i) * 1.0017, 80.0)).chain((1..=50).map(|i| csv(f64::from(i) * 1.0018, 70.0))).collect();
    let mut reader = FileReader::new(ReadOptions::default());
    reader.push((started.to_string() + &runs).as_bytes());
    let counted = reader.finish().series()[0].energy(false).as_kwh() * 3.6e6;
    assert!((counted - 8_300.0).abs() < 0.01, "{counted} J");
}

/// Copies that lack a row or end within one, or begin later, are of one device for certain where their readings move; so are counters of which each log
/// begins where the other one stood.
#[test]
fn copies_in_part_are_certain_where_readings_move() {
    let row = |second: u64, cell: String| format!("2025/06/12 10:{:02}:{:02}.{:03}, {cell}\n", second / 60, second % 60, second * 37 % 9);
    let power = |from: u64, to: u64| -> Vec<String> { (from..to).map(|s| row(s, format!("{}.00 W", 200 + s * 31 % 97))).collect() };
    let whole = power(0, 300);
    let log = |rows: &[String]| format!("timestamp, power.draw [W]\n{}", rows.concat());
    let [alone, ..] = joules([("a.csv", log(&whole)), ("b.csv", String::new())]);
    let torn = log(&whole[..120]) + &whole[120][..30];
    for (what, other) in [
        ("without its last row", log(&whole[..299])),
        ("torn", torn),
        ("without its first rows", log(&whole[40..])),
        ("the middle", log(&whole[100..200])),
    ] {
        for names in [["a/gpu.csv", "b/gpu.csv"], ["gpu.csv", "gpu (1).csv"]] {
            let [value, low, high] = joules([(names[0], log(&whole)), (names[1], other.clone())]);
            assert!(
                [value, low, high].iter().all(|end| (end - alone).abs() < 1e-6 * alone),
                "{what}: {low} to {value} to {high} of {alone}"
            );
        }
    }
    // What stands still may be of two.
    let steady = |rows: usize| log(&(0..rows as u64).map(|s| row(s, String::from("60.00 W"))).collect::<Vec<_>>());
    let [value, _, high] = joules([("a/gpu.csv", steady(300)), ("b/gpu.csv", steady(290))]);
    assert!((value - 60.0 * 299.0).abs() < 30.0 && high > 1.9 * value, "{value}, at most {high}");
    // A counter that stood at 80 kJ; another one that stood elsewhere is another's.
    let counter = |from: u64, to: u64, at: u64| {
        let moves = if at == 80_000 { 31 } else { 43 };
        let rows: String = (from..to).map(|s| format!("{},{}\n", 1_749_722_400 + s, (at + s * 120 + s * moves % 97) * 1_000_000)).collect();
        format!("time,cpu0_counter_uj\n{rows}")
    };
    let [alone, ..] = joules([("a.csv", counter(0, 300, 80_000)), ("b.csv", String::new())]);
    let [value, low, high] = joules([("a/cpu.csv", counter(0, 300, 80_000)), ("b/cpu.csv", counter(100, 250, 80_000))]);
    assert!([value, low, high].iter().all(|end| (end - alone).abs() < 1e-6 * alone), "{low} to {value} to {high} of {alone}");
    let [value, ..] = joules([("a/cpu.csv", counter(0, 300, 80_000)), ("b/cpu.csv", counter(100, 250, 9_000))]);
    assert!(value > 1.4 * alone, "{value} of two");
}

/// Panels of W&B count seconds from the start of their run: those of one run are on one clock, whatever part of it each shows, and those of another run
/// are on another.
#[test]
fn panels_of_one_run_are_on_one_clock() {
    let watts = |run: &str, row: u64| 200 + row * if run == "laced-sun-17" { 31 } else { 43 } % 97;
    let panel = |run: &str, rows: std::ops::Range<u64>| {
        let column = format!("{run} - system/gpu.0.powerWatts");
        let row = |row: u64| format!("\"{}.8\",\"{w}\",\"{w}\",\"{w}\"\n", 15 * row, w = watts(run, row));
        format!("\"Relative Time (Process)\",\"{column}\",\"{column}__MIN\",\"{column}__MAX\"\n{}", rows.map(row).collect::<String>())
    };
    // By trapezoid, 15 s apart.
    let truth = |run: &str, rows: std::ops::Range<u64>| {
        rows.clone().zip(rows.skip(1)).map(|(a, b)| (watts(run, a) + watts(run, b)) as f64 * 7.5).sum::<f64>()
    };
    let one = "laced-sun-17";
    for (what, files, truth) in [
        ("overlapping", [panel(one, 0..60), panel(one, 40..100)], truth(one, 0..100)),
        ("one within the other", [panel(one, 0..100), panel(one, 30..60)], truth(one, 0..100)),
        ("by one row", [panel(one, 0..60), panel(one, 59..100)], truth(one, 0..100)),
        ("one behind the other", [panel(one, 0..60), panel(one, 60..100)], truth(one, 0..100)),
        ("apart", [panel(one, 0..30), panel(one, 70..100)], truth(one, 0..30) + truth(one, 70..100)),
    ] {
        for names in [["a.csv", "b.csv"], ["x/panel.csv", "y/panel.csv"]] {
            let [a, b] = files.clone();
            let ends = joules([(names[0], a), (names[1], b)]);
            assert!(ends.iter().all(|end| (end - truth).abs() < 1e-5 * truth), "{what}, {names:?}: {ends:?} of {truth}");
        }
    }
    // Runs of two names count both.
    let ends = joules([("a.csv", panel(one, 0..60)), ("b.csv", panel("brisk-owl-3", 20..60))]);
    let both = truth(one, 0..60) + truth("brisk-owl-3", 20..60);
    assert!(ends.iter().all(|end| (end - both).abs() < 1e-5 * both), "{ends:?} of {both}");
}

/// A panel of several runs has a column of each: they are runs one after the other on clocks of their own, of boards that the other logs of the machine hold, too.
#[test]
fn panels_of_several_runs_are_as_many_logs() {
    let watts = |run: u64, row: u64| 200 + (row * row * row + (31 + 12 * run) * row) % 97;
    let rows = |run: u64| if run == 0 { 100 } else { 60 };
    let panel = |runs: &[u64]| {
        let columns: String =
            runs.iter().map(|run| format!(",run-{run} - system/gpu.0.powerWatts,run-{run} - system/gpu.0.powerWatts__MIN")).collect();
        let cells = |row: u64| -> String {
            let cell = |run: &u64| if row < rows(*run) { format!(",{w},{w}", w = watts(*run, row)) } else { String::from(",,") };
            runs.iter().map(cell).collect()
        };
        let body: String = (0..100).map(|row| format!("{}{}\n", 15 * row, cells(row))).collect();
        format!("Relative Time (Process){columns}\n{body}")
    };
    // By trapezoid, 15 s apart; the second run is two hours behind the first.
    let truth = |run: u64| (0..rows(run) - 1).map(|row| (watts(run, row) + watts(run, row + 1)) as f64 * 7.5).sum::<f64>();
    let dated = |run: u64| {
        let row = |row: u64| format!("{},{}\n", 1_749_722_400 + 7_200 * run + 15 * row, watts(run, row));
        format!("timestamp,gpu0_w\n{}", (0..rows(run)).map(row).collect::<String>())
    };
    let both = truth(0) + truth(1);
    let near = |a: f64, b: f64| (a - b).abs() < 1e-5 * b;
    let [value, low, high] = joules([("panel.csv", panel(&[0, 1])), ("b.csv", String::new())]);
    assert!([value, low, high].iter().all(|end| near(*end, both)), "{low} to {value} to {high} of {both}");
    // A second panel of the same runs, and of one of them, is of their clocks.
    for others in [&[0, 1][..], &[1, 0], &[1]] {
        let [value, ..] = joules([("panel.csv", panel(&[0, 1])), ("again.csv", panel(others))]);
        assert!(near(value, both), "{others:?}: {value} of {both}");
    }
    // Beside the logs of both runs each is one of these, and the upper end holds all.
    for (first, second) in [("a.csv", "b.csv"), ("x.csv", "z.csv")] {
        let [value, low, high] =
            joules([(first, format!("{}{}", dated(0), dated(1).split_once('\n').map_or("", |cut| cut.1))), (second, panel(&[0, 1]))]);
        assert!(near(value, both) && low <= 1.00001 * both && high >= 1.99999 * both, "{low} to {value} to {high} of {both}");
    }
    // Of one run there is a log, and of the other one the panel alone.
    let [value, low, high] = joules([("a.csv", dated(0)), ("panel.csv", panel(&[0, 1]))]);
    assert!(near(value, both) && low <= 1.00001 * both && high >= both + truth(0), "{low} to {value} to {high} of {both}");
}
