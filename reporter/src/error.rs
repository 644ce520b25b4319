//! The one error of the library: what was found, what was expected, and what to do.

use std::fmt;

/// Why nothing could be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Lower case, no full stop.
    pub message: String,
    /// Something to do.
    pub hint: Option<String>,
}

impl Error {
    /// An error without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// With something to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
