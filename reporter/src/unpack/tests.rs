//! What unpackers make of whole, cut and damaged files, and of those that ask for too much.

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
    (0..40_000).flat_map(|i| format!("2025/06/12 14:03:21.{:03}, 0, {}.{:02} W\n", i % 1000, 80 + i % 300, i % 97).into_bytes()).collect()
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
        assert!(!out.is_empty() && out.len() < most && text().starts_with(&out), "{:?}: {} of {most}", Packing::detect(&packed), out.len());
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

#[test]
fn what_asks_for_much_memory_is_told_by_its_bound() {
    // A frame of three bytes that states a window of 128 MiB: 2^(10 + 17).
    let wide = [0x28, 0xB5, 0x2F, 0xFD, 0, 17 << 3, 3 << 3 | 1, 0, 0, b'a', b'b', b'c'].to_vec();
    for (packed, raised, name) in [
        (wide.clone(), "zstd-window-bytes=134217728", "zstd-window-bytes"),
        ([zstd(b""), wide].concat(), "zstd-window-bytes=134217728", "zstd-window-bytes"),
    ] {
        let (out, result) = unpack(packed.clone(), &Limits::default());
        assert!(matches!(&result, Err(UnpackError::Limit(m)) if m.contains(name)) && out.is_empty(), "{result:?}");
        let (out, result) = unpack(packed, &Limits::default().with(raised).unwrap());
        assert!(result.is_ok() && out == b"abc", "{result:?}");
    }
    // Level 1 of xz has a dictionary of 1 MiB.
    let (out, result) = unpack(xz(b"abc"), &Limits::default().with("xz-bytes=524288").unwrap());
    assert!(matches!(&result, Err(UnpackError::Limit(m)) if m.contains("xz-bytes")) && out.is_empty(), "{result:?}");
    let (out, result) = unpack(xz(b"abc"), &Limits::default().with("xz-bytes=2097152").unwrap());
    assert!(result.is_ok() && out == b"abc", "{result:?}");
}
