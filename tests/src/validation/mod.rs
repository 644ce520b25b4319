//! Published comparisons with meters: the log behind each row, read and accounted for, beside what the meter said.

pub mod page;

use std::collections::BTreeMap;
use std::fmt::Write;

use carbon_core::account::{Settings, report};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::read::{FileReader, ReadOptions};
use carbon_core::report::Report;

use crate::{csv_rows, root};

/// One published comparison.
pub struct Row {
    /// Id of the row.
    pub id: String,
    /// The publication, by the word before the first hyphen of the id.
    pub publication: String,
    /// The class of instrument that the log holds.
    pub class: Class,
    /// Whether a log can answer it; why not.
    pub can_be_known: String,
    /// The meter's energy, kWh.
    pub truth_kwh: f64,
    fields: BTreeMap<String, String>,
}

/// What a log of a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A board controller's reading of the whole node.
    BoardController,
    /// A GPU's own sensor.
    GpuSensor,
    /// RAPL counters of memory.
    MemoryCounters,
    /// Sensors of GPUs, processors and memory.
    NodeSensors,
    /// A tracker's file.
    Tracker,
}

impl Class {
    /// Name for people.
    pub fn label(self) -> &'static str {
        match self {
            Class::BoardController => "board controller, node at the plug",
            Class::GpuSensor => "GPU's own sensor, board",
            Class::MemoryCounters => "memory counters (RAPL), memory",
            Class::NodeSensors => "GPU and CPU sensors, node at the plug",
            Class::Tracker => "tracker's file, node at the plug",
        }
    }
}

/// What the report says of a row.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Value, kWh.
    pub value: f64,
    /// Ends of the interval, kWh.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Answer {
    /// Whether the interval holds the truth.
    pub fn holds(&self, truth: f64) -> bool {
        self.low <= truth && truth <= self.high
    }

    /// Half the width over the value.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0 / self.value
    }
}

/// The quantile of ascending values, interpolated.
pub fn quantile(values: &[f64], q: f64) -> f64 {
    let place = q * (values.len() - 1) as f64;
    let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
    below + (above - below) * (place - place.floor())
}

/// The publication behind an id, and the ids of the tables' sources that rest on it.
pub const PUBLICATIONS: &[(&str, &str, &[&str])] = &[
    ("desrochers", "Desrochers, Paradis, Weaver 2016: A Validation of DRAM RAPL Power Measurements", &["desrochers_2016"]),
    ("fischer", "Fischer 2025: Ground-Truthing AI Energy Consumption", &["fischer_2025"]),
    ("jay", "Jay et al. 2023: An experimental comparison of software-based power meters", &["jay_2023"]),
    ("yang", "Yang, Adamek, Armour 2024: Accurate and Convenient Energy Measurements for GPUs", &["yang_2024"]),
];

/// All rows, in the order of the table.
pub fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(root().join("tests/validation/wallmeter.csv")).expect("the comparisons");
    csv_rows(&text).into_iter().map(row).collect()
}

fn row(fields: BTreeMap<String, String>) -> Row {
    let is = |column: &str, words: &[&str]| words.contains(&fields[column].as_str());
    let class = match fields["truth_covers"].as_str() {
        "GPU board" => Class::GpuSensor,
        "DRAM" => Class::MemoryCounters,
        _ if is("node_how", &["bmc"]) => Class::BoardController,
        _ if is("cpu_how", &["rapl"]) => Class::NodeSensors,
        _ => Class::Tracker,
    };
    Row {
        id: fields["id"].clone(),
        publication: fields["id"].split('-').next().unwrap_or_default().to_string(),
        class,
        can_be_known: fields["can_be_known"].clone(),
        truth_kwh: number(&fields, "truth_j").expect("a truth") / 3.6e6,
        fields,
    }
}

fn number(fields: &BTreeMap<String, String>, column: &str) -> Option<f64> {
    fields.get(column).and_then(|text| text.parse().ok())
}

