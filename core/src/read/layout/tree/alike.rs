//! Rows of JSON that are written like the one before: where what stands between their values is the same to the byte, the values alone are looked at.
//!
//! Any other row is parsed, and both ways come to the same fields.

use alloc::vec::Vec;
use core::ops::Range;

use super::{Open, Sink, Tree};
use crate::read::layout::pattern::Pattern;

/// How many rows are passed over, at most, where those that were learnt did not come again.
const MOST_PASSED: usize = 1_024;

/// Rows of more fields are not learnt: each is compared with all.
const MOST_FIELDS: usize = 256;

/// The values of a row, in the order of its fields.
#[derive(Clone, Copy)]
pub(in crate::read) struct Values<'v> {
    text: &'v [u8],
    places: &'v [(usize, usize)],
}

impl<'v> Values<'v> {
    pub(in crate::read) fn get(self, field: usize) -> &'v [u8] {
        self.places.get(field).and_then(|(from, to)| self.text.get(*from..*to)).unwrap_or(&[])
    }
}

/// A row that was closed, and may be learnt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closed {
    /// Where it began in the text.
    pub(super) from: u64,
    /// How many values it had.
    values: usize,
    /// Which of them is that of a last field, too.
    again: Option<usize>,
    /// So many bytes more may stand in a row.
    room: usize,
}

/// How the last row was written.
#[derive(Debug, Default)]
pub(super) struct Alike {
    /// What stands around the values, one behind the other, and where the piece before each value ends.
    around: Vec<u8>,
    ends: Vec<usize>,
    again: Option<usize>,
    /// No row like it is longer.
    most: usize,
    is_known: bool,
    /// Whether a row came that is like it.
    came: bool,
    /// So many rows are passed over before one is learnt, and how many there were the last time.
    left: usize,
    passed: usize,
    /// Where the text in hand begins: rows that began before are not whole in it. Only text that is read in this way begins anywhere.
    pub(super) begins: Option<u64>,
    pub(super) closed: Option<Closed>,
    places: Vec<(usize, usize)>,
}

impl Alike {
    /// What comes next may be of other fields.
    pub(super) fn forget(&mut self) {
        self.is_known = false;
    }

    /// Whether rows were worth to be learnt; else some are passed over.
    fn is_worth(&mut self) -> bool {
        let is_worth = self.left == 0;
        self.left = self.left.saturating_sub(1);
        is_worth
    }

    /// A row that is like the one that was learnt was read.
    pub(super) fn came(&mut self) {
        self.came = true;
    }

    /// Learns how a row is written.
    pub(super) fn learn(&mut self, text: &[u8], row: Range<usize>, closed: Closed) {
        let row = text.get(row).unwrap_or(&[]);
        self.passed = if self.came { 0 } else { (self.passed * 2 + 1).min(MOST_PASSED) };
        (self.left, self.came) = (self.passed, false);
        self.around.clear();
        self.ends.clear();
        let (mut rest, mut is_plain) = (row, true);
        while let Some((byte, after)) = rest.split_first() {
            let (piece, value, behind) = match byte {
                b'"' => {
                    let end = memchr::memchr2(b'"', b'\\', after).unwrap_or(after.len());
                    let (text, behind) = after.split_at(end);
                    is_plain &= behind.first() == Some(&b'"');
                    let is_key = behind.get(1..).is_some_and(|behind| behind.trim_ascii_start().first() == Some(&b':'));
                    match is_key {
                        true => (rest.get(..end + 2).unwrap_or(rest), None, behind.get(1..).unwrap_or(&[])),
                        false => (&b"\""[..], Some(text), behind),
                    }
                }
                byte if byte.is_ascii_alphanumeric() || *byte == b'-' => {
                    let (word, behind) = rest.split_at(rest.iter().position(|byte| !super::json::is_of_word(byte)).unwrap_or(rest.len()));
                    (&b""[..], Some(word), behind)
                }
                _ => (rest.get(..1).unwrap_or(&[]), None, after),
            };
            self.around.extend_from_slice(piece);
            rest = behind;
            if value.is_some() {
                self.ends.push(self.around.len());
                // Its closing quote is of the piece behind it.
                if piece == b"\"" {
                    self.around.extend_from_slice(behind.get(..1).unwrap_or(&[]));
                    rest = behind.get(1..).unwrap_or(&[]);
                }
            }
        }
        self.again = closed.again;
        self.most = row.len() + closed.room;
        self.is_known = is_plain && self.ends.len() == closed.values && closed.values > 0;
    }

