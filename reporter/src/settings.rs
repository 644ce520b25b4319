//! What the user decides: the same names as flags and in a settings file. Flags win. Settings that lie beside logs are data: see [`SettingsFile::read_found`].

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::marker::PhantomData;
use std::path::{Component, Path, PathBuf};

use carbon_core::bounds::{
    Bound, Bounds, SETTINGS_BYTES, SETTINGS_HOSTS, SETTINGS_PATTERN_BYTES, SETTINGS_PATTERNS, SETTINGS_PHASES, SETTINGS_PLACES,
    SETTINGS_TABLE_BYTES, SETTINGS_TABLES,
};
use carbon_core::estimate::{EstimateRequest, Phase};
use carbon_core::options::{self, Kind, Place, Row};
use carbon_core::units::nearest::nearest;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};
use serde::Deserialize;
use toml::Value;

use crate::discover::{SETTINGS_FILE, printable};
use crate::error::Error;
use crate::open::{self, Opened, RegularFile};
use crate::request::unusable;
use crate::suggest;
use crate::terminal::Terminal;

/// A settings file larger than this is none.
const LARGEST: u64 = SETTINGS_BYTES.value;

/// Keys of the settings file that are no options of a report: hosts, and what left no logs.
const APART: &[&str] = &["hosts", "method", "phase", "phases"];

/// What was chosen, and the files that it names.
#[derive(Clone, Default)]
pub struct Choices {
    /// What was chosen; of files their names.
    pub plain: options::Choices,
    files: BTreeMap<&'static str, Vec<PathBuf>>,
    /// Name of the settings file, where it holds what no flag can say.
    pub(crate) tables: Option<String>,
}

impl Choices {
    /// Chooses as if by a flag: `name` is an option's.
    ///
    /// # Errors
    /// Where there is no such option, or the value can't be.
    pub fn with(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let row = options::all().find(|row| row.name == name).ok_or_else(|| Error::new(format!("found no option {name:?}")))?;
        match row.kind {
            Kind::Flag => self.plain.set(row, Vec::new()),
            kind if kind.is_file() => self.set_files(row, vec![value.into()]),
            _ => {
                row.check(value).map_err(unusable)?;
                self.set(row, vec![value.into()]);
            }
        }
        Ok(self)
    }

    fn set(&mut self, row: &'static Row, values: Vec<String>) {
        let is_number = |text: &String| nearest(text.trim()).is_some();
        if row.kind == Kind::IntensityOrFile && !values.iter().all(is_number) {
            return self.set_files(row, values.into_iter().map(PathBuf::from).collect());
        }
        self.plain.set(row, values);
    }

    /// What a report may say of a path is its name.
    fn set_files(&mut self, row: &'static Row, paths: Vec<PathBuf>) {
        let name = |path: &PathBuf| path.file_name().map(printable).unwrap_or_else(|| printable(path.as_os_str()));
        self.plain.set(row, paths.iter().map(name).collect());
        self.files.insert(row.name, paths);
    }

    /// The files that an option names.
    pub fn files(&self, name: &str) -> &[PathBuf] {
        self.files.get(name).map_or(&[], Vec::as_slice)
    }

    /// The file that an option names.
    pub fn file(&self, name: &str) -> Option<&Path> {
        self.files(name).first().map(PathBuf::as_path)
    }

    /// These choices, and those of `others` where there is none.
    #[must_use]
    pub fn or(mut self, others: Choices) -> Choices {
        let own: Vec<&str> = others.files.keys().copied().filter(|name| self.plain.has(name)).collect();
        self.plain = self.plain.or(others.plain);
        // What is refused beside these choices names no file either.
        let taken = others.files.into_iter().filter(|(name, _)| !own.contains(name) && self.plain.has(name));
        self.files.extend(taken);
        self.tables = self.tables.or(others.tables);
        self
    }
}

/// A command whose flags are options.
pub trait Of {
    /// Where its options are said.
    const PLACE: Place;
}

/// `carbon-report compare`.
pub struct OfCompare;
impl Of for OfCompare {
    const PLACE: Place = Place::Compare;
}

