//! The standard log: epochs with their length and the mean power of each component.
//!
//! Energy is Σ mean power × duration over components and devices, without the PUE, which carbontracker adds to its printed totals alone.
//! Since 2.0 the printed power is the mean over devices, and so are its totals: too low by the number of devices.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::components::{self, Found, MeanPower};
use super::{Mark, Place, release};
use crate::bounds::{self, Bounds};
use crate::decode::{encoding, quantity};
use crate::map::Map;
use crate::map::Set;
use crate::note;
use crate::read::{Declared, Epoch, Line, ReadOptions, Reading, Row, SkipReason};
use crate::units::{Energy, Instant, Span};

/// Releases that print the mean over devices for their sum: from this one …
const MEANS_FROM: (u32, u32) = (2, 0);
/// … to this one.
const MEANS_TO: (u32, u32) = (2, 4);

/// Stamps are cut to whole seconds.
pub(super) const STAMPS: Span = Span::from_seconds(1);

/// A vector that goes on for longer is none.
const LONGEST_VECTOR: usize = bounds::VECTOR_BYTES.value as usize;

/// The runs of a standard log, one at a time.
#[derive(Debug)]
pub(in crate::read) struct RunLog {
    run: Option<Run>,
    vector: Option<Vector>,
    as_logged: bool,
    from: Option<Instant>,
    to: Option<Instant>,
}

/// A vector whose closing bracket stands on a later line: numpy breaks lines after about 75 characters.
#[derive(Debug)]
struct Vector {
    component: String,
    text: String,
    line: u64,
}

#[derive(Debug, Default)]
struct Run {
    line: u64,
    version: Option<String>,
    pue: Option<String>,
    found: Vec<Found>,
    epochs: Vec<EpochLog>,
    average_intensity: Option<f64>,
    intensity: Option<f64>,
    place: Option<Place>,
    rows_used: u64,
    stopped_before: Option<u32>,
}

#[derive(Debug)]
struct EpochLog {
    number: u32,
    start: Option<Instant>,
    end: Option<Instant>,
    duration: Option<Span>,
    powers: Vec<(String, MeanPower)>,
}

impl RunLog {
    /// No run yet.
    pub(in crate::read) fn new(options: &ReadOptions) -> Self {
        Self { run: None, vector: None, as_logged: options.as_logged, from: options.from, to: options.to }
    }

    /// A run of this release begins.
    pub(in crate::read) fn begin(&mut self, version: &str, line: u64) {
        self.run = Some(Run { line, version: Some(String::from(version)), ..Run::default() });
    }

    /// The PUE that the log states.
    pub(in crate::read) fn pue(&mut self, pue: &str) {
        self.run.get_or_insert_default().pue = Some(String::from(pue));
    }

    /// The components that were found.
    pub(in crate::read) fn components(&mut self, found: Vec<Found>) {
        self.run.get_or_insert_default().found = found;
    }

    /// A carbon intensity or a place.
    pub(in crate::read) fn intensity(&mut self, g_per_kwh: Option<f64>, is_average: bool, place: Option<Place>) {
        let run = self.run.get_or_insert_default();
        if is_average {
            run.average_intensity = g_per_kwh.or(run.average_intensity);
        } else {
            run.intensity = g_per_kwh.or(run.intensity);
        }
        run.place = place.or(run.place.take());
    }

    /// The training ended before so many epochs, which were to be done.
    pub(in crate::read) fn interrupted(&mut self, planned: u32) {
        if let Some(run) = &mut self.run {
            run.stopped_before = Some(planned);
        }
    }

    /// An epoch begins or has ended.
    pub(in crate::read) fn epoch(&mut self, number: u32, mark: Mark, at: Option<Instant>) {
        let epochs = &mut self.run.get_or_insert_default().epochs;
        let started = mark == Mark::End && epochs.last().is_some_and(|e| e.number == number && e.end.is_none());
        if !started {
            epochs.push(EpochLog { number, start: None, end: None, duration: None, powers: Vec::new() });
        }
        if let Some(epoch) = epochs.last_mut() {
            match mark {
                Mark::Start => epoch.start = at,
                Mark::After | Mark::End => epoch.end = at,
            }
        }
    }

    /// The length of the epoch; 1.0 repeats it for each component.
    pub(in crate::read) fn duration(&mut self, text: &str) {
        if let Some(epoch) = self.run.as_mut().and_then(|run| run.epochs.last_mut()) {
            epoch.duration = quantity::clock_span(text.as_bytes());
        }
    }

