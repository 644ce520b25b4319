//! Lines that no row came of, one behind the other: they may be a log of another format, which nobody reads. They are kept until a row comes, or the file ends.

use alloc::vec::Vec;

use super::Line;

/// So many lines are a part of a file.
const LEAST_LINES: u64 = 4;

/// So much of a part is kept.
const MOST_BYTES: usize = 1 << 15;

/// So many kinds of parts are looked into; what begins and ends alike is of one kind.
const MOST_KINDS: usize = 8;

/// They do where they share so many bytes.
const ALIKE: usize = 16;

/// Text before each line ends in a space or a quote, of which so many are tried.
const MOST_PREFIXES: usize = 4;

/// What a sequence for a terminal begins with.
const COLOUR: &[u8] = b"\x1b[";

/// Lines in a row that are no rows of the format at work.
#[derive(Clone, Debug, Default)]
pub(super) struct Stray {
    /// Their text, as far as it is kept.
    pub(super) text: Vec<u8>,
    /// The line of the first.
    pub(super) line: u64,
    /// How long all of them are.
    pub(super) bytes: u64,
    lines: u64,
}

/// Such parts of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Strays {
    now: Stray,
    /// So many rows were used when they began.
    used: u64,
    kinds: Vec<Vec<u8>>,
    whole: Vec<Stray>,
    /// The format at work writes lines that are no rows as it likes.
    pub(super) is_off: bool,
}

impl Strays {
    /// A line that is no row; so many rows were used before it.
    pub(super) fn add(&mut self, line: Line<'_>, used: u64) {
        if self.is_off {
            return;
        }
        if self.used != used {
            self.close();
            self.used = used;
        }
        let now = &mut self.now;
        if now.lines == 0 {
            now.line = line.number;
        }
        (now.lines, now.bytes) = (now.lines + 1, now.bytes + line.text.len() as u64 + 1);
        if now.text.len() + line.text.len() < MOST_BYTES {
            now.text.extend_from_slice(line.text);
            now.text.push(b'\n');
        }
    }

    /// A row came, or the file ended.
    pub(super) fn close(&mut self) {
        if self.now.lines >= LEAST_LINES && self.kinds.len() < MOST_KINDS {
            let of = |line: &[u8]| line.iter().copied().filter(|byte| !byte.is_ascii_digit()).take(ALIKE).collect::<Vec<u8>>();
            let last = self.now.text.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or(&[]);
            let start = [of(&self.now.text), of(last)].concat();
            if !self.kinds.contains(&start) {
                self.kinds.push(start);
                self.whole.push(core::mem::take(&mut self.now));
            }
        }
        self.now.text.clear();
        (self.now.lines, self.now.bytes) = (0, 0);
    }

    /// Parts that are to be looked into.
    pub(super) fn take(&mut self) -> Vec<Stray> {
        core::mem::take(&mut self.whole)
    }
}

impl Stray {
    /// What of it has other text around each line, without that text, which is given with it: colours of a terminal, or what all lines from there on begin
    /// with but for its digits, as a launcher or an editor puts it.
    pub(super) fn cleaned(&self) -> Vec<(Vec<u8>, Stray)> {
        let mut all = Vec::new();
        let lines = || (self.line..).zip(self.text.split(|byte| *byte == b'\n'));
        let coloured = |line: &[u8]| memchr::memmem::find(line, COLOUR).is_some();
        if let Some((first, _)) = lines().find(|(_, line)| coloured(line)) {
            let text = lines().filter(|(number, _)| *number >= first).map(|(_, line)| without_colours(line));
            all.push((b"ESC".to_vec(), self.part(first, text)));
        }
        let is_blank = |line: &[u8]| line.trim_ascii().is_empty();
        let plain: Vec<(u64, &[u8])> = lines().filter(|(_, line)| !is_blank(line)).collect();
        // What is left of the last row may stand above them.
        let behind = plain.get(plain.len() / 2..).unwrap_or(&[]);
        let Some((_, model)) = behind.first() else { return all };
        let alike = |(a, b): &(&u8, &u8)| a == b || a.is_ascii_digit() && b.is_ascii_digit();
        let common = |line: &[u8]| line.iter().zip(*model).take_while(alike).count();
        let longest = behind.iter().map(|(_, line)| common(line)).min().unwrap_or(0);
        let ends = (1..=longest).rev().filter(|end| model.get(end - 1).is_some_and(|byte| b" \t\"'".contains(byte)));
        for end in ends.take(MOST_PREFIXES) {
            let prefix = model.get(..end).unwrap_or(&[]);
            let first = plain.iter().rev().take_while(|(_, line)| common(line) >= end).last().map_or(self.line, |(number, _)| *number);
            let quote = prefix.last().filter(|byte| b"\"'".contains(byte));
            let inner = |line: &[u8]| {
                let rest = line.get(end..).unwrap_or(&[]);
                quote.and_then(|quote| rest.strip_suffix(&[*quote])).unwrap_or(rest).to_vec()
            };
            all.push((prefix.to_vec(), self.part(first, lines().filter(|(number, _)| *number >= first).map(|(_, line)| inner(line)))));
        }
        all
    }

    /// The part from a line on, of these lines.
    fn part(&self, line: u64, lines: impl Iterator<Item = Vec<u8>>) -> Stray {
        let mut text = Vec::new();
        for line in lines {
            text.extend_from_slice(&line);
            text.push(b'\n');
        }
        let bytes = u64::try_from(u128::from(self.bytes) * text.len() as u128 / (self.text.len() as u128).max(1)).unwrap_or(u64::MAX);
        Stray { text, line, bytes, lines: self.lines }
    }

    /// Where another log may begin in it, and at which line: at its start, and wherever lines of another kind begin.
    pub(super) fn starts(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let kind = |byte: Option<&u8>| byte.map_or(b' ', |byte| if byte.is_ascii_alphanumeric() { b'a' } else { *byte });
        let (mut at, mut before) = (0, None);
        (self.line..).zip(self.text.split_inclusive(|byte| *byte == b'\n')).filter_map(move |(number, line)| {
            let rest = self.text.get(at..)?;
            at += line.len();
            let own = kind(line.trim_ascii_start().first());
            let is_another = before.replace(own) != Some(own) && own != b' ';
            is_another.then_some((number, rest))
        })
    }
}

/// Text without the sequences by which a terminal changes colours.
fn without_colours(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, COLOUR) {
        let (before, sequence) = rest.split_at(at);
        plain.extend_from_slice(before);
        let end = sequence.iter().skip(2).position(|byte| (b'@'..=b'~').contains(byte)).map_or(sequence.len(), |end| end + 3);
        rest = sequence.get(end..).unwrap_or(&[]);
    }
    plain.extend_from_slice(rest);
    plain
}
