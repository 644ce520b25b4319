//! Energy over time in UTC-aligned buckets of bounded number: exact parts that add up to the whole.

use super::Coverage;
use super::buckets::Buckets;
use crate::units::{Instant, Power, Span};

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 86_400;

/// Lengths of a bucket in seconds, each a multiple of the one before; a profile uses the finest that keeps it small. Beyond hours, which intensities may
/// need, stand days, and for stamps over centuries steps that hold any two instants in a bounded number of buckets.
pub const PROFILE_STEPS_S: [i64; 9] = [1, 10, 60, 300, 900, HOUR_S, DAY_S, 100 * DAY_S, 10_000 * DAY_S];

/// More buckets than this, and the next coarser step is taken.
const MOST_BUCKETS: usize = 1500;

/// Hours and what is longer are kept up to this number: three years and nine months of hours.
const MOST_LONG_BUCKETS: usize = 32_768;

/// A stretch between two powers that is longer than this is not cut, as only a gap is: its energy goes to the bucket where it starts.
const LONGEST_LINEAR_US: i64 = 7 * DAY_S * 1_000_000;

/// Doubled energy (2 pJ, so that the trapezoid stays whole) by bucket.
///
/// The step depends on the buckets alone, not on the order in which they came; a stretch across an edge is split by its running integral rounded
/// down, so that parts at any step add up to the same total.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    level: usize,
    buckets: Buckets,
    // The bucket in hand, kept out of the list while samples stay in it.
    hand: Option<Hand>,
}

#[derive(Clone, Copy, Debug)]
struct Hand {
    start_us: i64,
    end_us: i64,
    sum: i128,
}

impl Profile {
    /// Adds a stretch of power from `p0` to `p1` (µW).
    #[inline(always)]
    pub(super) fn add_linear(&mut self, start: Instant, end: Instant, p0: i64, p1: i64) {
        let doubled = doubled_energy(p0, p1, end.since(start).as_micros());
        if let Some(hand) = &mut self.hand
            && hand.start_us <= start.as_micros()
            && end.as_micros() <= hand.end_us
        {
            hand.sum += doubled;
        } else {
            self.split_linear(start, end, p0, p1, doubled);
        }
    }

    #[cold]
    fn split_linear(&mut self, start: Instant, end: Instant, p0: i64, p1: i64, doubled: i128) {
        let (rise, whole) = (p1.saturating_sub(p0), end.since(start).as_micros());
        if fits_in_half(p0, p1, whole) {
            let until = |part: i64| {
                let (risen, rest) = ((rise * part).div_euclid(whole), (rise * part).rem_euclid(whole));
                i128::from((2 * p0 + risen) * part + rest * part / whole)
            };
            if !self.cross_edge(start, end, doubled, until) {
                self.split(start, end, doubled, until);
            }
            return;
        }
        let (p0, rise, wide) = (i128::from(p0), i128::from(p1) - i128::from(p0), i128::from(whole));
        let end = if whole > LONGEST_LINEAR_US { start } else { end };
        self.split(start, end, doubled, |part| {
            let part = i128::from(part);
            let (risen, rest) = floor_div(rise * part, wide);
            2 * p0 * part + risen * part + floor_div(rest * part, wide).0
        });
    }

    /// Adds a stretch of even power; of no length, it goes to the bucket of its instant.
    pub(crate) fn add_even(&mut self, start: Instant, end: Instant, doubled: i128) {
        let whole = i128::from(end.since(start).as_micros());
        let (each, rest) = if whole > 0 { floor_div(doubled, whole) } else { (0, 0) };
        self.split(start, end, doubled, |part| {
            let part = i128::from(part);
            each * part + floor_div(rest * part, whole).0
        });
    }

    pub(crate) fn merge(&mut self, other: &Profile) {
        self.put_down();
        if self.buckets.len() == 0 && self.level <= other.level {
            *self = other.clone();
            self.put_down();
            return self.shrink();
        }
        while self.level < other.level {
            self.coarsen();
        }
        let ratio = PROFILE_STEPS_S[self.level] / PROFILE_STEPS_S[other.level];
        self.buckets.add_all(&other.buckets, ratio);
        if let Some(hand) = other.hand {
            self.buckets.add(hand.start_us.div_euclid(other.step_us()).div_euclid(ratio), hand.sum);
        }
        self.shrink();
    }

