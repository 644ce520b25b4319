//! The output log and the terminal: totals with PUE, of what was used and of what a whole run is expected to use.
//!
//! The standard log of the same run has more and comes first: totals from here are summaries. They hold a PUE that only the standard log
//! states, and from 2.0 on the mean over devices; where other lines tell the release, both are undone. That is told among the repairs and
//! not noted, for it matters only where the standard log is lost.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Place;
use super::components::{self, Found};
use super::lines::number_and_unit;
use super::standard::STAMPS;
use crate::decode::quantity;
use crate::note;
use crate::read::{Declared, DeclaredKind, DeclaredPart, Epoch, Line, ReadOptions, Reading, Row, SkipReason};
use crate::series::{Component, Instrument};
use crate::units::{Energy, Instant, Span};

/// PUE of 1.1.7 to 1.2.5 (carbontracker/constants.py).
const PUE_2022: &str = "1.55";
/// PUE of 2.0 to 2.4, and of the second release of all.
const PUE_2023: &str = "1.58";

/// The totals of a log.
#[derive(Debug)]
pub(in crate::read) struct Summaries {
    blocks: Vec<Block>,
    at: Option<Instant>,
    found: Vec<Found>,
    place: Option<Place>,
    intensity: Option<f64>,
    release: Release,
    as_logged: bool,
    from: Option<Instant>,
    to: Option<Instant>,
}

/// What the wording of the output log tells about the release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Release {
    /// Nothing.
    #[default]
    Unknown,
    /// 1.1.7 to 1.2.5: their world average is 475 g/kWh.
    Second,
    /// 2.0 and later: 481 or 445 g/kWh, and `gCO2eq/kWh` from 2.4 on.
    Third,
}

#[derive(Debug)]
struct Block {
    predicted: bool,
    epochs: Option<u32>,
    at: Option<Instant>,
    duration: Option<Span>,
    energy: Option<Energy>,
    /// Digits behind the point of the energy: 6 to 1.1.7, 12 from 1.2 on.
    decimals: usize,
    emissions_kg: Option<f64>,
    intensity: Option<f64>,
    line: u64,
}

impl Summaries {
    /// No totals yet.
    pub(in crate::read) fn new(options: &ReadOptions) -> Self {
        Self {
            blocks: Vec::new(),
            at: None,
            found: Vec::new(),
            place: None,
            intensity: None,
            release: Release::Unknown,
            as_logged: options.as_logged,
            from: options.from,
            to: options.to,
        }
    }

    /// The stamp of the line above a block.
    pub(in crate::read) fn at(&mut self, at: Option<Instant>) {
        self.at = at.or(self.at);
    }

    /// The components that were found.
    pub(in crate::read) fn components(&mut self, found: Vec<Found>) {
        self.found = found;
    }

    /// A carbon intensity, a place, and what their wording tells.
    pub(in crate::read) fn intensity(&mut self, g_per_kwh: Option<f64>, is_average: bool, place: Option<Place>, text: &str) {
        if is_average || self.intensity.is_none() {
            self.intensity = g_per_kwh.or(self.intensity);
        }
        self.place = place.or(self.place.take());
        let world = text.contains("world") || text.contains("UNDETECTED") || text.contains("global average");
        if text.contains("gCO2eq/kWh") || (world && (text.contains(" 481.00 ") || text.contains(" 445.00 "))) {
            self.release = Release::Third;
        } else if world && text.contains(" 475.00 ") {
            self.release = Release::Second;
        }
    }

    /// A block begins.
    pub(in crate::read) fn begin(&mut self, predicted: bool, epochs: Option<u32>, line: u64) {
        self.blocks.push(Block {
            predicted,
            epochs,
            at: self.at,
            duration: None,
            energy: None,
            decimals: 0,
            emissions_kg: None,
            intensity: self.intensity,
            line,
        });
    }

    /// `1:02:03`.
    pub(in crate::read) fn time(&mut self, text: &str) {
        if let Some(block) = self.blocks.last_mut() {
            block.duration = quantity::clock_span(text.as_bytes());
        }
    }

    /// `0.000546 kWh`: the row of a block.
    pub(in crate::read) fn energy(&mut self, text: &str, line: Line<'_>) -> Row {
        let Some(block) = self.blocks.last_mut().filter(|block| block.energy.is_none()) else {
            return Row::Skipped(SkipReason::Unknown);
        };
        let energy = match number_and_unit(text) {
            Some((number, "kWh")) => quantity::kilowatt_hours(number.as_bytes()).filter(|e| *e >= Energy::ZERO),
            _ if line.unterminated => return Row::Skipped(SkipReason::LastLineCut),
            _ => None,
        };
        let Some(energy) = energy else {
            return Row::Skipped(SkipReason::NoReading);
        };
        block.energy = Some(energy);
        block.decimals = number_and_unit(text).and_then(|(number, _)| number.split_once('.')).map_or(0, |(_, digits)| digits.len());
        match (block.predicted, energy > Energy::ZERO) {
            (true, _) => Row::Skipped(SkipReason::Predicted),
            (false, true) => Row::Used,
            (false, false) => Row::Skipped(SkipReason::NoReading),
        }
    }

    /// `0.259243 g`, `gCO2eq` in old logs.
    pub(in crate::read) fn emissions(&mut self, text: &str) {
        if let (Some(block), Some((number, "g" | "gCO2eq"))) = (self.blocks.last_mut(), number_and_unit(text)) {
            block.emissions_kg = quantity::float(number.as_bytes()).map(|g| g / 1000.0);
        }
    }

