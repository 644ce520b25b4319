//! Formats as users write them, in TOML or JSON: the same rows as in `formats/`, and ours printed so.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Layout, LineDoes, LineRow, MeterRow, MetricsShape, Names, Only, Shape, Syntax, TableShape, TimeField, TimeKind, TreeShape};
use crate::decode::table::Unit;
use crate::read::{Format, ReadBy};
use crate::series::{Component, CounterRange, Instrument, Quantity};
use crate::units::Span;
use crate::units::calendar::DateOrder;

/// A file of formats.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormatsText {
    /// Each format.
    pub format: Vec<FormatText>,
}

/// A format in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormatText {
    /// Stable id: producer, then shape.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// A command that writes such a log.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub how_to_log: String,
    /// How fields are laid out: `table`, `json`, `xml`, `indented`, `lines`, `exposition`, `line_protocol`.
    pub shape: String,
    /// What only such a log holds: columns of a table, else pieces of text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signature: Vec<String>,
    /// What such a log never holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign: Vec<String>,
    /// Columns that may stand beside those that are named here, where any other shows that a table is none of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
    /// Names of files, of logs that say nothing of themselves inside; of folders, with `/` behind, in which other such files are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// Files of these names are runs of their own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub one_run: bool,
    /// The tool, where only one writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The order of the parts of dates: `year_first`, `day_first`, `month_first`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
    /// Paths of what is a row of a tree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<String>,
    /// A field of a tree that another names: the one that holds the name, the one that gets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed: Option<[String; 2]>,
    /// What is odd about a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<TableText>,
    /// Templates of lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineText>,
    /// Rows that count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<OnlyText>,
    /// Counters began at 0 when the log's time did.
    #[serde(default, skip_serializing_if = "is_false")]
    pub counts_from_zero: bool,
    /// Readings that stand further apart than so many seconds were taken by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_s: Option<u32>,
    /// What to do where such a log holds nothing that is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacking: Option<String>,
    /// Of trees: a part behind which the rows inside are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
    /// Of trees: fields that hold the name of a label, and how the field beside them begins that holds its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<[String; 2]>,
    /// The clock, by preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub time: Vec<TimeText>,
    /// What names hosts and devices.
    #[serde(default, skip_serializing_if = "NamesText::is_empty")]
    pub names: NamesText,
    /// What is measured.
    pub meters: Vec<MeterText>,
}

/// What is odd about a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableText {
    /// Lines of the header.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub header_lines: usize,
    /// Starts of lines that are no rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub structure: Vec<String>,
    /// Columns of a table without a header.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// What cuts its rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The header may stand below many lines of other text.
    #[serde(default, skip_serializing_if = "is_false")]
    pub preamble: bool,
    /// A line of that text that states how far apart rows are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub states_interval: Option<String>,
    /// A line of that text that states when the log began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub states_begin: Option<String>,
    /// The first cell of the header ends in the minutes by which the clock is behind UTC.
    #[serde(default, skip_serializing_if = "is_false")]
    pub minutes_west: bool,
    /// Names of the two that the first column is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_is_two: Option<[String; 2]>,
}

/// A template of a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineText {
    /// `CPU Power: {cpu}`.
    pub template: String,
    /// `begins`, `adds`, `ends`, `stays`.
    pub does: String,
}

/// Rows in which a field is one of some words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnlyText {
    /// The field.
    pub field: String,
    /// The words.
    pub is: Vec<String>,
}

/// A field of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeText {
    /// Its name; of a date and a time apart, both.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// `stamp`, `time_of_day`, `elapsed_s`, `elapsed_ms`, `duration_s`, `duration_ms`, `lines`, …
    pub kind: String,
}

/// Fields that name hosts and devices.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NamesText {
    /// Run, of tables that hold several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<String>,
    /// Host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host: Vec<String>,
    /// Unique id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uuid: Vec<String>,
    /// PCI bus id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bus_id: Vec<String>,
    /// Serial.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub serial: Vec<String>,
    /// Number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub index: Vec<String>,
    /// Model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub model: Vec<String>,
    /// Parts of a device that add up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub part: Vec<String>,
    /// Parts that repeat what the device reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repeats: Vec<String>,
}

