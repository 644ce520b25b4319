//! Tables: the delimiter, the header, units and column meanings, found once in the head; then line by line what each line is.
//!
//! A format over it is a declaration: which column names it knows. It hands a *score* to [`Table::find`] (how many of these columns are
//! mine?), keeps the positions of the columns that it wants, and reads cells with [`Cells`] and [`Table::measure`]:
//!
//! ```
//! use carbon_core::decode::cells::Cells;
//! use carbon_core::decode::table::{LineKind, Measured, Table};
//! use carbon_core::read::Head;
//! use carbon_core::units::Power;
//!
//! let log = b"# made by hand\ntime;gpu;power [W]\n2025-06-12 14:03:21;0;61,83\n2025-06-12 14:03:22;0;[N/A]\n";
//! let head = Head::new(log, true);
//! let table = Table::find(&head, |columns| columns.iter().filter(|c| matches!(&*c.name, "time" | "power")).count()).unwrap();
//! assert_eq!((table.delimiter, table.decimal_comma, table.header_line), (b';', true, Some(2)));
//! let power = table.position(&["power.draw", "power"]).unwrap();
//!
//! let mut cells = Cells::default();
//! let line = b"2025-06-12 14:03:21;0;61,83";
//! assert_eq!(table.kind(line), LineKind::Row);
//! cells.split(line, table.delimiter);
//! let cell = cells.cell(line, power).unwrap();
//! assert_eq!(table.measure(cell, power), Measured::Power(Power::from_microwatts(61_830_000)));
//! assert_eq!(table.measure(b"[N/A]", power), Measured::Missing);
//! ```
//!
//! What a cell holds is an exact integer, a known way to say "no reading" ([`is_missing`]), or neither; it is never 0 by default.

mod above;
mod elapsed;
mod missing;
mod unit;

use alloc::string::String;
use alloc::vec::Vec;

pub use missing::{is_missing, is_nan};
pub use unit::{Dimension, Unit};

use super::cells::Cells;
use super::encoding;
use super::head::Head;
use crate::order;
use crate::units::calendar::{DateOrder, Stamp, parse_stamp, parse_stamp_in};
use crate::units::{Power, decimal};

/// A header stands within this many lines that are not blank.
pub(super) const HEADER_WITHIN: usize = crate::bounds::HEADER_LINES.value as usize;

/// So many rows of the head decide about delimiter and decimal sign.
const ROWS_LOOKED_AT: usize = 200;

/// What may stand between cells; a space stands for any run of spaces.
pub const DELIMITERS: [u8; 5] = [b',', b';', b'\t', b'|', b' '];

/// A table as its head shows it.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Between cells; a space stands for any run of spaces.
    pub delimiter: u8,
    /// Whether numbers have a decimal comma: only where the delimiter is no comma.
    pub decimal_comma: bool,
    /// The columns; without names where there is no header.
    pub columns: Vec<Column>,
    /// Line of the header, counted from 1; rows of a log that was cut at its head may stand above it.
    pub header_line: Option<u64>,
    /// The order of the parts of dates.
    pub dates: DateOrder,
    header: Vec<u8>,
    /// The line above the header, where both name the columns.
    above: Vec<u8>,
}

/// A column by its header cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Lower case, without a unit in brackets: `power.draw [W]` is `power.draw`; a suffix stays: `power_w`.
    pub name: String,
    /// As the header prints it.
    pub text: String,
    /// Unit of power or energy by brackets or suffix: `[W]`, `(mJ)`, `_w`, `_uj`, `_kwh`.
    pub unit: Option<Unit>,
    /// What stands in the brackets, whatever it is: `%`, `MiB`, `W`.
    pub bracket: Option<String>,
}

/// What a line of a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Nothing but spaces.
    Blank,
    /// Starts with `#`.
    Comment,
    /// The header, again or for the first time.
    Header,
    /// Anything else.
    Row,
}

