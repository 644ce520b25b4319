//! Energy of CPU, GPU and memory in a row, and how CodeCarbon came to it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::repairs::{Draft, is_constant};
use super::{Column, Finding, Record, Said};
use crate::decode::{encoding, quantity};
use crate::note;
use crate::read::{DeclaredPart, SkipReason};
use crate::series::{Component, Instrument};
use crate::units::{Energy, Power, Span};

/// Half of the 85 W that CodeCarbon takes for a CPU that it does not know.
pub(super) const UNKNOWN_CPU: Power = Power::from_microwatts(42_500_000);

/// From this release on the power columns contain the PUE, as the energies do since 2.2.3.
const POWERS_WITH_PUE: (u32, u32, u32) = (3, 3, 1);

/// From this release on the CPU is modelled by its load, with 4 W a thread where it is unknown.
const LOAD_MODEL: (u32, u32, u32) = (3, 0, 0);

struct Source {
    component: Component,
    energy: Column,
    power: Column,
    name: &'static str,
}

const SOURCES: [Source; 3] = [
    Source { component: Component::Cpu, energy: Column::CpuEnergy, power: Column::CpuPower, name: "cpu_energy" },
    Source { component: Component::Gpu, energy: Column::GpuEnergy, power: Column::GpuPower, name: "gpu_energy" },
    Source { component: Component::Memory, energy: Column::RamEnergy, power: Column::RamPower, name: "ram_energy" },
];

/// Reads the energies of a row; `false` where the total is not their sum.
pub(super) fn parts(
    record: &Record<'_>,
    total: Energy,
    draft: &mut Draft,
    as_logged: bool,
    findings: &mut Vec<Finding>,
) -> Result<bool, SkipReason> {
    let duration = draft.duration;
    let (mut sum, mut any, mut negative) = (Energy::ZERO, false, false);
    for source in &SOURCES {
        let text = record.get(source.energy);
        if text.is_empty() || text == b"None" || text == b"nan" {
            continue;
        }
        let logged = quantity::kilowatt_hours(text).ok_or(SkipReason::Torn)?;
        (sum, any) = (sum + logged, true);
        let energy = match logged.cmp(&Energy::ZERO) {
            core::cmp::Ordering::Greater => without_pue(record, logged),
            core::cmp::Ordering::Equal => {
                let finding = unmeasured(record, source, total);
                if source.component == Component::Gpu && total > Energy::ZERO && finding.is_some() {
                    draft.parts.push(DeclaredPart { unmeasured: true, ..describe(record, source, Energy::ZERO, duration) });
                }
                findings.extend(finding);
                continue;
            }
            core::cmp::Ordering::Less => {
                negative = true;
                let repaired = if as_logged { None } else { from_power(record, source.power, duration) };
                findings.push(negative_energy(source, text, repaired.is_some()));
                let Some(energy) = repaired else { continue };
                draft.repairs.push(format!("negative {} replaced by power × duration", source.name));
                energy
            }
        };
        draft.parts.push(describe(record, source, energy, duration));
    }
    if !any {
        if total > Energy::ZERO {
            draft.parts.push(unsplit(without_pue(record, total)));
        }
        return Ok(true);
    }
    let mut agrees = true;
    let rest = total - sum;
    // Floats are added in another order than the text shows; a thousandth is no rounding any more.
    if !negative && total > Energy::ZERO && rest.as_picojoules().abs() > total.as_picojoules() / 1000 {
        agrees = false;
        findings.push(Finding {
            code: &note::PARTS_DIFFER,
            subject: "",
            said: Said::Text(format!("energy_consumed is {} kWh, its parts add up to {} kWh", total.as_kwh(), sum.as_kwh())),
        });
        if rest > Energy::ZERO {
            draft.parts.push(unsplit(without_pue(record, rest)));
        }
    }
    Ok(agrees)
}

/// The time that the memory's energy took at its power, which CodeCarbon's models hold constant.
pub(super) fn time_by_memory(record: &Record<'_>) -> Option<Span> {
    let energy = quantity::kilowatt_hours(record.get(Column::RamEnergy)).map(|e| without_pue(record, e))?;
    let power = record.power(Column::RamPower).map(|p| power_without_pue(record, p))?;
    i64::try_from(energy.as_picojoules() / i128::from(power.as_microwatts().max(1))).ok().map(Span::from_micros)
}

fn unsplit(energy: Energy) -> DeclaredPart {
    DeclaredPart::of(Component::Unsplit, energy, Instrument::TrackerUnstated)
}

fn without_pue(record: &Record<'_>, energy: Energy) -> Energy {
    quantity::divided_back(energy, record.get(Column::Pue)).unwrap_or(energy)
}

pub(super) fn power_without_pue(record: &Record<'_>, power: Power) -> Power {
    if record.release().is_none_or(|release| release < POWERS_WITH_PUE) {
        return power;
    }
    let joules = quantity::divided_back(power.over(Span::from_seconds(1)), record.get(Column::Pue));
    joules.and_then(|e| i64::try_from(e.as_picojoules() / 1_000_000).ok()).map_or(power, Power::from_microwatts)
}

fn from_power(record: &Record<'_>, column: Column, duration: Option<Span>) -> Option<Energy> {
    Some(power_without_pue(record, record.power(column)?).over(duration?))
}

