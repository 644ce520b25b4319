//! Plain rows of a log at the speed of memory: rows that start with `YYYY/MM/DD HH:MM:SS.mmm,`, differ from the rows before in a few numbers
//! only, and hold a plain power. Any other row is left to the caller's tolerant way, so both give the same result.
//!
//! A crate of its own, because a profile sets the optimisation by crate: the web build is compiled for speed here, for size elsewhere.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod table;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Length of `YYYY/MM/DD HH:MM:`.
const MINUTE: usize = 17;

/// Length of `YYYY/MM/DD HH:MM:SS.mmm`.
const STAMP: usize = 23;

/// More templates than this are no plain case.
const MOST_TEMPLATES: usize = 1024;

/// What plain rows look like.
#[derive(Clone, Copy)]
pub struct Shape {
    /// The column of power, from 0.
    pub power: usize,
    /// Whether a number without a unit is watts.
    pub bare_watts: bool,
    /// Columns after that of power.
    pub columns_after: usize,
    /// The column that names the device, wherever it is not empty.
    pub key_column: Option<usize>,
    /// Whether all columns that may name it come before that of power.
    pub named_before: bool,
    /// Microseconds of `YYYY/MM/DD HH:MM` since 1970 on the log's own clock; `None` where there is no such minute.
    pub minute: fn(&[u8]) -> Option<i64>,
}

/// A plain row, and what follows it.
pub struct PlainRow<'l> {
    /// The device, as the caller numbers it.
    pub device: usize,
    /// Microseconds since 1970 on the log's own clock.
    pub micros: i64,
    /// Power in µW.
    pub microwatts: i64,
    /// From the next row on.
    pub rest: &'l [u8],
}

/// Reads plain rows, once it has learnt what those of a device look like.
pub struct PlainRows {
    shape: Shape,
    templates: Vec<Template>,
    /// Where the template of a device stands, and of what its rows name.
    by_device: BTreeMap<usize, usize>,
    by_key: BTreeMap<Vec<u8>, usize>,
    /// The template of the next row, if rows come round the devices in turn.
    next: usize,
    minute: [u8; MINUTE],
    minute_start: i64,
}

/// The rows of one device.
struct Template {
    device: usize,
    /// Everything between the stamp and the number of the device's last row that was learnt.
    prefix: Vec<u8>,
}

impl PlainRows {
    /// Rows of a shape, of no device yet.
    pub fn new(shape: Shape) -> Self {
        let (by_device, by_key) = (BTreeMap::new(), BTreeMap::new());
        Self { shape, templates: Vec::new(), by_device, by_key, next: 0, minute: [0; MINUTE], minute_start: 0 }
    }

    /// Learns what rows of a device look like; `by_key` says whether it is named in the shape's column of keys.
    pub fn learn(&mut self, line: &[u8], device: usize, by_key: bool) {
        let known = self.by_device.get(&device).copied();
        if line.contains(&b'"') || known.is_none() && self.templates.len() >= MOST_TEMPLATES {
            return;
        }
        let Some((number, _)) = walk(line, None, self.shape.power) else {
            return;
        };
        let prefix = line.get(STAMP..number).filter(|prefix| prefix.first() == Some(&b',')).unwrap_or(b"");
        if prefix.is_empty() {
            return;
        }
        match known {
            Some(known) => {
                if let Some(template) = self.templates.get_mut(known) {
                    template.prefix.clear();
                    template.prefix.extend_from_slice(prefix);
                }
                self.next = known + 1;
            }
            None => {
                // Absent where it is not in the table's first column of names, so that other rows of the device may look different.
                let key = match self.shape.key_column {
                    _ if !by_key => None,
                    Some(column) => line.split(|b| *b == b',').nth(column).map(|cell| cell.trim_ascii().to_vec()),
                    None => Some(Vec::new()),
                };
                let at = self.templates.len();
                self.by_device.insert(device, at);
                if let Some(key) = key {
                    self.by_key.entry(key).or_insert(at);
                }
                self.templates.push(Template { device, prefix: prefix.to_vec() });
                self.next = self.templates.len();
            }
        }
    }

