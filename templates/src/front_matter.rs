//! The `co2_eq_emissions` key of a model card: made from a Report, and merged into a card as text.
//!
//! A card's other keys keep their bytes: a YAML library would lose comments, quoting and line breaks, so only the lines of
//! this one key are ever touched; a YAML library reads them before and after.

use carbon_core::report::Report;

#[cfg(feature = "front-matter")]
use crate::error::{RenderError, RenderErrorKind};
use crate::escape::yaml_scalar;
#[cfg(feature = "front-matter")]
use yaml::Root;

#[cfg(feature = "front-matter")]
mod yaml;

/// The key that the Hub and its readers know.
pub const KEY: &str = "co2_eq_emissions";

/// Below this many grams the Hub's readers fail: Python prints the number with an exponent.
const LEAST_GRAMS: f64 = 0.0001;

/// The block for a card's front matter, LF-terminated; `None` where emissions are unknown or too small for its readers.
///
/// Grams as a plain decimal number, then the documented keys that are known, as strings.
pub fn front_matter_block(report: &Report) -> Option<String> {
    let card = report.model_card.as_ref()?;
    let grams = card.emissions_g.as_deref().filter(|text| is_plain_decimal(text))?;
    let mut block = format!("{KEY}:\n  emissions: {grams}\n");
    let keys = [
        ("source", Some(&card.source)),
        ("training_type", card.training_type.as_ref()),
        ("geographical_location", card.geographical_location.as_ref()),
        ("hardware_used", card.hardware_used.as_ref()),
    ];
    for (key, value) in keys {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            let value = yaml_scalar(value, 2 + key.len() + 1, 4);
            block.push_str(&format!("  {key}: {value}\n"));
        }
    }
    Some(block)
}

fn is_plain_decimal(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    digits(whole) && digits(fraction) && !leading_zero && text.parse::<f64>().is_ok_and(|grams| grams >= LEAST_GRAMS)
}

/// Puts `block` into the front matter of `document`, in place of the key that it starts with, else at its end.
///
/// A document without front matter gets one. Byte order mark, line endings and every other line stay as they are. The YAML is read before and after:
/// it is well formed both times, all other keys have the same values, and the key has the block's.
///
/// # Errors
/// Where that can't be: what is no YAML, or is written in a way that an edit by lines would break.
#[cfg(feature = "front-matter")]
pub fn merge_front_matter(document: &str, block: &str) -> Result<String, RenderError> {
    let (mark, body) = match document.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", document),
    };
    let eol = if body.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
    let block = block.trim_end_matches('\n');
    let key = block.split(':').next().unwrap_or(KEY);
    let Some(place) = Place::of(body)? else {
        let block = block.replace('\n', eol) + eol;
        return Ok(format!("{mark}---{eol}{block}---{eol}{}{body}", if body.is_empty() { "" } else { eol }));
    };
    let yaml = &body[place.yaml.clone()];
    let before = place.read(body)?;
    let refuse = |why: String, at: usize| Err(place.wrong(body, at, why).hint("write the key by hand, or one plain `key: value` a line"));
    if before.is_flow {
        return refuse(String::from("its keys stand in braces"), 0);
    }
    let first_of_line = |at: usize| yaml[..at].rfind('\n').map_or(0, |end| end + 1);
    let indent = before.entries.first().map_or("", |entry| {
        let line = &yaml[first_of_line(entry.at)..];
        &line[..line.len() - line.trim_start_matches(' ').len()]
    });
    let (from, to, comment) = match before.position(key) {
        None => (yaml.len(), yaml.len(), ""),
        Some(at) => {
            let entry = &before.entries[at];
            let start = first_of_line(entry.at);
            if !yaml[start..entry.at].trim_matches(' ').is_empty() {
                return refuse(format!("`{key}` is written as `? {key}`"), entry.at);
            }
            if yaml[entry.at..].starts_with(['!', '&']) {
                return refuse(format!("`{key}` has a tag or an anchor"), entry.at);
            }
            if before.is_used_elsewhere(key) {
                return refuse(format!("an anchor in `{key}` is used by another key"), entry.at);
            }
            let next = before.entries.get(at + 1).map_or(yaml.len(), |next| first_of_line(next.at));
            (start, end_of_value(yaml, start, next, indent.len()), comment_after(yaml, entry))
        }
    };
    let mut lines = String::new();
    for (at, line) in block.lines().enumerate() {
        lines.push_str(indent);
        lines.push_str(line);
        if at == 0 && !comment.is_empty() {
            lines.push(' ');
            lines.push_str(comment);
        }
        lines.push_str(eol);
    }
    let edited = format!("{}{lines}{}", &yaml[..from], &yaml[to..]);
    let after = Root::read(&edited).ok();
    let own = Root::read(block).unwrap_or_default();
    if !after.is_some_and(|after| before.differs_in_no_other(&after, key) && after.has_equal(&own, key)) {
        return refuse(format!("an edit of `{key}` by lines would change other keys"), from);
    }
    Ok(format!("{mark}{}{edited}{}", &body[..place.yaml.start], &body[place.yaml.end..]))
}

