//! The accounting: a [`Ledger`] and factors to a [`Report`].

mod activities;
mod allocations;
mod context;
mod cost;
mod covariance;
mod devices;
mod differ;
mod embodied;
mod epochs;
mod findings;
mod fleet;
mod found;
mod further;
mod idle;
mod instruments;
mod pauses;
mod prediction;
mod ran;
mod resolve;
mod rest;
mod runs;
mod savings;
mod series;
mod settings;
mod student;
mod summary;
mod timeline;
mod unmeasured;
mod unwatched;
mod wide;
mod zoned;

use alloc::string::String;
use alloc::vec::Vec;

pub use crate::interval::{Interval, Term, TermKind, UncertainPart, combine};
pub use settings::{FoundSaid, FoundSettings, LIFETIME_YEARS, LIFETIMES, Settings};

use crate::card;
use crate::compare;
use crate::factor::{Factor, FactorError, FactorSet, Match};
pub use crate::fault::SettingsError;
use crate::ledger::{FoundNote, Ledger, LedgerOptions, Settled};
use crate::note;
use crate::report::{self, Boundary, Report};
use cost::Costed;
use found::Differ;
use ran::Ran;
use resolve::Resolver;
use rest::RestPart;

/// Accounts for everything in the ledger.
///
/// Operational emissions, location-based: E × PUE × I by activity, summed (ISO/IEC 21031, O = E × I, with E at the building's meter).
///
/// # Errors
/// Where a setting can't be used: an unknown zone, an impossible PUE.
pub fn report(ledger: &Ledger, factors: &FactorSet, settings: &Settings) -> Result<Report, SettingsError> {
    settings.check(factors)?;
    let options = LedgerOptions {
        fill_gaps: settings.fill_gaps,
        factors: Some(factors),
        only: &settings.only,
        same_as: &settings.same_as,
        host_files: &settings.host_files,
        ..LedgerOptions::default()
    };
    let mut settled = ledger.settle(options);
    if let Some(missing) = settled.missing() {
        return Err(missing);
    }
    zoned::check(ledger, &settled, settings)?;
    let mut notes = Vec::new();
    let without = found::without(ledger, options, settings, &settled);
    let mut differ: Vec<Differ> = without.iter().map(|(_, without)| found::hold(&mut settled, without)).collect();
    let mut resolver = Resolver::new(factors, settings)?;
    let of_nothing: Vec<RestPart>;
    let mut costed = cost::cost(&settled.evidence, ledger, &mut resolver, settings, &mut notes)?;
    notes.append(&mut resolver.notes);
    let is_nothing = costed.iter().all(Costed::is_nothing);
    if is_nothing {
        // Of no figure that can be believed the devices and their time are left; nothing of the one or the other is not known, which is not zero.
        of_nothing = unmeasured::parts(ledger, &settled.unmeasured, &costed, factors, &settings.only);
        costed = cost::of_rest(&of_nothing, &costed);
        costed.iter_mut().for_each(|one| one.rest = false);
    }
    covariance::rests(&mut costed);
    // A total of what was logged holds no time that nobody watched.
    let ran = match settings.boundary {
        Boundary::Machine => Ran::of(ledger, &costed, &settings.running),
        Boundary::Logged => Ran::default(),
    };
    let (unwatched, went_on) = unwatched::parts(&costed, &ran, factors);
    let (logged, of_unwatched) = (costed.len(), cost::of_rest(&unwatched, &costed));
    costed.reserve_exact(of_unwatched.len());
    costed.extend(of_unwatched);
    let logged_and_unwatched = costed.len();
    // Of chosen parts nobody knows whether a log shows the others.
    let idle = |costed: &[Costed<'_>]| if settings.only.is_empty() { idle::of(ledger, costed) } else { Vec::new() };
    let rest_of = |settled: &Settled, costed: &[Costed<'_>]| {
        let unmeasured = match is_nothing {
            true => Vec::new(),
            false => unmeasured::parts(ledger, &settled.unmeasured, costed, factors, &settings.only),
        };
        rest::rest(costed, unmeasured, &idle(costed), factors)
    };
    let mut rest = rest_of(&settled, &costed);
    let is_machine = settings.boundary == Boundary::Machine && !rest.unknown;
    for ((_, without), differ) in without.iter().zip(&mut differ) {
        // Which basis that would choose is none of this report's.
        let costed = cost::cost(&without.evidence, ledger, &mut Resolver::new(factors, settings)?, settings, &mut Vec::new())?;
        let of_rest = found::hold_rest(&mut rest.parts, &rest_of(without, &costed).parts);
        if is_machine {
            *differ = differ.and(of_rest);
        }
    }
    for ((of, _), differ) in without.iter().zip(differ) {
        notes.extend(settings.found.as_ref().and_then(|found| found::tell(found, *of, differ, &mut settled.decisions)));
    }
    costed.iter_mut().zip(core::mem::take(&mut rest.buildings)).for_each(|(one, building)| one.building = building);
    if is_machine {
        unwatched::leave_gaps(&mut costed, &ran);
        settled.decisions.extend(went_on);
        unmeasured::leave_bounds(&mut costed, rest.unmeasured());
        let added = cost::of_rest(&rest.parts, &costed);
        costed.reserve_exact(added.len());
        costed.extend(added);
    } else {
        costed.truncate(logged);
    }
    notes.extend(unwatched::not_used(costed.get(..logged).unwrap_or_default(), settings, is_machine, logged_and_unwatched > logged));
    let boundary = if is_machine { Boundary::Machine } else { Boundary::Logged };
    let facility = cost::one_boundary(&mut costed);
    Ok(assemble(ledger, &settled, &costed, (boundary, facility), factors, settings, &resolver, notes))
}

/// Checks settings by themselves: what can't be used is told before a large log is read, not after.
///
/// # Errors
/// As [`report()`].
pub fn check(factors: &FactorSet, settings: &Settings) -> Result<(), SettingsError> {
    let resolver = Resolver::new(factors, settings)?;
    settings.check(factors)?;
    resolver.check_year()?;
    let wrong =
        |setting: &'static str, e: FactorError| Err(SettingsError { setting, message: e.message, hint: e.hint.unwrap_or_default() });
    for pue in settings.pue.iter().chain(settings.pue_by_host.values()) {
        Factor::given_pue(*pue, None, Match::Given).map(drop).or_else(|e| wrong("pue", e))?;
    }
    if let Some(grams) = settings.intensity_g_per_kwh {
        Factor::given_carbon_intensity(grams, None, None, Match::Given).map(drop).or_else(|e| wrong("intensity", e))?;
    }
    if let Some(grams) = settings.market_g_per_kwh {
        Factor::check_contract(grams).or_else(|e| wrong("market", e))?;
    }
    Ok(())
}

#[allow(clippy::too_many_arguments)]
fn assemble(
    ledger: &Ledger,
    settled: &Settled,
    costed: &[Costed<'_>],
    (boundary, facility): (Boundary, bool),
    factors: &FactorSet,
    settings: &Settings,
    resolver: &Resolver<'_>,
    mut notes: Vec<FoundNote>,
) -> Report {
    let mut report = Report {
        schema: String::from(report::SCHEMA),
        generator: report::Generator { name: String::from("carbon-report"), version: String::from(env!("CARGO_PKG_VERSION")) },
        title: settings.title.as_deref().map(crate::text::short_title),
        period: activities::whole_period(costed),
        interval: report::IntervalMethod {
            level: 0.95,
            method: String::from(
                "Independent causes of error multiply where they are of the same energy, and add up where they are not. Parts with one cause move together; gaps and open identities move one end alone.",
            ),
            budget: Vec::new(),
        },
        headline: report::Headline {
            number: None,
            sentence: String::new(),
            boundary,
            facility,
            wide_because: None,
            scope: String::new(),
            measured: String::new(),
            electricity: String::new(),
            building: String::new(),
            masses: String::new(),
        },
        energy: None,
        emissions: None,
        totals: Vec::new(),
        calculation: None,
        hardware: fleet::hardware(ledger, costed, factors),
        location: summary::location(costed),
        pue: None,
        carbon_intensity_gco2e_per_kwh: None,
        factors: Vec::new(),
        boundary: Vec::new(),
        allocations: allocations::allocations(ledger, |component| {
            settings.only.is_empty() || costed.iter().any(|one| one.evidence.component == component)
        }),
        activities: Vec::new(),
        devices: devices::rows(costed),
        declared: activities::declared(ledger),
        decisions: further::decisions(&settled.decisions),
        runs: runs::runs(ledger, settled, costed),
        marks: activities::marks(ledger),
        timeline: None,
        comparison: Vec::new(),
        comparison_asked_for: false,
        comparison_caveat: None,
        equivalents: Vec::new(),
        references: Vec::new(),
        carbon_budget: None,
        savings: Vec::new(),
        prediction: None,
        embodied: Vec::new(),
        assumptions: Vec::new(),
        quality: Vec::new(),
        inputs: further::inputs(ledger),
        sources: Vec::new(),
        model_card: None,
        reproduce: settings.reproduce.clone(),
    };
    if !costed.is_empty() {
        let (used, positions) = summary::factors_used(costed);
        report.factors = used;
        report.activities = further::activities(costed, &positions);
        report.energy = Some(summary::energy(costed));
        report.emissions = Some(summary::emissions(costed, settings, resolver.basis(), &mut report));
        report.pue = summary::weighted_pue(costed);
        report.carbon_intensity_gco2e_per_kwh = summary::weighted_intensity(costed, resolver.basis());
        report.calculation = summary::calculation(&report);
        report.timeline = timeline::timeline(costed);
        if settings.embodied {
            let parts = embodied::embodied(&report.hardware, factors, settings);
            summary::add_embodied(&mut report, costed, &parts);
        }
        let left_out = in_context(&mut report, ledger, costed, factors, settings);
        notes.extend(left_out.into_iter().map(|e| FoundNote {
            code: &note::COMPARISON_LEFT_OUT,
            message: e.message,
            place: None,
            hint: None,
        }));
        if settings.predict_epochs.is_some() && report.prediction.is_none() {
            let message = String::from("no log tells epochs apart, so none are predicted");
            notes.push(FoundNote { code: &note::PREDICTION_NO_EPOCHS, message, place: None, hint: None });
        }
    }
    notes.extend(settings.found.iter().flat_map(found::notes));
    report.boundary = findings::boundary(ledger, costed, settings, &report);
    report.assumptions = findings::assumptions(ledger, costed, settings, &report);
    report.quality = findings::quality(ledger, settled, costed, notes, settings, &report);
    report.sources = context::sources(factors, &report);
    let facts = summary::facts(costed, settings);
    card::words(&mut report, &facts);
    if let Some(card) = &mut report.model_card {
        card.training_type.clone_from(&settings.training_type);
    }
    report
}

/// What the total means: elsewhere, in everyday terms, against a budget, for more epochs, and what would have lowered it. Returns why places that the
/// user named are missing.
fn in_context(report: &mut Report, ledger: &Ledger, costed: &[Costed<'_>], factors: &FactorSet, settings: &Settings) -> Vec<SettingsError> {
    let (rows, left_out) = match settings.compare.as_slice() {
        [] => (compare::usual(report, factors), Vec::new()),
        regions => {
            let places = regions.iter().map(|region| compare::Alternative { region: Some(region.clone()), ..Default::default() });
            compare::beside(report, factors, &places.collect::<Vec<_>>()).unwrap_or_else(|nothing| (Vec::new(), Vec::from([nothing])))
        }
    };
    report.comparison = rows;
    report.comparison_asked_for = !settings.compare.is_empty() && !report.comparison.is_empty();
    report.comparison_caveat = (!report.comparison.is_empty()).then(|| compare::caveat(report));
    report.equivalents = context::equivalents(factors, report, costed);
    report.references = context::references(factors, report);
    report.carbon_budget = settings.carbon_budget_kg.and_then(|kg| context::budget(kg, report));
    // The rest of the machines follows at the end: of it the epochs have the share that they have of what was logged.
    let (logged, rest) = costed.split_at(costed.iter().filter(|one| !one.rest).count());
    let epochs = epochs::of(ledger, logged).map(|mut epochs| {
        let in_epochs: f64 = logged.iter().zip(&epochs.shares).map(|(one, share)| one.it_kwh * share).sum();
        let all: f64 = logged.iter().map(|one| one.it_kwh).sum();
        epochs.shares.extend(rest.iter().map(|_| if all > 0.0 { in_epochs / all } else { 0.0 }));
        epochs
    });
    report.prediction =
        epochs.as_ref().zip(settings.predict_epochs).and_then(|(epochs, total)| prediction::prediction(epochs, total, costed, report));
    let zone = report.location.as_ref().and_then(|location| location.zone.as_deref());
    let of_place = |series: &&crate::read::IntensitySeries| match (series.zone.as_deref(), zone) {
        (Some(own), Some(zone)) => own.eq_ignore_ascii_case(zone),
        _ => true,
    };
    let series = ledger.entries().flat_map(|entry| &entry.reading.intensity).filter(|series| !series.points.is_empty()).find(of_place);
    report.savings = savings::savings(report, costed, factors, series, epochs.as_ref());
    left_out
}