/// `carbon-report estimate`.
pub struct OfEstimate;
impl Of for OfEstimate {
    const PLACE: Place = Place::Estimate;
}

/// `carbon-report live`.
pub struct OfLive;
impl Of for OfLive {
    const PLACE: Place = Place::Live;
}

/// `carbon-report record`.
pub struct OfRecord;
impl Of for OfRecord {
    const PLACE: Place = Place::Record;
}

/// `carbon-report` on logs.
pub struct OfReport;
impl Of for OfReport {
    const PLACE: Place = Place::Report;
}

/// Every option of a command, as its flags.
pub struct Flags<C> {
    /// What they say.
    pub choices: Choices,
    command: PhantomData<C>,
}

impl<C: Of> Args for Flags<C> {
    fn augment_args(command: Command) -> Command {
        options::all().filter(|row| row.is_in(C::PLACE)).map(argument).fold(command, Command::arg)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<C: Of> FromArgMatches for Flags<C> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut choices = Choices::default();
        for row in options::all().filter(|row| row.is_in(C::PLACE)) {
            if row.kind == Kind::Flag {
                if matches.get_flag(row.name) {
                    choices.plain.set(row, Vec::new());
                }
            } else if row.kind.is_file() {
                if let Some(paths) = matches.get_many::<PathBuf>(row.name) {
                    choices.set_files(row, paths.cloned().collect());
                }
            } else if let Some(values) = matches.get_many::<String>(row.name) {
                choices.set(row, values.cloned().collect());
            }
        }
        Ok(Self { choices, command: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn argument(row: &'static Row) -> Arg {
    let mut help = String::from(row.help);
    if let Kind::Choice(words) = row.kind {
        help += &format!(" [possible values: {}]", words.join(", "));
    }
    if !row.default.is_empty() {
        help += &format!(" [default: {}]", row.default);
    }
    let argument = Arg::new(row.name).long(row.name).help(help).visible_aliases(row.aliases.iter().copied());
    let argument = match row.group.heading() {
        Some(heading) => argument.help_heading(heading),
        None => argument,
    };
    if row.kind == Kind::Flag {
        return argument.action(ArgAction::SetTrue);
    }
    let parser = if row.kind.is_file() { value_parser!(PathBuf) } else { value_parser!(String) };
    let action = if row.kind.is_repeatable() { ArgAction::Append } else { ArgAction::Set };
    // What is no value is told with what was expected; a text may begin with a dash.
    let free = matches!(row.kind, Kind::Mass | Kind::Memory | Kind::Text | Kind::Texts | Kind::Words | Kind::Zone);
    argument.value_name(row.value).value_parser(parser).action(action).allow_hyphen_values(free).allow_negative_numbers(!free)
}

/// A settings file as read.
#[derive(Clone, Default)]
pub struct SettingsFile {
    /// Where it was found.
    pub path: PathBuf,
    /// What it holds, `[hosts.NAME]` too; paths in it are relative to its folder, and resolved.
    pub choices: Choices,
    /// `[[phase]]` and `method`: what left no logs and stands in the same card.
    pub phases: EstimateRequest,
    /// Of a file that was found: what it says of files that are not taken, as written. A report says their names alone.
    pub(crate) left_out: Vec<String>,
}

impl SettingsFile {
    /// Reads a settings file that the user names.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::named(path, &Self::text(path)?)
    }

    fn named(path: &Path, text: &str) -> Result<Self, Error> {
        let mut file = Self::of_text(path, text)?;
        if file.choices.plain.hosts().next().is_some() || !file.phases.phases.is_empty() {
            file.choices.tables = path.file_name().map(printable);
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        file.choices.files.values_mut().flatten().for_each(|path| *path = folder.join(&*path));
        Ok(file)
    }

    /// Reads a settings file that was found beside logs, and may be anybody's: what it may say is taken as said by the logs, and of files it reaches
    /// those in its own folder. A link to a file is none.
    pub fn read_found(path: &Path) -> Result<Self, Error> {
        match open::open(path, false).map_err(|e| unreadable(path, &e))? {
            Opened::Special(kind) => {
                let mut file = Self { path: path.into(), ..Self::default() };
                file.choices.plain = file.choices.plain.as_found(SETTINGS_FILE);
                file.choices.plain.refuse("", &format!("it is a {kind}, which is not followed"));
                Ok(file)
            }
            Opened::Regular(opened) => Self::found(path, &text_of(path, opened)?),
        }
    }

    /// What another text would say in the place of the file's.
    pub(crate) fn of_same_place(&self, text: &str) -> Result<Self, Error> {
        if self.choices.plain.found().is_some() { Self::found(&self.path, text) } else { Self::named(&self.path, text) }
    }

    fn found(path: &Path, text: &str) -> Result<Self, Error> {
        let mut file = Self::of_text(path, text)?;
        file.choices.merge_repeats();
        bounded(path, file.choices.plain.hosts().count(), &SETTINGS_HOSTS)?;
        let patterns = file.choices.plain.values_by_host("files");
        bounded(path, patterns.clone().count(), &SETTINGS_PATTERNS)?;
        bounded(path, patterns.map(String::len).sum(), &SETTINGS_PATTERN_BYTES)?;
        bounded(path, file.phases.phases.len(), &SETTINGS_PHASES)?;
        bounded(path, file.choices.plain.values("compare").len(), &SETTINGS_PLACES)?;
        bounded(path, file.choices.files("factors").len(), &SETTINGS_TABLES)?;
        file.choices.plain = file.choices.plain.as_found(SETTINGS_FILE);
        if let Some(found) = file.choices.plain.found_mut() {
            if let Some(method) = &file.phases.method {
                found.say_phase(&[(String::from("method"), method.clone())]);
            }
            file.phases.phases.iter().for_each(|phase| found.say_phase(&said_of(phase)));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        for (name, paths) in std::mem::take(&mut file.choices.files) {
            let why = match paths.iter().map(|path| inside(folder, path)).collect::<Result<_, _>>() {
                _ if !file.choices.plain.has(name) => None,
                Ok(paths) => {
                    file.choices.files.insert(name, paths);
                    continue;
                }
                Err(why) => Some(why),
            };
            file.left_out.extend(paths.iter().map(|path| format!("{name} = {:?}", printable(path.as_os_str()))));
            if let Some(why) = why {
                file.choices.plain.refuse(name, &why);
            }
        }
        let bytes = |path: &PathBuf| path.metadata().map_or(0, |metadata| metadata.len());
        let all: u64 = file.choices.files("factors").iter().map(bytes).fold(0, u64::saturating_add);
        bounded(path, usize::try_from(all).unwrap_or(usize::MAX), &SETTINGS_TABLE_BYTES)?;
        Ok(file)
    }

    fn of_text(path: &Path, text: &str) -> Result<Self, Error> {
        let shown = printable(path.as_os_str());
        let file = Self::parse(text).map_err(|e| Error { message: format!("{} ({shown})", e.message), ..e })?;
        Ok(Self { path: path.into(), ..file })
    }

    /// The text of a file that is no larger than settings are.
    pub(crate) fn text(path: &Path) -> Result<String, Error> {
        match open::open(path, true).map_err(|e| unreadable(path, &e))? {
            Opened::Regular(opened) => text_of(path, opened),
            Opened::Special(kind) => Err(unreadable(path, &format!("found a {kind}, expected a file"))),
        }
    }

    /// Reads the text of a settings file.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let broken = |e: toml::de::Error| match e.span() {
            None => Error::new(format!("settings: {}", one_line(e.message()))),
            Some(span) => Error::new(format!("settings, line {}: {}", line(text, span.start), one_line(e.message()))),
        };
        let table: BTreeMap<toml::Spanned<String>, toml::Spanned<Value>> = toml::from_str(text).map_err(broken)?;
        let mut choices = Choices::default();
        for (key, value) in &table {
            if APART.contains(&key.get_ref().as_str()) {
                continue;
            }
            let row = known(Place::Settings, key.get_ref())?;
            let at = |e: Error| Error { message: format!("settings, line {}: {}", line(text, key.span().start), e.message), ..e };
            choices.say(row, value.get_ref()).map_err(at)?;
        }
        let whole: Whole = toml::from_str(text).map_err(broken)?;
        for (host, said) in &whole.hosts {
            choices.plain.name_host(host);
            for (key, value) in said {
                let row = known(Place::Host, key.get_ref())?;
                let at = |e: Error| Error { message: format!("settings, line {}: {}", line(text, key.span().start), e.message), ..e };
                let value = texts(row, value).map_err(at)?;
                value.iter().try_for_each(|value| row.check(value)).map_err(|e| at(unusable(e)))?;
                choices.plain.set_for_host(host, row, value);
            }
        }
        if whole.method.is_some() && whole.phase.is_empty() {
            return Err(
                Error::new("settings: found `method` without a [[phase]] to estimate").hint("`carbon-report estimate --help` shows phases")
            );
        }
        let phases = EstimateRequest { method: whole.method, phases: whole.phase };
        Ok(Self { choices, phases, ..Self::default() })
    }

    /// The settings that go with flags and logs: those that `--config` names, or those beside the logs. Says where they come from.
    ///
    /// # Errors
    /// As [`SettingsFile::read`] and [`SettingsFile::find`].
    pub fn of(flags: &Choices, paths: &[PathBuf], terminal: Terminal) -> Result<Self, Error> {
        let found = match flags.file("config") {
            Some(path) => Some(Self::read(path)?),
            None if paths.is_empty() => None,
            None => Self::find(paths)?,
        };
        if let Some(file) = &found {
            let path = printable(file.path.as_os_str());
            // What a flag says as well is the user's.
            match flags.plain.clone().or(file.choices.plain.clone()).found() {
                None => terminal.note(&format!("settings are taken from {path}"), None),
                Some(said) => {
                    let words = said.words();
                    if !words.is_empty() {
                        let hint = format!("`--config {}` takes all of it as said by you", options::quoted(&path));
                        terminal.note(&format!("{path}, found beside the logs, says {words}: as if the logs said it"), Some(&hint));
                    }
                    if !file.left_out.is_empty() {
                        let files = file.left_out.join("; ");
                        terminal.note(&format!("{path}, found beside the logs, says {files}: not taken"), None);
                    }
                }
            }
        }
        Ok(found.unwrap_or_default())
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
            1 => found.first().map(|path| Self::read_found(path)).transpose(),
            _ => {
                let names: Vec<String> = found.iter().map(|p| printable(p.as_os_str())).collect();
                Err(Error::new(format!("settings: found {}, expected one file", names.join(" and ")))
                    .hint("choose one with `--config FILE`"))
            }
        }
    }
}

impl Choices {
    /// Places and tables that stand several times are one.
    fn merge_repeats(&mut self) {
        let mut seen = BTreeSet::new();
        if let Some(row) = options::all().find(|row| row.name == "compare").filter(|row| self.plain.has(row.name)) {
            let places = self.plain.values(row.name).iter().filter(|place| seen.insert(place.to_lowercase())).cloned().collect();
            self.plain.set(row, places);
        }
        let mut seen = BTreeSet::new();
        if let Some(row) = options::all().find(|row| row.name == "factors").filter(|row| self.plain.has(row.name)) {
            let is_plain = |part: &Component<'_>| !matches!(part, Component::CurDir);
            let tables = self.files(row.name).iter().map(|path| path.components().filter(is_plain).collect::<PathBuf>());
            let tables = tables.filter(|path| seen.insert(path.clone())).collect();
            self.set_files(row, tables);
        }
    }

    /// What a settings file says of an option.
    fn say(&mut self, row: &'static Row, value: &Value) -> Result<(), Error> {
        let values = texts(row, value)?;
        match (row.kind, value) {
            (Kind::Flag, Value::Boolean(true)) => self.plain.set(row, Vec::new()),
            (Kind::Flag, Value::Boolean(false)) => {}
            (Kind::Flag, Value::String(text)) => return Err(Error::new(format!("{}: found {text:?}, expected true or false", row.name))),
            (Kind::Flag, _) => return Err(Error::new(format!("{}: found {value}, expected true or false", row.name))),
            (kind, _) if kind.is_file() => self.set_files(row, values.into_iter().map(PathBuf::from).collect()),
            _ => {
                values.iter().try_for_each(|value| row.check(value)).map_err(unusable)?;
                self.set(row, values);
            }
        }
        Ok(())
    }
}

/// The file's part beside the choices; the rest is read apart.
#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    hosts: BTreeMap<String, BTreeMap<toml::Spanned<String>, Value>>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default, alias = "phases")]
    phase: Vec<Phase>,
}

fn above(path: &Path) -> Option<PathBuf> {
    let whole = path.canonicalize().ok()?;
    whole.ancestors().map(|folder| folder.join(SETTINGS_FILE)).find(|file| file.symlink_metadata().is_ok())
}

fn unreadable(path: &Path, why: &impl std::fmt::Display) -> Error {
    Error::new(format!("settings: {} could not be read: {why}", printable(path.as_os_str())))
}

fn text_of(path: &Path, RegularFile { file, bytes, .. }: RegularFile) -> Result<String, Error> {
    if bytes > LARGEST {
        return Err(unreadable(path, &format!("found {bytes} bytes, expected {LARGEST} at most")));
    }
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).map_err(|e| unreadable(path, &e))?;
    Ok(text)
}

