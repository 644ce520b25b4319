//! The `--columns` that a message suggests for a table: tried on the first rows, and given only where it makes sense.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::DIALECT;
use super::lists::take_apart;
use super::meaning::{Energy, Meaning, Named};
use super::parts::Verdict;
use super::values::Values;
use crate::decode::table::{Column, Dimension, Table, Unit};
use crate::read::sampled_table::{Lasted, Plan, TimeSource, Trial, counter_range};
use crate::read::{Head, ReadOptions};
use crate::series::{Component, Device, Quantity};
use crate::units::calendar::DateOrder;

/// What is known of a table when something is left open.
pub(super) struct Suggestion<'a> {
    pub table: &'a Table,
    pub head: &'a Head<'a>,
    pub options: &'a ReadOptions,
    pub meanings: &'a [Meaning],
    pub verdicts: &'a [(usize, Verdict)],
    pub time: Option<&'a TimeSource>,
    pub lasted: Option<Lasted>,
}

/// Readings above this without a unit are thousandths: no single device draws so many watts, and none so few milliwatts.
const WATTS_BELOW: i64 = 3_000;

/// A power and an energy of one device agree where they differ by no more than one in so many.
const AGREES: i64 = 5;

const MILLIJOULE: Unit = Unit { scale: 3, ..Unit::JOULE };

