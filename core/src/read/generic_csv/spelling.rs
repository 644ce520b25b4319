//! Names whose words run together: `gpuPowerWatts`, `elapsedMs`. Formats and paths of JSON have names in lower case, so that capitals say nothing.

use alloc::vec::Vec;

use super::meaning::{NO_READING, PLAIN, TIME, own_part};
use crate::decode::table::Unit;

/// What one of the words says, where a name is taken apart.
const OF_READINGS: &[&str] = &["power", "watt", "energy", "joule", "pwr", "time", "elapsed"];

/// Ends of names of times.
const PARTS_OF_SECONDS: &[&str] = &["ms", "millis", "milliseconds", "us", "ns", "sec"];

/// The words that a word is put together of, where all of it is words of powers, energies and times; else itself.
pub(super) fn apart(word: &str) -> Vec<&str> {
    let may_be = word.is_ascii() && word.len() <= LONGEST && OF_READINGS.iter().any(|of| word.contains(of)) && !is_word(word);
    let mut found = Vec::new();
    if may_be && cut(word, &mut found) {
        found.reverse();
        return found;
    }
    Vec::from([word])
}

/// No name of a reading is longer.
const LONGEST: usize = 64;

/// Cuts a word from its start, with the longest words first; what it finds stands in the opposite order.
fn cut<'w>(word: &'w str, found: &mut Vec<&'w str>) -> bool {
    if word.is_empty() {
        return true;
    }
    let end = (1..=word.len()).rev().find(|end| {
        let (first, rest) = word.split_at(*end);
        // A letter alone ends the name, and no number is cut.
        let is_cut = first.ends_with(|c: char| c.is_ascii_digit()) && rest.starts_with(|c: char| c.is_ascii_digit());
        !is_cut && (first.len() > 1 || rest.is_empty() || is_number(first)) && is_word(first) && cut(rest, found)
    });
    end.is_some_and(|end| {
        found.push(word.split_at(end).0);
        true
    })
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(word: &str) -> bool {
    [PLAIN, NO_READING, TIME, PARTS_OF_SECONDS].iter().any(|words| words.contains(&word))
        || own_part(word).is_some()
        || Unit::symbol(word.as_bytes()).is_some()
        || is_number(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart() {
        for (word, expected) in [
            ("powerwatts", "power watts"),
            ("systempowerwatts", "system power watts"),
            ("gpu0powermilliwatts", "gpu0 power milliwatts"),
            ("powerinwatts", "power in watts"),
            ("gpupowermw", "gpu power mw"),
            ("gpupower2", "gpu power 2"),
            ("energywatthours", "energy watthours"),
            ("elapsedms", "elapsed ms"),
            // Words of their own, and what is not all words.
            ("timestamp", "timestamp"),
            ("powerdraw", "powerdraw"),
            ("wattage", "wattage"),
            ("manpower", "manpower"),
            ("powerlaw", "power law"),
            ("powers", "powers"),
            ("gpu0", "gpu0"),
            ("runtime", "runtime"),
        ] {
            assert_eq!(apart(word).join(" "), expected, "{word}");
        }
    }
}
