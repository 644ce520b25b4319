//! Zones: what a carbon intensity belongs to, and how people and trackers name it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::error::UnknownZone;
use super::grid::{BASIS, ISO3, NAME, YEAR, ZONE};
use super::place_names::{OTHER_NAMES, other_name};
use super::suggest;
use super::value::Basis;
use super::{FactorSet, fold};

use crate::order;

/// The code of a zone that a set knows, in capitals: `FR`, `US-CA`, `EGRID-CAMX`, `WORLD`, `EU27`, or a word of the user's own table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneId(String);

impl ZoneId {
    pub(super) fn new(code: &str) -> Self {
        Self(code.to_ascii_uppercase())
    }

    /// The world as a whole.
    pub fn world() -> Self {
        Self::new("WORLD")
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country that a subdivision belongs to; `None` for countries, groups of them, and a user's own zones.
    pub fn parent(&self) -> Option<ZoneId> {
        let (country, part) = self.0.split_once('-')?;
        match (country, part) {
            // Puerto Rico's grid is in no national average but its own.
            ("EGRID", "PRMS") => Some(Self::new("PR")),
            ("EGRID", _) => Some(Self::new("US")),
            // ISO 3166-2: two letters, then up to three letters or digits.
            _ if country.len() == 2 && part.len() <= 3 && part.chars().all(|c| c.is_ascii_alphanumeric()) => Some(Self::new(country)),
            _ => None,
        }
    }

    pub(super) fn is(&self, code: &str) -> bool {
        self.0.eq_ignore_ascii_case(code)
    }
}

impl fmt::Display for ZoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A zone as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its code.
    pub id: ZoneId,
    /// `France`, `Quebec, Canada`.
    pub name: String,
    /// Bases for which there are values.
    pub bases: Vec<Basis>,
    /// First year with a value.
    pub first_year: i32,
    /// Last year with a value.
    pub last_year: i32,
}

impl FactorSet {
    /// The zone that `text` names: a code (`FR`, `fr`, `FRA`, `US-CA`, `EGRID-CAMX`, `WORLD`, `EU27`), a name (`France`, `Czech Republic`,
    /// `California`), a name within a country (`Quebec, Canada`), or a cloud region (`gcp:europe-west1`).
    ///
    /// Of a name that a country and a state share, the country is meant: `Georgia` is `GE`, `Georgia, US` is `US-GA`.
    ///
    /// # Errors
    /// For anything that no table has, with suggestions; never the world's average in its place.
    pub fn zone(&self, text: &str) -> Result<ZoneId, UnknownZone> {
        let asked = text.trim();
        if let Some(zone) = self.zone_of_code(asked) {
            return Ok(zone);
        }
        if asked.contains(':') {
            return self.region(asked).map(|region| region.zone).map_err(|unknown| UnknownZone::new(asked, unknown.suggestions));
        }
        if let Some(zone) = self.zone_of_name(&fold(asked)) {
            return Ok(zone);
        }
        if let Some((part, whole)) = asked.rsplit_once(',')
            && let Some(country) = self.country(whole.trim())
            && let Some(zone) = self.part_of(&country, part)
        {
            return Ok(zone);
        }
        // A table that was found beside logs takes no known place's name.
        if let Some(zone) = self.found_rows().find(|row| row.text(ZONE).eq_ignore_ascii_case(asked)).map(|row| ZoneId::new(&row.text(ZONE)))
        {
            return Ok(zone);
        }
        Err(UnknownZone::new(asked, self.zone_suggestions(asked)))
    }

    /// The zone of a country and a region within it, as trackers write them: `USA` and `california`, `Canada` and `quebec`, `DK` and `Capital Region`.
    ///
    /// A region that has no zone of its own counts as its country, because trackers name any town. An empty region does so too.
    ///
    /// # Errors
    /// Where the country is not known.
    pub fn zone_of_place(&self, country: &str, region: &str) -> Result<ZoneId, UnknownZone> {
        let country = country.trim();
        let zone = self.country(country).ok_or_else(|| UnknownZone::new(country, self.zone_suggestions(country)))?;
        Ok(self.part_of(&zone, region).unwrap_or(zone))
    }

    /// Its name for people: `France`, `Quebec, Canada`, `eGRID WECC California`; the code itself where a user's table gives no name.
    pub fn zone_name(&self, zone: &ZoneId) -> String {
        let name = |zone: &ZoneId| {
            let mut names = self.grid_rows_of(zone).map(|row| row.text(NAME));
            names.find(|name| !name.is_empty()).map(|name| name.into_owned())
        };
        match (name(zone), zone.parent()) {
            (Some(own), Some(parent)) if !zone.as_str().starts_with("EGRID") => {
                name(&parent).map_or(own.clone(), |whole| format!("{own}, {whole}"))
            }
            (Some(own), _) => own,
            (None, _) => zone.as_str().to_string(),
        }
    }

