//! Tables of Parquet: unpacked into lines of the same columns. What trackio exports holds many runs, each of which is a log.

mod cells;
#[cfg(test)]
mod tests;
mod thrift;

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use carbon_core::bounds::GROUP_BYTES;
use parquet::basic::Encoding;
use parquet::column::reader::get_column_reader;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::{SerializedFileReader, SerializedPageReader};
use parquet::schema::types::ColumnDescPtr;

use super::Told;
use super::members::Members;
use crate::open;

use cells::Column;
use thrift::Unfit;

const NAME: &str = "Parquet table";

/// What makes a table of it that is read everywhere.
pub const HINT: &str = "make a CSV of it: `python -c \"import pandas; pandas.read_parquet('FILE').to_csv('power.csv')\"`, or \
                        `duckdb -c \"COPY (FROM 'FILE') TO 'power.csv'\"`; where a limit is named, `--limit NAME=N` raises it";

/// So many rows are unpacked at once.
const ROWS: usize = 1024;

/// What is said at the end of a file may have so many bytes: some 100 for each column of each group of rows.
const FOOTER_BYTES: u64 = 16 << 20;

/// Columns that say which run a row is of, by preference, where all of the others stand beside them.
const RUNS: [&str; 2] = ["run_id", "run_name"];
const BESIDE_RUNS: [&str; 2] = ["run_name", "timestamp"];

/// Unpacks a table; `None` where it is no log.
pub fn unpack(file: &File, bytes: u64, name: &str, members: &mut Members<'_>) -> Result<Option<Told>, String> {
    // What is unsound is looked for before; what the library still stumbles over ends the file and nothing else.
    let told =
        catch_unwind(AssertUnwindSafe(|| table(file, bytes, name, members))).unwrap_or_else(|_| Err(damaged("its pages fit no table")));
    match told {
        Err(damage) if members.has_begun() => {
            Ok(Some(Told { name: NAME, damage: Some(format!("{damage}; the groups of rows before count")), beside: None, open: None }))
        }
        told => told,
    }
}

fn damaged(what: &str) -> String {
    format!("the Parquet table is damaged: {what}")
}

fn in_words(error: &ParquetError) -> String {
    match error {
        ParquetError::External(error) => format!("the Parquet table could not be read: {error}"),
        other => damaged(&other.to_string()),
    }
}

fn table(file: &File, bytes: u64, name: &str, members: &mut Members<'_>) -> Result<Option<Told>, String> {
    footer(file, bytes)?;
    let reader = SerializedFileReader::new(file.try_clone().map_err(|e| in_words(&e.into()))?).map_err(|e| in_words(&e))?;
    let pages = Arc::new(file.try_clone().map_err(|e| in_words(&e.into()))?);
    let metadata = reader.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let (columns, lists): (Vec<(usize, &ColumnDescPtr)>, Vec<_>) =
        schema.columns().iter().enumerate().partition(|(_, column)| column.max_rep_level() == 0);
    let is_packed = |position: usize| {
        let chunk = |group: &RowGroupMetaData| group.columns().get(position).is_some_and(|chunk| chunk.encodings().any(is_unsafe));
        metadata.row_groups().iter().any(chunk)
    };
    // Which run a row is of must be known, where anything says it.
    let (packed, columns): (Vec<_>, Vec<_>) =
        columns.into_iter().partition(|(position, column)| is_packed(*position) && !RUNS.contains(&column.path().string().as_str()));
    if columns.is_empty() {
        return Ok(None);
    }
    let position = |wanted: &&str| columns.iter().position(|(_, column)| column.path().string() == **wanted);
    let run = BESIDE_RUNS.iter().all(|column| position(column).is_some()).then(|| RUNS.iter().find_map(&position)).flatten();
    let run_name = position(&"run_name");
    let mut runs = Runs { run, run_name, file: name, header: header(&columns), last: None };
    let mut is_log = false;
    for group in metadata.row_groups() {
        // A group costs something, too, whether it holds rows or none.
        members.count(8)?;
        if group.num_rows() == 0 {
            continue;
        }
        let mut readers = readers(file, bytes, group, &columns, &pages, members)?;
        let mut left = group.num_rows();
        while left > 0 {
            let rows = batch(&mut readers)?;
            left -= rows as i64;
            if rows == 0 || left < 0 {
                return Err(damaged("a group has not as many rows as it says"));
            }
            for row in 0..rows {
                runs.take(&readers, row, members)?;
            }
            // A set of data of gigabytes beside the logs need not be read to its end to be told from a log.
            if !is_log {
                match members.is_log() {
                    Some(false) => return Ok(None),
                    known => is_log = known.is_some(),
                }
            }
        }
    }
    let told = [
        (&lists, "of lists are no cells and are left out"),
        (&packed, "whose texts are packed in a way that is not safe to unpack (DELTA_BYTE_ARRAY) are left out"),
    ];
    let told: Vec<String> = told.into_iter().filter_map(|(columns, what)| left_out(columns, what)).collect();
    let beside = (!told.is_empty()).then(|| told.join("; "));
    Ok(Some(Told { name: NAME, damage: None, beside, open: None }))
}

