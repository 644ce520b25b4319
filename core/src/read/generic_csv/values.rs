//! What the first rows of a home-made table say of its columns, where names do not.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::decode::cells::Cells;
use crate::decode::encoding;
use crate::decode::table::{Dimension, Measured, Table, Unit, is_missing, measure, split_unit};
use crate::map::Map;
use crate::note;
use crate::order;
use crate::read::row_clock::time_of_day;
use crate::read::sampled_table::{Identity, Plan, TimeSource, most_power};
use crate::read::{Head, Refusal};
use crate::series::Component;
use crate::units::calendar::{DateOrder, order_of_dates, parse_stamp_in};

/// So many rows of the head are looked at.
const ROWS_LOOKED_AT: usize = 400;

/// Fewer steps than this do not tell a running total from energies of intervals that happen to grow.
const STEPS_NEEDED: usize = 5;

/// The cells of the first rows, by column, each with what names the row's device.
pub(super) struct Values {
    rows: Vec<(Vec<u8>, Vec<Vec<u8>>)>,
    table: Table,
}

impl Values {
    pub(super) fn of(table: &Table, identity: &Identity, head: &Head<'_>) -> Self {
        let mut cells = Cells::default();
        let mut rows = Vec::new();
        let start = table.header_line.and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
        for line in head.whole_lines().lines().skip(start).take(ROWS_LOOKED_AT) {
            if cells.split(line, table.delimiter) < table.columns.len() {
                continue;
            }
            let mut key = Vec::new();
            identity.key(&cells, line, &mut key);
            rows.push((key, (0..table.columns.len()).map(|p| cells.cell(line, p).unwrap_or(b"").to_vec()).collect()));
        }
        Self { rows, table: table.clone() }
    }

    /// Puts rows in the order of their stamps: a counter rises whatever the order in which its rows stand in the file.
    pub(super) fn sort(&mut self, time: TimeSource) {
        let at = |cells: &[Vec<u8>]| match time {
            TimeSource::Column(position) => Some(self.table.stamp(cells.get(position)?)?.at.as_micros()),
            TimeSource::DateAndTime { date, time } => {
                let stamp = self.table.stamp(&[cells.get(date)?, b" ".as_slice(), cells.get(time)?].concat())?;
                Some(stamp.at.as_micros())
            }
            TimeSource::Elapsed { position, scale, times } => self.table.elapsed(cells.get(position)?, scale, times),
            TimeSource::TimeOfDay(_) | TimeSource::Duration { .. } | TimeSource::StampLines | TimeSource::Interval(_) => None,
        };
        let times: Vec<Option<i64>> = self.rows.iter().map(|(_, cells)| at(cells)).collect();
        let stamped: Vec<i64> = times.iter().copied().flatten().collect();
        if stamped.is_sorted() || 2 * stamped.len() < times.len() {
            return;
        }
        // A row without a time (a header that came again, a torn one) has no place.
        let rows = times.into_iter().zip(core::mem::take(&mut self.rows));
        let mut placed: Vec<_> = rows.filter_map(|(at, row)| Some((at?, row))).collect();
        order::sort_by(&mut placed, |(a, _), (b, _)| a.cmp(b));
        self.rows = placed.into_iter().map(|(_, row)| row).collect();
    }

    /// The cells of a column that are not missing.
    pub(super) fn cells(&self, position: usize) -> impl Iterator<Item = &[u8]> {
        self.rows.iter().filter_map(move |(_, cells)| cells.get(position)).map(Vec::as_slice).filter(|cell| !is_missing(cell))
    }

    /// Whether there are no rows.
    pub(super) fn are_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The readings of a column in µW or µJ, row by row; without a unit, as if it were watts or joules.
    pub(super) fn readings(&self, position: usize, dimension: Dimension, unit: Option<Unit>) -> Vec<Option<i64>> {
        let unit = unit.unwrap_or(if dimension == Dimension::Power { Unit::WATT } else { Unit::JOULE });
        let reading = |cell: &Vec<u8>| match measure(cell, Some(unit), self.table.decimal_comma) {
            Measured::Power(power) => Some(power.as_microwatts()),
            Measured::Energy(energy) => Some(energy),
            _ => None,
        };
        self.rows.iter().map(|(_, cells)| cells.get(position).and_then(reading)).collect()
    }

    /// The first cell of a column, for messages.
    pub(super) fn first(&self, position: usize) -> String {
        encoding::text(self.cells(position).next().unwrap_or(b"")).chars().take(40).collect()
    }

