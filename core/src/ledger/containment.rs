//! What contains what, and which of the two counts.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::evidence::{Decision, Evidence};
use super::precedence::{Covered, part};
use super::{Basis, Settled};
use crate::report::text::few;
use crate::series::Component;
use crate::units::Energy;

/// Which side of a containment counts when both were read at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The container; the part is a detail of it.
    Container,
    /// The parts; the container's meaning is vendor-defined, or it stands for something else.
    Parts,
    /// Both: of the container, what is left without its parts.
    Rest,
}

/// One containment: on one host and at one time, the joules of `part` are joules of `container` too.
#[derive(Clone, Copy, Debug)]
pub struct Containment {
    /// What contains.
    pub container: Component,
    /// What is contained.
    pub part: Component,
    /// What counts.
    pub keep: Keep,
}

const fn rule(container: Component, part: Component, keep: Keep) -> Containment {
    Containment { container, part, keep }
}

/// Every containment. RAPL domains: Intel SDM volume 3B, "RAPL Domains"; a node's meter holds whatever is inside the node.
pub const CONTAINMENT: &[Containment] = &[
    rule(Component::Cpu, Component::CpuCore, Keep::Container),
    rule(Component::Cpu, Component::CpuUncore, Keep::Container),
    rule(Component::GpuModule, Component::Gpu, Keep::Parts),
    rule(Component::Platform, Component::Cpu, Keep::Parts),
    rule(Component::Platform, Component::CpuCore, Keep::Container),
    rule(Component::Platform, Component::CpuUncore, Keep::Container),
    rule(Component::Unsplit, Component::Cpu, Keep::Rest),
    rule(Component::Unsplit, Component::Gpu, Keep::Rest),
    rule(Component::Unsplit, Component::Memory, Keep::Rest),
    rule(Component::Node, Component::Cpu, Keep::Rest),
    rule(Component::Node, Component::CpuCore, Keep::Rest),
    rule(Component::Node, Component::CpuUncore, Keep::Rest),
    rule(Component::Node, Component::Gpu, Keep::Rest),
    rule(Component::Node, Component::GpuModule, Keep::Rest),
    rule(Component::Node, Component::Memory, Keep::Rest),
    rule(Component::Node, Component::Platform, Keep::Rest),
    rule(Component::Node, Component::Unsplit, Keep::Rest),
];

/// Applies [`CONTAINMENT`] to what was measured: contained details and doubtful containers are left out.
///
/// The rests of nodes are taken later by [`subtract_parts`], when trackers' figures have found their place.
pub(super) fn apply(evidence: &mut Vec<Evidence>, settled: &mut Settled) {
    for rule in CONTAINMENT {
        let (loser, winner) = match rule.keep {
            Keep::Container => (rule.part, rule.container),
            Keep::Parts => (rule.container, rule.part),
            Keep::Rest => continue,
        };
        drop_covered(evidence, loser, winner, rule, settled);
    }
}

fn drop_covered(evidence: &mut Vec<Evidence>, loser: Component, winner: Component, rule: &Containment, settled: &mut Settled) {
    let winners: Vec<(String, super::When, String)> =
        evidence.iter().filter(|e| e.component == winner).map(|e| (e.host.clone(), e.when, e.describe())).collect();
    evidence.retain(|e| {
        let beside = winners.iter().find(|(host, when, _)| e.component == loser && *host == e.host && e.when.overlap(when).0 > 0);
        let Some((_, _, kept)) = beside else { return true };
        settled.decisions.push(Decision {
            rule: "contained",
            kept: kept.clone(),
            left_out: e.describe(),
            energy: Some(e.energy),
            reason: match rule.keep {
                Keep::Container => format!("{} holds {}: their joules are the same", rule.container.label(), rule.part.label()),
                _ => format!(
                    "{} holds {} and more that the vendor defines; it is an alternative reading, not an addition",
                    rule.container.label(),
                    rule.part.label()
                ),
            },
        });
        false
    });
}

/// Takes from every container with [`Keep::Rest`] what its parts used at the same time. A container that is smaller than its parts is left out.
pub(super) fn subtract_parts(evidence: &mut Vec<Evidence>, settled: &mut Settled) {
    for container in [Component::Unsplit, Component::Node] {
        let parts: Vec<Component> =
            CONTAINMENT.iter().filter(|r| r.container == container && r.keep == Keep::Rest).map(|r| r.part).collect();
        let held: Vec<usize> = evidence.iter().enumerate().filter(|(_, e)| parts.contains(&e.component)).map(|(at, _)| at).collect();
        for i in 0..evidence.len() {
            if held.is_empty() || evidence.get(i).is_none_or(|e| e.component != container) {
                continue;
            }
            let whole = evidence[i].clone();
            let mut inside = Energy::ZERO;
            let mut names: Vec<String> = Vec::new();
            for other in held.iter().filter_map(|at| evidence.get(*at)).filter(|e| same_host(&whole, e)) {
                // Of the part, what it used during the container's time.
                let mut during = Covered::default();
                during.add(whole.when);
                let (free, all) = during.free_share(&other.when);
                if free < all {
                    inside += part(other.energy, (all - free, all));
                    names.push(other.describe());
                }
            }
            if names.is_empty() {
                continue;
            }
            let fits = inside <= whole.energy;
            settled.decisions.push(Decision {
                rule: "rest-of-container",
                kept: if fits { format!("{} without its parts", whole.describe()) } else { few(&names, "; ") },
                left_out: if fits { few(&names, "; ") } else { whole.describe() },
                energy: Some(if fits { inside } else { whole.energy }),
                reason: if fits {
                    String::from("the whole contains its parts: of the whole, only the rest is added to them")
                } else {
                    String::from("the whole is smaller than its parts: it can't contain them as measured, so the parts count")
                },
            });
            if let Some(own) = evidence.get_mut(i) {
                if fits {
                    own.energy = whole.energy - inside;
                    own.profile = None;
                    own.partly = true;
                } else {
                    own.energy = Energy::ZERO;
                    own.samples = Some(0);
                    own.basis = Basis::Declared;
                }
            }
        }
        // A whole that did not fit its parts, or is used up by them, is no source of its own.
        evidence.retain(|e| e.component != container || e.energy > Energy::ZERO);
    }
}

/// A scheduler's job covers all its hosts; everything else contains what is on its own host.
pub(super) fn same_host(container: &Evidence, part: &Evidence) -> bool {
    container.host == part.host || container.host.is_empty() || part.host.is_empty()
}
