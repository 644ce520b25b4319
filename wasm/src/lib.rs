//! carbon-report's core for JavaScript: decode, one call, encode. No logic of its own.
//!
//! Four builds, so that a page loads what it uses: `accounting` makes reports of logs; `planning` does what needs none: estimates, what-if,
//! charts, listings; `documents` writes documents of a report; `html` makes HTML of Markdown for it. The factor tables are in none and come in
//! as text. The package in `js/` makes them a friendly API.

#[cfg(any(feature = "accounting", feature = "planning", feature = "documents"))]
mod error;
#[cfg(any(feature = "accounting", feature = "planning", feature = "documents"))]
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
pub use session::{LogReader, Reordering, Session};

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

#[cfg(feature = "html")]
mod html;
#[cfg(feature = "html")]
pub use html::markdown_to_html;
