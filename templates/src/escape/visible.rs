//! Hidden characters made visible, long text cut.

use std::borrow::Cow;

use carbon_core::text::is_hidden;

/// Longest text of one name, in characters.
pub const NAME_LENGTH: usize = 120;

/// Longest text of any field, in characters: beyond every sentence that this program writes.
pub const TEXT_LENGTH: usize = 1200;

/// Replaces what a reader cannot see, or what changes how the rest is read, by its code point: `<U+202E>`.
///
/// These are controls, format characters (bidirectional marks, zero width, tags), private use, line separators and fillers.
/// Tabs become spaces; white space is trimmed at both ends; a run of one character is shown once.
///
/// ```
/// use carbon_render::escape::visible;
/// assert_eq!(visible("a\u{202e}b\r\n\nc\t"), "a<U+202E>b<U+000D><U+000A>c");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    let text = text.trim_matches([' ', '\t']);
    if !text.chars().any(|c| c == '\t' || is_hidden(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut previous = None;
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            c if !is_hidden(c) => out.push(c),
            c if previous == Some(c) => {}
            c => out.push_str(&format!("<U+{:04X}>", u32::from(c))),
        }
        previous = Some(c);
    }
    Cow::Owned(out)
}

/// Cuts after `most` characters and says so with `…`.
pub fn shorten(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some(_) => {
            let kept = text.char_indices().nth(most.saturating_sub(1)).map_or(0, |(at, _)| at);
            Cow::Owned(format!("{}…", text[..kept].trim_end()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_left_alone() {
        for text in ["NVIDIA H100 80GB HBM3", "Émissions, 日本語, Ω ± µ", "a \u{1f600} b"] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn tags_and_zero_width_show() {
        assert_eq!(visible("x\u{200b}\u{e0041}"), "x<U+200B><U+E0041>");
        assert_eq!(visible("\x1b[31mred"), "<U+001B>[31mred");
    }

    #[test]
    fn long_text_is_cut_to_length() {
        assert_eq!(shorten("abcdef", 6), "abcdef");
        assert_eq!(shorten("abcdefg", 6), "abcde…");
        assert_eq!(shorten("ééééééé", 3).chars().count(), 3);
    }
}
