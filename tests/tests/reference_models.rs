//! Every row of `reference_models.csv` by its own inputs, and inside the interval of an estimate from what a user would know.

use std::collections::BTreeMap;
use std::fs;

use carbon_core::account::{self, Settings};
use carbon_core::estimate::{EstimateRequest, Phase, evidence};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::Ledger;
use carbon_core::report::Report;
use carbon_tests::root;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

/// A row of `estimates/reference/models.toml`, whose head says what the fields are.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Row {
    model: String,
    source: String,
    basis: Option<String>,
    /// Of one device, W.
    watts: Option<f64>,
    /// Of everything, W.
    power_w: Option<f64>,
    watts_from: Option<String>,
    energy_kwh: Option<f64>,
    energy_kwh_from: Option<String>,
    hours: Option<f64>,
    hours_from: Option<String>,
    pue: Option<f64>,
    gco2e_per_kwh: Option<f64>,
    factors_from: Option<String>,
    /// `computers` where the energy is without the PUE.
    meter: Option<String>,
    energy: Option<String>,
    energy_ours: Option<String>,
    energy_differs: Option<String>,
    energy_missing: Option<String>,
    emissions: Option<String>,
    /// `energy` where they are the published energy's, not that of hours and watts.
    emissions_from: Option<String>,
    pue_in_energy: bool,
    emissions_ours: Option<String>,
    emissions_differ: Option<String>,
    emissions_missing: Option<String>,
    implied_g: Option<String>,
    region: Option<String>,
    year: Option<i32>,
}

type Cells = BTreeMap<String, String>;

fn rows() -> Vec<(Row, Cells)> {
    let path = root().join("tests/estimates/reference/models.toml");
    let table: Table = toml::from_str(&fs::read_to_string(path).expect("the table")).unwrap_or_else(|e| panic!("models.toml: {e}"));
    let text = carbon_data::REFERENCE_TABLES.iter().find(|(name, _)| *name == "reference_models").expect("the table").1;
    let mut left = table.row;
    let mut rows = Vec::new();
    for cells in carbon_tests::csv_rows(text) {
        let is_of = |row: &Row| {
            row.model == cells["model"] && row.source == cells["source"] && row.basis.as_ref().is_none_or(|basis| *basis == cells["basis"])
        };
        let at = left.iter().position(is_of).unwrap_or_else(|| panic!("models.toml lacks {} ({})", cells["model"], cells["source"]));
        rows.push((left.remove(at), cells));
    }
    let names: Vec<&str> = left.iter().map(|row| row.model.as_str()).collect();
    assert!(names.is_empty(), "in models.toml, not in the table: {names:?}");
    rows
}

fn number(cells: &Cells, name: &str) -> Option<f64> {
    cells[name].parse().ok()
}

fn report(method: Option<&str>, phase: Phase, settings: &Settings, factors: &FactorSet) -> Report {
    let request = EstimateRequest { method: method.map(String::from), phases: vec![phase] };
    let mut ledger = Ledger::default();
    ledger.add_phases(evidence(&request, settings, factors).expect("an estimate"));
    account::report(&ledger, factors, settings).expect("a report")
}

/// The time of a row: of all devices together for Llama and Stable Diffusion, by the clock for the others. Searches of many trials
/// stand among them: a hundred runs of a hundredth.
fn time(phase: Phase, row: &Row, cells: &Cells) -> Option<Phase> {
    let hours = row.hours.or(number(cells, "hours"))? / 100.0;
    let wall = cells["hardware"].contains(" x ") && !cells["source"].starts_with("compvis");
    let (hours, device_hours) = if wall { (Some(hours), None) } else { (None, Some(hours)) };
    Some(Phase { hours, device_hours, repeats: Some(100.0), ..phase })
}

