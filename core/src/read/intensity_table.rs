//! Tables of carbon intensity: a row for each step of time, columns of life-cycle or direct intensity. Formats over it say which column is what.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Clock, IntensityPoint, IntensitySeries, Line, LocalClock, ReadOptions, Reader, Reading, Row, SkipReason};
use crate::bounds::{self, Bounds};
use crate::decode::cells::Cells;
use crate::decode::encoding;
use crate::decode::table::{LineKind, Table, is_missing};
use crate::factor::{INTENSITY_RANGE, Slip};
use crate::note;
use crate::rules;
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
    clock: LocalClock,
    local: bool,
    as_logged: bool,
    bounds: Bounds,
    cells: Cells,
    zones: BTreeMap<Option<String>, Zone>,
    /// Zones of rows whose stamp or value can't be read: they say the place all the same.
    places: BTreeSet<String>,
    points: usize,
    highest: f64,
}

/// The values of one zone.
#[derive(Default)]
struct Zone {
    points: BTreeMap<Instant, Held>,
    /// Times of which there are values that differ by more than a tenth.
    apart: BTreeSet<Instant>,
    first_line: u64,
}

/// The values of one time: their mean counts.
struct Held {
    point: IntensityPoint,
    count: f64,
}

/// Where more of a hundred times than this have values that differ by more than a tenth, and so many at least, rows are of several zones.
const MOST_APART: usize = rules::whole("intensity_zones_percent") as usize;

/// How far a value may lie off the mean of two, as a share.
const APART: f64 = rules::value("intensity_apart");

const FEWEST_APART: usize = rules::whole("intensity_zones_least") as usize;

/// What a cell of intensity holds, in the table's unit.
enum Value {
    Absent,
    Known(f64),
    Rejected,
}

impl Held {
    /// Takes in another value of the same time: none twice, and a final one for an estimated one.
    fn add(&mut self, other: IntensityPoint, line: Line<'_>, out: &mut Reading) -> Result<(), SkipReason> {
        if self.point == other {
            return Err(SkipReason::Duplicate);
        }
        if self.point.estimated != other.estimated {
            out.notes.add(&note::INTENSITY_AMBIGUOUS, "estimated", Some(line.number), || {
                String::from("an estimated and a final carbon intensity of one time: the final one is used")
            });
            if !other.estimated {
                *self = Held { point: other, count: 1.0 };
                return Ok(());
            }
            return Err(SkipReason::Superseded);
        }
        out.notes.add(&note::INTENSITY_AMBIGUOUS, "", Some(line.number), || {
            String::from("several carbon intensities of one time: their mean is used, and the interval holds each")
        });
        self.point = self.point.mean_with(self.count, &other);
        self.count += 1.0;
        Ok(())
    }
}

impl IntensityPoint {
    /// Whether a value is more than a twentieth off the mean of two: then the two are a tenth apart.
    fn differs(&self, other: &Self) -> bool {
        let apart = |a: Option<f64>, b: Option<f64>| matches!((a, b), (Some(a), Some(b)) if libm::fabs(a - b) > APART * a.max(b));
        apart(self.lifecycle, other.lifecycle) || apart(self.direct, other.direct)
    }
}

impl IntensityTable {
    pub(super) fn new(plan: IntensityPlan, options: &ReadOptions) -> Self {
        Self {
            plan,
            clock: LocalClock::new(options.zone.clone()),
            local: false,
            as_logged: options.as_logged,
            bounds: options.bounds.clone(),
            cells: Cells::default(),
            zones: BTreeMap::new(),
            places: BTreeSet::new(),
            points: 0,
            highest: 0.0,
        }
    }

    fn value(&self, text: &[u8], position: Option<usize>) -> Value {
        let Some(cell) = position.and_then(|p| self.cells.cell(text, p)) else {
            return Value::Absent;
        };
        if is_missing(cell) {
            return Value::Absent;
        }
        match self.plan.table.number(cell, 9) {
            // Every intensity that is printed has few enough digits to be the nearest double.
            Some(billionths) if billionths >= 0 => Value::Known(billionths as f64 / 1e9),
            _ => Value::Rejected,
        }
    }

