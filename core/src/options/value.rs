//! Values of options as people write them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::factor::{Factor, FactorError, Match};
use crate::fault::SettingsError;
use crate::series::Component;
use crate::text::AsFound;
use crate::units::decimal::parse_scaled_i64;
use crate::units::nearest::nearest;
use crate::units::{Power, Span};

/// Nobody samples less than once a day.
const LONGEST_INTERVAL_US: i64 = 86_400_000_000;

/// More memory than this, in GB, no machine has: the number is of MB or bytes.
const MOST_MEMORY_GB: f64 = 64_000.0;

/// What the value of an option is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A limit by name: `depth=3`.
    Bound,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number, 1 or more.
    Count,
    /// A time between samples: `1s`, `500ms`. A number is seconds.
    Duration,
    /// A file.
    File,
    /// Files; the option may be given several times.
    Files,
    /// On where it is given.
    Flag,
    /// The carbon intensity of a contract for electricity, gCO2e per kWh.
    Contract,
    /// A carbon intensity, or a file with a series of them.
    IntensityOrFile,
    /// A mass with its unit: `100kg`, `1.5t`. A number is kg.
    Mass,
    /// A size of memory: `512GB`. A number is GB.
    Memory,
    /// A number in this range, ends included, and its unit.
    Number(f64, f64, &'static str),
    /// Parts that logs hold, between commas: `gpu`, `gpu:2`, `node07`, `node07/gpu:2`.
    Parts,
    /// Times from one instant to another, between commas: `2025-06-12T14:00:00Z..2025-06-12T17:00:00Z`.
    Periods,
    /// A zone or cloud region.
    Place,
    /// Zones or cloud regions, between commas.
    Places,
    /// A power usage effectiveness.
    Pue,
    /// A text.
    Text,
    /// Texts; the option may be given several times.
    Texts,
    /// An instant: `2025-06-12T14:00:00Z`.
    Time,
    /// The rated power of one device in watts.
    Watts,
    /// Words between commas.
    Words,
    /// A year.
    Year,
    /// A time zone: `Europe/Paris`, `UTC`, `+02:00`.
    Zone,
}

impl Kind {
    /// The unit of a bare number; empty where there is none, or a text says it.
    pub const fn unit(self) -> &'static str {
        match self {
            Kind::Duration => "s",
            Kind::Contract | Kind::IntensityOrFile => "g_per_kwh",
            Kind::Mass => "kg",
            Kind::Memory => "gb",
            Kind::Number(_, _, unit) => unit,
            Kind::Watts => "w",
            _ => "",
        }
    }

    /// Whether several values stand in one text, between commas.
    pub const fn is_between_commas(self) -> bool {
        matches!(self, Kind::Parts | Kind::Periods | Kind::Places | Kind::Words)
    }

    /// Whether it is a list of texts.
    pub const fn is_list(self) -> bool {
        matches!(self, Kind::Texts) || self.is_between_commas()
    }

    /// Whether a flag of this kind may be given several times.
    pub const fn is_repeatable(self) -> bool {
        matches!(self, Kind::Bound | Kind::Files) || self.is_list()
    }

    /// Whether it names files.
    pub const fn is_file(self) -> bool {
        matches!(self, Kind::File | Kind::Files)
    }

    pub(super) fn check(self, setting: &'static str, text: &str) -> Result<(), SettingsError> {
        let wrong = |expected: &str| {
            let found = if number(text).is_some() { text.trim().to_string() } else { format!("{text:?}") };
            Err(SettingsError::new(setting, format!("found {found}, expected {expected}"), ""))
        };
        let of_factor = |e: FactorError| SettingsError { setting, message: e.message, hint: e.hint.unwrap_or_default() };
        let within = |low: f64, high: f64| match number(text) {
            None => wrong("a number alone, such as 72 or 0.9"),
            Some(found) if !(low..=high).contains(&found) => {
                Err(SettingsError::new(setting, format!("found {}, expected {}", AsFound(found), range(low, high)), ""))
            }
            Some(_) => Ok(()),
        };
        let at_any = |found: Result<(), SettingsError>, check: &dyn Fn(f64) -> Result<Factor, FactorError>| {
            found.and_then(|()| check(number(text).unwrap_or(f64::NAN)).map(drop).map_err(of_factor))
        };
        match self {
            Kind::Choice(words) if choice(words, text).is_none() => wrong(&words.join(" or ")),
            Kind::Count if text.trim().parse::<u32>().is_ok_and(|count| count > 0) => Ok(()),
            Kind::Count => wrong("a whole number, 1 or more"),
            Kind::Duration => duration(text).map(drop).map_err(|message| SettingsError::new(setting, message, "")),
            Kind::Contract => {
                within(f64::MIN, f64::MAX).and_then(|()| Factor::check_contract(number(text).unwrap_or(f64::NAN)).map_err(of_factor))
            }
            // What is no number is the name of a file, which the host reads.
            Kind::IntensityOrFile if number(text).is_some() => {
                at_any(Ok(()), &|grams| Factor::given_carbon_intensity(grams, None, None, Match::Given))
            }
            Kind::Mass => mass_kg(text).map(drop),
            Kind::Memory => gigabytes(text).map(drop),
            Kind::Number(low, high, _) => within(low, high),
            Kind::Parts if !is_part(text) => {
                let words: Vec<&str> = Component::ALL.iter().map(|component| component.as_str()).collect();
                wrong(&format!("a part such as `gpu`, `gpu:2`, `node07` or `node07/gpu:2`; components are {}", words.join(", ")))
            }
            Kind::Pue => at_any(within(f64::MIN, f64::MAX), &|pue| Factor::given_pue(pue, None, Match::Given)),
            Kind::Watts => watts(text).map(drop),
            Kind::Year if text.trim().parse::<i32>().is_err() => wrong("a year such as 2024"),
            _ => Ok(()),
        }
    }

    /// The number that a text stands for, in [`Kind::unit`].
    pub(super) fn number(self, text: &str) -> Option<f64> {
        match self {
            Kind::Memory => gigabytes(text).ok(),
            _ => number(text),
        }
    }
}

