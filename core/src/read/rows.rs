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
}

impl RowAccount {
    /// Rows found: used and skipped.
    pub fn read(&self) -> u64 {
        self.used + self.skipped.values().map(|(count, _)| count).sum::<u64>()
    }

    /// Counts `count` skipped rows, the first at `line`.
    pub fn skip(&mut self, reason: SkipReason, line: u64, count: u64) {
        let entry = self.skipped.entry(reason).or_insert((0, line));
        entry.0 += count;
        // Line 0: no line is to blame.
        entry.1 = if entry.1 == 0 || line == 0 { entry.1.max(line) } else { entry.1.min(line) };
    }

    /// Takes `count` rows that were used for skipped after all.
    pub fn demote(&mut self, reason: SkipReason, line: u64, count: u64) {
        let count = count.min(self.used);
        if count > 0 {
            self.used -= count;
            self.skip(reason, line, count);
        }
    }

    pub(super) fn merge(&mut self, later: RowAccount, lines_before: u64) {
        self.used += later.used;
        self.lines += later.lines;
        for (reason, (count, line)) in later.skipped {
            // Line 0: no line is to blame.
            self.skip(reason, if line == 0 { 0 } else { line + lines_before }, count);
        }
    }
}
