//! Quotes that are not closed, millions of them: each line is counted, no row behind them is lost, and a record whose cells hold line ends is still one. What
//! a table comes to does not depend on how it is handed over.

use std::fmt::Write as _;

use carbon_core::read::{FileReader, ReadOptions, Reading, SkipReason};

fn read(text: &str, chunk: usize) -> Reading {
    let mut reader = FileReader::new(ReadOptions::default());
    text.as_bytes().chunks(chunk).for_each(|part| reader.push(part));
    reader.finish()
}

/// A row a second at 300 W, in which the stamp or the number of the device stands first.
fn rows(stamp_first: bool, seconds: std::ops::Range<u32>, name: &str) -> String {
    let mut text = String::new();
    for second in seconds {
        let stamp = format!("2025/06/12 14:{:02}:{:02}.000", second / 60, second % 60);
        let _ = match stamp_first {
            true => writeln!(text, "{stamp}, 0, {name}, 300.00 W"),
            false => writeln!(text, "0, {stamp}, {name}, 300.00 W"),
        };
    }
    text
}

fn skipped(reading: &Reading) -> u64 {
    reading.rows.skipped.iter().map(|(_, (count, _))| *count).sum()
}

fn joules(reading: &Reading) -> f64 {
    reading.series().iter().map(|series| series.energy(false).as_picojoules() as f64 / 1e12).sum()
}

#[test]
fn each_line_is_counted_and_no_row_is_lost() {
    const TIMES: usize = 5_000;
    for (stamp_first, name, junk) in [
        (true, "a lone quote", vec!["\""]),
        (true, "a quote in the second cell", vec!["a,\""]),
        (true, "a quote in the last cell", vec!["a,b,c,\""]),
        (true, "a quote and something behind it", vec!["\"x"]),
        (true, "a quote before a cell", vec!["\",a"]),
        (false, "a lone quote, where the stamp comes later", vec!["\""]),
        (false, "a quote behind a number", vec!["0,\""]),
        (false, "a quote and a line between two", vec!["\"", "x"]),
        (false, "four lines, of which two close what two open", vec!["\"a", "b\"", "\"", "\"c"]),
        (false, "a quote in each cell", vec!["\"a\",\"b\",\"c\",\""]),
        (false, "longer than what is known by heart", vec!["\"0123456789", "0123456789\""]),
        (false, "with the line end of other systems", vec!["\"\r"]),
    ] {
        let header = if stamp_first { "timestamp, index, name, power.draw [W]\n" } else { "index, timestamp, name, power.draw [W]\n" };
        let lines: String = (0..TIMES).flat_map(|_| &junk).fold(String::new(), |text, line| text + line + "\n");
        let text = [header, &rows(stamp_first, 0..300, "A100"), &lines, &rows(stamp_first, 300..600, "A100")].concat();
        let whole = read(&text, text.len());
        assert_eq!(whole.rows.used, 600, "{name}");
        assert_eq!(skipped(&whole), (TIMES * junk.len()) as u64, "{name}: {:?}", whole.rows.skipped);
        assert_eq!(whole.rows.lines, 601 + (TIMES * junk.len()) as u64, "{name}");
        // 300 W for 599 s.
        assert!((joules(&whole) - 179_700.0).abs() < 1e-6, "{name}: {} J", joules(&whole));
        for chunk in [1, 5, 4096] {
            let parts = read(&text, chunk);
            assert_eq!((parts.rows.used, &parts.rows.skipped), (600, &whole.rows.skipped), "{name}: by {chunk} bytes");
            let notes = |reading: &Reading| -> Vec<(String, u64, Option<u64>)> {
                reading.notes.iter().map(|note| (note.message.clone(), note.count, note.line)).collect()
            };
            assert_eq!(notes(&parts), notes(&whole), "{name}: by {chunk} bytes");
        }
    }
}

#[test]
fn a_record_whose_cells_hold_line_ends_is_one_among_them() {
    for (stamp_first, name) in
        [(true, "\"A\n100\""), (false, "\"A\n100\""), (true, "\"A\n\n\n100\""), (false, "\"A \"\"100\"\"\n\""), (true, "\"\n\"")]
    {
        let header = if stamp_first { "timestamp, index, name, power.draw [W]\n" } else { "index, timestamp, name, power.draw [W]\n" };
        let records = rows(stamp_first, 0..60, name);
        // Between any two of them, lines that are none.
        let mixed = rows(stamp_first, 0..60, &format!("{name}\u{1}")).replace('\u{1}', "").replace(" W\n", " W\n\"\n\"\n");
        for (text, lost) in [([header, &records].concat(), 0), ([header, &mixed].concat(), 120)] {
            let reading = read(&text, text.len());
            assert_eq!((reading.rows.used, skipped(&reading)), (60, lost), "{name:?}: {:?}", reading.rows.skipped);
            assert!((joules(&reading) - 59.0 * 300.0).abs() < 1e-6, "{name:?}: {} J", joules(&reading));
        }
    }
}

/// A quote that is not closed costs its own row and no other.
#[test]
fn a_torn_quote_costs_its_row() {
    for stamp_first in [true, false] {
        let header = if stamp_first { "timestamp, index, name, power.draw [W]\n" } else { "index, timestamp, name, power.draw [W]\n" };
        for torn in ["\"A100", "\"", "A, \"100", "\"A\"\"100"] {
            let text =
                [header, &rows(stamp_first, 0..30, "A100"), &rows(stamp_first, 30..31, torn), &rows(stamp_first, 31..60, "A100")].concat();
            let reading = read(&text, text.len());
            assert_eq!(reading.rows.used, 59, "{torn}");
            assert_eq!(
                reading.rows.skipped.iter().map(|(reason, (count, _))| (*reason, *count)).collect::<Vec<_>>(),
                [(SkipReason::OpenQuote, 1)],
                "{torn}"
            );
        }
    }
}
