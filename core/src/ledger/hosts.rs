//! Which host readings belong to, when the log does not say.
//!
//! In this order: what the user says of a file or folder; what the log names; a word for a machine in its path (`node07`); the one host that other
//! logs of the folder name; the one host that any log names. What is left is one unnamed host, as long as that is possible: logs that hold the same
//! part of a computer at the same time, and clearly not the same readings, are of several. Logs of one folder stay together where they can.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::adopt::adopted;
use super::claim::{Claim, Origin, Reach, Timeline};
use super::models::{Boards, Listed};
use super::names::{
    Names, common_folders, folder, folders_of_run, is_of_run, is_only_below, named_in_folders, names_process, only_named, share_folder,
};
use super::pattern::{Pattern, Places};
use super::racks;
use super::ranks::Ranks;
use super::relation::{machine, relation};
use super::{Ledger, LedgerOptions};
use crate::map::{Map, Set};
use crate::order;
use crate::read::{DeclaredKind, Scope};
use crate::series::{Alike, Component, Coverage, Device, plain_uuid};
use crate::units::Span;

/// A claim before its host is known.
pub(super) struct Raw<'l> {
    pub claim: Claim<'l>,
    /// Host as the log names it.
    pub named: Option<&'l str>,
    /// As a recording names it.
    pub device: Option<&'l Device>,
    /// The number of its file, which tells it from others where no log names them.
    pub file_number: Option<u16>,
    /// Which of several logs, one behind the other in its file.
    pub log: u16,
}

impl Raw<'_> {
    /// What tells its device from others of its file or folder that no log names.
    pub(super) fn place(&self) -> Option<u16> {
        self.file_number.or(self.device?.place)
    }
}

/// How two hosts came to be told apart that no name tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Split {
    pub host: usize,
    pub from: usize,
    /// The readings could be of one host after all.
    pub open: bool,
    /// They are of two devices of one number: of a job each that sees no others, boards of one machine have one, too.
    pub by_number: bool,
}

/// Hosts by number, and why some of them were told apart.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    pub labels: Vec<String>,
    pub splits: Vec<Split>,
    /// Hosts whose name stands in a log, was given by the user, or in a path.
    pub named: usize,
    /// Those of them that a path alone names.
    pub by_path: Set<usize>,
    /// Those that logs name by an id alone, which no other tool knows.
    pub by_id: Set<usize>,
    /// Those that a scheduler names.
    pub by_scheduler: Set<usize>,
    /// Files that name no host, and are taken for the one that others name.
    pub inferred: Set<usize>,
    /// Those of them that lie in a folder in which no file names it.
    pub afar: Set<usize>,
    /// Names that were taken for another one, with that.
    pub joined: Vec<(String, String)>,
    /// Files that name no host, with a host that claims of them are taken for and the others that these may be of: none of them where it is a machine of its own.
    pub adopted: Map<(usize, usize), Vec<usize>>,
    /// Processes of one machine that number the same boards.
    pub ranks: Ranks,
    /// Hosts that stand for the meter of several others, with these; and whether nobody says so.
    pub racks: Map<usize, (Set<usize>, bool)>,
}

/// What may be put on another host as a whole: the unnamed readings of one file, or of one of the logs that stand in it, of one machine as far as a
/// tracker tells machines apart.
struct Member<'l> {
    file: usize,
    log: u16,
    path: &'l str,
    raws: Vec<usize>,
}

/// More claims of one kind at one time are not compared: one of them tells.
const COMPARED: usize = 32;

impl Hosts {
    /// Whether a host has a name that a log or the user gives it.
    pub(super) fn is_named(&self, host: usize) -> bool {
        host < self.named && !self.by_path.contains(&host)
    }

    /// The hosts by what they are called.
    pub(super) fn by_label(&self) -> Map<&str, usize> {
        // Of those that are called alike the first.
        self.labels.iter().enumerate().rev().map(|(host, label)| (label.as_str(), host)).collect()
    }

    /// Whether a host has a name at all.
    pub(super) fn has_name(&self, host: usize) -> bool {
        host < self.named
    }

