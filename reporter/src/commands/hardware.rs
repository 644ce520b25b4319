//! `carbon-report hardware`: accelerators and processors that the tables know.

use crate::request::built_in_factors;
use carbon_core::text::significant;

use super::{Status, table};

#[derive(clap::Args)]
pub struct Arguments {
    /// Words that the vendor or model must contain: a100, epyc, nvidia
    search: Vec<String>,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let factors = built_in_factors()?;
    let unknown = || String::from("-");
    let mut rows: Vec<[String; 6]> = Vec::new();
    for a in factors.accelerators() {
        if table::matches(&arguments.search, &[&a.vendor, &a.model, "accelerator gpu"]) {
            rows.push([
                String::from("accelerator"),
                a.vendor.clone(),
                a.device_tdp_w().map_or_else(unknown, |w| significant(w, 4)),
                a.embodied.as_ref().map_or_else(unknown, |f| significant(f.value, 3)),
                a.release_year.map_or_else(unknown, |y| y.to_string()),
                a.model,
            ]);
        }
    }
    for c in factors.cpus() {
        if table::matches(&arguments.search, &[&c.vendor, &c.model, "processor cpu"]) {
            rows.push([
                String::from("processor"),
                c.vendor,
                significant(c.tdp_w, 4),
                unknown(),
                c.release_year.map_or_else(unknown, |y| y.to_string()),
                c.model,
            ]);
        }
    }
    if rows.is_empty() {
        let error = crate::Error::new(format!("found no hardware with {:?} in its name", arguments.search.join(" ")));
        let asked = arguments.search.join(" ");
        let near = [factors.accelerator_suggestions(&asked), factors.cpu_suggestions(&asked)].concat();
        return Err(match near.first() {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint("`carbon-report hardware` lists it all"),
        }
        .into());
    }
    table::print(["KIND", "VENDOR", "TDP W", "EMBODIED KGCO2E", "YEAR", "MODEL"], &rows)?;
    Ok(Status::Done)
}
