//! Methods by name: this project's own, and other calculators', reproduced with their constants and their omissions.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::model::{self, Assumption, Part};
use super::phase::Checked;
use super::{list_of, plain};
use crate::account::Settings;
use crate::factor::{Factor, FactorKind, FactorSet, Match, MethodConstant};
use crate::fault::SettingsError;
use crate::ledger::Cause;
use crate::rules;
use crate::series::Component;

/// How far figures of a method may lie off that states no interval: energies, and as factors both ways a PUE and a carbon intensity.
const ESTIMATE: (f64, f64) = rules::ends("method_estimate");
const PUE: f64 = rules::high("method_pue");
const INTENSITY: f64 = rules::high("method_intensity");

/// Pounds in a kilogram: exactly 0.45359237 kg (international pound).
const KG_PER_LB: f64 = 0.453_592_37;

/// How a phase without logs is estimated.
#[derive(Debug)]
pub struct Method {
    /// Name for `--method`.
    pub id: &'static str,
    /// Whose it is, and what it multiplies.
    pub about: &'static str,
    /// What it leaves out or gets wrong; empty for this project's own.
    pub omits: &'static str,
}

/// Every method, this project's own first.
pub static METHODS: &[Method] = &[
    Method {
        id: "carbon-report",
        about: "rated power x how busy it was x time, hosts and memory included, x PUE x carbon intensity, every step with an interval",
        omits: "",
    },
    Method {
        id: "carbontracker",
        about: "energy x the PUE of the year x carbon intensity; the European Union's of 2017 where no place is known",
        omits: "components that its sensors do not see",
    },
    Method {
        id: "green-algorithms",
        about: "Green Algorithms v3: (cores x power x usage + 0.3725 W/GB of memory) x time x PUE x repeats",
        omits: "idle power, network and the spread of every factor",
    },
    Method {
        id: "green-algorithms-v2",
        about: "Green Algorithms v2: the same with the PUE of 2022, 1.67",
        omits: "idle power, network and the spread of every factor",
    },
    Method {
        id: "mlco2",
        about: "ML CO2 Impact: rated power x time x carbon intensity of a cloud region at two decimals",
        omits: "hosts, memory, cooling, and how busy the devices were",
    },
    Method {
        id: "strubell",
        about: "Strubell et al. 2019: mean power x time x PUE 1.58 x 0.954 lb/kWh of the United States",
        omits: "the place and the year of the run",
    },
];

/// What a method makes of a phase.
pub(super) struct Outcome {
    pub parts: Vec<Part>,
    /// A PUE or carbon intensity that the method fixes.
    pub pue: Option<Factor>,
    pub intensity: Option<Factor>,
    /// The row of the table of equivalents that it counts kilometres by.
    pub car: Option<&'static str>,
    /// The method counts what it counts: no rest of the machines is added.
    pub complete: bool,
    pub assumptions: Vec<Assumption>,
}

