//! What the names of folders and files say of hosts: `node07/gpu.csv` is of a node, `rank3.csv` of a process on one.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::claim::{Origin, Reach};
use super::hosts::Raw;
use super::pattern::Pattern;
use crate::map::{Map, Set};
use crate::order;

/// Words for a machine, with a number behind them. A launcher's rank of a node is one, too.
const HOSTS: &[&str] = &["node", "host", "server", "machine", "nid", "compute", "dgx", "cn", "node_rank", "machine_rank"];

/// Words for what feeds several machines.
const FEEDS: &[&str] = &["rack", "pdu", "ups", "breaker", "busbar"];

/// Words for one of several processes that may watch one machine.
const PROCESSES: &[&str] = &["rank", "localrank", "local_rank", "process", "proc", "worker", "task", "gpu", "cuda", "device", "job", "run"];

/// Words for an accelerator, with its number behind them.
const DEVICES: &[&str] = &["gpu", "cuda", "card", "device", "accelerator"];

/// Words for one of several processes that each do the same, with its number behind them.
const RANKS: &[&str] = &["rank", "localrank", "local_rank", "global_rank", "process", "proc", "worker", "task"];

/// Words for a place in which machines of one name may stand, with a number behind them.
const PLACES: &[&str] =
    &["rack", "row", "cluster", "cabinet", "chassis", "enclosure", "room", "site", "dc", "zone", "pod", "island", "cell"];

/// Names of hosts: of those that are written in several ways, in capitals or with their domain, the one that stands for all; and what paths say of them.
pub(super) struct Names<'l> {
    /// By the first label of a name, in small letters: how it is written, the user's own first, then the shortest.
    written: Map<String, Vec<&'l str>>,
    /// Words for machines in paths, in small letters, as the first path writes them.
    in_paths: Map<String, String>,
    /// Those that stand in several places, such as `node03` of `rack1` and `rack2`, in small letters.
    in_places: Set<String>,
    /// The user's patterns of files, with the host of each.
    pub(super) patterns: Vec<(&'l str, Pattern)>,
}

impl<'l> Names<'l> {
    /// Of names that logs say, that the user says, and of all paths.
    pub(super) fn of(logs: impl Iterator<Item = &'l str>, user: impl Iterator<Item = &'l str>, paths: &[&str]) -> Self {
        let mut written: Map<String, Vec<&'l str>> = Map::new();
        let mut by_log: Vec<&str> = logs.collect::<Set<&str>>().iter().copied().collect();
        order::sort_by_key(&mut by_log, |name| (name.len(), Reverse(*name)));
        for name in user.chain(by_log) {
            let list = written.entry(first_label(name)).or_default();
            if !list.contains(&name) {
                list.push(name);
            }
        }
        let mut places: Map<String, String> = Map::new();
        let mut in_places: Set<String> = Set::default();
        let mut in_paths: Map<String, String> = Map::new();
        for path in paths {
            let Some((host, place)) = host_and_place(path) else { continue };
            let small = host.to_ascii_lowercase();
            in_paths.entry(small.clone()).or_insert(host);
            // No place is a place of its own.
            let Some(place) = place.map(|place| place.to_ascii_lowercase()) else { continue };
            if *places.entry(small.clone()).or_insert_with(|| place.clone()) != place {
                in_places.insert(small);
            }
        }
        Names { written, in_paths, in_places, patterns: Vec::new() }
    }

