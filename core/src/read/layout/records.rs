//! Fields of a row to readings: the time, the device, the meters.

mod alike;
mod gathered;
mod known;
mod names;
mod ranges;
mod stray;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::fields::Fields;
use super::pattern::Pattern;
use super::steps::StepRows;
use super::totals::TotalRows;
use super::words::{cut, excerpt, said_twice, stamp_of, without_port};
use super::{Layout, Shape, TimeKind, TreeShape};
use crate::bounds;
use crate::decode::encoding;
use crate::decode::table::{is_missing, is_nan, split_unit};
use crate::map::{Index, Map, Set};
use crate::note;
use crate::order::is_same;
use crate::read::printed::step_uj;
use crate::read::row_clock::{RowClock, time_of_day};
use crate::read::{Head, Line, ReadOptions, Reading, Refusal, Row, SkipReason, sampled_table::is_blanked_out};
use crate::series::{Channel, Component, Device, Instrument, Quantity, SHORTEST_GAP, Sample};
use crate::units::calendar::{Stamp, parse_stamp_in};
use crate::units::decimal::parse_scaled_i64;
use crate::units::{Instant, Span};
use alike::Alike;
use gathered::{Found, Gathered};
use known::Known;
use names::Names;

/// What fields of a name are for.
#[derive(Clone, Debug, Default)]
struct Uses {
    /// Nothing.
    is_empty: bool,
    /// Meters and the rank among their fields, with where the name holds the number of the device.
    meters: Vec<(usize, usize, Option<(usize, usize)>)>,
    /// Times, by rank, and which of their fields.
    times: Vec<(usize, usize)>,
    /// Host, uuid, bus id, serial, index, model, part, what repeats, by rank.
    names: Vec<(usize, usize)>,
    /// Conditions: of the layout (`None`) or of a meter.
    conditions: Vec<(Option<usize>, usize)>,
    /// Conditions of meters that must be met.
    having: Vec<(usize, usize)>,
}

/// What a row says besides its readings.
#[derive(Clone, Copy)]
struct RowOf<'r> {
    at: Option<Instant>,
    /// The number of the device that the name of the reading's field holds.
    device: Option<&'r [u8]>,
    /// Host, uuid, bus id, serial, index, model, part, what repeats.
    named: [Option<&'r [u8]>; 8],
    line: Line<'r>,
}

/// Reads rows of fields.
pub(super) struct Records {
    layout: &'static Layout,
    /// Why each meter does not count, if it does not.
    asides: Vec<Option<(&'static str, &'static str)>>,
    options: ReadOptions,
    clock: RowClock,
    uses: Names,
    channels: Map<Vec<u8>, Known>,
    /// The devices that the log names, in order.
    listed: Index,
    /// Of a later range of the file: the channels that an earlier one read.
    before: Option<Map<Vec<u8>, Known>>,
    key: Vec<u8>,
    /// Which channel was read last.
    near: usize,
    /// What the fields come to that stand around rows, and those of the row in hand.
    around: Gathered,
    row: Option<Box<Gathered>>,
    /// What a row came to that others may be like.
    alike: Option<Alike>,
    /// The text of the last stamp, and what it says.
    stamp: (Vec<u8>, Option<Stamp>),
    /// Rows with readings.
    records: u64,
    /// Keys of channels of which a row had no reading before any had one.
    awaited: Set<Vec<u8>>,
    /// Rows with a time and no reading, and a line of them.
    empty: (u64, u64),
    /// Rows without any time.
    untimed: u64,
    timed: u64,
    interval: Option<Span>,
    /// Whether rows may have their time from lines between them.
    by_lines: bool,
    /// Stamps on lines of their own, and rows, so far.
    stamps: u64,
    /// How the last of them began.
    stamp_start: Vec<u8>,
    /// Whether a row is one metric, and its field is named as that is.
    by_metric: bool,
    /// Whether anything was read that the layout measures.
    metered: bool,
    /// How long the interval of the row in hand took.
    length: Option<Span>,
    /// Whether rows say how long their intervals took.
    has_lengths: bool,
    /// Where rows are totals.
    totals: Option<TotalRows>,
    /// Where rows are steps of a carbon intensity.
    steps: Option<StepRows>,
}