/// What a cell that should hold a quantity holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// A power; may be negative or absurd, which is for the channel to judge.
    Power(Power),
    /// An energy in µJ.
    Energy(i64),
    /// A number, and neither the cell nor the column states a unit.
    Bare,
    /// The cell says that there is no reading.
    Missing,
    /// No number.
    Unreadable,
}

impl Table {
    /// Finds the header among the first 20 lines. `score` is given the columns of a candidate and says how much they look like the format's
    /// header, 0 for not at all. Of several headers (runs appended to one file) it is the first; a line with less than half of the
    /// highest score is a comment that only sounds like one, and one that starts with a date is a row. `None` when every line scores 0.
    pub fn find(head: &Head<'_>, score: impl Fn(&[Column]) -> usize) -> Option<Table> {
        Self::best(head, head.candidates(), score)
    }

    /// The same among so many lines.
    pub fn find_within(head: &Head<'_>, most: usize, score: impl Fn(&[Column]) -> usize) -> Option<Table> {
        Self::best(head, &Candidate::within(head, most), score)
    }

    fn best(head: &Head<'_>, candidates: &[Candidate], score: impl Fn(&[Column]) -> usize) -> Option<Table> {
        let of_line = candidates.chunk_by(|a, b| a.number == b.number);
        // By the first of the delimiters that score highest.
        let best = of_line.filter_map(|line| line.iter().rev().map(|one| (score(&one.columns), one)).max_by_key(|(score, _)| *score));
        let found: Vec<(usize, &Candidate)> = best.filter(|(score, _)| *score > 0).collect();
        let most = found.iter().map(|(score, _)| *score).max()?;
        let mut found = found.into_iter().skip_while(|(score, _)| 2 * score < most);
        let first = found.next()?;
        // The command that made the log, or a sentence with its words, stands above a header that has more of them, and no row is between.
        let mut cells = Cells::default();
        let mut holds_row = |from: &Candidate, to: &Candidate| {
            let mut is_row = |line: &[u8]| line.iter().any(u8::is_ascii_digit) && cells.split(line, from.delimiter) == from.columns.len();
            (1..to.number).zip(head.lines()).any(|(number, line)| number > from.number && is_row(line))
        };
        let (_, one) = found.fold(first, |first, other| if other.0 > first.0 && !holds_row(first.1, other.1) { other } else { first });
        let mut table = one.table(head);
        table.decimal_comma = table.has_decimal_comma(head);
        Some(table)
    }

    /// Finds a header of two lines among the first 20: a column is named by both, with ` / ` between.
    pub fn find_two_lines(head: &Head<'_>, score: impl Fn(&[Column]) -> usize) -> Option<Table> {
        let mut cells = Cells::default();
        let lines: Vec<(u64, &[u8])> = (1..).zip(head.lines()).take(HEADER_WITHIN).collect();
        for pair in lines.windows(2) {
            let [(_, first), (number, second)] = pair else { continue };
            for delimiter in DELIMITERS {
                let (above, below) = (Column::of_header(first, delimiter, &mut cells), Column::of_header(second, delimiter, &mut cells));
                if above.len() != below.len() || below.len() < 2 {
                    continue;
                }
                let both = above.iter().zip(&below).map(|(above, below)| {
                    let named = Column::new(&alloc::format!("{} / {}", above.text, below.text));
                    // The unit may stand in either.
                    Column { unit: above.unit.or(below.unit), name: alloc::format!("{} / {}", above.name, below.name), ..named }
                });
                let columns: Vec<Column> = both.collect();
                if score(&columns) > 0 {
                    let (above, header) = (first.trim_ascii().to_vec(), second.trim_ascii().to_vec());
                    return Some(Table { delimiter, columns, header_line: Some(*number), header, above, ..Table::default() });
                }
            }
        }
        None
    }

