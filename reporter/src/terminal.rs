//! Messages for people, on standard error. Text from logs, names and settings shows its hidden characters instead of acting on the terminal.

use std::io::{self, Write};

use carbon_render::escape::visible;

/// Writes messages; a closed standard error is nobody to tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminal {
    /// Errors alone are shown.
    pub quiet: bool,
}

impl Terminal {
    /// What went wrong.
    pub fn error(self, message: &str, hint: Option<&str>) {
        self.line("error", message, hint);
    }

    /// What may be wrong.
    pub fn warning(self, message: &str, hint: Option<&str>) {
        if !self.quiet {
            self.line("warning", message, hint);
        }
    }

    /// What is good to know.
    pub fn note(self, message: &str, hint: Option<&str>) {
        if !self.quiet {
            self.line("note", message, hint);
        }
    }

    /// What was done.
    pub fn say(self, message: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{}", visible(message));
        }
    }

    fn line(self, severity: &str, message: &str, hint: Option<&str>) {
        let mut stderr = io::stderr().lock();
        let _ = writeln!(stderr, "{severity}: {}", visible(message));
        if let Some(hint) = hint.filter(|hint| !hint.is_empty()) {
            let _ = writeln!(stderr, "  hint: {}", visible(hint));
        }
    }
}
