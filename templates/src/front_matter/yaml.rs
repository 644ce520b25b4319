//! The YAML of a front matter, as far as an edit by lines must know it: where each key of its root stands, and what it means, to be compared.
//!
//! What YAML 1.2 allows and PyYAML, with which the Hub's library reads, does not load is refused as well: an edit of it can't be seen to be right.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

/// Deeper nesting is none of a card.
const DEEPEST: usize = 64;

/// Python takes no longer whole number.
const MOST_DIGITS: usize = 4000;

/// The root of a front matter.
#[derive(Debug, Default)]
pub(super) struct Root {
    /// Its keys with their values, in order.
    pub entries: Vec<Entry>,
    /// It is written in braces.
    pub is_flow: bool,
}

/// A key of the root.
#[derive(Debug)]
pub(super) struct Entry {
    pub key: String,
    /// Where the key begins, with its tag and anchor, in bytes.
    pub at: usize,
    /// Where the key ends.
    pub end: usize,
    /// From the value's first character to its last, in bytes.
    pub value: Range<usize>,
    /// What key and value mean.
    tokens: Vec<Token>,
}

/// What a part of the text means.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Alias(usize),
    Close,
    Mapping(usize, String),
    Scalar { text: String, plain: bool, anchor: usize, tag: String },
    Sequence(usize, String),
}

/// Why it can't be read: in words, and where, in bytes.
#[derive(Debug)]
pub(super) struct Unread {
    pub why: String,
    pub at: usize,
}

/// What is open while events come in.
enum Open {
    /// `merges` after the key `<<`, which takes in mappings.
    Mapping {
        keys: BTreeSet<String>,
        awaits_key: bool,
        merges: bool,
        is_flow: bool,
    },
    Sequence {
        merges: bool,
        is_flow: bool,
    },
}