    /// What is in hand goes to its bucket: nothing more comes for now.
    pub(crate) fn seal(&mut self) {
        self.put_down();
        self.buckets.fit();
    }

    /// The sum over all buckets.
    pub fn total(&self) -> i128 {
        self.buckets.total() + self.hand.map_or(0, |h| h.sum)
    }

    /// The highest mean power of a bucket.
    pub(crate) fn highest(&self) -> Power {
        let most = self.buckets.iter().map(|(_, sum)| sum).max().unwrap_or(0);
        Power::from_microwatts(i64::try_from(most / i128::from(2 * self.step_us())).unwrap_or(i64::MAX))
    }

    /// Length of a bucket in seconds.
    pub fn step_s(&self) -> i64 {
        PROFILE_STEPS_S[self.level]
    }

    /// Start of each bucket (µs) and its doubled energy (2 pJ), in time order.
    pub fn buckets(&self) -> impl Iterator<Item = (Instant, i128)> + '_ {
        let step = self.step_us();
        self.buckets.iter().map(move |(bucket, sum)| (Instant::from_micros(bucket.saturating_mul(step)), sum))
    }

    /// Doubled energy that lies within `part` of the time that `watched` holds: of a bucket that is watched in part, its share of that time.
    pub fn within(&self, part: &Coverage, watched: &Coverage) -> i128 {
        self.parts_within(part, watched).map(|(_, sum)| sum).sum()
    }

    /// The same as a profile.
    pub fn cut(&self, part: &Coverage, watched: &Coverage) -> Profile {
        let mut cut = Profile { level: self.level, ..Profile::default() };
        self.parts_within(part, watched).filter(|(_, sum)| *sum != 0).for_each(|(bucket, sum)| cut.buckets.add(bucket, sum));
        cut
    }

    /// The same course over time with another total; `None` where there is no course.
    pub fn scaled_to(&self, total: i128) -> Option<Profile> {
        let own = self.total();
        if own <= 0 || total < 0 {
            return None;
        }
        if own == total {
            return Some(self.clone());
        }
        // A bucket times the total must fit in 127 bits; what is lost of the last bits goes to the last bucket.
        let bits = |sum: i128| 128 - sum.leading_zeros();
        let shift = (bits(own) + bits(total)).saturating_sub(126);
        let (from, to) = ((own >> shift).max(1), total >> shift);
        let mut scaled = self.clone();
        scaled.put_down();
        let mut rest = total;
        scaled.buckets = Buckets::in_order(scaled.buckets.iter().map(|(bucket, sum)| {
            let sum = (sum * to / from).clamp(0, rest);
            rest -= sum;
            (bucket, sum)
        }));
        if let Some((last, _)) = scaled.buckets.iter().last() {
            scaled.buckets.add(last, rest);
        }
        Some(scaled)
    }

    /// The same energy so much later: of whole buckets, or of each evenly what falls into the next one.
    pub(crate) fn moved(&self, later: Span) -> Profile {
        let mut moved = self.clone();
        moved.put_down();
        let (step, later) = (self.step_us(), later.as_micros());
        if later % step == 0 {
            moved.buckets = Buckets::in_order(moved.buckets.iter().map(|(bucket, sum)| (bucket + later / step, sum)));
            return moved;
        }
        let mut even = Profile { level: self.level, ..Profile::default() };
        for (start, sum) in moved.buckets() {
            let start = start.plus(Span::from_micros(later));
            even.add_even(start, start.plus(Span::from_micros(step)), sum);
        }
        even.seal();
        even
    }

    fn parts_within<'a>(&'a self, part: &'a Coverage, watched: &'a Coverage) -> impl Iterator<Item = (i64, i128)> + 'a {
        let step = self.step_us();
        let hand = self.hand.map(|h| (h.start_us.div_euclid(step), h.sum));
        let (mut ours, mut theirs) = (part.spans(), watched.spans());
        self.buckets.iter().chain(hand).map(move |(bucket, energy)| {
            let (start, end) = (bucket.saturating_mul(step), (bucket + 1).saturating_mul(step));
            let (inside, all) = (within(&mut ours, start, end), within(&mut theirs, start, end));
            let sum = match (inside, all) {
                (0, _) => 0,
                (inside, all) if inside >= all => energy,
                (inside, all) => energy * i128::from(inside) / i128::from(all),
            };
            (bucket, sum)
        })
    }

    /// The same energy in buckets of at least `step_s` seconds.
    pub fn coarsened_to(&self, step_s: i64) -> Profile {
        let mut coarse = self.clone();
        coarse.put_down();
        while coarse.step_s() < step_s && coarse.level + 1 < PROFILE_STEPS_S.len() {
            coarse.coarsen();
        }
        coarse
    }

    /// Splits at the edge between the bucket in hand and the next, where there is no other: of most stretches that are split.
    #[inline(always)]
    fn cross_edge(&mut self, start: Instant, end: Instant, doubled: i128, until: impl Fn(i64) -> i128) -> bool {
        let (start, end, step) = (start.as_micros(), end.as_micros(), self.step_us());
        let Some(hand) = self.hand.filter(|hand| (hand.start_us..hand.end_us).contains(&start) && end <= hand.end_us.saturating_add(step))
        else {
            return false;
        };
        let upto = until(hand.end_us - start);
        self.hand = Some(Hand { start_us: hand.end_us, end_us: hand.end_us.saturating_add(step), sum: doubled - upto });
        self.buckets.add(hand.start_us.div_euclid(step), hand.sum + upto);
        self.keep_few();
        true
    }

    /// Splits at bucket edges; `until(part)` is the doubled energy of the first `part` µs.
    fn split(&mut self, start: Instant, end: Instant, doubled: i128, until: impl Fn(i64) -> i128) {
        let (start, end) = (start.as_micros(), end.as_micros());
        // A stretch of thousands of buckets (a gap of hours at 1 s, a tracker's figure of a year) would be cut in vain: the step is taken coarser at once.
        while self.level + 1 < PROFILE_STEPS_S.len() && (end - start) / self.step_us() > MOST_BUCKETS as i64 {
            self.put_down();
            self.coarsen();
        }
        let step = self.step_us();
        let (first, last) = (start.div_euclid(step), (end - 1).max(start).div_euclid(step));
        // What is in hand is of the same bucket as a rule.
        let mut in_hand = 0;
        match self.hand.take() {
            Some(hand) if hand.start_us.div_euclid(step) == first => in_hand = hand.sum,
            Some(hand) => self.buckets.add(hand.start_us.div_euclid(step), hand.sum),
            None => {}
        }
        let mut done = 0;
        if first < last {
            self.buckets.add_each((first..last).map(|bucket| {
                let upto = until((bucket + 1) * step - start);
                let sum = upto - core::mem::replace(&mut done, upto) + core::mem::take(&mut in_hand);
                (bucket, sum)
            }));
        }
        let (start_us, end_us) = (last.saturating_mul(step), (last + 1).saturating_mul(step));
        self.hand = Some(Hand { start_us, end_us, sum: doubled - done + in_hand });
        self.keep_few();
    }

    fn keep_few(&mut self) {
        if self.buckets.len() >= self.most_buckets() {
            self.put_down();
            self.shrink();
        }
    }

    fn put_down(&mut self) {
        if let Some(hand) = self.hand.take() {
            self.buckets.add(hand.start_us.div_euclid(self.step_us()), hand.sum);
        }
    }

    fn shrink(&mut self) {
        while self.buckets.len() > self.most_buckets() && self.level + 1 < PROFILE_STEPS_S.len() {
            self.coarsen();
        }
    }

    fn most_buckets(&self) -> usize {
        if self.step_s() < HOUR_S { MOST_BUCKETS } else { MOST_LONG_BUCKETS }
    }

    fn coarsen(&mut self) {
        self.put_down();
        let ratio = PROFILE_STEPS_S[self.level + 1] / PROFILE_STEPS_S[self.level];
        self.buckets.coarsen(ratio);
        self.level += 1;
    }

    fn step_us(&self) -> i64 {
        PROFILE_STEPS_S[self.level] * 1_000_000
    }
}

