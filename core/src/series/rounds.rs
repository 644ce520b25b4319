//! Devices that nothing in a log names, told apart by their place in the round.
//!
//! A sampler of several devices prints one row for each, a few milliseconds apart, and pauses until the next round. Where rows of one name (or of
//! none) come so, in rounds of the same size, each place is a device. Where a log names devices and each name comes back within a round, several
//! machines write into one file: each writer keeps its own period, so its rows stand at a fixed phase, and their values differ by phase. Rows at equal
//! distances are of one device: a load may swing in step with the sampler.

mod late;
mod turn;

use alloc::vec::Vec;

use crate::bounds::{self, Bound};
use crate::order;
use crate::rules;

pub(crate) use turn::Turn;

/// More rows than this in one round are no devices.
pub(super) const MOST_PLACES: u16 = bounds::PLACES.value as u16;

/// More writers than this into one file are not told apart.
const MOST_PHASES: u16 = bounds::WRITERS.value as u16;

/// Of more than so many writers both times and readings must come back: one sampler may be late, or its load swing, as evenly.
const PHASES_OF_CHANCE: usize = rules::whole("rounds_phases_of_chance") as usize;

/// A pause between rounds is at least so many times an interval inside a round.
const PAUSE_OVER_STEP: i64 = rules::whole("rounds_pause_over_step");

/// Rows of one round are at most so far apart, in µs.
pub(crate) const LONGEST_STEP: i64 = rules::whole("rounds_longest_step_us");

/// A single device may be sampled with such a step, in µs, and more devices than so many are rare: such rounds must come back evenly.
const STEP_OF_SAMPLES: i64 = rules::whole("rounds_sampling_step_us");
const USUAL_PLACES: u16 = rules::whole("rounds_usual_places") as u16;

/// Of the rounds in the head, in per cent, so many must have the same size for it to be a size at all.
const SHARE_NEEDED: usize = rules::whole("rounds_share_percent") as usize;

/// The same where stamps are whole seconds, or rows have names: readings of one device that share a second look alike.
const SHARE_NEEDED_IF_OPEN: usize = rules::whole("rounds_share_if_open_percent") as usize;

/// Fewer rounds than these do not show how many devices there are, where a file goes on.
const ROUNDS_ENOUGH: usize = rules::whole("rounds_enough") as usize;

/// Rounds that lack one row in so many are of the usual size: a device may be silent at times.
const ALIKE_PART: u32 = rules::whole("rounds_alike_part") as u32;

/// One device is not read more often in a second by what prints whole seconds.
const FASTEST: u16 = rules::whole("rounds_fastest") as u16;

/// When rounds come back evenly.
const EVEN_LEAST: usize = rules::whole("rounds_even_least") as usize;
const EVEN_OFF: i64 = rules::whole("rounds_even_off_percent");
const EVEN_SHARE: usize = rules::whole("rounds_even_percent") as usize;

/// Steps in a round, and how long one takes beside its pause.
const STEP_FLOOR: i64 = rules::whole("rounds_floor_us");
const MOST_DUTY: i64 = rules::whole("rounds_most_duty");

/// So small a part of the rows, of each writer, are of the time in which all of them write.
const LEAST_SHARED: usize = rules::whole("rounds_least_shared") as usize;

/// When writers take turns, and when values come back with them.
const TURNS: usize = rules::whole("rounds_phases_rows") as usize;
const FEW_TURNS: usize = rules::whole("rounds_phases_few_rows") as usize;
const PACE_OFF: i64 = rules::whole("rounds_pace_off_percent");
const PACE_MOSTLY: usize = rules::whole("rounds_pace_mostly_percent") as usize;
const PACE_SHARE: usize = rules::whole("rounds_pace_percent") as usize;
const STOP: i64 = rules::whole("rounds_phases_stop");
const UNEVEN_BELOW: i64 = rules::whole("rounds_phases_uneven_percent");
const MOVES: i128 = rules::whole("rounds_moves_percent") as i128;
const STRENGTH: i128 = rules::whole("rounds_strength") as i128;
const STRONGLY: i128 = rules::high("rounds_strength") as i128;

