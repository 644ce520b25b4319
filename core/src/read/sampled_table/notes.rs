//! What is said of rows that do not count, and of rows that stand for more than they name.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{AsideMeter, ROLES, SampledTable, TimeSource};
use crate::bounds;
use crate::decode::cells::Cells;
use crate::decode::encoding;
use crate::decode::table::{Table, split_unit};
use crate::note;
use crate::read::{Doubt, Line, Reading, SkipReason};
use crate::rules;

/// So many letters for each digit make a sentence: a row of a table of samples holds a time and readings.
const LETTERS_A_DIGIT: usize = rules::whole("prose_letters_a_digit") as usize;

impl SampledTable {
    /// What of the table does not count, or not as it stands.
    pub(super) fn note_plan(&self, out: &mut Reading) {
        if self.forked {
            return;
        }
        let mut told: Vec<&str> = Vec::new();
        for AsideMeter { reason, .. } in &self.plan.asides {
            // Several columns may be left out for one reason.
            if !told.contains(&reason.as_str()) {
                told.push(reason);
                out.notes.add(&note::COLUMNS_LEFT_OUT, reason, self.plan.table.header_line, || reason.clone());
            }
        }
        let columns = &self.plan.table.columns;
        for (position, column) in columns.iter().enumerate().filter(|(_, column)| !column.name.is_empty()) {
            let first = columns.iter().position(|other| other.name == column.name).filter(|first| *first < position);
            if let Some(first) = first.filter(|first| self.plan.uses(*first) || self.plan.uses(position)) {
                out.notes.add(&note::COLUMNS_REPEATED, &column.name, self.plan.table.header_line, || {
                    format!("columns {} and {} are both \"{}\"", first + 1, position + 1, column.text)
                });
            }
        }
        for name in &self.plan.rows_left_out {
            out.notes
                .add(&note::COLUMNS_LEFT_OUT, name, None, || format!("rows of \"{name}\" hold what other rows hold: they are left out"));
        }
        if let Some((code, message, hint)) = &self.plan.not_stated {
            match hint {
                Some(hint) => out.notes.add_with_hint(code, self.plan.table.header_line, message.clone(), hint.clone()),
                None => out.notes.add(code, "", self.plan.table.header_line, || message.clone()),
            }
        }
        if let Some(words) = &self.plan.at_rest {
            out.notes.add(&note::UTILISATION_ZERO, "", None, || words.clone());
        }
        if let Some((what, _)) = &self.plan.doubt {
            out.notes.add(&note::UNIT_DOUBTFUL, "", self.plan.table.header_line, || what.clone());
        }
    }

    pub(super) fn note_places(&self, out: &mut Reading) {
        // Of which devices there are rows without a reading.
        out.awaited.extend(self.devices.awaited(&self.plan.meters));
        out.note_rounds();
        let perhaps = self.places.perhaps;
        if perhaps < 2 && !self.forked && out.rounds.is_some_and(|rounds| rounds.may_be_one()) {
            let (crowded, rows) = self.places.crowded();
            out.doubt_crowded(crowded, rows);
        }
        if perhaps > 1 && !self.forked {
            out.note_perhaps(perhaps, self.places.named, self.places.beyond.map(|bound| (bound, &self.options.bounds)));
            out.doubts.extend(
                out.series().iter().map(|s| Doubt { channel: s.channel().clone(), times: (u32::from(perhaps), 1) }).collect::<Vec<_>>(),
            );
        }
    }

    /// Whether the line that was split last is a sentence of a program, such as `training has ended after 3 epochs`: words between spaces, few digits, and no cell
    /// that is a number.
    #[cold]
    pub(super) fn is_prose(&self, line: &[u8]) -> bool {
        let letters = line.iter().filter(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()).count();
        let digits = line.iter().filter(|byte| byte.is_ascii_digit()).count();
        let is_word = |word: &&[u8]| word.iter().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
        let is_number = |at: usize| self.cells.cell(line, at).is_some_and(|cell| self.plan.table.number(split_unit(cell).0, 6).is_some());
        let has_words = line.split(|byte| *byte == b' ').filter(is_word).nth(1).is_some();
        has_words && letters > LETTERS_A_DIGIT * digits && !(0..self.cells.len()).any(is_number)
    }

