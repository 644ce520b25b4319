//! Every format that is known, one line each.

use super::Format;

/// All formats, alphabetical by id.
pub static FORMATS: &[&Format] = &[];
