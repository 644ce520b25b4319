//! Decisions and notes: what does not count, why, and how many joules that is. One finding once, however many files it is in.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::by_place::by_place;
use super::claim::{Claim, Origin, Reach, Timeline};
use super::containment::contains;
use super::evidence::{Decision, FoundNote};
use super::gather::Gathered;
use super::outcome::Why;
use super::perhaps_zones::Perhaps;
use super::rule::Rule;
use super::{Ledger, Settled};
use crate::map::{Map, Set};
use crate::note;
use crate::read::Scope;
use crate::series::{Component, Device};
use crate::text::{energy_text, few};
use crate::units::Energy;

impl Why {
    const fn rule(self) -> &'static str {
        match self {
            Why::AlternativeReading => "alternative-reading",
            Why::Contained => "contained",
            Why::Copy => "copy",
            Why::CounterBeforePower => "counter-before-power",
            Why::KnownBeforeEstimated => "known-before-estimated",
            Why::MachineCountedOnce => "machine-counted-once",
            Why::MeasuredBeforeDeclared => "measured-before-declared",
            Why::OnAnotherClock => "copy-on-another-clock",
            Why::OverlapCountedOnce => "overlap-counted-once",
            Why::RestOfContainer => "rest-of-container",
            Why::SmallerThanParts => "smaller-than-parts",
        }
    }

    const fn reason(self) -> &'static str {
        match self {
            Why::AlternativeReading => "it holds these parts and more that the vendor defines: another reading, not an addition",
            Why::Contained => "the one holds the other: their joules are the same",
            Why::Copy => "the same readings at the same times stand in both",
            Why::CounterBeforePower => "one device, read in two ways: an energy counter loses nothing between samples",
            Why::KnownBeforeEstimated => "a sensor or a tracker holds these joules: the model counts for the rest of the time alone",
            Why::MachineCountedOnce => {
                "each tracker reports the whole machine, so the joules are the same: the better instrument counts, then the larger figure"
            }
            Why::MeasuredBeforeDeclared => {
                "a sensor measured these joules; the tracker's figure counts for the devices and the time that it did not"
            }
            Why::OnAnotherClock => "both hold the same readings, one of them at other times: most likely one log on two clocks",
            Why::OverlapCountedOnce => "both describe one device at the same time",
            Why::RestOfContainer => "the whole contains its parts: of the whole, only the rest is added to them",
            Why::SmallerThanParts => "the whole is smaller than its parts: it can't contain them as measured, so the parts count",
        }
    }
}

const OF_HOSTS: &str = "say of which host each file is: `files` of `[hosts.NAME]` in `carbon-report.toml`";

/// What one decision is about, however many claims it takes in.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    why: Why,
    host: usize,
    component: Component,
    left: String,
    kept: String,
    open: bool,
    /// Nobody can say that it was at one time: of one of the logs the date is not known, or the zone.
    apart: bool,
    /// Of logs of which one is in UTC and the other one says no zone: how much later the stamps of the first are there, µs.
    in_zone: Option<i64>,
}

#[derive(Default)]
struct Taken {
    energy: Energy,
    left: Set<String>,
    kept: Set<String>,
    left_files: Set<usize>,
    kept_files: Set<usize>,
    devices: Set<usize>,
    /// One is a figure for all devices of its kind.
    is_sum: bool,
    /// Trackers that say they look at their own process alone.
    of_processes: bool,
}

/// What may be one device, in the same way on each host.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Overlap {
    what: &'static str,
    component: Component,
    left: String,
    kept: String,
    apart: bool,
}

/// Of the first host the devices, and of all the energy.
#[derive(Default)]
struct Overlaps {
    which: String,
    place: Option<String>,
    energy: Energy,
    kinds: usize,
}

/// What was found of who counts.
pub(super) struct Found<'r, 'c, 'l> {
    pub rule: &'r Rule<'c, 'l>,
    /// Files that may hold one run on clocks of two zones.
    pub in_zones: &'r [Perhaps],
    /// Files that name no host, each with the named one that it may be of.
    pub named: &'r [(usize, usize)],
}

