//! Of what contains others, the rest counts.

use alloc::vec::Vec;

use super::beside::Parts;
use super::claim::{Claim, Origin, Reach, Timeline};
use super::containment::{CONTAINMENT, Keep, is_inside};
use super::outcome::{Disagreement, Why};
use super::rule::{PARTS, Rule, differ_widely, union};
use crate::map::{Map, Set};
use crate::series::{Component, Coverage, Instrument};
use crate::units::{Energy, Span};

impl<'c, 'l> Rule<'c, 'l> {
    /// Of what contains, the rest; of what is a detail of it, nothing.
    pub(super) fn containers(&mut self, container: Component, reach: Reach, parts: &Parts) {
        // Processors of which a log has one figure are in all of a machine's modules alike.
        let mut siblings: Map<usize, Set<usize>> = Map::new();
        let modules = self.claims.iter().filter(|claim| container == Component::GpuModule && claim.component == container);
        modules.for_each(|module| {
            siblings.entry(module.host).or_default().insert(module.device);
        });
        // Meters by log, host and clock.
        let place = |claim: &Claim<'_>| (claim.file, claim.host, claim.timeline);
        let mut meters: Map<(usize, usize, Timeline), Vec<usize>> = Map::new();
        let is_meter = |claim: &Claim<'_>| claim.component == Component::Node && matches!(claim.origin, Origin::Recorded(_));
        for (at, claim) in self.claims.iter().enumerate().filter(|(_, claim)| container == Component::Node && is_meter(claim)) {
            meters.entry(place(claim)).or_default().push(at);
        }
        let mut done: Set<usize> = Set::new();
        for at in 0..self.claims.len() {
            let claim = self.claim(at);
            if done.contains(&at)
                || claim.component != container
                // A model of a whole board is the board's; other models are of what nothing else holds.
                || claim.is_estimate() && container != Component::Node
                || (claim.reach == Reach::Job) != (reach == Reach::Job)
            {
                continue;
            }
            if self.outcomes[at].coverage.is_empty() || self.outcomes[at].energy == Energy::ZERO {
                continue;
            }
            let holds = |keep: Keep| {
                move |rule: &Rule<'c, 'l>, part: &Claim<'l>| {
                    let listed = CONTAINMENT.iter().any(|r| r.container == container && r.part == part.component && r.keep == keep);
                    let job_of_nodes =
                        reach == Reach::Job && part.reach != Reach::Job && part.component == Component::Node && keep == Keep::Rest;
                    (listed || job_of_nodes) && is_inside(rule.slots, claim, part)
                }
            };
            let inside_of = |rule: &Self, keep: Keep| {
                let test = holds(keep);
                parts.beside(rule, at, |part| !part.is_estimate() && test(rule, part))
            };
            for part in inside_of(self, Keep::Detail) {
                self.drop_detail(at, part);
            }
            let inside = inside_of(self, Keep::Rest);
            // What a vendor's platform counter (RAPL psys) holds besides its parts is not defined: it is another reading, and no sum.
            let is_vendors = claim.component == Component::Platform && claim.instrument == Instrument::Rapl;
            match (inside.first(), is_vendors) {
                (None, _) => {}
                (Some(first), true) => {
                    let held = union(inside.iter().map(|part| &self.outcomes[*part].coverage));
                    self.drop_within(at, *first, &held, Why::AlternativeReading, false);
                }
                (Some(_), false) => {
                    let strip = match meters.get(&place(claim)).filter(|_| is_meter(claim)) {
                        Some(meters) => self.strip(at, meters),
                        None => Vec::from([at]),
                    };
                    self.keep_rest(&strip, &inside, siblings.get(&claim.host).map_or(1, Set::len));
                    strip.into_iter().for_each(|meter| {
                        done.insert(meter);
                    });
                }
            }
        }
    }

    fn drop_detail(&mut self, container: usize, part: usize) {
        if self.claim(part).timeline == self.claim(container).timeline {
            let held = self.outcomes[container].coverage.clone();
            self.drop_within(part, container, &held, Why::Contained, false);
        } else {
            self.less_what_may_be_measured(part, &[container]);
        }
    }

    /// Leaves out what a claim holds of a time for which another one counts.
    pub(super) fn drop_within(&mut self, at: usize, kept: usize, held: &Coverage, why: Why, open: bool) {
        if self.outcomes[at].coverage.common(held) == Span::ZERO {
            return;
        }
        let tolerance = self.claim(at).tolerance().max(self.claim(kept).tolerance());
        let free = self.outcomes[at].coverage.without(held).longer_than(tolerance);
        let energy = if free.is_empty() { Energy::ZERO } else { self.counted_over(at, &free) };
        self.leave(why, at, kept, self.outcomes[at].energy - energy, open);
        self.outcomes[at].energy = energy;
        self.outcomes[at].coverage = free;
    }

    /// Meters of one machine that a log has one beside the other: power supplies, or outlets of a strip. They hold together what is inside the machine.
    fn strip(&self, at: usize, meters: &[usize]) -> Vec<usize> {
        let own = self.claim(at);
        let is_beside = |other: &usize| {
            let other = self.claim(*other);
            other.rank() == own.rank() && other.coverage.common(&own.coverage) > Span::ZERO
        };
        meters.iter().copied().filter(|meter| *meter == at || self.outcomes[*meter].energy > Energy::ZERO && is_beside(meter)).collect()
    }

    /// `siblings` containers share a part that is no single device's. The meters of a strip are one container.
    fn keep_rest(&mut self, strip: &[usize], parts: &[usize], siblings: usize) {
        let at = *strip.first().unwrap_or(&0);
        let own = union(strip.iter().map(|meter| &self.outcomes[*meter].coverage));
        let on_clock: Vec<usize> = parts.iter().copied().filter(|part| self.claim(*part).timeline == self.claim(at).timeline).collect();
        let kept = *parts.first().unwrap_or(&at);
        let inside = own.intersection(&union(on_clock.iter().map(|part| &self.outcomes[*part].coverage)));
        if inside.is_empty() {
            strip.iter().for_each(|meter| self.keep_rest_of_other_clocks(*meter, parts));
            return;
        }
        let host = self.claim(at).host;
        for part in on_clock.iter().copied() {
            let theirs = self.claim(part);
            if theirs.host != host && 2 * theirs.coverage.common(&own).as_micros() >= theirs.coverage.length().as_micros() {
                self.held_by.insert(part, host);
            }
        }
        let is_open = self.hosts.racks.get(&host).is_some_and(|(_, is_open)| *is_open)
            || self.hosts.may_be_of_job(self.claim(at).host, self.claim(kept).host)
            || on_clock.iter().any(|part| self.hosts.is_adopted(self.claim(*part)));
        let wholes: Vec<Energy> = strip.iter().map(|meter| self.counted_over(*meter, &inside)).collect();
        let whole: Energy = wholes.iter().copied().sum();
        let share = |part: usize| if self.claim(part).reach == Reach::Set { i64::try_from(siblings).unwrap_or(i64::MAX) } else { 1 };
        let inside_of: Vec<(usize, Energy)> =
            on_clock.iter().map(|part| (*part, self.counted_over(*part, &inside).share(1, share(*part)))).collect();
        let held: Energy = inside_of.iter().map(|(_, energy)| *energy).sum();
        // What was put on this clock from another one may be of another time.
        let is_on_clock = |part: usize| self.claim(part).moved == self.claim(at).moved;
        let (own_clock, other_clock): (Vec<_>, Vec<_>) = inside_of.iter().copied().partition(|(part, _)| is_on_clock(*part));
        if held <= whole {
            let mut before = Energy::ZERO;
            for (meter, energy) in strip.iter().zip(&wholes) {
                // Of each meter its share; nothing is lost by rounding.
                let ppb = |energy: Energy| energy.as_picojoules().saturating_mul(PARTS) / whole.as_picojoules().max(1);
                let to_there = |all: Energy, energy: Energy| all.share(i64::try_from(ppb(energy)).unwrap_or(i64::MAX), PARTS as i64);
                let (from, to) = (before, before + *energy);
                before = to;
                let of = |all: Energy| to_there(all, to) - to_there(all, from);
                for list in [&own_clock, &other_clock] {
                    if let Some((first, _)) = list.first() {
                        self.leave(Why::RestOfContainer, *meter, *first, of(list.iter().map(|(_, energy)| *energy).sum()), is_open);
                    }
                }
                let left = own_clock.iter().map(|(_, energy)| *energy).sum::<Energy>();
                let other = other_clock.iter().map(|(_, energy)| *energy).sum::<Energy>();
                self.outcomes[*meter].energy = self.outcomes[*meter].energy - of(left) - of(other);
            }
        } else {
            let kept = other_clock.first().map_or(kept, |(first, _)| *first);
            let tolerance = on_clock.iter().map(|part| self.claim(*part).tolerance()).max().unwrap_or_default();
            for meter in strip.iter().copied() {
                let free = self.outcomes[meter].coverage.without(&inside).longer_than(tolerance.max(self.claim(meter).tolerance()));
                let energy = if free.is_empty() { Energy::ZERO } else { self.counted_over(meter, &free) };
                self.leave(Why::SmallerThanParts, meter, kept, self.outcomes[meter].energy - energy, is_open);
                self.outcomes[meter].energy = energy;
                self.outcomes[meter].coverage = free;
            }
            self.hold_smaller(at, whole, &inside_of);
        }
        for meter in strip.iter().copied() {
            let elsewhere = self.on_other_clocks(meter, parts, &own);
            self.keep_rest_of_other_clocks(meter, &elsewhere);
        }
    }

    /// Nobody knows when: what may have been at one time is inside, of each part once.
    fn keep_rest_of_other_clocks(&mut self, at: usize, parts: &[usize]) {
        for (part, inside) in self.may_hold(at, parts) {
            let (all, whole) = (self.outcomes[part].energy, self.outcomes[part].coverage.length());
            let before = *self.contained.entry((part, self.claim(at).component)).or_insert(Energy::ZERO);
            let left = all.share(inside.length().as_micros(), whole.as_micros().max(1)).min(all - before).min(self.outcomes[at].energy);
            self.contained.insert((part, self.claim(at).component), before + left);
            self.leave(Why::RestOfContainer, at, part, left, true);
            self.outcomes[at].energy = self.outcomes[at].energy - left;
        }
    }

    /// A whole that is far smaller than what sensors read of its parts contradicts them: the lower end holds it, of each part its share.
    fn hold_smaller(&mut self, at: usize, whole: Energy, parts: &[(usize, Energy)]) {
        let read: Vec<(usize, Energy)> = parts.iter().filter(|(part, _)| self.claim(*part).instrument.is_sensor()).copied().collect();
        let held: Energy = read.iter().map(|(_, energy)| *energy).sum();
        // What a log's own total is less than the parts beside it is no other instrument's word.
        let is_own = |part: usize| self.claim(at).file == self.claim(part).file;
        if held <= whole || !differ_widely(whole, held) || read.iter().any(|(part, _)| is_own(*part)) {
            return;
        }
        let ppm =
            |energy: Energy| i64::try_from(energy.as_picojoules().saturating_mul(1_000_000) / held.as_picojoules().max(1)).unwrap_or(0);
        for (part, energy) in &read {
            self.outcomes[*part].contradicted_by_less((held - whole).share(ppm(*energy), 1_000_000));
        }
        if let Some((largest, _)) = read.iter().max_by_key(|(_, energy)| *energy) {
            self.disagreements.push(Disagreement { kept: *largest, left: at, kept_energy: held, left_energy: whole });
        }
    }
}
