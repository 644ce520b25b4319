//! Energy to emissions: Σ over time of IT energy × PUE × carbon intensity.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::instruments::{Instruments, by_table};
use super::resolve::{Resolved, Resolver};
use super::rest::RestPart;
use super::series;
use super::settings::{Settings, SettingsError};
use crate::compare::steps::{self, Grams, Steps};
use crate::factor::{Basis, Evaluation, Factor, FactorKind, FactorSet, MachinePart, Match, PowerModel};
use crate::interval::{Term, TermKind, UncertainPart};
use crate::ledger::{Cause, Evidence, FoundNote, Ledger, Method, When};
use crate::map::Map;
use crate::note;
use crate::read::IntensitySeries;
use crate::text::percent;
use crate::units::{Energy, Instant, PICOJOULES_PER_KWH, Span, calendar};

/// Years over which an activity's factors are weighted.
const MOST_YEARS: i64 = 10;

/// An activity with its factors and its emissions.
pub(super) struct Costed<'l> {
    pub evidence: &'l Evidence,
    /// Shared by those of one place and time: there may be tens of thousands.
    pub resolved: Arc<Resolved>,
    /// IT energy, kWh, corrected as the table of instruments says.
    pub it_kwh: f64,
    /// How far the energy may lie off.
    pub terms: Vec<Term>,
    /// How many times as large the whole is that it is left of, else 1.
    pub wholes: f64,
    /// How far the run's hours may lie from the year's mean; absent where the intensity is none of a year.
    pub hours: Option<Term>,
    /// Further IT energy that the upper bound holds, kWh.
    pub possible_kwh: f64,
    /// Of that, what the device can have drawn in gaps, kWh.
    pub in_gaps_kwh: f64,
    /// And what a counter can have counted besides where it may have run through its range, kWh.
    pub in_wraps_kwh: f64,
    /// The most that the device can draw, W, where its rated power is known.
    pub rated_most_w: Option<f64>,
    /// What it holds besides of devices whose figures were left out: so much as they draw at most.
    pub bounded_kwh: f64,
    /// Of that, what the rest of the machine holds as an estimate, kWh: it is part of what was logged, and not of the machine once more.
    pub estimated_kwh: f64,
    /// Of the IT energy, what may be no joules of its own, kWh: the lower bound is without it.
    pub doubtful_kwh: f64,
    /// kgCO2e, operational, location-based.
    pub kg: f64,
    /// How far the PUE may lie off, where one is known, and the carbon intensity.
    pub factor_terms: (Option<Term>, Term),
    /// The rest of a machine: no log holds it.
    pub rest: bool,
    /// The building that it may stand in, where its PUE is not known.
    pub building: Option<MachinePart>,
    /// Its place and factors with the PUE that is known of it, where that of others is not: the building is then no part of the total.
    pub known_pue: Option<Arc<Resolved>>,
}

impl Costed<'_> {
    /// Whether it only holds what devices may have drawn of which no log says what can be.
    pub(super) fn is_nothing(&self) -> bool {
        self.evidence.method == Method::Machine && self.evidence.energy == Energy::ZERO
    }

    /// Electricity at the meter, kWh.
    pub(super) fn facility_kwh(&self) -> f64 {
        self.it_kwh * self.resolved.pue.value
    }

    /// As a part of the IT energy.
    pub(super) fn as_it(&self) -> UncertainPart {
        UncertainPart {
            value: self.it_kwh,
            possible: self.possible_kwh,
            bounded: self.bounded_kwh - self.estimated_kwh,
            doubtful: self.doubtful_kwh,
            terms: self.terms.clone(),
            wholes: self.wholes,
        }
    }

    /// As a part of what was logged.
    pub(super) fn as_logged(&self) -> UncertainPart {
        UncertainPart { bounded: self.bounded_kwh, ..self.as_it() }
    }

    /// As a part of the electricity at the meter.
    pub(super) fn as_facility(&self) -> UncertainPart {
        let pue = &self.resolved.pue;
        let mut terms = self.terms.clone();
        terms.extend(self.factor_terms.0.clone());
        UncertainPart { terms, ..self.as_it().times(pue.value) }
    }

    /// The emissions of a part of the computers, without their building.
    pub(super) fn emissions_of(&self, mut part: UncertainPart) -> UncertainPart {
        let per_kwh = self.resolved.intensity.value / 1000.0;
        part.terms.extend(self.intensity_terms());
        UncertainPart { value: self.kg / self.resolved.pue.value, ..part.times(per_kwh) }
    }

    /// A part at the meter of the building, which is estimated for the kind of machine where no PUE is known. `None` where neither is.
    pub(super) fn in_building(&self, part: UncertainPart) -> Option<UncertainPart> {
        if self.resolved.pue.matched != Match::Default {
            return Some(part);
        }
        let (times, term) = match &self.known_pue {
            Some(known) => (known.pue.value, factor_term(TermKind::Pue, "PUE", &known.pue)),
            None => {
                let building = self.building.as_ref()?;
                let times = 1.0 + building.value;
                let cause = format!("building, estimated: {}", building.description);
                let (low, high) = ((1.0 + building.low) / times, (1.0 + building.high) / times);
                (times, by_table(TermKind::Pue, cause, low, high, &building.source))
            }
        };
        let terms = part.terms.iter().cloned().chain([term]).collect();
        Some(UncertainPart { terms, ..part.times(times) })
    }

    fn intensity_terms(&self) -> impl Iterator<Item = Term> {
        core::iter::once(self.factor_terms.1.clone()).chain(self.hours.clone())
    }

    /// As a part of the emissions.
    pub(super) fn as_emissions(&self) -> UncertainPart {
        let mut part = self.as_facility();
        part.terms.extend(self.intensity_terms());
        let per_kwh = self.resolved.intensity.value / 1000.0;
        UncertainPart { value: self.kg, ..part.times(per_kwh) }
    }
}

