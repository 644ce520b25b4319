//! JSON as its bytes come in: documents one after the other, lines, arrays that never end.

use alloc::vec::Vec;

use super::{DEEPEST, Held, Sink, Tree};
use crate::decode::json_text::unescaped;

/// Where in the grammar the text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// Before a value.
    #[default]
    Value,
    /// Before a key, or the end of an object.
    Key,
    /// Between a key and its value.
    Colon,
    /// Behind a value.
    Behind,
}

/// A part that is open.
#[derive(Clone, Copy, Debug)]
enum Part {
    Object,
    /// With the number of its next element.
    Array(usize),
}

#[derive(Debug, Default)]
pub(super) struct Json {
    at: At,
    parts: Vec<Part>,
    /// Parts that are too deep to be looked into.
    deeper: usize,
    key: Vec<u8>,
    /// The string or word in hand.
    text: Vec<u8>,
    in_string: bool,
    escaped: bool,
    in_word: bool,
    /// The last element of the outermost array was an object.
    lists_objects: bool,
    /// The name of the value that comes next: nothing is allocated a value.
    label: Vec<u8>,
}

impl Json {
    pub(super) fn push(&mut self, bytes: &[u8], tree: &mut Tree, rows: &mut dyn Sink) -> Held {
        let mut held = Held { any: !self.parts.is_empty(), broken: false };
        let begins = tree.at;
        let end = begins + bytes.len() as u64;
        tree.alike.begins = Some(begins);
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            if self.in_string {
                // Up to the next byte that means something.
                let at = if self.escaped { 0 } else { memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len()) };
                let (plain, behind) = rest.split_at(at);
                self.keep(plain);
                let Some((&byte, after)) = behind.split_first() else { break };
                rest = after;
                if self.escaped || byte == b'\\' {
                    self.escaped = !self.escaped;
                    self.keep(&[byte]);
                } else {
                    self.in_string = false;
                    self.end_string(tree);
                }
                continue;
            }
            if self.in_word {
                let (word, behind) = rest.split_at(rest.iter().position(|byte| !is_of_word(byte)).unwrap_or(rest.len()));
                self.keep(word);
                rest = behind;
                if !word.is_empty() {
                    continue;
                }
                self.end_word(tree);
            }
            if byte == b' ' {
                // The room that a document is given to be read by people.
                rest = after.get(after.iter().take_while(|byte| **byte == b' ').count()..).unwrap_or(&[]);
                continue;
            }
            let text = rest;
            rest = after;
            let fits = match (byte, self.at) {
                (b' ' | b'\t' | b'\r' | b'\n' | 0, _) => true,
                (b'{' | b'[', At::Value) => {
                    held.any = true;
                    if let Some(behind) = self.like_before(text, end, tree, rows) {
                        rest = behind;
                        continue;
                    }
                    // A tool whose array never ends was started again: among objects, an array is no element.
                    if byte == b'[' && self.parts.len() == 1 && self.lists_objects {
                        self.reset(tree);
                    }
                    tree.at = end - after.len() as u64 - 1;
                    self.open(byte == b'{', tree);
                    true
                }
                (b'"', At::Value | At::Key) if !self.parts.is_empty() => {
                    // Most strings are whole and plain.
                    match memchr::memchr2(b'"', b'\\', rest).map(|end| rest.split_at(end)) {
                        Some((plain, [b'"', after @ ..])) => {
                            rest = after;
                            self.string(core::str::from_utf8(plain).map_or(b"", str::as_bytes), tree);
                        }
                        _ => {
                            self.text.clear();
                            self.in_string = true;
                        }
                    }
                    true
                }
                (b':', At::Colon) => {
                    self.at = At::Value;
                    true
                }
                (b',', At::Behind) => {
                    self.at = if matches!(self.parts.last(), Some(Part::Object)) { At::Key } else { At::Value };
                    true
                }
                // A comma before the end, or between documents, is what some tools print.
                (b'}', At::Key | At::Behind) if matches!(self.parts.last(), Some(Part::Object)) => {
                    tree.at = end - after.len() as u64;
                    self.close(tree, rows);
                    if let Some(row) = tree.alike.closed.take() {
                        tree.alike.learn(bytes, (row.from - begins) as usize..(tree.at - begins) as usize, row);
                    }
                    true
                }
                (b']', At::Value | At::Behind) if matches!(self.parts.last(), Some(Part::Array(_))) => {
                    tree.at = end - after.len() as u64;
                    self.close(tree, rows);
                    if let Some(row) = tree.alike.closed.take() {
                        tree.alike.learn(bytes, (row.from - begins) as usize..(tree.at - begins) as usize, row);
                    }
                    true
                }
                (b',' | b']', At::Value) if self.parts.is_empty() => true,
                (byte, At::Value) if !self.parts.is_empty() && (byte.is_ascii_alphanumeric() || byte == b'-') => {
                    match after.iter().position(|byte| !is_of_word(byte)).and_then(|end| text.get(..=end).zip(after.get(end..))) {
                        Some((word, behind)) => {
                            rest = behind;
                            self.value(word, tree);
                        }
                        None => {
                            self.text.clear();
                            self.keep(&[byte]);
                            self.in_word = true;
                        }
                    }
                    true
                }
                _ => false,
            };
            if !fits {
                held.broken |= !self.parts.is_empty();
                self.reset(tree);
                // A document that begins where another was torn is read.
                match (byte, memchr::memmem::find(rest, b"{\"")) {
                    (b'{' | b'[', _) => {
                        held.any = true;
                        tree.at = end - after.len() as u64 - 1;
                        self.open(byte == b'{', tree);
                    }
                    // A word in front of the document, as loggers put it.
                    (_, Some(at)) => rest = rest.get(at..).unwrap_or(&[]),
                    _ => break,
                }
            }
        }
        tree.at = end;
        held
    }

    /// A line ends: no string and no word goes on over it. Whether one did, and what was open is lost.
    pub(super) fn end_line(&mut self, tree: &mut Tree) -> bool {
        let is_torn = self.in_string;
        if is_torn {
            self.reset(tree);
        } else if self.in_word {
            self.end_word(tree);
        }
        is_torn
    }

    fn keep(&mut self, bytes: &[u8]) {
        // A longer text is no name and no number.
        if self.deeper == 0 && self.text.len() + bytes.len() <= crate::bounds::LINE_BYTES.value as usize {
            self.text.extend_from_slice(bytes);
        }
    }

    /// Reads rows that are written like the last one, if a part of the tree is one: what follows them.
    fn like_before<'t>(&mut self, text: &'t [u8], end: u64, tree: &mut Tree, rows: &mut dyn Sink) -> Option<&'t [u8]> {
        let (behind, count) = tree.like_before(text, end, rows)?;
        self.at = At::Value;
        if let Some(part) = self.parts.last_mut() {
            self.at = At::Behind;
            if let Part::Array(next) = part {
                *next += count;
            }
        }
        Some(behind)
    }

    /// The name of the value that comes next.
    fn name(&mut self) -> &[u8] {
        match self.parts.last_mut() {
            Some(Part::Array(next)) => {
                self.label.clear();
                let (mut rest, mut digits) = (*next, 0);
                while rest > 0 || digits == 0 {
                    self.label.push(b'0' + (rest % 10) as u8);
                    (rest, digits) = (rest / 10, digits + 1);
                }
                self.label.reverse();
                *next += 1;
                &self.label
            }
            Some(Part::Object) => &self.key,
            None => &[],
        }
    }

    fn open(&mut self, is_object: bool, tree: &mut Tree) {
        if tree.depth() >= DEEPEST {
            self.name();
            tree.too_deep += u64::from(self.deeper == 0);
            self.deeper += 1;
        } else {
            tree.open(self.name());
        }
        self.parts.push(if is_object { Part::Object } else { Part::Array(0) });
        self.at = if is_object { At::Key } else { At::Value };
    }

    fn close(&mut self, tree: &mut Tree, rows: &mut dyn Sink) {
        let closed = self.parts.pop();
        self.lists_objects = matches!((closed, self.parts.as_slice()), (Some(Part::Object), [Part::Array(_)]));
        match self.deeper {
            0 => tree.close(rows),
            _ => self.deeper -= 1,
        }
        self.at = if self.parts.is_empty() { At::Value } else { At::Behind };
    }

    fn end_string(&mut self, tree: &mut Tree) {
        let text = core::mem::take(&mut self.text);
        let plain = core::str::from_utf8(&text).ok().and_then(unescaped);
        self.string(plain.as_deref().unwrap_or("").as_bytes(), tree);
        self.text = text;
    }

    fn string(&mut self, plain: &[u8], tree: &mut Tree) {
        if self.at == At::Key {
            self.key.clear();
            self.key.extend_from_slice(plain);
            self.at = At::Colon;
        } else {
            self.value(plain, tree);
        }
    }

    fn end_word(&mut self, tree: &mut Tree) {
        self.in_word = false;
        let text = core::mem::take(&mut self.text);
        self.value(&text, tree);
        self.text = text;
    }

    fn value(&mut self, text: &[u8], tree: &mut Tree) {
        let is_within = self.deeper == 0;
        let name = self.name();
        if is_within {
            tree.value(name, text);
        }
        self.at = At::Behind;
    }

    fn reset(&mut self, tree: &mut Tree) {
        *self = Self::default();
        tree.reset();
    }
}

/// What numbers and words are made of.
pub(super) fn is_of_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}
