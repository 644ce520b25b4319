//! What a column of a home-made table is, by its name.

use alloc::string::String;
use alloc::vec::Vec;

use super::spelling::apart;
use crate::decode::table::{Column, Dimension, Unit};
use crate::read::sampled_table::component;
use crate::series::Component;

/// What a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A stamp, or time since some start: the values tell.
    Time,
    /// A date beside a column of times of day.
    Date,
    Host,
    Uuid,
    BusId,
    Serial,
    Index,
    Model,
    /// What names the sensor of a row: `GPU Power`, `CPU Package`.
    Sensor,
    Reading(Named),
    /// Load, memory, temperature of a GPU: a sampler wrote the table.
    Load,
    /// Something that a training script logs.
    Training,
    Other,
}

/// A reading by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The part of the computer in the name, and its number.
    pub part: Option<(Component, Option<String>)>,
    pub dimension: Dimension,
    /// The unit that the header states.
    pub unit: Option<Unit>,
    pub energy: Energy,
    /// What the name says of several devices together: `gpu_total_w`, `mean_gpu_w`.
    pub group: Option<Group>,
    /// `GPU0`: a part and nothing else.
    pub bare: bool,
    /// The name has a word that may mean anything (`IA Power`): it is not clear what the reading is part of.
    pub odd: bool,
    /// A tool is known by its columns: the reading is that of a GPU's own sensor.
    pub is_of_gpu_tool: bool,
}

/// What a reading is of several devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Mean,
    Total,
}

/// How an energy is counted, as far as the name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Energy {
    /// A running total.
    Counter,
    /// Since the row before.
    Interval,
    /// The name does not say.
    Unknown,
}

/// Words that say that a column is no reading, whatever else its name says.
pub(super) const NO_READING: &[&str] = &[
    "limit",
    "limits",
    "cap",
    "max",
    "min",
    "maximum",
    "minimum",
    "peak",
    "tdp",
    "percent",
    "pct",
    "state",
    "management",
    "mode",
    "factor",
    "budget",
    "cost",
    "price",
    "efficiency",
    "ratio",
    "std",
    "stddev",
    "stdev",
    "variance",
    "median",
    "law",
    "co2",
    "emissions",
    "intensity",
    "rate",
    "requested",
];

/// Words beside parts, units and numbers that leave it clear what a reading is.
pub(super) const PLAIN: &[&str] = &[
    "power",
    "pwr",
    "powerdraw",
    "wattage",
    "energy",
    "counter",
    "draw",
    "usage",
    "consumption",
    "consumed",
    "used",
    "total",
    "tot",
    "sum",
    "all",
    "combined",
    "overall",
    "cumulative",
    "accumulated",
    "cum",
    "interval",
    "delta",
    "diff",
    "avg",
    "average",
    "mean",
    "instant",
    "instantaneous",
    "current",
    "board",
    "reading",
    "value",
    "measured",
    "device",
    "input",
    "in",
];

/// Words for what holds readings, beside the name of a part: `sensors.gpu0_w`, `gpu_metrics.gpu0_w`. Alone they may be anything.
const HOLDERS: &[&str] = &[
    "state",
    "status",
    "sensors",
    "metrics",
    "stats",
    "statistics",
    "readings",
    "measurements",
    "samples",
    "values",
    "data",
    "info",
    "telemetry",
    "hardware",
];

/// Words of times.
pub(super) const TIME: &[&str] = &[
    "time",
    "timestamp",
    "datetime",
    "ts",
    "epoch_s",
    "unix",
    "unixtime",
    "elapsed",
    "seconds",
    "minutes",
    "hours",
    "uptime",
    "walltime",
    "zeit",
    "uhrzeit",
    "zeitstempel",
];

/// Words of training scripts.
const TRAINING: &[&str] = &["loss", "accuracy", "acc", "epoch", "step", "iteration", "iter", "lr", "batch", "perplexity", "reward"];

