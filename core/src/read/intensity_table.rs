//! Tables of carbon intensity: a row for each step of time, columns of life-cycle or direct intensity. Formats over it say which column is what.

use alloc::format;
use alloc::string::String;

use super::intensity_steps::{Steps, Value};
use super::{Line, ReadOptions, Reader, Reading, Row, SkipReason};
use crate::decode::cells::Cells;
use crate::decode::encoding;
use crate::decode::table::{LineKind, Table, is_missing};
use crate::factor::Slip;
use crate::note;
use crate::units::Instant;

/// Which column is what.
pub(super) struct IntensityPlan {
    pub table: Table,
    pub time: usize,
    /// The column is UTC, whatever its stamps say.
    pub utc: bool,
    pub zone: Option<usize>,
    pub estimated: Option<usize>,
    pub lifecycle: Option<usize>,
    pub direct: Option<usize>,
    /// Whether the header says which values are life-cycle and which direct.
    pub basis_stated: bool,
    /// Grams of CO2e per kWh in one of the table's unit; absent where the header does not say.
    pub grams: Option<f64>,
    pub publisher: &'static str,
}

/// Reads a table of carbon intensity.
pub(super) struct IntensityTable {
    plan: IntensityPlan,
    cells: Cells,
    steps: Steps,
}

impl IntensityTable {
    pub(super) fn new(plan: IntensityPlan, options: &ReadOptions) -> Self {
        Self { plan, cells: Cells::default(), steps: Steps::new(options) }
    }

    fn value(&self, text: &[u8], position: Option<usize>) -> Value {
        match position.and_then(|p| self.cells.cell(text, p)).filter(|cell| !is_missing(cell)) {
            Some(cell) => Value::of(self.plan.table.number(cell, 9)),
            None => Value::Absent,
        }
    }

    fn instant(&mut self, cell: &[u8]) -> Option<Instant> {
        Some(self.steps.instant(self.plan.table.stamp(cell)?, self.plan.utc))
    }

    fn zone(&self, text: &[u8]) -> Option<String> {
        self.plan.zone.and_then(|p| self.cells.cell(text, p)).filter(|cell| !cell.is_empty()).map(encoding::text)
    }

    fn row(&mut self, line: Line<'_>, out: &mut Reading) -> Result<(), SkipReason> {
        let text = line.text;
        let count = self.cells.split(text, self.plan.table.delimiter);
        let cell = self.cells.cell(text, self.plan.time).unwrap_or(b"").to_vec();
        let Some(at) = self.instant(&cell) else {
            return Err(SkipReason::Unknown);
        };
        if count < self.plan.table.columns.len() || self.cells.is_unclosed() {
            return Err(SkipReason::Torn);
        }
        if line.unterminated && self.may_be_cut() {
            return Err(SkipReason::LastLineCut);
        }
        let values = [self.plan.lifecycle, self.plan.direct].map(|position| self.value(text, position));
        let estimated = self.plan.estimated.and_then(|p| self.cells.cell(text, p)).is_some_and(|cell| cell.eq_ignore_ascii_case(b"true"));
        let zone = self.zone(text);
        self.steps.add(zone, (at, estimated), values, self.plan.grams.unwrap_or(1.0), line, out)
    }

    /// Whether the end of an unterminated row may be a cut value.
    fn may_be_cut(&self) -> bool {
        let last = self.cells.len().checked_sub(1);
        [Some(self.plan.time), self.plan.zone, self.plan.lifecycle, self.plan.direct].into_iter().flatten().any(|p| Some(p) == last)
    }

    /// Grams in one of the table's unit by the header; `None` where it states none, or the values contradict it and it is open what was meant.
    fn grams(&self, out: &mut Reading) -> Option<f64> {
        let highest = self.steps.highest;
        let name = self.plan.lifecycle.or(self.plan.direct).and_then(|p| self.plan.table.column(p)).map_or("", |c| &c.text);
        let mut refuse = |message: String| {
            let hint = String::from(
                "name the column by its unit: `gco2e_per_kwh`, `kgco2e_per_kwh`, `lbs_co2_per_mwh`; `--as-logged` takes the values by the unit that is there",
            );
            out.notes.add_with_hint(&note::FORMAT_REFUSED, self.plan.table.header_line, message, hint);
            None
        };
        let Some(stated) = self.plan.grams else {
            return refuse(format!("the column \"{name}\" states no unit, and {highest} is its highest value: g/kWh, kg/kWh or another?"));
        };
        match self.steps.slip(stated) {
            None => Some(stated),
            Some(slip) => {
                refuse(format!("the unit of \"{name}\" does not fit its values, of which {highest} is the highest: {}", slip.message()))
            }
        }
    }
}

