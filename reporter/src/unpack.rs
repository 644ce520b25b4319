//! Compressed logs as a stream: gzip, zstd, xz, bzip2 and lz4, recognised by their first bytes, bounded against bombs.

use std::io::{self, BufRead, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lz4_flex::frame::{Error as Lz4Error, FrameDecoder as Lz4Decoder};
use lzma_rust2::{Action, Status, XzStream};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::limits::{Limits, RATIO, RATIO_FREE_BYTES, UNPACKED_BYTES};

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
            Packing::Xz => Decoder::Xz(Box::new(XzStreams { source, stream: None, is_first: true })),
            Packing::Zstd => Decoder::Zstd(Box::new(ZstdFrames { source, decoder: FrameDecoder::new(), in_frame: false, trouble: None })),
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
                Err(e) => return (filled, Err(UnpackError::Damaged(format!("the compressed file is damaged ({e})")))),
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

/// What unpacking xz may take: twice as much as its highest level asks for.
const XZ_MEMORY_KIB: u32 = 128 << 10;

/// Bytes that xz unpacks at once: so many are lost before damage, at most.
const XZ_PIECE: usize = 16 << 10;

/// xz streams one after the other, each by a decoder of its own: what stands behind the last one, and is none, takes nothing from it.
struct XzStreams<S> {
    source: S,
    stream: Option<XzStream>,
    is_first: bool,
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
            self.stream = Some(XzStream::new_mem_limit(false, XZ_MEMORY_KIB));
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
            let done = done.map_err(|e| if at_end { io::ErrorKind::UnexpectedEof.into() } else { io::Error::other(e) })?;
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
    match source.fill_buf() {
        Err(e) => e,
        Ok([]) => io::ErrorKind::UnexpectedEof.into(),
        Ok(_) => io::Error::other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use bzip2::write::BzEncoder;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};
    use lzma_rust2::{XzOptions, XzWriter};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    struct Bytes(io::Cursor<Vec<u8>>);

    impl Read for Bytes {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.0.read(out)
        }
    }

    impl BufRead for Bytes {
        fn fill_buf(&mut self) -> io::Result<&[u8]> {
            self.0.fill_buf()
        }

        fn consume(&mut self, length: usize) {
            self.0.consume(length);
        }
    }

    impl Counted for Bytes {
        fn taken(&self) -> u64 {
            self.0.position()
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    fn bzip2(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn lz4(bytes: &[u8]) -> Vec<u8> {
        lz4_of(
            bytes,
            FrameInfo::new().content_checksum(true).block_checksums(true).block_mode(BlockMode::Linked).block_size(BlockSize::Max64KB),
        )
    }

    fn lz4_of(bytes: &[u8], info: FrameInfo) -> Vec<u8> {
        let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn xz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = XzWriter::new(Vec::new(), XzOptions::with_preset(1)).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    const ALL: [fn(&[u8]) -> Vec<u8>; 5] = [bzip2, gzip, lz4, xz, zstd];

    fn unpack(packed: Vec<u8>, limits: &Limits) -> (Vec<u8>, Result<(), UnpackError>) {
        let packing = Packing::detect(&packed).expect("a packed file");
        let mut unpacker = Unpacker::new(packing, Bytes(io::Cursor::new(packed)), limits.clone());
        let (mut all, mut block) = (Vec::new(), vec![0; 50_000]);
        loop {
            let (filled, result) = unpacker.fill(&mut block);
            all.extend_from_slice(&block[..filled]);
            if filled == 0 || result.is_err() {
                return (all, result);
            }
        }
    }

    fn text() -> Vec<u8> {
        (0..40_000)
            .flat_map(|i| format!("2025/06/12 14:03:21.{:03}, 0, {}.{:02} W\n", i % 1000, 80 + i % 300, i % 97).into_bytes())
            .collect()
    }

    #[test]
    fn several_members_and_frames_are_one_file() {
        for pack in ALL {
            let two = [pack(&text()), pack(b"more\n")].concat();
            let (out, result) = unpack(two, &Limits::default());
            assert!(result.is_ok(), "{result:?}");
            assert!(out == [text(), b"more\n".to_vec()].concat());
        }
        let skippable = [&[0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &zstd(b"x")].concat();
        let (out, result) = unpack(skippable, &Limits::default());
        assert!(result.is_ok() && out == b"x", "{result:?} {out:?}");
    }

    #[test]
    fn what_came_before_the_cut_is_kept() {
        let most = text().len();
        for pack in ALL {
            let packed = pack(&text());
            let (out, result) = unpack(packed[..packed.len() * 2 / 3].to_vec(), &Limits::default());
            assert!(matches!(&result, Err(UnpackError::Damaged(m)) if m.contains("ends early")), "{result:?}");
            assert!(
                !out.is_empty() && out.len() < most && text().starts_with(&out),
                "{:?}: {} of {most}",
                Packing::detect(&packed),
                out.len()
            );
        }
    }

    #[test]
    fn a_cut_frame_gives_its_whole_blocks() {
        let packed = zstd(&text());
        let (whole, _) = unpack(packed.clone(), &Limits::default());
        let (out, result) = unpack(packed[..packed.len() - 1].to_vec(), &Limits::default());
        assert!(matches!(&result, Err(UnpackError::Damaged(m)) if m.contains("ends early")), "{result:?}");
        assert!(out == whole, "{} of {} bytes", out.len(), whole.len());
    }

    #[test]
    fn damage_is_an_error() {
        for pack in ALL {
            let mut packed = pack(&text());
            let last = packed.len() - if packed.starts_with(b"\xFD7zXZ") { 30 } else { 3 };
            packed[last] ^= 1;
            assert!(matches!(unpack(packed, &Limits::default()).1, Err(UnpackError::Damaged(_))));
        }
    }

    #[test]
    fn what_stands_behind_the_end_takes_nothing_from_it() {
        for pack in ALL {
            for behind in [&b"rubbish behind it"[..], b"x", &[0xFD, b'7', b'z'], &[0; 7], &[0, 0, 0, 0, 9]] {
                // As short as a log of a minute: all of it is unpacked at once.
                for whole in [&text()[..], &text()[..3000]] {
                    let (out, result) = unpack([&pack(whole), behind].concat(), &Limits::default());
                    assert!(out == whole, "{behind:?}: {} of {} bytes, {result:?}", out.len(), whole.len());
                    assert!(behind.iter().all(|byte| *byte == 0) || result.is_err(), "{behind:?}");
                }
            }
        }
        // Zeros between two streams of xz are filling.
        let two = [&xz(b"a\n")[..], &[0; 8], &xz(b"b\n")].concat();
        assert!(matches!(unpack(two, &Limits::default()), (out, Ok(())) if out == b"a\nb\n"));
    }

    #[test]
    fn an_lz4_frame_that_is_cut_anywhere_is_told() {
        for info in [FrameInfo::new(), FrameInfo::new().content_checksum(true)] {
            let packed = lz4_of(&text()[..200_000], info);
            for cut in (8..packed.len()).step_by(1009).chain(packed.len() - 12..packed.len()) {
                let (out, result) = unpack(packed[..cut].to_vec(), &Limits::default());
                assert!(matches!(&result, Err(UnpackError::Damaged(_))), "{cut} of {}: {result:?}", packed.len());
                assert!(text().starts_with(&out));
            }
            let skippable = [&[0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &packed].concat();
            let (out, result) = unpack([packed, skippable].concat(), &Limits::default());
            assert!(result.is_ok() && out.len() == 400_000, "{result:?}");
        }
    }

    #[test]
    fn a_changed_byte_is_damage_and_never_more() {
        for pack in ALL {
            let packed = pack(&text()[..100_000]);
            for at in (0..packed.len()).step_by(61) {
                let mut changed = packed.clone();
                changed[at] ^= 0x55;
                if Packing::detect(&changed).is_some() {
                    let (out, _) = unpack(changed, &Limits::default());
                    assert!(out.len() <= 8 << 20, "{at}: {} bytes", out.len());
                }
            }
        }
    }

    #[test]
    fn bombs_stop_at_the_limit() {
        for pack in [bzip2, lz4, xz] {
            let (out, result) = unpack(pack(&vec![b'\n'; 70 << 20]), &Limits::default());
            assert!(matches!(&result, Err(UnpackError::Limit(m)) if m.contains("limit `ratio`")), "{result:?}");
            assert!(out.len() < 66 << 20);
        }
        let bomb = gzip(&vec![b'\n'; 70 << 20]);
        let (out, result) = unpack(bomb.clone(), &Limits::default());
        assert!(matches!(&result, Err(UnpackError::Limit(m)) if m.contains("limit `ratio`")), "{result:?}");
        assert!(out.len() < 66 << 20);
        let (out, result) = unpack(bomb, &Limits::default().with("unpacked-bytes=1048576").unwrap());
        assert!(matches!(&result, Err(UnpackError::Limit(m)) if m.contains("unpacked-bytes")), "{result:?}");
        assert!(out.len() < 2 << 20);
    }
}
