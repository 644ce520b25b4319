//! Digits are chosen here and nowhere else: numbers to text, rounded to what the interval supports.

use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::units::Energy;

/// A number as it was found, for messages: as people write it, and by its exponent where it would be a row of zeros.
///
/// ```
/// use carbon_core::text::AsFound;
/// assert_eq!(["0.4", "1400", "1e305", "-2.5e-30"].map(|text| AsFound(text.parse().unwrap()).to_string()), ["0.4", "1400", "1e305", "-2.5e-30"]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AsFound(pub f64);

impl fmt::Display for AsFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AsFound(value) = self;
        if is_readable(*value) { write!(f, "{value}") } else { write!(f, "{value:e}") }
    }
}

/// Whether a number is one that people write without an exponent.
fn is_readable(value: f64) -> bool {
    value == 0.0 || !value.is_finite() || (1e-12..1e18).contains(&libm::fabs(value))
}

/// Rounds to `digits` significant digits and prints without thousands separator or trailing point, and without an exponent but for what would be a row of zeros.
///
/// ```
/// use carbon_core::text::significant;
/// assert_eq!(significant(0.000_123_456, 2), "0.00012");
/// assert_eq!(significant(337_149.66, 3), "337000");
/// assert_eq!(significant(99.96, 3), "100");
/// assert_eq!(significant(1e305, 3), "1.00e305");
/// ```
pub fn significant(value: f64, digits: u32) -> String {
    if value == 0.0 || !value.is_finite() {
        return String::from("0");
    }
    if !is_readable(value) {
        return format!("{value:.*e}", digits.max(1) as usize - 1);
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

/// Names between `separator`s; of many, the first three and how many there are besides.
///
/// ```
/// use carbon_core::text::few;
/// assert_eq!(few(&["a", "b"], "; "), "a; b");
/// assert_eq!(few(&["a", "b", "c", "d", "e"], "; "), "a; b; c; and 2 more");
/// ```
pub fn few<S: AsRef<str>>(names: &[S], separator: &str) -> String {
    const SHOWN: usize = 3;
    let mut text = String::new();
    for (at, name) in names.iter().enumerate() {
        // One more name is as short as the word that there is one.
        if at == SHOWN && names.len() > SHOWN + 1 {
            return format!("{text}{separator}and {} more", names.len() - SHOWN);
        }
        if at > 0 {
            text.push_str(separator);
        }
        text.push_str(name.as_ref());
    }
    text
}

/// So many of something: `1 job`, `2 jobs`.
pub fn number_of(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// How many significant digits an interval supports: 2 when it is wider than half the value, else 3.
pub fn supported_digits(value: f64, low: f64, high: f64) -> u32 {
    if value > 0.0 && (high - low) / value < 0.5 { 3 } else { 2 }
}

/// Picks the unit of a decimal ladder in which `value` is 1 or more; the smallest where none is, the base unit for nothing.
///
/// Steps are (factor from the base unit, unit), largest unit first.
pub fn scaled<'u>(value: f64, ladder: &[(f64, &'u str)]) -> (f64, &'u str) {
    let magnitude = if value == 0.0 { 1.0 } else { libm::fabs(value) };
    ladder.iter().find(|(factor, _)| magnitude * factor >= 0.9995).or(ladder.last()).map_or((1.0, ""), |&(factor, unit)| (factor, unit))
}

/// From kgCO2e to what people read.
pub const MASS_FROM_KG: &[(f64, &str)] = &[(1e-6, "kt"), (1e-3, "t"), (1.0, "kg"), (1e3, "g"), (1e6, "mg"), (1e9, "µg")];

/// From kWh to what people read.
pub const ENERGY_FROM_KWH: &[(f64, &str)] = &[(1e-6, "GWh"), (1e-3, "MWh"), (1.0, "kWh"), (1e3, "Wh"), (1e6, "mWh")];

/// From W to what people read.
pub const POWER_FROM_W: &[(f64, &str)] = &[(1e-6, "MW"), (1e-3, "kW"), (1.0, "W"), (1e3, "mW")];

