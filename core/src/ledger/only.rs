//! The parts that the user asks for: what others claim does not count, and a decision says so.
//!
//! It comes before the rule of who counts, so that the result is that of logs which hold nothing else: a node's meter that was not asked for takes
//! nothing from its parts, and one that was asked for alone is no rest.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::claim::{Claim, Origin, Reach};
use super::devices::Slot;
use super::evidence::Decision;
use super::gather::Gathered;
use super::{Settled, possible};
use crate::fault::SettingsError;
use crate::map::{Map, Set};
use crate::series::{Component, Device, plain_bus};
use crate::text::few;
use crate::units::Energy;

/// Of the parts that logs hold, an error names so many.
const NAMED: usize = 24;

/// What was asked for, and what the logs hold in place of what they don't.
#[derive(Debug, Default)]
pub(super) struct Missing {
    asked: Vec<String>,
    held: Set<String>,
}

impl Missing {
    /// Why a part that no log holds can't be counted.
    pub(super) fn error(&self) -> Option<SettingsError> {
        let first = self.asked.first()?;
        let mut held: Vec<&str> = self.held.iter().map(String::as_str).take(NAMED).collect();
        let more = format!("and {} more", self.held.len().saturating_sub(NAMED));
        if self.held.len() > NAMED {
            held.push(&more);
        }
        let message = format!("found {first:?}, expected a part that the logs hold: {}", held.join(", "));
        Some(SettingsError::new(
            "only",
            message,
            "a part is a component, one of its devices or hosts: `gpu`, `gpu:2`, `node07`, `node07/gpu:2`",
        ))
    }
}

/// Whether a component of a host counts at all, whatever its device is.
pub(crate) fn is_asked_for(only: &[String], host: &str, component: Component) -> bool {
    let names = Names::of(host, component, None);
    let of_device = |part: &str| {
        let (component, _) = part.split_once(':').unwrap_or((part, ""));
        names.is(component)
    };
    only.is_empty() || only.iter().any(|part| names.is(part) || of_device(part))
}

/// Keeps the claims of the parts that were asked for.
pub(super) fn keep(gathered: &mut Gathered<'_>, only: &[String], paths: &[&str], settled: &mut Settled) {
    if only.is_empty() || gathered.claims.is_empty() {
        return;
    }
    let mut found: Set<usize> = Set::new();
    let mut left: Map<(usize, Component), (Energy, Set<String>, Set<usize>)> = Map::new();
    let mut kept: Vec<Claim<'_>> = Vec::new();
    let mut by_name: Map<(usize, usize, Component), (bool, String)> = Map::new();
    for claim in core::mem::take(&mut gathered.claims) {
        let host = gathered.hosts.labels.get(claim.host).map_or("", String::as_str);
        let slot = gathered.slots.get_mut(claim.device);
        // Parts that are named alike are asked about once.
        let key = (claim.host, if one_device(&claim) { claim.device } else { usize::MAX }, claim.component);
        let (is_kept, name) = by_name.entry(key).or_insert_with(|| {
            let device = slot.filter(|_| one_device(&claim));
            let names = Names::of(host, claim.component, device.as_deref());
            let mut is_kept = false;
            for (at, _) in only.iter().enumerate().filter(|(_, part)| names.is(part)) {
                is_kept = true;
                found.insert(at);
            }
            let by_device = only.iter().any(|part| names.is_device(part));
            if let Some(slot) = device.filter(|_| by_device) {
                slot.is_asked_for = true;
            }
            (is_kept, names.shown())
        });
        settled.missing.held.insert(name.clone());
        if *is_kept {
            kept.push(claim);
            continue;
        }
        settled.plain += claim.energy;
        let (energy, names, files) = left.entry((claim.host, claim.component)).or_default();
        *energy += claim.energy;
        names.insert(name.clone());
        files.insert(claim.file);
        gathered.left_out.push(claim);
    }
    gathered.claims = kept;
    let labels = &gathered.hosts.labels;
    possible::keep(&mut gathered.bounds, |host, component| is_asked_for(only, labels.get(host).map_or("", String::as_str), component));
    settled.missing.asked = only.iter().enumerate().filter(|(at, _)| !found.contains(at)).map(|(_, part)| part.clone()).collect();
    for (energy, names, files) in left.into_iter().map(|(_, one)| one).filter(|(energy, ..)| *energy > Energy::ZERO) {
        let place = match files.len() {
            1 => files.first().and_then(|file| paths.get(*file)).copied().unwrap_or("").to_string(),
            n => format!("{n} files"),
        };
        settled.decisions.push(Decision {
            rule: "not-asked-for",
            kept: few(only, ", "),
            left_out: format!("{} ({place})", few(&names.iter().collect::<Vec<_>>(), ", ")),
            energy: Some(energy),
            reason: String::from("`--only` counts the parts that it names, and no others"),
        });
    }
}

