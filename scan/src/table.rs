//! Plain rows of any table: a stamp, a device perhaps, and numbers, in columns that are known. Whatever is odd about a row (quotes, missing values,
//! units, signs, more digits than count) leaves it to the caller's tolerant way.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// More devices than this are no plain case.
const MOST_KEYS: usize = 1024;

/// No number of a plain row is longer: so many digits fit.
const LONGEST: usize = 18;

/// Length of `YYYY-MM-DDTHH:MM`.
const MINUTE: usize = 16;

/// Longest zone behind a time: ` +00:00`.
const ZONE: usize = 8;

/// What the rows of a table look like.
pub struct Shape {
    /// Between cells.
    pub delimiter: u8,
    /// How many columns there are.
    pub columns: usize,
    /// The column of time.
    pub time: usize,
    /// What it holds.
    pub clock: Clock,
    /// The column that names the device, where one does.
    pub key: Option<usize>,
    /// Columns of readings, from left to right.
    pub readings: Vec<Reading>,
}

/// What a column of time holds.
#[derive(Clone, Copy)]
pub enum Clock {
    /// Dates or Unix time; `zoned` says whether dates name their zone. `minute` gives the microseconds of a date and time, and whether it names one.
    Stamp {
        /// Whether dates name their zone; Unix time counts as one that does.
        zoned: bool,
        /// Reads `2025-06-12T14:03:00+02:00`.
        minute: fn(&[u8]) -> Option<(i64, bool)>,
    },
    /// Time since some start, in `10^-scale` seconds.
    Elapsed(u32),
    /// There is no such column: the caller counts rows.
    Nowhere,
}

/// A column of readings.
#[derive(Clone, Copy)]
pub struct Reading {
    /// Its position.
    pub column: usize,
    /// Power of ten from its unit to what values are returned in.
    pub scale: u32,
    /// A larger value is not plain.
    pub most: i64,
}

/// A plain row, whose values stand in [`Rows::values`], and what follows it.
pub struct Row<'l> {
    /// The device, as the caller numbers it.
    pub device: usize,
    /// Microseconds since 1970, on the log's own clock where dates name no zone, or since the start.
    pub micros: i64,
    /// From the next row on.
    pub rest: &'l [u8],
}

/// Reads plain rows of devices that were learnt.
pub struct Rows {
    shape: Shape,
    keys: Vec<(Vec<u8>, usize)>,
    /// Where each key stands.
    places: BTreeMap<Vec<u8>, usize>,
    /// The device of the next row, if rows come round the devices in turn.
    next: usize,
    /// The values of the row that was read last, in the order of the shape.
    pub values: Vec<i64>,
    minute: [u8; MINUTE],
    zone: [u8; ZONE],
    zone_length: usize,
    minute_start: i64,
}

impl Rows {
    /// Rows of a shape, of no device yet.
    pub fn new(shape: Shape) -> Self {
        let values = alloc::vec![0; shape.readings.len()];
        Self {
            shape,
            keys: Vec::new(),
            places: BTreeMap::new(),
            next: 0,
            values,
            minute: [0; MINUTE],
            zone: [0; ZONE],
            zone_length: 0,
            minute_start: 0,
        }
    }

    /// Learns that `key` names the device; of tables without a column for it, there is one.
    pub fn learn(&mut self, key: &[u8], device: usize) {
        if let Some((_, own)) = self.places.get(key).and_then(|at| self.keys.get_mut(*at)) {
            *own = device;
        } else if self.keys.len() < MOST_KEYS {
            self.places.insert(key.to_vec(), self.keys.len());
            self.keys.push((key.to_vec(), device));
        }
    }

