//! The fast ways through plain rows, which `carbon-scan` reads; any other row is left to the tolerant way, and all give the same.

use alloc::vec::Vec;

use carbon_scan::table::{Clock, Reading as Column, Rows, Shape};

use super::stamped::Stamped;
use super::{Devices, Plan, TimeSource, Trace};
use crate::decode::cells::Cells;
use crate::read::{ChannelId, LocalClock, ReadOptions, Reading};
use crate::series::{Quantity, Sample};
use crate::units::Instant;
use crate::units::calendar::parse_stamp;

/// The plain rows of a table.
pub(super) enum Plain {
    /// Of any shape.
    Any(Any),
    /// Of the most usual one.
    Stamped(Stamped),
}

impl Plain {
    /// The plain rows that are like one that was used; `zoned` says whether stamps name their zone.
    pub(super) fn like(line: &[u8], trace: Trace, plan: &Plan, devices: &Devices, options: &ReadOptions, zoned: bool) -> Option<Self> {
        let stamped = if zoned { None } else { Stamped::of(plan) };
        match stamped.and_then(|stamped| stamped.like(line, trace, devices)) {
            Some(stamped) => Some(Self::Stamped(stamped)),
            None => Any::of(plan, options, zoned).map(Self::Any),
        }
    }

    /// Learns from a row that was used: from here on, rows of its device may be plain.
    pub(super) fn learn(&mut self, plan: &Plan, cells: &Cells, line: &[u8], trace: Trace, devices: &Devices) {
        match self {
            Self::Any(rows) => rows.learn(plan, cells, line, trace.device, devices),
            Self::Stamped(rows) => rows.learn(line, trace, devices),
        }
    }

    /// Reads rows up to the first that is not plain; returns their number and what is left, and leaves the time of the last in `last`.
    pub(super) fn read<'l>(
        &mut self,
        lines: &'l [u8],
        clock: &mut LocalClock,
        last: &mut Option<Instant>,
        devices: &mut Devices,
        out: &mut Reading,
    ) -> (u64, &'l [u8]) {
        match self {
            Self::Any(rows) => rows.read(lines, clock, last, devices, out),
            Self::Stamped(rows) => rows.read(lines, clock, last, out),
        }
    }
}

/// Plain rows of a table, whatever its columns.
pub(super) struct Any {
    rows: Rows,
    /// Channels of each device, in the order of the columns that hold their readings.
    channels: Vec<Vec<ChannelId>>,
    /// Which meter each reading is of.
    meters: Vec<usize>,
    key: Option<usize>,
    is_local: bool,
    /// How far apart the rows of a device are, in tables without a clock, µs.
    step: Option<i64>,
}