    /// A table without a header: the delimiter by which most lines have the same number of cells. `None` when no delimiter gives two
    /// columns to at least half of the lines.
    pub fn without_header(head: &Head<'_>) -> Option<Table> {
        let mut cells = Cells::default();
        let lines: Vec<&[u8]> = rows(head).take(ROWS_LOOKED_AT).collect();
        let mut best: Option<(usize, usize, u8)> = None;
        for delimiter in DELIMITERS {
            // `61.83 W` alone is one cell: a unit behind its number is no cell of its own.
            if delimiter == b' ' && 2 * lines.iter().filter(|line| is_one_reading(line)).count() > lines.len() {
                continue;
            }
            let mut widths: Vec<usize> = lines.iter().map(|line| cells.split(line, delimiter)).collect();
            order::sort(&mut widths);
            let runs = widths.chunk_by(|a, b| a == b).map(|run| (run.len(), run.first().copied().unwrap_or(0)));
            // The longest run; of equal ones the wider table.
            let Some((count, width)) = runs.max() else { continue };
            let better = best.is_none_or(|(c, _, _)| count > c);
            if width >= 2 && 2 * count >= lines.len() && better {
                best = Some((count, width, delimiter));
            }
        }
        let (_, width, delimiter) = best?;
        let mut table = Table::of_width(delimiter, width);
        table.decimal_comma = table.has_decimal_comma(head);
        Some(table)
    }

    /// A table of so many columns without a header.
    pub fn of_width(delimiter: u8, width: usize) -> Table {
        Table { delimiter, columns: alloc::vec![Column::default(); width], ..Table::default() }
    }

    /// The same table under another header line, where `score` finds one: logs of several runs in one file.
    pub fn under_header(&self, line: &[u8], cells: &mut Cells, score: impl Fn(&[Column]) -> usize) -> Option<Table> {
        let columns = Column::of_header(line, self.delimiter, cells);
        (score(&columns) > 0).then(|| Table { columns, header: line.trim_ascii().to_vec(), ..self.clone() })
    }

    /// Whether a line ends in the header, and begins with what is left of a row.
    pub fn is_header_behind_row(&self, line: &[u8]) -> bool {
        let before = line.trim_ascii_end().strip_suffix(self.header.as_slice()).unwrap_or(&[]);
        !self.header.is_empty() && before.first().is_some_and(u8::is_ascii_digit)
    }

    /// Whether this table's header is one of `whole` that lost or gained some bytes: what is another name in it is put together of names that are there.
    pub fn is_torn_from(&self, whole: &Table) -> bool {
        const MOSTLY: (usize, usize) = (3, 4);
        let common = |a: &mut dyn Iterator<Item = u8>, b: &mut dyn Iterator<Item = u8>| a.zip(b).take_while(|(a, b)| a == b).count();
        let is_known = |name: &str| whole.columns.iter().any(|column| column.name == name);
        self.columns.iter().filter(|column| !is_known(&column.name)).all(|column| {
            let name = &column.name;
            let longest = |reversed: bool| {
                let shared = |other: &Column| match reversed {
                    false => common(&mut name.bytes(), &mut other.name.bytes()),
                    true => common(&mut name.bytes().rev(), &mut other.name.bytes().rev()),
                };
                whole.columns.iter().map(shared).max().unwrap_or(0)
            };
            MOSTLY.1 * (longest(false) + longest(true)) >= MOSTLY.0 * name.len()
        })
    }

    /// What a line is. Rows and everything that is none (sentences, shell prompts) are for the format to tell apart.
    #[inline]
    pub fn kind(&self, line: &[u8]) -> LineKind {
        let text = line.trim_ascii();
        match text.first() {
            None => LineKind::Blank,
            _ if text == self.header.as_slice() || text == self.above.as_slice() => LineKind::Header,
            Some(b'#') => LineKind::Comment,
            Some(_) => LineKind::Row,
        }
    }

