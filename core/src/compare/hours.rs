//! The same run started at another hour, by an hourly series of carbon intensity.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::held::Held;
use super::place::{Place, own_id};
use super::row;
use super::steps::{Grams, Steps};
use crate::factor::{FactorKind, Match};
use crate::fault::SettingsError;
use crate::ledger::Method;
use crate::read::IntensitySeries;
use crate::report::{Activity, Comparison, FactorUse, Report};
use crate::text::significant;
use crate::units::calendar::{parse_stamp, rfc3339};
use crate::units::{Instant, Span};

/// Starts are looked at this many hours around the run's own.
const DAY: i64 = 24;

/// The run as it was and started at each other hour of the day, lowest first: later by whole hours, or earlier where the series ends before. Starts whose
/// whole run the series does not cover are left out.
///
/// The power over time is that of the report's timeline; what was not sampled counts as even over its own time, and all of it where nothing says when.
///
/// # Errors
/// Where the report has no energy or no UTC period, and where the series does not cover the run as it was.
pub fn starts(report: &Report, series: &IntensitySeries) -> Result<Vec<Comparison>, SettingsError> {
    let held = Held::of(report)?;
    let pieces = pieces(report)
        .ok_or_else(|| wrong("the report has no period in UTC, so its energy has no hours", "log with UTC stamps, or give `--tz`"))?;
    let table = Steps::of(series, held.basis).ok_or_else(|| {
        let message = format!("the series holds no {} values, and the report is of those", held.basis.words());
        wrong(&message, "give an hourly series of carbon intensities of that basis")
    })?;
    let start = pieces.iter().map(|piece| piece.from).min().unwrap_or(Instant::from_micros(0));
    let mean = |hours: i64| weighted_mean(&table, &pieces, Span::from_seconds(hours * 3600));
    let Some(own_mean) = mean(0) else {
        let (first, last) = table.ends();
        let message = format!(
            "the series covers {} to {}, not the whole run from {}",
            rfc3339(first, true),
            rfc3339(last, true),
            rfc3339(start, true)
        );
        return Err(wrong(&message, "give a series that covers the run, and hours around it"));
    };
    let label = series.zone.clone().unwrap_or_else(|| String::from("the series"));
    let factor = |grams: Grams| FactorUse {
        kind: FactorKind::CarbonIntensity.as_str().to_string(),
        label: format!("{label}, weighted over time"),
        value: grams.value,
        low: grams.with_error().low,
        high: grams.with_error().high,
        unit: FactorKind::CarbonIntensity.unit().to_string(),
        text: format!("{} g CO2eq/kWh", significant(grams.value, 4)),
        basis: Some(held.basis),
        year: None,
        source: table.publisher.clone(),
        matched: Match::Given,
        match_text: String::from("hourly series"),
    };
    let place = |hours: i64, grams: Grams| Place {
        id: own_id(&held),
        name: name(start, hours),
        pue: held.pue.clone(),
        intensity: factor(grams),
        carbon_free_share: None,
    };
    // Everything is compared with the run as it was by the same series, whatever factor the report used.
    let own_place = place(0, own_mean);
    let mut own = row::of(&held, &own_place);
    let base = Held { intensity: &own_place.intensity, ..held.clone() };
    let own_quantity = own.emissions_kgco2e.clone();
    let base = match &own_quantity {
        Some(quantity) => Held { emissions: quantity, ..base },
        None => base,
    };
    (own.own, own.relative, own.relative_text) = (true, 1.0, significant(1.0, 2));
    own.reason = String::from("as it was, by the hour");
    let mut rows = Vec::from([own]);
    for hours in 1..DAY {
        let shifted = mean(hours).map(|grams| (hours, grams)).or_else(|| mean(hours - DAY).map(|grams| (hours - DAY, grams)));
        if let Some((hours, grams)) = shifted {
            rows.push(row::of(&base, &place(hours, grams)));
        }
    }
    row::arrange(&mut rows);
    Ok(rows)
}

/// `02:00 UTC, 5 h later`.
fn name(start: Instant, hours: i64) -> String {
    let stamp = rfc3339(start.plus(Span::from_seconds(hours * 3600)), true);
    let clock = stamp.get(11..16).unwrap_or_default();
    match hours {
        0 => format!("{clock} UTC, as it was"),
        h if h > 0 => format!("{clock} UTC, {h} h later"),
        h => format!("{clock} UTC, {} h earlier", -h),
    }
}

/// A stretch of even power: its share of the energy.
#[derive(Clone, Copy, Debug)]
struct Piece {
    from: Instant,
    to: Instant,
    weight: f64,
}

fn pieces(report: &Report) -> Option<Vec<Piece>> {
    let period = report.period.as_ref().filter(|period| period.utc)?;
    let (start, end) = (parse_stamp(period.start.as_bytes())?.at, parse_stamp(period.end.as_bytes())?.at);
    let even = || (start < end).then(|| Vec::from([Piece { from: start, to: end, weight: 1.0 }]));
    let mut pieces: Vec<Piece> = report.activities.iter().filter_map(unsampled).collect();
    let Some(timeline) = report.timeline.as_ref().filter(|timeline| timeline.utc) else {
        return if pieces.is_empty() { even() } else { Some(pieces) };
    };
    let first = parse_stamp(timeline.start.as_bytes())?.at;
    let step = Span::from_seconds(i64::from(timeline.step_s));
    let steps = timeline.series.iter().map(|series| series.mean_power_w.len()).max().unwrap_or(0);
    for at in 0..steps {
        let from = first.plus(Span::from_micros(step.as_micros() * at as i64));
        let (from, to) = (from.max(start), from.plus(step).min(end));
        let watts: f64 = timeline.series.iter().filter_map(|series| series.mean_power_w.get(at).copied().flatten()).sum::<f64>() + 0.0;
        if from < to && watts > 0.0 {
            pieces.push(Piece { from, to, weight: watts * to.since(from).as_seconds() });
        }
    }
    if pieces.is_empty() { even() } else { Some(pieces) }
}

/// An energy that has its time but no course over it: a tracker's total. The rest of a machine goes as what it is the rest of.
fn unsampled(activity: &Activity) -> Option<Piece> {
    let period =
        activity.period.as_ref().filter(|period| period.utc && activity.samples.is_none() && activity.method != Method::Machine)?;
    let (from, to) = (parse_stamp(period.start.as_bytes())?.at, parse_stamp(period.end.as_bytes())?.at);
    (from < to).then_some(Piece { from, to, weight: activity.energy_kwh.value * 3.6e6 })
}

/// Mean over the pieces' energy, all moved by `shift`; `None` where a part is not covered.
fn weighted_mean(table: &Steps<'_>, pieces: &[Piece], shift: Span) -> Option<Grams> {
    let (mut sum, mut weight) = (Grams::default(), 0.0);
    for piece in pieces {
        let (mut at, end) = (piece.from.plus(shift), piece.to.plus(shift));
        let length = end.since(at).as_seconds();
        while at < end {
            let (grams, until) = table.at(at, end);
            sum.add(piece.weight * until.since(at).as_seconds() / length, grams?);
            at = until;
        }
        weight += piece.weight;
    }
    (weight > 0.0).then(|| sum.over(weight))
}

fn wrong(message: &str, hint: &str) -> SettingsError {
    SettingsError { setting: "hours", message: message.to_string(), hint: hint.to_string() }
}