/// Writes down what the rule left out.
pub(super) fn tell(ledger: &Ledger, gathered: &Gathered<'_>, found: &Found<'_, '_, '_>, settled: &mut Settled) {
    let paths: Vec<&str> = ledger.entries().map(|entry| entry.file.path.as_str()).collect();
    let unordered = ledger.entries().enumerate().filter(|(_, entry)| entry.reading.is_unordered()).map(|(file, _)| file).collect();
    let teller = Teller { gathered, paths, unordered };
    teller.decisions(found.rule, settled);
    teller.trackers(found.rule, settled);
    teller.disagreements(found.rule, settled);
    teller.identities(found.rule, settled);
    teller.perhaps_in_zones(found.in_zones, settled);
    teller.perhaps_of_named(found.named, settled);
    by_place(ledger, settled);
}

pub(super) struct Teller<'t, 'l> {
    pub(super) gathered: &'t Gathered<'l>,
    paths: Vec<&'l str>,
    /// Files whose rows could not be put in order.
    unordered: Set<usize>,
}

impl<'t, 'l> Teller<'t, 'l> {
    pub(super) fn claim(&self, at: usize) -> &'t Claim<'l> {
        &self.gathered.claims[at]
    }

    fn tool<'c>(&self, claim: &'c Claim<'_>) -> &'c str {
        match &claim.origin {
            Origin::Declared(declared, ..) => &declared.tool,
            Origin::Recorded(_) => claim.method.words(),
        }
    }

    /// `GPU 0 of node1`.
    pub(super) fn name(&self, claim: &Claim<'_>) -> String {
        use core::fmt::Write;
        let key = self.gathered.slots.get(claim.device).map_or("", |slot| slot.device.short_key());
        let mut text = Device::called(claim.component.label(), key);
        if let Some(host) = self.gathered.hosts.labels.get(claim.host).filter(|host| !host.is_empty()) {
            let _ = write!(text, " of {host}");
        }
        if let Origin::Declared(declared, ..) = &claim.origin {
            let _ = write!(text, ", {}", declared.tool);
        }
        text
    }

    pub(super) fn path(&self, file: usize) -> &str {
        self.paths.get(file).copied().unwrap_or("")
    }

    /// Names with the files that they stand in.
    fn list(&self, names: &Set<String>, files: &Set<usize>, what: Option<&str>) -> String {
        let names = few(&names.iter().map(String::as_str).collect::<Vec<_>>(), "; ");
        let what = what.map_or_else(String::new, |what| format!(", {what}"));
        match files.len() {
            1 => format!("{names} ({}){what}", files.first().map_or("", |file| self.path(*file))),
            n => format!("{names} ({n} files){what}"),
        }
    }

    fn decisions(&self, rule: &Rule<'_, '_>, settled: &mut Settled) {
        let (mut kinds, mut overlaps): (Map<Kind, Taken>, Map<Overlap, Overlaps>) = (Map::new(), Map::new());
        for one in &rule.left {
            let (claim, kept) = (self.claim(one.claim), self.claim(one.kept));
            let kind = Kind {
                why: one.why,
                host: claim.host,
                component: claim.component,
                left: String::from(self.tool(claim)),
                kept: String::from(self.tool(kept)),
                open: one.open,
                apart: claim.timeline != kept.timeline,
                in_zone: self.in_zone(rule, claim, kept).map(|later| if claim.timeline == Timeline::Utc { -later } else { later }),
            };
            let taken = kinds.entry(kind).or_default();
            taken.energy += one.energy;
            taken.left.insert(self.name(claim));
            taken.kept.insert(self.name(kept));
            taken.devices.insert(claim.device);
            taken.of_processes |= matches!(&claim.origin, Origin::Declared(declared, ..) if declared.scope == Scope::Process);
            taken.is_sum |= [claim, kept].iter().any(|one| one.reach == Reach::Set);
            for (files, one) in [(&mut taken.left_files, claim), (&mut taken.kept_files, kept)] {
                files.insert(one.file);
                one.further.iter().for_each(|file| {
                    files.insert(*file);
                });
            }
        }
        for (kind, taken) in kinds.iter() {
            let two_ways = matches!(kind.why, Why::CounterBeforePower);
            let words = |tool: &str| two_ways.then(|| String::from(tool));
            let mut reason = match (kind.why, kind.apart) {
                (Why::OverlapCountedOnce, true) => {
                    String::from("both may describe one device at the same time: their clocks can't be compared")
                }
                (Why::MachineCountedOnce, _) if taken.of_processes && kind.component == Component::Gpu => {
                    String::from("each tracker reports its GPUs as a whole, so the joules are the same: the larger figure counts")
                }
                (why, _) => String::from(why.reason()),
            };
            if let Some(later) = kind.in_zone {
                reason.push_str(&zone_text(later));
            }
            if kind.open {
                reason.push_str("; no log says so for certain, and the upper end of the interval holds both");
            }
            let (kept, left) = (
                self.list(&taken.kept, &taken.kept_files, words(&kind.kept).as_deref()),
                self.list(&taken.left, &taken.left_files, words(&kind.left).as_deref()),
            );
            self.note(kind, taken, (&kept, &left), &mut overlaps, settled);
            settled.decisions.push(Decision { rule: kind.why.rule(), kept, left_out: left, energy: Some(taken.energy), reason });
        }
        for (key, found) in overlaps {
            let further = match found.kinds {
                1 => String::new(),
                2 => String::from(", as on another host"),
                n => format!(", as on {} more hosts", n - 1),
            };
            let (which, what, energy) = (found.which, key.what, energy_text(found.energy));
            let message = format!("{which} {what} once{further}, and the upper end holds {energy} besides");
            let hint = (key.component != Component::Gpu).then(|| String::from(OF_HOSTS));
            settled.notes.push(FoundNote { code: &note::OVERLAP_UNRESOLVED, message, place: found.place, hint });
        }
    }