    /// Whether a claim of a log without a host is taken for a host's and may be of another machine.
    pub(super) fn is_adopted(&self, claim: &Claim<'_>) -> bool {
        self.adopted.get(&(claim.file, claim.host)).is_some()
    }

    /// Whether a host that a log knows by an id is, most likely, the one of a scheduler's job: each names one host, and nothing tells them apart.
    pub(super) fn may_be_of_job(&self, job: usize, other: usize) -> bool {
        self.by_id.len() == 1 && self.by_scheduler.len() == 1 && self.by_id.contains(&other) && self.by_scheduler.contains(&job)
    }

    /// Gives each claim its host.
    pub(super) fn resolve<'l>(raws: &mut [Raw<'l>], names: &Names<'l>, ledger: &'l Ledger, options: LedgerOptions<'l>) -> Hosts {
        let mut hosts = Hosts::default();
        let mut numbers: Map<String, usize> = Map::new();
        let mut number = |label: String, hosts: &mut Hosts| {
            let label = canonical(label, options.same_as);
            *numbers.entry(label.clone()).or_insert_with(|| {
                hosts.labels.push(label);
                hosts.labels.len() - 1
            })
        };
        let paths: Vec<&str> = ledger.entries().map(|entry| entry.file.path.as_str()).collect();
        let path = |file: usize| paths.get(file).copied().unwrap_or("");
        for raw in raws.iter_mut() {
            raw.named = raw.named.map(|name| names.one(name).unwrap_or(name));
        }
        runs_name(raws, ledger, names, &paths);
        let joined = joined_by_uuid(raws, ledger);
        let only = only_named(raws);
        let of_folder = named_in_folders(raws, &path);
        let boards = Boards::of(raws, |raw| raw.named.map(String::from));
        let by_id: Set<&str> = ledger.entries().flat_map(|entry| &entry.reading.hosts_by_id).map(String::as_str).collect();
        let mut named_by_log: Set<usize> = Set::default();
        let mut members: Vec<Member<'_>> = Vec::new();
        let mut member_of: Map<(usize, u16, [&'l str; 5]), usize> = Map::new();
        // What a path says is asked once for all claims of a file.
        let (mut asked, mut of_user, mut of_path) = (None, None, None);
        for at in 0..raws.len() {
            let Some(raw) = raws.get(at) else { continue };
            let file = raw.claim.file;
            let own = path(file);
            if asked.replace(file) != Some(file) {
                (of_user, of_path) = (user_host(own, names, ledger, options), names.in_path(own));
            }
            let known = of_user.clone().or_else(|| raw.named.map(ToString::to_string));
            let by_path = of_path.clone().filter(|_| known.is_none());
            let (is_by_path, is_by_log) = (by_path.is_some(), known.is_some());
            let by_others = || of_folder.get(folder(own)).cloned().flatten().or_else(|| only.clone());
            let stated = known.or(by_path).or_else(|| by_others().filter(|host| !boards.are_others(file, host)));
            if let Some(label) = stated {
                let host = number(label, &mut hosts);
                if is_by_path {
                    hosts.by_path.insert(host);
                } else if is_by_log {
                    named_by_log.insert(host);
                } else {
                    let names_it = |(at, name): (&&str, &Option<String>)| {
                        name.as_ref() == only.as_ref() && share_folder(own, &alloc::format!("{at}/"))
                    };
                    if !hosts.inferred.contains(&file) && !of_folder.iter().any(names_it) {
                        hosts.afar.insert(file);
                    }
                    hosts.inferred.insert(file);
                }
                let label = hosts.labels.get(host).map_or("", String::as_str);
                if by_id.contains(label) {
                    hosts.by_id.insert(host);
                } else if raw.claim.reach == Reach::Job {
                    hosts.by_scheduler.insert(host);
                }
                if let Some(raw) = raws.get_mut(at) {
                    raw.claim.host = host;
                }
                continue;
            }
            let machine: [&'l str; 5] = match &raw.claim.origin {
                Origin::Declared(declared, ..) if declared.scope != Scope::Job => machine(declared),
                _ => [""; 5],
            };
            let member = *member_of.entry((file, raw.log, machine)).or_insert_with(|| {
                members.push(Member { file, log: raw.log, path: own, raws: Vec::new() });
                members.len() - 1
            });
            if let Some(member) = members.get_mut(member) {
                member.raws.push(at);
            }
        }
        hosts.named = hosts.labels.len();
        hosts.joined = joined;
        let unnamed: Set<usize> = members.iter().flat_map(|member| member.raws.iter().copied()).collect();
        let racks = racks::found(raws, &unnamed, &path);
        members.iter_mut().for_each(|member| member.raws.retain(|at| racks.iter().all(|rack| rack.raw != *at)));
        let unnamed = Unnamed::of(raws, &members);
        let labels = unnamed.labels(&members, &hosts.labels);
        for (member, host) in members.iter().zip(&unnamed.host_of) {
            for at in &member.raws {
                if let Some(raw) = raws.get_mut(*at) {
                    raw.claim.host = hosts.named + host;
                }
            }
        }
        // A folder's name is the host's own where logs call that host so, or others of its list: `node02` beside `node01` of a log.
        let label = |host: usize| hosts.labels.get(host).map_or("", String::as_str);
        let by_log: Set<(String, String)> = named_by_log.iter().filter_map(|host| numbered(label(*host))).collect();
        let lists: Set<&str> = by_log.iter().map(|(list, _)| list.as_str()).collect();
        let is_listed = |host: usize| numbered(label(host)).is_some_and(|name| lists.contains(name.0.as_str()) && !by_log.contains(&name));
        hosts.by_path = hosts.by_path.iter().copied().filter(|host| !named_by_log.contains(host) && !is_listed(*host)).collect();
        for (number, rack) in racks.iter().enumerate() {
            let Some(raw) = raws.get_mut(rack.raw) else { continue };
            raw.claim.host = hosts.named + labels.len() + number;
            (raw.claim.component, raw.claim.reach) = (Component::Node, Reach::Job);
        }
        for own in adopted(raws, hosts.named, hosts.named + labels.len()) {
            for at in &own.raws {
                let Some(raw) = raws.get_mut(*at) else { continue };
                raw.claim.host = own.to;
                if own.is_open {
                    let others = hosts.adopted.entry((raw.claim.file, own.to)).or_default();
                    others.extend(own.others.iter().filter(|host| !others.contains(host)).copied().collect::<Vec<_>>());
                }
            }
        }
        let base = hosts.named;
        for (number, rack) in racks.iter().enumerate() {
            let behind = rack.behind.iter().filter_map(|at| raws.get(*at)).map(|raw| raw.claim.host).collect();
            hosts.racks.insert(base + labels.len() + number, (behind, rack.is_open));
        }
        hosts.splits = unnamed.splits.iter().map(|s| Split { host: base + s.host, from: base + s.from, ..*s }).collect();
        hosts.labels.extend(labels);
        for rack in &racks {
            let file = path(raws.get(rack.raw).map_or(0, |raw| raw.claim.file));
            let name = file.rsplit('/').next().unwrap_or(file);
            let is_taken = hosts.labels.iter().any(|label| label == name);
            hosts.labels.push(if is_taken { alloc::format!("{name} ({})", hosts.labels.len()) } else { name.to_string() });
        }
        hosts
    }
}

