//! Why a home-made table is not read, and what to do.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::is_name;
use super::meaning::{Energy, Named};
use super::suggestion::Suggestion;
use crate::decode::table::{Column, Dimension, Table};
use crate::note;
use crate::read::sampled_table::ROLES;
use crate::read::{Head, Refusal};
use crate::text::few;

/// Asks for the order of a date's parts, with the columns of both.
pub(super) fn unclear_date(column: &str, sample: &str, roles: Option<String>) -> Refusal {
    let both = roles.map(|roles| (roles.replace("time_mdy", "time_dmy"), roles.replace("time_dmy", "time_mdy")));
    Refusal {
        code: &note::COLUMNS_UNKNOWN,
        line: None,
        message: format!("\"{column}\" holds \"{sample}\": the day or the month may come first"),
        hint: match both {
            Some((day, month)) => format!("say it: `--columns {day}` where the day comes first, `--columns {month}` where the month does"),
            None => say("say it", None),
        },
    }
}

pub(super) fn no_unit(column: &str, named: &Named, sample: &str, roles: Option<String>) -> Refusal {
    let (large, small) = if named.dimension == Dimension::Power { ("W", "mW") } else { ("J", "mJ") };
    Refusal {
        code: &note::UNIT_UNKNOWN,
        line: None,
        message: format!("\"{column}\" states no unit: {sample} may be {sample} {large} or {sample} {small}"),
        hint: say("say it", roles),
    }
}

pub(super) fn implausible(column: &str, found: &str, roles: Option<String>) -> Refusal {
    Refusal {
        code: &note::UNIT_UNKNOWN,
        line: None,
        message: format!(
            "\"{column}\" holds {found}, which is more than one device draws: the unit may be a thousandth of what the header says"
        ),
        hint: say("say it", roles),
    }
}

pub(super) fn unclear(column: &str, roles: Option<String>) -> Refusal {
    Refusal {
        code: &note::COLUMNS_UNKNOWN,
        line: None,
        message: format!("it is not clear what \"{column}\" is part of, beside the other columns of power"),
        hint: say("say what each column is, `-` for what must not count", roles),
    }
}

pub(super) fn unclear_row(name: &str) -> Refusal {
    Refusal {
        code: &note::COLUMNS_UNKNOWN,
        line: None,
        message: format!("it is not clear what the rows of \"{name}\" are part of, beside the rows of other sensors"),
        hint: String::from(
            "leave out rows whose power other rows hold, and call the others by what they are of: gpu0, gpu1, cpu, dram, node",
        ),
    }
}

pub(super) fn twice(first: &str, second: &str, roles: Option<String>) -> Refusal {
    Refusal {
        code: &note::COLUMNS_UNKNOWN,
        line: None,
        message: format!("\"{first}\" and \"{second}\" seem to be the same reading"),
        hint: say("say what each column is, `-` for what must not count", roles),
    }
}

pub(super) fn no_kind(column: &str, hint: &Suggestion<'_>) -> Refusal {
    let (total, interval) = (hint.tried_as(Some(Energy::Counter)), hint.tried_as(Some(Energy::Interval)));
    let hint = match (total, interval) {
        (Some(total), Some(interval)) => format!("say it: `--columns {total}` for a running total, `--columns {interval}` for the other"),
        (total, interval) => say("say it", total.or(interval)),
    };
    Refusal {
        code: &note::COLUMNS_UNKNOWN,
        line: None,
        message: format!("\"{column}\" may be a running total or the energy since the row before: the rows do not tell"),
        hint,
    }
}

/// What to say, with the `--columns` that were tried, else with the roles that there are.
pub(super) fn say(what: &str, roles: Option<String>) -> String {
    match roles {
        Some(roles) => format!("{what}, if this is right: `--columns {roles}`"),
        None => format!("{what} with `--columns`, one word for each column: {ROLES}"),
    }
}

pub(super) fn unknown_columns(table: &Table, head: &Head<'_>) -> Refusal {
    let width = table.columns.len();
    let of_width = |columns: &[Column]| usize::from(columns.len() == width && width > 1 && columns.iter().all(is_name));
    let header = Table::find(head, of_width).filter(|table| table.delimiter != b' ');
    let names = |header: &Table| few(&header.columns.iter().map(|column| column.text.as_str()).collect::<Vec<_>>(), ", ");
    Refusal {
        code: &note::COLUMNS_UNKNOWN,
        line: header.as_ref().and_then(|header| header.header_line),
        message: match &header {
            Some(header) => format!("no column is known to be a power or an energy by its name: {}", names(header)),
            None => format!("the table has {width} columns and no header"),
        },
        hint: format!("say what the columns are, in order, with `--columns`: {ROLES}"),
    }
}