    /// How a host is called that logs call so. Names of one host in two domains are of two.
    pub(super) fn one(&self, name: &str) -> Option<&'l str> {
        let list = self.written.get(&first_label(name))?;
        let mut domains = list.iter().filter(|name| name.contains('.')).map(|name| name.to_ascii_lowercase()).collect::<Vec<_>>();
        order::sort(&mut domains);
        domains.dedup();
        let exact = list.iter().find(|one| **one == name);
        match domains.len() {
            0 | 1 => list.first().copied(),
            _ => exact.or_else(|| list.iter().find(|one| one.eq_ignore_ascii_case(name))).copied(),
        }
    }

    /// The host that a path names, the nearest to the file first: a name that logs say, or a word for a machine.
    pub(super) fn in_path(&self, path: &str) -> Option<String> {
        let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
        let word = |part: &str| {
            let host = numbered(part, HOSTS)?;
            let small = host.to_ascii_lowercase();
            if !self.in_places.contains(&small) {
                let written = self.one(&host).map(String::from);
                return written.or_else(|| self.in_paths.get(&small).cloned()).or(Some(host));
            }
            let host = self.in_paths.get(&small).cloned().unwrap_or(host);
            let place = host_and_place(path).and_then(|(_, place)| place);
            Some(place.map_or(host.clone(), |place| alloc::format!("{place}-{host}")))
        };
        let of_file = self.begins(file).or_else(|| word(file));
        of_file.or_else(|| folders.rsplit('/').find_map(|part| self.one(part).map(String::from).or_else(|| word(part))))
    }

    /// The host whose name a file's begins with, or is: `gpu-node-7.csv`, `gpu-node-7_power.csv`. The longest.
    fn begins(&self, file: &str) -> Option<String> {
        let ends = file.char_indices().rev().filter(|(_, c)| matches!(c, '.' | '-' | '_')).map(|(at, _)| at);
        ends.filter_map(|at| self.one(file.get(..at)?)).next().map(String::from)
    }
}

/// The name of a host without its domain, in small letters. Addresses have none.
fn first_label(name: &str) -> String {
    let first = name.split('.').next().unwrap_or(name);
    let first = if first.bytes().all(|b| b.is_ascii_digit()) { name } else { first };
    first.to_ascii_lowercase()
}

/// The host that a path names by a word for a machine, the nearest to the file first.
fn host_in(path: &str) -> Option<String> {
    path.rsplit('/').find_map(|part| numbered(part, HOSTS))
}

/// Whether a folder is named after a machine.
pub(super) fn names_host(folder: &str) -> bool {
    numbered(folder, HOSTS).is_some()
}

/// That host, and the word for a place before it: `rack1/node03`, `rack1-node03`.
fn host_and_place(path: &str) -> Option<(String, Option<String>)> {
    let host = host_in(path)?;
    let before = path.rfind(host.as_str()).and_then(|at| path.get(..at)).unwrap_or("");
    Some((host, before.rsplit('/').find_map(|part| numbered(part, PLACES))))
}

/// Whether the name of a file says that its meter feeds several machines: `rack_pdu.csv`.
pub(super) fn feeds_several(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    file.split(|c: char| !c.is_ascii_alphabetic()).any(|word| FEEDS.contains(&word))
}

/// Whether a path names a process, and no host.
pub(super) fn names_process(path: &str) -> bool {
    host_in(path).is_none() && path.rsplit('/').any(|part| numbered(part, PROCESSES).is_some())
}

/// The number by which a file's name calls a device: 3 of `gpu_3.log`.
pub(super) fn device_number(path: &str) -> Option<u16> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let token = numbered(file, DEVICES)?;
    token.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

/// The number by which a path calls one of several, the nearest to the file first, and the path without it: 3 and `logs/` with `/power.csv` of
/// `logs/rank3/power.csv`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Numbered<'p> {
    pub number: u16,
    /// What stands around the number.
    pub around: (&'p str, &'p str),
}

impl<'p> Numbered<'p> {
    /// One of several processes: `rank3.csv`, `rank3/power.csv`.
    pub(super) fn rank(path: &'p str) -> Option<Self> {
        Self::of(path, RANKS)
    }

    /// A folder of a device, `gpu3/power.csv`. A file's name may number it, and say anything else besides: see [`device_number`].
    pub(super) fn folder_of_device(path: &'p str) -> Option<Self> {
        let folders = folder(path);
        let own = Self::of(folders, DEVICES)?;
        Some(Self { around: (own.around.0, path.get(own.around.0.len() + own.length(path)..)?), ..own })
    }

