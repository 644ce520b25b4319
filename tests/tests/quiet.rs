//! The command opens no network and starts no program; the recorder starts the recorded one alone.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::Command;

use carbon_tests::command;
use carbon_tests::promises::shown;
use carbon_tests::recording::{Folder, preload};
use carbon_tests::root;

const INSIDE: &str = env!("CARGO_TARGET_TMPDIR");
const PROGRAM: &str = env!("CARGO_BIN_EXE_carbon-report-under-test");

/// Runs a program in a folder, and gives the calls that it made.
fn calls(library: &std::path::Path, folder: &Folder, program: &str, arguments: &[&str]) -> (i32, Vec<String>) {
    let file = folder.file("calls");
    let _ = fs::remove_file(&file);
    let mut command = Command::new(program);
    command.current_dir(folder.path()).args(arguments).env("LD_PRELOAD", library).env("CALLS", &file);
    let outcome = command::run(&mut command).unwrap_or_else(|e| panic!("{program} {arguments:?}: {e}"));
    let text = fs::read_to_string(&file).unwrap_or_default();
    (outcome.status, text.lines().map(String::from).collect())
}

#[test]
fn no_network_and_no_program_but_the_recorded_one() {
    let folder = Folder::new(INSIDE);
    let library = preload(INSIDE, "calls");
    // That the library sees what it is to see.
    let (_, seen) = calls(&library, &folder, "sh", &["-c", "/bin/true; /bin/true"]);
    assert!(seen.iter().any(|call| call == "execve" || call == "posix_spawn"), "{seen:?}");
    let (_, seen) = calls(&library, &folder, "python3", &["-c", "import socket; socket.socket(); socket.getaddrinfo('127.0.0.1', 80)"]);
    assert!(["socket", "getaddrinfo"].iter().all(|call| seen.iter().any(|s| s == call)), "{seen:?}");

    let logs = root().join("examples/gpu-node/logs");
    let logs = logs.to_str().expect("a path");
    let commands: &[&[&str]] = &[
        &[
            logs,
            "-q",
            "-o",
            "card.md",
            "-o",
            "card.html",
            "-o",
            "card.json",
            "-o",
            "card.csv",
            "-o",
            "card.tex",
            "-o",
            "card.svg",
            "-o",
            "card.mdx",
        ],
        &[logs, "--region", "FR", "--compare", "DE", "--length", "full", "--format", "html"],
        &["compare", "card.json", "--regions", "FR,DE"],
        &["estimate", "--gpu", "H100 SXM", "--hours", "10", "--region", "FR"],
        &["regions", "--provider", "gcp"],
        &["regions"],
        &["formats"],
        &["explain", "coverage"],
        &["--limits"],
        &["--version"],
    ];
    for arguments in commands {
        let (status, found) = calls(&library, &folder, PROGRAM, arguments);
        // A command that is asked wrongly ends before it could do anything.
        assert_eq!(status, 0, "{arguments:?}");
        assert_eq!(found, Vec::<String>::new(), "{arguments:?}");
    }
    let (status, found) = calls(&library, &folder, PROGRAM, &["record", "-q", "-o", "recorded", "--", "/bin/true"]);
    assert_eq!(status, 0);
    assert!(!found.iter().any(|call| ["socket", "connect", "getaddrinfo"].contains(&call.as_str())), "{found:?}");
    let started = found.iter().filter(|call| call.starts_with("posix_spawn") || call.starts_with("exec")).count();
    assert_eq!(started, 1, "{found:?}");
    shown(&format!("{} commands: 0 sockets, 0 programs; the recorder: 0 sockets, 1 program", commands.len()));
}
