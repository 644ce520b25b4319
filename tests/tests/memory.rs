//! Memory does not grow with the log: it is measured while a log comes in by a pipe, and never over a time.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use carbon_tests::promises::{full, shown};

/// Highest memory of the command, KiB, and what it says, for a log of so many seconds that comes by a pipe.
fn peak(seconds: u64) -> (u64, u64) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_carbon-report-under-test"))
        .args(["-", "-q", "--region", "FR", "--format", "json"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let mut pipe = child.stdin.take().expect("a pipe");
    let (mut text, mut bytes) = (String::from("timestamp,gpu_index,gpu_power_w\n"), 0);
    for second in 0..seconds {
        let _ = writeln!(text, "{},0,{}.{:02}", 1_749_737_001 + second, 200 + second % 97, second % 89);
        if text.len() > 1 << 16 || second + 1 == seconds {
            pipe.write_all(text.as_bytes()).expect("read");
            bytes += text.len() as u64;
            text.clear();
        }
    }
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("a running process");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("its highest memory");
    let kib = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number");
    drop(pipe);
    assert!(child.wait().expect("ended").success());
    (kib, bytes)
}

#[test]
fn memory_does_not_grow_with_the_log() {
    // Six hours of seconds, and four days. In a full run two days, and a month.
    let times = if full() { 8 } else { 1 };
    let ((small, few), (large, many)) = (peak(21_600 * times), peak(16 * 21_600 * times));
    let grown = large.saturating_sub(small);
    assert!(large < 64 << 10, "{large} KiB");
    // The profile of the run gets more hours; it is bounded apart. Rows leave nothing.
    assert!(grown < 4 << 10, "{grown} KiB more for {} MB more", (many - few) / 1_000_000);
    let [few, many] = [few, many].map(|bytes| bytes as f64 / 1e6);
    let [small, large] = [small, large].map(|kib| kib as f64 / 1024.0);
    shown(&format!("{few:.1} MB by a pipe take {small:.1} MiB at most, {many:.1} MB {large:.1} MiB"));
}
