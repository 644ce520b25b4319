//! `nvidia-smi --query-gpu=… --format=csv`: any selection and order of columns, with or without header and units, one or many GPUs.
//!
//! Power is `power.draw.average`, else `power.draw`, else `power.draw.instant`: decided for each row, so that a column that is `[N/A]` on an
//! older card gives way; where one GPU's rows use more than one of them, a note says so. Limits are never readings. A module's power (Grace
//! Hopper) contains the GPU and the CPU: a channel of its own, of which the rest counts beside the GPU.

mod at_rest;
mod headless;

pub(super) use headless::columns_of_bare_numbers;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::sampled_table::{Dialect, Identity, Meter, Plan, SampledTable, TimeSource, component};
use super::{Evidence, Format, Head, ReadBy, ReadOptions, Reader, Refusal};
use crate::decode::encoding;
use crate::decode::table::{Column, Table, Unit};
use crate::note;
use crate::series::{Component, Instrument, Quantity};
use crate::units::calendar::{order_of_dates, parse_stamp};

/// The format.
pub static FORMAT: Format =
    Format { id: "nvidia_smi_csv", name: "nvidia-smi query CSV", how_to_log: COMMAND, read_by: ReadBy::Code { most: 90, sniff, open } };

const COMMAND: &str = "nvidia-smi --query-gpu=timestamp,index,uuid,name,power.draw,utilization.gpu --format=csv -l 1 -f gpu.csv";

/// Power of the board, best first.
const GPU_POWER: &[&str] =
    &["power.draw.average", "gpu.power.draw.average", "power.draw", "gpu.power.draw", "power.draw.instant", "gpu.power.draw.instant"];

/// Power of a module that holds GPU and CPU, best first.
const MODULE_POWER: &[&str] = &["module.power.draw.average", "module.power.draw.instant"];

const TIME: &[&str] = &["timestamp", "time", "datetime", "date"];

/// What query columns of nvidia-smi start with; no other tool names columns so.
const SIGNATURES: &[&str] = &[
    "clocks.",
    "ecc.",
    "enforced.power",
    "fan.speed",
    "gpu.power.draw",
    "memory.free",
    "memory.total",
    "memory.used",
    "module.power",
    "pci.bus_id",
    "pcie.link",
    "power.draw",
    "power.limit",
    "temperature.gpu",
    "temperature.memory",
    "utilization.gpu",
    "utilization.memory",
];

/// Columns of the queries about processes, which have no power.
const PROCESSES: &[&str] = &["gpu_uuid", "pid", "process_name", "used_gpu_memory", "used_memory", "max_memory_usage", "gpu_bus_id"];

const DIALECT: Dialect = Dialect::Code { score: score_below, plan, tool: Some("nvidia-smi"), part: component };

fn is_power(column: &Column) -> bool {
    GPU_POWER.contains(&&*column.name) || is_module(column)
}

fn is_module(column: &Column) -> bool {
    MODULE_POWER.contains(&&*column.name)
}

fn is_signature(column: &Column) -> bool {
    SIGNATURES.iter().any(|start| column.name.starts_with(start))
}

fn is_known(column: &Column) -> bool {
    is_signature(column) || TIME.contains(&&*column.name) || matches!(&*column.name, "index" | "name" | "uuid" | "serial" | "gpu")
}

/// How many columns of a header are nvidia-smi's.
fn score(columns: &[Column]) -> usize {
    let named = columns.iter().filter(|c| is_signature(c)).count();
    if named > 0 { named + columns.iter().filter(|c| is_known(c)).count() } else { process_score(columns) }
}

/// Of a header below the first: in a table of one column, which may be transposed, any name that nvidia-smi knows starts another column.
fn score_below(columns: &[Column]) -> usize {
    match columns {
        [one] => usize::from(is_known(one)),
        more => score(more),
    }
}

