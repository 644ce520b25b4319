//! What does not hold yet: `known.txt` names class, law and reason. The list can only become shorter: a line whose law holds fails the test.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::check::Law;
use crate::classes::CLASSES;

fn path() -> PathBuf {
    carbon_tests::root().join("tests/world/known.txt")
}

/// Reasons by class and law.
pub fn read() -> BTreeMap<(String, Law), String> {
    let text = fs::read_to_string(path()).expect("known.txt");
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut words = line.splitn(3, char::is_whitespace);
            let (class, law) =
                (words.next().unwrap_or(""), words.next().and_then(Law::named).unwrap_or_else(|| panic!("known.txt: {line}")));
            assert!(CLASSES.iter().any(|c| c.name == class && c.laws.contains(&law)), "known.txt: no class has this law: {line}");
            ((class.to_owned(), law), words.next().unwrap_or("").to_owned())
        })
        .collect()
}

/// Takes lines out of the list.
pub fn remove(gone: &[(String, Law)]) {
    let text = fs::read_to_string(path()).expect("known.txt");
    let stays = |line: &&str| !gone.iter().any(|(class, law)| line.starts_with(&format!("{class} {} ", law.name())));
    let left: String = text.lines().filter(stays).flat_map(|line| [line, "\n"]).collect();
    fs::write(path(), left).expect("known.txt");
}
