//! A phase as the user states it, checked: what can't be is an error before anything is computed.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Phase;
use super::hardware::{self, Devices, HIGHEST_TDP_W};
use super::plain;
use crate::factor::{Factor, FactorSet, Match};
use crate::fault::SettingsError;
use crate::ledger::When;
use crate::text::AsFound;
use crate::units::calendar::parse_stamp;
use crate::units::{Instant, Span};

/// Longer than this nothing has been trained: 20 years, h.
const LONGEST_H: f64 = 20.0 * 8766.0;

/// All accelerators that were ever made do not run longer together than this, h.
const MOST_DEVICE_H: f64 = 1e12;

/// A phase that can be estimated.
#[derive(Clone, Debug)]
pub(super) struct Checked<'p> {
    pub asked: &'p Phase,
    pub name: String,
    pub accelerators: Vec<Devices>,
    pub processors: Vec<Devices>,
    /// Share of the processors' cores in use.
    pub core_share: f64,
    /// All machines together, GB.
    pub memory_gb: Option<f64>,
    /// Time of one device, h; 0 where the energy is stated.
    pub hours: f64,
    pub repeats: f64,
    pub when: When,
    pub pue: Option<Factor>,
    pub intensity: Option<Factor>,
}

impl<'p> Checked<'p> {
    /// Checks a phase; `number` counts from 1 and names it where it has no name.
    pub fn new(
        phase: &'p Phase,
        number: usize,
        of: usize,
        year: Option<i32>,
        region: Option<&str>,
        factors: &FactorSet,
    ) -> Result<Self, SettingsError> {
        let name = phase.name.clone().unwrap_or_else(|| match of {
            1 => phase.kind.label().to_string(),
            _ => format!("{} (phase {number})", phase.kind.label()),
        });
        let checked = Self::of(phase, name.clone(), year, region, factors);
        checked.map_err(|e| if of > 1 { SettingsError { message: format!("{}, in the phase {name:?}", e.message), ..e } } else { e })
    }

    fn of(phase: &'p Phase, name: String, year: Option<i32>, region: Option<&str>, factors: &FactorSet) -> Result<Self, SettingsError> {
        numbers(phase)?;
        let own_tdp = |mine: bool| phase.tdp_w.filter(|_| mine);
        let with_gpu = !phase.gpu.is_empty();
        let nodes = phase.nodes.unwrap_or(1);
        let scaled = |mut devices: Devices| {
            devices.count = devices.count.saturating_mul(nodes);
            devices.counted |= phase.nodes.is_some();
            devices
        };
        let mut accelerators = Vec::new();
        for text in &phase.gpu {
            accelerators.push(scaled(hardware::accelerators(text, own_tdp(true), factors)?));
        }
        let mut processors = Vec::new();
        for text in &phase.cpu {
            processors.push(scaled(hardware::processors(text, own_tdp(!with_gpu), factors)?));
        }
        let core_share = cores(phase, nodes, &mut processors)?;
        let stated = phase.energy_kwh.is_some();
        if accelerators.is_empty() && processors.is_empty() && phase.power_w.is_none() && !stated {
            let hint = "name it: `--gpu \"8x A100-SXM4-80GB\"`, `--cpu \"2x EPYC 7763\"`, or give what it draws with `--power W`";
            return Err(SettingsError::new("gpu", "found no hardware", hint));
        }
        let devices = if with_gpu { &accelerators } else { &processors };
        let counted = devices.is_empty() || devices.iter().any(|d| d.counted);
        let total: u32 = devices.iter().fold(0_u32, |n, d| n.saturating_add(d.count)).max(1);
        let beside = !processors.is_empty() && with_gpu || phase.memory_gb.is_some() || phase.power_w.is_some();
        let (start, end) = (instant("start", phase.start.as_deref())?, instant("end", phase.end.as_deref())?);
        let between = match (start, end) {
            (Some(start), Some(end)) if end <= start => {
                return Err(SettingsError::new("end", "found a time that is not after `start`", "give the later one as `end`"));
            }
            (Some(start), Some(end)) => Some(end.since(start).as_hours()),
            (None, Some(_)) => return Err(SettingsError::new("end", "found `end` without `start`", "give both, or `start` and `hours`")),
            _ => None,
        };
        let hours = match (phase.hours, phase.device_hours, between) {
            (Some(_), Some(_), _) => {
                return Err(SettingsError::new("hours", "found wall-clock hours and device hours", "give one of the two"));
            }
            (Some(hours), None, Some(span)) if hours > span * 1.001 => {
                let message = format!("found {} h between `start` and `end`, which are {} h apart", AsFound(hours), plain(span));
                return Err(SettingsError::new("hours", message, "give hours that fit, or leave them out"));
            }
            (Some(hours), None, _) => hours,
            (None, Some(_), _) if !counted && beside => {
                return Err(SettingsError::new(
                    "hours",
                    "found device hours without a number of devices",
                    "write the number, such as `8x A100`, so that the time of the rest is known",
                ));
            }
            (None, Some(device_hours), _) => device_hours / f64::from(total),
            (None, None, Some(span)) => span,
            (None, None, None) if stated => 0.0,
            (None, None, None) => {
                return Err(SettingsError::new("hours", "found no time", "give wall-clock hours with `--hours H`, or `--device-hours H`"));
            }
        };
        let length = Span::from_micros(libm::round(hours * 3.6e9) as i64);
        let when = match (start, end) {
            (Some(start), end) => When::Dated { start, end: end.unwrap_or(start.plus(length)), utc: true },
            _ => When::Undated(length),
        };
        Ok(Self {
            asked: phase,
            name,
            accelerators,
            processors,
            core_share,
            memory_gb: phase.memory_gb.map(|gb| gb * f64::from(nodes)),
            hours,
            repeats: phase.repeats.unwrap_or(1.0),
            when,
            pue: phase.pue.map(|pue| Factor::given_pue(pue, None, Match::Given)).transpose().map_err(|e| given("pue", e))?,
            intensity: intensity(phase, year, region, factors)?,
        })
    }

