//! The start of a file, by which its format is known.

use alloc::vec::Vec;
use core::cell::OnceCell;

use super::table::{Candidate, HEADER_WITHIN};

/// How much of a file decides its format.
pub const HEAD_BYTES: usize = crate::bounds::HEAD_BYTES.value as usize;

/// The start of a file as UTF-8 lines: at most [`HEAD_BYTES`], a cut last line left out (unless it is all there is).
pub struct Head<'h> {
    /// The bytes.
    pub bytes: &'h [u8],
    /// Whether this is the whole file.
    pub complete: bool,
    lower: OnceCell<Vec<u8>>,
    candidates: OnceCell<Vec<Candidate>>,
}

impl<'h> Head<'h> {
    /// The start of a file, and whether it is the whole file.
    pub const fn new(bytes: &'h [u8], complete: bool) -> Self {
        Self { bytes, complete, lower: OnceCell::new(), candidates: OnceCell::new() }
    }

    /// Lines without their ends.
    pub fn lines(&self) -> impl Iterator<Item = &'h [u8]> + use<'h> {
        self.bytes.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
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

    /// The first lines by each delimiter, split once for all formats that look for their header.
    pub(super) fn candidates(&self) -> &[Candidate] {
        self.candidates.get_or_init(|| Candidate::within(self, HEADER_WITHIN))
    }
}
