//! The `co2_eq_emissions` key of a model card: made from a Report, and merged into a card as text.
//!
//! A card's other keys keep their bytes: a YAML library would lose comments, quoting and line breaks, so only the lines of
//! this one key are ever touched.

use carbon_core::report::Report;

use crate::error::{RenderError, RenderErrorKind};
use crate::escape::yaml_scalar;

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
/// A document without front matter gets one. Byte order mark, line endings and every other line stay as they are. Fails
/// where the front matter does not end or holds the key twice.
pub fn merge_front_matter(document: &str, block: &str) -> Result<String, RenderError> {
    let (mark, body) = match document.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", document),
    };
    let eol = if body.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
    let block = block.trim_end_matches('\n').replace('\n', eol) + eol;
    let key = block.split(':').next().unwrap_or(KEY);
    let lines: Vec<&str> = body.split_inclusive('\n').collect();
    // As the Hub does, blank lines before the front matter are allowed.
    let open = lines.iter().position(|line| !line.trim().is_empty()).filter(|at| lines[*at].trim_end() == "---");
    let Some(open) = open else {
        return Ok(format!("{mark}---{eol}{block}---{eol}{}{body}", if body.is_empty() { "" } else { eol }));
    };
    let wrong = |message: String, line: usize| RenderError::new(RenderErrorKind::FrontMatter, message).at(format!("line {}", line + 1));
    let close = lines[open + 1..].iter().position(|line| line.trim_end() == "---").map(|at| open + 1 + at);
    let close = close
        .ok_or_else(|| wrong(String::from("front matter: found no closing `---`"), open).hint("end the front matter with a line `---`"))?;
    let starts: Vec<usize> = (open + 1..close).filter(|at| is_key(lines[*at], key)).collect();
    let (from, to) = match starts[..] {
        [] => (close, close),
        [start] => {
            let end = end_of_value(&lines, start, close);
            if is_open_flow(&lines[start..end]) {
                return Err(
                    wrong(format!("front matter: found no end of the value of `{key}`"), start).hint("indent the lines of the value")
                );
            }
            (start, end)
        }
        [_, second, ..] => {
            return Err(wrong(format!("front matter: found the key `{key}` twice"), second).hint("keep one of them"));
        }
    };
    Ok(format!("{mark}{}{block}{}", lines[..from].concat(), lines[to..].concat()))
}

fn is_key(line: &str, key: &str) -> bool {
    let quoted = [String::from(key), format!("'{key}'"), format!("\"{key}\"")];
    quoted.iter().any(|key| line.strip_prefix(key.as_str()).is_some_and(|rest| rest.trim_start().starts_with(':')))
}

/// The value ends before the next key; blank lines and comments before that key belong to it.
fn end_of_value(lines: &[&str], start: usize, close: usize) -> usize {
    let is_item = |line: &str| line.trim_end() == "-" || line.starts_with("- ");
    let indented = |line: &str| line.starts_with([' ', '\t']);
    let apart = |line: &str| line.trim().is_empty() || line.starts_with('#');
    let inside = |line: &str| indented(line) || is_item(line) || apart(line);
    let mut end = (start + 1..close).find(|at| !inside(lines[*at])).unwrap_or(close);
    while end > start + 1 && apart(lines[end - 1]) {
        end -= 1;
    }
    end
}

/// A flow value (`{…}`) whose end is not within its lines cannot be told from what follows.
fn is_open_flow(lines: &[&str]) -> bool {
    let text = lines.concat();
    let value = text.split_once(':').map_or("", |(_, value)| value).trim();
    let closing = match value.chars().next() {
        Some('{') => '}',
        Some('[') => ']',
        _ => return false,
    };
    !value.contains(closing)
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
            ("---\nco2_eq_emissions: {emissions: 1,\nsource: x}\n---\n", "line 2"),
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
