//! Words of the report that come from a fixed list.

use serde::{Deserialize, Serialize};

/// What the headline is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// The parts that the logs hold.
    Logged,
    /// The computers: what the logs hold, and the rest of the machines.
    #[default]
    Machine,
}

impl Boundary {
    /// `logged` or `machine`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Boundary::Logged => "logged",
            Boundary::Machine => "machine",
        }
    }

    /// The boundary whose word `word` is.
    pub fn named(word: &str) -> Option<Self> {
        [Boundary::Logged, Boundary::Machine].into_iter().find(|one| one.as_str() == word)
    }
}
