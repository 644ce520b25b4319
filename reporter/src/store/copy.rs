//! A store that somebody writes to, or whose writer was killed, together with the file beside it that holds what is not in it yet: SQLite joins the two in a
//! copy, because nothing is ever written among the logs.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use carbon_core::bounds::STORE_COPY_BYTES;

use super::Unread;
use crate::limits::Limits;
use crate::open::{self, Opened};
use crate::own_folder::OwnFolder;

/// So often a store that changes while it is copied is copied again.
const ATTEMPTS: u32 = 3;

/// The ending of the log of pages written ahead, which SQLite keeps beside a database.
const AHEAD: &str = "-wal";

/// The ending of the journal of pages as they were.
const JOURNAL: &str = "-journal";

/// What each part of a journal begins with, and what it ends in where it names a file by which several databases are committed together. SQLite opens that
/// file, whatever its path, and the files that it names, and removes it: a journal from a stranger must not get that far.
pub(super) const MAGIC: [u8; 8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7];

/// Bytes looked through at once.
const PIECE: usize = 1 << 20;

/// What lies beside a database and belongs to it.
pub struct Beside<'p> {
    path: &'p Path,
    endings: Vec<&'static str>,
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        let message = format!("the database could not be copied, which is needed because it was open for writing: {error}");
        Self { message, hint: None }
    }
}

/// A copy in a folder of its own, which goes with it.
pub struct Copy {
    _folder: OwnFolder,
    /// The database.
    pub path: PathBuf,
    /// The store was written meanwhile, each time.
    pub changing: bool,
}

impl<'p> Beside<'p> {
    /// What lies beside the store at `path`; `None` where it stands alone.
    pub fn of(path: &'p Path) -> Option<Self> {
        let lies = |ending: &&str| match open::open(&with(path, ending), false) {
            // A journal that begins with a zero is over: SQLite passes over it.
            Ok(Opened::Regular(mut file)) if *ending == JOURNAL => {
                let mut first = [0];
                file.file.read_exact(&mut first).is_ok() && first != [0]
            }
            Ok(Opened::Regular(file)) => file.bytes > 0,
            _ => false,
        };
        let endings: Vec<&str> = [AHEAD, JOURNAL].into_iter().filter(lies).collect();
        (!endings.is_empty()).then_some(Self { path, endings })
    }

    /// Whether one of some words stands in it, as far as it may be copied.
    pub fn holds(&self, words: &[&str], limits: &Limits) -> bool {
        self.endings.iter().any(|ending| match open::open(&with(self.path, ending), false) {
            Ok(Opened::Regular(file)) => holds(file.file.take(file.bytes.min(limits.of(&STORE_COPY_BYTES))), words),
            _ => false,
        })
    }
}

impl Copy {
    /// A copy of a store with what lies beside it.
    ///
    /// # Errors
    /// Where it is too large, a journal names other files, or the system fails.
    pub fn of(beside: &Beside<'_>, limits: &Limits) -> Result<Copy, Unread> {
        let path = beside.path;
        let folder = OwnFolder::new(&std::env::temp_dir(), "carbon-report-store-")?;
        let mut copy = Copy { path: folder.path.join("store.db"), _folder: folder, changing: true };
        for _ in 0..ATTEMPTS {
            let mut left = limits.of(&STORE_COPY_BYTES);
            let mut copied = |from: File, bytes: u64, to: &Path| match left.checked_sub(bytes) {
                None => Err(too_large(limits)),
                Some(rest) => {
                    left = rest;
                    Ok(copy_of(from, bytes, to)?)
                }
            };
            // The database first: pages go from the log into it, and a log that grows meanwhile only tells more.
            let Opened::Regular(file) = open::open(path, true)? else { return Err(io::Error::from(io::ErrorKind::NotFound).into()) };
            let seen = file.seen();
            copied(file.file, file.bytes, &copy.path)?;
            for ending in &beside.endings {
                let to = with(&copy.path, ending);
                match open::open(&with(path, ending), false) {
                    Ok(Opened::Regular(file)) => copied(file.file, file.bytes, &to)?,
                    _ => drop(fs::remove_file(&to)),
                }
                if *ending == JOURNAL && names_others(&to)? {
                    return Err(Unread {
                        message: String::from(
                            "the database is not read: its journal names a file outside, by which it is committed together with other databases",
                        ),
                        hint: Some(String::from("open the database once with the tool that wrote it, or remove the journal")),
                    });
                }
            }
            if seen.change(path).is_none() {
                copy.changing = false;
                break;
            }
        }
        Ok(copy)
    }
}

fn too_large(limits: &Limits) -> Unread {
    Unread {
        message: format!("the database is not read: {}", limits.reached(&STORE_COPY_BYTES)),
        hint: Some(format!(
            "`sqlite3 FILE 'PRAGMA wal_checkpoint(TRUNCATE)'` on a copy of both files joins them; {}",
            limits.hint(&STORE_COPY_BYTES)
        )),
    }
}

/// Whether a copied journal ends as one that names a file of several databases. SQLite looks for it at the end alone.
fn names_others(journal: &Path) -> io::Result<bool> {
    let mut file = match File::open(journal) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    let Some(at) = file.metadata()?.len().checked_sub(MAGIC.len() as u64) else { return Ok(false) };
    let mut end = [0; MAGIC.len()];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut end)?;
    Ok(end == MAGIC)
}

/// Whether one of some words stands in what is read; nothing that can't be read holds one.
fn holds(mut from: impl Read, words: &[&str]) -> bool {
    let longest = words.iter().map(|word| word.len()).max().unwrap_or(0);
    let mut piece = Vec::new();
    loop {
        // The end of the piece before may be the start of a word.
        piece.drain(..piece.len().saturating_sub(longest));
        match from.by_ref().take(PIECE as u64).read_to_end(&mut piece) {
            Ok(0) | Err(_) => return false,
            Ok(_) if words.iter().any(|word| memchr::memmem::find(&piece, word.as_bytes()).is_some()) => return true,
            Ok(_) => {}
        }
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
