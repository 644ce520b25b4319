//! What may be done to the files of a world without changing what they hold: the total must stay the same.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::files::{self, Files};
use crate::random::Random;

/// A change that must change nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A copy of a file, under another name and in another folder.
    Copy,
    /// A log is cut at a row, with the header on both pieces.
    Cut,
    /// Everything lies some folders deeper below what is named.
    Deeper,
    /// Folders are named one by one, not the one that holds them.
    EachFolder,
    /// Files are named one by one, the last first.
    EachFile,
    /// A packed copy of a file in another folder.
    PackedCopy,
    /// Folders have other names.
    Renamed,
    /// The rows of a log stand in another order.
    Shuffled,
}

/// The changed files, and the paths to name (the folder itself, where there are none).
pub fn apply(change: Change, files: &Files, seed: u64) -> (Files, Vec<PathBuf>) {
    let random = &mut Random::new(seed);
    let mut changed = files.clone();
    let paths: Vec<&String> = files.keys().collect();
    let mut named = Vec::new();
    match change {
        Change::Copy | Change::PackedCopy => {
            let path = (*random.pick(&paths)).clone();
            let bytes = files[&path].clone();
            match change {
                Change::Copy => changed.insert(format!("of-old/{}", path.replace('/', "-")), bytes),
                _ => changed.insert(format!("packed/{path}.gz"), files::packed(&bytes)),
            };
        }
        Change::Cut | Change::Shuffled => {
            let Some((path, head, mut rows)) = paths.iter().find_map(|path| table(path, &files[*path])) else { return (changed, named) };
            changed.remove(&path);
            let text = |rows: &[String]| (head.clone() + &rows.concat()).into_bytes();
            if change == Change::Shuffled {
                for at in (1..rows.len()).rev() {
                    rows.swap(at, random.range(0, at as i64) as usize);
                }
                changed.insert(path, text(&rows));
            } else {
                let at = random.range(1, rows.len() as i64 - 1) as usize;
                let (stem, end) = path.rsplit_once('.').unwrap_or((&path, "log"));
                changed.insert(format!("{stem}.part1.{end}"), text(&rows[..at]));
                changed.insert(format!("{stem}.part2.{end}"), text(&rows[at..]));
            }
        }
        Change::Deeper => changed = files.iter().map(|(path, bytes)| (format!("a/b/{path}"), bytes.clone())).collect(),
        Change::Renamed => {
            let mut names: BTreeMap<String, String> = BTreeMap::new();
            let mut other =
                |folder: &str| names.entry(folder.to_owned()).or_insert_with(|| format!("f{:04x}", random.next() & 0xffff)).clone();
            let mut rename = |path: &str| {
                let parts: Vec<&str> = path.split('/').collect();
                let (file, folders) = parts.split_last().expect("a name");
                folders.iter().map(|folder| other(folder) + "/").collect::<String>() + file
            };
            changed = files.iter().map(|(path, bytes)| (rename(path), bytes.clone())).collect();
        }
        Change::EachFolder => {
            let tops: std::collections::BTreeSet<&str> =
                paths.iter().map(|path| path.split_once('/').map_or(path.as_str(), |(top, _)| top)).collect();
            named = tops.into_iter().map(PathBuf::from).collect();
        }
        Change::EachFile => named = paths.iter().rev().map(PathBuf::from).collect(),
    }
    (changed, named)
}

/// The first line and the rows of a table that has some.
fn table(path: &str, bytes: &[u8]) -> Option<(String, String, Vec<String>)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.lines().map(|line| format!("{line}\n"));
    let head = lines.next().filter(|line| !line.starts_with(['#', '{', '[']) && line.contains(','))?;
    let rows: Vec<String> = lines.collect();
    // A header in the middle begins another run: such a log is left as it is.
    (rows.len() > 1 && !rows.contains(&head)).then(|| (path.to_owned(), head, rows))
}
