//! Whether a clock was set back, logs of several machines stand one behind the other, or rows are out of order.

use alloc::vec::Vec;

use super::{Alike, Integral, Quantity, Recording, SHORTEST_GAP, Sample, Series, counter_likeness, likeness, likeness::moves};
use crate::rules;
use crate::units::Energy;

/// A log with more jumps backwards of the clock than this is out of order.
const MOST_STEPS: usize = rules::whole("clock_steps_most") as usize;

/// So many stretches are looked at for copies: a log of so many copies, each with so many steps, is none that anybody has.
const MOST_COMPARED: usize = 8 * MOST_STEPS;

/// So many readings lie between two settings of a clock.
const LEAST_IN_STEP: u64 = rules::whole("clock_steps_least_readings") as u64;

/// Between them a log is in order: where more than one row in so many is not, none of it is.
const ORDERED_AMONG: u64 = rules::whole("clock_steps_ordered_among") as u64;

/// Decides what jumps backwards of the clock were, once all channels of a file are read.
pub(crate) fn settle_jumps(all: &mut [Series]) {
    // One file behind the other holds all channels of each: of machines with more boards, those that others lack in fewer of them.
    let found: Vec<Option<Logs>> = all.iter().filter(|series| series.unordered).map(Series::logs).collect();
    let is_common = found.iter().all(Option::is_some);
    let differ = found.iter().flatten().any(|logs| logs.differ);
    for series in all.iter_mut() {
        if is_common && differ { series.take_apart() } else { series.settle_clock_steps() }
    }
}

/// Stretches of a file that may be logs of several machines, one behind the other.
#[derive(Clone, Copy, Debug)]
struct Logs {
    /// Their readings can't be, or most likely are not, of one device.
    differ: bool,
}

impl Series {
    /// Says that a header stands above the next reading, which is earlier than what was read.
    pub(crate) fn header_before_earlier(&mut self) {
        self.below_header = true;
    }

    /// Whether it may be logs of several machines, one behind the other, as `cat node1.csv node2.csv` leaves them: each begins anew, under a header of its
    /// own or as early as one before it, and none holds the readings of another. A clock that is set back does not go back to where its log began.
    fn logs(&self) -> Option<Logs> {
        let is_shuffled = self.counts.disordered * ORDERED_AMONG > self.samples();
        if is_shuffled || self.recordings().count() > MOST_COMPARED || self.recordings().any(|part| part.samples() < LEAST_IN_STEP) {
            return None;
        }
        let is_power = self.channel.quantity.is_power();
        let stretches = self.stretches();
        let read: Vec<Vec<(&Recording, Integral)>> = stretches
            .iter()
            .map(|stretch| stretch.iter().map(|part| (*part, part.integral(self.channel.quantity, false))).collect())
            .collect();
        let mut differ = false;
        for (at, stretch) in read.iter().enumerate().skip(1) {
            let begins = stretch.first().map(|(part, _)| *part)?;
            let mut is_another = false;
            for ((a, known), (b, integral)) in
                read.iter().take(at).flatten().flat_map(|before| stretch.iter().map(move |own| (before, own)))
            {
                if a.start() > b.end() || b.start() > a.end() {
                    continue;
                }
                let usual = known.median.max(integral.median).unwrap_or_default();
                let apart = |x: &Recording, y: &Recording| Some(x.start()?.since(y.start()?).as_micros().abs());
                let together = apart(a, b).is_some_and(|apart| apart <= SHORTEST_GAP.max(usual + usual).as_micros());
                match alike_in_file(self.channel.quantity, (*a, known), (*b, integral)) {
                    // Idle devices of two machines may read the same throughout: others of the file tell.
                    Alike::Identical if is_power && !moves((&known.profile, &known.coverage, a.head())) => is_another = true,
                    Alike::Identical | Alike::Same => return None,
                    Alike::Unknown => {}
                    found => {
                        is_another |= together || begins.is_below_header;
                        differ |= found > Alike::Open;
                    }
                }
            }
            if !is_another {
                return None;
            }
        }
        (read.len() > 1).then_some(Logs { differ })
    }

    /// Its recordings, those together that follow each other in time.
    fn stretches(&self) -> Vec<Vec<&Recording>> {
        let mut all: Vec<Vec<&Recording>> = Vec::new();
        for part in self.recordings() {
            match all.last_mut() {
                Some(stretch) if stretch.last().is_some_and(|last| last.end() <= part.start()) => stretch.push(part),
                _ => all.push(alloc::vec![part]),
            }
        }
        all
    }

