//! Text into a YAML scalar of a block mapping, in the style in which PyYAML writes it.
//!
//! `huggingface_hub` reads a card and writes it back with PyYAML; a block in the same style survives that byte for byte.

use super::orders::without_orders;
use super::visible::{shorten, visible};

/// Longest text of one value, in characters.
const VALUE_LENGTH: usize = 300;

/// PyYAML breaks a line at the first single space after this column.
const WIDTH: usize = 80;

/// `text` as the value of a key that ends at `column`, continued where needed on lines indented by `indent`.
///
/// Plain where every YAML reader takes it for this very string, else in single quotes. What a generator of sites would take for its own gets a space in it:
/// a scalar in PyYAML's style has no escapes.
///
/// ```
/// use carbon_render::escape::yaml_scalar;
/// assert_eq!(yaml_scalar("Gravelines, France", 9, 4), "Gravelines, France");
/// assert_eq!(yaml_scalar("NO", 9, 4), "'NO'");
/// assert_eq!(yaml_scalar("it's: x", 9, 4), "'it''s: x'");
/// assert_eq!(yaml_scalar("A100 {{x}}", 9, 4), "A100 { {x}}");
/// ```
pub fn yaml_scalar(text: &str, column: usize, indent: usize) -> String {
    let text = visible(text);
    let text = without_orders(&shorten(&text, VALUE_LENGTH), " ");
    if is_plain(&text) {
        // The blank after the colon counts.
        return fold(&text, column + 1, indent);
    }
    let quoted = text.replace('\'', "''");
    format!("'{}'", fold(&quoted, column + 2, indent))
}

fn is_plain(text: &str) -> bool {
    let starts_with_indicator = text.starts_with(|c| "#,[]{}&*!|>'\"%@`".contains(c))
        || ["? ", ": ", "- ", "---", "..."].iter().any(|start| text.starts_with(start))
        || matches!(text, "?" | ":" | "-");
    let holds_indicator = text.contains(": ") || text.ends_with(':') || text.contains(" #");
    !text.is_empty() && !starts_with_indicator && !holds_indicator && !means_something_else(text)
}

/// What YAML 1.1 (PyYAML) or YAML 1.2 (JavaScript) reads as a number, a date, a boolean or null.
fn means_something_else(text: &str) -> bool {
    const WORDS: [&str; 12] = ["y", "yes", "n", "no", "true", "false", "on", "off", "null", "~", "=", "<<"];
    let number_like = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_hexdigit() || "xXoO_.:+-".contains(c));
    let special_float = [".inf", ".nan"].contains(&text.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str());
    let bytes = text.as_bytes();
    let date_like = bytes.len() >= 8 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-';
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)) || number_like || special_float || date_like
}

/// Breaks lines where PyYAML does: at a single space once the column is past [`WIDTH`].
fn fold(text: &str, column: usize, indent: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = column;
    let mut chars = text.chars().peekable();
    let mut previous = None;
    while let Some(c) = chars.next() {
        let single_space = c == ' ' && previous != Some(' ') && chars.peek().is_some_and(|next| *next != ' ');
        if single_space && column > WIDTH && previous.is_some() {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else {
            out.push(c);
            column += 1;
        }
        previous = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_that_would_be_read_as_something_else_are_quoted() {
        for text in [
            "NO",
            "on",
            "Yes",
            "null",
            "~",
            "12:30",
            "1_000",
            "0123",
            "1e-5",
            "1.2e5",
            "0x1f",
            ".5",
            "-.inf",
            ".NaN",
            "2026-11-23",
            "2026-11-23 10:00:00",
            "",
            "@home",
            "- a",
            "a: b",
            "a:",
            "a #b",
            "---",
            "[x]",
            "{x}",
            "'q'",
            "%x",
            "!!python/none",
            "&a",
            "*a",
            "| x",
            "> x",
            "`x`",
            "? x",
            "=",
            "<<",
        ] {
            let scalar = yaml_scalar(text, 9, 4);
            assert!(scalar.starts_with('\'') && scalar.ends_with('\''), "{text} → {scalar}");
        }
        for text in ["8 x NVIDIA A100-SXM4-80GB", "a:b", "a#b", "-x", "?x", "France (FR)", "100% of it", "it's"] {
            assert_eq!(yaml_scalar(text, 9, 4), text);
        }
    }

    #[test]
    fn hidden_characters_cannot_end_the_block() {
        assert_eq!(yaml_scalar("a\n---\nlicense: mit", 9, 4), "'a<U+000A>---<U+000A>license: mit'");
    }

    #[test]
    fn long_text_is_folded_as_pyyaml_does() {
        // yaml.dump({"k": {"source": "word " * 20 + "end"}}) with PyYAML 6.0.3.
        let text = format!("{}end", "word ".repeat(20));
        let expected = format!("{}word\n    {}end", "word ".repeat(14), "word ".repeat(5));
        assert_eq!(yaml_scalar(&text, 9, 4), expected);
    }
}