/// One thing that is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeterText {
    /// Its fields by preference.
    pub fields: Vec<String>,
    /// Part of the computer: `cpu`, `gpu`, `memory`, `node`, …
    pub component: String,
    /// `power`, `power_mean`, `power_held`, `interval_energy`, `counter`, `counter_rapl`.
    pub quantity: String,
    /// Unit of values that state none: `W`, `mW`, `J`, `uJ`, `kWh`.
    pub unit: String,
    /// What reads it: a word of the table of instruments.
    #[serde(default = "not_stated", skip_serializing_if = "is_not_stated")]
    pub instrument: String,
    /// Rows that have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<OnlyText>,
    /// Rows that have it, by fields that must be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub having: Vec<OnlyText>,
    /// 0 says that there is no reading.
    #[serde(default, skip_serializing_if = "is_false")]
    pub no_zero: bool,
    /// Columns of one name are devices of their own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub each_column: bool,
    /// Of the machine, whatever device a row names.
    #[serde(default, skip_serializing_if = "is_false")]
    pub of_machine: bool,
    /// Not counted: what counts instead, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<[String; 2]>,
    /// Pieces of text, one of which shows that what counts instead is there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
}

fn one() -> usize {
    1
}

fn is_one(count: &usize) -> bool {
    *count == 1
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn not_stated() -> String {
    Instrument::NotStated.as_str().to_string()
}

fn is_not_stated(word: &String) -> bool {
    word == Instrument::NotStated.as_str()
}

impl NamesText {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Words of the enums, in both directions.
const DOES: [(&str, LineDoes); 7] = [
    ("adds", LineDoes::Adds),
    ("begins", LineDoes::Begins),
    ("ends", LineDoes::Ends),
    ("stays", LineDoes::Stays),
    ("within_1", LineDoes::Within(1)),
    ("within_2", LineDoes::Within(2)),
    ("within_3", LineDoes::Within(3)),
];
const DATES: [(&str, DateOrder); 3] =
    [("day_first", DateOrder::DayFirst), ("month_first", DateOrder::MonthFirst), ("year_first", DateOrder::YearFirst)];
const TIMES: [(&str, TimeKind); 14] = [
    ("begins", TimeKind::Begins),
    ("duration_ms", TimeKind::Duration(3)),
    ("duration_ns", TimeKind::Duration(9)),
    ("duration_s", TimeKind::Duration(0)),
    ("elapsed_ms", TimeKind::Elapsed(3)),
    ("elapsed_ns", TimeKind::Elapsed(9)),
    ("elapsed_s", TimeKind::Elapsed(0)),
    ("lines", TimeKind::Lines),
    ("stamp", TimeKind::Stamp),
    ("start", TimeKind::Start),
    ("time_of_day", TimeKind::TimeOfDay),
    ("window_ms", TimeKind::Window(3)),
    ("window_s", TimeKind::Window(0)),
    ("window_us", TimeKind::Window(6)),
];
const QUANTITIES: [(&str, Quantity); 7] = [
    ("counter", Quantity::Counter(CounterRange::Unbounded)),
    ("counter_rapl", Quantity::Counter(CounterRange::Rapl)),
    ("interval_energy", Quantity::IntervalEnergy),
    ("power", Quantity::Power),
    ("power_estimated", Quantity::PowerEstimated),
    ("power_held", Quantity::PowerHeld),
    ("power_mean", Quantity::PowerMean),
];
const UNITS: [&str; 11] = ["W", "mW", "uW", "kW", "J", "mJ", "uJ", "kJ", "Wh", "kWh", "Wmin"];

/// The value of a word, or what could stand there.
fn meant<T: Copy>(what: &str, word: &str, words: &[(&str, T)]) -> Result<T, String> {
    words.iter().find(|(own, _)| *own == word).map(|(_, value)| *value).ok_or_else(|| {
        let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("{what}: found {word:?}, expected one of {}", all.join(", "))
    })
}

fn word<T: PartialEq>(value: T, words: &[(&str, T)]) -> String {
    words.iter().find(|(_, own)| *own == value).map_or_else(String::new, |(word, _)| (*word).to_string())
}

/// Keeps what a format is made of for as long as the program runs: a format of the user's is like one of ours.
fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn text(text: String) -> &'static str {
    String::leak(text)
}

fn texts(all: Vec<String>) -> &'static [&'static str] {
    Vec::leak(all.into_iter().map(text).collect())
}

