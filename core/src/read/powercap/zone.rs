//! Names of RAPL zones, as the kernel and as loops in scripts spell them.

use alloc::format;
use alloc::string::String;

use crate::series::{Component, Device};

/// A RAPL zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    /// What it measures.
    pub(super) component: Component,
    /// Number of the package it is of or in, with what the kernel adds to it (`0`, `1-die-0`).
    pub(super) number: Option<String>,
}

impl Zone {
    /// The zone of a name: `package-0`, `package-1-die-0`, `dram`, `pkg1`, `dram_0`, `rapl.core`.
    pub(super) fn named(text: &str) -> Option<Zone> {
        const WORDS: [(&str, Component); 15] = [
            ("packages", Component::Cpu),
            ("package", Component::Cpu),
            ("pkg", Component::Cpu),
            ("socket", Component::Cpu),
            ("cpu", Component::Cpu),
            ("uncore", Component::CpuUncore),
            ("pp1", Component::CpuUncore),
            ("cores", Component::CpuCore),
            ("core", Component::CpuCore),
            ("pp0", Component::CpuCore),
            ("memory", Component::Memory),
            ("dram", Component::Memory),
            ("ram", Component::Memory),
            ("psys", Component::Platform),
            ("platform", Component::Platform),
        ];
        let name = text.trim().to_ascii_lowercase();
        let mut name = name.as_str();
        for prefix in ["intel", "rapl", "powercap", "energy"] {
            name = name.strip_prefix(prefix).map_or(name, |rest| rest.trim_start_matches(is_separator));
        }
        for suffix in ["energy", "counter"] {
            name = name.strip_suffix(suffix).map_or(name, |rest| rest.trim_end_matches(is_separator));
        }
        let (word, component) = WORDS.into_iter().find(|(word, _)| name.starts_with(word))?;
        let rest = name.get(word.len()..)?.trim_matches(is_separator);
        let number = (!rest.is_empty()).then(|| rest.replace(is_separator, "-"));
        let numbered = number.as_ref().is_none_or(|n| {
            n.split('-').all(|part| part == "die" || part.bytes().all(|b| b.is_ascii_digit()))
                && n.starts_with(|c: char| c.is_ascii_digit())
        });
        numbered.then_some(Zone { component, number })
    }

    /// The device: what stands in or beside a package has the package's name, so that its parts are found by it.
    pub(super) fn device(&self) -> Device {
        match (self.component, &self.number) {
            (Component::Platform, _) => Device::indexed("psys"),
            (_, number) => Device::indexed(format!("package-{}", number.as_deref().unwrap_or("0"))),
        }
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '_' | '.' | ' ' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_zones() {
        for (name, component, key) in [
            ("package-0", Component::Cpu, "package-0"),
            ("package-1-die-0", Component::Cpu, "package-1-die-0"),
            ("Package", Component::Cpu, "package-0"),
            ("pkg1", Component::Cpu, "package-1"),
            ("rapl_core", Component::CpuCore, "package-0"),
            ("uncore", Component::CpuUncore, "package-0"),
            ("dram_1", Component::Memory, "package-1"),
            ("dram_energy", Component::Memory, "package-0"),
            ("psys", Component::Platform, "psys"),
        ] {
            let zone = Zone::named(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!((zone.component, zone.device().key()), (component, key), "{name}");
        }
        for name in ["gpu", "package_temperature", "timestamp", "dram max", "", "cpu_load", "corefreq"] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
    }
}
