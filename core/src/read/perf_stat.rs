//! `perf stat` with the kernel's RAPL events: joules of each interval, or of a whole run.
//!
//! With `-I`, a row is the energy *since the row before*, neither power nor a running total, and the first interval begins where `perf`
//! started. Without, a summary at the end holds the energy of the whole run.

mod line;
mod number;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::fingerprint::Fingerprint;
use super::{ChannelId, Clock, Evidence, Format, Head, Line, LocalClock, ReadBy, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};
use crate::bounds::{self, Bounds};
use crate::map::{Map, Set};
use crate::note;
use crate::rules;
use crate::series::{Channel, Component, Device, Instrument, Quantity, Sample};
use crate::units::calendar::parse_stamp;
use crate::units::{Energy, Instant, Span};
use line::{EnergyRow, PerfLine, describe, parse};

/// `perf stat` of Linux.
pub static FORMAT: Format =
    Format { id: "perf_stat", name: "perf stat", how_to_log: COMMAND, read_by: ReadBy::Code { most: 90, sniff, open } };

const COMMAND: &str = "perf stat -a -I 1000 -x, -e power/energy-pkg/,power/energy-ram/ -o perf.csv";

/// Where `perf` adds up the packages of a machine, a row may be this many times what one device can draw.
const MOST_PACKAGES: i64 = 16;

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    if !head.may_hold(line::ENERGY) && !head.may_hold(line::HEADING) {
        return None;
    }
    let mut heading = false;
    for line in head.lines() {
        match parse(line) {
            PerfLine::Energy(row) => {
                let reason = format!("joules of the event for {}", describe(row.domain, row.part.as_deref()));
                return Some(Evidence { score: 90, reason });
            }
            PerfLine::Summary(_) => heading = true,
            _ => {}
        }
    }
    heading.then(|| Evidence { score: 80, reason: String::from("`Performance counter stats for`") })
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    if !head.lines().any(|line| matches!(parse(line), PerfLine::Energy(_))) {
        return Err(Refusal {
            code: &note::NO_POWER_COLUMN,
            line: None,
            message: String::from("found events of perf, expected one of power/energy-pkg/, power/energy-ram/"),
            hint: format!("log energy as well: `{COMMAND}`"),
        });
    }
    Ok(Box::new(PerfStat {
        clock: LocalClock::new(options.zone.clone()),
        dated: false,
        start: Instant::from_micros(0),
        run: 0,
        end: None,
        intervals_seen: false,
        channels: Map::new(),
        ticks: Map::new(),
        firsts: Vec::new(),
        beginning: Beginning::default(),
        is_copy: false,
        torn: 0,
        totals: Vec::new(),
        told: Set::new(),
        bounds: options.bounds.clone(),
        runs: 1,
    }))
}

/// So many rows at the beginning of a log are known again where they stand another time.
const ROWS_KNOWN: usize = rules::whole("perf_rows_known") as usize;

/// The first interval of a log is no longer than so many of the next, unless the log was cut.
const FIRST_OVER_NEXT: i64 = rules::whole("perf_first_over_next");

/// How the first line of a log begins, before its date.
const STARTED: &[u8] = b"# started on ";

struct PerfStat {
    clock: LocalClock,
    dated: bool,
    /// Where the run in hand started.
    start: Instant,
    /// Runs before it in the file.
    run: u32,
    /// Last instant that anything was read for.
    end: Option<Instant>,
    intervals_seen: bool,
    channels: Map<Key, Known>,
    ticks: Map<Key, Tick>,
    /// First rows of events, until the next one shows how long intervals are.
    firsts: Vec<First>,
    beginning: Beginning,
    /// Rows stand there once more, up to the time that was read.
    is_copy: bool,
    /// Rows that could not be read.
    torn: u64,
    /// Rows of a summary, until its length is known.
    totals: Vec<Total>,
    /// The summaries so far, by their fingerprints.
    told: Set<u64>,
    bounds: Bounds,
    /// The summary's values are means of so many runs.
    runs: i64,
}

type Key = (Component, Option<String>);

#[derive(Clone, Copy)]
struct Known {
    id: ChannelId,
    /// Where the last reading ended.
    last: Option<Instant>,
}

/// The last row of an event.
#[derive(Clone, Copy)]
struct Tick {
    /// Its run.
    run: u32,
    /// Rows that could not be read before it.
    torn: u64,
    /// Its interval, since the run's start.
    interval: (Span, Span),
}

