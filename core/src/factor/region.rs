//! Cloud regions: where they are, and what their providers publish about them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::by_year::choose;
use super::error::UnknownRegion;
use super::grid::{BASIS_WORDS, published_spread};
use super::suggest;
use super::table::{Column, Kind, Row, Shape};
use super::value::{Basis, Factor, FactorKind, INTENSITY_RANGE, PUE_RANGE};
use super::zone::ZoneId;
use super::{FactorSet, pue};

const FRACTION: Kind = Kind::Number(0.0, 1.0);
// From 0: Google printed whole grams until 2023, and Quebec's are fewer than half a gram.
const INTENSITY: Kind = Kind::Number(0.0, INTENSITY_RANGE.1);
const PUE: Kind = Kind::Number(PUE_RANGE.0, PUE_RANGE.1);

pub(super) const REGIONS: Shape = Shape {
    name: "cloud_regions",
    columns: &[
        Column::filled("provider", Kind::Text),
        Column::filled("region", Kind::Text),
        Column::present("pue", PUE),
        Column::present("pue_source", Kind::Text),
        Column::present("pue_year", Kind::Year),
        Column::present("gco2e_per_kwh", INTENSITY),
        Column::present("basis", Kind::Word(BASIS_WORDS)),
        Column::present("cfe_fraction", FRACTION),
        Column::filled("year", Kind::Year),
        Column::filled("source", Kind::Text),
        Column::filled("location", Kind::Text),
        Column::filled("country", Kind::Text),
        Column::filled("zone", Kind::Text),
    ],
};
pub(super) const HISTORY: Shape = Shape {
    name: "cloud_region_history",
    columns: &[
        Column::filled("provider", Kind::Text),
        Column::filled("region", Kind::Text),
        Column::present("pue", PUE),
        Column::present("pue_source", Kind::Text),
        // A row of the history has one year for all its figures.
        Column::filled("year", Kind::Year),
        Column::present("gco2e_per_kwh", INTENSITY),
        Column::present("basis", Kind::Word(BASIS_WORDS)),
        Column::present("cfe_fraction", FRACTION),
        Column::filled("year", Kind::Year),
        Column::filled("source", Kind::Text),
    ],
};
// Places of the columns, the same in both.
pub(super) const PROVIDER: usize = 0;
const REGION: usize = 1;
pub(super) const REGION_PUE: usize = 2;
const PUE_SOURCE: usize = 3;
const PUE_YEAR: usize = 4;
const VALUE: usize = 5;
const BASIS: usize = 6;
const CFE: usize = 7;
const YEAR: usize = 8;
const SOURCE: usize = 9;
const LOCATION: usize = 10;
const COUNTRY: usize = 11;
const ZONE: usize = 12;

/// Other names of providers, beside the tables' own.
const PROVIDER_NAMES: &[(&str, &str)] = &[
    ("alibaba cloud", "alibaba"),
    ("alibabacloud", "alibaba"),
    ("aliyun", "alibaba"),
    ("amazon", "aws"),
    ("amazon web services", "aws"),
    ("ec2", "aws"),
    ("gce", "gcp"),
    ("google", "gcp"),
    ("google cloud", "gcp"),
    ("google cloud platform", "gcp"),
    ("googlecloud", "gcp"),
    ("ibm cloud", "ibm"),
    ("ibmcloud", "ibm"),
    ("microsoft", "azure"),
    ("microsoft azure", "azure"),
    ("oci", "oracle"),
    ("oracle cloud", "oracle"),
    ("ovhcloud", "ovh"),
];