impl Records {
    pub(super) fn new(layout: &'static Layout, head: &Head<'_>, options: &ReadOptions) -> Result<Self, Refusal> {
        let stamps = if layout.time.iter().any(|time| time.kind == TimeKind::Lines) {
            head.lines().filter(|line| stamp_of(line).is_some()).take(2).count()
        } else {
            0
        };
        // One stamp only says when the log began, where the user says how far apart its rows are.
        let by_lines = stamps > usize::from(options.interval.is_some());
        Ok(Self {
            layout,
            asides: layout.meters.iter().map(|meter| meter.aside_in(head)).collect(),
            options: options.clone(),
            clock: RowClock::new(options, layout.tool),
            uses: Names::default(),
            channels: Map::new(),
            listed: Index::default(),
            before: None,
            key: Vec::new(),
            near: 0,
            around: Gathered::default(),
            row: None,
            alike: None,
            stamp: (Vec::new(), None),
            records: 0,
            awaited: Set::new(),
            empty: (0, 0),
            untimed: 0,
            timed: 0,
            interval: options.interval,
            by_lines,
            stamps: 0,
            stamp_start: Vec::new(),
            by_metric: matches!(layout.shape, Shape::Metrics(_) | Shape::Tree(TreeShape { renamed: Some(_), .. })),
            metered: false,
            length: None,
            has_lengths: layout.time.iter().any(|time| matches!(time.kind, TimeKind::Duration(_))),
            totals: layout.totals.map(|totals| TotalRows::new(layout, totals, options)),
            steps: layout.intensity.map(|intensity| StepRows::new(layout, intensity, options)),
        })
    }

    /// Reads a row.
    pub(super) fn record(&mut self, fields: &mut Fields, line: Line<'_>, out: &mut Reading) -> Row {
        if fields.take_full() {
            out.beyond(&bounds::RECORD_BYTES, &self.options.bounds, Some(line.number), "fields of a record are left out");
        }
        if let Some(totals) = &mut self.totals {
            let row = totals.record(fields, line, out);
            self.metered |= row != Row::Structure;
            return row;
        }
        if let Some(steps) = &mut self.steps {
            return steps.record(fields, line, out);
        }
        let mut row = self.row.take().unwrap_or_default();
        self.gather(&mut row, fields);
        let became = self.gathered(&row, fields, line, out);
        self.row = Some(row);
        became
    }

    /// Goes through the fields of a row; those that stood there in the row before were gone through.
    fn gather(&mut self, row: &mut Gathered, fields: &mut Fields) {
        let unchanged = fields.unchanged();
        if self.around.fields > unchanged {
            self.around.become_as(&Gathered::default());
        }
        row.become_as(&self.around);
        while row.fields < fields.len() {
            let name = fields.name(row.fields);
            let place = self.uses.place(row.fields, name).or_else(|| {
                self.learn(name);
                self.uses.place(row.fields, name)
            });
            match place.and_then(|place| self.uses.uses(place)) {
                Some(uses) => row.add(fields, uses, self.layout),
                None => row.fields += 1,
            }
            if row.fields == unchanged {
                self.around.become_as(row);
            }
        }
        row.leave_met(self.layout);
    }

