//! What devices are of which their own log does not say it: a tracker on the same host may.

use alloc::string::{String, ToString};

use super::Ledger;
use super::claim::{Origin, Reach};
use super::evidence::Evidence;
use super::gather::Gathered;
use super::hosts::Raw;
use super::names::{folder, folders_of_run, is_of_run};
use crate::map::{Map, Set};
use crate::series::Component;

/// Shorter digits in the name of a model are no number of it.
const SHORTEST_NUMBER: usize = 3;

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

/// Models of the boards that logs of a host name, and those of a file: a log of other boards is another machine's.
pub(super) struct Boards<'l, H> {
    of_host: Map<H, Set<&'l str>>,
    of_file: Map<usize, Set<&'l str>>,
}

impl<'l, H: Ord> Boards<'l, H> {
    pub(super) fn of(raws: &[Raw<'l>], host: impl Fn(&Raw<'l>) -> Option<H>) -> Self {
        let mut own = Self { of_host: Map::new(), of_file: Map::new() };
        for raw in raws {
            let Some(model) = model(raw) else { continue };
            match host(raw) {
                Some(host) => own.of_host.entry(host).or_default().insert(model),
                None => own.of_file.entry(raw.claim.file).or_default().insert(model),
            };
        }
        own
    }

    /// Whether a file that names no host is of other boards than all that are known of a host.
    pub(super) fn are_others(&self, file: usize, host: &H) -> bool {
        let Some((own, theirs)) = self.of_file.get(&file).zip(self.of_host.get(host)) else { return false };
        own.iter().all(|model| theirs.iter().all(|other| are_two(model, other)))
    }
}

/// The model of the accelerator that a claim is of.
fn model<'l>(raw: &Raw<'l>) -> Option<&'l str> {
    let named = match &raw.claim.origin {
        Origin::Declared(_, _, part) => part.model.as_deref(),
        Origin::Recorded(_) => raw.device?.model.as_deref(),
    };
    named.filter(|_| raw.claim.component == Component::Gpu)
}

/// Whether two claims of one name are of boards of two models.
pub(super) fn are_boards_of_two(a: &Raw<'_>, b: &Raw<'_>) -> bool {
    model(a).zip(model(b)).is_some_and(|(own, other)| are_two(own, other))
}

/// Boards of a machine that no log names: those that a tracker lists, which are all that it has, and those that samplers read.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed<'l> {
    all: Set<&'l str>,
    read: Set<&'l str>,
}

impl<'l> Listed<'l> {
    pub(super) fn add(&mut self, raw: &Raw<'l>) {
        let Some(model) = model(raw) else { return };
        let list = if raw.claim.reach == Reach::Set { &mut self.all } else { &mut self.read };
        list.insert(model);
    }

    /// Whether one lists boards, and the other reads some that are none of these.
    pub(super) fn contradict(&self, other: &Self) -> bool {
        let is_none_of = |all: &Set<&str>, read: &Set<&str>| {
            !all.is_empty() && !read.is_empty() && read.iter().all(|one| all.iter().all(|other| are_two(one, other)))
        };
        is_none_of(&self.all, &other.read) || is_none_of(&other.all, &self.read)
    }
}

/// Words that part models of one number: an RTX 3090 and an RTX 3090 Ti.
const VARIANTS: [&str; 5] = ["ti", "super", "d", "max", "laptop"];

/// Whether two names are of two models: tools write the maker and the form in ways of their own, but the number alike, what parts models of one number, and
/// the memory, where they say it.
pub(super) fn are_two(one: &str, other: &str) -> bool {
    let (own, theirs) = (Name::of(one), Name::of(other));
    let are_apart =
        |own: &Set<String>, theirs: &Set<String>| !own.is_empty() && !theirs.is_empty() && own.iter().all(|word| !theirs.contains(word));
    let has_number = !own.numbers.is_empty() && !theirs.numbers.is_empty();
    are_apart(&own.numbers, &theirs.numbers)
        || are_apart(&own.memory, &theirs.memory)
        || has_number && own.variants.iter().ne(theirs.variants.iter())
}

/// What a name says of a model.
#[derive(Default)]
struct Name {
    /// The words that hold its number: `a100` of `4 x NVIDIA A100-SXM4-80GB`.
    numbers: Set<String>,
    /// Memory in GB, as the digits say it.
    memory: Set<String>,
    variants: Set<String>,
}

impl Name {
    fn of(model: &str) -> Self {
        let is_digits = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        let mut name = Self::default();
        let model = model.to_ascii_lowercase();
        let words = || model.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        // A slice of a board has a part of its memory.
        let is_slice = words().any(is_slice);
        let mut before = "";
        for word in words() {
            let is_form = word.starts_with("sxm") || word.starts_with("pcie") || word.starts_with("hbm");
            let unit =
                if matches!(word, "gb" | "gib") { Some(before) } else { word.strip_suffix("gb").or_else(|| word.strip_suffix("gib")) };
            // How many boards there are, or which generation.
            let is_count = word.len() < SHORTEST_NUMBER && is_digits(word);
            if let Some(memory) = unit.filter(|memory| is_digits(memory)) {
                if !is_slice {
                    name.memory.insert(String::from(memory));
                }
            } else if VARIANTS.contains(&word) {
                name.variants.insert(String::from(word));
            } else if word.bytes().any(|b| b.is_ascii_digit()) && !is_form && !is_count && !self::is_slice(word) {
                // `3090Ti` is written in one word, too.
                let parted = VARIANTS.iter().find_map(|variant| Some((word.strip_suffix(*variant)?, *variant)));
                let (number, variant) =
                    parted.filter(|(number, _)| is_digits(number)).map_or((word, None), |(number, variant)| (number, Some(variant)));
                name.numbers.insert(String::from(number));
                if let Some(variant) = variant {
                    name.variants.insert(String::from(variant));
                }
            }
            before = word;
        }
        name
    }
}

/// `3g` of `MIG 3g.20gb`.
fn is_slice(word: &str) -> bool {
    word.strip_suffix('g').is_some_and(|slices| slices.len() == 1 && slices.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::are_two;

    #[test]
    fn models_are_known_by_their_number() {
        for (one, other, two) in [
            ("NVIDIA A100-SXM4-80GB", "A100 80GB PCIe", false),
            ("4 x NVIDIA A100-SXM4-40GB", "nvidia a100", false),
            ("NVIDIA A100-PCIE-40GB", "NVIDIA A100-SXM4-80GB", true),
            ("NVIDIA A100-PCIE-40GB", "A100 (40 GB)", false),
            ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "NVIDIA A100-SXM4-40GB", false),
            ("NVIDIA A100-SXM4-40GB", "A100 MIG 3g.20gb", false),
            ("NVIDIA GeForce RTX 3090", "NVIDIA GeForce RTX 3090 Ti", true),
            ("RTX 3090Ti", "2 x NVIDIA GeForce RTX 3090 Ti", false),
            ("NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 4090 D", true),
            ("NVIDIA GeForce RTX 4070 SUPER", "NVIDIA GeForce RTX 4070", true),
            ("NVIDIA GeForce RTX 4090", "NVIDIA A100-SXM4-80GB", true),
            ("NVIDIA RTX A6000", "NVIDIA RTX 6000 Ada Generation", true),
            ("Tesla V100-SXM2-32GB", "NVIDIA H100 80GB HBM3", true),
            ("AMD Instinct MI250X/MI250", "Instinct MI250X", false),
            ("Orin (nvgpu)", "NVIDIA A100", false),
        ] {
            assert_eq!(are_two(one, other), two, "{one} and {other}");
        }
    }
}
