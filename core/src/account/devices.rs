//! How many devices stand behind the evidence, each once, whatever watched it; and a row for each.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::cost::Costed;
use crate::interval::{combine_ends, energy_quantity};
use crate::ledger::{Basis, Evidence, Method};
use crate::map::Map;
use crate::report::{DeviceRow, MOST_ROWS};
use crate::series::{Component, Device};
use crate::text::{POWER_FROM_W, percent, with_unit};
use crate::units::{Energy, Power, Span};

/// Devices of one component of one host.
#[derive(Default)]
struct Devices {
    /// Each by its name, with its model: one, or as many as stand under the name.
    named: Map<(String, String), u32>,
    /// By model, the most that a figure for all of them together is of: a tracker's row names none.
    together: Map<String, u32>,
}

impl Devices {
    fn add(&mut self, evidence: &Evidence, model: &str) {
        let device = &evidence.device;
        let count = match device.is_named() {
            true => self.named.entry((String::from(model), alloc::format!("{} {:?}", device.key(), device.place))).or_default(),
            false => self.together.entry(String::from(model)).or_default(),
        };
        *count = (*count).max(evidence.count);
    }

    /// Devices by model. A figure for all is of the devices that others name; what names no model may be any of them.
    fn by_model(&self) -> Map<String, u32> {
        let mut counts: Map<String, u32> = Map::new();
        for ((model, _), count) in self.named.iter() {
            *counts.entry(model.clone()).or_default() += *count;
        }
        let mut unnamed = counts.get("").copied().unwrap_or(0);
        for (model, count) in self.together.iter() {
            let own = counts.entry(model.clone()).or_default();
            let more = count.saturating_sub(*own);
            let of_unnamed = if model.is_empty() { 0 } else { more.min(unnamed) };
            unnamed -= of_unnamed;
            *own += more - of_unnamed;
        }
        counts
    }
}

/// Devices by component and model, over all hosts, of evidence with its model, which may be none.
pub(super) fn counted<'e>(evidence: impl Iterator<Item = (Component, &'e Evidence, &'e str)>) -> Map<(Component, String), u32> {
    let mut hosts: Map<(Component, &str), Devices> = Map::new();
    for (kind, one, model) in evidence {
        hosts.entry((kind, &one.host)).or_default().add(one, model);
    }
    let mut counts = Map::new();
    for ((component, _), devices) in hosts.iter() {
        for (model, count) in devices.by_model().iter() {
            *counts.entry((*component, model.clone())).or_default() += *count;
        }
    }
    counts
}

/// One row for each device, in the order of the evidence; of those beyond [`MOST_ROWS`] one for each component and basis.
pub(super) fn rows(costed: &[Costed<'_>]) -> Vec<DeviceRow> {
    let mut groups: Vec<(String, Vec<&Costed<'_>>)> = Vec::new();
    let mut known: Map<(String, &str, &str), usize> = Map::new();
    for one in costed {
        let e = one.evidence;
        let key = (name_of(e), e.device.model.as_deref().unwrap_or(""), e.basis.as_str());
        let at = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, parts)) => parts.push(one),
            None => groups.push((name_of(e), Vec::from([one]))),
        }
    }
    let has_times = super::summary::has_times(costed);
    let mut kinds: Map<(Component, Basis), (usize, Vec<&Costed<'_>>)> = Map::new();
    for (_, parts) in groups.split_off(groups.len().min(MOST_ROWS)) {
        let Some(first) = parts.first() else { continue };
        let (count, all) = kinds.entry((first.evidence.component, first.evidence.basis)).or_default();
        *count += 1;
        all.extend(parts);
    }
    groups.extend(kinds.into_iter().map(|((component, _), (count, parts))| (format!("{}: {count} further", component.label()), parts)));
    groups.iter().filter_map(|(name, parts)| row(name, parts, has_times)).collect()
}

