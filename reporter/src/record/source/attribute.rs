//! Numbers that the kernel shows as files: opened once, read again from the start at each tick.

use std::fs::File;
use std::io;
use std::path::Path;

/// Longer than any number with its line end.
const LONGEST: usize = 64;

/// A file of one number.
#[derive(Debug)]
pub(super) struct Attribute(File);

impl Attribute {
    /// Opens it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        File::open(path).map(Attribute)
    }

    /// Its number now.
    pub(super) fn read(&self) -> io::Result<u64> {
        let mut text = [0; LONGEST];
        let length = read_at_start(&self.0, &mut text)?;
        let text = std::str::from_utf8(&text[..length]).map_err(io::Error::other)?;
        text.trim().parse().map_err(io::Error::other)
    }
}

#[cfg(unix)]
fn read_at_start(file: &File, into: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, 0)
}

#[cfg(not(unix))]
fn read_at_start(mut file: &File, into: &mut [u8]) -> io::Result<usize> {
    use std::io::{Read, Seek};
    file.rewind()?;
    file.read(into)
}

/// A text that is no longer than a line.
pub(super) fn text(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Folders in `folder` by name, in a fixed order; links are followed, as the kernel's classes are links.
pub(super) fn entries(folder: &Path) -> io::Result<Vec<String>> {
    let mut names: Vec<String> = std::fs::read_dir(folder)?.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    // Numbers in their order: hwmon2 before hwmon10.
    names.sort_by_key(|name| (name.len(), name.clone()));
    Ok(names)
}
