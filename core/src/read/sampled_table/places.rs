//! Rows of one name that are of several devices: see [`rounds`].

use alloc::vec::Vec;

use super::{Dialect, Meter, Plan, TimeSource};
use crate::bounds::Bound;
use crate::decode::cells::Cells;
use crate::decode::table::{Measured, measure, split_unit};
use crate::map::Map;
use crate::order;
use crate::read::Head;
use crate::read::Rounds;
use crate::rules;
use crate::series::rounds::{self, Found, Seen, Turn};
use crate::series::{Component, Quantity, Shuffled};
use crate::units::calendar::parse_stamp;

/// So many numbers of a row are compared besides the reading.
const MOST_NUMBERS: usize = 8;

/// Rows are in no order where more than one in so many of the steps between unlike stamps leads back; where more than so many do, one in its square.
const OUT_OF_ORDER: usize = rules::whole("rows_out_of_order") as usize;

/// Unix time has so many digits where it is in milliseconds.
const DIGITS_OF_MILLIS: usize = 13;

/// How rows of the same name are told apart.
#[derive(Clone, Debug, Default)]
pub(in crate::read) struct Places {
    by_key: Map<Vec<u8>, usize>,
    turns: Vec<Turn>,
    /// Whether the log names devices.
    pub named: bool,
    /// Places in the round.
    size: u16,
    /// So many times as many devices may have been there, at most.
    pub perhaps: u16,
    /// They are more than may be told apart.
    pub beyond: Option<&'static Bound>,
    /// More of the file would show more of how rows come.
    pub is_short: bool,
    /// Rows come in no order: devices are told apart once they are in order.
    pub shuffled: Option<Shuffled>,
    /// The usual time from a device's row to its next one, in µs.
    pub cadence: Option<i64>,
}

/// What the head shows of the devices that rows are of.
#[derive(Clone, Debug)]
pub(in crate::read) struct Looked {
    pub places: Places,
    /// Whether they are of several that can't be told apart.
    pub devices_indistinct: bool,
}

impl Looked {
    pub(in crate::read) fn of(plan: &Plan, dialect: Dialect, head: &Head<'_>) -> Self {
        Self::beside(Places::of(plan, dialect, head, false), plan, head)
    }

    /// What it shows beside where rows stand.
    pub(in crate::read) fn beside(places: Places, plan: &Plan, head: &Head<'_>) -> Self {
        Self { devices_indistinct: places.is_empty() && places.shuffled.is_none() && plan.has_indistinct_devices(head), places }
    }
}

impl Places {
    /// What the head shows. Where all is asked again of more of it, no more than that it is short, `if_short`.
    pub(in crate::read) fn of(plan: &Plan, dialect: Dialect, head: &Head<'_>, if_short: bool) -> Self {
        let mut places = Self { perhaps: 1, ..Self::default() };
        let id = &plan.identity;
        // An id is believed, whoever wrote the row; rows that say how long they lasted follow each other; and where runs have names, so have what wrote them.
        let is_certain = id.run.is_some() || id.uuid.is_some() || id.bus_id.is_some() || id.serial.is_some() || plan.lasted.is_some();
        let names_part = |meter: &Meter| meter.device.is_some() && meter.component != Component::Unsplit;
        places.named = id.index.is_some() || plan.meters.iter().any(names_part);
        // From row to row, and of rows below one header alone: what lies between two recordings is no pace of the sampler.
        let (mut steps, mut within) = (Vec::new(), Vec::new());
        let seen = plan.seen(dialect, head);
        // Runs of a counter must stay apart, which rows in any order no longer are.
        let is_counter = |meter: &Meter| matches!(meter.quantity, Quantity::Counter(_));
        if !is_certain && !plan.meters.iter().any(is_counter) && is_in_no_order(&seen) {
            places.look_later(seen);
            return places;
        }
        if if_short && !is_certain && !head.complete && seen.iter().any(|(_, rows)| rounds::is_short(rows, places.named)) {
            return Self { is_short: true, ..places };
        }
        for (key, rows) in seen.iter() {
            let found = match is_certain {
                true => rounds::find(&[], true),
                false => rounds::find(rows, places.named),
            };
            places.is_short |= !is_certain && !head.complete && rounds::is_short(rows, places.named);
            places.perhaps = places.perhaps.max(found.perhaps);
            places.beyond = places.beyond.or(found.beyond);
            places.add(key, found);
            let lag = usize::from(found.places());
            let pairs = || rows.iter().zip(rows.iter().skip(lag));
            steps.extend(pairs().map(|(a, b)| b.at.saturating_sub(a.at)));
            within.extend(pairs().filter(|(a, b)| a.log == b.log).map(|(a, b)| b.at.saturating_sub(a.at)));
        }
        // A header in each round leaves none.
        let mut steps = if within.is_empty() { steps } else { within };
        order::sort(&mut steps);
        places.cadence = steps.get(steps.len() / 2).copied();
        places
    }