/// The row as its source computes it: hours × watts.
fn by_hours(row: &Row, cells: &Cells, settings: &Settings, factors: &FactorSet) -> Option<Report> {
    let phase = match (row.watts, row.power_w) {
        (Some(watts), _) => Phase { gpu: vec![cells["hardware"].clone()], tdp_w: Some(watts), ..Phase::default() },
        (None, Some(power_w)) => Phase { power_w: Some(power_w), ..Phase::default() },
        (None, None) => return None,
    };
    let method = if row.power_w.is_some() { "strubell" } else { "green-algorithms" };
    Some(report(Some(method), time(phase, row, cells)?, settings, factors))
}

/// The row as its source computes it: published energy × factors.
fn by_energy(row: &Row, cells: &Cells, settings: &Settings, factors: &FactorSet) -> Option<Report> {
    let energy_kwh = row.energy_kwh.or(number(cells, "energy_kwh"));
    let settings = Settings { pue: settings.pue.filter(|_| !row.pue_in_energy).or(Some(1.0)), ..settings.clone() };
    Some(report(Some("carbontracker"), Phase { energy_kwh: Some(energy_kwh?), ..Phase::default() }, &settings, factors))
}

/// `36 MWh` as digits and the size of their unit in kWh or kg.
fn figure(text: &str) -> (&str, f64) {
    let (digits, unit) = text.split_once(' ').expect("a number and a unit");
    let size = match unit {
        "kWh" | "kg" => 1.0,
        "MWh" | "t" => 1e3,
        "kt" => 1e6,
        "lb" => 0.453_592_37,
        _ => panic!("{text}"),
    };
    (digits, size)
}

/// `value` with the digits and the unit of a published figure.
fn like(published: &str, value: f64) -> String {
    let (digits, size) = figure(published);
    let decimals = digits.split_once('.').map_or(0, |(_, after)| after.len());
    let unit = published.split_once(' ').expect("a unit").1;
    format!("{:.decimals$} {unit}", value / size)
}

