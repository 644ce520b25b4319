//! A loop in a script that prints a time and counters: a table whose columns are named after RAPL zones.

use alloc::string::String;
use alloc::vec::Vec;

use super::zone::Zone;
use crate::decode::cells::Cells;
use crate::decode::table::{Column, Dimension, Table, Unit};
use crate::note;
use crate::order;
use crate::read::sampled_table::{Dialect, Identity, Meter, Plan, TimeSource};
use crate::read::{Head, ReadOptions, Refusal};
use crate::series::{Component, CounterRange, Instrument, Quantity, WRAP_SUSPECTED_ABOVE, rapl_ranges};
use crate::units::calendar::parse_stamp;
use crate::units::{Energy, Span};

/// How headers of such tables look and what their columns are.
pub(super) const DIALECT: Dialect = Dialect::Code { score, plan, tool: Some("Linux powercap"), part: super::long::part };

/// So many rows are looked at.
pub(super) const ROWS_LOOKED_AT: usize = 500;

pub(super) const MICROJOULE: Unit = Unit { scale: 0, ..Unit::JOULE };

fn component(column: &Column) -> Component {
    if let Role::Counter(zone) = role(column) { zone.component } else { Component::Cpu }
}

/// What a column is.
enum Role {
    Counter(Zone),
    /// Where the counters of a zone start again, or those of packages where it names no zone.
    Range(Option<Zone>),
    Other,
}

fn role(column: &Column) -> Role {
    if column.unit.is_none_or(|u| u.dimension != Dimension::Energy || u != MICROJOULE) {
        return Role::Other;
    }
    let name = if column.bracket.is_some() { column.name.as_str() } else { column.name.rsplit_once('_').map_or("", |(name, _)| name) };
    for suffix in ["max_energy_range", "energy_range", "max_energy", "range", "max"] {
        if let Some(zone) = name.strip_suffix(suffix) {
            let zone = zone.trim_end_matches(['_', '-', '.', ' ']);
            return if zone.is_empty() { Role::Range(None) } else { Zone::named(zone).map_or(Role::Other, |z| Role::Range(Some(z))) };
        }
    }
    Zone::named(name).map_or(Role::Other, Role::Counter)
}

/// The table and the number of its counters; `None` where the columns fall as often as running totals cannot.
pub(super) fn find(head: &Head<'_>) -> Option<(Table, usize)> {
    let table = Table::find(head, score)?;
    // With other devices beside the counters it is somebody's own table.
    if table.columns.iter().any(|column| column.name.contains("gpu")) {
        return None;
    }
    let counters: Vec<usize> = positions(&table, |role| matches!(role, Role::Counter(_)));
    let time = FirstRows::of(&table, head).time(&table);
    let mut cells = Cells::default();
    let mut rows: Vec<(Option<i64>, Vec<Option<i128>>)> = Vec::new();
    for line in head.lines().skip(table.header_line.and_then(|n| usize::try_from(n).ok()).unwrap_or(0)).take(ROWS_LOOKED_AT) {
        cells.split(line, table.delimiter);
        let at = time_of(&table, time, &cells, line);
        let values: Vec<Option<i128>> = counters.iter().map(|position| table.number(cells.cell(line, *position)?, 0)).collect();
        // Lines that are no reading (the empty one at the end, a header again, a shell's complaint) say nothing of the order of the others.
        if values.iter().any(Option::is_some) && (at.is_some() || time.is_none()) {
            rows.push((at, values));
        }
    }
    let components: Vec<Component> = counters.iter().filter_map(|at| table.columns.get(*at)).map(component).collect();
    are_counters(rows, &components).then_some((table, counters.len()))
}

/// The time of a row, in µs.
pub(super) fn time_of(table: &Table, time: Option<TimeSource>, cells: &Cells, line: &[u8]) -> Option<i64> {
    match time {
        Some(TimeSource::Column(position)) => cells.cell(line, position).and_then(|cell| table.stamp(cell)).map(|s| s.at.as_micros()),
        Some(TimeSource::Elapsed { position, .. }) => {
            cells.cell(line, position).and_then(|cell| i64::try_from(table.number(cell, 6)?).ok())
        }
        _ => None,
    }
}

/// Whether the values of each column of rows, in whatever order they stand, are of running totals of these components.
pub(super) fn are_counters(mut rows: Vec<(Option<i64>, Vec<Option<i128>>)>, components: &[Component]) -> bool {
    // A counter rises whatever the order in which its rows stand in the file.
    order::sort_by(&mut rows, |(a, _), (b, _)| a.cmp(b));
    let (mut rises, mut falls) = (0, 0);
    let mut last: Vec<Option<i128>> = alloc::vec![None; components.len()];
    for (_, values) in &rows {
        for (last, value) in last.iter_mut().zip(values) {
            let Some(value) = *value else { continue };
            if let Some(previous) = last.replace(value) {
                *(if value < previous { &mut falls } else { &mut rises }) += 1;
            }
        }
    }
    // Energies of intervals fall as often as they rise; a counter falls once in minutes. One that is read so seldom that it may run through its range
    // in between shows anything: then energies of intervals stay in one order of size, and what is left of a counter does not.
    let ranges = |component: Component| rapl_ranges(component).last().copied().unwrap_or(i64::MAX);
    let ordinary = 4 * falls <= rises || rises + falls < 4;
    let median = {
        // Rows of several zones share their time.
        let apart = |w: &[(Option<i64>, Vec<Option<i128>>)]| Some(w.get(1)?.0? - w.first()?.0?).filter(|step| *step > 0);
        let mut steps: Vec<i64> = rows.windows(2).filter_map(apart).collect();
        order::sort(&mut steps);
        steps.get(steps.len() / 2).copied()
    };
    let seldom = || {
        let median = Span::from_micros(median.unwrap_or(0));
        let spread = |(place, component): (usize, &Component)| {
            let values = || rows.iter().filter_map(|(_, values)| values.get(place).copied().flatten());
            let (least, most) = (values().min().unwrap_or(0), values().max().unwrap_or(0));
            let range = ranges(*component);
            2 * least < most && most <= i128::from(range) && WRAP_SUSPECTED_ABOVE.over(median) > Energy::from_microjoules(range)
        };
        components.iter().enumerate().any(spread)
    };
    // As energies of intervals they would be more than any device draws: so large figures are running totals, however few rows tell how they rise.
    let beyond = || {
        let Some(median) = median else { return false };
        components.iter().enumerate().any(|(place, component)| {
            let most = component.implausible_above().over(Span::from_micros(median));
            let values = || rows.iter().filter_map(|(_, values)| values.get(place).copied().flatten());
            let large = values().filter(|value| i64::try_from(*value).is_ok_and(|value| Energy::from_microjoules(value) > most)).count();
            4 * large > values().count()
        })
    };
    ordinary || seldom() || beyond()
}

