//! Laptops on battery: what the batteries give is what the machine draws. On mains they see nothing of it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use carbon_core::read::carbon_report_jsonl::record::{Cause, DeviceId, PowerUnit, Reading, SampledDevice, Subject};
use carbon_core::series::Component;

use super::attribute::{Attribute, entries, text};
use super::{Source, SourceOptions, Tick};

/// The batteries of a machine, as one meter.
pub struct Batteries {
    folder: PathBuf,
    meter: Option<DeviceId>,
    /// Names of batteries; found once, for a laptop's do not come and go.
    batteries: Option<Vec<PathBuf>>,
}

impl Batteries {
    /// Of this machine.
    pub fn new(options: &SourceOptions) -> Self {
        Self { folder: options.path("sys/class/power_supply"), meter: None, batteries: None }
    }

    fn find(&self) -> Vec<PathBuf> {
        let is_own_battery = |folder: &PathBuf| {
            // A mouse's battery has the scope of its device.
            text(&folder.join("type")).as_deref() == Some("Battery") && text(&folder.join("scope")).as_deref() != Some("Device")
        };
        entries(&self.folder).unwrap_or_default().iter().map(|name| self.folder.join(name)).filter(is_own_battery).collect()
    }
}

impl Source for Batteries {
    fn sample(&mut self, tick: &mut Tick) {
        if self.batteries.is_none() {
            self.batteries = Some(self.find());
        }
        let batteries = self.batteries.as_deref().unwrap_or_default();
        // A meter of the node sees the same joules.
        if batteries.is_empty() || tick.has_reading_of(Component::Node) {
            return;
        }
        let states: Vec<Option<String>> = batteries.iter().map(|folder| text(&folder.join("status"))).collect();
        let discharging = states.iter().any(|state| state.as_deref() == Some("Discharging"));
        let charging = states.iter().any(|state| state.as_deref() == Some("Charging"));
        if !discharging || charging {
            if let Some(id) = self.meter {
                tick.missing(Subject::Device(id), Cause::Absent, "on mains the batteries do not see what the machine draws");
            }
            return;
        }
        let powers: Option<Vec<u64>> = batteries.iter().map(|folder| power_uw(folder)).collect();
        let Some(powers) = powers else {
            if let Some(id) = self.meter {
                tick.missing(Subject::Device(id), Cause::LostDevice, "a battery does not say what it gives");
            }
            return;
        };
        let id = *self.meter.get_or_insert_with(|| {
            tick.device(SampledDevice {
                component: Component::Node,
                source: Cow::Borrowed("power_supply"),
                uuid: None,
                index: Some(String::from("battery")),
                bus_id: None,
                model: None,
                counter: None,
                power: Some(PowerUnit::Microwatt),
                estimated_by: None,
                remark: Some(String::from("what the batteries give, while the machine is not on mains")),
            })
        });
        tick.reading(Reading { power: Some(powers.iter().sum()), ..Reading::of(id) });
    }
}

/// What a battery gives, µW: its power, or current (µA) times voltage (µV). One that rests gives nothing.
fn power_uw(folder: &Path) -> Option<u64> {
    let number = |file: &str| -> Option<u64> {
        // Some drivers count what flows out as negative.
        match Attribute::open(&folder.join(file)).and_then(|a| a.read()) {
            Ok(number) => Some(number),
            Err(_) => text(&folder.join(file))?.trim_start_matches('-').parse().ok(),
        }
    };
    number("power_now").or_else(|| {
        let picowatts = u128::from(number("current_now")?) * u128::from(number("voltage_now")?);
        u64::try_from(picowatts / 1_000_000).ok()
    })
}
