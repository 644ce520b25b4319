//! A report that was edited by hand: what can't be is refused by its path, what can be shown is shown, and links lead to https alone.

use std::fs;
use std::path::Path;

use carbon_render::{FORMATS, Format, Length, Options, parse_report, render};
use serde_json::{Value, json};

fn report(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reports").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn refusal(pointer: &str, value: Value) -> String {
    let mut report = report("full.json");
    *report.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    parse_report(&report.to_string()).map(drop).expect_err(pointer).message
}

#[test]
fn numbers_that_cannot_be_are_refused_by_their_path() {
    for (pointer, value, path) in [
        ("/energy/it_kwh/value", json!(-1), "energy.it_kwh.value: found -1, expected 0 to"),
        ("/energy/it_kwh/low", json!(1e9), "energy.it_kwh.low: found 1000000000, expected no more than the value"),
        ("/energy/logged_kwh/high", json!(0), "energy.logged_kwh.high: found 0, expected no less than the value"),
        ("/energy/measured_share", json!(1.5), "energy.measured_share: found 1.5, expected 0 to 1"),
        ("/energy/by_component/0/share", json!(-0.1), "energy.by_component[0].share: found -0.1"),
        ("/energy/by_component/1/mean_power_w", json!(1e19), "energy.by_component[1].mean_power_w: found 1"),
        ("/activities/0/coverage", json!(7), "activities[0].coverage: found 7"),
        ("/activities/1/duration_s", json!(-3), "activities[1].duration_s: found -3"),
        ("/activities/0/emissions_kgco2e/value", json!(1e300), "activities[0].emissions_kgco2e.value: found 1"),
        ("/hardware/0/device_hours", json!(-1), "hardware[0].device_hours"),
        ("/pue/value", json!(0.5), "pue"),
        ("/carbon_intensity_gco2e_per_kwh/value", json!(1e6), "carbon_intensity_gco2e_per_kwh"),
        ("/period/duration_s", json!(-1), "period.duration_s"),
    ] {
        let message = refusal(pointer, value);
        assert!(message.starts_with(path), "{pointer}: {message}");
    }
}

/// Figures that hold each other: a quantity is scaled as a whole, as somebody does who mistakes its unit.
#[test]
fn figures_that_contradict_each_other_are_refused() {
    for (pointer, times, path) in [
        ("/energy/logged_kwh", 1000.0, "energy.logged_kwh.value"),
        ("/energy/it_kwh", 0.001, "energy.logged_kwh.value"),
        ("/energy/facility_kwh", 0.001, "energy.it_kwh.value"),
        ("/emissions/logged_kgco2e", 1000.0, "emissions.logged_kgco2e.value"),
        ("/emissions/operational_kgco2e", 1000.0, "emissions.operational_kgco2e.value"),
        ("/emissions/total_kgco2e", 0.001, "emissions.operational_kgco2e.value"),
    ] {
        let mut report = report("full.json");
        let quantity = report.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}"));
        for end in ["value", "low", "high"] {
            quantity[end] = json!(quantity[end].as_f64().unwrap() * times);
        }
        let message = parse_report(&report.to_string()).map(drop).expect_err(pointer).message;
        assert!(message.starts_with(path), "{pointer}: {message}");
    }
    // All masses in grams: no electricity causes as much.
    let mut report = report("full.json");
    for name in ["logged_kgco2e", "operational_kgco2e", "total_kgco2e"] {
        for end in ["value", "low", "high"] {
            let number = &mut report["emissions"][name][end];
            *number = json!(number.as_f64().unwrap() * 1000.0);
        }
    }
    let message = parse_report(&report.to_string()).map(drop).expect_err("grams").message;
    assert!(message.contains("kWh can have caused"), "{message}");
}

/// Texts and units that say another number than the one beside them.
#[test]
fn texts_that_contradict_their_numbers_are_refused() {
    for (pointer, value, path) in [
        ("/energy/it_kwh/text", json!("1 Wh"), "energy.it_kwh.text"),
        ("/energy/it_kwh/unit", json!("Wh"), "energy.it_kwh.unit: found \"Wh\", expected \"kWh\""),
        ("/energy/by_component/0/mean_power_text", json!("3 W"), "energy.by_component[0].mean_power_text"),
        ("/emissions/operational_kgco2e/text", json!("1 g"), "emissions.operational_kgco2e.text"),
        ("/emissions/total_kgco2e/unit", json!("t"), "emissions.total_kgco2e.unit"),
        ("/activities/0/emissions_kgco2e/text", json!("nothing"), "activities[0].emissions_kgco2e.text"),
        ("/decisions/0/energy_text", json!("1 GWh"), "decisions[0].energy_text"),
        ("/headline/sentence", json!("This training emitted about 1 g CO2eq."), "headline.sentence"),
        ("/model_card/emissions_g", json!("1.0"), "model_card.emissions_g"),
    ] {
        let message = refusal(pointer, value);
        assert!(message.starts_with(path), "{pointer}: {message}");
    }
}

