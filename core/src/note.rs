//! What a reader of the report must know of the data: notes with stable codes.

use alloc::string::String;

use crate::map::Map;

/// How much a note matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A check that passed and that an auditor wants to see.
    Good,
    /// Worth knowing; the number stands.
    Note,
    /// The number may be off; the message says how far.
    Warning,
    /// Something that was given could not be used.
    Error,
}

impl Severity {
    /// The word in the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Good => "good",
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A note code: what a report says of it.
#[derive(Debug)]
pub struct Code {
    /// Stable, kebab case.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What to do.
    pub remedy: &'static str,
}

/// What `carbon-report explain` says of a code beyond that. Apart from it, since no report needs these texts.
#[derive(Debug)]
pub struct Explanation {
    /// The code.
    pub code: &'static Code,
    /// One sentence: what it means.
    pub meaning: &'static str,
    /// What it does to the number.
    pub effect: &'static str,
}

macro_rules! codes {
    ($($name:ident = $id:literal, $severity:ident, $meaning:literal, $effect:literal, $remedy:literal;)*) => {
        $(#[doc = $meaning] pub static $name: Code = Code {
            id: $id, severity: Severity::$severity, remedy: $remedy,
        };)*
        /// Every code, by id.
        pub static CODES: &[Explanation] = &[$(Explanation { code: &$name, meaning: $meaning, effect: $effect }),*];
    };
}

include!("note/codes.rs");

/// The code with this id, explained.
pub fn explanation(id: &str) -> Option<&'static Explanation> {
    CODES.iter().find(|explained| explained.code.id == id)
}

/// One finding: a code, where it was first seen, how often, and what was found.
#[derive(Clone, Debug)]
pub struct Note {
    /// What kind of finding.
    pub code: &'static Code,
    /// Line of the first occurrence, counted from 1.
    pub line: Option<u64>,
    /// How often.
    pub count: u64,
    /// What was found, lower case, no full stop; text from the log is quoted raw and escaped by each output.
    pub message: String,
    /// What to do here, where that is more than the code's remedy.
    pub hint: Option<String>,
}

/// The findings of one file: one note for each code and subject.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    notes: Map<(&'static str, String), Note>,
}

impl Notes {
    /// Adds a finding. Findings of one code with one `subject` become one note: the first line and message stay, the count grows.
    pub fn add(&mut self, code: &'static Code, subject: &str, line: Option<u64>, message: impl FnOnce() -> String) {
        if let Some(wanted) = self.count(code, subject, line) {
            *wanted = message();
        }
    }

    /// A finding that was added came so many times again.
    pub fn again(&mut self, code: &'static Code, subject: &str, times: u64) {
        if let Some(note) = self.notes.get_mut(&(code.id, String::from(subject))) {
            note.count += times;
        }
    }

    /// Adds a finding with a hint of its own; findings of one code with one `subject` become one note.
    pub fn add_hinted(&mut self, code: &'static Code, subject: &str, line: Option<u64>, words: impl FnOnce() -> (String, String)) {
        let mut hint = None;
        self.add(code, subject, line, || {
            let (message, own) = words();
            hint = Some(own);
            message
        });
        if let (Some(hint), Some(note)) = (hint, self.notes.get_mut(&(code.id, String::from(subject)))) {
            note.hint = Some(hint);
        }
    }

    /// Takes back what was found of whole files under these codes.
    pub(crate) fn forget(&mut self, codes: &[&'static Code]) {
        let is_of_rows = |subject: &str| !matches!(subject, "" | "pace");
        self.notes = core::mem::take(&mut self.notes)
            .into_iter()
            .filter(|((id, subject), _)| is_of_rows(subject) || codes.iter().all(|code| code.id != *id))
            .collect();
    }

    /// Counts a finding; gives the message that is to be written, where this one is the first.
    fn count(&mut self, code: &'static Code, subject: &str, line: Option<u64>) -> Option<&mut String> {
        let new = Note { code, line, count: 0, message: String::new(), hint: None };
        let note = self.notes.entry((code.id, String::from(subject))).or_insert(new);
        note.count += 1;
        let earlier = matches!((line, note.line), (Some(new), Some(old)) if new < old);
        if earlier {
            note.line = line;
        }
        (earlier || note.count == 1).then_some(&mut note.message)
    }

    /// Adds a finding with a hint of its own.
    pub fn add_with_hint(&mut self, code: &'static Code, line: Option<u64>, message: String, hint: String) {
        let note = Note { code, line, count: 1, message: message.clone(), hint: Some(hint) };
        self.notes.entry((code.id, message)).or_insert(note);
    }

    /// Takes over the notes of a later part of the same file, whose lines count from `lines_before`.
    pub fn merge(&mut self, later: Notes, lines_before: u64) {
        for (key, mut note) in later.notes {
            note.line = note.line.map(|l| l + lines_before);
            match self.notes.get_mut(&key) {
                Some(own) => own.count += note.count,
                None => {
                    self.notes.insert(key, note);
                }
            }
        }
    }

    /// All notes with what they are about, by code and subject.
    pub fn by_subject(&self) -> impl Iterator<Item = (&str, &Note)> {
        self.notes.iter().map(|((_, subject), note)| (subject.as_str(), note))
    }

    /// All notes, by code and subject.
    pub fn iter(&self) -> impl Iterator<Item = &Note> {
        self.notes.values()
    }
}
