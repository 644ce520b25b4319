//! Lines of text around values, by templates: `CPU Power: {cpu}`.

use alloc::vec::Vec;

use super::fields::{Fields, Mark};
use super::records::Records;
use super::{Layout, LineDoes, LineRow};
use crate::read::{Head, Line, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};

/// A line of text, its template taken apart.
struct Kind {
    template: Template,
    does: LineDoes,
    literals: Vec<(&'static str, bool)>,
    /// What it begins with, where enough is known of it for a line to show it behind other text.
    start: Option<&'static [u8]>,
    /// Whether a line may be what is left of it: one that is known, and one that is not.
    may_be_torn: [bool; 2],
}

impl Kind {
    fn new(row: &LineRow) -> Self {
        Self {
            template: Template::new(row.template),
            does: row.does,
            literals: literals(row.template).collect(),
            start: start(row),
            may_be_torn: [false, true].map(|is_known| may_be_torn(row, is_known)),
        }
    }
}

/// Reads rows that lines make up.
pub(super) struct LineReader {
    kinds: Vec<Kind>,
    records: Records,
    /// What holds for all rows.
    stays: Vec<(Vec<u8>, Vec<u8>)>,
    fields: Fields,
    /// What goes before the names of fields, by depth.
    within: Vec<Vec<u8>>,
    /// Lines of the row in hand that add to it.
    is_open: bool,
    /// The line was torn that the row in hand began with: what adds to it is of no row.
    is_torn: bool,
    last: u64,
    /// Of rows that one line begins, which says whose they are, and another ends: whether the row in hand has its first line. Unknown until one comes: a log
    /// may hold the last lines alone.
    is_begun: Option<bool>,
    says_whose: bool,
    /// The line whose fields hold for all rows, and whether one like it came that is cut: then those of the rows below it are not known.
    stays_line: Vec<u8>,
    is_untold: bool,
}

impl LineReader {
    pub(super) fn new(layout: &'static Layout, rows: &'static [LineRow], head: &Head<'_>, options: &ReadOptions) -> Result<Self, Refusal> {
        let records = Records::new(layout, head, options)?;
        Ok(Self {
            kinds: rows.iter().map(Kind::new).collect(),
            records,
            stays: Vec::new(),
            fields: Fields::default(),
            within: Vec::new(),
            is_open: false,
            is_torn: false,
            last: 0,
            is_begun: None,
            says_whose: says_whose(rows),
            stays_line: Vec::new(),
            is_untold: false,
        })
    }

    /// Hands over the row in hand.
    fn close(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if !core::mem::take(&mut self.is_open) {
            return Row::Structure;
        }
        for (name, value) in &self.stays {
            if self.fields.value(name).is_none() {
                self.fields.push(&[name], value);
            }
        }
        let row = self.records.record(&mut self.fields, line, out);
        self.fields.back_to(Mark::default());
        row
    }
}

impl LineReader {
    /// Whether an unknown line is what is left of one whose fields hold for all rows: it begins as the last one did.
    fn is_cut_stay(&self, text: &[u8]) -> bool {
        let alike = text.iter().zip(&self.stays_line).take_while(|(a, b)| a == b).count();
        !self.stays_line.is_empty() && (alike == text.len() || alike >= BEGINS_ALIKE)
    }

