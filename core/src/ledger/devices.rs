//! Which names are of one device: index, uuid, bus id and serial are joined where any log names them together.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Ledger;
use super::claim::{Origin, Reach};
use super::hosts::Raw;
use super::paired::{self, Paired};
use crate::map::{Map, Set};
use crate::series::{Component, Device, plain_bus, plain_uuid};
use crate::sparing;

/// A device, or a set of them, of a host.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub host: usize,
    pub component: Component,
    pub device: Device,
    pub reach: Reach,
    /// Some of its logs were taken for it by their readings alone.
    pub is_guessed: bool,
    /// The name of its file alone numbers it.
    pub is_by_file: bool,
    /// The user asks for it by its name.
    pub is_asked_for: bool,
}

impl Slot {
    /// Whether a name that holds everywhere tells it from others.
    pub(super) fn is_identified(&self) -> bool {
        !self.is_guessed && (self.device.uuid.is_some() || self.device.bus_id.is_some() || self.device.serial.is_some())
    }
}

/// Gives each claim its device. Returns the devices, and those that were taken for one by their readings.
pub(super) fn resolve(raws: &mut [Raw<'_>], ledger: &Ledger) -> (Vec<Slot>, Vec<Paired>) {
    let aliases = Aliases::of(raws, ledger);
    let mut slots: Vec<Slot> = Vec::new();
    let mut numbers: Map<(usize, Component, String), usize> = Map::new();
    for raw in raws.iter_mut() {
        let device = raw.device.map(|device| Device { place: raw.place(), ..device.clone() });
        let is_by_file = raw.file_number.is_some();
        let claim = &mut raw.claim;
        let (host, name, device) = match (&claim.origin, claim.reach) {
            (Origin::Recorded(_), _) => {
                let device = device.map(|device| aliases.named(claim.host, claim.component, device)).unwrap_or_default();
                // A uuid is one device, whoever saw it.
                let host = if device.uuid.is_some() { usize::MAX } else { claim.host };
                let place = device.place.map_or_else(String::new, |place| alloc::format!(" #{place}"));
                (host, alloc::format!("{}{place}", plain_number(claim.component, device.key())), device)
            }
            // A job's energy is that of its nodes: jobs that share them at one time hold the same joules.
            (Origin::Declared(declared, ..), Reach::Job) if declared.host.is_some() && claim.timeline.is_dated() => {
                (claim.host, String::from("jobs"), Device::default())
            }
            (Origin::Declared(declared, ..), Reach::Job) => {
                (claim.host, alloc::format!("job {}", declared.run.as_deref().unwrap_or("")), Device::default())
            }
            // Processes add up: each is its own.
            (Origin::Declared(_, at, _), Reach::Process) => (claim.host, alloc::format!("process {} {at}", claim.file), Device::default()),
            (Origin::Declared(..), _) => (claim.host, String::from("\0"), Device::default()),
        };
        let (component, reach, own_host) = (claim.component, claim.reach, claim.host);
        claim.device = *numbers.entry((host, component, name)).or_insert_with(|| {
            let slot =
                Slot { host: own_host, component, device: device.clone(), reach, is_guessed: false, is_by_file, is_asked_for: false };
            sparing::push(&mut slots, slot);
            slots.len() - 1
        });
        if let Some(slot) = slots.get_mut(claim.device) {
            add_names(&mut slot.device, &device);
        }
    }
    let paired = paired::pair(raws, &mut slots);
    // What no other log numbers has the number of its file.
    let numbers: Set<(usize, Component, String)> =
        slots.iter().filter_map(|slot| Some((slot.host, slot.component, slot.device.index.clone()?))).collect();
    for (at, slot) in slots.iter_mut().enumerate().filter(|(_, slot)| slot.is_by_file) {
        let number = slot.device.place.map(|place| place.to_string()).filter(|_| paired.iter().all(|pair| pair.from != at));
        if let Some(number) = number.filter(|number| !numbers.contains(&(slot.host, slot.component, number.clone()))) {
            (slot.device.index, slot.device.place) = (Some(number), None);
        }
    }
    (slots, paired)
}

fn add_names(own: &mut Device, other: &Device) {
    let names = [
        (&mut own.uuid, &other.uuid),
        (&mut own.bus_id, &other.bus_id),
        (&mut own.serial, &other.serial),
        (&mut own.index, &other.index),
        (&mut own.model, &other.model),
    ];
    for (own, other) in names {
        if own.is_none() {
            own.clone_from(other);
        }
    }
}

/// Names that some log states together, by host and component. A name that stands beside two others identifies nothing.
#[derive(Default)]
struct Aliases {
    uuid_of: Map<(usize, Component, String), Option<String>>,
    bus_of: Map<(usize, Component, String), Option<String>>,
}

impl Aliases {
    fn of(raws: &[Raw<'_>], ledger: &Ledger) -> Self {
        let mut own = Self::default();
        let mut host_of: Map<usize, usize> = Map::new();
        for (raw, device) in raws.iter().filter_map(|raw| Some((raw, raw.device?))) {
            host_of.insert(raw.claim.file, raw.claim.host);
            own.add(raw.claim.host, raw.claim.component, device);
        }
        for (file, entry) in ledger.entries().enumerate() {
            let Some(host) = host_of.get(&file) else { continue };
            entry.reading.devices.iter().for_each(|(component, device)| own.add(*host, *component, device));
        }
        own
    }

    fn add(&mut self, host: usize, component: Component, device: &Device) {
        if device.uuid.is_none() && device.bus_id.is_none() {
            return;
        }
        let names = [&device.index, &device.bus_id, &device.serial];
        let kinds = ["index", "bus", "serial"];
        for (kind, name) in kinds.iter().zip(names) {
            let Some(name) = name.as_deref().map(plain_bus) else { continue };
            let key = |of: &str| (host, component, alloc::format!("{kind} {}", of.to_ascii_lowercase()));
            put(&mut self.uuid_of, key(&name), &device.uuid);
            if *kind != "bus" {
                put(&mut self.bus_of, key(&name), &device.bus_id);
            }
        }
    }

    /// The device with the names that other logs know of it.
    fn named(&self, host: usize, component: Component, mut device: Device) -> Device {
        if let Some(bus) = &device.bus_id {
            device.bus_id = Some(plain_bus(bus));
        }
        let key =
            |kind: &str, of: &Option<String>| of.as_ref().map(|of| (host, component, alloc::format!("{kind} {}", of.to_ascii_lowercase())));
        let find = |map: &Map<(usize, Component, String), Option<String>>, device: &Device| {
            if map.is_empty() {
                return None;
            }
            let keys = [key("bus", &device.bus_id), key("serial", &device.serial), key("index", &device.index)];
            keys.into_iter().flatten().find_map(|key| map.get(&key).cloned().flatten())
        };
        if device.place.is_none() {
            if device.uuid.is_none() {
                device.uuid = find(&self.uuid_of, &device);
            }
            if device.uuid.is_none() && device.bus_id.is_none() {
                device.bus_id = find(&self.bus_of, &device);
                // One log may know a number and a bus id, another one the bus id and the uuid.
                device.uuid = find(&self.uuid_of, &device);
            }
        }
        device
    }
}

fn put(map: &mut Map<(usize, Component, String), Option<String>>, key: (usize, Component, String), value: &Option<String>) {
    let Some(value) = value else { return };
    let value = plain_bus(value);
    let entry = map.entry(key).or_insert_with(|| Some(value.clone()));
    if entry.as_ref().is_some_and(|known| !known.eq_ignore_ascii_case(&value)) {
        *entry = None;
    }
}

/// Tools call the first processor `package-0`, `S0` or `0`, and the first card `card0` or `0`.
fn plain_number(component: Component, name: &str) -> String {
    let name = if component == Component::Gpu { plain_uuid(name) } else { name }.to_ascii_lowercase();
    let words: &[&str] = match component {
        Component::Cpu | Component::Memory => &["package", "pkg", "socket", "s", "cpu", "dram"],
        Component::Gpu => &["gpu", "card"],
        _ => return name,
    };
    let number = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    let word = name.strip_suffix(number).unwrap_or("").trim_end_matches(['-', '_', ' ', '#']);
    match number.parse::<u16>() {
        Ok(number) if word.is_empty() || words.contains(&word) => number.to_string(),
        _ => name,
    }
}
