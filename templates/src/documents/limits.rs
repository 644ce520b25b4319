//! What a template that is not ours may be and take: a card from the net must not hang or crash the program.

use crate::error::{RenderError, RenderErrorKind};

/// Most that a template may write.
pub(super) const OUTPUT_BYTES: usize = 8 << 20;

/// Longest template.
const TEMPLATE_BYTES: usize = 256 << 10;

/// Longest tag: Tera reads nested expressions by recursion, so this bounds its stack.
const TAG_BYTES: usize = 1024;

/// Deepest nesting of blocks, for the same reason.
const DEPTH: usize = 32;

/// Longest time, in seconds.
#[cfg(not(target_family = "wasm"))]
const SECONDS: u64 = 2;

/// Refuses text that could exhaust the stack; names the line.
pub(super) fn check(name: &str, text: &str) -> Result<(), RenderError> {
    if text.len() > TEMPLATE_BYTES {
        let message = format!("template: found {} bytes, expected {TEMPLATE_BYTES} at most", text.len());
        return Err(RenderError::new(RenderErrorKind::TemplateLimit, message).at(name));
    }
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(offset) = text[at..].find("{{").into_iter().chain(text[at..].find("{%")).chain(text[at..].find("{#")).min() {
        let start = at + offset;
        let place = || format!("{name}, line {}", text[..start].matches('\n').count() + 1);
        let length = match &text[start..start + 2] {
            "{#" => {
                let from = start + if text[start..].starts_with("{#-") { 3 } else { 2 };
                text[from..].find("#}").map_or(text.len(), |end| from + end + 2) - start
            }
            _ => tag_length(&text[start..]),
        };
        if length > TAG_BYTES && !text[start..].starts_with("{#") {
            let message = format!("template: found a tag of {length} bytes, expected {TAG_BYTES} at most");
            return Err(RenderError::new(RenderErrorKind::TemplateLimit, message)
                .at(place())
                .hint("take the expression apart with `{% set name = … %}`"));
        }
        if text[start..].starts_with("{%") {
            let word = text[start + 2..].trim_start_matches('-').trim_start();
            let word = word.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
            match word {
                // A component may call itself without end; raw text would hide tags from this check.
                "component" | "raw" => {
                    let message = format!("template: found `{word}`, which templates cannot use here");
                    return Err(RenderError::new(RenderErrorKind::TemplateLimit, message)
                        .at(place())
                        .hint("write the text where it belongs, or use `{% set name %}…{% endset %}`"));
                }
                word if word.starts_with("end") => depth = depth.saturating_sub(1),
                "if" | "for" | "block" | "filter" | "set" => depth += 1,
                _ => {}
            }
            // A `set` with `=` opens nothing.
            if word == "set" && text[start..start + length].contains('=') {
                depth -= 1;
            }
            if depth > DEPTH {
                let message = format!("template: found blocks nested deeper than {DEPTH}");
                return Err(RenderError::new(RenderErrorKind::TemplateLimit, message).at(place()));
            }
        }
        at = start + length;
    }
    Ok(())
}

/// Length of the tag that `text` starts with, strings in quotes passed over as Tera does.
fn tag_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let closing = if bytes.starts_with(b"{%") { b'%' } else { b'}' };
    let mut at = 2;
    let mut quote = None;
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), b) if b == open => quote = None,
            (None, b @ (b'"' | b'\'' | b'`')) => quote = Some(b),
            (None, b'}') if at > 2 && bytes[at - 1] == closing => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The error of a template that writes without end.
pub(super) fn too_much_output(name: &str) -> RenderError {
    let message = format!("template: wrote more than {} MiB", OUTPUT_BYTES >> 20);
    RenderError::new(RenderErrorKind::TemplateLimit, message).at(name).hint("look for a loop inside a loop")
}

/// Runs `work` on a thread with room for what [`check`] lets through, and gives up on it after a while.
///
/// A thread cannot be stopped: one that is given up on ends with the program.
#[cfg(not(target_family = "wasm"))]
pub(super) fn run(name: &str, work: impl FnOnce() -> Result<String, RenderError> + Send + 'static) -> Result<String, RenderError> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new().stack_size(32 << 20).spawn(move || {
        // Nobody listens any more after the time is up.
        let _ = sender.send(work());
    });
    let failed = |message: String| RenderError::new(RenderErrorKind::TemplateLimit, message).at(name);
    thread.map_err(|e| failed(format!("template: found no room for a thread ({e})")))?;
    receiver
        .recv_timeout(std::time::Duration::from_secs(SECONDS))
        .unwrap_or_else(|_| Err(failed(format!("template: not done after {SECONDS} s")).hint("look for a loop inside a loop")))
}

/// A page stops what takes too long by itself.
#[cfg(target_family = "wasm")]
pub(super) fn run(_: &str, work: impl FnOnce() -> Result<String, RenderError>) -> Result<String, RenderError> {
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_templates_pass() {
        let text = "{# a '\" comment #}{% set x = 1 %}{% if x %}{{ \"}}\" }}{% else %}{% for a in [1] %}{{ a }}{% endfor %}{% endif %}";
        assert_eq!(check("t", &text.repeat(50)), Ok(()));
    }

    #[test]
    fn what_could_exhaust_the_stack_is_refused_with_its_line() {
        let hidden = format!("\n{{{{ \"}}}}\" ~ {}1 }}}}", "1 + ".repeat(400));
        for (text, line) in [
            (hidden, 2),
            (format!("{{{{ {}1{} }}}}", "(".repeat(600), ")".repeat(600)), 1),
            (format!("{}x", "{% if true %}\n".repeat(40)), 33),
            (String::from("a\n{%- component c() %}{{ <c() /> }}{% endcomponent c %}"), 2),
        ] {
            let error = check("t", &text).unwrap_err();
            assert_eq!(error.place, Some(format!("t, line {line}")), "{}", error.message);
        }
    }
}