    /// What a reader must know of a decision without looking for it: one finding of all hosts on which it is the same.
    fn note(&self, kind: &Kind, taken: &Taken, (kept, left): (&str, &str), overlaps: &mut Map<Overlap, Overlaps>, settled: &mut Settled) {
        let place = taken.left_files.first().map(|file| String::from(self.path(*file)));
        let is_paired = |device: &usize| self.gathered.paired.iter().any(|pair| [pair.from, pair.to].contains(device));
        match kind.why {
            Why::Contained | Why::OverlapCountedOnce if kind.open && kind.component == Component::Node => {
                let message = format!(
                    "{kept} and {left} may be meters of one machine: one counts, and the upper end holds {} besides",
                    energy_text(taken.energy)
                );
                settled.notes.push(FoundNote { code: &note::OVERLAP_UNRESOLVED, message, place, hint: Some(String::from(OF_HOSTS)) });
            }
            // Devices that logs name in different ways are a finding of their own.
            Why::OverlapCountedOnce if kind.open && !taken.devices.iter().all(is_paired) => {
                let are_same = taken.kept.len() > 1 && taken.kept.iter().eq(taken.left.iter());
                let what = match taken.is_sum {
                    true => "may hold the same devices: they count",
                    false if are_same => "may be one device each in all of the files: each counts",
                    false => "may be one device: it counts",
                };
                let which = match are_same {
                    true => self.list(&taken.kept, &taken.kept_files.iter().chain(taken.left_files.iter()).copied().collect(), None),
                    false => format!("{kept} and {left}"),
                };
                let key = Overlap { what, component: kind.component, left: kind.left.clone(), kept: kind.kept.clone(), apart: kind.apart };
                let entry = overlaps.entry(key).or_insert_with(|| Overlaps { which, place, ..Overlaps::default() });
                (entry.energy, entry.kinds) = (entry.energy + taken.energy, entry.kinds + 1);
            }
            _ => {}
        }
    }

