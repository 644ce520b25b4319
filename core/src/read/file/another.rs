//! A log of another format in a file: below what its head is taken for, or among its lines.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{FileReader, Lines};
use crate::bounds::HEADER_LINES;
use crate::decode::table::DELIMITERS;
use crate::note;
use crate::read::strays::Stray;
use crate::read::{Evidence, Format, Head, ReadOptions, Reading, SkipReason};
use crate::units::Energy;

/// Another log may begin at so many places of a part.
const STARTS_LOOKED_AT: usize = 8;

/// Among lines of one format, what is surer than this is another one.
const LEAST_OF_ANOTHER: u8 = 40;

/// What a head ends in is known by so many of its lines.
const LAST_LINES: usize = 16;

/// So many lines of one shape, one below the other, are a table.
const LINES_OF_TABLE: usize = 4;

/// A log that begins below the start of its file.
pub(super) struct Below {
    /// Where its first line begins.
    pub(super) at: usize,
    /// So many lines stand above it.
    lines: u64,
    pub(super) format: &'static Format,
    pub(super) evidence: Evidence,
    /// What stands above it, where it is a log: its format, its rows, and whether they say of energy.
    above: Option<(&'static Format, u64, bool)>,
}

impl Below {
    /// The log that begins further below in a head than a header is looked for, where more rows of it count than of what the head as a whole is taken for: a tool
    /// was asked what it sees, or a job said what it does, before the sampler began.
    pub(super) fn find(head: &Head<'_>, top: Option<&'static Format>, options: &ReadOptions) -> Option<Self> {
        let (at, lines) = last_table(head)?;
        let rest = Head::new(head.bytes.get(at..)?, head.complete);
        let (format, evidence) = FileReader::sniff_file(&rest, options).ok().flatten()?;
        let found = trial(format, rest.bytes, options);
        if found.refused || !has_energy(&found) {
            return None;
        }
        let whole = top.map(|top| (top, trial(top, head.bytes, options))).filter(|(_, whole)| !whole.refused && whole.rows.used > 0);
        let mut above = None;
        if let Some((top, whole)) = whole {
            let (rows, used) = (found.rows.used, whole.rows.used);
            let has_energy = has_energy(&whole);
            // The same rows, but for what stands above.
            let is_same = top.id == format.id && rows == used && energy(&whole) == energy(&found);
            // What a tracker says of a whole run is one row; and a table that somebody made by hand shows by its rows alone what it is.
            let is_surer = rows > used && whole.declared.is_empty() && (!has_energy || evidence.score > LEAST_OF_ANOTHER);
            if !is_same && !is_surer {
                return None;
            }
            above = (!is_same).then_some((top, used, has_energy));
        }
        Some(Self { at, lines, format, evidence, above })
    }

    /// The head from there on.
    pub(super) fn head<'h>(&self, head: &Head<'h>) -> Head<'h> {
        Head::new(head.bytes.get(self.at..).unwrap_or(&[]), head.complete).growing(head.may_grow)
    }
}

impl Lines {
    /// Says what stands above the log.
    pub(super) fn pass_over(&mut self, below: &Below) {
        let (out, lines) = (&mut self.out, below.lines);
        self.number = lines;
        out.rows.lines += lines;
        let Some((format, rows, has_energy)) = below.above else {
            out.notes
                .add(&note::LINES_UNKNOWN, "above", Some(1), || format!("lines 1 to {lines} stand above the log, and are no part of it"));
            return;
        };
        let (name, id) = (format.name, format.id);
        if !has_energy {
            out.notes.add(&note::LINES_UNKNOWN, "above", Some(1), || {
                format!("lines 1 to {lines} stand above the log, and are of another format, {name} ({id}): {rows} rows that hold no energy")
            });
            return;
        }
        out.rows.skip(SkipReason::Unknown, 1, rows);
        out.of_another += rows;
        let message = format!("lines 1 to {lines} are a log of another format, {name} ({id}): {rows} rows that are not read");
        let hint = format!("give each log a file of its own: split this one at line {}", lines + 1);
        out.notes.add_with_hint(&note::ROWS_LOST, Some(1), message, hint);
    }

    /// Looks for logs of other formats among lines that are no rows: what they hold is in no count.
    pub(super) fn look_at_strays(&mut self) {
        for stray in self.out.strays.take() {
            let own = self.out.format;
            let found = of_another(&stray, Some(own), &self.options).map(|found| (found, None)).or_else(|| {
                let cleaned = stray.cleaned().into_iter();
                cleaned.filter_map(|(around, stray)| Some((of_another(&stray, None, &self.options)?, Some(around)))).next()
            });
            let Some(((line, format, rows), around)) = found else { continue };
            // Where the parts of a file are read side by side, one may end in it.
            self.out.mark_irregular();
            self.out.of_another += rows;
            let (name, id) = (format.name, format.id);
            let (message, hint) = match around {
                None => (
                    format!("line {line} and those below it are a log of another format, {name} ({id}): {rows} rows that are not read"),
                    format!("give each log a file of its own: split this one at line {line}"),
                ),
                Some(around) => {
                    let around = String::from_utf8_lossy(&around);
                    let message = format!(
                        "line {line} and those below it have {around:?} before what {name} ({id}) writes: {rows} rows that are not read"
                    );
                    (message, String::from("take that text away from these lines, and give the log again"))
                }
            };
            self.out.notes.add_with_hint(&note::ROWS_LOST, Some(line), message, hint);
        }
    }
}