    /// The next row; `None` where it is not plain.
    pub fn next<'l>(&mut self, rows: &'l [u8]) -> Option<PlainRow<'l>> {
        let (stamp, rest) = rows.split_at_checked(STAMP)?;
        let Shape { power, bare_watts, columns_after, key_column, named_before, .. } = self.shape;
        let micros = self.stamp(stamp)?;
        let known = if named_before { self.like_template(rest) } else { None };
        let (device, rest) = match known {
            Some((device, rest)) => (Some(device), rest),
            None if rest.first() != Some(&b',') => return None,
            None => {
                let (number, key) = walk(rows, key_column.filter(|_| named_before), power)?;
                let device = if named_before { Some(self.find(key)?) } else { None };
                (device, rows.get(number..)?)
            }
        };
        let (microwatts, rest) = number(rest)?;
        let rest = match rest.strip_prefix(b" W") {
            Some(rest) => rest,
            None if bare_watts => rest,
            None => return None,
        };
        let rest = end_of_row(rest, columns_after)?;
        let device = match device {
            Some(device) => device,
            None => {
                let row = rows.get(..rows.len() - rest.len())?;
                self.find(row.split(|b| *b == b',').nth(key_column?)?.trim_ascii())?
            }
        };
        self.next += 1;
        Some(PlainRow { device, micros, microwatts, rest })
    }

    /// The local time of a stamp.
    #[inline(always)]
    fn stamp(&mut self, stamp: &[u8]) -> Option<i64> {
        let (minute, rest) = stamp.split_first_chunk::<MINUTE>()?;
        if !equal(minute, &self.minute) {
            self.turn_minute(*minute)?;
        }
        let &[s1, s2, b'.', m1, m2, m3] = rest else {
            return None;
        };
        let digits = [s1, s2, m1, m2, m3].map(|b| b.wrapping_sub(b'0'));
        if digits.iter().any(|d| *d > 9) {
            return None;
        }
        let [s1, s2, m1, m2, m3] = digits.map(i64::from);
        let second = s1 * 10 + s2;
        if second > 59 {
            return None;
        }
        Some(self.minute_start + second * 1_000_000 + (m1 * 100 + m2 * 10 + m3) * 1_000)
    }

    #[cold]
    fn turn_minute(&mut self, minute: [u8; MINUTE]) -> Option<()> {
        let [y1, y2, y3, y4, b'/', _, _, b'/', _, _, b' ', _, _, b':', _, _, b':'] = minute else {
            return None;
        };
        if ![y1, y2, y3, y4].iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.minute_start = (self.shape.minute)(minute.get(..MINUTE - 1)?)?;
        self.minute = minute;
        Some(())
    }

    /// The device of a row that starts like the template whose turn it is, and what follows from its number on.
    #[inline(always)]
    fn like_template<'l>(&mut self, after_stamp: &'l [u8]) -> Option<(usize, &'l [u8])> {
        if self.next >= self.templates.len() {
            self.next = 0;
        }
        let template = self.templates.get(self.next)?;
        let (start, rest) = after_stamp.split_at_checked(template.prefix.len())?;
        equal(start, &template.prefix).then_some((template.device, rest))
    }

    /// The device that `key` names.
    fn find(&mut self, key: &[u8]) -> Option<usize> {
        self.next = *self.by_key.get(key)?;
        self.templates.get(self.next).map(|template| template.device)
    }
}

/// Where the cell of power starts, behind its space, and the cell that names the device. `None` at the end of the line or at a quote.
fn walk(line: &[u8], key_column: Option<usize>, power: usize) -> Option<(usize, &[u8])> {
    let (mut column, mut start, mut key) = (0, 0, &b""[..]);
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b',' => {
                if Some(column) == key_column {
                    key = line.get(start..at)?.trim_ascii();
                }
                column += 1;
                start = at + 1;
                if column == power {
                    break;
                }
            }
            b'\n' | b'"' | 0 => return None,
            _ => {}
        }
    }
    let number = if line.get(start) == Some(&b' ') { start + 1 } else { start };
    (column == power).then_some((number, key))
}

/// Whether two texts of one length are equal, eight bytes at a time: where a comparison of the platform is a call, it takes longer than the text.
#[inline(always)]
fn equal(a: &[u8], b: &[u8]) -> bool {
    let (Some(a_end), Some(b_end)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) else {
        return a == b;
    };
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    let differ = |a: &[u8; 8], b: &[u8; 8]| u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
    words.fold(differ(a_end, b_end), |differences, (a, b)| differences | differ(a, b)) == 0
}

/// `ddd.dd` as millionths, and what follows; up to four digits before the point and six behind it.
#[inline(always)]
fn number(text: &[u8]) -> Option<(i64, &[u8])> {
    two_decimals(text).or_else(|| any_decimals(text))
}

/// The same, of a number as nvidia-smi prints it: two digits behind the point.
#[inline(always)]
fn two_decimals(text: &[u8]) -> Option<(i64, &[u8])> {
    let (word, _) = text.split_first_chunk::<8>()?;
    let word = u64::from_le_bytes(*word);
    let point = equal_bytes(word, b'.').trailing_zeros() / 8;
    if !(1..=4).contains(&point) {
        return None;
    }
    // The digits side by side, the last one in the highest byte, zeros before them.
    let before = word << (64 - 8 * point) >> 16;
    let behind = word >> (8 * point + 8) << 48;
    let unused = 6 - point;
    let digits = (before | behind) ^ (each(b'0') << (8 * unused));
    // Above 9, adding 0x76 sets the top bit.
    if digits & each(0xf0) != 0 || (digits + each(0x76)) & each(0x80) != 0 {
        return None;
    }
    let rest = text.get(point as usize + 3..)?;
    if rest.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    // Pairs, then fours, then all eight.
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let hundredths = (fours * 10_000 + (fours >> 32)) & 0xffff_ffff;
    Some((hundredths as i64 * 10_000, rest))
}

