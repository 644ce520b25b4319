//! Columns of fixed widths, as `sacct` prints them without `-P`: a line of dashes below the header shows where each is.

use alloc::vec::Vec;

use super::{Column, named};
use crate::read::Head;

/// Where columns are.
pub(super) struct Fixed {
    /// What they are.
    pub(super) columns: Vec<Column>,
    header: Vec<u8>,
    /// Begin and end of each.
    spans: Vec<(usize, usize)>,
}

impl Fixed {
    /// By the header among the first lines of a log.
    pub(super) fn find(head: &Head<'_>) -> Option<Fixed> {
        let lines: Vec<&[u8]> = head.lines().take(20).collect();
        lines.windows(2).find_map(|pair| {
            let [header, dashes] = pair else { return None };
            let mut fixed = Fixed { columns: Vec::new(), header: header.trim_ascii_end().to_vec(), spans: spans(dashes)? };
            fixed.columns = named(fixed.cells(header))?;
            Some(fixed)
        })
    }

    /// Whether a line is the header or the dashes below it, which come again in a loop.
    pub(super) fn is_header(&self, line: &[u8]) -> bool {
        line.trim_ascii_end() == self.header || spans(line).is_some()
    }

    fn cells<'l>(&self, line: &'l [u8]) -> impl Iterator<Item = &'l [u8]> {
        self.spans.iter().map(|(start, end)| line.get(*start..(*end).min(line.len())).unwrap_or(b"").trim_ascii())
    }

    /// A row as `-P` prints it; `None` where something stands between two columns.
    pub(super) fn between_bars(&self, line: &[u8]) -> Option<Vec<u8>> {
        let ends = core::iter::once(0).chain(self.spans.iter().map(|(_, end)| *end));
        let starts = self.spans.iter().map(|(start, _)| *start).chain(core::iter::once(line.len()));
        let mut between = ends.zip(starts).map(|(end, start)| line.get(end..start.min(line.len())).unwrap_or(b""));
        if between.any(|text| !text.trim_ascii().is_empty()) {
            return None;
        }
        // A bar in a name would be one more column.
        let whole = self.cells(line).map(|cell| cell.iter().map(|byte| if *byte == b'|' { b' ' } else { *byte }).collect::<Vec<u8>>());
        Some(whole.collect::<Vec<_>>().join(&b'|'))
    }
}

/// The runs of dashes that a line is made of.
fn spans(line: &[u8]) -> Option<Vec<(usize, usize)>> {
    let line = line.trim_ascii_end();
    if line.len() < 3 || !line.iter().all(|byte| matches!(byte, b'-' | b' ')) {
        return None;
    }
    let is_edge = |at: &usize| line.get(*at) == Some(&b'-') && (*at == 0 || line.get(*at - 1) == Some(&b' '));
    let starts = (0..line.len()).filter(is_edge);
    Some(starts.map(|start| (start, line.iter().skip(start).position(|byte| *byte == b' ').map_or(line.len(), |n| start + n))).collect())
}