impl Any {
    /// The plain case of a plan, if it has one; `zoned` says whether its stamps name their zone.
    fn of(plan: &Plan, options: &ReadOptions, zoned: bool) -> Option<Self> {
        let id = &plan.identity;
        let mut keys = id.columns().into_iter().flatten();
        let (key, others) = (keys.next(), keys.next());
        let is_odd = plan.table.decimal_comma
            || matches!(plan.table.delimiter, b' ' | b'.')
            || id.host.is_some()
            // Which of several names identifies a row depends on what it holds.
            || others.is_some()
            || !(plan.asides.is_empty() && plan.only.is_empty() && plan.rows_left_out.is_empty())
            || plan.lasted.is_some()
            || options.from.is_some()
            || options.to.is_some();
        let (time, clock) = match plan.time {
            TimeSource::Column(position) => (position, Clock::Stamp { zoned, minute }),
            TimeSource::Elapsed { position, scale, times: 1 } => (position, Clock::Elapsed(u32::try_from(scale).ok()?)),
            TimeSource::Interval(_) => (usize::MAX, Clock::Nowhere),
            _ => return None,
        };
        if is_odd {
            return None;
        }
        let mut readings = Vec::new();
        for (number, meter) in plan.meters.iter().enumerate() {
            let [(column, Some(unit))] = meter.columns[..] else { return None };
            // What holds until the next reading is kept beside.
            let is_odd = meter.rated.is_some()
                || meter.of_list.is_some()
                || meter.quantity == Quantity::PowerHeld
                // What stands beside a power, where no stamp tells a row, may be a header.
                || plan.interval().is_some() && (meter.quantity != Quantity::Power || plan.meters.len() < plan.table.columns.len());
            if unit.factor != 1 || is_odd || !meter.only.is_empty() || Some(column) == key || column == time {
                return None;
            }
            let highest = meter.device.as_ref().map_or(meter.component.implausible_above(), |device| meter.component.most_power_of(device));
            let most = if meter.quantity.is_power() { highest.as_microwatts() } else { i64::MAX };
            readings.push((Column { column, scale: u32::try_from(unit.scale).ok()?, most }, number));
        }
        readings.sort_by_key(|(reading, _)| reading.column);
        if readings.is_empty() || readings.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a.column == b.column)) {
            return None;
        }
        let (readings, meters) = readings.into_iter().unzip();
        let shape = Shape { delimiter: plan.table.delimiter, columns: plan.table.columns.len(), time, clock, key, readings };
        Some(Self { rows: Rows::new(shape), channels: Vec::new(), meters, key, is_local: !zoned, step: plan.interval() })
    }

    fn learn(&mut self, plan: &Plan, cells: &Cells, line: &[u8], device: usize, devices: &Devices) {
        let Some(known) = devices.get(device) else { return };
        if self.channels.get(device).is_some_and(|channels| !channels.is_empty()) {
            return;
        }
        let of = |meter: &usize| {
            let of_interval = matches!(plan.meters.get(*meter)?.quantity, Quantity::IntervalEnergy | Quantity::PowerMean);
            let begun = !of_interval || known.begun.get(*meter).copied().unwrap_or(false);
            known.channels.get(*meter).copied().flatten().filter(|_| begun)
        };
        let Some(channels) = self.meters.iter().map(of).collect::<Option<Vec<_>>>() else { return };
        let key = match self.key {
            Some(key) => cells.cell(line, key).unwrap_or(b""),
            None => b"",
        };
        if self.channels.len() <= device {
            self.channels.resize(device + 1, Vec::new());
        }
        if let Some(slot) = self.channels.get_mut(device) {
            *slot = channels;
            self.rows.learn(key, device);
        }
    }

    fn read<'l>(
        &mut self,
        lines: &'l [u8],
        clock: &mut LocalClock,
        last: &mut Option<Instant>,
        devices: &mut Devices,
        out: &mut Reading,
    ) -> (u64, &'l [u8]) {
        let (mut rest, mut count) = (lines, 0);
        while let Some(row) = self.rows.next(rest) {
            let Some(channels) = self.channels.get(row.device) else { break };
            let stamped = Instant::from_micros(row.micros);
            let at = match self.step {
                Some(step) => devices.tick(row.device, step),
                None if self.is_local => clock.resolve(stamped),
                None => stamped,
            };
            for (id, value) in channels.iter().zip(&self.rows.values) {
                // What is beyond the plausible was left to the tolerant way, and no period is asked for.
                let _ = out.sample(*id, Sample { at, value: *value });
            }
            (rest, count) = (row.rest, count + 1);
            *last = if self.step.is_none() { Some(at) } else { *last };
        }
        (count, rest)
    }
}