    /// Reads a row by what its fields come to.
    fn gathered(&mut self, row: &Gathered, fields: &Fields, line: Line<'_>, out: &mut Reading) -> Row {
        let named = row.names.map(|name| name.map(|(_, number)| fields.get(number)));
        if row.found.is_empty() {
            if !row.times.is_empty() {
                self.empty = (self.empty.0 + 1, self.empty.1.max(line.number));
            }
            return self.without_readings(named, line, out);
        }
        (self.metered, self.records) = (true, self.records + 1);
        if let Some(field) = row.twice.filter(|_| self.is_json()) {
            return said_twice(fields.name(field), line, out);
        }
        if row.is_left_out {
            return Row::Skipped(SkipReason::Contained);
        }
        let at = match self.time(row, fields, out) {
            Ok(at) => at,
            Err(()) => {
                self.untimed += u64::from(self.timed == 0);
                out.notes.add(&note::LINES_UNKNOWN, "time", Some(line.number), || String::from("found no time that can be read"));
                return Row::Skipped(SkipReason::NoTime);
            }
        };
        let (mut used, mut reason) = (false, None);
        for one in &row.found {
            match self.reading(one, fields.get(one.field), RowOf { at, device: one.device(fields), named, line }, out) {
                Ok(()) => used = true,
                Err(why) => {
                    reason.get_or_insert(why);
                }
            }
        }
        match (used, reason) {
            (true, _) => Row::Used,
            (false, Some(reason)) => Row::Skipped(reason),
            (false, None) => Row::Structure,
        }
    }

    /// The time of a row: `Ok(None)` where the log has none.
    fn time(&mut self, row: &Gathered, fields: &Fields, out: &mut Reading) -> Result<Option<Instant>, ()> {
        self.length = None;
        let mut unreadable = false;
        for (rank, time) in self.layout.time.iter().enumerate() {
            let part =
                |part: usize| row.times.iter().rev().find(|(r, p, _)| (*r, *p) == (rank, part)).map(|(_, _, number)| fields.get(*number));
            let Some(text) = part(0).filter(|text| !is_missing(text) && time.kind != TimeKind::Start) else { continue };
            let mut text = Cow::Borrowed(text);
            let parts = (1..time.fields.len()).map_while(part).map(|more| text.to_mut().extend_from_slice(&[b" ", more].concat())).count();
            if parts + 1 < time.fields.len() {
                continue;
            }
            if time.kind != TimeKind::Stamp {
                // What is of some start may be of another one in another range.
                out.mark_irregular();
            }
            let number = |scale: i32| parse_scaled_i64(text.trim_ascii(), 6 - scale).ok();
            let at = match time.kind {
                TimeKind::Stamp => self.stamp_in(&text).and_then(|stamp| self.clock.instant(stamp, out)),
                TimeKind::TimeOfDay => time_of_day(&text).map(|of_day| {
                    self.clock.of_day(out);
                    self.clock.since_midnight(of_day)
                }),
                TimeKind::Elapsed(scale) => number(scale).map(|micros| {
                    self.clock.relative(out);
                    Instant::from_micros(micros)
                }),
                TimeKind::Duration(scale) => number(scale).filter(|micros| *micros > 0).map(|micros| {
                    self.length = Some(Span::from_micros(micros));
                    self.clock.relative(out);
                    self.clock.advance(Span::from_micros(micros))
                }),
                TimeKind::Window(_) | TimeKind::Start | TimeKind::Begins | TimeKind::Lines => None,
            };
            match at {
                Some(mut at) => {
                    self.timed += 1;
                    // How long a row's interval took may stand beside its time.
                    if self.length.is_none()
                        && let Some(length) = row.length(self.layout, fields)
                    {
                        self.length = Some(length);
                        if time.kind == TimeKind::Stamp {
                            at = self.clock.advance_to(at, length);
                        }
                    }
                    if self.length.is_none()
                        && let Some(rank) = self.layout.time.iter().position(|time| time.kind == TimeKind::Start)
                        && let Some((_, _, field)) = row.times.iter().rev().find(|(r, ..)| *r == rank)
                        && let Some(start) = parse_stamp_in(fields.get(*field), self.layout.dates)
                        && let Some(start) = self.clock.instant(start, out)
                    {
                        self.length = Some(at.since(start)).filter(|length| length.as_micros() > 0);
                    }
                    return Ok(Some(at));
                }
                None => unreadable = true,
            }
        }
        if self.by_lines {
            return self.clock.now.map(Some).ok_or(());
        }
        if unreadable && self.interval.is_none() { Err(()) } else { Ok(None) }
    }

