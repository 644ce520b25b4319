//! Carbon intensity of electricity by zone and year.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::FactorSet;
use super::by_year::{Chosen, choose};
use super::error::FactorError;
use super::interval::{Spread, quantile};
use super::place_names::EU_MEMBERS;
use super::source::cited;
use super::table::{Column, Kind, Row, Shape, Table};
use super::value::{Basis, Factor, FactorKind, INTENSITY_RANGE, Match};
use super::zone::ZoneId;

use crate::order;
use crate::rules;

pub(super) const SHAPE: Shape = Shape {
    name: "grid_intensity",
    columns: &[
        Column::filled("zone", Kind::Text),
        Column::filled("gco2e_per_kwh", Kind::Number(INTENSITY_RANGE.0, INTENSITY_RANGE.1)),
        Column::filled("basis", Kind::Word(BASIS_WORDS)),
        Column::filled("year", Kind::Year),
        Column::filled("source", Kind::Text),
        Column::filled("name", Kind::Text),
        Column::present("iso3", Kind::Text),
    ],
};

/// Electricity that countries use and import, TWh a year.
pub(super) const TRADE: Shape = Shape {
    name: "grid_trade",
    columns: &[
        Column::filled("zone", Kind::Text),
        Column::filled("consumption_twh", Kind::Number(0.0, 1e5)),
        Column::filled("imports_twh", Kind::Number(0.0, 1e5)),
        Column::filled("source", Kind::Text),
    ],
};

/// Consumption over production, by size and imports: derived by `data/derive_grid_spread.py`.
pub(super) const SPREAD: Shape = Shape {
    name: "grid_spread",
    columns: &[
        Column::present("below_twh", Kind::Number(0.0, 1e6)),
        Column::present("imports_below", Kind::Number(0.0, 1e4)),
        Column::filled("low", Kind::Number(0.05, 1.0)),
        Column::filled("high", Kind::Number(1.0, 20.0)),
        Column::filled("source", Kind::Text),
    ],
};
pub(super) const BASIS_WORDS: &[&str] = &["lifecycle", "direct"];
// Places of the columns, in this table and in a user's.
pub(super) const ZONE: usize = 0;
pub(super) const VALUE: usize = 1;
pub(super) const BASIS: usize = 2;
pub(super) const YEAR: usize = 3;
pub(super) const SOURCE: usize = 4;
pub(super) const NAME: usize = 5;
pub(super) const ISO3: usize = 6;
pub(super) const LOW: usize = 7;
pub(super) const HIGH: usize = 8;

/// How far the yearly mean of what a country *produces* may lie off, as a factor at 95 %: 15 of 212 countries moved by more than 5 % between two
/// vintages of the table. What it *consumes*, and by another method of accounting, is a term of its own: the table `grid_spread`.
const VINTAGE: f64 = rules::high("grid_vintage");

/// The same for a state, province or subregion: eGRID's second revision of 2023 moved New York City by 11 %, boundaries and gases differ
/// between the inventories, and what crosses their borders is not traced.
const SUBDIVISION: f64 = rules::high("grid_subdivision");

/// How far a figure that a provider or a user publishes for one place lies off: two or three digits of a yearly mean.
const PUBLISHED: f64 = rules::high("grid_published");

/// Half a digit and more of the smallest values: inventories print hydro provinces as 1.5, 1.7 or 2.6 g for neighbouring years.
const LEAST_GRAMS: f64 = rules::value("grid_least_grams");

/// How far a value moves in one year, as a factor at 95 %; over n years √n times that on the logarithm.
///
/// Of the year-to-year changes of 20 large countries from 2015 to 2025 in the table, 95 % are below 21 %, over two years 29 %, three 31 %, five
/// 39 %; of all countries 25, 34, 38 and 42 %; of direct factors 15, 21 and 36 %. √n × 20 % follows these (20, 29, 37 and 50 %).
const YEAR_STEP: f64 = rules::high("grid_year_step");

/// Years beyond which an interval grows no more: it is as wide as the spread of countries then, and a clock set to the year 9999 says nothing.
const MOST_YEARS: u32 = 50;

/// How far a part of a country may lie from its whole: the central 95 % of US states and eGRID subregions in 2023 reach from 0.31 to
/// 2.38 times the national rate.
const PART_OF_COUNTRY: (f64, f64) = rules::ends("grid_part_of_country");

