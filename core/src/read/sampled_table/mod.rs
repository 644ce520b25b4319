//! Tables of samples: rows of a time, a device and its readings. Formats over it say which column is what ([`Plan`]) and how a header
//! looks ([`Dialect`]); everything odd that a row may hold is dealt with here, once.

mod devices;
mod headers;
mod known_lines;
mod notes;
mod places;
mod plain;
mod plan;
pub(super) mod readings;
mod role;
mod stamped;
mod steps;
mod trial;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use devices::KnownDevice;
pub(super) use devices::{Devices, Identity, is_blanked_out};
use known_lines::KnownLines;
use places::{Looked, Places};
use plain::Plain;
pub(super) use plan::{AsideMeter, Dialect, Lasted, Meter, Plan, TimeSource};
pub(super) use role::{ROLES, component, counter_range, is_reading_role};
pub(crate) use role::{ROLES as COLUMN_ROLES, is_role as is_column_role};
pub(super) use trial::{LEAST_POWER, Trial, most_power};

use super::open_quote::{Next, OpenQuote};
use super::row_clock::{RowClock, time_of_day};
use super::{Head, Line, ReadOptions, Reader, Reading, Row, SkipReason};
use crate::bounds;
use crate::decode::cells::Cells;
use crate::decode::table::{LineKind, Unit, split_unit};
use crate::map::Map;
use crate::note;
use crate::series::{Component, CounterRange, Device, GAP_IN_MEDIANS, Quantity, SHORTEST_GAP};
use crate::sparing;
use crate::units::calendar::{Stamp, parse_stamp};
use crate::units::{Instant, Span};

/// A table of samples, read line by line.
pub(super) struct SampledTable {
    plan: Plan,
    dialect: Dialect,
    options: ReadOptions,
    clock: RowClock,
    devices: Devices,
    /// What was listed of them.
    listed: Map<(Component, Device), ()>,
    cells: Cells,
    /// For lines that may be headers.
    spare: Cells,
    /// A record whose quote is open.
    open: OpenQuote,
    key: Vec<u8>,
    /// Lines up to the header are no rows, unless one is.
    preamble: u64,
    /// A later range of a file: devices that the head does not show may have been seen before under other names.
    forked: bool,
    /// A later header without readings: rows under it can't be used.
    unusable: bool,
    devices_indistinct: bool,
    /// How rows are told apart that name the same device, or none.
    places: Places,
    /// A header came again: the next row may be the first of another recording.
    after_header: bool,
    /// The first stamp of rows that follow each other.
    began: Option<Instant>,
    /// Whether another run came behind them.
    has_later_runs: bool,
    /// The time of the row before, for that.
    last: Option<Instant>,
    /// The earliest of the rows that were looked at one by one.
    earliest: Option<Instant>,
    /// Plain rows, once a row has shown what they are.
    plain: Option<Box<Plain>>,
    /// Whether it is known that no row is plain.
    never_plain: bool,
    /// Short lines that are no rows.
    known: KnownLines,
    /// How finely each meter's energies are printed, µJ.
    steps: Vec<Option<i64>>,
    /// Whether every line like the last one comes to the same.
    says_nothing: bool,
}

/// What a row that was used came from, so that like rows can be read faster.
#[derive(Clone, Copy, Debug)]
struct Trace {
    /// The device of the row.
    device: usize,
    /// The column that names it.
    key_column: Option<usize>,
    /// The column that the reading came from; of several, one of them.
    reading_column: usize,
}

impl SampledTable {
    /// A reader of `plan`'s table from its first line on.
    pub(super) fn new(mut plan: Plan, dialect: Dialect, head: &Head<'_>, options: &ReadOptions) -> Self {
        let Looked { places, devices_indistinct } = plan.looked.take().unwrap_or_else(|| Looked::of(&plan, dialect, head));
        Self {
            devices_indistinct,
            places,
            after_header: false,
            began: None,
            has_later_runs: false,
            last: None,
            earliest: None,
            preamble: plan.table.header_line.unwrap_or(0),
            clock: RowClock::of_table(options, dialect.tool(), &plan.table.columns),
            steps: steps::steps(&plan, head),
            plan,
            dialect,
            options: options.clone(),
            devices: Devices::default(),
            listed: Map::new(),
            cells: Cells::default(),
            spare: Cells::default(),
            open: OpenQuote::new(&options.bounds, |_, _, _| {}),
            key: Vec::new(),
            forked: false,
            unusable: false,
            plain: None,
            never_plain: false,
            known: KnownLines::default(),
            says_nothing: false,
        }
    }

