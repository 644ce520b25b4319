//! Rows of trees: JSON, XML, indented text.
//!
//! A row is a part of the tree that a layout names by its path. Its fields are named from there on; what stands around it in the tree, and before it,
//! is named from the root. Nothing of the tree is kept but what is open.

mod alike;
mod indented;
mod json;
mod sink;
mod xml;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use alike::Alike;
pub(in crate::read) use alike::Values;
use sink::{OfLine, Sink};

use super::fields::{Fields, Last, Mark};
use super::pattern::Pattern;
use super::records::Records;
use super::{Layout, Syntax, TreeShape};
use crate::bounds::{self, Bounds};
use crate::note;
use crate::read::{Head, Line, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};

/// What is open in a tree, and the fields of it.
#[derive(Debug, Default)]
struct Tree {
    /// The names on the way to each row.
    rows: Vec<Vec<Pattern<'static>>>,
    /// Rows, by number, whose names so far are those of what is open: of each part that is open those behind those of the part around it.
    on_way: Vec<usize>,
    renamed: Option<(&'static str, &'static str)>,
    /// Where the field is that names another.
    named_by: Last,
    behind: Option<&'static str>,
    pairs: Option<(&'static str, &'static str)>,
    /// Fields of rows that wait for the end of the part around them.
    waiting: Vec<Vec<(Vec<u8>, Vec<u8>)>>,
    path: Vec<u8>,
    open: Vec<Open>,
    fields: Fields,
    name: Vec<u8>,
    /// How far the text was read, in bytes.
    at: u64,
    torn: Torn,
    /// How many rows may wait, and how many more there were.
    most_waiting: usize,
    beyond: u64,
    /// Parts that were too deep to be looked into.
    too_deep: u64,
    /// How the last row was written.
    alike: Alike,
}

/// What is lost of a tree, in rows as long as those that were read.
#[derive(Debug, Default)]
struct Torn {
    /// Rows that were read, and how long they are together.
    rows: u64,
    row_bytes: u64,
    /// Where the last row ended.
    behind: u64,
    /// Something was torn since.
    is_open: bool,
    /// How often something was.
    times: u64,
    /// What stood between the rows beside it.
    bytes: u64,
    /// Rows that waited for the end of the part around them.
    waited: u64,
}

impl Torn {
    /// A row was read that began here and ends there.
    fn read(&mut self, from: u64, to: u64) {
        if core::mem::take(&mut self.is_open) {
            self.bytes += from.saturating_sub(self.behind);
        }
        self.rows += 1;
        self.row_bytes += to.saturating_sub(from);
        self.behind = to;
    }

    fn tear(&mut self) {
        self.is_open = true;
        self.times += 1;
    }

    /// How many rows are lost, at the end of the text.
    fn lost(&mut self, end: u64) -> u64 {
        if core::mem::take(&mut self.is_open) {
            self.bytes += end.saturating_sub(self.behind);
        }
        let usual = self.row_bytes.checked_div(self.rows).unwrap_or(0).max(1);
        let rows = if self.rows == 0 { 0 } else { (self.bytes + usual / 2) / usual };
        (rows + self.waited).max(self.times)
    }
}

/// A part that is open.
#[derive(Clone, Copy, Debug)]
struct Open {
    /// Where it began in the text.
    from: u64,
    /// Where its path ends.
    path: usize,
    /// How many names its path has.
    depth: usize,
    /// Where the rows begin that are on its way.
    alike: usize,
    /// Where its fields begin.
    mark: Mark,
    is_row: bool,
    /// Whether a row was inside.
    has_rows: bool,
    /// Where names of fields begin: behind the path of the row.
    base: usize,
}

/// Deeper parts are not looked into.
const DEEPEST: usize = bounds::JSON_DEPTH.value as usize;

impl Tree {
    fn new(layout: &Layout, shape: TreeShape, bounds: &Bounds) -> Self {
        Self {
            rows: shape.rows.iter().map(|row| row.split('.').filter(|name| !name.is_empty()).map(Pattern::new).collect()).collect(),
            on_way: (0..shape.rows.len()).collect(),
            renamed: shape.renamed,
            behind: layout.behind,
            pairs: layout.pairs,
            most_waiting: bounds.count(&bounds::WAITING_ROWS),
            ..Self::default()
        }
    }

    /// A tree of the same rows, of which nothing was read.
    fn anew(&self) -> Self {
        Self {
            rows: self.rows.clone(),
            on_way: (0..self.rows.len()).collect(),
            renamed: self.renamed,
            behind: self.behind,
            pairs: self.pairs,
            most_waiting: self.most_waiting,
            ..Self::default()
        }
    }

