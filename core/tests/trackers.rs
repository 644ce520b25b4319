//! What trackers' logs say beside their energy: runs, places, scopes, periods, epochs, and how two logs of one run relate.

use std::path::{Path, PathBuf};

use carbon_core::read::{Clock, DeclaredKind, FileReader, ReadOptions, Reading, Scope, ZoneTransitions};
use carbon_core::series::{Component, Instrument};
use carbon_core::units::{Instant, calendar};

fn log(case: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/formats").join(case);
    let mut logs: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("a case")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| !path.ends_with("about.toml"))
        .collect();
    assert_eq!(logs.len(), 1, "{case}");
    logs.remove(0)
}

fn read_with(case: &str, options: ReadOptions) -> Reading {
    let mut reader = FileReader::new(options);
    reader.push(&std::fs::read(log(case)).expect("a log"));
    reader.finish()
}

fn read(case: &str) -> Reading {
    read_with(case, ReadOptions::default())
}

fn at(text: &str) -> Instant {
    calendar::parse_stamp(text.as_bytes()).expect("a stamp").at
}

#[test]
fn a_run_s_length_spans_its_tasks() {
    // 3 + 4 + 2 s of work; the row says 2.0 s.
    let declared = &read("codecarbon_csv/c3b-3.3.2-tasks").declared[0];
    let seconds = declared.duration.expect("a duration").as_seconds();
    assert!((seconds - 9.0).abs() < 0.05, "{seconds}");
    let (start, end) = declared.period.expect("a period");
    assert_eq!(end, at("2026-11-23T11:29:53"));
    assert!((end.since(start).as_seconds() - seconds).abs() < 1e-6);
    assert_eq!(declared.repairs.len(), 1);

    let as_logged = read_with("codecarbon_csv/c3b-3.3.2-tasks", ReadOptions { as_logged: true, ..ReadOptions::default() });
    assert!((as_logged.declared[0].duration.expect("a duration").as_seconds() - 2.0).abs() < 0.01);
    assert!(as_logged.declared[0].repairs.is_empty());
}

#[test]
fn tasks_are_parts_of_their_run() {
    let (run, tasks) = (read("codecarbon_csv/c3b-3.3.2-tasks"), read("codecarbon_csv/t3b-3.3.2"));
    assert!(tasks.declared.iter().all(|d| d.part_of_run && d.run == run.declared[0].run));
    let names: Vec<_> = tasks.declared.iter().filter_map(|d| d.name.as_deref()).collect();
    assert_eq!(names, ["tasks-demo: load", "tasks-demo: fit", "tasks-demo: load"]);
}

#[test]
fn negative_durations_come_from_the_rate() {
    for task in &read("codecarbon_csv/t2-2.5.1-negative").declared {
        let seconds = task.duration.expect("a duration").as_seconds();
        assert!((seconds - 2.0).abs() < 0.01, "{seconds}");
    }
    let as_logged = read_with("codecarbon_csv/t2-2.5.1-negative", ReadOptions { as_logged: true, ..ReadOptions::default() });
    assert!(as_logged.declared.iter().all(|d| d.duration.is_none() && d.period.is_none()));
}

#[test]
fn the_cells_behind_a_gap_are_put_back() {
    for case in ["codecarbon_csv/c3b-3.2.9-ragged", "codecarbon_csv/c3b-3.3.0-ragged"] {
        let reading = read(case);
        let keys: std::collections::BTreeSet<_> = reading.declared.iter().map(|d| d.hardware_key.as_str()).collect();
        assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["AMD EPYC|2|||23.54 GiB"], "{case}");
        assert!(reading.declared.iter().all(|d| d.pue == Some(1.0) && d.scope == Scope::Machine));
        let tool = format!("CodeCarbon {}", &case["codecarbon_csv/c3b-".len()..][..5]);
        assert!(reading.declared.iter().all(|d| d.tool == tool));
    }
}

#[test]
fn places_scopes_and_origins_of_codecarbon() {
    let cloud = &read("codecarbon_csv/c3b-3.3.2-cloud").declared[0];
    let place = cloud.place.as_deref().expect("a place");
    assert_eq!((place.provider.as_deref(), place.cloud_region.as_deref()), (Some("gcp"), Some("us-central1")));
    let has_failed = |reading: &Reading| reading.declared[0].place.as_ref().is_some_and(|place| place.failed);
    assert!(has_failed(&read("codecarbon_csv/failed-place")));
    let as_logged = read_with("codecarbon_csv/failed-place", ReadOptions { as_logged: true, ..ReadOptions::default() });
    assert!(!has_failed(&as_logged));

    let process = &read("codecarbon_csv/c3b-3.3.2-pue").declared[0];
    assert_eq!((process.scope, process.pue), (Scope::Process, Some(1.3)));
    // 3.2273870271581186e-05 kg ÷ 4.8757520133037803e-05 kWh
    assert!((process.intensity_g_per_kwh.expect("an intensity") - 661.925).abs() < 0.01);

    let unknown_cpu = read("codecarbon_csv/c2-2.0.0");
    let origins: Vec<_> = unknown_cpu.declared[0].parts.iter().map(|p| (p.component, p.instrument)).collect();
    assert_eq!(origins, [(Component::Cpu, Instrument::TrackerAssumption), (Component::Memory, Instrument::TrackerModel)]);
    let threads = read("codecarbon_csv/c3b-3.3.2-plain");
    assert_eq!(threads.declared[0].parts[0].instrument, Instrument::TrackerModel);
}

