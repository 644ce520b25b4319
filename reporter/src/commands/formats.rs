//! `carbon-report formats`: what is read, and how to make such logs; and what is written.

use std::io::{self, Write};

use carbon_core::read::FORMATS;
use carbon_core::read::layout::text::{FormatText, FormatsText};

use super::{Status, table};

#[derive(clap::Args)]
pub struct Arguments {
    /// Words that the id or name must contain: nvidia, csv
    search: Vec<String>,
    /// Print a format as the rows that `--formats` reads, to be changed for a log that is not known
    #[arg(long, value_name = "ID", conflicts_with = "search")]
    as_toml: Option<String>,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<Status> {
    if let Some(id) = &arguments.as_toml {
        return as_toml(id);
    }
    let found: Vec<_> = FORMATS.iter().filter(|f| table::matches(&arguments.search, &[f.id, f.name, f.how_to_log])).collect();
    if found.is_empty() {
        let asked = arguments.search.join(" ");
        let error = crate::Error::new(format!("found no log format with {asked:?} in its name"));
        return Err(error.hint("any table with time, device and power or energy can be read with `--columns`").into());
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    if arguments.search.is_empty() {
        writeln!(out, "Logs that are read, plain, gzip, zstd, xz, bzip2 or lz4, recognised by their content:\n")?;
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

/// Prints the rows of a format.
fn as_toml(id: &str) -> anyhow::Result<Status> {
    let Some(format) = FORMATS.iter().find(|format| format.id == id) else {
        return Err(crate::Error::new(format!("as-toml: found {id:?}, expected the id of a format"))
            .hint("`carbon-report formats` lists them")
            .into());
    };
    let Some(text) = FormatText::of(format) else {
        let rows: Vec<&str> = FORMATS.iter().filter(|format| FormatText::of(format).is_some()).map(|format| format.id).collect();
        let error = crate::Error::new(format!("as-toml: {id} is read by code of its own"));
        return Err(error.hint(format!("these are rows: {}", rows.join(", "))).into());
    };
    let text = toml::to_string_pretty(&FormatsText { format: vec![text] })?;
    write!(io::stdout().lock(), "# {}\n\n{text}", format.name)?;
    Ok(Status::Done)
}
