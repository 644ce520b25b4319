//! What is said at the end of a run: energy, emissions, where the log is. Core reads the log that was just written and does all the arithmetic.

use std::path::{Path, PathBuf};

use carbon_core::card;
use carbon_core::read::ReadOptions;
use carbon_core::report::Report;
use carbon_core::units::Instant;

use crate::discover::printable;
use crate::request::Request;
use crate::settings::Choices;
use crate::{Error, Options, read_paths};

/// Says before a run what could not be used at its end.
pub fn check(choices: &Choices) -> Result<(), Error> {
    if choices.plain.is_empty() { Ok(()) } else { Request::new(choices, &[]).map(drop) }
}

/// The report on the files of one run, as far as they are written, or on what is in them after `from`.
pub fn report(files: &[PathBuf], choices: &Choices, from: Option<Instant>) -> Result<Report, Error> {
    let request = Request::new(choices, files)?;
    let options = Options { read: ReadOptions { from, ..request.read.clone() }, ..Options::default() };
    let inputs = read_paths(files, &options)?;
    request.report(&inputs.ledger)
}

/// Three lines: energy, emissions, and what to do with the log.
pub fn lines(files: &[PathBuf], choices: &Choices) -> Result<Vec<String>, Error> {
    let Some(last) = files.last() else {
        return Err(Error::new("nothing could be written, and there is no log"));
    };
    let report = report(files, choices, None)?;
    let [energy, emissions] = card::of_run(&report);
    let log = match files {
        [one] => printable(one.as_os_str()),
        _ => series(last),
    };
    let words: String = choices.plain.words().iter().map(|word| format!(" {word}")).collect();
    Ok(vec![energy, emissions, format!("card: carbon-report {log}{words} -o card.md")])
}

/// All files of a run, as a shell finds them.
fn series(file: &Path) -> String {
    let name = printable(file.as_os_str());
    let stem = name.strip_suffix(".jsonl").and_then(|name| name.rsplit_once('.'));
    stem.map_or(name.clone(), |(stem, _)| format!("{stem}.*.jsonl"))
}
