//! The Ledger: all evidence of a folder of runs, and every decision on what counts. Nothing counts twice.
//!
//! Order of files and threads leaves no trace: files are kept by path, and decisions are taken when all are there.

mod adopt;
mod alike;
mod asides;
mod assemble;
mod beside;
mod by_place;
mod claim;
mod clocks;
mod containers;
mod containment;
mod devices;
mod evidence;
mod file_numbers;
mod gather;
mod hosts;
mod meters;
mod method;
mod models;
mod names;
mod only;
mod outcome;
mod paired;
mod pattern;
mod perhaps_named;
mod perhaps_zones;
mod phase_kind;
mod places;
mod plausible;
mod possible;
mod precedence;
mod racks;
mod ranks;
mod relation;
mod rule;
mod summer_time;
mod taken;
mod thousandths;
mod told;
mod told_clocks;
mod undated;
mod zone_fit;
mod zones;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

pub(crate) use containment::contains;
pub use containment::{CONTAINMENT, Containment, Keep};
pub(crate) use evidence::WIDEST_ZONE;
pub use evidence::{Basis, Because, Cause, Decision, Evidence, FoundNote, Stated, When};
pub use method::Method;
pub(crate) use only::is_asked_for;
pub use phase_kind::PhaseKind;
pub use plausible::{Claimed, Plausible, Verdict};
pub use possible::Unmeasured;

use crate::factor::FactorSet;
use crate::fault::SettingsError;
use crate::map::Map;
use crate::note::{self, Code, Note};
use crate::order;
use crate::read::Reading;
use crate::units::Energy;

/// A file as the host gives it.
#[derive(Clone, Debug, Default)]
pub struct InputFile {
    /// Path relative to what the user named, with `/`.
    pub path: String,
    /// Size as given.
    pub bytes: u64,
    /// BLAKE3 of the bytes as given, hexadecimal.
    pub blake3: String,
    /// BLAKE3 of what was read, where that is not the bytes as given: a packed copy is a copy.
    pub content: Option<String>,
    /// SHA-256, where asked for.
    pub sha256: Option<String>,
}

/// One file in the ledger.
#[derive(Debug)]
pub struct Entry {
    /// The file.
    pub file: InputFile,
    /// What reading it left; files that say the same (of thousands that are no logs) may share it.
    pub reading: Arc<Reading>,
}

/// All evidence, by path.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Map<String, Entry>,
    /// Phases without logs, as a user states them.
    phases: Vec<Evidence>,
    /// Hosts that the user names.
    hosts: Vec<String>,
}

/// What counts, and why.
#[derive(Debug, Default)]
pub struct Settled {
    /// Each source of energy that counts.
    pub evidence: Vec<Evidence>,
    /// What was kept and left out.
    pub decisions: Vec<Decision>,
    /// Findings beyond single files.
    pub notes: Vec<FoundNote>,
    /// Energy that counts of each run that a tracker names, by file and place in it.
    pub runs: Vec<RunEnergy>,
    /// Recorded devices that nothing holds for some time, as their recordings were left out.
    pub unmeasured: Vec<Unmeasured>,
    /// The plain sum of everything that was claimed: what counts, and what decisions left out.
    pub plain: Energy,
    /// Recordings that hold no energy.
    single: Vec<(&'static Code, crate::series::Component, String, usize)>,
    /// Parts that were asked for and that no log holds.
    missing: only::Missing,
}

impl Settled {
    /// The energy that counts of a figure, the `at`-th of a file; nothing where the ledger took none of it.
    pub fn energy_of(&self, file: usize, at: usize) -> Option<Energy> {
        let place = self.runs.binary_search_by_key(&(file, at), |run| (run.file, run.at)).ok()?;
        self.runs.get(place).map(|run| run.energy)
    }

    /// Why what was asked for can't be counted: no log holds it.
    pub fn missing(&self) -> Option<SettingsError> {
        self.missing.error()
    }
}

/// What counts of a tracker's own figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunEnergy {
    /// Position of the file among the ledger's.
    pub file: usize,
    /// Position of the figure in the file.
    pub at: usize,
    /// IT energy.
    pub energy: Energy,
}

/// How the ledger decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct LedgerOptions<'f> {
    /// Gaps are counted by their trapezoid.
    pub fill_gaps: bool,
    /// What is known of devices: claims that they can't have drawn do not count. Without it every claim is believed.
    pub factors: Option<&'f FactorSet>,
    /// Only these parts count, as the option `only` names them. All of them where empty.
    pub only: &'f [String],
    /// Names of hosts that are other names of one host: `(alias, host)`.
    pub same_as: &'f [(String, String)],
    /// Files of a host, as patterns of their paths: `(host, pattern)`; `*` stands for any part of a name, `**` for folders too.
    pub host_files: &'f [(String, String)],
    /// Hosts are told apart by the logs alone, whatever [`Ledger::name_hosts`] was told.
    pub hosts_by_logs: bool,
    /// Phases that left no logs do not count.
    pub logs_alone: bool,
}

impl Ledger {
    /// Adds a file that was read.
    pub fn add(&mut self, file: InputFile, reading: impl Into<Arc<Reading>>) {
        self.entries.insert(file.path.clone(), Entry { file, reading: reading.into() });
    }

    /// Adds a finding to a file.
    pub fn note(&mut self, path: &str, code: &'static Code, message: String) {
        if let Some(entry) = self.entries.get_mut(path) {
            Arc::make_mut(&mut entry.reading).notes.add(code, "", None, || message);
        }
    }

