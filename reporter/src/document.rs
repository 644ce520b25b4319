//! One document to one place: which format, and what becomes of a file that is there already.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use carbon_core::read::is_own_document;
use carbon_core::report::Report;
use carbon_render::{Format, SpliceError};

use crate::atomic;
use crate::discover::printable;
use crate::error::Error;
use crate::terminal::shown;

/// Where a document goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// Standard output.
    Stdout,
}

/// A document to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where it goes.
    pub place: Place,
    /// What it is.
    pub format: Format,
}

/// What may be done to a file that somebody else wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permission {
    /// Put the section at its end.
    pub append: bool,
    /// Replace it.
    pub force: bool,
}

/// A document with what stands in its place now.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where it goes.
    pub target: Target,
    /// What is there; empty where there is nothing.
    pub before: String,
    /// What should be there.
    pub after: String,
    /// Whether anything would change.
    pub changed: bool,
    /// Something that a user should know.
    pub remark: Option<String>,
}

impl Target {
    /// The target of `-o OUT`: `-` is standard output. `format` is what the user names; else the ending of OUT says it.
    pub fn new(out: &Path, format: Option<&str>) -> Result<Self, Error> {
        let place = if out.as_os_str() == "-" { Place::Stdout } else { Place::File(out.into()) };
        let format = match (format, &place) {
            (Some(name), _) => Format::from_name(name).ok_or_else(|| unknown_format(&format!("format: found {name:?}")))?,
            (None, Place::Stdout) => Format::Markdown,
            (None, Place::File(path)) => {
                let ending = path.extension().map(printable).unwrap_or_default();
                Format::from_name(&ending).filter(|_| !ending.is_empty()).ok_or_else(|| {
                    let found = if ending.is_empty() { String::from("no ending") } else { format!("the ending .{ending}") };
                    unknown_format(&format!("output {}: found {found}", printable(path.as_os_str())))
                })?
            }
        };
        Ok(Self { place, format })
    }

    /// The name for messages.
    pub fn name(&self) -> String {
        match &self.place {
            Place::File(path) => printable(path.as_os_str()),
            Place::Stdout => String::from("standard output"),
        }
    }

    /// Whether both are written to one place, however their paths are written.
    pub fn is_of_same_file(&self, other: &Self) -> bool {
        match (&self.place, &other.place) {
            (Place::File(own), Place::File(other)) => {
                own == other || atomic::written_to(own).is_some_and(|own| atomic::written_to(other) == Some(own))
            }
            (own, other) => own == other,
        }
    }

    /// Whether the target can be written to at all, looked at before any work is done.
    pub fn check(&self) -> Result<(), Error> {
        let Place::File(path) = &self.place else { return Ok(()) };
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        if path.is_dir() {
            return Err(Error::new(format!("output {}: found a folder, expected a file", self.name()))
                .hint("name a file in it, for example card.md"));
        }
        match folder {
            Some(folder) if !folder.is_dir() => {
                Err(Error::new(format!("output {}: the folder does not exist", self.name())).hint("make the folder first"))
            }
            _ => Ok(()),
        }
    }
}

impl Document {
    /// Makes a document and puts it in its place in what is there, without writing anything.
    pub fn plan(target: &Target, report: &Report, options: &carbon_render::Options<'_>, permission: Permission) -> Result<Self, Error> {
        let fresh =
            carbon_render::render(report, target.format, options).map_err(|e| Error { message: e.to_string(), hint: e.hint.clone() })?;
        let Place::File(path) = &target.place else {
            return Ok(Self { target: target.clone(), before: String::new(), after: fresh, changed: true, remark: None });
        };
        let Some(before) = existing(path, target)? else {
            return Ok(Self { target: target.clone(), before: String::new(), after: fresh, changed: true, remark: None });
        };
        let mut remark = None;
        let after = if matches!(target.format, Format::Markdown | Format::Mdx) {
            in_markdown(&before, &fresh, report, target, permission, &mut remark)?
        } else if before.trim().is_empty() || permission.force || is_own_document(before.as_bytes()) {
            fresh
        } else {
            return Err(not_ours(target, "`--force` replaces it"));
        };
        Ok(Self { changed: after != before, target: target.clone(), before, after, remark })
    }