/// The spread of countries around the world average, where a table has too few to tell: 25 to 900 g around 471 in 2024.
const COUNTRIES: (f64, f64) = rules::ends("grid_countries");

/// Fewer countries than this do not show the spread of the world.
const ENOUGH_COUNTRIES: usize = rules::whole("grid_enough_countries") as usize;

/// Zones on which the same energy is shown for comparison: low to high, large places, all with life-cycle values.
pub(super) const COMPARISON: &[&str] = &["SE", "FR", "CA", "GB", "DE", "US", "JP", "CN", "AU", "IN"];

impl FactorSet {
    /// The carbon intensity of `zone` in `year`, gCO2e/kWh.
    ///
    /// The row of the year; else the latest before it; else the earliest after it; without a year the latest, as a default. Where the zone has no
    /// row of this basis, the same for the country it belongs to. The match says which. `None` where neither has one: [`bases`](Self::bases) tells what there is.
    ///
    /// A user's rows stand in for all built-in rows of their zone and basis.
    pub fn carbon_intensity(&self, zone: &ZoneId, year: Option<i32>, basis: Basis) -> Option<Factor> {
        if let Some(own) = self.own_intensity(zone, year, basis) {
            return Some(own);
        }
        let mut factor = self.own_intensity(&zone.parent()?, year, basis)?;
        let (low, high) = PART_OF_COUNTRY;
        let around = Spread::between(factor.low, factor.value, factor.high).and(Spread::between(low, 1.0, high));
        (factor.low, factor.high) = around.around(factor.value);
        // The other basis tells where the zone really lies in its country: the interval must hold that too.
        if let Some(other) = self.own_intensity(zone, year, if basis == Basis::Direct { Basis::Lifecycle } else { Basis::Direct }) {
            factor.low = factor.low.min(other.low);
            factor.high = factor.high.max(other.high);
        }
        factor.label = format!("{} (for {})", factor.label, self.zone_name(zone));
        (factor.matched, factor.by_year) = (Match::ParentZone, Some(factor.matched));
        Some(factor)
    }

    /// The world average of `year` for a place that is not known, gCO2e/kWh.
    ///
    /// Its interval is the spread of countries: from their 2.5th to their 97.5th percentile in that year, each by its latest value.
    /// `None` where the table has no world row of this basis.
    pub fn world(&self, year: Option<i32>, basis: Basis) -> Option<Factor> {
        let mut factor = self.own_intensity(&ZoneId::world(), year, basis)?;
        factor.label = "world average".to_string();
        (factor.matched, factor.by_year) = (Match::WorldDefault, Some(factor.matched));
        Some(factor)
    }

    /// The figure that a listing shows for a zone: life-cycle where it has one, else direct, else a wider zone's.
    pub fn listed_intensity(&self, zone: &ZoneId, year: Option<i32>) -> Option<Factor> {
        let of = |basis| self.carbon_intensity(zone, year, basis);
        self.bases(zone).first().and_then(|basis| of(*basis)).or_else(|| of(Basis::Lifecycle))
    }

    /// The bases for which `zone` itself has rows.
    pub fn bases(&self, zone: &ZoneId) -> Vec<Basis> {
        let mut bases = Vec::new();
        for row in self.grid_rows_of(zone) {
            if let Some(basis) = Basis::parse(&row.text(BASIS)).filter(|basis| !bases.contains(basis)) {
                bases.push(basis);
            }
        }
        order::sort(&mut bases);
        bases
    }

    /// Refuses a year for which no zone has a carbon intensity: asked for by name, another year's must not stand in for it.
    ///
    /// # Errors
    /// Where the year is before the first or after the last of all rows.
    pub fn check_year(&self, year: i32) -> Result<(), FactorError> {
        let years = self.grid_rows().filter_map(|row| row.year(YEAR));
        let (first, last) = years.fold((i32::MAX, i32::MIN), |(first, last), year| (first.min(year), last.max(year)));
        if (first..=last).contains(&year) {
            return Ok(());
        }
        let message = format!("found {year}, expected a year with carbon intensities, {first} to {last}");
        Err(FactorError::new("", 0, message).hint(&format!(
            "the nearest is `--year {}`; without it the value nearest to the run's own year is used, and told",
            if year < first { first } else { last }
        )))
    }

