//! The section between its markers in a document that somebody else wrote.
//!
//! `<!-- carbon-report:start -->` and `<!-- carbon-report:end -->` stand alone on their lines, with `{/* … */}` in MDX, and with
//! `id=NAME` where a document holds several sections. What stands between two markers is replaced, all else keeps its bytes.

use std::fmt;

use pair::Marker;

mod pair;

/// A document with its section replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spliced {
    /// The whole document.
    pub text: String,
    /// Whether anything differs from what was given.
    pub changed: bool,
}

/// Why a section has no place in a document. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpliceError {
    /// The document has no markers for this section.
    NoMarkers {
        /// Line of a heading `Environmental Impact` without markers, which appending would double.
        heading: Option<usize>,
    },
    /// A second pair of markers has the same id.
    Repeated {
        /// Line of the second start.
        line: usize,
    },
    /// A start before the end of another section.
    Nested {
        /// Line of the inner start.
        line: usize,
    },
    /// A start without an end, or an end without (or before) its start.
    Unpaired {
        /// Line of the marker that stands alone.
        line: usize,
    },
    /// What should be spliced in is not one section in its markers.
    NotASection,
}

impl fmt::Display for SpliceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMarkers { heading: None } => write!(f, "markers: found none, expected `<!-- carbon-report:start -->`"),
            Self::NoMarkers { heading: Some(line) } => {
                write!(f, "markers: found a heading `Environmental Impact` without them (line {line})")
            }
            Self::Repeated { line } => write!(f, "markers: found a second pair for the same section (line {line})"),
            Self::Nested { line } => write!(f, "markers: found a start inside another section (line {line})"),
            Self::Unpaired { line } => write!(f, "markers: found a start or an end alone (line {line})"),
            Self::NotASection => write!(f, "section: found no pair of markers around it"),
        }
    }
}

impl std::error::Error for SpliceError {}

impl SpliceError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoMarkers { heading: None } => {
                "write `<!-- carbon-report:start -->` and `<!-- carbon-report:end -->` on lines of their own where the section belongs"
            }
            Self::NoMarkers { heading: Some(_) } => "put the two markers around that section, and its text will be replaced",
            Self::Repeated { .. } => "give each pair its own name: `<!-- carbon-report:start id=NAME -->`",
            Self::Nested { .. } | Self::Unpaired { .. } => "leave one start and, below it, one end for each section",
            Self::NotASection => "a template for a section starts and ends with the markers",
        }
    }
}

/// Replaces the section of `document` that has the same id as `section`, which stands in its own markers.
///
/// The document's markers, line endings and byte order mark stay; the section takes the comment form of the markers it is
/// put between. Doing it twice changes nothing more.
pub fn splice(document: &str, section: &str) -> Result<Spliced, SpliceError> {
    let new = pair::pairs(section).map_err(|_| SpliceError::NotASection)?;
    let [(first, last, Marker { id, mdx, .. })] = &new[..] else {
        return Err(SpliceError::NotASection);
    };
    let section_lines: Vec<&str> = section.lines().collect();
    let inner = &section_lines[first + 1..*last];

    let Some((start, end, old_mdx)) = find_pair(document, id)? else {
        return Err(SpliceError::NoMarkers { heading: impact_heading(document) });
    };
    let eol = line_ending(document);
    let lines: Vec<&str> = document.split_inclusive('\n').collect();
    let mut text = lines[..=start].concat();
    if !text.ends_with('\n') {
        text.push_str(eol);
    }
    let mut in_fence = pair::Fence::default();
    for line in inner {
        let is_comment = !in_fence.holds(line) && *mdx != old_mdx;
        text.push_str(&if is_comment { pair::as_comment(line, old_mdx) } else { String::from(*line) });
        text.push_str(eol);
    }
    text.push_str(&lines[end..].concat());
    let changed = text != document;
    Ok(Spliced { text, changed })
}

/// Puts `section` at the end of `document`, one blank line apart, with the document's line endings.
pub fn append(document: &str, section: &str) -> String {
    let eol = line_ending(document);
    let mut text = String::from(document);
    if !document.trim_start_matches('\u{feff}').is_empty() {
        let missing = if document.ends_with('\n') { eol } else { &eol.repeat(2) };
        let blank = document.ends_with("\n\n") || document.ends_with("\n\r\n");
        text.push_str(if blank { "" } else { missing });
    }
    for line in section.lines() {
        text.push_str(line);
        text.push_str(eol);
    }
    text
}

/// Whether `document` holds a pair of markers, of any id; an error where its markers do not pair.
pub fn has_markers(document: &str) -> Result<bool, SpliceError> {
    Ok(!pair::pairs(document)?.is_empty())
}

