//! Tables of samples: rows of a time, a device and its readings. Formats over it say which column is what ([`Plan`]) and how a header
//! looks ([`Dialect`]); everything odd that a row may hold is dealt with here, once.

mod devices;
mod role;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) use devices::{Devices, Identity};

use super::{Clock, Head, Line, LocalClock, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};
use crate::decode::cells::Cells;
use crate::decode::encoding;
use crate::decode::table::{Column, LineKind, Measured, Table, Unit, measure, split_unit};
use crate::note;
use crate::series::{Channel, Component, Device, Quantity, Sample};
use crate::units::calendar::{Stamp, parse_stamp};
use crate::units::{Instant, Span};

/// Where the time of a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeSource {
    /// A column of stamps.
    Column(usize),
    /// A column of time since some start, in `10^-scale` seconds.
    Elapsed {
        /// Its position.
        position: usize,
        /// 0 for seconds, 3 for milliseconds.
        scale: i32,
    },
    /// Lines of their own, as `date` prints them in a shell loop.
    StampLines,
    /// Nowhere: the user says how far apart the rows of a device are.
    Interval(Span),
}

/// One reading of a row: of the first of `columns` that has a value.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    /// Part of the computer.
    pub component: Component,
    /// What is read.
    pub quantity: Quantity,
    /// Whose it is; absent where it is the row's device.
    pub device: Option<Device>,
    /// Columns by preference, with the unit of cells that state none.
    pub columns: Vec<(usize, Option<Unit>)>,
}

/// What each column of a table is.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The table.
    pub table: Table,
    /// The clock.
    pub time: TimeSource,
    /// The device.
    pub identity: Identity,
    /// The readings.
    pub meters: Vec<Meter>,
}

/// What a format knows of its headers.
#[derive(Clone, Copy)]
pub(super) struct Dialect {
    /// How much columns look like a header of the format; 0 for not at all.
    pub score: fn(&[Column]) -> usize,
    /// What the columns are, or why the table can't be used.
    pub plan: fn(&Table, &Head<'_>, &ReadOptions) -> Result<Plan, Refusal>,
    /// The tool, where there is only one.
    pub tool: Option<&'static str>,
}

/// A table of samples, read line by line.
pub(super) struct SampledTable {
    plan: Plan,
    dialect: Dialect,
    options: ReadOptions,
    clock: LocalClock,
    devices: Devices,
    cells: Cells,
    key: Vec<u8>,
    /// Whether stamps name their zone; decided by the first.
    zoned: Option<bool>,
    /// The last stamp that stood on a line of its own.
    now: Option<Instant>,
    /// Lines up to the header are no rows.
    preamble: u64,
    /// A later range of a file: devices that the head does not show may have been seen before under other names.
    forked: bool,
    /// A later header without readings: rows under it can't be used.
    unusable: bool,
    devices_indistinct: bool,
    /// How often another header took over.
    generation: u32,
}

/// What a row that was used came from, so that like rows can be read faster.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trace {
    /// The device of the row.
    pub device: usize,
    /// The column that names it.
    pub key_column: Option<usize>,
    /// The column that the reading came from.
    pub reading_column: usize,
}

impl TimeSource {
    /// The clock of a table without a column of time.
    pub(super) fn without_column(options: &ReadOptions) -> Result<TimeSource, Refusal> {
        match options.interval {
            Some(interval) => Ok(TimeSource::Interval(interval)),
            None => Err(Refusal {
                code: &note::CLOCK_MISSING,
                line: None,
                message: String::from("the table has no column of time"),
                hint: String::from("say how far apart the rows of a device are, for example `--interval 1s`"),
            }),
        }
    }
}

impl Plan {
    /// Whether a column counts: its cell must not be cut.
    fn uses(&self, position: usize) -> bool {
        let of_time = match self.time {
            TimeSource::Column(p) | TimeSource::Elapsed { position: p, .. } => p == position,
            TimeSource::StampLines | TimeSource::Interval(_) => false,
        };
        of_time || self.identity.uses(position) || self.is_reading(position)
    }

    fn is_reading(&self, position: usize) -> bool {
        self.meters.iter().any(|meter| meter.columns.iter().any(|(p, _)| *p == position))
    }
}