    /// What a stamp says. Rows of one time follow each other.
    fn stamp_in(&mut self, text: &[u8]) -> Option<Stamp> {
        if self.stamp.0 != text {
            self.stamp.0.clear();
            self.stamp.0.extend_from_slice(text);
            self.stamp.1 = parse_stamp_in(text, self.layout.dates);
        }
        self.stamp.1
    }

    /// Adds one reading.
    fn reading(&mut self, found: &Found, value: &[u8], of: RowOf<'_>, out: &mut Reading) -> Result<(), SkipReason> {
        let RowOf { at, device, named: [host, ref identity @ ..], line } = of;
        let host = host.and_then(without_port);
        let Some(meter) = self.layout.meters.get(found.meter) else { return Err(SkipReason::Unknown) };
        let name = meter.name(found.rank);
        let is_zero = meter.no_zero && parse_scaled_i64(split_unit(value).0, 6).is_ok_and(|value| value == 0);
        let is_missing = is_missing(value) || is_zero;
        if is_missing {
            // Its time went by, too.
            self.key_of(found.meter, device, host, identity);
            match self.channels.get_mut(self.key.as_slice()) {
                Some(known) => known.rows += 1,
                None => self.awaits(found.meter, device, host, identity, out),
            }
            out.notes.add(&note::MISSING_READINGS, name, Some(line.number), || {
                format!("{name}: found \"{}\", expected a reading", excerpt(value))
            });
            return Err(if is_nan(value) { SkipReason::NotANumber } else { SkipReason::NoReading });
        }
        let printed = value;
        let Some(value) = meter.micros(printed) else {
            let excerpt = || format!("{name}: found \"{}\", expected a reading", excerpt(printed));
            out.notes.add(&note::ROWS_TORN, name, Some(line.number), excerpt);
            return Err(SkipReason::Torn);
        };
        // What a counter gained needs no clock.
        if at.is_none() && self.interval.is_none() && !matches!(meter.quantity, Quantity::Counter(_)) {
            self.untimed += 1;
            return Err(SkipReason::NoTime);
        }
        // A mean of an interval whose length the row states is an energy, whatever was between the rows.
        let is_mean = self.has_lengths && meter.quantity == Quantity::PowerMean;
        let quantity = if is_mean { Quantity::IntervalEnergy } else { meter.quantity };
        let mean_of = match self.length.or(self.interval) {
            None if is_mean => return Err(SkipReason::NoTime),
            length => length.filter(|_| is_mean),
        };
        self.key_of(found.meter, device, host, identity);
        let known = match self.channels.get_mut_near(self.key.as_slice(), &mut self.near) {
            Some(known) => known,
            None => {
                if self.channels.len() >= self.options.bounds.count(&bounds::DEVICES) {
                    out.beyond(&bounds::DEVICES, &self.options.bounds, Some(line.number), "readings of further devices are left out");
                    return Err(SkipReason::OverLimit);
                }
                let channel = match self.before.as_ref().map(|before| before.get(self.key.as_slice())) {
                    Some(Some(known)) => known.channel.clone(),
                    before => {
                        // Of what device it is, or whether it is one that others repeat, may be told by what came before.
                        if before.is_some() && (self.by_metric || identity.get(6).copied().flatten().is_some()) {
                            out.mark_irregular();
                        }
                        self.channel_of(found.meter, device, host, identity, quantity, out)
                    }
                };
                if let Some((kept, reason)) = self.asides.get(found.meter).copied().flatten() {
                    if let Some(at) = at {
                        out.notes.add(&note::COLUMNS_LEFT_OUT, reason, Some(line.number), || String::from(reason));
                        out.aside(&channel, kept, reason, Sample { at, value });
                    }
                    return Err(SkipReason::Contained);
                }
                self.list((meter.component, &channel.device), out);
                let id = out.channel(channel.clone());
                let known = self.before.as_ref().and_then(|before| before.get(self.key.as_slice()));
                let (rank, repeats) = match known {
                    Some(known) => (known.rank, known.repeats.clone()),
                    None => (found.rank, identity.get(6).copied().flatten().unwrap_or(&[]).to_vec()),
                };
                self.channels.insert(self.key.clone(), Known { id, channel, last: None, rows: 0, picojoules: 0, rank, repeats });
                self.channels.get_mut(self.key.as_slice()).ok_or(SkipReason::Unknown)?
            }
        };
        // A row that is one metric is of the one that was met first: others are of the same sensor.
        if self.by_metric && known.rank != found.rank {
            return Err(SkipReason::Contained);
        }
        let repeats = identity.get(6).copied().flatten().unwrap_or(&[]);
        if !is_same(&known.repeats, repeats) {
            return Err(SkipReason::Contained);
        }
        known.rows += 1;
        if !meter.quantity.is_power() {
            out.printed_to(known.id, step_uj(printed, Some(meter.unit)));
        }
        let (at, length) = match (at, self.interval) {
            (Some(at), _) => (at, self.length),
            (None, Some(interval)) => {
                self.clock.relative(out);
                (Instant::from_micros(interval.as_micros().saturating_mul(known.rows)), Some(interval))
            }
            (None, None) => {
                self.clock.relative(out);
                (Instant::from_micros(1_000_000 * known.rows), None)
            }
        };
        let value = match mean_of {
            Some(length) => known.microjoules(value, length),
            None => value,
        };
        let last = known.comes(at, self.layout.longest, out);
        if let Some(length) = length {
            // The first mean or energy is of a time, too, and one behind a pause is not of the pause.
            let start = Instant::from_micros(at.as_micros().saturating_sub(length.as_micros()));
            let begins = last.is_none_or(|last| start.since(last) > length.max(SHORTEST_GAP));
            let _ = match quantity {
                Quantity::IntervalEnergy if begins => out.sample(known.id, Sample::interval_start(start)),
                Quantity::PowerMean if last.is_none() => out.sample(known.id, Sample { at: start, value }),
                _ => Ok(()),
            };
        }
        known.sample(Sample { at, value }, name, line, out)
    }

