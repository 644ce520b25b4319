//! What share of the machine the recorded program and its descendants have: processor time and memory, from `/proc`, and of GPUs what the driver says.
//!
//! Shares allot the machine's energy on paper. No sensor tells whose joules are whose, and the sum of the machine stays what it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use carbon_core::read::carbon_report_jsonl::record::{DeviceEntry, DeviceId, Share};
use carbon_core::series::Component;

use super::source::Use;

/// One whole, in the unit of shares.
const WHOLE: u64 = 1_000_000;

/// How Linux shows the namespace that all processes of the machine are in: drivers number processes as this one does.
const FIRST_NAMESPACE: &str = "pid:[4026531836]";

/// Follows a process tree.
#[derive(Debug)]
pub struct Attribution {
    /// Where processes are seen: always our own `/proc`, since their numbers are ours.
    processes: PathBuf,
    /// Where the machine is seen.
    machine: PathBuf,
    /// The recorder: its children are the tree, it is not.
    root: u32,
    /// Processes of the tree, by number and start: those that lost their parent stay in it.
    members: BTreeMap<u32, u64>,
    /// Those of the last look: what they used until they ended is theirs.
    ended: BTreeMap<u32, u64>,
    /// A driver's numbers of processes are ours: not so in a container.
    same_numbers: bool,
    last: Option<Used>,
    /// Resident memory of the tree while it had any process.
    resident: u64,
    page_bytes: u64,
}

/// Processor time so far, in ticks of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Used {
    tree: u64,
    machine: u64,
}

impl Attribution {
    /// Of all that this process starts.
    pub fn new(host_root: &Path) -> Self {
        #[cfg(unix)]
        let page_bytes = rustix::param::page_size() as u64;
        #[cfg(not(unix))]
        let page_bytes = 4096;
        Self {
            processes: PathBuf::from("/proc"),
            machine: host_root.join("proc"),
            root: std::process::id(),
            members: BTreeMap::new(),
            ended: BTreeMap::new(),
            same_numbers: fs::read_link("/proc/self/ns/pid").is_ok_and(|namespace| namespace.as_os_str() == FIRST_NAMESPACE),
            last: None,
            resident: 0,
            page_bytes,
        }
    }

    /// The shares since the last call; `uses` is what drivers say of their devices. A device of which nothing can be said is left out.
    pub fn shares(&mut self, devices: &[DeviceEntry], uses: &[(DeviceId, Vec<Use>)]) -> Vec<Share> {
        let Some((tree, resident)) = self.tree() else { return Vec::new() };
        let processor = self.processor(tree);
        // The last look comes when the program has ended: what it held until then counts.
        if !self.members.is_empty() {
            self.resident = resident;
        }
        let memory = self.memory(self.resident);
        let share_of = |entry: &DeviceEntry| match entry.device.component {
            Component::Cpu => processor,
            Component::Memory => memory,
            Component::Gpu => uses.iter().find(|(id, _)| *id == entry.id).and_then(|(_, uses)| self.gpu(uses)),
            _ => None,
        };
        let share = |entry: &DeviceEntry| share_of(entry).map(|ppm| Share { device: entry.id, ppm });
        devices.iter().filter_map(share).collect()
    }

    /// Processor time of the tree since the last call, of that of all processes.
    fn processor(&mut self, tree: u64) -> Option<u32> {
        let machine = busy(&fs::read_to_string(self.machine.join("stat")).ok()?)?;
        let now = Used { tree, machine };
        let last = self.last.replace(now)?;
        let (own, all) = (now.tree.saturating_sub(last.tree), now.machine.saturating_sub(last.machine));
        // Nothing ran: the program has no part in what an idle processor uses.
        Some(if all == 0 { 0 } else { ppm(own, all) })
    }

    /// What the tree used of a GPU, of what all processes did.
    fn gpu(&self, uses: &[Use]) -> Option<u32> {
        let is_own = |one: &&Use| self.members.contains_key(&one.process) || self.ended.contains_key(&one.process);
        let own: u64 = uses.iter().filter(is_own).map(|one| one.amount).sum();
        let all: u64 = uses.iter().map(|one| one.amount).sum();
        // As with the processor: the program has no part in what an idle GPU uses.
        self.same_numbers.then(|| if all == 0 { 0 } else { ppm(own, all) })
    }

    /// Memory of the tree, of all that is in use.
    fn memory(&self, resident: u64) -> Option<u32> {
        let used = memory_in_use(&fs::read_to_string(self.machine.join("meminfo")).ok()?)?;
        Some(ppm(resident, used))
    }

    /// Processor time and resident memory of the tree.
    ///
    /// Ended processes are in the time that their parent has waited for: the sum over the living of own and waited time holds each once.
    fn tree(&mut self) -> Option<(u64, u64)> {
        let processes: BTreeMap<u32, Process> = fs::read_dir(&self.processes)
            .ok()?
            .flatten()
            .filter_map(|entry| {
                let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
                Some((pid, Process::parse(&fs::read_to_string(entry.path().join("stat")).ok()?)?))
            })
            .collect();
        let root = processes.get(&self.root)?;
        self.ended = self.members.clone();
        self.members.retain(|pid, start| processes.get(pid).is_some_and(|p| p.start == *start));
        loop {
            let new: Vec<(u32, u64)> = processes
                .iter()
                .filter(|(pid, p)| !self.members.contains_key(pid) && (p.parent == self.root || self.members.contains_key(&p.parent)))
                .map(|(pid, p)| (*pid, p.start))
                .collect();
            if new.is_empty() {
                break;
            }
            self.members.extend(new);
        }
        let living = self.members.keys().filter_map(|pid| processes.get(pid));
        let (time, pages) = living.fold((root.waited, 0), |(time, pages), p| (time + p.own + p.waited, pages + p.resident_pages));
        Some((time, pages * self.page_bytes))
    }
}

