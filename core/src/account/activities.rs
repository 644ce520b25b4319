//! The rows of the report: activities, hardware, trackers' own figures, decisions, runs, marks and inputs.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::cost::Costed;
use super::runs::Names;
use crate::interval::{combine_ends, energy_quantity, mass_quantity};
use crate::ledger::{Entry, Ledger, When};
use crate::map::Map;
use crate::order;
use crate::read::{Declared, DeclaredKind};
use crate::report::{Activity, DeclaredFigure, Input, MOST_ROWS, Mark, Period, RowsSkipped};
use crate::text::{ENERGY_FROM_KWH, MASS_FROM_KG, with_unit};
use crate::units::{Instant, calendar};

/// First to last instant of all dated activities of one kind of clock.
pub(super) fn whole_period(costed: &[Costed<'_>]) -> Option<Period> {
    let dated = costed.iter().filter_map(|c| match c.evidence.when {
        When::Dated { start, end, utc } => Some((start, end, utc)),
        When::Undated(_) => None,
    });
    let (start, end, utc) = dated.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1), a.2 && b.2))?;
    Some(period(start, end, utc))
}

pub(super) fn period(start: Instant, end: Instant, utc: bool) -> Period {
    Period { start: calendar::rfc3339(start, utc), end: calendar::rfc3339(end, utc), duration_s: end.since(start).as_seconds(), utc }
}

pub(super) fn when_period(when: &When) -> Option<Period> {
    match when {
        When::Dated { start, end, utc } => Some(period(*start, *end, *utc)),
        When::Undated(_) => None,
    }
}

/// The row of one evidence.
pub(super) fn activity(one: &Costed<'_>, factors: &[u32]) -> Activity {
    let e = one.evidence;
    let span = e.covered.unwrap_or_else(|| e.when.span());
    let all = span + e.gaps.0;
    Activity {
        host: (!e.host.is_empty()).then(|| e.host.clone()),
        component: e.component.as_str().to_string(),
        device: e.device.key().to_string(),
        model: e.device.model.clone(),
        period: when_period(&e.when),
        energy_kwh: energy_quantity(&combine_ends(&[one.as_it()])),
        basis: e.basis,
        instrument: e.instrument,
        method: e.method,
        method_text: e.method_text(),
        coverage: (e.samples.is_some() && all.as_micros() > 0).then(|| span.as_seconds() / all.as_seconds()),
        duration_s: (span.as_micros() > 0).then(|| span.as_seconds()),
        mean_power_w: e.energy.mean_watts(span),
        peak_power_w: e.peak.map(crate::units::Power::as_watts),
        samples: e.samples,
        interval_s: e.interval.map(crate::units::Span::as_seconds),
        emissions_kgco2e: Some(mass_quantity(&combine_ends(&[one.as_emissions()]))),
        factors: factors.to_vec(),
        inputs: e.inputs.clone(),
    }
}

/// Trackers' own figures, actual and predicted.
pub(super) fn declared(ledger: &Ledger) -> Vec<DeclaredFigure> {
    let mut rows = Vec::new();
    let names = Names::of(ledger);
    let mut further: Map<(&str, bool), Further> = Map::new();
    for entry in ledger.entries() {
        for d in &entry.reading.declared {
            let energy = d.energy_as_logged.map(|e| e.as_kwh());
            if energy.is_none() && d.emissions_kg.is_none() && d.parts.is_empty() {
                continue;
            }
            if rows.len() >= MOST_ROWS {
                further.entry((&d.tool, d.kind == DeclaredKind::Actual)).or_default().add(d, &entry.file.path);
                continue;
            }
            rows.push(DeclaredFigure {
                tool: String::from(&*d.tool),
                run: names.name(d),
                kind: String::from(if d.kind == DeclaredKind::Actual { "actual" } else { "predicted" }),
                energy_kwh: energy,
                emissions_kgco2e: d.emissions_kg,
                pue: d.pue,
                it_energy_kwh: (!d.parts.is_empty()).then(|| d.parts.iter().map(|p| p.energy).sum::<crate::units::Energy>().as_kwh()),
                text: figure_text(energy, d.emissions_kg, &d.parts),
                repairs: d.repairs.clone(),
                input: entry.file.path.clone(),
            });
        }
    }
    rows.extend(further.iter().map(|((tool, is_actual), sum)| sum.row(tool, *is_actual)));
    rows
}

