//! What a card says in sentences: made here once, printed by every document.

pub mod beyond;
mod headline;
mod run;
mod totals;

pub(crate) use headline::{Facts, grams, list, words};
pub use run::{grid, of_run};
pub(crate) use totals::measured;
