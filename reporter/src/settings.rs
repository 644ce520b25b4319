//! What the user decides: the same names as flags and in `carbon-report.toml`. Flags win.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use carbon_core::estimate::{EstimateRequest, Phase};
use clap::Args;
use serde::{Deserialize, Deserializer};

use crate::discover::{SETTINGS_FILE, printable};
use crate::error::Error;
use crate::{number, suggest};

/// A settings file larger than this is none.
const LARGEST: u64 = 1 << 20;

const WHAT: &str = "What it is about";
const READ: &str = "How logs are read";
const WRITE: &str = "What is written";

/// Choices that flags and the settings file share.
///
/// Where documents go is not among them: a folder of logs from somebody else may hold a settings file, and must not name files to write.
#[derive(Args, Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Choices {
    /// Where the energy was used: FR, US-CA, EGRID-CAMX, gcp:europe-west1, aws:eu-north-1, WORLD
    #[arg(long, value_name = "ZONE", help_heading = WHAT)]
    pub region: Option<String>,

    /// Power usage effectiveness of the building, 1.0 or more
    #[arg(long, value_parser = number::parse, value_name = "N", allow_negative_numbers = true, help_heading = WHAT)]
    pub pue: Option<f64>,

    /// Carbon intensity: one value in gCO2e per kWh, or a file with a series of them
    #[arg(long, value_name = "G|FILE", allow_negative_numbers = true, help_heading = WHAT)]
    #[serde(deserialize_with = "text")]
    pub intensity: Option<String>,

    /// What carbon intensities include [possible values: lifecycle, direct]
    #[arg(long, value_name = "BASIS", help_heading = WHAT)]
    pub basis: Option<String>,

    /// Your own table of carbon intensities: zone, gco2e_per_kwh, basis, year, source
    #[arg(long, value_name = "FILE.csv", help_heading = WHAT)]
    #[serde(deserialize_with = "list")]
    pub factors: Vec<PathBuf>,

    /// Year of the factors, instead of the year of the run
    #[arg(long, value_name = "Y", help_heading = WHAT)]
    pub year: Option<i32>,

    /// Carbon intensity of your electricity contract, gCO2e per kWh: a market-based figure stands beside the location-based one
    #[arg(long, value_parser = number::parse, visible_alias = "market-intensity", value_name = "G", allow_negative_numbers = true, help_heading = WHAT)]
    pub market: Option<f64>,

    /// Rated power of one device in watts: estimates GPUs whose nvidia-smi log holds their utilisation and no power
    #[arg(long, value_name = "W", allow_negative_numbers = true, help_heading = WHAT)]
    #[serde(deserialize_with = "text")]
    pub tdp: Option<String>,

    /// Add the share of the accelerators' manufacture, as a range over the published figures
    #[arg(long, help_heading = WHAT)]
    pub embodied: bool,

    /// Years that hardware is expected to be used for [default: 4, and 3 to 6 in the interval]
    #[arg(long, value_parser = number::parse, value_name = "N", help_heading = WHAT)]
    pub lifetime_years: Option<f64>,

    /// Say which share of a carbon budget this is: 100kg, 1.5t
    #[arg(long, value_name = "MASS", allow_hyphen_values = true, help_heading = WHAT)]
    pub carbon_budget: Option<String>,

    /// Predict the consumption of N epochs from those in the logs
    #[arg(long, value_name = "N", help_heading = WHAT)]
    pub predict_epochs: Option<u32>,

    /// Zones or cloud regions to compare with in the card: SE,gcp:europe-north1
    #[arg(long, value_name = "ZONE,…", value_delimiter = ',', help_heading = WHAT)]
    #[serde(deserialize_with = "words")]
    pub compare: Vec<String>,

    /// For the Hub: pre-training or fine-tuning
    #[arg(long, value_name = "TYPE", help_heading = WHAT)]
    pub training_type: Option<String>,

    /// Time between samples, for logs without a clock: 1s, 500ms
    #[arg(long, value_name = "TIME", help_heading = READ)]
    #[serde(deserialize_with = "text")]
    pub interval: Option<String>,

    /// Zone of local stamps: Europe/Paris, UTC, +02:00
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true, help_heading = READ)]
    pub tz: Option<String>,

    /// Leave out what is earlier: 2025-06-12T14:00:00Z; without Z or offset, a time in --tz or on the logs' own clock
    #[arg(long, value_name = "TIME", help_heading = READ)]
    #[serde(deserialize_with = "text")]
    pub from: Option<String>,

    /// Leave out what is later
    #[arg(long, value_name = "TIME", help_heading = READ)]
    #[serde(deserialize_with = "text")]
    pub to: Option<String>,

    /// What the columns of a table are, in order: time,gpu0_w,gpu1_w,-
    #[arg(long, value_name = "NAMES", allow_hyphen_values = true, help_heading = READ)]
    #[serde(deserialize_with = "text")]
    pub columns: Option<String>,

    /// Leave trackers' known defects as they are
    #[arg(long, help_heading = READ)]
    pub as_logged: bool,

    /// Count gaps in the samples by the mean of their two ends
    #[arg(long, help_heading = READ)]
    pub fill_gaps: bool,

    /// Fail when a note of severity error is found
    #[arg(long, help_heading = READ)]
    pub strict: bool,

    /// How much is told: short, standard or full
    #[arg(long, value_name = "LENGTH", help_heading = WRITE)]
    pub length: Option<String>,

    /// Make Markdown or HTML with your own template
    #[arg(long, value_name = "FILE", help_heading = WRITE)]
    pub template: Option<PathBuf>,

    /// What the report is about
    #[arg(long, value_name = "TEXT", help_heading = WRITE)]
    pub title: Option<String>,
}

