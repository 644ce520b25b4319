//! From the recorder to the card: what was counted, what is told beside it, and what is never written down.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::{Command, Output, Stdio};

use carbon_core::read::carbon_report_jsonl::record::{Content, Record};
use carbon_tests::recording::{Folder, ended, signal, until};

const RECORDER: &str = env!("CARGO_BIN_EXE_carbon-report-under-test");
const INSIDE: &str = env!("CARGO_TARGET_TMPDIR");

/// A machine made of files, with one energy counter that stands at 1 J.
fn machine() -> Folder {
    let folder = Folder::new(INSIDE);
    let zone = folder.file("machine/sys/class/powercap/intel-rapl:0");
    fs::create_dir_all(&zone).expect("a folder");
    for (name, value) in [("name", "package-0"), ("max_energy_range_uj", "262143328850"), ("energy_uj", "1000000")] {
        fs::write(zone.join(name), format!("{value}\n")).expect("a file");
    }
    folder
}

fn counts(folder: &Folder, microjoules: u64) {
    // In place: the recorder keeps the file open.
    fs::write(folder.file("machine/sys/class/powercap/intel-rapl:0/energy_uj"), format!("{microjoules}\n")).expect("a file");
}

fn record(folder: &Folder, options: &[&str]) -> Command {
    record_each("100ms", folder, options)
}

fn record_each(interval: &str, folder: &Folder, options: &[&str]) -> Command {
    let mut command = Command::new(RECORDER);
    command
        .args(["record", "--interval", interval, "-o", "logs", "--host-root", "machine"])
        .args(options)
        .args(["--", "sh", "-c", "touch program; until [ -e stop ] || ! [ -e program ]; do sleep 0.01; done; rm -f program; exit 4"])
        .current_dir(folder.path())
        .stdin(Stdio::null());
    command
}

fn report(folder: &Folder) -> serde_json::Value {
    let out = Command::new(RECORDER).args(["logs", "--format", "json", "-q"]).current_dir(folder.path()).output().expect("a report");
    serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)))
}

fn text(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// How often the card says that a run has no end.
fn unended(report: &serde_json::Value) -> usize {
    report["quality"].as_array().expect("notes").iter().filter(|note| note["code"] == "run-unended").count()
}

/// Whether every log has a sample with this value of the counter.
fn all_have_seen(folder: &Folder, microjoules: u64) -> bool {
    let logs = folder.logs();
    !logs.is_empty()
        && logs.iter().all(|log| {
            let lines = fs::read(log).unwrap_or_default();
            lines.split(|b| *b == b'\n').filter_map(|line| Record::decode(line).ok()).any(|record| match record.content {
                Content::Sample(readings) => readings.iter().any(|r| r.counter == Some(microjoules)),
                _ => false,
            })
        })
}

/// 18 J are 5 mWh: 18 ÷ 3600 Wh.
const JOULES_18: f64 = 5e-6;

#[test]
fn the_summary_and_the_card_count_what_the_counter_counted() {
    let folder = machine();
    let child = record(&folder, &["--region", "FR"]).stderr(Stdio::piped()).spawn().expect("a run");
    until("a first reading", || all_have_seen(&folder, 1_000_000));
    counts(&folder, 19_000_000);
    until("a second reading", || all_have_seen(&folder, 19_000_000));
    fs::write(folder.file("stop"), "").expect("a file");
    let out = child.wait_with_output().expect("a status");
    assert_eq!(out.status.code(), Some(4));
    let told = text(&out);
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("energy: 5.00 mWh (95% interval ") && lines[0].contains("CPU 5.00 mWh (measured)"), "{told}");
    assert!(lines[1].starts_with("emissions: about ") && lines[1].contains("France, "), "{told}");
    assert!(lines[2].starts_with("card: carbon-report logs/carbon-report-") && lines[2].ends_with(" --region FR -o card.md"), "{told}");
    assert_eq!(lines.len(), 3, "{told}");
    let report = report(&folder);
    assert!((report["energy"]["logged_kwh"]["value"].as_f64().expect("a number") - JOULES_18).abs() < 1e-15, "{}", report["energy"]);
    assert_eq!(report["activities"][0]["basis"], "measured");
    assert!(report.get("allocations").is_none());
    assert_eq!(unended(&report), 0);
    let quiet = record(&folder, &["-q"]).output().expect("a run");
    assert_eq!((quiet.status.code(), text(&quiet)), (Some(4), String::new()));
}

