//! The fastest way through plain rows: those of one reading each, with stamps as nvidia-smi prints them.

use carbon_scan::{PlainRows, Shape};

use super::{Devices, Plan, TimeSource, Trace};
use crate::decode::table::Unit;
use crate::read::{ChannelId, LocalClock, Reading};
use crate::series::Quantity;
use crate::units::calendar::parse_stamp;
use crate::units::{Instant, Power};

/// Plain rows with such stamps.
pub(super) struct Stamped {
    shape: Shape,
    rows: PlainRows,
}

impl Stamped {
    /// The plain case of a plan, if it has one.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let stamped = plan.table.delimiter == b',' && plan.time == TimeSource::Column(0);
        let is_odd = plan.identity.host.is_some() || plan.lasted.is_some() || !(plan.asides.is_empty() && plan.only.is_empty());
        let [only] = plan.meters.as_slice() else { return None };
        // What holds until the next reading, or for the time since the last one, has more to it.
        if !stamped
            || is_odd
            || !plan.rows_left_out.is_empty()
            || only.quantity != Quantity::Power
            || only.rated.is_some()
            || only.of_list.is_some()
        {
            return None;
        }
        let (power, unit) = only.columns.first().copied().filter(|_| only.only.is_empty())?;
        let shape = Shape {
            power,
            bare_watts: unit == Some(Unit::WATT),
            columns_after: plan.table.columns.len().saturating_sub(power + 1),
            key_column: plan.identity.columns().into_iter().flatten().next(),
            named_before: plan.identity.columns().into_iter().flatten().all(|column| column < power),
            minute: |text| parse_stamp(text).map(|stamp| stamp.at.as_micros()),
        };
        Some(Self { shape, rows: PlainRows::new(shape) })
    }

    /// The same, where a row that was used is plain.
    pub(super) fn like(mut self, line: &[u8], trace: Trace, devices: &Devices) -> Option<Self> {
        self.learn(line, trace, devices);
        let ended = [line, b"\n"].concat();
        self.rows.next(&ended).is_some().then_some(self)
    }

    /// Learns from a row that was used.
    pub(super) fn learn(&mut self, line: &[u8], trace: Trace, devices: &Devices) {
        let Some(device) = devices.get(trace.device) else { return };
        // A device whose rows mix columns is told of, row by row.
        if let Some(Some(channel)) = device.channels.first()
            && device.columns.first() == Some(&Some(self.shape.power))
            && trace.reading_column == self.shape.power
        {
            self.rows.learn(line, channel.0, trace.key_column == self.shape.key_column);
        }
    }

    /// Reads rows up to the first that is not plain; returns their number and what is left, and leaves the time of the last in `last`.
    pub(super) fn read<'l>(
        &mut self,
        lines: &'l [u8],
        clock: &mut LocalClock,
        last: &mut Option<Instant>,
        out: &mut Reading,
    ) -> (u64, &'l [u8]) {
        let (mut rest, mut count) = (lines, 0);
        while let Some(row) = self.rows.next(rest) {
            let at = clock.resolve(Instant::from_micros(row.micros));
            if out.power(ChannelId(row.device), at, Power::from_microwatts(row.microwatts)).is_err() {
                break;
            }
            rest = row.rest;
            count += 1;
            *last = Some(at);
        }
        (count, rest)
    }
}