/// The first row of an event in a run: its interval begins with the run, unless the log was cut.
struct First {
    key: Key,
    start: Instant,
    at: Span,
    energy: i64,
    line: u64,
}

/// Where the first line of a log stands in a line.
fn started_in(line: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'#', line).find(|at| line.get(*at..).is_some_and(|rest| rest.starts_with(STARTED)))
}

/// The first rows of the log, by which a copy of them is known.
#[derive(Default)]
struct Beginning {
    rows: Set<(Component, Span, i64)>,
    /// How many they are.
    count: usize,
    /// Of each component, its first reading, and whether another one follows.
    readings: Map<Component, (i64, bool)>,
}

impl Beginning {
    fn push(&mut self, component: Component, at: Span, energy: i64) {
        if self.count < ROWS_KNOWN {
            self.count += 1;
            self.rows.insert((component, at, energy));
            let (first, moves) = self.readings.entry(component).or_insert_with(|| (energy, false));
            *moves |= *first != energy;
        }
    }

    /// Whether a row is one of them. Of readings that stand still, the same ones say nothing.
    fn holds(&self, component: Component, at: Span, energy: i64) -> bool {
        self.readings.get(&component).is_some_and(|(first, moves)| *moves || *first != energy)
            && self.rows.contains(&(component, at, energy))
    }
}

struct Total {
    key: Key,
    energy: i64,
    counted: Option<Span>,
    line: u64,
}

impl Reader for PerfStat {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if out.tool.is_none() {
            out.tool = Some(String::from("perf stat"));
            out.clock = Clock::Relative;
        }
        // A log that was cut, and the next one behind it in the same line.
        if let Some(at) = started_in(line.text).filter(|at| !line.text.iter().take(*at).all(u8::is_ascii_whitespace)) {
            let (cut, next) = line.text.split_at(at);
            let row = self.line(Line { text: cut, unterminated: true, ..line }, out);
            self.started(next.get(STARTED.len()..).unwrap_or(&[]), out);
            return row;
        }
        match parse(line.text) {
            PerfLine::Energy(row) if line.unterminated && !row.closed => Row::Skipped(SkipReason::LastLineCut),
            PerfLine::Energy(row) => self.energy(&row, line.number, out),
            PerfLine::Started(stamp) => self.started(stamp, out),
            PerfLine::Elapsed(length) => {
                self.summary(Some(length), out);
                Row::Structure
            }
            PerfLine::Summary(runs) => {
                self.summary(None, out);
                self.runs = runs;
                if runs > 1 {
                    out.notes.add(&note::READINGS_ROUNDED, "runs", Some(line.number), || {
                        format!("values are rounded means of {runs} runs: they are multiplied by {runs}")
                    });
                }
                Row::Structure
            }
            PerfLine::Other if line.unterminated && !line.text.is_empty() => Row::Skipped(SkipReason::LastLineCut),
            PerfLine::Other => Row::Structure,
            PerfLine::Torn if line.unterminated => Row::Skipped(SkipReason::LastLineCut),
            PerfLine::Torn => {
                self.torn += 1;
                out.notes.add(&note::ROWS_TORN, "", Some(line.number), || {
                    String::from("a row of an energy event could not be read: expected a number of joules before the event's name")
                });
                Row::Skipped(SkipReason::Torn)
            }
            PerfLine::Unknown => {
                out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || String::from("lines that perf stat does not print"));
                Row::Skipped(SkipReason::Unknown)
            }
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        self.end_firsts(out);
        self.summary(None, out);
    }
}

impl PerfStat {
    /// A run starts: the only date that `perf` writes, on the local clock, to the second.
    fn started(&mut self, stamp: &[u8], out: &mut Reading) -> Row {
        self.end_firsts(out);
        self.summary(None, out);
        let Some(stamp) = parse_stamp(stamp) else {
            return Row::Structure;
        };
        let at = if stamp.zoned { stamp.at } else { self.clock.resolve(stamp.at) };
        // Of two runs in a row, the second may seem to start within the last second of the first.
        let overlap = self.end.filter(|end| self.dated && *end > at && end.since(at) < Span::from_seconds(2));
        self.start = overlap.unwrap_or(at);
        if self.end.is_some() {
            out.another_recording();
        }
        self.run += 1;
        self.dated = true;
        out.clock = Clock::of(stamp.zoned, self.clock.knows_zone());
        Row::Structure
    }

