//! Rows above the header: a log that was cut at its head, and whose logger was started again.

use super::{Table, Unit, is_missing, split_unit};
use crate::decode::cells::Cells;
use crate::units::calendar::parse_stamp;

/// So many cells with a number or a time make a row of a line.
const LEAST_FIGURES: usize = 2;

impl Table {
    /// Whether a line above the header is a row: as many cells as the header has, two of them figures; or a time in its first cell and a figure behind it.
    /// A stamp alone, as `date` prints it, and what a tool says of itself are none.
    pub fn is_row_above(&self, line: &[u8], cells: &mut Cells) -> bool {
        let (count, width) = (cells.split(line, self.delimiter), self.columns.len());
        let cell = |at: usize| cells.cell(line, at).unwrap_or(b"");
        let is_number = |cell: &[u8]| self.number(split_unit(cell).0, 0).is_some();
        let is_stamp = |cell: &[u8]| self.stamp(cell).is_some();
        if count == 1 {
            let (digits, symbol) = split_unit(line);
            return width == 1 && self.number(digits, 0).is_some() && (symbol.is_empty() || Unit::symbol(symbol).is_some());
        }
        if is_stamp(cell(0)) && (1..count).any(|at| is_number(cell(at))) {
            return true;
        }
        let is_figure = |cell: &[u8]| is_number(cell) || is_stamp(cell) || is_missing(cell) && !cell.is_empty();
        count == width && parse_stamp(line.trim_ascii()).is_none() && (0..count).filter(|at| is_figure(cell(*at))).count() >= LEAST_FIGURES
    }
}
