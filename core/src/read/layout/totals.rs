//! Rows that are totals which a tracker states: the meters of the layout say of what. Energies of an interval add up by run, running totals do not.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use super::fields::{Fields, Mark};
use super::pattern::Pattern;
use super::{Layout, Totals};
use crate::decode::cells::Cells;
use crate::decode::encoding;
use crate::decode::table::{LineKind, Measured, Table, is_missing, measure};
use crate::map::Set;
use crate::note;
use crate::read::row_clock::{RowClock, time_of_day};
use crate::read::{Declared, DeclaredPart, Line, Place, ReadOptions, Reader, Reading, Row, SkipReason};
use crate::series::{Component, Quantity};
use crate::units::calendar::parse_stamp_in;
use crate::units::decimal::parse_scaled_i64;
use crate::units::{Energy, Instant, Span};

/// What rows of totals add up to.
pub(super) struct TotalRows {
    layout: &'static Layout,
    totals: &'static Totals,
    clock: RowClock,
    runs: Vec<Declared>,
    /// When the run began whose first total is still to come.
    begun: Option<Instant>,
    /// Rows with a time and an energy of their own that were read: one that stands there again is a copy.
    seen: Set<(Option<String>, Instant, Option<Span>, Energy)>,
}

impl TotalRows {
    pub(super) fn new(layout: &'static Layout, totals: &'static Totals, options: &ReadOptions) -> Self {
        Self { layout, totals, clock: RowClock::new(options, layout.tool), runs: Vec::new(), begun: None, seen: Set::default() }
    }

    pub(super) fn record(&mut self, fields: &Fields, line: Line<'_>, out: &mut Reading) -> Row {
        match self.take(fields, line, out) {
            Ok(row) => row,
            Err(reason) => {
                if reason == SkipReason::Torn {
                    out.notes.add(&note::ROWS_TORN, "", Some(line.number), || String::from("found no energy where one is expected"));
                }
                Row::Skipped(reason)
            }
        }
    }

    fn take(&mut self, fields: &Fields, line: Line<'_>, out: &mut Reading) -> Result<Row, SkipReason> {
        let (layout, totals) = (self.layout, self.totals);
        let value = |name: &str| {
            let pattern = Pattern::new(name);
            let mut fields = fields.iter().filter(|_| !name.is_empty());
            fields.rfind(|(own, value)| pattern.matches(own) && !is_missing(value)).map(|(_, value)| value)
        };
        let start = value(totals.start).and_then(|text| match (parse_stamp_in(text, layout.dates), time_of_day(text)) {
            (Some(stamp), _) => self.clock.instant(stamp, out),
            (None, of_day) => of_day.map(|of_day| {
                self.clock.relative(out);
                self.clock.since_midnight(of_day)
            }),
        });
        if value(totals.begins).is_some() {
            self.begun = start;
            return Ok(Row::Structure);
        }
        let has_energy = |(own, _): (&[u8], &[u8])| layout.meters.iter().flat_map(|m| m.fields).any(|f| Pattern::new(f).matches(own));
        if !fields.iter().any(has_energy) {
            return Ok(Row::Structure);
        }
        if start.is_none() && !totals.start.is_empty() {
            return Err(SkipReason::NoTime);
        }
        let micros = |text: &[u8]| parse_scaled_i64(text, 6).ok();
        let length = value(totals.length).and_then(micros).map(|micros| Span::from_micros(micros.max(0)));
        if length.is_none() && !totals.length.is_empty() && !totals.start.is_empty() {
            return Err(SkipReason::NoTime);
        }
        let mut parts: Vec<DeclaredPart> = Vec::new();
        let (mut any, mut runs_on) = (false, false);
        for meter in layout.meters {
            let held = |name: &&&str| fields.iter().any(|(own, value)| Pattern::new(name).matches(own) && !is_missing(value));
            let Some(name) = meter.fields.iter().find(held) else { continue };
            let mut sum = Energy::ZERO;
            for (_, value) in fields.iter().filter(|(own, value)| Pattern::new(name).matches(own) && !is_missing(value)) {
                let Measured::Energy(energy) = measure(value, Some(meter.unit), false) else { return Err(SkipReason::Torn) };
                sum += Energy::from_microjoules(energy);
            }
            if sum < Energy::ZERO {
                return Err(SkipReason::Implausible);
            }
            (any, runs_on) = (true, meter.quantity != Quantity::IntervalEnergy);
            match parts.iter_mut().find(|part| part.component == meter.component) {
                Some(part) => part.energy += sum,
                None => parts.push(DeclaredPart::of(meter.component, sum, meter.instrument)),
            }
        }
        if !any {
            return Err(SkipReason::NoReading);
        }
        let word = |name: &str| value(name).map(encoding::text).filter(|word| word != "N/A");
        let number = |name: &str| word(name).and_then(|word| word.parse::<f64>().ok()).filter(|number| number.is_finite());
        let (run, emissions) = (word(totals.run), number(totals.emissions_kg));
        let sum = parts.iter().map(|part| part.energy).sum();
        if let Some(start) = start.filter(|_| !runs_on)
            && !self.seen.insert((run.clone(), start, length, sum))
        {
            return Err(SkipReason::Duplicate);
        }
        let period = start.map(|start| (start, length.map_or(start, |length| start.plus(length))));
        // Rows that name no run are of one, unless another begins.
        let known = match &run {
            Some(_) => self.runs.iter_mut().find(|known| known.run == run),
            None if self.begun.is_some() || !runs_on => None,
            None => self.runs.last_mut(),
        };
        if let Some(known) = known {
            known.period = known.period.zip(period).map(|((from, to), (start, end))| (from.min(start), to.max(end)));
            let whole = known.period.map(|(from, to)| to.since(from));
            let both = known.duration.zip(length).map(|(own, more)| Span::from_micros(own.as_micros().saturating_add(more.as_micros())));
            known.duration = if runs_on { whole } else { both };
            for part in parts {
                match known.parts.iter_mut().find(|own| own.component == part.component) {
                    None => known.parts.push(part),
                    Some(own) if !runs_on => own.energy += part.energy,
                    Some(own) => {
                        if part.energy < own.energy {
                            out.notes.add(&note::CONTAINED_READING, "", Some(line.number), || {
                                String::from("a running total falls and no tracker began: of lines of several trackers, the highest counts")
                            });
                        }
                        own.energy = own.energy.max(part.energy);
                    }
                }
            }
            known.emissions_kg = known.emissions_kg.zip(emissions).map(|(own, more)| own + more);
            return Ok(Row::Used);
        }
        let place = word(totals.place).unwrap_or_default();
        let (country, region) =
            place.split_once('/').map_or((place.as_str(), None), |(country, region)| (country, Some(String::from(region))));
        let mut declared = Declared::by(layout.tool.unwrap_or_default(), line.number);
        declared.name = word(totals.name);
        declared.run = run;
        declared.period = period.map(|(start, end)| (self.begun.take().unwrap_or(start), end));
        declared.end_known_to = Span::from_seconds(1);
        declared.duration = length.or(declared.period.map(|(start, end)| end.since(start)).filter(|length| *length > Span::ZERO));
        declared.parts = parts;
        declared.emissions_kg = emissions;
        declared.place = Place { country_code: (!country.is_empty()).then(|| String::from(country)), region, ..Place::default() }.said();
        declared.summary = totals.summary;
        self.runs.push(declared);
        Ok(Row::Used)
    }

