//! Logs changed as copies, editors, spreadsheets, crashes and attackers change them, from a fixed start; and what each change leaves of the truth.

use crate::fuzz::Mutator;

/// What a changed log says of the energy that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// What the log said before: it may have lost some of it, and then must say so.
    Same,
    /// No more than before: the end or the beginning is gone, or the rows of whole runs are, and nothing tells of them.
    NoMore,
    /// Some of it can't be read: what it held nobody knows, and that it is lost is to be told.
    Lost,
    /// Other figures that may be true: nothing but a second log could tell.
    Another,
}

impl Truth {
    /// What is left once another change was made. Where rows are cut off, a torn one may have been among them, and then nothing tells of it.
    fn and(self, later: Truth) -> Truth {
        if (self, later) == (Truth::Lost, Truth::NoMore) { later } else { self.max(later) }
    }
}

/// What a log is, as far as it matters to what a change leaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kind {
    /// Each row is the total of a run, so that a row less is a run less.
    pub rows_are_runs: bool,
    /// Rows mean something by what stands above them (a date, a round of devices without names): their order is part of what they say.
    pub order_matters: bool,
    /// Rows have no time: each is an interval more, and so is each row of a copy.
    pub has_no_clock: bool,
    /// The user says what each column is, in order.
    pub columns_are_named: bool,
    /// Headers in the middle say where another recording begins, or what the columns below mean; or a counter goes on over a pause, which a header in it
    /// would make the end of one recording.
    pub headers_matter: bool,
}

