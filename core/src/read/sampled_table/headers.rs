//! Headers that stand between the rows of a table, and lines that are neither.

use alloc::string::String;

use super::{SampledTable, TimeSource};
use crate::decode::cells::Cells;
use crate::decode::table::Table;
use crate::note;
use crate::read::{Head, Line, Reading, SkipReason};

impl SampledTable {
    /// Why a line without a stamp is no row; another header takes over from here.
    pub(super) fn no_row(&mut self, line: Line<'_>, count: usize, out: &mut Reading) -> Option<SkipReason> {
        if self.plan.table.is_header_behind_row(line.text) {
            // The file before ended in the middle of a row.
            self.after_header = true;
            return Some(SkipReason::Torn);
        }
        let mut cells = core::mem::take(&mut self.spare);
        let header = self.plan.table.under_header(line.text, &mut cells, |columns| self.dialect.score(columns));
        let reason = self.no_row_by(header, &mut cells, line, count, out);
        self.spare = cells;
        reason
    }

    fn no_row_by(
        &mut self,
        header: Option<Table>,
        cells: &mut Cells,
        line: Line<'_>,
        count: usize,
        out: &mut Reading,
    ) -> Option<SkipReason> {
        if let Some(table) = header {
            self.after_header = true;
            if table.columns != self.plan.table.columns {
                self.change_header(table, line, out);
            }
            return None;
        }
        self.says_nothing = true;
        let width = self.plan.table.columns.len();
        // A row whose cells are cut at another character than the others' is a row.
        let cut_otherwise = |delimiter: &u8| {
            let may_cut = *delimiter != self.plan.table.delimiter && memchr::memchr(*delimiter, line.text).is_some();
            may_cut && cells.split(line.text, *delimiter) == width
        };
        Some(match count == width {
            true if !self.is_prose(line.text) => SkipReason::NoTime,
            true => SkipReason::Unknown,
            false if width > 1 && b",;\t|".iter().any(cut_otherwise) => SkipReason::Torn,
            false => SkipReason::Unknown,
        })
    }

    pub(super) fn is_header(&mut self, text: &[u8]) -> bool {
        self.plan.table.under_header(text, &mut self.spare, |columns| self.dialect.score(columns)).is_some()
    }

    fn change_header(&mut self, table: Table, line: Line<'_>, out: &mut Reading) {
        out.mark_irregular();
        self.known.forget();
        (self.plain, self.never_plain) = (None, false);
        let head = match self.plan.time {
            // The clock goes on through the change: so looks a head by which a format knows it.
            TimeSource::StampLines => Head::new(b"2000-01-01 00:00:00\n", false),
            _ => Head::new(b"", false),
        };
        match self.dialect.plan(&table, &head, &self.options) {
            Ok(plan) => {
                self.places = self.places.forgotten();
                self.devices.forget_meters(plan.meters.len());
                self.plan = plan;
                self.unusable = false;
            }
            // Of a transposed table, where each value stands below its name, other columns are no loss.
            Err(_) if table.columns.len() == 1 => {
                self.plan.table = table;
                self.unusable = true;
            }
            // The header that stands there again is torn: the rows below are as before.
            Err(_) if table.is_torn_from(&self.plan.table) => {
                out.notes.add(&note::ROWS_TORN, "header", Some(line.number), || {
                    String::from("a header that stands there again is torn: the rows below it are read by the one before")
                });
            }
            Err(refusal) => {
                self.plan.table = table;
                self.unusable = true;
                out.notes.add_with_hint(refusal.code, Some(line.number), refusal.message, refusal.hint);
            }
        }
    }
}
