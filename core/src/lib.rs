//! Pure accounting core of carbon-report: log bytes in, [`report::Report`] out.
//!
//! Nothing in here opens a file, reads a clock or asks the environment: bytes and tables are pushed in.
//!
//! ```text
//! bytes → sniff → Reader → samples, declared totals → Series → Ledger → account → Report
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod account;
pub mod bounds;
pub mod card;
pub mod compare;
pub mod decode;
pub mod estimate;
pub mod factor;
pub mod fault;
pub mod interval;
pub mod ledger;
mod map;
pub mod note;
pub mod options;
mod order;
pub mod read;
pub mod report;
mod rules;
mod seldom;
pub mod series;
mod sparing;
pub mod text;
pub mod units;