/// Whether a text can name a part. Which hosts and devices there are, the logs say.
fn is_part(text: &str) -> bool {
    let text = text.trim();
    // `gpu:0,1` is written `gpu:0,gpu:1`; serial numbers are longer.
    let is_number = text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    !(text.starts_with(['/', ':']) || text.ends_with(['/', ':']) || is_number)
}

/// The word of the list that is meant: hyphens and capitals make no difference.
pub(super) fn choice(words: &'static [&'static str], text: &str) -> Option<&'static str> {
    let letters = |word: &str| word.trim().replace('-', "").to_ascii_lowercase();
    words.iter().copied().find(|word| letters(word) == letters(text))
}

pub(super) fn number(text: &str) -> Option<f64> {
    nearest(text.trim())
}

fn range(low: f64, high: f64) -> String {
    if high == f64::MAX { format!("{low} or more") } else { format!("{low} to {high}") }
}

/// A time between samples: `1s`, `500ms`, `2.5s`, `1m`; a bare number is seconds.
///
/// ```
/// use carbon_core::options::duration;
/// use carbon_core::units::Span;
/// assert_eq!(duration("500ms"), Ok(Span::from_micros(500_000)));
/// assert_eq!(duration("2.5"), Ok(Span::from_micros(2_500_000)));
/// assert!(duration("0s").is_err());
/// ```
///
/// # Errors
/// In words for people, where it is none or 0.
pub fn duration(text: &str) -> Result<Span, String> {
    let text = text.trim();
    let expected = || format!("found {text:?}, expected a time above 0 such as 1s, 500ms or 2.5s");
    let (number, unit) = split_unit(text);
    let factor: i64 = match unit {
        "us" | "µs" => 1,
        "ms" => 1_000,
        "" | "s" | "sec" => 1_000_000,
        "m" | "min" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return Err(expected()),
    };
    // Parsed in billionths, so that 0.1 ms is exact.
    let billionths = parse_scaled_i64(number.as_bytes(), 9).map_err(|_| expected())?;
    let micros = i128::from(billionths) * i128::from(factor);
    let span = i64::try_from(micros / 1_000_000_000).map_err(|_| expected())?;
    if span > LONGEST_INTERVAL_US {
        let meant = if unit.is_empty() { format!(": {number}ms is written with its unit") } else { String::new() };
        return Err(format!("found {text:?}, expected a time between samples of a day at most{meant}"));
    }
    if span <= 0 || micros % 1_000_000_000 != 0 { Err(expected()) } else { Ok(Span::from_micros(span)) }
}

