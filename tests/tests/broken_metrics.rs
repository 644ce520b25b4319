//! Lines of metrics that something was done to: quotes that a page or an editor changed, lines that are cut, text before them. What named a reading is lost
//! under a reason of its own, with its line; where that is a good part of the readings, it is a warning. What others print between the lines is no reading.

use carbon_core::note::Severity;
use carbon_core::read::{FileReader, ReadOptions, Reading, SkipReason};
use carbon_core::units::Energy;

fn read(log: &str) -> Reading {
    let mut reader = FileReader::new(ReadOptions::default());
    log.as_bytes().chunks(4_096).for_each(|piece| reader.push(piece));
    reader.finish()
}

/// A hundred seconds of two boards at 300 W; of the second one, each other line is another.
fn log(line: impl Fn(u64, u64) -> String, broken: impl Fn(&str) -> String) -> String {
    let rows = (0..100).flat_map(|second| [0, 1].map(|board| (second, board)));
    let own = |(second, board): (u64, u64)| match (second % 2, board) {
        (1, 1) => broken(&line(second, board)),
        _ => line(second, board),
    };
    rows.map(|row| own(row) + "\n").collect()
}

fn prometheus(second: u64, board: u64) -> String {
    format!("DCGM_FI_DEV_POWER_USAGE{{gpu=\"{board}\",UUID=\"GPU-{board}\"}} 300.0 {}", 1_750_000_000_000 + 1_000 * second)
}

fn influx(second: u64, board: u64) -> String {
    format!(
        "nvidia_smi,host=n1,index={board},name=NVIDIA\\ H100,uuid=GPU-{board} power_draw=300.0,utilization_gpu=98i {}",
        (1_750_000_000 + second) * 1_000_000_000
    )
}

#[test]
fn lines_that_named_a_reading_are_lost_under_a_reason() {
    type Written = fn(u64, u64) -> String;
    type Broken = fn(&str) -> String;
    let all: [(&str, Written, Broken); 14] = [
        ("quotes of a page", prometheus, |line| line.replace('"', "&quot;")),
        ("quotes of a text editor", prometheus, |line| line.replacen('"', "\u{201c}", 1).replace('"', "\u{201d}")),
        ("single quotes", prometheus, |line| line.replace('"', "'")),
        ("escaped quotes", prometheus, |line| line.replace('"', "\\\"")),
        ("no braces", prometheus, |line| line.replace(['{', '}'], " ")),
        ("no value", prometheus, |line| line.split(' ').next().unwrap_or("").into()),
        ("a comma in the value", prometheus, |line| line.replace("300.0", "300,0")),
        ("a prefix, and quotes of a page", prometheus, |line| format!("[node1] {}", line.replace('"', "&quot;"))),
        ("a page around it", prometheus, |line| format!("<p>{}</p>", line.replace('"', "&quot;"))),
        ("equals signs of a page", influx, |line| line.replace('=', "&#61;")),
        ("colons", influx, |line| line.replace('=', ":")),
        ("no fields", influx, |line| line.split(" power").next().unwrap_or("").into()),
        ("a space that is not escaped", influx, |line| line.replace('\\', "")),
        ("spaces of a page", influx, |line| line.replace(' ', "&nbsp;")),
    ];
    for (what, line, broken) in all {
        let found = read(&log(line, broken));
        // The second board: line 4 is the first that is broken, of fifty.
        assert_eq!(found.rows.skipped.get(&SkipReason::Torn), Some(&(50, 4)), "{what}: {:?} {:?}", found.rows, found.notes);
        assert_eq!((found.rows.used, found.rows.read()), (150, 200), "{what}: {:?}", found.rows);
        let warns = |code: &str| found.notes.iter().any(|note| note.code.id == code && note.code.severity == Severity::Warning);
        assert!(warns("rows-torn") && warns("rows-lost") && !found.doubts.is_empty(), "{what}: {:?}", found.notes);
        // The first board whole; the second to its last row that can be read, 98 s after the first, over steps of two seconds.
        let joules = found.series().iter().map(|series| series.energy(false)).sum::<Energy>().as_kwh() * 3.6e6;
        assert!((joules - 300.0 * (99.0 + 98.0)).abs() < 1e-3, "{what}: {joules} J");
    }
}

#[test]
fn what_others_print_between_metrics_is_no_reading() {
    for (what, line, other) in [
        ("words", prometheus as fn(u64, u64) -> String, "step 17 of 100, loss 2.5"),
        ("a request", prometheus, "curl -s http://localhost:9400/metrics | grep DCGM_FI_DEV_POWER_USAGE"),
        ("another metric", prometheus, "DCGM_FI_DEV_POWER_USAGE_OF_OTHERS = 17"),
        ("words", influx, "step 17 of 100, loss 2.5"),
        ("the plugin's own words", influx, "my_nvidia_smi_2 is done after 17 s"),
    ] {
        let found = read(&log(line, |_| other.into()));
        assert_eq!(found.rows.skipped.get(&SkipReason::Torn), None, "{what}: {:?} {:?}", found.rows, found.notes);
        assert_eq!(found.rows.skipped.get(&SkipReason::Unknown), Some(&(50, 4)), "{what}: {:?}", found.rows);
        assert!(found.notes.iter().any(|note| note.code.id == "lines-unknown" && note.line == Some(4)), "{what}: {:?}", found.notes);
    }
}

/// Of a list of values below the name of their metric: where the name is broken, they are of nothing, and not of the metric before.
#[test]
fn values_of_a_broken_name_are_of_no_other() {
    let series = |board: u64, arrow: &str, quote: &str| {
        let values: String = (0..50).map(|second| format!("300 @[{}]\n", 1_750_000_000 + second)).collect();
        format!("DCGM_FI_DEV_POWER_USAGE{{gpu={quote}{board}{quote}, UUID={quote}GPU-{board}{quote}}} {arrow}\n{values}")
    };
    for (arrow, quote) in [("=>", "&quot;"), ("=&gt;", "\""), ("=&gt;", "&quot;"), ("", "\"")] {
        let found = read(&(series(0, "=>", "\"") + &series(1, arrow, quote)));
        let joules = found.series().iter().map(|series| series.energy(false)).sum::<Energy>().as_kwh() * 3.6e6;
        assert!((joules - 300.0 * 49.0).abs() < 1e-3, "{arrow} {quote}: {joules} J");
        assert_eq!((found.rows.used, found.rows.read()), (50, 101), "{arrow} {quote}: {:?} {:?}", found.rows, found.notes);
        let warned = found.notes.iter().any(|note| note.code.id == "rows-lost" && note.code.severity == Severity::Warning);
        assert!(warned, "{arrow} {quote}: {:?}", found.notes);
    }
}
