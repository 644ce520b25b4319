//! Where the rows of a tree go.

use super::{Rows, Values};
use crate::read::layout::fields::Fields;
use crate::read::{Line, Reading, Row};

/// Where rows go.
pub(super) trait Sink {
    /// A row; `false` where it was of no use.
    fn row(&mut self, fields: &mut Fields) -> bool;

    /// See [`Rows::learn`].
    fn learn(&mut self, _: &Fields, _: usize) -> bool {
        false
    }

    /// See [`Rows::alike`].
    fn alike(&mut self, _: Values<'_>) -> Option<bool> {
        None
    }
}

impl<F: FnMut(&mut Fields) -> bool> Sink for F {
    fn row(&mut self, fields: &mut Fields) -> bool {
        self(fields)
    }
}

/// The rows of a line, and what became of it.
pub(super) struct OfLine<'l> {
    pub(super) rows: &'l mut dyn Rows,
    pub(super) line: Line<'l>,
    pub(super) out: &'l mut Reading,
    pub(super) became: Option<Row>,
}

impl OfLine<'_> {
    fn is_used(&mut self, row: Row) -> bool {
        // A line with several rows is used where one of them is.
        if self.became.is_none() || row == Row::Used {
            self.became = Some(row);
        }
        row == Row::Used
    }
}

impl Sink for OfLine<'_> {
    fn row(&mut self, fields: &mut Fields) -> bool {
        let row = self.rows.record(fields, self.line, self.out);
        self.is_used(row)
    }

    fn learn(&mut self, fields: &Fields, first: usize) -> bool {
        self.rows.learn(fields, first)
    }

    fn alike(&mut self, values: Values<'_>) -> Option<bool> {
        let row = self.rows.alike(values, self.line, self.out)?;
        Some(self.is_used(row))
    }
}
