//! What each column of a table is.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::places::{Looked, Places};
use super::{Identity, KnownDevice, LEAST_POWER, Trial, component, counter_range, most_power};
use crate::decode::cells::Cells;
use crate::decode::table::{Column, Measured, Table, Unit, measure};
use crate::map::Map;
use crate::note::{self, Code};
use crate::order;
use crate::read::layout::{Layout, Only};
use crate::read::row_clock::time_of_day;
use crate::read::{Head, ReadOptions, Refusal};
use crate::series::rounds::LONGEST_STEP;
use crate::series::{Channel, Component, CounterRange, Device, Instrument, Quantity};
use crate::text::{POWER_FROM_W, with_unit};
use crate::units::calendar::Stamp;
use crate::units::{Power, Span};

/// Where the time of a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::read) enum TimeSource {
    /// A column of stamps.
    Column(usize),
    /// A column of time since some start, in `10^-scale` seconds.
    Elapsed {
        /// Its position.
        position: usize,
        /// 0 for seconds, 3 for milliseconds.
        scale: i32,
        /// How many of these one is: 60 for minutes.
        times: i64,
    },
    /// A column of how long each row lasted, in `10^-scale` seconds: rows of a device follow each other.
    Duration {
        /// Its position.
        position: usize,
        /// 0 for seconds, 3 for milliseconds.
        scale: i32,
        /// A column of stamps, of which the first row's counts.
        start: Option<usize>,
    },
    /// A column of dates and one of times of day.
    DateAndTime {
        /// Position of the date.
        date: usize,
        /// Position of the time.
        time: usize,
    },
    /// A column of times of day; a jump back of half a day is midnight.
    TimeOfDay(usize),
    /// Lines of their own, as `date` prints them in a shell loop.
    StampLines,
    /// Nowhere: the user says how far apart the rows of a device are.
    Interval(Span),
}

/// How long each row of a table with stamps says that it lasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::read) enum Lasted {
    /// A column of lengths in `10^-scale` seconds, with whether rows are stamped where they begin.
    Length {
        /// Its position.
        position: usize,
        /// 0 for seconds, 3 for milliseconds.
        scale: i32,
        /// Whether the stamp is that of the beginning.
        begins: bool,
    },
    /// A column of stamps where each began.
    Since(usize),
}

/// One reading of a row: of the first of `columns` that has a value.
#[derive(Clone, Debug)]
pub(in crate::read) struct Meter {
    /// Part of the computer.
    pub component: Component,
    /// What is read.
    pub quantity: Quantity,
    /// What reads it, as far as the format says.
    pub instrument: Instrument,
    /// Whose it is; absent where it is the row's device, which may name another part of the computer (`cpu`, `gpu0`).
    pub device: Option<Device>,
    /// Columns by preference, with the unit of cells that state none.
    pub columns: Vec<(usize, Option<Unit>)>,
    /// Rows that have it: a column holds one of some words.
    pub only: Vec<(usize, Only)>,
    /// The columns hold a load in percent of a device of this rated power, and no reading.
    pub rated: Option<Power>,
    /// Which figure of a cell that holds several: `[101.2, 99.8]`.
    pub of_list: Option<usize>,
    /// The run that it is of, of several that each count from a start of their own: cells before and after it are empty.
    pub run: Option<String>,
}

/// A reading that does not count.
#[derive(Clone, Debug)]
pub(in crate::read) struct AsideMeter {
    pub meter: Meter,
    /// What counts instead.
    pub kept: String,
    /// Why, in words.
    pub reason: String,
}

