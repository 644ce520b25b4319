//! Sums by the number of a bucket, in order: a list that is shared until one of its holders changes it, for most recordings never change once they are read;
//! from then on it is packed.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A bucket and its sum, in halves: a sum of 128 bits would take a third more room.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    bucket: i64,
    high: i64,
    low: u64,
}

impl Entry {
    fn new(bucket: i64, sum: i128) -> Self {
        Self { bucket, high: (sum >> 64) as i64, low: sum as u64 }
    }

    fn sum(&self) -> i128 {
        i128::from(self.high) << 64 | i128::from(self.low)
    }
}

/// Sums by bucket, each bucket once.
#[derive(Clone)]
pub(super) enum Buckets {
    /// As a list, to which more may be added.
    List(Option<Arc<Vec<Entry>>>),
    /// As bytes: see [`Packed`].
    Packed(Arc<[u8]>),
}

impl Default for Buckets {
    fn default() -> Self {
        Self::List(None)
    }
}

impl fmt::Debug for Buckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Fewer buckets are not worth packing.
const FEW: usize = 4;

impl Buckets {
    /// Those of a list that is in order.
    pub(super) fn in_order(sums: impl Iterator<Item = (i64, i128)>) -> Self {
        let list: Vec<Entry> = sums.map(|(bucket, sum)| Entry::new(bucket, sum)).collect();
        Self::List((!list.is_empty()).then(|| Arc::new(list)))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::List(list) => list.as_ref().map_or(0, |list| list.len()),
            Self::Packed(bytes) => Packed::of(bytes).left,
        }
    }

    /// The sum of all.
    pub(super) fn total(&self) -> i128 {
        match self {
            Self::List(_) => self.iter().map(|(_, sum)| sum).sum(),
            Self::Packed(bytes) => Packed::of(bytes).total,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, i128)> + '_ {
        let (list, packed) = match self {
            Self::List(list) => (list.as_ref().map_or(&[][..], |list| list.as_slice()), None),
            Self::Packed(bytes) => (&[][..], Some(Packed::of(bytes))),
        };
        list.iter().map(|entry| (entry.bucket, entry.sum())).chain(packed.into_iter().flatten())
    }

    /// Adds to a bucket.
    pub(super) fn add(&mut self, bucket: i64, sum: i128) {
        add(self.list(), bucket, sum);
    }

    /// Adds to several buckets.
    pub(super) fn add_each(&mut self, sums: impl Iterator<Item = (i64, i128)>) {
        let list = self.list();
        sums.for_each(|(bucket, sum)| add(list, bucket, sum));
    }

    /// Adds all of another list, `ratio` of whose buckets are one of these.
    pub(super) fn add_all(&mut self, other: &Buckets, ratio: i64) {
        let Some((first, _)) = other.iter().next() else { return };
        let last = self.list().last().map(|last| last.bucket);
        if last.is_none_or(|last| last <= first.div_euclid(ratio)) || other.len() * 8 < self.len() {
            return self.add_each(other.iter().map(|(bucket, sum)| (bucket.div_euclid(ratio), sum)));
        }
        let mut all = Vec::with_capacity(self.len().max(other.len()));
        let (mut own, mut theirs) = (self.iter().peekable(), other.iter().map(|(bucket, sum)| (bucket.div_euclid(ratio), sum)).peekable());
        loop {
            let next = match (own.peek(), theirs.peek()) {
                (Some(a), Some(b)) if b.0 < a.0 => theirs.next(),
                (Some(_), _) => own.next(),
                (None, _) => theirs.next(),
            };
            let Some((bucket, sum)) = next else { break };
            add(&mut all, bucket, sum);
        }
        drop((own, theirs));
        *self = Self::List(Some(Arc::new(all)));
    }

    /// Takes `ratio` buckets together.
    pub(super) fn coarsen(&mut self, ratio: i64) {
        let fine = core::mem::take(self);
        self.add_each(fine.iter().map(|(bucket, sum)| (bucket.div_euclid(ratio), sum)));
    }

    /// As little room as there can be, once all is read. A list that others hold too stays as it is.
    pub(super) fn fit(&mut self) {
        if let Self::List(Some(shared)) = self
            && let Some(list) = Arc::get_mut(shared)
        {
            if list.len() < FEW {
                list.shrink_to_fit();
            } else {
                *self = Self::Packed(Packed::bytes(list).into());
            }
        }
    }

    fn list(&mut self) -> &mut Vec<Entry> {
        if let Self::Packed(bytes) = self {
            *self = Self::in_order(Packed::of(bytes));
        }
        match self {
            Self::List(list) => Arc::make_mut(list.get_or_insert_default()),
            Self::Packed(_) => unreachable!("it was unpacked"),
        }
    }
}