    fn energy(&mut self, row: &EnergyRow<'_>, line: u64, out: &mut Reading) -> Row {
        let key = (row.domain, row.part.as_deref().map(ToOwned::to_owned));
        if let Some(at) = row.at
            && self.is_again(&key, at, row.energy)
        {
            out.notes.add(&note::DUPLICATE_ROWS, "", Some(line), || String::from("rows of an interval stand twice, to the last digit"));
            return Row::Skipped(SkipReason::Duplicate);
        }
        self.first(&key, row.at, out);
        // Also of a row without a reading: what comes next does not hold its time.
        let interval = row.at.map(|at| self.interval(&key, at));
        let Some(energy) = row.energy else {
            out.notes.add(&note::MISSING_READINGS, &describe(row.domain, row.part.as_deref()), Some(line), || {
                format!("{}: perf could not count the event here", describe(row.domain, row.part.as_deref()))
            });
            return Row::Skipped(SkipReason::NoReading);
        };
        match interval {
            Some((begin, end)) => {
                self.intervals_seen = true;
                if begin == Span::ZERO && end > Span::ZERO {
                    self.firsts.push(First { key, start: self.start, at: end, energy, line });
                    return Row::Used;
                }
                self.put(&key, (self.start.plus(begin), self.start.plus(end)), energy, out)
            }
            None if self.intervals_seen => {
                out.notes.add(&note::CONTAINED_READING, "summary", Some(line), || {
                    String::from("the summary repeats the sum of the intervals and is left out")
                });
                Row::Skipped(SkipReason::Contained)
            }
            None => {
                // Without a heading between them, two summaries of one event are two runs.
                if self.totals.iter().any(|t| t.key == key) {
                    self.summary(None, out);
                }
                self.totals.push(Total { key, energy, counted: row.counted, line });
                Row::Used
            }
        }
    }

    /// Whether a row stands in the log once more: its time is that of a row before, and its reading, to the last digit.
    fn is_again(&mut self, key: &Key, at: Span, energy: Option<i64>) -> bool {
        let Some(energy) = energy else { return false };
        let falls_back = self.ticks.get(key).is_some_and(|tick| tick.run == self.run && at <= tick.interval.1);
        if falls_back && (self.is_copy || self.beginning.holds(key.0, at, energy)) {
            // The rows behind it are copies as well, up to the time that was read.
            self.is_copy = true;
            return true;
        }
        self.is_copy &= falls_back;
        self.beginning.push(key.0, at, energy);
        false
    }

    /// What comes next of an event, or that nothing does, says where its first interval began: with the run, or, of a log that was cut, one interval before.
    fn first(&mut self, key: &Key, next: Option<Span>, out: &mut Reading) {
        if self.firsts.is_empty() {
            return;
        }
        let Some(position) = self.firsts.iter().position(|first| first.key == *key) else { return };
        let First { key, start, at, energy, line } = self.firsts.remove(position);
        let length = next.map_or(Span::ZERO, |next| next - at);
        let is_cut = length > Span::ZERO && at.as_micros() > length.as_micros().saturating_mul(FIRST_OVER_NEXT);
        let begin = if is_cut { at - length } else { Span::ZERO };
        if let Row::Skipped(reason) = self.put(&key, (start.plus(begin), start.plus(at)), energy, out) {
            out.rows.demote(reason, line, 1);
        }
    }

    /// The run ends: nothing more shows how long its first intervals were.
    fn end_firsts(&mut self, out: &mut Reading) {
        while let Some(key) = self.firsts.last().map(|first| first.key.clone()) {
            self.first(&key, None, out);
        }
    }

    /// The interval of an event that ends at `at`: since the event's row before, for events may have stamps of their own. Where a row between the two could
    /// not be read, it is as long as the one before.
    fn interval(&mut self, key: &Key, at: Span) -> (Span, Span) {
        let before = self.ticks.get(key).filter(|tick| tick.run == self.run).copied();
        let interval = match before.map(|tick| (tick.interval, tick.torn < self.torn)) {
            Some((again, _)) if again.1 == at => again,
            Some(((begin, end), true)) if at > end => (end.max(at - (end - begin)), at),
            Some(((_, end), false)) if at > end => (end, at),
            Some(_) => {
                // Another run was written behind the first without a stamp: it follows where the first ended.
                self.start = self.end.unwrap_or(self.start);
                self.run += 1;
                (Span::ZERO, at)
            }
            None => (Span::ZERO, at),
        };
        self.ticks.insert(key.clone(), Tick { run: self.run, torn: self.torn, interval });
        interval
    }

