//! A copy of standard input in a temporary file that has no name: rows that are out of order are read a second time, and a stream is gone once it is read.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::sync::Mutex;

/// The copy, once all was read. A process has one standard input.
static COPY: Mutex<Option<File>> = Mutex::new(None);

/// Standard input, copied as it is read.
pub struct Spooled {
    copy: Option<File>,
    left: u64,
}

impl Spooled {
    /// Copies no more than `most` bytes: of more there is no copy.
    pub fn new(most: u64) -> Self {
        Self { copy: tempfile::tempfile().ok(), left: most }
    }
}

impl Read for Spooled {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = io::stdin().read(buffer)?;
        if count == 0 {
            *COPY.lock().expect("no thread panics while it holds the lock") = self.copy.take();
        } else if let Some(copy) = &mut self.copy {
            let is_kept = count as u64 <= self.left && copy.write_all(&buffer[..count]).is_ok();
            self.left = self.left.saturating_sub(count as u64);
            if !is_kept {
                self.copy = None;
            }
        }
        Ok(count)
    }
}

/// What standard input held, from its beginning; nothing where there is no copy.
pub fn again() -> Option<File> {
    let copy = COPY.lock().expect("no thread panics while it holds the lock");
    let mut file = copy.as_ref()?.try_clone().ok()?;
    file.rewind().ok()?;
    Some(file)
}
