//! Recognises a report that was saved as JSON.

use std::io::Read;
use std::path::Path;

use crate::open::{self, Opened};

/// A report written by another tool may begin with other keys, but not with this many bytes of them.
const HEAD: u64 = 1 << 20;

/// Whether `path` is a file that holds a Report and no log.
pub fn is_saved_report(path: &Path) -> bool {
    let Ok(Opened::Regular(file)) = open::open(path, true) else { return false };
    let mut head = Vec::new();
    if (&file.file).take(4096).read_to_end(&mut head).is_err() {
        return false;
    }
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start();
    if !start.starts_with(b"{") {
        return false;
    }
    if (&file.file).take(HEAD).read_to_end(&mut head).is_err() {
        return false;
    }
    let Some(at) = memchr::memmem::find(&head, b"\"schema\"") else { return false };
    let value = head[at + 8..].trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start);
    value.is_some_and(|value| value.starts_with(b"\"carbon-report/"))
}