    /// Says of each recording which log of its file it is of.
    fn take_apart(&mut self) {
        let (mut log, mut last) = (0, None);
        let open = Some(&mut self.open).filter(|open| !open.is_empty());
        for part in self.ended.iter_mut().chain(open) {
            log += u16::from(last.is_some_and(|last| last > part.start()));
            (part.log, last) = (log, part.end().map(Some));
        }
        self.unordered = false;
    }

    /// Decides what jumps backwards of the clock were, once all is read. A few long stretches that overlap and do not go along are what a clock
    /// that was set back leaves: they follow each other as they stand, and a median interval bridges each step. Everything else is disorder: of rows in
    /// any order, too, a few long stretches may be left once neighbours are sorted.
    fn settle_clock_steps(&mut self) {
        if !self.unordered || matches!(self.channel.quantity, Quantity::Counter(_)) {
            return;
        }
        let is_shuffled = self.counts.disordered * ORDERED_AMONG > self.samples();
        if is_shuffled || self.recordings().count() > MOST_COMPARED || self.recordings().any(|part| part.samples() < LEAST_IN_STEP) {
            return;
        }
        let (parts, copied) = self.without_copies();
        if !(2..=MOST_STEPS).contains(&parts.len()) {
            return;
        }
        let quantity = self.channel.quantity;
        let read: Vec<(Integral, &[Sample])> = parts.iter().map(|part| (part.integral(quantity, false), part.head())).collect();
        let pairs = read.iter().zip(read.iter().skip(1));
        let was_set_back = |((a, head_a), (b, head_b)): (&(Integral, &[Sample]), &(Integral, &[Sample]))| {
            let overlap = likeness((&a.profile, &a.coverage, head_a), (&b.profile, &b.coverage, head_b));
            !matches!(overlap, Alike::Identical | Alike::Same | Alike::Unknown)
        };
        if !pairs.clone().all(was_set_back) {
            return;
        }
        let twice: Energy =
            pairs.map(|((a, _), (b, _))| Energy::from_picojoules(b.profile.within(&a.coverage, &b.coverage).div_euclid(2))).sum();
        let mut parts = parts.into_iter();
        let Some(mut whole) = parts.next().cloned() else { return };
        parts.for_each(|part| whole.append_step(part, &self.channel));
        whole.set_back(twice);
        (self.ended, self.open, self.unordered) = (Vec::new(), whole, false);
        self.counts.duplicates += copied;
    }

    /// The stretches, each once: where the whole log stands there again, so do the steps of its clock. And how many samples are copies.
    fn without_copies(&self) -> (Vec<&Recording>, u64) {
        let (mut parts, mut copied): (Vec<(&Recording, Integral)>, u64) = (Vec::new(), 0);
        for (part, integral) in self.recordings().zip(self.integrals(false)) {
            let is_copy = parts.iter().any(|(before, known)| {
                let (a, b) = ((&known.profile, &known.coverage, before.head()), (&integral.profile, &integral.coverage, part.head()));
                (before.start(), before.end(), before.samples()) == (part.start(), part.end(), part.samples())
                    && likeness(a, b) == Alike::Identical
            });
            if is_copy {
                copied += part.samples();
            } else {
                parts.push((part, integral));
            }
        }
        (parts.into_iter().map(|(part, _)| part).collect(), copied)
    }
}

/// What two recordings of one channel, at one time, say of their devices.
fn alike_in_file(quantity: Quantity, (a, x): (&Recording, &Integral), (b, y): (&Recording, &Integral)) -> Alike {
    let found = likeness((&x.profile, &x.coverage, a.head()), (&y.profile, &y.coverage, b.head()));
    if !matches!(quantity, Quantity::Counter(_)) || found == Alike::Identical {
        return found;
    }
    let ((earlier, read), later) = if a.start() <= b.start() { ((a, x), b) } else { ((b, y), a) };
    match (earlier.first(), earlier.last(), later.first()) {
        (Some(first), Some(last), Some(begins)) => match counter_likeness((first, last), read, begins) {
            // It ran through its range, or two began alike: their energies tell.
            Alike::Open => found,
            Alike::Same | Alike::Other if found == Alike::Apart => found,
            told => told,
        },
        _ => found,
    }
}
