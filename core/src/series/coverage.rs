//! A set of intervals of time: what was really watched.

use alloc::vec::Vec;

use crate::order;
use crate::units::{Instant, Span};

/// Disjoint intervals in order, each from its start up to its end, µs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coverage {
    spans: Vec<(i64, i64)>,
}

impl Coverage {
    /// One interval.
    pub fn of(start: Instant, end: Instant) -> Self {
        let span = (start < end).then(|| (start.as_micros(), end.as_micros()));
        Self { spans: span.into_iter().collect() }
    }

    /// Intervals in any order that may overlap.
    pub fn from_spans(mut spans: Vec<(i64, i64)>) -> Self {
        order::sort(&mut spans);
        let mut joined: Vec<(i64, i64)> = Vec::with_capacity(spans.len());
        for (start, end) in spans.into_iter().filter(|(start, end)| start < end) {
            match joined.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => joined.push((start, end)),
            }
        }
        Self { spans: joined }
    }

    /// The intervals, in order.
    pub fn spans(&self) -> &[(i64, i64)] {
        &self.spans
    }

    /// Whether it holds no time.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Its length.
    pub fn length(&self) -> Span {
        self.spans.iter().map(|(start, end)| Span::from_micros(end - start)).sum()
    }

    /// First instant.
    pub fn start(&self) -> Option<Instant> {
        self.spans.first().map(|(start, _)| Instant::from_micros(*start))
    }

    /// Last instant.
    pub fn end(&self) -> Option<Instant> {
        self.spans.last().map(|(_, end)| Instant::from_micros(*end))
    }

    /// What is in either.
    pub fn union(&self, other: &Coverage) -> Coverage {
        if other.is_empty() {
            return self.clone();
        }
        let mut all = self.spans.clone();
        all.extend_from_slice(&other.spans);
        Self::from_spans(all)
    }

    /// What is in both.
    pub fn intersection(&self, other: &Coverage) -> Coverage {
        let mut spans = Vec::new();
        let mut rest = other.spans.as_slice();
        for (start, end) in &self.spans {
            let skip = rest.partition_point(|(_, theirs)| theirs <= start);
            rest = rest.get(skip..).unwrap_or(&[]);
            for (from, to) in rest.iter().take_while(|(from, _)| from < end) {
                spans.push((*start.max(from), *end.min(to)));
            }
        }
        Self { spans }
    }

    /// What is in `self` alone.
    pub fn without(&self, other: &Coverage) -> Coverage {
        let mut spans = Vec::new();
        let mut rest = other.spans.as_slice();
        for (start, end) in &self.spans {
            let skip = rest.partition_point(|(_, theirs)| theirs <= start);
            rest = rest.get(skip..).unwrap_or(&[]);
            let mut at = *start;
            for (from, to) in rest.iter().take_while(|(from, _)| from < end) {
                if at < *from {
                    spans.push((at, *from));
                }
                at = at.max(*to);
            }
            if at < *end {
                spans.push((at, *end));
            }
        }
        Self { spans }
    }

    /// All of it so much later.
    pub fn moved(&self, later: Span) -> Coverage {
        let later = later.as_micros();
        Self { spans: self.spans.iter().map(|(start, end)| (start.saturating_add(later), end.saturating_add(later))).collect() }
    }

    /// How much later, by no more than `most` and no less than `least`, it shares most time with `other`: the first such. `None` where it shares none.
    pub fn fits_later(&self, other: &Coverage, (least, most): (i64, i64)) -> Option<Span> {
        // What two intervals share grows from where they touch until the shorter one lies inside, and shrinks as it grew.
        let mut turns: Vec<(i64, i64)> = Vec::new();
        for (start, end) in &self.spans {
            for (from, to) in &other.spans {
                let (touch, inside) = (from.saturating_sub(*end), from.saturating_sub(*start));
                turns.extend([(touch, 1), (inside, -1), (to.saturating_sub(*end), -1), (to.saturating_sub(*start), 1)]);
            }
        }
        turns.extend([(least, 0), (most, 0)]);
        order::sort(&mut turns);
        let (mut at, mut grows, mut common, mut best) = (i64::MIN, 0, 0_i128, (0, 0));
        for (turn, change) in turns {
            common += i128::from(grows) * (i128::from(turn) - i128::from(at));
            if common > best.0 && (least..=most).contains(&turn) {
                best = (common, turn);
            }
            (at, grows) = (turn, grows + change);
        }
        (best.0 > 0).then_some(Span::from_micros(best.1))
    }

    /// Without the intervals that are no longer than `least`.
    pub fn longer_than(&self, least: Span) -> Coverage {
        Self { spans: self.spans.iter().copied().filter(|(start, end)| end - start > least.as_micros()).collect() }
    }

    /// At most `most` intervals: the shortest pauses between them are taken for watched.
    pub fn coalesced(&self, most: usize) -> Coverage {
        if self.spans.len() <= most.max(1) {
            return self.clone();
        }
        let mut pauses: Vec<i64> = self.spans.windows(2).map(|w| w[1].0 - w[0].1).collect();
        order::sort(&mut pauses);
        // Pauses up to this one go, so that at most `most` - 1 are left.
        let limit = pauses.get(pauses.len() - most.max(1)).copied().unwrap_or(i64::MAX);
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for (start, end) in &self.spans {
            match spans.last_mut() {
                Some(last) if start - last.1 <= limit => last.1 = *end,
                _ => spans.push((*start, *end)),
            }
        }
        Self { spans }
    }

    /// The length of what is in both.
    pub fn common(&self, other: &Coverage) -> Span {
        // The shorter list is walked, the other one searched: one span beside thousands costs their logarithm.
        let (few, many) = if self.spans.len() <= other.spans.len() { (self, other) } else { (other, self) };
        few.intersection(many).length()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(spans: &[(i64, i64)]) -> Coverage {
        Coverage::from_spans(spans.to_vec())
    }

    #[test]
    fn sets_by_hand() {
        let (a, b) = (set(&[(0, 10), (20, 30), (40, 50)]), set(&[(5, 22), (29, 41), (60, 70)]));
        assert_eq!(a.union(&b), set(&[(0, 50), (60, 70)]));
        assert_eq!(a.intersection(&b), set(&[(5, 10), (20, 22), (29, 30), (40, 41)]));
        assert_eq!(a.without(&b), set(&[(0, 5), (22, 29), (41, 50)]));
        assert_eq!(a.longer_than(Span::from_micros(10)), set(&[]));
        assert_eq!(set(&[(0, 1), (2, 3), (10, 11), (13, 14)]).coalesced(2), set(&[(0, 3), (10, 14)]));
        assert_eq!(a.common(&b), Span::from_micros(9));
        // 10 and 5 in one piece of 20 with a pause of 5 between them; 15 where the pieces stand as the pauses do.
        let (log, dated) = (set(&[(0, 10), (15, 20)]), set(&[(100, 112), (300, 310), (315, 330)]));
        let anywhere = (i64::MIN, i64::MAX);
        assert_eq!(log.fits_later(&dated, anywhere), Some(Span::from_micros(300)));
        assert_eq!(log.fits_later(&dated, (0, 200)), Some(Span::from_micros(100)));
        assert_eq!(log.fits_later(&dated, (-10, 0)), None);
    }

    fn any_set() -> impl Strategy<Value = Vec<(i64, i64)>> {
        prop::collection::vec((0i64..60, 1i64..9).prop_map(|(at, length)| (at, at + length)), 0..9)
    }

    proptest! {
        /// Every set is what it says of each instant.
        #[test]
        fn sets_hold_instants(a in any_set(), b in any_set()) {
            let holds = |set: &[(i64, i64)], at: i64| set.iter().any(|(from, to)| (*from..*to).contains(&at));
            let (x, y) = (set(&a), set(&b));
            for at in -1..72 {
                let (p, q) = (holds(&a, at), holds(&b, at));
                prop_assert_eq!(holds(x.union(&y).spans(), at), p || q);
                prop_assert_eq!(holds(x.intersection(&y).spans(), at), p && q);
                prop_assert_eq!(holds(x.without(&y).spans(), at), p && !q);
            }
            prop_assert_eq!(x.common(&y), y.common(&x));
            let common = |later: i64| x.moved(Span::from_micros(later)).common(&y);
            let best = (-80..80).map(common).max().unwrap_or_default();
            prop_assert_eq!(x.fits_later(&y, (i64::MIN, i64::MAX)).map(|later| common(later.as_micros())), Some(best).filter(|best| *best > Span::ZERO));
            prop_assert!(x.coalesced(2).spans().len() <= 2);
            prop_assert_eq!(x.without(&x.coalesced(2)), Coverage::default());
        }
    }
}
