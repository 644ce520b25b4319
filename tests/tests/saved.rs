//! A report that this program wrote is read back as it is: none of its numbers is taken for one that can't be.

use std::path::PathBuf;

use carbon_core::account::{Settings, report};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::Ledger;
use carbon_render::{parse_report, write_report};
use carbon_tests::{ledger_of, read_options, root, samples, walk};

#[test]
fn reports_of_all_logs_are_read_back() {
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("the tables");
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in ["tests/formats", "tests/bad", "examples"] {
        walk(&root().join(folder), &mut paths);
    }
    if let Some(samples) = samples() {
        walk(&samples, &mut paths);
    }
    paths.retain(|path| path.metadata().is_ok_and(|metadata| metadata.len() < 1 << 18));
    let mut read = 0;
    for path in &paths {
        let base = path.parent().expect("a folder");
        let ledger: Ledger = ledger_of(base, std::slice::from_ref(path), &read_options(&Default::default()), 1 << 16);
        for settings in [
            Settings::default(),
            Settings {
                region: Some(String::from("FR")),
                pue: Some(1.2),
                embodied: true,
                carbon_budget_kg: Some(1e-6),
                predict_epochs: Some(500),
                market_g_per_kwh: Some(10.0),
                compare: vec![String::from("SE"), String::from("PL")],
                ..Settings::default()
            },
        ] {
            let Ok(report) = report(&ledger, &factors, &settings) else { continue };
            let text = write_report(&report).expect("JSON");
            let again = parse_report(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert!(again == report, "{}", path.display());
            read += usize::from(report.energy.is_some());
        }
    }
    assert!(read > 100, "{read} reports with energy");
}
