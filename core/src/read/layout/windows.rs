//! Tables whose rows are windows of time: when each began, how long it took and what it used. Windows that lie in others are theirs: only the
//! outermost count, each once.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use super::{Layout, TimeField, TimeKind};
use crate::bounds;
use crate::decode::cells::Cells;
use crate::decode::table::{LineKind, Measured, Unit, is_missing, measure};
use crate::note;
use crate::order;
use crate::read::row_clock::RowClock;
use crate::read::sampled_table::{Devices, Meter, Plan, component};
use crate::read::{Doubt, Line, ReadOptions, Reader, Reading, Row, SkipReason};
use crate::rules;
use crate::series::{Instrument, Sample, rapl_ranges};
use crate::units::{Energy, Instant, Span};

/// Stamps of neighbouring windows differ by the time that it takes to write one down.
const TOLERANCE: Span = rules::seconds("window_stamps_apart_s");

/// So many windows wait for one that they may lie in.
const MOST_WAITING: usize = 65_536;

/// Thousandths of an energy.
const WHOLE: i128 = 1_000;

/// One window of a device.
#[derive(Clone, Debug)]
struct Window {
    start: Instant,
    end: Instant,
    line: u64,
    /// Energies in µJ, of each meter of the plan.
    energies: Vec<Option<i64>>,
    /// What it and those in it may hold, in µJ: an outer one holds what is in it, but windows of the very same time may have followed each other.
    most: Vec<i128>,
}

/// Where the time of a window stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct WindowColumns {
    /// Column of the beginning.
    start: usize,
    /// Column of the length, and its scale; without one, a window ends where the next begins.
    length: Option<(usize, i32)>,
}

/// Reads windows.
pub(super) struct WindowReader {
    layout: &'static Layout,
    plan: Plan,
    options: ReadOptions,
    at: WindowColumns,
    clock: RowClock,
    cells: Cells,
    key: Vec<u8>,
    devices: Devices,
    /// Of each device, the windows that no other one holds so far.
    windows: Vec<Vec<Window>>,
    /// Of each device and meter, where its last window ended.
    ends: Vec<Vec<Option<Instant>>>,
    /// Of each device and meter, the energy of windows that count, and the most that they and those in them may hold.
    held: Vec<Vec<(i128, i128)>>,
}

impl WindowReader {
    pub(super) fn new(layout: &'static Layout, plan: Plan, at: WindowColumns, options: &ReadOptions) -> Self {
        Self {
            layout,
            plan,
            options: options.clone(),
            at,
            clock: RowClock::new(options, layout.tool),
            cells: Cells::default(),
            key: Vec::new(),
            devices: Devices::default(),
            windows: Vec::new(),
            ends: Vec::new(),
            held: Vec::new(),
        }
    }

    /// The columns of windows, where the layout and the table have them.
    pub(super) fn columns(layout: &Layout, position: impl Fn(&str) -> Option<usize>) -> Option<WindowColumns> {
        layout.time.iter().find_map(|time| match *time {
            TimeField { fields: [start, length], kind: TimeKind::Window(scale) } => {
                Some(WindowColumns { start: position(start)?, length: Some((position(length)?, scale)) })
            }
            TimeField { fields: [start], kind: TimeKind::Begins } => Some(WindowColumns { start: position(start)?, length: None }),
            _ => None,
        })
    }