    /// Whether most cells are stamps.
    pub(super) fn are_stamps(&self, position: usize) -> bool {
        self.most(position, |cell| self.table.stamp(cell).is_some())
    }

    /// Whether most cells are stamps that can be no plain numbers.
    pub(super) fn are_dates(&self, position: usize) -> bool {
        self.most(position, |cell| cell.contains(&b':') && self.table.stamp(cell).is_some())
    }

    /// Reads stamps in this order of their parts from here on.
    pub(super) fn date_in(&mut self, order: DateOrder) {
        self.table.dates = order;
    }

    /// The order in which dates of a column have their parts, where they are `12.06.2025` or `6/13/2025`, and whether only that one is
    /// possible; `None` for stamps that can't be mistaken, and for what is none.
    pub(super) fn order_of_dates(&self, position: usize) -> Option<(DateOrder, bool)> {
        if self.are_stamps(position) { None } else { order_of_dates(|| self.cells(position)) }
    }

    /// Whether cells may be days as spreadsheets count them, and whether they can be nothing else: by seconds, a thousand rows a second and more.
    pub(super) fn are_spreadsheet_days(&self, position: usize) -> Option<bool> {
        const LEAST_STEP: i64 = 1_000;
        let days: Vec<i64> = self.cells(position).filter_map(|cell| i64::try_from(self.table.number(cell, 6)?).ok()).collect();
        let are_of_days = self.cells(position).all(|cell| parse_stamp_in(cell, DateOrder::SpreadsheetDays).is_some());
        let mut steps: Vec<i64> =
            days.windows(2).filter_map(|pair| Some((pair.get(1)? - pair.first()?).abs())).filter(|step| *step > 0).collect();
        order::sort(&mut steps);
        let usual = steps.get(steps.len() / 2).copied();
        (are_of_days && !days.is_empty()).then(|| usual.is_some_and(|usual| usual < LEAST_STEP))
    }

    /// Whether most cells are times of day.
    pub(super) fn are_times_of_day(&self, position: usize) -> bool {
        self.most(position, |cell| time_of_day(cell).is_some())
    }

    /// Whether most cells are times since some start, as a clock shows them.
    pub(super) fn are_elapsed(&self, position: usize) -> bool {
        self.most(position, |cell| cell.contains(&b':') && self.table.elapsed(cell, 0, 1).is_some())
    }

    /// Whether a time of day among them has more than two parts.
    pub(super) fn have_seconds(&self, position: usize) -> bool {
        let parts = |cell: &Vec<u8>| cell.iter().filter(|byte| **byte == b':').count();
        self.rows.iter().filter_map(|(_, cells)| cells.get(position)).any(|cell| parts(cell) > 1)
    }

    /// Whether most rows have a stamp in two parts.
    pub(super) fn are_stamps_of(&self, date: usize, time: usize) -> bool {
        let stamped =
            |cells: &Vec<Vec<u8>>| Some(self.table.stamp(&[cells.get(date)?, b" ".as_slice(), cells.get(time)?].concat()).is_some());
        2 * self.rows.iter().filter(|(_, cells)| stamped(cells) == Some(true)).count() > self.rows.len()
    }

    /// Whether most cells are numbers.
    pub(super) fn are_numbers(&self, position: usize) -> bool {
        self.most(position, |cell| self.table.number(cell, 6).is_some())
    }

    /// Whether the cells themselves state units; a column without any reading states nothing wrong.
    pub(super) fn state_units(&self, position: usize) -> bool {
        self.cells(position).all(|cell| Unit::symbol(split_unit(cell).1).is_some())
    }

    /// The median of powers that no device of the kind draws: a factor of a thousand went wrong.
    pub(super) fn implausible(&self, position: usize, unit: Option<Unit>, component: Component) -> Option<String> {
        let median = self.median(position, unit).filter(|_| unit.is_none_or(|u| u.dimension == Dimension::Power))?;
        (median > most_power(component).as_microwatts()).then(|| format!("{} W", median / 1_000_000))
    }

