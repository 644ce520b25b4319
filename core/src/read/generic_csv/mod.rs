//! Home-made tables and the generic CSV that any log can be converted to: a column of time, columns of power or energy.
//!
//! ```text
//! time,device,power_w              time,gpu0_w,gpu1_w,cpu_w         time,cpu0_counter_uj,gpu0_counter_mj
//! 2025-06-12T14:03:21Z,gpu0,61.8   1749737001.117,61.8,60.2,45.0    1749737001.117,261130482489,812345678901
//! 2025-06-12T14:03:21Z,cpu,45.0    1749737002.117,61.9,60.1,45.1    1749737002.117,261190482489,812346678901
//! ```
//!
//! Stamps are ISO 8601 or Unix time; names of columns are the roles of `--columns`, or such as people give them ("GPU 0 Power (W)").
//! The unit stands in the header (`_w`, `[W]`), in the cells or in `--columns`; without one the table is refused, because watts and
//! milliwatts look alike. Energy is a running total where the name says so (`counter`, `total`) or the values never fall, and the energy
//! since the row before where the name says so (`interval`, `delta`) or the values rise and fall.

mod clock;
mod lists;
mod meaning;
mod parts;
mod refusals;
mod sensors;
mod spelling;
mod suggestion;
mod values;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::sampled_table::{
    AsideMeter, Dialect, Identity, Meter, Plan, ROLES, SampledTable, TimeSource, component, counter_range, is_reading_role,
};
use super::{Evidence, Format, Head, ReadBy, ReadOptions, Reader, Refusal, powercap};
use crate::bounds;
use crate::decode::cells::Cells;
use crate::decode::encoding;
use crate::decode::table::{Column, Dimension, Table, Unit, is_missing, split_unit};
use crate::note;
use crate::series::{Component, CounterRange, Device, Instrument, Quantity};
use crate::units::calendar::DateOrder;
use crate::units::decimal::{DecimalError, parse_scaled};
use clock::{durations_of_epochs, ends_of_rows, lasted, rows_are_epochs, time};
use meaning::{Energy, Group, Meaning, Named, meanings};
use parts::Verdict;
use refusals::{implausible, no_kind, no_unit, say, twice, unclear, unclear_date, unknown_columns};
use suggestion::Suggestion;
use values::Values;

/// The format.
pub static FORMAT: Format = Format {
    id: "generic_csv",
    name: "generic CSV",
    how_to_log: "a table with a header such as `time,gpu0_w,gpu1_w,cpu_w` or `time,device,power_w`, or any table with `--columns`",
    read_by: ReadBy::Code { most: 30, sniff, open },
};

const DIALECT: Dialect = Dialect::Code { score, plan, tool: None, part };

/// The part of the computer that a row's name says; RAPL's zones are named as the kernel does.
fn part(name: &str) -> Option<(Component, Option<String>)> {
    component(&name.to_lowercase()).or_else(|| powercap::part(name)).or_else(|| sensors::part(name))
}

/// How much columns look like a home-made power log: the readings, and what stands beside them.
fn score(columns: &[Column]) -> usize {
    if !columns.iter().all(is_name) {
        return 0;
    }
    let meanings = meanings(columns);
    let count = |is: fn(&Meaning) -> bool| meanings.iter().filter(|m| is(m)).count();
    let readings: Vec<&Named> = meanings.iter().filter_map(Meaning::reading).collect();
    let time = count(|m| matches!(m, Meaning::Time | Meaning::Date));
    // A tracker's totals, and not a series of power that somebody worked out emissions beside.
    let of_carbon = |c: &Column| ["emission", "co2", "carbon"].iter().any(|word| c.name.contains(word));
    let is_series = time > 0
        && readings.iter().any(|r| r.unit.is_some() && r.dimension == Dimension::Power)
        && !columns.iter().any(|c| c.name.contains("duration") || c.name.contains("energy_consumed"));
    let is_of_epochs = durations_of_epochs(columns).is_some();
    let foreign = columns.iter().any(of_carbon) && !is_series && !is_of_epochs;
    let (stated, bare) = (readings.iter().any(|r| r.unit.is_some()), readings.iter().all(|r| r.bare));
    let usable = match (readings.is_empty(), time > 0) {
        // A sampler's log of load alone, which can be told what to log as well.
        (true, true) => count(|m| *m == Meaning::Load) > 0 && count(|m| *m == Meaning::Training) == 0,
        // `GPU0,GPU1` are readings where there is nothing else.
        (false, true) => !bare || count(|m| matches!(m, Meaning::Reading(_) | Meaning::Time | Meaning::Date)) == columns.len(),
        (false, false) if is_of_epochs || ends_of_rows(columns).is_some() => true,
        (false, false) => stated && 2 * count(|m| !matches!(m, Meaning::Other | Meaning::Training)) >= columns.len(),
        (true, false) => false,
    };
    if usable && !foreign { 4 * readings.len() + time + count(|m| !matches!(m, Meaning::Other)) } else { 0 }
}

