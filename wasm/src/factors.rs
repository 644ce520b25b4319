//! The factor tables.

use std::rc::Rc;

use carbon_core::factor::FactorSet;
use wasm_bindgen::prelude::*;

use crate::error::Problem;
use crate::value;

/// Factor tables, ready for look-ups.
#[wasm_bindgen]
pub struct Factors(pub(crate) Rc<FactorSet>);

#[wasm_bindgen]
impl Factors {
    /// From tables as `[[name, csv], …]`.
    #[wasm_bindgen(constructor)]
    pub fn new(tables: JsValue) -> Result<Factors, JsValue> {
        let tables: Vec<(String, String)> = value::take("tables", tables)?;
        let tables: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Ok(Self(Rc::new(FactorSet::from_tables(&tables).map_err(Problem::from)?)))
    }

    /// These tables and a user's own carbon intensities, which stand before them.
    pub fn with_user_table(&self, name: &str, csv: &str) -> Result<Factors, JsValue> {
        let set = FactorSet::clone(&self.0).with_user_table(name, csv).map_err(Problem::from)?;
        Ok(Self(Rc::new(set)))
    }
}
