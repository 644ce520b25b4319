//! `key : value` lines, indented below what they belong to.

use alloc::vec::Vec;

use super::{DEEPEST, Held, Sink, Tree};

#[derive(Debug, Default)]
pub(super) struct Indented {
    /// How far what is open is indented.
    open: Vec<usize>,
}

impl Indented {
    pub(super) fn line(&mut self, text: &[u8], tree: &mut Tree, rows: &mut dyn Sink) -> Held {
        let indent = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let content = text.trim_ascii();
        if content.is_empty() {
            return Held { any: true, broken: false };
        }
        if content.starts_with(b"==") {
            // Another document.
            while tree.depth() > 0 {
                tree.close(rows);
            }
            self.open.clear();
            return Held { any: true, broken: false };
        }
        if tree.depth() == 0 {
            // The document.
            tree.open(b"");
        }
        while self.open.last().is_some_and(|open| *open >= indent) {
            self.open.pop();
            tree.close(rows);
        }
        // ` : ` first: the name of a GPU holds colons.
        let parts = memchr::memmem::find(content, b" : ").map(|at| (at, 3));
        match parts.or_else(|| memchr::memmem::find(content, b": ").map(|at| (at, 2))) {
            Some((at, length)) => {
                let (name, value) = (content.get(..at).unwrap_or(&[]), content.get(at + length..).unwrap_or(&[]));
                tree.value(name.trim_ascii(), value.trim_ascii());
            }
            None if tree.depth() < DEEPEST => {
                let name = content.strip_suffix(b":").unwrap_or(content).trim_ascii();
                tree.open(name);
                tree.value(b"@name", name.rsplit(|b| *b == b' ').next().unwrap_or(name));
                self.open.push(indent);
            }
            None => {}
        }
        Held { any: true, broken: false }
    }
}
