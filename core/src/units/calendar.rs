//! Civil dates to instants and back (proleptic Gregorian calendar), and the stamps that logs print.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Instant, Span};

/// The years between which a stamp is believed; anything outside is a clock that was never set.
pub const SANE_YEARS: core::ops::RangeInclusive<i64> = 2000..=2099;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The instants of these years, µs.
const SANE: core::ops::Range<i64> =
    days_from_civil(*SANE_YEARS.start(), 1, 1) * MICROS_PER_DAY..days_from_civil(*SANE_YEARS.end() + 1, 1, 1) * MICROS_PER_DAY;

/// A day without a leap second.
pub const DAY: Span = Span::from_micros(MICROS_PER_DAY);

/// A stamp as a log prints it, and what it says of its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The instant; on the log's own local clock where `zoned` is false.
    pub at: Instant,
    /// Whether the text named an offset or `Z`.
    pub zoned: bool,
}

/// Days from 1970-01-01 to the given civil date.
///
/// After Howard Hinnant, "chrono-compatible low-level date algorithms" (`days_from_civil`).
pub const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let shifted = (month + 9) % 12;
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The civil date (year, month, day) of a day counted from 1970-01-01; the inverse of [`days_from_civil`].
pub const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + (month <= 2) as i64, month, doy - (153 * mp + 2) / 5 + 1)
}

/// The year of an instant.
pub const fn year_of(at: Instant) -> i64 {
    civil_from_days(at.as_micros().div_euclid(MICROS_PER_DAY)).0
}

/// An instant from civil parts; `None` where a part is out of its range.
pub fn instant_from_civil(date: (i64, i64, i64), time: (i64, i64, i64), micros: i64) -> Option<Instant> {
    let ((year, month, day), (hour, minute, second)) = (date, time);
    let plausible = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    plausible.then(|| {
        let seconds = hour * 3600 + minute * 60 + second;
        Instant::from_micros(days_from_civil(year, month, day) * MICROS_PER_DAY + seconds * 1_000_000 + micros)
    })
}

/// `2026-11-23T12:18:19Z`, or with the fraction of a second where there is one; `Z` only for UTC.
pub fn rfc3339(at: Instant, utc: bool) -> String {
    let (days, of_day) = (at.as_micros().div_euclid(MICROS_PER_DAY), at.as_micros().rem_euclid(MICROS_PER_DAY));
    let (year, month, day) = civil_from_days(days);
    let (seconds, micros) = (of_day / 1_000_000, of_day % 1_000_000);
    let fraction = match micros {
        0 => String::new(),
        m if m % 1000 == 0 => format!(".{:03}", m / 1000),
        m => format!(".{m:06}"),
    };
    let zone = if utc { "Z" } else { "" };
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{fraction}{zone}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The order in which a log prints the parts of a date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrder {
    /// `2025-06-12`, and all that [`parse_stamp`] reads.
    #[default]
    YearFirst,
    /// `12.6.2025`.
    DayFirst,
    /// `06/12/2025`.
    MonthFirst,
    /// Days since the end of 1899, as spreadsheets count them: `45820.5856`.
    SpreadsheetDays,
}

/// The order in which dates have their parts, where all cells are `12.06.2025` or `6/13/2025`, and whether only that one is possible.
pub fn order_of_dates<'c, C: Iterator<Item = &'c [u8]>>(cells: impl Fn() -> C) -> Option<(DateOrder, bool)> {
    let days = |order: DateOrder| -> Option<Vec<i64>> {
        let day = |cell: &[u8]| Some(parse_stamp_in(cell, order)?.at.as_micros().div_euclid(DAY.as_micros()));
        let stamps: Vec<i64> = cells().filter_map(day).collect();
        (!stamps.is_empty() && stamps.len() == cells().count()).then_some(stamps)
    };
    // Points stand between the parts where people write the day first.
    let is_dotted = cells().next().is_some_and(|cell| cell.iter().find(|b| !b.is_ascii_digit()) == Some(&b'.'));
    match (days(DateOrder::DayFirst), days(DateOrder::MonthFirst)) {
        (Some(_), _) if is_dotted => Some((DateOrder::DayFirst, true)),
        (Some(_), None) => Some((DateOrder::DayFirst, true)),
        (None, Some(_)) => Some((DateOrder::MonthFirst, true)),
        (Some(day), Some(month)) => {
            // A day that follows on a day, against one that follows on a month.
            let longest =
                |days: &[i64]| days.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?)).map(i64::abs).max().unwrap_or(0);
            let (a, b) = (longest(&day), longest(&month));
            Some(if b > a { (DateOrder::DayFirst, a <= 1 && b >= 28) } else { (DateOrder::MonthFirst, b <= 1 && a >= 28) })
        }
        (None, None) => None,
    }
}

