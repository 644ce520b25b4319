//! What became of a counter's differences: past its range, begun again, wrong, or not counted.

use crate::units::{Energy, Span};

/// What became of a counter's differences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wraps {
    /// Continued past its range.
    pub seen: u64,
    /// Started again.
    pub resets: u64,
    /// Readings and energies of intervals that no device reaches.
    pub implausible: u64,
    /// Intervals in which it may have run through its range unseen, how long they are together, and the energy that counts for them.
    pub suspected: u64,
    /// Their length.
    pub span: Span,
    /// Their energy as it counts.
    pub energy: Energy,
    /// Ranges that were added because of the pace of other readings.
    pub at_pace: u64,
    /// Ranges that were added where one reading alone fell: it may as well be wrong. How many, and what would not count then.
    pub unproven: u64,
    /// Their energy, and that of intervals that were cut.
    pub doubtful: Energy,
    /// What does not count of intervals that were cut, and of pauses between logs.
    pub possible: Energy,
    /// Of that, what it gained over pauses between logs that may be one.
    pub between: Energy,
}

impl Wraps {
    pub(crate) fn add(&mut self, o: &Wraps) {
        self.seen += o.seen;
        self.resets += o.resets;
        self.implausible += o.implausible;
        self.suspected += o.suspected;
        self.span += o.span;
        self.energy += o.energy;
        self.at_pace += o.at_pace;
        self.unproven += o.unproven;
        self.doubtful += o.doubtful;
        self.possible += o.possible;
        self.between += o.between;
    }
}
