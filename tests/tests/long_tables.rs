//! No report grows with hosts, files, copies or findings: a table lists a thousand rows and the rest in sums by kind, and nothing of the numbers changes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::OnceLock;

use carbon_core::account::{self, Settings};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::read::{FileReader, ReadOptions, note_foreign};
use carbon_core::report::{Boundary, MOST_ROWS, Report};

/// No report of these is longer, in bytes of JSON.
const MOST_BYTES: usize = 4_000_000;

fn factors() -> &'static FactorSet {
    static FACTORS: OnceLock<FactorSet> = OnceLock::new();
    FACTORS.get_or_init(|| FactorSet::from_tables(carbon_data::TABLES).expect("tables"))
}

fn report(files: &[(String, String)], boundary: Boundary) -> Report {
    let mut ledger = Ledger::default();
    for (path, text) in files {
        let mut reader = FileReader::new(ReadOptions::default());
        reader.push(text.as_bytes());
        let mut reading = reader.finish();
        if reading.format.is_empty() {
            note_foreign(&mut reading, text.as_bytes());
        }
        // A stand-in for the hash: equal for equal content alone.
        ledger.add(InputFile { path: path.clone(), bytes: text.len() as u64, blake3: text.clone(), ..InputFile::default() }, reading);
    }
    let settings = Settings { region: Some(String::from("FR")), boundary, ..Settings::default() };
    let report = account::report(&ledger, factors(), &settings).expect("settings are right");
    // The stand-in is as long as the file itself.
    let hashes: usize = report.inputs.iter().map(|input| input.blake3.len()).sum();
    let bytes = serde_json::to_string(&report).expect("a report").len() - hashes;
    assert!(bytes < MOST_BYTES, "{bytes} bytes of report");
    report
}

/// A GPU at even power for ten seconds: ten times so many joules.
fn gpu(number: usize, watts: usize) -> String {
    let mut text = String::from("timestamp, index, name, uuid, power.draw [W]\n");
    for second in 0..=10 {
        let _ = writeln!(text, "2025/06/12 14:00:{second:02}.000, 0, NVIDIA A100-SXM4-80GB, GPU-{number:08x}, {watts}.00 W");
    }
    text
}

/// kWh of all activities, and of the logged energy as the report tells it.
fn sums(report: &Report) -> (f64, f64) {
    let parts = report.activities.iter().map(|activity| activity.energy_kwh.value).sum();
    (parts, report.energy.as_ref().and_then(|energy| energy.it_kwh.value.into()).expect("energy"))
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs(), "{a}, expected {b}");
}

#[test]
fn thousands_of_hosts() {
    let hosts = 2500;
    let files: Vec<(String, String)> = (0..hosts).map(|n| (format!("node{n:04}/gpu.csv"), gpu(n, 100 + n % 7))).collect();
    let joules: usize = (0..hosts).map(|n| 10 * (100 + n % 7)).sum();
    let alone = report(&files, Boundary::Logged);
    let (parts, whole) = sums(&alone);
    near(parts, joules as f64 / 3.6e6);
    near(parts, whole);
    assert_eq!(alone.activities.len(), MOST_ROWS + 1);
    let rest = alone.activities.last().expect("a row");
    assert_eq!((rest.device.as_str(), &rest.host, rest.samples), ("1500 further rows", &None, Some(11 * 1500)));
    near(rest.duration_s.expect("a time"), 15_000.0);
    assert_eq!(rest.peak_power_w, Some(106.0));
    // Files: what is in them is told in one row of the format.
    assert_eq!(alone.inputs.len(), MOST_ROWS + 1);
    let further = alone.inputs.last().expect("a row");
    assert_eq!((further.path.as_str(), further.format.as_deref()), ("1500 further files", Some("nvidia_smi_csv")));
    assert_eq!(alone.inputs.iter().map(|input| input.rows_used).sum::<u64>(), 11 * hosts as u64);
    assert_eq!(alone.inputs.iter().map(|input| input.bytes).sum::<u64>(), files.iter().map(|(_, text)| text.len() as u64).sum::<u64>());
    // With the rest of each machine there are several rows a host, and no more in the report.
    let machines = report(&files, Boundary::Machine);
    let (parts, whole) = sums(&machines);
    near(parts, whole);
    assert!(whole > 1.2 * joules as f64 / 3.6e6);
    assert!(machines.activities.len() < MOST_ROWS + 20, "{}", machines.activities.len());
}

