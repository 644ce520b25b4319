//! The command on a machine that is not the author's: the same bytes anywhere, no secret in them, nothing half written, no hang on odd files.

#![cfg(unix)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use carbon_tests::command::{self, Outcome, is_unprintable};
use carbon_tests::{root, walk};

const DOCUMENTS: [&str; 8] = ["card.md", "card.mdx", "card.html", "card.json", "card.yaml", "card.csv", "card.tex", "card.svg"];

/// An empty folder that goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_carbon-report-under-test"))
}

fn run(command: &mut Command) -> Outcome {
    let outcome = command::run(command).unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
    assert!(!outcome.stderr.chars().any(is_unprintable) && !outcome.stdout.chars().any(is_unprintable), "{outcome:?}");
    outcome
}

/// Logs of several formats, put into `to` in the order of `order`.
fn copy_logs(to: &Path, reverse: bool) {
    let mut logs = Vec::new();
    walk(&root().join("examples"), &mut logs);
    logs.retain(|path| path.parent().is_some_and(|folder| folder.ends_with("logs")));
    logs.sort();
    assert!(logs.len() >= 6);
    if reverse {
        logs.reverse();
    }
    for log in &logs {
        let name = log.strip_prefix(root().join("examples")).expect("an example");
        fs::create_dir_all(to.join(name).parent().expect("a folder")).expect("a folder");
        fs::copy(log, to.join(name)).expect("a log");
    }
}

fn gpu_log(rows: u32) -> String {
    let row = |s: u32| format!("2025/06/12 14:{:02}:{:02}.000, 0, GPU-1, {}.00 W\n", s / 60, s % 60, 200 + s % 10);
    std::iter::once(String::from("timestamp, index, uuid, power.draw [W]\n")).chain((0..rows).map(row)).collect()
}

/// Law 5. Everything that a machine may have of its own is changed at once, and each thread count tried.
#[test]
fn the_same_bytes_on_any_machine() {
    let mut first: Option<Vec<Vec<u8>>> = None;
    for (number, (threads, zone, language)) in
        [("1", "UTC", "C"), ("2", "Asia/Kolkata", "de_DE.UTF-8"), ("7", "America/St_Johns", "tr_TR.UTF-8")].into_iter().enumerate()
    {
        let folder = Folder::new(&format!("machine-{number}"));
        copy_logs(&folder.0.join("logs"), number == 1);
        let mut command = program();
        command.current_dir(&folder.0).args(["logs", "-q", "--threads", threads, "--region", "FR", "--length", "full"]);
        command.args(DOCUMENTS.iter().flat_map(|name| ["-o", name]));
        command.env("TZ", zone).env("LANG", language).env("LC_ALL", language).env("HOME", folder.0.join("home")).env("USER", language);
        assert_eq!(run(&mut command).status, 0);
        let documents = DOCUMENTS.iter().map(|name| fs::read(folder.0.join(name)).expect("a document")).collect();
        match &first {
            None => first = Some(documents),
            Some(first) => {
                for ((name, a), b) in DOCUMENTS.iter().zip(first).zip(&documents) {
                    assert!(a == b, "{name} differs with {threads} threads, TZ={zone}, LANG={language}");
                }
            }
        }
    }
}

/// What only this machine knows stays here: who ran it, where, and what a log says of places and command lines.
#[test]
fn no_secret_leaves() {
    let folder = Folder::new("canary-path");
    let logs = folder.0.join("logs");
    fs::create_dir_all(&logs).expect("a folder");
    fs::write(logs.join("gpu.csv"), gpu_log(120)).expect("a log");
    let tracker = fs::read_to_string(root().join("examples/gpu-node/logs/emissions.csv")).expect("an example");
    let header: Vec<&str> = tracker.lines().next().expect("a header").split(',').collect();
    let row: Vec<&str> = tracker.lines().nth(1).expect("a row").split(',').collect();
    assert_eq!(header.len(), row.len(), "the example has no quoted cells");
    let secret = |name: &str, cell: &str| match name {
        "longitude" => String::from("48.8512345"),
        "latitude" => String::from("2.2912345"),
        _ => String::from(cell),
    };
    let row: Vec<String> = header.iter().zip(&row).map(|(name, cell)| secret(name, cell)).collect();
    fs::write(logs.join("emissions.csv"), format!("{}\n{}\n", header.join(","), row.join(","))).expect("a log");
    let mut command = program();
    command.current_dir(&folder.0).arg(&logs).args(DOCUMENTS.iter().flat_map(|name| ["-o", name])).args(["--length", "full"]);
    for name in ["HOME", "USER", "LOGNAME", "HOSTNAME", "HF_TOKEN", "HTTPS_PROXY"] {
        command.env(name, "/home/canary-env");
    }
    let outcome = run(&mut command);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    for name in DOCUMENTS {
        let text = fs::read_to_string(folder.0.join(name)).expect("a document");
        let secrets = ["canary-path", "canary-env", "48.8512345", "2.2912345"];
        for secret in secrets.into_iter().chain(Some(host.trim()).filter(|host| host.len() > 5)) {
            assert!(!text.contains(secret), "{name} holds {secret}");
        }
    }
    assert!(!outcome.stderr.contains("canary-env") && !outcome.stdout.contains("canary"), "{outcome:?}");
}