/// Where the table begins in which a head ends, and how many lines stand above it: the first lines that look as most of the last ones do. `None` where it is near
/// enough to the start for its header to be found.
fn last_table(head: &Head<'_>) -> Option<(usize, u64)> {
    let whole = head.whole_lines();
    let lines: Vec<(u64, &[u8])> = (0..).zip(whole.lines()).filter(|(_, line)| !line.trim_ascii().is_empty()).collect();
    let last = lines.get(lines.len().checked_sub(LAST_LINES)?..)?;
    let delimiters = core::iter::once(None).chain(DELIMITERS.map(Some));
    let (mut first, width, delimiter) = delimiters.into_iter().find_map(|delimiter| {
        // Rows and what a program says tell themselves apart by what they begin with.
        let shape = move |line: &[u8]| (cells(line, delimiter), line.trim_ascii_start().first().is_some_and(u8::is_ascii_digit));
        let is_common = |one: (usize, bool)| one.0 > 1 && 2 * last.iter().filter(|(_, line)| shape(line) == one).count() > last.len();
        let common = last.iter().map(|(_, line)| shape(line)).find(|one| is_common(*one))?;
        let first = lines.windows(LINES_OF_TABLE).position(|few| few.iter().all(|(_, line)| shape(line) == common))?;
        Some((first, common.0, delimiter))
    })?;
    // Above the rows stands what names the columns, as one of them or as a comment.
    let above = lines.get(..first)?;
    let is_header = above.last().is_some_and(|(_, line)| cells(line, delimiter) == width);
    first -= usize::from(is_header);
    first -= above.iter().rev().skip(usize::from(is_header)).take_while(|(_, line)| line.starts_with(b"#")).count();
    let number = lines.get(first).filter(|_| first as u64 >= HEADER_LINES.value)?.0;
    let at = (1..).zip(memchr::memchr_iter(b'\n', head.bytes)).find(|(line, _)| *line == number)?.1 + 1;
    Some((at, number))
}

/// How many cells a line has by a delimiter; without one, whether it is an object of JSON: as one of two.
fn cells(line: &[u8], delimiter: Option<u8>) -> usize {
    match delimiter {
        None => 1 + usize::from(line.trim_ascii_start().starts_with(b"{")),
        Some(b' ') => line.split(u8::is_ascii_whitespace).filter(|cell| !cell.is_empty()).count(),
        Some(delimiter) => 1 + memchr::memchr_iter(delimiter, line).count(),
    }
}

/// What is read of a text as of a format.
fn trial(format: &'static Format, text: &[u8], options: &ReadOptions) -> Reading {
    let mut reader = FileReader { is_of_part: true, ..FileReader::of_format(format, options.clone()) };
    reader.push(text);
    reader.finish()
}

fn has_energy(found: &Reading) -> bool {
    energy(found) > Energy::ZERO || !found.declared.is_empty()
}

fn energy(found: &Reading) -> Energy {
    found.series().iter().map(|series| series.energy(true)).sum()
}

/// The log that a part of a file holds, of another format than its own: where it begins, and how many rows it has. What gives no energy is none.
fn of_another(stray: &Stray, own: Option<&str>, options: &ReadOptions) -> Option<(u64, &'static Format, u64)> {
    let mut best: Option<(u64, &'static Format, u64)> = None;
    for (line, text) in stray.starts().take(STARTS_LOOKED_AT) {
        // The last line may be the header of the rows below.
        let above = text.trim_ascii_end().iter().rposition(|byte| *byte == b'\n').and_then(|end| text.get(..=end));
        let known = |text| FileReader::sniff(&Head::new(text, false)).ok().flatten();
        let is_another = |(format, evidence): &(&Format, Evidence)| Some(format.id) != own && evidence.score > LEAST_OF_ANOTHER;
        let Some((format, _)) = [Some(text), above].into_iter().flatten().filter_map(known).find(is_another) else { continue };
        let found = trial(format, text, options);
        let rows = u128::from(found.rows.used) * u128::from(stray.bytes) / (stray.text.len() as u128).max(1);
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        if !found.refused && has_energy(&found) && rows > 1 && best.is_none_or(|(.., most)| rows > most) {
            best = Some((line, format, rows));
        }
    }
    best
}
