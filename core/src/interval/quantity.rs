//! Intervals as quantities of a report.

use alloc::format;
use alloc::string::String;

use super::Interval;
use crate::report::Quantity;
use crate::text::{self, ENERGY_FROM_KWH, MASS_FROM_KG};

/// A quantity with its texts, in the unit in which its value reads best.
fn quantity(interval: &Interval, unit: &str, ladder: &[(f64, &str)]) -> Quantity {
    let (value, low, high) = (interval.value, interval.low, interval.high);
    rounded(interval, unit, ladder, text::supported_digits(value, low, high))
}

/// The same to so many digits.
fn rounded(interval: &Interval, unit: &str, ladder: &[(f64, &str)], digits: u32) -> Quantity {
    let (value, low, high) = (interval.value, interval.low, interval.high);
    // Of nothing, in the unit of what it may be.
    let (factor, name) = text::scaled(if value == 0.0 { high } else { value }, ladder);
    let print = |v: f64| text::significant(v * factor, digits);
    Quantity {
        value,
        low,
        high,
        unit: String::from(unit),
        text: format!("{} {name}", print(value)),
        interval_text: format!("{} to {} {name}", print(low), print(high)),
    }
}

pub(crate) fn energy_quantity(interval: &Interval) -> Quantity {
    quantity(interval, "kWh", ENERGY_FROM_KWH)
}

pub(crate) fn mass_quantity(interval: &Interval) -> Quantity {
    quantity(interval, "kgCO2e", MASS_FROM_KG)
}
