//! What can be wrong with a table, and with a name that is looked up.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// A factor table, or a number given as a factor, that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorError {
    /// The table's name, the user's file, or empty for a number given directly.
    pub table: String,
    /// Line in the table, the header's being 1; 0 where the table as a whole is meant.
    pub line: u64,
    /// What was found and what was expected.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl FactorError {
    pub(super) fn new(table: &str, line: u64, message: impl Into<String>) -> Self {
        Self { table: table.to_string(), line, message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_string());
        self
    }
}

impl fmt::Display for FactorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.table.as_str(), self.line) {
            ("", _) => write!(f, "{}", self.message),
            (table, 0) => write!(f, "{} ({table})", self.message),
            (table, line) => write!(f, "{} ({table}, line {line})", self.message),
        }
    }
}

impl core::error::Error for FactorError {}

/// A place that no table knows: an error, never a silent world average.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownZone {
    /// As it was asked, shortened to 80 characters.
    pub asked: String,
    /// What may have been meant, most likely first: `FR (France)`, `gcp:europe-west1 (St. Ghislain)`.
    pub suggestions: Vec<String>,
}

/// A cloud region that no table knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRegion {
    /// As it was asked, shortened to 80 characters.
    pub asked: String,
    /// What may have been meant, most likely first: `gcp:europe-west1 (St. Ghislain)`.
    pub suggestions: Vec<String>,
}

impl UnknownZone {
    pub(super) fn new(asked: &str, suggestions: Vec<String>) -> Self {
        Self { asked: asked.chars().take(80).collect(), suggestions }
    }

    /// What to do.
    pub fn hint(&self) -> String {
        hint(&self.suggestions, "give a zone such as FR, US-CA or gcp:europe-west1; `carbon-report regions` lists them")
    }
}

impl UnknownRegion {
    pub(super) fn new(asked: &str, suggestions: Vec<String>) -> Self {
        Self { asked: asked.chars().take(80).collect(), suggestions }
    }

    /// What to do.
    pub fn hint(&self) -> String {
        hint(&self.suggestions, "give provider and region, such as gcp:europe-west1; `carbon-report regions` lists them")
    }
}

impl fmt::Display for UnknownZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown zone {:?}", self.asked)
    }
}

impl fmt::Display for UnknownRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown cloud region {:?}", self.asked)
    }
}

impl core::error::Error for UnknownZone {}
impl core::error::Error for UnknownRegion {}

fn hint(suggestions: &[String], otherwise: &str) -> String {
    match suggestions {
        [] => otherwise.to_string(),
        [one] => format!("did you mean {one}?"),
        [first @ .., last] => format!("did you mean {} or {last}?", first.join(", ")),
    }
}
