//! Which names are of one device: index, uuid, bus id and serial are joined where any log names them together.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Ledger;
use super::alike::alike;
use super::claim::{Origin, Reach};
use super::hosts::Raw;
use crate::map::Map;
use crate::order;
use crate::series::{Alike, Component, Device};
use crate::units::Energy;

/// A device, or a set of them, of a host.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub host: usize,
    pub component: Component,
    pub device: Device,
    pub reach: Reach,
    /// Some of its logs were taken for it by their readings alone.
    pub is_guessed: bool,
    /// The user asks for it by its name.
    pub is_asked_for: bool,
}

impl Slot {
    /// Whether a name that holds everywhere tells it from others.
    pub(super) fn is_identified(&self) -> bool {
        !self.is_guessed && (self.device.uuid.is_some() || self.device.bus_id.is_some() || self.device.serial.is_some())
    }
}

/// Devices that were taken for one although no log says so.
pub(super) struct Paired {
    pub by_number: usize,
    pub by_uuid: usize,
}

/// Gives each claim its device. Returns the devices, and those that were taken for one by their readings.
pub(super) fn resolve(raws: &mut [Raw<'_>], ledger: &Ledger) -> (Vec<Slot>, Vec<Paired>) {
    let aliases = Aliases::of(raws, ledger);
    let mut slots: Vec<Slot> = Vec::new();
    let mut numbers: Map<(usize, Component, String), usize> = Map::new();
    for raw in raws.iter_mut() {
        let claim = &mut raw.claim;
        let (host, name, device) = match (&claim.origin, claim.reach) {
            (Origin::Recorded(_), _) => {
                let device = raw.device.map(|device| aliases.named(claim.host, claim.component, device)).unwrap_or_default();
                // A uuid is one device, whoever saw it.
                let host = if device.uuid.is_some() { usize::MAX } else { claim.host };
                let place = device.place.map_or_else(String::new, |place| alloc::format!(" #{place}"));
                (host, alloc::format!("{}{place}", device.key().to_ascii_lowercase()), device)
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
            slots.push(Slot { host: own_host, component, device: device.clone(), reach, is_guessed: false, is_asked_for: false });
            slots.len() - 1
        });
        if let Some(slot) = slots.get_mut(claim.device) {
            add_names(&mut slot.device, &device);
        }
    }
    let paired = pair(raws, &slots);
    for raw in raws.iter_mut() {
        if let Some(pair) = paired.iter().find(|pair| pair.by_number == raw.claim.device) {
            raw.claim.device = pair.by_uuid;
        }
    }
    for pair in &paired {
        if let Some(slot) = slots.get_mut(pair.by_uuid) {
            slot.is_guessed = true;
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
    fn named(&self, host: usize, component: Component, device: &Device) -> Device {
        let mut device = device.clone();
        if let Some(bus) = &device.bus_id {
            device.bus_id = Some(plain_bus(bus));
        }
        let key =
            |kind: &str, of: &Option<String>| of.as_ref().map(|of| (host, component, alloc::format!("{kind} {}", of.to_ascii_lowercase())));
        let find = |map: &Map<(usize, Component, String), Option<String>>, device: &Device| {
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

/// Bus ids are written with domains of four or eight digits.
pub(super) fn plain_bus(id: &str) -> String {
    if id.contains(':') { id.trim_start_matches('0').to_string() } else { id.to_string() }
}

/// Of one host, GPUs that one log knows by number and another one by uuid, at the same time, with no log that knows both: most likely the same ones.
/// Each number is paired with the uuid whose readings are nearest.
fn pair(raws: &[Raw<'_>], slots: &[Slot]) -> Vec<Paired> {
    let is_gpu = |slot: &Slot| slot.component == Component::Gpu && slot.reach == Reach::Device;
    let mut hosts: Map<usize, (Vec<usize>, Vec<usize>)> = Map::new();
    for (at, slot) in slots.iter().enumerate().filter(|(_, slot)| is_gpu(slot)) {
        let (numbered, identified) = hosts.entry(slot.host).or_default();
        if slot.device.uuid.is_some() { identified.push(at) } else { numbered.push(at) }
    }
    hosts.entry(usize::MAX).or_default();
    let mut of_slot: Map<usize, Vec<usize>> = Map::new();
    let mixed: Vec<usize> =
        hosts.values().filter(|(a, b)| !a.is_empty() && !b.is_empty()).flat_map(|(a, b)| a.iter().chain(b)).copied().collect();
    if mixed.is_empty() {
        return Vec::new();
    }
    for (at, raw) in raws.iter().enumerate().filter(|(_, raw)| mixed.contains(&raw.claim.device)) {
        of_slot.entry(raw.claim.device).or_default().push(at);
    }
    let mut found: Vec<(Energy, usize, usize)> = Vec::new();
    for (numbered, identified) in hosts.values() {
        for (a, b) in numbered.iter().flat_map(|a| identified.iter().map(move |b| (*a, *b))) {
            let claims = |slot: usize| of_slot.get(&slot).into_iter().flatten().filter_map(|at| raws.get(*at)).map(|raw| &raw.claim);
            let mut apart: Option<Energy> = None;
            for (x, y) in claims(a).flat_map(|x| claims(b).map(move |y| (x, y))).filter(|(x, y)| x.timeline == y.timeline) {
                let common = x.coverage.intersection(&y.coverage);
                if common.is_empty() || alike(x, y) == Alike::Apart {
                    continue;
                }
                let (p, q) = (x.energy_over(&common), y.energy_over(&common));
                apart = Some(apart.unwrap_or(Energy::ZERO) + (p.max(q) - p.min(q)));
            }
            found.extend(apart.map(|apart| (apart, a, b)));
        }
    }
    order::sort(&mut found);
    let mut pairs: Vec<Paired> = Vec::new();
    for (_, by_number, by_uuid) in found {
        if pairs.iter().all(|pair| pair.by_number != by_number && pair.by_uuid != by_uuid) {
            pairs.push(Paired { by_number, by_uuid });
        }
    }
    pairs
}
