//! The HTML page: each part of the card through Markdown and the sanitiser, charts drawn after it, one template around all.

use std::collections::{BTreeMap, HashMap, HashSet};

use carbon_core::report::Report;
use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, Options as Extensions, Parser, Tag, TagEnd, html};
use tera::{Context, Value};

use super::engine::{self, Target};
use super::{PARTS, context, tidy};
use crate::error::RenderError;
use crate::{Options, chart};

/// The page's style; its hash stands in the page's policy.
const STYLE: &str = include_str!("../../page.css");

/// SHA-256 of [`STYLE`] in base64. A constant, so that no hashing gets into the build; a test recomputes it.
const STYLE_SHA256: &str = include_str!("../../page.css.sha256");

/// Steps in the table that repeats the chart of power.
const TABLE_STEPS: usize = 24;

/// A page, or the section alone when a fragment is asked for.
pub(super) fn render(report: &Report, options: &Options) -> Result<String, RenderError> {
    let context = page_context(report, options)?;
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

fn page_context(report: &Report, options: &Options) -> Result<Context, RenderError> {
    // A part's headings are one level below its section's: `h2` on a page, as asked for in a fragment.
    let level = if options.fragment { options.heading_level.clamp(1, 4) } else { 1 };
    let part_context = context::of_part(report, options, level)?;
    let mut parts: BTreeMap<&str, Value> = BTreeMap::new();
    for &name in PARTS {
        let markdown = engine::render(Target::Markdown, &format!("md/{name}.md.tera"), &part_context)?;
        let html = to_html(&tidy::tidy(&markdown));
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

/// Markdown to HTML that holds nothing but text, tables, lists, links to `https` and details.
fn to_html(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut out, Tables::new(Parser::new_ext(markdown, Extensions::ENABLE_TABLES)));
    sanitiser().clean(&out).to_string()
}

fn sanitiser() -> ammonia::Builder<'static> {
    let tags = [
        "a", "br", "caption", "code", "details", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong",
        "summary", "table", "tbody", "td", "th", "thead", "tr", "ul",
    ];
    let attributes = [("a", ["href"].into()), ("th", ["scope"].into()), ("div", ["role", "tabindex", "aria-label"].into())];
    let classes: [(&str, HashSet<&str>); 4] =
        [("div", ["scroll"].into()), ("td", ["number"].into()), ("th", ["number"].into()), ("caption", ["hidden"].into())];
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(tags.into())
        .clean_content_tags(["script", "style", "svg", "math", "iframe", "form", "template"].into())
        .tag_attributes(HashMap::from(attributes))
        .allowed_classes(HashMap::from(classes))
        .url_schemes(["https"].into())
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
}

/// Writes tables with what pulldown-cmark leaves out or writes as a style: scopes, a caption, classes, a scrolling region.
struct Tables<I> {
    events: I,
    alignments: Vec<Alignment>,
    heading: Option<String>,
    last_heading: String,
    in_head: bool,
    column: usize,
}

impl<I> Tables<I> {
    fn new(events: I) -> Self {
        let last_heading = String::from("Table");
        Self { events, alignments: Vec::new(), heading: None, last_heading, in_head: false, column: 0 }
    }

    fn cell(&self, closing: bool) -> String {
        let head = self.in_head || self.column == 0;
        let name = if head { "th" } else { "td" };
        if closing {
            return format!("</{name}>");
        }
        let scope = match (self.in_head, self.column) {
            (true, _) => " scope=\"col\"",
            (false, 0) => " scope=\"row\"",
            _ => "",
        };
        let number = if self.alignments.get(self.column) == Some(&Alignment::Right) { " class=\"number\"" } else { "" };
        format!("<{name}{scope}{number}>")
    }
}

impl<'m, I: Iterator<Item = Event<'m>>> Iterator for Tables<I> {
    type Item = Event<'m>;

    fn next(&mut self) -> Option<Event<'m>> {
        let markup = |text: String| Event::Html(CowStr::from(text));
        let event = self.events.next()?;
        Some(match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.heading = Some(String::new());
                markup(format!("<{}>", heading_name(level)))
            }
            Event::End(TagEnd::Heading(level)) => {
                self.last_heading = self.heading.take().unwrap_or_default();
                markup(format!("</{}>\n", heading_name(level)))
            }
            Event::Text(text) => {
                if let Some(heading) = &mut self.heading {
                    heading.push_str(&text);
                }
                Event::Text(text)
            }
            Event::Start(Tag::Table(alignments)) => {
                self.alignments = alignments;
                let caption = crate::escape::html(&self.last_heading);
                markup(format!(
                    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\"><table>\n\
                     <caption class=\"hidden\">{caption}</caption>\n"
                ))
            }
            Event::End(TagEnd::Table) => markup(String::from("</tbody></table></div>\n")),
            Event::Start(Tag::TableHead) => {
                (self.in_head, self.column) = (true, 0);
                markup(String::from("<thead><tr>"))
            }
            Event::End(TagEnd::TableHead) => {
                self.in_head = false;
                markup(String::from("</tr></thead>\n<tbody>\n"))
            }
            Event::Start(Tag::TableRow) => {
                self.column = 0;
                markup(String::from("<tr>"))
            }
            Event::End(TagEnd::TableRow) => markup(String::from("</tr>\n")),
            Event::Start(Tag::TableCell) => markup(self.cell(false)),
            Event::End(TagEnd::TableCell) => {
                let text = self.cell(true);
                self.column += 1;
                markup(text)
            }
            other => other,
        })
    }
}

fn heading_name(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 => "h1",
        HeadingLevel::H2 => "h2",
        HeadingLevel::H3 => "h3",
        HeadingLevel::H4 => "h4",
        HeadingLevel::H5 => "h5",
        HeadingLevel::H6 => "h6",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_scopes_captions_and_no_style() {
        let html = to_html("# Energy\n\n| a | n |\n| :-- | --: |\n| x | 1 |\n");
        assert_eq!(
            html,
            "<h1>Energy</h1>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Energy\"><table>\n\
             <caption class=\"hidden\">Energy</caption>\n\
             <thead><tr><th scope=\"col\">a</th><th scope=\"col\" class=\"number\">n</th></tr></thead>\n<tbody>\n\
             <tr><th scope=\"row\">x</th><td class=\"number\">1</td></tr>\n</tbody></table></div>\n"
        );
    }

    #[test]
    fn nothing_active_passes() {
        for text in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[a](javascript:alert%281%29)",
            "[a](http://x.org)",
            "![a](https://x.org/p.png)",
            "<svg onload=alert(1)></svg><math></math><style>*{}</style><iframe src=https://x></iframe>",
            "<form id=f name=attributes action=https://x><input></form>",
            "<p style=\"color:red\" id=x class=y onclick=z>t</p>",
        ] {
            let html = to_html(text);
            for bad in ["<script", "<img", "href", "src", "<svg", "<style", "<iframe", "<form", "style=", "id=", "class=", "on"] {
                assert!(!html.contains(bad), "{text} → {html}");
            }
        }
    }
}