impl Root {
    /// Reads the text between the two `---`.
    pub fn read(text: &str) -> Result<Self, Unread> {
        let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let text_of = |place: Range<usize>| text.get(place).unwrap_or_default();
        let offset = |index: usize| offsets.get(index).copied().unwrap_or(text.len());
        let mut root = Self::default();
        let mut open: Vec<Open> = Vec::new();
        let mut documents = 0;
        // Anchors of mappings.
        let mut mappings: BTreeSet<usize> = BTreeSet::new();
        let mut anchors: BTreeSet<&str> = BTreeSet::new();
        // Where tabs are content.
        let mut literal: Vec<Range<usize>> = Vec::new();
        let unread = |why: &str, at: usize| Err(Unread { why: String::from(why), at });
        // This parser passes over an end before any beginning; those of readers do not.
        let ends = |line: &str| line.strip_prefix("...").is_some_and(|rest| rest.trim().is_empty() || rest.starts_with([' ', '\t']));
        let first = text.split('\n').find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
        if let Some(line) = first.filter(|line| ends(line)) {
            return unread("a document ends before it begins", line.as_ptr() as usize - text.as_ptr() as usize);
        }
        for event in Parser::new_from_str(text) {
            let (event, span) =
                event.map_err(|e| Unread { why: format!("it is no YAML: {}", e.info()), at: offset(e.marker().index()) })?;
            let (start, end) = (offset(span.start.index()), offset(span.end.index()));
            let (before, anchor) = properties(text_of(start..end)).map_err(|why| Unread { why: String::from(why), at: start })?;
            if anchor.is_some_and(|name| !anchors.insert(name)) {
                return unread("an anchor has the name of another one", start);
            }
            let body = start + before;
            let in_flow =
                open.iter().any(|open| matches!(open, Open::Mapping { is_flow: true, .. } | Open::Sequence { is_flow: true, .. }));
            let is_flow = in_flow || text.get(body..end).is_some_and(|text| text.starts_with(['{', '[']));
            let token = match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return unread("it holds several documents", start);
                    }
                    continue;
                }
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => continue,
                Event::Alias(id) => Token::Alias(id),
                Event::Scalar(value, style, anchor, tag) => {
                    let plain = style == ScalarStyle::Plain;
                    if !plain {
                        if in_flow && matches!(style, ScalarStyle::Folded | ScalarStyle::Literal) {
                            return unread("a block stands in brackets or braces", start);
                        }
                        literal.push(content(text, body..end));
                    } else if in_flow && (value.starts_with([':', '|', '>']) || value.contains('?')) {
                        return unread("YAML 1.1 and 1.2 read a sign in brackets or braces differently", start);
                    } else if let (None, Some(why)) = (&tag, unloadable(&value)) {
                        return unread(why, start);
                    }
                    Token::Scalar { text: value.into_owned(), plain, anchor, tag: name(tag.as_deref(), "str", start)? }
                }
                Event::SequenceStart(anchor, tag) => Token::Sequence(anchor, name(tag.as_deref(), "seq", start)?),
                Event::MappingStart(anchor, tag) => {
                    if open.is_empty() {
                        root.is_flow = is_flow;
                    }
                    Token::Mapping(anchor, name(tag.as_deref(), "map", start)?)
                }
                Event::SequenceEnd | Event::MappingEnd => Token::Close,
            };
            if token == Token::Close {
                open.pop();
                if !open.is_empty() {
                    root.add(token, start..end);
                }
                continue;
            }
            let depth = open.len();
            let mut merged = false;
            match open.last_mut() {
                None => match &token {
                    Token::Mapping(..) => {}
                    Token::Scalar { text, plain: true, .. } if text.is_empty() => continue,
                    _ => return unread("its root is no mapping of keys", start),
                },
                Some(Open::Mapping { keys, awaits_key: awaits_key @ true, merges, .. }) => {
                    let Token::Scalar { text, plain, .. } = &token else {
                        return unread("a key is no text", start);
                    };
                    if start == end {
                        return unread("a key is missing", start);
                    }
                    if text_of(body..end).trim_end().contains('\n') {
                        return unread("a key goes over several lines", start);
                    }
                    if !keys.insert(text.clone()) {
                        return unread(&format!("it holds the key {text:?} twice"), start);
                    }
                    (*awaits_key, *merges) = (false, *plain && text == "<<");
                    if depth == 1 {
                        root.entries.push(Entry { key: text.clone(), at: start, end, value: end..end, tokens: Vec::new() });
                    }
                }
                Some(Open::Mapping { awaits_key, merges, .. }) => {
                    *awaits_key = true;
                    merged = *merges;
                }
                Some(Open::Sequence { merges, .. }) => merged = *merges,
            }
            let takes_in = match &token {
                Token::Alias(id) => mappings.contains(id),
                Token::Sequence(..) => !matches!(open.last(), Some(Open::Sequence { .. })),
                other => matches!(other, Token::Mapping(..)),
            };
            if merged && !takes_in {
                return unread("`<<` takes in what is no mapping", start);
            }
            let is_value = !matches!(open.last(), Some(Open::Mapping { awaits_key: false, .. }));
            if is_value && matches!(&token, Token::Scalar { text, plain: true, .. } if text == "<<") {
                return unread("`<<` alone is no value", start);
            }
            match &token {
                Token::Mapping(anchor, _) => {
                    mappings.insert(*anchor);
                    open.push(Open::Mapping { keys: BTreeSet::new(), awaits_key: true, merges: false, is_flow });
                }
                Token::Sequence(..) => open.push(Open::Sequence { merges: merged, is_flow }),
                _ => {}
            }
            if open.len() > DEEPEST {
                return unread("it is nested too deeply", start);
            }
            if depth > 0 {
                root.add(token, start..end);
            }
        }
        match foreign(text, &literal) {
            Some((why, at)) => unread(why, at),
            None => Ok(root),
        }
    }

    fn add(&mut self, token: Token, place: Range<usize>) {
        let Some(entry) = self.entries.last_mut() else { return };
        // The key itself comes first.
        match (entry.tokens.len(), place.is_empty()) {
            (0, _) => {}
            (1, _) => entry.value = place,
            (_, false) => entry.value.end = entry.value.end.max(place.end),
            (_, true) => {}
        }
        entry.tokens.push(token);
    }

    /// The key's place in the order.
    pub fn position(&self, key: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.key == key)
    }

    /// Whether what stands under other keys is made of what stands under this one.
    pub fn is_used_elsewhere(&self, key: &str) -> bool {
        let own: BTreeSet<usize> =
            self.entries.iter().filter(|entry| entry.key == key).flat_map(|entry| &entry.tokens).filter_map(Token::anchor).collect();
        let others = self.entries.iter().filter(|entry| entry.key != key).flat_map(|entry| &entry.tokens);
        others.into_iter().any(|token| matches!(token, Token::Alias(id) if own.contains(id)))
    }

    /// Whether all keys but this one are the same in both, in the same order, with equal values.
    pub fn differs_in_no_other(&self, other: &Root, key: &str) -> bool {
        self.is_flow == other.is_flow && self.meaning(|entry| entry.key != key) == other.meaning(|entry| entry.key != key)
    }

    /// Whether the key has the same value in both.
    pub fn has_equal(&self, other: &Root, key: &str) -> bool {
        let own = self.meaning(|entry| entry.key == key);
        !own.is_empty() && own == other.meaning(|entry| entry.key == key)
    }

    /// The tokens of some entries, with their anchors counted from the first of them.
    fn meaning(&self, of: impl Fn(&Entry) -> bool) -> Vec<Token> {
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        let mut tokens: Vec<Token> = self.entries.iter().filter(|entry| of(entry)).flat_map(|entry| entry.tokens.iter().cloned()).collect();
        for token in &mut tokens {
            match token {
                Token::Alias(id) | Token::Mapping(id, _) | Token::Sequence(id, _) | Token::Scalar { anchor: id, .. } if *id > 0 => {
                    let next = numbers.len() + 1;
                    *id = *numbers.entry(*id).or_insert(next);
                }
                _ => {}
            }
        }
        tokens
    }
}

