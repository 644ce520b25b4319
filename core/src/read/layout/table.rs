//! Tables by layout: the header, and what its columns mean.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::lines::Template;
use super::pattern::Pattern;
use super::totals::TotalReader;
use super::windows::WindowReader;
use super::{Layout, MeterRow, Shape, TableShape, TimeField, TimeKind};
use crate::bounds;
use crate::decode::cells::Cells;
use crate::decode::table::{Column, LineKind, Table, Unit, is_missing};
use crate::map::Set;
use crate::note;
use crate::read::row_clock::run_of;
use crate::read::sampled_table::{AsideMeter, Dialect, Identity, Lasted, Meter, Plan, SampledTable, TimeSource};
use crate::read::{Head, ReadOptions, Reader, Refusal, ZoneTransitions};
use crate::series::{CounterRange, Device, Quantity};
use crate::units::calendar::{Stamp, parse_stamp};
use crate::units::decimal::{parse_scaled, parse_scaled_i64};
use crate::units::{Instant, Span};

/// Names of columns of time that are no tool's own.
const ADDED_TIMES: &[&str] = &["timestamp", "time", "datetime", "date"];

/// Rows of counters without a time are so far apart: only their order matters.
const UNTIMED: Span = Span::from_micros(1_000_000);

/// Text above a header is no longer.
const PREAMBLE_LINES: usize = 500;

/// The table of a layout, and how many of its columns tell that it is one.
pub(super) fn find(layout: &'static Layout, head: &Head<'_>) -> Option<(Table, usize)> {
    let Shape::Table(shape) = layout.shape else { return None };
    // Most formats end here: a header is split and its columns are named only where the text holds their names.
    if shape.first_is_two.is_none() && !layout.signature.iter().all(|names| Pattern::new(names).may_be_in(head)) {
        return None;
    }
    let mut table = match (shape.header_lines, shape.columns) {
        (_, [_, ..]) if layout.signature.is_empty() => return None,
        (2, _) => Table::find_two_lines(head, |columns| layout.score(columns))?,
        _ if shape.preamble => Table::find_within(head, PREAMBLE_LINES, |columns| layout.score(columns))?,
        _ => Table::find(head, |columns| layout.score(columns))?,
    };
    table.dates = layout.dates;
    let found = layout.score(&table.columns);
    Some((table, found))
}

/// The table under the names that the layout gives its columns, where it does.
fn named(mut table: Table, shape: TableShape, options: &ReadOptions) -> Table {
    if !shape.columns.is_empty() {
        table.columns = columns_of(shape, options);
    }
    table
}

/// The columns that a layout names; `@file` is called as the file is.
fn columns_of(shape: TableShape, options: &ReadOptions) -> Vec<Column> {
    let file = options.file_name.as_deref().unwrap_or("");
    let stem = file.strip_suffix(".log").or_else(|| file.strip_suffix(".csv")).unwrap_or(file);
    shape.columns.iter().map(|name| Column::new(if *name == "@file" { stem } else { name })).collect()
}

pub(super) fn open(layout: &'static Layout, head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let Shape::Table(shape) = layout.shape else { return Err(refusal(layout)) };
    let table = find(layout, head)
        .map(|(table, _)| named(table, shape, options))
        .or_else(|| without_header(layout, head, options))
        .ok_or_else(|| refusal(layout))?;
    if let Some(totals) = layout.totals {
        return Ok(Box::new(TotalReader::new(layout, totals, table, options)));
    }
    let plan = layout.plan(&table, head, options)?;
    let position = |name: &str| plan.table.columns.iter().position(|column| Pattern::new(name).matches(column.name.as_bytes()));
    if let Some(at) = WindowReader::columns(layout, position) {
        return Ok(Box::new(WindowReader::new(layout, plan, at, options)));
    }
    let west = table.columns.first().and_then(|first| first.bracket.as_deref()?.parse::<i32>().ok());
    let zone = west.filter(|_| matches!(layout.shape, Shape::Table(TableShape { minutes_west: true, .. })) && options.zone.is_none());
    let zone = zone.map(|minutes| ZoneTransitions(alloc::vec![(Instant::from_micros(i64::MIN), minutes.saturating_mul(-60))]));
    let options = ReadOptions { zone: zone.or_else(|| options.zone.clone()), ..options.clone() };
    Ok(Box::new(SampledTable::new(plan, Dialect::Layout(layout), head, &options)))
}

