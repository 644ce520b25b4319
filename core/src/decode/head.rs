//! The start of a file, by which its format is known.

/// How much of a file decides its format.
pub const HEAD_BYTES: usize = crate::bounds::HEAD_BYTES.value as usize;

/// The start of a file as UTF-8 lines: at most [`HEAD_BYTES`], a cut last line left out (unless it is all there is).
pub struct Head<'h> {
    /// The bytes.
    pub bytes: &'h [u8],
    /// Whether this is the whole file.
    pub complete: bool,
}

impl<'h> Head<'h> {
    /// Lines without their ends.
    pub fn lines(&self) -> impl Iterator<Item = &'h [u8]> + use<'h> {
        self.bytes.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
    }
}