    fn depth(&self) -> usize {
        self.open.len()
    }

    /// A part begins.
    fn open(&mut self, name: &[u8]) {
        self.alike.forget();
        let (base, before, around, alike) = self.open.last().map_or((0, 0, 0, 0), |open| (open.base, open.path, open.depth, open.alike));
        let depth = around + usize::from(!name.is_empty());
        self.path.truncate(before);
        if !name.is_empty() {
            if !self.path.is_empty() {
                self.path.push(b'.');
            }
            let start = self.path.len();
            self.path.extend_from_slice(name);
            if let Some(name) = self.path.get_mut(start..) {
                name.make_ascii_lowercase();
            }
        }
        let (behind, mut is_row) = (self.on_way.len(), false);
        for at in alike..behind {
            let Some((number, row)) = self.on_way.get(at).and_then(|number| Some((*number, self.rows.get(*number)?))) else { continue };
            if depth == around || row.get(around).is_some_and(|own| own.matches(name)) {
                is_row |= row.len() == depth;
                self.on_way.push(number);
            }
        }
        let base = if is_row && !self.path.is_empty() { self.path.len() + 1 } else { base };
        if is_row {
            self.fields.begin();
        }
        self.open.push(Open {
            from: self.at,
            path: self.path.len(),
            depth,
            alike: behind,
            mark: self.fields.mark(),
            is_row,
            has_rows: false,
            base,
        });
    }

    /// A value.
    fn value(&mut self, name: &[u8], value: &[u8]) {
        self.alike.forget();
        let (base, path) = self.open.last().map_or((0, 0), |open| (open.base, open.path));
        let around = self.path.get(base..path).unwrap_or(&[]);
        let dot: &[u8] = if around.is_empty() || name.is_empty() { b"" } else { b"." };
        self.fields.push(&[around, dot, name], value);
    }

    /// A part ends; `row` gets its fields where it is one.
    fn close(&mut self, rows: &mut dyn Sink) {
        let Some(open) = self.open.pop() else { return };
        self.alike.forget();
        if open.is_row {
            let (mut again, mut is_named_within) = (None, false);
            if let Some((named_by, value)) = self.renamed {
                self.name.clear();
                if let Some(at) = self.named_by.of(Pattern::new(named_by), &self.fields) {
                    self.name.extend_from_slice(self.fields.get(at));
                    is_named_within = at >= open.mark.0;
                }
                let is_value = Pattern::new(value);
                if let Some(at) = (0..self.fields.len()).rev().find(|at| is_value.matches(self.fields.name(*at))) {
                    self.fields.push_again(&self.name, at);
                    again = Some(at);
                }
            }
            self.label();
            let is_one = match self.behind {
                None => rows.row(&mut self.fields),
                Some(_) if self.waiting.len() < self.most_waiting => {
                    self.waiting.push(self.fields.after(open.mark));
                    true
                }
                Some(_) => {
                    self.beyond += 1;
                    false
                }
            };
            if is_one {
                self.torn.read(open.from, self.at);
                if !is_named_within {
                    self.learn(&open, again, rows);
                }
            }
        }
        self.on_way.truncate(open.alike);
        if let Some(behind) = self.behind
            && !self.waiting.is_empty()
            && (self.open.is_empty() || open.has_rows && Pattern::new(behind).matches(self.path.get(..open.path).unwrap_or(&[])))
        {
            let mark = self.fields.mark();
            for waiting in core::mem::take(&mut self.waiting) {
                self.fields.begin();
                waiting.iter().for_each(|(name, value)| self.fields.push(&[name], value));
                rows.row(&mut self.fields);
                self.back_to(mark);
            }
        }
        // Fields of parts that are no rows and hold none belong to what is around them.
        if open.is_row || open.has_rows || self.open.is_empty() {
            self.back_to(open.mark);
            if let Some(around) = self.open.last_mut() {
                around.has_rows = true;
            }
        }
        self.path.truncate(self.open.last().map_or(0, |open| open.path));
    }

    /// Adds a field for each pair of a name and a value.
    fn label(&mut self) {
        let Some((key, value)) = self.pairs else { return };
        let key = Pattern::new(key);
        let mut found: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        for (own, name) in self.fields.iter().filter(|(own, _)| key.matches(own)) {
            let stem = own.get(..own.iter().rposition(|b| *b == b'.').map_or(0, |dot| dot + 1)).unwrap_or(&[]);
            let beside =
                self.fields.iter().find(|(other, _)| other.strip_prefix(stem).is_some_and(|rest| rest.starts_with(value.as_bytes())));
            found.extend(beside.map(|(_, value)| (name.to_vec(), value.to_vec())));
        }
        found.iter().for_each(|(name, value)| self.fields.push(&[b"label.", name], value));
    }

