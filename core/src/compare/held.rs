//! What a comparison holds: the energy of a finished report with its interval, and the report's own factors.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::factor::{Basis, Evaluation, Match};
use crate::fault::SettingsError;
use crate::interval::{Term, TermKind, UncertainPart};
use crate::report::{BudgetCause, FactorUse, Location, Quantity, Report};

/// The parts of a report that stay, and its own factors.
#[derive(Clone)]
pub(crate) struct Held<'r> {
    /// IT energy, kWh.
    pub it: &'r Quantity,
    /// The report's own emissions.
    pub emissions: &'r Quantity,
    pub pue: &'r FactorUse,
    pub intensity: &'r FactorUse,
    pub location: Option<&'r Location>,
    pub basis: Basis,
    /// Energy that only the upper bound holds, and that only the lower one leaves out, as shares of the IT energy.
    pub possible: f64,
    pub doubtful: f64,
    /// The run's hours against a year's mean.
    pub hours: Option<Term>,
    /// Year of the run, or of the report's factor where the run has no date.
    pub year: Option<i32>,
}

impl<'r> Held<'r> {
    pub(crate) fn of(report: &'r Report) -> Result<Self, SettingsError> {
        let parts =
            (report.energy.as_ref(), report.emissions.as_ref(), report.pue.as_ref(), report.carbon_intensity_gco2e_per_kwh.as_ref());
        let (Some(energy), Some(emissions), Some(pue), Some(intensity)) = parts else { return Err(nothing()) };
        let it = &energy.it_kwh;
        if !(it.value > 0.0 && pue.value > 0.0 && intensity.value > 0.0) {
            return Err(nothing());
        }
        Ok(Self {
            it,
            emissions: &emissions.operational_kgco2e,
            pue,
            intensity,
            location: report.location.as_ref(),
            basis: emissions.basis,
            year: year(report, intensity),
            possible: ends(report, "coverage").map_or(0.0, |(_, high)| high),
            doubtful: ends(report, "coverage").map_or(0.0, |(low, _)| -low),
            hours: ends(report, "hours").map(|(low, high)| Term::new(TermKind::Hours, "hours of the run", 1.0 + low, 1.0 + high)),
        })
    }

    /// What the report does not know of the energy, as factors on it.
    pub(crate) fn energy_term(&self) -> Term {
        let low = self.it.low / (self.it.value * (1.0 - self.doubtful));
        let high = self.it.high / (self.it.value * (1.0 + self.possible));
        Term::new(TermKind::Sensor, "energy", low.min(1.0), high.max(1.0))
    }
}

impl Held<'_> {
    pub(crate) fn pue_term(&self) -> Term {
        factor_term(TermKind::Pue, self.pue)
    }

    /// A part with these terms, and with what only one end of the energy's interval holds.
    pub(crate) fn part(&self, value: f64, terms: Vec<Term>) -> UncertainPart {
        UncertainPart { possible: value * self.possible, doubtful: value * self.doubtful, ..UncertainPart::new(value, terms) }
    }

    pub(crate) fn intensity_term(&self) -> Term {
        factor_term(TermKind::CarbonIntensity, self.intensity)
    }
}

/// What is not known of a factor.
pub(crate) fn factor_term(kind: TermKind, factor: &FactorUse) -> Term {
    Term::new(kind, factor.label.clone(), factor.low / factor.value, factor.high / factor.value).from_source(Evaluation::B, &factor.source)
}

/// By how much the total may be lower and higher for one term of the budget alone, relative: its causes in quadrature.
fn ends(report: &Report, name: &str) -> Option<(f64, f64)> {
    let term = report.interval.budget.iter().find(|term| term.term == name)?;
    let both = |of: fn(&BudgetCause) -> f64| {
        let squares = term.causes.iter().map(|cause| libm::log1p(of(cause) / 100.0)).map(|logarithm| logarithm * logarithm);
        libm::sqrt(squares.sum::<f64>())
    };
    Some((libm::expm1(-both(|cause| cause.low_percent)), libm::expm1(both(|cause| cause.high_percent))))
}

/// A factor of another year than the run's was the nearest there is: for another place the run's own year is looked for.
fn year(report: &Report, intensity: &FactorUse) -> Option<i32> {
    let nearest = matches!(intensity.matched, Match::OlderYear | Match::LaterYear | Match::Given);
    let run = report.period.as_ref().and_then(|period| period.start.get(..4)?.parse().ok());
    if nearest || intensity.year.is_none() { run.or(intensity.year) } else { intensity.year }
}

fn nothing() -> SettingsError {
    SettingsError {
        setting: "report",
        message: String::from("found no energy and factors in the report, so there is nothing to compare"),
        hint: format!("give logs, or a {} that holds emissions", crate::report::SCHEMA),
    }
}
