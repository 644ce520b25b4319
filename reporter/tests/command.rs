//! The command: exit statuses, messages, and what becomes of files that are there already.

mod common;

use std::fs;
use std::process::{Command, Stdio};

use common::{Folder, gpu_log};

fn with_log() -> Folder {
    let folder = Folder::new();
    folder.write("logs/gpu.csv", gpu_log("GPU-1", 0, 120, |at| 200 + at % 10));
    folder
}

#[test]
fn markdown_on_standard_output() {
    let run = with_log().run(&["logs", "--region", "FR"]).status(0).says("read 1 log: 120 of 120 rows count");
    assert!(run.out.starts_with("<!-- carbon-report:start -->"), "{}", run.out);
    assert!(run.out.contains("carbon-report logs --region FR"), "{}", run.out);
    assert!(run.err.contains("This training emitted about"), "{}", run.err);
    // What is not known is no 0.
    assert!(run.out.lines().any(|line| line.starts_with("| Building") && line.contains("not known")), "{}", run.out);
    assert!(!with_log().run(&["logs", "--pue", "1.2"]).status(0).out.contains("PUE not known"));
}

#[test]
fn exit_statuses() {
    let folder = with_log();
    folder.run(&["logs"]).status(0);
    folder.write("notes.txt", "no log\n");
    folder.write("logs/readme.txt", "no log either\n");
    folder.run(&["logs"]).status(0);
    folder.run(&["logs", "notes.txt"]).status(1);
    folder.run(&["notes.txt"]).status(2).says("not a log").says("says nothing about energy");
    folder.run(&["nowhere"]).status(2).says("found nothing there");
    folder.run(&[]).status(2);
    folder.run(&["logs", "--regoin", "FR"]).status(2).says("--region");
    folder.run(&["logs", "--region", "Frnace"]).status(2).says("FR (France)");
    folder.run(&["logs", "-o", "card.docx"]).status(2).says("known formats: markdown (.md");
    folder.run(&["logs", "-o", "nowhere/card.md"]).status(2).says("does not exist");
    folder.run(&["--help"]).status(0);
    folder.run(&["explain", "coverage"]).status(0);
    folder.run(&["explain", "coverag"]).status(2).says("did you mean coverage?");
    folder.run(&["regions", "france"]).status(0);
    folder.run(&["formats", "nvidia"]).status(0);
    folder.run(&["hardware", "a100"]).status(0);
    folder.run(&["--limits"]).status(0);
}

#[test]
fn a_broken_log_hides_no_other() {
    let folder = with_log();
    folder.write("logs/no_power.csv", "timestamp, index, utilization.gpu [%]\n2025/06/12 14:00:00.000, 0, 50 %\n");
    let run = folder.run(&["logs"]).status(1).says("error: ").says("no_power.csv");
    assert!(run.out.contains("Energy by component"));
}

#[test]
fn several_documents_of_one_run() {
    let folder = with_log();
    folder.run(&["logs", "-o", "card.md", "-o", "card.html", "-o", "report.json", "-o", "-", "-q"]).status(0);
    assert!(folder.read("card.html").starts_with("<!DOCTYPE html>"));
    let again = folder.run(&["report.json", "-o", "again.md", "-q"]).status(0);
    assert_eq!(again.err, "");
    assert_eq!(folder.read("again.md"), folder.read("card.md"));
    folder.run(&["report.json", "--region", "FR"]).status(2).says("a saved report is rendered as it is");
    folder.run(&["report.json", "-o", "report.json"]).status(2).says("input and as an output");
    folder.run(&["report.json", "logs"]).status(2).says("give it alone");
    // A report of the report is the report, to the last bit of every number.
    folder.run(&["report.json", "-o", "again.json"]).status(0);
    assert_eq!(folder.read("again.json"), folder.read("report.json"));
    // Nothing of the run before is taken for a log.
    let first = folder.read("card.md");
    folder.run(&["logs", "-o", "card.md"]).status(0).says("unchanged: card.md");
    assert_eq!(folder.read("card.md"), first);
}

#[test]
fn documents_among_the_logs_change_nothing() {
    let folder = with_log();
    let outputs = [
        "-o",
        "logs/card.md",
        "-o",
        "logs/report.json",
        "-o",
        "logs/table.csv",
        "-o",
        "logs/page.html",
        "-o",
        "logs/paper.tex",
        "-o",
        "logs/chart.svg",
    ];
    let arguments = [&["logs"][..], &outputs].concat();
    folder.run(&arguments).status(0);
    let first = folder.read("logs/report.json");
    folder.run(&[&arguments[..], &["--check"]].concat()).status(0);
    folder.run(&["logs", "-o", "other.json"]).status(0).says("files were written by carbon-report and are no logs: logs/card.md");
    assert_eq!(folder.read("other.json"), first);
}

