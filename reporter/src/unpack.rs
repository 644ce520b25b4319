//! Compressed logs as a stream: gzip, zstd, xz, bzip2 and lz4, recognised by their first bytes, bounded against bombs.

use std::io::{self, BufRead, Read};

use bzip2::bufread::MultiBzDecoder;
use carbon_core::bounds::Bound;
use flate2::bufread::MultiGzDecoder;
use lz4_flex::frame::{Error as Lz4Error, FrameDecoder as Lz4Decoder};
use lzma_rust2::{Action, Status, XzStream};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::limits::{Limits, RATIO, RATIO_FREE_BYTES, UNPACKED_BYTES, XZ_BYTES, ZSTD_WINDOW_BYTES};

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// bzip2, one stream or several.
    Bzip2,
    /// gzip, one member or several.
    Gzip,
    /// lz4, one frame or several, of the old kind as well.
    Lz4,
    /// xz, one stream or several.
    Xz,
    /// zstd, one frame or several.
    Zstd,
}

impl Packing {
    /// The packing of a file by its first bytes; `None` for plain files.
    pub fn detect(head: &[u8]) -> Option<Packing> {
        match head {
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Some(Packing::Bzip2),
            // One that holds nothing.
            [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Some(Packing::Bzip2),
            [0x1F, 0x8B, 0x08, ..] => Some(Packing::Gzip),
            [0x04, 0x22, 0x4D, 0x18, ..] | [0x02, 0x21, 0x4C, 0x18, ..] => Some(Packing::Lz4),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Packing::Xz),
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Packing::Zstd),
            _ => None,
        }
    }
}

/// A source that knows how many bytes were taken from it.
pub trait Counted: BufRead {
    /// Bytes taken so far.
    fn taken(&self) -> u64;
}

/// Why unpacking stopped.
#[derive(Debug)]
pub enum UnpackError {
    /// The compressed stream ends early or is damaged; what came before it stands.
    Damaged(String),
    /// It unpacks to more than a limit allows.
    Limit(String),
    /// The file itself could not be read.
    Io(io::Error),
}

/// Unpacks a stream.
pub struct Unpacker<S: Counted> {
    decoder: Decoder<S>,
    limits: Limits,
    unpacked: u64,
}

enum Decoder<S: Counted> {
    Bzip2(Box<MultiBzDecoder<S>>),
    Gzip(Box<MultiGzDecoder<S>>),
    Lz4(Box<Lz4Frames<S>>),
    Xz(Box<XzStreams<S>>),
    Zstd(Box<ZstdFrames<S>>),
}

