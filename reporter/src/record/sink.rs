//! Where records go: a numbered series of files that only grow.
//!
//! One `write` of whole lines a tick, with `O_APPEND` and no buffer of our own: what a call returned for is in the kernel's hands and outlives
//! the recorder. No lock, no rename, no repair: after an error a new line or a new file is begun, and what could not be written waits in memory.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use carbon_core::read::carbon_report_jsonl::record::Clocks;
use carbon_core::units::calendar::rfc3339;
use carbon_core::units::{Instant, Span};

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

/// Makes the lines that begin the file of this number, counted from 0.
pub type Head<'h> = &'h dyn Fn(u32) -> Vec<u8>;

/// A series of files of one run.
#[derive(Debug)]
pub struct Sink {
    folder: PathBuf,
    stem: String,
    rotate_at: u64,
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
    /// What has still to be written before anything else, so that the file can be read alone.
    head: Option<Vec<u8>>,
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

impl Sink {
    /// A series in `folder`, which is made when the first lines come. `run` is in the names of the files.
    pub fn new(folder: &Path, start: Instant, run: &str, rotate_at: u64) -> Self {
        Self {
            folder: folder.into(),
            stem: stem(start, run),
            rotate_at,
            segment: None,
            segments: 0,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            lost: None,
            synced: None,
        }
    }

    /// The file that is written to, or was last.
    pub fn path(&self) -> Option<&Path> {
        self.segment.as_ref().map(|s| s.path.as_path())
    }

    /// Number of files.
    pub fn segments(&self) -> u32 {
        self.segments
    }

    /// Begins the next file where it is due. What goes wrong is told by [`Sink::append`].
    pub fn prepare(&mut self, head: Head<'_>) {
        let _ = self.make_ready(head);
    }

    /// Adds the whole lines of one tick, and synchronises when it is time to.
    ///
    /// What was lost since the last success is told with the next one. After an error nothing has to be done: lines that are not in the file wait.
    pub fn append(&mut self, lines: Vec<u8>, at: Clocks, head: Head<'_>) -> io::Result<Option<Lost>> {
        self.waiting_bytes += lines.len();
        self.waiting.push_back(Block { lines, at });
        let result = self.flush(head).and_then(|()| self.sync_if_due(at.mono));
        if result.is_err() {
            self.forget_oldest(at);
        }
        result.map(|()| self.lost.take())
    }

    /// Puts what was written on the disk.
    pub fn sync(&mut self, now: Span) -> io::Result<()> {
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
    fn flush(&mut self, head: Head<'_>) -> io::Result<()> {
        while let Some(first) = self.waiting.front() {
            let (mut count, mut bytes) = (1, first.lines.len());
            while let Some(next) = self.waiting.get(count).filter(|next| bytes + next.lines.len() <= PIECE) {
                bytes += next.lines.len();
                count += 1;
            }
            self.make_ready(head)?;
            let Some(segment) = &mut self.segment else { return Err(io::ErrorKind::NotFound.into()) };
            let new_line: &[u8] = if segment.torn { b"\n" } else { b"" };
            let lines = self.waiting.iter().take(count).map(|b| b.lines.as_slice());
            let piece: Vec<u8> = std::iter::once(new_line).chain(lines).flatten().copied().collect();
            let (written, result) = segment.write(&piece);
            let lines_written = written.saturating_sub(piece.len() - bytes);
            self.no_longer_wait(lines_written);
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

    /// A file to write to: the same, or the next one where it is full or spoilt. Each begins with its head.
    fn make_ready(&mut self, head: Head<'_>) -> io::Result<()> {
        if !self.segment.as_ref().is_some_and(|s| !s.spoilt && s.bytes < self.rotate_at) {
            if let Some(full) = self.segment.as_ref().filter(|s| !s.spoilt) {
                full.file.sync_data()?;
            }
            make_folder(&self.folder)?;
            let path = self.folder.join(format!("{}.{:04}.jsonl", self.stem, self.segments));
            let file = OpenOptions::new().append(true).create_new(true).open(&path)?;
            self.segment = Some(Segment { file, path, bytes: 0, head: Some(head(self.segments)), torn: false, spoilt: false });
            self.segments += 1;
            self.synced = None;
            keep_names_in(&self.folder);
        }
        match &mut self.segment {
            Some(segment) => segment.begin(),
            None => Ok(()),
        }
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
    /// Writes the head, where it is not there yet.
    fn begin(&mut self) -> io::Result<()> {
        let Some(head) = self.head.take() else { return Ok(()) };
        let (_, result) = self.write(&head);
        if result.is_err() && (self.bytes == 0 || self.file.set_len(0).is_ok()) {
            // Half a head could not be read; the file holds no sample yet and is begun anew.
            (self.bytes, self.torn, self.spoilt) = (0, false, false);
            self.head = Some(head);
        }
        result
    }

    /// Writes whole lines. How many bytes of them are whole lines in the file.
    fn write(&mut self, piece: &[u8]) -> (usize, io::Result<()>) {
        let mut written = 0;
        let result = loop {
            if written == piece.len() {
                break Ok(());
            }
            match self.file.write(&piece[written..]) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        self.bytes += written as u64;
        if written > 0 {
            self.torn = piece[written - 1] != b'\n';
        }
        if let Err(error) = &result {
            // A full disk is waited for; after any other error nobody knows what is in the file, and the next one is due.
            self.spoilt = !is_full(error) && self.bytes > 0;
        }
        (piece[..written].iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1), result)
    }
}

/// Makes a folder and those above it.
fn make_folder(folder: &Path) -> io::Result<()> {
    let new: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    std::fs::create_dir_all(folder)?;
    for made in new {
        keep_names_in(made.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    }
    Ok(())
}

/// So that new names in a folder outlive a power cut as the bytes do. Not every file system can.
fn keep_names_in(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Whether an error means that there is no room.
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::WriteZero)
}

/// `carbon-report-20251125T204733Z-4711-9f3a2c`: start, process, and something that no other run has.
fn stem(start: Instant, run: &str) -> String {
    let stamp: String = rfc3339(start, true).chars().filter(char::is_ascii_alphanumeric).collect();
    let stamp = stamp.get(..15).unwrap_or(&stamp);
    format!("carbon-report-{stamp}Z-{}-{}", std::process::id(), run.get(..6).unwrap_or(run))
}