    /// Any number at the end of a word of a file's name: `power_3.csv`.
    pub(super) fn file(path: &'p str) -> Option<Self> {
        let start = folder(path).len();
        let last = path.get(start..)?.rfind(|c: char| c.is_ascii_digit())? + start + 1;
        let digits = path.get(start..last)?.bytes().rev().take_while(u8::is_ascii_digit).count();
        let around = (path.get(..last - digits)?, path.get(last..)?);
        let is_word = !around.1.starts_with(|c: char| c.is_ascii_alphanumeric());
        Some(Self { number: path.get(last - digits..last)?.parse().ok().filter(|_| is_word)?, around })
    }

    /// How many bytes of a path the number takes.
    fn length(&self, path: &str) -> usize {
        let rest = path.get(self.around.0.len()..).unwrap_or("");
        rest.bytes().take_while(u8::is_ascii_digit).count()
    }

    fn of(path: &'p str, words: &[&str]) -> Option<Self> {
        let mut end = path.len();
        for part in path.rsplit('/') {
            let start = end - part.len();
            if let Some(token) = numbered(part, words) {
                let at = start + part.find(token.as_str())? + token.find(|c: char| c.is_ascii_digit())?;
                let digits = token.trim_start_matches(|c: char| !c.is_ascii_digit());
                return Some(Self { number: digits.parse().ok()?, around: (path.get(..at)?, path.get(at + digits.len()..)?) });
            }
            end = start.saturating_sub(1);
        }
        None
    }
}

/// The folder of a file.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The host that all samplers' logs name that name one; `None` where there are several.
pub(super) fn only_named(raws: &[Raw<'_>]) -> Option<String> {
    let mut names = raws.iter().filter(|raw| matches!(raw.claim.origin, Origin::Recorded(_))).filter_map(|raw| raw.named);
    let first = names.next()?;
    names.all(|name| name == first).then(|| first.to_string())
}

/// How many leading folders two paths share.
pub(super) fn common_folders(a: &str, b: &str) -> usize {
    let (a, b) = (folder(a), folder(b));
    a.split('/').zip(b.split('/')).take_while(|(x, y)| x == y && !x.is_empty()).count()
}

/// The one host that logs of a folder name; none where they name several.
pub(super) fn named_in_folders<'p>(raws: &[Raw<'_>], path: &impl Fn(usize) -> &'p str) -> Map<&'p str, Option<String>> {
    let mut named: Map<&str, Option<String>> = Map::new();
    for raw in raws.iter().filter(|raw| raw.claim.reach != Reach::Job) {
        let Some(name) = raw.named else { continue };
        let entry = named.entry(folder(path(raw.claim.file))).or_insert_with(|| Some(name.to_string()));
        if entry.as_deref() != Some(name) {
            *entry = None;
        }
    }
    named
}

/// Whether the folders of two files may as well be of one machine: they are one, or one of them is below the other but for the folders that a tracker makes
/// for each run, which say nothing of machines.
pub(super) fn share_folder(a: &str, b: &str) -> bool {
    let ((a, made_a), (b, made_b)) = (above_runs(a), above_runs(b));
    a == b || (made_a || made_b) && (is_in(a, b) || is_in(b, a))
}

/// Whether a tracker names the folders of runs so: `run-20250714_131723-qwertyui`.
fn is_run_folder(name: &str) -> bool {
    let is_date =
        |text: &str| text.split_once(['_', '-']).is_some_and(|(day, _)| day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit()));
    name.strip_prefix("offline-").unwrap_or(name).strip_prefix("run-").is_some_and(is_date)
}

/// Folders in which trackers keep all of their runs, whatever these are called.
const STORES: &[&str] = &["wandb", "mlruns", "impacttracker"];

/// The folder of a file without those of a run: `logs` of `logs/wandb/run-20250714_131723-qwertyui/files/wandb-events.jsonl` or of
/// `logs/mlruns/0/3f2a/metrics/system/gpu_0_power_usage_watts`; and whether there are any.
fn above_runs(path: &str) -> (&str, bool) {
    let own = folder(path);
    let mut start = 0;
    for name in own.split('/') {
        if STORES.contains(&name) || is_run_folder(name) {
            return (own.get(..start).unwrap_or("").trim_end_matches('/'), true);
        }
        start += name.len() + 1;
    }
    (own, false)
}

