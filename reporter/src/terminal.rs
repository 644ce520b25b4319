//! Messages for people, on standard error. Text from logs, names and settings shows its hidden characters instead of acting on the terminal.

use std::io::{self, Write};

use carbon_render::escape::visible;

/// A document as a terminal is shown it: text of logs acts on none. Line breaks, tabs and indents stay; a file or a pipe gets the bytes.
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for part in text.split_inclusive(['\n', '\t']) {
        let end = part.trim_end_matches(['\n', '\t', '\r', ' ']).len();
        let start = part.len() - part.trim_start_matches(' ').len();
        shown.push_str(&part[..start.min(end)]);
        shown.push_str(&visible(&part[start.min(end)..end]));
        shown.extend(part[end..].chars().filter(|c| *c != '\r'));
    }
    shown
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_shown_what_would_act_on_it() {
        for (text, expected) in [
            ("a,b\n  c\td\t\n", "a,b\n  c\td\t\n"),
            ("\u{1b}]0;owned\u{7}\n", "<U+001B>]0;owned<U+0007>\n"),
            ("x\u{9b}31m\u{202e}\n", "x<U+009B>31m<U+202E>\n"),
            ("a\rb\r\nc", "a<U+000D>b\nc"),
            ("\u{8}\u{8}  \n\u{c}", "<U+0008>  \n<U+000C>"),
            ("  \n\n\t\n", "  \n\n\t\n"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }
}
