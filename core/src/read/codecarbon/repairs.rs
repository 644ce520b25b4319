//! What releases of CodeCarbon are known to get wrong, and how it is put right: one row a defect. `--as-logged` leaves each.
//!
//! A row changes the draft of a figure and says so; what only the ledger can know (whether a file of the run's tasks is there, whether a device can
//! draw what is claimed) is offered to it.

use alloc::string::String;
use alloc::vec::Vec;

use super::components;
use super::{Column, Record};
use crate::read::{DeclaredPart, OfferedRepair};
use crate::rules;
use crate::series::{Component, Instrument};
use crate::units::{Energy, Power, Span};

/// A figure while it is read.
#[derive(Debug)]
pub(super) struct Draft {
    /// The length of the run, where it is known.
    pub(super) duration: Option<Span>,
    /// The length that the run's energies speak for, where it is longer than the logged one.
    pub(super) length_by_energy: Option<Span>,
    /// Emissions as logged, kg.
    pub(super) emissions_kg: Option<f64>,
    /// IT energies.
    pub(super) parts: Vec<DeclaredPart>,
    /// Energies are left as they are; the ledger is told what is wrong with them.
    pub(super) as_logged: bool,
    /// Repairs that were made, in words.
    pub(super) repairs: Vec<String>,
}

