//! The readings of one row, meter by meter.

use alloc::vec::Vec;

use super::notes::{note_from_start, note_implausible, note_missing, note_mixed, note_unreadable};
use super::{AsideMeter, Meter, SampledTable};
use crate::decode::cells::Cells;
use crate::decode::table::{Measured, Table, is_missing, is_nan, measure};
use crate::factor::gpu_power;
use crate::read::{Doubt, Line, Reading, SkipReason};
use crate::rules;
use crate::series::{Channel, Component, Interruption, Quantity, Sample};
use crate::units::{Instant, Span};

impl SampledTable {
    /// Reads what does not count.
    pub(super) fn asides(&self, line: Line<'_>, at: Instant, device: usize, out: &mut Reading) {
        for AsideMeter { meter, kept, reason } in &self.plan.asides {
            if !meter.admits(&self.cells, line.text) {
                continue;
            }
            if let Ok((_, value)) = read_meter(meter, &self.plan.table, &self.cells, line.text) {
                let host = self.devices.get(device).and_then(|known| known.host.clone());
                let of = meter.device.clone().unwrap_or_default();
                out.aside(&meter.channel(host, meter.component, of), kept, reason, Sample { at, value });
            }
        }
    }

    /// Reads a row of a total, which other rows hold.
    pub(super) fn total_row(&self, line: Line<'_>, at: Instant, device: usize, out: &mut Reading) {
        let (Some(known), Some(meter)) = (self.devices.get(device), self.plan.meters.first()) else { return };
        if let Ok((_, value)) = read_meter(meter, &self.plan.table, &self.cells, line.text) {
            let channel = meter.channel(known.host.clone(), Component::Unsplit, known.device.clone());
            out.aside(&channel, "the other rows of its time", "rows of a total hold what other rows hold", Sample { at, value });
        }
    }

    /// Reads the row's meters; `lasted` is how long the row says that it lasted, or the user. Returns the column of the last reading that was used.
    pub(super) fn readings(
        &mut self,
        line: Line<'_>,
        (at, lasted): (Instant, Option<i64>),
        device: usize,
        out: &mut Reading,
    ) -> Result<usize, Option<SkipReason>> {
        let (mut used, mut reason) = (None, None);
        for (number, meter) in self.plan.meters.iter().enumerate() {
            let known = self.devices.get_mut(device).ok_or(Some(SkipReason::Unknown))?;
            if !meter.admits(&self.cells, line.text) {
                reason.get_or_insert(SkipReason::Contained);
                continue;
            }
            let found = match read_meter(meter, &self.plan.table, &self.cells, line.text) {
                Ok(found) => found,
                Err(Some((SkipReason::NoReading, _))) if meter.run.is_some() => {
                    reason.get_or_insert(SkipReason::NoReading);
                    continue;
                }
                Err(Some((SkipReason::NoReading, position))) => {
                    note_missing(&self.plan.table, &self.cells, line, position, out);
                    known.has_no_reading(number, at, out);
                    let channel = known.channels.get(number).copied().flatten();
                    if let (Some(id), Some(value)) = (channel, known.held.get_mut(number).and_then(Option::take)) {
                        // The state held until here, and is not known from here on.
                        let _ = out.sample(id, Sample { at, value });
                        out.interrupt(id, at.plus(Span::from_micros(1)), Interruption::Off);
                    }
                    let is_nan = self.cells.cell(line.text, position).is_some_and(is_nan);
                    reason.get_or_insert(if is_nan { SkipReason::NotANumber } else { SkipReason::NoReading });
                    continue;
                }
                Err(Some((other, position))) => {
                    known.has_no_reading(number, at, out);
                    if !line.unterminated {
                        note_unreadable(&self.plan.table, &self.cells, line, position, out);
                    }
                    reason.get_or_insert(other);
                    continue;
                }
                Err(None) => {
                    reason.get_or_insert(SkipReason::NoReading);
                    continue;
                }
            };
            let (position, value) = found;
            let id = match known.channels.get(number).copied().flatten() {
                Some(id) => id,
                None => {
                    let (component, device) = meter.of(known);
                    let quantity = self.plan.quantity_of(meter, component, &self.cells, line.text);
                    let channel = Channel { quantity, ..meter.channel(known.host.clone(), component, device) };
                    let id = if self.plan.identity.run.is_some() { out.channel_of_run(channel) } else { out.channel(channel) };
                    out.printed_to(id, self.steps.get(number).copied().flatten());
                    if let Some(slot) = known.channels.get_mut(number) {
                        *slot = Some(id);
                    }
                    if let Some(first) = known.awaited.get_mut(number).and_then(Option::take) {
                        out.has_no_reading(id, first);
                    }
                    let is_counter = matches!(meter.quantity, Quantity::Counter(_));
                    let length = lasted.or(self.places.cadence.map(as_set)).filter(|length| *length > 0);
                    if let Some(length) = length.filter(|_| is_counter && !self.forked && self.plan.from_start.contains(&position)) {
                        let start = Instant::from_micros(at.as_micros().saturating_sub(length));
                        if out.sample(id, Sample { at: start, value: 0 }).is_ok() {
                            note_from_start(&self.plan.table, line, position, out);
                        }
                    }
                    if is_counter && self.dialect.counts_from_zero() && !self.forked && at > Instant::from_micros(0) {
                        let _ = out.sample(id, Sample { at: Instant::from_micros(0), value: 0 });
                    }
                    if let Some((_, times)) = self.plan.doubt.as_ref().filter(|_| !self.forked) {
                        out.doubts.extend(
                            out.series()
                                .get(id.0)
                                .map(|s| Doubt { channel: s.channel().clone(), times: *times })
                                .into_iter()
                                .collect::<Vec<_>>(),
                        );
                    }
                    id
                }
            };
            match known.columns.get(number).copied().flatten() {
                Some(first) if first != position => note_mixed(&self.plan.table, line, first, position, out),
                Some(_) => {}
                None => {
                    if self.forked && meter.columns.len() > 1 {
                        out.mark_irregular();
                    }
                    if let Some(first) = known.columns.get_mut(number) {
                        *first = Some(position);
                    }
                }
            }
            // Between two rows that say how long they lasted nobody looked.
            let is_of_interval = matches!(meter.quantity, Quantity::IntervalEnergy | Quantity::PowerMean);
            if is_of_interval
                && self.plan.lasted.is_some()
                && let Some(length) = lasted
                && let Some(ended) = known.ended.get_mut(number)
            {
                let start = Instant::from_micros(at.as_micros().saturating_sub(length));
                let just_after = ended.replace(at).map(|ended| ended.plus(Span::from_micros(1)));
                if let Some(just_after) = just_after.filter(|after| *after < start) {
                    if meter.quantity == Quantity::PowerMean {
                        out.interrupt(id, just_after, Interruption::Unwatched);
                    }
                    if let Some(begun) = known.begun.get_mut(number) {
                        *begun = false;
                    }
                }
            }
            // The first energy or mean of an interval is of a time as long as the others'.
            if is_of_interval
                && !self.forked
                && let Some(begun) = known.begun.get_mut(number).filter(|begun| !**begun)
            {
                *begun = true;
                if let Some(length) = lasted.or(self.places.cadence.map(as_set)).filter(|length| *length > 0) {
                    let start = Instant::from_micros(at.as_micros().saturating_sub(length));
                    // Where the period asked for begins later, it begins with the first reading inside.
                    let _ = match meter.quantity {
                        Quantity::PowerMean => out.sample(id, Sample { at: start, value }),
                        _ => out.sample(id, Sample::interval_start(start)),
                    };
                }
            }
            match out.sample(id, Sample { at, value }) {
                Ok(()) => {
                    used = Some(position);
                    if let Some(held) = known.held.get_mut(number).filter(|_| meter.quantity == Quantity::PowerHeld) {
                        *held = Some(value);
                    }
                }
                Err(why) => {
                    if why == SkipReason::Implausible {
                        out.has_no_reading(id, at);
                        note_implausible(&self.plan.table, &self.cells, line, position, out);
                    }
                    reason.get_or_insert(why);
                }
            }
        }
        used.ok_or(Some(reason.unwrap_or(SkipReason::NoReading)))
    }
}

