//! Charts of a report.

use carbon_core::report::Report;
use carbon_render::chart;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::value;

#[derive(Serialize)]
struct Charts {
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    energy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    power: Option<String>,
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
