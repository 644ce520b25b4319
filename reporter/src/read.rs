//! One file from disk to a reading: in one pass, or in ranges by several threads where it is large and its format allows it.

use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use carbon_core::bounds::STREAM_COPY_BYTES;
use carbon_core::ledger::InputFile;
use carbon_core::note::{self, Code};
use carbon_core::read::{FileReader, RangePart, ReadOptions, Reading, is_own_document, note_foreign};

use crate::discover::Found;
use crate::hash::{self, RangeHasher, SEGMENT};
use crate::limits::Limits;
use crate::open::{self, FileId, Opened, RegularFile, Seen};
use crate::source::{BLOCK, Blocks, Digests};
use crate::spool::Spooled;
use crate::store;
use crate::unpack::{Packing, UnpackError};

/// No range of a file is smaller: a thread costs more than it saves.
pub const SMALLEST_RANGE: u64 = 8 << 20;

/// Bytes of a file that are looked at to describe it.
pub const HEAD: usize = 4096;

/// What one file came to.
#[derive(Debug)]
pub struct FileRead {
    /// The file.
    pub input: InputFile,
    /// Whether the user named it.
    pub named: bool,
    /// Its identity.
    pub id: Option<FileId>,
    /// What was read.
    pub outcome: Outcome,
    /// The logs in it, where it is a store of several.
    pub members: Vec<FileRead>,
}

/// How reading a file ended.
#[derive(Debug)]
pub enum Outcome {
    /// It was read; an unknown format is a reading without one.
    Read(Arc<Reading>),
    /// It could not be read.
    Failed {
        /// Note code.
        code: &'static Code,
        /// Why.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A document that this program wrote.
    OwnDocument,
}

/// What reading needs besides the file.
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    /// Options for the readers.
    pub options: &'c ReadOptions,
    /// Bounds.
    pub limits: &'c Limits,
    /// Whether to compute SHA-256 as well.
    pub sha256: bool,
    /// Counts bytes as they are read.
    pub progress: &'c AtomicU64,
    /// Files of twice this size are read in ranges of at least this size.
    pub smallest_range: u64,
    /// What files that are no logs say, each once.
    pub foreign: &'c Foreign,
}

/// What files that are no logs come to: thousands of them say one thing, which is kept once.
#[derive(Debug, Default)]
pub struct Foreign(Mutex<Vec<Arc<Reading>>>);

/// So many different things are looked through.
const MOST_FOREIGN: usize = 64;

impl Foreign {
    fn share(&self, reading: Reading) -> Outcome {
        if !reading.format.is_empty() {
            return Outcome::Read(Arc::new(reading));
        }
        let mut known = self.0.lock().expect("no thread panics while it holds the lock");
        if let Some(same) = known.iter().find(|known| known.is_as_foreign_as(&reading)) {
            return Outcome::Read(Arc::clone(same));
        }
        let reading = Arc::new(reading);
        if known.len() < MOST_FOREIGN {
            known.push(Arc::clone(&reading));
        }
        Outcome::Read(reading)
    }
}

/// Reads a file in one pass.
pub fn read(found: &Found, context: Context<'_>) -> FileRead {
    let Some(path) = &found.path else {
        return read_opened(
            found,
            Blocks::of_stream(Spooled::new(context.limits.of(&STREAM_COPY_BYTES)), context.limits, context.sha256),
            None,
            context,
        );
    };
    match open::open(path, found.named) {
        Ok(Opened::Regular(mut file)) => {
            let seen = file.seen();
            match store::Packing::detect(&mut file.file) {
                Ok(Some(packing)) => {
                    return store::read(packing, found, path, file, context).unwrap_or_else(|e| unreadable(found, seen.id(), &e));
                }
                Ok(None) => {}
                Err(e) => return unreadable(found, seen.id(), &e),
            }
            read_opened(found, Blocks::of_file(file.file, file.bytes, context.limits, context.sha256), Some((path, seen)), context)
        }
        Ok(Opened::Special(kind)) => failed(found, None, &note::FILE_SKIPPED, format!("found a {kind}, expected a file")),
        Err(e) => unreadable(found, None, &e),
    }
}

