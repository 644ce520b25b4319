//! One line of carbontracker to what it says.

use crate::decode::quantity;
use crate::units::{Instant, calendar, decimal};

/// What begins or ends at an epoch's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::read) enum Mark {
    /// `Epoch 3:`, printed when it has ended.
    After,
    /// `Epoch 3 ended.` (1.0).
    End,
    /// `Epoch 3 started.` (1.0).
    Start,
}

/// What a line says.
#[derive(Clone, Copy, Debug)]
pub(in crate::read) enum Message<'l> {
    /// Nothing.
    Blank,
    /// `The following components were found: …`.
    Components { printed: bool, text: &'l str },
    /// `Actual consumption for 3 epoch(s):` or `Predicted …`: totals follow.
    Consumption { predicted: bool, epochs: Option<u32> },
    /// `Duration: 0:00:03.00`.
    Duration(&'l str),
    /// `CO2eq: 0.259243 g`.
    Emissions(&'l str),
    /// `Energy: 0.000546 kWh`.
    Energy(&'l str),
    /// `Epoch 1:`.
    Epoch { number: u32, mark: Mark },
    /// An entry of the error log.
    Error,
    /// A carbon intensity, a location or both.
    Intensity { g_per_kwh: Option<f64>, is_average: bool, location: Option<&'l str>, printed: bool, text: &'l str },
    /// `Training was interrupted before all 10 epochs were monitored.`: epochs of the whole training.
    Interrupted(u32),
    /// A line that holds nothing to count.
    Known,
    /// `Average power usage (W) for gpu: [63.734 77.104]`.
    Power { component: &'l str, text: &'l str },
    /// A line that is printed to people and holds nothing to count.
    Printed,
    /// `… multiplied by a PUE coefficient of 1.58 (…`.
    Pue(&'l str),
    /// `Time: 0:00:09`.
    Time(&'l str),
    /// What was measured, with its beginning or its end torn off or another line glued to it.
    Torn,
    /// Anything else.
    Unknown,
    /// `carbontracker version 2.4.7`.
    Version(&'l str),
}

/// A line's stamp and what follows it: `2026-11-23 12:17:45 - carbontracker version 1.1.7`. The error log's stamps have milliseconds.
pub(in crate::read) fn stamped(line: &[u8]) -> (Option<Instant>, &[u8]) {
    let Some((stamp, rest)) = line.split_at_checked(19) else {
        return (None, line);
    };
    let shaped = matches!(stamp, [_, _, _, _, b'-', _, _, b'-', _, _, b' ', _, _, b':', _, _, b':', _, _]);
    let millis = rest.iter().skip(1).take_while(|b| b.is_ascii_digit()).count();
    let text = match rest {
        [b',', ..] if millis == 3 => rest.get(4..).and_then(|r| r.strip_prefix(b" - ")),
        _ => rest.strip_prefix(b" - ").or_else(|| rest.strip_prefix(b" -")),
    };
    match (shaped.then(|| calendar::parse_stamp(stamp)).flatten(), text) {
        (Some(at), Some(text)) => (Some(at.at), text),
        _ => (None, line),
    }
}

/// What a line says, its stamp taken off.
pub(in crate::read) fn message(text: &[u8]) -> Message<'_> {
    let Ok(text) = core::str::from_utf8(text) else {
        return Message::Unknown;
    };
    let text = text.trim();
    if text.is_empty() {
        return Message::Blank;
    }
    if is_glued(text) {
        return Message::Torn;
    }
    match said(text) {
        Message::Unknown | Message::Printed if had_figures(text) => Message::Torn,
        found => found,
    }
}

fn said(text: &str) -> Message<'_> {
    if let Some(rest) = text.strip_prefix("CarbonTracker:") {
        return match plain(rest.trim(), true) {
            Message::Unknown | Message::Blank | Message::Interrupted(_) | Message::Known => Message::Printed,
            found => found,
        };
    }
    if is_error(text) {
        return Message::Error;
    }
    plain(text, false)
}

const POWER: &str = "Average power usage (W) for ";
const POWERS: &str = "Power usages (W) for ";
const COMPONENTS: &str = "The following components were found:";

/// Whether a line that says nothing was to hold a figure.
fn had_figures(text: &str) -> bool {
    [POWER, POWERS, COMPONENTS, " - Duration:"].iter().any(|start| text.contains(start))
}

/// Whether another line was glued to this one: a stamp stands behind its own.
fn is_glued(text: &str) -> bool {
    text.match_indices(" - ").any(|(at, _)| {
        let stamp = at.checked_sub(19).and_then(|start| text.get(start..at));
        stamp.is_some_and(|stamp| calendar::parse_stamp(stamp.as_bytes()).is_some())
    })
}

fn plain(text: &str, printed: bool) -> Message<'_> {
    if let Some(version) = text.strip_prefix("carbontracker version ") {
        return Message::Version(version.trim());
    }
    if let Some(rest) = text.strip_prefix(POWER).or_else(|| text.strip_prefix(POWERS)) {
        return rest.split_once(':').map_or(Message::Unknown, |(component, text)| Message::Power { component, text: text.trim() });
    }
    if let Some(rest) = text.strip_prefix("Epoch ") {
        return epoch(rest).unwrap_or(Message::Unknown);
    }
    if let Some(rest) = text.strip_prefix("Duration:") {
        return Message::Duration(rest.trim());
    }
    if let Some(rest) = text.strip_prefix(COMPONENTS) {
        return Message::Components { printed, text: rest.trim() };
    }
    if let Some((_, rest)) = text.split_once(" PUE coefficient of ") {
        return Message::Pue(rest.split([' ', '(']).next().unwrap_or(""));
    }
    for (start, predicted) in [("Actual consumption", false), ("Predicted consumption", true)] {
        if let Some(rest) = text.strip_prefix(start) {
            return consumption(rest, predicted);
        }
    }
    if let Some(rest) = text.strip_prefix("Training was interrupted before all ") {
        return rest.split(' ').next().and_then(|n| n.parse().ok()).map_or(Message::Known, Message::Interrupted);
    }
    if let Some(rest) = text.strip_prefix("Time:") {
        return Message::Time(rest.trim());
    }
    if let Some(rest) = text.strip_prefix("Energy:") {
        return Message::Energy(rest.trim());
    }
    if let Some(rest) = text.strip_prefix("CO2eq:") {
        return Message::Emissions(rest.trim());
    }
    if let Some(found) = intensity(text, printed) {
        return found;
    }
    const KNOWN: [&str; 11] = [
        "Monitoring thread ",
        "Session ended by user",
        "This is equivalent to",
        "Finished monitoring",
        "Continue training",
        "Continuing",
        "Quitting",
        "Input not recognized",
        "WARNING - ",
        "INFO - ",
        "CRITICAL - ",
    ];
    let equivalent = text.ends_with("travelled by car");
    if equivalent || KNOWN.iter().any(|start| text.starts_with(start)) { Message::Known } else { Message::Unknown }
}

fn epoch(rest: &str) -> Option<Message<'_>> {
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    let (number, after) = rest.split_at_checked(digits)?;
    let number = number.parse::<u32>().ok()?;
    let mark = match after {
        ":" => Mark::After,
        " ended." => Mark::End,
        " started." => Mark::Start,
        _ => return None,
    };
    Some(Message::Epoch { number, mark })
}

/// `for 3 epoch(s):` or `:`.
fn consumption(rest: &str, predicted: bool) -> Message<'_> {
    let rest = rest.trim();
    if rest == ":" {
        return Message::Consumption { predicted, epochs: None };
    }
    let count = rest.strip_prefix("for ").and_then(|r| r.split(' ').next()).and_then(|n| n.parse::<u32>().ok());
    match count {
        Some(count) if rest.ends_with(':') => Message::Consumption { predicted, epochs: Some(count) },
        _ => Message::Unknown,
    }
}

/// The lines on carbon intensity of all releases; each holds a value, a location, both or neither.
fn intensity(text: &str, printed: bool) -> Option<Message<'_>> {
    const STARTS: [&str; 10] = [
        "Average carbon intensity during training was ",
        "Carbon intensities (",
        "Carbon intensity fetched:",
        "Carbon intensity for the next ",
        "Carbon intensity:",
        "Current carbon intensity is ",
        "Defaulted to average carbon intensity",
        "Failed to predict carbon intensity",
        "Live carbon intensity could not be fetched",
        "No carbon intensity provider specified",
    ];
    let start = STARTS.iter().find(|start| text.starts_with(**start))?;
    let is_average = start.starts_with("Average") || start.starts_with("Carbon intensities");
    let g_per_kwh = match text.rsplit_once(": [") {
        Some((_, list)) if start.starts_with("Carbon intensities") => mean(list.split(']').next().unwrap_or("")),
        _ => before_unit(text),
    };
    Some(Message::Intensity { g_per_kwh, is_average, location: location(text), printed, text })
}