/// Checks that the front matter of a document, where it has one, is YAML that its readers load.
///
/// # Errors
/// Where it is none.
#[cfg(feature = "front-matter")]
pub fn check_front_matter(document: &str) -> Result<(), RenderError> {
    let body = document.trim_start_matches('\u{feff}');
    match Place::of(body)? {
        Some(place) => place.read(body).map(drop),
        None => Ok(()),
    }
}

/// Where a front matter stands in a document without byte order mark.
#[cfg(feature = "front-matter")]
struct Place {
    yaml: std::ops::Range<usize>,
}

#[cfg(feature = "front-matter")]
impl Place {
    fn of(body: &str) -> Result<Option<Self>, RenderError> {
        if body.trim_start().strip_prefix("---").is_some_and(|rest| rest.starts_with('\r') && !rest.starts_with("\r\n")) {
            return Err(RenderError::new(RenderErrorKind::FrontMatter, "front matter: its lines end in carriage returns alone")
                .at("line 1")
                .hint("save the file with line feeds"));
        }
        let mut at = 0;
        let mut start = None;
        for (number, line) in body.split_inclusive('\n').enumerate() {
            at += line.len();
            let bare = line.strip_suffix('\n').unwrap_or(line);
            if line.trim() == "---" && bare.strip_suffix('\r').unwrap_or(bare) != "---" && (start.is_none() || line.starts_with("---")) {
                return Err(RenderError::new(
                    RenderErrorKind::FrontMatter,
                    "front matter: blanks stand beside `---`, for which the Hub sees no front matter",
                )
                .at(format!("line {}", number + 1))
                .hint("take the blanks out"));
            }
            match start {
                // As the Hub does, blank lines before the front matter are allowed.
                None if line.trim().is_empty() => {}
                None if line.trim() == "---" => start = Some((at, number)),
                None => return Ok(None),
                Some((start, _)) if bare.trim_end() == "---" => return Ok(Some(Self { yaml: start..at - line.len() })),
                Some(_) => {}
            }
        }
        match start {
            None => Ok(None),
            Some((_, number)) => Err(RenderError::new(RenderErrorKind::FrontMatter, "front matter: found no closing `---`")
                .at(format!("line {}", number + 1))
                .hint("end the front matter with a line `---`")),
        }
    }

    fn read(&self, body: &str) -> Result<Root, RenderError> {
        Root::read(&body[self.yaml.clone()]).map_err(|unread| self.wrong(body, unread.at, unread.why))
    }

    fn wrong(&self, body: &str, at: usize, why: String) -> RenderError {
        let line = body[..self.yaml.start + at].matches('\n').count() + 1;
        RenderError::new(RenderErrorKind::FrontMatter, format!("front matter: {why}"))
            .at(format!("line {line}"))
            .hint("mend the front matter first: its readers must load it")
    }
}

/// The value ends before the next key; blank lines and comments before that key belong to it.
#[cfg(feature = "front-matter")]
fn end_of_value(yaml: &str, start: usize, next: usize, indent: usize) -> usize {
    let mut end = next;
    for line in yaml[start..next].split_inclusive('\n').skip(1).collect::<Vec<_>>().into_iter().rev() {
        let text = line.trim_start_matches(' ');
        let is_apart = line.trim().is_empty() || text.starts_with('#') && line.len() - text.len() <= indent;
        if !is_apart {
            break;
        }
        end -= line.len();
    }
    end
}

