//! Logged powers that their device can't draw: a thousand times too small (milliwatts by the header that are watts), or more than its limiter allows.
//!
//! Where a table gives no rating, its reader goes by what any computer draws. Where the device is known, the band is its own: from what it draws idle to
//! what its limiter allows. Above it a recording is judged as a tracker's claim is.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::claim::{Claim, Origin};
use super::devices::Slot;
use super::evidence::{Decision, FoundNote};
use super::plausible::{Band, Judge, Verdict};
use super::possible::Bound;
use super::{Entry, Ledger, Method, Settled};
use crate::map::{Map, Set};
use crate::note::{self, Code};
use crate::rules;
use crate::series::{Component, Device, Instrument};
use crate::text::{POWER_FROM_W, in_more_files, with_unit};
use crate::units::Energy;

/// A GPU that runs a training draws more.
const LEAST_GPU_W: f64 = rules::value("reading_least_gpu_w");

/// What becomes of a recording.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Becomes {
    /// It counts a thousandfold, and the interval holds what the header says as well.
    Thousandfold,
    /// Neither reading can be: its device counts as not measured.
    LeftOut,
    /// More than its device draws, of which a thousandth can be: that counts.
    Thousandth,
    /// More than its device draws: it counts as not measured.
    Above,
}

/// Repairs or leaves out recordings of known devices.
pub(super) fn mend(
    claims: &mut Vec<Claim<'_>>,
    slots: &[Slot],
    ledger: &Ledger,
    judge: &mut Judge<'_>,
    bounds: &mut Vec<Bound>,
    settled: &mut Settled,
) {
    let entries: Vec<&Entry> = ledger.entries().collect();
    let mut told: Map<(Becomes, String), (f64, Energy, Set<usize>)> = Map::new();
    // Beside a processor of half a watt a GPU may draw little, too.
    let of_more: Set<usize> = claims.iter().filter(|claim| claim.component != Component::Gpu).map(|claim| claim.file).collect();
    claims.retain_mut(|claim| {
        let entry = entries.get(claim.file);
        let model = slots.get(claim.device).and_then(|slot| slot.device.model.as_deref()).unwrap_or("");
        let is_asked = entry.is_none_or(|entry| entry.reading.columns_given) || claim.instrument != Instrument::NotStated;
        let is_repaired = claim.times.contains(&(1, 1000));
        // Several processors of a machine may stand as one.
        let is_one = claim.component != Component::Cpu || slots.get(claim.device).is_some_and(|slot| slot.device.index.is_some());
        let is_named = slots.get(claim.device).is_some_and(|slot| slot.device.is_named());
        let is_recorded = matches!(&claim.origin, Origin::Recorded(recorded) if !recorded.is_untimed);
        let above = judge.above(claim, model, is_named).filter(|_| is_one && is_recorded && !is_repaired);
        let becomes = match (above, judge.band(claim, model).filter(|_| !is_asked && is_power(claim))) {
            (Some(Verdict::LeftOut { bound, .. }), _) => Some((Becomes::Above, bound)),
            (Some(_), _) => Some((Becomes::Thousandth, Energy::ZERO)),
            (None, Some((Band::Thousandth, _))) if !is_repaired => Some((Becomes::Thousandfold, Energy::ZERO)),
            (None, None) if model.is_empty() && is_of_none(claim) && !is_repaired && !is_asked && !of_more.contains(&claim.file) => {
                Some((Becomes::Thousandfold, Energy::ZERO))
            }
            // A table's reader took it a thousandfold, by what any computer draws.
            (None, Some((Band::Below | Band::Thousandth, bound))) if is_repaired => Some((Becomes::LeftOut, bound)),
            _ => None,
        };
        let Some((becomes, bound)) = becomes else { return true };
        let device = Device::called(claim.component.label(), model);
        let watts = claim.energy.mean_watts(claim.coverage.length()).unwrap_or(0.0);
        let (first, left, files) = told.entry((becomes, device)).or_insert((watts, Energy::ZERO, Set::new()));
        *first = if matches!(becomes, Becomes::Above | Becomes::Thousandth) { first.max(watts) } else { first.min(watts) };
        *left += claim.energy;
        files.insert(claim.file);
        claim.further.iter().for_each(|file| {
            files.insert(*file);
        });
        match becomes {
            Becomes::Thousandfold => {
                // What is left out of the plain sum is less than nothing: so much more counts.
                let claimed = claim.energy;
                thousandfold(claim);
                *left = *left - claim.energy;
                settled.plain = settled.plain + claimed - claim.energy;
                true
            }
            Becomes::Thousandth => {
                let claimed = claim.energy;
                thousandth(claim);
                *left = *left - claim.energy;
                settled.plain = settled.plain + claimed - claim.energy;
                true
            }
            Becomes::LeftOut | Becomes::Above => {
                settled.plain += claim.energy;
                bounds.push(Bound::of_recording(claim, model, bound));
                false
            }
        }
    });
    for ((becomes, device), (watts, left, files)) in told.iter() {
        let path = files.first().and_then(|file| entries.get(*file)).map(|entry| entry.file.path.clone());
        let more = in_more_files(files.len().saturating_sub(1) as u64);
        let mean = |watts: f64| with_unit(watts, 3, POWER_FROM_W);
        let (code, message): (&'static Code, String) = match becomes {
            Becomes::Thousandfold => (
                &note::UNIT_DOUBTFUL,
                format!(
                    "{device}: by the header it is {} in the mean, which it can't be; {} is taken, a thousand times as much{more}",
                    mean(*watts),
                    mean(1000.0 * watts)
                ),
            ),
            Becomes::Above => (
                &note::IMPLAUSIBLE_POWER,
                format!("{device}: {} in the mean is more than it draws: left out, it counts as not measured{more}", mean(*watts)),
            ),
            Becomes::Thousandth => (
                &note::IMPLAUSIBLE_POWER,
                format!(
                    "{device}: {} in the mean is more than it draws; {} is taken, a thousandth{more}",
                    mean(*watts),
                    mean(watts / 1000.0)
                ),
            ),
            Becomes::LeftOut => (
                &note::IMPLAUSIBLE_POWER,
                format!(
                    "{device}: neither {} nor {} in the mean is what it draws: left out, it counts as not measured{more}",
                    mean(watts / 1000.0),
                    mean(*watts)
                ),
            ),
        };
        let left_out = format!("{device} ({}){more}", path.as_deref().unwrap_or(""));
        let is_left_out = matches!(becomes, Becomes::LeftOut | Becomes::Above);
        let (kept, left_out) = if is_left_out { (String::new(), left_out) } else { (left_out, String::new()) };
        settled.decisions.push(Decision {
            rule: if is_left_out { "implausible-left-out" } else { "implausible-repaired" },
            kept,
            left_out,
            energy: Some(*left),
            reason: message.clone(),
        });
        settled.notes.push(FoundNote { code, message, place: path, hint: None });
    }
}

