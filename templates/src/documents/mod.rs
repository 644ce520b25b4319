//! Documents made from templates: Markdown, MDX, HTML.

mod context;
mod engine;
mod filters;
mod limits;
mod page;
mod tidy;

use carbon_core::report::Report;

use crate::error::RenderError;
use crate::{Format, Options, Subject, ToHtml};
use engine::Target;

/// Parts of the card in their order; each is a template of its own and may be empty.
const PARTS: &[&str] = &[
    "headline",
    "facts",
    "glance",
    "counted",
    "energy",
    "calculation",
    "runs",
    "prediction",
    "embodied",
    "context",
    "savings",
    "quality",
    "reproduce",
    "forms",
];

/// Renders one document.
pub(crate) fn render(report: &Report, format: Format, options: &Options, to_html: &ToHtml) -> Result<String, RenderError> {
    match format {
        Format::Html => page::render(report, options, to_html),
        _ => {
            let context = context::of_card(report, format, options)?;
            let text = match options.template {
                None if options.subject == Subject::Comparison => engine::render(Target::Markdown, "comparison.md.tera", &context),
                None => engine::render(Target::Markdown, "card.md.tera", &context),
                Some((name, text)) => engine::render_foreign(Target::Markdown, name, text, context),
            }?;
            Ok(tidy::tidy(&text))
        }
    }
}
