//! Mean power over time, by component, in steps that a chart can show.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::cost::Costed;
use crate::ledger::When;
use crate::map::Map;
use crate::report::{Timeline, TimelineSeries};
use crate::series::{Component, PROFILE_STEPS_S};
use crate::units::{Instant, Span, calendar};

/// A chart holds about so many steps.
const MOST_STEPS: i64 = 400;

/// The timeline of what was sampled with a date; `None` where nothing was. A tracker's total has no course over time: a flat area would look like samples.
pub(super) fn timeline(costed: &[Costed<'_>]) -> Option<Timeline> {
    let dated: Vec<(&Costed<'_>, Instant, Instant, bool)> = costed
        .iter()
        .filter(|c| c.evidence.samples.is_some() && c.evidence.profile.is_some())
        .filter_map(|c| match c.evidence.when {
            When::Dated { start, end, utc } => Some((c, start, end, utc)),
            When::Undated(_) => None,
        })
        .collect();
    // Local and UTC clocks can't share an axis: the clock of the first holds.
    let utc = dated.first()?.3;
    let dated: Vec<_> = dated.into_iter().filter(|d| d.3 == utc).collect();
    let (start, end) = (dated.iter().map(|d| d.1).min()?, dated.iter().map(|d| d.2).max()?);
    let span = end.since(start).as_micros() / 1_000_000;
    let finest = dated.iter().filter_map(|d| d.0.evidence.profile.as_ref()).map(|p| p.step_s()).max()?;
    // Beyond hourly steps, whole numbers of hours, or of what the profiles know.
    let longest = finest.max(3600);
    let coarse = PROFILE_STEPS_S.into_iter().take_while(|s| *s <= longest).find(|s| *s >= finest && span / s <= MOST_STEPS);
    let step = coarse.unwrap_or_else(|| longest * (span / longest / MOST_STEPS + 1));
    let first = start.as_micros().div_euclid(step * 1_000_000);
    let last = (end.as_micros() - 1).max(start.as_micros()).div_euclid(step * 1_000_000);
    let count = usize::try_from(last - first + 1).ok()?;
    let mut by: Map<Component, Vec<Option<f64>>> = Map::new();
    for (one, begin, finish, _) in &dated {
        let Some(profile) = one.evidence.profile.as_ref().map(|p| p.coarsened_to(step.min(longest))) else { continue };
        let powers = by.entry(one.evidence.component).or_insert_with(|| alloc::vec![None; count]);
        for (at, doubled) in profile.buckets() {
            let bucket = at.as_micros().div_euclid(step * 1_000_000);
            let Some(slot) = usize::try_from(bucket - first).ok().and_then(|i| powers.get_mut(i)) else { continue };
            // The first and last step are covered in part.
            let from = Instant::from_micros(bucket * step * 1_000_000);
            let covered = from.plus(Span::from_seconds(step)).min(*finish).since(from.max(*begin)).as_seconds();
            let joules = doubled as f64 / 2e12;
            *slot = Some(slot.unwrap_or(0.0) + joules / if covered > 0.0 { covered } else { step as f64 });
        }
    }
    let series = by
        .into_iter()
        .map(|(component, mean_power_w)| TimelineSeries {
            component: component.as_str().to_string(),
            label: component.label().to_string(),
            mean_power_w: mean_power_w.into_iter().map(|p| p.map(|w| libm::round(w * 1000.0) / 1000.0)).collect(),
        })
        .collect();
    Some(Timeline {
        start: calendar::rfc3339(Instant::from_micros(first * step * 1_000_000), utc),
        utc,
        step_s: u32::try_from(step).unwrap_or(u32::MAX),
        series,
    })
}
