//! Logs of every format whose second half no reader can read: bytes that are no text, after a crash or in another encoding, and lines behind what another
//! program put before each. What is lost of them is never lost in silence.

use std::fs;

use carbon_core::note::Severity;
use carbon_core::read::{FileReader, Reading, SkipReason};
use carbon_core::units::Energy;
use carbon_tests::{cases, read_options};

fn read(bytes: &[u8], options: &carbon_core::read::ReadOptions) -> Reading {
    let mut reader = FileReader::new(options.clone());
    bytes.chunks(1_000).for_each(|piece| reader.push(piece));
    reader.finish()
}

fn energy(reading: &Reading) -> Energy {
    let series: Energy = reading.series().iter().map(|series| series.energy(false)).sum();
    let declared: Energy = reading.declared.iter().flat_map(|d| &d.parts).map(|part| part.energy).sum();
    series + declared
}

/// How much more the upper end holds.
fn more(reading: &Reading) -> Energy {
    let of = |doubt: &carbon_core::read::Doubt| {
        let series = reading.series().iter().find(|series| *series.channel() == doubt.channel);
        series.map_or(Energy::ZERO, |series| doubt.of(series.energy(false)).1)
    };
    reading.doubts.iter().map(of).sum()
}

fn warns(reading: &Reading) -> bool {
    reading.notes.iter().any(|note| matches!(note.code.severity, Severity::Warning | Severity::Error))
}

fn utf16(text: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(text).encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn nuls(text: &[u8]) -> Vec<u8> {
    vec![0; text.len()]
}

/// What a packed file looks like: bytes of all values.
fn packed(text: &[u8]) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = |_: &u8| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    text.iter().map(next).collect()
}

/// As `mpirun --tag-output` writes lines.
fn launched(text: &[u8]) -> Vec<u8> {
    text.split_inclusive(|byte| *byte == b'\n').flat_map(|line| [b"[1,0]<stdout>:", line].concat()).collect()
}

/// What makes bytes of others.
type Made = fn(&[u8]) -> Vec<u8>;

/// Formats whose lines are known behind what a launcher put before each.
const KNOWN_BEHIND: [&str; 8] = [
    "codecarbon_console",
    "cray_pm_counters",
    "gpustat",
    "ipmi_dcmi",
    "likwid_powermeter",
    "nvidia_smi_table",
    "powermetrics",
    "tegrastats",
];

#[test]
fn no_half_of_a_log_is_lost_in_silence() {
    let kinds: [(&str, Made); 4] = [("UTF-16", utf16), ("NULs", nuls), ("packed", packed), ("behind a prefix", launched)];
    let (mut silent, mut looked_at) = (Vec::new(), 0);
    for case in cases("formats") {
        for path in &case.logs {
            let Ok(bytes) = fs::read(path) else { continue };
            let options = read_options(&case.about.options).of_file(&path.to_string_lossy());
            let whole = read(&bytes, &options);
            let middle = bytes.len() / 2;
            let Some(cut) = bytes.iter().skip(middle).position(|byte| *byte == b'\n').map(|at| middle + at + 1) else { continue };
            let (first, second) = bytes.split_at(cut);
            let begin = read(first, &options);
            if whole.rows.used < 4 || energy(&begin) == Energy::ZERO || energy(&begin) + energy(&begin) >= energy(&whole) {
                continue;
            }
            looked_at += 1;
            for (kind, made) in kinds {
                if kind == "behind a prefix" && !KNOWN_BEHIND.contains(&whole.format) {
                    continue;
                }
                let found = read(&[first, &made(second)].concat(), &options);
                let (found_kwh, whole_kwh) = (energy(&found).as_kwh(), energy(&whole).as_kwh());
                // A file of which no format knows anything is told by the program.
                let is_told = found.refused || found.format.is_empty() || warns(&found);
                // What was read tells nothing of a power that was never read before.
                let is_alike = whole_kwh < 2.1 * energy(&begin).as_kwh();
                let is_held = !is_alike || found.format.is_empty() || found.refused || found_kwh + more(&found).as_kwh() > 0.95 * whole_kwh;
                if 2.0 * found_kwh < whole_kwh && !(is_told && is_held) {
                    let more = more(&found).as_kwh();
                    let name = path.display();
                    silent.push(format!("{name} {kind}: told {is_told}: {found_kwh:.2e} and {more:.2e} more of {whole_kwh:.2e} kWh"));
                }
            }
        }
    }
    assert!(silent.is_empty(), "of {looked_at} logs, {}:\n{}", silent.len(), silent.join("\n"));
}

