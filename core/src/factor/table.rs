//! A factor table: CSV text with named columns, checked once and scanned on lookup.
//!
//! A record is a line: tables are facts in short fields, and a line number is what an error needs.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::error::FactorError;
use super::suggest;
use crate::units::nearest::nearest;

/// What a column of a table may hold.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A number within these bounds, both included; finite.
    Number(f64, f64),
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A calendar year.
    Year,
}

/// A column that this program reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    name: &'static str,
    kind: Kind,
    need: Need,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// The header must have it and every row must fill it.
    Filled,
    /// The header must have it.
    Present,
    /// It may be missing.
    Optional,
}

impl Column {
    /// A column that every row fills.
    pub const fn filled(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, need: Need::Filled }
    }

    /// A column whose fields may be empty: not known.
    pub const fn present(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, need: Need::Present }
    }

    /// A column that the header may lack.
    pub const fn optional(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, need: Need::Optional }
    }
}

/// What a table must look like: its name and the columns that are read. Lookups name a column by its place in here.
#[derive(Debug)]
pub(super) struct Shape {
    pub name: &'static str,
    pub columns: &'static [Column],
}

/// A table that was checked against its [`Shape`].
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// What messages call it: the table's name, or the user's file.
    pub name: String,
    /// It was found beside logs, and may be anybody's.
    pub found: bool,
    shape: &'static Shape,
    text: String,
    /// Place of each of the shape's columns in the header.
    places: Vec<Option<usize>>,
    /// Where each row starts and ends in the text, and its line.
    lines: Vec<(usize, usize, u64)>,
    /// Whether the rows ascend by the shape's first column, byte for byte, and it holds no small letters.
    sorted: bool,
}

impl Table {
    /// Checks `text` against `shape`: header, number of fields, and what every field that is read may hold.
    pub fn parse(name: &str, shape: &'static Shape, text: &str) -> Result<Table, FactorError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let header = Rows::over(text).next().and_then(|(start, end, _)| text.get(start..end)).unwrap_or("");
        let titles: Vec<Cow<str>> = Fields(Some(header)).map(|title| trim(title)).collect();
        let mut places = Vec::with_capacity(shape.columns.len());
        for column in shape.columns {
            let mut found = titles.iter().enumerate().filter(|(_, title)| *title == column.name).map(|(place, _)| place);
            let place = found.next();
            if found.next().is_some() {
                return Err(FactorError::new(name, 1, format!("column {} stands twice", column.name)));
            }
            if place.is_none() {
                missing(name, column, &titles)?;
            }
            places.push(place);
        }
        let lines = Rows::over(text).skip(1).collect();
        let mut table = Table { name: name.to_string(), found: false, shape, text: text.to_string(), places, lines, sorted: false };
        let mut fields = Vec::with_capacity(titles.len());
        for row in table.rows() {
            fields.clear();
            fields.extend(Fields(Some(row.text)).map(trim));
            table.check(&row, &fields, titles.len())?;
        }
        let key_is_plain = |row: Row<'_>| !row.text(0).bytes().any(|b| b.is_ascii_lowercase());
        table.sorted = table.rows().all(key_is_plain) && table.rows().map(|row| row.text(0)).is_sorted();
        Ok(table)
    }

    /// Leaves out a column, as if the header lacked it.
    pub fn without(&mut self, column: usize) {
        if let Some(place) = self.places.get_mut(column) {
            *place = None;
        }
    }