    /// Trackers that watched one machine at the same time are one finding, whatever they say of its parts.
    fn trackers(&self, rule: &Rule<'_, '_>, settled: &mut Settled) {
        let of_machines = || rule.left.iter().filter(|one| one.why == Why::MachineCountedOnce);
        let kept: Set<usize> = of_machines().map(|one| one.kept).collect();
        let left: Energy = of_machines().map(|one| one.energy).sum();
        let counted: Energy = kept.iter().filter_map(|at| rule.outcomes.get(*at)).map(|outcome| outcome.energy).sum();
        let (mut figures, mut files, mut hosts, mut tools) = (Set::new(), Set::new(), Set::new(), Set::new());
        for claim in of_machines().flat_map(|one| [one.claim, one.kept]).map(|at| self.claim(at)) {
            if let Origin::Declared(_, at, _) = &claim.origin {
                figures.insert((claim.file, *at));
            }
            files.insert(claim.file);
            hosts.insert(claim.host);
            tools.insert(self.tool(claim));
        }
        if figures.is_empty() {
            return;
        }
        let tools: Vec<&str> = tools.iter().copied().collect();
        let message = format!(
            "{} trackers ({}) in {} watched {} at the same time: {} counts once, so that {} count of the {} that they state together",
            figures.len(),
            few(&tools, ", "),
            if files.len() == 1 { String::from("one file") } else { format!("{} files", files.len()) },
            if hosts.len() == 1 { String::from("one machine") } else { format!("{} machines, several each", hosts.len()) },
            if hosts.len() == 1 { "it" } else { "each" },
            energy_text(counted),
            energy_text(counted + left)
        );
        settled.notes.push(FoundNote { code: &note::DECLARED_OVERLAP, message, place: None, hint: None });
    }

    fn disagreements(&self, rule: &Rule<'_, '_>, settled: &mut Settled) {
        let mut told: Map<(usize, usize, bool), (Energy, Energy, usize)> = Map::new();
        for one in &rule.disagreements {
            let left = self.claim(one.left);
            // Pieces of one log whose rows stand in any order.
            if left.file == self.claim(one.kept).file && self.unordered.contains(&left.file) {
                continue;
            }
            let declared = matches!(left.origin, Origin::Declared(..));
            let entry = told.entry((one.kept, left.file, declared)).or_insert((Energy::ZERO, Energy::ZERO, one.left));
            entry.0 += one.kept_energy;
            entry.1 += one.left_energy;
        }
        for ((kept, file, declared), (ours, theirs, left)) in told.iter() {
            let (kept, left) = (self.claim(*kept), self.claim(*left));
            let (code, message) = if contains(left.component, kept.component) {
                let message = format!(
                    "{} comes to {}, and parts of it to {}: the parts count, and the interval holds both",
                    self.name(left),
                    energy_text(*theirs),
                    energy_text(*ours)
                );
                (&note::WHOLE_BELOW_PARTS, message)
            } else if *declared {
                let more = if theirs > ours { ", the upper end holds the second" } else { "" };
                let message = format!(
                    "{} says {}, {} says {}: the first counts{more}",
                    self.tool(kept),
                    energy_text(*ours),
                    self.tool(left),
                    energy_text(*theirs)
                );
                (&note::TRACKERS_DISAGREE, message)
            } else if kept.rank().is_energy() && left.rank() > kept.rank() {
                let message = format!(
                    "{}: the counter says {}, the integrated power {}; the interval holds both",
                    self.name(kept),
                    energy_text(*ours),
                    energy_text(*theirs)
                );
                (&note::COUNTER_DIFFERS, message)
            } else {
                let message = format!(
                    "{}: one log says {}, another one {} over the same time; the first counts, and the interval holds both",
                    self.name(kept),
                    energy_text(*ours),
                    energy_text(*theirs)
                );
                (&note::OVERLAP_UNRESOLVED, message)
            };
            settled.notes.push(FoundNote { code, message, place: Some(String::from(self.path(*file))), hint: None });
        }
    }

    /// What counters gained over pauses between logs that may be one.
    fn between_logs(&self, settled: &mut Settled) {
        for claim in &self.gathered.claims {
            let Origin::Recorded(recorded) = &claim.origin else { continue };
            if recorded.wraps.between > Energy::ZERO {
                settled.decisions.push(Decision {
                    rule: "counter-between-logs",
                    kept: format!("{} ({})", self.name(claim), self.path(claim.file)),
                    left_out: String::new(),
                    energy: None,
                    reason: format!(
                        "the counter stood {} higher where its next log began: nobody watched, and it does not count; the logs may be one that was cut there, \
                         and the upper end holds it",
                        energy_text(recorded.wraps.between)
                    ),
                });
            }
        }
    }

