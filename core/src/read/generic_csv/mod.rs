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

mod meaning;
mod values;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::sampled_table::{Dialect, Identity, Meter, Plan, ROLES, SampledTable, TimeSource, counter_range, is_reading_role};
use super::{Evidence, Format, Head, ReadOptions, Reader, Refusal};
use crate::decode::cells::Cells;
use crate::decode::table::{Column, Dimension, Table, Unit, is_missing, split_unit};
use crate::note;
use crate::series::{Component, CounterRange, Device, Instrument, Quantity};
use crate::units::decimal::{DecimalError, parse_scaled};
use meaning::{Energy, Meaning, Named};
use values::Values;

/// The format.
pub static FORMAT: Format = Format {
    id: "generic_csv",
    name: "generic CSV",
    how_to_log: "a table with a header such as `time,gpu0_w,gpu1_w,cpu_w` or `time,device,power_w`, or any table with `--columns`",
    sniff,
    open,
};

const DIALECT: Dialect = Dialect { score, plan, tool: None };

/// A wider table was made by a tool that measures everything, not by hand.
const MOST_COLUMNS: usize = 64;

/// How much columns look like a home-made power log: the readings, and what stands beside them.
fn score(columns: &[Column]) -> usize {
    if columns.len() > MOST_COLUMNS || !columns.iter().all(is_name) {
        return 0;
    }
    let meanings: Vec<Meaning> = columns.iter().map(Meaning::of).collect();
    let count = |is: fn(&Meaning) -> bool| meanings.iter().filter(|m| is(m)).count();
    let readings: Vec<&Named> = meanings.iter().filter_map(Meaning::reading).collect();
    let time = count(|m| matches!(m, Meaning::Time | Meaning::Date));
    let foreign = columns.iter().any(|c| ["emission", "co2", "carbon"].iter().any(|word| c.name.contains(word)));
    let (stated, bare) = (readings.iter().any(|r| r.unit.is_some()), readings.iter().all(|r| r.bare));
    let usable = match (readings.is_empty(), time > 0) {
        // A sampler's log of load alone, which can be told what to log as well.
        (true, true) => count(|m| *m == Meaning::Load) > 0 && count(|m| *m == Meaning::Training) == 0,
        // `GPU0,GPU1` are readings where there is nothing else.
        (false, true) => !bare || count(|m| matches!(m, Meaning::Reading(_) | Meaning::Time | Meaning::Date)) == columns.len(),
        (false, false) => stated && 2 * count(|m| !matches!(m, Meaning::Other | Meaning::Training)) >= columns.len(),
        (true, false) => false,
    };
    if usable && !foreign { 4 * readings.len() + time + count(|m| !matches!(m, Meaning::Other)) } else { 0 }
}

/// Whether a header cell may be a name: no number, no sentence, no piece of JSON.
fn is_name(column: &Column) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_-.()[]/%#°".contains(c);
    column.text.len() <= 64 && column.text.chars().all(allowed) && parse_scaled(column.text.as_bytes(), 0) == Err(DecimalError::NotANumber)
}