/// Unnamed hosts at work.
#[derive(Default)]
struct Unnamed<'l> {
    hosts: Vec<BTreeMap<Key<'l>, Vec<(Timeline, i64, i64, usize)>>>,
    host_of: Vec<usize>,
    boards: Vec<Listed<'l>>,
    splits: Set<Split>,
    /// Folders in which each part of a computer stands.
    folders: Map<Component, Set<&'l str>>,
}

/// What a host says to a newcomer.
#[derive(Clone, Copy)]
struct Answer {
    worst: Alike,
    is_same: bool,
    by_number: bool,
}

impl<'l> Unnamed<'l> {
    fn of(raws: &[Raw<'l>], members: &[Member<'l>]) -> Self {
        let mut own = Self { host_of: alloc::vec![0; members.len()], ..Self::default() };
        let mut folders: Map<&str, Vec<usize>> = Map::new();
        for (at, member) in members.iter().enumerate() {
            folders.entry(folder(member.path)).or_default().push(at);
            for raw in member.raws.iter().filter_map(|at| raws.get(*at)) {
                own.folders.entry(raw.claim.component).or_default().insert(folder(member.path));
            }
        }
        for (_, group) in folders.iter() {
            if let [one] = group.as_slice() {
                own.place(&[*one], raws, members);
                continue;
            }
            // A folder whose logs contradict each other is taken file by file.
            let mut alone = Self { host_of: alloc::vec![0; members.len()], folders: own.folders.clone(), ..Self::default() };
            for at in group {
                alone.place(&[*at], raws, members);
            }
            if alone.hosts.len() <= 1 {
                own.place(group, raws, members);
            } else {
                for at in group {
                    own.place(&[*at], raws, members);
                }
            }
        }
        own
    }