impl Method {
    /// The method of that name; this project's own without one.
    ///
    /// # Errors
    /// For a name that none has.
    pub fn named(id: Option<&str>) -> Result<&'static Method, SettingsError> {
        let asked = id.unwrap_or("carbon-report");
        let asked = if asked.eq_ignore_ascii_case("green-algorithms-v3") { "green-algorithms" } else { asked };
        METHODS.iter().find(|m| m.id.eq_ignore_ascii_case(asked)).ok_or_else(|| {
            let known: Vec<String> = METHODS.iter().map(|m| m.id.to_string()).collect();
            let shown: String = asked.chars().take(80).collect();
            SettingsError::new("method", format!("found {shown:?}"), &format!("known methods: {}", list_of(&known, "and")))
        })
    }

    pub(super) fn outcome(&self, phase: &Checked<'_>, settings: &Settings, factors: &FactorSet) -> Result<Outcome, SettingsError> {
        let own = Outcome { parts: Vec::new(), pue: None, intensity: None, car: None, complete: true, assumptions: Vec::new() };
        let by_method = |name: &'static str| {
            factors.method_constant(self.id, name).ok_or_else(|| {
                SettingsError::new("method", format!("the table of {} lacks {name}", self.id), "use the tables that ship with the program")
            })
        };
        let region = phase.asked.region.as_deref().or(settings.region.as_deref());
        let given_pue = phase.pue.is_some() || settings.pue.is_some();
        let given_intensity = phase.intensity.is_some() || settings.intensity_g_per_kwh.is_some();
        let mut outcome = match self.id {
            "carbontracker" => {
                let parts = model::parts(phase, factors)?;
                let year = phase.asked.year.or(settings.year);
                let pue =
                    factors.carbontracker_pue(year).filter(|_| !given_pue).map(|(value, year, source)| pue(value, year, source, self.id));
                let place_known = region.is_some() || given_intensity;
                let default = by_method("intensity")?;
                let intensity = (!place_known).then(|| intensity(default.value, &default, "European Union"));
                Outcome { parts, pue, intensity, car: Some("car_km_eu_new_2018"), ..own }
            }
            "green-algorithms" | "green-algorithms-v2" => {
                let cloud = region.and_then(|r| r.split_once(':')).map(|(provider, _)| provider);
                let by_provider = cloud.and_then(|p| factors.method_constant(self.id, &format!("pue_{p}")));
                let row = by_provider.map_or_else(|| by_method("pue"), Ok)?;
                let pue = (!given_pue).then(|| pue(row.value, row.year, row.source, self.id));
                let default = by_method("intensity")?;
                let place_known = region.is_some() || given_intensity;
                let memory = by_method("memory_w_per_gb")?;
                Outcome {
                    parts: green_algorithms(phase, &memory)?,
                    pue,
                    intensity: (!place_known).then(|| intensity(default.value, &default, "world average")),
                    ..own
                }
            }
            "mlco2" => {
                let row = by_method("pue")?;
                let place = match region.filter(|_| !given_intensity) {
                    Some(code) if code.contains(':') => {
                        let found = factors.mlco2_region(code).map_err(|near| {
                            let hint = if near.is_empty() {
                                String::from("give `--intensity G`")
                            } else {
                                format!("did you mean {}?", list_of(&near, "or"))
                            };
                            SettingsError { setting: "region", message: format!("ML CO2 Impact has no region {code:?}"), hint }
                        })?;
                        let constant = MethodConstant { source: found.source.clone(), year: found.year, ..by_method("intensity")? };
                        Some(intensity(found.kgco2e_per_kwh * 1000.0, &constant, &format!("{} ({})", found.code, found.city)))
                    }
                    None if !given_intensity => {
                        let constant = by_method("intensity")?;
                        Some(intensity(constant.value, &constant, "private infrastructure"))
                    }
                    _ => None,
                };
                Outcome { parts: mlco2(phase, factors)?, pue: Some(pue(row.value, row.year, row.source, self.id)), intensity: place, ..own }
            }
            "strubell" => {
                let (row, pounds) = (by_method("pue")?, by_method("lb_per_kwh")?);
                if phase.asked.power_w.is_none() && phase.asked.energy_kwh.is_none() {
                    let hint = "give the mean power of all processors, memory and GPUs with `--power W`";
                    return Err(SettingsError::new("power", "Strubell et al. measured the mean power, and none is given", hint));
                }
                let grams = pounds.value * KG_PER_LB * 1000.0;
                let pue = Some(pue(row.value, row.year, row.source, self.id));
                Outcome { parts: model::parts(phase, factors)?, pue, intensity: Some(intensity(grams, &pounds, "United States")), ..own }
            }
            _ => return Ok(Outcome { parts: model::parts(phase, factors)?, complete: false, ..own }),
        };
        let own_kwh: f64 = model::parts(phase, factors)?.iter().map(|p| p.kwh).sum();
        let text = format!(
            "the method {} is reproduced: {}; it leaves out {}; carbon-report's own method gives {} kWh for {}",
            self.id,
            self.about,
            self.omits,
            plain(own_kwh),
            phase.name
        );
        outcome.assumptions.push(("method", text, Some("--method")));
        Ok(outcome)
    }
}

