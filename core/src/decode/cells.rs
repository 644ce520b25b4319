//! One line into cells.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// A line cut into cells at a delimiter, quotes undone where there are any. Reused from line to line, so that nothing is allocated per row.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    unquoted: Vec<u8>,
    ends: Vec<usize>,
    bounds: Vec<(usize, usize)>,
    quoted: bool,
    unclosed: bool,
    /// For quoted lines, and the delimiters they were built for: building one costs more than a line does.
    readers: Vec<(u8, Box<csv_core::Reader>)>,
}

impl Cells {
    /// Cuts `line` at `delimiter`; a run of spaces counts as one when the delimiter is a space. Returns the number of cells.
    pub fn split(&mut self, line: &[u8], delimiter: u8) -> usize {
        self.bounds.clear();
        self.quoted = false;
        self.unclosed = false;
        let plain = if delimiter == b' ' { None } else { plain_spaces(line) };
        let text = plain.as_deref().unwrap_or(line);
        if memchr::memchr(b'"', text).is_some() {
            self.split_quoted(text, delimiter);
            return self.bounds.len();
        }
        let mut start = 0;
        for end in memchr::memchr_iter(delimiter, text) {
            self.bound(start, end, delimiter);
            start = end + 1;
        }
        self.bound(start, text.len(), delimiter);
        if let Some(plain) = plain {
            (self.quoted, self.unquoted) = (true, plain);
        }
        self.bounds.len()
    }

    /// The cell at `position`, without the spaces around it; `None` beyond the last.
    pub fn cell<'c>(&'c self, line: &'c [u8], position: usize) -> Option<&'c [u8]> {
        let (start, end) = *self.bounds.get(position)?;
        let from = if self.quoted { &self.unquoted } else { line };
        Some(from.get(start..end)?.trim_ascii())
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.bounds.len()
    }

    /// Whether there are no cells.
    pub fn is_empty(&self) -> bool {
        self.bounds.is_empty()
    }

    /// Whether a quote was opened and not closed: the record goes on, or the line is torn.
    pub fn is_unclosed(&self) -> bool {
        self.unclosed
    }

    fn bound(&mut self, start: usize, end: usize, delimiter: u8) {
        if delimiter != b' ' || start != end {
            self.bounds.push((start, end));
        }
    }

    fn split_quoted(&mut self, line: &[u8], delimiter: u8) {
        self.quoted = true;
        // A space after the delimiter hides the quote from the CSV rules: `a, "b, c"`.
        let tidy: Vec<u8> = tidy_spaces(line, delimiter);
        self.unquoted.resize(tidy.len() + 1, 0);
        // A cell ends at a delimiter, and the last one at the end.
        self.ends.resize(memchr::memchr_iter(delimiter, &tidy).count() + 2, 0);
        let place = self.readers.iter().position(|(of, _)| *of == delimiter).unwrap_or_else(|| {
            self.readers.push((delimiter, Box::new(csv_core::ReaderBuilder::new().delimiter(delimiter).build())));
            self.readers.len() - 1
        });
        let Some((_, reader)) = self.readers.get_mut(place) else { return };
        reader.reset();
        let (mut at_in, mut at_out, mut at_end) = (0, 0, 0);
        loop {
            let (input, output) = (tidy.get(at_in..).unwrap_or(&[]), self.unquoted.get_mut(at_out..).unwrap_or(&mut []));
            let ends = self.ends.get_mut(at_end..).unwrap_or(&mut []);
            let (result, read, written, ended) = reader.read_record(input, output, ends);
            at_in += read;
            at_out += written;
            at_end += ended;
            match result {
                // Only the end of the input inside a quote asks for more; an empty input then ends the record.
                csv_core::ReadRecordResult::InputEmpty if at_in >= tidy.len() && read == 0 => break,
                csv_core::ReadRecordResult::InputEmpty => {}
                _ => break,
            }
        }
        let mut quotes = Quotes::new(delimiter);
        tidy.iter().for_each(|byte| quotes.step(*byte));
        self.unclosed = quotes.inside;
        let mut start = 0;
        for end in self.ends.iter().take(at_end) {
            self.bounds.push((start, *end));
            start = *end;
        }
    }
}

/// Spaces that do not break, and thin ones, as writers put before units and between thousands.
const SPACES: [&[u8]; 4] = [b"\xc2\xa0", b"\xe2\x80\x87", b"\xe2\x80\x89", b"\xe2\x80\xaf"];

/// One that does not break in Latin-1 and Windows-1252.
const OLD_SPACE: u8 = 0xa0;

/// Whether a text holds a space that does not break, and where.
pub fn odd_space(text: &[u8]) -> Option<(usize, usize)> {
    memchr::memchr3_iter(0xc2, 0xe2, OLD_SPACE, text).find_map(|at| {
        let (before, rest) = text.split_at_checked(at)?;
        // Inside a character of UTF-8 it stands behind another byte of it.
        if rest.first() == Some(&OLD_SPACE) {
            return before.last().is_none_or(u8::is_ascii).then_some((at, 1));
        }
        SPACES.iter().find(|space| rest.starts_with(space)).map(|space| (at, space.len()))
    })
}

/// The line with plain spaces in the place of those that do not break; none between the thousands of a number.
fn plain_spaces(line: &[u8]) -> Option<Vec<u8>> {
    odd_space(line)?;
    let (mut plain, mut rest) = (Vec::with_capacity(line.len()), line);
    while let Some((at, length)) = odd_space(rest) {
        let (before, from) = rest.split_at(at);
        let after = from.get(length..).unwrap_or(&[]);
        plain.extend_from_slice(before);
        let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        let thousands = is_digit(plain.last()) && (0..3).all(|place| is_digit(after.get(place))) && !is_digit(after.get(3));
        if !thousands {
            plain.push(b' ');
        }
        rest = after;
    }
    plain.extend_from_slice(rest);
    Some(plain)
}