/// Whether a log lies in the folder of the run of which a file says something: beside it, or in the folder that holds its `files`.
pub(super) fn is_of_run(log: &str, about: &str) -> bool {
    let (own, of_run) = (folder(log), folder(about));
    let above = of_run.strip_suffix("files").filter(|above| above.is_empty() || above.ends_with('/'));
    let Some(above) = above.map(|above| above.trim_end_matches('/')) else { return own == of_run };
    // A store is a folder of the logs in it.
    let is_store = own.strip_suffix(".wandb").is_some_and(|store| folder(store) == above);
    own == above || is_store || is_in(own, of_run) || is_run_folder(above.rsplit('/').next().unwrap_or("")) && is_in(own, above)
}

/// Where something may be said of the run of a log, the nearest first.
pub(super) fn folders_of_run(log: &str) -> Vec<String> {
    let own = folder(log);
    let ends = own.match_indices('/').map(|(at, _)| at).rev();
    let above = core::iter::once(own).chain(ends.filter_map(|at| own.get(..at))).chain(core::iter::once(""));
    above.flat_map(|at| [String::from(at), if at.is_empty() { String::from("files") } else { alloc::format!("{at}/files") }]).collect()
}

/// Whether one of two files lies in a folder below that of the other which nothing names after one of several, and which none of `folders` beside it is like:
/// one run's folder, with another tool's log in a folder of its own.
pub(super) fn is_only_below(a: &str, b: &str, folders: &Set<&str>) -> bool {
    let (a, b) = (folder(a), folder(b));
    let (above, below) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let own = below.strip_prefix(above).filter(|_| above != below && is_in(below, above));
    let is_other = |other: &&str| *other != above && *other != below && is_in(other, above);
    own.is_some_and(|own| !own.bytes().any(|b| b.is_ascii_digit())) && !folders.iter().any(is_other)
}

/// Whether a folder is one, or in it.
pub(super) fn is_in(one: &str, other: &str) -> bool {
    one.strip_prefix(other).is_some_and(|rest| rest.is_empty() || other.is_empty() || rest.starts_with('/'))
}

