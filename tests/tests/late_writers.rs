//! Two machines write into one file, each its GPU 0, and the second begins long after the head that shows how rows come: the interval holds both. Truths are summed here,
//! writer by writer: W × s.

use carbon_tests::folder::Folder;
use serde_json::Value;

/// A number that nothing repeats.
fn noise(of: u64) -> u64 {
    let hash = (of + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash ^ hash >> 29).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33
}

/// Rows of one writer: its phase and pace in ms, from one round to another, watts.
fn writer(phase: u64, pace: u64, rounds: std::ops::Range<u64>, watts: u64) -> Vec<(u64, u64)> {
    rounds.map(|round| (phase + pace * round, watts + noise(round) % 7)).collect()
}

fn joules(rows: &[(u64, u64)]) -> f64 {
    rows.windows(2).map(|pair| ((pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1)) as f64 / 2000.0).sum()
}

fn log(mut rows: Vec<(u64, u64)>) -> String {
    rows.sort_unstable();
    let line = |(ms, watts): &(u64, u64)| {
        let (second, ms) = (ms / 1000, ms % 1000);
        format!(
            "2026/03/01 {:02}:{:02}:{:02}.{ms:03}, 0, NVIDIA A100-SXM4-80GB, {watts}.00 W\n",
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    };
    String::from("timestamp, index, name, power.draw [W]\n") + &rows.iter().map(line).collect::<String>()
}

/// Value, lower and upper end of what was logged, J, and whether a decision says that there may be two.
fn told(name: &str, rows: Vec<(u64, u64)>) -> ([f64; 3], bool) {
    let folder = Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &format!("late-writers-{name}"));
    folder.write("logs/gpu.csv", &log(rows));
    let report = folder.report(&["logs"]);
    let ends = ["value", "low", "high"]
        .map(|end| report.pointer(&format!("/energy/logged_kwh/{end}")).and_then(Value::as_f64).expect("kWh") * 3.6e6);
    (ends, report["decisions"].to_string().contains("devices-indistinct"))
}

#[test]
fn a_writer_that_comes_late_or_leaves_early_is_in_the_interval() {
    for (name, first, second) in [
        ("late", (0..7200, 300), (370, 1000, 3600..7200, 370)),
        ("very-late", (0..7200, 300), (250, 1000, 7000..7200, 300)),
        ("less-power", (0..5000, 400), (820, 1000, 3000..5000, 100)),
        ("longer-than-the-first", (0..5000, 300), (640, 1000, 3000..8000, 350)),
        ("slower", (0..4000, 300), (1900, 5000, 2000..4000, 350)),
    ] {
        let (phase, pace, rounds, watts) = second;
        let writers = [writer(0, pace, first.0, first.1), writer(phase, pace, rounds, watts)];
        let truth: f64 = writers.iter().map(|rows| joules(rows)).sum();
        let ([value, low, high], is_told) = told(name, writers.concat());
        assert!(is_told && low <= truth && high >= truth, "{name}: {value} J ({low} to {high}) of {truth} J");
        assert!(high < 2.5 * truth, "{name}: up to {high} J of {truth} J");
    }
}

#[test]
fn one_sampler_is_one() {
    // Late now and then, which its next interval makes up for; another pace after a while; a row that is not there now and then; a stop.
    let late = writer(0, 1000, 0..6000, 300)
        .into_iter()
        .map(|(ms, watts)| (ms + if noise(ms / 1000).is_multiple_of(4) { 370 } else { 0 }, watts))
        .collect();
    let paces = [writer(0, 1000, 0..3000, 300), writer(3_000_000, 370, 0..3000, 300)].concat();
    let holes = writer(0, 1000, 0..6000, 300).into_iter().filter(|(ms, _)| !noise(ms / 1000).is_multiple_of(7)).collect();
    let stop = [writer(0, 1000, 0..3000, 300), writer(9_000_370, 1000, 0..3000, 300)].concat();
    for (name, rows) in [("late-rows", late), ("two-paces", paces), ("holes", holes), ("stop", stop)] {
        let (ends, is_told) = told(name, rows);
        assert!(!is_told, "{name}: {ends:?}");
    }
}
