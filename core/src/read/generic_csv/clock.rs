//! The clock of a home-made table: stamps, times of day, time since a start, or how long each row lasted.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::meaning::{Group, Meaning, Named, words};
use super::values::Values;
use crate::decode::table::{Column, Dimension, Table};
use crate::note;
use crate::read::sampled_table::{Lasted, TimeSource};
use crate::read::{ReadOptions, Refusal};

/// The clock: stamps, a date and a time of day, or time since the start of the log.
pub(super) fn time(meanings: &[Meaning], table: &Table, values: &Values, options: &ReadOptions) -> Result<TimeSource, Refusal> {
    let position = |meaning: Meaning| meanings.iter().position(|m| *m == meaning);
    let times = || meanings.iter().enumerate().filter(|(_, m)| **m == Meaning::Time).map(|(p, _)| p);
    let (date, first) = (position(Meaning::Date), position(Meaning::Time));
    if let Some((_, end)) = ends_of_rows(&table.columns).filter(|(start, end)| values.are_stamps(*start) && values.are_stamps(*end)) {
        return Ok(TimeSource::Column(end));
    }
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
    let says_elapsed = |p: &usize| table.column(*p).is_some_and(|column| words(&column.name).iter().any(|word| word == "elapsed"));
    if let Some(position) = times().find(|p| values.are_elapsed(*p) && (says_elapsed(p) || !values.are_times_of_day(*p))) {
        return Ok(TimeSource::Elapsed { position, scale: 0, times: 1 });
    }
    if let Some(position) = times().find(|p| values.are_times_of_day(*p)) {
        if !values.have_seconds(position) {
            if options.interval.is_some() {
                return TimeSource::without_column(options);
            }
            return Err(Refusal {
                code: &note::COLUMNS_UNKNOWN,
                line: table.header_line,
                message: format!(
                    "\"{}\" holds \"{}\" and the like: hours and minutes of the day, or minutes and seconds since the start?",
                    table.column(position).map_or("", |c| &c.text),
                    values.first(position)
                ),
                hint: String::from(
                    "where it is minutes and seconds, say what the columns are, in order, with `--columns`, and `elapsed_s` for this one; else how far apart the rows of a device are: `--interval`, such as 60s",
                ),
            });
        }
        return Ok(TimeSource::TimeOfDay(position));
    }
    for position in times().filter(|p| values.are_numbers(*p)) {
        let Some(column) = table.column(position) else { continue };
        let unit = time_unit(column);
        match unit.as_str() {
            "s" | "sec" | "secs" | "seconds" | "elapsed" => return Ok(TimeSource::Elapsed { position, scale: 0, times: 1 }),
            "ms" | "millis" | "milliseconds" => return Ok(TimeSource::Elapsed { position, scale: 3, times: 1 }),
            "min" | "mins" | "minute" | "minutes" => return Ok(TimeSource::Elapsed { position, scale: 0, times: 60 }),
            "h" | "hr" | "hrs" | "hour" | "hours" => return Ok(TimeSource::Elapsed { position, scale: 0, times: 3_600 }),
            _ => {}
        }
    }
    if let Some(durations) = durations_of_epochs(&table.columns).filter(|_| first.is_none() && date.is_none()) {
        return Ok(durations);
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
            hint: match values.are_spreadsheet_days(position) {
                Some(_) => String::from("say with `--columns` what it is: `time_days` of days as a spreadsheet counts them, `elapsed_s` of seconds"),
                None => String::from("log Unix time or ISO 8601, say `elapsed_s` with `--columns`, or how far apart the rows of a device are: `--interval`, such as 1s or 500ms"),
            },
            ..refusal
        },
        None => refusal,
    })
}

/// The unit of a column of times, as far as its name says.
pub(super) fn time_unit(column: &Column) -> String {
    // W&B's exports count seconds: `Relative Time (Process)`.
    if column.name == "relative time" {
        return String::from("s");
    }
    column.bracket.clone().or_else(|| words(&column.name).pop()).unwrap_or_default()
}

/// The clock of a table of epochs or steps without stamps that says how long each lasted.
pub(super) fn durations_of_epochs(columns: &[Column]) -> Option<TimeSource> {
    length_of_rows(columns).filter(|_| columns.iter().any(is_of_training))
}

/// Whether each row is of an epoch, or of a step.
pub(super) fn rows_are_epochs(columns: &[Column]) -> bool {
    columns.iter().any(|column| column.name == "epoch") || durations_of_epochs(columns).is_some()
}

/// A column that counts epochs or steps.
fn is_of_training(column: &Column) -> bool {
    ["epoch", "iteration", "step", "batch"].contains(&column.name.trim_end_matches('s'))
}

/// A column of how long each row lasted.
fn length_of_rows(columns: &[Column]) -> Option<TimeSource> {
    let scale = |column: &Column| {
        let mut words = column.name.split(['_', ' ']);
        let is_duration = words.any(|word| ["duration", "dur"].contains(&word));
        match column.bracket.as_deref().or(words.next_back()).filter(|_| is_duration) {
            Some("s" | "sec" | "secs" | "seconds") => Some(0),
            Some("ms" | "millis" | "milliseconds") => Some(3),
            Some(_) => None,
            None => is_duration.then_some(0),
        }
    };
    columns.iter().enumerate().find_map(|(position, column)| Some(TimeSource::Duration { position, scale: scale(column)?, start: None }))
}

/// Columns of where each row begins and ends: `start,end`, `start_time,end_time`.
pub(super) fn ends_of_rows(columns: &[Column]) -> Option<(usize, usize)> {
    let position = |of: &[&str]| {
        let is = |word: &str| of.contains(&word);
        let beside = |word: &str| ["time", "timestamp", "ts", "datetime", "at", "epoch"].contains(&word);
        let words = |column: &Column| column.name.split(|c: char| !c.is_alphanumeric()).map(String::from).collect::<Vec<_>>();
        columns.iter().position(|column| {
            let words = words(column);
            words.iter().any(|word| is(word)) && words.iter().all(|word| is(word) || beside(word))
        })
    };
    Some((position(&["start", "begin", "started", "starttime"])?, position(&["end", "finish", "ended", "stop", "endtime"])?))
}

/// How long each row with a stamp lasted, where columns say so and rows do not overlap; of means, energies and epochs alone: a sampler that tells how
/// long its own work took says nothing of the reading.
pub(super) fn lasted(meanings: &[Meaning], table: &Table, values: &Values, time: TimeSource) -> Option<Lasted> {
    let TimeSource::Column(stamp) = time else { return None };
    if let Some((start, end)) = ends_of_rows(&table.columns).filter(|(_, end)| *end == stamp) {
        return values.are_stamps(start).then_some(Lasted::Since(start)).filter(|_| start != end);
    }
    let Some(TimeSource::Duration { position, scale, .. }) = length_of_rows(&table.columns) else { return None };
    let of_time = |r: &Named| r.dimension == Dimension::Energy || r.group == Some(Group::Mean);
    if !table.columns.iter().any(is_of_training) && !meanings.iter().filter_map(Meaning::reading).any(of_time) {
        return None;
    }
    let begins = values.rows_begin_at(stamp, position, scale)?;
    Some(Lasted::Length { position, scale, begins })
}
