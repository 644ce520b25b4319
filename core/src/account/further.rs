//! What a report holds beyond the rows that it lists one by one: the rest of a long table in sums by kind, so that no report grows with hosts or files.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::activities::{activity, input, when_period};
use super::cost::Costed;
use crate::interval::{UncertainPart, combine_ends, energy_quantity, mass_quantity};
use crate::ledger::{self, Entry, Evidence, Ledger, When};
use crate::map::Map;
use crate::note::Code;
use crate::read::SkipReason;
use crate::report::{Activity, Decision, Input, MOST_ROWS, QualityNote, RowsSkipped};
use crate::text::{ENERGY_FROM_KWH, with_unit};
use crate::units::{Energy, Power, Span};

/// Rows of activities, and of those beyond one for each kind and place.
pub(super) fn activities(costed: &[Costed<'_>], factors: &[Vec<u32>]) -> Vec<Activity> {
    let (mut rows, mut kinds) = (Vec::new(), Map::new());
    for (one, factors) in costed.iter().zip(factors) {
        if rows.len() < MOST_ROWS {
            rows.push(activity(one, factors));
            continue;
        }
        let e = one.evidence;
        let clock = match e.when {
            When::Dated { utc, .. } => Some(utc),
            When::Undated(_) => None,
        };
        let kind = (e.component, e.device.model.as_deref(), e.basis, e.instrument, e.method, clock, factors, e.samples.is_some());
        kinds.entry(kind).or_insert_with(Vec::new).push(one);
    }
    rows.extend(kinds.iter().filter_map(|((.., factors, _), members)| sum_of(members, factors)));
    rows
}

fn sum_of(members: &[&Costed<'_>], factors: &[u32]) -> Option<Activity> {
    let (first, rest) = members.split_first()?;
    let all = || members.iter().map(|one| one.evidence);
    let covered = |e: &Evidence| e.covered.unwrap_or_else(|| e.when.span());
    let span: Span = all().map(covered).sum();
    let whole = span + all().map(|e| e.gaps.0).sum();
    let energy: Energy = all().map(|e| e.energy).sum();
    let when = all().skip(1).fold(first.evidence.when, |own, other| match (own, other.when) {
        (When::Dated { start, end, utc }, When::Dated { start: from, end: to, .. }) => {
            When::Dated { start: start.min(from), end: end.max(to), utc }
        }
        (own, _) => own,
    });
    let sum = |part: fn(&Costed<'_>) -> UncertainPart| combine_ends(&members.iter().map(|one| part(one)).collect::<Vec<_>>());
    let interval = first.evidence.interval.filter(|own| all().all(|e| e.interval == Some(*own)));
    Some(Activity {
        host: None,
        device: format!("{} further rows", rest.len() + 1),
        period: when_period(&when),
        energy_kwh: energy_quantity(&sum(|one| one.as_it())),
        coverage: (first.evidence.samples.is_some() && whole > Span::ZERO).then(|| span.as_seconds() / whole.as_seconds()),
        duration_s: (span > Span::ZERO).then(|| span.as_seconds()),
        mean_power_w: energy.mean_watts(span),
        peak_power_w: all().filter_map(|e| e.peak).max().map(Power::as_watts),
        samples: first.evidence.samples.map(|_| all().filter_map(|e| e.samples).sum()),
        interval_s: interval.map(Span::as_seconds),
        emissions_kgco2e: Some(mass_quantity(&sum(|one| one.as_emissions()))),
        inputs: Vec::new(),
        ..activity(first, factors)
    })
}

/// Decisions, and what those beyond left out, by rule.
pub(super) fn decisions(all: &[ledger::Decision]) -> Vec<Decision> {
    let row = |d: &ledger::Decision, energy: Option<Energy>, kept: String, left_out: String| Decision {
        rule: d.rule.to_string(),
        kept,
        left_out,
        energy_kwh: energy.map(|e| e.as_kwh()),
        energy_text: energy.map(|e| {
            let sign = if e < Energy::ZERO { "-" } else { "" };
            format!("{sign}{}", with_unit(libm::fabs(e.as_kwh()), 3, ENERGY_FROM_KWH))
        }),
        reason: d.reason.clone(),
    };
    let (singly, further) = all.split_at(all.len().min(MOST_ROWS));
    let mut rows: Vec<Decision> = singly.iter().map(|d| row(d, d.energy, d.kept.clone(), d.left_out.clone())).collect();
    let mut rules: Map<&str, (&ledger::Decision, Option<Energy>, u64)> = Map::new();
    for d in further {
        let (_, energy, count) = rules.entry(d.rule).or_insert((d, None, 0));
        *energy = d.energy.map(|own| energy.unwrap_or_default() + own).or(*energy);
        *count += 1;
    }
    rows.extend(rules.values().map(|(d, energy, count)| {
        let further = format!("{count} further decisions of this rule");
        let and_others = |first: &str| if first.is_empty() { String::new() } else { format!("{first} and others") };
        let left_out = if d.left_out.is_empty() { further } else { format!("{further}, the first of which leaves out {}", d.left_out) };
        row(d, *energy, and_others(&d.kept), left_out)
    }));
    rows
}

/// Files: logs before others where there are too many of both, and the rest by format.
pub(super) fn inputs(ledger: &Ledger) -> Vec<Input> {
    let is_log = |entry: &&Entry| !entry.reading.format.is_empty();
    let mut logs = MOST_ROWS;
    let mut others = MOST_ROWS - ledger.entries().filter(is_log).count().min(MOST_ROWS);
    let (mut rows, mut formats) = (Vec::new(), Map::new());
    for entry in ledger.entries() {
        let room = if is_log(&entry) { &mut logs } else { &mut others };
        if *room > 0 {
            *room -= 1;
            rows.push(input(entry));
        } else {
            let sum: &mut FurtherFiles = formats.entry(entry.reading.format).or_insert_with(FurtherFiles::default);
            sum.add(entry);
        }
    }
    rows.extend(formats.iter().map(|(format, sum)| sum.row(format)));
    rows
}

/// Files of one format beyond those that are listed.
#[derive(Default)]
struct FurtherFiles {
    count: u64,
    bytes: u64,
    used: u64,
    read: u64,
    skipped: Map<SkipReason, u64>,
}

impl FurtherFiles {
    fn add(&mut self, entry: &Entry) {
        let rows = &entry.reading.rows;
        self.count += 1;
        self.bytes = self.bytes.saturating_add(entry.file.bytes);
        self.used += rows.used;
        self.read += rows.read();
        for (reason, (count, _)) in &rows.skipped {
            *self.skipped.entry(*reason).or_insert(0) += count;
        }
    }

    fn row(&self, format: &str) -> Input {
        Input {
            path: format!("{} further files", self.count),
            format: (!format.is_empty()).then(|| format.to_string()),
            bytes: self.bytes,
            blake3: String::new(),
            sha256: None,
            rows_read: self.read,
            rows_used: self.used,
            rows_skipped: self
                .skipped
                .iter()
                .map(|(reason, count)| RowsSkipped { reason: reason.as_str().to_string(), count: *count, first_line: None })
                .collect(),
            encoding: None,
            evidence: None,
        }
    }
}

/// Findings: of one code no more than a table holds.
#[derive(Default)]
pub(super) struct Findings {
    rows: Vec<QualityNote>,
    counts: Map<&'static str, (&'static Code, usize)>,
}

impl Findings {
    /// Adds a finding, which is made only where it is listed.
    pub(super) fn add(&mut self, code: &'static Code, make: impl FnOnce() -> QualityNote) {
        let count = self.counts.entry(code.id).or_insert((code, 0));
        count.1 += 1;
        if count.1 <= MOST_ROWS {
            self.rows.push(make());
        }
    }

    /// All that are listed, and one for the rest of each code.
    pub(super) fn finish(mut self) -> Vec<QualityNote> {
        for (code, count) in self.counts.values() {
            let further = count.saturating_sub(MOST_ROWS);
            if further == 0 {
                continue;
            }
            self.rows.push(QualityNote {
                code: code.id.to_string(),
                severity: code.severity,
                message: format!("{further} further findings of this kind"),
                place: None,
                hint: None,
            });
        }
        self.rows
    }
}
