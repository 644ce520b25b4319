//! The components that carbontracker found, and the mean power of one in an epoch.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::read::DeclaredPart;
use crate::series::{Component, Instrument};
use crate::units::decimal::parse_scaled_i64;
use crate::units::{Energy, Span};

/// More devices or samples than any machine has in an epoch; a longer list is no reading.
const MOST_VALUES: i64 = 10_000_000;

/// A component and the names of its devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::read) struct Found {
    name: String,
    devices: Vec<String>,
}

impl Found {
    /// `GPU with device(s) NVIDIA A100, NVIDIA A100. CPU with device(s) cpu:0.`
    pub(in crate::read) fn read(text: &str) -> Vec<Found> {
        const BETWEEN: &str = " with device(s) ";
        let mut found = Vec::new();
        let mut parts = text.split(BETWEEN);
        let mut name = parts.next().unwrap_or("").trim();
        let mut parts = parts.peekable();
        while let Some(part) = parts.next() {
            // Every part but the last ends in the name of the next component: `cpu:0. CPU`.
            let (devices, next) = match part.rsplit_once(". ") {
                Some((devices, next)) if parts.peek().is_some() => (devices, next),
                _ => (part.trim_end().trim_end_matches('.'), ""),
            };
            found.push(Found {
                name: name.to_ascii_lowercase(),
                devices: devices.split(", ").map(str::trim).filter(|d| !d.is_empty()).map(String::from).collect(),
            });
            name = next.trim();
        }
        found
    }

    /// The component's name, in lower case.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is the component of this name (`gpu`).
    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// How many readings a mean over its devices was made of.
    pub(super) fn readings(&self) -> i64 {
        // Apple's GPU and neural engine are two names and one reading.
        if self.devices.iter().map(String::as_str).eq(["GPU", "ANE"]) {
            return 1;
        }
        i64::try_from(self.devices.len()).unwrap_or(1).max(1)
    }

    /// Text that is the same for runs of one machine.
    pub(super) fn hardware_key(found: &[Found]) -> String {
        found.iter().map(|f| format!("{}: {}", f.name, f.devices.join(", "))).collect::<Vec<_>>().join("; ")
    }
}

/// The component of this name.
pub(super) fn component(name: &str) -> Component {
    match name {
        "cpu" => Component::Cpu,
        "gpu" => Component::Gpu,
        "dram" | "ram" => Component::Memory,
        _ => Component::Unsplit,
    }
}

/// The declared part of a component.
pub(super) fn part(name: &str, energy: Energy, found: Option<&Found>) -> DeclaredPart {
    let devices = found.map_or(&[][..], |f| f.devices.as_slice());
    // RAPL's zones are named `cpu:0` and, from 2.1.2 on, `dram:0`; from 2.1 on a CPU without RAPL goes by its model and half of its TDP.
    let zone = |d: &String| d.split_once(':').is_some_and(|(_, n)| n.bytes().all(|b| b.is_ascii_digit()));
    let sensed = devices.iter().all(zone) || devices.iter().map(String::as_str).eq(["CPU"]);
    let component = component(name);
    let instrument = match component {
        Component::Cpu if devices.is_empty() => Instrument::TrackerUnstated,
        Component::Cpu if !sensed => Instrument::TrackerAssumption,
        Component::Unsplit => Instrument::TrackerUnstated,
        _ => Instrument::TrackerSensor,
    };
    let mut models: Vec<&str> = devices.iter().filter(|d| !zone(d)).map(String::as_str).collect();
    let count = devices.iter().filter(|d| !d.starts_with("dram:")).count();
    models.dedup();
    DeclaredPart {
        model: (!models.is_empty()).then(|| models.join(", ")),
        count: u32::try_from(count).ok().filter(|n| *n > 0),
        ..DeclaredPart::of(component, energy, instrument)
    }
}

/// A part that names the accelerators among several components, so many of one model, and nothing where there are none.
pub(super) fn boards(found: &[Found], energy: Energy) -> DeclaredPart {
    // Apple's two names are none of a model.
    let boards = found.iter().find(|one| one.is("gpu") && one.readings() == i64::try_from(one.devices.len()).unwrap_or(0));
    part(boards.map_or("", Found::name), energy, boards)
}