    /// Readings that stand under two names.
    fn perhaps_copies(&self, settled: &mut Settled) {
        let perhaps = || self.gathered.claims.iter().filter(|claim| claim.may_be_copy);
        let names: Set<String> = perhaps().map(|claim| self.name(claim)).collect();
        if names.is_empty() {
            return;
        }
        let names = self.list(&names, &perhaps().map(|claim| claim.file).collect(), None);
        let message = format!(
            "what {names} read may be what another log holds, which names another device or host: all count, and the lower end is without what may be a copy"
        );
        told_of(
            settled,
            &note::OVERLAP_UNRESOLVED,
            message,
            Some("leave out what is a copy; of several devices log the index or the uuid of each"),
        );
        let reason =
            "names say that they are others, and the readings may be of one or of several; the lower end of the interval holds one";
        decided(settled, "perhaps-a-copy", names, reason);
    }

    /// Files that name no host and may be of one that others name.
    fn perhaps_of_named(&self, named: &[(usize, usize)], settled: &mut Settled) {
        if named.is_empty() {
            return;
        }
        let name = |(file, host): &(usize, usize)| {
            format!("{} ({})", self.path(*file), self.gathered.hosts.labels.get(*host).map_or("", String::as_str))
        };
        let names = few(&named.iter().map(name).collect::<Vec<_>>(), ", ");
        let message =
            format!("logs that name no host may be of one that others name, and the lower end is without what that one holds: {names}");
        told_of(
            settled,
            &note::HOSTS_BY_FOLDER,
            message,
            Some("name the host of each: `[hosts.NAME] files` in `carbon-report.toml`, or a folder for each"),
        );
        decided(settled, "perhaps-a-named-host", names, "they count as a machine of their own; no log says so");
    }

    /// Meters that are too many for each to be compared with the others.
    fn not_compared(rule: &Rule<'_, '_>, settled: &mut Settled) {
        for meters in &rule.not_compared {
            let kept = format!("{meters} meters that several tools read on one host");
            decided(
                settled,
                "meters-not-compared",
                kept,
                "they are too many to be compared with each other: all count, although some may be one",
            );
        }
    }

    fn identities(&self, rule: &Rule<'_, '_>, settled: &mut Settled) {
        Self::not_compared(rule, settled);
        self.set_back(settled);
        self.between_logs(settled);
        self.on_other_clocks(rule, settled);
        self.perhaps_copies(settled);
        let hosts = &self.gathered.hosts;
        if !hosts.splits.is_empty() {
            let split: Set<usize> = hosts.splits.iter().flat_map(|split| [split.host, split.from]).collect();
            let names: Vec<&str> = split.iter().filter_map(|host| hosts.labels.get(*host)).map(String::as_str).collect();
            let open = hosts.splits.iter().any(|split| split.open);
            let message = format!(
                "the same device numbers appear in several places at the same time, with other readings: {} count as {} hosts{}",
                few(&names, ", "),
                names.len(),
                if open { "; no log names them, and the lower end holds one host" } else { "" }
            );
            told_of(settled, &note::HOSTS_BY_FOLDER, message, None);
            decided(settled, "hosts-told-apart", few(&names, ", "), "one part of a computer can't have two readings at one time");
        }
        if !hosts.joined.is_empty() {
            let names: Vec<String> = hosts.joined.iter().map(|(name, other)| format!("{name} as {other}")).collect();
            let message = format!("{} count as one host: logs hold one device under both names at one time", few(&names, ", "));
            told_of(settled, &note::HOSTS_BY_FOLDER, message, None);
            decided(settled, "one-host-by-its-device", few(&names, ", "), "a device with one uuid is in one machine at a time");
        }
        for (rack, (behind, is_open)) in hosts.racks.iter() {
            let name = |host: &usize| hosts.labels.get(*host).map_or("", String::as_str);
            let machines = few(&behind.iter().map(name).collect::<Vec<_>>(), ", ");
            let open = if *is_open { "; no log says so, and the upper end holds both" } else { "" };
            let reason = format!("it reads as much as the meters of {} machines together ({machines}), and is theirs{open}", behind.len());
            decided(settled, "meter-of-machines", String::from(name(rack)), &reason);
        }
        if hosts.by_path.len() > 1 {
            let names: Vec<&str> = hosts.by_path.iter().filter_map(|host| hosts.labels.get(*host)).map(String::as_str).collect();
            let message = format!("{} count as hosts by the names of their folders or files", few(&names, ", "));
            settled.notes.push(FoundNote { code: &note::HOSTS_BY_FOLDER, message, place: None, hint: None });
        }
        if !hosts.adopted.is_empty() {
            let name = |host: usize| hosts.labels.get(host).map_or("", String::as_str);
            let as_of = |verb: &str, (file, host): &(usize, usize)| format!("{} {verb} {}'s", self.path(*file), name(*host));
            let taken: Vec<String> = hosts.adopted.keys().map(|one| as_of("as", one)).collect();
            let counts = hosts.adopted.keys().enumerate().map(|(at, one)| as_of(if at == 0 { "counts as" } else { "as" }, one));
            let message = format!(
                "{}, beside whose meter, job or sensors most of its time lies; no log says so, and the interval holds another machine",
                few(&counts.collect::<Vec<_>>(), ", ")
            );
            let reason = "a log without a host is of one machine: of the one whose figures hold most of its time";
            decided(settled, "host-by-time", few(&taken, ", "), reason);
            told_of(settled, &note::HOSTS_BY_FOLDER, message, None);
        }
        for (claim, rival) in &rule.other_devices {
            let (claim, rival) = (self.claim(*claim), self.claim(*rival));
            let message = format!(
                "{} ({}) can't be what {} holds at the same time under that name: it counts as another device",
                self.name(claim),
                self.path(claim.file),
                self.path(rival.file)
            );
            settled.notes.push(FoundNote {
                code: &note::HOSTS_BY_FOLDER,
                message,
                place: Some(String::from(self.path(claim.file))),
                hint: None,
            });
            settled.decisions.push(Decision {
                rule: "devices-told-apart",
                kept: format!("{} ({}) and ({})", self.name(claim), self.path(rival.file), self.path(claim.file)),
                left_out: String::new(),
                energy: None,
                reason: String::from("one part of a computer can't have two readings at one time"),
            });
        }
        self.paired(settled);
    }

