//! Every name in a template is a field of the Report, a variable that the renderer sets, or set by the template itself.
//!
//! Tera takes a misspelt last field in a condition for false, in silence; this test does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use carbon_core::report::Report;
use serde_json::Value;

/// What the renderer sets beside `report`, with the names below each; `[]` is what a loop over it yields.
const OTHERS: &[&str] = &[
    "doc.heading",
    "doc.standard",
    "doc.full",
    "doc.comment_open",
    "doc.comment_close",
    "doc.id",
    "doc.title",
    "parts.headline",
    "parts.facts",
    "parts.glance",
    "parts.counted",
    "parts.energy",
    "parts.energy_heading",
    "parts.energy_body",
    "parts.calculation",
    "parts.runs",
    "parts.context",
    "parts.quality",
    "parts.reproduce",
    "parts.forms",
    "charts.interval",
    "charts.energy",
    "charts.power",
    "style",
    "style_sha256",
    "level",
    "power.labels",
    "power.labels[]",
    "power.steps[].start",
    "power.steps[].watts[]",
    "power.steps",
    "power.steps[].watts",
    "loop.last",
    "loop.index",
];

/// Words of the template language.
const KEYWORDS: &[&str] = &[
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "in",
    "endfor",
    "set",
    "set_global",
    "include",
    "and",
    "or",
    "not",
    "is",
    "true",
    "false",
    "number",
];

#[test]
fn templates_name_only_what_exists() {
    let known = known_names();
    let mut unknown = Vec::new();
    for path in templates() {
        let text = fs::read_to_string(&path).unwrap();
        let mut loops: BTreeMap<String, String> = BTreeMap::new();
        // Included from the loop over factors, where it stands.
        if path.ends_with("source_name.md.tera") {
            loops.insert(String::from("factor"), String::from("report.factors[]"));
        }
        for (line, tag) in tags(&text) {
            for name in names(&tag, &mut loops) {
                if !known.contains(&name) {
                    unknown.push(format!("{}:{line}: {name}", path.display()));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "no such field:\n{}", unknown.join("\n"));
}

#[test]
fn the_check_sees_a_misspelt_field() {
    let known = known_names();
    let mut loops = BTreeMap::new();
    let found: Vec<String> = ["if report.energy.facilty_kwh", "for r in report.runs", "if r.nam", "report.interval.level | percent"]
        .iter()
        .flat_map(|tag| names(tag, &mut loops))
        .filter(|name| !known.contains(name))
        .collect();
    assert_eq!(found, ["report.energy.facilty_kwh", "report.runs[].nam"]);
}

fn templates() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = [root.to_path_buf(), root.join("md")].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut paths: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "tera"));
    assert!(paths.len() > 10);
    paths.sort();
    paths
}

/// Paths of the Report by its schema, arrays as `name[]`, and [`OTHERS`] with all that leads to them.
fn known_names() -> BTreeSet<String> {
    let schema = serde_json::to_value(schemars::schema_for!(Report)).unwrap();
    let mut names = BTreeSet::new();
    walk(&schema, &schema, "report", &mut names);
    for other in OTHERS {
        let ends = other.match_indices('.').map(|(at, _)| at).chain([other.len()]);
        names.extend(ends.map(|end| String::from(&other[..end])));
    }
    names
}

fn walk(root: &Value, at: &Value, path: &str, names: &mut BTreeSet<String>) {
    names.insert(String::from(path));
    let target = at.get("$ref").and_then(Value::as_str).and_then(|r| root.pointer(r.trim_start_matches('#')));
    if let Some(target) = target {
        return walk(root, target, path, names);
    }
    for choice in at.get("anyOf").and_then(Value::as_array).into_iter().flatten() {
        walk(root, choice, path, names);
    }
    for (name, field) in at.get("properties").and_then(Value::as_object).into_iter().flatten() {
        walk(root, field, &format!("{path}.{name}"), names);
    }
    if let Some(items) = at.get("items").filter(|items| items.is_object()) {
        walk(root, items, &format!("{path}[]"), names);
    }
}

/// What stands in `{{ }}` and `{% %}`, with its line.
fn tags(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('{').map(|offset| at + offset) {
        let closing = match text.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                at = start + 1;
                continue;
            }
        };
        let end = start + text[start..].find(closing).unwrap();
        if closing != "#}" {
            let line = text[..start].matches('\n').count() + 1;
            found.push((line, String::from(text[start + 2..end].trim_matches('-').trim())));
        }
        at = end + 2;
    }
    found
}

/// Full paths of the names in a tag; a loop or a `set` gives its variable a path.
fn names(tag: &str, loops: &mut BTreeMap<String, String>) -> Vec<String> {
    let without_strings: String = tag.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let words: Vec<&str> =
        without_strings.split(|c: char| !(c.is_ascii_alphanumeric() || "_.|=[]:".contains(c))).filter(|w| !w.is_empty()).collect();
    let mut paths = Vec::new();
    let mut variables: Vec<&str> = Vec::new();
    let mut before = "";
    for word in &words {
        let filter = before == "|";
        before = word;
        // An argument's name goes; its value, a slice and an index are looked at without them.
        let value = word.rsplit('=').next().unwrap_or_default().split('[').next().unwrap_or_default();
        if filter || KEYWORDS.contains(word) || value.is_empty() || value.starts_with(|c: char| !c.is_ascii_alphabetic()) {
            continue;
        }
        if (words.first() == Some(&"for") && !words[..words.iter().position(|w| w == word).unwrap()].contains(&"in"))
            || (words.first().is_some_and(|w| w.starts_with("set")) && words.get(1) == Some(word))
        {
            variables.push(value);
            continue;
        }
        let (head, rest) = value.split_once('.').map_or((value, None), |(head, rest)| (head, Some(rest)));
        let head = loops.get(head).cloned().unwrap_or_else(|| String::from(head));
        if head.is_empty() {
            continue;
        }
        paths.push(rest.map_or(head.clone(), |rest| format!("{head}.{rest}")));
    }
    for variable in variables {
        // A variable that is set holds no fields; one that loops holds those of the items.
        let path = if words[0] == "for" { paths.first().map(|p| format!("{p}[]")) } else { None };
        let path = if variable == "name" || variable == "value" { None } else { path };
        loops.insert(String::from(variable), path.unwrap_or_default());
    }
    paths
}
