//! Columns of Parquet as the cells of a table of text: numbers by their shortest digits, times by ISO 8601, what is missing as nothing.

use std::io::Write;

use jiff::Timestamp;
use jiff::tz::Offset;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, FixedLenByteArray, Int96};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescPtr;

const JULIAN_DAY_OF_1970: i128 = 2_440_588;
const SECONDS_OF_A_DAY: i128 = 86_400;
/// As many as 16 bytes hold.
const MOST_DIGITS: usize = 38;
const NANOS: i128 = 1_000_000_000;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// As it is stored.
    Plain,
    Unsigned,
    Text,
    Date,
    /// Since midnight, so many of which are a second.
    Time(i128),
    /// Since 1970, so many of which are a second; in UTC, else in a zone that is not said.
    Stamp(i128, bool),
    /// So many digits stand behind the point.
    Decimal(usize),
    /// A number of 16 bits.
    Half,
    /// Pixels, keys and the like: no cell that a log has.
    Bytes,
}

/// A column, and the cells of the rows that were read last.
pub struct Column {
    reader: ColumnReader,
    meaning: Meaning,
    /// The level of definition at which there is a value.
    defined: i16,
    levels: Vec<i16>,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

fn per_second(unit: &TimeUnit) -> i128 {
    match unit {
        TimeUnit::MILLIS => 1000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => NANOS,
    }
}

impl Meaning {
    fn of(column: &ColumnDescPtr) -> Meaning {
        let decimal = || usize::try_from(column.type_scale()).ok().filter(|scale| *scale <= MOST_DIGITS).map(Meaning::Decimal);
        let of_name = match column.logical_type_ref() {
            Some(LogicalType::Timestamp(stamp)) => Some(Meaning::Stamp(per_second(&stamp.unit), stamp.is_adjusted_to_u_t_c)),
            Some(LogicalType::Time(time)) => Some(Meaning::Time(per_second(&time.unit))),
            Some(LogicalType::Integer(integer)) if !integer.is_signed => Some(Meaning::Unsigned),
            Some(LogicalType::Date) => Some(Meaning::Date),
            Some(LogicalType::Decimal(_)) => decimal(),
            Some(LogicalType::String | LogicalType::Enum | LogicalType::Json) => Some(Meaning::Text),
            Some(LogicalType::Float16) => Some(Meaning::Half),
            Some(_) | None => None,
        };
        of_name.unwrap_or(match (column.converted_type(), column.physical_type()) {
            (ConvertedType::TIMESTAMP_MILLIS, _) => Meaning::Stamp(1000, true),
            (ConvertedType::TIMESTAMP_MICROS, _) => Meaning::Stamp(1_000_000, true),
            (ConvertedType::TIME_MILLIS, _) => Meaning::Time(1000),
            (ConvertedType::TIME_MICROS, _) => Meaning::Time(1_000_000),
            (ConvertedType::DATE, _) => Meaning::Date,
            (ConvertedType::DECIMAL, _) => decimal().unwrap_or(Meaning::Bytes),
            (ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64, _) => Meaning::Unsigned,
            // Texts are often not said to be some.
            (_, Type::BYTE_ARRAY) => Meaning::Text,
            (_, Type::FIXED_LEN_BYTE_ARRAY) => Meaning::Bytes,
            // Of no zone that is said: Impala writes local times so, Spark those of UTC.
            (_, Type::INT96) => Meaning::Stamp(NANOS, false),
            _ => Meaning::Plain,
        })
    }

    /// An integer of so many bytes.
    fn integer(self, value: i64, bytes: u32, cell: &mut Vec<u8>) {
        match self {
            Meaning::Unsigned if bytes == 4 => write(cell, format_args!("{}", value as u32)),
            Meaning::Unsigned => write(cell, format_args!("{}", value as u64)),
            Meaning::Date => stamp(i128::from(value) * SECONDS_OF_A_DAY * NANOS, false, cell, Some(10)),
            Meaning::Time(unit) => {
                let from = cell.len();
                stamp(i128::from(value) * (NANOS / unit), false, cell, None);
                // The time alone.
                if let Some(t) = cell[from..].iter().position(|byte| *byte == b'T') {
                    cell.drain(from..=from + t);
                }
            }
            Meaning::Stamp(unit, is_utc) => stamp(i128::from(value) * (NANOS / unit), is_utc, cell, None),
            Meaning::Decimal(scale) => decimal(i128::from(value), scale, cell),
            Meaning::Plain | Meaning::Text | Meaning::Half | Meaning::Bytes => write(cell, format_args!("{value}")),
        }
    }

