//! Nights in which clocks change: stamps of a local clock skip an hour or show it twice, and a tracker's figure knows one end alone.
//!
//! Beside another log of the same parts such a log then seems to hold an hour that the other one does not, or only a part of it fits in any one zone. Nothing
//! tells that hour from one that was logged by one of the two alone, so that it counts, and the lower end is without it.

use super::claim::{Claim, Origin, Timeline, WIDEST_ZONE_US};
use super::clocks::QUARTER_HOUR_US;
use super::perhaps_zones::{Perhaps, WhyPerhaps};
use super::rule::Rule;
use super::zones::tolerance;
use crate::map::{Map, Set};
use crate::series::Coverage;
use crate::units::{Energy, Instant, Span};

const HOUR_US: i64 = 4 * QUARTER_HOUR_US;
const WEEK_US: i64 = 7 * 24 * HOUR_US;

/// The first Sunday of the clock that counts from 1970, a Thursday.
const SUNDAY_US: i64 = 3 * 24 * HOUR_US;

/// Clocks change on a Sunday before this hour.
const CHANGED_BY_US: i64 = 4 * HOUR_US;

/// Takes what may be an hour of a clock that changed out of the lower ends, and returns which files hold it.
pub(super) fn take_out(rule: &mut Rule<'_, '_>) -> Set<Perhaps> {
    let mut found = Set::new();
    // Whom a part of each claim was left to.
    let mut kept: Map<usize, Set<usize>> = Map::new();
    for left in &rule.left {
        kept.entry(left.claim).or_default().insert(left.kept);
    }
    for (at, others) in kept.iter() {
        let (claim, rest) = (rule.claim(*at), rule.outcomes[*at].coverage.clone());
        if rest.is_empty() || rest == claim.coverage || !is_night_of_change(claim) {
            continue;
        }
        let Some(other) = others.iter().copied().find(|other| rule.outcomes[*other].energy > Energy::ZERO) else { continue };
        let energy = match &claim.origin {
            Origin::Declared(..) if is_an_hour(&rest) => rule.outcomes[*at].energy,
            Origin::Recorded(_) => others.iter().map(|other| in_no_zone(rule, (*at, &rest), *other)).max().unwrap_or(Energy::ZERO),
            Origin::Declared(..) => Energy::ZERO,
        };
        if energy > Energy::ZERO {
            rule.outcomes[*at].less += energy;
            found.insert(Perhaps { file: claim.file, other: rule.claim(other).file, later_us: 0, why: WhyPerhaps::Changed });
        }
    }
    found
}

fn is_an_hour(rest: &Coverage) -> bool {
    (rest.length().as_micros() - HOUR_US).abs() <= tolerance(HOUR_US, 0)
}

/// What counts of a recording beside one on a clock of another kind that it was set beside, and that holds as much more at other times.
fn in_no_zone(rule: &Rule<'_, '_>, (at, rest): (usize, &Coverage), other: usize) -> Energy {
    let (claim, theirs) = (rule.claim(at), rule.claim(other));
    let are_two_clocks = claim.timeline != theirs.timeline && theirs.timeline.is_dated() && matches!(theirs.origin, Origin::Recorded(_));
    let Some(later) = rule.places.known(claim, theirs).filter(|_| are_two_clocks) else { return Energy::ZERO };
    let beyond = theirs.coverage.without(&claim.coverage.moved(later));
    rule.counted_over(at, rest).min(rule.counted_over(other, &beyond))
}

/// Whether a claim was watched in a night from Saturday to Sunday, in whatever zone, and for less than a week.
fn is_night_of_change(claim: &Claim<'_>) -> bool {
    let Some((start, end)) = claim.coverage.start().zip(claim.coverage.end()) else { return false };
    let slack = if claim.timeline == Timeline::Local { 0 } else { WIDEST_ZONE_US };
    let sunday = (end.as_micros() + slack - SUNDAY_US).div_euclid(WEEK_US) * WEEK_US + SUNDAY_US;
    let night = Coverage::of(Instant::from_micros(sunday - slack), Instant::from_micros(sunday + CHANGED_BY_US + slack));
    let around = Span::from_micros(HOUR_US);
    let watched = Coverage::of(start.plus(Span::from_micros(-around.as_micros())), end.plus(around));
    claim.timeline.is_dated() && end.since(start).as_micros() < WEEK_US && !night.intersection(&watched).is_empty()
}
