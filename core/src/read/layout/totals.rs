//! Tables whose rows are totals that a tracker states: rows of one run add.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Layout, Totals};
use crate::decode::cells::Cells;
use crate::decode::encoding;
use crate::decode::table::{LineKind, Measured, Table, is_missing, measure};
use crate::note;
use crate::read::row_clock::RowClock;
use crate::read::{Declared, DeclaredPart, Line, Place, ReadOptions, Reader, Reading, Row, SkipReason};
use crate::units::{Energy, Span};

/// Reads totals.
pub(super) struct TotalReader {
    layout: &'static Layout,
    totals: &'static Totals,
    table: Table,
    clock: RowClock,
    cells: Cells,
    runs: Vec<Declared>,
}

impl TotalReader {
    pub(super) fn new(layout: &'static Layout, totals: &'static Totals, table: Table, options: &ReadOptions) -> Self {
        Self { layout, totals, table, clock: RowClock::new(options, layout.tool), cells: Cells::default(), runs: Vec::new() }
    }

    fn cell<'t>(&'t self, text: &'t [u8], name: &str) -> Option<&'t [u8]> {
        let cell = self.cells.cell(text, self.table.position(&[name])?)?;
        (!is_missing(cell)).then_some(cell)
    }

    fn row(&mut self, line: Line<'_>, out: &mut Reading) -> Result<(), SkipReason> {
        if line.unterminated {
            return Err(SkipReason::LastLineCut);
        }
        let (text, totals) = (line.text, self.totals);
        if self.cells.split(text, self.table.delimiter) != self.table.columns.len() || self.cells.is_unclosed() {
            return Err(SkipReason::Torn);
        }
        let stamp = self.cell(text, totals.start).and_then(|cell| self.table.stamp(cell)).ok_or(SkipReason::NoTime)?;
        let start = self.clock.instant(stamp, out).ok_or(SkipReason::NoTime)?;
        let length = self.cell(text, totals.length).and_then(|cell| self.table.elapsed(cell, 0, 1)).ok_or(SkipReason::NoTime)?;
        let length = Span::from_micros(length.max(0));
        let energy = self.cell(text, totals.energy).ok_or(SkipReason::NoReading)?;
        let energy = match measure(energy, Some(totals.unit), self.table.decimal_comma) {
            Measured::Energy(energy) if energy >= 0 => Energy::from_microjoules(energy),
            Measured::Energy(_) => return Err(SkipReason::Implausible),
            _ => return Err(SkipReason::Torn),
        };
        let word = |name: &str| self.cell(text, name).map(encoding::text).filter(|word| word != "N/A");
        let number = |name: &str| word(name).and_then(|word| word.parse::<f64>().ok()).filter(|number| number.is_finite());
        let (run, emissions, name, place) = (word(totals.run), number(totals.emissions_kg), word(totals.name), word(totals.place));
        let end = start.plus(length);
        if let Some(known) = self.runs.iter_mut().find(|known| run.is_some() && known.run == run) {
            let (from, to) = known.period.unwrap_or((start, end));
            known.period = Some((from.min(start), to.max(end)));
            known.duration = Some(Span::from_micros(known.duration.map_or(0, Span::as_micros).saturating_add(length.as_micros())));
            known.parts.iter_mut().for_each(|part| part.energy += energy);
            known.energy_as_logged = known.energy_as_logged.map(|own| own + energy);
            known.emissions_kg = known.emissions_kg.zip(emissions).map(|(own, more)| own + more);
            return Ok(());
        }
        let place = place.unwrap_or_default();
        let (country, region) =
            place.split_once('/').map_or((place.as_str(), None), |(country, region)| (country, Some(String::from(region))));
        let mut declared = Declared::by(self.layout.tool.unwrap_or_default(), line.number);
        declared.name = name;
        declared.run = run;
        declared.period = Some((start, end));
        declared.end_known_to = Span::from_seconds(1);
        declared.duration = Some(length);
        declared.parts = alloc::vec![DeclaredPart::of(totals.component, energy, totals.instrument)];
        declared.energy_as_logged = Some(energy);
        declared.emissions_kg = emissions;
        declared.place = Place { country_code: (!country.is_empty()).then(|| String::from(country)), region, ..Place::default() };
        self.runs.push(declared);
        Ok(())
    }
}

impl Reader for TotalReader {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        match self.table.kind(line.text) {
            LineKind::Row if line.number < self.table.header_line.unwrap_or(0) => Row::Structure,
            LineKind::Row => match self.row(line, out) {
                Ok(()) => Row::Used,
                Err(reason) => {
                    if reason == SkipReason::Torn {
                        out.notes.add(&note::ROWS_TORN, "", Some(line.number), || format!("expected {} cells", self.table.columns.len()));
                    }
                    Row::Skipped(reason)
                }
            },
            LineKind::Header | LineKind::Blank | LineKind::Comment => Row::Structure,
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        out.declared.append(&mut self.runs);
        if out.rows.read() == 0 {
            out.notes.add(&note::FILE_EMPTY, "", None, || String::from("the table has a header and no rows"));
        }
    }
}