/// One boundary for all parts: a total of which some have a PUE and others have none is of the computers alone, and what is known of PUEs goes into
/// the estimate of the facility beside it. Returns whether the PUE of all of it is known.
pub(super) fn one_boundary(costed: &mut [Costed<'_>]) -> bool {
    let is_known = |one: &Costed<'_>| one.resolved.pue.matched != Match::Default;
    if costed.iter().all(is_known) {
        return !costed.is_empty();
    }
    let mut last: Option<(Arc<Resolved>, Arc<Resolved>)> = None;
    for one in costed.iter_mut().filter(|one| is_known(one)) {
        let computers = match &last {
            Some((known, computers)) if Arc::ptr_eq(known, &one.resolved) => Arc::clone(computers),
            _ => Arc::new(Resolved { pue: FactorSet::pue_unknown(), ..(*one.resolved).clone() }),
        };
        let known = core::mem::replace(&mut one.resolved, Arc::clone(&computers));
        one.kg /= known.pue.value;
        one.factor_terms.0 = None;
        one.known_pue = Some(Arc::clone(&known));
        last = Some((known, computers));
    }
    false
}

/// The rest of the machines, at the place and with the factors of the logged parts beside it.
pub(super) fn of_rest<'r>(parts: &'r [RestPart], logged: &[Costed<'_>]) -> Vec<Costed<'r>> {
    let cost = |part: &'r RestPart| {
        let beside = logged.get(part.beside)?;
        Some(Costed {
            evidence: &part.evidence,
            resolved: Arc::clone(&beside.resolved),
            it_kwh: part.kwh,
            terms: part.terms.clone(),
            wholes: 1.0,
            hours: beside.hours.clone(),
            possible_kwh: part.possible_kwh,
            in_gaps_kwh: 0.0,
            in_wraps_kwh: 0.0,
            rated_most_w: None,
            doubtful_kwh: part.doubtful_kwh,
            bounded_kwh: part.bounded_kwh,
            estimated_kwh: 0.0,
            kg: part.kwh * part.kg_per_kwh,
            factor_terms: beside.factor_terms.clone(),
            rest: true,
            building: part.building.clone(),
            known_pue: None,
        })
    };
    parts.iter().filter_map(cost).collect()
}

/// The correction of an evidence, and how far it may lie off: what a user states says it, a log's instrument is looked up.
fn judged(evidence: &Evidence, instruments: &mut Instruments<'_>) -> Result<(f64, Vec<Term>), SettingsError> {
    if let Some(stated) = &evidence.stated {
        let term = |c: &Cause| Term::new(TermKind::Estimation, c.name.clone(), c.low, c.high);
        return Ok((1.0, stated.causes.iter().map(term).collect()));
    }
    let mut judged = instruments.judge(evidence)?;
    judged.terms.extend(sampling_term(evidence));
    Ok((judged.correction, judged.terms))
}

/// What happens between two power samples. Samples at even distances are a systematic sample of a power that moves between them too, whose variance is
/// estimated from successive differences: of the sum over intervals Σ (Δp Δt)² ÷ 2 (J. von Neumann, "Distribution of the ratio of the mean square
/// successive difference to the variance", 1941; K. M. Wolter, "Introduction to Variance Estimation", chapter 8). Where power moves slowly that is more
/// than the trapezoid is off by, but small; a twelfth in place of the half would be right there alone, and too little for bursts between samples.
fn sampling_term(evidence: &Evidence) -> Option<Term> {
    let joules = evidence.energy.as_kwh() * 3.6e6;
    let half = 1.96 * libm::sqrt(evidence.scatter as f64 / 2.0) / 1e6 / joules;
    if !(joules > 0.0 && half > 1e-4) {
        return None;
    }
    let cause = format!("between samples, {}", evidence.describe());
    let term = Term::new(TermKind::Sampling, cause, (1.0 - half).max(0.05), 1.0 + half);
    Some(term.from_source(Evaluation::A, ""))
}

/// What lies in gaps is bounded by what the device can draw, not by the two ends, kWh.
fn most_in_gaps(evidence: &Evidence, instruments: &Instruments<'_>) -> f64 {
    if evidence.gaps.1 == 0 {
        return 0.0;
    }
    let bridged = evidence.gap_energy.as_kwh();
    instruments.most_in_gaps(evidence).map_or(bridged, |most| most.max(bridged))
}

/// A yearly mean stands for the hours of the run: a run of n days meets n + 1 of them, whose means scatter less by √(n + 1). Places differ in their
/// hours, so each has its own term.
fn hours_term(hour: Option<&PowerModel>, evidence: &Evidence, intensity: &Factor) -> Option<Term> {
    if matches!(intensity.matched, Match::Given | Match::Log | Match::Method) {
        return None;
    }
    let row = hour?;
    let days = evidence.covered.unwrap_or_else(|| evidence.when.span()).as_hours() / 24.0;
    let narrower = |end: f64| libm::exp(libm::log(end / row.value) / libm::sqrt(1.0 + days));
    let cause = format!("hours of the run against the year's mean, {}", intensity.label);
    Some(by_table(TermKind::Hours, cause, narrower(row.low), narrower(row.high), &row.source))
}

/// Terms of factors, made once for each.
#[derive(Default)]
struct FactorTerms(Map<(TermKind, String, [u64; 2]), Term>);

impl FactorTerms {
    fn of(&mut self, pue: &Factor, intensity: &Factor) -> (Option<Term>, Term) {
        let mut term = |kind: TermKind, name: &str, factor: &Factor| {
            let key = (kind, factor.label.clone(), [factor.low / factor.value, factor.high / factor.value].map(f64::to_bits));
            self.0.entry(key).or_insert_with(|| factor_term(kind, name, factor)).clone()
        };
        let of_pue = (pue.matched != Match::Default).then(|| term(TermKind::Pue, "PUE", pue));
        (of_pue, term(TermKind::CarbonIntensity, "carbon intensity", intensity))
    }
}

fn factor_term(kind: TermKind, name: &str, factor: &Factor) -> Term {
    by_table(kind, format!("{name}, {}", factor.label), factor.low / factor.value, factor.high / factor.value, &factor.source)
}

/// Costs every evidence.
pub(super) fn cost<'l>(
    evidence: &'l [Evidence],
    ledger: &Ledger,
    resolver: &mut Resolver<'_>,
    settings: &Settings,
    notes: &mut Vec<FoundNote>,
) -> Result<Vec<Costed<'l>>, SettingsError> {
    let mut sites: Vec<_> = evidence.iter().map(|e| resolver.site(e)).collect();
    let named = settings.named_series();
    let series = series::by_zone(ledger, named, notes);
    if let [(path, only)] = series.as_slice()
        && let Some(zone) = &only.zone
    {
        sites.iter_mut().for_each(|site| resolver.place_of_series(site, zone, path));
    }
    let given: Vec<Option<(&str, &IntensitySeries)>> = match settings.intensity_g_per_kwh {
        Some(_) => evidence.iter().map(|_| None).collect(),
        None => evidence.iter().zip(&sites).map(|(one, site)| series::fitting(&series, one, site, named.is_some(), notes)).collect(),
    };
    // What a series has no value for, it decides nothing of.
    let direct_alone = |(given, one): (&Option<(&str, &IntensitySeries)>, &Evidence)| {
        given.is_some_and(|(_, series)| {
            let direct = Steps::of(series, Basis::Direct).filter(|_| !steps::has(series, Basis::Lifecycle));
            direct.is_some_and(|table| energy_slices(one).into_iter().any(|(start, length, _)| table.covers(start, start.plus(length))))
        })
    };
    resolver.choose_basis(&sites, &given.iter().zip(evidence).map(direct_alone).collect::<Vec<_>>());
    let mut costed: Vec<Costed<'l>> = Vec::with_capacity(evidence.len());
    let mut instruments = Instruments::new(resolver.factors());
    let mut shared = FactorTerms::default();
    let hour = resolver.factors().power_model("intensity_of_an_hour");
    let mut uncovered: Map<&str, (f64, f64, Option<Basis>)> = Map::new();
    for ((evidence, site), given) in evidence.iter().zip(sites).zip(given) {
        let pue = resolver.pue(evidence, &site)?;
        let intensity = match resolver.by_years(evidence, &site, &energy_by_year(evidence)) {
            Some(weighted) => weighted,
            None => resolver.intensity(evidence, &site)?,
        };
        let (correction, mut terms) = judged(evidence, &mut instruments)?;
        let mut hours = hours_term(hour.as_ref(), evidence, &intensity);
        if let Some(before) = costed.last() {
            let same = terms.iter_mut().chain(&mut hours).zip(before.terms.iter().chain(&before.hours));
            same.for_each(|(own, before)| own.share(before));
        }
        let it_kwh = evidence.energy.as_kwh() * correction;
        let yearly = intensity.value;
        let (in_gaps_kwh, in_wraps_kwh) = (most_in_gaps(evidence, &instruments), instruments.most_in_wraps(evidence));
        let mut one = Costed {
            evidence,
            it_kwh,
            terms,
            wholes: 1.0,
            hours,
            possible_kwh: evidence.more.as_kwh() * correction + in_gaps_kwh + in_wraps_kwh,
            in_gaps_kwh,
            in_wraps_kwh,
            rated_most_w: instruments.rated_most_w(evidence),
            bounded_kwh: evidence.bound.as_kwh(),
            estimated_kwh: 0.0,
            doubtful_kwh: evidence.less.as_kwh() * correction,
            kg: it_kwh * pue.value * yearly / 1000.0,
            factor_terms: shared.of(&pue, &intensity),
            rest: false,
            building: None,
            known_pue: None,
            resolved: share(Resolved { site, pue, intensity }, &costed),
        };
        if let Some((path, series)) = given {
            let yearly = one.resolved.intensity.basis;
            let share = by_time(&mut one, path, series, resolver.basis(), notes);
            one.factor_terms = shared.of(&one.resolved.pue, &one.resolved.intensity);
            let (without, all, other) = uncovered.entry(path).or_default();
            (*without, *all) = (*without + share * one.it_kwh, *all + one.it_kwh);
            *other = yearly.filter(|yearly| *yearly != resolver.basis()).or(*other);
        }
        costed.push(one);
    }
    let is_by_series = |one: &Costed<'_>| one.it_kwh <= 0.0 || one.resolved.intensity.matched == Match::Given;
    if named.is_some() && !costed.is_empty() && !costed.iter().any(is_by_series) {
        return Err(series::not_used(notes));
    }
    for (path, (without, all, other)) in uncovered.into_iter().filter(|(_, (without, all, _))| *without > 0.001 * all) {
        let basis = other.map_or_else(String::new, |basis| format!(", which is {}", basis.words()));
        let message = match without >= all {
            true => format!("the series covers nothing of the run: the yearly factor is used{basis}"),
            false => format!("the series does not cover {} of the energy: the yearly factor is used there{basis}", percent(without / all)),
        };
        notes.push(FoundNote { code: &note::INTENSITY_UNCOVERED, message, place: Some(path.to_string()), hint: None });
    }
    Ok(costed)
}