fn only(all: Vec<OnlyText>) -> &'static [Only] {
    Vec::leak(all.into_iter().map(|only| Only { field: text(only.field), is: texts(only.is) }).collect())
}

fn strings(all: &[&str]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

fn only_texts(all: &[Only]) -> Vec<OnlyText> {
    all.iter().map(|only| OnlyText { field: only.field.to_string(), is: strings(only.is) }).collect()
}

impl FormatText {
    /// The format that it describes.
    ///
    /// # Errors
    /// With the format, what was found in it and what was expected.
    pub fn format(self) -> Result<&'static Format, String> {
        let id = self.id.clone();
        self.built().and_then(super::holes::complete).map(kept).map_err(|error| format!("format {id:?}: {error}"))
    }

    fn built(self) -> Result<Format, String> {
        let shape = self.shape()?;
        if self.meters.is_empty() {
            return Err("meters: found none, expected what is measured".to_string());
        }
        // Metrics are known by their names.
        if self.signature.is_empty() && self.files.is_empty() && !matches!(shape, Shape::Metrics(_)) {
            return Err("signature: found nothing, expected what only such a log holds".to_string());
        }
        let meters = self.meters.into_iter().map(MeterText::row).collect::<Result<Vec<_>, _>>()?;
        let time = self.time.into_iter().map(|time| Ok(TimeField { kind: meant("time", &time.kind, &TIMES)?, fields: texts(time.fields) }));
        let NamesText { run, host, uuid, bus_id, serial, index, model, part, repeats } = self.names;
        let names = [run, host, uuid, bus_id, serial, index, model, part, repeats].map(texts);
        let [run, host, uuid, bus_id, serial, index, model, part, repeats] = names;
        let layout = Layout {
            shape,
            signature: texts(self.signature),
            foreign: texts(self.foreign),
            beside: texts(self.beside),
            files: texts(self.files),
            one_run: self.one_run,
            tool: self.tool.map(text),
            time: Vec::leak(time.collect::<Result<Vec<_>, String>>()?),
            dates: self.dates.map_or(Ok(DateOrder::YearFirst), |order| meant("dates", &order, &DATES))?,
            names: Names { run, host, uuid, bus_id, serial, index, model, part, repeats },
            meters: Vec::leak(meters),
            only: only(self.only),
            counts_from_zero: self.counts_from_zero,
            longest: self.longest_s.map(|seconds| Span::from_micros(i64::from(seconds) * 1_000_000)),
            lacking: self.lacking.map(text),
            behind: self.behind.map(text),
            pairs: self.pairs.map(|[name, value]| (text(name), text(value))),
            ..Layout::of(shape)
        };
        Ok(Format { id: text(self.id), name: text(self.name), how_to_log: text(self.how_to_log), read_by: ReadBy::Layout(layout) })
    }

    fn shape(&self) -> Result<Shape, String> {
        let tree = |syntax| {
            let renamed = self.renamed.clone().map(|[by, field]| (text(by), text(field)));
            let rows = if self.rows.is_empty() { alloc::vec![String::new()] } else { self.rows.clone() };
            Shape::Tree(TreeShape { syntax, rows: texts(rows), renamed })
        };
        Ok(match self.shape.as_str() {
            "table" => Shape::Table(self.table.clone().map_or(Ok(TableShape::PLAIN), TableText::shape)?),
            "json" => tree(Syntax::Json),
            "xml" => tree(Syntax::Xml),
            "indented" => tree(Syntax::Indented),
            "lines" => {
                let rows = self
                    .lines
                    .iter()
                    .map(|line| Ok(LineRow { template: text(line.template.clone()), does: meant("does", &line.does, &DOES)? }));
                Shape::Lines(Vec::leak(rows.collect::<Result<Vec<_>, String>>()?))
            }
            "exposition" => Shape::Metrics(MetricsShape::Exposition),
            "ranges" => Shape::Metrics(MetricsShape::Ranges),
            "line_protocol" => Shape::Metrics(MetricsShape::LineProtocol),
            other => {
                return Err(format!(
                    "shape: found {other:?}, expected table, json, xml, indented, lines, exposition, ranges or line_protocol"
                ));
            }
        })
    }

    /// A format of ours in words; `None` where code of its own reads it, its rows are totals or carbon intensities, or it is refused.
    pub fn of(format: &Format) -> Option<FormatText> {
        let ReadBy::Layout(layout @ Layout { totals: None, intensity: None, meters: [_, ..], .. }) = &format.read_by else { return None };
        let Layout { shape, signature, foreign, beside, files, one_run, tool, time, dates, names, meters, only, .. } = *layout;
        let Layout { counts_from_zero, longest, lacking, behind, pairs, .. } = *layout;
        let (mut table, mut rows, mut renamed, mut lines) = (None, Vec::new(), None, Vec::new());
        let shape = match shape {
            Shape::Table(shape) => {
                table = TableText::of(shape);
                "table"
            }
            Shape::Tree(shape) => {
                rows = strings(shape.rows);
                renamed = shape.renamed.map(|(by, field)| [by.to_string(), field.to_string()]);
                match shape.syntax {
                    Syntax::Json => "json",
                    Syntax::Xml => "xml",
                    Syntax::Indented => "indented",
                }
            }
            Shape::Lines(templates) => {
                lines.extend(templates.iter().map(|row| LineText { template: row.template.to_string(), does: word(row.does, &DOES) }));
                "lines"
            }
            Shape::Metrics(MetricsShape::Exposition) => "exposition",
            Shape::Metrics(MetricsShape::Ranges) => "ranges",
            Shape::Metrics(MetricsShape::LineProtocol) => "line_protocol",
        };
        let Names { run, host, uuid, bus_id, serial, index, model, part, repeats } = names;
        Some(FormatText {
            id: format.id.to_string(),
            name: format.name.to_string(),
            how_to_log: format.how_to_log.to_string(),
            shape: shape.to_string(),
            signature: strings(signature),
            foreign: strings(foreign),
            beside: strings(beside),
            files: strings(files),
            one_run,
            tool: tool.map(ToString::to_string),
            dates: (dates != DateOrder::YearFirst).then(|| word(dates, &DATES)),
            rows,
            renamed,
            table,
            lines,
            only: only_texts(only),
            counts_from_zero,
            longest_s: longest.and_then(|span| u32::try_from(span.as_micros() / 1_000_000).ok()),
            lacking: lacking.map(ToString::to_string),
            behind: behind.map(ToString::to_string),
            pairs: pairs.map(|(name, value)| [name.to_string(), value.to_string()]),
            time: time.iter().map(|time| TimeText { fields: strings(time.fields), kind: word(time.kind, &TIMES) }).collect(),
            names: NamesText {
                run: strings(run),
                host: strings(host),
                uuid: strings(uuid),
                bus_id: strings(bus_id),
                serial: strings(serial),
                index: strings(index),
                model: strings(model),
                part: strings(part),
                repeats: strings(repeats),
            },
            meters: meters.iter().map(MeterText::of).collect(),
        })
    }
}

