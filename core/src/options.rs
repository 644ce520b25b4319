//! What the user may choose: one [`Row`] an option.
//!
//! Flags of the command, keys of the settings file, keywords of Python, options of JavaScript, the list in `docs/options.md` and the line that makes
//! a report again are made from the rows, so that an option is a row and, where its effect is a new one, the code of the effect.

mod estimate;
mod rows;
mod run;
mod value;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub use value::{Kind, duration, gigabytes, mass_kg, watts};

use crate::account::{FoundSettings, Settings};
use crate::estimate::Phase;
use crate::fault::SettingsError;
use crate::read::{ReadOptions, ZoneTransitions};

/// Options of a report.
pub static SETTINGS: &[Row] = rows::ROWS;

/// Options of an estimate alone: what ran.
pub static ESTIMATE: &[Row] = estimate::ROWS;

/// Options of how the command goes to work.
pub static RUN: &[Row] = run::ROWS;

/// Every option, in the order in which help shows them.
pub fn all() -> impl Iterator<Item = &'static Row> {
    ESTIMATE.iter().chain(SETTINGS).chain(RUN)
}

/// An option.
pub struct Row {
    /// `--name`, and the key of the settings file.
    pub name: &'static str,
    /// Other spellings of the flag.
    pub aliases: &'static [&'static str],
    /// What its value is.
    pub kind: Kind,
    /// What stands for the value in help: `ZONE`.
    pub value: &'static str,
    /// Where it can be said.
    pub places: &'static [Place],
    /// Whether a settings file that was found beside logs, which may come from somebody else, may say it: what a log could say, and what changes no
    /// figure. Of files it may name those in its own folder.
    pub found: bool,
    /// What it changes.
    pub changes: Changes,
    /// Where help lists it.
    pub group: Group,
    /// What it means, for people. This and what follows is empty in builds without the feature `help`.
    pub help: &'static str,
    /// The same in a page, where it differs.
    pub help_in_pages: &'static str,
    /// What counts without it, where that is one value.
    pub default: &'static str,
    /// A value that can be.
    pub example: &'static str,
    effect: Effect,
    by_host: ByHost,
}

/// A row from which others take what they don't say.
const PLAIN: Row = Row {
    name: "",
    aliases: &[],
    kind: Kind::Text,
    value: "TEXT",
    places: &[],
    found: true,
    changes: Changes::Nothing,
    group: Group::About,
    help: "",
    help_in_pages: "",
    default: "",
    example: "",
    effect: Effect::Host,
    by_host: ByHost::No,
};

/// Where an option can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `carbon-report compare`.
    Compare,
    /// `carbon-report estimate`.
    Estimate,
    /// `[hosts.NAME]` of the settings file, and `hosts` in a page.
    Host,
    /// `carbon-report live`.
    Live,
    /// Keywords of the Python package's `read` and `estimate`.
    Python,
    /// `carbon-report record`.
    Record,
    /// `carbon-report` on logs.
    Report,
    /// The settings file.
    Settings,
    /// A web page: the JavaScript package.
    Web,
}

/// What an option changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changes {
    /// What a document tells or looks like, not the report.
    Document,
    /// Nothing but the way to the same result.
    Nothing,
    /// Fields of the report, as JSON pointers.
    Report(&'static [&'static str]),
    /// The exit status.
    Status,
}

/// Where help lists an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What the report is about.
    About,
    /// What ran, of an estimate.
    Ran,
    /// How logs are read.
    Reading,
    /// How the command goes to work.
    Run,
    /// What is written.
    Writing,
}

impl Group {
    /// Its heading.
    pub const fn heading(self) -> Option<&'static str> {
        match self {
            Group::About => Some("What it is about"),
            Group::Ran => Some("What ran"),
            Group::Reading => Some("How logs are read"),
            Group::Run => None,
            Group::Writing => Some("What is written"),
        }
    }
}