    /// Forgets the fields from a mark on.
    fn back_to(&mut self, mark: Mark) {
        self.fields.back_to(mark);
        self.named_by.back_to(mark);
    }

    /// Forgets what is open: it is torn.
    fn reset(&mut self) {
        if !self.open.is_empty() {
            self.torn.tear();
            self.torn.waited += self.waiting.len() as u64;
        }
        self.alike.forget();
        self.waiting.clear();
        self.back_to(Mark::default());
        self.open.clear();
        self.on_way.truncate(self.rows.len());
        self.path.clear();
    }
}

/// The text of a tree, as it comes in.
enum Parser {
    Json(json::Json),
    Xml(xml::Xml),
    Indented(indented::Indented),
}

/// What becomes of the rows of a tree.
pub(in crate::read) trait Rows: Send {
    /// A row.
    fn record(&mut self, fields: &mut Fields, line: Line<'_>, out: &mut Reading) -> Row;

    /// Keeps what the row in hand came to, whose own fields are those from `first` on: rows may come that differ from it in the values of these alone.
    /// `false` where each row is to be read by itself.
    fn learn(&mut self, _fields: &Fields, _first: usize) -> bool {
        false
    }

    /// Reads a row of which the learnt row's own fields have these values. `None` where it is to be read by itself: nothing was done.
    fn alike(&mut self, _values: Values<'_>, _line: Line<'_>, _out: &mut Reading) -> Option<Row> {
        None
    }

    /// A line that is no part of the tree.
    fn stray(&mut self, line: Line<'_>, out: &mut Reading) -> Row;

    /// The text ends.
    fn finish(&mut self, out: &mut Reading);

    /// The same for a later range of the file: see [`Reader::fork`].
    fn fork(&self) -> Option<Box<dyn Rows>>;
}

/// Reads rows of a tree.
pub(in crate::read) struct TreeReader {
    tree: Tree,
    bounds: Bounds,
    parser: Parser,
    rows: Box<dyn Rows>,
    /// What became of the pieces of a line that is longer than one may be.
    of_pieces: Option<Row>,
    /// A document goes on over the end of a line, so that a line alone says nothing.
    spans_lines: bool,
}

/// What a piece of text held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    /// Something of the tree.
    any: bool,
    /// Something that is none: the part that was open is lost.
    broken: bool,
}

/// The first rows of JSON at such paths, as names and values.
pub(in crate::read) fn first_rows(text: &[u8], rows: &'static [&'static str], most: usize) -> Vec<Vec<(Vec<u8>, Vec<u8>)>> {
    let shape = TreeShape { syntax: Syntax::Json, rows, renamed: None };
    let mut tree = Tree::new(&Layout::of(super::Shape::Tree(shape)), shape, &Bounds::default());
    let (mut json, mut found) = (json::Json::default(), Vec::new());
    for line in text.split(|byte| *byte == b'\n') {
        json.push(line, &mut tree, &mut |fields: &mut Fields| {
            if found.len() < most {
                found.push(fields.after(Mark::default()));
            }
            true
        });
        json.end_line(&mut tree);
        if found.len() >= most {
            break;
        }
    }
    found
}

impl TreeReader {
    pub(super) fn new(layout: &'static Layout, shape: TreeShape, head: &Head<'_>, options: &ReadOptions) -> Result<Self, Refusal> {
        Ok(Self::over(layout, shape, options, Box::new(Records::new(layout, head, options)?)))
    }

    /// A reader whose rows go where the caller says.
    pub(in crate::read) fn over(layout: &Layout, shape: TreeShape, options: &ReadOptions, rows: Box<dyn Rows>) -> Self {
        let parser = match shape.syntax {
            Syntax::Json => Parser::Json(json::Json::default()),
            Syntax::Xml => Parser::Xml(xml::Xml::default()),
            Syntax::Indented => Parser::Indented(indented::Indented::default()),
        };
        let bounds = options.bounds.clone();
        Self { tree: Tree::new(layout, shape, &bounds), bounds, parser, rows, of_pieces: None, spans_lines: false }
    }

