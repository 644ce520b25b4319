//! The same energy elsewhere, against products worked by hand from the tables' rows.

use carbon_core::account::{Settings, report};
use carbon_core::compare::{Alternative, compare, what_if};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::read::{Clock, Reading};
use carbon_core::report::{Boundary, Report};
use carbon_core::series::{Channel, Component, Device, Instrument, Quantity};
use carbon_core::units::calendar::parse_stamp;
use carbon_core::units::{Power, Span};

fn factors() -> FactorSet {
    FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables")
}

/// Ten kilowatt hours on 2024-05-01, with the samples between the fourth and the fifth hour missing where `gap`.
fn ten_kwh(settings: &Settings, gap: bool) -> Report {
    let mut reading = Reading::new("test", None, None);
    reading.clock = Clock::Utc;
    let id = reading.channel(Channel {
        host: None,
        component: Component::Gpu,
        device: Device::indexed("0"),
        quantity: Quantity::Power,
        instrument: Instrument::GpuPower,
        run: None,
    });
    let start = parse_stamp(b"2024-05-01T00:00:00Z").expect("a stamp").at;
    for tick in (0..=3600).filter(|tick| !gap || !(1441..1800).contains(tick)) {
        reading.power(id, start.plus(Span::from_seconds(tick * 10)), Power::from_watts(1000)).expect("plausible");
    }
    reading.end();
    let mut ledger = Ledger::default();
    ledger.add(InputFile { path: "gpu.csv".into(), bytes: 1, blake3: "a".into(), ..InputFile::default() }, reading);
    // What the logs hold alone: the rest of the machines has tests of its own.
    let settings = Settings { boundary: Boundary::Logged, ..settings.clone() };
    report(&ledger, &factors(), &settings).expect("a report")
}

fn in_france() -> Settings {
    Settings { region: Some("FR".into()), pue: Some(1.2), ..Settings::default() }
}

fn elsewhere(region: &str) -> Alternative {
    Alternative { region: Some(region.into()), ..Alternative::default() }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs()
}

#[test]
fn a_zone_keeps_the_pue_and_a_cloud_region_brings_its_own() {
    let report = ten_kwh(&in_france(), false);
    let sweden = what_if(&report, &factors(), &elsewhere("Sweden")).expect("a row");
    // 10 kWh × 1.2 × 34.91 g (Ember, 2024).
    assert!(close(sweden.kgco2e, 0.41892), "{}", sweden.kgco2e);
    assert_eq!((sweden.zone.as_str(), sweden.own), ("SE", false));
    assert!(sweden.reason.starts_with("34.9 instead of 40.5 g CO2eq/kWh"), "{}", sweden.reason);
    let hamina = what_if(&report, &factors(), &elsewhere("gcp:europe-north1")).expect("a row");
    // 10 kWh × 1.09 (Google, 2024) × 66.63 g (Finland, Ember, 2024).
    assert!(close(hamina.kgco2e, 0.726267), "{}", hamina.kgco2e);
    assert_eq!((hamina.carbon_free_share, hamina.carbon_free_text.as_deref()), (Some(0.98), Some("98%")));
    assert!(hamina.reason.contains("PUE 1.09 instead of 1.2"), "{}", hamina.reason);
}

#[test]
fn every_factor_can_be_changed_alone() {
    let report = ten_kwh(&in_france(), false);
    let of = |alternative: Alternative| what_if(&report, &factors(), &alternative).expect("a row").kgco2e;
    // 10 kWh × 1.5 × 40.48 g; × 1.2 × 100 g; France in 2020 × 1.2 is another row of the table.
    assert!(close(of(Alternative { pue: Some(1.5), ..Alternative::default() }), 0.6072));
    assert!(close(of(Alternative { intensity_g_per_kwh: Some(100.0), ..Alternative::default() }), 1.2));
    let year = what_if(&report, &factors(), &Alternative { year: Some(2020), ..Alternative::default() }).expect("a row");
    assert_eq!(year.carbon_intensity.as_ref().and_then(|factor| factor.year), Some(2020));
    assert_eq!(year.name, "France, 2020");
    assert!(close(year.kgco2e, 0.012 * year.gco2e_per_kwh));
}