    /// The channel of a reading that is the first of its key.
    fn channel_of(
        &self,
        meter: usize,
        device: Option<&[u8]>,
        host: Option<&[u8]>,
        identity: &[Option<&[u8]>],
        quantity: Quantity,
        out: &Reading,
    ) -> Channel {
        let meter = self.layout.meters.get(meter);
        let (component, instrument) = meter.map_or((Component::Unsplit, Instrument::NotStated), |row| (row.component, row.instrument));
        let of_row = device.is_none() && meter.is_some_and(|meter| meter.of_row);
        let text = |part: &[u8]| cut(encoding::text(part));
        let device = match (device, of_row) {
            (Some(number), _) => Device::indexed(text(number)),
            (None, true) => {
                let part = |place: usize| identity.get(place).copied().flatten().map(text);
                let id = |place: usize| part(place).filter(|id| !is_blanked_out(id.as_bytes()));
                let index = match (part(3), part(5)) {
                    (Some(index), Some(part)) => Some(format!("{index} {part}")),
                    (index, part) => index.or(part),
                };
                Device { uuid: id(0), bus_id: part(1), serial: id(2), index, model: part(4), place: None }
            }
            (None, false) => Device::default(),
        };
        // What names no device is of the only one that the log has named.
        let mut others = out.devices.iter().filter(|(own, _)| *own == component && self.by_metric);
        let device = match (others.next(), others.next()) {
            (Some((_, only)), None) if of_row && device == Device::default() => only.clone(),
            _ => device,
        };
        Channel { host: host.map(text), component, device, quantity, instrument, run: None }
    }

    /// Puts together what a channel is known by.
    fn key_of(&mut self, meter: usize, device: Option<&[u8]>, host: Option<&[u8]>, identity: &[Option<&[u8]>]) {
        let of_row = device.is_none() && self.layout.meters.get(meter).is_some_and(|meter| meter.of_row);
        self.key.clear();
        self.key.push(u8::try_from(meter).unwrap_or(u8::MAX));
        for part in [host, device].into_iter().chain(identity.iter().take(if of_row { 6 } else { 0 }).copied()) {
            self.key.extend_from_slice(part.unwrap_or(&[]));
            self.key.push(0);
        }
    }