/// Region and PUE of one host.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HostChoices {
    /// Zone or cloud region.
    pub region: Option<String>,
    /// Power usage effectiveness.
    pub pue: Option<f64>,
}

/// A settings file as read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsFile {
    /// Where it was found.
    pub path: PathBuf,
    /// What it holds; paths in it are relative to its folder, and resolved.
    pub choices: Choices,
    /// `[hosts.NAME]`.
    pub hosts: BTreeMap<String, HostChoices>,
    /// `[[phase]]` and `method`: what left no logs and stands in the same card.
    pub phases: EstimateRequest,
}

/// Every key of the settings file.
const KEYS: &[&str] = &[
    "as-logged",
    "basis",
    "carbon-budget",
    "columns",
    "compare",
    "embodied",
    "factors",
    "fill-gaps",
    "from",
    "hosts",
    "intensity",
    "interval",
    "length",
    "lifetime-years",
    "market",
    "method",
    "phase",
    "predict-epochs",
    "pue",
    "region",
    "strict",
    "tdp",
    "template",
    "title",
    "to",
    "training-type",
    "tz",
    "year",
];

impl Choices {
    /// Takes out of `hosts` what these choices, being flags, decide for all.
    pub fn win_over(&self, hosts: &mut BTreeMap<String, HostChoices>) {
        for host in hosts.values_mut() {
            host.region = host.region.take().filter(|_| self.region.is_none());
            host.pue = host.pue.filter(|_| self.pue.is_none());
        }
    }

    /// These choices, and those of `settings` where there is none.
    #[must_use]
    pub fn or(self, settings: Choices) -> Choices {
        Choices {
            region: self.region.or(settings.region),
            pue: self.pue.or(settings.pue),
            intensity: self.intensity.or(settings.intensity),
            basis: self.basis.or(settings.basis),
            factors: if self.factors.is_empty() { settings.factors } else { self.factors },
            year: self.year.or(settings.year),
            market: self.market.or(settings.market),
            tdp: self.tdp.or(settings.tdp),
            embodied: self.embodied || settings.embodied,
            lifetime_years: self.lifetime_years.or(settings.lifetime_years),
            carbon_budget: self.carbon_budget.or(settings.carbon_budget),
            predict_epochs: self.predict_epochs.or(settings.predict_epochs),
            compare: if self.compare.is_empty() { settings.compare } else { self.compare },
            training_type: self.training_type.or(settings.training_type),
            interval: self.interval.or(settings.interval),
            tz: self.tz.or(settings.tz),
            from: self.from.or(settings.from),
            to: self.to.or(settings.to),
            columns: self.columns.or(settings.columns),
            as_logged: self.as_logged || settings.as_logged,
            fill_gaps: self.fill_gaps || settings.fill_gaps,
            strict: self.strict || settings.strict,
            length: self.length.or(settings.length),
            template: self.template.or(settings.template),
            title: self.title.or(settings.title),
        }
    }
}

