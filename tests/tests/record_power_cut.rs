//! What is on the disk outlives a power cut: every call of a long recording is traced, and the disk is shown as it may be after a cut at each of them.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::read::carbon_report_jsonl::record::{Content, Record};
use carbon_core::read::{FileReader, ReadOptions};
use carbon_tests::promises::shown;
use carbon_tests::recording::{Folder, faults};
use carbon_tests::{energy, settled};

const INSIDE: &str = env!("CARGO_TARGET_TMPDIR");

/// At one synchronisation in 30 s, 200 of them.
const SECONDS: u64 = 6000;

/// A file system's smallest unit: what was not synchronised may be lost in these, one by one.
const BLOCK: usize = 512;

/// A call that changed what is on the disk.
enum Call {
    Open(PathBuf),
    Write(PathBuf, usize),
    /// The file's bytes, or the names in a folder, are on the disk.
    Sync(PathBuf),
    MakeFolder(PathBuf),
}

fn calls(trace: &str) -> Vec<Call> {
    trace
        .lines()
        .map(|line| {
            let (call, rest) = line.split_once(' ').expect("a call and a name");
            match call {
                "open" => Call::Open(rest.into()),
                "fdatasync" | "fsync" => Call::Sync(rest.into()),
                "mkdir" => Call::MakeFolder(rest.into()),
                "write" => {
                    let (bytes, name) = rest.split_once(' ').expect("bytes and a name");
                    Call::Write(name.into(), bytes.parse().expect("a number"))
                }
                _ => panic!("nothing is cut or renamed: {line}"),
            }
        })
        .collect()
}

/// What the disk is bound to hold, and what was handed to the system.
#[derive(Default)]
struct Disk {
    files: BTreeMap<PathBuf, File>,
    /// Names that a cut may take away.
    unnamed: Vec<PathBuf>,
}

#[derive(Default)]
struct File {
    written: usize,
    synced: usize,
}

impl Disk {
    fn call(&mut self, call: &Call) {
        match call {
            Call::Open(path) => {
                self.files.insert(path.clone(), File::default());
                self.unnamed.push(path.clone());
            }
            Call::MakeFolder(path) => self.unnamed.push(path.clone()),
            Call::Write(path, bytes) => self.files.get_mut(path).expect("an open file").written += bytes,
            Call::Sync(path) => match self.files.get_mut(path) {
                Some(file) => {
                    file.synced = file.written;
                    let nameless = self.unnamed.iter().find(|name| path.starts_with(name));
                    assert_eq!(nameless, None, "what is synchronised can be lost with this name");
                }
                None => self.unnamed.retain(|name| name.parent() != Some(path)),
            },
        }
    }
}

/// What a cut may leave of bytes that were not synchronised: none, all, some, zeros in their place, or holes of zeros.
fn remains(unsynced: &[u8]) -> [Vec<u8>; 5] {
    let holes = |bytes: &[u8]| {
        let block = |(i, block): (usize, &[u8])| if i % 2 == 0 { vec![0; block.len()] } else { block.to_vec() };
        bytes.chunks(BLOCK).enumerate().flat_map(block).collect()
    };
    let some = unsynced.get(..unsynced.len() * 2 / 3).unwrap_or_default();
    [Vec::new(), unsynced.to_vec(), some.to_vec(), vec![0; unsynced.len()], holes(unsynced)]
}