    /// A reader for a later range, where rows mean the same whatever came before.
    pub(super) fn fork(&self) -> Option<SampledTable> {
        let one_pass = match self.plan.time {
            TimeSource::Duration { .. } | TimeSource::StampLines | TimeSource::Interval(_) | TimeSource::TimeOfDay(_) => true,
            TimeSource::Column(_) | TimeSource::DateAndTime { .. } | TimeSource::Elapsed { .. } => self.plan.identity.run.is_some(),
        };
        // Whether a fall is the end of a register or a start anew shows in all that came before.
        let has_registers = self.plan.meters.iter().any(|meter| meter.quantity == Quantity::Counter(CounterRange::RaplPerhaps));
        if one_pass || has_registers || self.plan.lasted.is_some() || self.unusable || self.clock.zoned.is_none() || !self.places.is_empty()
        {
            return None;
        }
        let mut devices = self.devices.clone();
        devices.forget_channels();
        Some(Self {
            plan: self.plan.clone(),
            dialect: self.dialect,
            options: self.options.clone(),
            clock: self.clock.fork(&self.options),
            devices,
            listed: Map::new(),
            cells: Cells::default(),
            spare: Cells::default(),
            open: OpenQuote::new(&self.options.bounds, |_, _, _| {}),
            key: Vec::new(),
            preamble: 0,
            forked: true,
            unusable: false,
            devices_indistinct: false,
            places: self.places.forgotten(),
            after_header: false,
            began: None,
            has_later_runs: false,
            last: None,
            earliest: None,
            plain: None,
            never_plain: false,
            known: KnownLines::default(),
            steps: self.steps.clone(),
            says_nothing: false,
        })
    }

    /// What the columns are.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Reads one line. The trace is that of a row that was used.
    fn read(&mut self, line: Line<'_>, out: &mut Reading) -> (Row, Option<Trace>) {
        self.says_nothing = false;
        match self.plan.table.kind(line.text) {
            LineKind::Row if self.dialect.is_structure(line.text) => return (Row::Structure, None),
            LineKind::Row if line.number < self.preamble && !self.is_row_above(line) => {
                self.stamp_line(line.text, out);
                return (Row::Structure, None);
            }
            LineKind::Row => {}
            LineKind::Header => {
                self.after_header = line.number > self.preamble;
                return (Row::Structure, None);
            }
            LineKind::Blank | LineKind::Comment => {
                self.says_nothing = true;
                return (Row::Structure, None);
            }
        }
        if self.open.is_open() {
            // A stamp of its own line is no part of a cell.
            if self.plan.time == TimeSource::StampLines && parse_stamp(line.text).is_some() {
                self.open.give_up(out);
            } else if let Some(row) = self.go_on(line, out) {
                return (row, None);
            }
        }
        let mut trace = None;
        let row = match self.row(line, out, &mut trace) {
            Ok(()) => Row::Used,
            // The record goes on in the next line, or its quote is torn. What has no stamp in the cell where one belongs is no row, whatever follows.
            Err(Some(_)) if self.cells.is_unclosed() && !line.unterminated && !self.is_without_time() => {
                out.mark_irregular();
                self.says_nothing = false;
                self.open.begin(line)
            }
            Err(None) => Row::Structure,
            // A row that was cut says nothing of the format.
            Err(Some(SkipReason::Torn | SkipReason::Unknown | SkipReason::NoTime | SkipReason::NoReading)) if line.unterminated => {
                Row::Skipped(SkipReason::LastLineCut)
            }
            Err(Some(reason)) => {
                self.tell(reason, line, out);
                Row::Skipped(reason)
            }
        };
        (row, trace)
    }