/// The first token that is one of `words` with a number, as it stands: `node-07` of `job5_node-07.csv`.
fn numbered(part: &str, words: &[&str]) -> Option<String> {
    let lower = part.to_ascii_lowercase();
    let starts = lower.char_indices().filter(|(at, _)| *at == 0 || !lower.as_bytes().get(at - 1).is_some_and(u8::is_ascii_alphanumeric));
    for (start, _) in starts {
        let token = lower.get(start..)?;
        let letters = token.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(token.len());
        let word = token.get(..letters)?;
        // `node_07`: the underscore is part of neither.
        let (word, separator) = word.strip_suffix('_').map_or((word, 0), |word| (word, 1));
        if !words.contains(&word) {
            continue;
        }
        let rest = token.get(word.len() + separator..)?;
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        let count = digits.bytes().take_while(u8::is_ascii_digit).count();
        let after = digits.as_bytes().get(count);
        if count > 0 && count <= 6 && !after.is_some_and(u8::is_ascii_alphabetic) {
            let length = token.len() - digits.len() + count;
            return part.get(start..start + length).map(String::from);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_numbered_by_words_of_digits() {
        for (path, expected) in [
            ("power_3.csv", Some((3, "power_", ".csv"))),
            ("a1/log2.power.csv", Some((2, "a1/log", ".power.csv"))),
            ("7.csv", Some((7, "", ".csv"))),
            ("a1/power.csv", None),
            ("power_5s.csv", None),
            ("power_20260301.csv", None),
        ] {
            let found = Numbered::file(path).map(|own| (own.number, own.around.0, own.around.1));
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn paths_number_ranks_and_devices() {
        for (path, rank, device) in [
            ("power_rank3.csv", Some((3, "power_rank", ".csv")), None),
            ("logs/rank12/power.csv", Some((12, "logs/rank", "/power.csv")), None),
            ("local_rank-0/a/gpu.csv", Some((0, "local_rank-", "/a/gpu.csv")), None),
            ("node1/rank0/gpu7.csv", Some((0, "node1/rank", "/gpu7.csv")), None),
            ("x/gpu1/rank2.csv", Some((2, "x/gpu1/rank", ".csv")), Some((1, "x/gpu", "/rank2.csv"))),
            ("gpu1/power.csv", None, Some((1, "gpu", "/power.csv"))),
            ("gpu1.csv", None, None),
            ("ranks/a.csv", None, None),
        ] {
            let found = [Numbered::rank(path), Numbered::folder_of_device(path)];
            assert_eq!(found.map(|own| own.map(|own| (own.number, own.around.0, own.around.1))), [rank, device], "{path}");
        }
    }

    #[test]
    fn folders_and_files_name_hosts() {
        let named = |path| host_in(path);
        assert_eq!(named("jan/node01/gpu.csv").as_deref(), Some("node01"));
        assert_eq!(named("logs/node-7.csv").as_deref(), Some("node-7"));
        assert_eq!(named("logs/gpu_node_12.csv.gz").as_deref(), Some("node_12"));
        assert_eq!(named("a/dgx2-power.csv").as_deref(), Some("dgx2"));
        assert_eq!(named("node1/rank0/emissions.csv").as_deref(), Some("node1"));
        assert_eq!(named("logs/node_rank_0/gpu.csv").as_deref(), Some("node_rank_0"));
        assert_eq!(named("machine_rank1/local_rank0.csv").as_deref(), Some("machine_rank1"));
        assert!(!names_process("node_rank_0/gpu.csv"));
        for path in ["rank0/gpu.csv", "nodes/gpu.csv", "gpu.csv", "anode1/gpu.csv", "node1a/gpu.csv", "host/gpu.csv", "2026-01-05/gpu.csv"]
        {
            assert_eq!(named(path), None, "{path}");
        }
        let plain = Names::of(core::iter::empty(), core::iter::empty(), &[]);
        assert_eq!(plain.in_path("jan/rack1/node01/gpu.csv").as_deref(), Some("node01"));
        assert!(names_process("rank0/emissions.csv") && names_process("logs/gpu_log_rank-3.csv") && names_process("local_rank0.csv"));
        assert_eq!(["a/gpu_3.log", "gpu0.csv", "node1_gpu-12_power.csv"].map(device_number), [Some(3), Some(0), Some(12)]);
        assert_eq!(["gpu3/power.csv", "gpu.csv", "rank0.csv", "gpu0a.csv"].map(device_number), [None; 4]);
        assert!(!names_process("node1/rank0/emissions.csv") && !names_process("a/emissions.csv"));
    }

    #[test]
    fn folders_of_runs_are_no_machines() {
        let run = |above: &str, id: &str| alloc::format!("{above}wandb/run-20250714_1317{id}-qwertyui/files/wandb-events.jsonl");
        for (a, b) in [
            (run("", "00"), String::from("gpu.csv")),
            (run("", "00"), run("", "07")),
            (run("exp/", "00"), String::from("exp/logs/gpu.csv")),
            (run("exp/", "00"), String::from("gpu.csv")),
            (String::from("wandb/offline-run-20250714_131700-a/run-a.wandb"), String::from("gpu.csv")),
            (String::from("exp/wandb/mine/events.jsonl"), String::from("exp/gpu.csv")),
            (String::from("exp/mlruns/0/3f2a/metrics/system/gpu_0_power_usage_watts"), String::from("exp/gpu.csv")),
            (String::from("a/gpu.csv"), String::from("a/cpu.csv")),
        ] {
            assert!(share_folder(&a, &b) && share_folder(&b, &a), "{a} {b}");
        }
        for (a, b) in [
            (run("a/", "00"), run("b/", "07")),
            (run("a/", "00"), String::from("ab/gpu.csv")),
            (String::from("a/gpu.csv"), String::from("gpu.csv")),
            (String::from("run-a/gpu.csv"), String::from("run-b/gpu.csv")),
            (String::from("a/mlruns/0/3f2a/metrics/gpu_power"), String::from("b/mlruns/0/3f2b/metrics/gpu_power")),
            (String::from("my-wandb/gpu.csv"), String::from("gpu.csv")),
        ] {
            assert!(!share_folder(&a, &b) && !share_folder(&b, &a), "{a} {b}");
        }
    }

    #[test]
    fn folders_of_runs_hold_their_logs() {
        let about = "wandb/run-20250714_131700-a/files/wandb-metadata.json";
        for own in ["run-a.wandb/a.jsonl", "files/wandb-events.jsonl", "files/out/emissions.csv", "logs/gpu.csv", "gpu.csv"] {
            let log = alloc::format!("wandb/run-20250714_131700-a/{own}");
            assert!(is_of_run(&log, about) && folders_of_run(&log).iter().any(|at| at == folder(about)), "{own}");
        }
        for (log, about) in [("gpu.csv", about), ("wandb/run-20250714_131700-b/files/wandb-events.jsonl", about), ("a/gpu.csv", "b/m.json")]
        {
            assert!(!is_of_run(log, about), "{log}");
        }
        for (log, about) in [
            ("gpu.csv", "wandb-metadata.json"),
            ("gpu.csv", "files/wandb-metadata.json"),
            ("run-a.wandb/a.jsonl", "files/wandb-metadata.json"),
            ("a/files/gpu.csv", "a/files/wandb-metadata.json"),
        ] {
            assert!(is_of_run(log, about) && folders_of_run(log).iter().any(|at| at == folder(about)), "{log} {about}");
        }
    }

    #[test]
    fn names_of_one_host() {
        let logs = ["gpu-node-7", "node07.cluster.local", "NODE08", "login.a.org", "login.b.org", "10.0.0.12", "alice"];
        let paths = [
            "rack1-node03/gpu.csv",
            "rack2-node03/gpu.csv",
            "rack1/node04/gpu.csv",
            "jan/rack1/node04/gpu.csv",
            "Node05/gpu.csv",
            "node05/cpu.csv",
            "NODE05.csv",
            "node04/gpu.csv",
        ];
        let names = Names::of(logs.into_iter(), ["Bob"].into_iter(), &paths);
        for (path, host) in [
            ("gpu-node-7/gpu.csv", "gpu-node-7"),
            ("gpu-node-7.csv", "gpu-node-7"),
            ("a/gpu-node-7_power.csv", "gpu-node-7"),
            ("node07/gpu.csv", "node07.cluster.local"),
            ("Node07.csv", "node07.cluster.local"),
            ("node08/gpu.csv", "NODE08"),
            ("10.0.0.12/gpu.csv", "10.0.0.12"),
            ("alice/gpu.csv", "alice"),
            ("bob/gpu.csv", "Bob"),
            ("login.b.org/gpu.csv", "login.b.org"),
            ("rack1-node03/gpu.csv", "rack1-node03"),
            ("rack2-node03/gpu.csv", "rack2-node03"),
            ("rack1/node04/gpu.csv", "node04"),
            ("other-node-7/gpu.csv", "node-7"),
            ("node05/cpu.csv", "Node05"),
            ("NODE05.csv", "Node05"),
            ("node04/gpu.csv", "node04"),
        ] {
            assert_eq!(names.in_path(path).as_deref(), Some(host), "{path}");
        }
        for path in ["gpu.csv", "10/gpu.csv", "login/gpu.csv", "alices/gpu.csv", "run1/gpu.csv"] {
            assert_eq!(names.in_path(path), None, "{path}");
        }
        assert_eq!(
            (names.one("NODE07"), names.one("login.A.org"), names.one("node09")),
            (Some("node07.cluster.local"), Some("login.a.org"), None)
        );
    }
}
