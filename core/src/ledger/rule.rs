//! Who counts: for each host, component, device and time the best claim; of what contains it, the rest.

use alloc::vec::Vec;

use super::alike::{LONG_ENOUGH, alike, draw_the_same};
use super::beside::Parts;
use super::claim::{Claim, Origin, Reach, Timeline, end_known_to, is_in_step, is_plug_of};
use super::containment::contains;
use super::devices::Slot;
use super::hosts::Hosts;
use super::outcome::{Disagreement, Left, Outcome, TwoRuns, Why};
use super::taken::Taken;
use super::undated::{Files, Later, Places, Runs, longest, may_be_one};
use crate::map::{Map, Set};
use crate::order;
use crate::rules;
use crate::series::{Alike, Component, Coverage};
use crate::units::{Energy, Span};

/// Readings of one device that differ by more than this, percent, do not agree.
const DISAGREE_PERCENT: i128 = rules::whole("claims_disagree_percent") as i128;

/// Sensors watch all devices of a set when they hold this share of its devices' time, percent.
const ALL_PERCENT: i128 = rules::whole("sets_all_percent") as i128;

/// A device draws so much of what those beside it do, percent, however idle it is.
const DRAWN_PERCENT: i128 = rules::whole("plausible_least_percent") as i128;

/// Of claims on clocks that can't be compared, no more are looked at.
const COMPARED: usize = 256;

/// A share is told in so many parts.
pub(super) const PARTS: i128 = 1_000_000_000;

/// The rule at work.
pub(super) struct Rule<'c, 'l> {
    pub(super) claims: &'c [Claim<'l>],
    pub(super) slots: &'c [Slot],
    pub(super) hosts: &'c Hosts,
    pub outcomes: Vec<Outcome>,
    pub left: Vec<Left>,
    pub disagreements: Vec<Disagreement>,
    /// Claims that were taken for another device of the same number, with the claim that shows it.
    pub other_devices: Vec<(usize, usize)>,
    /// Claims that a whole of another host holds, such as a job of several nodes, with that host.
    pub held_by: Map<usize, usize>,
    /// Logs that count from a start of their own.
    runs: Runs,
    /// Where they may have been.
    pub(super) places: Places,
    /// What may be of one run on two clocks, and counts as of two.
    pub(super) perhaps: Vec<TwoRuns>,
    /// Meters of one host that were too many to be compared.
    pub not_compared: Vec<usize>,
    /// Of logs of parts that count from a start of their own, what was taken out of a container.
    pub(super) contained: Map<(usize, Component), Energy>,
}