/// A row of the head.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Time in µs.
    pub at: i64,
    /// Whether the stamp has no digits below the second: rows that share it need not be of one instant.
    pub is_cut: bool,
    /// Headers that stand above it.
    pub log: u32,
    /// Its numbers, first the reading that counts.
    pub values: Vec<i64>,
}

/// How rows of one name come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// Rows between two pauses.
    pub burst: u16,
    /// A longer interval than this begins a round; not looked at where rounds have one row.
    pub pause: i64,
    /// Rows of one instant are of as many devices, however many there are.
    pub instant: bool,
    /// Rows of the first round that are not there: the log was cut within it.
    pub lead: u16,
    /// Writers whose rounds take turns.
    pub phases: u16,
    /// From a writer's round to its next one.
    pub period: i64,
    /// A round further from a writer's turn than this is another writer's.
    pub apart: i64,
}

/// What the head shows of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// How its rows come.
    pub pattern: Pattern,
    /// Rows come as of so many times as many devices, yet it is open whether they are: their values are those of the same ones, their rounds uneven.
    pub perhaps: u16,
    /// They are more than may be told apart.
    pub beyond: Option<&'static Bound>,
}

impl Found {
    /// Devices in a round.
    pub(crate) fn places(&self) -> u16 {
        self.pattern.burst.saturating_mul(self.pattern.phases)
    }
}

/// Looks at the rows of one name, in the order of the file. `named` says whether the log names the device, by number or otherwise.
pub(crate) fn find(rows: &[Seen], named: bool) -> Found {
    let mut pattern = Pattern { burst: 1, pause: i64::MAX, instant: false, lead: 0, phases: 1, period: 0, apart: 0 };
    // Rows of a named device that come as those of a round: writers whose phases lie close together, or samplers that run in step.
    let mut in_step = None;
    // One sampler that pauses every so many rows has them at even distances; those of several writers are as far apart as these were started.
    let mut is_sampled = false;
    match burst(rows, named) {
        // Whether rows without a name are of one device or of several is open: too many of them, or too unlike.
        Some(Burst { size, is_sure, .. }) if !named && (!is_sure || size > MOST_PLACES) => {
            return Found { pattern, perhaps: size, beyond: (size > MOST_PLACES).then_some(&bounds::PLACES) };
        }
        Some(found) if !named || found.is_sure && is_zigzag(rows, usize::from(found.size)) => {
            (pattern.burst, pattern.pause, pattern.instant) = (found.size, found.pause, found.instant);
            let first = 1 + intervals(rows).iter().take_while(|interval| **interval <= found.pause).count();
            let first = u16::try_from(first).unwrap_or(u16::MAX);
            pattern.lead = if is_about(first, found.size) { 0 } else { found.size.saturating_sub(first) };
        }
        // Two samplers that run in step, or one whose stamps are cut to seconds; or devices of one name, which were read at one instant.
        Some(found) if found.is_sure && found.whole_seconds => {
            let perhaps = if found.instant && differ_in_rounds(rows) { found.size } else { 1 };
            return Found { pattern, perhaps, beyond: None };
        }
        Some(found) if found.is_sure => (in_step, is_sampled) = (Some(found.size), found.is_sampled),
        _ => {}
    }
    if named && are_runs(rows) {
        return Found { pattern, perhaps: 1, beyond: None };
    }
    let before = core::iter::once(i64::MIN).chain(rows.iter().map(|row| row.at));
    let begins = |(row, before): &(&Seen, i64)| pattern.burst == 1 || row.at.saturating_sub(*before) > pattern.pause;
    let starts: Vec<&Seen> = rows.iter().zip(before).filter(begins).map(|(row, _)| row).collect();
    let mut perhaps = in_step.filter(|_| !is_sampled).unwrap_or(1);
    let found = if is_sampled { None } else { late_phases(&starts).inspect(|late| perhaps = perhaps.max(late.0)).map(|late| late.1) };
    match found.or_else(|| phases(&starts)) {
        Some(found) if found.count > MOST_PHASES => return Found { pattern, perhaps: found.count, beyond: Some(&bounds::WRITERS) },
        Some(found) if found.differ => {
            (pattern.phases, pattern.period, pattern.apart, perhaps) = (found.count, found.period, found.apart, 1);
        }
        Some(found) if !is_sampled => perhaps = perhaps.max(found.count),
        _ => {}
    }
    if pattern.burst.saturating_mul(pattern.phases) > MOST_PLACES {
        pattern.phases = 1;
    }
    Found { pattern, perhaps, beyond: None }
}

