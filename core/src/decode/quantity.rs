//! Energies, lengths of time and ratios from the text that trackers print.

use crate::units::decimal::{parse_scaled, parse_scaled_i64};
use crate::units::nearest::nearest;
use crate::units::{Energy, Span};

/// More than any log can mean: 10^12 kWh.
const MOST_KWH: i128 = 1_000_000_000_000;

/// Kilowatt-hours, exactly to a picojoule: `1.5066948079617935e-05`. `None` for what is no number or beyond 10^12 kWh.
pub fn kilowatt_hours(text: &[u8]) -> Option<Energy> {
    let attos = parse_scaled(text, 18).ok()?;
    // 1 kWh = 3.6e18 pJ, so 1e-18 kWh = 3.6 pJ = 18/5 pJ; halves do not occur.
    (attos.abs() <= MOST_KWH * 10i128.pow(18)).then(|| Energy::from_picojoules((attos * 18 + attos.signum() * 2) / 5))
}

/// Seconds, to a microsecond.
pub fn seconds(text: &[u8]) -> Option<Span> {
    parse_scaled_i64(text, 6).ok().map(Span::from_micros)
}

/// A number for display and for factors; `None` for what is not finite.
pub fn float(text: &[u8]) -> Option<f64> {
    nearest(core::str::from_utf8(text).ok()?)
}

/// `H:MM:SS`, `H:MM:SS.ss` or `N day(s), H:MM:SS` as Python prints lengths of time.
pub fn clock_span(text: &[u8]) -> Option<Span> {
    let text = text.trim_ascii();
    let (days, clock) = match memchr::memmem::find(text, b"day") {
        None => (0, text),
        Some(at) => {
            let count = text.get(..at)?.trim_ascii();
            let after = text.get(at..)?.iter().position(|b| *b == b' ').map_or(text.len(), |p| at + p);
            (crate::units::decimal::parse_digits(count)?, text.get(after..)?.trim_ascii())
        }
    };
    let mut parts = clock.splitn(3, |b| *b == b':');
    let hours = crate::units::decimal::parse_digits(parts.next()?)?;
    let minutes = crate::units::decimal::parse_digits(parts.next()?).filter(|m| *m < 60)?;
    let rest = seconds(parts.next()?).filter(|s| s.as_micros() >= 0)?;
    if days > 100_000 || hours > 10_000_000 {
        return None;
    }
    Some(Span::from_seconds(days * 86_400 + hours * 3600 + minutes * 60) + rest)
}

/// `energy ÷ ratio`, the ratio as printed (a PUE). `None` where the ratio is no positive number.
pub fn divided_back(energy: Energy, ratio: &[u8]) -> Option<Energy> {
    let nanos = parse_scaled_i64(ratio, 9).ok().filter(|r| *r > 0)?;
    Some(energy.share(1_000_000_000, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_energies() {
        assert_eq!(kilowatt_hours(b"1"), Some(Energy::from_joules(3_600_000)));
        assert_eq!(kilowatt_hours(b"1e-18"), Some(Energy::from_picojoules(4)));
        assert_eq!(kilowatt_hours(b"-5e-18"), Some(Energy::from_picojoules(-18)));
        assert_eq!(kilowatt_hours(b"1e13"), None);
        assert_eq!(kilowatt_hours(b"nan"), None);
        assert_eq!(divided_back(Energy::from_joules(13), b"1.3"), Some(Energy::from_joules(10)));
        assert_eq!(divided_back(Energy::from_joules(13), b"0"), None);
    }

    #[test]
    fn lengths_of_time() {
        for (text, micros) in [
            ("0:00:03.00", 3_000_000),
            ("1:02:03", 3_723_000_000),
            ("1 day, 2:03:04", 93_784_000_000),
            ("11 days, 0:00:00.50", 950_400_500_000),
        ] {
            assert_eq!(clock_span(text.as_bytes()), Some(Span::from_micros(micros)), "{text}");
        }
        for text in ["", "3", "0:61:00", "0:00:-1", "x day, 0:00:01", "0:00"] {
            assert_eq!(clock_span(text.as_bytes()), None, "{text}");
        }
    }
}