impl Reader for IntensityTable {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        let is_above = line.number <= self.plan.table.header_line.unwrap_or(0);
        if self.plan.table.kind(line.text) != LineKind::Row || is_above && !self.plan.table.is_row_above(line.text, &mut self.cells) {
            return Row::Structure;
        }
        match self.row(line, out) {
            Ok(()) => Row::Used,
            Err(_) if line.unterminated => Row::Skipped(SkipReason::LastLineCut),
            Err(reason) => {
                let zone = self.zone(line.text);
                self.steps.place(zone);
                tell(reason, line, &self.cells, &self.plan, out);
                Row::Skipped(reason)
            }
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        if self.steps.is_empty() {
            return self.steps.finish_empty(out);
        }
        self.steps.tell_clock(out);
        match self.grams(out) {
            Some(grams) => self.steps.finish(grams, self.plan.publisher, self.plan.basis_stated, out),
            None => out.refused = true,
        }
    }
}

#[cold]
fn tell(reason: SkipReason, line: Line<'_>, cells: &Cells, plan: &IntensityPlan, out: &mut Reading) {
    let position = plan.lifecycle.or(plan.direct).unwrap_or(0);
    let cell = |p: usize| encoding::text(cells.cell(line.text, p).unwrap_or(b"")).chars().take(80).collect::<String>();
    let number = Some(line.number);
    match reason {
        SkipReason::Implausible | SkipReason::NoReading => {
            let grams =
                plan.table.number(cells.cell(line.text, position).unwrap_or(b""), 9).map(|n| n as f64 / 1e9 * plan.grams.unwrap_or(1.0));
            let slip = grams.filter(|_| reason == SkipReason::Implausible).and_then(Slip::of);
            out.notes.add(&note::INTENSITY_VALUES, "", number, || match slip {
                Some(slip) => slip.message(),
                None => format!("found \"{}\", expected a carbon intensity above 0", cell(position)),
            });
        }
        SkipReason::Torn if cells.is_unclosed() => {
            out.notes.add(&note::ROWS_TORN, "quote", number, || String::from("found a quote that is not closed"));
        }
        SkipReason::Torn => {
            out.notes.add(&note::ROWS_TORN, "", number, || format!("found {} cells, expected {}", cells.len(), plan.table.columns.len()));
        }
        SkipReason::Unknown => {
            out.notes.add(&note::LINES_UNKNOWN, "", number, || format!("found \"{}\", expected a stamp", cell(plan.time)));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{FileReader, IntensitySeries};
    use crate::units::calendar::rfc3339;
    use alloc::vec::Vec;

    type Seen = (Option<String>, Vec<(String, Option<f64>, Option<f64>, bool)>);

    fn read(text: &str) -> (Reading, Vec<Seen>) {
        let mut reader = FileReader::new(ReadOptions::default());
        reader.push(text.as_bytes());
        let out = reader.finish();
        let seen = |s: &IntensitySeries| {
            (s.zone.clone(), s.points.iter().map(|p| (rfc3339(p.at, true), p.lifecycle, p.direct, p.estimated)).collect())
        };
        let series = out.intensity.iter().map(seen).collect();
        (out, series)
    }

    fn at(hour: u32) -> String {
        format!("2025-06-12T{hour:02}:00:00Z")
    }

    #[test]
    fn electricity_maps_of_all_years() {
        let old = "Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO₂eq/kWh (direct),Carbon Intensity gCO₂eq/kWh (LCA),Data Estimated\n";
        let new = "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (direct),Carbon intensity gCO₂eq/kWh (Life cycle),Data estimated\n";
        for header in [old, new] {
            let log = String::from(header)
                + "2025-06-12 00:00:00,France,France,FR,20.5,45.25,false\n2025-06-12 01:00:00,France,France,FR,0,44,true\n";
            let (out, series) = read(&log);
            assert_eq!(out.format, "electricity_maps_csv");
            let points = alloc::vec![(at(0), Some(45.25), Some(20.5), false), (at(1), Some(44.0), Some(0.0), true)];
            assert_eq!(series, [(Some(String::from("FR")), points)]);
            assert!(out.intensity.iter().all(|s| s.basis_stated) && out.notes.iter().next().is_none());
        }
    }

    #[test]
    fn units_by_header() {
        for (header, value, grams, noted) in [
            ("datetime,gco2e_per_kwh", "210", Some(210.0), ""),
            ("datetime,kgco2e_per_kwh", "0.210", Some(210.0), ""),
            // What is not stated is asked for, whatever the values look like.
            ("datetime,carbon_intensity", "0.210", None, "format-refused"),
            ("datetime,carbon_intensity", "210", None, "format-refused"),
            ("datetime,gco2e_per_kwh", "0.210", None, "format-refused"),
            ("datetime;CO2 (kg/MWh)", "210", Some(210.0), ""),
        ] {
            let sign = if header.contains(';') { ';' } else { ',' };
            let (out, series) = read(&format!("{header}\n2025-06-12T00:00:00Z{sign}{value}\n"));
            let found = series.first().and_then(|s| s.1.first()).and_then(|p| p.1);
            assert_eq!(found, grams, "{header}");
            assert_eq!(out.notes.iter().next().map_or("", |n| n.code.id), noted, "{header}");
        }
    }

    #[test]
    fn what_is_no_intensity_is_left_out_and_told() {
        let (out, series) = read(
            "datetime,gco2e_per_kwh\n2025-06-12T00:00Z,210\n2025-06-12T01:00Z,\n2025-06-12T02:00Z,0\n2025-06-12T03:00Z,-5\n2025-06-12T04:00Z,99999\n2025-06-12T05:00Z,n/a\n2025-06-12T06:00Z,190\nend of file\n2025-06-12T07:00Z,19",
        );
        assert_eq!(series.iter().map(|s| s.1.len()).sum::<usize>(), 2);
        let skipped: Vec<_> = out.rows.skipped.iter().map(|(reason, (count, _))| (reason.as_str(), *count)).collect();
        assert_eq!(skipped, [("implausible", 3), ("last_line_cut", 1), ("no_reading", 2), ("unknown", 1)]);
        assert_eq!(out.notes.iter().find(|n| n.code.id == "intensity-values").map(|n| (n.line, n.count)), Some((Some(3), 5)));
    }

    #[test]
    fn several_values_of_one_time() {
        let values = |text: &str| -> (Vec<Option<f64>>, bool) {
            let (out, _) = read(text);
            let points = out.intensity.iter().flat_map(|s| &s.points).map(|p| p.lifecycle).collect();
            (points, out.refused)
        };
        let hours = |rows: &str| {
            let more: String = (1..12).map(|hour| format!("2025-06-12T{hour:02}:00Z,100,false\n")).collect();
            values(&format!("datetime,gco2e_per_kwh,estimated\n{rows}{more}"))
        };
        // The mean of several, whatever their order; a final one before an estimated one.
        for (rows, first) in [
            ("2025-06-12T00:00Z,190,false\n2025-06-12T00:00Z,200,false\n", 195.0),
            ("2025-06-12T00:00Z,200,false\n2025-06-12T00:00Z,190,false\n", 195.0),
            ("2025-06-12T00:00Z,200,false\n2025-06-12T00:00Z,190,false\n2025-06-12T00:00Z,210,false\n", 200.0),
            ("2025-06-12T00:00Z,400,true\n2025-06-12T00:00Z,190,false\n", 190.0),
            ("2025-06-12T00:00Z,190,false\n2025-06-12T00:00Z,400,true\n", 190.0),
        ] {
            assert_eq!(hours(rows).0.first(), Some(&Some(first)), "{rows}");
        }
        // Rows of two zones without names are no series.
        let two: String = (0..12).map(|hour| format!("2025-06-12T{hour:02}:00Z,380\n2025-06-12T{hour:02}:00Z,45\n")).collect();
        assert_eq!(values(&format!("datetime,gco2e_per_kwh\n{two}")), (Vec::new(), true));
    }

    #[test]
    fn zones_stand_apart() {
        let (_, series) =
            read("datetime,zone,gco2e_per_kwh\n2025-06-12T01:00Z,DE,380\n2025-06-12T00:00Z,DE,390\n2025-06-12T00:00Z,FR,45\n");
        let zones: Vec<_> = series.iter().map(|(zone, points)| (zone.as_deref().unwrap_or(""), points.len())).collect();
        assert_eq!(zones, [("DE", 2), ("FR", 1)]);
        assert_eq!(series.first().and_then(|s| s.1.first()).map(|p| p.0.clone()), Some(at(0)));
    }

    #[test]
    fn what_is_no_series_is_not_claimed() {
        for text in [
            "time,intensity,power_w\n2025-06-12T00:00Z,1,2\n",
            "time,loss,carbon_intensity\n2025-06-12T00:00Z,1,2\n",
            "datetime,intensity\nred,0.5\n",
        ] {
            assert!(!read(text).0.format.contains("intensity"), "{text}");
        }
    }
}
