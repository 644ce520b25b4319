//! Records to lines.

use alloc::string::String;
use core::fmt::{Arguments, Display, Write};

use super::{Clocks, Content, Counter, DeviceEntry, End, FORMAT_ID, Gap, Machine, Mark, READING_FIELDS, Reading, Record, Share, Subject};
use crate::decode::crc32c;

/// Length of `,"crc":"01234567"}`, which ends every record.
pub const TAIL_BYTES: usize = 18;

/// A longer text (a mark, a model) is cut, and what has a longer name is left out: a record stays a line that can be written at once.
pub const LONGEST_TEXT: usize = 4096;

impl Record {
    /// Appends the record as a line, its end included.
    pub fn encode(&self, line: &mut String) {
        let start = line.len();
        line.push('{');
        number(line, self.content.kind(), self.sequence);
        clocks(line, "clock_us", &self.clocks);
        match &self.content {
            Content::Device(entry) => {
                key(line, "entry");
                device(line, entry);
            }
            Content::End(content) => end(line, content),
            Content::Gap(content) => gap(line, content),
            Content::Machine(content) => machine(line, content),
            Content::Mark(content) => mark(line, content),
            Content::Sample(readings) => list(line, "read", readings, reading),
            Content::Share(shares) => list(line, "ppm", shares, share),
            Content::Unknown => {}
        }
        let crc = crc32c::checksum(line.get(start..).unwrap_or("").as_bytes());
        put(line, format_args!(",\"crc\":\"{crc:08x}\"}}\n"));
    }
}

fn machine(line: &mut String, content: &Machine) {
    text(line, "format", FORMAT_ID);
    key(line, "version");
    put(line, format_args!("\"{}.{}\"", content.version.major, content.version.minor));
    text(line, "tool", &content.tool);
    text(line, "run", &content.run);
    number(line, "part", content.part);
    clocks(line, "started_us", &content.started);
    number(line, "interval_us", content.interval.as_micros());
    optional(line, "host", content.host.as_deref());
    optional(line, "boot", content.boot.as_deref());
    optional(line, "host_name", content.host_name.as_deref());
    optional(line, "command", content.command.as_deref());
    optional(line, "kernel", content.kernel.as_deref());
    optional(line, "cpu", content.cpu.as_deref());
    key(line, "labels");
    line.push('{');
    for (name, value) in content.labels.iter().filter(|(name, _)| name.len() <= LONGEST_TEXT) {
        text(line, name, value);
    }
    line.push('}');
    list(line, "reading", &READING_FIELDS, |line, field| quoted(line, field));
    list(line, "devices", &content.devices, device);
}

fn device(line: &mut String, entry: &DeviceEntry) {
    let device = &entry.device;
    line.push('{');
    number(line, "id", entry.id.0);
    text(line, "component", device.component.as_str());
    text(line, "source", &device.source);
    optional(line, "uuid", device.uuid.as_deref());
    optional(line, "index", device.index.as_deref());
    optional(line, "bus_id", device.bus_id.as_deref());
    optional(line, "model", device.model.as_deref());
    if let Some(Counter { unit, range }) = device.counter {
        text(line, "counter_unit", unit.as_str());
        if let Some(range) = range {
            number(line, "counter_range", range);
        }
    }
    optional(line, "power_unit", device.power.map(super::PowerUnit::as_str));
    optional(line, "estimated_by", device.estimated_by.as_deref());
    optional(line, "remark", device.remark.as_deref());
    line.push('}');
}

fn reading(line: &mut String, reading: &Reading) {
    let values = [reading.counter, reading.power, reading.utilisation_permille.map(u64::from), reading.memory_mib.map(u64::from)];
    put(line, format_args!("[{}", reading.device.0));
    // What is absent at the end is left out; before it, it is null.
    let last = values.iter().rposition(Option::is_some).map_or(0, |at| at + 1);
    for value in values.iter().take(last) {
        match value {
            Some(value) => put(line, format_args!(",{value}")),
            None => line.push_str(",null"),
        }
    }
    line.push(']');
}

fn share(line: &mut String, share: &Share) {
    put(line, format_args!("[{},{}]", share.device.0, share.ppm));
}

fn gap(line: &mut String, content: &Gap) {
    text(line, "cause", content.cause.as_str());
    match content.of {
        Subject::All => {}
        Subject::Component(component) => text(line, "component", component.as_str()),
        Subject::Device(id) => number(line, "device", id.0),
    }
    for (name, at) in [("from_us", &content.from), ("to_us", &content.to)] {
        if let Some(at) = at {
            clocks(line, name, at);
        }
    }
    optional(line, "detail", content.detail.as_deref());
}

fn mark(line: &mut String, content: &Mark) {
    text(line, "text", &content.text);
    key(line, "metrics");
    line.push('{');
    // JSON has no word for what is not finite.
    for (name, value) in content.metrics.iter().filter(|(name, value)| value.is_finite() && name.len() <= LONGEST_TEXT) {
        key(line, name);
        put(line, format_args!("{value:?}"));
    }
    line.push('}');
}

fn end(line: &mut String, content: &End) {
    optional(line, "status", content.status.as_deref());
    number(line, "ticks", content.ticks);
    if let Some(span) = content.own_cpu {
        number(line, "own_cpu_us", span.as_micros());
    }
    if let Some(bytes) = content.own_memory_bytes {
        number(line, "own_memory_bytes", bytes);
    }
}

fn clocks(line: &mut String, name: &str, at: &Clocks) {
    key(line, name);
    put(line, format_args!("[{},{},", at.wall.as_micros(), at.mono.as_micros()));
    match at.boot {
        Some(boot) => put(line, format_args!("{}]", boot.as_micros())),
        None => line.push_str("null]"),
    }
}

fn list<T>(line: &mut String, name: &str, items: &[T], each: impl Fn(&mut String, &T)) {
    key(line, name);
    line.push('[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            line.push(',');
        }
        each(line, item);
    }
    line.push(']');
}

fn number(line: &mut String, name: &str, value: impl Display) {
    key(line, name);
    put(line, format_args!("{value}"));
}

fn optional(line: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        text(line, name, value);
    }
}

fn text(line: &mut String, name: &str, value: &str) {
    key(line, name);
    quoted(line, value);
}

/// `"name":`, with a comma before all but the first key of an object.
fn key(line: &mut String, name: &str) {
    if !line.ends_with('{') {
        line.push(',');
    }
    quoted(line, name);
    line.push(':');
}

/// A JSON string, cut at [`LONGEST_TEXT`] bytes.
fn quoted(line: &mut String, value: &str) {
    let mut end = value.len().min(LONGEST_TEXT);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    line.push('"');
    for c in value.get(..end).unwrap_or("").chars() {
        match c {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            // Controls, and what some readers take for the end of a line.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => put(line, format_args!("\\u{:04x}", u32::from(c))),
            c => line.push(c),
        }
    }
    line.push('"');
}

fn put(line: &mut String, arguments: Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = line.write_fmt(arguments);
}