    /// The shape it was checked against.
    pub fn shape(&self) -> &'static Shape {
        self.shape
    }

    /// The rows below the header, in the order of the file.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.lines.iter().map(|line| self.row(line))
    }

    /// The rows whose first column is `key`, case ignored; `key` in capitals. Found by halves where the table is sorted.
    pub fn rows_of<'t>(&'t self, key: &'t str) -> impl Iterator<Item = Row<'t>> {
        let key_of = |line: &(usize, usize, u64)| self.row(line).text(0);
        let from = if self.sorted { self.lines.partition_point(|line| *key_of(line) < *key) } else { 0 };
        let rows = self.lines.get(from..).unwrap_or_default().iter().map(|line| self.row(line));
        rows.take_while(move |row| !self.sorted || row.text(0) == key)
            .filter(move |row| self.sorted || row.text(0).eq_ignore_ascii_case(key))
    }

    fn row(&self, &(start, end, line): &(usize, usize, u64)) -> Row<'_> {
        Row { line, text: self.text.get(start..end).unwrap_or(""), places: &self.places }
    }

    fn check(&self, row: &Row<'_>, fields: &[Cow<str>], width: usize) -> Result<(), FactorError> {
        if fields.len() != width || row.text.bytes().filter(|b| *b == b'"').count() % 2 == 1 {
            let message = format!("found {} fields, expected {width}", fields.len());
            return Err(
                FactorError::new(&self.name, row.line, message).hint("quote a field that holds a comma, and keep a row on one line")
            );
        }
        let control = |text: &str| text.bytes().any(|b| b.is_ascii_control()) || (!text.is_ascii() && text.chars().any(char::is_control));
        if control(row.text) {
            return Err(FactorError::new(&self.name, row.line, "found a control character, expected plain text"));
        }
        for (column, place) in self.shape.columns.iter().zip(&self.places) {
            let text = place.and_then(|place| fields.get(place)).map_or("", |field| field.as_ref());
            let expected = match column.kind {
                _ if text.is_empty() => (column.need == Need::Filled).then(|| "a value".to_string()),
                Kind::Number(low, high) if !nearest(text).is_some_and(|value| (low..=high).contains(&value)) => {
                    Some(if high == f64::MAX { String::from("a number above 0") } else { format!("a number from {low} to {high}") })
                }
                Kind::Word(words) if !words.contains(&text) => Some(words.join(" or ")),
                Kind::Year if !text.parse().is_ok_and(|year: i32| (1990..=2100).contains(&year)) => {
                    Some("a year from 1990 to 2100".to_string())
                }
                _ => None,
            };
            if let Some(expected) = expected {
                let found: String = text.chars().take(60).collect();
                let message = format!("{}: found {found:?}, expected {expected}", column.name);
                return Err(FactorError::new(&self.name, row.line, message));
            }
        }
        Ok(())
    }
}

/// An absent column is an error where rows need it, and where a misspelt one stands in its place.
fn missing(table: &str, column: &Column, titles: &[Cow<str>]) -> Result<(), FactorError> {
    let misspelt = titles.iter().find(|title| suggest::distance(title, column.name) <= 2 && title.len() > 4);
    let error = FactorError::new(table, 1, format!("column {} is missing", column.name));
    match (column.need, misspelt) {
        (_, Some(title)) => Err(error.hint(&format!("rename column {title} to {}", column.name))),
        (Need::Optional, None) => Ok(()),
        _ if titles.len() == 1 && titles.iter().any(|title| title.contains([';', '\t'])) => {
            Err(error.hint("separate the columns with commas"))
        }
        _ => Err(error.hint("the first line names the columns, as in the built-in tables")),
    }
}

/// A row of a table. Columns are named by their place in the table's shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'t> {
    /// Line in the file, the header's being 1.
    pub line: u64,
    text: &'t str,
    places: &'t [Option<usize>],
}

impl<'t> Row<'t> {
    /// The field's text; empty where it is not known.
    pub fn text(&self, column: usize) -> Cow<'t, str> {
        let place = self.places.get(column).copied().flatten();
        place.and_then(|place| Fields(Some(self.text)).nth(place)).map_or(Cow::Borrowed(""), trim)
    }

    /// The field's text, owned.
    pub fn string(&self, column: usize) -> String {
        self.text(column).into_owned()
    }

    /// The field as a finite number.
    pub fn number(&self, column: usize) -> Option<f64> {
        nearest(&self.text(column))
    }

    /// The field as a whole number.
    pub fn year(&self, column: usize) -> Option<i32> {
        self.text(column).parse().ok()
    }
}

/// Start, end and number of the lines that are not blank.
struct Rows<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl<'t> Rows<'t> {
    fn over(text: &'t str) -> Self {
        Self { text, at: 0, line: 0 }
    }
}

impl Iterator for Rows<'_> {
    type Item = (usize, usize, u64);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
            let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
            let start = self.at;
            self.at += length + 1;
            self.line += 1;
            let line = rest.get(..length).unwrap_or("");
            let line = line.strip_suffix('\r').unwrap_or(line);
            if !line.trim_start().is_empty() {
                return Some((start, start + line.len(), self.line));
            }
        }
    }
}

