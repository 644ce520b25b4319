//! One file from bytes to a [`Reading`]: encoding, lines, format, rows. Any chunk size gives the same result.

mod another;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use self::another::Below;
use super::repeated::Pieces;
use super::{
    Doubt, Evidence, FORMATS, Format, HEAD_BYTES, Head, Line, ReadOptions, Reader, Reading, Refusal, Row, SkipReason, foreign, generic_csv,
    generic_json, layout,
};
use crate::bounds::{self, Bounds};
use crate::decode::encoding::{Encoding, Utf16};
use crate::note;
use crate::order;

/// So many lines show what a table is: where lines are long, the head is, too.
const LINES_OF_HEAD: usize = 16;

/// So many rows are enough to know a log by; where there are fewer, the head is longer, too.
const ROWS_OF_HEAD: u64 = 16;

/// But no longer than this.
const LONGEST_HEAD: usize = 1 << 20;

/// What is recognised by less gives way to what the file is called.
const LEAST_BY_CONTENT: u8 = 10;

/// Names of columns and keys stand within so many lines.
const LINES_OF_NAMES: usize = 50;

/// Reads one file that is pushed in.
pub struct FileReader {
    options: ReadOptions,
    format: Option<&'static Format>,
    state: State,
    encoding: Option<Encoding>,
    utf16: Option<Utf16>,
    decoded: Vec<u8>,
    start: Vec<u8>,
    queueing: bool,
    /// It reads a part of a file that another reader left.
    is_of_part: bool,
    /// So many bytes are the head: more, where they were too few.
    head_bytes: usize,
    /// Lines end in CR alone, as on old Macs.
    old_line_ends: bool,
}

/// What a later range of a file is read with: see [`FileReader::split`].
pub struct RangePart {
    lines: Lines,
}

enum State {
    /// Collecting the head.
    Sniffing(Vec<u8>),
    /// Reading rows.
    Reading(Box<Lines>),
    /// No format fits, or it can't be used; bytes are only counted.
    Refused(Box<Reading>),
}

/// A format at work, and the line in hand.
struct Lines {
    reader: Box<dyn Reader>,
    out: Reading,
    carry: Vec<u8>,
    /// A longer line is no log line; it is skipped and counted.
    bounds: Bounds,
    /// In a line that is longer than that.
    overlong: bool,
    /// So many bytes of it were met, and whether NULs are among them.
    overlong_bytes: (u64, bool),
    /// In such a line, which the reader takes by pieces.
    in_pieces: bool,
    number: u64,
    options: ReadOptions,
    /// Of a log that shows no clock so far, what its lines hold.
    pieces: Option<Pieces>,
}

impl FileReader {
    /// A reader for a new file.
    pub fn new(options: ReadOptions) -> Self {
        Self {
            options,
            format: None,
            state: State::Sniffing(Vec::new()),
            encoding: None,
            utf16: None,
            decoded: Vec::new(),
            start: Vec::new(),
            queueing: false,
            is_of_part: false,
            head_bytes: HEAD_BYTES,
            old_line_ends: false,
        }
    }

    /// A reader that takes the file for one of `format`, whatever its content.
    pub fn of_format(format: &'static Format, options: ReadOptions) -> Self {
        Self { format: Some(format), ..Self::new(options) }
    }

    /// The next bytes of the file, in order; chunks of any size.
    pub fn push(&mut self, mut bytes: &[u8]) {
        if self.encoding.is_none() {
            // Four bytes tell the encoding.
            while self.start.len() < 4 {
                let Some((first, rest)) = bytes.split_first() else {
                    return;
                };
                self.start.push(*first);
                bytes = rest;
            }
            let start = self.detect();
            self.text(&start);
        }
        if self.utf16.is_some() {
            let mut decoded = core::mem::take(&mut self.decoded);
            decoded.clear();
            if let Some(utf16) = &mut self.utf16 {
                utf16.push(bytes, &mut decoded);
            }
            self.text(&decoded);
            self.decoded = decoded;
        } else {
            self.text(bytes);
        }
    }

