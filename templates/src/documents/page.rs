//! The HTML page: each part of the card through Markdown and the sanitiser, charts drawn after it, one template around all.

use std::collections::BTreeMap;

use carbon_core::report::Report;
use tera::{Context, Value};

use super::engine::{self, Target};
use super::{PARTS, context, tidy};
use crate::error::RenderError;
use crate::{Options, ToHtml, chart};

/// The page's style; its hash stands in the page's policy.
const STYLE: &str = include_str!("../../page.css");

/// SHA-256 of [`STYLE`] in base64. A constant, so that no hashing gets into the build; a test recomputes it.
const STYLE_SHA256: &str = include_str!("../../page.css.sha256");

/// Steps in the table that repeats the chart of power.
const TABLE_STEPS: usize = 24;

/// A page, or the section alone when a fragment is asked for.
pub(super) fn render(report: &Report, options: &Options, to_html: &ToHtml) -> Result<String, RenderError> {
    let context = page_context(report, options, to_html)?;
    let built_in = if options.fragment { "fragment.html.tera" } else { "page.html.tera" };
    match options.template {
        None if options.fragment => engine::render(Target::Html, built_in, &context).map(|section| without_braces(&section)),
        None => engine::render(Target::Html, built_in, &context),
        Some((name, text)) => engine::render_foreign(Target::Html, name, text, context),
    }
}

/// Braces as character references: what builds the page around a section may take braces for its own (`{{#include …}}` in mdBook, expressions of
/// Vue and Jinja), and a log could ask for a file. A section has neither style nor script that needs them.
fn without_braces(section: &str) -> String {
    section.replace('{', "&#123;").replace('}', "&#125;")
}

fn page_context(report: &Report, options: &Options, to_html: &ToHtml) -> Result<Context, RenderError> {
    // A part's headings are one level below its section's: `h2` on a page, as asked for in a fragment.
    let level = if options.fragment { options.heading_level.clamp(1, 4) } else { 1 };
    let part_context = context::of_part(report, options, level)?;
    let mut parts: BTreeMap<&str, Value> = BTreeMap::new();
    for &name in PARTS {
        let markdown = engine::render(Target::Markdown, &format!("md/{name}.md.tera"), &part_context)?;
        let html = to_html(&tidy::tidy(&markdown))?;
        if let Some((heading_name, body_name)) = with_chart(name) {
            // The chart stands between the two.
            let (heading, body) = html.split_at(html.find('\n').map_or(0, |end| end + 1));
            parts.insert(heading_name, Value::safe_string(heading));
            parts.insert(body_name, Value::safe_string(body));
        }
        parts.insert(name, Value::safe_string(&html));
    }
    let charts = [
        ("comparison", chart::comparison(report)),
        ("interval", chart::interval_bar(report)),
        ("energy", chart::energy_by_component(report)),
        ("power", chart::power_over_time(report)),
    ];
    let charts: BTreeMap<&str, Value> = charts.into_iter().filter_map(|(name, svg)| Some((name, Value::safe_string(&svg?)))).collect();

    let mut context = part_context;
    context.insert("parts", &parts);
    context.insert("charts", &charts);
    context.insert_value("style", Value::safe_string(STYLE));
    context.insert_value("style_sha256", Value::safe_string(STYLE_SHA256.trim_end()));
    if let Some(timeline) = &report.timeline {
        context.insert("power_steps", &power_steps(timeline));
        let coarse = timeline.coarser(TABLE_STEPS);
        context.insert("power_labels", &coarse.series.iter().map(|s| s.label.as_str()).collect::<Vec<_>>());
    }
    context.insert("level", &level);
    Ok(context)
}

/// Parts with a chart under their heading: names of the heading and of the rest.
fn with_chart(part: &str) -> Option<(&'static str, &'static str)> {
    match part {
        "context" => Some(("context_heading", "context_body")),
        "energy" => Some(("energy_heading", "energy_body")),
        _ => None,
    }
}

/// Rows of the table of power: start of the step, then the mean power of each series, absent where nothing was measured.
fn power_steps(timeline: &carbon_core::report::Timeline) -> Vec<(String, Vec<Option<f64>>)> {
    use carbon_core::units::Span;
    use carbon_core::units::calendar::{parse_stamp, rfc3339};

    let coarse = timeline.coarser(TABLE_STEPS);
    let steps = coarse.series.iter().map(|s| s.mean_power_w.len()).max().unwrap_or(0);
    let start = parse_stamp(coarse.start.as_bytes());
    let rows = (0..steps).map(|at| {
        let after = Span::from_seconds(i64::from(coarse.step_s).saturating_mul(at as i64));
        let stamp = start.map(|s| rfc3339(s.at.plus(after), coarse.utc)).unwrap_or_default();
        (stamp, coarse.series.iter().map(|s| s.mean_power_w.get(at).copied().flatten()).collect())
    });
    rows.collect()
}
