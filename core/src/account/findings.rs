//! What a reader must know: boundary, assumptions and quality notes.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::cost::Costed;
use super::further::Findings;
use super::settings::Settings;
use crate::card;
use crate::factor::Match;
use crate::ledger::{Basis, Evidence, FoundNote, Ledger, PhaseKind, Settled};
use crate::map::{Map, Set};
use crate::note::{self, Severity};
use crate::order;
use crate::read::{Clock, DeclaredKind, JobState, SkipReason};
use crate::report::{Assumption, Boundary, BoundaryItem, QualityNote, Report};
use crate::series::{Component, Instrument};
use crate::text::{ENERGY_FROM_KWH, duration, few, in_more_files, is_hidden, percent, significant, with_unit};
use crate::units::{Energy, Span};

/// What is counted, what stands apart, what is left out.
pub(super) fn boundary(ledger: &Ledger, costed: &[Costed<'_>], settings: &Settings, report: &Report) -> Vec<BoundaryItem> {
    let mut rows = Vec::new();
    let item = |item: &str, counted: &str, how: String| BoundaryItem { item: item.to_string(), counted: counted.to_string(), how };
    for component in report.energy.iter().flat_map(|e| &e.by_component) {
        let how = match component.method.starts_with(component.basis.as_str()) {
            true => component.method.clone(),
            false => format!("{}: {}", component.basis, component.method),
        };
        rows.push(item(&component.label, "yes", how));
    }
    let runs: Set<&str> = report.allocations.iter().map(|a| a.run.as_str()).collect();
    for one in &report.allocations {
        let run = if runs.len() > 1 { format!(" of run {}", one.run) } else { String::new() };
        let label = format!("Of the {} energy above: share of the recorded program{run}", one.label);
        rows.push(item(&label, "separately", format!("{}; an allocation, not a measurement: {}", one.text, one.method)));
    }
    let stated = !costed.is_empty() && costed.iter().filter(|c| !c.rest).all(|c| c.evidence.stated.is_some());
    let has = |component| costed.iter().any(|c| c.evidence.component == component);
    let whole = costed.iter().any(is_whole) || report.headline.boundary == Boundary::Machine;
    if !costed.is_empty() && !whole {
        for (component, label) in [(Component::Gpu, "GPU"), (Component::Cpu, "CPU"), (Component::Memory, "Memory")] {
            let in_host = has(Component::Host) && component != Component::Gpu || costed.iter().any(|c| c.evidence.names_boards());
            if !has(component) && !in_host {
                rows.push(item(label, "no", String::from(if stated { "not named" } else { "no log of it" })));
            }
        }
        if !has(Component::Host) {
            rows.push(item("Fans, disks, network cards, power supplies", "no", String::from("no log of the whole machine")));
        }
    }
    if let Some(pue) = &report.pue {
        let not_known = match costed.iter().any(|c| c.known_pue.is_some()) {
            true => "PUE known for a part alone",
            false => "PUE not known",
        };
        rows.push(match pue.matched != Match::Default {
            true => item("Cooling and power distribution", "yes", format!("PUE {} ({})", pue.text, pue.match_text)),
            false if report.emissions.as_ref().is_some_and(|emissions| emissions.facility_kgco2e.is_some()) => {
                item("Cooling and power distribution", "no", format!("{not_known}; what it may add stands below the headline"))
            }
            false => item("Cooling and power distribution", "no", String::from(not_known)),
        });
    }
    rows.push(match report.embodied.as_slice() {
        [] => item("Hardware manufacture", "no", String::from("operational emissions only; --embodied adds the accelerators' share")),
        parts => {
            let models: Vec<&str> = parts.iter().map(|part| part.model.as_str()).collect();
            item(
                "Hardware manufacture",
                "separately",
                format!("{}; nothing for processors, memory and the rest of the machines", models.join(", ")),
            )
        }
    });
    let (named, mut other): (Vec<PhaseKind>, Vec<PhaseKind>) = [PhaseKind::Experiments, PhaseKind::Failed, PhaseKind::Evaluation]
        .into_iter()
        .partition(|kind| costed.iter().any(|c| c.evidence.stated.as_ref().is_some_and(|s| s.kind == *kind)));
    let list = |kinds: &[PhaseKind]| kinds.iter().map(|kind| kind.label().to_lowercase()).collect::<Vec<_>>().join(", ");
    if !named.is_empty() {
        rows.push(item(&format!("Other runs: {}", list(&named)), "yes", String::from("estimated, as far as stated")));
    }
    let counts = settings.only.is_empty() || costed.iter().any(|one| one.evidence.instrument == Instrument::Scheduler);
    let ended = failed_jobs(ledger).filter(|_| counts);
    other.retain(|kind| *kind != PhaseKind::Failed || ended.is_none());
    if let Some(how) = ended {
        rows.push(item("Failed runs", "yes", how));
    }
    if !other.is_empty() {
        let how = if stated { "only what was stated" } else { "only what the given logs hold" };
        rows.push(item(&format!("Other runs: {}", list(&other)), "no", String::from(how)));
    }
    rows
}

/// Jobs that a scheduler says failed, were cancelled or stopped: their energy is in the total, and it is told how much.
fn failed_jobs(ledger: &Ledger) -> Option<String> {
    let figures = ledger.entries().flat_map(|entry| &entry.reading.declared).filter(|d| d.kind == DeclaredKind::Actual);
    let (mut states, mut seen) = (Map::<JobState, u32>::new(), Set::<&str>::new());
    let mut energy = Energy::ZERO;
    for declared in figures {
        let state = declared.state.filter(|state| state.is_without_result() && !declared.parts.is_empty());
        let Some(state) = state.filter(|_| declared.run.as_deref().is_none_or(|run| seen.insert(run))) else { continue };
        *states.entry(state).or_insert(0) += 1;
        energy += declared.parts.iter().map(|part| part.energy).sum();
    }
    let jobs: u32 = states.values().sum();
    let by_state = states.iter().map(|(state, count)| format!("{count} {}", state.as_str())).collect::<Vec<_>>().join(", ");
    let noun = if jobs == 1 { "job" } else { "jobs" };
    (jobs > 0).then(|| format!("{jobs} {noun} ({by_state}), {} of the energy above", with_unit(energy.as_kwh(), 3, ENERGY_FROM_KWH)))
}

/// Defaults and choices, with the option that changes each.
pub(super) fn assumptions(ledger: &Ledger, costed: &[Costed<'_>], settings: &Settings, report: &Report) -> Vec<Assumption> {
    // What the accounting noted already.
    let mut rows: Vec<Assumption> = report.assumptions.clone();
    let mut assume = |code: &str, text: String, option: Option<&str>| {
        rows.push(Assumption { code: code.to_string(), text, option: option.map(ToString::to_string) });
    };
    if costed.is_empty() {
        return rows;
    }
    for (code, text, option) in costed.iter().filter_map(|c| c.evidence.stated.as_ref()).flat_map(|s| &s.assumptions) {
        assume(code, text.clone(), *option);
    }
    if costed.iter().any(|c| c.resolved.intensity.matched == Match::WorldDefault) {
        let text = String::from("the place is not known: the world-average carbon intensity, with the spread of countries as its interval");
        assume("zone", text, Some("--region"));
    }
    if costed.iter().any(|c| c.resolved.pue.matched == Match::Default) {
        let not_known = if costed.iter().any(|c| c.known_pue.is_some()) { "known for a part alone" } else { "not known" };
        let text = format!("the PUE is {not_known}: the building is not in the total; where it can be estimated, it stands beside");
        assume("pue", text, Some("--pue"));
    }
    if let Some(emissions) = &report.emissions
        && settings.basis.is_none()
        && settings.intensity_g_per_kwh.is_none()
    {
        assume("basis", format!("carbon intensities are {}", emissions.basis.words()), Some("--basis"));
    }
    if !settings.only.is_empty() {
        assume("only", format!("of what the logs hold, these parts alone count: {}", settings.only.join(", ")), Some("--only"));
    }
    if !settings.running.is_empty() {
        let of_it = costed.iter().filter(|c| super::unwatched::is_unwatched(c.evidence));
        let hours: f64 = of_it.filter_map(|c| Some(c.evidence.covered?.as_hours() * f64::from(c.evidence.count))).sum();
        let text = match hours > 0.0 {
            true => format!(
                "the training ran in the times that are stated: {} device-hours that no log watched count at each device's mean power, by estimate",
                significant(hours, 3)
            ),
            false => String::from(
                "of the times in which the training ran, as is stated, nothing is added: logs watched them, or the total is of what the logs hold",
            ),
        };
        assume("running", text, Some("--running"));
    }
    if costed.iter().any(|c| c.rest) {
        let text = String::from(
            "what no log shows of the computers is estimated for their kind, in proportion to the rated power and the time of the logged devices",
        );
        assume("rest", text, Some("--boundary"));
    }
    if settings.year.is_none()
        && costed.iter().any(|c| matches!(c.evidence.when, crate::ledger::When::Undated(_)) && c.evidence.year.is_none())
    {
        assume("year", String::from("no date is known for a part: the latest factors are used for it"), Some("--year"));
    }
    if ledger.entries().any(|e| e.reading.clock == Clock::Local) {
        assume("time-zone", String::from("local stamps without a zone are compared with each other as they are"), Some("--tz"));
    }
    if !report.embodied.is_empty() {
        let years = settings.lifetime_years.unwrap_or(super::LIFETIME_YEARS);
        let range = if settings.lifetime_years.is_none() { ", with 3 to 6 in the interval" } else { "" };
        let text =
            format!("hardware is expected to be used for {} years{range}, and the time of use is a share of that", significant(years, 2));
        assume("lifetime", text, Some("--lifetime-years"));
    }
    if costed.iter().any(|c| (c.evidence.instrument, c.evidence.component) == (Instrument::SamplerModel, Component::Gpu)) {
        let text = String::from("GPUs without a power reading draw the rated power that is given x (0.15 + 0.70 x utilisation)");
        assume("tdp", text, Some("--tdp"));
    }
    let gaps = costed.iter().any(|c| c.evidence.gaps.1 > 0);
    if gaps && !settings.fill_gaps {
        let text = String::from("intervals longer than 10 median intervals (and 5 s) are gaps: not counted, and in the upper bound");
        assume("gaps", text, Some("--fill-gaps"));
    }
    rows
}

/// Findings of files. One kind of finding is told once, with the first place and the number of files; what makes a file unusable is told of each.
fn of_files(ledger: &Ledger, rows: &mut Findings) {
    struct Found<'l> {
        path: &'l str,
        first: &'l note::Note,
        times: u64,
        files: u64,
    }
    let mut kinds: Map<(&str, &str, Option<&str>), Found<'_>> = Map::new();
    for entry in ledger.entries() {
        let path = entry.file.path.as_str();
        for (subject, note) in entry.reading.notes.by_subject() {
            // A file that no reader knows, or that could not be used, is told by itself.
            let alone = (note.code.severity == Severity::Error || entry.reading.format.is_empty()).then_some(path);
            let found = kinds.entry((note.code.id, subject, alone)).or_insert_with(|| Found { path, first: note, times: 0, files: 0 });
            found.times += note.count;
            found.files += 1;
        }
    }
    let row = |found: &Found<'_>| {
        let Found { path, first, times, files } = found;
        let often = match (*times, *files) {
            (1, _) => String::new(),
            (times, 1) => format!(" ({times} times)"),
            (times, files) if times == files => in_more_files(files - 1),
            (times, files) => format!(" ({times} times in {files} files)"),
        };
        QualityNote {
            code: first.code.id.to_string(),
            severity: first.code.severity,
            message: format!("{}{often}", first.message),
            place: Some(first.line.map_or_else(|| path.to_string(), |line| format!("{path}, line {line}"))),
            hint: first.hint.clone().or_else(|| remedy(first.code)),
        }
    };
    kinds.values().for_each(|found| rows.add(found.first.code, || row(found)));
}

