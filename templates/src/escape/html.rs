//! Text into HTML and XML, in text and in quoted attributes.

use super::visible::{TEXT_LENGTH, shorten, visible};

/// Escapes `text` for element content and for attributes in quotes.
pub fn html(text: &str) -> String {
    let text = visible(text);
    let text = shorten(&text, TEXT_LENGTH);
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
