//! Text into a field of a comma-separated file that a spreadsheet may open.

use super::visible::visible;

/// Quotes a text field where needed (RFC 4180); one that a spreadsheet would compute gets a leading apostrophe.
///
/// Numbers do not come through here. Text that starts with `=`, `+`, `-`, `@`, a tab or a line break is a formula for
/// Excel, LibreOffice or Google Sheets, also behind white space or an apostrophe's look-alike in full width. Hidden characters stand by their code points.
pub fn csv_field(text: &str) -> String {
    let first = text.trim_start().chars().next();
    let computes =
        text.starts_with(['\t', '\r', '\n']) || first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    let text = visible(text);
    if computes {
        return format!("\"'{}\"", text.replace('"', "\"\""));
    }
    if text.contains(['"', ',', ';']) || text != text.trim() {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text() {
        for start in ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝"] {
            let field = csv_field(&format!("{start}1+1"));
            assert!(field.starts_with("\"'"), "{field}");
        }
        assert_eq!(csv_field("GPU 0"), "GPU 0");
        assert_eq!(csv_field("AM\u{4} EPYC\u{202e}, 2"), "\"AM<U+0004> EPYC<U+202E>, 2\"");
        assert_eq!(csv_field("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
