//! Formats as data: what a log's fields mean, as rows; one interpreter recognises, plans and reads them.
//!
//! A [`Layout`] says which fields a log has and what each measures. The fields are named by what surrounds them, in lower case: the column of a
//! table (`power.draw`), the path in a tree (`power.socket_power.value`), the capture of a line (`CPU Power: {cpu}` has a field `cpu`), the name of
//! a metric. A name may hold `{n}`, the number of a device, `{}`, any word that does not matter, and `*`, anything.
//!
//! A format of a shape that is here is a row in `formats/`, and no code.

mod fields;
#[cfg(feature = "formats")]
mod holes;
mod lines;
mod metrics;
mod pattern;
mod records;
mod steps;
mod table;
#[cfg(feature = "formats")]
pub mod text;
mod totals;
mod tree;
mod windows;
mod words;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

pub(super) use fields::Fields;
pub use pattern::Pattern;
pub(super) use tree::{Rows, TreeReader, Values, first_rows};
pub(super) use words::said_twice;

use super::{Evidence, Head, ReadOptions, Reader, Refusal};
use crate::decode::table::Unit;
use crate::series::{Component, CounterRange, Instrument, Quantity};
use crate::units::Span;
use crate::units::calendar::DateOrder;

/// What the fields of a log mean.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// How fields are laid out.
    pub shape: Shape,
    /// What only such a log holds, each of which must be there: columns of a table, else pieces of text in the head.
    pub signature: &'static [&'static str],
    /// What such a log never holds: another format looks like it.
    pub foreign: &'static [&'static str],
    /// Columns that may stand beside those of its signature, meters and times, where any other shows that a table is none of these.
    pub beside: &'static [&'static str],
    /// Names of files, in lower case, of logs that say nothing of themselves inside. One that ends in `/` is of a folder: what has such rows in it and another
    /// name is no log.
    pub files: &'static [&'static str],
    /// A file of one of these names is a run of its own, which goes on from no other.
    pub one_run: bool,
    /// The tool, where only one writes it.
    pub tool: Option<&'static str>,
    /// The clock, by preference.
    pub time: &'static [TimeField],
    /// The order of the parts of dates.
    pub dates: DateOrder,
    /// What names hosts and devices.
    pub names: Names,
    /// What is measured.
    pub meters: &'static [MeterRow],
    /// Rows that count: others hold what these hold.
    pub only: &'static [Only],
    /// Counters of a table began at 0 when its time did, so that their first reading counts.
    pub counts_from_zero: bool,
    /// Readings that stand further apart were taken by hand: nothing is known of what is between.
    pub longest: Option<Span>,
    /// What to do where such a log holds nothing that is measured, or a single reading. Of tables without meters, which are refused, what was found and
    /// what to do, with `; ` between.
    pub lacking: Option<&'static str>,
    /// Of trees: a part behind which the rows inside are read, for what stands in it behind the rows is theirs, too.
    pub behind: Option<&'static str>,
    /// Of trees: fields that hold a name, and how the field beside them begins that holds its value: both are a field `label.<name>`.
    pub pairs: Option<(&'static str, &'static str)>,
    /// Of rows that are totals which a tracker states: what else they hold.
    pub totals: Option<&'static Totals>,
    /// Of rows that are steps of a carbon intensity: what they hold.
    pub intensity: Option<&'static Intensity>,
}

/// Fields of rows that are steps of a carbon intensity. What stands in rows without one holds for all others: zones, and what must be so.
#[derive(Clone, Copy, Debug)]
pub struct Intensity {
    /// When the step begins.
    pub time: &'static str,
    /// The life-cycle intensity, by preference: one that stands in for the first is an estimate.
    pub lifecycle: &'static [&'static str],
    /// The direct one.
    pub direct: &'static [&'static str],
    /// Steps whose life-cycle value is direct.
    pub is_direct: Option<Only>,
    /// Steps that were estimated.
    pub estimated: Option<Only>,
    /// The zone.
    pub zone: &'static str,
    /// The zone of a publisher that has one.
    pub place: &'static str,
    /// Grams of CO2e per kWh that one is.
    pub grams: f64,
    /// Who publishes it.
    pub publisher: &'static str,
    /// What must be so, where it is stated: else the file is refused with what the layout says that is lacking.
    pub must: &'static [Only],
}

