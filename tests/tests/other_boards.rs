//! Boards of two models are of two machines, whoever gives their host a name: truths are power × time, by hand.

use carbon_core::account::{Settings, report};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::read::{FileReader, ReadOptions};
use carbon_core::units::calendar::parse_stamp;

/// kWh that logs hold: the value, the least and the most.
fn told(logs: &[(&str, String)]) -> [f64; 3] {
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables");
    let mut ledger = Ledger::default();
    for (path, text) in logs {
        let zone = carbon_report::zone::transitions("UTC").expect("a zone");
        let mut reader = FileReader::new(ReadOptions { zone: Some(zone), ..ReadOptions::default() });
        reader.push(text.as_bytes());
        ledger.add(InputFile { path: (*path).into(), bytes: 1, blake3: (*path).into(), ..InputFile::default() }, reader.finish());
    }
    let energy = report(&ledger, &factors, &Settings::default()).expect("a report").energy.expect("energy").logged_kwh;
    [energy.value, energy.low, energy.high]
}

/// An hour of nvidia-smi each ten seconds, of one board that is numbered 0.
fn smi(model: &str, watts: f64) -> String {
    // A sensor's noise of 1 W, which comes to nothing over three rows.
    let row = |at: i64| format!("{}, 0, {model}, {:.2} W\n", stamp(at, '/'), watts + (at / 10 % 3 - 1) as f64);
    format!("timestamp, index, name, power.draw [W]\n{}", (0..=360).map(|row_at| row(10 * row_at)).collect::<String>())
}

/// An hour of a DCGM exporter each minute, which names its host.
fn dcgm(model: &str, watts: f64) -> String {
    let start = parse_stamp(b"2026-03-10T10:00:00Z").expect("a stamp").at.as_micros() / 1000;
    let row = |minute: i64| {
        let at = start + 60_000 * minute;
        let watts = watts + (minute % 5 - 2) as f64;
        format!("DCGM_FI_DEV_POWER_USAGE{{gpu=\"0\",modelName=\"{model}\",Hostname=\"node-a\"}} {watts} {at}\n")
    };
    (0..=60).map(row).collect()
}

/// A row of CodeCarbon of the same hour, which lists its boards.
fn codecarbon(models: &str, gpu_kwh: f64) -> String {
    format!(
        "timestamp,run_id,duration,emissions,energy_consumed,cpu_energy,gpu_energy,ram_energy,codecarbon_version,gpu_count,gpu_model\n\
         2026-03-10T11:00:00,r,3600,0.1,{},0.1,{gpu_kwh},0.02,2.8.4,2,{models}\n",
        gpu_kwh + 0.12
    )
}

fn stamp(second: i64, between: char) -> String {
    format!("2026{between}03{between}10 {:02}:{:02}:{:02}.000", 10 + second / 3600, second / 60 % 60, second % 60)
}

const A100: &str = "NVIDIA A100-SXM4-80GB";
const H100: &str = "NVIDIA H100 80GB HBM3";

#[test]
fn logs_of_two_models_both_count() {
    for (what, logs, truth) in [
        ("another board below a host that is named", [("dcgm.prom", dcgm(A100, 330.0)), ("ws/gpu.csv", smi(H100, 330.0))], 0.66),
        ("of more than the named one may draw", [("dcgm.prom", dcgm(A100, 330.0)), ("ws/gpu.csv", smi(H100, 600.0))], 0.93),
        ("beside it", [("a/dcgm.prom", dcgm(A100, 300.0)), ("b/gpu.csv", smi("NVIDIA GeForce RTX 4090", 400.0))], 0.7),
        ("a notebook's", [("dcgm.prom", dcgm(A100, 330.0)), ("gpu.csv", smi("NVIDIA GeForce RTX 4070 Laptop GPU", 60.0))], 0.39),
        ("of one number in two folders", [("a/gpu.csv", smi(A100, 330.0)), ("b/gpu.csv", smi(H100, 330.0))], 0.66),
        // 0.33 of the board, and 0.1 + 0.02 + 1.0 of the tracker.
        (
            "none of those that a tracker lists",
            [("gpu.csv", smi(A100, 330.0)), ("run/emissions.csv", codecarbon("2 x NVIDIA H100 80GB HBM3", 1.0))],
            1.45,
        ),
    ] {
        let [value, low, high] = told(&logs);
        assert!((value - truth).abs() < 1e-3, "{what}: {value} of {truth}");
        assert!(low > 0.85 * truth && high < 1.2 * truth, "{what}: {low} to {high} of {truth}");
    }
}

#[test]
fn one_model_by_two_names_is_one_board() {
    for (what, logs, truth) in [
        ("as two tools write it", [("dcgm.prom", dcgm(A100, 330.0)), ("gpu.csv", smi("A100 80GB SXM4", 330.0))], 0.33),
        ("that a tracker lists", [("gpu.csv", smi(A100, 330.0)), ("emissions.csv", codecarbon("1 x NVIDIA A100-SXM4-80GB", 0.33))], 0.45),
        (
            "one of two that a tracker lists",
            [("gpu.csv", smi(A100, 330.0)), ("emissions.csv", codecarbon("1 x NVIDIA A100-SXM4-80GB 1 x NVIDIA H100 PCIe", 0.33))],
            0.45,
        ),
    ] {
        let [value, low, high] = told(&logs);
        assert!((value - truth).abs() < 1e-3, "{what}: {value} of {truth}");
        assert!(low < truth && truth < high, "{what}: {low} to {high} of {truth}");
    }
}

#[test]
fn of_one_model_in_another_folder_the_upper_end_holds_both() {
    // Two machines at one load, of which one is named: nothing says that the other log is of the same board.
    for folder in ["ws/gpu.csv", "bob/gpu.csv", "old/run/gpu.csv"] {
        let [value, low, high] = told(&[("alice/dcgm.prom", dcgm(A100, 330.0)), (folder, smi(A100, 330.0))]);
        assert!(low <= 0.33 && high >= 0.66 && (value - 0.33).abs() < 1e-3, "{folder}: {value}, {low} to {high}");
    }
    let [_, _, high] = told(&[("alice/dcgm.prom", dcgm(A100, 330.0)), ("alice/gpu.csv", smi(A100, 330.0))]);
    assert!(high < 0.4, "in one folder: {high}");
}