fn score(columns: &[Column]) -> usize {
    columns.iter().filter(|column| matches!(role(column), Role::Counter(_))).count()
}

fn positions(table: &Table, of: impl Fn(&Role) -> bool) -> Vec<usize> {
    table.columns.iter().enumerate().filter(|(_, column)| of(&role(column))).map(|(i, _)| i).collect()
}

fn plan(table: &Table, head: &Head<'_>, options: &ReadOptions) -> Result<Plan, Refusal> {
    let rows = FirstRows::of(table, head);
    let mut meters = Vec::new();
    for (position, column) in table.columns.iter().enumerate() {
        let Role::Counter(zone) = role(column) else { continue };
        let range = rows.range_of(table, &zone).map_or(CounterRange::Rapl, CounterRange::Known);
        meters.push(Meter {
            component: zone.component,
            quantity: Quantity::Counter(range),
            instrument: Instrument::Rapl,
            device: Some(zone.device()),
            columns: alloc::vec![(position, Some(MICROJOULE))],
            only: Vec::new(),
            rated: None,
            of_list: None,
            run: None,
        });
    }
    if meters.is_empty() {
        return Err(Refusal {
            code: &note::NO_POWER_COLUMN,
            line: table.header_line,
            message: String::from("found no column of a RAPL counter in µJ, expected one such as package_uj"),
            hint: String::from("name the columns after the zones, for example `time,package_uj,dram_uj`"),
        });
    }
    let time = rows.time(table).map_or_else(|| TimeSource::without_column(options), Ok)?;
    Ok(Plan::new(table.clone(), time, Identity::default(), meters))
}

/// The first row with as many cells as the header.
pub(super) struct FirstRows {
    cells: Vec<Vec<u8>>,
}

impl FirstRows {
    pub(super) fn of(table: &Table, head: &Head<'_>) -> Self {
        let mut cells = Cells::default();
        let header = table.header_line.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        for line in head.lines().skip(header) {
            let count = cells.split(line, table.delimiter);
            if count >= table.columns.len() && line.first().is_some_and(u8::is_ascii_digit) {
                let row = (0..count).map(|i| cells.cell(line, i).unwrap_or(b"").to_vec()).collect();
                return Self { cells: row };
            }
        }
        Self { cells: Vec::new() }
    }

    fn number(&self, table: &Table, position: usize) -> Option<i64> {
        i64::try_from(table.number(self.cells.get(position)?, 0)?).ok().filter(|value| *value > 0)
    }

    /// Where a zone's counter starts again. A range that names no zone is that of packages and of what is inside them: memory counts in
    /// finer units on servers, and the platform sensor in its own.
    fn range_of(&self, table: &Table, zone: &Zone) -> Option<i64> {
        let own = positions(table, |role| matches!(role, Role::Range(Some(of)) if of == zone));
        let shared = match zone.component {
            Component::Cpu | Component::CpuCore | Component::CpuUncore => positions(table, |role| matches!(role, Role::Range(None))),
            _ => Vec::new(),
        };
        own.into_iter().chain(shared).find_map(|position| self.number(table, position))
    }

    /// The column of time: by name, else the first one that holds stamps.
    pub(super) fn time(&self, table: &Table) -> Option<TimeSource> {
        const STAMPS: [&str; 13] = [
            "timestamp",
            "time",
            "datetime",
            "date",
            "epoch",
            "epoch_s",
            "time_s",
            "timestamp_s",
            "ts",
            "unix_time",
            "time_ns",
            "time_ms",
            "t",
        ];
        const ELAPSED: [&str; 6] = ["elapsed", "elapsed_s", "seconds", "time_s", "time", "t"];
        let is_stamp = |position: &usize| self.cells.get(*position).is_some_and(|cell| table.stamp(cell).or(parse_stamp(cell)).is_some());
        if let Some(position) = STAMPS.iter().filter_map(|name| table.position(&[name])).find(is_stamp) {
            return Some(TimeSource::Column(position));
        }
        let is_number = |position: &usize| self.cells.get(*position).is_some_and(|cell| table.number(cell, 6).is_some());
        if let Some(position) = ELAPSED.iter().filter_map(|name| table.position(&[name])).find(is_number) {
            return Some(TimeSource::Elapsed { position, scale: 0, times: 1 });
        }
        (0..self.cells.len()).find(|p| matches!(table.column(*p).map(role), Some(Role::Other)) && is_stamp(p)).map(TimeSource::Column)
    }
}