    /// Reads rows that are like those before: plain ones, and what says nothing. Returns their number and what is left.
    pub(super) fn like_before<'l>(&mut self, lines: &'l [u8], number: u64, out: &mut Reading) -> (u64, &'l [u8]) {
        if self.open.is_open() {
            return (0, lines);
        }
        let (mut read, mut rest) = (0, lines);
        if let Some(plain) = self.plain.as_mut().filter(|_| !self.after_header) {
            (read, rest) = plain.read(lines, &mut self.clock.local, &mut self.last, &mut self.devices, out);
            out.rows.used += read;
            out.rows.lines += read;
        }
        let (passed, rest) = self.known.pass(rest, number + read, out);
        (read + passed, rest)
    }

    /// Learns from the line that was read last what lines like it come to; `whole` is all that stands before the line feed.
    fn learn(&mut self, text: &[u8], whole: &[u8], row: Row, trace: Option<Trace>) {
        // What stands in parts is like no other line.
        let is_whole = whole.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1) == text.len();
        if self.says_nothing && is_whole {
            self.known.learn(whole, row);
        }
        let Some(trace) = trace.filter(|_| is_whole && !self.never_plain && self.places.is_empty()) else { return };
        if self.plain.is_none() {
            let like = |zoned| Plain::like(text, trace, &self.plan, &self.devices, &self.options, zoned);
            self.plain = self.clock.zoned.and_then(like).map(Box::new);
            self.never_plain = self.plain.is_none();
        }
        if let Some(plain) = &mut self.plain {
            plain.learn(&self.plan, &self.cells, text, trace, &self.devices);
        }
    }

    /// The line as a part of the record whose quote is open; `None` where it stands for itself.
    #[cold]
    fn go_on(&mut self, line: Line<'_>, out: &mut Reading) -> Option<Row> {
        let width = self.plan.table.columns.len();
        let is_row = self.cells.split(line.text, self.plan.table.delimiter) == width && !self.cells.is_unclosed();
        let (text, number) = match self.open.next(line.text, is_row, out) {
            Next::Alone => return None,
            Next::Taken(row) => return Some(row),
            Next::Whole(text, first) => (text, first),
        };
        let record = Line { text: &text, number, ..line };
        let row = match self.row(record, out, &mut None) {
            Ok(()) => Row::Used,
            Err(None) => Row::Structure,
            Err(Some(reason)) => Row::Skipped(reason),
        };
        let row = self.open.became(row, out);
        if let Row::Skipped(reason) = row {
            self.tell(reason, record, out);
            if core::mem::take(&mut self.says_nothing) && reason == SkipReason::OpenQuote {
                self.known.learn_record(&text);
            }
        }
        Some(row)
    }

    /// Whether the cells that tell the time of a row stand in the line, and tell none.
    fn is_without_time(&self) -> bool {
        self.says_nothing && self.plan.last_of_time().is_some_and(|last| last < self.cells.len())
    }

    /// Whether a line above the header is a row: from there on, any may be. Of a transposed table, values stand below their names.
    fn is_row_above(&mut self, line: Line<'_>) -> bool {
        let may_be = line.number == 1 || self.plan.table.columns.len() > 1;
        let is_row = may_be && self.plan.table.is_row_above(line.text, &mut self.spare);
        self.preamble = if is_row { 0 } else { self.preamble };
        is_row
    }

    /// Takes the time from a line that is a stamp, in tables that have their time there.
    fn stamp_line(&mut self, text: &[u8], out: &mut Reading) -> bool {
        self.plan.time == TimeSource::StampLines && self.clock.stamp_line(text, out)
    }

    /// `Err(None)` is structure.
    fn row(&mut self, line: Line<'_>, out: &mut Reading, trace: &mut Option<Trace>) -> Result<(), Option<SkipReason>> {
        let text = line.text;
        if memchr::memchr(0, text).is_some() {
            return Err(Some(SkipReason::Binary));
        }
        if self.stamp_line(text, out) {
            return Err(None);
        }
        let count = self.cells.split(text, self.plan.table.delimiter);
        let width = self.plan.table.columns.len();
        let mut lasted = self.plan.interval();
        let time = self.plan.time;
        let at = match time {
            TimeSource::Duration { position, scale, start } => {
                let cell = self.cells.cell(text, position).unwrap_or(b"");
                lasted =
                    self.plan.table.number(cell, 6 - scale).and_then(|micros| i64::try_from(micros).ok()).filter(|micros| *micros >= 0);
                let Some(micros) = lasted else { return Err(self.no_row(line, count, out)) };
                // Rows that say when they began follow each other, whatever their device.
                start.and_then(|start| {
                    let may_begin = self.clock.now.is_none() || self.after_header;
                    let stamp = self.plan.table.stamp(self.cells.cell(text, start)?).filter(|_| may_begin);
                    match stamp.and_then(|stamp| self.clock.instant(stamp, out)) {
                        // The interval of the first row ends at its stamp.
                        Some(first) if self.begins(first, out) => {
                            self.clock.now = Some(Instant::from_micros(first.as_micros().saturating_sub(micros)));
                        }
                        Some(_) => {}
                        None if self.clock.now.is_some() && self.began.is_some() => {}
                        None => self.clock.relative(out),
                    }
                    Some(self.clock.advance(Span::from_micros(micros)))
                })
            }
            TimeSource::Column(_) | TimeSource::DateAndTime { .. } => match self.plan.stamp(&self.cells, text) {
                Some(stamp) => {
                    let at = self.clock.instant(stamp, out).ok_or(Some(SkipReason::NoTime))?;
                    let own = self.plan.lasted(&self.cells, text, stamp);
                    lasted = own.map(|(micros, _)| micros).or(lasted);
                    Some(if let Some((micros, true)) = own { at.plus(Span::from_micros(micros)) } else { at })
                }
                None => return Err(self.no_row(line, count, out)),
            },
            TimeSource::Elapsed { position, scale, times } => {
                let cell = self.cells.cell(text, position).unwrap_or(b"");
                match self.plan.table.elapsed(cell, scale, times) {
                    Some(micros) => {
                        self.clock.relative(out);
                        Some(Instant::from_micros(micros))
                    }
                    None => return Err(self.no_row(line, count, out)),
                }
            }
            TimeSource::TimeOfDay(position) => {
                let of_day = self.cells.cell(text, position).and_then(time_of_day);
                match of_day {
                    Some(of_day) => Some(match self.plan.begins {
                        Some(begins) => {
                            self.clock.now.get_or_insert(begins.at);
                            let at = self.clock.since_midnight(of_day);
                            self.clock.instant(Stamp { at, ..begins }, out).ok_or(Some(SkipReason::NoTime))?
                        }
                        None => {
                            self.clock.of_day(out);
                            self.clock.since_midnight(of_day)
                        }
                    }),
                    None => return Err(self.no_row(line, count, out)),
                }
            }
            // Tools end rows of parts without a reading early.
            _ if count < width && self.plan.is_of_part(&self.cells, text) => return Err(Some(SkipReason::Contained)),
            // Without stamps, a row is known by its width.
            _ if count != width || self.is_header(text) => return Err(self.no_row(line, count, out)),
            TimeSource::StampLines => Some(self.clock.now.ok_or(Some(SkipReason::NoTime))?),
            TimeSource::Interval(_) => None,
        };
        if self.plan.is_contained(&self.cells, text) {
            return Err(Some(SkipReason::Contained));
        }
        let blank_beyond = |cells: &Cells| (width..count).all(|p| cells.cell(text, p).is_some_and(<[u8]>::is_empty));
        if count < width || self.cells.is_unclosed() || !blank_beyond(&self.cells) {
            self.after_header |= self.plan.table.is_header_behind_row(text);
            return Err(Some(SkipReason::Torn));
        }
        if line.unterminated && self.may_be_cut(text) {
            return Err(Some(SkipReason::LastLineCut));
        }
        if self.unusable {
            return Err(Some(SkipReason::NoReading));
        }
        if let Some(at) = at {
            self.note_recording(at, out);
        }
        let (device, key_column) = self.device(text, at, out).ok_or(Some(SkipReason::OverLimit))?;
        if self.devices.get(device).is_some_and(|known| self.plan.leaves_out(known)) {
            if let Some(at) = at {
                self.total_row(line, at, device, out);
            }
            return Err(Some(SkipReason::Contained));
        }
        let at = match (at, lasted) {
            (Some(at), _) => at,
            (None, Some(lasted)) => {
                self.clock.relative(out);
                self.devices.tick(device, lasted)
            }
            (None, None) => return Err(Some(SkipReason::NoTime)),
        };
        self.asides(line, at, device, out);
        let reading_column = self.readings(line, (at, lasted), device, out)?;
        *trace = Some(Trace { device, key_column, reading_column });
        Ok(())
    }

    /// A row that comes after a pause and below a header that stands there again begins another recording, and so does one from as long before all others: parts
    /// of a log in another order. A header in each round does not, nor does that of a copy.
    fn note_recording(&mut self, at: Instant, out: &mut Reading) {
        let last = self.last.replace(at);
        let earliest = self.earliest.replace(self.earliest.map_or(at, |earliest| earliest.min(at)));
        if !core::mem::take(&mut self.after_header) {
            return;
        }
        match (last, self.places.cadence) {
            (Some(last), _) if self.forked && at < last => out.mark_irregular(),
            (Some(last), Some(cadence)) => {
                let longest = SHORTEST_GAP.as_micros().max(GAP_IN_MEDIANS.saturating_mul(cadence));
                if at.since(last).as_micros() > longest || earliest.is_some_and(|earliest| earliest.since(at).as_micros() > longest) {
                    out.another_recording();
                    self.plain = None;
                    self.places.restart();
                    self.devices.begin_anew();
                } else if at < last {
                    out.header_before_earlier();
                }
            }
            // The row before stands in another range.
            (None, _) if self.forked => out.mark_irregular(),
            _ => {}
        }
    }

    /// Whether rows that say when they began do so at this stamp, of the first row of all or below a header: there a copy or an earlier log begins, or a
    /// later one.
    fn begins(&mut self, first: Instant, out: &mut Reading) -> bool {
        let began = *self.began.get_or_insert(first);
        let Some(now) = self.clock.now else { return true };
        let is_later = first.since(now) > SHORTEST_GAP;
        // Of a log that is nothing but copies, each goes on from the one before.
        self.has_later_runs |= is_later;
        if self.has_later_runs && (is_later || first <= began) {
            out.another_recording();
        }
        is_later || first <= began
    }

    /// Whether several devices share a name, and how rows are told apart.
    pub(super) fn has_places(&self) -> bool {
        !self.places.is_empty() || self.places.shuffled.is_some_and(|shuffled| shuffled.perhaps > 1)
    }

    /// Whether rows of several devices can't be told apart.
    pub(super) fn is_indistinct(&self) -> bool {
        self.devices_indistinct
    }

    /// The row's device and the column that names it; `None` where there are too many.
    fn device(&mut self, text: &[u8], at: Option<Instant>, out: &mut Reading) -> Option<(usize, Option<usize>)> {
        let key_column = self.plan.identity.key(&self.cells, text, &mut self.key);
        let place = at.and_then(|at| self.places.place(&self.key, at.as_micros()));
        if let Some(place) = place {
            self.key.push(0);
            self.key.extend_from_slice(&place.to_le_bytes());
        }
        if let Some(found) = self.devices.find(&self.key) {
            return Some((found, key_column));
        }
        if self.forked {
            out.mark_irregular();
        }
        if self.devices.len() >= self.options.bounds.count(&bounds::DEVICES) {
            return None;
        }
        out.shuffled = out.shuffled.or(self.places.shuffled);
        let (host, device, is_cut) = self.plan.identity.device(&self.cells, text, place, self.devices.len());
        if is_cut {
            out.beyond(&bounds::NAME_BYTES, &self.options.bounds, None, "the name is cut, and ends in the number of the device in the log");
        }
        let part = device.index.as_deref().and_then(|index| self.dialect.part(index));
        let added = self.devices.add(&self.key, (host, device), part, self.plan.meters.len());
        for meter in &self.plan.meters {
            let listed = meter.of(self.devices.get(added)?);
            if self.listed.insert(listed.clone(), ()).is_none() {
                sparing::push(&mut out.devices, listed);
            }
        }
        Some((added, key_column))
    }

    /// Whether the end of an unterminated row may be a cut cell that counts.
    fn may_be_cut(&self, text: &[u8]) -> bool {
        let last = (0..self.cells.len()).next_back().unwrap_or(0);
        let cell = self.cells.cell(text, last).unwrap_or(b"");
        // A unit closes a reading: ` W` is the end of its cell.
        let closed = self.plan.is_reading(last) && Unit::symbol(split_unit(cell).1).is_some();
        self.plan.uses(last) && !closed
    }
}

