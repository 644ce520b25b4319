//! Files of W&B's runs (`.wandb`): records of LevelDB's log, each a message of protocol buffers, of which the system's statistics and the run's own are read. W&B
//! numbers the fields of its messages in `wandb_internal.proto`, and numbers stay.

use std::fs::File;
use std::io::{self, BufReader, Read};

use carbon_core::bounds::RECORD_BYTES;

use super::Told;
use super::members::Members;

/// Records are cut at the ends of such blocks.
const BLOCK: usize = 32 << 10;

/// Checksum, length and kind before each part of a record.
const HEADER: usize = 7;

/// What the file begins with: a name, a number and the version.
const START: [u8; 7] = *b":W&B\xe1\xbe\x00";

/// Unpacks a run.
pub fn unpack(file: &File, bytes: u64, members: &mut Members<'_>) -> Result<Option<Told>, String> {
    let mut records = Records::new(file.take(bytes));
    let mut run = Run::default();
    let mut stopped = None;
    while let Some(record) = records.next().map_err(|e| format!("the file could not be read: {e}"))? {
        if let Err(message) = members.count(record.len() as u64 / 64).and_then(|()| run.take(&record, members)) {
            stopped = Some(message);
            break;
        }
    }
    let damage = match (records.damaged, records.ends_early) {
        (0, false) => None,
        (0, true) => Some(String::from("the file ends within a record, as that of a run which was killed: the records before it count")),
        (count, _) => Some(format!("{count} places of the file are damaged: the records in whole blocks of 32 KiB without damage count")),
    };
    Ok(Some(Told { name: "file of a W&B run", damage: stopped.or(damage), beside: None, open: None }))
}

/// The records of LevelDB's log. A block that does not fit its checksums is left from there to its end.
struct Records<R> {
    source: BufReader<R>,
    block: Vec<u8>,
    at: usize,
    /// Parts of the record so far; nothing while its start is missing.
    record: Option<Vec<u8>>,
    damaged: u64,
    ends_early: bool,
}

impl<R: Read> Records<R> {
    fn new(source: R) -> Self {
        Self { source: BufReader::new(source), block: Vec::new(), at: 0, record: None, damaged: 0, ends_early: false }
    }

    /// The next record; `None` at the end.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            // The first block begins with what names the file.
            if self.block.len() - self.at < HEADER {
                let is_first = self.block.is_empty();
                let rest = self.block.len() - self.at;
                self.ends_early |= rest > 0 && self.block.len() < BLOCK;
                self.block.clear();
                self.at = if is_first { START.len() } else { 0 };
                (&mut self.source).take(BLOCK as u64).read_to_end(&mut self.block)?;
                if self.block.len() <= self.at {
                    self.ends_early |= self.record.is_some();
                    return Ok(None);
                }
                continue;
            }
            let Some(part) = self.part() else { continue };
            if let Some(record) = part {
                return Ok(Some(record));
            }
        }
    }

    /// The next part: a whole record where it is the last one, `None` where the rest of the block tells nothing.
    fn part(&mut self) -> Option<Option<Vec<u8>>> {
        let (header, rest) = self.block[self.at..].split_at(HEADER);
        let checksum = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
        let (length, kind) = (usize::from(u16::from_le_bytes([header[4], header[5]])), header[6]);
        // Room that was set aside.
        if header == [0; HEADER] {
            self.at = self.block.len();
            return None;
        }
        let Some(data) = rest.get(..length) else {
            match self.block.len() < BLOCK {
                true => self.ends_early = true,
                false => self.damaged += 1,
            }
            (self.at, self.record) = (self.block.len(), None);
            return None;
        };
        let mut crc = flate2::Crc::new();
        crc.update(&[kind]);
        crc.update(data);
        let begins = matches!(kind, 1 | 2);
        if crc.sum() != checksum || !(1..=4).contains(&kind) || begins == self.record.is_some() {
            self.damaged += 1;
            (self.at, self.record) = (self.block.len(), None);
            return None;
        }
        let mut record = self.record.take().unwrap_or_default();
        // Nothing that is read is so long: of longer ones the start alone is kept, which is no whole message.
        if record.len() as u64 <= RECORD_BYTES.value {
            record.extend_from_slice(data);
        }
        self.at += HEADER + length;
        match kind {
            1 | 4 => Some(Some(record)),
            _ => {
                self.record = Some(record);
                Some(None)
            }
        }
    }
}

