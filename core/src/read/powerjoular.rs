//! PowerJoular: watts each second, of RAPL and of the GPU's driver; its total is their sum. On a board without counters (Raspberry Pi, Asus Tinker
//! Board) they are a model of the processor's load that was fitted to a meter at the board's plug (CPUPowerBench), and stand for the whole board by
//! estimate. Such a log is known by itself: equal loads always have the same power.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::layout::{Layout, MeterRow, Shape, TableShape, TimeField, TimeKind};
use super::{Evidence, Format, Head, ReadBy, ReadOptions, Reader, Refusal};
use crate::map::Map;
use crate::rules;
use crate::series::{Component, Instrument, Quantity};

/// PowerJoular's table of a machine.
pub static FORMAT: Format = Format {
    id: "powerjoular_csv",
    name: "PowerJoular",
    how_to_log: "sudo powerjoular -f power.csv",
    read_by: ReadBy::Code { most: 90, sniff, open },
};

/// So many loads that come again show that power follows from load: a sensor reads another power each time.
const REPEATED_LOADS: i64 = rules::whole("modelled_repeats");

/// The columns of the load and of its power.
const LOAD: &str = "CPU Utilization";
const POWER: &str = "CPU Power";

/// What is measured.
static COUNTERS: Layout = Layout {
    meters: &[
        MeterRow::watts(&["cpu power"], Component::Cpu, Instrument::Rapl),
        MeterRow::watts(&["gpu power"], Component::Gpu, Instrument::GpuPower),
        MeterRow::watts(&["total power"], Component::Unsplit, Instrument::Rapl)
            .aside("CPU Power and GPU Power", "the total is the sum of the columns beside it"),
    ],
    ..TABLE
};

/// What a model says of a board, of which the processor's column holds all.
static MODEL: Layout = Layout {
    meters: &[MeterRow::watts(&["cpu power"], Component::Node, Instrument::SamplerModel).quantity(Quantity::PowerEstimated)],
    ..TABLE
};

const TABLE: Layout = Layout {
    signature: &["date", "cpu utilization", "total power", "cpu power"],
    tool: Some("powerjoular"),
    time: &[TimeField { fields: &["date"], kind: TimeKind::Stamp }],
    ..Layout::of(Shape::Table(TableShape::PLAIN))
};

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    COUNTERS.sniff(head)
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let loads = repeated_loads(head).and_then(|loads| i64::try_from(loads).ok());
    let layout = if loads.is_some_and(|loads| loads >= REPEATED_LOADS) { &MODEL } else { &COUNTERS };
    layout.open(head, options)
}

/// How many loads stand in more than one row; `None` where one of them has two powers. A torn row says nothing.
fn repeated_loads(head: &Head<'_>) -> Option<usize> {
    let mut columns = None;
    let mut powers: Map<&[u8], (&[u8], usize)> = Map::new();
    for line in head.lines() {
        let cells: Vec<&[u8]> = line.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).collect();
        let place = |name: &str| cells.iter().position(|cell| cell.eq_ignore_ascii_case(name.as_bytes()));
        if let Some((load, power)) = place(LOAD).zip(place(POWER)) {
            columns = Some((load, power, cells.len()));
            continue;
        }
        let Some((load, power, _)) = columns.filter(|(_, _, width)| *width == cells.len()) else { continue };
        let (Some(load), Some(power)) = (cells.get(load), cells.get(power)) else { continue };
        let known = powers.entry(load).or_insert((power, 0));
        if known.0 != *power {
            return None;
        }
        known.1 += 1;
    }
    Some(powers.values().filter(|(_, rows)| *rows > 1).count())
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::*;

    /// A log of so many loads, each in two rows, and of what follows them.
    fn loads(count: usize, then: &str) -> Option<usize> {
        let rows = |from: usize| (0..count).map(move |n| format!("2025-10-23 1:24:{:02}.0,0.{n}1,3.{n},3.{n},0.0\n", from + n));
        let text = format!("Date,CPU Utilization,Total Power,CPU Power,GPU Power\n{}{then}", rows(0).chain(rows(30)).collect::<String>());
        repeated_loads(&Head::new(text.as_bytes(), true))
    }

    #[test]
    fn a_power_that_follows_from_the_load_is_a_model() {
        assert_eq!(loads(6, ""), Some(6));
        // The load of the first row with another power: a sensor.
        assert_eq!(loads(6, "2025-10-23 1:25:00.0,0.01,3.1,3.1,0.0\n"), None);
        // A row that was cut inside its power says nothing of it, and one without a fellow proves nothing.
        assert_eq!(loads(6, "2025-10-23 1:25:00.0,0.01,3.0,3."), Some(6));
        assert_eq!(loads(6, "2025-10-23 1:25:00.0,0.99,9.0,9.0,0.0\n"), Some(6));
    }

    #[test]
    fn few_loads_show_nothing() {
        let is_model = |count: usize| loads(count, "").is_some_and(|loads| i64::try_from(loads).expect("few") >= REPEATED_LOADS);
        assert!(!is_model(1) && !is_model(4) && is_model(5));
    }
}