    /// The next row; `None` where it is not plain.
    pub fn next<'l>(&mut self, rows: &'l [u8]) -> Option<Row<'l>> {
        let (delimiter, last) = (self.shape.delimiter, self.shape.columns.checked_sub(1)?);
        let (mut rest, mut micros, mut device, mut reading) = (rows, 0, None, 0);
        for column in 0..=last {
            let value = self.shape.readings.get(reading).filter(|reading| reading.column == column).copied();
            if let Some(Reading { scale, most, .. }) = value {
                let (number, after) = decimal(spaces(rest), scale)?;
                if number > most {
                    return None;
                }
                *self.values.get_mut(reading)? = number;
                reading += 1;
                rest = spaces(after);
            } else {
                let end = cell(rest, delimiter)?;
                let (text, after) = rest.split_at(end);
                if column == self.shape.time {
                    micros = self.time(text.trim_ascii())?;
                } else if Some(column) == self.shape.key {
                    device = Some(self.find(text.trim_ascii())?);
                }
                rest = after;
            }
            if column < last {
                let (&byte, after) = rest.split_first()?;
                if byte != delimiter {
                    return None;
                }
                rest = after;
            }
        }
        let rest = rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n")?;
        let device = match (device, self.shape.key) {
            (Some(device), _) => device,
            (None, None) => self.keys.first()?.1,
            (None, Some(_)) => return None,
        };
        Some(Row { device, micros, rest })
    }

    fn find(&mut self, key: &[u8]) -> Option<usize> {
        let start = if self.next < self.keys.len() { self.next } else { 0 };
        let is_next = self.keys.get(start).is_some_and(|(own, _)| own == key);
        let found = if is_next { start } else { *self.places.get(key)? };
        self.next = found + 1;
        self.keys.get(found).map(|(_, device)| *device)
    }

    #[inline(always)]
    fn time(&mut self, text: &[u8]) -> Option<i64> {
        let (zoned, read) = match self.shape.clock {
            Clock::Elapsed(scale) => return whole(text, 6u32.checked_sub(scale)?),
            Clock::Nowhere => return None,
            Clock::Stamp { zoned, minute } => (zoned, minute),
        };
        match text {
            [_, _, _, _, b'-' | b'/', ..] => {
                let (minute, behind) = text.split_first_chunk::<MINUTE>()?;
                let [b':', s1 @ b'0'..=b'5', s2 @ b'0'..=b'9', behind @ ..] = behind else { return None };
                let second = i64::from(s1 - b'0') * 10 + i64::from(s2 - b'0');
                let (mut fraction, mut zone) = (0, behind);
                if let Some(digits) = behind.strip_prefix(b".") {
                    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
                    if !(1..=6).contains(&length) {
                        return None;
                    }
                    let (digits, after) = digits.split_at(length);
                    fraction = digits.iter().fold(0, |value, byte| value * 10 + i64::from(byte - b'0')) * 10i64.pow(6 - length as u32);
                    zone = after;
                }
                if *minute != self.minute || self.zone.get(..self.zone_length)? != zone {
                    self.turn_minute(minute, zone, zoned, read)?;
                }
                Some(self.minute_start + second * 1_000_000 + fraction)
            }
            _ if zoned => {
                let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let micros = match length {
                    10 => whole(text, 6),
                    13 => whole(text, 3),
                    16 => whole(text, 0),
                    _ => None,
                }?;
                // Years that a clock may show, 2001 to 2099.
                (1_000_000_000_000_000..4_070_908_800_000_000).contains(&micros).then_some(micros)
            }
            _ => None,
        }
    }

    #[cold]
    fn turn_minute(&mut self, minute: &[u8; MINUTE], zone: &[u8], zoned: bool, read: fn(&[u8]) -> Option<(i64, bool)>) -> Option<()> {
        let mut text = Vec::with_capacity(MINUTE + 3 + ZONE);
        text.extend_from_slice(minute);
        text.extend_from_slice(b":00");
        text.extend_from_slice(zone);
        let (start, names_zone) = read(&text)?;
        if names_zone != zoned {
            return None;
        }
        self.zone.get_mut(..zone.len())?.copy_from_slice(zone);
        (self.minute, self.zone_length, self.minute_start) = (*minute, zone.len(), start);
        Some(())
    }
}

/// Without the spaces in front.
#[inline(always)]
fn spaces(mut text: &[u8]) -> &[u8] {
    while let Some(rest) = text.strip_prefix(b" ") {
        text = rest;
    }
    text
}

/// Where a cell ends; `None` at a quote or at a byte that no plain text has.
#[inline(always)]
fn cell(text: &[u8], delimiter: u8) -> Option<usize> {
    for (at, byte) in text.iter().enumerate() {
        match *byte {
            byte if byte == delimiter => return Some(at),
            b'\n' => return Some(if at > 0 && text.get(at - 1) == Some(&b'\r') { at - 1 } else { at }),
            b'\r' | b'\t' => {}
            ..b' ' | b'"' | 0x7f.. => return None,
            _ => {}
        }
    }
    None
}