/// What a value sets.
enum Effect {
    Count(fn(&mut Phase) -> &mut Option<u32>),
    Flag(fn(&mut Made) -> &mut bool),
    /// The host's own: files that it reads, documents that it writes.
    Host,
    Number(fn(&mut Made) -> &mut Option<f64>),
    PhaseNumber(fn(&mut Phase) -> &mut Option<f64>),
    PhaseTexts(fn(&mut Phase) -> &mut Vec<String>),
    Text(fn(&mut Made) -> &mut Option<String>),
    Texts(fn(&mut Made) -> &mut Vec<String>),
    With(fn(&mut Made, &str) -> Result<(), SettingsError>),
}

/// What a value sets for one host.
enum ByHost {
    No,
    Number(fn(&mut Settings) -> &mut BTreeMap<String, f64>),
    Text(fn(&mut Settings) -> &mut BTreeMap<String, String>),
    /// Pairs of the host and each value.
    Texts(fn(&mut Settings) -> &mut Vec<(String, String)>),
}

impl Row {
    /// One name may stand for one option of an estimate and another of logs.
    fn is(&self, other: &Row) -> bool {
        self.name == other.name && self.places == other.places
    }

    /// Whether it can be said there.
    pub fn is_in(&self, place: Place) -> bool {
        self.places.contains(&place)
    }

    /// Whether a report depends on it, so that the line that makes the report again says it.
    pub const fn is_repeated(&self) -> bool {
        matches!(self.changes, Changes::Report(_))
    }

    /// What JavaScript and JSON call it: with its unit, where the value is a number without one.
    pub fn name_with_unit(&self) -> String {
        let name = self.name.replace('-', "_");
        match self.kind.unit() {
            "" => name,
            unit if name.ends_with(unit) => name,
            unit => format!("{name}_{unit}"),
        }
    }

    /// Checks a value.
    ///
    /// # Errors
    /// With what was found and expected.
    pub fn check(&self, text: &str) -> Result<(), SettingsError> {
        self.kind.check(self.name, text)
    }
}

/// What the user chose, as it was written, until [`Choices::make`] gives it its meaning.
///
/// Of files it holds names alone: paths are the host's, and none can get into a report.
#[derive(Clone, Default)]
pub struct Choices {
    said: Said,
    hosts: Vec<(String, Said)>,
    found: Option<FoundSettings>,
}

type Said = Vec<(&'static Row, Vec<String>)>;

/// What choices come to, for the readers and for the accounting.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// For the readers.
    pub read: ReadOptions,
    /// For the accounting.
    pub account: Settings,
}

