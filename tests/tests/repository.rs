//! Tests of the repository itself: edges between crates, the committed schema, generated lists, files that grew too long.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use carbon_tests::{compare_generated, root, walk};

/// Which crates each crate may use; everything else is a design change.
const EDGES: &[(&str, &[&str])] = &[
    ("carbon-core", &["carbon-data", "carbon-scan"]),
    ("carbon-data", &[]),
    ("carbon-render", &["carbon-core"]),
    ("carbon-report", &["carbon-core", "carbon-data", "carbon-render"]),
    ("carbon-scan", &[]),
    ("carbon-wasm", &["carbon-core", "carbon-data", "carbon-render"]),
    ("carbon-tests", &["carbon-core", "carbon-data", "carbon-render", "carbon-report"]),
    ("xtask", &["carbon-core", "carbon-data", "carbon-render", "carbon-report"]),
];

fn metadata() -> serde_json::Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let out = Command::new(cargo)
        .current_dir(root())
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .output()
        .expect("cargo metadata");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("JSON")
}

fn members(metadata: &serde_json::Value) -> BTreeMap<&str, &serde_json::Value> {
    let ids: BTreeSet<&str> = metadata["workspace_members"].as_array().expect("members").iter().filter_map(|m| m.as_str()).collect();
    let packages = metadata["packages"].as_array().expect("packages");
    packages.iter().filter(|p| ids.contains(p["id"].as_str().unwrap_or(""))).map(|p| (p["name"].as_str().unwrap_or(""), p)).collect()
}

#[test]
fn crates_use_only_what_they_may() {
    let metadata = metadata();
    let members = members(&metadata);
    for (name, package) in &members {
        let allowed = EDGES.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("{name} is not in the list of edges")).1;
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let target = dependency["name"].as_str().unwrap_or("");
            let is_test_only = dependency["kind"].as_str() == Some("dev");
            if members.contains_key(target) && !is_test_only {
                assert!(allowed.contains(&target), "{name} uses {target}");
            }
        }
    }
    assert_eq!(members.len(), EDGES.len());
}

/// What each part of core names of the others, but for its tests. A part is a module of `core/src`, every one of them.
fn arrows_inside_core() -> BTreeMap<String, BTreeSet<String>> {
    let source = root().join("core/src");
    let mut files = Vec::new();
    walk(&source, &mut files);
    let part_of = |file: &std::path::PathBuf| {
        let inside = file.strip_prefix(&source).expect("in core").with_extension("");
        inside.iter().next().and_then(|name| name.to_str()).unwrap_or_default().to_owned()
    };
    let mut arrows: BTreeMap<String, BTreeSet<String>> = files.iter().map(|file| (part_of(file), BTreeSet::new())).collect();
    arrows.remove("lib");
    let parts: Vec<String> = arrows.keys().cloned().collect();
    for file in files.iter().filter(|file| !file.ends_with("tests.rs") && !file.ends_with("builtin_tests.rs")) {
        let own = part_of(file);
        let Some(arrows) = arrows.get_mut(&own) else { continue };
        let text = fs::read_to_string(file).expect("text");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            assert!(!line.contains("crate::{"), "{}: name parts one by one: {line}", file.display());
            let named =
                line.split("crate::").skip(1).map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default());
            arrows.extend(named.filter(|name| *name != own && parts.iter().any(|part| part == name)).map(str::to_owned));
        }
    }
    arrows
}

/// No part may need itself by way of others: each is understood with those that it uses, and nothing else.
#[test]
fn the_parts_of_core_form_no_circle() {
    let mut arrows = arrows_inside_core();
    assert!(arrows["account"].contains("ledger") && arrows["read"].contains("decode") && arrows["report"].contains("ledger"), "{arrows:?}");
    // What needs nothing that is left is understood, and goes.
    while let Some(part) = arrows.iter().find(|(_, uses)| uses.is_empty()).map(|(part, _)| part.clone()) {
        arrows.remove(&part);
        arrows.values_mut().for_each(|uses| {
            uses.remove(&part);
        });
    }
    assert!(arrows.is_empty(), "a circle: {arrows:?}");
}

#[test]
fn every_package_comes_from_the_registry_under_a_known_licence() {
    let allowed = [
        "MIT",
        "Apache-2.0",
        "Unlicense",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "CC0-1.0",
        "Unicode-3.0",
        "MPL-2.0",
        "0BSD",
        "Unicode-DFS-2016",
        "BSL-1.0",
        "bzip2-1.0.6",
        "MIT-0",
    ];
    for package in metadata()["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().unwrap_or("");
        let source = package["source"].as_str().unwrap_or("registry+workspace");
        assert!(source.starts_with("registry+"), "{name} comes from {source}");
        assert!(!name.contains("pickle"), "{name}: pickles are never parsed");
        let licence = package["license"].as_str().unwrap_or("");
        let any = licence.replace('/', " OR ").split(" OR ").any(|one| {
            one.replace(['(', ')'], "").split(" AND ").all(|l| allowed.contains(&l.trim().split(" WITH ").next().unwrap_or("")))
        });
        assert!(any, "{name}: licence {licence:?}");
    }
}

