//! JSON records of logs: keys once, numbers as the text that they are printed as.
//!
//! A value is looked into only when it is asked for, so a record of a thousand processes costs no more than finding its end. Numbers
//! go through [`units::decimal`](crate::units::decimal), never through a float. A key that comes twice has no meaning that all readers
//! agree on, so such an object is an error.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::json_text::{Scanner, unescaped};
use crate::order;

/// Why a text is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// The text ends inside the record.
    Cut,
    /// A key comes twice.
    DuplicateKey,
    /// Not an object, or not JSON.
    Malformed,
}

/// An object: its keys in the order of the file.
#[derive(Debug)]
pub struct Object<'t> {
    entries: Vec<(Cow<'t, str>, &'t str)>,
}

/// An array, its elements not looked into yet: nesting costs no stack.
#[derive(Debug)]
pub struct List<'t>(Vec<&'t str>);

/// A value of a record.
#[derive(Debug)]
pub enum Value<'t> {
    /// `true` or `false`.
    Bool(bool),
    /// An array.
    List(List<'t>),
    /// `null`, and `NaN` or `Infinity` as Python prints them.
    Null,
    /// A number, as printed.
    Number(&'t str),
    /// An object.
    Object(Object<'t>),
    /// A string, escapes undone.
    Text(Cow<'t, str>),
}

impl<'t> Object<'t> {
    /// The object that `text` is, whitespace around it allowed.
    ///
    /// # Errors
    /// [`JsonError`] for anything else.
    ///
    /// ```
    /// use carbon_core::decode::json::{JsonError, Object};
    /// let record = Object::parse(br#"{"power_w": 41.740, "gpu": "0"}"#).unwrap();
    /// assert_eq!(record.number("power_w"), Some("41.740"));
    /// assert_eq!(Object::parse(br#"{"power_w": 41.7"#).unwrap_err(), JsonError::Cut);
    /// ```
    pub fn parse(text: &'t [u8]) -> Result<Self, JsonError> {
        let mut scanner = Scanner::new(text);
        let mut entries: Vec<(Cow<'t, str>, &'t str)> = Vec::new();
        scanner.open(b'{')?;
        while scanner.next_item(b'}', entries.is_empty())? {
            let key = unescaped(scanner.string()?).ok_or(JsonError::Malformed)?;
            scanner.colon()?;
            entries.push((key, scanner.value()?));
        }
        let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_ref()).collect();
        order::sort(&mut keys);
        if !keys.is_sorted_by(|a, b| a < b) {
            return Err(JsonError::DuplicateKey);
        }
        scanner.end()?;
        Ok(Object { entries })
    }

    /// Keys and values, in the order of the file. A value that is no JSON after all (a key twice inside it) is left out.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Value<'t>)> {
        self.entries.iter().filter_map(|(key, raw)| Some((key.as_ref(), Value::of(raw)?)))
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<Value<'t>> {
        self.entries.iter().find(|(k, _)| k == key).and_then(|(_, raw)| Value::of(raw))
    }

    /// Whether `key` is there, whatever its value.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(k, _)| k == key)
    }

    /// The text of a number.
    pub fn number(&self, key: &str) -> Option<&'t str> {
        match self.get(key)? {
            Value::Number(text) => Some(text),
            _ => None,
        }
    }

    /// A string.
    pub fn text(&self, key: &str) -> Option<Cow<'t, str>> {
        match self.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// An object.
    pub fn object(&self, key: &str) -> Option<Object<'t>> {
        match self.get(key)? {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// An array.
    pub fn list(&self, key: &str) -> Option<List<'t>> {
        match self.get(key)? {
            Value::List(list) => Some(list),
            _ => None,
        }
    }
}

impl<'t> List<'t> {
    fn parse(text: &'t str) -> Result<Self, JsonError> {
        let mut scanner = Scanner::new(text.as_bytes());
        let mut elements = Vec::new();
        scanner.open(b'[')?;
        while scanner.next_item(b']', elements.is_empty())? {
            elements.push(scanner.value()?);
        }
        scanner.end()?;
        Ok(List(elements))
    }

