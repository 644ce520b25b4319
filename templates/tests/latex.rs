//! Whatever stands in a report, its LaTeX holds the commands of this program and no others, balanced groups and whole rows.

use std::fs;
use std::path::PathBuf;

use carbon_core::report::Report;
use carbon_render::{Format, Options, render};
use proptest::prelude::*;
use serde_json::Value;

const COMMANDS: &[&str] = &[
    "arraystretch",
    "begin",
    "bottomrule",
    "caption",
    "centering",
    "char",
    "circ",
    "cdot",
    "end",
    "geq",
    "label",
    "leq",
    "linewidth",
    "approx",
    "mbox",
    "midrule",
    "mu",
    "Omega",
    "paragraph",
    "pm",
    "raggedright",
    "renewcommand",
    "tabularnewline",
    "textasciicircum",
    "textasciigrave",
    "textasciitilde",
    "textbackslash",
    "textbar",
    "textgreater",
    "textless",
    "textsubscript",
    "times",
    "toprule",
    "usepackage",
];

/// Fields that hold words of a list and no text; ComponentEnergy's `basis` may hold several and is text.
fn is_word(key: &str, found: &str) -> bool {
    let of_a_list = matches!(key, "boundary" | "instrument" | "matched" | "method" | "severity" | "evaluation");
    key == "schema" || of_a_list || matches!(found, "measured" | "declared" | "estimated" | "direct" | "lifecycle")
}

fn with_every_text(value: &mut Value, key: &str, text: &str) {
    match value {
        Value::String(found) if !is_word(key, found) => *found = text.into(),
        Value::Array(items) => items.iter_mut().for_each(|item| with_every_text(item, key, text)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, field)| with_every_text(field, key, text)),
        _ => {}
    }
}

fn paper(text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/reports/full.json");
    let mut value: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    with_every_text(&mut value, "", text);
    let report: Report = serde_json::from_value(value).unwrap();
    render(&report, Format::Latex, &Options::default()).unwrap()
}

/// Problems of a document, read as TeX's mouth does: commands, groups, cells.
fn problems(document: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, line) in document.lines().enumerate() {
        let (mut depth, mut cells, mut math) = (0i32, 1, false);
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => {
                    let mut name = String::new();
                    while let Some(letter) = chars.next_if(char::is_ascii_alphabetic) {
                        name.push(letter);
                    }
                    if name.is_empty() {
                        chars.next();
                    } else if !COMMANDS.contains(&name.as_str()) {
                        wrong.push(format!("line {number}: \\{name}"));
                    }
                }
                '%' if number > 0 => wrong.push(format!("line {number}: a comment")),
                '{' => depth += 1,
                '}' => depth -= 1,
                '$' => math = !math,
                '^' if !math => wrong.push(format!("line {number}: an accent outside of math")),
                '_' | '#' => wrong.push(format!("line {number}: {c}")),
                '&' => cells += 1,
                c if !c.is_ascii() && !c.is_alphabetic() && !"–—‘’“”…".contains(c) => {
                    wrong.push(format!("line {number}: {c:?}"))
                }
                _ => {}
            }
            if depth < 0 {
                break;
            }
        }
        if depth != 0 || math {
            wrong.push(format!("line {number}: a group or formula is open"));
        }
        let is_row = line.ends_with(" \\\\") || line.ends_with(" \\tabularnewline");
        if cells != if is_row { 4 } else { 1 } {
            wrong.push(format!("line {number}: {cells} cells"));
        }
    }
    wrong
}

#[test]
fn known_attacks_stay_text() {
    for text in
        ["\\input{/etc/passwd}", "a & b \\\\ c", "% gone", "$x^2$ #1 ~_{}", "}}{{", "\\", "^^5cinput x", "東京 – ﬁ", "\n\n\\par\n", "---"]
    {
        assert_eq!(problems(&paper(text)), Vec::<String>::new(), "{text}");
    }
    assert!(!problems("\\input{x}").is_empty() && !problems("a & b").is_empty() && !problems("{").is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_stays_text(text in "\\PC{0,40}|[\\\\{}$&#^_%~ a-c\\n-]{0,40}") {
        prop_assert_eq!(problems(&paper(&text)), Vec::<String>::new());
    }
}
