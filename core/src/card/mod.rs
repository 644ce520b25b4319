//! What a card says in sentences: made here once, printed by every document.

mod headline;

pub(crate) use headline::{Facts, grams, words};
