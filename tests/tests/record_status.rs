//! The program that is recorded is unharmed: its status, its signals, its streams, with a terminal and without one.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use carbon_core::read::carbon_report_jsonl::record::Content;
use carbon_tests::recording::{Folder, ended, faults, signal, until};

const RECORDER: &str = env!("CARGO_BIN_EXE_carbon-report-under-test");
const INSIDE: &str = env!("CARGO_TARGET_TMPDIR");

/// A run of `record` with a script as its program.
struct Run {
    folder: Folder,
    child: Child,
    terminal: bool,
}

impl Run {
    /// In the script, `$OUT` is a folder for what it wants to tell. Ticks are fast, so that every case has some.
    fn start(script: &str, terminal: bool) -> Self {
        Self::start_under("exec ", script, terminal, "")
    }

    /// `before` and `after` stand around the recorder in a shell's line.
    fn start_under(before: &str, script: &str, terminal: bool, after: &str) -> Self {
        let folder = Folder::new(INSIDE);
        fs::write(folder.file("program"), script).expect("a script");
        let words = format!("{before}{RECORDER} record -q --interval 10ms -o logs -- sh program{after}");
        let mut command = if terminal {
            let mut command = Command::new("script");
            command.args(["-qec", &words, "/dev/null"]);
            command
        } else {
            let mut command = Command::new("sh");
            command.args(["-c", &words]);
            command
        };
        let child = command
            .current_dir(folder.path())
            .env("OUT", folder.path())
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::from(fs::File::create(folder.file("stdout")).expect("a file")))
            .spawn()
            .expect("sh and script of util-linux");
        Self { folder, child, terminal }
    }

    fn told(&self, name: &str) -> String {
        fs::read_to_string(self.folder.file(name)).unwrap_or_default()
    }

    /// Waits until the script has written a whole line to a file.
    fn wait_for(&self, name: &str) -> String {
        until(name, || self.told(name).ends_with('\n'));
        self.told(name).trim().to_owned()
    }

    /// The recorder's own process: the parent of the script's.
    fn recorder(&self) -> u32 {
        self.wait_for("parent").parse().expect("a number")
    }

    fn end(mut self) -> (Status, Folder) {
        let status = Status::new(ended(&mut self.child), self.terminal);
        (status, self.folder)
    }
}

/// As a shell tells it: 128 and the signal where one ended it. `script` gives that number itself.
#[derive(Debug, PartialEq, Eq)]
struct Status(i32);

impl Status {
    fn new(status: ExitStatus, terminal: bool) -> Self {
        match status.signal() {
            Some(signal) => {
                assert!(!terminal, "script itself was killed");
                Status(128 + signal)
            }
            None => Status(status.code().expect("a code")),
        }
    }
}

const PARENT: &str = "echo $PPID > $OUT/parent\n";

#[test]
fn statuses_and_deaths_are_the_programs_own() {
    let cases = [
        ("exit 0", 0),
        ("exit 1", 1),
        ("exit 42", 42),
        ("exit 255", 255),
        ("kill -KILL $$", 137),
        ("kill -SEGV $$", 139),
        ("kill -TERM $$", 143),
        ("kill -INT $$", 130),
        ("kill -ABRT $$", 134),
        ("kill -USR1 $$", 138),
    ];
    for terminal in [false, true] {
        for (script, expected) in cases {
            let (status, folder) = Run::start(script, terminal).end();
            assert_eq!(status, Status(expected), "{script}, terminal: {terminal}");
            let log = folder.log();
            assert_eq!((log.count("end"), log.damaged.len(), log.unterminated), (1, 0, 0), "{script}, terminal: {terminal}");
            assert_eq!(log.missing(), Vec::<u64>::new());
        }
    }
}

#[test]
fn a_signal_to_the_recorder_reaches_the_program_once() {
    // Each is counted by the program; the last one ends it, with the counts as its word.
    for terminal in [false, true] {
        for name in ["TERM", "HUP", "USR1", "USR2", "INT", "CONT", "WINCH", "QUIT"] {
            let script = format!(
                "n=0\ntrap 'n=$((n+1)); echo $n > $OUT/count' {name}\n{PARENT}until [ -e $OUT/stop ]; do sleep 0.01; done\nexit $n\n"
            );
            let run = Run::start(&script, terminal);
            signal(name, run.recorder());
            assert_eq!(run.wait_for("count"), "1", "{name}, terminal: {terminal}");
            fs::write(run.folder.file("stop"), "").expect("a file");
            assert_eq!(run.end().0, Status(1), "{name}, terminal: {terminal}");
        }
    }
}

