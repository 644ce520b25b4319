//! What templates see: `report`, and `doc` with what the options ask for.

use std::collections::BTreeMap;

use carbon_core::card::beyond::{self, Beyond, ROWS_SHOWN};
use carbon_core::report::Report;
use tera::{Context, Value};

use crate::error::{RenderError, RenderErrorKind};
use crate::{Format, Length, Options};

/// Deepest heading of the section: its parts need a level below.
const DEEPEST_HEADING: u8 = 4;

/// The context of the Markdown card.
pub(super) fn of_card(report: &Report, format: Format, options: &Options) -> Result<Context, RenderError> {
    let (open, close) = if format == Format::Mdx { ("{/*", "*/}") } else { ("<!--", "-->") };
    with_doc(report, options, usize::from(options.heading_level.clamp(1, DEEPEST_HEADING)), (open, close))
}

/// The context of a page's parts, the headings of which are `level` deep, and of the page itself.
pub(super) fn of_part(report: &Report, options: &Options, level: u8) -> Result<Context, RenderError> {
    with_doc(report, options, usize::from(level), ("<!--", "-->"))
}

fn with_doc(report: &Report, options: &Options, level: usize, comment: (&str, &str)) -> Result<Context, RenderError> {
    let report_value =
        Value::try_from_serializable(report).map_err(|e| RenderError::new(RenderErrorKind::MissingContent, format!("report: {e}")))?;
    let title = options.title.or(report.title.as_deref());
    // A card shows the first rows of long tables and the sums of the others; whoever asks for all gets all.
    let rows = if options.length >= Length::Full { u32::MAX as usize } else { ROWS_SHOWN };
    let of = |one: Beyond| BTreeMap::from([("rows", one.rows), ("length", one.length), ("energy", one.energy)]);
    let beyond = BTreeMap::from([
        ("runs", of(beyond::of_runs(report, rows))),
        ("figures", of(beyond::of_figures(report, rows))),
        ("factors", of(beyond::of_factors(report, rows))),
    ]);
    let doc: BTreeMap<&str, Value> = BTreeMap::from([
        ("heading", Value::safe_string(&"#".repeat(level))),
        ("standard", Value::from(options.length >= Length::Standard)),
        ("full", Value::from(options.length >= Length::Full)),
        ("compared", Value::from(options.length >= Length::Full || report.comparison_asked_for && options.length >= Length::Standard)),
        ("comment_open", Value::safe_string(comment.0)),
        ("comment_close", Value::safe_string(comment.1)),
        ("rows", Value::from(rows as u64)),
        ("beyond", Value::from_serializable(&beyond)),
        ("id", Value::from(options.id.unwrap_or_default())),
        ("title", Value::from(title.unwrap_or_default())),
    ]);
    let mut context = Context::new();
    context.insert_value("report", report_value);
    context.insert("doc", &doc);
    Ok(context)
}
