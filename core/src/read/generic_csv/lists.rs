//! Cells that hold the figures of several devices: `[101.2, 99.8]`, one of each GPU.

use alloc::format;

use super::values::Values;
use crate::decode::table::{Measured, Unit, is_missing, measure};
use crate::read::sampled_table::readings::list;
use crate::read::sampled_table::{Meter, Plan};
use crate::series::{Component, Device};

/// Reads a column of lists as a column for each place in them: of one device for each figure, which are GPUs where the column names nothing else.
pub(super) fn take_apart(plan: &mut Plan, values: &Values) {
    if plan.identity.columns().iter().any(Option::is_some) {
        return;
    }
    let single = core::mem::take(&mut plan.meters);
    for meter in single {
        let count = meter.columns.first().and_then(|(position, _)| values.length_of_lists(*position));
        let Some(count) = count.filter(|_| meter.columns.len() == 1) else {
            plan.meters.push(meter);
            continue;
        };
        let first = meter.device.as_ref().and_then(|device| device.index.as_deref()?.parse::<usize>().ok()).unwrap_or(0);
        if let Some((_, message, _)) = plan.not_stated.as_mut().filter(|_| meter.component == Component::Unsplit) {
            message.push_str("; its cells hold several figures: a GPU is taken for each");
        }
        let component = if meter.component == Component::Unsplit { Component::Gpu } else { meter.component };
        let of = |at: usize| {
            let device = Some(Device::indexed(format!("{}", first + at)));
            Meter { component, device, of_list: Some(at), ..meter.clone() }
        };
        plan.meters.extend((0..count).map(of));
    }
}

/// Whether a cell is a list of figures.
pub(super) fn is_list(cell: &[u8]) -> bool {
    let is_figure = |figure: &[u8]| is_missing(figure) || measure(figure, Some(Unit::WATT), false) != Measured::Unreadable;
    list(cell).is_some_and(|figures| {
        let mut figures = figures.peekable();
        figures.peek().is_some() && figures.all(is_figure)
    })
}

impl Values {
    /// How many figures the lists of a column hold, where its cells are lists of one length.
    pub(super) fn length_of_lists(&self, position: usize) -> Option<usize> {
        let mut lengths = self.cells(position).map(|cell| list(cell).filter(|_| is_list(cell)).map(Iterator::count));
        let first = lengths.next()??;
        lengths.all(|length| length == Some(first)).then_some(first)
    }
}
