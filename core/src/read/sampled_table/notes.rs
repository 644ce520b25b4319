//! What is said of rows that do not count, and of rows that stand for more than they name.

use alloc::format;
use alloc::string::String;

use crate::decode::cells::Cells;
use crate::decode::encoding;
use crate::decode::table::Table;
use crate::note;
use crate::read::{Line, Reading};

#[cold]
pub(super) fn note_missing(table: &Table, cells: &Cells, line: Line<'_>, position: usize, out: &mut Reading) {
    let column = column_name(table, position);
    let cell = cells.cell(line.text, position).unwrap_or(b"");
    out.notes
        .add(&note::MISSING_READINGS, &column, Some(line.number), || format!("{column}: found \"{}\", expected a reading", excerpt(cell)));
}

#[cold]
pub(super) fn note_unreadable(table: &Table, cells: &Cells, line: Line<'_>, position: usize, out: &mut Reading) {
    let column = column_name(table, position);
    let cell = cells.cell(line.text, position).unwrap_or(b"");
    out.notes.add(&note::ROWS_TORN, &column, Some(line.number), || format!("{column}: found \"{}\", expected a reading", excerpt(cell)));
}

#[cold]
pub(super) fn note_mixed(table: &Table, line: Line<'_>, first: usize, position: usize, out: &mut Reading) {
    let (first, second) = (column_name(table, first), column_name(table, position));
    out.notes.add(&note::POWER_COLUMNS_MIXED, &second, Some(line.number), || format!("{second} stands in where {first} has no reading"));
}

#[cold]
pub(super) fn note_implausible(table: &Table, cells: &Cells, line: Line<'_>, position: usize, out: &mut Reading) {
    let column = column_name(table, position);
    let cell = cells.cell(line.text, position).unwrap_or(b"");
    out.notes.add(&note::IMPLAUSIBLE_POWER, &column, Some(line.number), || {
        format!("{column}: found \"{}\", which the device cannot draw", excerpt(cell))
    });
}

fn column_name(table: &Table, position: usize) -> String {
    match table.column(position) {
        Some(column) if !column.name.is_empty() => column.name.clone(),
        _ => format!("column {}", position + 1),
    }
}

/// The start of a text from the log.
pub(super) fn excerpt(text: &[u8]) -> String {
    let mut short = encoding::text(text.trim_ascii()).chars().take(80).collect::<String>();
    if text.len() > short.len() {
        short.push('…');
    }
    short
}
