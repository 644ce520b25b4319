//! How far the instrument behind an evidence may be off: a row of the table of instruments, bounded by what the device can draw.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::settings::SettingsError;
use crate::factor::{Evaluation, FactorSet, InstrumentError, PlausiblePower};
use crate::interval::{Term, TermKind};
use crate::ledger::Evidence;
use crate::map::Map;
use crate::series::{Component, Instrument, WRAP_SUSPECTED_ABOVE};
use crate::units::Span;

/// Rows of the table and rated powers, looked up once for each kind of device.
pub(super) struct Instruments<'f> {
    factors: &'f FactorSet,
    known: Map<(Instrument, Component, String), Known>,
}

/// A row of the table with its texts as every term shares them, and the rated power of the device.
struct Known {
    row: Option<(InstrumentError, Rc<str>, Rc<str>)>,
    rated: Option<f64>,
    /// Up to which multiple of it a mean is believed, by the length of the period.
    multiples: Vec<PlausiblePower>,
}

impl Known {
    /// The most that `count` devices draw over so long, W; `None` where none is rated.
    fn most_w(&self, evidence: &Evidence) -> Option<f64> {
        let seconds = evidence.covered.unwrap_or_else(|| evidence.when.span()).as_seconds();
        let multiple = self.multiples.iter().rev().find(|row| row.at_least_s <= seconds)?.multiple?;
        Some(self.rated? * multiple * f64::from(evidence.count))
    }
}

/// What the budget says of an evidence: the correction, and the terms around the corrected value.
pub(super) struct Judged {
    pub correction: f64,
    pub terms: Vec<Term>,
}

impl<'f> Instruments<'f> {
    pub(super) fn new(factors: &'f FactorSet) -> Self {
        Self { factors, known: Map::new() }
    }

    /// The correction and the terms of an instrument's reading.
    ///
    /// # Errors
    /// Where the table lacks the instrument.
    pub(super) fn judge(&mut self, evidence: &Evidence) -> Result<Judged, SettingsError> {
        let model = evidence.device.model.as_deref().unwrap_or("");
        let factors = self.factors;
        let look_up = || {
            let rated = rated_w(factors, evidence.component, model);
            let model = Some(model).filter(|model| !model.is_empty());
            let row = factors.instrument(evidence.instrument.as_str(), evidence.component.as_str(), model, rated);
            let shared = |row: InstrumentError| {
                let (cause, source) = (Rc::from(row.description.as_str()), Rc::from(row.source.as_str()));
                (row, cause, source)
            };
            Known { row: row.map(shared), rated, multiples: factors.plausible_powers(evidence.component, model) }
        };
        let key = (evidence.instrument, evidence.component, String::from(model));
        let known = &*self.known.entry(key).or_insert_with(look_up);
        let Some((row, cause, source)) = &known.row else {
            let missing = alloc::format!("the table lacks {} of {}", evidence.instrument.as_str(), evidence.component.as_str());
            return Err(SettingsError::new("instruments", missing, "use the tables that ship with the program"));
        };
        let (mut low, mut high) = (row.low, row.high);
        let joules = evidence.energy.as_kwh() * 3.6e6 * row.correction;
        let seconds = evidence.covered.unwrap_or_else(|| evidence.when.span()).as_seconds();
        if joules > 0.0 && seconds > 0.0 {
            // The offset is independent of the gain, so they meet in quadrature.
            low = (1.0 - libm::hypot(1.0 - low, row.offset_w * seconds / joules)).max(0.05);
            // A model can be wrong as far as the device can draw, and no further.
            if let Some(most) = known.most_w(evidence).filter(|_| !evidence.instrument.is_sensor()) {
                high = high.min((most * seconds / joules).max(1.05));
            }
        }
        let kind = if evidence.instrument.is_sensor() { TermKind::Sensor } else { TermKind::Estimation };
        let term = Term { kind, cause: cause.clone(), low, high, evaluation: row.evaluation, source: Some(source.clone()) };
        Ok(Judged { correction: row.correction, terms: alloc::vec![term] })
    }
}

impl Instruments<'_> {
    /// The most that a device may have used while nobody watched it, kWh: its rated power, or where none is known the highest reading, over the gaps.
    /// Of counters, which read no power, the highest mean of the times that were watched.
    /// Asked of an evidence that was judged.
    pub(super) fn most_in_gaps(&self, evidence: &Evidence) -> Option<f64> {
        let hours = evidence.gaps.0.as_hours();
        let peak = || evidence.peak.map(crate::units::Power::as_watts);
        let watts = self.rated_most_w(evidence).or_else(peak).or_else(|| highest_mean_w(evidence))?;
        (hours > 0.0).then_some(watts * hours / 1000.0)
    }

    /// The most that a device draws by its rated power, W; `None` where none is known.
    pub(super) fn rated_most_w(&self, evidence: &Evidence) -> Option<f64> {
        let model = evidence.device.model.clone().unwrap_or_default();
        self.known.get(&(evidence.instrument, evidence.component, model)).and_then(|known| known.most_w(evidence))
    }
}

impl Instruments<'_> {
    /// What counters may have counted besides in intervals in which they may have run through their range unseen, kWh: what a device at its rated
    /// power, or where none is known at that of the largest processors, draws in that time, less what counts. Asked of an evidence that was judged.
    pub(super) fn most_in_wraps(&self, evidence: &Evidence) -> f64 {
        let wraps = evidence.wraps.get();
        if wraps.suspected == 0 {
            return 0.0;
        }
        let model = evidence.device.model.clone().unwrap_or_default();
        let known = self.known.get(&(evidence.instrument, evidence.component, model));
        // The time is that of all devices together.
        let rated = known.and_then(|known| Some(known.most_w(evidence)? / f64::from(evidence.count)));
        let watts = rated.unwrap_or(WRAP_SUSPECTED_ABOVE.as_watts());
        (watts * wraps.span.as_hours() / 1000.0 - wraps.energy.as_kwh()).max(0.0)
    }
}

/// The highest power that energies tell of, W: of a part of the time, or of all of it where parts are longer.
pub(super) fn highest_mean_w(evidence: &Evidence) -> Option<f64> {
    let hours = evidence.covered.filter(|covered| *covered > Span::ZERO)?.as_hours();
    let mean = evidence.energy.as_kwh() * 1000.0 / hours;
    Some(evidence.profile.as_ref().map_or(mean, |profile| profile.highest().as_watts().max(mean)))
}

/// Rated power of one device, W.
pub(super) fn rated_w(factors: &FactorSet, component: Component, model: &str) -> Option<f64> {
    match component {
        _ if model.is_empty() => None,
        Component::Cpu => factors.cpu(model).map(|cpu| cpu.tdp_w),
        Component::Gpu | Component::GpuModule => factors.accelerator(model).and_then(|accelerator| accelerator.device_tdp_w()),
        _ => None,
    }
}

/// The term of a factor of the tables.
pub(super) fn by_table(kind: TermKind, cause: String, low: f64, high: f64, source: &str) -> Term {
    Term::new(kind, cause, low, high).from_source(Evaluation::B, source)
}