    /// Hands over the totals.
    pub(in crate::read) fn finish(&mut self, out: &mut Reading) {
        let blocks = core::mem::take(&mut self.blocks);
        let actual = blocks.iter().any(|b| !b.predicted && b.energy.is_some());
        for block in &blocks {
            let Some(logged) = block.energy else { continue };
            let may_be_mean = block.decimals > 6 && self.release_of(block, logged) != Release::Second && !self.as_logged;
            if may_be_mean && !block.predicted && logged > Energy::ZERO && self.found.is_empty() {
                out.notes.add(&note::DEVICES_INDISTINCT, "total", Some(block.line), || {
                    String::from("the total may be a mean over devices, and the log does not say how many there were: one is counted")
                });
            }
            let declared = self.declared(block, logged);
            let outside = declared
                .period
                .is_some_and(|(start, end)| self.from.is_some_and(|from| end < from) || self.to.is_some_and(|to| start > to));
            if outside {
                out.rows.demote(SkipReason::OutsidePeriod, block.line, u64::from(!declared.parts.is_empty()));
                continue;
            }
            if block.predicted && !actual {
                out.notes.add(&note::PREDICTED_ONLY, "", Some(block.line), || {
                    format!("the log holds only a prediction of {} kWh", logged.as_kwh())
                });
            }
            if !block.predicted && logged == Energy::ZERO {
                out.notes.add(&note::NOT_MEASURED, "", Some(block.line), || String::from("the total is 0 kWh: nothing was measured"));
            }
            if out.tool.is_none() {
                out.tool = Some(String::from(&*declared.tool));
            }
            out.declared.push(declared);
        }
    }

    fn declared(&self, block: &Block, logged: Energy) -> Declared {
        let mut repairs = Vec::new();
        let (mut pue, mut doubtful) = (None, Energy::ZERO);
        let mut parts = Vec::new();
        if !block.predicted && logged > Energy::ZERO {
            let mut energy = logged;
            let release = self.release_of(block, logged);
            if !self.as_logged {
                let ratio = if release == Release::Second { PUE_2022 } else { PUE_2023 };
                energy = quantity::divided_back(energy, ratio.as_bytes()).unwrap_or(energy);
                pue = quantity::float(ratio.as_bytes());
                repairs.push(format!("PUE of {ratio}, by which the tool multiplied, divided out"));
                (energy, doubtful) = self.all_devices(energy, release, block, &mut repairs);
            }
            // One component that was found is all that the total is of.
            let part = match self.found.as_slice() {
                [one] => components::part(one.name(), energy, Some(one)),
                several => DeclaredPart {
                    component: Component::Unsplit,
                    instrument: Instrument::TrackerUnstated,
                    ..components::boards(several, energy)
                },
            };
            parts.push(DeclaredPart { doubtful, ..part });
        }
        let begins = |end: Instant| block.duration.map(|d| (end.plus(Span::from_micros(-d.as_micros())), end));
        let epochs = match (block.predicted, block.epochs, block.duration) {
            (false, Some(1), Some(duration)) => alloc::vec![Epoch { number: 1, duration, energy: parts.first().map(|p| p.energy) }],
            _ => Vec::new(),
        };
        let by_total = block.emissions_kg.filter(|_| logged > Energy::ZERO).map(|kg| kg * 1000.0 / logged.as_kwh());
        Declared {
            // What a prediction is for; it has no run yet.
            name: block.epochs.filter(|_| block.predicted).map(|count| format!("{count} epoch{}", if count == 1 { "" } else { "s" })),
            kind: if block.predicted { DeclaredKind::Predicted } else { DeclaredKind::Actual },
            // A prediction has no period: it is of a run that is not over.
            period: if block.predicted { None } else { block.at.and_then(begins) },
            end_known_to: STAMPS,
            duration: block.duration,
            parts,
            energy_as_logged: Some(logged),
            emissions_kg: block.emissions_kg,
            intensity_g_per_kwh: block.intensity.or(by_total),
            pue,
            pue_is_constant: pue.is_some(),
            place: self.place.clone().and_then(Place::said),
            hardware_key: Found::hardware_key(&self.found),
            repairs,
            epochs,
            summary: true,
            ..Declared::by("carbontracker", block.line)
        }
    }

    /// The release by the wording of the log, else by the carbon intensity that its totals speak for, where that is a default of one.
    fn release_of(&self, block: &Block, logged: Energy) -> Release {
        let grams = block.emissions_kg.map(|kg| kg * 1000.0 / logged.as_kwh());
        let is = |default: f64| grams.is_some_and(|grams| libm::fabs(grams - default) < default / 2000.0);
        match self.release {
            Release::Unknown if block.decimals > 6 && (is(445.0) || is(481.0)) => Release::Third,
            Release::Unknown if is(475.0) => Release::Second,
            known => known,
        }
    }

    /// The total over devices where the log holds the mean, and of it what is open. Components with different numbers of devices cannot be told apart in a
    /// sum. Twelve digits are of 1.2 or later; which, a log may not tell: most are of 2.0 or later, and the rest is doubtful.
    fn all_devices(&self, energy: Energy, release: Release, block: &Block, repairs: &mut Vec<String>) -> (Energy, Energy) {
        let mut counts = self.found.iter().map(Found::readings);
        let open = release == Release::Unknown && block.decimals > 6;
        let Some(first) = counts.next().filter(|_| release == Release::Third || open) else {
            return (energy, Energy::ZERO);
        };
        if counts.any(|count| count != first) {
            repairs.push(String::from("mean over the devices of several components left as it is: only the standard log tells them apart"));
            return (energy, Energy::ZERO);
        }
        if first > 1 {
            repairs.push(format!("mean over {first} devices (carbontracker 2.0 to 2.4) multiplied by their number"));
        }
        let all = Energy::from_picojoules(energy.as_picojoules().saturating_mul(i128::from(first)));
        (all, if open { all - energy } else { Energy::ZERO })
    }
}
