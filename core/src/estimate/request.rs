//! What a user says of a training that left no logs.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::ledger::PhaseKind;

/// A training as its phases, and the method that estimates it.
///
/// What holds for all phases (region, PUE, year, title) stands in [`Settings`](crate::account::Settings); a phase's own value comes before it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EstimateRequest {
    /// Id of a method; `carbon-report` where absent.
    pub method: Option<String>,
    /// The phases; at least one.
    #[serde(rename = "phase", alias = "phases")]
    pub phases: Vec<Phase>,
}

/// A stretch of work on some hardware. What is absent is not known, and the report says what stands in for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phase {
    /// What the user calls it.
    pub name: Option<String>,
    /// What it was for.
    pub kind: PhaseKind,
    /// GPUs, TPUs and other accelerators as people write them: `8x A100-SXM4-80GB`, `TPU v3-32`; one text or several.
    #[serde(deserialize_with = "one_or_more")]
    pub gpu: Vec<String>,
    /// Processors by socket: `2x EPYC 7763`; one text or several.
    #[serde(deserialize_with = "one_or_more")]
    pub cpu: Vec<String>,
    /// Processor cores in use, where they are fewer than those of the processors.
    #[serde(alias = "cpu-cores")]
    pub cpu_cores: Option<f64>,
    /// Rated power of one processor core, W, for a processor that no table has.
    #[serde(alias = "cpu-core-w")]
    pub cpu_core_w: Option<f64>,
    /// Memory of all machines together, GB.
    #[serde(alias = "memory-gb")]
    pub memory_gb: Option<f64>,
    /// Number of machines of this kind: multiplies devices, cores and memory. 1 where absent.
    pub nodes: Option<u32>,
    /// Wall-clock time, h.
    pub hours: Option<f64>,
    /// Time summed over the accelerators (over the processors, where there are none), h, in place of `hours`.
    #[serde(alias = "device-hours", alias = "gpu_hours", alias = "gpu-hours")]
    pub device_hours: Option<f64>,
    /// How many times the phase ran. 1 where absent.
    pub repeats: Option<f64>,
    /// Mean utilisation of the accelerators (of the processors, where there are none), 0 to 1.
    pub utilisation: Option<f64>,
    /// Mean utilisation of the processors beside accelerators, 0 to 1.
    #[serde(alias = "cpu-utilisation")]
    pub cpu_utilisation: Option<f64>,
    /// Rated power of one accelerator (of one processor, where there are none), W: for hardware that no table has, or in place of the table's.
    #[serde(alias = "tdp-w")]
    pub tdp_w: Option<f64>,
    /// Mean power of all that the phase ran on, W, where it was measured: in place of a model.
    #[serde(alias = "power-w")]
    pub power_w: Option<f64>,
    /// Electricity of all that the phase ran on, without the building's overhead, kWh, where somebody states it: in place of hours and hardware.
    #[serde(alias = "energy-kwh")]
    pub energy_kwh: Option<f64>,
    /// Zone or cloud region.
    pub region: Option<String>,
    /// Power usage effectiveness of the building.
    pub pue: Option<f64>,
    /// Carbon intensity, gCO2e per kWh.
    #[serde(alias = "intensity-g-per-kwh")]
    pub intensity_g_per_kwh: Option<f64>,
    /// Year, for the carbon intensity and the PUE.
    pub year: Option<i32>,
    /// Offsets that somebody bought for it, kg: told, never subtracted.
    #[serde(alias = "offsets-kg", alias = "offset_kg", alias = "offset-kg")]
    pub offsets_kg: Option<f64>,
    /// First instant, such as `2025-06-12T14:00:00Z` or `2025-06-12`: with it, logs of the same time come before the estimate.
    pub start: Option<String>,
    /// Last instant.
    pub end: Option<String>,
}

/// One text or a list of them.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Texts;
    impl<'de> Visitor<'de> for Texts {
        type Value = Vec<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text such as \"8x A100\", or a list of them")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok([String::from(text)].to_vec())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, texts: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(texts))
        }
    }
    deserializer.deserialize_any(Texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_reads_one_device_or_several() {
        let text = r#"{"method": "mlco2", "phases": [{"gpu": "8x A100", "hours": 24, "kind": "failed"},
            {"gpu": ["4 x V100", "T4"], "device-hours": 7.5, "memory_gb": 512}]}"#;
        let request: EstimateRequest = serde_json::from_str(text).unwrap();
        assert_eq!((request.phases[0].gpu.len(), request.phases[0].kind), (1, PhaseKind::Failed));
        assert_eq!((request.phases[1].gpu.len(), request.phases[1].device_hours), (2, Some(7.5)));
        assert!(serde_json::from_str::<EstimateRequest>(r#"{"phase": [{"gpus": "8x A100"}]}"#).is_err());
        let again: EstimateRequest = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
        assert_eq!(again, request);
    }
}