    /// Forgets the row in hand, and what comes up to the next.
    fn drop_row(&mut self) {
        self.fields.back_to(Mark::default());
        (self.is_open, self.is_torn) = (false, true);
    }
}

impl Reader for LineReader {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        let text = line.text.trim_ascii();
        if text.is_empty() {
            return Row::Structure;
        }
        let (mut row, mut ends, mut is_known, mut holds) = (Row::Structure, false, false, false);
        let mut begins = false;
        let mut found: Vec<(&str, &[u8])> = Vec::new();
        for at in 0..self.kinds.len() {
            let Some(Kind { template, does, .. }) = self.kinds.get(at) else { continue };
            let does = *does;
            if !template.captured(text, &mut found) {
                continue;
            }
            if !is_known && does == LineDoes::Begins {
                row = self.close(line, out);
                self.within.clear();
                self.is_torn = false;
                self.is_begun = self.says_whose.then_some(true);
            }
            is_known = true;
            begins |= does != LineDoes::Adds;
            holds |= !found.is_empty();
            match does {
                LineDoes::Stays => {
                    (self.stays_line, self.is_untold) = (text.to_vec(), false);
                    for (name, value) in &found {
                        let value = value.to_vec();
                        match self.stays.iter_mut().find(|(own, _)| own == name.as_bytes()) {
                            Some((_, own)) => *own = value,
                            None => self.stays.push((name.as_bytes().to_vec(), value)),
                        }
                    }
                }
                LineDoes::Within(depth) => {
                    let text: Vec<&[u8]> = found.iter().map(|(_, value)| *value).collect();
                    self.within.resize(depth.saturating_sub(1), Vec::new());
                    self.within.push([&text.join(&b' '), b".".as_slice()].concat());
                }
                _ if self.is_torn => {}
                does => {
                    let within = self.within.concat();
                    found.iter().for_each(|(name, value)| self.fields.push(&[&within, name.as_bytes()], value));
                    self.is_open = true;
                    ends |= does == LineDoes::Ends;
                }
            }
        }
        self.last = line.number;
        if !is_known && self.is_cut_stay(text) {
            self.stays.clear();
            self.is_untold = true;
            return self.records.torn(line, out);
        }
        if ends && self.is_untold {
            self.fields.back_to(Mark::default());
            self.is_open = false;
            return self.records.torn(line, out);
        }
        let is_begun = self.is_begun.filter(|_| ends);
        if is_begun.is_some() {
            self.is_begun = Some(false);
        }
        if is_begun == Some(false) {
            self.drop_row();
            return self.records.torn(line, out);
        }
        let mut kinds = self.kinds.iter();
        let mut is_left = |kind: &&Kind| {
            (!is_known && kind.does == LineDoes::Ends && kind.template.is_cut(text))
                || (kind.may_be_torn[usize::from(is_known)] && is_torn(kind, text, is_known))
                || (!begins && (!is_known || kind.does == LineDoes::Begins) && is_behind(kind, text))
        };
        match kinds.find(&mut is_left).map(|kind| kind.does) {
            None => {}
            Some(LineDoes::Begins) => {
                row = if is_known { row } else { self.close(line, out) };
                out.rows.used += u64::from(row == Row::Used);
                self.drop_row();
                return self.records.torn(line, out);
            }
            Some(_) => {
                if is_known {
                    self.drop_row();
                }
                return self.records.torn(line, out);
            }
        }
        if ends && holds && line.unterminated {
            // Without its end, a number may be cut.
            self.is_open = false;
            return Row::Skipped(SkipReason::LastLineCut);
        }
        match (is_known, ends) {
            // The row in hand is of the time above it.
            (false, _) if self.records.is_time(line) => {
                let row = self.close(line, out);
                match self.records.stray_known(line, out) {
                    Row::Structure => row,
                    torn => {
                        out.rows.used += u64::from(row == Row::Used);
                        torn
                    }
                }
            }
            (false, _) => self.records.stray_known(line, out),
            (true, true) => self.close(line, out),
            (true, false) => row,
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        let last = Line { text: b"", number: self.last, unterminated: false };
        let row = self.close(last, out);
        out.rows.used += u64::from(row == Row::Used);
        self.records.tell_empty(out);
        self.records.finish(out);
    }
}

/// Whether rows begin with a line that names something and end with another.
fn says_whose(rows: &[LineRow]) -> bool {
    let names = |row: &LineRow| row.does == LineDoes::Begins && row.template.split('{').skip(1).any(|hole| !hole.starts_with('}'));
    rows.iter().any(names) && rows.iter().any(|row| row.does == LineDoes::Ends)
}

/// Whether a line can be told to be what is left of this one, by words of its template.
fn may_be_torn(row: &LineRow, is_known: bool) -> bool {
    let is_named = || literals(row.template).any(|(literal, _)| literal.len() >= WORD && literal.bytes().all(|b| b.is_ascii_alphabetic()));
    let may_be = match is_known {
        true => row.template.ends_with('*') && literals(row.template).any(|(literal, _)| literal.len() >= WORD),
        false => literals(row.template).count() > 1 && is_named(),
    };
    may_be && matches!(row.does, LineDoes::Begins | LineDoes::Adds | LineDoes::Ends) && row.template.contains('{')
}

/// Whether a line that may be is what is left of one or two: all of the template stands there, and is not whole; or again where it may go on.
fn is_torn(kind: &Kind, text: &[u8], is_known: bool) -> bool {
    let mut found = Vec::new();
    if is_known && !kind.template.captured(text, &mut found) {
        return false;
    }
    let mut rest = text;
    for (literal, is_behind_hole) in &kind.literals {
        let Some(at) = search(rest, literal.as_bytes()) else { return false };
        // Another word makes it another line.
        if !is_behind_hole && rest.get(..at).is_some_and(|between| between.iter().any(u8::is_ascii_alphanumeric)) {
            return false;
        }
        rest = rest.get(at + literal.len()..).unwrap_or(&[]);
    }
    !is_known || kind.template.captured(rest.trim_ascii_start(), &mut found)
}

/// The piece of text that a line begins with, where that and what else its template says is enough for it to be known behind what another program put before
/// it: a word, or that many pieces.
fn start(row: &LineRow) -> Option<&'static [u8]> {
    let first = literal(row.template);
    let says = literals(row.template).any(|(literal, _)| literal.len() >= WORD && literal.bytes().any(|b| b.is_ascii_alphabetic()));
    let is_known = !first.trim().is_empty() && (says || literals(row.template).count() >= PIECES) && row.template.contains('{');
    (is_known && matches!(row.does, LineDoes::Begins | LineDoes::Adds | LineDoes::Ends)).then_some(first.as_bytes())
}

