//! GPUs and node meters that the kernel shows under `/sys/class/hwmon`: AMD's and Intel's drivers, ACPI and IPMI meters.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use carbon_core::read::carbon_report_jsonl::record::{Cause, Counter, CounterUnit, DeviceId, PowerUnit, Reading, SampledDevice, Subject};
use carbon_core::series::Component;
use carbon_core::units::Span;

use super::attribute::{Attribute, entries, text};
use super::{Source, SourceOptions, Tick};

/// Drivers may be loaded later.
const LOOK_AGAIN_AFTER: Span = Span::from_seconds(10);

/// A driver whose readings are known to be the power or energy of something whole.
struct Driver {
    /// What `name` says.
    name: &'static str,
    component: Component,
    /// Energy in µJ, cumulative; the first file that is there.
    energy: &'static [&'static str],
    /// Power in µW; the first file that is there.
    power: &'static [&'static str],
}

/// Every driver, as the kernel's documentation of each (Documentation/hwmon, Documentation/ABI/testing) names its files. Of node meters only the first one
/// that is there is read: all of them see the same machine.
const DRIVERS: &[Driver] = &[
    Driver { name: "amdgpu", component: Component::Gpu, energy: &[], power: &["power1_average", "power1_input"] },
    Driver { name: "i915", component: Component::Gpu, energy: &["energy1_input"], power: &[] },
    Driver { name: "xe", component: Component::Gpu, energy: &["energy1_input", "energy2_input"], power: &[] },
    Driver { name: "nouveau", component: Component::Gpu, energy: &[], power: &["power1_input"] },
    Driver { name: "power_meter", component: Component::Node, energy: &[], power: &["power1_average", "power1_input"] },
    Driver { name: "aem2", component: Component::Node, energy: &["energy1_input"], power: &["power1_average"] },
    Driver { name: "aem1", component: Component::Node, energy: &["energy1_input"], power: &["power1_average"] },
    Driver { name: "ibmpex", component: Component::Node, energy: &[], power: &["power1_average"] },
];

/// The sensors of a machine.
pub struct Hwmon {
    folder: PathBuf,
    sensors: BTreeMap<String, Sensor>,
    looked: Option<Span>,
}

struct Sensor {
    id: DeviceId,
    component: Component,
    energy: Option<Attribute>,
    power: Option<Attribute>,
    busy: Option<Attribute>,
    memory: Option<Attribute>,
}

impl Hwmon {
    /// Of this machine.
    pub fn new(options: &SourceOptions) -> Self {
        Self { folder: options.path("sys/class/hwmon"), sensors: BTreeMap::new(), looked: None }
    }

    fn look(&mut self, tick: &mut Tick) {
        let found: Vec<(String, &Driver)> = entries(&self.folder)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|name| {
                let label = text(&self.folder.join(&name).join("name"))?;
                Some((name, DRIVERS.iter().find(|driver| driver.name == label)?))
            })
            .collect();
        for driver in DRIVERS {
            for (name, _) in found.iter().filter(|(_, own)| own.name == driver.name) {
                let is_node = driver.component == Component::Node;
                let has_node = || self.sensors.values().any(|sensor| sensor.component == Component::Node);
                if self.sensors.contains_key(name) || (is_node && has_node()) {
                    continue;
                }
                if let Some(sensor) = open(&self.folder.join(name), driver, tick) {
                    self.sensors.insert(name.clone(), sensor);
                }
            }
        }
    }
}

impl Source for Hwmon {
    fn sample(&mut self, tick: &mut Tick) {
        if self.looked.is_none_or(|at| tick.now.mono - at >= LOOK_AGAIN_AFTER) {
            self.looked = Some(tick.now.mono);
            self.look(tick);
        }
        let mut gone: Vec<String> = Vec::new();
        for (name, sensor) in &self.sensors {
            let read = |attribute: &Option<Attribute>| attribute.as_ref().map(Attribute::read);
            let (energy, power) = (read(&sensor.energy), read(&sensor.power));
            let error = match (&energy, &power) {
                (Some(Ok(_)), _) | (_, Some(Ok(_))) => None,
                (Some(Err(error)), _) | (_, Some(Err(error))) => Some(error.kind()),
                (None, None) => continue,
            };
            if let Some(kind) = error {
                // A card that sleeps refuses too: it is opened again when it wakes.
                tick.missing(Subject::Device(sensor.id), Cause::LostDevice, format!("its sensor can't be read: {kind}"));
                gone.push(name.clone());
                continue;
            }
            let number = |attribute: &Option<Attribute>| read(attribute).and_then(Result::ok);
            tick.reading(Reading {
                counter: energy.and_then(Result::ok),
                power: power.and_then(Result::ok),
                utilisation_permille: number(&sensor.busy).and_then(|percent| u32::try_from(percent.saturating_mul(10)).ok()),
                memory_mib: number(&sensor.memory).and_then(|bytes| u32::try_from(bytes >> 20).ok()),
                ..Reading::of(sensor.id)
            });
        }
        for name in gone {
            self.sensors.remove(&name);
            self.looked = None;
        }
    }
}

fn open(folder: &Path, driver: &Driver, tick: &mut Tick) -> Option<Sensor> {
    let first = |files: &[&str]| files.iter().find_map(|file| readable(&folder.join(file)));
    let (energy, power) = (first(driver.energy), first(driver.power));
    if energy.is_none() && power.is_none() {
        return None;
    }
    let device = folder.join("device");
    // An APU has no limit of its own to set: its sensor is that of processor and graphics together.
    let is_apu = driver.name == "amdgpu" && !folder.join("power1_cap").exists();
    let component = if is_apu { Component::Platform } else { driver.component };
    let bus_id = device.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_str()?.to_owned())).filter(|name| is_bus_id(name));
    let of_gpu = driver.component == Component::Gpu;
    let id = tick.device(SampledDevice {
        component,
        source: Cow::Borrowed("hwmon"),
        uuid: None,
        index: match (&bus_id, driver.component) {
            (Some(bus_id), _) => Some(bus_id.clone()),
            (None, _) => Some(driver.name.to_owned()),
        },
        bus_id: bus_id.filter(|_| of_gpu),
        model: of_gpu.then(|| model(&device, driver)),
        counter: energy.is_some().then_some(Counter { unit: CounterUnit::Microjoule, range: None }),
        power: power.is_some().then_some(PowerUnit::Microwatt),
        estimated_by: None,
        remark: is_apu.then(|| String::from("an APU: the sensor is that of processor and graphics together")),
    });
    let busy = readable(&device.join("gpu_busy_percent"));
    let memory = readable(&device.join("mem_info_vram_used"));
    Some(Sensor { id, component, energy, power, busy, memory })
}

fn readable(path: &Path) -> Option<Attribute> {
    Attribute::open(path).ok().filter(|attribute| attribute.read().is_ok())
}

/// `0000:03:00.0`.
fn is_bus_id(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'))
}

/// The product's name, where the card has one to tell; else the ids of the bus.
fn model(device: &Path, driver: &Driver) -> String {
    let id = |file: &str| text(&device.join(file)).map(|id| id.trim_start_matches("0x").to_owned());
    text(&device.join("product_name")).unwrap_or_else(|| match (id("vendor"), id("device")) {
        (Some(vendor), Some(device)) => format!("{} [{vendor}:{device}]", driver.name),
        _ => String::from(driver.name),
    })
}
