//! A factor as a lookup returns it: value, interval, unit, basis, year, source and how it was matched.

use alloc::format;
use alloc::string::{String, ToString};

use super::error::FactorError;
use super::interval::Spread;
use super::slip::{CONTRACT_KILOGRAMS_BELOW, Slip, pue_hint};
use crate::rules;
use crate::text::AsFound;

/// Carbon intensities of electricity in gCO2e/kWh that can be: above 0, below 3000 (oil in small plants reaches 1400).
pub const INTENSITY_RANGE: (f64, f64) = rules::ends("sane_intensity");

/// PUE values that can be. Total over IT energy is never below 1.
pub const PUE_RANGE: (f64, f64) = rules::ends("sane_pue");

/// The source of a number that the user gave without naming one.
pub const SOURCE_USER: &str = "user";

/// The source of a number that a log states.
pub const SOURCE_LOG: &str = "log";

/// Source and label of what a log states.
const BY_LOG: (&str, &str) = (SOURCE_LOG, "stated by the log");

/// The source of a default that rests on no publication.
pub const SOURCE_DEFAULT: &str = "default";

/// How far a number that is given without an interval may lie off, relative, at 95 %.
///
/// Suppliers and sites publish two or three digits of a yearly mean; a run is not a year.
const GIVEN_HALF_WIDTH: f64 = rules::value("given_half_width");

/// A published or given number, with everything a report says about it.
///
/// `low` and `high` are a 95 % interval. `low < value < high`, but for a PUE at its floor of 1, where `low` is 1 too.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// What it is a factor of.
    pub kind: FactorKind,
    /// What it is about, for people: `France`, `world average`, `AWS eu-north-1`.
    pub label: String,
    /// Central value.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Unit of the three numbers.
    pub unit: &'static str,
    /// What a carbon intensity includes; `None` where the question does not arise or the answer is not known.
    pub basis: Option<Basis>,
    /// Year of the data; `None` where it is not known.
    pub year: Option<i32>,
    /// Id in the table of sources, the source's own words from a user's file, [`SOURCE_USER`], [`SOURCE_LOG`] or [`SOURCE_DEFAULT`].
    pub source: String,
    /// How it was found.
    pub matched: Match,
    /// How its year was found, where `matched` says that it is of another place.
    pub by_year: Option<Match>,
}

impl Factor {
    /// Refuses to stand in for a year, asked for by name, that is not its own.
    ///
    /// # Errors
    /// With its own year, the nearest that there is.
    pub fn check_year(&self, year: i32) -> Result<(), FactorError> {
        let Some(own) = self.year.filter(|own| *own != year) else { return Ok(()) };
        let message = format!("found {year}, and no carbon intensity of that year is known for {}: the nearest is of {own}", self.label);
        Err(FactorError::new("", 0, message).hint(&format!(
            "give `--year {own}`, or the intensity with `--intensity G`; without `--year` the nearest to the run's own year is used, and told"
        )))
    }

    /// A carbon intensity that the user or a log states, in gCO2e/kWh; the interval is ±5 % unless one is given.
    ///
    /// # Errors
    /// Where the value lies outside [`INTENSITY_RANGE`], was most likely meant in another unit ([`Slip`]), or the interval does not enclose it.
    pub fn given_carbon_intensity(
        gco2e_per_kwh: f64,
        interval: Option<(f64, f64)>,
        basis: Option<Basis>,
        matched: Match,
    ) -> Result<Factor, FactorError> {
        // Whoever gives an interval has thought about the unit.
        if let Some(slip) = Slip::of(gco2e_per_kwh).filter(|_| interval.is_none() && matched == Match::Given) {
            return Err(FactorError::new("", 0, slip.message()).hint(&slip.hint()));
        }
        let mut factor = Self::given(FactorKind::CarbonIntensity, gco2e_per_kwh, interval, INTENSITY_RANGE, matched)
            .map_err(|error| if gco2e_per_kwh > 0.0 { error } else { error.hint("give gCO2e per kWh, such as 41 for France") })?;
        factor.basis = basis;
        Ok(factor)
    }

