//! The program that is recorded: started as a shell would, waited for, and left alone.

use std::ffi::OsString;
use std::io;
use std::process::{Child, Command, ExitStatus};

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this status.
    Status(i32),
    /// By a signal.
    Signal(i32),
}

/// Why a program did not start, with the status that shells give.
#[derive(Debug)]
pub struct NotStarted {
    /// 127: not found; 126: found, and not to be started.
    pub status: u8,
    /// Why.
    pub error: io::Error,
}

/// Starts `words` with our own standard streams, and with `variable` in its environment.
pub fn start(words: &[OsString], variable: Option<(&str, &OsString)>) -> Result<Child, NotStarted> {
    let Some((name, arguments)) = words.split_first() else {
        return Err(NotStarted { status: 127, error: io::ErrorKind::NotFound.into() });
    };
    let spawn = |command: &mut Command| {
        if let Some((key, value)) = variable {
            command.env(key, value);
        }
        command.spawn()
    };
    let result = match spawn(Command::new(name).args(arguments)) {
        // A script without a first line that names its shell: `execvp` and every shell give it to sh.
        Err(error) if is_no_executable_format(&error) => spawn(Command::new("/bin/sh").arg(name).args(arguments)),
        result => result,
    };
    result.map_err(|error| NotStarted { status: if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 }, error })
}

#[cfg(unix)]
fn is_no_executable_format(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::NOEXEC.raw_os_error())
}

#[cfg(not(unix))]
fn is_no_executable_format(_error: &io::Error) -> bool {
    false
}

impl Ended {
    /// From what the system says.
    pub fn new(status: ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Ended::Signal(signal);
        }
        Ended::Status(status.code().unwrap_or(1))
    }

    /// Ends this process in the same way, so that whoever waits for it sees no difference.
    pub fn mirror(self) -> ! {
        match self {
            Ended::Status(status) => std::process::exit(status),
            Ended::Signal(signal) => {
                #[cfg(unix)]
                super::signals::die_by(signal);
                // A signal that does not end a process: the status that a shell gives for it.
                std::process::exit(128 + signal)
            }
        }
    }
}