/// Whether more of the file would show more of how rows of a name come: its rows are as close as those of a round, and few rounds of them are seen.
pub(crate) fn is_short(rows: &[Seen], named: bool) -> bool {
    if named && rows.len() < ROUNDS_ENOUGH {
        return true;
    }
    let mut intervals = intervals(rows);
    order::sort(&mut intervals);
    let usual = intervals.get(intervals.len() / 2).copied();
    let is_close = usual.is_none_or(|usual| usual <= STEP_OF_SAMPLES);
    is_close && pauses(&intervals).is_none_or(|first| intervals.len() - first < ROUNDS_ENOUGH)
}

struct Burst {
    size: u16,
    pause: i64,
    /// Rows of a round share their instant.
    instant: bool,
    whole_seconds: bool,
    /// Whether it is the number of devices; else one device may come so, too.
    is_sure: bool,
    /// Its rows stand at even distances, as far apart as samples of one device.
    is_sampled: bool,
}

/// From row to row. A log that is read from its end backwards has the same ones; rows of one instant it has as few.
fn intervals(rows: &[Seen]) -> Vec<i64> {
    steps(rows.iter().map(|r| r.at)).map(i64::saturating_abs).collect()
}

/// Where in sorted intervals the pauses begin. They are longer than anything inside a round: it is the place where the intervals grow most. A few long
/// stops are no rounds, unless rows share their instants.
fn pauses(sorted: &[i64]) -> Option<usize> {
    let at = |position: usize| sorted.get(position).copied().unwrap_or(0);
    let fewest = if at(sorted.len() / 2) == 0 { 1 } else { (sorted.len() / usize::from(MOST_PLACES)).max(2) };
    let growth = |position: usize| at(position) / at(position - 1).max(STEP_FLOOR);
    (1..=sorted.len().checked_sub(fewest)?).filter(|p| growth(*p) >= PAUSE_OVER_STEP).max_by_key(|p| growth(*p))
}

