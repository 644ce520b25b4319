//! Which place, PUE and carbon intensity an activity gets, and how it is known.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::settings::{FoundSettings, Settings, SettingsError};
use crate::factor::{Basis, Factor, FactorSet, Match, Region, ZoneId};
use crate::ledger::{Evidence, FoundNote, When};
use crate::map::{Map, Set};
use crate::note;
use crate::text::significant;
use crate::units::calendar;

/// Digits of intensities in messages.
const DIGITS: u32 = 4;

/// Where energy was used.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Site {
    /// The zone of its carbon intensity; `None` when no place is known.
    pub zone: Option<ZoneId>,
    /// Its name; empty when no place is known.
    pub name: String,
    /// Cloud region, where the place is one.
    pub region: Option<Region>,
    /// How it is known, in words.
    pub origin: String,
    /// A tracker looked for it and did not find it.
    pub failed: bool,
}

/// An activity's place and factors.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Resolved {
    pub site: Site,
    pub pue: Factor,
    pub intensity: Factor,
}

/// Looks places and factors up, once for each place and year.
pub(super) struct Resolver<'f> {
    factors: &'f FactorSet,
    settings: &'f Settings,
    basis: Basis,
    by_host: Map<String, Site>,
    global: Option<Site>,
    /// Intensities that were looked up: thousands of runs share a few places and years.
    intensities: Map<(Option<ZoneId>, Option<i32>, Basis), Option<Factor>>,
    /// Zones of what logs call their country and region.
    zones: Map<(String, String), Option<ZoneId>>,
    pub notes: Vec<FoundNote>,
}

impl<'f> Resolver<'f> {
    /// Checks the user's places first: an unknown name is an error with suggestions, never a world average.
    pub(super) fn new(factors: &'f FactorSet, settings: &'f Settings) -> Result<Self, SettingsError> {
        let stated = settings.found.as_ref().map(|found| format!("stated by {}", found.file));
        let by = |matched, given: &'static str| stated.as_deref().filter(|_| matched == Match::Log).unwrap_or(given);
        let mut by_host = Map::new();
        for (host, region) in &settings.region_by_host {
            by_host.insert(host.clone(), named_site(factors, region, by(settings.matched_by_host(), "given for the host"))?);
        }
        let global = settings.region.as_deref().map(|r| named_site(factors, r, by(settings.matched("region"), "given"))).transpose()?;
        let basis = settings.basis.unwrap_or(Basis::Lifecycle);
        Ok(Self { factors, settings, basis, by_host, global, intensities: Map::new(), zones: Map::new(), notes: Vec::new() })
    }

    /// The basis of all carbon intensities: life-cycle, or direct where that is asked for or is all that any of the zones has, or the series that
    /// are given for them.
    pub(super) fn choose_basis(&mut self, sites: &[Site], direct_series: &[bool]) {
        if self.settings.basis.is_some() {
            return;
        }
        let has = |zone: &ZoneId| self.factors.bases(zone).contains(&Basis::Lifecycle);
        // Of thousands of activities few are of different zones.
        let zones: Set<&ZoneId> = sites.iter().filter_map(|site| site.zone.as_ref()).collect();
        let with: Set<&ZoneId> = zones.into_iter().filter(|zone| has(zone)).collect();
        let own = |site: &Site| site.zone.as_ref().is_none_or(|zone| with.contains(&zone));
        let own_or_parent = |site: &Site| own(site) || site.zone.as_ref().and_then(ZoneId::parent).is_some_and(|parent| has(&parent));
        let with_series = || sites.iter().zip(direct_series);
        if !sites.is_empty() && !with_series().any(|(site, direct)| !direct && own_or_parent(site)) {
            self.basis = Basis::Direct;
        }
        let is_without = |(site, direct): &(&Site, &bool)| !**direct && !own(site);
        let without: Set<&str> = with_series().filter(is_without).map(|(site, _)| site.name.as_str()).collect();
        if self.basis == Basis::Direct && direct_series.contains(&true) {
            let message =
                String::from("the series of carbon intensity is direct: the total leaves out fuel supply and the building of plants");
            self.notes.push(FoundNote { code: &note::BASIS_MIXED, message, place: None, hint: None });
        }
        if !without.is_empty() {
            let names = without.into_iter().collect::<Vec<_>>().join(", ");
            let message = match self.basis {
                Basis::Lifecycle => format!("{names}: only direct factors are known, so the country's life-cycle factor is used"),
                Basis::Direct => {
                    format!("{names}: only direct factors are known: the total leaves out fuel supply and the building of plants")
                }
            };
            let hint = Some(String::from("`--basis direct` takes the place's own direct factor, `--intensity` any other"));
            self.notes.push(FoundNote { code: &note::BASIS_MIXED, message, place: None, hint });
        }
    }

