//! Times since some start.

use super::{Table, number};

/// Seconds in a minute, minutes in an hour, hours in a day.
const PARTS: [i128; 3] = [60, 60, 24];

impl Table {
    /// Reads a cell as a length of time of so many times `10^-scale` seconds, in µs. Of seconds, as a clock shows them, too: `1:15`, `0:01:15.5`, `2 days 00:01:15`.
    pub fn elapsed(&self, cell: &[u8], scale: i32, times: i64) -> Option<i64> {
        let micros = match self.number(cell, 6 - scale) {
            Some(micros) => micros.checked_mul(i128::from(times))?,
            None if (scale, times) == (0, 1) => shown(cell, self.decimal_comma)?,
            None => return None,
        };
        i64::try_from(micros).ok()
    }
}

/// `MM:SS`, `H:MM:SS`, and so many days before them, in µs.
fn shown(cell: &[u8], decimal_comma: bool) -> Option<i128> {
    let text = cell.trim_ascii();
    let word = memchr::memmem::find(text, b"day");
    let days = word.and_then(|at| text.get(..at)).map(|days| number(days.trim_ascii(), 0, false).filter(|days| *days >= 0));
    let clock = word.and_then(|at| text.get(at..)).map_or(text, |rest| rest.trim_ascii_start());
    let clock = clock.strip_prefix(b"days").or_else(|| clock.strip_prefix(b"day")).unwrap_or(clock);
    let clock = clock.strip_prefix(b",").unwrap_or(clock).trim_ascii();
    let mut parts = clock.rsplit(|byte| *byte == b':');
    let seconds = number(parts.next()?, 6, decimal_comma).filter(|micros| (0..60_000_000).contains(micros))?;
    let [to_minutes, to_hours, to_days] = PARTS;
    let mut whole = || parts.next().map(|part| number(part, 0, false).filter(|part| *part >= 0));
    let minutes = whole()??;
    let hours = match whole() {
        Some(hours) => hours.filter(|_| minutes < to_hours)?,
        None => 0,
    };
    let days = match days {
        Some(days) => days.filter(|_| hours < to_days)?,
        None => 0,
    };
    let minutes = days.checked_mul(to_days)?.checked_add(hours)?.checked_mul(to_hours)?.checked_add(minutes)?;
    (parts.next().is_none()).then_some(())?;
    minutes.checked_mul(to_minutes)?.checked_mul(1_000_000)?.checked_add(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_a_clock_shows_them() {
        let table = Table::of_width(b',', 2);
        for (text, seconds) in [
            ("75", Some(75)),
            ("00:15", Some(15)),
            ("1:15", Some(75)),
            ("75:10", Some(4_510)),
            ("0:01:15", Some(75)),
            ("30:00:00", Some(108_000)),
            ("0 days 00:00:01", Some(1)),
            ("1 day, 0:00:01", Some(86_401)),
            ("2 days 03:00:00.000000", Some(183_600)),
            ("1:75", None),
            ("1:75:00", None),
            ("1 days 25:00:00", None),
            ("1:2:3:4", None),
            ("-1:00", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(table.elapsed(text.as_bytes(), 0, 1), seconds.map(|seconds: i64| seconds * 1_000_000), "{text}");
        }
    }
}