impl<S: Counted> Unpacker<S> {
    /// An unpacker of `source`, which stands at its start.
    pub fn new(packing: Packing, source: S, limits: Limits) -> Self {
        let decoder = match packing {
            Packing::Bzip2 => Decoder::Bzip2(Box::new(MultiBzDecoder::new(source))),
            Packing::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(source))),
            Packing::Lz4 => Decoder::Lz4(Box::new(Lz4Frames::new(source))),
            Packing::Xz => {
                let memory_kib = u32::try_from(limits.of(&XZ_BYTES) >> 10).unwrap_or(u32::MAX);
                Decoder::Xz(Box::new(XzStreams { source, stream: None, is_first: true, memory_kib }))
            }
            Packing::Zstd => {
                let mut decoder = FrameDecoder::new();
                decoder.set_max_window_size(limits.of(&ZSTD_WINDOW_BYTES));
                Decoder::Zstd(Box::new(ZstdFrames { source, decoder, in_frame: false, trouble: None }))
            }
        };
        Self { decoder, limits, unpacked: 0 }
    }

    /// Fills `buffer` from the start; less than full only at the end. What was unpacked before an error is in `buffer`, and counted beside it.
    pub fn fill(&mut self, buffer: &mut [u8]) -> (usize, Result<(), UnpackError>) {
        let mut filled = 0;
        while filled < buffer.len() {
            let read = match &mut self.decoder {
                Decoder::Bzip2(decoder) => decoder.read(&mut buffer[filled..]),
                Decoder::Gzip(decoder) => decoder.read(&mut buffer[filled..]),
                Decoder::Lz4(decoder) => decoder.read(&mut buffer[filled..]),
                Decoder::Xz(decoder) => decoder.read(&mut buffer[filled..]),
                Decoder::Zstd(decoder) => decoder.read(&mut buffer[filled..]),
            };
            match read {
                Ok(0) => break,
                Ok(n) => {
                    filled += n;
                    self.unpacked += n as u64;
                    if let Err(limit) = self.check() {
                        return (filled, Err(limit));
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.raw_os_error().is_some() => return (filled, Err(UnpackError::Io(e))),
                Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                    return (filled, Err(UnpackError::Damaged(String::from("the compressed file ends early"))));
                }
                Err(e) => {
                    let error = match e.get_ref().and_then(|e| e.downcast_ref::<Beyond>()) {
                        Some(Beyond(bound)) => UnpackError::Limit(format!("the file is not read further: {}", self.limits.reached(bound))),
                        None => UnpackError::Damaged(format!("the compressed file is damaged ({e})")),
                    };
                    return (filled, Err(error));
                }
            }
        }
        (filled, Ok(()))
    }

    /// The source.
    pub fn source(&self) -> &S {
        match &self.decoder {
            Decoder::Bzip2(decoder) => decoder.get_ref(),
            Decoder::Gzip(decoder) => decoder.get_ref(),
            Decoder::Lz4(frames) => frames.source(),
            Decoder::Xz(streams) => &streams.source,
            Decoder::Zstd(frames) => &frames.source,
        }
    }

    /// The source, wherever unpacking stopped.
    pub fn into_source(self) -> S {
        match self.decoder {
            Decoder::Bzip2(decoder) => decoder.into_inner(),
            Decoder::Gzip(decoder) => decoder.into_inner(),
            Decoder::Lz4(frames) => frames.into_source(),
            Decoder::Xz(streams) => streams.source,
            Decoder::Zstd(frames) => frames.source,
        }
    }

    fn check(&self) -> Result<(), UnpackError> {
        let taken = self.source().taken();
        let (most, ratio) = (self.limits.of(&UNPACKED_BYTES), self.limits.of(&RATIO));
        if self.unpacked > most {
            return Err(UnpackError::Limit(format!("the file is not read further: {}", self.limits.reached(&UNPACKED_BYTES))));
        }
        if self.unpacked > RATIO_FREE_BYTES && self.unpacked > taken.saturating_mul(ratio) {
            return Err(UnpackError::Limit(format!("the file is not read further: {}", self.limits.reached(&RATIO))));
        }
        Ok(())
    }
}

/// A file asks for more than a bound allows.
#[derive(Debug)]
struct Beyond(&'static Bound);

impl std::error::Error for Beyond {}

impl std::fmt::Display for Beyond {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

/// Bytes that xz unpacks at once: so many are lost before damage, at most.
const XZ_PIECE: usize = 16 << 10;

/// xz streams one after the other, each by a decoder of its own: what stands behind the last one, and is none, takes nothing from it.
struct XzStreams<S> {
    source: S,
    stream: Option<XzStream>,
    is_first: bool,
    memory_kib: u32,
}

impl<S: BufRead> XzStreams<S> {
    /// The stream in hand, or the next one; zeros may stand between two. Absent at the end of the file.
    fn stream(&mut self) -> io::Result<Option<&mut XzStream>> {
        if self.stream.is_none() {
            loop {
                let packed = self.source.fill_buf()?;
                let zeros = packed.iter().take_while(|byte| **byte == 0).count();
                if packed.is_empty() && !self.is_first {
                    return Ok(None);
                }
                if zeros == 0 {
                    break;
                }
                self.source.consume(zeros);
            }
            self.is_first = false;
            self.stream = Some(XzStream::new_mem_limit(false, self.memory_kib));
        }
        Ok(self.stream.as_mut())
    }
}

impl<S: BufRead> Read for XzStreams<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(XZ_PIECE);
        loop {
            if self.stream()?.is_none() {
                return Ok(0);
            }
            let (packed, Some(stream)) = (self.source.fill_buf()?, &mut self.stream) else { return Ok(0) };
            let at_end = packed.is_empty();
            let done = stream.process(packed, &mut buffer[..length], if at_end { Action::Finish } else { Action::Run });
            let done = done.map_err(|e| match e.kind() {
                io::ErrorKind::OutOfMemory => io::Error::other(Beyond(&XZ_BYTES)),
                _ if at_end => io::ErrorKind::UnexpectedEof.into(),
                _ => io::Error::other(e),
            })?;
            self.source.consume(done.bytes_consumed);
            let has_ended = matches!(done.status, Status::StreamEnd);
            if has_ended {
                self.stream = None;
            }
            if done.bytes_produced > 0 {
                return Ok(done.bytes_produced);
            }
            if !has_ended && at_end {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// lz4 frames one after the other. The decoder does not tell an end that is missing between two blocks from one that is there: at the end of the file it is
/// given zeros, which end a frame and begin none.
///
/// Each frame has a decoder of its own: to the library it is a fault where the buffers of the frame before were larger.
struct Lz4Frames<S: BufRead>(Option<Lz4Decoder<WithEnd<S>>>);

const EXCHANGED: &str = "a decoder is exchanged in one step";

impl<S: BufRead> Lz4Frames<S> {
    fn new(source: S) -> Self {
        Self(Some(Lz4Decoder::new(WithEnd { inner: source, end: None })))
    }

    fn decoder(&mut self) -> &mut Lz4Decoder<WithEnd<S>> {
        self.0.as_mut().expect(EXCHANGED)
    }

    fn source(&self) -> &S {
        &self.0.as_ref().expect(EXCHANGED).get_ref().inner
    }

    fn into_source(self) -> S {
        self.0.expect(EXCHANGED).into_inner().inner
    }

    fn next_frame(&mut self) {
        self.0 = self.0.take().map(|decoder| Lz4Decoder::new(decoder.into_inner()));
    }
}

/// Bytes of the shortest header of a frame.
const LZ4_HEADER: usize = 7;

/// A source with something behind it, once it is set.
struct WithEnd<S> {
    inner: S,
    end: Option<&'static [u8]>,
}

impl<S: BufRead> Read for WithEnd<S> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match &mut self.end {
            Some(end) => end.read(out),
            None => self.inner.read(out),
        }
    }
}

impl<S: BufRead> Read for Lz4Frames<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.decoder().get_ref().end.is_some() {
                return Ok(0);
            }
            match self.decoder().read(buffer) {
                Ok(0) if !self.decoder().get_mut().inner.fill_buf()?.is_empty() => self.next_frame(),
                Ok(0) => {
                    self.decoder().get_mut().end = Some(&[0; LZ4_HEADER]);
                    let is_whole =
                        self.decoder().read(buffer).is_err_and(|e| lz4_error(&e).is_some_and(|e| matches!(e, Lz4Error::WrongMagicNumber)));
                    return if is_whole { Ok(0) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
                }
                Err(e) => match lz4_error(&e) {
                    Some(Lz4Error::SkippableFrame(length)) => {
                        let length = u64::from(*length);
                        if io::copy(&mut self.decoder().get_mut().inner.by_ref().take(length), &mut io::sink())? < length {
                            return Err(io::ErrorKind::UnexpectedEof.into());
                        }
                        self.next_frame();
                    }
                    _ => return Err(e),
                },
                read => return read,
            }
        }
    }
}

