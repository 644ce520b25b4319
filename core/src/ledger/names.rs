//! What the names of folders and files say of hosts: `node07/gpu.csv` is of a node, `rank3.csv` of a process on one.

use alloc::string::String;

/// Words for a machine, with a number behind them.
const HOSTS: &[&str] = &["node", "host", "server", "machine", "nid", "compute", "dgx", "cn"];

/// Words for one of several processes that may watch one machine.
const PROCESSES: &[&str] = &["rank", "localrank", "local_rank", "process", "proc", "worker", "task", "gpu", "cuda", "device", "job", "run"];

/// The host that a path names by such a word, the nearest to the file first.
pub(super) fn host_in(path: &str) -> Option<String> {
    path.rsplit('/').find_map(|part| numbered(part, HOSTS))
}

/// Whether a path names a process, and no host.
pub(super) fn names_process(path: &str) -> bool {
    host_in(path).is_none() && path.rsplit('/').any(|part| numbered(part, PROCESSES).is_some())
}

/// The folder of a file.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a path fits a pattern: `*` stands for any part of a name, `**` for folders too.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.as_bytes(), path.as_bytes());
    // The last star that was passed: where to go on in the pattern, and the next place to try in the path.
    let (mut p, mut at, mut retry) = (0, 0, None);
    loop {
        match (pattern.get(p), path.get(at)) {
            (Some(b'*'), _) => {
                let deep = pattern.get(p + 1) == Some(&b'*');
                p += if deep { 2 } else { 1 };
                retry = Some((p, at, deep));
            }
            (Some(a), Some(b)) if a == b => (p, at) = (p + 1, at + 1),
            (None, None) => return true,
            _ => {
                let Some((after, from, deep)) = retry else { return false };
                match path.get(from) {
                    Some(passed) if deep || *passed != b'/' => {
                        (p, at, retry) = (after, from + 1, Some((after, from + 1, deep)));
                    }
                    _ => return false,
                }
            }
        }
    }
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
    fn patterns_are_of_names_or_of_folders() {
        for (pattern, path) in
            [("gpu*.csv", "gpu7.csv"), ("**/gpu.csv", "a/b/gpu.csv"), ("a/*/gpu.csv", "a/x/gpu.csv"), ("**", "a/b"), ("a.csv", "a.csv")]
        {
            assert!(fits(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [("*.csv", "a/b.csv"), ("gpu?.csv", "gpu7.csv"), ("a/*", "a/b/c"), ("", "a"), ("a", "")] {
            assert!(!fits(pattern, path), "{pattern} {path}");
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
        for path in ["rank0/gpu.csv", "nodes/gpu.csv", "gpu.csv", "anode1/gpu.csv", "node1a/gpu.csv", "host/gpu.csv", "2026-01-05/gpu.csv"]
        {
            assert_eq!(named(path), None, "{path}");
        }
        assert!(names_process("rank0/emissions.csv") && names_process("logs/gpu_log_rank-3.csv") && names_process("local_rank0.csv"));
        assert!(!names_process("node1/rank0/emissions.csv") && !names_process("a/emissions.csv"));
    }
}