    /// Rows come in no order: what their order would say is looked for later. What the head shows of it is a part.
    fn look_later(&mut self, seen: Map<Vec<u8>, Vec<Seen>>) {
        let (mut perhaps, mut is_cut, mut steps) = (1, true, Vec::new());
        for (_, mut rows) in seen {
            order::sort_by_key(&mut rows, |row| row.at);
            let found = rounds::find(&rows, self.named);
            perhaps = perhaps.max(found.perhaps).max(found.places());
            is_cut &= rows.iter().all(|row| row.is_cut);
            steps.extend(rows.iter().zip(rows.iter().skip(usize::from(found.places()))).map(|(a, b)| b.at.saturating_sub(a.at)));
        }
        order::sort(&mut steps);
        self.cadence = steps.get(steps.len() / 2).copied();
        self.shuffled = Some(Shuffled { named: self.named, is_cut, perhaps });
    }

    /// For rows of which the head shows nothing: each is of the device that it names.
    pub(super) fn forgotten(&self) -> Self {
        Self { cadence: self.cadence, perhaps: 1, ..Self::default() }
    }

    fn add(&mut self, key: &[u8], found: Found) {
        if found.places() > 1 {
            self.size = self.size.max(found.places());
            self.by_key.insert(key.to_vec(), self.turns.len());
            self.turns.push(Turn::new(found.pattern));
        }
    }

    /// Whether every row is of the device that it names.
    pub(in crate::read) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// The place of the next row of a name; absent where its rows are of one device.
    pub(super) fn place(&mut self, key: &[u8], at: i64) -> Option<u16> {
        let turn = self.by_key.get(key)?;
        self.turns.get_mut(*turn).map(|turn| turn.place(at))
    }

    /// Another recording begins.
    pub(super) fn restart(&mut self) {
        self.turns.iter_mut().for_each(Turn::restart);
    }

    /// Of rows, those that share their place with another one of their round: the rounds of two machines that ran into each other, perhaps.
    pub(super) fn crowded(&self) -> (u64, u64) {
        self.turns.iter().fold((0, 0), |(crowded, rows), turn| (crowded + turn.crowded, rows + turn.rows))
    }

    /// How sure it is, once all rows are read.
    pub(super) fn rounds(&self) -> Option<Rounds> {
        let (regular, all) = self.turns.iter().fold((0, 0), |(regular, all), turn| (regular + turn.regular, all + turn.all));
        (!self.is_empty()).then_some(Rounds { size: self.size, regular, all, repeats_names: self.named })
    }
}

