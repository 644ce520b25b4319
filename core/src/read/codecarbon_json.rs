//! CodeCarbon's data as JSON: its `LoggerOutput` (one object a line, often behind the prefix of Python's logging), what people write of
//! `final_emissions_data` (an object, a list of them, under whatever key, printed as it pleases), and its BoAmps report.
//!
//! The objects carry the columns of `emissions.csv`, `null` where the csv has an empty cell. Of one run they are running totals as well.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::codecarbon::{BoAmps, Column, ESSENTIAL, Record, RowOptions, Runs, declare, lost_run};
use super::{Evidence, Format, Head, Line, LocalClock, ReadBy, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};
use crate::bounds::Bounds;
use crate::decode::json::{Object, Value, without_nan};
use crate::decode::json_objects::Objects;
use crate::note;

/// CodeCarbon JSON.
pub static FORMAT: Format = Format {
    id: "codecarbon_json",
    name: "CodeCarbon JSON",
    how_to_log: "EmissionsTracker(save_to_logger=True, logging_logger=LoggerOutput(logger))   (one JSON object a line)",
    read_by: ReadBy::Code { most: 95, sniff, open },
};

/// A logger's first record may stand below other lines.
const LINES_TO_A_RECORD: usize = 200;

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    if BoAmps::is_begun_by(head.bytes) {
        return Some(Evidence { score: 95, reason: String::from("a BoAmps report whose measurementMethod is codecarbon") });
    }
    let known = known_in_lines(head).or_else(|| known_in_document(head))?;
    Some(Evidence { score: 95, reason: format!("JSON objects with {known} of CodeCarbon's columns") })
}

/// How many of CodeCarbon's columns the first record has that lies in a line of its own.
fn known_in_lines(head: &Head<'_>) -> Option<usize> {
    head.lines().take(LINES_TO_A_RECORD).find_map(|line| {
        let text = without_nan(object_in(line)?);
        let object = Object::parse(&text).ok()?;
        is_record(&object).then(|| known(&object))
    })
}

/// The same of the first record that lies anywhere.
fn known_in_document(head: &Head<'_>) -> Option<usize> {
    memchr::memmem::find(head.bytes, b"\"energy_consumed\"")?;
    let (mut objects, mut found) = (Objects::default(), None);
    for line in head.lines() {
        objects.push(line, 0, |text, _| {
            found = found.or_else(|| record_of(text, |object| is_record_anywhere(object).then(|| known(object))).flatten());
        });
        objects.end_line();
        if found.is_some() {
            break;
        }
    }
    found
}

fn known(object: &Object<'_>) -> usize {
    object.entries().filter(|(key, _)| Column::named(key.as_bytes()).is_some()).count()
}

/// What `read` makes of an object that may be a record.
fn record_of<T>(text: &[u8], read: impl FnOnce(&Object<'_>) -> T) -> Option<T> {
    names_energy(text).then(|| without_nan(text)).and_then(|text| Object::parse(&text).ok().map(|object| read(&object)))
}

/// Whether text that is no record was to be one.
fn names_energy(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"\"energy_consumed\"").is_some()
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let clock = LocalClock::new(options.zone.clone());
    if BoAmps::is_begun_by(head.bytes) {
        return Ok(Box::new(BoAmps::new(clock)));
    }
    let (runs, rows) = (Runs::new(options), RowOptions::of(options));
    if known_in_lines(head).is_none() {
        return Ok(Box::new(Document { objects: Objects::default(), json: Json { runs, clock, rows: rows.undated() } }));
    }
    Ok(Box::new(Json { runs, clock, rows }))
}

/// What may be a JSON object in a line: from its first brace on.
fn object_in(line: &[u8]) -> Option<&[u8]> {
    line.get(memchr::memchr(b'{', line)?..)
}

fn is_record(object: &Object<'_>) -> bool {
    ESSENTIAL.iter().all(|column| object.has(column.name())) && object.has(Column::RunId.name())
}

/// A record by itself, without the columns that only the csv must have.
fn is_record_anywhere(object: &Object<'_>) -> bool {
    [Column::EnergyConsumed, Column::Duration, Column::CpuEnergy].iter().all(|column| object.has(column.name()))
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
            Err(_) if line.unterminated => return Row::Skipped(SkipReason::LastLineCut),
            Err(_) if names_energy(&text) => return torn(line, out),
            _ => return unknown(line, out),
        };
        match self.record(&object, line.number, out) {
            Row::Skipped(SkipReason::Torn) => torn(line, out),
            row => row,
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        self.runs.finish(out);
    }
}

impl Json {
    fn record(&mut self, object: &Object<'_>, line: u64, out: &mut Reading) -> Row {
        let cells: Vec<(Column, Cow<'_, str>)> = object.entries().filter_map(|(key, value)| cell(key, value)).collect();
        let mut record = Record::empty();
        for (column, text) in &cells {
            record.set(*column, text.as_bytes());
        }
        match declare(&record, line, &mut self.clock, &self.rows) {
            Ok(candidate) => self.runs.add(candidate, out),
            Err(reason) => {
                lost_run(reason, line, out);
                Row::Skipped(reason)
            }
        }
    }
}

/// A document whose records lie over several lines, or several in one.
struct Document {
    objects: Objects,
    json: Json,
}

impl Document {
    fn take(&mut self, bytes: &[u8], number: u64, out: &mut Reading) {
        let json = &mut self.json;
        self.objects.push(bytes, number, |text, line| {
            let row = record_of(text, |object| is_record_anywhere(object).then(|| json.record(object, line, out)));
            match row.unwrap_or_else(|| names_energy(text).then_some(Row::Skipped(SkipReason::Torn))) {
                None => {}
                Some(Row::Used) => out.rows.used += 1,
                Some(Row::Skipped(SkipReason::Torn)) => {
                    let _ = torn(Line { text, number: line, unterminated: false }, out);
                    out.rows.skip(SkipReason::Torn, line, 1);
                }
                Some(Row::Skipped(reason)) => out.rows.skip(reason, line, 1),
                Some(Row::Structure) => {}
            }
        });
    }
}

impl Reader for Document {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        self.take(line.text, line.number, out);
        // What is open at the end of the file was cut.
        if !line.unterminated {
            self.objects.end_line();
        }
        Row::Structure
    }

    fn piece(&mut self, piece: &[u8], number: u64, out: &mut Reading) -> bool {
        self.take(piece, number, out);
        true
    }

    fn finish(&mut self, out: &mut Reading) {
        let begun = |text: &[u8]| {
            [&b"\"timestamp\""[..], b"\"run_id\"", b"\"duration\""].iter().any(|key| memchr::memmem::find(text, key).is_some())
        };
        if let Some((_, line)) = self.objects.cut().filter(|(text, _)| begun(text)) {
            out.rows.skip(SkipReason::LastLineCut, line, 1);
            out.notes.add(&note::LAST_LINE_CUT, "", Some(line), || String::from("the last record has no end and is not used"));
        }
        for (bound, count) in self.objects.passed_over() {
            out.beyond(bound, &Bounds::default(), None, &format!("{count} objects are left out"));
        }
        self.json.finish(out);
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
    lost_run(SkipReason::Torn, line.number, out);
    out.notes.add(&note::ROWS_TORN, "", Some(line.number), || {
        String::from("a record is no JSON object, or its values are not what they should be")
    });
    Row::Skipped(SkipReason::Torn)
}

fn unknown(line: Line<'_>, out: &mut Reading) -> Row {
    out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || String::from("a line holds no record of CodeCarbon"));
    Row::Skipped(SkipReason::Unknown)
}
