//! The energy of a report at other places, years and PUEs.

use carbon_core::compare::{self, Alternative};
use carbon_core::report::Report;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::error::Problem;
use crate::factors::Factors;
use crate::value;

/// What to change; what is left out stays as it is.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Change {
    region: Option<String>,
    year: Option<i32>,
    pue: Option<f64>,
    intensity_g_per_kwh: Option<f64>,
}

const NAMES: &[&str] = &["region", "year", "pue", "intensity_g_per_kwh"];

impl From<Change> for Alternative {
    fn from(change: Change) -> Self {
        let Change { region, year, pue, intensity_g_per_kwh } = change;
        Self { region, year, pue, intensity_g_per_kwh }
    }
}

#[wasm_bindgen]
impl Factors {
    /// The energy of `report` under one change.
    pub fn what_if(&self, report: JsValue, change: JsValue) -> Result<JsValue, JsValue> {
        let report: Report = value::take("report", report)?;
        let change: Change = value::take_options(NAMES, change)?;
        value::give(&compare::what_if(&report, &self.0, &change.into()).map_err(Problem::from)?)
    }

    /// The report itself and each change, lowest emissions first.
    pub fn compare(&self, report: JsValue, changes: Vec<JsValue>) -> Result<JsValue, JsValue> {
        let report: Report = value::take("report", report)?;
        let changes = changes.into_iter().map(|change| value::take_options(NAMES, change).map(|c: Change| c.into()));
        let changes = changes.collect::<Result<Vec<Alternative>, JsValue>>()?;
        value::give(&compare::compare(&report, &self.0, &changes).map_err(Problem::from)?)
    }
}
