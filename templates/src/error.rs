//! What can go wrong between a Report and a document.

use std::fmt;

/// Why a document could not be made, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderError {
    /// What kind of failure.
    pub kind: RenderErrorKind,
    /// What was found and what was expected: lower case, no full stop.
    pub message: String,
    /// Template or document, with line and column where they are known.
    pub place: Option<String>,
    /// What to do.
    pub hint: Option<String>,
}

/// Kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenderErrorKind {
    /// The front matter of a document is not what can be edited line by line.
    FrontMatter,
    /// The report lacks what this format is made of.
    MissingContent,
    /// The JSON is no report.
    NotAReport,
    /// A template took too long, or wrote or nested too much.
    TemplateLimit,
    /// A template names something that does not exist, or is not well formed.
    Template,
    /// This build has no templates, or the format takes none.
    Unsupported,
}

impl RenderError {
    /// An error without a place.
    pub fn new(kind: RenderErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), place: None, hint: None }
    }

    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.place {
            Some(place) => write!(f, " ({place})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for RenderError {}