impl SettingsFile {
    /// Reads a settings file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let shown = printable(path.as_os_str());
        let mut file = Self::parse(&Self::text(path)?).map_err(|e| Error { message: format!("{} ({shown})", e.message), ..e })?;
        file.path = path.into();
        let folder = path.parent().unwrap_or(Path::new(""));
        let resolve = |path: &mut PathBuf| *path = folder.join(&*path);
        file.choices.factors.iter_mut().for_each(resolve);
        file.choices.template.iter_mut().for_each(resolve);
        if let Some(intensity) = file.choices.intensity.as_mut().filter(|text| text.trim().parse::<f64>().is_err()) {
            *intensity = folder.join(&*intensity).to_string_lossy().into_owned();
        }
        Ok(file)
    }

    /// The text of a file that is no larger than settings are.
    pub(crate) fn text(path: &Path) -> Result<String, Error> {
        let read = fs::metadata(path).and_then(|m| {
            if m.is_file() && m.len() <= LARGEST { fs::read_to_string(path) } else { Err(std::io::ErrorKind::InvalidInput.into()) }
        });
        read.map_err(|e| Error::new(format!("settings: {} could not be read: {e}", printable(path.as_os_str()))))
    }

    /// Reads the text of a settings file.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let line_of = |e: &toml::de::Error| e.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let broken = |e: toml::de::Error| match line_of(&e) {
            0 => Error::new(format!("settings: {}", one_line(e.message()))),
            line => Error::new(format!("settings, line {line}: {}", one_line(e.message()))),
        };
        let table: toml::Table = toml::from_str(text).map_err(broken)?;
        if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str()) && *key != "phases") {
            return Err(unknown_key(key));
        }
        let whole: Whole = toml::from_str(text).map_err(broken)?;
        let mut plain = table;
        for table in ["hosts", "method", "phase", "phases"] {
            plain.remove(table);
        }
        let choices = plain.try_into().map_err(|e: toml::de::Error| {
            // The key stands on a line of its own, which the table has forgotten.
            let key = e.to_string().lines().find_map(|line| Some(String::from(line.strip_prefix("in `")?.strip_suffix('`')?)));
            let starts = |line: &str| {
                key.as_ref()
                    .is_some_and(|key| line.trim_start().strip_prefix(key.as_str()).is_some_and(|rest| rest.trim_start().starts_with('=')))
            };
            let line = text.lines().position(starts).map(|at| format!(", line {}", at + 1)).unwrap_or_default();
            let key = key.map(|key| format!("{key}: ")).unwrap_or_default();
            Error::new(format!("settings{line}: {key}{}", one_line(e.message()).replace("f64", "a number").replace("i32", "a year")))
        })?;
        if whole.method.is_some() && whole.phase.is_empty() {
            return Err(
                Error::new("settings: found `method` without a [[phase]] to estimate").hint("`carbon-report estimate --help` shows phases")
            );
        }
        let phases = EstimateRequest { method: whole.method, phases: whole.phase };
        Ok(Self { path: PathBuf::new(), choices, hosts: whole.hosts, phases })
    }

    /// The settings file beside the logs or in a folder above them; `None` where there is none.
    ///
    /// # Errors
    /// When paths lead to different ones, or it can't be used.
    pub fn find(paths: &[PathBuf]) -> Result<Option<Self>, Error> {
        let here = [PathBuf::from(".")];
        let starts = if paths.iter().all(|p| p.as_os_str() == "-") { &here[..] } else { paths };
        let found: BTreeSet<PathBuf> = starts.iter().filter(|p| p.as_os_str() != "-").filter_map(|p| above(p)).collect();
        match found.len() {
            0 => Ok(None),
            1 => found.first().map(|path| Self::read(path)).transpose(),
            _ => {
                let names: Vec<String> = found.iter().map(|p| printable(p.as_os_str())).collect();
                Err(Error::new(format!("settings: found {}, expected one file", names.join(" and ")))
                    .hint("choose one with `--config FILE`"))
            }
        }
    }
}

/// The file's part beside the choices; the rest is read apart.
#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    hosts: BTreeMap<String, HostChoices>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default, alias = "phases")]
    phase: Vec<Phase>,
}

fn above(path: &Path) -> Option<PathBuf> {
    let whole = path.canonicalize().ok()?;
    whole.ancestors().map(|folder| folder.join(SETTINGS_FILE)).find(|file| file.is_file())
}

