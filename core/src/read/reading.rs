//! What reading one file leaves: series, declared totals, intensity series, notes and an account of every row.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::strays::Strays;
use super::{Clock, Declared, DeclaredKind, IntensitySeries, Row, RowAccount, SkipReason};
use crate::bounds::{Bound, Bounds};
use crate::map::{Index, Map};
use crate::note::{self, Notes};
use crate::series::{Channel, Component, Device, Interruption, Quantity, Queued, Sample, Series, Shuffled, settle_jumps};
use crate::sparing;
use crate::units::{Energy, Instant, Power, Span};

/// Position of a channel in its [`Reading`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChannelId(pub(super) usize);

/// A mark in a log.
#[derive(Clone, Debug)]
pub struct Mark {
    /// When.
    pub at: Instant,
    /// What the user wrote.
    pub text: String,
    /// Numbers beside it.
    pub metrics: BTreeMap<String, f64>,
    /// Run as the log names it.
    pub run: Option<String>,
}

/// How rows group into rounds of one row a device, where nothing in the log names the devices: see [`Device::place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounds {
    /// Devices in a round; of a log that names a device and yet holds it several times a round, machines.
    pub size: u16,
    /// Rounds of that size.
    pub regular: u64,
    /// All rounds.
    pub all: u64,
    /// Whether the log names devices, each of which stands several times in a round: rows of several machines, most likely.
    pub repeats_names: bool,
}

impl Rounds {
    /// Whether there may be one device: names come again, or rounds are of many sizes.
    pub fn may_be_one(&self) -> bool {
        self.repeats_names || self.regular.saturating_mul(20) < self.all.saturating_mul(19)
    }
}

/// Another way to read what a log says of a channel, less likely than the one that counts: all of its energy, times a fraction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Whose energy.
    pub channel: Channel,
    /// Numerator and denominator of what it would be multiplied by.
    pub times: (u32, u32),
}

impl Doubt {
    /// By how much less and by how much more the energy that counts would be, read so: of 7 J that may be 7 mJ, 6.993 J less.
    pub fn of(&self, energy: Energy) -> (Energy, Energy) {
        let (numerator, denominator) = self.times;
        let other = energy.share(i64::from(numerator), i64::from(denominator.max(1)));
        if other < energy { (energy - other, Energy::ZERO) } else { (Energy::ZERO, other - energy) }
    }
}

/// What a log holds besides what counts: its joules are others', as the reader knows (a total beside its parts). It is read so that it can be told.
#[derive(Clone, Debug)]
pub struct Aside {
    /// Its readings.
    pub series: Series,
    /// What counts instead.
    pub kept: String,
    /// Why, in words.
    pub reason: String,
}

/// What a sampler allots to the program it watched, of the energy of a device. An allocation, never a measurement, and part of what is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allotted {
    /// Run as the log names it.
    pub run: String,
    /// Part of the computer.
    pub component: Component,
    /// What fell to the program.
    pub energy: Energy,
    /// Of so much.
    pub of: Energy,
}

/// Accelerators that a scheduler allotted to a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobDevices {
    /// The job, as its log names it.
    pub run: String,
    /// The node, where it is one and the log names it.
    pub host: Option<String>,
    /// The list of its nodes, where they are several.
    pub nodes: Option<String>,
    /// When.
    pub period: Option<(Instant, Instant)>,
    /// How many; 0 where that is not known.
    pub devices: u32,
}