/// The tables as they ship, less what rests on a publication.
pub fn tables_without(publication: &str) -> FactorSet {
    let sources = PUBLICATIONS.iter().find(|(id, ..)| *id == publication).map_or(&[][..], |(_, _, sources)| sources);
    let kept: Vec<(&str, String)> = carbon_data::TABLES
        .iter()
        .map(|(name, text)| {
            let rests = |line: &&str| *name != "sources" && sources.iter().any(|source| line.ends_with(&format!(",{source}")));
            (*name, text.lines().filter(|line| !rests(line)).fold(String::new(), |all, line| all + line + "\n"))
        })
        .collect();
    FactorSet::from_tables(&kept.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>()).expect("tables")
}

impl Row {
    /// The answer of the right measurand: GPU board and memory against what was logged, a node at the plug against the machine.
    pub fn answer(&self, factors: &FactorSet) -> Option<Answer> {
        let energy = self.account(factors).energy?;
        let quantity = match self.class {
            Class::GpuSensor | Class::MemoryCounters => energy.logged_kwh,
            _ => energy.it_kwh,
        };
        Some(Answer { value: quantity.value, low: quantity.low, high: quantity.high })
    }

    /// The report of the log behind the row.
    pub fn account(&self, factors: &FactorSet) -> Report {
        let mut ledger = Ledger::default();
        for (name, text) in self.logs() {
            let mut reader = FileReader::new(ReadOptions::default());
            reader.push(text.as_bytes());
            let file =
                InputFile { path: name.into(), bytes: text.len() as u64, blake3: format!("{}-{name}", self.id), ..InputFile::default() };
            ledger.add(file, reader.finish());
        }
        report(&ledger, factors, &Settings::default()).expect("a report")
    }

    /// The machine, as the publication calls it.
    pub fn machine(&self) -> &str {
        self.field("machine")
    }

