//! Reports of trainings that left no logs.

use carbon_core::account;
use carbon_core::estimate::{self, EstimateRequest};
use carbon_core::ledger::Ledger;
use wasm_bindgen::prelude::*;

use crate::error::Problem;
use crate::factors::Factors;
use crate::options;
use crate::value;

#[wasm_bindgen]
impl Factors {
    /// The report on the phases of `request`.
    pub fn estimate(&self, request: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
        let settings = options::take(options, &self.0)?.account;
        let request: EstimateRequest = value::take("request", request)?;
        let mut ledger = Ledger::default();
        ledger.add_phases(estimate::evidence(&request, &settings, &self.0).map_err(Problem::from)?);
        value::give(&account::report(&ledger, &self.0, &settings).map_err(Problem::from)?)
    }
}
