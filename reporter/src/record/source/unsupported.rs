//! Systems that show programs no energy counters: said once, with the way out.

use carbon_core::read::carbon_report_jsonl::record::{Cause, Subject};
use carbon_core::series::Component;

use super::{Source, Tick};

/// A system whose sensors are not read.
pub struct Unsupported;

impl Source for Unsupported {
    fn sample(&mut self, tick: &mut Tick) {
        let reason = if cfg!(target_os = "macos") {
            "macOS shows energy to root alone: log it beside, with `sudo powermetrics -i 1000 -f plist`"
        } else {
            "this system shows programs no energy counters of its processors"
        };
        tick.missing(Subject::Component(Component::Cpu), Cause::Absent, reason);
    }
}
