//! What the tests of the recorder share: folders, runs, the log as records, and a library that makes calls fail.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use carbon_core::read::carbon_report_jsonl::record::{Cause, Content, Record};

use crate::root;

/// Nothing that is waited for takes longer, on the slowest machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// An empty folder that goes when it is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one; `inside` is a folder that test binaries may write to.
    pub fn new(inside: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(inside).join(format!("record-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The files of the log in it, in order.
    pub fn logs(&self) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> =
            fs::read_dir(self.0.join("logs")).map(|d| d.flatten().map(|e| e.path()).collect()).unwrap_or_default();
        found.sort();
        found
    }

    /// All that is in the log, damaged lines apart.
    pub fn log(&self) -> Log {
        let mut log = Log::default();
        for file in self.logs() {
            log.read(&fs::read(file).expect("the log"));
        }
        log
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A log as records.
#[derive(Debug, Default)]
pub struct Log {
    /// Records whose checksum fits.
    pub records: Vec<Record>,
    /// Whole lines that are no records.
    pub damaged: Vec<String>,
    /// Bytes after the last line end.
    pub unterminated: usize,
}

impl Log {
    /// Adds a file.
    pub fn read(&mut self, bytes: &[u8]) {
        let mut lines = bytes.split(|b| *b == b'\n');
        self.unterminated += lines.next_back().map_or(0, <[u8]>::len);
        for line in lines {
            match Record::decode(line) {
                Ok(record) => self.records.push(record),
                Err(_) => self.damaged.push(String::from_utf8_lossy(line).into_owned()),
            }
        }
    }

    /// How many records say something of this kind.
    pub fn count(&self, kind: &str) -> usize {
        self.records.iter().filter(|r| r.content.kind() == kind).count()
    }

    /// Causes of its gaps.
    pub fn causes<'l>(&'l self) -> Vec<&'l Cause> {
        let cause = |record: &'l Record| match &record.content {
            Content::Gap(gap) => Some(&gap.cause),
            _ => None,
        };
        self.records.iter().filter_map(cause).collect()
    }

    /// Sequence numbers from 0 to the highest that no record has.
    pub fn missing(&self) -> Vec<u64> {
        let mut seen: Vec<u64> = self.records.iter().map(|r| r.sequence).collect();
        seen.sort_unstable();
        (0..seen.last().map_or(0, |last| last + 1)).filter(|n| seen.binary_search(n).is_err()).collect()
    }
}

/// Waits until something holds; what it waited for is the message when it never does.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < DEADLINE, "waited for {DEADLINE:?}: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Waits for a process to end, and does not wait for ever.
#[track_caller]
pub fn ended(child: &mut Child) -> std::process::ExitStatus {
    let mut status = None;
    until("the process ends", || {
        status = child.try_wait().expect("a status");
        status.is_some()
    });
    status.expect("it has ended")
}

/// Sends a signal as another process would.
pub fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill").args(["-s", name, &pid.to_string()]).status().expect("kill");
    assert!(sent.success(), "kill -s {name} {pid}");
}

/// The library of `tests/preload/faults.c`, built once.
pub fn faults(inside: &str) -> &'static OsStr {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| preload(inside, "faults")).as_os_str()
}

/// Builds a library of `tests/preload`, for `LD_PRELOAD`.
///
/// # Panics
/// Without a C compiler.
pub fn preload(inside: &str, name: &str) -> PathBuf {
    let path = Path::new(inside).join(format!("{name}-{}.so", std::process::id()));
    let source = root().join(format!("tests/preload/{name}.c"));
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&path).arg(source).arg("-ldl").status();
    assert!(built.expect("a C compiler, as Rust needs one to link").success());
    path
}
