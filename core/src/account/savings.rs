//! What would have emitted less, computed from this run; where the data do not support a figure, nothing is said.
//!
//! Each is an alternative to the run as it was, alone: they overlap, so they are never added up.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::cost::Costed;
use super::epochs::Epochs;
use crate::compare::held::Held;
use crate::compare::{Alternative, CAVEAT, hours, what_if};
use crate::factor::{FactorSet, Match};
use crate::interval::mass_quantity;
use crate::interval::{Interval, Term, TermKind, UncertainPart, combine};
use crate::ledger::Basis;
use crate::map::Map;
use crate::order;
use crate::read::IntensitySeries;
use crate::report::{Comparison, FactorUse, Quantity, Report, Saving};
use crate::rules;
use crate::series::Component;
use crate::text::{duration, percent, significant};
use crate::units::PICOJOULES_PER_KWH;

/// A GPU that draws less than this share of its design power does nothing: idle data-centre and desktop cards draw 7 to 17 % (NVIDIA's own
/// boards: V100 about 40 of 300 W, A100 50 to 60 of 400 W, H100 about 70 of 700 W). Low, central and high, for the interval.
const IDLE_SHARES: [f64; 3] = {
    let (low, high) = rules::ends("idle_gpu_share");
    [low, rules::value("idle_gpu_share"), high]
};

/// What saves less than this share of the total is not worth a row.
const LEAST: f64 = rules::value("least_saving");