impl TableText {
    fn shape(self) -> Result<TableShape, String> {
        let delimiter =
            self.delimiter.map(|delimiter| u8::try_from(delimiter).map_err(|_| format!("delimiter: found {delimiter:?}, expected a byte")));
        Ok(TableShape {
            header_lines: self.header_lines,
            structure: texts(self.structure),
            columns: texts(self.columns),
            delimiter: delimiter.transpose()?,
            first_is_two: self.first_is_two.map(|names| names.map(text)),
            preamble: self.preamble,
            states_interval: self.states_interval.map(text),
            states_begin: self.states_begin.map(text),
            minutes_west: self.minutes_west,
        })
    }

    fn of(shape: TableShape) -> Option<TableText> {
        let TableShape { header_lines, structure, columns, delimiter, first_is_two, preamble, states_interval, states_begin, minutes_west } =
            shape;
        let table = TableText {
            header_lines,
            structure: strings(structure),
            columns: strings(columns),
            delimiter: delimiter.map(char::from),
            first_is_two: first_is_two.map(|names| names.map(ToString::to_string)),
            preamble,
            states_interval: states_interval.map(ToString::to_string),
            states_begin: states_begin.map(ToString::to_string),
            minutes_west,
        };
        let plain = TableText { header_lines: 1, ..TableText::default() };
        (table != plain).then_some(table)
    }
}

