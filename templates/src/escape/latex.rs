//! Text into LaTeX: what every engine sets with its default encodings, and nothing that is a command.

use super::visible::{TEXT_LENGTH, shorten, visible};

/// Escapes `text` for running text and table cells.
///
/// Letters and signs that pdfLaTeX has no glyph for out of the box are shown by their code point, so that a name in a log can't stop a paper from
/// compiling. Signs that form ligatures (`--`, `''`) stay apart.
///
/// ```
/// use carbon_render::escape::latex;
/// assert_eq!(latex("50% of $x_1 & \\input{y}"), r"50\% of \$x\_1 \& \textbackslash{}input\{y\}");
/// ```
pub fn latex(text: &str) -> String {
    let text = visible(text);
    let text = shorten(&text, TEXT_LENGTH);
    let mut out = String::with_capacity(text.len() + 8);
    let mut previous = None;
    for c in text.chars() {
        if matches!(c, '-' | '\'' | ',') && previous == Some(c) {
            out.push_str("{}");
        }
        match c {
            '#' | '$' | '%' | '&' | '_' | '{' | '}' => out.extend(['\\', c]),
            // A cell or line that starts with these would be an argument of the command before it.
            '[' | ']' | '*' => out.extend(['{', c, '}']),
            ' '..='~' | '–' | '—' | '‘' | '’' | '“' | '”' | '…' if named(c).is_none() => out.push(c),
            c if has_glyph(c) => out.push(c),
            c => match named(c) {
                Some(command) => out.push_str(command),
                None => out.push_str(&format!("\\textless{{}}U+{:04X}\\textgreater{{}}", u32::from(c))),
            },
        }
        previous = Some(c);
    }
    out
}

fn named(c: char) -> Option<&'static str> {
    Some(match c {
        '"' => "\\char34{}",
        '<' => "\\textless{}",
        '>' => "\\textgreater{}",
        '\\' => "\\textbackslash{}",
        '^' => "\\textasciicircum{}",
        '`' => "\\textasciigrave{}",
        '|' => "\\textbar{}",
        '~' => "\\textasciitilde{}",
        '\u{a0}' => "~",
        '°' => "$^{\\circ}$",
        '±' => "$\\pm$",
        '²' => "$^{2}$",
        '³' => "$^{3}$",
        'µ' | 'μ' => "$\\mu$",
        '·' => "$\\cdot$",
        '×' => "$\\times$",
        'Ω' => "$\\Omega$",
        '−' => "$-$",
        '≈' => "$\\approx$",
        '≤' => "$\\leq$",
        '≥' => "$\\geq$",
        _ => return None,
    })
}

/// Letters that TeX's first encoding composes from a letter and an accent.
fn has_glyph(c: char) -> bool {
    const MISSING: &str = "ÐÞðþ×÷ĄąĐđĘęĦħĮįĸĿŀŉŊŋŦŧŲųſ";
    matches!(c, 'À'..='ſ') && !MISSING.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_command() {
        assert_eq!(latex(r"\end{document}"), r"\textbackslash{}end\{document\}");
        assert_eq!(
            latex("a^b~c`d|e<f>g\"h"),
            r"a\textasciicircum{}b\textasciitilde{}c\textasciigrave{}d\textbar{}e\textless{}f\textgreater{}g\char34{}h"
        );
        assert_eq!(latex("[2pt] *"), "{[}2pt{]} {*}");
        assert_eq!(latex("-- '' ,, ---"), "-{}- '{}' ,{}, -{}-{}-");
    }

    #[test]
    fn letters_without_a_glyph_are_named() {
        assert_eq!(latex("Île-de-France, Łódź"), "Île-de-France, Łódź");
        assert_eq!(latex("東 ±2 µW\u{202e}"), r"\textless{}U+6771\textgreater{} $\pm$2 $\mu$W\textless{}U+202E\textgreater{}");
    }
}
