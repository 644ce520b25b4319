//! Stores of experiment trackers, which hold many runs in one file: each run is unpacked into the lines that core knows as a format, and is a log of its own.

mod copy;
mod members;
#[cfg(feature = "parquet")]
mod parquet;
mod sqlite;
#[cfg(test)]
mod tests;
mod wandb;

use std::fs::File;
use std::io::{self, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use carbon_core::ledger::InputFile;
use carbon_core::note;
use carbon_core::read::{Reading, note_foreign};

use crate::discover::Found;
use crate::open::{self, RegularFile};
use crate::read::{Context, FileRead, HEAD, Outcome};
use crate::source::{Blocks, Digests};

use members::Members;

/// How a store is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// A table of Parquet.
    #[cfg(feature = "parquet")]
    Parquet,
    /// A database of SQLite.
    Sqlite,
    /// A run of W&B.
    Wandb,
}

/// What a store turned out to be.
struct Told {
    /// What it is, for people: `store of trackio`.
    name: &'static str,
    /// What is wrong with it.
    damage: Option<String>,
    /// What else is said of it, behind a semicolon.
    beside: Option<String>,
    /// Somebody had it open for writing, in words.
    open: Option<String>,
}

/// Why a store is not read, in words, and what to do about it.
struct Unread {
    message: String,
    hint: Option<String>,
}

impl Packing {
    /// The packing of a file by its first bytes.
    pub fn detect(file: &mut File) -> io::Result<Option<Packing>> {
        let mut head = [0; 16];
        let read = open::read_full_at(file, &mut head, 0)?;
        // Not every system leaves it where it was.
        file.rewind()?;
        Ok(match &head[..read] {
            b"SQLite format 3\0" => Some(Packing::Sqlite),
            #[cfg(feature = "parquet")]
            [b'P', b'A', b'R', b'1', ..] => Some(Packing::Parquet),
            [b':', b'W', b'&', b'B', ..] => Some(Packing::Wandb),
            _ => None,
        })
    }

    /// Why one can't be read, with what to do about it.
    fn unread(self, message: String) -> Unread {
        let hint = match self {
            #[cfg(feature = "parquet")]
            Packing::Parquet => Some(parquet::HINT.to_owned()),
            Packing::Sqlite | Packing::Wandb => None,
        };
        Unread { message, hint }
    }
}

/// The name of the file without its ending: what is in it may go by that.
#[cfg(feature = "parquet")]
fn stem(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_owned()
}

/// Reads what a store holds. Its own size and hash stand with the store; those of a log in it are of the lines that it was unpacked into.
pub fn read(packing: Packing, found: &Found, path: &Path, file: RegularFile, context: Context<'_>) -> io::Result<FileRead> {
    let (seen, bytes) = (file.seen(), file.bytes);
    let mut head = vec![0; HEAD];
    let read = open::read_full_at(&file.file, &mut head, 0)?;
    head.truncate(read);
    (&file.file).rewind()?;
    let mut members = Members::new(found, bytes, context);
    let told = match packing {
        #[cfg(feature = "parquet")]
        Packing::Parquet => parquet::unpack(&file.file, bytes, &stem(&found.name), &mut members).map_err(|message| packing.unread(message)),
        Packing::Sqlite => sqlite::unpack(path, bytes, &mut members),
        Packing::Wandb => wandb::unpack(&file.file, bytes, &mut members).map_err(|message| packing.unread(message)),
    };
    let mut reading = Reading::default();
    #[cfg(feature = "parquet")]
    if let Some(lost) = members.lost() {
        reading.notes.add_hinted(&note::LIMIT_REACHED, "store-runs", None, || lost);
    }
    let (logs, others) = members.finish();
    let is_foreign = matches!(told, Ok(None));
    let failed = match told {
        Ok(None) => {
            note_foreign(&mut reading, &head);
            None
        }
        Ok(Some(told)) => {
            tell(told, logs.len(), others, &mut reading);
            None
        }
        Err(why) => Some(why),
    };
    if let Some(message) = seen.change(path) {
        reading.notes.add(&note::FILE_CHANGED, "", None, || message);
    }
    let outcome = match failed {
        Some(Unread { message, hint }) => Outcome::Failed { code: &note::FILE_UNREADABLE, message, hint },
        None => Outcome::Read(Arc::new(reading)),
    };
    // What is no log may be a set of data of gigabytes: it is not read to its end for its hash.
    let input = if is_foreign {
        InputFile { path: found.name.clone(), bytes, ..InputFile::default() }
    } else {
        (&file.file).rewind()?;
        let Digests { bytes, blake3, content, sha256, .. } = Blocks::of_file(file.file, bytes, context.limits, context.sha256)?.finish()?;
        InputFile { path: found.name.clone(), bytes, blake3, content, sha256 }
    };
    context.progress.fetch_add(bytes, Ordering::Relaxed);
    Ok(FileRead { input, named: found.named, id: seen.id(), outcome, members: logs })
}

fn tell(told: Told, logs: usize, others: u64, reading: &mut Reading) {
    let of = |count: u64, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let stand = if logs == 1 { "stands" } else { "stand" };
    let beside = told.beside.map_or_else(String::new, |beside| format!("; {beside}"));
    reading.notes.add(&note::STORE_UNPACKED, "", None, || match (logs as u64, others) {
        (0, _) => format!("a {} in which nothing measures power{beside}", told.name),
        (logs, 0) => format!("a {} with {}, which {stand} after it{beside}", told.name, of(logs, "log")),
        (logs, others) => {
            format!("a {} with {}, which {stand} after it, and {} of other things{beside}", told.name, of(logs, "log"), of(others, "log"))
        }
    });
    if let Some(damage) = told.damage {
        reading.notes.add(&note::STORE_DAMAGED, "", None, || damage);
    }
    if let Some(open) = told.open {
        reading.notes.add(&note::STORE_OPEN, "", None, || open);
    }
}
