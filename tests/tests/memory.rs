//! Memory does not grow with the log: it is measured while a log comes in by a pipe, and never over a time.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
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

/// Highest memory of the command, KiB, once it begins to write its report of this folder.
fn peak_of(folder: &std::path::Path) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_carbon-report-under-test"))
        .args([".", "-q", "--region", "FR", "--tz", "UTC", "--format", "json"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let mut report = child.stdout.take().expect("a pipe");
    // The report is longer than a pipe holds: its writer waits.
    let mut first = [0];
    report.read_exact(&mut first).expect("a report");
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("a running process");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("its highest memory");
    let mut rest = Vec::new();
    report.read_to_end(&mut rest).expect("a report");
    assert!(rest.len() > 1 << 17 && child.wait().expect("ended").success(), "{} bytes", rest.len());
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number")
}

/// What is kept of each device and of each small log, until all are known and the one rule decides, has a bound.
#[test]
fn devices_and_small_logs_take_kilobytes_each() {
    let place = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("memory-{}", std::process::id()));
    let _ = fs::remove_dir_all(&place);
    let devices = |count: usize| {
        let folder = place.join(format!("devices-{count}"));
        fs::create_dir_all(&folder).expect("a folder");
        let mut text = String::from("timestamp, uuid, name, power.draw [W]\n");
        for second in 0..5 {
            for device in 0..count {
                let _ = writeln!(
                    text,
                    "2025/06/12 14:00:{second:02}.000, GPU-{device:08x}-1111-2222-3333-{device:012x}, NVIDIA A100-SXM4-80GB, {}.00 W",
                    200 + device % 150
                );
            }
        }
        fs::write(folder.join("gpu.csv"), text).expect("written");
        peak_of(&folder)
    };
    let (few, many) = (devices(1_000), devices(10_000));
    assert!(many < 80 << 10, "{many} KiB for 10,000 devices of one table");
    let of_device = (many - few) as f64 / 9_000.0;
    let logs = |count: u32| {
        for log in 0..count {
            let folder = place.join(format!("logs-{count}/run{}", log / 1000));
            fs::create_dir_all(&folder).expect("a folder");
            let minute =
                |at: u32| format!("2025/06/{:02} {:02}:{:02}", 1 + log / 1440 % 28, log / 60 % 24, log % 60) + &format!(":{at:02}.000");
            let row = |at: u32| format!("{}, 0, NVIDIA A100-SXM4-80GB, {}.00 W\n", minute(at), 200 + log % 150);
            let rows: String = (0..10).map(row).collect();
            fs::write(folder.join(format!("gpu{log}.csv")), format!("timestamp, index, name, power.draw [W]\n{rows}")).expect("written");
        }
        peak_of(&place.join(format!("logs-{count}")))
    };
    let most = if full() { 20_000 } else { 4_000 };
    let (few, many) = (logs(1_000), logs(most));
    let of_log = many.saturating_sub(few) as f64 / f64::from(most - 1_000);
    fs::remove_dir_all(&place).expect("removed");
    assert!(of_device < 8.0 && of_log < 8.0, "{of_device:.1} KiB of each device, {of_log:.1} KiB of each log");
}
