//! Opens regular files and nothing else: a pipe, a device or a socket in a log folder must not block, act or answer.

use std::fs::{File, FileType, Metadata};
use std::io;
use std::path::Path;

/// Tells one file from another, whatever its names.
pub type FileId = (u64, u64);

/// An open regular file.
#[derive(Debug)]
pub struct RegularFile {
    /// The file, at its start.
    pub file: File,
    /// Its size when it was opened: later growth is not read.
    pub bytes: u64,
    /// Its identity, where the system has one.
    pub id: Option<FileId>,
}

/// What a path turned out to be.
#[derive(Debug)]
pub enum Opened {
    /// A file with content.
    Regular(RegularFile),
    /// Anything else, in words.
    Special(&'static str),
}

/// Opens `path` for reading when it is a regular file. `follow` allows the path itself to be a link; links in folders are not followed.
pub fn open(path: &Path, follow: bool) -> io::Result<Opened> {
    // Looked at first, because opening alone can act on a device; looked at again afterwards, because the entry may have been exchanged.
    let before = if follow { path.metadata() } else { path.symlink_metadata() }?;
    if !before.is_file() {
        return Ok(Opened::Special(kind(&before.file_type())));
    }
    let file = open_without_blocking(path, follow)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(Opened::Special(kind(&metadata.file_type())));
    }
    Ok(Opened::Regular(RegularFile { bytes: metadata.len(), id: file_id(&metadata), file }))
}

/// What a folder entry is called in messages.
pub fn kind(file_type: &FileType) -> &'static str {
    if file_type.is_symlink() {
        return "link";
    }
    if file_type.is_dir() {
        return "folder";
    }
    if file_type.is_file() {
        return "file";
    }
    special_kind(file_type)
}

#[cfg(unix)]
fn special_kind(file_type: &FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;

    if file_type.is_fifo() {
        "pipe"
    } else if file_type.is_socket() {
        "socket"
    } else if file_type.is_block_device() || file_type.is_char_device() {
        "device"
    } else {
        "special file"
    }
}

#[cfg(not(unix))]
fn special_kind(_: &FileType) -> &'static str {
    "special file"
}

/// The identity of a file.
#[cfg(unix)]
pub fn file_id(metadata: &Metadata) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;

    Some((metadata.dev(), metadata.ino()))
}

/// The identity of a file.
#[cfg(not(unix))]
pub fn file_id(_: &Metadata) -> Option<FileId> {
    None
}

#[cfg(unix)]
fn open_without_blocking(path: &Path, follow: bool) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};

    let mut flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    if !follow {
        flags |= OFlags::NOFOLLOW;
    }
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open_without_blocking(path: &Path, _: bool) -> io::Result<File> {
    File::open(path)
}

/// Reads at a position, so that several threads can share one file. Short only at the end of the file.
pub fn read_full_at(file: &File, buffer: &mut [u8], mut at: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match read_at(file, &mut buffer[filled..], at) {
            Ok(0) => break,
            Ok(n) => {
                filled += n;
                at += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}