/// The interval that a sampler was set to, in µs, by the one that its rows show: whole tenths of a second, where that is a thousandth off at most. What
/// is on top is its own work.
fn as_set(cadence: i64) -> i64 {
    const TENTH: i64 = rules::seconds("interval_set_step_s").as_micros();
    let whole = (cadence + TENTH / 2).div_euclid(TENTH) * TENTH;
    if (cadence - whole).abs().saturating_mul(1_000) <= cadence { whole } else { cadence }
}

/// The column and value (µW or µJ) of a meter's reading; else the reason and the column that gave it.
fn read_meter(meter: &Meter, table: &Table, cells: &Cells, text: &[u8]) -> Result<(usize, i64), Option<(SkipReason, usize)>> {
    let mut missing = None;
    for (position, unit) in &meter.columns {
        let Some(cell) = cells.cell(text, *position) else { continue };
        if let Some(rated) = meter.rated {
            let load = cell.trim_ascii();
            let load = load.strip_suffix(b"%").unwrap_or(load).trim_ascii();
            if is_missing(load) {
                missing.get_or_insert(*position);
                continue;
            }
            let permille = table.number(load, 1).and_then(|tenths| u32::try_from(tenths).ok()).filter(|tenths| *tenths <= 1000);
            let permille = permille.ok_or(Some((SkipReason::Torn, *position)))?;
            return Ok((*position, gpu_power(rated, permille).as_microwatts()));
        }
        let is_power = meter.quantity.is_power();
        let cell = match meter.of_list {
            Some(at) => list(cell).and_then(|mut figures| figures.nth(at)).unwrap_or(cell),
            None => cell,
        };
        match measure(cell, *unit, table.decimal_comma) {
            Measured::Power(power) if is_power => return Ok((*position, power.as_microwatts())),
            Measured::Energy(energy) if !is_power => return Ok((*position, energy)),
            Measured::Missing => {
                missing.get_or_insert(*position);
            }
            _ => return Err(Some((SkipReason::Torn, *position))),
        }
    }
    Err(missing.map(|position| (SkipReason::NoReading, position)))
}

/// The figures of a cell that holds several in brackets, as Python and numpy print them: `[101.2, 99.8]`, `(101.2 99.8)`.
pub(in crate::read) fn list(cell: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let inner = match cell.trim_ascii() {
        [b'[', inner @ .., b']'] | [b'(', inner @ .., b')'] => inner,
        _ => return None,
    };
    let is_between = |byte: &u8| matches!(byte, b',' | b';') || byte.is_ascii_whitespace();
    Some(inner.split(is_between).filter(|figure| !figure.is_empty()))
}