/// Whether a header cell may be a name: no number, nor two in one, no sentence, no piece of JSON.
fn is_name(column: &Column) -> bool {
    if column.text.contains(|c: char| c.is_ascii_digit()) && !column.text.contains(char::is_alphabetic) {
        return false;
    }
    // A tab cuts better than the spaces beside it.
    let is_space = |c: char| c.is_whitespace() && c != '\t';
    let allowed = |c: char| c.is_alphanumeric() || is_space(c) || "_-.()[]/%#°".contains(c);
    column.text.len() <= 64 && column.text.chars().all(allowed) && parse_scaled(column.text.as_bytes(), 0) == Err(DecimalError::NotANumber)
}

/// The table, where a header by names stands over rows that fit it.
fn table(head: &Head<'_>) -> Option<Table> {
    let table = Table::find(head, score)?;
    // Runs of spaces are prose or another tool's print, unless each line has a cell for each name.
    let is_print = table.delimiter == b' ';
    let start = table.header_line.and_then(|line| usize::try_from(line).ok())?;
    let mut cells = Cells::default();
    let rows = head.lines().skip(start).filter(|line| !line.trim_ascii().is_empty()).take(100);
    let is_load = !table.columns.iter().any(|c| Meaning::of(c).reading().is_some());
    let mut fits = |line: &[u8]| {
        let count = cells.split(line, table.delimiter);
        let holds_reading = |(position, column): (usize, &Column)| {
            let cell = cells.cell(line, position).unwrap_or(b"");
            let is_figure = || is_missing(cell) || table.number(split_unit(cell).0, 6).is_some() || lists::is_list(cell);
            (is_load || Meaning::of(column).reading().is_some()) && is_figure()
        };
        let is_whole = if is_print { count == table.columns.len() } else { count >= table.columns.len() };
        is_whole && table.columns.iter().enumerate().any(holds_reading)
    };
    let (all, fit) = rows.fold((0, 0), |(all, fit), line| (all + 1, fit + usize::from(fits(line))));
    let is_table = if is_print { fit == all && !is_load } else { 2 * fit >= all };
    is_table.then_some(table)
}

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    let headless = || Evidence { score: 5, reason: String::from("rows of a stamp and numbers, without a header") };
    sniff_rows(head).or_else(|| values::is_headless(head).then(headless))
}

/// Whether the words of a name are those of a reading.
pub(super) fn is_reading(name: &[u8]) -> bool {
    Meaning::of(&Column::new(&encoding::text(name))).reading().is_some()
}

/// Whether they are those of a time.
pub(super) fn is_time(name: &[u8]) -> bool {
    matches!(Meaning::of(&Column::new(&encoding::text(name))), Meaning::Date | Meaning::Time)
}

/// The same of a table with a header.
pub(super) fn sniff_rows(head: &Head<'_>) -> Option<Evidence> {
    let table = table(head)?;
    let meanings = meanings(&table.columns);
    let readings = meanings.iter().filter(|m| m.reading().is_some()).count();
    let reason = match readings {
        0 => String::from("columns of time and load"),
        n => format!("{n} of {} columns are power or energy", table.columns.len()),
    };
    Some(Evidence { score: if readings == 0 { 15 } else { 30 }, reason })
}

