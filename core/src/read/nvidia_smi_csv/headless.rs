//! nvidia-smi tables without a header: stamps and units tell what the columns are.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{COMMAND, DIALECT, time};
use crate::decode::cells::Cells;
use crate::decode::table::{LineKind, Measured, Table, is_missing, measure};
use crate::note;
use crate::read::sampled_table::{Identity, Meter, Plan, ROLES, Trial};
use crate::read::{Evidence, Head, ReadOptions, Refusal};
use crate::series::{Component, Instrument, Quantity};
use crate::units::calendar::parse_stamp;
use crate::units::{Span, decimal};

/// So many rows of the head are looked at.
const ROWS_LOOKED_AT: usize = 400;

/// What the cells of a column look like.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    rows: usize,
    missing: usize,
    stamps: usize,
    watts: usize,
    uuids: usize,
    bus_ids: usize,
    /// Numbers with two digits behind the point, as nvidia-smi prints power.
    hundredths: usize,
    words: usize,
    /// Whole numbers, as long as every cell is one.
    numbers: Option<Vec<i64>>,
}

pub(super) fn sniff(head: &Head<'_>) -> Option<Evidence> {
    let lines: Vec<&[u8]> = head.lines().filter(|line| !line.trim_ascii().is_empty()).take(ROWS_LOOKED_AT).collect();
    let stamped = lines.iter().filter(|line| is_stamped(line)).count();
    if 2 * stamped > lines.len() {
        // Whoever wrote a header over them says what they are, if the words are known.
        let score = if has_names(head) { 20 } else { 85 };
        return Some(Evidence { score, reason: String::from("rows start with stamps as nvidia-smi prints them") });
    }
    let rows: Vec<&[u8]> = lines.into_iter().filter(|line| parse_stamp(line).is_none()).collect();
    // Another tool's table, with a header of its own.
    if rows.first().is_some_and(|line| !has_watts(line) && line.contains(&b',')) {
        return None;
    }
    let watts = rows.iter().filter(|line| has_watts(line)).count();
    (watts > 0 && 10 * watts >= 9 * rows.len())
        .then(|| Evidence { score: 40, reason: String::from("rows have a cell in watts, as nvidia-smi prints them without header") })
}

/// The plan of a table without a header: `--columns`, else the column of watts.
pub(super) fn plan(head: &Head<'_>, options: &ReadOptions) -> Result<Plan, Refusal> {
    let table = Table::without_header(head).unwrap_or_else(|| Table::of_width(b',', 1));
    if let Some(plan) = Plan::of_roles(&table, options)? {
        return Ok(plan);
    }
    let looks = looks(&table, head);
    let all = |count: fn(&Look) -> usize| looks.iter().position(|l| count(l) > 0 && 10 * (count(l) + l.missing) >= 9 * l.rows);
    let watts: Vec<usize> =
        (0..looks.len()).filter(|p| looks.get(*p).is_some_and(|l| l.watts > 0 && 10 * (l.watts + l.missing) >= 9 * l.rows)).collect();
    let stamp = all(|l| l.stamps);
    let identity = Identity {
        uuid: all(|l| l.uuids),
        bus_id: all(|l| l.bus_ids),
        index: looks.iter().position(Look::counts_round),
        model: all(|l| l.words),
        ..Identity::default()
    };
    let &[power] = watts.as_slice() else {
        let guess: Vec<&str> = looks
            .iter()
            .enumerate()
            .map(|(p, look)| match p {
                p if Some(p) == stamp => "time",
                p if Some(p) == identity.uuid => "uuid",
                p if Some(p) == identity.bus_id => "bus_id",
                p if Some(p) == identity.index => "index",
                p if Some(p) == identity.model => "name",
                p if watts.first() == Some(&p) => "power_w",
                _ if watts.is_empty() && look.hundredths > 0 && 10 * (look.hundredths + look.missing) >= 9 * look.rows => "power_w",
                _ => "-",
            })
            .collect();
        let found = if watts.is_empty() { "none with units of power" } else { "several in watts" };
        let hint = match tried(&table, &guess, head, options) {
            true => format!("say what the columns are, in order, if this is right: `--columns {}`", guess.join(",")),
            false => format!("say what the columns are, in order, with `--columns`: {ROLES}; or log again with a header: {COMMAND}"),
        };
        let header = if has_names(head) { "the words of the table's header are not known; it has" } else { "the table has no header and" };
        let message = format!("{header} {} columns, {found}", table.columns.len());
        return Err(Refusal { code: &note::COLUMNS_UNKNOWN, line: None, message, hint });
    };
    let time = time(stamp, head, options)?;
    let meters = alloc::vec![Meter {
        component: Component::Gpu,
        quantity: Quantity::Power,
        instrument: Instrument::GpuPower,
        device: None,
        columns: alloc::vec![(power, None)],
        only: Vec::new(),
        rated: None,
        of_list: None,
        run: None,
    }];
    Ok(Plan::new(table, time, identity, meters))
}

