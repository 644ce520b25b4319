//! Student's t: how wide a 95 % interval is that rests on few observations.

/// 0.975 quantiles for 1 to 30 degrees of freedom (any statistics handbook; Abramowitz and Stegun, table 26.10).
const TWO_SIDED_95: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093,
    2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/// The 0.975 quantile of the normal distribution.
const NORMAL: f64 = 1.959_964;

/// The 0.975 quantile of Student's t; beyond 30 degrees by the expansion z + (z³ + z) ÷ 4ν (Abramowitz and Stegun, 26.7.5), good to three decimals there.
pub(super) fn two_sided_95(degrees: usize) -> f64 {
    let listed = TWO_SIDED_95.get(degrees.max(1) - 1).copied();
    listed.unwrap_or_else(|| NORMAL + (NORMAL * NORMAL * NORMAL + NORMAL) / (4.0 * degrees as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_handbooks() {
        assert_eq!((two_sided_95(0), two_sided_95(1), two_sided_95(9)), (12.706, 12.706, 2.262));
        // t(0.975, 40) = 2.021, t(0.975, 120) = 1.980.
        assert!((two_sided_95(40) - 2.021).abs() < 2e-3 && (two_sided_95(120) - 1.980).abs() < 1e-3);
    }
}