/// The meanings of all columns of a table.
pub(super) fn meanings(columns: &[Column]) -> Vec<Meaning> {
    let mut meanings: Vec<Meaning> = columns.iter().map(Meaning::of).collect();
    // Of the row's GPU, in what the table says or its values tell.
    if columns.iter().any(|c| c.name == "gpu") {
        for (_, meaning) in columns.iter().zip(&mut meanings).filter(|(column, _)| column.name == "power_usage") {
            *meaning = Meaning::Reading(Named::of_row(None));
        }
    }
    // `sum_w` may be of anything, beside columns of power it is of them.
    if meanings.iter().any(|meaning| matches!(meaning, Meaning::Reading(named) if named.dimension == Dimension::Power)) {
        for (column, meaning) in columns.iter().zip(&mut meanings) {
            let unit = column.unit.filter(|unit| unit.dimension == Dimension::Power);
            if *meaning == Meaning::Other && unit.is_some() && words(&column.name).iter().any(|word| word == "sum") {
                *meaning = Meaning::Reading(Named { is_of_gpu_tool: false, group: Some(Group::Total), ..Named::of_row(unit) });
            }
        }
    }
    // `CPU1` beside `Power CPU` is a load.
    let named = |meaning: &Meaning| matches!(meaning, Meaning::Reading(named) if !named.bare);
    if meanings.iter().any(named) {
        let bare = meanings.iter().filter(|m| matches!(m, Meaning::Reading(_)) && !named(m)).count();
        for (column, meaning) in columns.iter().zip(&mut meanings) {
            // `GPU` among them is a load as well, and names no device.
            let is_load = bare > 0 && *meaning == Meaning::Index && column.name == "gpu";
            if is_load || (matches!(meaning, Meaning::Reading(_)) && !named(meaning)) {
                *meaning = Meaning::Load;
            }
        }
    }
    meanings
}

impl Meaning {
    /// The meaning of a column by its own name.
    pub(super) fn of(column: &Column) -> Meaning {
        let name = column.name.as_str();
        let together: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
        match together.as_str() {
            "date" | "datum" => return Meaning::Date,
            "host" | "hostname" | "nodename" => return Meaning::Host,
            "uuid" | "gpuuuid" | "deviceuuid" => return Meaning::Uuid,
            "busid" | "pcibusid" | "gpubusid" => return Meaning::BusId,
            "serial" | "gpuserial" => return Meaning::Serial,
            "index" | "gpu" | "gpuid" | "gpuindex" | "device" | "deviceid" | "deviceindex" | "card" | "component" | "domain" => {
                return Meaning::Index;
            }
            "name" | "gpuname" | "devicename" | "model" => return Meaning::Model,
            "sensor" | "sensorname" | "sensorlabel" | "rail" | "railname" => return Meaning::Sensor,
            _ => {}
        }
        let words = words(name);
        let column = &Column { unit: column.unit.or_else(|| unit_of_words(column, &words)), ..column.clone() };
        let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
        // `state.gpu0_w` is no state, `gpu0.state` is.
        let own = self::words(name.rsplit('.').next().unwrap_or(name));
        let is_none = |word: &String| NO_READING.contains(&word.as_str()) && (!HOLDERS.contains(&word.as_str()) || own.contains(word));
        if let Some(reading) = Named::of(column, &words).filter(|_| !words.iter().any(is_none)) {
            return Meaning::Reading(reading);
        }
        if column.unit.is_some() || has(&["power", "energy"]) {
            return Meaning::Other;
        }
        if has(TIME) || matches!(name, "t" | "epoch_seconds" | "unix_time")
            // Unix time is counted from an epoch, too.
            || name.strip_prefix("epoch").is_some_and(|rest| ["_ms", "_millis", "_us", "_micros", "_ns", "_nanos", "_time", "time"].contains(&rest))
        {
            return Meaning::Time;
        }
        if has(TRAINING) {
            return Meaning::Training;
        }
        if has(&["gpu", "utilization", "util", "nvml", "cuda", "vram"]) {
            return Meaning::Load;
        }
        Meaning::Other
    }
}

/// The unit at the end of a name, where it is no word of its own: `powerWatts`, `watt_hours`.
fn unit_of_words(column: &Column, words: &[String]) -> Option<Unit> {
    let [.., before, last] = words else { return None };
    let written = column.name.rsplit(|c: char| !c.is_alphanumeric()).next()?;
    let is_unit = column.bracket.is_none() && before != "per" && written != last;
    Unit::symbol(last.as_bytes()).filter(|_| is_unit)
}

/// Whether a name that is no reading's says a power, and not of what: `avg_w`, where `grad_w` is none.
pub(super) fn is_of_nothing(column: &Column) -> bool {
    let words = words(&column.name);
    let is_unit = |word: &String| Unit::symbol(word.as_bytes()).is_some();
    let is_plain = |word: &String| PLAIN.contains(&word.as_str()) || is_unit(word);
    column.unit.is_some_and(|unit| unit.dimension == Dimension::Power) && words.iter().all(is_plain) && !words.iter().all(is_unit)
}