/// What reading one file leaves.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Format id; empty when no format fits.
    pub format: &'static str,
    /// What the format was recognised by.
    pub evidence: Option<String>,
    /// The file was recognised but can't be used; a note says why.
    pub refused: bool,
    /// What the stamps mean.
    pub clock: Clock,
    /// The run whose start they count from, where the log names it: others of it are on the same clock.
    pub clock_of: Option<String>,
    /// Its stamps are times of a day that nobody knows: by how much its zone may be ahead of UTC, where the user says the zone.
    pub of_day: Option<Vec<Span>>,
    /// Tool and version, where the log names them.
    pub tool: Option<String>,
    /// Declared totals.
    pub declared: Vec<Declared>,
    /// Carbon-intensity series.
    pub intensity: Vec<IntensitySeries>,
    /// Marks.
    pub marks: Vec<Mark>,
    /// Runs that a sampler recorded.
    pub recorded_runs: Vec<String>,
    /// Those of them whose end it wrote down.
    pub ended_runs: Vec<String>,
    /// Hosts that it names by an id of its own making: no other tool knows them by it.
    pub hosts_by_id: Vec<String>,
    /// The host of the run in whose folder the file lies: of the logs there that name none.
    pub about_run: Option<String>,
    /// Runs whose program failed, as the log says.
    pub failed_runs: Vec<String>,
    /// What is allotted to a program.
    pub allotted: Vec<Allotted>,
    /// What schedulers allotted to jobs.
    pub jobs: Vec<JobDevices>,
    /// Devices that the log lists, measured or not.
    pub devices: Vec<(Component, Device)>,
    /// Where the user says the zone of its stamps, by how much that is ahead of UTC when the log begins.
    pub ahead_of_utc: Option<Span>,
    /// How devices were told apart that the log does not name.
    pub rounds: Option<Rounds>,
    /// Rows come as of so many devices, and whether there is one or as many is open.
    pub perhaps: Option<u16>,
    /// What does not count because the log holds it twice.
    pub asides: Vec<Aside>,
    /// The user says what the columns are.
    pub columns_given: bool,
    /// How many readings a row gives at most; 0 where it is one.
    pub readings_a_row: u64,
    /// Of logs whose lines hold many records, and some torn ones: how many were read, and how many are lost, by their length.
    pub(super) records: Option<(u64, u64)>,
    /// Of a file that no format fits and that is longer: the first bytes of it, by which that was decided.
    pub(super) head_bytes: usize,
    /// Lines that no row came of, and rows among them that are of another format.
    pub(super) strays: Strays,
    pub(super) of_another: u64,
    /// Channels of which a row had no reading before any had one.
    pub(super) awaited: Vec<Channel>,
    /// Its clock shows twelve hours, and not of which half of the day.
    pub(super) has_two_halves: bool,
    /// Other ways to read what the log says.
    pub doubts: Vec<Doubt>,
    /// Findings.
    pub notes: Notes,
    /// Every row.
    pub rows: RowAccount,
    /// Rows come in no order, and may be of devices that nothing but their place in the round tells apart: it shows once they are in order.
    pub shuffled: Option<Shuffled>,
    pub(super) series: Vec<Series>,
    pub(super) index: Index,
    from: Option<Instant>,
    to: Option<Instant>,
    pub(super) queue: Option<Vec<Queued>>,
    /// Number of the recording; odd where it is of another run.
    recording: u32,
    /// Another recording began in this range of the file.
    began_anew: bool,
    irregular: bool,
    /// Of channels whose rows have no reading here and there, the first and the last of those rows.
    pub(super) unread: Map<usize, (Instant, Instant)>,
    /// Of channels of energies by interval, where the next one begins, and whether that is passed on; kept where a period is asked for.
    begun: Map<usize, (Instant, bool)>,
    /// Lines of the file are rows: what is none at its ends may be lost.
    pub(super) is_table: bool,
}

impl Reading {
    /// An empty reading that keeps samples between `from` and `to`.
    pub fn new(format: &'static str, from: Option<Instant>, to: Option<Instant>) -> Self {
        Self { format, from, to, ..Self::default() }
    }

    /// The channel, new or known. A reader asks once for each device, not for each row.
    pub fn channel(&mut self, channel: Channel) -> ChannelId {
        self.known(&channel).unwrap_or_else(|| self.new_channel(channel))
    }

    pub(super) fn known(&self, channel: &Channel) -> Option<ChannelId> {
        self.index.find(of_channel(&self.series, channel)).map(ChannelId)
    }

    fn new_channel(&mut self, channel: Channel) -> ChannelId {
        let id = ChannelId(self.series.len());
        let mut series = Series::new(channel);
        if self.began_anew {
            series.begin_anew(self.recording % 2 == 1);
        }
        self.add_series(series);
        id
    }

    fn add_series(&mut self, series: Series) {
        self.index.put(self.series.len(), of_channel(&self.series, series.channel()));
        sparing::push(&mut self.series, series);
    }

    /// The channel of a run of its own, beside those of the same device in other runs, whose rows may stand between. The first run of a log may go on
    /// from another log.
    pub fn channel_of_run(&mut self, channel: Channel) -> ChannelId {
        let is_another_run = self.known(&channel).is_some();
        let id = self.new_channel(channel);
        if let Some(series) = self.series.get_mut(id.0).filter(|_| is_another_run) {
            series.begin_anew(true);
        }
        id
    }

    /// Adds a power reading. `false` when it lies outside the period asked for or the plausible range: the row is then skipped for that reason.
    #[inline(always)]
    pub fn power(&mut self, id: ChannelId, at: Instant, power: Power) -> Result<(), SkipReason> {
        self.sample(id, Sample { at, value: power.as_microwatts() })
    }