/// Whether a byte stands inside quotes: they open at the beginning of a cell. One in the middle of a cell is a character like others.
struct Quotes {
    delimiter: u8,
    inside: bool,
    begins: bool,
    /// The byte before closed a quote: another one makes both a character.
    closed: bool,
}

impl Quotes {
    fn new(delimiter: u8) -> Self {
        Self { delimiter, inside: false, begins: true, closed: false }
    }

    fn step(&mut self, byte: u8) {
        let is_quote = byte == b'"';
        let closes = self.inside && is_quote;
        self.inside = if is_quote { !self.inside && (self.begins || self.closed) } else { self.inside };
        self.begins = !self.inside && byte == self.delimiter;
        self.closed = closes;
    }
}

fn tidy_spaces(line: &[u8], delimiter: u8) -> Vec<u8> {
    let mut tidy = Vec::with_capacity(line.len());
    let mut quotes = Quotes::new(delimiter);
    for &byte in line {
        let after_delimiter = tidy.last().is_none_or(|b| *b == delimiter);
        // Where spaces cut, a run of them is one.
        if byte == b' ' && after_delimiter && !quotes.inside {
            continue;
        }
        quotes.step(byte);
        tidy.push(byte);
    }
    if delimiter == b' ' && !quotes.inside && tidy.last() == Some(&b' ') {
        tidy.pop();
    }
    tidy
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn cut(line: &str, delimiter: u8) -> Vec<Vec<u8>> {
        let mut cells = Cells::default();
        let count = cells.split(line.as_bytes(), delimiter);
        (0..count).filter_map(|i| cells.cell(line.as_bytes(), i).map(<[u8]>::to_vec)).collect()
    }

    #[test]
    fn cuts_plain_spaced_and_quoted_lines() {
        assert_eq!(cut("a, b,,c", b','), vec![b"a".to_vec(), b"b".to_vec(), vec![], b"c".to_vec()]);
        assert_eq!(cut("a, \"b, \"\"c\", d", b','), vec![b"a".to_vec(), b"b, \"c".to_vec(), b"d".to_vec()]);
        assert_eq!(cut("  a   b c ", b' '), vec![b"a".to_vec(), b"b".to_vec(), b"c".to_vec()]);
        assert_eq!(cut("", b','), vec![Vec::<u8>::new()]);
        assert_eq!(
            cut("\u{a0}a\u{a0}W, 1\u{202f}234.5\u{2009}W,\"b\u{a0}c\"", b','),
            [&b"a W"[..], b"1234.5 W", b"b c"].map(<[u8]>::to_vec)
        );
        assert_eq!(cut("2025-06-12\u{a0}14:00,61\u{b0}", b','), ["2025-06-12 14:00", "61\u{b0}"].map(|cell| cell.as_bytes().to_vec()));
        // Of Latin-1; and `à`, which ends in the same byte.
        assert_eq!(plain_spaces(b"1\xa0200,5;61\xa0W"), Some(b"1200,5;61 W".to_vec()));
        assert_eq!(plain_spaces("61 \u{e0}".as_bytes()), None);
        let mut cells = Cells::default();
        cells.split(b"a,\"b", b',');
        assert!(cells.is_unclosed());
        // A quote in the middle of a cell is a character, doubled quotes are one, and what follows a closed quote is of the cell.
        for (line, expected, unclosed) in [
            ("a, N\"V, b", &["a", "N\"V", "b"][..], false),
            ("a,15\" rack,b", &["a", "15\" rack", "b"], false),
            ("a,b\"", &["a", "b\""], false),
            ("a,\"b\"\"c\",d", &["a", "b\"c", "d"], false),
            ("a,\"b\"c\"d,e", &["a", "bc\"d", "e"], false),
            ("a,\"b\"\"", &["a", "b\""], true),
            ("a,5\",\"b, c\"", &["a", "5\"", "b, c"], false),
            ("a,\"\",\"\"\"\",b", &["a", "", "\"", "b"], false),
            ("a,\"b\nc\",\"d\r", &["a", "b\nc", "d"], true),
            ("\"a\",b\nc", &["a", "b"], false),
            ("\"", &[""], true),
            ("a,\"", &["a", ""], true),
        ] {
            assert_eq!(cut(line, b','), expected.iter().map(|cell| cell.as_bytes().to_vec()).collect::<Vec<_>>(), "{line}");
            cells.split(line.as_bytes(), b',');
            assert_eq!(cells.is_unclosed(), unclosed, "{line}");
        }
        // A run of spaces is one where cells are quoted, too, and an empty cell in quotes is a cell.
        assert_eq!(cut("a   \"b  c\" \"\" d", b' '), ["a", "b  c", "", "d"].map(|cell| cell.as_bytes().to_vec()));
        // Nothing of the line before is left, by the same delimiter and by another one.
        for delimiter in [b',', b';'] {
            let line = [b"\"a\"".as_slice(), b"\"b c\""].join(&delimiter);
            assert_eq!(cells.split(&line, delimiter), 2);
            assert_eq!((cells.cell(&line, 0), cells.cell(&line, 1), cells.is_unclosed()), (Some(&b"a"[..]), Some(&b"b c"[..]), false));
        }
    }
}