    /// Every zone, a user's first, then by code.
    pub fn zones(&self) -> Vec<Zone> {
        let mut zones: Vec<Zone> = Vec::new();
        for row in self.grid_rows() {
            let (Some(year), Some(basis)) = (row.year(YEAR), Basis::parse(&row.text(BASIS))) else { continue };
            let code = row.text(ZONE);
            // Rows of a zone stand together, but a user's table and the built-in one may both have it.
            match zones.iter_mut().rev().find(|zone| zone.id.is(&code)) {
                Some(zone) => {
                    zone.first_year = zone.first_year.min(year);
                    zone.last_year = zone.last_year.max(year);
                    if !zone.bases.contains(&basis) {
                        zone.bases.push(basis);
                        order::sort(&mut zone.bases);
                    }
                }
                None => {
                    let id = ZoneId::new(&code);
                    zones.push(Zone { id, name: row.string(NAME), bases: Vec::from([basis]), first_year: year, last_year: year });
                }
            }
        }
        let countries: Vec<(ZoneId, String)> = zones.iter().map(|zone| (zone.id.clone(), zone.name.clone())).collect();
        for zone in zones.iter_mut().filter(|zone| !zone.id.as_str().starts_with("EGRID")) {
            let parent = zone.id.parent().and_then(|parent| countries.iter().find(|(id, _)| *id == parent));
            if let Some((_, country)) = parent {
                zone.name = format!("{}, {country}", zone.name);
            }
            if zone.name.is_empty() {
                zone.name = zone.id.as_str().to_string();
            }
        }
        zones
    }

    /// A code, or a country's three-letter code.
    fn zone_of_code(&self, code: &str) -> Option<ZoneId> {
        if code.is_empty() || code.len() > 64 {
            return None;
        }
        let mut by_iso3 = None;
        for row in self.known_rows() {
            let zone = row.text(ZONE);
            if zone.eq_ignore_ascii_case(code) {
                return Some(ZoneId::new(&zone));
            }
            if code.len() == 3 && by_iso3.is_none() && zone.len() == 2 && row.text(ISO3).eq_ignore_ascii_case(code) {
                by_iso3 = Some(ZoneId::new(&zone));
            }
        }
        by_iso3
    }

    /// A country, the world or the EU by name; else the one subdivision of that name.
    fn zone_of_name(&self, folded: &str) -> Option<ZoneId> {
        if folded.is_empty() {
            return None;
        }
        let named = self.zone_names().filter(|(_, name)| fold(name) == folded).map(|(code, _)| code);
        let (whole, parts): (Vec<_>, Vec<_>) = named.partition(|code| ZoneId::new(code).parent().is_none());
        let code = match (whole.as_slice(), parts.as_slice()) {
            ([code, ..], _) => code.clone(),
            ([], [code]) => code.clone(),
            _ => other_name(folded)?.to_string(),
        };
        self.zone_of_code(&code)
    }

    /// A country by code, three-letter code or name.
    fn country(&self, text: &str) -> Option<ZoneId> {
        let zone = self.zone_of_code(text).or_else(|| self.zone_of_name(&fold(text)))?;
        zone.parent().is_none().then_some(zone)
    }

    /// The subdivision of `country` that `part` names, by name or by the letters after the country's.
    fn part_of(&self, country: &ZoneId, part: &str) -> Option<ZoneId> {
        let folded = fold(part);
        if folded.is_empty() {
            return None;
        }
        let within = |code: &str| code.strip_prefix(country.as_str()).and_then(|rest| rest.strip_prefix('-')).map(str::to_lowercase);
        self.zone_names()
            .find(|(code, name)| within(code).is_some_and(|short| short == folded || fold(name) == folded))
            .map(|(code, _)| ZoneId::new(&code))
    }

    /// (code, name) of each zone, once for each stretch of rows.
    fn zone_names(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let mut last = None;
        self.grid_rows().filter_map(move |row| {
            let code = row.text(ZONE);
            if last.as_ref() == Some(&code) {
                return None;
            }
            last = Some(code.clone());
            Some((code.into_owned(), row.string(NAME)))
        })
    }

    fn zone_suggestions(&self, asked: &str) -> Vec<String> {
        let zones: Vec<(String, String)> = self.zone_names().collect();
        let label = |code: &str, name: &str| if name.is_empty() { code.to_string() } else { format!("{code} ({name})") };
        // `DE-BY`: the table has no part of that country, but the country.
        let whole = ZoneId::new(asked).parent();
        if let Some((code, name)) = whole.and_then(|whole| zones.iter().find(|(code, _)| whole.is(code))) {
            return Vec::from([label(code, name)]);
        }
        let own = zones.iter().flat_map(|(code, name)| [(code.as_str(), label(code, name)), (name.as_str(), label(code, name))]);
        let other = OTHER_NAMES
            .iter()
            .filter_map(|(name, zone)| zones.iter().find(|(code, _)| code == zone).map(|(code, country)| (*name, label(code, country))));
        let found = suggest::nearest(asked, own.chain(other));
        if found.is_empty() { self.region_suggestions(asked) } else { found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_follow_the_code() {
        let parent = |code: &str| ZoneId::new(code).parent().map(|zone| zone.as_str().to_string());
        assert_eq!(parent("US-CA").as_deref(), Some("US"));
        assert_eq!(parent("EGRID-CAMX").as_deref(), Some("US"));
        assert_eq!(parent("EGRID-PRMS").as_deref(), Some("PR"));
        assert_eq!(parent("AU-NSW").as_deref(), Some("AU"));
        assert_eq!((parent("FR"), parent("WORLD"), parent("MY-SITE")), (None, None, None));
    }
}
