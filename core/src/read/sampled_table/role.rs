//! What a column is, as `--columns` says it: `time,index,power_w,-`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Identity, Lasted, Meter, Plan, TimeSource};
use crate::decode::table::{Dimension, Table, Unit};
use crate::note;
use crate::read::{ReadOptions, Refusal};
use crate::series::{Component, CounterRange, Device, Instrument, Quantity};
use crate::units::calendar::DateOrder;

/// The roles that `--columns` knows, for messages.
pub(crate) const ROLES: &str = "time (time_dmy, time_mdy, time_days of a spreadsheet), elapsed_s (_ms, _min, _h), duration_s of the row (also _ms), host, uuid, bus_id, serial, index (or device), name, -, and readings: power_w, \
     gpu0_w, cpu_w, dram_w, node_w (also _mw, _kw, _uw), energy_j since the row before (also _uj, _mj, _kj, _wh, _kwh), counter_uj for \
     a running total, with a part in front: cpu0_counter_uj";

/// What a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::read) enum Role {
    /// Nothing that counts: `-`.
    Ignore,
    /// A stamp.
    Time,
    /// A stamp whose date has its parts in another order than the year first.
    TimeIn(DateOrder),
    /// Time since some start, in so many times `10^-scale` seconds.
    Elapsed(i32, i64),
    /// How long the row lasted, in `10^-scale` seconds.
    Duration(i32),
    /// Host name.
    Host,
    /// Unique id of the row's device.
    Uuid,
    /// PCI bus id of the row's device.
    BusId,
    /// Serial of the row's device.
    Serial,
    /// Number of the row's device.
    Index,
    /// Model of the row's device.
    Model,
    /// A power or energy.
    Reading {
        /// The part named in front; absent where the row's device is meant.
        part: Option<(Component, Option<String>)>,
        /// What the reading is.
        quantity: Quantity,
        /// Its unit.
        unit: Unit,
    },
}

impl Role {
    /// Reads one role; `None` for a word that is none.
    pub(in crate::read) fn parse(word: &str) -> Option<Role> {
        let word = word.trim().to_ascii_lowercase();
        Some(match word.as_str() {
            "-" | "" | "ignore" => Role::Ignore,
            "time" | "timestamp" => Role::Time,
            "time_dmy" => Role::TimeIn(DateOrder::DayFirst),
            "time_mdy" => Role::TimeIn(DateOrder::MonthFirst),
            "time_days" => Role::TimeIn(DateOrder::SpreadsheetDays),
            "elapsed_s" => Role::Elapsed(0, 1),
            "elapsed_ms" => Role::Elapsed(3, 1),
            "elapsed_min" => Role::Elapsed(0, 60),
            "elapsed_h" => Role::Elapsed(0, 3_600),
            "duration_s" => Role::Duration(0),
            "duration_ms" => Role::Duration(3),
            "host" => Role::Host,
            "uuid" => Role::Uuid,
            "bus_id" => Role::BusId,
            "serial" => Role::Serial,
            "index" | "device" => Role::Index,
            "name" | "model" => Role::Model,
            _ => return Self::reading(&word),
        })
    }

    fn reading(word: &str) -> Option<Role> {
        let (stem, symbol) = word.rsplit_once('_')?;
        let unit = Unit::symbol(symbol.as_bytes())?;
        let (mut part, mut counter, mut named) = (None, false, None);
        for token in stem.split('_') {
            match token {
                "power" => named = Some(Dimension::Power),
                "energy" => named = Some(Dimension::Energy),
                "counter" => counter = true,
                token if part.is_none() => part = Some(component(token)?),
                _ => return None,
            }
        }
        if named.is_some_and(|dimension| dimension != unit.dimension) || (counter && unit.dimension == Dimension::Power) {
            return None;
        }
        let quantity = match unit.dimension {
            Dimension::Power => Quantity::Power,
            Dimension::Energy if counter => Quantity::Counter(counter_range(part.as_ref().map(|(c, _)| *c), unit)),
            Dimension::Energy => Quantity::IntervalEnergy,
        };
        Some(Role::Reading { part, quantity, unit })
    }
}