    pub(super) fn finish(&mut self, out: &mut Reading) {
        if let Some((copies, line)) = out.rows.skipped.get(&SkipReason::Duplicate).copied() {
            out.notes.add(&note::DUPLICATE_ROWS, "", Some(line), || format!("{copies} rows that repeat another"));
        }
        if out.tool.is_none() {
            out.tool = self.layout.tool.map(String::from);
        }
        for mut declared in mem::take(&mut self.runs) {
            let total = |of_parts: bool, parts: &[DeclaredPart]| {
                let of = parts.iter().filter(|part| (part.component != Component::Unsplit) == of_parts);
                of.map(|part| part.energy).sum::<Energy>()
            };
            // The tracker's own sum stands beside its parts.
            let (sum, own) = (total(true, &declared.parts), total(false, &declared.parts));
            declared.energy_as_logged = Some(if own > Energy::ZERO { own } else { sum });
            declared.parts.retain(|part| (part.component != Component::Unsplit || sum == Energy::ZERO) && part.energy > Energy::ZERO);
            if declared.parts.is_empty() {
                let line = Some(declared.line);
                out.notes.add(&note::NOT_MEASURED, "", line, || String::from("the total is 0: nothing was measured"));
            }
            out.declared.push(declared);
        }
    }
}

/// Reads totals in a table.
pub(super) struct TotalReader {
    rows: TotalRows,
    table: Table,
    cells: Cells,
    fields: Fields,
}

impl TotalReader {
    pub(super) fn new(layout: &'static Layout, totals: &'static Totals, table: Table, options: &ReadOptions) -> Self {
        Self { rows: TotalRows::new(layout, totals, options), table, cells: Cells::default(), fields: Fields::default() }
    }

    fn row(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if line.unterminated {
            return Row::Skipped(SkipReason::LastLineCut);
        }
        if self.cells.split(line.text, self.table.delimiter) != self.table.columns.len() || self.cells.is_unclosed() {
            out.notes.add(&note::ROWS_TORN, "", Some(line.number), || format!("expected {} cells", self.table.columns.len()));
            return Row::Skipped(SkipReason::Torn);
        }
        self.fields.back_to(Mark::default());
        for (at, column) in self.table.columns.iter().enumerate() {
            self.fields.push(&[column.name.as_bytes()], self.cells.cell(line.text, at).unwrap_or(b""));
        }
        self.rows.record(&self.fields, line, out)
    }
}

impl Reader for TotalReader {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        match self.table.kind(line.text) {
            LineKind::Row if line.number < self.table.header_line.unwrap_or(0) && !self.table.is_row_above(line.text, &mut self.cells) => {
                Row::Structure
            }
            LineKind::Row => self.row(line, out),
            LineKind::Header | LineKind::Blank | LineKind::Comment => Row::Structure,
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        self.rows.finish(out);
        if out.rows.read() == 0 {
            out.notes.add(&note::FILE_EMPTY, "", None, || String::from("the table has a header and no rows"));
        }
    }
}
