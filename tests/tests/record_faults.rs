//! What goes wrong around the recorder costs samples at most: disks that are full or broken, calls that are cut short, clocks that jump, no time to run.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use carbon_core::read::carbon_report_jsonl::record::{Cause, Content};
use carbon_tests::recording::{Folder, ended, faults, signal, until};

const RECORDER: &str = env!("CARGO_BIN_EXE_carbon-report-under-test");
const INSIDE: &str = env!("CARGO_TARGET_TMPDIR");

/// Runs until `stop` is there; its output and status must come through whatever happens to the log.
const PROGRAM: &str = "echo output; until [ -e stop ]; do sleep 0.01; done; exit 42";

fn record(folder: &Folder, variables: &[(&str, &str)]) -> Child {
    Command::new(RECORDER)
        .args(["record", "--interval", "5ms", "-o", "logs", "--", "sh", "-c", PROGRAM])
        .current_dir(folder.path())
        .envs(variables.iter().copied())
        .env("LD_PRELOAD", faults(INSIDE))
        .stdout(Stdio::piped())
        .stderr(Stdio::from(fs::File::create(folder.file("messages")).expect("a file")))
        .spawn()
        .expect("a run")
}

fn stop(folder: &Folder, child: Child) -> Output {
    fs::write(folder.file("stop"), "").expect("a file");
    child.wait_with_output().expect("a status")
}

fn messages(folder: &Folder) -> String {
    fs::read_to_string(folder.file("messages")).expect("text")
}

#[test]
fn every_call_may_fail() {
    let kinds = [
        ("write", "ENOSPC", Some(Cause::DiskFull)),
        ("write", "EDQUOT", Some(Cause::DiskFull)),
        ("write", "EIO", Some(Cause::WriteError)),
        ("write", "EACCES", Some(Cause::WriteError)),
        ("write", "EINTR", None),
        ("write", "SHORT", None),
        ("fdatasync", "EIO", Some(Cause::WriteError)),
        ("open", "ENOSPC", Some(Cause::DiskFull)),
        ("open", "EACCES", Some(Cause::WriteError)),
    ];
    for (call, error, cause) in &kinds {
        let call = *call;
        // The first calls of a run, one of its middle, and several in a row. Only one call opens a file, and one synchronises it, in so short a run.
        let at: &[(u32, u32)] = if call == "write" { &[(1, 1), (2, 1), (7, 1), (3, 5)] } else { &[(1, 1), (1, 4)] };
        for (first, times) in at {
            let case = format!("{call}:{first}:{times}:{error}");
            let folder = Folder::new(INSIDE);
            let fired = folder.file("fired");
            let child = record(&folder, &[("FAULTS", &case), ("FAULTS_FIRED", fired.to_str().expect("text"))]);
            until(&format!("{case} happens"), || fired.exists());
            // It has to go on after it: later samples are in the log.
            until(&format!("{case}: ticks after it"), || folder.log().count("sample") > 20);
            let out = stop(&folder, child);
            assert_eq!(out.status.code(), Some(42), "{case}");
            assert_eq!(out.stdout, b"output\n", "{case}");
            let (log, told) = (folder.log(), messages(&folder));
            assert_eq!(log.missing(), Vec::<u64>::new(), "{case}: what could not be written waited");
            assert_eq!(log.count("end"), 1, "{case}");
            assert!(log.damaged.is_empty() && log.unterminated == 0, "{case}: {:?}", log.damaged);
            // What begins a file is tried twice in a tick: one fault there is nobody's business.
            let cause = cause.as_ref().filter(|_| call == "fdatasync" || (*first, *times) != (1, 1));
            assert_eq!(told.matches("the log can't be written").count(), usize::from(cause.is_some()), "{case}: {told}");
            assert_eq!(log.causes().into_iter().find(|c| matches!(c, Cause::DiskFull | Cause::WriteError)), cause, "{case}");
            assert!(log.records.iter().filter(|r| r.sequence == 0).count() == 1, "{case}: no record twice");
        }
    }
}

/// A real file system without room: the recorder fills it, room comes back, everything that waited is there.
#[test]
fn a_full_disk() {
    let folder = Folder::new(INSIDE);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("preload/full_disk.sh");
    let as_root = fs::metadata("/proc/self").map(|m| std::os::unix::fs::MetadataExt::uid(&m)).ok() == Some(0);
    let out = Command::new("unshare")
        .args(if as_root { ["-m"] } else { ["-rm"] })
        .arg("sh")
        .arg(script)
        .arg(RECORDER)
        .current_dir(folder.path())
        .output()
        .expect("unshare of util-linux");
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    if out.status.code() == Some(77) {
        eprintln!("NOT TESTED: no file system can be mounted here, so a really full disk was not tried:\n{told}");
        return;
    }
    assert_eq!(out.status.code(), Some(42), "{told}");
    let (log, messages) = (folder.log(), messages(&folder));
    assert_eq!(messages.matches("the log can't be written: No space left on device").count(), 1, "{messages}");
    assert!(log.causes().contains(&&Cause::DiskFull));
    assert_eq!(log.missing(), Vec::<u64>::new(), "an hour of samples may wait");
    assert!(log.damaged.len() <= 1, "at most the line that the disk was full in: {:?}", log.damaged);
    assert_eq!(log.count("end"), 1);
}