/// What each column of a table is.
#[derive(Clone, Debug)]
pub(in crate::read) struct Plan {
    /// The table.
    pub table: Table,
    /// The clock.
    pub time: TimeSource,
    /// When the log began, of tables that have times of day, as text above them states it.
    pub begins: Option<Stamp>,
    /// The device.
    pub identity: Identity,
    /// The readings.
    pub meters: Vec<Meter>,
    /// Columns that do not count because others hold the same: they are read for what they hold.
    pub asides: Vec<AsideMeter>,
    /// Names of rows that hold what other rows hold: `total` beside `gpu0` and `gpu1`, in lower case.
    pub rows_left_out: Vec<String>,
    /// Rows that count: others hold what these hold.
    pub only: Vec<(usize, Only)>,
    /// How long each row with a stamp lasted, where it says so: no row is of the time between two.
    pub lasted: Option<Lasted>,
    /// Columns of running totals that start with the run, so that the first value counts.
    pub from_start: Vec<usize>,
    /// A column of where the counter of the row's device starts again, in the unit of the counter.
    pub range: Option<usize>,
    /// What the figures were multiplied by because no device draws what the header says, in words and as a fraction to undo it.
    pub doubt: Option<(String, (u32, u32))>,
    /// That a column does not say what it measured, and what to do.
    pub not_stated: Option<(&'static Code, String, Option<String>)>,
    /// That its devices did nothing, in words.
    pub at_rest: Option<String>,
    /// What the head that it was made by shows of its rows, where that is known.
    pub looked: Option<Looked>,
}

/// The part of the computer that a name says, and its number or name there.
pub(in crate::read) type PartOf = fn(&str) -> Option<(Component, Option<String>)>;

/// What a format knows of its headers.
#[derive(Clone, Copy)]
pub(in crate::read) enum Dialect {
    /// By code of its own.
    Code {
        /// How much columns look like a header of the format; 0 for not at all.
        score: fn(&[Column]) -> usize,
        /// What the columns are, or why the table can't be used.
        plan: fn(&Table, &Head<'_>, &ReadOptions) -> Result<Plan, Refusal>,
        /// The tool, where there is only one.
        tool: Option<&'static str>,
        /// The part of the computer that a name in a column of devices says.
        part: PartOf,
    },
    /// By what its fields mean.
    Layout(&'static Layout),
}

impl Dialect {
    pub(super) fn score(self, columns: &[Column]) -> usize {
        match self {
            Dialect::Code { score, .. } => score(columns),
            Dialect::Layout(layout) => layout.score(columns),
        }
    }

    pub(in crate::read) fn plan(self, table: &Table, head: &Head<'_>, options: &ReadOptions) -> Result<Plan, Refusal> {
        match self {
            Dialect::Code { plan, .. } => plan(table, head, options),
            Dialect::Layout(layout) => layout.plan(table, head, options),
        }
    }

    /// The part of the computer that a device's name says.
    pub(super) fn part(self, name: &str) -> Option<(Component, Option<String>)> {
        match self {
            Dialect::Code { part, .. } => part(name),
            Dialect::Layout(_) => component(&name.to_lowercase()),
        }
    }

    pub(super) fn tool(self) -> Option<&'static str> {
        match self {
            Dialect::Code { tool, .. } => tool,
            Dialect::Layout(layout) => layout.tool,
        }
    }

    /// Whether counters are 0 at time 0 of the log.
    pub(super) fn counts_from_zero(self) -> bool {
        matches!(self, Dialect::Layout(layout) if layout.counts_from_zero)
    }

    /// Whether a line is known to be no row.
    pub(super) fn is_structure(self, line: &[u8]) -> bool {
        matches!(self, Dialect::Layout(layout) if layout.is_structure(line))
    }
}

impl TimeSource {
    /// The clock of a table without a column of time.
    pub(in crate::read) fn without_column(options: &ReadOptions) -> Result<TimeSource, Refusal> {
        match options.interval {
            Some(interval) => Ok(TimeSource::Interval(interval)),
            None => Err(Refusal {
                code: &note::CLOCK_MISSING,
                line: None,
                message: String::from("the table has no column of time"),
                hint: String::from("say how far apart the rows of a device are: `--interval`, such as 1s or 500ms"),
            }),
        }
    }
}

impl Meter {
    /// The channel that it reads of a part and device.
    pub(in crate::read) fn channel(&self, host: Option<String>, component: Component, device: Device) -> Channel {
        Channel { host, component, device, quantity: self.quantity, instrument: self.instrument, run: self.run.clone() }
    }

    /// Whether a row has it.
    pub(super) fn admits(&self, cells: &Cells, text: &[u8]) -> bool {
        self.only.iter().all(|(position, only)| cells.cell(text, *position).is_none_or(|cell| only.admits(cell)))
    }