/// Whether a table that no format knows is the one whose columns the user names.
pub(super) fn sniff_named(head: &Head<'_>, options: &ReadOptions) -> Option<Evidence> {
    let table = named_table(head, options)?;
    Some(Evidence { score: 1, reason: format!("rows of {} cells, as `--columns` names them", table.columns.len()) })
}

/// The table that has as many columns as `--columns` names, under whatever header, with numbers where readings are named.
fn named_table(head: &Head<'_>, options: &ReadOptions) -> Option<Table> {
    let words = options.columns.as_ref()?;
    let width = words.len();
    let of_width = |columns: &[Column]| usize::from(columns.len() == width && columns.iter().all(is_name));
    let one_column = || (width == 1).then(|| Table::of_width(b',', 1));
    let table =
        Table::find(head, of_width).or_else(|| Table::without_header(head).filter(|t| t.columns.len() == width)).or_else(one_column)?;
    let start = table.header_line.and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
    let readings: Vec<usize> = words.iter().enumerate().filter(|(_, word)| is_reading_role(word)).map(|(position, _)| position).collect();
    let mut cells = Cells::default();
    let (mut all, mut fit) = (0, 0);
    for line in head.lines().skip(start).filter(|line| !line.trim_ascii().is_empty()).take(100) {
        all += 1;
        let count = cells.split(line, table.delimiter);
        let is_figure = |cell: &[u8]| is_missing(cell) || table.number(split_unit(cell).0, 6).is_some() || lists::is_list(cell);
        let number = |p: &usize| cells.cell(line, *p).is_some_and(is_figure);
        fit += usize::from(count == width && readings.iter().all(number));
    }
    (fit > 0 && 2 * fit >= all).then_some(table)
}

pub(super) fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let named = || named_table(head, options).filter(|table| table.header_line.is_some());
    let plan = match table(head).or_else(named) {
        Some(table) => plan(&table, head, options)?,
        None => {
            let table = Table::without_header(head).unwrap_or_else(|| Table::of_width(b',', 1));
            Plan::of_roles(&table, options)?.ok_or_else(|| unknown_columns(&table, head))?
        }
    };
    let table = SampledTable::new(plan, DIALECT, head, options);
    if table.is_indistinct() || (table.has_places() && names_rows(&table, head)) {
        return Err(Refusal {
            code: &note::COLUMNS_UNKNOWN,
            line: None,
            message: String::from("several rows have almost the same time, and no column is known to name their device"),
            hint: format!("say what the columns are, in order, with `--columns`: {ROLES}"),
        });
    }
    Ok(Box::new(table))
}

/// Whether rows that are told apart by their place have a column that names them, by words that are not known.
fn names_rows(table: &SampledTable, head: &Head<'_>) -> bool {
    let plan = table.plan();
    let values = Values::of(&plan.table, &plan.identity, head);
    (0..plan.table.columns.len()).any(|position| !plan.uses(position) && values.names_rows(position))
}

/// What to do with a table of numbers of which no column is known: a header over rows as wide, each with a number in some column.
pub(super) fn asks(head: &[u8]) -> Option<String> {
    let head = Head::new(head, true).whole_lines();
    // What pandas counts rows by has no name.
    let names = |columns: &[Column]| columns.iter().skip(1).all(is_name) && columns.iter().take(1).all(|c| c.name.is_empty() || is_name(c));
    let table = Table::find(&head, |columns| if columns.len() > 1 && names(columns) { columns.len() } else { 0 })?;
    let (mut cells, start) = (Cells::default(), table.header_line.and_then(|line| usize::try_from(line).ok())?);
    let mut fits = |line: &[u8]| {
        let holds = |cell: &[u8]| cell.starts_with(b"[") || table.number(split_unit(cell).0, 6).is_some();
        let is_number = |at: usize, cells: &Cells| cells.cell(line, at).is_some_and(holds);
        cells.split(line, table.delimiter) == table.columns.len() && (0..table.columns.len()).any(|at| is_number(at, &cells))
    };
    let mut rows = head.lines().skip(start).filter(|line| !line.trim_ascii().is_empty());
    (rows.next().is_some_and(&mut fits) && rows.all(fits)).then(|| {
        format!(
            "if the table holds power or energy, say what its columns are, in order, with `--columns`: {ROLES}; a row for each quantity, or a list \
             that no quotes hold together, is to be turned into columns"
        )
    })
}