/// What `--columns` may say of rows without header, units and stamps: one column of power with two decimals, as nvidia-smi prints it, beside what names
/// its device. Such rows are no log as they stand: they may be anything.
pub(in crate::read) fn columns_of_bare_numbers(head: &[u8]) -> Option<String> {
    // Two bytes of its line behind a sign, and no third digit, has every power among them.
    let may_end = |at: usize| {
        let behind = head.get(at + 1..).unwrap_or(&[]);
        behind.len() >= 2
            && !behind.iter().take(2).any(|byte| matches!(byte, b'\r' | b'\n'))
            && !behind.get(2).is_some_and(u8::is_ascii_digit)
    };
    if !memchr::memchr2_iter(b'.', b',', head).any(may_end) {
        return None;
    }
    let head = Head::new(head, true).whole_lines();
    let table = Table::without_header(&head).unwrap_or_else(|| Table::of_width(b',', 1));
    let looks = looks(&table, &head);
    let is_all = |look: &Look, count: usize| count > 0 && count + look.missing == look.rows;
    let role = |look: &Look| match look {
        look if is_all(look, look.hundredths) => Some("power_w"),
        look if is_all(look, look.uuids) => Some("uuid"),
        look if is_all(look, look.bus_ids) => Some("bus_id"),
        look if is_all(look, look.words) => Some("name"),
        look if look.counts_round() => Some("index"),
        look if look.numbers.is_some() && look.rows > look.missing => Some("-"),
        _ => None,
    };
    let roles: Vec<&str> = looks.iter().map(role).collect::<Option<_>>()?;
    let options = ReadOptions { interval: Some(Span::from_seconds(1)), ..ReadOptions::default() };
    let is_one = roles.iter().filter(|role| **role == "power_w").count() == 1;
    (is_one && tried(&table, &roles, &head, &options)).then(|| roles.join(","))
}

/// Whether a guess at the columns makes sense of the first rows.
fn tried(table: &Table, guess: &[&str], head: &Head<'_>, options: &ReadOptions) -> bool {
    let options = ReadOptions { columns: Some(guess.iter().map(|role| String::from(*role)).collect()), ..options.clone() };
    let plan = Plan::of_roles(table, &options).ok().flatten();
    plan.is_some_and(|plan| Trial::of(plan, DIALECT, head, &options).holds())
}

/// The cells of a column in the first rows, but for those that are missing.
pub(super) fn column(table: &Table, position: usize, head: &Head<'_>) -> Vec<Vec<u8>> {
    let mut cells = Cells::default();
    let start = table.header_line.and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
    let rows = head.lines().skip(start).filter(|line| table.kind(line) == LineKind::Row).take(ROWS_LOOKED_AT);
    let cell = |line: &[u8]| {
        (cells.split(line, table.delimiter) == table.columns.len()).then(|| cells.cell(line, position).map(<[u8]>::to_vec))?
    };
    rows.filter_map(cell).filter(|cell| !is_missing(cell)).collect()
}

pub(super) fn looks(table: &Table, head: &Head<'_>) -> Vec<Look> {
    let mut looks = alloc::vec![Look { numbers: Some(Vec::new()), ..Look::default() }; table.columns.len()];
    let mut cells = Cells::default();
    // Lines of `date` between the rows are no rows.
    let rows = head.lines().filter(|line| table.kind(line) == LineKind::Row && parse_stamp(line).is_none());
    for line in rows.take(ROWS_LOOKED_AT) {
        if cells.split(line, table.delimiter) != looks.len() {
            continue;
        }
        for (position, look) in looks.iter_mut().enumerate() {
            look.add(table, cells.cell(line, position).unwrap_or(b""));
        }
    }
    looks
}