/// The JSON Schema of the Report is the contract: generated from the model, committed, and compared here. `UPDATE=1` rewrites it.
#[test]
fn the_committed_schema_is_that_of_the_model() {
    let schema = schemars::schema_for!(carbon_core::report::Report);
    let mut text = serde_json::to_string_pretty(&schema).expect("JSON");
    text.push('\n');
    compare_generated(&root().join("core/report.schema.json"), &text);
}

/// Lists in documents that the code knows better.
#[test]
fn generated_lists_are_true() {
    let path = root().join("docs/notes.md");
    let mut text =
        String::from("# Notes\n\nEvery finding has a stable code; `carbon-report explain CODE` prints the same. This file is generated.\n");
    for explained in carbon_core::note::CODES {
        text.push_str(&format!(
            "\n## {}\n\n{}: {}.\n\n- Effect on the number: {}.\n- What to do: {}.\n",
            explained.code.id,
            explained.code.severity.as_str(),
            explained.meaning,
            explained.effect,
            explained.code.remedy
        ));
    }
    compare_generated(&path, &text);
    let path = root().join("docs/limits.md");
    let mut text = String::from(
        "# Limits\n\nEvery bound on what is read; `carbon-report --limits` prints the same. Where something is lost beyond one, the message names the bound. This file is generated.\n\n| limit | value | of | what lies beyond | how to raise it |\n| :-- | --: | :-- | :-- | :-- |\n",
    );
    for bound in carbon_core::bounds::BOUNDS {
        let raise = bound.fixed.map_or_else(|| format!("`--limit {}=N`", bound.name), String::from);
        text.push_str(&format!("| `{}` | {} | {} | {} | {raise} |\n", bound.name, bound.value, bound.of, bound.beyond));
    }
    compare_generated(&path, &text);
    let path = root().join("docs/formats.md");
    let text = fs::read_to_string(&path).expect("docs/formats.md");
    let (before, rest) = text.split_once("<!-- formats:start -->\n").expect("a start");
    let (_, after) = rest.split_once("<!-- formats:end -->").expect("an end");
    let mut list = String::new();
    for format in carbon_core::read::FORMATS {
        list.push_str(&format!("### `{}`: {}\n\n", format.id, format.name));
        list.push_str(&format!("{}\n\n", about(format)));
        if let Some(measured) = measured(format) {
            list.push_str(&format!("Measures {measured}.\n\n"));
        }
        list.push_str(&format!("```\n{}\n```\n\n", format.how_to_log));
    }
    compare_generated(&path, &format!("{before}<!-- formats:start -->\n{list}<!-- formats:end -->{after}"));
}

/// What a format is and its traps: what stands above its rows, or at the top of its code.
fn about(format: &carbon_core::read::Format) -> String {
    let mut files = Vec::new();
    walk(&root().join("core/src/read"), &mut files);
    let texts = || files.iter().map(|file| fs::read_to_string(file).expect("text"));
    let of_row = texts().find_map(|text| {
        let at = text.find(&format!("row(\n    \"{}\",", format.id))?;
        let above: Vec<&str> = text[..at].lines().rev().skip(1).take_while(|line| line.starts_with("///")).collect();
        Some(above.into_iter().rev().map(|line| line.trim_start_matches('/').trim()).collect::<Vec<_>>().join(" "))
    });
    of_row.unwrap_or_else(|| {
        let text = texts().find(|text| text.contains(&format!("id: \"{}\"", format.id))).unwrap_or_default();
        let top = text.lines().take_while(|line| line.starts_with("//!")).map(|line| line.trim_start_matches("//!").trim());
        top.take_while(|line| !line.is_empty() && !line.starts_with("```")).collect::<Vec<_>>().join(" ")
    })
}

