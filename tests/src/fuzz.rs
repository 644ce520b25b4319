//! What must hold for any bytes whatever: the body of every fuzz target, and of the test that replays seeds and mutated seeds.
//!
//! Each function panics where a promise breaks; returning is passing.

mod mutate;

use std::sync::OnceLock;

use carbon_core::account::{self, Settings};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger, LedgerOptions};
use carbon_core::read::{FORMATS, FileReader, ReadOptions, Reading};
use carbon_core::report::{Quantity, Report};
use carbon_core::units::{Energy, Span};
use carbon_render::{Format, Length, Options, render};

pub use mutate::Mutator;

/// Separates the files of a folder in the bytes of [`pipeline`].
pub const NEXT_FILE: &[u8] = b"\n=====\n";

/// A target: its name and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target but the readers, which go by format id.
pub const TARGETS: &[Target] = &[
    ("factors", factors),
    ("front_matter", front_matter),
    ("pipeline", pipeline),
    ("saved_report", saved_report),
    ("settings", settings),
    ("splice", splice),
];

/// Runs a target by its name, or a reader by its format's id.
pub fn run(name: &str, bytes: &[u8]) {
    match TARGETS.iter().find(|(target, _)| *target == name) {
        Some((_, target)) => target(bytes),
        None => reader(name, bytes),
    }
}

/// Any bytes → detect → read → settle → account → render, as one file or as several.
pub fn pipeline(bytes: &[u8]) {
    for options in options() {
        let mut ledger = Ledger::default();
        for (number, file) in split(bytes).enumerate() {
            let mut reader = FileReader::new(options.clone());
            reader.push(file);
            let reading = reader.finish();
            check_reading(&reading, file);
            let path = format!("{number}.log");
            ledger.add(InputFile { path: path.clone(), bytes: file.len() as u64, blake3: path, ..InputFile::default() }, reading);
        }
        account(&ledger);
    }
}

/// A file taken for a log of one format, whatever it is; once whole and once byte by byte.
pub fn reader(id: &str, bytes: &[u8]) {
    let format = FORMATS.iter().find(|format| format.id == id).unwrap_or_else(|| panic!("no format {id}"));
    for options in options() {
        let read = |chunk: usize| {
            let mut reader = FileReader::of_format(format, options.clone());
            bytes.chunks(chunk).for_each(|bytes| reader.push(bytes));
            reader.finish()
        };
        let whole = read(usize::MAX);
        check_reading(&whole, bytes);
        let parts = read(1);
        assert_eq!(format!("{:?}", whole.rows), format!("{:?}", parts.rows), "rows depend on the chunks");
        let energy = |reading: Reading| {
            let mut ledger = Ledger::default();
            ledger.add(InputFile { path: String::from("log"), ..InputFile::default() }, reading);
            settle(&ledger)
        };
        assert_eq!(energy(whole), energy(parts), "energy depends on the chunks");
    }
}

/// A settings file.
pub fn settings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match carbon_report::settings::SettingsFile::parse(text) {
        Ok(file) => {
            // What it names is not opened here.
            let _ = file.choices.plain.make(None);
            let _ = (file.choices.plain.phase(), file.choices.plain.words());
        }
        Err(error) => assert!(!error.message.is_empty() && !error.message.contains('\n'), "{:?}", error.message),
    }
}

/// A document in which a section stands or shall stand.
pub fn splice(bytes: &[u8]) {
    const SECTION: &str = "<!-- carbon-report:start -->\nnew\n<!-- carbon-report:end -->\n";
    let Ok(document) = std::str::from_utf8(bytes) else { return };
    if let Ok(once) = carbon_render::splice(document, SECTION) {
        let twice = carbon_render::splice(&once.text, SECTION).expect("what was spliced can be spliced again");
        assert_eq!(twice.text, once.text, "a second run changes the document");
    }
    let appended = carbon_render::append(document, SECTION);
    assert!(appended.trim_start_matches('\u{feff}').starts_with(document.trim_start_matches('\u{feff}').trim_end()), "text before is kept");
}

/// Front matter into which a block is merged.
pub fn front_matter(bytes: &[u8]) {
    const BLOCK: &str = "co2_eq_emissions:\n  emissions: 12.5\n  source: x\n";
    let Ok(document) = std::str::from_utf8(bytes) else { return };
    let Ok(once) = carbon_render::merge_front_matter(document, BLOCK) else { return };
    let twice = carbon_render::merge_front_matter(&once, BLOCK).expect("what was merged can be merged again");
    assert_eq!(twice, once, "a second run changes the front matter");
    assert!(once.contains("emissions: 12.5"));
}

/// A saved report from somewhere else, into every document.
pub fn saved_report(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(report) = carbon_render::parse_report(text) else { return };
    documents(&report);
}

