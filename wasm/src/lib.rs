//! carbon-report's core for JavaScript: decode, one call, encode. No logic of its own.
//!
//! Three builds, so that a page loads what it uses: `accounting` makes reports of logs; `planning` does what needs none: estimates, what-if,
//! charts, listings; `documents` writes documents of a report. The factor tables are in none and come in as text. The package in `js/`
//! makes them a friendly API.

mod error;
mod value;

#[cfg(any(feature = "accounting", feature = "planning"))]
mod factors;
#[cfg(any(feature = "accounting", feature = "planning"))]
mod options;
#[cfg(any(feature = "accounting", feature = "planning"))]
pub use factors::Factors;

#[cfg(feature = "accounting")]
mod formats;
#[cfg(feature = "accounting")]
mod session;
#[cfg(feature = "accounting")]
pub use formats::{formats, sniff};
#[cfg(feature = "accounting")]
pub use session::{LogReader, Rejoining, Session};

#[cfg(feature = "planning")]
mod catalogue;
#[cfg(feature = "planning")]
mod charts;
#[cfg(feature = "planning")]
mod compare;
#[cfg(feature = "planning")]
mod estimate;
#[cfg(feature = "planning")]
pub use charts::charts;

#[cfg(feature = "documents")]
mod documents;
#[cfg(feature = "documents")]
pub use documents::{document_formats, render};