    /// Asks where every comma of a column of powers has three digits behind it, and a device may draw the one as well as the thousand times as much.
    pub(super) fn may_be_thousands(&self, column: &str, position: usize, unit: Option<Unit>, component: Component) -> Option<Refusal> {
        if !self.table.decimal_comma || unit != Some(Unit::WATT) && unit != Some(Unit::MILLIWATT) {
            return None;
        }
        let is_grouped = |cell: &[u8]| match cell.split(|byte| *byte == b',').collect::<Vec<_>>()[..] {
            [whole, thousands] => {
                let are_digits = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
                thousands.len() == 3 && whole.len() <= 3 && are_digits(whole) && are_digits(thousands) && !whole.starts_with(b"0")
            }
            _ => false,
        };
        let mut found = self.cells(position).filter(|cell| !cell.iter().all(u8::is_ascii_digit)).peekable();
        let first = encoding::text(found.peek()?);
        let power = |cell: &[u8]| match measure(cell, unit, true) {
            Measured::Power(power) => Some(power.as_microwatts()),
            _ => None,
        };
        let highest = self.cells(position).filter(|cell| is_grouped(cell)).filter_map(power).max()?;
        if !found.all(is_grouped) || highest.checked_mul(1_000)? > most_power(component).as_microwatts() {
            return None;
        }
        let (decimal, whole) = (first.replace(',', "."), first.replace(',', ""));
        Some(Refusal {
            code: &note::COLUMNS_UNKNOWN,
            line: self.table.header_line,
            message: format!(
                "\"{column}\" holds \"{first}\" and the like: {decimal} with a decimal comma, or {whole}, with one between thousands?"
            ),
            hint: String::from("write numbers with a decimal point, or with nothing between thousands, and give the log again"),
        })
    }

    /// The median of the powers of a column in µW; without a unit, as if it were watts, unless the cells state units.
    pub(super) fn median(&self, position: usize, unit: Option<Unit>) -> Option<i64> {
        let unit = unit.filter(|u| u.dimension == Dimension::Power).unwrap_or(Unit::WATT);
        let power = |cell| match measure(cell, Some(unit), self.table.decimal_comma) {
            Measured::Power(power) => Some(power.as_microwatts()),
            _ => None,
        };
        let mut powers: Vec<i64> = self.cells(position).filter_map(power).collect();
        order::sort(&mut powers);
        powers.get(powers.len() / 2).copied()
    }

    /// Whether windows that begin at the stamps of one column and last for the seconds of another overlap by more than a hundredth.
    pub(super) fn windows_overlap(&self, start: usize, length: usize) -> bool {
        let window = |(_, cells): &(Vec<u8>, Vec<Vec<u8>>)| {
            let start = self.table.stamp(cells.get(start)?)?.at.as_micros();
            let length = i64::try_from(self.table.number(cells.get(length)?, 6)?).ok()?;
            Some((start, start.checked_add(length)?))
        };
        let windows = || self.rows.iter().filter_map(window);
        let (Some(first), Some(last)) = (windows().map(|(a, _)| a).min(), windows().map(|(_, b)| b).max()) else { return false };
        let inside: i128 = windows().map(|(a, b)| i128::from(b) - i128::from(a)).sum();
        100 * inside > 101 * (i128::from(last) - i128::from(first))
    }

