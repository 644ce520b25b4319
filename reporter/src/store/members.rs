//! The logs that a store holds, each fed to a reader of its own as it is unpacked: of what was read no bytes are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::Arc;

#[cfg(feature = "parquet")]
use carbon_core::bounds::STORE_RUNS;
use carbon_core::ledger::InputFile;
use carbon_core::read::{FileReader, ReadOptions};

use crate::discover::Found;
use crate::limits::{FILES, RATIO, RATIO_FREE_BYTES, UNPACKED_BYTES};
use crate::read::{Context, FileRead, Outcome};
use crate::source::BLOCK;

/// Logs of one store.
pub struct Members<'c> {
    store: &'c Found,
    store_bytes: u64,
    context: Context<'c>,
    current: Option<Member>,
    /// Logs that rows of others stand between, by what tells them apart, and when each was gone on with.
    parked: BTreeMap<Vec<u8>, (u64, Member)>,
    /// The same by time.
    #[cfg(feature = "parquet")]
    latest: BTreeMap<u64, Vec<u8>>,
    #[cfg(feature = "parquet")]
    turns: u64,
    /// What told those apart that were ended to make room.
    #[cfg(feature = "parquet")]
    ended: BTreeSet<[u8; 16]>,
    /// Rows of such.
    #[cfg(feature = "parquet")]
    lost: u64,
    /// What tells the current one apart.
    #[cfg(feature = "parquet")]
    key: Vec<u8>,
    names: BTreeSet<String>,
    logs: Vec<FileRead>,
    others: u64,
    unpacked: u64,
}

struct Member {
    name: String,
    reader: FileReader,
    hasher: blake3::Hasher,
    bytes: u64,
    /// Lines that are not pushed yet.
    block: Vec<u8>,
}

impl<'c> Members<'c> {
    /// None yet, of a store of `store_bytes` bytes.
    pub fn new(store: &'c Found, store_bytes: u64, context: Context<'c>) -> Self {
        Self {
            store,
            store_bytes,
            context,
            current: None,
            parked: BTreeMap::new(),
            #[cfg(feature = "parquet")]
            latest: BTreeMap::new(),
            #[cfg(feature = "parquet")]
            turns: 0,
            #[cfg(feature = "parquet")]
            ended: BTreeSet::new(),
            #[cfg(feature = "parquet")]
            lost: 0,
            #[cfg(feature = "parquet")]
            key: Vec::new(),
            names: BTreeSet::new(),
            logs: Vec::new(),
            others: 0,
            unpacked: 0,
        }
    }

    /// Begins the next log. Parts of its name are the store's words: what would look like a folder in them does not.
    ///
    /// # Errors
    /// In words, where a store holds more logs than files may be read.
    pub fn begin(&mut self, parts: &[&str]) -> Result<(), String> {
        self.open(parts, true)
    }

    fn open(&mut self, parts: &[&str], is_run: bool) -> Result<(), String> {
        self.end();
        if self.names.len() as u64 >= self.context.limits.of(&FILES) {
            return Err(format!("the store is not read further: {}", self.context.limits.reached(&FILES)));
        }
        let mut name = self.store.name.clone();
        for part in parts {
            name.push('/');
            name.extend(part.chars().map(|c| if matches!(c, '/' | '\\') || c.is_control() { '_' } else { c }));
        }
        let mut unique = name.clone();
        let mut count = 1;
        while !self.names.insert(unique.clone()) {
            count += 1;
            unique = format!("{name} ({count})");
        }
        self.current = Some(Member {
            reader: FileReader::new(ReadOptions { is_run, ..self.context.options.of_file(&name) }),
            name: unique,
            hasher: blake3::Hasher::new(),
            bytes: 0,
            block: Vec::new(),
        });
        Ok(())
    }

