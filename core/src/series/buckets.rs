//! Sums by the number of a bucket, in order: a list that is shared until one of its holders changes it, for most recordings never change once they are read.

use alloc::sync::Arc;
use alloc::vec::Vec;

/// A bucket and its sum, in halves: a sum of 128 bits would take a third more room.
#[derive(Clone, Copy, Debug)]
struct Entry {
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
#[derive(Clone, Debug, Default)]
pub(super) struct Buckets(Option<Arc<Vec<Entry>>>);

impl Buckets {
    /// Those of a list that is in order.
    pub(super) fn in_order(sums: impl Iterator<Item = (i64, i128)>) -> Self {
        Self::of(sums.map(|(bucket, sum)| Entry::new(bucket, sum)).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.entries().len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, i128)> + '_ {
        self.entries().iter().map(|entry| (entry.bucket, entry.sum()))
    }

    /// Adds to a bucket. It is the last one as a rule, or the next.
    pub(super) fn add(&mut self, bucket: i64, sum: i128) {
        let list = Arc::make_mut(self.0.get_or_insert_default());
        match list.last().map(|last| last.bucket) {
            Some(last) if last >= bucket => match list.binary_search_by_key(&bucket, |entry| entry.bucket) {
                Ok(at) => {
                    if let Some(entry) = list.get_mut(at) {
                        *entry = Entry::new(bucket, entry.sum() + sum);
                    }
                }
                Err(at) => list.insert(at, Entry::new(bucket, sum)),
            },
            _ => list.push(Entry::new(bucket, sum)),
        }
    }

    /// Adds all of another list, `ratio` of whose buckets are one of these.
    pub(super) fn add_all(&mut self, other: &Buckets, ratio: i64) {
        let later = |own: &Entry| other.entries().first().is_none_or(|first| own.bucket <= first.bucket.div_euclid(ratio));
        if self.entries().last().is_none_or(later) || other.len() * 8 < self.len() {
            other.iter().for_each(|(bucket, sum)| self.add(bucket.div_euclid(ratio), sum));
            return;
        }
        let mut all = Buckets(Some(Arc::new(Vec::with_capacity(self.len().max(other.len())))));
        let (mut own, mut theirs) = (self.iter().peekable(), other.iter().map(|(bucket, sum)| (bucket.div_euclid(ratio), sum)).peekable());
        loop {
            let next = match (own.peek(), theirs.peek()) {
                (Some(a), Some(b)) if b.0 < a.0 => theirs.next(),
                (Some(_), _) => own.next(),
                (None, _) => theirs.next(),
            };
            let Some((bucket, sum)) = next else { break };
            all.add(bucket, sum);
        }
        drop((own, theirs));
        *self = all;
    }

    /// Takes `ratio` buckets together.
    pub(super) fn coarsen(&mut self, ratio: i64) {
        let fine = core::mem::take(self);
        fine.iter().for_each(|(bucket, sum)| self.add(bucket.div_euclid(ratio), sum));
    }

    /// No room for more, once all is read.
    pub(super) fn fit(&mut self) {
        if let Some(list) = self.0.as_mut().and_then(Arc::get_mut) {
            list.shrink_to_fit();
        }
    }

    fn of(list: Vec<Entry>) -> Self {
        Self((!list.is_empty()).then(|| Arc::new(list)))
    }

    fn entries(&self) -> &[Entry] {
        self.0.as_ref().map_or(&[], |list| list.as_slice())
    }
}

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
            prop_assert!(own.entries().windows(2).all(|w| w[0].bucket < w[1].bucket));
        }
    }
}
