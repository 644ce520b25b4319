//! What the logs hold twice, as their readers know: every joule that is left out stands in a decision.

use alloc::format;

use super::evidence::Decision;
use super::{Ledger, LedgerOptions, Settled};

/// One decision for each reading that was left out beside others of its file.
pub(super) fn decide(ledger: &Ledger, options: LedgerOptions<'_>, settled: &mut Settled) {
    for entry in ledger.entries() {
        for aside in &entry.reading.asides {
            settled.decisions.push(Decision {
                rule: "contained",
                kept: format!("{} ({})", aside.kept, entry.file.path),
                left_out: format!("\"{}\" ({})", aside.series.channel().device.key(), entry.file.path),
                energy: Some(aside.series.integral(options.fill_gaps).energy),
                reason: aside.reason.clone(),
            });
        }
    }
}
