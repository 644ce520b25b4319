//! The last few samples, held back so that small disorder is sorted before integration.

use alloc::boxed::Box;

use super::Sample;
use crate::units::Instant;

/// How many samples are held back: disorder of fewer places is sorted, more is a clock step.
const HELD: usize = 8;

/// At the start of a series, a sample may come before the first one by this much (µs).
const HEAD_DISORDER_US: i64 = 5_000_000;

/// A sample, or the mean of several of the same time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    at: Instant,
    /// Of all its readings, the last one among them.
    sum: i64,
    count: u32,
    last: i64,
    pub(super) starts_segment: bool,
}

impl Entry {
    const EMPTY: Entry = Entry { at: Instant::from_micros(0), sum: 0, count: 1, last: 0, starts_segment: false };

    #[inline(always)]
    fn of(sample: Sample) -> Self {
        Self { at: sample.at, sum: sample.value, count: 1, last: sample.value, starts_segment: false }
    }

    /// The mean of its readings, rounded down.
    #[inline(always)]
    pub(super) fn sample(&self) -> Sample {
        if self.count == 1 {
            return Sample { at: self.at, value: self.last };
        }
        Sample { at: self.at, value: self.sum.div_euclid(i64::from(self.count)) }
    }
}

/// What became of a sample that was not simply the next one.
pub(super) enum Inserted {
    Duplicate,
    Averaged,
    Sorted(Option<Entry>),
    ClockStep,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Pending {
    /// Room for them, once there is one.
    ring: Option<Box<[Entry; HELD]>>,
    first: usize,
    len: usize,
    seen: u64,
    emitted: bool,
    irregular_head: bool,
}

impl Pending {
    /// Whether a sample at `at` comes after all that are held.
    #[inline(always)]
    pub(super) fn is_next(&self, at: Instant) -> bool {
        self.len == 0 || self.at(self.len - 1).at < at
    }

    /// Adds the next sample in time; returns the oldest when the ring is full.
    #[inline(always)]
    pub(super) fn append(&mut self, sample: Sample) -> Option<Entry> {
        self.seen += 1;
        let ready = if self.len == HELD { self.pop() } else { None };
        self.set(self.len, Entry::of(sample));
        self.len += 1;
        ready
    }

    /// Adds a sample that is not the next one in time.
    pub(super) fn insert(&mut self, sample: Sample, averages: bool) -> Inserted {
        self.seen += 1;
        if self.seen <= HELD as u64 + 1 {
            self.irregular_head = true;
        }
        for i in (0..self.len).rev() {
            let mut entry = *self.at(i);
            if entry.at == sample.at {
                // A reading that stands there says more.
                if sample.is_mark() {
                    return Inserted::Sorted(None);
                }
                if (Sample { value: entry.last, ..sample }).is_mark() {
                    self.set(i, Entry { starts_segment: entry.starts_segment, ..Entry::of(sample) });
                    return Inserted::Sorted(None);
                }
                if entry.last == sample.value {
                    return Inserted::Duplicate;
                }
                entry.last = sample.value;
                if averages {
                    entry.sum = entry.sum.saturating_add(sample.value);
                    entry.count += 1;
                } else {
                    entry.sum = sample.value;
                }
                self.set(i, entry);
                return Inserted::Averaged;
            }
            if entry.at < sample.at {
                return self.open(i + 1, sample);
            }
        }
        let front = self.at(0);
        let near = !self.emitted && front.at.since(sample.at).as_micros() <= HEAD_DISORDER_US;
        if near { self.open(0, sample) } else { Inserted::ClockStep }
    }

    /// Starts again after a clock step.
    pub(super) fn restart(&mut self, sample: Sample) {
        self.len = 0;
        self.emitted = true;
        self.set(0, Entry { starts_segment: true, ..Entry::of(sample) });
        self.len = 1;
    }

    /// Takes the oldest.
    pub(super) fn take_first(&mut self) -> Option<Entry> {
        self.pop()
    }

    /// Nothing more comes for now: what holds nothing takes no room.
    pub(super) fn seal(&mut self) {
        if self.len == 0 {
            self.ring = None;
        }
    }

    /// Whether the first few samples were out of order, so that what came before them may matter.
    pub(super) fn had_irregular_head(&self) -> bool {
        self.irregular_head
    }

    fn open(&mut self, position: usize, sample: Sample) -> Inserted {
        let ready = if self.len == HELD && position > 0 { self.pop() } else { None };
        let position = if ready.is_some() { position - 1 } else { position };
        if self.len == HELD {
            return Inserted::ClockStep;
        }
        for i in (position..self.len).rev() {
            let moved = *self.at(i);
            self.set(i + 1, moved);
        }
        let starts_segment = position == 0 && self.len > 0 && self.at(0).starts_segment;
        self.set(position, Entry { starts_segment, ..Entry::of(sample) });
        self.len += 1;
        if starts_segment && self.len > 1 {
            let second = Entry { starts_segment: false, ..*self.at(1) };
            self.set(1, second);
        }
        Inserted::Sorted(ready)
    }

    #[inline(always)]
    fn pop(&mut self) -> Option<Entry> {
        if self.len == 0 {
            return None;
        }
        let entry = *self.at(0);
        self.first = (self.first + 1) % HELD;
        self.len -= 1;
        self.emitted = true;
        Some(entry)
    }

    #[inline(always)]
    fn at(&self, position: usize) -> &Entry {
        const NOTHING: &Entry = &Entry::EMPTY;
        self.ring.as_ref().map_or(NOTHING, |ring| &ring[(self.first + position) % HELD])
    }

    #[inline(always)]
    fn set(&mut self, position: usize, entry: Entry) {
        self.ring.get_or_insert_with(|| Box::new([Entry::EMPTY; HELD]))[(self.first + position) % HELD] = entry;
    }
}