fn process_score(columns: &[Column]) -> usize {
    let names = |name: &str| columns.iter().any(|c| c.name == name);
    let pmon = names("gpu") && names("pid") && names("type");
    let count = columns.iter().filter(|c| PROCESSES.contains(&&*c.name)).count();
    if pmon || (count >= 2 && names("pid")) || count >= 3 { count.max(2) } else { 0 }
}

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    // Keys of JSON may be called as the columns are.
    if head.bytes.trim_ascii_start().first() == Some(&b'{') {
        return None;
    }
    if let Some(table) = Table::find(head, score) {
        let count = table.columns.iter().filter(|c| is_known(c)).count();
        let score = match table.columns.iter().any(is_power) {
            true => 90,
            // A list of processes stands below what `nvidia-smi` prints of the boards.
            false if memchr::memmem::find(head.bytes, b"| NVIDIA-SMI").is_some() => 50,
            false => 80,
        };
        return Some(Evidence { score, reason: format!("{count} of {} columns are nvidia-smi's", table.columns.len()) });
    }
    headless::sniff(head)
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let mut plan = match Table::find(head, score) {
        Some(table) => plan(&table, head, options)?,
        None => headless::plan(head, options)?,
    };
    plan.at_rest = at_rest::at_rest(&plan.table, head);
    Ok(Box::new(SampledTable::new(plan, DIALECT, head, options)))
}

fn plan(table: &Table, head: &Head<'_>, options: &ReadOptions) -> Result<Plan, Refusal> {
    if let Some(plan) = Plan::of_roles(table, options)? {
        return Ok(plan);
    }
    let columns = |names: &[&str]| -> Vec<(usize, Option<Unit>)> {
        names
            .iter()
            .filter_map(|name| table.position(&[name]))
            // `nounits` takes the unit off the cells, and a header typed by hand may lack it: nvidia-smi knows watts only.
            .map(|p| (p, Some(table.column(p).and_then(|c| c.unit).unwrap_or(Unit::WATT))))
            .collect()
    };
    let mut meters = Vec::new();
    let gpu = columns(GPU_POWER);
    // Boards that are no modules have the column, and nothing in it.
    let looks = if table.columns.iter().any(is_module) { headless::looks(table, head) } else { Vec::new() };
    let is_read = |(position, _): &(usize, Option<Unit>)| gpu.is_empty() || looks.get(*position).is_some_and(headless::Look::is_read);
    let module: Vec<_> = columns(MODULE_POWER).into_iter().filter(is_read).collect();
    for (component, columns) in [(Component::Gpu, gpu), (Component::GpuModule, module)] {
        if !columns.is_empty() {
            meters.push(power(component, columns));
        }
    }
    if let (Some(rated), Some(load)) = (options.tdp, table.position(&["utilization.gpu"])) {
        let quantity = Quantity::PowerEstimated;
        meters.push(Meter {
            component: Component::Gpu,
            quantity,
            instrument: Instrument::SamplerModel,
            device: None,
            columns: alloc::vec![(load, None)],
            only: Vec::new(),
            rated: Some(rated),
            of_list: None,
            run: None,
        });
    }
    if meters.is_empty() {
        return Err(no_power(table));
    }
    let identity = Identity {
        run: None,
        host: table.position(&["host", "hostname"]),
        uuid: table.position(&["uuid", "gpu_uuid", "gpu.uuid"]),
        bus_id: table.position(&["pci.bus_id", "gpu_bus_id"]),
        serial: table.position(&["serial", "gpu_serial"]),
        index: index(table, head),
        model: table.position(&["name", "gpu_name"]),
    };
    let mut table = table.clone();
    let time = match table.position(TIME) {
        Some(position) => dated(position, &mut table, &identity, &meters, head, options)?,
        None => time(None, head, options)?,
    };
    Ok(Plan::new(table, time, identity, meters))
}

