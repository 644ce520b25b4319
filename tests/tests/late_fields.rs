//! Columns whose meaning shows late, or not at all. Energies are worked by hand.

use carbon_core::read::{FileReader, ReadOptions, Reading, note_foreign};
use carbon_core::units::Energy;

fn read(log: &str) -> Reading {
    let mut reader = FileReader::new(ReadOptions::default());
    log.as_bytes().chunks(37).for_each(|piece| reader.push(piece));
    reader.finish()
}

fn joules(reading: &Reading) -> f64 {
    let series: Energy = reading.series().iter().map(|series| series.energy(false)).sum();
    series.as_kwh() * 3.6e6
}

/// A power that the first hundred objects lack is read: 300 W for the 49 s between the first 50 readings.
#[test]
fn powers_that_come_late_are_read() {
    for (before, name) in [(101, "gpu0_w"), (150, "power_w"), (200, "sensors.gpu0_w"), (400, "cpu_w"), (600, "gpu.power_w")] {
        let object = |at: usize| {
            let power = if at < before { String::new() } else { format!(", \"{name}\": 300") };
            format!("{{\"time\": \"2025-06-12T10:{:02}:{:02}Z\", \"util\": {}{power}}}\n", at / 60, at % 60, 50 + at % 7)
        };
        let found = read(&(0..before + 50).map(object).collect::<String>());
        assert!((joules(&found) - 14_700.0).abs() < 1e-6, "{before} {name}: {} J {:?} {:?}", joules(&found), found.rows, found.notes);
    }
}

/// So is one that comes later than the format is decided by: 300 W for the 199 s between two hundred readings, whatever the pieces.
#[test]
fn powers_that_come_after_the_head_are_read() {
    for (before, name, wrapped) in [
        (1_200, "gpu0_w", false),
        (3_000, "power_w", false),
        (7_000, "sensors.gpu0_w", false),
        (9_000, "cpu_w", false),
        (1_200, "gpu0_w", true),
        (5_000, "node_power_w", true),
    ] {
        let object = |at: usize| {
            let power = if at < before { String::new() } else { format!(", \"{name}\": 300") };
            let time = format!("2025-06-12T{:02}:{:02}:{:02}Z", 10 + at / 3_600, at / 60 % 60, at % 60);
            format!("{{\"time\": \"{time}\", \"loss\": {}.5, \"step\": {at}{power}}}", at % 7)
        };
        let objects: Vec<String> = (0..before + 200).map(object).collect();
        let text = if wrapped { format!("[\n{}\n]\n", objects.join(",\n")) } else { objects.join("\n") + "\n" };
        // Beyond the first 64 KiB, within the first MiB.
        assert!(text.find(name).is_some_and(|at| (65_537..1 << 20).contains(&at)), "{before}");
        for piece in [37, 100_000] {
            let mut reader = FileReader::new(ReadOptions::default());
            text.as_bytes().chunks(piece).for_each(|piece| reader.push(piece));
            let found = reader.finish();
            assert!(
                (joules(&found) - 300.0 * 199.0).abs() < 1e-6,
                "{before} {name}: {} J {:?} {:?}",
                joules(&found),
                found.rows,
                found.notes
            );
        }
    }
}

fn semicolons(header: &str, cells: &[&str]) -> Reading {
    let row = |(at, cell): (usize, &&str)| format!("2025-06-12T10:00:{at:02}Z;{cell}\n");
    read(&format!("{header}\n{}", cells.iter().enumerate().map(row).collect::<String>()))
}

/// `1,286` is 1.286 or 1286, and a board draws either.
#[test]
fn three_digits_behind_every_comma_are_asked_for() {
    for (header, cells) in [
        ("time;power_w", &["1,000", "1,286", "1,286"][..]),
        ("time;gpu_power_w", &["1,100", "1,050", "999", "1,286"]),
        ("time;gpu0_w", &["1,000", "1,001", "1,002"]),
        ("time;gpu0_mw", &["1,000", "1,286", "2,345"]),
        ("time;node_power_w", &["1,500", "2,250", "2,100"]),
    ] {
        let found = semicolons(header, cells);
        let note = found.notes.iter().find(|note| note.code.id == "columns-unknown");
        assert!(found.refused, "{header} {cells:?}: {:?}", found.notes);
        let both = [cells[0].replace(',', "."), cells[0].replace(',', "")];
        assert!(note.is_some_and(|note| both.iter().all(|one| note.message.contains(one.as_str()))), "{header}: {:?}", found.notes);
    }
    // 300.5 W and 61.834 W for 2 s: no board draws 61,834 W, and one digit behind a comma is a decimal.
    for (cells, watts) in
        [(["300,5", "300,5", "300,5"], 300.5), (["61,834", "61,834", "61,834"], 61.834), (["0,500", "0,500", "0,500"], 0.5)]
    {
        let found = semicolons("time;gpu0_w", &cells);
        assert!((joules(&found) - 2.0 * watts).abs() < 1e-6, "{cells:?}: {} J {:?}", joules(&found), found.notes);
    }
}

/// A power that comes later than that is not read, and the note says how much was looked at; a file that was looked at whole says nothing of it.
#[test]
fn what_comes_after_all_that_was_looked_at_is_told() {
    let objects = |count: usize| -> String {
        let object = |at: usize| format!("{{\"timestamp\": {}, \"loss\": 0.5, \"text\": \"{}\"}}\n", 1_767_225_600 + at, "x".repeat(80));
        (0..count).map(object).collect()
    };
    let power = "{\"timestamp\": 1767325600, \"gpu_power_w\": 300}\n";
    let deep = |bytes: usize| format!("{{\"config\": \"{}\",\n\"samples\": [{power}]}}\n", "y".repeat(bytes));
    let diary = |count: usize| "Dear diary, today the loss was 0.5 again\n".repeat(count);
    for (text, looked_at) in [
        (objects(20_000) + power, Some("1024 KiB")),
        (format!("[{}\n{power}]", objects(20_000).replace("}\n", "},\n")), Some("1024 KiB")),
        (deep(2_000_000), Some("1024 KiB")),
        (diary(3_000) + "timestamp,gpu_power_w\n1767325600,300\n", Some("64 KiB")),
        (objects(20), None),
        (diary(30), None),
    ] {
        let mut reader = FileReader::new(ReadOptions::default());
        text.as_bytes().chunks(4_096).for_each(|piece| reader.push(piece));
        let mut found = reader.finish();
        assert_eq!((found.format, joules(&found)), ("", 0.0));
        note_foreign(&mut found, &text.as_bytes()[..text.len().min(4_096)]);
        let told: Vec<&str> = found.notes.iter().map(|note| note.message.as_str()).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        match looked_at {
            Some(bytes) => assert!(told[0].contains(&format!("its first {bytes} were looked at")), "{told:?}"),
            None => assert!(!told[0].contains("looked at"), "{told:?}"),
        }
    }
}