    /// The elements; one that is no JSON after all (a key twice inside it) is left out.
    pub fn iter(&self) -> impl Iterator<Item = Value<'t>> {
        self.0.iter().filter_map(|text| Value::of(text))
    }
}

impl<'t> Value<'t> {
    fn of(text: &'t str) -> Option<Value<'t>> {
        Some(match text.bytes().next()? {
            b'{' => Value::Object(Object::parse(text.as_bytes()).ok()?),
            b'[' => Value::List(List::parse(text).ok()?),
            b'"' => Value::Text(unescaped(text.strip_prefix('"')?.strip_suffix('"')?)?),
            b't' => Value::Bool(true),
            b'f' => Value::Bool(false),
            b'n' => Value::Null,
            _ => Value::Number(text),
        })
    }
}

/// The record without what Python's `json` prints and JSON does not know: bare `NaN`, `Infinity` and `-Infinity` become `null`.
pub fn without_nan(text: &[u8]) -> Cow<'_, [u8]> {
    const WORDS: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];
    if WORDS.iter().all(|word| memchr::memmem::find(text, word).is_none()) {
        return Cow::Borrowed(text);
    }
    let (mut tidy, mut rest, mut inside, mut escaped) = (Vec::with_capacity(text.len()), text, false, false);
    while let Some((&byte, after)) = rest.split_first() {
        if !inside && let Some(word) = WORDS.iter().find(|word| rest.starts_with(word)) {
            tidy.extend_from_slice(b"null");
            rest = rest.get(word.len()..).unwrap_or(&[]);
            continue;
        }
        inside ^= byte == b'"' && !escaped;
        escaped = inside && byte == b'\\' && !escaped;
        tidy.push(byte);
        rest = after;
    }
    Cow::Owned(tidy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn numbers_keep_their_text() {
        let text = br#" {"t":1572547158.0720930099,"list":[1e-05,"a\u00b5",null],"o":{"0":41.74},"n":null,"b":true} "#;
        let record = Object::parse(text).expect("a record");
        assert_eq!(record.number("t"), Some("1572547158.0720930099"));
        let list: Vec<Value<'_>> = record.list("list").expect("a list").iter().collect();
        assert!(matches!(list.as_slice(), [Value::Number("1e-05"), Value::Text(t), Value::Null] if t == "a\u{b5}"));
        assert_eq!(record.object("o").and_then(|o| o.number("0")), Some("41.74"));
        assert!(record.has("n") && record.number("n").is_none());
    }

    #[test]
    fn what_is_no_record() {
        for (text, error) in [
            (&br#"{"a":1,"a":2}"#[..], JsonError::DuplicateKey),
            (br#"{"a":1,"b":2,"c":3,"a":1}"#, JsonError::DuplicateKey),
            (br#"{"a":1"#, JsonError::Cut),
            (br#"{"a":"#, JsonError::Cut),
            (b"", JsonError::Cut),
            (br#"{"a":1}{"b":2}"#, JsonError::Malformed),
            (b"[1]", JsonError::Malformed),
            (br#"{"a":01}"#, JsonError::Malformed),
            (b"{\"a\":\"\xff\"}", JsonError::Malformed),
        ] {
            assert_eq!(Object::parse(text).expect_err("no record"), error, "{}", String::from_utf8_lossy(text));
        }
        let deep = [b"{\"a\":".as_slice(), &b"[".repeat(100_000), &b"]".repeat(100_000), b"}"].concat();
        // Nesting costs no stack, however deep.
        let record = Object::parse(&deep).expect("a record");
        assert!(matches!(record.list("a").and_then(|list| list.iter().next()), Some(Value::List(_))));
        let inner = Object::parse(br#"{"power":{"0":1,"0":2}}"#).expect("a record");
        assert!(inner.object("power").is_none());
    }

    #[test]
    fn python_prints_nan() {
        let text = br#"{"a":NaN,"b":-Infinity,"c":"NaN \" NaN"}"#;
        assert_eq!(without_nan(text).as_ref(), br#"{"a":null,"b":null,"c":"NaN \" NaN"}"#);
        assert!(matches!(without_nan(b"{}"), Cow::Borrowed(_)));
    }
}
