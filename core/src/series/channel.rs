//! What a series is of: one quantity of one device, read by one instrument.

use alloc::string::String;

use super::{Component, CounterRange, Device, Instrument, Quantity};
use crate::units::Power;

/// What is read, of what, where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel {
    /// Host as the log names it.
    pub host: Option<String>,
    /// Part of the computer.
    pub component: Component,
    /// Which one.
    pub device: Device,
    /// What is read.
    pub quantity: Quantity,
    /// What reads it.
    pub instrument: Instrument,
    /// The run that it is of, where each run of a log counts its time from a start of its own.
    pub run: Option<String>,
}

impl Channel {
    /// Whether nothing says when it was read, so that it has no power.
    pub const fn is_untimed(&self) -> bool {
        matches!(self.quantity, Quantity::Counter(CounterRange::Untimed))
    }

    /// The power that no reading of it is above.
    pub const fn most_power(&self) -> Power {
        self.component.most_power_of(&self.device)
    }
}