    /// Finds what a name is for.
    fn learn(&mut self, name: &[u8]) {
        let mut uses = Uses::default();
        for (number, meter) in self.layout.meters.iter().enumerate() {
            for (rank, field) in meter.fields.iter().enumerate() {
                if let Some(device) = Pattern::new(field).capture(name) {
                    let from = |device: &[u8]| device.as_ptr().addr() - name.as_ptr().addr();
                    uses.meters.push((number, rank, device.map(|device| (from(device), from(device) + device.len()))));
                }
            }
            let conditions = meter.only.iter().enumerate().filter(|(_, only)| Pattern::new(only.field).matches(name));
            uses.conditions.extend(conditions.map(|(condition, _)| (Some(number), condition)));
            let having = meter.having.iter().enumerate().filter(|(_, only)| Pattern::new(only.field).matches(name));
            uses.having.extend(having.map(|(condition, _)| (number, condition)));
        }
        for (rank, time) in self.layout.time.iter().enumerate() {
            let parts = time.fields.iter().enumerate().filter(|(_, field)| Pattern::new(field).matches(name));
            uses.times.extend(parts.map(|(part, _)| (rank, part)));
        }
        let AllNames(names) = AllNames::of(self.layout);
        for (kind, fields) in names.iter().enumerate() {
            let ranks = fields.iter().enumerate().filter(|(_, field)| Pattern::new(field).matches(name));
            uses.names.extend(ranks.map(|(rank, _)| (kind, rank)));
        }
        let conditions = self.layout.only.iter().enumerate().filter(|(_, only)| Pattern::new(only.field).matches(name));
        uses.conditions.extend(conditions.map(|(condition, _)| (None, condition)));
        uses.is_empty = uses.meters.is_empty() && uses.times.is_empty() && uses.names.is_empty();
        uses.is_empty &= uses.conditions.is_empty() && uses.having.is_empty();
        self.uses.insert(name, uses);
    }

    pub(super) fn finish(&mut self, out: &mut Reading) {
        if self.clock.local.tell(out) || self.untimed > 0 || !self.metered || self.channels.values().any(|known| known.rows < 2) {
            // What is to be told of such a log is told of all of it.
            out.mark_irregular();
        }
        if self.before.is_some() {
            return;
        }
        // One stamp is no clock of many rows.
        let is_frozen = self.by_lines && self.stamps == 1 && self.channels.values().any(|known| known.rows > 1);
        if self.untimed > 0 && self.records == 1 {
            out.notes.add(&note::SINGLE_SAMPLE, "", None, || {
                String::from("the log is one sample, without a time: a power at one moment is no energy")
            });
        } else if (self.untimed > 0 && self.timed == 0) || is_frozen {
            out.notes.add_with_hint(
                &note::CLOCK_MISSING,
                None,
                String::from("the log has no time"),
                String::from("say how far apart the readings of a device are: `--interval`, such as 1s or 500ms"),
            );
        }
        if let Some(totals) = &mut self.totals {
            totals.finish(out);
        }
        if let Some(steps) = &mut self.steps {
            return steps.finish(out);
        }
        if !self.metered {
            out.notes.add_with_hint(
                &note::NO_POWER_COLUMN,
                None,
                String::from("the log holds no power and no energy"),
                self.layout.lacking.map_or_else(|| super::lacks("power"), String::from),
            );
        } else if let Some(hint) = self.layout.lacking
            && self.totals.is_none()
            && self.channels.values().all(|known| known.rows < 2)
        {
            out.notes.add_with_hint(
                &note::SINGLE_SAMPLE,
                None,
                String::from("the log is of one instant, which is no energy"),
                String::from(hint),
            );
        }
    }
}

struct AllNames([&'static [&'static str]; 8]);

impl AllNames {
    fn of(layout: &Layout) -> Self {
        let names = &layout.names;
        Self([names.host, names.uuid, names.bus_id, names.serial, names.index, names.model, names.part, names.repeats])
    }
}
