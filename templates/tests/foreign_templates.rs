//! Templates that are not ours: what they may do, and how they fail.

use std::time::{Duration, Instant};

use carbon_core::report::Report;
use carbon_render::{Format, Options, RenderError, RenderErrorKind, parse_report, render};

fn report() -> Report {
    parse_report(include_str!("../../tests/reports/full.json")).unwrap()
}

fn render_with(format: Format, text: &str) -> Result<String, RenderError> {
    render(&report(), format, &Options { template: Some(("own.tera", text)), ..Options::default() })
}

#[test]
fn a_template_prints_the_report_escaped_for_its_target() {
    let text =
        "{{ report.title }} {{ report.inputs[3].path }} {{ \"<b>\" }}\n\n\n\n| a | n |\n|:-|-:|\n| {{ report.headline.number }} | 1 |";
    let number = "about 337 kg CO2eq (95% interval 291 to 386 kg)";
    let (blank, dashes) = (" ".repeat(number.len() - 1), "-".repeat(number.len() - 1));
    assert_eq!(
        render_with(Format::Markdown, text).unwrap(),
        format!("Aurora-1B notes\\_\\[old\\].png &lt;b>\n\n| a{blank} |   n |\n| :{dashes} | --: |\n| {number} |   1 |\n")
    );
    assert_eq!(render_with(Format::Html, "{{ \"<b a='1'>\" }}").unwrap(), "&lt;b a=&#39;1&#39;&gt;");
}

#[test]
fn a_template_may_use_the_built_in_parts() {
    let text = "{% include \"md/facts.md.tera\" %}";
    assert!(render_with(Format::Markdown, text).unwrap().starts_with("- **Hardware Type:** 32 x NVIDIA"));
    assert!(render_with(Format::Html, "{{ parts.facts }}").unwrap().starts_with("<ul>\n<li><strong>Hardware Type:</strong> 32 x"));
}

#[test]
fn template_text_in_data_is_data() {
    let mut report = report();
    report.title = Some(String::from("{{ 7 * 7 }}{% include \"x\" %}"));
    let options = Options { template: Some(("own.tera", "{{ report.title }}")), ..Options::default() };
    assert_eq!(render(&report, Format::Html, &options).unwrap(), "{{ 7 * 7 }}{% include &quot;x&quot; %}");
}

#[test]
fn errors_name_template_and_place() {
    for (text, place, part) in [
        ("a\n{{ report.titel }}", "own.tera, line 2, column ", "titel"),
        ("a\nb {% if %}", "own.tera, line 2, column ", ""),
        ("{{ report.title | shout }}", "own.tera, line 1, column ", "shout"),
        ("{% include \"../secret\" %}", "own.tera, line 1, column ", "secret"),
        ("{{ get_env(name=\"HOME\") }}", "own.tera, line 1, column ", "get_env"),
    ] {
        let error = render_with(Format::Markdown, text).unwrap_err();
        assert_eq!(error.kind, RenderErrorKind::Template, "{text}");
        assert!(error.place.as_ref().is_some_and(|p| p.starts_with(place)), "{text}: {error:?}");
        assert!(error.message.contains(part), "{text}: {error:?}");
    }
}

#[test]
fn what_never_ends_ends() {
    let ranges = "{% for a in range(end=100000) %}".repeat(3) + "{{ a }}" + &"{% endfor %}".repeat(3);
    let silent = ranges.replace("{{ a }}", "");
    for (text, kind) in [
        (ranges.as_str(), RenderErrorKind::TemplateLimit),
        (silent.as_str(), RenderErrorKind::TemplateLimit),
        ("{% extends \"own.tera\" %}", RenderErrorKind::Template),
        ("{% include \"own.tera\" %}", RenderErrorKind::Template),
        ("{% component c() %}{{ <c /> }}{% endcomponent c %}{{ <c /> }}", RenderErrorKind::TemplateLimit),
        (&format!("{{{{ {}1 }}}}", "1 + ".repeat(200_000)), RenderErrorKind::TemplateLimit),
        (&format!("{{{{ {}1{} }}}}", "(".repeat(500), ")".repeat(500)), RenderErrorKind::Template),
        (&"{% if true %}".repeat(10_000), RenderErrorKind::TemplateLimit),
    ] {
        let start = Instant::now();
        let result = render_with(Format::Html, text);
        assert!(start.elapsed() < Duration::from_secs(5));
        match result {
            Err(error) => assert_eq!(error.kind, kind, "{error:?}"),
            // Brackets within the limits are an expression like any other.
            Ok(document) => assert_eq!(document, "1"),
        }
    }
}

#[test]
fn only_documents_take_templates() {
    assert_eq!(render_with(Format::Json, "x").unwrap_err().kind, RenderErrorKind::Unsupported);
}
