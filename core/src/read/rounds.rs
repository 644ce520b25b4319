//! Devices that nothing in a log names, told apart by their place in the round.
//!
//! A sampler of several devices prints one row for each, a few milliseconds apart, and pauses until the next round. Where rows of one name (or of
//! none) come so, in rounds of the same size, each place is a device. Where a log names devices and each name comes back within a round, several
//! machines write into one file: each writer keeps its own period, so its rows stand at a fixed phase, and their values differ by phase. Rows at equal
//! distances are of one device: a load may swing in step with the sampler.

use alloc::vec::Vec;

use crate::bounds;
use crate::order;
use crate::rules;

/// More rows than this in one round are no devices.
const MOST_PLACES: u16 = bounds::PLACES.value as u16;

/// More writers than this into one file are not looked for.
const MOST_PHASES: usize = 8;

/// A pause between rounds is at least so many times an interval inside a round.
const PAUSE_OVER_STEP: i64 = rules::whole("rounds_pause_over_step");

/// Rows of one round are at most so far apart, in µs.
pub(super) const LONGEST_STEP: i64 = rules::whole("rounds_longest_step_us");

/// A single device may be sampled with such a step, in µs, and more devices than so many are rare: such rounds must come back evenly.
const STEP_OF_SAMPLES: i64 = rules::whole("rounds_sampling_step_us");
const USUAL_PLACES: u16 = rules::whole("rounds_usual_places") as u16;

/// Of the rounds in the head, in per cent, so many must have the same size for it to be a size at all.
const SHARE_NEEDED: usize = rules::whole("rounds_share_percent") as usize;

/// The same where stamps are whole seconds, or rows have names: readings of one device that share a second look alike.
const SHARE_NEEDED_IF_OPEN: usize = rules::whole("rounds_share_if_open_percent") as usize;

/// A row of the head.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Time in µs.
    pub at: i64,
    /// Its numbers, first the reading that counts.
    pub values: Vec<i64>,
}

/// How rows of one name come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Rows between two pauses.
    pub burst: u16,
    /// A longer interval than this begins a round; not looked at where rounds have one row.
    pub pause: i64,
    /// Writers whose rounds take turns.
    pub phases: u16,
    /// From a writer's round to its next one.
    pub period: i64,
}

/// What the head shows of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// How its rows come.
    pub pattern: Pattern,
    /// Rows come as of so many times as many devices, yet their values are those of the same ones: most likely several samplers read them.
    pub perhaps: u16,
}

impl Found {
    /// Devices in a round.
    pub(super) fn places(&self) -> u16 {
        self.pattern.burst * self.pattern.phases
    }
}

/// Looks at the rows of one name, in the order of the file. `named` says whether the log names the device, by number or otherwise.
pub(super) fn find(rows: &[Seen], named: bool) -> Found {
    let mut pattern = Pattern { burst: 1, pause: i64::MAX, phases: 1, period: 0 };
    // Rows of a named device that come as those of a round: writers whose phases lie close together, or samplers that run in step.
    let mut in_step = None;
    match burst(rows) {
        Some(found) if !named || is_zigzag(rows, usize::from(found.size)) => (pattern.burst, pattern.pause) = (found.size, found.pause),
        // Two samplers that run in step, or one whose stamps are cut to seconds.
        Some(found) if found.whole_seconds => return Found { pattern, perhaps: 1 },
        Some(found) => in_step = Some(found.size),
        None => {}
    }
    let before = core::iter::once(i64::MIN).chain(rows.iter().map(|row| row.at));
    let begins = |(row, before): &(&Seen, i64)| pattern.burst == 1 || row.at.saturating_sub(*before) > pattern.pause;
    let starts: Vec<&Seen> = rows.iter().zip(before).filter(begins).map(|(row, _)| row).collect();
    let mut perhaps = in_step.unwrap_or(1);
    match phases(&starts) {
        Some(found) if found.differ => (pattern.phases, pattern.period, perhaps) = (found.count, found.period, 1),
        Some(found) => perhaps = perhaps.max(found.count),
        None => {}
    }
    if pattern.burst * pattern.phases > MOST_PLACES {
        pattern.phases = 1;
    }
    Found { pattern, perhaps }
}

