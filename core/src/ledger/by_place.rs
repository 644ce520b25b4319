//! Decisions on devices and machines that nothing in a log tells apart but their place in the round.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::evidence::Decision;
use super::{Ledger, Settled};
use crate::map::Map;
use crate::text::few;

/// Devices that a log does not name, told apart by their place in the round, or not: all logs of one size are one decision.
pub(super) fn by_place(ledger: &Ledger, settled: &mut Settled) {
    let mut sizes: Map<(u16, bool, bool), Vec<&str>> = Map::new();
    let mut open: Map<(u16, bool), Vec<&str>> = Map::new();
    for entry in ledger.entries() {
        if let Some(rounds) = &entry.reading.rounds {
            sizes.entry((rounds.size, rounds.repeats_names, rounds.may_be_one())).or_default().push(&entry.file.path);
        }
        if let Some(perhaps) = entry.reading.perhaps {
            open.entry((perhaps, entry.reading.rounds.is_some())).or_default().push(&entry.file.path);
        }
    }
    for ((size, repeats_names, may_be_one), paths) in sizes.iter() {
        let (what, why) = match repeats_names {
            true => ("machines", "each name comes back in a round at a phase of its own, with readings of its own"),
            false => ("devices", "their rows come in rounds"),
        };
        let ends = match may_be_one {
            true => "the lower end of the interval holds one",
            false => "the rounds are regular, and all of them count",
        };
        settled.decisions.push(Decision {
            rule: "devices-by-place",
            kept: format!("{size} {what} ({})", few(paths, ", ")),
            left_out: String::new(),
            energy: None,
            reason: format!("nothing in the log tells them apart, but {why}; {ends}"),
        });
    }
    for ((perhaps, has_places), paths) in open.iter() {
        let kept = if *has_places { "each as it stands" } else { "one device under each name" };
        settled.decisions.push(Decision {
            rule: "devices-indistinct",
            kept: format!("{kept} ({})", few(paths, ", ")),
            left_out: String::new(),
            energy: None,
            reason: format!("rows come as of {perhaps}, and nothing in the log says whether they are: the interval holds both"),
        });
    }
}