#[test]
fn local_stamps_need_a_zone() {
    let case = "codecarbon_csv/c3b-3.3.2-plain";
    assert_eq!(read(case).clock, Clock::Local);
    let zone = Some(ZoneTransitions(vec![(Instant::from_micros(0), 3600)]));
    let utc = read_with(case, ReadOptions { zone, ..ReadOptions::default() });
    assert_eq!(utc.clock, Clock::Told);
    assert_eq!(utc.declared[0].period.map(|p| p.1), Some(at("2026-11-23T10:29:39Z")));
}

#[test]
fn runs_outside_the_period_are_left_out() {
    let options = ReadOptions { from: Some(at("2026-11-23T11:32:12")), ..ReadOptions::default() };
    let reading = read_with("codecarbon_csv/c2c-2.3.5", options);
    assert_eq!((reading.declared.len(), reading.rows.used), (3, 3));
}

#[test]
fn json_and_csv_of_one_run_agree() {
    let (csv, json) = (read("codecarbon_csv/c3b-3.3.2-pue"), read("codecarbon_json/logger-prefixed"));
    assert_eq!(format!("{:?}", csv.declared[0].parts), format!("{:?}", json.declared[0].parts));
    assert_eq!((&csv.declared[0].run, &csv.declared[0].hardware_key), (&json.declared[0].run, &json.declared[0].hardware_key));
    let report = &read("codecarbon_json/boamps").declared[0];
    assert_eq!(report.run, csv.declared[0].run);
    assert!(report.summary);
}

#[test]
fn a_carbontracker_summary_covers_its_details() {
    let (standard, output) = (read("carbontracker_log/2.0.1-2gpu"), read("carbontracker_log/2.0.1-2gpu-output"));
    let [details] = standard.declared.as_slice() else { panic!("one run") };
    let actual = output.declared.iter().find(|d| d.kind == DeclaredKind::Actual).expect("what was used");
    let predicted = output.declared.iter().find(|d| d.kind == DeclaredKind::Predicted).expect("what was expected");
    assert!(!details.summary && actual.summary && predicted.parts.is_empty());
    let ((a, b), (c, d)) = (details.period.expect("a period"), actual.period.expect("a period"));
    assert!(a < d && c < b);
    assert_eq!(details.epochs.len(), 3);
    assert_eq!((details.parts[0].count, details.parts[0].model.as_deref()), (Some(2), Some("NVIDIA A100-SXM4-80GB")));
    assert_eq!((details.pue, details.intensity_g_per_kwh), (Some(1.58), Some(481.0)));
    assert_eq!(details.place, Default::default());
    // Both tell of the same joules: 2 × 70.419 W for 9 s.
    let kwh = |d: &carbon_core::read::Declared| d.parts.iter().map(|p| p.energy).sum::<carbon_core::units::Energy>().as_kwh();
    assert!((kwh(details) / kwh(actual) - 1.0).abs() < 0.001);
}

#[test]
fn every_tracker_sample_reaches_its_expected_energy() {
    // The samples lie beside the repository where it is developed; their cases are in `tests/formats` as well.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples/trackers");
    let Ok(table) = std::fs::read_to_string(folder.join("expected.csv")) else {
        return;
    };
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let mut files = vec![folder.join(cells[0])];
        if cells[0].ends_with('/') {
            files = std::fs::read_dir(&files[0]).expect("a folder").map(|e| e.expect("an entry").path()).collect();
        }
        let mut declared = Vec::new();
        for file in &files {
            let mut reader = FileReader::new(ReadOptions::default());
            reader.push(&std::fs::read(file).expect("a log"));
            declared.extend(reader.finish().declared.into_iter().filter(|d| d.kind == DeclaredKind::Actual && !d.summary));
        }
        if !cells[0].starts_with("codecarbon") && !cells[0].starts_with("carbontracker") {
            continue;
        }
        let count = if cells[0].ends_with('/') { declared[0].epochs.len() } else { declared.len() };
        assert_eq!(count.to_string(), cells[1], "{row}");
        let kwh: f64 = declared.iter().flat_map(|d| &d.parts).map(|p| p.energy).sum::<carbon_core::units::Energy>().as_kwh();
        match cells[2].parse::<f64>() {
            Ok(expected) => assert!((kwh / expected - 1.0).abs() <= cells[3].parse::<f64>().expect("a tolerance"), "{row}: {kwh}"),
            Err(_) => assert!(declared.iter().all(|d| d.parts.is_empty()), "{row}: {kwh}"),
        }
    }
}
