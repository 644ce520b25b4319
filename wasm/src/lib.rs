//! carbon-report's core for JavaScript: decode, one call, encode. No logic of its own.
//!
//! Two builds: `accounting` makes reports and draws charts, `documents` writes documents of a report. The factor tables are in
//! neither and come in as text. The package in `js/` makes them a friendly API.

#[cfg(feature = "documents")]
mod documents;
mod error;
mod value;

#[cfg(feature = "accounting")]
mod catalogue;
#[cfg(feature = "accounting")]
mod compare;
#[cfg(feature = "accounting")]
mod factors;
#[cfg(feature = "accounting")]
mod options;
#[cfg(feature = "accounting")]
mod session;

#[cfg(feature = "accounting")]
pub use catalogue::{charts, formats, sniff};
#[cfg(feature = "documents")]
pub use documents::{document_formats, render};
#[cfg(feature = "accounting")]
pub use factors::Factors;
#[cfg(feature = "accounting")]
pub use session::{LogReader, Rejoining, Session};