fn minute(text: &[u8]) -> Option<(i64, bool)> {
    parse_stamp(text).map(|stamp| (stamp.at.as_micros(), stamp.zoned))
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use crate::read::{FileReader, ReadOptions};
    use crate::units::Span;

    /// What a log comes to, read in pieces of this length: line by line where they are short.
    fn read(log: &str, piece: usize) -> String {
        let interval = (!log.starts_with(['t', 'e'])).then_some(Span::from_seconds(2));
        let mut reader = FileReader::new(ReadOptions { interval, ..ReadOptions::default() });
        log.as_bytes().chunks(piece).for_each(|bytes| reader.push(bytes));
        let out = reader.finish();
        let series: String = out.series().iter().map(|s| format!("{:?} {:?} {:?}\n", s.channel(), s.energy(false), s.counts())).collect();
        let notes: String = out.notes.iter().map(|note| format!("{} {:?} {}\n", note.code.id, note.line, note.message)).collect();
        format!("{} {:?} {:?}\n{series}{notes}", out.format, out.clock, out.rows)
    }

    #[test]
    fn plain_rows_come_to_what_all_rows_come_to() {
        // A seeded sequence: what rows look like must not matter.
        let mut state = 7u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let headers = [
            "time,gpu0_w,gpu1_mw,note",
            "time,device,power_w",
            "time,cpu0_counter_uj,gpu0_energy_j",
            "elapsed_s;gpu_w;dram_w",
            "time,host,gpu0_w",
            "time\tgpu0_kw",
            "gpu0_w",
            "gpu0_w,gpu1_mw",
            "gpu0_w,note",
        ];
        for round in 0..117 {
            let header = headers[round % headers.len()];
            let delimiter = if header.contains(';') {
                ';'
            } else if header.contains('\t') {
                '\t'
            } else {
                ','
            };
            let columns: Vec<&str> = header.split(delimiter).collect();
            let (mut log, mut at, mut counter) = (format!("{header}\n"), 1_749_737_001_000u64, 0);
            let style = random(4);
            for row in 0..200 {
                at += if random(40) == 0 { 60_000 } else { 900 + random(200) };
                counter += 1_000_000 + random(1_000);
                let (seconds, millis) = (at / 1000 % 60, at % 1000);
                let minute = at / 60_000 % 60;
                let cells = columns.iter().map(|column| match *column {
                    "time" => match style {
                        0 => format!("{}.{millis:03}", at / 1000),
                        1 => format!("2025-06-12T14:{minute:02}:{seconds:02}.{millis:03}Z"),
                        2 => format!("2025/06/12 14:{minute:02}:{seconds:02}"),
                        _ => format!("{at}"),
                    },
                    "elapsed_s" => format!("{}.{millis:03}", at / 1000 - 1_749_737_000),
                    "device" => format!("gpu{}", row % 2),
                    "host" => String::from("node1"),
                    "note" => String::from(if random(30) == 0 { "\"a, b\"" } else { "plain" }),
                    "cpu0_counter_uj" => format!("{counter}"),
                    _ => match random(60) {
                        0 => String::from("N/A"),
                        1 => String::from("-3"),
                        2 => format!("{} W", random(300)),
                        3 => format!("{}.{:09}", random(300), random(1_000_000_000)),
                        4 => String::from("99999999999"),
                        _ => format!("{}.{:02}", random(300), random(100)),
                    },
                });
                let line: Vec<String> = cells.collect();
                log += &line.join(&String::from(delimiter));
                log += match random(50) {
                    0 => "\r\n",
                    1 => ",9\n",
                    2 => "\nprose in between\n",
                    3 => "\n\n",
                    // What overwrote the log, in lines that come again and again.
                    4 => "\n1,\n2,\n1,\n1,\n\n\n1,\r\n1,\r\n\r\n\r\n7;7\n7;7\n1,1,1\n1,1,1\n1,1,1\n1,,,\n1,,,\n#a\n#a\n2,\n",
                    5 => "\n\"1,\n1,\n1,\n",
                    _ => "\n",
                };
                if random(90) == 0 {
                    log += &format!("{header}\n");
                }
            }
            let whole = read(&log, log.len());
            for piece in [1, 7, 4_096] {
                let other = read(&log, piece);
                assert!(whole == other, "{header} {style} in pieces of {piece}\n{whole}\n{other}");
            }
        }
    }
}