/// Whether rows are shuffled, or stand from the last to the first: many steps lead back in time, and as far as others lead on. A log that holds another one, or
/// begins again, leads back a few times.
fn is_in_no_order(seen: &Map<Vec<u8>, Vec<Seen>>) -> bool {
    let (mut on, mut back) = ((0usize, 0i128), (0usize, 0i128));
    for (_, rows) in seen.iter() {
        for (a, b) in rows.iter().zip(rows.iter().skip(1)).filter(|(a, b)| a.at != b.at) {
            let way = if b.at > a.at { &mut on } else { &mut back };
            *way = (way.0 + 1, way.1 + (i128::from(b.at) - i128::from(a.at)).abs());
        }
    }
    let often = |one_in: usize| back.0 * one_in > back.0 + on.0;
    (often(OUT_OF_ORDER) || back.0 > OUT_OF_ORDER && often(OUT_OF_ORDER * OUT_OF_ORDER)) && 2 * back.1 > on.1
}

impl Plan {
    /// The rows of the head, by what names their device.
    fn seen(&self, dialect: Dialect, head: &Head<'_>) -> Map<Vec<u8>, Vec<Seen>> {
        let (mut cells, mut key) = (Cells::default(), Vec::new());
        let mut seen: Map<Vec<u8>, Vec<Seen>> = Map::new();
        let (mut stamped, mut is_cut, mut is_own, mut log, mut near) = (None, true, true, 0, 0);
        for line in head.lines() {
            if self.time == TimeSource::StampLines
                && let Some(stamp) = parse_stamp(line)
            {
                (stamped, is_cut) = (Some(stamp.at.as_micros()), is_cut_to_seconds(line));
                continue;
            }
            let count = cells.split(line, self.table.delimiter);
            let printed = self.printed_time(&cells, line);
            if printed.is_none()
                && let Some(other) = self.table.under_header(line, &mut Cells::default(), |columns| dialect.score(columns))
            {
                // Rows below another header are not looked at.
                is_own = other.columns == self.table.columns;
                log += 1;
                continue;
            }
            let Some(at) = printed.or(stamped).filter(|_| is_own && !self.is_contained(&cells, line)) else { continue };
            let reading = self.meters.iter().flat_map(|meter| &meter.columns).find_map(|(position, unit)| {
                match measure(cells.cell(line, *position)?, *unit, self.table.decimal_comma) {
                    Measured::Power(power) => Some(power.as_microwatts()),
                    Measured::Energy(energy) => Some(energy),
                    _ => None,
                }
            });
            let Some(reading) = reading else { continue };
            let others = (0..count).filter(|position| !self.uses(*position)).take(MOST_NUMBERS);
            let number = |position| i64::try_from(self.table.number(split_unit(cells.cell(line, position)?).0, 6)?).ok();
            let values = core::iter::once(reading).chain(others.filter_map(number)).collect();
            self.identity.key(&cells, line, &mut key);
            let is_cut = self.time_cell(&cells, line).map_or(is_cut, is_cut_to_seconds);
            let row = Seen { at, is_cut, log, values };
            match seen.get_mut_near(key.as_slice(), &mut near) {
                Some(rows) => rows.push(row),
                None => drop(seen.insert(key.clone(), Vec::from([row]))),
            }
        }
        seen
    }

    /// The cell that tells the time of a day.
    fn time_cell<'l>(&self, cells: &'l Cells, line: &'l [u8]) -> Option<&'l [u8]> {
        match self.time {
            TimeSource::Column(at) | TimeSource::TimeOfDay(at) | TimeSource::Elapsed { position: at, .. } => cells.cell(line, at),
            TimeSource::DateAndTime { time, .. } => cells.cell(line, time),
            TimeSource::Duration { .. } | TimeSource::StampLines | TimeSource::Interval(_) => None,
        }
    }
}

/// Whether a stamp has no digits below the second; Unix time in milliseconds has.
fn is_cut_to_seconds(stamp: &[u8]) -> bool {
    let seconds = stamp.rsplit(|byte| *byte == b':').next().unwrap_or(stamp);
    let fraction = seconds.iter().zip(seconds.iter().skip(1)).any(|(point, digit)| b".,".contains(point) && digit.is_ascii_digit());
    !fraction && seconds.iter().filter(|byte| byte.is_ascii_digit()).count() < DIGITS_OF_MILLIS
}