    /// Puts a group of members on the host that fits, or on another one.
    fn place(&mut self, group: &[usize], raws: &[Raw<'l>], members: &[Member<'_>]) {
        let of_members = || group.iter().filter_map(|at| members.get(*at)).flat_map(|member| &member.raws);
        let of_group = || of_members().filter_map(|raw| Some((*raw, raws.get(*raw)?)));
        let mut boards = Listed::default();
        of_group().for_each(|(_, raw)| boards.add(raw));
        let apart = Answer { worst: Alike::Apart, is_same: false, by_number: false };
        let is_other = |host: usize| self.boards.get(host).is_some_and(|own| own.contradict(&boards));
        let ask = |host: usize| if is_other(host) { apart } else { self.ask(host, group, raws, members) };
        let answers: Vec<Answer> = (0..self.hosts.len()).map(ask).collect();
        let fits = |answer: &Answer| answer.worst < Alike::Other;
        let first = group.first().and_then(|at| members.get(*at)).map_or("", |member| member.path);
        let near = |host: usize| {
            let of_host = members.iter().zip(&self.host_of).filter(|(member, own)| **own == host && member.path < first);
            of_host.map(|(member, _)| common_folders(member.path, first)).max().unwrap_or(0)
        };
        let same = answers.iter().position(|answer| fits(answer) && answer.is_same);
        let has_conflict = answers.iter().any(|answer| !fits(answer));
        let host = same.or_else(|| match has_conflict {
            true => (0..answers.len())
                .filter(|host| answers.get(*host).is_some_and(fits))
                .max_by_key(|host| (near(*host), core::cmp::Reverse(*host))),
            false => (0..answers.len()).next(),
        });
        let host = host.unwrap_or_else(|| {
            self.hosts.push(BTreeMap::new());
            self.boards.push(Listed::default());
            self.hosts.len() - 1
        });
        let conflicts = answers.iter().enumerate().filter(|(_, answer)| !fits(answer));
        let split =
            |(from, answer): (usize, &Answer)| Split { host, from, open: answer.worst == Alike::Other, by_number: answer.by_number };
        let splits: Vec<Split> = conflicts.map(split).collect();
        splits.into_iter().for_each(|split| {
            self.splits.insert(split);
        });
        for at in group {
            if let Some(own) = self.host_of.get_mut(*at) {
                *own = host;
            }
        }
        let Some(state) = self.hosts.get_mut(host) else { return };
        if let Some(own) = self.boards.get_mut(host) {
            of_group().for_each(|(_, raw)| own.add(raw));
        }
        for (raw, one) in of_group() {
            let (Some(key), Some(start), Some(end)) = (key(one), one.claim.coverage.start(), one.claim.coverage.end()) else { continue };
            state.entry(key).or_default().push((one.claim.timeline, start.as_micros(), end.as_micros(), raw));
        }
        state.values_mut().for_each(|spans| order::sort(spans));
    }

