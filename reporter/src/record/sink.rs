//! Where records go: a numbered series of files that only grow.
//!
//! One `write` of whole lines a tick, with `O_APPEND` and no buffer of our own: what a call returned for is in the kernel's hands and outlives
//! the recorder. No lock, no rename, no repair: after an error a new line or a new file is begun, and what could not be written waits in memory.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use carbon_core::units::calendar::rfc3339;
use carbon_core::units::{Instant, Span};

use super::clocks::Clocks;

/// A file is followed by the next one beyond this size.
pub const ROTATE_AT: u64 = 64 << 20;

/// What is on the disk is certain to be there after a power cut up to this time before.
pub const SYNC_EVERY: Span = Span::from_seconds(30);

/// What can't be written is kept for so long,
const KEEP: Span = Span::from_seconds(3600);

/// and up to so many bytes.
const KEEP_BYTES: usize = 16 << 20;

/// What waited is written in pieces of this size.
const PIECE: usize = 1 << 20;

/// A series of files of one run.
#[derive(Debug)]
pub struct Sink {
    folder: PathBuf,
    stem: String,
    rotate_at: u64,
    /// The lines that begin every file, so that each can be read alone.
    head: Vec<u8>,
    segment: Option<Segment>,
    segments: u32,
    waiting: VecDeque<Block>,
    waiting_bytes: usize,
    lost: Option<Lost>,
    synced: Option<Span>,
}

#[derive(Debug)]
struct Segment {
    file: File,
    path: PathBuf,
    bytes: u64,
    /// The head is in it, whole.
    begun: bool,
    /// The last line has no end.
    torn: bool,
    /// It can't be known what of it is on the disk: the next file is due.
    spoilt: bool,
}

#[derive(Debug)]
struct Block {
    lines: Vec<u8>,
    at: Clocks,
}

/// What had to be forgotten because it could not be written for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// First tick.
    pub from: Clocks,
    /// Last tick.
    pub to: Clocks,
    /// Number of ticks.
    pub ticks: u64,
}

/// What became of a tick.
#[derive(Debug)]
pub enum Appended {
    /// It is in the file.
    Written,
    /// It is in the file, and so is what had to wait; some may have been lost.
    Recovered(Option<Lost>),
    /// It waits.
    Waits(io::Error),
}

impl Sink {
    /// A series in `folder`, which is made when the first lines come.
    pub fn new(folder: &Path, start: Instant, rotate_at: u64) -> Self {
        Self {
            folder: folder.into(),
            stem: stem(start),
            rotate_at,
            head: Vec::new(),
            segment: None,
            segments: 0,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            lost: None,
            synced: None,
        }
    }

    /// Sets the lines that begin every file from the next one on.
    pub fn set_head(&mut self, head: Vec<u8>) {
        self.head = head;
    }

    /// The file that is written to, or was last.
    pub fn path(&self) -> Option<&Path> {
        self.segment.as_ref().map(|s| s.path.as_path())
    }

    /// What all files of the series are called, up to their numbers.
    pub fn stem(&self) -> &str {
        &self.stem
    }

    /// Number of files.
    pub fn segments(&self) -> u32 {
        self.segments
    }

    /// Adds the whole lines of one tick, and synchronises when it is time to.
    pub fn append(&mut self, lines: Vec<u8>, at: Clocks) -> Appended {
        let waited = !self.waiting.is_empty();
        self.waiting_bytes += lines.len();
        self.waiting.push_back(Block { lines, at });
        let result = self.flush().and_then(|()| self.sync_if_due(at.mono));
        match result {
            Ok(()) if waited => Appended::Recovered(self.lost.take()),
            Ok(()) => Appended::Written,
            Err(error) => {
                self.forget_oldest(at);
                Appended::Waits(error)
            }
        }
    }

    /// Puts what was written on the disk.
    pub fn sync(&mut self, now: Span) -> io::Result<()> {
        self.flush()?;
        let Some(segment) = &mut self.segment else { return Ok(()) };
        self.synced = Some(now);
        // After a failure the kernel may take the same pages for clean: nothing more is put behind them.
        segment.file.sync_data().inspect_err(|_| segment.spoilt = true)
    }

    fn sync_if_due(&mut self, now: Span) -> io::Result<()> {
        match self.synced {
            Some(last) if now - last < SYNC_EVERY => Ok(()),
            _ => self.sync(now),
        }
    }