#[test]
fn two_recorders_at_once_count_once() {
    let folder = machine();
    let mut children: Vec<_> = (0..2).map(|_| record(&folder, &["-q"]).spawn().expect("a run")).collect();
    until("two first readings", || folder.logs().len() == 2 && all_have_seen(&folder, 1_000_000));
    counts(&folder, 19_000_000);
    until("two second readings", || all_have_seen(&folder, 19_000_000));
    fs::write(folder.file("stop"), "").expect("a file");
    children.iter_mut().for_each(|child| assert_eq!(ended(child).code(), Some(4)));
    let report = report(&folder);
    assert!((report["energy"]["logged_kwh"]["value"].as_f64().expect("a number") - JOULES_18).abs() < 1e-15, "{}", report["energy"]);
}

/// A run that was killed in the middle of a record: measured for what was measured, and the torn line told.
#[test]
fn a_torn_log_is_as_good() {
    let folder = machine();
    let mut child = record(&folder, &["-q"]).spawn().expect("a run");
    until("a first reading", || all_have_seen(&folder, 1_000_000));
    counts(&folder, 19_000_000);
    until("a second reading", || all_have_seen(&folder, 19_000_000));
    assert_eq!(unended(&report(&folder)), 1, "a run that is still recorded");
    signal("KILL", child.id());
    ended(&mut child);
    // The program runs on, and ends when it is told to; nothing of it is left behind.
    fs::write(folder.file("stop"), "").expect("a file");
    until("the program ends", || !folder.file("program").exists());
    let [log] = folder.logs().try_into().expect("one log");
    let mut torn = fs::read(&log).expect("the log");
    torn.extend_from_slice(b"{\"sample\":99,\"clock_us\":[17");
    fs::write(&log, torn).expect("a file");
    let report = report(&folder);
    assert!((report["energy"]["logged_kwh"]["value"].as_f64().expect("a number") - JOULES_18).abs() < 1e-15, "{}", report["energy"]);
    assert_eq!(report["inputs"][0]["rows_skipped"][0]["reason"], "last_line_cut");
    assert_eq!(unended(&report), 1);
}

#[test]
fn the_programs_share_stands_beside_the_energy() {
    let folder = machine();
    fs::create_dir_all(folder.file("machine/proc")).expect("a folder");
    fs::copy("/proc/stat", folder.file("machine/proc/stat")).expect("a file");
    let mut child = record(&folder, &["-q", "--attribute"]).spawn().expect("a run");
    until("a first reading", || all_have_seen(&folder, 1_000_000));
    counts(&folder, 19_000_000);
    until("a second reading", || all_have_seen(&folder, 19_000_000));
    fs::write(folder.file("stop"), "").expect("a file");
    ended(&mut child);
    assert!(folder.log().count("share") > 0);
    let report = report(&folder);
    // The machine's file stands still: no process of it ran, and the program has no part.
    let [allocation] = report["allocations"].as_array().expect("a list").as_slice() else { panic!("{}", report["allocations"]) };
    assert_eq!((allocation["component"].as_str(), allocation["share"].as_f64()), (Some("cpu"), Some(0.0)));
    assert!((allocation["of_kwh"].as_f64().expect("a number") - JOULES_18).abs() < 1e-15);
    assert!((report["energy"]["logged_kwh"]["value"].as_f64().expect("a number") - JOULES_18).abs() < 1e-15, "the total is the machine's");
    let row = report["boundary"].as_array().expect("rows").iter().find(|row| row["counted"] == "separately").expect("a row of its own");
    assert!(row["how"].as_str().expect("text").contains("an allocation, not a measurement"), "{row}");
}

