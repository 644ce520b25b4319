//! A store that somebody writes to, or whose writer was killed, together with the file beside it that holds what is not in it yet: SQLite joins the two in a
//! copy, because nothing is ever written among the logs.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::open::{self, Opened};

/// So often a store that changes while it is copied is copied again.
const ATTEMPTS: u32 = 3;

/// Endings of what SQLite keeps beside a database: the log of pages written ahead, and the journal of pages as they were.
const BESIDE: [&str; 2] = ["-wal", "-journal"];

/// A copy in a folder of its own, which goes with it.
pub struct Copy {
    folder: PathBuf,
    /// The database.
    pub path: PathBuf,
    /// The store was written meanwhile, each time.
    pub changing: bool,
}

impl Copy {
    /// A copy of the store at `path` where something lies beside it that belongs to it; `None` where it stands alone.
    pub fn of(path: &Path) -> io::Result<Option<Copy>> {
        let beside: Vec<&str> =
            BESIDE.into_iter().filter(|ending| with(path, ending).symlink_metadata().is_ok_and(|m| m.is_file() && m.len() > 0)).collect();
        if beside.is_empty() {
            return Ok(None);
        }
        let folder = new_folder()?;
        let mut copy = Copy { path: folder.join("store.db"), folder, changing: true };
        for _ in 0..ATTEMPTS {
            // The database first: pages go from the log into it, and a log that grows meanwhile only tells more.
            let Opened::Regular(file) = open::open(path, true)? else { return Err(io::ErrorKind::NotFound.into()) };
            let seen = file.seen();
            copy_of(file.file, file.bytes, &copy.path)?;
            for ending in &beside {
                match open::open(&with(path, ending), false) {
                    Ok(Opened::Regular(file)) => copy_of(file.file, file.bytes, &with(&copy.path, ending))?,
                    _ => drop(fs::remove_file(with(&copy.path, ending))),
                }
            }
            if seen.change(path).is_none() {
                copy.changing = false;
                break;
            }
        }
        Ok(Some(copy))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

fn copy_of(from: File, bytes: u64, to: &Path) -> io::Result<()> {
    io::copy(&mut from.take(bytes), &mut File::create(to)?).map(drop)
}

/// A folder that nobody else can look into.
fn new_folder() -> io::Result<PathBuf> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    for _ in 0..1000 {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("carbon-report-store-{}-{number}", std::process::id()));
        match builder.create(&folder) {
            Ok(()) => return Ok(folder),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