/// A counter of processor or memory in µJ is the kernel's and wraps, and so may one in joules of another size; others run on.
pub(in crate::read) fn counter_range(component: Option<Component>, unit: Unit) -> CounterRange {
    let of_kernel =
        matches!(component, Some(Component::Cpu | Component::CpuCore | Component::CpuUncore | Component::Memory | Component::Platform));
    match unit {
        Unit { scale: 0, .. } if of_kernel => CounterRange::Rapl,
        Unit { factor: 1, .. } if of_kernel => CounterRange::RaplPerhaps,
        _ => CounterRange::Unbounded,
    }
}

/// `gpu0`, `cpu`, `dram`: a part of the machine and its number.
pub(in crate::read) fn component(token: &str) -> Option<(Component, Option<String>)> {
    let digits = token.trim_start_matches(|c: char| !c.is_ascii_digit());
    let name = token.strip_suffix(digits)?.trim_end_matches(['_', '-', '.', ' ', '#', ':']);
    let component = match name {
        "gpu" | "gpus" | "cuda" | "nvml" => Component::Gpu,
        "cpu" | "package" | "pkg" | "socket" => Component::Cpu,
        "dram" | "ram" | "memory" | "mem" => Component::Memory,
        "node" | "machine" | "system" | "server" | "wall" => Component::Node,
        "platform" | "psys" => Component::Platform,
        "module" => Component::GpuModule,
        _ => return None,
    };
    let is_number = !digits.contains(|c: char| c.is_alphabetic());
    is_number.then(|| (component, (!digits.is_empty()).then(|| digits.into())))
}

impl Plan {
    /// The plan that `--columns` states, where it has as many columns as the table; `None` where it is not given or, beside a header,
    /// has another number (then it is meant for another file).
    pub(in crate::read) fn of_roles(table: &Table, options: &ReadOptions) -> Result<Option<Plan>, Refusal> {
        let Some(words) = &options.columns else {
            return Ok(None);
        };
        if words.len() != table.columns.len() {
            if table.header_line.is_some() {
                return Ok(None);
            }
            return Err(refusal(format!("`--columns` names {} columns, the table has {}", words.len(), table.columns.len())));
        }
        let mut roles = Vec::new();
        for word in words {
            roles.push(Role::parse(word).ok_or_else(|| refusal(format!("`--columns` has \"{word}\", which is no role")))?);
        }
        Self::with_roles(table, &roles, options).map(Some)
    }

    /// The plan of a table of which one column counts.
    pub(in crate::read) fn of_one(
        table: &Table,
        time: TimeSource,
        identity: Identity,
        (component, quantity, device): (Component, Quantity, Option<Device>),
        (position, unit): (usize, Unit),
    ) -> Plan {
        let columns = alloc::vec![(position, Some(unit))];
        let meter = Meter {
            component,
            quantity,
            instrument: Instrument::NotStated,
            device,
            columns,
            only: Vec::new(),
            rated: None,
            of_list: None,
            run: None,
        };
        Plan::new(table.clone(), time, identity, alloc::vec![meter])
    }

