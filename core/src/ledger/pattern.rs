//! Patterns of the logs of a host: `*` stands for any part of a name, `**` for folders too. What a stranger writes as a pattern must cost no more than it is
//! long: all places of a pattern that a path may have got to are gone on with at once, 64 to a word.

use alloc::vec::Vec;

use super::names::names_host;

/// Places of a pattern in one word.
const PLACES: usize = u64::BITS as usize;

/// A path, and where in it a pattern may begin.
pub(super) struct Places<'p> {
    path: &'p [u8],
    /// Starts of the names below folders, in order.
    below: Vec<usize>,
}

impl<'p> Places<'p> {
    /// Of a path as a whole.
    pub(super) fn whole(path: &'p str) -> Self {
        Self { path: path.as_bytes(), below: Vec::new() }
    }

    /// Of a path, and of it from any folder on, so that a pattern does not depend on which folder was named: but a file in the folder of a machine is of that
    /// machine.
    pub(super) fn any(path: &'p str) -> Self {
        let mut below = Vec::new();
        let mut start = 0;
        for (at, _) in path.match_indices('/') {
            if path.get(start..at).is_some_and(names_host) {
                break;
            }
            start = at + 1;
            below.push(start);
        }
        Self { path: path.as_bytes(), below }
    }
}

/// Sets of places of a pattern, of which bit 0 is its beginning.
type Set = Vec<u64>;

/// A pattern.
pub(super) struct Pattern {
    /// The bytes that stand in it, and after which places each.
    bytes: [u8; 256],
    steps: Vec<Set>,
    /// Places before a star, and those of such as stand for folders too.
    stars: Set,
    deep: Set,
    end: usize,
}

impl Pattern {
    pub(super) fn new(pattern: &str) -> Self {
        let words = pattern.len() / PLACES + 1;
        let empty = || -> Set { core::iter::repeat_n(0, words).collect() };
        let mut new = Self { bytes: [0; 256], steps: Vec::new(), stars: empty(), deep: empty(), end: 0 };
        let mut rest = pattern.as_bytes();
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            if *byte == b'*' {
                // Stars that follow each other are one.
                let more = rest.iter().take_while(|byte| **byte == b'*').count();
                rest = rest.get(more..).unwrap_or_default();
                add(&mut new.stars, new.end);
                if more > 0 {
                    add(&mut new.deep, new.end);
                }
            } else if let Some(slot) = new.bytes.get_mut(usize::from(*byte)) {
                // No text has all 256 bytes: the number of each fits beside the zero.
                if *slot == 0 {
                    new.steps.push(empty());
                    *slot = u8::try_from(new.steps.len()).unwrap_or(0);
                }
                if let Some(step) = usize::from(*slot).checked_sub(1).and_then(|slot| new.steps.get_mut(slot)) {
                    add(step, new.end);
                }
            }
            new.end += 1;
        }
        new
    }

    /// Whether a path fits from one of the places on.
    pub(super) fn fits(&self, places: &Places<'_>) -> bool {
        let mut reached: Set = self.stars.iter().map(|_| 0).collect();
        let mut below = places.below.iter().peekable();
        add(&mut reached, 0);
        self.pass_stars(&mut reached);
        for (at, byte) in places.path.iter().enumerate() {
            let step = self.bytes.get(usize::from(*byte)).and_then(|slot| self.steps.get(usize::from(*slot).checked_sub(1)?));
            let stay = if *byte == b'/' { &self.deep } else { &self.stars };
            let (mut carry, mut any) = (0, 0);
            for (word, place) in reached.iter_mut().enumerate() {
                let of = |set: &Set| set.get(word).copied().unwrap_or(0);
                let moved = *place & step.map_or(0, of);
                *place = moved << 1 | carry | *place & of(stay);
                carry = moved >> (PLACES - 1);
                any |= *place;
            }
            if below.next_if(|start| **start == at + 1).is_some() {
                add(&mut reached, 0);
            } else if any == 0 && below.peek().is_none() {
                return false;
            }
            self.pass_stars(&mut reached);
        }
        reached.get(self.end / PLACES).is_some_and(|word| word >> (self.end % PLACES) & 1 == 1)
    }

    /// A star may stand for nothing.
    fn pass_stars(&self, reached: &mut Set) {
        let mut carry = 0;
        for (place, star) in reached.iter_mut().zip(&self.stars) {
            let passed = *place & star;
            *place |= passed << 1 | carry;
            carry = passed >> (PLACES - 1);
        }
    }
}