    fn bytes(self, value: &[u8], cell: &mut Vec<u8>) {
        match self {
            // Bytes that are no text (keys, pictures) are told by their digits: a NUL in a row would cost the row.
            Meaning::Text if std::str::from_utf8(value).is_err() || value.iter().any(|byte| is_control(*byte)) => {
                value.iter().for_each(|byte| write(cell, format_args!("{byte:02x}")));
            }
            Meaning::Text => quoted(value, cell),
            Meaning::Decimal(scale) => {
                if let Some(number) = big_endian(value) {
                    decimal(number, scale, cell);
                }
            }
            Meaning::Half => {
                if let [low, high] = *value {
                    let number = half(u16::from_le_bytes([low, high]));
                    float(number.is_nan(), &number, cell);
                }
            }
            _ => {}
        }
    }
}

fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')
}

/// The most significant byte is the first, and has the sign. Longer ones than 16 bytes are numbers as long as those before repeat the sign: a decimal of 256 bits
/// holds what one of 128 does.
fn big_endian(value: &[u8]) -> Option<i128> {
    let sign = if *value.first()? >= 0x80 { 0xFF } else { 0 };
    let (before, last) = value.split_at(value.len().saturating_sub(16));
    let negative = last.first()? >= &0x80;
    if !before.is_empty() && (before.iter().any(|byte| *byte != sign) || negative != (sign == 0xFF)) {
        return None;
    }
    Some(last.iter().fold(if negative { -1 } else { 0 }, |number: i128, byte| number << 8 | i128::from(*byte)))
}

/// A number of 16 bits, as IEEE 754 lays it out: a sign, 5 bits of exponent and 10 of fraction.
fn half(bits: u16) -> f32 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    let size = match exponent {
        0 => fraction * 2_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2_f32.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -size } else { size }
}

fn write(cell: &mut Vec<u8>, arguments: std::fmt::Arguments<'_>) {
    let _ = cell.write_fmt(arguments);
}

/// An instant, or its first `most` characters.
fn stamp(nanos: i128, is_utc: bool, cell: &mut Vec<u8>, most: Option<usize>) {
    let Ok(at) = Timestamp::from_nanosecond(nanos) else { return };
    let from = cell.len();
    match is_utc {
        true => write(cell, format_args!("{at}")),
        false => write(cell, format_args!("{}", Offset::UTC.to_datetime(at))),
    }
    cell.truncate(most.map_or(cell.len(), |most| cell.len().min(from + most)));
}