#[test]
fn a_read_only_folder_costs_the_log_alone() {
    let folder = Folder::new(INSIDE);
    fs::write(folder.file("logs"), "a file where a folder should be").expect("a file");
    let out = stop(&folder, record(&folder, &[]));
    assert_eq!((out.status.code(), out.stdout.as_slice()), (Some(42), b"output\n".as_slice()));
    let told = messages(&folder);
    assert!(told.contains("the log can't be written") && told.contains("there is no log"), "{told}");
}

#[test]
fn a_limit_on_the_size_of_files() {
    let folder = Folder::new(INSIDE);
    // 64 blocks of 512 bytes: the kernel would end a program that writes more, by SIGXFSZ.
    let words = format!("ulimit -f 64; exec {RECORDER} record -q --interval 1ms -o logs -- sh -c '{PROGRAM}'");
    let child = Command::new("sh").args(["-c", &words]).current_dir(folder.path()).stdout(Stdio::piped()).spawn().expect("sh");
    until("a second file", || folder.logs().len() > 1);
    let out = stop(&folder, child);
    assert_eq!(out.status.code(), Some(42));
    let log = folder.log();
    assert_eq!(log.missing(), Vec::<u64>::new());
    assert!(log.causes().contains(&&Cause::WriteError));
}

#[test]
fn clocks_that_jump_are_told_by_cause() {
    for (text, expected) in [("3600 0", Cause::ClockSet), ("-3600 0", Cause::ClockSet), ("7200 7200", Cause::Suspend)] {
        let folder = Folder::new(INSIDE);
        let clocks = folder.file("clocks");
        let child = record(&folder, &[("CLOCKS", clocks.to_str().expect("text"))]);
        until("ticks", || folder.log().count("sample") > 3);
        fs::write(folder.file("new"), text).expect("a file");
        fs::rename(folder.file("new"), &clocks).expect("renamed");
        until("a gap", || folder.log().count("gap") > 0);
        stop(&folder, child);
        let log = folder.log();
        let causes = log.causes();
        assert!(causes.contains(&&expected), "{text}: {causes:?}");
        assert!(!causes.iter().any(|c| **c != expected && matches!(c, Cause::ClockSet | Cause::Suspend)), "{text}: {causes:?}");
    }
}

/// Wherever it was when it was stopped: between two ticks (most likely), or in the middle of writing one.
#[test]
fn a_recorder_that_was_stopped_says_so() {
    for inside in [&[][..], &[("FAULTS", "write:5:1:STOP")]] {
        let folder = Folder::new(INSIDE);
        let mut child = record(&folder, inside);
        let pid = child.id();
        if inside.is_empty() {
            until("ticks", || folder.log().count("sample") > 3);
            signal("STOP", pid);
        }
        until("it stands still", || fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") T ")));
        let ticks = || folder.log().count("sample");
        let (before, stopped) = (ticks(), std::time::Instant::now());
        // As long as it takes to be late: the clock is the condition.
        until("it is late", || stopped.elapsed().as_millis() > 1500);
        signal("CONT", pid);
        until("ticks again", || ticks() > before + 2);
        fs::write(folder.file("stop"), "").expect("a file");
        assert_eq!(ended(&mut child).code(), Some(42));
        let log = folder.log();
        // The longest: a busy machine may have starved it before.
        let gaps = log.records.iter().filter_map(|r| match &r.content {
            Content::Gap(gap) if gap.cause == Cause::Starved => {
                Some((gap.to.expect("an end").mono - gap.from.expect("a start").mono).as_seconds())
            }
            _ => None,
        });
        let seconds = gaps.fold(f64::NAN, f64::max);
        assert!((1.5..30.0).contains(&seconds), "{inside:?}: {seconds} s; {:?}", log.causes());
    }
}

#[test]
fn two_at_once_share_nothing() {
    let folder = Folder::new(INSIDE);
    let (first, second) = (record(&folder, &[]), record(&folder, &[]));
    until("two logs", || folder.logs().len() == 2 && folder.log().count("sample") > 6);
    fs::write(folder.file("stop"), "").expect("a file");
    for child in [first, second] {
        assert_eq!(child.wait_with_output().expect("a status").status.code(), Some(42));
    }
    let log = folder.log();
    assert_eq!((log.count("machine"), log.count("end"), log.damaged.len()), (2, 2, 0));
}

#[test]
fn open_files_do_not_grow() {
    let folder = Folder::new(INSIDE);
    let mut child = Command::new(RECORDER)
        .args(["record", "-q", "--interval", "1ms", "--rotate", "64KiB", "-o", "logs", "--", "sh", "-c", PROGRAM])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("a run");
    // Within a tick the kernel's files are open for a moment: the fewest of many looks is what stays open.
    let look = || fs::read_dir(format!("/proc/{}/fd", child.id())).expect("it runs").count();
    let open = || {
        let looks = (0..200).map(|_| {
            thread::sleep(Duration::from_millis(3));
            look()
        });
        looks.min()
    };
    until("a second file", || folder.logs().len() > 1);
    let before = open();
    until("four files", || folder.logs().len() > 3);
    let after = open();
    assert!(after <= before, "{after:?} files are open, and were {before:?}");
    fs::write(folder.file("stop"), "").expect("a file");
    assert_eq!(ended(&mut child).code(), Some(42));
    let log = folder.log();
    assert_eq!((log.missing(), log.count("machine"), log.damaged.len()), (Vec::new(), folder.logs().len(), 0));
}