    /// The mean power of a component in the epoch.
    pub(in crate::read) fn power(&mut self, component: &str, text: &str, line: Line<'_>, out: &mut Reading) -> Row {
        self.close_vector(out);
        if text.starts_with('[') && !is_closed(text) {
            if line.unterminated {
                return Row::Skipped(SkipReason::LastLineCut);
            }
            self.vector = Some(Vector { component: String::from(component), text: String::from(text), line: line.number });
            return Row::Structure;
        }
        if line.unterminated && !text.starts_with('[') {
            return Row::Skipped(SkipReason::LastLineCut);
        }
        self.reading(component, text, line.number, out)
    }

    /// A line inside a vector; `None` where none is open.
    pub(in crate::read) fn continue_vector(&mut self, line: Line<'_>, out: &mut Reading) -> Option<Row> {
        let vector = self.vector.as_mut()?;
        vector.text.push('\n');
        vector.text.push_str(&encoding::text(line.text));
        if vector.text.len() > LONGEST_VECTOR {
            out.beyond(&bounds::VECTOR_BYTES, &Bounds::default(), Some(line.number), "a reading is left out");
            self.close_vector(out);
            return Some(Row::Structure);
        }
        if !is_closed(&vector.text) {
            return Some(if line.unterminated { self.cut(line.number, out) } else { Row::Structure });
        }
        let Vector { component, text, line: first } = self.vector.take()?;
        Some(self.reading(&component, &text, first, out))
    }

    /// Hands over the run.
    pub(in crate::read) fn finish(&mut self, out: &mut Reading) {
        self.close_vector(out);
        let Some(mut run) = self.run.take() else {
            return;
        };
        // A copy of the log behind it, of which the beginning is torn, is no other run: an epoch that stands twice is one.
        // Of the two, the one with more readings: the end of the first log may be torn.
        let key = |epoch: &EpochLog| (epoch.start.is_some() || epoch.end.is_some()).then_some((epoch.number, epoch.start, epoch.end));
        let mut most: Map<_, usize> = Map::new();
        for epoch in &run.epochs {
            let known = most.entry(key(epoch)).or_default();
            *known = (*known).max(epoch.powers.len());
        }
        let mut seen = Set::new();
        run.epochs.retain(|epoch| {
            let key = key(epoch);
            key.is_none() || most.get(&key) == Some(&epoch.powers.len()) && seen.insert(key)
        });
        let (line, rows) = (run.line.max(1), run.rows_used);
        let declared = run.declared(self.as_logged, out);
        let outside =
            declared.period.is_some_and(|(start, end)| self.from.is_some_and(|from| end < from) || self.to.is_some_and(|to| start > to));
        if outside {
            out.rows.demote(SkipReason::OutsidePeriod, line, rows);
            return;
        }
        if out.tool.is_none() {
            out.tool = Some(String::from(&*declared.tool));
        }
        out.declared.push(declared);
    }

    fn cut(&mut self, line: u64, out: &mut Reading) -> Row {
        self.vector = None;
        out.notes.add(&note::LAST_LINE_CUT, "", Some(line), || String::from("the last line ends inside a list of powers"));
        Row::Skipped(SkipReason::LastLineCut)
    }

    /// A vector that was never closed is torn.
    fn close_vector(&mut self, out: &mut Reading) {
        if let Some(vector) = self.vector.take() {
            out.rows.skip(SkipReason::Torn, vector.line, 1);
            out.notes.add(&note::ROWS_TORN, "", Some(vector.line), || String::from("a list of powers is not closed"));
        }
    }

    fn reading(&mut self, name: &str, text: &str, line: u64, out: &mut Reading) -> Row {
        let run = self.run.get_or_insert_default();
        let devices = run.found.iter().find(|f| f.is(name)).map_or(1, Found::readings);
        let Some(epoch) = run.epochs.last_mut() else {
            return Row::Skipped(SkipReason::NoTime);
        };
        let Some(power) = MeanPower::read(text) else {
            let number = epoch.number;
            // Nothing that was measured is empty, zero or no number.
            if text.bytes().any(|digit| matches!(digit, b'1'..=b'9')) {
                out.notes.add(&note::ROWS_TORN, "", Some(line), || format!("the power of {name} in epoch {number} is torn"));
                return Row::Skipped(SkipReason::Torn);
            }
            out.notes.add(&note::MISSING_READINGS, name, Some(line), || {
                format!("no power of {name} was measured in epoch {number}: {}", text.get(..40).unwrap_or(text))
            });
            return Row::Skipped(SkipReason::NoReading);
        };
        let most = components::component(name).implausible_above().as_watts() * devices.max(1) as f64;
        if power.watts() > most {
            out.notes.add(&note::IMPLAUSIBLE_POWER, name, Some(line), || {
                format!("{} W of {name} is more than {devices} devices can draw", power.watts())
            });
            return Row::Skipped(SkipReason::Implausible);
        }
        if epoch.duration.is_none() {
            return Row::Skipped(SkipReason::NoTime);
        }
        if epoch.powers.iter().any(|(n, _)| n == name) {
            return Row::Skipped(SkipReason::Duplicate);
        }
        epoch.powers.push((String::from(name), power));
        run.rows_used += 1;
        Row::Used
    }
}