#[test]
fn no_synchronised_record_is_lost() {
    let folder = Folder::new(INSIDE);
    let trace = folder.file("trace");
    let written = Command::new(env!("CARGO_BIN_EXE_log-writer"))
        .arg(folder.file("logs"))
        .arg(SECONDS.to_string())
        .env("LD_PRELOAD", faults(INSIDE))
        .env("TRACE", &trace)
        .status();
    assert!(written.expect("a writer").success());
    let calls = calls(&fs::read_to_string(&trace).expect("a trace"));
    let whole: BTreeMap<PathBuf, Vec<u8>> = folder
        .logs()
        .into_iter()
        .map(|path| path.canonicalize().expect("a path"))
        .map(|p| (p.clone(), fs::read(p).expect("a log")))
        .collect();
    let (mut disk, mut syncs, mut cuts, mut longest) = (Disk::default(), 0, 0, 0);
    for (i, call) in calls.iter().enumerate() {
        disk.call(call);
        let is_sync = matches!(call, Call::Sync(path) if whole.contains_key(path));
        syncs += usize::from(is_sync);
        // After each call: what was synchronised of its file is whole records, and no rest of the others spoils or invents one.
        let (Call::Open(path) | Call::Write(path, _) | Call::Sync(path) | Call::MakeFolder(path)) = call;
        if let Some(file) = disk.files.get(path) {
            let (kept, rest) = whole[path][..file.written].split_at(file.synced);
            assert!(kept.is_empty() || kept.ends_with(b"\n"), "call {i}: a record is half synchronised");
            longest = longest.max(rest.split(|b| *b == b'\n').filter(|line| line.starts_with(b"{\"sample\"")).count());
            for rest_left in remains(rest) {
                cuts += 1;
                let lines = rest_left.split(|b| *b == b'\n');
                let found = lines.filter(|line| Record::decode(line).is_ok());
                for line in found {
                    assert!(rest.split(|b| *b == b'\n').any(|written| written == line), "call {i}: a record that nobody wrote");
                }
            }
        }
        // Reading all of it takes longer: some of the states.
        if (is_sync && syncs % 10 == 0) || i + 1 == calls.len() {
            read_back(&disk, &whole, i);
        }
    }
    assert!(
        syncs >= 200 && whole.len() > 10 && longest <= 30,
        "{syncs} synchronisations, {} files, {longest} s unsynchronised",
        whole.len()
    );
    shown(&format!(
        "{} calls, {syncs} synchronisations, {cuts} states of a file after a cut: 0 synchronised records lost, {longest} s unsynchronised at most",
        calls.len()
    ));
}

/// The newest two files as the card's reader sees them when the cut comes just before the next synchronisation: every joule that was synchronised is there.
fn read_back(disk: &Disk, whole: &BTreeMap<PathBuf, Vec<u8>>, call: usize) {
    let count = |bytes: &[u8]| bytes.split(|b| *b == b'\n').filter(|line| line.starts_with(b"{\"sample\"")).count();
    let newest: Vec<(&PathBuf, &File)> = disk.files.iter().rev().take(2).collect();
    let synced: usize = newest.iter().map(|(path, file)| count(&whole[*path][..file.synced])).sum();
    for variant in 0..5 {
        let mut ledger = Ledger::default();
        for (path, file) in newest.iter().copied() {
            // The cut comes up to thirty ticks later: bytes that this file was still to get stand for those that were not synchronised.
            let end = whole[path].len().min(file.synced + 8 * BLOCK);
            let (kept, rest) = whole[path][..end].split_at(file.synced);
            let is_open = path == newest[0].0;
            let rest = if is_open { remains(rest)[variant].clone() } else { Vec::new() };
            let mut reader = FileReader::new(ReadOptions::default());
            reader.push(&[kept, &rest].concat());
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let reading = reader.finish();
            ledger.add(InputFile { path: name.clone(), blake3: name, ..InputFile::default() }, reading);
        }
        let joules = energy(&settled(&ledger)).as_kwh() * 3.6e6;
        // The first reading begins to count: n readings hold n - 1 J.
        assert!(joules > synced as f64 - 1.001, "call {call}, variant {variant}: {joules} J of {synced} s");
        assert!(joules < SECONDS as f64, "call {call}, variant {variant}: {joules} J");
    }
}

/// The trace of a recording has each kind of call, so that a promise about it is one about something.
#[test]
fn a_recording_is_synchronised_at_its_start_and_end() {
    let folder = Folder::new(INSIDE);
    let trace = folder.file("trace");
    let status = Command::new(env!("CARGO_BIN_EXE_carbon-report-under-test"))
        .args(["record", "-q", "-o", "new/folder/logs", "--", "true"])
        .current_dir(folder.path())
        .env("LD_PRELOAD", faults(INSIDE))
        .env("TRACE", &trace)
        .status();
    assert!(status.expect("a run").success());
    let calls = calls(&fs::read_to_string(&trace).expect("a trace"));
    let mut disk = Disk::default();
    calls.iter().for_each(|call| disk.call(call));
    let [file] = disk.files.values().collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("one file"));
    assert!(file.written > 0 && file.synced == file.written, "the end is on the disk");
    let first_sync = calls.iter().position(|call| matches!(call, Call::Sync(path) if disk.files.contains_key(path))).expect("one");
    let last_write = calls.iter().rposition(|call| matches!(call, Call::Write(..))).expect("one");
    assert!(first_sync < last_write && matches!(calls.last(), Some(Call::Sync(_))), "at the start, and after the last record");
    let last = fs::read(folder.file("new/folder/logs").read_dir().expect("logs").flatten().next().expect("a log").path()).expect("a log");
    let last = last.split(|b| *b == b'\n').rev().find_map(|line| Record::decode(line).ok()).expect("a record");
    assert!(matches!(last.content, Content::End(_)));
}
