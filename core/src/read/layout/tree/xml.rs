//! XML and property lists as their bytes come in, as far as logs use them: elements, attributes (`@name`), text. Nothing outside of the text is ever
//! looked up: entities of a document's own stay as they are.

use alloc::vec::Vec;

use super::{DEEPEST, Held, Sink, Tree};

#[derive(Debug, Default)]
pub(super) struct Xml {
    /// What stands between `<` and `>`, where one is open.
    tag: Option<Vec<u8>>,
    text: Vec<u8>,
    /// Names of open elements, as the text prints them.
    names: Vec<Vec<u8>>,
    /// Whether an element held no other.
    is_leaf: bool,
    /// The last `<key>` of a property list: the name of the next value.
    key: Option<Vec<u8>>,
}

impl Xml {
    pub(super) fn push(&mut self, bytes: &[u8], tree: &mut Tree, rows: &mut dyn Sink) -> Held {
        let mut held = Held { any: !self.names.is_empty() || self.tag.is_some(), broken: false };
        let end_of_text = tree.at + bytes.len() as u64;
        let mut rest = bytes;
        while !rest.is_empty() {
            if let Some(tag) = &mut self.tag {
                let end = memchr::memchr(b'>', rest);
                let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
                if tag.len() + part.len() <= crate::bounds::LINE_BYTES.value as usize {
                    tag.extend_from_slice(part);
                }
                rest = after.get(1..).unwrap_or(&[]);
                // `>` may stand inside of a comment.
                if end.is_some() && (!tag.starts_with(b"!--") || tag.ends_with(b"--")) {
                    let tag = self.tag.take().unwrap_or_default();
                    tree.at = end_of_text - rest.len() as u64;
                    held.any = true;
                    held.broken |= !self.end_tag(&tag, tree, rows);
                } else if end.is_some() {
                    tag.push(b'>');
                }
                continue;
            }
            let (text, after) = rest.split_at(memchr::memchr(b'<', rest).unwrap_or(rest.len()));
            if !self.names.is_empty() && self.text.len() + text.len() <= crate::bounds::LINE_BYTES.value as usize {
                self.text.extend_from_slice(text);
            }
            if !after.is_empty() {
                self.tag = Some(Vec::new());
            }
            rest = after.get(1..).unwrap_or(&[]);
        }
        tree.at = end_of_text;
        held
    }

    /// `false` where the tag closes what is not open.
    fn end_tag(&mut self, tag: &[u8], tree: &mut Tree, rows: &mut dyn Sink) -> bool {
        match tag.first() {
            // A prologue: another document begins, whatever is open.
            Some(b'?') => {
                let is_torn = !self.names.is_empty();
                self.reset(tree);
                return !is_torn;
            }
            Some(b'!') => return true,
            Some(b'/') => {
                let name = tag.get(1..).unwrap_or(&[]).trim_ascii();
                if self.names.last().is_none_or(|open| open != name) {
                    self.reset(tree);
                    return false;
                }
                self.close(tree, rows);
            }
            _ => {
                let (tag, is_whole) = tag.strip_suffix(b"/").map_or((tag, false), |tag| (tag, true));
                self.open(tag, tree);
                if is_whole {
                    self.close(tree, rows);
                }
            }
        }
        true
    }

    fn open(&mut self, tag: &[u8], tree: &mut Tree) {
        let end = tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(end);
        self.text.clear();
        self.is_leaf = true;
        self.names.push(name.to_vec());
        if name == b"key" || self.names.len() > DEEPEST {
            return;
        }
        tree.open(self.key.take().as_deref().unwrap_or(name));
        let mut rest = attributes;
        while let Some(equals) = memchr::memchr(b'=', rest) {
            let (name, after) = rest.split_at(equals);
            let Some((quote, value)) = after.get(1..).and_then(<[u8]>::split_first) else { return };
            let Some(end) = memchr::memchr(*quote, value) else { return };
            let (value, after) = value.split_at(end);
            let name = [b"@", name.trim_ascii()].concat();
            tree.value(&name, &decoded(value));
            rest = after.get(1..).unwrap_or(&[]);
        }
    }

    fn close(&mut self, tree: &mut Tree, rows: &mut dyn Sink) {
        let Some(name) = self.names.pop() else { return };
        let text = decoded(self.text.trim_ascii());
        let is_leaf = core::mem::take(&mut self.is_leaf);
        self.text.clear();
        if name == b"key" {
            self.key = Some(text);
            return;
        }
        if self.names.len() >= DEEPEST {
            return;
        }
        if is_leaf && !text.is_empty() {
            tree.value(b"", &text);
        }
        tree.close(rows);
    }

    fn reset(&mut self, tree: &mut Tree) {
        *self = Self::default();
        tree.reset();
    }
}

/// Text without the five entities that every document has.
fn decoded(text: &[u8]) -> Vec<u8> {
    const ENTITIES: [(&[u8], u8); 5] = [(b"&amp;", b'&'), (b"&lt;", b'<'), (b"&gt;", b'>'), (b"&quot;", b'"'), (b"&apos;", b'\'')];
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some((&byte, after)) = rest.split_first() {
        let entity = ENTITIES.iter().find(|(name, _)| rest.starts_with(name));
        out.push(entity.map_or(byte, |(_, byte)| *byte));
        rest = entity.map_or(after, |(name, _)| rest.get(name.len()..).unwrap_or(&[]));
    }
    out
}
