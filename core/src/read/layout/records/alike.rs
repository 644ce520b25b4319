//! Rows that differ from the one before in the values of their readings and their time: what their fields are for is known, and so is whose they are.

use alloc::format;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::gathered::Gathered;
use super::{Known, Records, TimeKind};
use crate::decode::table::{Measured, is_missing, measure};
use crate::note;
use crate::order::is_same;
use crate::read::layout::MeterRow;
use crate::read::layout::fields::Fields;
use crate::read::layout::tree::Values;
use crate::read::layout::words::without_port;
use crate::read::printed::step_uj;
use crate::read::{Line, Reading, Row, SkipReason};
use crate::series::{Component, Device, Interruption, Sample};
use crate::units::{Instant, Span};

/// What the row that was learnt came to; fields are those of the row itself, from 0.
pub(super) struct Alike {
    /// Fields that must say the same again.
    same: Vec<(usize, Vec<u8>)>,
    time: usize,
    readings: Vec<OfReading>,
    /// The readings of the row in hand.
    values: Vec<i64>,
}

/// A reading.
struct OfReading {
    field: usize,
    meter: &'static MeterRow,
    rank: usize,
    /// Where its channel stands.
    place: usize,
}

impl Known {
    /// A reading comes at that time; gives when the one before came.
    pub(super) fn comes(&mut self, at: Instant, longest: Option<Span>, out: &mut Reading) -> Option<Instant> {
        let last = self.last.replace(at);
        if let (Some(longest), Some(last)) = (longest, last)
            && at.since(last) > longest
        {
            let between = Instant::from_micros(last.as_micros() + at.since(last).as_micros() / 2);
            out.interrupt(self.id, between, Interruption::Unwatched);
        }
        last
    }

    /// Adds a reading of a meter.
    pub(super) fn sample(&self, sample: Sample, name: &'static str, line: Line<'_>, out: &mut Reading) -> Result<(), SkipReason> {
        out.sample(self.id, sample).inspect_err(|why| {
            if *why == SkipReason::Implausible {
                out.notes.add(&note::IMPLAUSIBLE_POWER, name, Some(line.number), || {
                    format!("{name}: found a value that the device cannot draw")
                });
            }
        })
    }
}

impl MeterRow {
    /// The name of its field of that rank.
    pub(super) fn name(&self, rank: usize) -> &'static str {
        self.fields.get(rank).or(self.fields.first()).copied().unwrap_or("")
    }

    /// A reading in micro-units; `None` where it is none of that meter.
    pub(super) fn micros(&self, value: &[u8]) -> Option<i64> {
        match measure(value, Some(self.unit), false) {
            Measured::Power(power) if self.quantity.is_power() => Some(power.as_microwatts()),
            Measured::Energy(energy) if !self.quantity.is_power() => Some(energy),
            _ => None,
        }
    }
}

impl Records {
    /// Notes that the log names a device.
    pub(super) fn list(&mut self, (component, device): (Component, &Device), out: &mut Reading) {
        let compare = |devices: &[(Component, Device)], at: usize| {
            devices.get(at).map_or(Ordering::Less, |(own, known)| (own, known).cmp(&(&component, device)))
        };
        if self.listed.find(|at| compare(&out.devices, at)).is_none() {
            out.devices.push((component, device.clone()));
            self.listed.put(out.devices.len() - 1, |at| compare(&out.devices, at));
        }
    }

    /// Keeps what the row in hand came to, whose readings were all used; `false` where rows like it are to be gone through.
    pub(in crate::read::layout) fn learn_row(&mut self, fields: &Fields, first: usize) -> bool {
        self.alike = self.alike_of(fields, first);
        self.alike.is_some()
    }

    fn alike_of(&mut self, fields: &Fields, first: usize) -> Option<Alike> {
        if self.totals.is_some() || self.steps.is_some() || self.has_lengths || names_come_again(fields, first) {
            return None;
        }
        let row = self.row.take()?;
        let alike = self.alike_row(&row, fields, first);
        self.row = Some(row);
        alike
    }

    fn alike_row(&mut self, row: &Gathered, fields: &Fields, first: usize) -> Option<Alike> {
        let [(rank, 0, time)] = row.times[..] else { return None };
        let clock = self.layout.time.get(rank)?;
        if row.is_left_out || clock.kind != TimeKind::Stamp || clock.fields.len() > 1 {
            return None;
        }
        let [host, ref identity @ ..] = row.names.map(|name| name.map(|(_, number)| fields.get(number)));
        let host = host.and_then(without_port);
        let mut readings = Vec::new();
        for found in &row.found {
            let meter = self.layout.meters.get(found.meter)?;
            self.key_of(found.meter, found.device(fields), host, identity);
            let place = self.channels.place(self.key.as_slice())?;
            let known = self.channels.value_at(place)?;
            let is_other = self.by_metric && known.rank != found.rank;
            if meter.no_zero || is_other || !is_same(&known.repeats, identity.get(6).copied().flatten().unwrap_or(&[])) {
                return None;
            }
            readings.push(OfReading { field: found.field.checked_sub(first)?, meter, rank: found.rank, place });
        }
        let mut same = Vec::new();
        for field in first..fields.len() {
            let uses = self.uses.known(fields.name(field))?;
            let is_read = field == time || row.found.iter().any(|found| found.field == field);
            // What a reading or the time is for besides must not change.
            match is_read {
                true if uses.names.is_empty() && uses.conditions.is_empty() && uses.having.is_empty() => {}
                false if uses.is_empty => {}
                true => return None,
                false => same.push((field - first, fields.get(field).to_vec())),
            }
        }
        Some(Alike { same, time: time.checked_sub(first)?, readings, values: Vec::new() })
    }

    /// Reads a row whose fields are those of the learnt one with other values. `None` where it is to be gone through: nothing was done.
    pub(in crate::read::layout) fn alike(&mut self, values: Values<'_>, line: Line<'_>, out: &mut Reading) -> Option<Row> {
        let mut alike = self.alike.take()?;
        let row = self.row_alike(&mut alike, values, line, out);
        self.alike = Some(alike);
        row
    }

    fn row_alike(&mut self, alike: &mut Alike, values: Values<'_>, line: Line<'_>, out: &mut Reading) -> Option<Row> {
        if !alike.same.iter().all(|(field, value)| is_same(values.get(*field), value)) {
            return None;
        }
        alike.values.clear();
        for one in &alike.readings {
            alike.values.push(one.meter.micros(values.get(one.field))?);
        }
        let stamp = values.get(alike.time);
        let stamp = if is_missing(stamp) { None } else { self.stamp_in(stamp) }?;
        let at = self.clock.instant(stamp, out)?;
        (self.metered, self.records, self.timed, self.length) = (true, self.records + 1, self.timed + 1, None);
        let mut became = None;
        for (one, value) in alike.readings.iter().zip(&alike.values) {
            let Some(known) = self.channels.value_at_mut(one.place) else { continue };
            known.rows += 1;
            known.comes(at, self.layout.longest, out);
            if !one.meter.quantity.is_power() {
                out.printed_to(known.id, step_uj(values.get(one.field), Some(one.meter.unit)));
            }
            match known.sample(Sample { at, value: *value }, one.meter.name(one.rank), line, out) {
                Ok(()) => became = Some(Row::Used),
                Err(why) => became = became.or(Some(Row::Skipped(why))),
            }
        }
        became
    }
}

/// Whether a field of the row in hand is called as another one is.
fn names_come_again(fields: &Fields, first: usize) -> bool {
    (first..fields.len()).any(|field| (0..field).any(|before| is_same(fields.name(before), fields.name(field))))
}
