//! How wide the intervals of each class are: `widths.csv` holds the medians of the last release, and they may not grow without a reason.

use std::collections::BTreeMap;
use std::fs;

use crate::check::Verdict;
use crate::classes::CLASSES;

/// A median may be this much wider than the table says: a rounding of the last digit is no growth.
const MARGIN: f64 = 1.01;

/// A median that became narrower than this share of the table's is written down, so that it can't grow back unseen.
const KEPT: f64 = 0.8;

/// Holds the half-widths of `verdicts` against the table, or writes it.
pub fn compare(verdicts: &BTreeMap<(usize, u64), Verdict>) {
    let path = carbon_tests::root().join("tests/world/widths.csv");
    let mut table = String::from("class,worlds,median_half_width_percent,p90_half_width_percent\n");
    let mut other = Vec::new();
    let before = fs::read_to_string(&path).unwrap_or_default();
    for (at, class) in CLASSES.iter().enumerate() {
        let mut all: Vec<f64> =
            verdicts.iter().filter(|((c, _), v)| *c == at && v.half_width.is_finite()).map(|(_, v)| 100.0 * v.half_width).collect();
        all.sort_by(f64::total_cmp);
        let quantile = |share: f64| all.get(((all.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(f64::NAN);
        let (median, high) = (quantile(0.5), quantile(0.9));
        table += &format!("{},{},{median:.2},{high:.2}\n", class.name, all.len());
        let old = before
            .lines()
            .find(|line| line.split(',').next() == Some(class.name))
            .and_then(|line| line.split(',').nth(2)?.parse::<f64>().ok());
        match old {
            Some(old) if median > old * MARGIN + 0.01 || median < old * KEPT => {
                other.push(format!("{}: ± {median:.2} %, was ± {old:.2} %", class.name));
            }
            None => other.push(format!("{}: not in widths.csv", class.name)),
            Some(_) => {}
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, table).expect("widths.csv");
        return;
    }
    assert!(
        other.is_empty(),
        "intervals became wider, or much narrower (UPDATE=1 takes that; a wider one needs its reason in the commit):\n{}",
        other.join("\n")
    );
}
