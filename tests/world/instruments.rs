//! How far each instrument may be off, and what the rest of a machine draws: the rows of `data/tables/`, read here on their own.

use std::fs;
use std::sync::OnceLock;

use crate::logger::{Logger, codecarbon, nvidia_smi, recorder, table};
use crate::scene::Part;

/// Value and 95 % interval of a row of `machine_rest.csv`; absent where there is none.
pub fn rest(kind: &str, part: &str) -> Option<(f64, f64, f64)> {
    let text = fs::read_to_string(carbon_tests::root().join("data/tables/machine_rest.csv")).ok()?;
    let row = carbon_tests::csv_rows(&text).into_iter().find(|row| row["kind"] == kind && row["part"] == part)?;
    let number = |name: &str| row[name].parse::<f64>().expect("a number");
    Some((number("value"), number("low"), number("high")))
}

/// Words of the table.
struct Row {
    instrument: String,
    component: String,
    models: String,
    below_w: bool,
    low: f64,
    high: f64,
}

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let text = fs::read_to_string(carbon_tests::root().join("data/tables/instruments.csv")).unwrap_or_default();
        let number = |row: &std::collections::BTreeMap<String, String>, name: &str| row[name].parse::<f64>().expect("a number");
        let read = |row: std::collections::BTreeMap<String, String>| Row {
            // The correction moves both ends: what is true over what is shown.
            low: number(&row, "correction") * number(&row, "low"),
            high: number(&row, "correction") * number(&row, "high"),
            below_w: !row["below_w"].is_empty(),
            instrument: row["instrument"].clone(),
            component: row["component"].clone(),
            models: row["models"].clone(),
        };
        if text.is_empty() { Vec::new() } else { carbon_tests::csv_rows(&text).into_iter().map(read).collect() }
    })
}

/// What stands behind a logger's figure of a part.
fn instrument(logger: &Logger, variant: usize, part: Part) -> &'static str {
    match (logger.name, part) {
        ("recorder", Part::Gpu) if variant & recorder::NO_COUNTER == 0 => "gpu_counter",
        ("nvidia_smi" | "recorder", Part::Gpu) => "gpu_power",
        ("powercap" | "perf_stat" | "recorder", _) => "rapl",
        ("slurm", _) => "scheduler",
        (name, Part::Gpu) if name == codecarbon::LOGGER.name || name == "carbontracker" => "tracker_sensor",
        (name, Part::Cpu) if name == codecarbon::LOGGER.name => "tracker_unstated",
        (name, _) if name == codecarbon::LOGGER.name => "tracker_model",
        (name, _) => {
            assert_eq!(name, table::LOGGER.name, "no instrument is known of this logger");
            "not_stated"
        }
    }
}

/// True value over shown value, the ends of the 95 % interval: of rows that fit equally the first one counts, the model's class before the others.
pub fn ends(logger: &Logger, variant: usize, part: Part, model: &str) -> (f64, f64) {
    let (instrument, component) = (instrument(logger, variant, part), component(part));
    // Of a model that the log does not name, nobody knows.
    let model = if names_model(logger, variant, part) { model } else { "" };
    let fits = |row: &&Row| {
        row.instrument == instrument && !row.below_w && (row.models.is_empty() || row.models.split(';').any(|word| model.contains(word)))
    };
    let own = |row: &&Row| (row.component != component, row.models.is_empty());
    let fitting = rows().iter().filter(fits).filter(|row| row.component == component || row.component == "any");
    // `min_by_key` takes the first of equals.
    fitting.min_by_key(own).map_or((0.95, 1.05), |row| (row.low, row.high))
}

fn names_model(logger: &Logger, variant: usize, part: Part) -> bool {
    match logger.name {
        "nvidia_smi" => variant & nvidia_smi::NAME != 0,
        "recorder" => part == Part::Gpu,
        name => name == codecarbon::LOGGER.name || name == "carbontracker",
    }
}

fn component(part: Part) -> &'static str {
    match part {
        Part::Cpu => "cpu",
        Part::Gpu => "gpu",
        Part::Memory => "memory",
        Part::Node => "node",
    }
}