/// Everything that the data support, most first.
pub(super) fn savings(
    report: &Report,
    costed: &[Costed<'_>],
    factors: &FactorSet,
    series: Option<&IntensitySeries>,
    epochs: Option<&Epochs>,
) -> Vec<Saving> {
    let Ok(held) = Held::of(report) else { return Vec::new() };
    let mut rows: Vec<Saving> = Vec::new();
    rows.extend(region(report, &held, factors));
    rows.extend(series.and_then(|series| hour(report, series)));
    rows.extend(pue(&held, factors));
    let idles = idles(costed, factors);
    rows.extend(idle(&idles, &held));
    rows.extend(unused(&idles, &held));
    rows.extend(epochs.and_then(|epochs| repeated(epochs, &held)));
    rows.retain(|row| row.kgco2e.low > 0.0 && row.share >= LEAST);
    order::sort_by(&mut rows, |a, b| b.kgco2e.value.total_cmp(&a.kgco2e.value).then_with(|| a.code.cmp(&b.code)));
    rows
}

fn row(held: &Held<'_>, code: &str, action: String, kgco2e: Quantity, assumption: String, caveat: &str) -> Saving {
    let share = kgco2e.value / held.emissions.value;
    Saving { code: code.to_string(), action, share, share_text: percent(share), kgco2e, assumption, caveat: caveat.to_string() }
}

/// The lowest of the places that the report compares; of a cloud run, of its provider's regions.
fn region(report: &Report, held: &Held<'_>, factors: &FactorSet) -> Option<Saving> {
    if held.intensity.matched == Match::WorldDefault {
        return None;
    }
    let provider = report.location.as_ref().and_then(|location| location.provider.as_deref());
    let provider = provider.filter(|name| !name.contains(','));
    let best = match provider {
        Some(provider) => {
            let regions = factors.regions().filter(|region| region.provider == provider);
            let rows = regions
                .filter_map(|region| what_if(report, factors, &Alternative { region: Some(region.code()), ..Alternative::default() }).ok());
            rows.min_by(|a, b| a.kgco2e.total_cmp(&b.kgco2e))
        }
        None => report.comparison.iter().filter(|row| !row.own).min_by(|a, b| a.kgco2e.total_cmp(&b.kgco2e)).cloned(),
    }?;
    let among = if provider.is_some() { "the provider's regions" } else { "the places compared" };
    let quantity = less(held, &factor_part(held.pue, held.intensity), &factor_part(best.pue.as_ref()?, best.carbon_intensity.as_ref()?))?;
    let assumption = format!("the same energy in {}, the lowest of {among}: {}", best.name, best.reason);
    Some(row(held, "region", format!("run in {}", best.name), quantity, assumption, CAVEAT))
}

/// The start within a day, earlier or later, that the hourly series makes cleanest.
fn hour(report: &Report, series: &IntensitySeries) -> Option<Saving> {
    let rows = hours::starts(report, series).ok()?;
    let own = rows.iter().find(|row| row.own)?;
    let best: &Comparison = rows.first().filter(|row| !row.own)?;
    // The series' own error moves both starts alike, so the difference has the relative error of the energy and of the series.
    let held = Held::of(report).ok()?;
    let value = own.kgco2e - best.kgco2e;
    let series_term = best.carbon_intensity.as_ref().map(|factor| crate::compare::held::factor_term(TermKind::CarbonIntensity, factor))?;
    let terms = Vec::from([held.energy_term(), held.pue_term(), series_term]);
    let quantity = mass_quantity(&combine(&[UncertainPart::new(value, terms)]));
    let assumption = format!("the same run, started at {}: {}", best.name, best.reason);
    let caveat = "By the hourly average of the grid, known afterwards; the work has to be able to wait.";
    Some(row(&held, "hour", format!("start at {}", best.name), quantity, assumption, caveat))
}

/// The best yearly mean that a provider publishes for its whole fleet.
fn pue(held: &Held<'_>, factors: &FactorSet) -> Option<Saving> {
    if held.pue.matched == Match::Default {
        return None;
    }
    let fleets = ["aws", "azure", "gcp"].iter().filter_map(|provider| factors.provider_pue(provider, held.year));
    let best = fleets.min_by(|a, b| a.value.total_cmp(&b.value)).map(|factor| crate::report::factor_use(&factor))?;
    let quantity = less(held, &factor_part(held.pue, held.intensity), &factor_part(&best, held.intensity))?;
    let (own, other) = (significant(held.pue.value, 3), &best.text);
    let assumption = format!(
        "the same energy of the computers in a building with a PUE of {other} instead of {own} ({}, {})",
        best.label, best.match_text
    );
    let caveat = "A building's PUE is not a user's to change: it is a reason to choose another one.";
    Some(row(held, "pue", format!("run in a building with a PUE of {other}"), quantity, assumption, caveat))
}

/// PUE × carbon intensity, with the terms of what the two do not share.
struct FactorPart {
    value: f64,
    pue: FactorUse,
    intensity: FactorUse,
}

fn factor_part(pue: &FactorUse, intensity: &FactorUse) -> FactorPart {
    FactorPart { value: pue.value * intensity.value / 1000.0, pue: pue.clone(), intensity: intensity.clone() }
}

/// Energy × (own − other), its interval from that of the difference (method of variance estimates recovery: the lower limit is
/// d − √((a − a_low)² + (b_high − b)²); Zou and Donner 2008) and of the energy. A factor that both share scales the difference.
/// `None` where the difference is not certain to be one.
fn less(held: &Held<'_>, own: &FactorPart, other: &FactorPart) -> Option<Quantity> {
    let mut shared: Vec<Term> = Vec::from([held.energy_term()]);
    let (mut a_terms, mut b_terms) = (Vec::new(), Vec::new());
    for (kind, a, b) in [(TermKind::Pue, &own.pue, &other.pue), (TermKind::CarbonIntensity, &own.intensity, &other.intensity)] {
        let term = |factor: &FactorUse| crate::compare::held::factor_term(kind, factor);
        if a == b {
            shared.push(term(a));
        } else {
            a_terms.push(term(a));
            b_terms.push(term(b));
        }
    }
    let alone = |value: f64, terms: Vec<Term>| combine(&[UncertainPart::new(value, terms)]);
    let (a, b): (Interval, Interval) = (alone(own.value, a_terms), alone(other.value, b_terms));
    let difference = a.value - b.value;
    let low = difference - libm::hypot(a.value - a.low, b.high - b.value);
    let high = difference + libm::hypot(a.high - a.value, b.value - b.low);
    if difference <= 0.0 || low <= 0.0 {
        return None;
    }
    shared.push(Term::new(TermKind::CarbonIntensity, "difference", low / difference, high / difference));
    Some(mass_quantity(&combine(&[UncertainPart::new(held.it.value * difference, shared)])))
}

/// Energy of one GPU below each of [`IDLE_SHARES`] of its design power, kWh, the time below the central one in seconds, and whether it was all below.
struct Idle {
    kwh: [f64; 3],
    seconds: f64,
    all: bool,
    factor: f64,
}

/// Of every GPU whose power is measured over time and whose design power is known.
fn idles(costed: &[Costed<'_>], factors: &FactorSet) -> Vec<Idle> {
    let mut design_powers: Map<&str, Option<f64>> = Map::new();
    let mut design_power = |model| {
        *design_powers.entry(model).or_insert_with(|| factors.accelerator(model).and_then(|accelerator| accelerator.device_tdp_w()))
    };
    costed.iter().filter_map(|one| idle_of(one, &mut design_power)).collect()
}

fn idle_of<'l>(one: &Costed<'l>, design_power: &mut impl FnMut(&'l str) -> Option<f64>) -> Option<Idle> {
    let e = one.evidence;
    let measured = e.basis == Basis::Measured && matches!(e.component, Component::Gpu | Component::GpuModule);
    let profile = e.profile.as_ref().filter(|_| measured && e.count == 1)?;
    let tdp = design_power(e.device.model.as_deref()?)?;
    let step = profile.step_s() as f64;
    // The first and last bucket are filled in part: their mean says nothing.
    let buckets: Vec<f64> = profile.buckets().map(|(_, doubled)| doubled as f64 / 2.0 / PICOJOULES_PER_KWH as f64).collect();
    let inner = buckets.get(1..buckets.len().checked_sub(1)?).filter(|inner| inner.len() >= 10)?;
    let mut idle = Idle { kwh: [0.0; 3], seconds: 0.0, all: true, factor: one.resolved.pue.value * one.resolved.intensity.value / 1000.0 };
    for kwh in inner {
        let watts = kwh * 3.6e6 / step;
        for (sum, share) in idle.kwh.iter_mut().zip(IDLE_SHARES) {
            if watts < share * tdp {
                *sum += kwh;
            }
        }
        let below = watts < IDLE_SHARES[1] * tdp;
        idle.seconds += if below { step } else { 0.0 };
        idle.all &= below;
    }
    Some(idle)
}

/// GPUs that worked, while they did nothing.
fn idle(idles: &[Idle], held: &Held<'_>) -> Option<Saving> {
    let (quantity, seconds) = bounded(idles.iter().filter(|idle| !idle.all), held)?;
    let assumption = format!(
        "GPUs drew less than {} of their design power for {} device-time in all (bounds: {} and {}); released, they would not have drawn it",
        percent(IDLE_SHARES[1]),
        duration(seconds),
        percent(IDLE_SHARES[0]),
        percent(IDLE_SHARES[2])
    );
    let caveat = "At most: a released device still idles unless its machine is switched off or used by others.";
    Some(row(held, "idle_gpus", "release GPUs while they idle".to_string(), quantity, assumption, caveat))
}

/// GPUs that never worked beside others that did.
fn unused(idles: &[Idle], held: &Held<'_>) -> Option<Saving> {
    let count = idles.iter().filter(|idle| idle.all).count();
    let working = idles.len() - count;
    if working == 0 {
        return None;
    }
    let (quantity, _) = bounded(idles.iter().filter(|idle| idle.all), held)?;
    let devices = if count == 1 { String::from("1 GPU") } else { format!("{count} GPUs") };
    let assumption = format!("{devices} never drew {} of the design power while {working} worked", percent(IDLE_SHARES[1]));
    let caveat = "At most: a device that is left out still idles unless its machine is switched off or used by others.";
    Some(row(held, "unused_devices", format!("leave out {devices}"), quantity, assumption, caveat))
}

/// Emissions of the idle energy, bounded by the two other thresholds and by the terms of the report.
fn bounded<'i>(all: impl Iterator<Item = &'i Idle> + Clone, held: &Held<'_>) -> Option<(Quantity, f64)> {
    let kg = |at: usize| all.clone().map(|idle| idle.kwh.get(at).copied().unwrap_or(0.0) * idle.factor).sum::<f64>() + 0.0;
    let value = kg(1);
    if value <= 0.0 {
        return None;
    }
    let threshold = Term::new(TermKind::Estimation, "what counts as idle", kg(0) / value, kg(2) / value);
    let terms = Vec::from([held.energy_term(), held.pue_term(), held.intensity_term(), threshold]);
    let interval = combine(&[UncertainPart::new(value, terms)]);
    Some((mass_quantity(&interval), all.map(|idle| idle.seconds).sum()))
}

/// Epochs that were done again after the run fell back.
fn repeated(found: &Epochs, held: &Held<'_>) -> Option<Saving> {
    let (kwh, count) = found.repeated;
    if count == 0 {
        return None;
    }
    let value = kwh * held.pue.value * held.intensity.value / 1000.0;
    let terms = Vec::from([held.energy_term(), held.pue_term(), held.intensity_term()]);
    let quantity = mass_quantity(&combine(&[held.part(value, terms)]));
    let epochs = if count == 1 { String::from("1 epoch") } else { format!("{count} epochs") };
    let assumption = format!("{}: the energy of {epochs} was used twice", found.repeated_as);
    let caveat = "Checkpoints that are written more often cost time of their own.";
    Some(row(held, "repeated_epochs", format!("not repeat {epochs}"), quantity, assumption, caveat))
}
