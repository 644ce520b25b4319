//! Suggestions for a name that no table knows.

use alloc::string::String;
use alloc::vec::Vec;

use crate::order;

/// More characters of a name than these are not compared.
const LONGEST: usize = 64;

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours, case ignored.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let fold = |text: &str| -> Vec<char> { text.chars().take(LONGEST).flat_map(char::to_lowercase).collect() };
    let (a, b) = (fold(a), fold(b));
    let mut before = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let mut best = (above[j] + usize::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = core::mem::replace(&mut above, row);
    }
    above[b.len()]
}

/// The labels of the (at most three) candidates nearest to `asked`; a candidate is (name, label).
///
/// Near is one change in three characters, or a name that begins with what was asked. A short code has so many neighbours
/// that only one change is near.
pub(super) fn nearest<'n>(asked: &str, candidates: impl Iterator<Item = (&'n str, String)>) -> Vec<String> {
    let asked: String = asked.trim().chars().take(LONGEST).collect();
    let length = asked.chars().count();
    if length < 2 {
        return Vec::new();
    }
    let limit = (length / 3).max(usize::from(length > 2));
    let mut found: Vec<(usize, String)> = Vec::new();
    for (name, label) in candidates {
        let begins = length > 2 && name.len() >= asked.len() && name.as_bytes()[..asked.len()].eq_ignore_ascii_case(asked.as_bytes());
        // A length that differs by more than the limit cannot be near: most candidates end here.
        let near = name.chars().count().abs_diff(length) <= limit;
        let score = if near { distance(&asked, name) } else { usize::MAX };
        let score = if begins { score.min(1) } else { score };
        if score > limit.max(usize::from(begins)) {
            continue;
        }
        match found.iter_mut().find(|(_, known)| *known == label) {
            Some(known) => known.0 = known.0.min(score),
            None => found.push((score, label)),
        }
    }
    order::sort_by_key(&mut found, |(score, _)| *score);
    found.into_iter().take(3).map(|(_, label)| label).collect()
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn counts_changes() {
        for (a, b, expected) in
            [("", "", 0), ("", "abc", 3), ("france", "France", 0), ("Frnace", "France", 1), ("ca", "abc", 3), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn names_what_is_near_and_nothing_else() {
        let names = ["France", "Finland", "Ireland", "Iceland", "French Polynesia"];
        let near = |asked: &str| nearest(asked, names.iter().map(|name| (*name, name.to_string())));
        assert_eq!(near("Frnace"), ["France"]);
        assert_eq!(near("icland"), ["Iceland", "Finland", "Ireland"]);
        assert_eq!(near("fren"), ["French Polynesia"]);
        assert!(near("Zanzibar").is_empty());
        assert!(near("").is_empty() && near("F").is_empty());
    }
}