    fn instant(&mut self, cell: &[u8]) -> Option<Instant> {
        let stamp = self.plan.table.stamp(cell)?;
        if stamp.zoned || self.plan.utc {
            return Some(stamp.at);
        }
        self.local |= !self.clock.knows_zone();
        Some(self.clock.resolve(stamp.at))
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
        // 0 is how publishers fill holes, but a grid without fossil plants has direct emissions of 0 beside a life-cycle above it.
        let (lifecycle, direct) = match values {
            [Value::Rejected, _] | [_, Value::Rejected] => return Err(SkipReason::Implausible),
            [Value::Known(lifecycle), Value::Known(direct)] if lifecycle > 0.0 => (Some(lifecycle), Some(direct)),
            [Value::Known(value), _] | [_, Value::Known(value)] if value <= 0.0 => return Err(SkipReason::Implausible),
            [Value::Known(lifecycle), _] => (Some(lifecycle), None),
            [Value::Absent, Value::Known(direct)] => (None, Some(direct)),
            [Value::Absent, Value::Absent] => return Err(SkipReason::NoReading),
        };
        let highest = lifecycle.into_iter().chain(direct).fold(0.0, f64::max);
        if highest * self.plan.grams.unwrap_or(1.0) > INTENSITY_RANGE.1 {
            return Err(SkipReason::Implausible);
        }
        let estimated = self.plan.estimated.and_then(|p| self.cells.cell(text, p)).is_some_and(|cell| cell.eq_ignore_ascii_case(b"true"));
        let zone = self.zone(text);
        let point = IntensityPoint { estimated, ..IntensityPoint::new(at, lifecycle, direct) };
        if self.points >= self.bounds.count(&bounds::INTENSITY_POINTS) {
            out.beyond(&bounds::INTENSITY_POINTS, &self.bounds, Some(line.number), "further steps are left out");
            return Err(SkipReason::OverLimit);
        }
        let zone = self.zones.entry(zone).or_default();
        match zone.points.get_mut(&at) {
            Some(held) => {
                held.add(point, line, out)?;
                if held.point.differs(&point) {
                    zone.apart.insert(at);
                    zone.first_line = if zone.first_line == 0 { line.number } else { zone.first_line };
                }
            }
            None => {
                zone.points.insert(at, Held { point, count: 1.0 });
            }
        }
        self.points += 1;
        self.highest = self.highest.max(highest);
        Ok(())
    }

    /// Whether the end of an unterminated row may be a cut value.
    fn may_be_cut(&self) -> bool {
        let last = self.cells.len().checked_sub(1);
        [Some(self.plan.time), self.plan.zone, self.plan.lifecycle, self.plan.direct].into_iter().flatten().any(|p| Some(p) == last)
    }

    /// Grams in one of the table's unit, by the header, else by the size of the values; `None` where the two contradict each other and it is open
    /// what was meant.
    fn grams(&self, out: &mut Reading) -> Option<f64> {
        let highest = self.highest;
        let slip = Slip::of(highest * self.plan.grams.unwrap_or(1.0));
        let (assumed, message) = match (self.plan.grams, slip.map(|slip| slip.of_kilograms())) {
            (Some(stated), _) if self.as_logged => return Some(stated),
            (Some(stated), None) => return Some(stated),
            (Some(1.0), Some(Some(_))) => (1000.0, format!("the header says g/kWh, but the highest value is {highest}: taken as kg/kWh")),
            (Some(_), Some(_)) => {
                let name = self.plan.lifecycle.or(self.plan.direct).and_then(|p| self.plan.table.column(p)).map_or("", |c| &c.text);
                let message = slip.map(|slip| slip.message()).unwrap_or_default();
                out.notes.add_with_hint(
                    &note::FORMAT_REFUSED,
                    self.plan.table.header_line,
                    format!("the unit of \"{name}\" does not fit its values, of which {highest} is the highest: {message}"),
                    String::from("name the column by its unit: `gco2e_per_kwh`"),
                );
                return None;
            }
            (None, Some(Some(_))) => (1000.0, format!("no unit is stated and the highest value is {highest}: taken as kg/kWh")),
            (None, _) => (1.0, format!("no unit is stated and the highest value is {highest}: taken as g/kWh")),
        };
        out.notes.add(&note::INTENSITY_UNIT, "", self.plan.table.header_line, || message);
        Some(assumed)
    }
}