    /// Adds a file that could not be read, so that it is listed.
    pub fn add_unread(&mut self, file: InputFile, code: &'static Code, message: String, hint: Option<String>) {
        let mut reading = Reading::default();
        reading.refused = true;
        match hint {
            Some(hint) => reading.notes.add_with_hint(code, None, message, hint),
            None => reading.notes.add(code, "", None, || message),
        }
        self.add(file, reading);
    }

    /// Takes over everything of another ledger.
    pub fn merge(&mut self, other: Ledger) {
        self.entries.extend(other.entries);
        self.phases.extend(other.phases);
        for host in other.hosts {
            if !self.hosts.contains(&host) {
                self.hosts.push(host);
            }
        }
    }

    /// Adds phases that left no logs: see [`crate::estimate`]. Where a phase has dates, logs of the same time and component come before it.
    pub fn add_phases(&mut self, phases: Vec<Evidence>) {
        self.phases.extend(phases);
    }

    /// Names hosts: logs in a folder or file of that name are of that host, where they name none themselves.
    pub fn name_hosts(&mut self, hosts: impl IntoIterator<Item = String>) {
        self.hosts = hosts.into_iter().collect();
    }

    /// Every file, by path.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Whether any file or phase holds evidence of energy.
    pub fn has_evidence(&self) -> bool {
        !self.phases.is_empty() || self.entries.values().any(|e| !e.reading.series().is_empty() || !e.reading.declared.is_empty())
    }

    /// Files whose rows are out of order beyond what was sorted while reading: to be read again through [`InOrder`](crate::series::InOrder).
    ///
    /// A host that can't (a stream that is too long to keep) leaves them: what stands twice then counts once, and the upper end holds the highest power throughout.
    pub fn unordered(&self) -> Vec<String> {
        self.entries.values().filter(|entry| entry.reading.is_unordered()).map(|entry| entry.file.path.clone()).collect()
    }

    /// Puts the readings of a file in order of time in the place of its own.
    pub fn put_in_order(&mut self, path: &str, ordered: crate::series::Ordered) {
        if let Some(entry) = self.entries.get_mut(path) {
            Arc::make_mut(&mut entry.reading).put_in_order(ordered);
        }
    }

    /// Decides what counts.
    pub fn settle(&self, options: LedgerOptions<'_>) -> Settled {
        let mut settled = Settled::default();
        let mut gathered = gather::claims(self, options, &mut settled);
        let paths: Vec<&str> = self.entries().map(|entry| entry.file.path.as_str()).collect();
        only::keep(&mut gathered, options.only, &paths, &mut settled);
        let tools: Vec<&str> = self.entries().map(|entry| entry.reading.format).collect();
        let of_day = |(file, entry): (usize, &Entry)| Some((claim::Timeline::Own(file), entry.reading.of_day.clone()?));
        let files = undated::Files { tools, of_day: self.entries().enumerate().filter_map(of_day).collect() };
        let mut rule = rule::Rule::apply(&gathered.claims, &gathered.slots, &gathered.hosts, &files);
        let mut in_zones = perhaps_zones::take_out(&gathered, &mut rule);
        in_zones.extend(summer_time::take_out(&mut rule));
        let named = perhaps_named::take_out(&gathered, &mut rule, &files.tools);
        told::tell(self, &gathered, &told::Found { rule: &rule, in_zones: &in_zones, named: &named }, &mut settled);
        assemble::evidence(self, &gathered, &rule, &mut settled);
        let possible = possible::add(self, &gathered, &rule, &mut settled);
        gathered.judge.finish(&possible, &mut settled);
        self.unended(&mut settled);
        asides::decide(self, options, &mut settled);
        if !options.logs_alone {
            self.place_phases(&mut settled);
        }
        places::inherit(self, &gathered, &mut settled.evidence);
        models::inherit(self, &gathered, &mut settled.evidence);
        order::sort_by_key(&mut settled.evidence, |a| a.sort_key());
        order::sort_by(&mut settled.notes, |a, b| (a.code.id, &a.message).cmp(&(b.code.id, &b.message)));
        order::sort_by(&mut settled.decisions, |a, b| (a.rule, &a.kept, &a.left_out).cmp(&(b.rule, &b.kept, &b.left_out)));
        settled
    }

    /// Phases with dates count where no log holds their joules; those without are none of the logs' own: the user says that they are others.
    fn place_phases(&self, settled: &mut Settled) {
        let known = settled.evidence.len();
        for phase in &self.phases {
            let mut phase = phase.clone();
            if matches!(phase.when, When::Dated { .. }) {
                assemble::phase_beside_logs(&mut phase, known, settled);
            }
            if phase.energy > Energy::ZERO {
                settled.evidence.push(phase);
            }
        }
    }

    /// Notes the runs that no file says the end of, at the last file of each.
    fn unended(&self, settled: &mut Settled) {
        let ended: BTreeSet<&String> = self.entries().flat_map(|entry| &entry.reading.ended_runs).collect();
        let recorded = self.entries().flat_map(|entry| entry.reading.recorded_runs.iter().map(|run| (run, &entry.file.path)));
        let last: BTreeMap<&String, &String> = recorded.filter(|(run, _)| !ended.contains(run)).collect();
        settled.notes.extend(last.into_values().map(|path| FoundNote {
            code: &note::RUN_UNENDED,
            message: String::from(
                "the log has no end: the recorder is still at work, or was killed; what came after its last record is not counted",
            ),
            place: Some(path.clone()),
            hint: None,
        }));
    }

    /// Notes of all files, with their paths.
    pub fn file_notes(&self) -> impl Iterator<Item = (&str, &Note)> {
        self.entries.values().flat_map(|e| e.reading.notes.iter().map(move |n| (e.file.path.as_str(), n)))
    }
}

#[cfg(test)]
mod tests;
