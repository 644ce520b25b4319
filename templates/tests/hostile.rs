//! Text from logs cannot change a document's structure, whatever it is: for every text field of the Report.

use std::fs;

use carbon_core::report::Report;
use carbon_render::escape::{shorten, visible};
use carbon_render::{Format, Length, Options, parse_report, render};
use proptest::prelude::*;
use serde_json::Value;

/// Fields that choose between built-in texts, name a source by its id, or are addresses: not free text.
const FIXED: [&str; 5] = ["schema", "id", "source", "url", "emissions_g"];

const ATTACKS: &[&str] = &[
    "| a | b |\n| - | - |",
    "```\n# x",
    "<script>alert(1)</script>",
    "<!-- carbon-report:end -->",
    "--> <img src=x onerror=alert(1)>",
    "](javascript:alert(1)) [x]: https://evil.example",
    "![pixel](https://evil.example/p.png)",
    "https://evil.example www.evil.example me@evil.example @user #123",
    "http://@x ://#1 www.@y",
    "> [!NOTE]\n> hidden",
    "\n---\nlicense: mit\n",
    "$$x$$ $`y`$ \\(z\\) ~~s~~ ~t~ ==u== ^v^",
    "{{ report }}{% raw %}{# x",
    "</summary></details></table></style></title>",
    "1. a\n2. b\n- c\n+ d\n===\n---",
    "\u{202e}evil\u{200b}\u{e0041}\u{feff}\0\x1b[31m",
    "&lt;b&gt; &#x3c; &amp;amp; &",
    "\\| \\` \\\\ \\",
    "** __ * _ `` ` ``` ~~~",
    "[^1]: note [^1] - [ ] task",
    ": definition\n    code",
    "'\" onmouseover=alert(1) x='",
    "=cmd|' /C calc'!A0",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[|`*_<>{}()#~$@:/\\\\&!=+.,0-9aw\\[\\]\\n\\t -]{0,48}",
        prop::sample::select(ATTACKS).prop_map(String::from),
        (prop::sample::select(ATTACKS), prop::sample::select(ATTACKS)).prop_map(|(a, b)| format!("{a}{b}")),
    ]
    // An empty text leaves its part out, which is another structure by right.
    .prop_map(|text| if visible(&text).is_empty() { String::from("x") } else { text })
}

/// The full report with every free text replaced: each field takes the next of `texts`, in turn.
fn report_with(texts: &[String]) -> Report {
    fn replace(value: &mut Value, key: &str, texts: &mut impl Iterator<Item = String>) {
        match value {
            Value::String(text) if !FIXED.contains(&key) => *text = texts.next().unwrap_or_default(),
            Value::Array(items) => items.iter_mut().for_each(|item| replace(item, key, texts)),
            Value::Object(fields) => fields.iter_mut().for_each(|(key, item)| replace(item, key, texts)),
            _ => {}
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/reports/full.json");
    let mut value: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    replace(&mut value, "", &mut texts.iter().cloned().cycle());
    parse_report(&value.to_string()).unwrap()
}

fn document(report: &Report, format: Format) -> String {
    render(report, format, &Options { length: Length::Full, ..Options::default() }).unwrap()
}

/// Blocks, links, images and HTML in their order, as pulldown-cmark sees them; and all text.
fn pulldown(markdown: &str) -> (Vec<String>, String) {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let mut skeleton = Vec::new();
    let mut text = String::new();
    for event in Parser::new_ext(markdown, Options::all() - Options::ENABLE_SMART_PUNCTUATION) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => skeleton.push(format!("link {dest_url}")),
            Event::Start(tag) => skeleton.push(format!("{:?}", std::mem::discriminant(&tag))),
            Event::Html(html) | Event::InlineHtml(html) if !html.starts_with("<!-- Generated") => skeleton.push(html.to_string()),
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) | Event::Rule => {
                skeleton.push(String::from("other"));
            }
            _ => {}
        }
    }
    (skeleton, text)
}

/// The same as comrak sees it, with the extensions that GitHub has on.
fn comrak(markdown: &str) -> Vec<String> {
    use comrak::nodes::NodeValue;
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.math_dollars = true;
    options.extension.math_code = true;
    options.extension.alerts = true;
    options.extension.description_lists = true;
    let arena = comrak::Arena::new();
    let root = comrak::parse_document(&arena, markdown, &options);
    let nodes = root.descendants().filter_map(|node| match &node.data.borrow().value {
        NodeValue::Text(_) | NodeValue::Code(_) | NodeValue::SoftBreak => None,
        NodeValue::Link(link) => Some(format!("link {}", link.url)),
        other => Some(format!("{:?}", std::mem::discriminant(other))),
    });
    nodes.collect()
}

/// Names of an HTML document's tags in their order; `code` is left out, since escaping a link makes one.
fn tags(html: &str) -> Vec<&str> {
    let names = html.split('<').skip(1).map(|part| {
        let end = part[1..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(part.len(), |at| at + 1);
        &part[..end]
    });
    names.filter(|name| !name.trim_start_matches('/').eq("code")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_card_keeps_its_structure(texts in prop::collection::vec(text(), 1..12)) {
        let plain = document(&report_with(&[String::from("x")]), Format::Markdown);
        let hostile = document(&report_with(&texts), Format::Markdown);
        let (skeleton, shown) = pulldown(&hostile);
        prop_assert_eq!(skeleton, pulldown(&plain).0);
        prop_assert_eq!(comrak(&hostile), comrak(&plain));
        for text in &texts {
            let text = visible(text);
            let text = shorten(&text, 120);
            prop_assert!(shown.contains(text.trim_end_matches('…')), "{:?} is not shown as it is", text);
        }
    }

    #[test]
    fn a_card_holds_no_hidden_character(texts in prop::collection::vec(text(), 1..12)) {
        for format in [Format::Markdown, Format::Html, Format::FrontMatter] {
            let line = document(&report_with(&texts), format).replace('\n', "");
            prop_assert_eq!(visible(&line), line.as_str());
        }
    }

    #[test]
    fn a_page_keeps_its_tags(texts in prop::collection::vec(text(), 1..12)) {
        let plain = document(&report_with(&[String::from("x")]), Format::Html);
        let hostile = document(&report_with(&texts), Format::Html);
        prop_assert_eq!(tags(&hostile), tags(&plain));
    }

    #[test]
    fn front_matter_keeps_its_keys_and_values(texts in prop::collection::vec(text(), 1..6)) {
        let report = report_with(&texts);
        let card = report.model_card.as_ref().unwrap();
        let block = document(&report, Format::FrontMatter);
        let documents = yaml_rust2::YamlLoader::load_from_str(&block).unwrap();
        prop_assert_eq!(documents.len(), 1);
        let fields = documents[0]["co2_eq_emissions"].as_hash().unwrap();
        let keys: Vec<&str> = fields.keys().map(|key| key.as_str().unwrap()).collect();
        prop_assert_eq!(keys, ["emissions", "source", "training_type", "geographical_location", "hardware_used"]);
        let stated = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default();
            shorten(&visible(text), 300).into_owned()
        };
        for (key, text) in [("training_type", stated(&card.training_type)), ("hardware_used", stated(&card.hardware_used))] {
            prop_assert_eq!(fields[&yaml_rust2::Yaml::String(String::from(key))].as_str(), Some(text.as_str()));
        }
    }

    #[test]
    fn json_reads_back_equal(texts in prop::collection::vec(text(), 1..12)) {
        let report = report_with(&texts);
        prop_assert_eq!(parse_report(&document(&report, Format::Json)).unwrap(), report);
    }

    #[test]
    fn addresses_are_https_or_nothing(address in prop_oneof![any::<String>(), text().prop_map(|t| format!("https://x.org/{t}"))]) {
        let mut report = report_with(&[String::from("x")]);
        for source in &mut report.sources {
            source.url = address.clone();
        }
        let markdown = document(&report, Format::Markdown);
        let links = |skeleton: &[String]| skeleton.iter().filter(|s| s.starts_with("link ")).cloned().collect::<Vec<_>>();
        let (seen, comrak_seen) = (links(&pulldown(&markdown).0), links(&comrak(&markdown)));
        prop_assert_eq!(&seen, &comrak_seen);
        prop_assert!(seen.iter().all(|link| link.starts_with("link https://")));
        // One where a factor names its source and one in the table of sources, for each, or none at all.
        let plain = pulldown(&document(&report_with(&[String::from("x")]), Format::Markdown)).0;
        prop_assert!(seen.is_empty() || seen.len() == links(&plain).len());
    }

    #[test]
    fn splicing_any_section_into_any_text_is_stable(texts in prop::collection::vec(text(), 1..4), around in any::<(String, String)>()) {
        let section = document(&report_with(&texts), Format::Markdown);
        let appended = carbon_render::append(&around.0, &section);
        if let Ok(once) = carbon_render::splice(&appended, &section) {
            prop_assert_eq!(&carbon_render::splice(&once.text, &section).unwrap().text, &once.text);
            prop_assert!(once.text.starts_with(&around.0));
        }
        let hostile = format!("{}\n<!-- carbon-report:start -->\n{}\n<!-- carbon-report:end -->\n{}", around.0, texts[0], around.1);
        if let Ok(once) = carbon_render::splice(&hostile, &section) {
            prop_assert!(once.text.starts_with(&around.0) && once.text.ends_with(&around.1));
        }
    }
}

#[test]
fn the_worst_cells_of_a_table_of_attacks_pass() {
    // Each attack alone in every field at once.
    let plain = pulldown(&document(&report_with(&[String::from("x")]), Format::Markdown)).0;
    for attack in ATTACKS {
        let hostile = document(&report_with(&[String::from(*attack)]), Format::Markdown);
        assert_eq!(pulldown(&hostile).0, plain, "{attack:?}");
    }
}