/// Adds to a bucket of a list. It is the last one as a rule, or the next.
fn add(list: &mut Vec<Entry>, bucket: i64, sum: i128) {
    match list.last_mut() {
        Some(last) if last.bucket == bucket => *last = Entry::new(bucket, last.sum() + sum),
        Some(last) if last.bucket > bucket => match list.binary_search_by_key(&bucket, |entry| entry.bucket) {
            Ok(at) => list[at] = Entry::new(bucket, list[at].sum() + sum),
            Err(at) => list.insert(at, Entry::new(bucket, sum)),
        },
        _ => list.push(Entry::new(bucket, sum)),
    }
}

/// Buckets one after the other, as bytes: how many there are and their sum, then of each the step from the bucket before and how much the sum differs from where the two
/// before it lead. Under power that goes from one reading to the next in a line nearly all of these are 0.
struct Packed<'b> {
    bytes: &'b [u8],
    left: usize,
    total: i128,
    bucket: i64,
    sum: i128,
    rise: i128,
}

impl<'b> Packed<'b> {
    fn of(bytes: &'b [u8]) -> Self {
        let mut own = Self { bytes, left: 0, total: 0, bucket: 0, sum: 0, rise: 0 };
        let (left, total) = own.pair();
        (own.left, own.total) = (left as usize, unfolded(total));
        own
    }

    fn bytes(list: &[Entry]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(16 + 6 * list.len());
        put(&mut bytes, list.len() as u128, folded(list.iter().map(Entry::sum).sum()));
        let (mut bucket, mut sum, mut rise) = (0i64, 0i128, 0i128);
        for entry in list {
            let next = entry.sum().wrapping_sub(sum);
            put(&mut bytes, folded(i128::from(entry.bucket) - i128::from(bucket) - 1), folded(next.wrapping_sub(rise)));
            (bucket, sum, rise) = (entry.bucket, entry.sum(), next);
        }
        bytes
    }

    fn pair(&mut self) -> (u128, u128) {
        let Some((lengths, rest)) = self.bytes.split_first() else { return (0, 0) };
        self.bytes = rest;
        (self.number(lengths >> 4), self.number(lengths & 15))
    }

    fn number(&mut self, length: u8) -> u128 {
        if length == 0 {
            return 0;
        }
        let length = if length == WHOLE { 16 } else { usize::from(length) };
        let (own, rest) = self.bytes.split_at(length.min(self.bytes.len()));
        // Nearly all numbers fit in half the bits, and are not the last: they are read at once.
        let number = match self.bytes.first_chunk() {
            Some(half) if length <= 8 => u128::from(u64::from_le_bytes(*half) & u64::MAX >> (64 - 8 * length)),
            _ => own.iter().rev().fold(0u128, |number, byte| number << 8 | u128::from(*byte)),
        };
        self.bytes = rest;
        number
    }
}

impl Iterator for Packed<'_> {
    type Item = (i64, i128);

    fn next(&mut self) -> Option<(i64, i128)> {
        self.left = self.left.checked_sub(1)?;
        let (step, rise) = self.pair();
        self.bucket = self.bucket.wrapping_add(unfolded(step) as i64).wrapping_add(1);
        self.rise = self.rise.wrapping_add(unfolded(rise));
        self.sum = self.sum.wrapping_add(self.rise);
        Some((self.bucket, self.sum))
    }
}

/// Small numbers of either sign as small numbers.
fn folded(number: i128) -> u128 {
    (number << 1 ^ number >> 127) as u128
}

fn unfolded(number: u128) -> i128 {
    (number >> 1) as i128 ^ -((number & 1) as i128)
}

