//! Opens regular files and nothing else: a pipe, a device or a socket in a log folder must not block, act or answer.

use std::fs::{File, FileType, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

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
    /// When it was last written, as it was opened.
    pub modified: Option<SystemTime>,
}

/// How a file looked when it was opened, to be held against how it looks once it is read.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    bytes: u64,
    id: Option<FileId>,
    modified: Option<SystemTime>,
}

impl RegularFile {
    /// How it looked when it was opened.
    pub fn seen(&self) -> Seen {
        Seen { bytes: self.bytes, id: self.id, modified: self.modified }
    }
}

impl Seen {
    /// Its identity.
    pub fn id(&self) -> Option<FileId> {
        self.id
    }

    /// What happened to the file at `path` since, in words; `None` where nothing did.
    pub fn change(&self, path: &Path) -> Option<String> {
        let Ok(now) = path.metadata() else {
            return Some(String::from("the file was removed while it was read: what was read until then counts"));
        };
        let said = match now.len() {
            _ if file_id(&now) != self.id => "was replaced by another one while it was read: the one that was there before counts",
            bytes if bytes > self.bytes => "grew while it was read: what was added does not count",
            bytes if bytes < self.bytes => "became shorter while it was read: what was read of it counts",
            _ if now.modified().ok() != self.modified => "was written while it was read: what counts may be of two states of it",
            _ => return None,
        };
        Some(format!("the file {said}"))
    }
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
    let (bytes, id, modified) = (metadata.len(), file_id(&metadata), metadata.modified().ok());
    Ok(Opened::Regular(RegularFile { bytes, id, modified, file }))
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// What is told of a file that `change` befell after it was opened.
    fn told(name: &str, change: impl FnOnce(&Path)) -> Option<String> {
        let path = std::env::temp_dir().join(format!("carbon-report-seen-{name}-{}", std::process::id()));
        fs::write(&path, "a log\n").unwrap();
        let Opened::Regular(file) = open(&path, true).unwrap() else { panic!("a file") };
        change(&path);
        let told = file.seen().change(&path);
        let _ = fs::remove_file(path);
        told
    }

    #[test]
    fn what_happens_to_a_file_while_it_is_read() {
        let says = |told: Option<String>, word: &str| assert!(told.as_ref().is_some_and(|told| told.contains(word)), "{told:?}, {word}");
        assert_eq!(told("nothing", |_| {}), None);
        assert_eq!(told("looked-at", |path| drop(fs::read(path).unwrap())), None);
        says(told("grown", |path| fs::write(path, "a log\nthat grew\n").unwrap()), "grew");
        says(told("cut", |path| fs::write(path, "").unwrap()), "shorter");
        says(told("removed", |path| fs::remove_file(path).unwrap()), "removed");
        let later = SystemTime::now() + std::time::Duration::from_secs(5);
        let rewrite = |path: &Path| {
            fs::write(path, "a LOG\n").unwrap();
            File::options().append(true).open(path).unwrap().set_modified(later).unwrap();
        };
        says(told("rewritten", rewrite), "written");
        #[cfg(unix)]
        says(
            told("replaced", |path| {
                let other = path.with_extension("other");
                fs::write(&other, "a log\n").unwrap();
                fs::rename(other, path).unwrap();
            }),
            "replaced",
        );
    }
}
