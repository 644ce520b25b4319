//! The logs that a store holds, each fed to a reader as it is unpacked: nothing of it is kept.

use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;

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
        Self { store, store_bytes, context, current: None, names: BTreeSet::new(), logs: Vec::new(), others: 0, unpacked: 0 }
    }

    /// Begins the next log. Parts of its name are the store's words: what would look like a folder in them does not.
    ///
    /// # Errors
    /// In words, where a store holds more logs than files may be read.
    pub fn begin(&mut self, parts: &[&str]) -> Result<(), String> {
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
            reader: FileReader::new(ReadOptions { is_run: true, ..self.context.options.of_file(&name) }),
            name: unique,
            hasher: blake3::Hasher::new(),
            bytes: 0,
            block: Vec::with_capacity(BLOCK),
        });
        Ok(())
    }

    /// Adds a line, without its end, in pieces. Line ends inside a piece are none of a log of lines.
    ///
    /// # Errors
    /// In words, where the store unpacks to more than a limit allows.
    pub fn line(&mut self, pieces: &[&[u8]]) -> Result<(), String> {
        let Some(member) = &mut self.current else { return Ok(()) };
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
        (mem::take(&mut self.logs), self.others)
    }
}

impl Member {
    fn push(&mut self) {
        self.hasher.update(&self.block);
        self.reader.push(&self.block);
        self.block.clear();
    }
}
