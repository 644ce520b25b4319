//! Files that hold one device at overlapping times are read once more, side by side, so that their samples meet in time order.

use std::collections::BTreeMap;

use carbon_core::ledger::{Ledger, Merge};
use carbon_core::read::{FileReader, ReadOptions};
use carbon_core::series::Series;

use crate::discover::Found;
use crate::limits::Limits;
use crate::open::{self, Opened};
use crate::source::Blocks;

/// Reads every group of overlapping files again. A group that can't be (standard input, a file that changed) is left to the ledger's own rule,
/// which counts the larger part and says so.
pub fn rejoin(ledger: &mut Ledger, files: &[Found], options: &ReadOptions, limits: &Limits) {
    let groups = ledger.overlaps();
    if groups.is_empty() {
        return;
    }
    let by_name: BTreeMap<&str, &Found> = files.iter().map(|f| (f.name.as_str(), f)).collect();
    for group in groups {
        let sources: Option<Vec<Source>> =
            group.iter().map(|name| Source::open(by_name.get(name.as_str())?, ledger, options, limits)).collect();
        if let Some(series) = sources.and_then(merge) {
            ledger.replace(group, series);
        }
    }
}

/// A file at its second reading.
struct Source {
    blocks: Blocks,
    reader: Option<FileReader>,
}

impl Source {
    fn open(found: &Found, ledger: &Ledger, options: &ReadOptions, limits: &Limits) -> Option<Self> {
        let Opened::Regular(file) = open::open(found.path.as_ref()?, found.named).ok()? else { return None };
        let known = ledger.entries().find(|e| e.file.path == found.name)?;
        if known.file.bytes > file.bytes {
            return None;
        }
        let blocks = Blocks::of_file(file.file, known.file.bytes, limits, false).ok()?;
        Some(Self { blocks, reader: Some(FileReader::queueing(options.of_file(&found.name))) })
    }
}

fn merge(mut sources: Vec<Source>) -> Option<Vec<Series>> {
    let mut merge = Merge::new(sources.len());
    while let Some(i) = merge.wants() {
        let Source { blocks, reader } = sources.get_mut(i)?;
        let block = blocks.next_block().ok()?;
        if block.is_empty() {
            let mut rest = reader.take()?.finish();
            merge.feed(i, rest.drain_queue());
            merge.end(i);
            continue;
        }
        let reader = reader.as_mut()?;
        // In small pieces: a sample in the queue takes more room than its row.
        for piece in block.chunks(16 * 1024) {
            reader.push(piece);
            if let Some(reading) = reader.reading_mut() {
                merge.feed(i, reading.drain_queue());
            }
        }
    }
    Some(merge.finish())
}
