//! Maps and sets in the order of their keys, with one copy of the search's code for all types.
//!
//! The standard library's `BTreeMap` is compiled anew for each pair of types, about 3 kB each, some forty of them here. Entries lie in a list in
//! the order of their coming, and what keeps the order of keys knows numbers only. What is put in can't be taken out one by one.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::iter::{Copied, Flatten};
use core::slice;

use crate::order;
use crate::sparing;

/// Keys to values.
#[derive(Clone, Debug)]
pub(crate) struct Map<K, V> {
    entries: Vec<(K, V)>,
    places: Places,
}

/// Keys alone.
#[derive(Clone, Debug)]
pub(crate) struct Set<K>(Map<K, ()>);

/// The place of a key, taken or not.
pub(crate) struct Entry<'m, K, V> {
    map: &'m mut Map<K, V>,
    key: K,
    found: Result<usize, Gap>,
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> Map<K, V> {
    pub(crate) const fn new() -> Self {
        Self { entries: Vec::new(), places: Places(Vec::new()) }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn iter(&self) -> Iter<'_, K, V> {
        Iter { places: self.places.iter(), entries: &self.entries }
    }

    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone {
        self.iter().map(|(_, value)| value)
    }

    pub(crate) fn into_values(self) -> impl Iterator<Item = V> {
        self.into_iter().map(|(_, value)| value)
    }

    /// Puts the entries themselves in order.
    fn arrange(&mut self) {
        let mut places: Vec<usize> = self.places.iter().collect();
        order::arrange(&mut places, &mut |a, b| self.entries.swap(a, b));
        self.places = Places::in_order(self.entries.len());
    }
}

impl<K: Ord, V> Map<K, V> {
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, Gap>
    where
        K: core::borrow::Borrow<Q>,
    {
        self.places.find(&mut |place| match self.entries.get(place) {
            Some((own, _)) => own.borrow().cmp(key),
            None => Ordering::Less,
        })
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: core::borrow::Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        self.entries.get(place).map(|(_, value)| value)
    }

    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: core::borrow::Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        self.entries.get_mut(place).map(|(_, value)| value)
    }

    /// The same, of keys that mostly come in the order in which they came first: `near` is where the one before stood.
    pub(crate) fn get_mut_near<Q: Ord + ?Sized>(&mut self, key: &Q, near: &mut usize) -> Option<&mut V>
    where
        K: core::borrow::Borrow<Q>,
    {
        let is_at = |place: &usize| self.entries.get(*place).is_some_and(|(own, _)| own.borrow() == key);
        let next = if *near + 1 < self.entries.len() { *near + 1 } else { 0 };
        let place = [next, *near].into_iter().find(is_at);
        *near = place.map_or_else(|| self.find(key), Ok).ok()?;
        self.entries.get_mut(*near).map(|(_, value)| value)
    }

    /// Where a key stands: until another one is added.
    pub(crate) fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Option<usize>
    where
        K: core::borrow::Borrow<Q>,
    {
        self.find(key).ok()
    }

    pub(crate) fn value_at(&self, place: usize) -> Option<&V> {
        self.entries.get(place).map(|(_, value)| value)
    }

    pub(crate) fn value_at_mut(&mut self, place: usize) -> Option<&mut V> {
        self.entries.get_mut(place).map(|(_, value)| value)
    }

    pub(crate) fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: core::borrow::Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Gives the value that was there.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let Entry { map, key, found } = self.entry(key);
        match found {
            Ok(place) => map.entries.get_mut(place).map(|(_, own)| core::mem::replace(own, value)),
            Err(gap) => {
                map.put(gap, key, value);
                None
            }
        }
    }

    pub(crate) fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let found = self.find(&key);
        Entry { map: self, key, found }
    }

    fn put(&mut self, gap: Gap, key: K, value: V) -> usize {
        let place = self.entries.len();
        self.places.insert(gap, place);
        sparing::push(&mut self.entries, (key, value));
        place
    }
}

impl<'m, K: Ord, V> Entry<'m, K, V> {
    pub(crate) fn or_insert_with(self, value: impl FnOnce() -> V) -> &'m mut V {
        let place = match self.found {
            Ok(place) => place,
            Err(gap) => self.map.put(gap, self.key, value()),
        };
        &mut self.map.entries[place].1
    }

    pub(crate) fn or_insert(self, value: V) -> &'m mut V {
        self.or_insert_with(|| value)
    }

    pub(crate) fn or_default(self) -> &'m mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

/// Entries in the order of their keys.
pub(crate) struct Iter<'m, K, V> {
    places: PlacesIter<'m>,
    entries: &'m [(K, V)],
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self { places: self.places.clone(), entries: self.entries }
    }
}

impl<'m, K, V> Iterator for Iter<'m, K, V> {
    type Item = (&'m K, &'m V);

    fn next(&mut self) -> Option<Self::Item> {
        self.entries.get(self.places.next()?).map(|(key, value)| (key, value))
    }
}

impl<K, V> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.entries.get(self.places.next_back()?).map(|(key, value)| (key, value))
    }
}

impl<'m, K, V> IntoIterator for &'m Map<K, V> {
    type Item = (&'m K, &'m V);
    type IntoIter = Iter<'m, K, V>;

    fn into_iter(self) -> Iter<'m, K, V> {
        self.iter()
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = vec::IntoIter<(K, V)>;

