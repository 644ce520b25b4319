//! Metrics with labels, a line each. A field is called as the metric is; labels are fields beside it.

use alloc::vec::Vec;

use super::fields::{Fields, Mark};
use super::records::Records;
use super::{Layout, MetricsShape};
use crate::read::{Head, Line, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};

/// Reads metrics.
pub(super) struct MetricsReader {
    shape: MetricsShape,
    records: Records,
    fields: Fields,
}

impl MetricsReader {
    pub(super) fn new(layout: &'static Layout, shape: MetricsShape, head: &Head<'_>, options: &ReadOptions) -> Result<Self, Refusal> {
        Ok(Self { shape, records: Records::new(layout, head, options)?, fields: Fields::default() })
    }
}

impl Reader for MetricsReader {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        let text = line.text.trim_ascii();
        self.fields.back_to(Mark::default());
        if text.is_empty() {
            return Row::Structure;
        }
        if text.starts_with(b"#") {
            return self.records.stray(line, out);
        }
        let is_whole = match self.shape {
            MetricsShape::Exposition => exposition(text, &mut self.fields),
            MetricsShape::LineProtocol => line_protocol(text, &mut self.fields),
        };
        match is_whole {
            // Without its end, a number may be cut.
            Some(()) if line.unterminated => Row::Skipped(SkipReason::LastLineCut),
            Some(()) => self.records.record(&mut self.fields, line, out),
            None => self.records.stray(line, out),
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        self.records.finish(out);
    }
}

/// `name{label="value",…} 71.3 1750000000000`.
fn exposition(text: &[u8], fields: &mut Fields) -> Option<()> {
    let end = text.iter().position(|b| matches!(b, b'{' | b' ' | b'\t'))?;
    let (name, mut rest) = text.split_at(end);
    let is_name = name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.'));
    if !is_name || name.first().is_none_or(u8::is_ascii_digit) {
        return None;
    }
    if let Some(labels) = rest.strip_prefix(b"{") {
        rest = labels;
        loop {
            rest = rest.trim_ascii_start();
            if let Some(after) = rest.strip_prefix(b"}") {
                rest = after;
                break;
            }
            let equals = memchr::memchr(b'=', rest)?;
            let label = rest.get(..equals)?.trim_ascii();
            let (value, after) = quoted(rest.get(equals + 1..)?.trim_ascii_start())?;
            fields.push(&[b"label.", label], &value);
            rest = after.trim_ascii_start();
            rest = rest.strip_prefix(b",").unwrap_or(rest);
        }
    }
    let mut words = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let value = words.next()?;
    if let Some(time) = words.next().filter(|word| !word.starts_with(b"#")) {
        fields.push(&[b"@time"], time);
    }
    fields.push(&[name], value);
    Some(())
}

/// A text in quotes, its escapes undone, and what stands behind it.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut value = Vec::new();
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((value, rest)),
            b'\\' => {
                let (&escaped, after) = rest.split_first()?;
                value.push(if escaped == b'n' { b'\n' } else { escaped });
                rest = after;
            }
            byte => value.push(byte),
        }
    }
}

/// `measurement,tag=value,… field=71.3,… 1750000000000000000`; spaces, commas and equals signs are escaped.
fn line_protocol(text: &[u8], fields: &mut Fields) -> Option<()> {
    let (head, rest) = until(text, b" ");
    let (values, time) = until(rest.strip_prefix(b" ")?, b" ");
    let (measurement, mut tags) = until(head, b",");
    while let Some(after) = tags.strip_prefix(b",") {
        let (tag, rest) = until(after, b",");
        let (name, value) = until(tag, b"=");
        fields.push(&[b"label.", &plain(name)], &plain(value.strip_prefix(b"=")?));
        tags = rest;
    }
    if let Some(time) = time.strip_prefix(b" ").map(<[u8]>::trim_ascii).filter(|time| !time.is_empty()) {
        fields.push(&[b"@time"], time);
    }
    let mut values = values;
    loop {
        let (pair, rest) = until(values, b",");
        let (name, value) = until(pair, b"=");
        let value = value.strip_prefix(b"=")?;
        // Whole numbers end in a letter.
        let value = value.strip_suffix(b"i").or_else(|| value.strip_suffix(b"u")).unwrap_or(value);
        fields.push(&[&plain(measurement), b".", &plain(name)], value);
        match rest.strip_prefix(b",") {
            Some(after) => values = after,
            None => return Some(()),
        }
    }
}

/// The text up to one of these bytes, which is neither escaped nor in quotes.
fn until<'t>(text: &'t [u8], stops: &[u8]) -> (&'t [u8], &'t [u8]) {
    let (mut escaped, mut is_quoted) = (false, false);
    let end = text.iter().position(|byte| {
        let stops_here = !escaped && !is_quoted && stops.contains(byte);
        is_quoted ^= *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        stops_here
    });
    text.split_at(end.unwrap_or(text.len()))
}

/// A text without its escapes and quotes.
fn plain(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut escaped = false;
    for byte in text {
        if *byte == b'\\' && !escaped {
            escaped = true;
            continue;
        }
        escaped = false;
        plain.push(*byte);
    }
    plain
}
