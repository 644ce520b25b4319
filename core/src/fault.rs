//! What can't be used, in words for people.

use alloc::string::String;

/// A setting that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// Which setting.
    pub setting: &'static str,
    /// What was found and expected.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl SettingsError {
    pub(crate) fn new(setting: &'static str, message: impl Into<String>, hint: &str) -> Self {
        Self { setting, message: message.into(), hint: String::from(hint) }
    }
}