/// Whether a table that says nothing but the power of a GPU says less than any draws that runs a training.
fn is_of_none(claim: &Claim<'_>) -> bool {
    let watts = claim.energy.mean_watts(claim.coverage.length()).unwrap_or(0.0);
    // A laptop's board may sleep most of the time: what it drew at most tells more than the mean.
    let peaks = match &claim.origin {
        Origin::Recorded(recorded) => recorded.peak.is_some_and(|peak| peak.as_watts() >= LEAST_GPU_W),
        Origin::Declared(..) => false,
    };
    let is_gpu = claim.component == Component::Gpu && is_power(claim) && !peaks;
    is_gpu && claim.instrument == Instrument::NotStated && 0.0 < watts && watts < LEAST_GPU_W
}

fn is_power(claim: &Claim<'_>) -> bool {
    matches!(claim.method, Method::PowerHeld | Method::PowerMean | Method::PowerTrapezoid)
        && matches!(claim.component, Component::Cpu | Component::Gpu | Component::GpuModule)
        && matches!(claim.origin, Origin::Recorded(_))
}

fn thousandth(claim: &mut Claim<'_>) {
    let of = |energy: Energy| energy.share(1, 1000);
    claim.energy = of(claim.energy);
    let Origin::Recorded(recorded) = &mut claim.origin else { return };
    let integral = &mut recorded.integral;
    integral.profile = integral.profile.scaled_to(integral.profile.total() / 1000).unwrap_or_default();
    (integral.energy, integral.gap_energy) = (of(integral.energy), of(integral.gap_energy));
    integral.scatter /= 1_000_000;
    recorded.peak = recorded.peak.map(|peak| crate::units::Power::from_microwatts(peak.as_microwatts() / 1000));
    recorded.stamped_twice = of(recorded.stamped_twice);
}

