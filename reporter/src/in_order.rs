//! Files whose rows are out of order are read once more, in order of time.

use std::collections::BTreeMap;

use carbon_core::ledger::Ledger;
use carbon_core::note;
use carbon_core::read::{FileReader, ReadOptions};
use carbon_core::series::{InOrder, Ordered};

use crate::discover::Found;
use crate::limits::Limits;
use crate::open::{self, Opened};
use crate::source::Blocks;

/// Reads every file that needs it again. One that can't be (standard input, a file that changed) is left to the ledger, which counts what stands twice
/// once and says so.
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
            None => {}
        }
    }
}

/// A file is not what was read first.
struct Changed;

fn read_in_order(found: &Found, ledger: &Ledger, options: &ReadOptions, limits: &Limits) -> Option<Result<Ordered, Changed>> {
    let first = &ledger.entries().find(|e| e.file.path == found.name)?.file;
    let known = first.bytes;
    let mut sorter = InOrder::default();
    loop {
        let Opened::Regular(file) = open::open(found.path.as_ref()?, found.named).ok()? else { return None };
        if known > file.bytes {
            return Some(Err(Changed));
        }
        let mut blocks = Blocks::of_file(file.file, known, limits, false).ok()?;
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
