//! Processors and memory through the kernel's powercap zones (RAPL): energy counters in µJ that start again at a range the kernel states.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use carbon_core::read::carbon_report_jsonl::record::{Cause, Counter, CounterUnit, DeviceId, Reading, SampledDevice, Subject};
use carbon_core::series::Component;
use carbon_core::units::Span;

use super::attribute::{Attribute, entries, text};
use super::machine::Machine;
use super::{Source, SourceOptions, Tick};

/// Zones may come: a module is loaded, permission is given, a processor is plugged in.
const LOOK_AGAIN_AFTER: Span = Span::from_seconds(10);

/// How to be let in, and how not.
const WAYS_OUT: &str = "three ways out: give the program the capability (setcap cap_dac_read_search+ep), let a group read \
    /sys/class/powercap/*/energy_uj by a udev rule, or record as root; do not open it to everybody: it lets programs spy on each other \
    (PLATYPUS, CVE-2020-8694)";

/// The zones of a machine.
pub struct Powercap {
    folder: PathBuf,
    root: PathBuf,
    /// By the name of their folder, which no two share.
    zones: BTreeMap<String, Zone>,
    looked: Option<Span>,
    model: Option<String>,
    is_virtual: bool,
}

struct Zone {
    counter: Attribute,
    id: DeviceId,
}

/// What the kernel says of a zone beside its counter.
struct Description {
    component: Component,
    /// `package-0`; parts have the name of their package.
    place: String,
}

impl Powercap {
    /// Of this machine.
    pub fn new(options: &SourceOptions) -> Self {
        let machine = Machine::look(options);
        Self {
            folder: options.path("sys/class/powercap"),
            root: options.root.clone(),
            zones: BTreeMap::new(),
            looked: None,
            model: machine.cpu,
            is_virtual: machine.is_virtual,
        }
    }

    /// Opens zones that are not open.
    fn look(&mut self, tick: &mut Tick) {
        let folders = entries(&self.folder).unwrap_or_default();
        let described: BTreeMap<&str, Description> =
            folders.iter().filter_map(|name| Some((name.as_str(), describe(&self.folder, name)?))).collect();
        let mut refused: Vec<(Component, ErrorKind)> = Vec::new();
        for (name, zone) in &described {
            if self.zones.contains_key(*name) || is_another_way_to_the_same(name, &described) {
                continue;
            }
            let path = self.folder.join(name);
            match Attribute::open(&path.join("energy_uj")).and_then(|counter| counter.read().map(|_| counter)) {
                Ok(counter) => {
                    let id = tick.device(self.device(name, zone, &described));
                    self.zones.insert((*name).to_owned(), Zone { counter, id });
                }
                Err(error) => refused.push((zone.component, error.kind())),
            }
        }
        for component in [Component::Cpu, Component::Memory, Component::Platform] {
            let of_it = |component: Component| refused.iter().find(move |(c, _)| *c == component);
            if self.zones.values().any(|zone| tick.component(zone.id) == Some(component)) {
                continue;
            }
            match of_it(component) {
                Some((_, ErrorKind::PermissionDenied)) => {
                    let reason = format!("the kernel does not show its energy counters to this user; {WAYS_OUT}");
                    tick.missing(Subject::Component(component), Cause::Permission, reason);
                }
                Some((_, kind)) => {
                    tick.missing(Subject::Component(component), Cause::LostDevice, format!("its energy counters can't be read: {kind}"));
                }
                None if component == Component::Cpu => tick.missing(Subject::Component(component), Cause::Absent, self.why_absent()),
                // Many processors count the memory with nothing, and few machines have a platform sensor.
                None => {}
            }
        }
    }

    fn device(&self, name: &str, zone: &Description, all: &BTreeMap<&str, Description>) -> SampledDevice {
        let twins = all
            .iter()
            .filter(|(other, d)| d.component == zone.component && d.place == zone.place && !is_another_way_to_the_same(other, all));
        // Two zones of one name are told apart by their folders.
        let index = if twins.count() > 1 { format!("{} ({name})", zone.place) } else { zone.place.clone() };
        let range = text(&self.folder.join(name).join("max_energy_range_uj")).and_then(|range| range.parse().ok());
        SampledDevice {
            component: zone.component,
            source: Cow::Borrowed("powercap"),
            uuid: None,
            index: Some(index),
            bus_id: None,
            model: self.model.clone().filter(|_| zone.component == Component::Cpu),
            counter: Some(Counter { unit: CounterUnit::Microjoule, range }),
            power: None,
            estimated_by: None,
            remark: None,
        }
    }

    /// Why there are no zones at all.
    fn why_absent(&self) -> String {
        let has = |path: &str| self.root.join(path).exists();
        String::from(if self.is_virtual {
            "a virtual machine: the host keeps the energy counters of its processors to itself"
        } else if has(".dockerenv") || has("run/.containerenv") {
            "a container that does not see /sys/class/powercap: record on the host, or mount the host's tree and say where with --host-root"
        } else {
            "no powercap zones: load the module (modprobe intel_rapl_msr), unless the processor has no energy counters"
        })
    }
}

impl Source for Powercap {
    fn sample(&mut self, tick: &mut Tick) {
        if self.looked.is_none_or(|at| tick.now.mono - at >= LOOK_AGAIN_AFTER) {
            self.looked = Some(tick.now.mono);
            self.look(tick);
        }
        let mut gone: Vec<String> = Vec::new();
        for (name, zone) in &self.zones {
            match zone.counter.read() {
                Ok(energy) => tick.reading(Reading { counter: Some(energy), ..Reading::of(zone.id) }),
                Err(error) => {
                    tick.missing(Subject::Device(zone.id), cause(&error), format!("its energy counter can't be read: {}", error.kind()));
                    gone.push(name.clone());
                }
            }
        }
        for name in gone {
            self.zones.remove(&name);
        }
    }
}

fn cause(error: &io::Error) -> Cause {
    if error.kind() == ErrorKind::PermissionDenied { Cause::Permission } else { Cause::LostDevice }
}

/// A zone by its folder (`intel-rapl:0:1`); control types (`intel-rapl`) and zones without a counter are none.
fn describe(folder: &Path, name: &str) -> Option<Description> {
    let parent = name.rsplit_once(':').map(|(parent, _)| parent)?;
    if !name.contains("rapl") {
        return None;
    }
    let label = text(&folder.join(name).join("name"))?;
    let component = match label.as_str() {
        "core" => Component::CpuCore,
        "dram" => Component::Memory,
        "psys" => Component::Platform,
        "uncore" => Component::CpuUncore,
        label if label.starts_with("package-") => Component::Cpu,
        _ => return None,
    };
    let place = match component {
        Component::Cpu | Component::Platform => label,
        // Of a part, the package that it is in; one that stands alone has its own number.
        _ => text(&folder.join(parent).join("name")).filter(|p| p.starts_with("package-")).unwrap_or_else(|| format!("{label} ({name})")),
    };
    Some(Description { component, place })
}

/// `intel-rapl-mmio:0` shows the package of `intel-rapl:0` by another register.
fn is_another_way_to_the_same(name: &str, all: &BTreeMap<&str, Description>) -> bool {
    name.contains("-mmio:")
        && all.get(name).is_some_and(|own| {
            all.iter().any(|(other, d)| !other.contains("-mmio:") && d.component == own.component && d.place == own.place)
        })
}