fn thousandfold(claim: &mut Claim<'_>) {
    let times = |energy: Energy| energy.share(1000, 1);
    claim.energy = times(claim.energy);
    claim.times.push((1, 1000));
    let Origin::Recorded(recorded) = &mut claim.origin else { return };
    let integral = &mut recorded.integral;
    integral.profile = integral.profile.scaled_to(1000 * integral.profile.total()).unwrap_or_default();
    (integral.energy, integral.gap_energy) = (times(integral.energy), times(integral.gap_energy));
    integral.scatter = integral.scatter.saturating_mul(1_000_000);
    recorded.peak = recorded.peak.map(|peak| crate::units::Power::from_microwatts(peak.as_microwatts().saturating_mul(1000)));
    recorded.stamped_twice = times(recorded.stamped_twice);
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use crate::factor::FactorSet;
    use crate::ledger::{InputFile, Ledger, LedgerOptions};
    use crate::read::{FileReader, ReadOptions};
    use crate::units::Energy;

    /// A log of ten minutes, one row a second: what counts of it, and what is left out for what reason.
    fn settled(header: &str, row: &str) -> (Energy, Option<(&'static str, Energy)>, bool) {
        let mut text = format!("{header}\n");
        let stamped =
            |at: u32, stamp: &str| row.replace("TIME", stamp).replace("ISO", &format!("2025-06-12T14:{:02}:{:02}Z", at / 60, at % 60));
        (0..=600).for_each(|at| text += &stamped(at, &format!("2025/06/12 14:{:02}:{:02}.000", at / 60, at % 60)));
        let mut reader = FileReader::new(ReadOptions::default());
        reader.push(text.as_bytes());
        let mut ledger = Ledger::default();
        ledger.add(InputFile { path: String::from("a.csv"), bytes: 1, blake3: String::from("a"), ..InputFile::default() }, reader.finish());
        let factors = FactorSet::from_tables(carbon_data::TABLES).expect("tables");
        let settled = ledger.settle(LedgerOptions { factors: Some(&factors), ..LedgerOptions::default() });
        let counted: Energy = settled.evidence.iter().map(|one| one.energy).sum();
        let decision = settled.decisions.iter().find(|decision| decision.rule.starts_with("implausible"));
        let left_out = decision.and_then(|decision| Some((decision.rule, decision.energy?)));
        assert_eq!(settled.plain, counted + left_out.map_or(Energy::ZERO, |(_, energy)| energy), "{row}");
        (counted, left_out, settled.notes.iter().any(|note| note.code.id == "implausible-power"))
    }

    /// Of a GPU of which nothing else is known, less than 1 W is a thousandth of what it draws.
    #[test]
    fn a_gpu_at_work_draws_watts() {
        for (header, row, counts, is_repaired) in [
            ("time,gpu0_power_mw", "ISO,300", 180_000, true),
            ("time,gpu0_w", "ISO,0.250", 150_000, true),
            ("time,gpu_power_mw", "ISO,90", 54_000, true),
            ("time,gpu0_power_mw", "ISO,3000", 1_800, false),
            ("time,gpu0_w", "ISO,300", 180_000, false),
            ("time,cpu_w", "ISO,0.600", 360, false),
            ("time,cpu_mw,gpu_mw", "ISO,400,20", 252, false),
        ] {
            let (counted, decision, _) = settled(header, &format!("{row}\n"));
            assert_eq!(counted, Energy::from_joules(counts), "{header} {row}");
            assert_eq!(decision.is_some_and(|(rule, _)| rule == "implausible-repaired"), is_repaired, "{header} {row}: {decision:?}");
        }
    }

    /// Rated powers: T4 70 W, A100 SXM4 400 W, H100 SXM 700 W, L4 72 W, MI300X 750 W, RTX 4090 450 W; limiters allow a tenth more, owners of the last a third.
    #[test]
    fn a_recording_above_what_its_device_draws_is_no_measurement() {
        let smi = "timestamp, index, name, power.draw [W]";
        let joules = |watts: i64| Energy::from_joules(600 * watts);
        for (model, watts) in [
            ("Tesla T4", 3_000),
            ("Tesla T4", 85),
            ("NVIDIA A100-SXM4-80GB", 1_300),
            ("NVIDIA L4", 1_000),
            ("NVIDIA GeForce RTX 4090", 900),
        ] {
            let found = settled(smi, &format!("TIME, 0, {model}, {watts} W\n"));
            assert_eq!(found, (Energy::ZERO, Some(("implausible-left-out", joules(watts))), true), "{model} {watts}");
        }
        // What its limiter allows is believed, and so is a device of which nothing is known.
        for (model, watts) in
            [("Tesla T4", 75), ("NVIDIA H100 80GB HBM3", 740), ("NVIDIA GeForce RTX 4090", 590), ("a board of tomorrow", 3_000)]
        {
            assert_eq!(settled(smi, &format!("TIME, 0, {model}, {watts} W\n")), (joules(watts), None, false), "{model} {watts}");
        }
        // Without units and with another header.
        let bare = "index, timestamp, power.draw, name";
        assert_eq!(settled(bare, "0, TIME, 2500.00, Tesla T4\n").1, Some(("implausible-left-out", joules(2_500))));
    }

    /// Energies of whole intervals, whose powers no reader saw: of a board that is known, and of one of which only the ceiling is, 5000 W.
    #[test]
    fn energies_are_judged_as_powers_are() {
        for (model, joules) in [("NVIDIA A100-SXM4-80GB", 3_000), ("Tesla T4", 100), ("", 6_000)] {
            let found = settled("timestamp,index,gpu_name,energy_interval_j", &format!("ISO,0,{model},{joules}\n"));
            assert!(found.0 == Energy::ZERO && found.2, "{model} {joules}: {found:?}");
        }
        let believed = settled("timestamp,index,gpu_name,energy_interval_j", "ISO,0,NVIDIA A100-SXM4-80GB,390\n");
        assert_eq!(believed, (Energy::from_joules(601 * 390), None, false));
    }
}
