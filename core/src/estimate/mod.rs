//! Estimates of trainings that left no logs: what was used and for how long becomes evidence of basis *estimated*.

mod request;

pub use request::{EstimateRequest, Phase, PhaseKind};
