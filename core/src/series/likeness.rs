//! Whether two readings at one time may be of one device: by how they move together.

use alloc::vec::Vec;

use super::{Coverage, Integral, PROFILE_STEPS_S, Profile, SHORTEST_GAP, Sample};
use crate::rules;
use crate::units::{Energy, Span};

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

/// Two devices lie so close together in fewer buckets than this share.
const CLOSER_THAN_TWO: f64 = rules::value("likeness_closer_than_two");

/// Two looks at one device lie no further apart, in the mean, than so many times what it moves from bucket to bucket.
const APART_STEPS: f64 = rules::value("likeness_apart_steps");

/// Looks that lie further apart than this, each at what a sensor reads in its moment, may miss what the load does in between.
const SLOW: Span = rules::seconds("likeness_slow_s");

/// Two slow samplers look at one time where their looks lie within one part in so many of the interval.
const IN_STEP: i64 = rules::whole("likeness_in_step");

/// What two slow looks at one device differ by lies within so many standard deviations of their readings.
const SLOW_SCATTER: f64 = rules::value("likeness_slow_scatter");

/// Fewer buckets are not compared one by one, and fewer than the second do not show whether two logs move together.
const FEWEST: usize = rules::whole("likeness_fewest") as usize;
const FEWEST_MOVING: usize = rules::whole("likeness_fewest_moving") as usize;

/// No more buckets are compared.
const MOST: usize = 2000;

/// So many rows of a recording are kept, by which a log of a few seconds is known again in its copy.
pub(super) const ROWS_KEPT: usize = rules::whole("likeness_rows") as usize;

/// Readings of one device lie so many times closer together than they move.
const ALONG: f64 = rules::value("likeness_along");

/// Two looks at one counter a moment apart differ by no more than what it counts in so many moments on average.
const COUNTER_MOMENTS: i64 = rules::whole("likeness_counter_moments");

/// Fewer rows that two logs share may be chance.
const FEWEST_ROWS: usize = rules::whole("likeness_fewest_rows") as usize;

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
    /// Two slow looks, which may have missed what the other one saw: they tell nothing.
    Untold,
    /// Two devices, most likely.
    Other,
    /// Two devices: the readings can't be of one.
    Apart,
}

/// What was read of a device: its power over time, when it was watched, and the first few rows.
pub(crate) type Course<'r> = (&'r Profile, &'r Coverage, &'r [Sample]);

/// Compares readings over the time that both hold, on one clock.
pub(crate) fn likeness(one: Course<'_>, other: Course<'_>) -> Alike {
    let common = one.1.intersection(other.1);
    let moved = compared(one, other, &common);
    let ((a, watched_a, rows_a), (b, watched_b, rows_b)) = (one, other);
    moved.verdict().unwrap_or_else(|| {
        // Too short for several whole buckets: the rows themselves, else energies alone.
        if common.is_empty() {
            return Alike::Unknown;
        }
        if are_same_rows(rows_a, rows_b) {
            return Alike::Identical;
        }
        // Ends that fill a bucket in part are known as exactly as a bucket is even.
        let over = |profile: &Profile, watched: &Coverage| profile.within(&common, watched) as f64;
        let with_ends = share(over(a, watched_a), over(b, watched_b));
        let whole = if moved.count > 0 { share(moved.sum.0, moved.sum.1) } else { with_ends };
        match with_ends.min(whole) {
            d if d <= IDENTICAL => Alike::Same,
            d if d < CLEARLY_APART => Alike::Open,
            _ if moved.count == 0 || !moved.is_apart() => Alike::Other,
            _ => Alike::Apart,
        }
    })
}

/// Whether readings are of one device for certain: they move, time and again, and the two go along to a small part of it. Two devices never do, however
/// much they are alike.
pub(crate) fn go_along(one: Course<'_>, other: Course<'_>) -> bool {
    let moved = compared(one, other, &one.1.intersection(other.1));
    are_same_rows(one.2, other.2) && moved.verdict().is_none_or(|found| found == Alike::Identical) || moved.go_along()
}

/// Whether readings that move, of one work, lie close together as those of one device do, though it was looked at at other moments: two devices at one work do
/// so less often, as each has a noise of its own. Looks so seldom that they miss what happens in between only ever say that they do.
pub(crate) fn lie_close(one: Course<'_>, other: Course<'_>) -> Option<bool> {
    let moved = compared(one, other, &one.1.intersection(other.1));
    let is_close = moved.closer as f64 >= CLOSER_THAN_TWO * moved.count as f64;
    (moved.changed >= FEWEST_MOVING && (is_close || moved.slow.is_none())).then_some(is_close)
}

