//! Lines that are no rows, and what is left of rows.

use alloc::format;
use alloc::string::String;

use super::super::words::{excerpt, stamp_of};
use super::super::{Shape, Syntax, TreeShape};
use super::Records;
use crate::bounds;
use crate::note;
use crate::read::{Line, Reading, Row, SkipReason};

/// Stamps of one log begin alike: with a year, or the name of a day.
const STAMP_START: usize = 3;

impl Records {
    pub(super) fn is_json(&self) -> bool {
        matches!(self.layout.shape, Shape::Tree(TreeShape { syntax: Syntax::Json, .. }))
    }

    /// A line that is no part of a row: a stamp, or nothing that is known.
    pub(in crate::read::layout) fn stray(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if let Some(row) = self.stamp(line, out) {
            return row;
        }
        if line.text.trim_ascii_start().first().is_none_or(|first| *first == b'#') {
            return Row::Structure;
        }
        out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || format!("found \"{}\", expected a row", excerpt(line.text)));
        Row::Skipped(SkipReason::Unknown)
    }

    /// A line of text that no template knows: it may be a stamp.
    pub(in crate::read::layout) fn stray_known(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        self.stamp(line, out).unwrap_or(Row::Structure)
    }

    /// Whether a line is the time of the rows below it, or what is left of one.
    pub(in crate::read::layout) fn is_time(&self, line: Line<'_>) -> bool {
        let begins_alike = self.stamp_start.len() == STAMP_START && line.text.starts_with(&self.stamp_start);
        self.by_lines && (begins_alike || stamp_of(line.text).is_some())
    }

    /// Takes the time from a line of its own, where the log has its times there. One that begins as they do and is none leaves the rows below it without.
    fn stamp(&mut self, line: Line<'_>, out: &mut Reading) -> Option<Row> {
        if !self.by_lines {
            return None;
        }
        if let Some(stamp) = stamp_of(line.text) {
            self.clock.now = self.clock.instant(stamp, out);
            self.stamps += 1;
            self.stamp_start = line.text.get(..STAMP_START).unwrap_or(&[]).to_vec();
            return Some(Row::Structure);
        }
        let is_torn = self.stamp_start.len() == STAMP_START && line.text.starts_with(&self.stamp_start);
        is_torn.then(|| {
            self.clock.now = None;
            out.notes.add(&note::ROWS_TORN, "time", Some(line.number), || {
                format!("found \"{}\", expected a time: the rows below it have none", excerpt(line.text))
            });
            Row::Skipped(SkipReason::Torn)
        })
    }

    /// A line that is what is left of a row.
    pub(in crate::read::layout) fn torn(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        out.notes.add(&note::ROWS_TORN, "", Some(line.number), || format!("found \"{}\", expected a whole row", excerpt(line.text)));
        Row::Skipped(SkipReason::Torn)
    }

    /// Remembers a channel that has a row without a reading, and none with one so far: the key is its own.
    #[cold]
    pub(super) fn awaits(
        &mut self,
        meter: usize,
        device: Option<&[u8]>,
        host: Option<&[u8]>,
        identity: &[Option<&[u8]>],
        out: &mut Reading,
    ) {
        if self.awaited.contains(self.key.as_slice()) || self.awaited.len() >= self.options.bounds.count(&bounds::DEVICES) {
            return;
        }
        self.awaited.insert(self.key.clone());
        if let Some(quantity) = self.layout.meters.get(meter).map(|meter| meter.quantity) {
            let channel = self.channel_of(meter, device, host, identity, quantity, out);
            out.awaited.push(channel);
        }
    }

    /// Rows of lines that say when they were, and hold no reading where others do: what they held is lost.
    pub(in crate::read::layout) fn tell_empty(&mut self, out: &mut Reading) {
        let (count, line) = self.empty;
        if count > 0 && self.records > 0 {
            out.rows.skip(SkipReason::Torn, line, count);
            let message = || format!("{count} rows have a time and no reading, the last of them above this line");
            out.notes.add(&note::ROWS_TORN, "empty", Some(line), message);
        }
    }

    /// A record that holds no reading. Of indented text, where each record stands whole, one of a device that had some before is torn.
    pub(super) fn without_readings(&mut self, named: [Option<&[u8]>; 8], line: Line<'_>, out: &mut Reading) -> Row {
        let is_whole = matches!(self.layout.shape, Shape::Tree(TreeShape { syntax: Syntax::Indented, .. }));
        let [host, ref identity @ ..] = named;
        let host = host.and_then(super::without_port);
        let was_read = is_whole
            && (0..self.layout.meters.len()).any(|meter| {
                self.key_of(meter, None, host, identity);
                self.channels.contains_key(self.key.as_slice())
            });
        if !was_read {
            return Row::Structure;
        }
        out.notes.add(&note::ROWS_TORN, "", Some(line.number).filter(|number| *number > 0), || {
            String::from("a record that ends before this line holds no reading, and others of its device do")
        });
        Row::Skipped(SkipReason::Torn)
    }
}
