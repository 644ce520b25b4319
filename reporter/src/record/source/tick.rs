//! What one tick finds: devices under their numbers, readings, and gaps with their causes.

use std::collections::BTreeMap;
use std::time::Duration;

use carbon_core::read::carbon_report_jsonl::record::{Cause, Clocks, DeviceEntry, DeviceId, Gap, Reading, SampledDevice, Subject};
use carbon_core::series::Component;

/// How much one process used of a device since the last tick, in a unit that all processes share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The process, as the device's driver numbers it.
    pub process: u32,
    /// How much.
    pub amount: u64,
}

/// Collects what sources say, tick by tick, and remembers what it takes to number devices and to close gaps.
#[derive(Debug)]
pub struct Tick {
    /// When the tick began.
    pub now: Clocks,
    /// How long a source may wait for hardware that does not answer.
    pub patience: Duration,
    devices: Vec<DeviceEntry>,
    /// When each device was last read.
    read_at: BTreeMap<DeviceId, Clocks>,
    /// Gaps that last.
    open: Vec<Gap>,
    new: Vec<DeviceEntry>,
    readings: Vec<Reading>,
    uses: Vec<(DeviceId, Vec<Use>)>,
    gaps: Vec<Gap>,
}

impl Tick {
    /// Nothing is known yet.
    pub fn new(now: Clocks, patience: Duration) -> Self {
        Self {
            now,
            patience,
            devices: Vec::new(),
            read_at: BTreeMap::new(),
            open: Vec::new(),
            new: Vec::new(),
            readings: Vec::new(),
            uses: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// Begins the next tick: what the last one found is forgotten, devices and lasting gaps stay.
    pub fn begin(&mut self, now: Clocks) {
        self.now = now;
        self.new.clear();
        self.readings.clear();
        self.uses.clear();
        self.gaps.clear();
    }

    /// The number of a device: its old one where it has been seen before, under the same uuid or at the same place.
    pub fn device(&mut self, device: SampledDevice) -> DeviceId {
        let identity =
            |d: &SampledDevice| (d.component, d.source.clone(), d.uuid.clone(), if d.uuid.is_some() { None } else { d.index.clone() });
        let known = self.devices.iter_mut().find(|entry| identity(&entry.device) == identity(&device));
        if let Some(entry) = known {
            if entry.device != device {
                // It came back changed (a counter that failed, another index): the log says so from here on.
                entry.device = device;
                let entry = entry.clone();
                self.new.retain(|other| other.id != entry.id);
                self.new.push(entry.clone());
                return entry.id;
            }
            return entry.id;
        }
        let id = DeviceId(u32::try_from(self.devices.len()).unwrap_or(u32::MAX));
        let entry = DeviceEntry { id, device };
        self.devices.push(entry.clone());
        self.new.push(entry);
        id
    }

    /// What a device says. A gap of it ends here.
    pub fn reading(&mut self, reading: Reading) {
        self.end_gap(Subject::Device(reading.device));
        if let Some(component) = self.component(reading.device).filter(|_| self.is_measured(reading.device)) {
            self.end_gap(Subject::Component(component));
        }
        self.read_at.insert(reading.device, self.now);
        self.readings.push(reading);
    }

    /// Which processes used a device since the last tick; none did where there is none.
    pub fn used_by(&mut self, device: DeviceId, uses: Vec<Use>) {
        self.uses.push((device, uses));
    }

    /// Says that there are no readings of `of`, and why. Told once, until there are readings again or the cause is another one.
    pub fn missing(&mut self, of: Subject, cause: Cause, detail: impl Into<String>) {
        if self.open.iter().any(|gap| gap.of == of && gap.cause == cause) {
            return;
        }
        // Another cause: what is known of the first one ends here.
        let from = if self.end_gap(of) { Some(self.now) } else { self.last_read(of) };
        let gap = Gap { cause, of, from, to: None, detail: Some(detail.into()) };
        self.open.push(gap.clone());
        self.gaps.push(gap);
    }

    /// Whether a sensor of `component` was read in this tick.
    pub fn has_reading_of(&self, component: Component) -> bool {
        self.readings.iter().any(|reading| self.component(reading.device) == Some(component) && self.is_measured(reading.device))
    }

    /// What a device is.
    pub fn component(&self, id: DeviceId) -> Option<Component> {
        self.devices.get(id.0 as usize).map(|entry| entry.device.component)
    }

    /// All devices so far, by number.
    pub fn devices(&self) -> &[DeviceEntry] {
        &self.devices
    }

    /// Devices that came or changed in this tick.
    pub fn new_devices(&self) -> &[DeviceEntry] {
        &self.new
    }

    /// Readings of this tick.
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// Which processes used the devices of which that is known.
    pub fn uses(&self) -> &[(DeviceId, Vec<Use>)] {
        &self.uses
    }

    /// Gaps that began or ended in this tick.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Gaps that last, for whoever sums up.
    pub fn lasting_gaps(&self) -> &[Gap] {
        &self.open
    }

    fn is_measured(&self, id: DeviceId) -> bool {
        self.devices.get(id.0 as usize).is_some_and(|entry| entry.device.estimated_by.is_none())
    }

    /// When anything of `of` was read last.
    fn last_read(&self, of: Subject) -> Option<Clocks> {
        let is_of = |id: DeviceId| match of {
            Subject::All => true,
            Subject::Component(component) => self.component(id) == Some(component) && self.is_measured(id),
            Subject::Device(device) => device == id,
        };
        self.read_at.iter().filter(|(id, _)| is_of(**id)).map(|(_, at)| *at).max_by_key(|at| at.mono)
    }

    fn end_gap(&mut self, of: Subject) -> bool {
        let Some(at) = self.open.iter().position(|gap| gap.of == of) else { return false };
        let gap = self.open.remove(at);
        self.gaps.push(Gap { to: Some(self.now), ..gap });
        true
    }
}
