//! This project's own sampler log.

pub mod record;
