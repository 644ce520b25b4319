//! From the paths that a user names to the files to read: folders are walked in byte order, and nothing but regular files is taken.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

use carbon_core::note::{self, Code};

use crate::error::Error;
use crate::limits::{DEPTH, FILES, Limits};
use crate::open::{self, FileId};

/// Name of the settings file: never a log.
pub const SETTINGS_FILE: &str = "carbon-report.toml";

/// A file to be read.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where it is; `None` is standard input.
    pub path: Option<PathBuf>,
    /// What reports call it: relative, with `/`, unique.
    pub name: String,
    /// Whether the user named the file itself, and not a folder around it.
    pub named: bool,
    /// Size when it was found.
    pub bytes: u64,
}

/// An entry that is not read.
#[derive(Clone, Debug)]
pub struct Passed {
    /// What reports call it.
    pub name: String,
    /// Whether the user named it.
    pub named: bool,
    /// Note code.
    pub code: &'static Code,
    /// Why.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// What a list of paths comes to.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// Files to read.
    pub files: Vec<Found>,
    /// Entries that are not read, each with a reason.
    pub passed: Vec<Passed>,
    /// Entries of folders whose name begins with a dot: not looked at.
    pub hidden: u64,
}

/// Finds the files of `paths`; `-` is standard input. A path that does not exist is an error: the user means another one.
pub fn discover(paths: &[PathBuf], limits: &Limits) -> Result<Discovery, Error> {
    let mut walk = Walk { limits, found: Discovery::default(), seen: BTreeSet::new(), names: BTreeSet::new() };
    for (path, name) in paths.iter().zip(names(paths)) {
        if path.as_os_str() == "-" {
            let name = walk.unique(String::from("stdin"));
            walk.found.files.push(Found { path: None, name, named: true, bytes: 0 });
            continue;
        }
        let metadata = path.metadata().map_err(|e| missing(path, &e))?;
        if metadata.is_dir() {
            walk.folder(path, &name, 0)?;
        } else if metadata.is_file() {
            walk.file(path, name, true, &metadata)?;
        } else {
            let kind = open::kind(&metadata.file_type());
            walk.pass(name, true, &note::FILE_SKIPPED, format!("found a {kind}, expected a file or folder"), None);
        }
    }
    Ok(walk.found)
}

struct Walk<'l> {
    limits: &'l Limits,
    found: Discovery,
    seen: BTreeSet<FileId>,
    names: BTreeSet<String>,
}

