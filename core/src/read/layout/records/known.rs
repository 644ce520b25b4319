//! What is known of a channel between its rows.

use alloc::vec::Vec;

use crate::read::ChannelId;
use crate::series::Channel;
use crate::units::{Instant, Span};

/// A channel that has been read.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) id: ChannelId,
    pub(super) channel: Channel,
    /// When it was read last.
    pub(super) last: Option<Instant>,
    /// Rows so far, for logs without a clock.
    pub(super) rows: i64,
    /// Which field it was.
    pub(super) rank: usize,
    /// Which of the parts that repeat it is read.
    pub(super) repeats: Vec<u8>,
    /// Of energies by power and length, what is less than a µJ.
    pub(super) picojoules: i128,
}

impl Known {
    /// Energy in µJ of so many µW for so long; what is less is left for the next.
    pub(super) fn microjoules(&mut self, microwatts: i64, length: Span) -> i64 {
        let energy = i128::from(microwatts) * i128::from(length.as_micros()) + self.picojoules;
        self.picojoules = energy.rem_euclid(1_000_000);
        i64::try_from(energy.div_euclid(1_000_000)).unwrap_or(i64::MAX)
    }
}