/// The place and the factors of the activity before, where they are the same.
fn share(resolved: Resolved, costed: &[Costed<'_>]) -> Arc<Resolved> {
    match costed.last() {
        Some(before) if *before.resolved == resolved => Arc::clone(&before.resolved),
        _ => Arc::new(resolved),
    }
}

/// Costs one activity by the hours of a series; what the series does not cover keeps the yearly factor. Returns that share.
fn by_time(one: &mut Costed<'_>, path: &str, series: &IntensitySeries, basis: Basis, notes: &mut Vec<FoundNote>) -> f64 {
    let Some(table) = Steps::of(series, basis) else {
        let message = format!("the series has no {} carbon intensities, and the total is of those", basis.words());
        notes.push(FoundNote { code: &note::INTENSITY_UNCOVERED, message, place: Some(path.to_string()), hint: None });
        // Told by that note.
        return 0.0;
    };
    // What the series does not cover is off as far as the yearly factor is, what it covers as far as a series is.
    let Factor { value, low, high, .. } = one.resolved.intensity;
    let yearly = Grams { value, low, high };
    let (mut sum, mut known_kwh) = (Grams::default(), 0.0);
    // Of what may only have been drawn each hour counts as much.
    let is_nothing = one.evidence.energy == Energy::ZERO;
    let slices = energy_slices(one.evidence);
    let hours: f64 = slices.iter().map(|(_, length, _)| length.as_hours()).sum();
    let all = if is_nothing { hours } else { one.it_kwh };
    let corrected = one.it_kwh / one.evidence.energy.as_kwh();
    for (start, length, kwh) in slices {
        let kwh = if is_nothing { length.as_hours() } else { kwh * corrected };
        // A slice is cut where the series changes.
        let (mut at, end) = (start, start.plus(length));
        while at < end {
            let (grams, until) = table.at(at, end);
            let part = kwh * until.since(at).as_seconds() / length.as_seconds();
            sum.add(part, grams.map_or(yearly, Grams::with_error));
            if grams.is_some() {
                known_kwh += part;
            }
            at = until;
        }
    }
    if known_kwh <= 0.0 {
        return 1.0;
    }
    let mean = sum.over(all);
    one.kg = if is_nothing { 0.0 } else { sum.value * one.resolved.pue.value / 1000.0 };
    let uncovered = 1.0 - known_kwh / all;
    // The hours that the series has are its own; the year's mean stands for the others alone.
    one.hours = one.hours.take().filter(|_| uncovered > 0.001).map(|term| Term {
        low: 1.0 - uncovered * (1.0 - term.low),
        high: 1.0 + uncovered * (term.high - 1.0),
        ..term
    });
    Arc::make_mut(&mut one.resolved).intensity = Factor {
        kind: FactorKind::CarbonIntensity,
        label: format!("{}, weighted over time", table.zone.unwrap_or(path)),
        value: mean.value,
        low: mean.low,
        high: mean.high,
        unit: FactorKind::CarbonIntensity.unit(),
        basis: Some(basis),
        year: one.resolved.intensity.year,
        source: table.publisher.clone(),
        matched: Match::Given,
        by_year: None,
    };
    uncovered
}

/// The years of a dated activity, each with its share of the energy.
fn energy_by_year(evidence: &Evidence) -> Vec<(i32, f64)> {
    let When::Dated { start, end, .. } = evidence.when else { return Vec::new() };
    // No run lasts so long: a clock was set wrong, and the middle's year serves as well as any.
    let years = calendar::year_of(end) - calendar::year_of(start);
    if !(1..=MOST_YEARS).contains(&years) {
        return Vec::new();
    }
    let mut years: Map<i32, f64> = Map::new();
    for (from, length, kwh) in energy_slices(evidence) {
        let (mut at, to) = (from, from.plus(length));
        while at < to {
            let year = calendar::year_of(at);
            let new_year = calendar::instant_from_civil((year + 1, 1, 1), (0, 0, 0), 0);
            let next = new_year.filter(|next| *next > at).unwrap_or(to).min(to);
            *years.entry(i32::try_from(year).unwrap_or(i32::MAX)).or_default() += kwh * next.since(at).as_seconds() / length.as_seconds();
            at = next;
        }
    }
    let all: f64 = years.values().sum();
    if all > 0.0 { years.iter().map(|(year, kwh)| (*year, kwh / all)).collect() } else { Vec::new() }
}

/// Start, length and kWh of pieces of an activity's energy: its profile, or evenly by hour.
fn energy_slices(evidence: &Evidence) -> Vec<(Instant, Span, f64)> {
    let When::Dated { start, end, .. } = evidence.when else { return Vec::new() };
    if let Some(profile) = &evidence.profile {
        let step = Span::from_seconds(profile.step_s());
        // Edges: a bucket that the activity fills in part stands for that part.
        return profile
            .buckets()
            .map(|(at, doubled)| {
                let (from, to) = (at.max(start), at.plus(step).min(end));
                let (from, to) = if from < to { (from, to) } else { (at, at.plus(step)) };
                (from, to.since(from), doubled as f64 / 2.0 / PICOJOULES_PER_KWH as f64)
            })
            .collect();
    }
    let whole = end.since(start);
    if whole <= Span::ZERO {
        return [(start, Span::from_seconds(1), evidence.energy.as_kwh())].to_vec();
    }
    [(start, whole, evidence.energy.as_kwh())].to_vec()
}