impl Walk<'_> {
    fn folder(&mut self, path: &Path, name: &str, depth: u64) -> Result<(), Error> {
        if depth > self.limits.of(&DEPTH) {
            let message = format!("the folder is not read: {}", self.limits.reached(&DEPTH));
            self.pass(name.into(), depth == 0, &note::LIMIT_REACHED, message, Some(self.limits.hint(&DEPTH)));
            return Ok(());
        }
        // Bind mounts and links can lead back to a folder that was walked.
        if let Some(id) = path.metadata().ok().and_then(|m| open::file_id(&m))
            && !self.seen.insert(id)
        {
            return Ok(());
        }
        let mut entries = match fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => entries,
            Err(e) => {
                self.pass(name.into(), depth == 0, &note::FILE_UNREADABLE, format!("the folder could not be read: {e}"), None);
                return Ok(());
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let file_name = entry.file_name();
            if file_name.as_encoded_bytes().first() == Some(&b'.') {
                self.found.hidden += 1;
                continue;
            }
            let (path, name) = (entry.path(), join(name, &printable(&file_name)));
            if file_name == SETTINGS_FILE {
                if depth > 0 {
                    let message = String::from("settings of a folder below the one that was named are not taken");
                    self.pass(name, false, &note::FILE_SKIPPED, message, Some(String::from("`--config FILE` takes them, for all logs")));
                }
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.folder(&path, &name, depth + 1)?,
                Ok(kind) if kind.is_file() => match entry.metadata() {
                    Ok(metadata) => self.file(&path, name, false, &metadata)?,
                    Err(e) => self.pass(name, false, &note::FILE_UNREADABLE, format!("the file could not be read: {e}"), None),
                },
                Ok(kind) => {
                    let message = format!("found a {}, expected a file", open::kind(&kind));
                    self.pass(name, false, &note::FILE_SKIPPED, message, None);
                }
                Err(e) => self.pass(name, false, &note::FILE_UNREADABLE, format!("the file could not be read: {e}"), None),
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, name: String, named: bool, metadata: &fs::Metadata) -> Result<(), Error> {
        if let Some(id) = open::file_id(metadata)
            && !self.seen.insert(id)
        {
            self.pass(name, false, &note::DUPLICATE_FILE, String::from("the same file is read under another name"), None);
            return Ok(());
        }
        if self.found.files.len() as u64 >= self.limits.of(&FILES) {
            return Err(Error::new(format!("found {}", self.limits.reached(&FILES)))
                .hint(format!("name the folders that hold logs; {}", self.limits.hint(&FILES))));
        }
        let name = self.unique(name);
        self.found.files.push(Found { path: Some(path.into()), name, named, bytes: metadata.len() });
        Ok(())
    }

    fn pass(&mut self, name: String, named: bool, code: &'static Code, message: String, hint: Option<String>) {
        let name = self.unique(name);
        self.found.passed.push(Passed { name, named, code, message, hint });
    }

    /// A name that no other entry has.
    fn unique(&mut self, name: String) -> String {
        let mut candidate = name.clone();
        let mut count = 1;
        while !self.names.insert(candidate.clone()) {
            count += 1;
            candidate = format!("{name} ({count})");
        }
        candidate
    }
}

/// What reports call each path. No absolute path gets into a report: of those that lead out of the working folder, only what tells them apart is kept.
pub fn names(paths: &[PathBuf]) -> Vec<String> {
    let is_inside = |path: &Path| path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
    let parts = |path: &Path| -> Vec<String> {
        let normal = |c: Component<'_>| match c {
            Component::Normal(name) => Some(printable(name)),
            _ => None,
        };
        path.components().filter_map(normal).collect()
    };
    let outside: Vec<Vec<String>> = paths.iter().filter(|p| !is_inside(p)).map(|p| parts(p)).collect();
    let common = outside.first().map_or(0, |first| {
        let parents = |p: &Vec<String>| p.len().saturating_sub(1);
        (0..parents(first)).take_while(|i| outside.iter().all(|other| *i < parents(other) && other[*i] == first[*i])).count()
    });
    paths.iter().map(|path| parts(path).split_off(if is_inside(path) { 0 } else { common }).join("/")).collect()
}

/// A file name as text: bytes that are no UTF-8 as `\xNN`.
pub fn printable(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.into() } else { format!("{folder}/{name}") }
}

fn missing(path: &Path, error: &std::io::Error) -> Error {
    let shown = printable(path.as_os_str());
    if error.kind() != std::io::ErrorKind::NotFound {
        return Error::new(format!("{shown}: {error}"));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wanted = path.file_name().map(printable).unwrap_or_default();
    let mut entries: Vec<String> = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| printable(&e.file_name())).collect();
    entries.sort();
    let nearest = crate::suggest::nearest(&wanted, entries.iter().map(String::as_str));
    let error = Error::new(format!("{shown}: found nothing there, expected a file or folder"));
    match nearest {
        Some(name) => error.hint(format!("did you mean {name}?")),
        None if !folder.exists() => error.hint(format!("the folder {} does not exist either", printable(folder.as_os_str()))),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(paths: &[&str]) -> Vec<String> {
        names(&paths.iter().map(PathBuf::from).collect::<Vec<_>>())
    }

    #[test]
    fn names_are_relative_and_tell_files_apart() {
        assert_eq!(named(&["logs/", "./a/gpu.csv", "."]), ["logs", "a/gpu.csv", ""]);
        assert_eq!(named(&["/data/logs"]), ["logs"]);
        assert_eq!(named(&["/data/a/gpu.csv", "/data/b/gpu.csv"]), ["a/gpu.csv", "b/gpu.csv"]);
        assert_eq!(named(&["../logs", "here.csv"]), ["logs", "here.csv"]);
        assert_eq!(named(&["../.."]), [""]);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_stay_readable() {
        use std::os::unix::ffi::OsStrExt;

        assert_eq!(printable(OsStr::from_bytes(b"gpu\xff.csv")), "gpu\\xff.csv");
    }
}
