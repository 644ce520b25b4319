//! Turns a [`Report`] into documents: Markdown, MDX, HTML, JSON, front matter, CSV, LaTeX, charts.
//!
//! Everything here is a pure function of the Report and the options. Text that came from a log is escaped for the language of
//! each document; nothing is added, multiplied or rounded here that the core has not.
//!
//! ```
//! use carbon_render::{Format, Options, parse_report, render};
//! # let text = include_str!("../../tests/reports/minimal.json");
//! let report = parse_report(text)?;
//! let json = render(&report, Format::Json, &Options::default())?;
//! assert_eq!(parse_report(&json)?, report);
//! # Ok::<(), carbon_render::RenderError>(())
//! ```

pub mod chart;
mod csv;
#[cfg(feature = "documents")]
mod documents;
mod error;
pub mod escape;
mod front_matter;
#[cfg(feature = "html")]
mod html;
mod json;
mod latex;
mod splice;

use carbon_core::report::Report;

pub use error::{RenderError, RenderErrorKind};
pub use front_matter::{KEY as FRONT_MATTER_KEY, front_matter_block};
#[cfg(feature = "front-matter")]
pub use front_matter::{check_front_matter, merge_front_matter};
#[cfg(feature = "html")]
pub use html::markdown_to_html;
pub use json::{parse_report, write_report};
pub use splice::{SpliceError, Spliced, append, has_markers, splice};

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// The activities as a table.
    Csv,
    /// The `co2_eq_emissions` block of a card's front matter.
    FrontMatter,
    /// A page, or with [`Options::fragment`] a section for one.
    Html,
    /// The Report itself.
    Json,
    /// A paragraph and a table for a paper.
    Latex,
    /// The section of a model card, in GitHub's flavour.
    Markdown,
    /// The same for MDX sites, with comments that MDX reads.
    Mdx,
    /// Energy by component as an image.
    Svg,
}

/// A format as people choose it.
pub struct FormatEntry {
    /// The format.
    pub format: Format,
    /// Its name on the command line.
    pub name: &'static str,
    /// Endings of file names that mean it.
    pub endings: &'static [&'static str],
    /// What it is, in words.
    pub about: &'static str,
}

/// Every format, in the order in which help lists them.
pub const FORMATS: &[FormatEntry] = &[
    FormatEntry { format: Format::Markdown, name: "markdown", endings: &["md", "markdown"], about: "section of a model card" },
    FormatEntry { format: Format::Mdx, name: "mdx", endings: &["mdx"], about: "the same section for MDX sites" },
    FormatEntry { format: Format::Html, name: "html", endings: &["html", "htm"], about: "self-contained page with charts" },
    FormatEntry { format: Format::Json, name: "json", endings: &["json"], about: "the whole report, to render again or to compute with" },
    FormatEntry {
        format: Format::FrontMatter,
        name: "yaml",
        endings: &["yaml", "yml"],
        about: "co2_eq_emissions for a card's front matter",
    },
    FormatEntry { format: Format::Csv, name: "csv", endings: &["csv"], about: "energy of every device, one row each" },
    FormatEntry { format: Format::Latex, name: "latex", endings: &["tex"], about: "paragraph and booktabs table for a paper" },
    FormatEntry { format: Format::Svg, name: "svg", endings: &["svg"], about: "chart of energy by component" },
];

impl Format {
    /// By its name or one of its endings, in any case.
    pub fn from_name(name: &str) -> Option<Format> {
        let means = |entry: &&FormatEntry| {
            entry.name.eq_ignore_ascii_case(name) || entry.endings.iter().any(|ending| ending.eq_ignore_ascii_case(name))
        };
        FORMATS.iter().find(means).map(|entry| entry.format)
    }
}

/// How much a document tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Length {
    /// Headline and the facts that the Hub's readers take.
    Short,
    /// Also what is counted, energy, calculation, runs, quality and how to make it again.
    #[default]
    Standard,
    /// Also devices, other grids, everyday terms, sources and the items of forms.
    Full,
}

impl Length {
    /// By its name: `short`, `standard` or `full`.
    pub fn from_name(name: &str) -> Option<Length> {
        match name {
            "short" => Some(Length::Short),
            "standard" => Some(Length::Standard),
            "full" => Some(Length::Full),
            _ => None,
        }
    }
}