/// The number of rows that follows each pause, if it is mostly the same.
fn burst(rows: &[Seen], named: bool) -> Option<Burst> {
    let in_order = intervals(rows);
    if in_order.len() < 3 {
        return None;
    }
    let mut sorted = in_order.clone();
    order::sort(&mut sorted);
    let first_pause = pauses(&sorted)?;
    let at = |position: usize| sorted.get(position).copied().unwrap_or(0);
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
    // The last round may be cut by the end of what was looked at; as large as any before it is none that was.
    if sizes.iter().all(|before| *before <= size) {
        sizes.push(size);
    }
    // So may the first by its beginning.
    if let [first, others @ ..] = sizes.as_slice()
        && others.len() > 1
        && others.iter().all(|other| first < other)
    {
        sizes.remove(0);
    }
    order::sort(&mut sizes);
    let whole_seconds = rows.iter().all(|row| row.at % 1_000_000 == 0);
    let is_cut = rows.iter().all(|row| row.is_cut);
    // Rows of one instant are of several devices; else a sampler that was started several times, for as many rows each, is none of several.
    let step = at(first_pause / 2);
    let instant = step == 0 && !is_cut;
    // The devices are those of the largest rounds, but for two that ran into each other; else those of the most usual ones.
    let middle = sizes.get(sizes.len() / 2).copied()?;
    let single = sizes.iter().take_while(|size| 2 * u32::from(**size) < 3 * u32::from(middle)).count();
    let largest = sizes.get((9 * single).saturating_sub(9).div_ceil(10)).copied()?;
    let (_, usual) = sizes.chunk_by(|a, b| a == b).map(|run| (run.len(), run.first().copied().unwrap_or(0))).max()?;
    let share = |is: &dyn Fn(u16) -> bool| 100 * sizes.iter().filter(|other| is(**other)).count() / sizes.len();
    let is_most = |size: &u16| share(&|other| is_about(other, *size)) >= SHARE_NEEDED;
    let size = [largest, usual].into_iter().find(is_most).filter(|size| *size > 1)?;
    // A round is printed at once: its rows stand close together, and the pause is a good part of the time from round to round.
    if step > LONGEST_STEP || step.saturating_mul(i64::from(size - 1)) > at((first_pause + sorted.len()) / 2).saturating_mul(MOST_DUTY) {
        return None;
    }
    let may_be_one = !instant && (step > STEP_OF_SAMPLES || size > USUAL_PLACES) && !is_even(periods);
    let is_open = if named { whole_seconds } else { is_cut };
    let is_one = |other: u16| if size > FASTEST { is_about(other, size) } else { other == size };
    let is_size = !is_open || share(&is_one) >= SHARE_NEEDED_IF_OPEN;
    let is_sure = sizes.len() > 1 && is_size && !may_be_one;
    let within = sorted.get(..first_pause).unwrap_or(&[]);
    let is_sampled = usize::from(size) > EVEN_LEAST && step >= STEP_OF_SAMPLES && is_even(within.to_vec());
    // Rows that are further apart are most likely of one device.
    (is_sure || step <= STEP_OF_SAMPLES).then_some(Burst { size, pause, instant, whole_seconds, is_sure, is_sampled })
}

/// Whether rows are those of one program that is started again and again: each run has a header, and its rows stand closer together than runs, which come
/// back evenly. Several writers would each print a header of their own.
fn are_runs(rows: &[Seen]) -> bool {
    let pairs =
        || rows.iter().zip(rows.iter().skip(1)).map(|(a, b)| (b.log.saturating_sub(a.log), b.at.saturating_sub(a.at).saturating_abs()));
    let within = pairs().filter(|(headers, _)| *headers == 0).map(|(_, interval)| interval).max();
    let between: Vec<i64> = pairs().filter(|(headers, _)| *headers == 1).map(|(_, interval)| interval).collect();
    let is_apart = between.iter().all(|interval| within.is_some_and(|within| *interval > within));
    is_apart && pairs().all(|(headers, _)| headers < 2) && is_even(between)
}

/// Whether a round has as many rows as another, but for devices that did not answer.
fn is_about(size: u16, other: u16) -> bool {
    u32::from(size.abs_diff(other)) * ALIKE_PART <= u32::from(other)
}

/// Whether periods, a few at least, are mostly of one length.
fn is_even(mut periods: Vec<i64>) -> bool {
    order::sort(&mut periods);
    let usual = periods.get(periods.len() / 2).copied().unwrap_or(0);
    let near = periods
        .iter()
        .filter(|period| period.abs_diff(usual).saturating_mul(100) <= usual.unsigned_abs().saturating_mul(EVEN_OFF.unsigned_abs()))
        .count();
    periods.len() >= EVEN_LEAST && 100 * near >= EVEN_SHARE * periods.len()
}

struct Phases {
    /// Writers that take turns.
    count: u16,
    /// Whether their values say that they read different devices.
    differ: bool,
    /// From a writer's row to its next one.
    period: i64,
    /// Half the time between the two turns that lie closest together.
    apart: i64,
}

