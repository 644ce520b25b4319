//! The runs that logs name, with the energy that counts during each.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::activities::{period, when_period};
use super::cost::Costed;
use crate::ledger::{Basis, Evidence, Ledger, Settled, When};
use crate::map::{Map, Set};
use crate::read::{Declared, DeclaredKind, OF_ROW};
use crate::report::{MOST_ROWS, Run};
use crate::series::Coverage;
use crate::sparing;
use crate::text::{ENERGY_FROM_KWH, with_unit};
use crate::units::Energy;

/// So many characters of a run's hash stand behind its name, where they tell it from others of that name.
const CHARACTERS: usize = 8;

/// Hexadecimal digits of the groups of a uuid.
const UUID: [usize; 5] = [8, 4, 4, 4, 12];

/// A shorter word of hexadecimal digits may be a number or a date.
const SHORTEST_HASH: usize = 16;

/// Whether an id is a hash or a uuid, of which the beginning is enough. Numbers of jobs, attempts and names say something to their end.
fn is_hash(id: &str) -> bool {
    let is_hex = id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let is_number = !id.bytes().any(|b| b.is_ascii_alphabetic());
    is_hex && (id.split('-').map(str::len).eq(UUID) || id.len() >= SHORTEST_HASH && !id.contains('-') && !is_number)
}

/// What runs are called: the name, and as much of the id as tells it from others of the name.
#[derive(Default)]
pub(super) struct Names<'l>(Map<&'l str, usize>);

impl<'l> Names<'l> {
    pub(super) fn of(ledger: &'l Ledger) -> Self {
        let mut ids: Map<&str, Set<&str>> = Map::new();
        for declared in ledger.entries().flat_map(|entry| &entry.reading.declared) {
            if let (Some(name), Some(run)) = (&declared.name, &declared.run) {
                ids.entry(name).or_default().insert(run);
            }
        }
        let shared = |a: &str, b: &str| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
        let length = |ids: &Set<&str>| {
            let next = ids.iter().skip(1);
            ids.iter().zip(next).map(|(a, b)| shared(a, b) + 1).fold(CHARACTERS, usize::max)
        };
        Self(ids.iter().map(|(name, ids)| (*name, length(ids))).collect())
    }

    pub(super) fn name(&self, declared: &Declared) -> Option<String> {
        let of_row = declared.run.as_ref().filter(|run| run.starts_with(OF_ROW)).map(|_| format!("line {}", declared.line));
        match (&declared.name, &declared.run) {
            (None, Some(_)) if of_row.is_some() => of_row,
            (Some(name), Some(run)) => {
                // An attempt, or that an id was used before, stands behind it in parentheses of its own.
                let run = of_row.as_ref().unwrap_or(run);
                let (id, said) = run.strip_suffix(')').and_then(|run| run.split_once(" (")).unwrap_or((run, ""));
                let length = match is_hash(id) {
                    true => self.0.get(name.as_str()).copied().unwrap_or(CHARACTERS),
                    false => usize::MAX,
                };
                let comma = if said.is_empty() { "" } else { ", " };
                Some(format!("{name} ({}{comma}{said})", id.chars().take(length).collect::<String>()))
            }
            (name, run) => name.clone().or_else(|| run.clone()),
        }
    }
}

/// Runs that logs name, with the energy that counts during each; beyond a thousand, their sum.
pub(super) fn runs(ledger: &Ledger, settled: &Settled, costed: &[Costed<'_>]) -> Vec<Run> {
    let mut rows = phases(costed);
    let own = |file, at| settled.energy_of(file, at).map_or(0.0, Energy::as_kwh);
    let measured: Vec<&Costed<'_>> = costed.iter().filter(|c| c.evidence.basis == Basis::Measured).collect();
    let mut further = FurtherRuns::default();
    let names = Names::of(ledger);
    for (file, entry) in ledger.entries().enumerate() {
        let utc = entry.reading.clock.is_utc();
        for (at, declared) in of_file(file, &entry.reading.declared, settled) {
            if rows.len() >= MOST_ROWS {
                further.add(declared, utc, own(file, at));
                continue;
            }
            // What sensors measured during the run is the run's too; of a longer measurement, its share of the time.
            let during = declared.period.map(|(start, end)| (Coverage::of(start, end), utc));
            let beside = |c: &&Costed<'_>| during.as_ref().map_or(0.0, |(during, utc)| c.it_kwh * share_during(c.evidence, during, *utc));
            let kwh = own(file, at) + measured.iter().map(beside).sum::<f64>() + 0.0;
            rows.push(Run {
                name: names.name(declared).unwrap_or_default(),
                period: declared.period.map(|(start, end)| period(start, end, utc)),
                duration_s: declared.duration.map(|d| d.as_seconds()),
                energy_kwh: (kwh > 0.0).then_some(kwh),
                energy_text: (kwh > 0.0).then(|| with_unit(kwh, 3, ENERGY_FROM_KWH)),
                input: entry.file.path.clone(),
            });
        }
    }
    rows.extend(further.row(&measured));
    rows
}

/// The runs of a file, as it has them: each figure that counts, for attempts of a job share its id; of a run of which none does, the last.
fn of_file<'l>(file: usize, declared: &'l [Declared], settled: &Settled) -> impl Iterator<Item = (usize, &'l Declared)> {
    let mut found: Vec<Option<(usize, &Declared)>> = Vec::new();
    // Where the last figure of each run stands, and whether it counts.
    let mut last: Map<(Option<&str>, Option<&str>), (usize, bool)> = Map::new();
    let actual = |d: &&Declared| d.kind == DeclaredKind::Actual && !d.part_of_run && !d.summary;
    for (at, declared) in declared.iter().enumerate().filter(|(_, d)| actual(d)) {
        let run = (declared.name.as_deref(), declared.run.as_deref());
        if run == (None, None) {
            continue;
        }
        let counts = settled.energy_of(file, at).is_some();
        match last.get(&run) {
            Some((_, true)) if !counts => continue,
            // What does not count gives way to whatever comes after it.
            Some((before, false)) => found[*before] = None,
            _ => {}
        }
        last.insert(run, (found.len(), counts));
        sparing::push(&mut found, Some((at, declared)));
    }
    found.into_iter().flatten()
}