type Change = (&'static str, fn(&[u8], Kind, &mut Mutator) -> Option<(Vec<u8>, Truth)>);

/// Every change by name.
pub const CHANGES: &[Change] = &[
    ("a bit flipped", flip_bit),
    ("bytes deleted", delete_bytes),
    ("bytes inserted", insert_bytes),
    ("bytes repeated", repeat_bytes),
    ("cell replaced", replace_cell),
    ("column doubled", double_column),
    ("column emptied", empty_column),
    ("columns swapped", swap_columns),
    ("copy appended", append_copy),
    ("copy without header appended", append_rows),
    ("end cut", cut_end),
    ("head cut", cut_head),
    ("header again", repeat_header),
    ("line end lost", glue_rows),
    ("re-encoded", encode),
    ("rows deleted", delete_rows),
    ("rows repeated", repeat_rows),
    ("rows reversed", reverse_rows),
    ("rows shuffled", shuffle_rows),
    ("rows swapped", swap_rows),
];

/// A log with one change, sometimes two; what was done, and what is left of the truth.
pub fn change(seed: &[u8], kind: Kind, random: &mut Mutator) -> (Vec<u8>, String, Truth) {
    let (mut bytes, mut done, mut truth) = (seed.to_vec(), Vec::new(), Truth::Same);
    let wanted = if random.below(4) == 0 { 2 } else { 1 };
    for _ in 0..50 {
        if done.len() == wanted {
            break;
        }
        let (name, change) = CHANGES[random.below(CHANGES.len())];
        if let Some((changed, left)) = change(&bytes, kind, random) {
            bytes = changed;
            truth = truth.and(left);
            done.push(name);
        }
    }
    (bytes, done.join(", "), truth)
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// What is left where bytes changed: a figure whose digits, sign or unit are others is another figure, and so is a name. What stands between figures
/// (signs between cells, quotes, line ends) is none, and to lose it is to be told.
fn of_figures(before: &[u8], after: &[u8], kind: Kind) -> Truth {
    let same = |a: &mut dyn Iterator<Item = &u8>, b: &mut dyn Iterator<Item = &u8>| a.zip(b).take_while(|(a, b)| a == b).count();
    let start = same(&mut before.iter(), &mut after.iter());
    let most = before.len().min(after.len()) - start;
    let end = same(&mut before.iter().rev(), &mut after.iter().rev()).min(most);
    let changed = [&before[start..before.len() - end], &after[start..after.len() - end]].concat();
    let is_figure = |byte: &u8| byte.is_ascii_alphanumeric() || b".-+ /:_".contains(byte);
    match changed.iter().all(is_figure) {
        true => Truth::Another,
        false if kind.rows_are_runs || lines(before).len() < MANY_ROWS => Truth::Lost,
        false => Truth::Same,
    }
}

/// Of fewer rows, one is a good part.
const MANY_ROWS: usize = 20;

fn flip_bit(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let at = random.below(bytes.len());
    let mut changed = bytes.to_vec();
    *changed.get_mut(at)? ^= 1 << random.below(8);
    with_truth(bytes, changed, kind)
}

fn delete_bytes(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let at = random.below(bytes.len());
    let end = (at + 1 + random.below(60)).min(bytes.len());
    let (changed, truth) = with_truth(bytes, [&bytes[..at], &bytes[end..]].concat(), kind)?;
    Some((changed, if truth == Truth::Lost && joins_rows(bytes, at, end) { Truth::Another } else { truth }))
}

/// Whether what is left of two rows is one with as many cells: a row is gone, and the other holds its figures.
fn joins_rows(bytes: &[u8], from: usize, to: usize) -> bool {
    let start = bytes[..from].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let end = |at: usize| bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end);
    let joined = [&bytes[start..from], &bytes[to..end(to)]].concat();
    let cells = |line: &[u8], sign: u8| line.iter().filter(|byte| **byte == sign).count();
    let alike = |sign: u8| cells(&joined, sign) == cells(&bytes[start..end(start)], sign);
    bytes[from..to].contains(&b'\n') && delimiter(&lines(bytes)).is_some_and(alike)
}

fn with_truth(bytes: &[u8], changed: Vec<u8>, kind: Kind) -> Option<(Vec<u8>, Truth)> {
    let truth = of_figures(bytes, &changed, kind);
    Some((changed, truth))
}

fn insert_bytes(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    const TOKENS: &[&[u8]] = &[
        b"\0",
        b"\0\0\0\0",
        b"\n",
        b",",
        b";",
        b"\"",
        b"-",
        b"NaN",
        b"1e308",
        b"9",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\xc2\xa0",
        b"{",
        b"k",
        b"m",
        b"#",
    ];
    let at = random.below(bytes.len() + 1);
    let token = TOKENS[random.below(TOKENS.len())];
    with_truth(bytes, [&bytes[..at], token, &bytes[at..]].concat(), kind)
}

fn repeat_bytes(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let at = random.below(bytes.len());
    let end = (at + 1 + random.below(60)).min(bytes.len());
    // Rows without a time are as many intervals more.
    let (changed, truth) = with_truth(bytes, [&bytes[..end], &bytes[at..]].concat(), kind)?;
    Some((changed, if kind.has_no_clock { Truth::Another } else { truth }))
}

/// The sign between cells, where lines are rows of a table.
fn delimiter(lines: &[Vec<u8>]) -> Option<u8> {
    let count = |line: &[u8], sign: u8| line.iter().filter(|byte| **byte == sign).count();
    [b',', b';', b'\t', b'|'].into_iter().find(|sign| {
        let usual = lines.get(lines.len() / 2).map_or(0, |line| count(line, *sign));
        usual > 0
            && !lines.iter().any(|line| line.contains(&b'"'))
            && 10 * lines.iter().filter(|line| count(line, *sign) == usual).count() >= 9 * lines.len()
    })
}

/// The table's cells, line ends apart.
fn table(bytes: &[u8]) -> Option<(u8, Vec<(Vec<Vec<u8>>, Vec<u8>)>)> {
    let lines = lines(bytes);
    let sign = delimiter(&lines)?;
    let cut = |line: &Vec<u8>| {
        let text = line.trim_ascii_end();
        (text.split(|byte| *byte == sign).map(<[u8]>::to_vec).collect(), line[text.len()..].to_vec())
    };
    Some((sign, lines.iter().map(cut).collect()))
}

fn joined(sign: u8, rows: &[(Vec<Vec<u8>>, Vec<u8>)]) -> Vec<u8> {
    rows.iter().flat_map(|(cells, end)| [cells.join(&sign), end.clone()].concat()).collect()
}

fn replace_cell(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    const WORDS: &[&[u8]] =
        &[b"", b"N/A", b" [N/A]", b"nan", b"inf", b"-1", b"0", b"1e30", b"abc", b"99999999999999999999", b" \xc2\xa0", b"\"a\nb\""];
    let (sign, mut rows) = table(bytes)?;
    let row = random.below(rows.len());
    let (cells, _) = rows.get_mut(row)?;
    let cell = random.below(cells.len());
    *cells.get_mut(cell)? = WORDS[random.below(WORDS.len())].to_vec();
    with_truth(bytes, joined(sign, &rows), kind)
}

fn columns(rows: &[(Vec<Vec<u8>>, Vec<u8>)], random: &mut Mutator) -> (usize, usize) {
    let width = rows.iter().map(|(cells, _)| cells.len()).min().unwrap_or(0);
    (random.below(width), random.below(width))
}

fn has_header(rows: &[(Vec<Vec<u8>>, Vec<u8>)]) -> bool {
    rows.first().is_some_and(|(cells, _)| cells.iter().all(|cell| !cell.trim_ascii().first().is_none_or(u8::is_ascii_digit)))
}

/// With their header: the same table.
fn swap_columns(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let (sign, mut rows) = table(bytes)?;
    let (a, b) = columns(&rows, random);
    if !has_header(&rows) || a == b {
        return None;
    }
    rows.iter_mut().for_each(|(cells, _)| cells.swap(a, b));
    Some((joined(sign, &rows), if kind.columns_are_named { Truth::Another } else { Truth::Same }))
}

fn double_column(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let (sign, mut rows) = table(bytes)?;
    let (a, b) = columns(&rows, random);
    if !has_header(&rows) {
        return None;
    }
    rows.iter_mut().for_each(|(cells, _)| {
        let cell = cells[a].clone();
        cells.insert(b, cell);
    });
    Some((joined(sign, &rows), if kind.columns_are_named { Truth::Another } else { Truth::Same }))
}

fn empty_column(bytes: &[u8], _: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    const WORDS: &[&[u8]] = &[b"", b"N/A", b"nan"];
    let (sign, mut rows) = table(bytes)?;
    let (a, _) = columns(&rows, random);
    if !has_header(&rows) {
        return None;
    }
    let word = WORDS[random.below(WORDS.len())];
    rows.iter_mut().skip(1).for_each(|(cells, _)| cells[a] = word.to_vec());
    // So looks the log of a device without that sensor, or of a job of which only the others are known.
    Some((joined(sign, &rows), Truth::Another))
}

fn append_copy(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    Some((bytes.repeat(2 + random.below(2)), if kind.has_no_clock { Truth::Another } else { Truth::Same }))
}

fn append_rows(bytes: &[u8], kind: Kind, _: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let lines = lines(bytes);
    if kind.order_matters || lines.len() < 2 {
        return None;
    }
    Some(([bytes, &lines[1..].concat()].concat(), Truth::Same))
}

fn cut_end(bytes: &[u8], _: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    Some((bytes[..random.below(bytes.len())].to_vec(), Truth::NoMore))
}

fn cut_head(bytes: &[u8], _: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    Some((bytes[random.below(bytes.len())..].to_vec(), Truth::NoMore))
}

fn repeat_header(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let mut lines = lines(bytes);
    let header = table(bytes).filter(|(_, rows)| has_header(rows)).and_then(|_| lines.first().cloned())?;
    let at = 1 + random.below(lines.len());
    lines.insert(at, header);
    Some((lines.concat(), if kind.headers_matter { Truth::Another } else { Truth::Same }))
}

fn glue_rows(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let ends: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
    let end = *ends.get(random.below(ends.len()))?;
    with_truth(bytes, [&bytes[..end], &bytes[end + 1..]].concat(), kind)
}

fn encode(bytes: &[u8], _: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let utf16 = |big: bool| {
        let unit = move |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        core::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect::<Vec<u8>>()
    };
    let changed = match random.below(8) {
        0 => utf16(false),
        1 => utf16(true),
        2 => [b"\xef\xbb\xbf", bytes].concat(),
        3 => text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes(),
        4 => text.replace("\r\n", "\n").replace('\n', "\r").into_bytes(),
        // A non-breaking space, a narrow one and a thin one before units.
        space => text.replace(" W", [" W", "\u{a0}W", "\u{202f}W", "\u{2009}W"][space - 4]).into_bytes(),
    };
    (changed != bytes).then_some((changed, Truth::Same))
}

fn range(lines: &[Vec<u8>], random: &mut Mutator) -> Option<(usize, usize)> {
    let from = 1 + random.below(lines.len().checked_sub(2).filter(|rows| *rows > 1)?);
    Some((from, (from + 1 + random.below(lines.len() - from)).min(lines.len())))
}

/// So few rows show no rule by which a hole beside them could be known.
const FEW_ROWS: usize = 2;

fn delete_rows(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let mut lines = lines(bytes);
    let (from, to) = range(&lines, random)?;
    // Where none of the last rows is left, nothing says that there were any. Of the first devices of a round nothing may be left either.
    let truth = if kind.rows_are_runs || kind.order_matters || lines.len() - to <= FEW_ROWS || from <= 1 + FEW_ROWS {
        Truth::NoMore
    } else {
        Truth::Same
    };
    let truth = if kind.headers_matter { Truth::Another } else { truth };
    lines.drain(from..to);
    Some((lines.concat(), truth))
}

fn repeat_rows(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let mut lines = lines(bytes);
    let (from, to) = range(&lines, random).filter(|_| !kind.order_matters)?;
    let at = [to, lines.len()][random.below(2)];
    let rows = lines[from..to].to_vec();
    lines.splice(at..at, rows);
    Some((lines.concat(), if kind.headers_matter { Truth::Another } else { Truth::Same }))
}

fn reverse_rows(bytes: &[u8], kind: Kind, _: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let mut lines = lines(bytes);
    let rows = lines.get_mut(1..).filter(|_| !kind.order_matters && bytes.ends_with(b"\n"))?;
    rows.reverse();
    Some((lines.concat(), Truth::Same))
}

fn shuffle_rows(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let mut lines = lines(bytes);
    if kind.order_matters || !bytes.ends_with(b"\n") {
        return None;
    }
    for at in (2..lines.len()).rev() {
        lines.swap(at, 1 + random.below(at));
    }
    Some((lines.concat(), if kind.headers_matter { Truth::Another } else { Truth::Same }))
}

fn swap_rows(bytes: &[u8], kind: Kind, random: &mut Mutator) -> Option<(Vec<u8>, Truth)> {
    let mut lines = lines(bytes);
    if kind.order_matters || lines.len() < 4 || !bytes.ends_with(b"\n") {
        return None;
    }
    let (a, b) = (1 + random.below(lines.len() - 1), 1 + random.below(lines.len() - 1));
    lines.swap(a, b);
    Some((lines.concat(), if kind.headers_matter { Truth::Another } else { Truth::Same }))
}
