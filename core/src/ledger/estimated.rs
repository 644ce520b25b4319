//! What a sampler estimated counts only where nothing that is known holds the same joules: measured before declared before estimated.

use alloc::string::String;
use alloc::vec::Vec;

use super::Settled;
use super::containment::{CONTAINMENT, same_host};
use super::evidence::{Decision, Evidence};
use super::precedence::{Covered, part};
use crate::report::text::few;
use crate::units::Energy;

/// Adds to `evidence` what models say of components and times of which nothing better is known.
pub(super) fn apply(estimated: Vec<Evidence>, evidence: &mut Vec<Evidence>, settled: &mut Settled) {
    let known_before = evidence.len();
    for mut one in estimated {
        let holds = |e: &&Evidence| {
            let contains = CONTAINMENT.iter().any(|rule| rule.container == e.component && rule.part == one.component);
            e.basis != one.basis && (e.component == one.component || contains) && same_host(e, &one) && e.when.overlap(&one.when).0 > 0
        };
        let known: Vec<&Evidence> = evidence.iter().take(known_before).filter(holds).collect();
        if !known.is_empty() {
            let mut covered = Covered::default();
            known.iter().for_each(|e| covered.add(e.when));
            let kept = part(one.energy, covered.free_share(&one.when));
            settled.decisions.push(Decision {
                rule: "known-before-estimated",
                kept: few(&known.iter().map(|e| e.describe()).collect::<Vec<_>>(), "; "),
                left_out: one.describe(),
                energy: Some(one.energy - kept),
                reason: String::from("a sensor or a tracker holds these joules: the model counts for the rest of the time alone"),
            });
            if kept == Energy::ZERO {
                continue;
            }
            if kept < one.energy {
                one.energy = kept;
                one.profile = None;
                one.partly = true;
            }
        }
        evidence.push(one);
    }
}