    /// Position of the first of `names` (lower case, without unit) that there is a column of.
    pub fn position(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.columns.iter().position(|c| c.name == *name))
    }

    /// The column at a position.
    pub fn column(&self, position: usize) -> Option<&Column> {
        self.columns.get(position)
    }

    /// Reads a cell as power or energy by the unit in the cell, else by that of its column.
    pub fn measure(&self, cell: &[u8], position: usize) -> Measured {
        measure(cell, self.columns.get(position).and_then(|c| c.unit), self.decimal_comma)
    }

    /// Reads a cell as a number of `10^-scale` units; `None` for anything else.
    pub fn number(&self, cell: &[u8], scale: i32) -> Option<i128> {
        number(cell, scale, self.decimal_comma)
    }

    /// Reads a cell as a stamp.
    pub fn stamp(&self, cell: &[u8]) -> Option<Stamp> {
        if self.decimal_comma && !cell.contains(&b':') && cell.contains(&b',') {
            return parse_stamp(&with_point(cell));
        }
        if self.dates == DateOrder::YearFirst { parse_stamp(cell) } else { parse_stamp_in(cell, self.dates) }
    }

    /// Whether the head's rows have decimal commas and nothing that contradicts them.
    fn has_decimal_comma(&self, head: &Head<'_>) -> bool {
        if self.delimiter == b',' {
            return false;
        }
        let mut cells = Cells::default();
        let (mut commas, mut points) = (0u32, 0u32);
        for line in
            rows(head).skip_while(|line| !self.header.is_empty() && line.trim_ascii() != self.header.as_slice()).take(ROWS_LOOKED_AT)
        {
            for position in 0..cells.split(line, self.delimiter) {
                let cell = cells.cell(line, position).unwrap_or(b"");
                let (digits, _) = split_unit(cell);
                match decimal_sign(digits) {
                    // Three digits after a comma may be thousands.
                    Some((b',', after)) => commas += if after == 3 { 1 } else { 2 },
                    // A time column may keep its point beside values with commas (perf under a locale).
                    Some((b'.', after)) if after != 3 && after < 6 => points += 2,
                    Some((b'.', _)) => points += 1,
                    _ => {}
                }
            }
        }
        commas > 0 && (points == 0 || commas > points)
    }
}

/// A line that may be a header, split at one delimiter.
pub(super) struct Candidate {
    number: u64,
    delimiter: u8,
    columns: Vec<Column>,
}

impl Candidate {
    /// Of so many lines that are not blank, those that are no rows, by each delimiter.
    pub(super) fn within(head: &Head<'_>, most: usize) -> Vec<Candidate> {
        let mut cells = Cells::default();
        let mut found = Vec::new();
        let lines = (1..).zip(head.lines()).filter(|(_, line)| !line.trim_ascii().is_empty());
        for (number, line) in lines.take(most).filter(|(_, line)| !starts_with_date(line) && !line.starts_with(b"{\"")) {
            // One column is the same one by any delimiter.
            for delimiter in DELIMITERS.into_iter().filter(|own| *own == b',' || memchr::memchr(*own, line).is_some()) {
                let columns = Column::of_header(line, delimiter, &mut cells);
                if columns.len() >= 2 || delimiter == b',' {
                    found.push(Candidate { number, delimiter, columns });
                }
            }
        }
        found
    }

    fn table(&self, head: &Head<'_>) -> Table {
        let line = (1..).zip(head.lines()).find(|(number, _)| *number == self.number).map_or(&b""[..], |(_, line)| line);
        let (columns, header) = (self.columns.clone(), line.trim_ascii().to_vec());
        Table { delimiter: self.delimiter, columns, header_line: Some(self.number), header, ..Table::default() }
    }
}

