//! What the user decides; everything that is not decided has a default that the report shows.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::compare;
use crate::factor::{Basis, FactorSet, Match};
pub(super) use crate::fault::SettingsError;
use crate::report::Boundary;
use crate::rules;
use crate::text::AsFound;
use crate::units::Instant;

/// Choices of the user, from flags and the settings file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// What the report is about.
    pub title: Option<String>,
    /// Zone or cloud region for all energy.
    pub region: Option<String>,
    /// Zone or cloud region by host.
    pub region_by_host: BTreeMap<String, String>,
    /// PUE for all energy, in [`PUE_RANGE`](crate::factor::PUE_RANGE).
    pub pue: Option<f64>,
    /// PUE by host.
    pub pue_by_host: BTreeMap<String, f64>,
    /// Carbon intensity for all energy, gCO2e per kWh.
    pub intensity_g_per_kwh: Option<f64>,
    /// The name of a file of carbon intensities over time that is given instead.
    pub intensity_series: Option<String>,
    /// Carbon intensity of the electricity supplier, gCO2e per kWh, for a market-based figure beside the location-based one.
    pub market_g_per_kwh: Option<f64>,
    /// Life-cycle or direct factors.
    pub basis: Option<Basis>,
    /// Year of the factors, in place of the year of the run.
    pub year: Option<i32>,
    /// What the total is of: the whole machines, or the parts that logs hold.
    pub boundary: Boundary,
    /// Only these parts of the logs count, `gpu:2` or `node07`. All of them where empty.
    pub only: Vec<String>,
    /// Hosts that are other names of one host: `(name, host)`.
    pub same_as: Vec<(String, String)>,
    /// Files of a host, as patterns of their paths: `(host, pattern)`.
    pub host_files: Vec<(String, String)>,
    /// When the training ran, as the user says: what nobody watched of it is estimated.
    pub running: Vec<(Instant, Instant)>,
    /// Times of options that were given in a zone, where that of local stamps is not known: name of the option and time.
    pub zoned: Vec<(&'static str, Instant)>,
    /// Count gaps by their trapezoid.
    pub fill_gaps: bool,
    /// Places to compare with, zones or cloud regions, instead of the usual countries.
    pub compare: Vec<String>,
    /// A budget of the user's, kgCO2e: the report says which share of it the total is.
    pub carbon_budget_kg: Option<f64>,
    /// Epochs of the whole run, to predict its consumption from those that are known.
    pub predict_epochs: Option<u32>,
    /// Add the share of the hardware's manufacture.
    pub embodied: bool,
    /// Years that hardware is expected to be used for (SCI: EL); [`LIFETIME_YEARS`] where absent.
    pub lifetime_years: Option<f64>,
    /// `pre-training` or `fine-tuning`, for the Hub.
    pub training_type: Option<String>,
    /// The command that makes the report, without machine-specific paths.
    pub reproduce: Option<String>,
    /// What of all this is said by a settings file that was found beside the logs, which counts as said by the logs.
    pub found: Option<FoundSettings>,
}

/// A settings file that was found beside logs, and may come from whoever made them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundSettings {
    /// Its name.
    pub file: String,
    /// What it says and what is taken.
    pub said: Vec<FoundSaid>,
    /// What it says and what is not taken, with the reason, in words.
    pub refused: Vec<String>,
    /// It has a table of a host, which may say by itself or by its name which logs are of it: a hypothesis beside what the logs say themselves.
    pub names_hosts: bool,
}

/// One thing that found settings say.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundSaid {
    /// Of this host alone.
    pub host: Option<String>,
    /// Name of the option.
    pub name: &'static str,
    /// Its value as it was written.
    pub value: String,
}

/// What a phase stands as among what was said.
const PHASE: &str = "[[phase]]";

impl FoundSettings {
    /// Adds a phase that left no logs: what is said of it, each by name and value.
    pub fn say_phase(&mut self, values: &[(String, String)]) {
        let values: Vec<String> = values.iter().map(|(name, value)| format!("{name} {}", cut(value, 40))).collect();
        self.said.push(FoundSaid { host: None, name: PHASE, value: values.join(", ") });
    }

    /// Whether it states phases that left no logs.
    pub fn states_phases(&self) -> bool {
        self.says(PHASE)
    }

    /// What is said of phases, by name and value; of many the first ones.
    pub(super) fn phases(&self) -> String {
        few_of(self.said.iter().filter(|said| said.name == PHASE), "phases")
    }

    /// Adds a value.
    pub(crate) fn say(&mut self, host: Option<&str>, name: &'static str, values: &[String]) {
        self.said.push(FoundSaid::of(host, name, values));
    }