/// Fields of rows that are totals which a tracker states of a run: of what, the meters say. Energies of an interval add up by run; of running totals, which
/// are counters, the highest counts. What is [`Component::Unsplit`] is the sum of the others, where there are any. Empty names are of nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// What names the run.
    pub run: &'static str,
    /// The project.
    pub name: &'static str,
    /// When it began, cut to whole seconds; of running totals, when they were written.
    pub start: &'static str,
    /// How long it took, in seconds.
    pub length: &'static str,
    /// Emissions, kg.
    pub emissions_kg: &'static str,
    /// `country/region`.
    pub place: &'static str,
    /// A field of rows in which a run begins.
    pub begins: &'static str,
    /// Whether a fuller log of the tool, where it is there, holds the same.
    pub summary: bool,
}

/// How fields are laid out.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Rows of cells under a header.
    Table(TableShape),
    /// Objects in objects: JSON (documents one after the other, lines, arrays), XML, property lists, indented text.
    Tree(TreeShape),
    /// Lines of text around values.
    Lines(&'static [LineRow]),
    /// Metrics with labels, a line each: the exposition text of Prometheus, InfluxDB's line protocol.
    Metrics(MetricsShape),
}

/// What is odd about a table.
#[derive(Clone, Copy, Debug)]
pub struct TableShape {
    /// Lines of the header: where there are two, a column is named by both, with ` / ` between.
    pub header_lines: usize,
    /// Starts of lines that are no rows.
    pub structure: &'static [&'static str],
    /// Columns of tables that have no header, of which `@file` is called as the file is, without its ending.
    pub columns: &'static [&'static str],
    /// What cuts the rows of such a table.
    pub delimiter: Option<u8>,
    /// Whether the header may stand below many lines of other text.
    pub preamble: bool,
    /// A line of that text that states how far apart rows are, in seconds: `Measurement interval: {seconds} seconds`.
    pub states_interval: Option<&'static str>,
    /// A line of that text that states when the log began, by `{month}` (three letters), `{day}`, `{year}`, `{hour}`, `{minute}`, `{second}`: the date of
    /// times of day.
    pub states_begin: Option<&'static str>,
    /// The cell of the first column holds a space, in tables that are cut at spaces: the column is two, of these names.
    pub first_is_two: Option<[&'static str; 2]>,
    /// The first cell of the header ends in the minutes by which the clock is behind UTC, in brackets.
    pub minutes_west: bool,
}

/// How a tree is written, and where its rows are.
#[derive(Clone, Copy, Debug)]
pub struct TreeShape {
    /// How it is written.
    pub syntax: Syntax,
    /// Paths of what is a row; fields around it are the row's, too. The empty path is the document.
    pub rows: &'static [&'static str],
    /// Fields that are named by others: the first names a field that holds the name, the second the field that gets it.
    pub renamed: Option<(&'static str, &'static str)>,
}

/// How a tree is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// JSON: one document, several, or one a line.
    Json,
    /// XML and Apple's property lists.
    Xml,
    /// `key : value` lines, indented below what they belong to.
    Indented,
}

/// A line of text.
#[derive(Clone, Copy, Debug)]
pub struct LineRow {
    /// The text around the values: `CPU Power: {cpu}`; `{gpu#}` is a whole number. A space stands for any run of spaces; the line may go on behind `*`.
    pub template: &'static str,
    /// What the line does.
    pub does: LineDoes,
}

/// What a line does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineDoes {
    /// A row begins, and the one before is whole.
    Begins,
    /// It is a part of the row.
    Adds,
    /// The row is whole.
    Ends,
    /// Its fields hold for all rows from here on.
    Stays,
    /// What stands at its holes goes before the names of fields from here on, up to the next such line of this depth (from 1) or a lower one: below
    /// `Measure for socket {socket} on CPU *`, `joules` is `0.joules`.
    Within(usize),
}

