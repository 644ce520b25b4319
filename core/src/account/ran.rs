//! When the training ran: by the user's word (`--running`), by a scheduler's jobs, by trackers' figures of other parts.
//!
//! A log that was started again proves neither work nor rest in between. A job or a tracker's run that a device was watched in says that its training
//! went on where nobody watched the device.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::cost::Costed;
use crate::ledger::{Basis, Decision, Ledger, When};
use crate::map::{Map, Set};
use crate::read::node_names;
use crate::rules;
use crate::series::{Coverage, Instrument};
use crate::text::{few, significant};
use crate::units::{Instant, Span};

/// Stamps of several programs differ by so much: what is shorter was watched.
const CLOCKS: Span = rules::seconds("clock_tolerance_s");
const MEDIANS: i64 = rules::whole("clock_tolerance_medians");

/// So many per cent of a job, or of what was watched, are in common at least where the one is of the other: a log may end in the first moments of the
/// next job.
const LEAST_PERCENT: i64 = rules::whole("ran_least_percent");

/// Hosts on one kind of clock.
type Host<'l> = (&'l str, bool);

/// When the training ran.
#[derive(Default)]
pub(super) struct Ran<'l> {
    stated: Coverage,
    /// Jobs and trackers' runs, each with its time and what it is called.
    told: Map<Host<'l>, Vec<(Instant, Instant, Teller<'l>)>>,
    /// Accelerators that a job was given, where its log says so.
    given: Map<&'l str, usize>,
    /// The one host that jobs name.
    only: Option<&'l str>,
}