/// Findings of files, of the ledger and of the accounting, most severe first.
pub(super) fn quality(
    ledger: &Ledger,
    settled: &Settled,
    costed: &[Costed<'_>],
    notes: Vec<FoundNote>,
    settings: &Settings,
    report: &Report,
) -> Vec<QualityNote> {
    let mut told = Findings::default();
    of_files(ledger, &mut told);
    let mut own = own_findings(ledger, costed, report);
    // Trackers leave the rest of the machine out: what they say is held against what was logged.
    let (logged, _) = costed.split_at(costed.iter().filter(|one| !one.rest).count());
    own.append(&mut super::differ::findings(ledger, logged));
    // Where the user says when the training ran, it rested in between.
    if settings.running.is_empty() {
        own.append(&mut super::pauses::findings(costed));
    }
    let mut seen: Set<(&str, String, Option<String>)> = Set::new();
    for found in settled.notes.iter().chain(&notes).chain(&own) {
        if seen.insert((found.code.id, found.message.clone(), found.place.clone())) {
            told.add(found.code, || QualityNote {
                code: found.code.id.to_string(),
                severity: found.code.severity,
                message: found.message.clone(),
                place: found.place.clone(),
                hint: found.hint.clone().or_else(|| remedy(found.code)),
            });
        }
    }
    let mut rows = told.finish();
    let severity = |row: &QualityNote| match row.severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Note => 2,
        Severity::Good => 3,
    };
    order::sort_by(&mut rows, |a, b| (severity(a), &a.code, &a.place, &a.message).cmp(&(severity(b), &b.code, &b.place, &b.message)));
    rows
}