/// A provider's region.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// `aws`, `gcp`, `azure`, …
    pub provider: String,
    /// The provider's code: `europe-west1`.
    pub region: String,
    /// Town, state or country, as the provider says.
    pub location: String,
    /// The country's zone, which has life-cycle values.
    pub country: ZoneId,
    /// The finest zone with values; for a subdivision these are often direct alone.
    pub zone: ZoneId,
    /// The region's own latest PUE, where published. [`FactorSet::region_pue`] goes by year and falls to the provider's fleet.
    pub pue: Option<Factor>,
    /// Share of carbon-free energy in the region's hours, 0 to 1, where published.
    pub cfe_fraction: Option<f64>,
    /// The provider's own latest figure for the grid, where published. [`FactorSet::region_carbon_intensity`] goes by year.
    pub carbon_intensity: Option<Factor>,
    /// Id of the source of the region list.
    pub source: String,
}

impl Region {
    /// `gcp:europe-west1`.
    pub fn code(&self) -> String {
        format!("{}:{}", self.provider, self.region)
    }
}

impl FactorSet {
    /// The region that `provider:region` names. The provider may have another common name (`google:`), the region its display spelling
    /// (`azure:West Europe`) or an availability zone's letter (`aws:us-east-1a`, `gcp:us-central1-b`).
    ///
    /// # Errors
    /// For anything that the table has not, with suggestions; a region without its provider too, because codes repeat.
    pub fn region(&self, text: &str) -> Result<Region, UnknownRegion> {
        let unknown = || UnknownRegion::new(text.trim(), self.region_suggestions(text));
        let (provider, region) = text.split_once([':', '/']).ok_or_else(unknown)?;
        let provider = provider_of(provider);
        let exact = |wanted: &str| {
            let same = |row: &Row<'_>| provider == *row.text(PROVIDER) && spelled(wanted).eq(spelled(&row.text(REGION)));
            self.rows(&REGIONS).find(same)
        };
        let region = region.trim();
        // The letter of an availability zone follows a digit, or a hyphen.
        let without_letter = region.strip_suffix(|c: char| c.is_ascii_alphabetic()).map(|rest| rest.trim_end_matches('-'));
        let shortened = without_letter.filter(|rest| rest.ends_with(|c: char| c.is_ascii_digit()));
        exact(region).or_else(|| shortened.and_then(exact)).map(|row| region_of(&row)).ok_or_else(unknown)
    }

    /// The table's name of a provider, by that or another common one; `None` where no region is of it.
    pub fn provider(&self, name: &str) -> Option<String> {
        let provider = provider_of(name);
        self.rows(&REGIONS).any(|row| row.text(PROVIDER) == provider).then_some(provider)
    }

