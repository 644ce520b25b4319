//! What a comparison holds: the energy of a finished report with its interval, and the report's own factors.

use alloc::format;
use alloc::string::String;

use crate::account::{SettingsError, Term, TermKind};
use crate::factor::Basis;
use crate::report::{FactorUse, Location, Quantity, Report};

/// The parts of a report that stay, and its own factors.
pub(crate) struct Held<'r> {
    /// IT energy, kWh.
    pub it: &'r Quantity,
    /// The report's own emissions.
    pub emissions: &'r Quantity,
    pub pue: &'r FactorUse,
    pub intensity: &'r FactorUse,
    pub location: Option<&'r Location>,
    pub basis: Basis,
    /// Year of the run, or of the report's factor where the run has no date.
    pub year: Option<i32>,
    /// Energy that only the upper bound holds, as a share of the IT energy.
    pub possible: f64,
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
            basis: Basis::parse(&emissions.basis).unwrap_or(Basis::Lifecycle),
            year: year(report, intensity),
            possible: possible(report),
        })
    }

    /// What the report does not know of the energy, as factors on it.
    pub(crate) fn energy_term(&self) -> Term {
        let high = self.it.high / (self.it.value * (1.0 + self.possible));
        Term { kind: TermKind::Sensor, cause: String::from("energy"), low: (self.it.low / self.it.value).min(1.0), high: high.max(1.0) }
    }
}

impl Held<'_> {
    pub(crate) fn pue_term(&self) -> Term {
        factor_term(TermKind::Pue, self.pue)
    }

    pub(crate) fn intensity_term(&self) -> Term {
        factor_term(TermKind::CarbonIntensity, self.intensity)
    }
}

/// What is not known of a factor.
pub(crate) fn factor_term(kind: TermKind, factor: &FactorUse) -> Term {
    Term { kind, cause: factor.label.clone(), low: factor.low / factor.value, high: factor.high / factor.value }
}

/// Gaps and devices that may be others: the budget gives half of ln(1 + possible ÷ value).
fn possible(report: &Report) -> f64 {
    let coverage = report.interval.budget.iter().find(|term| term.term == "coverage");
    coverage.map_or(0.0, |term| {
        let half = 1.0 + term.half_width_percent / 100.0;
        (half * half - 1.0).max(0.0)
    })
}

/// A factor of another year than the run's was the nearest there is: for another place the run's own year is looked for.
fn year(report: &Report, intensity: &FactorUse) -> Option<i32> {
    let nearest = matches!(intensity.matched.as_str(), "older_year" | "later_year" | "given");
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