struct Burst {
    size: u16,
    pause: i64,
    whole_seconds: bool,
}

/// The number of rows that follows each pause, if it is mostly the same.
fn burst(rows: &[Seen]) -> Option<Burst> {
    let mut intervals: Vec<i64> = steps(rows.iter().map(|r| r.at)).map(|d| d.max(0)).collect();
    if intervals.len() < 3 {
        return None;
    }
    let in_order = intervals.clone();
    order::sort(&mut intervals);
    let at = |position: usize| intervals.get(position).copied().unwrap_or(0);
    // The pauses are longer than anything inside a round: the place where sorted intervals grow most. A few long stops are no rounds.
    let fewest = (intervals.len() / usize::from(MOST_PLACES)).max(2);
    let growth = |position: usize| at(position) / at(position - 1).max(500);
    let first_pause = (1..=intervals.len().checked_sub(fewest)?).filter(|p| growth(*p) >= PAUSE_OVER_STEP).max_by_key(|p| growth(*p))?;
    let pause = at(first_pause - 1).saturating_add((at(first_pause) - at(first_pause - 1)) / 2);
    let mut sizes: Vec<u16> = Vec::new();
    let mut size = 1u16;
    let (mut periods, mut period): (Vec<i64>, i64) = (Vec::new(), 0);
    for interval in in_order {
        period = period.saturating_add(interval);
        if interval > pause {
            sizes.push(core::mem::replace(&mut size, 1));
            periods.push(core::mem::take(&mut period));
        } else {
            size = size.saturating_add(1);
        }
    }
    // The last round may be cut by the end of what was looked at.
    order::sort(&mut sizes);
    let (count, size) = sizes.chunk_by(|a, b| a == b).map(|run| (run.len(), run.first().copied().unwrap_or(0))).max()?;
    // A round is printed at once: its rows stand close together, and the pause is a good part of the time from round to round.
    let step = at(first_pause / 2);
    if step > LONGEST_STEP || step.saturating_mul(i64::from(size.saturating_sub(1))) > 3 * at((first_pause + intervals.len()) / 2) {
        return None;
    }
    // A sampler that was started several times, for as many rows each, is none of several devices.
    if (step > STEP_OF_SAMPLES || size > USUAL_PLACES) && !is_even(periods) {
        return None;
    }
    let whole_seconds = rows.iter().all(|row| row.at % 1_000_000 == 0);
    let needed = if whole_seconds { SHARE_NEEDED_IF_OPEN } else { SHARE_NEEDED };
    let is_size = (2..=MOST_PLACES).contains(&size) && 100 * count >= needed * sizes.len();
    is_size.then_some(Burst { size, pause, whole_seconds })
}

/// Whether periods, four at least, are mostly of one length.
fn is_even(mut periods: Vec<i64>) -> bool {
    order::sort(&mut periods);
    let usual = periods.get(periods.len() / 2).copied().unwrap_or(0);
    let near = periods.iter().filter(|period| 5 * (**period - usual).abs() <= usual).count();
    periods.len() >= 4 && 5 * near >= 4 * periods.len()
}

struct Phases {
    /// Writers that take turns.
    count: u16,
    /// Whether their values say that they read different devices.
    differ: bool,
    /// From a writer's row to its next one.
    period: i64,
}