impl Named {
    /// The power of the device that the row names.
    fn of_row(unit: Option<Unit>) -> Self {
        Named {
            part: None,
            dimension: Dimension::Power,
            unit,
            energy: Energy::Unknown,
            group: None,
            bare: false,
            odd: false,
            is_of_gpu_tool: unit.is_some(),
        }
    }

    pub(super) fn of(column: &Column, words: &[String]) -> Option<Named> {
        let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
        let part = part(words);
        // `Watts` alone is a unit and says what it is of.
        let own = match words {
            [word] if column.bracket.is_none() && (word.len() > 3 || column.text == "W") => {
                Unit::symbol(word.as_bytes()).filter(|unit| unit.scale <= 9)
            }
            _ => None,
        };
        let unit = column.unit.or(own.filter(|unit| unit.dimension == Dimension::Power));
        let power =
            own.is_some_and(|unit| unit.dimension == Dimension::Power) || has(&["power", "watt", "watts", "pwr", "powerdraw", "wattage"]);
        let energy = has(&["energy", "joule", "joules", "kwh", "watthours", "counter"]);
        let alone = match words {
            [_] => true,
            [_, number] => number.bytes().all(|b| b.is_ascii_digit()),
            _ => false,
        };
        let bare = alone && part.as_ref().is_some_and(|(_, number)| number.is_some()) && column.bracket.is_none();
        let named = part.is_some() || power || energy || has(&["total", "tot", "overall", "combined"]);
        // A unit in brackets is no part of a name: `POM_5V_IN [mW]` is a power, whatever it is of. Megawatts are of grids.
        let named = named || (column.bracket.is_some() && column.unit.is_some_and(|unit| unit.scale <= 9));
        let dimension = match unit {
            // `grad_w` is no power: a suffix counts beside a word that says so.
            Some(unit) if named => unit.dimension,
            // Another unit in brackets (`%`, `MiB`) is no reading.
            _ if column.bracket.is_some() => return None,
            _ if power => Dimension::Power,
            _ if energy => Dimension::Energy,
            _ if bare => Dimension::Power,
            _ => return None,
        };
        let energy = match dimension {
            Dimension::Energy if has(&["counter", "cumulative", "total", "accumulated", "cum", "acc"]) => Energy::Counter,
            Dimension::Energy if has(&["interval", "delta", "diff", "per"]) => Energy::Interval,
            _ => Energy::Unknown,
        };
        let bare = bare && unit.is_none() && !power;
        let group = match () {
            () if has(&["mean", "avg", "average"]) => Some(Group::Mean),
            () if has(&["total", "sum", "all", "combined", "overall", "tot"]) => Some(Group::Total),
            () => None,
        };
        let plain = |w: &String| {
            let word = w.as_str();
            PLAIN.contains(&word)
                || (part.is_some() && HOLDERS.contains(&word))
                || own_part(word).is_some()
                || Unit::symbol(word.as_bytes()).is_some()
                || word.bytes().all(|b| b.is_ascii_digit())
        };
        let odd = !words.iter().all(plain);
        Some(Named { part, dimension, unit, energy, group, bare, odd, is_of_gpu_tool: false })
    }
}

/// The part of the computer that a name names, with the number behind it or at the end of the name. Where a name says the machine and a
/// part (`system/gpu.0.powerWatts`), the part is meant.
fn part(words: &[String]) -> Option<(Component, Option<String>)> {
    let is_within = |w: &String| own_part(w).is_some_and(|(component, _)| component != Component::Node);
    let at = words.iter().position(is_within).or_else(|| words.iter().position(|w| own_part(w).is_some()))?;
    // Cores are inside their processor, and no processor.
    let is_core = |w: &String| matches!(own_part(w), Some((Component::CpuCore | Component::CpuUncore, _)));
    let is_of_cpu = own_part(words.get(at)?).is_some_and(|(component, number)| component == Component::Cpu && number.is_none());
    let at = words.iter().position(is_core).filter(|_| is_of_cpu).unwrap_or(at);
    let (component, number) = own_part(words.get(at)?)?;
    let is_number = |w: &&String| w.bytes().all(|b| b.is_ascii_digit());
    // `gpu_metrics.gpu0_w`: what holds it is named as its kind.
    let again = || words.iter().skip(at + 1).filter_map(|w| own_part(w)).find_map(|(again, number)| number.filter(|_| again == component));
    let last = || words.last().filter(is_number).cloned();
    let number = number.or_else(|| words.get(at + 1).filter(is_number).cloned()).or_else(again).or_else(last);
    Some((component, number))
}

