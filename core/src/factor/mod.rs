//! Emission factors and other published figures, each with its source.