fn negative_energy(source: &Source, text: &[u8], repaired: bool) -> Finding {
    let what = if repaired { "power × duration is used" } else { "the component is left out" };
    Finding {
        code: &note::NEGATIVE_ENERGY,
        subject: source.name,
        said: Said::Text(format!("{} is {}: {what}", source.name, encoding::text(text))),
    }
}

/// A component with 0 kWh in a row that has energy: not measured, unless there is none of it.
fn unmeasured(record: &Record<'_>, source: &Source, total: Energy) -> Option<Finding> {
    if source.component == Component::Gpu {
        let listed = record.count(Column::GpuCount).is_some_and(|n| n > 0) || record.text(Column::GpuModel).is_some();
        return listed.then(|| Finding {
            code: &note::GPU_UNMEASURED,
            subject: "",
            said: Said::Text(format!(
                "gpu_energy is 0 although {} is listed",
                record.text(Column::GpuModel).unwrap_or_else(|| String::from("a GPU"))
            )),
        });
    }
    (total > Energy::ZERO).then(|| Finding {
        code: &note::NOT_MEASURED,
        subject: source.name,
        said: Said::Text(format!("{} is 0 in a row that has other energy: the component counts as not measured", source.name)),
    })
}

fn describe(record: &Record<'_>, source: &Source, energy: Energy, duration: Option<Span>) -> DeclaredPart {
    let part = |instrument| DeclaredPart::of(source.component, energy, instrument);
    match source.component {
        Component::Gpu => {
            let (count, model) = gpus(record);
            // A process is given all of the GPU: its share can't be told.
            DeclaredPart { model, count, whole_device: true, ..part(Instrument::TrackerSensor) }
        }
        Component::Memory => part(Instrument::TrackerModel),
        // `cpu_count` counts threads, which are no devices.
        _ => DeclaredPart {
            model: record.text(Column::CpuModel),
            threads: record.count(Column::CpuCount),
            ..part(cpu_instrument(record, energy, duration))
        },
    }
}

/// How CodeCarbon came to the CPU's energy; rows do not say, but its models leave traces.
fn cpu_instrument(record: &Record<'_>, energy: Energy, duration: Option<Span>) -> Instrument {
    let Some(power) = record.power(Column::CpuPower) else {
        return Instrument::TrackerUnstated;
    };
    if power == UNKNOWN_CPU {
        return Instrument::TrackerAssumption;
    }
    // Half of a TDP is a multiple of half a watt and holds for all of the run; a sensor's last reading is neither.
    if duration.is_some_and(|duration| is_constant(power, energy, duration)) {
        return Instrument::TrackerAssumption;
    }
    let threads = i64::from(record.count(Column::CpuCount).unwrap_or(0));
    if record.release().is_some_and(|release| release >= LOAD_MODEL) && power <= Power::from_watts(4 * threads) {
        return Instrument::TrackerModel;
    }
    Instrument::TrackerUnstated
}

/// Number and model of `8 x NVIDIA A40`, or `Apple M1`. Models of mixed machines run together without a separator and stay as they are.
fn gpus(record: &Record<'_>) -> (Option<u32>, Option<String>) {
    let count = record.count(Column::GpuCount).filter(|n| *n > 0);
    let Some(text) = record.text(Column::GpuModel) else {
        return (count, None);
    };
    match text.split_once(" x ") {
        Some((number, model)) if !model.contains(" x ") => match number.trim().parse::<u32>() {
            Ok(number) => (Some(number), Some(String::from(model.trim()))),
            Err(_) => (count, Some(text)),
        },
        _ => (count, Some(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gpu_models() {
        for (text, count, expected) in [
            ("8 x NVIDIA A40", Some(8), "NVIDIA A40"),
            ("Apple M1", Some(2), "Apple M1"),
            ("1 x NVIDIA A1001 x Tesla T4", Some(2), "1 x NVIDIA A1001 x Tesla T4"),
        ] {
            let mut record = Record::empty();
            record.set(Column::GpuModel, text.as_bytes());
            record.set(Column::GpuCount, b"2.0");
            assert_eq!(gpus(&record), (count, Some(String::from(expected))), "{text}");
        }
    }

    #[test]
    fn origins_of_cpu_energy() {
        // Half of the 225 W of an EPYC 7713 for an hour; 4 W a thread; a reading.
        for (release, power, threads, expected) in [
            ("2.3.3", "42.5", "128", Instrument::TrackerAssumption),
            ("2.3.3", "112.5", "128", Instrument::TrackerAssumption),
            ("2.3.3", "187.2341", "128", Instrument::TrackerUnstated),
            ("3.2.0", "6.8", "2", Instrument::TrackerModel),
            ("3.2.0", "187.2341", "2", Instrument::TrackerUnstated),
        ] {
            let mut record = Record::empty();
            record.set(Column::CodecarbonVersion, release.as_bytes());
            record.set(Column::CpuPower, power.as_bytes());
            record.set(Column::CpuCount, threads.as_bytes());
            let energy = quantity::kilowatt_hours(b"0.1125").expect("an energy");
            assert_eq!(cpu_instrument(&record, energy, Some(Span::from_seconds(3600))), expected, "{release} {power}");
        }
    }
}
