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
    /// For quoted lines, and the delimiter it was built for: building one costs more than a line does.
    reader: Option<(u8, Box<csv_core::Reader>)>,
}

impl Cells {
    /// Cuts `line` at `delimiter`; a run of spaces counts as one when the delimiter is a space. Returns the number of cells.
    pub fn split(&mut self, line: &[u8], delimiter: u8) -> usize {
        self.bounds.clear();
        self.quoted = false;
        self.unclosed = false;
        if memchr::memchr(b'"', line).is_some() {
            self.split_quoted(line, delimiter);
            return self.bounds.len();
        }
        let mut start = 0;
        for end in memchr::memchr_iter(delimiter, line) {
            self.bound(start, end, delimiter);
            start = end + 1;
        }
        self.bound(start, line.len(), delimiter);
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
        let built = self.reader.take().filter(|(of, _)| *of == delimiter).map(|(_, reader)| reader);
        let mut reader = built.unwrap_or_else(|| Box::new(csv_core::ReaderBuilder::new().delimiter(delimiter).build()));
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
        self.reader = Some((delimiter, reader));
        self.unclosed = tidy.iter().filter(|b| **b == b'"').count() % 2 == 1;
        let mut start = 0;
        for end in self.ends.iter().take(at_end) {
            self.bounds.push((start, *end));
            start = *end;
        }
    }
}

fn tidy_spaces(line: &[u8], delimiter: u8) -> Vec<u8> {
    let mut tidy = Vec::with_capacity(line.len());
    let mut inside = false;
    for &byte in line {
        let after_delimiter = tidy.last().is_none_or(|b| *b == delimiter);
        if byte == b' ' && after_delimiter && !inside && delimiter != b' ' {
            continue;
        }
        inside ^= byte == b'"';
        tidy.push(byte);
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
        let mut cells = Cells::default();
        cells.split(b"a,\"b", b',');
        assert!(cells.is_unclosed());
        // Nothing of the line before is left, by the same delimiter and by another one.
        for delimiter in [b',', b';'] {
            let line = [b"\"a\"".as_slice(), b"\"b c\""].join(&delimiter);
            assert_eq!(cells.split(&line, delimiter), 2);
            assert_eq!((cells.cell(&line, 0), cells.cell(&line, 1), cells.is_unclosed()), (Some(&b"a"[..]), Some(&b"b c"[..]), false));
        }
    }
}