    fn into_iter(mut self) -> vec::IntoIter<(K, V)> {
        self.arrange();
        self.entries.into_iter()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<K: Ord, V> Extend<(K, V)> for Map<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K> Default for Set<K> {
    fn default() -> Self {
        Self(Map::new())
    }
}

impl<K: Ord> Set<K> {
    pub(crate) const fn new() -> Self {
        Self(Map::new())
    }

    /// Whether the key is new.
    pub(crate) fn insert(&mut self, key: K) -> bool {
        self.0.insert(key, ()).is_none()
    }

    pub(crate) fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: core::borrow::Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn first(&self) -> Option<&K> {
        self.iter().next()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.0.keys()
    }
}

impl<K> IntoIterator for Set<K> {
    type Item = K;
    type IntoIter = core::iter::Map<vec::IntoIter<(K, ())>, fn((K, ())) -> K>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(|(key, ())| key)
    }
}

impl<K: Ord> FromIterator<K> for Set<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        Self(keys.into_iter().map(|key| (key, ())).collect())
    }
}

/// How many places one list holds: what a new one moves stays small however many there are.
const LIST: usize = 512;

/// The places of entries, in the order of their keys.
#[derive(Clone, Debug)]
struct Places(Vec<Vec<usize>>);

type PlacesIter<'m> = Copied<Flatten<slice::Iter<'m, Vec<usize>>>>;

/// The order of things that know their own keys, by their places in a list: the keys are not kept twice. What compares says how a place's key stands to the one
/// that is looked for.
#[derive(Clone, Debug)]
pub(crate) struct Index(Places);

impl Default for Index {
    fn default() -> Self {
        Self(Places(Vec::new()))
    }
}

impl Index {
    pub(crate) fn find(&self, mut compare: impl FnMut(usize) -> Ordering) -> Option<usize> {
        self.0.find(&mut compare).ok()
    }

    /// Adds a place; one of the same key gives way.
    pub(crate) fn put(&mut self, place: usize, mut compare: impl FnMut(usize) -> Ordering) {
        match self.0.find(&mut compare) {
            Ok(_) => self.0.slot(&mut compare).into_iter().for_each(|own| *own = place),
            Err(gap) => self.0.insert(gap, place),
        }
    }
}

/// Where a new place belongs: list, and position in it.
#[derive(Clone, Copy)]
struct Gap(usize, usize);

impl Places {
    fn in_order(count: usize) -> Self {
        Self((0..count).step_by(LIST).map(|start| (start..count.min(start + LIST)).collect()).collect())
    }

    fn iter(&self) -> PlacesIter<'_> {
        self.0.iter().flatten().copied()
    }

    /// The place whose key is the one that is looked for, by what `compare` says of places' keys.
    fn find(&self, compare: &mut dyn FnMut(usize) -> Ordering) -> Result<usize, Gap> {
        let after = self.0.partition_point(|list| list.first().is_some_and(|first| compare(*first) != Ordering::Greater));
        let list = after.saturating_sub(1);
        let places: &[usize] = self.0.get(list).map_or(&[], Vec::as_slice);
        match places.binary_search_by(|place| compare(*place)) {
            Ok(at) => places.get(at).copied().ok_or(Gap(list, at)),
            Err(at) => Err(Gap(list, at)),
        }
    }

    /// Where the place stands that [`Places::find`] finds.
    fn slot(&mut self, compare: &mut dyn FnMut(usize) -> Ordering) -> Option<&mut usize> {
        let after = self.0.partition_point(|list| list.first().is_some_and(|first| compare(*first) != Ordering::Greater));
        let places = self.0.get_mut(after.saturating_sub(1))?;
        let at = places.binary_search_by(|place| compare(*place)).ok()?;
        places.get_mut(at)
    }

    fn insert(&mut self, Gap(list, at): Gap, place: usize) {
        let Some(places) = self.0.get_mut(list) else {
            self.0.push(vec![place]);
            return;
        };
        places.insert(at, place);
        if places.len() > LIST {
            let later = places.split_off(LIST / 2);
            self.0.insert(list + 1, later);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::{BTreeMap, BTreeSet};

    proptest::proptest! {
        #[test]
        fn as_the_standard_library_does(entries: Vec<(u16, u8)>, more: Vec<(u8, u8)>) {
            let expected: BTreeMap<u16, u8> = entries.iter().copied().collect();
            let mut map: Map<u16, u8> = entries.iter().copied().collect();
            proptest::prop_assert!(map.iter().eq(expected.iter()) && map.iter().rev().eq(expected.iter().rev()));
            let mut expected = expected;
            for (key, value) in more {
                let key = u16::from(key);
                proptest::prop_assert_eq!(map.get(&key), expected.get(&key));
                *map.entry(key).or_insert(value) ^= 2;
                *expected.entry(key).or_insert(value) ^= 2;
                proptest::prop_assert_eq!(map.insert(key / 2, value), expected.insert(key / 2, value));
            }
            proptest::prop_assert_eq!(map.len(), expected.len());
            // The same by places of a list, of which the last of a key counts.
            let keys: Vec<u16> = entries.iter().map(|(key, _)| key % 64).collect();
            let mut index = Index::default();
            for (place, key) in keys.iter().enumerate() {
                index.put(place, |at| keys[at].cmp(key));
            }
            for key in 0..64 {
                proptest::prop_assert_eq!(index.find(|at| keys[at].cmp(&key)), keys.iter().rposition(|own| *own == key));
            }
            proptest::prop_assert!(map.clone().into_iter().eq(expected.clone()) && map.into_values().eq(expected.into_values()));
        }
    }

    #[test]
    fn many() {
        let keys = (0..20_000u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40);
        let (set, expected): (Set<u64>, BTreeSet<u64>) = (keys.clone().collect(), keys.collect());
        assert!(set.iter().eq(&expected) && set.contains(expected.last().expect("a key")));
        assert!(set.into_iter().eq(expected));
    }
}