#[test]
fn a_table_that_is_short_is_whole() {
    let files: Vec<(String, String)> = (0..MOST_ROWS).map(|n| (format!("node{n:04}/gpu.csv"), gpu(n, 100))).collect();
    let report = report(&files, Boundary::Logged);
    assert_eq!((report.activities.len(), report.inputs.len()), (MOST_ROWS, MOST_ROWS));
    assert!(report.activities.iter().all(|activity| activity.host.is_some()));
}

#[test]
fn thousands_of_files_that_are_no_logs() {
    let mut files: Vec<(String, String)> = (0..3000).map(|n| (format!("a/{n:04}.txt"), format!("step {n}\n"))).collect();
    files.extend((0..1200).map(|n| (format!("b/{n:04}.bin"), format!("\0{n}"))));
    files.push((String::from("c/gpu.csv"), gpu(1, 360)));
    let report = report(&files, Boundary::Logged);
    // The log is listed although it comes last.
    assert_eq!(report.inputs.iter().filter(|input| input.format.is_some()).count(), 1);
    assert_eq!(report.inputs.len(), MOST_ROWS + 1);
    assert!(report.inputs.iter().any(|input| input.path == "3201 further files"));
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    report.quality.iter().for_each(|note| *codes.entry(&note.code).or_default() += 1);
    assert_eq!(codes.get("file-unknown"), Some(&(MOST_ROWS + 1)));
    assert!(report.quality.iter().any(|note| note.message == "3200 further findings of this kind"));
}

#[test]
fn thousands_of_copies() {
    let (log, copies) = (gpu(1, 360), 1500);
    let files: Vec<(String, String)> = (0..=copies).map(|n| (format!("copy{n:04}.csv"), log.clone())).collect();
    let report = report(&files, Boundary::Logged);
    near(sums(&report).1, 0.001);
    assert_eq!(report.decisions.len(), MOST_ROWS + 1);
    // Every joule that was left out stands in a decision, listed or not.
    near(report.decisions.iter().filter_map(|decision| decision.energy_kwh).sum(), 0.001 * copies as f64);
    let further = report.decisions.last().expect("a row");
    assert!(further.left_out.starts_with("500 further decisions"), "{}", further.left_out);
}

/// A run of ten minutes in each hour: 100, 300 and 10 W of processor, GPU and memory.
fn hourly_runs(runs: usize) -> String {
    let mut text = String::from(
        "timestamp,project_name,run_id,duration,emissions,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,\
         country_iso_code,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,ram_total_size,tracking_mode,on_cloud,pue\n",
    );
    for run in 0..runs {
        let (day, hour) = (run / 24, run % 24);
        let at = format!("2026-{:02}-{:02}T{hour:02}:20:00", 1 + day / 28, 1 + day % 28);
        let _ = writeln!(
            text,
            "{at},demo,r{run},600,0.03,100,300,10,0.016666,0.05,0.001666,0.068332,FRA,2.3.5,32,AMD EPYC 7713,1,1 x NVIDIA A100-SXM4-80GB,252,machine,N,1.0"
        );
    }
    text
}

#[test]
fn runs_that_share_a_row_did_not_run_between_them() {
    // Of 1,000 runs each has rows of its own, of 1,001 none: no energy and no hour more than of a run each.
    for runs in [334, MOST_ROWS, MOST_ROWS + 1] {
        let report = report(&[(String::from("emissions.csv"), hourly_runs(runs))], Boundary::Machine);
        let alone = self::report(&[(String::from("emissions.csv"), hourly_runs(1))], Boundary::Machine);
        let energy = |report: &Report| report.energy.as_ref().map(|energy| energy.it_kwh.value).expect("energy");
        near(energy(&report), runs as f64 * energy(&alone));
        let hours: f64 = report.hardware.iter().filter(|one| one.model.starts_with("NVIDIA")).map(|one| one.device_hours).sum();
        // Of thousands of stretches a claim keeps a bounded number.
        assert!((hours * 6.0 / runs as f64 - 1.0).abs() < 1e-6, "{hours} h of {runs} runs");
    }
}