impl Look {
    fn add(&mut self, table: &Table, cell: &[u8]) {
        self.rows += 1;
        if is_missing(cell) {
            self.missing += 1;
            return;
        }
        let whole = decimal::parse_digits(cell);
        match (whole, &mut self.numbers) {
            (Some(number), Some(numbers)) => numbers.push(number),
            _ => self.numbers = None,
        }
        if matches!(measure(cell, None, table.decimal_comma), Measured::Power(_)) {
            self.watts += 1;
        } else if table.stamp(cell).is_some() && cell.len() > 10 {
            self.stamps += 1;
        } else if cell.starts_with(b"GPU-") && cell.len() > 20 {
            self.uuids += 1;
        } else if is_bus_id(cell) {
            self.bus_ids += 1;
        } else if hundredths(cell, table.decimal_comma) {
            self.hundredths += 1;
        } else if cell.first().is_some_and(u8::is_ascii_alphabetic) && cell.contains(&b' ') {
            self.words += 1;
        }
    }

    /// Whether any cell is a power, with its unit or as nvidia-smi prints one.
    pub(super) fn is_read(&self) -> bool {
        self.watts + self.hundredths > 0
    }

    /// Whether the column counts 0, 1, …, k − 1 again and again, k > 1: only the number of a device does. A log may be cut within a round, and another one
    /// stand behind it.
    pub(super) fn counts_round(&self) -> bool {
        let Some(numbers) = &self.numbers else {
            return false;
        };
        let devices = numbers.iter().max().map_or(0, |most| most + 1);
        let goes_on = numbers.iter().zip(numbers.iter().skip(1)).filter(|(a, b)| **b == (**a + 1) % devices).count();
        // Each cut breaks off one round: those that are whole are many more.
        let (breaks, rounds) = (numbers.len().saturating_sub(1 + goes_on) as i64, numbers.len() as i64 / devices.max(1));
        devices > 1 && numbers.len() as i64 > devices && 4 * breaks <= rounds
    }
}

/// `00000000:3B:00.0`.
fn is_bus_id(cell: &[u8]) -> bool {
    cell.len() >= 12
        && cell.iter().filter(|b| **b == b':').count() == 2
        && cell.iter().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'))
}

fn hundredths(cell: &[u8], decimal_comma: bool) -> bool {
    let sign = if decimal_comma { b',' } else { b'.' };
    let point = cell.iter().position(|b| *b == sign);
    point.is_some_and(|p| p > 0 && cell.len() == p + 3) && crate::decode::table::number(cell, 2, decimal_comma).is_some()
}

/// Whether a header stands over the rows: cells of words alone, as many as below it.
fn has_names(head: &Head<'_>) -> bool {
    let mut lines = head.lines().filter(|line| !line.trim_ascii().is_empty());
    let is_name = |cell: &[u8]| cell.trim_ascii().first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'"');
    let count = |line: &[u8]| line.iter().filter(|b| matches!(b, b',' | b';' | b'\t')).count();
    lines.next().zip(lines.next()).is_some_and(|(first, second)| {
        count(first) > 0 && count(first) == count(second) && first.split(|b| matches!(b, b',' | b';' | b'\t')).all(is_name)
    })
}

/// `YYYY/MM/DD HH:MM:SS.mmm`, and a delimiter.
fn is_stamped(line: &[u8]) -> bool {
    let Some((stamp, rest)) = line.split_at_checked(23) else {
        return false;
    };
    stamp.get(4) == Some(&b'/')
        && matches!(stamp.get(19), Some(b'.' | b','))
        && parse_stamp(stamp).is_some()
        && matches!(rest.first(), Some(b',' | b';' | b'\t'))
}

fn has_watts(line: &[u8]) -> bool {
    line.split(|b| matches!(b, b',' | b';'))
        .any(|cell| cell.trim_ascii().ends_with(b" W") && matches!(measure(cell, None, false), Measured::Power(_)))
}
