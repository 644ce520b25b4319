//! A BoAmps report, as CodeCarbon writes one beside its csv: one JSON document, one energy, nothing on how it is made up.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::STAMPS;
use crate::bounds::{self, Bounds};
use crate::decode::json::{Object, Value};
use crate::decode::quantity;
use crate::note;
use crate::read::{Clock, Declared, DeclaredPart, Line, LocalClock, Place, Reader, Reading, Row, SkipReason};
use crate::series::{Component, Instrument};
use crate::units::{Energy, Span, calendar};

/// A longer document is no report.
const LONGEST_DOCUMENT: usize = bounds::DOCUMENT_BYTES.value as usize;

/// Reads a whole document. Its energy is a summary: the csv of the same run has the parts, the PUE and the place.
#[derive(Debug)]
pub(in crate::read) struct BoAmps {
    document: Vec<u8>,
    clock: LocalClock,
    first: Option<u64>,
    too_long: bool,
}

impl BoAmps {
    /// A reader whose local stamps are on `clock`.
    pub(in crate::read) fn new(clock: LocalClock) -> Self {
        Self { document: Vec::new(), clock, first: None, too_long: false }
    }

    /// Whether a file begins like a report of CodeCarbon's.
    pub(in crate::read) fn is_begun_by(head: &[u8]) -> bool {
        Self::is_report(head) && Self::is_of_codecarbon(head)
    }

    /// Whether it begins like one of another tool's. What this tool writes is made of logs, which count themselves.
    pub(in crate::read) fn is_of_another_tool(head: &[u8]) -> bool {
        Self::is_report(head) && !Self::is_of_codecarbon(head) && memchr::memmem::find(head, b"carbon-report").is_none()
    }

    fn is_report(head: &[u8]) -> bool {
        let has = |word: &[u8]| memchr::memmem::find(head, word).is_some();
        head.trim_ascii_start().starts_with(b"{") && has(b"\"measurementMethod\"") && has(b"\"powerConsumption\"")
    }

    fn is_of_codecarbon(head: &[u8]) -> bool {
        [&b"\"codecarbon\""[..], b"\"CodeCarbon\""].iter().any(|name| memchr::memmem::find(head, name).is_some())
    }

    fn declared(&mut self) -> Result<(Declared, Clock), &'static str> {
        let report = Object::parse(&self.document).map_err(|_| "the document is no JSON object, or was cut")?;
        let measures: Vec<Value<'_>> = report.list("measures").map(|list| list.iter().collect()).unwrap_or_default();
        let [Value::Object(measure)] = measures.as_slice() else {
            return Err("the report has several measures, which may be of one energy, or none");
        };
        // The name says power; the schema's unit is the kilowatt-hour.
        let energy = measure
            .number("powerConsumption")
            .and_then(|text| quantity::kilowatt_hours(text.as_bytes()))
            .filter(|e| *e >= Energy::ZERO)
            .ok_or("powerConsumption is no energy")?;
        let duration = measure.number("measurementDuration").and_then(|text| quantity::seconds(text.as_bytes()));
        let stamp = measure.text("measurementDateTime").and_then(|text| calendar::parse_stamp(text.as_bytes()));
        let zoned = stamp.is_some_and(|s| s.zoned);
        let end = stamp.map(|s| if s.zoned { s.at } else { self.clock.resolve(s.at) });
        let version = measure.text("version");
        let environment = report.object("environment");
        let place = |key| environment.as_ref().and_then(|e| e.text(key)).map(Cow::into_owned);
        let part = DeclaredPart::of(Component::Unsplit, energy, Instrument::TrackerUnstated);
        let method = measure.text("measurementMethod").filter(|method| !method.eq_ignore_ascii_case("codecarbon"));
        let name = method.map_or_else(|| String::from("CodeCarbon"), Cow::into_owned);
        let tool = version.map_or_else(|| name.clone(), |v| format!("{name} {v}"));
        let declared = Declared {
            run: report.object("header").and_then(|h| h.text("reportId")).map(Cow::into_owned),
            period: end.zip(duration.filter(|d| *d >= Span::ZERO)).map(|(end, d)| (end.plus(Span::from_micros(-d.as_micros())), end)),
            end_known_to: STAMPS,
            duration: duration.filter(|d| *d >= Span::ZERO),
            parts: if energy == Energy::ZERO { Vec::new() } else { alloc::vec![part] },
            energy_as_logged: Some(energy),
            // CodeCarbon multiplies by the PUE that it was given, 1 where it was given none, and a report has no word for it.
            pue_may_be_inside: energy > Energy::ZERO,
            place: Place { country: place("country"), ..Place::default() }.said(),
            summary: true,
            ..Declared::by(tool, self.first.unwrap_or(1))
        };
        Ok((declared, Clock::of(zoned, self.clock.knows_zone())))
    }
}

impl Reader for BoAmps {
    fn line(&mut self, line: Line<'_>, _: &mut Reading) -> Row {
        if self.document.len() + line.text.len() < LONGEST_DOCUMENT {
            self.document.extend_from_slice(line.text);
            self.document.push(b'\n');
        } else {
            self.too_long = true;
        }
        if self.first.is_none() && !line.text.trim_ascii().is_empty() {
            self.first = Some(line.number);
        }
        Row::Structure
    }

    fn finish(&mut self, out: &mut Reading) {
        match self.declared() {
            Ok((declared, clock)) => {
                out.clock = clock;
                out.tool = Some(String::from(&*declared.tool));
                if declared.parts.is_empty() {
                    out.notes
                        .add(&note::NOT_MEASURED, "", Some(declared.line), || String::from("powerConsumption is 0: nothing was measured"));
                    out.rows.skip(SkipReason::NoReading, declared.line, 1);
                } else {
                    out.rows.used += 1;
                }
                out.declared.push(declared);
            }
            Err(reason) => {
                out.refused = true;
                if self.too_long {
                    out.beyond(&bounds::DOCUMENT_BYTES, &Bounds::default(), self.first, "the document is not used");
                }
                let hint = String::from("give the logs that the report was made of: of CodeCarbon, the emissions.csv of the run");
                out.notes.add_with_hint(&note::FORMAT_REFUSED, self.first, format!("BoAmps report: {reason}"), hint);
                out.rows.skip(SkipReason::Torn, self.first.unwrap_or(1), 1);
            }
        }
    }
}