/// Counts a signal until it is told to stop; its status is the count.
fn counting(name: &str) -> String {
    format!(
        "n=0\ntrap 'n=$((n+1)); echo $n > $OUT/count' {name}\necho $$ > $OUT/own\n{PARENT}until [ -e $OUT/stop ]; do sleep 0.01; done\nexit $n\n"
    )
}

impl Run {
    /// Long enough for the recorder to hand on what it should not.
    fn some_ticks_later(&self) {
        let ticks = self.folder.log().count("sample");
        until("some ticks", || self.folder.log().count("sample") > ticks + 3);
    }
}

#[test]
fn keys_of_the_terminal_are_not_doubled() {
    for (key, name) in [(b"\x03", "INT"), (b"\x1c", "QUIT")] {
        let mut run = Run::start(&counting(name), true);
        run.recorder();
        let mut keyboard = run.child.stdin.take().expect("a terminal");
        keyboard.write_all(key).expect("a key");
        run.wait_for("count");
        run.some_ticks_later();
        fs::write(run.folder.file("stop"), "").expect("a file");
        assert_eq!(run.end().0, Status(1), "the terminal sends {name} to the program; the recorder must not send it again");
    }
}

#[test]
fn a_terminal_that_changes_its_size_says_so_once() {
    let run = Run::start(&counting("WINCH"), true);
    run.recorder();
    let terminal = format!("/proc/{}/fd/0", run.wait_for("own"));
    assert!(Command::new("stty").args(["-F", &terminal, "rows", "33", "cols", "99"]).status().expect("stty").success());
    run.wait_for("count");
    run.some_ticks_later();
    fs::write(run.folder.file("stop"), "").expect("a file");
    assert_eq!(run.end().0, Status(1));
}

/// A terminal that goes away: the kernel tells the leader of the session alone, or, when that has ended, the whole group.
#[test]
fn a_terminal_that_hangs_up_says_so_once() {
    for (before, after) in [("exec ", ""), ("", "; exit $?")] {
        let mut run = Run::start_under(before, &counting("HUP"), true, after);
        run.recorder();
        run.some_ticks_later();
        signal("KILL", run.child.id());
        ended(&mut run.child);
        run.wait_for("count");
        run.some_ticks_later();
        fs::write(run.folder.file("stop"), "").expect("a file");
        until("the recorder's end", || run.folder.log().count("end") == 1);
        let status = run.folder.log().records.into_iter().find_map(|record| match record.content {
            Content::End(end) => end.status,
            _ => None,
        });
        assert_eq!(status.as_deref(), Some("1"), "{before:?}");
    }
}

/// As a scheduler ends a job: TERM to all of it and, while the program still cleans up, KILL.
#[test]
fn a_job_that_is_ended_by_its_scheduler() {
    let before = format!("export LD_PRELOAD={} TRACE=$OUT/trace; exec ", faults(INSIDE).to_string_lossy());
    let script = format!("trap 'echo term > $OUT/term' TERM\necho $$ > $OUT/own\n{PARENT}until [ -e $OUT/never ]; do sleep 0.01; done\n");
    let run = Run::start_under(&before, &script, false, "");
    let (recorder, own) = (run.recorder(), run.wait_for("own").parse().expect("a number"));
    run.some_ticks_later();
    let synchronised = || run.told("trace").lines().filter(|line| line.starts_with("fdatasync")).count();
    let at_first = synchronised();
    signal("TERM", recorder);
    signal("TERM", own);
    until("what there is is on the disk", || synchronised() > at_first);
    run.wait_for("term");
    run.some_ticks_later();
    signal("KILL", recorder);
    signal("KILL", own);
    let written: u64 =
        run.told("trace").lines().filter_map(|line| line.strip_prefix("write ")?.split(' ').next()?.parse::<u64>().ok()).sum();
    let (status, folder) = run.end();
    assert_eq!(status, Status(137));
    let (log, length) = (folder.log(), fs::metadata(&folder.logs()[0]).expect("a log").len());
    assert!((log.damaged.len(), log.unterminated, log.count("end")) == (0, 0, 0) && log.missing().is_empty());
    assert!(length >= written && written > 0, "{length} bytes of {written} that were written before");
    let report = Command::new(RECORDER).args(["logs", "-q", "-o", "card.md"]).current_dir(folder.path()).status().expect("a report");
    assert!(report.success(), "no end record is needed");
}