    /// Emits the energy between two instants.
    fn put(&mut self, key: &Key, (begin, end): (Instant, Instant), energy: i64, out: &mut Reading) -> Row {
        let (component, part) = key;
        let packages = if part.is_none() { MOST_PACKAGES } else { 1 };
        let most = component.implausible_above().over(end.since(begin)).as_picojoules().saturating_mul(i128::from(packages));
        if Energy::from_microjoules(energy).as_picojoules() > most {
            return Row::Skipped(SkipReason::Implausible);
        }
        let known = *self.channels.entry(key.clone()).or_insert_with(|| {
            let device = part.as_ref().map(|p| Device::indexed(p.clone())).unwrap_or_default();
            let channel = Channel {
                host: None,
                component: *component,
                device,
                quantity: Quantity::IntervalEnergy,
                instrument: Instrument::Rapl,
                run: None,
            };
            Known { id: out.channel(channel), last: None }
        });
        if known.last != Some(begin) {
            // Outside the period asked for, the first reading alone starts the series.
            let _ = out.sample(known.id, Sample::interval_start(begin));
        }
        let row = out.sample(known.id, Sample { at: end, value: energy });
        if let Some(known) = self.channels.get_mut(key) {
            known.last = Some(end);
        }
        self.end = self.end.max(Some(end));
        row.map_or_else(Row::Skipped, |()| Row::Used)
    }

    /// Ends a summary: its rows are the energy of the run. Without a line that says how long it was, the time that the events were
    /// counted stands for it.
    fn summary(&mut self, elapsed: Option<Span>, out: &mut Reading) {
        let totals = core::mem::take(&mut self.totals);
        let runs = core::mem::replace(&mut self.runs, 1);
        if totals.is_empty() {
            return;
        }
        let counted = totals.iter().filter_map(|t| t.counted).max();
        if let (None, Some(first)) = (elapsed, totals.first()) {
            out.notes.add(&note::DURATION_ASSUMED, "", Some(first.line), || {
                String::from("perf printed no elapsed time: the time that the events were counted stands for it")
            });
        }
        let Some(length) = elapsed.or(counted).filter(|l| *l > Span::ZERO) else {
            for total in &totals {
                out.rows.demote(SkipReason::NoTime, total.line, 1);
            }
            return;
        };
        // Nobody measures the same joules in the same nanoseconds twice: a copy of a summary is no other run.
        let again = fingerprint(self.dated.then_some(self.start), length, &totals);
        let is_copy = self.told.contains(&again);
        if is_copy || self.told.len() >= self.bounds.count(&bounds::SUMMARIES) {
            let reason = if is_copy { SkipReason::Duplicate } else { SkipReason::OverLimit };
            for total in &totals {
                out.rows.demote(reason, total.line, 1);
                match is_copy {
                    true => out
                        .notes
                        .add(&note::DUPLICATE_ROWS, "", Some(total.line), || String::from("a summary stands twice, to the last digit")),
                    false => out.beyond(&bounds::SUMMARIES, &self.bounds, Some(total.line), "the rows of further ones are left out"),
                }
            }
            return;
        }
        self.told.insert(again);
        let begin = if self.dated { self.start } else { self.end.unwrap_or(self.start) };
        let end = begin.plus(Span::from_micros(length.as_micros().saturating_mul(runs)));
        for total in totals {
            if let Row::Skipped(reason) = self.put(&total.key, (begin, end), total.energy.saturating_mul(runs), out) {
                out.rows.demote(reason, total.line, 1);
            }
        }
    }
}

/// What a summary says: when its run started, if it says so, its length and its totals.
fn fingerprint(start: Option<Instant>, length: Span, totals: &[Total]) -> u64 {
    let mut print = Fingerprint::default();
    print.add(&[u8::from(start.is_some())]);
    print.add(&start.map_or(0, Instant::as_micros).to_le_bytes());
    print.add(&length.as_micros().to_le_bytes());
    for Total { key: (component, part), energy, .. } in totals {
        print.add(component.as_str().as_bytes());
        print.add(part.as_deref().unwrap_or("").as_bytes());
        print.add(&[0]);
        print.add(&energy.to_le_bytes());
    }
    print.0
}
