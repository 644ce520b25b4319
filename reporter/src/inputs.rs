//! From paths to a ledger: every file that was found is in it, read or not.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::note;
use carbon_core::read::ReadOptions;

use crate::discover::{self, Discovery};
use crate::error::Error;
use crate::limits::Limits;
use crate::open::{self, FileId};
use crate::parallel::read_all;
use crate::read::{Context, FileRead, Foreign, Outcome, SMALLEST_RANGE};
use crate::{in_order, progress};

/// How files are found and read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What logs may lack.
    pub read: ReadOptions,
    /// Threads; as many as the machine has where absent. Results do not depend on it.
    pub threads: Option<NonZeroUsize>,
    /// SHA-256 beside BLAKE3. Files are then read in one pass each.
    pub sha256: bool,
    /// Bounds.
    pub limits: Limits,
    /// Whether work that takes long may show itself on a terminal.
    pub progress: bool,
    /// Hosts that the user names: logs in a folder or file of that name are theirs.
    pub hosts: Vec<String>,
    /// Files that will be written: they are no inputs, and a log among them is an error.
    pub outputs: Vec<PathBuf>,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Inputs {
    /// All evidence.
    pub ledger: Ledger,
    /// Named paths and recognised logs that could not be used.
    pub unusable: Vec<Unusable>,
    /// Documents of this program among the files: left out.
    pub own_documents: Vec<String>,
    /// Folder entries with a leading dot, which are not looked at.
    pub hidden: u64,
}

/// A file that the user may have counted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// Its name in the report.
    pub path: String,
    /// Whether it was named, and not just found in a folder.
    pub named: bool,
}

/// Finds and reads everything under `paths`.
///
/// # Errors
/// When a path does not exist, a limit on the number of files is met, or an output is one of the logs. A file that can't be read is no error: it
/// stands in the ledger with a note.
pub fn read_paths(paths: &[PathBuf], options: &Options) -> Result<Inputs, Error> {
    let Discovery { files, passed, hidden } = discover::discover(paths, &options.limits)?;
    let mut inputs = Inputs { hidden, ..Inputs::default() };
    for entry in passed {
        let counts = entry.named || entry.code.severity == note::Severity::Error;
        if counts {
            inputs.unusable.push(Unusable { path: entry.name.clone(), named: entry.named });
        }
        let file = InputFile { path: entry.name, ..InputFile::default() };
        inputs.ledger.add_unread(file, entry.code, entry.message, entry.hint);
    }
    let total = files.iter().map(|f| f.bytes).fold(0, u64::saturating_add);
    let threads = options.threads.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let reading = ReadOptions { bounds: options.limits.clone(), ..options.read.clone() };
    let foreign = Foreign::default();
    let read = progress::watch(options.progress, total, |done| {
        let context = Context {
            options: &reading,
            limits: &options.limits,
            sha256: options.sha256,
            progress: done,
            smallest_range: SMALLEST_RANGE,
            foreign: &foreign,
        };
        read_all(&files, context, threads)
    });
    let outputs: Vec<FileId> = options.outputs.iter().filter_map(|path| open::file_id(&path.metadata().ok()?)).collect();
    for file in read {
        inputs.take(*file, &outputs)?;
    }
    inputs.ledger.name_hosts(options.hosts.iter().cloned());
    in_order::put_in_order(&mut inputs.ledger, &files, &reading, &options.limits);
    Ok(inputs)
}

impl Inputs {
    fn take(&mut self, file: FileRead, outputs: &[FileId]) -> Result<(), Error> {
        let FileRead { input, named, id, outcome, members } = file;
        let is_output = id.is_some_and(|id| outputs.contains(&id));
        match outcome {
            Outcome::Read(reading) => {
                let is_log = !reading.format.is_empty() || !members.is_empty();
                if is_output && (is_log || named) {
                    return Err(overwrites(&input.path));
                }
                if is_output {
                    return Ok(());
                }
                if reading.refused || (named && !is_log) {
                    self.unusable.push(Unusable { path: input.path.clone(), named });
                }
                self.ledger.add(input, reading);
            }
            Outcome::Failed { code, message, hint } => {
                self.unusable.push(Unusable { path: input.path.clone(), named });
                self.ledger.add_unread(input, code, message, hint);
            }
            Outcome::OwnDocument => {
                if is_output && named {
                    return Err(overwrites(&input.path));
                }
                if named {
                    self.unusable.push(Unusable { path: input.path.clone(), named });
                }
                self.own_documents.push(input.path);
            }
        }
        for member in members {
            self.take(member, &[])?;
        }
        Ok(())
    }
}

fn overwrites(path: &str) -> Error {
    Error::new(format!("{path} is given as an input and as an output")).hint("write to another file: logs are never overwritten")
}
