//! Home-made JSON: an object for each look at the hardware, one a line, one after the other or in an array. What stands inside an object is a column of
//! the generic CSV, named by its path: `{"time": 1749737001, "gpus": [{"power_w": 61.8}]}` is a row under `time` and `gpus.0.power_w`.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::layout::{Fields, Layout, Rows, Shape, Syntax, TreeReader, TreeShape, Values, first_rows, said_twice};
use super::{Evidence, Format, Head, Line, ReadBy, ReadOptions, Reader, Reading, Refusal, Row, SkipReason, generic_csv};
use crate::bounds;
use crate::decode::encoding;
use crate::map::Map;
use crate::note;

/// The format.
pub static FORMAT: Format = Format {
    id: "generic_json",
    name: "generic JSON",
    how_to_log: "an object a line such as `{\"time\": 1749737001.1, \"gpu0_w\": 61.8, \"cpu_w\": 45.0}`",
    read_by: ReadBy::Code { most: SCORE, sniff, open },
};

/// No format that is known by name is less sure.
const SCORE: u8 = 12;

/// Where the rows are: the document, else what stands in an array, of whatever depth.
const ROWS: [&[&str]; 4] = [&[""], &["*"], &["*.*"], &["*.*.*"]];

/// So many rows of the head tell the columns.
const ROWS_LOOKED_AT: usize = 100;

/// Between cells: no name and no number holds it.
const BETWEEN: u8 = b'\t';

/// A table that stands for the head of the file.
#[derive(Clone)]
struct Table {
    rows: &'static [&'static str],
    columns: Columns,
    text: Vec<u8>,
}

/// Names of columns in their order, and a row of their values.
#[derive(Clone, Default)]
struct Columns {
    names: Vec<Vec<u8>>,
    places: Map<Vec<u8>, usize>,
    cells: Vec<Vec<u8>>,
    /// The row as text.
    line: Vec<u8>,
}

impl Columns {
    fn add(&mut self, name: &[u8]) {
        if !self.places.contains_key(name) && self.names.len() < bounds::COLUMNS.value as usize {
            self.places.insert(name.to_vec(), self.names.len());
            self.names.push(name.to_vec());
            self.cells.push(Vec::new());
        }
    }

    /// Makes the line of a row, with its end. Gives the first reading that is of no column, with the number of such readings, and a name that comes twice
    /// and says two things.
    fn row<'f>(&mut self, fields: impl Iterator<Item = (&'f [u8], &'f [u8])>) -> (Option<&'f [u8]>, u64, Option<&'f [u8]>) {
        self.cells.iter_mut().for_each(Vec::clear);
        let (mut beyond, mut readings, mut twice) = (None, 0, None);
        for (at, (name, value)) in fields.enumerate() {
            // Rows mostly have the same fields in the same order.
            let place = if self.names.get(at).is_some_and(|own| own == name) { Some(at) } else { self.places.get(name).copied() };
            match place.and_then(|place| self.cells.get_mut(place)) {
                Some(cell) if value != b"null" => {
                    let written = |byte: &u8| if byte.is_ascii_control() { b' ' } else { *byte };
                    if !cell.is_empty() && !value.iter().map(written).eq(cell.iter().copied()) {
                        twice = Some(name);
                    }
                    cell.clear();
                    cell.extend(value.iter().map(written));
                }
                Some(_) => {}
                None if generic_csv::is_reading(name) => (beyond, readings) = (beyond.or(Some(name)), readings + 1),
                None => {}
            }
        }
        self.line.clear();
        for (at, cell) in self.cells.iter().enumerate() {
            if at > 0 {
                self.line.push(BETWEEN);
            }
            self.line.extend_from_slice(cell);
        }
        self.line.push(b'\n');
        (beyond, readings, twice)
    }

    /// Learns which of a row's own fields, which are those from `first` on, is in each column; `false` where each row is to be gone through.
    fn learn(&self, fields: &Fields, first: usize, alike: &mut Vec<Option<usize>>) -> bool {
        alike.clear();
        alike.resize(self.names.len(), None);
        let (around, own) = (fields.iter().take(first), fields.iter().skip(first));
        let mut taken: Vec<usize> = around.filter_map(|(name, _)| self.places.get(name).copied()).collect();
        own.enumerate().all(|(field, (name, _))| match self.places.get(name).copied() {
            Some(place) if taken.contains(&place) => false,
            Some(place) => {
                taken.push(place);
                alike.get_mut(place).into_iter().for_each(|column| *column = Some(field));
                true
            }
            None => !generic_csv::is_reading(name),
        })
    }

    /// Makes the line of a row that is like the one that was learnt; `false` where it is to be gone through.
    fn row_alike(&mut self, alike: &[Option<usize>], values: Values<'_>) -> bool {
        self.line.clear();
        for (at, (cell, field)) in self.cells.iter().zip(alike).enumerate() {
            if at > 0 {
                self.line.push(BETWEEN);
            }
            let value = field.map_or(cell.as_slice(), |field| values.get(field));
            if value == b"null" || value.iter().any(u8::is_ascii_control) {
                return false;
            }
            self.line.extend_from_slice(value);
        }
        self.line.push(b'\n');
        true
    }
}