    /// The name of the column of stamps, and its cell in the line that was split last.
    fn time_cell(&self, text: &[u8]) -> Option<(String, String)> {
        let TimeSource::Column(position) = self.plan.time else { return None };
        Some((column_name(&self.plan.table, position), excerpt(self.cells.cell(text, position)?)))
    }

    /// Of a log whose rows all lack a time: what stands in its place.
    pub(super) fn note_no_time(&self, out: &mut Reading) {
        let Some((_, line)) = out.rows.skipped.get(&SkipReason::NoTime).filter(|_| out.rows.used == 0).copied() else { return };
        let TimeSource::Column(position) = self.plan.time else { return };
        let column = column_name(&self.plan.table, position);
        let hint = format!("write it as ISO 8601 or Unix time, or say what the columns are, in order, with `--columns`: {ROLES}");
        let message = format!("no row has a date and time in \"{column}\"");
        out.notes.add_with_hint(&note::CLOCK_MISSING, Some(line), message, hint);
        out.refused = true;
        // Later ranges may have what this one lacks: then all is read in one pass.
        out.mark_irregular();
    }

    #[cold]
    pub(super) fn tell(&mut self, reason: SkipReason, line: Line<'_>, out: &mut Reading) {
        let (width, count) = (self.plan.table.columns.len(), self.cells.len());
        match reason {
            SkipReason::Unknown => {
                if self.is_prose(line.text) {
                    out.rows.next_is_prose();
                }
                out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || format!("found \"{}\", expected a row", excerpt(line.text)));
            }
            SkipReason::Torn if self.cells.is_unclosed() => {
                out.notes.add(&note::ROWS_TORN, "quote", Some(line.number), || String::from("found a quote that is not closed"));
            }
            SkipReason::Torn if count != width => {
                out.notes.add(&note::ROWS_TORN, "", Some(line.number), || format!("found {count} cells, expected {width}"));
            }
            SkipReason::NoTime => out.notes.add(&note::LINES_UNKNOWN, "time", Some(line.number), || match self.time_cell(line.text) {
                Some((column, cell)) => format!("{column}: found \"{cell}\", expected a date and time"),
                None => format!("found \"{}\", expected a stamp like the others", excerpt(line.text)),
            }),
            SkipReason::Binary => {
                out.notes.add(&note::LINES_UNKNOWN, "binary", Some(line.number), || String::from("found NUL bytes, expected text"));
            }
            SkipReason::OverLimit => {
                let lost = format!("rows of further devices are left out, the first is \"{}\"", excerpt(line.text));
                out.beyond(&bounds::DEVICES, &self.options.bounds, Some(line.number), &lost);
            }
            _ => {}
        }
    }
}

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

/// That a running total starts with the run, so that its first value counts.
#[cold]
pub(super) fn note_from_start(table: &Table, line: Line<'_>, position: usize, out: &mut Reading) {
    let column = column_name(table, position);
    out.notes.add(&note::DURATION_ASSUMED, &column, Some(line.number), || {
        format!("{column} starts with the run: its first value counts, for a time as long as the others")
    });
}

fn column_name(table: &Table, position: usize) -> String {
    match table.column(position) {
        Some(column) if !column.name.is_empty() => column.name.clone(),
        _ => format!("column {}", position + 1),
    }
}

/// The start of a text from the log.
fn excerpt(text: &[u8]) -> String {
    let mut short = encoding::text(text.trim_ascii()).chars().take(80).collect::<String>();
    if text.len() > short.len() {
        short.push('…');
    }
    short
}