    /// Writes it, where anything changes.
    pub fn write(&self, stdout: &mut (impl io::Write + IsTerminal)) -> io::Result<()> {
        match &self.target.place {
            Place::Stdout if stdout.is_terminal() => stdout.write_all(shown(&self.after).as_bytes()).and_then(|()| stdout.flush()),
            Place::Stdout => stdout.write_all(self.after.as_bytes()).and_then(|()| stdout.flush()),
            Place::File(_) if !self.changed => Ok(()),
            Place::File(path) => atomic::write(path, self.after.as_bytes()),
        }
    }

    /// What writing would change, as a unified diff; empty where nothing would.
    pub fn diff(&self) -> String {
        if !self.changed {
            return String::new();
        }
        let name = self.target.name();
        let before = if self.before.is_empty() { String::from("/dev/null") } else { name.clone() };
        similar::TextDiff::from_lines(&self.before, &self.after).unified_diff().header(&before, &name).to_string()
    }
}

/// The text of an existing regular file; `None` where there is nothing, or a device or pipe.
fn existing(path: &Path, target: &Target) -> Result<Option<String>, Error> {
    let unreadable = |e: io::Error| Error::new(format!("output {}: what is there could not be read: {e}", target.name()));
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => {
            let bytes = fs::read(path).map_err(unreadable)?;
            String::from_utf8(bytes).map(Some).map_err(|_| not_ours(target, "name another file"))
        }
        Ok(_) => Ok(None),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(unreadable(e)),
    }
}

/// A section between its markers, at the end, or in the place of everything; and the front matter's key, where there is front matter.
fn in_markdown(
    before: &str,
    section: &str,
    report: &Report,
    target: &Target,
    permission: Permission,
    remark: &mut Option<String>,
) -> Result<String, Error> {
    let text = match carbon_render::splice(before, section) {
        Ok(spliced) => spliced.text,
        Err(SpliceError::NoMarkers { .. }) if before.trim().is_empty() || permission.force => section.into(),
        Err(SpliceError::NoMarkers { .. }) if permission.append => carbon_render::append(before, section),
        Err(e @ SpliceError::NoMarkers { .. }) => {
            let hint = format!("{}; `--append` puts the section at the end, `--force` replaces the file", e.hint());
            return Err(Error::new(format!("output {}: {e}", target.name())).hint(hint));
        }
        Err(e) => return Err(Error::new(format!("output {}: {e}", target.name())).hint(e.hint())),
    };
    if !has_front_matter(&text) {
        return Ok(text);
    }
    let unusable = |e: carbon_render::RenderError| Error { message: format!("output {}: {e}", target.name()), hint: e.hint };
    match carbon_render::front_matter_block(report) {
        Some(block) => carbon_render::merge_front_matter(&text, &block).map_err(unusable),
        None => {
            carbon_render::check_front_matter(&text).map_err(unusable)?;
            if text.contains(carbon_render::FRONT_MATTER_KEY) {
                *remark =
                    Some(format!("{}: the front matter keeps its `co2_eq_emissions`, because no emissions are known now", target.name()));
            }
            Ok(text)
        }
    }
}

fn has_front_matter(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.trim_end() == "---")
}

fn not_ours(target: &Target, hint: &str) -> Error {
    Error::new(format!("output {}: found a file that carbon-report did not write", target.name())).hint(hint)
}

fn unknown_format(found: &str) -> Error {
    let names: Vec<String> = carbon_render::FORMATS.iter().map(|f| format!("{} (.{})", f.name, f.endings.join(", ."))).collect();
    Error::new(format!("{found}, expected one of the formats that are known")).hint(format!("known formats: {}", names.join("; ")))
}