    fn ask(&self, host: usize, group: &[usize], raws: &[Raw<'_>], members: &[Member<'_>]) -> Answer {
        let mut answer = Answer { worst: Alike::Unknown, is_same: false, by_number: false };
        let Some(state) = self.hosts.get(host) else { return answer };
        for member in group.iter().filter_map(|at| members.get(*at)) {
            let mut asked = 0;
            for raw in &member.raws {
                let Some(one) = raws.get(*raw) else { continue };
                let (Some(key), Some(start), Some(end)) = (key(one), one.claim.coverage.start(), one.claim.coverage.end()) else {
                    continue;
                };
                let Some(others) = state.get(&key) else { continue };
                let (start, end) = (start.as_micros(), end.as_micros());
                let until = others.partition_point(|other| (other.0, other.1) < (one.claim.timeline, end));
                let beside = others.get(..until).unwrap_or(&[]).iter().rev().take(COMPARED);
                for other in beside.filter(|other| other.0 == one.claim.timeline && other.2 > start) {
                    let Some(theirs) = raws.get(other.3) else { continue };
                    if (theirs.claim.file, theirs.log) == (one.claim.file, one.log) && matches!(one.claim.origin, Origin::Recorded(_)) {
                        continue;
                    }
                    let found = self.relation((one, member.path), (theirs, path_of(theirs, members)));
                    answer.is_same |= matches!(found, Alike::Identical | Alike::Same);
                    answer.worst = answer.worst.max(found);
                    asked += 1;
                    answer.by_number |= found == Alike::Apart && (are_other_devices(one, theirs) || are_boards(one, theirs));
                    if answer.worst == Alike::Apart || asked > 4 * COMPARED {
                        return answer;
                    }
                }
            }
        }
        answer
    }

    /// What two claims say of their hosts, and the places in which they lie.
    fn relation(&self, (a, path_a): (&Raw<'_>, &str), (b, path_b): (&Raw<'_>, &str)) -> Alike {
        let is_below = || self.folders.get(&a.claim.component).is_some_and(|all| is_only_below(path_a, path_b, all));
        match relation(a, b) {
            // As like as two devices, or one: in one folder, or as processes of one machine, they are taken for one.
            Alike::Open if share_folder(path_a, path_b) || (names_process(path_a) && names_process(path_b)) || is_below() => Alike::Open,
            // What tells nothing leaves it to the folder.
            Alike::Untold if share_folder(path_a, path_b) || is_below() => Alike::Open,
            Alike::Open | Alike::Untold => Alike::Other,
            found => found,
        }
    }

    /// Names for hosts that have none: the part of the path that tells them apart.
    fn labels(&self, members: &[Member<'_>], taken: &[String]) -> Vec<String> {
        if self.hosts.len() == 1 && taken.is_empty() {
            return [String::new()].to_vec();
        }
        // Names of folders: the host whose files alone are in one, and how many are.
        let mut folders: Map<&str, (Option<usize>, usize)> = Map::new();
        for (member, host) in members.iter().zip(&self.host_of) {
            for name in folder(member.path).split('/').collect::<Set<&str>>().iter() {
                let (of, files) = folders.entry(*name).or_insert((Some(*host), 0));
                *of = of.filter(|of| of == host);
                *files += 1;
            }
        }
        let mut labels: Vec<String> = Vec::new();
        for host in 0..self.hosts.len() {
            let own: Vec<&Member<'_>> =
                members.iter().zip(&self.host_of).filter(|(_, of)| **of == host).map(|(member, _)| member).collect();
            let (first, log) = own.first().map_or(("", 0), |member| (member.path, member.log));
            let others = members.iter().zip(&self.host_of).filter(|(_, of)| **of != host).map(|(member, _)| member.path);
            // A folder that all of its files are in and none of another host, else the first in which its first file differs from all others, else the file.
            let in_all = |name: &&str| folders.get(name) == Some(&(Some(host), own.len()));
            let depth = others.map(|other| common_folders(first, other)).max().unwrap_or(0);
            let name = folder(first).split('/').find(in_all).or_else(|| first.split('/').nth(depth)).unwrap_or("");
            let name = if self.hosts.len() == 1 { "" } else { name };
            let mut label = if log > 0 { alloc::format!("{name}, log {}", log + 1) } else { name.to_string() };
            let mut again = 1;
            while labels.contains(&label) || taken.contains(&label) {
                again += 1;
                label = alloc::format!("{name} ({again})");
            }
            labels.push(label);
        }
        labels
    }
}

/// The host that a name is another name of, over several steps where names lead on. Of names that lead in a circle the first by letter stands for all.
fn canonical(label: String, same_as: &[(String, String)]) -> String {
    let mut chain: Vec<&str> = Vec::new();
    while let Some((_, host)) = same_as.iter().find(|(alias, _)| *alias == chain.last().copied().unwrap_or(&label)) {
        if let Some(start) = chain.iter().position(|name| name == host) {
            return chain.get(start..).unwrap_or_default().iter().min().map_or_else(String::new, ToString::to_string);
        }
        chain.push(host);
    }
    chain.last().map_or(label.clone(), ToString::to_string)
}

fn path_of<'m>(raw: &Raw<'_>, members: &'m [Member<'_>]) -> &'m str {
    let at = members.partition_point(|member| member.file < raw.claim.file);
    members.get(at).map_or("", |member| member.path)
}

