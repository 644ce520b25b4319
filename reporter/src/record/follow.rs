//! A log that is being written, as seen from beside it: which files, how far, and whether the run is over.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use carbon_core::read::carbon_report_jsonl::record::{Clocks, Content, Record};

use super::source::SourceOptions;
use super::source::machine::Machine;
use crate::Error;
use crate::discover::printable;

/// The last records lie within so many bytes of the end.
const TAIL: u64 = 64 << 10;

/// A recorder of another machine, or of one that says not which it is, is gone when it has written nothing for so long.
const SILENCE: Duration = Duration::from_secs(10);

/// A run's files.
#[derive(Debug)]
pub struct Followed {
    folder: PathBuf,
    /// What the names of its files have in common.
    stem: String,
    length: u64,
    grown: Instant,
    /// This boot of this machine, as logs call it.
    boot: Option<String>,
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The log says that it is over, and how the program ended where there was one.
    Ended(Option<String>),
    /// The recorder is gone, and has not said so.
    Gone,
    /// It goes on.
    Runs,
}

impl Followed {
    /// The run of `path`: a file of its log, or a folder, of which the run that started last.
    pub fn new(path: &Path) -> Result<Self, Error> {
        let shown = printable(path.as_os_str());
        let none = |found: &str| {
            Error::new(format!("{shown}: found {found}, expected a log of `carbon-report record`"))
                .hint("for example `carbon-report record -o logs/ -- python train.py`, and elsewhere `carbon-report live logs/`")
        };
        let (folder, stem) = if path.is_dir() {
            let entries = fs::read_dir(path).map_err(|e| Error::new(format!("{shown} could not be read: {e}")))?;
            let stems = entries.flatten().filter_map(|entry| stem(&entry.file_name().to_string_lossy()).map(str::to_owned));
            (path.to_owned(), stems.max().ok_or_else(|| none("no such file in it"))?)
        } else if path.exists() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            (folder.to_owned(), stem(&name).ok_or_else(|| none("another name"))?.to_owned())
        } else {
            return Err(none("nothing"));
        };
        Ok(Self { folder, stem, length: 0, grown: Instant::now(), boot: Machine::look(&SourceOptions::default()).boot })
    }

    /// The files so far, in order.
    pub fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files: Vec<PathBuf> = fs::read_dir(&self.folder)?
            .flatten()
            .filter(|entry| stem(&entry.file_name().to_string_lossy()) == Some(self.stem.as_str()))
            .map(|entry| entry.path())
            .collect();
        files.sort();
        Ok(files)
    }

    /// Whether it goes on, and the clocks of its last record.
    pub fn state(&mut self) -> io::Result<(State, Option<Clocks>)> {
        // Before its last word is looked for: it may end in between.
        let runs = self.recorder_runs();
        let files = self.files()?;
        let length = files.iter().filter_map(|file| file.metadata().ok()).map(|m| m.len()).sum();
        if length != self.length {
            (self.length, self.grown) = (length, Instant::now());
        }
        let last = files.last().map(|file| last_record(file)).transpose()?.flatten();
        let state = match &last {
            Some(Record { content: Content::End(end), .. }) => State::Ended(end.status.clone()),
            _ if !runs && (self.grown.elapsed() > SILENCE || files.last().is_some_and(|file| self.is_of_this_boot(file))) => State::Gone,
            _ => State::Runs,
        };
        Ok((state, last.map(|record| record.clocks)))
    }

    /// Whether a file was written by a process of this machine since it was started.
    fn is_of_this_boot(&self, file: &Path) -> bool {
        let boot = first_record(file).ok().flatten().and_then(|record| match record.content {
            Content::Machine(machine) => machine.boot,
            _ => None,
        });
        boot.is_some() && boot == self.boot
    }

    /// Whether the process that the files are named after is there. On another machine it is not, which silence has to decide.
    fn recorder_runs(&self) -> bool {
        #[cfg(unix)]
        {
            let pid = self.stem.rsplit('-').nth(1).and_then(|pid| pid.parse().ok()).and_then(rustix::process::Pid::from_raw);
            let there = pid.map(rustix::process::test_kill_process);
            matches!(there, Some(Ok(()) | Err(rustix::io::Errno::PERM))) && !pid.is_some_and(is_zombie)
        }
        #[cfg(not(unix))]
        false
    }
}

/// `carbon-report-20251125T204733Z-4711-9f3a2c` of `carbon-report-20251125T204733Z-4711-9f3a2c.0000.jsonl`.
fn stem(name: &str) -> Option<&str> {
    let (stem, part) = name.strip_suffix(".jsonl")?.rsplit_once('.')?;
    (stem.starts_with("carbon-report-") && part.bytes().all(|b| b.is_ascii_digit())).then_some(stem)
}

/// Whether a process has ended, and nobody has asked how.
#[cfg(unix)]
fn is_zombie(pid: rustix::process::Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with(['Z', 'X']))
}

/// The machine record that begins a file.
fn first_record(path: &Path) -> io::Result<Option<Record>> {
    let mut head = Vec::new();
    File::open(path)?.take(TAIL).read_to_end(&mut head)?;
    Ok(head.split(|b| *b == b'\n').next().and_then(|line| Record::decode(line).ok()))
}

/// The last whole record of a file.
fn last_record(path: &Path) -> io::Result<Option<Record>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    Ok(tail.split(|b| *b == b'\n').rev().find_map(|line| Record::decode(line).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        assert_eq!(stem("carbon-report-20251125T204733Z-4711-9f3a2c.0012.jsonl"), Some("carbon-report-20251125T204733Z-4711-9f3a2c"));
        assert_eq!(stem("carbon-report-20251125T204733Z-4711-9f3a2c.json"), None);
        assert_eq!(stem("gpu.0001.jsonl"), None);
    }
}