/// A folder of everything that is no plain file, beside one log: the log counts, the rest is told, and nothing hangs.
#[test]
fn odd_files_are_told_and_nothing_hangs() {
    let folder = Folder::new("odd-files");
    let logs = folder.0.join("logs");
    fs::create_dir_all(&logs).expect("a folder");
    fs::write(logs.join("gpu.csv"), gpu_log(120)).expect("a log");
    assert!(Command::new("mkfifo").arg(logs.join("pipe.csv")).status().is_ok_and(|status| status.success()));
    for (target, name) in [
        ("/dev/zero", "zero.csv"),
        ("/dev/tty", "tty.csv"),
        ("loop-b", "loop-a"),
        ("loop-a", "loop-b"),
        ("..", "up"),
        ("gone", "dangling.csv"),
    ] {
        symlink(target, logs.join(name)).expect("a link");
    }
    let odd: [&[u8]; 6] =
        [b"new\nline.csv", b"esc\x1b]0;owned\x07.csv", b"latin-\xe9.csv", b"--help", b"<img src=x onerror=alert(1)>.csv", b"| a | `b`.csv"];
    for name in odd {
        fs::write(logs.join(OsStr::from_bytes(name)), "no log\n").expect("a file");
    }
    fs::write(logs.join(OsString::from_vec([b"\xc3\xa9".repeat(125), b"x.csv".to_vec()].concat())), "no log\n")
        .expect("a name of 255 bytes");
    let deep = (0..200).fold(logs.clone(), |path, _| path.join("d"));
    fs::create_dir_all(deep).expect("deep folders");
    let outcome =
        run(program().current_dir(&folder.0).args(["logs", "-o", "card.json", "-o", "card.md", "-o", "card.html", "--length", "full"]));
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(folder.0.join("card.json")).expect("a report")).expect("JSON");
    // 120 rows of 204.5 W in the mean by trapezoid, by hand: 119 s, ends at 200 W and 209 W.
    let joules = (0..119).map(|s| f64::from(200 + s % 10 + 200 + (s + 1) % 10) / 2.0).sum::<f64>();
    let kwh = report["energy"]["logged_kwh"]["value"].as_f64().expect("energy");
    assert!((kwh - joules / 3.6e6).abs() < 1e-15, "{kwh}");
    let inputs = report["inputs"].as_array().expect("inputs").len();
    assert!(inputs >= 15, "only {inputs} entries are told");
    let page = fs::read_to_string(folder.0.join("card.html")).expect("a page");
    assert!(!page.contains("<img"));
    // Named, each is an error of its own and still nothing hangs.
    for name in ["pipe.csv", "loop-a", "dangling.csv", "zero.csv"] {
        let outcome = run(program().current_dir(&logs).args(["gpu.csv", name, "-q"]));
        assert!(outcome.status == 1 || outcome.status == 2, "{name}: {outcome:?}");
        assert!(outcome.stderr.contains(name), "{name}: {}", outcome.stderr);
    }
}

/// One bad file among fifty: the card is made, the exit status says that something is wrong.
#[test]
fn one_bad_log_among_fifty_is_seen() {
    let folder = Folder::new("fifty");
    for number in 0..50 {
        fs::create_dir_all(folder.0.join(format!("logs/node{number:02}"))).expect("a folder");
        fs::write(folder.0.join(format!("logs/node{number:02}/gpu.csv")), gpu_log(20).replace("GPU-1", &format!("GPU-5c1f{number:04}")))
            .expect("a log");
    }
    fs::write(folder.0.join("logs/node07/broken.csv"), "timestamp, index, utilization.gpu [%]\n2025/06/12 14:00:00.000, 0, 50 %\n")
        .expect("a log");
    let outcome = run(program().current_dir(&folder.0).args(["logs", "--format", "json"]));
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.contains("node07/broken.csv"), "{}", outcome.stderr);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("a report");
    assert_eq!(report["activities"].as_array().map(Vec::len), Some(50));
}

/// Killed while it writes, it leaves the old card or the new one.
#[test]
fn a_kill_leaves_the_old_card_or_the_new() {
    let folder = Folder::new("kill");
    fs::create_dir_all(folder.0.join("logs")).expect("a folder");
    fs::write(folder.0.join("logs/gpu.csv"), gpu_log(600)).expect("a log");
    let render = |title: &str| {
        let mut command = program();
        command.current_dir(&folder.0).args(["logs", "-q", "-o", "card.html", "--title", title]);
        command
    };
    let card = || fs::read_to_string(folder.0.join("card.html")).expect("a card");
    run(&mut render("new"));
    let new = card();
    run(&mut render("old"));
    let old = card();
    assert_ne!(old, new);
    let mut caught = 0;
    for _ in 0..12 {
        let mut child = render("new").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
        // The moment to strike is when the file beside it appears.
        let writing = || {
            let entries = fs::read_dir(&folder.0).expect("a folder").flatten();
            entries.map(|entry| entry.file_name()).any(|name| name.as_bytes().ends_with(b".tmp"))
        };
        while child.try_wait().expect("its state").is_none() {
            if writing() {
                child.kill().expect("killed");
                caught += 1;
                break;
            }
        }
        child.wait().expect("ended");
        let found = card();
        assert!(found == old || found == new, "a card that is neither");
        for entry in fs::read_dir(&folder.0).expect("a folder").flatten().filter(|e| e.file_name().as_bytes().ends_with(b".tmp")) {
            fs::remove_file(entry.path()).expect("removed");
        }
        run(&mut render("old"));
    }
    assert!(caught > 0, "no run was caught while it wrote");
}

#[test]
fn a_full_disk_is_told() {
    let folder = Folder::new("full-disk");
    fs::write(folder.0.join("gpu.csv"), gpu_log(20)).expect("a log");
    for (arguments, expected) in [(&["gpu.csv"][..], 2), (&["regions"], 2), (&["explain", "coverage"], 2)] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let output = program().current_dir(&folder.0).args(arguments).stdin(Stdio::null()).stdout(full).output().expect("run");
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stderr).contains("error: "), "{arguments:?}");
    }
}