/// No found file may hold more than is soon read.
fn bounded(path: &Path, found: usize, bound: &Bound) -> Result<(), Error> {
    let bounds = Bounds::default();
    if found as u64 <= bounds.of(bound) {
        return Ok(());
    }
    let message = format!("settings: found {found}, {} ({})", bounds.reached(bound), printable(path.as_os_str()));
    Err(Error::new(message).hint(bounds.hint(bound)))
}

/// What a phase says, by name and value: what tells most of its energy first.
fn said_of(phase: &Phase) -> Vec<(String, String)> {
    let Ok(Value::Table(said)) = Value::try_from(phase) else { return Vec::new() };
    let default = Value::try_from(Phase::default()).ok();
    let is_said = |name: &str, value: &Value| default.as_ref().and_then(|default| default.get(name)) != Some(value);
    let mut said: Vec<(String, String)> =
        said.into_iter().filter(|(name, value)| is_said(name, value)).map(|(name, value)| (name, plain(&value))).collect();
    let first = ["energy_kwh", "power_w", "hours", "device_hours", "repeats", "nodes", "gpu", "cpu"];
    said.sort_by_key(|(name, _)| first.iter().position(|first| first == name).unwrap_or(first.len()));
    said
}

/// A value as people write it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Float(number) => number.to_string(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The path of a file that settings in `folder` name, where it is a file in that folder and no link leads to it.
fn inside(folder: &Path, path: &Path) -> Result<PathBuf, String> {
    let shown = path.file_name().map_or_else(|| printable(path.as_os_str()), printable);
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(format!("{shown:?} leads out of the folder of the settings"));
    }
    let mut whole = folder.to_path_buf();
    for part in path.components() {
        whole.push(part);
        match whole.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => return Err(format!("{shown:?} leads through a link")),
            Ok(_) => {}
            Err(e) => return Err(format!("{shown:?} could not be read: {e}")),
        }
    }
    if whole.is_file() { Ok(whole) } else { Err(format!("{shown:?} is no file")) }
}

