//! Numbers as `perf` prints them in the locale of whoever started it.

use alloc::vec::Vec;

use crate::units::decimal;

/// Reads `1.234.567,89`, `1,234,567.89`, `1 234,5` (with no-break spaces) or `78.02` as an integer number of `10^-scale` units.
///
/// `grouped` says that thousands may be grouped, as in tables for people: a single sign followed by three digits then stands between
/// thousands, because `perf` prints joules with two decimals. `None` for what is no number or means two things.
pub(super) fn locale_number(text: &[u8], grouped: bool, scale: i32) -> Option<i128> {
    if !text.first()?.is_ascii_digit() {
        return None;
    }
    let is_sign = |b: &u8| matches!(b, b'.' | b',');
    // What stands in most rows: digits, with one point at most.
    if !grouped && text.iter().all(|b| b.is_ascii_digit() || *b == b'.') {
        return decimal::parse_scaled(text, scale).ok();
    }
    let point = match text.iter().rposition(is_sign) {
        None => None,
        Some(last) => {
            let sign = *text.get(last)?;
            let same = text.iter().filter(|b| **b == sign).count();
            let other = text.iter().any(|b| is_sign(b) && *b != sign);
            let digits_after = text.len() - last - 1;
            match (same, other) {
                (1, true) if grouped => Some(last),
                (1, false) if !(grouped && digits_after == 3) => Some(last),
                (_, false) if grouped => None,
                _ => return None,
            }
        }
    };
    let mut plain: Vec<u8> = Vec::with_capacity(text.len());
    for (i, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => plain.push(*byte),
            _ if Some(i) == point => plain.push(b'.'),
            // Apostrophes and no-break spaces (UTF-8 or Latin-1) group thousands as well.
            b'.' | b',' | b'\'' | 0x80.. if grouped => {}
            _ => return None,
        }
    }
    decimal::parse_scaled(&plain, scale).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_several_locales() {
        for (text, grouped, hundredths) in [
            ("78.02", true, Some(7802)),
            ("1,234,567.89", true, Some(123_456_789)),
            ("1.234.567,89", true, Some(123_456_789)),
            ("1\u{202f}234\u{202f}567,89", true, Some(123_456_789)),
            ("1'234.50", true, Some(123_450)),
            ("1,234", true, Some(123_400)),
            ("1.234.567", true, Some(123_456_700)),
            ("77,52", false, Some(7752)),
            ("131,1", false, Some(13_110)),
            ("62.110000", false, Some(6211)),
            ("1.234,5", false, None),
            ("1.2.3", false, None),
            ("<not", true, None),
            ("", true, None),
            ("12J", true, None),
        ] {
            assert_eq!(locale_number(text.as_bytes(), grouped, 2), hundredths, "{text}");
        }
    }
}
