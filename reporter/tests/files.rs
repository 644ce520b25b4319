//! What is found and read: special files, packed files, overlapping files.

mod common;

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use carbon_core::ledger::Ledger;
use carbon_report::{Error, Inputs, Limits, Options, read_paths};
use common::{Folder, gpu_log};

fn read(paths: &[PathBuf], options: &Options) -> Result<Inputs, Error> {
    read_paths(paths, options)
}

fn read_folder(folder: &Folder) -> Inputs {
    read(&[folder.path().into()], &Options::default()).unwrap()
}

/// Codes of the notes of a file, by the end of its name.
fn codes(ledger: &Ledger, name: &str) -> Vec<&'static str> {
    let notes = ledger.file_notes().filter(|(path, _)| path.ends_with(name));
    notes.map(|(_, note)| note.code.id).collect()
}

fn rows(ledger: &Ledger, name: &str) -> u64 {
    ledger.entries().filter(|e| e.file.path.ends_with(name)).map(|e| e.reading.rows.used).sum()
}

/// Picojoules of all series.
fn energy(ledger: &Ledger) -> i128 {
    let settled = ledger.settle(Default::default());
    settled.evidence.iter().map(|e| e.energy.as_picojoules()).sum()
}

#[cfg(unix)]
#[test]
fn special_files_are_passed_over() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    let folder = Folder::new();
    folder.write("gpu.csv", gpu_log("GPU-1", 0, 10, |_| 100));
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap();
    assert!(made.success());
    let here = std::env::current_dir().unwrap();
    // A socket's path must be short.
    std::env::set_current_dir(folder.path()).unwrap();
    let _socket = UnixListener::bind("socket").unwrap();
    std::env::set_current_dir(here).unwrap();
    symlink("/dev/zero", folder.path().join("zero.csv")).unwrap();
    symlink("gpu.csv", folder.path().join("link.csv")).unwrap();
    symlink(".", folder.path().join("loop")).unwrap();
    folder.write(".hidden/gpu.csv", gpu_log("GPU-2", 0, 10, |_| 100));
    let inputs = read_folder(&folder);
    assert_eq!(rows(&inputs.ledger, "gpu.csv"), 10);
    for name in ["pipe", "socket", "zero.csv", "link.csv", "loop"] {
        assert_eq!(codes(&inputs.ledger, name), ["file-skipped"], "{name}");
    }
    assert_eq!((inputs.hidden, inputs.unusable.len()), (1, 0));
    // Named, a link is followed, and a pipe is a path that could not be used.
    let inputs = read(&[folder.path().join("link.csv"), folder.path().join("pipe")], &Options::default()).unwrap();
    assert_eq!(rows(&inputs.ledger, "link.csv"), 10);
    assert!(inputs.unusable.len() == 1 && inputs.unusable[0].named);
}

#[cfg(unix)]
#[test]
fn names_of_any_bytes_are_kept_apart() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new();
    for (i, name) in [&b"a\xff.csv"[..], b"a\xfe.csv", b"-o x.csv", b"new\nline.csv", b"esc\x1b[31m.csv"].iter().enumerate() {
        let log = gpu_log(&format!("GPU-{i}"), 0, 5, |_| 100);
        fs::write(folder.path().join(OsStr::from_bytes(name)), log).unwrap();
    }
    let inputs = read_folder(&folder);
    assert_eq!(inputs.ledger.entries().count(), 5);
    assert_eq!(rows(&inputs.ledger, "a\\xff.csv"), 5);
}

#[test]
fn a_file_is_read_once() {
    let folder = Folder::new();
    let log = folder.write("a/gpu.csv", gpu_log("GPU-1", 0, 10, |_| 100));
    let inputs = read(&[folder.path().into(), log], &Options::default()).unwrap();
    let used: u64 = inputs.ledger.entries().map(|e| e.reading.rows.used).sum();
    assert_eq!(used, 10);
    assert!(inputs.ledger.file_notes().any(|(_, n)| n.code.id == "duplicate-file") || cfg!(not(unix)));
}

#[test]
fn what_is_missing_is_an_error_with_a_suggestion() {
    let folder = Folder::new();
    folder.write("gpu.csv", "x");
    let error = read(&[folder.path().join("gqu.csv")], &Options::default()).unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("did you mean gpu.csv?"));
}