    /// The part and device that it reads in rows of `known`.
    pub(in crate::read) fn of(&self, known: &KnownDevice) -> (Component, Device) {
        match (&self.device, &known.part) {
            (Some(fixed), _) => (self.component, Device { place: known.device.place, ..fixed.clone() }),
            (None, Some((component, number))) => (*component, Device { index: number.clone(), ..known.device.clone() }),
            (None, None) => (self.component, known.device.clone()),
        }
    }
}

impl Plan {
    /// A plan in which every column and row counts as it stands.
    pub(in crate::read) fn new(table: Table, time: TimeSource, identity: Identity, meters: Vec<Meter>) -> Self {
        Self {
            table,
            time,
            begins: None,
            identity,
            meters,
            asides: Vec::new(),
            rows_left_out: Vec::new(),
            only: Vec::new(),
            lasted: None,
            from_start: Vec::new(),
            range: None,
            doubt: None,
            not_stated: None,
            at_rest: None,
            looked: None,
        }
    }

    /// Reads a thousand times what a header says, where all that the table holds would be less than anything that runs a training draws. The
    /// other reading stays as a doubt.
    pub(in crate::read) fn doubt_units(&mut self, dialect: Dialect, head: &Head<'_>, options: &ReadOptions) {
        let places = Places::of(self, dialect, head, head.may_grow);
        // All is asked again of more of the file.
        if head.may_grow && places.is_short {
            self.looked = Some(Looked { places, devices_indistinct: false });
            return;
        }
        self.looked = Some(Looked::beside(places, self, head));
        if self.draws_enough(head) {
            return;
        }
        let trial = Trial::of(self.clone(), dialect, head, options);
        let powers = || trial.channels.iter().filter_map(|channel| Some((channel.component, channel.power?.as_microwatts())));
        let total = powers().map(|(_, power)| power).sum::<i64>();
        let fits = powers().all(|(component, power)| power.saturating_mul(1_000) <= most_power(component).as_microwatts());
        if total <= 0 || total >= LEAST_POWER.as_microwatts() || 1_000 * total < LEAST_POWER.as_microwatts() || !fits {
            return;
        }
        let units = self.meters.iter_mut().flat_map(|meter| &mut meter.columns).map(|(_, unit)| unit.as_mut());
        let Some(units) = units.collect::<Option<Vec<&mut Unit>>>() else { return };
        units.into_iter().for_each(|unit| unit.scale += 3);
        self.looked = None;
        let [small, large] = [total, 1_000 * total].map(|microwatts| with_unit(microwatts as f64 / 1e6, 3, POWER_FROM_W));
        self.doubt = Some((
            format!("by the header it is {small} in all, less than any computer draws: {large} is taken, a thousand times as much"),
            (1, 1_000),
        ));
    }

    /// Whether every reading of power is one of something that runs a training: then no mean of them is less, which needs no trial.
    fn draws_enough(&self, head: &Head<'_>) -> bool {
        let is_plain = |meter: &Meter| meter.quantity.is_power() && meter.rated.is_none() && meter.of_list.is_none();
        let columns = || self.meters.iter().flat_map(|meter| &meter.columns);
        let start = self.table.header_line.and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
        let mut cells = Cells::default();
        self.meters.iter().all(is_plain)
            && head.lines().skip(start).filter(|line| !line.trim_ascii().is_empty()).all(|line| {
                cells.split(line, self.table.delimiter);
                columns().all(|(position, unit)| {
                    match measure(cells.cell(line, *position).unwrap_or(b""), *unit, self.table.decimal_comma) {
                        Measured::Power(power) => power >= LEAST_POWER,
                        measured => measured == Measured::Missing,
                    }
                })
            })
    }

    /// The time between rows that the user states, in µs.
    pub(super) fn interval(&self) -> Option<i64> {
        match self.time {
            TimeSource::Interval(interval) => Some(interval.as_micros()),
            _ => None,
        }
    }

    /// Whether other rows hold what a row holds.
    pub(super) fn is_contained(&self, cells: &Cells, text: &[u8]) -> bool {
        self.only.iter().any(|(position, only)| cells.cell(text, *position).is_some_and(|cell| !only.admits(cell)))
    }

    /// Whether a row is by its numbers of a part whose joules other rows hold.
    pub(super) fn is_of_part(&self, cells: &Cells, text: &[u8]) -> bool {
        let is_number = |cell: &[u8]| !cell.is_empty() && cell.iter().all(u8::is_ascii_digit);
        let left_out =
            |(position, only): &(usize, Only)| cells.cell(text, *position).is_some_and(|cell| is_number(cell) && !only.admits(cell));
        !self.only.is_empty() && self.only.iter().all(left_out)
    }