#[test]
fn nothing_changed_is_the_report_with_its_interval() {
    // A PUE that is not known is in neither.
    let without_pue = Settings { region: Some("FR".into()), ..Settings::default() };
    for (settings, gap) in [(in_france(), false), (in_france(), true), (without_pue, false)] {
        let report = ten_kwh(&settings, gap);
        let own = report.emissions.as_ref().expect("emissions").operational_kgco2e.clone();
        let same = what_if(&report, &factors(), &Alternative::default()).expect("a row").emissions_kgco2e.expect("a quantity");
        assert!(close(same.value, own.value) && close(same.low, own.low), "{same:?} {own:?}");
        // With a gap the upper bound holds its energy: the budget gives that back to rounding.
        assert!((same.high / own.high - 1.0).abs() < 1e-3, "{same:?} {own:?}");
    }
}

#[test]
fn rows_are_sorted_and_hold_the_report_itself() {
    let report = ten_kwh(&in_france(), false);
    let rows = compare(&report, &factors(), &["DE", "SE", "WORLD", "gcp:europe-west4"].map(elsewhere)).expect("rows");
    assert_eq!(rows.len(), 5);
    assert!(rows.windows(2).all(|pair| pair[0].kgco2e <= pair[1].kgco2e));
    assert_eq!(rows.iter().filter(|row| row.own).map(|row| row.name.as_str()).collect::<Vec<_>>(), ["France"]);
    for row in rows {
        let quantity = row.emissions_kgco2e.expect("a quantity");
        assert!(quantity.low < row.kgco2e && row.kgco2e < quantity.high, "{quantity:?}");
    }
}

#[test]
fn a_worse_pue_or_grid_never_lowers_emissions() {
    let report = ten_kwh(&in_france(), false);
    let of = |pue, grams| {
        let alternative = Alternative { pue: Some(pue), intensity_g_per_kwh: Some(grams), ..Alternative::default() };
        what_if(&report, &factors(), &alternative).expect("a row").kgco2e
    };
    assert!(of(1.0, 50.0) < of(1.1, 50.0) && of(1.1, 50.0) < of(1.1, 51.0));
}

#[test]
fn mistakes_are_told_with_a_way_out() {
    let report = ten_kwh(&in_france(), false);
    let wrong = |alternative: Alternative| {
        let error = what_if(&report, &factors(), &alternative).expect_err("an error");
        (error.setting, error.message, error.hint)
    };
    let (setting, _, hint) = wrong(elsewhere("Frnace"));
    assert_eq!((setting, hint.as_str()), ("region", "did you mean FR (France)?"));
    assert!(wrong(elsewhere("gcp:europe-north9")).2.contains("gcp:europe-north1"));
    assert!(wrong(Alternative { year: Some(2050), ..Alternative::default() }).1.starts_with("found 2050"));
    assert_eq!(wrong(Alternative { pue: Some(0.5), ..Alternative::default() }).0, "pue");
    assert_eq!(wrong(Alternative { intensity_g_per_kwh: Some(-1.0), ..Alternative::default() }).0, "intensity");
    let empty = report_without_energy();
    assert_eq!(what_if(&empty, &factors(), &Alternative::default()).expect_err("an error").setting, "report");
}

fn report_without_energy() -> Report {
    report(&Ledger::default(), &factors(), &Settings::default()).expect("a report")
}

#[test]
fn the_cards_own_rows_are_the_large_countries_at_its_pue() {
    let report = ten_kwh(&in_france(), false);
    assert!(report.comparison.len() >= 10);
    let india = report.comparison.iter().find(|row| row.zone == "IN").expect("India");
    assert!(close(india.kgco2e, 0.012 * india.gco2e_per_kwh));
    assert_eq!(report.comparison.iter().filter(|row| row.own).count(), 1);
}
