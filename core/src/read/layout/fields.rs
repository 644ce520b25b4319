//! Fields of a row, by name, and of what surrounds it.

use alloc::vec::Vec;

use super::pattern::Pattern;
use crate::bounds;

/// Names and values in the order in which they were read, in one buffer: nothing is allocated a row.
#[derive(Debug, Default)]
pub(in crate::read) struct Fields {
    text: Vec<u8>,
    fields: Vec<Field>,
    /// A field was too much.
    is_full: bool,
    /// So many fields are as they were when this was asked last.
    unchanged: usize,
    /// The next field is the first of an object.
    begins: bool,
}

#[derive(Clone, Copy, Debug)]
struct Field {
    start: usize,
    value: usize,
    end: usize,
    /// It is the first of an object: names begin anew there.
    begins: bool,
}

/// A place in the fields, to go back to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark(pub(super) usize);

/// The last field that is called so, as far as was looked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Last {
    looked: usize,
    at: Option<usize>,
}

impl Last {
    /// Its place.
    pub(super) fn of(&mut self, name: Pattern<'_>, fields: &Fields) -> Option<usize> {
        let looked = core::mem::replace(&mut self.looked, fields.len());
        self.at = (looked..self.looked).rev().find(|place| name.matches(fields.name(*place))).or(self.at);
        self.at
    }

    /// Forgets the fields from a mark on.
    pub(super) fn back_to(&mut self, mark: Mark) {
        match self.at {
            Some(at) if at >= mark.0 => *self = Self::default(),
            _ => self.looked = self.looked.min(mark.0),
        }
    }
}

impl Fields {
    /// Adds a field; its name is put together of parts and in lower case.
    pub(super) fn push(&mut self, name: &[&[u8]], value: &[u8]) {
        let start = self.text.len();
        let length: usize = name.iter().map(|part| part.len()).sum::<usize>() + value.len();
        if !self.fits(length) {
            return;
        }
        name.iter().for_each(|part| self.text.extend_from_slice(part));
        let at = self.text.len();
        if let Some(name) = self.text.get_mut(start..) {
            name.make_ascii_lowercase();
        }
        self.text.extend_from_slice(value);
        let begins = core::mem::take(&mut self.begins);
        self.fields.push(Field { start, value: at, end: self.text.len(), begins });
    }

    /// Adds a field that has the value of another one.
    pub(super) fn push_again(&mut self, name: &[u8], of: usize) {
        let Some(Field { value, end, .. }) = self.fields.get(of).copied() else { return };
        if self.fits(name.len() + end - value) {
            self.push(&[name], b"");
            self.text.extend_from_within(value..end);
            self.fields.last_mut().into_iter().for_each(|field| field.end = self.text.len());
        }
    }

    /// What follows is of an object inside, whose names are its own.
    pub(super) fn begin(&mut self) {
        self.begins = true;
    }

    /// Whether two fields, the first one first, are of one object.
    pub(super) fn are_of_one(&self, first: usize, second: usize) -> bool {
        self.fields.get(first + 1..=second).is_some_and(|between| between.iter().all(|field| !field.begins))
    }

    /// Whether so many bytes more are not too much.
    fn fits(&mut self, more: usize) -> bool {
        let fits = self.text.len() + more <= bounds::RECORD_BYTES.value as usize;
        self.is_full |= !fits;
        fits
    }

    /// So many bytes more are not too much.
    pub(super) fn room(&self) -> usize {
        (bounds::RECORD_BYTES.value as usize).saturating_sub(self.text.len())
    }

    /// Where the next field will be.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.fields.len())
    }

    /// Forgets the fields from a mark on.
    pub(super) fn back_to(&mut self, mark: Mark) {
        if let Some(first) = self.fields.get(mark.0) {
            self.text.truncate(first.start);
            self.fields.truncate(mark.0);
            self.unchanged = self.unchanged.min(mark.0);
        }
    }

    /// The fields from a mark on.
    pub(super) fn after(&self, mark: Mark) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.iter().skip(mark.0).map(|(name, value)| (name.to_vec(), value.to_vec())).collect()
    }

    /// Names and values.
    pub(in crate::read) fn iter(&self) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> {
        self.fields.iter().filter_map(|field| Some((self.text.get(field.start..field.value)?, self.text.get(field.value..field.end)?)))
    }

    /// How many fields, from the first on, stood there when this was asked last.
    pub(super) fn unchanged(&mut self) -> usize {
        core::mem::replace(&mut self.unchanged, self.fields.len())
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// The name of a field by its place.
    pub(super) fn name(&self, place: usize) -> &[u8] {
        self.fields.get(place).and_then(|field| self.text.get(field.start..field.value)).unwrap_or(&[])
    }

    /// The value of a field by its place.
    pub(super) fn get(&self, place: usize) -> &[u8] {
        self.fields.get(place).and_then(|field| self.text.get(field.value..field.end)).unwrap_or(&[])
    }

    /// The value of the last field that is called so.
    pub(super) fn value(&self, name: &[u8]) -> Option<&[u8]> {
        self.iter().rev().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// Gives up the fields and says whether one had been too much.
    pub(super) fn take_full(&mut self) -> bool {
        core::mem::take(&mut self.is_full)
    }
}
