//! The fast way through the plain case, which `carbon-scan` reads; any other line is left to the tolerant way.

use carbon_scan::{PlainRows, Shape};

use crate::decode::table::Unit;
use crate::read::sampled_table::{Devices, Plan, TimeSource, Trace};
use crate::read::{ChannelId, LocalClock, Reading};
use crate::units::calendar::parse_stamp;
use crate::units::{Instant, Power};

/// The plain rows of a table; absent where it has none.
pub(super) struct Plain(Option<(Shape, PlainRows)>);

impl Plain {
    /// No row is plain.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// The plain case of a plan, if it has one.
    pub(super) fn of(plan: &Plan) -> Self {
        let stamped = plan.table.delimiter == b',' && plan.time == TimeSource::Column(0);
        let reading = match plan.meters.as_slice() {
            [only] if stamped && plan.identity.host.is_none() && only.rated.is_none() => only.columns.first().copied(),
            _ => None,
        };
        let shape = reading.map(|(power, unit)| Shape {
            power,
            bare_watts: unit == Some(Unit::WATT),
            columns_after: plan.table.columns.len().saturating_sub(power + 1),
            key_column: plan.identity.columns().into_iter().flatten().next(),
            named_before: plan.identity.columns().into_iter().flatten().all(|column| column < power),
            minute: |text| parse_stamp(text).map(|stamp| stamp.at.as_micros()),
        });
        Self(shape.map(|shape| (shape, PlainRows::new(shape))))
    }

    /// Learns from a row that was used.
    pub(super) fn learn(&mut self, line: &[u8], trace: Trace, devices: &Devices) {
        let (Some((shape, rows)), Some(device)) = (&mut self.0, devices.get(trace.device)) else {
            return;
        };
        // A device whose rows mix columns is told of, row by row.
        if let Some(Some(channel)) = device.channels.first()
            && device.columns.first() == Some(&Some(shape.power))
            && trace.reading_column == shape.power
        {
            rows.learn(line, channel.0, trace.key_column == shape.key_column);
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
        if let Some((_, rows)) = &mut self.0 {
            while let Some(row) = rows.next(rest) {
                let at = clock.resolve(Instant::from_micros(row.micros));
                if out.power(ChannelId(row.device), at, Power::from_microwatts(row.microwatts)).is_err() {
                    break;
                }
                rest = row.rest;
                count += 1;
                *last = Some(at);
            }
        }
        (count, rest)
    }
}
