//! What is read, what a file is, and charts of a report.

use carbon_core::read::{FORMATS, FileReader, Head};
use carbon_core::report::Report;
use carbon_render::chart;
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

#[derive(Serialize)]
struct Charts {
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    energy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    power: Option<String>,
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
    match FileReader::sniff(&Head { bytes: head, complete }) {
        Ok(Some((format, evidence))) => value::give(&Sniffed { format: format.id, name: format.name, reason: evidence.reason }),
        Ok(None) | Err(_) => Ok(JsValue::UNDEFINED),
    }
}

/// Charts of a report as SVG: those that it has the figures for.
#[wasm_bindgen]
pub fn charts(report: JsValue) -> Result<JsValue, JsValue> {
    let report: Report = value::take("report", report)?;
    value::give(&Charts {
        interval: chart::interval_bar(&report),
        energy: chart::energy_by_component(&report),
        power: chart::power_over_time(&report),
    })
}
