//! carbon-report's core for JavaScript: decode, one call, encode. No logic of its own.
//!
//! Two builds: without features, what accounts and draws charts; with `documents`, what writes documents. The factor tables are in
//! neither and come in as text. The package in `js/` makes them a friendly API.

mod catalogue;
mod compare;
#[cfg(feature = "documents")]
mod documents;
mod error;
mod factors;
mod options;
mod session;
mod value;

pub use catalogue::{charts, formats, sniff};
#[cfg(feature = "documents")]
pub use documents::{document_formats, render};
pub use factors::Factors;
pub use session::{LogReader, Rejoining, Session};