/// Mean power in an epoch: what was printed, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MeanPower {
    /// Sum of all values, µW.
    sum: i64,
    /// Samples that the sum is of: 1 but for 1.0, which prints every sample.
    samples: i64,
    /// Whether one number was printed for all devices: then it is their mean.
    pub(super) is_scalar: bool,
}

impl MeanPower {
    /// `[63.734 77.104]` (one value a device), `70.419`, `[[63.7, 77.1], [63.8, 77.0]]` (one list a sample). `None` for `None`, `[]`, `nan`
    /// and for 0, which carbontracker writes when it may not read.
    pub(super) fn read(text: &str) -> Option<MeanPower> {
        let depth = text.bytes().take_while(|b| *b == b'[').count();
        let lists = i64::try_from(text.bytes().filter(|b| *b == b'[').count()).ok()?;
        let samples = match depth {
            0 | 1 if lists <= 1 => 1,
            2 => lists - 1,
            _ => return None,
        };
        let (mut sum, mut count) = (0i64, 0i64);
        for value in text.split(['[', ']', ',', ' ', '\n', '\t']).filter(|v| !v.is_empty()) {
            let value = parse_scaled_i64(value.as_bytes(), 6).ok().filter(|v| *v >= 0)?;
            sum = sum.checked_add(value)?;
            count += 1;
            if count > MOST_VALUES {
                return None;
            }
        }
        (sum > 0 && samples > 0 && (depth > 0 || count == 1)).then_some(MeanPower { sum, samples, is_scalar: depth == 0 })
    }

    /// Its energy over an epoch, times the number of devices that it is the mean of.
    pub(super) fn over(self, duration: Span, devices: i64) -> Energy {
        Energy::from_picojoules(i128::from(self.sum) * i128::from(duration.as_micros()) * i128::from(devices) / i128::from(self.samples))
    }

    /// Watts of all devices together, for display and plausibility.
    pub(super) fn watts(self) -> f64 {
        self.sum as f64 / self.samples as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_of_one_line() {
        let found = Found::read(
            "GPU with device(s) NVIDIA A100-SXM4-80GB, NVIDIA A100-SXM4-80GB. CPU with device(s) Intel Xeon E5-2620 v3 @ 2.40GHz.",
        );
        assert_eq!(found.iter().map(|f| (f.name.as_str(), f.readings())).collect::<Vec<_>>(), [("gpu", 2), ("cpu", 1)]);
        let cpu = part("cpu", Energy::ZERO, found.last());
        assert_eq!((cpu.model.as_deref(), cpu.instrument), (Some("Intel Xeon E5-2620 v3 @ 2.40GHz"), Instrument::TrackerAssumption));
        let rapl = Found::read("CPU with device(s) cpu:0, dram:0, cpu:1, dram:1.");
        let cpu = part("cpu", Energy::ZERO, rapl.first());
        assert_eq!((cpu.model, cpu.count, cpu.instrument), (None, Some(2), Instrument::TrackerSensor));
        assert_eq!(rapl.first().map(Found::readings), Some(4));
        assert_eq!(Found::read("GPU with device(s) GPU, ANE.").first().map(Found::readings), Some(1));
        assert!(Found::read("").is_empty());
    }

    #[test]
    fn powers_as_printed() {
        let second = Span::from_seconds(1);
        for (text, expected) in [
            ("[63.734 77.104]", Some(140_838_000)),
            ("[ 63.734  77.104\n  90.474]", Some(231_312_000)),
            ("70.419", Some(70_419_000)),
            ("[[60.0, 80.0], [62.0, 82.0]]", Some(142_000_000)),
            ("[13.389104]", Some(13_389_104)),
            ("[1.e+02 5.0]", Some(105_000_000)),
            ("None", None),
            ("[None]", None),
            ("[]", None),
            ("[nan]", None),
            ("0.0", None),
            ("[0]", None),
            ("3.0 4.0", None),
            ("[[[1.0]]]", None),
        ] {
            assert_eq!(MeanPower::read(text).map(|p| p.over(second, 1).as_picojoules()), expected.map(|w: i128| w * 1_000_000), "{text}");
        }
        assert_eq!(MeanPower::read("70.419").map(|p| p.over(second, 2)), MeanPower::read("[63.734 77.104]").map(|p| p.over(second, 1)));
    }
}
