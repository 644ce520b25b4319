//! One boundary for the whole total: a PUE that is known for a part of the energy alone goes into the facility's estimate beside the number of the computers.
//! Worked by hand: what each part's building multiplies.

use carbon_tests::folder::Folder;
use serde_json::Value;

/// An hour of one A100 at constant power, on a day of March.
fn gpu(day: u32, watts: u32) -> String {
    let row = |at: u32| {
        let (hour, minute) = (10 + at / 60, at % 60);
        format!("2026/03/{day:02} {hour:02}:{minute:02}:00.000, 0, NVIDIA A100-SXM4-40GB, {watts}.00 W\n")
    };
    format!("timestamp, index, name, power.draw [W]\n{}", (0..=60).map(row).collect::<String>())
}

/// A CodeCarbon row of one hour with a PUE inside: 0.30 kWh of the GPU and 0.15 of the rest, times the PUE.
fn codecarbon(pue: f64) -> String {
    let kwh = |kwh: f64| kwh * pue;
    format!(
        "timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,\
         energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,\
         gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue\n\
         2026-03-01T11:00:00,p,r1,e,3600,0.01,0.000002,100,300,50,{},{},{},{},France,FRA,,,,Linux,3.12,3.2.6,64,AMD EPYC 7713,1,\
         1 x NVIDIA A100-SXM4-40GB,2.3,48.8,64,machine,N,{pue}\n",
        kwh(0.1),
        kwh(0.3),
        kwh(0.05),
        kwh(0.45),
    )
}

fn folder_of(name: &str) -> Folder {
    Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &format!("buildings-{name}"))
}

fn number(report: &Value, field: &str) -> f64 {
    report.pointer(field).and_then(Value::as_f64).unwrap_or_else(|| panic!("{field}: {}", report["headline"]))
}

/// IT energy of activities of which `of` says something, kWh.
fn kwh(report: &Value, of: impl Fn(&Value) -> bool) -> f64 {
    let activities = report["activities"].as_array().expect("activities");
    activities.iter().filter(|one| of(one)).map(|one| number(one, "/energy_kwh/value")).sum()
}

#[track_caller]
fn assert_near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-9 * expected, "{what}: found {found}, expected {expected}");
}

/// The number is IT × intensity and no PUE, in every field; with buildings it is the sum of each part's IT energy × its own factor.
#[track_caller]
fn is_of_the_computers(report: &Value, facility_kwh: f64, says: &str) {
    let grams_per_kwh = number(report, "/carbon_intensity_gco2e_per_kwh/value");
    let of_computers = number(report, "/energy/it_kwh/value") * grams_per_kwh / 1000.0;
    assert_near(number(report, "/emissions/operational_kgco2e/value"), of_computers, "operational");
    assert_near(number(report, "/pue/value"), 1.0, "PUE of the number");
    assert_eq!(report["headline"]["facility"], false);
    assert_near(number(report, "/energy/facility_kwh/value"), facility_kwh, "facility");
    assert_near(number(report, "/emissions/facility_kgco2e/value"), facility_kwh * grams_per_kwh / 1000.0, "facility's emissions");
    let (sentence, scope) = (report["headline"]["sentence"].as_str().expect("text"), report["headline"]["scope"].as_str().expect("text"));
    assert!(sentence.contains("the best estimate for the computers") && !sentence.contains("facility"), "{sentence}");
    assert!(scope.contains(says) && !scope.contains("No PUE is known"), "{scope}");
    assert!(report["model_card"]["source"].as_str().expect("text").contains("computers, logged"), "{}", report["model_card"]);
    let sum: f64 = report["activities"].as_array().expect("rows").iter().map(|one| number(one, "/emissions_kgco2e/value")).sum();
    assert_near(sum, of_computers, "sum of the activities");
}

#[test]
fn a_pue_of_one_host_is_none_of_the_others() {
    let folder = folder_of("hosts");
    folder.write("logs/node01/gpu.csv", &gpu(1, 300));
    folder.write("logs/node02/gpu.csv", &gpu(1, 310));
    folder.write("settings.toml", "[hosts.node01]\npue = 1.1\n");
    let report = folder.report(&["logs", "--config=settings.toml"]);
    let of = |host: &str| kwh(&report, |one| one["host"] == host);
    // A server of accelerators in a data centre: 1.56 (machine_rest.csv).
    is_of_the_computers(&report, 1.1 * of("node01") + 1.56 * of("node02"), "(node01: 1.10, given by the user)");
    // All of them: the facility, and nothing of the kind of machine.
    folder.write("settings.toml", "[hosts.node01]\npue = 1.1\n[hosts.node02]\npue = 1.3\n");
    let report = folder.report(&["logs", "--config=settings.toml"]);
    let of = |host: &str| kwh(&report, |one| one["host"] == host);
    assert_eq!(report["headline"]["facility"], true);
    assert_near(number(&report, "/energy/facility_kwh/value"), 1.1 * of("node01") + 1.3 * of("node02"), "both known");
}

#[test]
fn a_tracker_s_pue_is_none_of_another_day() {
    let folder = folder_of("tracker");
    folder.write("logs/emissions.csv", &codecarbon(1.2));
    folder.write("logs/gpu.csv", &gpu(2, 300));
    let report = folder.report(&["logs"]);
    let of_first = kwh(&report, |one| one["period"]["start"].as_str().is_some_and(|start| start.starts_with("2026-03-01")));
    let all = number(&report, "/energy/it_kwh/value");
    is_of_the_computers(&report, 1.2 * of_first + 1.56 * (all - of_first), "(1.20, stated by the log)");
}

#[test]
fn what_the_logs_hold_alone_is_of_one_boundary_too() {
    let folder = folder_of("logged");
    folder.write("logs/node01/gpu.csv", &gpu(1, 300));
    folder.write("logs/node02/gpu.csv", &gpu(1, 310));
    folder.write("settings.toml", "[hosts.node02]\npue = 1.2\n");
    let report = folder.report(&["logs", "--config=settings.toml", "--boundary=logged"]);
    let grams_per_kwh = number(&report, "/carbon_intensity_gco2e_per_kwh/value");
    assert_near(number(&report, "/emissions/operational_kgco2e/value"), 0.61 * grams_per_kwh / 1000.0, "300 W and 310 W for an hour");
    assert_near(number(&report, "/energy/facility_kwh/value"), 1.56 * 0.3 + 1.2 * 0.31, "facility");
    assert_eq!(report["headline"]["facility"], false);
}