/// How much of `start` to `end` lies in `spans`, µs. What ends before is dropped from `spans`: buckets come in order.
fn within(spans: &mut &[(i64, i64)], start: i64, end: i64) -> i64 {
    let passed = spans.iter().take_while(|(_, to)| *to <= start).count();
    *spans = spans.get(passed..).unwrap_or(&[]);
    spans.iter().take_while(|(from, _)| *from < end).map(|(from, to)| (*to).min(end) - (*from).max(start)).sum()
}

/// How often `b`, which is above 0, goes into `a`, rounded down, and what is left: in 64 bits where both fit, because a wider division takes several
/// times as long.
#[inline(always)]
fn floor_div(a: i128, b: i128) -> (i128, i128) {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => (i128::from(a.div_euclid(b)), i128::from(a.rem_euclid(b))),
        _ => (a.div_euclid(b), a.rem_euclid(b)),
    }
}

/// Whether the energy of a stretch and of each part of it fits in 64 bits.
#[inline(always)]
fn fits_in_half(p0: i64, p1: i64, micros: i64) -> bool {
    (p0 | p1) as u64 >> 37 == 0 && micros as u64 >> 25 == 0
}

/// (p0 + p1) × micros: in 64 bits where it fits, because WebAssembly has no wider product.
#[inline(always)]
fn doubled_energy(p0: i64, p1: i64, micros: i64) -> i128 {
    if fits_in_half(p0, p1, micros) { i128::from((p0 + p1) * micros) } else { (i128::from(p0) + i128::from(p1)) * i128::from(micros) }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn parts(profile: &Profile) -> Vec<(i64, i128)> {
        let mut profile = profile.clone();
        profile.put_down();
        profile.buckets().map(|(start, sum)| (start.as_micros(), sum)).collect()
    }

    fn at(micros: i64) -> Instant {
        Instant::from_micros(micros)
    }

    /// From 1 to 3 W over a second that begins in the middle of one: (1 + 2) / 2 × 0.5 = 0.75 J, then (2 + 3) / 2 × 0.5 = 1.25 J.
    /// Before it stand 1 W × 0.5 s = 0.5 J.
    #[test]
    fn a_stretch_across_an_edge() {
        let mut profile = Profile::default();
        profile.add_linear(at(0), at(500_000), 1_000_000, 1_000_000);
        profile.add_linear(at(500_000), at(1_500_000), 1_000_000, 3_000_000);
        assert_eq!(parts(&profile), [(0, 2 * 1_250_000_000_000), (1_000_000, 2 * 1_250_000_000_000)]);
    }

    proptest! {
        /// Across one edge or many, in 64 bits or in 128: a stretch is split by its running integral, rounded down.
        #[test]
        fn parts_are_those_of_the_running_integral(
            start in 0i64..2_000_000, length in 1i64..5_000_000, p0 in 0i64..1 << 37, p1 in 0i64..1 << 37,
        ) {
            let until = |part: i64| {
                let (rise, part, whole) = (i128::from(p1 - p0), i128::from(part), i128::from(length));
                (2 * i128::from(p0) * part * whole + rise * part * part).div_euclid(whole)
            };
            let edges = (0..8).map(|second| (second * 1_000_000 - start).clamp(0, length));
            let sums: Vec<i128> = edges.clone().zip(edges.skip(1)).map(|(from, to)| until(to) - until(from)).collect();
            for before in [start, start.div_euclid(1_000_000) * 1_000_000] {
                let mut profile = Profile::default();
                profile.add_linear(at(before), at(start), 0, 0);
                profile.add_linear(at(start), at(start + length), p0, p1);
                let own = parts(&profile);
                let own: Vec<i128> = (0..7).map(|s| own.iter().find(|(at, _)| *at == s * 1_000_000).map_or(0, |(_, sum)| *sum)).collect();
                prop_assert_eq!(&own, &sums);
            }
        }
    }
}