/// The number before ` gCO2/kWh` or ` gCO2eq/kWh`.
fn before_unit(text: &str) -> Option<f64> {
    let end = text.find(" gCO2")?;
    let number = text.get(..end)?.rsplit(' ').next()?;
    quantity::float(number.as_bytes()).filter(|v| *v >= 0.0)
}

fn mean(list: &str) -> Option<f64> {
    let mut values = list.split([',', ' ']).filter(|v| !v.is_empty()).map(|v| quantity::float(v.as_bytes()));
    let (sum, count) = values.try_fold((0.0, 0u32), |(sum, count), value| Some((sum + value?, count + 1)))?;
    (count > 0).then(|| sum / f64::from(count))
}

/// `at detected location: Copenhagen, Capital Region, DK.`, `at detected location UNDETECTED: [475]`, `gCO2/kWh at Copenhagen, …`.
fn location(text: &str) -> Option<&str> {
    let after = match text.split_once("detected location") {
        Some((_, after)) => after.trim_start_matches([':', ' ']),
        None => text.rsplit_once("/kWh at ")?.1,
    };
    let end = [": [", ". ", ".\t"].iter().filter_map(|end| after.find(end)).min().unwrap_or(after.len());
    Some(after.get(..end)?.trim_end_matches('.').trim())
}

