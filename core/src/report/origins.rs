//! What a report was made from: files, with an account of their rows, and publications.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::bounds;

/// No table of a report is longer, but for its sums by kind.
pub const MOST_ROWS: usize = bounds::RUNS.value as usize;

model! {
    /// A file that was given.
    pub struct Input {
        /// Path relative to what was given on the command line; beyond a thousand files, how many more there are of the format.
        pub path: String,
        /// Format id; absent when no reader knows the file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub format: Option<String>,
        /// Size as given.
        pub bytes: u64,
        /// BLAKE3 of the bytes as given, hexadecimal; empty where the file was not read to its end, and of several files.
        pub blake3: String,
        /// SHA-256 of the same bytes, where it was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sha256: Option<String>,
        /// Rows found.
        pub rows_read: u64,
        /// Rows that counted.
        pub rows_used: u64,
        /// Rows that did not, by reason.
        pub rows_skipped: Vec<RowsSkipped>,
        /// Encoding, where it is not UTF-8.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub encoding: Option<String>,
        /// What was recognised in the file, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub evidence: Option<String>,
    }

    /// Rows that did not count, for one reason.
    pub struct RowsSkipped {
        /// Stable name.
        pub reason: String,
        /// How many.
        pub count: u64,
        /// Line of the first, where one line is to blame.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub first_line: Option<u64>,
    }

    /// A publication.
    pub struct Source {
        /// Id.
        pub id: String,
        /// Title.
        pub title: String,
        /// Who publishes it.
        pub publisher: String,
        /// Year.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub year: Option<i32>,
        /// Licence.
        pub licence: String,
        /// Public address; one that is none of https is shown as text.
        #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^https://")))]
        pub url: String,
    }
}
