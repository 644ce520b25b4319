//! Recognises and reads a report that was saved as JSON.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use carbon_core::report::Report;

use crate::discover::printable;
use crate::error::Error;
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

/// The report that a file holds.
pub(crate) fn read_saved_report(path: &Path) -> Result<Report, Error> {
    let shown = printable(path.as_os_str());
    let mut text = String::new();
    File::open(path)
        .and_then(|mut file| file.read_to_string(&mut text))
        .map_err(|e| Error::new(format!("{shown} could not be read: {e}")))?;
    carbon_render::parse_report(&text).map_err(|e| Error { message: format!("{shown}: {e}"), hint: e.hint })
}