fn name_of(evidence: &Evidence) -> String {
    let mut name = match (evidence.method, evidence.component) {
        (Method::Machine, Component::Host) => {
            let part = evidence.device.index.as_deref().unwrap_or("rest");
            let mut letters = part.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
        (Method::Machine, component) => format!("{} that no log shows", component.label()),
        _ => {
            // A model stands in a column of its own.
            let key = Some(evidence.device.key()).filter(|key| evidence.device.model.as_deref() != Some(key));
            Device::called(evidence.label(), key.unwrap_or(""))
        }
    };
    if !evidence.host.is_empty() {
        name.push_str(&format!(" of {}", evidence.host));
    }
    name
}

fn row(name: &str, parts: &[&Costed<'_>], has_times: bool) -> Option<DeviceRow> {
    let first = parts.first()?.evidence;
    let energy: Energy = parts.iter().map(|one| one.evidence.energy).sum();
    let spans = parts.iter().map(|one| one.evidence.covered.unwrap_or_else(|| one.evidence.when.span()));
    let (mut covered, mut gaps, mut known) = (Span::ZERO, Span::ZERO, has_times || first.method != Method::Machine);
    for (span, one) in spans.zip(parts) {
        known &= span > Span::ZERO;
        covered += span;
        gaps += one.evidence.gaps.0;
    }
    let peak = parts.iter().filter_map(|one| one.evidence.peak).max();
    let samples = parts.iter().filter_map(|one| one.evidence.samples).reduce(|a, b| a + b);
    let power = |watts: f64| with_unit(watts, 3, POWER_FROM_W);
    let whole = covered + gaps;
    let share = (samples.is_some() && whole > Span::ZERO).then(|| covered.as_seconds() / whole.as_seconds());
    let figures = if parts.len() > 1 { format!(" ({} figures)", parts.len()) } else { String::new() };
    Some(DeviceRow {
        name: format!("{name}{figures}"),
        model: first.device.model.clone().unwrap_or_default(),
        energy_text: energy_quantity(&combine_ends(&parts.iter().map(|one| one.as_it()).collect::<Vec<_>>())).text,
        mean_power_text: energy.mean_watts(covered).filter(|_| known).map(power).unwrap_or_default(),
        peak_power_text: peak.map(Power::as_watts).map(power).unwrap_or_default(),
        coverage_text: share.map(percent).unwrap_or_default(),
        samples,
        basis: first.basis,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::When;
    use crate::series::Instrument;
    use crate::units::{Energy, Span};

    fn gpus(index: Option<&str>, model: Option<&str>, count: u32, host: &str) -> Evidence {
        let device = Device { index: index.map(String::from), model: model.map(String::from), ..Device::default() };
        let when = When::Undated(Span::ZERO);
        let one = Evidence::of(Component::Gpu, device, Basis::Measured, Instrument::GpuPower, Method::Counter, Energy::ZERO, when);
        Evidence { count, host: String::from(host), ..one }
    }

    fn count(evidence: &[Evidence]) -> u32 {
        let with_model = evidence.iter().map(|one| (one.component, one, one.device.model.as_deref().unwrap_or("")));
        counted(with_model).values().sum()
    }

    #[test]
    fn a_figure_for_all_is_of_the_devices_that_others_name() {
        let (zero, one) = (gpus(Some("0"), Some("A100"), 1, ""), gpus(Some("1"), Some("A100"), 1, ""));
        let both = gpus(None, Some("A100"), 2, "");
        assert_eq!(count(&[zero.clone(), one.clone(), both.clone()]), 2);
        // One of two was watched by itself.
        assert_eq!(count(&[zero.clone(), both.clone()]), 2);
        // A log without models may be of any.
        assert_eq!(count(&[gpus(Some("0"), None, 1, ""), gpus(Some("1"), None, 1, ""), both.clone()]), 2);
        assert_eq!(count(&[gpus(Some("0"), None, 1, ""), both.clone()]), 2);
        // Another model, another host: other devices.
        assert_eq!(count(&[zero.clone(), one.clone(), gpus(None, Some("V100"), 4, "")]), 6);
        assert_eq!(count(&[zero, one, gpus(None, Some("A100"), 2, "b")]), 4);
        // Runs one after another are of the same devices.
        assert_eq!(count(&[both.clone(), both]), 2);
    }
}
