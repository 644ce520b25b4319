//! What was meant by a figure that can't be: kilograms for grams, per cent for a share. One check for flags, settings files, tables and series.

use alloc::format;
use alloc::string::String;

use super::value::{INTENSITY_RANGE, PUE_RANGE};
use crate::rules;
use crate::text::AsFound;
use crate::units::nearest::nearest;

/// Below this many gCO2e/kWh a figure was surely meant in kilograms: life-cycle values start near 10, and direct ones below it are a few hydro
/// provinces, whose tables say so by an interval.
pub const KILOGRAMS_BELOW: f64 = rules::value("intensity_kilograms_below");

/// The same of a contract for electricity, which may be of one kind of plants.
pub(super) const CONTRACT_KILOGRAMS_BELOW: f64 = rules::value("contract_kilograms_below");

/// A carbon intensity, said to be in gCO2e/kWh, that is most likely one in another unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slip {
    found: f64,
    /// The unit that it would be plausible in, and what it is in grams per kWh.
    meant: Option<(&'static str, f64)>,
}

/// Units that are taken for grams per kWh, and their grams per kWh.
const UNITS: [(&str, f64); 4] = [("kg", 1e3), ("t", 1e6), ("mg", 1e-3), ("µg", 1e-6)];

impl Slip {
    /// Whether a figure above 0 in gCO2e/kWh is so small or so large that another unit was meant.
    pub fn of(grams: f64) -> Option<Slip> {
        let can_be = |grams: f64| (KILOGRAMS_BELOW..=INTENSITY_RANGE.1).contains(&grams);
        if can_be(grams) || !grams.is_finite() || grams <= 0.0 {
            return None;
        }
        let meant = UNITS.into_iter().map(|(unit, times)| (unit, grams * times)).find(|(_, grams)| can_be(*grams));
        Some(Slip { found: grams, meant })
    }

    /// Grams per kWh, where kilograms were written.
    pub fn of_kilograms(&self) -> Option<f64> {
        self.meant.filter(|(unit, _)| *unit == "kg").map(|(_, grams)| grams)
    }

    /// What was found and expected.
    pub fn message(&self) -> String {
        let found = AsFound(self.found);
        let small = if self.found < KILOGRAMS_BELOW { "little" } else { "much" };
        match self.meant {
            Some((unit, grams)) => {
                format!("found {found}, expected gCO2e per kWh: no grid has so {small}, and {found} {unit} are {} g", digits(grams))
            }
            None => format!("found {found}, expected {} to {} gCO2e per kWh", INTENSITY_RANGE.0, INTENSITY_RANGE.1),
        }
    }

    /// What to do.
    pub fn hint(&self) -> String {
        let meant =
            self.meant.map_or(String::from("give grams per kWh, such as 41 for France"), |(_, grams)| format!("give {}", digits(grams)));
        match self.found {
            found if (INTENSITY_RANGE.0..KILOGRAMS_BELOW).contains(&found) => {
                format!("{meant}; if {found} g are meant, give a table with low_gco2e_per_kwh and high_gco2e_per_kwh too: `--factors`")
            }
            _ => meant,
        }
    }
}

/// What may have been meant by a PUE that can't be.
pub(super) fn pue_hint(found: f64) -> String {
    let is = "PUE is the building's energy over the computers' energy, 1.0 to 3.0";
    match found {
        found if found > 0.0 && found < 1.0 => {
            format!("{is}: where the building adds {} %, it is {}", digits(100.0 * found), digits(1.0 + found))
        }
        found if found > PUE_RANGE.1 && found < 100.0 => {
            format!("{is}: where the building adds {found} %, it is {}", digits(1.0 + found / 100.0))
        }
        found if (100.0..=100.0 * PUE_RANGE.1).contains(&found) => format!("{is}: {found} % are {}", digits(found / 100.0)),
        _ => String::from(is),
    }
}

/// Six digits, without those that arithmetic left.
fn digits(value: f64) -> f64 {
    nearest(&format!("{value:.5e}")).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant() {
        for (found, meant) in [
            (0.4, Some(400.0)),
            (0.056, Some(56.0)),
            (2.9, Some(2900.0)),
            (0.000_41, Some(410.0)),
            (400_000.0, Some(400.0)),
            (3_001.0, Some(3.001)),
            (5e7, Some(50.0)),
            (1e12, None),
        ] {
            let slip = Slip::of(found).expect("a slip");
            assert_eq!(slip.meant.map(|(_, grams)| digits(grams)), meant, "{found}");
            assert!(slip.message().starts_with(&format!("found {found}, expected")));
        }
        for fine in [3.0, 41.0, 1400.0, 3000.0, 0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Slip::of(fine), None, "{fine}");
        }
        assert_eq!(Slip::of(0.4).and_then(|slip| slip.of_kilograms()), Some(400.0));
        assert_eq!(Slip::of(0.000_4).and_then(|slip| slip.of_kilograms()), None);
    }

    #[test]
    fn overheads_and_per_cents_are_no_pue() {
        for (found, meant) in
            [(0.4, "adds 40 %, it is 1.4"), (12.0, "adds 12 %, it is 1.12"), (140.0, "140 % are 1.4"), (-1.0, "1.0 to 3.0")]
        {
            assert!(pue_hint(found).ends_with(meant), "{}", pue_hint(found));
        }
    }
}