/// `MainThread - WARNING - Epoch duration is too short …`.
fn is_error(text: &str) -> bool {
    let mut parts = text.splitn(3, " - ");
    let (thread, level) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let named = !thread.is_empty() && thread.len() < 80 && !thread.contains(':');
    named && matches!(level, "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL") && parts.next().is_some()
}

/// The unit at the end of an energy or a mass, and the number before it.
pub(super) fn number_and_unit(text: &str) -> Option<(&str, &str)> {
    let (number, unit) = text.trim().rsplit_once([' ', '\t'])?;
    decimal::parse_scaled(number.trim().as_bytes(), 0).is_ok().then_some((number.trim(), unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps() {
        assert_eq!(stamped(b"2026-11-23 12:17:45 - Epoch 1:").1, b"Epoch 1:");
        assert_eq!(stamped(b"2026-11-23 12:17:45,764 - MainThread - INFO - x").1, b"MainThread - INFO - x");
        assert_eq!(stamped(b"2026-11-23 12:17:55 - CarbonTracker: ").1, b"CarbonTracker: ");
        assert!(stamped(b" 146.1 157.324]").0.is_none());
        assert!(stamped(b"2026-11-23T12:17:45 - x").0.is_none());
    }

    #[test]
    fn intensities_and_locations_of_all_releases() {
        for (line, value, place) in [
            (
                "Average carbon intensity during training was 475.00 gCO2/kWh at detected location: UNDETECTED.",
                Some(475.0),
                Some("UNDETECTED"),
            ),
            ("Average carbon intensity during training was 445.00 gCO2eq/kWh. ", Some(445.0), None),
            (
                "Carbon intensity for the next 0:03:33 is predicted to be 102.00 gCO2/kWh at detected location: Copenhagen, Capital Region, DK.",
                Some(102.0),
                Some("Copenhagen, Capital Region, DK"),
            ),
            (
                "Carbon intensities (gCO2/kWh) fetched every 900 s at detected location UNDETECTED: [475, 485]",
                Some(480.0),
                Some("UNDETECTED"),
            ),
            ("Carbon intensities (gCO2eq/kWh) fetched every 900 s at detected location: Unknown: [445.0]", Some(445.0), Some("Unknown")),
            ("Carbon intensity fetched: 61.25 gCO2/kWh at Lyon, Rhone, FR", Some(61.25), Some("Lyon, Rhone, FR")),
            (
                "Live carbon intensity could not be fetched at detected location: Unknown. Defaulted to average carbon intensity for world in \
                 2019 of 481.00 gCO2/kWh. at detected location: UNDETECTED.",
                Some(481.0),
                Some("Unknown"),
            ),
        ] {
            let Message::Intensity { g_per_kwh, location, .. } = message(line.as_bytes()) else { panic!("{line}") };
            assert_eq!((g_per_kwh, location), (value, place), "{line}");
        }
    }

    #[test]
    fn totals() {
        assert!(matches!(message(b"CarbonTracker: Actual consumption:"), Message::Consumption { predicted: false, epochs: None }));
        assert!(matches!(message(b"Predicted consumption for 10 epoch(s):"), Message::Consumption { predicted: true, epochs: Some(10) }));
        assert!(matches!(message(b"\tEnergy:\t0.000546 kWh"), Message::Energy("0.000546 kWh")));
        assert!(matches!(message(b"Energy is everything"), Message::Unknown));
        assert_eq!(number_and_unit("0.000546 kWh"), Some(("0.000546", "kWh")));
    }
}