/// What the rows of a format measure, in words.
fn measured(format: &carbon_core::read::Format) -> Option<String> {
    let carbon_core::read::ReadBy::Layout(layout) = &format.read_by else { return None };
    let mut words: Vec<String> = Vec::new();
    for meter in layout.meters.iter().filter(|meter| meter.aside.is_none()) {
        let word = format!("{} ({})", meter.component.label(), if meter.quantity.is_power() { "power" } else { "energy" });
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if layout.intensity.is_some() {
        words.push(String::from("carbon intensity"));
    }
    (!words.is_empty()).then(|| words.join(", "))
}

/// What a template of the user's can print.
#[test]
fn the_names_for_templates_are_true() {
    let path = root().join("docs/templates.md");
    let text = fs::read_to_string(&path).expect("docs/templates.md");
    let schema = serde_json::to_value(schemars::schema_for!(carbon_core::report::Report)).expect("JSON");
    let mut fields = String::from("| Field | What |\n| :-- | :-- |\n");
    for (name, field) in schema["properties"].as_object().expect("properties") {
        let about = field["description"].as_str().unwrap_or_default().lines().next().unwrap_or_default();
        fields += &format!("| `{name}` | {} |\n", about.replace('|', "\\|"));
    }
    let (before, rest) = text.split_once("<!-- fields:start -->\n").expect("a start");
    let (_, after) = rest.split_once("<!-- fields:end -->").expect("an end");
    compare_generated(&path, &format!("{before}<!-- fields:start -->\n{fields}<!-- fields:end -->{after}"));

    let registered = fs::read_to_string(root().join("templates/src/documents/filters.rs")).expect("filters.rs");
    for name in registered.split("register_filter(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(text.contains(&format!("`{name}`")) || text.contains(&format!("`{name}(")) || text.contains(&format!("{name}`")), "{name}");
    }
    let example = text.split("```jinja\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let report = fs::read_to_string(root().join("tests/reports/full.json")).expect("a report");
    let report = carbon_render::parse_report(&report).expect("a report");
    let options = carbon_render::Options { template: Some(("own.md.tera", example)), ..carbon_render::Options::default() };
    let card = carbon_render::render(&report, carbon_render::Format::Markdown, &options).expect("the example of the documentation");
    assert!(card.contains("## Footprint") && card.contains("| Component"), "{card}");
}

/// Every format and every other body of `carbon_tests::fuzz` has its target.
#[test]
fn every_fuzz_target_is_listed() {
    const FROM_HERE: &str = "# Generated from here on";
    let path = root().join("fuzz/Cargo.toml");
    let committed = fs::read_to_string(&path).expect("fuzz/Cargo.toml");
    let end = committed.find(FROM_HERE).and_then(|at| committed[at..].find('\n').map(|length| at + length + 1)).expect("the mark");
    let mut text = String::from(&committed[..end]);
    let formats = carbon_core::read::FORMATS.iter().map(|format| format.id);
    for name in formats.chain(carbon_tests::fuzz::TARGETS.iter().map(|(name, _)| *name)) {
        text.push_str(&format!("\n[[bin]]\nname = \"{name}\"\npath = \"targets/target.rs\"\ntest = false\ndoc = false\nbench = false\n"));
    }
    compare_generated(&path, &text);
}

#[test]
fn formats_and_codes_are_sorted_and_unique() {
    let ids: Vec<&str> = carbon_core::read::FORMATS.iter().map(|f| f.id).collect();
    let codes: Vec<&str> = carbon_core::note::CODES.iter().map(|c| c.code.id).collect();
    for list in [ids, codes] {
        assert!(list.windows(2).all(|w| w[0] < w[1]), "{list:?}");
    }
}

#[test]
fn source_files_stay_short() {
    let mut files = Vec::new();
    for folder in ["core", "data/src", "scan", "templates/src", "reporter", "wasm/src", "tests/src", "tests/tests", "xtask"] {
        walk(&root().join(folder), &mut files);
    }
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "rs")) {
        let lines = fs::read_to_string(file).expect("text").lines().count();
        assert!(lines <= 600, "{} has {lines} lines: split it", file.display());
    }
}

/// Logs and stores that tools wrote are kept without the folders of the machine on which they were made (`tests/stores/nameless.py`).
#[test]
fn no_input_names_a_folder_of_a_machine() {
    let mut files = Vec::new();
    for folder in ["tests/bad", "tests/formats", "tests/worlds", "tests/estimates", "fuzz/seeds"] {
        walk(&root().join(folder), &mut files);
    }
    for file in files {
        let bytes = fs::read(&file).expect("a file");
        for folder in ["/tmp/", "/home/", "/root/", "/Users/"] {
            let holds = bytes.windows(folder.len()).any(|window| window == folder.as_bytes());
            assert!(!holds, "{} names a folder of {folder}", file.display());
        }
    }
}

#[test]
fn every_format_has_its_cases() {
    for format in carbon_core::read::FORMATS {
        let folder = root().join("tests/formats").join(format.id);
        let cases = fs::read_dir(&folder).map_or(0, |d| d.flatten().filter(|e| e.path().is_dir()).count());
        assert!(cases >= 2, "{} has {cases} cases", format.id);
    }
}