impl Run {
    fn declared(self, as_logged: bool, out: &mut Reading) -> Declared {
        let is_mean =
            !as_logged && self.version.as_deref().and_then(release).is_none_or(|release| (MEANS_FROM..=MEANS_TO).contains(&release));
        let mut totals: Map<&str, Energy> = Map::new();
        let mut repairs: Vec<String> = Vec::new();
        let mut epochs = Vec::new();
        for epoch in &self.epochs {
            let Some(duration) = epoch.duration else { continue };
            let mut energy = None;
            for (name, power) in &epoch.powers {
                let found = self.found.iter().find(|f| f.is(name));
                if found.is_none() && power.is_scalar && is_mean {
                    out.notes.add(&note::DEVICES_INDISTINCT, name, Some(self.line.max(1)), || {
                        format!("the power of {name} is a mean over devices, and the log does not say how many there were: one is counted")
                    });
                }
                let devices = found.map_or(1, Found::readings);
                let factor = if power.is_scalar && is_mean { devices } else { 1 };
                if factor > 1 {
                    let repair = format!("mean power over {factor} {name} devices (carbontracker 2.0 to 2.4) multiplied by their number");
                    if !repairs.contains(&repair) {
                        repairs.push(repair);
                    }
                }
                let part = power.over(duration, factor);
                *totals.entry(name.as_str()).or_insert(Energy::ZERO) += part;
                energy = Some(energy.unwrap_or(Energy::ZERO) + part);
            }
            epochs.push(Epoch { number: epoch.number, duration, energy });
        }
        for repair in &repairs {
            out.notes.add(&note::ROWS_REPAIRED, repair, Some(self.line.max(1)), || repair.clone());
        }
        if totals.is_empty() {
            let count = self.epochs.len();
            out.notes.add(&note::NOT_MEASURED, "", Some(self.line.max(1)), || {
                format!("no power was measured in the {count} epochs of the log: its energy is unknown")
            });
        }
        let parts = totals.iter().map(|(name, energy)| components::part(name, *energy, self.found.iter().find(|f| f.is(name)))).collect();
        let start = self.epochs.first().and_then(EpochLog::begins);
        let end = self.epochs.iter().rev().find_map(EpochLog::ends);
        let tool = self.version.as_ref().map_or_else(|| String::from("carbontracker"), |v| format!("carbontracker {v}"));
        let pue = self.pue.as_deref().and_then(|p| quantity::float(p.as_bytes())).filter(|p| *p > 0.0);
        Declared {
            period: start.zip(end).filter(|(start, end)| start <= end),
            end_known_to: STAMPS,
            duration: (!epochs.is_empty()).then(|| epochs.iter().map(|e| e.duration).sum()),
            parts,
            intensity_g_per_kwh: self.average_intensity.or(self.intensity),
            pue,
            pue_is_constant: pue.is_some(),
            place: self.place.and_then(Place::said),
            hardware_key: Found::hardware_key(&self.found),
            repairs,
            epochs,
            stopped_before: self.stopped_before,
            ..Declared::by(tool, self.line.max(1))
        }
    }
}

impl EpochLog {
    fn begins(&self) -> Option<Instant> {
        let before_end = || Some(self.end?.plus(Span::from_micros(-self.duration?.as_micros())));
        self.start.or_else(before_end)
    }

    fn ends(&self) -> Option<Instant> {
        self.end.or_else(|| Some(self.start?.plus(self.duration?)))
    }
}

fn is_closed(text: &str) -> bool {
    text.bytes().filter(|b| *b == b'[').count() == text.bytes().filter(|b| *b == b']').count()
}
