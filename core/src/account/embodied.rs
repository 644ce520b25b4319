//! The hardware's manufacture, the share of this use: ISO/IEC 21031, M = TE × TS × RS.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::settings::{LIFETIME_YEARS, Settings};
use crate::factor::{Factor, FactorSet};
use crate::interval::mass_quantity;
use crate::interval::{Interval, Term, TermKind, UncertainPart, combine};
use crate::report::factor_use;
use crate::report::{EmbodiedShare, EmbodiedSource, Hardware};
use crate::rules;
use crate::units::HOURS_PER_YEAR;

/// Where no life is given: published assumptions reach from three to six years, the interval holds them.
const LIFETIME_RANGE: (f64, f64) = rules::ends("embodied_life_years");

/// The parts of the manufacture that are known, as rows and as parts of a total, and the models for which nothing is published.
pub(super) struct Embodied {
    pub rows: Vec<EmbodiedShare>,
    pub parts: Vec<UncertainPart>,
    pub unknown: Vec<String>,
}

/// M of each model of accelerator: TE from the table, TS = device-hours ÷ expected life, RS = 1 because device-hours count whole devices.
pub(super) fn embodied(hardware: &[Hardware], factors: &FactorSet, settings: &Settings) -> Embodied {
    let mut found = Embodied { rows: Vec::new(), parts: Vec::new(), unknown: Vec::new() };
    let life = settings.lifetime_years.unwrap_or(LIFETIME_YEARS);
    for device in hardware {
        let accelerator = factors.accelerator(&device.model);
        let Some((mut factor, boards)) = accelerator.and_then(|a| Some((a.embodied?, f64::from(a.gpus_per_board)))) else {
            found.unknown.push(device.model.clone());
            continue;
        };
        let by_source = sources(factors, &factor);
        factor.low = by_source.iter().map(|s| s.kgco2e).fold(factor.low, f64::min);
        factor.high = by_source.iter().map(|s| s.kgco2e).fold(factor.high, f64::max);
        let value = factor.value / boards * device.device_hours / (life * HOURS_PER_YEAR);
        let mut terms =
            Vec::from([term(format!("manufacture of {}", factor.label), factor.low / factor.value, factor.high / factor.value)]);
        if settings.lifetime_years.is_none() {
            terms.push(term(String::from("expected life"), life / LIFETIME_RANGE.1, life / LIFETIME_RANGE.0));
        }
        let part = UncertainPart::new(value, terms);
        found.rows.push(EmbodiedShare {
            model: device.model.clone(),
            count: device.count,
            device_hours: device.device_hours,
            by_source,
            factor: factor_use(&factor),
            kgco2e: mass_quantity(&combine(core::slice::from_ref(&part))),
        });
        found.parts.push(part);
    }
    found
}

impl Embodied {
    /// M in total; `None` where nothing is known.
    pub(super) fn total(&self) -> Option<Interval> {
        (!self.parts.is_empty()).then(|| combine(&self.parts))
    }
}

fn term(cause: String, low: f64, high: f64) -> Term {
    Term::new(TermKind::Embodied, cause, low, high)
}

/// What each source says of the device: the factor's own, and those that name the same model.
fn sources(factors: &FactorSet, factor: &Factor) -> Vec<EmbodiedSource> {
    let rows = factors.embodied_devices(&factor.label).into_iter();
    let mut sources: Vec<EmbodiedSource> = rows
        .map(|row| EmbodiedSource {
            source: row.source,
            about: format!("{}, {}", row.model, row.boundary.replace('_', " ")),
            kgco2e: row.kgco2e,
        })
        .collect();
    if !sources.iter().any(|s| s.source == factor.source) {
        sources.insert(0, EmbodiedSource { source: factor.source.clone(), about: factor.label.to_string(), kgco2e: factor.value });
    }
    sources
}