/// A table whose columns the layout knows without a header; `@file` is called as the file is.
fn without_header(layout: &'static Layout, head: &Head<'_>, options: &ReadOptions) -> Option<Table> {
    let Shape::Table(shape @ TableShape { columns: [_, ..], delimiter, .. }) = layout.shape else { return None };
    // Columns at the end may be missing from all rows.
    let (mut cells, delimiter, mut columns) = (Cells::default(), delimiter.unwrap_or(b','), columns_of(shape, options));
    let widest = head.lines().map(|line| cells.split(line, delimiter)).filter(|width| *width <= columns.len()).max().unwrap_or(0);
    columns.truncate(widest);
    let mut table = Table::of_width(delimiter, 0);
    (table.columns, table.dates) = (columns, layout.dates);
    Some(table)
}

/// Whether most lines are rows of a table that has no header: numbers in as many cells as it has at least.
pub(super) fn has_rows(layout: &Layout, head: &Head<'_>) -> bool {
    let Shape::Table(TableShape { columns: columns @ [_, ..], delimiter: Some(delimiter), .. }) = layout.shape else { return false };
    let mut cells = Cells::default();
    let (mut all, mut fit) = (0, 0);
    for line in head.lines().filter(|line| !line.trim_ascii().is_empty()).take(50) {
        let count = cells.split(line, delimiter);
        let is_number = |place: usize| cells.cell(line, place).is_some_and(|cell| is_missing(cell) || parse_scaled(cell, 0).is_ok());
        all += 1;
        fit += usize::from((2..=columns.len()).contains(&count) && is_number(0) && is_number(1));
    }
    fit > 0 && 4 * fit >= 3 * all
}

impl Layout {
    /// How many columns of a header the layout knows, where all are there that only such logs have; else 0.
    pub(in crate::read) fn score(&self, columns: &[Column]) -> usize {
        let Shape::Table(shape) = self.shape else { return 0 };
        let columns = with_two_first(shape, columns);
        let has = |name: &str| columns.iter().any(|column| Pattern::new(name).matches(column.name.as_bytes()));
        if self.signature.is_empty() || !self.signature.iter().all(|name| has(name)) || self.foreign.iter().any(|name| has(name)) {
            return 0;
        }
        let is_one = |names: &[&str], column: &Column| names.iter().any(|name| Pattern::new(name).matches(column.name.as_bytes()));
        let knows = |column: &Column| self.meters.iter().any(|meter| is_one(meter.fields, column));
        let is_time = |column: &Column| self.time.iter().any(|time| is_one(time.fields, column));
        let may_be = |column: &Column| knows(column) || is_time(column) || is_one(self.signature, column) || is_one(self.beside, column);
        if !self.beside.is_empty() && !columns.iter().all(may_be) {
            return 0;
        }
        self.signature.len() + columns.iter().filter(|column| knows(column)).count()
    }

    /// Whether a line of a table is known to be no row.
    pub(in crate::read) fn is_structure(&self, line: &[u8]) -> bool {
        let line = line.trim_ascii_start();
        matches!(self.shape, Shape::Table(shape) if shape.structure.iter().any(|start| line.starts_with(start.as_bytes())))
    }