/// Twenty rows of 300 W, one a second: 5,700 J. Half of them are a hole of NUL bytes, as a crash leaves: ten rows by their length.
#[test]
fn a_hole_of_nul_bytes_counts_as_the_rows_that_it_ate() {
    let row = |second: usize| format!("2025/06/12 14:00:{second:02}.000, 0, 300.00 W\n");
    let rows = |from: usize, to: usize| (from..to).map(row).collect::<String>();
    let head = "timestamp, index, power.draw [W]\n";
    let hole = "\0".repeat(row(0).len() * 10 - 1);
    for (log, joules) in [
        // At the end, with a line end and without: nine steps are left.
        (format!("{head}{}{hole}\n", rows(0, 10)), 2_700.0),
        (format!("{head}{}{hole}", rows(0, 10)), 2_700.0),
    ] {
        let found = read(log.as_bytes(), &Default::default());
        assert!((energy(&found).as_kwh() * 3.6e6 - joules).abs() < 1e-6, "{:?}", energy(&found));
        assert!(found.notes.iter().any(|note| note.code.id == "rows-lost" && note.code.severity == Severity::Warning));
        // Ten more of 300 J, to a thousandth of what counts.
        assert!((more(&found).as_kwh() * 3.6e6 - 3_000.0).abs() < 2.8, "{:?}", more(&found));
    }
    // One byte of 0 in one row of many is no warning.
    let log = format!("{head}{}{}", rows(0, 30), "2025/06/12 14:00:30.000, 0, 300.00 \0\n");
    assert!(!warns(&read(log.as_bytes(), &Default::default())));
}

/// A name that comes twice in a record and says two things: nothing tells which of them holds.
#[test]
fn a_record_that_says_two_things_is_skipped() {
    let records = |odd: &str| -> String {
        let plain = |second: usize| format!("{{\"timestamp\":\"2025-06-12T14:00:{second:02}Z\",\"gpu\":0,\"power_w\":300}}\n");
        (0..20).map(|second| if second == 7 { format!("{odd}\n") } else { plain(second) }).collect()
    };
    let at = "\"timestamp\":\"2025-06-12T14:00:07Z\"";
    for odd in [
        format!("{{{at},\"gpu\":0,\"power_w\":300,\"power_w\":30}}"),
        format!("{{{at},\"gpu\":0,\"power_w\":300,\"power\\u005fw\":30}}"),
        format!("{{{at},\"gpu\":0,\"gpu\":1,\"power_w\":300}}"),
        format!("{{{at},\"timestamp\":\"2025-06-12T14:00:09Z\",\"gpu\":0,\"power_w\":300}}"),
    ] {
        let found = read(records(&odd).as_bytes(), &Default::default());
        assert_eq!(found.rows.skipped.get(&SkipReason::Torn), Some(&(1, 8)), "{odd}: {:?}", found.rows);
        assert!(warns(&found) && found.notes.iter().any(|note| note.code.id == "rows-torn" && note.line == Some(8)), "{odd}");
    }
    // The same thing said twice is harmless.
    let found = read(records(&format!("{{{at},\"gpu\":0,\"power_w\":300,\"power_w\":300}}")).as_bytes(), &Default::default());
    assert!(found.rows.skipped.is_empty() && !warns(&found), "{:?}", found.rows);
}

/// Windows whose stamps have so few digits that all are the same: one counts, and the upper end holds them all.
#[test]
fn windows_of_the_very_same_time_may_have_followed_each_other() {
    let rows = |stamp: fn(usize) -> String| -> String {
        let row = |number: usize| format!("{};t{number};10.0;1000000000.0;100000000.0\n", stamp(number));
        (0..60).map(row).collect()
    };
    let head = "timestamp;tag;duration;package_0;dram_0\n";
    let found = read(format!("{head}{}", rows(|_| String::from("1.75000E+09"))).as_bytes(), &Default::default());
    // 1,100 J each.
    assert!((energy(&found).as_kwh() * 3.6e6 - 1_100.0).abs() < 1e-6 && warns(&found), "{:?}", found.notes);
    assert!((more(&found).as_kwh() * 3.6e6 - 59.0 * 1_100.0).abs() < 1.0, "{:?}", more(&found));
    let apart = read(format!("{head}{}", rows(|number| format!("{}.0", 1_750_000_000 + 10 * number))).as_bytes(), &Default::default());
    assert!((energy(&apart).as_kwh() * 3.6e6 - 66_000.0).abs() < 1e-6 && !warns(&apart), "{:?}", apart.notes);
}

#[test]
fn a_long_title_leaves_room_for_the_number() {
    let short = carbon_core::text::short_title(&"ü".repeat(1_000));
    assert_eq!((short.chars().count(), short.ends_with("ü…")), (120, true));
    assert_eq!(carbon_core::text::short_title(&"a".repeat(120)), "a".repeat(120));
}
