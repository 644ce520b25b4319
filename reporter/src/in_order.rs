//! Files whose rows are out of order are read once more, in order of time.

use std::collections::BTreeMap;
use std::fs::File;

use carbon_core::bounds::STREAM_COPY_BYTES;
use carbon_core::ledger::Ledger;
use carbon_core::note;
use carbon_core::read::{FileReader, ReadOptions};
use carbon_core::series::{InOrder, Ordered};

use crate::discover::Found;
use crate::limits::Limits;
use crate::open::{self, Opened};
use crate::source::Blocks;
use crate::spool;

/// Reads every file that needs it again. One that can't be (a stream too long to keep, a file that changed) is left to the ledger, which counts what stands
/// twice once and says so.
pub fn put_in_order(ledger: &mut Ledger, files: &[Found], options: &ReadOptions, limits: &Limits) {
    let unordered = ledger.unordered();
    let by_name: BTreeMap<&str, &Found> = files.iter().map(|f| (f.name.as_str(), f)).collect();
    for path in unordered {
        let sorted = by_name.get(path.as_str()).and_then(|found| read_in_order(found, ledger, options, limits));
        match sorted {
            Some(Ok(ordered)) => ledger.put_in_order(&path, ordered),
            Some(Err(Changed)) => {
                let message = String::from("the file was changed before its rows could be put in order: they count as they stood");
                ledger.note(&path, &note::FILE_CHANGED, message);
            }
            None if by_name.get(path.as_str()).is_some_and(|found| found.path.is_none()) => {
                let reached = limits.reached(&STREAM_COPY_BYTES);
                ledger.note(&path, &note::LIMIT_REACHED, format!("{reached}: rows that are out of order count as they stand"));
            }
            None => {}
        }
    }
}

/// A file is not what was read first.
struct Changed;

/// The file, and how many bytes it has.
fn opened(found: &Found) -> Option<(File, u64)> {
    let Some(path) = &found.path else {
        let copy = spool::again()?;
        let bytes = copy.metadata().ok()?.len();
        return Some((copy, bytes));
    };
    match open::open(path, found.named).ok()? {
        Opened::Regular(file) => Some((file.file, file.bytes)),
        Opened::Special(_) => None,
    }
}

fn read_in_order(found: &Found, ledger: &Ledger, options: &ReadOptions, limits: &Limits) -> Option<Result<Ordered, Changed>> {
    let first = &ledger.entries().find(|e| e.file.path == found.name)?.file;
    let known = first.bytes;
    let mut sorter = InOrder::default();
    loop {
        let (file, bytes) = opened(found)?;
        if known > bytes {
            return Some(Err(Changed));
        }
        let mut blocks = Blocks::of_file(file, known, limits, false).ok()?;
        let mut reader = FileReader::queueing(options.of_file(&found.name));
        loop {
            let block = blocks.next_block().ok()?;
            if block.is_empty() {
                break;
            }
            // In small pieces: a reading in the queue takes more room than its row.
            for piece in block.chunks(16 * 1024) {
                reader.push(piece);
                if let Some(reading) = reader.reading_mut() {
                    reading.drain_into(&mut sorter);
                }
            }
        }
        if blocks.finish().ok()?.blake3 != first.blake3 {
            return Some(Err(Changed));
        }
        reader.finish().drain_into(&mut sorter);
        if !sorter.end_pass() {
            return Some(Ok(sorter.finish()));
        }
    }
}
