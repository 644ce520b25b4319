//! Text into Markdown: what it says is shown, nothing in it is markup.
//!
//! The forms are those that GFM, Python-Markdown, MyST and MDX all read alike and that prettier leaves as they are:
//! backslashes where Python-Markdown knows them too, entities for `<`, `~`, `$` and `&`.

use super::orders::{holds_order, without_orders};
use super::visible::{TEXT_LENGTH, shorten, visible};

/// Escapes `text` for a paragraph, a list item or a table cell.
///
/// What forges turn into links even when it is escaped (`https://…`, `www.…`, `@name`, `#12`) is broken by a code span around
/// the character that makes the link; the text stays the same.
///
/// ```
/// use carbon_render::escape::markdown;
/// assert_eq!(markdown("a_b *c* <d>"), r"a_b \*c\* &lt;d>");
/// assert_eq!(markdown("see https://x.org"), "see https`://`x.org");
/// assert_eq!(markdown("E5-2690 v4 @ 2.60GHz"), "E5-2690 v4 @ 2.60GHz");
/// ```
pub fn markdown(text: &str) -> String {
    let text = visible(text);
    escape(&shorten(&text, TEXT_LENGTH))
}

/// A sentence of the report, in which backticks enclose code: code spans stay code spans, all else is escaped.
///
/// ```
/// use carbon_render::escape::prose;
/// assert_eq!(prose("give `--pue` for a*b"), r"give `--pue` for a\*b");
/// assert_eq!(prose("one ` alone"), r"one \` alone");
/// ```
pub fn prose(text: &str) -> String {
    let text = visible(text);
    let text = shorten(&text, TEXT_LENGTH);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(&text);
    }
    parts.iter().enumerate().map(|(at, part)| if at % 2 == 1 { code_span(part) } else { escape(part) }).collect()
}

/// A code span, or escaped text where it holds what a code span cannot carry through every reader.
pub fn code_span(text: &str) -> String {
    let text = visible(text);
    let text = shorten(&text, TEXT_LENGTH);
    let plain = !text.is_empty() && !text.contains(['`', '|', '$', '\\']) && !holds_order(&text);
    if plain { format!("`{text}`") } else { escape(&text) }
}

/// A fenced block of `language`; line breaks stay, other hidden characters show, and no generator finds an order: in a shell's words, two quotes
/// between braces change nothing.
pub fn fenced(text: &str, language: &str) -> String {
    let between = if matches!(language, "console" | "sh" | "bash" | "shell") { "''" } else { " " };
    let text = without_orders(text, between);
    let lines: Vec<_> = text.trim_end().lines().map(|line| visible(line.trim_end()).into_owned()).collect();
    let body = lines.join("\n");
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{body}\n{fence}")
}

/// A link to an `https` address; the text alone where the address is of another kind.
pub fn link(text: &str, address: &str) -> String {
    let text = markdown(text);
    let rest = address.strip_prefix("https://").unwrap_or("");
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host_is_plain = rest[..host_end].bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:".contains(&b));
    if rest.is_empty() || host_end == 0 || !host_is_plain {
        return text;
    }
    let mut target = String::from("https://");
    for c in shorten(rest, TEXT_LENGTH).chars() {
        if c.is_ascii_alphanumeric() || "-._/?#=&%+,;:@!".contains(c) {
            target.push(c);
        } else {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().for_each(|b| target.push_str(&format!("%{b:02X}")));
        }
    }
    format!("[{text}]({target})")
}

