//! What a long table of a card does not show row by row: how many rows, and what they come to.

use alloc::string::String;

use crate::report::Report;
use crate::text::{ENERGY_FROM_KWH, duration, number_of, with_unit};

/// Rows of a long table at standard length. The full length shows all of them.
pub const ROWS_SHOWN: usize = 10;

/// The last row of a table that is cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beyond {
    /// `54 further runs`; empty where the table shows all.
    pub rows: String,
    /// How long they are together; empty where that is not known of all.
    pub length: String,
    /// Their energy; empty where none has one.
    pub energy: String,
}

fn beyond<T>(all: &[T], shown: usize, noun: &str, length: fn(&T) -> Option<f64>, energy: fn(&T) -> Option<f64>) -> Beyond {
    let further = all.get(shown..).unwrap_or_default();
    if further.is_empty() {
        return Beyond::default();
    }
    let seconds: Option<f64> = further.iter().map(length).sum();
    let kwh = further.iter().filter_map(energy).fold(None, |sum, kwh| Some(sum.unwrap_or(0.0) + kwh));
    Beyond {
        rows: number_of(further.len() as u64, &alloc::format!("further {noun}")),
        length: seconds.filter(|seconds| *seconds > 0.0).map_or_else(String::new, duration),
        energy: kwh.map_or_else(String::new, |kwh| with_unit(kwh, 3, ENERGY_FROM_KWH)),
    }
}

/// Of the runs beyond so many.
pub fn of_runs(report: &Report, shown: usize) -> Beyond {
    beyond(&report.runs, shown, "run", |run| run.duration_s, |run| run.energy_kwh)
}

/// Of the trackers' figures beyond so many: a prediction is no part of their sum.
pub fn of_figures(report: &Report, shown: usize) -> Beyond {
    let energy = |figure: &crate::report::DeclaredFigure| figure.it_energy_kwh.filter(|_| figure.kind == "actual");
    beyond(&report.declared, shown, "figure", |_| None, energy)
}

/// Of the factors beyond so many, which have no sum.
pub fn of_factors(report: &Report, shown: usize) -> Beyond {
    beyond(&report.factors, shown, "factor", |_| None, |_| None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_not_shown_are_told_with_their_sums() {
        // Twelve runs of an hour and 2 kWh: the two beyond ten are of two hours and 4 kWh.
        let all = [(3600.0, 2.0); 12];
        let of = |shown| beyond(&all, shown, "run", |(seconds, _)| Some(*seconds), |(_, kwh)| Some(*kwh));
        assert_eq!(of(12), Beyond::default());
        let (rows, length, energy) = ("2 further runs", "2.0 h", "4.00 kWh");
        assert_eq!(of(10), Beyond { rows: rows.into(), length: length.into(), energy: energy.into() });
        // Of one of which the length is not known, the length of all is not.
        let unknown = beyond(&[(None, 1.5), (Some(60.0), 1.5)], 0, "run", |(seconds, _)| *seconds, |(_, kwh)| Some(*kwh));
        assert_eq!((unknown.length.as_str(), unknown.energy.as_str()), ("", "3.00 kWh"));
        assert_eq!(beyond(&[1], 0, "factor", |_| None, |_| None).rows, "1 further factor");
    }
}