    /// Says that the next reading of a channel does not go on from the last one: see [`Interruption`]. `at` lies between the two.
    pub fn interrupt(&mut self, id: ChannelId, at: Instant, kind: Interruption) {
        let sample = kind.sample(at);
        let is_outside = self.from.is_some_and(|f| at < f) || self.to.is_some_and(|t| at > t);
        match (&mut self.queue, self.series.get_mut(id.0)) {
            _ if is_outside => {}
            (Some(queue), _) => queue.push((id.0 as u32, self.recording, sample)),
            (None, Some(series)) => series.push(sample),
            (None, None) => {}
        }
    }

    /// Says that what follows in the file is another recording: the log begins anew (a repeated header). Where time is missing between the two,
    /// nothing is bridged, neither power nor the difference of a counter.
    pub fn another_recording(&mut self) {
        self.recording = (self.recording | 1) + 1;
        self.began_anew = true;
        self.series.iter_mut().for_each(Series::end_recording);
        self.asides.iter_mut().for_each(|aside| aside.series.end_recording());
    }

    /// Says that what follows is of another run (its id, or that of the boot, is another one): nothing is bridged, however short the pause.
    pub fn another_run(&mut self) {
        self.recording = (self.recording | 1) + 2;
        self.began_anew = true;
        self.series.iter_mut().for_each(Series::end_run);
    }

    /// Adds a reading of any quantity: µW, or µJ for counters and interval energies.
    #[inline(never)]
    pub fn sample(&mut self, id: ChannelId, sample: Sample) -> Result<(), SkipReason> {
        let Some(series) = self.series.get_mut(id.0) else { return Err(SkipReason::Unknown) };
        let starts_interval = sample.is_interval_start() && series.channel().quantity == Quantity::IntervalEnergy;
        if sample.value < 0 && !starts_interval {
            return Err(SkipReason::Implausible);
        }
        if series.channel().quantity.is_power() && sample.value > series.channel().most_power().as_microwatts() {
            return Err(SkipReason::Implausible);
        }
        if self.from.is_some() || self.to.is_some() {
            if series.channel().quantity == Quantity::IntervalEnergy {
                return self.interval_in_period(id, sample);
            }
            if !self.is_asked_for(sample.at) {
                return Err(SkipReason::OutsidePeriod);
            }
        }
        self.pass_on(id, sample);
        Ok(())
    }

    #[inline(always)]
    fn pass_on(&mut self, id: ChannelId, sample: Sample) {
        match (&mut self.queue, self.series.get_mut(id.0)) {
            (None, Some(series)) => series.push(sample),
            (None, None) => {}
            (Some(queue), _) => queue.push((id.0 as u32, self.recording, sample)),
        }
    }

    /// The energy of an interval that may reach beyond the period asked for: of one that crosses its ends the share of its time that lies inside counts;
    /// it may as well be none or all of it.
    fn interval_in_period(&mut self, id: ChannelId, sample: Sample) -> Result<(), SkipReason> {
        // Where an interval began stands in the row before it.
        self.irregular = true;
        let is_inside = self.is_asked_for(sample.at);
        let before = self.begun.insert(id.0, (sample.at, is_inside)).filter(|(before, _)| *before < sample.at);
        let Some((start, is_begun)) = before.filter(|_| !sample.is_interval_start()) else {
            if !is_inside {
                return Err(SkipReason::OutsidePeriod);
            }
            self.pass_on(id, sample);
            return Ok(());
        };
        let (first, last) = (self.from.map_or(start, |from| start.max(from)), self.to.map_or(sample.at, |to| sample.at.min(to)));
        if last <= first {
            // One that ends where the period begins is none of it, and the next one begins there.
            self.begun.insert(id.0, (sample.at, false));
            return Err(SkipReason::OutsidePeriod);
        }
        if !is_begun {
            self.pass_on(id, Sample::interval_start(first));
        }
        let whole = Energy::from_microjoules(sample.value);
        let inside = whole.share(last.since(first).as_micros(), sample.at.since(start).as_micros());
        let microjoules = i64::try_from(inside.as_picojoules() / 1_000_000).unwrap_or(i64::MAX);
        self.pass_on(id, Sample { at: last, value: microjoules });
        if inside < whole {
            let inside = Energy::from_microjoules(microjoules);
            if let Some(series) = self.series.get_mut(id.0) {
                series.cut(inside, whole - inside);
            }
            self.notes.add(&note::PERIOD_SHARE, "interval", None, || {
                String::from("an interval crosses `--from` or `--to`: its energy counts by the share of its time, and may as well be none or all of it")
            });
        }
        Ok(())
    }

