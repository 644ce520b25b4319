//! What of the energy falls to a program that shared its machine: beside the total, never in it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::ledger::Ledger;
use crate::map::Map;
use crate::report::Allocation;
use crate::series::Component;
use crate::text::{ENERGY_FROM_KWH, percent, with_unit};
use crate::units::Energy;

/// More digits than an allocation carries would mislead.
const DIGITS: u32 = 3;

/// One row for each run and component that counts: E_program = Σ over time of E_machine × share.
pub(super) fn allocations(ledger: &Ledger, counts: impl Fn(Component) -> bool) -> Vec<Allocation> {
    let mut sums: Map<(&str, Component), (Energy, Energy)> = Map::new();
    for one in ledger.entries().flat_map(|entry| &entry.reading.allotted).filter(|one| counts(one.component)) {
        let (energy, of) = sums.entry((one.run.as_str(), one.component)).or_insert((Energy::ZERO, Energy::ZERO));
        *energy += one.energy;
        *of += one.of;
    }
    sums.into_iter()
        .map(|((run, component), (energy, of))| {
            let (energy_kwh, of_kwh) = (energy.as_kwh(), of.as_kwh());
            let share = energy_kwh / of_kwh;
            let print = |kwh: f64| with_unit(kwh, DIGITS, ENERGY_FROM_KWH);
            Allocation {
                run: run.to_string(),
                component: component.as_str().to_string(),
                label: component.label().to_string(),
                energy_kwh,
                of_kwh,
                share,
                text: format!("{} of {} ({})", print(energy_kwh), print(of_kwh), percent(share)),
                method: String::from(method(component)),
            }
        })
        .collect()
}

fn method(component: Component) -> &'static str {
    match component {
        Component::Cpu | Component::CpuCore | Component::CpuUncore => {
            "by the processor time of the program and its descendants, of that of all processes"
        }
        Component::Gpu | Component::GpuModule => "by the utilisation of each process, as the driver tells it",
        Component::Memory => "by the resident memory of the program and its descendants, of all memory in use",
        _ => "by the share that the log states",
    }
}
