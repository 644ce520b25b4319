//! Meters of whole machines that several tools read on one host which no name tells apart: a plug in one tool's export and in another one's log, a board
//! controller behind a plug, power supplies beside the reading of their sum.
//!
//! Whether two of them are of one machine is a hypothesis. Where they read as much as two instruments of one machine may, over the time that both watched,
//! one counts and the upper end holds both; the nearest are paired first, and meters that one tool names apart are apart. Others are of two machines. On clocks
//! that can't be compared each stands where it shares most time with the other.

use alloc::vec::Vec;
use core::cmp::Reverse;

use super::claim::{Claim, Origin, Timeline, could_be_plug};
use super::outcome::Why;
use super::rule::{PARTS, Rule, differ_widely, union};
use super::undated::may_be_one as may_be_one_time;
use crate::map::{Map, Set};
use crate::order;
use crate::series::{Component, Coverage, Instrument};
use crate::units::{Energy, Span};

/// Of more pairs of one host's meters none is compared, and a decision says so.
const COMPARED: usize = 1 << 14;

/// What one tool reads of one meter, or of several together.
struct Meter<'f> {
    /// Claims that count.
    claims: Vec<usize>,
    tools: Set<&'f str>,
    instrument: Instrument,
    /// The device and the clock that it is placed by.
    of: (usize, Timeline),
    coverage: Coverage,
}

impl Rule<'_, '_> {
    /// Of meters that may be of one machine one counts. `tools` are those of the files.
    pub(super) fn meters(&mut self, tools: &[&str]) {
        let mut machines: Map<usize, Map<(usize, usize, Timeline), Vec<usize>>> = Map::new();
        for (at, (claim, outcome)) in self.claims.iter().zip(&self.outcomes).enumerate() {
            let is_meter = claim.component == Component::Node && matches!(claim.origin, Origin::Recorded(_)) && !claim.is_estimate();
            if is_meter && outcome.energy > Energy::ZERO {
                let machine = machines.entry(claim.host).or_default();
                machine.entry((claim.device, outcome.lane, claim.timeline)).or_default().push(at);
            }
        }
        for (_, slots) in machines.into_iter().filter(|(_, slots)| slots.len() > 1) {
            let meters: Vec<Meter<'_>> = slots.into_values().map(|claims| self.meter(claims, tools)).collect();
            let mut of_tools: Map<Vec<&str>, usize> = Map::new();
            for meter in &meters {
                *of_tools.entry(meter.tools.iter().copied().collect()).or_insert(0) += 1;
            }
            let of_one: usize = of_tools.values().map(|count| count * count).sum();
            if meters.len() * meters.len() - of_one > 2 * COMPARED {
                self.not_compared.push(meters.len());
                continue;
            }
            let mut open: Vec<bool> = meters.iter().map(|_| true).collect();
            for group in self.groups(&meters) {
                group.iter().for_each(|at| open[*at] = false);
                self.settle(group.into_iter().filter_map(|at| meters.get(at)).collect());
            }
            let left: Vec<&Meter<'_>> = meters.iter().zip(&open).filter(|(_, open)| **open).map(|(meter, _)| meter).collect();
            self.sums(&left);
        }
    }

