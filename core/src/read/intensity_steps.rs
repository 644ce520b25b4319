//! Steps of carbon intensity, as they are read from whatever shape: by zone and time, each once.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Clock, IntensityPoint, IntensitySeries, Line, LocalClock, ReadOptions, Reading, SkipReason};
use crate::bounds::{self, Bounds};
use crate::factor::{INTENSITY_RANGE, Slip};
use crate::note;
use crate::order;
use crate::rules;
use crate::units::Instant;
use crate::units::calendar::Stamp;

/// Steps of carbon intensity.
pub(super) struct Steps {
    clock: LocalClock,
    local: bool,
    bounds: Bounds,
    zones: BTreeMap<Option<String>, Zone>,
    /// Zones of rows whose stamp or value can't be read: they say the place all the same.
    places: BTreeSet<String>,
    points: usize,
    pub(super) highest: f64,
    as_logged: bool,
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
    line: u64,
}

/// Where more of a hundred times than this have values that differ by more than a tenth, and so many at least, rows are of several zones.
const MOST_APART: usize = rules::whole("intensity_zones_percent") as usize;

/// How far a value may lie off the mean of two, as a share.
const APART: f64 = rules::value("intensity_apart");

/// A value that is this near to the median of the others, once it is taken as kilograms, is one among grams.
const KILOGRAMS_NEAR: f64 = rules::value("intensity_kilograms_near");

const FEWEST_APART: usize = rules::whole("intensity_zones_least") as usize;

/// What a field of intensity holds, in the unit of its file.
pub(super) enum Value {
    Absent,
    Known(f64),
    Rejected,
}

impl Value {
    /// A number; `billionths` of what is none is absent.
    pub(super) fn of(billionths: Option<i128>) -> Value {
        match billionths {
            // Every intensity that is printed has few enough digits to be the nearest double.
            Some(billionths) if billionths >= 0 => Value::Known(billionths as f64 / 1e9),
            _ => Value::Rejected,
        }
    }
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
                *self = Held { point: other, count: 1.0, line: line.number };
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

impl Zone {
    /// Takes single values in kilograms among those in grams for what they are.
    fn mend_kilograms(&mut self, grams: f64, out: &mut Reading) {
        let of = |held: &Held| held.point.lifecycle.or(held.point.direct).map_or(0.0, |value| value * grams);
        let mut values: Vec<f64> = self.points.values().map(of).collect();
        order::sort_by(&mut values, |a, b| a.total_cmp(b));
        let median = values.get(values.len() / 2).copied().unwrap_or(0.0);
        for held in self.points.values_mut() {
            let found = of(held);
            let Some(meant) = Slip::of(found).and_then(|slip| slip.of_kilograms()).filter(|meant| is_near(*meant, median)) else {
                continue;
            };
            out.notes.add(&note::INTENSITY_UNIT, "one", Some(held.line), || {
                format!("found {found} among values near {median} g/kWh: taken as kg/kWh")
            });
            for value in [&mut held.point.lifecycle, &mut held.point.direct].into_iter().flatten() {
                *value *= meant / found;
            }
        }
    }
}

fn is_near(value: f64, median: f64) -> bool {
    value <= KILOGRAMS_NEAR * median && median <= KILOGRAMS_NEAR * value
}

impl IntensityPoint {
    /// Whether a value is more than a twentieth off the mean of two: then the two are a tenth apart.
    fn differs(&self, other: &Self) -> bool {
        let apart = |a: Option<f64>, b: Option<f64>| matches!((a, b), (Some(a), Some(b)) if libm::fabs(a - b) > APART * a.max(b));
        apart(self.lifecycle, other.lifecycle) || apart(self.direct, other.direct)
    }
}

impl Steps {
    pub(super) fn new(options: &ReadOptions) -> Self {
        Self {
            clock: LocalClock::new(options.zone.clone()),
            local: false,
            bounds: options.bounds.clone(),
            zones: BTreeMap::new(),
            places: BTreeSet::new(),
            points: 0,
            highest: 0.0,
            as_logged: options.as_logged,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.points == 0
    }

    /// What was meant where not even the highest value, of which one is so many g/kWh, can be a grid's.
    pub(super) fn slip(&self, grams: f64) -> Option<Slip> {
        Slip::of(self.highest * grams).filter(|_| !self.as_logged)
    }

    /// When a step begins; `utc` where it is, whatever its stamp says.
    pub(super) fn instant(&mut self, stamp: Stamp, utc: bool) -> Instant {
        if stamp.zoned || utc {
            return stamp.at;
        }
        self.local |= !self.clock.knows_zone();
        self.clock.resolve(stamp.at)
    }

    /// Remembers the zone of a row that can't be used.
    pub(super) fn place(&mut self, zone: Option<String>) {
        // Of several none is the place.
        if self.places.len() < 2 {
            self.places.extend(zone);
        }
    }

    /// Adds a step: its life-cycle and its direct value, of which `grams` g CO2e/kWh are one.
    pub(super) fn add(
        &mut self,
        zone: Option<String>,
        (at, estimated): (Instant, bool),
        values: [Value; 2],
        grams: f64,
        line: Line<'_>,
        out: &mut Reading,
    ) -> Result<(), SkipReason> {
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
        if highest * grams > INTENSITY_RANGE.1 {
            return Err(SkipReason::Implausible);
        }
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
                zone.points.insert(at, Held { point, count: 1.0, line: line.number });
            }
        }
        self.points += 1;
        self.highest = self.highest.max(highest);
        Ok(())
    }

    /// Hands over the places of a file without a step that can be used.
    pub(super) fn finish_empty(&mut self, out: &mut Reading) {
        out.notes.add(&note::FILE_EMPTY, "", None, || String::from("the table has no carbon intensity that can be used"));
        let without_points = |zone| IntensitySeries { zone: Some(zone), ..IntensitySeries::default() };
        out.intensity.extend(core::mem::take(&mut self.places).into_iter().map(without_points));
    }

    /// Says what its stamps are.
    pub(super) fn tell_clock(&self, out: &mut Reading) {
        out.clock = Clock::Utc;
        if self.local {
            out.notes.add(&note::TIME_ZONE_UNKNOWN, "intensity", None, || {
                String::from("stamps of the carbon intensity name no zone: taken as UTC")
            });
        }
    }

    /// Hands over the series.
    pub(super) fn finish(&mut self, grams: f64, publisher: &str, basis_stated: bool, out: &mut Reading) {
        for (zone, mut held) in core::mem::take(&mut self.zones) {
            if !self.as_logged {
                held.mend_kilograms(grams, out);
            }
            // A file that names its zones says that they are of one.
            if zone.is_none() && held.apart.len() >= FEWEST_APART && 100 * held.apart.len() > MOST_APART * held.points.len() {
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
            out.intensity.push(IntensitySeries { zone, publisher: String::from(publisher), points, basis_stated });
        }
        out.refused |= out.intensity.is_empty();
    }
}