impl Table {
    /// By the first rows of the head; by all of it where they hold no power.
    fn of(head: &Head<'_>) -> Option<(Self, Evidence)> {
        let opens = |found: &(Self, Evidence)| found.0.opens(head);
        let first = Self::of_rows(head, ROWS_LOOKED_AT);
        match first.as_ref().is_some_and(opens) {
            true => first,
            false => Self::of_rows(head, usize::MAX).filter(opens).or(first),
        }
    }

    fn opens(&self, head: &Head<'_>) -> bool {
        generic_csv::open(&Head::new(&self.text, head.complete), &ReadOptions::default()).is_ok()
    }

    fn of_rows(head: &Head<'_>, most: usize) -> Option<(Self, Evidence)> {
        let start = head.bytes.trim_ascii_start();
        if !matches!(start.first(), Some(b'{' | b'[')) {
            return None;
        }
        let tables: Vec<(usize, Self)> =
            ROWS.into_iter().enumerate().filter_map(|(depth, rows)| Some((depth, Self::at(rows, head, most)?))).collect();
        let readings =
            |table: &Self| -> Vec<Vec<u8>> { table.columns.names.iter().filter(|name| generic_csv::is_reading(name)).cloned().collect() };
        // No reading is lost beside rows that are nearer to the root, and none comes out of what is none by its whole name.
        let holds = |depth: usize, table: &Self| {
            let own = readings(table);
            let mut around = tables.iter().take_while(|(outer, _)| *outer < depth);
            around.all(|(outer, around)| are_same(&readings(around), &own, depth - outer))
        };
        let mut known = tables.iter().filter_map(|(depth, table)| {
            let evidence = generic_csv::sniff_rows(&Head::new(&table.text, head.complete))?;
            holds(*depth, table).then(|| (table.clone(), evidence))
        });
        // What stands around the rows has their names, too; but no time goes by there.
        let first = known.next()?;
        let opens = |(table, _): &(Table, Evidence)| table.opens(head);
        match opens(&first) {
            true => Some(first),
            false => known.find(opens).or(Some(first)),
        }
    }

    /// The table whose rows stand at these paths.
    fn at(rows: &'static [&'static str], head: &Head<'_>, most: usize) -> Option<Self> {
        let found = first_rows(head.bytes, rows, most);
        if found.len() < 2 {
            return None;
        }
        let mut columns = Columns::default();
        found.iter().flatten().for_each(|(name, _)| columns.add(name));
        let mut text = columns.names.join(&BETWEEN);
        text.push(b'\n');
        for row in &found {
            columns.row(row.iter().map(|(name, value)| (name.as_slice(), value.as_slice())));
            text.extend_from_slice(&columns.line);
        }
        Some(Self { rows, columns, text })
    }
}

/// Whether names of readings are those of rows that are nearer to the root by so many names: each stands in these rows or around them, and not in both.
fn are_same(outer: &[Vec<u8>], inner: &[Vec<u8>], names: usize) -> bool {
    let inside = |name: &[u8], own: &[u8]| name.splitn(names + 1, |byte| *byte == b'.').nth(names) == Some(own);
    let beside = |name: &[u8], own: &[u8]| own.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with(b"."));
    let is_one = |own: &Vec<u8>| outer.iter().any(|name| inside(name, own)) != outer.iter().any(|name| beside(name, own));
    outer.iter().all(|name| inner.iter().any(|own| inside(name, own) || beside(name, own))) && inner.iter().all(is_one)
}

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    let (_, evidence) = Table::of(head)?;
    Some(Evidence { score: SCORE, ..evidence })
}