    pub(super) fn factors(&self) -> &'f FactorSet {
        self.factors
    }

    pub(super) fn basis(&self) -> Basis {
        self.basis
    }

    /// What is given for the host, then for all, then what the log states, then unknown.
    pub(super) fn site(&mut self, evidence: &Evidence) -> Site {
        let stated = evidence.stated.as_ref().and_then(|s| s.region.as_deref());
        if let Some(Ok(site)) = stated.map(|region| named_site(self.factors, region, "given for the phase")) {
            return site;
        }
        if let Some(site) = self.by_host.get(&evidence.host).or(self.global.as_ref()).cloned() {
            self.against_logs(&site, evidence);
            return site;
        }
        self.logged_site(evidence)
    }

    /// PUE: the host's, the one for all, the log's, the region's, the provider's fleet, then 1.0 as "IT energy only".
    pub(super) fn pue(&self, evidence: &Evidence, site: &Site) -> Result<Factor, SettingsError> {
        if let Some(pue) = evidence.stated.as_ref().and_then(|s| s.pue.clone()) {
            return Ok(pue);
        }
        let of_host = self.settings.pue_by_host.get(&evidence.host).map(|pue| (*pue, self.settings.matched_by_host()));
        let of_all = || self.settings.pue.map(|pue| (pue, self.settings.matched("pue")));
        if let Some((pue, matched)) = of_host.or_else(of_all) {
            return Factor::given_pue(pue, None, matched).map_err(|e| SettingsError {
                setting: "pue",
                message: e.to_string(),
                hint: e.hint.unwrap_or_default(),
            });
        }
        let year = self.year(evidence);
        // A PUE of exactly 1 in a log is the tracker's default, not a statement about the building.
        let logged = evidence.pue.filter(|p| *p > 1.0).and_then(|p| Factor::given_pue(p, None, Match::Log).ok());
        let regional = || site.region.as_ref().and_then(|r| self.factors.region_pue(r, year));
        Ok(logged.or_else(regional).unwrap_or_else(FactorSet::pue_unknown))
    }

    /// Carbon intensity of a place and year; the world's with the spread of countries where no place is known.
    pub(super) fn intensity(&mut self, evidence: &Evidence, site: &Site) -> Result<Factor, SettingsError> {
        if let Some(intensity) = evidence.stated.as_ref().and_then(|s| s.intensity.clone()) {
            return Ok(intensity);
        }
        if let Some(given) = self.settings.intensity_g_per_kwh {
            return Factor::given_carbon_intensity(given, None, self.settings.basis, self.settings.matched("intensity"))
                .map_err(|e| SettingsError { setting: "intensity", message: e.to_string(), hint: e.hint.unwrap_or_default() });
        }
        let year = self.year(evidence);
        let found = match self.settings.basis {
            // One that is asked for by name has no substitute.
            Some(basis) => Some(self.known_intensity(site, year, basis).ok_or_else(|| self.no_such_basis(basis, site))?),
            None => self.known_intensity(site, year, self.basis).or_else(|| self.known_intensity(site, year, other(self.basis))),
        };
        self.against_tables(site, year);
        let factor = found.ok_or_else(|| SettingsError {
            setting: "region",
            message: format!("no carbon intensity is known for {}", site.name),
            hint: String::from("give one with `--intensity`, or a table with `--factors`"),
        })?;
        if let Some(asked) = evidence.stated.as_ref().and_then(|s| s.year).or(self.settings.year) {
            factor.check_year(asked).map_err(|e| SettingsError {
                setting: "year",
                message: e.message,
                hint: e.hint.unwrap_or_default(),
            })?;
        }
        Ok(factor)
    }

    /// The intensity of an activity that lasts over New Year: each year's by its share of the energy. `None` where it does not, or the year is given.
    pub(super) fn by_years(&mut self, evidence: &Evidence, site: &Site, shares: &[(i32, f64)]) -> Option<Factor> {
        let given = evidence.stated.as_ref().is_some_and(|s| s.year.is_some() || s.intensity.is_some());
        if shares.len() < 2 || given || self.settings.year.is_some() || self.settings.intensity_g_per_kwh.is_some() {
            return None;
        }
        let basis = self.settings.basis.unwrap_or(self.basis);
        let of_year = |this: &mut Self, year| {
            this.known_intensity(site, Some(year), basis).or_else(|| this.known_intensity(site, Some(year), other(basis)))
        };
        let parts: Option<Vec<(Factor, f64)>> = shares.iter().map(|(year, share)| Some((of_year(self, *year)?, *share))).collect();
        let parts = parts?;
        let mean = |pick: fn(&Factor) -> f64| crate::units::weighted_mean(parts.iter().map(|(factor, share)| (pick(factor), *share)));
        let (value, low, high) = (mean(|f| f.value)?, mean(|f| f.low)?, mean(|f| f.high)?);
        let worst = parts.iter().map(|(factor, _)| factor).max_by_key(|factor| factor.matched)?;
        let years: Vec<String> = shares.iter().map(|(year, share)| format!("{year}: {}", crate::text::percent(*share))).collect();
        Some(Factor { label: format!("{} by year ({})", worst.label, years.join(", ")), value, low, high, year: None, ..worst.clone() })
    }

    /// The zone that an intensity series names, where no other place is known.
    pub(super) fn place_of_series(&self, site: &mut Site, zone: &str, path: &str) {
        if site.zone.is_none()
            && let Ok(zone) = self.factors.zone(zone)
        {
            *site = of_zone(self.factors, zone, &format!("the zone of the intensity series {path}"));
        }
    }

    /// That of the tables.
    fn known_intensity(&mut self, site: &Site, year: Option<i32>, basis: Basis) -> Option<Factor> {
        let look_up = || match &site.zone {
            Some(zone) => self.factors.carbon_intensity(zone, year, basis),
            None => self.factors.world(year, basis),
        };
        self.intensities.entry((site.zone.clone(), year, basis)).or_insert_with(look_up).clone()
    }

    /// Refuses a year for which a place that the user names has no carbon intensity.
    pub(super) fn check_year(&self) -> Result<(), SettingsError> {
        let Some(year) = self.settings.year.filter(|_| self.settings.intensity_g_per_kwh.is_none()) else { return Ok(()) };
        let named = self.global.iter().chain(self.by_host.values()).map(|site| site.zone.as_ref());
        let wrong = named.map(|zone| self.factors.check_year_of(zone, year)).find_map(Result::err);
        wrong.map_or(Ok(()), |e| Err(SettingsError { setting: "year", message: e.message, hint: e.hint.unwrap_or_default() }))
    }

    fn no_such_basis(&self, basis: Basis, site: &Site) -> SettingsError {
        let (word, rest) = match basis {
            Basis::Direct => ("direct", "life-cycle"),
            Basis::Lifecycle => ("life-cycle", "direct"),
        };
        let place = if site.name.is_empty() { "the world average, which stands in for a place that is not known" } else { &site.name };
        SettingsError {
            setting: "basis",
            message: format!("no {word} carbon intensity is known of {place}, only a {rest} one"),
            hint: String::from("leave `--basis` out, or give a value with `--intensity` or a table with `--factors`"),
        }
    }

    /// The year of the run, unless the user gives another.
    pub(super) fn year(&self, evidence: &Evidence) -> Option<i32> {
        let stated = evidence.stated.as_ref().and_then(|s| s.year);
        stated.or(self.settings.year).or(match evidence.when {
            // The year that holds the middle: factors that change from year to year are weighted where it matters.
            When::Dated { start, end, .. } => {
                let middle = start.plus(crate::units::Span::from_micros(end.since(start).as_micros() / 2));
                i32::try_from(calendar::year_of(middle)).ok()
            }
            When::Undated(_) => evidence.year,
        })
    }

    /// Notes that settings which were found beside the logs name another place than a log does.
    fn against_logs(&mut self, site: &Site, evidence: &Evidence) {
        let settings = self.settings;
        let says = |found: &FoundSettings| {
            settings.matched("region") == Match::Log || settings.region_by_host.contains_key(&evidence.host) && found.names_hosts
        };
        let Some(found) = settings.found.as_ref().filter(|found| !evidence.place.as_ref().is_some_and(|place| place.failed) && says(found))
        else {
            return;
        };
        let logged = self.logged_site(evidence);
        if logged.zone.is_some() && logged.zone != site.zone {
            let message = format!("{} says {}, {} is {}: the settings count", found.file, site.name, logged.origin, logged.name);
            self.notes.push(FoundNote { code: &note::SETTINGS_DOUBTED, message, place: evidence.inputs.first().cloned(), hint: None });
        }
    }

    /// Notes that the intensity of a place is of a table that was found beside the logs.
    fn against_tables(&mut self, site: &Site, year: Option<i32>) {
        let Some(found) = &self.settings.found else { return };
        let zone = site.zone.clone().unwrap_or_else(ZoneId::world);
        let basis = self.settings.basis.unwrap_or(self.basis);
        let Some(basis) = [basis, other(basis)].into_iter().find(|basis| self.factors.is_found(&zone, year, *basis)) else { return };
        let Some(factor) = self.factors.carbon_intensity(&zone, year, basis) else { return };
        let beside = match self.factors.beside_found(&zone, year, basis) {
            Some(known) => format!("without it {} g would count, which the interval holds", significant(known.value, DIGITS)),
            None => String::from("nothing else is known of it"),
        };
        let message = format!(
            "{} names a table of carbon intensities: {} g per kWh for {} are of it ({}); {beside}",
            found.file,
            significant(factor.value, DIGITS),
            factor.label,
            factor.source
        );
        let note = FoundNote { code: &note::SETTINGS_DOUBTED, message, place: Some(found.file.clone()), hint: None };
        if !self.notes.iter().any(|told| told.message == note.message) {
            self.notes.push(note);
        }
    }

    fn logged_site(&mut self, evidence: &Evidence) -> Site {
        let place = evidence.place.clone().unwrap_or_default();
        let path = evidence.inputs.first().cloned();
        if place.failed {
            // Its reader has told it.
            return Site { origin: String::from("not known: the tracker's geolocation failed"), failed: true, ..Site::default() };
        }
        let origin =
            place.stated_by.as_ref().or(path.as_ref()).map_or_else(|| String::from("stated by the log"), |by| format!("stated by {by}"));
        if let (Some(provider), Some(region)) = (&place.provider, &place.cloud_region)
            && let Ok(region) = self.factors.region(&format!("{provider}:{region}"))
        {
            return of_region(self.factors, region, &origin);
        }
        let region = place.region.as_deref().unwrap_or("");
        let countries = [place.country_code.as_deref(), place.country.as_deref()];
        let mut zone_of = |country: &str| {
            let look_up = || self.factors.zone_of_place(country, region).ok();
            self.zones.entry((country.to_string(), region.to_string())).or_insert_with(look_up).clone()
        };
        match countries.into_iter().flatten().find_map(&mut zone_of) {
            Some(zone) => of_zone(self.factors, zone, &origin),
            None => Site { origin: String::from("not known"), ..Site::default() },
        }
    }
}

fn named_site(factors: &FactorSet, name: &str, origin: &str) -> Result<Site, SettingsError> {
    let unknown = |message: String, hint: String| SettingsError { setting: "region", message, hint };
    if name.contains(':') {
        let region = factors.region(name).map_err(|e| unknown(e.to_string(), e.hint()))?;
        return Ok(of_region(factors, region, origin));
    }
    let zone = factors.zone(name).map_err(|e| unknown(e.to_string(), e.hint()))?;
    Ok(of_zone(factors, zone, origin))
}

fn of_region(factors: &FactorSet, region: Region, origin: &str) -> Site {
    Site { region: Some(region.clone()), ..of_zone(factors, region.zone, origin) }
}

fn of_zone(factors: &FactorSet, zone: ZoneId, origin: &str) -> Site {
    Site { name: factors.zone_name(&zone), zone: Some(zone), region: None, origin: origin.to_string(), failed: false }
}

const fn other(basis: Basis) -> Basis {
    match basis {
        Basis::Direct => Basis::Lifecycle,
        Basis::Lifecycle => Basis::Direct,
    }
}
