//! Three clocks read together, and what a jump between two readings means.
//!
//! The wall clock can be set. The monotonic clock stands still while the machine is suspended; the boot clock counts on.

use carbon_core::read::carbon_report_jsonl::record::Clocks;
use carbon_core::units::Span;

/// What the clocks may differ by over one tick without anything having happened: steering of the wall clock, and the time between two readings.
const TOLERANCE: Span = Span::from_micros(500_000);

/// Steering may change the rate of the wall clock by 500 parts per million; twice that is no step.
const STEERING: i64 = 1_000;

/// Why there are no samples between two ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// The wall clock was set: `by` is how far.
    ClockSet {
        /// New time less old.
        by: Span,
    },
    /// The recorder was not run, or stopped.
    Starved,
    /// The machine was suspended.
    Suspended {
        /// For how long.
        by: Span,
    },
}

/// Reads the clocks.
pub fn now() -> Clocks {
    system::now()
}

/// What happened between two ticks that are meant to be `interval` apart.
///
/// Boot clock ahead of the monotonic one: suspended. Wall clock away from the one that always runs: set. All together, but late: starved.
pub fn jump(before: &Clocks, after: &Clocks, interval: Span) -> Option<Jump> {
    let (wall, mono) = (after.wall.since(before.wall), after.mono - before.mono);
    let always = match (before.boot, after.boot) {
        (Some(then), Some(now)) => now - then,
        _ => mono,
    };
    let (suspended, set) = (always - mono, wall - always);
    if suspended > TOLERANCE {
        return Some(Jump::Suspended { by: suspended });
    }
    if set.as_micros().abs() > TOLERANCE.as_micros() + always.as_micros() / STEERING {
        return Some(Jump::ClockSet { by: set });
    }
    is_late(mono, interval).then_some(Jump::Starved)
}

/// Whether a tick that was due after `interval` came so much later that what happened in between was not watched.
pub fn is_late(took: Span, interval: Span) -> bool {
    took > interval + interval + Span::from_seconds(1)
}

#[cfg(unix)]
mod system {
    use carbon_core::read::carbon_report_jsonl::record::Clocks;
    use carbon_core::units::{Instant, Span};
    use rustix::time::{ClockId, clock_gettime};

    pub fn now() -> Clocks {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let boot = Some(span(ClockId::Boottime));
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let boot = None;
        Clocks { wall: Instant::from_micros(span(ClockId::Realtime).as_micros()), mono: span(ClockId::Monotonic), boot }
    }

    fn span(clock: ClockId) -> Span {
        let time = clock_gettime(clock);
        Span::from_micros(time.tv_sec.saturating_mul(1_000_000).saturating_add(time.tv_nsec / 1_000))
    }
}

#[cfg(not(unix))]
mod system {
    use std::sync::OnceLock;
    use std::time::{Instant as Monotonic, SystemTime, UNIX_EPOCH};

    use carbon_core::read::carbon_report_jsonl::record::Clocks;
    use carbon_core::units::{Instant, Span};

    pub fn now() -> Clocks {
        static START: OnceLock<Monotonic> = OnceLock::new();
        let micros = |duration: std::time::Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, micros);
        let mono = Span::from_micros(micros(START.get_or_init(Monotonic::now).elapsed()));
        Clocks { wall: Instant::from_micros(wall), mono, boot: None }
    }
}

#[cfg(test)]
mod tests {
    use carbon_core::units::Instant;

    use super::*;

    const SECOND: Span = Span::from_seconds(1);

    fn clocks(wall: f64, mono: f64, boot: f64) -> Clocks {
        let micros = |seconds: f64| (seconds * 1e6) as i64;
        Clocks {
            wall: Instant::from_micros(1_700_000_000_000_000 + micros(wall)),
            mono: Span::from_micros(micros(mono)),
            boot: Some(Span::from_micros(micros(boot))),
        }
    }

    #[test]
    fn causes_of_jumps() {
        let start = clocks(0.0, 0.0, 0.0);
        let found = |wall, mono, boot| jump(&start, &clocks(wall, mono, boot), SECOND);
        assert_eq!(found(1.0, 1.0, 1.0), None);
        assert_eq!(found(2.9, 2.9, 2.9), None, "two ticks were missed: no more than jitter");
        assert_eq!(found(5.0, 5.0, 5.0), Some(Jump::Starved));
        assert_eq!(found(28_800.1, 0.1, 28_800.1), Some(Jump::Suspended { by: Span::from_seconds(28_800) }));
        assert_eq!(found(3601.0, 1.0, 1.0), Some(Jump::ClockSet { by: Span::from_seconds(3600) }));
        assert_eq!(found(-3599.0, 1.0, 1.0), Some(Jump::ClockSet { by: Span::from_seconds(-3600) }));
        // A wall clock that is set while the machine sleeps: the longer reason is told.
        assert_eq!(found(10.0, 1.0, 61.0), Some(Jump::Suspended { by: Span::from_seconds(60) }));
        // Steering over an hour-long interval is no step.
        assert_eq!(jump(&start, &clocks(3601.8, 3600.0, 3600.0), Span::from_seconds(3600)), None);
    }

    #[test]
    fn without_a_boot_clock_a_suspension_looks_like_a_set_clock() {
        let without = |c: Clocks| Clocks { boot: None, ..c };
        let found = jump(&without(clocks(0.0, 0.0, 0.0)), &without(clocks(100.0, 1.0, 0.0)), SECOND);
        assert_eq!(found, Some(Jump::ClockSet { by: Span::from_seconds(99) }));
    }

    #[test]
    fn clocks_run_forward() {
        let (before, after) = (now(), now());
        assert!(after.mono >= before.mono && after.boot >= before.boot);
        assert_eq!(jump(&before, &after, SECOND), None);
    }
}
