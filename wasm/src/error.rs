//! Errors as plain objects, which the package turns into its `CarbonError`.

#[cfg(any(feature = "accounting", feature = "planning"))]
use carbon_core::account::SettingsError;
#[cfg(any(feature = "accounting", feature = "planning"))]
use carbon_core::factor::FactorError;
#[cfg(feature = "documents")]
use carbon_render::RenderError;
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::value;

/// What went wrong, where, and what to do.
#[derive(Serialize)]
pub struct Problem {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

impl Problem {
    /// A setting that can't be used.
    pub fn setting(place: &str, message: impl Into<String>) -> Self {
        Self { code: "setting", message: message.into(), hint: None, place: Some(place.to_owned()) }
    }

    /// A value of another type than was expected.
    #[cfg(any(feature = "accounting", feature = "planning"))]
    pub fn argument(place: &str, message: String) -> Self {
        Self { code: "argument", ..Self::setting(place, message) }
    }

    /// The same, with what to do.
    #[cfg(any(feature = "accounting", feature = "planning"))]
    pub fn hint(self, hint: String) -> Self {
        Self { hint: Some(hint).filter(|hint| !hint.is_empty()), ..self }
    }

    /// A value from JavaScript that is not what was expected.
    pub fn value(place: &str, error: &serde_wasm_bindgen::Error) -> Self {
        Self { code: "argument", message: error.to_string(), hint: None, place: Some(place.to_owned()) }
    }
}

#[cfg(any(feature = "accounting", feature = "planning"))]
impl From<SettingsError> for Problem {
    fn from(e: SettingsError) -> Self {
        Self { code: "setting", message: e.message, hint: Some(e.hint).filter(|h| !h.is_empty()), place: Some(e.setting.replace('-', "_")) }
    }
}

#[cfg(any(feature = "accounting", feature = "planning"))]
impl From<FactorError> for Problem {
    fn from(e: FactorError) -> Self {
        let place = if e.line == 0 { e.table } else { format!("{}, line {}", e.table, e.line) };
        Self { code: "table", message: e.message, hint: e.hint, place: Some(place).filter(|p| !p.is_empty()) }
    }
}

#[cfg(feature = "documents")]
impl From<RenderError> for Problem {
    fn from(e: RenderError) -> Self {
        Self { code: "document", message: e.message, hint: e.hint, place: e.place }
    }
}

impl From<Problem> for JsValue {
    fn from(problem: Problem) -> Self {
        value::to_js(&problem).unwrap_or_else(|_| JsValue::from_str(&problem.message))
    }
}