    fn row(&mut self, line: Line<'_>, out: &mut Reading) -> Result<(), SkipReason> {
        let text = line.text;
        if line.unterminated {
            return Err(SkipReason::LastLineCut);
        }
        if self.cells.split(text, self.plan.table.delimiter) != self.plan.table.columns.len() || self.cells.is_unclosed() {
            return Err(SkipReason::Torn);
        }
        let cell = |position: usize| self.cells.cell(text, position).unwrap_or(b"");
        let table = &self.plan.table;
        let micros = |position: usize, scale: i32| table.number(cell(position), 6 - scale).and_then(|micros| i64::try_from(micros).ok());
        let start = match table.stamp(cell(self.at.start)) {
            Some(stamp) => self.clock.instant(stamp, out),
            // A clock that counts from some start.
            None => micros(self.at.start, 0).map(|micros| {
                self.clock.relative(out);
                Instant::from_micros(micros)
            }),
        };
        let length = match self.at.length {
            Some((at, scale)) => micros(at, scale).filter(|length| *length >= 0).ok_or(SkipReason::NoTime)?,
            None => 0,
        };
        let start = start.ok_or(SkipReason::NoTime)?;
        let end = Instant::from_micros(start.as_micros().saturating_add(length));
        let read = |meter: &Meter| {
            meter.columns.iter().find_map(|(at, unit)| energy(meter, cell(*at), *unit, end.since(start), table.decimal_comma))
        };
        let energies: Vec<Option<(i64, bool)>> = self.plan.meters.iter().map(read).collect();
        if energies.iter().flatten().any(|(_, wrapped)| *wrapped) {
            out.notes.add(&note::COUNTER_WRAP, "", Some(line.number), || {
                String::from("an energy below 0 is that of a counter that started again: its range is added back")
            });
        }
        let energies: Vec<Option<i64>> = energies.into_iter().map(|energy| Some(energy?.0)).collect();
        if energies.iter().all(Option::is_none) {
            let is_blank = |meter: &Meter| meter.columns.iter().all(|(at, _)| is_missing(cell(*at)));
            return Err(if self.plan.meters.iter().all(is_blank) { SkipReason::NoReading } else { SkipReason::Torn });
        }
        let device = self.device(text, out).ok_or(SkipReason::OverLimit)?;
        let Some(known) = self.windows.get_mut(device) else { return Err(SkipReason::OverLimit) };
        // A window is written when it ends: those that lie in it stand before it.
        let (mut inside, mut alike) = (alloc::vec![0_i128; energies.len()], alloc::vec![0_i128; energies.len()]);
        while let Some(inner) = known.pop_if(|inner| inner.start.plus(TOLERANCE) >= start && inner.end <= end.plus(TOLERANCE)) {
            out.rows.demote(SkipReason::Contained, inner.line, 1);
            let sums = if (inner.start, inner.end) == (start, end) { &mut alike } else { &mut inside };
            sums.iter_mut().zip(&inner.most).for_each(|(sum, most)| *sum += most);
        }
        let own = energies.iter().map(|energy| i128::from(energy.unwrap_or(0)));
        let most = own.zip(inside).zip(alike).map(|((own, inside), alike)| own.max(inside) + alike).collect();
        known.push(Window { start, end, line: line.number, energies, most });
        if known.len() > MOST_WAITING {
            let later = known.split_off(MOST_WAITING / 2);
            let now = mem::replace(known, later);
            self.hand_over(device, now, out);
        }
        Ok(())
    }

    /// The device of the row that is cut into cells.
    fn device(&mut self, text: &[u8], out: &mut Reading) -> Option<usize> {
        self.plan.identity.key(&self.cells, text, &mut self.key);
        if let Some(known) = self.devices.find(&self.key) {
            return Some(known);
        }
        if self.devices.len() >= self.options.bounds.count(&bounds::DEVICES) {
            return None;
        }
        let (host, device, _) = self.plan.identity.device(&self.cells, text, None, self.devices.len());
        let part = device.index.as_ref().and_then(|index| component(&index.to_lowercase()));
        let added = self.devices.add(&self.key, (host, device), part, self.plan.meters.len());
        for meter in &self.plan.meters {
            let listed = meter.of(self.devices.get(added)?);
            if !out.devices.contains(&listed) {
                out.devices.push(listed);
            }
        }
        self.windows.push(Vec::new());
        self.ends.push(alloc::vec![None; self.plan.meters.len()]);
        self.held.push(alloc::vec![(0, 0); self.plan.meters.len()]);
        Some(added)
    }

    /// Counts windows of a device, which stand in the order in which they ended.
    fn hand_over(&mut self, device: usize, windows: Vec<Window>, out: &mut Reading) {
        let (Some(known), Some(ends)) = (self.devices.get(device), self.ends.get_mut(device)) else { return };
        let mut windows = windows;
        order::sort_by_key(&mut windows, |window| window.start);
        if self.at.length.is_none() {
            let steps =
                windows.windows(2).map(|pair| pair.iter().rev().map(|w| w.start.as_micros()).reduce(i64::wrapping_sub).unwrap_or(0));
            let mut steps: Vec<i64> = steps.filter(|step| *step > 0).collect();
            order::sort(&mut steps);
            // As long as most of them: where rows are missing, nothing is known.
            let usual = steps.get(steps.len() / 2).copied().unwrap_or(0);
            windows.iter_mut().for_each(|window| window.end = window.start.plus(Span::from_micros(usual)));
        }
        if let Some(held) = self.held.get_mut(device) {
            for window in &windows {
                for ((held, energy), most) in held.iter_mut().zip(&window.energies).zip(&window.most) {
                    *held = (held.0 + i128::from(energy.unwrap_or(0)), held.1 + most);
                }
            }
        }
        for window in &windows {
            for ((meter, energy), last) in self.plan.meters.iter().zip(&window.energies).zip(ends.iter_mut()) {
                let Some(energy) = *energy else { continue };
                let (component, named) = meter.of(known);
                let id = out.channel(meter.channel(known.host.clone(), component, named));
                let (mut start, mut energy) = (window.start, energy);
                if let Some(ended) = *last
                    && start < ended
                {
                    // Of windows that overlap, the later one counts from where the first ends.
                    let (whole, rest) = (window.end.since(start).as_micros(), window.end.since(ended).as_micros());
                    if ended.since(start) > TOLERANCE {
                        out.notes.add(&note::CONTAINED_READING, "", Some(window.line), || {
                            String::from("windows overlap: the later one counts from where the first ends, by its share of the time")
                        });
                        energy = if rest > 0 { share(energy, rest, whole) } else { 0 };
                    }
                    start = ended;
                }
                if window.end <= start {
                    continue;
                }
                if last.is_none_or(|ended| start.since(ended) > TOLERANCE) {
                    let _ = out.sample(id, Sample::interval_start(start));
                }
                if out.sample(id, Sample { at: window.end, value: energy }) == Err(SkipReason::Implausible) {
                    out.rows.demote(SkipReason::Implausible, window.line, 1);
                }
                *last = Some(window.end);
            }
        }
    }
}

