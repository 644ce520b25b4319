//! Documents of a report.

use std::cell::RefCell;

use carbon_core::report::Report;
use carbon_render::{FORMATS, Format, Length, Options, RenderError, RenderErrorKind};
use js_sys::Function;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::error::Problem;
use crate::value;

#[derive(Serialize)]
struct DocumentFormat {
    name: &'static str,
    endings: &'static [&'static str],
    about: &'static str,
}

/// Every field may be left out.
#[derive(Default, Deserialize)]
#[serde(default)]
struct DocumentOptions {
    length: Option<String>,
    fragment: bool,
    title: Option<String>,
    heading_level: Option<u8>,
    id: Option<String>,
    template: Option<String>,
}

const NAMES: &[&str] = &["length", "fragment", "title", "heading_level", "id", "template"];

/// Every kind of document.
#[wasm_bindgen]
pub fn document_formats() -> Result<JsValue, JsValue> {
    let all: Vec<DocumentFormat> = FORMATS.iter().map(|f| DocumentFormat { name: f.name, endings: f.endings, about: f.about }).collect();
    value::give(&all)
}

/// Makes a document of a report, the same bytes as the command. HTML alone asks for `to_html`, which is the build `html`'s `markdown_to_html`.
#[wasm_bindgen]
pub fn render(report: JsValue, format: &str, options: JsValue, to_html: Option<Function>) -> Result<String, JsValue> {
    let report: Report = value::take("report", report)?;
    let options: DocumentOptions = value::take_options(NAMES, options)?;
    let Some(kind) = Format::from_name(format) else {
        let names: Vec<&str> = FORMATS.iter().map(|f| f.name).collect();
        return Err(Problem::setting("format", format!("found {format:?}, expected {}", names.join(", "))).into());
    };
    let length = match options.length.as_deref() {
        None => Length::default(),
        Some(name) => {
            let wrong = || Problem::setting("length", format!("found {name:?}, expected short, standard or full"));
            Length::from_name(name).ok_or_else(wrong)?
        }
    };
    let plain = Options::default();
    let chosen = Options {
        length,
        fragment: options.fragment,
        title: options.title.as_deref(),
        heading_level: options.heading_level.unwrap_or(plain.heading_level),
        id: options.id.as_deref(),
        template: options.template.as_deref().map(|text| ("template", text)),
        ..plain
    };
    let thrown = RefCell::new(None);
    let failed = |message: &str| RenderError::new(RenderErrorKind::Unsupported, message);
    let through = |markdown: &str| {
        let to_html = to_html.as_ref().ok_or_else(|| failed("this build makes no HTML by itself"))?;
        let html = to_html.call1(&JsValue::UNDEFINED, &JsValue::from_str(markdown)).map_err(|error| {
            *thrown.borrow_mut() = Some(error);
            failed("HTML could not be made")
        })?;
        html.as_string().ok_or_else(|| failed("found no text, expected HTML"))
    };
    let made = carbon_render::render_with(&report, kind, &chosen, &through);
    made.map_err(|error| thrown.take().unwrap_or_else(|| Problem::from(error).into()))
}