    /// Checks the carbon intensity of a contract for electricity, in gCO2e/kWh: nothing, or some grams more, where it is sold as of wind, water or nuclear power.
    ///
    /// # Errors
    /// As [`Factor::given_carbon_intensity`].
    pub fn check_contract(gco2e_per_kwh: f64) -> Result<(), FactorError> {
        if gco2e_per_kwh == 0.0 || (CONTRACT_KILOGRAMS_BELOW..INTENSITY_RANGE.1).contains(&gco2e_per_kwh) {
            return Ok(());
        }
        let checked = Self::given_carbon_intensity(gco2e_per_kwh, None, None, Match::Given).map(drop);
        checked.map_err(|error| match Slip::of(gco2e_per_kwh).and_then(|slip| slip.of_kilograms()) {
            Some(grams) => {
                error.hint(&format!("give {}; a contract of less than {CONTRACT_KILOGRAMS_BELOW} g counts as 0", AsFound(grams)))
            }
            None => error,
        })
    }

    /// A PUE that the user or a log states; the interval is ±5 %, cut at 1, unless one is given.
    ///
    /// # Errors
    /// Where the value lies outside [`PUE_RANGE`] or the interval does not enclose it.
    pub fn given_pue(pue: f64, interval: Option<(f64, f64)>, matched: Match) -> Result<Factor, FactorError> {
        Self::given(FactorKind::Pue, pue, interval, PUE_RANGE, matched).map_err(|error| error.hint(&pue_hint(pue)))
    }

    /// Turns what somebody gave into what a log states: settings that lie beside logs are no word of the user's.
    pub(crate) fn said_by_log(&mut self) {
        (self.source, self.label, self.matched) = (String::from(BY_LOG.0), String::from(BY_LOG.1), Match::Log);
    }

    fn given(kind: FactorKind, value: f64, interval: Option<(f64, f64)>, range: (f64, f64), matched: Match) -> Result<Factor, FactorError> {
        // Not the negation of a comparison: NaN must fail as well.
        if !(range.0..=range.1).contains(&value) {
            let message = format!("found {}, expected {} to {}", AsFound(value), range.0, range.1);
            return Err(FactorError::new("", 0, message));
        }
        let floor = if kind == FactorKind::Pue { 1.0 } else { 0.0 };
        let (low, high) = interval.unwrap_or_else(|| Spread::symmetric(1.0 + GIVEN_HALF_WIDTH).around(value));
        let low = if interval.is_none() { low.max(floor) } else { low };
        let encloses = (low < value || (kind == FactorKind::Pue && low == value && low == floor)) && value < high;
        if !encloses || low < floor || !high.is_finite() {
            let message = format!("found the interval {low} to {high}, expected it to enclose {value}");
            return Err(FactorError::new("", 0, message));
        }
        let (source, label) = if matched == Match::Log { BY_LOG } else { (SOURCE_USER, "given by the user") };
        Ok(Factor {
            kind,
            label: label.to_string(),
            value,
            low,
            high,
            unit: kind.unit(),
            basis: None,
            year: None,
            source: source.to_string(),
            matched,
            by_year: None,
        })
    }

    /// How it was found, in words, with its year where that is the point.
    pub fn match_text(&self) -> String {
        match (self.matched, self.year) {
            (Match::Exact, Some(year)) if self.kind == FactorKind::Embodied => format!("published figure ({year})"),
            (Match::Default, _) if self.kind == FactorKind::Pue => String::from("not known: the computers alone"),
            (Match::OlderYear, Some(year)) => format!("of {year}, the latest before the run's year"),
            (Match::LaterYear, Some(year)) => format!("of {year}, the earliest after the run's year"),
            (matched, Some(year)) if self.by_year == Some(Match::OlderYear) => {
                format!("{}; of {year}, the latest before the run's year", matched.words())
            }
            (matched, Some(year)) if self.by_year == Some(Match::LaterYear) => {
                format!("{}; of {year}, the earliest after the run's year", matched.words())
            }
            (matched, Some(year)) if !matches!(matched, Match::Given | Match::Log) => format!("{} ({year})", matched.words()),
            (matched, _) => matched.words().to_string(),
        }
    }
}

/// What a [`Factor`] is a factor of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactorKind {
    /// gCO2e per kWh of electricity (SCI: I).
    CarbonIntensity,
    /// kgCO2e of making a device (SCI: TE).
    Embodied,
    /// Total energy of a building over that of its computers.
    Pue,
}

impl FactorKind {
    /// `carbon_intensity`, `embodied` or `pue`.
    pub const fn as_str(self) -> &'static str {
        match self {
            FactorKind::CarbonIntensity => "carbon_intensity",
            FactorKind::Embodied => "embodied",
            FactorKind::Pue => "pue",
        }
    }

    /// Unit of a factor of this kind.
    pub const fn unit(self) -> &'static str {
        match self {
            FactorKind::CarbonIntensity => "gCO2e/kWh",
            FactorKind::Embodied => "kgCO2e",
            FactorKind::Pue => "kWh/kWh",
        }
    }
}

