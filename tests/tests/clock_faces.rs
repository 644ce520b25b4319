//! Times as a clock shows them: minutes and seconds are no hours and minutes. Energies are worked by hand.

use carbon_core::read::{FileReader, ReadOptions, Reading};
use carbon_core::units::{Energy, Span};

fn read(log: &str, options: ReadOptions) -> Reading {
    let mut reader = FileReader::new(options);
    log.as_bytes().chunks(37).for_each(|piece| reader.push(piece));
    reader.finish()
}

fn joules(reading: &Reading) -> f64 {
    let series: Energy = reading.series().iter().map(|series| series.energy(false)).sum();
    series.as_kwh() * 3.6e6
}

/// Sixty rows of 300 W.
fn log(header: &str, time: fn(usize) -> String) -> String {
    let rows: String = (0..60).map(|at| format!("{},300\n", time(at))).collect();
    format!("{header}\n{rows}")
}

#[test]
fn two_parts_of_a_time_are_asked_for() {
    for header in ["time,power_w", "t,gpu0_w", "timestamp,gpu_power_w", "time,cpu_w", "Uhrzeit,node_w"] {
        let text = log(header, |at| format!("00:{at:02}"));
        let found = read(&text, ReadOptions::default());
        let note = found.notes.iter().find(|note| note.code.id == "columns-unknown");
        assert!(found.refused && note.is_some_and(|note| note.message.contains("minutes and seconds")), "{header}: {:?}", found.notes);
        assert!(note.and_then(|note| note.hint.as_ref()).is_some_and(|hint| hint.contains("elapsed_s") && hint.contains("--interval")));
    }
    let text = log("time,gpu0_w", |at| format!("00:{at:02}"));
    // Of minutes and seconds 59 s, of rows that are stated to be a minute apart 59 min, each at 300 W.
    let columns = Some(vec![String::from("elapsed_s"), String::from("gpu0_w")]);
    let found = read(&text, ReadOptions { columns, ..ReadOptions::default() });
    assert!((joules(&found) - 17_700.0).abs() < 1e-6, "{} {:?}", joules(&found), found.notes);
    let found = read(&text, ReadOptions { interval: Some(Span::from_seconds(60)), ..ReadOptions::default() });
    assert!((joules(&found) - 1_062_000.0).abs() < 1e-6, "{} {:?}", joules(&found), found.notes);
}

#[test]
fn times_since_a_start_are_read() {
    for (header, time) in [
        ("elapsed,gpu0_w", (|at| format!("00:{at:02}")) as fn(usize) -> String),
        ("elapsed_time,gpu0_w", |at| format!("0:00:{at:02}")),
        ("time,gpu0_w", |at| format!("0 days 00:00:{at:02}")),
        ("time,gpu0_w", |at| format!("1 days 23:00:{at:02}.500")),
        ("time,gpu0_w", |at| format!("14:03:{at:02}")),
        ("elapsed,gpu0_w", |at| format!("{}:{:02}", 75 + at / 60, at % 60)),
    ] {
        let found = read(&log(header, time), ReadOptions::default());
        assert!((joules(&found) - 17_700.0).abs() < 1e-6, "{header} {}: {} {:?}", time(1), joules(&found), found.notes);
        assert_eq!(found.rows.used, 60, "{header}");
    }
}

/// A clock of twelve hours shows morning and evening alike: it is asked for which is which, whatever the readings.
#[test]
fn twelve_hours_without_their_half_are_asked_for() {
    let smi = |clock: &str| format!("2025/06/12 {clock}.000, 0, 300.00 W");
    let iso = |clock: &str| format!("2025-06-12 {clock},300");
    let slashes = |clock: &str| format!("13/06/2025 {clock};300,0");
    let alone = |clock: &str| format!("{clock},300");
    let dmon = |clock: &str| format!(" 20250612   {clock}      0    300     58     71");
    let all: [(&str, &dyn Fn(&str) -> String); 5] = [
        ("timestamp, index, power.draw [W]\n", &smi),
        ("time,gpu0_w\n", &iso),
        ("time;gpu0_w\n", &slashes),
        ("time,gpu0_w\n", &alone),
        ("#Date       Time        gpu    pwr  gtemp  mtemp\n#YYYYMMDD   HH:MM:SS    Idx      W      C      C\n", &dmon),
    ];
    for (header, row) in all {
        // A minute apart, from half past seven in the morning to half past five in the evening.
        let rows = |shown: &dyn Fn(usize) -> String| (450..1_050).map(|minute| row(&shown(minute)) + "\n").collect::<String>();
        let clock = |hour: usize, minute: usize| format!("{hour:02}:{minute:02}:00");
        let twelve = rows(&|minute| clock((minute / 60 + 11) % 12 + 1, minute % 60));
        let found = read(&(String::from(header) + &twelve), ReadOptions::default());
        let note = found.notes.iter().find(|note| note.code.id == "clock-missing");
        assert!(found.refused && note.is_some_and(|note| note.message.contains("AM or PM")), "{header}: {:?}", found.notes);
        assert!(found.series().is_empty() && found.rows.used == 0, "{header}: {:?}", found.rows);
        assert_eq!(found.rows.read(), 600, "{header}: {:?}", found.rows);
        // 24 hours say it: 300 W for 599 minutes.
        let whole = rows(&|minute| clock(minute / 60, minute % 60));
        let found = read(&(String::from(header) + &whole), ReadOptions::default());
        assert!((joules(&found) - 300.0 * 599.0 * 60.0).abs() < 1e-3, "{header}: {} {:?}", joules(&found), found.notes);
    }
    // So does what the user says of the columns, and AM and PM.
    let twelve = |half: bool| {
        let row = |minute: usize| {
            let half = if half { [" AM", " PM"][minute / 720] } else { "" };
            format!("2025-06-12 {:02}:{:02}:00{half},300\n", (minute / 60 + 11) % 12 + 1, minute % 60)
        };
        format!("time,gpu0_w\n{}", (450..1_050).map(row).collect::<String>())
    };
    let columns = Some(vec![String::from("-"), String::from("gpu0_w")]);
    let options = ReadOptions { columns, interval: Some(Span::from_seconds(60)), ..ReadOptions::default() };
    for (text, options) in [(twelve(false), options), (twelve(true), ReadOptions::default())] {
        let found = read(&text, options);
        assert!((joules(&found) - 300.0 * 599.0 * 60.0).abs() < 1e-3, "{} {:?}", joules(&found), found.notes);
    }
}
