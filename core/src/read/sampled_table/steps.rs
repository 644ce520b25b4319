//! How finely the energies of a table are printed: by the rows of the head, because one row may show fewer digits than the next.

use alloc::vec::Vec;

use super::{Meter, Plan};
use crate::decode::cells::Cells;
use crate::read::{Head, printed};
use crate::rules;
use crate::series::Quantity;

/// So many rows of the head are looked at.
const ROWS_LOOKED_AT: usize = rules::whole("printed_rows_looked_at") as usize;

/// The smallest step of each meter's figures, µJ, as far as the head shows it.
pub(super) fn steps(plan: &Plan, head: &Head<'_>) -> Vec<Option<i64>> {
    let is_energy = |meter: &Meter| matches!(meter.quantity, Quantity::Counter(_) | Quantity::IntervalEnergy);
    if !plan.meters.iter().any(is_energy) {
        return Vec::new();
    }
    let mut cells = Cells::default();
    let mut steps: Vec<Option<i64>> = plan.meters.iter().map(|_| None).collect();
    for line in head.whole_lines().lines().take(ROWS_LOOKED_AT) {
        cells.split(line, plan.table.delimiter);
        for (meter, step) in plan.meters.iter().zip(&mut steps).filter(|(meter, _)| is_energy(meter)) {
            let figures = meter.columns.iter().filter_map(|(at, unit)| printed::step_uj(cells.cell(line, *at)?, *unit));
            *step = figures.chain(*step).min();
        }
    }
    steps
}