/// Three digits of an energy that has no interval.
pub fn energy_text(energy: Energy) -> String {
    with_unit(energy.as_kwh(), 3, ENERGY_FROM_KWH)
}

/// Unit for a column of numbers that add up to `total`: the largest in which the total is 10 or more.
///
/// Components of one total stand in one unit, so that they can be compared and added by eye.
pub fn column_unit<'u>(total: f64, ladder: &[(f64, &'u str)]) -> (f64, &'u str) {
    let magnitude = libm::fabs(total);
    ladder.iter().find(|(factor, _)| magnitude * factor >= 9.995).or(ladder.last()).map_or((1.0, ""), |&unit| unit)
}

/// `value` without its unit, for a column that adds up to `total`: in [`column_unit`], on the decimal place that gives the
/// total four digits. What would round to 0 there is printed as below one step of that place.
///
/// ```
/// use carbon_core::text::{ENERGY_FROM_KWH, beside};
/// assert_eq!(beside(3541.2, 5812.93, ENERGY_FROM_KWH), "3541");
/// assert_eq!(beside(0.3, 5812.93, ENERGY_FROM_KWH), "<1");
/// assert_eq!(beside(0.1234, 0.2, ENERGY_FROM_KWH), "123.4");
/// ```
pub fn beside(value: f64, total: f64, ladder: &[(f64, &str)]) -> String {
    let (factor, _) = column_unit(total, ladder);
    let magnitude = libm::fabs(total) * factor;
    let digits_before = if magnitude >= 1.0 { libm::floor(libm::log10(magnitude)) as i32 + 1 } else { 0 };
    let decimals = (4 - digits_before).clamp(0, 9) as usize;
    let step = libm::pow(10.0, -(decimals as f64));
    let scaled = value * factor;
    if scaled > 0.0 && scaled < step / 2.0 {
        return format!("<{step:.decimals$}");
    }
    format!("{scaled:.decimals$}")
}

/// A value with the unit of the ladder in which it reads best, to `digits` significant digits: `5.81 MWh`.
pub fn with_unit(value: f64, digits: u32, ladder: &[(f64, &str)]) -> String {
    let (factor, unit) = scaled(value, ladder);
    format!("{} {unit}", significant(value * factor, digits))
}

/// A share of 0 to 1 as whole percent; what is not quite none or all says so.
///
/// ```
/// use carbon_core::text::percent;
/// assert_eq!(percent(0.814), "81%");
/// assert_eq!(percent(0.0004), "under 1%");
/// assert_eq!(percent(0.9999), "over 99%");
/// ```
pub fn percent(share: f64) -> String {
    match share {
        s if s > 0.0 && s < 0.005 => String::from("under 1%"),
        s if (0.995..1.0).contains(&s) => String::from("over 99%"),
        s => format!("{:.0}%", s * 100.0),
    }
}

/// A length of time in the unit in which people say it: `45 s`, `12.5 min`, `212.4 h`.
///
/// ```
/// use carbon_core::text::duration;
/// assert_eq!(duration(764_640.0), "212.4 h");
/// assert_eq!(duration(750.0), "12.5 min");
/// ```
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{} s", significant(s, 3)),
        s if s < 7200.0 => format!("{:.1} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// ` (and in 3 more files)`, or nothing.
pub(crate) fn in_more_files(files: u64) -> String {
    match files {
        0 => String::new(),
        1 => String::from(" (and in one more file)"),
        files => format!(" (and in {files} more files)"),
    }
}

/// In a sentence, a title takes so many letters at most.
const LONGEST_TITLE: usize = 120;

/// A title as a sentence can hold it: what is cut off stands for an ellipsis.
pub fn short_title(title: &str) -> String {
    match title.char_indices().nth(LONGEST_TITLE) {
        None => title.into(),
        Some(_) => title.chars().take(LONGEST_TITLE - 1).chain(['\u{2026}']).collect(),
    }
}

/// What a reader cannot see, or what changes how the rest is read: Unicode 16 general categories Cc, Cf, Co, Zl and Zp, noncharacters, and letters that print nothing.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}'
        | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0d}' | '\u{fdd0}'..='\u{fdef}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{10ffff}')
        || u32::from(c) & 0xfffe == 0xfffe
}