    /// Ends the file.
    pub fn finish(mut self) -> Reading {
        if self.encoding.is_none() {
            let start = self.detect();
            self.text(&start);
        }
        let mut goes_on = "";
        if let Some(mut utf16) = self.utf16.take() {
            let mut rest = Vec::new();
            utf16.finish(&mut rest);
            if utf16.went_on_in_utf8() {
                goes_on = ", and goes on in UTF-8";
            }
            self.text(&rest);
        }
        if let State::Sniffing(head) = &mut self.state {
            let head = core::mem::take(head);
            self.open(head, true);
        }
        let mut out = match self.state {
            State::Reading(lines) => lines.finish(true),
            State::Refused(out) => *out,
            State::Sniffing(_) => Reading::default(),
        };
        if self.old_line_ends && !out.format.is_empty() {
            out.notes.add(&note::ENCODING, "line ends", None, || String::from("lines end in CR alone"));
        }
        if let Some(encoding) = self.encoding.filter(|e| *e != Encoding::Utf8) {
            out.notes.add(&note::ENCODING, "", None, || format!("the file is {}{goes_on}", encoding.as_str()));
        }
        out.refuse_two_halves();
        out.doubt_second_sampler();
        out.doubt_parts_of_larger_total();
        out.tell_zone(self.options.zone.as_ref());
        out.cut_declared();
        out.note_lost_rows();
        out.note_counts();
        out.fit();
        out
    }

    /// Once the format is known: a reader for a later range of the file, which must start right after a line end. `None` when the
    /// format needs one pass, or the file is not plain UTF-8.
    pub fn split(&self) -> Option<RangePart> {
        match &self.state {
            State::Reading(lines) if self.utf16.is_none() && !self.old_line_ends => {
                let mut out = Reading::new(lines.out.format, self.options.from, self.options.to);
                out.columns_given = lines.out.columns_given;
                let lines = Lines::new(lines.reader.fork()?, out, &self.options);
                Some(RangePart { lines })
            }
            _ => None,
        }
    }

    /// Ends the first range and joins the later ones, in order. `None` when only one pass over the whole file gives the right result.
    pub fn join(self, parts: Vec<RangePart>) -> Option<Reading> {
        let State::Reading(lines) = self.state else {
            return None;
        };
        let last = parts.len();
        let mut out = lines.finish(last == 0);
        for (i, part) in parts.into_iter().enumerate() {
            if !out.append(part.lines.finish(i + 1 == last)) {
                return None;
            }
        }
        out.refuse_two_halves();
        out.doubt_second_sampler();
        out.doubt_parts_of_larger_total();
        out.tell_zone(self.options.zone.as_ref());
        out.cut_declared();
        out.note_lost_rows();
        out.note_counts();
        out.fit();
        Some(out)
    }

    /// A reader that collects samples instead of integrating them; see [`Reading::drain_into`].
    pub fn queueing(options: ReadOptions) -> Self {
        Self { queueing: true, ..Self::new(options) }
    }

    /// The reading so far; `None` while the head is being read.
    pub fn reading_mut(&mut self) -> Option<&mut Reading> {
        match &mut self.state {
            State::Reading(lines) => Some(&mut lines.out),
            State::Refused(out) => Some(out),
            State::Sniffing(_) => None,
        }
    }