#[test]
fn an_interrupt_ends_the_wait_for_a_recorder_that_hangs() {
    let folder = Folder::new(INSIDE);
    let mut child = Command::new(env!("CARGO_BIN_EXE_defective-recorder"))
        .args(["hang", "sh", "-c", "trap '' INT; touch runs; exit 42"])
        .current_dir(folder.path())
        .stderr(Stdio::from(fs::File::create(folder.file("messages")).expect("a file")))
        .spawn()
        .expect("a run");
    until("the program runs", || folder.file("runs").exists());
    let mut status = None;
    until("it ends", || {
        status = child.try_wait().expect("a status");
        // One that comes before the program has ended is the program's, which ignores it.
        if status.is_none() {
            let _ = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).stderr(Stdio::null()).status();
        }
        status.is_some()
    });
    assert_eq!(status.and_then(|status| status.code()), Some(42));
    assert_eq!(fs::read_to_string(folder.file("messages")).expect("text"), "", "it did not wait for what hangs");
}

#[test]
fn what_is_ignored_stays_ignored() {
    // As `nohup` and the background jobs of a shell do it: the program must inherit that.
    let ignoring = |name: &str| {
        let folder = Folder::new(INSIDE);
        let words = format!("trap '' {name}; exec {RECORDER} record -q --interval 10ms -o logs -- sh -c 'kill -{name} $$; exit 5'");
        let status = Command::new("sh").args(["-c", &words]).current_dir(folder.path()).status().expect("sh");
        Status::new(status, false)
    };
    assert_eq!(ignoring("HUP"), Status(5));
    assert_eq!(ignoring("INT"), Status(5));
}

#[test]
fn stopped_and_continued() {
    for terminal in [false, true] {
        // The program is stopped and goes on.
        let script = format!("{PARENT}echo $$ > $OUT/own\nuntil [ -e $OUT/stop ]; do sleep 0.01; done\nexit 9\n");
        // With a shell between: `script` stops itself with its child, and may wait for ever.
        let run = Run::start_under("", &script, terminal, "; exit $?");
        let (own, recorder) = (run.wait_for("own").parse().expect("a number"), run.recorder());
        let state = |pid: u32| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit(") ").next().and_then(|rest| rest.chars().next())
        };
        for pid in [own, recorder] {
            signal("STOP", pid);
            until("it is stopped", || state(pid) == Some('T'));
            signal("CONT", pid);
            until("it goes on", || state(pid) != Some('T'));
        }
        // Stopped while its program ends: nothing is lost.
        signal("STOP", recorder);
        until("it is stopped", || state(recorder) == Some('T'));
        fs::write(run.folder.file("stop"), "").expect("a file");
        until("the program is a zombie", || state(own) == Some('Z'));
        signal("CONT", recorder);
        assert_eq!(run.end().0, Status(9), "terminal: {terminal}");
    }
}