    /// Refuses a year, asked for by name, for which a zone has no carbon intensity of either basis: another year's must not stand in for it.
    /// Without a zone, the world's is meant.
    ///
    /// # Errors
    /// With the nearest year that there is.
    pub fn check_year_of(&self, zone: Option<&ZoneId>, year: i32) -> Result<(), FactorError> {
        let world = ZoneId::world();
        let zone = zone.unwrap_or(&world);
        let found: Vec<Factor> =
            [Basis::Lifecycle, Basis::Direct].iter().filter_map(|b| self.carbon_intensity(zone, Some(year), *b)).collect();
        match found.iter().find(|factor| factor.year == Some(year)).or(found.first()) {
            Some(factor) => factor.check_year(year),
            None => Ok(()),
        }
    }

    /// Zones of the set on which to show the same energy for comparison: ten large countries from low to high intensity.
    pub fn comparison_zones(&self) -> Vec<ZoneId> {
        COMPARISON.iter().filter_map(|code| self.zone(code).ok()).collect()
    }

    /// Rows of users' tables, then built-in ones.
    pub(super) fn grid_rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.user.iter().flat_map(Table::rows).chain(self.rows(&SHAPE))
    }

    /// The same without those of tables that were found beside logs.
    pub(super) fn known_rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.user.iter().filter(|table| !table.found).flat_map(Table::rows).chain(self.rows(&SHAPE))
    }

    /// Those of such tables alone.
    pub(super) fn found_rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.user.iter().filter(|table| table.found).flat_map(Table::rows)
    }

    /// The same, of one zone.
    pub(super) fn grid_rows_of<'s>(&'s self, zone: &'s ZoneId) -> impl Iterator<Item = Row<'s>> {
        let builtin = self.tables.iter().filter(|table| table.shape().name == SHAPE.name);
        self.user.iter().chain(builtin).flat_map(|table| table.rows_of(zone.as_str()))
    }

    /// What a zone has itself. Where that is of a table that was found beside logs, the interval holds what is known without it.
    fn own_intensity(&self, zone: &ZoneId, year: Option<i32>, basis: Basis) -> Option<Factor> {
        let (mut factor, is_found) = self.intensity_of(zone, year, basis, |_| true)?;
        if is_found && let Some(known) = self.beside_found(zone, year, basis) {
            factor.low = factor.low.min(known.low);
            factor.high = factor.high.max(known.high);
        }
        Some(factor)
    }

    /// What tables that were found beside logs stand in for: the zone's, or the whole's that it is part of.
    pub(crate) fn beside_found(&self, zone: &ZoneId, year: Option<i32>, basis: Basis) -> Option<Factor> {
        let is_known = |table: &Table| !table.found;
        let of = |zone: &ZoneId| {
            let bases = [basis, if basis == Basis::Direct { Basis::Lifecycle } else { Basis::Direct }];
            bases.into_iter().find_map(|basis| self.intensity_of(zone, year, basis, is_known)).map(|(factor, _)| factor)
        };
        of(zone).or_else(|| of(&zone.parent()?))
    }

    /// Whether what a zone has itself is of a table that was found beside logs.
    pub(crate) fn is_found(&self, zone: &ZoneId, year: Option<i32>, basis: Basis) -> bool {
        self.intensity_of(zone, year, basis, |_| true).is_some_and(|(_, is_found)| is_found)
    }

    fn intensity_of(&self, zone: &ZoneId, year: Option<i32>, basis: Basis, wanted: fn(&Table) -> bool) -> Option<(Factor, bool)> {
        let tables = self.user.iter().chain(self.tables.iter().filter(|table| table.shape().name == SHAPE.name));
        let mut of_basis = tables
            .filter(|table| wanted(table))
            .map(|table| (table, table.rows_of(zone.as_str()).filter(|row| row.text(BASIS) == basis.as_str())));
        let (table, chosen) = of_basis.find_map(|(table, rows)| Some((table, choose(rows, YEAR, year)?)))?;
        let value = chosen.row.number(VALUE)?;
        let spread = match (chosen.row.number(LOW), chosen.row.number(HIGH)) {
            (Some(low), Some(high)) => Spread::between(low, value, high).and(years_apart(chosen.distance)),
            _ => self.intensity_spread(zone, value, &chosen, basis),
        };
        let (low, high) = spread.around(value);
        let factor = Factor {
            kind: FactorKind::CarbonIntensity,
            label: self.zone_name(zone),
            value,
            low,
            high,
            unit: FactorKind::CarbonIntensity.unit(),
            basis: Some(basis),
            year: Some(chosen.year),
            source: cited(table, &chosen.row),
            matched: chosen.matched,
            by_year: None,
        };
        Some((factor, table.found))
    }

    fn intensity_spread(&self, zone: &ZoneId, value: f64, chosen: &Chosen<'_>, basis: Basis) -> Spread {
        let spread = match zone.as_str() {
            // An average over countries is asked for where the country is not known: that is what its interval must say.
            "WORLD" => self.countries_spread(value, chosen.year, basis, |_| true),
            "EU27" => self.countries_spread(value, chosen.year, basis, |code| EU_MEMBERS.contains(&code)),
            code if code.len() > 2 => own_spread(value, SUBDIVISION),
            code => own_spread(value, VINTAGE).and(self.consumption_spread(code)),
        };
        spread.and(years_apart(chosen.distance))
    }

    /// How far what a country consumes may lie from what it produces: the band of its size and of its imports. A country without figures of trade
    /// may be in any band; where the table is missing, it is 10 %.
    fn consumption_spread(&self, code: &str) -> Spread {
        let trade = self.rows(&TRADE).find(|row| row.text(ZONE) == code).and_then(|row| Some((row.number(1)?, row.number(2)?)));
        let fits = |row: &Row<'_>| match (trade, row.number(0), row.number(1)) {
            (Some((consumption, imports)), Some(below), Some(share)) => consumption < below && imports < share * consumption,
            (None, None, None) => true,
            _ => false,
        };
        let found = self.rows(&SPREAD).find(fits).and_then(|row| Some((row.number(2)?, row.number(3)?)));
        found.map_or_else(|| Spread::symmetric(PUBLISHED), |(low, high)| Spread::between(low, 1.0, high))
    }

    /// From the 2.5th to the 97.5th percentile of the countries' latest values up to `year`.
    fn countries_spread(&self, value: f64, year: i32, basis: Basis, wanted: impl Fn(&str) -> bool) -> Spread {
        let mut latest: Vec<(Cow<str>, i32, f64)> = Vec::new();
        for row in self.rows(&SHAPE) {
            let code = row.text(ZONE);
            if code.len() != 2 || row.text(BASIS) != basis.as_str() || !wanted(&code) {
                continue;
            }
            let Some((row_year, value)) = row.year(YEAR).filter(|row_year| *row_year <= year).zip(row.number(VALUE)) else { continue };
            // The rows of a country stand together in the built-in table: its entry is the last one.
            match latest.iter_mut().rev().find(|known| known.0 == code) {
                Some(known) if known.1 < row_year => *known = (code, row_year, value),
                Some(_) => {}
                None => latest.push((code, row_year, value)),
            }
        }
        let mut values: Vec<f64> = latest.into_iter().map(|(_, _, value)| value).collect();
        order::sort_by(&mut values, f64::total_cmp);
        match (quantile(&values, 0.025), quantile(&values, 0.975)) {
            (Some(low), Some(high)) if values.len() >= ENOUGH_COUNTRIES => Spread::between(low, value, high),
            _ => Spread::between(COUNTRIES.0, 1.0, COUNTRIES.1),
        }
        .and(own_spread(value, PUBLISHED))
    }
}

