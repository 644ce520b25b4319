//! Units of power and energy as logs print them.

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// Energy, kept in µJ.
    Energy,
    /// Power, kept in µW.
    Power,
}

/// A unit: one of it is `factor × 10^scale` µW or µJ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    /// Power or energy.
    pub dimension: Dimension,
    /// Power of ten to the micro-unit.
    pub scale: i32,
    /// 3600 for watt-hours, else 1.
    pub factor: i64,
}

impl Unit {
    /// Watt.
    pub const WATT: Unit = Unit { dimension: Dimension::Power, scale: 6, factor: 1 };
    /// Milliwatt.
    pub const MILLIWATT: Unit = Unit { scale: 3, ..Unit::WATT };
    /// Microwatt.
    pub const MICROWATT: Unit = Unit { scale: 0, ..Unit::WATT };
    /// Joule.
    pub const JOULE: Unit = Unit { dimension: Dimension::Energy, ..Unit::WATT };
    /// Watt-hour: 3600 J.
    pub const WATT_HOUR: Unit = Unit { factor: 3600, ..Unit::JOULE };

    /// The unit of a symbol or name as it stands in a cell or in brackets: `W`, `mW`, `Watts`, `kWh`. Case tells milli from mega.
    pub fn symbol(text: &[u8]) -> Option<Unit> {
        let text = text.trim_ascii();
        WORDS.iter().find(|(word, _)| text.eq_ignore_ascii_case(word.as_bytes())).map(|(_, unit)| *unit).or_else(|| {
            let text = core::str::from_utf8(text).ok()?;
            let (prefix, rest) = match text.strip_suffix("Wh").or_else(|| text.strip_suffix("wh")) {
                Some(prefix) => (prefix, Unit::WATT_HOUR),
                None => match text.strip_suffix(['W', 'w']) {
                    Some(prefix) => (prefix, Unit::WATT),
                    None => (text.strip_suffix(['J', 'j'])?, Unit::JOULE),
                },
            };
            let shift = match prefix {
                "" => 0,
                "n" => -9,
                "u" | "µ" | "μ" => -6,
                "m" => -3,
                "k" | "K" => 3,
                "M" => 6,
                _ => return None,
            };
            Some(Unit { scale: rest.scale + shift, ..rest })
        })
    }

    /// The unit that a lower-case column name ends in: `power_w`, `package_uj`, `energy_kwh`, `power_watts`, `gpu0.powerwatts`. No one
    /// logs megawatts, so `m` is milli.
    pub fn suffix(name: &str) -> Option<Unit> {
        let mut words = name.rsplit(['_', '.', ' ', '-']);
        match (words.next()?, words.next()) {
            // `gco2e_per_kwh` is a rate.
            (_, Some("per")) => None,
            (last, Some(_)) => Unit::symbol(last.as_bytes()),
            // A letter alone may be the name of anything.
            (name, None) => (name.len() > 2 && name.is_ascii()).then(|| Unit::symbol(name.as_bytes())).flatten(),
        }
    }

    /// The symbol that `--columns` takes: `w`, `mw`, `kwh`; `None` for a unit that has none.
    pub fn role_suffix(self) -> Option<&'static str> {
        let known = [
            ("uw", Unit::MICROWATT),
            ("mw", Unit::MILLIWATT),
            ("w", Unit::WATT),
            ("kw", Unit { scale: 9, ..Unit::WATT }),
            ("uj", Unit { scale: 0, ..Unit::JOULE }),
            ("mj", Unit { scale: 3, ..Unit::JOULE }),
            ("j", Unit::JOULE),
            ("kj", Unit { scale: 9, ..Unit::JOULE }),
            ("wh", Unit::WATT_HOUR),
            ("kwh", Unit { scale: 9, ..Unit::WATT_HOUR }),
        ];
        known.into_iter().find(|(_, unit)| *unit == self).map(|(name, _)| name)
    }
}

/// Units by name.
const WORDS: &[(&str, Unit)] = &[
    ("watt", Unit::WATT),
    ("watts", Unit::WATT),
    ("milliwatt", Unit::MILLIWATT),
    ("milliwatts", Unit::MILLIWATT),
    ("mwatt", Unit::MILLIWATT),
    ("mwatts", Unit::MILLIWATT),
    ("microwatt", Unit::MICROWATT),
    ("microwatts", Unit::MICROWATT),
    ("kilowatts", Unit { scale: 9, ..Unit::WATT }),
    ("watthour", Unit::WATT_HOUR),
    ("watthours", Unit::WATT_HOUR),
    ("Wmin", Unit { factor: 60, ..Unit::JOULE }),
    ("joule", Unit::JOULE),
    ("joules", Unit::JOULE),
    ("millijoules", Unit { scale: 3, ..Unit::JOULE }),
    ("microjoules", Unit { scale: 0, ..Unit::JOULE }),
];

/// A header cell without its unit in brackets, and what the brackets hold: `power.draw [W]`, `GPU Power (W)`.
pub(super) fn split_bracket(text: &str) -> (&str, Option<&str>) {
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some(inner) = text.strip_suffix(close)
            && let Some(at) = inner.rfind(open)
        {
            let (name, bracket) = inner.split_at(at);
            return (name.trim_end(), Some(bracket.strip_prefix(open).unwrap_or(bracket).trim()));
        }
    }
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_words_and_suffixes() {
        for (text, dimension, scale, factor) in [
            ("W", Dimension::Power, 6, 1),
            ("mW", Dimension::Power, 3, 1),
            ("µW", Dimension::Power, 0, 1),
            ("kW", Dimension::Power, 9, 1),
            ("MW", Dimension::Power, 12, 1),
            ("Watts", Dimension::Power, 6, 1),
            ("J", Dimension::Energy, 6, 1),
            ("mJ", Dimension::Energy, 3, 1),
            ("uJ", Dimension::Energy, 0, 1),
            ("Joules", Dimension::Energy, 6, 1),
            ("Wh", Dimension::Energy, 6, 3600),
            ("kWh", Dimension::Energy, 9, 3600),
        ] {
            assert_eq!(Unit::symbol(text.as_bytes()), Some(Unit { dimension, scale, factor }), "{text}");
        }
        for text in ["", "%", "MiB", "V", "Wx", "xW", "how"] {
            assert_eq!(Unit::symbol(text.as_bytes()), None, "{text}");
        }
        for (name, unit) in
            [("power_w", Some(Unit::WATT)), ("gpu0_mw", Some(Unit::MILLIWATT)), ("w", None), ("window", None), ("power_draw", None)]
        {
            assert_eq!(Unit::suffix(name), unit, "{name}");
        }
    }
}