#[test]
fn marks_come_from_inside() {
    let folder = Folder::new(INSIDE);
    let helper = carbon_tests::root().join("python/carbon_report/mark.py");
    fs::copy(helper, folder.file("mark.py")).expect("the Python module");
    let script = format!(
        "{RECORDER} mark 'epoch 1' --metric loss=0.5 -m accuracy=0.75 && python3 -c \"\nfrom mark import mark\nassert mark('epoch 2', loss=0.25, worst=float('inf'))\""
    );
    let run = |program: &[&str]| {
        Command::new(RECORDER).args(program).current_dir(folder.path()).env_remove("CARBON_REPORT_MARKS").output().expect("a run")
    };
    let out = run(&["record", "-q", "--", "sh", "-c", &script]);
    assert_eq!((out.status.code(), text(&out)), (Some(0), String::new()));
    let marks: Vec<_> = folder
        .log()
        .records
        .into_iter()
        .filter_map(|record| match record.content {
            Content::Mark(mark) => Some((mark.text, mark.metrics.into_iter().collect::<Vec<_>>())),
            _ => None,
        })
        .collect();
    let metric = |name: &str, value| (String::from(name), value);
    assert_eq!(
        marks,
        [("epoch 1".into(), vec![metric("accuracy", 0.75), metric("loss", 0.5)]), ("epoch 2".into(), vec![metric("loss", 0.25)])]
    );
    // Without a recorder: nothing is said, and the status says it.
    let alone = run(&["mark", "epoch 1"]);
    assert_eq!((alone.status.code(), alone.stdout.len(), alone.stderr.len()), (Some(1), 0, 0));
    let python = Command::new("python3")
        .args(["-c", "from mark import mark; assert mark('x') is False"])
        .current_dir(folder.path())
        .env_remove("CARBON_REPORT_MARKS")
        .status();
    assert!(python.expect("python3").success());
    assert_eq!(run(&["mark", " "]).status.code(), Some(2));
    assert_eq!(run(&["mark", "x", "--metric", "loss=much"]).status.code(), Some(2));
}

/// Without a sensor the epochs are known by a model, and the prediction says so.
#[test]
fn epochs_are_predicted_from_marks_and_a_model() {
    let folder = Folder::new(INSIDE);
    fs::create_dir_all(folder.file("machine/proc")).expect("a folder");
    fs::write(folder.file("machine/proc/meminfo"), "MemTotal:       16777216 kB\nMemAvailable:   8388608 kB\n").expect("a file");
    let script = format!("for epoch in 1 2 3; do {RECORDER} mark \"epoch $epoch\"; sleep 0.3; done");
    let recorded = Command::new(RECORDER)
        .args(["record", "-q", "--interval", "20ms", "--host-root", "machine", "--", "sh", "-c", &script])
        .current_dir(folder.path())
        .status();
    assert!(recorded.expect("a run").success());
    let out = Command::new(RECORDER).args(["logs", "--predict-epochs", "10", "--format", "json", "-q"]).current_dir(folder.path()).output();
    let report: serde_json::Value = serde_json::from_slice(&out.expect("a report").stdout).expect("a report");
    let prediction = &report["prediction"];
    assert_eq!((prediction["epochs_known"].as_u64(), prediction["epochs"].as_u64()), (Some(2), Some(10)), "{prediction}");
    let text = prediction["text"].as_str().expect("text");
    assert!(text.contains("of it estimated") && report["energy"]["measured_share"] == 0.0, "{text}");
}

#[test]
fn a_run_is_followed_to_its_end() {
    let folder = machine();
    let mut child = record(&folder, &["-q"]).spawn().expect("a run");
    until("a first reading", || all_have_seen(&folder, 1_000_000));
    let live = Command::new(RECORDER)
        .args(["live", "logs", "--interval", "50ms", "--region", "FR"])
        .current_dir(folder.path())
        .stdout(Stdio::from(fs::File::create(folder.file("seen")).expect("a file")))
        .spawn()
        .expect("live");
    let seen = || fs::read_to_string(folder.file("seen")).unwrap_or_default();
    counts(&folder, 19_000_000);
    until("the energy so far", || seen().contains("5.00 mWh (measured)"));
    fs::write(folder.file("stop"), "").expect("a file");
    assert_eq!(ended(&mut child).code(), Some(4));
    assert!(live.wait_with_output().expect("a status").status.success());
    let seen = seen();
    assert!(seen.contains("CO2eq") && seen.contains("/h (France") && seen.ends_with("the run has ended, with status 4\n"), "{seen}");
    assert!(!seen.contains('\u{1b}'), "no terminal, no control bytes");
    let out = Command::new(RECORDER).args(["live", "machine"]).current_dir(folder.path()).output().expect("live");
    assert_eq!(out.status.code(), Some(2), "{}", text(&out));
}