fn plan(table: &Table, head: &Head<'_>, options: &ReadOptions) -> Result<Plan, Refusal> {
    if table.columns.len() > options.bounds.count(&bounds::COLUMNS) {
        return Err(Refusal {
            code: &note::FORMAT_REFUSED,
            line: table.header_line,
            message: format!("the table has {} columns: {}", table.columns.len(), options.bounds.reached(&bounds::COLUMNS)),
            hint: options.bounds.hint(&bounds::COLUMNS),
        });
    }
    if let Some(mut plan) = Plan::of_roles(table, options)? {
        let mut values = Values::of(table, &plan.identity, head);
        values.sort(plan.time);
        sensors::settle(&mut plan, &values)?;
        lists::take_apart(&mut plan, &values);
        totals_from_start(&mut plan, &values);
        return Ok(plan);
    }
    let mut meanings = meanings(&table.columns);
    if meanings.iter().all(|m| m.reading().is_none()) {
        return Err(Refusal {
            code: &note::NO_POWER_COLUMN,
            line: table.header_line,
            message: String::from("found columns of time and load, expected one of power or energy"),
            hint: String::from("log power as well, for example with NVML's nvmlDeviceGetPowerUsage (milliwatts), in a column gpu0_mw"),
        });
    }
    if is_summary(table, &meanings) {
        return Err(Refusal {
            code: &note::COLUMNS_UNKNOWN,
            line: table.header_line,
            message: String::from("rows are statistics of measurements, without a time: a summary, no series"),
            hint: String::from("give the log that the statistics were made from"),
        });
    }
    let identity = identity(&meanings, table, head);
    let rows_name_devices = identity.columns().into_iter().any(|c| c.is_some());
    let mut values = Values::of(table, &identity, head);
    // `epoch_s` may be how long an epoch took, or Unix time.
    let is_unix = |(at, column): (usize, &Column)| column.name.starts_with("epoch") && values.are_stamps(at);
    for (at, _) in table.columns.iter().enumerate().filter(|column| is_unix(*column)) {
        if let Some(meaning @ (Meaning::Training | Meaning::Other)) = meanings.get_mut(at) {
            *meaning = Meaning::Time;
        }
    }
    let mut table = table.clone();
    let (order, open_date) = dates(&meanings, &table, &mut values);
    table.dates = order;
    let table = &table;
    let time = time(&meanings, table, &values, options);
    if let Ok(time) = &time {
        values.sort(*time);
    }
    parts::totals_by_values(&mut meanings, table, &values);
    let (verdicts, left_out) = parts::settle(table, &meanings, &values, rows_name_devices);
    let mut plan = Plan::new(table.clone(), TimeSource::StampLines, identity, Vec::new());
    plan.lasted = time.as_ref().ok().and_then(|time| lasted(&meanings, table, &values, *time));
    let has_lengths = plan.lasted.is_some() || matches!(time, Ok(TimeSource::Duration { .. }));
    let power = if has_lengths { Quantity::PowerMean } else { Quantity::Power };
    let hint = Suggestion { table, head, options, meanings: &meanings, verdicts: &verdicts, time: time.as_ref().ok(), lasted: plan.lasted };
    let has_parts = hint.has_parts();
    let text = |position: usize| table.column(position).map_or("", |c| &c.text);
    for (position, verdict) in &verdicts {
        let Some(named) = meanings.get(*position).and_then(Meaning::reading) else { continue };
        let column = text(*position);
        let (component, device) = match verdict {
            Verdict::Counts(component, device) => (*component, device.clone()),
            Verdict::LeftOut => {
                let unit = named.unit.unwrap_or(if named.dimension == Dimension::Power { Unit::WATT } else { Unit::JOULE });
                let quantity = match (named.dimension, named.energy) {
                    (Dimension::Power, _) => Some(power),
                    (_, Energy::Counter) => Some(Quantity::Counter(CounterRange::Unbounded)),
                    (_, Energy::Interval) => Some(Quantity::IntervalEnergy),
                    (_, Energy::Unknown) => hint.kind_of_energy(*position, Component::Unsplit, unit, &values),
                };
                let left = left_out.iter().find(|left| left.positions.contains(position));
                if let (Some(quantity), Some(left)) = (quantity, left) {
                    let meter = Meter {
                        component: named.part.as_ref().map_or(Component::Unsplit, |(component, _)| *component),
                        quantity,
                        instrument: Instrument::NotStated,
                        device: Some(Device::indexed(column)),
                        columns: alloc::vec![(*position, named.unit)],
                        only: Vec::new(),
                        rated: None,
                        of_list: None,
                        run: None,
                    };
                    plan.asides.push(AsideMeter { meter, kept: left.kept.clone(), reason: left.reason.clone() });
                }
                continue;
            }
            Verdict::Unclear => return Err(unclear(column, hint.tried())),
            Verdict::Twice(first, _) => return Err(twice(text(*first), column, hint.tried())),
        };
        if named.unit.is_none() && !values.state_units(*position) {
            return Err(no_unit(column, named, &values.first(*position), hint.tried()));
        }
        let unit = named.unit.unwrap_or(if named.dimension == Dimension::Power { Unit::WATT } else { Unit::JOULE });
        // A total may be of all of a node's.
        let of_all = if named.group == Some(Group::Total) && component == Component::Gpu { Component::Node } else { component };
        if let Some(found) = values.implausible(*position, named.unit, of_all) {
            return Err(implausible(column, &found, hint.tried()));
        }
        if let Some(refusal) = values.may_be_thousands(column, *position, named.unit, of_all) {
            return Err(refusal);
        }
        let quantity = match (named.dimension, named.energy) {
            (Dimension::Power, _) => power,
            (Dimension::Energy, Energy::Counter) => Quantity::Counter(counter_range(Some(component), unit)),
            (Dimension::Energy, Energy::Interval) => Quantity::IntervalEnergy,
            (Dimension::Energy, Energy::Unknown) => match hint.kind_of_energy(*position, component, unit, &values) {
                Some(quantity) => quantity,
                None => return Err(no_kind(column, &hint)),
            },
        };
        let component = match component {
            Component::Unsplit if !has_parts => {
                let kind = if quantity == Quantity::IntervalEnergy { Energy::Interval } else { Energy::Counter };
                plan.assume_part(column, options, hint.tried_as(Some(kind)))
            }
            stated => stated,
        };
        let is_of_several = matches!(component, Component::Gpu | Component::Cpu)
            && device.as_ref().is_none_or(|device| device.key().is_empty())
            && !rows_name_devices;
        if named.group == Some(Group::Mean) && is_of_several {
            plan.assume_one(column, component);
        }
        plan.add_meter(Meter {
            component,
            quantity,
            instrument: if named.is_of_gpu_tool { Instrument::GpuPower } else { Instrument::NotStated },
            device,
            columns: alloc::vec![(*position, named.unit)],
            only: Vec::new(),
            rated: None,
            of_list: None,
            run: None,
        });
    }
    plan.asides.extend(parts::of_nothing(table, &meanings, &verdicts, power));
    plan.time = time.clone().map_err(|refusal| {
        let dated = meanings.iter().enumerate().find(|(position, meaning)| **meaning == Meaning::Other && values.are_dates(*position));
        let Some((position, _)) = dated else { return refusal };
        let roles = Suggestion { time: Some(&TimeSource::Column(position)), ..hint }.tried();
        Refusal { hint: say(&format!("\"{}\" holds dates: say that it is the time", text(position)), roles), ..refusal }
    })?;
    if let Some(position) = open_date {
        return Err(unclear_date(text(position), &values.first(position), hint.tried()));
    }
    plan.rows_left_out = values.total_rows(&plan);
    sensors::settle(&mut plan, &values)?;
    lists::take_apart(&mut plan, &values);
    totals_from_start(&mut plan, &values);
    plan.doubt_units(DIALECT, head, options);
    Ok(plan)
}