/// Figures of one tool beyond those that a report lists one by one.
#[derive(Default)]
struct Further {
    count: u64,
    kwh: f64,
    kg: f64,
    it: crate::units::Energy,
    input: String,
}

impl Further {
    fn add(&mut self, d: &Declared, path: &str) {
        self.count += 1;
        self.kwh += d.energy_as_logged.map_or(0.0, |e| e.as_kwh());
        self.kg += d.emissions_kg.unwrap_or(0.0);
        self.it += d.parts.iter().map(|p| p.energy).sum();
        if self.input.is_empty() {
            self.input = String::from(path);
        }
    }

    fn row(&self, tool: &str, is_actual: bool) -> DeclaredFigure {
        let sums = figure_text(Some(self.kwh).filter(|kwh| *kwh > 0.0), Some(self.kg).filter(|kg| *kg > 0.0), &[]);
        DeclaredFigure {
            tool: String::from(tool),
            run: Some(format!("{} further figures", self.count)),
            kind: String::from(if is_actual { "actual" } else { "predicted" }),
            energy_kwh: (self.kwh > 0.0).then_some(self.kwh),
            emissions_kgco2e: (self.kg > 0.0).then_some(self.kg),
            pue: None,
            it_energy_kwh: Some(self.it.as_kwh()),
            text: format!("{sums} in all"),
            repairs: Vec::new(),
            input: self.input.clone(),
        }
    }
}

fn figure_text(kwh: Option<f64>, kg: Option<f64>, parts: &[crate::read::DeclaredPart]) -> String {
    let energy = kwh.map(|v| with_unit(v, 4, ENERGY_FROM_KWH));
    let mass = kg.map(|v| format!("{} CO2eq", with_unit(v, 4, MASS_FROM_KG)));
    let printed = [energy, mass].into_iter().flatten().collect::<Vec<_>>().join(", ");
    if !printed.is_empty() {
        return printed;
    }
    let sum = parts.iter().map(|p| p.energy).sum::<crate::units::Energy>();
    format!("{}, from its powers and durations", with_unit(sum.as_kwh(), 4, ENERGY_FROM_KWH))
}

/// Marks, by time.
pub(super) fn marks(ledger: &Ledger) -> Vec<Mark> {
    let mut all: Vec<(&crate::read::Mark, bool)> =
        ledger.entries().flat_map(|e| e.reading.marks.iter().map(move |m| (m, e.reading.clock.is_utc()))).collect();
    order::sort_by_key(&mut all, |(mark, _)| mark.at);
    all.into_iter()
        .map(|(mark, utc)| Mark { at: calendar::rfc3339(mark.at, utc), text: mark.text.clone(), metrics: mark.metrics.clone() })
        .collect()
}

/// The row of a file, with an account of its rows.
pub(super) fn input(entry: &Entry) -> Input {
    let rows = &entry.reading.rows;
    Input {
        path: entry.file.path.clone(),
        format: (!entry.reading.format.is_empty()).then(|| entry.reading.format.to_string()),
        bytes: entry.file.bytes,
        blake3: entry.file.blake3.clone(),
        sha256: entry.file.sha256.clone(),
        rows_read: rows.read(),
        rows_used: rows.used,
        rows_skipped: rows
            .skipped
            .iter()
            .map(|(reason, (count, line))| RowsSkipped {
                reason: reason.as_str().to_string(),
                count: *count,
                first_line: (*line > 0).then_some(*line),
            })
            .collect(),
        encoding: None,
        evidence: entry.reading.evidence.clone(),
    }
}