fn escape(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut in_code = false;
    for (at, &c) in chars.iter().enumerate() {
        let (before, after) = (&chars[..at], &chars[at + 1..]);
        let breaks = makes_link(before, c, after);
        if breaks != in_code {
            out.push('`');
            in_code = breaks;
        }
        match c {
            _ if in_code => out.push(c),
            '%' if before.last() == Some(&'{') => out.push_str("&#37;"),
            '#' if before.last() == Some(&'{') => out.push_str("&#35;"),
            '\\' | '`' | '*' | '[' | ']' | '{' | '}' | '|' => out.extend(['\\', c]),
            '_' if !inside_word(before, after) => out.push_str("\\_"),
            '<' => out.push_str("&lt;"),
            '~' => out.push_str("&#126;"),
            '$' => out.push_str("&#36;"),
            '&' if after.first().is_some_and(|n| *n == '#' || n.is_ascii_alphabetic()) => out.push_str("&amp;"),
            '>' | '#' if at == 0 => out.extend(['\\', c]),
            '+' | '-' | '=' if at == 0 && after.first().is_none_or(|n| *n == ' ' || *n == c) => out.extend(['\\', c]),
            '.' | ')' if starts_list(before, after) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    if in_code {
        out.push('`');
    }
    out
}

/// Underscores between letters or digits are text by the CommonMark rules on delimiter runs.
fn inside_word(before: &[char], after: &[char]) -> bool {
    let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
    is_word(before.iter().rev().find(|c| **c != '_')) && is_word(after.iter().find(|c| **c != '_'))
}

fn starts_list(before: &[char], after: &[char]) -> bool {
    (1..=9).contains(&before.len()) && before.iter().all(char::is_ascii_digit) && after.first().is_none_or(|c| *c == ' ')
}

/// Whether `c` is what makes a forge or a GFM reader link the text around it.
fn makes_link(before: &[char], c: char, after: &[char]) -> bool {
    let last = |n: usize| before.iter().rev().take(n).rev();
    match c {
        ':' => after.starts_with(&['/', '/']),
        '/' => after.first() == Some(&'/') && before.ends_with(&[':']) || before.ends_with(&[':', '/']),
        '.' => before.len() >= 3 && last(3).all(|c| c.eq_ignore_ascii_case(&'w')),
        '@' => after.first().is_some_and(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)),
        '#' => after.first().is_some_and(char::is_ascii_digit),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        for (text, expected) in [
            ("| a |", r"\| a \|"),
            ("`rm`", r"\`rm\`"),
            ("snake_case _it_ __init__", r"snake_case \_it\_ \_\_init\_\_"),
            ("~~x~~ $5", "&#126;&#126;x&#126;&#126; &#36;5"),
            ("R&D &lt; a & b", "R&amp;D &amp;lt; a & b"),
            ("# title", r"\# title"),
            ("1. item", r"1\. item"),
            ("3.5 kWh", "3.5 kWh"),
            ("- item", r"\- item"),
            ("---", r"\---"),
            ("-5%", "-5%"),
            ("[x](y) {z}", r"\[x\](y) \{z\}"),
            ("line\nbreak", "line&lt;U+000A>break"),
        ] {
            assert_eq!(markdown(text), expected, "{text}");
        }
    }

    #[test]
    fn links_are_broken_and_adjacent_spans_are_one() {
        assert_eq!(markdown("http://@x"), "http`://@`x");
        assert_eq!(markdown("WWW.x.org #12 @me"), "WWW`.`x.org `#`12 `@`me");
    }

    #[test]
    fn only_https_is_linked() {
        assert_eq!(link("a", "https://x.org/b (c)"), "[a](https://x.org/b%20%28c%29)");
        for address in ["http://x.org", "javascript:alert(1)", "https://", "https://u@x.org/", "https:///x", ""] {
            assert_eq!(link("a", address), "a", "{address}");
        }
    }

    #[test]
    fn no_generator_finds_an_order() {
        let text = "{{#include a}} {% include b %} {# c #} {{{x}}} {#1 {{< d >}}";
        for made in [markdown(text), code_span(text), fenced(text, "console"), fenced(text, "json"), fenced(&format!("'{text}'"), "sh")] {
            assert!(!holds_order(&made), "{made}");
        }
        assert_eq!(markdown("{% x"), r"\{&#37; x");
        assert_eq!(fenced("-t '{{x}}' {%", "console"), "```console\n-t '{''{x}}' {''%\n```");
        assert_eq!(fenced("{{x}}", "json"), "```json\n{ {x}}\n```");
    }

    #[test]
    fn fences_outgrow_their_text() {
        assert_eq!(fenced("a\n```\nb\x07", "console"), "````console\na\n```\nb<U+0007>\n````");
    }
}
