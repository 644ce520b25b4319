//! Where a tracker's own emissions are others than the report's for the same logs: how much, and why.
//!
//! ours ÷ theirs = (IT energy that counts ÷ energy that the tracker printed) × PUE × (our carbon intensity ÷ theirs). Each ratio that is not about 1 is a
//! reason. One finding a tool, however many figures.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::cost::Costed;
use crate::ledger::{FoundNote, Ledger};
use crate::map::{Map, Set};
use crate::note;
use crate::read::{Declared, DeclaredKind};
use crate::text::{ENERGY_FROM_KWH, MASS_FROM_KG, significant, with_unit};

/// Totals that differ by more than this are told.
const TOLD_FROM: f64 = 1.1;

/// A ratio this near to 1 is no reason.
const ABOUT_ONE: f64 = 1.02;

/// What the figures of one tool come to.
#[derive(Default)]
struct Own {
    figures: u64,
    kg: f64,
    /// As printed, with whatever is inside, of the figures that have emissions.
    logged_kwh: f64,
    /// IT energy of all its parts, before it was decided what counts.
    parts_kwh: f64,
    pues: Set<String>,
    repaired: bool,
    path: String,
}

/// What the report has of it.
#[derive(Default)]
struct Ours {
    kg: f64,
    it_kwh: f64,
    facility_kwh: f64,
    years: Set<Option<i32>>,
}

impl Ours {
    fn add(&mut self, one: &Costed<'_>) {
        self.kg += one.kg;
        self.it_kwh += one.it_kwh;
        self.facility_kwh += one.facility_kwh();
        self.years.insert(one.resolved.intensity.year);
    }
}