fn unreadable(found: &Found, id: Option<FileId>, error: &io::Error) -> FileRead {
    failed(found, id, &note::FILE_UNREADABLE, format!("the file could not be read: {error}"))
}

/// Reads a file, and tells of one that has changed meanwhile.
fn read_opened(found: &Found, blocks: io::Result<Blocks>, seen: Option<(&Path, Seen)>, context: Context<'_>) -> FileRead {
    let named = context.options.of_file(&found.name);
    let id = seen.and_then(|(_, seen)| seen.id());
    let change = || seen.and_then(|(path, seen)| seen.change(path));
    match blocks.and_then(|blocks| one_pass(blocks, Context { options: &named, ..context }, change)) {
        Ok((digests, outcome)) => {
            let Digests { bytes, blake3, content, sha256, .. } = digests;
            // Unknown to the end: then the size is what the folder says.
            let bytes = if blake3.is_empty() { found.bytes } else { bytes };
            let input = InputFile { path: found.name.clone(), bytes, blake3, content, sha256 };
            FileRead { input, named: found.named, id, outcome, members: Vec::new() }
        }
        Err(e) => unreadable(found, id, &e),
    }
}

fn failed(found: &Found, id: Option<FileId>, code: &'static Code, message: String) -> FileRead {
    let input = InputFile { path: found.name.clone(), bytes: found.bytes, ..InputFile::default() };
    FileRead { input, named: found.named, id, outcome: Outcome::Failed { code, message, hint: None }, members: Vec::new() }
}

fn one_pass(mut blocks: Blocks, context: Context<'_>, change: impl FnOnce() -> Option<String>) -> io::Result<(Digests, Outcome)> {
    let mut reader = FileReader::new(context.options.clone());
    let mut head: Vec<u8> = Vec::with_capacity(HEAD);
    let mut stopped = None;
    let mut counted = 0;
    loop {
        match blocks.next_block() {
            Ok([]) => break,
            Ok(block) => {
                let room = HEAD.saturating_sub(head.len()).min(block.len());
                head.extend_from_slice(&block[..room]);
                reader.push(block);
            }
            Err(UnpackError::Io(e)) => return Err(e),
            Err(other) => {
                stopped = Some(other);
                break;
            }
        }
        context.progress.fetch_add(blocks.taken() - counted, Ordering::Relaxed);
        counted = blocks.taken();
        // A checkpoint of 100 GB beside the logs need not be read to its end to be told from a log.
        if reader.reading_mut().is_some_and(|reading| reading.format.is_empty()) {
            let mut reading = reader.finish();
            let digests = Digests { bytes: 0, blake3: String::new(), content: None, sha256: None, shrank: false };
            return Ok((digests, unknown(&mut reading, &head).unwrap_or_else(|| context.foreign.share(reading))));
        }
    }
    let digests = blocks.finish()?;
    let mut reading = reader.finish();
    if let Some(outcome) = unknown(&mut reading, &head) {
        return Ok((digests, outcome));
    }
    // Of a file that is no log, only that it was cut: it may have been one.
    if let Some(message) = change().filter(|_| !reading.format.is_empty() || reading.refused || digests.shrank) {
        reading.notes.add(&note::FILE_CHANGED, "", None, || message);
    }
    match stopped {
        Some(UnpackError::Limit(message)) => {
            let hint = Some(String::from("unpack it and look at it; `--limit NAME=N` with a higher number reads it as it is"));
            return Ok((digests, Outcome::Failed { code: &note::FILE_UNREADABLE, message, hint }));
        }
        Some(UnpackError::Damaged(message)) if head.is_empty() => {
            return Ok((digests, Outcome::Failed { code: &note::FILE_UNREADABLE, message, hint: None }));
        }
        Some(UnpackError::Damaged(message)) => reading.notes.add(&note::INPUT_TRUNCATED, "", None, || message),
        Some(UnpackError::Io(_)) | None => {}
    }
    Ok((digests, context.foreign.share(reading)))
}