impl Choices {
    /// Whether nothing was chosen.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty() && self.hosts.is_empty()
    }

    /// Chooses. A list may come whole, or as texts between commas; a flag has no values.
    pub fn set(&mut self, row: &'static Row, values: Vec<String>) {
        put(&mut self.said, row, values);
    }

    /// Chooses for one host.
    pub fn set_for_host(&mut self, host: &str, row: &'static Row, values: Vec<String>) {
        put(self.host(host), row, values);
    }

    /// What was said of an option; nothing of a flag.
    pub fn values(&self, name: &str) -> &[String] {
        self.said.iter().find(|(row, _)| row.name == name).map_or(&[], |(_, values)| values)
    }

    /// What was said of an option, where that is one text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values(name).first().map(String::as_str)
    }

    /// Whether an option was given.
    pub fn has(&self, name: &str) -> bool {
        self.said.iter().any(|(row, _)| row.name == name)
    }

    /// Options that were given.
    pub fn given(&self) -> impl Iterator<Item = &'static Row> {
        self.said.iter().map(|(row, _)| *row)
    }

    /// Hosts that have a choice of their own.
    pub fn hosts(&self) -> impl Iterator<Item = &String> {
        self.hosts.iter().map(|(host, _)| host)
    }

    /// Whether an option was given for a host.
    pub fn has_for_host(&self, host: &str, name: &str) -> bool {
        self.hosts.iter().any(|(given, said)| given == host && said.iter().any(|(row, _)| row.name == name))
    }

    /// What is said of an option for single hosts.
    pub fn values_by_host<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s String> + Clone {
        self.hosts.iter().flat_map(|(_, said)| said).filter(move |(row, _)| row.name == name).flat_map(|(_, values)| values)
    }

    /// Names hosts, whether anything is chosen for them or not.
    pub fn name_host(&mut self, host: &str) {
        self.host(host);
    }

    /// Takes these for what a settings file says that was found beside logs: what such a file may not say is left out, and told.
    #[must_use]
    pub fn as_found(mut self, file: &str) -> Self {
        let (taken, refused): (Said, Said) = self.said.into_iter().partition(|(row, _)| row.found);
        self.said = taken;
        let mut found = FoundSettings { file: file.to_string(), names_hosts: !self.hosts.is_empty(), ..FoundSettings::default() };
        for (row, values) in &self.said {
            found.say(None, row.name, values);
        }
        for (host, said) in &self.hosts {
            said.iter().for_each(|(row, values)| found.say(Some(host), row.name, values));
        }
        found.refuse_all(refused.iter().map(|(row, values)| (row.name, values.as_slice())));
        self.found = Some(found);
        self
    }

    /// The same, to add what it says beside options.
    pub fn found_mut(&mut self) -> Option<&mut FoundSettings> {
        self.found.as_mut()
    }

    /// What a settings file says that was found beside logs.
    pub fn found(&self) -> Option<&FoundSettings> {
        self.found.as_ref()
    }

    /// Leaves out what found settings say of an option, or the whole file where no option is named; `why` is told.
    pub fn refuse(&mut self, name: &str, why: &str) {
        self.said.retain(|(row, _)| row.name != name);
        if let Some(found) = &mut self.found {
            found.said.retain(|said| said.host.is_some() || said.name != name);
            found.refused.push(if name.is_empty() { why.to_string() } else { format!("`{name}`: {why}") });
        }
    }

    fn is_found(&self, name: &str) -> bool {
        self.found.as_ref().is_some_and(|found| found.says(name))
    }

    fn host(&mut self, host: &str) -> &mut Said {
        let at = self.hosts.iter().position(|(name, _)| name == host).unwrap_or_else(|| {
            self.hosts.push((host.to_string(), Said::new()));
            self.hosts.len() - 1
        });
        &mut self.hosts[at].1
    }

    /// These choices, and those of `others` where there is none. What is said here for all is said for every host of the others, too.
    #[must_use]
    pub fn or(mut self, mut others: Choices) -> Choices {
        // A flag comes before settings that were found: they can't say another intensity of a place that the user names.
        let says_intensity = others.found.as_ref().is_some_and(|found| found.says("intensity")) && !self.has("intensity");
        if says_intensity && self.has("region") {
            others.refuse("intensity", "the place is given, and its own counts");
        }
        if let Some(found) = &mut others.found {
            found.said.retain(|said| !self.has(said.name));
        }
        for (host, said) in others.hosts {
            let of_all: Vec<&'static str> = self.given().map(|row| row.name).collect();
            let own = self.host(&host);
            for (row, values) in said {
                if !of_all.contains(&row.name) && !own.iter().any(|(given, _)| given.name == row.name) {
                    own.push((row, values));
                }
            }
        }
        for (row, values) in others.said {
            if !self.has(row.name) {
                self.said.push((row, values));
            }
        }
        self.found = self.found.or(others.found);
        self
    }

    /// What the choices mean; local times are in `zone`.
    ///
    /// # Errors
    /// For a value that can't be.
    pub fn make(&self, zone: Option<ZoneTransitions>) -> Result<Made, SettingsError> {
        let account = Settings { found: self.found.clone(), ..Settings::default() };
        let mut made = Made { read: ReadOptions { zone, ..ReadOptions::default() }, account };
        for (row, values) in &self.said {
            if matches!(row.effect, Effect::Count(_) | Effect::PhaseNumber(_) | Effect::PhaseTexts(_)) {
                continue;
            }
            values.iter().try_for_each(|value| row.check(value))?;
            let first = values.first().map_or("", String::as_str);
            match row.effect {
                Effect::Flag(field) => *field(&mut made) = true,
                Effect::Number(field) => *field(&mut made) = value::number(first),
                Effect::Text(field) => *field(&mut made) = Some(first.to_string()),
                Effect::Texts(field) => field(&mut made).clone_from(values),
                Effect::With(set) => set(&mut made, &values.join(","))?,
                _ => {}
            }
        }
        for (host, said) in &self.hosts {
            for (row, values) in said {
                let first = values.first().map_or("", String::as_str);
                row.check(first)?;
                match row.by_host {
                    ByHost::No => {}
                    ByHost::Number(field) => field(&mut made.account).extend(value::number(first).map(|number| (host.clone(), number))),
                    ByHost::Text(field) => drop(field(&mut made.account).insert(host.clone(), first.to_string())),
                    ByHost::Texts(field) => field(&mut made.account).extend(values.iter().map(|value| (host.clone(), value.clone()))),
                }
            }
        }
        // What is cut away did not run either.
        for (from, to) in &mut made.account.running {
            *from = made.read.from.map_or(*from, |first| first.max(*from));
            *to = made.read.to.map_or(*to, |last| last.min(*to));
        }
        made.account.running.retain(|(from, to)| from < to);
        match (made.read.from, made.read.to) {
            (Some(from), Some(to)) if from >= to => {
                Err(SettingsError::new("from", "found a time that is not before the one of `to`", "give the earlier one as `from`"))
            }
            _ => Ok(made),
        }
    }

    /// The phase that the choices describe; one without anything where they describe none.
    ///
    /// # Errors
    /// For a value that can't be.
    pub fn phase(&self) -> Result<Phase, SettingsError> {
        let mut phase = Phase::default();
        for (row, values) in &self.said {
            let Some(first) = values.first() else { continue };
            match row.effect {
                Effect::Count(field) => {
                    row.check(first)?;
                    *field(&mut phase) = first.trim().parse().ok();
                }
                // What can be of a phase is told where it is estimated: the same for a flag and for a file.
                Effect::PhaseNumber(field) => match row.kind.number(first) {
                    None => row.check(first)?,
                    number => *field(&mut phase) = number,
                },
                Effect::PhaseTexts(field) => field(&mut phase).clone_from(values),
                _ => {}
            }
        }
        Ok(phase)
    }

    /// The choices on which a report depends as words of a command line, quoted for a POSIX shell, in the order of the rows.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        // Settings that were found say the same when they are found again, and are no choice of the user's.
        for row in all().filter(|row| row.is_repeated() && !self.is_found(row.name)) {
            // What is said of single hosts stands in a file, which comes after a flag.
            let Some((_, values)) = self.said.iter().find(|(given, _)| given.is(row)) else { continue };
            if self.hosts.iter().flat_map(|(_, said)| said).any(|(given, _)| given.name == row.name) {
                continue;
            }
            match row.kind {
                Kind::Flag => words.push(format!("--{}", row.name)),
                _ if row.kind.is_between_commas() => words.extend([format!("--{}", row.name), quoted(&values.join(","))]),
                _ => values.iter().for_each(|value| words.extend([format!("--{}", row.name), quoted(value)])),
            }
        }
        words
    }
}

