//! Records of a table whose cells hold line ends: a quote that is open at the end of a line is closed in one of the next.

use alloc::vec::Vec;

/// A record goes on over so many lines, and no more.
const MOST_LINES: u64 = 16;

/// And is no longer than this.
const LONGEST: usize = 64 * 1024;

/// The record in hand, while a quote is open.
#[derive(Clone, Debug, Default)]
pub struct OpenQuote {
    text: Vec<u8>,
    first: u64,
    lines: u64,
}

/// What a line is to the record in hand.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// The quote was torn: so many lines from the first one are lost, and the line stands for itself.
    Alone(u64, u64),
    /// The quote was torn; the line is lost with so many before it, from the first one.
    Lost(u64, u64),
    /// The record goes on.
    Open,
    /// The record that ends here: its text, its first line and how many there are.
    Whole(Vec<u8>, u64, u64),
}

impl OpenQuote {
    /// Whether a quote is open.
    pub fn is_open(&self) -> bool {
        self.lines > 0
    }

    /// A line ends inside a quote.
    pub fn begin(&mut self, line: &[u8], number: u64) {
        (self.text, self.first, self.lines) = (line.to_vec(), number, 1);
    }

    /// Takes the next line; `is_row` says whether it could be a record by itself.
    pub fn next(&mut self, line: &[u8], is_row: bool) -> Next {
        let quotes = memchr::memchr_iter(b'"', line).count();
        if is_row && quotes.is_multiple_of(2) {
            let (first, lines) = self.close();
            return Next::Alone(first, lines);
        }
        self.text.push(b'\n');
        self.text.extend_from_slice(line);
        if !quotes.is_multiple_of(2) {
            let text = core::mem::take(&mut self.text);
            let (first, lines) = self.close();
            return Next::Whole(text, first, lines + 1);
        }
        self.lines += 1;
        if self.lines > MOST_LINES || self.text.len() > LONGEST {
            let (first, lines) = self.close();
            return Next::Lost(first, lines - 1);
        }
        Next::Open
    }

    /// Lets go of what is open: its first line and how many there are.
    pub fn close(&mut self) -> (u64, u64) {
        let open = (self.first, self.lines);
        *self = Self::default();
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_go_on_until_their_quote_closes() {
        let mut open = OpenQuote::default();
        open.begin(b"1,\"a", 7);
        assert_eq!(open.next(b"b", false), Next::Open);
        assert_eq!(open.next(b"c\",2", false), Next::Whole(b"1,\"a\nb\nc\",2".to_vec(), 7, 3));
        assert!(!open.is_open());
        open.begin(b"1,\"a", 7);
        assert_eq!(open.next(b"2,b", true), Next::Alone(7, 1));
        open.begin(b"1,\"a", 7);
        let rest: Vec<Next> = (0..MOST_LINES).map(|_| open.next(b"", false)).collect();
        assert_eq!(rest.last(), Some(&Next::Lost(7, MOST_LINES)));
        assert!(!open.is_open());
    }
}