    /// Whether a row's name says that other rows hold its joules.
    pub(super) fn leaves_out(&self, known: &KnownDevice) -> bool {
        !self.rows_left_out.is_empty()
            && known.device.index.as_ref().is_some_and(|index| self.rows_left_out.iter().any(|name| index.eq_ignore_ascii_case(name)))
    }

    /// The part of the computer of a column that names none: what the file is called is an assumption; without one it is not known. Either is
    /// told, with the `--columns` that would say it.
    pub(in crate::read) fn assume_part(&mut self, column: &str, options: &ReadOptions, roles: Option<String>) -> Component {
        let name = options.file_name.as_deref().unwrap_or("").to_lowercase();
        let component = match (name.contains("gpu"), name.contains("cpu")) {
            (true, false) => Component::Gpu,
            (false, true) => Component::Cpu,
            _ => Component::Unsplit,
        };
        let message = match component {
            Component::Unsplit => format!("\"{column}\" does not say what it measured: a GPU, a processor, the whole machine"),
            part => format!("\"{column}\" does not say what it measured: {} is taken, because the file is called so", part.label()),
        };
        let part = if component == Component::Cpu { "cpu0_" } else { "gpu0_" };
        let named = |role: &str| match role.strip_prefix("power_") {
            Some(unit) => format!("{part}{unit}"),
            None if role.starts_with("counter_") || role.starts_with("energy_") => format!("{part}{role}"),
            None => String::from(role),
        };
        let hint = roles.map(|roles| {
            let roles: Vec<String> = roles.split(',').map(named).collect();
            format!("say it, for example `--columns {}` (or cpu0, node)", roles.join(","))
        });
        self.not_stated = Some((&note::COMPONENT_NOT_STATED, message, hint));
        component
    }

    /// A mean of what a computer may have several of, and no device of it: it counts as one.
    pub(in crate::read) fn assume_one(&mut self, column: &str, component: Component) {
        let part = component.label();
        let message = format!("\"{column}\" may be the mean of several devices ({part}): it counts as one");
        self.not_stated = Some((&note::MEAN_OF_DEVICES, message, None));
    }

    /// Whether a column counts: its cell must not be cut.
    pub(in crate::read) fn uses(&self, position: usize) -> bool {
        let of_time = match self.time {
            TimeSource::Column(p)
            | TimeSource::TimeOfDay(p)
            | TimeSource::Elapsed { position: p, .. }
            | TimeSource::Duration { position: p, .. } => p == position,
            TimeSource::DateAndTime { date, time } => [date, time].contains(&position),
            TimeSource::StampLines | TimeSource::Interval(_) => false,
        };
        let of_length = match self.lasted {
            Some(Lasted::Length { position: p, .. } | Lasted::Since(p)) => p == position,
            None => false,
        };
        of_time || of_length || self.identity.uses(position) || self.is_reading(position)
    }

    /// How long a row with a stamp lasted, in µs, and whether it began at its stamp.
    pub(super) fn lasted(&self, cells: &Cells, text: &[u8], stamp: Stamp) -> Option<(i64, bool)> {
        let (micros, begins) = match self.lasted? {
            Lasted::Length { position, scale, begins } => {
                (i64::try_from(self.table.number(cells.cell(text, position)?, 6 - scale)?).ok()?, begins)
            }
            Lasted::Since(position) => {
                let began = self.table.stamp(cells.cell(text, position)?)?;
                (stamp.at.as_micros().checked_sub(began.at.as_micros())?, false)
            }
        };
        (micros > 0).then_some((micros, begins))
    }

    /// The last of the columns that tell a row's time, where columns do.
    pub(super) fn last_of_time(&self) -> Option<usize> {
        match self.time {
            TimeSource::Column(p)
            | TimeSource::TimeOfDay(p)
            | TimeSource::Elapsed { position: p, .. }
            | TimeSource::Duration { position: p, .. } => Some(p),
            TimeSource::DateAndTime { date, time } => Some(date.max(time)),
            TimeSource::StampLines | TimeSource::Interval(_) => None,
        }
    }

