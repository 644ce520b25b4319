//! Listings of what the factor tables know.

use carbon_core::factor::ZoneId;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::factors::Factors;
use crate::value;

/// A zone or a cloud region, and its carbon intensity.
#[derive(Serialize)]
struct Place {
    code: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    gco2e_per_kwh: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    low_gco2e_per_kwh: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    high_gco2e_per_kwh: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    zone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pue: Option<f64>,
}

/// An accelerator or a processor.
#[derive(Serialize)]
struct Hardware {
    kind: &'static str,
    vendor: String,
    model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tdp_w: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embodied_kgco2e: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_year: Option<i32>,
}

#[wasm_bindgen]
impl Factors {
    /// Zones and cloud regions.
    pub fn regions(&self, year: Option<i32>) -> Result<JsValue, JsValue> {
        let set = &self.0;
        let place = |code: String, name: String, zone: &ZoneId| {
            let factor = set.listed_intensity(zone, year);
            Place {
                code,
                name,
                gco2e_per_kwh: factor.as_ref().map(|f| f.value),
                low_gco2e_per_kwh: factor.as_ref().map(|f| f.low),
                high_gco2e_per_kwh: factor.as_ref().map(|f| f.high),
                basis: factor.as_ref().and_then(|f| f.basis).map(|b| b.as_str()),
                year: factor.as_ref().and_then(|f| f.year),
                provider: None,
                zone: zone.as_str().to_owned(),
                pue: None,
            }
        };
        let mut places: Vec<Place> = set.zones().into_iter().map(|z| place(z.id.as_str().to_owned(), z.name, &z.id)).collect();
        places.extend(set.regions().map(|region| Place {
            pue: region.pue.as_ref().map(|f| f.value),
            provider: Some(region.provider.clone()),
            ..place(region.code(), region.location.clone(), &region.zone)
        }));
        value::give(&places)
    }

    /// Accelerators and processors.
    pub fn hardware(&self) -> Result<JsValue, JsValue> {
        let accelerators = self.0.accelerators().map(|a| Hardware {
            kind: "accelerator",
            tdp_w: a.device_tdp_w(),
            embodied_kgco2e: a.embodied.as_ref().map(|f| f.value),
            release_year: a.release_year,
            vendor: a.vendor,
            model: a.model,
        });
        let processors = self.0.cpus().map(|c| Hardware {
            kind: "processor",
            vendor: c.vendor,
            model: c.model,
            tdp_w: Some(c.tdp_w),
            embodied_kgco2e: None,
            release_year: c.release_year,
        });
        value::give(&accelerators.chain(processors).collect::<Vec<_>>())
    }
}