/// The table, where a header by names stands over rows that fit it. Runs of spaces are prose or another tool's print.
fn table(head: &Head<'_>) -> Option<Table> {
    let table = Table::find(head, score).filter(|table| table.delimiter != b' ')?;
    let start = table.header_line.and_then(|line| usize::try_from(line).ok())?;
    let mut cells = Cells::default();
    let rows = head.lines().skip(start).filter(|line| !line.trim_ascii().is_empty()).take(100);
    let is_load = !table.columns.iter().any(|c| Meaning::of(c).reading().is_some());
    let mut fits = |line: &[u8]| {
        let count = cells.split(line, table.delimiter);
        let holds_reading = |(position, column): (usize, &Column)| {
            let cell = cells.cell(line, position).unwrap_or(b"");
            (is_load || Meaning::of(column).reading().is_some()) && (is_missing(cell) || table.number(split_unit(cell).0, 6).is_some())
        };
        count >= table.columns.len() && table.columns.iter().enumerate().any(holds_reading)
    };
    let (all, fit) = rows.fold((0, 0), |(all, fit), line| (all + 1, fit + usize::from(fits(line))));
    (2 * fit >= all).then_some(table)
}

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    let Some(table) = table(head) else {
        return values::is_headless(head)
            .then(|| Evidence { score: 5, reason: String::from("rows of a stamp and numbers, without a header") });
    };
    let meanings: Vec<Meaning> = table.columns.iter().map(Meaning::of).collect();
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
        let number = |p: &usize| cells.cell(line, *p).is_some_and(|cell| is_missing(cell) || table.number(split_unit(cell).0, 6).is_some());
        fit += usize::from(count == width && readings.iter().all(number));
    }
    (fit > 0 && 2 * fit >= all).then_some(table)
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let named = || named_table(head, options).filter(|table| table.header_line.is_some());
    let plan = match table(head).or_else(named) {
        Some(table) => plan(&table, head, options)?,
        None => {
            let table = Table::without_header(head).unwrap_or_else(|| Table::of_width(b',', 1));
            Plan::of_roles(&table, options)?.ok_or_else(|| no_header(&table))?
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

fn no_header(table: &Table) -> Refusal {
    Refusal {
        code: &note::COLUMNS_UNKNOWN,
        line: None,
        message: format!("the table has {} columns and no header", table.columns.len()),
        hint: format!("say what the columns are, in order, with `--columns`: {ROLES}"),
    }
}

fn plan(table: &Table, head: &Head<'_>, options: &ReadOptions) -> Result<Plan, Refusal> {
    if let Some(plan) = Plan::of_roles(table, options)? {
        return Ok(plan);
    }
    let meanings: Vec<Meaning> = table.columns.iter().map(Meaning::of).collect();
    let position = |meaning: Meaning| meanings.iter().position(|m| *m == meaning);
    let identity = Identity {
        host: position(Meaning::Host),
        uuid: position(Meaning::Uuid),
        bus_id: position(Meaning::BusId),
        serial: position(Meaning::Serial),
        index: position(Meaning::Index),
        model: position(Meaning::Model),
    };
    let rows_name_devices = identity.columns().into_iter().any(|c| c.is_some());
    if meanings.iter().all(|m| m.reading().is_none()) {
        return Err(Refusal {
            code: &note::NO_POWER_COLUMN,
            line: table.header_line,
            message: String::from("found columns of time and load, expected one of power or energy"),
            hint: String::from("log power as well, for example with NVML's nvmlDeviceGetPowerUsage (milliwatts), in a column gpu0_mw"),
        });
    }
    let values = Values::of(table, &identity, head);
    let mut plan = Plan { table: table.clone(), time: TimeSource::StampLines, identity, meters: Vec::new() };
    let several = meanings.iter().filter(|m| m.reading().is_some()).count() > 1;
    let several_parts = meanings.iter().filter_map(Meaning::reading).any(|r| r.part.is_some());
    for (position, named) in meanings.iter().enumerate().filter_map(|(p, m)| Some((p, m.reading()?))) {
        let column = table.column(position).map_or("", |c| &c.text);
        let (component, device) = match &named.part {
            // The row's device, named again: `gpu,gpu_power_w`.
            Some((component, None)) if rows_name_devices && *component == Component::Gpu => (*component, None),
            Some((component, number)) => (*component, Some(number.as_ref().map_or_else(Device::default, |n| Device::indexed(n.as_str())))),
            None if rows_name_devices => (Component::Gpu, None),
            // A total beside its parts holds them.
            None if several_parts => (Component::Node, Some(Device::default())),
            None => (Component::Unsplit, Some(Device::default())),
        };
        if named.odd && several {
            return Err(unclear(column, &role_line(&meanings, |_| None)));
        }
        let sample = values.first(position);
        if named.unit.is_none() && !values.state_units(position) {
            return Err(no_unit(column, named, &sample, &role_line(&meanings, |_| None)));
        }
        let unit = named.unit.unwrap_or(if named.dimension == Dimension::Power { Unit::WATT } else { Unit::JOULE });
        if let Some(found) = values.implausible(position, named.unit, component) {
            return Err(implausible(column, &found, &role_line(&meanings, |p| (p == position).then_some(unit))));
        }
        let quantity = match (named.dimension, named.energy) {
            (Dimension::Power, _) => Quantity::Power,
            (Dimension::Energy, Energy::Counter) => Quantity::Counter(range(component, unit)),
            (Dimension::Energy, Energy::Interval) => Quantity::IntervalEnergy,
            (Dimension::Energy, Energy::Unknown) => match values.never_fall(position) {
                Some(true) => Quantity::Counter(range(component, unit)),
                Some(false) => Quantity::IntervalEnergy,
                None => return Err(no_kind(column, &role_line(&meanings, |_| None))),
            },
        };
        if let Some(other) = plan.meters.iter().find(|m| m.component == component && m.device == device && m.quantity == quantity) {
            let other = other.columns.first().and_then(|(p, _)| table.column(*p)).map_or("", |c| &c.text);
            return Err(twice(other, column, &role_line(&meanings, |_| None)));
        }
        plan.add_meter(Meter {
            component,
            quantity,
            instrument: Instrument::NotStated,
            device,
            columns: alloc::vec![(position, named.unit)],
            rated: None,
        });
    }
    plan.time = time(&meanings, table, &values, options)?;
    Ok(plan)
}

fn range(component: Component, unit: Unit) -> CounterRange {
    counter_range(Some(component), unit)
}

/// The clock: stamps, a date and a time of day, or time since the start of the log.
fn time(meanings: &[Meaning], table: &Table, values: &Values, options: &ReadOptions) -> Result<TimeSource, Refusal> {
    let position = |meaning: Meaning| meanings.iter().position(|m| *m == meaning);
    let times = || meanings.iter().enumerate().filter(|(_, m)| **m == Meaning::Time).map(|(p, _)| p);
    let (date, first) = (position(Meaning::Date), position(Meaning::Time));
    if let Some(position) = times().chain(date).find(|p| values.are_stamps(*p)) {
        // A date alone is a stamp too, of midnight.
        if let (Some(date), Some(time)) = (date, first)
            && date == position
            && values.are_stamps_of(date, time)
        {
            return Ok(TimeSource::DateAndTime { date, time });
        }
        return Ok(TimeSource::Column(position));
    }
    if let Some(position) = times().find(|p| values.are_times_of_day(*p)) {
        return Ok(TimeSource::TimeOfDay(position));
    }
    for position in times().filter(|p| values.are_numbers(*p)) {
        let Some(column) = table.column(position) else { continue };
        let last = column.name.rsplit(['_', ' ']).next().unwrap_or("");
        let unit = column.bracket.as_deref().unwrap_or(last);
        match unit {
            "s" | "sec" | "secs" | "seconds" | "elapsed" => return Ok(TimeSource::Elapsed { position, scale: 0 }),
            "ms" | "millis" | "milliseconds" => return Ok(TimeSource::Elapsed { position, scale: 3 }),
            _ => {}
        }
    }
    if values.are_empty() && first.is_some() {
        return Ok(TimeSource::Column(first.unwrap_or(0)));
    }
    TimeSource::without_column(options).map_err(|refusal| match first {
        Some(position) => Refusal {
            message: format!(
                "\"{}\" holds \"{}\", which is no date and time",
                table.column(position).map_or("", |c| &c.text),
                values.first(position)
            ),
            hint: String::from("log Unix time or ISO 8601, say `elapsed_s` with `--columns`, or how far apart the rows of a device are, for example `--interval 1s`"),
            ..refusal
        },
        None => refusal,
    })
}

/// The `--columns` that would say what the table leaves open; `corrected` names another unit for a column.
fn role_line(meanings: &[Meaning], stated: impl Fn(usize) -> Option<Unit>) -> String {
    let roles: Vec<String> = meanings
        .iter()
        .enumerate()
        .map(|(position, meaning)| match meaning {
            Meaning::Time | Meaning::Date => String::from("time"),
            Meaning::Host => String::from("host"),
            Meaning::Uuid => String::from("uuid"),
            Meaning::BusId => String::from("bus_id"),
            Meaning::Serial => String::from("serial"),
            Meaning::Index => String::from("index"),
            Meaning::Model => String::from("name"),
            Meaning::Reading(named) => named.role(stated(position)),
            Meaning::Load | Meaning::Training | Meaning::Other => String::from("-"),
        })
        .collect();
    roles.join(",")
}

impl Meaning {
    fn reading(&self) -> Option<&Named> {
        match self {
            Meaning::Reading(named) => Some(named),
            _ => None,
        }
    }
}

impl Named {
    /// The role of `--columns`, with the stated unit, a guess where none is stated, or a thousandth of `too_large`.
    fn role(&self, too_large: Option<Unit>) -> String {
        let unit = match too_large {
            Some(unit) => Unit { scale: unit.scale - 3, ..unit }.role_suffix(),
            None => self.unit.and_then(Unit::role_suffix),
        };
        let (word, unit) = match self.dimension {
            Dimension::Power => ("power", unit.unwrap_or("w")),
            Dimension::Energy if self.energy == Energy::Interval => ("energy", unit.unwrap_or("j")),
            Dimension::Energy => ("counter", unit.unwrap_or("j")),
        };
        let part = self.part.as_ref().and_then(|(component, number)| {
            let name = match component {
                Component::Cpu => "cpu",
                Component::Gpu => "gpu",
                Component::Memory => "dram",
                Component::Node => "node",
                Component::Platform => "platform",
                _ => return None,
            };
            Some(format!("{name}{}", number.as_deref().unwrap_or("")))
        });
        match (part, self.dimension) {
            (Some(part), Dimension::Power) => format!("{part}_{unit}"),
            (Some(part), Dimension::Energy) => format!("{part}_{word}_{unit}"),
            (None, _) => format!("{word}_{unit}"),
        }
    }
}

fn no_unit(column: &str, named: &Named, sample: &str, roles: &str) -> Refusal {
    let (large, small) = if named.dimension == Dimension::Power { ("W", "mW") } else { ("J", "mJ") };
    Refusal {
        code: &note::UNIT_UNKNOWN,
        line: None,
        message: format!("\"{column}\" states no unit: {sample} may be {sample} {large} or {sample} {small}"),
        hint: format!("say it, for example `--columns {roles}`"),
    }
}

fn implausible(column: &str, found: &str, roles: &str) -> Refusal {
    Refusal {
        code: &note::UNIT_UNKNOWN,
        line: None,
        message: format!(
            "\"{column}\" holds {found}, which is more than one device draws: the unit may be a thousandth of what the header says"
        ),
        hint: format!("say it, for example `--columns {roles}`"),
    }
}

fn unclear(column: &str, roles: &str) -> Refusal {
    Refusal {
        code: &note::COLUMNS_UNKNOWN,
        line: None,
        message: format!("it is not clear what \"{column}\" is part of, beside the other columns of power"),
        hint: format!("say what each column is, `-` for what must not count, for example `--columns {roles}`"),
    }
}

fn twice(first: &str, second: &str, roles: &str) -> Refusal {
    Refusal {
        code: &note::COLUMNS_UNKNOWN,
        line: None,
        message: format!("\"{first}\" and \"{second}\" seem to be the same reading"),
        hint: format!("say what each column is, `-` for what must not count, for example `--columns {roles}`"),
    }
}

fn no_kind(column: &str, roles: &str) -> Refusal {
    Refusal {
        code: &note::COLUMNS_UNKNOWN,
        line: None,
        message: format!("\"{column}\" may be a running total or the energy since the row before: there are too few rows to tell"),
        hint: format!("say it, for example `--columns {roles}`, or with energy instead of counter"),
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
            ("timestamp,GPU0,GPU1\n1763638585.215,199.9,256.5\n", "unit-unknown", "--columns time,gpu0_w,gpu1_w"),
            ("power_w\n12\n13\n", "clock-missing", "--interval 1s"),
            ("time,gpu0_w\n2025-06-12 14:03:21,61830\n2025-06-12 14:03:22,61830\n", "unit-unknown", "--columns time,gpu0_mw"),
            ("time,energy_j\n2025-06-12 14:03:21,61\n", "columns-unknown", "--columns time,counter_j"),
            ("time,gpu_util,gpu_temp\n2025-06-12 14:03:21,61,40\n", "no-power-column", "gpu0_mw"),
        ] {
            let out = read(log, None);
            let note = out.notes.iter().next().map(|n| (n.code.id, n.hint.clone().unwrap_or_default())).unwrap_or_default();
            assert!(out.refused && note.0 == code && note.1.contains(hint), "{log}: {note:?}");
        }
    }
}
