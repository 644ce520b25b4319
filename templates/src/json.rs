//! The Report as JSON, and back.

use carbon_core::report::{Report, SCHEMA};
use serde::Deserialize;

use crate::error::{RenderError, RenderErrorKind};

mod possible;

/// The Report as indented JSON with a final line break.
pub fn write_report(report: &Report) -> Result<String, RenderError> {
    let mut text =
        serde_json::to_string_pretty(report).map_err(|e| RenderError::new(RenderErrorKind::MissingContent, format!("report: {e}")))?;
    text.push('\n');
    Ok(text)
}

/// Reads a Report that this or a compatible version wrote; fields that this version does not know are ignored.
///
/// Fails where the text is no JSON object with a schema, where the schema is of another major version, where a field that every report has is missing,
/// and where a number can't be: a report may have been edited by hand. The message names the field by its path, the place line and column.
pub fn parse_report(text: &str) -> Result<Report, RenderError> {
    #[derive(Deserialize)]
    struct Head {
        schema: Option<String>,
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let invalid = |e: serde_json::Error| {
        let place = format!("line {}, column {}", e.line(), e.column());
        let path = possible::path_at(text, e.line(), e.column());
        let path = if path.is_empty() { String::from("report") } else { path };
        RenderError::new(RenderErrorKind::NotAReport, format!("{path}: {}", without_place(&e))).at(place)
    };
    let head: Head = serde_json::from_str(text).map_err(invalid)?;
    match head.schema.as_deref() {
        Some(schema) if schema == SCHEMA => {
            let report = serde_json::from_str(text).map_err(invalid)?;
            possible::check(&serde_json::from_str(text).map_err(invalid)?)
                .map_err(|message| RenderError::new(RenderErrorKind::NotAReport, message).hint("make the report again from its logs"))?;
            Ok(report)
        }
        Some(schema) => Err(RenderError::new(RenderErrorKind::NotAReport, format!("schema: found {schema:?}, expected {SCHEMA:?}"))
            .hint("render it with the version of carbon-report that wrote it, or make it again from the logs")),
        None => Err(RenderError::new(RenderErrorKind::NotAReport, format!("schema: found none, expected {SCHEMA:?}"))
            .hint("is this the JSON that carbon-report wrote with `-o report.json`?")),
    }
}

/// serde_json ends its message with the place, which stands apart here.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text[..end].to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_schemas_are_named() {
        let error = parse_report(r#"{"schema": "carbon-report/3", "new": 1}"#).unwrap_err();
        assert_eq!(error.message, r#"schema: found "carbon-report/3", expected "carbon-report/2""#);
        assert_eq!(parse_report("{}").unwrap_err().kind, RenderErrorKind::NotAReport);
    }

    #[test]
    fn broken_json_has_a_place() {
        let error = parse_report("{\"schema\": \n x}").unwrap_err();
        assert_eq!((error.message.as_str(), error.place.as_deref()), ("schema: expected value", Some("line 2, column 2")));
    }
}