/// The column of stamps, with the order in which dates have their parts where somebody's spreadsheet has written them anew.
fn dated(
    position: usize,
    table: &mut Table,
    identity: &Identity,
    meters: &[Meter],
    head: &Head<'_>,
    options: &ReadOptions,
) -> Result<TimeSource, Refusal> {
    let column = Ok(TimeSource::Column(position));
    let cells = headless::column(table, position, head);
    if cells.is_empty() || cells.iter().any(|cell| parse_stamp(cell).is_some()) {
        return column;
    }
    let order = order_of_dates(|| cells.iter().map(Vec::as_slice));
    if let Some((order, true)) = order {
        table.dates = order;
        return column;
    }
    if let Some(interval) = options.interval {
        return Ok(TimeSource::Interval(interval));
    }
    let sample: String = encoding::text(cells.first().map_or(b"", Vec::as_slice)).chars().take(40).collect();
    let name = table.column(position).map_or("", |column| &column.text);
    let holds = format!("\"{name}\" holds \"{sample}\"");
    let powers: Vec<usize> = meters.iter().flat_map(|meter| meter.columns.iter().map(|(position, _)| *position)).collect();
    let role = |at: usize, date: &'static str| match at {
        at if at == position => date,
        at if powers.first() == Some(&at) => "power_w",
        at if identity.uuid == Some(at) => "uuid",
        at if identity.bus_id == Some(at) => "bus_id",
        at if identity.serial == Some(at) => "serial",
        at if identity.index == Some(at) => "index",
        at if identity.host == Some(at) => "host",
        at if identity.model == Some(at) => "name",
        _ => "-",
    };
    let roles = |date: &'static str| (0..table.columns.len()).map(|at| role(at, date)).collect::<Vec<_>>().join(",");
    let (code, message, hint) = match order {
        Some(_) => (
            &note::COLUMNS_UNKNOWN,
            format!("{holds}: the day or the month may come first"),
            format!(
                "say it: `--columns {}` where the day comes first, `--columns {}` where the month does",
                roles("time_dmy"),
                roles("time_mdy")
            ),
        ),
        None => (
            &note::CLOCK_MISSING,
            format!("{holds}, which is no date and time"),
            String::from(
                "write it as Unix time or ISO 8601, or say how far apart the rows of a GPU are: `--interval`, such as 1s or 500ms",
            ),
        ),
    };
    Err(Refusal { code, line: table.header_line, message, hint })
}

/// The column of device numbers: of several that are called so, the one that counts the devices round (headers are typed by hand, too).
fn index(table: &Table, head: &Head<'_>) -> Option<usize> {
    let called: Vec<usize> = ["index", "gpu_index", "gpu", "gpu_id"].iter().filter_map(|name| table.position(&[name])).collect();
    let first = called.first().copied()?;
    if called.len() < 2 {
        return Some(first);
    }
    let looks = headless::looks(table, head);
    called.into_iter().find(|position| looks.get(*position).is_some_and(headless::Look::counts_round)).or(Some(first))
}

fn power(component: Component, columns: Vec<(usize, Option<Unit>)>) -> Meter {
    Meter {
        component,
        quantity: Quantity::Power,
        instrument: Instrument::GpuPower,
        device: None,
        columns,
        only: Vec::new(),
        rated: None,
        of_list: None,
        run: None,
    }
}

/// The clock: a column, else lines of `date`, else `--interval`.
fn time(column: Option<usize>, head: &Head<'_>, options: &ReadOptions) -> Result<TimeSource, Refusal> {
    if let Some(position) = column {
        return Ok(TimeSource::Column(position));
    }
    if head.lines().any(|line| parse_stamp(line).is_some()) {
        return Ok(TimeSource::StampLines);
    }
    TimeSource::without_column(options).map_err(|refusal| Refusal {
        hint: format!("say how far apart the rows of a GPU are: `--interval`, such as 1s or 500ms; or log the time as well: {COMMAND}"),
        ..refusal
    })
}

fn no_power(table: &Table) -> Refusal {
    let processes = process_score(&table.columns) > 0;
    let found = if processes { "a list of processes" } else { "columns of load and memory" };
    Refusal {
        code: &note::NO_POWER_COLUMN,
        line: table.header_line,
        message: format!("found {found}, expected a column power.draw"),
        hint: match table.position(&["utilization.gpu"]) {
            Some(_) => {
                format!("log power as well: `{COMMAND}`; or estimate it from the load and the rated power of one GPU: `--tdp WATTS`")
            }
            None => String::from(COMMAND),
        },
    }
}

#[cfg(test)]
mod tests;