/// Says of a file without a format what it is instead.
fn unknown(reading: &mut Reading, head: &[u8]) -> Option<Outcome> {
    if !reading.format.is_empty() || reading.refused {
        return None;
    }
    if is_own_document(head) {
        return Some(Outcome::OwnDocument);
    }
    note_foreign(reading, head);
    None
}

/// Reads a large plain file in ranges, one a thread. `None` where the file or its format needs one pass.
pub fn read_in_ranges(found: &Found, context: Context<'_>, threads: NonZeroUsize) -> Option<FileRead> {
    let path = found.path.as_ref()?;
    let Ok(Opened::Regular(file)) = open::open(path, found.named) else { return None };
    let before = context.progress.load(Ordering::Relaxed);
    let named = context.options.of_file(&found.name);
    let done = ranges(&file, Context { options: &named, ..context }, threads);
    if done.is_none() {
        // The bytes will be read again.
        context.progress.store(before, Ordering::Relaxed);
    }
    let (mut reading, blake3) = done?;
    if let Some(message) = file.seen().change(path) {
        reading.notes.add(&note::FILE_CHANGED, "", None, || message);
    }
    let input = InputFile { path: found.name.clone(), bytes: file.bytes, blake3, ..InputFile::default() };
    Some(FileRead { input, named: found.named, id: file.id, outcome: Outcome::Read(Arc::new(reading)), members: Vec::new() })
}

fn ranges(file: &RegularFile, context: Context<'_>, threads: NonZeroUsize) -> Option<(Reading, String)> {
    let segments = file.bytes.div_ceil(SEGMENT);
    let count = (threads.get() as u64).min(file.bytes / context.smallest_range);
    if count < 2 || context.sha256 {
        return None;
    }
    // As much as a head can be: before it is read, nothing can be split.
    let mut first = vec![0; SEGMENT as usize];
    if open::read_full_at(&file.file, &mut first, 0).ok()? < first.len() || Packing::detect(&first).is_some() {
        return None;
    }
    let mut reader = FileReader::new(context.options.clone());
    reader.push(&first);
    let mut parts = Vec::new();
    for _ in 1..count {
        parts.push(reader.split()?);
    }
    let bound = |i: u64| (i * segments / count * SEGMENT).min(file.bytes);
    let start = Range { file, from: 0, to: bound(1), progress: context.progress };
    let (head, tails) = thread::scope(|scope| {
        let workers: Vec<_> = (1..count)
            .zip(parts)
            .map(|(i, mut part)| {
                let range = Range { from: bound(i), to: if i + 1 == count { file.bytes } else { bound(i + 1) }, ..start };
                scope.spawn(move || -> Option<(RangePart, _)> {
                    let hashes = range.read(&[], |bytes| part.push(bytes)).ok()?;
                    Some((part, hashes))
                })
            })
            .collect();
        let head = start.read(&first, |bytes| reader.push(bytes)).ok();
        let tails: Vec<_> = workers.into_iter().map(|w| w.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect();
        (head, tails)
    });
    let mut hashes = head?;
    let mut parts = Vec::new();
    for tail in tails {
        let (part, later) = tail?;
        parts.push(part);
        hashes.extend(later);
    }
    let blake3 = hash::root(&hashes, file.bytes)?.to_hex().to_string();
    Some((reader.join(parts)?, blake3))
}

/// A range of a file: the bytes to hash, and the lines that begin among them.
#[derive(Clone, Copy)]
struct Range<'f> {
    file: &'f RegularFile,
    from: u64,
    to: u64,
    progress: &'f AtomicU64,
}