/// Running totals that start with the run: their first value is no more than a usual step. A device's own counter is none.
fn totals_from_start(plan: &mut Plan, values: &Values) {
    let is_of_device = |column: &Column| column.name.split(|c: char| !c.is_alphanumeric()).any(|word| word == "counter");
    let is_total = |range: CounterRange| matches!(range, CounterRange::RaplPerhaps | CounterRange::Unbounded);
    let totals = plan.meters.iter().filter(|meter| matches!(meter.quantity, Quantity::Counter(range) if is_total(range)));
    let columns = totals.flat_map(|meter| &meter.columns).map(|(position, _)| *position);
    let starts =
        |position: &usize| plan.table.column(*position).is_some_and(|column| !is_of_device(column)) && values.begins_with_a_step(*position);
    plan.from_start = columns.filter(starts).collect();
    // What a script adds up is no register that runs through its range.
    for meter in &mut plan.meters {
        let is_of_run = |position: &usize| plan.from_start.contains(position) || values.begins_with_0(*position);
        if meter.quantity == Quantity::Counter(CounterRange::RaplPerhaps) && meter.columns.iter().any(|(position, _)| is_of_run(position)) {
            meter.quantity = Quantity::Counter(CounterRange::Unbounded);
        }
    }
}

/// Whether a table has no time and holds spreads or extremes beside its means: nobody logs those row by row.
fn is_summary(table: &Table, meanings: &[Meaning]) -> bool {
    let statistic = |column: &Column| {
        let is = |word: &str| ["std", "stddev", "stdev", "variance", "median", "min", "max"].contains(&word);
        column.unit.is_some() && column.name.split(|c: char| !c.is_alphanumeric()).any(is)
    };
    !meanings.iter().any(|m| matches!(m, Meaning::Time | Meaning::Date)) && table.columns.iter().any(statistic)
}

