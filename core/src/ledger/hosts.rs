//! Which host a file's readings belong to, when the log does not say.
//!
//! Unnamed logs are one host as long as that is possible. When files of different folders describe the same device numbers at the same time,
//! or one number at one time by two uuids, each folder (the first one in which the paths differ) is a host of its own. A folder or file that
//! is called as a host that the user names is of that host. Where all logs that name a host name the same one, unnamed logs are of that host
//! too: joules that may be the same are not counted twice.

use alloc::string::String;

use super::Ledger;
use super::evidence::When;
use crate::map::{Map, Set};
use crate::read::{Clock, DeclaredKind, Reading, Scope};
use crate::series::{Channel, Device, Series};

/// Host labels by path, and whether folders had to be told apart.
pub(super) struct Hosts<'l> {
    /// Hosts that the user names.
    named: &'l [String],
    by_folder: bool,
    /// The only host that any log names.
    only: Option<String>,
    common: usize,
    /// Devices by (host, index) that some log also names by uuid.
    aliases: Map<(String, String), Option<String>>,
}

impl<'l> Hosts<'l> {
    pub(super) fn of(ledger: &'l Ledger) -> Self {
        let common = common_folders(ledger);
        let mut hosts = Hosts { named: &ledger.hosts, by_folder: false, only: only_named(ledger), common, aliases: Map::new() };
        hosts.by_folder = hosts.must_split(ledger);
        for entry in ledger.entries() {
            for (_, device) in &entry.reading.devices {
                if let (Some(index), Some(uuid)) = (&device.index, &device.uuid) {
                    let key = (hosts.label(&entry.file.path, None), index.clone());
                    // Two uuids for one number: the number identifies nothing.
                    hosts
                        .aliases
                        .entry(key)
                        .and_modify(|known| {
                            if known.as_ref() != Some(uuid) {
                                *known = None;
                            }
                        })
                        .or_insert_with(|| Some(uuid.clone()));
                }
            }
        }
        hosts
    }

    pub(super) fn told_apart(&self) -> bool {
        self.by_folder
    }

    /// The host of a file, or of what the log names itself.
    pub(super) fn label(&self, path: &str, named: Option<&str>) -> String {
        match named.or_else(|| self.named_by(path)) {
            Some(name) => String::from(name),
            None if self.by_folder => String::from(self.folder(path)),
            None => self.only.clone().unwrap_or_default(),
        }
    }

    /// The uuid of a device that this log knows by number only.
    pub(super) fn uuid_of(&self, host: &str, index: &str) -> Option<&String> {
        self.aliases.get(&(String::from(host), String::from(index)))?.as_ref()
    }

    fn folder<'p>(&self, path: &'p str) -> &'p str {
        let mut folders = path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/');
        folders.nth(self.common).unwrap_or("")
    }

    /// The host that the user names as a folder or the file of this path is named: `node1/gpu.csv`, `node1.csv`, `node1-gpu.csv`.
    fn named_by(&self, path: &str) -> Option<&'l str> {
        let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
        let of_folder = folders.rsplit('/').find_map(|folder| self.named.iter().find(|name| *name == folder));
        let starts = |name: &&String| file.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(['.', '-', '_']));
        // The longest: `node1` must not take what `node1-a` names.
        of_folder.or_else(|| self.named.iter().filter(starts).max_by_key(|name| name.len())).map(String::as_str)
    }

    fn must_split(&self, ledger: &Ledger) -> bool {
        let mut seen: Map<String, Set<(When, &str, &str)>> = Map::new();
        let mut identified: Map<(&str, &str), Set<(When, &str, &Device)>> = Map::new();
        for entry in ledger.entries().filter(|entry| self.named_by(&entry.file.path).is_none()) {
            let folder = self.folder(&entry.file.path);
            for (key, when) in numbered(&entry.reading) {
                let others = seen.entry(key).or_default();
                let clash = others.iter().any(|(other, other_folder, hash)| {
                    // Times first: of thousands of runs, most are apart.
                    when.overlap(other).0 > 0 && comparable(&when, other) && *other_folder != folder && *hash != entry.file.blake3
                });
                if clash {
                    return true;
                }
                others.insert((when, folder, &entry.file.blake3));
            }
            for series in entry.reading.series().iter().filter(|s| s.channel().host.is_none()) {
                let Channel { component, device, .. } = series.channel();
                let (Some(index), Some(when)) = (device.index.as_deref(), series_when(series, entry.reading.clock)) else { continue };
                let others = identified.entry((component.as_str(), index)).or_default();
                let clash = others.iter().any(|(other, other_folder, known)| {
                    when.overlap(other).0 > 0 && comparable(&when, other) && *other_folder != folder && known.is_another(device)
                });
                if clash {
                    return true;
                }
                others.insert((when, folder, device));
            }
        }
        false
    }
}

/// The host that all samplers' logs name that name one; `None` where there are several.
fn only_named(ledger: &Ledger) -> Option<String> {
    let names: Set<&str> = ledger.entries().flat_map(|e| e.reading.series()).filter_map(|s| s.channel().host.as_deref()).collect();
    match names.len() {
        1 => names.first().map(|name| String::from(*name)),
        _ => None,
    }
}

/// What a file says without naming a host or an identity that holds everywhere, and when.
fn numbered(reading: &Reading) -> impl Iterator<Item = (String, When)> + '_ {
    let series = reading.series().iter().filter_map(move |s| {
        let channel = s.channel();
        (channel.host.is_none() && channel.device.uuid.is_none())
            .then(|| Some((alloc::format!("{} {}", channel.component.as_str(), channel.device.key()), series_when(s, reading.clock)?)))?
    });
    let declared = reading.declared.iter().filter_map(|d| {
        let (start, end) = d.period?;
        (d.host.is_none() && d.scope == Scope::Machine && d.kind == DeclaredKind::Actual && !d.part_of_run)
            .then(|| (alloc::format!("{} {}", d.tool, d.hardware_key), When::Dated { start, end, utc: reading.clock == Clock::Utc }))
    });
    series.chain(declared)
}

/// When a series ran, on the clock of its reading.
pub(super) fn series_when(series: &Series, clock: Clock) -> Option<When> {
    let (start, end) = (series.start()?, series.end()?);
    Some(match clock {
        Clock::Relative | Clock::None => When::Undated(end.since(start)),
        Clock::Local | Clock::Utc => When::Dated { start, end, utc: clock == Clock::Utc },
    })
}

fn comparable(a: &When, b: &When) -> bool {
    matches!((a, b), (When::Dated { utc: x, .. }, When::Dated { utc: y, .. }) if x == y)
}

/// How many leading folders all paths share.
fn common_folders(ledger: &Ledger) -> usize {
    let mut paths = ledger.entries().map(|e| e.file.path.rsplit_once('/').map_or("", |(folders, _)| folders));
    let Some(first) = paths.next() else { return 0 };
    let mut common = if first.is_empty() { 0 } else { first.split('/').count() };
    for folders in paths {
        let same = first.split('/').zip(folders.split('/')).take_while(|(a, b)| a == b && !a.is_empty()).count();
        common = common.min(same);
    }
    common
}
