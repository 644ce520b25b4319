//! Carbon intensity over time: which series is of an activity's place.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::resolve::Site;
use super::settings::SettingsError;
use crate::factor::ZoneId;
use crate::ledger::{Entry, Evidence, FoundNote, Ledger, When};
use crate::note;
use crate::read::IntensitySeries;
use crate::text::few;
use crate::units::{Instant, calendar};

/// How the zone that a series names goes with a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// It is the place's own.
    Own,
    /// It is a part of the country that the place is (`US-CAL-CISO` of `US`): publishers part a country in ways of their own.
    Part,
    /// It is in the country that the place is in, or nobody can tell.
    Country,
    Elsewhere,
    Unnamed,
}

impl Fit {
    fn of(series: &str, own: &ZoneId, site: &Site) -> Self {
        if own.as_str().eq_ignore_ascii_case(series) {
            return Fit::Own;
        }
        let is_country = |code: &&str| code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_alphabetic());
        let of_series = series.split('-').next().filter(is_country);
        let country = site.region.as_ref().map(|region| region.country.clone()).or_else(|| own.parent()).unwrap_or_else(|| own.clone());
        let of_site = Some(country.as_str()).filter(is_country);
        match of_series.zip(of_site) {
            Some((series, site)) if !series.eq_ignore_ascii_case(site) => Fit::Elsewhere,
            Some((_, site)) if own.as_str() == site => Fit::Part,
            _ => Fit::Country,
        }
    }
}

/// A series that the user names and that no energy can be costed by.
pub(super) fn not_used(notes: &[FoundNote]) -> SettingsError {
    let codes = [note::INTENSITY_UNCOVERED.id, note::INTENSITY_AMBIGUOUS.id];
    let why = notes.iter().rev().find(|found| codes.contains(&found.code.id));
    let message = why.map_or_else(|| String::from("the series covers nothing of the run"), |found| found.message.clone());
    let hint = why.and_then(|found| found.hint.clone()).unwrap_or_else(|| String::from("give a series that covers the run, or one value"));
    SettingsError { setting: "intensity", message, hint }
}

/// The carbon intensities of each zone that files name, and of those that name none, with the first file of each. Files of one zone that follow
/// each other are one series. Beside a file that the user names, those that were found are not asked, as beside a value.
pub(super) fn by_zone<'l>(ledger: &'l Ledger, named: Option<&str>, notes: &mut Vec<FoundNote>) -> Vec<(&'l str, IntensitySeries)> {
    let mut found: Vec<(&str, IntensitySeries)> = Vec::new();
    let zone = |series: &IntensitySeries| series.zone.as_ref().map(|name| name.to_ascii_lowercase());
    // A packed one has its own name behind that of the file.
    let is_named = |entry: &&Entry| named.is_none_or(|name| entry.file.path.split('/').any(|part| part == name));
    for entry in ledger.entries().filter(is_named) {
        for series in &entry.reading.intensity {
            match found.iter_mut().find(|(_, known)| zone(known) == zone(series)) {
                None => found.push((&entry.file.path, series.clone())),
                Some((first, known)) => {
                    if known.merge(series) > 0 {
                        let message = format!(
                            "{first} and {} have different carbon intensities of the same times: their mean is used, and the interval holds both",
                            entry.file.path
                        );
                        notes.push(FoundNote {
                            code: &note::INTENSITY_AMBIGUOUS,
                            message,
                            place: Some(entry.file.path.clone()),
                            hint: None,
                        });
                    }
                }
            }
        }
    }
    found
}

/// The intensity series of the activity's zone, else the one that names no zone; the only one there is, where no zone is known. Of several zones
/// none is taken for a place that is not known, and none for what can't be placed in time.
pub(super) fn fitting<'s>(
    series: &'s [(&'s str, IntensitySeries)],
    evidence: &Evidence,
    site: &Site,
    named: bool,
    notes: &mut Vec<FoundNote>,
) -> Option<(&'s str, &'s IntensitySeries)> {
    let one = |(path, series): &'s (&'s str, IntensitySeries)| (*path, series);
    let mut note = |code, message: String, place: &str, hint: &str| {
        if !notes.iter().any(|n| n.message == message) {
            notes.push(FoundNote { code, message, place: Some(place.to_string()), hint: Some(hint.to_string()) });
        }
    };
    let has_values = |(_, s): &&(&str, IntensitySeries)| !s.points.is_empty();
    let found = if let Some(own) = &site.zone {
        let fits = |(_, s): &&(&str, IntensitySeries)| s.zone.as_deref().map_or(Fit::Unnamed, |name| Fit::of(name, own, site));
        let is = |wanted: Fit| series.iter().filter(has_values).filter(move |one| fits(one) == wanted);
        let only = |wanted: Fit| is(wanted).next().filter(|_| is(wanted).count() == 1);
        let found = is(Fit::Own).next().or_else(|| only(Fit::Part)).or_else(|| is(Fit::Unnamed).next());
        // What the user names for this training is taken wherever in the country it is of.
        let found = found.or_else(|| only(Fit::Country).filter(|_| named));
        if found.is_none()
            && let Some((path, other)) = series.iter().find(has_values)
        {
            let zone = other.zone.as_deref().unwrap_or_default();
            let message = format!("{path} has the carbon intensities of {zone}, and the place is {}: they are not used", site.name);
            note(&note::INTENSITY_UNCOVERED, message, path, "give a series of the place, or the place of the series with `--region`");
        }
        found.map(one)
    } else {
        match series {
            [] => None,
            [only] => Some(only).filter(has_values).map(one),
            [(first, _), ..] => {
                let zones: Vec<&str> = series.iter().map(|(_, s)| s.zone.as_deref().unwrap_or("no zone named")).collect();
                let message =
                    format!("carbon intensities of several zones ({}), and the place is not known: none is used", few(&zones, ", "));
                note(&note::INTENSITY_AMBIGUOUS, message, first, "give `--region`, or one series alone");
                None
            }
        }
    };
    let (path, series) = found?;
    // No zone moves a clock by a day: a series that is further away does not cover the run, whatever the zone.
    let is_near = |start: Instant, end: Instant| {
        series.points.iter().any(|point| start.since(point.at) <= calendar::DAY && point.at.since(end) <= calendar::DAY)
    };
    match evidence.when {
        When::Dated { utc: true, .. } => found,
        When::Dated { utc: false, start, end } if is_near(start, end) => {
            let message = String::from("stamps of logs are local and their zone is not known: the series can't be placed beside them");
            note(&note::INTENSITY_UNCOVERED, message, path, "give `--tz Europe/Paris`");
            None
        }
        When::Dated { utc: false, .. } => found,
        When::Undated(_) => {
            let message = format!("nothing says when it ran: {path} can't be placed in time");
            note(
                &note::INTENSITY_UNCOVERED,
                message,
                evidence.inputs.first().map_or("", String::as_str),
                "log with stamps in UTC, or give one value for all of it",
            );
            None
        }
    }
}