#[inline(never)]
fn any_decimals(text: &[u8]) -> Option<(i64, &[u8])> {
    let (mut value, mut at) = (0i64, 0);
    while let Some(digit) = text.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d <= 9) {
        value = value * 10 + i64::from(digit);
        at += 1;
        if at > 4 {
            return None;
        }
    }
    if at == 0 {
        return None;
    }
    value *= 1_000_000;
    if text.get(at) == Some(&b'.') {
        at += 1;
        let mut unit = 100_000;
        while let Some(digit) = text.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d <= 9) {
            if unit == 0 {
                return None;
            }
            value += i64::from(digit) * unit;
            unit /= 10;
            at += 1;
        }
        if unit == 100_000 {
            return None;
        }
    }
    Some((value, text.get(at..)?))
}

/// What follows the row's end, where exactly `columns` more cells come before it.
#[inline(always)]
fn end_of_row(text: &[u8], columns: usize) -> Option<&[u8]> {
    match text.first()? {
        b',' | b'\n' | b'\r' => {}
        _ => return None,
    }
    let (mut rest, mut commas) = (text, 0);
    // Eight bytes at a time.
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        // Of these, the first is certain: a borrow may flag what follows it.
        let quoted = word ^ each(b'"');
        let special = (word.wrapping_sub(each(b' ')) & !word | quoted.wrapping_sub(each(1)) & !quoted) & each(0x80);
        let before = (special & special.wrapping_neg()).wrapping_sub(1);
        commas += sum_of_flags(equal_bytes(word, b',') & before);
        if special != 0 {
            let rest = rest.get(special.trailing_zeros() as usize / 8..)?;
            let rest = rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n")?;
            return (commas == columns).then_some(rest);
        }
        rest = after;
    }
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b',' => commas += 1,
            b'\n' => return if commas == columns { rest.get(at + 1..) } else { None },
            b'\r' => {}
            ..b' ' | b'"' => return None,
            _ => {}
        }
    }
    None
}

/// A word of eight such bytes.
#[inline(always)]
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The top bit of each byte of `word` that is `byte`.
#[inline(always)]
const fn equal_bytes(word: u64, byte: u8) -> u64 {
    let (low, differs) = (each(0x7f), word ^ each(byte));
    !(((differs & low) + low) | differs | low)
}

/// How many bytes of [`equal_bytes`] are flagged.
#[inline(always)]
const fn sum_of_flags(flags: u64) -> usize {
    ((flags >> 7).wrapping_mul(each(1)) >> 56) as usize
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn ends_of_rows() {
        for (text, columns, rest) in [
            (", 90 %, 71234 MiB, 55\nnext", 3, Some("next")),
            (", 90 %, 71234 MiB, 55\r\n", 3, Some("")),
            (",1,2,3,4,5,6,7,8,9\nnext, with, commas\n", 9, Some("next, with, commas\n")),
            ("\n,,,,,,,,,,,,,,,", 0, Some(",,,,,,,,,,,,,,,")),
            ("\n", 0, Some("")),
            (", 90 %\nnext and more text", 2, None),
            (", \"90\" %, 71234 MiB, 55\n", 3, None),
            (", 90 %, 71234 MiB\0, 55\n", 3, None),
            (", 90 %, 71234 MiB, 55", 3, None),
            (", 90 %, 71234 MiB\r, 55\r\n", 3, None),
            (",1\r\n,2,3,4,5,6,7", 1, Some(",2,3,4,5,6,7")),
            ("4, 90 %\n", 1, None),
        ] {
            assert_eq!(end_of_row(text.as_bytes(), columns), rest.map(str::as_bytes), "{text}");
        }
        // A quote after the line end is the next row's.
        assert_eq!(end_of_row(b",1\n\"a\",b,c", 1), Some(&b"\"a\",b,c"[..]));
    }

    #[test]
    fn numbers_are_the_same_both_ways() {
        for text in [
            "399.12 W, 90",
            "0.00 W, 90 %",
            "9.99 W, 90 %",
            "61.05 W\nnext",
            "1234.56, 1, 2",
            "12345.67 W, 9",
            "1.5 W, 90 %",
            "1.234 W, 90 %",
            "250 W, 90 %",
            "250. W, 90 %",
            ".50 W, 90 %",
            "-1.00 W, 90 %",
            "1:9.00 W, 9",
            "1.0: W, 90 %",
            "1.: W, 90 %",
            "[N/A], 90 %",
            "3 9.12 W, 9",
            "99.99",
            "é.00 W, 90 %",
        ] {
            if let Some(fast) = two_decimals(text.as_bytes()) {
                assert_eq!(Some(fast), any_decimals(text.as_bytes()), "{text}");
            }
        }
        for hundredths in (0..1_000_000).step_by(7) {
            let text = format!("{}.{:02} W, ", hundredths / 100, hundredths % 100);
            let rest = &b" W, "[..];
            assert_eq!(two_decimals(text.as_bytes()), Some((hundredths * 10_000, rest)), "{text}");
        }
    }
}
