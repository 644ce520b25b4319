//! Decimal text to the nearest float.
//!
//! To the bit what the standard library reads, without its 10 kB table of powers: nearly all numbers of tables and logs need one
//! division, and the few others may take their time.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// No float, nor the middle of two, has more digits: what comes after them can only tip a tie.
const MOST_DIGITS: usize = 800;

/// The finite float nearest to what `text` prints (`12.5`, `-1e-3`, `.5`), ties to even; `None` for anything else.
///
/// ```
/// use carbon_core::units::nearest::nearest;
/// assert_eq!(nearest("0.1"), Some(0.1));
/// assert_eq!(nearest("1e400"), None);
/// assert_eq!(nearest("12 W"), None);
/// ```
pub fn nearest(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (number, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent_of(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + part.len() == 0 || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = || whole.bytes().chain(part.bytes()).skip_while(|digit| *digit == b'0').map(|digit| u64::from(digit - b'0'));
    let exponent = exponent.saturating_sub(part.len() as i64);
    let size = match digits().try_fold(0u64, |sum, digit| sum.checked_mul(10)?.checked_add(digit)) {
        Some(sum) => by_division(sum, exponent).unwrap_or_else(|| by_search(digits(), exponent)),
        None => by_search(digits(), exponent),
    };
    size.is_finite().then_some(if text.starts_with('-') { -size } else { size })
}

/// An exponent; one beyond every float is cut.
fn exponent_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits.bytes().fold(0, |sum: i64, digit| (sum * 10 + i64::from(digit - b'0')).min(1 << 40));
    Some(if text.starts_with('-') { -size } else { size })
}

/// `digits × 10^exponent`, where 128 bits hold it or its quotient with bits to spare.
fn by_division(digits: u64, exponent: i64) -> Option<f64> {
    let power = 10u128.pow(u32::try_from(exponent.unsigned_abs()).ok().filter(|power| *power <= 21)?);
    if digits == 0 {
        return Some(0.0);
    }
    if exponent >= 0 {
        return u128::from(digits).checked_mul(power).map(|product| product as f64);
    }
    if digits < 1 << f64::MANTISSA_DIGITS && power < 1 << 64 {
        // Both are floats: one rounding. (5^19 takes 45 bits.)
        return Some(digits as f64 / power as f64);
    }
    let shift = u128::from(digits).leading_zeros();
    let dividend = u128::from(digits) << shift;
    // At least 55 bits: one below the half, and it tells whether anything is left.
    let quotient = (dividend / power) | u128::from(!dividend.is_multiple_of(power));
    Some(quotient as f64 * f64::from_bits(u64::from(1023 - shift) << 52))
}

/// The same for any size: the float is found by comparing its exact value, bit after bit.
fn by_search(digits: impl Iterator<Item = u64>, exponent: i64) -> f64 {
    let (mut value, mut scale, mut exponent) = (Natural::new(0), Natural::new(1), exponent);
    let mut more = false;
    for (at, digit) in digits.enumerate() {
        if at < MOST_DIGITS {
            value.multiply_add(10, digit);
        } else {
            more |= digit != 0;
            exponent = exponent.saturating_add(1);
        }
    }
    value.multiply_add(10, u64::from(more));
    exponent = exponent.saturating_sub(1);
    let magnitude = exponent.saturating_add((value.0.len() * 10) as i64);
    if value.0.is_empty() || magnitude < -400 {
        return 0.0;
    }
    if exponent > 400 {
        return f64::INFINITY;
    }
    for _ in 0..exponent.unsigned_abs() {
        if exponent > 0 { &mut value } else { &mut scale }.multiply_add(10, 0);
    }
    // The order of positive floats is that of their bits; the highest one is infinity.
    let (mut low, mut high) = (0u64, f64::INFINITY.to_bits());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if compare(&value, &scale, middle, 0) == Ordering::Less { high = middle } else { low = middle }
    }
    let up = match compare(&value, &scale, low, 1) {
        Ordering::Less => false,
        Ordering::Equal => low % 2 == 1,
        Ordering::Greater => true,
    };
    f64::from_bits(low + u64::from(up))
}

