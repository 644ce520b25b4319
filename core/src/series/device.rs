//! Names of a device, and which of them mean the same.

use alloc::string::{String, ToString};

/// Names of one device, as far as the log has them; the first one that is there identifies it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// Unique id (`GPU-…`): the same on every host and in every tool.
    pub uuid: Option<String>,
    /// PCI bus id.
    pub bus_id: Option<String>,
    /// Board serial.
    pub serial: Option<String>,
    /// Number on its host, or zone name (`package-0`).
    pub index: Option<String>,
    /// Model, as the sampler prints it.
    pub model: Option<String>,
    /// Place in the round of rows, counted from 0, where nothing in the log tells devices apart.
    pub place: Option<u16>,
}

impl Device {
    /// A device that is known by its number or zone name alone.
    pub fn indexed(index: impl Into<String>) -> Self {
        Self { index: Some(Self::number(index.into())), ..Self::default() }
    }

    /// A number as it is told, however a log writes it: `00` and `0.0` are 0. Other names stay as they are.
    pub(crate) fn number(index: String) -> String {
        let (whole, fraction) = index.split_once('.').map_or((index.as_str(), "0"), |(whole, fraction)| (whole, fraction));
        let is_zero = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
        let is_whole = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
        match whole.trim_start_matches('0') {
            _ if !is_whole || !is_zero => index,
            "" => String::from("0"),
            number => String::from(number),
        }
    }

    /// The name that identifies it: uuid, bus id, serial, index, model, in this order.
    pub fn key(&self) -> &str {
        [&self.uuid, &self.bus_id, &self.serial, &self.index, &self.model].into_iter().find_map(Option::as_deref).unwrap_or("")
    }

    /// Whether it has a name of its own, or a place in the round, and is not all of a kind together.
    pub(crate) const fn is_named(&self) -> bool {
        self.uuid.is_some() || self.bus_id.is_some() || self.serial.is_some() || self.index.is_some() || self.place.is_some()
    }

    /// A part of a computer by what it is and what tells it from others: `GPU 0`. A uuid says already what it is of: `GPU-3f1b6a1e-…`.
    pub(crate) fn called(what: &str, key: &str) -> String {
        match key.strip_prefix(what) {
            _ if key.is_empty() => String::from(what),
            Some(rest) if rest.starts_with('-') => String::from(key),
            _ => alloc::format!("{what} {key}"),
        }
    }

    /// Its shortest name where people know which machine is meant: the number, else what identifies it.
    pub(crate) fn short_key(&self) -> &str {
        self.index.as_deref().unwrap_or_else(|| self.key())
    }

    /// Whether an identity that both state differs: uuid, else bus id, else serial.
    /// Capitals mean nothing; where no identity is stated by both, nothing is known.
    pub(crate) fn is_another(&self, other: &Self) -> bool {
        let uuid = |device: &Self| device.uuid.as_deref().map(|uuid| String::from(plain_uuid(uuid)));
        let bus = |device: &Self| device.bus_id.as_deref().map(plain_bus);
        let pairs = [(uuid(self), uuid(other)), (bus(self), bus(other)), (self.serial.clone(), other.serial.clone())];
        let both = pairs.into_iter().find_map(|(a, b)| Some((a?, b?)));
        both.is_some_and(|(a, b)| !a.eq_ignore_ascii_case(&b))
    }
}

/// Bus ids are written with domains of four or eight digits, or without one.
pub(crate) fn plain_bus(id: &str) -> String {
    match id.split_once(':') {
        Some((domain, rest)) if rest.contains(':') && domain.bytes().all(|digit| digit == b'0') => rest.to_string(),
        Some((_, rest)) if rest.contains(':') => id.trim_start_matches('0').to_string(),
        _ => id.to_string(),
    }
}

/// A uuid is written with its kind (`GPU-…`) or without.
pub(crate) fn plain_uuid(id: &str) -> &str {
    match id.get(..4) {
        Some(kind) if kind.eq_ignore_ascii_case("GPU-") => id.get(4..).unwrap_or(id),
        _ => id,
    }
}
