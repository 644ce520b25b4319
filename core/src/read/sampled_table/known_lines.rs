//! Short lines that are no rows and say nothing new: looked into once, and counted from then on. A log that was overwritten by a few bytes a line, millions of
//! times, is read at the speed of memory.

use alloc::vec::Vec;

use crate::note;
use crate::read::{Reading, Row, SkipReason};

/// How many lines are known at a time, each at the place that its bytes choose.
const PLACES: usize = 64;

/// A line with its end is no longer: it fits a word.
const LONGEST: usize = 8;

/// What became of a line, as of every other of its bytes.
#[derive(Clone, Copy)]
struct Known {
    /// Its bytes, and in the highest one their number.
    line: u64,
    /// Absent where it is structure.
    skipped: Option<SkipReason>,
}

/// A record of several lines whose quote closes and that is no row, as every other of its bytes.
#[derive(Clone, Copy)]
struct KnownRecord {
    text: [u8; LONGEST_RECORD],
    length: usize,
    lines: u64,
}

/// A record with the ends of its lines is no longer.
const LONGEST_RECORD: usize = 16;

/// Lines that were looked into.
#[derive(Default)]
pub(super) struct KnownLines {
    places: Vec<Option<Known>>,
    /// By the first of their lines.
    records: Vec<Option<KnownRecord>>,
}

impl KnownLines {
    /// What was learnt holds no longer.
    pub(super) fn forget(&mut self) {
        self.places.clear();
        self.records.clear();
    }

    /// Learns that a record of several lines, without the end of the last, is no row.
    pub(super) fn learn_record(&mut self, record: &[u8]) {
        let mut text = [0; LONGEST_RECORD];
        let Some(start) = text.get_mut(..record.len() + 1) else { return };
        let (Some((end, rest)), lines) = (start.split_last_mut(), memchr::memchr_iter(b'\n', record).count() as u64 + 1) else { return };
        rest.copy_from_slice(record);
        *end = b'\n';
        let Some((first, _)) = first_line(&text) else { return };
        self.records.resize(PLACES, None);
        if let Some(place) = self.records.get_mut(place(first)) {
            *place = Some(KnownRecord { text, length: record.len() + 1, lines });
        }
    }

    /// Learns what became of a line, where every other of its bytes comes to the same. `line` is without its end.
    pub(super) fn learn(&mut self, line: &[u8], row: Row) {
        let skipped = match row {
            Row::Structure => None,
            Row::Skipped(reason @ (SkipReason::NoTime | SkipReason::Unknown)) => Some(reason),
            Row::Used | Row::Skipped(_) => return,
        };
        if line.len() >= LONGEST {
            return;
        }
        let bytes = line.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        let line = bytes | (line.len() as u64) << 56;
        self.places.resize(PLACES, None);
        if let Some(place) = self.places.get_mut(place(line)) {
            *place = Some(Known { line, skipped });
        }
    }

    /// Counts known lines up to the first that is none; returns their number and what is left.
    pub(super) fn pass<'l>(&self, lines: &'l [u8], first: u64, out: &mut Reading) -> (u64, &'l [u8]) {
        let (mut rest, mut count) = (lines, 0);
        let (mut no_time, mut unknown, mut in_records, mut records) = (0, 0, 0, 0);
        if self.places.is_empty() && self.records.is_empty() {
            return (0, lines);
        }
        while let Some((line, after)) = first_line(rest) {
            let at = place(line);
            match (self.places.get(at), self.records.get(at)) {
                (Some(Some(known)), _) if known.line == line => {
                    match known.skipped {
                        Some(SkipReason::NoTime) => no_time += 1,
                        Some(_) => unknown += 1,
                        None => {}
                    }
                    (rest, count) = (after, count + 1);
                }
                (_, Some(Some(record))) if record.text.get(..record.length).is_some_and(|text| rest.starts_with(text)) => {
                    (records, in_records) = (records + 1, in_records + record.lines);
                    (rest, count) = (rest.get(record.length..).unwrap_or(&[]), count + record.lines);
                }
                _ => break,
            }
        }
        out.rows.lines += count;
        for (reason, lines, code, subject, times) in [
            (SkipReason::NoTime, no_time, &note::LINES_UNKNOWN, "time", no_time),
            (SkipReason::Unknown, unknown, &note::LINES_UNKNOWN, "", unknown),
            (SkipReason::OpenQuote, in_records, &note::ROWS_TORN, "quote", records),
        ] {
            if times > 0 {
                // The first of them was told when it was looked into.
                out.rows.skip(reason, first, lines);
                out.notes.again(code, subject, times);
            }
        }
        (count, rest)
    }
}

/// A line in a word, with its length in the highest byte, and what follows it.
#[inline(always)]
fn first_line(lines: &[u8]) -> Option<(u64, &[u8])> {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let word = u64::from_le_bytes(*lines.first_chunk::<LONGEST>()?);
    let ends = word ^ (EACH * b'\n' as u64);
    let found = ends.wrapping_sub(EACH) & !ends & (EACH << 7);
    if found == 0 {
        return None;
    }
    // Of what is flagged, the lowest is certain.
    let length = found.trailing_zeros() / 8;
    let line = word & !(u64::MAX << (8 * length)) | u64::from(length) << 56;
    Some((line, lines.get(length as usize + 1..)?))
}

/// Where a line stands: the highest bits of a product, in which all of its bytes have a part.
#[inline(always)]
fn place(line: u64) -> usize {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    (line.wrapping_mul(SPREAD) >> (64 - PLACES.trailing_zeros())) as usize
}
