//! Times between samples as people write them: `1s`, `500ms`, `2.5s`, `1m`.

use carbon_core::units::Span;
use carbon_core::units::decimal::parse_scaled_i64;

/// Reads a duration; a bare number is seconds.
///
/// ```
/// use carbon_core::units::Span;
/// assert_eq!(carbon_report::duration::parse("500ms"), Ok(Span::from_micros(500_000)));
/// assert_eq!(carbon_report::duration::parse("2.5"), Ok(Span::from_micros(2_500_000)));
/// assert!(carbon_report::duration::parse("0s").is_err());
/// ```
pub fn parse(text: &str) -> Result<Span, String> {
    let text = text.trim();
    let number = text.trim_end_matches(|c: char| c.is_alphabetic() || c == ' ');
    let unit = text[number.len()..].trim();
    let factor: i64 = match unit {
        "us" | "µs" => 1,
        "ms" => 1_000,
        "" | "s" | "sec" => 1_000_000,
        "m" | "min" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return Err(expected(text)),
    };
    // Parsed in billionths, so that 0.1 ms is exact.
    let billionths = parse_scaled_i64(number.as_bytes(), 9).map_err(|_| expected(text))?;
    let micros = i128::from(billionths) * i128::from(factor);
    let span = i64::try_from(micros / 1_000_000_000).map_err(|_| expected(text))?;
    if span <= 0 || micros % 1_000_000_000 != 0 {
        return Err(expected(text));
    }
    Ok(Span::from_micros(span))
}

fn expected(text: &str) -> String {
    format!("found {text:?}, expected a time above 0 such as 1s, 500ms or 2.5s")
}