impl Token {
    fn anchor(&self) -> Option<usize> {
        match self {
            Token::Mapping(id, _) | Token::Sequence(id, _) | Token::Scalar { anchor: id, .. } => Some(*id).filter(|id| *id > 0),
            Token::Alias(_) | Token::Close => None,
        }
    }
}

/// How long the tag and the anchor before a node are, or an alias' mark, and the name of the anchor.
fn properties(node: &str) -> Result<(usize, Option<&str>), &'static str> {
    let mut rest = node;
    let mut anchor = None;
    while let Some(mark) = rest.chars().next().filter(|mark| ['!', '&', '*'].contains(mark)) {
        let end = rest.find(|c: char| c.is_whitespace() || ",[]{}".contains(c)).unwrap_or(rest.len());
        let name = rest.get(1..end).unwrap_or_default();
        if mark != '!' && (name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')) {
            return Err("an anchor has a name that PyYAML does not load");
        }
        if mark == '&' {
            anchor = Some(name);
        }
        rest = rest.get(end..).unwrap_or_default().trim_start();
    }
    Ok((node.len() - rest.len(), anchor))
}

/// What of a quoted text or a block is its content: the head of a block is not, nor what follows a quote.
fn content(text: &str, place: Range<usize>) -> Range<usize> {
    let whole = &text[place.clone()];
    match whole.starts_with(['|', '>']) {
        true => place.start + whole.find('\n').unwrap_or(whole.len())..place.end,
        false => place.start..place.start + whole.trim_end().len(),
    }
}

/// The name of a tag that readers of cards load: of text, lists and mappings each its own.
fn name(tag: Option<&Tag>, own: &str, at: usize) -> Result<String, Unread> {
    let why = match tag {
        None => return Ok(String::new()),
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == own => return Ok(tag.suffix.clone()),
        Some(tag) if tag.is_yaml_core_schema() && ["str", "seq", "map"].contains(&tag.suffix.as_str()) => {
            format!("the tag {tag} stands before what is none, which readers of cards do not load")
        }
        Some(tag) => format!("it holds the tag {tag}, which readers of cards do not load"),
    };
    Err(Unread { why, at })
}

