//! carbon-report's core for JavaScript: decode, one call, encode.
//!
//! ```js
//! const session = new Session({ region: "FR", pue: 1.2 });
//! session.add("gpu.csv", bytes);          // Uint8Array
//! const report = JSON.parse(session.report());
//! ```

use carbon_core::account::{self, Settings};
use carbon_core::factor::{Basis, FactorSet};
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::read::{FileReader, ReadOptions};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

/// What a page may set; every field may be left out.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    title: Option<String>,
    region: Option<String>,
    pue: Option<f64>,
    intensity_g_per_kwh: Option<f64>,
    basis: Option<String>,
    year: Option<i32>,
    columns: Option<Vec<String>>,
    as_logged: bool,
    fill_gaps: bool,
}

/// Logs in, one report out.
#[wasm_bindgen]
pub struct Session {
    ledger: Ledger,
    settings: Settings,
    reading: ReadOptions,
}

#[wasm_bindgen]
impl Session {
    /// A session with options: `{title, region, pue, intensity_g_per_kwh, basis, year, columns, as_logged, fill_gaps}`, all optional.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Session, JsError> {
        let options: Options =
            if options.is_undefined() || options.is_null() { Options::default() } else { serde_wasm_bindgen::from_value(options)? };
        let basis = match options.basis.as_deref() {
            Some(word) => Some(Basis::parse(word).ok_or_else(|| JsError::new("basis: expected \"lifecycle\" or \"direct\""))?),
            None => None,
        };
        Ok(Session {
            ledger: Ledger::default(),
            settings: Settings {
                title: options.title,
                region: options.region,
                pue: options.pue,
                intensity_g_per_kwh: options.intensity_g_per_kwh,
                basis,
                year: options.year,
                fill_gaps: options.fill_gaps,
                ..Settings::default()
            },
            reading: ReadOptions { columns: options.columns, as_logged: options.as_logged, ..ReadOptions::default() },
        })
    }

    /// Reads one file.
    pub fn add(&mut self, path: String, bytes: &[u8]) {
        let mut reader = FileReader::new(self.reading.clone());
        reader.push(bytes);
        let blake3 = blake3::hash(bytes).to_hex().to_string();
        self.ledger.add(InputFile { path, bytes: bytes.len() as u64, blake3, sha256: None }, reader.finish());
    }

    /// The report as JSON, the same bytes as the command writes.
    pub fn report(&self) -> Result<String, JsError> {
        let factors = FactorSet::from_tables(carbon_data::TABLES).map_err(|e| JsError::new(&e.to_string()))?;
        let report = account::report(&self.ledger, &factors, &self.settings)
            .map_err(|e| JsError::new(&format!("{}: {}; {}", e.setting, e.message, e.hint)))?;
        carbon_render::render(&report, carbon_render::Format::Json, &carbon_render::Options::default())
            .map_err(|e| JsError::new(&e.to_string()))
    }
}
