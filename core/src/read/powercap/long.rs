//! The same loop with a row for each zone: a column names the zone, another holds its counter.
//!
//! ```text
//! time,name,max_energy_range_uj,energy_uj
//! 1772359200,package-0,262143328850,1000000000
//! 1772359200,dram,65712999613,500000000
//! ```

use alloc::string::String;
use alloc::vec::Vec;

use super::table::{FirstRows, MICROJOULE, ROWS_LOOKED_AT, are_counters, time_of};
use super::zone::Zone;
use crate::decode::cells::Cells;
use crate::decode::encoding;
use crate::decode::table::{Column, Table};
use crate::note;
use crate::read::sampled_table::{Dialect, Identity, Meter, Plan, TimeSource};
use crate::read::{Head, ReadOptions, Refusal};
use crate::series::{Component, CounterRange, Instrument, Quantity};

/// How headers of such tables look and what their columns are.
pub(super) const DIALECT: Dialect = Dialect::Code { score, plan, tool: Some("Linux powercap"), part };

/// The part of the computer that a zone is, and its name as a device.
pub(in crate::read) fn part(name: &str) -> Option<(Component, Option<String>)> {
    let zone = Zone::named(name)?;
    Some((zone.component, zone.device().index))
}

/// `energy_uj`, `value_uj`, and no energy of an interval, nor a range.
fn is_counter(column: &Column) -> bool {
    const WORDS: [&str; 9] = ["energy", "counter", "value", "reading", "rapl", "total", "cumulative", "uj", "raw"];
    column.unit == Some(MICROJOULE) && column.name.split(|c: char| !c.is_alphanumeric()).all(|word| WORDS.contains(&word))
}

fn is_range(column: &Column) -> bool {
    column.unit == Some(MICROJOULE) && column.name.split(|c: char| !c.is_alphanumeric()).any(|word| ["range", "max"].contains(&word))
}

fn score(columns: &[Column]) -> usize {
    let counters = columns.iter().filter(|column| is_counter(column)).count();
    let energies = columns.iter().filter(|column| column.unit.is_some() && !is_range(column)).count();
    usize::from(counters == 1 && energies == 1 && columns.len() > 2)
}

/// The table and the number of its zones; `None` where no column names zones, or the energies fall as often as running totals cannot.
pub(super) fn find(head: &Head<'_>) -> Option<(Table, usize)> {
    let table = Table::find(head, score)?;
    let counter = table.columns.iter().position(is_counter)?;
    let time = FirstRows::of(&table, head).time(&table);
    let zone_column = zone_column(&table, time, head)?;
    let mut zones: Vec<Vec<u8>> = Vec::new();
    let mut found: Vec<(Option<i64>, usize, i128)> = Vec::new();
    let mut cells = Cells::default();
    for line in rows(&table, head) {
        cells.split(line, table.delimiter);
        let (Some(name), Some(value)) = (cells.cell(line, zone_column), cells.cell(line, counter).and_then(|cell| table.number(cell, 0)))
        else {
            continue;
        };
        let at = time_of(&table, time, &cells, line);
        if at.is_none() && time.is_some() {
            continue;
        }
        let zone = zones.iter().position(|zone| zone == name).unwrap_or_else(|| {
            zones.push(name.to_vec());
            zones.len() - 1
        });
        found.push((at, zone, value));
    }
    let moves = |zone: usize| {
        let mut values = found.iter().filter(|(_, of, _)| *of == zone).map(|(_, _, value)| value);
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    if !(0..zones.len()).any(moves) {
        return None;
    }
    let components: Vec<Component> =
        zones.iter().map(|zone| part(&encoding::text(zone)).map_or(Component::Cpu, |(part, _)| part)).collect();
    let row = |(at, zone, value)| (at, (0..components.len()).map(|other| (other == zone).then_some(value)).collect());
    are_counters(found.into_iter().map(row).collect(), &components).then_some((table, zones.len()))
}

/// The first rows.
fn rows<'h>(table: &Table, head: &'h Head<'_>) -> impl Iterator<Item = &'h [u8]> {
    head.lines().skip(table.header_line.and_then(|line| usize::try_from(line).ok()).unwrap_or(0)).take(ROWS_LOOKED_AT)
}

/// The first column beside the time and the counter whose cells are all names of zones.
fn zone_column(table: &Table, time: Option<TimeSource>, head: &Head<'_>) -> Option<usize> {
    let counter = table.columns.iter().position(is_counter)?;
    let mut cells = Cells::default();
    let mut named = alloc::vec![Some(0u32); table.columns.len()];
    for line in rows(table, head) {
        let count = cells.split(line, table.delimiter);
        let is_row = count >= table.columns.len() && cells.cell(line, counter).is_some_and(|cell| table.number(cell, 0).is_some());
        if !is_row || time.is_some() && time_of(table, time, &cells, line).is_none() {
            continue;
        }
        for (position, named) in named.iter_mut().enumerate() {
            let cell = cells.cell(line, position).unwrap_or(b"");
            *named = named.filter(|_| Zone::named(&encoding::text(cell)).is_some()).map(|rows| rows + 1);
        }
    }
    named.iter().position(|rows| rows.is_some_and(|rows| rows > 0))
}

fn plan(table: &Table, head: &Head<'_>, options: &ReadOptions) -> Result<Plan, Refusal> {
    let time = FirstRows::of(table, head).time(table);
    let (Some(counter), Some(names)) = (table.columns.iter().position(is_counter), zone_column(table, time, head)) else {
        return Err(Refusal {
            code: &note::NO_POWER_COLUMN,
            line: table.header_line,
            message: String::from("found no column of RAPL zones beside their counters in µJ"),
            hint: String::from("name the zones, for example `time,zone,energy_uj` with rows of package-0 and dram"),
        });
    };
    let meter = Meter {
        component: Component::Cpu,
        quantity: Quantity::Counter(CounterRange::Rapl),
        instrument: Instrument::Rapl,
        device: None,
        columns: alloc::vec![(counter, Some(MICROJOULE))],
        only: Vec::new(),
        rated: None,
        of_list: None,
        run: None,
    };
    let time = time.map_or_else(|| TimeSource::without_column(options), Ok)?;
    let identity = Identity { index: Some(names), ..Identity::default() };
    let mut plan = Plan::new(table.clone(), time, identity, alloc::vec![meter]);
    plan.range = table.columns.iter().position(is_range);
    Ok(plan)
}
