//! Library behind the `carbon-report` command: finds and reads files, settings and factors, and hands them to `carbon-core`.
//!
//! ```no_run
//! use carbon_report::{Options, read_paths};
//!
//! let inputs = read_paths(&["logs".into()], &Options::default())?;
//! for entry in inputs.ledger.entries() {
//!     println!("{}: {} rows", entry.file.path, entry.reading.rows.read());
//! }
//! # Ok::<(), carbon_report::Error>(())
//! ```

mod atomic;
mod blame;
pub mod commands;
pub mod discover;
pub mod document;
mod error;
mod hash;
mod in_order;
mod inputs;
mod limits;
mod number;
mod open;
mod own_folder;
mod parallel;
mod progress;
mod read;
pub mod record;
pub mod request;
mod saved;
pub mod settings;
mod source;
mod spool;
mod store;
pub mod suggest;
pub mod terminal;
mod unpack;
pub mod zone;

pub use error::Error;
pub use inputs::{Inputs, Options, Unusable, read_paths};
pub use limits::Limits;
pub use saved::is_saved_report;