/// What is known of the run.
#[derive(Default)]
struct Run {
    id: Vec<u8>,
    name: String,
    host: Vec<u8>,
    begun: bool,
}

impl Run {
    fn take(&mut self, record: &[u8], members: &mut Members<'_>) -> Result<(), String> {
        for field in Fields(record) {
            match field {
                (STATS, Value::Bytes(stats)) => self.stats(stats, members)?,
                (RUN, Value::Bytes(run)) => self.describe(run),
                _ => {}
            }
        }
        Ok(())
    }

    fn describe(&mut self, run: &[u8]) {
        let of = |number| Fields(run).filter_map(|(n, value)| if n == number { value.bytes() } else { None }).last().unwrap_or_default();
        let (id, name, host) = (of(RUN_ID), of(RUN_NAME), of(RUN_HOST));
        if id != self.id {
            *self = Self { id: id.to_vec(), ..Self::default() };
        }
        if !host.is_empty() {
            self.host = host.to_vec();
        }
        self.name = String::from_utf8_lossy(if name.is_empty() { id } else { name }).into_owned();
    }

    /// A line as those of `wandb-events.jsonl`.
    fn stats(&mut self, stats: &[u8], members: &mut Members<'_>) -> Result<(), String> {
        if !self.begun {
            self.begun = true;
            members.begin(&[&format!("{}.jsonl", if self.name.is_empty() { "wandb-events" } else { &self.name })])?;
        }
        let mut line = Vec::new();
        let text = |bytes: &[u8]| serde_json::to_vec(&String::from_utf8_lossy(bytes)).unwrap_or_default();
        for field in Fields(stats) {
            match field {
                (STATS_TIME, Value::Bytes(time)) => {
                    let of =
                        |number| Fields(time).find_map(|(n, value)| if n == number { value.varint() } else { None }).unwrap_or_default();
                    line.extend_from_slice(format!(",\"_timestamp\":{}.{:09}", of(TIME_SECONDS), of(TIME_NANOS)).as_bytes());
                }
                (STATS_ITEM, Value::Bytes(item)) => {
                    let of =
                        |number| Fields(item).find_map(|(n, value)| if n == number { value.bytes() } else { None }).unwrap_or_default();
                    line.push(b',');
                    line.extend_from_slice(&text(&[b"system.", of(ITEM_KEY)].concat()));
                    line.push(b':');
                    line.extend_from_slice(of(ITEM_JSON));
                }
                _ => {}
            }
        }
        if !self.host.is_empty() {
            line.extend_from_slice(b",\"_host\":");
            line.extend_from_slice(&text(&self.host));
        }
        members.line(&[b"{", line.get(1..).unwrap_or_default(), b"}"])
    }
}

// Numbers of fields: `Record`, `RunRecord`, `StatsRecord`, `StatsItem` and `google.protobuf.Timestamp`.
const STATS: u64 = 7;
const RUN: u64 = 17;
const RUN_ID: u64 = 1;
const RUN_NAME: u64 = 8;
const RUN_HOST: u64 = 13;
const STATS_TIME: u64 = 2;
const STATS_ITEM: u64 = 3;
const TIME_SECONDS: u64 = 1;
const TIME_NANOS: u64 = 2;
const ITEM_KEY: u64 = 1;
const ITEM_JSON: u64 = 16;

/// A field of a message.
#[derive(Clone, Copy)]
enum Value<'m> {
    Varint(u64),
    Bytes(&'m [u8]),
    Other,
}

impl<'m> Value<'m> {
    fn bytes(self) -> Option<&'m [u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    fn varint(self) -> Option<u64> {
        if let Value::Varint(number) = self { Some(number) } else { None }
    }
}

/// The fields of a message, with their numbers, as far as it is one.
struct Fields<'m>(&'m [u8]);

impl<'m> Fields<'m> {
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn bytes(&mut self, length: u64) -> Option<&'m [u8]> {
        let (bytes, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(bytes)
    }
}

impl<'m> Iterator for Fields<'m> {
    type Item = (u64, Value<'m>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => self.bytes(8).map(|_| Value::Other)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.bytes(length)?)
            }
            5 => self.bytes(4).map(|_| Value::Other)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }
}