/// Whether a claim is of one device, and not of all of its kind.
fn one_device(claim: &Claim<'_>) -> bool {
    claim.reach == Reach::Device && matches!(claim.origin, Origin::Recorded(_))
}

/// What a part may be called. Capitals mean nothing.
struct Names {
    host: String,
    component: &'static str,
    /// Names on its host.
    numbers: Vec<String>,
    /// Names that hold everywhere.
    ids: Vec<String>,
}

impl Names {
    fn of(host: &str, component: Component, slot: Option<&Slot>) -> Self {
        let mut own = Names { host: host.to_ascii_lowercase(), component: component.as_str(), numbers: Vec::new(), ids: Vec::new() };
        let Some(Slot { device: Device { uuid, bus_id, serial, index, place, .. }, .. }) = slot else { return own };
        own.numbers.extend(index.iter().map(|index| index.to_ascii_lowercase()));
        // Rows that one name is not enough for are told apart by their place in the round.
        own.numbers.extend(place.map(|place| match index {
            Some(index) => format!("{}#{place}", index.to_ascii_lowercase()),
            None => place.to_string(),
        }));
        own.ids.extend(uuid.iter().chain(bus_id).chain(serial).map(|id| plain_bus(&id.to_ascii_lowercase())));
        own
    }

    /// Whether `part` means it: `gpu`, `gpu:2`, `GPU-5f3a…`, `node07`, and with its host `node07/gpu:2`.
    fn is(&self, part: &str) -> bool {
        self.with_host(part, |own, part| part == own.component || own.is_number(part) || own.is_id(part)) || self.is_host(part)
    }

    /// Whether `part` names the device and not all of its kind.
    fn is_device(&self, part: &str) -> bool {
        self.with_host(part, |own, part| own.is_number(part) || own.is_id(part))
    }

    fn with_host(&self, part: &str, is: impl Fn(&Self, &str) -> bool) -> bool {
        let part = part.trim().to_ascii_lowercase();
        let of_host = part.strip_prefix(self.host.as_str()).and_then(|rest| rest.strip_prefix('/')).filter(|_| !self.host.is_empty());
        is(self, &part) || of_host.is_some_and(|rest| is(self, rest))
    }

    /// A host that is called like a component is meant where its name comes with a component alone.
    fn is_host(&self, part: &str) -> bool {
        let part = part.trim().to_ascii_lowercase();
        !self.host.is_empty() && part == self.host && Component::named(&part).is_none()
    }

    fn is_number(&self, part: &str) -> bool {
        let number = part.strip_prefix(self.component).and_then(|rest| rest.strip_prefix(':'));
        number.is_some_and(|number| self.numbers.iter().chain(&self.ids).any(|own| own == number || *own == plain_bus(number)))
    }

    fn is_id(&self, part: &str) -> bool {
        self.ids.iter().any(|own| *own == plain_bus(part))
    }

    /// As it is shown to people, so that it can be given.
    fn shown(&self) -> String {
        let host = if self.host.is_empty() { String::new() } else { format!("{}/", self.host) };
        let device = self.numbers.last().or(self.ids.first());
        format!("{host}{}{}", self.component, device.map_or_else(String::new, |device| format!(":{device}")))
    }
}
