//! Lines to records: the checksum first, then the fields; what is not known is ignored.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::{
    Cause, Clocks, Content, Counter, CounterUnit, DeviceEntry, DeviceId, End, FORMAT_ID, Gap, Machine, Mark, PowerUnit, Reading, Record,
    SampledDevice, Share, Subject, TAIL_BYTES, Version,
};
use crate::decode::crc32c;
use crate::decode::json::{List, Object, Value};
use crate::series::Component;
use crate::units::{Instant, Span};

/// Why a line is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The checksum does not fit: a bit changed, or two lines are mixed.
    Checksum,
    /// The checksum fits, the fields do not: written by something else.
    Fields,
    /// The line does not begin or does not end as a record: cut, or no record at all.
    Torn,
}

impl Record {
    /// The record that `line` (without its end) is.
    ///
    /// # Errors
    /// [`Damage`] for anything else.
    pub fn decode(line: &[u8]) -> Result<Self, Damage> {
        let content_end = line.len().checked_sub(TAIL_BYTES).ok_or(Damage::Torn)?;
        let (content, tail) = line.split_at_checked(content_end).ok_or(Damage::Torn)?;
        let printed = tail.strip_prefix(b",\"crc\":\"").and_then(|t| t.strip_suffix(b"\"}")).ok_or(Damage::Torn)?;
        if !content.starts_with(b"{\"") {
            return Err(Damage::Torn);
        }
        if hexadecimal(printed) != Some(crc32c::checksum(content)) {
            return Err(Damage::Checksum);
        }
        let object = Object::parse(line).map_err(|_| Damage::Fields)?;
        record(&object).ok_or(Damage::Fields)
    }
}

/// Eight lower-case digits: an upper-case one is a flipped bit.
fn hexadecimal(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0u32, |crc, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        Some((crc << 4) | u32::from(digit))
    })
}

fn record(object: &Object<'_>) -> Option<Record> {
    let (kind, first) = object.entries().next()?;
    let sequence = match first {
        Value::Number(text) => text.parse().ok()?,
        _ => return None,
    };
    let content = match kind {
        "device" => Content::Device(device(&object.object("entry")?)?),
        "end" => Content::End(End {
            status: text(object, "status"),
            ticks: unsigned(object, "ticks").unwrap_or(0),
            own_cpu: micros(object, "own_cpu_us"),
            own_memory_bytes: unsigned(object, "own_memory_bytes"),
        }),
        "gap" => Content::Gap(gap(object)?),
        "machine" => Content::Machine(machine(object)?),
        "mark" => Content::Mark(Mark { text: text(object, "text")?, metrics: metrics(object) }),
        "sample" => Content::Sample(object.list("read")?.iter().map(reading).collect::<Option<_>>()?),
        "share" => Content::Share(object.list("ppm")?.iter().map(share).collect::<Option<_>>()?),
        _ => Content::Unknown,
    };
    Some(Record { sequence, clocks: clocks(object, "clock_us")?, content })
}

fn machine(object: &Object<'_>) -> Option<Machine> {
    if object.text("format").as_deref() != Some(FORMAT_ID) {
        return None;
    }
    let version = object.text("version")?;
    let (major, minor) = version.split_once('.')?;
    let version = Version { major: major.parse().ok()?, minor: minor.parse().ok()? };
    // Of a newer major version nothing but the version is certain.
    let devices = match object.list("devices") {
        Some(list) if version.major <= super::VERSION.major => {
            list.iter().map(|value| as_object(value).and_then(|o| device(&o))).collect::<Option<_>>()?
        }
        _ => Vec::new(),
    };
    let mut labels = BTreeMap::new();
    if let Some(given) = object.object("labels") {
        for (name, value) in given.entries() {
            if let Value::Text(value) = value {
                labels.insert(String::from(name), value.into_owned());
            }
        }
    }
    Some(Machine {
        version,
        tool: text(object, "tool").unwrap_or_default(),
        run: text(object, "run").unwrap_or_default(),
        part: unsigned(object, "part").and_then(|p| u32::try_from(p).ok()).unwrap_or(0),
        started: clocks(object, "started_us").or_else(|| clocks(object, "clock_us"))?,
        interval: micros(object, "interval_us").unwrap_or(Span::ZERO),
        host: text(object, "host"),
        boot: text(object, "boot"),
        host_name: text(object, "host_name"),
        command: text(object, "command"),
        kernel: text(object, "kernel"),
        cpu: text(object, "cpu"),
        labels,
        devices,
    })
}

