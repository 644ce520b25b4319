//! A folder of logs that a test writes, and what the command says of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::command::{self, Outcome};

/// A folder of its own; it is deleted at the end.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    program: &'static str,
}

impl Folder {
    /// An empty one below `place`, for runs of `program`: the two that Cargo tells a test.
    pub fn new(place: &str, program: &'static str, name: &str) -> Self {
        Self { path: Path::new(place).join(format!("{name}-{}", std::process::id())), program }
    }

    /// Writes a file.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }

    /// Whether there is such a file.
    pub fn has(&self, name: &str) -> bool {
        self.path.join(name).exists()
    }

    /// Runs the command there, for France in UTC, with the report on standard output.
    ///
    /// # Panics
    /// When it does not end.
    pub fn run(&self, args: &[&str]) -> Outcome {
        self.run_as_it_stands(&[args, &["--region=FR", "--tz=UTC", "--format=json"]].concat())
    }

    /// Runs the command there, with these words alone.
    ///
    /// # Panics
    /// When it does not end.
    pub fn run_as_it_stands(&self, args: &[&str]) -> Outcome {
        command::run(Command::new(self.program).current_dir(&self.path).args(args)).expect("it ends")
    }

    /// The same on a file as standard input.
    ///
    /// # Panics
    /// When it does not end.
    pub fn run_on(&self, input: &str, args: &[&str]) -> Outcome {
        let file = fs::File::open(self.path.join(input)).expect("a file");
        let args = [&["-", "--region=FR", "--tz=UTC", "--format=json"], args].concat();
        command::run_from(Command::new(self.program).current_dir(&self.path).args(args), file.into()).expect("it ends")
    }

    /// The report.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn report(&self, args: &[&str]) -> Value {
        let outcome = self.run(args);
        assert!(outcome.status < 2, "{args:?}: {}", outcome.stderr);
        serde_json::from_str(&outcome.stdout).expect("JSON")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