/// What of a report a document is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// The same energy under other factors, alone: Markdown, MDX and SVG.
    Comparison,
    /// The run.
    #[default]
    Run,
}

/// What a document should be like.
#[derive(Clone, Copy, Debug)]
pub struct Options<'o> {
    /// How much it tells.
    pub length: Length,
    /// HTML without head and style, to stand in a page; nothing else heeds it.
    pub fragment: bool,
    /// Title of the page, instead of the report's.
    pub title: Option<&'o str>,
    /// Level of the section's heading, 1 to 4; its parts are one level below.
    pub heading_level: u8,
    /// Name of the section, where a document holds several.
    pub id: Option<&'o str>,
    /// What of the report the document is about.
    pub subject: Subject,
    /// Name and text of a template to use instead of the built-in one.
    pub template: Option<(&'o str, &'o str)>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { length: Length::Standard, fragment: false, title: None, heading_level: 2, id: None, subject: Subject::Run, template: None }
    }
}

/// What makes sanitised HTML of Markdown.
pub type ToHtml<'a> = dyn Fn(&str) -> Result<String, RenderError> + 'a;

/// Makes a document, ending in a line break.
///
/// Fails where the report lacks what the document is made of (front matter without emissions, a chart without energy), where
/// a template is wrong, and where this build was made without documents.
pub fn render(report: &Report, format: Format, options: &Options) -> Result<String, RenderError> {
    #[cfg(feature = "html")]
    return render_with(report, format, options, &|markdown| Ok(markdown_to_html(markdown)));
    #[cfg(not(feature = "html"))]
    render_with(report, format, options, &|_| {
        Err(RenderError::new(RenderErrorKind::Unsupported, "this build makes no HTML").hint("build carbon-render with the feature `html`"))
    })
}

/// The same, where what [`markdown_to_html`] does is done elsewhere: on a page it is a module of its own.
pub fn render_with(report: &Report, format: Format, options: &Options, to_html: &ToHtml) -> Result<String, RenderError> {
    if options.template.is_some() && !matches!(format, Format::Html | Format::Markdown | Format::Mdx) {
        return Err(RenderError::new(RenderErrorKind::Unsupported, "template: only Markdown, MDX and HTML are made from one"));
    }
    let missing = |what: &str, hint: &str| RenderError::new(RenderErrorKind::MissingContent, what).hint(hint);
    if options.subject == Subject::Comparison {
        if report.comparison.is_empty() {
            return Err(missing("comparison: found none in the report", "compare a report that has energy and emissions"));
        }
        match format {
            Format::Svg => {
                return chart::comparison(report).ok_or_else(|| missing("chart: found no emissions to compare", "give logs with energy"));
            }
            Format::Json | Format::Markdown | Format::Mdx => {}
            _ => {
                return Err(RenderError::new(RenderErrorKind::Unsupported, "a comparison alone is written as Markdown, SVG or JSON")
                    .hint("for a whole card or page compare with `carbon-report PATH --compare ZONE,…`, or render the JSON"));
            }
        }
    }
    match format {
        Format::Csv => Ok(csv::activities(report)),
        Format::FrontMatter => front_matter_block(report).ok_or_else(|| {
            missing(
                "front matter: found no emissions of 0.0001 g or more",
                "the Hub's readers take a smaller number for another one; name a region if no factor is known",
            )
        }),
        Format::Json => write_report(report),
        Format::Latex => Ok(latex::paper(report)),
        Format::Svg => chart::energy_by_component(report)
            .ok_or_else(|| missing("chart: found no energy in the report", "give logs with power or energy")),
        Format::Html | Format::Markdown | Format::Mdx => document(report, format, options, to_html),
    }
}

#[cfg(feature = "documents")]
fn document(report: &Report, format: Format, options: &Options, to_html: &ToHtml) -> Result<String, RenderError> {
    documents::render(report, format, options, to_html)
}

#[cfg(not(feature = "documents"))]
fn document(_: &Report, _: Format, _: &Options, _: &ToHtml) -> Result<String, RenderError> {
    Err(RenderError::new(RenderErrorKind::Unsupported, "this build makes no Markdown and no HTML")
        .hint("build carbon-render with the feature `documents`"))
}