#[test]
fn a_readme_is_changed_between_its_markers_alone() {
    let folder = with_log();
    let before = "---\nlicense: mit # stays\n---\n\r\n# Model\n\n<!-- carbon-report:start -->\nSTALE\n<!-- carbon-report:end -->\n\nEnd without line end";
    folder.write("README.md", before);
    let arguments = ["logs", "--region", "FR", "-o", "README.md"];
    let check = folder.run(&[&arguments[..], &["--check"]].concat()).status(1).says("README.md is not up to date");
    assert!(check.out.contains("\n-STALE\n") && check.out.contains("+co2_eq_emissions:"), "{}", check.out);
    assert_eq!(folder.read("README.md"), before);
    folder.run(&arguments).status(0).says("wrote README.md");
    let after = folder.read("README.md");
    assert!(after.starts_with("---\nlicense: mit # stays\nco2_eq_emissions:\n  emissions: "), "{after}");
    assert!(after.contains("---\n\r\n# Model\n\n<!-- carbon-report:start -->\n"));
    assert!(after.ends_with("<!-- carbon-report:end -->\n\nEnd without line end") && !after.contains("STALE"));
    let check = folder.run(&[&arguments[..], &["--check"]].concat()).status(0);
    assert_eq!(check.out, "");
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = with_log();
    folder.write("README.md", "# Mine\n");
    folder.write("data.json", "{\"mine\": 1}\n");
    folder.run(&["logs", "-o", "README.md"]).status(2).says("--append");
    folder.run(&["logs", "-o", "data.json"]).status(2).says("--force");
    // One that can't be written keeps all from being written.
    folder.run(&["logs", "-o", "card.html", "-o", "data.json"]).status(2);
    assert!(!folder.path().join("card.html").exists());
    assert_eq!((folder.read("README.md"), folder.read("data.json")), ("# Mine\n".into(), "{\"mine\": 1}\n".into()));
    folder.run(&["logs", "-o", "README.md", "--append"]).status(0);
    let appended = folder.read("README.md");
    assert!(appended.starts_with("# Mine\n\n<!-- carbon-report:start -->"), "{appended}");
    folder.run(&["logs", "-o", "README.md", "--append"]).status(0);
    assert_eq!(folder.read("README.md"), appended);
    folder.run(&["logs", "-o", "data.json", "--force"]).status(0);
    assert!(folder.read("data.json").contains("carbon-report/2"));
}

#[test]
fn a_log_is_never_an_output() {
    let folder = with_log();
    let log = folder.read("logs/gpu.csv");
    folder.run(&["logs", "-o", "logs/gpu.csv", "--force"]).status(2).says("input and as an output");
    folder.run(&["logs/gpu.csv", "-o", "logs/../logs/gpu.csv", "--force"]).status(2);
    assert_eq!(folder.read("logs/gpu.csv"), log);
}