/// On a terminal there is one line, which is written anew and keeps to the width; the recorder is killed, which is told.
#[test]
fn a_run_is_followed_on_a_terminal_until_its_recorder_is_killed() {
    let folder = machine();
    // Rotated as well: each file is small.
    let mut child = record_each("10ms", &folder, &["-q", "--rotate", "64KiB"]).spawn().expect("a run");
    until("a second file", || folder.logs().len() > 1);
    // In ten milliseconds no processor uses much more.
    counts(&folder, 1_200_000);
    let words = format!("stty cols 50; exec {RECORDER} live logs --interval 50ms --region FR");
    let mut live = Command::new("script")
        .args(["-qec", &words, "/dev/null"])
        .current_dir(folder.path())
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::null())
        .stdout(Stdio::from(fs::File::create(folder.file("seen")).expect("a file")))
        .spawn()
        .expect("script of util-linux");
    let seen = || fs::read_to_string(folder.file("seen")).unwrap_or_default();
    until("lines", || seen().matches("Wh (measured)").count() > 1);
    signal("KILL", child.id());
    ended(&mut child);
    assert!(ended(&mut live).success());
    fs::write(folder.file("stop"), "").expect("a file");
    // Before its folder is gone: it would never see the file.
    until("the program ends", || !folder.file("program").exists());
    let seen = seen();
    let (lines, last) = seen.trim_end().rsplit_once("\r\n").expect("a last line");
    assert!(last.starts_with("the recorder is gone without a last word"), "{seen:?}");
    assert!(!lines.contains('\n') && lines.starts_with("\r\u{1b}[K"), "one line, written anew: {lines:?}");
    assert!(lines.split("\r\u{1b}[K").all(|line| line.chars().count() < 50), "{lines:?}");
}

/// Words that must never come out, in every place where a recorder could find them.
#[test]
fn nothing_private_is_written() {
    const CANARIES: [&str; 5] = ["canary-argument", "canary-variable", "canary-home", "canary-host", "canary-folder"];
    let folder = machine();
    let inside = folder.file("canary-folder");
    fs::create_dir_all(&inside).expect("a folder");
    let script = format!(
        "hostname canary-host && {RECORDER} record --interval 10ms \"$@\" -- sh -c 'sleep 0.1' canary-argument && {RECORDER} logs -o card.md -o report.json -o card.html"
    );
    // A name of its own for the machine needs a namespace; without the right to one, the other words are tried.
    let run = |options: &[&str]| {
        let as_root = fs::metadata("/proc/self").map(|m| std::os::unix::fs::MetadataExt::uid(&m)).ok() == Some(0);
        let mut command = Command::new("unshare");
        command.args(if as_root { ["-u"].as_slice() } else { &["-ru"] }).args(["sh", "-c", &script, "sh"]).args(options);
        let variables = [("SECRET", "canary-variable"), ("HOME", "/home/canary-home"), ("USER", "canary-home"), ("LOGNAME", "canary-home")];
        command.current_dir(&inside).envs(variables).output().expect("unshare of util-linux")
    };
    let out = run(&[]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out));
    let mut all = [out.stdout, out.stderr].concat();
    let mut logs = Vec::new();
    for entry in fs::read_dir(inside.join("logs")).expect("logs").flatten() {
        logs.extend(fs::read(entry.path()).expect("a log"));
    }
    assert!(!logs.is_empty());
    all.extend(&logs);
    for document in ["card.md", "report.json", "card.html"] {
        all.extend(fs::read(inside.join(document)).expect("a document"));
    }
    let all = String::from_utf8_lossy(&all);
    for canary in CANARIES {
        assert!(!all.contains(canary), "{canary} came out");
    }
    // Asked for, they do: the test can fail.
    fs::remove_dir_all(inside.join("logs")).expect("removed");
    run(&["--with-command"]);
    let asked: String =
        fs::read_dir(inside.join("logs")).expect("logs").flatten().map(|e| fs::read_to_string(e.path()).expect("text")).collect();
    assert!(asked.contains("canary-argument") && !asked.contains("canary-variable"));
}

#[test]
fn a_defect_of_the_recorder_is_not_the_programs() {
    for (defect, left) in [("panic", "left: failed"), ("hang", "left: hangs")] {
        let out = Command::new(env!("CARGO_BIN_EXE_defective-recorder"))
            .args([defect, "sh", "-c", "echo output; exit 42"])
            .output()
            .expect("a run");
        assert_eq!((out.status.code(), out.stdout.as_slice()), (Some(42), b"output\n".as_slice()), "{defect}");
        assert!(text(&out).contains(left), "{}", text(&out));
    }
}