impl Range<'_> {
    /// Hashes the range and hands over its lines whole, from the first that begins in it. `pushed` is the start of the range that was handed over before.
    fn read(self, pushed: &[u8], mut push: impl FnMut(&[u8])) -> io::Result<Vec<blake3::hazmat::ChainingValue>> {
        let mut hasher = RangeHasher::new(self.from);
        hasher.update(pushed);
        let mut at = self.from + pushed.len() as u64;
        let mut in_line_before = self.from > 0 && self.byte_before()? != b'\n';
        let mut ends_in_line = pushed.last().is_some_and(|b| *b != b'\n');
        let mut block = vec![0; BLOCK];
        while at < self.to {
            let length = usize::try_from(self.to - at).map_or(BLOCK, |left| left.min(BLOCK));
            let bytes = self.fill(&mut block[..length], at)?;
            hasher.update(bytes);
            at += bytes.len() as u64;
            let mut lines = bytes;
            if in_line_before {
                let Some(end) = memchr::memchr(b'\n', bytes) else { continue };
                in_line_before = false;
                lines = &bytes[end + 1..];
            }
            if let Some(last) = lines.last() {
                ends_in_line = *last != b'\n';
                push(lines);
            }
        }
        // The last line belongs here to its end; its bytes are hashed by the next range.
        while ends_in_line && !in_line_before && at < self.file.bytes {
            let length = usize::try_from(self.file.bytes - at).map_or(BLOCK, |left| left.min(BLOCK)).min(4096);
            let bytes = self.fill(&mut block[..length], at)?;
            at += bytes.len() as u64;
            match memchr::memchr(b'\n', bytes) {
                Some(end) => {
                    push(&bytes[..=end]);
                    ends_in_line = false;
                }
                None => push(bytes),
            }
        }
        Ok(hasher.finish())
    }

    fn byte_before(&self) -> io::Result<u8> {
        let mut byte = [0];
        self.fill(&mut byte, self.from - 1)?;
        Ok(byte[0])
    }

    /// The bytes at `at`; fewer than asked for is an error, because the file became shorter.
    fn fill<'b>(&self, block: &'b mut [u8], at: u64) -> io::Result<&'b [u8]> {
        let read = open::read_full_at(&self.file.file, block, at)?;
        if read < block.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if at < self.to && at >= self.from {
            self.progress.fetch_add(read as u64, Ordering::Relaxed);
        }
        Ok(block)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

    fn file(name: &str, content: &[u8]) -> RegularFile {
        let path = std::env::temp_dir().join(format!("carbon-report-{name}-{}-{:?}", std::process::id(), thread::current().id()));
        fs::write(&path, content).unwrap();
        let file = File::open(&path).unwrap();
        fs::remove_file(path).unwrap();
        RegularFile { file, bytes: content.len() as u64, id: None, modified: None }
    }

    /// Lines of every range, and the hash of all.
    fn in_ranges(content: &[u8], bounds: &[u64]) -> (Vec<Vec<u8>>, Option<blake3::Hash>) {
        let file = file("ranges", content);
        let progress = AtomicU64::new(0);
        let (mut lines, mut hashes) = (Vec::new(), Vec::new());
        for pair in bounds.windows(2) {
            let mut own = Vec::new();
            let range = Range { file: &file, from: pair[0], to: pair[1], progress: &progress };
            hashes.extend(range.read(&[], |bytes| own.extend_from_slice(bytes)).unwrap());
            lines.push(own);
        }
        assert_eq!(progress.into_inner(), file.bytes);
        (lines, hash::root(&hashes, file.bytes))
    }

    #[test]
    fn a_log_that_changes_is_told_and_counts_as_it_was() {
        let path = std::env::temp_dir().join(format!("carbon-report-changes-{}", std::process::id()));
        let log = |rows: usize| {
            let row = |second| format!("2025/06/12 14:00:{second:02}.000, 0, 100.00 W\n");
            format!("timestamp, index, power.draw [W]\n{}", (0..rows).map(row).collect::<String>())
        };
        let told = |rows_after: Option<usize>| {
            fs::write(&path, log(10)).unwrap();
            let Opened::Regular(file) = open::open(&path, true).unwrap() else { panic!("a file") };
            let seen = file.seen();
            if let Some(rows) = rows_after {
                fs::write(&path, log(rows)).unwrap();
            }
            let (options, limits, progress, foreign) = (ReadOptions::default(), Limits::default(), AtomicU64::new(0), Foreign::default());
            let context = Context {
                options: &options,
                limits: &limits,
                sha256: false,
                progress: &progress,
                smallest_range: SMALLEST_RANGE,
                foreign: &foreign,
            };
            let found = Found { path: Some(path.clone()), name: "gpu.csv".into(), named: true, bytes: file.bytes };
            let blocks = Blocks::of_file(file.file, file.bytes, &limits, false);
            let read = read_opened(&found, blocks, Some((&path, seen)), context);
            let Outcome::Read(reading) = read.outcome else { panic!("{:?}", read.outcome) };
            (
                reading.rows.used,
                reading.notes.iter().filter(|note| note.code.id == "file-changed").map(|note| note.message.clone()).collect(),
            )
        };
        let says = |(rows, told): (u64, Vec<String>), expected: u64, word: &str| {
            assert!(rows == expected && told.len() == 1 && told[0].contains(word), "{rows} {told:?}");
        };
        assert_eq!(told(None), (10, Vec::new()));
        says(told(Some(30)), 10, "grew");
        says(told(Some(4)), 4, "shorter");
        says(told(Some(0)), 0, "shorter");
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn files_that_say_the_same_share_it() {
        let foreign = Foreign::default();
        let unknown = |head: &[u8]| {
            let mut reading = Reading::default();
            note_foreign(&mut reading, head);
            let Outcome::Read(shared) = foreign.share(reading) else { panic!("a reading") };
            shared
        };
        let (a, b, c) = (unknown(b"step 1"), unknown(b"step 2"), unknown(b"%PDF"));
        assert!(Arc::ptr_eq(&a, &b) && !Arc::ptr_eq(&a, &c));
        assert_eq!(c.notes.iter().next().map(|note| note.message.as_str()), Some("not a log: PDF document"));
    }

    #[test]
    fn every_line_is_in_one_range() {
        let line = |i: usize| format!("{i},{}\n", "x".repeat(i * 7 % 5000));
        let mut content: Vec<u8> = (0..1800).flat_map(|i| line(i).into_bytes()).collect();
        content.extend_from_slice(b"cut");
        let length = content.len() as u64;
        assert!(length > 3 * SEGMENT);
        // A line end just before, on and after a bound.
        for shift in 0..3 {
            let mut content = content.clone();
            content[(SEGMENT - 2 + shift) as usize] = b'\n';
            let (ranges, hash) = in_ranges(&content, &[0, SEGMENT, 2 * SEGMENT, length]);
            assert!(ranges.concat() == content);
            assert!(ranges[..2].iter().all(|r| r.ends_with(b"\n")));
            assert_eq!(hash, Some(blake3::hash(&content)));
        }
    }

    #[test]
    fn a_line_longer_than_a_range_stays_whole() {
        let mut content = b"short\n".to_vec();
        content.extend(vec![b'x'; 3 * SEGMENT as usize]);
        content.extend_from_slice(b"\nlast\n");
        let length = content.len() as u64;
        let (ranges, hash) = in_ranges(&content, &[0, SEGMENT, 2 * SEGMENT, 3 * SEGMENT, length]);
        assert!(ranges[0].len() == content.len() - 5 && ranges[1].is_empty() && ranges[2].is_empty());
        assert_eq!(ranges[3], b"last\n");
        assert_eq!(hash, Some(blake3::hash(&content)));
    }
}
