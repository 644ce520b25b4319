//! `carbon-report explain CODE`: what a note means, what it does to the number, what to do.

use std::io::{self, Write};

use crate::{Error, suggest};
use carbon_core::note::{CODES, explanation};

use super::{Status, table};

#[derive(clap::Args)]
pub struct Arguments {
    /// Code of a note, as reports and messages show it; without it, all codes are listed
    code: Option<String>,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let Some(asked) = &arguments.code else {
        let rows: Vec<_> =
            CODES.iter().map(|c| [c.code.id.to_string(), c.code.severity.as_str().to_string(), c.meaning.to_string()]).collect();
        table::print(["CODE", "SEVERITY", "MEANING"], &rows)?;
        return Ok(Status::Done);
    };
    let Some(explained) = explanation(asked) else {
        let error = Error::new(format!("found no note code {asked:?}"));
        return Err(match suggest::nearest(asked, CODES.iter().map(|c| c.code.id)) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint("`carbon-report explain` lists all codes"),
        }
        .into());
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{} ({}): {}\n", explained.code.id, explained.code.severity.as_str(), explained.meaning)?;
    writeln!(out, "Effect: {}", explained.effect)?;
    writeln!(out, "To do:  {}", explained.code.remedy)?;
    Ok(Status::Done)
}
