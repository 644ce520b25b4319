//! Gaps that the recorder wrote down: what they interrupt, and one note for each device and cause.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::record::{Cause, DeviceId};
use crate::map::Map;
use crate::note::{self, Code};
use crate::read::Reading;
use crate::series::Interruption;
use crate::text::significant;
use crate::units::{Instant, Span, calendar};

/// A wall clock that moves by less between two samples may be steered, and is not set.
const STEERED: Span = Span::from_seconds(1);

/// Steering changes the rate of a clock by less than one part in so many.
const STEERING: i64 = 1_000;

/// A gap record.
pub(super) struct Found {
    /// Device, for people.
    pub of: String,
    pub cause: Cause,
    pub from: Option<Instant>,
    pub to: Option<Instant>,
    /// When it was written down.
    pub written: Instant,
    /// By how much the wall clock moved beyond the time that passed.
    pub moved_us: Option<i64>,
    pub detail: Option<String>,
    pub line: u64,
}

/// All gaps of one device and cause.
struct Total {
    line: u64,
    first: Instant,
    count: u64,
    length: Span,
    /// Since when one lasts that has not ended.
    open: Option<Instant>,
    detail: Option<String>,
    /// By how much the wall clock was set forward and back in all, and how often, µs.
    moved: [i64; 2],
    sets: u64,
    /// There were readings before.
    broke_off: bool,
}

/// Gaps of a run.
#[derive(Default)]
pub(super) struct Gaps {
    totals: Map<(String, Cause), Total>,
    interrupted: BTreeMap<DeviceId, Interruption>,
}

impl Gaps {
    /// Takes a record over; `devices` are those that it is a gap of.
    pub(super) fn add(&mut self, found: Found, devices: &[DeviceId], out: &mut Reading) {
        if matches!(found.cause, Cause::Permission) {
            out.notes.add(&note::PERMISSION_DENIED, &found.of, Some(found.line), || match &found.detail {
                Some(detail) => format!("{}: {detail}", found.of),
                None => format!("{}: the kernel refused to show it", found.of),
            });
        }
        if let Some(kind) = interruption(&found) {
            for device in devices {
                let known = self.interrupted.entry(*device).or_insert(kind);
                // A machine that was off in one part of the time was not watched in another.
                if !kind.is_off() {
                    *known = kind;
                }
            }
        }
        let first = found.from.unwrap_or(found.written);
        let total = self.totals.entry((found.of, found.cause)).or_insert(Total {
            line: found.line,
            first,
            count: 0,
            length: Span::ZERO,
            open: None,
            detail: None,
            moved: [0, 0],
            sets: 0,
            broke_off: false,
        });
        total.broke_off |= found.from.is_some();
        let length = found.from.zip(found.to).map_or(0, |(from, to)| to.since(from).as_micros());
        if let Some(moved) = found.moved_us.filter(|moved| moved.abs() > STEERED.as_micros() + length / STEERING) {
            let [forward, back] = &mut total.moved;
            *forward = forward.saturating_add(moved.max(0));
            *back = back.saturating_sub(moved.min(0));
            total.sets += 1;
        }
        if found.detail.is_some() {
            total.detail = found.detail;
        }
        match found.to {
            Some(to) => {
                // The end of one that was told when it began, or one that is told when it is over.
                let from = total.open.take().or(found.from);
                total.count += 1;
                total.length += from.map_or(Span::ZERO, |from| to.since(from));
            }
            None => total.open = Some(total.open.unwrap_or(first)),
        }
    }

    /// What came between the last reading of a device and this one; told once.
    pub(super) fn interruption(&mut self, device: DeviceId) -> Option<Interruption> {
        self.interrupted.remove(&device)
    }

    /// One note for each device and cause.
    pub(super) fn finish(self, out: &mut Reading) {
        for ((of, cause), total) in self.totals {
            if cause == Cause::Permission {
                continue;
            }
            let code = total.code(&cause);
            let message = total.describe(&of, &cause);
            out.notes.add(code, &format!("{of} {}", cause.as_str()), Some(total.line), || message);
        }
    }
}

impl Total {
    fn code(&self, cause: &Cause) -> &'static Code {
        match cause {
            Cause::Absent if !self.broke_off => &note::SENSOR_ABSENT,
            Cause::ClockSet => &note::CLOCK_SET,
            _ => &note::SAMPLING_GAP,
        }
    }

    /// How far the wall clock was set: what goes forward and back again is not nothing.
    fn jump(&self) -> String {
        let words = ["forward", "back"].into_iter().zip(self.moved).filter(|(_, moved)| *moved > 0);
        let words: Vec<String> = words.map(|(way, moved)| format!("{} s {way}", significant(moved as f64 / 1e6, 4))).collect();
        let times = if self.sets > 1 { format!(" ({} times)", self.sets) } else { String::new() };
        if words.is_empty() { String::from("by less than a second") } else { format!("by {}{times}", words.join(" and ")) }
    }

    fn describe(&self, of: &str, cause: &Cause) -> String {
        let seconds = |span: Span| significant(span.as_seconds(), 4);
        let date = |at: Instant| calendar::rfc3339(at, true);
        let what = match cause {
            Cause::ClockSet => {
                format!("the wall clock was set, first at {}, {}: dates count on from the start of the run", date(self.first), self.jump())
            }
            Cause::Absent if !self.broke_off => String::from("there is no such sensor"),
            _ => {
                let closed = match self.count {
                    0 => None,
                    1 => Some(format!("1 gap of {} s from {}", seconds(self.length), date(self.first))),
                    many => Some(format!("{many} gaps of {} s in all, the first from {}", seconds(self.length), date(self.first))),
                };
                let open = self.open.map(|from| format!("no reading from {} to the end of the file", date(from)));
                let set = (self.sets > 0).then(|| format!("the wall clock was set meanwhile, {}", self.jump()));
                let both = [closed, open, set].into_iter().flatten().collect::<Vec<_>>().join("; ");
                format!("{}: {both}", words(cause))
            }
        };
        match &self.detail {
            Some(detail) => format!("{of}: {what} ({detail})"),
            None => format!("{of}: {what}"),
        }
    }
}

/// Whether nobody watched, so that the power in between is not known. What is told before there are any readings interrupts
/// none, and a set clock leaves no time out.
fn interruption(found: &Found) -> Option<Interruption> {
    found.from?;
    match found.cause {
        Cause::ClockSet => None,
        Cause::Suspend => Some(Interruption::Off),
        _ => Some(Interruption::Unwatched),
    }
}

fn words(cause: &Cause) -> &str {
    match cause {
        Cause::Absent => "it could not be read",
        Cause::DiskFull => "the disk was full",
        Cause::Hang => "the driver did not answer",
        Cause::LostDevice => "the device was lost",
        Cause::Starved => "the recorder was stopped or not run",
        Cause::Suspend => "the machine was suspended",
        Cause::WriteError => "the log could not be written",
        other => other.as_str(),
    }
}