    /// Reads a piece of a line.
    fn take(&mut self, text: &[u8], line: Line<'_>, out: &mut Reading) -> Row {
        let mut rows = OfLine { rows: &mut *self.rows, line, out: &mut *out, became: None };
        let held = match &mut self.parser {
            Parser::Json(json) => json.push(text, &mut self.tree, &mut rows),
            Parser::Xml(xml) => xml.push(text, &mut self.tree, &mut rows),
            Parser::Indented(indented) => indented.line(text, &mut self.tree, &mut rows),
        };
        let became = rows.became;
        if held.broken {
            out.notes.add(&note::ROWS_TORN, "", Some(line.number), || {
                String::from("what is open ends in the middle: up to the next that is whole, the text is left out")
            });
        }
        match (became, held) {
            (None | Some(Row::Structure), Held { broken: true, .. }) => Row::Skipped(SkipReason::Torn),
            (Some(became), _) => became,
            (None, Held { any: false, .. }) if !text.trim_ascii().is_empty() => self.rows.stray(line, out),
            (None, _) => Row::Structure,
        }
    }
}

impl Rows for Records {
    fn record(&mut self, fields: &mut Fields, line: Line<'_>, out: &mut Reading) -> Row {
        Records::record(self, fields, line, out)
    }

    fn learn(&mut self, fields: &Fields, first: usize) -> bool {
        Records::learn_row(self, fields, first)
    }

    fn alike(&mut self, values: Values<'_>, line: Line<'_>, out: &mut Reading) -> Option<Row> {
        Records::alike(self, values, line, out)
    }

    fn stray(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        Records::stray(self, line, out)
    }

    fn finish(&mut self, out: &mut Reading) {
        Records::finish(self, out);
    }

    fn fork(&self) -> Option<Box<dyn Rows>> {
        Some(Box::new(Records::fork(self)?))
    }
}