/// A line of `/proc/PID/stat` as far as it is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Process {
    parent: u32,
    own: u64,
    waited: u64,
    start: u64,
    resident_pages: u64,
}

impl Process {
    fn parse(stat: &str) -> Option<Self> {
        // The name stands in parentheses and may hold anything, these too.
        let fields: Vec<&str> = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self {
            parent: u32::try_from(number(1)?).ok()?,
            own: number(11)? + number(12)?,
            waited: number(13)? + number(14)?,
            start: number(19)?,
            resident_pages: number(21)?,
        })
    }
}

/// Time in which processors ran something: user, nice, system, interrupts; without idling, waiting and what other guests took.
fn busy(stat: &str) -> Option<u64> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let times: Vec<u64> = line.split_ascii_whitespace().map_while(|n| n.parse().ok()).collect();
    [0, 1, 2, 5, 6].into_iter().map(|at| times.get(at).copied()).sum()
}

/// What programs hold of the memory, bytes.
fn memory_in_use(meminfo: &str) -> Option<u64> {
    let value = |key: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(key))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    };
    value("MemTotal:")?.checked_sub(value("MemAvailable:")?)?.checked_mul(1024)
}

/// `part` of `all` in millionths, at most the whole: counters of one moment are read one after the other.
fn ppm(part: u64, all: u64) -> u32 {
    let share = u128::from(part) * u128::from(WHOLE) / u128::from(all.max(1));
    u32::try_from(share.min(u128::from(WHOLE))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernel() {
        // proc(5): fields 4, 14 to 17, 22 and 24.
        let stat = "4711 (a) b (c) S 4000 4711 4000 0 -1 4194560 1 2 3 4 250 50 1000 200 20 0 9 0 123456 1000000 512 18446744073709551615";
        let process = Process { parent: 4000, own: 300, waited: 1200, start: 123_456, resident_pages: 512 };
        assert_eq!(Process::parse(stat), Some(process));
        assert_eq!(Process::parse("4711 (cut"), None);
        assert_eq!(busy("cpu  100 10 50 9000 40 5 5 70 0 0\ncpu0 1 2 3\n"), Some(170));
        assert_eq!(memory_in_use("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 600 kB\n"), Some(400 * 1024));
        assert_eq!((ppm(1, 4), ppm(9, 4), ppm(0, 0)), (250_000, 1_000_000, 0));
    }

    /// A tree of files in the place of `/proc`: a child, a grandchild that loses its parent, and a stranger.
    #[test]
    fn a_tree_and_its_orphans() {
        let folder = std::env::temp_dir().join(format!("carbon-report-attribution-{}", std::process::id()));
        let process = |pid: u32, parent: u32, own: u64, waited: u64| {
            fs::create_dir_all(folder.join(pid.to_string())).unwrap();
            let line = format!("{pid} (x) S {parent} 0 0 0 0 0 0 0 0 0 {own} 0 {waited} 0 0 0 0 0 7 0 10 0");
            fs::write(folder.join(pid.to_string()).join("stat"), line).unwrap();
        };
        let mut attribution = Attribution { processes: folder.clone(), root: 1, page_bytes: 4096, ..Attribution::new(Path::new("/")) };
        process(1, 0, 1000, 0);
        process(2, 1, 100, 10);
        process(3, 2, 50, 0);
        process(9, 0, 5000, 0);
        assert_eq!(attribution.tree(), Some((160, 2 * 10 * 4096)));
        // 2 ends and is waited for by the recorder, with what it had waited for; 3 is the machine's child now and still ours.
        fs::remove_dir_all(folder.join("2")).unwrap();
        process(1, 0, 1001, 110);
        process(3, 9, 70, 0);
        assert_eq!(attribution.tree(), Some((180, 10 * 4096)));
        // A driver's word of the process that ended, of the one that lives, and of a stranger.
        let uses = [Use { process: 2, amount: 30 }, Use { process: 3, amount: 30 }, Use { process: 9, amount: 20 }];
        attribution.same_numbers = true;
        assert_eq!((attribution.gpu(&uses), attribution.gpu(&[])), (Some(750_000), Some(0)));
        attribution.same_numbers = false;
        assert_eq!(attribution.gpu(&uses), None, "in a container a driver's numbers are other processes'");
        // Another process under an old number is another process.
        fs::write(folder.join("3/stat"), "3 (y) S 9 0 0 0 0 0 0 0 0 0 900 0 0 0 0 0 0 0 8 0 10 0").unwrap();
        assert_eq!(attribution.tree(), Some((110, 0)));
        fs::remove_dir_all(folder).unwrap();
    }
}