/// How metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsShape {
    /// `name{label="value"} 71.3 1750000000000`.
    Exposition,
    /// `name{label="value"} =>`, and below it a line `71.3 @[1750000000]` for each time.
    Ranges,
    /// `measurement,tag=value field=71.3 1750000000000000000`.
    LineProtocol,
}

/// A field that holds the time of a row.
#[derive(Clone, Copy, Debug)]
pub struct TimeField {
    /// Its name; of a date and a time apart, both; of lines, as many words as there are.
    pub fields: &'static [&'static str],
    /// What it holds.
    pub kind: TimeKind,
}

/// What a field of time holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeKind {
    /// A date and time, or Unix time.
    Stamp,
    /// Hours, minutes and seconds without a date.
    TimeOfDay,
    /// Time since some start, in `10^-scale` seconds.
    Elapsed(i32),
    /// How long the row's interval took, in `10^-scale` seconds: rows follow each other. A second field holds when the first row was, to which the
    /// others are added.
    Duration(i32),
    /// When the row's interval began, as a date and time or Unix time, beside the time of its end.
    Start,
    /// When a window of time began and, in `10^-scale` seconds, how long it took: windows may lie in others, whose joules they are.
    Window(i32),
    /// When the time began that a row's energy is of: it ends where the next row's begins.
    Begins,
    /// Lines of their own, as `date` prints them in a loop.
    Lines,
}

/// Fields that name hosts and devices, each by preference.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names {
    /// Of tables: the run, where one holds several.
    pub run: &'static [&'static str],
    /// Host.
    pub host: &'static [&'static str],
    /// Unique id.
    pub uuid: &'static [&'static str],
    /// PCI bus id.
    pub bus_id: &'static [&'static str],
    /// Serial.
    pub serial: &'static [&'static str],
    /// Number.
    pub index: &'static [&'static str],
    /// Model.
    pub model: &'static [&'static str],
    /// Parts of a device that add up, such as the idle and the busy share of one counter: each is a device of its own.
    pub part: &'static [&'static str],
    /// Parts that repeat what the device reads: the first that is met counts.
    pub repeats: &'static [&'static str],
}

/// One thing that is measured.
#[derive(Clone, Copy, Debug)]
pub struct MeterRow {
    /// Its fields by preference: the first that holds a value is read. `{n}` is the device's number.
    pub fields: &'static [&'static str],
    /// Part of the computer.
    pub component: Component,
    /// What is read.
    pub quantity: Quantity,
    /// What reads it.
    pub instrument: Instrument,
    /// The unit of values that state none.
    pub unit: Unit,
    /// Rows that have it.
    pub only: &'static [Only],
    /// Rows that have it, by fields that must be there.
    pub having: &'static [Only],
    /// Whether 0 says that there is no reading.
    pub no_zero: bool,
    /// Whether the device is the one that the row names, where the field names none.
    pub of_row: bool,
    /// Whether columns of one name are devices of their own, in their order.
    pub each_column: bool,
    /// Not counted, and why: what counts instead, and the reason, in words.
    pub aside: Option<(&'static str, &'static str)>,
    /// Pieces of text, one of which shows at the head of a log that what counts instead is there; where the list is empty, it always is.
    pub beside: &'static [&'static str],
}

/// Rows in which a field is one of some words.
#[derive(Clone, Copy, Debug)]
pub struct Only {
    /// The field; where a row lacks it, it counts, unless the row must have it.
    pub field: &'static str,
    /// The words, in which `*` is anything.
    pub is: &'static [&'static str],
}

/// Words of [`Only`] for numbers other than 0.
pub const NOT_ZERO: &[&str] = &["*1*", "*2*", "*3*", "*4*", "*5*", "*6*", "*7*", "*8*", "*9*"];