    /// Whether rows begin at their stamps, as far as lengths say; `None` where they overlap either way: then the column is no length of rows.
    pub(super) fn rows_begin_at(&self, stamp: usize, length: usize, scale: i32) -> Option<bool> {
        let mut last: Map<&[u8], (i64, i64)> = Map::new();
        let (mut rows, mut before, mut after) = (0, 0, 0);
        for (key, cells) in &self.rows {
            let row = || {
                let at = self.table.stamp(cells.get(stamp)?)?.at.as_micros();
                Some((at, i64::try_from(self.table.number(cells.get(length)?, 6 - scale)?).ok()?))
            };
            let Some((at, micros)) = row() else { continue };
            if let Some((earlier, lasted)) = last.insert(key, (at, micros)) {
                // Stamps are cut to seconds, and lengths are rounded.
                let most = at.saturating_sub(earlier).saturating_add(1_500_000).max(at.saturating_sub(earlier).saturating_mul(101) / 100);
                rows += 1;
                after += usize::from(micros <= most);
                before += usize::from(lasted <= most);
            }
        }
        let nearly_all = |count: usize| rows > 0 && 20 * count >= 19 * rows;
        match (nearly_all(after), nearly_all(before)) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        }
    }

    /// Whether a column begins with 0, of each device.
    pub(super) fn begins_with_0(&self, position: usize) -> bool {
        let mut first: Map<&[u8], i128> = Map::new();
        for (key, cells) in &self.rows {
            if let Some(value) = cells.get(position).and_then(|cell| self.table.number(split_unit(cell).0, 9)) {
                first.entry(key.as_slice()).or_insert(value);
            }
        }
        !first.is_empty() && first.values().all(|value| *value == 0)
    }

    /// Whether the first value of a running total is no more than a usual step: it starts with the run, and not with the machine.
    pub(super) fn begins_with_a_step(&self, position: usize) -> bool {
        let mut of: Map<&[u8], Vec<i128>> = Map::new();
        for (key, cells) in &self.rows {
            if let Some(value) = cells.get(position).and_then(|cell| self.table.number(split_unit(cell).0, 9)) {
                of.entry(key.as_slice()).or_default().push(value);
            }
        }
        let begins = |values: &Vec<i128>| {
            let mut steps: Vec<i128> = values.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?)).collect();
            order::sort(&mut steps);
            let usual = steps.get(steps.len() / 2).copied().unwrap_or(0);
            // Of two or three values nothing is usual.
            steps.len() > 2 && values.first().is_some_and(|first| *first > 0 && 2 * first <= 3 * usual)
        };
        !of.is_empty() && of.values().all(begins)
    }

    /// Whether a column at least doubles from its first value to its last, and its first is small beside what follows.
    pub(super) fn doubles(&self, position: usize) -> bool {
        let mut ends: Map<&[u8], (i128, i128)> = Map::new();
        for (key, cells) in &self.rows {
            let Some(value) = cells.get(position).and_then(|cell| self.table.number(split_unit(cell).0, 9)) else { continue };
            match ends.get_mut(key.as_slice()) {
                Some((_, last)) => *last = value,
                None => {
                    ends.insert(key, (value, value));
                }
            }
        }
        ends.values().all(|(first, last)| *last >= 2 * first)
    }

    /// Names of rows that hold what the other rows of their time hold together: `total` beside `gpu0` and `gpu1`. One that holds more counts.
    pub(super) fn total_rows(&self, plan: &Plan) -> Vec<String> {
        let Some(index) = plan.identity.index else { return Vec::new() };
        let [meter] = plan.meters.as_slice() else { return Vec::new() };
        let Some((position, unit)) = meter.columns.first() else { return Vec::new() };
        let dimension = unit.map_or(Dimension::Power, |unit| unit.dimension);
        let readings = self.readings(*position, dimension, *unit);
        let name = |cells: &Vec<Vec<u8>>| cells.get(index).map(|cell| encoding::text(cell).trim().to_lowercase()).unwrap_or_default();
        let names: Vec<String> = self.rows.iter().map(|(_, cells)| name(cells)).collect();
        let mut found: Vec<String> = names.iter().filter(|name| is_total(name)).cloned().collect();
        order::sort(&mut found);
        found.dedup();
        let others = names.iter().any(|name| !is_total(name));
        found.retain(|total| {
            // A round ends where a name comes again.
            let (mut more, mut rounds) = (0, 0);
            let (mut seen, mut sum, mut own): (Vec<&str>, i64, Option<i64>) = (Vec::new(), 0, None);
            for (name, value) in names.iter().zip(&readings).chain([(total, &None)]) {
                if seen.contains(&name.as_str()) {
                    if let Some(own) = own.take() {
                        rounds += 1;
                        more += usize::from(own > sum.saturating_add(sum / 50).saturating_add(100_000));
                    }
                    seen.clear();
                    sum = 0;
                }
                seen.push(name);
                match (name == total, is_total(name), value) {
                    (true, _, value) => own = *value,
                    (_, false, Some(value)) => sum = sum.saturating_add(*value),
                    _ => {}
                }
            }
            others && 10 * more < 9 * rounds.max(1)
        });
        found
    }

    /// Whether the energies of each device never fall and rise at least once; `None` where there are too few rows to tell.
    pub(super) fn never_fall(&self, position: usize) -> Option<bool> {
        match self.rises_and_falls(position) {
            // A counter that wrapped once is a counter.
            (rises, falls) if rises >= STEPS_NEEDED && 20 * falls <= rises => Some(true),
            // Energies of intervals fall about as often as they rise; one that falls now and then may be a counter that was reset.
            (rises, falls) if rises + falls >= STEPS_NEEDED && 4 * falls >= rises => Some(false),
            _ => None,
        }
    }

    /// Whether the energies of each device fall about as often as they rise, in however few rows.
    pub(super) fn falls_as_it_rises(&self, position: usize) -> bool {
        let (rises, falls) = self.rises_and_falls(position);
        falls > 0 && 4 * falls >= rises
    }

    fn rises_and_falls(&self, position: usize) -> (usize, usize) {
        let mut last: Map<&[u8], i128> = Map::new();
        let (mut rises, mut falls) = (0, 0);
        for (key, cells) in &self.rows {
            let Some(value) = cells.get(position).and_then(|cell| self.table.number(split_unit(cell).0, 9)) else { continue };
            if let Some(previous) = last.insert(key, value) {
                rises += usize::from(value > previous);
                falls += usize::from(value < previous);
            }
        }
        (rises, falls)
    }

    /// Whether a column names the rows' devices: the same few words or numbers come round again and again, each once a round.
    pub(super) fn names_rows(&self, position: usize) -> bool {
        let cells: Vec<&[u8]> = self.rows.iter().filter_map(|(_, cells)| cells.get(position)).map(Vec::as_slice).collect();
        let Some(first) = cells.first() else { return false };
        let Some(round) = cells.iter().skip(1).position(|cell| cell == first).map(|at| at + 1) else { return false };
        let (names, rest) = cells.split_at_checked(round).unwrap_or_default();
        let distinct = names.iter().enumerate().all(|(i, name)| !names.iter().skip(i + 1).any(|other| other == name));
        round > 1 && rest.len() >= round && distinct && cells.iter().zip(names.iter().cycle()).all(|(cell, name)| cell == name)
    }

    /// Whether all cells of a column, and there are some, are of a kind.
    pub(super) fn are(&self, position: usize, is: impl Fn(&[u8]) -> bool) -> bool {
        self.cells(position).next().is_some() && self.cells(position).all(is)
    }

    /// Whether some cell of a column is of a kind.
    pub(super) fn have(&self, position: usize, is: impl Fn(&[u8]) -> bool) -> bool {
        self.cells(position).any(is)
    }

    /// The same readings as a table that has a column for each of the names that stand in the column at `index`, and a row for each round of them.
    pub(super) fn by_name(&self, index: usize, reading: usize) -> (Vec<String>, Values) {
        let mut names: Vec<String> = Vec::new();
        let mut rows: Vec<Vec<Option<Vec<u8>>>> = Vec::new();
        for (_, cells) in &self.rows {
            let (Some(name), Some(cell)) = (cells.get(index), cells.get(reading)) else { continue };
            let name = encoding::text(name);
            let at = names.iter().position(|known| *known == name).unwrap_or(names.len());
            if at == names.len() {
                names.push(name);
            }
            // A round ends where a name comes again.
            let is_new = |row: &Vec<Option<Vec<u8>>>| row.get(at).is_some_and(Option::is_some);
            if rows.last().is_none_or(is_new) {
                rows.push(Vec::new());
            }
            if let Some(row) = rows.last_mut() {
                row.resize(row.len().max(at + 1), None);
                row.splice(at..=at, [Some(cell.clone())]);
            }
        }
        let cells = |row: Vec<Option<Vec<u8>>>| (0..names.len()).map(|at| row.get(at).cloned().flatten().unwrap_or_default()).collect();
        let rows = rows.into_iter().map(|row| (Vec::new(), cells(row))).collect();
        (names, Values { rows, table: self.table.clone() })
    }

    fn most(&self, position: usize, is: impl Fn(&[u8]) -> bool) -> bool {
        let (mut yes, mut all) = (0, 0);
        for cell in self.cells(position) {
            all += 1;
            yes += usize::from(is(cell));
        }
        2 * yes > all
    }
}