    /// What the row's own publication says of why it lies so far off.
    pub fn why_outside(&self) -> &'static str {
        match self.id.as_str() {
            "yang-quadro_k620" => {
                "Small boards of that generation have no power sensor: what they print is a model. The shipped table has a row for them, which rests on this very publication."
            }
            "jay-codecarbon-gpu_20_04-idle" => {
                "An idle server of which the tracker took 236 W for memory that drew some 20 W; fans of an idle machine draw less than in proportion to its rated power."
            }
            _ => "",
        }
    }

    fn field(&self, column: &str) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }

    /// Files of samples of constant power over the duration, or the tracker's file.
    pub fn logs(&self) -> Vec<(&'static str, String)> {
        if self.field("gpu_how").starts_with("tracker") || self.field("cpu_how").starts_with("tracker") {
            return vec![("emissions.csv", self.codecarbon())];
        }
        let mut logs = Vec::new();
        if let Some(joules) = number(&self.fields, "gpu_j") {
            logs.push(("gpu.csv", self.nvidia_smi(joules)));
        }
        if number(&self.fields, "cpu_j").or(number(&self.fields, "mem_j")).is_some() {
            logs.push(("rapl.csv", self.rapl()));
        }
        if let Some(joules) = number(&self.fields, "node_j") {
            logs.push(("node.csv", self.node(joules)));
        }
        logs
    }

    fn seconds(&self) -> f64 {
        number(&self.fields, "duration_s").expect("a duration")
    }

    /// Sample times: a second apart, the last one at the end.
    fn times(&self) -> Vec<f64> {
        let whole = self.seconds();
        let mut times: Vec<f64> = (0..).map(f64::from).take_while(|at| *at < whole - 0.5).collect();
        times.push(whole);
        times
    }

    fn nvidia_smi(&self, joules: f64) -> String {
        let count: u32 = self.field("n_gpu").parse().expect("a number of GPUs");
        let watts = joules / self.seconds() / f64::from(count);
        let model = self.gpu_model();
        let mut text = String::from("timestamp, index, name, power.draw [W]\n");
        for at in self.times() {
            for index in 0..count {
                let (minute, second) = ((at / 60.0) as u32, at % 60.0);
                let _ =
                    writeln!(text, "2025/06/12 {:02}:{:02}:{second:06.3}, {index}, {model}, {watts:.4} W", 14 + minute / 60, minute % 60);
            }
        }
        text
    }

    /// As nvidia-smi prints it.
    fn gpu_model(&self) -> String {
        let machine = self.field("machine");
        let known = [
            ("DGX-1", "Tesla V100-SXM2-32GB"),
            ("RTX 4090", "NVIDIA GeForce RTX 4090"),
            ("4090_TR", "NVIDIA GeForce RTX 4090"),
            ("K40m", "Tesla K40m"),
            ("RTX_1080", "NVIDIA GeForce GTX 1080 Ti"),
        ];
        let found = known.iter().find(|(word, _)| machine.contains(word)).map(|(_, name)| (*name).to_string());
        found.unwrap_or_else(|| machine.replace('_', " "))
    }

    fn rapl(&self) -> String {
        let (cpu, memory) = (number(&self.fields, "cpu_j"), number(&self.fields, "mem_j"));
        let packages = if cpu.is_some() { 2 } else { 0 };
        let mut text = String::from("# intel-rapl\ntime_s");
        (0..packages).for_each(|socket| text += &format!("\tpackage-{socket}_uj"));
        text += if memory.is_some() { "\tdram-0_uj\tmax_energy_range_uj\n" } else { "\tmax_energy_range_uj\n" };
        for at in self.times() {
            let _ = write!(text, "{:.3}", 1_749_736_800.0 + at);
            let share = at / self.seconds();
            for socket in 0..packages {
                let _ = write!(text, "\t{:.0}", 1e9 * f64::from(socket + 1) + cpu.unwrap_or(0.0) / 2.0 * share * 1e6);
            }
            if let Some(joules) = memory {
                let _ = write!(text, "\t{:.0}", 3e9 + joules * share * 1e6);
            }
            text += "\t262143328850\n";
        }
        text
    }

    fn node(&self, joules: f64) -> String {
        let watts = joules / self.seconds();
        let lines = self.times().into_iter().map(|at| format!("{:.1},{watts:.3}\n", 1_749_736_800.0 + at));
        lines.fold(String::from("time,node_w\n"), |all, line| all + &line)
    }

    fn codecarbon(&self) -> String {
        let kwh = |column| number(&self.fields, column).map_or(0.0, |joules| joules / 3.6e6);
        let (cpu, gpu, memory) = (kwh("cpu_j"), kwh("gpu_j"), kwh("mem_j"));
        let watts = |kwh: f64| kwh * 3.6e6 / self.seconds();
        // The release of the publication: 3 models a processor by its load, 2 reads its counters.
        let (release, processor) = match self.publication.as_str() {
            "jay" => ("2.1.4", "Intel(R) Xeon(R) CPU E5-2698 v4 @ 2.20GHz"),
            _ => ("3.0.0", "13th Gen Intel(R) Core(TM) i9-13900K"),
        };
        let count = self.field("n_gpu");
        let (gpus, model) = if count.is_empty() { ("", String::new()) } else { (count, format!("{count} x {}", self.gpu_model())) };
        format!(
            "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,\
             energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,\
             cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue\n\
             2025-06-12T14:10:00,demo,c1111111-2222-4333-8444-555555555555,{},0.001,1e-6,{:.4},{:.4},{:.4},{cpu:e},{gpu:e},{memory:e},{:e},\
             France,FRA,,,,Linux-6.8,3.11,{release},32,{processor},{gpus},{model},2.3,48.8,128,machine,N,1.0\n",
            self.seconds(),
            watts(cpu),
            watts(gpu),
            watts(memory),
            cpu + gpu + memory
        )
    }
}