/// Whether the readings of one are those of the other, which was put on its clock: they move time and again, the two go along, and only here.
///
/// Of longer means than the second step of profiles, which two runs of one job may share, they are the same.
pub(crate) fn repeats_in(one: Course<'_>, other: Course<'_>) -> bool {
    let moved = compared(one, other, &one.1.intersection(other.1));
    let is_fine = one.0.step_s().max(other.0.step_s()) <= PROFILE_STEPS_S[1];
    moved.go_along() && (is_fine || moved.verdict() == Some(Alike::Identical)) && !comes_back(one.0) && !comes_back(other.0)
}

/// Whether the first few buckets that both have do not say already that the readings of one, which stand so much later, are not those of the other.
pub(crate) fn may_repeat(one: &Profile, other: &Profile, later: Span) -> bool {
    let later = later.as_micros();
    if one.step_s() != other.step_s() || later % Span::from_seconds(one.step_s()).as_micros() != 0 {
        return true;
    }
    let mut theirs = other.buckets().map(|(at, sum)| (at.as_micros() - later, sum)).peekable();
    let mut moved = Moved::default();
    for (at, ours) in one.buckets() {
        while theirs.next_if(|(other, _)| *other < at.as_micros()).is_some() {}
        if let Some((_, other)) = theirs.next_if(|(other, _)| *other == at.as_micros()) {
            moved.add(ours as f64, other as f64);
        }
        if moved.changed > 2 * FEWEST_MOVING {
            break;
        }
    }
    // The ends of a log fill their buckets in part.
    moved.changed > 0 && moved.apart <= moved.steps.0.min(moved.steps.1)
}

/// Whether a course repeats within itself: over half of its time or more it is what it was a while before.
pub(super) fn comes_back(profile: &Profile) -> bool {
    let course: Vec<f64> = profile.buckets().take(MOST).map(|(_, sum)| sum as f64).collect();
    let n = course.len();
    (1..=n / 2).any(|lag| {
        let (mut apart, mut steps) = (0.0, 0.0);
        for (two, later) in course.windows(2).zip(course.windows(2).skip(lag)) {
            let ([a, b], [_, d]) = (two, later) else { continue };
            apart += libm::fabs(b - d);
            steps += libm::fabs(b - a);
        }
        ALONG * apart <= steps
    })
}

/// Whether readings move time and again, so that two devices would not show the same ones.
pub(super) fn moves((profile, coverage, _): Course<'_>) -> bool {
    compared((profile, coverage, &[]), (profile, coverage, &[]), coverage).changed >= FEWEST_MOVING
}

/// Whether the first rows of a log are means over what another one read in between, in each of the ways in which a mean may be stamped: at its start, in its
/// middle or at its end.
pub(crate) fn are_means((_, _, rows): Course<'_>, (profile, coverage, fine): Course<'_>) -> bool {
    let (Some(long), Some(short)) = (interval(rows), interval(fine)) else { return false };
    if short <= 0 || long < FEWEST as i64 * short {
        return false;
    }
    [-short / 2, -long / 2, short / 2 - long].into_iter().any(|from| {
        let mut moved = Moved::default();
        for row in rows {
            let start = row.at.plus(Span::from_micros(from));
            let window = Coverage::of(start, start.plus(Span::from_micros(long))).intersection(coverage);
            let length = window.length().as_micros();
            if 2 * length >= long {
                moved.add(profile.within(&window, coverage) as f64 / (2.0 * length as f64), row.value as f64);
            }
        }
        matches!(moved.verdict(), Some(Alike::Identical | Alike::Same))
    })
}

/// The mean time between the first rows, µs.
pub(super) fn interval(rows: &[Sample]) -> Option<i64> {
    Some(rows.last()?.at.since(rows.first()?.at).as_micros() / (rows.len() as i64 - 1).max(1))
}

/// Whether two samplers look at one time.
fn are_in_step(a: &[Sample], b: &[Sample]) -> bool {
    let (Some(every_a), Some(every_b)) = (interval(a), interval(b)) else { return false };
    let near = |row: &Sample| a.iter().map(|other| other.at.since(row.at).as_micros().abs()).min().unwrap_or(i64::MAX);
    let (Some(first), Some(last)) = (a.first(), a.last()) else { return false };
    let mut beside = b.iter().filter(|row| first.at <= row.at && row.at <= last.at).peekable();
    beside.peek().is_some() && beside.all(|row| IN_STEP * near(row) <= every_a.max(every_b))
}