/// A known defect.
pub(super) struct Repair {
    /// In words, with the releases.
    words: &'static str,
    /// First release, where the release matters.
    from: Option<(u32, u32, u32)>,
    /// Last release.
    to: Option<(u32, u32, u32)>,
    /// Puts a figure right; `false` where it is.
    apply: fn(&Record<'_>, &mut Draft) -> bool,
}

/// Of lengths of time: before energies are read, which may be replaced by power × time.
pub(super) static OF_TIME: &[Repair] = &[
    Repair {
        words: "negative duration (CodeCarbon 2.5 to 2.6) replaced by emissions ÷ emissions_rate",
        from: None,
        to: None,
        apply: negative_duration,
    },
    Repair {
        words: "duration of the last task replaced by that of the run (ram_energy ÷ ram_power)",
        from: Some((2, 3, 0)),
        to: None,
        apply: last_task,
    },
];

/// Of energies.
pub(super) static OF_ENERGY: &[Repair] =
    &[Repair { words: THREADS_FOR_SOCKETS, from: Some((3, 0, 0)), to: Some((3, 2, 2)), apply: threads_for_sockets }];

/// Rows from which cells were left out.
pub(super) const CELLS_LEFT_OUT: &str = "cells left out of the row (CodeCarbon 3.2.9 and 3.3.0) put back by name";

const THREADS_FOR_SOCKETS: &str =
    "processor energy of CodeCarbon 3.0.0 to 3.2.2 on Windows, where threads were taken for sockets, divided by the number of threads";

/// Longer than any run: a hundred years.
const LONGEST: Span = Span::from_seconds(3_155_760_000);

/// A run with tasks is longer than its last one; one whose memory was merely read for longer than the stamps say (powermetrics takes a second or two)
/// is not many times too short.
const MANY_TIMES: i64 = rules::whole("codecarbon_many_times");
const LEAST_DIFFERENCE: Span = rules::seconds("codecarbon_least_difference_s");

/// Makes the repairs of a list that fit the row's release.
pub(super) fn apply(repairs: &'static [Repair], record: &Record<'_>, draft: &mut Draft) {
    let release = record.release();
    for repair in repairs {
        let inside = repair.from.is_none_or(|from| release.is_some_and(|r| r >= from))
            && repair.to.is_none_or(|to| release.is_some_and(|r| r <= to));
        if inside && (repair.apply)(record, draft) {
            draft.repairs.push(String::from(repair.words));
        }
    }
}

/// A length of time that can be.
pub(super) fn sane(span: Span) -> Option<Span> {
    (span >= Span::ZERO && span < LONGEST).then_some(span)
}

/// Tasks of 2.5.0 to 2.6.0 subtract the Unix time from a monotonic clock (upstream issue 653) and come out at about -1.8e9 s; emissions and their rate
/// are right.
fn negative_duration(record: &Record<'_>, draft: &mut Draft) -> bool {
    if draft.duration.is_none_or(|d| d >= Span::ZERO) {
        return false;
    }
    draft.duration = None;
    let Some(rate) = record.float(Column::EmissionsRate).filter(|r| *r > 0.0) else { return false };
    let Some(emissions) = draft.emissions_kg.filter(|e| *e > 0.0) else { return false };
    let seconds = emissions / rate;
    if !(seconds > 0.0 && seconds < LONGEST.as_seconds()) {
        return false;
    }
    draft.duration = Some(Span::from_micros(libm::round(seconds * 1e6) as i64));
    true
}

/// In a run with tasks, the main row's duration starts anew with each task, its energies do not; the memory's power is constant in machine mode, so its
/// energy tells the time. A duration many times too short is a sign of tasks; a lesser difference waits for a file of the run's tasks.
fn last_task(record: &Record<'_>, draft: &mut Draft) -> bool {
    let Some(logged) = draft.duration.filter(|_| !record.is_task() && record.get(Column::TrackingMode) == b"machine") else { return false };
    let Some(by_memory) = components::time_by_memory(record).and_then(sane) else { return false };
    let longer = by_memory.as_micros() > logged.as_micros().saturating_mul(6) / 5 && by_memory - logged > Span::from_seconds(1);
    if !longer {
        return false;
    }
    draft.length_by_energy = Some(by_memory);
    if by_memory.as_micros() < logged.as_micros().saturating_mul(MANY_TIMES) || by_memory - logged < LEAST_DIFFERENCE {
        return false;
    }
    draft.duration = Some(by_memory);
    true
}

/// 3.0.0 to 3.2.2 took `NUMBER_OF_PROCESSORS` for the number of sockets on Windows (mended by 91eee4a0), so that the rated power of a known processor is
/// multiplied by its threads. A constant of half of that is told exactly by its digits and divided; by load, the ledger divides what can't be.
fn threads_for_sockets(record: &Record<'_>, draft: &mut Draft) -> bool {
    let windows = record.get(Column::Os).get(..7).is_some_and(|os| os.eq_ignore_ascii_case(b"windows"));
    let Some(threads) = record.count(Column::CpuCount).filter(|n| *n > 1 && windows) else { return false };
    let duration = draft.duration;
    let Some(part) = draft.parts.iter_mut().find(|part| part.component == Component::Cpu && part.model.is_some()) else { return false };
    let power = record.power(Column::CpuPower).map(|power| components::power_without_pue(record, power));
    if let Some(power) = power.zip(duration).filter(|(power, span)| is_constant(*power, part.energy, *span)).map(|(power, _)| power) {
        // Rated power = 2 × power ÷ threads: whole half watts, of a processor that is sold. 4 W a thread stand for one that CodeCarbon does not know.
        let doubled = 2 * power.as_microwatts();
        let rated = doubled / i64::from(threads);
        let whole = doubled % i64::from(threads) == 0 && rated % 500_000 == 0;
        if power == components::UNKNOWN_CPU || !whole || !(4_500_000..=500_000_000).contains(&rated) {
            return false;
        }
        part.instrument = Instrument::TrackerAssumption;
        if !draft.as_logged {
            part.energy = part.energy.share(1, i64::from(threads));
            return true;
        }
    }
    part.offered = Some(OfferedRepair { rule: THREADS_FOR_SOCKETS, divide_by: threads });
    false
}

/// Whether a power was held for all of a run.
pub(super) fn is_constant(power: Power, energy: Energy, duration: Span) -> bool {
    let constant = power.over(duration);
    power.as_microwatts() % 500_000 == 0 && (energy - constant).as_picojoules().abs() <= constant.as_picojoules() / 100
}