impl Reader for IntensityTable {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if line.number <= self.plan.table.header_line.unwrap_or(0) || self.plan.table.kind(line.text) != LineKind::Row {
            return Row::Structure;
        }
        match self.row(line, out) {
            Ok(()) => Row::Used,
            Err(_) if line.unterminated => Row::Skipped(SkipReason::LastLineCut),
            Err(reason) => {
                // Of several none is the place.
                if self.places.len() < 2 {
                    self.places.extend(self.zone(line.text));
                }
                tell(reason, line, &self.cells, &self.plan, out);
                Row::Skipped(reason)
            }
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        if self.points == 0 {
            out.notes.add(&note::FILE_EMPTY, "", None, || String::from("the table has no carbon intensity that can be used"));
            let without_points = |zone| IntensitySeries { zone: Some(zone), ..IntensitySeries::default() };
            out.intensity.extend(core::mem::take(&mut self.places).into_iter().map(without_points));
            return;
        }
        out.clock = Clock::Utc;
        if self.local {
            out.notes.add(&note::TIME_ZONE_UNKNOWN, "intensity", None, || {
                String::from("stamps of the carbon intensity name no zone: taken as UTC")
            });
        }
        let Some(grams) = self.grams(out) else {
            out.refused = true;
            return;
        };
        for (zone, held) in core::mem::take(&mut self.zones) {
            if held.apart.len() >= FEWEST_APART && 100 * held.apart.len() > MOST_APART * held.points.len() {
                let (apart, all) = (held.apart.len(), held.points.len());
                out.notes.add_with_hint(
                    &note::FORMAT_REFUSED,
                    Some(held.first_line),
                    format!("{apart} of {all} times have carbon intensities that differ by more than a tenth: rows of several zones"),
                    String::from("give the series of one zone, or a column `zone`"),
                );
                continue;
            }
            let points = held.points.into_values().map(|held| held.point);
            let points: Vec<IntensityPoint> = points
                .map(|p| IntensityPoint { lifecycle: p.lifecycle.map(|v| v * grams), direct: p.direct.map(|v| v * grams), ..p })
                .collect();
            let publisher = String::from(self.plan.publisher);
            out.intensity.push(IntensitySeries { zone, publisher, points, basis_stated: self.plan.basis_stated });
        }
        out.refused |= out.intensity.is_empty();
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
    use crate::read::FileReader;
    use crate::units::calendar::rfc3339;

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
    fn units_by_header_or_by_size() {
        for (header, value, grams, noted) in [
            ("datetime,gco2e_per_kwh", "210", 210.0, false),
            ("datetime,kgco2e_per_kwh", "0.210", 210.0, false),
            ("datetime,carbon_intensity", "0.210", 210.0, true),
            ("datetime,carbon_intensity", "210", 210.0, true),
            ("datetime,gco2e_per_kwh", "0.210", 210.0, true),
            ("datetime;CO2 (kg/MWh)", "210", 210.0, false),
        ] {
            let sign = if header.contains(';') { ';' } else { ',' };
            let (out, series) = read(&format!("{header}\n2025-06-12T00:00:00Z{sign}{value}\n"));
            let found = series.first().and_then(|s| s.1.first()).and_then(|p| p.1);
            assert_eq!(found, Some(grams), "{header}");
            assert_eq!(out.notes.iter().any(|n| n.code.id == "intensity-unit"), noted, "{header}");
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
