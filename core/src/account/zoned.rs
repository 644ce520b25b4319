//! Times that a user gives in a zone, against stamps whose zone nobody knows: a time that may lie in a log can't be applied to it.

use alloc::format;

use super::settings::{Settings, SettingsError};
use crate::ledger::{Ledger, Settled, WIDEST_ZONE, When};
use crate::read::{Clock, SkipReason};
use crate::units::Instant;

/// Refuses times that fall into other parts of a log in each zone. Those that lie further off than zones do say the same in all.
pub(super) fn check(ledger: &Ledger, settled: &Settled, settings: &Settings) -> Result<(), SettingsError> {
    let is_near = |at: Instant| {
        settled.evidence.iter().any(|one| match one.when {
            When::Dated { start, end, utc: false } => start.since(at) <= WIDEST_ZONE && at.since(end) <= WIDEST_ZONE,
            _ => false,
        })
    };
    for (setting, at) in &settings.zoned {
        let mut local = ledger.entries().filter(|entry| entry.reading.clock == Clock::Local);
        // Rows that were left out may lie inside.
        let open = local
            .find(|entry| *setting == "running" || entry.reading.rows.skipped.contains_key(&SkipReason::OutsidePeriod) || is_near(*at));
        if let Some(entry) = open {
            let message = format!("its time is given in a zone, and {} has local stamps of a zone that is not known", entry.file.path);
            let hint = "give the zone of the logs with `--tz`, such as `--tz Europe/Paris`, or the time as the logs write it: without `Z` or an offset";
            return Err(SettingsError::new(setting, message, hint));
        }
    }
    Ok(())
}