impl Reader for TreeReader {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        let row = match (self.take(line.text, line, out), self.of_pieces.take()) {
            (Row::Structure, Some(row)) => row,
            (row, _) => row,
        };
        self.tree.at += 1;
        self.spans_lines |= self.tree.depth() > 0;
        let is_torn = match &mut self.parser {
            Parser::Json(json) => json.end_line(&mut self.tree),
            _ => false,
        };
        if is_torn && !line.unterminated {
            out.notes.add(&note::ROWS_TORN, "", Some(line.number), || {
                String::from("a quote is open where the line ends: what it is part of is left out")
            });
        }
        match row {
            Row::Used => row,
            _ if is_torn && line.unterminated => Row::Skipped(SkipReason::LastLineCut),
            _ if is_torn => Row::Skipped(SkipReason::Torn),
            row => row,
        }
    }

    fn piece(&mut self, piece: &[u8], number: u64, out: &mut Reading) -> bool {
        if matches!(self.parser, Parser::Indented(_)) {
            return false;
        }
        let row = self.take(piece, Line { text: piece, number, unterminated: false }, out);
        if row == Row::Used || self.of_pieces.is_none() && row != Row::Structure {
            self.of_pieces = Some(row);
        }
        true
    }

    fn finish(&mut self, out: &mut Reading) {
        // Indented text has no ends: what is open is whole.
        if let Parser::Indented(_) = self.parser {
            let records = &mut self.rows;
            let last = Line { text: b"", number: 0, unterminated: false };
            while self.tree.depth() > 0 {
                self.tree.close(&mut |fields: &mut Fields| {
                    let row = records.record(fields, last, out);
                    out.rows.used += u64::from(row == Row::Used);
                    row == Row::Used
                });
            }
        } else if self.tree.depth() > 0 {
            out.notes.add(&note::LAST_LINE_CUT, "", None, || String::from("the text ends inside of a record, which is not used"));
            // What ends in the middle may have been open since long ago.
            self.tree.torn.is_open = true;
        }
        if self.tree.beyond > 0 {
            out.rows.skip(SkipReason::OverLimit, 0, self.tree.beyond);
            out.beyond(&bounds::WAITING_ROWS, &self.bounds, None, &format!("{} rows are left out", self.tree.beyond));
        }
        if self.tree.too_deep > 0 {
            out.beyond(&bounds::JSON_DEPTH, &self.bounds, None, &format!("{} parts are not looked into", self.tree.too_deep));
        }
        let lost = self.tree.torn.lost(self.tree.at);
        if lost > 0 {
            out.records = Some((self.tree.torn.rows, lost));
        }
        self.rows.finish(out);
        if self.spans_lines || lost > 0 {
            out.mark_irregular();
        }
    }

    fn fork(&self) -> Option<Box<dyn Reader>> {
        if self.spans_lines || !matches!(self.parser, Parser::Json(_)) {
            return None;
        }
        Some(Box::new(Self {
            tree: self.tree.anew(),
            bounds: self.bounds.clone(),
            parser: Parser::Json(json::Json::default()),
            rows: self.rows.fork()?,
            of_pieces: None,
            spans_lines: false,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::layout::{Shape, Syntax};

    /// Every row of a text, as `name=value` words.
    fn rows(syntax: Syntax, rows: &'static [&'static str], text: &str) -> Vec<String> {
        let shape = TreeShape { syntax, rows, renamed: None };
        let mut tree = Tree::new(&Layout::of(Shape::Tree(shape)), shape, &Bounds::default());
        let (mut json, mut xml, mut indented) = (json::Json::default(), xml::Xml::default(), indented::Indented::default());
        let mut found = Vec::new();
        let mut row = |fields: &mut Fields| {
            let words: Vec<String> = fields
                .iter()
                .map(|(name, value)| alloc::format!("{}={}", String::from_utf8_lossy(name), String::from_utf8_lossy(value)))
                .collect();
            found.push(words.join(" "));
            true
        };
        for line in text.lines() {
            match syntax {
                Syntax::Json => {
                    json.push(line.as_bytes(), &mut tree, &mut row);
                    json.end_line(&mut tree);
                }
                Syntax::Xml => {
                    xml.push(line.as_bytes(), &mut tree, &mut row);
                }
                Syntax::Indented => {
                    indented.line(line.as_bytes(), &mut tree, &mut row);
                }
            }
        }
        while tree.depth() > 0 && syntax == Syntax::Indented {
            tree.close(&mut row);
        }
        found
    }

    #[test]
    fn rows_of_json() {
        let api = r#"{"data":{"result":[{"metric":{"gpu":"0"},"values":[[1,"5"],[2,"6"]]},{"metric":{},"values":[[1,"7"]]}]}}"#;
        assert_eq!(
            rows(Syntax::Json, &["data.result.*.values.*"], api),
            ["data.result.0.metric.gpu=0 0=1 1=5", "data.result.0.metric.gpu=0 0=2 1=6", "0=1 1=7"]
        );
        assert_eq!(rows(Syntax::Json, &["*"], "[\n{\"a\":{\"b\":1}},\n{\"a\":{\"b\":\"x\\u0041\"}},"), ["a.b=1", "a.b=xA"]);
        // An array that never ended, and behind it that of the next start; arrays in arrays are rows of numbers.
        assert_eq!(rows(Syntax::Json, &["*"], "[\n{\"a\":1},\n{\"a\":2},\n[\n{\"a\":3},\n[{\"a\":4}]\n"), ["a=1", "a=2", "a=3", "a=4"]);
        assert_eq!(rows(Syntax::Json, &["*"], "[[1,2],[3,[4]],{\"a\":[5]}]"), ["0=1 1=2", "0=3 1.0=4", "a.0=5"]);
        assert_eq!(rows(Syntax::Json, &[""], "{\"a\":1}{\"a\":2}\nprose {\n{\"a\":tr\n{\"a\":3}"), ["a=1", "a=2", "a=3"]);
        assert_eq!(rows(Syntax::Json, &[""], ":::MLLOG {\"a\": -1.5e3, \"b\": [1, null]}"), ["a=-1.5e3 b.0=1 b.1=null"]);
    }

    #[test]
    fn rows_of_xml() {
        let text = "<?xml version='1.0'?><log><time>5 &amp; 6</time><gpu id=\"a\"><p><w>61 W</w></p></gpu><gpu id='b'/></log>";
        assert_eq!(rows(Syntax::Xml, &["log.gpu"], text), ["log.time=5 & 6 @id=a p.w=61 W", "log.time=5 & 6 @id=b"]);
        let list = "<plist><dict><key>a</key><integer>1</integer><key>b</key><dict><key>c</key><real>2</real></dict></dict></plist>";
        assert_eq!(rows(Syntax::Xml, &["plist.dict"], list), ["a=1 b.c=2"]);
    }

    #[test]
    fn rows_of_indented_text() {
        let text = "==LOG==\nTime : now\nGPU 0:1\n    Power\n        Draw : 5 W\n\nGPU 0:2\n    Power\n        Draw : 6 W\n==LOG==\nTime : later\nGPU 0:1\n    Power\n        Draw : 7 W\n";
        assert_eq!(
            rows(Syntax::Indented, &["gpu *"], text),
            [
                "time=now @name=0:1 power.@name=Power power.draw=5 W",
                "time=now @name=0:2 power.@name=Power power.draw=6 W",
                "time=later @name=0:1 power.@name=Power power.draw=7 W"
            ]
        );
    }
}
