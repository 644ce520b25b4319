//! What contains what, and which of the two counts.

use super::claim::Claim;
use super::devices::Slot;
use crate::series::Component;

/// What counts of the two where both were read at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The container; the part is a detail of it.
    Detail,
    /// The part, and of the container what is left without its parts.
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

/// Every containment. RAPL domains: Intel SDM volume 3B, "RAPL Domains"; what a platform sensor holds beside packages is vendor-defined, and memory is
/// taken to be in it; a module is read with its processor (nvidia-smi, `module.power.draw`); a node's meter holds whatever is inside the node.
pub const CONTAINMENT: &[Containment] = &[
    rule(Component::Cpu, Component::CpuCore, Keep::Detail),
    rule(Component::Cpu, Component::CpuUncore, Keep::Detail),
    rule(Component::GpuModule, Component::Gpu, Keep::Rest),
    rule(Component::GpuModule, Component::Cpu, Keep::Rest),
    rule(Component::GpuModule, Component::CpuCore, Keep::Detail),
    rule(Component::GpuModule, Component::CpuUncore, Keep::Detail),
    rule(Component::Platform, Component::Cpu, Keep::Rest),
    rule(Component::Platform, Component::CpuCore, Keep::Detail),
    rule(Component::Platform, Component::CpuUncore, Keep::Detail),
    rule(Component::Platform, Component::Memory, Keep::Rest),
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

/// Whether a part may be inside this container: a module holds the GPU of its number, and the processor of its number where packages have any.
pub(super) fn is_inside(slots: &[Slot], container: &Claim<'_>, part: &Claim<'_>) -> bool {
    let number = |claim: &Claim<'_>| slots.get(claim.device).and_then(|slot| slot.device.index.clone());
    match (number(container), number(part)) {
        (Some(a), Some(b)) if container.component == Component::GpuModule => {
            a == b || part.component != Component::Gpu && a == b.trim_start_matches(|c: char| !c.is_ascii_digit())
        }
        _ => true,
    }
}

/// Whether `container` holds joules of `part`.
pub(crate) fn contains(container: Component, part: Component) -> bool {
    CONTAINMENT.iter().any(|rule| rule.container == container && rule.part == part)
}
