//! A figure of weeks: its energy lies in all of its time, so that each year's factor and each hour of a series has its share.

use std::fs;

use carbon_tests::folder::Folder;

/// A row of CodeCarbon: it ended then, and lasted so many days at 100 W of one GPU.
fn codecarbon(end: &str, days: u32) -> String {
    let kwh = f64::from(days) * 2.4;
    let header = "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,country_iso_code,codecarbon_version,gpu_count,gpu_model";
    format!(
        "{header}\n{end},a,9f4b2c60-0d1e-4a6b-8c7d-5e3f2a1b0c9d,{},1,1e-5,0,100,0,0,{kwh},0,{kwh},Germany,DEU,3.0.4,1,1 x NVIDIA A100-SXM4-40GB\n",
        days * 86_400
    )
}

/// A job of 100 W on one node.
fn job(start: &str, end: &str, days: u32) -> String {
    format!(
        "JobID|JobName|State|Start|End|ElapsedRaw|NNodes|NodeList|ConsumedEnergyRaw\n1|train|COMPLETED|{start}|{end}|{}|1|node01|{}\n",
        days * 86_400,
        days * 8_640_000
    )
}

/// A counter that was read twice.
fn counter(start: u64, days: u64) -> String {
    format!("time,gpu0_energy_counter_j\n{start},1000000\n{},{}\n", start + days * 86_400, 1_000_000 + days * 8_640_000)
}

/// g/kWh of Germany in a year, as the table has it.
fn germany(year: &str) -> f64 {
    let table = fs::read_to_string(carbon_tests::root().join("data/tables/grid_intensity.csv")).expect("the table");
    let row = table.lines().find(|row| row.starts_with("DE,") && row.contains(&format!(",lifecycle,{year},"))).expect("a row");
    row.split(',').nth(3).expect("a figure").parse().expect("a number")
}

#[test]
fn each_year_has_its_share_of_a_run_over_new_year() {
    let (old, new) = (germany("2023"), germany("2024"));
    assert!((old / new - 1.0).abs() > 0.02, "years that can be told apart");
    for (what, file, text, days_of_old, days) in [
        ("eight days of a tracker", "emissions.csv", codecarbon("2024-01-05T00:00:00", 8), 4.0, 8.0),
        ("thirty days of a tracker", "emissions.csv", codecarbon("2024-01-11T00:00:00", 30), 20.0, 30.0),
        ("ten weeks of a tracker", "emissions.csv", codecarbon("2024-01-11T00:00:00", 70), 60.0, 70.0),
        ("two weeks of a job", "sacct.txt", job("2023-12-22T00:00:00", "2024-01-05T00:00:00", 14), 10.0, 14.0),
        ("a counter after two weeks", "counter.csv", counter(1_703_203_200, 14), 10.0, 14.0),
        ("five days of a tracker", "emissions.csv", codecarbon("2024-01-03T00:00:00", 5), 3.0, 5.0),
    ] {
        let folder = Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), "new-year");
        folder.write(file, &text);
        let outcome = folder.run_as_it_stands(&[".", "--region=DE", "--tz=UTC", "--format=json", "--boundary=logged", "--fill-gaps"]);
        let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        let grams = report["carbon_intensity_gco2e_per_kwh"]["value"].as_f64().expect("an intensity");
        let expected = (old * days_of_old + new * (days - days_of_old)) / days;
        assert!((grams / expected - 1.0).abs() < 1e-9, "{what}: {grams} g/kWh, expected {expected}\n{}", outcome.stderr);
    }
}

#[test]
fn each_hour_of_a_series_has_its_share_of_a_long_run() {
    // 100 g/kWh, but 500 on the ninth day: of ten days one tenth.
    let hour = |hour: u32| {
        let (day, at) = (1 + hour / 24, hour % 24);
        let grams = if day == 9 { 500 } else { 100 };
        format!("2024-03-{day:02}T{at:02}:00:00Z,{grams}\n")
    };
    let series: String = (0..24 * 12).map(hour).collect();
    let folder = Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), "long-series");
    folder.write("logs/emissions.csv", &codecarbon("2024-03-11T00:00:00", 10));
    folder.write("series.csv", &format!("datetime,gco2e_per_kwh\n{series}"));
    let outcome =
        folder.run_as_it_stands(&["logs", "--region=DE", "--tz=UTC", "--format=json", "--boundary=logged", "--intensity=series.csv"]);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let grams = report["carbon_intensity_gco2e_per_kwh"]["value"].as_f64().expect("an intensity");
    assert!((grams / 140.0 - 1.0).abs() < 1e-9, "{grams} g/kWh, expected 140\n{}", outcome.stderr);
}
