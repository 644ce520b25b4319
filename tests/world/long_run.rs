//! What a long run came to: `long_run.csv` holds it by class, and `docs/validation.md` tells of it.

use std::collections::BTreeMap;
use std::fs;

use crate::check::{Law, Verdict};
use crate::classes::CLASSES;

/// A run of so many worlds is long.
pub const WORLDS: u64 = 100_000;

/// Writes down how the worlds of each class fared: in how many a law was broken that holds in all, in how many per cent one of those held that are shares.
pub fn write(verdicts: &BTreeMap<(usize, u64), Verdict>) {
    let mut table =
        String::from("class,worlds,broken,sight_percent,bound_percent,machine_percent,facility_percent,median_half_width_percent\n");
    for (at, class) in CLASSES.iter().enumerate() {
        let own: Vec<&Verdict> = verdicts.iter().filter(|((c, _), _)| *c == at).map(|(_, verdict)| verdict).collect();
        let is_broken = |verdict: &&&Verdict| verdict.broken.iter().any(|(law, _)| !law.is_statistical());
        let share = |law: Law| {
            let held = own.iter().filter(|verdict| verdict.broken.iter().all(|(broken, _)| *broken != law)).count();
            if class.laws.contains(&law) { format!("{:.1}", 100.0 * held as f64 / own.len() as f64) } else { String::new() }
        };
        let mut widths: Vec<f64> = own.iter().map(|verdict| 100.0 * verdict.half_width).filter(|width| width.is_finite()).collect();
        widths.sort_by(f64::total_cmp);
        table += &format!(
            "{},{},{},{},{},{},{},{:.1}\n",
            class.name,
            own.len(),
            own.iter().filter(is_broken).count(),
            share(Law::Sight),
            share(Law::Bound),
            share(Law::Machine),
            share(Law::Facility),
            widths.get(widths.len() / 2).copied().unwrap_or(f64::NAN)
        );
    }
    fs::write(carbon_tests::root().join("tests/world/long_run.csv"), table).expect("long_run.csv");
}