/// Both, bucket by bucket.
fn compared((a, _, rows_a): Course<'_>, (b, _, rows_b): Course<'_>, common: &Coverage) -> Moved {
    let step = a.step_s().max(b.step_s());
    let (x, y) = (a.coarsened_to(step), b.coarsened_to(step));
    let length = Span::from_seconds(step).as_micros();
    let mut theirs = y.buckets().peekable();
    let mut spans = common.spans();
    let mut moved = Moved::default();
    let looks = |rows: &[Sample]| interval(rows).unwrap_or(0) as f64 / length as f64;
    moved.look = (looks(rows_a), looks(rows_b));
    let is_slow = [rows_a, rows_b].into_iter().filter_map(interval).any(|every| every > SLOW.as_micros());
    moved.slow = is_slow.then(|| Slow { are_in_step: are_in_step(rows_a, rows_b), buckets: Vec::new() });
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
    moved
}

/// Compares a counter that was read from `first` to `last` with what another log of a counter begins with in that time. It counts from when its device was
/// started: the reading lies where the counter stood then if the two read one, and almost never if they read two.
pub(crate) fn counter_likeness((first, last): (Sample, Sample), read: &Integral, later: Sample) -> Alike {
    if later.at < first.at || later.at > last.at {
        return Alike::Unknown;
    }
    let before = Coverage::of(first.at, later.at);
    let counted = Energy::from_picojoules(read.profile.within(&before, &read.coverage).div_euclid(2));
    let stood = Energy::from_microjoules(first.value) + counted;
    let stands = Energy::from_microjoules(later.value);
    // Two looks a moment apart, at whatever load.
    let moment = read.median.map_or(SHORTEST_GAP, |median| SHORTEST_GAP.max(median + median));
    let mean = read.energy.share(moment.as_micros(), read.covered.as_micros().max(1));
    let apart = stood.max(stands) - stood.min(stands);
    // Having run through its range, or started again, it may stand anywhere.
    let (began_anew, is_between) = (last.value < first.value, (first.value..=last.value).contains(&later.value));
    match apart <= mean.share(COUNTER_MOMENTS, 1) {
        true if later.value >= first.value && (began_anew || is_between) => Alike::Same,
        _ if began_anew => Alike::Open,
        _ if is_between => Alike::Other,
        _ => Alike::Apart,
    }
}

/// Whether the rows of the time that both begin with are the same, and not one figure again and again, which two idle devices may show.
fn are_same_rows(a: &[Sample], b: &[Sample]) -> bool {
    let ([first_a, .., last_a], [first_b, .., last_b]) = (a, b) else { return false };
    let (from, to) = (first_a.at.max(first_b.at), last_a.at.min(last_b.at));
    let within = |rows: &[Sample]| -> Vec<Sample> { rows.iter().filter(|row| from <= row.at && row.at <= to).copied().collect() };
    let (ours, theirs) = (within(a), within(b));
    let moves = ours.windows(2).any(|two| two.first().map(|row| row.value) != two.last().map(|row| row.value));
    ours.len() >= FEWEST_ROWS && ours == theirs && moves
}

/// Of slow looks.
struct Slow {
    /// They look at one time.
    are_in_step: bool,
    buckets: Vec<(f64, f64)>,
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
    /// Buckets in which both differ from the last one.
    changed: usize,
    /// How many buckets lie between two readings of each.
    look: (f64, f64),
    /// Buckets in which the two lie closer together than each is to its last one.
    closer: usize,
    /// One of the two looks so seldom that it may miss what the other one sees.
    slow: Option<Slow>,
    last: Option<(f64, f64)>,
}

impl Moved {
    /// Whether they lie apart by a small part of what they move, and not in a few large steps of the work alone, which two devices share.
    fn go_along(&self) -> bool {
        let is_small = ALONG * self.apart <= self.steps.0.min(self.steps.1);
        self.changed >= FEWEST_MOVING && is_small && self.closer as f64 >= MOSTLY_CLOSER * self.count as f64
    }

    fn add(&mut self, x: f64, y: f64) {
        self.count += 1;
        self.sum = (self.sum.0 + x, self.sum.1 + y);
        self.squares = (self.squares.0 + x * x, self.squares.1 + y * y);
        self.product += x * y;
        self.apart += libm::fabs(x - y);
        if let Some(slow) = &mut self.slow {
            slow.buckets.push((x, y));
        }
        if let Some((p, q)) = self.last.replace((x, y)) {
            let (own, other) = (libm::fabs(x - p), libm::fabs(y - q));
            self.steps = (self.steps.0 + own, self.steps.1 + other);
            self.changed += usize::from(own > 0.0 && other > 0.0);
            self.closer += usize::from(4.0 * libm::fabs(x - y) <= own + other);
        }
    }