/// Lists between commas become lists, and a word of a choice is spelt as the row has it.
fn put(said: &mut Said, row: &'static Row, values: Vec<String>) {
    let values = match row.kind {
        kind if kind.is_between_commas() => values.iter().flat_map(|value| value.split(',')).map(|word| word.trim().to_string()).collect(),
        Kind::Choice(words) => values.into_iter().map(|value| value::choice(words, &value).map_or(value, String::from)).collect(),
        _ => values,
    };
    match said.iter_mut().find(|(given, _)| given.name == row.name) {
        Some(entry) => entry.1 = values,
        None => said.push((row, values)),
    }
}

/// A word as a POSIX shell reads it.
///
/// ```
/// use carbon_core::options::quoted;
/// assert_eq!(quoted("gcp:europe-west4"), "gcp:europe-west4");
/// assert_eq!(quoted("it's"), r"'it'\''s'");
/// ```
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,+@%=".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_string() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// Texts that only builds for people hold: a page's build is smaller without.
const fn about(text: &'static str) -> &'static str {
    if cfg!(any(feature = "help", test)) { text } else { "" }
}

/// Names of the fields that an option changes, for the same builds.
const fn fields(names: &'static [&'static str]) -> Changes {
    if cfg!(any(feature = "help", test)) { Changes::Report(names) } else { Changes::Report(&[]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str) -> &'static Row {
        SETTINGS.iter().find(|row| row.name == name).expect("a row")
    }

    #[test]
    fn names_are_unique_and_examples_can_be() {
        for place in [Place::Compare, Place::Estimate, Place::Live, Place::Record, Place::Report, Place::Settings, Place::Web] {
            let rows = || all().filter(|row| row.is_in(place));
            let mut names: Vec<&str> = rows().flat_map(|row| row.aliases.iter().copied().chain([row.name])).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|two| two[0] != two[1]), "{names:?}");
        }
        for row in all() {
            assert!(row.kind == Kind::Flag || row.check(row.example).is_ok(), "{}: {:?}", row.name, row.check(row.example));
        }
    }

    #[test]
    fn the_command_line_is_in_the_order_of_the_rows_and_quoted() {
        let mut choices = Choices::default();
        for (name, values) in [
            ("title", &["It's a run"][..]),
            ("fill-gaps", &[]),
            ("pue", &["1.1"]),
            ("compare", &["SE", "FR"]),
            ("factors", &["a b.csv", "c.csv"]),
        ] {
            choices.set(row(name), values.iter().map(|value| value.to_string()).collect());
        }
        choices.set(row("strict"), Vec::new());
        assert_eq!(
            choices.words().join(" "),
            r"--pue 1.1 --factors 'a b.csv' --factors c.csv --compare SE,FR --fill-gaps --title 'It'\''s a run'"
        );
    }

    #[test]
    fn what_is_said_for_all_decides_for_hosts() {
        let mut file = Choices::default();
        file.set(row("pue"), Vec::from([String::from("1.2")]));
        file.set_for_host("a", row("pue"), Vec::from([String::from("1.3")]));
        file.set_for_host("a", row("region"), Vec::from([String::from("FR")]));
        let alone = file.make(None).unwrap().account;
        assert_eq!((alone.pue, alone.pue_by_host.get("a")), (Some(1.2), Some(&1.3)));
        let mut flags = Choices::default();
        flags.set(row("pue"), Vec::from([String::from("1.5")]));
        let both = flags.or(file);
        let made = both.make(None).unwrap().account;
        assert_eq!((made.pue, made.pue_by_host.len(), made.region_by_host.len()), (Some(1.5), 0, 1));
        assert_eq!(both.hosts().count(), 1);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (name, value) in [
            ("pue", "0.9"),
            ("pue", "3.1"),
            ("pue", "much"),
            ("intensity", "-3"),
            ("market", "4000"),
            ("basis", "both"),
            ("year", "2024.5"),
            ("tdp", "50000"),
            ("carbon-budget", "100"),
            ("interval", "0s"),
            ("from", "noon"),
            ("predict-epochs", "0"),
            ("lifetime-years", "0"),
            ("memory", "0GB"),
            ("running", "noon"),
            ("running", "2025-06-12T14:00:00Z"),
            ("running", "2025-06-12T14:00:00Z..2025-06-12T13:00:00Z"),
            ("only", ""),
            ("only", "gpu:"),
            ("only", "gpu:0,1"),
            ("only", "node07/"),
        ] {
            let mut choices = Choices::default();
            choices.set(row(name), Vec::from([String::from(value)]));
            let error = choices.make(None).expect_err(name);
            assert_eq!(error.setting, name);
            assert!(error.message.contains("found") && error.message.contains("expected"), "{}", error.message);
        }
    }
}
