//! Which line of a settings file an error is of that shows late, once everything that was said is put together: what stands up to there is tried again.

use std::path::PathBuf;

use crate::discover::printable;
use crate::error::Error;
use crate::request::Request;
use crate::settings::{Choices, SettingsFile};

/// A value may stand on so many lines.
const LONGEST: usize = 64;

impl Request {
    /// The request of flags, and of a settings file that goes with them: see [`Request::of`]. An error that the file makes names it, and the line.
    ///
    /// # Errors
    /// As [`Request::of`].
    pub fn of_settings(command: &str, flags: &Choices, settings: &SettingsFile, paths: &[PathBuf]) -> Result<Self, Error> {
        let of = |file: &SettingsFile| {
            let choices = flags.clone().or(file.choices.clone());
            Self::of(command, &choices, paths)?.with_phases(&file.phases)
        };
        of(settings).map_err(|error| {
            // The file may be read no longer, or say something else by now.
            let Ok(text) = SettingsFile::text(&settings.path) else { return error };
            let fails = |text: &str| Some(of(&settings.of_same_place(text).ok()?).err().is_some_and(|found| found == error));
            if fails("") != Some(false) || fails(&text) != Some(true) {
                return error;
            }
            let line = first_line(&text, fails);
            let path = printable(settings.path.as_os_str());
            Error { message: format!("settings, line {line}: {} ({path})", error.message), ..error }
        })
    }
}

/// The line with which a text begins to fail. `fails` says of a text that ends in the middle of a value nothing.
fn first_line(text: &str, fails: impl Fn(&str) -> Option<bool>) -> usize {
    let ends: Vec<usize> =
        [0].into_iter().chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1)).collect();
    let up_to = |lines: usize| ends.get(lines).map_or(text, |end| &text[..*end]);
    let (mut passes, mut failing) = (0, ends.len());
    let mut most = failing;
    while most - passes > 1 {
        let middle = passes + (most - passes) / 2;
        let tried = (middle..failing.min(middle + LONGEST)).find_map(|lines| Some((lines, fails(up_to(lines))?)));
        match tried {
            Some((lines, true)) => (failing, most) = (lines, middle),
            Some((lines, false)) => {
                passes = lines;
                most = most.max((passes + 1).min(failing));
            }
            None => most = middle,
        }
    }
    let says = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let said = text.lines().enumerate().skip(passes).find(|(_, line)| says(line)).map_or(passes, |(at, _)| at);
    said.min(failing.saturating_sub(1)) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_the_first_that_fails() {
        for (text, line) in [
            ("bad", 1),
            ("a\nb\nbad\nc\n", 3),
            ("a\nbad\nb\nbad\n", 2),
            ("# bad in words\n\n# more\n\nbad\n", 5),
            ("a\n(\n1\n2\nbad\n)\nb\n", 2),
            (&("a\n".repeat(1000) + "bad\n" + &"b\n".repeat(777)), 1001),
            (&("a\n".repeat(5) + "(\n" + &"1\n".repeat(30) + "bad\n)\n" + &"b\n".repeat(9)), 6),
        ] {
            // In brackets, nothing is known until they close.
            let fails = |text: &str| {
                let is_whole = text.matches('(').count() == text.matches(')').count();
                is_whole.then(|| text.lines().any(|line| line == "bad"))
            };
            assert_eq!(first_line(text, fails), line, "{text:?}");
        }
    }
}