impl Reader for SampledTable {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        self.read(line, out).0
    }

    fn head_is_short(&self) -> bool {
        self.places.is_short
    }

    fn finish(&mut self, out: &mut Reading) {
        out.readings_a_row = self.plan.meters.len() as u64;
        let rated = self.plan.meters.iter().find_map(|meter| meter.rated);
        if let Some(watts) = rated.filter(|_| out.series().iter().all(|s| s.channel().quantity == Quantity::PowerEstimated)) {
            out.notes.add(&note::ESTIMATED_COMPONENT, "", None, || {
                format!("GPU: no power was logged; estimated as {} W x (0.15 + 0.70 x utilisation)", watts.as_watts())
            });
        }
        self.open.give_up(out);
        if self.clock.local.tell(out) {
            // Which of two hours a stamp means was told by the rows before it.
            out.mark_irregular();
        }
        if !self.forked && out.rows.read() == 0 {
            out.notes.add(&note::FILE_EMPTY, "", None, || String::from("the table has a header and no rows"));
        }
        if self.after_header {
            // The row that it is the header of stands in another range.
            out.mark_irregular();
        }
        out.is_table = true;
        self.places.restart();
        out.rounds = self.places.rounds();
        self.note_places(out);
        self.note_plan(out);
        if !self.forked {
            self.note_no_time(out);
        }
        if self.devices_indistinct && self.places.perhaps < 2 {
            out.notes.add(&note::DEVICES_INDISTINCT, "", None, || {
                String::from(
                    "several rows of almost the same time name one device: they may be several devices, of which only the mean is counted",
                )
            });
        }
    }

    fn fork(&self) -> Option<Box<dyn Reader>> {
        Some(Box::new(SampledTable::fork(self)?))
    }

    fn made_line(&mut self, ended: &[u8], number: u64, out: &mut Reading) -> Row {
        if !self.open.is_open()
            && let Some(plain) = self.plain.as_mut().filter(|_| !self.after_header)
            && plain.read(ended, &mut self.clock.local, &mut self.last, &mut self.devices, out).0 > 0
        {
            return Row::Used;
        }
        let text = ended.strip_suffix(b"\n").unwrap_or(ended);
        let (row, trace) = self.read(Line { text, number, unterminated: false }, out);
        self.learn(text, text, row, trace);
        row
    }

    fn block(&mut self, lines: &[u8], first: u64, out: &mut Reading) -> u64 {
        let (mut rest, mut number) = (lines, first);
        while !rest.is_empty() {
            let (read, after) = self.like_before(rest, number, out);
            number += read;
            rest = after;
            let Some(end) = memchr::memchr(b'\n', rest) else { break };
            let (whole, after) = rest.split_at(end);
            for line in Line::all_of(whole, number, false) {
                let (row, trace) = self.read(line, out);
                out.account_line(row, line);
                self.learn(line.text, whole, row, trace);
            }
            number += 1;
            rest = after.get(1..).unwrap_or(&[]);
        }
        number - first
    }
}