/// How many writers take turns.
fn phases(rows: &[&Seen]) -> Option<Phases> {
    let intervals: Vec<i64> = steps(rows.iter().map(|r| r.at)).collect();
    let mut by_length = intervals.clone();
    order::sort(&mut by_length);
    // Even distances whose stamps are cut to seconds differ by one.
    let is_cut = rows.iter().all(|row| row.is_cut);
    let by_cutting =
        is_cut && by_length.first().zip(by_length.last()).is_some_and(|(least, most)| most.saturating_sub(*least) <= 1_000_000);
    let mean = intervals.iter().fold(0i64, |sum, step| sum.saturating_add(*step)) / i64::try_from(intervals.len().max(1)).ok()?;
    let column = |position: usize| -> Vec<i64> { rows.iter().filter_map(|r| r.values.get(position).copied()).collect() };
    let columns: Vec<Vec<i64>> = (0..rows.first()?.values.len()).map(column).filter(|v| v.len() == rows.len()).collect();
    let is_one_pace = is_one_pace(rows, &by_length);
    let loses_rows = loses_rows(&intervals, &by_length);
    // As many again, so that too many are told.
    for lag in 2..=(2 * usize::from(MOST_PHASES)).min(rows.len() / 2) {
        let found = |differ| {
            let mut periods: Vec<i64> = rows.iter().zip(rows.iter().skip(lag)).map(|(a, b)| b.at.saturating_sub(a.at)).collect();
            order::sort(&mut periods);
            // Rows that stand at one time are copies: no time passes from a writer's turn to its next.
            periods.get(periods.len() / 2).filter(|period| **period > 0)?;
            // A writer may have been alone for most of the time: then as many rows take longer.
            let least = |sorted: &[i64]| sorted.get(sorted.len() / (LEAST_SHARED * lag)).copied().unwrap_or(0);
            let (longest, closest) = (least(&periods).saturating_mul(4) / 3, least(&by_length));
            periods.retain(|period| (1..=longest).contains(period));
            let period = periods.get(periods.len() / 2).copied()?;
            Some(Phases { count: u16::try_from(lag).ok()?, differ, period, apart: closest / 2 })
        };
        // Distances are uneven, of a few rows as no sampler's delays make them; none is a stop, for there is one of its kind in each period;
        // and each comes back every `lag` rows.
        let shortest = by_length.first().copied().unwrap_or(0);
        let uneven = !loses_rows && (shortest.saturating_mul(100) < mean.saturating_mul(UNEVEN_BELOW) || rows.len() >= TURNS * lag);
        let longest_but_one = by_length.get((2 * lag - 3) * by_length.len() / (2 * lag)).copied().unwrap_or(0);
        if uneven
            && by_length.last().is_some_and(|longest| *longest < longest_but_one.max(1).saturating_mul(STOP))
            && repeats(&intervals, lag, STRONGLY)
        {
            // A few rows may look so by chance.
            let strength = if rows.len() < FEW_TURNS * lag { STRONGLY } else { STRENGTH };
            let differ = columns.iter().any(|column| repeats(column, lag, strength));
            // Two rows of each writer are at the same distance by chance.
            if differ || lag <= PHASES_OF_CHANCE && rows.len() > 2 * lag && !by_cutting {
                return found(differ);
            }
        }
        // At even distances it is one sampler, whose load swings as often as it looks. The values alone can't tell it from several in step; but three and
        // more are hardly ever so evenly apart.
        if !(is_one_pace && lag > 2)
            && lag <= PHASES_OF_CHANCE
            && rows.len() >= TURNS * lag
            && columns.first().is_some_and(|power| repeats(power, lag, STRONGLY))
        {
            return found(false);
        }
    }
    None
}

/// Writers of which not all begin or end together, and how many write at one time at most.
fn late_phases(rows: &[&Seen]) -> Option<(u16, Phases)> {
    let intervals: Vec<i64> = steps(rows.iter().map(|row| row.at)).collect();
    let mut by_length = intervals.clone();
    order::sort(&mut by_length);
    if rows.len() < 2 * ROUNDS_ENOUGH || rows.iter().any(|row| row.is_cut) || loses_rows(&intervals, &by_length) {
        return None;
    }
    let late = late::late(&rows.iter().map(|row| row.at).collect::<Vec<_>>())?;
    let together = rows.get(late.rows)?;
    let column = |position: usize| -> Vec<i64> { together.iter().filter_map(|r| r.values.get(position).copied()).collect() };
    let columns = (0..rows.first()?.values.len()).map(column).filter(|values| values.len() == together.len());
    let differ = columns.into_iter().any(|values| repeats(&values, usize::from(late.at_once), STRENGTH));
    Some((late.at_once, Phases { count: late.writers, differ, period: late.period, apart: late.apart }))
}

