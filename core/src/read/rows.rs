//! Every row of a file, used or skipped for a reason.

use alloc::collections::BTreeMap;

/// Why a row did not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// Not text that can be decoded, or NUL bytes after a crash.
    Binary,
    /// Contained in another reading of the same device.
    Contained,
    /// Same time and reading as another row.
    Duplicate,
    /// A reading outside what the device can draw.
    Implausible,
    /// The last line, without an end.
    LastLineCut,
    /// Longer than any log line.
    LineTooLong,
    /// The cells that hold readings are empty or say N/A.
    NoReading,
    /// The stamp could not be read.
    NoTime,
    /// A cell that should hold a figure holds NaN.
    NotANumber,
    /// A quote that is opened and never closed.
    OpenQuote,
    /// Outside `--from` and `--to`.
    OutsidePeriod,
    /// Beyond a bound on what is read: see [`BOUNDS`](crate::bounds::BOUNDS).
    OverLimit,
    /// What a tracker expects of a whole run, not what was used.
    Predicted,
    /// A running total that a later row of the same run replaces.
    Superseded,
    /// Torn or glued.
    Torn,
    /// Not part of the format.
    Unknown,
}

impl SkipReason {
    /// The word in the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            SkipReason::Binary => "binary",
            SkipReason::Contained => "contained",
            SkipReason::Duplicate => "duplicate",
            SkipReason::Implausible => "implausible",
            SkipReason::LastLineCut => "last_line_cut",
            SkipReason::LineTooLong => "line_too_long",
            SkipReason::NoReading => "no_reading",
            SkipReason::NoTime => "no_time",
            SkipReason::NotANumber => "not_a_number",
            SkipReason::OpenQuote => "open_quote",
            SkipReason::OutsidePeriod => "outside_period",
            SkipReason::OverLimit => "over_limit",
            SkipReason::Predicted => "predicted",
            SkipReason::Superseded => "superseded",
            SkipReason::Torn => "torn",
            SkipReason::Unknown => "unknown",
        }
    }
}

/// Every row of a file, used or skipped for a reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowAccount {
    /// Rows that counted.
    pub used: u64,
    /// Rows that did not: how many, and the line of the first.
    pub skipped: BTreeMap<SkipReason, (u64, u64)>,
    /// All lines, with headers and blank ones.
    pub lines: u64,
    /// All bytes, and those of lines that are no text: they stand for as many rows as good lines of that length hold.
    pub(super) bytes: u64,
    pub(super) binary_bytes: u64,
    /// Those before the first row.
    pub(super) head_bytes: u64,
    /// Those of lines of text that hold what is left of rows.
    pub(super) torn_bytes: u64,
    ends: Ends,
    /// Lines that are sentences: what a program said beside its rows.
    prose: u64,
}

/// Lines that are not part of the format and stand before the first row that counts, or behind the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ends {
    before: u64,
    /// So many since as many rows were used.
    run: u64,
    used: u64,
    /// The next one is a sentence.
    is_prose: bool,
}

impl RowAccount {
    /// Rows found: used and skipped.
    pub fn read(&self) -> u64 {
        self.used + self.skipped.values().map(|(count, _)| count).sum::<u64>()
    }

    /// Counts `count` skipped rows, the first at `line`.
    pub fn skip(&mut self, reason: SkipReason, line: u64, count: u64) {
        if reason == SkipReason::Unknown {
            if self.ends.used != self.used {
                (self.ends.used, self.ends.run) = (self.used, 0);
            }
            self.ends.run += if core::mem::take(&mut self.ends.is_prose) { count.saturating_sub(1) } else { count };
            if self.used == 0 {
                self.ends.before = self.ends.run;
            }
        }
        let entry = self.skipped.entry(reason).or_insert((0, line));
        entry.0 += count;
        // Line 0: no line is to blame.
        entry.1 = if entry.1 == 0 || line == 0 { entry.1.max(line) } else { entry.1.min(line) };
    }

    /// The line that is counted next is a sentence, and no row of any log.
    pub(super) fn next_is_prose(&mut self) {
        self.ends.is_prose = true;
        self.prose += 1;
    }

    /// Lines that may have been rows of some log.
    pub(super) fn unknown(&self) -> u64 {
        self.skipped.get(&SkipReason::Unknown).map_or(0, |(count, _)| count.saturating_sub(self.prose))
    }

    /// How many rows the lines stand for that are no text, by their length: a hole of NUL bytes is one line, however many rows it ate, and a line may be
    /// one of many that make a row.
    pub(super) fn binary(&self) -> u64 {
        self.rows_in(self.binary_bytes).max(u64::from(self.skipped.contains_key(&SkipReason::Binary)))
    }

    /// The same of lines of text that hold what is left of rows: what is glued together is one line, too.
    pub(super) fn glued(&self) -> u64 {
        self.rows_in(self.torn_bytes)
    }

    /// So many rows are in lines of this length, where they are as those that count.
    fn rows_in(&self, bytes: u64) -> u64 {
        let read = self.bytes.saturating_sub(self.binary_bytes + self.torn_bytes);
        // A header is no row; but a single row is all that there is.
        let good = Some(read.saturating_sub(self.head_bytes)).filter(|_| self.used > 1).unwrap_or(read).max(1);
        let rows = (u128::from(bytes) * u128::from(self.used) + u128::from(good) / 2) / u128::from(good);
        u64::try_from(rows).unwrap_or(u64::MAX)
    }

    /// Takes `count` rows that were used for skipped after all.
    pub fn demote(&mut self, reason: SkipReason, line: u64, count: u64) {
        let count = count.min(self.used);
        if count > 0 {
            if self.ends.used == self.used {
                self.ends.used -= count;
            }
            self.used -= count;
            self.skip(reason, line, count);
        }
    }

    /// Lines at the ends of the file that are no rows, once all of it is read.
    pub(super) fn take_unknown_at_ends(&mut self) -> u64 {
        let (before, behind) = (self.ends.before, self.behind());
        self.ends = Ends::default();
        if self.used == 0 { 0 } else { before + behind }
    }

    fn behind(&self) -> u64 {
        if self.ends.used == self.used && self.used > 0 { self.ends.run } else { 0 }
    }

    pub(super) fn merge(&mut self, later: RowAccount, lines_before: u64) {
        let before = if self.used == 0 { self.ends.before + later.ends.before } else { self.ends.before };
        let run = match (self.used, later.used) {
            (0, 0) => before,
            (_, 0) => self.behind() + later.ends.before,
            _ => later.behind(),
        };
        self.head_bytes += if self.used == 0 { later.head_bytes } else { 0 };
        self.used += later.used;
        self.lines += later.lines;
        self.bytes += later.bytes;
        self.binary_bytes += later.binary_bytes;
        self.torn_bytes += later.torn_bytes;
        self.prose += later.prose;
        for (reason, (count, line)) in later.skipped {
            // Line 0: no line is to blame.
            self.skip(reason, if line == 0 { 0 } else { line + lines_before }, count);
        }
        self.ends = Ends { before, run, used: self.used, is_prose: false };
    }
}
