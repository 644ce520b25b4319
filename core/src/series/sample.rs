//! One reading, and what may stand between two of them.

#[cfg(doc)]
use super::Quantity;
use crate::units::Instant;

/// A reading: µW or µJ as the channel's [`Quantity`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub at: Instant,
    /// How much.
    pub value: i64,
}

impl Sample {
    /// Where the first interval of a channel of [`Quantity::IntervalEnergy`] begins; also where the log begins again, so that the time
    /// since the last reading is not covered.
    pub const fn interval_start(at: Instant) -> Self {
        Self { at, value: INTERVAL_START }
    }

    /// Whether it is no reading but an [`interval_start`](Sample::interval_start).
    pub const fn is_interval_start(&self) -> bool {
        self.value == INTERVAL_START
    }

    /// Whether it is no reading but says something of the time before or after it.
    pub(super) const fn is_mark(self) -> bool {
        self.is_interval_start() || Interruption::of(self).is_some()
    }
}

/// No reading has this value: energies of intervals are never negative.
pub(super) const INTERVAL_START: i64 = -1;

/// Why two neighbouring readings do not go on from each other, as a sampler says that knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// The device was off or asleep: nothing is known of the time, and next to nothing was used.
    Off,
    /// Nobody watched: a gap, whatever its length. A counter bridges it.
    Unwatched,
}

impl Interruption {
    /// Whether the device was off.
    pub const fn is_off(self) -> bool {
        matches!(self, Interruption::Off)
    }

    /// As a sample between the two; no reading has such a value.
    pub const fn sample(self, at: Instant) -> Sample {
        Sample { at, value: if self.is_off() { i64::MIN } else { i64::MIN + 1 } }
    }

    pub(super) const fn of(sample: Sample) -> Option<Self> {
        match sample.value {
            i64::MIN => Some(Interruption::Off),
            value if value == i64::MIN + 1 => Some(Interruption::Unwatched),
            _ => None,
        }
    }
}