/// Why a plain scalar is none for PyYAML, which makes numbers and dates of texts by their looks.
fn unloadable(text: &str) -> Option<&'static str> {
    if text == "=" {
        return Some("a value `=` alone is not loaded by PyYAML");
    }
    let number = text.trim_start_matches(['+', '-']);
    let digits = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if digits && number.len() > MOST_DIGITS {
        return Some("a number has thousands of digits");
    }
    if number.strip_prefix("0b").or(number.strip_prefix("0x")).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte == b'_'))
    {
        return Some("a number has no digits");
    }
    (looks_like_a_date(text) == Some(false)).then_some("a date can't be")
}

/// Whether a text with the looks of a date is one; `None` where it has not.
fn looks_like_a_date(text: &str) -> Option<bool> {
    let (date, time) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => (text.get(..at)?, Some(text.get(at + 1..)?.trim_start())),
        None => (text, None),
    };
    let number = |part: &str, widths: Range<usize>| {
        (widths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<u32>().ok()).flatten()
    };
    let widths = if time.is_none() { 2..3 } else { 1..3 };
    let mut parts = date.split('-');
    let (year, month, day) = (number(parts.next()?, 4..5)?, number(parts.next()?, widths.clone())?, number(parts.next()?, widths)?);
    if parts.next().is_some() {
        return None;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let is_date = year > 0 && (1..=12).contains(&month) && (1..=days).contains(&day);
    let Some(time) = time else { return Some(is_date) };
    let clock = time.get(..time.find(|c: char| !(c.is_ascii_digit() || c == ':')).unwrap_or(time.len()))?;
    let mut parts = clock.split(':');
    let (hour, minute, second) = (number(parts.next()?, 1..3)?, number(parts.next()?, 2..3)?, number(parts.next()?, 2..3)?);
    if parts.next().is_some() {
        return None;
    }
    let rest = time.get(clock.len()..)?;
    let rest =
        rest.strip_prefix('.').map_or(rest, |part| part.trim_start_matches(|c: char| c.is_ascii_digit())).trim_start_matches([' ', '\t']);
    let offset_min = match rest.strip_prefix(['+', '-']) {
        None if rest.is_empty() || rest == "Z" => 0,
        None => return None,
        Some(offset) => {
            let (hours, minutes) = offset.split_once(':').unwrap_or((offset, "00"));
            number(hours, 1..3)? * 60 + number(minutes, 2..3)?
        }
    };
    Some(is_date && hour < 24 && minute < 60 && second < 60 && offset_min < 24 * 60)
}

/// Characters that are no content of YAML, or that YAML 1.1 and 1.2 read differently. In quotes, blocks and comments tabs are content.
fn foreign(text: &str, literal: &[Range<usize>]) -> Option<(&'static str, usize)> {
    let (mut in_comment, mut before) = (false, '\n');
    // The ranges are in order, and so are the characters.
    let mut ranges = literal.iter().peekable();
    for (at, c) in text.char_indices() {
        if c == '\r' && text.as_bytes().get(at + 1) != Some(&b'\n') {
            return Some(("it holds a carriage return without a line feed, which ends a line in YAML and nowhere else", at));
        }
        while ranges.next_if(|range| range.end <= at).is_some() {}
        let within = ranges.peek().is_some_and(|range| range.contains(&at));
        in_comment = match c {
            '\n' | '\r' => false,
            '#' => in_comment || before.is_whitespace() && !within,
            _ => in_comment,
        };
        before = c;
        match c {
            '\t' if !in_comment && !within => return Some(("it holds a tab, which PyYAML takes for no space", at)),
            '\u{85}' | '\u{2028}' | '\u{2029}' => return Some(("it holds a character that ends lines in YAML 1.1 and not in 1.2", at)),
            '\n' | '\r' | '\t' => {}
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => return Some(("it holds a control character", at)),
            _ => {}
        }
    }
    None
}