impl WindowReader {
    /// Tells that windows which are taken for parts of others may have followed each other: stamps that are cut to fewer digits than a window is long look
    /// like that.
    fn tell_alike(&self, out: &mut Reading) {
        for (device, held) in self.held.iter().enumerate() {
            let Some(known) = self.devices.get(device) else { continue };
            for (meter, (counted, most)) in self.plan.meters.iter().zip(held) {
                if *counted <= 0 || most - counted <= *counted {
                    continue;
                }
                let (component, named) = meter.of(known);
                let numerator = most.saturating_mul(WHOLE).saturating_add(counted - 1) / counted;
                let channel = meter.channel(known.host.clone(), component, named);
                out.doubts.push(Doubt { channel, times: (u32::try_from(numerator).unwrap_or(u32::MAX), WHOLE as u32) });
                out.notes.add(&note::POSSIBLE_DOUBLE_COUNT, "windows", None, || {
                    String::from("many windows have the very same time: they are taken for one, and the upper end holds them all")
                });
            }
        }
    }
}

/// `part ÷ whole` of an energy in µJ.
fn share(energy: i64, part: i64, whole: i64) -> i64 {
    i64::try_from(Energy::from_microjoules(energy).share(part, whole).as_picojoules() / 1_000_000).unwrap_or(0)
}

/// The energy in a cell, µJ. What fell below 0 is a counter of RAPL that started again: its range is added, and that is told.
fn energy(meter: &Meter, cell: &[u8], unit: Option<Unit>, length: Span, comma: bool) -> Option<(i64, bool)> {
    let Measured::Energy(value) = measure(cell, unit, comma) else { return None };
    if value >= 0 {
        return Some((value, false));
    }
    let most = meter.component.implausible_above().over(length);
    let fits = |energy: &i64| *energy >= 0 && Energy::from_microjoules(*energy) <= most;
    let ranges = if meter.instrument == Instrument::Rapl { rapl_ranges(meter.component) } else { &[] };
    ranges.iter().map(|range| value.saturating_add(*range)).find(fits).map(|energy| (energy, true))
}

impl Reader for WindowReader {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        let mut is_header =
            |text: &[u8]| self.plan.table.under_header(text, &mut self.cells, |columns| self.layout.score(columns)).is_some();
        match self.plan.table.kind(line.text) {
            LineKind::Row if is_header(line.text) => Row::Structure,
            LineKind::Row
                if line.number < self.plan.table.header_line.unwrap_or(0) && !self.plan.table.is_row_above(line.text, &mut self.cells) =>
            {
                Row::Structure
            }
            LineKind::Row => match self.row(line, out) {
                Ok(()) => Row::Used,
                Err(reason) => Row::Skipped(reason),
            },
            LineKind::Header | LineKind::Blank | LineKind::Comment => Row::Structure,
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        for device in 0..self.windows.len() {
            if let Some(windows) = self.windows.get_mut(device).map(mem::take) {
                self.hand_over(device, windows, out);
            }
        }
        self.tell_alike(out);
        out.readings_a_row = self.plan.meters.len() as u64;
        if out.rows.read() == 0 {
            out.notes.add(&note::FILE_EMPTY, "", None, || String::from("the table has a header and no rows"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::read::{FileReader, ReadOptions, Reading, SkipReason};
    use crate::units::Energy;
    use alloc::string::String;

    fn read(rows: &str) -> Reading {
        let mut reader = FileReader::new(ReadOptions::default());
        reader.push(String::from("start_time,window_name,elapsed_time,gpu0_energy\n").as_bytes());
        reader.push(rows.as_bytes());
        reader.finish()
    }

    #[test]
    fn the_outermost_windows_count_once() {
        for (rows, joules, contained) in [
            // Windows that follow each other.
            ("100,a,10,50\n110,b,10,70\n", 120, 0),
            // One that holds both, two levels deep.
            ("100,a,10,50\n110,b,10,70\n100,c,20,130\n100,d,30,200\n", 200, 3),
            // One after one that holds another; between them, nothing is known.
            ("100,a,5,50\n100,b,10,70\n150,c,10,30\n", 100, 1),
            // Halves that overlap: of the later one, its share of the time.
            ("100,a,10,100\n105,b,10,100\n", 150, 0),
        ] {
            let out = read(rows);
            let sum: Energy = out.series().iter().map(|series| series.energy(true)).sum();
            assert_eq!(sum, Energy::from_joules(joules), "{rows}");
            assert_eq!(out.rows.skipped.get(&SkipReason::Contained).map_or(0, |(count, _)| *count), contained, "{rows}");
        }
    }
}
