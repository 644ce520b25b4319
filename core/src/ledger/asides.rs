//! What the logs hold twice, as their readers know: every joule that is left out stands in a decision.

use alloc::format;

use super::evidence::Decision;
use super::{Ledger, LedgerOptions, Settled};

/// One decision for each reading that was left out beside others of its file.
pub(super) fn decide(ledger: &Ledger, options: LedgerOptions<'_>, settled: &mut Settled) {
    for entry in ledger.entries() {
        for aside in &entry.reading.asides {
            let energy = aside.series.energy(options.fill_gaps);
            settled.plain += energy;
            settled.decisions.push(Decision {
                rule: "contained",
                kept: format!("{} ({})", aside.kept, entry.file.path),
                left_out: format!("\"{}\" ({})", aside.series.channel().device.key(), entry.file.path),
                energy: Some(energy),
                reason: aside.reason.clone(),
            });
        }
    }
}