fn decimal(number: i128, scale: usize, cell: &mut Vec<u8>) {
    let digits = format!("{:0>1$}", number.unsigned_abs(), scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let (sign, point) = (if number < 0 { "-" } else { "" }, if fraction.is_empty() { "" } else { "." });
    write(cell, format_args!("{sign}{whole}{point}{fraction}"));
}

/// A text as a cell.
pub fn quoted(text: &[u8], cell: &mut Vec<u8>) {
    if !text.iter().any(|byte| matches!(byte, b',' | b'"' | b';' | b'\t' | b'\n' | b'\r')) {
        cell.extend_from_slice(text);
        return;
    }
    cell.push(b'"');
    for byte in text {
        if *byte == b'"' {
            cell.push(b'"');
        }
        cell.push(*byte);
    }
    cell.push(b'"');
}

impl Column {
    /// A column, of which no row is read.
    pub fn new(column: &ColumnDescPtr, reader: ColumnReader) -> Self {
        let (meaning, defined) = (Meaning::of(column), column.max_def_level());
        Self { reader, meaning, defined, levels: Vec::new(), cells: Vec::new(), ends: Vec::new() }
    }

    /// The cell of one of the rows that were read last.
    pub fn cell(&self, row: usize) -> &[u8] {
        let from = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(row).map_or(b"", |to| &self.cells[from..*to])
    }

    /// Reads as many rows, or those that are left; how many that were.
    pub fn read(&mut self, most: usize) -> Result<usize> {
        let Self { reader, meaning, defined, levels, cells, ends } = self;
        let meaning = *meaning;
        let mut batch = Batch { defined: *defined, levels, cells, ends };
        match reader {
            ColumnReader::BoolColumnReader(reader) => batch.read(reader, most, |value, cell| write(cell, format_args!("{value}"))),
            ColumnReader::Int32ColumnReader(reader) => batch.read(reader, most, |value, cell| meaning.integer(i64::from(*value), 4, cell)),
            ColumnReader::Int64ColumnReader(reader) => batch.read(reader, most, |value, cell| meaning.integer(*value, 8, cell)),
            ColumnReader::Int96ColumnReader(reader) => batch.read(reader, most, |value: &Int96, cell| {
                let [low, high, day] = *value.data() else { return };
                let nanos = i128::from(u64::from(high) << 32 | u64::from(low));
                stamp((i128::from(day) - JULIAN_DAY_OF_1970) * SECONDS_OF_A_DAY * NANOS + nanos, false, cell, None);
            }),
            ColumnReader::FloatColumnReader(reader) => batch.read(reader, most, |value, cell| float(value.is_nan(), value, cell)),
            ColumnReader::DoubleColumnReader(reader) => batch.read(reader, most, |value, cell| float(value.is_nan(), value, cell)),
            ColumnReader::ByteArrayColumnReader(reader) => {
                batch.read(reader, most, |value: &ByteArray, cell| meaning.bytes(value.data(), cell))
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                batch.read(reader, most, |value: &FixedLenByteArray, cell| meaning.bytes(value.data(), cell))
            }
        }
    }
}

/// Not a number is a reading that is missing.
fn float(is_nan: bool, value: &impl std::fmt::Display, cell: &mut Vec<u8>) {
    if !is_nan {
        write(cell, format_args!("{value}"));
    }
}

/// Of the rows that are looked at at once the cells of a column hold no more: those of a log are a few kilobytes.
const MOST_CELL_BYTES: usize = 16 << 20;

struct Batch<'c> {
    defined: i16,
    levels: &'c mut Vec<i16>,
    cells: &'c mut Vec<u8>,
    ends: &'c mut Vec<usize>,
}

impl Batch<'_> {
    fn read<T: DataType>(&mut self, reader: &mut ColumnReaderImpl<T>, most: usize, print: impl Fn(&T::T, &mut Vec<u8>)) -> Result<usize> {
        self.levels.clear();
        self.cells.clear();
        self.ends.clear();
        let mut values = Vec::new();
        let (rows, ..) = reader.read_records(most, Some(self.levels), None, &mut values)?;
        let mut values = values.iter().peekable();
        for row in 0..rows {
            let is_there = self.defined == 0 || self.levels.get(row) == Some(&self.defined);
            if let Some(value) = values.next_if(|_| is_there) {
                print(value, self.cells);
            }
            // One long text may stand in every row, and is stored once.
            if self.cells.len() > MOST_CELL_BYTES {
                return Err(ParquetError::General(format!("the cells of a column hold more than {} MiB at once", MOST_CELL_BYTES >> 20)));
            }
            self.ends.push(self.cells.len());
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_what_the_standard_says() {
        // IEEE 754-2019, table 3.5, and Wikipedia's examples of half precision.
        for (bits, expected) in [
            (0x0000, 0.0),
            (0x0001, 0.000_000_059_604_645),
            (0x0400, 0.000_061_035_156),
            (0x3555, 0.33325195),
            (0x3C00, 1.0),
            (0x5CB0, 300.0),
            (0x7BFF, 65504.0),
            (0xC000, -2.0),
        ] {
            assert_eq!(half(bits), expected, "{bits:04x}");
        }
        assert!(half(0x7C00).is_infinite() && half(0x7E00).is_nan());
    }

    #[test]
    fn decimals_of_any_length() {
        let long = |first: u8, last: &[u8]| [&vec![first; 32 - last.len()][..], last].concat();
        for (bytes, expected) in [
            (vec![1, 44], Some(300)),
            (vec![0xFF], Some(-1)),
            (long(0, &[1, 44]), Some(300)),
            (long(0xFF, &[0xFE, 0xD4]), Some(-300)),
            (long(0, &[1; 17]), None),
            (long(0, &[0x80; 16]), None),
            (long(0xFF, &[0; 16]), None),
            (vec![], None),
        ] {
            assert_eq!(big_endian(&bytes), expected, "{bytes:?}");
        }
    }
}
