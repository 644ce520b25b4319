//! Metrics with labels, a line each. A field is called as the metric is; labels are fields beside it.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use super::fields::{Fields, Mark};
use super::pattern::Pattern;
use super::records::Records;
use super::{Layout, MetricsShape};
use crate::decode::table::is_nan;
use crate::read::{Head, Line, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};
use crate::units::decimal::parse_scaled;

/// So many lines of the head show what it is.
const LINES_LOOKED_AT: usize = 20_000;

/// How many of a head's lines are metrics that the layout measures, and what that says; of the exposition text, lines that say so of themselves are enough.
pub(super) fn known(layout: &Layout, shape: MetricsShape, head: &Head<'_>) -> Option<(usize, &'static str)> {
    let (mut fields, mut named) = (Fields::default(), 0);
    let (mut all, mut fit, mut types) = (0, 0, 0);
    for line in head.lines().map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()).take(LINES_LOOKED_AT) {
        all += 1;
        types += usize::from(line.starts_with(b"# TYPE ") || line.starts_with(b"# HELP "));
        fields.back_to(Mark::default());
        if !line.starts_with(b"#") && shape.read(line, &mut fields).is_some() {
            fit += 1;
            let is_known = |name: &[u8]| layout.meters.iter().flat_map(|meter| meter.fields).any(|own| Pattern::new(own).matches(name));
            named += usize::from(fields.iter().any(|(name, _)| is_known(name)));
        }
    }
    match (named, shape) {
        (1.., _) => Some((named, "lines are metrics of power or energy")),
        (0, MetricsShape::Exposition) if types > 0 && 10 * (fit + types) >= 9 * all => Some((types, "lines say what a metric is")),
        _ => None,
    }
}

/// Of so many metrics is known what a broken line of them looks like.
const MOST_NAMES: usize = 64;

/// The names of what the lines of a head measure: of line protocol, what stands before the first comma.
fn measured(layout: &Layout, shape: MetricsShape, head: &Head<'_>) -> Vec<Vec<u8>> {
    let (mut fields, mut found) = (Fields::default(), Vec::new());
    for line in head.lines().map(<[u8]>::trim_ascii).filter(|line| !line.starts_with(b"#")).take(LINES_LOOKED_AT) {
        fields.back_to(Mark::default());
        if shape == MetricsShape::Ranges || shape.read(line, &mut fields).is_none() {
            continue;
        }
        let is_known = |name: &[u8]| layout.meters.iter().flat_map(|meter| meter.fields).any(|own| Pattern::new(own).matches(name));
        let name = match shape {
            MetricsShape::LineProtocol => until(line, b',').0,
            // A dump of the database has the name among the labels.
            _ => name_of(line).map(|(name, _)| name).filter(|name| !name.is_empty()).or(fields.value(b"label.__name__")).unwrap_or(b""),
        };
        if !name.is_empty() && !found.iter().any(|own| own == name) && fields.iter().any(|(name, _)| is_known(name)) {
            found.push(name.to_vec());
            if found.len() == MOST_NAMES {
                break;
            }
        }
    }
    found
}

/// Reads metrics.
pub(super) struct MetricsReader {
    shape: MetricsShape,
    records: Records,
    /// What the head measures.
    measured: Vec<Vec<u8>>,
    fields: Fields,
    /// The name and the labels of the line before, and what is behind their fields: the lines of a series follow each other in a dump.
    series: (Vec<u8>, Mark),
    /// The fields of the metric that the lines below it are of.
    above: Vec<(Vec<u8>, Vec<u8>)>,
}

impl MetricsReader {
    pub(super) fn new(layout: &'static Layout, shape: MetricsShape, head: &Head<'_>, options: &ReadOptions) -> Result<Self, Refusal> {
        Ok(Self {
            shape,
            records: Records::new(layout, head, options)?,
            measured: measured(layout, shape, head),
            fields: Fields::default(),
            series: Default::default(),
            above: Vec::new(),
        })
    }
}

