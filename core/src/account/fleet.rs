//! Devices by model: how many there are, and for how long. An hour of a device is one, whatever watched it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::cost::Costed;
use super::devices;
use crate::factor::FactorSet;
use crate::ledger::{Evidence, Ledger, When};
use crate::map::Map;
use crate::order;
use crate::report::Hardware;
use crate::series::{Component, Coverage};

/// Processors and accelerators: a module is what its accelerator is sold in.
fn kind(component: Component) -> Option<Component> {
    match component {
        Component::Cpu => Some(Component::Cpu),
        Component::Gpu | Component::GpuModule => Some(Component::Gpu),
        _ => None,
    }
}

/// Devices by model: those that count, and those that a log lists.
pub(super) fn hardware(ledger: &Ledger, costed: &[Costed<'_>], factors: &FactorSet) -> Vec<Hardware> {
    // Of devices of one name, on whatever host, the model where all have the same.
    let mut models: Map<(Component, &str), Option<&str>> = Map::new();
    for (component, device) in ledger.entries().flat_map(|e| &e.reading.devices) {
        if let (Some(kind), Some(model)) = (kind(*component), device.model.as_deref()) {
            only(models.entry((kind, device.key())).or_insert(Some(model)), model);
        }
    }
    let listed = || costed.iter().filter_map(|one| Some((kind(one.evidence.stands_for())?, one.evidence)));
    let model_of = |kind: Component, e: &Evidence| -> Option<String> {
        let own = e.device.model.as_deref();
        own.or_else(|| models.get(&(kind, e.device.key())).copied().flatten()).map(ToString::to_string)
    };
    // A sampler may not say what a tracker on its host does: the only model of a kind there.
    let mut on_host: Map<(Component, &str), Option<String>> = Map::new();
    for (kind, e) in listed() {
        if let Some(model) = model_of(kind, e) {
            only(on_host.entry((kind, e.host.as_str())).or_insert_with(|| Some(model.clone())), model);
        }
    }
    let named: Vec<(Component, &Evidence, String)> = listed()
        .filter_map(|(kind, e)| Some((kind, e, model_of(kind, e).or_else(|| on_host.get(&(kind, e.host.as_str())).cloned().flatten())?)))
        .collect();
    let counts = devices::counted(named.iter().map(|(kind, e, model)| (*kind, *e, model.as_str())));
    let mut watched: Map<(Component, &str, &str), Watched<'_>> = Map::new();
    for (kind, e, model) in &named {
        watched.entry((*kind, model, &e.host)).or_default().add(e);
    }
    let mut hours: Map<(Component, &str), f64> = Map::new();
    for ((kind, model, _), watched) in watched.iter() {
        *hours.entry((*kind, *model)).or_default() += watched.hours();
    }
    let row = |((kind, model), device_hours): (&(Component, &str), &f64)| Hardware {
        kind: kind.as_str().to_string(),
        model: model.to_string(),
        count: counts.get(&(*kind, model.to_string())).copied().unwrap_or(0),
        device_hours: *device_hours,
        tdp_w: tdp(factors, *kind, model),
    };
    let mut rows: Vec<Hardware> = hours.iter().map(row).collect();
    order::sort_by(&mut rows, |a, b| b.kind.cmp(&a.kind).then_with(|| a.model.cmp(&b.model)));
    rows
}

/// Hours of accelerators, whatever their models; an hour of a device is one.
pub(super) fn gpu_hours(costed: &[Costed<'_>]) -> f64 {
    let mut watched: Map<&str, Watched<'_>> = Map::new();
    for one in costed.iter().filter(|one| kind(one.evidence.stands_for()) == Some(Component::Gpu)) {
        watched.entry(&one.evidence.host).or_default().add(one.evidence);
    }
    watched.values().map(Watched::hours).sum::<f64>() + 0.0
}

/// Keeps what is known as long as it is one.
fn only<T: PartialEq>(known: &mut Option<T>, another: T) {
    if known.as_ref().is_some_and(|known| *known != another) {
        *known = None;
    }
}

fn tdp(factors: &FactorSet, kind: Component, model: &str) -> Option<f64> {
    match kind {
        Component::Cpu => factors.cpu(model).map(|c| c.tdp_w),
        _ => factors.accelerator(model).and_then(|a| a.device_tdp_w()),
    }
}

/// When devices of one model of one host were watched.
#[derive(Default)]
struct Watched<'e> {
    /// By clock (times on two of them can't be compared), each device by its name.
    named: Map<(bool, &'e str, Option<u16>), Device>,
    /// By clock, figures for so many devices together: they name none, and are of those that others name.
    together: Map<(bool, u32), Device>,
    /// Nobody knows when: µs of devices.
    undated: i128,
}

/// A device, or so many of them.
#[derive(Default)]
struct Device {
    spans: Vec<(i64, i64)>,
    /// What was watched, µs: pauses too many to keep make it shorter than the stretches.
    watched: i128,
    count: u32,
}

/// What one device weighs.
const ONE: i128 = 1_000_000_000;

impl Device {
    /// Its stretches, and how many devices it is in them, by [`ONE`].
    fn weighed(&self) -> (Coverage, i128) {
        let coverage = Coverage::from_spans(self.spans.clone());
        let length = i128::from(coverage.length().as_micros().max(1));
        (coverage, self.watched.min(length) * ONE / length * i128::from(self.count))
    }
}

impl<'e> Watched<'e> {
    fn add(&mut self, e: &'e Evidence) {
        let watched = i128::from(e.covered.unwrap_or_else(|| e.when.span()).as_micros());
        let When::Dated { start, end, utc } = e.when else {
            self.undated += watched * i128::from(e.count);
            return;
        };
        let device = match e.device.is_named() {
            true => self.named.entry((utc, e.device.key(), e.device.place)).or_default(),
            false => self.together.entry((utc, e.count)).or_default(),
        };
        match e.coverage.is_empty() {
            true => device.spans.push((start.as_micros(), end.as_micros())),
            false => device.spans.extend_from_slice(e.coverage.spans()),
        }
        device.watched += watched;
        device.count = device.count.max(e.count);
    }

    /// Device-hours: at each time the devices that are named, or as many as a figure is of, whichever are more.
    fn hours(&self) -> f64 {
        let mut sum = self.undated * ONE;
        for clock in [false, true] {
            // Where a stretch of so many devices begins or ends; those that are named stand under none.
            let mut edges: Vec<(i64, Option<u32>, i128)> = Vec::new();
            let named = self.named.iter().filter(|((utc, ..), _)| *utc == clock).map(|(_, device)| (None, device));
            let together = self.together.iter().filter(|((utc, _), _)| *utc == clock).map(|((_, count), device)| (Some(*count), device));
            for (count, device) in named.chain(together) {
                let (coverage, weight) = device.weighed();
                edges.extend(coverage.spans().iter().flat_map(|(start, end)| [(*start, count, weight), (*end, count, -weight)]));
            }
            order::sort_by_key(&mut edges, |(at, ..)| *at);
            let mut weights: Map<Option<u32>, i128> = Map::new();
            let mut last = 0;
            for (at, count, weight) in edges {
                sum += weights.values().copied().max().unwrap_or(0) * i128::from(at - last);
                last = at;
                *weights.entry(count).or_default() += weight;
            }
        }
        sum as f64 / (ONE as f64 * 3.6e9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Basis, Method};
    use crate::series::{Device, Instrument};
    use crate::units::{Energy, Instant};

    /// Hours of one device by its number, or of so many together.
    fn gpu(index: Option<&str>, count: u32, hours: core::ops::Range<i64>) -> Evidence {
        let hour = |hour: i64| Instant::from_micros(hour * 3_600_000_000);
        let (start, end) = (hour(hours.start), hour(hours.end));
        let device = Device { index: index.map(String::from), ..Device::default() };
        let when = When::Dated { start, end, utc: true };
        let one = Evidence::of(Component::Gpu, device, Basis::Measured, Instrument::GpuPower, Method::PowerTrapezoid, Energy::ZERO, when);
        Evidence { count, coverage: Coverage::of(start, end), covered: Some(end.since(start)), ..one }
    }

    #[test]
    fn an_hour_of_a_device_is_one() {
        let named = |index, hours| gpu(Some(index), 1, hours);
        let together = |count, hours| gpu(None, count, hours);
        let undated = |count, hours: i64| {
            let one = together(count, 0..hours);
            Evidence { when: When::Undated(one.when.span()), ..one }
        };
        for (what, evidence, hours) in [
            ("one device", Vec::from([named("0", 0..2)]), 2.0),
            ("two devices", Vec::from([named("0", 0..2), named("1", 0..3)]), 5.0),
            ("one device, watched twice", Vec::from([named("0", 0..2), named("0", 1..3)]), 3.0),
            ("one of two watched, and a tracker of both", Vec::from([named("0", 0..1), together(2, 0..1)]), 2.0),
            ("a tracker of one goes on", Vec::from([named("0", 0..2), together(1, 1..3)]), 3.0),
            ("four of eight, and a tracker an hour longer", Vec::from([named("0", 0..1), named("1", 0..1), together(8, 0..2)]), 16.0),
            ("two runs after one another", Vec::from([together(4, 0..1), together(4, 2..3)]), 8.0),
            ("two trackers of one time", Vec::from([together(4, 0..2), together(2, 1..3)]), 10.0),
            ("nobody knows when", Vec::from([undated(2, 1), undated(2, 1)]), 4.0),
        ] {
            let mut watched = Watched::default();
            evidence.iter().for_each(|one| watched.add(one));
            assert_eq!(watched.hours(), hours, "{what}");
        }
    }

    #[test]
    fn pauses_that_were_not_kept_are_not_watched() {
        let one = gpu(Some("0"), 1, 0..4);
        let short = Evidence { covered: Some(crate::units::Span::from_micros(3 * 3_600_000_000)), ..one };
        let mut watched = Watched::default();
        watched.add(&short);
        assert_eq!(watched.hours(), 3.0);
    }
}
