//! The Ledger: all evidence of a folder of runs, and every decision on what counts. Nothing counts twice.
//!
//! Order of files and threads leaves no trace: files are kept by path, and decisions are taken when all are there.

mod asides;
mod collect;
mod containment;
mod declared;
mod estimated;
mod evidence;
mod hosts;
mod merge;
mod method;
mod phase_kind;
mod plausible;
mod precedence;

use alloc::string::String;
use alloc::vec::Vec;

pub use containment::{CONTAINMENT, Containment, Keep};
pub use evidence::{Basis, Cause, Decision, Evidence, FoundNote, Stated, When};
pub use merge::Merge;
pub use method::Method;
pub use phase_kind::PhaseKind;
pub use plausible::{Claimed, Plausible, Verdict};

use crate::factor::FactorSet;
use crate::map::Map;
use crate::note::{Code, Note};
use crate::order;
use crate::read::Reading;

/// A file as the host gives it.
#[derive(Clone, Debug, Default)]
pub struct InputFile {
    /// Path relative to what the user named, with `/`.
    pub path: String,
    /// Size as given.
    pub bytes: u64,
    /// BLAKE3 of the bytes as given, hexadecimal.
    pub blake3: String,
    /// SHA-256, where asked for.
    pub sha256: Option<String>,
}

/// One file in the ledger.
#[derive(Debug)]
pub struct Entry {
    /// The file.
    pub file: InputFile,
    /// What reading it left.
    pub reading: Reading,
    /// Series of these channels were read again together with other files, and stand in the joint reading.
    joined: bool,
}

/// All evidence, by path.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Map<String, Entry>,
    /// Channels that several files hold at overlapping times, read again in time order.
    joint: Vec<(Vec<String>, Vec<crate::series::Series>)>,
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
}

/// How the ledger decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct LedgerOptions<'f> {
    /// Gaps are counted by their trapezoid.
    pub fill_gaps: bool,
    /// What is known of devices: claims that they can't have drawn do not count. Without it every claim is believed.
    pub factors: Option<&'f FactorSet>,
}

impl Ledger {
    /// Adds a file that was read.
    pub fn add(&mut self, file: InputFile, reading: Reading) {
        self.entries.insert(file.path.clone(), Entry { file, reading, joined: false });
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
        self.joint.extend(other.joint);
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

    /// Groups of paths that hold overlapping parts of one device: to be read again together through [`Merge`].
    ///
    /// A host that can't (standard input) leaves it; the larger part then counts, the upper bound holds both, and a note says so.
    pub fn overlaps(&self) -> Vec<Vec<String>> {
        collect::overlaps(self)
    }

    /// Puts the joint reading of `paths` in the place of their own series.
    pub fn replace(&mut self, paths: Vec<String>, series: Vec<crate::series::Series>) {
        for path in &paths {
            if let Some(entry) = self.entries.get_mut(path) {
                entry.joined = true;
            }
        }
        self.joint.push((paths, series));
    }

    /// Decides what counts.
    pub fn settle(&self, options: LedgerOptions<'_>) -> Settled {
        let mut settled = Settled::default();
        let (estimated, mut measured) =
            collect::measured(self, options, &mut settled).into_iter().partition(|e| e.basis == Basis::Estimated);
        containment::apply(&mut measured, &mut settled);
        declared::apply(self, options, &mut measured, &mut settled);
        let (dated, undated) = self.phases.iter().cloned().partition::<Vec<_>, _>(|p| matches!(p.when, When::Dated { .. }));
        estimated::apply(estimated.into_iter().chain(dated).collect(), &mut measured, &mut settled);
        // A phase without dates is none of the logs' own: the user says that it is another one.
        measured.extend(undated);
        order::sort_by_key(&mut measured, |a| a.sort_key());
        asides::decide(self, options, &mut settled);
        settled.evidence = measured;
        order::sort_by(&mut settled.notes, |a, b| (a.code.id, &a.message).cmp(&(b.code.id, &b.message)));
        order::sort_by(&mut settled.decisions, |a, b| (a.rule, &a.kept, &a.left_out).cmp(&(b.rule, &b.kept, &b.left_out)));
        settled
    }

    /// Notes of all files, with their paths.
    pub fn file_notes(&self) -> impl Iterator<Item = (&str, &Note)> {
        self.entries.values().flat_map(|e| e.reading.notes.iter().map(move |n| (e.file.path.as_str(), n)))
    }
}

#[cfg(test)]
mod tests;