    /// Adds a line, without its end, in pieces. Line ends inside a piece are none of a log of lines.
    ///
    /// # Errors
    /// In words, where the store unpacks to more than a limit allows.
    pub fn line(&mut self, pieces: &[&[u8]]) -> Result<(), String> {
        let Some(member) = &mut self.current else {
            #[cfg(feature = "parquet")]
            {
                self.lost += 1;
            }
            return Ok(());
        };
        let start = member.block.len();
        for piece in pieces {
            member.block.extend_from_slice(piece);
        }
        for byte in &mut member.block[start..] {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        member.block.push(b'\n');
        let added = (member.block.len() - start) as u64;
        member.bytes += added;
        if member.block.len() >= BLOCK {
            member.push();
        }
        self.count(added)
    }

    /// Counts bytes that were unpacked and are no line of a log, so that they are bounded, too.
    ///
    /// # Errors
    /// As [`Members::line`].
    pub fn count(&mut self, bytes: u64) -> Result<(), String> {
        self.unpacked = self.unpacked.saturating_add(bytes);
        let limits = self.context.limits;
        for (bound, most) in [
            (&UNPACKED_BYTES, limits.of(&UNPACKED_BYTES)),
            (&RATIO, self.store_bytes.saturating_mul(limits.of(&RATIO)).max(RATIO_FREE_BYTES)),
        ] {
            if self.unpacked > most {
                return Err(format!("the store is not read further: {}", limits.reached(bound)));
            }
        }
        Ok(())
    }

    fn end(&mut self) {
        let Some(mut member) = self.current.take() else { return };
        member.push();
        let reading = member.reader.finish();
        if reading.format.is_empty() && !reading.refused {
            self.others += 1;
            return;
        }
        let input = InputFile {
            path: member.name,
            bytes: member.bytes,
            blake3: member.hasher.finalize().to_hex().to_string(),
            ..InputFile::default()
        };
        self.logs.push(FileRead {
            input,
            named: self.store.named,
            id: None,
            outcome: Outcome::Read(Arc::new(reading)),
            members: Vec::new(),
        });
    }

    /// The logs, and how many runs are none.
    pub fn finish(mut self) -> (Vec<FileRead>, u64) {
        self.end();
        for (_, member) in mem::take(&mut self.parked).into_values() {
            self.current = Some(member);
            self.end();
        }
        (mem::take(&mut self.logs), self.others)
    }
}

/// For tables, in which the rows of logs stand between each other.
#[cfg(feature = "parquet")]
impl Members<'_> {
    /// Goes on with the log of a run, or begins it and says so. Without a run there is one log, which may be a piece of a longer one. Of more runs than may be
    /// read at once the one ends that was gone on with longest ago; rows of it that come later are lost, and counted.
    ///
    /// # Errors
    /// As [`Members::begin`].
    pub fn go_on(&mut self, run: Option<&[u8]>, name: &str) -> Result<bool, String> {
        let before = mem::replace(&mut self.key, run.unwrap_or_default().to_vec());
        if let Some(mut current) = self.current.take() {
            current.park();
            self.turns += 1;
            self.latest.insert(self.turns, before.clone());
            self.parked.insert(before, (self.turns, current));
        }
        if let Some((turn, member)) = self.parked.remove(&self.key) {
            self.latest.remove(&turn);
            self.current = Some(member);
            return Ok(false);
        }
        if self.ended.contains(&short_hash(&self.key)) {
            return Ok(false);
        }
        if self.parked.len() as u64 >= self.context.limits.of(&STORE_RUNS).max(1)
            && let Some((_, oldest)) = self.latest.pop_first()
        {
            self.current = self.parked.remove(&oldest).map(|(_, member)| member);
            self.end();
            self.ended.insert(short_hash(&oldest));
        }
        self.open(&[name], run.is_some()).map(|()| true)
    }

    /// What is said of rows that are lost because too many runs stand between each other, and what to do.
    pub fn lost(&self) -> Option<(String, String)> {
        let limits = self.context.limits;
        let message = || format!("{}: {} rows of those that ended first are left out", limits.reached(&STORE_RUNS), self.lost);
        (self.lost > 0).then(|| (message(), limits.hint(&STORE_RUNS)))
    }

    /// Whether something of it is a log, as soon as what was read of the first of them shows it.
    pub fn is_log(&mut self) -> Option<bool> {
        let first = self.parked.values_mut().map(|(_, member)| member).chain(&mut self.current).next()?;
        first.push();
        first.reader.reading_mut().map(|reading| !reading.format.is_empty() || reading.refused)
    }

    /// Whether a log was begun.
    pub fn has_begun(&self) -> bool {
        !self.names.is_empty()
    }

    /// The bounds on what is read.
    pub fn limits(&self) -> &crate::limits::Limits {
        self.context.limits
    }
}

impl Member {
    fn push(&mut self) {
        self.hasher.update(&self.block);
        self.reader.push(&self.block);
        self.block.clear();
    }
}

/// What is not pushed yet while rows of others come: many may wait.
#[cfg(feature = "parquet")]
const PARKED_BYTES: usize = 4 << 10;

#[cfg(feature = "parquet")]
impl Member {
    /// Rows of others come: as little room as there can be.
    fn park(&mut self) {
        if self.block.len() >= PARKED_BYTES {
            self.push();
        }
        if self.block.capacity() > 2 * PARKED_BYTES {
            self.block.shrink_to(PARKED_BYTES);
        }
    }
}

#[cfg(feature = "parquet")]
fn short_hash(key: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    blake3::Hasher::new().update(key).finalize_xof().fill(&mut short);
    short
}
