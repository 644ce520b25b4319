//! Devices that rows name and of which none holds a reading: NaN, N/A or nothing stands in its place. That is a warning and no note: the total is without them.
//! What has a reading anywhere, and what no board of the kind has, is none.

use carbon_core::note::Severity;
use carbon_core::read::{FileReader, ReadOptions, Reading};
use carbon_core::units::Energy;

fn read(log: &str) -> Reading {
    let mut reader = FileReader::new(ReadOptions::default());
    log.as_bytes().chunks(997).for_each(|piece| reader.push(piece));
    reader.finish()
}

/// What is told of devices without a reading.
fn told(found: &Reading) -> Option<&str> {
    let note = found.notes.iter().find(|note| note.code.id == "device-unread")?;
    assert_eq!(note.code.severity, Severity::Warning);
    Some(&note.message)
}

/// Sixty seconds of rows.
fn rows(header: &str, row: impl Fn(usize) -> String) -> String {
    String::from(header) + &(0..60).map(row).collect::<String>()
}

#[test]
fn devices_without_any_reading_are_a_warning() {
    let smi = |cell: &str| {
        rows("timestamp, index, power.draw [W]\n", |at| {
            format!("2025/06/12 14:00:{at:02}.000, 0, 300.00 W\n2025/06/12 14:00:{at:02}.000, 1, {cell}\n")
        })
    };
    let metrics = |value: &str| {
        rows("", |at| {
            let time = 1_750_000_000_000_u64 + 1_000 * at as u64;
            let of = |board: u8, value: &str| format!("DCGM_FI_DEV_POWER_USAGE{{gpu=\"{board}\",UUID=\"GPU-{board}\"}} {value} {time}\n");
            of(0, "300") + &of(1, value)
        })
    };
    let wide = |cell: &str| rows("time,gpu0_w,gpu1_w\n", |at| format!("2025-06-12T14:00:{at:02}Z,300,{cell}\n"));
    let long = |cell: &str| {
        rows("time,device,power_w\n", |at| format!("2025-06-12T14:00:{at:02}Z,gpu0,300\n2025-06-12T14:00:{at:02}Z,gpu1,{cell}\n"))
    };
    let json = |value: &str| rows("", |at| format!("{{\"time\": \"2025-06-12T14:00:{at:02}Z\", \"gpu0_w\": 300, \"gpu1_w\": {value}}}\n"));
    for (what, log) in [
        ("nvidia-smi, N/A", smi("[N/A]")),
        ("nvidia-smi, NaN", smi("NaN")),
        ("nvidia-smi, not supported", smi("[Not Supported]")),
        ("nvidia-smi, nothing", smi("")),
        ("a column each", wide("nan")),
        ("a column each, nothing", wide("")),
        ("a row each", long("NaN")),
        ("JSON", json("NaN")),
        ("JSON, null", json("null")),
        ("metrics", metrics("NaN")),
    ] {
        let found = read(&log);
        assert!(told(&found).is_some_and(|message| message.starts_with("GPU") && message.contains('1')), "{what}: {:?}", found.notes);
        // The other one counts: 300 W for 59 s.
        let joules = found.series().iter().map(|series| series.energy(false)).sum::<Energy>().as_kwh() * 3.6e6;
        assert!((joules - 17_700.0).abs() < 1e-6, "{what}: {joules} J");
    }
}

#[test]
fn what_has_a_reading_and_what_no_board_has_is_none() {
    // The last row alone has one; a board that is no module; a counter that a board lacks beside its power.
    let late = rows("timestamp, index, power.draw [W]\n", |at| {
        let cell = if at < 58 { "[N/A]" } else { "300.00 W" };
        format!("2025/06/12 14:00:{at:02}.000, 0, 300.00 W\n2025/06/12 14:00:{at:02}.000, 1, {cell}\n")
    });
    let module = rows("timestamp, index, power.draw [W], module.power.draw.average [W]\n", |at| {
        format!("2025/06/12 14:00:{at:02}.000, 0, 300.00 W, [N/A]\n")
    });
    let counter = rows("", |at| {
        let time = 1_750_000_000_000_u64 + 1_000 * at as u64;
        format!(
            "DCGM_FI_DEV_POWER_USAGE{{gpu=\"0\",UUID=\"GPU-0\"}} 300 {time}\nDCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{gpu=\"0\",UUID=\"GPU-0\"}} NaN {time}\n"
        )
    });
    for (what, log) in [("late", late), ("module", module), ("counter", counter)] {
        let found = read(&log);
        assert_eq!(told(&found), None, "{what}: {:?}", found.notes);
    }
}