    /// Time of one device over all repeats, h.
    pub fn all_hours(&self) -> f64 {
        self.hours * self.repeats
    }
}

/// Every number of the phase lies where it can.
fn numbers(phase: &Phase) -> Result<(), SettingsError> {
    let within = |setting: &'static str, value: Option<f64>, low: f64, high: f64, unit: &str, hint: &str| match value {
        // Not the negation of a comparison: NaN must fail as well.
        Some(v) if !(v > low && v <= high || v == low && low > 0.0) => {
            Err(SettingsError::new(setting, format!("found {}{unit}, expected more than {low} and at most {high}{unit}", AsFound(v)), hint))
        }
        _ => Ok(()),
    };
    let per_cent = "a share: 0.9 for 90 %";
    for (setting, value) in [("utilisation", phase.utilisation), ("cpu_utilisation", phase.cpu_utilisation)] {
        if let Some(v) = value.filter(|v| !(0.0..=1.0).contains(v)) {
            return Err(SettingsError::new(setting, format!("found {}, expected 0 to 1", AsFound(v)), per_cent));
        }
    }
    if let Some(tdp) = phase.tdp_w.filter(|tdp| *tdp > HIGHEST_TDP_W) {
        let message = format!("found {} W for one device, expected at most {HIGHEST_TDP_W} W: that is a machine or a rack", AsFound(tdp));
        return Err(SettingsError::new("tdp", message, "give the rated power of one device, or what the whole draws with `--power W`"));
    }
    if phase.nodes == Some(0) {
        return Err(SettingsError::new("nodes", "found 0 machines, expected 1 or more", "leave it out for one machine"));
    }
    within(
        "hours",
        phase.hours,
        0.0,
        LONGEST_H,
        " h",
        "wall-clock hours of the phase; for hours summed over devices use `--device-hours`",
    )?;
    within("device_hours", phase.device_hours, 0.0, MOST_DEVICE_H, " h", "hours summed over all devices")?;
    within("tdp", phase.tdp_w, 0.0, HIGHEST_TDP_W, " W", "the rated power of one device")?;
    within("power", phase.power_w, 0.0, 1e9, " W", "the mean power of everything that the phase ran on")?;
    within("energy", phase.energy_kwh, 0.0, 1e10, " kWh", "electricity of the computers, without the building's overhead")?;
    within("memory", phase.memory_gb, 0.0, 1e9, " GB", "memory of all machines together, such as 512GB")?;
    within("cpu_cores", phase.cpu_cores, 0.0, 1e8, "", "number of cores in use")?;
    within("cpu_core_w", phase.cpu_core_w, 0.0, 200.0, " W", "the rated power of a processor over its cores")?;
    within("offsets_kg", phase.offsets_kg, 0.0, 1e12, " kg", "offsets are told and never subtracted: leave it out")?;
    within("repeats", phase.repeats, 0.0, 1e6, "", "how many times the phase ran")
}