fn unknown_key(key: &str) -> Error {
    let error = Error::new(format!("settings: found the key {key:?}, which is not known"));
    match suggest::nearest(&key.replace('_', "-"), KEYS.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("known keys: {}", KEYS.join(", "))),
    }
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Text, or a number or date that stands for its text; a list is joined by commas.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    fn plain(value: toml::Value) -> String {
        match value {
            toml::Value::String(text) => text,
            toml::Value::Array(values) => values.into_iter().map(plain).collect::<Vec<_>>().join(","),
            other => other.to_string(),
        }
    }
    Ok(Some(plain(toml::Value::deserialize(deserializer)?)))
}

/// Words in a list, or in one text between commas.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(text(deserializer)?.iter().flat_map(|all| all.split(',')).map(|word| word.trim().into()).collect())
}

/// One path or several.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMore {
        One(PathBuf),
        More(Vec<PathBuf>),
    }
    Ok(match OneOrMore::deserialize(deserializer)? {
        OneOrMore::One(path) => vec![path],
        OneOrMore::More(paths) => paths,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[derive(clap::Parser)]
    struct Flags {
        #[command(flatten)]
        choices: Choices,
    }

    #[test]
    fn keys_are_the_flags() {
        let mut flags: Vec<String> = Flags::command().get_arguments().filter_map(|a| a.get_long()).map(String::from).collect();
        flags.extend(["hosts", "method", "phase"].map(String::from));
        flags.sort();
        assert_eq!(flags, KEYS);
    }

    #[test]
    fn every_key_is_read() {
        let file = SettingsFile::parse(
            "region = 'FR'\npue = 1\nintensity = 41.5\nbasis = 'direct'\nfactors = 'mine.csv'\nyear = 2024\nmarket = 10\n\
             embodied = true\nlifetime-years = 5\ncarbon-budget = '100kg'\ntdp = 300\npredict-epochs = 10\ncompare = ['SE', 'FR']\n\
             training-type = 'fine-tuning'\ninterval = 2\ntz = 'Europe/Paris'\nfrom = 2025-06-12T14:00:00Z\nto = '2025-06-13'\n\
             columns = ['time', 'gpu0_w']\nas-logged = true\nfill-gaps = true\nstrict = true\nlength = 'full'\ntemplate = 't.tera'\n\
             title = 'T'\nmethod = 'mlco2'\n[hosts.node1]\nregion = 'SE'\npue = 1.1\n[[phase]]\ngpu = '8x A100'\nhours = 24\n",
        )
        .unwrap();
        let c = &file.choices;
        assert_eq!((c.pue, c.intensity.as_deref(), c.interval.as_deref()), (Some(1.0), Some("41.5"), Some("2")));
        assert_eq!((c.from.as_deref(), c.columns.as_deref()), (Some("2025-06-12T14:00:00Z"), Some("time,gpu0_w")));
        assert_eq!((c.embodied, c.lifetime_years, c.predict_epochs), (true, Some(5.0), Some(10)));
        assert_eq!((c.carbon_budget.as_deref(), c.compare.join(" ")), (Some("100kg"), "SE FR".into()));
        assert_eq!(file.hosts["node1"], HostChoices { region: Some("SE".into()), pue: Some(1.1) });
        assert_eq!(c.tdp.as_deref(), Some("300"));
        assert!(c.as_logged && c.fill_gaps && c.strict);
        assert_eq!((file.phases.method.as_deref(), file.phases.phases[0].hours), (Some("mlco2"), Some(24.0)));
    }

    #[test]
    fn flags_win() {
        let file = SettingsFile::parse("region = 'FR'\npue = 1.2\nstrict = true").unwrap();
        let flags = Choices { region: Some("DE".into()), ..Choices::default() };
        let both = flags.or(file.choices);
        assert_eq!((both.region.as_deref(), both.pue, both.strict), (Some("DE"), Some(1.2), true));
    }

    #[test]
    fn mistakes_are_named() {
        let error = SettingsFile::parse("regoin = 'FR'").unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("did you mean `region`?"));
        assert!(SettingsFile::parse("output = 'x'").unwrap_err().hint.unwrap().starts_with("known keys: as-logged"));
        assert!(SettingsFile::parse("\npue = 'much'").unwrap_err().message.contains("expected"));
        assert!(SettingsFile::parse("[hosts.a]\nregoin = 'FR'").unwrap_err().message.contains("line 2"));
        assert!(SettingsFile::parse("pue = ").unwrap_err().message.contains("line 1"));
        assert!(SettingsFile::parse("[[phase]]\ngpus = '8x A100'").unwrap_err().message.contains("line 2"));
        assert!(SettingsFile::parse("method = 'mlco2'").unwrap_err().message.contains("[[phase]]"));
    }
}