/// Gives hosts one name that hold one device at one time: a container's, a cluster's or an id that a tool gave it stand for the machine. A name that is no id
/// stays. Returns the names that were taken for another one.
fn joined_by_uuid<'l>(raws: &mut [Raw<'l>], ledger: &Ledger) -> Vec<(String, String)> {
    let mut by_uuid: Map<&str, Map<&'l str, Vec<(Timeline, Coverage)>>> = Map::new();
    for raw in raws.iter() {
        if let Some((name, uuid)) = raw.named.zip(uuid(raw)) {
            let watched = by_uuid.entry(plain_uuid(uuid)).or_default().entry(name).or_default();
            if watched.len() < COMPARED {
                watched.push((raw.claim.timeline, raw.claim.coverage.clone()));
            }
        }
    }
    let ids: Set<&str> = ledger.entries().flat_map(|entry| &entry.reading.hosts_by_id).map(String::as_str).collect();
    let mut joined: Map<&'l str, &'l str> = Map::new();
    for names in by_uuid.values().filter(|names| names.len() > 1) {
        let mut names: Vec<(&'l str, &Vec<(Timeline, Coverage)>)> = names.iter().map(|(name, watched)| (*name, watched)).collect();
        order::sort_by_key(&mut names, |(name, _)| (ids.contains(name), *name));
        for (at, (name, watched)) in names.iter().enumerate() {
            let meets = |other: &[(Timeline, Coverage)]| {
                watched.iter().any(|own| other.iter().any(|theirs| own.0 == theirs.0 && own.1.common(&theirs.1) > Span::ZERO))
            };
            if !joined.contains_key(name)
                && let Some((first, _)) = names.iter().take(at).take(COMPARED).find(|(_, other)| meets(other))
            {
                joined.insert(*name, joined.get(first).copied().unwrap_or(first));
            }
        }
    }
    let names: Vec<Option<&'l str>> = raws.iter().map(|raw| raw.named.and_then(|name| joined.get(name).copied())).collect();
    let told = joined.iter().map(|(name, other)| (String::from(*name), String::from(*other))).collect();
    for (raw, name) in raws.iter_mut().zip(names) {
        raw.named = name.or(raw.named);
    }
    told
}

/// The uuid of a recording's device.
pub(super) fn uuid<'l>(raw: &Raw<'l>) -> Option<&'l str> {
    raw.device?.uuid.as_deref()
}

/// Whether two logs name two devices.
pub(super) fn are_other_devices(a: &Raw<'_>, b: &Raw<'_>) -> bool {
    a.device.zip(b.device).is_some_and(|(a, b)| a.is_another(b))
}

/// Whether two logs are of an accelerator each: a job that sees one board calls it 0, or does not number it.
fn are_boards(a: &Raw<'_>, b: &Raw<'_>) -> bool {
    [a, b].into_iter().all(|raw| raw.claim.component == Component::Gpu && matches!(raw.claim.origin, Origin::Recorded(_)))
}

/// What can be at one time on one host once only: a part of a computer, the name of its device or of the tool, and its place.
pub(super) type Key<'l> = (Component, &'l str, u16);

