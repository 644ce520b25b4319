//! Bounds on what is read, so that a hostile or mistaken input ends in a message and not in a full machine: the table is core's.

pub use carbon_core::bounds::{Bounds as Limits, DEPTH, FILES, RATIO, UNPACKED_BYTES, XZ_BYTES, ZSTD_WINDOW_BYTES};

/// Up to this size a compressed file may unpack to any multiple of its own.
pub const RATIO_FREE_BYTES: u64 = 64 << 20;
