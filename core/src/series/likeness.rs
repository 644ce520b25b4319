//! Whether two readings at one time may be of one device: by how they move together.

use super::{Coverage, Profile};
use crate::rules;
use crate::units::Span;

/// Energies over the common time that differ by more than this are of two devices: no sensor reads one device twice so differently.
pub(crate) const CLEARLY_APART: f64 = rules::value("likeness_apart");

/// Readings that differ by less than this in the mean, bucket by bucket, are the same rows.
const IDENTICAL: f64 = rules::value("likeness_identical");

/// Two loggers of one device agree in the mean to this, for they average over the same power.
const SAME_MEAN: f64 = rules::value("likeness_same_mean");

/// A power that moves by this share from bucket to bucket shows whether two logs move together.
const MOVES: f64 = rules::value("likeness_moves");

/// Two logs that move together so far watch one device; below the second value, two.
const TOGETHER: f64 = rules::value("likeness_together");
const NOT_TOGETHER: f64 = rules::value("likeness_not_together");

/// And mostly they lie closer together than half of what each moves to its own next reading: two devices at one work move together, each with a noise
/// of its own.
const MOSTLY_CLOSER: f64 = rules::value("likeness_closer");

/// Fewer buckets are not compared one by one, and fewer than the second do not show whether two logs move together.
const FEWEST: usize = rules::whole("likeness_fewest") as usize;
const FEWEST_MOVING: usize = rules::whole("likeness_fewest_moving") as usize;

/// No more buckets are compared.
const MOST: usize = 2000;

/// What two readings of one time say of their devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alike {
    /// They share no time, or nothing that can be compared.
    Unknown,
    /// The same rows: a copy, or two logs of one sampler.
    Identical,
    /// One device, most likely.
    Same,
    /// As like as two devices of one kind at one work, or one device twice: names decide.
    Open,
    /// Two devices, most likely.
    Other,
    /// Two devices: the readings can't be of one.
    Apart,
}

/// Compares readings over the time that both hold, each a profile and what was watched, on one clock.
pub(crate) fn likeness((a, watched_a): (&Profile, &Coverage), (b, watched_b): (&Profile, &Coverage)) -> Alike {
    let common = watched_a.intersection(watched_b);
    let step = a.step_s().max(b.step_s());
    let (x, y) = (a.coarsened_to(step), b.coarsened_to(step));
    let length = Span::from_seconds(step).as_micros();
    let mut theirs = y.buckets().peekable();
    let mut spans = common.spans();
    let mut moved = Moved::default();
    for (at, ours) in x.buckets() {
        while theirs.next_if(|(other, _)| *other < at).is_some() {}
        let Some((_, other)) = theirs.next_if(|(other, _)| *other == at) else { continue };
        // Only buckets that both watched whole.
        let (from, to) = (at.as_micros(), at.as_micros().saturating_add(length));
        let passed = spans.partition_point(|(_, end)| *end <= from);
        spans = spans.get(passed..).unwrap_or(&[]);
        if spans.first().is_some_and(|(start, end)| *start <= from && to <= *end) {
            moved.add(ours as f64, other as f64);
            if moved.count >= MOST {
                break;
            }
        }
    }
    moved.verdict().unwrap_or_else(|| {
        // Too short for several whole buckets: energies alone. Ends that fill a bucket in part are known as exactly as a bucket is even.
        if common.is_empty() {
            return Alike::Unknown;
        }
        let over = |profile: &Profile, watched: &Coverage| profile.within(&common, watched) as f64;
        let with_ends = share(over(a, watched_a), over(b, watched_b));
        let whole = if moved.count > 0 { share(moved.sum.0, moved.sum.1) } else { with_ends };
        match with_ends.min(whole) {
            d if d <= IDENTICAL => Alike::Same,
            d if d < CLEARLY_APART => Alike::Open,
            _ => Alike::Apart,
        }
    })
}

/// How two series of buckets go along.
#[derive(Default)]
struct Moved {
    count: usize,
    sum: (f64, f64),
    squares: (f64, f64),
    product: f64,
    apart: f64,
    steps: (f64, f64),
    /// Buckets in which the two lie closer together than each is to its last one.
    closer: usize,
    last: Option<(f64, f64)>,
}

impl Moved {
    fn add(&mut self, x: f64, y: f64) {
        self.count += 1;
        self.sum = (self.sum.0 + x, self.sum.1 + y);
        self.squares = (self.squares.0 + x * x, self.squares.1 + y * y);
        self.product += x * y;
        self.apart += libm::fabs(x - y);
        if let Some((p, q)) = self.last.replace((x, y)) {
            let (own, other) = (libm::fabs(x - p), libm::fabs(y - q));
            self.steps = (self.steps.0 + own, self.steps.1 + other);
            self.closer += usize::from(4.0 * libm::fabs(x - y) <= own + other);
        }
    }

    fn verdict(&self) -> Option<Alike> {
        let n = self.count as f64;
        if self.count < FEWEST {
            return None;
        }
        let largest = self.sum.0.max(self.sum.1);
        if largest <= 0.0 {
            return Some(Alike::Open);
        }
        let (differ, apart) = (share(self.sum.0, self.sum.1), self.apart / largest);
        if apart <= IDENTICAL {
            return Some(Alike::Identical);
        }
        if differ >= CLEARLY_APART {
            return Some(Alike::Apart);
        }
        let variance = |squares: f64, sum: f64| (squares / n - sum / n * (sum / n)).max(0.0);
        let (vx, vy) = (variance(self.squares.0, self.sum.0), variance(self.squares.1, self.sum.1));
        let moves = self.steps.0 > MOVES * self.sum.0 && self.steps.1 > MOVES * self.sum.1 && self.count >= FEWEST_MOVING;
        let correlation =
            if vx > 0.0 && vy > 0.0 { (self.product / n - self.sum.0 / n * (self.sum.1 / n)) / libm::sqrt(vx * vy) } else { 0.0 };
        Some(match (moves, differ <= SAME_MEAN) {
            (true, true) if correlation >= TOGETHER && self.closer as f64 >= MOSTLY_CLOSER * n => Alike::Same,
            (true, _) if correlation < NOT_TOGETHER => Alike::Other,
            (true, true) => Alike::Open,
            (false, true) => Alike::Open,
            (_, false) => Alike::Other,
        })
    }
}

/// By which share of the larger two values differ.
pub(crate) fn share(a: f64, b: f64) -> f64 {
    let (most, least) = (a.max(b), a.min(b));
    if most > 0.0 { (most - least) / most } else { 0.0 }
}