impl Suggestion<'_> {
    /// The roles that make sense of the first rows, if some do.
    pub(super) fn tried(&self) -> Option<String> {
        self.tried_as(None)
    }

    /// The same where energies of unknown kind are taken for one kind; without it, for the one that makes sense.
    pub(super) fn tried_as(&self, kind: Option<Energy>) -> Option<String> {
        // Roles can't say where rows begin and end.
        let has_ends = matches!(self.lasted, Some(Lasted::Since(_)));
        if self.has_nested_windows() || has_ends && self.counting().any(|(_, named, ..)| named.dimension == Dimension::Power) {
            return None;
        }
        let kinds: &[Energy] = match kind {
            Some(Energy::Counter) => &[Energy::Counter],
            Some(_) => &[Energy::Interval],
            None => &[Energy::Counter, Energy::Interval],
        };
        for small in if self.is_small() { [true, false] } else { [false, true] } {
            for kind in kinds {
                let Some(roles) = self.roles(small, *kind) else { continue };
                let options = ReadOptions { columns: Some(roles.split(',').map(String::from).collect()), ..self.options.clone() };
                let mut plan = Plan::of_roles(self.table, &options).ok().flatten();
                if let Some(plan) = &mut plan {
                    take_apart(plan, &Values::of(self.table, &plan.identity, self.head));
                }
                // A column that stands in for another is none of its own.
                let plan = plan.filter(|plan| plan.meters.iter().all(|meter| meter.columns.len() == 1));
                if plan.is_some_and(|plan| Trial::of(plan, DIALECT, self.head, &options).holds()) {
                    return Some(roles);
                }
            }
        }
        None
    }

    /// Whether a reading that counts names its part of the computer.
    pub(super) fn has_parts(&self) -> bool {
        self.counting().any(|(_, named, ..)| named.part.is_some())
    }

    /// Whether rows are windows of time, with a start and a length, of which some hold others: their energies do not add up.
    fn has_nested_windows(&self) -> bool {
        let Some(TimeSource::Column(start)) = self.time else { return false };
        let is_length = |column: &Column| ["elapsed", "duration"].iter().any(|word| column.name.contains(word));
        let values = Values::of(self.table, &super::identity(self.meanings, self.table, self.head), self.head);
        let mut lengths = self.table.columns.iter().enumerate().filter(|(position, column)| position != start && is_length(column));
        lengths.any(|(length, _)| values.windows_overlap(*start, length))
    }

    /// Whether readings without a unit look like thousandths.
    fn is_small(&self) -> bool {
        let values = Values::of(self.table, &super::identity(self.meanings, self.table, self.head), self.head);
        let unitless = self.counting().filter(|(_, named, ..)| named.unit.is_none() && named.dimension == Dimension::Power);
        let mut largest = unitless.filter_map(|(position, ..)| values.median(position, None));
        largest.any(|median| median > WATTS_BELOW * 1_000_000)
    }

    /// Whether an energy is of an epoch, or of a step: by its own name, or because a row is an epoch. Nobody writes the state of a meter there.
    fn is_of_epoch(&self, position: usize) -> bool {
        const PARTS: [&str; 5] = ["batch", "epoch", "iter", "iteration", "step"];
        let has_part = |column: &Column| column.name.split(|c: char| !c.is_alphanumeric()).any(|word| PARTS.contains(&word));
        self.table.column(position).is_some_and(has_part) || super::rows_are_epochs(&self.table.columns)
    }

    fn counting(&self) -> impl Iterator<Item = (usize, &Named, Component, Option<&Device>)> {
        self.verdicts.iter().filter_map(|(position, verdict)| {
            let named = self.meanings.get(*position)?.reading()?;
            match verdict {
                Verdict::Counts(component, device) => Some((*position, named, *component, device.as_ref())),
                _ => None,
            }
        })
    }

    /// One role for each column; absent where a column's is not known.
    fn roles(&self, small: bool, kind: Energy) -> Option<String> {
        let identity = super::identity(self.meanings, self.table, self.head);
        let mut roles: Vec<String> = self
            .meanings
            .iter()
            .enumerate()
            .map(|(position, meaning)| {
                String::from(match meaning {
                    Meaning::Time | Meaning::Date => self.time_role(position),
                    Meaning::Host => "host",
                    Meaning::Uuid => "uuid",
                    Meaning::BusId => "bus_id",
                    Meaning::Serial => "serial",
                    Meaning::Index => "index",
                    Meaning::Model | Meaning::Sensor if identity.index == Some(position) => "index",
                    Meaning::Model => "name",
                    Meaning::Other => self.time_role(position),
                    Meaning::Reading(_) | Meaning::Sensor | Meaning::Load | Meaning::Training => "-",
                })
            })
            .collect();
        for (position, verdict) in self.verdicts {
            let named = self.meanings.get(*position)?.reading()?;
            let role = match verdict {
                Verdict::LeftOut => continue,
                // `node01_gpu0_w` beside `node02_gpu0_w` is of another machine.
                Verdict::Twice(first, true) if self.numbers(*first) == self.numbers(*position) => continue,
                Verdict::Twice(..) => return None,
                Verdict::Unclear if named.part.as_ref().is_none_or(|(_, number)| number.is_none()) => return None,
                Verdict::Unclear | Verdict::Counts(..) => self.role(*position, named, small, kind)?,
            };
            if let Some(slot) = roles.get_mut(*position) {
                *slot = role;
            }
        }
        Some(roles.join(","))
    }

    /// The numbers in the name of a column.
    fn numbers(&self, position: usize) -> Vec<&str> {
        let name = self.table.column(position).map_or("", |column| column.text.as_str());
        name.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).collect()
    }

    fn time_role(&self, position: usize) -> &'static str {
        let stamp = match self.table.dates {
            DateOrder::YearFirst => "time",
            DateOrder::DayFirst => "time_dmy",
            DateOrder::MonthFirst => "time_mdy",
            DateOrder::SpreadsheetDays => "time_days",
        };
        match (self.lasted, self.time) {
            (Some(Lasted::Length { position: p, scale, .. }), _) if p == position => {
                return if scale == 0 { "duration_s" } else { "duration_ms" };
            }
            // Rows that begin at their stamps follow each other.
            (Some(Lasted::Length { begins: true, .. }), Some(TimeSource::Column(p))) if *p == position => return "-",
            _ => {}
        }
        match self.time {
            Some(TimeSource::Column(p)) if *p == position => stamp,
            Some(TimeSource::DateAndTime { date, .. }) if *date == position => stamp,
            Some(TimeSource::DateAndTime { time, .. }) if *time == position => "time",
            Some(TimeSource::Elapsed { position: p, times: 60, .. }) if *p == position => "elapsed_min",
            Some(TimeSource::Elapsed { position: p, times: 3_600, .. }) if *p == position => "elapsed_h",
            Some(TimeSource::Elapsed { position: p, scale: 0, .. }) if *p == position => "elapsed_s",
            Some(TimeSource::Elapsed { position: p, .. }) if *p == position => "elapsed_ms",
            Some(TimeSource::Duration { position: p, scale: 0, .. }) if *p == position => "duration_s",
            Some(TimeSource::Duration { position: p, .. }) if *p == position => "duration_ms",
            _ => "-",
        }
    }

    /// The role of a reading: a stated unit, a guess where none is, or a thousandth of one that cannot be.
    fn role(&self, position: usize, named: &Named, small: bool, kind: Energy) -> Option<String> {
        let base = if named.dimension == Dimension::Power { Unit::WATT } else { Unit::JOULE };
        let milli = if named.dimension == Dimension::Power { Unit::MILLIWATT } else { MILLIJOULE };
        let component = named.part.as_ref().map_or(Component::Unsplit, |(component, _)| *component);
        let values = Values::of(self.table, &super::identity(self.meanings, self.table, self.head), self.head);
        let unit = match named.unit {
            Some(unit) if values.implausible(position, Some(unit), component).is_some() => Unit { scale: unit.scale - 3, ..unit },
            Some(unit) => unit,
            None if small => milli,
            None => base,
        };
        let unit = unit.role_suffix()?;
        let word = match (named.dimension, named.energy) {
            (Dimension::Power, _) => "power",
            (Dimension::Energy, Energy::Counter) => "counter",
            (Dimension::Energy, Energy::Interval) => "energy",
            (Dimension::Energy, Energy::Unknown) => {
                if kind == Energy::Counter {
                    "counter"
                } else {
                    "energy"
                }
            }
        };
        let Some((component, number)) = &named.part else { return Some(format!("{word}_{unit}")) };
        let number = number.as_deref().unwrap_or("");
        let name = match component {
            Component::Cpu => "cpu",
            Component::Gpu => "gpu",
            Component::GpuModule => "module",
            Component::Memory => "dram",
            Component::Node => "node",
            Component::Platform => "platform",
            // Cores are inside their package.
            _ => return Some(String::from("-")),
        };
        Some(if named.dimension == Dimension::Power { format!("{name}{number}_{unit}") } else { format!("{name}{number}_{word}_{unit}") })
    }

    /// What energies are that the name leaves open: a running total, the energy of each interval, or neither for certain.
    ///
    /// A running total never falls. Energies of intervals may rise for a while, too (5000, 5010, 5050 J an epoch): a total that starts near 0
    /// at least doubles; of one that was running long before, the differences must be what a device draws, and the values must not be.
    pub(super) fn kind_of_energy(&self, position: usize, component: Component, unit: Unit, values: &Values) -> Option<Quantity> {
        let counter = Quantity::Counter(counter_range(Some(component), unit));
        let is_of_epoch = self.is_of_epoch(position);
        match (values.never_fall(position), values.doubles(position)) {
            (Some(false), _) => return Some(Quantity::IntervalEnergy),
            (Some(true), true) => return Some(counter),
            (None, false) | (Some(true), false) if is_of_epoch => return Some(Quantity::IntervalEnergy),
            (None, _) => return self.as_power_says(position, component, unit, counter),
            (Some(true), false) => {}
        }
        let fits = |quantity: Quantity| {
            let time = *self.time?;
            let device =
                (!super::identity(self.meanings, self.table, self.head).columns().iter().any(Option::is_some)).then(Device::default);
            let plan = Plan::of_one(
                self.table,
                time,
                super::identity(self.meanings, self.table, self.head),
                (component, quantity, device),
                (position, unit),
            );
            let trial = Trial::of(plan, DIALECT, self.head, self.options);
            Some(!trial.channels.is_empty() && trial.holds())
        };
        match (fits(counter)?, fits(Quantity::IntervalEnergy)?) {
            (true, false) => Some(counter),
            (false, true) => Some(Quantity::IntervalEnergy),
            _ => self.as_power_says(position, component, unit, counter),
        }
    }

    /// What energies are beside a column of the same device's power: that which comes to the same.
    fn as_power_says(&self, position: usize, component: Component, unit: Unit, counter: Quantity) -> Option<Quantity> {
        let time = *self.time?;
        let (_, _, _, device) = self.counting().find(|(at, ..)| *at == position)?;
        let is_same = |(_, named, part, of): &(usize, &Named, Component, Option<&Device>)| {
            named.dimension == Dimension::Power && (*part, *of) == (component, device) && named.unit.is_some()
        };
        let (power, named, ..) = self.counting().find(is_same)?;
        let identity = super::identity(self.meanings, self.table, self.head);
        let own = identity.columns().iter().all(Option::is_none).then(Device::default);
        let mean = |quantity: Quantity, position: usize, unit: Unit| {
            let plan = Plan::of_one(self.table, time, identity, (component, quantity, own.clone()), (position, unit));
            let trial = Trial::of(plan, DIALECT, self.head, self.options);
            Some(trial.channels.first()?.power?.as_microwatts())
        };
        let watts = mean(Quantity::Power, power, named.unit?)?;
        let agrees = |quantity: Quantity| mean(quantity, position, unit).is_some_and(|other| AGREES * (other - watts).abs() <= watts);
        match (agrees(counter), agrees(Quantity::IntervalEnergy)) {
            (true, false) => Some(counter),
            (false, true) => Some(Quantity::IntervalEnergy),
            _ => None,
        }
    }
}