    /// What the columns of a table mean.
    pub(in crate::read) fn plan(&'static self, table: &Table, head: &Head<'_>, options: &ReadOptions) -> Result<Plan, Refusal> {
        if let Some(plan) = Plan::of_roles(table, options)? {
            return Ok(plan);
        }
        let Shape::Table(shape) = self.shape else { return Err(refusal(self)) };
        if table.columns.len() > options.bounds.count(&bounds::COLUMNS) {
            return Err(Refusal {
                code: &note::FORMAT_REFUSED,
                line: table.header_line,
                message: format!("the table has {} columns: {}", table.columns.len(), options.bounds.reached(&bounds::COLUMNS)),
                hint: options.bounds.hint(&bounds::COLUMNS),
            });
        }
        let mut table = table.clone();
        (table.columns, table.dates) = (with_two_first(shape, &table.columns).into_owned(), self.dates);
        let position = |names: &[&str]| {
            names.iter().find_map(|name| table.columns.iter().position(|column| Pattern::new(name).matches(column.name.as_bytes())))
        };
        let names = &self.names;
        let identity = Identity {
            run: position(names.run),
            host: position(names.host),
            uuid: position(names.uuid),
            bus_id: position(names.bus_id),
            serial: position(names.serial),
            index: position(names.index),
            model: position(names.model),
        };
        let is_one_look = || is_one_look(&table, identity, head);
        let sources: Vec<TimeSource> = self.time.iter().filter_map(|time| source(time, &position, head, options, &is_one_look)).collect();
        // A column may hold times of day or whole stamps: the head's rows tell.
        let reads = |time: &&TimeSource| {
            let plan = Plan::new(table.clone(), **time, Identity::default(), Vec::new());
            let mut cells = Cells::default();
            head.lines().any(|line| {
                cells.split(line, table.delimiter);
                plan.printed_time(&cells, line).is_some()
            })
        };
        let time = if sources.len() > 1 { sources.iter().find(reads).or(sources.first()).copied() } else { sources.first().copied() };
        // Of a tool that prints no time, whoever keeps its table adds one.
        let added = || ADDED_TIMES.iter().filter_map(|name| position(&[*name])).map(TimeSource::Column).find(|time| reads(&time));
        let time = time.or_else(added);
        let mut plan = Plan::new(table.clone(), time.unwrap_or(TimeSource::StampLines), identity, Vec::new());
        let names_devices = identity.columns().into_iter().any(|column| column.is_some());
        for row in self.meters {
            add(&mut plan, row, &table, names_devices, row.aside_in(head));
        }
        if plan.meters.is_empty() {
            return Err(refusal(self));
        }
        plan.begins = shape.begins(head).filter(|_| matches!(time, Some(TimeSource::TimeOfDay(_))));
        plan.only = self.only.iter().filter_map(|only| Some((position(&[only.field])?, *only))).collect();
        plan.time = match time {
            Some(time) => time,
            None => match shape.interval(head, options).map(TimeSource::Interval).map_or_else(|| TimeSource::without_column(options), Ok) {
                Ok(time) => time,
                // What a counter gained needs no clock.
                Err(refusal) => {
                    plan.meters.retain(|meter| matches!(meter.quantity, Quantity::Counter(_)));
                    if plan.meters.is_empty() {
                        return Err(refusal);
                    }
                    for meter in plan.meters.iter_mut().filter(|meter| meter.quantity == Quantity::Counter(CounterRange::Unbounded)) {
                        meter.quantity = Quantity::Counter(CounterRange::Untimed);
                    }
                    TimeSource::Interval(UNTIMED)
                }
            },
        };
        if let TimeSource::Duration { position, scale, start: Some(stamp) } = plan.time
            && !is_in_order(&plan.table, stamp, head)
        {
            // Rows that do not follow each other are told apart by their own stamps, at which they begin.
            plan.time = TimeSource::Column(stamp);
            plan.lasted = Some(Lasted::Length { position, scale, begins: true });
        }
        Ok(plan)
    }
}

impl TableShape {
    /// How far apart the rows are, as the text above the table states, where the user says nothing.
    fn interval(self, head: &Head<'_>, options: &ReadOptions) -> Option<Span> {
        let template = self.states_interval.filter(|_| options.interval.is_none())?;
        let found = stated(template, head)?;
        let micros = parse_scaled_i64(found.first()?.1, 6).ok()?;
        (micros > 0).then(|| Span::from_micros(micros))
    }