    /// Adds what such a file may not say, each by name and value.
    pub(crate) fn refuse_all<'s>(&mut self, said: impl Iterator<Item = (&'static str, &'s [String])>) {
        let words: Vec<String> = said.map(|(name, values)| FoundSaid::of(None, name, values).words()).collect();
        if !words.is_empty() {
            self.refused.push(format!("{}, which is the user's alone to say", words.join("; ")));
        }
    }

    /// Whether it says an option for all.
    pub fn says(&self, name: &str) -> bool {
        self.said.iter().any(|said| said.host.is_none() && said.name == name)
    }

    /// All that is taken, by name and value; of many hosts and phases the first ones.
    pub fn words(&self) -> String {
        let is_of_all = |said: &&FoundSaid| said.host.is_none() && said.name != PHASE;
        let mut words: Vec<String> = self.said.iter().filter(is_of_all).map(FoundSaid::words).collect();
        words.push(few_of(self.said.iter().filter(|said| said.host.is_some()), "of hosts"));
        words.push(self.phases());
        words.retain(|words| !words.is_empty());
        words.join("; ")
    }
}

/// The first ones, and how many more there are.
fn few_of<'s>(said: impl Iterator<Item = &'s FoundSaid> + Clone, of: &str) -> String {
    const FIRST: usize = 12;
    let mut words: Vec<String> = said.clone().take(FIRST).map(FoundSaid::words).collect();
    if let more @ 1.. = said.count().saturating_sub(FIRST) {
        words.push(format!("and {more} more {of}"));
    }
    words.join("; ")
}

impl FoundSaid {
    fn of(host: Option<&str>, name: &'static str, values: &[String]) -> Self {
        let value = if values.is_empty() { String::from("true") } else { values.join(", ") };
        Self { host: host.map(String::from), name, value }
    }

    fn words(&self) -> String {
        match &self.host {
            None if self.name == PHASE => format!("{PHASE} {}", self.value),
            None => format!("{} = {}", self.name, cut(&self.value, LENGTH)),
            Some(host) => format!("[hosts.{}] {} = {}", cut(host, LENGTH), self.name, cut(&self.value, LENGTH)),
        }
    }
}

/// A text of somebody else is no longer than a line.
const LENGTH: usize = 100;

fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => String::from(text),
    }
}

/// Expected life of hardware where none is given, years: four is what the SCI's own guide and the published footprints of servers take.
pub const LIFETIME_YEARS: f64 = rules::value("embodied_life_years");

/// Expected lives that can be, years.
pub const LIFETIMES: core::ops::RangeInclusive<f64> = 1.0..=20.0;

impl Settings {
    /// The file of carbon intensities that the user names.
    pub(super) fn named_series(&self) -> Option<&str> {
        self.intensity_series.as_deref().filter(|_| self.matched("intensity") == Match::Given)
    }

    /// How a factor is known that is chosen for all: by the user, or by settings beside the logs.
    pub(super) fn matched(&self, name: &str) -> Match {
        if self.found.as_ref().is_some_and(|found| found.says(name)) { Match::Log } else { Match::Given }
    }

    /// The same of what is said of single hosts.
    pub(super) fn matched_by_host(&self) -> Match {
        if self.found.is_some() { Match::Log } else { Match::Given }
    }

    /// Hosts that have a choice of their own, for [`Ledger::name_hosts`](crate::ledger::Ledger::name_hosts).
    pub fn hosts(&self) -> BTreeSet<String> {
        let of_files = self.host_files.iter().map(|(host, _)| host);
        self.region_by_host.keys().chain(self.pue_by_host.keys()).chain(of_files).cloned().collect()
    }

    /// What can't be is told whatever the logs hold.
    pub(super) fn check(&self, factors: &FactorSet) -> Result<(), SettingsError> {
        let wrong = |setting, message, hint: &str| Err(SettingsError { setting, message, hint: String::from(hint) });
        for place in &self.compare {
            compare::check_place(factors, place)?;
        }
        if let Some(year) = self.year.filter(|_| self.intensity_g_per_kwh.is_none()) {
            factors.check_year(year).map_err(|e| SettingsError {
                setting: "year",
                message: e.message.clone(),
                hint: e.hint.clone().unwrap_or_default(),
            })?;
        }
        if let Some(kg) = self.carbon_budget_kg.filter(|kg| !(*kg > 0.0 && kg.is_finite())) {
            return wrong("carbon-budget", format!("found {} kg, expected a mass above 0", AsFound(kg)), "for example 100kg or 1.5t");
        }
        if self.predict_epochs == Some(0) {
            return wrong("predict-epochs", String::from("found 0, expected 1 or more"), "give the number of epochs of the whole run");
        }
        if let Some(years) = self.lifetime_years.filter(|years| !LIFETIMES.contains(years)) {
            let message = format!("found {}, expected {} to {} years", AsFound(years), LIFETIMES.start(), LIFETIMES.end());
            return wrong("lifetime-years", message, "four years is what is used without it");
        }
        if self.lifetime_years.is_some() && !self.embodied {
            let message = String::from("found an expected life, but manufacture is not counted");
            return wrong("lifetime-years", message, "give `--embodied` too");
        }
        Ok(())
    }
}