/// The share of the processors' cores that is in use; makes a processor of cores that come without one.
fn cores(phase: &Phase, nodes: u32, processors: &mut Vec<Devices>) -> Result<f64, SettingsError> {
    if processors.is_empty() {
        let (Some(cores), Some(watts)) = (phase.cpu_cores, phase.cpu_core_w) else {
            return match (phase.cpu_cores, phase.cpu_core_w) {
                (None, None) => Ok(1.0),
                _ => Err(SettingsError::new(
                    "cpu",
                    "found cores of a processor that is not named",
                    "name it with `--cpu`, or give `--cpu-cores` and `--cpu-core-w`",
                )),
            };
        };
        processors.push(Devices {
            model: format!("{} cores of {} W", plain(cores), plain(watts)),
            count: nodes,
            counted: true,
            tdp_w: cores * watts,
            spread: (1.0, 1.0),
            mean_w: None,
            cores: Some(libm::ceil(cores) as u32),
            remark: None,
            source: String::from("user"),
        });
        return Ok(1.0);
    }
    let Some(cores) = phase.cpu_cores else { return Ok(1.0) };
    let all: Option<f64> = processors.iter().map(|p| Some(f64::from(p.cores?) * f64::from(p.count))).sum();
    let cores = cores * f64::from(nodes);
    match all {
        Some(all) if cores <= all => Ok(cores / all),
        Some(all) => {
            let message = format!("found {cores} cores in use, of processors with {all}");
            Err(SettingsError::new("cpu_cores", message, "write the number of processors, such as `2x EPYC 7763`"))
        }
        None => Err(SettingsError::new(
            "cpu_cores",
            "the cores of this processor are not known",
            "give the cores with `--cpu-core-w` in place of `--cpu`",
        )),
    }
}

fn instant(setting: &'static str, text: Option<&str>) -> Result<Option<Instant>, SettingsError> {
    let Some(text) = text else { return Ok(None) };
    let padded = if text.trim().len() == 10 { format!("{} 00:00:00", text.trim()) } else { text.to_string() };
    let wrong = || SettingsError::new(setting, format!("found {text:?}, expected a time"), "write 2025-06-12T14:00:00Z or 2025-06-12");
    parse_stamp(padded.as_bytes()).map(|stamp| Some(stamp.at)).ok_or_else(wrong)
}

/// The phase's own intensity; and that its place is known, for its year.
fn intensity(phase: &Phase, year: Option<i32>, region: Option<&str>, factors: &FactorSet) -> Result<Option<Factor>, SettingsError> {
    if let Some(grams) = phase.intensity_g_per_kwh {
        return Factor::given_carbon_intensity(grams, None, None, Match::Given).map(Some).map_err(|e| given("intensity", e));
    }
    let place = phase.region.as_deref().or(region);
    let unknown = |message: String, hint: String| SettingsError { setting: "region", message, hint };
    let zone = match place {
        Some(text) if text.contains(':') => Some(factors.region(text).map_err(|e| unknown(e.to_string(), e.hint()))?.zone),
        Some(text) => Some(factors.zone(text).map_err(|e| unknown(e.to_string(), e.hint()))?),
        None => None,
    };
    if let Some(year) = phase.year.or(year) {
        factors.check_year_of(zone.as_ref(), year).map_err(|e| given("year", e))?;
    }
    Ok(None)
}

fn given(setting: &'static str, e: crate::factor::FactorError) -> SettingsError {
    SettingsError { setting, message: e.message, hint: e.hint.unwrap_or_default() }
}