/// The findings.
pub(super) fn findings(ledger: &Ledger, costed: &[Costed<'_>]) -> Vec<FoundNote> {
    let mut all: Map<&str, Own> = Map::new();
    let actual = || {
        ledger.entries().flat_map(|entry| {
            let figures = entry.reading.declared.iter().filter(|d| d.kind == DeclaredKind::Actual);
            figures.map(move |declared| (entry.file.path.as_str(), declared))
        })
    };
    // Summaries and tasks repeat what whole figures of the tool hold.
    let has_emissions = |d: &Declared| d.emissions_kg.is_some_and(|kg| kg > 0.0);
    let whole: Set<&str> =
        actual().filter(|(_, d)| !d.summary && !d.part_of_run && has_emissions(d)).map(|(_, d)| family(&d.tool)).collect();
    let details: Set<&str> = actual().filter(|(_, d)| !d.summary && !d.parts.is_empty()).map(|(_, d)| family(&d.tool)).collect();
    for (path, declared) in actual() {
        let tool = family(&declared.tool);
        if (declared.summary || declared.part_of_run) && whole.contains(tool) {
            continue;
        }
        let own = all.entry(tool).or_insert_with(|| Own { path: String::from(path), ..Own::default() });
        // A summary's energy is read from its details, where they are there: of it, the printed totals count alone.
        let is_counted = !declared.summary || !details.contains(tool);
        own.parts_kwh += declared.parts.iter().filter(|_| is_counted).map(|part| part.energy.as_kwh()).sum::<f64>();
        own.repaired |= is_counted && is_repaired(declared);
        if let Some(pue) = declared.pue.filter(|pue| is_counted && *pue > 1.0) {
            own.pues.insert(significant(pue, 3));
        }
        if let (Some(kg), Some(energy)) = (declared.emissions_kg.filter(|kg| *kg > 0.0), declared.energy_as_logged) {
            own.figures += 1;
            own.kg += kg;
            own.logged_kwh += energy.as_kwh();
        }
    }
    all.iter().filter_map(|(tool, own)| finding(tool, own, costed)).collect()
}

/// Whether the energy is another than the printed one for a repair, and not for its PUE alone.
fn is_repaired(declared: &Declared) -> bool {
    let read: f64 = declared.parts.iter().map(|part| part.energy.as_kwh()).sum();
    let without_pue = |logged: f64| logged / declared.pue.filter(|pue| *pue > 1.0).unwrap_or(1.0);
    let is_about = |logged: f64| (1.0 / ABOUT_ONE..=ABOUT_ONE).contains(&(read / without_pue(logged)));
    !declared.repairs.is_empty() && !declared.energy_as_logged.is_some_and(|logged| is_about(logged.as_kwh()))
}

fn finding(tool: &str, own: &Own, costed: &[Costed<'_>]) -> Option<FoundNote> {
    if own.kg <= 0.0 || own.logged_kwh <= 0.0 {
        return None;
    }
    let is_own = |one: &&Costed<'_>| one.evidence.tool.as_deref().is_some_and(|name| family(name) == tool);
    let mut ours = Ours::default();
    costed.iter().filter(is_own).for_each(|one| ours.add(one));
    // What sensors or other tools hold of its energy stands in the whole report alone.
    let elsewhere = ours.it_kwh < own.parts_kwh * 0.99 && costed.iter().any(|one| !is_own(&one));
    if elsewhere {
        ours = Ours::default();
        costed.iter().for_each(|one| ours.add(one));
    }
    if ours.kg <= 0.0 || ours.it_kwh <= 0.0 {
        return None;
    }
    let ratio = ours.kg / own.kg;
    if (1.0 / TOLD_FROM..=TOLD_FROM).contains(&ratio) {
        return None;
    }
    let theirs_g = own.kg * 1000.0 / own.logged_kwh;
    let ours_g = ours.kg * 1000.0 / ours.facility_kwh;
    let year = match ours.years.iter().collect::<Vec<_>>().as_slice() {
        [Some(year)] => format!(" of {year}"),
        _ => String::new(),
    };
    let mut reasons: Vec<(String, String)> = Vec::new();
    let mut reason = |ratio: f64, words: String| {
        if !(1.0 / ABOUT_ONE..=ABOUT_ONE).contains(&ratio) {
            reasons.push((words, format!(" ({} times)", significant(ratio, 3))));
        }
    };
    let intensity = format!("the carbon intensity: {} against its {} g/kWh", significant(ours_g, 3), significant(theirs_g, 3));
    reason(ours_g / theirs_g, intensity);
    reason(ours.it_kwh / own.logged_kwh, energy_words(own, &ours, elsewhere));
    let pue = ours.facility_kwh / ours.it_kwh;
    reason(pue, format!("the PUE of {} for the building", significant(pue, 3)));
    // One reason alone is the whole difference.
    let alone = reasons.len() == 1;
    let reasons: Vec<String> = reasons.into_iter().map(|(words, times)| if alone { words } else { words + &times }).collect();
    let what = if own.figures == 1 { String::from("its own total is") } else { format!("its {} totals add up to", own.figures) };
    let message = format!(
        "{tool}: {what} {} CO2eq ({} g/kWh, {}); the report has {} CO2eq{} ({} g/kWh{year}), {} times as much: {}",
        with_unit(own.kg, 3, MASS_FROM_KG),
        significant(theirs_g, 3),
        source_words(tool),
        with_unit(ours.kg, 3, MASS_FROM_KG),
        if elsewhere { " for all that the logs hold" } else { " for what it logged" },
        significant(ours_g, 3),
        significant(ratio, 2),
        reasons.join("; ")
    );
    Some(FoundNote { code: &note::EMISSIONS_DIFFER, message, place: Some(own.path.clone()), hint: None })
}

fn energy_words(own: &Own, ours: &Ours, elsewhere: bool) -> String {
    let mut causes: Vec<String> = Vec::new();
    if !own.pues.is_empty() {
        let pues = own.pues.iter().map(String::as_str).collect::<Vec<_>>().join(" and ");
        causes.push(format!("the PUE of {pues} inside it is divided out"));
    }
    if own.repaired {
        causes.push(String::from("known defects are repaired"));
    }
    if elsewhere {
        causes.push(String::from("other logs hold some of it, and more"));
    } else if ours.it_kwh < own.parts_kwh * 0.99 {
        causes.push(String::from("some is left out or counts once, see the decisions"));
    }
    let causes = if causes.is_empty() { String::new() } else { format!(", because {}", causes.join(", ")) };
    let kwh = |value| with_unit(value, 3, ENERGY_FROM_KWH);
    format!("the energy: {} against its {}{causes}", kwh(ours.it_kwh), kwh(own.logged_kwh))
}

/// Where the tool takes carbon intensities from.
fn source_words(tool: &str) -> &'static str {
    match tool {
        "CodeCarbon" => "its table of that release, unless it was given a live source",
        "carbontracker" => "what it fetched at the time, or its default",
        _ => "its own factor",
    }
}

/// The tool without its version.
fn family(tool: &str) -> &str {
    tool.split(' ').next().unwrap_or(tool)
}
