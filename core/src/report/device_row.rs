//! Devices as a card prints them.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::ledger::Basis;

model! {
    /// What is known of one device, as a card prints it.
    pub struct DeviceRow {
        /// Component, host and device.
        pub name: String,
        /// Model; empty where no log says.
        pub model: String,
        /// IT energy.
        pub energy_text: String,
        /// Mean power while covered; empty where the time is not known.
        pub mean_power_text: String,
        /// Highest reading; empty where there are none.
        pub peak_power_text: String,
        /// Covered share of its time; empty where it was not sampled.
        pub coverage_text: String,
        /// Number of samples.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub samples: Option<u64>,
        /// How the energy is known.
        pub basis: Basis,
    }
}
