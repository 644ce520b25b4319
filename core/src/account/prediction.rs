//! What a run of more epochs would use, from the epochs that are known.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::cost::Costed;
use super::epochs::Epochs;
use super::student::two_sided_95;
use crate::interval::{Term, TermKind, UncertainPart, combine};
use crate::interval::{energy_quantity, mass_quantity};
use crate::ledger::Basis;
use crate::report::{Prediction, Report};
use crate::rules;
use crate::text::{percent, significant};

/// How far epochs are taken to scatter before two of them are known, relative standard deviation: nothing is published on it, so it is an
/// assumption that counts as much as one epoch and fades as epochs come in.
const ASSUMED_SCATTER: f64 = rules::value("assumed_epoch_scatter");

/// The consumption of `total` epochs. What is known stays as it is; the `m` epochs that are left get n known ones' mean ē.
///
/// Interval of the sum of m further epochs (Student t for a prediction, ν = n degrees of freedom because the assumed scatter counts as one observation):
/// m·ē ± t(ν)·s·√(m + m²/n), with s² = ((0.05 ē)² + Σ(eᵢ − ē)²) ÷ n; then the interval of the activities that the epochs lie in, in quadrature.
pub(super) fn prediction(epochs: &Epochs, total: u32, costed: &[Costed<'_>], report: &Report) -> Option<Prediction> {
    let known = epochs.it_kwh.len().min(total as usize);
    let left = total as usize - known;
    let it_kwh: Vec<f64> = epochs.it_kwh.iter().copied().take(known).collect();
    let all: f64 = epochs.it_kwh.iter().sum();
    let used: f64 = it_kwh.iter().sum();
    let mean = used / known as f64;
    if mean <= 0.0 {
        return None;
    }
    let relative = half_width(&it_kwh, mean, left);
    let spread = Term::new(TermKind::Estimation, "epochs differ", (1.0 - relative).max(0.05), 1.0 + relative);
    // Known and predicted, both with the interval of the activities that the epochs lie in, at their own PUE and intensity.
    let parts = |of: fn(&Costed<'_>) -> UncertainPart| -> [UncertainPart; 2] {
        let scaled = |(one, share): (&Costed<'_>, &f64)| of(one).times(*share);
        let whole = combine(&costed.iter().zip(&epochs.shares).map(scaled).collect::<Vec<_>>());
        let own = Term::new(TermKind::Sensor, "as known", whole.low / whole.value, whole.high / whole.value);
        let value = |kwh: f64| whole.value * kwh / all;
        [
            UncertainPart::new(value(used), Vec::from([own.clone()])),
            UncertainPart::new(value(mean * left as f64), Vec::from([own, spread.clone()])),
        ]
    };
    let at_meter = parts(|one| one.as_facility());
    let emissions = mass_quantity(&combine(&parts(|one| one.as_emissions())));
    let both = energy_quantity(&combine(&at_meter));
    let [known_part, rest] = &at_meter;
    let known_facility = energy_quantity(&combine(core::slice::from_ref(known_part)));
    let predicted_facility = (left > 0).then(|| energy_quantity(&combine(core::slice::from_ref(rest))));
    let estimated = |one: &Costed<'_>| one.evidence.basis == Basis::Estimated;
    let by_model: f64 = costed.iter().zip(&epochs.shares).filter(|(one, _)| estimated(one)).map(|(one, share)| one.it_kwh * share).sum();
    let basis = if by_model > 0.0 { format!(", {} of it estimated", percent(by_model / all)) } else { String::new() };
    let seconds: f64 = epochs.seconds.iter().take(known).sum();
    let text = match &predicted_facility {
        None => format!("{total} of the epochs that are known used {} at the meter: nothing is predicted.", both.text),
        Some(rest) => format!(
            "Of {total} epochs {known} {} known ({} at the meter{basis}). The other {} predicted to use {} (95% interval {}), if {} like those; \
             known and predicted together are {} and {} CO2eq (95% interval {}).",
            if known == 1 { "is" } else { "are" },
            known_facility.text,
            if left == 1 { String::from("one is") } else { format!("{left} are") },
            rest.text,
            rest.interval_text,
            if left == 1 { "it is" } else { "they are" },
            both.text,
            emissions.text,
            emissions.interval_text
        ),
    };
    let count = |d: &&crate::report::DeclaredFigure| d.kind == "predicted";
    let named = |d: &crate::report::DeclaredFigure| match &d.run {
        Some(run) => format!("{}, {run}: {}", d.tool, d.text),
        None => format!("{}: {}", d.tool, d.text),
    };
    Some(Prediction {
        run: epochs.run.clone(),
        epochs_known: u32::try_from(known).unwrap_or(u32::MAX),
        epochs: total,
        epoch_it_kwh: it_kwh,
        known_facility_kwh: known_facility,
        predicted_facility_kwh: predicted_facility,
        facility_kwh: both,
        emissions_kgco2e: emissions,
        duration_s: (seconds > 0.0).then(|| seconds / known as f64 * f64::from(total)),
        method: format!(
            "mean of the known epochs; Student's t with {known} degree{} of freedom (±{}% for the predicted part), a scatter of {}% between epochs \
             being assumed with the weight of one epoch; energy, PUE and carbon intensity as uncertain as in the activities that the epochs lie in",
            if known == 1 { "" } else { "s" },
            significant(100.0 * relative, 2),
            significant(100.0 * ASSUMED_SCATTER, 1)
        ),
        text,
        trackers: report.declared.iter().filter(count).map(named).collect(),
    })
}

/// Half-width of the sum of `left` further epochs, over that sum.
fn half_width(known: &[f64], mean: f64, left: usize) -> f64 {
    if left == 0 {
        return 0.0;
    }
    let n = known.len() as f64;
    let assumed = ASSUMED_SCATTER * mean;
    let squares: f64 = known.iter().map(|kwh| (kwh - mean) * (kwh - mean)).sum();
    let deviation = libm::sqrt((assumed * assumed + squares) / n);
    two_sided_95(known.len()) * deviation / mean * libm::sqrt(1.0 / left as f64 + 1.0 / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_narrows_as_epochs_come_in() {
        // By hand, n = 1, m = 9: 12.706 × 0.05 × √(1/9 + 1) = 0.66966.
        assert!((half_width(&[2.0], 2.0, 9) - 0.669_66).abs() < 1e-4);
        // n = 2, m = 8, e = 0.9 and 1.1: s = √((0.0025 + 0.02) ÷ 2) = 0.106066; 4.303 × 0.106066 × √(1/8 + 1/2) = 0.360817.
        assert!((half_width(&[0.9, 1.1], 1.0, 8) - 0.360_817).abs() < 1e-5);
        // Of a run of ten alike: in units of an epoch, because the rest itself gets smaller.
        let widths: Vec<f64> = (1..10).map(|n| half_width(&alloc::vec![1.0; n], 1.0, 10 - n) * (10 - n) as f64).collect();
        assert!(widths.windows(2).all(|pair| pair[1] < pair[0]), "{widths:?}");
        assert_eq!(half_width(&[1.0], 1.0, 0), 0.0);
    }
}
