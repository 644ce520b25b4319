//! Stamps that are not as others write them: each is read, or the message names the column and what stands in it, and what the hint says reads the log.
//! Energies are worked by hand: W × s.

use carbon_tests::folder::Folder;
use serde_json::Value;

fn folder_of(name: &str) -> Folder {
    Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &format!("stamps-{name}"))
}

fn joules(report: &Value) -> f64 {
    report.pointer("/energy/logged_kwh/value").and_then(Value::as_f64).unwrap_or(f64::NAN) * 3.6e6
}

#[track_caller]
fn assert_near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-6 * expected, "{what}: found {found} J, expected {expected} J");
}

/// Two rows a second, of two devices of 100 W, whose stamps are written so.
fn nvidia(stamp: impl Fn(u32) -> String) -> String {
    let row = |at: u32| format!("{}, {}, NVIDIA A100, 100.00 W\n", stamp(at / 2), at % 2);
    format!("timestamp, index, name, power.draw [W]\n{}", (0..120).map(row).collect::<String>())
}

#[test]
fn a_home_made_table_may_have_the_stamps_of_nvidia_smi() {
    let folder = folder_of("home-made");
    for (name, header, separator) in [
        ("commas", "time,gpu0_w,gpu1_w,gpu2_w", ","),
        ("units in brackets", "timestamp,GPU 0 Power (W),GPU 1 Power (W),GPU 2 Power (W)", ","),
        ("semicolons", "time;gpu0_w;gpu1_w;gpu2_w", ";"),
        ("tabs", "time\tgpu0_w\tgpu1_w\tgpu2_w", "\t"),
        ("spaces behind commas", "time, gpu0_w, gpu1_w, gpu2_w", ", "),
        ("milliwatts", "time,gpu0_mw,gpu1_mw,gpu2_mw", ",0"),
    ] {
        let cells = |at: u32| {
            let separator = separator.trim_end_matches('0');
            let watts = if name == "milliwatts" { "100000" } else { "100" };
            [format!("2025/06/12 14:00:{at:02}.000"), watts.into(), watts.into(), watts.into()].join(separator)
        };
        let log = format!("{header}\n{}\n", (0..60).map(cells).collect::<Vec<_>>().join("\n"));
        folder.write("log.csv", &log);
        assert_near(joules(&folder.report(&["log.csv"])), 3.0 * 100.0 * 59.0, name);
    }
}

#[test]
fn dates_that_a_spreadsheet_has_written_anew_are_read() {
    let folder = folder_of("read");
    for (name, log) in [
        ("the day first, past the twelfth", nvidia(|s| format!("13/06/2025 14:00:{s:02}.000"))),
        ("the month first", nvidia(|s| format!("06/13/2025 14:00:{s:02}"))),
        ("points", nvidia(|s| format!("12.06.2025 14:00:{s:02}"))),
        ("ISO 8601", nvidia(|s| format!("2025-06-12T14:00:{s:02}Z"))),
        ("Unix time", nvidia(|s| format!("{}", 1_749_736_800 + s))),
    ] {
        folder.write("log.csv", &log);
        assert_near(joules(&folder.report(&["log.csv"])), 2.0 * 100.0 * 59.0, name);
    }
}

/// The options of the first hint, as a user types them.
fn hinted(stderr: &str) -> Vec<String> {
    let option = stderr.split('`').find(|part| part.starts_with("--")).unwrap_or_default();
    let words = option.split_whitespace().map(String::from).collect::<Vec<_>>();
    // `--interval`, such as 1s.
    if words == ["--interval"] { vec!["--interval".into(), "1s".into()] } else { words }
}

#[test]
fn what_is_no_date_is_named_and_the_hint_reads_it() {
    let folder = folder_of("named");
    for (name, log, cell) in [
        ("the day or the month first", nvidia(|s| format!("12/06/2025 14:00:{s:02}.000")), "12/06/2025 14:00:00.000"),
        ("dashes", nvidia(|s| format!("05-06-2025 14:00:{s:02}")), "05-06-2025 14:00:00"),
        ("days of a spreadsheet", nvidia(|s| format!("{:.9}", 45_820.5 + f64::from(s) / 86_400.0)), "45820.500000000"),
        ("words", nvidia(|s| format!("second {s}")), "second 0"),
        ("signs of another language", nvidia(|s| format!("2025年06月12日 14:00:{s:02}")), "2025年06月12日 14:00:00"),
    ] {
        folder.write("log.csv", &log);
        let told = folder.run(&["log.csv"]);
        assert_eq!(told.status, 2, "{name}: {}", told.stderr);
        assert!(told.stderr.contains(&format!("\"timestamp\" holds \"{cell}\"")), "{name}: {}", told.stderr);
        let hint = hinted(&told.stderr);
        let mut args = vec!["log.csv"];
        args.extend(hint.iter().map(String::as_str));
        assert_near(joules(&folder.report(&args)), 2.0 * 100.0 * 59.0, name);
    }
}

/// A format that is a row of a table says the same of its own column.
#[test]
fn other_formats_name_their_column() {
    let folder = folder_of("others");
    let rows = |cells: &str| (0..20).map(|s| format!("at {s},{cells}\n")).collect::<String>();
    for (name, log, column) in [
        ("trackio", format!("timestamp,run_id,gpu/0/power\n{}", rows("r1,100")), "timestamp"),
        ("W&B", format!("_timestamp,system.gpu.0.powerWatts\n{}", rows("100")), "_timestamp"),
        ("home-made", format!("time,gpu0_w\n{}", rows("100")), "time"),
        ("home-made with devices", format!("datetime,device,power_w\n{}", rows("gpu0,100")), "datetime"),
        ("nvidia-smi", format!("timestamp, index, power.draw [W]\n{}", rows(" 0, 100.00 W")), "timestamp"),
    ] {
        folder.write("log.csv", &log);
        let told = folder.run(&["log.csv"]);
        assert_ne!(told.status, 0, "{name}");
        assert!(told.stderr.contains(&format!("\"{column}\"")) && told.stderr.contains("[clock-missing]"), "{name}: {}", told.stderr);
        assert!(told.stderr.contains("at 0"), "{name}: {}", told.stderr);
    }
}
