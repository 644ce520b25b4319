//! Documents of the reports in `tests/reports/`, byte for byte. `UPDATE=1` rewrites them: read that diff.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use carbon_render::{Format, Length, Options, parse_report, render};
use sha2::{Digest, Sha256};

fn reports() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/reports")
}

#[test]
fn documents_are_as_committed() {
    let short = Options { length: Length::Short, ..Options::default() };
    let full = Options { length: Length::Full, ..Options::default() };
    let section = Options { id: Some("aurora"), heading_level: 3, ..short };
    let fragment = Options { fragment: true, ..Options::default() };
    let mut stale = Vec::new();
    for (name, report, format, options) in [
        ("full.md", "full", Format::Markdown, full),
        ("full.standard.md", "full", Format::Markdown, Options::default()),
        ("full.short.md", "full", Format::Markdown, short),
        ("full.section.mdx", "full", Format::Mdx, section),
        ("full.html", "full", Format::Html, full),
        ("full.fragment.html", "full", Format::Html, fragment),
        ("full.yaml", "full", Format::FrontMatter, full),
        ("full.csv", "full", Format::Csv, full),
        ("full.tex", "full", Format::Latex, full),
        ("full.svg", "full", Format::Svg, full),
        ("full.json", "full", Format::Json, full),
        ("minimal.md", "minimal", Format::Markdown, full),
        ("minimal.html", "minimal", Format::Html, full),
        ("minimal.json", "minimal", Format::Json, full),
    ] {
        let report = fs::read_to_string(reports().join(format!("{report}.json"))).unwrap();
        let document = render(&parse_report(&report).unwrap(), format, &options).unwrap();
        let path = reports().join(name);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &document).unwrap();
        }
        if fs::read_to_string(&path).unwrap_or_default() != document {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "differ from tests/reports, rewrite with UPDATE=1 and read the diff: {stale:?}");
}

/// A page whose policy names another style is shown without any.
#[test]
fn the_policy_names_the_style() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let hash = STANDARD.encode(Sha256::digest(fs::read(folder.join("page.css")).unwrap())) + "\n";
    let path = folder.join("page.css.sha256");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &hash).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), hash, "rewrite with UPDATE=1, and the documents then");
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let report = parse_report(&fs::read_to_string(reports().join("full.json")).unwrap()).unwrap();
    let full = Options { length: Length::Full, ..Options::default() };
    let first = render(&report, Format::Html, &full).unwrap();
    // A map in a hash's order would differ from one rendering to the next.
    assert!((0..8).all(|_| render(&report, Format::Html, &full).unwrap() == first));
}

#[test]
fn what_a_report_lacks_is_told() {
    let report = parse_report(&fs::read_to_string(reports().join("minimal.json")).unwrap()).unwrap();
    for format in [Format::FrontMatter, Format::Svg] {
        let error = render(&report, format, &Options::default()).unwrap_err();
        assert_eq!(error.kind, carbon_render::RenderErrorKind::MissingContent);
        assert!(error.hint.is_some());
    }
}