/// A user's table of factors.
pub fn factors(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = built_in().clone().with_user_table("mine.csv", text) {
        assert!(!error.message.is_empty());
    }
}

fn split(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let all = rest.take()?;
        match all.windows(NEXT_FILE.len()).position(|window| window == NEXT_FILE) {
            Some(end) => {
                rest = Some(&all[end + NEXT_FILE.len()..]);
                Some(&all[..=end])
            }
            None => Some(all),
        }
    })
    .take(8)
}

fn options() -> [ReadOptions; 2] {
    let interval = Some(Span::from_micros(1_000_000));
    [ReadOptions::default(), ReadOptions { interval, as_logged: true, ..ReadOptions::default() }]
}

/// Law 3, and no reading that nobody took.
fn check_reading(reading: &Reading, bytes: &[u8]) {
    let rows = &reading.rows;
    let skipped: u64 = rows.skipped.values().map(|(count, _)| count).sum();
    assert_eq!(rows.read(), rows.used + skipped, "rows do not add up");
    // A JSON document may hold any number of records in a line.
    let most = |byte| bytes.iter().filter(|b| **b == byte).count() as u64;
    // Of a file without line feeds, carriage returns end the lines.
    let lines = most(b'\n') + most(b'\r');
    let most = if reading.format == "codecarbon_json" { lines.max(most(b'{')) } else { lines };
    assert!(rows.read() <= most + 1, "more rows than lines");
}

fn settle(ledger: &Ledger) -> Energy {
    // Of which parts do not matter: what does not count is told.
    settle_parts(ledger, &["cpu".into(), "gpu:0".into()]);
    settle_parts(ledger, &[])
}

fn settle_parts(ledger: &Ledger, only: &[String]) -> Energy {
    let settled = ledger.settle(LedgerOptions { factors: Some(built_in()), only, ..LedgerOptions::default() });
    for evidence in &settled.evidence {
        assert!(evidence.energy >= Energy::ZERO, "a negative energy: {}", evidence.describe());
    }
    let counted: Energy = settled.evidence.iter().map(|evidence| evidence.energy).sum();
    // Law 3: every joule that was claimed counts, or stands in a decision.
    let left: Energy = settled.decisions.iter().filter_map(|decision| decision.energy).sum();
    assert_eq!(settled.plain, counted + left, "joules got lost: {:#?}", settled.decisions);
    counted
}

fn built_in() -> &'static FactorSet {
    static SET: OnceLock<FactorSet> = OnceLock::new();
    SET.get_or_init(|| FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables"))
}

fn account(ledger: &Ledger) {
    let energy = settle(ledger);
    let report = account::report(ledger, built_in(), &Settings::default()).expect("no setting is wrong");
    if let Some(totals) = &report.energy {
        check(&totals.it_kwh);
        totals.facility_kwh.iter().for_each(check);
        check(&totals.logged_kwh);
        // Of absurd figures alone the devices and their time are what was logged: an estimate.
        let is_estimate = energy == Energy::ZERO && totals.measured_share == 0.0;
        let close = is_estimate || (totals.logged_kwh.value - energy.as_kwh()).abs() <= 1e-9 * energy.as_kwh().abs();
        assert!(close, "the report says {} kWh, the ledger {}", totals.logged_kwh.value, energy.as_kwh());
        let parts: f64 = totals.by_component.iter().map(|part| part.energy_kwh.value).sum();
        assert!((parts - totals.it_kwh.value).abs() <= 1e-9 * parts.abs(), "components do not add up");
    }
    if let Some(emissions) = &report.emissions {
        check(&emissions.operational_kgco2e);
        check(&emissions.total_kgco2e);
    }
    documents(&report);
    let json = carbon_render::write_report(&report).expect("JSON");
    assert_eq!(carbon_render::parse_report(&json).expect("its own JSON"), report, "a saved report is another report");
}

fn check(quantity: &Quantity) {
    let Quantity { value, low, high, .. } = quantity;
    let finite = value.is_finite() && low.is_finite() && high.is_finite();
    assert!(finite && *low >= 0.0 && low <= value && value <= high, "{low} to {value} to {high}");
}

/// Every document, with what it must never hold.
fn documents(report: &Report) {
    for length in [Length::Short, Length::Full] {
        for format in carbon_render::FORMATS.iter().map(|entry| entry.format) {
            let options = Options { length, fragment: true, ..Options::default() };
            let Ok(text) = render(report, format, &options) else { continue };
            // In JSON strings hidden characters are data; its readers escape them.
            let hidden = |c: char| c.is_control() && c != '\n';
            assert!(format == Format::Json || !text.chars().any(hidden), "a control character in {format:?}");
            if format == Format::Html {
                assert!(!text.contains("<script") && !text.contains("javascript:"), "live text in HTML");
            }
        }
    }
}