/// Whether a row's name is that of all devices together.
fn is_total(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    let of_all = |word: &str| ["total", "sum", "all", "combined", "overall", "mean", "avg", "average"].contains(&word);
    let of_part = |word: &str| ["gpu", "gpus", "cpu", "cpus", "power"].contains(&word);
    words.peek().is_some() && words.clone().all(|word| of_all(word) || of_part(word)) && words.any(of_all)
}

/// Whether rows are a stamp and numbers, and there are several.
pub(super) fn is_headless(head: &Head<'_>) -> bool {
    let Some(table) = Table::without_header(head) else {
        return false;
    };
    let mut cells = Cells::default();
    let (mut rows, mut all) = (0, 0);
    for line in head.lines().filter(|line| !line.trim_ascii().is_empty()).take(ROWS_LOOKED_AT) {
        all += 1;
        let count = cells.split(line, table.delimiter);
        let stamped = cells.cell(line, 0).is_some_and(|cell| table.stamp(cell).is_some());
        let number = |p| cells.cell(line, p).is_some_and(|cell| is_missing(cell) || table.number(split_unit(cell).0, 6).is_some());
        rows += usize::from(stamped && count == table.columns.len() && (1..count).all(number));
    }
    rows >= 3 && 10 * rows >= 9 * all
}
