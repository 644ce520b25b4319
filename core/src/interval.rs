//! 95 % intervals in closed form: terms that share a cause move together, others are independent.

mod end;
mod quantity;

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use end::{Held, Of, Toward};
pub(crate) use quantity::{energy_quantity, mass_quantity};

use crate::factor::Evaluation;
use crate::map::Map;
use crate::order;
use crate::report::{BudgetCause, BudgetTerm};

/// What an interval is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TermKind {
    /// Carbon intensity of the grid, as a yearly mean.
    CarbonIntensity,
    /// Manufacture of the hardware.
    Embodied,
    /// Models in place of sensors.
    Estimation,
    /// The run's hours against the year's mean.
    Hours,
    /// Power usage effectiveness.
    Pue,
    /// What no log shows of the computers.
    Rest,
    /// What happens between two samples.
    Sampling,
    /// Sensors.
    Sensor,
}

impl TermKind {
    /// Whether energy is multiplied by what is uncertain, whatever the energy rests on.
    const fn is_of_factor(self) -> bool {
        matches!(self, TermKind::CarbonIntensity | TermKind::Hours | TermKind::Pue)
    }

    const fn as_str(self) -> &'static str {
        match self {
            TermKind::CarbonIntensity => "carbon_intensity",
            TermKind::Embodied => "embodied",
            TermKind::Estimation => "estimation",
            TermKind::Hours => "hours",
            TermKind::Pue => "pue",
            TermKind::Rest => "rest",
            TermKind::Sampling => "sampling",
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
    pub cause: Rc<str>,
    /// Lower end over value, at most 1.
    pub low: f64,
    /// Upper end over value, at least 1.
    pub high: f64,
    /// From the scatter of observations, or from anything else.
    pub evaluation: Evaluation,
    /// Id of the source; none where it is the data themselves.
    pub source: Option<Rc<str>>,
}

impl Term {
    /// A term of type B without a source of its own.
    pub fn new(kind: TermKind, cause: impl Into<Rc<str>>, low: f64, high: f64) -> Self {
        Self { kind, cause: cause.into(), low, high, evaluation: Evaluation::B, source: None }
    }

    /// With how it was evaluated, and where it comes from.
    #[must_use]
    pub fn from_source(self, evaluation: Evaluation, source: &str) -> Self {
        Self { evaluation, source: (!source.is_empty()).then(|| Rc::from(source)), ..self }
    }

    /// Takes the words of another one where they are its own: what thousands of rows say is held once.
    pub(crate) fn share(&mut self, other: &Self) {
        if self.cause == other.cause {
            self.cause = Rc::clone(&other.cause);
        }
        if self.source == other.source {
            self.source.clone_from(&other.source);
        }
    }
}

/// A part of a total with its terms.
#[derive(Clone, Debug)]
pub struct UncertainPart {
    /// Value, in the unit of the total.
    pub value: f64,
    /// What the upper bound holds besides: gaps and possible further devices.
    pub possible: f64,
    /// What it holds besides of devices that draw so much at most: no instrument's error comes on top.
    pub bounded: f64,
    /// What the lower bound leaves out: energy in the value that may not be its own.
    pub doubtful: f64,
    /// Causes of error.
    pub terms: Vec<Term>,
    /// How many times as large the whole is that the part is left of: the terms of a rest are those of its whole, and so many times as large. Else 1.
    pub wholes: f64,
}

impl UncertainPart {
    /// A part of which both ends hold the same.
    pub fn new(value: f64, terms: Vec<Term>) -> Self {
        Self { value, possible: 0.0, bounded: 0.0, doubtful: 0.0, terms, wholes: 1.0 }
    }

    /// What the lower end holds.
    fn least(&self) -> Of {
        let energy = self.value - self.doubtful.min(MOST_DOUBTFUL * self.value);
        Of { energy, moved: energy, bounded: 0.0 }
    }

    /// What the upper end holds. What may be of another meter is off as that meter's whole is.
    fn most(&self) -> Of {
        Of { energy: self.value + self.possible, moved: self.value + self.possible / self.wholes, bounded: self.bounded }
    }