#[test]
fn every_row_follows_from_its_own_inputs_or_says_why_not() {
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("built-in tables");
    let (mut follow, mut differ, mut missing, mut wrong) = (0, 0, 0, Vec::new());
    for (row, cells) in rows() {
        let name = format!("{} ({}, {})", row.model, row.source, cells["basis"]);
        let mut say = |text: String| wrong.push(format!("{name}: {text}"));
        let settings = Settings {
            pue: row.pue.or(number(&cells, "pue")).or(Some(1.0)),
            intensity_g_per_kwh: row.gco2e_per_kwh.or(number(&cells, "gco2e_per_kwh")).filter(|g| *g > 0.0).or(Some(100.0)),
            ..Settings::default()
        };
        for (value, from) in [
            (row.watts.or(row.power_w).is_some(), &row.watts_from),
            (row.energy_kwh.is_some(), &row.energy_kwh_from),
            (row.hours.is_some(), &row.hours_from),
            (row.gco2e_per_kwh.is_some(), &row.factors_from),
        ] {
            if value != from.is_some() {
                say("an input without its origin".into());
            }
        }
        let hours = by_hours(&row, &cells, &settings, &factors);
        let kwh = hours.as_ref().map(|report| {
            let energy = report.energy.as_ref().expect("an energy");
            if row.meter.is_some() { energy.it_kwh.value } else { energy.facility_kwh.as_ref().expect("a building").value }
        });
        let kg_of = |report: Report| report.emissions.expect("emissions").operational_kgco2e.value;
        let kg = match row.emissions_from.as_deref() {
            Some("energy") => by_energy(&row, &cells, &settings, &factors).map(kg_of),
            _ => hours.map(kg_of),
        };
        for (what, published, ours, other, differs, lacks, column, size) in [
            ("energy", &row.energy, kwh, &row.energy_ours, &row.energy_differs, &row.energy_missing, "energy_kwh", 1.0),
            ("emissions", &row.emissions, kg, &row.emissions_ours, &row.emissions_differ, &row.emissions_missing, "tco2e", 1000.0),
        ] {
            let table = number(&cells, column).map(|value| value * size);
            let Some(published) = published else {
                // What is an input needs no reproduction; everything else its reason.
                let is_input = what == "energy" && row.emissions.is_some() && row.emissions_from.is_some();
                match lacks {
                    Some(reason) if !reason.is_empty() => missing += 1,
                    _ if table.is_none() || is_input || row.emissions_missing.is_some() => {}
                    _ => say(format!("{what}: neither a figure nor a reason")),
                }
                continue;
            };
            let Some(ours) = ours else {
                say(format!("{what}: no inputs to reproduce {published}"));
                continue;
            };
            if let Some(table) = table.filter(|table| like(published, *table) != *published) {
                say(format!("{what}: {published} is not the table's {table}"));
            }
            let ours = like(published, ours);
            match (differs, other) {
                (None, None) if ours == *published => follow += 1,
                (None, None) => say(format!("{what}: published {published}, from its inputs {ours}")),
                (Some(_), Some(other)) if ours != *published && ours == *other => differ += 1,
                _ => say(format!("{what}: published {published}, from its inputs {ours}; the table says {other:?} because {differs:?}")),
            }
        }
        if let Some(implied) = &row.implied_g {
            let found = number(&cells, "tco2e").zip(number(&cells, "energy_kwh")).map(|(t, kwh)| format!("{:.0}", t * 1e6 / kwh));
            if found.as_ref() != Some(implied) {
                say(format!("implies {found:?} g, not {implied}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{follow} figures follow, {differ} differ, {missing} can't");
    assert!(follow >= 60 && differ + missing <= follow, "{follow} follow, {differ} differ, {missing} can't");
}

/// Of the rows that say hours, hardware and place, at least nine of ten lie inside the interval of this project's own method, from what a user would state.
fn inside(what: &str, rows: usize, outside: &[String]) {
    println!("{what}: {} of {rows} inside", rows - outside.len());
    assert!(rows >= 20, "{what}: {rows} rows");
    assert!(outside.len() * 10 <= rows, "{what}: {} of {rows} rows lie outside:\n{}", outside.len(), outside.join("\n"));
}

fn check(what: &str, settings_of: impl Fn(&Row, &Cells) -> Option<Settings>) {
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("built-in tables");
    let mut found = [(0, Vec::new()), (0, Vec::new())];
    for (row, cells) in rows() {
        let row = Row { hours: None, ..row };
        let Some(settings) = settings_of(&row, &cells) else { continue };
        let Some(phase) = time(Phase { gpu: vec![cells["hardware"].clone()], ..Phase::default() }, &row, &cells) else { continue };
        let made = report(None, phase, &settings, &factors);
        let ranges = [
            (number(&cells, "energy_kwh"), made.energy.map(|e| e.facility_kwh.unwrap_or(e.it_kwh)).expect("an energy"), "kWh"),
            (number(&cells, "tco2e").map(|t| t * 1000.0), made.emissions.expect("emissions").operational_kgco2e, "kg"),
        ];
        for ((rows, outside), (published, ours, unit)) in found.iter_mut().zip(ranges) {
            let Some(published) = published else { continue };
            *rows += 1;
            if !(ours.low..=ours.high).contains(&published) {
                outside.push(format!("{} ({}): {published} {unit}, ours {} to {}", row.model, row.source, ours.low, ours.high));
            }
        }
    }
    let [(energies, energy_outside), (emissions, emissions_outside)] = found;
    inside(&format!("energy, {what}"), energies, &energy_outside);
    inside(&format!("emissions, {what}"), emissions, &emissions_outside);
}

#[test]
fn intervals_hold_what_is_published_for_a_stated_intensity() {
    check("by the stated intensity", |_, cells| {
        let grams = number(cells, "gco2e_per_kwh").filter(|g| *g > 0.0)?;
        Some(Settings { pue: number(cells, "pue"), intensity_g_per_kwh: Some(grams), ..Settings::default() })
    });
}

#[test]
fn intervals_hold_what_is_published_for_a_named_place() {
    check("by the place's name", |row, cells| {
        let region = Some(row.region.clone()?);
        Some(Settings { pue: number(cells, "pue"), region, year: row.year, ..Settings::default() })
    });
}