/// Texts that are packed by what they have in common: the library takes their number from inside the packed bytes.
fn is_unsafe(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::DELTA_BYTE_ARRAY | Encoding::DELTA_LENGTH_BYTE_ARRAY)
}

/// What is said of columns that no cell is made of.
fn left_out(columns: &[(usize, &ColumnDescPtr)], what: &str) -> Option<String> {
    let names: Vec<&str> = columns.iter().take(3).map(|(_, column)| column.path().parts()[0].as_str()).collect();
    let more = if columns.len() > names.len() { ", and others" } else { "" };
    (!names.is_empty()).then(|| format!("columns {what}: {}{more}", names.join(", ")))
}

/// Readers of the columns of a group of rows, once it is sure that they need no more memory than they may.
fn readers(
    file: &File,
    bytes: u64,
    group: &RowGroupMetaData,
    columns: &[(usize, &ColumnDescPtr)],
    pages: &Arc<File>,
    members: &mut Members<'_>,
) -> Result<Vec<Column>, String> {
    let rows = usize::try_from(group.num_rows()).map_err(|_| damaged("a group has no number of rows"))?;
    let mut readers = Vec::new();
    let mut at_once = 0_u64;
    for (position, column) in columns {
        let chunk = group.column(*position);
        let needed = chunk_pages(file, bytes, chunk)?;
        members.count(needed.bytes)?;
        at_once = at_once.saturating_add(needed.at_once);
        if at_once > members.limits().of(&GROUP_BYTES) {
            return Err(format!("the Parquet table is not read: {}", members.limits().reached(&GROUP_BYTES)));
        }
        let pages = SerializedPageReader::new(Arc::clone(pages), chunk, rows, None).map_err(|e| in_words(&e))?;
        readers.push(Column::new(column, get_column_reader(Arc::clone(column), Box::new(pages))));
    }
    Ok(readers)
}

/// Reads the next rows of each column; how many those are.
fn batch(columns: &mut [Column]) -> Result<usize, String> {
    let mut rows = None;
    for column in columns {
        let read = column.read(ROWS).map_err(|e| in_words(&e))?;
        if rows.is_some_and(|rows| rows != read) {
            return Err(damaged("its columns have different numbers of rows"));
        }
        rows = Some(read);
    }
    Ok(rows.unwrap_or(0))
}

/// The logs that rows go to: one, or one for each run.
struct Runs<'t> {
    run: Option<usize>,
    run_name: Option<usize>,
    file: &'t str,
    header: Vec<u8>,
    /// Whose the last row was.
    last: Option<Option<Vec<u8>>>,
}

