//! Writes a file whole or not at all: beside it, to disk, then in its place.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[cfg(unix)]
use crate::open::{self, Opened};

/// Writes `content` to `path`. A link is written through; the mode of an existing file stays; a device or pipe is written to as it is.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let existing = match path.metadata() {
        Ok(metadata) => Some(metadata),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e),
    };
    match existing {
        Some(metadata) if metadata.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "found a folder, expected a file")),
        Some(metadata) if !metadata.is_file() => open_special(path)?.write_all(content),
        Some(metadata) if metadata.permissions().readonly() => {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"))
        }
        Some(metadata) => replace(&path.canonicalize()?, content, Some(metadata.permissions())),
        None => replace(&end_of_links(path)?, content, None),
    }
}

/// The file that [`write`] to `path` would make or replace; `None` where its folder can't be found.
pub fn written_to(path: &Path) -> Option<PathBuf> {
    if let Ok(whole) = path.canonicalize() {
        return Some(whole);
    }
    let end = end_of_links(path).ok()?;
    let folder = end.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(folder.canonicalize().ok()?.join(end.file_name()?))
}

/// Opens a device or pipe. A pipe that nobody reads would wait for ever.
#[cfg(unix)]
fn open_special(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    use rustix::io::Errno;

    let unread = |e: io::Error| match e.raw_os_error() == Some(Errno::NXIO.raw_os_error()) {
        true => io::Error::other("found a pipe that nobody reads: start its reader first"),
        false => e,
    };
    let file = OpenOptions::new().write(true).custom_flags(OFlags::NONBLOCK.bits() as i32).open(path).map_err(unread)?;
    // Once there is a reader, it may be slow.
    rustix::fs::fcntl_setfl(&file, rustix::fs::fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

#[cfg(not(unix))]
fn open_special(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(path)
}

/// Where a link that leads to nothing yet leads: the file is made there.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("the link leads back to itself"))
}

fn replace(path: &Path, content: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    remove_stale(path);
    let (beside, file) = create_beside(path)?;
    let result = fill(file, content, permissions).and_then(|()| fs::rename(&beside, path));
    if result.is_err() {
        let _ = fs::remove_file(&beside);
        return result;
    }
    sync_folder(path);
    Ok(())
}

fn fill(mut file: File, content: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    file.write_all(content)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}

/// A new file in the same folder, with a name that nobody else uses and that no later run takes for a log.
fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let mut attempt = 0;
    loop {
        let mut hidden = prefix(name);
        hidden.push(format!("{}-{attempt}.tmp", std::process::id()));
        let beside = path.with_file_name(hidden);
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => {
                lock(&file);
                return Ok((beside, file));
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => attempt += 1,
            Err(e) => return Err(e),
        }
    }
}

/// Of a name so many bytes stand in those of files that are written in its place.
const LONGEST_NAME: usize = 200;

/// What the names of all files begin with that are written in place of one.
fn prefix(name: &OsStr) -> OsString {
    let mut hidden = OsString::from(".");
    if name.len() <= LONGEST_NAME {
        hidden.push(name);
    } else {
        // Names have 255 bytes at most: of a longer one the beginning, and what tells it from others that begin so.
        let text = name.to_string_lossy();
        let end = (0..=LONGEST_NAME).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        hidden.push(&text[..end]);
        hidden.push("-");
        hidden.push(&blake3::hash(name.as_encoded_bytes()).to_hex()[..16]);
    }
    hidden.push(".");
    hidden
}

/// The process that makes a file of this name, where it is one of ours: `PID-ATTEMPT.tmp` after the prefix.
#[cfg(unix)]
fn writer(rest: &[u8]) -> Option<i32> {
    let (pid, attempt) = std::str::from_utf8(rest).ok()?.strip_suffix(".tmp")?.split_once('-')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(pid) && is_number(attempt)).then(|| pid.parse().ok()).flatten()
}

/// Held as long as the writer lives, so that the next one can tell a file that was left from one that is being made.
#[cfg(unix)]
fn lock(file: &File) {
    let _ = rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive);
}

#[cfg(not(unix))]
fn lock(_: &File) {}

/// Removes what a writer of the same file left that was killed: a regular file of ours by its name, of this user, of a process that is gone, and that
/// nobody holds. What can't be removed does no harm.
#[cfg(unix)]
fn remove_stale(path: &Path) {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;

    let Some(name) = path.file_name() else { return };
    let prefix = prefix(name);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let file_name = entry.file_name();
        let Some(pid) = file_name.as_bytes().strip_prefix(prefix.as_bytes()).and_then(writer) else { continue };
        let lives =
            rustix::process::Pid::from_raw(pid).is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH));
        let Ok(Opened::Regular(stale)) = open::open(&entry.path(), false) else { continue };
        let is_own = stale.file.metadata().is_ok_and(|metadata| metadata.uid() == rustix::process::geteuid().as_raw());
        let is_free = || rustix::fs::flock(&stale.file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_ok();
        if is_own && !lives && is_free() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(not(unix))]
fn remove_stale(_: &Path) {}

/// The new name must survive a power cut as well; where a folder can't be synced, the file still is whole.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Read;
    use std::process::Command;
    use std::thread;

    use super::*;

    #[test]
    fn what_is_no_file_is_written_to_as_it_is_and_never_waited_for() {
        let folder = std::env::temp_dir().join(format!("carbon-report-special-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let pipe = |name: &str| {
            let path = folder.join(name);
            assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
            path
        };
        let (alone, read, link) = (pipe("alone"), pipe("read"), folder.join("link"));
        std::os::unix::fs::symlink(&alone, &link).unwrap();
        for path in [&alone, &link] {
            let told = write(path, b"card").unwrap_err().to_string();
            assert!(told.contains("nobody reads"), "{told}");
        }
        // Far more than a pipe holds, to a reader that is slower than we are.
        let card: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut reader = OpenOptions::new().read(true).write(true).open(&read).unwrap();
        let mut found = vec![0; card.len()];
        thread::scope(|scope| {
            let writer = scope.spawn(|| write(&read, &card));
            reader.read_exact(&mut found).unwrap();
            writer.join().unwrap().unwrap();
        });
        assert!(found == card);
        write(Path::new("/dev/null"), b"card").unwrap();
        assert!(write(Path::new("/dev/full"), b"card").is_err());
        assert!(write(&folder, b"card").is_err());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn names_as_long_as_a_file_system_has_are_written() {
        let folder = std::env::temp_dir().join(format!("carbon-report-long-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for name in ["n".repeat(255), format!("{}.md", "é".repeat(126)), format!("{}.html", "n".repeat(248)), "n".repeat(200)] {
            let path = folder.join(&name);
            for content in ["one", "two"] {
                write(&path, content.as_bytes()).unwrap();
                assert_eq!(fs::read_to_string(&path).unwrap(), content, "{name}");
            }
        }
        // Nothing lies beside them.
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 4);
        fs::remove_dir_all(&folder).unwrap();
    }
}
