//! Carbon intensity by hour, day, month or year as the Electricity Maps portal gives it.
//!
//! Headers of all years: `Carbon Intensity gCO₂eq/kWh (LCA)` up to 2024, `Carbon intensity gCO₂eq/kWh (Life cycle)` from 2025 on, with zone columns
//! in either case. Values that the publisher estimated count and are marked.

use alloc::boxed::Box;
use alloc::format;

use super::intensity_table::{IntensityPlan, IntensityTable};
use super::{Evidence, Format, Head, ReadBy, ReadOptions, Reader, Refusal};
use crate::decode::table::{Column, Table};
use crate::note;

/// The format.
pub static FORMAT: Format = Format {
    id: "electricity_maps_csv",
    name: "Electricity Maps CSV",
    how_to_log: "download the zone and year from the Electricity Maps data portal (hourly)",
    read_by: ReadBy::Code { most: 90, sniff, open },
};

/// The value of a column of carbon intensity: what stands in the brackets of its header.
fn basis(column: &Column) -> Option<&str> {
    // The unit is not compared: its subscript two comes in several encodings.
    column.name.starts_with("carbon intensity").then_some(column.bracket.as_deref())?
}

fn is_lifecycle(column: &Column) -> bool {
    basis(column).is_some_and(|b| ["lca", "life cycle", "life-cycle", "lifecycle"].iter().any(|name| b.eq_ignore_ascii_case(name)))
}

fn is_direct(column: &Column) -> bool {
    basis(column).is_some_and(|b| b.eq_ignore_ascii_case("direct"))
}

fn score(columns: &[Column]) -> usize {
    let values = columns.iter().filter(|c| is_lifecycle(c) || is_direct(c)).count();
    let named = columns.iter().filter(|c| matches!(&*c.name, "datetime" | "country" | "zone name" | "zone id" | "data estimated")).count();
    if columns.iter().any(|c| c.name == "datetime") { values * (1 + named) } else { 0 }
}

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    let table = Table::find(head, score)?;
    let reason = format!("{} columns with carbon intensity of a zone as Electricity Maps names it", table.columns.len());
    Some(Evidence { score: 90, reason })
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let table = Table::find(head, score).unwrap_or_default();
    let find = |is: fn(&Column) -> bool| table.columns.iter().position(is);
    let Some(time) = table.position(&["datetime"]) else {
        return Err(Refusal {
            code: &note::FORMAT_REFUSED,
            line: None,
            message: "found no column Datetime (UTC)".into(),
            hint: "download the file again".into(),
        });
    };
    let plan = IntensityPlan {
        time,
        utc: true,
        zone: table.position(&["zone id", "zone key", "zone name"]),
        estimated: table.position(&["data estimated"]),
        lifecycle: find(is_lifecycle),
        direct: find(is_direct),
        basis_stated: true,
        grams: Some(1.0),
        publisher: "Electricity Maps",
        table,
    };
    Ok(Box::new(IntensityTable::new(plan, options)))
}
