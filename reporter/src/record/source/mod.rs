//! Where readings come from: one file a kind of hardware, each behind [`Source`].

mod attribute;
pub mod estimate;
pub mod hwmon;
pub mod machine;
pub mod nvml;
pub mod power_supply;
pub mod powercap;
mod tick;
mod unsupported;

use std::path::{Path, PathBuf};

pub use tick::{Tick, Use};

/// One interface that hardware is read by.
pub trait Source: Send {
    /// Reads every device once and tells `tick`: devices that are new, readings, and what could not be read and why.
    ///
    /// It never waits longer than [`Tick::patience`] for hardware that does not answer, and never fails: a fault costs its readings.
    fn sample(&mut self, tick: &mut Tick);
}

/// What sources are told.
#[derive(Clone, Debug)]
pub struct SourceOptions {
    /// Stands in for `/` where the kernel is asked (`sys/class/powercap`, `proc/stat`): for tests and for containers that see the host's tree elsewhere.
    pub root: PathBuf,
    /// NVML's library, where the loader does not find it.
    pub nvml_library: Option<PathBuf>,
    /// Whether drivers are asked which processes use their devices.
    pub processes: bool,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self { root: PathBuf::from("/"), nvml_library: None, processes: false }
    }
}

impl SourceOptions {
    /// A path of the kernel's tree: `sys/class/powercap`.
    pub fn path(&self, of: impl AsRef<Path>) -> PathBuf {
        self.root.join(of)
    }
}

/// Every source, in the order in which a tick asks them: models for what no sensor gave come last.
pub fn sources(options: &SourceOptions) -> Vec<Box<dyn Source>> {
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    if cfg!(target_os = "linux") {
        sources.push(Box::new(hwmon::Hwmon::new(options)));
        sources.push(Box::new(powercap::Powercap::new(options)));
        sources.push(Box::new(power_supply::Batteries::new(options)));
    } else {
        sources.push(Box::new(unsupported::Unsupported));
    }
    sources.push(Box::new(nvml::NvmlSource::new(options)));
    sources.push(Box::new(estimate::Estimate::new(options)));
    sources
}