    /// When the log began, as the text above the table states.
    fn begins(self, head: &Head<'_>) -> Option<Stamp> {
        let found = stated(self.states_begin?, head)?;
        let part = |name: &str| found.iter().find(|(own, _)| *own == name).map_or(&b""[..], |(_, value)| *value);
        // As `ctime` prints it.
        let words: [&[u8]; 10] =
            [b"Day ", part("month"), b" ", part("day"), b" ", part("hour"), b":", part("minute"), b":", part("second")];
        parse_stamp(&[&words.concat(), b" ".as_slice(), part("year")].concat())
    }
}

/// What stands at the holes of the first line of a template.
fn stated<'h>(template: &'static str, head: &Head<'h>) -> Option<Vec<(&'static str, &'h [u8])>> {
    let template = Template::new(template);
    head.lines().take(PREAMBLE_LINES).find_map(|line| {
        let mut found = Vec::new();
        template.captured(line.trim_ascii(), &mut found).then_some(found)
    })
}

/// The columns, where the first stands for two words.
fn with_two_first(shape: TableShape, columns: &[Column]) -> Cow<'_, [Column]> {
    match (shape.first_is_two, columns) {
        (Some(names), [first, second, rest @ ..]) if first.name == names[0] && second.name != names[1] => {
            names.iter().map(|name| Column::new(name)).chain([second.clone()]).chain(rest.iter().cloned()).collect()
        }
        _ => Cow::Borrowed(columns),
    }
}

/// Whether the stamps of the first rows never go back.
fn is_in_order(table: &Table, stamp: usize, head: &Head<'_>) -> bool {
    let mut cells = Cells::default();
    let at = |line: &[u8]| {
        cells.split(line, table.delimiter);
        Some(table.stamp(cells.cell(line, stamp)?)?.at)
    };
    head.lines().filter_map(at).is_sorted()
}

/// Whether all rows are of one look: the header stands there once, and no device twice.
fn is_one_look(table: &Table, identity: Identity, head: &Head<'_>) -> bool {
    let mut cells = Cells::default();
    let (mut headers, mut seen, mut name) = (0, Set::new(), Vec::new());
    for line in head.lines() {
        match table.kind(line) {
            LineKind::Header => headers += 1,
            LineKind::Row if parse_stamp(line).is_none() && cells.split(line, table.delimiter) == table.columns.len() => {
                identity.key(&cells, line, &mut name);
                if !seen.insert(name.clone()) {
                    return false;
                }
            }
            _ => {}
        }
    }
    headers <= 1
}

/// The clock that a layout names, where the table has it.
fn source(
    time: &TimeField,
    position: &impl Fn(&[&str]) -> Option<usize>,
    head: &Head<'_>,
    options: &ReadOptions,
    is_one_look: &impl Fn() -> bool,
) -> Option<TimeSource> {
    let at = |part: usize| time.fields.get(part).and_then(|field| position(&[field]));
    Some(match (time.kind, time.fields) {
        (TimeKind::Stamp, [_, _]) => TimeSource::DateAndTime { date: at(0)?, time: at(1)? },
        (TimeKind::Stamp, _) => TimeSource::Column(at(0)?),
        (TimeKind::TimeOfDay, _) => TimeSource::TimeOfDay(at(0)?),
        (TimeKind::Elapsed(scale), _) => TimeSource::Elapsed { position: at(0)?, scale, times: 1 },
        (TimeKind::Duration(scale), _) => TimeSource::Duration { position: at(0)?, scale, start: at(1) },
        (TimeKind::Begins, _) => TimeSource::Column(at(0)?),
        (TimeKind::Window(_), _) => TimeSource::Column(at(1).and(at(0))?),
        (TimeKind::Start, _) => return None,
        (TimeKind::Lines, _) => {
            // One stamp is no clock of several rows: it only says when the log began. Of one look, a row of each device, it is: a piece that was cut
            // off a log may be that short.
            let stamps = head.lines().filter(|line| parse_stamp(line).is_some()).take(2).count();
            let is_clock = stamps > 1 || stamps == 1 && options.interval.is_none() && (!head.complete || is_one_look());
            is_clock.then_some(TimeSource::StampLines)?
        }
    })
}