/// Whether rows come at a pace as even as a single sampler's: several samplers that were each started at some time hardly ever are so far apart.
fn is_one_pace(rows: &[&Seen], by_length: &[i64]) -> bool {
    let at = |percent: usize| by_length.get(percent * by_length.len().saturating_sub(1) / 100).copied().unwrap_or(0);
    let pace = at(50);
    // Stamps that are cut to seconds hide as much.
    let cut = if rows.iter().all(|row| row.is_cut) { 1_000_000 } else { 0 };
    let off = at(PACE_SHARE).saturating_sub(pace).max(pace.saturating_sub(at(100 - PACE_SHARE))).saturating_add(cut);
    pace > 0 && off.saturating_mul(100) <= pace.saturating_mul(PACE_OFF)
}

/// Whether rows are those of one sampler of which some are lost: most lie its pace apart, and nearly all others a multiple of it, here and there. Writers that
/// were started at any times lie otherwise; one that is alone for a while has all of its rows further apart.
fn loses_rows(intervals: &[i64], by_length: &[i64]) -> bool {
    let pace = by_length.get(by_length.len() / 2).copied().unwrap_or(0);
    let is_pace = |length: i64, times: i64| {
        length.abs_diff(pace.saturating_mul(times)).saturating_mul(100) <= pace.saturating_mul(PACE_OFF).unsigned_abs()
    };
    // What is longer is a pause between rounds.
    let near = |length: i64| (length.saturating_add(pace / 2) / pace.max(1)).clamp(1, PAUSE_OVER_STEP);
    let count = |is: &dyn Fn(i64) -> bool| intervals.iter().filter(|length| is(**length)).count();
    let at_pace = count(&|length| is_pace(length, 1));
    let follow = intervals.iter().zip(intervals.iter().skip(1)).filter(|(a, b)| !is_pace(**a, 1) && !is_pace(**b, 1)).count();
    // Of an odd number of distances between two writers' rows one more is of the one length.
    pace > 0
        && 100 * at_pace >= PACE_MOSTLY * (intervals.len() + 1)
        && 100 * count(&|length| is_pace(length, near(length))) >= PACE_SHARE * intervals.len()
        && 2 * follow <= intervals.len() - at_pace
}

/// Whether most rows of one instant hold another reading than the row before: copies of a row hold the same.
fn differ_in_rounds(rows: &[Seen]) -> bool {
    let pairs = rows.iter().zip(rows.iter().skip(1)).filter(|(a, b)| a.at == b.at);
    let (all, differ) = pairs.fold((0, 0), |(all, differ), (a, b)| (all + 1, differ + usize::from(a.values != b.values)));
    2 * differ > all
}

