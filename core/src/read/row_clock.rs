//! The time of rows, from what a log prints of it.

use alloc::string::String;

use crate::decode::table::Column;
use crate::read::{Clock, LocalClock, ReadOptions, Reading};
use crate::rules;
use crate::units::calendar::{Stamp, parse_stamp};
use crate::units::{Instant, Span};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Stamps that are cut to seconds, and printed a little late, are off by less.
const CUT_BY: Span = rules::seconds("stamps_cut_by_s");

/// The clock of one log.
#[derive(Debug)]
pub(super) struct RowClock {
    pub(super) local: LocalClock,
    /// Whether stamps name their zone; decided by the first.
    pub(super) zoned: Option<bool>,
    /// The last stamp that stood on a line of its own, or the last time of day.
    pub(super) now: Option<Instant>,
    tool: Option<&'static str>,
    /// The run whose start times count from.
    run: Option<String>,
}

impl RowClock {
    pub(super) fn new(options: &ReadOptions, tool: Option<&'static str>) -> Self {
        Self { local: LocalClock::new(options.zone.clone()), zoned: None, now: None, tool, run: None }
    }

    /// That of a table with these columns.
    pub(super) fn of_table(options: &ReadOptions, tool: Option<&'static str>, columns: &[Column]) -> Self {
        Self { run: run_in(columns), ..Self::new(options, tool) }
    }

    /// The same for a later range of the file.
    pub(super) fn fork(&self, options: &ReadOptions) -> Self {
        Self { local: LocalClock::new(options.zone.clone()), zoned: self.zoned, now: None, tool: self.tool, run: self.run.clone() }
    }

    /// The instant of a stamp; `None` where it is of another kind than the first one of the file.
    pub(super) fn instant(&mut self, stamp: Stamp, out: &mut Reading) -> Option<Instant> {
        let zoned = *self.zoned.get_or_insert(stamp.zoned);
        if out.clock == Clock::None {
            out.clock = Clock::of(zoned, self.local.knows_zone());
            out.tool = self.tool.map(String::from);
        }
        match (stamp.zoned, zoned) {
            (true, true) => Some(stamp.at),
            (false, false) => Some(self.local.resolve(stamp.at)),
            _ if self.local.knows_zone() => Some(if stamp.zoned { stamp.at } else { self.local.resolve(stamp.at) }),
            _ => None,
        }
    }

    /// Says that times count from some start.
    pub(super) fn relative(&mut self, out: &mut Reading) {
        self.zoned = Some(true);
        if out.clock == Clock::None {
            out.clock = Clock::Relative;
            out.clock_of.clone_from(&self.run);
            out.tool = self.tool.map(String::from);
        }
    }

    /// Says that times are of a day that nobody knows.
    pub(super) fn of_day(&mut self, out: &mut Reading) {
        self.relative(out);
        out.of_day.get_or_insert_with(|| self.local.ahead_of_late());
    }

    /// A time of day as time since the midnight before the log: it comes round again every day.
    pub(super) fn since_midnight(&mut self, of_day: i64) -> Instant {
        self.local.see(of_day);
        let last = self.now.map_or(of_day, Instant::as_micros);
        let half = MICROS_PER_DAY / 2;
        // The day that puts it nearest to the row before.
        let days = (last - of_day + half).div_euclid(MICROS_PER_DAY);
        let at = Instant::from_micros(of_day + days * MICROS_PER_DAY);
        self.now = Some(at);
        at
    }

    /// Takes the time from a line that is a stamp and nothing else.
    pub(super) fn stamp_line(&mut self, text: &[u8], out: &mut Reading) -> bool {
        let stamp = parse_stamp(text);
        if let Some(stamp) = stamp {
            self.now = self.instant(stamp, out);
        }
        stamp.is_some()
    }

    /// The time of a row whose interval took `length` and ended within the second of `at`: intervals follow each other, and stamps that are cut to
    /// seconds only say where they do not.
    pub(super) fn advance_to(&mut self, at: Instant, length: Span) -> Instant {
        let next = self.now.map(|now| now.plus(length));
        let is_cut = at.as_micros().rem_euclid(1_000_000) == 0;
        let at = next.filter(|next| is_cut && next.since(at).as_micros().abs() <= CUT_BY.as_micros()).unwrap_or(at);
        self.now = Some(at);
        at
    }

    /// Time goes on by so much; where there was none before, from 0.
    pub(super) fn advance(&mut self, by: Span) -> Instant {
        let at = Instant::from_micros(self.now.map_or(0, Instant::as_micros).saturating_add(by.as_micros()));
        self.now = Some(at);
        at
    }
}

/// `14:03:21.117` in µs since midnight.
pub(super) fn time_of_day(cell: &[u8]) -> Option<i64> {
    let stamp = parse_stamp(&[b"2000-01-01 ", cell].concat())?;
    (!stamp.zoned && cell.contains(&b':')).then(|| stamp.at.as_micros().rem_euclid(MICROS_PER_DAY))
}

/// The one run whose start W&B's panels count from: `laced-sun-17 - system/gpu.0.powerWatts` beside `Relative Time (Process)`.
fn run_in(columns: &[Column]) -> Option<String> {
    let counts =
        |column: &Column| column.name == "relative time" && column.bracket.as_deref().is_some_and(|of| of.eq_ignore_ascii_case("process"));
    let mut runs = columns.iter().filter_map(run_of);
    let first = runs.next().filter(|_| columns.iter().any(counts))?;
    runs.all(|run| run == first).then(|| String::from(first))
}

/// The run that a column of W&B is of.
pub(in crate::read) fn run_of(column: &Column) -> Option<&str> {
    let (run, _) = column.text.split_once(" - system")?;
    Some(run.trim_matches(['"', ' '])).filter(|run| !run.is_empty())
}
