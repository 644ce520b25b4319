//! Estimates of trainings that left no logs: what was used and for how long becomes evidence of basis *estimated*.
//!
//! ```
//! use carbon_core::account::{self, Settings};
//! use carbon_core::estimate::{EstimateRequest, Phase, evidence};
//! use carbon_core::factor::FactorSet;
//! use carbon_core::ledger::Ledger;
//!
//! let factors = FactorSet::from_tables(carbon_data::TABLES).unwrap();
//! let phase = Phase { gpu: vec!["8x A100-SXM4-80GB".into()], hours: Some(24.0), ..Phase::default() };
//! let request = EstimateRequest { method: None, phases: vec![phase] };
//! let settings = Settings { region: Some("FR".into()), year: Some(2024), ..Settings::default() };
//! let mut ledger = Ledger::default();
//! ledger.add_phases(evidence(&request, &settings, &factors).unwrap());
//! let report = account::report(&ledger, &factors, &settings).unwrap();
//! let energy = report.energy.unwrap();
//! // 8 × 400 W × (0.15 + 0.70 × 0.90) × 24 h; 25 % of the rated power for the hosts; 6.4 % of both lost in power supplies.
//! assert!((energy.logged_kwh.value - 8.0 * 0.4 * 0.78 * 24.0).abs() < 1e-6);
//! assert!((energy.it_kwh.value - 8.0 * 0.4 * (0.78 + 0.25) * 1.064 * 24.0).abs() < 1e-6);
//! assert_eq!(energy.measured_share, 0.0);
//! ```

mod hardware;
mod methods;
mod model;
mod phase;
mod request;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub use methods::{METHODS, Method};
pub use request::{EstimateRequest, Phase};

pub use crate::ledger::PhaseKind;

use crate::account::Settings;
use crate::factor::{Factor, FactorSet, Match};
use crate::fault::SettingsError;
use crate::ledger::{Basis, Evidence, Method as How, Stated, When};
use crate::series::{Device, Instrument};
use crate::text::significant;
use crate::units::{Energy, PICOJOULES_PER_KWH, Span};
use methods::Outcome;
use phase::Checked;

/// Each phase as evidence for a [`Ledger`](crate::ledger::Ledger).
///
/// # Errors
/// Where hardware, hours, place, year or method can't be used: what was found, what was expected, what to do.
pub fn evidence(request: &EstimateRequest, settings: &Settings, factors: &FactorSet) -> Result<Vec<Evidence>, SettingsError> {
    let method = Method::named(request.method.as_deref())?;
    if request.phases.is_empty() {
        return Err(SettingsError::new("phases", "found no phase, expected at least one", "give `--gpu` and `--hours`"));
    }
    let mut all = Vec::new();
    for (at, phase) in request.phases.iter().enumerate() {
        let year = settings.year;
        let checked = Checked::new(phase, at + 1, request.phases.len(), year, settings.region.as_deref(), factors)?;
        let outcome = method.outcome(&checked, settings, factors)?;
        all.extend(of_phase(&checked, outcome));
    }
    Ok(all)
}

/// The same of phases that settings state which were found beside logs: their factors count as said by the logs.
///
/// # Errors
/// As [`evidence`].
pub fn evidence_found(request: &EstimateRequest, settings: &Settings, factors: &FactorSet) -> Result<Vec<Evidence>, SettingsError> {
    let mut all = evidence(request, settings, factors)?;
    for stated in all.iter_mut().filter_map(|one| one.stated.as_mut()) {
        let given = stated.pue.iter_mut().chain(stated.intensity.iter_mut()).filter(|factor| factor.matched == Match::Given);
        given.for_each(Factor::said_by_log);
    }
    Ok(all)
}

fn of_phase(
    phase: &Checked<'_>,
    Outcome { parts, pue, intensity, car, complete: outcome_is_complete, assumptions }: Outcome,
) -> Vec<Evidence> {
    let span = Span::from_micros(libm::round(phase.all_hours() * 3.6e9) as i64);
    let when = match phase.when {
        When::Dated { .. } => phase.when,
        When::Undated(_) => When::Undated(span),
    };
    let mut evidence = Vec::new();
    for part in parts {
        let mut stated = Stated {
            kind: phase.asked.kind,
            region: phase.asked.region.clone(),
            year: phase.asked.year,
            pue: pue.clone().or_else(|| phase.pue.clone()),
            intensity: intensity.clone().or_else(|| phase.intensity.clone()),
            car,
            complete: outcome_is_complete || part.complete,
            share: Some(phase.core_share).filter(|share| phase.accelerators.is_empty() && *share < 1.0),
            offsets_kg: phase.asked.offsets_kg,
            causes: part.causes,
            assumptions: part.assumptions,
        };
        stated.assumptions.extend(assumptions.iter().cloned());
        let device = Device { index: Some(device_name(&phase.name, part.model.as_deref())), model: part.model, ..Device::default() };
        let energy = Energy::from_picojoules(libm::round(part.kwh * PICOJOULES_PER_KWH as f64) as i128);
        evidence.push(Evidence {
            count: part.count,
            detail: Some(part.method),
            covered: (span > Span::ZERO).then_some(span),
            run: Some(phase.name.clone()),
            stated: Some(Box::new(stated)),
            ..Evidence::of(part.component, device, Basis::Estimated, Instrument::Stated, How::Stated, energy, when)
        });
    }
    evidence
}

fn device_name(phase: &str, model: Option<&str>) -> String {
    model.map_or_else(|| phase.to_string(), |model| format!("{model}, {phase}"))
}

/// A number as people write it: four digits, without zeros that say nothing.
fn plain(value: f64) -> String {
    let text = significant(value, 4);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// `a, b or c`.
fn list_of(names: &[String], last: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}
