//! The command as a user runs it, ended when it hangs.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A run may take this long, in a debug build on a slow machine: longer is a hang.
const LONGEST: Duration = Duration::from_secs(30);

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// Exit status; -1 for a signal.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Runs a command without input to its end.
///
/// # Errors
/// When it can't be started, or does not end.
pub fn run(command: &mut Command) -> Result<Outcome, String> {
    run_from(command, Stdio::null())
}

/// Runs a command on an input to its end.
///
/// # Errors
/// When it can't be started, or does not end.
pub fn run_from(command: &mut Command, input: Stdio) -> Result<Outcome, String> {
    let mut child = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|e| format!("not started: {e}"))?;
    let reader = |stream: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut stream) = stream {
                let _ = stream.read_to_end(&mut bytes);
            }
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let out = reader(child.stdout.take().map(|s| Box::new(s) as Box<dyn Read + Send>));
    let err = reader(child.stderr.take().map(|s| Box::new(s) as Box<dyn Read + Send>));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            break status;
        }
        if start.elapsed() > LONGEST {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("still running after {LONGEST:?}"));
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let text = |handle: std::thread::JoinHandle<String>| handle.join().unwrap_or_default();
    Ok(Outcome { status: status.code().unwrap_or(-1), stdout: text(out), stderr: text(err) })
}

/// Characters that a terminal would act upon, or that hide.
pub fn is_unprintable(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
