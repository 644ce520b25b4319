//! Tera set up for one target language: what a template prints is escaped for it unless the template says `safe`.

use std::io::{self, Write};
use std::sync::OnceLock;

use tera::{Context, ErrorKind, Tera};

use super::{filters, limits};
use crate::error::{RenderError, RenderErrorKind};
use crate::escape;

/// The language of a template's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Html,
    Markdown,
}

/// Built-in templates by name; a foreign template may include them.
pub(super) const TEMPLATES: &[(&str, &str)] = &[
    ("card.md.tera", include_str!("../../card.md.tera")),
    ("comparison.md.tera", include_str!("../../comparison.md.tera")),
    ("md/headline.md.tera", include_str!("../../md/headline.md.tera")),
    ("md/facts.md.tera", include_str!("../../md/facts.md.tera")),
    ("md/glance.md.tera", include_str!("../../md/glance.md.tera")),
    ("md/counted.md.tera", include_str!("../../md/counted.md.tera")),
    ("md/energy.md.tera", include_str!("../../md/energy.md.tera")),
    ("md/calculation.md.tera", include_str!("../../md/calculation.md.tera")),
    ("md/runs.md.tera", include_str!("../../md/runs.md.tera")),
    ("md/prediction.md.tera", include_str!("../../md/prediction.md.tera")),
    ("md/embodied.md.tera", include_str!("../../md/embodied.md.tera")),
    ("md/compared.md.tera", include_str!("../../md/compared.md.tera")),
    ("md/context.md.tera", include_str!("../../md/context.md.tera")),
    ("md/savings.md.tera", include_str!("../../md/savings.md.tera")),
    ("md/quality.md.tera", include_str!("../../md/quality.md.tera")),
    ("md/reproduce.md.tera", include_str!("../../md/reproduce.md.tera")),
    ("md/forms.md.tera", include_str!("../../md/forms.md.tera")),
    ("md/source_name.md.tera", include_str!("../../md/source_name.md.tera")),
    ("page.html.tera", include_str!("../../page.html.tera")),
    ("power.html.tera", include_str!("../../power.html.tera")),
    ("fragment.html.tera", include_str!("../../fragment.html.tera")),
];

/// Renders a built-in template.
pub(super) fn render(target: Target, name: &str, context: &Context) -> Result<String, RenderError> {
    write(built_in(target), name, context)
}

/// Renders a template that is not ours, with limits on what it may be, write and take.
pub(super) fn render_foreign(target: Target, name: &str, text: &str, context: Context) -> Result<String, RenderError> {
    limits::check(name, text)?;
    let mut tera = built_in(target).clone();
    let (own_name, text) = (String::from(name), String::from(text));
    limits::run(name, move || {
        tera.add_raw_template(&own_name, &text).map_err(|e| error_of(&own_name, &e))?;
        write(&tera, &own_name, &context)
    })
}

fn built_in(target: Target) -> &'static Tera {
    static HTML: OnceLock<Tera> = OnceLock::new();
    static MARKDOWN: OnceLock<Tera> = OnceLock::new();
    match target {
        Target::Html => HTML.get_or_init(|| build(target)),
        Target::Markdown => MARKDOWN.get_or_init(|| build(target)),
    }
}

fn build(target: Target) -> Tera {
    let mut tera = Tera::new();
    // Every name ends in nothing, so every template is escaped.
    tera.autoescape_on([""]);
    tera.set_escape_fn(match target {
        Target::Html => |text, out| out.write_all(escape::html(text).as_bytes()),
        Target::Markdown => |text, out| out.write_all(escape::markdown(text).as_bytes()),
    });
    filters::register(&mut tera);
    tera.add_raw_templates(TEMPLATES.iter().copied()).expect("the built-in templates are well formed: a test renders each");
    tera
}

fn write(tera: &Tera, name: &str, context: &Context) -> Result<String, RenderError> {
    let mut out = Capped { bytes: Vec::new() };
    tera.render_to(name, context, &mut out).map_err(|e| error_of(name, &e))?;
    String::from_utf8(out.bytes)
        .map_err(|_| RenderError::new(RenderErrorKind::Template, "template: found output that is not UTF-8").at(name))
}

/// Output that ends at [`limits::OUTPUT_BYTES`].
struct Capped {
    bytes: Vec<u8>,
}

impl Write for Capped {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + part.len() > limits::OUTPUT_BYTES {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where a template's names stand.
const FIELDS: &str = "`report` has the fields of `-o report.json`; docs/templates.md lists them and the filters";

fn error_of(name: &str, error: &tera::Error) -> RenderError {
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let (line, column) = (report.span().start_line, report.span().start_col + 1);
            let message = format!("template: {}", lower_first(report.message()));
            let error =
                RenderError::new(RenderErrorKind::Template, message).at(format!("{}, line {line}, column {column}", report.filename()));
            error.hint(FIELDS)
        }
        ErrorKind::Io(io::ErrorKind::FileTooLarge) => limits::too_much_output(name),
        // Missing names come as a drawing of the place, the first line of which is the message.
        _ => {
            let text = error.to_string();
            let mut lines = text.lines();
            let message = lines.next().unwrap_or_default().trim_start_matches("error: ");
            let place = lines.next().and_then(|line| line.split_once("--> ")).map(|(_, place)| place_of(place));
            RenderError::new(RenderErrorKind::Template, format!("template: {}", lower_first(message)))
                .at(place.unwrap_or_else(|| String::from(name)))
                .hint(FIELDS)
        }
    }
}

/// `card.md:3:7` in words.
fn place_of(text: &str) -> String {
    let mut parts = text.rsplitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(column), Some(line), Some(name)) => format!("{name}, line {line}, column {column}"),
        _ => String::from(text),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
