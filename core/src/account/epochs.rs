//! The energy of each epoch that the logs tell apart: by a tracker's epochs, or between marks that name them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::cost::Costed;
use crate::ledger::{Evidence, Ledger, When};
use crate::map::{Map, Set};
use crate::order;
use crate::read::{Declared, DeclaredKind, Mark};
use crate::series::Profile;
use crate::units::{Instant, PICOJOULES_PER_KWH};

/// Epochs of one run, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Epochs {
    /// Run, where the log names one.
    pub run: Option<String>,
    /// IT energy of each, kWh.
    pub it_kwh: Vec<f64>,
    /// Length of each, s.
    pub seconds: Vec<f64>,
    /// Share of the energy of each activity that lies in them, in the order of the activities.
    pub shares: Vec<f64>,
    /// IT energy of epochs that were done again later, kWh, and their number: the run fell back to an earlier epoch.
    pub repeated: (f64, u32),
    /// What shows that they were.
    pub repeated_as: &'static str,
}

/// The epochs of the run that ended last; marks before a tracker's epochs, because they lie on what the sensors measured.
pub(super) fn of(ledger: &Ledger, costed: &[Costed<'_>]) -> Option<Epochs> {
    marked(ledger, costed).or_else(|| declared(ledger, costed))
}

/// A tracker's epochs. Where the run's energy counts by another instrument, each epoch carries its share of that.
fn declared(ledger: &Ledger, costed: &[Costed<'_>]) -> Option<Epochs> {
    let of_file = |entry: &'_ crate::ledger::Entry| entry.file.path.clone();
    let mut candidates: Vec<(String, &Declared)> = Vec::new();
    for entry in ledger.entries() {
        let known = |d: &&Declared| d.kind == DeclaredKind::Actual && d.epochs.iter().any(|epoch| epoch.energy.is_some());
        candidates.extend(entry.reading.declared.iter().filter(known).map(|d| (of_file(entry), d)));
    }
    // A printed summary stands in only where no detailed log has epochs.
    order::sort_by_key(&mut candidates, |(path, d)| (!d.summary, d.period.map(|(start, _)| start), path.clone()));
    let (path, run) = candidates.pop()?;
    let mut epochs = Epochs { run: run.name.clone().or_else(|| run.run.clone()), ..Epochs::default() };
    restarted(&mut epochs, run, &path, &candidates, costed);
    for epoch in &run.epochs {
        let Some(energy) = epoch.energy else { continue };
        epochs.it_kwh.push(energy.as_kwh());
        epochs.seconds.push(epoch.duration.as_seconds());
    }
    let own: f64 = epochs.it_kwh.iter().sum();
    let alone = candidates.iter().all(|(other, d)| *other != path || d.summary);
    epochs.shares = shares(run, &path, alone, epochs.seconds.iter().sum(), costed);
    let counted: f64 = costed.iter().zip(&epochs.shares).map(|(one, share)| one.it_kwh * share).sum::<f64>() + 0.0;
    if own <= 0.0 || counted <= 0.0 {
        return None;
    }
    epochs.it_kwh.iter_mut().for_each(|kwh| *kwh *= counted / own);
    Some(epochs)
}

/// Epochs of runs that stopped before their end, where the same number of epochs was then begun anew on the same hardware, by the tracker's own words. A
/// run of only those that were left goes on, and a run that finished is another one.
fn restarted(epochs: &mut Epochs, run: &Declared, path: &str, others: &[(String, &Declared)], costed: &[Costed<'_>]) {
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_string());
    let planned = |d: &Declared| d.stopped_before.or_else(|| u32::try_from(d.epochs.len()).ok());
    let mut next = run;
    for (other, stopped) in others.iter().rev().filter(|(other, d)| !d.summary && folder(other) == folder(path)) {
        let (Some((_, end)), Some((begin, _))) = (stopped.period, next.period) else { break };
        let again = stopped.stopped_before.is_some() && stopped.stopped_before == planned(next);
        if !again
            || end > begin
            || stopped.hardware_key != next.hardware_key
            || stopped.hardware_key.is_empty()
            || stopped.scope != next.scope
        {
            break;
        }
        // Only what counts by this log: the energy of an epoch by other instruments is not known.
        let alone = others.iter().filter(|(o, d)| o == other && !d.summary).count() + usize::from(other == path) == 1;
        let own: f64 = stopped.epochs.iter().filter_map(|e| e.energy).map(|e| e.as_kwh()).sum();
        let counted: f64 =
            costed.iter().filter(|one| alone && one.evidence.inputs.iter().any(|input| input == other)).map(|one| one.it_kwh).sum::<f64>()
                + 0.0;
        if own > 0.0 && counted > 0.0 {
            epochs.repeated.0 += counted;
            epochs.repeated.1 += u32::try_from(stopped.epochs.len()).unwrap_or(0);
            epochs.repeated_as = "if it was the same training: a run stopped before its end, as the tracker says, and as many epochs were begun anew on the same hardware";
        }
        next = stopped;
    }
}

/// Share of each activity that lies in the epochs of a run: all that was read from its own log where that is its only run, else its share of the time.
fn shares(run: &Declared, path: &String, alone: bool, epoch_seconds: f64, costed: &[Costed<'_>]) -> Vec<f64> {
    let during =
        run.period.map(|(start, end)| (When::Dated { start, end, utc: false }, When::Dated { start, end, utc: true }, end.since(start)));
    let share = |evidence: &Evidence| -> f64 {
        if evidence.inputs.contains(path) {
            return f64::from(u8::from(alone || evidence.run == run.run));
        }
        let Some((local, utc, length)) = &during else { return 0.0 };
        let is_utc = matches!(evidence.when, When::Dated { utc: true, .. });
        let (common, whole) = evidence.when.overlap(if is_utc { utc } else { local });
        let running = if length.as_seconds() > 0.0 { (epoch_seconds / length.as_seconds()).min(1.0) } else { 1.0 };
        common as f64 / whole as f64 * running
    };
    costed.iter().map(|one| share(one.evidence)).collect()
}

/// Marks of one run that name epochs, in time order.
struct Session {
    marks: Vec<(Instant, i64)>,
    utc: bool,
    failed: bool,
}

/// Each run's marks, by when they begin. Runs that the log does not name are told apart by their file.
fn sessions(ledger: &Ledger) -> Vec<Session> {
    let failed: Set<&String> = ledger.entries().flat_map(|entry| &entry.reading.failed_runs).collect();
    let mut by_run: Map<(bool, &String), Session> = Map::new();
    for entry in ledger.entries() {
        let utc = entry.reading.clock.is_utc();
        for mark in &entry.reading.marks {
            let Some(number) = number(mark) else { continue };
            let run = mark.run.as_ref().unwrap_or(&entry.file.path);
            let session = by_run.entry((utc, run)).or_insert_with(|| Session { marks: Vec::new(), utc, failed: failed.contains(run) });
            session.marks.push((mark.at, number));
        }
    }
    let mut sessions: Vec<Session> = by_run.into_values().collect();
    sessions.iter_mut().for_each(|session| order::sort(&mut session.marks));
    order::sort_by_key(&mut sessions, |session| (session.utc, session.marks.first().copied()));
    sessions
}

/// Between two marks of neighbouring epochs lies one epoch, whether they are set at its start or its end.
///
/// A number that comes again above the first one means a fall back to a checkpoint. Back at the first one may be another training: it counts as the
/// same only where the log says that the program had failed.
fn marked(ledger: &Ledger, costed: &[Costed<'_>]) -> Option<Epochs> {
    let mut epochs = Epochs::default();
    // Number, energy by activity and length of each epoch that still counts as the latest of its number.
    let mut kept: Vec<(i64, Vec<f64>, f64)> = Vec::new();
    let sum = |parts: &[f64]| parts.iter().sum::<f64>() + 0.0;
    // Where the last run stands: when, its last and first number, its clock, whether it failed.
    let mut stands: Option<(Instant, i64, i64, bool, bool)> = None;
    for session in sessions(ledger) {
        let Some((begin, number)) = session.marks.first().copied() else { continue };
        let goes_on = stands.is_some_and(|(end, last, first, utc, failed)| {
            utc == session.utc && end <= begin && number <= last && (number > first || number == first && failed)
        });
        let mut first = number;
        match stands {
            Some((_, _, before, ..)) if goes_on => {
                first = before;
                fall_back(&mut epochs, &mut kept, number);
            }
            _ => kept.clear(),
        }
        for pair in session.marks.windows(2) {
            let [(from, before), (to, after)] = pair else { continue };
            if after <= before {
                if *after > first {
                    fall_back(&mut epochs, &mut kept, *after);
                } else if after < before {
                    first = *after;
                    kept.clear();
                }
            } else if *after == before + 1 && to > from {
                let parts: Vec<f64> = costed.iter().map(|one| between(one.evidence, *from, *to, session.utc).unwrap_or(0.0)).collect();
                if sum(&parts) > 0.0 {
                    kept.push((*before, parts, to.since(*from).as_seconds()));
                }
            }
        }
        stands = session.marks.last().map(|(end, last)| (*end, *last, first, session.utc, session.failed));
    }
    epochs.it_kwh = kept.iter().map(|(_, parts, _)| sum(parts)).collect();
    let in_epochs = |at: usize| kept.iter().filter_map(|(_, parts, _)| parts.get(at)).sum::<f64>();
    epochs.shares = costed.iter().enumerate().map(|(at, one)| if one.it_kwh > 0.0 { in_epochs(at) / one.it_kwh } else { 0.0 }).collect();
    epochs.seconds = kept.iter().map(|(.., seconds)| *seconds).collect();
    (!epochs.it_kwh.is_empty()).then_some(epochs)
}

/// The run goes on at an epoch that was done already: what was done since is done again.
fn fall_back(epochs: &mut Epochs, kept: &mut Vec<(i64, Vec<f64>, f64)>, number: i64) {
    for (_, parts, _) in kept.iter().filter(|(known, ..)| *known >= number) {
        epochs.repeated.0 += parts.iter().sum::<f64>();
        epochs.repeated.1 += 1;
        epochs.repeated_as = "the marks go back to an earlier epoch";
    }
    kept.retain(|(known, ..)| *known < number);
}

/// `{"epoch": 3}` beside a mark, or the text `epoch 3`.
fn number(mark: &Mark) -> Option<i64> {
    if let Some(value) = mark.metrics.get("epoch") {
        return (libm::trunc(*value) == *value && libm::fabs(*value) < 1e9).then_some(*value as i64);
    }
    let rest = mark.text.trim().get(..5).filter(|word| word.eq_ignore_ascii_case("epoch")).and_then(|_| mark.text.trim().get(5..))?;
    rest.trim_start_matches([' ', ':', '=', '#']).to_string().parse().ok()
}

/// IT energy of an evidence that was sampled, between two instants, kWh, even within a bucket of its profile.
fn between(evidence: &Evidence, from: Instant, to: Instant, utc: bool) -> Option<f64> {
    let When::Dated { start, end, utc: own } = evidence.when else { return None };
    let profile: &Profile = evidence.profile.as_ref().filter(|_| own == utc)?;
    let step = crate::units::Span::from_seconds(profile.step_s());
    let parts = profile.buckets().map(|(at, doubled)| {
        let (first, last) = (at.max(start), at.plus(step).min(end));
        let whole = last.since(first).as_seconds();
        let common = last.min(to).since(first.max(from)).as_seconds().max(0.0);
        let share = if whole > 0.0 { common / whole } else { f64::from(u8::from(from <= at && at < to)) };
        doubled as f64 / 2.0 / PICOJOULES_PER_KWH as f64 * share
    });
    Some(parts.sum::<f64>() + 0.0)
}