#[test]
fn limits_are_named() {
    let folder = Folder::new();
    folder.write("a/b/gpu.csv", gpu_log("GPU-1", 0, 10, |_| 100));
    folder.write("a/gpu.csv", gpu_log("GPU-2", 0, 10, |_| 100));
    let options = Options { limits: Limits::default().with("depth=1").expect("a limit"), ..Options::default() };
    let inputs = read(&[folder.path().into()], &options).unwrap();
    assert_eq!(codes(&inputs.ledger, "a/b"), ["limit-reached"]);
    assert!(inputs.ledger.file_notes().any(|(_, n)| n.code.id == "limit-reached" && n.message.contains("`depth`")));
    let options = Options { limits: Limits::default().with("files=1").expect("a limit"), ..Options::default() };
    assert!(read(&[folder.path().into()], &options).unwrap_err().message.contains("more than 1 files"));
}

#[test]
fn packed_logs_are_read_as_they_are() {
    let log = gpu_log("GPU-1", 0, 600, |at| 100 + at % 7);
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = |bytes: &[u8]| ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest);
    let mut energies = Vec::new();
    for (name, content) in
        [("plain.csv", log.clone().into_bytes()), ("log.csv.gz", gzip(log.as_bytes())), ("log.zst", zstd(log.as_bytes()))]
    {
        let folder = Folder::new();
        folder.write(name, &content);
        let inputs = read_folder(&folder);
        energies.push(energy(&inputs.ledger));
        let entry = inputs.ledger.entries().next().unwrap();
        assert_eq!(entry.file.blake3, blake3::hash(&content).to_hex().as_str());
        assert_eq!(entry.file.bytes, content.len() as u64);
    }
    assert!(energies[0] > 0 && energies.iter().all(|e| *e == energies[0]));

    let folder = Folder::new();
    let whole = gzip(log.as_bytes());
    folder.write("cut.csv.gz", &whole[..whole.len() / 2]);
    let inputs = read_folder(&folder);
    assert!(codes(&inputs.ledger, "cut.csv.gz").contains(&"input-truncated"));
    let used = rows(&inputs.ledger, "cut.csv.gz");
    assert!(0 < used && used < 600, "{used}");
}

#[test]
fn a_bomb_is_refused_and_hides_nothing() {
    let folder = Folder::new();
    let mut bomb = gpu_log("GPU-9", 0, 100, |_| 100).into_bytes();
    bomb.resize(3 << 20, b'\n');
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&bomb).unwrap();
    folder.write("bomb.csv.gz", encoder.finish().unwrap());
    folder.write("gpu.csv", gpu_log("GPU-1", 0, 10, |_| 100));
    let options = Options { limits: Limits::default().with("unpacked-bytes=2097152").expect("a limit"), ..Options::default() };
    let inputs = read(&[folder.path().into()], &options).unwrap();
    assert_eq!(codes(&inputs.ledger, "bomb.csv.gz"), ["file-unreadable"]);
    assert_eq!((rows(&inputs.ledger, "bomb.csv.gz"), rows(&inputs.ledger, "gpu.csv")), (0, 10));
    assert_eq!(inputs.unusable.len(), 1);
}

#[test]
fn files_that_are_no_logs_say_what_they_are() {
    let folder = Folder::new();
    folder.write("picture.png", b"\x89PNG\r\n\x1a\n0000");
    folder.write("empty.csv", "");
    folder.write("notes.txt", "nothing to see\n");
    // Not read to its end: too large to be worth it.
    folder.write("weights.bin", vec![7; 3 << 20]);
    let inputs = read_folder(&folder);
    assert_eq!(codes(&inputs.ledger, "picture.png"), ["file-unknown"]);
    assert_eq!(codes(&inputs.ledger, "empty.csv"), ["file-empty"]);
    assert_eq!(codes(&inputs.ledger, "notes.txt"), ["file-unknown"]);
    assert_eq!(codes(&inputs.ledger, "weights.bin"), ["file-unknown"]);
    let weights = inputs.ledger.entries().find(|e| e.file.path.ends_with("weights.bin")).unwrap();
    assert_eq!((weights.file.blake3.as_str(), weights.file.bytes), ("", 3 << 20));
    assert!(inputs.unusable.is_empty() && !inputs.ledger.has_evidence());
}