/// A comment in the line of the key.
#[cfg(feature = "front-matter")]
fn comment_after<'y>(yaml: &'y str, entry: &yaml::Entry) -> &'y str {
    let end = yaml[entry.at..].find('\n').map_or(yaml.len(), |end| entry.at + end);
    let (from, to) = (entry.value.start, entry.value.end);
    // A block's head (`|`, `>-`) ends its line but for a comment; other values end before one.
    let rest = match yaml[from..].chars().next() {
        _ if from >= end => &yaml[entry.end..end],
        Some('|' | '>') => &yaml[from..end],
        _ if to > end => return "",
        _ => &yaml[to..end],
    };
    rest.find('#').filter(|at| *at == 0 || rest[..*at].ends_with([' ', '\t'])).map_or("", |at| rest[at..].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "co2_eq_emissions:\n  emissions: 12.5\n  source: x\n";

    #[test]
    fn only_the_lines_of_the_key_change() {
        for (document, expected) in [
            ("", "---\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n---\n"),
            ("# Card\n", "---\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n---\n\n# Card\n"),
            (
                "---\nlicense: mit # mine\ntags: [a]\n---\n# Card\n",
                "---\nlicense: mit # mine\ntags: [a]\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n---\n# Card\n",
            ),
            (
                "---\na: 1\nco2_eq_emissions: 4.2\n# about b\nb: 2\n---\n",
                "---\na: 1\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n# about b\nb: 2\n---\n",
            ),
            (
                "---\n\"co2_eq_emissions\" :\n  emissions: 1\n  source:\n    y\n\nb: 2\n---\nco2_eq_emissions: text\n",
                "---\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n\nb: 2\n---\nco2_eq_emissions: text\n",
            ),
            (
                "---\nco2_eq_emissions:\n  emissions: 1\n# why\n  source: y\nb: 2\n---\n",
                "---\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\nb: 2\n---\n",
            ),
            (
                "\u{feff}---\r\nco2_eq_emissions:\r\n  emissions: 1\r\n---\r\nx\r\n",
                "\u{feff}---\r\nco2_eq_emissions:\r\n  emissions: 12.5\r\n  source: x\r\n---\r\nx\r\n",
            ),
        ] {
            let merged = merge_front_matter(document, BLOCK).unwrap();
            assert_eq!(merged, expected);
            assert_eq!(merge_front_matter(&merged, BLOCK).unwrap(), merged, "a second merge changes nothing");
        }
    }

    #[test]
    fn what_cannot_be_edited_by_lines_is_refused() {
        for (document, place) in [
            ("---\na: 1\n", "line 1"),
            ("---\nco2_eq_emissions: 1\nco2_eq_emissions: 2\n---\n", "line 3"),
            ("---\nco2_eq_emissions: {emissions: 1,\nsource: x}\n---\n", "line 3"),
            ("---\n...\na: 1\n---\n", "line 2"),
            ("---\n# a\n\n... # b\na: 1\n---\n", "line 4"),
            ("---\ra: 1\r---\r# x\r", "line 1"),
            ("---\na: 1\n--- \n# x\n", "line 3"),
            ("---\na: 1\n---\u{a0}\n---\n", "line 3"),
            ("---\na: 1\n---\t\r\n---\r\n", "line 3"),
            ("---\na: 1\n---\r\r\n# x\n", "line 3"),
            ("--- \na: 1\n---\n# x\n", "line 1"),
            ("\n ---\na: 1\n---\n# x\n", "line 2"),
            ("---\na: !!str [mit]\n---\n", "line 2"),
            ("---\na: 1\nb: !!seq x\n---\n", "line 3"),
            ("---\na: !!map [x]\n---\n", "line 2"),
            ("---\na: !!str {b: 1}\n---\n", "line 2"),
            ("---\na: !!map x\n---\n", "line 2"),
            ("---\na: !!seq {b: 1}\n---\n", "line 2"),
            ("---\na: !<tag:yaml.org,2002:seq> x\n---\n", "line 2"),
            ("---\ra: 1\r---\r\n# x\n", "line 1"),
            ("---\r\n%x 0 a}\r---\n\n---\r\n", "line 2"),
            ("---\na: 1\rb: 2\n---\n", "line 2"),
        ] {
            let error = merge_front_matter(document, BLOCK).unwrap_err();
            assert_eq!((error.kind, error.place.as_deref()), (RenderErrorKind::FrontMatter, Some(place)));
        }
    }

    #[test]
    fn grams_are_plain_and_large_enough() {
        for text in ["337150", "0.0001", "12.5"] {
            assert!(is_plain_decimal(text), "{text}");
        }
        for text in ["0", "0.00009", "1e3", "1,000", "-3", "", ".5", "5.", "NaN", "007", "4 g"] {
            assert!(!is_plain_decimal(text), "{text}");
        }
    }
}
