//! Readings of a file whose rows are out of order, put in order of time with bounded memory: the file is read several times, and each pass
//! keeps the next so many readings.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;

use super::shuffled::Splitter;
use super::{Channel, InRounds, Sample, Series, Shuffled};
use crate::units::Instant;

/// How many readings a pass keeps: about 50 MB.
const KEPT: usize = 1 << 20;

/// A reading with its place: recording, time, position in the file.
type Placed = (u32, Instant, u64, u32, i64);

/// A queued reading of a channel: its number, the recording that it belongs to, and the reading.
pub type Queued = (u32, u32, Sample);

/// Puts readings in order of time. Readings of one time keep the order of the file.
#[derive(Debug)]
pub struct InOrder {
    series: Vec<Series>,
    recordings: Vec<u32>,
    /// Readings up to this one were passed on in earlier passes.
    done: Option<Placed>,
    kept: BinaryHeap<Placed>,
    limit: usize,
    position: u64,
    is_full: bool,
    /// Rows are of several recordings.
    has_several: bool,
    /// Nothing but their place in the round tells devices apart, which shows once rows are in order.
    shuffled: Option<Shuffled>,
    splitters: Vec<Splitter>,
}

/// Readings in order of time.
#[derive(Debug, Default)]
pub struct Ordered {
    /// By channel; of devices that their place in the round tells apart, one for each place.
    pub series: Vec<Series>,
    /// How the rows of those channels come.
    pub rounds: Vec<InRounds>,
}

impl Default for InOrder {
    fn default() -> Self {
        Self::keeping(KEPT)
    }
}

impl InOrder {
    /// A sorter that keeps so many readings at once.
    pub fn keeping(limit: usize) -> Self {
        let (series, recordings) = (Vec::new(), Vec::new());
        Self {
            series,
            recordings,
            done: None,
            kept: BinaryHeap::new(),
            limit: limit.max(1),
            position: 0,
            is_full: false,
            has_several: false,
            shuffled: None,
            splitters: Vec::new(),
        }
    }

    /// Says that rows may be of several devices, which are told apart once they are in order. To be said before the first reading is taken.
    pub fn look_for_places(&mut self, shuffled: Shuffled) {
        self.shuffled.get_or_insert(shuffled);
    }

    /// Takes readings of a pass, in the order of the file. `channel` tells the channel of a number.
    pub fn take<'c>(&mut self, queued: impl IntoIterator<Item = Queued>, channel: impl Fn(u32) -> Option<&'c Channel>) {
        for (number, recording, sample) in queued {
            // Which recording a row in any order is of is not known.
            let recording = if self.shuffled.is_some() { 0 } else { recording };
            while self.series.len() <= number as usize {
                let Some(channel) = u32::try_from(self.series.len()).ok().and_then(&channel) else { return };
                self.series.push(Series::new(channel.clone()));
                self.recordings.push(recording);
            }
            self.position += 1;
            self.has_several |= self.recordings.first().is_some_and(|first| *first != recording);
            let placed = (recording, sample.at, self.position, number, sample.value);
            if self.done.is_some_and(|done| placed <= done) {
                continue;
            }
            if self.kept.len() < self.limit {
                self.kept.push(placed);
            } else {
                self.is_full = true;
                if let Some(mut latest) = self.kept.peek_mut()
                    && placed < *latest
                {
                    *latest = placed;
                }
            }
        }
    }

    /// Ends a pass. `true` when another one is needed.
    pub fn end_pass(&mut self) -> bool {
        let placed = core::mem::take(&mut self.kept).into_sorted_vec();
        self.done = placed.last().copied().or(self.done);
        if let Some(shuffled) = self.shuffled {
            let of_channel = |series: &Series| Splitter::new(series.channel().clone(), shuffled, self.series.len());
            self.splitters.extend(self.series.iter().skip(self.splitters.len()).map(of_channel));
            for (_, at, _, number, value) in placed {
                if let Some(splitter) = self.splitters.get_mut(number as usize) {
                    splitter.push(Sample { at, value });
                }
            }
            self.position = 0;
            return core::mem::take(&mut self.is_full);
        }
        for (recording, at, _, number, value) in placed {
            let at_number = number as usize;
            if let (Some(series), Some(own)) = (self.series.get_mut(at_number), self.recordings.get_mut(at_number)) {
                if self.has_several {
                    series.doubt_pauses();
                }
                if *own != recording {
                    *own = recording;
                    // Odd numbers are those of another run.
                    if recording & 1 == 1 { series.end_run() } else { series.end_recording() }
                }
                series.push(Sample { at, value });
            }
        }
        self.position = 0;
        core::mem::take(&mut self.is_full)
    }

    /// The series in order of time.
    pub fn finish(self) -> Ordered {
        let mut ordered = Ordered::default();
        for splitter in self.splitters {
            let (series, found) = splitter.finish();
            ordered.series.extend(series);
            ordered.rounds.push(found);
        }
        if self.shuffled.is_none() {
            ordered.series = self.series;
        }
        ordered.series.iter_mut().for_each(Series::flush);
        ordered
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Component, Device, Instrument, Quantity};
    use super::*;
    use crate::units::Power;

    fn channel() -> Channel {
        Channel {
            host: None,
            component: Component::Gpu,
            device: Device::indexed("0"),
            quantity: Quantity::Power,
            instrument: Instrument::GpuPower,
            run: None,
        }
    }

    proptest! {
        /// Shuffled rows in passes of any size give the energy of one pass over rows in order.
        #[test]
        fn any_order_is_one_order(rows in prop::collection::vec(1i64..400, 2..80), keep in 1usize..40, seed in 0u64..1_000) {
            let sample = |i: usize, watts: i64| Sample {
                at: Instant::from_micros(1_000_000 * i as i64),
                value: Power::from_watts(watts).as_microwatts(),
            };
            let mut plain = Series::new(channel());
            rows.iter().enumerate().for_each(|(i, watts)| plain.push(sample(i, *watts)));
            plain.flush();
            let mut shuffled: Vec<(usize, i64)> = rows.iter().copied().enumerate().collect();
            shuffled.sort_by_key(|(i, _)| (*i as u64 + 1).wrapping_mul(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1));
            let own = channel();
            let mut sorter = InOrder::keeping(keep);
            loop {
                sorter.take(shuffled.iter().map(|(i, watts)| (0, 0, sample(*i, *watts))), |_| Some(&own));
                if !sorter.end_pass() {
                    break;
                }
            }
            let series = sorter.finish().series;
            prop_assert_eq!(series.len(), 1);
            prop_assert_eq!(series[0].energy(false), plain.energy(false));
            prop_assert_eq!(series[0].samples(), plain.samples());
            prop_assert!(!series[0].is_unordered());
        }
    }
}