/// The spread of a published intensity in the year that it is for; `provider`s' figures are treated as countries' are.
pub(super) fn published_spread(value: f64, distance: u32) -> Spread {
    own_spread(value, PUBLISHED).and(years_apart(distance))
}

fn own_spread(value: f64, factor: f64) -> Spread {
    Spread::symmetric(factor.max(1.0 + LEAST_GRAMS / value))
}

fn years_apart(distance: u32) -> Spread {
    Spread::symmetric(libm::exp(libm::log(YEAR_STEP) * libm::sqrt(f64::from(distance.min(MOST_YEARS)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &str = "zone,iso3,name,gco2e_per_kwh,basis,year,source\n\
        FR,FRA,France,50,lifecycle,2020,s\nFR,FRA,France,40,lifecycle,2024,s\n\
        US,USA,United States,400,lifecycle,2024,s\nUS-VT,USA,Vermont,20,direct,2023,s\nUS-VT,USA,Vermont,2,direct,2020,s\n";

    fn set() -> FactorSet {
        FactorSet::from_tables(&[("grid_intensity", ROWS)]).unwrap()
    }

    fn intensity(zone: &str, year: i32, basis: Basis) -> Option<Factor> {
        let set = set();
        set.carbon_intensity(&set.zone(zone).unwrap(), Some(year), basis)
    }

    #[test]
    fn an_interval_grows_with_the_years_between() {
        let width = |year: i32| {
            let factor = intensity("FR", year, Basis::Lifecycle).unwrap();
            assert!(factor.low < factor.value && factor.value < factor.high);
            factor.high / factor.value
        };
        // By hand: ln k = √(ln² 1.05 + ln² 1.10) = 0.10707, with ln² 1.2 for a year 0.21144.
        assert!((width(2024) - 1.113_01).abs() < 1e-4);
        assert!((width(2025) - 1.235_45).abs() < 1e-4, "{}", width(2025));
        assert!(width(2026) > width(2025) && width(2030) > width(2026));
        // √(ln² 1.05 + ln² 1.10 + 3 ln² 1.2) = 0.33345
        assert!((width(2023) - 1.395_77).abs() < 1e-4, "2020 stands in for 2023: {}", width(2023));
    }

    #[test]
    fn a_missing_basis_falls_to_the_country_and_says_so() {
        let factor = intensity("US-VT", 2024, Basis::Lifecycle).unwrap();
        assert_eq!(
            (factor.value, factor.matched, factor.label.as_str()),
            (400.0, Match::ParentZone, "United States (for Vermont, United States)")
        );
        // Vermont's own direct 20 g is inside, though a part of the country usually stays above 124 g.
        assert!(factor.low < 20.0 && factor.high > 400.0 * 2.38);
        assert_eq!(intensity("FR", 2024, Basis::Direct), None);
        assert_eq!(set().bases(&set().zone("US-VT").unwrap()), [Basis::Direct]);
        assert_eq!(set().world(Some(2024), Basis::Lifecycle), None);
    }

    #[test]
    fn a_year_that_is_asked_for_must_have_rows() {
        assert!(set().check_year(2020).is_ok() && set().check_year(2022).is_ok());
        let error = set().check_year(2030).unwrap_err();
        assert_eq!(error.message, "found 2030, expected a year with carbon intensities, 2020 to 2024");
        assert!(FactorSet::default().check_year(2024).is_err());
    }

    #[test]
    fn tiny_values_are_known_to_a_gram() {
        let factor = intensity("US-VT", 2020, Basis::Direct).unwrap();
        assert_eq!((factor.value, factor.high), (2.0, 3.0));
    }

    #[test]
    fn a_users_rows_win() {
        let own = "zone,gco2e_per_kwh,basis,year,source,low_gco2e_per_kwh,high_gco2e_per_kwh\n\
            fr,56,lifecycle,2024,\"supplier, audited\",50,64\nSITE-A,120,direct,2024,meter,,\n";
        let set = set().with_user_table("my.csv", own).unwrap();
        let factor = set.carbon_intensity(&set.zone("France").unwrap(), Some(2024), Basis::Lifecycle).unwrap();
        assert_eq!((factor.value, factor.source.as_str(), factor.label.as_str()), (56.0, "supplier, audited", "France"));
        assert!((factor.low - 50.0).abs() < 1e-9 && (factor.high - 64.0).abs() < 1e-9);
        assert_eq!(set.source("supplier, audited").unwrap().title, "supplier, audited");
        // The built-in 2020 row does not come back beside the user's 2024 row.
        assert_eq!(set.carbon_intensity(&set.zone("FR").unwrap(), Some(2020), Basis::Lifecycle).unwrap().matched, Match::LaterYear);
        let site = set.zone("site-a").unwrap();
        assert_eq!(set.carbon_intensity(&site, Some(2025), Basis::Direct).unwrap().matched, Match::OlderYear);
        assert_eq!(set.carbon_intensity(&site, Some(2025), Basis::Lifecycle), None);
    }
}