fn device(object: &Object<'_>) -> Option<DeviceEntry> {
    let counter = match object.text("counter_unit").as_deref() {
        Some("mj") => Some(CounterUnit::Millijoule),
        Some("uj") => Some(CounterUnit::Microjoule),
        // A unit that is not known makes a reading that is not known.
        _ => None,
    };
    Some(DeviceEntry {
        id: DeviceId(u32::try_from(unsigned(object, "id")?).ok()?),
        device: SampledDevice {
            component: Component::named(&object.text("component")?)?,
            source: Cow::Owned(text(object, "source").unwrap_or_default()),
            uuid: text(object, "uuid"),
            index: text(object, "index"),
            bus_id: text(object, "bus_id"),
            model: text(object, "model"),
            counter: counter.map(|unit| Counter { unit, range: unsigned(object, "counter_range") }),
            power: match object.text("power_unit").as_deref() {
                Some("mw") => Some(PowerUnit::Milliwatt),
                Some("uw") => Some(PowerUnit::Microwatt),
                _ => None,
            },
            estimated_by: text(object, "estimated_by"),
            remark: text(object, "remark"),
        },
    })
}

fn reading(value: Value<'_>) -> Option<Reading> {
    let list = as_list(value)?;
    let mut values = list.iter().map(as_unsigned);
    // Further values are a newer minor version's.
    let device = DeviceId(u32::try_from(values.next()??).ok()?);
    let mut next = || values.next().flatten();
    let (counter, power) = (next(), next());
    let mut small = || next().and_then(|v| u32::try_from(v).ok());
    Some(Reading { device, counter, power, utilisation_permille: small(), memory_mib: small() })
}

fn share(value: Value<'_>) -> Option<Share> {
    let list = as_list(value)?;
    let mut values = list.iter().map(as_unsigned);
    let mut next = || values.next().flatten().and_then(|v| u32::try_from(v).ok());
    Some(Share { device: DeviceId(next()?), ppm: next()? })
}

fn gap(object: &Object<'_>) -> Option<Gap> {
    let of = match (unsigned(object, "device"), object.text("component")) {
        (Some(id), _) => Subject::Device(DeviceId(u32::try_from(id).ok()?)),
        (None, Some(word)) => Subject::Component(Component::named(&word)?),
        (None, None) => Subject::All,
    };
    Some(Gap {
        cause: Cause::named(&object.text("cause")?),
        of,
        from: clocks(object, "from_us"),
        to: clocks(object, "to_us"),
        detail: text(object, "detail"),
    })
}

fn metrics(object: &Object<'_>) -> BTreeMap<String, f64> {
    let mut metrics = BTreeMap::new();
    if let Some(given) = object.object("metrics") {
        for (name, value) in given.entries() {
            if let Value::Number(printed) = value
                && let Some(value) = crate::decode::quantity::float(printed.as_bytes())
            {
                metrics.insert(String::from(name), value);
            }
        }
    }
    metrics
}

fn clocks(object: &Object<'_>, key: &str) -> Option<Clocks> {
    let list = object.list(key)?;
    let mut values = list.iter().map(|value| match value {
        Value::Number(text) => text.parse::<i64>().ok(),
        _ => None,
    });
    Some(Clocks {
        wall: Instant::from_micros(values.next()??),
        mono: Span::from_micros(values.next()??),
        boot: values.next().flatten().map(Span::from_micros),
    })
}

fn text(object: &Object<'_>, key: &str) -> Option<String> {
    object.text(key).map(Cow::into_owned)
}

fn unsigned(object: &Object<'_>, key: &str) -> Option<u64> {
    object.number(key)?.parse().ok()
}

fn micros(object: &Object<'_>, key: &str) -> Option<Span> {
    object.number(key)?.parse().ok().map(Span::from_micros)
}

fn as_unsigned(value: Value<'_>) -> Option<u64> {
    match value {
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}

fn as_list(value: Value<'_>) -> Option<List<'_>> {
    match value {
        Value::List(list) => Some(list),
        _ => None,
    }
}

fn as_object(value: Value<'_>) -> Option<Object<'_>> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}