impl Column {
    /// A column by its header cell.
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let (name, bracket) = unit::split_bracket(text);
        let name = name.to_lowercase();
        let unit = match bracket {
            Some(b) => Unit::symbol(b.as_bytes()),
            None => Unit::suffix(&name),
        };
        Self { unit, bracket: bracket.map(String::from), text: text.into(), name }
    }

    /// The columns of a header line; a `#` in front is not part of the first name.
    pub fn of_header(line: &[u8], delimiter: u8, cells: &mut Cells) -> Vec<Column> {
        let line = line.trim_ascii();
        let line = line.strip_prefix(b"#").unwrap_or(line);
        // A line that was not written whole ends in zeros.
        let line = memchr::memchr(0, line).and_then(|end| line.get(..end)).unwrap_or(line);
        let count = cells.split(line, delimiter);
        (0..count).map(|i| Column::new(&encoding::text(cells.cell(line, i).unwrap_or(b"")))).collect()
    }
}

/// Whether a line is a number and its unit, and nothing else.
fn is_one_reading(line: &[u8]) -> bool {
    let (digits, symbol) = split_unit(line);
    Unit::symbol(symbol).is_some() && decimal::parse_scaled(digits, 9).is_ok()
}

/// A row, and no header: it starts with `YYYY-MM` or `YYYY/MM`.
fn starts_with_date(line: &[u8]) -> bool {
    matches!(line, [a, b, c, d, b'-' | b'/', e, f, ..] if [a, b, c, d, e, f].iter().all(|byte| byte.is_ascii_digit()))
}

/// Reads a cell as power or energy: `61.83 W`, `61.83`, `1,5 kWh`. The unit in the cell goes before `unit`.
pub fn measure(cell: &[u8], unit: Option<Unit>, decimal_comma: bool) -> Measured {
    if is_missing(cell) {
        return Measured::Missing;
    }
    let (digits, symbol) = split_unit(cell);
    let unit = match symbol {
        b"" => unit,
        symbol => match Unit::symbol(symbol) {
            Some(unit) => Some(unit),
            None => return Measured::Unreadable,
        },
    };
    let Some(unit) = unit else {
        return if number(digits, 0, decimal_comma).is_some() { Measured::Bare } else { Measured::Unreadable };
    };
    if let Some(micro) = short_number(digits, unit, decimal_comma) {
        return unit.measured(micro);
    }
    // Six more digits than the unit, so that watt-hours stay exact.
    let Some(scaled) = number(digits, unit.scale + 6, decimal_comma) else {
        return Measured::Unreadable;
    };
    match scaled.checked_mul(i128::from(unit.factor)).map(to_micro) {
        Some(Ok(micro)) => unit.measured(micro),
        _ => Measured::Unreadable,
    }
}

impl Unit {
    fn measured(self, micro: i64) -> Measured {
        match self.dimension {
            Dimension::Energy => Measured::Energy(micro),
            Dimension::Power => Measured::Power(Power::from_microwatts(micro)),
        }
    }
}

/// What most cells hold, `61.83` or `61`, in micro-units; `None` for anything that needs rounding, a sign or more than 64 bits.
fn short_number(digits: &[u8], unit: Unit, decimal_comma: bool) -> Option<i64> {
    if digits.len() > 12 || unit.factor != 1 || !(0..=6).contains(&unit.scale) {
        return None;
    }
    let (mut value, mut fraction) = (0i64, None);
    for byte in digits {
        match (byte, &mut fraction) {
            (b'0'..=b'9', fraction) => {
                value = value * 10 + i64::from(byte - b'0');
                if let Some(places) = fraction {
                    *places += 1;
                }
            }
            (b'.', None) => fraction = Some(0),
            _ => return None,
        }
    }
    let places = u32::try_from(unit.scale).ok()?.checked_sub(fraction.unwrap_or(0))?;
    // With a decimal comma, three digits behind a point may be thousands; `7.` and `.5` are left to the careful way as well.
    let doubtful = fraction == Some(0) || (decimal_comma && fraction == Some(3));
    let plain = digits.first()?.is_ascii_digit() && !doubtful;
    plain.then_some(value * 10i64.pow(places))
}

