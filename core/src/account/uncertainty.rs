//! 95 % intervals in closed form: terms that share a cause move together, others are combined in quadrature on the logarithm.

use alloc::string::String;
use alloc::vec::Vec;

use crate::map::Map;
use crate::order;
use crate::report::BudgetTerm;

/// What an interval is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TermKind {
    /// Carbon intensity of the grid.
    CarbonIntensity,
    /// Manufacture of the hardware.
    Embodied,
    /// Models in place of sensors.
    Estimation,
    /// Power usage effectiveness.
    Pue,
    /// Sensors.
    Sensor,
}

impl TermKind {
    const fn as_str(self) -> &'static str {
        match self {
            TermKind::CarbonIntensity => "carbon_intensity",
            TermKind::Embodied => "embodied",
            TermKind::Estimation => "estimation",
            TermKind::Pue => "pue",
            TermKind::Sensor => "sensor",
        }
    }
}

/// One cause of error of one part of a total: by which factor the part may be too high or too low (95 %).
#[derive(Clone, Debug)]
pub struct Term {
    /// Kind, for the budget.
    pub kind: TermKind,
    /// The cause: parts with one cause are off by the same factor.
    pub cause: String,
    /// Lower end over value, at most 1.
    pub low: f64,
    /// Upper end over value, at least 1.
    pub high: f64,
}

/// A part of a total with its terms.
#[derive(Clone, Debug)]
pub struct UncertainPart {
    /// Value, in the unit of the total.
    pub value: f64,
    /// What the upper bound holds besides: gaps and possible further devices.
    pub possible: f64,
    /// Causes of error.
    pub terms: Vec<Term>,
}

/// A total with its interval.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Sum of the parts.
    pub value: f64,
    /// Lower end, 95 %.
    pub low: f64,
    /// Upper end, 95 %.
    pub high: f64,
    /// What it is made of.
    pub budget: Vec<BudgetTerm>,
}

/// The sum of `parts` and its 95 % interval.
///
/// For each cause c with parts i of weight wᵢ = valueᵢ ÷ total and factors lᵢ ≤ 1 ≤ hᵢ, which are off together:
/// λ_c = −ln(1 − Σ wᵢ(1 − lᵢ)), η_c = ln(1 + Σ wᵢ(hᵢ − 1)). Causes are independent, so
/// low = total × exp(−√Σ λ_c²) and high = (total + possible) × exp(√Σ η_c²) (JCGM 100:2008, 5.1, applied to the logarithm).
/// What is only possible (gaps, devices that may be others) moves the upper end alone.
pub fn combine(parts: &[UncertainPart]) -> Interval {
    let value: f64 = parts.iter().map(|p| p.value).sum::<f64>() + 0.0;
    let possible: f64 = parts.iter().map(|p| p.possible).sum::<f64>() + 0.0;
    if value <= 0.0 {
        return Interval { value, low: value, high: value + possible, budget: Vec::new() };
    }
    let mut causes: Map<(TermKind, &str), (f64, f64)> = Map::new();
    for part in parts {
        let weight = part.value / value;
        for term in &part.terms {
            let sums = causes.entry((term.kind, &term.cause)).or_default();
            sums.0 += weight * (1.0 - term.low);
            sums.1 += weight * (term.high - 1.0);
        }
    }
    let mut kinds: Map<TermKind, (f64, f64, Vec<&str>)> = Map::new();
    let (mut down, mut up) = (0.0, 0.0);
    for ((kind, cause), (low, high)) in &causes {
        let (l, h) = (-libm::log(1.0 - low.min(0.999)), libm::log(1.0 + high));
        down += l * l;
        up += h * h;
        let entry = kinds.entry(*kind).or_default();
        entry.0 += l * l;
        entry.1 += h * h;
        entry.2.push(cause);
    }
    let coverage = libm::log(1.0 + possible / value);
    let variance = |l2: f64, h2: f64| {
        let half = (libm::sqrt(l2) + libm::sqrt(h2)) / 2.0;
        half * half
    };
    let coverage_variance = coverage * coverage / 4.0;
    let all: f64 = kinds.values().map(|(l2, h2, _)| variance(*l2, *h2)).sum::<f64>() + coverage_variance;
    let term = |name: &str, half: f64, share: f64, reason: String| BudgetTerm {
        term: String::from(name),
        half_width_percent: 100.0 * (libm::exp(half) - 1.0),
        share: if all > 0.0 { share / all } else { 0.0 },
        reason,
    };
    let mut budget: Vec<BudgetTerm> = kinds
        .iter()
        .map(|(kind, (l2, h2, names))| {
            let v = variance(*l2, *h2);
            term(kind.as_str(), libm::sqrt(v), v, names.join("; "))
        })
        .collect();
    if possible > 0.0 {
        let reason = String::from("gaps and readings that may be of further devices: upwards only");
        budget.push(term("coverage", coverage / 2.0, coverage_variance, reason));
    }
    order::sort_by(&mut budget, |a, b| b.share.total_cmp(&a.share).then_with(|| a.term.cmp(&b.term)));
    Interval { value, low: value * libm::exp(-libm::sqrt(down)), high: (value + possible) * libm::exp(libm::sqrt(up)), budget }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use super::*;

    fn term(kind: TermKind, cause: &str, low: f64, high: f64) -> Term {
        Term { kind, cause: cause.to_string(), low, high }
    }

    #[test]
    fn one_cause_moves_all_its_parts_together() {
        let part = |value| UncertainPart { value, possible: 0.0, terms: vec![term(TermKind::Sensor, "nvml", 0.95, 1.05)] };
        let total = combine(&[part(3.0), part(7.0)]);
        assert!((total.low - 9.5).abs() < 1e-12 && (total.high - 10.5).abs() < 1e-12);
    }

    #[test]
    fn independent_causes_combine_in_quadrature() {
        // ln 1.05 and ln 1.10 by hand: √(0.048790² + 0.095310²) = 0.107072; e^0.107072 = 1.113014894.
        let part = UncertainPart {
            value: 1.0,
            possible: 0.0,
            terms: vec![term(TermKind::Sensor, "a", 0.95, 1.05), term(TermKind::CarbonIntensity, "b", 0.9, 1.1)],
        };
        let total = combine(&[part]);
        assert!((total.high - 1.113_014_894).abs() < 1e-8, "{}", total.high);
        assert!((total.budget.iter().map(|t| t.share).sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(total.budget[0].term, "carbon_intensity");
    }

    #[test]
    fn what_is_only_possible_raises_the_upper_end_alone() {
        let part = UncertainPart { value: 1.0, possible: 0.5, terms: vec![term(TermKind::Sensor, "a", 0.95, 1.05)] };
        let total = combine(&[part]);
        assert!((total.low - 0.95).abs() < 1e-12 && (total.high - 1.575).abs() < 1e-12);
    }
}