/// The option of this name that can be said there; a hyphen may be written as an underscore.
fn known(place: Place, key: &str) -> Result<&'static Row, Error> {
    let spelt = key.replace('_', "-");
    if let Some(row) = options::all().find(|row| row.name.replace('_', "-") == spelt && row.is_in(place)) {
        return Ok(row);
    }
    let mut keys: Vec<&str> = options::all().filter(|row| row.is_in(place)).map(|row| row.name).collect();
    if place == Place::Settings {
        keys.extend(APART.iter().filter(|key| **key != "phases"));
    }
    keys.sort_unstable();
    let error = Error::new(format!("settings: found the key {key:?}, which is not known"));
    Err(match suggest::nearest(&spelt, keys.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("known keys: {}", keys.join(", "))),
    })
}

fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Texts, or numbers and dates that stand for theirs.
fn texts(row: &Row, value: &Value) -> Result<Vec<String>, Error> {
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(values) if row.kind.is_repeatable() => {
            Ok(values.iter().map(|value| texts(row, value)).collect::<Result<Vec<_>, _>>()?.concat())
        }
        Value::Array(_) | Value::Table(_) => Err(Error::new(format!("{}: found several values, expected one", row.name))),
        other => Ok(vec![other.to_string()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read() {
        let mut text = String::new();
        let keys = || options::all().filter(|row| row.is_in(Place::Settings));
        for row in keys() {
            text += &match row.kind {
                Kind::Flag => format!("{} = true\n", row.name),
                _ => format!("{} = {:?}\n", row.name, row.example),
            };
        }
        let file = SettingsFile::parse(&text).unwrap();
        assert!(keys().all(|row| file.choices.plain.has(row.name)));
        assert_eq!(file.choices.files("factors"), [PathBuf::from("mine.csv")]);
    }

    #[test]
    fn values_are_texts_numbers_dates_or_lists() {
        let file = SettingsFile::parse(
            "pue = 1\nintensity = 41.5\nfactors = ['a.csv', 'b.csv']\ninterval = 2\ntdp = 300\ncompare = ['SE', 'FR']\n\
             from = 2025-06-12T14:00:00Z\ncolumns = ['time', 'gpu0_w']\nstrict = false\nmethod = 'mlco2'\n\
             [hosts.node1]\nregion = 'SE'\npue = 1.1\n[[phase]]\ngpu = '8x A100'\nhours = 24\n",
        )
        .unwrap();
        let c = &file.choices;
        let text = |name| c.plain.text(name).unwrap_or_default();
        assert_eq!((text("pue"), text("intensity"), text("interval"), text("tdp")), ("1", "41.5", "2", "300"));
        assert_eq!((text("from"), c.plain.values("columns").len()), ("2025-06-12T14:00:00Z", 2));
        assert_eq!((c.plain.values("compare").join(" "), c.files("factors").len()), ("SE FR".into(), 2));
        assert!(!c.plain.has("strict"));
        let account = c.plain.make(None).unwrap().account;
        assert_eq!((account.region_by_host["node1"].as_str(), account.pue_by_host["node1"]), ("SE", 1.1));
        assert_eq!((file.phases.method.as_deref(), file.phases.phases[0].hours), (Some("mlco2"), Some(24.0)));
    }

    #[test]
    fn mistakes_are_named() {
        let wrong = |text| SettingsFile::parse(text).err().expect("an error");
        assert_eq!(wrong("regoin = 'FR'").hint.as_deref(), Some("did you mean `region`?"));
        assert!(wrong("output = 'x'").hint.unwrap().starts_with("known keys: as-logged"));
        assert!(wrong("\npue = 'much'").message.starts_with("settings, line 2: pue: found \"much\", expected"));
        assert!(wrong("pue = 9").message.contains("line 1: pue: found 9, expected 1 to 3"));
        assert!(wrong("title = ['a', 'b']").message.contains("expected one"));
        assert!(wrong("embodied = 1").message.contains("true or false"));
        assert!(wrong("[hosts.a]\nregoin = 'FR'").hint.unwrap().contains("region"));
        assert!(wrong("[hosts.a]\nregion = 'FR'\npue = 0.5").message.contains("line 3: pue: found 0.5"));
        assert!(wrong("pue = ").message.contains("line 1"));
        assert!(wrong("[[phase]]\ngpus = '8x A100'").message.contains("line 2"));
        assert!(wrong("method = 'mlco2'").message.contains("[[phase]]"));
    }
}
