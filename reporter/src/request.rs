//! From the user's choices to what the readers, the accounting and the documents are given.

use std::fs;
use std::path::{Path, PathBuf};

use carbon_core::account::{self, Settings, SettingsError};
use carbon_core::estimate::{self, EstimateRequest};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{Evidence, Ledger};
use carbon_core::options::{Made, quoted};
use carbon_core::read::layout::text::FormatsText;
use carbon_core::read::{FORMATS, Format, ReadOptions};
use carbon_core::report::Report;
use carbon_render::Length;

use crate::discover::{names, printable};
use crate::error::Error;
use crate::settings::Choices;
use crate::{Options, read_paths, zone};

/// No table or template is larger.
const LARGEST_TEXT: u64 = 64 << 20;

/// What one report is made with.
#[derive(Clone)]
pub struct Request {
    /// For the readers.
    pub read: ReadOptions,
    /// For the accounting.
    pub account: Settings,
    /// The built-in factors and the user's.
    pub factors: FactorSet,
    /// A carbon-intensity series to be read beside the logs.
    pub intensity_file: Option<PathBuf>,
    /// How much documents tell.
    pub length: Length,
    /// A template of the user's: name and text.
    pub template: Option<(String, String)>,
    /// Whether a note of severity error is a failure.
    pub strict: bool,
    /// What left no logs.
    phases: Vec<Evidence>,
}

impl Request {
    /// Checks every choice, and reads the tables and templates that they name. `paths` are the logs, for the command that makes the report again.
    pub fn new(choices: &Choices, paths: &[PathBuf]) -> Result<Self, Error> {
        Self::of("carbon-report", choices, paths)
    }

    /// The same for a command that begins with other words.
    pub fn of(command: &str, choices: &Choices, paths: &[PathBuf]) -> Result<Self, Error> {
        let plain = &choices.plain;
        let zone = plain.text("tz").map(zone::transitions).transpose()?;
        let Made { mut read, mut account } = plain.make(zone).map_err(unusable)?;
        for path in choices.files("formats") {
            read.formats.extend(formats(path)?);
        }
        account.reproduce = Some(reproduce(command, choices, paths));
        let mut factors = built_in_factors()?;
        for (path, name) in choices.files("factors").iter().zip(distinct(plain.values("factors"))) {
            let text = read_text("factors", path)?;
            let is_found = plain.found().is_some_and(|found| found.says("factors"));
            let with = if is_found { FactorSet::with_found_table } else { FactorSet::with_user_table };
            factors = with(factors, &name, &text).map_err(|e| Error { message: format!("factors: {e}"), hint: e.hint.clone() })?;
        }
        // An error in it names it as the user does.
        let template = choices.file("template").map(|path| Ok((printable(path.as_os_str()), read_text("template", path)?)));
        let request = Self {
            account,
            factors,
            intensity_file: choices.file("intensity").map(|path| with_intensities(path, &read)).transpose()?,
            length: length(plain.text("length"))?,
            template: template.transpose()?,
            strict: plain.has("strict"),
            read,
            phases: Vec::new(),
        };
        request.check()?;
        Ok(request)
    }

    /// The same, with the phases of a settings file beside the logs.
    pub fn with_phases(mut self, phases: &EstimateRequest) -> Result<Self, Error> {
        if !phases.phases.is_empty() {
            let evidence = if self.account.found.is_some() { estimate::evidence_found } else { estimate::evidence };
            self.phases = evidence(phases, &self.account, &self.factors).map_err(unusable)?;
        }
        Ok(self)
    }

    /// Adds to the logs what left none.
    pub fn complete(&self, ledger: &mut Ledger) {
        ledger.add_phases(self.phases.clone());
    }

    /// What can't be is told before a large log is read, not after.
    fn check(&self) -> Result<(), Error> {
        account::check(&self.factors, &self.account).map_err(unusable)
    }

    /// Accounts for a ledger.
    pub fn report(&self, ledger: &Ledger) -> Result<Report, Error> {
        account::report(ledger, &self.factors, &self.account).map_err(unusable)
    }
}

pub(crate) fn unusable(SettingsError { setting, message, hint }: SettingsError) -> Error {
    Error { message: format!("{setting}: {message}"), hint: Some(hint).filter(|hint| !hint.is_empty()) }
}

/// The factors that ship with the program.
pub fn built_in_factors() -> Result<FactorSet, Error> {
    FactorSet::from_tables(carbon_data::TABLES).map_err(|e| Error { message: format!("built-in table: {e}"), hint: e.hint })
}

/// How much documents tell, by name.
pub fn length(name: Option<&str>) -> Result<Length, Error> {
    match name {
        None => Ok(Length::default()),
        Some(name) => {
            Length::from_name(name).ok_or_else(|| Error::new(format!("length: found {name:?}, expected short, standard or full")))
        }
    }
}

/// The file of `--intensity`, once it is seen to hold a series: one that the user names must not be missing in silence.
fn with_intensities(path: &Path, read: &ReadOptions) -> Result<PathBuf, Error> {
    let shown = printable(path.as_os_str());
    if !path.is_file() {
        return Err(Error::new(format!("intensity: found {shown:?}, expected grams of CO2e per kWh or a file with a series of them"))
            .hint("for a yearly value of a place give `--region`"));
    }
    let inputs = read_paths(&[path.to_path_buf()], &Options { read: read.clone(), ..Options::default() })?;
    if inputs.ledger.entries().any(|entry| entry.reading.intensity.iter().any(|series| !series.points.is_empty())) {
        return Ok(path.into());
    }
    let found = inputs.ledger.file_notes().max_by_key(|(_, note)| note.code.severity).map(|(_, note)| format!(": {}", note.message));
    Err(Error::new(format!("intensity: found no series of carbon intensities in {shown}{}", found.unwrap_or_default()))
        .hint("`carbon-report formats` lists the files that are read: Electricity Maps and others, or a table with time and gco2e_per_kwh"))
}

