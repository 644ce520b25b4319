//! Whatever a shell or an editor made of the log, to UTF-8: byte order marks, UTF-16 as PowerShell writes it, Windows-1252.

use alloc::vec::Vec;

/// How a file's bytes stand for text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, big end first.
    Utf16Be,
    /// UTF-16, little end first (PowerShell 5 redirection).
    Utf16Le,
}

impl Encoding {
    /// The encoding of a file by its first bytes, and the length of its byte order mark.
    ///
    /// Without a mark, NULs at every second place of the first bytes are UTF-16.
    pub fn detect(head: &[u8]) -> (Encoding, usize) {
        match head {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
            [0xFF, 0xFE, ..] => (Encoding::Utf16Le, 2),
            [0xFE, 0xFF, ..] => (Encoding::Utf16Be, 2),
            [a, 0, b, 0, ..] if *a != 0 && *b != 0 => (Encoding::Utf16Le, 0),
            [0, a, 0, b, ..] if *a != 0 && *b != 0 => (Encoding::Utf16Be, 0),
            _ => (Encoding::Utf8, 0),
        }
    }

    /// The name in the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16Be => "UTF-16BE",
            Encoding::Utf16Le => "UTF-16LE",
        }
    }
}

/// Turns UTF-16 into UTF-8 chunk by chunk; a character may straddle chunks. Where a byte is lost or one too many, the text goes on behind it.
#[derive(Clone, Debug)]
pub struct Utf16 {
    big_end_first: bool,
    half_unit: Option<u8>,
    high_surrogate: Option<u16>,
    /// Units in a row that look like Latin text read from the wrong byte on.
    shifted: Vec<u16>,
    /// Bytes in a row that are text as they stand.
    plain: Vec<u8>,
    /// From here on the text is UTF-8.
    is_utf8: bool,
}

/// So many bytes in a row that are each a character of a row are no ideographs: somebody appended UTF-8.
const PLAIN: usize = 32;

/// So many units in a row that are a Latin letter and a zero the wrong way round are no letters of another script.
const SHIFTED: usize = 4;

impl Utf16 {
    /// A decoder for one of the two byte orders.
    pub fn new(big_end_first: bool) -> Self {
        Self { big_end_first, half_unit: None, high_surrogate: None, shifted: Vec::new(), plain: Vec::new(), is_utf8: false }
    }

    /// Whether the file went on in UTF-8.
    pub fn went_on_in_utf8(&self) -> bool {
        self.is_utf8
    }

    /// Appends the text of `bytes` to `out`; lone surrogates become U+FFFD.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for (at, &byte) in bytes.iter().enumerate() {
            if self.is_utf8 {
                out.extend_from_slice(bytes.get(at..).unwrap_or(&[]));
                return;
            }
            let Some(first) = self.half_unit.take() else {
                self.half_unit = Some(byte);
                continue;
            };
            if [first, byte].iter().all(|byte| matches!(byte, b'\n' | b'\r' | b'\t' | b' '..=b'~')) {
                self.flush_shifted(out);
                self.plain.extend([first, byte]);
                if self.plain.len() == PLAIN {
                    out.append(&mut self.plain);
                    self.is_utf8 = true;
                }
                continue;
            }
            self.flush_plain(out);
            let unit = if self.big_end_first { u16::from_be_bytes([first, byte]) } else { u16::from_le_bytes([first, byte]) };
            if !matches!(unit, 0x0900 | 0x0a00 | 0x0d00 | 0x2000..=0x7e00) || unit & 0xff != 0 {
                self.flush_shifted(out);
                self.unit(unit, out);
                continue;
            }
            self.shifted.push(unit);
            if self.shifted.len() == SHIFTED {
                let last = if self.big_end_first { None } else { self.shifted.pop() };
                self.shifted.drain(..).for_each(|unit| out.extend(unit.to_be_bytes().first()));
                self.half_unit = Some(last.map_or(0, |unit| unit.to_be_bytes()[0]));
            }
        }
    }

    fn flush_plain(&mut self, out: &mut Vec<u8>) {
        for pair in core::mem::take(&mut self.plain).chunks_exact(2) {
            let [first, second] = [pair[0], pair[1]];
            self.unit(if self.big_end_first { u16::from_be_bytes([first, second]) } else { u16::from_le_bytes([first, second]) }, out);
        }
    }

    fn flush_shifted(&mut self, out: &mut Vec<u8>) {
        for unit in core::mem::take(&mut self.shifted) {
            self.unit(unit, out);
        }
    }

    /// Ends the text: a half character becomes U+FFFD.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.flush_shifted(out);
        self.flush_plain(out);
        if self.half_unit.take().is_some() | self.high_surrogate.take().is_some() {
            put(char::REPLACEMENT_CHARACTER, out);
        }
    }

    fn unit(&mut self, unit: u16, out: &mut Vec<u8>) {
        let pending = self.high_surrogate.take();
        let units = pending.into_iter().chain(core::iter::once(unit));
        if pending.is_none() && (0xD800..0xDC00).contains(&unit) {
            self.high_surrogate = Some(unit);
            return;
        }
        for decoded in char::decode_utf16(units) {
            match decoded {
                Ok(c) => put(c, out),
                // A second high surrogate may still find its partner.
                Err(lone)
                    if (0xD800..0xDC00).contains(&lone.unpaired_surrogate()) && lone.unpaired_surrogate() == unit && pending.is_some() =>
                {
                    self.high_surrogate = Some(unit);
                }
                Err(_) => put(char::REPLACEMENT_CHARACTER, out),
            }
        }
    }
}