impl Layout {
    /// A layout that says nothing yet, for `..Layout::of(shape)`.
    pub const fn of(shape: Shape) -> Layout {
        let names = Names { run: &[], host: &[], uuid: &[], bus_id: &[], serial: &[], index: &[], model: &[], part: &[], repeats: &[] };
        Layout {
            shape,
            signature: &[],
            foreign: &[],
            beside: &[],
            files: &[],
            one_run: false,
            tool: None,
            time: &[],
            dates: DateOrder::YearFirst,
            names,
            meters: &[],
            only: &[],
            counts_from_zero: false,
            longest: None,
            lacking: None,
            behind: None,
            pairs: None,
            totals: None,
            intensity: None,
        }
    }

    /// How sure it is that the log is of this layout.
    pub fn sniff(&'static self, head: &Head<'_>) -> Option<Evidence> {
        let has_signature = || self.signature.iter().all(|text| holds(head, text));
        let (found, words) = match self.shape {
            Shape::Table(_) => (table::find(self, head)?.1, "columns that only such logs have"),
            Shape::Tree(TreeShape { syntax: Syntax::Json, .. }) if !has_line(head, b"{[") && !holds(head, " {\"") => return None,
            Shape::Tree(TreeShape { syntax: Syntax::Xml, .. }) if !has_line(head, b"<") => return None,
            Shape::Metrics(shape) if has_signature() => metrics::known(self, shape, head)?,
            _ => has_signature().then_some((self.signature.len(), "pieces of text that only such logs have"))?,
        };
        if !matches!(self.shape, Shape::Table(_)) && self.foreign.iter().any(|text| holds(head, text)) {
            return None;
        }
        let score = LEAST.saturating_add(u8::try_from(found).unwrap_or(u8::MAX)).min(MOST);
        Some(Evidence { score, reason: format!("{found} {words}") })
    }

    /// Whether a file that no format knows by its content is one of this by its name.
    pub(super) fn sniff_named(&'static self, head: &Head<'_>, options: &ReadOptions) -> Option<Evidence> {
        (self.is_name(options) && table::has_rows(self, head)).then(|| {
            let file = options.file_name.as_deref().unwrap_or("").to_ascii_lowercase();
            Evidence { score: 40, reason: format!("rows of numbers in a file called \"{file}\"") }
        })
    }

    fn is_name(&self, options: &ReadOptions) -> bool {
        let Some(file) = options.file_name.as_deref().filter(|_| !self.files.is_empty()).map(str::to_ascii_lowercase) else { return false };
        self.files.iter().any(|name| Pattern::new(name).matches(file.as_bytes()))
    }

    /// Whether a file is a run of its own by its name.
    pub(super) fn is_run(&self, options: &ReadOptions) -> bool {
        self.one_run && self.is_name(options)
    }

    /// Whether a file lies in a folder of such logs, has rows as they have, and is none.
    pub(super) fn is_aside(&self, head: &Head<'_>, options: &ReadOptions) -> bool {
        let mut folders = self.files.iter().filter_map(|name| name.strip_suffix('/'));
        folders.any(|name| options.folders.iter().any(|folder| folder == name)) && table::has_rows(self, head)
    }

    /// Opens a reader.
    pub fn open(&'static self, head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
        match self.shape {
            Shape::Table(_) => table::open(self, head, options),
            Shape::Tree(shape) => Ok(Box::new(TreeReader::new(self, shape, head, options)?)),
            Shape::Lines(rows) => Ok(Box::new(lines::LineReader::new(self, rows, head, options)?)),
            Shape::Metrics(shape) => Ok(Box::new(metrics::MetricsReader::new(self, shape, head, options)?)),
        }
    }
}

impl TableShape {
    /// A header of one line over rows.
    pub const PLAIN: TableShape = TableShape {
        header_lines: 1,
        structure: &[],
        columns: &[],
        delimiter: None,
        preamble: false,
        states_interval: None,
        states_begin: None,
        first_is_two: None,
        minutes_west: false,
    };
}

