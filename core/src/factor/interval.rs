//! Intervals of factors: how far the true value may lie from a table's, as factors down and up.
//!
//! Every interval is at 95 % and every term is relative, so terms combine in quadrature on the logarithm:
//! `ln k = √(ln² k₁ + ln² k₂ + …)`, `low = value ÷ k`, `high = value × k`.

/// How far a value may lie off: divided by `down` at the low end, multiplied by `up` at the high end; both above 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    down: f64,
    up: f64,
}

impl Spread {
    /// The same factor in both directions.
    pub fn symmetric(factor: f64) -> Self {
        Self { down: factor, up: factor }
    }

    /// The spread that reaches from `low` to `high` around `value`, each end at least a hundredth away.
    pub fn between(low: f64, value: f64, high: f64) -> Self {
        Self { down: (value / low).max(1.01), up: (high / value).max(1.01) }
    }

    /// With another, independent term.
    pub fn and(self, other: Spread) -> Self {
        Self { down: combine(self.down, other.down), up: combine(self.up, other.up) }
    }

    /// The interval around `value`.
    pub fn around(self, value: f64) -> (f64, f64) {
        (value / self.down, value * self.up)
    }
}

fn combine(a: f64, b: f64) -> f64 {
    let (a, b) = (libm::log(a), libm::log(b));
    libm::exp(libm::sqrt(a * a + b * b))
}

/// The quantile `q` of ascending `values`, interpolated; `None` where there are none.
pub(super) fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let place = q * values.len().checked_sub(1)? as f64;
    let below = *values.get(libm::floor(place) as usize)?;
    let above = *values.get(libm::ceil(place) as usize)?;
    Some(below + (above - below) * (place - libm::floor(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_combine_on_the_logarithm() {
        let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
        // ln k = √(3² + 4²) = 5.
        let (low, high) = Spread::symmetric(libm::exp(3.0)).and(Spread::symmetric(libm::exp(4.0))).around(1.0);
        near(high, libm::exp(5.0));
        near(low, libm::exp(-5.0));
        let (low, high) = Spread::between(50.0, 100.0, 400.0).around(100.0);
        near(low, 50.0);
        near(high, 400.0);
    }

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.5), Some(2.0));
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), Some(3.0));
        assert_eq!(quantile(&[7.0], 0.975), Some(7.0));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