/// Text of a cell: UTF-8 where it is, else Windows-1252 (the commonest of the old code pages), byte by byte.
pub fn text(bytes: &[u8]) -> alloc::string::String {
    match core::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().map(|b| windows_1252(*b)).collect(),
    }
}

const fn windows_1252(byte: u8) -> char {
    match byte {
        0x80 => '€',
        0x85 => '…',
        0x91 => '‘',
        0x92 => '’',
        0x93 => '“',
        0x94 => '”',
        0x96 => '–',
        0x97 => '—',
        0x81..=0x9F => char::REPLACEMENT_CHARACTER,
        other => other as char,
    }
}

fn put(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    #[test]
    fn text_goes_on_behind_a_byte_that_is_lost_or_too_many() {
        let text = "12,5 W\n13,5 W\n14,5 W\n";
        for big in [false, true] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
            for at in 0..bytes.len() - 14 {
                let lost = [&bytes[..at], &bytes[at + 1..]].concat();
                let more = [&bytes[..at], &[7], &bytes[at..]].concat();
                for changed in [lost, more] {
                    let (mut decoder, mut out) = (Utf16::new(big), Vec::new());
                    changed.chunks(3).for_each(|chunk| decoder.push(chunk, &mut out));
                    decoder.finish(&mut out);
                    let text = String::from_utf8(out).expect("UTF-8");
                    assert!(text.ends_with("4,5 W\n"), "{big} {at} {text:?}");
                }
            }
        }
        // Ideographs whose second byte is 0 are what they are where others stand between them.
        let (mut decoder, mut out) = (Utf16::new(true), Vec::new());
        decoder.push(&[0x4e, 0, 0x4e, 0, 0x4e, 1, 0x30, 0], &mut out);
        decoder.finish(&mut out);
        assert_eq!(core::str::from_utf8(&out), Ok("\u{4e00}\u{4e00}\u{4e01}\u{3000}"));
    }

    #[test]
    fn utf16_in_any_chunks() {
        let text = "µ 12,5 W 😀\n";
        for big in [false, true] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
            for size in 1..bytes.len() {
                let (mut decoder, mut out) = (Utf16::new(big), Vec::new());
                for chunk in bytes.chunks(size) {
                    decoder.push(chunk, &mut out);
                }
                decoder.finish(&mut out);
                assert_eq!(core::str::from_utf8(&out), Ok(text));
            }
        }
        let (mut decoder, mut out) = (Utf16::new(true), Vec::new());
        decoder.push(&[0xD8, 0x3D, 0, b'a', 0], &mut out);
        decoder.finish(&mut out);
        assert_eq!(core::str::from_utf8(&out), Ok("\u{FFFD}a\u{FFFD}"));
    }
}
