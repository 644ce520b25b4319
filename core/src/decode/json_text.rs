//! The text of JSON (RFC 8259): where values begin and end.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::json::JsonError;

/// Walks through a text. Values are checked and not kept, so that nesting costs a byte a level, and no stack.
pub(super) struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// The bracket that opens the whole text.
    pub(super) fn open(&mut self, bracket: u8) -> Result<(), JsonError> {
        self.need(&[bracket])
    }

    /// Goes to the next item of what `close` ends; `false` at its end.
    pub(super) fn next_item(&mut self, close: u8, first: bool) -> Result<bool, JsonError> {
        match self.peek()? {
            byte if byte == close => {
                self.at += 1;
                Ok(false)
            }
            b',' if !first => {
                self.at += 1;
                Ok(true)
            }
            _ if first => Ok(true),
            _ => Err(JsonError::Malformed),
        }
    }

    /// What stands between a key and its value.
    pub(super) fn colon(&mut self) -> Result<(), JsonError> {
        self.need(b":")
    }

    /// A string without its quotes, escapes as they stand.
    pub(super) fn string(&mut self) -> Result<&'t str, JsonError> {
        self.need(b"\"")?;
        let start = self.at;
        self.skip_string()?;
        self.from(start, self.at - 1)
    }

    /// A value of any kind, as it stands.
    pub(super) fn value(&mut self) -> Result<&'t str, JsonError> {
        self.peek()?;
        let start = self.at;
        let mut open: Vec<u8> = Vec::new();
        loop {
            let mut first = false;
            match self.peek()? {
                bracket @ (b'{' | b'[') => {
                    self.at += 1;
                    // The closing brackets stand two places after the opening ones.
                    open.push(bracket + 2);
                    first = true;
                }
                _ => self.skip_scalar()?,
            }
            loop {
                let Some(close) = open.last().copied() else { return self.from(start, self.at) };
                if self.next_item(close, first)? {
                    if close == b'}' {
                        self.need(b"\"")?;
                        self.skip_string()?;
                        self.colon()?;
                    }
                    break;
                }
                open.pop();
                first = false;
            }
        }
    }

    /// The end of the text, but for spaces.
    pub(super) fn end(&mut self) -> Result<(), JsonError> {
        if self.peek() == Err(JsonError::Cut) { Ok(()) } else { Err(JsonError::Malformed) }
    }

    fn skip_scalar(&mut self) -> Result<(), JsonError> {
        match self.next()? {
            b'"' => self.skip_string(),
            b't' => self.word(b"rue"),
            b'f' => self.word(b"alse"),
            b'n' => self.word(b"ull"),
            b'-' => {
                let first = self.text.get(self.at).copied().unwrap_or(0);
                self.at += 1;
                self.skip_number(first)
            }
            first => self.skip_number(first),
        }
    }

    /// The rest of a number.
    fn skip_number(&mut self, first: u8) -> Result<(), JsonError> {
        let more = self.digits();
        let whole = match first {
            b'0' => more == 0,
            b'1'..=b'9' => true,
            _ => false,
        };
        let part = self.skip(b".") == 0 || self.digits() > 0;
        let exponent = self.skip(b"eE") == 0 || {
            self.skip(b"+-");
            self.digits() > 0
        };
        if whole && part && exponent { Ok(()) } else { Err(JsonError::Malformed) }
    }

    fn digits(&mut self) -> usize {
        let rest = self.text.get(self.at..).unwrap_or(&[]);
        let count = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        self.at += count;
        count
    }

    /// Passes over one of these bytes, if it is the next one.
    fn skip(&mut self, bytes: &[u8]) -> usize {
        let found = usize::from(self.text.get(self.at).is_some_and(|byte| bytes.contains(byte)));
        self.at += found;
        found
    }

    /// The rest of a string, to after its closing quote.
    fn skip_string(&mut self) -> Result<(), JsonError> {
        loop {
            match self.next()? {
                b'"' => return Ok(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        let digits = self.text.get(self.at..self.at + 4).ok_or(JsonError::Cut)?;
                        if !digits.iter().all(u8::is_ascii_hexdigit) {
                            return Err(JsonError::Malformed);
                        }
                        self.at += 4;
                    }
                    _ => return Err(JsonError::Malformed),
                },
                0..0x20 => return Err(JsonError::Malformed),
                _ => {}
            }
        }
    }

    fn word(&mut self, rest: &[u8]) -> Result<(), JsonError> {
        rest.iter().try_for_each(|byte| if self.next()? == *byte { Ok(()) } else { Err(JsonError::Malformed) })
    }

    /// The next byte.
    fn next(&mut self) -> Result<u8, JsonError> {
        let byte = self.text.get(self.at).copied().ok_or(JsonError::Cut)?;
        self.at += 1;
        Ok(byte)
    }

    /// The next byte that is no space, to be read again.
    fn peek(&mut self) -> Result<u8, JsonError> {
        while self.skip(b" \t\n\r") > 0 {}
        self.text.get(self.at).copied().ok_or(JsonError::Cut)
    }

    fn need(&mut self, one_of: &[u8]) -> Result<(), JsonError> {
        self.peek()?;
        if self.skip(one_of) > 0 { Ok(()) } else { Err(JsonError::Malformed) }
    }

    fn from(&self, start: usize, end: usize) -> Result<&'t str, JsonError> {
        let text = self.text.get(start..end).unwrap_or(&[]);
        core::str::from_utf8(text).map_err(|_| JsonError::Malformed)
    }
}