/// `value ÷ scale` against the float of these bits, or against the middle between it and the next.
fn compare(value: &Natural, scale: &Natural, bits: u64, half: u64) -> Ordering {
    let (stored, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    let mantissa = if stored == 0 { fraction } else { fraction | 1 << 52 };
    // Of a unit in the last place, 2^-1074 at the least, the half is counted.
    let power = stored.max(1) as i64 - 1076;
    let (mut left, mut right) = (value.clone(), scale.clone());
    right.multiply_add(2 * mantissa + half, 0);
    if power < 0 { &mut left } else { &mut right }.double(power.unsigned_abs());
    left.cmp(&right)
}

/// A natural number: its digits to the base 2^32, the least first, none for 0.
#[derive(Clone, PartialEq, Eq)]
struct Natural(Vec<u32>);

impl Natural {
    fn new(value: u64) -> Self {
        let mut new = Self(Vec::new());
        new.multiply_add(0, value);
        new
    }

    fn multiply_add(&mut self, factor: u64, summand: u64) {
        let mut carry = u128::from(summand);
        for digit in &mut self.0 {
            carry += u128::from(*digit) * u128::from(factor);
            *digit = carry as u32;
            carry >>= 32;
        }
        while carry > 0 {
            self.0.push(carry as u32);
            carry >>= 32;
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    /// Doubles it so many times.
    fn double(&mut self, times: u64) {
        self.multiply_add(1 << (times % 32), 0);
        if !self.0.is_empty() {
            self.0.splice(0..0, core::iter::repeat_n(0, (times / 32) as usize));
        }
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    /// What the standard library makes of it.
    fn expected(text: &str) -> Option<u64> {
        text.parse().ok().filter(|value: &f64| value.is_finite()).map(f64::to_bits)
    }

    #[track_caller]
    fn same(text: &str) {
        assert_eq!(nearest(text).map(f64::to_bits), expected(text), "{text}");
    }

    #[test]
    fn as_the_standard_library_reads_them() {
        const NUMBERS: &str = "0 -0 +0.0e5 1 12.5 .5 5. +3e2 -1E-3 0.1 1.5066948079617935e-05 8.5e-22 123456789012345678 12345678901234567890123 \
            9007199254740993 9007199254740992.5 1.7976931348623157e308 1.7976931348623158e308 1.7976931348623159e308 1e308 1e309 1e400 5e-324 \
            2.4703282292062327e-324 2.4703282292062328e-324 2.2250738585072011e-308 1e-400 1e99999999999999999999 0e99999999999999999999 \
            1e-99999999999999999999 0.000000000000000000000000000000000000123456789012345678";
        const OTHERS: &str = "|-|.|e5|1e|1e+|--1|1.2.3|0x10|12 W| 1|1 |nan|inf|infinity|1_000|1e5.0|٣";
        NUMBERS.split_whitespace().chain(OTHERS.split('|')).for_each(same);
        let (long, tie) = (format!("1{}e-900", "3".repeat(1000)), format!("9007199254740993.{}1", "0".repeat(900)));
        same(&long);
        same(&tie);
        same(&format!("0.{}1e1000", "0".repeat(999)));
        same(&format!("1{}", "0".repeat(308)));
        same(&format!("1{}", "0".repeat(309)));
    }

    proptest::proptest! {
        #[test]
        fn printed_floats_come_back(bits: u64) {
            let value = f64::from_bits(bits);
            same(&format!("{value}"));
            same(&format!("{value:e}"));
            same(&format!("{value:.3e}"));
        }

        #[test]
        fn any_number(text in "[+-]?[0-9]{0,25}[.]?[0-9]{0,25}([eE][+-]?[0-9]{1,3})?") {
            same(&text);
        }

        #[test]
        fn any_text(text in "[0-9.eE+-]{0,8}") {
            same(&text);
        }

        #[test]
        fn middles_of_floats(mantissa in 1u64 << 52..1 << 53, shift in 0u32..60) {
            let middle = (u128::from(mantissa) * 2 + 1) << shift;
            same(&format!("{middle}"));
            same(&format!("{middle}.{}1", String::from("0").repeat(30)));
            same(&format!("{}.9", middle - 1));
        }
    }
}