impl MeterText {
    fn row(self) -> Result<MeterRow, String> {
        let component = Component::named(&self.component).ok_or_else(|| {
            format!("component: found {:?}, expected one of {}", self.component, Component::ALL.map(Component::as_str).join(", "))
        })?;
        let instrument = Instrument::ALL.into_iter().find(|own| own.as_str() == self.instrument).ok_or_else(|| {
            format!("instrument: found {:?}, expected one of {}", self.instrument, Instrument::ALL.map(Instrument::as_str).join(", "))
        })?;
        let unit = Unit::symbol(self.unit.as_bytes())
            .ok_or_else(|| format!("unit: found {:?}, expected one of {}", self.unit, UNITS.join(", ")))?;
        Ok(MeterRow {
            fields: texts(self.fields),
            component,
            quantity: meant("quantity", &self.quantity, &QUANTITIES)?,
            instrument,
            unit,
            only: only(self.only),
            having: only(self.having),
            no_zero: self.no_zero,
            each_column: self.each_column,
            beside: texts(self.beside),
            of_row: !self.of_machine,
            aside: self.aside.map(|[kept, reason]| (text(kept), text(reason))),
        })
    }

    fn of(row: &MeterRow) -> MeterText {
        let MeterRow { fields, component, quantity, instrument, unit, only, having, no_zero, of_row, each_column, aside, beside } = *row;
        MeterText {
            fields: strings(fields),
            component: component.as_str().to_string(),
            quantity: word(quantity, &QUANTITIES),
            unit: UNITS.into_iter().find(|word| Unit::symbol(word.as_bytes()) == Some(unit)).unwrap_or("").to_string(),
            instrument: instrument.as_str().to_string(),
            only: only_texts(only),
            having: only_texts(having),
            no_zero,
            each_column,
            beside: strings(beside),
            of_machine: !of_row,
            aside: aside.map(|(kept, reason)| [kept.to_string(), reason.to_string()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::FORMATS;

    #[test]
    fn formats_of_ours_read_back_as_they_are() {
        let ours: Vec<&Format> = FORMATS.iter().copied().filter(|format| FormatText::of(format).is_some()).collect();
        assert!(!ours.is_empty());
        for format in ours {
            let text = FormatText::of(format).expect("words");
            let again = serde_json::from_str::<FormatText>(&serde_json::to_string(&text).expect("JSON")).expect("a format");
            assert_eq!(again, text, "{}", format.id);
            let (ReadBy::Layout(own), ReadBy::Layout(read)) = (&format.read_by, &again.format().expect("a format").read_by) else {
                panic!("{}: no layout", format.id)
            };
            assert_eq!(format!("{own:?}"), format!("{read:?}"), "{}", format.id);
        }
    }

    #[test]
    fn errors_name_the_format_and_what_could_stand_there() {
        let format = |changed: &str| {
            let text = r#"{"id":"mine","name":"mine","shape":"table","signature":["p"],"meters":[{"fields":["p"],"component":"gpu","quantity":"power","unit":"W"}]}"#;
            let (from, to) = changed.split_once('>').expect("a change");
            serde_json::from_str::<FormatText>(&text.replace(from, to)).expect("a format").format().map(|format| format.id)
        };
        assert_eq!(format("x>x"), Ok("mine"));
        for (changed, expected) in [
            ("table>tables", "expected table, json"),
            ("\"gpu\">\"gpus\"", "expected one of cpu"),
            ("\"power\">\"powers\"", "expected one of counter"),
            ("\"W\">\"Watt hours\"", "expected one of W"),
            ("\"signature\":[\"p\"]>\"signature\":[]", "what only such a log holds"),
        ] {
            let error = format(changed).expect_err("no format");
            assert!(error.starts_with("format \"mine\"") && error.contains(expected), "{error}");
        }
    }
}