pub(super) fn key<'l>(raw: &Raw<'l>) -> Option<Key<'l>> {
    let claim = &raw.claim;
    if !claim.timeline.is_dated() {
        return None;
    }
    let name = match &claim.origin {
        Origin::Declared(declared, ..) => {
            let of_machine = declared.scope == Scope::Machine && declared.kind == DeclaredKind::Actual && !declared.part_of_run;
            of_machine.then(|| super::claim::family(&declared.tool))?
        }
        Origin::Recorded(_) => raw.device.map_or("", Device::short_key),
    };
    Some((claim.component, name, raw.place().unwrap_or(0)))
}

/// The list of machines that a name is of, and its number there: `node` and `01` of `node01.cluster`.
fn numbered(name: &str) -> Option<(String, String)> {
    let first = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let list = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = first.strip_prefix(list).filter(|number| !number.is_empty())?;
    Some((list.to_string(), number.to_string()))
}

/// Gives logs that name no host the one that a tracker wrote down of their run.
fn runs_name<'l>(raws: &mut [Raw<'l>], ledger: &'l Ledger, names: &Names<'l>, paths: &[&str]) {
    let about = ledger.entries().filter_map(|entry| Some((entry.file.path.as_str(), entry.reading.about_run.as_deref()?)));
    let about: Map<&str, (&str, &'l str)> = about.map(|about| (folder(about.0), about)).collect();
    if about.is_empty() {
        return;
    }
    let mut of_file: Map<usize, Option<&'l str>> = Map::new();
    for raw in raws.iter_mut().filter(|raw| raw.named.is_none()) {
        let path = paths.get(raw.claim.file).copied().unwrap_or("");
        let of = |at: &str| about.get(at).filter(|(about, _)| is_of_run(path, about)).map(|(_, host)| names.one(host).unwrap_or(host));
        let find = || folders_of_run(path).iter().find_map(|at| of(at));
        raw.named = *of_file.entry(raw.claim.file).or_insert_with(find);
    }
}

/// Names of hosts, as logs and the user write them.
pub(super) fn names<'l>(ledger: &'l Ledger, options: LedgerOptions<'l>, paths: &[&str]) -> Names<'l> {
    let user = ledger.hosts.iter().chain(options.same_as.iter().flat_map(|(alias, host)| [alias, host]));
    let user = user.chain(options.host_files.iter().map(|(host, _)| host)).filter(|_| !options.hosts_by_logs).map(String::as_str);
    let of_series = ledger.entries().flat_map(|entry| entry.reading.series()).filter_map(|series| series.channel().host.as_deref());
    let declared = ledger.entries().flat_map(|entry| &entry.reading.declared).filter_map(|declared| declared.host.as_deref());
    let about_runs = ledger.entries().filter_map(|entry| entry.reading.about_run.as_deref());
    let mut names = Names::of(of_series.chain(declared).chain(about_runs), user, paths);
    let patterns = options.host_files.iter().filter(|_| !options.hosts_by_logs);
    names.patterns = patterns.map(|(host, pattern)| (host.as_str(), Pattern::new(pattern))).collect();
    names
}

/// The host that a path says, or the user of it.
pub(super) fn of_path(path: &str, names: &Names<'_>, ledger: &Ledger, options: LedgerOptions<'_>) -> Option<String> {
    user_host(path, names, ledger, options).or_else(|| names.in_path(path))
}

/// The host that the user names: by a pattern of its files, or as a folder or the file of this path is named (`node1/gpu.csv`, `node1-gpu.csv`).
fn user_host(path: &str, names: &Names<'_>, ledger: &Ledger, options: LedgerOptions<'_>) -> Option<String> {
    if options.hosts_by_logs {
        return None;
    }
    let by = |places: Places<'_>| names.patterns.iter().find(|(_, pattern)| pattern.fits(&places));
    if let Some((host, _)) = by(Places::whole(path)).or_else(|| by(Places::any(path))) {
        return Some(host.to_string());
    }
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let of_folder = folders.rsplit('/').find_map(|folder| ledger.hosts.iter().find(|name| *name == folder));
    let starts = |name: &&String| file.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(['.', '-', '_']));
    // The longest: `node1` must not take what `node1-a` names.
    of_folder.or_else(|| ledger.hosts.iter().filter(starts).max_by_key(|name| name.len())).cloned()
}
