//! CodeCarbon's `emissions.csv`: a row a run, stamped at its end, in whole seconds. It tells what the machine's parts used since the run began.

use super::{Logger, Row, Sheet, Written, claim};
use crate::random::hash;
use crate::scene::{Part, World};
use crate::stamps::iso;
use crate::truth::{Means, Stretch};

pub static LOGGER: Logger = Logger { name: "codecarbon", write };

/// 2.5.1: 31 columns.
pub const V2_5: usize = 0;
/// 2.8.4: `experiment_id` besides.
pub const V2_8: usize = 1;
/// 3.3.2: water, utilisation, and a PUE that lies inside the energies.
pub const V3_3: usize = 2;
/// Added to any of them: the run's totals so far are written every period, not only at its end.
pub const FLUSH: usize = 16;
/// Added to any of them: all runs of the log have one id.
pub const ONE_ID: usize = 32;
/// Added to any of them: each process speaks for itself, but for the GPU, which is told whole.
pub const PROCESS: usize = 8;

const EXPERIMENT: &str = "5b0fa12a-3dd7-45bb-9766-cc326314d9f1";

/// What a run of the tracker says, before it becomes text.
#[derive(Clone, Debug)]
pub struct Said {
    pub at: i64,
    pub ms: i64,
    /// In 1e-12 kWh (3.6 µJ): what is printed of processor, GPUs and memory, with the PUE inside.
    pub cpu: i64,
    pub gpu: i64,
    pub memory: i64,
    pub run: String,
}

/// A run's figures and claims: what is printed, to 12 digits of a kWh, is what is claimed.
pub fn said(world: &World, number: usize) -> (Vec<Said>, Vec<crate::truth::Claim>) {
    let log = &world.logs[number];
    let (mut all, mut runs) = (Vec::new(), vec![Vec::new(); log.devices.len()]);
    for session in &log.sessions {
        let run = uuid(log.seed, if log.variant & ONE_ID != 0 { 0 } else { session.from });
        let ends = if log.variant & FLUSH != 0 {
            (1..).map(|n| session.from + n * log.period).take_while(|at| *at < session.to).collect()
        } else {
            Vec::new()
        };
        for to in ends.into_iter().chain([session.to]) {
            let mut one = Said { at: to, ms: to - session.from, cpu: 0, gpu: 0, memory: 0, run: run.clone() };
            for (device, runs) in world.watched(log).zip(&mut runs) {
                // A unit of 360 µJ times the hundredths of a PUE is a whole number of 1e-12 kWh.
                let units = log.seen(device.part, device.load.energy(session.from, to)) / 360;
                let printed = units * log.pue;
                match device.part {
                    Part::Cpu => one.cpu += printed,
                    Part::Gpu => one.gpu += printed,
                    _ => one.memory += printed,
                }
                if to == session.to {
                    runs.push(vec![Stretch::even(session.from, to, units * 360)]);
                }
            }
            all.push(one);
        }
    }
    let means = |part| if part == Part::Gpu { Means::TrackerSensor } else { Means::Tracker };
    let claims = runs.into_iter().enumerate().map(|(at, runs)| claim(world, number, at, means(world.device(log, at).part), runs)).collect();
    (all, claims)
}

/// As it is printed, kWh.
pub fn kwh(units: i64) -> String {
    crate::stamps::decimal(units, 12)
}

pub fn uuid(seed: u64, from: i64) -> String {
    let (a, b) = (hash(&[seed, from as u64, 1]), hash(&[seed, from as u64, 2]));
    format!("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", a >> 32, a >> 16 & 0xffff, a & 0xfff, b >> 52, b & 0xffff_ffff_ffff)
}

fn write(world: &World, number: usize) -> Written {
    let log = &world.logs[number];
    let layout = log.variant % PROCESS;
    let process = log.variant / PROCESS % 2 == 1;
    let mut head = String::from("timestamp,project_name,run_id");
    if layout != V2_5 {
        head += ",experiment_id";
    }
    head += ",duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed";
    if layout == V3_3 {
        head += ",water_consumed";
    }
    head += ",country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode";
    if layout == V3_3 {
        head += ",cpu_utilization_percent,gpu_utilization_percent,ram_utilization_percent,ram_used_gb";
    }
    head += if layout == V3_3 { ",on_cloud,pue,wue\n" } else { ",on_cloud,pue\n" };
    let gpus: Vec<_> = world.watched(log).filter(|d| d.part == Part::Gpu).collect();
    let (count, model) = match gpus.first() {
        Some(first) => (gpus.len().to_string(), format!("{} x {}", gpus.len(), first.model)),
        None => Default::default(),
    };
    let (all, claims) = said(world, number);
    let mut sheets = Vec::new();
    for one in all {
        let total = one.cpu + one.gpu + one.memory;
        // W: 3.6 µJ a unit over the run.
        let power = |units: i64| format!("{:.6}", units as f64 * 3.6e-6 / (one.ms.max(1) as f64 / 1e3));
        let mut cells: Vec<String> = vec![iso(one.at), String::from("demo"), one.run.clone()];
        if layout != V2_5 {
            cells.push(EXPERIMENT.into());
        }
        // 50 g/kWh, whatever the place.
        let grams = total as f64 * 1e-12 * 0.05;
        cells.extend([crate::stamps::decimal(one.ms, 3), format!("{grams:.12}"), format!("{:.15}", grams / (one.ms.max(1) as f64 / 1e3))]);
        cells.extend([power(one.cpu), power(one.gpu), power(one.memory), kwh(one.cpu), kwh(one.gpu), kwh(one.memory), kwh(total)]);
        if layout == V3_3 {
            cells.push("0.0".into());
        }
        let release = ["2.5.1", "2.8.4", "3.3.2"][layout.min(2)];
        let mode = if process { "process" } else { "machine" };
        let fixed = [
            "France",
            "FRA",
            "",
            "",
            "",
            "Linux-6.8.0-generic-x86_64-with-glibc2.39",
            "3.12.3",
            release,
            "64",
            "AMD EPYC 7763 64-Core Processor",
            &count,
            &model,
            "2.3",
            "48.9",
            "503.5",
            mode,
        ];
        cells.extend(fixed.map(String::from));
        if layout == V3_3 {
            cells.extend(["50.0", "90", "10.0", "50.0"].map(String::from));
        }
        cells.extend([String::from("N"), crate::stamps::decimal(log.pue, 2)]);
        if layout == V3_3 {
            cells.push("0.0".into());
        }
        sheets.push(Sheet { head: head.clone(), rows: vec![Row { at: one.at, text: cells.join(",") }], ..Sheet::default() });
    }
    Written { sheets, claims, repeated: 0 }
}