    /// The plan of one role a column.
    pub(in crate::read) fn with_roles(table: &Table, roles: &[Role], options: &ReadOptions) -> Result<Plan, Refusal> {
        let (mut time, mut length) = (None, None);
        let mut plan = Plan::new(table.clone(), TimeSource::StampLines, Identity::default(), Vec::new());
        for (position, role) in roles.iter().enumerate() {
            let slot = match role {
                Role::Ignore => continue,
                Role::Time => {
                    time = Some(match time {
                        None => TimeSource::Column(position),
                        // A date and a time of day.
                        Some(TimeSource::Column(date)) => TimeSource::DateAndTime { date, time: position },
                        Some(known) => known,
                    });
                    continue;
                }
                Role::TimeIn(order) => {
                    plan.table.dates = *order;
                    time.get_or_insert(TimeSource::Column(position));
                    continue;
                }
                Role::Elapsed(scale, times) => {
                    time.get_or_insert(TimeSource::Elapsed { position, scale: *scale, times: *times });
                    continue;
                }
                Role::Duration(scale) => {
                    length.get_or_insert((position, *scale));
                    continue;
                }
                Role::Reading { part, quantity, unit } => {
                    let (component, device) = match part {
                        Some((component, number)) => {
                            let device = number.as_ref().map_or_else(Device::default, |n| Device::indexed(n.as_str()));
                            // `gpu_w` beside a device column is the row's device.
                            let of_row = number.is_none() && *component == Component::Gpu && roles.iter().any(Role::names_device);
                            (*component, (!of_row).then_some(device))
                        }
                        None if roles.iter().any(Role::names_device) => (Component::Gpu, None),
                        None => (Component::Unsplit, None),
                    };
                    plan.add_meter(Meter {
                        component,
                        quantity: *quantity,
                        instrument: Instrument::NotStated,
                        device,
                        columns: alloc::vec![(position, Some(*unit))],
                        only: Vec::new(),
                        rated: None,
                        of_list: None,
                        run: None,
                    });
                    continue;
                }
                Role::Host => &mut plan.identity.host,
                Role::Uuid => &mut plan.identity.uuid,
                Role::BusId => &mut plan.identity.bus_id,
                Role::Serial => &mut plan.identity.serial,
                Role::Index => &mut plan.identity.index,
                Role::Model => &mut plan.identity.model,
            };
            slot.get_or_insert(position);
        }
        if plan.meters.is_empty() {
            return Err(refusal(String::from("`--columns` names no power or energy")));
        }
        plan.lasted = match (time, length) {
            (Some(TimeSource::Column(_)), Some((position, scale))) => Some(Lasted::Length { position, scale, begins: false }),
            _ => None,
        };
        let time = time.or(length.map(|(position, scale)| TimeSource::Duration { position, scale, start: None }));
        plan.time = time.map_or_else(|| TimeSource::without_column(options), Ok)?;
        if plan.lasted.is_some() || matches!(plan.time, TimeSource::Duration { .. }) {
            // The power of a row that says how long it lasted is that of all of it.
            let powers = plan.meters.iter_mut().filter(|meter| meter.quantity == Quantity::Power);
            powers.for_each(|meter| meter.quantity = Quantity::PowerMean);
        }
        Ok(plan)
    }
}

/// Whether a word says what a column is.
pub(crate) fn is_role(word: &str) -> bool {
    Role::parse(word).is_some()
}

/// Whether a word of `--columns` names a power or energy.
pub(in crate::read) fn is_reading_role(word: &str) -> bool {
    matches!(Role::parse(word), Some(Role::Reading { .. }))
}

impl Role {
    fn names_device(&self) -> bool {
        matches!(self, Role::Uuid | Role::BusId | Role::Serial | Role::Index | Role::Model)
    }
}

fn refusal(message: String) -> Refusal {
    Refusal { code: &note::COLUMNS_UNKNOWN, line: None, message, hint: format!("one role for each column, in order: {ROLES}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_name_part_quantity_and_unit() {
        let reading = |part: Option<(Component, Option<&str>)>, quantity, unit| {
            Some(Role::Reading { part: part.map(|(c, n)| (c, n.map(String::from))), quantity, unit })
        };
        let micro = Unit { scale: 0, ..Unit::JOULE };
        for (word, expected) in [
            ("time", Some(Role::Time)),
            ("-", Some(Role::Ignore)),
            ("power_w", reading(None, Quantity::Power, Unit::WATT)),
            ("gpu0_w", reading(Some((Component::Gpu, Some("0"))), Quantity::Power, Unit::WATT)),
            ("gpu0_power_mw", reading(Some((Component::Gpu, Some("0"))), Quantity::Power, Unit::MILLIWATT)),
            ("dram_w", reading(Some((Component::Memory, None)), Quantity::Power, Unit::WATT)),
            ("node_w", reading(Some((Component::Node, None)), Quantity::Power, Unit::WATT)),
            ("energy_j", reading(None, Quantity::IntervalEnergy, Unit::JOULE)),
            ("counter_mj", reading(None, Quantity::Counter(CounterRange::Unbounded), Unit { scale: 3, ..Unit::JOULE })),
            ("cpu0_counter_uj", reading(Some((Component::Cpu, Some("0"))), Quantity::Counter(CounterRange::Rapl), micro)),
            ("power_j", None),
            ("counter_w", None),
            ("loss", None),
            ("fan_w", None),
        ] {
            assert_eq!(Role::parse(word), expected, "{word}");
        }
    }
}
