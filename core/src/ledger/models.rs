//! What devices are of which their own log does not say it: a tracker on the same host may.

use alloc::string::{String, ToString};

use super::Ledger;
use super::claim::Origin;
use super::evidence::Evidence;
use super::gather::Gathered;
use super::names::{folder, folders_of_run, is_of_run};
use crate::map::Map;
use crate::series::Component;

/// Gives processors and accelerators without a model the one that all logs of their host name for such parts.
pub(super) fn inherit(ledger: &Ledger, gathered: &Gathered<'_>, evidence: &mut [Evidence]) {
    let is_unknown = |one: &Evidence| one.device.model.is_none() && matches!(one.component, Component::Gpu | Component::Cpu);
    if !evidence.iter().any(is_unknown) {
        return;
    }
    let mut models: Map<(usize, Component), Option<String>> = Map::new();
    let mut add = |host: usize, component: Component, model: Option<&str>| {
        let Some(model) = model.map(str::trim).filter(|model| !model.is_empty()) else { return };
        let known = models.entry((host, component)).or_insert_with(|| Some(model.to_string()));
        if known.as_ref().is_some_and(|known| !known.eq_ignore_ascii_case(model)) {
            *known = None;
        }
    };
    let mut host_of: Map<usize, usize> = Map::new();
    for claim in gathered.claims.iter().chain(&gathered.left_out) {
        host_of.insert(claim.file, claim.host);
        let model = match &claim.origin {
            Origin::Declared(_, _, part) => part.model.as_deref(),
            Origin::Recorded(_) => gathered.slots.get(claim.device).and_then(|slot| slot.device.model.as_deref()),
        };
        add(claim.host, claim.component, model);
    }
    // What is written down of a run lists the boards of its logs.
    let about = ledger.entries().filter(|entry| entry.reading.about_run.is_some());
    let about: Map<&str, &str> = about.map(|entry| (folder(&entry.file.path), entry.file.path.as_str())).collect();
    let mut host_of_run: Map<&str, usize> = Map::new();
    for (file, entry) in ledger.entries().enumerate().filter(|_| !about.is_empty()) {
        let Some(host) = host_of.get(&file) else { continue };
        let path = entry.file.path.as_str();
        let of = folders_of_run(path).iter().find_map(|at| about.get(at.as_str()).filter(|about| is_of_run(path, about)));
        of.into_iter().for_each(|about| {
            host_of_run.insert(about, *host);
        });
    }
    for (file, entry) in ledger.entries().enumerate().filter(|(_, entry)| !entry.reading.devices.is_empty()) {
        let Some(host) = host_of.get(&file).or_else(|| host_of_run.get(entry.file.path.as_str())).copied() else { continue };
        entry.reading.devices.iter().for_each(|(component, device)| add(host, *component, device.model.as_deref()));
    }
    let hosts = gathered.hosts.by_label();
    for one in evidence.iter_mut().filter(|one| is_unknown(one)) {
        let Some(host) = hosts.get(one.host.as_str()).copied() else { continue };
        if let Some(Some(model)) = models.get(&(host, one.component)) {
            one.device.model = Some(model.clone());
        }
    }
}
