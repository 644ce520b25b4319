//! An end of an interval: where several causes of error take a sum of parts together.

use alloc::vec::Vec;

use super::UncertainPart;

/// Which end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Toward {
    Less,
    More,
}

/// What one end holds: of each part its energy, and what is bounded besides.
pub(super) struct Held<'p> {
    pub parts: &'p [UncertainPart],
    /// The number of each term's cause, part by part.
    pub terms: &'p [usize],
    pub causes: usize,
    pub holds: fn(&UncertainPart) -> Of,
}

/// What an end holds of a part.
pub(super) struct Of {
    pub energy: f64,
    /// What the causes of error are shares of.
    pub moved: f64,
    /// What is bounded besides.
    pub bounded: f64,
}

/// What one cause alone does to an end, as a share of it: with its parts at their lower ends, and at their upper ones.
#[derive(Clone, Copy, Default)]
struct Alone {
    at_low: f64,
    at_high: f64,
    /// Σ wᵢ(1 − lᵢ)².
    squares: f64,
}

impl Held<'_> {
    /// The end, and how far each cause alone moves it, on the logarithm.
    ///
    /// With wᵢ the part's share of what the end holds and lᵢ ≤ 1 ≤ hᵢ its ends, the cause c alone makes of the whole 1 − δ_c = 1 − Σ wᵢ(1 − lᵢ), or
    /// 1 + υ_c = 1 + Σ wᵢ(hᵢ − 1). Together, each goes its share s_c of the way, with Σ s² = 1: to the point of their common 95 % sphere that lies in
    /// the direction of their effects (A. M. Hasofer and N. C. Lind, "Exact and invariant second-moment code format", 1974). The end is the sum of the
    /// parts there, so that causes of the same parts multiply, and those of different ones add up.
    ///
    /// Downwards, s_c is as −ln(1 − δ_c), and parts go to lᵢ^s: what is half at worst has lost more than half of that on half of the way, however little
    /// it weighs in the whole. Upwards parts go along a line where causes add up, because large deviations of several are seldom met together, and along
    /// hᵢ^s where they multiply. How far they do is κ: what all of them at their ends make of the whole, on the way from 1 + Σ υ to Π (1 + υ). So s_c
    /// is as ln(1 + κυ_c), and the way as (1 + κυ_c)^s. Where all causes are of all parts, both ends are quadrature on the logarithm.
    ///
    /// Of 1,000 sums and products of two to seven log-normal causes of the sizes of `instruments.csv`, 94.4 to 97.2 % of 6,000 draws each lie inside.
    pub(super) fn end(&self, toward: Toward) -> (f64, Vec<f64>) {
        let total: f64 = self.parts.iter().map(self.holds).map(|of| of.energy + of.bounded).sum();
        let mut alone: Vec<Alone> = alloc::vec![Alone::default(); self.causes];
        let each = self.parts.iter().flat_map(|part| part.terms.iter().map(move |term| (part, term))).zip(self.terms);
        for ((part, term), at) in each {
            let of = (self.holds)(part);
            let weight = if term.kind.is_of_factor() { of.energy + of.bounded } else { of.moved } / total;
            let Some(alone) = alone.get_mut(*at) else { continue };
            alone.at_low += weight * (term.low - 1.0);
            alone.at_high += weight * (term.high - 1.0);
            alone.squares += weight * (term.low - 1.0) * (term.low - 1.0);
        }
        let effects: Vec<f64> = alone.iter().map(|alone| alone.effect(toward)).collect();
        let sides = || alone.iter().map(|alone| alone.is_at_low(toward));
        let multiply = match toward {
            Toward::Less => 1.0,
            Toward::More => {
                let ends: Vec<(bool, f64)> = sides().map(|at_low| (at_low, 1.0)).collect();
                let apart = 1.0 + effects.iter().sum::<f64>();
                let multiplied = effects.iter().map(|effect| 1.0 + effect).product::<f64>();
                let share = (self.at(&ends) / total - apart) / (multiplied - apart);
                if share.is_finite() { share.clamp(0.0, 1.0) } else { 1.0 }
            }
        };
        let lengths = effects.iter().map(|effect| length(effect * multiply) / multiply);
        let lengths: Vec<f64> = lengths.zip(&effects).map(|(length, effect)| if length.is_finite() { length } else { *effect }).collect();
        let all = libm::sqrt(lengths.iter().map(|length| length * length).sum()).max(f64::MIN_POSITIVE);
        let way = |((alone, effect), length): ((&Alone, &f64), &f64)| alone.way(toward, effect * multiply, length / all);
        let ways: Vec<(bool, f64)> = sides().zip(alone.iter().zip(&effects).zip(&lengths).map(way)).collect();
        (self.at(&ways).max(0.0), effects.iter().map(|effect| length(*effect)).collect())
    }

    /// The sum of the parts where each cause has gone a share of the way to the lower or the upper ends of its terms.
    fn at(&self, ways: &[(bool, f64)]) -> f64 {
        let mut terms = self.terms.iter();
        let at = |part: &UncertainPart| {
            let Of { energy, moved, bounded } = (self.holds)(part);
            // What is left of a whole less its parts: their differences to it add up, however large they are beside what is left.
            let is_rest = part.wholes > 1.0;
            let (mut own, mut factors) = (1.0, 1.0);
            for (term, at) in part.terms.iter().zip(&mut terms) {
                let (at_low, way) = ways.get(*at).copied().unwrap_or_default();
                let change = way * (if at_low { term.low } else { term.high } - 1.0);
                match (term.kind.is_of_factor(), is_rest) {
                    (true, _) => factors *= 1.0 + change,
                    (false, true) => own += change,
                    (false, false) => own *= 1.0 + change,
                }
            }
            let energy = if is_rest { energy + moved * (own - 1.0) } else { energy * own };
            (energy + bounded) * factors
        };
        self.parts.iter().map(at).sum()
    }
}

/// |ln(1 + effect)|.
fn length(effect: f64) -> f64 {
    libm::fabs(libm::log1p(effect))
}

impl Alone {
    /// Whether its parts at their lower ends are what moves the whole this way: of what is left of a meter's total, a part's upper end does.
    fn is_at_low(&self, toward: Toward) -> bool {
        (self.at_low <= self.at_high) == (toward == Toward::Less)
    }

    /// By which share it moves the whole this way, at most: nothing where it moves it the other way by rounding, because a whole less its parts is
    /// added to the parts.
    fn effect(&self, toward: Toward) -> f64 {
        let end = if self.is_at_low(toward) { self.at_low } else { self.at_high };
        match toward {
            Toward::Less => end.clamp(-0.999, 0.0),
            Toward::More => end.max(0.0),
        }
    }

    /// Which share of what lies between the value and their ends its parts have changed by when it is at `s` of its way.
    fn way(&self, toward: Toward, effect: f64, s: f64) -> f64 {
        let most = match toward {
            Toward::Less if self.is_at_low(toward) => -(self.squares / -self.at_low).clamp(0.0, 0.999),
            _ => effect,
        };
        // ((1 + most)^s − 1) ÷ most, where `most` may be nothing but rounding.
        let way = libm::expm1(s * libm::log1p(most)) / most;
        if way.is_finite() { way } else { s }
    }
}
