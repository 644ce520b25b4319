//! What is read, and what a file is.

use carbon_core::read::{FORMATS, FileReader, Head};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::value;

#[derive(Serialize)]
struct Format {
    id: &'static str,
    name: &'static str,
    how_to_log: &'static str,
}

#[derive(Serialize)]
struct Sniffed {
    format: &'static str,
    name: &'static str,
    reason: String,
}

/// Every log format, with how such a log is made.
#[wasm_bindgen]
pub fn formats() -> Result<JsValue, JsValue> {
    let all: Vec<Format> = FORMATS.iter().map(|f| Format { id: f.id, name: f.name, how_to_log: f.how_to_log }).collect();
    value::give(&all)
}

/// The format of a file by its first bytes; `undefined` where no reader knows it, or two do.
#[wasm_bindgen]
pub fn sniff(head: &[u8], complete: bool) -> Result<JsValue, JsValue> {
    match FileReader::sniff(&Head::new(head, complete)) {
        Ok(Some((format, evidence))) => value::give(&Sniffed { format: format.id, name: format.name, reason: evidence.reason }),
        Ok(None) | Err(_) => Ok(JsValue::UNDEFINED),
    }
}
