//! `carbon-report formats`: what is read, and how to make such logs; and what is written.

use std::io::{self, Write};

use carbon_core::read::FORMATS;

use super::{Status, table};

#[derive(clap::Args)]
pub struct Arguments {
    /// Words that the id or name must contain: nvidia, csv
    search: Vec<String>,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    let found: Vec<_> = FORMATS.iter().filter(|f| table::matches(&arguments.search, &[f.id, f.name, f.how_to_log])).collect();
    if found.is_empty() {
        let asked = arguments.search.join(" ");
        let error = crate::Error::new(format!("found no log format with {asked:?} in its name"));
        return Err(error.hint("any table with time, device and power or energy can be read with `--columns`").into());
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    if arguments.search.is_empty() {
        writeln!(out, "Logs that are read, plain, gzip or zstd, recognised by their content:\n")?;
    }
    for format in found {
        writeln!(out, "{}: {}", format.id, format.name)?;
        for line in format.how_to_log.lines() {
            writeln!(out, "    {line}")?;
        }
    }
    if arguments.search.is_empty() {
        writeln!(out, "\nDocuments that are written, by the ending of -o or by --format:\n")?;
        for format in carbon_render::FORMATS {
            writeln!(out, "{} (.{}): {}", format.name, format.endings.join(", ."), format.about)?;
        }
    }
    out.flush()?;
    Ok(Status::Done)
}