    fn paired(&self, settled: &mut Settled) {
        let slots = &self.gathered.slots;
        let name = |at: usize| match slots.get(at).map(|slot| (slot.device.key(), slot.device.place)) {
            Some((_, Some(place))) if slots.get(at).is_some_and(|slot| slot.is_by_file) => alloc::format!("{place} by its file's name"),
            Some((key, Some(place))) => alloc::format!("number {place} of each round{}", if key.is_empty() { "" } else { " of its name" }),
            Some(("", None)) | None => String::from("without a name"),
            Some((key, None)) => String::from(key),
        };
        let pairs: Vec<String> = self.gathered.paired.iter().map(|pair| format!("GPU {} and {}", name(pair.from), name(pair.to))).collect();
        if pairs.is_empty() {
            return;
        }
        let message = format!(
            "{} are taken for {}: the logs name them in different ways",
            few(&pairs, "; "),
            if pairs.len() == 1 { "one device" } else { "the same devices" }
        );
        told_of(settled, &note::POSSIBLE_DOUBLE_COUNT, message, None);
        let reason = "logs of one time name GPUs in different ways; each is paired with the nearest in its readings";
        decided(settled, "possibly-one-device", few(&pairs, "; "), reason);
    }
}

/// A finding that is of no single file.
pub(super) fn told_of(settled: &mut Settled, code: &'static note::Code, message: String, hint: Option<&str>) {
    settled.notes.push(FoundNote { code, message, place: None, hint: hint.map(String::from) });
}

/// A decision that leaves no energy out.
pub(super) fn decided(settled: &mut Settled, rule: &'static str, kept: String, reason: &str) {
    settled.decisions.push(Decision { rule, kept, left_out: String::new(), energy: None, reason: String::from(reason) });
}

/// In which zone stamps without one are taken to be, that are so much later in UTC.
fn zone_text(later_us: i64) -> String {
    let minutes = later_us.unsigned_abs() / 60_000_000;
    let sign = if later_us > 0 { '-' } else { '+' };
    match minutes {
        0 => String::from("; stamps that say no zone are taken for UTC"),
        _ => format!("; stamps that say no zone are taken for UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60),
    }
}