/// The formats that a file of the user's describes.
fn formats(path: &Path) -> Result<Vec<&'static Format>, Error> {
    let shown = printable(path.as_os_str());
    let unusable = |what: String| {
        Error::new(format!("formats: {shown}: {what}"))
            .hint("`carbon-report formats --as-toml ID` prints one of ours; docs/formats.md says what the rows mean")
    };
    let text = read_text("formats", path)?;
    let described: FormatsText = toml::from_str(&text).map_err(|error| unusable(error.to_string().trim().to_string()))?;
    let mut ids: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
    let mut formats = Vec::new();
    for format in described.format {
        let format = format.format().map_err(unusable)?;
        if ids.contains(&format.id) {
            return Err(unusable(format!("format {:?}: found the id of another format, expected one of its own", format.id)));
        }
        ids.push(format.id);
        formats.push(format);
    }
    Ok(formats)
}

/// Names of which no two are alike.
fn distinct(names: &[String]) -> Vec<String> {
    let name = |(at, name): (usize, &String)| match names[..at].iter().filter(|before| *before == name).count() {
        0 => name.clone(),
        before => format!("{name} ({})", before + 1),
    };
    names.iter().enumerate().map(name).collect()
}

fn read_text(setting: &str, path: &Path) -> Result<String, Error> {
    let shown = printable(path.as_os_str());
    let metadata = path.metadata().map_err(|e| Error::new(format!("{setting}: {shown} could not be read: {e}")))?;
    if !metadata.is_file() || metadata.len() > LARGEST_TEXT {
        return Err(Error::new(format!("{setting}: {shown}: expected a text file of at most {LARGEST_TEXT} bytes")));
    }
    fs::read_to_string(path).map_err(|e| Error::new(format!("{setting}: {shown} could not be read: {e}")))
}

/// The command that makes the report again, without paths of this machine. What a settings file decides stands as flags.
fn reproduce(command: &str, choices: &Choices, paths: &[PathBuf]) -> String {
    let mut words = vec![String::from(command)];
    words.extend(names(paths).into_iter().zip(paths).map(|(name, path)| match name.as_str() {
        _ if path.as_os_str() == "-" => String::from("-"),
        "" => String::from("."),
        name if name.starts_with('-') => quoted(&format!("./{name}")),
        name => quoted(name),
    }));
    words.extend(choices.plain.words());
    if let Some(file) = &choices.tables {
        words.extend([String::from("--config"), quoted(file)]);
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use carbon_core::units::calendar::parse_stamp;

    use super::*;

    fn request(said: &[(&str, &str)]) -> Result<Request, Error> {
        let choices = said.iter().try_fold(Choices::default(), |choices, (name, value)| choices.with(name, value))?;
        Request::new(&choices, &[PathBuf::from("my logs"), PathBuf::from("/data/a/gpu.csv")])
    }

    #[test]
    fn the_command_names_no_machine() {
        let table = std::env::temp_dir().join(format!("{} mine.csv", std::process::id()));
        fs::write(&table, "zone,gco2e_per_kwh,basis,year,source\nMINE,100,lifecycle,2025,my utility\n").unwrap();
        let said = [("region", "MINE"), ("pue", "1.1"), ("factors", table.to_str().unwrap()), ("title", "It's a run"), ("fill-gaps", "")];
        let reproduce = request(&said).unwrap().account.reproduce.unwrap();
        fs::remove_file(&table).unwrap();
        let name = format!("'{} mine.csv'", std::process::id());
        let expected = r"carbon-report 'my logs' gpu.csv --region MINE --pue 1.1 --factors NAME --fill-gaps --title 'It'\''s a run'";
        assert_eq!(reproduce, expected.replace("NAME", &name));
    }

    #[test]
    fn wrong_choices_are_told_before_reading() {
        let wrong = |name: &str, value: &str| {
            let error = request(&[(name, value)]).err().expect("an error");
            format!("{} | {}", error.message, error.hint.unwrap_or_default())
        };
        assert!(wrong("region", "Frnace").contains("FR (France)"));
        assert!(wrong("pue", "0.4").starts_with("pue: "));
        assert!(wrong("basis", "both").contains("lifecycle or direct"));
        assert!(wrong("intensity", "nothing-there.csv").contains("--region"));
        assert!(wrong("intensity", "nan").contains("expected grams"));
        assert!(wrong("from", "noon").contains("2025-06-12"));
        assert!(request(&[("from", "2025-06-13"), ("to", "2025-06-12")]).err().expect("an error").message.contains("not before"));
    }

    #[test]
    fn local_times_use_the_zone() {
        for (from, utc) in [("2025-06-12 14:00", &b"2025-06-12T12:00:00Z"[..]), ("2025-06-12T14:00:00Z", b"2025-06-12T14:00:00Z")] {
            assert_eq!(request(&[("tz", "Europe/Paris"), ("from", from)]).unwrap().read.from, parse_stamp(utc).map(|s| s.at));
        }
    }
}
