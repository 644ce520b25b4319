//! Whether a course of power stands again at another time: its steps go along with those of the other course there, and nowhere near as well before
//! or after.
//!
//! Two samplers of one device see the same load at moments of their own, so that their readings never agree as rows of a copy do. But small steps,
//! which no two runs share, go along at one distance alone, and so do the large ones of a work that does not come back within itself.

use alloc::vec::Vec;

use super::likeness::{comes_back, interval};
use super::{Profile, Sample};
use crate::order;
use crate::rules;
use crate::units::Span;

/// Fewer steps that both have say nothing.
const FEWEST: usize = rules::whole("again_fewest_steps") as usize;

/// Where small steps go along, they do so by so many standard deviations more than at any other distance.
const SCATTERS: f64 = rules::value("again_scatters");

/// And by so much at least.
const ALONG: f64 = rules::value("again_along");

/// Steps above so many medians are no small ones: what a work does on a large scale may come back.
const LARGE: f64 = rules::value("again_large_medians");

/// Large steps that go along are so many at least, each weighed by its share of all.
const FEWEST_LARGE: f64 = rules::value("again_fewest_large");

/// And they go along so many times better than at any other distance.
const BETTER: f64 = rules::value("again_better");

/// Other distances that are tried, in steps, to either side.
const DISTANCES: i64 = 240;

/// No more buckets are compared.
const MOST: usize = 4096;

/// Steps from bucket to bucket, by bucket: all of them, and the small ones.
struct Steps {
    first: i64,
    whole: Vec<Option<f64>>,
    small: Vec<Option<f64>>,
}

impl Steps {
    /// Of a bucket, its neighbours have to be there: the ends of a log fill theirs in part.
    fn of(profile: &Profile, length: i64) -> Self {
        let buckets: Vec<(i64, f64)> = profile.buckets().map(|(at, sum)| (at.as_micros().div_euclid(length), sum as f64)).collect();
        let first = buckets.first().map_or(0, |bucket| bucket.0);
        let mut whole: Vec<Option<f64>> = Vec::new();
        for four in buckets.windows(4) {
            let [(before, _), (at, a), (next, b), (after, _)] = four else { continue };
            if *after != before + 3 || *at != before + 1 || *next != before + 2 {
                continue;
            }
            // What stands behind a pause of weeks is left out.
            let Some(place) = usize::try_from(at - first).ok().filter(|place| *place <= MOST) else { break };
            whole.resize(place, None);
            whole.push(Some(b - a));
        }
        let mut sizes: Vec<f64> = whole.iter().flatten().map(|step| libm::fabs(*step)).collect();
        order::sort_by(&mut sizes, |a, b| a.total_cmp(b));
        let most = LARGE * sizes.get(sizes.len() / 2).copied().unwrap_or(0.0);
        let small = whole.iter().map(|step| step.filter(|step| libm::fabs(*step) <= most)).collect();
        Self { first, whole, small }
    }

    /// As how many steps of one size they weigh.
    fn weight(&self) -> f64 {
        let sums = |(squares, fourths), step: &f64| (squares + step * step, fourths + step * step * step * step);
        let (squares, fourths) = self.whole.iter().flatten().fold((0.0, 0.0), sums);
        if fourths > 0.0 { squares * squares / fourths } else { 0.0 }
    }
}

/// How far steps go along with those of another course that stands so many buckets later: their correlation, and how many both have.
fn along((a, first): (&[Option<f64>], i64), (b, other): (&[Option<f64>], i64), later: i64) -> (f64, usize) {
    let (mut product, mut squares, mut count) = (0.0, (0.0, 0.0), 0);
    let from = other - later - first;
    let (skip_a, skip_b) = (usize::try_from(from).unwrap_or(0), usize::try_from(-from).unwrap_or(0));
    for (x, y) in a.iter().skip(skip_a).zip(b.iter().skip(skip_b)) {
        let (Some(x), Some(y)) = (x, y) else { continue };
        product += x * y;
        squares = (squares.0 + x * x, squares.1 + y * y);
        count += 1;
    }
    let norm = libm::sqrt(squares.0) * libm::sqrt(squares.1);
    (if norm > 0.0 { product / norm } else { 0.0 }, count)
}

/// By which of `laters` (µs) `course` stands later than the same course of `one`, if by one of them only, and neither near there nor as the stamps are.
pub(crate) fn stands_again((one, rows): (&Profile, &[Sample]), (course, others): (&Profile, &[Sample]), laters: &[i64]) -> Option<i64> {
    let looks = [rows, others].into_iter().filter_map(interval).max().unwrap_or(0);
    let seconds = one.step_s().max(course.step_s()).max(looks.div_euclid(Span::from_seconds(1).as_micros()));
    let (x, y) = (one.coarsened_to(seconds), course.coarsened_to(seconds));
    let length = Span::from_seconds(x.step_s()).as_micros();
    if x.step_s() != y.step_s() {
        return None;
    }
    let (x, y) = (Steps::of(&x, length), Steps::of(&y, length));
    let all = |later: i64| along((&x.whole, x.first), (&y.whole, y.first), later);
    let small = |later: i64| along((&x.small, x.first), (&y.small, y.first), later);
    let weight = x.weight().min(y.weight());
    let fits = |later: &i64| {
        if later % length != 0 {
            return false;
        }
        let later = later / length;
        let ((of_all, count), (of_small, fewer)) = (all(later), small(later));
        let least = ALONG.max(SCATTERS / libm::sqrt(fewer.max(1) as f64));
        let mut may_large = count >= FEWEST && weight >= FEWEST_LARGE && of_all >= 2.0 * ALONG;
        let mut may_small = fewer >= FEWEST && of_small >= least;
        for other in (-DISTANCES..=DISTANCES).filter(|distance| distance.abs() > 1).map(|distance| later + distance).chain([0]) {
            if !may_large && !may_small {
                return false;
            }
            let ((all_there, shared), (small_there, few)) = (all(other), small(other));
            // What shares little there goes along by chance.
            may_large &= 2 * shared < count || BETTER * all_there <= of_all;
            may_small &= 2 * few < fewer || of_small - small_there >= least;
        }
        may_small || may_large && !comes_back(one) && !comes_back(course)
    };
    let mut found = laters.iter().copied().filter(fits);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}
