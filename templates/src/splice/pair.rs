//! Markers in a document and which of them belong together.

use super::SpliceError;

/// Which end of a section a marker stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    End,
    Start,
}

/// A marker on a line of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker<'d> {
    edge: Edge,
    /// Name of the section, empty without one.
    pub id: &'d str,
    /// Whether it has the form `{/* … */}`.
    pub mdx: bool,
}

/// Every marker outside code, with its line from 0.
fn markers(document: &str) -> Vec<(usize, Marker<'_>)> {
    let mut fence = Fence::default();
    let lines = document.trim_start_matches('\u{feff}').lines().enumerate();
    lines.filter_map(|(at, line)| (!fence.holds(line)).then(|| marker(line)).flatten().map(|m| (at, m))).collect()
}

/// Pairs of start and end lines from 0, each with its start marker. An end may leave out the id of its start.
pub(super) fn pairs(document: &str) -> Result<Vec<(usize, usize, Marker<'_>)>, SpliceError> {
    let mut pairs: Vec<(usize, usize, Marker<'_>)> = Vec::new();
    let mut open: Option<(usize, Marker<'_>)> = None;
    for (at, marker) in markers(document) {
        match (marker.edge, open.take()) {
            (Edge::Start, None) if pairs.iter().any(|(_, _, other)| other.id == marker.id) => {
                return Err(SpliceError::Repeated { line: at + 1 });
            }
            (Edge::Start, None) => open = Some((at, marker)),
            (Edge::Start, Some(_)) => return Err(SpliceError::Nested { line: at + 1 }),
            (Edge::End, Some((start, opener))) if marker.id.is_empty() || marker.id == opener.id => {
                pairs.push((start, at, opener));
            }
            (Edge::End, _) => return Err(SpliceError::Unpaired { line: at + 1 }),
        }
    }
    match open {
        Some((start, _)) => Err(SpliceError::Unpaired { line: start + 1 }),
        None => Ok(pairs),
    }
}

fn marker(line: &str) -> Option<Marker<'_>> {
    // Four blanks make code in Markdown.
    let indent = line.len() - line.trim_start_matches(' ').len();
    let line = if indent < 4 { line.trim() } else { return None };
    let html = line.strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
    let mdx = line.strip_prefix("{/*").and_then(|rest| rest.strip_suffix("*/}"));
    let mut words = html.or(mdx)?.split_ascii_whitespace();
    let edge = match words.next()? {
        "carbon-report:start" => Edge::Start,
        "carbon-report:end" => Edge::End,
        _ => return None,
    };
    let id = match words.next() {
        None => "",
        Some(word) => word.strip_prefix("id=")?.trim_matches(['"', '\'']),
    };
    words.next().is_none().then_some(Marker { edge, id, mdx: mdx.is_some() })
}

/// A line that is a comment and nothing else, in the other form; any other line as it is.
pub(super) fn as_comment(line: &str, mdx: bool) -> String {
    let html_text = line.strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
    let mdx_text = line.strip_prefix("{/*").and_then(|rest| rest.strip_suffix("*/}"));
    match (mdx, html_text, mdx_text) {
        (true, Some(text), _) => format!("{{/*{text}*/}}"),
        (false, _, Some(text)) => format!("<!--{text}-->"),
        _ => String::from(line),
    }
}

/// Follows fenced code through the lines of a document.
#[derive(Default)]
pub(super) struct Fence {
    open: Option<(char, usize)>,
}

impl Fence {
    /// Takes the next line; whether it is inside a fenced block, fences included.
    pub(super) fn holds(&mut self, line: &str) -> bool {
        let text = line.trim_start_matches(' ');
        let indented = line.len() - text.len() >= 4;
        let Some(mark) = text.chars().next().filter(|c| matches!(c, '`' | '~')) else {
            return self.open.is_some();
        };
        let length = text.chars().take_while(|c| *c == mark).count();
        let rest = &text[length..];
        match self.open {
            Some((open, least)) => {
                if !indented && open == mark && length >= least && rest.trim().is_empty() {
                    self.open = None;
                }
                true
            }
            None if !indented && length >= 3 && !(mark == '`' && rest.contains('`')) => {
                self.open = Some((mark, length));
                true
            }
            None => false,
        }
    }
}