/// Adds the meters of a row of the layout: one for each number of a device that columns name.
fn add(plan: &mut Plan, row: &MeterRow, table: &Table, names_devices: bool, aside: Option<(&str, &str)>) {
    for name in row.fields {
        let mut seen = 0;
        for (position, column) in table.columns.iter().enumerate() {
            let Some(number) = Pattern::new(name).capture(column.name.as_bytes()) else { continue };
            // A unit of another kind is no reading of this.
            let unit = column.unit.filter(|unit: &Unit| unit.dimension == row.unit.dimension).unwrap_or(row.unit);
            let is_same = |other: &&Column| other.name != column.name && Pattern::new(name).capture(other.name.as_bytes()) == Some(number);
            let is_doubled = table.columns.iter().any(|other| is_same(&other));
            let run = run_of(column).filter(|_| is_doubled && matches!(plan.time, TimeSource::Elapsed { .. }));
            let number = number.map(|digits| String::from_utf8_lossy(digits).into_owned());
            let place = seen;
            seen += 1;
            let device = match number {
                None if row.each_column => Some(Device::indexed(format!("{place}"))),
                // The same number in several runs, or at several hosts.
                Some(number) if run.is_some() => Some(Device::indexed(number)),
                Some(_) if is_doubled => Some(Device::indexed(column.text.as_str())),
                Some(number) => Some(Device::indexed(number)),
                None if row.of_row && names_devices => None,
                None => Some(Device::default()),
            };
            let only = row.only.iter().filter_map(|only| {
                let at = table.columns.iter().position(|column| Pattern::new(only.field).matches(column.name.as_bytes()))?;
                Some((at, *only))
            });
            let meter = Meter {
                component: row.component,
                quantity: row.quantity,
                instrument: row.instrument,
                device,
                columns: alloc::vec![(position, Some(unit))],
                only: only.collect(),
                rated: None,
                of_list: None,
                run: run.map(String::from),
            };
            match aside {
                Some((kept, reason)) => {
                    let meter = Meter { device: Some(Device::indexed(column.text.as_str())), ..meter };
                    plan.asides.push(AsideMeter { meter, kept: String::from(kept), reason: String::from(reason) });
                }
                None => plan.add_meter(meter),
            }
        }
    }
}

