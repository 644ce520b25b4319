//! How far the sensors of the worlds are off: drawn from the half-widths that the program states, so that its intervals must hold them.

/// True value over shown value, the ends of the 95 % interval: ±5 % for sensors of boards and packages.
pub fn half_widths(_logger: &str, _variant: usize) -> (f64, f64) {
    (0.95, 1.05)
}
