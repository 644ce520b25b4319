//! Whether a clock was set back, or rows are out of order.

use alloc::vec::Vec;

use super::{Alike, Integral, Recording, Sample, Series, likeness};
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

impl Series {
    /// Decides what jumps backwards of the clock were, once all is read. A few long stretches that overlap and do not go along are what a clock
    /// that was set back leaves: they follow each other as they stand, and a median interval bridges each step. Everything else is disorder: of rows in
    /// any order, too, a few long stretches may be left once neighbours are sorted.
    pub(crate) fn settle_clock_steps(&mut self) {
        let is_power = self.channel.quantity.is_power();
        if !self.unordered || !is_power {
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
