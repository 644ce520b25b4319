//! Meters, schedulers and the project's own log: corpus cases and, where they are at hand, samples that may not be copied.

use std::path::{Path, PathBuf};

use carbon_core::read::{Clock, FileReader, ReadOptions, Reading};
use carbon_core::series::Component;
use carbon_core::units::{Energy, PICOJOULES_PER_KWH, Span};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads a file in chunks of `chunk` bytes.
fn read(bytes: &[u8], chunk: usize, options: &ReadOptions) -> Reading {
    let mut reader = FileReader::new(options.clone());
    for part in bytes.chunks(chunk) {
        reader.push(part);
    }
    reader.finish()
}

fn read_case(format: &str, case: &str, file: &str) -> Reading {
    let path = repository().join("tests/formats").join(format).join(case).join(file);
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let whole = read(&bytes, bytes.len(), &ReadOptions::default());
    assert_eq!(whole.format, format, "{}", path.display());
    for chunk in [1, 7, 4096] {
        let parts = read(&bytes, chunk, &ReadOptions::default());
        assert_eq!(measured(&parts), measured(&whole), "chunks of {chunk}");
        assert_eq!(declared(&parts), declared(&whole), "chunks of {chunk}");
        assert_eq!(parts.rows, whole.rows, "chunks of {chunk}");
    }
    whole
}

/// Packages and memory: what stands inside them, and what holds them, is no addition.
fn measured(reading: &Reading) -> Energy {
    let counted = [Component::Cpu, Component::Memory, Component::Gpu];
    reading.series().iter().filter(|s| counted.contains(&s.channel().component)).map(|s| s.energy(false)).sum()
}

fn declared(reading: &Reading) -> Energy {
    reading.declared.iter().flat_map(|d| &d.parts).map(|p| p.energy).sum()
}

fn duration(reading: &Reading) -> Span {
    let start = reading.series().iter().filter_map(|s| s.start()).min().expect("samples");
    reading.series().iter().filter_map(|s| s.end()).max().expect("samples").since(start)
}

fn notes(reading: &Reading) -> Vec<&'static str> {
    reading.notes.iter().map(|n| n.code.id).collect()
}

/// Equal to `kwh` when rounded to its printed decimals.
#[track_caller]
fn assert_kwh(energy: Energy, kwh: &str) {
    let decimals = kwh.split_once('.').map_or(0, |(_, d)| d.len()) as u32;
    let scaled = energy.as_picojoules() * 10i128.pow(decimals);
    let rounded = (2 * scaled + PICOJOULES_PER_KWH).div_euclid(2 * PICOJOULES_PER_KWH);
    let expected: i128 = kwh.replace('.', "").parse().expect("a number");
    assert_eq!(rounded, expected, "{} kWh, expected {kwh}", energy.as_kwh());
}

#[test]
fn perf_stat_samples() {
    for (case, file, kwh, micros, series) in [
        ("interval-csv", "perf.csv", "0.00260431111", 60_072_747, 2),
        ("interval-table-not-supported", "perf.txt", "0.00119928889", 30_033_900, 1),
        ("per-socket-french", "perf.csv", "0.00321497778", 40_020_000, 2),
        ("summary-german", "perf.txt", "0.370370367", 8_012_345_679, 3),
        ("truncated", "perf.csv", "0.000048783", 2_002_707, 1),
        ("json-per-socket", "perf.jsonl", "0.0000597222", 3_000_600, 2),
        ("intervals-and-summary", "perf.txt", "0.0000501389", 3_601_001_000, 1),
        ("summary-csv", "perf.csv", "0.001", 60_000_000, 1),
        ("summary-mean-of-runs", "perf.txt", "0.001", 60_011_500, 1),
    ] {
        let reading = read_case("perf_stat", case, file);
        assert_kwh(measured(&reading), kwh);
        assert_eq!(duration(&reading), Span::from_micros(micros), "{case}");
        assert_eq!(reading.series().len(), series, "{case}");
    }
    assert!(read_case("perf_stat", "foreign-no-energy", "perf.txt").refused);
    let two_runs = read_case("perf_stat", "intervals-and-summary", "perf.txt");
    assert_eq!(two_runs.clock, Clock::Local);
    assert_eq!(two_runs.series()[0].integrals(false).map(|i| i.covered).sum::<Span>(), Span::from_micros(3_003_000));
    assert!(notes(&read_case("perf_stat", "interval-table-not-supported", "perf.txt")).contains(&"missing-readings"));
}
