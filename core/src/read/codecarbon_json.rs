//! CodeCarbon's `LoggerOutput` (one JSON object a line, often behind the prefix of Python's logging) and its BoAmps report.
//!
//! The lines carry the columns of `emissions.csv`, `null` where the csv has an empty cell, and are running totals of a run as well.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::codecarbon::{BoAmps, Column, ESSENTIAL, Record, RowOptions, Runs, declare};
use super::{Evidence, Format, Head, Line, LocalClock, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};
use crate::decode::json::{JsonError, Object, Value, without_nan};
use crate::note;

/// CodeCarbon JSON.
pub static FORMAT: Format = Format {
    id: "codecarbon_json",
    name: "CodeCarbon JSON",
    how_to_log: "EmissionsTracker(save_to_logger=True, logging_logger=LoggerOutput(logger))   (one JSON object a line)",
    sniff,
    open,
};

/// A logger's first record may stand below other lines.
const LINES_TO_A_RECORD: usize = 200;

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    if BoAmps::is_begun_by(head.bytes) {
        return Some(Evidence { score: 95, reason: String::from("a BoAmps report whose measurementMethod is codecarbon") });
    }
    let known = head.lines().take(LINES_TO_A_RECORD).find_map(|line| {
        let text = without_nan(object_in(line)?);
        let object = Object::parse(&text).ok()?;
        is_record(&object).then(|| object.entries().filter(|(key, _)| Column::named(key.as_bytes()).is_some()).count())
    })?;
    Some(Evidence { score: 95, reason: format!("JSON objects with {known} of CodeCarbon's columns") })
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let clock = LocalClock::new(options.zone.clone());
    if BoAmps::is_begun_by(head.bytes) {
        return Ok(Box::new(BoAmps::new(clock)));
    }
    Ok(Box::new(Json { runs: Runs::new(options), clock, rows: RowOptions::of(options) }))
}

/// What may be a JSON object in a line: from its first brace on.
fn object_in(line: &[u8]) -> Option<&[u8]> {
    line.get(memchr::memchr(b'{', line)?..)
}

fn is_record(object: &Object<'_>) -> bool {
    ESSENTIAL.iter().all(|column| object.has(column.name())) && object.has(Column::RunId.name())
}

struct Json {
    runs: Runs,
    clock: LocalClock,
    rows: RowOptions,
}

impl Reader for Json {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if line.text.trim_ascii().is_empty() {
            return Row::Structure;
        }
        let Some(text) = object_in(line.text) else {
            return unknown(line, out);
        };
        let text = without_nan(text);
        let object = match Object::parse(&text) {
            Ok(object) if is_record(&object) => object,
            Err(JsonError::Cut) if line.unterminated => return Row::Skipped(SkipReason::LastLineCut),
            Err(_) if memchr::memmem::find(&text, b"\"energy_consumed\"").is_some() => return torn(line, out),
            _ => return unknown(line, out),
        };
        let cells: Vec<(Column, Cow<'_, str>)> = object.entries().filter_map(|(key, value)| cell(key, value)).collect();
        let mut record = Record::empty();
        for (column, text) in &cells {
            record.set(*column, text.as_bytes());
        }
        match declare(&record, line.number, &mut self.clock, &self.rows) {
            Ok(candidate) => self.runs.add(candidate, out),
            Err(SkipReason::Torn) => torn(line, out),
            Err(reason) => Row::Skipped(reason),
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        self.runs.finish(out);
    }
}

fn cell<'t>(key: &str, value: Value<'t>) -> Option<(Column, Cow<'t, str>)> {
    let column = Column::named(key.as_bytes())?;
    match value {
        Value::Number(text) => Some((column, Cow::Borrowed(text))),
        Value::Text(text) => Some((column, text)),
        _ => None,
    }
}

fn torn(line: Line<'_>, out: &mut Reading) -> Row {
    out.notes.add(&note::ROWS_TORN, "", Some(line.number), || {
        String::from("a record is no JSON object, or its values are not what they should be")
    });
    Row::Skipped(SkipReason::Torn)
}

fn unknown(line: Line<'_>, out: &mut Reading) -> Row {
    out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || String::from("a line holds no record of CodeCarbon"));
    Row::Skipped(SkipReason::Unknown)
}