impl SampledTable {
    /// A reader of `plan`'s table from its first line on.
    pub(super) fn new(plan: Plan, dialect: Dialect, head: &Head<'_>, options: &ReadOptions) -> Self {
        let mut table = Self {
            preamble: plan.table.header_line.unwrap_or(0),
            plan,
            dialect,
            options: options.clone(),
            clock: LocalClock::new(options.zone.clone()),
            devices: Devices::default(),
            cells: Cells::default(),
            key: Vec::new(),
            zoned: None,
            now: None,
            forked: false,
            unusable: false,
            devices_indistinct: false,
            generation: 0,
        };
        table.devices_indistinct = table.has_indistinct_devices(head);
        table
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Grows when another header takes over.
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    pub(super) fn devices(&self) -> &Devices {
        &self.devices
    }

    /// The zone's clock, once the first stamp has shown that stamps are local.
    pub(super) fn local_clock(&mut self) -> Option<&mut LocalClock> {
        (self.zoned == Some(false)).then_some(&mut self.clock)
    }

    /// A reader for a later range, where rows mean the same whatever came before.
    pub(super) fn fork(&self) -> Option<SampledTable> {
        if matches!(self.plan.time, TimeSource::StampLines | TimeSource::Interval(_)) || self.unusable || self.zoned.is_none() {
            return None;
        }
        let mut devices = self.devices.clone();
        devices.forget_channels();
        Some(Self {
            plan: self.plan.clone(),
            dialect: self.dialect,
            options: self.options.clone(),
            clock: LocalClock::new(self.options.zone.clone()),
            devices,
            cells: Cells::default(),
            key: Vec::new(),
            zoned: self.zoned,
            now: None,
            preamble: 0,
            forked: true,
            unusable: false,
            devices_indistinct: false,
            generation: 0,
        })
    }

    /// Reads one line. The trace is that of a row that was used and has one reading.
    pub(super) fn read(&mut self, line: Line<'_>, out: &mut Reading) -> (Row, Option<Trace>) {
        match self.plan.table.kind(line.text) {
            LineKind::Row if line.number < self.preamble => {
                self.stamp_line(line.text, out);
                return (Row::Structure, None);
            }
            LineKind::Row => {}
            LineKind::Blank | LineKind::Comment | LineKind::Header => return (Row::Structure, None),
        }
        let mut trace = None;
        let row = match self.row(line, out, &mut trace) {
            Ok(()) => Row::Used,
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

    /// Takes the time from a line that is a stamp, in tables that have their time there.
    fn stamp_line(&mut self, text: &[u8], out: &mut Reading) -> bool {
        let stamp = if self.plan.time == TimeSource::StampLines { parse_stamp(text) } else { None };
        if let Some(stamp) = stamp {
            self.now = self.instant(stamp, out);
        }
        stamp.is_some()
    }

    /// The instant of a stamp; `None` where it is of another kind than the first one of the file.
    fn instant(&mut self, stamp: Stamp, out: &mut Reading) -> Option<Instant> {
        let zoned = *self.zoned.get_or_insert(stamp.zoned);
        if out.clock == Clock::None {
            out.clock = if zoned || self.clock.knows_zone() { Clock::Utc } else { Clock::Local };
            out.tool = self.dialect.tool.map(String::from);
        }
        match (stamp.zoned, zoned) {
            (true, true) => Some(stamp.at),
            (false, false) => Some(self.clock.resolve(stamp.at)),
            _ if self.clock.knows_zone() => Some(if stamp.zoned { stamp.at } else { self.clock.resolve(stamp.at) }),
            _ => None,
        }
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
        let at = match self.plan.time {
            TimeSource::Column(position) => {
                let cell = self.cells.cell(text, position).unwrap_or(b"");
                match self.plan.table.stamp(cell) {
                    Some(stamp) => Some(self.instant(stamp, out).ok_or(Some(SkipReason::NoTime))?),
                    None => return Err(self.no_row(line, count, out)),
                }
            }
            TimeSource::Elapsed { position, scale } => {
                let cell = self.cells.cell(text, position).unwrap_or(b"");
                match self.plan.table.number(cell, 6 - scale).and_then(|micros| i64::try_from(micros).ok()) {
                    Some(micros) => {
                        self.relative(out);
                        Some(Instant::from_micros(micros))
                    }
                    None => return Err(self.no_row(line, count, out)),
                }
            }
            // Without stamps, a row is known by its width.
            _ if count != width => return Err(self.no_row(line, count, out)),
            TimeSource::StampLines => Some(self.now.ok_or(Some(SkipReason::NoTime))?),
            TimeSource::Interval(_) => {
                if self.is_header(text) {
                    return Err(self.no_row(line, count, out));
                }
                None
            }
        };
        let blank_beyond = |cells: &Cells| (width..count).all(|p| cells.cell(text, p).is_some_and(<[u8]>::is_empty));
        if count < width || self.cells.is_unclosed() || !blank_beyond(&self.cells) {
            return Err(Some(SkipReason::Torn));
        }
        if line.unterminated && self.may_be_cut(text) {
            return Err(Some(SkipReason::LastLineCut));
        }
        if self.unusable {
            return Err(Some(SkipReason::NoReading));
        }
        let (device, key_column) = self.device(text, out).ok_or(Some(SkipReason::Unknown))?;
        let at = match (at, self.plan.time) {
            (Some(at), _) => at,
            (None, TimeSource::Interval(interval)) => {
                self.relative(out);
                self.tick(device, interval)
            }
            (None, _) => return Err(Some(SkipReason::NoTime)),
        };
        self.readings(line, at, device, out).map(|reading_column| {
            if self.plan.meters.len() == 1 {
                *trace = Some(Trace { device, key_column, reading_column });
            }
        })
    }

    fn relative(&mut self, out: &mut Reading) {
        self.zoned = Some(true);
        if out.clock == Clock::None {
            out.clock = Clock::Relative;
            out.tool = self.dialect.tool.map(String::from);
        }
    }

    /// The time of a device's next row in a table without a clock.
    fn tick(&mut self, device: usize, interval: Span) -> Instant {
        let rows = self.devices.get_mut(device).map_or(0, |known| {
            known.rows += 1;
            known.rows - 1
        });
        Instant::from_micros(interval.as_micros().saturating_mul(rows))
    }

    /// The row's device and the column that names it; `None` where there are too many.
    fn device(&mut self, text: &[u8], out: &mut Reading) -> Option<(usize, Option<usize>)> {
        let key_column = self.plan.identity.key(&self.cells, text, &mut self.key);
        if let Some(found) = self.devices.find(&self.key) {
            return Some((found, key_column));
        }
        if self.forked {
            out.mark_irregular();
        }
        let added = self.devices.add(&self.key, &self.plan.identity, &self.cells, text, self.plan.meters.len())?;
        for meter in &self.plan.meters {
            let device = match &meter.device {
                Some(fixed) => fixed.clone(),
                None => self.devices.get(added).map(|known| known.device.clone()).unwrap_or_default(),
            };
            let listed = (meter.component, device);
            if !out.devices.contains(&listed) {
                out.devices.push(listed);
            }
        }
        Some((added, key_column))
    }

    /// Reads the row's meters; returns the column of the last reading that was used.
    fn readings(&mut self, line: Line<'_>, at: Instant, device: usize, out: &mut Reading) -> Result<usize, Option<SkipReason>> {
        let (mut used, mut reason) = (None, None);
        for (number, meter) in self.plan.meters.iter().enumerate() {
            let known = self.devices.get_mut(device).ok_or(Some(SkipReason::Unknown))?;
            let found = match read_meter(meter, &self.plan.table, &self.cells, line.text) {
                Ok(found) => found,
                Err(Some((SkipReason::NoReading, position))) => {
                    note_missing(&self.plan.table, &self.cells, line, position, out);
                    reason.get_or_insert(SkipReason::NoReading);
                    continue;
                }
                Err(other) => {
                    reason.get_or_insert(other.map_or(SkipReason::NoReading, |(reason, _)| reason));
                    continue;
                }
            };
            let (position, value) = found;
            let slot = known.channels.get_mut(number).ok_or(Some(SkipReason::Unknown))?;
            let id = match *slot {
                Some(id) => id,
                None => {
                    let device = meter.device.clone().unwrap_or_else(|| known.device.clone());
                    let host = known.host.clone();
                    *slot.insert(out.channel(Channel { host, component: meter.component, device, quantity: meter.quantity }))
                }
            };
            match known.columns.get(number).copied().flatten() {
                Some(first) if first != position => note_mixed(&self.plan.table, line, first, position, out),
                Some(_) => {}
                None => {
                    if self.forked && meter.columns.len() > 1 {
                        out.mark_irregular();
                    }
                    if let Some(first) = known.columns.get_mut(number) {
                        *first = Some(position);
                    }
                }
            }
            match out.sample(id, Sample { at, value }) {
                Ok(()) => used = Some(position),
                Err(why) => {
                    if why == SkipReason::Implausible {
                        note_implausible(&self.plan.table, &self.cells, line, position, out);
                    }
                    reason.get_or_insert(why);
                }
            }
        }
        used.ok_or(Some(reason.unwrap_or(SkipReason::NoReading)))
    }

    /// Why a line without a stamp is no row; another header takes over from here.
    fn no_row(&mut self, line: Line<'_>, count: usize, out: &mut Reading) -> Option<SkipReason> {
        let mut cells = Cells::default();
        if let Some(table) = self.plan.table.under_header(line.text, &mut cells, self.dialect.score) {
            if table.columns != self.plan.table.columns {
                self.change_header(table, line, out);
            }
            return None;
        }
        Some(if count == self.plan.table.columns.len() { SkipReason::NoTime } else { SkipReason::Unknown })
    }

    fn is_header(&self, text: &[u8]) -> bool {
        self.plan.table.under_header(text, &mut Cells::default(), self.dialect.score).is_some()
    }

    fn change_header(&mut self, table: Table, line: Line<'_>, out: &mut Reading) {
        out.mark_irregular();
        self.generation += 1;
        let head = Head { bytes: b"", complete: false };
        match (self.dialect.plan)(&table, &head, &self.options) {
            Ok(plan) => {
                self.devices.forget_meters(plan.meters.len());
                self.plan = plan;
                self.unusable = false;
            }
            Err(refusal) => {
                self.plan.table = table;
                self.unusable = true;
                out.notes.add_with_hint(refusal.code, Some(line.number), refusal.message, refusal.hint);
            }
        }
    }

    /// Whether the end of an unterminated row may be a cut cell that counts.
    fn may_be_cut(&self, text: &[u8]) -> bool {
        let last = (0..self.cells.len()).next_back().unwrap_or(0);
        let cell = self.cells.cell(text, last).unwrap_or(b"");
        // A unit closes a reading: ` W` is the end of its cell.
        let closed = self.plan.is_reading(last) && Unit::symbol(split_unit(cell).1).is_some();
        self.plan.uses(last) && !closed
    }

    #[cold]
    fn tell(&mut self, reason: SkipReason, line: Line<'_>, out: &mut Reading) {
        let (width, count) = (self.plan.table.columns.len(), self.cells.len());
        match reason {
            SkipReason::Unknown => {
                out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || format!("found \"{}\", expected a row", excerpt(line.text)));
            }
            SkipReason::Torn => {
                out.notes.add(&note::ROWS_TORN, "", Some(line.number), || format!("found {count} cells, expected {width}"));
            }
            SkipReason::NoTime => out.notes.add(&note::LINES_UNKNOWN, "time", Some(line.number), || {
                format!("found \"{}\", expected a stamp like the others", excerpt(line.text))
            }),
            SkipReason::Binary => {
                out.notes.add(&note::LINES_UNKNOWN, "binary", Some(line.number), || String::from("found NUL bytes, expected text"));
            }
            _ => {}
        }
    }

    /// Whether rows of one device come in bursts of almost the same time: then it is several devices that the columns do not tell apart.
    /// A uuid, bus id or serial is believed; numbers of several hosts and names may repeat.
    fn has_indistinct_devices(&mut self, head: &Head<'_>) -> bool {
        let TimeSource::Column(time) = self.plan.time else {
            return false;
        };
        let id = &self.plan.identity;
        let of_row = self.plan.meters.iter().any(|meter| meter.device.is_none());
        if id.uuid.is_some() || id.bus_id.is_some() || id.serial.is_some() || !of_row {
            return false;
        }
        let mut last: alloc::collections::BTreeMap<Vec<u8>, Instant> = alloc::collections::BTreeMap::new();
        let mut intervals = Vec::new();
        for line in head.lines() {
            self.cells.split(line, self.plan.table.delimiter);
            if let Some(stamp) = self.cells.cell(line, time).and_then(|cell| self.plan.table.stamp(cell)) {
                id.key(&self.cells, line, &mut self.key);
                if let Some(previous) = last.insert(self.key.clone(), stamp.at) {
                    intervals.push(stamp.at.since(previous).as_micros());
                }
            }
        }
        intervals.sort_unstable();
        let quantile =
            |tenths: usize| intervals.get((intervals.len() * tenths / 10).min(intervals.len().saturating_sub(1))).copied().unwrap_or(0);
        // At least four in ten intervals are very short, and at least one in ten is a whole period.
        intervals.len() >= 4 && quantile(4) >= 0 && quantile(9) > 20 * quantile(4).max(1_000)
    }
}

impl Reader for SampledTable {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        self.read(line, out).0
    }

    fn finish(&mut self, out: &mut Reading) {
        if self.clock.was_ambiguous() {
            // Which of two hours a stamp means was told by the rows before it.
            out.mark_irregular();
        }
        if self.devices_indistinct {
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
}

/// The column and value (µW or µJ) of a meter's reading; else the reason and the column that gave it.
fn read_meter(meter: &Meter, table: &Table, cells: &Cells, text: &[u8]) -> Result<(usize, i64), Option<(SkipReason, usize)>> {
    let mut missing = None;
    for (position, unit) in &meter.columns {
        let Some(cell) = cells.cell(text, *position) else { continue };
        let is_power = matches!(meter.quantity, Quantity::Power | Quantity::PowerHeld | Quantity::PowerMean);
        match measure(cell, *unit, table.decimal_comma) {
            Measured::Power(power) if is_power => return Ok((*position, power.as_microwatts())),
            Measured::Energy(energy) if !is_power => return Ok((*position, energy)),
            Measured::Missing => {
                missing.get_or_insert(*position);
            }
            _ => return Err(Some((SkipReason::Torn, *position))),
        }
    }
    Err(missing.map(|position| (SkipReason::NoReading, position)))
}

#[cold]
fn note_missing(table: &Table, cells: &Cells, line: Line<'_>, position: usize, out: &mut Reading) {
    let column = column_name(table, position);
    let cell = cells.cell(line.text, position).unwrap_or(b"");
    out.notes
        .add(&note::MISSING_READINGS, &column, Some(line.number), || format!("{column}: found \"{}\", expected a reading", excerpt(cell)));
}

#[cold]
fn note_mixed(table: &Table, line: Line<'_>, first: usize, position: usize, out: &mut Reading) {
    let (first, second) = (column_name(table, first), column_name(table, position));
    out.notes.add(&note::POWER_COLUMNS_MIXED, &second, Some(line.number), || format!("{second} stands in where {first} has no reading"));
}

#[cold]
fn note_implausible(table: &Table, cells: &Cells, line: Line<'_>, position: usize, out: &mut Reading) {
    let column = column_name(table, position);
    let cell = cells.cell(line.text, position).unwrap_or(b"");
    out.notes.add(&note::IMPLAUSIBLE_POWER, &column, Some(line.number), || {
        format!("{column}: found \"{}\", which the device cannot draw", excerpt(cell))
    });
}

fn column_name(table: &Table, position: usize) -> String {
    match table.column(position) {
        Some(column) if !column.name.is_empty() => column.name.clone(),
        _ => format!("column {}", position + 1),
    }
}

/// The start of a text from the log.
fn excerpt(text: &[u8]) -> String {
    let mut short = encoding::text(text.trim_ascii()).chars().take(80).collect::<String>();
    if text.len() > short.len() {
        short.push('…');
    }
    short
}
