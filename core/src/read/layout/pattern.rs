//! Names of fields with holes: `gpu.{n}.powerwatts`.

use crate::read::Head;

/// A name of a field, in capitals or small letters: text, `{n}` for the number of a device, `{}` for a word that does not matter (no `.`, `/`
/// or space), `*` for anything; several, with `|` between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern<'p>(&'p str);

const LONGEST_NAME: usize = crate::bounds::NAME_BYTES.value as usize;

/// What stood where the pattern has `{n}`.
pub type Captured<'n> = Option<&'n [u8]>;

impl<'p> Pattern<'p> {
    /// A pattern, in lower case.
    pub const fn new(text: &'p str) -> Self {
        Self(text)
    }

    /// Whether a name is one of these.
    pub fn matches(self, name: &[u8]) -> bool {
        self.capture(name).is_some()
    }

    /// Whether a head, in lower case, may hold such a name: it holds the longest piece that is written out of one of them.
    pub fn may_be_in(self, head: &Head<'_>) -> bool {
        let mut names = self.0.split('|');
        names.any(|name| {
            let pieces = name.as_bytes().split(|byte| matches!(byte, b'{' | b'}' | b'*' | b' ' | b'/')).filter(|piece| *piece != b"n");
            let longest = pieces.max_by_key(|piece| piece.len()).unwrap_or(b"");
            head.may_hold(longest) && memchr::memmem::find(head.lower(), longest).is_some()
        })
    }

    /// Whether a name is one of these, and the number in it.
    pub fn capture<'n>(self, name: &'n [u8]) -> Option<Captured<'n>> {
        // Nothing that is called so is longer, and trying costs time.
        let mut rest = self.0.as_bytes();
        while name.len() <= LONGEST_NAME {
            match matched(rest, name, None) {
                None => rest = rest.get(memchr::memchr(b'|', rest)? + 1..)?,
                found => return found,
            }
        }
        None
    }
}

/// Goes through the first of several patterns and the name at once; `*` and words try the shortest first.
fn matched<'n>(pattern: &[u8], name: &'n [u8], captured: Captured<'n>) -> Option<Captured<'n>> {
    let is_word = |byte: u8| !matches!(byte, b'.' | b'/' | b' ');
    if let Some(rest) = pattern.strip_prefix(b"{n}") {
        let digits = name.iter().take_while(|b| b.is_ascii_digit()).count();
        return (1..=digits).rev().find_map(|end| {
            let (number, after) = name.split_at_checked(end)?;
            matched(rest, after, Some(number))
        });
    }
    if let Some(rest) = pattern.strip_prefix(b"{}") {
        let length = name.iter().take_while(|b| is_word(**b)).count();
        return (1..=length).find_map(|end| matched(rest, name.get(end..)?, captured));
    }
    match pattern.split_first() {
        None | Some((b'|', _)) => name.is_empty().then_some(captured),
        Some((b'*', [] | [b'|', ..])) => Some(captured),
        // What no name like this ends in is tried nowhere.
        Some((b'*', rest)) if !ends_as(rest, name) => None,
        // What stands behind it begins with a byte of its own: there alone it goes on.
        Some((b'*', rest @ [first, ..])) if !matches!(first, b'{' | b'*') => {
            memchr::memchr2_iter(*first, first.to_ascii_uppercase(), name).find_map(|end| matched(rest, name.get(end..)?, captured))
        }
        Some((b'*', rest)) => (0..=name.len()).find_map(|end| matched(rest, name.get(end..)?, captured)),
        // Most names differ in the first byte, which is sooner seen than how much is written out.
        Some((byte, _)) if !name.first().is_some_and(|own| own.eq_ignore_ascii_case(byte)) => None,
        Some(_) => {
            let written = pattern.iter().skip(1).position(|byte| is_special(*byte)).map_or(pattern.len(), |at| at + 1);
            let (text, rest) = pattern.split_at_checked(written)?;
            let (own, after) = name.split_at_checked(written)?;
            if own.eq_ignore_ascii_case(text) { matched(rest, after, captured) } else { None }
        }
    }
}

const fn is_special(byte: u8) -> bool {
    matches!(byte, b'{' | b'*' | b'|')
}

/// Whether a name ends in what is written out at the end of a pattern.
fn ends_as(pattern: &[u8], name: &[u8]) -> bool {
    let pattern = memchr::memchr(b'|', pattern).and_then(|end| pattern.get(..end)).unwrap_or(pattern);
    let start = pattern.iter().rposition(|byte| matches!(byte, b'}' | b'*')).map_or(0, |at| at + 1);
    let text = pattern.get(start..).unwrap_or(&[]);
    name.len().checked_sub(text.len()).and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_may_hold_a_name() {
        for (pattern, text, may) in [
            ("gpu.{n}.powerwatts", "time,gpu.0.powerwatts", true),
            ("gpu.{n}.powerwatts", "time,gpu.0.power", false),
            ("pkgwatt|pkg_j", "core,cpu,pkg_j", true),
            ("pkgwatt|pkg_j", "core,cpu,ramwatt", false),
            ("total / power", "total,total\nenergy,power", true),
            ("*", "", true),
        ] {
            assert_eq!(Pattern::new(pattern).may_be_in(&Head::new(text.as_bytes(), true)), may, "{pattern} {text}");
        }
    }

    #[test]
    fn holes_in_names() {
        for (pattern, name, found) in [
            ("power.draw", "power.draw", Some("")),
            ("power.draw", "power.drawn", None),
            ("gpu.{n}.powerwatts", "gpu.12.powerwatts", Some("12")),
            ("gpu.{n}.powerwatts", "gpu.process.0.powerwatts", None),
            ("*gpu.{n}.powerwatts", "laced-sun-17 - system/gpu.3.powerwatts", Some("3")),
            ("*gpu.{n}.powerwatts", "gpu.3.powerwatts__min", None),
            ("*.{}.power", "data.result.4.power", Some("")),
            ("gpu{n}*", "gpu10 power", Some("10")),
            ("core{n}_energy", "core_energy", None),
            ("*", "", Some("")),
            ("pkgwatt|pkg_j", "pkg_j", Some("")),
            ("pkgwatt|pkg_j", "pkgtmp", None),
            ("*attributes.{n}.key", "resource.Attributes.12.Key", Some("12")),
            ("*attributes.{n}.key", "attributes.12.key.value", None),
            ("*.a.*b|*c", "x.a.yb", Some("")),
            ("*.a.*b|*c", "x.a.yc", Some("")),
            ("*.a.*b|*c", "x.a.y", None),
            // A brace that is no hole.
            ("*power{*gpu=*{n}\"*", "power{host=\"n1\",gpu=\"3\"}", Some("3")),
            ("*ab", "b", None),
        ] {
            let expected = found.map(|n| (!n.is_empty()).then_some(n.as_bytes()));
            assert_eq!(Pattern::new(pattern).capture(name.as_bytes()), expected, "{pattern} {name}");
        }
    }
}