/// The fields of a line; a quoted field may hold commas and doubled quotes.
struct Fields<'t>(Option<&'t str>);

impl<'t> Iterator for Fields<'t> {
    type Item = Cow<'t, str>;

    #[inline]
    fn next(&mut self) -> Option<Cow<'t, str>> {
        let rest = self.0?;
        let Some(quoted) = rest.strip_prefix('"') else {
            // Fields are a few bytes long: a plain loop finds their end sooner than a search that is made for long texts.
            let end = rest.bytes().position(|b| b == b',').unwrap_or(rest.len());
            self.0 = rest.get(end + 1..);
            return Some(Cow::Borrowed(&rest[..end]));
        };
        let mut end = quoted.find('"').unwrap_or(quoted.len());
        let mut doubled = false;
        while quoted[end..].starts_with("\"\"") {
            doubled = true;
            end = quoted[end + 2..].find('"').map_or(quoted.len(), |next| end + 2 + next);
        }
        let after = quoted.get(end + 1..).unwrap_or("");
        self.0 = memchr::memchr(b',', after.as_bytes()).and_then(|comma| after.get(comma + 1..));
        let field = &quoted[..end];
        Some(if doubled { Cow::Owned(field.replace("\"\"", "\"")) } else { Cow::Borrowed(field) })
    }
}

#[inline]
fn trim(field: Cow<'_, str>) -> Cow<'_, str> {
    let tight = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_graphic);
    match field {
        Cow::Borrowed(text) if tight(text.as_bytes().first()) && tight(text.as_bytes().last()) => Cow::Borrowed(text),
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        name: "test",
        columns: &[
            Column::filled("key", Kind::Text),
            Column::present("value", Kind::Number(0.0, 10.0)),
            Column::optional("remark", Kind::Text),
            Column::present("year", Kind::Year),
        ],
    };

    fn fault(text: &str) -> String {
        Table::parse("t.csv", &SHAPE, text).unwrap_err().to_string()
    }

    #[test]
    fn reads_columns_by_name_in_any_order() {
        let text = "\u{feff}year,other,key,value\r\n2024,x,\"a, \"\"b\"\"\",1.5\r\n\r\n,,c,\r\n";
        let table = Table::parse("t.csv", &SHAPE, text).unwrap();
        let rows: Vec<_> = table.rows().map(|r| (r.line, r.string(0), r.number(1), r.string(2), r.year(3))).collect();
        assert_eq!(rows, [(2, "a, \"b\"".into(), Some(1.5), "".into(), Some(2024)), (4, "c".into(), None, "".into(), None)]);
    }

    #[test]
    fn names_what_is_wrong_and_where() {
        assert_eq!(fault("key,value,year\na,11,2024\n"), "value: found \"11\", expected a number from 0 to 10 (t.csv, line 2)");
        assert_eq!(fault("key,value,year\na,nan,2024\n"), "value: found \"nan\", expected a number from 0 to 10 (t.csv, line 2)");
        assert_eq!(fault("key,value,year\na,1,2024\n,1,2024\n"), "key: found \"\", expected a value (t.csv, line 3)");
        assert_eq!(fault("key,value,year\na,1,1066\n"), "year: found \"1066\", expected a year from 1990 to 2100 (t.csv, line 2)");
        assert_eq!(fault("key,value,year\na,1\n"), "found 2 fields, expected 3 (t.csv, line 2)");
        assert_eq!(fault("key,value,year\n\"a,1,2024\n"), "found 1 fields, expected 3 (t.csv, line 2)");
        assert_eq!(fault("key,year\na,1\n"), "column value is missing (t.csv, line 1)");
        assert_eq!(fault("key,key,value,year\n"), "column key stands twice (t.csv, line 1)");
        assert_eq!(fault("key,value,remarks,year\n"), "column remark is missing (t.csv, line 1)");
        assert_eq!(fault(""), "column key is missing (t.csv, line 1)");
        let semicolons = Table::parse("t.csv", &SHAPE, "key;value;year\na;1;2024\n").unwrap_err();
        assert_eq!(semicolons.hint.as_deref(), Some("separate the columns with commas"));
    }
}