/// A mass with its unit, in kg: `100kg`, `1.5 t`, `250 g`.
///
/// ```
/// use carbon_core::options::mass_kg;
/// assert_eq!(mass_kg("1.5 t"), Ok(1500.0));
/// assert!(mass_kg("100").unwrap_err().message.contains("without a unit"));
/// ```
///
/// # Errors
/// Where there is no number, no unit or another one.
pub fn mass_kg(text: &str) -> Result<f64, SettingsError> {
    let wrong = |message| Err(SettingsError::new("carbon-budget", message, "for example 100kg, 1.5t or 250g, of CO2e"));
    let (number, unit) = split_unit(text.trim());
    let Some(number) = nearest(number) else {
        return wrong(format!("found {text:?}, expected a mass with its unit"));
    };
    match unit {
        "" => wrong(format!("found {text:?} without a unit, expected a mass with its unit")),
        "mg" => Ok(number / 1e6),
        "g" => Ok(number / 1e3),
        "kg" => Ok(number),
        "t" => Ok(number * 1e3),
        "kt" => Ok(number * 1e6),
        other => wrong(format!("found the unit {other:?}, expected g, kg or t")),
    }
}

/// A size of memory in GB: `512GB`, `512`, `1.5TB`.
///
/// # Errors
/// Where there is no number, or another unit.
pub fn gigabytes(text: &str) -> Result<f64, SettingsError> {
    let (number, unit) = split_unit(text.trim());
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "g" | "gb" | "gib" => 1.0,
        "t" | "tb" | "tib" => 1000.0,
        "m" | "mb" | "mib" => 0.001,
        _ => f64::NAN,
    };
    let size = nearest(number).unwrap_or(f64::NAN) * factor;
    let wrong = || SettingsError::new("memory", format!("found {text:?}, expected a size such as 512GB"), "");
    if size.is_finite() { Ok(size) } else { Err(wrong()) }
}

/// Memory of one job, in GB.
///
/// # Errors
/// As [`gigabytes`], and where no machine has so much, or so little.
pub fn job_memory(text: &str) -> Result<f64, SettingsError> {
    let size = gigabytes(text)?;
    if size <= 0.0 {
        return Err(SettingsError::new("memory", format!("found {text:?}, expected a size above 0"), "for example 16GB"));
    }
    if size > MOST_MEMORY_GB {
        let meant =
            [("MB", size / 1e3), ("KB", size / 1e6), ("bytes", size / 1e9)].into_iter().find(|(_, size)| *size <= MOST_MEMORY_GB / 10.0);
        let hint = meant.map_or(String::from("for example 16GB"), |(unit, size)| format!("where {unit} are meant, give {size}GB"));
        return Err(SettingsError::new("memory", format!("found {text:?}, expected a size in GB, at most {MOST_MEMORY_GB}"), &hint));
    }
    Ok(size)
}

/// Watts of one device: more than a device's full house of them is a slip of the unit.
///
/// # Errors
/// Where it is no number, or none that a device has.
pub fn watts(text: &str) -> Result<Power, SettingsError> {
    let number = text.trim().trim_end_matches(['W', 'w']).trim();
    match parse_scaled_i64(number.as_bytes(), 6).map(Power::from_microwatts) {
        Ok(power) if (Power::from_watts(1)..=Power::from_watts(5000)).contains(&power) => Ok(power),
        slip => {
            let can_be = |watts: f64| (30.0..=3000.0).contains(&watts);
            let watts = slip.map_or(f64::NAN, |power| power.as_microwatts() as f64 / 1e6);
            let meant = [("kW", 1000.0 * watts), ("mW", watts / 1000.0)].into_iter().find(|(_, watts)| can_be(*watts));
            Err(SettingsError::new(
                "tdp",
                format!("found {text:?}, expected the rated power of one GPU in watts, 1 to 5000; more is a machine or a rack"),
                &match meant {
                    Some((unit, watts)) => format!("where {unit} are meant, give {watts}"),
                    None => String::from("`carbon-report hardware` lists rated powers"),
                },
            ))
        }
    }
}

/// A number, and the unit behind it.
fn split_unit(text: &str) -> (&str, &str) {
    let number = text.trim_end_matches(|c: char| c.is_alphabetic());
    (number.trim_end(), text.get(number.len()..).unwrap_or_default())
}

/// Texts of a value that is no text itself.
pub(super) fn instant_expected(setting: &'static str, text: &str) -> SettingsError {
    let message = format!("found {text:?}, expected a time such as 2025-06-12T14:00:00Z or 2025-06-12 14:00");
    SettingsError::new(setting, message, "")
}
