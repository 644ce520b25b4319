//! Settings that were found beside the logs: what they say counts as said by the logs; which host is which, and what left no logs, are hypotheses.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::rest::RestPart;
use super::settings::{FoundSettings, Settings};
use crate::ledger::{Decision, FoundNote, Ledger, LedgerOptions, Settled};
use crate::map::{Map, Set};
use crate::note;
use crate::order;
use crate::series::Component;
use crate::text::{ENERGY_FROM_KWH, few, with_unit};
use crate::units::Energy;

/// What found settings say and the logs do not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hypothesis {
    /// Which logs are of which host.
    Hosts,
    /// What ran and left no logs.
    Phases,
}

/// What counts without each hypothesis of the found settings.
pub(super) fn without(ledger: &Ledger, options: LedgerOptions<'_>, settings: &Settings, settled: &Settled) -> Vec<(Hypothesis, Settled)> {
    let states_phases = settings.found.as_ref().is_some_and(FoundSettings::states_phases);
    let phases = states_phases.then(|| (Hypothesis::Phases, ledger.settle(LedgerOptions { logs_alone: true, ..options })));
    let hosts = without_hosts(ledger, options, settings, settled).map(|without| (Hypothesis::Hosts, without));
    hosts.into_iter().chain(phases).collect()
}

/// What counts where hosts are told apart by the logs alone; `None` where found settings change nothing of that: to know a host's place is not to say what
/// is of it.
fn without_hosts(ledger: &Ledger, options: LedgerOptions<'_>, settings: &Settings, settled: &Settled) -> Option<Settled> {
    settings.found.as_ref().filter(|found| found.names_hosts)?;
    let without = ledger.settle(LedgerOptions { same_as: &[], host_files: &[], hosts_by_logs: true, ..options });
    let hosts = |settled: &Settled| -> Vec<(String, Vec<String>)> {
        settled.evidence.iter().map(|one| (one.host.clone(), one.inputs.clone())).collect()
    };
    let says = !options.same_as.is_empty() || !options.host_files.is_empty();
    (says || hosts(settled) != hosts(&without)).then_some(without)
}

/// By how much more and less would count by the logs alone, kWh.
#[derive(Clone, Copy, Default)]
pub(super) struct Differ {
    more: f64,
    less: f64,
}

impl Differ {
    pub(super) fn and(self, other: Differ) -> Self {
        Self { more: self.more + other.more, less: self.less + other.less }
    }
}

/// The settings' hypothesis is the value, and the interval is the hull of both: by component, what the ends of the logs' own lie beyond those of the settings'.
pub(super) fn hold(settled: &mut Settled, without: &Settled) -> Differ {
    let (own, other) = (by_component(settled), by_component(without));
    let components: Set<Component> = own.keys().chain(other.keys()).copied().collect();
    let (mut more, mut less) = (Energy::ZERO, Energy::ZERO);
    for component in components.iter() {
        let of = |sums: &Map<Component, Sums>| sums.get(component).copied().unwrap_or_default();
        let (mine, theirs) = (of(&own), of(&other));
        more += beyond(theirs.energy, mine.energy);
        less += beyond(mine.energy, theirs.energy);
        let mut rows: Vec<_> = settled.evidence.iter_mut().filter(|one| one.component == *component).collect();
        if rows.is_empty() {
            rows = settled.evidence.iter_mut().collect();
        }
        order::sort_by(&mut rows, |a, b| b.energy.cmp(&a.energy));
        if let Some(row) = rows.first_mut() {
            let besides = beyond(theirs.energy + theirs.more, mine.energy + mine.more);
            row.more += besides;
            row.because.change(|because| because.0.found += besides);
            row.bound += beyond(theirs.bound, mine.bound);
        }
        let mut left = beyond(mine.energy + theirs.less, theirs.energy + mine.less);
        for row in rows {
            let taken = left.min(row.energy - row.less.min(row.energy));
            row.less += taken;
            row.because.change(|because| because.1.found += taken);
            left = left - taken;
        }
    }
    Differ { more: more.as_kwh(), less: less.as_kwh() }
}