/// A string with its escapes undone; `None` where half a surrogate pair stands alone.
pub(crate) fn unescaped(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut after = escape.chars();
        plain.push(match after.next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = unit(after.as_str())?;
                after = after.as_str().get(4..)?.chars();
                match first {
                    0xd800..0xdc00 => {
                        let second = unit(after.as_str().strip_prefix("\\u")?)?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                        after = after.as_str().get(6..)?.chars();
                        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)?
                    }
                    _ => char::from_u32(first)?,
                }
            }
            itself => itself,
        });
        rest = after.as_str();
    }
    plain.push_str(rest);
    Some(Cow::Owned(plain))
}

/// The four hexadecimal digits at the start.
fn unit(text: &str) -> Option<u32> {
    u32::from_str_radix(text.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;
    use crate::decode::json::Object;
    use alloc::collections::BTreeMap;
    use alloc::string::ToString;

    /// What `serde_json` says of it: whether it is an object, cut or neither.
    fn expected(text: &[u8]) -> Result<(), JsonError> {
        match serde_json::from_slice::<BTreeMap<String, &RawValue>>(text) {
            Ok(_) => Ok(()),
            Err(error) if error.is_eof() => Err(JsonError::Cut),
            Err(_) => Err(JsonError::Malformed),
        }
    }

    #[track_caller]
    fn same(text: &[u8]) {
        let found = Object::parse(text).map(|_| ());
        if found != Err(JsonError::DuplicateKey) {
            assert_eq!(found, expected(text), "{}", String::from_utf8_lossy(text));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_judged_as_serde_json_does(text in r#"\{([\[\]{},:" \\utruefalsn0-9.eE+-]|"a":|"[b-z]":|true|null|"\\u00e4"|\n){0,24}\}?"#) {
            same(text.as_bytes());
        }

        #[test]
        fn any_value_is_judged_as_serde_json_does(value in r#"-?[0-9]{0,3}\.?[0-9]{0,2}([eE][+-]?[0-9]{0,2})?|"([a-z\\"/]|\\u[0-9a-f]{3,4}|\\[bfnrtx])*"|[\[\]{},]*"#) {
            let text = alloc::format!("{{\"a\":{value}}}");
            same(text.as_bytes());
            // Cut anywhere, and with a byte that is no text.
            for end in 0..text.len() {
                if text.is_char_boundary(end) && end > 0 {
                    same(&text.as_bytes()[..end]);
                    same(&[&text.as_bytes()[..end], b"\xff\"}"].concat());
                }
            }
        }

        #[test]
        fn strings_are_as_serde_json_reads_them(text in r#"([a-zäß€😀/]|\\u[d-e][0-9a-f]{3}|\\ud83d\\ude00|\\u00[0-9a-f]{2}|\\[bfnrt"\\/])*"#) {
            let json = alloc::format!("\"{text}\"");
            assert_eq!(unescaped(&text).map(|text| text.to_string()), serde_json::from_str::<String>(&json).ok(), "{text}");
        }
    }
}