    /// The values of a row that is written like the one that was learnt, and what follows it.
    pub(super) fn read<'a, 't: 'a>(&'a mut self, text: &'t [u8]) -> Option<(Values<'a>, &'t [u8])> {
        if !self.is_known {
            return None;
        }
        self.places.clear();
        let (mut at, mut start) = (0, 0);
        for end in &self.ends {
            let piece = self.around.get(start..*end)?;
            let rest = text.get(at..)?.strip_prefix(piece)?;
            at += piece.len();
            let length = if piece.last() == Some(&b'"') {
                rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0x80..)).filter(|end| rest.get(*end) == Some(&b'"'))?
            } else {
                let is_word = rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
                rest.iter().position(|byte| !super::json::is_of_word(byte)).filter(|_| is_word)?
            };
            self.places.push((at, at + length));
            (at, start) = (at + length, *end);
        }
        let behind = text.get(at..)?.strip_prefix(self.around.get(start..)?)?;
        if text.len() - behind.len() > self.most {
            return None;
        }
        if let Some(again) = self.again {
            self.places.push(*self.places.get(again)?);
        }
        Some((Values { text, places: &self.places }, behind))
    }
}

impl Tree {
    /// Learns from the row that ends, whose parts began with `open` and whose value of that place is also that of its last field.
    pub(super) fn learn(&mut self, open: &Open, again: Option<usize>, rows: &mut dyn Sink) {
        let is_whole = self.alike.begins.is_some_and(|begins| begins <= open.from) && !open.has_rows;
        if !is_whole
            || self.fields.len() > MOST_FIELDS
            || self.behind.is_some()
            || self.pairs.is_some()
            || !self.is_any(open)
            || !self.alike.is_worth()
        {
            return;
        }
        let first = open.mark.0;
        let values = self.fields.len().saturating_sub(first + usize::from(again.is_some()));
        let again = again.map(|again| again.checked_sub(first));
        if again != Some(None) && rows.learn(&self.fields, first) {
            let again = again.flatten();
            self.alike.closed = Some(Closed { from: open.from, values, again, room: self.fields.room() / 2 });
        }
    }

    /// Whether any part beside this one is such a row, whatever its name, and no row is inside.
    fn is_any(&self, open: &Open) -> bool {
        let (from, around) = self.open.last().map_or((0, 0), |around| (around.alike, around.depth));
        let rows = |places: Range<usize>| self.on_way.get(places).unwrap_or(&[]).iter().filter_map(|number| self.rows.get(*number));
        let mut others = rows(from..open.alike);
        rows(open.alike..self.on_way.len()).all(|row| row.len() == open.depth)
            && others.all(|row| open.depth == around || row.get(around).is_none_or(|name| *name == Pattern::new("*")))
    }

    /// Reads rows that are written like the last one, of a text that ends there. Gives what follows them and how many they are.
    pub(super) fn like_before<'t>(&mut self, text: &'t [u8], end: u64, rows: &mut dyn Sink) -> Option<(&'t [u8], usize)> {
        let (mut rest, mut behind, mut count) = (text, None, 0);
        while let Some((values, after)) = self.alike.read(rest)
            && let Some(is_one) = rows.alike(values)
        {
            self.alike.came();
            let from = end - rest.len() as u64;
            self.at = end - after.len() as u64;
            if is_one {
                self.torn.read(from, self.at);
            }
            (behind, count) = (Some(after), count + 1);
            match after.split_first() {
                Some((b',', after)) if !self.open.is_empty() => rest = after.strip_prefix(b" ").unwrap_or(after),
                _ => break,
            }
        }
        Some((behind?, count))
    }
}