impl Runs<'_> {
    fn take(&mut self, columns: &[Column], row: usize, members: &mut Members<'_>) -> Result<(), String> {
        let cell = |position: usize| columns.get(position).map_or(&b""[..], |column| column.cell(row));
        let own = self.run.map(cell);
        if self.last.as_ref().map(Option::as_deref) != Some(own) {
            // A run without a name goes by its number, one without either by the file.
            let names = [self.run_name.map(cell), own, Some(self.file.as_bytes())];
            let name = names.into_iter().skip(if own.is_some() { 0 } else { 2 }).flatten().find(|name| !name.is_empty());
            if members.go_on(own, &format!("{}.csv", String::from_utf8_lossy(name.unwrap_or_default())))? {
                members.line(&[&self.header])?;
            }
            self.last = Some(own.map(<[u8]>::to_vec));
        }
        // A row costs something whatever it holds.
        members.count(8)?;
        members.line(&row_of(columns, row))
    }
}

/// Looks at the end of the file, whose last bytes say how long what is said of it is.
fn footer(file: &File, bytes: u64) -> Result<(), String> {
    let at = |length: u64, from_end: u64| -> io::Result<Option<Vec<u8>>> {
        let Some(start) = bytes.checked_sub(length + from_end) else { return Ok(None) };
        let mut part = vec![0; usize::try_from(length).unwrap_or(0)];
        Ok((open::read_full_at(file, &mut part, start)? == part.len()).then_some(part))
    };
    let unreadable = |e: io::Error| format!("the file could not be read: {e}");
    let end = at(8, 0).map_err(unreadable)?;
    let Some([a, b, c, d, b'P', b'A', b'R', b'1']) = end.as_deref() else {
        return Err(damaged("it does not end as one, as a file that was cut"));
    };
    let length = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
    if length > FOOTER_BYTES {
        return Err(damaged("what it says of itself is longer than any table's"));
    }
    match at(length, 8).map_err(unreadable)? {
        Some(footer) if thrift::is_sound(&footer) => Ok(()),
        _ => Err(damaged("what it says of its columns does not fit together")),
    }
}

/// What the pages of a column need. The library reads them from where the column says, as far as it says.
fn chunk_pages(file: &File, bytes: u64, chunk: &ColumnChunkMetaData) -> Result<thrift::Pages, String> {
    let name = chunk.column_path().string();
    let start = u64::try_from(chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset())).ok();
    let end = start.and_then(|start| start.checked_add(u64::try_from(chunk.compressed_size()).ok()?)).filter(|end| *end <= bytes);
    let (Some(start), Some(end), None) = (start, end, chunk.file_path()) else {
        return Err(damaged(&format!("the column {name:?} lies outside the file")));
    };
    thrift::pages(file, start, end).map_err(|unfit| match unfit {
        Unfit::Damaged => damaged(&format!("the pages of the column {name:?} do not fit together")),
        Unfit::Packed => format!("the Parquet table can't be read: the texts of the column {name:?} are packed in a way that is not safe to unpack (DELTA_BYTE_ARRAY)"),
    })
}

fn header(columns: &[(usize, &ColumnDescPtr)]) -> Vec<u8> {
    let mut line = Vec::new();
    for (place, (_, column)) in columns.iter().enumerate() {
        if place > 0 {
            line.push(b',');
        }
        let name = column.path().string();
        // Numbers of rows, by pandas, which writes them to a CSV without a name.
        if !name.starts_with("__index_level_") {
            cells::quoted(name.as_bytes(), &mut line);
        }
    }
    line
}

fn row_of(columns: &[Column], row: usize) -> Vec<&[u8]> {
    let mut pieces: Vec<&[u8]> = Vec::with_capacity(2 * columns.len());
    for column in columns {
        if !pieces.is_empty() {
            pieces.push(b",");
        }
        pieces.push(column.cell(row));
    }
    pieces
}
