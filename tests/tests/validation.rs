//! Intervals hold the meter: published comparisons, each publication left out in turn; and two sources of carbon intensity.

use std::collections::BTreeMap;

use carbon_core::factor::{Basis, FactorSet};
use carbon_tests::validation::page::{Answers, figure, outcomes, page};
use carbon_tests::validation::{Class, Row, quantile, rows, tables_without};
use carbon_tests::{csv_rows, root};

/// Every row by tables without its own publication.
fn answered() -> Answers {
    let mut tables: BTreeMap<String, FactorSet> = BTreeMap::new();
    let mut answer = |row: &Row| {
        let of_others = tables.entry(row.publication.clone()).or_insert_with(|| tables_without(&row.publication));
        row.answer(of_others).unwrap_or_else(|| panic!("{}: no answer", row.id))
    };
    rows().into_iter().map(|row| (answer(&row), row)).map(|(answer, row)| (row, answer)).collect()
}

#[test]
fn with_one_publication_left_out_the_intervals_hold() {
    let found = answered();
    for (row, answer) in &found {
        let of_truth = |value: f64| value / row.truth_kwh;
        let mark = if answer.holds(row.truth_kwh) { ' ' } else { 'x' };
        println!("{mark} {:<52} {:.3} ({:.3} to {:.3})", row.id, of_truth(answer.value), of_truth(answer.low), of_truth(answer.high));
        let known = row.can_be_known == "yes";
        assert!(!known || answer.high <= 4.0 * answer.low, "{}: {} to {}", row.id, answer.low, answer.high);
    }
    let (mut all, mut held) = (0, 0);
    for one in outcomes(&found) {
        (all, held) = (all + one.rows, held + one.held);
        assert!(one.rows < 10 || one.held * 10 >= one.rows * 8, "{}: {} of {}", one.class.label(), one.held, one.rows);
        let median = quantile(&one.widths, 0.5);
        let widest = match one.class {
            Class::GpuSensor => 0.12,
            Class::NodeSensors => 0.35,
            _ => 1.0,
        };
        assert!(median <= widest, "{}: {median}", one.class.label());
    }
    assert!(held * 10 >= all * 9, "{held} of {all}");
}

#[test]
fn the_page_says_what_comes_out() {
    let found = answered();
    // The other source of intensity does not lie in the repository: its sentence is taken from the page where it is not there.
    let path = root().join("docs/validation.md");
    let page_now = std::fs::read_to_string(&path).unwrap_or_default();
    let sentence = match intensities() {
        Some((held, of, median)) => {
            format!(
                "Of {of} countries with a figure of 2024 in both of two sources, the intervals of {held} hold the other source's; their median half-width is {:.0} %.",
                median * 100.0
            )
        }
        None => page_now
            .lines()
            .find(|line| line.starts_with("Of "))
            .and_then(|line| line.split(" The other").next())
            .unwrap_or_default()
            .into(),
    };
    for (path, text) in [(path, page(&found, &sentence)), (root().join("docs/validation.svg"), figure(&found))] {
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &text).expect("the page can be written");
        }
        assert!(std::fs::read_to_string(&path).unwrap_or_default() == text, "{}: rewrite with UPDATE=1 and read the diff", path.display());
    }
}

/// Countries whose interval of 2024 holds the other source's figure, of how many, and the median half-width.
fn intensities() -> Option<(usize, usize, f64)> {
    let path = root().parent().map(|p| p.join("shared/data/grid_intensity_emaps.csv")).filter(|p| p.is_file())?;
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("tables");
    let (mut held, mut widths, mut large) = (0, Vec::new(), Vec::new());
    for row in
        csv_rows(&std::fs::read_to_string(path).expect("a table")).iter().filter(|row| row["year"] == "2024" && row["zone"].len() == 2)
    {
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
    assert!(large.iter().all(|half| *half <= 0.8 * median), "large zones are narrower: {large:?}");
    Some((held, widths.len(), median))
}

#[test]
fn another_source_of_intensity_lies_inside() {
    let Some((held, of, median)) = intensities() else { return };
    assert_eq!(of, 185);
    assert!(held * 10 >= of * 9, "{held} of {of}");
    assert!(median <= 0.30, "{median}");
}