pub(super) fn own_part(word: &str) -> Option<(Component, Option<String>)> {
    match word {
        "core" | "cores" | "pp0" => Some((Component::CpuCore, None)),
        "uncore" | "pp1" => Some((Component::CpuUncore, None)),
        "psu" | "plug" | "outlet" => Some((Component::Node, None)),
        word => component(word),
    }
}

/// The words of a name: `gpu0_power_w`, `GPU 0 Power` and `gpu.0.powerWatts` in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
    let written = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let mut words: Vec<String> = written.flat_map(apart).map(String::from).collect();
    // `watt_hours` is one unit.
    let is_hours = |pair: &[String]| matches!(pair, [watt, hours] if watt.starts_with("watt") && hours.starts_with("hour"));
    if let Some(at) = words.windows(2).position(is_hours) {
        words.remove(at + 1);
        if let Some(unit) = words.get_mut(at) {
            *unit = String::from("watthours");
        }
    }
    // What holds a GPU and a processor is no GPU: `gpu_module0` and `gpu0_module` are module 0.
    let numbered =
        |word: &str, kind: &str| word.strip_prefix(kind).filter(|number| number.bytes().all(|b| b.is_ascii_digit())).map(String::from);
    let pair = words
        .windows(2)
        .position(|pair| matches!(pair, [gpu, module] if numbered(gpu, "gpu").is_some() && numbered(module, "module").is_some()));
    if let Some(at) = pair {
        let gpu = words.remove(at);
        if let Some(module) = words.get_mut(at) {
            module.push_str(&numbered(&gpu, "gpu").unwrap_or_default());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_home_made_columns() {
        let reading = |text: &str| match Meaning::of(&Column::new(text)) {
            Meaning::Reading(named) => Some((named.part.map(|(c, n)| (c, n.unwrap_or_default())), named.unit.is_some(), named.energy)),
            _ => None,
        };
        let gpu = |n: &str| Some((Component::Gpu, String::from(n)));
        for (text, expected) in [
            ("gpu0_power_w", Some((gpu("0"), true, Energy::Unknown))),
            ("GPU 1 Power (W)", Some((gpu("1"), true, Energy::Unknown))),
            ("gpu_power_2", Some((gpu("2"), false, Energy::Unknown))),
            ("GPU0", Some((gpu("0"), false, Energy::Unknown))),
            ("gpu_module0_w", Some((Some((Component::GpuModule, String::from("0"))), true, Energy::Unknown))),
            ("GPU1 Module Power [W]", Some((Some((Component::GpuModule, String::from("1"))), true, Energy::Unknown))),
            ("power_w", Some((None, true, Energy::Unknown))),
            ("Power", Some((None, false, Energy::Unknown))),
            ("cpu_energy_counter_uj", Some((Some((Component::Cpu, String::new())), true, Energy::Counter))),
            ("total_energy_kwh", Some((None, true, Energy::Counter))),
            ("power_limit_w", None),
            ("state.gpu0_w", Some((gpu("0"), true, Energy::Unknown))),
            ("gpu_metrics.gpu1_w", Some((gpu("1"), true, Energy::Unknown))),
            ("gpu0_power.state", None),
            ("limits.gpu0_w", None),
            ("gpu_util", None),
            ("gpu0_temp", None),
            ("gpu_memory_mb", None),
            ("GPU0 [%]", None),
            ("grad_w", None),
            ("loss", None),
            ("power_law_alpha", None),
        ] {
            assert_eq!(reading(text), expected, "{text}");
        }
        for (text, meaning) in [
            ("timestamp", Meaning::Time),
            ("Elapsed Time (s)", Meaning::Time),
            ("gpu_util", Meaning::Load),
            ("train_loss", Meaning::Training),
            ("epoch", Meaning::Training),
            ("epoch_ms", Meaning::Time),
            ("device", Meaning::Index),
        ] {
            assert_eq!(Meaning::of(&Column::new(text)), meaning, "{text}");
        }
    }
}