    /// Every region, by provider and code.
    pub fn regions(&self) -> impl Iterator<Item = Region> + '_ {
        self.rows(&REGIONS).map(|row| region_of(&row))
    }

    /// PUE of `region` in `year`: the region's own, of the year, before it or after it; else that of the provider's fleet
    /// ([`provider_pue`](Self::provider_pue)). `None` where the provider publishes neither.
    pub fn region_pue(&self, region: &Region, year: Option<i32>) -> Option<Factor> {
        let history = self.rows(&HISTORY).filter(|row| of(region, row) && row.number(REGION_PUE).is_some());
        let listed = self.rows(&REGIONS).filter(|row| of(region, row) && row.number(REGION_PUE).is_some());
        let own = choose(history, PUE_YEAR, year).or_else(|| choose(listed, PUE_YEAR, year)).and_then(|chosen| {
            let label = format!("{} {}", pue::provider_name(&region.provider), region.region);
            let source = chosen.row.string(PUE_SOURCE);
            Some(pue::published(label, chosen.row.number(REGION_PUE)?, &chosen, source))
        });
        own.or_else(|| self.provider_pue(&region.provider, year))
    }

    /// The provider's own carbon intensity of the grid of `region` in `year`, gCO2e/kWh; `None` where it publishes none.
    ///
    /// It is a series beside [`carbon_intensity`](Self::carbon_intensity), whose basis may change from year to year.
    pub fn region_carbon_intensity(&self, region: &Region, year: Option<i32>) -> Option<Factor> {
        let rows = self.rows(&HISTORY).filter(|row| of(region, row) && intensity(row).is_some());
        let chosen = choose(rows, YEAR, year)?;
        let mut factor = own_intensity(&chosen.row)?;
        (factor.low, factor.high) = published_spread(factor.value, chosen.distance).around(factor.value);
        factor.matched = chosen.matched;
        Some(factor)
    }

    pub(super) fn region_suggestions(&self, asked: &str) -> Vec<String> {
        let asked = asked.trim();
        let (provider, code) =
            asked.split_once([':', '/']).map_or((None, asked), |(provider, code)| (Some(provider_of(provider)), code.trim()));
        let rows: Vec<(String, String, String)> =
            self.rows(&REGIONS).map(|row| (row.string(PROVIDER), row.string(REGION), row.string(LOCATION))).collect();
        let known = rows.iter().any(|(known, ..)| provider.as_ref() == Some(known));
        let label = |(provider, region, location): &(String, String, String)| format!("{provider}:{region} ({location})");
        let among = |row: &&(String, String, String)| !known || provider.as_ref() == Some(&row.0);
        // A region without its provider, then spellings, then towns.
        let mut found: Vec<String> = rows.iter().filter(among).filter(|row| row.1.eq_ignore_ascii_case(code)).map(label).collect();
        for place in [1, 2] {
            let names = rows.iter().filter(among).map(|row| (if place == 1 { row.1.as_str() } else { row.2.as_str() }, label(row)));
            for suggestion in suggest::nearest(code, names) {
                if !found.contains(&suggestion) {
                    found.push(suggestion);
                }
            }
        }
        found.truncate(3);
        found
    }
}

fn region_of(row: &Row<'_>) -> Region {
    let pue = choose(core::iter::once(*row), PUE_YEAR, row.year(PUE_YEAR)).and_then(|chosen| {
        let label = format!("{} {}", pue::provider_name(&row.text(PROVIDER)), row.text(REGION));
        Some(pue::published(label, row.number(REGION_PUE)?, &chosen, row.string(PUE_SOURCE)))
    });
    Region {
        provider: row.string(PROVIDER),
        region: row.string(REGION),
        location: row.string(LOCATION),
        country: ZoneId::new(&row.text(COUNTRY)),
        zone: ZoneId::new(&row.text(ZONE)),
        pue,
        cfe_fraction: row.number(CFE),
        carbon_intensity: own_intensity(row),
        source: row.string(SOURCE),
    }
}

fn own_intensity(row: &Row<'_>) -> Option<Factor> {
    let value = intensity(row)?;
    let (low, high) = published_spread(value, 0).around(value);
    Some(Factor {
        kind: FactorKind::CarbonIntensity,
        label: format!("{} {}", pue::provider_name(&row.text(PROVIDER)), row.text(REGION)),
        value,
        low,
        high,
        unit: FactorKind::CarbonIntensity.unit(),
        basis: Basis::parse(&row.text(BASIS)),
        year: row.year(YEAR),
        source: row.string(SOURCE),
        matched: super::Match::Exact,
        by_year: None,
    })
}

/// A published intensity; one that is rounded to 0 tells nothing.
fn intensity(row: &Row<'_>) -> Option<f64> {
    row.number(VALUE).filter(|value| *value >= INTENSITY_RANGE.0)
}

fn of(region: &Region, row: &Row<'_>) -> bool {
    row.text(PROVIDER) == region.provider && row.text(REGION) == region.region
}

/// The table's name of a provider.
pub(super) fn provider_of(text: &str) -> String {
    let text = text.trim().to_ascii_lowercase();
    let words = text.replace(['-', '_'], " ");
    PROVIDER_NAMES.iter().find(|(name, _)| *name == words).map_or(text, |(_, provider)| provider.to_string())
}

/// What counts in a region's spelling.
fn spelled(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| *c != ' ' && *c != '_').map(|c| c.to_ascii_lowercase())
}
