//! Estimates by other calculators' methods give the figures that their authors publish, to the printed digit.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use carbon_core::account::{self, Settings};
use carbon_core::estimate::{EstimateRequest, Phase, evidence};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::Ledger;
use carbon_core::report::Report;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    source: String,
    region: Option<String>,
    pue: Option<f64>,
    intensity_g_per_kwh: Option<f64>,
    request: EstimateRequest,
    expected: Expected,
}

/// Published figures as printed: their decimals are the digits that must agree.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Expected {
    facility_kwh: Option<String>,
    kg: Option<String>,
    lb: Option<String>,
    region_t: BTreeMap<String, String>,
}

fn factors() -> FactorSet {
    FactorSet::from_tables(carbon_data::TABLES).expect("built-in tables")
}

fn report(request: &EstimateRequest, settings: &Settings, factors: &FactorSet) -> Report {
    let mut ledger = Ledger::default();
    ledger.add_phases(evidence(request, settings, factors).expect("an estimate"));
    account::report(&ledger, factors, settings).expect("a report")
}

fn kg(report: &Report) -> f64 {
    report.emissions.as_ref().expect("emissions").operational_kgco2e.value
}

fn same(published: &str, ours: f64) -> bool {
    let decimals = published.split_once('.').map_or(0, |(_, after)| after.len());
    format!("{ours:.decimals$}") == published
}

#[test]
fn published_figures_are_reproduced() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("estimates");
    let factors = factors();
    let (mut figures, mut wrong) = (0, Vec::new());
    for entry in fs::read_dir(folder).expect("tests/estimates") {
        let path = entry.expect("an entry").path();
        let case: Case = toml::from_str(&fs::read_to_string(&path).expect("a case")).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(!case.source.is_empty(), "{}", path.display());
        let settings =
            Settings { region: case.region.clone(), pue: case.pue, intensity_g_per_kwh: case.intensity_g_per_kwh, ..Settings::default() };
        let mut expect = |what: &str, published: &str, ours: f64| {
            figures += 1;
            if !same(published, ours) {
                wrong.push(format!("{} {what}: published {published}, ours {ours}", path.display()));
            }
        };
        for (region, t) in &case.expected.region_t {
            let settings = Settings { region: Some(region.clone()), ..settings.clone() };
            expect(region, t, kg(&report(&case.request, &settings, &factors)) / 1000.0);
        }
        let Expected { facility_kwh, kg: mass, lb, .. } = &case.expected;
        if facility_kwh.is_some() || mass.is_some() || lb.is_some() {
            let made = report(&case.request, &settings, &factors);
            let kwh = made.energy.as_ref().expect("an energy").facility_kwh.value;
            let found = [("kWh", facility_kwh, kwh), ("kg", mass, kg(&made)), ("lb", lb, kg(&made) / 0.453_592_37)];
            for (what, published, ours) in found {
                if let Some(published) = published {
                    expect(what, published, ours);
                }
            }
        }
    }
    assert!(figures >= 24, "{figures} figures");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_estimate_says_that_it_is_one() {
    let factors = factors();
    let request = |phase: Phase| EstimateRequest { method: None, phases: vec![phase] };
    let phase = Phase { gpu: vec!["8x A100-SXM4-80GB".into()], hours: Some(24.0), ..Phase::default() };
    let made = report(&request(phase.clone()), &Settings::default(), &factors);
    assert!(made.headline.sentence.contains("by an estimate"), "{}", made.headline.sentence);
    assert!(made.activities.iter().all(|a| a.basis == "estimated"));
    let total = made.emissions.expect("emissions").operational_kgco2e;
    assert!(total.low < total.value && total.value < total.high);
    for code in ["utilisation", "host", "zone", "pue"] {
        assert!(made.assumptions.iter().any(|a| a.code == code && a.option.is_some()), "{code} is not among the assumptions");
    }
    // Twice the time is twice the energy; what is not named apart is not counted twice.
    let longer = report(&request(Phase { hours: Some(48.0), ..phase.clone() }), &Settings::default(), &factors);
    let kwh = |report: &Report| report.energy.as_ref().expect("an energy").it_kwh.value;
    let short = report(&request(phase.clone()), &Settings::default(), &factors);
    assert!((kwh(&longer) - 2.0 * kwh(&short)).abs() < 1e-9);
    let named = report(&request(Phase { cpu: vec!["2x EPYC 7763".into()], ..phase }), &Settings::default(), &factors);
    assert!(named.activities.iter().all(|a| a.component != "host"));
}

