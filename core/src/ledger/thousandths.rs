//! Logged powers a thousand times too small for their device: milliwatts by the header that are watts.
//!
//! Where a table gives no rating, its reader goes by what any computer draws. Where the device is known, the band is its own: from what it draws idle to
//! what its limiter allows.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::claim::{Claim, Origin};
use super::devices::Slot;
use super::evidence::{Decision, FoundNote};
use super::plausible::{Band, Judge};
use super::possible::Bound;
use super::{Entry, Ledger, Method, Settled};
use crate::map::{Map, Set};
use crate::note::{self, Code};
use crate::series::{Component, Instrument};
use crate::text::{POWER_FROM_W, in_more_files, with_unit};
use crate::units::Energy;

/// What becomes of a recording.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Becomes {
    /// It counts a thousandfold, and the interval holds what the header says as well.
    Thousandfold,
    /// Neither reading can be: its device counts as not measured.
    LeftOut,
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
    let mut kept = Vec::with_capacity(claims.len());
    for mut claim in core::mem::take(claims) {
        let entry = entries.get(claim.file);
        let model = slots.get(claim.device).and_then(|slot| slot.device.model.as_deref());
        let is_asked = entry.is_none_or(|entry| entry.reading.columns_given) || claim.instrument != Instrument::NotStated;
        let Some(model) = model.filter(|_| !is_asked && is_power(&claim)) else {
            kept.push(claim);
            continue;
        };
        let is_repaired = claim.times == Some((1, 1000));
        let becomes = match judge.band(&claim, model) {
            Some((Band::Thousandth, _)) if !is_repaired => Some((Becomes::Thousandfold, Energy::ZERO)),
            // A table's reader took it a thousandfold, by what any computer draws.
            Some((Band::Below | Band::Thousandth, bound)) if is_repaired => Some((Becomes::LeftOut, bound)),
            _ => None,
        };
        let Some((becomes, bound)) = becomes else {
            kept.push(claim);
            continue;
        };
        let device = format!("{} {model}", claim.component.label());
        let watts = claim.energy.mean_watts(claim.coverage.length()).unwrap_or(0.0);
        let (first, left, files) = told.entry((becomes, device)).or_insert((watts, Energy::ZERO, Set::new()));
        *first = first.min(watts);
        *left += claim.energy;
        files.insert(claim.file);
        claim.further.iter().for_each(|file| {
            files.insert(*file);
        });
        match becomes {
            Becomes::Thousandfold => {
                // What is left out of the plain sum is less than nothing: so much more counts.
                let claimed = claim.energy;
                thousandfold(&mut claim);
                *left = *left - claim.energy;
                settled.plain = settled.plain + claimed - claim.energy;
                kept.push(claim);
            }
            Becomes::LeftOut => {
                settled.plain += claim.energy;
                bounds.push(Bound::of_recording(&claim, model, bound));
            }
        }
    }
    *claims = kept;
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
        settled.decisions.push(Decision {
            rule: if *becomes == Becomes::LeftOut { "implausible-left-out" } else { "implausible-repaired" },
            kept: if *becomes == Becomes::LeftOut { String::new() } else { left_out.clone() },
            left_out: if *becomes == Becomes::LeftOut { left_out } else { String::new() },
            energy: Some(*left),
            reason: message.clone(),
        });
        settled.notes.push(FoundNote { code, message, place: path, hint: None });
    }
}

fn is_power(claim: &Claim<'_>) -> bool {
    matches!(claim.method, Method::PowerHeld | Method::PowerMean | Method::PowerTrapezoid)
        && matches!(claim.component, Component::Cpu | Component::Gpu | Component::GpuModule)
        && matches!(claim.origin, Origin::Recorded(_))
}

fn thousandfold(claim: &mut Claim<'_>) {
    let times = |energy: Energy| energy.share(1000, 1);
    claim.energy = times(claim.energy);
    claim.times = Some((1, 1000));
    let Origin::Recorded(recorded) = &mut claim.origin else { return };
    let integral = &mut recorded.integral;
    integral.profile = integral.profile.scaled_to(1000 * integral.profile.total()).unwrap_or_default();
    (integral.energy, integral.gap_energy) = (times(integral.energy), times(integral.gap_energy));
    integral.scatter = integral.scatter.saturating_mul(1_000_000);
    recorded.peak = recorded.peak.map(|peak| crate::units::Power::from_microwatts(peak.as_microwatts().saturating_mul(1000)));
    recorded.stamped_twice = times(recorded.stamped_twice);
}