/// Reads a stamp whose date has its parts in this order; what [`parse_stamp`] reads, which can't be mistaken, is read whatever the order.
pub fn parse_stamp_in(text: &[u8], order: DateOrder) -> Option<Stamp> {
    let text = text.trim_ascii();
    if order == DateOrder::YearFirst {
        return parse_stamp(text);
    }
    parse_stamp(text).or_else(|| {
        if order == DateOrder::SpreadsheetDays {
            return parse_spreadsheet_days(text);
        }
        let mut p = Cursor { text, at: 0 };
        let first = p.number(1, 2)?;
        p.one_of(b"-/.")?;
        let second = p.number(1, 2)?;
        p.one_of(b"-/.")?;
        let year = p.number(4, 4)?;
        let (day, month) = if order == DateOrder::DayFirst { (first, second) } else { (second, first) };
        p.behind_date((year, month, day)).filter(|stamp| SANE.contains(&stamp.at.as_micros()))
    })
}

/// Days and parts of a day, to the microsecond.
fn parse_spreadsheet_days(text: &[u8]) -> Option<Stamp> {
    let parts = super::decimal::parse_scaled(text, 12).ok()?;
    let micros = parts.checked_mul(i128::from(DAY.as_micros()))?.checked_add(PARTS_OF_DAY / 2)?.div_euclid(PARTS_OF_DAY);
    let since = i64::try_from(micros).ok()?.checked_add(days_from_civil(1899, 12, 30).checked_mul(DAY.as_micros())?)?;
    Some(Stamp { at: Instant::from_micros(since), zoned: false }).filter(|stamp| SANE.contains(&stamp.at.as_micros()))
}

/// Parts of a day that are read.
const PARTS_OF_DAY: i128 = 1_000_000_000_000;

