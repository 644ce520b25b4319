//! `carbon-report regions`: zones and cloud regions with their carbon intensity.

use crate::request::built_in_factors;
use crate::{Error, number, suggest};
use carbon_core::factor::{Factor, FactorSet, Match, Region, ZoneId};
use carbon_core::text::{percent, significant};

use super::{Status, table};

const EXAMPLES: &str = "\
Examples:
  carbon-report regions --provider gcp --below 100     Google's regions with less than 100 g CO2e per kWh
  carbon-report regions --near gcp:us-central1         the country's grids, and the cloud regions in it
  carbon-report regions france --year 2020

PUE and carbon-free share are what providers publish for the region itself; - where they publish none.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub struct Arguments {
    /// Words that the code or name must contain: france, europe-west, azure
    search: Vec<String>,
    /// Year of the figures; the latest without it
    #[arg(long, value_name = "Y")]
    year: Option<i32>,
    /// Cloud regions of one provider: aws, azure, gcp, …
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Only what has a lower carbon intensity, gCO2e per kWh; lowest first
    #[arg(long, value_parser = number::parse, value_name = "G")]
    below: Option<f64>,
    /// Only what lies in the same country as this zone or cloud region; the tables hold no distances
    #[arg(long, value_name = "ZONE")]
    near: Option<String>,
}

struct Row {
    grams: Option<f64>,
    cells: [String; 7],
}

pub fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let factors = built_in_factors()?;
    if let Some(year) = arguments.year {
        factors.check_year(year).map_err(|e| Error { message: format!("year: {}", e.message), hint: e.hint })?;
    }
    let country = arguments.near.as_deref().map(|near| country_of(&factors, near)).transpose()?;
    let within = |zone: &ZoneId| country.as_ref().is_none_or(|country| zone == country || zone.parent().as_ref() == Some(country));
    let provider = arguments.provider.as_deref().map(|name| provider(&factors, name)).transpose()?;
    let mut rows: Vec<Row> = Vec::new();
    for zone in factors.zones().into_iter().filter(|zone| provider.is_none() && within(&zone.id)) {
        let code = zone.id.as_str().to_string();
        if table::matches(&arguments.search, &[&code, &zone.name]) {
            rows.push(row(code, zone.name, &factors, &zone.id, None, arguments.year));
        }
    }
    let of_provider = |region: &Region| provider.as_ref().is_none_or(|provider| region.provider == *provider);
    for region in factors.regions().filter(|region| of_provider(region) && within(&region.country)) {
        let code = region.code();
        if table::matches(&arguments.search, &[&code, &region.location, region.country.as_str()]) {
            let name = format!("{} ({})", region.location, region.zone.as_str());
            rows.push(row(code, name, &factors, &region.zone, Some(&region), arguments.year));
        }
    }
    if rows.is_empty() {
        return Err(none(&factors, &arguments.search).into());
    }
    if let Some(most) = arguments.below {
        let lowest = rows.iter().filter_map(|row| row.grams).fold(f64::INFINITY, f64::min);
        rows.retain(|row| row.grams.is_some_and(|grams| grams < most));
        if rows.is_empty() {
            return Err(Error::new(format!("below: none of these places is below {most} gCO2e/kWh"))
                .hint(format!("the lowest has {}", significant(lowest, 3)))
                .into());
        }
        rows.sort_by(|a, b| a.grams.unwrap_or(f64::INFINITY).total_cmp(&b.grams.unwrap_or(f64::INFINITY)));
    }
    let rows: Vec<[String; 7]> = rows.into_iter().map(|row| row.cells).collect();
    table::print(["ZONE", "GCO2E/KWH", "BASIS", "YEAR", "PUE", "CARBON-FREE", "NAME"], &rows)?;
    Ok(Status::Done)
}

fn row(code: String, name: String, factors: &FactorSet, zone: &ZoneId, region: Option<&Region>, year: Option<i32>) -> Row {
    let factor = factors.listed_intensity(zone, year);
    let text = |part: fn(&Factor) -> Option<String>| factor.as_ref().and_then(part).unwrap_or_else(|| String::from("-"));
    let published = |text: Option<String>| text.unwrap_or_else(|| String::from("-"));
    // A fleet's mean is no figure of the region.
    let pue = region.and_then(|region| factors.region_pue(region, year)).filter(|pue| pue.matched != Match::ParentZone);
    Row {
        grams: factor.as_ref().map(|factor| factor.value),
        cells: [
            code,
            text(|f| Some(significant(f.value, 3))),
            text(|f| f.basis.map(|b| b.as_str().into())),
            text(|f| f.year.map(|y| y.to_string())),
            published(pue.map(|pue| significant(pue.value, 3))),
            published(region.and_then(|region| region.cfe_fraction).map(percent)),
            name,
        ],
    }
}

/// The country of a zone or of a cloud region's place.
fn country_of(factors: &FactorSet, near: &str) -> Result<ZoneId, Error> {
    if near.contains(':') {
        let region = factors.region(near).map_err(|e| Error::new(format!("near: {e}")).hint(e.hint()))?;
        return Ok(region.country);
    }
    let zone = factors.zone(near).map_err(|e| Error::new(format!("near: {e}")).hint(e.hint()))?;
    Ok(zone.parent().unwrap_or(zone))
}

fn provider(factors: &FactorSet, name: &str) -> Result<String, Error> {
    let found = factors.provider(name);
    found.ok_or_else(|| {
        let mut known: Vec<String> = factors.regions().map(|region| region.provider).collect();
        known.dedup();
        Error::new(format!("provider: found {name:?}, which has no regions in the table")).hint(format!("known: {}", known.join(", ")))
    })
}

fn none(factors: &FactorSet, search: &[String]) -> Error {
    let asked = search.join(" ");
    let names: Vec<String> = factors.zones().into_iter().flat_map(|z| [z.id.as_str().to_string(), z.name]).collect();
    let error = Error::new(format!("found no zone or region with {asked:?} in its code or name"));
    match suggest::nearest(&asked, names.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint("`carbon-report regions` lists them all"),
    }
}
