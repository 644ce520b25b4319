//! What the machine record says of the machine: nothing that names a user, a host or a path.

use std::fs;

use super::SourceOptions;

/// Facts of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Hash of the machine's random id: of use only to tell that two logs are of one machine.
    pub host: Option<String>,
    /// Hash of the random id of this boot.
    pub boot: Option<String>,
    /// System and release.
    pub kernel: Option<String>,
    /// Processor model.
    pub cpu: Option<String>,
    /// Processor packages.
    pub cpu_packages: u32,
    /// Processors that programs run on.
    pub cpu_threads: u32,
    /// The processors are a virtual machine's.
    pub is_virtual: bool,
    /// Memory, bytes.
    pub memory_bytes: Option<u64>,
}

impl Machine {
    /// Looks at the machine.
    pub fn look(options: &SourceOptions) -> Self {
        let read = |path: &str| fs::read_to_string(options.path(path)).ok();
        let random_id = |path: &str| read(path).map(|id| id.trim().to_owned()).filter(|id| id.len() >= 32);
        let boot = random_id("proc/sys/kernel/random/boot_id");
        // In a container the machine id is that of the image, if there is one at all: it would make one machine of many. The id of the boot is the
        // kernel's own everywhere.
        let contained = [".dockerenv", "run/.containerenv"].iter().any(|file| options.path(file).exists());
        let host = random_id("etc/machine-id").filter(|_| !contained).or_else(|| boot.clone());
        let cpuinfo = read("proc/cpuinfo").unwrap_or_default();
        Self {
            host: host.map(|id| hashed("host", &id)),
            boot: boot.map(|id| hashed("boot", &id)),
            kernel: read("proc/sys/kernel/osrelease").map(|release| format!("Linux {}", release.trim())).or_else(system),
            cpu: cpu_model(&cpuinfo),
            cpu_packages: cpu_packages(&cpuinfo),
            cpu_threads: cpu_threads(&cpuinfo),
            is_virtual: is_virtual(&cpuinfo),
            memory_bytes: read("proc/meminfo").and_then(|text| total_memory(&text)),
        }
    }
}

/// The system where it shows no release.
fn system() -> Option<String> {
    Some(std::env::consts::OS.to_owned())
}

/// Both ids are random, 128 bits long and known to everyone on the machine: the salt keeps the hash from being that of another program, and what
/// is left of it does not lead back.
fn hashed(what: &str, id: &str) -> String {
    let key = blake3::derive_key(&format!("carbon-report sampler log, {what} id, 1"), id.as_bytes());
    key.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn cpu_model(cpuinfo: &str) -> Option<String> {
    let value = |key: &str| cpuinfo.lines().find_map(|line| line.split_once(':').filter(|(k, _)| k.trim() == key).map(|(_, v)| v.trim()));
    value("model name").or_else(|| value("Model")).or_else(|| value("cpu model")).filter(|v| !v.is_empty()).map(str::to_owned)
}

fn cpu_packages(cpuinfo: &str) -> u32 {
    let mut ids: Vec<&str> =
        cpuinfo.lines().filter_map(|line| line.split_once(':').filter(|(k, _)| k.trim() == "physical id").map(|(_, v)| v.trim())).collect();
    ids.sort_unstable();
    ids.dedup();
    u32::try_from(ids.len()).unwrap_or(1).max(1)
}

fn cpu_threads(cpuinfo: &str) -> u32 {
    let threads = cpuinfo.lines().filter(|line| line.split(':').next().is_some_and(|key| key.trim() == "processor")).count();
    u32::try_from(threads).unwrap_or(u32::MAX)
}

fn is_virtual(cpuinfo: &str) -> bool {
    cpuinfo.lines().any(|line| line.starts_with("flags") && line.split_whitespace().any(|flag| flag == "hypervisor"))
}

fn total_memory(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_of_a_tree() {
        let cpuinfo =
            "processor\t: 0\nmodel name\t: AMD EPYC 7763 64-Core Processor\nphysical id\t: 0\n\nprocessor\t: 1\nphysical id\t: 1\n";
        assert_eq!(cpu_model(cpuinfo).as_deref(), Some("AMD EPYC 7763 64-Core Processor"));
        assert_eq!(cpu_packages(cpuinfo), 2);
        assert_eq!((cpu_packages(""), cpu_threads(cpuinfo)), (1, 2));
        assert!(!is_virtual(cpuinfo) && is_virtual("flags\t\t: fpu hypervisor lahf_lm\n"));
        assert_eq!(total_memory("MemTotal:       65536000 kB\n"), Some(67_108_864_000));
    }

    #[test]
    fn ids_leave_no_trace_of_themselves() {
        let id = "0123456789abcdef0123456789abcdef";
        let (host, boot) = (hashed("host", id), hashed("boot", id));
        assert!(host.len() == 16 && host != boot && !id.contains(&host[..4]));
    }
}
