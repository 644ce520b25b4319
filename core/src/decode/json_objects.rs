//! The objects of a JSON document of any size, as its bytes come in: inner ones first, nothing kept but what is open.

use alloc::vec::Vec;

use crate::bounds::{self, Bound};

/// A longer object is no record; what it holds is still looked at.
const LONGEST_OBJECT: usize = bounds::RECORD_BYTES.value as usize;

/// Deeper objects are passed over.
const DEEPEST: usize = bounds::JSON_DEPTH.value as usize;

/// Cuts a text into its objects. An object is handed over when it closes, with `null` in the place of each object inside, which came before.
///
/// What stands outside of objects does not matter, so that documents inside other texts are found too. Memory is bounded by depth.
#[derive(Debug, Default)]
pub struct Objects {
    open: Vec<Open>,
    /// Objects below [`DEEPEST`].
    deeper: usize,
    in_string: bool,
    escaped: bool,
    /// Objects that were too long.
    too_long: u64,
    /// Objects that were too deep.
    too_deep: u64,
}

#[derive(Debug)]
struct Open {
    text: Vec<u8>,
    line: u64,
    too_long: bool,
}

impl Objects {
    /// The next bytes; `line` is the number of the line that they are of. `found` gets each object that closes, and the line where it began.
    pub fn push(&mut self, bytes: &[u8], line: u64, mut found: impl FnMut(&[u8], u64)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.open.is_empty() {
                let Some(at) = memchr::memchr(b'{', rest) else { return };
                self.open.push(Open { text: Vec::from([b'{']), line, too_long: false });
                rest = rest.get(at + 1..).unwrap_or(&[]);
                continue;
            }
            // Up to the next byte that means something where we are.
            let stop = match (self.escaped, self.in_string) {
                (true, _) => Some(0),
                (false, true) => memchr::memchr2(b'"', b'\\', rest),
                (false, false) => memchr::memchr3(b'"', b'{', b'}', rest),
            };
            let Some(at) = stop else {
                self.keep(rest);
                return;
            };
            let (before, after) = rest.split_at(at);
            self.keep(before);
            let Some((byte, after)) = after.split_first() else { return };
            rest = after;
            match (self.escaped, self.in_string, *byte) {
                (true, ..) => {
                    self.escaped = false;
                    self.keep(&[*byte]);
                }
                (false, true, b'\\') => {
                    self.escaped = true;
                    self.keep(b"\\");
                }
                (false, inside, b'"') => {
                    self.in_string = !inside;
                    self.keep(b"\"");
                }
                (false, _, b'{') if self.open.len() >= DEEPEST || self.deeper > 0 => {
                    self.deeper += 1;
                    self.too_deep += 1;
                }
                (false, _, b'{') => self.open.push(Open { text: Vec::from([b'{']), line, too_long: false }),
                (false, _, _) if self.deeper > 0 => {
                    self.deeper -= 1;
                    if self.deeper == 0 {
                        self.keep(b"null");
                    }
                }
                (false, _, _) => {
                    self.keep(b"}");
                    if let Some(object) = self.open.pop() {
                        match object.too_long {
                            true => self.too_long += 1,
                            false => found(&object.text, object.line),
                        }
                        self.keep(b"null");
                    }
                }
            }
        }
    }

    /// A line ends. No string goes on over it: what is open was none of JSON's objects.
    pub fn end_line(&mut self) {
        if self.in_string {
            *self = Self { too_long: self.too_long, too_deep: self.too_deep, ..Self::default() };
        } else {
            self.keep(b"\n");
        }
    }

    /// The bounds beyond which objects were not looked at, and how many each.
    pub fn passed_over(&self) -> impl Iterator<Item = (&'static Bound, u64)> {
        [(&bounds::RECORD_BYTES, self.too_long), (&bounds::JSON_DEPTH, self.too_deep)].into_iter().filter(|(_, count)| *count > 0)
    }

    /// Whether an object is open.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// What there is of the innermost open object, and the line where it began.
    pub fn cut(&self) -> Option<(&[u8], u64)> {
        self.open.last().map(|object| (object.text.as_slice(), object.line))
    }

    fn keep(&mut self, bytes: &[u8]) {
        let Some(object) = self.open.last_mut().filter(|object| !object.too_long && self.deeper == 0) else { return };
        if object.text.len() + bytes.len() > LONGEST_OBJECT {
            object.too_long = true;
            object.text = Vec::new();
        } else {
            object.text.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec;

    fn objects(text: &str, chunk: usize) -> Vec<(String, u64)> {
        let (mut objects, mut all) = (Objects::default(), vec![]);
        for (number, line) in (1..).zip(text.split('\n')) {
            for part in line.as_bytes().chunks(chunk) {
                objects.push(part, number, |text, line| all.push((String::from_utf8_lossy(text).into_owned(), line)));
            }
            objects.end_line();
        }
        all
    }

    #[test]
    fn inner_objects_come_first_and_leave_a_null() {
        let text = "run: [{\"a\": \"}{\\\"\",\n \"b\": {\"c\": 1}},\n{}] {\"d\":2}";
        for chunk in [1, 2, 100] {
            let found = objects(text, chunk);
            let texts: Vec<(&str, u64)> = found.iter().map(|(text, line)| (text.as_str(), *line)).collect();
            assert_eq!(texts, [("{\"c\": 1}", 2), ("{\"a\": \"}{\\\"\",\n \"b\": null}", 1), ("{}", 3), ("{\"d\":2}", 3)], "{chunk}");
        }
    }

    #[test]
    fn what_is_no_object() {
        assert!(objects("{\"a\": \"open\n}", 3).is_empty());
        assert_eq!(objects("{\"a\": \"open\n} {\"b\":1}", 3), [(String::from("{\"b\":1}"), 2)]);
        let deep = "{\"a\":".repeat(40) + "1" + &"}".repeat(40);
        assert_eq!(objects(&deep, 7).len(), 32);
        let long = alloc::format!("{{\"a\":\"{}\",\"b\":{{\"c\":1}}}}", "x".repeat(LONGEST_OBJECT));
        assert_eq!(objects(&long, 1000), [(String::from("{\"c\":1}"), 1)]);
    }
}
