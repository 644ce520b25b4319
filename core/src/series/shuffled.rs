//! Rows in any order, of several devices that nothing but their place in the round tells apart: once they are in order of time, rounds are looked for
//! as in a log that was written so.

use alloc::vec::Vec;

use super::rounds::{self, MOST_PLACES, Seen, Turn};
use super::{Channel, Interruption, Sample, Series};
use crate::bounds::Bound;
use crate::order;
use crate::rules;

/// So many readings of all channels show how rows come; of one channel so many at least.
const HEAD: usize = rules::whole("shuffled_rows") as usize;
const LEAST_HEAD: usize = rules::whole("shuffled_least_rows") as usize;

/// What is known of rows in any order before they are put in order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shuffled {
    /// Whether the log names devices, by number or otherwise.
    pub named: bool,
    /// Whether stamps have no digits below the second.
    pub is_cut: bool,
    /// As many devices may stand under one name as the rows that were looked at show: some of a round may stand elsewhere.
    pub perhaps: u16,
}

/// How the rows of one channel come.
#[derive(Clone, Debug)]
pub struct InRounds {
    /// Whose.
    pub(crate) channel: Channel,
    /// Devices in a round.
    pub(crate) size: u16,
    /// Rounds of that size, and all of them.
    pub(crate) regular: u64,
    pub(crate) all: u64,
    /// So many times as many devices may have been there, or one of so many.
    pub(crate) perhaps: u16,
    /// They are more than may be told apart.
    pub(crate) beyond: Option<&'static Bound>,
    /// Every reading stands so many times: copies of a row, or so many devices that do the same.
    pub(crate) alike: u16,
    /// Of as many only one counts.
    pub(crate) copies: u16,
    /// Readings that were left out as copies.
    pub(crate) duplicates: u64,
}

/// Takes the readings of one channel in order of time, and tells devices apart.
#[derive(Debug)]
pub(super) struct Splitter {
    shuffled: Shuffled,
    found: InRounds,
    /// Readings that show how rows come, as long as that is not known.
    head: Vec<Sample>,
    most: usize,
    /// Readings of one instant.
    instant: Vec<Sample>,
    turn: Option<Turn>,
    is_known: bool,
    series: Vec<Series>,
}

impl Splitter {
    pub(super) fn new(channel: Channel, shuffled: Shuffled, channels: usize) -> Self {
        let series = alloc::vec![Series::new(channel.clone())];
        let found = InRounds { channel, size: 1, regular: 0, all: 0, perhaps: 1, beyond: None, alike: 1, copies: 1, duplicates: 0 };
        let most = (HEAD / channels.max(1)).max(LEAST_HEAD);
        Self { shuffled, found, head: Vec::new(), most, instant: Vec::new(), turn: None, is_known: false, series }
    }

    pub(super) fn push(&mut self, sample: Sample) {
        // Before which of its readings a device was silent is not known.
        if Interruption::of(sample).is_some() {
            return;
        }
        let is_same = self.instant.last().is_none_or(|last| last.at == sample.at);
        if !is_same || self.instant.len() > 2 * usize::from(MOST_PLACES) {
            self.end_instant();
        }
        self.instant.push(sample);
    }

    /// The series of each place, and how rows come.
    pub(super) fn finish(mut self) -> (Vec<Series>, InRounds) {
        self.end_instant();
        self.look();
        if let Some(turn) = &mut self.turn {
            turn.restart();
            (self.found.regular, self.found.all) = (turn.regular, turn.all);
        }
        (self.series, self.found)
    }

    /// Rows of one instant are as many readings, whatever their order: which of them is whose, their size says.
    fn end_instant(&mut self) {
        let mut instant = core::mem::take(&mut self.instant);
        order::sort_by_key(&mut instant, |sample| sample.value);
        if self.is_known {
            self.count(&instant);
        } else {
            self.head.extend_from_slice(&instant);
            if self.head.len() >= self.most {
                self.look();
            }
        }
        instant.clear();
        self.instant = instant;
    }

    /// Looks at the head, and counts it.
    fn look(&mut self) {
        if core::mem::replace(&mut self.is_known, true) {
            return;
        }
        let head = core::mem::take(&mut self.head);
        let readings: Vec<Sample> = head.iter().filter(|sample| !sample.is_interval_start()).copied().collect();
        self.found.alike = common(&readings);
        // Where readings change and each comes as often, a copy was added to the log; devices may stand still together.
        let changes = readings.iter().zip(readings.iter().skip(1)).any(|(a, b)| a.value != b.value);
        self.found.copies = if changes || self.shuffled.named { self.found.alike } else { 1 };
        // Rows that have an instant of their own, but for some that stand there again: a part of the log was added to it.
        let is_single = readings.chunk_by(|a, b| a.at == b.at).all(|instant| instant.iter().all(|other| Some(other) == instant.first()));
        if changes && is_single && self.found.alike == 1 {
            self.found.copies = u16::MAX;
        }
        let copies = usize::from(self.found.copies);
        let mut rows: Vec<Seen> = Vec::new();
        for instant in readings.chunk_by(|a, b| a.at == b.at) {
            let alike = instant.chunk_by(|a, b| a.value == b.value);
            let once: Vec<&Sample> = alike.flat_map(|alike| alike.iter().take(alike.len().div_ceil(copies))).collect();
            // The lowest beside the highest: where rows of one instant differ, neighbours do.
            let seen = (0..once.len()).filter_map(|at| once.get(if at % 2 == 0 { at / 2 } else { once.len() - 1 - at / 2 }));
            let is_cut = self.shuffled.is_cut;
            rows.extend(seen.map(|sample| Seen { at: sample.at.as_micros(), is_cut, log: 0, values: alloc::vec![sample.value] }));
        }
        let found = rounds::find(&rows, self.shuffled.named);
        (self.found.size, self.found.perhaps, self.found.beyond) = (found.places(), found.perhaps, found.beyond);
        if found.places() > 1 {
            let place = |place: u16| {
                let mut channel = self.found.channel.clone();
                channel.device.place = Some(place);
                Series::new(channel)
            };
            self.series = (0..found.places()).map(place).collect();
            self.turn = Some(Turn::new(found.pattern));
        }
        for instant in head.chunk_by(|a, b| a.at == b.at) {
            self.count(instant);
        }
    }

    /// Counts readings of one instant, sorted.
    fn count(&mut self, instant: &[Sample]) {
        for alike in instant.chunk_by(|a, b| a.value == b.value) {
            // Of a device that the log names, what is the same at one instant is one reading.
            let once = if self.shuffled.named { 1 } else { alike.len().div_ceil(usize::from(self.found.copies)) };
            self.found.duplicates += (alike.len() - once) as u64;
            for sample in alike.iter().take(once) {
                let place = match &mut self.turn {
                    Some(turn) if !sample.is_interval_start() => usize::from(turn.place(sample.at.as_micros())),
                    _ => 0,
                };
                while self.series.len() <= place {
                    let mut channel = self.found.channel.clone();
                    channel.device.place = u16::try_from(self.series.len()).ok();
                    self.series.push(Series::new(channel));
                }
                if let Some(series) = self.series.get_mut(place) {
                    series.push(*sample);
                }
            }
        }
    }
}

/// How often every reading stands.
fn common(readings: &[Sample]) -> u16 {
    let times = readings.chunk_by(|a, b| a == b).map(<[Sample]>::len);
    u16::try_from(times.fold(0, divisor)).unwrap_or(1).max(1)
}

/// The greatest common divisor.
fn divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { divisor(b, a % b) }
}
