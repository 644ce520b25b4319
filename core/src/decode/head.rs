//! The start of a file, by which its format is known.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::OnceCell;

use super::table::{Candidate, HEADER_WITHIN};

/// How much of a file decides its format.
pub const HEAD_BYTES: usize = crate::bounds::HEAD_BYTES.value as usize;

/// How many pairs of bytes are told apart: by their lower bits, in which capitals are as small letters.
const PAIRS: usize = 1 << 10;

/// The number of a pair of bytes.
fn number(pair: &[u8]) -> usize {
    pair.iter().fold(0, |number, byte| (number << 5 | usize::from(byte & 31)) & (PAIRS - 1))
}

/// The start of a file as UTF-8 lines: at most [`HEAD_BYTES`], a cut last line left out (unless it is all there is).
pub struct Head<'h> {
    /// The bytes.
    pub bytes: &'h [u8],
    /// Whether this is the whole file.
    pub complete: bool,
    /// Whether more of the file is shown where this turns out to be too short.
    pub may_grow: bool,
    lower: OnceCell<Vec<u8>>,
    pairs: OnceCell<Box<[u64; PAIRS / 64]>>,
    candidates: OnceCell<Vec<Candidate>>,
    starts: OnceCell<Vec<u8>>,
}

impl<'h> Head<'h> {
    /// The start of a file, and whether it is the whole file.
    pub const fn new(bytes: &'h [u8], complete: bool) -> Self {
        Self {
            bytes,
            complete,
            may_grow: false,
            lower: OnceCell::new(),
            pairs: OnceCell::new(),
            candidates: OnceCell::new(),
            starts: OnceCell::new(),
        }
    }

    /// The same, of which more may be shown.
    pub fn growing(self, may_grow: bool) -> Self {
        Self { may_grow, ..self }
    }

    /// Lines without their ends.
    pub fn lines(&self) -> impl Iterator<Item = &'h [u8]> + use<'h> {
        let mut rest = Some(self.bytes);
        core::iter::from_fn(move || {
            let bytes = rest?;
            let end = memchr::memchr(b'\n', bytes);
            rest = end.and_then(|end| bytes.get(end + 1..));
            let line = end.and_then(|end| bytes.get(..end)).unwrap_or(bytes);
            Some(line.strip_suffix(b"\r").unwrap_or(line))
        })
    }

    /// Without the last line where it has no end: a cut number looks like one that fell.
    pub fn whole_lines(&self) -> Head<'h> {
        let whole = memchr::memrchr(b'\n', self.bytes).map_or(0, |end| end + 1);
        Head::new(self.bytes.get(..whole).unwrap_or(&[]), self.complete)
    }

    /// The bytes in lower case, made once for all formats that ask.
    pub fn lower(&self) -> &[u8] {
        self.lower.get_or_init(|| self.bytes.to_ascii_lowercase())
    }

    /// Whether it may hold a text, whatever its case: it holds each two neighbours of it. A hundred formats each ask for a word of theirs, of which few are
    /// there, and to search takes longer than to look up.
    pub fn may_hold(&self, text: &[u8]) -> bool {
        let pairs = self.pairs.get_or_init(|| {
            let mut pairs = Box::new([0; PAIRS / 64]);
            for pair in self.bytes.windows(2) {
                let pair = number(pair);
                pairs[pair / 64] |= 1 << (pair % 64);
            }
            pairs
        });
        text.windows(2).map(number).all(|pair| pairs[pair / 64] >> (pair % 64) & 1 == 1)
    }

    /// What the lines begin with, each byte once, without regard to space before it.
    pub fn starts(&self) -> &[u8] {
        self.starts.get_or_init(|| {
            let mut starts = Vec::new();
            for first in self.lines().filter_map(|line| line.iter().find(|byte| !byte.is_ascii_whitespace())) {
                if !starts.contains(first) {
                    starts.push(*first);
                }
            }
            starts
        })
    }

    /// The first lines by each delimiter, split once for all formats that look for their header.
    pub(super) fn candidates(&self) -> &[Candidate] {
        self.candidates.get_or_init(|| Candidate::within(self, HEADER_WITHIN))
    }
}
