//! What the fields of a row come to, as they are gone through. What stands around a row stands around the one before as well, mostly: it is
//! gone through once.

use alloc::vec::Vec;

use super::Uses;
use crate::decode::table::is_missing;
use crate::read::layout::fields::Fields;
use crate::read::layout::{Layout, Only, TimeKind};
use crate::units::Span;
use crate::units::decimal::parse_scaled_i64;

/// A reading of the row in hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub meter: usize,
    pub rank: usize,
    /// Which field.
    pub field: usize,
    /// Where its name holds the number of the device.
    device: Option<(usize, usize)>,
}

impl Found {
    /// The number of the device, where the name of the field holds it.
    pub(super) fn device<'f>(&self, fields: &'f Fields) -> Option<&'f [u8]> {
        self.device.and_then(|(from, to)| fields.name(self.field).get(from..to))
    }
}

/// The fields so far.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// How many there were.
    pub fields: usize,
    pub found: Vec<Found>,
    /// Host, uuid, bus id, serial, index, model, part, what repeats: by rank, and which field.
    pub names: [Option<(usize, usize)>; 8],
    /// Times: by rank, which of its fields, and which field.
    pub times: Vec<(usize, usize, usize)>,
    /// A condition of the layout is not met.
    pub is_left_out: bool,
    /// A name that comes twice in it, and says two things.
    pub twice: Option<usize>,
    /// Meters of which a condition is not met.
    failed: Vec<usize>,
    /// Conditions of meters that must be met, and are.
    met: Vec<(usize, usize)>,
}

impl Gathered {
    /// How long the row's interval took, in rows that have a time, too.
    pub(super) fn length(&self, layout: &Layout, fields: &Fields) -> Option<Span> {
        let mut kinds = layout.time.iter().map(|time| time.kind).enumerate();
        let (rank, scale) = kinds.find_map(|(rank, kind)| if let TimeKind::Duration(scale) = kind { Some((rank, scale)) } else { None })?;
        let (.., field) = self.times.iter().rev().find(|(r, ..)| *r == rank)?;
        let micros = parse_scaled_i64(fields.get(*field).trim_ascii(), 6 - scale).ok()?;
        (micros > 0).then(|| Span::from_micros(micros))
    }

    /// Becomes what another is: nothing is allocated.
    pub(super) fn become_as(&mut self, other: &Self) {
        (self.fields, self.names, self.is_left_out, self.twice) = (other.fields, other.names, other.is_left_out, other.twice);
        self.found.clone_from(&other.found);
        self.times.clone_from(&other.times);
        self.failed.clone_from(&other.failed);
        self.met.clone_from(&other.met);
    }

    /// Takes the next field.
    pub(super) fn add(&mut self, fields: &Fields, uses: &Uses, layout: &Layout) {
        let number = self.fields;
        self.fields += 1;
        if uses.is_empty {
            return;
        }
        let value = fields.get(number);
        let is_missing = is_missing(value);
        if !value.is_empty() {
            self.says_twice(fields, uses, number);
        }
        for (meter, rank, device) in uses.meters.iter().filter(|_| !value.is_empty()) {
            let one = Found { meter: *meter, rank: *rank, field: number, device: *device };
            match self.found.iter_mut().find(|known| known.meter == *meter && known.device(fields) == one.device(fields)) {
                // Of a name that comes twice the later one counts, of preferences the first that holds a value.
                Some(known) if *rank <= known.rank && !is_missing => *known = one,
                Some(_) => {}
                None => self.found.push(if is_missing { Found { rank: usize::MAX, ..one } } else { one }),
            }
        }
        self.times.extend(uses.times.iter().map(|(rank, part)| (*rank, *part, number)));
        for (kind, rank) in uses.names.iter().filter(|_| !is_missing) {
            if let Some(slot) = self.names.get_mut(*kind)
                && slot.is_none_or(|(known, _)| *rank <= known)
            {
                *slot = Some((*rank, number));
            }
        }
        let admits = |only: Option<&Only>| only.is_some_and(|only| only.admits(value));
        let meter = |meter: usize| layout.meters.get(meter);
        let having = uses.having.iter();
        self.met.extend(having.filter(|(of, condition)| admits(meter(*of).and_then(|row| row.having.get(*condition)))));
        for (of, condition) in &uses.conditions {
            match of {
                None => self.is_left_out |= !admits(layout.only.get(*condition)),
                Some(of) if !admits(meter(*of).and_then(|row| row.only.get(*condition))) => self.failed.push(*of),
                Some(_) => {}
            }
        }
    }

    /// Whether a field of the same name says something else.
    fn says_twice(&mut self, fields: &Fields, uses: &Uses, number: usize) {
        let is_other = |known: usize| {
            fields.name(known) == fields.name(number) && fields.get(known) != fields.get(number) && fields.are_of_one(known, number)
        };
        let is_read = |found: &Found| uses.meters.iter().any(|(meter, rank, _)| (found.meter, found.rank) == (*meter, *rank));
        let readings = self.found.iter().filter(|found| is_read(found)).map(|found| found.field);
        let times = self.times.iter().map(|(.., field)| *field);
        let names = uses.names.iter().filter_map(|(kind, _)| self.names.get(*kind).copied().flatten()).map(|(_, field)| field);
        if !uses.meters.is_empty() || !uses.times.is_empty() || !uses.names.is_empty() {
            self.twice = self.twice.or_else(|| readings.chain(times).chain(names).find(|known| is_other(*known)));
        }
    }

    /// Leaves the readings whose conditions are met.
    pub(super) fn leave_met(&mut self, layout: &Layout) {
        let must = |meter: usize| layout.meters.get(meter).map_or(0, |row| row.having.len());
        self.found.retain(|found| {
            !self.failed.contains(&found.meter) && (0..must(found.meter)).all(|condition| self.met.contains(&(found.meter, condition)))
        });
    }
}