/// The columns that name a row's host and device.
fn identity(meanings: &[Meaning], table: &Table, head: &Head<'_>) -> Identity {
    let position = |meaning: Meaning| meanings.iter().position(|m| *m == meaning);
    let (index, model) = (position(Meaning::Index), position(Meaning::Model));
    // `package-0`, `dram`, `gpu1` in a column of names say which part of the computer it is, and no model.
    let names_parts = |model: usize| {
        let values = Values::of(table, &Identity::default(), head);
        values.are(model, |cell| part(&encoding::text(cell)).is_some())
    };
    let sensor = position(Meaning::Sensor).filter(|_| index.is_none());
    let sensor =
        sensor.filter(|sensor| Values::of(table, &Identity::default(), head).have(*sensor, |cell| part(&encoding::text(cell)).is_some()));
    let (index, model) = match (index, model) {
        _ if sensor.is_some() => (sensor, model),
        (None, Some(names)) if names_parts(names) => (Some(names), None),
        found => found,
    };
    Identity {
        run: None,
        host: position(Meaning::Host),
        uuid: position(Meaning::Uuid),
        bus_id: position(Meaning::BusId),
        serial: position(Meaning::Serial),
        index,
        model,
    }
}

/// The order in which dates have their parts, by the rows; and the column that leaves it open, if they do.
fn dates(meanings: &[Meaning], table: &Table, values: &mut Values) -> (DateOrder, Option<usize>) {
    let is_time = |meaning: &Meaning| matches!(meaning, Meaning::Time | Meaning::Date);
    let positions = meanings.iter().enumerate().filter(|(_, meaning)| is_time(meaning)).map(|(position, _)| position);
    let days = |position: usize| {
        let has_unit = ["s", "ms", "min", "h"].contains(&clock::time_unit(table.column(position)?).as_str());
        (!has_unit && values.are_spreadsheet_days(position)?).then_some((DateOrder::SpreadsheetDays, true))
    };
    let order = |position: usize| values.order_of_dates(position).or_else(|| days(position));
    let found = positions.filter_map(|position| Some((position, order(position)?))).next();
    let Some((position, (order, is_certain))) = found else { return (table.dates, None) };
    values.date_in(order);
    (order, (!is_certain).then_some(position))
}

