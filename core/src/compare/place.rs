//! The factors of an alternative.

use alloc::format;
use alloc::string::{String, ToString};

use super::Alternative;
use super::held::Held;
use crate::factor::{Factor, FactorError, FactorSet, Match, Region, ZoneId};
use crate::fault::SettingsError;
use crate::report::FactorUse;
use crate::report::factor_use;

/// An alternative with its factors.
pub(super) struct Place {
    /// Zone or cloud region, as people would type it.
    pub id: String,
    /// Its name.
    pub name: String,
    pub pue: FactorUse,
    pub intensity: FactorUse,
    /// Share of carbon-free energy that the provider publishes, 0 to 1.
    pub carbon_free_share: Option<f64>,
}

pub(super) fn resolve(held: &Held<'_>, factors: &FactorSet, alternative: &Alternative) -> Result<Place, SettingsError> {
    let year = alternative.year.or(held.year);
    if let Some(year) = alternative.year {
        factors.check_year(year).map_err(|e| given("year", e))?;
    }
    let place = alternative.region.as_deref().map(|name| find(factors, name)).transpose()?;
    let (region, zone) = place.map_or((None, None), |(region, zone)| (region, Some(zone)));
    let pue = match (alternative.pue, &region) {
        (Some(pue), _) => factor_use(&Factor::given_pue(pue, None, Match::Given).map_err(|e| given("pue", e))?),
        (None, Some(region)) => factors.region_pue(region, year).map_or_else(|| held.pue.clone(), |pue| factor_use(&pue)),
        (None, None) => held.pue.clone(),
    };
    let intensity = intensity(held, factors, alternative, zone.as_ref(), year)?;
    let (id, name) = names(held, factors, region.as_ref(), zone.as_ref());
    Ok(Place { id, name: name + &changes(alternative), pue, intensity, carbon_free_share: region.and_then(|r| r.cfe_fraction) })
}

/// A zone, or a cloud region with the zone of its grid.
pub(super) fn find(factors: &FactorSet, name: &str) -> Result<(Option<Region>, ZoneId), SettingsError> {
    let name = name.trim();
    if name.contains(':') {
        let region = factors.region(name).map_err(|e| unknown(e.to_string(), e.hint()))?;
        let zone = region.zone.clone();
        return Ok((Some(region), zone));
    }
    let zone = factors.zone(name).map_err(|e| unknown(e.to_string(), e.hint()))?;
    Ok((None, zone))
}

/// Given, that of the place and year, or the report's own.
fn intensity(
    held: &Held<'_>,
    factors: &FactorSet,
    alternative: &Alternative,
    zone: Option<&ZoneId>,
    year: Option<i32>,
) -> Result<FactorUse, SettingsError> {
    if let Some(grams) = alternative.intensity_g_per_kwh {
        let factor = Factor::given_carbon_intensity(grams, None, Some(held.basis), Match::Given).map_err(|e| given("intensity", e))?;
        return Ok(factor_use(&factor));
    }
    let own = || {
        let zone = held.location.and_then(|location| location.zone.as_deref());
        zone.map_or_else(|| Ok(ZoneId::world()), |zone| factors.zone(zone).map_err(|_| no_single_place()))
    };
    let zone = match (zone, alternative.year) {
        (Some(zone), _) => zone.clone(),
        (None, Some(_)) => own()?,
        (None, None) => return Ok(held.intensity.clone()),
    };
    // The report's own place keeps the factor that the report used: it may be the user's, or a series by the hour.
    let is_own = held.location.and_then(|location| location.zone.as_deref()) == Some(zone.as_str());
    if is_own && alternative.year.is_none() {
        return Ok(held.intensity.clone());
    }
    let found = factors.carbon_intensity(&zone, year, held.basis);
    if let Some((factor, year)) = found.as_ref().zip(alternative.year) {
        factor.check_year(year).map_err(|e| given("year", e))?;
    }
    found.map(|factor| factor_use(&factor)).ok_or_else(|| SettingsError {
        setting: "region",
        message: format!("no {} carbon intensity is known for {}, and the report's are {0}", held.basis.words(), factors.zone_name(&zone)),
        hint: String::from("give one with `--intensity`, or a table with `--factors`"),
    })
}

fn names(held: &Held<'_>, factors: &FactorSet, region: Option<&Region>, zone: Option<&ZoneId>) -> (String, String) {
    match (region, zone) {
        (Some(region), _) => (region.code(), format!("{} ({})", region.code(), region.location)),
        (None, Some(zone)) => (zone.as_str().to_string(), factors.zone_name(zone)),
        (None, None) => (own_id(held), own_name(held)),
    }
}

/// The report's own place, as people would type it.
pub(super) fn own_id(held: &Held<'_>) -> String {
    let code = |location: &crate::report::Location| match (&location.provider, &location.region) {
        (Some(provider), Some(region)) if !region.contains(',') => Some(format!("{provider}:{region}")),
        _ => location.zone.clone(),
    };
    held.location.and_then(code).unwrap_or_else(|| String::from("own"))
}

/// The report's own place for people.
pub(super) fn own_name(held: &Held<'_>) -> String {
    let name = |location: &crate::report::Location| match (&location.provider, &location.region) {
        (Some(provider), Some(region)) => location.name.as_ref().map(|name| format!("{provider}:{region} ({name})")),
        _ => location.name.clone(),
    };
    held.location.and_then(name).unwrap_or_else(|| held.intensity.label.clone())
}

/// What else changes than the place, behind its name.
fn changes(alternative: &Alternative) -> String {
    let mut text = String::new();
    if let Some(year) = alternative.year {
        text += &format!(", {year}");
    }
    if let Some(pue) = alternative.pue {
        text += &format!(", PUE {pue}");
    }
    if let Some(grams) = alternative.intensity_g_per_kwh {
        text += &format!(", {grams} g/kWh");
    }
    text
}

fn unknown(message: String, hint: String) -> SettingsError {
    SettingsError { setting: "region", message, hint }
}

fn given(setting: &'static str, e: FactorError) -> SettingsError {
    SettingsError { setting, message: e.message, hint: e.hint.unwrap_or_default() }
}

fn no_single_place() -> SettingsError {
    SettingsError {
        setting: "year",
        message: String::from("the report holds several places, so no other year can be looked up for it"),
        hint: String::from("name places with `--regions`"),
    }
}
