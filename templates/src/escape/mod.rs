//! Text from a log into a document: hidden characters made visible, then escaped for the document's language.

mod csv;
mod html;
mod latex;
mod markdown;
mod orders;
mod visible;
mod yaml;

pub use csv::csv_field;
pub use html::html;
pub use latex::latex;
pub use markdown::{code_span, fenced, link, markdown, prose};
pub use visible::{NAME_LENGTH, TEXT_LENGTH, shorten, visible};
pub use yaml::yaml_scalar;