impl Reader for MetricsReader {
    fn is_among_others(&self) -> bool {
        self.shape != MetricsShape::Ranges
    }

    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        let text = line.text.trim_ascii();
        if text.is_empty() {
            return Row::Structure;
        }
        if text.starts_with(b"#") {
            return self.records.stray(line, out);
        }
        if self.shape != MetricsShape::Exposition {
            self.fields.back_to(Mark::default());
        }
        if self.shape == MetricsShape::Ranges && self.range(text) {
            return Row::Structure;
        }
        let read = match self.shape {
            MetricsShape::Exposition => self.of_series(text),
            shape => shape.read(text, &mut self.fields),
        };
        match read {
            // Without its end, a number may be cut.
            Some(()) if line.unterminated => Row::Skipped(SkipReason::LastLineCut),
            Some(()) => self.records.record(&mut self.fields, line, out),
            None => {
                let is_value = self.shape == MetricsShape::Ranges && memchr::memmem::find(text, b" @[").is_some();
                // Values below what is no metric are not of the one above it.
                if !is_value {
                    self.above.clear();
                }
                // Labels make a metric, whatever became of the rest of it.
                let is_metric = is_value || memchr::memmem::find(text, b"=\"").is_some() || self.is_broken(text);
                if is_metric { self.records.torn(line, out) } else { self.records.stray(line, out) }
            }
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        self.records.finish(out);
    }

    fn fork(&self) -> Option<Box<dyn Reader>> {
        // A metric of ranges is of the line above it.
        let records = (self.shape != MetricsShape::Ranges).then(|| self.records.fork())??;
        let (measured, fields) = (self.measured.clone(), Fields::default());
        Some(Box::new(Self { shape: self.shape, records, measured, fields, series: Default::default(), above: Vec::new() }))
    }
}

impl MetricsReader {
    /// Whether a line that can't be read was a reading: it names what others measure, with a figure behind the name.
    fn is_broken(&self, text: &[u8]) -> bool {
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let is_of = |name: &Vec<u8>| {
            memchr::memmem::find_iter(text, name).any(|at| {
                let behind = text.get(at + name.len()..).unwrap_or(&[]);
                !is_word(text.get(..at).and_then(<[u8]>::last)) && !is_word(behind.first()) && behind.iter().any(u8::is_ascii_digit)
            })
        };
        self.measured.iter().any(is_of)
    }

    /// Reads a line of which the name and the labels may be those of the line before.
    fn of_series(&mut self, text: &[u8]) -> Option<()> {
        let (head, behind) = &mut self.series;
        let rest = match text.strip_prefix(head.as_slice()).filter(|_| !head.is_empty()) {
            Some(rest) => {
                self.fields.back_to(*behind);
                rest
            }
            None => {
                self.fields.back_to(Mark::default());
                head.clear();
                let rest = series(text, &mut self.fields)?;
                let own = text.get(..text.len() - rest.len()).filter(|own| own.ends_with(b"}"));
                head.extend_from_slice(own.unwrap_or(b""));
                *behind = self.fields.mark();
                rest
            }
        };
        sample(text, rest, &mut self.fields)
    }

    /// Keeps the name and the labels where a line begins a range, and puts them before a value of it.
    fn range(&mut self, text: &[u8]) -> bool {
        match text.strip_suffix(b"=>") {
            Some(series) => {
                self.above.clear();
                let is_read = head_of(series, &mut self.fields).is_some_and(|rest| rest.trim_ascii().is_empty());
                if is_read {
                    self.above = self.fields.after(Mark::default());
                }
                is_read
            }
            None => {
                self.above.iter().for_each(|(name, value)| self.fields.push(&[name], value));
                false
            }
        }
    }
}

impl MetricsShape {
    /// Reads a line that is a metric.
    fn read(self, text: &[u8], fields: &mut Fields) -> Option<()> {
        match self {
            MetricsShape::Exposition => sample(text, series(text, fields)?, fields),
            MetricsShape::Ranges => range_value(text, fields),
            MetricsShape::LineProtocol => line_protocol(text, fields),
        }
    }
}

/// `71.3 @[1750000000]`, of the name in the fields; or both in a line, of an instant.
fn range_value(text: &[u8], fields: &mut Fields) -> Option<()> {
    let text = match memchr::memmem::rfind(text, b"=>") {
        Some(at) => {
            head_of(text.get(..at)?, fields)?;
            text.get(at + 2..)?
        }
        None => text,
    };
    let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let (value, time) = match (words.next(), words.next()) {
        (None, _) => (None, None),
        (Some(value), Some(time)) => (Some(value), Some(time.strip_prefix(b"@[")?.strip_suffix(b"]")?)),
        (Some(_), None) => return None,
    };
    let name = fields.value(b"@name").map(<[u8]>::to_vec)?;
    fields.push(&[b"@time"], time.unwrap_or(b""));
    fields.push(&[&name], value.unwrap_or(b""));
    Some(())
}