/// Whether all of a template stands in a line behind other text: a launcher says of each line whose it is, or the end of the line before is lost.
fn is_behind(kind: &Kind, text: &[u8]) -> bool {
    let Some(start) = kind.start else { return false };
    let mut found = Vec::new();
    let places = memchr::memmem::find_iter(text, start).filter(|at| *at > 0);
    places.take(MOST_PLACES).any(|at| text.get(at..).is_some_and(|rest| kind.template.captured(rest, &mut found)))
}

/// Lines that begin with so many bytes in common are of one kind.
const BEGINS_ALIKE: usize = 8;

/// A line that ends behind so many words of a template, and within it, is cut.
const WORDS_BEFORE_A_CUT: usize = 2;

/// So many pieces of text are in no line by chance.
const PIECES: usize = 4;

/// In a line, a template is looked for at so many places.
const MOST_PLACES: usize = 16;

/// A word of so many letters is none by chance.
const WORD: usize = 5;

/// The pieces of a template between its holes and spaces, and whether anything may stand before each.
fn literals(template: &'static str) -> impl Iterator<Item = (&'static str, bool)> {
    let mut is_behind_hole = false;
    template.split_inclusive(['*', ' ', '{', '}']).filter_map(move |piece| {
        let literal = piece.trim_end_matches(['*', ' ', '{', '}']);
        let is_hole = piece.ends_with('}');
        let found = (!is_hole && !literal.is_empty()).then_some((literal, is_behind_hole));
        if found.is_some() {
            is_behind_hole = false;
        }
        is_behind_hole |= is_hole || piece.ends_with('*');
        found
    })
}

/// A template, taken apart.
pub(super) struct Template(Vec<Piece>);