/// Two numbers: in one byte how long each is, then the bytes of each, the lowest first. Of 0 there are none.
fn put(bytes: &mut Vec<u8>, a: u128, b: u128) {
    let (of_a, of_b) = (length(a), length(b));
    bytes.push(of_a << 4 | of_b);
    if of_a | of_b == 0 {
        return;
    }
    for (number, length) in [(a, of_a), (b, of_b)] {
        let end = bytes.len() + if length == WHOLE { 16 } else { usize::from(length) };
        match length {
            ..=8 => bytes.extend_from_slice(&(number as u64).to_le_bytes()),
            _ => bytes.extend_from_slice(&number.to_le_bytes()),
        }
        bytes.truncate(end);
    }
}

/// How many bytes a number has without zeros above it: four bits say all but the longest.
fn length(number: u128) -> u8 {
    (number.leading_zeros().abs_diff(128).div_ceil(8) as u8).min(WHOLE)
}

/// Stands for a length of 16 bytes.
const WHOLE: u8 = 15;

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn listed(sums: &[(i64, i64)]) -> (Buckets, BTreeMap<i64, i128>) {
        let (mut own, mut known) = (Buckets::default(), BTreeMap::new());
        for (bucket, sum) in sums {
            let sum = i128::from(*sum) << 40;
            own.add(*bucket, sum);
            *known.entry(*bucket).or_insert(0) += sum;
        }
        (own, known)
    }

    proptest! {
        /// A list does what the standard library's map does, in any order and with sums beyond 64 bits.
        #[test]
        fn a_list_is_a_map(
            a in prop::collection::vec((-20i64..20, any::<i64>()), 0..60),
            b in prop::collection::vec((-90i64..90, any::<i64>()), 0..60),
            ratio in prop::sample::select(alloc::vec![1i64, 3, 10]),
        ) {
            let ((mut own, mut known), (other, theirs)) = (listed(&a), listed(&b));
            let before = own.clone();
            own.add_all(&other, ratio);
            theirs.iter().for_each(|(bucket, sum)| *known.entry(bucket.div_euclid(ratio)).or_insert(0) += sum);
            prop_assert_eq!(own.iter().collect::<Vec<_>>(), known.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(before.iter().collect::<Vec<_>>(), listed(&a).1.into_iter().collect::<Vec<_>>());
            let whole: i128 = own.iter().map(|(_, sum)| sum).sum();
            own.coarsen(ratio);
            own.fit();
            prop_assert_eq!(own.iter().map(|(_, sum)| sum).sum::<i128>(), whole);
            let numbers: Vec<i64> = own.iter().map(|(bucket, _)| bucket).collect();
            prop_assert!(numbers.is_sorted_by(|a, b| a < b));
            prop_assert_eq!(numbers.len(), own.len());
        }

        /// Packed or not, a list says the same and may be added to.
        #[test]
        fn a_packed_list_is_the_same(
            a in prop::collection::vec((any::<i64>(), any::<i128>()), 0..40), line in (any::<i64>(), -9i64..9, 0i64..60),
            more in prop::collection::vec((any::<i64>(), any::<i64>()), 0..9),
        ) {
            let mut known: BTreeMap<i64, i128> = a.into_iter().map(|(bucket, sum)| (bucket, sum >> 8)).collect();
            let start = line.0.clamp(i64::MIN / 2, i64::MAX / 2);
            (0..line.2).for_each(|at| { known.insert(start + at, i128::from(1_000_000 + line.1 * at)); });
            let mut own = Buckets::in_order(known.clone().into_iter());
            let shared = own.clone();
            own.fit();
            prop_assert!(matches!(own, Buckets::List(_)), "what others hold stays");
            drop(shared);
            own.fit();
            prop_assert_eq!(matches!(own, Buckets::Packed(_)), known.len() >= FEW);
            prop_assert_eq!((own.len(), own.total()), (known.len(), known.values().sum::<i128>()));
            prop_assert_eq!(own.iter().collect::<Vec<_>>(), known.clone().into_iter().collect::<Vec<_>>());
            let other = own.clone();
            for (bucket, sum) in more {
                own.add(bucket, i128::from(sum));
                let entry = known.entry(bucket).or_insert(0);
                *entry += i128::from(sum);
            }
            prop_assert_eq!(own.iter().collect::<Vec<_>>(), known.into_iter().collect::<Vec<_>>());
            prop_assert!(other.len() <= own.len());
        }
    }
}