/// How many writers take turns.
fn phases(rows: &[&Seen]) -> Option<Phases> {
    let intervals: Vec<i64> = steps(rows.iter().map(|r| r.at)).collect();
    let mut by_length = intervals.clone();
    order::sort(&mut by_length);
    let mean = intervals.iter().sum::<i64>() / i64::try_from(intervals.len().max(1)).ok()?;
    let column = |position: usize| -> Vec<i64> { rows.iter().filter_map(|r| r.values.get(position).copied()).collect() };
    let columns: Vec<Vec<i64>> = (0..rows.first()?.values.len()).map(column).filter(|v| v.len() == rows.len()).collect();
    for lag in 2..=MOST_PHASES.min(rows.len() / 2) {
        let found = |differ| {
            let mut periods: Vec<i64> = rows.iter().zip(rows.iter().skip(lag)).map(|(a, b)| b.at.saturating_sub(a.at)).collect();
            order::sort(&mut periods);
            Some(Phases { count: u16::try_from(lag).ok()?, differ, period: periods.get(periods.len() / 2).copied()? })
        };
        // Distances are uneven, of a few rows as no sampler's delays make them; none is a stop, for there is one of its kind in each period;
        // and each comes back every `lag` rows.
        let uneven = 5 * by_length.first().copied().unwrap_or(0) < 4 * mean || rows.len() >= 16 * lag;
        let longest_but_one = by_length.get((2 * lag - 3) * by_length.len() / (2 * lag)).copied().unwrap_or(0);
        if uneven && by_length.last().is_some_and(|longest| *longest < 20 * longest_but_one.max(1)) && repeats(&intervals, lag, 4) {
            // A few rows may look so by chance.
            let strength = if rows.len() < 4 * lag { 4 } else { 2 };
            return found(columns.iter().any(|column| repeats(column, lag, strength)));
        }
        // At even distances it is one sampler, whose load swings as often as it looks. The values alone can't tell it from several in step.
        if rows.len() >= 16 * lag && columns.first().is_some_and(|power| repeats(power, lag, 4)) {
            return found(false);
        }
    }
    None
}

/// Whether the readings of rows that are `lag` apart are nearer to each other than those of neighbours, in any column.
fn is_zigzag(rows: &[Seen], lag: usize) -> bool {
    let columns = rows.first().map_or(0, |row| row.values.len());
    (0..columns).any(|position| {
        let values: Vec<i64> = rows.iter().filter_map(|r| r.values.get(position).copied()).collect();
        values.len() == rows.len() && repeats(&values, lag, 2)
    })
}

/// Whether values come back every `lag` places: their differences over it are a `strength`th of those between neighbours, or less.
fn repeats(values: &[i64], lag: usize, strength: i128) -> bool {
    let differences = |lag: usize| -> (i128, i128) {
        let pairs = values.iter().zip(values.iter().skip(lag));
        pairs.fold((0, 0), |(sum, count), (a, b)| (sum + (i128::from(*b) - i128::from(*a)).abs(), count + 1))
    };
    let ((near, near_count), (far, far_count)) = (differences(1), differences(lag));
    // Of intervals that jitter, and of readings that stand still, nothing is known.
    let moves = near * 100 > values.iter().map(|v| i128::from(v.unsigned_abs())).sum::<i128>();
    far_count > 0 && moves && strength * far * near_count <= near * far_count
}

fn steps(times: impl Iterator<Item = i64> + Clone) -> impl Iterator<Item = i64> {
    times.clone().zip(times.skip(1)).map(|(a, b)| b.saturating_sub(a))
}

/// Where the rows of one name stand in their rounds, row by row.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pattern: Pattern,
    last: Option<i64>,
    /// Rows since the pause.
    count: u16,
    /// Rows between the two pauses before.
    before: u16,
    phase: u16,
    /// The last round of each writer.
    phases: Vec<i64>,
    /// Rounds of the usual size, and all that are over.
    pub regular: u64,
    pub all: u64,
}

impl Turn {
    pub(super) fn new(pattern: Pattern) -> Self {
        Self { pattern, last: None, count: 0, before: 0, phase: 0, phases: Vec::new(), regular: 0, all: 0 }
    }

    /// The place of the next row.
    pub(super) fn place(&mut self, at: i64) -> u16 {
        let Pattern { burst, pause, .. } = self.pattern;
        let goes_on = burst > 1 && self.last.is_some_and(|last| (-pause..=pause).contains(&at.saturating_sub(last)));
        if !goes_on {
            self.restart();
            self.phase = self.turn(at);
        }
        self.last = Some(at);
        let within = match self.count {
            count if count < burst || count < self.before.min(MOST_PLACES) => count,
            // One longer round is two that ran into each other; where the next is as long, devices have come in.
            count => count % burst,
        };
        self.count = self.count.saturating_add(1);
        self.phase * burst + within
    }