/// E = devices × time × the calculator's power, which is the rated one: nothing of hosts, of load, of cooling.
fn mlco2(phase: &Checked<'_>, factors: &FactorSet) -> Result<Vec<Part>, SettingsError> {
    let mut parts = Vec::new();
    for (component, devices) in
        phase.accelerators.iter().map(|d| (Component::Gpu, d)).chain(phase.processors.iter().map(|d| (Component::Cpu, d)))
    {
        let watts = match phase.asked.tdp_w {
            Some(watts) => watts,
            None => {
                factors
                    .mlco2_device(&devices.model)
                    .map_err(|near| {
                        let hint = if near.is_empty() {
                            String::from("give `--tdp W`")
                        } else {
                            format!("it lists {}; or give `--tdp W`", list_of(&near, "and"))
                        };
                        SettingsError { setting: "gpu", message: format!("ML CO2 Impact lists no {}", devices.model), hint }
                    })?
                    .tdp_w
            }
        };
        let kwh = watts * f64::from(devices.count) * phase.all_hours() / 1000.0;
        parts.push(fixed(
            component,
            Some(devices.model.clone()),
            devices.count,
            kwh,
            format!("rated power of {} W in ML CO2 Impact", plain(watts)),
        ));
    }
    Ok(parts)
}

/// E = time × (devices × rated power × usage + memory × W/GB); usage is 1 where it is not given.
fn green_algorithms(phase: &Checked<'_>, memory: &MethodConstant) -> Result<Vec<Part>, SettingsError> {
    let hours = phase.all_hours();
    let (gpu_usage, cpu_usage) = match phase.accelerators.is_empty() {
        true => (1.0, phase.asked.utilisation.unwrap_or(1.0)),
        false => (phase.asked.utilisation.unwrap_or(1.0), phase.asked.cpu_utilisation.unwrap_or(1.0)),
    };
    let mut parts = Vec::new();
    for devices in &phase.accelerators {
        let kwh = devices.tdp_w * f64::from(devices.count) * gpu_usage * hours / 1000.0;
        parts.push(fixed(
            Component::Gpu,
            Some(devices.model.clone()),
            devices.count,
            kwh,
            format!("rated power of {} W x usage {gpu_usage}", plain(devices.tdp_w)),
        ));
    }
    for devices in &phase.processors {
        let kwh = devices.tdp_w * f64::from(devices.count) * phase.core_share * cpu_usage * hours / 1000.0;
        parts.push(fixed(
            Component::Cpu,
            Some(devices.model.clone()),
            devices.count,
            kwh,
            format!("power of the cores in use x usage {cpu_usage}"),
        ));
    }
    if let Some(gb) = phase.memory_gb {
        let kwh = gb * memory.value * hours / 1000.0;
        parts.push(fixed(Component::Memory, None, 1, kwh, format!("{} GB at {} W/GB", plain(gb), memory.value)));
    }
    if parts.is_empty() {
        return Err(SettingsError::new(
            "cpu",
            "Green Algorithms counts cores and memory, and none are given",
            "give `--cpu` or `--gpu`, and `--memory`",
        ));
    }
    Ok(parts)
}

/// A part as another method has it. The method states no interval; what is known of rated powers holds.
fn fixed(component: Component, model: Option<String>, count: u32, kwh: f64, method: String) -> Part {
    let causes = [Cause { name: String::from("a method without an interval of its own"), low: ESTIMATE.0, high: ESTIMATE.1 }].to_vec();
    Part { component, model, count, kwh, method, complete: true, causes, assumptions: Vec::new() }
}

fn pue(value: f64, year: i32, source: String, method: &str) -> Factor {
    let low = (value / PUE).max(1.0);
    Factor {
        kind: FactorKind::Pue,
        label: format!("of the method {method}"),
        value,
        low,
        high: value * PUE,
        unit: FactorKind::Pue.unit(),
        basis: None,
        year: Some(year),
        source,
        matched: Match::Method,
        by_year: None,
    }
}

fn intensity(grams: f64, row: &MethodConstant, label: &str) -> Factor {
    Factor {
        kind: FactorKind::CarbonIntensity,
        label: format!("{label}, of the method {}", row.method),
        value: grams,
        low: grams / INTENSITY,
        high: grams * INTENSITY,
        unit: FactorKind::CarbonIntensity.unit(),
        basis: None,
        year: Some(row.year),
        source: row.source.clone(),
        matched: Match::Method,
        by_year: None,
    }
}
