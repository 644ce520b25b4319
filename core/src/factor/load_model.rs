//! Power of components that no sensor measures, from what the system shows of them.

use crate::rules;
use crate::units::Power;

/// Share of its design power that an idle processor draws, thousandths; and what full load adds.
///
/// RAPL beside load on four server and desktop machines, in CodeCarbon's calibration data (`data/hardware/cpu_load_profiling`, revision e3e14103): idle
/// 0.08 to 0.25 of the TDP, full load 0.51 to 0.93 with a median of 0.67. The line between 0.15 and 0.67 is never 0: an idle processor draws power.
const IDLE_PERMILLE: i64 = rules::whole("processor_idle_permille");
const LOAD_PERMILLE: i64 = rules::whole("processor_load_permille");

/// Milliwatts for each GB (10^9 bytes) of memory: 3 W for 8 GB, as CodeCarbon 2 takes it.
const MEMORY_MILLIWATTS_PER_GB: i64 = rules::whole("memory_milliwatts_per_gb");

/// P = TDP × (0.15 + 0.52 × load): power of a processor from its design power and the share of time that it is busy (thousandths).
///
/// ```
/// use carbon_core::factor::cpu_power;
/// use carbon_core::units::Power;
/// assert_eq!(cpu_power(Power::from_watts(280), 0), Power::from_watts(42));
/// assert_eq!(cpu_power(Power::from_watts(200), 1000), Power::from_watts(134));
/// ```
pub fn cpu_power(tdp: Power, load_permille: u32) -> Power {
    let load = i64::from(load_permille.min(1000));
    let millionths = IDLE_PERMILLE * 1000 + LOAD_PERMILLE * load;
    Power::from_microwatts(scaled(tdp.as_microwatts(), millionths, 1_000_000))
}

/// The same for an accelerator: 0.15 idle and 0.85 busy, the rows `accelerator_idle` and `accelerator_busy` of the power model.
const GPU_IDLE_PERMILLE: i64 = rules::whole("gpu_idle_permille");
const GPU_LOAD_PERMILLE: i64 = rules::whole("gpu_load_permille");

/// P = TDP × (0.15 + 0.70 × load): power of an accelerator from its rated power and its utilisation (thousandths).
///
/// ```
/// use carbon_core::factor::gpu_power;
/// use carbon_core::units::Power;
/// assert_eq!(gpu_power(Power::from_watts(400), 0), Power::from_watts(60));
/// assert_eq!(gpu_power(Power::from_watts(400), 1000), Power::from_watts(340));
/// ```
pub fn gpu_power(tdp: Power, load_permille: u32) -> Power {
    let load = i64::from(load_permille.min(1000));
    Power::from_microwatts(scaled(tdp.as_microwatts(), GPU_IDLE_PERMILLE * 1000 + GPU_LOAD_PERMILLE * load, 1_000_000))
}

/// P = 0.375 W/GB × capacity: power of memory, whether it is used or not.
///
/// ```
/// use carbon_core::factor::memory_power;
/// use carbon_core::units::Power;
/// assert_eq!(memory_power(64_000_000_000), Power::from_watts(24));
/// ```
pub fn memory_power(bytes: u64) -> Power {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    // 1 mW a GB is 1 µW a MB.
    Power::from_microwatts(scaled(bytes, MEMORY_MILLIWATTS_PER_GB, 1_000_000))
}

fn scaled(value: i64, numerator: i64, denominator: i64) -> i64 {
    i64::try_from(i128::from(value) * i128::from(numerator) / i128::from(denominator)).unwrap_or(i64::MAX)
}