impl Meaning {
    fn reading(&self) -> Option<&Named> {
        match self {
            Meaning::Reading(named) => Some(named),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{FileReader, Reading};

    fn read(log: &str, columns: Option<&str>) -> Reading {
        let columns = columns.map(|c| c.split(',').map(String::from).collect());
        let mut reader = FileReader::new(ReadOptions { columns, ..ReadOptions::default() });
        reader.push(log.as_bytes());
        reader.finish()
    }

    #[test]
    fn what_is_no_log_is_not_claimed() {
        for log in [
            "step,loss\n1,0.5\n",
            "time,step,loss,gpu_memory\n2025-06-12 14:03:21,1,0.5,40000\n",
            "name,power_level\nDragon,9000\n",
            "date,open,close\n2025-06-12,1,2\n",
            "timestamp,project_name,emissions,cpu_power\n2025-06-12T14:03:21,a,0.1,42.5\n",
            "",
        ] {
            assert_ne!(read(log, None).format, FORMAT.id, "{log}");
        }
    }

    #[test]
    fn refusals_say_what_to_do() {
        for (log, code, hint) in [
            ("timestamp,GPU0,GPU1\n1763638585.2,199.9,256.5\n1763638586.2,199.9,256.5\n", "unit-unknown", "--columns time,gpu0_w,gpu1_w"),
            ("power_w\n12\n13\n", "clock-missing", "`--interval`"),
            // One row is no series: nothing can be tried.
            ("timestamp,GPU0\n1763638585.215,199.9\n", "unit-unknown", "one word for each column"),
            ("time,gpu0_w\n2025-06-12 14:03:21,61830\n2025-06-12 14:03:22,61830\n", "unit-unknown", "--columns time,gpu0_mw"),
            ("time,energy_j\n2025-06-12 14:03:21,61\n2025-06-12 14:03:22,63\n", "columns-unknown", "--columns time,counter_j"),
            ("time,gpu_util,gpu_temp\n2025-06-12 14:03:21,61,40\n", "no-power-column", "gpu0_mw"),
            (
                "time,gpu_w\n06/07/2025 14:03:21,61\n06/07/2025 14:03:22,61\n06/07/2025 14:03:23,61\n",
                "columns-unknown",
                "--columns time_mdy,gpu_w",
            ),
        ] {
            let out = read(log, None);
            let note = out.notes.iter().next().map(|n| (n.code.id, n.hint.clone().unwrap_or_default())).unwrap_or_default();
            assert!(out.refused && note.0 == code && note.1.contains(hint), "{log}: {note:?}");
        }
    }

    #[test]
    fn a_header_that_says_nothing_is_one_all_the_same() {
        let rows = |columns: &str| (0..20).map(|at| format!("{},{columns}\n", 1_772_359_200 + 60 * at)).collect::<String>();
        for (text, expected) in [
            (
                format!("time,mean,std,min,max\n{}", rows("300,20,280,320")),
                "no column is known to be a power or an energy by its name: time, mean, std, and 2 more",
            ),
            (format!("time,meter\n{}", rows("5.01")), "no column is known to be a power or an energy by its name: time, meter"),
            (rows("300,20,280"), "the table has 4 columns and no header"),
        ] {
            let mut reader = FileReader::new(ReadOptions::default());
            reader.push(text.as_bytes());
            let reading = reader.finish();
            let told: Vec<&str> = reading.notes.iter().map(|note| note.message.as_str()).collect();
            assert!(told.contains(&expected), "{told:?}");
        }
    }
}
