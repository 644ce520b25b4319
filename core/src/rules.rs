//! Figures of the rules by which readings become numbers: rows of `data/tables/rules.csv`, read while the program is compiled.
//!
//! A reader or a series is handed no factor tables, and a rule of counting is no option. So the figures are constants, and their only home is the table,
//! where each has its unit, its reason and its source. A name that the table lacks does not compile.

use crate::units::{Power, Span};

/// The table as text.
const TABLE: &[u8] = carbon_data::RULES.as_bytes();

/// Columns of the table.
const VALUE: usize = 1;
const LOW: usize = 2;
const HIGH: usize = 3;

/// The value of a rule.
pub(crate) const fn value(name: &str) -> f64 {
    decimal(name, VALUE)
}

/// Its lower and its upper end.
pub(crate) const fn ends(name: &str) -> (f64, f64) {
    (decimal(name, LOW), high(name))
}

/// Its upper end; of a factor that holds both ways the only one.
pub(crate) const fn high(name: &str) -> f64 {
    decimal(name, HIGH)
}

/// A value that is a whole number.
pub(crate) const fn whole(name: &str) -> i64 {
    let (digits, places) = cell(name, VALUE);
    assert!(places == 1, "the rule is no whole number");
    digits
}

/// A power in W.
pub(crate) const fn power(name: &str) -> Power {
    let (digits, places) = cell(name, VALUE);
    Power::from_microwatts(digits * 1_000_000 / places)
}

/// A time in s.
pub(crate) const fn seconds(name: &str) -> Span {
    let (digits, places) = cell(name, VALUE);
    Span::from_micros(digits * 1_000_000 / places)
}

/// The nearest number: digits and places of the table are small enough to be exact.
const fn decimal(name: &str, column: usize) -> f64 {
    let (digits, places) = cell(name, column);
    digits as f64 / places as f64
}

/// Digits and places of a cell: 0.05 is 5 over 100. Numbers stand before the first column with text, so no quote comes before them.
const fn cell(name: &str, column: usize) -> (i64, i64) {
    let mut at = row(name.as_bytes());
    let mut passed = 0;
    while passed < column {
        passed += (TABLE[at] == b',') as usize;
        at += 1;
    }
    let (mut digits, mut places, mut is_fraction, start) = (0, 1, false, at);
    while TABLE[at] != b',' {
        match TABLE[at] {
            b'.' => is_fraction = true,
            digit => {
                assert!(digit.is_ascii_digit(), "a rule is not a number");
                digits = digits * 10 + (digit - b'0') as i64;
                if is_fraction {
                    places *= 10;
                }
            }
        }
        at += 1;
    }
    assert!(at > start, "the rule has no such figure");
    (digits, places)
}

/// Where the row of a rule begins.
const fn row(name: &[u8]) -> usize {
    let mut at = 0;
    while at < TABLE.len() {
        let mut same = 0;
        while same < name.len() && TABLE[at + same] == name[same] {
            same += 1;
        }
        if same == name.len() && TABLE[at + same] == b',' {
            return at;
        }
        while TABLE[at] != b'\n' {
            at += 1;
        }
        at += 1;
    }
    panic!("the table of rules has no such row")
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn figures_are_those_of_the_table() {
        assert_eq!((value("gap_medians"), whole("gap_medians")), (10.0, 10));
        assert_eq!(value("likeness_identical"), 0.001);
        assert_eq!(ends("idle_gpu_share"), (0.15, 0.25));
        assert_eq!(high("grid_year_step"), 1.2);
        assert_eq!((power("trial_least_w").as_microwatts(), seconds("gap_shortest_s")), (50_000, Span::from_seconds(5)));
    }

    #[test]
    fn every_row_has_a_reason_and_a_source_and_is_used() {
        let sources = carbon_data::TABLES.iter().find(|(name, _)| *name == "sources").map(|(_, text)| *text).unwrap_or("");
        let rows: Vec<&str> = carbon_data::RULES.lines().skip(1).collect();
        assert!(rows.len() > 50);
        for row in rows {
            let source = row.rsplit(',').next().unwrap_or("");
            assert!(sources.lines().any(|line| line.starts_with(source) && line[source.len()..].starts_with(',')), "{row}");
            let cells: Vec<&str> = row.splitn(6, ',').collect();
            let [_, value, low, high, unit, words] = cells[..] else { panic!("{row}") };
            let number = |cell: &str, or: f64| if cell.is_empty() { or } else { cell.parse::<f64>().expect(row) };
            let middle = number(value, f64::NAN);
            assert!(number(low, middle) <= middle && middle <= number(high, middle), "{row}");
            assert!(!unit.is_empty() && words.len() > 20, "{row}");
        }
    }
}