/// Whether objects of a head that no format knows say when they were: a power may come later, as from a job that samples once its training has begun.
pub(super) fn may_say_more(head: &Head<'_>) -> bool {
    matches!(head.bytes.trim_ascii_start().first(), Some(b'{' | b'[')) && {
        let names = |rows| first_rows(head.bytes, rows, ROWS_LOOKED_AT).into_iter().flatten().map(|(name, _)| name);
        ROWS.into_iter().any(|rows| names(rows).any(|name| generic_csv::is_time(&name)))
    }
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let (table, _) = Table::of(head).ok_or_else(|| Refusal {
        code: &note::FORMAT_REFUSED,
        line: None,
        message: alloc::string::String::from("no object in it has a time and a power"),
        hint: alloc::string::String::from(FORMAT.how_to_log),
    })?;
    let mut reader = generic_csv::open(&Head::new(&table.text, head.complete), options)?;
    // The header is no line of the file.
    let header = table.columns.names.join(&BETWEEN);
    reader.line(Line { text: &header, number: 0, unterminated: false }, &mut Reading::default());
    let shape = TreeShape { syntax: Syntax::Json, rows: table.rows, renamed: None };
    let rows = Flattened { columns: table.columns, alike: Vec::new(), reader, objects: 0, beyond: 0 };
    Ok(Box::new(TreeReader::over(&Layout::of(Shape::Tree(shape)), shape, options, Box::new(rows))))
}

/// Objects as rows of a table.
struct Flattened {
    columns: Columns,
    /// Of a row that others may be like, which of its fields is in each column.
    alike: Vec<Option<usize>>,
    reader: Box<dyn Reader>,
    /// Objects so far, and readings in them that are of no column.
    objects: u64,
    beyond: u64,
}

impl Rows for Flattened {
    fn record(&mut self, fields: &mut Fields, line: Line<'_>, out: &mut Reading) -> Row {
        let (beyond, readings, twice) = self.columns.row(fields.iter());
        self.objects += 1;
        self.beyond += readings;
        if let Some(name) = beyond {
            out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || {
                alloc::format!("found {:?}, which the first objects lack: it is not read", encoding::text(name))
            });
        }
        if let Some(name) = twice {
            return said_twice(name, line, out);
        }
        self.reader.made_line(&self.columns.line, line.number, out)
    }

    fn learn(&mut self, fields: &Fields, first: usize) -> bool {
        self.columns.learn(fields, first, &mut self.alike)
    }

    fn alike(&mut self, values: Values<'_>, line: Line<'_>, out: &mut Reading) -> Option<Row> {
        if !self.columns.row_alike(&self.alike, values) {
            return None;
        }
        self.objects += 1;
        Some(self.reader.made_line(&self.columns.line, line.number, out))
    }

    fn stray(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || alloc::string::String::from("found text between the objects"));
        Row::Skipped(SkipReason::Unknown)
    }

    fn finish(&mut self, out: &mut Reading) {
        self.reader.finish(out);
        if self.beyond > 0 {
            // Each is as much as a row of what was read.
            let (read, lost) = out.records.unwrap_or((self.objects, 0));
            out.records = Some((read, lost + self.beyond));
            out.mark_irregular();
        }
    }

    fn fork(&self) -> Option<Box<dyn Rows>> {
        Some(Box::new(Self { columns: self.columns.clone(), alike: Vec::new(), reader: self.reader.fork()?, objects: 0, beyond: 0 }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_hold_what_stands_around_them() {
        let names = |text: &str| text.split_whitespace().map(|name| name.as_bytes().to_vec()).collect::<Vec<_>>();
        for (outer, inner, names_more, same) in [
            ("samples.0.gpu0_w samples.1.gpu0_w", "gpu0_w", 2, true),
            ("cpu_w samples.0.gpu0_w", "cpu_w gpu0_w", 2, true),
            ("zone.gpu0_w cpu_w", "gpu0_w", 1, false),
            // The one that stands behind its namesake is lost, too.
            ("zone.gpu0_w gpu0_w", "gpu0_w", 1, false),
            ("", "gpu0_w", 1, false),
        ] {
            assert_eq!(are_same(&names(outer), &names(inner), names_more), same, "{outer} and {inner}");
        }
    }
}