#[test]
fn overlapping_parts_of_one_gpu_are_read_together() {
    let power = |at: u32| 100 + at * 13 % 50;
    let whole = Folder::new();
    whole.write("gpu.csv", gpu_log("GPU-1", 0, 300, power));
    let parts = Folder::new();
    parts.write("a.csv", gpu_log("GPU-1", 0, 200, power));
    parts.write("b.csv", gpu_log("GPU-1", 100, 200, power));
    assert_eq!(energy(&read_folder(&parts).ledger), energy(&read_folder(&whole).ledger));
}

#[test]
fn other_digests_on_demand() {
    let folder = Folder::new();
    folder.write("gpu.csv", "abc");
    let inputs = read(&[folder.path().into()], &Options { sha256: true, ..Options::default() }).unwrap();
    let entry = inputs.ledger.entries().next().unwrap();
    // FIPS 180-2, appendix B.1.
    assert_eq!(entry.file.sha256.as_deref(), Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    let inputs = read_folder(&folder);
    assert_eq!(inputs.ledger.entries().next().unwrap().file.sha256, None);
}

/// What a writer left that was killed goes with the next one, and nothing else does.
#[cfg(unix)]
#[test]
fn temporary_files_of_a_killed_writer_go() {
    use std::os::unix::fs::symlink;

    let folder = Folder::new();
    folder.write("logs/gpu.csv", gpu_log("GPU-1", 0, 120, |_| 200));
    // No process has this number.
    let gone = 0x7fff_fff0;
    let stale = [format!(".card.md.{gone}-0.tmp"), format!(".card.md.{gone}-17.tmp")];
    let own = std::process::id();
    let kept = [
        format!(".other.md.{gone}-0.tmp"),
        format!(".card.md.{own}-0.tmp"),
        format!("card.md.{gone}-0.tmp"),
        format!(".card.md.{gone}-x.tmp"),
        format!(".card.md.{gone}.tmp"),
        format!(".card.md.+{gone}-0.tmp"),
        String::from(".card.md.notes.tmp"),
        String::from(".card.md.tmp"),
    ];
    for name in stale.iter().chain(&kept) {
        folder.write(name, "half a card");
    }
    let at = |name: &str| folder.path().join(name);
    folder.write("mine", "not ours");
    symlink(at("mine"), at(&format!(".card.md.{gone}-1.tmp"))).unwrap();
    fs::create_dir(at(&format!(".card.md.{gone}-2.tmp"))).unwrap();
    let held = format!(".card.md.{gone}-3.tmp");
    let file = fs::File::create(at(&held)).unwrap();
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive).unwrap();
    folder.run(&["logs", "-o", "card.md", "-q"]).status(0);
    assert!(stale.iter().all(|name| !at(name).exists()), "a stale file is left");
    assert!(kept.iter().chain([&held]).all(|name| at(name).exists()), "a file of somebody else is gone");
    assert_eq!(folder.read("mine"), "not ours");
    drop(file);
    folder.run(&["logs", "-o", "card.md", "--region", "SE", "-q"]).status(0);
    assert!(!at(&held).exists());
}

/// Killed at any moment, a writer leaves the old card or the new one, and the next writer leaves the card alone.
#[cfg(unix)]
#[test]
fn kills_leave_nothing_behind() {
    let folder = Folder::new();
    folder.write("logs/gpu.csv", gpu_log("GPU-1", 0, 120, |_| 200));
    folder.run(&["logs", "-o", "saved.json", "-q"]).status(0);
    for at in 0..30 {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_carbon-report"))
            .args(["saved.json", "-o", "card.html", "--title", &format!("run {at}"), "-q"])
            .current_dir(folder.path())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(at * 4));
        let _ = child.kill();
        let _ = child.wait();
        // Whole at each moment, and of one writer: of this one or of one before.
        if folder.path().join("card.html").exists() {
            let card = folder.read("card.html");
            assert!(card.trim_end().ends_with("</html>"), "killed after {} ms: {} bytes", at * 4, card.len());
            assert!((0..=at).any(|before| card.contains(&format!("run {before}<"))), "killed after {} ms: of no writer", at * 4);
        }
    }
    folder.run(&["saved.json", "-o", "card.html", "--title", "the last", "-q"]).status(0);
    assert!(folder.read("card.html").contains("the last<"));
    let left: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(folder.read("card.html").trim_end().ends_with("</html>"));
}