    /// The stamp of a row that is cut into `cells`.
    pub(super) fn stamp(&self, cells: &Cells, text: &[u8]) -> Option<Stamp> {
        match self.time {
            TimeSource::Column(position) => self.table.stamp(cells.cell(text, position)?),
            TimeSource::DateAndTime { date, time } => {
                let (date, time) = (cells.cell(text, date)?, cells.cell(text, time)?);
                self.table.stamp(&[date, b" ", time].concat())
            }
            TimeSource::TimeOfDay(_)
            | TimeSource::Elapsed { .. }
            | TimeSource::Duration { .. }
            | TimeSource::StampLines
            | TimeSource::Interval(_) => None,
        }
    }

    /// What a meter's readings are in rows of a device of which this is the first row: its counter starts again where its part's does, or where the
    /// row says.
    pub(super) fn quantity_of(&self, meter: &Meter, component: Component, cells: &Cells, text: &[u8]) -> Quantity {
        let (Quantity::Counter(range), [(_, Some(unit)), ..]) = (meter.quantity, meter.columns.as_slice()) else { return meter.quantity };
        let stated = || {
            let cell = cells.cell(text, self.range?)?;
            let range = i64::try_from(self.table.number(cell, unit.scale)?).ok()?;
            (range > 0).then_some(CounterRange::Known(range))
        };
        let by_part = || match (range, &meter.device) {
            (CounterRange::Unbounded, None) => counter_range(Some(component), *unit),
            (range, _) => range,
        };
        Quantity::Counter(stated().unwrap_or_else(by_part))
    }

    /// Adds a reading; one of a part that has a column already stands in where that has no reading.
    pub(in crate::read) fn add_meter(&mut self, meter: Meter) {
        let part = |m: &Meter| (m.component, m.quantity, m.device.clone(), m.run.clone());
        let same = |m: &&mut Meter| part(m) == part(&meter);
        match self.meters.iter_mut().find(same) {
            Some(known) => known.columns.extend(meter.columns),
            None => self.meters.push(meter),
        }
    }

    /// The time of a row as the log prints it, in µs, for the distances between rows.
    pub(in crate::read) fn printed_time(&self, cells: &Cells, text: &[u8]) -> Option<i64> {
        match self.time {
            TimeSource::TimeOfDay(position) => time_of_day(cells.cell(text, position)?),
            TimeSource::Elapsed { position, scale, times } => self.table.elapsed(cells.cell(text, position)?, scale, times),
            _ => self.stamp(cells, text).map(|stamp| stamp.at.as_micros()),
        }
    }

    /// Whether rows of one device come in bursts of almost the same time: then it is several devices that the columns do not tell apart.
    /// A uuid, bus id or serial is believed; numbers of several hosts and names may repeat.
    pub(in crate::read) fn has_indistinct_devices(&self, head: &Head<'_>) -> bool {
        let id = &self.identity;
        if id.uuid.is_some() || id.bus_id.is_some() || id.serial.is_some() || self.lasted.is_some() {
            return false;
        }
        let (mut cells, mut key) = (Cells::default(), Vec::new());
        let mut last: Map<Vec<u8>, i64> = Map::new();
        let (mut intervals, mut near) = (Vec::new(), 0);
        for line in head.lines() {
            cells.split(line, self.table.delimiter);
            if let Some(at) = self.printed_time(&cells, line).filter(|_| !self.is_contained(&cells, line)) {
                id.key(&cells, line, &mut key);
                match last.get_mut_near(key.as_slice(), &mut near) {
                    Some(previous) => intervals.push(at.saturating_sub(core::mem::replace(previous, at))),
                    None => drop(last.insert(key.clone(), at)),
                }
            }
        }
        order::sort(&mut intervals);
        let quantile = |tenths: usize| intervals.get(intervals.len() * tenths / 10).copied().unwrap_or(0);
        // At least four in ten intervals are very short, and at least one in ten is a whole period. What comes at longer intervals was started anew.
        intervals.len() >= 4 && (0..=LONGEST_STEP).contains(&quantile(4)) && quantile(9) > 20 * quantile(4).max(1_000)
    }

    pub(super) fn is_reading(&self, position: usize) -> bool {
        self.meters.iter().any(|meter| meter.columns.iter().any(|(p, _)| *p == position))
    }
}