fn add(set: &mut Set, place: usize) {
    if let Some(word) = set.get_mut(place / PLACES) {
        *word |= 1 << (place % PLACES);
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn fits(pattern: &str, path: &str) -> bool {
        Pattern::new(pattern).fits(&Places::whole(path))
    }

    fn fits_below(pattern: &str, path: &str) -> bool {
        Pattern::new(pattern).fits(&Places::any(path))
    }

    #[test]
    fn patterns_are_of_names_or_of_folders() {
        for (pattern, path) in [
            ("gpu*.csv", "gpu7.csv"),
            ("**/gpu.csv", "a/b/gpu.csv"),
            ("a/*/gpu.csv", "a/x/gpu.csv"),
            ("**", "a/b"),
            ("a.csv", "a.csv"),
            ("**/a*.csv", "x/ab/a.csv"),
            ("***", "a/b"),
            ("*", ""),
            ("", ""),
        ] {
            assert!(fits(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in
            [("a*.csv", "in/a1.csv"), ("node1/*.csv", "logs/node1/gpu.csv"), ("**/gpu.csv", "a/b/gpu.csv"), ("a.csv", "a.csv")]
        {
            assert!(fits_below(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in
            [("a*.csv", "in/b1.csv"), ("node1/*.csv", "logs/node10/gpu.csv"), ("in/a.csv", "a.csv"), ("gpu.csv", "logs/node2/gpu.csv")]
        {
            assert!(!fits_below(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [("*.csv", "a/b.csv"), ("gpu?.csv", "gpu7.csv"), ("a/*", "a/b/c"), ("", "a"), ("a", "")] {
            assert!(!fits(pattern, path), "{pattern} {path}");
        }
    }

    /// What a pattern means, written down plainly.
    fn means(pattern: &[u8], path: &[u8]) -> bool {
        match pattern {
            [b'*', b'*', rest @ ..] => (0..=path.len()).any(|at| means(rest, &path[at..])),
            [b'*', rest @ ..] => (0..=path.iter().take_while(|b| **b != b'/').count()).any(|at| means(rest, &path[at..])),
            [byte, rest @ ..] => path.first() == Some(byte) && means(rest, &path[1..]),
            [] => path.is_empty(),
        }
    }

    #[test]
    fn every_short_pattern_fits_what_it_means() {
        let words = |letters: &[u8], most: u32| -> Vec<String> {
            let count = letters.len();
            let word = |length: u32, number: usize| (0..length).map(|at| char::from(letters[number / count.pow(at) % count])).collect();
            (0..=most).flat_map(|length| (0..count.pow(length)).map(move |number| word(length, number))).collect()
        };
        for pattern in words(b"ab/*", 4) {
            let whole = Pattern::new(&pattern);
            for path in words(b"ab/", 4) {
                assert_eq!(whole.fits(&Places::whole(&path)), means(pattern.as_bytes(), path.as_bytes()), "{pattern:?} {path:?}");
            }
        }
    }

    #[test]
    fn long_patterns_go_over_words() {
        for length in [62, 63, 64, 65, 127, 128, 129, 300] {
            let name = "a".repeat(length);
            assert!(fits(&name, &name) && fits(&(name.clone() + "*"), &name) && fits(&(name.clone() + "*b"), &(name.clone() + "xb")));
            assert!(!fits(&name, &name[1..]) && !fits(&(name.clone() + "*b"), &name));
            assert!(fits_below(&name, &(String::from("in/") + &name)) && fits("*a".repeat(length).as_str(), &name));
        }
    }
}