    /// Writes what waits, in order.
    fn flush(&mut self) -> io::Result<()> {
        while let Some(first) = self.waiting.front() {
            let (mut count, mut bytes) = (1, first.lines.len());
            while let Some(next) = self.waiting.get(count).filter(|next| bytes + next.lines.len() <= PIECE) {
                bytes += next.lines.len();
                count += 1;
            }
            self.make_ready()?;
            let Some(segment) = &mut self.segment else { return Err(io::ErrorKind::NotFound.into()) };
            let begin: &[u8] = match (segment.begun, segment.torn) {
                (false, _) => &self.head,
                (true, true) => b"\n",
                (true, false) => b"",
            };
            let lines = self.waiting.iter().take(count).map(|b| b.lines.as_slice());
            let piece: Vec<u8> = std::iter::once(begin).chain(lines).flatten().copied().collect();
            let (written, result) = segment.write(&piece, begin.len());
            self.no_longer_wait(written);
            result?;
        }
        Ok(())
    }

    /// Takes out the first `bytes` of what waits: whole lines that are written.
    fn no_longer_wait(&mut self, mut bytes: usize) {
        self.waiting_bytes -= bytes;
        while let Some(first) = self.waiting.front_mut() {
            if first.lines.len() > bytes {
                first.lines.drain(..bytes);
                return;
            }
            bytes -= first.lines.len();
            self.waiting.pop_front();
        }
    }

    /// A file to write to: the same, or the next one where it is full or spoilt.
    fn make_ready(&mut self) -> io::Result<()> {
        if self.segment.as_ref().is_some_and(|s| !s.spoilt && s.bytes < self.rotate_at) {
            return Ok(());
        }
        if let Some(full) = self.segment.as_ref().filter(|s| !s.spoilt) {
            full.file.sync_data()?;
        }
        std::fs::create_dir_all(&self.folder)?;
        let path = self.folder.join(format!("{}.{:04}.jsonl", self.stem, self.segments + 1));
        let file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        self.segments += 1;
        self.segment = Some(Segment { file, path, bytes: 0, begun: false, torn: false, spoilt: false });
        self.synced = None;
        // So that the name outlives a power cut as the bytes do. Not every file system can.
        let _ = File::open(&self.folder).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// Memory is bounded: what waited longest goes first, and is counted.
    fn forget_oldest(&mut self, now: Clocks) {
        while let Some(oldest) = self.waiting.front()
            && (now.mono - oldest.at.mono > KEEP || self.waiting_bytes > KEEP_BYTES)
        {
            let at = oldest.at;
            self.waiting_bytes -= oldest.lines.len();
            self.waiting.pop_front();
            let lost = self.lost.get_or_insert(Lost { from: at, to: at, ticks: 0 });
            lost.to = at;
            lost.ticks += 1;
        }
    }
}

impl Segment {
    /// Writes `piece`, the first `begin` bytes of which make the file or the line ready. How many bytes of whole lines after them are in the file.
    fn write(&mut self, piece: &[u8], begin: usize) -> (usize, io::Result<()>) {
        let mut written = 0;
        let error = loop {
            match self.file.write(&piece[written..]) {
                Ok(0) => break io::ErrorKind::WriteZero.into(),
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break error,
            }
            if written == piece.len() {
                self.bytes += written as u64;
                (self.begun, self.torn) = (true, false);
                return (written - begin, Ok(()));
            }
        };
        if !self.begun && written < begin && self.file.set_len(0).is_ok() {
            // A file that begins with half a head could not be read; it holds no sample yet.
            written = 0;
        }
        self.bytes += written as u64;
        if written > 0 {
            self.begun = true;
            self.torn = piece[written - 1] != b'\n';
        }
        // A full disk is waited for; after any other error nobody knows what is in the file, and the next one is due.
        let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::WriteZero);
        self.spoilt = !full && self.bytes > 0;
        let lines = piece.get(begin..written).unwrap_or_default();
        let whole = lines.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        (whole, Err(error))
    }
}

/// `carbon-report-20251125T204733Z-4711-9f3a2c`: start, process, and something that no other run has.
fn stem(start: Instant) -> String {
    let stamp = rfc3339(start, true);
    let stamp: String = stamp.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let stamp = stamp.get(..15).unwrap_or(&stamp);
    let random = RandomState::new().build_hasher().finish() & 0xff_ffff;
    format!("carbon-report-{stamp}Z-{}-{random:06x}", std::process::id())
}
