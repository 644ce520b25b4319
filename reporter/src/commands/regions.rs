//! `carbon-report regions`: zones and cloud regions with their carbon intensity.

use crate::request::built_in_factors;
use crate::suggest;
use carbon_core::factor::{Factor, FactorSet, ZoneId};

use super::{Status, table};

#[derive(clap::Args)]
pub struct Arguments {
    /// Words that the code or name must contain: france, europe-west, azure
    search: Vec<String>,
    /// Year of the figures; the latest without it
    #[arg(long, value_name = "Y")]
    year: Option<i32>,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let factors = built_in_factors()?;
    let mut rows: Vec<[String; 5]> = Vec::new();
    for zone in factors.zones() {
        let code = zone.id.as_str().to_string();
        if table::matches(&arguments.search, &[&code, &zone.name]) {
            rows.push(row(code, zone.name, &factors, &zone.id, arguments.year));
        }
    }
    for region in factors.regions() {
        let code = region.code();
        if table::matches(&arguments.search, &[&code, &region.location, region.country.as_str()]) {
            let name = format!("{} ({})", region.location, region.zone.as_str());
            rows.push(row(code, name, &factors, &region.zone, arguments.year));
        }
    }
    if rows.is_empty() {
        return Err(none(&factors, &arguments.search).into());
    }
    table::print(["ZONE", "GCO2E/KWH", "BASIS", "YEAR", "NAME"], &rows)?;
    Ok(Status::Done)
}

fn row(code: String, name: String, factors: &FactorSet, zone: &ZoneId, year: Option<i32>) -> [String; 5] {
    let factor = factors.listed_intensity(zone, year);
    let text = |part: fn(&Factor) -> Option<String>| factor.as_ref().and_then(part).unwrap_or_else(|| String::from("-"));
    [
        code,
        text(|f| Some(carbon_core::report::text::significant(f.value, 3))),
        text(|f| f.basis.map(|b| b.as_str().into())),
        text(|f| f.year.map(|y| y.to_string())),
        name,
    ]
}

fn none(factors: &FactorSet, search: &[String]) -> crate::Error {
    let asked = search.join(" ");
    let names: Vec<String> = factors.zones().into_iter().flat_map(|z| [z.id.as_str().to_string(), z.name]).collect();
    let error = crate::Error::new(format!("found no zone or region with {asked:?} in its code or name"));
    match suggest::nearest(&asked, names.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint("`carbon-report regions` lists them all"),
    }
}
