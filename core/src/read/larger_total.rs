//! A total that a log holds beside its parts, and that is more than they are together: parts may be missing, of a machine of eight boards of which two are logged.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Reading;
use super::reading::{Aside, Doubt};
use crate::note;
use crate::rules;
use crate::series::{Channel, Component};
use crate::text::energy_text;
use crate::units::Energy;

/// A total and its parts are read by different means: what is nearer is the same.
const APART: f64 = rules::value("likeness_apart");

/// Shares are told in so many parts.
const PARTS: i128 = 1000;

impl Reading {
    /// Lets the upper end hold what a total beside its parts says that they lack.
    pub(super) fn doubt_parts_of_larger_total(&mut self) {
        let mut doubts = Vec::new();
        // What does not say what it is of is no total.
        let says = |total: &&Aside| total.series.channel().component != Component::Unsplit;
        for total in self.asides.iter().filter(says) {
            let whole = total.series.channel();
            let is_part = |part: &Channel| part.component == whole.component && part.host == whole.host;
            let parts = || self.series.iter().filter(|part| is_part(part.channel()));
            let (all, sum): (Energy, Energy) = (total.series.energy(false), parts().map(|part| part.energy(false)).sum());
            if sum <= Energy::ZERO || all.as_kwh() <= sum.as_kwh() * (1.0 + APART) {
                continue;
            }
            let times = all.as_picojoules() * PARTS / sum.as_picojoules().max(1);
            let times = (u32::try_from(times).unwrap_or(u32::MAX), PARTS as u32);
            self.notes.add_with_hint(
                &note::COUNTER_DIFFERS,
                None,
                format!(
                    "{:?} says {}, its parts together {}; the interval holds both",
                    whole.device.key(),
                    energy_text(all),
                    energy_text(sum)
                ),
                String::from("log every device that the total is of"),
            );
            doubts.extend(parts().map(|part| Doubt { channel: part.channel().clone(), times }));
        }
        self.doubts.extend(doubts);
    }
}