fn lz4_error(error: &io::Error) -> Option<&Lz4Error> {
    error.get_ref()?.downcast_ref()
}

/// zstd frames one after the other, as `cat a.zst b.zst` and parallel packers write them.
struct ZstdFrames<S> {
    source: S,
    decoder: FrameDecoder,
    in_frame: bool,
    trouble: Option<io::Error>,
}

/// An empty last block and a checksum: ends a frame whose own end is missing, so that the decoder gives what it held back for later blocks.
const END_OF_FRAME: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

impl<S: BufRead> ZstdFrames<S> {
    /// `false` at the end of the file.
    fn next_frame(&mut self) -> io::Result<bool> {
        loop {
            if self.source.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let skipped = io::copy(&mut (&mut self.source).take(u64::from(length)), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(e) => return Err(io_error(&mut self.source, &e)),
            }
        }
    }
}

impl<S: BufRead> Read for ZstdFrames<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame {
                if !self.next_frame()? {
                    return Ok(0);
                }
                self.in_frame = true;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                if let Err(e) = self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1)) {
                    self.trouble = Some(io_error(&mut self.source, &e));
                    if self.decoder.decode_blocks(&END_OF_FRAME[..], BlockDecodingStrategy::All).is_err() {
                        break;
                    }
                }
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            if let Some(trouble) = self.trouble.take() {
                return Err(trouble);
            }
            self.in_frame = false;
            let stated = self.decoder.get_checksum_from_data();
            if stated.is_some() && stated != self.decoder.get_calculated_checksum() {
                return Err(io::Error::other("its checksum is another one"));
            }
        }
    }
}

/// A failure of the decoder as one of the file: a stream that ends inside a frame ends early.
fn io_error(source: &mut impl BufRead, error: &FrameDecoderError) -> io::Error {
    if matches!(error, FrameDecoderError::WindowSizeTooBig { .. }) {
        return io::Error::other(Beyond(&ZSTD_WINDOW_BYTES));
    }
    match source.fill_buf() {
        Err(e) => e,
        Ok([]) => io::ErrorKind::UnexpectedEof.into(),
        Ok(_) => io::Error::other(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