fn remedy(code: &note::Code) -> Option<String> {
    (!code.remedy.starts_with("none")).then(|| code.remedy.to_string())
}

fn own_findings(ledger: &Ledger, costed: &[Costed<'_>], report: &Report) -> Vec<FoundNote> {
    let mut found: Vec<FoundNote> = Vec::new();
    let Some(energy) = &report.energy else {
        if ledger.entries().next().is_some() {
            let outside: u64 =
                ledger.entries().filter_map(|entry| entry.reading.rows.skipped.get(&SkipReason::OutsidePeriod)).map(|(rows, _)| rows).sum();
            let nothing = FoundNote {
                code: &note::NO_ENERGY,
                message: String::from("no file says how much energy was used"),
                place: None,
                hint: None,
            };
            found.push(match outside {
                0 => nothing,
                rows => FoundNote {
                    message: format!("nothing was read of the time between `--from` and `--to`: {rows} rows lie outside of it"),
                    hint: Some(String::from("leave `--from` and `--to` out to see when the logs were written")),
                    ..nothing
                },
            });
        }
        return found;
    };
    let mut add = |code: &'static note::Code, message: String, place: Option<String>| {
        found.push(FoundNote { code, message, place, hint: None });
    };
    // What is measured for the lesser part is no good sign; the share itself stands in the headline.
    if 2.0 * energy.measured_share >= 1.0 {
        add(&note::MEASURED_SHARE, card::measured(report.headline.boundary, energy), None);
    }
    for (code, message, place) in gaps(costed) {
        add(code, message, place);
    }
    let names = report.activities.iter().flat_map(|a| [a.host.as_deref(), Some(a.device.as_str()), a.model.as_deref()]).flatten();
    let names = names.chain(report.inputs.iter().map(|input| input.path.as_str())).filter(|name| name.chars().any(is_hidden));
    let strange: Set<&str> = names.collect();
    if let Some(first) = strange.iter().next() {
        let names = if strange.len() == 1 { "a name holds" } else { "names hold" };
        add(&note::HIDDEN_CHARACTERS, format!("{names} control or invisible characters: “{first}”"), None);
    }
    let modelled: Set<String> = costed
        .iter()
        .filter(|c| c.evidence.basis == Basis::Declared && !c.evidence.instrument.is_sensor())
        .map(|c| c.evidence.in_sentence())
        .collect();
    if !modelled.is_empty() {
        let names = card::list(&modelled.into_iter().collect::<Vec<_>>());
        add(&note::MODELLED_BY_TRACKER, format!("the tracker did not measure but modelled: {names}"), None);
    }
    // Where a tracker's geolocation failed, its note says so.
    let is_nowhere = |c: &&Costed<'_>| c.resolved.intensity.matched == Match::WorldDefault && !c.resolved.site.failed;
    let kg_of = |nowhere: bool| costed.iter().filter(|c| is_nowhere(c) == nowhere).map(|c| c.kg).sum::<f64>();
    if costed.iter().any(|c| is_nowhere(&c)) {
        let message = match kg_of(true) / (kg_of(true) + kg_of(false)) {
            share if share < 1.0 => {
                format!("no log says where {} of the emissions arose: the world average is used for them", percent(share))
            }
            _ => String::from("no log says where the energy was used: the world average is used"),
        };
        add(&note::ZONE_UNKNOWN, message, None);
    }
    match report.pue.as_ref().map(|p| p.matched) {
        Some(Match::Default) => {
            let none = if costed.iter().any(|c| c.known_pue.is_some()) { "a PUE is known for a part alone" } else { "no PUE is known" };
            add(&note::PUE_DEFAULT, format!("{none}: the building is not in the total"), None);
        }
        Some(Match::Exact | Match::OlderYear | Match::LaterYear | Match::ParentZone) => {
            add(&note::PUE_DECLARED, String::from("the PUE is an annual figure that the provider publishes"), None);
        }
        _ => {}
    }
    for factor in report.factors.iter().filter(|f| f.kind == "carbon_intensity" && matches!(f.matched, Match::OlderYear | Match::LaterYear))
    {
        add(&note::FACTOR_YEAR, format!("{}: {}", factor.label, factor.match_text), None);
    }
    let offsets: Set<(&Option<String>, String)> =
        costed.iter().filter_map(|one| Some((&one.evidence.run, format!("{}", one.evidence.stated.as_ref()?.offsets_kg?)))).collect();
    for (phase, kg) in offsets {
        let phase = phase.as_deref().unwrap_or("a phase");
        add(&note::OFFSETS_STATED, format!("{phase}: offsets of {kg} kg are stated: nothing is subtracted"), None);
    }
    let divided = |d: &&crate::read::Declared| d.pue.is_some_and(|p| p > 1.0) && d.kind == DeclaredKind::Actual && !d.summary;
    let counted: Set<&String> = costed.iter().flat_map(|one| &one.evidence.inputs).collect();
    let unknown = |e: &&crate::ledger::Entry| counted.contains(&e.file.path) && e.reading.declared.iter().any(|d| d.pue_may_be_inside);
    let mut files = ledger.entries().filter(unknown);
    if let Some(first) = files.next() {
        let more = match files.count() {
            0 => String::new(),
            n => in_more_files(n as u64),
        };
        let message = format!("a BoAmps report holds energy with the PUE that CodeCarbon was given, and does not state it{more}");
        add(&note::PUE_MAY_BE_INSIDE, message, Some(first.file.path.clone()));
    }
    let mut inside: Map<String, (&str, u64)> = Map::new();
    for entry in ledger.entries() {
        // A reader that looks at each row has said so already.
        let told = entry.reading.notes.iter().any(|found| found.code.id == note::PUE_DIVIDED_BACK.id);
        if let Some(declared) = entry.reading.declared.iter().filter(|_| !told).find(divided) {
            let text = format!("{} writes energy with a PUE of {} inside", declared.tool, significant(declared.pue.unwrap_or(1.0), 3));
            inside.entry(text).or_insert((&entry.file.path, 0)).1 += 1;
        }
    }
    for (text, (path, files)) in inside.iter() {
        let more = in_more_files(files.saturating_sub(1));
        add(&note::PUE_DIVIDED_BACK, format!("{text}{more}"), Some((*path).to_string()));
    }
    let whole = costed.iter().any(is_whole);
    let logged = costed.iter().any(|c| c.evidence.stated.is_none());
    if !whole && logged {
        let logged = costed.iter().filter(|c| !c.rest);
        let names: Set<String> = logged.map(|c| c.evidence.in_sentence()).collect();
        let names = card::list(&names.into_iter().collect::<Vec<_>>());
        let rest = if report.headline.boundary == Boundary::Machine { "the rest is estimated" } else { "the rest is not in the total" };
        add(&note::BOUNDARY_PARTS, format!("the logs cover {names}, not the whole machine: {rest}"), None);
    }
    if ledger.entries().any(|e| e.reading.clock == Clock::Local) {
        add(&note::TIME_ZONE_UNKNOWN, String::from("some stamps are local times without a zone"), None);
    }
    found
}

