//! Digits are chosen here and nowhere else: numbers to text, rounded to what the interval supports.

use alloc::format;
use alloc::string::String;

/// Rounds to `digits` significant digits and prints without exponent, thousands separator or trailing point.
///
/// ```
/// use carbon_core::report::text::significant;
/// assert_eq!(significant(0.000_123_456, 2), "0.00012");
/// assert_eq!(significant(337_149.66, 3), "337000");
/// assert_eq!(significant(99.96, 3), "100");
/// ```
pub fn significant(value: f64, digits: u32) -> String {
    if value == 0.0 || !value.is_finite() {
        return String::from("0");
    }
    let mut decimals = digits as i32 - 1 - libm::floor(libm::log10(libm::fabs(value))) as i32;
    // Rounding can carry into one more digit: 99.96 → 100.
    let carried = libm::fabs(value) + 0.5 * libm::pow(10.0, f64::from(-decimals));
    decimals = decimals.min(digits as i32 - 1 - libm::floor(libm::log10(carried)) as i32);
    if decimals >= 0 {
        format!("{:.*}", decimals as usize, value)
    } else {
        let unit = libm::pow(10.0, f64::from(-decimals));
        format!("{:.0}", libm::round(value / unit) * unit)
    }
}

/// How many significant digits an interval supports: 2 when it is wider than a tenth of the value, else 3.
pub fn supported_digits(value: f64, low: f64, high: f64) -> u32 {
    if value > 0.0 && (high - low) / value < 0.1 { 3 } else { 2 }
}

/// Picks the unit of a decimal ladder in which `value` is 1 or more; the smallest where none is.
///
/// Steps are (factor from the base unit, unit), largest unit first.
pub fn scaled<'u>(value: f64, ladder: &[(f64, &'u str)]) -> (f64, &'u str) {
    let magnitude = libm::fabs(value);
    ladder.iter().find(|(factor, _)| magnitude * factor >= 0.9995).or(ladder.last()).map_or((1.0, ""), |&(factor, unit)| (factor, unit))
}

/// From kgCO2e to what people read.
pub const MASS_FROM_KG: &[(f64, &str)] = &[(1e-6, "kt"), (1e-3, "t"), (1.0, "kg"), (1e3, "g"), (1e6, "mg"), (1e9, "µg")];

/// From kWh to what people read.
pub const ENERGY_FROM_KWH: &[(f64, &str)] = &[(1e-6, "GWh"), (1e-3, "MWh"), (1.0, "kWh"), (1e3, "Wh"), (1e6, "mWh")];

/// From W to what people read.
pub const POWER_FROM_W: &[(f64, &str)] = &[(1e-6, "MW"), (1e-3, "kW"), (1.0, "W"), (1e3, "mW")];