fn refusal(layout: &Layout) -> Refusal {
    if let Some((found, hint)) = layout.lacking.filter(|_| layout.meters.is_empty()).and_then(|text| text.split_once("; ")) {
        return Refusal { code: &note::FORMAT_REFUSED, line: None, message: String::from(found), hint: String::from(hint) };
    }
    Refusal {
        code: &note::NO_POWER_COLUMN,
        line: None,
        message: String::from("the log has no column of power or energy that is known"),
        hint: super::lacks(layout.meters.first().and_then(|meter| meter.fields.first()).copied().unwrap_or("power")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::{Component, Instrument};

    const ABOVE: TableShape = TableShape {
        preamble: true,
        states_interval: Some("every {seconds} s"),
        states_begin: Some("from {month}-{day}-{year}_{hour}-{minute}-{second}"),
        ..TableShape::PLAIN
    };

    fn plan(layout: &'static Layout, text: &str, options: &ReadOptions) -> Option<Plan> {
        let head = Head::new(text.as_bytes(), true);
        let (table, _) = find(layout, &head)?;
        layout.plan(&table, &head, options).ok()
    }

    #[test]
    fn text_above_a_table_states_its_clock() {
        static OF_DAY: Layout = Layout {
            signature: &["power"],
            time: &[TimeField { fields: &["at"], kind: TimeKind::TimeOfDay }],
            meters: &[MeterRow::watts(&["power"], Component::Cpu, Instrument::Rapl)],
            ..Layout::of(Shape::Table(ABOVE))
        };
        static NO_CLOCK: Layout = Layout {
            signature: &["power"],
            meters: &[MeterRow::watts(&["power"], Component::Cpu, Instrument::Rapl)],
            ..Layout::of(Shape::Table(ABOVE))
        };
        let above = alloc::format!("from Jun-12-2025_14-03-21\nevery 2.5 s\n{}at,power\n14:03:22,5\n", "some text\n".repeat(100));
        let options = ReadOptions::default();
        let dated = plan(&OF_DAY, &above, &options).expect("a plan");
        assert_eq!(dated.begins.map(|stamp| stamp.at), parse_stamp(b"2025-06-12 14:03:21").map(|stamp| stamp.at));
        assert_eq!(plan(&OF_DAY, "at,power\n14:03:22,5\n", &options).and_then(|plan| plan.begins), None);
        assert_eq!(plan(&NO_CLOCK, &above, &options).map(|plan| plan.time), Some(TimeSource::Interval(Span::from_micros(2_500_000))));
        // What the user says goes before it.
        let said = ReadOptions { interval: Some(Span::from_micros(1_000_000)), ..ReadOptions::default() };
        assert_eq!(plan(&NO_CLOCK, &above, &said).map(|plan| plan.time), Some(TimeSource::Interval(Span::from_micros(1_000_000))));
        assert!(plan(&NO_CLOCK, "at,power\n14:03:22,5\n", &options).is_none());
        // What whoever keeps the table added.
        for added in ["time,power\n2025-06-12 14:03:22,5\n", "timestamp,power\n1749736800,5\n"] {
            assert_eq!(plan(&NO_CLOCK, added, &options).map(|plan| plan.time), Some(TimeSource::Column(0)), "{added}");
        }
        assert!(plan(&NO_CLOCK, "time,power\nnoon,5\n", &options).is_none());
    }

    #[test]
    fn one_stamp_is_no_clock_of_several_rows() {
        static BY_LINES: Layout = Layout {
            signature: &["power"],
            time: &[TimeField { fields: &[], kind: TimeKind::Lines }],
            meters: &[MeterRow::watts(&["power"], Component::Cpu, Instrument::Rapl)],
            ..Layout::of(Shape::Table(TableShape::PLAIN))
        };
        let options = ReadOptions::default();
        let one = "2025-06-12 14:03:21\nnumber,power\n1,5\n2,5\n";
        assert!(plan(&BY_LINES, one, &options).is_none());
        // One row is one look.
        let single = "2025-06-12 14:03:21\nnumber,power\n1,5\n";
        assert_eq!(plan(&BY_LINES, single, &options).map(|plan| plan.time), Some(TimeSource::StampLines));
        let two = alloc::format!("{one}2025-06-12 14:03:22\n1,5\n");
        assert_eq!(plan(&BY_LINES, &two, &options).map(|plan| plan.time), Some(TimeSource::StampLines));
    }

    #[test]
    fn counters_of_rows_in_any_order_are_put_in_order_by_their_clock() {
        use crate::read::FileReader;
        use crate::series::InOrder;
        use crate::units::Energy;

        // 40 steps of 200 ms: 6 J of the processor and 1 J of memory each. Stamps are where rows begin, so that the first two share theirs.
        let row = |k: i64| {
            let (delta, at) = if k == 0 { (0, 0) } else { (200, 200 * (k - 1)) };
            format!("{delta},{},3,{}.5,{}.25,7\n", 1_772_359_200_000_i64 + at, 5_000 + k, 195_978 + 6 * k)
        };
        for places in [|k| k, |k| 40 - k, |k| k * 17 % 41, |k| (k + 20) % 41] {
            let rows: Vec<String> = (0..41).map(places).map(row).collect();
            let log = format!("Delta,Time,CPU_USAGE_0,DRAM_ENERGY (J),PACKAGE_ENERGY (J),USED_MEMORY\n{}", rows.concat());
            let mut reader = FileReader::new(ReadOptions::default());
            reader.push(log.as_bytes());
            let mut reading = reader.finish();
            if reading.is_unordered() {
                let (mut again, mut sorter) = (FileReader::queueing(ReadOptions::default()), InOrder::default());
                again.push(log.as_bytes());
                again.finish().drain_into(&mut sorter);
                sorter.end_pass();
                reading.put_in_order(sorter.finish());
            }
            let energy: Energy = reading.series().iter().map(|series| series.energy(false)).sum();
            assert_eq!(energy, Energy::from_joules(280), "{log}");
        }
    }
}
