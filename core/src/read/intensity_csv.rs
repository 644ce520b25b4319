//! Carbon intensity in a table of one's own: `datetime,gco2e_per_kwh`, with a column of zones where there are several.
//!
//! The unit stands in the header (`gco2e_per_kwh`, `kgCO2/kWh`, `lbs/MWh`); where it does not, it is asked for. Stamps name the start of a step; without a zone they are UTC, unless `--tz` is given.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use super::intensity_table::{IntensityPlan, IntensityTable};
use super::{Evidence, Format, Head, ReadBy, ReadOptions, Reader, Refusal};
use crate::decode::cells::Cells;
use crate::decode::table::{Column, Table, is_missing};
use crate::note;

/// The format.
pub static FORMAT: Format = Format {
    id: "intensity_csv",
    name: "carbon-intensity CSV",
    how_to_log: "a table with the header `datetime,gco2e_per_kwh`, stamps in UTC",
    read_by: ReadBy::Code { most: 50, sniff, open },
};

/// A wider table is a log that holds an intensity beside other things.
const MOST_COLUMNS: usize = 8;

/// Grams in a pound (avoirdupois, exactly).
pub(super) const GRAMS_PER_POUND: f64 = 453.592_37;

/// Names of the columns of time.
const TIME: &[&str] =
    &["datetime", "timestamp", "time", "date", "hour", "datetime_utc", "timestamp_utc", "time_utc", "from", "start", "datetime utc"];

/// Names of the column of zones.
const ZONES: &[&str] = &["zone", "zone_id", "zone id", "region", "country", "area"];

/// What a header says of its values besides their unit.
fn is_intensity(column: &Column) -> bool {
    let name = column.name.as_str();
    let gas = ["co2", "co₂", "carbon", "ghg"].iter().any(|word| name.contains(word) || bracket(column).contains(word));
    name == "intensity" || (gas && (name.contains("intensity") || unit(column).is_some()))
}

fn bracket(column: &Column) -> String {
    column.bracket.as_deref().unwrap_or("").to_lowercase()
}

/// Grams of CO2e per kWh in one of the unit that the header states.
fn unit(column: &Column) -> Option<f64> {
    let text: String =
        format!("{} {}", column.name, bracket(column)).replace("_per_", "/").replace(" per ", "/").replace([' ', '_', '-'], "");
    let (mass, energy) = text.split_once('/')?;
    let per_mwh = if energy.starts_with("kwh") {
        false
    } else if energy.starts_with("mwh") {
        true
    } else {
        return None;
    };
    // `carbonintensitygco2eq`, `kgco2e`, `lbsco2`, `g`: the unit of mass stands before the gas, behind it, or alone.
    let mass = match ["co2", "co₂"].iter().find_map(|gas| mass.split_once(gas)) {
        Some(("", after)) => after,
        Some((before, _)) => before,
        None => mass,
    };
    let grams = if mass.ends_with("kg") {
        1000.0
    } else if mass.ends_with("lb") || mass.ends_with("lbs") {
        GRAMS_PER_POUND
    } else if mass.ends_with('g') {
        1.0
    } else if mass.ends_with('t') && per_mwh {
        1e6
    } else {
        return None;
    };
    Some(if per_mwh { grams / 1000.0 } else { grams })
}

fn says(column: &Column, words: &[&str]) -> bool {
    let text = format!("{} {}", column.name, bracket(column));
    words.iter().any(|word| text.contains(word))
}

fn is_direct(column: &Column) -> bool {
    is_intensity(column) && says(column, &["direct"])
}

fn is_lifecycle(column: &Column) -> bool {
    is_intensity(column) && says(column, &["lifecycle", "life cycle", "life-cycle", "life_cycle", "lca"])
}

fn is_time(column: &Column) -> bool {
    TIME.contains(&&*column.name)
}

fn score(columns: &[Column]) -> usize {
    let foreign = columns.iter().any(|c| c.unit.is_some() || says(c, &["power", "energy", "duration", "emissions", "loss"]));
    let (times, values) = (columns.iter().filter(|c| is_time(c)).count(), columns.iter().filter(|c| is_intensity(c)).count());
    if foreign || times == 0 || columns.len() > MOST_COLUMNS { 0 } else { values * (values + times) }
}

/// The table, where the first rows under its header are times or zones, and numbers.
fn table(head: &Head<'_>) -> Option<Table> {
    let table = Table::find(head, score).filter(|table| table.delimiter != b' ')?;
    let start = usize::try_from(table.header_line?).ok()?;
    let (time, value) = (table.columns.iter().position(is_time)?, table.columns.iter().position(is_intensity)?);
    let zone = table.position(ZONES);
    let mut cells = Cells::default();
    let fits = head.lines().skip(start).filter(|line| !line.trim_ascii().is_empty()).take(50).any(|line| {
        cells.split(line, table.delimiter);
        // A zone says what it is of, though its stamps can't be read.
        let placed = zone.and_then(|zone| cells.cell(line, zone)).is_some_and(|cell| !is_missing(cell));
        let stamped = cells.cell(line, time).is_some_and(|cell| table.stamp(cell).is_some());
        (stamped || placed) && cells.cell(line, value).is_some_and(|cell| is_missing(cell) || table.number(cell, 9).is_some())
    });
    fits.then_some(table)
}

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    let table = table(head)?;
    let name = table.columns.iter().find(|c| is_intensity(c)).map_or("", |c| &c.text);
    Some(Evidence { score: 50, reason: format!("a column of time and one of carbon intensity, \"{name}\"") })
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let table = table(head).unwrap_or_default();
    let find = |is: fn(&Column) -> bool| table.columns.iter().position(is);
    let direct = find(is_direct);
    let other = table.columns.iter().position(|c| is_intensity(c) && !is_direct(c));
    let lifecycle = find(is_lifecycle).or(other);
    let (Some(time), Some(value)) = (find(is_time), lifecycle.or(direct)) else {
        return Err(Refusal {
            code: &note::FORMAT_REFUSED,
            line: None,
            message: String::from("found no columns of time and carbon intensity"),
            hint: String::from("name them in a header: `datetime,gco2e_per_kwh`"),
        });
    };
    let plan = IntensityPlan {
        time,
        utc: table.column(time).is_some_and(|c| says(c, &["utc", "gmt"])),
        zone: table.position(ZONES),
        estimated: table.position(&["estimated", "is_estimated", "isestimated", "data estimated"]),
        lifecycle,
        direct,
        basis_stated: find(is_lifecycle).is_some() || (direct.is_some() && other.is_none()),
        grams: table.column(value).and_then(unit),
        publisher: "",
        table,
    };
    Ok(Box::new(IntensityTable::new(plan, options)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_headers() {
        for (text, grams) in [
            ("gco2e_per_kwh", Some(1.0)),
            ("Carbon intensity (gCO2eq/kWh)", Some(1.0)),
            ("carbon_intensity_kgco2_per_kwh", Some(1000.0)),
            ("CO2 [kg/MWh]", Some(1.0)),
            ("co2 (t/MWh)", Some(1000.0)),
            ("carbon_lbs_per_mwh", Some(0.453_592_37)),
            ("intensity", None),
            ("carbon_intensity", None),
            ("gco2e", None),
        ] {
            let found = unit(&Column::new(text));
            assert!(found.is_none() == grams.is_none() && (found.unwrap_or(0.0) - grams.unwrap_or(0.0)).abs() < 1e-9, "{text}: {found:?}");
        }
    }
}