/// Reads a number of `10^-scale` units; with a decimal comma, `1.234` is refused: it may be thousands.
pub fn number(cell: &[u8], scale: i32, decimal_comma: bool) -> Option<i128> {
    if !decimal_comma {
        return decimal::parse_scaled(cell, scale).ok();
    }
    match decimal_sign(cell) {
        Some((b'.', 3)) => None,
        Some((b',', _)) => decimal::parse_scaled(&with_point(cell), scale).ok(),
        _ => decimal::parse_scaled(cell, scale).ok(),
    }
}

/// The number and the unit behind it: `61.83 W`, `61.83W`, `12`.
pub fn split_unit(cell: &[u8]) -> (&[u8], &[u8]) {
    let cell = cell.trim_ascii();
    let is_unit = |b: &u8| b.is_ascii_alphabetic() || *b >= 0x80;
    let start = cell.iter().rposition(|b| !is_unit(b)).map_or(0, |last| last + 1);
    let (digits, unit) = cell.split_at(start);
    // `nan` and words are no units, and the `e` of an exponent is followed by digits.
    if digits.is_empty() { (cell, b"") } else { (digits.trim_ascii_end(), unit) }
}

/// The decimal sign of a plain number and how many digits follow it; `None` for whole numbers and anything else.
fn decimal_sign(cell: &[u8]) -> Option<(u8, usize)> {
    let cell = cell.strip_prefix(b"-").unwrap_or(cell);
    let at = cell.iter().position(|b| !b.is_ascii_digit())?;
    let (before, rest) = cell.split_at(at);
    let (sign, after) = rest.split_first()?;
    let plain = !before.is_empty() && !after.is_empty() && after.iter().all(u8::is_ascii_digit);
    (plain && matches!(sign, b'.' | b',')).then_some((*sign, after.len()))
}

fn with_point(cell: &[u8]) -> Vec<u8> {
    cell.iter().map(|b| if *b == b',' { b'.' } else { *b }).collect()
}

/// Millionths of a micro-unit to micro-units, half to even.
fn to_micro(scaled: i128) -> Result<i64, core::num::TryFromIntError> {
    let (quotient, rest) = (scaled.div_euclid(1_000_000), scaled.rem_euclid(1_000_000));
    let up = rest > 500_000 || (rest == 500_000 && quotient % 2 != 0);
    i64::try_from(quotient + i128::from(up))
}

