//! Boards that did nothing while they were logged: whose utilisation reads 0 % in nearly all rows. Perhaps another one trained.

use alloc::format;
use alloc::string::String;

use crate::decode::cells::Cells;
use crate::decode::table::{LineKind, Table, is_missing};
use crate::read::Head;
use crate::rules;

/// So many rows of a hundred without work are a board at rest.
const AT_REST_PERCENT: i64 = rules::whole("at_rest_percent");

/// Fewer rows are the beginning of a run.
const AT_REST_ROWS: i64 = rules::whole("at_rest_rows");

/// That the boards of a log were at rest, in words, where the head is the whole log: what a longer one goes on with is not known. Without a header
/// loads are known by their `%`, that of the memory and the speed of a fan among them: all of them read 0.
pub(super) fn at_rest(table: &Table, head: &Head<'_>) -> Option<String> {
    if !head.complete {
        return None;
    }
    let named = table.position(&["utilization.gpu"]);
    let mut cells = Cells::default();
    let (mut zeros, mut all) = (0i64, 0i64);
    for line in head.lines().filter(|line| table.kind(line) == LineKind::Row) {
        let count = cells.split(line, table.delimiter);
        let load = |at: usize| {
            let cell = cells.cell(line, at)?;
            let digits = cell.strip_suffix(b"%").or(named.map(|_| cell))?.trim_ascii();
            (!is_missing(digits)).then(|| table.number(digits, 0)).flatten()
        };
        let mut loads = (0..count).filter(|at| named.is_none_or(|named| named == *at)).filter_map(load).peekable();
        if loads.peek().is_some() {
            all += 1;
            zeros += i64::from(loads.all(|load| load == 0));
        }
    }
    let is_at_rest = all >= AT_REST_ROWS && 100 * zeros >= AT_REST_PERCENT * all;
    is_at_rest.then(|| format!("utilisation read 0 % in {zeros} of {all} samples: was it this GPU that trained?"))
}