/// Reads the stamps that samplers print: `2025/06/12 14:03:21.117`, `2025-06-12T14:03:21+08:00`, `…Z`, `2025-06-12 14:03`, `20250612T140321`,
/// `2025-06-12_14-03-21`, `12-Jun-2025 14:03:21`, `Thu, 12 Jun 2025 14:03:21 GMT`, `2025-06-12 14:03:21 CEST`, `Jun 12, 2025 14:03:21`, ctime (`Thu Jun 12 14:03:21 2025`) and Unix time in s, ms, µs or ns (told
/// apart by magnitude, 2001 to 2100).
///
/// A comma is taken as the decimal point of the seconds. `None` for anything else or for a date outside [`SANE_YEARS`].
pub fn parse_stamp(text: &[u8]) -> Option<Stamp> {
    let text = text.trim_ascii();
    match text {
        [a, b, c, d, b'-' | b'/' | b'.', ..] if [a, b, c, d].iter().all(|x| x.is_ascii_digit()) => parse_civil(text),
        [date @ .., _] if matches!(date.get(8), Some(b' ' | b'T' | b'_' | b'-')) && is_digits(&date[..8]) => parse_compact(text),
        _ if text.len() == 14 && is_digits(text) => parse_compact(text),
        [b'0'..=b'9', b'-' | b'/' | b' ', ..] | [b'0'..=b'9', b'0'..=b'9', b'-' | b'/' | b' ', ..] => parse_day_of_month(text),
        [b'0'..=b'9', ..] => parse_epoch(text),
        [b'A'..=b'Z', ..] => parse_ctime(text).or_else(|| parse_month_and_day(text)).or_else(|| parse_weekday(text)),
        _ => None,
    }
    .filter(|stamp| SANE.contains(&stamp.at.as_micros()))
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

const MONTHS: [&[u8]; 12] = [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

const WEEKDAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

/// Names of zones, with minutes east of Greenwich where the name means one thing.
const ZONES: &[(&[u8], Option<i64>)] = &[
    (b"UTC", Some(0)),
    (b"GMT", Some(0)),
    (b"WET", Some(0)),
    (b"WEST", Some(60)),
    (b"CET", Some(60)),
    (b"MEZ", Some(60)),
    (b"CEST", Some(120)),
    (b"MESZ", Some(120)),
    (b"EET", Some(120)),
    (b"EEST", Some(180)),
    (b"MSK", Some(180)),
    (b"JST", Some(540)),
    (b"KST", Some(540)),
    (b"AEST", Some(600)),
    (b"AEDT", Some(660)),
    (b"NZST", Some(720)),
    (b"NZDT", Some(780)),
    (b"EDT", Some(-240)),
    (b"MDT", Some(-360)),
    (b"PDT", Some(-420)),
    (b"AST", None),
    (b"BST", None),
    (b"CDT", None),
    (b"CST", None),
    (b"EST", None),
    (b"IST", None),
    (b"MST", None),
    (b"PST", None),
];

/// Seconds east of Greenwich of a zone with a name that is known; `Some(None)` where it may mean several.
fn named_zone(name: &[u8]) -> Option<Option<i64>> {
    ZONES.iter().find(|(zone, _)| *zone == name).map(|(_, minutes)| minutes.map(|minutes| minutes * 60))
}

fn is_digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

fn parse_civil(text: &[u8]) -> Option<Stamp> {
    let mut p = Cursor { text, at: 0 };
    let year = p.number(4, 4)?;
    p.one_of(b"-/.")?;
    p.skip(b' ');
    let month = p.number(1, 2).or_else(|| p.month())?;
    p.one_of(b"-/.")?;
    p.skip(b' ');
    let day = p.number(1, 2)?;
    p.behind_date((year, month, day))
}

/// `20250612 14:03:21`, `20250612T140321` and `20250612140321`.
fn parse_compact(text: &[u8]) -> Option<Stamp> {
    let mut p = Cursor { text, at: 0 };
    let date = (p.number(4, 4)?, p.number(2, 2)?, p.number(2, 2)?);
    match p.peek()? {
        b'0'..=b'9' => p.at_time(date),
        _ => p.behind_date(date),
    }
}

/// `12-Jun-2025 14:03:21` and `12 June 2025 14:03:21`.
fn parse_day_of_month(text: &[u8]) -> Option<Stamp> {
    let mut p = Cursor { text, at: 0 };
    let day = p.number(1, 2)?;
    p.one_of(b"-/ ")?;
    let month = p.month()?;
    p.one_of(b"-/ ")?;
    let year = p.number(4, 4)?;
    p.behind_date((year, month, day))
}

/// A day of the week before one of the two: `Thu, 12 Jun 2025 14:03:21 GMT`, `Thu Jun 12 2025 14:03:21 GMT+0200`.
fn parse_weekday(text: &[u8]) -> Option<Stamp> {
    let (day, rest) = text.split_at_checked(3)?;
    let rest = rest.strip_prefix(b",").unwrap_or(rest).strip_prefix(b" ")?;
    let is_day = WEEKDAYS.contains(&day);
    if is_day { parse_day_of_month(rest).or_else(|| parse_month_and_day(rest)) } else { None }
}

/// `Jun 12, 2025 14:03:21`.
fn parse_month_and_day(text: &[u8]) -> Option<Stamp> {
    let mut p = Cursor { text, at: 0 };
    let month = p.month()?;
    p.skip(b' ');
    let day = p.number(1, 2)?;
    let _ = p.one_of(b",");
    p.skip(b' ');
    let year = p.number(4, 4)?;
    p.behind_date((year, month, day))
}

fn parse_ctime(text: &[u8]) -> Option<Stamp> {
    let mut words = text.split(|b| *b == b' ').filter(|w| !w.is_empty());
    let weekday = words.next()?;
    if weekday.len() != 3 {
        return None;
    }
    let month_name = words.next()?;
    let month = MONTHS.iter().position(|m| *m == month_name)? as i64 + 1;
    let day = super::decimal::parse_digits(words.next()?)?;
    let clock = words.next()?;
    let mut cursor = Cursor { text: clock, at: 0 };
    let (time, micros) = cursor.time()?;
    // `date` puts the zone before the year.
    let word = words.next()?;
    let (zone, year) = match super::decimal::parse_digits(word) {
        Some(year) => (None, year),
        None => (named_zone(word).flatten(), super::decimal::parse_digits(words.next()?)?),
    };
    let at = instant_from_civil((year, month, day), time, micros)?;
    let at = Instant::from_micros(at.as_micros() - zone.unwrap_or(0) * 1_000_000);
    // `powermetrics` puts an offset behind.
    match words.next() {
        Some(text) => {
            let offset = Cursor { text, at: 0 }.offset()?;
            Some(Stamp { at: Instant::from_micros(at.as_micros() - offset * 1_000_000), zoned: true })
        }
        None => Some(Stamp { at, zoned: zone.is_some() }),
    }
}

fn parse_epoch(text: &[u8]) -> Option<Stamp> {
    let whole = text.iter().position(|b| *b == b'.').unwrap_or(text.len());
    let scale = match whole {
        9 | 10 => 6,
        12 | 13 => 3,
        15 | 16 => 0,
        18 | 19 => -3,
        _ => return None,
    };
    let micros = super::decimal::parse_scaled_i64(text, scale).ok()?;
    Some(Stamp { at: Instant::from_micros(micros), zoned: true })
}

struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl Cursor<'_> {
    fn done(&self) -> bool {
        self.at >= self.text.len()
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip(&mut self, byte: u8) {
        while self.peek() == Some(byte) {
            self.at += 1;
        }
    }

    fn one_of(&mut self, allowed: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|b| allowed.contains(b))?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        let (start, mut value) = (self.at, 0i64);
        while let Some(b @ b'0'..=b'9') = self.peek() {
            if self.at - start == most {
                break;
            }
            value = value * 10 + i64::from(b - b'0');
            self.at += 1;
        }
        (self.at - start >= least).then_some(value)
    }

    /// The time of day and the zone behind a date.
    fn behind_date(&mut self, date: (i64, i64, i64)) -> Option<Stamp> {
        if self.done() {
            return Some(Stamp { at: instant_from_civil(date, (0, 0, 0), 0)?, zoned: false });
        }
        self.one_of(b"T t_,-:")?;
        self.skip(b' ');
        self.at_time(date)
    }

    /// The time of day and the zone.
    fn at_time(&mut self, date: (i64, i64, i64)) -> Option<Stamp> {
        let (time, micros) = self.time()?;
        let at = instant_from_civil(date, time, micros)?;
        self.skip(b' ');
        if self.done() {
            return Some(Stamp { at, zoned: false });
        }
        let offset = self.zone()?;
        let east = offset.unwrap_or(0);
        self.done().then(|| Stamp { at: Instant::from_micros(at.as_micros() - east * 1_000_000), zoned: offset.is_some() })
    }

    /// A zone by its name or its offset, with a name in brackets behind it or alone; `Some(None)` for a name that may mean several.
    fn zone(&mut self) -> Option<Option<i64>> {
        let rest = self.text.get(self.at..)?;
        let in_brackets = |text: &[u8]| match text.trim_ascii() {
            [b'(', inner @ .., b')'] | [b'[', inner @ .., b']'] => Some(inner.to_vec()),
            _ => None,
        };
        let found = match named_zone(rest) {
            Some(found) => found,
            None => match in_brackets(rest) {
                Some(name) => named_zone(&name).flatten(),
                None => {
                    if let Some(behind) = rest.get(3..).filter(|_| rest.starts_with(b"UTC") || rest.starts_with(b"GMT"))
                        && matches!(behind.first(), Some(b'+' | b'-'))
                    {
                        self.at += 3;
                    }
                    let offset = self.offset()?;
                    let behind = self.text.get(self.at..)?;
                    (behind.is_empty() || in_brackets(behind).is_some()).then_some(())?;
                    Some(offset)
                }
            },
        };
        self.at = self.text.len();
        Some(found)
    }

    /// `AM` or `PM` at the end, as hours to add to an hour of twelve.
    fn half_day(&mut self, hour: i64) -> Option<i64> {
        let rest = self.text.get(self.at..)?.trim_ascii();
        let afternoon = match rest {
            b"AM" | b"am" | b"a.m." => 0,
            b"PM" | b"pm" | b"p.m." => 12,
            _ => return Some(hour),
        };
        self.at = self.text.len();
        (1..=12).contains(&hour).then_some(hour % 12 + afternoon)
    }

    /// A month by its English name, whole or its first three letters.
    fn month(&mut self) -> Option<i64> {
        let rest = self.text.get(self.at..)?;
        let name = &rest[..rest.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len())];
        let month = MONTHS.iter().position(|short| name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(short)))?;
        self.at += name.len();
        Some(month as i64 + 1)
    }

    /// `HH:MM[:SS[.ffffff]]` with the fraction in microseconds; digits beyond are cut. Some put a colon before the milliseconds, dashes for colons as in
    /// names of files, or nothing.
    fn time(&mut self) -> Option<((i64, i64, i64), i64)> {
        let hour = self.number(1, 2)?;
        let colon: &[u8] = match self.peek()? {
            b'-' => b"-",
            b'0'..=b'9' => b"",
            _ => b":",
        };
        if !colon.is_empty() {
            self.one_of(colon)?;
            self.skip(b' ');
        }
        let minute = self.number(1, 2)?;
        let has_seconds = if colon.is_empty() { self.peek().is_some_and(|b| b.is_ascii_digit()) } else { self.one_of(colon).is_some() };
        if !has_seconds {
            return Some(((self.half_day(hour)?, minute, 0), 0));
        }
        self.skip(b' ');
        let second = self.number(1, 2)?;
        let mut micros = 0;
        if self.text.get(self.at..self.at + 2) == Some(b". ") {
            // Ada prints numbers with a space in front: these are milliseconds.
            self.at += 2;
            return Some(((hour, minute, second), self.number(1, 3)? * 1_000));
        }
        if self.one_of(b".,:").is_some() {
            let mut unit = 100_000;
            let start = self.at;
            while let Some(b @ b'0'..=b'9') = self.peek() {
                micros += i64::from(b - b'0') * unit;
                unit /= 10;
                self.at += 1;
            }
            if self.at == start {
                return None;
            }
        }
        Some(((self.half_day(hour)?, minute, second), micros))
    }

    /// `Z`, `UTC`, `+08:00`, `+0800` or `+08` in seconds east of Greenwich.
    fn offset(&mut self) -> Option<i64> {
        let rest = self.text.get(self.at..)?;
        if matches!(rest, b"Z" | b"z" | b"UTC") {
            self.at = self.text.len();
            return Some(0);
        }
        let sign = if self.one_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.number(1, 2)?;
        let _ = self.one_of(b":");
        let has_minutes = self.peek().is_some_and(|byte| byte.is_ascii_digit());
        let minutes = if has_minutes { self.number(2, 2)? } else { 0 };
        (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_of_every_shape() {
        let base = 1_749_736_999_000_000; // 2025-06-12T14:03:19Z by `date -u -d 2025-06-12T14:03:19 +%s`
        for (text, micros, zoned) in [
            ("2025/06/12 14:03:19.117", base + 117_000, false),
            ("2025/06/12 14:03:19,117", base + 117_000, false),
            ("2025-06-12T14:03:19", base, false),
            ("2025-06-12T14:03:19Z", base, true),
            ("2025-06-12T22:03:19+08:00", base, true),
            ("2025-06-12 14:03:19.123456", base + 123_456, false),
            ("Thu Jun 12 14:03:19 2025", base, false),
            ("Thu Jun 12 14:03:19 UTC 2025", base, true),
            ("Thu Jun 12 16:03:19 CEST 2025", base, true),
            ("Thu Jun 12 14:03:19 CST 2025", base, false),
            ("1749736999", base, true),
            ("1749736999.5", base + 500_000, true),
            ("1749736999000", base, true),
            ("1749736999000000", base, true),
            ("1749736999000000000", base, true),
            ("2025-06-12 14:03", base - 19_000_000, false),
            ("2025.06.12 14:03:19", base, false),
            ("2025-06-12_14-03-19", base, false),
            ("2025-06-12-14:03:19", base, false),
            ("20250612 14:03:19", base, false),
            ("20250612T140319", base, false),
            ("20250612T140319Z", base, true),
            ("20250612_140319", base, false),
            ("20250612140319", base, false),
            ("12-Jun-2025 14:03:19", base, false),
            ("12 Jun 2025 14:03:19.117", base + 117_000, false),
            ("12/Jun/2025:14:03:19 +0000", base, true),
            ("Jun 12, 2025 14:03:19", base, false),
            ("June 12 2025 02:03:19 PM", base, false),
            ("2025-Jun-12 14:03:19", base, false),
            ("2025-06-12 16:03:19 CEST", base, true),
            ("2025-06-12 14:03:19 UTC", base, true),
            ("2025-06-12 15:03:19 (CET)", base, true),
            ("2025-06-12 23:03:19.5 JST", base + 500_000, true),
            ("2025-06-12 07:03:19 PDT", base, true),
            // Of Chicago, of Shanghai, of Havana; of India, of Israel, of Ireland.
            ("2025-06-12 14:03:19 CST", base, false),
            ("2025-06-12 14:03 IST", base - 19_000_000, false),
            ("2025-06-12 15:03:19 UTC+1", base, true),
            ("2025-06-12 09:03:19 GMT-05:00", base, true),
            ("2025-06-12T16:03:19+02:00[Europe/Berlin]", base, true),
            ("2025-06-12T14:03:19[Europe/Berlin]", base, false),
            ("Thu, 12 Jun 2025 14:03:19 GMT", base, true),
            ("Thu Jun 12 2025 16:03:19 GMT+0200 (Central European Summer Time)", base, true),
        ] {
            assert_eq!(parse_stamp(text.as_bytes()), Some(Stamp { at: Instant::from_micros(micros), zoned }), "{text}");
        }
        for text in [
            "",
            "1970-01-01 00:00:00",
            "2025-13-01",
            "2025-02-29",
            "61.83",
            "[N/A]",
            "2025/06/12 14:03:19.117x",
            "12:00:01",
            "Jun 12 14:03:19",
            "12/06/2025 14:03:19",
            "2025.0612",
            "20251312140319",
            "12345678",
            "Watts 12, 2025 14:03:19",
            "2025-06-12 14:03:19 INFO",
            "2025-06-12 14:03:19 (",
            "2025-06-12 14:03:19+",
        ] {
            assert_eq!(parse_stamp(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn days_of_spreadsheets() {
        // 45820 is 2025-06-12; 14:03:19 is 50,599 of 86,400 seconds: 0.585636574.
        let base = 1_749_736_999_000_000;
        for (text, micros) in [("45820.585636574074", Some(base)), ("45820", Some(base - 50_599_000_000)), ("1.5", None), ("12", None)] {
            let found = parse_stamp_in(text.as_bytes(), DateOrder::SpreadsheetDays);
            assert_eq!(found.map(|stamp| (stamp.at.as_micros(), stamp.zoned)), micros.map(|at| (at, false)), "{text}");
        }
    }

    #[test]
    fn days_and_dates_are_inverse() {
        for days in (-800_000..800_000).step_by(97) {
            let (y, m, d) = civil_from_days(days);
            assert_eq!(days_from_civil(y, m, d), days);
        }
        assert_eq!(rfc3339(Instant::from_micros(1_749_736_999_117_000), true), "2025-06-12T14:03:19.117Z");
    }
}
