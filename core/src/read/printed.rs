//! How finely a log prints an energy: a meter that shows hundredths of a kilowatt-hour tells nothing of less.

use super::Reading;
use super::reading::ChannelId;
use crate::decode::table::{Dimension, Unit, split_unit};

/// The step from one printed figure to the next, µJ: 0 where it is finer than that; `None` for anything that is no plain figure of an energy.
pub(super) fn step_uj(text: &[u8], unit: Option<Unit>) -> Option<i64> {
    let (number, symbol) = split_unit(text);
    let unit = if symbol.is_empty() { unit? } else { Unit::symbol(symbol)? };
    let at = number.iter().position(|b| matches!(b, b'e' | b'E')).unwrap_or(number.len());
    let (plain, exponent) = number.split_at(at);
    let exponent = match exponent.get(1..) {
        Some(digits) => core::str::from_utf8(digits).ok()?.parse::<i32>().ok()?,
        None => 0,
    };
    let sign = plain.iter().rposition(|b| matches!(b, b'.' | b','));
    let digits = plain.iter().filter(|b| b.is_ascii_digit()).count();
    if digits == 0 || digits + usize::from(sign.is_some()) != plain.len() || unit.dimension != Dimension::Energy {
        return None;
    }
    let places = i32::try_from(sign.map_or(0, |at| plain.len() - at - 1)).ok()?;
    let power = unit.scale.checked_sub(places)?.checked_add(exponent)?;
    match u32::try_from(power) {
        Ok(power) => 10i64.checked_pow(power)?.checked_mul(unit.factor),
        Err(_) => Some(10i64.checked_pow(power.unsigned_abs()).map_or(0, |over| unit.factor / over)),
    }
}

impl Reading {
    /// Says how finely an energy is printed. The finest figure of a channel tells: zeros at the end may be left away.
    pub(super) fn printed_to(&mut self, id: ChannelId, step_uj: Option<i64>) {
        if let (Some(step), Some(series)) = (step_uj, self.series.get_mut(id.0)) {
            series.printed_to(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_behind_the_sign_and_the_unit_make_the_step() {
        let kwh = Unit::symbol(b"kWh");
        let step = |text: &str, unit| step_uj(text.as_bytes(), unit);
        // A thousandth of a kWh is 3600 J.
        assert_eq!(step("202227.689", kwh), Some(3_600_000_000));
        assert_eq!(step("0,01", kwh), Some(36_000_000_000));
        assert_eq!(step("12", Some(Unit::JOULE)), Some(1_000_000));
        assert_eq!(step("12.5 J", None), Some(100_000));
        // 7.285e+08 J is told to 100 kJ.
        assert_eq!(step("7.285e+08", Some(Unit::JOULE)), Some(100_000_000_000));
        assert_eq!(step("0.30000000000000004", kwh), Some(0));
        for odd in ["", "nan", "1.2 W", "12:30", "1.2.3e"] {
            assert_eq!(step(odd, kwh), None, "{odd}");
        }
    }
}