impl<'c, 'l> Rule<'c, 'l> {
    /// Decides what counts of every claim. `files` says what they are beyond claims.
    pub(super) fn apply(claims: &'c [Claim<'l>], slots: &'c [Slot], hosts: &'c Hosts, files: &Files<'_>) -> Self {
        let outcomes = claims.iter().map(|_| Outcome::default()).collect();
        let mut rule = Rule {
            claims,
            slots,
            hosts,
            outcomes,
            left: Vec::new(),
            disagreements: Vec::new(),
            other_devices: Vec::new(),
            held_by: Map::new(),
            runs: Runs::of(claims),
            places: Places::of(claims, &files.of_day),
            not_compared: Vec::new(),
            perhaps: Vec::new(),
            contained: Map::new(),
        };
        let mut by_slot: Vec<Vec<usize>> = slots.iter().map(|_| Vec::new()).collect();
        for (at, claim) in claims.iter().enumerate() {
            if let Some(list) = by_slot.get_mut(claim.device) {
                list.push(at);
            }
        }
        for list in by_slot {
            let (estimates, known): (Vec<usize>, Vec<usize>) = list.into_iter().partition(|at| rule.claim(*at).is_estimate());
            rule.count_slot(known);
            rule.count_slot(estimates);
        }
        rule.meters(&files.tools);
        let parts = Parts::of(&rule);
        rule.sets_beside_devices(&parts);
        rule.processes_beside_machines(&parts);
        for container in [Component::Cpu, Component::GpuModule, Component::Platform, Component::Unsplit, Component::Node] {
            rule.containers(container, Reach::Set, &parts);
        }
        rule.jobs_beside_nodes(&parts);
        rule.containers(Component::Node, Reach::Job, &parts);
        rule.estimates(&parts);
        rule.hand_on();
        rule
    }

    /// What may be of another device stays possible when what counted instead of it is left out, too: it goes to whoever counts in the end.
    fn hand_on(&mut self) {
        let kept: Map<usize, usize> = self.left.iter().map(|left| (left.claim, left.kept)).collect();
        for at in 0..self.claims.len() {
            if self.outcomes[at].more == Energy::ZERO || self.outcomes[at].energy > Energy::ZERO {
                continue;
            }
            let mut heir = at;
            // No chain is longer than there are kinds of instruments.
            for _ in 0..16 {
                match kept.get(&heir) {
                    Some(next) if self.outcomes[heir].energy == Energy::ZERO => heir = *next,
                    _ => break,
                }
            }
            let (more, apart) = (core::mem::take(&mut self.outcomes[at].more), core::mem::take(&mut self.outcomes[at].apart));
            self.outcomes[heir].more += more;
            self.outcomes[heir].apart += apart;
        }
    }

    /// How much later what was watched of a device on one clock is on another one, beside what was watched there of a device.
    pub(super) fn place(&mut self, own: (usize, Timeline), other: (usize, Timeline)) -> Option<Span> {
        match self.places.later(own, other, self.claims, &mut self.runs)? {
            Later::By(later) => Some(later),
            Later::Perhaps(_) => None,
        }
    }

    pub(super) fn claims(&self) -> &'c [Claim<'l>] {
        self.claims
    }

    pub(super) fn hosts(&self) -> &'c Hosts {
        self.hosts
    }

    pub(super) fn claim(&self, at: usize) -> &'c Claim<'l> {
        &self.claims[at]
    }

    /// Of what counts of a claim, the energy over a part of the time.
    pub(super) fn counted_over(&self, at: usize, part: &Coverage) -> Energy {
        let (claim, outcome) = (self.claim(at), &self.outcomes[at]);
        let inside = outcome.coverage.intersection(part);
        if inside == outcome.coverage {
            return outcome.energy;
        }
        let whole = claim.energy_over(&outcome.coverage);
        let own = claim.energy_over(&inside);
        if whole == outcome.energy || whole <= Energy::ZERO {
            return own.min(outcome.energy);
        }
        // A rest: its share of the claim's energy.
        let permille =
            |e: Energy| i64::try_from(e.as_picojoules().saturating_mul(1_000_000_000) / whole.as_picojoules().max(1)).unwrap_or(0);
        outcome.energy.share(permille(own), 1_000_000_000)
    }

    /// Takes `energy` from what counts of a claim; it stays possible where it is open whether both hold the same.
    pub(super) fn leave(&mut self, why: Why, claim: usize, kept: usize, energy: Energy, open: bool) {
        if energy == Energy::ZERO {
            return;
        }
        let (own, other) = (self.claim(claim), self.claim(kept));
        let open = open || own.moved != other.moved || self.hosts.is_adopted(own) && !self.hosts.is_adopted(other);
        self.left.push(Left { why, claim, kept, energy, open });
        if open {
            self.outcomes[kept].more += energy;
            self.outcomes[kept].apart += energy;
        }
    }

    /// The claims of one device: the best first, the others where it did not watch.
    fn count_slot(&mut self, mut list: Vec<usize>) {
        order::sort_by_key(&mut list, |at| (self.claim(*at).precedence(), *at));
        let first_clock = list.first().map(|at| self.claim(*at).timeline);
        let several_clocks = list.iter().any(|at| Some(self.claim(*at).timeline) != first_clock);
        // Lanes: logs of one number that can't be of one device. Of each, by clock.
        let mut lanes: Vec<Map<Timeline, Taken>> = Vec::new();
        let mut placed: Vec<usize> = Vec::new();
        for at in list {
            let claim = self.claim(at);
            let mut lane = 0;
            loop {
                if lane == lanes.len() {
                    lanes.push(Map::new());
                }
                let rival = lanes[lane].get(&claim.timeline).and_then(|taken| self.another_device(at, taken));
                let Some(rival) = rival else { break };
                if lane == 0 {
                    self.other_devices.push((at, rival));
                }
                lane += 1;
            }
            self.outcomes[at].lane = lane;
            let recent = placed.get(placed.len().saturating_sub(COMPARED)..).unwrap_or(&[]);
            self.count(at, &mut lanes[lane], recent);
            if several_clocks {
                placed.push(at);
            }
        }
    }

    /// Who in `taken` shows that a claim is of another device of the same number; only readings can.
    fn another_device(&self, at: usize, taken: &Taken) -> Option<usize> {
        let claim = self.claim(at);
        if !matches!(claim.origin, Origin::Recorded(_)) || self.is_certain(claim) {
            return None;
        }
        let held = taken.divide(&claim.coverage).held;
        let is_rival = |other: &Claim<'_>| other.rank() == claim.rank() && !is_plug_of(other, claim);
        let apart = |owner: &usize| is_rival(self.claim(*owner)) && alike(claim, self.claim(*owner)) == Alike::Apart;
        held.into_iter().map(|(owner, _)| owner).find(apart)
    }

    /// Whether the log says which device it is: by a name that holds everywhere, or by a number on a host that it names.
    fn is_certain(&self, claim: &Claim<'_>) -> bool {
        let slot = &self.slots[claim.device];
        slot.is_identified() || self.hosts.is_named(slot.host) && slot.device.place.is_none()
    }

    fn count(&mut self, at: usize, lane: &mut Map<Timeline, Taken>, elsewhere: &[usize]) {
        let claim = self.claim(at);
        let taken = lane.entry(claim.timeline).or_default();
        let mut divided = taken.divide(&claim.coverage);
        let mut tolerance = claim.tolerance();
        let mut follows: Vec<(i64, i64)> = Vec::new();
        divided.held.retain(|(owner, part)| {
            let other = self.claim(*owner);
            let both_declared = matches!((&claim.origin, &other.origin), (Origin::Declared(..), Origin::Declared(..)));
            // Stamps are cut to seconds: runs that follow each other seem to overlap by less than that.
            let is_next = both_declared && claim.file == other.file && part.length() <= end_known_to(claim).max(end_known_to(other));
            if is_next {
                follows.extend_from_slice(part.spans());
            } else {
                tolerance = tolerance.max(other.tolerance());
            }
            !is_next
        });
        let untaken = if divided.held.is_empty() { divided.free } else { divided.free.longer_than(tolerance) };
        taken.take(&untaken, at);
        let free = if follows.is_empty() { untaken } else { untaken.union(&Coverage::from_spans(follows)) };
        let energy = if divided.held.is_empty() { claim.energy } else { claim.energy_over(&free) };
        let mut rest = claim.energy - energy;
        let last = divided.held.len().saturating_sub(1);
        for (number, (owner, part)) in divided.held.iter().enumerate() {
            // Ends too short to say anything go to the last one.
            let own = if number == last { rest } else { claim.energy_over(part).min(rest) };
            rest = rest - own;
            self.replaced(at, *owner, part, own);
        }
        let (free, energy) = self.elsewhere(at, free, energy, lane, elsewhere);
        self.outcomes[at].energy = energy;
        self.outcomes[at].coverage = free;
    }

    /// Claims of the same device on clocks that can't be compared: joules that may be the same are not counted twice.
    fn elsewhere(
        &mut self,
        at: usize,
        free: Coverage,
        energy: Energy,
        lane: &Map<Timeline, Taken>,
        placed: &[usize],
    ) -> (Coverage, Energy) {
        let (claims, claim) = (self.claims, self.claim(at));
        let mut clocks: Vec<Timeline> = placed.iter().map(|other| claims[*other].timeline).collect();
        clocks.extend([Timeline::Utc, Timeline::Local]);
        order::sort(&mut clocks);
        clocks.dedup();
        let mut best = Vec::new();
        for clock in clocks.into_iter().filter(|clock| *clock != claim.timeline) {
            let Some(taken) = lane.get(&clock) else { continue };
            let Some(later) = self.places.later((claim.device, claim.timeline), (claim.device, clock), claims, &mut self.runs) else {
                continue;
            };
            let mut held = taken.divide(&free.moved(later.span())).held;
            held.retain(|(other, _)| may_be_one(claim, &claims[*other]) && !self.runs.are_two(claim, &claims[*other], claims));
            let back = Span::from_micros(-later.span().as_micros());
            let held = held.into_iter().map(|(other, part)| (other, part.moved(back)));
            match later {
                Later::By(_) => longest(&mut best, held.collect()),
                Later::Perhaps(_) => self.perhaps.extend(held.map(|(other, time)| TwoRuns { claim: at, other, time })),
            }
        }
        self.leave_elsewhere(at, free, energy, &best)
    }

    /// Leaves out of `energy`, which counts over `free`, what claims on another clock may hold: its share of the time. Of a figure that does not say how long it
    /// took, any part may be the other's.
    fn leave_elsewhere(&mut self, at: usize, free: Coverage, energy: Energy, held: &[(usize, Coverage)]) -> (Coverage, Energy) {
        let (whole, mut rest, mut counts) = (free.clone(), free, energy);
        for (other, part) in held {
            if !self.claim(at).has_length() || !self.claim(*other).has_length() {
                let left = counts.min(self.outcomes[*other].energy);
                self.leave(self.why(at, *other), at, *other, left, true);
                counts = counts - left;
                rest = if counts > Energy::ZERO { rest } else { Coverage::default() };
                continue;
            }
            let common = rest.intersection(part);
            let left = if common == rest { counts } else { self.share_over(at, energy, &common, &whole).min(counts) };
            self.leave(self.why(at, *other), at, *other, left, true);
            (rest, counts) = (rest.without(&common), counts - left);
        }
        (rest, counts)
    }

    /// Of `energy`, which a claim has over `whole`, the share of a part: as its readings lie, or evenly where it has none there.
    fn share_over(&self, at: usize, energy: Energy, part: &Coverage, whole: &Coverage) -> Energy {
        let joules = |over: &Coverage| self.claim(at).energy_over(over).as_picojoules().max(0);
        let (own, all) = (joules(part), joules(whole));
        match i64::try_from(own.saturating_mul(PARTS) / all.max(1)) {
            Ok(share) if all > 0 => energy.share(share, PARTS as i64),
            _ => energy.share(part.length().as_micros(), whole.length().as_micros().max(1)),
        }
    }

    /// `owner` counts instead of `at` over a part of its time.
    fn replaced(&mut self, at: usize, owner: usize, part: &Coverage, energy: Energy) {
        let (claim, kept) = (self.claim(at), self.claim(owner));
        let mut why = self.why(at, owner);
        let theirs = kept.energy_over(part);
        let differ = theirs.max(energy) - theirs.min(energy);
        let disagree = differ_widely(theirs, energy);
        // So far apart are no two instruments of one device, however short the time.
        let far = theirs.max(energy).as_picojoules() >= theirs.min(energy).as_picojoules().saturating_mul(2);
        let mut open = false;
        match (&claim.origin, &kept.origin) {
            (Origin::Recorded(_), Origin::Recorded(_)) => {
                let same = alike(claim, kept);
                let is_of = |files: &Set<usize>| [claim.file, kept.file].iter().any(|file| files.contains(file));
                // A name that a log of another folder gives is proof of nothing where readings only come to the same.
                let is_afar = is_of(&self.hosts.afar) && !matches!(same, Alike::Identical | Alike::Same);
                let is_certain = self.is_certain(claim) && !(is_of(&self.hosts.inferred) && (disagree || is_afar));
                if claim.moved != kept.moved && matches!(same, Alike::Identical | Alike::Same) {
                    why = Why::OnAnotherClock;
                } else if same == Alike::Identical && is_in_step(claim, kept) {
                    why = Why::Copy;
                } else {
                    open = !is_certain && claim.file != kept.file && !claim.is_estimate() && !self.hosts.ranks.show_one(claim, kept);
                }
                let is_other = claim.rank() != kept.rank();
                let says = disagree && (!is_other || far || part.length() >= LONG_ENOUGH) && !is_plug_of(kept, claim);
                // Of what may be of another device the upper end holds all; of one device either may be right, read in two ways.
                if says && (!open || is_other) {
                    match energy > theirs {
                        true if open => {}
                        true => self.outcomes[owner].contradicted_by_more(differ),
                        false => self.outcomes[owner].contradicted_by_less(differ),
                    }
                    self.disagreements.push(Disagreement { kept: owner, left: at, kept_energy: theirs, left_energy: energy });
                }
            }
            (Origin::Declared(x, ..), Origin::Declared(y, ..)) => {
                let one_tool = claim.tool_family() == kept.tool_family();
                // Ranks of one machine, or machines that no name tells apart: of those that write into one file, ranks tell the same.
                let tell_the_same = || draw_the_same((x, claim.coverage.length()), (y, kept.coverage.length()));
                let may_be_others = one_tool && (claim.file != kept.file || x.run != y.run && !tell_the_same());
                open = may_be_others && !self.hosts.is_named(claim.host) && x.host.is_none() && y.host.is_none();
                // Jobs that share their nodes hold the same joules; where they differ, a site may have told their own apart.
                open |= claim.reach == Reach::Job && disagree;
                if !one_tool && far {
                    if energy > theirs {
                        self.outcomes[owner].contradicted_by_more(differ);
                    }
                    self.disagreements.push(Disagreement { kept: owner, left: at, kept_energy: theirs, left_energy: energy });
                }
            }
            _ => {}
        }
        self.leave(why, at, owner, energy, open);
    }

    fn why(&self, at: usize, owner: usize) -> Why {
        let (claim, kept) = (self.claim(at), self.claim(owner));
        match (&claim.origin, &kept.origin) {
            _ if claim.is_estimate() && !kept.is_estimate() => Why::KnownBeforeEstimated,
            (Origin::Declared(..), Origin::Declared(..)) => Why::MachineCountedOnce,
            (Origin::Declared(..), Origin::Recorded(_)) => Why::MeasuredBeforeDeclared,
            _ if is_plug_of(kept, claim) || contains(kept.component, claim.component) => Why::Contained,
            _ if kept.rank().is_energy() && claim.rank() > kept.rank() => Why::CounterBeforePower,
            _ => Why::OverlapCountedOnce,
        }
    }

    /// A figure for all devices of a kind, beside logs of single ones: what they do not watch. Sensors of all of them count before trackers.
    fn sets_beside_devices(&mut self, parts: &Parts) {
        for of_sensors in [true, false] {
            for at in 0..self.claims.len() {
                let claim = self.claim(at);
                let is_recorded = matches!(claim.origin, Origin::Recorded(_));
                if claim.reach != Reach::Set || is_recorded != of_sensors || claim.is_estimate() || self.outcomes[at].coverage.is_empty() {
                    continue;
                }
                let known = |part: &Claim<'_>| part.component == claim.component && !part.is_estimate();
                let sensors =
                    parts.beside(self, at, |part| known(part) && matches!(part.origin, Origin::Recorded(_)) && part.reach == Reach::Set);
                if !is_recorded && !sensors.is_empty() {
                    self.less_what_is_measured(at, &sensors, Some(1));
                }
                let devices = parts.beside(self, at, |part| known(part) && part.reach == Reach::Device);
                if !devices.is_empty() && !self.outcomes[at].coverage.is_empty() {
                    self.less_what_is_measured(at, &devices, (!is_recorded).then(|| i128::from(claim.count)));
                }
            }
        }
    }

    /// A job's figure is of whole nodes: over the time in which sensors watched all of them, the sensors count. Where they watched some, see
    /// [`containers`](Self::containers).
    fn jobs_beside_nodes(&mut self, parts: &Parts) {
        for at in 0..self.claims.len() {
            let claim = self.claim(at);
            let Origin::Declared(_, _, part) = &claim.origin else { continue };
            let Some(nodes) = part.count.filter(|_| claim.reach == Reach::Job && !self.outcomes[at].coverage.is_empty()) else { continue };
            let meters = parts.beside(self, at, |part| {
                part.component == claim.component && part.reach == Reach::Device && part.timeline == claim.timeline && !part.is_estimate()
            });
            let watched = meters.iter().map(|meter| &self.claim(*meter).coverage);
            let all: i128 = watched.clone().map(|coverage| i128::from(coverage.common(&claim.coverage).as_micros())).sum();
            let any = i128::from(union(watched).common(&claim.coverage).as_micros());
            if any > 0 && all * 100 >= i128::from(nodes) * any * ALL_PERCENT {
                self.less_what_is_measured(at, &meters, Some(i128::from(nodes)));
            }
        }
    }

    /// A machine's figure holds its processes'.
    fn processes_beside_machines(&mut self, parts: &Parts) {
        for at in 0..self.claims.len() {
            let claim = self.claim(at);
            if claim.reach != Reach::Process || self.outcomes[at].coverage.is_empty() {
                continue;
            }
            let beside = parts.beside(self, at, |part| {
                part.component == claim.component && matches!(part.reach, Reach::Device | Reach::Set) && !part.is_estimate()
            });
            self.less_what_is_measured(at, &beside, Some(1));
        }
    }

    /// Of so many devices. Where nobody says of how many, all of them are watched where those that are hold as much.
    fn less_what_is_measured(&mut self, at: usize, beside: &[usize], count: Option<i128>) {
        let claim = self.claim(at);
        let own = self.outcomes[at].coverage.clone();
        let on_clock: Vec<usize> = beside.iter().copied().filter(|other| self.claim(*other).timeline == claim.timeline).collect();
        let held = union(on_clock.iter().map(|other| &self.outcomes[*other].coverage));
        let inside = own.intersection(&held);
        if inside.is_empty() {
            return self.less_what_may_be_measured(at, beside);
        }
        let mut devices: Map<usize, Coverage> = Map::new();
        for other in &on_clock {
            let entry = devices.entry(self.claim(*other).device).or_default();
            *entry = entry.union(&self.outcomes[*other].coverage.intersection(&own));
        }
        let watched: i128 = devices.values().map(|coverage| i128::from(coverage.length().as_micros())).sum();
        let kept = *on_clock.first().unwrap_or(&at);
        let why = self.why(at, kept);
        let whole = self.counted_over(at, &inside);
        let measured: Energy = on_clock.iter().map(|other| self.counted_over(*other, &inside)).sum();
        let (theirs, ours) = (100 * measured.as_picojoules(), whole.as_picojoules());
        let (are_all, open) = match count {
            Some(count) => {
                let of_all = count * i128::from(inside.length().as_micros());
                // What is left for the others is less than any draws: the figure may be of some of the devices, which are none of these.
                let left = (100 * ours - theirs).saturating_mul(watched);
                let is_of_some = count > 1
                    && watched * 100 < of_all * ALL_PERCENT
                    && left.saturating_mul(100) < theirs.saturating_mul(of_all - watched).saturating_mul(DRAWN_PERCENT);
                (watched * 100 >= of_all * ALL_PERCENT, is_of_some && !claim.is_estimate())
            }
            // Less than its parts: readings that contradict each other. Those and logs of machines that no name tells apart the upper end holds.
            None => {
                let is_one_file = on_clock.iter().all(|other| self.claim(*other).file == claim.file);
                let contradicts = theirs > (100 + DISAGREE_PERCENT) * ours;
                (theirs >= (100 - DISAGREE_PERCENT) * ours, contradicts || !is_one_file && !self.is_certain(claim))
            }
        };
        if are_all {
            let tolerance = on_clock.iter().map(|other| self.claim(*other).tolerance()).max().unwrap_or_default().max(claim.tolerance());
            let free = own.without(&held).longer_than(tolerance);
            let energy = self.counted_over(at, &free);
            let energy = if free.is_empty() { Energy::ZERO } else { energy };
            self.leave(why, at, kept, self.outcomes[at].energy - energy, open);
            self.outcomes[at].energy = energy;
            self.outcomes[at].coverage = free;
        } else {
            // Of several devices some are watched: of their time, the figure counts less what was measured.
            let left = whole.min(measured);
            self.leave(why, at, kept, left, open);
            self.outcomes[at].energy = self.outcomes[at].energy - left;
        }
        let elsewhere = self.on_other_clocks(at, beside, &own);
        self.less_what_may_be_measured(at, &elsewhere);
    }

    /// Those on another clock, of devices that were watched for less than half of the time on its own.
    pub(super) fn on_other_clocks(&self, at: usize, beside: &[usize], time: &Coverage) -> Vec<usize> {
        let clock = self.claim(at).timeline;
        let (own, others): (Vec<usize>, Vec<usize>) = beside.iter().partition(|other| self.claim(**other).timeline == clock);
        let mut watched: Map<usize, Coverage> = Map::new();
        for other in own {
            let entry = watched.entry(self.claim(other).device).or_default();
            *entry = entry.union(&self.outcomes[other].coverage);
        }
        let is_watched = |other: &usize| {
            watched.get(&self.claim(*other).device).is_some_and(|known| 2 * known.common(time).as_micros() > time.length().as_micros())
        };
        others.into_iter().filter(|other| !is_watched(other)).collect()
    }

    /// The same where nobody knows when one of the two was.
    pub(super) fn less_what_may_be_measured(&mut self, at: usize, beside: &[usize]) {
        if beside.is_empty() || self.outcomes[at].coverage.is_empty() {
            return;
        }
        let mut by_device: Map<(usize, Timeline), Vec<(usize, Coverage)>> = Map::new();
        for (other, part) in self.may_hold(at, beside) {
            let theirs = self.claim(other);
            by_device.entry((theirs.device, theirs.timeline)).or_default().push((other, part));
        }
        let mut best = Vec::new();
        by_device.into_values().for_each(|held| longest(&mut best, held));
        let outcome = core::mem::take(&mut self.outcomes[at]);
        let (coverage, energy) = self.leave_elsewhere(at, outcome.coverage.clone(), outcome.energy, &best);
        self.outcomes[at] = Outcome { coverage, energy, ..outcome };
    }

    /// Of what counts of a claim, the time that others on clocks of their own may hold.
    pub(super) fn may_hold(&mut self, at: usize, others: &[usize]) -> Vec<(usize, Coverage)> {
        let (claims, claim) = (self.claims, self.claim(at));
        let mut found = Vec::new();
        for other in others.iter().copied().filter(|other| claims[*other].timeline != claim.timeline && may_be_one(claim, &claims[*other]))
        {
            let theirs = (claims[other].device, claims[other].timeline);
            let Some(later) = self.places.later((claim.device, claim.timeline), theirs, claims, &mut self.runs) else { continue };
            let there = self.outcomes[other].coverage.moved(Span::from_micros(-later.span().as_micros()));
            let part = self.outcomes[at].coverage.intersection(&there);
            match later {
                _ if part.is_empty() => {}
                Later::By(_) => found.push((other, part)),
                Later::Perhaps(_) => self.perhaps.push(TwoRuns { claim: at, other, time: part }),
            }
        }
        found
    }

    /// Estimates count where nothing that is known holds the same joules.
    fn estimates(&mut self, parts: &Parts) {
        for at in 0..self.claims.len() {
            let claim = self.claim(at);
            if !claim.is_estimate() || self.outcomes[at].coverage.is_empty() {
                continue;
            }
            let slot = &self.slots[claim.device];
            let known = parts.beside(self, at, |other| {
                let theirs = &self.slots[other.device];
                let another = theirs.reach == Reach::Device && claim.component == Component::Gpu && other.device != claim.device;
                let same = other.component == claim.component && (!another || slot.device.key().is_empty());
                !other.is_estimate() && (same || contains(other.component, claim.component))
            });
            let held = union(known.iter().filter(|other| self.claim(**other).timeline == claim.timeline).map(|other| self.watched(*other)));
            let own = self.outcomes[at].coverage.clone();
            if own.common(&held) == Span::ZERO {
                if !known.is_empty() {
                    self.less_what_may_be_measured(at, &known);
                }
                continue;
            }
            let kept = *known.first().unwrap_or(&at);
            let free = own.without(&held).longer_than(claim.tolerance());
            let energy = if free.is_empty() { Energy::ZERO } else { self.counted_over(at, &free) };
            self.leave(Why::KnownBeforeEstimated, at, kept, self.outcomes[at].energy - energy, false);
            self.outcomes[at].energy = energy;
            self.outcomes[at].coverage = free;
        }
    }

    /// When a claim that counts watched: of a container whose rest is used up, all the same.
    fn watched(&self, at: usize) -> &'c Coverage {
        &self.claims[at].coverage
    }
}

/// Whether two readings of the same differ by more than instruments do.
pub(super) fn differ_widely(a: Energy, b: Energy) -> bool {
    let (more, less) = (a.max(b).as_picojoules(), a.min(b).as_picojoules());
    (more - less).saturating_mul(100) >= more.saturating_mul(DISAGREE_PERCENT)
}

pub(super) fn union<'s>(sets: impl Iterator<Item = &'s Coverage>) -> Coverage {
    let mut spans = Vec::new();
    sets.for_each(|set| spans.extend_from_slice(set.spans()));
    Coverage::from_spans(spans)
}