#[cfg(unix)]
#[test]
fn links_and_modes_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = with_log();
    folder.run(&["logs", "-o", "real.json"]).status(0);
    fs::set_permissions(folder.path().join("real.json"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.json", folder.path().join("link.json")).unwrap();
    folder.run(&["logs", "--region", "FR", "-o", "link.json"]).status(0);
    assert!(folder.path().join("link.json").symlink_metadata().unwrap().is_symlink());
    assert!(folder.read("real.json").contains("\"FR\""));
    assert_eq!(fs::metadata(folder.path().join("real.json")).unwrap().permissions().mode() & 0o777, 0o640);
    symlink("loop.json", folder.path().join("loop.json")).unwrap();
    folder.run(&["logs", "-o", "loop.json"]).status(2).says("loop.json");
    fs::set_permissions(folder.path().join("real.json"), fs::Permissions::from_mode(0o440)).unwrap();
    folder.run(&["logs", "-o", "real.json"]).status(2).says("read-only");
    let left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).filter(|n| n.to_string_lossy().ends_with(".tmp")).collect();
    assert_eq!(left, Vec::<std::ffi::OsString>::new());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_and_a_closed_pipe() {
    let folder = with_log();
    folder.run(&["logs", "-o", "/dev/full", "--format", "json"]).status(2).says("/dev/full could not be written");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let to_full = Command::new(env!("CARGO_BIN_EXE_carbon-report")).arg("logs").current_dir(folder.path()).stdout(full).output().unwrap();
    assert_eq!(to_full.status.code(), Some(2));
    let mut child = Command::new(env!("CARGO_BIN_EXE_carbon-report"))
        .args(["logs", "-q"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn standard_input_is_a_log() {
    let folder = with_log();
    let log = fs::File::open(folder.path().join("logs/gpu.csv")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_carbon-report")).args(["-", "--format", "json", "-q"]).stdin(log).output().unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("\"path\": \"stdin\""), "{report}");
}

#[test]
fn settings_lie_beside_the_logs_or_above() {
    let folder = with_log();
    folder.write("carbon-report.toml", "region = \"SE\"\npue = 1.3\n");
    let json = |arguments: &[&str]| folder.run(&[arguments, &["--format", "json"]].concat()).status(0).out;
    let report = json(&["logs"]);
    assert!(report.contains("say: pue = 1.3; region = SE\""), "{report}");
    let flagged = json(&["logs", "--region", "FR"]);
    assert!(flagged.contains("say: pue = 1.3\"") && flagged.contains("logs --region FR\""), "{flagged}");
    folder.write("logs/carbon-report.toml", "pue = 1.2\n");
    assert!(json(&["logs"]).contains("say: pue = 1.2\""));
    assert!(json(&["logs", "--config", "carbon-report.toml"]).contains("--region SE --pue 1.3"));
    folder.write("logs/carbon-report.toml", "regoin = \"FR\"\n");
    folder.run(&["logs"]).status(2).says("did you mean `region`?");
}

#[test]
fn hostile_text_does_not_reach_the_terminal() {
    let folder = Folder::new();
    folder.write("logs/gpu.csv", gpu_log("GPU-1", 0, 120, |_| 200));
    if cfg!(unix) {
        folder.write(
            "logs/\u{1b}]0;owned\u{7}\u{202e}.csv",
            "timestamp, index, utilization.gpu [%]\n2025/06/12 14:00:00.000, 0, \u{1b}[31m %\n",
        );
    }
    let run = folder.run(&["logs"]).status(if cfg!(unix) { 1 } else { 0 });
    let hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!run.err.chars().any(hidden) && !run.out.chars().any(hidden), "{:?}", run.err);
}

/// A shell puts names of files among the arguments: what is wrong with them is said without acting on the terminal.
#[test]
fn names_that_look_like_options_act_on_no_terminal() {
    let folder = with_log();
    let hostile = "--x\u{1b}]0;owned\u{7}\u{202e}.csv";
    for arguments in [
        &[hostile][..],
        &["logs", hostile],
        &["logs", "--tz", "UTC", "--re\u{1b}[31mgion", "FR"],
        &["logs", "--length", "\u{1b}[2J"],
        &["formats", "--as-toml", "\u{1b}[2J"],
        &["regions", hostile, hostile],
        &["formats", hostile],
        &["compare", hostile],
        &["estimate", hostile],
        &["explain", hostile, hostile],
        &["hardware", hostile],
        &["live", hostile],
        // What comes behind `record` is the program.
        &["record", "--interval", "\u{1b}[2J", "true"],
        &["mark", hostile],
    ] {
        let run = folder.run(arguments).status(2);
        let hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!run.err.chars().any(hidden) && !run.out.chars().any(hidden), "{arguments:?}: {:?}", run.err);
        assert!(["<U+001B>", "\\u{1b}"].iter().any(|shown| run.err.contains(shown)), "{arguments:?}: {}", run.err);
    }
    assert!(folder.run(&["--help"]).status(0).out.contains("Examples:"));
    assert!(folder.run(&["--version"]).status(0).out.starts_with("carbon-report "));
    assert!(folder.run(&[]).status(2).err.contains("Usage"));
}

#[test]
fn the_same_bytes_in_any_surroundings() {
    let folder = with_log();
    folder.write("logs/b/gpu.csv", gpu_log("GPU-2", 30, 90, |at| 150 + at % 10));
    let with = |name: &str, value: &str, threads: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carbon-report"));
        command.args(["logs", "--format", "json", "--threads", threads]).env(name, value).current_dir(folder.path());
        command.output().unwrap().stdout
    };
    let first = with("TZ", "UTC", "1");
    assert!(!first.is_empty());
    for (name, value, threads) in
        [("TZ", "Asia/Tokyo", "2"), ("LANG", "de_DE.UTF-8", "3"), ("HOME", "/nowhere", "8"), ("COLUMNS", "20", "1")]
    {
        assert!(with(name, value, threads) == first, "{name}={value}");
    }
}

/// Two paths that lead to one file would write it twice, the second over the first.
#[test]
fn a_document_is_written_to_one_place() {
    let folder = Folder::new();
    folder.write("gpu.csv", gpu_log("GPU-1", 0, 60, |_| 300));
    folder.write("there.md", "");
    fs::create_dir(folder.path().join("sub")).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("there.md", folder.path().join("link.md")).unwrap();
        std::os::unix::fs::symlink("not-yet.md", folder.path().join("dangling.md")).unwrap();
        folder.run(&["gpu.csv", "-o", "there.md", "-o", "link.md"]).status(2).says("given twice");
        folder.run(&["gpu.csv", "-o", "not-yet.md", "-o", "dangling.md"]).status(2).says("given twice");
    }
    let whole = folder.path().join("a.md").display().to_string();
    for [one, other] in
        [["a.md", "a.md"], ["a.md", "./a.md"], ["a.md", "sub/../a.md"], ["there.md", "./there.md"], ["a.md", whole.as_str()]]
    {
        folder.run(&["gpu.csv", "-o", one, "-o", other]).status(2).says("given twice");
        assert!(!folder.path().join("a.md").exists(), "{one} {other}");
    }
    folder.run(&["gpu.csv", "-o", "a.md", "-o", "sub/a.md"]).status(0);
}