/// `name{label="value",…}`, and what stands behind it.
fn head_of<'t>(text: &'t [u8], fields: &mut Fields) -> Option<&'t [u8]> {
    let text = text.trim_ascii();
    let end = text.iter().position(|b| matches!(b, b'{' | b' ' | b'\t')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    fields.push(&[b"@name"], name);
    labels(rest, fields)
}

/// The name of `name{label="value",…} 71.3 1750000000000`, and what stands behind it.
fn name_of(text: &[u8]) -> Option<(&[u8], &[u8])> {
    Some(text.split_at(text.iter().position(|b| matches!(b, b'{' | b' ' | b'\t'))?))
}

/// The name and the labels of such a line, and what stands behind them.
fn series<'t>(text: &'t [u8], fields: &mut Fields) -> Option<&'t [u8]> {
    let (name, rest) = name_of(text)?;
    let is_name = name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.'));
    if !is_name || name.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    labels(rest, fields)
}

/// Its value and its time.
fn sample(text: &[u8], rest: &[u8], fields: &mut Fields) -> Option<()> {
    let (name, _) = name_of(text)?;
    let mut words = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let value = words.next().filter(|value| is_value(value))?;
    if let Some(time) = words.next().filter(|word| !word.starts_with(b"#")) {
        // A sentence may begin with a word and a number.
        let is_metric = text.contains(&b'{') || time.first().is_some_and(|first| first.is_ascii_digit() || *first == b'-');
        if !is_metric || words.next().is_some_and(|word| !word.starts_with(b"#")) {
            return None;
        }
        fields.push(&[b"@time"], time);
    }
    // A dump of the database has the name among the labels.
    match name {
        b"" => {
            let name = fields.value(b"label.__name__").map(<[u8]>::to_vec)?;
            fields.push(&[&name], value);
        }
        name => fields.push(&[name], value),
    }
    Some(())
}

/// Whether a word is a value: a number, `NaN`, `+Inf`.
fn is_value(word: &[u8]) -> bool {
    parse_scaled(word, 0).is_ok() || is_nan(word.strip_prefix(b"+").unwrap_or(word))
}

/// `{label="value",…}` where there is one, and what stands behind it.
fn labels<'t>(mut rest: &'t [u8], fields: &mut Fields) -> Option<&'t [u8]> {
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
    Some(rest)
}

/// A text in quotes, its escapes undone, and what stands behind it.
fn quoted(text: &[u8]) -> Option<(Cow<'_, [u8]>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let end = memchr::memchr2(b'"', b'\\', rest)?;
    if rest.get(end) == Some(&b'"') {
        return Some((Cow::Borrowed(rest.get(..end)?), rest.get(end + 1..)?));
    }
    let mut value = Vec::new();
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((Cow::Owned(value), rest)),
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
    let (head, rest) = until(text, b' ');
    let (values, time) = until(rest.strip_prefix(b" ")?, b' ');
    let (measurement, mut tags) = until(head, b',');
    let measurement = plain(measurement);
    while let Some(after) = tags.strip_prefix(b",") {
        let (tag, rest) = until(after, b',');
        let (name, value) = until(tag, b'=');
        fields.push(&[b"label.", &plain(name)], &plain(value.strip_prefix(b"=")?));
        tags = rest;
    }
    if let Some(time) = time.strip_prefix(b" ").map(<[u8]>::trim_ascii).filter(|time| !time.is_empty()) {
        fields.push(&[b"@time"], time);
    }
    let mut values = values;
    loop {
        let (pair, rest) = until(values, b',');
        let (name, value) = until(pair, b'=');
        let value = value.strip_prefix(b"=")?;
        // Whole numbers end in a letter.
        let value = value.strip_suffix(b"i").or_else(|| value.strip_suffix(b"u")).unwrap_or(value);
        fields.push(&[&measurement, b".", &plain(name)], value);
        match rest.strip_prefix(b",") {
            Some(after) => values = after,
            None => return Some(()),
        }
    }
}