/// Whether it is energy of a whole machine. A table that does not say what it measured does not say that, and the counters of a chip are of the chip.
fn is_whole(one: &Costed<'_>) -> bool {
    match one.evidence.component {
        Component::Node => true,
        Component::Unsplit if one.evidence.names_boards() => false,
        Component::Unsplit => !matches!(one.evidence.instrument, Instrument::NotStated | Instrument::Hwmon | Instrument::Rapl),
        _ => false,
    }
}

/// What lies in gaps: devices of one host that the same gaps are of are one finding.
fn gaps(costed: &[Costed<'_>]) -> Vec<(&'static note::Code, String, Option<String>)> {
    struct Gaps<'c> {
        devices: Vec<&'c Evidence>,
        possible_kwh: f64,
        energy_kwh: f64,
        what: String,
    }
    let mut found: Map<(&str, String), Gaps<'_>> = Map::new();
    for one in costed {
        let (e, (span, count)) = (one.evidence, one.evidence.gaps);
        // Others may hold a gap but for milliseconds at its ends: what is shorter than the time between two samples is none.
        if count == 0 || span <= e.interval.unwrap_or(Span::ZERO) {
            continue;
        }
        let covered = e.covered.unwrap_or(Span::ZERO);
        let share = percent(covered.as_seconds() / (covered + span).as_seconds());
        let many = if count == 1 { String::from("1 gap") } else { format!("{count} gaps") };
        let what = format!("samples cover {share} of {{}} time; {many} of {} in all", duration(span.as_seconds()));
        let key = (e.host.as_str(), what.clone());
        let entry = found.entry(key).or_insert_with(|| Gaps { devices: Vec::new(), possible_kwh: 0.0, energy_kwh: 0.0, what });
        entry.devices.push(e);
        entry.possible_kwh += one.possible_kwh.max(one.in_gaps_kwh);
        entry.energy_kwh += e.energy.as_kwh();
    }
    let told = found.into_values().map(|one| {
        let names: Vec<String> = one.devices.iter().map(|e| e.describe()).collect();
        let (whose, which) = if names.len() == 1 { ("its", "the device") } else { ("their", "these") };
        let message = format!(
            "{}: {}, in which {which} may have used up to {}",
            few(&names, "; "),
            one.what.replace("{}", whose),
            with_unit(one.possible_kwh, 3, ENERGY_FROM_KWH)
        );
        let code = if one.possible_kwh > one.energy_kwh { &note::COVERAGE_LOW } else { &note::COVERAGE };
        (code, message, one.devices.first().and_then(|e| e.inputs.first().cloned()))
    });
    told.collect()
}