    /// What comes next is the first row of a round.
    pub(super) fn restart(&mut self) {
        if self.count > 0 {
            self.all += 1;
            self.regular += u64::from(self.count == self.pattern.burst);
            self.before = core::mem::take(&mut self.count);
        }
    }

    /// The writer of the round that begins now: the one since whose last round whole periods have passed most exactly.
    fn turn(&mut self, at: i64) -> u16 {
        let Pattern { phases, period, .. } = self.pattern;
        if phases < 2 || period <= 0 {
            return 0;
        }
        if self.phases.len() < usize::from(phases) {
            self.phases.push(at);
            return u16::try_from(self.phases.len() - 1).unwrap_or(0);
        }
        let off = |last: i64| {
            let rest = at.saturating_sub(last).rem_euclid(period);
            rest.min(period - rest)
        };
        let best = self.phases.iter().copied().enumerate().min_by_key(|(_, last)| (off(*last), *last));
        let (phase, _) = best.unwrap_or((0, at));
        if let Some(last) = self.phases.get_mut(phase) {
            *last = at;
        }
        u16::try_from(phase).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rounds: &[usize], step: i64, period: i64) -> Vec<Seen> {
        let round = |(number, size): (usize, &usize)| {
            (0..*size).map(move |place| Seen { at: number as i64 * period + place as i64 * step, values: alloc::vec![300 + place as i64] })
        };
        rounds.iter().enumerate().flat_map(round).collect()
    }

    #[test]
    fn rounds_are_found_and_stops_are_none() {
        for (sizes, step, period, places) in [
            (alloc::vec![4; 3], 2_000, 1_000_000, 4),
            (alloc::vec![8; 50], 3_000, 100_000, 8),
            (alloc::vec![16; 5], 0, 1_500_000, 16),
            (alloc::vec![4, 4, 3, 4, 4, 4, 3, 4], 2_000, 1_000_000, 4),
            // One device, read each second, with two stops.
            (alloc::vec![30, 31, 30], 1_000_000, 40_000_000, 1),
            (alloc::vec![1; 40], 0, 1_000_000, 1),
            (alloc::vec![3, 7, 2, 9, 4, 6], 2_000, 1_000_000, 1),
            // Thirty-two devices; one device that was read for 61 rows, three times.
            (alloc::vec![32; 6], 5_000, 1_000_000, 32),
            (alloc::vec![61; 3], 100_000, 3_600_000_000, 1),
        ] {
            assert_eq!(find(&rows(&sizes, step, period), false).places(), places, "{sizes:?}");
        }
    }

    #[test]
    fn rounds_may_grow_and_run_into_each_other() {
        let pattern = find(&rows(&[4; 9], 2_000, 1_000_000), false).pattern;
        let places = |sizes: &[usize]| -> Vec<u16> {
            let mut turn = Turn::new(pattern);
            rows(sizes, 2_000, 1_000_000).iter().map(|row| turn.place(row.at)).collect()
        };
        assert_eq!(places(&[4, 8, 4]), [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
        let grown = places(&[4, 8, 8, 8]);
        assert_eq!(grown.get(12..20), Some([0, 1, 2, 3, 4, 5, 6, 7].as_slice()));
    }

    proptest::proptest! {
        /// Writers at fixed phases with levels of their own are told apart; one device that is read so is not.
        #[test]
        fn writers_take_turns(first in 5i64..45, noise in proptest::collection::vec(0i64..20, 60)) {
            let row = |(i, noise): (usize, &i64), levels: [i64; 2]| Seen {
                at: i as i64 / 2 * 1_000_000 + i as i64 % 2 * first * 10_000,
                values: alloc::vec![levels[i % 2] + noise],
            };
            let two: Vec<Seen> = noise.iter().enumerate().map(|n| row(n, [200, 400])).collect();
            proptest::prop_assert_eq!(find(&two, true).places(), 2);
            let one: Vec<Seen> = noise.iter().enumerate().map(|n| row(n, [300, 300])).collect();
            proptest::prop_assert_eq!(find(&one, true).places(), 1);
        }
    }
}
