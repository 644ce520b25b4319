//! A plan tried on the first rows of a file, before anything is said of it.

use alloc::vec::Vec;

use super::places::Looked;
use super::{Dialect, Plan, SampledTable};
use crate::read::{Clock, Head, Line, ReadOptions, Reader, Reading};
use crate::rules;
use crate::series::{Component, InOrder};
use crate::units::{Energy, Power, Span};

/// What a table comes to under a plan, as far as its head goes.
pub(in crate::read) struct Trial {
    /// Rows that counted.
    used: u64,
    /// All rows.
    rows: u64,
    /// Readings that do not go on from others: the same time of the same device again, a counter that started anew.
    repeated: u64,
    /// Whether rows stand for several devices, or may.
    indistinct: bool,
    /// Whether a clock was found.
    has_clock: bool,
    /// The channels.
    pub channels: Vec<Tried>,
}

/// A channel of it.
pub(in crate::read) struct Tried {
    pub component: Component,
    /// Mean over the time that is covered; absent where none is.
    pub power: Option<Power>,
}

/// What runs a training draws more than this.
pub(in crate::read) const LEAST_POWER: Power = rules::power("trial_least_w");

impl Trial {
    /// Reads the head.
    pub(in crate::read) fn of(mut plan: Plan, dialect: Dialect, head: &Head<'_>, options: &ReadOptions) -> Self {
        let lines = head.whole_lines();
        plan.looked = Some(plan.looked.take().unwrap_or_else(|| Looked::of(&plan, dialect, head)));
        let read = |out: &mut Reading| {
            let mut table = SampledTable::new(plan.clone(), dialect, head, options);
            for (number, text) in (1..).zip(lines.lines()) {
                let row = table.line(Line { text, number, unterminated: false }, out);
                out.account(row, number);
            }
            table.has_places() || table.is_indistinct()
        };
        let mut out = Reading::default();
        let indistinct = read(&mut out);
        out.end();
        if out.is_unordered() {
            // As the file is read in the end: a running total whose rows are out of order starts again and again until they are put in order.
            let (mut again, mut sorter) = (Reading::default(), InOrder::default());
            again.queue_samples();
            read(&mut again);
            again.drain_into(&mut sorter);
            sorter.end_pass();
            out.put_in_order(sorter.finish());
        }
        // A running total that starts again and again is none.
        let repeated =
            out.series().iter().map(|s| s.counts().duplicates + s.counts().averaged + s.wraps().resets + s.wraps().implausible).sum();
        let channels = out.series().iter().map(|series| {
            let nothing = (Energy::ZERO, Span::ZERO);
            let (energy, covered) = series.integrals(false).fold(nothing, |sum, one| (sum.0 + one.energy, sum.1 + one.covered));
            let mean = energy.as_picojoules().checked_div(i128::from(covered.as_micros())).and_then(|mean| i64::try_from(mean).ok());
            let power = mean.map(Power::from_microwatts);
            Tried { component: series.channel().component, power }
        });
        Self {
            used: out.rows.used,
            rows: out.rows.read(),
            repeated,
            indistinct,
            has_clock: out.clock != Clock::None,
            channels: channels.collect(),
        }
    }

    /// Whether it makes sense: nearly every row counts, one row is one reading of a device, and what is read is what devices of the kind
    /// draw. Of a channel that stands at 0 nothing is known, as long as another one moves.
    pub(in crate::read) fn holds(&self) -> bool {
        let is_read = self.has_clock && !self.indistinct && 10 * self.used >= 9 * self.rows && 20 * self.repeated <= self.used;
        let powers = || self.channels.iter().filter_map(|c| Some((c, c.power?)));
        is_read
            && powers().all(|(c, power)| power.as_microwatts() == 0 || (LEAST_POWER..=most_power(c.component)).contains(&power))
            && powers().any(|(_, power)| power.as_microwatts() > 0)
    }
}

/// The median power that no device of a kind exceeds: beyond it the unit is wrong by a thousand.
pub(in crate::read) const fn most_power(component: Component) -> Power {
    match component {
        Component::Cpu | Component::CpuCore | Component::CpuUncore => const { rules::power("trial_most_processor_w") },
        Component::Gpu => const { rules::power("trial_most_gpu_w") },
        Component::GpuModule => const { rules::power("trial_most_module_w") },
        Component::Memory => const { rules::power("trial_most_memory_w") },
        Component::Host | Component::Node | Component::Platform | Component::Unsplit => const { rules::power("trial_most_node_w") },
    }
}