/// A number without a sign, in units of `10^-scale`, and what follows; `None` where digits would be lost or it is longer than 17.
#[inline(always)]
fn decimal(text: &[u8], scale: u32) -> Option<(i64, &[u8])> {
    let (mut value, mut at, mut point) = (0i64, 0, None);
    while let Some(byte) = text.get(at).filter(|byte| byte.is_ascii_digit() || **byte == b'.') {
        if at == LONGEST {
            return None;
        }
        match byte {
            b'0'..=b'9' => value = value * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at),
            _ => break,
        }
        at += 1;
    }
    let decimals = match point {
        None if at > 0 => 0,
        // A point has digits on both sides.
        Some(point) if point > 0 && point + 1 < at => u32::try_from(at - point - 1).ok()?,
        _ => return None,
    };
    let factor = 10i64.checked_pow(scale.checked_sub(decimals)?)?;
    Some((value.checked_mul(factor)?, text.get(at..)?))
}

/// The same of a whole text.
#[inline(always)]
fn whole(text: &[u8], scale: u32) -> Option<i64> {
    let (value, rest) = decimal(text, scale)?;
    rest.is_empty().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(clock: Clock, key: Option<usize>) -> Rows {
        let reading = |column| Reading { column, scale: 6, most: 1_000_000_000 };
        let readings = [2, 3].map(reading).to_vec();
        let mut rows = Rows::new(Shape { delimiter: b',', columns: 5, time: 0, clock, key, readings });
        rows.learn(b"gpu0", 7);
        rows.learn(b"gpu1", 8);
        rows
    }

    const STAMPS: Clock = Clock::Stamp { zoned: true, minute: |text| (text == b"2025-06-12T14:03:00Z").then_some((1_000, true)) };

    #[test]
    fn plain_rows_are_read_and_others_left() {
        let mut own = rows(STAMPS, Some(1));
        let row = own.next(b"2025-06-12T14:03:21.5Z,gpu1, 61.83 ,60,x y\r\nnext").expect("a row");
        assert_eq!((row.device, row.micros, row.rest), (8, 21_501_000, &b"next"[..]));
        assert_eq!(own.values, [61_830_000, 60_000_000]);
        let row = own.next(b"1749737001.117,gpu0,0,1.000001,\n").expect("a row");
        assert_eq!((row.device, row.micros), (7, 1_749_737_001_117_000));
        for odd in [
            "2025-06-12T14:03:21.5,gpu1,61.83,60,x\n",
            "2025-06-12T14:03:61Z,gpu1,61.83,60,x\n",
            "2025-06-12T14:03:21.1234567Z,gpu1,61.83,60,x\n",
            "2025-06-12T14:03:21Z,gpu2,61.83,60,x\n",
            "2025-06-12T14:03:21Z,gpu1,-61.83,60,x\n",
            "2025-06-12T14:03:21Z,gpu1,61.83 W,60,x\n",
            "2025-06-12T14:03:21Z,gpu1,61.,60,x\n",
            "2025-06-12T14:03:21Z,gpu1,.5,60,x\n",
            "2025-06-12T14:03:21Z,gpu1,,60,x\n",
            "2025-06-12T14:03:21Z,gpu1,61.83,1001,x\n",
            "2025-06-12T14:03:21Z,gpu1,61.83,1e3,x\n",
            "2025-06-12T14:03:21Z,gpu1,61.8312345,60,x\n",
            "2025-06-12T14:03:21Z,gpu1,61.83,60\n",
            "2025-06-12T14:03:21Z,gpu1,61.83,60,x,y\n",
            "2025-06-12T14:03:21Z,gpu1,61.83,60,\"x\"\n",
            "2025-06-12T14:03:21Z,gpu1,61.83,60,x",
            "2025-06-12T14:03:21Z,gpu1,61.83,60,\u{e9}\n",
            "174973700,gpu0,0,1,\n",
            "2025-06-12T14:03:21Z,gpu1,9999999999999999999,60,x\n",
            "2025-06-12T14:03:21Z,gpu1,0.999999999999999999999,60,x\n",
        ] {
            assert!(own.next(odd.as_bytes()).is_none(), "{odd}");
        }
        let mut elapsed = rows(Clock::Elapsed(3), None);
        assert_eq!(elapsed.next(b"1500.25,,1,2,\n").map(|row| row.micros), Some(1_500_250));
    }
}