/// A piece of a template.
enum Piece {
    Text(&'static [u8]),
    /// Any run of spaces.
    Space,
    /// Anything up to such a text, or to a space.
    Any(&'static str),
    /// Anything behind here.
    Rest,
    /// A hole without an end.
    Never,
    Hole {
        name: &'static str,
        is_number: bool,
        until: Until,
    },
}

/// Where a piece ends.
#[derive(Clone, Copy)]
enum Until {
    End,
    Space,
    /// Or at the end.
    SpaceIfAny,
    Text(&'static [u8]),
}

impl Until {
    fn of(behind: &'static str) -> Self {
        match literal(behind) {
            " " => Self::Space,
            "" if behind.starts_with('*') => Self::SpaceIfAny,
            "" => Self::End,
            text => Self::Text(text.as_bytes()),
        }
    }

    fn find(self, text: &[u8]) -> Option<usize> {
        let space = || text.iter().position(u8::is_ascii_whitespace);
        match self {
            Self::End => Some(text.len()),
            Self::Space => space(),
            Self::SpaceIfAny => space().or(Some(text.len())),
            Self::Text(literal) => search(text, literal),
        }
    }
}

impl Template {
    pub(super) fn new(template: &'static str) -> Self {
        let (mut rest, mut pieces) = (template, Vec::new());
        while !rest.is_empty() {
            let hole = rest.strip_prefix('{').and_then(|behind| behind.split_once('}'));
            let (piece, behind) = match (hole, rest.strip_prefix('*'), rest.strip_prefix(' ')) {
                (Some((name, behind)), ..) => {
                    let (name, is_number) = name.strip_suffix('#').map_or((name, false), |name| (name, true));
                    (Piece::Hole { name, is_number, until: Until::of(behind) }, behind)
                }
                (None, Some(""), _) => (Piece::Rest, ""),
                (None, Some(behind), _) => (Piece::Any(literal(behind)), behind),
                (None, None, Some(behind)) => (Piece::Space, behind),
                (None, None, None) => match literal(rest) {
                    "" => (Piece::Never, ""),
                    text => (Piece::Text(text.as_bytes()), rest.get(text.len()..).unwrap_or("")),
                },
            };
            pieces.push(piece);
            rest = behind;
        }
        Self(pieces)
    }

    /// Whether a line ends within the template, behind words of it.
    fn is_cut(&self, mut text: &[u8]) -> bool {
        let mut words = 0;
        let is_enough = |words: usize| words >= WORDS_BEFORE_A_CUT;
        for piece in &self.0 {
            if text.trim_ascii().is_empty() {
                return is_enough(words);
            }
            let behind = match piece {
                Piece::Rest | Piece::Never => return false,
                Piece::Text(literal) => {
                    let Some(behind) = text.strip_prefix(*literal) else {
                        return is_enough(words) && literal.starts_with(text.trim_ascii());
                    };
                    words += usize::from(literal.iter().filter(|byte| byte.is_ascii_alphabetic()).count() >= WORD);
                    Some(behind)
                }
                Piece::Space => Some(text.trim_ascii_start()).filter(|after| after.len() < text.len()),
                Piece::Any(" ") => text.iter().position(u8::is_ascii_whitespace).and_then(|at| text.get(at..)),
                Piece::Any(literal) => search(text, literal.as_bytes()).and_then(|at| text.get(at..)),
                Piece::Hole { until, .. } => {
                    let Some(end) = until.find(text) else { return is_enough(words) };
                    text.get(end..)
                }
            };
            let Some(behind) = behind else { return false };
            text = behind;
        }
        false
    }

    /// Whether a line is of the template, and what stood at its holes. A space stands for any run of spaces; a hole takes as little as it
    /// can.
    pub(super) fn captured<'t>(&self, mut text: &'t [u8], found: &mut Vec<(&'static str, &'t [u8])>) -> bool {
        found.clear();
        for piece in &self.0 {
            let behind = match piece {
                Piece::Rest => return true,
                Piece::Text(literal) => text.strip_prefix(*literal),
                Piece::Space => Some(text.trim_ascii_start()).filter(|after| after.len() < text.len() || text.is_empty()),
                Piece::Never => None,
                Piece::Any(" ") => text.iter().position(u8::is_ascii_whitespace).and_then(|at| text.get(at..)),
                Piece::Any(literal) => search(text, literal.as_bytes()).and_then(|at| text.get(at..)),
                Piece::Hole { name, is_number, until } => until.find(text).map(|end| text.split_at(end)).and_then(|(value, after)| {
                    let is_one = !is_number || value.iter().all(u8::is_ascii_digit);
                    let value = value.trim_ascii();
                    if !name.is_empty() {
                        found.push((*name, value));
                    }
                    (is_one && !value.is_empty()).then_some(after)
                }),
            };
            let Some(behind) = behind else { return false };
            text = behind;
        }
        text.trim_ascii().is_empty()
    }
}

/// The text up to the next hole or space; of a template that begins with a space, the space.
fn literal(template: &'static str) -> &'static str {
    if template.starts_with(' ') {
        return " ";
    }
    let end = template.find(['{', '*', ' ']).unwrap_or(template.len());
    template.get(..end).unwrap_or("")
}

/// Where a text stands first. A line is short: to prepare a search takes longer than to look at each place that begins like it.
fn search(text: &[u8], literal: &[u8]) -> Option<usize> {
    let Some((first, rest)) = literal.split_first() else { return Some(0) };
    memchr::memchr_iter(*first, text).find(|at| rest.is_empty() || text.get(at + 1..).is_some_and(|behind| behind.starts_with(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::layout::{MeterRow, Shape, TimeField, TimeKind};
    use crate::series::{Component, Instrument};
    use alloc::string::String;

    /// What is read of a text: part, number of the device, µJ.
    fn read(layout: &'static Layout, rows: &'static [LineRow], text: &str) -> Vec<(Component, Option<String>, i64)> {
        let head = Head::new(text.as_bytes(), true);
        let mut reader = LineReader::new(layout, rows, &head, &ReadOptions::default()).expect("a reader");
        let mut out = Reading::new("test", None, None);
        for (number, line) in (1..).zip(text.lines()) {
            reader.line(Line { text: line.as_bytes(), number, unterminated: false }, &mut out);
        }
        reader.finish(&mut out);
        out.close();
        let series = out.series().iter();
        series
            .map(|s| (s.channel().component, s.channel().device.index.clone(), (s.energy(false).as_picojoules() / 1_000_000) as i64))
            .collect()
    }

    #[test]
    fn what_lines_stand_within_names_their_fields() {
        const ROWS: &[LineRow] = &[
            LineRow { template: "Ran {ran} s", does: LineDoes::Begins },
            LineRow { template: "Socket {socket}", does: LineDoes::Within(1) },
            LineRow { template: "Domain {domain}:", does: LineDoes::Within(2) },
            LineRow { template: "Energy {joules} J", does: LineDoes::Adds },
        ];
        static LAYOUT: Layout = Layout {
            time: &[TimeField { fields: &["ran"], kind: TimeKind::Duration(0) }],
            meters: &[
                MeterRow::interval_joules(&["{n}.pkg.joules"], Component::Cpu, Instrument::Rapl),
                MeterRow::interval_joules(&["joules"], Component::Node, Instrument::Rapl),
            ],
            ..Layout::of(Shape::Lines(ROWS))
        };
        let text =
            "Ran 2 s\nEnergy 9 J\nSocket 0\nDomain PKG:\nEnergy 1.5 J\nDomain DRAM:\nEnergy 1 J\nSocket 1\nDomain PKG:\nEnergy 2 J\n";
        let mut found = read(&LAYOUT, ROWS, text);
        found.sort();
        assert_eq!(
            found,
            [
                (Component::Cpu, Some(String::from("0")), 1_500_000),
                (Component::Cpu, Some(String::from("1")), 2_000_000),
                (Component::Node, None, 9_000_000)
            ]
        );
    }

    #[test]
    fn means_count_over_the_length_that_their_rows_state() {
        const ROWS: &[LineRow] = &[
            LineRow { template: "At {time} for {length} ms", does: LineDoes::Begins },
            LineRow { template: "Power: {power}", does: LineDoes::Adds },
        ];
        static LAYOUT: Layout = Layout {
            time: &[TimeField { fields: &["time"], kind: TimeKind::Stamp }, TimeField { fields: &["length"], kind: TimeKind::Duration(3) }],
            meters: &[MeterRow::mean_watts(&["power"], Component::Cpu, Instrument::Rapl)],
            ..Layout::of(Shape::Lines(ROWS))
        };
        // Three within a second, and one behind a pause of a minute: 0.1 s of 10, 20, 30 and 40 W.
        let mut text = String::new();
        for (second, power) in [("00", 10), ("00", 20), ("00", 30), ("59", 40)] {
            text += &alloc::format!("At 2025-06-12T14:03:{second} for 100.0 ms\nPower: {power} W\n");
        }
        assert_eq!(read(&LAYOUT, ROWS, &text), [(Component::Cpu, None, 10_000_000)]);
    }

    #[test]
    fn lines_are_torn_that_hold_all_of_a_template_and_are_none_or_twice() {
        let row = |template, does| LineRow { template, does };
        let sensor = row("{name}| {power} Watts *", LineDoes::Begins);
        let joules = row("Energy consumed: {joules} Joules", LineDoes::Adds);
        let head = row("| Runtime (RDTSC) [s] | {runtime} |*", LineDoes::Adds);
        let rail = row("*VDD_IN {in}/*", LineDoes::Adds);
        for (row, text, is_known, expected) in [
            (&sensor, "Pwr Consumption | 480 Watts | ok", true, false),
            (&sensor, "Pwr Consumption | 480 Watts  nsumption | 482 Watts | ok", true, true),
            (&sensor, "Pwr Consumption | 480 Watt | 481 Watts | ok", false, true),
            (&sensor, "Temp | 40 degrees C | ok", false, false),
            (&joules, "Energy consumed: 2000.5 Joules#", false, true),
            (&joules, "Energy consumed by others: 2000.5 Joules", false, false),
            (&head, "| Runtime (RDTSC) [s] STAT | 60.0 | 30.0 |", false, false),
            (&rail, "RAM 1/2 VDD_IN 2000/1840 VDD_CPU 306/306", true, false),
            (&rail, "RAM 1/2 VDD_IN 2000/1840 VDD_CPU 306/306RAM 1/2 VDD_IN 3000/1840", true, true),
        ] {
            assert_eq!(may_be_torn(row, is_known) && is_torn(&Kind::new(row), text.as_bytes(), is_known), expected, "{text}");
        }
    }

    #[test]
    fn templates_take_what_stands_at_their_holes() {
        for (template, text, expected) in [
            ("CPU Power: {cpu}", "CPU Power: 1234 mW", Some("cpu=1234 mW")),
            ("CPU Power: {cpu}", "GPU Power: 1234 mW", None),
            ("| {gpu#} *| {bus} *", "|   0  NVIDIA A100   Off | 00000000:04:00.0 Off |", Some("gpu=0 bus=00000000:04:00.0")),
            ("| {gpu#} *| {bus} *", "| 30%   22C  P8  13W / 350W |  17706MiB / 24576MiB |", None),
            ("*VDD_IN {vdd_in}/*", "RAM 1/2 VDD_IN 4520mW/4510mW VDD_SOC 1mW/1mW", Some("vdd_in=4520mW")),
            (
                "*** Sampled system activity ({time}) ({elapsed}ms elapsed) ***",
                "*** Sampled system activity (Tue Jun 10 12:14:41 2025 +0200) (1002.86ms elapsed) ***",
                Some("time=Tue Jun 10 12:14:41 2025 +0200 elapsed=1002.86"),
            ),
            ("Instantaneous power reading: {power}", "Instantaneous power reading:                   312 Watts", Some("power=312 Watts")),
            (
                "{name}: {value} {unit} {time} us",
                "power: 2100 W 1750000000000000 us",
                Some("name=power value=2100 unit=W time=1750000000000000"),
            ),
        ] {
            let mut found = Vec::new();
            let is = Template::new(template).captured(text.as_bytes(), &mut found);
            let words: Vec<String> =
                found.iter().map(|(name, value)| alloc::format!("{name}={}", String::from_utf8_lossy(value))).collect();
            assert_eq!(is.then(|| words.join(" ")).as_deref(), expected, "{template}");
        }
    }
}