impl MeterRow {
    const fn new(
        fields: &'static [&'static str],
        component: Component,
        quantity: Quantity,
        instrument: Instrument,
        unit: Unit,
    ) -> MeterRow {
        MeterRow {
            fields,
            component,
            quantity,
            instrument,
            unit,
            only: &[],
            having: &[],
            no_zero: false,
            of_row: true,
            each_column: false,
            aside: None,
            beside: &[],
        }
    }

    /// Power in watts at an instant.
    pub const fn watts(fields: &'static [&'static str], component: Component, instrument: Instrument) -> MeterRow {
        MeterRow::new(fields, component, Quantity::Power, instrument, Unit::WATT)
    }

    /// Power in watts, the mean of the interval that ends at the row.
    pub const fn mean_watts(fields: &'static [&'static str], component: Component, instrument: Instrument) -> MeterRow {
        MeterRow::new(fields, component, Quantity::PowerMean, instrument, Unit::WATT)
    }

    /// A running total in joules that only starts again with its driver.
    pub const fn counter_joules(fields: &'static [&'static str], component: Component, instrument: Instrument) -> MeterRow {
        MeterRow::new(fields, component, Quantity::Counter(CounterRange::Unbounded), instrument, Unit::JOULE)
    }

    /// A running total of the kernel's, in joules, that wraps.
    pub const fn rapl_joules(fields: &'static [&'static str], component: Component) -> MeterRow {
        MeterRow::new(fields, component, Quantity::Counter(CounterRange::Rapl), Instrument::Rapl, Unit::JOULE)
    }

    /// Energy in joules since the row before.
    pub const fn interval_joules(fields: &'static [&'static str], component: Component, instrument: Instrument) -> MeterRow {
        MeterRow::new(fields, component, Quantity::IntervalEnergy, instrument, Unit::JOULE)
    }

    /// The same in another unit.
    pub const fn unit(self, unit: Unit) -> MeterRow {
        MeterRow { unit, ..self }
    }

    /// The same as another quantity.
    pub const fn quantity(self, quantity: Quantity) -> MeterRow {
        MeterRow { quantity, ..self }
    }

    /// The same for some rows.
    pub const fn only(self, only: &'static [Only]) -> MeterRow {
        MeterRow { only, ..self }
    }

    /// The same for rows that say so.
    pub const fn having(self, having: &'static [Only]) -> MeterRow {
        MeterRow { having, ..self }
    }

    /// The same where 0 says that there is no reading.
    pub const fn no_zero(self) -> MeterRow {
        MeterRow { no_zero: true, ..self }
    }

    /// The same, of as many devices as there are columns of the name.
    pub const fn each_column(self) -> MeterRow {
        MeterRow { each_column: true, ..self }
    }

    /// The same of the machine, whatever device the row names.
    pub const fn of_machine(self) -> MeterRow {
        MeterRow { of_row: false, ..self }
    }

    /// The same, which does not count in logs whose head shows one of these pieces of text, because of what they name.
    pub const fn aside_beside(self, beside: &'static [&'static str], kept: &'static str, reason: &'static str) -> MeterRow {
        MeterRow { aside: Some((kept, reason)), beside, ..self }
    }

    /// Why it does not count in a log of this head, if it does not.
    fn aside_in(&self, head: &Head<'_>) -> Option<(&'static str, &'static str)> {
        self.aside.filter(|_| self.beside.is_empty() || self.beside.iter().any(|text| holds(head, text)))
    }

    /// The same, which does not count because of others.
    pub const fn aside(self, kept: &'static str, reason: &'static str) -> MeterRow {
        MeterRow { aside: Some((kept, reason)), ..self }
    }
}

impl Only {
    /// Whether a row with this value counts.
    pub(super) fn admits(&self, value: &[u8]) -> bool {
        self.is.iter().any(|word| Pattern::new(word).matches(value.trim_ascii()))
    }
}

/// How sure a layout is of a file that has its signature, by how much of it is known.
const LEAST: u8 = 60;

/// And no surer than this.
pub(super) const MOST: u8 = 90;

/// Whether a line begins with one of these.
fn has_line(head: &Head<'_>, starts: &[u8]) -> bool {
    head.starts().iter().any(|first| starts.contains(first))
}

fn holds(head: &Head<'_>, text: &str) -> bool {
    head.may_hold(text.as_bytes()) && memchr::memmem::find(head.bytes, text.as_bytes()).is_some()
}

/// What a log lacks that has no power, in words.
fn lacks(names: &str) -> String {
    format!("expected {names}")
}