    /// The format and what it was recognised by: `None` while the head is being read or when no format fits.
    pub fn sniff(head: &Head<'_>) -> Result<Option<(&'static Format, Evidence)>, Refusal> {
        // What a full disk or a copy that broke off leaves has no line end, so that its head is long.
        if !head.bytes.is_empty() && head.bytes.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let mut found: Vec<(usize, &'static Format, Evidence)> = Vec::new();
        let mut best = 0;
        // Those that can be surest first: the others need not look where one is surer than they can be.
        for is_strong in [true, false] {
            for (at, format) in FORMATS.iter().enumerate().filter(|(_, format)| (format.most() >= layout::MOST) == is_strong) {
                if let Some(evidence) = (format.most() >= best).then(|| format.sniff(head)).flatten() {
                    best = best.max(evidence.score);
                    found.push((at, format, evidence));
                }
            }
        }
        order::sort_by_key(&mut found, |(at, _, evidence)| (core::cmp::Reverse(evidence.score), *at));
        if let [(_, a, x), (_, b, y), ..] = found.as_slice()
            && x.score == y.score
        {
            return Err(Refusal {
                code: &note::FORMAT_AMBIGUOUS,
                line: None,
                message: format!("the file looks like {} ({}) and like {} ({})", a.name, x.reason, b.name, y.reason),
                hint: String::from("convert it to the generic CSV: see `carbon-report formats`"),
            });
        }
        Ok(found.into_iter().next().map(|(_, format, evidence)| (format, evidence)))
    }

    /// By content; a log that says nothing of itself by the name of its file.
    fn sniff_file(head: &Head<'_>, options: &ReadOptions) -> Result<Option<(&'static Format, Evidence)>, Refusal> {
        let own = options.formats.iter().find_map(|format| {
            let evidence = format.sniff(head).or_else(|| format.sniff_named(head, options))?;
            Some((*format, evidence))
        });
        if own.is_some() {
            return Ok(own);
        }
        let found = Self::sniff(head)?;
        if found.as_ref().is_some_and(|(_, evidence)| evidence.score > LEAST_BY_CONTENT) {
            return Ok(found);
        }
        let named = FORMATS.iter().find_map(|format| Some((*format, format.sniff_named(head, options)?)));
        if named.is_none() && FORMATS.iter().any(|format| format.is_aside(head, options)) {
            return Ok(None);
        }
        Ok(named.or(found))
    }

    fn detect(&mut self) -> Vec<u8> {
        let (encoding, mark) = Encoding::detect(&self.start);
        self.encoding = Some(encoding);
        let start = core::mem::take(&mut self.start);
        let rest = start.get(mark..).unwrap_or(&[]);
        if encoding == Encoding::Utf8 {
            return rest.to_vec();
        }
        let mut utf16 = Utf16::new(encoding == Encoding::Utf16Be);
        let mut text = Vec::new();
        utf16.push(rest, &mut text);
        self.utf16 = Some(utf16);
        text
    }

    fn text(&mut self, text: &[u8]) {
        let mut rest = text;
        while let State::Sniffing(head) = &mut self.state {
            let most = if head.len() < self.head_bytes { self.head_bytes } else { LONGEST_HEAD };
            let (now, later) = rest.split_at(most.saturating_sub(head.len()).min(rest.len()));
            // Up to the line end that is still missing, whatever the chunks.
            let missing = LINES_OF_HEAD.saturating_sub(memchr::memchr_iter(b'\n', head).count());
            let end = memchr::memchr_iter(b'\n', now).nth(missing.max(1) - 1).filter(|_| head.len() >= self.head_bytes);
            let (now, later) = end.map_or((now, later), |end| rest.split_at(end + 1));
            head.extend_from_slice(now);
            rest = later;
            let is_enough = memchr::memchr_iter(b'\n', head).count() >= LINES_OF_HEAD || head.len() >= LONGEST_HEAD;
            if head.len() >= self.head_bytes && is_enough {
                let head = core::mem::take(head);
                self.open(head, false);
            } else if rest.is_empty() {
                return;
            }
        }
        if let State::Reading(lines) = &mut self.state {
            match self.old_line_ends {
                true => lines.push(&with_line_ends(rest)),
                false => lines.push(rest),
            }
        }
    }

    /// Decides the format by the head and reads it.
    fn open(&mut self, mut head: Vec<u8>, complete: bool) {
        self.old_line_ends = memchr::memchr(b'\n', &head).is_none() && memchr::memchr_iter(b'\r', &head).nth(1).is_some();
        if self.old_line_ends {
            head = with_line_ends(&head);
        }
        let cut = if complete { head.len() } else { memchr::memrchr(b'\n', &head).map_or(head.len(), |end| end + 1) };
        let may_grow = !complete && head.len() < LONGEST_HEAD && !self.old_line_ends;
        let seen = Head::new(head.get(..cut).unwrap_or(&[]), complete).growing(may_grow);
        let found = match self.format {
            Some(format) => Ok(Some((format, Evidence { score: 100, reason: String::from("named by the caller") }))),
            None if foreign::is_archive(seen.bytes) || foreign::declares_entities(seen.bytes) => Ok(None),
            None => Self::sniff_file(&seen, &self.options)
                .map(|found| found.or_else(|| generic_csv::sniff_named(&seen, &self.options).map(|e| (&generic_csv::FORMAT, e)))),
        };
        let top = found.as_ref().ok().and_then(|found| found.as_ref().map(|(format, _)| *format));
        let below = self.format.is_none().then(|| Below::find(&seen, top, &self.options)).flatten();
        let (found, seen) = match &below {
            Some(below) => (Ok(Some((below.format, below.evidence.clone()))), below.head(&seen)),
            None => (found, seen),
        };
        // Once it is as long as it may be, it is decided.
        let is_short = may_grow && self.head_bytes < LONGEST_HEAD;
        let says_more = || is_short && generic_json::may_say_more(&seen);
        let opened = found.map(|found| match found {
            Some((format, evidence)) => match format.open(&seen, &self.options) {
                Ok(reader) => Some((format, evidence, reader)),
                Err(_) if says_more() => None,
                Err(refusal) => {
                    let mut out = Reading::new(format.id, None, None);
                    out.evidence = Some(evidence.reason);
                    out.columns_given = self.options.columns.is_some();
                    refuse(&mut out, refusal);
                    self.state = State::Refused(Box::new(out));
                    None
                }
            },
            None if says_more() => None,
            None => {
                let head_bytes = if complete { 0 } else { head.len() };
                let mut out = Reading::default();
                out.head_bytes = head_bytes;
                self.state = State::Refused(Box::new(out));
                None
            }
        });
        match opened {
            Ok(Some((.., reader))) if may_grow && reader.head_is_short() => {
                self.head_bytes = (2 * self.head_bytes).min(LONGEST_HEAD);
                self.state = State::Sniffing(head);
            }
            Ok(Some((format, evidence, reader))) => {
                let mut out = Reading::new(format.id, self.options.from, self.options.to);
                out.evidence = Some(evidence.reason);
                out.columns_given = self.options.columns.is_some();
                if self.queueing {
                    out.queue_samples();
                }
                if format.is_run(&self.options) {
                    out.another_run();
                }
                if let Some((line, name)) = offsets(&seen) {
                    out.notes.add(&note::OFFSETS_STATED, "", Some(line), || format!("{name:?} speaks of offsets: nothing is subtracted"));
                }
                let mut lines = Lines::new(reader, out, &self.options);
                lines.out.strays.is_off |= self.is_of_part;
                lines.pieces = Some(Pieces::default()).filter(|_| !self.is_of_part);
                if let Some(below) = &below {
                    lines.pass_over(below);
                }
                lines.push(head.get(below.as_ref().map_or(0, |below| below.at)..).unwrap_or(&[]));
                // Of a log that shows few rows, what is below may be of another.
                if may_grow && !lines.out.strays.is_off && lines.out.rows.used < ROWS_OF_HEAD {
                    self.head_bytes = (2 * self.head_bytes).min(LONGEST_HEAD);
                    self.state = State::Sniffing(head);
                    return;
                }
                self.state = State::Reading(Box::new(lines));
            }
            Ok(None) if says_more() => {
                self.head_bytes = LONGEST_HEAD;
                self.state = State::Sniffing(head);
            }
            Ok(None) => {}
            Err(refusal) => {
                let mut out = Reading::default();
                refuse(&mut out, refusal);
                self.state = State::Refused(Box::new(out));
            }
        }
    }
}

impl RangePart {
    /// The next bytes of the range.
    pub fn push(&mut self, bytes: &[u8]) {
        self.lines.push(bytes);
    }
}

/// The text with LF for each CR.
fn with_line_ends(text: &[u8]) -> Vec<u8> {
    text.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect()
}

/// The first column or key in the head that names offsets of emissions, and its line; those of clocks are others.
fn offsets(head: &Head<'_>) -> Option<(u64, String)> {
    memchr::memmem::find(head.bytes, b"ffset")?;
    (1..).zip(head.lines().take(LINES_OF_NAMES)).find_map(|(number, line)| {
        let name = line.split(|b| b",;|\t\"'".contains(b)).map(<[u8]>::trim_ascii).find(|name| name.len() < 60 && is_offset(name))?;
        Some((number, String::from_utf8_lossy(name).into_owned()))
    })
}

fn is_offset(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let has = |word: &str| memchr::memmem::find(&name, word.as_bytes()).is_some();
    has("offset") && (name == b"offsets" || ["carbon", "co2", "credit", "emission", "kg", "percent"].into_iter().any(has))
}

impl Lines {
    fn new(reader: Box<dyn Reader>, mut out: Reading, options: &ReadOptions) -> Self {
        out.strays.is_off = reader.is_among_others();
        Self {
            reader,
            out,
            options: options.clone(),
            pieces: None,
            carry: Vec::new(),
            bounds: options.bounds.clone(),
            overlong: false,
            overlong_bytes: (0, false),
            in_pieces: false,
            number: 0,
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.out.rows.bytes += bytes.len() as u64;
        // Pieces no longer than a line may be, so that a longer line is met in the same way whatever the chunks.
        for piece in bytes.chunks(self.bounds.count(&bounds::LINE_BYTES).max(1)) {
            self.push_piece(piece);
            self.look_at_strays();
            // What has a clock tells a copy by its times.
            match self.pieces.as_mut().filter(|_| !self.out.clock.is_dated()) {
                Some(pieces) => pieces.push(piece),
                None => self.pieces = None,
            }
        }
    }

    /// Tells that a log without a clock begins with the same rows twice.
    fn look_for_copies(&mut self) {
        // What is read in ranges says when its rows were.
        let may_be = !self.out.clock.is_dated() && !self.out.is_unordered() && self.reader.fork().is_none();
        let has_copies = self.out.rows.skipped.contains_key(&SkipReason::Duplicate);
        let Some(found) = self.pieces.as_mut().filter(|_| may_be && !has_copies).and_then(Pieces::repeated) else {
            self.out.doubt_repeated_figures();
            return;
        };
        let channels = self.out.series().iter().map(|series| series.channel().clone());
        let doubts: Vec<Doubt> = channels.map(|channel| Doubt { channel, times: (found.once, found.all) }).collect();
        let is_undated = |figure: &&mut super::Declared| figure.period.is_none() && !figure.parts.is_empty();
        let figures: Vec<_> = self.out.declared.iter_mut().filter(is_undated).collect();
        if doubts.is_empty() && figures.is_empty() {
            return;
        }
        let (once, all) = (i64::from(found.once), i64::from(found.all).max(1));
        for part in figures.into_iter().flat_map(|figure| figure.parts.iter_mut()) {
            part.doubtful = part.doubtful.max(part.energy.share(all - once, all));
        }
        self.out.doubts.extend(doubts);
        let message = format!("from line {} on, the log says again what it said, and has no clock: it may hold one log twice", found.line);
        let hint = String::from("give each log once; where the training did run twice with the very same readings, nothing is wrong");
        self.out.notes.add_with_hint(&note::POSSIBLE_DOUBLE_COUNT, Some(found.line), message, hint);
    }

    fn push_piece(&mut self, mut bytes: &[u8]) {
        if !self.carry.is_empty() || self.overlong || self.in_pieces {
            let Some(end) = memchr::memchr(b'\n', bytes) else {
                self.keep(bytes);
                return;
            };
            let (rest_of_line, after) = bytes.split_at(end);
            self.keep(rest_of_line);
            self.end_line(false);
            bytes = after.get(1..).unwrap_or(&[]);
        }
        let Some(last) = memchr::memrchr(b'\n', bytes) else {
            self.keep(bytes);
            return;
        };
        let (whole, rest) = bytes.split_at(last + 1);
        self.number += self.reader.block(whole, self.number + 1, &mut self.out);
        self.keep(rest);
    }

    fn keep(&mut self, part: &[u8]) {
        if self.overlong {
            self.count_overlong(part);
            return;
        }
        let number = self.number + 1;
        if self.in_pieces {
            self.reader.piece(part, number, &mut self.out);
            return;
        }
        if self.carry.len() + part.len() > self.bounds.count(&bounds::LINE_BYTES) {
            self.in_pieces = self.reader.piece(&self.carry, number, &mut self.out) && self.reader.piece(part, number, &mut self.out);
            self.overlong = !self.in_pieces;
            let carry = core::mem::take(&mut self.carry);
            if self.overlong {
                self.count_overlong(&carry);
                self.count_overlong(part);
            }
            return;
        }
        self.carry.extend_from_slice(part);
    }

    fn count_overlong(&mut self, part: &[u8]) {
        self.overlong_bytes.0 += part.len() as u64;
        self.overlong_bytes.1 |= memchr::memchr(0, part).is_some();
    }

    fn end_line(&mut self, unterminated: bool) {
        self.number += 1;
        let number = self.number;
        if self.overlong {
            self.overlong = false;
            self.out.account(Row::Skipped(SkipReason::LineTooLong), number);
            if let (bytes, true) = core::mem::take(&mut self.overlong_bytes) {
                self.out.rows.binary_bytes += bytes;
            }
            let (found, hint) = (self.bounds.reached(&bounds::LINE_BYTES), self.bounds.hint(&bounds::LINE_BYTES));
            self.out.notes.add_hinted(&note::LINE_TOO_LONG, "", Some(number), || (format!("a line is left out: {found}"), hint));
            return;
        }
        self.in_pieces = false;
        let carry = core::mem::take(&mut self.carry);
        for line in Line::all_of(&carry, number, unterminated) {
            let row = self.reader.line(line, &mut self.out);
            self.out.account_line(row, line);
            if row == Row::Skipped(SkipReason::LastLineCut) {
                self.out.notes.add(&note::LAST_LINE_CUT, "", Some(number), || String::from("the last line has no end and is not used"));
            }
        }
        self.carry = carry;
        self.carry.clear();
    }

    fn finish(mut self, is_last: bool) -> Reading {
        if !self.carry.is_empty() || self.overlong || self.in_pieces {
            self.end_line(is_last);
        }
        self.reader.finish(&mut self.out);
        self.out.strays.close();
        self.look_at_strays();
        self.look_for_copies();
        self.out.close();
        self.out
    }
}

fn refuse(out: &mut Reading, refusal: Refusal) {
    out.refused = true;
    out.notes.add_with_hint(refusal.code, refusal.line, refusal.message, refusal.hint);
}