/// Runs beyond those that a report lists one by one.
#[derive(Default)]
struct FurtherRuns {
    count: u64,
    kwh: f64,
    seconds: f64,
    /// When they were, by clocks that are local and in UTC.
    spans: [Vec<(i64, i64)>; 2],
}

impl FurtherRuns {
    fn add(&mut self, run: &Declared, utc: bool, kwh: f64) {
        self.count += 1;
        self.kwh += kwh;
        self.seconds += run.duration.map_or(0.0, |duration| duration.as_seconds());
        if let Some((start, end)) = run.period {
            self.spans[usize::from(utc)].push((start.as_micros(), end.as_micros()));
        }
    }

    /// Their sum, with what sensors measured while any of them ran.
    fn row(self, measured: &[&Costed<'_>]) -> Option<Run> {
        let times = self.spans.map(Coverage::from_spans);
        let during = |c: &&Costed<'_>| {
            [false, true].iter().zip(&times).map(|(utc, times)| share_during(c.evidence, times, *utc)).sum::<f64>() * c.it_kwh
        };
        let kwh = self.kwh + measured.iter().map(during).sum::<f64>() + 0.0;
        (self.count > 0).then(|| Run {
            name: format!("{} further runs", self.count),
            period: None,
            duration_s: (self.seconds > 0.0).then_some(self.seconds),
            energy_kwh: (kwh > 0.0).then_some(kwh),
            energy_text: (kwh > 0.0).then(|| with_unit(kwh, 3, ENERGY_FROM_KWH)),
            input: String::new(),
        })
    }
}

/// The share of an activity's time that lies within another time.
fn share_during(evidence: &Evidence, during: &Coverage, utc: bool) -> f64 {
    match evidence.when {
        When::Dated { utc: own, .. } if own == utc => {
            evidence.coverage.common(during).as_seconds() / evidence.coverage.length().as_seconds().max(1e-6)
        }
        _ => 0.0,
    }
}

/// Phases without logs, where there are several, or where logs stand beside them.
fn phases(costed: &[Costed<'_>]) -> Vec<Run> {
    let mut rows: Vec<Run> = Vec::new();
    for one in costed.iter().filter(|c| c.evidence.stated.is_some()) {
        let Some(name) = &one.evidence.run else { continue };
        if let Some(row) = rows.iter_mut().find(|r| r.name == *name) {
            row.energy_kwh = row.energy_kwh.map(|kwh| kwh + one.it_kwh);
            continue;
        }
        rows.push(Run {
            name: name.clone(),
            period: when_period(&one.evidence.when),
            duration_s: one.evidence.covered.map(|c| c.as_seconds()),
            energy_kwh: Some(one.it_kwh),
            energy_text: None,
            input: String::new(),
        });
    }
    for row in &mut rows {
        row.energy_text = row.energy_kwh.map(|kwh| with_unit(kwh, 3, ENERGY_FROM_KWH));
    }
    if rows.len() < 2 && costed.iter().all(|c| c.evidence.stated.is_some()) { Vec::new() } else { rows }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn hashes_are_cut_and_names_are_not() {
        for (id, expected) in [
            ("3f2c1f0e-8d5b-4c9a-9b5e-0a1b2c3d4e5f", "train (3f2c1f0e)"),
            ("d41d8cd98f00b204e9800998ecf8427e", "train (d41d8cd9)"),
            ("100 (attempt 2)", "train (100, attempt 2)"),
            ("d41d8cd98f00b204e9800998ecf8427e (attempt 2)", "train (d41d8cd9, attempt 2)"),
            ("8123404_7", "train (8123404_7)"),
            ("20240101120000123", "train (20240101120000123)"),
            ("2024-01-01", "train (2024-01-01)"),
            ("brisk-fire-12", "train (brisk-fire-12)"),
            ("deadbeef0", "train (deadbeef0)"),
            ("row 606ff8df9abfa1b7", "train (line 7)"),
        ] {
            let declared = Declared { name: Some("train".to_string()), run: Some(id.to_string()), ..Declared::by("tracker", 7) };
            assert_eq!(Names::default().name(&declared).as_deref(), Some(expected));
        }
        let unnamed = Declared { run: Some("row 606ff8df9abfa1b7".to_string()), ..Declared::by("Slurm sacct", 7) };
        assert_eq!(Names::default().name(&unnamed).as_deref(), Some("line 7"));
    }
}