/// Lines that may be rows: not blank, no comments.
fn rows<'h>(head: &Head<'h>) -> impl Iterator<Item = &'h [u8]> + use<'h> {
    head.lines().filter(|line| !matches!(line.trim_ascii().first(), None | Some(b'#')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_with_units_in_cell_or_column() {
        let watts = Unit::symbol(b"W");
        let power = |micro| Measured::Power(Power::from_microwatts(micro));
        for (cell, unit, comma, expected) in [
            ("61.83 W", None, false, power(61_830_000)),
            ("61.83W", None, false, power(61_830_000)),
            ("61.83", watts, false, power(61_830_000)),
            ("61,83 W", None, true, power(61_830_000)),
            ("400 mW", watts, false, power(400_000)),
            ("0.4 kW", None, false, power(400_000_000)),
            ("1 Wh", None, false, Measured::Energy(3_600_000_000)),
            ("0.000000001 kWh", None, false, Measured::Energy(3_600)),
            ("7 µJ", None, false, Measured::Energy(7)),
            ("61.83", None, false, Measured::Bare),
            ("[N/A]", watts, false, Measured::Missing),
            ("", watts, false, Measured::Missing),
            ("61,83", watts, false, Measured::Unreadable),
            ("1.234", watts, true, Measured::Unreadable),
            ("61.83 V", watts, false, Measured::Unreadable),
            ("hello", watts, false, Measured::Unreadable),
        ] {
            assert_eq!(measure(cell.as_bytes(), unit, comma), expected, "{cell}");
        }
    }

    proptest::proptest! {
        /// The short way reads what the careful way reads.
        #[test]
        fn short_numbers_are_exact(text in "[0-9]{0,7}[.]?[0-9]{0,7}", scale in 0i32..9) {
            let unit = Unit { scale, ..Unit::WATT };
            for comma in [false, true] {
                if let Some(micro) = short_number(text.as_bytes(), unit, comma) {
                    proptest::prop_assert_eq!(number(text.as_bytes(), scale, comma), Some(i128::from(micro)));
                }
            }
        }
    }

    #[test]
    fn what_stands_for_no_reading() {
        for cell in [
            "",
            " ",
            "-",
            "N/A",
            "n/a",
            "[N/A]",
            "[Not Supported]",
            "[Unknown Error]",
            "[GPU requires reset]",
            "[Not Found]",
            "ERR!",
            "nan",
            "9223372036854775794",
            "1.4073748835533e+14",
        ] {
            assert!(is_missing(cell.as_bytes()), "{cell}");
        }
        for cell in ["0", "0.00 W", "-5", "61.83", "NVIDIA A100", "name"] {
            assert!(!is_missing(cell.as_bytes()), "{cell}");
        }
    }

    fn found(log: &str) -> Option<Table> {
        let head = Head::new(log.as_bytes(), true);
        Table::find(&head, |columns| columns.iter().filter(|c| matches!(&*c.name, "time" | "power" | "gpu")).count())
    }

    #[test]
    fn headers_by_any_delimiter() {
        for (log, delimiter, line, comma) in [
            ("time, gpu, power [W]\n1749736999, 0, 61.83\n", b',', 1, false),
            ("time;gpu;power (W)\n1749736999;0;61,83\n", b';', 1, true),
            ("time;gpu;power (W)\n1.001200000;0;61,83\n", b';', 1, true),
            ("time;gpu;power (W)\n1749736999;0;61.83\n", b';', 1, false),
            ("# a comment, with time\n\ntime\tgpu\tpower\n1\t0\t61.83\n", b'\t', 3, false),
            ("time|gpu|power\n1|0|61.83\n", b'|', 1, false),
            ("2026/04/25 16:06:06, gpu, power\ntime, gpu, power [W]\n1749736999, 0, 61.83\n", b',', 2, false),
            ("  time   gpu  power\n  1   0  61.83\n", b' ', 1, false),
            ("$ log power,time,gpu -l 1\n\ntime, gpu, power [W]\n1749736999, 0, 61.83\n", b',', 3, false),
        ] {
            let table = found(log).unwrap_or_default();
            assert_eq!((table.delimiter, table.header_line, table.decimal_comma), (delimiter, Some(line), comma), "{log}");
            assert_eq!(table.position(&["power"]), Some(2), "{log}");
        }
        assert!(found("step,loss\n1,0.5\n").is_none());
    }

    #[test]
    fn rows_without_a_header() {
        let head = Head::new(b"2026/04/25 16:06:06.780, 0 %, 11.64 W\n2026/04/25 16:06:11.788, 0 %, 11.36 W\n", true);
        let table = Table::without_header(&head).unwrap_or_default();
        assert_eq!((table.delimiter, table.columns.len(), table.header_line), (b',', 3, None));
    }

    #[test]
    fn names_and_units_of_columns() {
        for (text, name, unit) in [
            ("power.draw [W]", "power.draw", Unit::symbol(b"W")),
            ("GPU Power (mW)", "gpu power", Unit::symbol(b"mW")),
            ("power_w", "power_w", Unit::symbol(b"W")),
            ("package_uj", "package_uj", Unit::symbol(b"uJ")),
            ("energy_kWh", "energy_kwh", Unit::symbol(b"kWh")),
            ("utilization.gpu [%]", "utilization.gpu", None),
            ("GPU0", "gpu0", None),
        ] {
            let column = Column::new(text);
            assert_eq!((column.name.as_str(), column.unit), (name, unit), "{text}");
        }
    }
}
