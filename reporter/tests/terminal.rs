//! What is written to a terminal can't act on it; a file or a pipe gets the bytes.
#![cfg(unix)]

mod common;

use std::process::Command;

use common::Folder;

/// Device and host names that set the title, the colours and the clipboard, go back in the line, and turn the reading around.
const NAMES: [&str; 6] = [
    "\u{1b}]0;owned\u{7}",
    "\u{1b}[2J\u{1b}[31mred",
    "\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{9b}31mx",
    "a\u{8}\u{8}\u{8}b",
    "x\u{202e}evil\u{200b}",
];

fn hostile() -> Folder {
    let folder = Folder::new();
    let mut log = String::from("timestamp, index, name, uuid, power.draw [W]\n");
    for at in 0..120 {
        for (index, name) in NAMES.iter().enumerate() {
            log += &format!("2025/06/12 14:{:02}:{:02}.000, {index}, {name}, GPU-{index}{name}, 200.00 W\n", at / 60, at % 60);
        }
    }
    folder.write("logs/gpu.csv", log);
    folder
}

fn acts(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t') || matches!(c, '\u{202e}' | '\u{200b}')
}

/// Standard output and error of a command on a terminal of its own, which ends with this status.
fn on_terminal(folder: &Folder, arguments: &str, status: i32) -> String {
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_carbon-report"));
    let output = Command::new("script").args(["-qec", &line, "/dev/null"]).current_dir(folder.path()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(status), "{arguments}: {shown}");
    shown
}

#[test]
fn a_terminal_is_shown_what_would_act_on_it() {
    let folder = hostile();
    for format in ["csv", "markdown", "mdx", "html", "json", "yaml", "latex", "svg"] {
        let shown = on_terminal(&folder, &format!("logs --region FR --format {format} -q"), 0);
        assert!(shown.len() > 40, "{format}: {shown}");
        let found: String = shown.chars().filter(|c| acts(*c)).collect();
        assert!(found.is_empty(), "{format}: {found:?} in {shown:?}");
    }
    assert!(on_terminal(&folder, "logs --region FR --format csv -q", 0).contains("<U+001B>]0;owned<U+0007>"));
    folder.run(&["logs", "--region", "FR", "-o", "card.csv", "-q"]).status(0);
    let card = folder.read("card.csv");
    folder.write("card.csv", card.replace("200", "100"));
    for (arguments, status) in [
        ("logs --region SE -o card.csv --check", 1),
        ("formats", 0),
        ("explain coverage", 0),
        ("logs --limits", 0),
        ("compare logs --regions SE", 0),
    ] {
        let shown = on_terminal(&folder, arguments, status);
        // The progress of reading clears its own line.
        let own = shown.replace("\u{1b}[2K", "").replace("\u{1b}[K", "");
        let found: String = own.chars().filter(|c| acts(*c)).collect();
        assert!(found.is_empty() && !own.is_empty(), "{arguments}: {found:?} in {shown:?}");
    }
}

/// What is piped is what a file gets, to the byte.
#[test]
fn a_pipe_gets_the_bytes_of_a_file() {
    let folder = hostile();
    for (format, name) in [("csv", "a.csv"), ("json", "a.json"), ("markdown", "a.md"), ("latex", "a.tex"), ("yaml", "a.yaml")] {
        folder.run(&["logs", "--region", "FR", "-o", name, "-q"]).status(0);
        let piped = folder.run(&["logs", "--region", "FR", "--format", format, "-q"]).status(0).out;
        assert_eq!(piped, folder.read(name), "{format}");
    }
}