fn find_pair(document: &str, id: &str) -> Result<Option<(usize, usize, bool)>, SpliceError> {
    let found = pair::pairs(document)?.into_iter().find(|(_, _, marker)| marker.id == id);
    Ok(found.map(|(start, end, marker)| (start, end, marker.mdx)))
}

/// Line of a heading of any level that says `Environmental Impact`, from 1.
fn impact_heading(document: &str) -> Option<usize> {
    let mut fence = pair::Fence::default();
    let position = document.lines().position(|line| {
        let inside = fence.holds(line);
        let title = line.trim_start_matches('#').trim().trim_end_matches('#').trim_end();
        !inside && line.starts_with('#') && title.eq_ignore_ascii_case("environmental impact")
    });
    position.map(|at| at + 1)
}

fn line_ending(document: &str) -> &'static str {
    match document.split_inclusive('\n').next() {
        Some(line) if line.ends_with("\r\n") => "\r\n",
        _ => "\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTION: &str = "<!-- carbon-report:start -->\n<!-- Generated. -->\n\nnew\n\n<!-- carbon-report:end -->\n";

    #[test]
    fn replaces_what_is_between_and_nothing_else() {
        for (document, expected) in [
            (
                "a\n<!-- carbon-report:start -->\nold\n<!-- carbon-report:end -->\nb",
                "a\n<!-- carbon-report:start -->\n<!-- Generated. -->\n\nnew\n\n<!-- carbon-report:end -->\nb",
            ),
            (
                "\u{feff}a\r\n<!--carbon-report:start-->\r\n<!--carbon-report:end-->",
                "\u{feff}a\r\n<!--carbon-report:start-->\r\n<!-- Generated. -->\r\n\r\nnew\r\n\r\n<!--carbon-report:end-->",
            ),
            (
                "{/* carbon-report:start */}\n{/* carbon-report:end */}\n",
                "{/* carbon-report:start */}\n{/* Generated. */}\n\nnew\n\n{/* carbon-report:end */}\n",
            ),
            (
                "```\n<!-- carbon-report:start -->\n```\n<!-- carbon-report:start -->\n<!-- carbon-report:end -->\n",
                "```\n<!-- carbon-report:start -->\n```\n<!-- carbon-report:start -->\n<!-- Generated. -->\n\nnew\n\n<!-- carbon-report:end -->\n",
            ),
        ] {
            let once = splice(document, SECTION).unwrap();
            assert_eq!(once.text, expected);
            assert!(once.changed);
            assert_eq!(splice(&once.text, SECTION).unwrap(), Spliced { text: once.text.clone(), changed: false });
        }
    }

    #[test]
    fn ids_choose_the_pair() {
        let document = "<!-- carbon-report:start id=a -->\n1\n<!-- carbon-report:end id=a -->\n<!-- carbon-report:start id=b -->\n2\n<!-- carbon-report:end -->\n";
        let section = "<!-- carbon-report:start id=b -->\nnew\n<!-- carbon-report:end id=b -->\n";
        assert_eq!(splice(document, section).unwrap().text, document.replace("2\n", "new\n"));
        assert_eq!(splice(document, SECTION), Err(SpliceError::NoMarkers { heading: None }));
    }

    #[test]
    fn what_does_not_pair_is_refused() {
        const START: &str = "<!-- carbon-report:start -->\n";
        const END: &str = "<!-- carbon-report:end -->\n";
        for (document, error) in [
            (format!("{START}{START}{END}{END}"), SpliceError::Nested { line: 2 }),
            (START.to_string(), SpliceError::Unpaired { line: 1 }),
            (format!("x\n{END}{START}"), SpliceError::Unpaired { line: 2 }),
            (format!("{START}{END}{START}{END}"), SpliceError::Repeated { line: 3 }),
            (format!("<!-- carbon-report:start id=a -->\n{}", END.replace("end", "end id=b")), SpliceError::Unpaired { line: 2 }),
            ("# x\n\n### environmental IMPACT\n".to_string(), SpliceError::NoMarkers { heading: Some(3) }),
            (format!("```\n{START}{END}```\n"), SpliceError::NoMarkers { heading: None }),
            (format!("    {START}text {END}"), SpliceError::NoMarkers { heading: None }),
        ] {
            assert_eq!(splice(&document, SECTION), Err(error), "{document}");
        }
        assert_eq!(splice(START, "no markers"), Err(SpliceError::NotASection));
    }

    #[test]
    fn appends_one_blank_line_apart() {
        assert_eq!(append("", "s\n"), "s\n");
        assert_eq!(append("a", "s\n"), "a\n\ns\n");
        assert_eq!(append("a\r\n", "s\n"), "a\r\n\r\ns\r\n");
        assert_eq!(append("a\n\n", "s\n"), "a\n\ns\n");
    }
}
