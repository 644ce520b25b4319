//! From a phase to energies: rated power × how busy it was × time, every step with its interval.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::hardware::Devices;
use super::phase::Checked;
use super::plain;
use crate::factor::{FactorSet, PowerModel};
use crate::fault::SettingsError;
use crate::ledger::Cause;
use crate::series::Component;
use crate::text::percent;

/// What was assumed: stable name, in words, the option that changes it.
pub(super) type Assumption = (&'static str, String, Option<&'static str>);

/// Energy of one component of a phase.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub component: Component,
    /// Model of the devices; `None` where it is no device.
    pub model: Option<String>,
    pub count: u32,
    pub kwh: f64,
    pub method: String,
    /// It holds the whole machine: nothing is added.
    pub complete: bool,
    pub causes: Vec<Cause>,
    pub assumptions: Vec<Assumption>,
}

/// Figures of the table of the power model.
struct Figures<'f>(&'f FactorSet);

impl Figures<'_> {
    fn of(&self, name: &'static str) -> Result<PowerModel, SettingsError> {
        let missing = || SettingsError::new("power_model", format!("the table lacks {name}"), "use the tables that ship with the program");
        self.0.power_model(name).ok_or_else(missing)
    }
}

/// The energies of a phase: P = TDP × (idle + (busy − idle) × utilisation), E = P × devices × time.
///
/// Where a mean power in training is published for an accelerator it stands in for the model, and holds its host too.
pub(super) fn parts(phase: &Checked<'_>, factors: &FactorSet) -> Result<Vec<Part>, SettingsError> {
    let figures = Figures(factors);
    if let Some(kwh) = phase.asked.energy_kwh {
        return Ok([whole(kwh * phase.repeats, "stated energy", &figures.of("stated_energy")?)].to_vec());
    }
    let hours = phase.all_hours();
    if let Some(watts) = phase.asked.power_w {
        let kwh = watts * hours / 1000.0;
        return Ok([whole(kwh, &format!("stated mean power of {} W", plain(watts)), &figures.of("stated_power")?)].to_vec());
    }
    let mut parts = Vec::new();
    for devices in &phase.accelerators {
        parts.push(accelerators(devices, phase, hours, &figures)?);
    }
    for devices in &phase.processors {
        parts.push(processors(devices, phase, hours, &figures)?);
    }
    if let Some(gb) = phase.memory_gb {
        let figure = figures.of("memory_w_per_gb")?;
        parts.push(Part {
            component: Component::Memory,
            model: None,
            count: 1,
            kwh: gb * figure.value * hours / 1000.0,
            method: format!("{} GB at {} W/GB", plain(gb), figure.value),
            complete: false,
            causes: [cause("memory model", &figure)].to_vec(),
            assumptions: Vec::new(),
        });
    }
    Ok(parts)
}

/// Energy of everything that a phase ran on, as somebody states it.
fn whole(kwh: f64, method: &str, figure: &PowerModel) -> Part {
    Part {
        component: Component::Node,
        model: None,
        count: 1,
        kwh,
        method: method.to_owned(),
        complete: true,
        causes: [cause(method, figure)].to_vec(),
        assumptions: Vec::new(),
    }
}

/// Energy of accelerators.
fn accelerators(devices: &Devices, phase: &Checked<'_>, hours: f64, figures: &Figures<'_>) -> Result<Part, SettingsError> {
    let count = f64::from(devices.count);
    if let (Some(mean_w), None, None) = (devices.mean_w, phase.asked.utilisation, phase.asked.tdp_w) {
        let figure = figures.of("published_mean")?;
        let text = format!("{}: the published mean of {} W in training, host included", devices.model, plain(mean_w));
        let mut assumptions = remarks(devices);
        assumptions.push(("published-mean", text.clone(), Some("--utilisation")));
        let part = Part {
            component: Component::Gpu,
            model: Some(devices.model.clone()),
            count: devices.count,
            kwh: mean_w * count * hours / 1000.0,
            method: text,
            complete: true,
            causes: [cause("published mean power", &figure)].to_vec(),
            assumptions,
        };
        return Ok(part);
    }
    let names = ["accelerator_idle", "accelerator_busy", "accelerator_utilisation"];
    loaded(devices, hours, phase.asked.utilisation, 1.0, Component::Gpu, names, "--utilisation", figures)
}

fn processors(devices: &Devices, phase: &Checked<'_>, hours: f64, figures: &Figures<'_>) -> Result<Part, SettingsError> {
    let (stated, option) = match phase.accelerators.is_empty() {
        true => (phase.asked.utilisation, "--utilisation"),
        false => (phase.asked.cpu_utilisation, "--cpu-utilisation"),
    };
    let names = ["processor_idle", "processor_busy", "processor_utilisation"];
    loaded(devices, hours, stated, phase.core_share, Component::Cpu, names, option, figures)
}

/// Devices between idle and busy.
#[allow(clippy::too_many_arguments)]
fn loaded(
    devices: &Devices,
    hours: f64,
    stated: Option<f64>,
    share: f64,
    component: Component,
    [idle, busy, utilisation]: [&'static str; 3],
    option: &'static str,
    figures: &Figures<'_>,
) -> Result<Part, SettingsError> {
    let (idle, busy, usual) = (figures.of(idle)?, figures.of(busy)?, figures.of(utilisation)?);
    let power = |idle: f64, busy: f64, utilisation: f64| idle + (busy - idle) * utilisation;
    let used = stated.unwrap_or(usual.value);
    let central = power(idle.value, busy.value, used);
    let over = |value: f64| value / central;
    let mut causes = Vec::from([Cause {
        name: format!("{} power model", component.label()),
        low: over(power(idle.low, busy.low, used)).min(1.0),
        high: over(power(idle.high, busy.high, used)).max(1.0),
    }]);
    let mut assumptions = remarks(devices);
    if stated.is_none() {
        causes.push(Cause {
            name: format!("{} utilisation", component.label()),
            low: over(power(idle.value, busy.value, usual.low)).min(1.0),
            high: over(power(idle.value, busy.value, usual.high)).max(1.0),
        });
        let text = format!(
            "the utilisation of {} is not known: {} ({} to {})",
            devices.model,
            percent(usual.value),
            percent(usual.low),
            percent(usual.high)
        );
        assumptions.push(("utilisation", text, Some(option)));
    }
    if devices.spread != (1.0, 1.0) {
        causes.push(Cause { name: format!("which {}", devices.model), low: devices.spread.0.min(1.0), high: devices.spread.1.max(1.0) });
    }
    Ok(Part {
        component,
        model: Some(devices.model.clone()),
        count: devices.count,
        kwh: devices.tdp_w * share * central * f64::from(devices.count) * hours / 1000.0,
        method: format!("{} of the rated {} W for {} h", percent(central * share), plain(devices.tdp_w), plain(hours)),
        complete: false,
        causes,
        assumptions,
    })
}

fn remarks(devices: &Devices) -> Vec<Assumption> {
    let option = Some("--gpu").filter(|_| devices.cores.is_none()).or(Some("--cpu"));
    devices.remark.iter().map(|text| ("hardware", text.clone(), option)).collect()
}

fn cause(name: &str, figure: &PowerModel) -> Cause {
    Cause { name: name.to_string(), low: figure.low / figure.value, high: figure.high / figure.value }
}
