//! From the user's choices to what the readers, the accounting and the documents are given.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use carbon_core::account::{self, Settings, SettingsError};
use carbon_core::estimate::{self, EstimateRequest};
use carbon_core::factor::{Basis, FactorSet};
use carbon_core::ledger::{Evidence, Ledger};
use carbon_core::read::{ReadOptions, ZoneTransitions, instant};
use carbon_core::report::Report;
use carbon_core::units::decimal::parse_scaled_i64;
use carbon_core::units::{Instant, Power};
use carbon_render::Length;

use crate::discover::{SETTINGS_FILE, names, printable};
use crate::error::Error;
use crate::settings::{Choices, HostChoices};
use crate::{duration, zone};

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
    pub fn new(choices: &Choices, hosts: &BTreeMap<String, HostChoices>, paths: &[PathBuf]) -> Result<Self, Error> {
        let zone = choices.tz.as_deref().map(zone::transitions).transpose()?;
        let (intensity, intensity_file) = intensity(choices.intensity.as_deref())?;
        let read = ReadOptions {
            interval: choices.interval.as_deref().map(duration::parse).transpose().map_err(|e| Error::new(format!("interval: {e}")))?,
            from: choices.from.as_deref().map(|text| stamp("from", text, zone.as_ref())).transpose()?,
            to: choices.to.as_deref().map(|text| stamp("to", text, zone.as_ref())).transpose()?,
            zone,
            columns: choices.columns.as_ref().map(|text| text.split(',').map(|name| name.trim().into()).collect()),
            tdp: choices.tdp.as_deref().map(rated_power).transpose()?,
            as_logged: choices.as_logged,
            ..ReadOptions::default()
        };
        if let (Some(from), Some(to)) = (read.from, read.to)
            && from >= to
        {
            return Err(Error::new("from: found a time that is not before the one of `--to`"));
        }
        let account = Settings {
            title: choices.title.clone(),
            region: choices.region.clone(),
            region_by_host: by_host(hosts, |h| h.region.clone()),
            pue: choices.pue,
            pue_by_host: by_host(hosts, |h| h.pue),
            intensity_g_per_kwh: intensity,
            market_g_per_kwh: choices.market,
            compare: choices.compare.clone(),
            carbon_budget_kg: choices.carbon_budget.as_deref().map(account::parse_mass_kg).transpose().map_err(unusable)?,
            predict_epochs: choices.predict_epochs,
            embodied: choices.embodied,
            lifetime_years: choices.lifetime_years,
            basis: choices.basis.as_deref().map(basis).transpose()?,
            year: choices.year,
            fill_gaps: choices.fill_gaps,
            training_type: choices.training_type.clone(),
            reproduce: Some(command(choices, hosts, paths)),
        };
        let mut factors = built_in_factors()?;
        for (path, name) in choices.factors.iter().zip(names(&choices.factors)) {
            factors = factors
                .with_user_table(&name, &read_text("factors", path)?)
                .map_err(|e| Error { message: format!("factors: {e}"), hint: e.hint.clone() })?;
        }
        let template = choices.template.as_ref().map(|path| {
            let name = path.file_name().map(printable).unwrap_or_default();
            read_text("template", path).map(|text| (name, text))
        });
        let request = Self {
            read,
            account,
            factors,
            intensity_file,
            length: length(choices.length.as_deref())?,
            template: template.transpose()?,
            strict: choices.strict,
            phases: Vec::new(),
        };
        request.check()?;
        Ok(request)
    }

    /// The same, with the phases of a settings file beside the logs.
    pub fn with_phases(mut self, phases: &EstimateRequest) -> Result<Self, Error> {
        if phases.phases.is_empty() {
            return Ok(self);
        }
        self.phases = estimate::evidence(phases, &self.account, &self.factors).map_err(unusable)?;
        if let Some(command) = self.account.reproduce.as_mut().filter(|command| !command.contains(" --config ")) {
            *command += &format!(" --config {SETTINGS_FILE}");
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

fn by_host<T>(hosts: &BTreeMap<String, HostChoices>, part: impl Fn(&HostChoices) -> Option<T>) -> BTreeMap<String, T> {
    hosts.iter().filter_map(|(host, choices)| Some((host.clone(), part(choices)?))).collect()
}

fn basis(text: &str) -> Result<Basis, Error> {
    match text {
        "lifecycle" | "life-cycle" => Ok(Basis::Lifecycle),
        "direct" => Ok(Basis::Direct),
        _ => Err(Error::new(format!("basis: found {text:?}, expected lifecycle or direct"))),
    }
}

/// Watts of a GPU: more than a device's full house of them is a slip of the unit.
pub(crate) fn rated_power(text: &str) -> Result<Power, Error> {
    let watts = text.trim().trim_end_matches(['W', 'w']).trim();
    match parse_scaled_i64(watts.as_bytes(), 6).map(Power::from_microwatts) {
        Ok(power) if (Power::from_watts(1)..=Power::from_watts(5000)).contains(&power) => Ok(power),
        _ => Err(Error::new(format!(
            "tdp: found {text:?}, expected the rated power of one GPU in watts, 1 to 5000; more is a machine or a rack"
        ))
        .hint("`carbon-report hardware` lists rated powers")),
    }
}

/// One value, or a file with a series.
fn intensity(text: Option<&str>) -> Result<(Option<f64>, Option<PathBuf>), Error> {
    let Some(text) = text else { return Ok((None, None)) };
    if let Ok(grams) = text.trim().parse::<f64>() {
        return Ok((Some(grams), None));
    }
    let path = PathBuf::from(text);
    if path.is_file() {
        return Ok((None, Some(path)));
    }
    Err(Error::new(format!("intensity: found {text:?}, expected grams of CO2e per kWh or a file with a series of them"))
        .hint("for a yearly value of a place give `--region`"))
}

fn stamp(setting: &str, text: &str, zone: Option<&ZoneTransitions>) -> Result<Instant, Error> {
    instant(text, zone)
        .ok_or_else(|| Error::new(format!("{setting}: found {text:?}, expected a time such as 2025-06-12T14:00:00Z or 2025-06-12 14:00")))
}

fn read_text(setting: &str, path: &Path) -> Result<String, Error> {
    let shown = printable(path.as_os_str());
    let metadata = path.metadata().map_err(|e| Error::new(format!("{setting}: {shown} could not be read: {e}")))?;
    if !metadata.is_file() || metadata.len() > LARGEST_TEXT {
        return Err(Error::new(format!("{setting}: {shown}: expected a text file of at most {LARGEST_TEXT} bytes")));
    }
    fs::read_to_string(path).map_err(|e| Error::new(format!("{setting}: {shown} could not be read: {e}")))
}

/// The command that makes the report again, without machine-specific paths. What a settings file decides stands as flags.
fn command(choices: &Choices, hosts: &BTreeMap<String, HostChoices>, paths: &[PathBuf]) -> String {
    let mut words = vec![String::from("carbon-report")];
    words.extend(names(paths).into_iter().zip(paths).map(|(name, path)| match name.as_str() {
        _ if path.as_os_str() == "-" => String::from("-"),
        "" => String::from("."),
        name if name.starts_with('-') => quoted(&format!("./{name}")),
        name => quoted(name),
    }));
    let mut flag = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.push(format!("--{name}"));
            words.push(quoted(&value));
        }
    };
    let path_name = |path: &PathBuf| names(std::slice::from_ref(path)).concat();
    let c = choices;
    // What the settings file says of single hosts comes before its word for all, and after a flag.
    let of_hosts = |is: fn(&HostChoices) -> bool| hosts.values().any(is);
    flag("region", c.region.clone().filter(|_| !of_hosts(|h| h.region.is_some())));
    flag("pue", c.pue.filter(|_| !of_hosts(|h| h.pue.is_some())).map(|n| n.to_string()));
    let is_number = |text: &&String| text.trim().parse::<f64>().is_ok();
    flag("intensity", c.intensity.as_ref().map(|t| if is_number(&t) { t.clone() } else { path_name(&PathBuf::from(t)) }));
    flag("basis", c.basis.clone());
    for path in &c.factors {
        flag("factors", Some(path_name(path)));
    }
    flag("year", c.year.map(|n| n.to_string()));
    flag("market", c.market.map(|n| n.to_string()));
    flag("tdp", c.tdp.clone());
    flag("lifetime-years", c.lifetime_years.map(|n| n.to_string()));
    flag("carbon-budget", c.carbon_budget.clone());
    flag("predict-epochs", c.predict_epochs.map(|n| n.to_string()));
    flag("compare", (!c.compare.is_empty()).then(|| c.compare.join(",")));
    flag("training-type", c.training_type.clone());
    flag("interval", c.interval.clone());
    flag("tz", c.tz.clone());
    flag("from", c.from.clone());
    flag("to", c.to.clone());
    flag("columns", c.columns.clone());
    flag("config", (!hosts.is_empty()).then(|| SETTINGS_FILE.into()));
    for (name, on) in [("embodied", c.embodied), ("as-logged", c.as_logged), ("fill-gaps", c.fill_gaps)] {
        if on {
            words.push(format!("--{name}"));
        }
    }
    flag_title(&mut words, c.title.as_deref());
    words.join(" ")
}