    fn meter<'f>(&self, claims: Vec<usize>, tools: &[&'f str]) -> Meter<'f> {
        let files = claims.iter().map(|at| self.claim(*at)).flat_map(|claim| core::iter::once(&claim.file).chain(&claim.further));
        let tools = files.filter_map(|file| tools.get(*file)).copied().collect();
        let is_plug = |at: &usize| self.claim(*at).instrument == Instrument::WallMeter;
        let first = claims.iter().copied().find(is_plug).or_else(|| claims.first().copied()).unwrap_or(0);
        let coverage = union(claims.iter().map(|at| &self.outcomes[*at].coverage));
        let first = self.claim(first);
        Meter { instrument: first.instrument, of: (first.device, first.timeline), claims, tools, coverage }
    }

    /// Meters that may be of one machine, of each tool one: the nearest first.
    fn groups(&mut self, meters: &[Meter<'_>]) -> Vec<Vec<usize>> {
        let mut near: Vec<(i128, usize, usize)> = Vec::new();
        for (at, meter) in meters.iter().enumerate() {
            for (other, theirs) in meters.iter().enumerate().skip(at + 1) {
                near.extend(self.apart(meter, &[theirs]).map(|apart| (apart, at, other)));
            }
        }
        order::sort(&mut near);
        let mut group_of: Vec<usize> = (0..meters.len()).collect();
        for (_, at, other) in near {
            let (own, theirs) = (group_of[at], group_of[other]);
            let members = |group: usize| meters.iter().zip(&group_of).filter(move |(_, of)| **of == group).map(|(meter, _)| meter);
            if own != theirs && members(own).all(|meter| members(theirs).all(|other| meter.is_of_another_tool(other))) {
                group_of.iter_mut().filter(|of| **of == theirs).for_each(|of| *of = own);
            }
        }
        let mut groups: Map<usize, Vec<usize>> = Map::new();
        group_of.into_iter().enumerate().for_each(|(at, group)| groups.entry(group).or_default().push(at));
        groups.into_values().filter(|group| group.len() > 1).collect()
    }

    /// Meters of one tool that read together what the one of another tool does: power supplies of a machine, or outlets.
    fn sums(&mut self, left: &[&Meter<'_>]) {
        for meter in left {
            let others: Vec<&Meter<'_>> = left.iter().copied().filter(|other| other.is_of_another_tool(meter)).collect();
            let is_alone = left.iter().all(|other| core::ptr::eq(*other, *meter) || other.is_of_another_tool(meter));
            let are_of_one =
                others.iter().all(|other| others.iter().all(|next| other.of.1 == next.of.1 && !other.is_of_another_tool(next)));
            if is_alone && are_of_one && others.len() > 1 && self.apart(meter, &others).is_some() {
                let sum = Meter {
                    claims: others.iter().flat_map(|other| other.claims.iter().copied()).collect(),
                    tools: Set::new(),
                    instrument: others.first().map_or(meter.instrument, |first| first.instrument),
                    of: others.first().map_or(meter.of, |first| first.of),
                    coverage: union(others.iter().map(|other| &other.coverage)),
                };
                return self.settle(Vec::from([*meter, &sum]));
            }
        }
    }

    /// How far apart a meter and others together read, over the time of both, in parts of the larger; nothing where they can't be of one machine.
    fn apart(&mut self, meter: &Meter<'_>, others: &[&Meter<'_>]) -> Option<i128> {
        if !others.iter().all(|other| meter.is_of_another_tool(other)) {
            return None;
        }
        let first = others.first()?;
        let theirs = union(others.iter().map(|other| &other.coverage));
        let later = self.later(meter, first)?;
        let claims = || meter.claims.iter().chain(others.iter().flat_map(|other| &other.claims)).map(|at| self.claim(*at));
        let tolerance = claims().map(Claim::tolerance).max().unwrap_or_default();
        let there = meter.coverage.moved(later).intersection(&theirs).longer_than(tolerance);
        let here = there.moved(Span::from_micros(-later.as_micros()));
        let (own, sum) = (self.read(meter, &here), others.iter().map(|other| self.read(other, &there)).sum::<Energy>());
        if there.is_empty() || !may_be_one((meter.instrument, own), (first.instrument, sum)) {
            return None;
        }
        Some((own.max(sum) - own.min(sum)).as_picojoules().saturating_mul(PARTS) / own.max(sum).as_picojoules().max(1))
    }

    /// The best meter counts, of the others the time that it did not watch.
    fn settle(&mut self, mut meters: Vec<&Meter<'_>>) {
        let order = |meter: &&Meter<'_>| {
            let is_inside = meter.instrument != Instrument::WallMeter;
            let worst = meter.claims.iter().map(|at| (self.claim(*at).rank(), self.claim(*at).coarseness())).max();
            (is_inside, worst, meter.claims.len(), Reverse(meter.coverage.length()), meter.claims.first().copied())
        };
        order::sort_by_key(&mut meters, order);
        let Some((kept, others)) = meters.split_first() else { return };
        let mut before: Vec<&Meter<'_>> = Vec::from([*kept]);
        for other in others {
            // Of each that counts before, when it watched, on this one's clock.
            let held: Vec<(Coverage, Span)> = before
                .iter()
                .filter_map(|first| Some((first, self.later(other, first)?)))
                .map(|(first, later)| (first.coverage.moved(Span::from_micros(-later.as_micros())), later))
                .collect();
            before.push(other);
            let Some((watched, later)) = held.first().cloned() else { continue };
            let held = union(held.iter().map(|(held, _)| held));
            let is_contained = kept.instrument == Instrument::WallMeter && other.instrument != Instrument::WallMeter;
            let why = if is_contained { Why::Contained } else { Why::OverlapCountedOnce };
            let common = other.coverage.intersection(&watched);
            let (ours, theirs) = (self.read(kept, &common.moved(later)), self.read(other, &common));
            let mut first = None;
            for at in other.claims.iter().copied() {
                let beside = |kept: &usize| self.claim(*kept).coverage.common(&self.claim(at).coverage.moved(later)) > Span::ZERO;
                let Some(best) = kept.claims.iter().copied().find(beside).or_else(|| kept.claims.first().copied()) else { continue };
                // A name that both have of another log says that much of a plug and what it holds alone.
                let is_inferred = |at: usize| !is_contained && self.hosts.inferred.contains(&self.claim(at).file);
                let is_open = |at: usize| !self.hosts.is_named(self.claim(at).host) || is_inferred(at);
                let open = is_open(at) || is_open(best) || kept.of.1 != other.of.1;
                self.drop_within(at, best, &held, why, open);
                first = first.or(Some((best, open)));
            }
            // At one place either reading may be right.
            match first.filter(|_| !is_contained) {
                Some((best, _)) if theirs < ours => self.outcomes[best].contradicted_by_less(ours - theirs),
                Some((best, false)) => self.outcomes[best].contradicted_by_more(theirs - ours),
                _ => {}
            }
        }
    }

    /// How much later the time of a meter is on the clock of another one.
    fn later(&mut self, own: &Meter<'_>, other: &Meter<'_>) -> Option<Span> {
        if own.of.1 == other.of.1 {
            return Some(Span::ZERO);
        }
        let claims = own.claims.first().zip(other.claims.first())?;
        may_be_one_time(self.claim(*claims.0), self.claim(*claims.1)).then(|| self.place(own.of, other.of))?
    }

    /// What counts of a meter over a part of the time.
    fn read(&self, meter: &Meter<'_>, time: &Coverage) -> Energy {
        meter.claims.iter().map(|at| self.counted_over(*at, time)).sum()
    }
}

impl Meter<'_> {
    fn is_of_another_tool(&self, other: &Meter<'_>) -> bool {
        self.tools.iter().all(|tool| !other.tools.contains(tool))
    }
}

/// Whether two instruments of one machine may read so much: at one place, or one at the plug and one behind the supply. Of one that is not stated nobody
/// knows which.
pub(super) fn may_be_one((instrument, own): (Instrument, Energy), (other, theirs): (Instrument, Energy)) -> bool {
    let is_outside = |of: Instrument| matches!(of, Instrument::WallMeter | Instrument::NotStated);
    let is_inside = |of: Instrument| of != Instrument::WallMeter;
    let at_one_place = is_outside(instrument) && is_outside(other) || is_inside(instrument) && is_inside(other);
    let holds = |(plug, held): (Instrument, Energy), (board, read): (Instrument, Energy)| {
        is_outside(plug) && is_inside(board) && could_be_plug(held.as_kwh(), read.as_kwh())
    };
    at_one_place && own > Energy::ZERO && !differ_widely(own, theirs)
        || holds((instrument, own), (other, theirs))
        || holds((other, theirs), (instrument, own))
}