#[test]
fn a_job_is_stopped_from_the_keyboard_and_brought_back() {
    let folder = Folder::new(INSIDE);
    fs::write(folder.file("program"), "echo started > $OUT/started\nuntil [ -e $OUT/stop ]; do sleep 0.01; done\nexit 6\n")
        .expect("a script");
    let session = format!(
        "set -m\n{RECORDER} record -q --interval 10ms -o logs -- sh program\necho stopped > $OUT/stopped\ntouch $OUT/stop\nfg > /dev/null\necho $? > $OUT/status\n"
    );
    fs::write(folder.file("session"), session).expect("a script");
    let mut child = Command::new("script")
        .args(["-qec", "bash session", "/dev/null"])
        .current_dir(folder.path())
        .env("OUT", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("script and bash");
    let mut keyboard = child.stdin.take().expect("a terminal");
    until("the program runs", || folder.file("started").exists());
    keyboard.write_all(b"\x1a").expect("a key");
    until("the shell is back", || folder.file("stopped").exists());
    assert!(ended(&mut child).success());
    assert_eq!(fs::read_to_string(folder.file("status")).expect("a status").trim(), "6");
}

#[test]
fn a_program_that_cannot_be_started() {
    let folder = Folder::new(INSIDE);
    fs::write(folder.file("no_program"), "text\n").expect("a file");
    let run = |words: &[&str]| {
        let out =
            Command::new(RECORDER).args(["record", "-o", "logs", "--"]).args(words).current_dir(folder.path()).output().expect("a run");
        (out.status.code(), String::from_utf8(out.stderr).expect("text"))
    };
    let (status, message) = run(&["no-such-program"]);
    assert_eq!(status, Some(127));
    assert!(message.starts_with("error: no-such-program: could not be started: "), "{message}");
    assert_eq!(run(&["./no_program"]).0, Some(126));
    assert_eq!(run(&["."]).0, Some(126));
    assert_eq!(folder.logs(), Vec::<PathBuf>::new(), "nothing ran, nothing is logged");
}

#[test]
fn a_script_without_a_first_line_runs_as_everywhere() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new(INSIDE);
    fs::write(folder.file("script"), "echo $1; exit 3\n").expect("a script");
    fs::set_permissions(folder.file("script"), fs::Permissions::from_mode(0o755)).expect("a mode");
    let out = Command::new(RECORDER).args(["record", "-q", "./script", "word"]).current_dir(folder.path()).output().expect("a run");
    assert_eq!((out.status.code(), out.stdout.as_slice()), (Some(3), b"word\n".as_slice()));
}

#[test]
fn streams_are_the_programs_own() {
    let folder = Folder::new(INSIDE);
    // Every byte from in to out, and nothing of the recorder's among them.
    let bytes: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
    fs::write(folder.file("in"), &bytes).expect("a file");
    let out = Command::new(RECORDER)
        .args(["record", "--interval", "10ms", "--", "cat"])
        .current_dir(folder.path())
        .stdin(fs::File::open(folder.file("in")).expect("a file"))
        .output()
        .expect("a run");
    assert!(out.stdout == bytes);
    let messages = String::from_utf8(out.stderr).expect("text");
    assert!(messages.contains("card: carbon-report logs/"), "{messages}");
    // A program that closes its output is seen to do so, though it runs on.
    let script = format!("exec 1>&-; until [ -e {} ]; do sleep 0.01; done", folder.file("stop").display());
    let mut child = Command::new(RECORDER)
        .args(["record", "-q", "--", "sh", "-c", &script])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a run");
    let mut left = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().expect("a pipe"), &mut left).expect("the end of the output");
    assert!(child.try_wait().expect("a status").is_none(), "it still runs");
    fs::write(folder.file("stop"), "").expect("a file");
    assert!(ended(&mut child).success());
}

#[test]
fn the_program_outlives_a_recorder_that_is_killed() {
    let run = Run::start(&format!("{PARENT}until [ -e $OUT/stop ]; do sleep 0.01; done\necho done > $OUT/done\n"), false);
    let recorder = run.recorder();
    until("some ticks", || run.folder.log().count("sample") > 3);
    signal("KILL", recorder);
    let folder = {
        let (status, folder) = run.end();
        assert_eq!(status, Status(137));
        folder
    };
    let log = folder.log();
    assert!(log.damaged.is_empty() && log.unterminated == 0 && log.count("end") == 0);
    fs::write(folder.file("stop"), "").expect("a file");
    until("the program ends by itself", || folder.file("done").exists());
}

#[test]
fn without_a_program_until_interrupted() {
    for name in ["INT", "TERM", "HUP"] {
        let folder = Folder::new(INSIDE);
        let mut child = Command::new(RECORDER)
            .args(["record", "-q", "--interval", "10ms", "-o", "logs"])
            .current_dir(folder.path())
            .spawn()
            .expect("a run");
        until("some ticks", || folder.log().count("sample") > 2);
        signal(name, child.id());
        assert_eq!(ended(&mut child).code(), Some(0), "{name}");
        assert_eq!(folder.log().count("end"), 1);
    }
}