fn flag_title(words: &mut Vec<String>, title: Option<&str>) {
    if let Some(title) = title {
        words.push(String::from("--title"));
        words.push(quoted(title));
    }
}

/// A word as a POSIX shell reads it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,+@%=".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use carbon_core::units::calendar::parse_stamp;

    use super::*;

    fn request(choices: Choices) -> Result<Request, Error> {
        Request::new(&choices, &BTreeMap::new(), &[PathBuf::from("my logs"), PathBuf::from("/data/a/gpu.csv")])
    }

    #[test]
    fn the_command_names_no_machine() {
        let choices =
            Choices { region: Some("FR".into()), pue: Some(1.1), title: Some("It's a run".into()), fill_gaps: true, ..Choices::default() };
        let reproduce = request(choices).unwrap().account.reproduce.unwrap();
        assert_eq!(reproduce, r"carbon-report 'my logs' gpu.csv --region FR --pue 1.1 --fill-gaps --title 'It'\''s a run'");
    }

    #[test]
    fn wrong_choices_are_told_before_reading() {
        let wrong = |choices: Choices| {
            let error = request(choices).err().expect("an error");
            format!("{} | {}", error.message, error.hint.unwrap_or_default())
        };
        assert!(wrong(Choices { region: Some("Frnace".into()), ..Choices::default() }).contains("FR (France)"));
        assert!(wrong(Choices { pue: Some(0.4), ..Choices::default() }).starts_with("pue: "));
        assert!(wrong(Choices { basis: Some("both".into()), ..Choices::default() }).contains("lifecycle or direct"));
        assert!(wrong(Choices { intensity: Some("nothing-there.csv".into()), ..Choices::default() }).contains("--region"));
        assert!(wrong(Choices { from: Some("noon".into()), ..Choices::default() }).contains("2025-06-12"));
        let (from, to) = (Some("2025-06-13".into()), Some("2025-06-12".into()));
        assert!(wrong(Choices { from, to, ..Choices::default() }).contains("not before"));
    }

    #[test]
    fn local_times_use_the_zone() {
        let choices = Choices { tz: Some("Europe/Paris".into()), from: Some("2025-06-12 14:00".into()), ..Choices::default() };
        let expected = parse_stamp(b"2025-06-12T12:00:00Z").map(|s| s.at);
        assert_eq!(request(choices).unwrap().read.from, expected);
        let choices = Choices { tz: Some("Europe/Paris".into()), from: Some("2025-06-12T14:00:00Z".into()), ..Choices::default() };
        assert_eq!(request(choices).unwrap().read.from, parse_stamp(b"2025-06-12T14:00:00Z").map(|s| s.at));
    }
}