/// Whether the readings of rows that are `lag` apart are nearer to each other than those of neighbours, in any column.
fn is_zigzag(rows: &[Seen], lag: usize) -> bool {
    let columns = rows.first().map_or(0, |row| row.values.len());
    (0..columns).any(|position| {
        let values: Vec<i64> = rows.iter().filter_map(|r| r.values.get(position).copied()).collect();
        values.len() == rows.len() && repeats(&values, lag, STRENGTH)
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
    let moves = near * 100 > MOVES * values.iter().map(|v| i128::from(v.unsigned_abs())).sum::<i128>();
    far_count > 0 && moves && strength * far * near_count <= near * far_count
}

fn steps(times: impl Iterator<Item = i64> + Clone) -> impl Iterator<Item = i64> {
    times.clone().zip(times.skip(1)).map(|(a, b)| b.saturating_sub(a))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rounds: &[usize], step: i64, period: i64) -> Vec<Seen> {
        let round = |(number, size): (usize, &usize)| {
            (0..*size).map(move |place| Seen {
                at: number as i64 * period + place as i64 * step,
                is_cut: false,
                log: 0,
                values: alloc::vec![300 + place as i64],
            })
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

    /// One device of 300 W or so, read at even distances, and by a sampler that is late; two boards of their own power that take turns are told all the same.
    #[test]
    fn stamps_that_are_cut_to_seconds_make_no_writers() {
        let row = |at: i64, watts: i64| Seen { at: at / 1_000_000 * 1_000_000, is_cut: true, log: 0, values: alloc::vec![watts] };
        let watts = |n: i64| 7405 + [1, 0, -1, 2, 0][n as usize % 5];
        for period in [1_100_000, 1_300_000, 1_500_000, 1_600_000, 2_500_000, 3_300_000, 10_500_000] {
            for count in [5, 6, 12, 40, 200] {
                let rows: Vec<Seen> = (0..count).map(|n| row(n * period, watts(n))).collect();
                let found = find(&rows, true);
                assert_eq!((found.places(), found.perhaps), (1, 1), "every {period} us, {count} rows");
                let late: Vec<Seen> = (0..count).map(|n| row(n * period + n * n * 900, watts(n))).collect();
                assert_eq!(find(&late, true).places(), 1, "late, every {period} us, {count} rows");
            }
            let two: Vec<Seen> = (0..60).map(|n| row(n * period, if n % 2 == 0 { watts(n) } else { 30_000 + watts(n) })).collect();
            let found = find(&two, true);
            assert!(found.places() == 2 || found.perhaps >= 2, "two every {period} us");
        }
    }

    /// A public log: two boards in columns of their own, five times a second, and a second's pause about every eleventh row. Writers of one number that
    /// were started at any time within a second stay possible.
    #[test]
    fn a_sampler_that_pauses_is_one() {
        let seen = |times: &mut dyn Iterator<Item = i64>| -> Vec<Seen> {
            times
                .enumerate()
                .map(|(n, at)| Seen { at: at * 1_000, is_cut: false, log: 0, values: alloc::vec![200 + (n * n * 31 % 17) as i64] })
                .collect()
        };
        for (size, step) in [(11, 200), (10, 100), (30, 60), (6, 300)] {
            let mut times = (0..120).map(|n| n * step + (n * 37) % (step / 10) + n / size * 5 * step);
            let found = find(&seen(&mut times), true);
            assert_eq!((found.places(), found.perhaps), (1, 1), "{size} rows, {step} ms");
        }
        for starts in [&[0, 130, 390, 450, 760][..], &[0, 60, 300, 350, 410, 650]] {
            let mut times = (0..40).flat_map(|round| starts.iter().map(move |start| round * 5_000 + start));
            let found = find(&seen(&mut times), true);
            assert_eq!(found.places().max(found.perhaps), starts.len() as u16, "{starts:?}");
        }
    }

    proptest::proptest! {
        /// Writers at fixed phases with levels of their own are told apart; one device that is read so is not.
        #[test]
        fn writers_take_turns(first in 5i64..45, noise in proptest::collection::vec(0i64..20, 60)) {
            let row = |(i, noise): (usize, &i64), levels: [i64; 2]| Seen {
                at: i as i64 / 2 * 1_000_000 + i as i64 % 2 * first * 10_000,
                is_cut: false,
                log: 0,
                values: alloc::vec![levels[i % 2] + noise],
            };
            let two: Vec<Seen> = noise.iter().enumerate().map(|n| row(n, [200, 400])).collect();
            proptest::prop_assert_eq!(find(&two, true).places(), 2);
            let one: Vec<Seen> = noise.iter().enumerate().map(|n| row(n, [300, 300])).collect();
            proptest::prop_assert_eq!(find(&one, true).places(), 1);
        }
    }
}