/// Who says so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Teller<'l> {
    Job(&'l str),
    Tracker(&'l str),
}

impl<'l> Ran<'l> {
    pub(super) fn of(ledger: &'l Ledger, costed: &[Costed<'l>], running: &[(Instant, Instant)]) -> Self {
        let stated = Coverage::from_spans(running.iter().map(|(from, to)| (from.as_micros(), to.as_micros())).collect());
        let mut told: Map<Host<'l>, Vec<(Instant, Instant, Teller<'l>)>> = Map::new();
        let mut hosts: Set<&str> = Set::new();
        let mut given: Map<&str, usize> = Map::new();
        // Of the nodes of a job, those that a device was watched on.
        let mut watched: Map<&str, &str> = Map::new();
        costed.iter().filter(|one| one.evidence.samples.is_some()).for_each(|one| {
            watched.insert(&one.evidence.host, &one.evidence.host);
        });
        for entry in ledger.entries().filter(|_| !watched.is_empty()) {
            let utc = entry.reading.clock.is_utc();
            for job in &entry.reading.jobs {
                let Some((start, end)) = job.period else { continue };
                if job.devices > 0 {
                    given.insert(&job.run, job.devices as usize);
                }
                let mut tell = |host| told.entry((host, utc)).or_default().push((start, end, Teller::Job(&job.run)));
                if let Some(host) = job.host.as_deref() {
                    hosts.insert(host);
                    tell(host);
                }
                let names = job.nodes.as_deref().map(node_names).unwrap_or_default();
                names.iter().filter_map(|name| watched.get(name.as_str()).copied()).for_each(tell);
            }
        }
        for one in costed.iter().map(|one| one.evidence) {
            let is_tracker = one.basis == Basis::Declared && one.stated.is_none() && one.instrument != Instrument::Scheduler;
            if let (When::Dated { utc, .. }, Some(tool), true) = (one.when, &one.tool, is_tracker) {
                // Of thousands of runs one row stands, and nobody trained between them.
                let runs = one.coverage.spans().iter().map(|(start, end)| [*start, *end].map(Instant::from_micros));
                told.entry((&one.host, utc)).or_default().extend(runs.map(|[start, end]| (start, end, Teller::Tracker(tool))));
            }
        }
        Self { stated, told, given, only: if hosts.len() == 1 { hosts.first().copied() } else { None } }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.stated.is_empty() && self.told.is_empty()
    }

    /// Whether the user says when the training ran within a time.
    pub(super) fn is_stated_within(&self, time: &Coverage) -> bool {
        !self.stated.intersection(time).is_empty()
    }

    fn tellers<'r>(&'r self, host: &'r str, utc: bool) -> impl Iterator<Item = &'r (Instant, Instant, Teller<'l>)> {
        let of_job = self.only.filter(|_| host.is_empty());
        self.told.get(&(host, utc)).into_iter().chain(of_job.and_then(|only| self.told.get(&(only, utc)))).flatten()
    }

    /// When the training ran of a device that was watched at these times: the host's first accelerator, second, and so on, of which a job may have had a
    /// few alone.
    pub(super) fn when(&self, host: &str, utc: bool, watched: &Coverage, accelerator: Option<usize>) -> Coverage {
        let had = |teller: &Teller<'_>| match (teller, accelerator) {
            (Teller::Job(run), Some(number)) => self.given.get(run).is_none_or(|given| number < *given),
            _ => true,
        };
        let told = self.tellers(host, utc).filter(|(start, end, by)| had(by) && is_of(watched, *start, *end));
        let told: Vec<(i64, i64)> = told.map(|(start, end, _)| (start.as_micros(), end.as_micros())).collect();
        if told.is_empty() { self.stated.clone() } else { self.stated.union(&Coverage::from_spans(told)) }
    }

    /// Of the time in which nobody watched a device that is looked at so often, what counts: no stamps of jobs and trackers are exact, the user's are.
    pub(super) fn that_counts(&self, free: &Coverage, interval: Option<Span>) -> Coverage {
        let medians = interval.unwrap_or_default().as_micros().saturating_mul(MEDIANS);
        let told = free.without(&self.stated).longer_than(CLOCKS.max(Span::from_micros(medians)));
        free.intersection(&self.stated).union(&told)
    }

    /// The decision that what nobody watched of it counts by estimate: of each host and clock, the time that does.
    pub(super) fn decision(&self, counted: &[(&str, bool, Coverage, u32)]) -> Option<Decision> {
        let mut tellers: Set<Teller<'_>> = Set::new();
        let mut hours = 0.0;
        for (host, utc, free, count) in counted {
            let free = free.without(&self.stated);
            hours += free.length().as_hours() * f64::from(*count);
            for (_, _, by) in self.tellers(host, *utc).filter(|(start, end, _)| overlaps(&free, *start, *end)) {
                tellers.insert(*by);
            }
        }
        let names: Vec<String> = tellers
            .iter()
            .map(|teller| match teller {
                Teller::Job(run) => format!("job {run}"),
                Teller::Tracker(tool) => String::from(*tool),
            })
            .collect();
        (hours > 0.0).then(|| Decision {
            rule: "ran-unwatched",
            kept: few(&names, ", "),
            left_out: String::new(),
            energy: None,
            reason: format!(
                "it says that the training went on where no log watched a device: {} device-hours count at the device's mean power, by estimate, as \
                 the rest of the machine; the lower end is without them",
                significant(hours, 3)
            ),
        })
    }
}

/// Whether what was watched is of a job of this time.
fn is_of(watched: &Coverage, start: Instant, end: Instant) -> bool {
    let both = watched.intersection(&Coverage::from_spans(Vec::from([(start.as_micros(), end.as_micros())]))).length();
    let is_share = |whole: Span| 100 * i128::from(both.as_micros()) >= i128::from(LEAST_PERCENT) * i128::from(whole.as_micros());
    both > CLOCKS && (is_share(end.since(start)) || is_share(watched.length()))
}

/// Whether any of the time is between two instants.
fn overlaps(coverage: &Coverage, start: Instant, end: Instant) -> bool {
    let spans = coverage.spans();
    let next = spans.partition_point(|(_, until)| *until <= start.as_micros());
    spans.get(next).is_some_and(|(from, _)| *from < end.as_micros())
}