/// What a carbon intensity includes. The two never meet in one total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "IntensityBasis"))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Combustion in the power plants alone.
    Direct,
    /// Fuel supply and the building of plants included.
    Lifecycle,
}

impl Basis {
    /// `direct` or `lifecycle`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Basis::Direct => "direct",
            Basis::Lifecycle => "lifecycle",
        }
    }

    /// From `direct`, `lifecycle` or `life-cycle`, in any case.
    pub fn parse(text: &str) -> Option<Basis> {
        [("direct", Basis::Direct), ("lifecycle", Basis::Lifecycle), ("life-cycle", Basis::Lifecycle)]
            .into_iter()
            .find_map(|(word, basis)| word.eq_ignore_ascii_case(text.trim()).then_some(basis))
    }

    /// For people: `life-cycle` or `direct`.
    pub const fn words(self) -> &'static str {
        match self {
            Basis::Direct => "direct",
            Basis::Lifecycle => "life-cycle",
        }
    }
}

/// How a factor was found, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// The user gave it.
    Given,
    /// The log states it.
    Log,
    /// A calculator that is reproduced fixes it.
    Method,
    /// The row of the place and year.
    Exact,
    /// The place's latest row before the run's year.
    OlderYear,
    /// The place's earliest row after the run's year.
    LaterYear,
    /// The place's latest row, because the run's year is not known.
    LatestYear,
    /// The row of what the place belongs to: the country of a state, the fleet of a cloud region.
    ParentZone,
    /// The world's row, because no place is known.
    WorldDefault,
    /// A default, because nothing nearer is known.
    Default,
}

impl Match {
    /// In snake case, as reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Match::Given => "given",
            Match::Log => "log",
            Match::Method => "method",
            Match::Exact => "exact",
            Match::OlderYear => "older_year",
            Match::LaterYear => "later_year",
            Match::LatestYear => "latest_year",
            Match::ParentZone => "parent_zone",
            Match::WorldDefault => "world_default",
            Match::Default => "default",
        }
    }

    /// For people.
    pub const fn words(self) -> &'static str {
        match self {
            Match::Given => "given by the user",
            Match::Log => "stated by the log",
            Match::Method => "value of the method that is reproduced",
            Match::Exact => "value of the place and year",
            Match::OlderYear => "latest value before the run's year",
            Match::LaterYear => "earliest value after the run's year",
            Match::LatestYear => "latest value, because the run's year is not known",
            Match::ParentZone => "value of the larger area it belongs to",
            Match::WorldDefault => "world average, because the place is not known",
            Match::Default => "default",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_numbers_are_checked() {
        let factor = Factor::given_carbon_intensity(100.0, None, Some(Basis::Direct), Match::Given).unwrap();
        assert!((factor.high - 105.0).abs() < 1e-9 && (factor.low - 100.0 / 1.05).abs() < 1e-9);
        assert_eq!((factor.source.as_str(), factor.matched.as_str()), ("user", "given"));
        for wrong in [f64::NAN, f64::INFINITY, -1.0, 0.0, 0.4, 3001.0] {
            assert!(Factor::given_carbon_intensity(wrong, None, None, Match::Given).is_err(), "{wrong}");
        }
        for wrong in [f64::NAN, 0.99, 3.5, 0.0] {
            assert!(Factor::given_pue(wrong, None, Match::Given).is_err(), "{wrong}");
        }
        for interval in [(100.0, 110.0), (90.0, 100.0), (f64::NAN, 110.0), (90.0, f64::INFINITY), (-1.0, 110.0)] {
            assert!(Factor::given_carbon_intensity(100.0, Some(interval), None, Match::Given).is_err(), "{interval:?}");
        }
    }

    #[test]
    fn a_pue_stays_above_its_floor() {
        let one = Factor::given_pue(1.0, None, Match::Given).unwrap();
        assert_eq!((one.low, one.value), (1.0, 1.0));
        assert!(one.high > 1.0);
        let log = Factor::given_pue(1.59, None, Match::Log).unwrap();
        assert_eq!((log.source.as_str(), log.matched), ("log", Match::Log));
        assert!(Factor::given_pue(1.2, Some((0.9, 1.3)), Match::Given).is_err());
    }

    #[test]
    fn bases_are_read_as_they_are_written() {
        assert_eq!(Basis::parse("Life-Cycle"), Some(Basis::Lifecycle));
        assert_eq!(Basis::parse("direct"), Some(Basis::Direct));
        assert_eq!(Basis::parse("market"), None);
    }
}