/// The decision, and a note where it matters: once it is known what of the logs and of the rest of their machines differs.
pub(super) fn tell(found: &FoundSettings, of: Hypothesis, differ: Differ, decisions: &mut Vec<Decision>) -> Option<FoundNote> {
    let text = |kwh: f64| with_unit(kwh, 3, ENERGY_FROM_KWH);
    let Differ { more, less } = differ;
    let differ = match (more > 0.0, less > 0.0) {
        (false, false) => String::from("without that the same counts"),
        (true, false) => format!("without that {} more would count, and the upper end of the interval holds them", text(more)),
        (false, true) => format!("without that {} less would count, and the lower end of the interval is without them", text(less)),
        (true, true) => {
            format!(
                "without that {} more of some parts would count and {} less of others, and the interval holds both",
                text(more),
                text(less)
            )
        }
    };
    let (rule, kept, says) = match of {
        Hypothesis::Phases => ("phases-by-found-settings", found.phases(), "states what left no logs"),
        Hypothesis::Hosts => {
            let said = found.said.iter().filter_map(|said| Some(format!("{} {} {}", said.host.as_ref()?, said.name, said.value)));
            let said = few(&said.collect::<Vec<_>>(), "; ");
            let kept = if said.is_empty() { String::from("the hosts that it names") } else { said };
            ("hosts-by-found-settings", kept, "says which logs are of which host")
        }
    };
    let reason = format!("{}, found beside the logs, {says}: {differ}", found.file);
    decisions.push(Decision { rule, kept, left_out: String::new(), energy: None, reason });
    (more + less > 0.0).then(|| FoundNote {
        code: &note::SETTINGS_DOUBTED,
        message: match of {
            Hypothesis::Phases => format!("{} {says} ({}): {differ}", found.file, found.phases()),
            Hypothesis::Hosts => format!("{} {says}: {differ}", found.file),
        },
        place: Some(found.file.clone()),
        hint: None,
    })
}

/// Energy that counts, and what the ends of its interval hold besides.
#[derive(Clone, Copy)]
struct Sums {
    energy: Energy,
    more: Energy,
    bound: Energy,
    less: Energy,
}

impl Default for Sums {
    fn default() -> Self {
        Self { energy: Energy::ZERO, more: Energy::ZERO, bound: Energy::ZERO, less: Energy::ZERO }
    }
}

fn by_component(settled: &Settled) -> Map<Component, Sums> {
    let mut sums: Map<Component, Sums> = Map::new();
    for one in &settled.evidence {
        let sum = sums.entry(one.component).or_default();
        sum.energy += one.energy;
        sum.more += one.more;
        sum.bound += one.bound;
        sum.less += one.less;
    }
    sums
}

/// By how much the one is larger; nothing where it is not.
fn beyond(one: Energy, other: Energy) -> Energy {
    one.max(other) - other
}

/// The same of the rest of the machines, which is in proportion to what counts.
pub(super) fn hold_rest(own: &mut [RestPart], without: &[RestPart]) -> Differ {
    let sum = |parts: &[RestPart], of: fn(&RestPart) -> f64| parts.iter().map(of).sum::<f64>();
    let value = |part: &RestPart| part.kwh;
    let upper = |part: &RestPart| part.kwh + part.possible_kwh;
    let lower = |part: &RestPart| part.kwh - part.doubtful_kwh;
    let beyond = |of: fn(&RestPart) -> f64| sum(without, of) - sum(own, of);
    let (differ, more, mut less) = (beyond(value), beyond(upper).max(0.0), (-beyond(lower)).max(0.0));
    if let Some(largest) = own.iter_mut().max_by(|a, b| a.kwh.total_cmp(&b.kwh)) {
        largest.possible_kwh += more;
    }
    for part in own {
        let taken = less.min(part.kwh - part.doubtful_kwh);
        part.doubtful_kwh += taken;
        less -= taken;
    }
    // Sums of floats in another order differ by a last digit.
    let differs = libm::fabs(differ) > 1e-9 * libm::fabs(sum(without, value));
    Differ { more: if differs { differ.max(0.0) } else { 0.0 }, less: if differs { (-differ).max(0.0) } else { 0.0 } }
}

/// What was taken and what was not, once.
pub(super) fn notes(found: &FoundSettings) -> Vec<FoundNote> {
    let note = |code, message| FoundNote { code, message, place: Some(found.file.clone()), hint: None };
    let said =
        (!found.said.is_empty()).then(|| note(&note::SETTINGS_FOUND, format!("settings found beside the logs say: {}", found.words())));
    let refused =
        found.refused.iter().map(|why| note(&note::SETTINGS_DOUBTED, format!("not taken from settings found beside the logs: {why}")));
    said.into_iter().chain(refused).collect()
}