    /// Whether the energies differ by more than two looks at one device do. What lasts for less than an interval shows in one of them and not in the other:
    /// it is at most half of what each moves from reading to reading, over the interval. One that looked a few times only says nothing of that.
    fn is_apart(&self) -> bool {
        let missed = (self.look.0 * self.steps.0 + self.look.1 * self.steps.1) / 2.0;
        let differ = libm::fabs(self.sum.0 - self.sum.1);
        self.count as f64 >= FEWEST as f64 * self.look.0.max(self.look.1) && differ - missed >= CLEARLY_APART * self.sum.0.max(self.sum.1)
    }

    /// Whether two slow looks at one device can differ so: what moves as fast as they look shows in one of them and not in the other. Means lie apart by the
    /// scatter of so many readings, and buckets by no more than what each moves within two intervals, over which a load that lasts is the same in both.
    fn may_be_missed(&self) -> bool {
        let Some(slow) = &self.slow else { return false };
        let n = self.count as f64;
        let look = self.look.0.max(self.look.1);
        let over = |lag: usize| {
            let (mut sums, mut squares) = ((0.0, 0.0), (0.0, 0.0));
            for ((x, y), (p, q)) in slow.buckets.iter().skip(lag).zip(&slow.buckets) {
                sums = (sums.0 + libm::fabs(x - p), sums.1 + libm::fabs(y - q));
                squares = (squares.0 + (x - p) * (x - p), squares.1 + (y - q) * (y - q));
            }
            let pairs = slow.buckets.len().saturating_sub(lag).max(1) as f64;
            (sums.0.max(sums.1) / pairs, (squares.0 / pairs, squares.1 / pairs))
        };
        let lag = |intervals: f64| (libm::ceil(intervals * look) as usize).max(1);
        // Readings of each in the time of both, and what one moves to the next.
        let squares = over(lag(1.0)).1;
        let variance = squares.0 * self.look.0.max(1.0) / n + squares.1 * self.look.1.max(1.0) / n;
        let means = SAME_MEAN * self.sum.0.max(self.sum.1) / n + SLOW_SCATTER * libm::sqrt(variance);
        let is_one_mean = libm::fabs(self.sum.0 - self.sum.1) / n <= means;
        let looks = n / look.max(1.0);
        // What looks at one time moves together, or is two.
        let limit = if slow.are_in_step { libm::sqrt(1.0 - TOGETHER) } else { 1.0 + SLOW_SCATTER / libm::sqrt(looks) };
        is_one_mean && (looks < FEWEST_MOVING as f64 || self.apart / n <= limit * over(lag(1.0)).0.max(over(lag(2.0)).0))
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
        if self.is_apart() {
            return Some(Alike::Apart);
        }
        let variance = |squares: f64, sum: f64| (squares / n - sum / n * (sum / n)).max(0.0);
        let (vx, vy) = (variance(self.squares.0, self.sum.0), variance(self.squares.1, self.sum.1));
        let moves = self.steps.0 > MOVES * self.sum.0 && self.steps.1 > MOVES * self.sum.1 && self.count >= FEWEST_MOVING;
        let correlation =
            if vx > 0.0 && vy > 0.0 { (self.product / n - self.sum.0 / n * (self.sum.1 / n)) / libm::sqrt(vx * vy) } else { 0.0 };
        let found = match (moves, differ <= SAME_MEAN) {
            (true, true) if correlation >= TOGETHER && self.closer as f64 >= MOSTLY_CLOSER * n => Alike::Same,
            (true, _) if correlation < NOT_TOGETHER => Alike::Other,
            // Two looks at one device differ by what it moves between them: what lies further apart, bucket by bucket, is two.
            _ if apart > MOVES && 2.0 * self.apart > APART_STEPS * (self.steps.0 + self.steps.1) => Alike::Other,
            (_, true) => Alike::Open,
            (_, false) => Alike::Other,
        };
        Some(if found == Alike::Other && self.may_be_missed() { Alike::Untold } else { found })
    }
}

/// By which share of the larger two values differ.
pub(crate) fn share(a: f64, b: f64) -> f64 {
    let (most, least) = (a.max(b), a.min(b));
    if most > 0.0 { (most - least) / most } else { 0.0 }
}