    /// Whether it lies in the period asked for.
    pub(super) fn is_asked_for(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at <= to)
    }

    /// Adds a reading that does not count, of the channel that it would be of.
    pub fn aside(&mut self, channel: &Channel, kept: &str, reason: &str, sample: Sample) {
        if !self.is_asked_for(sample.at) || sample.value < 0 {
            return;
        }
        match self.asides.iter_mut().find(|aside| aside.series.channel() == channel && aside.reason == reason) {
            Some(aside) => aside.series.push(sample),
            None => {
                let mut series = Series::new(channel.clone());
                series.push(sample);
                self.asides.push(Aside { series, kept: String::from(kept), reason: String::from(reason) });
            }
        }
    }

    /// Counts a line.
    #[inline]
    pub fn account(&mut self, row: Row, line: u64) {
        self.rows.lines += 1;
        match row {
            Row::Used => self.rows.used += 1,
            Row::Structure => {}
            Row::Skipped(reason) => self.skipped(reason, line),
        }
    }

    #[cold]
    fn skipped(&mut self, reason: SkipReason, line: u64) {
        self.rows.skip(reason, line, 1);
    }

    /// Tells that something lies beyond a bound: what is lost of it.
    #[cold]
    pub fn beyond(&mut self, bound: &Bound, bounds: &Bounds, line: Option<u64>, lost: &str) {
        self.notes.add_hinted(&note::LIMIT_REACHED, bound.name, line, || {
            (alloc::format!("{}: {lost}", bounds.reached(bound)), bounds.hint(bound))
        });
    }

    /// The series read so far.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// Takes the series out, to be counted.
    pub fn take_series(&mut self) -> Vec<Series> {
        self.index = Index::default();
        core::mem::take(&mut self.series)
    }

    /// Says that a row's meaning depended on earlier rows, so that parts of the file can't be read apart.
    pub fn mark_irregular(&mut self) {
        self.irregular = true;
    }

    /// Whether parts of the file can't be read apart.
    pub fn is_irregular(&self) -> bool {
        self.irregular
    }

    /// Ends a reading that no [`FileReader`](super::FileReader) made: what series hold back is integrated.
    pub fn end(&mut self) {
        self.close();
    }

    /// Ends the pass: what series hold back is integrated, and what happened to samples becomes notes and row counts.
    pub(crate) fn close(&mut self) {
        let (mut duplicates, mut implausible) = (0, 0);
        self.series.iter_mut().for_each(Series::seal);
        settle_jumps(&mut self.series);
        for series in &self.series {
            duplicates += series.counts().duplicates;
            implausible += series.wraps().implausible;
        }
        self.asides.iter_mut().for_each(|aside| aside.series.flush());
        if self.shuffled.is_none() {
            self.rows.demote(SkipReason::Duplicate, 0, self.rows_of(duplicates));
        }
        self.rows.demote(SkipReason::Implausible, 0, self.rows_of(implausible));
    }

    /// The whole file is read: as little room as there can be.
    pub(super) fn fit(&mut self) {
        self.index = Index::default();
        self.series.iter_mut().for_each(Series::seal);
        self.series.shrink_to_fit();
        self.devices.shrink_to_fit();
        self.declared.shrink_to_fit();
        self.jobs.shrink_to_fit();
    }

    /// Joins the reading of the next range of the same file. `false` when only one pass gives the right result.
    pub(super) fn append(&mut self, later: Reading) -> bool {
        if self.irregular || later.irregular {
            return false;
        }
        let lines_before = self.rows.lines;
        self.is_table |= later.is_table;
        for (at, series) in later.series.iter().enumerate() {
            match self.known(series.channel()).and_then(|id| self.series.get_mut(id.0)) {
                Some(own) => {
                    if !own.precedes(series) {
                        return false;
                    }
                    own.append(series);
                }
                None => self.add_series(series.clone()),
            }
            let own = self.known(series.channel());
            if let (Some(own), Some((first, last))) = (own, later.unread(at)) {
                self.has_no_reading(own, first);
                self.has_no_reading(own, last);
            }
        }
        for aside in later.asides {
            match self.asides.iter_mut().find(|own| own.series.channel() == aside.series.channel() && own.reason == aside.reason) {
                Some(own) if !own.series.precedes(&aside.series) => return false,
                Some(own) => own.series.append(&aside.series),
                None => self.asides.push(aside),
            }
        }
        self.began_anew |= later.began_anew;
        self.readings_a_row = self.readings_a_row.max(later.readings_a_row);
        if later.began_anew {
            // Of channels that a later range does not hold, the next reading is another recording's.
            let silent = self.series.iter_mut().filter(|own| later.series.iter().all(|series| series.channel() != own.channel()));
            silent.for_each(Series::end_recording);
        }
        self.has_two_halves |= later.has_two_halves;
        self.awaited.extend(later.awaited);
        self.clock = self.clock.max(later.clock);
        self.clock_of = self.clock_of.take().or(later.clock_of);
        self.of_day = self.of_day.take().or(later.of_day);
        self.declared.extend(later.declared);
        self.marks.extend(later.marks);
        self.recorded_runs.extend(later.recorded_runs);
        self.ended_runs.extend(later.ended_runs);
        self.hosts_by_id.extend(later.hosts_by_id);
        self.failed_runs.extend(later.failed_runs);
        self.allotted.extend(later.allotted);
        self.jobs.extend(later.jobs);
        self.doubts.extend(later.doubts);
        for device in later.devices {
            if !self.devices.contains(&device) {
                self.devices.push(device);
            }
        }
        self.notes.merge(later.notes, lines_before);
        self.rows.merge(later.rows, lines_before);
        true
    }

    /// Cuts trackers' figures and jobs that reach beyond the period asked for: of an energy, the share of its time that lies inside counts.
    pub(super) fn cut_declared(&mut self) {
        let (from, to) = match (self.from, self.to) {
            (None, None) => return,
            (from, to) => (from.unwrap_or(Instant::from_micros(i64::MIN)), to.unwrap_or(Instant::from_micros(i64::MAX))),
        };
        let dated = self.clock.is_dated();
        // What a scheduler allotted ends there as well.
        self.jobs.retain_mut(|job| {
            job.period = job.period.map(|(start, end)| if dated { (start.max(from), end.min(to)) } else { (start, end) });
            job.period.is_none_or(|(start, end)| start < end)
        });
        let mut outside = Vec::new();
        let figures = self.declared.iter_mut().filter(|d| d.kind == DeclaredKind::Actual && !d.parts.is_empty());
        for declared in figures {
            let line = Some(declared.line);
            let Some((start, end)) = declared.period.filter(|_| dated) else {
                self.notes.add(&note::PERIOD_SHARE, "undated", line, || {
                    alloc::format!("{} states no time: its figure counts whole, and the lower end is without it", declared.tool)
                });
                declared.parts.iter_mut().for_each(|part| part.doubtful = part.energy);
                continue;
            };
            let (first, last) = (start.max(from), end.min(to));
            if (first, last) == (start, end) {
                continue;
            }
            if last <= first {
                outside.push(declared.line);
                declared.parts.clear();
                continue;
            }
            let (inside, whole) = (last.since(first).as_micros(), end.since(start).as_micros());
            declared.cut(inside, whole);
            declared.period = Some((first, last));
            let percent = inside.saturating_mul(100) / whole.max(1);
            self.notes.add(&note::PERIOD_SHARE, "", line, || {
                alloc::format!("{} tells one figure for a time of which {percent}% lies between `--from` and `--to`", declared.tool)
            });
        }
        for line in outside {
            self.declared.retain(|d| d.line != line || !d.parts.is_empty() || d.kind != DeclaredKind::Actual);
            self.rows.demote(SkipReason::OutsidePeriod, line, 1);
        }
    }
}

/// How the channel of a series stands to another one.
fn of_channel(series: &[Series], channel: &Channel) -> impl Fn(usize) -> Ordering {
    |at| series.get(at).map_or(Ordering::Less, |own| own.channel().cmp(channel))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::{Component, Device, Instrument, Quantity};

    #[test]
    fn doubts_are_what_the_other_reading_would_change() {
        let (component, device, quantity, instrument) = (Component::Gpu, Device::default(), Quantity::Power, Instrument::NotStated);
        let channel = Channel { host: None, component, device, quantity, instrument, run: None };
        for (times, less, more) in [((1, 1_000), 6_993, 0), ((2, 1), 0, 7_000), ((1, 1), 0, 0)] {
            let found = Doubt { channel: channel.clone(), times }.of(Energy::from_joules(7_000));
            assert_eq!(found, (Energy::from_joules(less), Energy::from_joules(more)), "{times:?}");
        }
    }
}
