//! Decimal text to scaled integers, from its digits and never through a float.

/// Why a text is no number that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// No digits, or something that is not part of a number.
    NotANumber,
    /// `nan`, `inf` or an exponent or digits beyond every plausible reading.
    OutOfRange,
}

/// The largest number of digits that is looked at; a longer text is no reading.
const MAX_DIGITS: usize = 40;

/// Whatever so many digits say, 64 bits hold it.
const SHORT: usize = 18;

/// Reads decimal text (`-12.5`, `1.5e-05`, `+3`) as an integer number of `10^-scale` units, exactly.
///
/// Digits beyond the unit are rounded half to even. The decimal point is `.`; a locale's comma is the caller's to
/// replace, because only the caller knows the file's delimiter.
///
/// # Errors
/// [`DecimalError::NotANumber`] for anything else, [`DecimalError::OutOfRange`] where the result does not fit.
///
/// ```
/// use carbon_core::units::decimal::parse_scaled;
/// assert_eq!(parse_scaled(b"61.83", 6), Ok(61_830_000));       // watts → µW
/// assert_eq!(parse_scaled(b"1.5e-3", 6), Ok(1_500));
/// assert!(parse_scaled(b"[N/A]", 6).is_err());
/// ```
pub fn parse_scaled(text: &[u8], scale: i32) -> Result<i128, DecimalError> {
    let (negative, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if let Some(value) = short(rest, scale) {
        return Ok(i128::from(if negative { -value } else { value }));
    }
    let (mut mantissa, mut exponent, mut digits, mut seen_point) = (0i128, 0i32, 0usize, false);
    let mut at = 0;
    let mut any = false;
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'0'..=b'9' => {
                any = true;
                if digits > 0 || byte != b'0' {
                    digits += 1;
                }
                if digits > MAX_DIGITS {
                    return Err(DecimalError::OutOfRange);
                }
                // Beyond 36 digits i128 would overflow: the rest only moves the exponent.
                if digits <= 36 {
                    mantissa = mantissa * 10 + i128::from(byte - b'0');
                    exponent -= i32::from(seen_point);
                } else {
                    exponent += i32::from(!seen_point);
                }
            }
            b'.' if !seen_point => seen_point = true,
            b'e' | b'E' if any => {
                exponent = exponent.checked_add(parse_exponent(rest.get(at + 1..).unwrap_or(b""))?).ok_or(DecimalError::OutOfRange)?;
                at = rest.len();
                break;
            }
            _ => return Err(not_finite(rest)),
        }
        at += 1;
    }
    if !any || at < rest.len() {
        return Err(DecimalError::NotANumber);
    }
    let value = rescale(mantissa, exponent.checked_add(scale).ok_or(DecimalError::OutOfRange)?)?;
    Ok(if negative { -value } else { value })
}

/// What most logs print, `61.83` or `1749736999`, where 64 bits hold it.
fn short(text: &[u8], scale: i32) -> Option<i64> {
    if text.len() > SHORT || !text.first()?.is_ascii_digit() {
        return None;
    }
    let (mut value, mut point) = (0i64, None);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => value = value * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at),
            _ => return None,
        }
    }
    let places = point.map_or(0, |at| text.len() - at - 1);
    let exponent = scale.checked_sub(i32::try_from(places).ok()?)?;
    let power = 10i64.checked_pow(exponent.unsigned_abs())?;
    if exponent >= 0 {
        return value.checked_mul(power);
    }
    let (quotient, rest) = (value / power, value % power);
    let is_up = rest > power / 2 || (rest == power / 2 && quotient % 2 == 1);
    Some(quotient + i64::from(is_up))
}

/// [`parse_scaled`] for quantities that are kept in 64 bits.
///
/// # Errors
/// As [`parse_scaled`]; [`DecimalError::OutOfRange`] where 64 bits are too few.
pub fn parse_scaled_i64(text: &[u8], scale: i32) -> Result<i64, DecimalError> {
    i64::try_from(parse_scaled(text, scale)?).map_err(|_| DecimalError::OutOfRange)
}

/// A plain unsigned integer; `None` for anything else or on overflow.
pub fn parse_digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > SHORT {
        return None;
    }
    text.iter().try_fold(0i64, |n, &b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

fn not_finite(text: &[u8]) -> DecimalError {
    let is = |word: &[u8]| text.len() >= word.len() && text.iter().zip(word).all(|(a, b)| a.eq_ignore_ascii_case(b));
    if (is(b"nan") && text.len() == 3) || (is(b"inf") && text.len() == 3) || (is(b"infinity") && text.len() == 8) {
        DecimalError::OutOfRange
    } else {
        DecimalError::NotANumber
    }
}

fn parse_exponent(text: &[u8]) -> Result<i32, DecimalError> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    match parse_digits(digits) {
        Some(n) if n <= 400 => Ok(if negative { -(n as i32) } else { n as i32 }),
        Some(_) => Err(DecimalError::OutOfRange),
        None => Err(DecimalError::NotANumber),
    }
}

fn rescale(mantissa: i128, exponent: i32) -> Result<i128, DecimalError> {
    if mantissa == 0 {
        return Ok(0);
    }
    if exponent >= 0 {
        let factor = 10i128.checked_pow(exponent.unsigned_abs()).ok_or(DecimalError::OutOfRange)?;
        return mantissa.checked_mul(factor).ok_or(DecimalError::OutOfRange);
    }
    let Some(divisor) = 10i128.checked_pow(exponent.unsigned_abs()) else {
        return Ok(0);
    };
    let (quotient, rest) = (mantissa / divisor, mantissa % divisor);
    let half = divisor / 2;
    let up = rest > half || (rest == half && quotient % 2 == 1);
    Ok(quotient + i128::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_logs_print() {
        for (text, scale, expected) in [
            ("0", 6, 0),
            ("61.83", 6, 61_830_000),
            ("-5", 6, -5_000_000),
            (".5", 1, 5),
            ("7.", 0, 7),
            ("007.50", 6, 7_500_000),
            ("9223372036854775807", 0, 9_223_372_036_854_775_807),
            ("9223372036854775808", 1, 92_233_720_368_547_758_080),
            ("1749736999123456789", -3, 1_749_736_999_123_457),
            ("1.5066948079617935e-05", 12, 15_066_948),
            ("1e3", 0, 1000),
            ("0.5", 0, 0),
            ("1.5", 0, 2),
            ("2.5", 0, 2),
            ("000000000000000000000000000000000000000000001.5", 1, 15),
        ] {
            assert_eq!(parse_scaled(text.as_bytes(), scale), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_reading() {
        for text in ["", "-", ".", "e5", "[N/A]", "1,5", "1.2.3", "12 W", "0x10", "1e", "nano"] {
            assert_eq!(parse_scaled(text.as_bytes(), 6), Err(DecimalError::NotANumber), "{text}");
        }
        for text in ["NaN", "inf", "-inf", "Infinity", "1e400", "1e99", "123456789012345678901234567890123456789012"] {
            assert_eq!(parse_scaled(text.as_bytes(), 6), Err(DecimalError::OutOfRange), "{text}");
        }
    }
}