    /// The part in another unit, or a share of it.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        let Self { value, possible, bounded, doubtful, terms, wholes } = self;
        let (value, possible, bounded, doubtful) = (value * factor, possible * factor, bounded * factor, doubtful * factor);
        Self { value, possible, bounded, doubtful, terms, wholes }
    }
}

/// A term of the budget: causes of one kind, or what only one end holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetOf {
    /// What only one end holds: gaps, wraps, open identities, figures that were left out.
    Coverage,
    /// Causes of this kind.
    Kind(TermKind),
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
    /// The largest term of it; of a value of nothing there is no budget, and what it may be is in the upper end alone.
    pub largest: Option<BudgetOf>,
}

/// What of a total is nothing but rounding, as a share of it.
const ROUNDING: f64 = 1e-12;

/// The share of a part that its lower end can be without: what is left keeps the weights of causes defined, and is nothing beside parts that are certain.
const MOST_DOUBTFUL: f64 = 1.0 - 1e-15;

/// Causes of one kind that the budget names, the largest first.
const MOST_CAUSES: usize = 12;

/// The sum of `parts` and its 95 % interval.
///
/// Causes are independent, and parts with one cause are off together (JCGM 100:2008, 5.1 and 5.2.2). `Held::end` makes each end of what it holds:
/// the lower one of valueᵢ − doubtfulᵢ, the upper one of valueᵢ + possibleᵢ. What is only possible (gaps, devices that may be others) so moves one end
/// alone; what is bounded by what devices draw is part of it, for factors alone.
pub fn combine(parts: &[UncertainPart]) -> Interval {
    let (mut interval, ends) = ends(parts);
    let Some(Ends { numbers, causes, down, up }) = ends else { return interval };
    let (value, doubtful, possible) = (interval.value, doubtful(parts), possible(parts));
    // Of thousands of causes a few are named.
    let mut kinds: Map<TermKind, (f64, f64, Vec<(f64, &str, usize)>)> = Map::new();
    let percent = |logarithm: f64| 100.0 * (libm::exp(logarithm) - 1.0);
    for ((kind, cause), at) in numbers.iter() {
        let (Some(&l), Some(&h)) = (down.get(*at), up.get(*at)) else { continue };
        let entry = kinds.entry(*kind).or_insert((0.0, 0.0, Vec::new()));
        entry.0 += l * l;
        entry.1 += h * h;
        entry.2.push((variance(l * l, h * h), *cause, *at));
    }
    let (less, more) = (-libm::log(1.0 - doubtful / value), libm::log(1.0 + possible / value));
    let coverage = variance(less * less, more * more);
    let all: f64 = kinds.values().map(|(l2, h2, _)| variance(*l2, *h2)).sum::<f64>() + coverage;
    let term = |name: &str, (low_squared, high_squared): (f64, f64), reason: String, causes: Vec<BudgetCause>| {
        let variance = variance(low_squared, high_squared);
        BudgetTerm {
            term: String::from(name),
            half_width_percent: percent(libm::sqrt(variance)),
            low_percent: percent(-libm::sqrt(low_squared)),
            high_percent: percent(libm::sqrt(high_squared)),
            share: if all > 0.0 { variance / all } else { 0.0 },
            reason,
            causes,
        }
    };
    let mut budget: Vec<(BudgetOf, BudgetTerm)> = Vec::new();
    for (kind, (l2, h2, mut named)) in kinds {
        order::sort_by(&mut named, |a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let names: Vec<&str> = named.iter().map(|(_, cause, _)| *cause).collect();
        let reason = crate::text::few(&names, "; ");
        let told = |(_, cause, at): (f64, &str, usize)| {
            let (term, l, h) = (causes.get(at)?, *down.get(at)?, *up.get(at)?);
            let source = term.source.as_deref().filter(|source| !source.is_empty()).map(String::from);
            let (low_percent, high_percent) = (percent(-l), percent(h));
            Some(BudgetCause { cause: String::from(cause), low_percent, high_percent, evaluation: term.evaluation, source })
        };
        let named = named.into_iter().take(MOST_CAUSES).filter_map(told).collect();
        budget.push((BudgetOf::Kind(kind), term(kind.as_str(), (l2, h2), reason, named)));
    }
    if coverage > 0.0 {
        let reason = match (possible > 0.0, doubtful > 0.0) {
            (true, false) => "gaps and readings that may be of further devices: upwards only",
            (false, _) => "energy that may stand twice, or be no part of it: downwards only",
            _ => "gaps, readings that may be of further devices, and energy that may stand twice or be no part of it",
        };
        let cause = BudgetCause {
            cause: String::from(reason),
            low_percent: percent(-less),
            high_percent: percent(more),
            evaluation: Evaluation::B,
            source: None,
        };
        budget.push((BudgetOf::Coverage, term("coverage", (less * less, more * more), String::from(reason), Vec::from([cause]))));
    }
    order::sort_by(&mut budget, |(_, a), (_, b)| b.share.total_cmp(&a.share).then_with(|| a.term.cmp(&b.term)));
    interval.largest = budget.first().map(|(of, _)| *of);
    interval.budget = budget.into_iter().map(|(_, term)| term).collect();
    interval
}

/// The same without its budget: rows of a report by the thousand say their ends alone.
pub(crate) fn combine_ends(parts: &[UncertainPart]) -> Interval {
    ends(parts).0
}

/// What the budget is made of: causes, each with its number, and how far each moves the lower and the upper end.
struct Ends<'p> {
    numbers: Map<(TermKind, &'p str), usize>,
    causes: Vec<&'p Term>,
    down: Vec<f64>,
    up: Vec<f64>,
}

/// The sum of `parts` with its ends; of nothing no cause moves them.
fn ends(parts: &[UncertainPart]) -> (Interval, Option<Ends<'_>>) {
    let value = sum(parts, |part| part.value);
    if value <= 0.0 {
        let possible = possible(parts);
        let largest = (possible > 0.0).then_some(BudgetOf::Coverage);
        return (Interval { value, low: value, high: value + possible, budget: Vec::new(), largest }, None);
    }
    let mut numbers: Map<(TermKind, &str), usize> = Map::new();
    let mut causes: Vec<&Term> = Vec::new();
    let mut terms: Vec<usize> = Vec::new();
    let mut before: &[Term] = &[];
    for part in parts {
        // Most causes are those of the part before, in the same words.
        let of_before = terms.len() - before.len();
        for (at, term) in part.terms.iter().enumerate() {
            let is_known = |known: &&Term| known.kind == term.kind && Rc::ptr_eq(&known.cause, &term.cause);
            let known = before.get(at).filter(is_known).and_then(|_| terms.get(of_before + at)).copied();
            let number = known.unwrap_or_else(|| *numbers.entry((term.kind, &*term.cause)).or_insert(causes.len()));
            if number == causes.len() {
                causes.push(term);
            }
            terms.push(number);
        }
        before = &part.terms;
    }
    let all = |holds| Held { parts, terms: &terms, causes: causes.len(), holds };
    let (low, down) = all(UncertainPart::least).end(Toward::Less);
    // Of what may be no energy of its own at all, the lower end is 0.
    let certain = sum(parts, |part| (part.value - part.doubtful).max(0.0));
    let low = if certain > ROUNDING * value { low } else { 0.0 };
    let (high, up) = all(UncertainPart::most).end(Toward::More);
    (Interval { value, low, high, budget: Vec::new(), largest: None }, Some(Ends { numbers, causes, down, up }))
}

fn sum(parts: &[UncertainPart], of: fn(&UncertainPart) -> f64) -> f64 {
    parts.iter().map(of).sum::<f64>() + 0.0
}

/// What the upper end alone holds.
fn possible(parts: &[UncertainPart]) -> f64 {
    sum(parts, |part| part.possible + part.bounded)
}

/// What the lower end is without.
fn doubtful(parts: &[UncertainPart]) -> f64 {
    sum(parts, |part| part.doubtful).min(0.999 * sum(parts, |part| part.value))
}

/// The variance of a term whose ends differ: the square of their mean.
fn variance(low_squared: f64, high_squared: f64) -> f64 {
    let half = (libm::sqrt(low_squared) + libm::sqrt(high_squared)) / 2.0;
    half * half
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn term(kind: TermKind, cause: &str, low: f64, high: f64) -> Term {
        Term::new(kind, cause, low, high)
    }

    #[test]
    fn one_cause_moves_all_its_parts_together() {
        let part = |value| UncertainPart::new(value, vec![term(TermKind::Sensor, "nvml", 0.95, 1.05)]);
        let total = combine(&[part(3.0), part(7.0)]);
        assert!((total.low - 9.5).abs() < 1e-12 && (total.high - 10.5).abs() < 1e-12);
    }

    #[test]
    fn independent_causes_combine_in_quadrature() {
        // ln 1.05 and ln 1.10 by hand: √(0.048790² + 0.095310²) = 0.107072; e^0.107072 = 1.113014894.
        let part = UncertainPart::new(1.0, vec![term(TermKind::Sensor, "a", 0.95, 1.05), term(TermKind::CarbonIntensity, "b", 0.9, 1.1)]);
        let total = combine(&[part]);
        assert!((total.high - 1.113_014_894).abs() < 1e-8, "{}", total.high);
        assert!((total.budget.iter().map(|t| t.share).sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(total.budget[0].term, "carbon_intensity");
    }

    /// Quantiles of 8 million draws of two-sided log-normal causes, by NumPy.
    #[test]
    fn what_differs_in_size_and_what_is_shared_holds_the_quantiles_of_draws() {
        let part = |value, cause, low, high| UncertainPart::new(value, vec![term(TermKind::Estimation, cause, low, high)]);
        let holds = |parts: &[UncertainPart], low: f64, high: f64| {
            let found = combine(parts);
            assert!((found.low / low - 1.0).abs() < 0.025 && (found.high / high - 1.0).abs() < 0.025, "{low} to {high}, found {found:?}");
        };
        let tracked = [part(0.6, "gpu", 0.88, 1.15), part(0.3, "cpu", 0.5, 3.0), part(0.1, "memory", 0.15, 2.0)];
        holds(&tracked, 0.799_1, 1.608_2);
        let grid = term(TermKind::CarbonIntensity, "grid", 0.7, 1.6);
        let emitted = tracked.map(|part| UncertainPart { terms: [part.terms, vec![grid.clone()]].concat(), ..part });
        holds(&emitted, 0.658_2, 1.940_2);
        // Two of one cause are one.
        holds(&[part(0.85, "a", 1.0, 1.0), part(0.1, "b", 0.15, 5.0), part(0.05, "b", 0.15, 5.0)], 0.872_5, 1.600_4);
        // Equal parts that may be four times as much, or a quarter, are less so together.
        let found = combine(&[part(0.5, "a", 0.25, 4.0), part(0.5, "b", 0.25, 4.0)]);
        assert!((0.36..0.42).contains(&found.low) && (3.05..3.25).contains(&found.high), "0.408 to 3.147, found {found:?}");
    }

    #[test]
    fn parts_beside_each_other_add_up_in_quadrature() {
        // JCGM 100:2008, 5.1.2, for a sum: u² = Σ u(xᵢ)². Of a hundred sums, as what their causes have in common is nothing but rounding.
        for number in 1..100_u32 {
            let parts: Vec<UncertainPart> = (1..8_u32)
                .map(|i| {
                    let high = 1.05 + f64::from((i * number) % 11) / 10.0;
                    let terms = vec![term(TermKind::Sensor, ["a", "b", "c", "d", "e", "f", "g"][i as usize - 1], 0.9, high)];
                    UncertainPart::new(f64::from(1 + (i * number) % 13) / 7.0, terms)
                })
                .collect();
            let squares: f64 = parts.iter().map(|part| (part.value * (part.terms[0].high - 1.0)).powi(2)).sum();
            let found = combine(&parts);
            let high = found.value + squares.sqrt();
            assert!((found.high / high - 1.0).abs() < 1e-9, "{number}: {high}, found {found:?}");
        }
    }

    #[test]
    fn a_part_of_a_whole_moves_what_is_left_the_other_way() {
        // A meter of 10 (5 % off) less a GPU of 8 (a tenth off) leaves 2: 10 x 1.05 - 8 is 2.5, 10 - 8 x 1.1 is 1.2.
        let meter = |low, high| term(TermKind::Sensor, "meter", low, high);
        let gpu = |low, high| term(TermKind::Sensor, "gpu", low, high);
        let part = |terms| UncertainPart { wholes: 5.0, ..UncertainPart::new(2.0, terms) };
        let rest = part(vec![meter(0.75, 1.25), gpu(1.4, 0.6)]);
        let alone = combine(&[part(vec![gpu(1.4, 0.6)])]);
        assert!((alone.low - 1.2).abs() < 1e-9 && (alone.high - 2.8).abs() < 1e-9, "{alone:?}");
        // With the GPU beside it, it is the meter's again.
        let whole = combine(&[rest, UncertainPart::new(8.0, vec![gpu(0.9, 1.1)])]);
        assert!((whole.low - 9.5).abs() < 1e-9 && (whole.high - 10.5).abs() < 1e-9, "{whole:?}");
    }

    #[test]
    fn what_may_be_another_meter_beside_a_rest_is_off_as_that_meter_is() {
        // Of a meter of 10 (5 % off) 2 are left, and another meter of 10 may stand beside it: 10.5 + 10.5 with the 8 that were taken out.
        let meter = |low, high| vec![term(TermKind::Sensor, "meter", low, high)];
        let rest = UncertainPart { possible: 10.0, wholes: 5.0, ..UncertainPart::new(2.0, meter(0.75, 1.25)) };
        let found = combine(&[rest, UncertainPart::new(8.0, Vec::new())]);
        assert!((found.high - 21.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn the_upper_end_weighs_what_it_holds() {
        // 1 of a part that may be 2.5 times as much, and at most 15 of a device that was left out: 2.5 + 15, not (1 + 15) x 2.5.
        let terms = || vec![term(TermKind::Sensor, "tracker", 0.4, 2.5)];
        let found = combine(&[UncertainPart { bounded: 15.0, ..UncertainPart::new(1.0, terms()) }]);
        assert!((found.high - 17.5).abs() < 1e-9, "{found:?}");
        // A grid's intensity is off for both.
        let factor = [terms(), vec![term(TermKind::CarbonIntensity, "grid", 0.9, 1.1)]].concat();
        let found = combine(&[UncertainPart { bounded: 15.0, ..UncertainPart::new(1.0, factor) }]);
        let both = (libm::log(17.5 / 16.0).powi(2) + libm::log(1.1).powi(2)).sqrt();
        assert!((found.high - 16.0 * libm::exp(both)).abs() < 1e-9, "{found:?}");
        // Of 9 that may be no energy of their own, the lower end has nothing, and so nothing of their error.
        let sure = UncertainPart::new(1.0, terms());
        let open = UncertainPart { doubtful: 9.0, ..UncertainPart::new(9.0, vec![term(TermKind::Sensor, "nvml", 0.9, 1.1)]) };
        let found = combine(&[sure, open]);
        assert!((found.low - 0.4).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn what_is_doubtful_throughout_may_be_nothing() {
        let part = |value: f64, sure: f64| UncertainPart {
            doubtful: value - sure,
            ..UncertainPart::new(value, vec![term(TermKind::Sensor, "a", 0.5, 2.0)])
        };
        // Three parts of which none may be energy of its own: 0, and not what rounding leaves of them.
        let found = combine(&[part(0.1, 0.0), part(0.2, 0.0), part(0.7, 0.0)]);
        assert_eq!(found.low, 0.0);
        assert!((found.high - 2.0).abs() < 1e-9, "{found:?}");
        // A thousandth that is certain is half of itself at least.
        let found = combine(&[part(0.1, 0.0), part(0.2, 0.0), part(0.7, 0.001)]);
        assert!((found.low - 0.000_5).abs() < 1e-9, "{found:?}");
        // What is certain keeps its end.
        assert!((combine(&[part(1.0, 1.0)]).low - 0.5).abs() < 1e-9);
    }

    #[test]
    fn what_is_only_possible_raises_the_upper_end_alone() {
        let part = UncertainPart { possible: 0.5, ..UncertainPart::new(1.0, vec![term(TermKind::Sensor, "a", 0.95, 1.05)]) };
        let total = combine(&[part]);
        assert!((total.low - 0.95).abs() < 1e-12 && (total.high - 1.575).abs() < 1e-12);
    }
}
