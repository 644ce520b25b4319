//! Intervals hold the meter: published comparisons, each publication left out in turn; and two sources of carbon intensity.

use std::collections::BTreeMap;

use carbon_core::factor::{Basis, FactorSet};
use carbon_tests::validation::{Answer, Class, Row, quantile, rows, tables_without};
use carbon_tests::{csv_rows, root};

/// Every row by tables without its own publication.
fn answered() -> Vec<(Row, Option<Answer>)> {
    let mut tables: BTreeMap<String, FactorSet> = BTreeMap::new();
    let mut answer = |row: &Row| {
        let of_others = tables.entry(row.publication.clone()).or_insert_with(|| tables_without(&row.publication));
        row.answer(of_others)
    };
    rows().into_iter().map(|row| (answer(&row), row)).map(|(answer, row)| (row, answer)).collect()
}

#[test]
fn with_one_publication_left_out_the_intervals_hold() {
    let found = answered();
    let mut by_class: BTreeMap<Class, Vec<(bool, f64)>> = BTreeMap::new();
    for (row, answer) in &found {
        let answer = answer.expect("an answer");
        let holds = answer.holds(row.truth_kwh);
        let known = row.can_be_known == "yes";
        println!(
            "{} {:<52} {:>8.3} {:>6.3} to {:.3} of truth {}",
            if holds { " " } else { "x" },
            row.id,
            answer.value / row.truth_kwh,
            answer.low / row.truth_kwh,
            answer.high / row.truth_kwh,
            if known { "" } else { "(no log can answer)" }
        );
        assert!(answer.high <= 4.0 * answer.low, "{}: {} to {}", row.id, answer.low, answer.high);
        if known {
            by_class.entry(row.class).or_default().push((holds, answer.half_width()));
        }
    }
    let (mut all, mut held) = (0, 0);
    for (class, mut rows) in by_class {
        let inside = rows.iter().filter(|(holds, _)| *holds).count();
        (all, held) = (all + rows.len(), held + inside);
        rows.sort_by(|a, b| a.1.total_cmp(&b.1));
        let widths: Vec<f64> = rows.iter().map(|(_, half)| *half).collect();
        let median = quantile(&widths, 0.5);
        println!("{}: {inside} of {}, median half-width {:.0} %", class.label(), rows.len(), median * 100.0);
        if rows.len() >= 10 {
            assert!(inside * 10 >= rows.len() * 8, "{}: {inside} of {}", class.label(), rows.len());
        }
        match class {
            Class::GpuSensor => assert!(median <= 0.12, "{median}"),
            Class::NodeSensors => assert!(median <= 0.35, "{median}"),
            _ => {}
        }
    }
    println!("all: {held} of {all}");
    assert!(held * 10 >= all * 9, "{held} of {all}");
}

#[test]
fn another_source_of_intensity_lies_inside() {
    let Some(path) = root().parent().map(|p| p.join("shared/data/grid_intensity_emaps.csv")).filter(|p| p.is_file()) else { return };
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("tables");
    let other = csv_rows(&std::fs::read_to_string(path).expect("a table"));
    let (mut held, mut widths) = (0, Vec::new());
    let mut large = Vec::new();
    for row in other.iter().filter(|row| row["year"] == "2024" && row["zone"].len() == 2) {
        let Ok(zone) = factors.zone(&row["zone"]) else { continue };
        let Some(own) = factors.carbon_intensity(&zone, Some(2024), Basis::Lifecycle).filter(|own| own.year == Some(2024)) else {
            continue;
        };
        let value: f64 = row["gco2e_per_kwh"].parse().expect("grams");
        held += usize::from((own.low..=own.high).contains(&value));
        let half = (own.high - own.low) / 2.0 / own.value;
        widths.push(half);
        // Above 100 TWh a year, of which less than 5 % is imported.
        if ["AU", "CN", "ID", "IN", "JP", "KR", "SA", "TW"].contains(&row["zone"].as_str()) {
            large.push(half);
        }
    }
    widths.sort_by(f64::total_cmp);
    let median = quantile(&widths, 0.5);
    println!("{held} of {} hold, median half-width {:.1} %", widths.len(), median * 100.0);
    assert_eq!(widths.len(), 185);
    assert!(held * 10 >= widths.len() * 9, "{held} of {}", widths.len());
    assert!(median <= 0.30, "{median}");
    assert!(large.iter().all(|half| *half <= 0.8 * median), "large zones are narrower: {large:?}");
}