#[test]
fn what_cannot_be_is_told_with_a_way_out() {
    let factors = factors();
    let fails = |phase: Phase, settings: Settings| {
        let error = evidence(&EstimateRequest { method: None, phases: vec![phase] }, &settings, &factors).expect_err("an error");
        format!("{}: {} | {}", error.setting, error.message, error.hint)
    };
    let good = Phase { gpu: vec!["8x A100".into()], hours: Some(24.0), ..Phase::default() };
    let none = Settings::default;
    for (phase, settings, words) in [
        (Phase { hours: Some(-1.0), ..good.clone() }, none(), "hours: found -1"),
        (Phase { hours: Some(f64::NAN), ..good.clone() }, none(), "hours: "),
        (Phase { hours: Some(1e9), ..good.clone() }, none(), "--device-hours"),
        (Phase { hours: None, ..good.clone() }, none(), "--hours"),
        (Phase { gpu: vec!["-8x A100".into()], ..good.clone() }, none(), "above 0"),
        (Phase { gpu: vec!["8x A1000-SXM4".into()], ..good.clone() }, none(), "--tdp"),
        (Phase { tdp_w: Some(40_000.0), ..good.clone() }, none(), "rack"),
        (Phase { utilisation: Some(1.5), ..good.clone() }, none(), "0 to 1"),
        (Phase { region: Some("Frnace".into()), ..good.clone() }, none(), "France"),
        (Phase { year: Some(1980), ..good.clone() }, Settings { region: Some("FR".into()), ..none() }, "1980"),
        (Phase::default(), none(), "no hardware"),
    ] {
        let told = fails(phase, settings);
        assert!(told.contains(words), "{words:?} is not in {told:?}");
    }
}

#[test]
fn intervals_hold_published_energies() {
    let text = carbon_data::REFERENCE_TABLES.iter().find(|(name, _)| *name == "reference_models").expect("the table").1;
    let factors = factors();
    let (mut rows, mut outside) = (0, Vec::new());
    for cells in carbon_tests::csv_rows(text) {
        let number = |name: &str| cells[name].parse::<f64>().ok();
        let (Some(kwh), Some(hours)) = (number("energy_kwh"), number("hours")) else { continue };
        let hardware = &cells["hardware"];
        // Searches of many trials stand among them: a hundred runs of a hundredth. Device hours where the table's notes say so, else wall-clock hours of the stated number of devices.
        let wall = hardware.contains(" x ") && !cells["source"].starts_with("compvis");
        let (hours, device_hours) = if wall { (Some(hours / 100.0), None) } else { (None, Some(hours / 100.0)) };
        let phase = Phase { gpu: vec![hardware.clone()], hours, device_hours, repeats: Some(100.0), ..Phase::default() };
        let settings = Settings { pue: number("pue"), intensity_g_per_kwh: Some(400.0), ..Settings::default() };
        let request = EstimateRequest { method: None, phases: vec![phase] };
        let found = report(&request, &settings, &factors).energy.expect("an energy").facility_kwh;
        rows += 1;
        if !(found.low..=found.high).contains(&kwh) {
            outside.push(format!("{} ({}): {kwh} kWh, ours {} to {}", cells["model"], cells["source"], found.low, found.high));
        }
    }
    assert!(rows >= 30, "{rows} rows");
    assert!(outside.len() * 10 <= rows, "{} of {rows} rows lie outside:\n{}", outside.len(), outside.join("\n"));
}