/// The text up to a byte, which is neither escaped nor in quotes.
fn until(text: &[u8], stop: u8) -> (&[u8], &[u8]) {
    // Few texts have any of the two.
    match (memchr::memchr(stop, text), memchr::memchr2(b'"', b'\\', text)) {
        (Some(end), odd) if odd.is_none_or(|odd| odd > end) => return text.split_at(end),
        (None, None) => return (text, &[]),
        _ => {}
    }
    let (mut escaped, mut is_quoted) = (false, false);
    let end = text.iter().position(|byte| {
        let stops_here = !escaped && !is_quoted && stop == *byte;
        is_quoted ^= *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        stops_here
    });
    text.split_at(end.unwrap_or(text.len()))
}

/// A text without its escapes and quotes.
fn plain(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', text).is_none() {
        return Cow::Borrowed(text);
    }
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
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::*;

    fn read(shape: MetricsShape, line: &str) -> Option<String> {
        let mut fields = Fields::default();
        shape.read(line.as_bytes(), &mut fields)?;
        Some(words(&fields))
    }

    fn words(fields: &Fields) -> String {
        let words: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", String::from_utf8_lossy(name), String::from_utf8_lossy(value))).collect();
        words.join(" ")
    }

    #[test]
    fn lines_of_a_series_are_read_as_each_alone() {
        static LAYOUT: Layout = Layout::of(super::super::Shape::Metrics(MetricsShape::Exposition));
        let head = Head::new(b"", true);
        let mut reader = MetricsReader::new(&LAYOUT, MetricsShape::Exposition, &head, &ReadOptions::default()).expect("a reader");
        for line in [
            "power{gpu=\"0\"} 5 1750000000000",
            "power{gpu=\"0\"} 6 1750000001000",
            "power{gpu=\"0\"} torn",
            "power{gpu=\"0\"} 7",
            "power{gpu=\"0\"}7",
            "power{gpu=\"1\"} 8",
            "power{gpu=\"1",
            "power{gpu=\"1\"} 9",
            "power 10",
            "power{} 11",
            "power 12",
            "{__name__=\"a\", gpu=\"0\"} 1",
            "{__name__=\"a\", gpu=\"0\"} 2",
            "{__name__=\"b\", gpu=\"0\"} 3",
        ] {
            let read = reader.of_series(line.as_bytes()).map(|()| words(&reader.fields));
            assert_eq!(read, self::read(MetricsShape::Exposition, line), "{line}");
        }
    }

    #[test]
    fn metrics_of_a_line() {
        for (line, expected) in [
            (
                "POWER{gpu=\"0\",name=\"a \\\"b\\\"\",} 71.3 1750000000000",
                Some("label.gpu=0 label.name=a \"b\" @time=1750000000000 power=71.3"),
            ),
            ("power 1e+02 # {trace_id=\"x\"} 1", Some("power=1e+02")),
            ("power{} NaN", Some("power=NaN")),
            ("power +Inf", Some("power=+Inf")),
            ("{__name__=\"power\", gpu=\"0\"} 71.3 1750000000000", Some("label.__name__=power label.gpu=0 @time=1750000000000 power=71.3")),
            ("Sun Nov 29 14:03:21 UTC 2026", None),
            ("power{gpu=\"0\"} =>", None),
            ("power{gpu=\"0} 5", None),
            ("5 power", None),
            ("some words here", None),
            ("step 17 of 100", None),
            ("step 17 18 19", None),
        ] {
            assert_eq!(read(MetricsShape::Exposition, line).as_deref(), expected, "{line}");
        }
        let instant = "power{gpu=\"0\"} => 71.3 @[1750000000.5]";
        assert_eq!(read(MetricsShape::Ranges, instant).as_deref(), Some("@name=power label.gpu=0 @time=1750000000.5 power=71.3"));
        assert_eq!(read(MetricsShape::Ranges, "71.3 @[1750000000.5]"), None);
        let line = "nvidia_smi,host=a,name=NVIDIA\\ H100 power_draw=70.3,fan=5i 1750000000000000000";
        let expected = "label.host=a label.name=NVIDIA H100 @time=1750000000000000000 nvidia_smi.power_draw=70.3 nvidia_smi.fan=5";
        assert_eq!(read(MetricsShape::LineProtocol, line).as_deref(), Some(expected));
    }
}