#[test]
fn what_is_no_number_is_told_with_its_path_and_place() {
    let text = serde_json::to_string_pretty(&report("full.json")).unwrap();
    let value = text
        .split("\"it_kwh\"")
        .nth(1)
        .and_then(|rest| rest.split("\"value\": ").nth(1))
        .and_then(|rest| rest.split([',', '\n']).next())
        .unwrap();
    for (with, path) in [
        ("1e999", "energy.it_kwh"),
        ("\"much\"", "energy.it_kwh"),
        ("null", "energy.it_kwh"),
        ("NaN", "energy.it_kwh"),
        ("-", "energy.it_kwh"),
    ] {
        let (before, after) = text.split_once("\"it_kwh\"").unwrap();
        let edited = format!("{before}\"it_kwh\"{}", after.replacen(&format!("\"value\": {value}"), &format!("\"value\": {with}"), 1));
        let error = parse_report(&edited).map(drop).expect_err(with);
        assert!(error.message.starts_with(path), "{with}: {}", error.message);
        assert!(error.place.is_some_and(|place| place.starts_with("line ")), "{with}");
    }
    assert!(refusal("/activities/1/component", json!(7)).starts_with("activities[1]"));
    assert!(refusal("/energy", json!({})).starts_with("energy"));
    assert_eq!(parse_report("").unwrap_err().message.split(':').next(), Some("report"));
}

/// Addresses that are none of https stay text, and a report with them is shown.
#[test]
fn links_lead_to_https_alone() {
    for address in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "http://example.org/x",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        " https://example.org",
        "https:evil",
        "//evil.example",
        "https://user:pass@evil.example/",
        "https://ev il.example/",
        "https://\u{202e}evil/",
        "https://",
        "https://evil](javascript:alert(1))",
    ] {
        let mut edited = report("full.json");
        for source in edited["sources"].as_array_mut().unwrap() {
            source["url"] = json!(address);
        }
        let report = parse_report(&edited.to_string()).unwrap();
        for format in FORMATS {
            if matches!(format.format, Format::Json) {
                continue;
            }
            let text = render(&report, format.format, &Options { length: Length::Full, ..Options::default() }).unwrap();
            let own = |link: &str| link.starts_with("https://") && !link.contains("evil") && !link.contains("example.org");
            let targets = text
                .split("](")
                .skip(1)
                .chain(text.split("href=\"").skip(1))
                .filter(|_| !matches!(format.format, Format::Latex | Format::Csv));
            for target in targets {
                let target = target.split([')', '"']).next().unwrap();
                assert!(own(target) || target.starts_with('#'), "{address} in {}: {target}", format.name);
            }
            assert!(!text.contains("<script>alert"), "{address} in {}", format.name);
        }
    }
}

/// An address that no table has is text, however near it is to one that a table has; one that a table has is a link.
#[test]
fn links_lead_to_what_the_tables_cite_alone() {
    let known = "https://ember-energy.org/data/india-electricity-data/";
    for (address, is_live) in [
        (known, true),
        ("https://evil.example/", false),
        ("https://github.com/evil/evil", false),
        (&format!("{known}?x"), false),
        (&known.replace("https://", "https://evil.example/"), false),
        (&known.to_uppercase(), false),
    ] {
        let mut edited = report("full.json");
        for source in edited["sources"].as_array_mut().unwrap() {
            source["url"] = json!(address);
        }
        let report = parse_report(&edited.to_string()).unwrap();
        for (format, start) in
            [(Format::Markdown, format!("]({address}")), (Format::Mdx, format!("]({address}")), (Format::Html, format!("href=\"{address}"))]
        {
            let text = render(&report, format, &Options { length: Length::Full, ..Options::default() }).unwrap();
            assert_eq!(text.contains(&start), is_live, "{address} in {format:?}");
        }
    }
}

/// Pointers to all texts of a report.
fn texts(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(String::from(pointer)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| texts(item, &format!("{pointer}/{at}"), found)),
        Value::Object(fields) => fields.iter().for_each(|(name, item)| texts(item, &format!("{pointer}/{name}"), found)),
        _ => {}
    }
}

/// Odd text in every field that may hold any: all documents are made, and none is cut short.
#[test]
fn what_can_be_shown_is_shown() {
    for text in ["", "<b>x</b>", "a | b\n---\n", "\u{1b}[31m", "{{ x }}{% y %}", "`` ` ``", "\u{202e}", "💥".repeat(300).as_str()] {
        let mut edited = report("full.json");
        let mut pointers = Vec::new();
        texts(&edited, "", &mut pointers);
        let mut changed = 0;
        for pointer in &pointers {
            let old = std::mem::replace(edited.pointer_mut(pointer).unwrap(), json!(text));
            // Words of the schema are refused by their path; texts are anybody's.
            match parse_report(&edited.to_string()) {
                Ok(_) => changed += 1,
                Err(error) => {
                    let field = pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap();
                    assert!(error.message.contains(field), "{pointer}: {}", error.message);
                    *edited.pointer_mut(pointer).unwrap() = old;
                }
            }
        }
        assert!(changed > pointers.len() / 2, "{changed} of {} texts", pointers.len());
        let report = parse_report(&edited.to_string()).unwrap();
        for format in FORMATS {
            match render(&report, format.format, &Options { length: Length::Full, ..Options::default() }) {
                Ok(document) => assert!(document.len() > 20, "{text:?} in {}: {document:?}", format.name),
                Err(error) => assert_eq!(format.format, Format::FrontMatter, "{text:?}: {error}"),
            }
        }
    }
}
