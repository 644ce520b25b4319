//! Records of a table whose cells hold line ends: a quote that is open at the end of a line is closed in one of the next, or was torn.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Line, Reading, Row, SkipReason};
use crate::bounds::{self, Bound, Bounds};
use crate::note;

/// What a format says besides of lines that are lost: the first of them.
type Lost = fn(SkipReason, u64, &mut Reading);

/// The record in hand, while a quote is open. Its lines are structure until it is known what became of it.
#[derive(Clone, Debug)]
pub(super) struct OpenQuote {
    text: Vec<u8>,
    first: u64,
    lines: u64,
    bounds: Bounds,
    lost: Lost,
}

/// What a line is to the record in hand.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The quote was torn: the line stands for itself.
    Alone,
    /// The line is part of the record, or lost with it.
    Taken(Row),
    /// The record ends here: its text, and its first line. What became of it is to be told: see [`OpenQuote::became`].
    Whole(Vec<u8>, u64),
}

impl OpenQuote {
    /// No quote is open.
    pub(super) fn new(bounds: &Bounds, lost: Lost) -> Self {
        Self { text: Vec::new(), first: 0, lines: 0, bounds: bounds.clone(), lost }
    }

    /// Whether a quote is open.
    pub(super) fn is_open(&self) -> bool {
        self.lines > 0
    }

    /// A line ends inside a quote.
    pub(super) fn begin(&mut self, line: Line<'_>) -> Row {
        (self.text, self.first, self.lines) = (line.text.to_vec(), line.number, 1);
        Row::Structure
    }

    /// Takes the next line; `is_row` says whether it could be a record by itself.
    #[cold]
    pub(super) fn next(&mut self, line: &[u8], is_row: bool, out: &mut Reading) -> Next {
        let closes = !memchr::memchr_iter(b'"', line).count().is_multiple_of(2);
        if is_row && !closes {
            self.give_up(out);
            return Next::Alone;
        }
        self.text.push(b'\n');
        self.text.extend_from_slice(line);
        if closes {
            return Next::Whole(core::mem::take(&mut self.text), self.first);
        }
        let beyond = |bound: &'static Bound, count: u64| (count > self.bounds.of(bound)).then_some(bound);
        let bound = beyond(&bounds::QUOTE_LINES, self.lines + 1).or_else(|| beyond(&bounds::QUOTE_BYTES, self.text.len() as u64));
        if let Some(bound) = bound {
            out.beyond(bound, &self.bounds, Some(self.first), "its lines are left out");
            self.give_up(out);
            return Next::Taken(Row::Skipped(SkipReason::OpenQuote));
        }
        self.lines += 1;
        Next::Taken(Row::Structure)
    }

    /// What became of a record that was whole: where it is none, its lines are lost.
    pub(super) fn became(&mut self, row: Row, out: &mut Reading) -> Row {
        let row = match row {
            Row::Skipped(SkipReason::Torn | SkipReason::Unknown | SkipReason::NoTime) => {
                self.give_up(out);
                Row::Skipped(SkipReason::OpenQuote)
            }
            row => row,
        };
        self.lines = 0;
        row
    }

    /// The quote was torn: the lines in hand are lost.
    pub(super) fn give_up(&mut self, out: &mut Reading) {
        let lines = core::mem::take(&mut self.lines);
        self.text.clear();
        if lines > 0 {
            out.rows.skip(SkipReason::OpenQuote, self.first, lines);
            out.notes.add(&note::ROWS_TORN, "quote", Some(self.first), || String::from("found a quote that is not closed"));
            (self.lost)(SkipReason::OpenQuote, self.first, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_go_on_until_their_quote_closes() {
        let (mut open, mut out) = (OpenQuote::new(&Bounds::default(), |_, _, _| {}), Reading::default());
        let begin = |open: &mut OpenQuote| open.begin(Line { text: b"1,\"a", number: 7, unterminated: false });
        begin(&mut open);
        assert_eq!(open.next(b"b", false, &mut out), Next::Taken(Row::Structure));
        assert_eq!(open.next(b"c\",2", false, &mut out), Next::Whole(b"1,\"a\nb\nc\",2".to_vec(), 7));
        assert_eq!(open.became(Row::Used, &mut out), Row::Used);
        assert!(!open.is_open() && out.rows.read() == 0);
        begin(&mut open);
        assert_eq!(open.next(b"2,b", true, &mut out), Next::Alone);
        assert_eq!((open.is_open(), out.rows.read()), (false, 1));
        begin(&mut open);
        let rest: Vec<Next> = (0..16).map(|_| open.next(b"", false, &mut out)).collect();
        assert_eq!(rest.last(), Some(&Next::Taken(Row::Skipped(SkipReason::OpenQuote))));
        // With the last one, which the caller counts.
        assert_eq!((open.is_open(), out.rows.read()), (false, 1 + 16));
        assert!(out.notes.iter().any(|note| note.message.contains("limit `quote-lines`")));
        begin(&mut open);
        open.next(b"b\",x", false, &mut out);
        assert_eq!(open.became(Row::Skipped(SkipReason::Torn), &mut out), Row::Skipped(SkipReason::OpenQuote));
        assert_eq!(out.rows.read(), 1 + 16 + 1);
    }
}
