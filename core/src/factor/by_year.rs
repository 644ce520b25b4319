//! Choosing among the rows of one thing by the year of a run.

use super::table::Row;
use super::value::Match;
use crate::rules;

/// The distance in years that is assumed when the run's year is not known and the latest row stands in.
const UNKNOWN_DISTANCE: u32 = rules::whole("unknown_year_distance") as u32;

/// A row with its year and how well that fits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen<'t> {
    pub row: Row<'t>,
    pub year: i32,
    pub matched: Match,
    /// Years between the row and the run.
    pub distance: u32,
}

/// The row of `year`; else the latest before it; else the earliest after it. Without a year the latest of all, as a default.
///
/// Of rows of the same year the first wins. `None` where no row has a year.
pub(super) fn choose<'t>(rows: impl Iterator<Item = Row<'t>>, column: usize, year: Option<i32>) -> Option<Chosen<'t>> {
    let mut best: Option<(i32, Row<'t>)> = None;
    // The smaller the rank, the better: rows up to the year by distance, then rows after it.
    let rank = |row_year: i32| match year {
        Some(year) if row_year > year => (1, row_year.abs_diff(year)),
        Some(year) => (0, row_year.abs_diff(year)),
        None => (0, i32::MAX.abs_diff(row_year)),
    };
    for row in rows {
        let Some(row_year) = row.year(column) else { continue };
        if best.is_none_or(|(known, _)| rank(row_year) < rank(known)) {
            best = Some((row_year, row));
        }
    }
    let (row_year, row) = best?;
    let (matched, distance) = match year {
        None => (Match::LatestYear, UNKNOWN_DISTANCE),
        Some(year) if year == row_year => (Match::Exact, 0),
        Some(year) if row_year < year => (Match::OlderYear, year.abs_diff(row_year)),
        Some(year) => (Match::LaterYear, year.abs_diff(row_year)),
    };
    Some(Chosen { row, year: row_year, matched, distance })
}

#[cfg(test)]
mod tests {
    use super::super::table::{Column, Kind, Shape, Table};
    use super::*;

    const SHAPE: Shape = Shape { name: "test", columns: &[Column::filled("year", Kind::Year)] };

    #[test]
    fn the_runs_own_year_then_before_then_after() {
        let table = Table::parse("t", &SHAPE, "year\n2019\n2021\n2022\n").unwrap();
        let chosen = |year| {
            let chosen = choose(table.rows(), 0, year).unwrap();
            (chosen.year, chosen.matched, chosen.distance)
        };
        assert_eq!(chosen(Some(2021)), (2021, Match::Exact, 0));
        assert_eq!(chosen(Some(2020)), (2019, Match::OlderYear, 1));
        assert_eq!(chosen(Some(2026)), (2022, Match::OlderYear, 4));
        assert_eq!(chosen(Some(2015)), (2019, Match::LaterYear, 4));
        assert_eq!(chosen(None), (2022, Match::LatestYear, 2));
        assert!(choose(core::iter::empty(), 0, None).is_none());
    }
}
