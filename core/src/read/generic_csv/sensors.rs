//! Tables with a row for each sensor, whose names say what it reads: what is inside of what shows in them as it does in the names of columns.
//!
//! ```text
//! Time_Seconds,Sensor_Name,Watts
//! 0.0,GPU Power,120.0
//! 0.0,CPU Package,50.0
//! 0.0,CPU Cores,40.0
//! ```

use alloc::string::String;
use alloc::vec::Vec;

use super::meaning::{Energy, Meaning, NO_READING, Named, words};
use super::parts::{self, Verdict};
use super::refusals::unclear_row;
use super::values::Values;
use crate::decode::encoding;
use crate::decode::table::{Column, Dimension, Table, Unit};
use crate::read::Refusal;
use crate::read::sampled_table::{Meter, Plan};
use crate::series::{Component, Quantity};

/// The part of the computer that a sensor's name says; one of all of it is of what is not split.
pub(super) fn part(name: &str) -> Option<(Component, Option<String>)> {
    let named = named(name, Unit::WATT)?;
    (!named.odd).then(|| named.part.unwrap_or((Component::Unsplit, None)))
}

/// What a name says, of a reading in a unit. A name of a bound says nothing.
fn named(name: &str, unit: Unit) -> Option<Named> {
    let words = words(&name.to_lowercase());
    let is_none = words.iter().any(|word| NO_READING.contains(&word.as_str()));
    let column = Column { unit: Some(unit), ..column(name) };
    Named::of(&column, &words).filter(|_| !is_none)
}

fn column(name: &str) -> Column {
    Column { name: name.to_lowercase(), text: String::from(name), ..Column::default() }
}

/// Leaves out the rows of sensors whose readings other rows hold; asks where a name may mean anything.
pub(super) fn settle(plan: &mut Plan, values: &Values) -> Result<(), Refusal> {
    // Who says that a column is of names may mean those of parts.
    if let (None, Some(model)) = (plan.identity.index, plan.identity.model)
        && values.are(model, |cell| super::part(&encoding::text(cell)).is_some())
    {
        (plan.identity.index, plan.identity.model) = (Some(model), None);
    }
    let (Some(index), [Meter { device: None, columns, quantity, .. }]) = (plan.identity.index, plan.meters.as_slice()) else {
        return Ok(());
    };
    let Some((reading, unit)) = columns.first() else { return Ok(()) };
    let base = if quantity.is_power() { Unit::WATT } else { Unit::JOULE };
    let (names, rounds) = values.by_name(index, *reading);
    let energy = if matches!(quantity, Quantity::Counter(_)) { Energy::Counter } else { Energy::Unknown };
    let meaning = |name: &String| {
        // What is left out already is beside nothing.
        let is_left_out = plan.rows_left_out.iter().any(|left| name.eq_ignore_ascii_case(left));
        match named(name, unit.unwrap_or(base)).filter(|_| !is_left_out) {
            Some(named) => {
                Meaning::Reading(Named { energy: if named.dimension == Dimension::Energy { energy } else { named.energy }, ..named })
            }
            None => Meaning::Other,
        }
    };
    let meanings: Vec<Meaning> = names.iter().map(meaning).collect();
    let mut table = Table::of_width(plan.table.delimiter, 0);
    table.columns = names.iter().map(|name| column(name)).collect();
    if meanings.iter().filter(|meaning| meaning.reading().is_some()).count() < 2 {
        return Ok(());
    }
    if plan.table.column(index).is_some_and(|column| Meaning::of(column) == Meaning::Sensor) {
        for (name, _) in names.iter().zip(&meanings).filter(|(_, meaning)| meaning.reading().is_none()) {
            if super::part(name).is_none() {
                return Err(unclear_row(name));
            }
        }
    }
    let (verdicts, _) = parts::settle(&table, &meanings, &rounds, false);
    for (at, verdict) in verdicts {
        let Some(name) = names.get(at) else { continue };
        match verdict {
            Verdict::Counts(..) => {}
            Verdict::LeftOut => plan.rows_left_out.push(name.to_lowercase()),
            Verdict::Unclear | Verdict::Twice(..) => return Err(unclear_row(name)),
        }
    }
    Ok(())
}
