//! The bytes of one input as blocks: hashed as given, unpacked where they are packed, read to the length that the file had when it was opened.

use std::fs::File;
use std::io::{self, BufRead, Read};

use sha2::{Digest, Sha256};

use crate::limits::Limits;
use crate::unpack::{Counted, Packing, UnpackError, Unpacker};

/// Bytes read at once: fits the second-level cache, so that hashing and reading share it.
pub const BLOCK: usize = 256 * 1024;

/// An input as blocks of plain bytes.
pub struct Blocks {
    state: State,
    /// Told after what was unpacked before it.
    failed: Option<UnpackError>,
}

#[allow(clippy::large_enum_variant, reason = "one lives at a time, on the stack of the thread that reads a file")]
enum State {
    Plain { source: Box<HashingSource>, lent: usize },
    Packed { unpacker: Box<Unpacker<HashingSource>>, block: Vec<u8>, content: Box<blake3::Hasher> },
}

/// What is known of an input once its blocks are read.
#[derive(Clone, Debug)]
pub struct Digests {
    /// Size as given.
    pub bytes: u64,
    /// BLAKE3, hexadecimal.
    pub blake3: String,
    /// BLAKE3 of what a packed input holds.
    pub content: Option<String>,
    /// SHA-256, hexadecimal, where asked for.
    pub sha256: Option<String>,
    /// The file was shorter than when it was opened.
    pub shrank: bool,
}

impl Blocks {
    /// The blocks of a file of `bytes` bytes.
    pub fn of_file(file: File, bytes: u64, limits: &Limits, sha256: bool) -> io::Result<Self> {
        Self::new(HashingSource::new(Box::new(file), bytes, sha256), limits)
    }

    /// The blocks of a stream.
    pub fn of_stream(stream: impl Read + Send + 'static, limits: &Limits, sha256: bool) -> io::Result<Self> {
        Self::new(HashingSource::new(Box::new(stream), u64::MAX, sha256), limits)
    }

    fn new(mut source: HashingSource, limits: &Limits) -> io::Result<Self> {
        let state = match Packing::detect(source.fill_buf()?) {
            None => State::Plain { source: Box::new(source), lent: 0 },
            Some(packing) => State::Packed {
                unpacker: Box::new(Unpacker::new(packing, source, limits.clone())),
                block: vec![0; BLOCK],
                content: Box::default(),
            },
        };
        Ok(Self { state, failed: None })
    }

    /// The next block; empty at the end. After an error there are no more blocks.
    pub fn next_block(&mut self) -> Result<&[u8], UnpackError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        match &mut self.state {
            State::Plain { source, lent } => {
                source.consume(*lent);
                let block = source.fill_buf().map_err(UnpackError::Io)?;
                *lent = block.len();
                Ok(block)
            }
            State::Packed { unpacker, block, content } => {
                let (filled, result) = unpacker.fill(block);
                content.update(&block[..filled]);
                match result {
                    Err(error) if filled == 0 => return Err(error),
                    result => self.failed = result.err(),
                }
                Ok(&block[..filled])
            }
        }
    }

    /// Bytes taken from the input so far.
    pub fn taken(&self) -> u64 {
        match &self.state {
            State::Plain { source, .. } => source.taken,
            State::Packed { unpacker, .. } => unpacker.source().taken,
        }
    }

    /// Reads what is left, for the hash alone, and ends.
    pub fn finish(self) -> io::Result<Digests> {
        let (mut source, content) = match self.state {
            State::Plain { source, .. } => (*source, None),
            State::Packed { unpacker, content, .. } => (unpacker.into_source(), Some(content.finalize().to_hex().to_string())),
        };
        loop {
            let unread = source.fill_buf()?.len();
            if unread == 0 {
                break;
            }
            source.consume(unread);
        }
        Ok(Digests { content, ..source.digests() })
    }
}

/// A reader that hashes what passes and knows when to stop.
struct HashingSource {
    inner: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    /// Bytes that may still be read: a file that grows meanwhile is read to where it ended.
    left: u64,
    ended: bool,
    taken: u64,
    blake3: blake3::Hasher,
    sha256: Option<Sha256>,
}

impl HashingSource {
    fn new(inner: Box<dyn Read + Send>, left: u64, sha256: bool) -> Self {
        let size = usize::try_from(left).map_or(BLOCK, |left| left.clamp(1, BLOCK));
        Self {
            inner,
            buffer: vec![0; size],
            from: 0,
            to: 0,
            left,
            ended: false,
            taken: 0,
            blake3: blake3::Hasher::new(),
            sha256: sha256.then(Sha256::new),
        }
    }

    fn digests(self) -> Digests {
        Digests {
            bytes: self.taken,
            blake3: self.blake3.finalize().to_hex().to_string(),
            content: None,
            sha256: self.sha256.map(|hasher| hex(&hasher.finalize())),
            shrank: self.ended && self.left > 0 && self.left < u64::MAX / 2,
        }
    }
}

impl Read for HashingSource {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let buffered = self.fill_buf()?;
        let length = buffered.len().min(out.len());
        out[..length].copy_from_slice(&buffered[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for HashingSource {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.from == self.to && self.left > 0 && !self.ended {
            let most = usize::try_from(self.left).map_or(self.buffer.len(), |left| left.min(self.buffer.len()));
            (self.from, self.to) = (0, 0);
            // A pipe hands over little at a time; a full block is hashed faster.
            while self.to < most {
                match self.inner.read(&mut self.buffer[self.to..most]) {
                    Ok(0) => {
                        self.ended = true;
                        break;
                    }
                    Ok(n) => self.to += n,
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(e) => return Err(e),
                }
            }
            let read = &self.buffer[..self.to];
            self.left -= read.len() as u64;
            self.taken += read.len() as u64;
            self.blake3.update(read);
            if let Some(sha256) = &mut self.sha256 {
                sha256.update(read);
            }
        }
        Ok(&self.buffer[self.from..self.to])
    }

    fn consume(&mut self, length: usize) {
        self.from = (self.from + length).min(self.to);
    }
}

impl Counted for HashingSource {
    fn taken(&self) -> u64 {
        self.taken
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
