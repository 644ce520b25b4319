//! Accelerators that a scheduler allotted to a job and that no log shows: where logs of the same node and time hold fewer of them, the others count as idle.

use alloc::string::String;
use alloc::vec::Vec;

use super::cost::Costed;
use super::unwatched::is_unwatched;
use crate::ledger::{Ledger, When};
use crate::map::{Map, Set};
use crate::series::{Component, Coverage};

/// Idle accelerators beside logged ones.
pub(super) struct Idle {
    /// Position of the logged evidence that they are like.
    pub beside: usize,
    pub count: u32,
    pub hours: f64,
}

/// Those of every job.
pub(super) fn of(ledger: &Ledger, costed: &[Costed<'_>]) -> Vec<Idle> {
    let jobs = || ledger.entries().flat_map(|entry| entry.reading.jobs.iter().map(move |job| (job, entry.reading.clock.is_utc())));
    let hosts: Set<&str> = jobs().filter_map(|(job, _)| job.host.as_deref()).collect();
    if hosts.is_empty() {
        return Vec::new();
    }
    // A log that names no host is of the only one that jobs name.
    let only = if hosts.len() == 1 { hosts.first().copied() } else { None };
    let mut by_host: Map<(&str, bool), Vec<usize>> = Map::new();
    for (at, one) in costed.iter().enumerate() {
        let host = Some(one.evidence.host.as_str()).filter(|host| !host.is_empty()).or(only);
        let is_accelerator = matches!(one.evidence.component, Component::Gpu | Component::GpuModule)
            && (one.evidence.samples.is_some() || is_unwatched(one.evidence));
        if let (Some(host), When::Dated { utc, .. }, true) = (host, one.evidence.when, is_accelerator) {
            by_host.entry((host, utc)).or_default().push(at);
        }
    }
    let (mut found, mut seen) = (Vec::new(), Set::new());
    for (job, utc) in jobs() {
        let (Some(host), Some((start, end))) = (job.host.as_deref(), job.period) else { continue };
        // A job that stands in two exports had its devices once.
        if !seen.insert((host, job.run.as_str(), start)) {
            continue;
        }
        let own = Coverage::of(start, end);
        let mut devices: Set<String> = Set::new();
        let mut watched = Coverage::default();
        let mut largest: Option<usize> = None;
        for at in by_host.get(&(host, utc)).into_iter().flatten() {
            let Some(one) = costed.get(*at) else { continue };
            let common = one.evidence.coverage.intersection(&own);
            if !common.is_empty() {
                devices.insert(String::from(one.evidence.device.key()));
                watched = watched.union(&common);
                let energy = |at: usize| costed.get(at).map_or(0.0, |one| one.it_kwh);
                largest = largest.filter(|other| energy(*other) >= one.it_kwh).or(Some(*at));
            }
        }
        let count = job.devices.saturating_sub(u32::try_from(devices.len()).unwrap_or(u32::MAX));
        if let Some(beside) = largest.filter(|_| count > 0) {
            found.push(Idle { beside, count, hours: watched.length().as_hours() });
        }
    }
    found
}
